import tracemalloc

import numpy as np
import oracle
import pytest
import scipy.signal
from engine_cases import assert_maps, examples, layers
from hypothesis import given
from hypothesis import strategies as st

from conv_engine import BOUNDARIES, LIBRARY, METHODS, broadcast_kernel, conv2d, plan2d, stack

RNG = np.random.default_rng(20)


# --- against independent implementations -----------------------------------------------------------------


@examples(600)
@given(layers())
def test_any_layer_agrees_with_the_four_loop_oracle(layer):
    expected = oracle.convolve(layer.image, layer.bank, layer.bias, **layer.options)
    assert_maps(conv2d(layer.image, layer.bank, layer.bias, **layer.options), expected)


@examples(300)
@given(layers(whole_numbers=True), st.sampled_from(["auto", "patches", "naive"]))
def test_whole_numbers_give_exact_sums_by_every_method(layer, method):
    expected = oracle.convolve(layer.image, layer.bank, layer.bias, **layer.options)
    actual = conv2d(layer.image, layer.bank, layer.bias, method=method, **layer.options)
    assert_maps(actual, expected.astype(np.float32), relative=0)


@examples(120)
@given(layers(largest=5))
def test_the_naive_method_agrees_with_the_oracle(layer):
    expected = oracle.convolve(layer.image, layer.bank, layer.bias, **layer.options)
    assert_maps(conv2d(layer.image, layer.bank, layer.bias, method="naive", **layer.options), expected)


@pytest.mark.parametrize("dtype", ["uint8", "float32", "float64"])
@pytest.mark.parametrize("kernel", [(1, 1), (2, 2), (3, 3), (4, 1), (1, 5), (7, 6), (20, 23)])
@pytest.mark.parametrize("padding", ["valid", "full"])
def test_agrees_with_scipy_correlate(dtype, kernel, padding):
    image = (RNG.random((20, 23, 3)) * 255).astype(dtype)
    bank = RNG.normal(size=(4, *kernel, 3))
    margin = [(0, 0) if padding == "valid" else (k - 1, k - 1) for k in kernel]
    padded = np.pad(image.astype(np.float64), [*margin, (0, 0)])
    expected = np.concatenate([scipy.signal.correlate(padded, one, mode="valid") for one in bank], axis=2)
    assert_maps(conv2d(image, bank, padding=padding), expected)


@pytest.mark.parametrize(("mode", "padding"), [("valid", "valid"), ("same", "same"), ("full", "full")])
def test_flipped_it_agrees_with_scipy_convolve(mode, padding):
    image, kernel = RNG.normal(size=(12, 15)), RNG.normal(size=(5, 3))
    expected = scipy.signal.convolve(image, kernel, mode=mode)[:, :, np.newaxis]
    actual = conv2d(image[:, :, np.newaxis], broadcast_kernel(kernel, 1), padding=padding, flip=True)
    assert_maps(actual, expected)


# --- tiles -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("shape", "bank_shape", "geometry"),
    [
        pytest.param((9, 40_000, 3), (2, 3, 3, 3), {}, id="rows too wide for one tile"),
        pytest.param((300, 300, 2), (3, 3, 3, 2), {"padding": "same"}, id="many tiles of rows"),
        pytest.param(
            (300, 301, 2), (3, 2, 3, 1), {"stride": (5, 4), "groups": 1}, id="strides wider than the kernel"
        ),
        pytest.param((260, 280, 1), (1, 3, 3, 1), {"dilation": (90, 70), "padding": 50}, id="wide dilation"),
        pytest.param((150, 160, 3), (1, 150, 120, 3), {"padding": (1, 0)}, id="a kernel in several parts"),
        pytest.param((3, 3, 300_000), (1, 2, 2, 300_000), {}, id="more channels than fit a tile"),
        pytest.param((40, 40, 64), (64, 3, 3, 1), {"groups": 64, "padding": 1}, id="one channel a group"),
        pytest.param((70, 70, 1), (2000, 1, 1, 1), {}, id="more features than pixels in a tile"),
    ],
)
@pytest.mark.parametrize("boundary", ["zeros", "reflect"])
@pytest.mark.parametrize("method", ["patches", "direct"])
def test_results_do_not_show_where_tiles_meet(shape, bank_shape, geometry, boundary, method):
    image = RNG.integers(0, 256, shape, dtype=np.uint8)
    channels = shape[2] // geometry.get("groups", 1)
    bank = RNG.integers(-9, 10, (*bank_shape[:3], channels))
    plan = plan2d(image.shape, bank.shape, boundary=boundary, **geometry)
    modes = oracle.PAD_MODES[boundary]
    padded = np.pad(image.astype(np.float64), (*plan.pads, (0, 0)), mode=modes)
    span = [d * (k - 1) + 1 for d, k in zip(plan.spec.dilation, bank.shape[1:3], strict=True)]
    steps = plan.spec.stride
    windows = np.lib.stride_tricks.sliding_window_view(padded, span, axis=(0, 1))
    windows = windows[:: steps[0], :: steps[1], :, :: plan.spec.dilation[0], :: plan.spec.dilation[1]]
    cells = [(0, 0), (-1, -1), *RNG.integers(0, windows.shape[:2], (40, 2)).tolist()]
    actual = conv2d(image, bank, boundary=boundary, method=method, **geometry)
    assert actual.dtype == np.float32
    assert actual.shape == (*windows.shape[:2], bank.shape[0])
    for row, col in cells:
        patch = windows[row, col].transpose(1, 2, 0).reshape(1, *bank.shape[1:3], plan.spec.groups, channels)
        grouped = bank.reshape(plan.spec.groups, -1, *bank.shape[1:]).astype(np.float64)
        expected = np.einsum("bijgc,gfijc->gf", patch, grouped).ravel()
        np.testing.assert_array_equal(actual[row, col], expected.astype(np.float32))


