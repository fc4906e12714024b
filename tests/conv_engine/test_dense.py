"""The convolution as a matrix: the same maps, few weights, each in its place."""

import numpy as np
import oracle
import pytest
import scipy.linalg
from engine_cases import examples, layers
from hypothesis import given
from slopes import assert_doubles

from conv_engine import ConvError, conv2d, plan2d
from conv_engine.dense import toeplitz_matrix
from conv_engine.gradients import conv2d_gradients


def plan_of(layer):
    return plan2d(layer.image.shape, layer.bank.shape, **layer.geometry)


def multiplied(matrix, image, shape):
    return (matrix @ image.ravel().astype(np.float64)).reshape(shape)


@examples(120)
@given(layers(largest=6))
def test_multiplying_by_the_matrix_is_the_convolution(layer):
    plan = plan_of(layer)
    matrix = toeplitz_matrix(plan, layer.bank, flip=layer.flip)
    assert matrix.dtype == np.float64
    assert matrix.shape == (np.prod(plan.output_shape), layer.image.size)
    expected = oracle.convolve(layer.image, layer.bank, **layer.options)
    assert_doubles(multiplied(matrix, layer.image, plan.output_shape), expected)


@examples(60)
@given(layers(whole_numbers=True, largest=6))
def test_whole_numbers_give_the_very_maps_of_conv2d(layer):
    plan = plan_of(layer)
    maps = multiplied(toeplitz_matrix(plan, layer.bank, flip=layer.flip), layer.image, plan.output_shape)
    np.testing.assert_array_equal(maps.astype(np.float32), conv2d(layer.image, layer.bank, **layer.options))


@examples(60)
@given(layers(largest=5))
def test_its_transpose_is_the_way_back_to_the_image(layer):
    plan = plan_of(layer)
    upstream = np.random.default_rng(2).normal(size=plan.output_shape)
    matrix = toeplitz_matrix(plan, layer.bank, flip=layer.flip)
    back = conv2d_gradients(layer.image, layer.bank, upstream, **layer.options).image
    assert_doubles((matrix.T @ upstream.ravel()).reshape(back.shape), back, relative=1e-6)


@examples(60)
@given(layers(largest=6))
def test_it_stores_one_number_for_each_pixel_that_a_cell_looks_at(layer):
    plan = plan_of(layer)
    matrix = toeplitz_matrix(plan, np.zeros(layer.bank.shape))  # weights of 0 are connections, too
    features, per_group = plan.bank_shape[0], plan.bank_shape[3]
    for row in range(plan.output_shape[0]):
        for col in range(plan.output_shape[1]):
            window = plan.window(row, col)
            seen = {
                (r, c) for r in window.row_sources for c in window.col_sources if r is not None and c is not None
            }
            first = (row * plan.output_shape[1] + col) * features
            stored = np.diff(matrix.indptr)[first : first + features]
            assert stored.tolist() == [len(seen) * per_group] * features


def test_a_bank_that_counts_tells_which_weight_stands_where():
    plan, bank = plan2d((6, 7, 2), (3, 2, 3, 2), padding=1), np.arange(1.0, 37).reshape(3, 2, 3, 2)
    matrix = toeplitz_matrix(plan, bank).toarray()
    assert set(np.unique(matrix)) == {0.0, *range(1, 37)}
    # A weight is used once for each window that lies over the image there: shared by all of them.
    inner = plan2d((6, 7, 2), (3, 2, 3, 2))
    values, counts = np.unique(toeplitz_matrix(inner, bank).toarray(), return_counts=True)
    cells = inner.output_shape[0] * inner.output_shape[1]
    assert dict(zip(values[1:].tolist(), counts[1:].tolist(), strict=True)) == dict.fromkeys(range(1, 37), cells)


def test_one_channel_and_one_feature_make_a_doubly_block_toeplitz_matrix():
    """Built here from Toeplitz blocks by SciPy: block (i, j) is that of kernel row j − i."""
    kernel, (height, width) = np.array([[1, 2, 3], [4, 5, 6]]), (5, 6)
    blocks = []
    for weights in kernel:
        first_row = np.r_[weights, np.zeros(width - 3)]
        blocks.append(scipy.linalg.toeplitz(np.r_[weights[0], np.zeros(width - 3)], first_row))
    nothing = np.zeros_like(blocks[0])
    rows = [[blocks[j - i] if 0 <= j - i < 2 else nothing for j in range(height)] for i in range(height - 1)]
    matrix = toeplitz_matrix(plan2d((5, 6, 1), (1, 2, 3, 1)), kernel[np.newaxis, :, :, np.newaxis])
    assert_doubles(matrix.toarray(), np.block(rows), relative=0)


def test_a_kernel_as_large_as_the_image_is_a_fully_connected_layer():
    bank = np.random.default_rng(3).normal(size=(7, 4, 5, 3))
    matrix = toeplitz_matrix(plan2d((4, 5, 3), bank.shape), bank)
    assert matrix.nnz == matrix.shape[0] * matrix.shape[1]
    assert_doubles(matrix.toarray(), bank.reshape(7, -1), relative=0)


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (
            lambda: toeplitz_matrix(plan2d((4, 4, 1), (1, 3, 3, 1)), np.ones((1, 3, 2, 1))),
            "bank must have shape (K, kh, kw, C / groups) = (1, 3, 3, 1), as planned, got (1, 3, 2, 1)",
        ),
        (
            lambda: toeplitz_matrix(plan2d((4, 4, 1), (1, 3, 3, 1)), np.ones((3, 3))),
            "bank must have 4 axes (K, kh, kw, C / groups), got 2 in shape (3, 3); broadcast_kernel(kernel2d, "
            "channels) makes a bank of a (kh, kw) kernel",
        ),
        (
            lambda: toeplitz_matrix(plan2d((1000, 1002, 3), (1, 3, 3, 3)), np.ones((1, 3, 3, 3))),
            "plan must be small enough for its matrix to hold at most 10000000 numbers, got 26946000 "
            "(998000 windows, 27 weights)",
        ),
    ],
)
def test_what_is_wrong_is_said(call, said):
    with pytest.raises(ConvError) as error:
        call()
    assert str(error.value) == said
