"""Small pictures of kernels: what colour a weight has, and what a kernel does to a photo."""

import base64
import io

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from PIL import Image
from scipy.ndimage import correlate

from conv_engine import LIBRARY, ConvError
from ui.colours import SIDE, levels, palette_for, scale_table
from ui.thumbnails import data_uri, effect_picture, kernel_picture, shrunk

PHOTO = np.random.default_rng(5).integers(0, 256, (24, 31, 3), dtype=np.uint8)
GREY = PHOTO[:, :, :1]
NEUTRAL = [scale_table(dark)[SIDE] for dark in (False, True)]


def examples(count):
    return settings(deadline=None, max_examples=count, database=None)


def read(png):
    with Image.open(io.BytesIO(png)) as picture:
        assert picture.format == "PNG"
        return np.asarray(picture.convert("RGB"))


def by_hand(photo, weights):
    """Lay the kernel on the photo, its rim repeated, by other code than the engine's, and in doubles."""
    kernel = np.atleast_3d(weights)
    kernel = np.broadcast_to(kernel, (*kernel.shape[:2], 3 if photo.shape[2] == 3 else kernel.shape[2]))
    channels = np.broadcast_to(photo, (*photo.shape[:2], kernel.shape[2])).astype(np.float64)
    # Where a kernel is even, the tap on the pixel is (k − 1) // 2 here, and k // 2 there.
    origin = [-1 if size % 2 == 0 else 0 for size in kernel.shape[:2]]
    return sum(
        correlate(channels[:, :, m], kernel[:, :, m], mode="nearest", origin=origin)
        for m in range(kernel.shape[2])
    )


weights2d = st.tuples(st.integers(1, 15), st.integers(1, 15)).flatmap(
    lambda shape: arrays(np.float64, shape, elements=st.integers(-8, 8).map(lambda n: n / 4))
)


# --- weights -----------------------------------------------------------------------------------------------


@examples(60)
@given(weights2d, st.booleans(), st.sampled_from([None, 1, 4, 15, 20]))
def test_a_weight_has_the_colour_of_its_value(weights, dark, cell):
    picture = read(kernel_picture(weights, dark, cell))
    side = cell or 120 // max(weights.shape)
    expected = scale_table(dark)[levels(weights, np.abs(weights).max())]
    # A square's last pixel is never a line's.
    np.testing.assert_array_equal(picture[side - 1 :: side, side - 1 :: side][: len(weights)], expected)


def test_lines_part_the_weights_where_there_is_room():
    picture = read(kernel_picture(np.ones((3, 2)), False))
    assert picture.shape == (3 * 40 + 3, 2 * 40 + 3, 3)
    assert (picture[:3] == palette_for(False).faint).all()
    assert (picture[:, 40:43] == palette_for(False).faint).all()
    assert read(kernel_picture(np.ones((3, 2)), False, 10)).shape == (30, 20, 3)


def test_three_slices_are_one_picture_with_grey_at_zero():
    weights = np.array([[[1.0, -1.0, 0.0], [0.0, 0.0, 0.0], [1e-9, -1e-9, 0.5]]])
    picture = read(kernel_picture(weights, False, 1))
    assert picture.tolist() == [[[255, 1, 128], [128, 128, 128], [129, 127, 192]]]


@examples(30)
@given(weights2d)
def test_three_equal_slices_are_drawn_as_the_one_that_they_are(weights):
    three = np.repeat(weights[:, :, np.newaxis], 3, axis=2)
    assert kernel_picture(three, True) == kernel_picture(weights, True)
    assert kernel_picture(three[:, :, :1], True) == kernel_picture(weights, True)


# --- effects -----------------------------------------------------------------------------------------------


@examples(40)
@given(weights2d, st.sampled_from([PHOTO, GREY]), st.booleans())
def test_a_kernel_with_weights_below_zero_is_shown_by_the_signed_scale(weights, photo, dark):
    weights = weights.copy()
    weights[0, 0] = -64  # so that no sum comes near 1
    values = by_hand(photo, weights)
    picture = read(effect_picture(photo, weights, dark=dark))
    np.testing.assert_array_equal(picture, scale_table(dark)[levels(values, np.abs(values).max())])


@examples(40)
@given(weights2d, st.sampled_from([PHOTO, GREY]))
def test_a_kernel_without_weights_below_zero_makes_a_picture_from_black_to_white(weights, photo):
    weights = np.abs(weights)
    weights[-1, -1] = 3
    picture = read(effect_picture(photo, weights, dark=False)).astype(float)
    expected = by_hand(photo, weights) / (weights.sum() * photo.shape[2])
    assert (picture == picture[:, :, :1]).all()
    assert np.abs(picture[:, :, 0] - expected).max() <= 0.501


