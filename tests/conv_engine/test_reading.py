"""A kernel read, against independent oracles: exact fractions, SciPy, and pictures that are convolved."""

import math
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.signal import correlate2d

from conv_engine import LIBRARY, ConvError, conv2d
from conv_engine.reading import (
    LARGEST_SPECTRUM,
    ROUNDING,
    Edge,
    Pair,
    Parity,
    edge_profile,
    frequency_response,
    read_kernel,
)


def examples(count):
    return settings(deadline=None, max_examples=count, database=None)


@st.composite
def kernels(draw, elements=None, channels=(1, 3), longest=7):
    shape = draw(st.integers(1, longest)), draw(st.integers(1, longest)), draw(st.sampled_from(channels))
    # Nothing but 0 below what float32 can hold.
    real = st.floats(-10, 10).map(lambda number: number if abs(number) > 1e-30 else 0.0)
    numbers = st.integers(-9, 9).map(float) | st.integers(-64, 64).map(lambda n: n / 16) | real
    size = math.prod(shape)
    values = draw(st.lists(numbers if elements is None else elements, min_size=size, max_size=size))
    return np.array(values, dtype=np.float64).reshape(shape)


def product(pair):
    return float(pair.scale) * np.outer(pair.column, pair.row)


# --- sums --------------------------------------------------------------------------------------------------


@examples(100)
@given(kernels())
def test_sums_are_those_of_exact_fractions_rounded_once(weights):
    reading = read_kernel(weights)
    exact = [Fraction(float(weight)) for weight in weights.ravel()]
    assert reading.shape == weights.shape
    assert reading.total == float(sum(exact))
    assert reading.channel_sums == tuple(
        float(sum(Fraction(float(weight)) for weight in weights[:, :, channel].ravel()))
        for channel in range(weights.shape[2])
    )
    assert reading.mean == pytest.approx(float(sum(exact) / len(exact)), rel=1e-15, abs=0)
    assert reading.norm**2 == pytest.approx(float(sum(weight**2 for weight in exact)), rel=1e-12, abs=1e-290)
    assert (reading.smallest, reading.largest) == (weights.min(), weights.max())
    assert reading.is_zero == (not weights.any())


def test_the_norm_of_tiny_and_of_huge_weights_does_not_leave_the_doubles():
    assert read_kernel([[3e-200, 4e-200]]).norm == pytest.approx(5e-200)
    assert read_kernel([[3e200, 4e200]]).norm == pytest.approx(5e200)


@pytest.mark.parametrize("key", LIBRARY)
def test_the_total_is_what_a_flat_area_of_one_becomes(key):
    weights = LIBRARY[key].weights
    reading = read_kernel(weights)
    flat = np.ones((9, 9, reading.shape[2]), dtype=np.uint8)
    cells = conv2d(flat, weights.reshape(1, *reading.shape))
    np.testing.assert_allclose(cells, reading.total, atol=1e-6)


def test_weights_of_two_axes_are_one_slice():
    assert read_kernel([[1, 2, 3]]).shape == (1, 3, 1)
    assert not read_kernel([[1, 2, 3]]).slices_differ


def test_slices_differ_where_any_weight_does():
    same = np.repeat([[[1 / 3], [2.0]]], 3, axis=2)
    assert not read_kernel(same).slices_differ
    same[0, 1, 2] += 1e-3
    assert read_kernel(same).slices_differ


# --- symmetry ----------------------------------------------------------------------------------------------

TURNS = {
    "left_right": lambda w: w[:, ::-1],
    "top_bottom": lambda w: w[::-1],
    "half_turn": lambda w: np.rot90(w, 2),
    "diagonal": lambda w: np.swapaxes(w, 0, 1),
    "antidiagonal": lambda w: np.rot90(np.swapaxes(w, 0, 1), 2),
}


@examples(60)
@given(kernels(longest=4), st.sampled_from(sorted(TURNS)))
def test_a_kernel_plus_its_image_is_even_and_less_its_image_is_odd(weights, turn):
    image = TURNS[turn](weights)
    if image.shape != weights.shape:
        assert getattr(read_kernel(weights), turn) is Parity.NEITHER
        return
    assert getattr(read_kernel(weights + image), turn) is Parity.EVEN
    difference = weights - image
    assert getattr(read_kernel(difference), turn) is (Parity.ODD if difference.any() else Parity.EVEN)


@pytest.mark.parametrize("turn", TURNS)
def test_a_kernel_without_symmetry_is_neither(turn):
    assert getattr(read_kernel([[1, 2, 0], [0, 5, 0], [0, 4, 0]]), turn) is Parity.NEITHER