@pytest.mark.parametrize(
    ("shape", "bank_shape", "options", "limit"),
    [  # in MiB above image and result
        pytest.param((1080, 1920, 3), (8, 3, 3, 3), {"padding": "same"}, 64, id="full HD, promised: 512"),
        pytest.param((2048, 2048, 1), (1, 3, 3, 1), {"dilation": 1000}, 16, id="taps far apart"),
        pytest.param((2048, 2048, 1), (1, 3, 3, 1), {"stride": 400}, 16, id="windows far apart"),
        pytest.param((600, 600, 3), (1, 600, 600, 3), {"padding": (0, 1)}, 32, id="kernel and image alike"),
    ],
)
def test_working_memory_stays_small(shape, bank_shape, options, limit):
    image = RNG.integers(0, 256, shape, dtype=np.uint8)
    bank = RNG.normal(size=bank_shape)
    plan = plan2d(shape, bank_shape, **options)
    tracemalloc.start()
    try:
        result = conv2d(image, bank, **options)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert result.dtype == np.float32
    assert result.shape == plan.output_shape
    assert peak - result.nbytes < limit * 2**20


def test_an_image_of_4096_by_4096_works():
    image = np.zeros((4096, 4096, 1), dtype=np.uint8)
    image[4095, 4095] = 3
    result = conv2d(image, [[[[1], [2]], [[3], [4]]]])
    assert result.dtype == np.float32
    assert result.shape == (4095, 4095, 1)
    assert result[-1, -1, 0] == 12
    assert np.count_nonzero(result) == 1


# --- laws ------------------------------------------------------------------------------------------------


@examples(120)
@given(layers(whole_numbers=True), st.integers(-5, 5), st.integers(-5, 5))
def test_it_is_linear_in_the_image(layer, a, b):
    one = layer.image.astype(np.int64)
    other = one[::-1, :, ::-1]
    mixed = conv2d(a * one + b * other, layer.bank, **layer.options)
    separate = [conv2d(image, layer.bank, **layer.options).astype(np.float64) for image in (one, other)]
    assert_maps(mixed, a * separate[0] + b * separate[1], relative=0)


@examples(120)
@given(layers(whole_numbers=True), st.integers(-5, 5), st.integers(-5, 5))
def test_it_is_linear_in_the_bank(layer, a, b):
    other = layer.bank[:, ::-1, :, ::-1] + 1
    mixed = conv2d(layer.image, a * layer.bank + b * other, **layer.options)
    separate = [conv2d(layer.image, bank, **layer.options).astype(np.float64) for bank in (layer.bank, other)]
    assert_maps(mixed, a * separate[0] + b * separate[1], relative=0)


@examples(120)
@given(layers(whole_numbers=True), st.integers(0, 6), st.integers(0, 6))
def test_a_shifted_image_gives_a_shifted_result_at_stride_1(layer, rows, cols):
    options = {**layer.options, "stride": 1, "padding": "same", "boundary": "circular"}
    shifted = conv2d(np.roll(layer.image, (rows, cols), (0, 1)), layer.bank, **options)
    expected = np.roll(conv2d(layer.image, layer.bank, **options), (rows, cols), (0, 1))
    assert_maps(shifted, expected, relative=0)


