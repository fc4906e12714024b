"""Pictures of what is real: their counts against slow ones, and borders against the formula."""

import io
import re
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from conv_engine import ConvError, conv2d, plan2d
from conv_engine.coverage import real_pixels, uses
from conv_engine.spec import BOUNDARIES, ConvSpec
from ui.coverage_pictures import (
    border_dimming,
    boundary_html,
    boundary_tiles,
    coverage_html,
    coverage_tiles,
)
from ui.experiment import OWN, Experiment, Feature
from ui.kernel_charts import FREQUENCY_SCALE
from ui.layer import build_layer

FIRST, LAST = (tuple(int(FREQUENCY_SCALE[at][i : i + 2], 16) for i in (1, 3, 5)) for at in (0, -1))


def opened(png):
    return np.asarray(Image.open(io.BytesIO(png)).convert("RGB"))


def a_layer(shape=(12, 10, 1), kernel="box", unit=False, **spec):
    features = (kernel if isinstance(kernel, Feature) else Feature(kernel),)
    pixels = np.random.default_rng(1).integers(0, 256, shape, dtype=np.uint8)
    return build_layer(Experiment(features=features, spec=ConvSpec.of(**spec), unit=unit), pixels)


def own(weights):
    return Feature(OWN, tuple(tuple((float(weight),) for weight in row) for row in weights))


BOX = own(np.full((3, 3), 1 / 9))


@st.composite
def plans(draw):
    pads = st.tuples(st.integers(0, 4), st.integers(0, 4))
    return plan2d(
        (draw(st.integers(7, 30)), draw(st.integers(7, 30)), 1),
        (1, draw(st.integers(1, 4)), draw(st.integers(1, 4)), 1),
        stride=draw(st.tuples(st.integers(1, 5), st.integers(1, 5))),
        dilation=draw(st.tuples(st.integers(1, 2), st.integers(1, 2))),
        padding=draw(st.one_of(st.sampled_from(["valid", "same", "full"]), st.tuples(pads, pads))),
        boundary=draw(st.sampled_from(BOUNDARIES)),
    )


@settings(max_examples=50)
@given(plans())
def test_every_cell_of_the_pictures_has_the_colour_of_its_count(plan):
    for tile, counts in zip(coverage_tiles(plan, False), (real_pixels(plan), uses(plan)), strict=True):
        picture = opened(tile.png)
        assert picture.shape == (*counts.shape, 3)
        assert (tile.rows, tile.cols, tile.low, tile.high) == (*counts.shape, counts.min(), counts.max())
        # One colour for each count, the first for 0 alone, and brighter ones for more.
        colours = {int(count): np.unique(picture[counts == count], axis=0) for count in np.unique(counts)}
        assert all(len(found) == 1 for found in colours.values())
        assert [count for count, found in colours.items() if tuple(found[0]) == FIRST] == [0] * (0 in colours)
        brightness = [int(found.sum()) for _, found in sorted(colours.items())]
        assert brightness == sorted(brightness)
        if counts.max() > 0:
            assert tuple(colours[int(counts.max())][0]) == LAST


def test_a_count_that_is_small_beside_the_largest_does_not_look_like_0():
    plan = plan2d((9, 9, 1), (1, 3, 3, 1), padding=30, boundary="replicate")
    _, used = coverage_tiles(plan, False)
    assert used.high > 255 * 2 * used.low > 0
    assert FIRST not in {tuple(cell) for row in opened(used.png).tolist() for cell in row}


@settings(max_examples=50)
@given(plans())
def test_the_captions_count_cells(plan):
    real, used = coverage_tiles(plan, True)
    _, kernel_rows, kernel_cols, _ = plan.bank_shape
    partly = int((real_pixels(plan) < kernel_rows * kernel_cols).sum())
    assert (f"{partly} of {real.rows * real.cols} cells see fewer" in real.caption) is bool(partly)
    never = int((uses(plan) == 0).sum())
    assert (f"{never} of {used.rows * used.cols} pixels " in used.caption) is bool(never)
    assert ("Every pixel is used." in used.caption) is (never == 0)


@pytest.mark.parametrize("dark", [False, True])
def test_of_large_counts_both_ends_are_drawn_and_it_is_said(dark):
    plan = plan2d((200, 20, 1), (1, 3, 3, 1), padding="same")
    real, _ = coverage_tiles(plan, dark, side=31)
    counts, picture = real_pixels(plan), opened(real.png)
    small, _ = coverage_tiles(plan2d((31, 20, 1), (1, 3, 3, 1), padding="same"), dark)
    assert picture.shape == (31 + 3, 20, 3)
    np.testing.assert_array_equal(np.delete(picture, [16, 17, 18], axis=0), opened(small.png))
    assert (real.rows, real.cols, real.low, real.high) == (*counts.shape, 4, 9)
    assert real.caption.endswith("The middle is left out: 169 rows.")


