import re
from dataclasses import FrozenInstanceError
from math import fsum

import numpy as np
import pytest

from conv_engine import broadcast_kernel, conv2d, stack
from conv_engine.kernels import FAMILIES, LIBRARY

KEYS = [
    *("identity", "box", "box5", "gaussian", "gaussian5", "gaussian7", "sharpen", "unsharp"),
    *("sobel_x", "sobel_y", "prewitt_x", "prewitt_y", "scharr_x", "scharr_y", "roberts_a", "roberts_b"),
    *("central_x", "central_y", "frei_chen_x", "kirsch_ne", "robinson_nw", "laplacian", "laplacian8"),
    *("emboss", "motion_h", "motion_d", "outline"),
    *("luma", "red_green", "blue_yellow", "cb", "cr", "red_centre"),
    *("corner_tl", "corner_tr", "corner_bl", "corner_br", "line_h", "line_up", "line_v", "line_down", "spot"),
    *("laws_l5e5", "laws_l5s5", "laws_e5s5", "laws_r5r5"),
    *("gabor_0", "gabor_22", "gabor_45", "gabor_67", "gabor_90", "gabor_112", "gabor_135", "gabor_157"),
    *(f"learned_{number}" for number in range(1, 13)),
]
OLDEST = [
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


BRIGHT_BLOCK = np.pad(np.full((5, 5), 9), 4)
LINE = np.pad(np.full((9, 1), 9), ((0, 0), (4, 4)))


def respond(key, picture):
    return conv2d(picture[:, :, np.newaxis], stack([LIBRARY[key]], 1), method="direct")[:, :, 0]


def test_the_library_is_complete_and_in_order():
    assert list(LIBRARY) == KEYS
    assert [kernel.key for kernel in LIBRARY.values()] == KEYS


def test_no_key_that_stands_in_old_addresses_is_lost():
    assert set(OLDEST) <= set(LIBRARY)


def test_every_family_has_a_title_and_a_kernel_and_no_kernel_is_without_family():
    assert {kernel.family for kernel in LIBRARY.values()} == set(FAMILIES)
    assert len(set(FAMILIES.values())) == len(FAMILIES)


def test_keys_are_fit_for_addresses():
    assert all(re.fullmatch(r"[a-z][a-z0-9_]{1,11}", key) for key in LIBRARY)


def test_no_two_kernels_have_the_same_weights():
    assert len({(kernel.weights.shape, kernel.weights.tobytes()) for kernel in LIBRARY.values()}) == len(LIBRARY)


@pytest.mark.parametrize("kernel", LIBRARY.values(), ids=LIBRARY)
def test_every_kernel_tells_its_story(kernel):
    assert kernel.family in FAMILIES
    assert kernel.title
    assert kernel.formula
    assert kernel.finds.endswith(".")
    assert any(digit in kernel.source for digit in "0123456789")  # a year


@pytest.mark.parametrize("kernel", LIBRARY.values(), ids=LIBRARY)
def test_the_weights_cannot_be_changed(kernel):
    assert kernel.weights.dtype == np.float64
    assert kernel.weights.ndim == 2 or kernel.weights.shape[2:] == (3,)
    assert max(kernel.weights.shape) <= 9
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
        *(
            (key, LEFT_DARK)
            for key in ("sobel_x", "prewitt_x", "scharr_x", "central_x", "frei_chen_x", "laws_l5e5")
        ),
        *((key, TOP_DARK) for key in ("sobel_y", "prewitt_y", "scharr_y", "central_y")),
        ("roberts_a", UPPER_LEFT_BRIGHT),
        ("robinson_nw", UPPER_LEFT_BRIGHT),
        ("roberts_b", UPPER_RIGHT_BRIGHT),
        ("kirsch_ne", UPPER_RIGHT_BRIGHT),
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
    ("x", "y"),
    [
        ("sobel_x", "sobel_y"),
        ("prewitt_x", "prewitt_y"),
        ("scharr_x", "scharr_y"),
        ("central_x", "central_y"),
    ],
)
def test_x_and_y_are_transposes_and_blind_to_each_others_edges(x, y):
    np.testing.assert_array_equal(LIBRARY[x].weights, LIBRARY[y].weights.T)
    assert not respond(x, TOP_DARK).any()
    assert not respond(y, LEFT_DARK).any()


