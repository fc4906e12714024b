"""Losses: known values, slopes by finite differences, PyTorch's results, and scores that would overflow."""

import math

import numpy as np
import pytest
from engine_cases import examples
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from slopes import assert_doubles, numeric_gradient, torch_reference

from conv_engine import ConvError
from conv_engine.losses import accuracy, cross_entropy, mean_squared_error, softmax

REFERENCE = torch_reference()["losses"]
ANY_SCORES = arrays(
    np.float64,
    st.tuples(st.integers(1, 4), st.integers(1, 5)),
    elements=st.floats(allow_nan=False, allow_infinity=False),
)
PLAIN_SCORES = arrays(
    np.float64, st.tuples(st.integers(1, 4), st.integers(1, 5)), elements=st.floats(-20, 20, width=32)
)


# --- the mean squared error --------------------------------------------------------------------------------


@examples(60)
@given(PLAIN_SCORES, st.integers(0, 99))
def test_the_gradient_of_the_squared_error_is_its_slope(predicted, seed):
    wanted = np.random.default_rng(seed).normal(size=predicted.shape)
    loss = mean_squared_error(predicted, wanted)
    assert loss.value == pytest.approx(sum((predicted - wanted).ravel() ** 2) / predicted.size, rel=1e-12)
    slopes = numeric_gradient(lambda changed: mean_squared_error(changed, wanted).value, predicted, 0.01)
    assert_doubles(loss.gradient, slopes, relative=1e-8)


def test_the_squared_error_is_that_of_pytorch():
    loss = mean_squared_error(REFERENCE["predicted"], REFERENCE["wanted"])
    assert loss.value == pytest.approx(float(REFERENCE["squared"]), rel=1e-12)
    assert_doubles(loss.gradient, REFERENCE["squared_gradient"])


def test_what_is_right_has_no_error_and_no_slope():
    loss = mean_squared_error(np.arange(24).reshape(2, 3, 4, 1), np.arange(24).reshape(2, 3, 4, 1))
    assert loss.value == 0
    assert_doubles(loss.gradient, np.zeros((2, 3, 4, 1)), relative=0)


# --- softmax and cross-entropy -----------------------------------------------------------------------------


@examples(150)
@given(ANY_SCORES)
def test_shares_are_a_distribution_whatever_the_scores(scores):
    shares = softmax(scores)
    assert shares.dtype == np.float64
    assert shares.shape == scores.shape
    assert (shares >= 0).all()
    np.testing.assert_allclose(shares.sum(axis=1), 1, rtol=1e-12)
    at_largest = np.take_along_axis(shares, scores.argmax(axis=1)[:, np.newaxis], axis=1)
    assert (at_largest == shares.max(axis=1, keepdims=True)).all()


@examples(150)
@given(ANY_SCORES, st.integers(0, 4))
def test_cross_entropy_is_a_number_at_least_0_whatever_the_scores(scores, label):
    scores = scores / 8  # so that their sums stay within the range of float64
    loss = cross_entropy(scores, [label % scores.shape[1]] * len(scores))
    assert loss.value >= 0
    assert np.isfinite(loss.value)
    assert (np.abs(loss.gradient) <= 1).all()


@examples(60)
@given(PLAIN_SCORES, st.integers(0, 99))
def test_the_gradient_of_the_cross_entropy_is_its_slope(scores, seed):
    labels = np.random.default_rng(seed).integers(0, scores.shape[1], len(scores))
    loss = cross_entropy(scores, labels)
    slopes = numeric_gradient(lambda changed: cross_entropy(changed, labels).value, scores, 1e-4)
    assert loss.gradient.shape == scores.shape
    np.testing.assert_allclose(loss.gradient, slopes, rtol=0, atol=1e-8)


@examples(60)
@given(PLAIN_SCORES, st.integers(-100, 100))
def test_adding_the_same_to_all_scores_changes_nothing(scores, amount):
    np.testing.assert_allclose(softmax(scores + amount), softmax(scores), rtol=1e-9, atol=1e-15)


def test_the_cross_entropy_is_that_of_pytorch():
    loss = cross_entropy(REFERENCE["scores"], REFERENCE["labels"])
    assert loss.value == pytest.approx(float(REFERENCE["cross_entropy"]), rel=1e-12)
    assert_doubles(loss.gradient, REFERENCE["cross_entropy_gradient"])


def test_knowing_nothing_costs_the_logarithm_of_the_classes_and_certainty_nothing():
    assert cross_entropy(np.zeros((3, 4)), [0, 1, 2]).value == pytest.approx(math.log(4))
    assert cross_entropy([[0, 900]], [1]).value == 0
    assert cross_entropy([[0, 900]], [0]).value == 900


def test_the_mean_over_pictures_is_the_mean_of_each_alone():
    scores, labels = np.random.default_rng(1).normal(size=(5, 3)), [0, 2, 1, 1, 0]
    together = cross_entropy(scores, labels)
    alone = [cross_entropy(scores[n : n + 1], labels[n : n + 1]) for n in range(5)]
    assert together.value == pytest.approx(sum(loss.value for loss in alone) / 5)
    assert_doubles(together.gradient, np.concatenate([loss.gradient for loss in alone]) / 5)


def test_accuracy_counts_the_right_ones():
    scores = [[1, 2, 0], [5, 5, 1], [0, 1, 2], [3, 0, 0]]
    assert accuracy(scores, [1, 0, 2, 0]) == 1
    assert accuracy(scores, [1, 1, 2, 0]) == 0.75  # of equal scores the first counts
    assert accuracy(scores, [0, 1, 0, 1]) == 0


# --- what is wrong is said ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (lambda: cross_entropy([[1, 2]], [2]), "labels must be an integer from 0 to 1, got np.int64(2)"),
        (lambda: cross_entropy([[1, 2]], [-1]), "labels must be an integer from 0 to 1, got np.int64(-1)"),
        (lambda: cross_entropy([[1, 2]], [0.0]), "labels must be integers, got float64, [0.0]"),
        (
            lambda: cross_entropy([[1, 2]], [0, 1]),
            "labels must have shape (N,) = (1,), one for each row of scores, got (2,)",
        ),
        (lambda: softmax([1, 2]), "scores must have 2 axes (N, classes), got 1 in shape (2,)"),
        (lambda: softmax([[np.inf]]), "scores must be finite, got inf at index (0, 0)"),
        (
            lambda: cross_entropy([[1e308, -1e308]], [1]),
            "scores must differ by so little that their loss fits float64, got -1e+308 to 1e+308",
        ),
        (
            lambda: mean_squared_error([1, 2], [[1, 2]]),
            "wanted must have the shape of predicted, (2,), got (1, 2)",
        ),
        (
            lambda: mean_squared_error([[1], [1, 2]], [1]),
            "predicted must be an array of numbers, got [[1], [1, 2]]",
        ),
        (
            lambda: mean_squared_error([1e200], [0]),
            "predicted must differ from wanted by less than about 1e150, got 1e+200",
        ),
    ],
)
def test_what_is_wrong_is_said(call, said):
    with pytest.raises(ConvError) as error:
        call()
    assert str(error.value) == said