def test_a_photo_of_24_megapixels_is_counted_without_a_table_of_its_pixels():
    plan = plan2d((4000, 6000, 3), (1, 3, 3, 3), padding="same", stride=2)
    real, used = coverage_tiles(plan, False)
    assert max(opened(tile.png).size for tile in (real, used)) < 15_000
    assert "4,999 of 6,000,000 cells see fewer" in real.caption


def test_html_has_the_pictures_their_ranges_and_the_range_of_the_scale():
    html = coverage_html(coverage_tiles(plan2d((9, 9, 1), (1, 3, 3, 1), padding="same"), False))
    assert html.count("<img") == html.count("image-rendering: pixelated") == 2
    assert html.count("from 4 to 9") == 4
    assert html.count("<span>0</span><span>9</span>") == 2
    assert len(re.findall(r'alt="Real pixels under each output cell: 9 × 9, from 4 to 9\. 32 of 81', html)) == 1


# --- Borders -------------------------------------------------------------------------------------------


def test_zeros_dim_the_border_of_a_box_by_what_is_real_and_copies_do_not():
    found = border_dimming(a_layer((12, 10, 1), BOX, padding="same"))
    assert (found.size, found.border, found.inside) == ((12, 10), 40, 80)
    # Four corners with 4 of 9 taps on pixels, and 36 cells with 6 of 9.
    assert found.means["zeros"] == pytest.approx((4 * 4 + 36 * 6) / 40 / 9, rel=1e-6)
    assert found.least["zeros"] == pytest.approx(4 / 9, rel=1e-6)
    for boundary in BOUNDARIES[1:]:
        assert found.means[boundary] == pytest.approx(1, rel=1e-6)
    assert (
        "64.44 % as bright as those inside, the darkest 44.44 %; with reflect, replicate and circular it is 100 %"
        in found.sentence.replace("\u00a0", " ")
    )


@settings(max_examples=30)
@given(
    st.tuples(st.integers(5, 20), st.integers(5, 20)),
    st.sampled_from(["valid", "same", "full", 1, 3]),
    st.tuples(st.integers(1, 3), st.integers(1, 3)),
    st.tuples(st.integers(1, 2), st.integers(1, 2)),
)
def test_the_dimming_of_a_box_is_the_share_of_real_pixels(size, padding, stride, dilation):
    layer = a_layer((*size, 1), BOX, padding=padding, stride=stride, dilation=dilation)
    shares = real_pixels(layer.plan) / 9
    found = border_dimming(layer)
    assert (found.border, found.inside) == (int((shares < 1).sum()), int((shares == 1).sum()))
    if found.border:
        assert found.means["zeros"] == pytest.approx(shares[shares < 1].mean(), rel=1e-5, abs=1e-7)
    else:
        assert not found.means
        assert "no window reaches the padding" in found.sentence


def test_a_kernel_that_makes_nothing_of_white_gives_way_to_a_box():
    edges = border_dimming(a_layer(kernel="sobel_x", padding="same"))
    box = border_dimming(a_layer(kernel=BOX, padding="same"))
    assert edges.kernel == "a box of 3 × 3"
    assert box.kernel == "“Own kernel”"
    assert edges.means == pytest.approx(box.means)
    nothing = border_dimming(a_layer(kernel=own(np.zeros((3, 3))), padding="same"))
    assert nothing.kernel == "a box of 3 × 3"


@pytest.mark.parametrize(("stride", "padding"), [(1, "same"), (2, "same"), (3, "same"), (2, "full"), (5, 2)])
def test_a_large_picture_is_measured_on_a_smaller_one_with_the_same_border(stride, padding):
    layer = a_layer((1027, 30, 1), own([[1], [2], [4]]), stride=(stride, 1), padding=padding)
    found = border_dimming(layer)
    assert found.size[0] <= 512
    assert found.size[1] == 30
    white = np.full((1027, 30, 1), 255, dtype=np.uint8)
    spec = layer.plan.spec
    cells = conv2d(white, layer.bank, stride=spec.stride, padding=spec.padding)[:, 0, 0] / (7 * 255)
    small = conv2d(white[: found.size[0]], layer.bank, stride=spec.stride, padding=layer.plan.pads)[:, 0, 0] / (
        7 * 255
    )
    np.testing.assert_array_equal(small[:4], cells[:4])
    np.testing.assert_array_equal(small[-4:], cells[-4:])