@pytest.mark.parametrize("weights", [LIBRARY[key].weights for key in ("box", "gaussian", "luma", "identity")])
@pytest.mark.parametrize("shade", [0, 77, 255])
def test_flat_areas_stay_as_they_are_in_pictures(weights, shade):
    flat = np.full((9, 7, 3), shade, dtype=np.uint8)
    assert (read(effect_picture(flat, weights, dark=False)) == shade).all()


def test_the_identity_shows_a_grey_photo_as_it_is():
    np.testing.assert_array_equal(read(effect_picture(GREY, [[1.0]], dark=False)), np.repeat(GREY, 3, axis=2))


@pytest.mark.parametrize("dark", [False, True])
def test_what_no_picture_can_show_is_marked(dark):
    step = np.zeros((5, 8, 1), dtype=np.uint8)
    step[:, 4:] = 255
    picture = read(effect_picture(step, LIBRARY["sharpen"].weights, dark=dark))
    values = by_hand(step, LIBRARY["sharpen"].weights)
    assert values.min() < 0 < 255 < values.max()
    stops = palette_for(dark).stops
    assert (picture[values < 0] == stops[1]).all()
    assert (picture[values > 255] == stops[-2]).all()
    inside = (values >= 0) & (values <= 255)
    np.testing.assert_array_equal(picture[inside], np.repeat(values[inside][:, np.newaxis], 3, axis=1))


@pytest.mark.parametrize("dark", [False, True])
@pytest.mark.parametrize("key", ["sobel_x", "laplacian", "red_green"])
def test_where_nothing_answers_the_picture_is_neutral_also_at_the_rim(key, dark):
    flat = np.full((6, 6, 3), 200, dtype=np.uint8)
    assert (read(effect_picture(flat, LIBRARY[key].weights, dark=dark)) == NEUTRAL[dark]).all()


@pytest.mark.parametrize("size", [5e-324, 1e-200, 1.0, 1e6, 1e307])
def test_the_size_of_the_weights_makes_no_difference_to_a_signed_picture(size):
    weights = np.array([[-2.0, 0.0, 4.0]])
    assert effect_picture(PHOTO, weights * size, dark=True) == effect_picture(PHOTO, weights, dark=True)


def test_no_weights_at_all_give_black():
    assert (read(effect_picture(PHOTO, np.zeros((3, 3)), dark=False)) == 0).all()


@pytest.mark.parametrize("shape", [(1, 1, 3), (1, 300, 3), (1000, 3, 1)])
def test_every_photo_will_do_for_every_kernel(shape):
    photo = np.full(shape, 9, dtype=np.uint8)
    rows, cols = read(effect_picture(photo, np.ones((15, 15)), dark=False)).shape[:2]
    assert max(rows, cols) == min(96, max(shape[:2]))


@examples(20)
@given(st.integers(1, 40), st.integers(1, 40), st.integers(1, 8), st.sampled_from([1, 3]))
def test_a_photo_is_made_small_by_means_of_areas(rows, cols, factor, channels):
    photo = np.random.default_rng(rows).integers(0, 256, (rows * factor, cols * factor, channels), dtype=np.uint8)
    small = shrunk(photo, max(rows, cols))
    assert small.shape == (rows, cols, channels)
    means = photo.reshape(rows, factor, cols, factor, channels).mean(axis=(1, 3))
    # Pillow rounds after the rows, and again after the columns.
    assert np.abs(small - means).max() <= 1.01


def test_a_small_photo_is_not_made_again():
    assert shrunk(PHOTO) is PHOTO


# --- addresses and refusals --------------------------------------------------------------------------------


def test_an_address_holds_the_file():
    png = kernel_picture([[1.0]], False)
    kind, text = data_uri(png).split(",")
    assert kind == "data:image/png;base64"
    assert base64.b64decode(text) == png


@pytest.mark.parametrize(
    ("weights", "sentence"),
    [
        (np.ones(3), r"weights must have shape .* got \(3,\)"),
        (np.ones((3, 3, 2)), r"weights must have shape .* got \(3, 3, 2\)"),
        (np.ones((0, 3)), r"weights must have shape .* got \(0, 3\)"),
        ([[np.nan]], "weights must be finite, got nan"),
        ([[np.inf]], "weights must be finite, got inf"),
    ],
)
def test_what_is_no_kernel_is_refused(weights, sentence):
    for draw in (lambda: kernel_picture(weights, False), lambda: effect_picture(PHOTO, weights, dark=False)):
        with pytest.raises(ConvError, match=sentence):
            draw()


@pytest.mark.parametrize("pixels", [PHOTO[:, :, 0], PHOTO[:, :, :2], PHOTO.astype(float), PHOTO[:0]])
def test_what_is_no_photo_is_refused(pixels):
    with pytest.raises(ConvError, match=r"pixels must have shape .* uint8, got"):
        effect_picture(pixels, [[1.0]], dark=False)
