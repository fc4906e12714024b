"""A convolution beside a fully connected layer, and as a matrix: against counting, four loops and SciPy."""

import math

import numpy as np
import pytest
import scipy.signal
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from conv_engine import ConvError, ConvSpec, plan2d
from ui.sharing import (
    LARGEST_MAP,
    SIDES,
    SMALL_SIDES,
    SmallMatrix,
    beside,
    bytes_words,
    curve,
    entries_sentence,
    memory_sentence,
    proof_sentence,
    scaled_shape,
    small_matrix,
    small_picture,
    small_plan,
    times_words,
    weights_sentence,
)
from ui.sharing_figure import growth_figure
from ui.toeplitz_view import pack_matrix

SAME = plan2d((64, 64, 3), (8, 3, 3, 3), padding="same")


def made(side: int = 6, spec: ConvSpec | None = None, bias: float = 0.0) -> SmallMatrix:
    kernel = np.array([[-1.0, 0, 1], [-2, 0, 2], [-1, 0, 1]])
    plan, _ = small_plan(side, (3, 3), spec or ConvSpec.of())
    return small_matrix(np.arange(side * side).reshape(side, side) % 251, kernel, bias, plan)


# Counts


def test_both_layers_are_counted_weight_by_weight() -> None:
    plan = plan2d((5, 4, 2), (3, 2, 2, 2))
    found = beside(plan)
    # 4 × 3 cells of 3 features, from 5 · 4 · 2 inputs.
    assert found.output_shape == (4, 3, 3)
    assert found.parameters == sum(2 * 2 * 2 + 1 for _ in range(3))
    assert found.multiplications == sum(2 * 2 * 2 for _ in range(4 * 3 * 3))
    assert found.dense_multiplications == sum(5 * 4 * 2 for _ in range(4 * 3 * 3))
    assert found.dense_parameters == found.dense_multiplications + 4 * 3 * 3


def test_the_sentences_hold_the_numbers_of_the_layer() -> None:
    own = beside(SAME)
    assert own.dense_parameters == 64 * 64 * 8 * (64 * 64 * 3 + 1)
    assert weights_sentence(own) == (
        "At 64 × 64 × 3 and 8 features: **224** weights and biases against **402,685,952**; "
        "about 1,797,705 times as many."
    )
    assert "take 1.61 GB, the convolution's 896 bytes" in memory_sentence(own)


def test_the_curve_has_every_size_and_the_own_one_with_the_same_weights_everywhere() -> None:
    plan = plan2d((50, 100, 3), (2, 3, 3, 3), stride=2)
    points = curve(plan)
    assert [point.side for point in points] == sorted({*SIDES, 100})
    assert beside(plan) in points
    assert {point.parameters for point in points} == {2 * (27 + 1)}
    for point in points:
        assert point.image_shape == scaled_shape((50, 100, 3), point.side)
        assert point.dense_multiplications == math.prod(point.image_shape) * math.prod(point.output_shape)


def test_a_picture_keeps_its_form_to_the_nearest_pixel() -> None:
    assert scaled_shape((1, 3, 2), 8) == (3, 8, 2)  # 8 / 3 = 2.67
    assert scaled_shape((300, 2, 1), 64) == (64, 1, 1)


def test_a_picture_that_is_too_small_for_the_kernel_is_left_out() -> None:
    points = curve(plan2d((64, 64, 1), (1, 15, 15, 1)))
    assert [point.side for point in points] == [side for side in SIDES if side >= 15]


@pytest.mark.parametrize(
    ("count", "words"),
    [
        (0, "0 bytes"),
        (1, "1 byte"),
        (999, "999 bytes"),
        (1000, "1 kB"),
        (999_999, "1 MB"),
        (1_610_743_808, "1.61 GB"),
        (5 * 10**19, "50,000 PB"),
    ],
)
def test_bytes_are_written_for_people(count: int, words: str) -> None:
    assert bytes_words(count) == words


@pytest.mark.parametrize(
    ("many", "few", "words"),
    [
        (7, 7, "just as many"),
        (400, 2, "200 times as many"),
        (5, 2, "about 2.5 times as many"),
        (10**15 + 1, 10, "about 100,000,000,000,000 times as many"),
    ],
)
def test_ratios_are_written_for_people(many: int, few: int, words: str) -> None:
    assert times_words(many, few) == words


@pytest.mark.parametrize("counted", ["parameters", "multiplications"])
def test_the_figure_holds_the_counts_and_marks_the_own(counted: str) -> None:
    points, own = curve(SAME), beside(SAME)
    dense, plain, marks = growth_figure(points, own, counted, dark=False).data
    assert list(plain.x) == [point.side for point in points]
    assert list(plain.y) == [getattr(point, counted) for point in points]
    assert list(dense.y) == [getattr(point, f"dense_{counted}") for point in points]
    assert list(marks.x) == [64, 64]
    assert set(marks.y) == {getattr(own, counted), getattr(own, f"dense_{counted}")}


# The small picture


@given(st.integers(10, 40), st.integers(10, 40), st.sampled_from(SMALL_SIDES), st.integers(0, 255))
@settings(max_examples=20, deadline=None)
def test_a_flat_picture_stays_flat(rows: int, cols: int, side: int, level: int) -> None:
    small = small_picture(np.full((rows, cols), level, dtype=np.uint8), side)
    assert small.dtype == np.uint8
    assert small.shape == (side, side)
    assert (small == level).all()


def test_a_pixel_is_the_mean_of_its_area_in_the_middle_square() -> None:
    grey = np.random.default_rng(3).integers(0, 256, (12, 20), dtype=np.uint8)
    blocks = grey[:, 4:16].astype(float).reshape(4, 3, 4, 3).mean(axis=(1, 3))
    np.testing.assert_array_equal(small_picture(grey, 4), np.floor(blocks + 0.5))


