"""A stack of layers: its text in an address, what it makes of a picture, and what a cell of it sees."""

import json
from itertools import product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import signal

from ui.colours import LIGHT
from ui.excite import Excited, count_places, patch_html, patch_of, strongest
from ui.experiment import OWN, Feature
from ui.stack import (
    EACH,
    LARGEST_BIAS,
    LARGEST_POOL,
    LARGEST_STEP,
    MOST_LAYERS,
    PADDINGS,
    STUDIO,
    Row,
    StackError,
    format_stack,
    parse_stack,
    run_stack,
)
from ui.stack_presets import BANKS
from ui.stack_view import Pin, pack_stack, read_pin, strongest_cell

RNG = np.random.default_rng(7)
SOBELS = (Feature("sobel_x"), Feature("sobel_y", bias=3.0))


def photo(rows=20, cols=23, channels=1):
    return np.random.default_rng(3).integers(0, 256, (rows, cols, channels), dtype=np.uint8)


def pools(kind):
    return st.builds(Row, st.just(kind), size=st.integers(1, LARGEST_POOL), stride=st.integers(1, LARGEST_POOL))


def convolutions():
    common = {"stride": st.integers(1, LARGEST_STEP), "padding": st.sampled_from(sorted(PADDINGS))}
    biases = st.none() | st.integers(-LARGEST_BIAS, LARGEST_BIAS)
    written = st.builds(Row, st.just("conv"), bank=st.sampled_from(sorted(BANKS)), bias=biases, **common)
    return written | st.builds(Row, st.just("conv"), bank=st.sampled_from([STUDIO, EACH]), **common)


rows = st.just(Row("relu")) | pools("max") | pools("average") | convolutions()


@given(st.lists(rows, min_size=1, max_size=MOST_LAYERS))
def test_every_stack_comes_back_from_its_text(stack):
    text = format_stack(stack)
    assert parse_stack(text) == tuple(stack)
    assert set(text) <= set("abcdefghijklmnopqrstuvwxyz0123456789-._~")


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "Layer 1"),
        ("relu~max.2", "Layer 2"),
        ("max.0.1", "from 1 to 8, got 0"),
        ("max.9.1", "got 9"),
        ("conv.nothing.1.v", "“nothing”"),
        ("conv.edges4.5.v", "from 1 to 4, got 5"),
        ("conv.edges4.1.x", "“x”"),
        ("conv.edges4.1.v.99999", "got 99999"),
        ("conv.edges4.١.v", "six digits"),
        ("conv.studio.1.v.3", "biases of their own"),
        ("relu~relu~relu~relu~relu~relu", "1 to 5 layers"),
        ("relu.1", "relu.1"),
    ],
)
def test_a_text_that_is_no_stack_is_refused_with_the_layer_and_the_value(text, says):
    with pytest.raises(StackError) as caught:
        parse_stack(text)
    assert says in str(caught.value)


@given(st.text(max_size=60))
def test_no_text_does_more_than_be_refused(text):
    try:
        parse_stack(text)
    except StackError as error:
        said = str(error)
    else:
        said = ""
    assert len(said) < 200


def test_a_stack_agrees_with_scipy_and_plain_loops():
    pixels = photo()
    run = run_stack(parse_stack("conv.edges4.1.v~relu~max.2.2~conv.corners.1.v~average.3.2"), pixels, ())
    assert run.problem == ""
    grey = pixels[:, :, 0].astype(np.float64)
    edges = [signal.correlate2d(grey, kernel, "valid") for kernel in BANKS["edges4"].kernels]
    kept = np.maximum(np.stack(edges, axis=2), 0)
    pooled = np.array(
        [[kept[2 * r : 2 * r + 2, 2 * c : 2 * c + 2].max(axis=(0, 1)) for c in range(10)] for r in range(9)]
    )
    bank = BANKS["corners"]
    corners = np.stack(
        [
            sum(signal.correlate2d(pooled[:, :, c], kernel[:, :, c], "valid") for c in range(4)) + bank.bias
            for kernel in bank.kernels
        ],
        axis=2,
    )
    means = np.array([[corners[0:3, 2 * c : 2 * c + 3].mean(axis=(0, 1)) for c in range(1)]])
    for layer, expected in zip(run.layers, (np.stack(edges, 2), kept, pooled, corners, means), strict=True):
        assert layer.maps.dtype == np.float32
        assert layer.maps.shape == expected.shape
        np.testing.assert_allclose(layer.maps, expected, rtol=1e-5, atol=1e-3)


