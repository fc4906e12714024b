from collections import defaultdict
from itertools import product

import numpy as np
import oracle
import pytest
from engine_cases import examples, geometries
from hypothesis import given
from hypothesis import strategies as st

from conv_engine import BOUNDARIES, ConvSpec, plan2d
from conv_engine.axis import sources

PADDINGS_OF_AN_AXIS = ["valid", "same", "full", (0, 0), (1, 1), (0, 1), (2, 0), (3, 5), (0, 13)]


def plan_of(geometry):
    (height, width), (kernel_h, kernel_w), options = geometry
    return plan2d((height, width, 1), (1, kernel_h, kernel_w, 1), **options)


# --- sizes -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("padding", PADDINGS_OF_AN_AXIS, ids=str)
def test_sizes_are_those_found_by_counting_windows(padding):
    for size, kernel, stride, dilation in product(range(1, 13), range(1, 6), range(1, 5), range(1, 4)):
        before, after = oracle.pads_of_axis(padding, size, kernel, stride, dilation)
        count = oracle.count_windows(before + size + after, kernel, stride, dilation)
        if count == 0:
            continue
        for axis in (0, 1):  # the other axis is one pixel under one tap
            image_shape = (size, 1, 1) if axis == 0 else (1, size, 1)
            bank_shape = (1, kernel, 1, 1) if axis == 0 else (1, 1, kernel, 1)
            pads = padding if isinstance(padding, str) else ((padding, (0, 0)) if axis == 0 else ((0, 0), padding))
            plan = plan2d(image_shape, bank_shape, stride=stride, dilation=dilation, padding=pads)
            last_seen = (count - 1) * stride + (kernel - 1) * dilation - before
            case = (size, kernel, stride, dilation, axis)
            assert plan.output_shape[axis] == count, case
            assert plan.pads[axis] == (before, after), case
            assert plan.unused[axis] == min(max(size - 1 - last_seen, 0), size), case


@pytest.mark.parametrize(
    ("size", "stride", "out"), [(64, 1, 64), (64, 2, 32), (65, 2, 33), (1, 3, 1), (5, 7, 1), (224, 4, 56)]
)
@pytest.mark.parametrize("kernel", [1, 2, 3, 4, 7])
def test_same_gives_one_cell_for_every_stride_pixels(size, stride, out, kernel):
    plan = plan2d((size, size, 3), (2, kernel, kernel, 3), stride=stride, padding="same")
    assert plan.output_shape == (out, out, 2)


def test_same_puts_the_odd_pixel_of_padding_at_the_end():
    assert plan2d((64, 64, 1), (1, 3, 3, 1), stride=2, padding="same").pads == ((0, 1), (0, 1))
    assert plan2d((5, 5, 1), (1, 2, 4, 1), padding="same").pads == ((0, 1), (1, 2))


@examples(200)
@given(geometries())
def test_every_window_of_full_padding_touches_the_image(geometry):
    size, kernel, options = geometry
    plan = plan_of((size, kernel, {**options, "padding": "full", "boundary": "zeros", "dilation": 1}))
    assert (plan.row_sources >= 0).any(axis=1).all()
    assert (plan.col_sources >= 0).any(axis=1).all()


def test_the_paddings_of_four_spellings_are_one():
    plans = {
        plan2d((5, 6, 1), (1, 3, 3, 1), padding=padding)
        for padding in (2, (2, 2), [[2, 2], [2, 2]], np.int64(2), ((2, np.uint8(2)), np.array([2, 2])))
    }
    assert len(plans) == 1
    assert plans.pop().pads == ((2, 2), (2, 2))


# --- what feeds what -------------------------------------------------------------------------------------


@pytest.mark.parametrize("boundary", BOUNDARIES)
def test_boundaries_are_the_modes_of_numpy_pad(boundary):
    for size, before, after in product(range(1, 7), (0, 1, 2, 5, 17), (0, 1, 3, 16)):
        pixels = np.arange(1, size + 1)
        padded = np.pad(pixels, (before, after), mode=oracle.PAD_MODES[boundary])
        source = sources(np.arange(-before, size + after), size, boundary)
        assert source.dtype == np.intp
        assert source.shape == padded.shape
        np.testing.assert_array_equal(np.where(source < 0, 0, pixels[source]), padded)


@examples(200)
@given(geometries())
def test_the_tables_name_the_pixel_that_stands_under_each_tap(geometry):
    plan = plan_of(geometry)
    (height, width), (kernel_h, kernel_w), options = geometry
    (stride_r, stride_c), (dilation_r, dilation_c) = oracle.pair(options["stride"]), options["dilation"]
    for table, size, kernel, stride, dilation, pads, out in (
        (plan.row_sources, height, kernel_h, stride_r, dilation_r, plan.pads[0], plan.output_shape[0]),
        (plan.col_sources, width, kernel_w, stride_c, dilation_c, plan.pads[1], plan.output_shape[1]),
    ):
        # The index of each pixel, counted from 1 so that 0 is zero padding.
        padded = np.pad(np.arange(1, size + 1), pads, mode=oracle.PAD_MODES[options["boundary"]]) - 1
        assert table.dtype == np.intp
        assert table.shape == (out, kernel)
        expected = [[padded[i * stride + j * dilation] for j in range(kernel)] for i in range(out)]
        np.testing.assert_array_equal(table, expected)
        assert not table.flags.writeable