# The matrix

specs = st.builds(
    lambda stride, padding, dilation: ConvSpec.of(stride=stride, padding=padding, dilation=dilation),
    st.tuples(st.integers(1, 3), st.integers(1, 3)),
    st.sampled_from(["valid", "same", "full", 0, 1, (2, 0), ((0, 2), (1, 0)), 64]),
    st.integers(1, 3),
)


@given(st.sampled_from(SMALL_SIDES), st.integers(1, 5), st.integers(1, 5), specs, st.integers(-9, 9), st.data())
@settings(max_examples=60, deadline=None)
def test_the_matrix_times_the_picture_is_the_map(
    side: int, kernel_rows: int, kernel_cols: int, spec: ConvSpec, bias: int, data: st.DataObject
) -> None:
    image = data.draw(arrays(np.uint8, (side, side)))
    kernel = data.draw(arrays(np.int8, (kernel_rows, kernel_cols), elements=st.integers(-9, 9)))
    plan, notes = small_plan(side, (kernel_rows, kernel_cols), spec)
    assert max(plan.output_shape[:2]) <= LARGEST_MAP
    matrix = small_matrix(image, kernel, bias, plan)
    # SciPy's, of the padded picture and the spread kernel.
    (down, across), (row_step, col_step) = plan.spec.dilation, plan.spec.stride
    spread = np.zeros(((kernel_rows - 1) * down + 1, (kernel_cols - 1) * across + 1))
    spread[::down, ::across] = kernel
    padded = np.pad(image.astype(float), plan.pads)
    expected = scipy.signal.correlate(padded, spread, "valid", "direct")[::row_step, ::col_step] + bias
    np.testing.assert_array_equal(matrix.product, expected)
    assert matrix.difference == 0
    assert bool(notes) == (plan.spec != spec)


def test_the_stored_entries_are_the_windows_weight_by_weight() -> None:
    matrix = made(5, ConvSpec.of(stride=2, padding=1))
    at = 0
    for row in range(3):
        for col in range(3):
            assert matrix.starts[row * 3 + col] == at
            for i in range(3):
                for j in range(3):
                    pixel = (row * 2 - 1 + i, col * 2 - 1 + j)
                    if min(pixel) >= 0 and max(pixel) < 5:
                        assert matrix.columns[at] == pixel[0] * 5 + pixel[1]
                        assert matrix.taps[at] == i * 3 + j
                        at += 1
    assert matrix.starts[-1] == at == len(matrix.taps)


def test_the_matrix_is_counted_entry_by_entry() -> None:
    matrix = made(6)
    found = [value for line in matrix.dense.tolist() for value in line]
    assert len(found) == matrix.entries == 16 * 36
    assert sum(value != 0 for value in found) == matrix.not_zero == 16 * 6
    assert len({value for value in found if value}) == matrix.different == 4
    assert entries_sentence(matrix).startswith("**576 entries, 96 not zero, 4 different numbers** besides 0.")


def test_the_proof_says_the_difference_that_there_is() -> None:
    assert proof_sentence(made(6, ConvSpec.of(padding="same"))) == (
        "The matrix times the picture equals the map of `conv2d`: the largest difference of all 36 cells is **0**."
    )
    assert "plus the bias" in proof_sentence(made(bias=2.0))
    wrong = made()
    wrong.product[2, 1] += 3
    assert wrong.difference == 3
    assert "picture differs from the map" in proof_sentence(wrong)
    assert proof_sentence(wrong).endswith("is **3**.")
    wrong.product[2, 1] += 1e-5 - 3
    assert "equals, but for the rounding of float32, the map" in proof_sentence(wrong)


def test_what_is_not_as_in_the_experiment_is_said() -> None:
    assert small_plan(6, (3, 3), ConvSpec.of(stride=2))[1] == ()
    reflect = ConvSpec.of(padding=1, boundary="reflect")
    plan, notes = small_plan(6, (3, 3), reflect)
    assert plan.spec.boundary == "zeros"
    assert "holds zeros here" in notes[0]
    # Without padding nothing is other than in the experiment.
    assert small_plan(6, (3, 3), ConvSpec.of(boundary="reflect"))[1] == ()
    assert "a map of 132 × 132" in small_plan(6, (3, 3), ConvSpec.of(padding=64))[1][0]
    plan, notes = small_plan(4, (3, 3), ConvSpec.of(dilation=2))
    assert plan.output_shape == (4, 4, 1)
    assert "does not fit on 4 × 4 pixels" in notes[0]
    assert "no dilation" in notes[0]


def test_what_does_not_belong_to_the_plan_is_refused() -> None:
    plan, _ = small_plan(4, (3, 3), ConvSpec.of())
    with pytest.raises(ConvError, match=r"planned shapes \(4, 4\) and \(3, 3\).*got \(5, 5\)"):
        small_matrix(np.zeros((5, 5)), np.zeros((3, 3)), 0, plan)
    circular = plan2d((4, 4, 1), (1, 3, 3, 1), padding=1, boundary="circular")
    with pytest.raises(ConvError, match='must have the boundary "zeros", got "circular"'):
        small_matrix(np.zeros((4, 4)), np.zeros((3, 3)), 0, circular)


def test_the_message_carries_the_numbers_unrounded() -> None:
    plan, _ = small_plan(4, (3, 3), ConvSpec.of())
    kernel = np.full((3, 3), 1 / 9)
    sent = pack_matrix(small_matrix(np.eye(4), kernel, 0.1, plan), "box", 255)
    assert kernel.astype("<f8").tobytes() in sent
    assert b'"bias": 0.1' in sent
