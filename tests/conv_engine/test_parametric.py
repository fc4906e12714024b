from math import fsum

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from conv_engine import LIBRARY, ConvError, conv2d
from conv_engine.named import FAMILIES
from conv_engine.parametric import PARAMETRIC

KEYS = ["gauss", "box_n", "log", "dog", "motion_blur", "gabor_wave"]
AVERAGES = ["gauss", "box_n", "motion_blur"]
COMPARISONS = ["log", "dog", "gabor_wave"]


def values_of(key):
    """Any values that a kernel takes."""
    return st.tuples(
        *(
            st.integers(int(parameter.least), int(parameter.most))
            if key == "box_n"
            else st.floats(parameter.least, parameter.most)
            for parameter in PARAMETRIC[key].parameters
        )
    )


def kernels(keys):
    return st.sampled_from(keys).flatmap(lambda key: st.tuples(st.just(key), values_of(key)))


def make(key, *values):
    return PARAMETRIC[key].kernel(*values).weights


def ends(key):
    """The corners of the ranges."""
    corners = [[]]
    for parameter in PARAMETRIC[key].parameters:
        corners = [
            [*corner, end] for corner in corners for end in (parameter.least, parameter.default, parameter.most)
        ]
    return corners


def grid(weights):
    return np.indices(weights.shape) - np.array(weights.shape).reshape(2, 1, 1) // 2


def line_at(angle, width=1.0, side=41):
    """A soft bright line through the middle."""
    row, col = np.indices((side, side)) - side // 2
    across = row * np.cos(np.deg2rad(angle)) + col * np.sin(np.deg2rad(angle))
    return np.exp(-((across / width) ** 2) / 2)


