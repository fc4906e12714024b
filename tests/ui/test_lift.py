"""A patch of a picture as a kernel: flat areas give 0 exactly, and nothing of equal contrast fits better."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from conv_engine import ConvSpec, conv2d
from ui.experiment import OWN, Experiment, ExperimentError, Feature
from ui.layer import build_layer, map_pictures
from ui.lift import lift, match_windows
from ui.paint import Patch


def noise(rows, cols, channels=3, seed=0):
    return np.random.default_rng(seed).integers(0, 256, (rows, cols, channels), dtype=np.uint8)


@st.composite
def patches(draw):
    rows, cols = draw(st.integers(1, 15)), draw(st.integers(1, 15))
    return Patch(draw(st.integers(0, 20 - rows)), draw(st.integers(0, 24 - cols)), rows, cols)


@settings(deadline=None, max_examples=40, database=None)
@given(patch=patches(), channels=st.sampled_from([1, 3]), seed=st.integers(0, 99))
def test_each_slice_is_the_patch_less_its_mean_in_whole_numbers(patch, channels, seed):
    pixels = noise(20, 24, channels, seed)
    weights = np.array(lift(pixels, patch))
    assert weights.shape == (patch.rows, patch.cols, channels)
    assert np.array_equal(weights, np.rint(weights))
    assert np.array_equal(weights.sum(axis=(0, 1)), np.zeros(channels))
    part = pixels[patch.row : patch.row + patch.rows, patch.col : patch.col + patch.cols].astype(float)
    rest = part - part.mean(axis=(0, 1))
    factor = np.abs(weights).max() / max(np.abs(rest).max(), 1e-9)
    assert weights == pytest.approx(rest * factor)


@pytest.mark.parametrize("level", [0, 37, 255])
def test_a_flat_picture_gives_0_everywhere(level):
    weights = np.array(lift(noise(20, 24), Patch(3, 4, 5, 7)))
    flat = np.full((9, 9, 3), level, dtype=np.uint8)
    assert not conv2d(flat, weights[np.newaxis], method="direct").any()


def test_a_flat_patch_has_no_weights_left():
    assert not np.array(lift(np.full((5, 5, 3), 200, dtype=np.uint8), Patch(1, 1, 3, 3))).any()


def test_where_the_patch_was_cut_is_the_best_match_among_places_of_its_contrast():
    pixels = np.full((40, 40, 1), 90, dtype=np.uint8)
    shape = noise(5, 5, 1, seed=3)
    turned = shape[::-1]  # of the same contrast
    pixels[4:9, 6:11], pixels[20:25, 25:30], pixels[30:35, 3:8] = shape, shape, turned
    experiment = Experiment(features=(Feature(OWN, lift(pixels, Patch(4, 6, 5, 5))),), grey=True)
    for spec in (ConvSpec(), ConvSpec.of(padding="same"), ConvSpec.of(padding="full")):
        layer = build_layer(replace(experiment, spec=spec), pixels)
        found = match_windows(layer, map_pictures(layer)[0])
        assert found[:2] == [(4, 6), (20, 25)]


@pytest.mark.parametrize(
    ("patch", "said"),
    [
        (Patch(0, 0, 0, 3), "1 to 15 rows and columns, got 0 × 3"),
        (Patch(0, 0, 3, 16), "1 to 15 rows and columns, got 3 × 16"),
        (Patch(18, 0, 3, 3), "at row 18, column 0 is not inside the picture of 20 × 24"),
        (Patch(-1, 0, 3, 3), "at row -1, column 0 is not inside"),
    ],
)
def test_a_patch_that_cannot_be_is_refused_in_a_sentence(patch, said):
    with pytest.raises(ExperimentError, match=said):
        lift(noise(20, 24), patch)
