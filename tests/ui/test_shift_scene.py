"""A scene is shifted before and after its convolution: where the two are the same, and where they are not."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.signal import correlate

from conv_engine import LIBRARY, ConvError
from ui.shift_scene import (
    BACKGROUNDS,
    BORDERS,
    GLOBAL,
    OBJECTS,
    SIDE,
    START,
    Way,
    background,
    compare,
    map_of,
    moved,
    nearest,
    place_in,
    thing,
    truths,
    with_thing,
)

RANDOM = np.random.default_rng(7)
PHOTO = RANDOM.integers(0, 256, (SIDE, SIDE), dtype=np.uint8)
SOBEL = LIBRARY["sobel_x"].weights
SCENE = with_thing(background("plain", PHOTO), thing("cross", PHOTO), START)
BYS = st.tuples(st.integers(-12, 12), st.integers(-12, 12))


def four_loops(scene: np.ndarray, kernel: np.ndarray, stride: int) -> np.ndarray:
    rows, cols = ((SIDE - k) // stride + 1 for k in kernel.shape)
    return np.array(
        [
            [
                sum(
                    kernel[i, j] * float(scene[r * stride + i, c * stride + j])
                    for i in range(kernel.shape[0])
                    for j in range(kernel.shape[1])
                )
                for c in range(cols)
            ]
            for r in range(rows)
        ]
    )


@pytest.mark.parametrize("stride", [1, 2, 3])
def test_a_map_is_the_sum_over_each_window(stride: int) -> None:
    np.testing.assert_array_equal(map_of(PHOTO, SOBEL, 0.0, Way(stride)), four_loops(PHOTO, SOBEL, stride))


def test_the_borders_are_zeros_or_the_other_side() -> None:
    doubles = PHOTO.astype(np.float64)
    zeros = correlate(doubles, SOBEL, "same", "direct")
    around = correlate(np.pad(doubles, 1, mode="wrap"), SOBEL, "valid", "direct")
    np.testing.assert_array_equal(map_of(PHOTO, SOBEL, 0.0, Way(border="zeros")), zeros)
    np.testing.assert_array_equal(map_of(PHOTO, SOBEL, 0.0, Way(border="circular")), around)


def test_relu_bias_and_pooling_follow_in_this_order() -> None:
    plain = correlate(PHOTO.astype(np.float64), SOBEL, "valid", "direct") - 300
    kept = np.maximum(plain, 0)
    blocks = kept[:44, :44].reshape(11, 4, 11, 4).max(axis=(1, 3))
    np.testing.assert_array_equal(map_of(PHOTO, SOBEL, -300.0, Way(pool=4, relu=True)), blocks)
    np.testing.assert_array_equal(map_of(PHOTO, SOBEL, -300.0, Way(pool=GLOBAL)), [[plain.max()]])


@settings(max_examples=25, deadline=None)
@given(by=BYS, border=st.sampled_from(tuple(BORDERS)), key=st.sampled_from(("sobel_x", "gaussian", "emboss")))
def test_at_stride_1_it_makes_no_difference_inside(by: tuple[int, int], border: str, key: str) -> None:
    compared = compare(PHOTO, LIBRARY[key].weights, 0.5, Way(border=border), by)
    assert compared.largest() == 0
    if border == "circular":
        assert compared.inside.all()


@settings(max_examples=25, deadline=None)
@given(
    by=BYS,
    stride=st.sampled_from((1, 2, 3)),
    pool=st.sampled_from((1, 2, 4)),
    border=st.sampled_from(tuple(BORDERS)),
)
def test_whole_cells_are_exact_behind_strides_and_pools(
    by: tuple[int, int], stride: int, pool: int, border: str
) -> None:
    step = stride * pool
    whole = by[0] // step * step, by[1] // step * step
    assert compare(PHOTO, SOBEL, 0.0, Way(stride, pool, border), whole).largest() == 0


def test_at_stride_2_one_pixel_makes_a_difference() -> None:
    first = four_loops(PHOTO, SOBEL, 2)
    rolled = four_loops(np.roll(PHOTO, 1, axis=1), SOBEL, 2)
    expected = np.abs(rolled[:, 1:] - first[:, :-1]).max()
    compared = compare(PHOTO, SOBEL, 0.0, Way(2), (0, 1))
    assert compared.inside.sum() == 23 * 22
    assert compared.largest() == expected > 0


def real(cell: int, way: Way, side: int, shift: int) -> bool:
    """Tell whether all the pixels that a cell sees along an axis, one by one, are those of the scene."""
    first, pad = cell * way.pool, way.plan((side, side)).pads[0][0]
    seen = {w * way.stride + k - pad - shift for w in range(first, first + way.pool) for k in range(side)}
    return seen <= set(range(SIDE))


@pytest.mark.parametrize(
    "way", [Way(border="zeros"), Way(2, border="zeros"), Way(2), Way(3, 2, "zeros"), Way(1, 4)]
)
@pytest.mark.parametrize("side", [3, 5])
@pytest.mark.parametrize("by", [-7, -5, -1, 0, 1, 2, 5])
def test_inside_are_the_cells_that_see_nothing_but_the_scene(way: Way, by: int, side: int) -> None:
    inside = compare(PHOTO, np.ones((side, side)), 0.0, way, (by, 0)).inside.any(axis=1)
    steps = nearest(by, way.stride * way.pool)
    cells = range(len(inside))
    expected = [
        r - steps in cells and real(r, way, side, 0) and real(r, way, side, by) and real(r - steps, way, side, 0)
        for r in cells
    ]
    assert inside.tolist() == expected


def test_cells_that_see_a_border_are_told_apart_and_differ() -> None:
    compared = compare(SCENE, SOBEL, 0.0, Way(), (5, 8))
    assert compared.inside.sum() == (46 - 5) * (46 - 8)
    assert compared.largest(inside=False) == 4 * 48  # the plain grey ends there


@pytest.mark.parametrize("by", range(-7, 8))
def test_the_map_moves_by_the_nearest_whole_number(by: int) -> None:
    for step in (1, 2, 3, 4, 12):
        assert abs(nearest(by, step) * step - by) * 2 <= step
    assert nearest(by, None) == 0


def test_what_leaves_comes_back_only_around() -> None:
    grid = np.arange(1, 7).reshape(2, 3)
    assert moved(grid, (0, 1), False).tolist() == [[0, 1, 2], [0, 4, 5]]
    assert moved(grid, (-1, 0), False).tolist() == [[4, 5, 6], [0, 0, 0]]
    assert moved(grid, (1, -1), True).tolist() == [[5, 6, 4], [2, 3, 1]]


def test_the_maximum_stays_wherever_the_object_is() -> None:
    ground, cross = background("plain", PHOTO), thing("cross", PHOTO)
    tops = {
        map_of(with_thing(ground, cross, (row, col)), SOBEL, 0.0, Way()).max()
        for row, col in np.ndindex(30, 30)
        if row * col
    }
    assert tops == {4.0 * (255 - 48)}


def test_the_table_is_0_where_the_map_follows_and_only_there() -> None:
    every, second, pooled, whole = truths(SCENE, SOBEL, 0.0, "none", False)
    assert (every.anywhere, whole.anywhere, second.whole, pooled.whole) == (0, 0, 0, 0)
    assert (every.tried, second.tried, pooled.tried, whole.tried) == (64, 16, 16, 64)
    tried = [compare(SCENE, SOBEL, 0.0, Way(2), (row, col)).largest() for row, col in np.ndindex(8, 8)]
    assert second.anywhere == max(tried) > 0
    assert pooled.anywhere > 0


@pytest.mark.parametrize("key", OBJECTS)
def test_an_object_covers_what_belongs_to_it(key: str) -> None:
    drawn, ground = thing(key, PHOTO), np.zeros((SIDE, SIDE), dtype=np.uint8)
    rows, cols = drawn.mask.shape
    scene = with_thing(ground, drawn, (99, 3))
    assert place_in((99, -3), (rows, cols)) == (SIDE - rows, 0)
    np.testing.assert_array_equal(scene[SIDE - rows :, 3 : 3 + cols], np.where(drawn.mask, drawn.pixels, 0))
    assert np.count_nonzero(scene) == np.count_nonzero(drawn.pixels[drawn.mask])
    assert not ground.any()


def test_backgrounds_have_the_size_of_the_scene_and_strangers_are_refused() -> None:
    assert {background(key, PHOTO).shape for key in BACKGROUNDS} == {(SIDE, SIDE)}
    with pytest.raises(ConvError, match=r"background must be one of plain, .* got 'sea'"):
        background("sea", PHOTO)
    with pytest.raises(ConvError, match=r"object must be one of cross, .* got 'cat'"):
        thing("cat", PHOTO)