def test_where_all_is_border_the_weights_say_what_white_would_be():
    found = border_dimming(a_layer((2, 2, 1), BOX, padding="same"))
    assert found.inside == 0
    assert found.means["zeros"] == pytest.approx(4 / 9)
    assert "cells without padding would be" in found.sentence


@settings(max_examples=30)
@given(
    st.tuples(st.integers(3, 40), st.integers(3, 40)),
    st.sampled_from(["same", "full", 1, ((0, 2), (3, 1)), 9]),
    st.integers(1, 4),
    st.booleans(),
)
def test_the_corner_under_each_boundary_is_that_of_the_whole_map(size, padding, stride, turned):
    layer = a_layer((*size, 1), "sobel_x", padding=padding, stride=stride)
    layer = replace(layer, flip=turned)
    found = boundary_tiles(layer, False)
    assert found.names == BOUNDARIES
    ends = [axis.after > axis.before for axis in (layer.plan.row_axis, layer.plan.col_axis)]
    corners = []
    for boundary, tile in zip(BOUNDARIES, found.tiles, strict=True):
        whole = conv2d(layer.image, layer.bank, stride=stride, padding=padding, boundary=boundary, flip=turned)[
            :, :, 0
        ]
        corner = whole[-tile.rows :] if ends[0] else whole[: tile.rows]
        corner = corner[:, -tile.cols :] if ends[1] else corner[:, : tile.cols]
        corners.append(corner)
        assert (tile.low, tile.high) == (corner.min(), corner.max())
    assert {tile.limit for tile in found.tiles} == {max(np.abs(corner).max() for corner in corners)}
    assert "one scale" in found.note


def test_the_picture_of_a_corner_has_its_padding_and_a_line_that_covers_no_pixel():
    layer = a_layer((40, 40, 3), "sobel_x", padding=2)
    found = boundary_tiles(layer, False)
    for boundary, png in zip(found.names, found.pictures, strict=True):
        picture = opened(png)
        pads = ((2, 0), (2, 0), (0, 0))
        mode = {"zeros": "constant", "reflect": "reflect", "replicate": "edge", "circular": "wrap"}[boundary]
        # Padding of the far side has to be the far side's, and so the whole is padded.
        padded = np.pad(layer.pixels, pads, mode=mode)[
            : (picture.shape[0] - 2) // 4, : (picture.shape[1] - 2) // 4
        ]
        without = np.delete(np.delete(picture, [8, 9], axis=0), [8, 9], axis=1)[::4, ::4]
        np.testing.assert_array_equal(without, padded)


def test_a_layer_without_padding_is_compared_with_same_and_it_is_said():
    found = boundary_tiles(a_layer(padding="valid", kernel="sobel_x"), True)
    assert "here it is “same”" in found.note
    assert len({tile.png for tile in found.tiles}) > 1
    lopsided = boundary_tiles(a_layer((32, 32, 1), "sobel_x", padding="same", stride=2), True)
    assert lopsided.note.startswith("The lower right corner, 8 × 8 cells")


def test_maps_in_place_of_a_picture_have_no_pictures():
    maps = np.ones((9, 9, 2), dtype=np.float32)
    layer = build_layer(Experiment(features=(BOX,), spec=ConvSpec.of(padding="same")), maps)
    found = boundary_tiles(layer, False)
    assert found.pictures == ()
    assert boundary_html(found, False).count("<img") == 4
    assert boundary_html(boundary_tiles(a_layer(kernel=BOX), False), False).count("<img") == 8


def test_pixels_from_0_to_1_are_shown_as_they_are():
    whole, parts = (
        boundary_tiles(a_layer(kernel=BOX, padding="same", unit=unit), False) for unit in (False, True)
    )
    assert whole.pictures == parts.pictures
    assert parts.tiles[0].high == pytest.approx(whole.tiles[0].high / 255)


def test_what_is_not_there_is_refused():
    layer = a_layer()
    for ask in (lambda: border_dimming(layer, feature=1), lambda: boundary_tiles(layer, False, feature=-1)):
        with pytest.raises(ConvError, match="feature must be an integer"):
            ask()
    with pytest.raises(ConvError, match="side must be an integer"):
        coverage_tiles(layer.plan, False, side=1)
