from dataclasses import FrozenInstanceError

import numpy as np
import pytest

from conv_engine import LIBRARY, broadcast_kernel, conv2d, stack

KEYS = [
    *("identity", "box", "gaussian", "gaussian5", "sharpen", "sobel_x", "sobel_y", "prewitt_x", "prewitt_y"),
    *("scharr_x", "scharr_y", "roberts_a", "roberts_b", "laplacian", "laplacian8", "emboss", "outline"),
    *("luma", "red_green", "blue_yellow"),
]
EDGES = [key for key, kernel in LIBRARY.items() if kernel.family == "edges"]

LEFT_DARK = np.repeat([[0, 0, 0, 9, 9, 9]], 6, axis=0)
TOP_DARK = LEFT_DARK.T
UPPER_LEFT_BRIGHT = 9 - np.add.outer(np.arange(6), np.arange(6)).clip(0, 9)
UPPER_RIGHT_BRIGHT = UPPER_LEFT_BRIGHT[:, ::-1]
SPOT = np.pad([[9]], 3)


def respond(key, picture):
    return conv2d(picture[:, :, np.newaxis], stack([LIBRARY[key]], 1))[:, :, 0]


def test_the_library_is_complete_and_in_order():
    assert list(LIBRARY) == KEYS
    assert [kernel.key for kernel in LIBRARY.values()] == KEYS


@pytest.mark.parametrize("kernel", LIBRARY.values(), ids=LIBRARY)
def test_every_kernel_tells_its_story(kernel):
    assert kernel.family in {"basic", "smooth", "edges", "sharpen", "relief", "colour"}
    assert kernel.title
    assert kernel.formula
    assert kernel.finds.endswith(".")
    assert any(digit in kernel.source for digit in "0123456789")  # a year


@pytest.mark.parametrize("kernel", LIBRARY.values(), ids=LIBRARY)
def test_the_weights_cannot_be_changed(kernel):
    assert kernel.weights.dtype == np.float64
    assert kernel.weights.ndim == 2 or kernel.weights.shape == (1, 1, 3)
    with pytest.raises(ValueError, match="read-only"):
        kernel.weights[0, 0] = 1
    with pytest.raises(FrozenInstanceError):
        kernel.weights = None
    with pytest.raises(TypeError):
        LIBRARY["new"] = kernel


def test_titles_are_unique():
    assert len({kernel.title for kernel in LIBRARY.values()}) == len(LIBRARY)


# --- what they find --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("key", "picture"),
    [
        *((key, LEFT_DARK) for key in ("sobel_x", "prewitt_x", "scharr_x")),
        *((key, TOP_DARK) for key in ("sobel_y", "prewitt_y", "scharr_y")),
        ("roberts_a", UPPER_LEFT_BRIGHT),
        ("roberts_b", UPPER_RIGHT_BRIGHT),
    ],
)
def test_edges_are_bright_where_the_library_says_and_negative_the_other_way_round(key, picture):
    answer, opposite = respond(key, picture), respond(key, 9 - picture)
    assert answer.dtype == opposite.dtype == np.float32
    assert answer.shape == opposite.shape
    assert answer.max() > 0
    assert answer.min() >= 0
    np.testing.assert_array_equal(opposite, -answer)


@pytest.mark.parametrize(
    ("x", "y"), [("sobel_x", "sobel_y"), ("prewitt_x", "prewitt_y"), ("scharr_x", "scharr_y")]
)
def test_x_and_y_are_transposes_and_blind_to_each_others_edges(x, y):
    np.testing.assert_array_equal(LIBRARY[x].weights, LIBRARY[y].weights.T)
    assert not respond(x, TOP_DARK).any()
    assert not respond(y, LEFT_DARK).any()


@pytest.mark.parametrize("key", EDGES)
def test_edge_kernels_see_nothing_in_a_flat_picture(key):
    assert LIBRARY[key].weights.sum() == 0
    assert not respond(key, np.full((6, 6), 200)).any()


@pytest.mark.parametrize("key", ["identity", "box", "gaussian", "gaussian5", "sharpen", "emboss", "luma"])
def test_kernels_that_keep_brightness_sum_to_one(key):
    assert LIBRARY[key].weights.sum() == pytest.approx(1, abs=1e-15)


@pytest.mark.parametrize(("key", "dark_side", "bright_side"), [("laplacian", 9, -9), ("laplacian8", 27, -27)])
def test_laplacians_are_bright_on_the_dark_side_of_an_edge_and_zero_on_ramps(key, dark_side, bright_side):
    assert respond(key, LEFT_DARK)[0].tolist() == [0, dark_side, bright_side, 0]
    assert not respond(key, np.add.outer(np.arange(6), 2 * np.arange(6))).any()