@pytest.mark.parametrize(
    ("text", "channels"),
    [
        ("conv.edges4.1.v~relu~max.2.2~conv.corners.1.v", 1),
        ("conv.edges8.2.s~relu~max.3.2", 3),
        ("conv.studio.1.v~max.2.1~conv.each.1.s~average.2.2", 3),
    ],
)
def test_a_cell_changes_with_what_it_sees_and_with_nothing_else(text, channels):
    """The receptive fields against the only thing that they can mean: what has an influence."""
    stack = parse_stack(text)
    pixels = photo(26, 24, channels)
    run = run_stack(stack, pixels, SOBELS)
    assert run.problem == ""
    last = len(stack) - 1
    row, col = (size // 2 for size in run.layers[last].maps.shape[:2])
    seen_rows, seen_cols = run.regions(last, row, col)[0]
    changed = np.zeros(pixels.shape[:2], dtype=bool)
    for r, c in product(range(26), range(24)):
        other = pixels.copy()
        other[r, c] = 255 - other[r, c]
        again = run_stack(stack, other, SOBELS).layers[last].maps[row, col]
        changed[r, c] = not np.array_equal(again, run.layers[last].maps[row, col])
    hit_rows, hit_cols = np.nonzero(changed)
    assert changed.any()
    assert set(hit_rows) <= set(seen_rows)
    assert set(hit_cols) <= set(seen_cols)


def test_linear_layers_reach_to_the_ends_of_the_receptive_field():
    stack = parse_stack("conv.studio.1.v~average.2.2~conv.studio.2.v~average.2.1")
    features = (Feature("box"),)
    pixels = photo(30, 30)
    run = run_stack(stack, pixels, features)
    seen = run.regions(3, 1, 2)[0]
    hits = []
    for r, c in product(range(30), range(30)):
        other = pixels.copy()
        other[r, c] = 255 - other[r, c]
        if run_stack(stack, other, features).layers[3].maps[1, 2, 0] != run.layers[3].maps[1, 2, 0]:
            hits.append((r, c))
    assert (min(hits), max(hits)) == ((seen[0][0], seen[1][0]), (seen[0][-1], seen[1][-1]))


def test_a_layer_that_does_not_fit_is_named_with_its_numbers_and_those_before_it_stay():
    run = run_stack(parse_stack("conv.edges8.1.v~relu~max.2.2~conv.rings.1.v"), photo(20, 20), ())
    assert len(run.layers) == 3
    for part in ("Layer 4", "rings", "17", "9"):
        assert part in run.problem


@pytest.mark.parametrize(
    ("text", "features", "says"),
    [
        ("conv.edges8.1.v~conv.corners.1.v", SOBELS, ("Layer 2", "each of 4 maps", "18 × 21 × 8", "8 maps")),
        ("conv.lines.1.v~conv.corners.1.v", SOBELS, ("Layer 2", "edges in four directions", "lines")),
        ("conv.corners.1.v", SOBELS, ("Layer 1", "each of 4 maps")),
        ("relu~conv.studio.1.v", (Feature("luma"),), ("Layer 2", "3 colours", "Luma")),
        ("conv.edges8.1.v~conv.each.1.v", tuple(SOBELS) * 3, ("Layer 2", "up to 32 maps", "48")),
        ("max.8.8~max.8.8", SOBELS, ("Layer 2", "size", "8")),
    ],
)
def test_what_does_not_go_together_is_said_in_one_sentence(text, features, says):
    run = run_stack(parse_stack(text), photo(), features)
    assert run.problem.endswith(".")
    for part in says:
        assert part.lower() in run.problem.lower()


def test_the_studio_on_each_map_is_one_kernel_on_one_map():
    run = run_stack(parse_stack("conv.edges4.1.v~conv.each.1.v"), photo(), SOBELS)
    before, after = (layer.maps for layer in run.layers)
    kernels = [np.array(k, dtype=float) for k in ([[-1, 0, 1], [-2, 0, 2], [-1, 0, 1]],)]
    expected = signal.correlate2d(before[:, :, 2], kernels[0], "valid")
    np.testing.assert_allclose(after[:, :, 4], expected, rtol=1e-5, atol=1e-2)
    assert run.layers[1].names[4] == f"Sobel x (vertical edges) on {run.layers[0].names[2]}"
    assert run.layers[1].sources == tuple((unit // 2,) for unit in range(8))
    assert run.layers[1].parameters == 8 * (3 * 3 + 1)


def test_the_studio_on_the_sum_is_one_kernel_on_all_maps_alike():
    run = run_stack(parse_stack("conv.edges4.1.v~relu~conv.studio.1.v"), photo(), (Feature("box", bias=2.0),))
    total = run.layers[1].maps.sum(axis=2)
    expected = signal.correlate2d(total, np.full((3, 3), 1 / 9), "valid") + 2
    np.testing.assert_allclose(run.layers[2].maps[:, :, 0], expected, rtol=1e-5, atol=1e-3)


def test_pixels_from_0_to_1_scale_every_value_of_our_banks_and_change_no_place():
    stack = parse_stack("conv.edges4.1.v~relu~conv.corners.1.v.-20~relu~max.2.2")
    large, small = (run_stack(stack, photo(), (), unit=unit).layers[-1].maps for unit in (False, True))
    np.testing.assert_allclose(small * 255, large, rtol=1e-4, atol=1e-2)
    assert (large > 0).any()


def test_colours_count_as_their_luma():
    grey = photo()
    colours = np.repeat(grey, 3, axis=2)
    stack = parse_stack("conv.edges8.1.r")
    one, three = (run_stack(stack, pixels, ()).layers[0].maps for pixels in (grey, colours))
    np.testing.assert_allclose(one, three, atol=1e-3)


def test_a_repeated_rim_is_no_edge():
    flat = np.full((9, 9, 1), 200, dtype=np.uint8)
    zeros, rim = (run_stack(parse_stack(f"conv.edges4.1.{pad}"), flat, ()).layers[0].maps for pad in "sr")
    assert zeros.any()
    assert not rim.any()


# --- what excites ---------------------------------------------------------------------------------------------


def test_the_strongest_patches_come_in_order_and_do_not_overlap():
    run = run_stack(parse_stack("conv.edges4.1.v~relu~max.2.2"), photo(60, 50), ())
    layer = run.layers[-1]
    values = layer.maps[:, :, 1]
    found = strongest(values, layer.stage)
    assert len(found) == 6
    assert found[0].value == values.max()
    assert [one.value for one in found] == sorted((one.value for one in found), reverse=True)
    for a, b in product(found, found):
        if a is not b:
            assert not (set(a.rows) & set(b.rows) and set(a.cols) & set(b.cols))
    for one in found:
        assert values[one.row, one.col] == one.value
        assert (one.rows, one.cols) == run.regions(2, one.row, one.col)[0]


def test_what_is_not_above_0_excites_nobody():
    layer = run_stack(parse_stack("conv.edges4.1.v~relu"), np.zeros((9, 9, 1), np.uint8), ()).layers[-1]
    assert strongest(layer.maps[:, :, 0], layer.stage) == []
    assert count_places(layer.maps[:, :, 0]) == 0


def test_cells_that_touch_at_a_corner_are_one_place():
    values = np.zeros((6, 6), dtype=np.float32)
    values[0, 0] = values[1, 1] = values[5, 5] = 1
    assert count_places(values) == 2


def test_a_patch_on_the_padding_is_empty_there():
    run = run_stack(parse_stack("conv.edges4.1.s"), photo(8, 8, 3), ())
    one = strongest(np.pad([[1.0]], ((0, 7), (0, 7))).astype(np.float32), run.layers[0].stage, 1)[0]
    patch = patch_of(run.pixels, one, LIGHT)
    assert patch.shape == (3, 3, 3)
    assert (patch[0] == LIGHT.empty).all()
    assert (patch[:, 0] == LIGHT.empty).all()
    np.testing.assert_array_equal(patch[1:, 1:], run.pixels[:2, :2])


# --- the message ----------------------------------------------------------------------------------------------


def opened(message):
    length = int.from_bytes(message[4:8], "little")
    header = json.loads(message[8 : 8 + length])
    arrays = {
        name: np.frombuffer(message, slot["dtype"], int(np.prod(slot["shape"])), slot["offset"]).reshape(
            slot["shape"]
        )
        for name, slot in header["arrays"].items()
    }
    return header, arrays


def test_small_maps_are_sent_exactly():
    run = run_stack(parse_stack("conv.edges4.1.v~relu~max.2.2"), photo(), ())
    header, arrays = opened(pack_stack(run, Pin(2, 1, 3, 4), "x"))
    assert header["pin"] == [2, 1, 3, 4]
    for number, layer in enumerate(run.layers):
        assert header["layers"][number]["exact"]
        np.testing.assert_array_equal(arrays[f"maps{number}"], np.moveaxis(layer.maps, 2, 0))


def test_large_maps_are_sent_within_bounds_late_ones_exactly_and_zeros_stay_zeros():
    pixels = np.zeros((256, 256, 1), np.uint8)
    pixels[100:180, 60:200] = 255
    features = tuple(Feature("sobel_x") for _ in range(16))
    run = run_stack(parse_stack("conv.studio.1.s~relu~relu~relu~max.4.4"), pixels, features)
    message = pack_stack(run, strongest_cell(run, 4), "x")
    header, arrays = opened(message)
    assert len(message) < 5 * 2**20
    assert [layer["exact"] for layer in header["layers"]] == [False] * 4 + [True]
    for number in range(4):
        layer, sent = run.layers[number], arrays[f"maps{number}"]
        step = header["layers"][number]["step"]
        picked = np.moveaxis(layer.maps[::step, ::step], 2, 0)
        np.testing.assert_array_equal(np.sign(sent), np.sign(picked))
        np.testing.assert_allclose(sent * (layer.limit / 32767), picked, atol=layer.limit / 32767)


@pytest.mark.parametrize(
    "report",
    [
        None,
        [],
        {},
        {"layer": 0, "unit": 0, "row": 0},
        {"layer": 0, "unit": 0, "row": 0, "col": True},
        {"layer": 0, "unit": 0, "row": 0, "col": 1.0},
        {"layer": 0, "unit": 0, "row": -1, "col": 0},
        {"layer": 0, "unit": 4, "row": 0, "col": 0},
        {"layer": 1, "unit": 0, "row": 0, "col": 0},
        {"layer": 0, "unit": 0, "row": 18, "col": 0},
        {"layer": 10**30, "unit": 0, "row": 0, "col": 0},
    ],
)
def test_a_report_that_is_no_cell_is_passed_over(report):
    run = run_stack(parse_stack("conv.edges4.1.v"), photo(), ())
    assert read_pin(report, run) is None


def test_a_cell_that_is_one_is_taken():
    run = run_stack(parse_stack("conv.edges4.1.v"), photo(), ())
    assert read_pin({"layer": 0, "unit": 3, "row": 17, "col": 20}, run) == Pin(0, 3, 17, 20)


def test_an_own_kernel_of_three_slices_works_on_a_picture_in_colours():
    own = Feature(OWN, (((1.0, -1.0, 0.0),),))
    run = run_stack(parse_stack("conv.each.1.v"), photo(5, 5, 3), (own,))
    pixels = run.pixels.astype(int)
    np.testing.assert_array_equal(run.layers[0].maps[:, :, 0], pixels[:, :, 0] - pixels[:, :, 1])


def test_flipping_turns_the_kernels_of_the_studio_and_not_those_that_are_written_as_they_are_applied():
    written, own = (run_stack(parse_stack(f"conv.{bank}.1.v"), photo(), SOBELS) for bank in ("edges4", STUDIO))
    flipped = [
        run_stack(parse_stack(f"conv.{bank}.1.v"), photo(), SOBELS, flip=True) for bank in ("edges4", STUDIO)
    ]
    np.testing.assert_array_equal(flipped[0].layers[0].maps, written.layers[0].maps)
    # A Sobel kernel turned by 180° is its negative; the bias stays.
    np.testing.assert_array_equal(flipped[1].layers[0].maps[:, :, 0], -own.layers[0].maps[:, :, 0])


def test_the_smallest_value_is_not_sent_as_0():
    pixels = np.zeros((256, 256, 1), np.uint8)
    pixels[:2] = 255
    features = tuple(Feature("identity", bias=bias) for bias in (0.001, -0.001) * 8)
    run = run_stack(parse_stack("conv.studio.1.v"), pixels, features)
    header, arrays = opened(pack_stack(run, Pin(0, 0, 0, 0), "x"))
    assert not header["layers"][0]["exact"]
    assert set(np.unique(arrays["maps0"][0])) == {1, 32767}
    assert set(np.unique(arrays["maps0"][1])) == {-1, 32767}


def test_a_patch_says_its_value_and_where_it_is_also_on_padding() -> None:
    html = patch_html(photo(), 3, Excited(0, 5, 12.5, range(-2, 3), range(5, 10)), dark=False)
    assert 'alt="Patch 3 of the photo, rows −2…2, columns 5…9"' in html
    assert "<b>12.5</b>" in html
    assert "row 4, column 0" in patch_html(photo(), 1, Excited(4, 0, 1.0, range(4, 5), range(1)), dark=False)
