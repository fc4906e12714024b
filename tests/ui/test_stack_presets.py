"""The hand-built stacks find what they are for: on made pictures, and on the sample that each was made for."""

import numpy as np
import pytest

from ui.excite import count_places, score, strongest
from ui.experiment import Feature
from ui.images import SAMPLES, load_sample, prepare
from ui.stack import LARGEST_SIDE, parse_stack, run_stack
from ui.stack_presets import BANKS, PRESETS


def laid(key, pixels, text=""):
    run = run_stack(parse_stack(text or PRESETS[key].stack), pixels, (Feature(),))
    assert run.problem == ""
    return run


def blank(value=40, side=64):
    return np.full((side, side, 1), value, dtype=np.uint8)


def places(run):
    """Count the places of each unit of the last layer."""
    last = run.layers[-1]
    return [count_places(last.maps[:, :, unit]) for unit in range(last.maps.shape[2])]


def centre(run, unit):
    last = run.layers[-1]
    best = strongest(last.maps[:, :, unit], last.stage)[0]
    return (best.rows.start + best.rows.stop - 1) / 2, (best.cols.start + best.cols.stop - 1) / 2


@pytest.mark.parametrize("key", PRESETS)
def test_every_preset_can_be_laid_on_its_picture(key):
    preset = PRESETS[key]
    assert preset.size <= LARGEST_SIDE
    pixels = prepare(load_sample(preset.picture or "face"), preset.size, False).pixels
    run = laid(key, pixels)
    assert len(run.layers) == 5
    assert any(places(run))


@pytest.mark.parametrize("bank", BANKS.values(), ids=BANKS)
def test_the_banks_are_whole(bank):
    assert len(bank.units) == len(bank.kernels) == len(set(bank.units))
    assert not bank.kernels.flags.writeable
    assert (bank.channels is None) == (not bank.on)
    for key in bank.on:
        assert len(BANKS[key].units) == bank.channels


@pytest.mark.parametrize("bank", ["edges4", "edges8", "lines"])
def test_first_layers_answer_0_to_what_is_flat_and_the_full_contrast_to_what_they_are_for(bank):
    kernels = BANKS[bank].kernels
    np.testing.assert_allclose(kernels.sum(axis=(1, 2)), 0, atol=1e-12)
    np.testing.assert_allclose(np.maximum(kernels, 0).sum(axis=(1, 2)), 1, atol=1e-12)


@pytest.mark.parametrize("bright", [True, False])
def test_a_square_has_one_corner_of_each_kind_whether_it_is_bright_or_dark(bright):
    pixels = blank(10 if bright else 245)
    pixels[20:44, 16:50] = 245 if bright else 10
    run = laid("corners", pixels)
    assert places(run) == [1, 1, 1, 1]
    for unit, (row, col) in enumerate([(19.5, 15.5), (19.5, 49.5), (43.5, 15.5), (43.5, 49.5)]):
        assert centre(run, unit) == pytest.approx((row, col), abs=2)


def test_an_edge_alone_is_no_corner():
    pixels = blank(0)
    pixels[:, 30:] = 255
    assert places(laid("corners", pixels)) == [0, 0, 0, 0]
    assert places(laid("corners", pixels.swapaxes(0, 1).copy())) == [0, 0, 0, 0]


def test_two_edges_make_a_corner_by_the_bias_alone():
    pixels = blank(0)
    pixels[:, 30:] = 255
    raised = PRESETS["corners"].stack.replace("corners.1.v", "corners.1.v.1")
    assert sum(places(laid("corners", pixels, raised))) > 0


def wall(up, down, value=110, ground=40):
    pixels = blank(ground)
    pixels[31:34, :] = value
    if down:
        pixels[31:, 30:33] = value
    if up:
        pixels[:34, 30:33] = value
    return pixels


@pytest.mark.parametrize(
    ("up", "down", "found"), [(False, True, [1, 0]), (True, False, [0, 1]), (False, False, [0, 0])]
)
def test_a_joint_is_told_by_the_side_on_which_its_line_ends(up, down, found):
    run = laid("joints", wall(up, down))
    assert places(run) == found
    if any(found):
        assert centre(run, found.index(1)) == pytest.approx((32, 31), abs=3)


@pytest.mark.parametrize("dark", [True, False])
def test_a_cross_needs_its_four_arms(dark):
    pixels = wall(True, True, *((0, 255) if dark else (255, 0)))
    unit = 1 if dark else 0
    run = laid("cross", pixels)
    found = places(run)
    assert found[unit] == 1
    assert found[1 - unit] == 0
    assert centre(run, unit) == pytest.approx((32, 31), abs=3)
    three = wall(True, False, *((0, 255) if dark else (255, 0)))
    assert places(laid("cross", three)) == [0, 0]


@pytest.mark.parametrize(("value", "ground", "unit"), [(60, 180, 1), (180, 60, 3)])
def test_a_disc_is_found_by_the_ring_of_its_size_and_contrast(value, ground, unit):
    pixels = blank(ground, 96)
    rows, cols = np.mgrid[:96, :96]
    pixels[np.hypot(rows - 47.5, cols - 51.5) < 12.5] = value
    run = laid("eye", pixels)
    best = [float(run.layers[-1].maps[:, :, k].max()) for k in range(4)]
    assert int(np.argmax(best)) == unit
    assert centre(run, unit) == pytest.approx((47.5, 51.5), abs=2.5)


@pytest.mark.parametrize("grey", [True, False])
@pytest.mark.parametrize("key", [key for key, preset in PRESETS.items() if preset.marks])
def test_on_its_sample_a_preset_finds_all_that_is_marked_and_nothing_else(key, grey):
    preset = PRESETS[key]
    pixels = prepare(load_sample(preset.picture), preset.size, grey).pixels
    assert tuple(score(laid(key, pixels), preset.marks)) == (len(preset.marks), len(preset.marks), 0)


def test_the_corners_of_large_letters_are_found_in_the_text():
    """By hand: where the upper left corner of the stem of b is, and the foot of the A, in 128ths."""
    preset = PRESETS["corners"]
    run = laid("corners", prepare(load_sample("text"), preset.size, True).pixels)
    last = run.layers[-1]
    for unit, (row, col) in ((0, (9, 71)), (1, (9, 78))):
        seen = [(np.mean(one.rows), np.mean(one.cols)) for one in strongest(last.maps[:, :, unit], last.stage)]
        assert min(np.hypot(r - row, c - col) for r, c in seen) < 3


def test_what_is_not_marked_is_counted_as_a_false_hit():
    preset = PRESETS["eye"]
    pixels = prepare(load_sample("cat"), preset.size, True).pixels
    run = laid("eye", pixels)
    one = score(run, preset.marks[:1])
    assert (one.found, one.marked) == (1, 1)
    assert one.others > 0
    assert score(run, ()).others == sum(places(run))


def test_pictures_of_presets_are_samples():
    assert {preset.picture for preset in PRESETS.values()} - {""} <= set(SAMPLES)
