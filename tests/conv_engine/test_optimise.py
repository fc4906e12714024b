"""Optimisers: the same paths as PyTorch's, pure steps, and slopes that lead downhill."""

import numpy as np
import pytest
from engine_cases import examples
from hypothesis import given
from hypothesis import strategies as st
from slopes import assert_doubles, torch_reference

from conv_engine import ConvError
from conv_engine.optimise import SGD, Adam

REFERENCE = torch_reference()["steps"]
OPTIMISERS = {
    "sgd": SGD(0.1),
    "momentum": SGD(0.05, momentum=0.9),
    "adam": Adam(0.02, beta1=0.8, beta2=0.95, epsilon=1e-6),
}


def walk(optimiser, parameters, gradients, memory=None):
    """Return the parameters after each step, and the last memory."""
    path = []
    for slopes in gradients:
        parameters, memory = optimiser.step(parameters, slopes, memory)
        path.append(parameters)
    return path, memory


@pytest.mark.parametrize("name", OPTIMISERS)
def test_the_path_is_that_of_pytorch(name):
    gradients = [[slope] for slope in REFERENCE["gradients"]]
    path, memory = walk(OPTIMISERS[name], [REFERENCE["start"]], gradients)
    assert_doubles(np.stack([one for (one,) in path]), REFERENCE[name])
    assert memory.steps == 12


@pytest.mark.parametrize("name", OPTIMISERS)
@examples(30)
@given(seed=st.integers(0, 2**32 - 1), shapes=st.lists(st.lists(st.integers(1, 3), max_size=4), max_size=3))
def test_each_parameter_walks_as_if_it_were_alone(name, seed, shapes):
    rng, optimiser = np.random.default_rng(seed), OPTIMISERS[name]
    start = [rng.normal(size=shape) for shape in shapes]
    gradients = [[rng.normal(size=shape) for shape in shapes] for _ in range(3)]
    together, _ = walk(optimiser, start, gradients)
    for number, value in enumerate(start):
        alone, _ = walk(optimiser, [value], [[slopes[number]] for slopes in gradients])
        for step, (parameter,) in zip(together, alone, strict=True):
            assert_doubles(step[number], parameter, relative=0)


@pytest.mark.parametrize("optimiser", OPTIMISERS.values(), ids=OPTIMISERS)
def test_one_may_go_back_to_any_step_and_on_from_there(optimiser):
    rng = np.random.default_rng(4)
    start, gradients = [rng.normal(size=(2, 3))], [[rng.normal(size=(2, 3))] for _ in range(9)]
    whole, _ = walk(optimiser, start, gradients)
    first, memory = walk(optimiser, start, gradients[:4])
    walk(optimiser, first[-1], gradients[:2], memory)  # a way that is not taken in the end
    rest, _ = walk(optimiser, first[-1], gradients[4:], memory)
    for (one,), (other,) in zip(whole, [*first, *rest], strict=True):
        assert_doubles(one, other, relative=0)


@pytest.mark.parametrize("optimiser", OPTIMISERS.values(), ids=OPTIMISERS)
def test_what_went_in_stays_as_it_was(optimiser):
    parameters, gradients = [np.ones((2, 2))], [np.full((2, 2), 3.0)]
    _, memory = optimiser.step(parameters, gradients)
    kept = [array.copy() for array in (*memory.first, *memory.second)]
    moved, _ = optimiser.step(parameters, gradients, memory)
    assert not (moved[0] == 1).any()
    assert (parameters[0] == 1).all()
    assert (gradients[0] == 3).all()
    for before, after in zip(kept, (*memory.first, *memory.second), strict=True):
        np.testing.assert_array_equal(after, before)


@pytest.mark.parametrize("optimiser", OPTIMISERS.values(), ids=OPTIMISERS)
def test_no_slope_is_no_step(optimiser):
    path, _ = walk(optimiser, [np.arange(3)], [[np.zeros(3)]] * 3)
    assert_doubles(path[-1][0], np.arange(3), relative=0)


@pytest.mark.parametrize("optimiser", OPTIMISERS.values(), ids=OPTIMISERS)
def test_a_bowl_leads_to_its_bottom(optimiser):
    bottom, memory, (value,) = np.array([1.0, -2.0, 0.5]), None, [np.array([3.0, 3.0, 3.0])]
    for _ in range(1500):
        (value,), memory = optimiser.step([value], [value - bottom], memory)
    # Steps of Adam do not shrink with the slopes, so it dances about the end.
    assert np.abs(value - bottom).max() < (optimiser.rate if isinstance(optimiser, Adam) else 1e-12)


def test_momentum_walks_a_steady_slope_faster_by_its_series():
    path, _ = walk(SGD(0.5, momentum=0.75), [np.zeros(1)], [[np.ones(1)]] * 200)
    assert path[-1][0] - path[-2][0] == pytest.approx(-0.5 / (1 - 0.75))


@pytest.mark.parametrize("slope", [1e-3, 1.0, -1e6])
def test_the_first_step_of_adam_is_the_rate_whatever_the_slope(slope):
    (moved,), _ = Adam(0.25).step([np.zeros(1)], [[slope]])
    assert moved[0] == pytest.approx(-0.25 * np.sign(slope), rel=1e-4)


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (lambda: SGD(0), "rate must be a number above 0, got 0"),
        (lambda: SGD(float("nan")), "rate must be a number above 0, got nan"),
        (lambda: SGD("0.1"), "rate must be a number above 0, got '0.1'"),
        (lambda: Adam(True), "rate must be a number above 0, got True"),
        (lambda: SGD(0.1, momentum=1), "momentum must be a number from 0 up to, not with, 1, got 1"),
        (lambda: Adam(beta1=-0.1), "beta1 must be a number from 0 up to, not with, 1, got -0.1"),
        (lambda: Adam(beta2=1.5), "beta2 must be a number from 0 up to, not with, 1, got 1.5"),
        (lambda: Adam(epsilon=0), "epsilon must be a number above 0, got 0"),
        (
            lambda: SGD(1).step([[1.0]], []),
            "gradients must be as many as parameters, one for each of the 1, got 0",
        ),
        (
            lambda: SGD(1).step([[1.0]], [[1.0, 2.0]]),
            "gradients[0] must have the shape of parameters[0], (1,), got (2,)",
        ),
        (lambda: Adam().step([[1.0]], [[np.inf]]), "gradients[0] must be finite, got inf at index (0,)"),
        (
            lambda: SGD(1).step([[[1], [1, 2]]], [[1]]),
            "parameters[0] must be an array of numbers, got [[1], [1, 2]]",
        ),
        (
            lambda: Adam().step([[1.0]], [[1.0]], SGD(1).step([[1.0]], [[1.0]]).memory),
            "memory must come from a step of the same optimiser with parameters of the shapes [(1,)], "
            "got arrays of the shapes []",
        ),
        (
            lambda: SGD(1).step([[1.0]], [[1.0]], SGD(1).step([[1.0, 2.0]], [[1.0, 2.0]]).memory),
            "memory must come from a step of the same optimiser with parameters of the shapes [(1,)], "
            "got arrays of the shapes [(2,)]",
        ),
        (
            lambda: SGD(1e200).step([[1.0]], [[1e200]]),
            "rate must be small enough for the parameters to stay within the range of float64, got 1e+200: "
            "the steps have grown beyond all bounds",
        ),
    ],
)
def test_what_is_wrong_is_said(call, said):
    with pytest.raises(ConvError) as error:
        call()
    assert str(error.value) == said
