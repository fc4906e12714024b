"""Random banks: the same from the same seed, of the spread that their papers ask for."""

import numpy as np
import pytest

from conv_engine import ConvError, conv2d
from conv_engine.initialise import INITIALISERS, glorot, he

WIDE = (64, 5, 5, 16)


@pytest.mark.parametrize("draw", INITIALISERS.values(), ids=INITIALISERS)
def test_a_seed_draws_one_bank_and_another_seed_another(draw) -> None:
    first, again, other = draw((3, 3, 5, 2), 7), draw((3, 3, 5, 2), 7), draw((3, 3, 5, 2), 8)
    assert first.dtype == np.float64
    assert first.shape == (3, 3, 5, 2)
    assert np.array_equal(first, again)
    assert not np.isin(first, other).any()


def test_glorot_is_uniform_up_to_its_limit() -> None:
    bank = glorot(WIDE, 1)
    limit = np.sqrt(6 / (5 * 5 * 16 + 5 * 5 * 64))
    assert 0.99 * limit < np.abs(bank).max() <= limit
    assert bank.std() == pytest.approx(limit / np.sqrt(3), rel=0.02)
    assert abs(bank.mean()) < 0.02 * limit


def test_under_he_values_keep_their_size_through_a_layer_with_relu() -> None:
    image = np.random.default_rng(0).normal(size=(32, 32, 16))
    rectified = np.maximum(image, 0) * np.sqrt(2)  # as a layer before this one would give it
    maps = conv2d(rectified, he(WIDE, 1))
    assert np.square(maps).mean() == pytest.approx(2 * np.square(rectified).mean(), rel=0.1)


@pytest.mark.parametrize(
    ("shape", "seed", "said"),
    [
        ((3, 3, 3), 0, "shape must be (K, kh, kw, C), got (3, 3, 3)"),
        ((0, 3, 3, 1), 0, "shape must be an integer ≥ 1, got 0"),
        ((1, 3, 3, 1), -1, "seed must be an integer ≥ 0, got -1"),
        ((1, 3, 3, 1), 1.5, "seed must be an integer ≥ 0, got 1.5"),
    ],
)
def test_what_is_wrong_is_said(shape, seed, said) -> None:
    with pytest.raises(ConvError) as error:
        glorot(shape, seed)
    assert str(error.value) == said