def respond(weights, picture):
    """The value in the middle of the map."""
    answer = conv2d(picture[:, :, np.newaxis], weights[np.newaxis, :, :, np.newaxis], padding="same")[:, :, 0]
    return float(answer[picture.shape[0] // 2, picture.shape[1] // 2])


# --- the table -----------------------------------------------------------------------------------------------


def test_the_table_is_complete_and_its_keys_are_no_kernels_of_the_library():
    assert list(PARAMETRIC) == KEYS
    assert [family.key for family in PARAMETRIC.values()] == KEYS
    assert not set(KEYS) & set(LIBRARY)
    with pytest.raises(TypeError):
        PARAMETRIC["new"] = PARAMETRIC["log"]


@pytest.mark.parametrize("family", PARAMETRIC.values(), ids=PARAMETRIC)
def test_every_kernel_tells_its_story(family):
    assert family.family in FAMILIES
    assert family.title
    assert family.formula
    assert family.finds.endswith(".")
    assert any(digit in family.source for digit in "0123456789")
    for parameter in family.parameters:
        assert parameter.title
        assert parameter.unit in ("pixels", "°")
        assert 0 <= parameter.least <= parameter.default <= parameter.most
        steps = (parameter.default - parameter.least) / parameter.step
        assert steps == pytest.approx(round(steps), abs=1e-9)


@pytest.mark.parametrize(
    ("key", "values", "title"),
    [
        ("gauss", (1.5,), "Gaussian σ = 1.5"),
        ("box_n", (5,), "Box 5 × 5"),
        ("log", (1.4,), "Laplacian of Gaussian σ = 1.4"),
        ("dog", (1,), "Difference of Gaussians σ = 1"),
        ("motion_blur", (9, 22.5), "Motion blur 9 pixels, 22.5°"),
        ("gabor_wave", (4, 45, 1.6, 90), "Gabor wavelength 4, 45°, σ = 1.6, phase 90°"),
    ],
)
def test_the_title_says_the_values(key, values, title):
    kernel = PARAMETRIC[key].kernel(*values)
    assert kernel.title == title
    assert kernel.key == key
    assert kernel.family == PARAMETRIC[key].family


def test_minus_zero_is_zero():
    assert PARAMETRIC["motion_blur"].kernel(5, -0.0).title == "Motion blur 5 pixels, 0°"


# --- bad values ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("key", "values", "message"),
    [
        ("gauss", (0,), "σ must be a number from 0.3 to 2.33 pixels, got 0"),
        ("gauss", (float("nan"),), "σ must be a number from 0.3 to 2.33 pixels, got nan"),
        ("gauss", (float("inf"),), "σ must be a number from 0.3 to 2.33 pixels, got inf"),
        ("gauss", ("1",), "σ must be a number from 0.3 to 2.33 pixels, got '1'"),
        ("gauss", (True,), "σ must be a number from 0.3 to 2.33 pixels, got True"),
        ("gauss", (None,), "σ must be a number from 0.3 to 2.33 pixels, got None"),
        ("gauss", (), "Gaussian takes 1 value (σ), got 0"),
        ("motion_blur", (9,), "Motion blur takes 2 values (length, angle), got 1"),
        ("motion_blur", (9, 181), "angle must be a number from 0 to 180°, got 181"),
        ("box_n", (2.5,), "size must be a whole number of pixels, got 2.5"),
        ("box_n", (16,), "size must be a number from 1 to 15 pixels, got 16"),
    ],
)
def test_bad_values_are_refused_with_a_sentence(key, values, message):
    with pytest.raises(ConvError) as caught:
        PARAMETRIC[key].kernel(*values)
    assert str(caught.value) == message


def test_an_enormous_integer_is_refused_too():
    with pytest.raises(ConvError, match="size must be a number from 1 to 15"):
        PARAMETRIC["box_n"].kernel(10**5000)


# --- laws ----------------------------------------------------------------------------------------------------


@settings(max_examples=150, deadline=None)
@given(kernels(KEYS))
def test_every_choice_of_values_makes_a_sound_kernel(chosen):
    key, values = chosen
    kernel = PARAMETRIC[key].kernel(*values)
    assert kernel.weights.dtype == np.float64
    assert kernel.weights.ndim == 2
    assert all(1 <= length <= 15 for length in kernel.weights.shape)
    assert key == "box_n" or all(length % 2 for length in kernel.weights.shape)
    assert np.isfinite(kernel.weights).all()
    assert np.abs(kernel.weights).max() > 0.001
    assert not kernel.weights.flags.writeable


@settings(max_examples=100, deadline=None)
@given(kernels(AVERAGES))
def test_what_smooths_sums_to_1_and_has_no_negative_weight(chosen):
    key, values = chosen
    weights = make(key, *values)
    assert fsum(weights.ravel()) == pytest.approx(1, abs=1e-14)
    assert weights.min() >= 0


@settings(max_examples=150, deadline=None)
@given(kernels(COMPARISONS), st.integers(0, 255))
def test_what_compares_makes_exactly_0_of_a_flat_area(chosen, pixel):
    key, values = chosen
    weights = make(key, *values)
    assert fsum(weights.ravel()) == 0
    assert (weights * pixel).sum() == 0
    scaled = weights / 2.0**-26
    np.testing.assert_array_equal(scaled, np.rint(scaled))
    for whole in (np.uint8(pixel), np.float32(pixel / 255)):
        assert not conv2d(
            np.full((16, 16, 1), whole), weights[:, :, np.newaxis][np.newaxis], method="direct"
        ).any()


@pytest.mark.parametrize("key", KEYS)
def test_the_ends_of_the_ranges_are_taken_and_fill_the_largest_size(key):
    sizes = [make(key, *corner).shape for corner in ends(key)]
    assert max(max(size) for size in sizes) == 15


def test_the_same_values_make_the_same_kernel():
    one, other = PARAMETRIC["gauss"].kernel(1.25), PARAMETRIC["gauss"].kernel(1.25)
    assert one.weights.tobytes() == other.weights.tobytes()


# --- each kernel against its definition ----------------------------------------------------------------------


@settings(max_examples=40, deadline=None)
@given(st.floats(0.3, 2.33))
def test_a_gaussian_is_the_bell_of_its_width_and_of_rank_1(sigma):
    weights = make("gauss", sigma)
    row, col = grid(weights)
    bell = np.exp(-(row**2 + col**2) / (2 * sigma**2))
    np.testing.assert_allclose(weights, bell / bell.sum(), rtol=1e-12)
    assert np.linalg.matrix_rank(weights, tol=1e-12) == 1
    assert weights.shape[0] == 2 * np.ceil(3 * sigma) + 1


@pytest.mark.parametrize("size", range(1, 16))
def test_a_box_is_even(size):
    np.testing.assert_array_equal(make("box_n", size), np.full((size, size), 1 / size**2))


@pytest.mark.parametrize("sigma", [1.0, 1.4, 2.0])
def test_the_laplacian_of_gaussian_is_that_of_the_formula(sigma):
    weights = make("log", sigma)
    row, col = grid(weights)
    square = (row**2 + col**2) / sigma**2
    formula = (square - 2) * np.exp(-square / 2) / (2 * np.pi * sigma**2)
    np.testing.assert_allclose(weights, formula, atol=0.02 * np.abs(formula).max())
    assert np.linalg.matrix_rank(weights, tol=1e-12) == 2


@pytest.mark.parametrize("sigma", [0.5, 1.0, 2.0])
def test_the_laplacian_of_gaussian_crosses_0_at_an_edge_and_is_bright_on_its_dark_side(sigma):
    edge = np.repeat([[0.0] * 20 + [0.5] + [1.0] * 20], 41, axis=0)
    answer = conv2d(edge[:, :, np.newaxis], make("log", sigma)[np.newaxis, :, :, np.newaxis], padding="same")[
        20, :, 0
    ]
    assert answer[19] > 0.05
    assert answer[20] == pytest.approx(0, abs=1e-6)
    assert answer[21] == pytest.approx(-answer[19], abs=1e-6)


@settings(max_examples=30, deadline=None)
@given(st.floats(0.5, 1.45))
def test_the_difference_of_gaussians_is_two_bells_and_bright_on_spots(sigma):
    weights = make("dog", sigma)
    row, col = grid(weights)
    bells = [np.exp(-(row**2 + col**2) / (2 * width**2)) for width in (sigma, 1.6 * sigma)]
    np.testing.assert_allclose(weights, bells[0] / bells[0].sum() - bells[1] / bells[1].sum(), atol=1e-3)
    spot = np.exp(-(np.indices((41, 41)) - 20).__pow__(2).sum(axis=0) / (2 * sigma**2))
    assert respond(weights, spot) > 0
    assert respond(weights, 1 - spot) < 0


@pytest.mark.parametrize("length", [1, 3, 9, 15])
def test_motion_along_the_grid_is_a_row_or_a_column_of_equal_weights(length):
    np.testing.assert_allclose(make("motion_blur", length, 0), np.full((1, length), 1 / length), rtol=1e-14)
    np.testing.assert_allclose(make("motion_blur", length, 90), np.full((length, 1), 1 / length), rtol=1e-14)
    np.testing.assert_array_equal(make("motion_blur", length, 180), make("motion_blur", length, 0))


def test_motion_of_an_even_length_has_half_weights_at_its_ends():
    np.testing.assert_allclose(make("motion_blur", 4, 0), [[0.125, 0.25, 0.25, 0.25, 0.125]], rtol=1e-14)


@settings(max_examples=60, deadline=None)
@given(st.floats(5, 14), st.floats(0, 180))
def test_motion_spreads_along_its_angle_as_far_as_its_length(length, angle):
    weights = make("motion_blur", length, angle)
    row, col = grid(weights)
    turn = np.deg2rad(angle)
    along = (weights * (col * np.cos(turn) - row * np.sin(turn)) ** 2).sum()
    across = (weights * (col * np.sin(turn) + row * np.cos(turn)) ** 2).sum()
    # The variance of a bar's length, and of its width with that of the pixels.
    assert along == pytest.approx(length**2 / 12, abs=0.35)
    assert across < 0.3
    np.testing.assert_allclose(weights, weights[::-1, ::-1], atol=1e-3)


@settings(max_examples=60, deadline=None)
@given(st.floats(3, 12), st.floats(0, 180), st.floats(0.6, 2.8), st.floats(0, 360))
def test_the_positive_weights_of_a_gabor_wave_add_up_to_1(wavelength, angle, sigma, phase):
    weights = make("gabor_wave", wavelength, angle, sigma, phase)
    assert weights[weights > 0].sum() == pytest.approx(1, abs=0.02)
    assert weights[weights < 0].sum() == pytest.approx(-1, abs=0.02)


@settings(max_examples=60, deadline=None)
@given(st.floats(3, 12), st.floats(0, 180), st.floats(0.6, 2.8))
def test_a_gabor_wave_is_even_at_phase_0_and_its_own_negative_at_180(wavelength, angle, sigma):
    weights = make("gabor_wave", wavelength, angle, sigma, 0)
    np.testing.assert_allclose(weights, weights[::-1, ::-1], atol=1e-5)
    np.testing.assert_allclose(make("gabor_wave", wavelength, angle, sigma, 180), -weights, atol=5e-5)


@pytest.mark.parametrize("angle", [0, 90, 180])
def test_flat_and_upright_gabor_waves_are_of_rank_1_and_join_their_neighbours(angle):
    weights = make("gabor_wave", 5, angle, 2, 60)
    assert np.linalg.matrix_rank(weights, tol=1e-12) == 1
    nearby = make("gabor_wave", 5, abs(angle - 1e-6), 2, 60)
    np.testing.assert_allclose(weights, nearby, atol=3e-4)


@pytest.mark.parametrize("angle", np.arange(0, 180, 22.5))
def test_a_gabor_wave_answers_most_to_lines_of_its_own_angle_and_below_0_to_dark_ones(angle):
    weights = make("gabor_wave", 4, angle, 1.6, 0)
    answers = {other: respond(weights, line_at(other, 0.8)) for other in np.arange(0, 180, 22.5)}
    assert max(answers, key=answers.get) == angle
    assert answers[angle] > 0.3
    assert respond(weights, 1 - line_at(angle, 0.8)) == pytest.approx(-answers[angle], abs=1e-5)


@pytest.mark.parametrize("angle", [0, 30, 60, 90, 120, 150])
def test_a_gabor_wave_of_phase_90_answers_to_edges_and_not_to_lines(angle):
    weights = make("gabor_wave", 6, angle, 1.6, 90)
    row, col = np.indices((41, 41)) - 20
    edge = row * np.cos(np.deg2rad(angle)) + col * np.sin(np.deg2rad(angle)) < 0
    assert respond(weights, edge.astype(float)) > 0.3
    assert abs(respond(weights, line_at(angle))) < 1e-3