@pytest.mark.parametrize(
    ("key", "left_right", "top_bottom", "half_turn", "diagonal", "antidiagonal"),
    [
        ("sobel_x", "odd", "even", "odd", "neither", "neither"),
        ("sobel_y", "even", "odd", "odd", "neither", "neither"),
        ("gaussian", "even", "even", "even", "even", "even"),
        ("roberts_a", "neither", "neither", "odd", "even", "odd"),
        ("roberts_b", "neither", "neither", "odd", "odd", "even"),
        ("emboss", "neither", "neither", "neither", "even", "neither"),
    ],
)
def test_the_symmetries_of_known_kernels(key, left_right, top_bottom, half_turn, diagonal, antidiagonal):
    reading = read_kernel(LIBRARY[key].weights)
    found = [getattr(reading, turn).value for turn in TURNS]
    assert found == [left_right, top_bottom, half_turn, diagonal, antidiagonal]


def test_rounding_of_the_weights_breaks_no_symmetry_and_a_real_difference_does():
    assert read_kernel([[0.1 + 0.2, 0.3]]).left_right is Parity.EVEN
    assert read_kernel([[0.3001, 0.3]]).left_right is Parity.NEITHER


# --- rank --------------------------------------------------------------------------------------------------


def rank_by_elimination(matrix):
    """Count the pivots over exact fractions."""
    rows, rank = [[Fraction(float(weight)) for weight in row] for row in matrix], 0
    for col in range(len(rows[0])):
        pivot = next((row for row in range(rank, len(rows)) if rows[row][col]), None)
        if pivot is None:
            continue
        rows[rank], rows[pivot] = rows[pivot], rows[rank]
        for row in range(rank + 1, len(rows)):
            factor = rows[row][col] / rows[rank][col]
            rows[row] = [a - factor * b for a, b in zip(rows[row], rows[rank], strict=True)]
        rank += 1
    return rank


@examples(80)
@given(kernels(st.integers(-2, 2), longest=4))
def test_the_rank_of_each_slice_is_that_of_exact_elimination(weights):
    reading = read_kernel(weights)
    ranks = tuple(rank_by_elimination(weights[:, :, channel]) for channel in range(weights.shape[2]))
    assert reading.ranks == ranks
    assert [pair is not None for pair in reading.pairs] == [rank <= 1 for rank in ranks]
    assert reading.is_separable == all(rank <= 1 for rank in ranks)


vectors = st.lists(st.integers(-9, 9), min_size=1, max_size=7)