@pytest.mark.parametrize("kernel", LIBRARY.values(), ids=LIBRARY)
def test_every_kernel_sums_to_1_and_keeps_brightness_or_to_exactly_0_and_sees_nothing_in_grey_areas(kernel):
    total = fsum(kernel.weights.ravel())
    if kernel.family in {"basic", "smooth", "sharpen", "relief", "motion"} or kernel.key == "luma":
        assert total == pytest.approx(1, abs=1e-15)
    else:
        assert total == 0
        for pixel in (np.uint8(77), np.float32(77 / 255)):
            flat = np.full((9, 9, 3), pixel)
            assert not conv2d(flat, stack([kernel], 3), method="direct").any()


@pytest.mark.parametrize("key", ["identity", "box", "gaussian", "gaussian5", "sharpen", "emboss", "luma"])
def test_kernels_that_keep_brightness_sum_to_one(key):
    assert LIBRARY[key].weights.sum() == pytest.approx(1, abs=1e-15)


@pytest.mark.parametrize(("key", "dark_side", "bright_side"), [("laplacian", 9, -9), ("laplacian8", 27, -27)])
def test_laplacians_are_bright_on_the_dark_side_of_an_edge_and_zero_on_ramps(key, dark_side, bright_side):
    assert respond(key, LEFT_DARK)[0].tolist() == [0, dark_side, bright_side, 0]
    assert not respond(key, np.add.outer(np.arange(6), 2 * np.arange(6))).any()


@pytest.mark.parametrize(
    ("key", "at"), [("corner_tl", (4, 4)), ("corner_tr", (4, 8)), ("corner_bl", (8, 4)), ("corner_br", (8, 8))]
)
def test_a_corner_is_highest_in_its_corner_of_a_bright_block_and_edges_give_two_thirds(key, at):
    answer = conv2d(BRIGHT_BLOCK[:, :, np.newaxis], stack([LIBRARY[key]], 1), padding="same")[:, :, 0]
    assert np.unravel_index(answer.argmax(), answer.shape) == at
    assert answer[at] == 27
    assert np.count_nonzero(answer == 27) == 1
    others = np.ma.array(answer)
    others[at] = np.ma.masked
    assert others.max() == 18
    # Along the two edges that meet there.
    row, col = at
    assert answer[row, 6] == answer[6, col] == 18


LINE_PICTURES = {
    "line_h": LINE.T,
    "line_up": 9 * np.eye(9)[::-1],
    "line_v": LINE,
    "line_down": 9 * np.eye(9),
    "gabor_0": LINE.T,
    "gabor_45": 9 * np.eye(9)[::-1],
    "gabor_90": LINE,
    "gabor_135": 9 * np.eye(9),
}


@pytest.mark.parametrize("key", LINE_PICTURES)
def test_a_line_kernel_answers_most_to_its_own_line_and_below_0_to_a_dark_one(key):
    kind = key.split("_")[0]
    in_the_middle = {
        other: conv2d(picture[:, :, np.newaxis], stack([LIBRARY[key]], 1), padding="same")[4, 4, 0]
        for other, picture in LINE_PICTURES.items()
        if other.startswith(kind)
    }
    assert max(in_the_middle, key=in_the_middle.get) == key
    assert all(value < in_the_middle[key] / 2 for other, value in in_the_middle.items() if other != key)
    dark = conv2d(
        9 - LINE_PICTURES[key][:, :, np.newaxis], stack([LIBRARY[key]], 1), padding="same", boundary="reflect"
    )
    assert dark[4, 4, 0] < 0


def test_the_spot_is_brightest_on_a_spot_and_blind_to_ramps_and_level_edges_far_away():
    assert respond("spot", np.pad(np.full((3, 3), 9), 4)).max() == 9
    assert not respond("spot", np.add.outer(np.arange(8), 2 * np.arange(8))).any()


def test_laws_kernels_do_what_their_letters_say():
    assert respond("laws_l5s5", LINE).argmax() == 2
    assert respond("laws_l5s5", LINE).min() < 0
    begun = np.pad(np.full((6, 1), 9), ((6, 0), (4, 4)))
    answer = respond("laws_e5s5", begun)
    assert answer.max() > 0
    assert answer.min() == -answer.max() / 2  # beside the line
    assert respond("laws_e5s5", begun[::-1]).min() == -answer.max()
    checks = np.indices((6, 6)).sum(axis=0) % 2
    assert respond("laws_r5r5", checks).tolist() == [[-128, 128], [128, -128]]
    assert not respond("laws_r5r5", LEFT_DARK).any()