def test_emboss_lights_the_upper_left_of_what_is_bright():
    answer = respond("emboss", np.pad(np.full((4, 4), 9), 3))
    assert answer[1:3, 1:3].max() > 9
    assert answer[5:7, 5:7].min() < 0


def test_sharpen_is_identity_minus_laplacian():
    difference = LIBRARY["identity"].weights - LIBRARY["laplacian"].weights
    np.testing.assert_array_equal(LIBRARY["sharpen"].weights, difference)


def test_outline_is_the_laplacian_with_diagonals_with_its_sign_turned():
    np.testing.assert_array_equal(LIBRARY["outline"].weights, -LIBRARY["laplacian8"].weights)
    assert respond("outline", SPOT).max() == 72


@pytest.mark.parametrize(
    ("key", "colour", "value"),
    [
        ("luma", (255, 255, 255), 255),
        ("luma", (0, 100, 0), 58.7),
        ("red_green", (200, 50, 77), 150),
        ("red_green", (90, 90, 90), 0),
        ("blue_yellow", (100, 60, 200), 120),
        ("blue_yellow", (255, 255, 0), -255),
        ("blue_yellow", (90, 90, 90), 0),
    ],
)
def test_colour_kernels_weigh_the_channels_of_one_pixel(key, colour, value):
    answer = conv2d(np.array([[colour]], dtype=np.uint8), stack([LIBRARY[key]], 3))
    assert answer.dtype == np.float32
    assert answer.shape == (1, 1, 1)
    assert answer[0, 0, 0] == pytest.approx(value, rel=1e-6)


# --- banks -----------------------------------------------------------------------------------------------


def test_stack_repeats_a_slice_for_every_channel_without_dividing():
    bank = stack([LIBRARY["box"], LIBRARY["sobel_x"]], channels=4)
    assert bank.dtype == np.float64
    assert bank.shape == (2, 3, 3, 4)
    for channel in range(4):
        np.testing.assert_array_equal(bank[0, :, :, channel], LIBRARY["box"].weights)
        np.testing.assert_array_equal(bank[1, :, :, channel], LIBRARY["sobel_x"].weights)


def test_stack_frames_smaller_kernels_with_zeros_around_the_tap_on_the_pixel():
    bank = stack([LIBRARY[key] for key in ("gaussian5", "roberts_a", "luma", "sobel_y")], channels=3)
    assert bank.dtype == np.float64
    assert bank.shape == (4, 5, 5, 3)
    framed = np.zeros((5, 5))
    framed[2:4, 2:4] = [[1, 0], [0, -1]]
    np.testing.assert_array_equal(bank[1, :, :, 2], framed)
    np.testing.assert_array_equal(bank[2, 2, 2], [0.299, 0.587, 0.114])
    assert np.count_nonzero(bank[2]) == 3
    np.testing.assert_array_equal(bank[3, 1:4, 1:4, 0], LIBRARY["sobel_y"].weights)
    assert np.count_nonzero(bank[3]) == 18


def test_a_stacked_bank_is_the_callers_own():
    bank = stack([LIBRARY["identity"]], 1)
    bank[:] = 5
    assert LIBRARY["identity"].weights.sum() == 1


def test_broadcast_kernel_repeats_a_kernel_for_every_channel():
    bank = broadcast_kernel([[1, 2, 3], [4, 5, 6]], 2)
    assert bank.dtype == np.float64
    assert bank.shape == (1, 2, 3, 2)
    np.testing.assert_array_equal(bank[0, :, :, 0], [[1, 2, 3], [4, 5, 6]])
    np.testing.assert_array_equal(bank[0, :, :, 0], bank[0, :, :, 1])


@pytest.mark.parametrize("key", LIBRARY)
def test_under_same_padding_the_map_of_a_kernel_does_not_depend_on_its_neighbours(key):
    image = np.random.default_rng(5).integers(0, 256, (11, 12, 3), dtype=np.uint8)
    alone = conv2d(image, stack([LIBRARY[key]], 3), padding="same")[:, :, 0]
    for others in (["sobel_x"], ["gaussian5"], ["roberts_a", "sobel_x"]):
        bank = stack([LIBRARY[name] for name in [key, *others]], 3)
        together = conv2d(image, bank, padding="same")[:, :, 0]
        assert together.shape == alone.shape
        np.testing.assert_allclose(together, alone, rtol=1e-6, atol=1e-4)