def primitive(vector):
    divisor = math.gcd(*vector)
    return [abs(weight) // divisor for weight in vector] if divisor else [0] * len(vector)


@examples(150)
@given(vectors, vectors, st.integers(1, 8), st.integers(1, 16))
def test_whole_kernels_over_a_divisor_are_taken_apart_into_whole_vectors(column, row, times, divisor):
    weights = times * np.outer(column, row) / divisor
    (pair,) = read_kernel(weights).pairs
    assert pair.is_whole
    assert pair.scale >= 0
    np.testing.assert_array_equal(np.abs(pair.column), primitive(column if any(row) else [0] * len(column)))
    np.testing.assert_array_equal(np.abs(pair.row), primitive(row if any(column) else [0] * len(row)))
    np.testing.assert_allclose(product(pair), weights, rtol=1e-14, atol=0)


reals = st.lists(st.floats(-10, 10).filter(lambda x: x == 0 or abs(x) > 1e-3), min_size=1, max_size=7)


@examples(100)
@given(reals, reals)
def test_kernels_of_any_numbers_are_taken_apart_into_vectors_of_equal_norm(column, row):
    weights = np.outer(column, row)
    reading = read_kernel(weights)
    (pair,) = reading.pairs
    np.testing.assert_allclose(product(pair), weights, rtol=0, atol=1e-11 * (np.abs(weights).max() or 1))
    if not pair.is_whole:
        assert pair.scale == 1
        assert np.linalg.norm(pair.column) == pytest.approx(np.linalg.norm(pair.row))
        assert np.linalg.norm(pair.column) ** 2 == pytest.approx(reading.norm)


@examples(100)
@given(vectors.filter(any), vectors.filter(any))
def test_the_sign_is_the_columns_then_the_rows(column, row):
    (pair,) = read_kernel(np.outer(column, row)).pairs
    first = next(weight for weight in pair.column if weight)
    decides = pair.column.sum() or pair.row.sum() or first
    assert decides > 0


@pytest.mark.parametrize(
    ("key", "column", "row", "scale"),
    [
        ("sobel_x", [1, 2, 1], [-1, 0, 1], 1),
        ("sobel_y", [-1, 0, 1], [1, 2, 1], 1),
        ("scharr_x", [3, 10, 3], [-1, 0, 1], 1),
        ("box", [1, 1, 1], [1, 1, 1], Fraction(1, 9)),
        ("gaussian5", [1, 4, 6, 4, 1], [1, 4, 6, 4, 1], Fraction(1, 256)),
    ],
)
def test_kernels_of_books_are_taken_apart_as_in_books(key, column, row, scale):
    (pair,) = read_kernel(LIBRARY[key].weights).pairs
    assert isinstance(pair, Pair)
    assert (pair.column.tolist(), pair.row.tolist(), pair.scale) == (column, row, scale)
    assert not any(np.signbit(zero) for zero in (*pair.column, *pair.row) if zero == 0)


def test_a_turned_sign_leaves_no_negative_zeros():
    (pair,) = read_kernel([[1, 0], [-3, 0], [0, 0]]).pairs
    assert (pair.column.tolist(), pair.row.tolist()) == ([-1, 3, 0], [-1, 0])
    assert not np.signbit([pair.column[2], pair.row[1]]).any()


def test_a_bell_curve_is_two_equal_bells_that_sum_to_one():
    bell = np.exp(-(np.arange(-3, 4) ** 2) / 3.1)
    bell /= bell.sum()
    (pair,) = read_kernel(np.outer(bell, bell)).pairs
    np.testing.assert_allclose(pair.column, bell, rtol=1e-12)
    np.testing.assert_allclose(pair.row, bell, rtol=1e-12)


def test_two_passes_with_the_pair_give_the_map_of_the_kernel():
    picture = np.random.default_rng(5).integers(0, 256, (9, 11)).astype(float)
    for key in ("sobel_x", "gaussian5", "prewitt_y"):
        (pair,) = read_kernel(LIBRARY[key].weights).pairs
        rows = correlate2d(picture, pair.row[np.newaxis], "valid")
        twice = correlate2d(rows, pair.column[:, np.newaxis], "valid") * float(pair.scale)
        np.testing.assert_allclose(twice, correlate2d(picture, LIBRARY[key].weights, "valid"), atol=1e-9)


def test_zeros_have_the_rank_0_and_a_pair_of_zeros():
    reading = read_kernel(np.zeros((2, 3)))
    (pair,) = reading.pairs
    assert reading.ranks == (0,)
    assert reading.is_zero
    assert (pair.column.tolist(), pair.row.tolist(), pair.scale) == ([0, 0], [0, 0, 0], 0)


# --- frequencies -------------------------------------------------------------------------------------------


@examples(60)
@given(kernels(), st.integers(7, 40))
def test_the_frequency_response_is_the_sum_of_waves_written_out(weights, size):
    found = frequency_response(weights, size)
    turns = (np.arange(size) - size // 2) / size
    down = np.exp(-2j * np.pi * np.outer(turns, np.arange(weights.shape[0])))
    along = np.exp(-2j * np.pi * np.outer(np.arange(weights.shape[1]), turns))
    written_out = np.abs(down @ weights.sum(axis=2) @ along)
    assert found.dtype == np.float64
    assert found.shape == (size, size)
    np.testing.assert_allclose(found, written_out, rtol=0, atol=1e-12 * (np.abs(weights).sum() or 1))
    assert found[size // 2, size // 2] == pytest.approx(abs(read_kernel(weights).total), rel=1e-14, abs=1e-14)


@examples(30)
@given(kernels(channels=(1,)), st.integers(-16, 15), st.integers(-16, 15), st.booleans())
def test_stripes_come_out_as_the_same_stripes_times_the_response(weights, down, along, flip):
    rows, cols = np.indices((64, 64))
    turns = 2 * np.pi * (down * rows + along * cols) / 32
    both = np.stack([np.cos(turns), np.sin(turns)], axis=2)
    maps = [conv2d(both[:, :, i : i + 1], weights[np.newaxis], flip=flip, method="direct") for i in (0, 1)]
    height = np.hypot(*maps)
    expected = frequency_response(weights, 32)[down + 16, along + 16]
    # Maps are in float32, which knows nothing smaller than its least number.
    least = float(np.finfo(np.float32).tiny)
    np.testing.assert_allclose(height, expected, rtol=0, atol=1e-5 * np.abs(weights).sum() + least)


@examples(40)
@given(kernels())
def test_the_frequency_response_does_not_depend_on_flipping(weights):
    turned = frequency_response(weights[::-1, ::-1])
    np.testing.assert_allclose(frequency_response(weights), turned, rtol=0, atol=1e-12 * np.abs(weights).sum())


def test_the_response_of_a_sum_of_zero_is_zero_and_not_nearly_so():
    for key in ("sobel_x", "laplacian8", "red_green", "blue_yellow"):
        assert frequency_response(LIBRARY[key].weights)[32, 32] == 0


# --- edges -------------------------------------------------------------------------------------------------


def big_edge(edge, size=48):
    rows, cols = np.indices((size, size)) - size // 2
    across = {Edge.RIGHT: cols, Edge.BELOW: rows, Edge.LOWER_RIGHT: rows + cols, Edge.UPPER_RIGHT: cols - rows}
    return across[edge], (across[edge] >= 0).astype(float)


@examples(60)
@given(kernels(), st.sampled_from(list(Edge)), st.booleans())
def test_an_edge_profile_is_what_a_large_picture_of_the_edge_shows(weights, edge, flip):
    profile = edge_profile(weights, edge, flip=flip)
    beyond, picture = big_edge(edge)
    laid = (weights[::-1, ::-1] if flip else weights).sum(axis=2)
    cells = correlate2d(picture, laid, "valid")
    row, col = (weights.shape[0] - 1) // 2, (weights.shape[1] - 1) // 2
    beyond = beyond[row : row + cells.shape[0], col : col + cells.shape[1]]
    assert profile.values.dtype == np.float32
    assert profile.values.shape == profile.offsets.shape == profile.picture.shape
    np.testing.assert_array_equal(np.diff(profile.offsets), 1)
    np.testing.assert_array_equal(profile.picture, profile.offsets >= 0)
    for offset, value in zip(profile.offsets, profile.values, strict=True):
        there = cells[beyond == offset]
        assert there.size
        np.testing.assert_allclose(there, value, rtol=0, atol=1e-5 * (np.abs(weights).sum() or 1))


@examples(30)
@given(kernels(), st.sampled_from(list(Edge)))
def test_a_profile_goes_from_flat_black_to_flat_white_with_two_cells_of_each(weights, edge):
    values = edge_profile(weights, edge).values
    height, width, _ = weights.shape
    cells = {Edge.RIGHT: width + 3, Edge.BELOW: height + 3}.get(edge, height + width + 2)
    assert values.shape == (cells,)
    assert values[:2].tolist() == [0, 0]
    np.testing.assert_allclose(values[-2:], weights.sum(), atol=1e-5 * (np.abs(weights).sum() or 1))


def test_sobel_on_a_vertical_edge():
    profile = edge_profile(LIBRARY["sobel_x"].weights, "right")
    assert profile.offsets.tolist() == [-3, -2, -1, 0, 1, 2]
    assert profile.picture.tolist() == [0, 0, 0, 1, 1, 1]
    assert profile.values.tolist() == [0, 0, 4, 4, 0, 0]
    assert edge_profile(LIBRARY["sobel_x"].weights, flip=True).values.tolist() == [0, 0, -4, -4, 0, 0]


# --- what is refused ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("weights", "message"),
    [
        ([1, 2, 3], "weights must have 2 axes (kh, kw), got 1 in shape (3,)"),
        (np.zeros((1, 1, 1, 1)), "weights must have 2 axes (kh, kw), got 4 in shape (1, 1, 1, 1)"),
        (np.zeros((0, 3)), "weights must not be empty, got shape (0, 3)"),
        ([[1, math.nan]], "weights must be finite, got nan at index (0, 1)"),
        ([[[1.0, -math.inf]]], "weights must be finite, got -inf at index (0, 0, 1)"),
        ([[1, 2], [3]], "weights must be an array of numbers, got [[1, 2], [3]]"),
        ([["a"]], "weights must hold integers or real floats, got <U1 (shape (1, 1))"),
        ([[1j]], "weights must hold integers or real floats, got complex128 (shape (1, 1))"),
        (None, "weights must hold integers or real floats, got object (shape ())"),
    ],
    ids=str,
)
@pytest.mark.parametrize("read", [read_kernel, frequency_response, edge_profile])
def test_what_is_no_kernel_is_refused_in_a_sentence(read, weights, message):
    with pytest.raises(ConvError) as refused:
        read(weights)
    assert str(refused.value) == message


@pytest.mark.parametrize("read", [read_kernel, frequency_response, edge_profile])
def test_sums_beyond_every_number_are_refused(read):
    with pytest.raises(ConvError, match="small enough"):
        read([[1e308, 1e308, 1e308]])


@pytest.mark.parametrize("size", [2, 0, -1, LARGEST_SPECTRUM + 1, 64.5, "64", True, None])
def test_a_size_out_of_range_is_refused(size):
    with pytest.raises(ConvError, match=r"size must be an integer"):
        frequency_response([[1, 2, 1]], size)


def test_edges_and_flips_that_are_none_are_refused():
    with pytest.raises(ConvError, match=r"edge must be one of right, below, lower right, upper right, got 'left'"):
        edge_profile([[1]], "left")
    with pytest.raises(ConvError, match="flip must be True or False, got 1"):
        edge_profile([[1]], flip=1)


def test_the_tolerance_is_far_below_what_anybody_types():
    assert ROUNDING == 1e-12