def test_motion_blurs_what_lies_across_it_and_keeps_what_lies_along():
    upright, level = np.repeat([[0] * 8 + [9] * 8], 16, axis=0), np.repeat([[0] * 8 + [9] * 8], 16, axis=0).T
    assert len(np.unique(respond("motion_h", upright))) == 8
    assert set(np.unique(respond("motion_h", level)).round(5)) == {0, 9}
    falling = 9 * (np.subtract.outer(np.arange(16), np.arange(16)) > 0)
    assert set(np.unique(respond("motion_d", falling)).round(5)) == {0, 9}
    assert len(np.unique(respond("motion_d", falling[:, ::-1]).round(4))) > 2


def test_the_unsharp_mask_is_the_picture_and_once_more_what_the_blur_takes_away():
    identity = np.pad(LIBRARY["identity"].weights, 1)
    np.testing.assert_array_equal(LIBRARY["unsharp"].weights, 2 * identity - LIBRARY["gaussian5"].weights)
    answer = respond("unsharp", np.pad(LEFT_DARK, 3, mode="edge"))
    assert answer.max() > 9
    assert answer.min() < 0


def test_kirsch_and_robinson_answer_most_to_the_edges_of_their_compass_point():
    row, col = np.indices((9, 9)) - 4
    for key, best in (("kirsch_ne", 1), ("robinson_nw", 3)):
        answers = [
            respond(key, 9 * (col * np.cos(k * np.pi / 4) - row * np.sin(k * np.pi / 4) > 0.1))[3, 3]
            for k in range(8)
        ]
        assert int(np.argmax(answers)) == best


def test_frei_chen_is_as_long_as_one_pixel_difference():
    weights = LIBRARY["frei_chen_x"].weights
    assert (weights**2).sum() == pytest.approx(1, abs=1e-7)
    assert weights[1, 2] / weights[0, 2] == pytest.approx(np.sqrt(2), abs=1e-7)


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
        ("cb", (0, 0, 255), 255 * 131 / 256),
        ("cb", (255, 255, 0), -255 * 131 / 256),
        ("cb", (0, 255, 0), -255 * 87 / 256),
        ("cr", (0, 255, 0), -255 * 110 / 256),
        ("cr", (255, 0, 0), 255 * 131 / 256),
        ("cr", (0, 255, 255), -255 * 131 / 256),
        ("cr", (224, 172, 105), (131 * 224 - 110 * 172 - 21 * 105) / 256),  # skin
    ],
)
def test_colour_kernels_weigh_the_channels_of_one_pixel(key, colour, value):
    answer = conv2d(np.array([[colour]], dtype=np.uint8), stack([LIBRARY[key]], 3))
    assert answer.dtype == np.float32
    assert answer.shape == (1, 1, 1)
    assert answer[0, 0, 0] == pytest.approx(value, rel=1e-6)


def test_the_red_centre_is_brightest_on_red_among_green_and_0_on_grey():
    picture = np.full((5, 5, 3), (0, 200, 0), dtype=np.uint8)
    picture[2, 2] = (200, 0, 0)
    answer = conv2d(picture, stack([LIBRARY["red_centre"]], 3))[:, :, 0]
    assert answer[1, 1] == answer.max() == 200 - 200
    picture[:, :, 1] = 0
    assert conv2d(picture, stack([LIBRARY["red_centre"]], 3))[1, 1, 0] == 200
    picture[:] = (0, 200, 0)
    assert conv2d(picture, stack([LIBRARY["red_centre"]], 3))[1, 1, 0] == -200


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
    for others in (["sobel_x"], ["gaussian7"], ["roberts_a", "motion_h"]):
        bank = stack([LIBRARY[name] for name in [key, *others]], 3)
        together = conv2d(image, bank, padding="same")[:, :, 0]
        assert together.shape == alone.shape
        np.testing.assert_allclose(together, alone, rtol=0, atol=1e-5 * np.abs(alone).max())