@examples(120)
@given(layers(whole_numbers=True))
def test_the_bias_is_added_to_every_cell_of_its_feature(layer):
    bias = np.arange(layer.bank.shape[0]) - 1
    actual = conv2d(layer.image, layer.bank, bias, **layer.options)
    assert_maps(actual, conv2d(layer.image, layer.bank, **layer.options) + bias.astype(np.float32), relative=0)


@examples(120)
@given(layers(whole_numbers=True))
def test_flip_is_correlation_with_the_turned_kernel(layer):
    turned = layer.bank[:, ::-1, ::-1, :]
    flipped = conv2d(layer.image, layer.bank, layer.bias, flip=True, **layer.geometry)
    assert_maps(flipped, conv2d(layer.image, turned, layer.bias, **layer.geometry), relative=0)


@examples(120)
@given(layers(whole_numbers=True))
def test_groups_are_layers_side_by_side(layer):
    groups = layer.geometry["groups"]
    alone = {**layer.options, "groups": 1}
    parts = [
        conv2d(channels, kernels, **alone)
        for channels, kernels in zip(
            np.split(layer.image, groups, axis=2), np.split(layer.bank, groups, axis=0), strict=True
        )
    ]
    assert_maps(conv2d(layer.image, layer.bank, **layer.options), np.concatenate(parts, axis=2), relative=0)


@examples(40)
@given(layers(whole_numbers=True), st.sampled_from(BOUNDARIES))
def test_the_identity_kernel_gives_the_image_back(layer, boundary):
    channel = layer.image[:, :, :1]
    actual = conv2d(channel, stack([LIBRARY["identity"]], 1), padding="same", boundary=boundary)
    assert_maps(actual, channel.astype(np.float32), relative=0)


def test_two_true_convolutions_are_one_with_the_kernels_convolved():
    image, first, second = (RNG.integers(-9, 10, (n, n)) for n in (8, 3, 2))
    together = scipy.signal.convolve(first, second)
    options = {"padding": "full", "flip": True}
    inner = conv2d(image[:, :, np.newaxis], broadcast_kernel(first, 1), **options)
    twice = conv2d(inner, broadcast_kernel(second, 1), **options)
    assert_maps(twice, conv2d(image[:, :, np.newaxis], broadcast_kernel(together, 1), **options), relative=0)


# --- numbers, types and memory ---------------------------------------------------------------------------


def test_sums_are_kept_in_double_precision_and_rounded_once():
    # 2^24 + 1 has no float32; the two ones would be lost one by one, and together make a 2 that counts.
    result = conv2d(np.array([[[2**24], [1], [1]]]), np.ones((1, 1, 3, 1)))
    assert result.dtype == np.float32
    assert result.shape == (1, 1, 1)
    assert result[0, 0, 0] == 2**24 + 2


@pytest.mark.parametrize(
    "dtype",
    ["uint8", "int8", "uint16", "int16", "int32", "int64", "uint64", "float16", "float32", "float64", ">f4"],
)
def test_every_real_type_of_number_is_taken_as_it_is(dtype):
    image = np.arange(12).reshape(3, 4, 1).astype(dtype)
    result = conv2d(image, np.ones((1, 2, 2, 1), dtype=dtype), np.array([1], dtype=dtype))
    assert_maps(result, oracle.convolve(image, np.ones((1, 2, 2, 1)), [1]), relative=0)


def test_inputs_are_left_as_they_were():
    image, bank, bias = RNG.normal(size=(5, 6, 2)), RNG.normal(size=(3, 2, 3, 2)), RNG.normal(size=3)
    copies = [array.copy() for array in (image, bank, bias)]
    result = conv2d(image, bank, bias, padding="same", flip=True)
    assert result.dtype == np.float32
    assert result.shape == (5, 6, 3)
    for before, after in zip(copies, (image, bank, bias), strict=True):
        np.testing.assert_array_equal(after, before)


def test_read_only_inputs_and_lists_are_taken():
    image = np.arange(6.0).reshape(2, 3, 1)
    image.setflags(write=False)
    assert_maps(conv2d(image, [[[[1]]]], [0.5]), image + 0.5)


@pytest.mark.parametrize("method", METHODS)
def test_out_is_filled_and_returned(method):
    image, bank = RNG.integers(0, 9, (6, 7, 2)), RNG.integers(0, 9, (3, 3, 3, 2))
    out = np.full((4, 5, 6), np.nan, dtype=np.float32)[:, :, ::2]  # a view will do
    assert conv2d(image, bank, out=out, method=method) is out
    assert_maps(out, oracle.convolve(image, bank))
