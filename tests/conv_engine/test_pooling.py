"""ReLU and pooling, forwards and backwards: from their definitions, by finite differences, and PyTorch's."""

import numpy as np
import pytest
from engine_cases import examples
from hypothesis import given
from hypothesis import strategies as st
from slopes import assert_doubles, numeric_gradient, torch_reference

from conv_engine import ConvError, conv2d
from conv_engine.pooling import (
    average_pool2d,
    average_pool2d_gradient,
    max_pool2d,
    max_pool2d_gradient,
    max_pool2d_winners,
    plan_pool2d,
    relu,
    relu_gradient,
)

REFERENCE = {name: case for name, case in torch_reference().items() if name.startswith("pooling/")}
POOLS = {"max": (max_pool2d, max_pool2d_gradient), "average": (average_pool2d, average_pool2d_gradient)}


@st.composite
def pools(draw, *, distinct=False):
    """Draw maps, or a batch of them, with size and stride; whole numbers, all different or many of them equal."""
    size = draw(st.tuples(st.integers(1, 3), st.integers(1, 3)))
    stride = draw(st.none() | st.tuples(st.integers(1, 4), st.integers(1, 4)))
    height, width = draw(st.integers(size[0], 7)), draw(st.integers(size[1], 7))
    shape = (*draw(st.sampled_from([(), (1,), (3,)])), height, width, draw(st.integers(1, 3)))
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    count = int(np.prod(shape))
    maps = rng.permutation(count).reshape(shape) - count // 2 if distinct else rng.integers(-2, 3, shape)
    return maps, size, stride


def windows_of(maps, size, stride):
    """Give (where the cell is in the maps that come out, the window) one by one; sizes by trying."""
    step = stride or size
    for row in range(maps.shape[-3]):
        for col in range(maps.shape[-2]):
            top, left = row * step[0], col * step[1]
            if top + size[0] <= maps.shape[-3] and left + size[1] <= maps.shape[-2]:
                yield (row, col), (slice(top, top + size[0]), slice(left, left + size[1]))


def upstream_for(maps, size, stride):
    cells = [cell for cell, _ in windows_of(maps, size, stride)]
    rows, cols = cells[-1]
    return np.random.default_rng(8).integers(-9, 10, (*maps.shape[:-3], rows + 1, cols + 1, maps.shape[-1]))


# --- against the definition --------------------------------------------------------------------------------


@examples(150)
@given(pools())
def test_pooling_is_the_maximum_and_the_mean_of_each_window(pool):
    maps, size, stride = pool
    largest, means = max_pool2d(maps, size, stride), average_pool2d(maps, size, stride)
    expected = np.zeros(upstream_for(*pool).shape), np.zeros(upstream_for(*pool).shape)
    for (row, col), (rows, cols) in windows_of(*pool):
        expected[0][..., row, col, :] = maps[..., rows, cols, :].max(axis=(-3, -2))
        expected[1][..., row, col, :] = maps[..., rows, cols, :].mean(axis=(-3, -2))
    assert_doubles(largest, expected[0], relative=0)
    assert_doubles(means, expected[1])
    assert plan_pool2d(maps.shape[-3:], size, stride).output_shape == largest.shape[-3:]