@examples(200)
@given(geometries())
def test_window_tells_positions_sources_and_taps_on_padding(geometry):
    plan = plan_of(geometry)
    (height, width), _, options = geometry
    for row, col in product(*map(range, plan.output_shape[:2])):
        window = plan.window(row, col)
        assert (window.row, window.col) == (row, col)
        assert window.row_sources == tuple(None if s < 0 else s for s in plan.row_sources[row])
        assert window.col_sources == tuple(None if s < 0 else s for s in plan.col_sources[col])
        start = row * oracle.pair(options["stride"])[0] - plan.pads[0][0]
        assert window.rows == tuple(start + tap * options["dilation"][0] for tap in range(len(window.rows)))
        inside = [0 <= r < height and 0 <= c < width for r, c in product(window.rows, window.cols)]
        assert window.taps_on_padding == inside.count(False)
        for position, source in zip(window.cols, window.col_sources, strict=True):
            if 0 <= position < width:
                assert source == position
            else:
                assert (source is None) == (options["boundary"] == "zeros")


@examples(300)
@given(geometries(largest=6))
def test_window_and_reach_are_inverses(geometry):
    plan = plan_of(geometry)
    uses = defaultdict(list)
    for row, col in product(*map(range, plan.output_shape[:2])):
        window = plan.window(row, col)
        for tap_row, source_row in enumerate(window.row_sources):
            for tap_col, source_col in enumerate(window.col_sources):
                uses[source_row, source_col].append((row, col, tap_row, tap_col))
    for pixel in product(*map(range, plan.image_shape[:2])):
        assert list(plan.reach(*pixel)) == uses[pixel]  # in the same, row-major order


@examples(200)
@given(geometries())
def test_visited_marks_exactly_the_pixels_that_reach_some_cell(geometry):
    plan = plan_of(geometry)
    assert plan.visited_rows.dtype == plan.visited_cols.dtype == np.bool_
    assert plan.visited_rows.shape == plan.image_shape[:1]
    assert plan.visited_cols.shape == plan.image_shape[1:2]
    for row, col in product(*map(range, plan.image_shape[:2])):
        assert bool(plan.visited_rows[row] and plan.visited_cols[col]) == bool(plan.reach(row, col))


@examples(300)
@given(geometries(), st.sampled_from([0, 1]))
def test_no_window_reads_the_unused_rows_and_columns(geometry, axis):
    plan = plan_of(geometry)
    visited = (plan.visited_rows, plan.visited_cols)[axis]
    assert not visited[len(visited) - plan.unused[axis] :].any()


def test_strides_and_dilations_leave_gaps_between_the_taps():
    wide_stride = plan2d((7, 7, 1), (1, 2, 2, 1), stride=(3, 1))
    assert wide_stride.visited_rows.tolist() == [True, True, False, True, True, False, False]
    assert wide_stride.unused == (2, 0)
    wide_dilation = plan2d((5, 1, 1), (1, 3, 1, 1), dilation=(2, 1))
    assert wide_dilation.visited_rows.tolist() == [True, False, True, False, True]
    assert wide_dilation.unused == (0, 0)


def test_a_pixel_that_a_circular_padding_copies_is_not_unused():
    options = {"stride": (5, 1), "padding": ((1, 0), (0, 0))}
    assert plan2d((6, 1, 1), (1, 3, 1, 1), **options).unused == (4, 0)
    assert plan2d((6, 1, 1), (1, 3, 1, 1), boundary="circular", **options).unused == (0, 0)


# --- the plan as a value ---------------------------------------------------------------------------------


def test_plans_made_from_equal_inputs_are_equal_and_hash_alike():
    one = plan2d((8, 9, 3), (4, 3, 3, 3), stride=2, padding="same")
    other = plan2d(np.array([8, 9, 3]), [4, 3, 3, 3], stride=(2, np.int32(2)), padding="same")
    assert one.row_sources.shape == (4, 3)  # tables made by one of them make no difference
    assert one == other
    assert hash(one) == hash(other)
    assert one != plan2d((8, 9, 3), (4, 3, 3, 3), stride=2, padding="same", boundary="reflect")


def test_a_spec_holds_pairs_and_plain_integers():
    spec = ConvSpec.of(stride=np.int64(2), padding=[1, 2], dilation=(1, np.uint8(3)), groups=np.int16(2))
    assert spec == ConvSpec((2, 2), ((1, 1), (2, 2)), (1, 3), 2, "zeros")
    assert {type(number) for number in (*spec.stride, *spec.dilation, spec.groups)} == {int}


def test_a_plan_for_a_large_image_answers_without_its_tables():
    plan = plan2d((4096, 4096, 1), (1, 3, 3, 1), padding="same")
    assert plan.output_shape == (4096, 4096, 1)
    assert plan.window(4095, 0).rows == (4094, 4095, 4096)
    assert "table" not in vars(plan.row_axis)
    assert len(plan.reach(2000, 0)) == 6
