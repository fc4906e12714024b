"""How much is real, held against counting and against convolutions of ones."""

from itertools import product

import numpy as np
import pytest
from engine_cases import examples, geometries
from hypothesis import given

from conv_engine import BOUNDARIES, conv2d, plan2d
from conv_engine.coverage import real_pixels, uses
from conv_engine.transpose import conv_transpose2d


def plan_of(geometry):
    (height, width), (kernel_h, kernel_w), options = geometry
    return plan2d((height, width, 1), (1, kernel_h, kernel_w, 1), **options)


@examples(100)
@given(geometries())
def test_real_pixels_are_the_taps_that_a_window_has_on_the_image(geometry):
    plan = plan_of(geometry)
    real = real_pixels(plan)
    assert real.dtype == np.int64
    assert real.shape == plan.output_shape[:2]
    for row, col in product(*map(range, real.shape)):
        window = plan.window(row, col)
        assert real[row, col] == len(window.rows) * len(window.cols) - window.taps_on_padding


@examples(100)
@given(geometries())
def test_uses_are_the_times_that_a_pixel_reaches_a_cell(geometry):
    plan = plan_of(geometry)
    used = uses(plan)
    assert used.dtype == np.int64
    assert used.shape == plan.image_shape[:2]
    for row, col in product(*map(range, used.shape)):
        assert used[row, col] == len(plan.reach(row, col))


@examples(60)
@given(geometries())
def test_they_are_convolutions_of_ones_there_and_back(geometry):
    size, kernel, options = geometry
    plan, ones = plan_of(geometry), np.ones((1, *kernel, 1))
    there = conv2d(np.ones((*size, 1)), ones, **{**options, "boundary": "zeros"})
    np.testing.assert_array_equal(real_pixels(plan), there[:, :, 0])
    back = conv_transpose2d(np.ones(plan.output_shape), ones, image_shape=(*size, 1), **options)
    np.testing.assert_array_equal(uses(plan), back[:, :, 0])


@examples(100)
@given(geometries())
def test_with_zeros_around_each_real_pixel_is_one_use(geometry):
    size, kernel, options = geometry
    plan = plan_of((size, kernel, {**options, "boundary": "zeros"}))
    assert real_pixels(plan).sum() == uses(plan).sum()


@pytest.mark.parametrize("boundary", BOUNDARIES)
def test_what_fills_the_padding_is_used_but_not_real(boundary):
    plan = plan2d((3, 3, 1), (1, 3, 3, 1), padding="same", boundary=boundary)
    assert real_pixels(plan).tolist() == [[4, 6, 4], [6, 9, 6], [4, 6, 4]]
    assert uses(plan).sum() == (49 if boundary == "zeros" else 81)


def test_a_circular_image_uses_every_pixel_alike():
    plan = plan2d((5, 6, 1), (1, 3, 2, 1), padding="same", boundary="circular")
    assert (uses(plan) == 6).all()


def test_leftovers_are_used_by_nobody():
    plan = plan2d((6, 7, 1), (1, 3, 3, 1), stride=2)
    assert uses(plan)[5].tolist() == [0] * 7
    assert uses(plan)[0].tolist() == [1, 1, 2, 1, 2, 1, 1]


def test_a_large_image_takes_no_tables():
    plan = plan2d((4096, 4096, 1), (1, 31, 31, 1), padding="same")
    assert real_pixels(plan)[0, 0] == 256
    assert uses(plan)[2000, 2000] == 961
    assert "table" not in vars(plan.row_axis)