@examples(150)
@given(pools())
def test_the_maximum_sends_all_back_to_the_first_of_equal_cells(pool):
    maps, size, stride = pool
    upstream = upstream_for(*pool)
    expected = np.zeros(maps.shape)
    winners = max_pool2d_winners(maps, size, stride)
    assert winners.shape == upstream.shape
    for (row, col), (rows, cols) in windows_of(*pool):
        for *batch, channel in np.ndindex(*maps.shape[:-3], maps.shape[-1]):
            window = maps[(*batch, rows, cols, channel)].ravel().tolist()
            first = window.index(max(window))
            assert winners[(*batch, row, col, channel)] == first
            at = (*batch, rows.start + first // size[1], cols.start + first % size[1], channel)
            expected[at] += upstream[(*batch, row, col, channel)]
    assert_doubles(max_pool2d_gradient(maps, upstream, size, stride), expected, relative=0)


@pytest.mark.parametrize("name", POOLS)
@examples(40)
@given(pool=pools(distinct=True))
def test_gradients_are_slopes(name, pool):
    maps, size, stride = pool
    forwards, backwards = POOLS[name]
    upstream = upstream_for(*pool)
    slopes = numeric_gradient(lambda changed: (forwards(changed, size, stride) * upstream).sum(), maps, 0.25)
    assert_doubles(backwards(maps, upstream, size, stride), slopes)


@examples(60)
@given(pools(distinct=True))
def test_what_goes_back_sums_to_what_came(pool):
    maps, size, stride = pool
    upstream = upstream_for(*pool)
    for _, backwards in POOLS.values():
        assert backwards(maps, upstream, size, stride).sum() == pytest.approx(upstream.sum(), abs=1e-9)


def test_average_pooling_is_a_convolution_with_equal_weights():
    maps = np.random.default_rng(0).normal(size=(9, 8, 3))
    box = np.full((3, 3, 2, 1), 1 / 6)
    expected = conv2d(maps, box, stride=(2, 1), groups=3)
    np.testing.assert_allclose(average_pool2d(maps, (3, 2), (2, 1)), expected, atol=1e-6)


def test_a_mean_of_the_largest_numbers_stays_finite():
    largest = np.finfo(np.float64).max
    assert average_pool2d(np.full((2, 2, 1), largest)).tolist() == [[[largest]]]


# --- ReLU --------------------------------------------------------------------------------------------------


def test_relu_keeps_what_is_positive_and_no_negative_zero():
    kept = relu([[[-2, 0, 3]], [[-0.0, 1e-300, -1e-300]]])
    assert_doubles(kept, [[[0, 0, 3]], [[0, 1e-300, 0]]], relative=0)
    assert not np.signbit(kept).any()


def test_relu_lets_gradients_through_where_it_kept_and_nothing_at_0():
    found = relu_gradient([[[-2, 0, 3]], [[-0.0, 1e-300, -1e-300]]], [[[5, 6, 7]], [[8, 9, 10]]])
    assert_doubles(found, [[[0, 0, 7]], [[0, 9, 0]]], relative=0)


def test_relu_has_the_slopes_of_finite_differences():
    rng = np.random.default_rng(3)
    maps, upstream = rng.permutation(np.arange(-12, 12)).reshape(2, 3, 2, 2) + 0.5, rng.normal(size=(2, 3, 2, 2))
    slopes = numeric_gradient(lambda changed: (relu(changed) * upstream).sum(), maps, 0.25)
    assert_doubles(relu_gradient(maps, upstream), slopes)


# --- against PyTorch ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", POOLS)
@pytest.mark.parametrize("case", REFERENCE.values(), ids=REFERENCE)
def test_relu_and_pooling_are_those_of_pytorch(case, name):
    forwards, backwards = POOLS[name]
    size, stride = tuple(case["size"].tolist()), tuple(case["stride"].tolist())
    kept = relu(case["maps"])
    assert_doubles(forwards(kept, size, stride), case[name])
    back = relu_gradient(case["maps"], backwards(kept, case[f"{name}_gradients"], size, stride))
    assert_doubles(back, case[f"{name}_back"])


# --- what is wrong is said ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (lambda: max_pool2d(np.ones((3, 4, 1)), 4), "size must be at most the 3 rows of the maps, got 4"),
        (lambda: max_pool2d(np.ones((4, 3, 1)), 4), "size must be at most the 3 columns of the maps, got 4"),
        (lambda: average_pool2d(np.ones((3, 4, 1)), 0), "size must be an integer ≥ 1, got 0"),
        (
            lambda: average_pool2d(np.ones((3, 4, 1)), (2, 1.5)),
            "size must be an integer ≥ 1, got 1.5 for the columns",
        ),
        (
            lambda: average_pool2d(np.ones((3, 4, 1)), (2, 2, 2)),
            "size must be an integer ≥ 1 or a pair (rows, columns), got (2, 2, 2)",
        ),
        (lambda: max_pool2d(np.ones((3, 4, 1)), 2, 0), "stride must be an integer ≥ 1, got 0"),
        (lambda: max_pool2d(np.ones((3, 4))), "maps must have 3 axes (H, W, C), got 2 in shape (3, 4)"),
        (lambda: relu([[[np.nan]]]), "maps must be finite, got nan at index (0, 0, 0)"),
        (
            lambda: max_pool2d_gradient(np.ones((4, 4, 1)), np.ones((2, 1, 1))),
            "gradients must have the shape of what came out, (2, 2, 1), got (2, 1, 1)",
        ),
        (
            lambda: average_pool2d_gradient(np.ones((2, 4, 4, 1)), np.ones((2, 2, 1))),
            "gradients must have the shape of what came out, (2, 2, 2, 1), got (2, 2, 1)",
        ),
        (
            lambda: relu_gradient(np.ones((4, 4, 1)), np.ones((4, 4, 2))),
            "gradients must have the shape of what came out, (4, 4, 1), got (4, 4, 2)",
        ),
    ],
)
def test_what_is_wrong_is_said(call, said):
    with pytest.raises(ConvError) as error:
        call()
    assert str(error.value) == said
