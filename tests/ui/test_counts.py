"""What a layer costs: against counting one by one."""

import re

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from conv_engine import ConvError, plan2d
from ui.counts import layer_counts

small = st.integers(1, 5)


def counted(image, bank, output, plan):
    """Walk over all windows of the padded image, and count every product and every sum."""
    (top, bottom), (left, right) = plan.pads
    rows, cols, _ = image
    multiplications = additions = 0
    for _ in range(output[2]):
        for row in range(0, rows + top + bottom - bank[1] + 1, plan.spec.stride[0]):
            for col in range(0, cols + left + right - bank[2] + 1, plan.spec.stride[1]):
                window = np.ones((rows + top + bottom, cols + left + right, bank[3]))
                products = window[row : row + bank[1], col : col + bank[2]].size
                multiplications += products
                additions += products - 1 + 1
    return multiplications, additions


@settings(deadline=None, database=None, max_examples=60)
@given(
    image=st.tuples(small, small, st.integers(1, 3)),
    kernel=st.tuples(st.integers(1, 3), st.integers(1, 3)),
    features=st.integers(1, 4),
    stride=st.integers(1, 3),
    padding=st.sampled_from(["same", "full"]),
)
def test_the_counts_are_those_of_counting_padding_included(image, kernel, features, stride, padding):
    bank = (features, *kernel, image[2])
    plan = plan2d(image, bank, stride=stride, padding=padding)
    counts = layer_counts(image, bank, plan.output_shape)
    assert (counts.multiplications, counts.additions) == counted(image, bank, plan.output_shape, plan)
    weights, biases = np.zeros(bank, np.float32), np.zeros(features, np.float32)
    assert counts.parameters == weights.size + biases.size
    assert counts.parameter_bytes == weights.nbytes + biases.nbytes
    assert counts.image_bytes == np.zeros(image, np.float32).nbytes
    assert counts.map_bytes == np.zeros(plan.output_shape, np.float32).nbytes


@settings(deadline=None, database=None)
@given(
    image=st.tuples(st.integers(1, 6000), st.integers(1, 6000), st.sampled_from([1, 2, 3, 16])),
    bank=st.tuples(st.integers(1, 16), st.integers(1, 15), st.integers(1, 15)),
)
def test_each_formula_gives_what_stands_behind_it(image, bank):
    output = (image[0], image[1], bank[0])
    counts = layer_counts(image, (*bank, image[2]), output)
    values = dict(counts.formulas)
    for title, count in {
        "Parameters": counts.parameters,
        "Multiplications": counts.multiplications,
        "Additions": counts.additions,
        "Image": counts.image_bytes,
        "Weights and biases": counts.parameter_bytes,
        "Feature maps": counts.map_bytes,
    }.items():
        letters, numbers, result = values.pop(title).split(" = ")
        plain = numbers.replace(",", "").replace("·", "*").replace("−", "-")
        assert re.fullmatch(r"[0-9()*+ -]+", plain)
        assert eval(plain) == count
        assert result.split(" bytes")[0] == f"{count:,}"
        named = {"K": bank[0], "kh": bank[1], "kw": bank[2], "C": image[2], "H": image[0], "W": image[1]}
        named |= {"oh": output[0], "ow": output[1], "parameters": counts.parameters}
        assert eval(letters.replace("·", "*").replace("−", "-"), named) == count
    assert not values


def test_a_layer_as_a_lecture_has_it():
    assert layer_counts((64, 64, 3), (8, 3, 3, 3), (62, 62, 8)).formulas == (
        ("Parameters", "K · (kh · kw · C + 1) = 8 · (3 · 3 · 3 + 1) = 224"),
        ("Multiplications", "oh · ow · K · kh · kw · C = 62 · 62 · 8 · 3 · 3 · 3 = 830,304"),
        ("Additions", "oh · ow · K · (kh · kw · C − 1 + 1) = 62 · 62 · 8 · (3 · 3 · 3 − 1 + 1) = 830,304"),
        ("Image", "4 · H · W · C = 4 · 64 · 64 · 3 = 49,152 bytes"),
        ("Weights and biases", "4 · parameters = 4 · 224 = 896 bytes"),
        ("Feature maps", "4 · oh · ow · K = 4 · 62 · 62 · 8 = 123,008 bytes"),
    )


def test_large_numbers_are_exact_and_bytes_are_told_in_megabytes_too():
    sizes = tuple(np.int32(n) for n in (2160, 3840, 3)), (np.int32(16), 15, 15, 3), (2160, 3840, np.int32(16))
    counts = layer_counts(*sizes)
    assert counts.multiplications == 2160 * 3840 * 16 * 15 * 15 * 3
    assert counts.formulas[3][1].endswith("= 99,532,800 bytes (about 99.5 MB)")


def test_in_groups_a_kernel_has_a_part_of_the_channels():
    counts = layer_counts((8, 8, 4), (4, 3, 3, 2), (6, 6, 4))
    assert counts.formulas[0][1] == "K · (kh · kw · (C / groups) + 1) = 4 · (3 · 3 · 2 + 1) = 76"


@pytest.mark.parametrize(
    ("shapes", "sentence"),
    [
        (((8, 8), (1, 3, 3, 3), (6, 6, 1)), r"image_shape must be \(H, W, C\), 3 integers .* got \(8, 8\)"),
        (((8, 8, 3), (1, 3, 3, 0), (6, 6, 1)), r"bank_shape must be \(K, kh, kw, C\), 4 .* got \(1, 3, 3, 0\)"),
        (((8, 8, 3), (1, 3, 3, 3), (6, 6.5, 1)), r"output_shape .* got \(6, 6.5, 1\)"),
        (((8, 8, 3), (1, 3, 3, 3), (6, True, 1)), r"output_shape .* got \(6, True, 1\)"),
        (((8, 8, 3), (1, 3, 3, 2), (6, 6, 1)), "bank_shape must end with C = 3, .* got 2"),
        (((8, 8, 3), (2, 3, 3, 3), (6, 6, 1)), "output_shape must end with K = 2, .* got 1"),
    ],
)
def test_shapes_that_are_not_of_one_layer_are_refused(shapes, sentence):
    with pytest.raises(ConvError, match=sentence):
        layer_counts(*shapes)
