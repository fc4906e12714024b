"""`conv1d`: the convolution sum by every method, exact for whole numbers, within a stated bound for others."""

import math
import subprocess
import sys
from decimal import Decimal, localcontext
from pathlib import Path

import numpy as np
import pytest
import scipy.fft
import scipy.signal
from engine_cases import examples
from hypothesis import assume, given
from hypothesis import strategies as st

import conv_engine
from conv_engine import ConvError, broadcast_kernel, conv1d, conv2d
from conv_engine.conv1d import METHODS

MODES = ("full", "same", "valid")
UNIT = 2.0**-53

methods = st.sampled_from(METHODS)
modes = st.sampled_from(MODES)
whole = st.integers(-1000, 1000) | st.just(0)
whole_lists = st.lists(whole, min_size=1, max_size=12)

every_method = pytest.mark.parametrize("method", METHODS)
every_mode = pytest.mark.parametrize("mode", MODES)


def plain_loops(signal, kernel, mode="full", flip=True):
    """Convolve by the definition, in Python's integers."""
    signal, kernel = [int(value) for value in signal], [int(value) for value in kernel]
    if not flip:
        kernel.reverse()
    full = [0] * (len(signal) + len(kernel) - 1)
    for i, sample in enumerate(signal):
        for j, weight in enumerate(kernel):
            full[i + j] += sample * weight
    return part_of(full, len(signal), len(kernel), mode)


def whole_sums(signal, kernel, mode="full", flip=True):
    """Convolve long arrays of whole numbers, in NumPy's integers."""
    signal, kernel = np.asarray(signal).astype(np.int64), np.asarray(kernel).astype(np.int64)
    full = np.convolve(signal, kernel if flip else kernel[::-1])
    return part_of(full, signal.size, kernel.size, mode)


def part_of(full, samples, taps, mode):
    """Cut the part that a mode asks for out of the full result, which has `taps` − 1 values more than samples."""
    if mode == "same":
        spare = taps - 1
        return full[spare // 2 : spare // 2 + samples]
    if mode == "valid":
        partial = min(samples, taps) - 1
        return full[partial : len(full) - partial]
    return full


def assert_is(actual, expected):
    """Assert that a result is what it should be, to the last bit."""
    assert type(actual) is np.ndarray
    assert actual.dtype == np.float64
    assert actual.shape == np.shape(expected)
    np.testing.assert_array_equal(actual, np.asarray(expected, dtype=np.float64))


def assert_within(actual, expected, bound):
    """Assert that each value of a result is off by no more than the bound, a number or one for each value."""
    assert actual.dtype == np.float64
    assert actual.shape == expected.shape
    assert (np.abs(actual - expected) <= bound).all(), np.abs(actual - expected).max()


def whole_array(rng, size, largest=1000):
    return rng.integers(-largest, largest + 1, size).astype(np.float64)


# --- the sum -------------------------------------------------------------------------------------------------


@examples(400)
@given(whole_lists, whole_lists, modes, st.booleans(), methods)
def test_every_method_gives_the_sum_of_the_definition(signal, kernel, mode, flip, method):
    actual = conv1d(signal, kernel, mode=mode, flip=flip, method=method)
    assert_is(actual, plain_loops(signal, kernel, mode, flip))


@examples(200)
@given(whole_lists, whole_lists, modes, st.booleans(), methods)
def test_it_is_scipy_convolve_and_unflipped_scipy_correlate(signal, kernel, mode, flip, method):
    reference = scipy.signal.convolve if flip else scipy.signal.correlate
    expected = reference(np.array(signal, float), np.array(kernel, float), mode=mode, method="direct")
    assert_is(conv1d(signal, kernel, mode=mode, flip=flip, method=method), expected)


@examples(60)
@given(
    st.integers(1, 6000),
    st.integers(1, 400),
    st.booleans(),
    modes,
    st.booleans(),
    methods,
    st.integers(0, 2**32 - 1),
)
def test_long_arrays_of_whole_numbers_are_exact_by_every_method(samples, taps, swap, mode, flip, method, seed):
    assume(method != "naive" or samples * taps < 5000)
    rng = np.random.default_rng(seed)
    signal, kernel = whole_array(rng, samples), whole_array(rng, taps)
    if swap:
        signal, kernel = kernel, signal
    actual = conv1d(signal, kernel, mode=mode, flip=flip, method=method)
    assert_is(actual, whole_sums(signal, kernel, mode, flip))


@every_mode
@pytest.mark.parametrize("taps", [1, 2, 5, 30])
def test_transforms_of_every_length_are_long_enough(taps, mode):
    for samples in range(1, 140):
        signal, kernel = np.arange(1, samples + 1), np.arange(taps, 0, -1)
        assert_is(conv1d(signal, kernel, mode=mode, method="fft"), whole_sums(signal, kernel, mode))


@every_method
@every_mode
@pytest.mark.parametrize("samples", [1, 2, 3, 8])
@pytest.mark.parametrize("taps", [1, 2, 3, 8])
def test_the_length_is_that_of_the_mode(samples, taps, mode, method):
    lengths = {"full": samples + taps - 1, "same": samples, "valid": abs(samples - taps) + 1}
    signal, kernel = np.arange(1, samples + 1), np.arange(-taps, 0)
    actual = conv1d(signal, kernel, mode=mode, method=method)
    assert actual.dtype == np.float64
    assert actual.shape == (lengths[mode],)
    assert_is(actual, plain_loops(signal, kernel, mode))


def test_full_flipped_and_auto_are_the_defaults():
    assert_is(conv1d([1, 0, 0], [1, 2, 3]), [1, 2, 3, 0, 0])
    assert_is(conv1d([1, 0, 0], [1, 2, 3], mode="full", flip=True, method="auto"), [1, 2, 3, 0, 0])


@every_method
@pytest.mark.parametrize("flip", [True, False])
def test_it_is_conv2d_on_an_image_of_one_row(flip, method):
    signal, kernel = np.arange(9), np.array([1, 5, -2, 3])
    row = conv2d(signal.reshape(1, -1, 1), broadcast_kernel(kernel.reshape(1, -1), 1), padding="full", flip=flip)
    actual = conv1d(signal, kernel, flip=flip, method=method)
    assert actual.shape == (12,)
    assert_is(actual, row[0, :, 0])


@every_method
@pytest.mark.parametrize("dtype", ["uint8", "int16", "int64", "float32", "float64"])
def test_any_numbers_in_any_layout_are_taken_and_left_as_they_are(dtype, method):
    numbers = np.arange(40).astype(dtype)
    for signal in (numbers, numbers[::-1], numbers[::3], np.broadcast_to(numbers[5], 7)):
        before = signal.copy()
        signal.setflags(write=False)
        actual = conv1d(signal, [1], method=method)
        assert_is(actual, before)
        assert not np.shares_memory(actual, numbers)
        assert_is(conv1d(signal, signal, method=method), plain_loops(before, before))
        np.testing.assert_array_equal(signal, before)


# --- the laws of convolution ---------------------------------------------------------------------------------


@examples(100)
@given(whole_lists, whole_lists, methods)
def test_it_commutes(signal, kernel, method):
    actual = conv1d(kernel, signal, method=method)
    assert actual.shape == (len(signal) + len(kernel) - 1,)
    assert_is(actual, conv1d(signal, kernel, method=method))


@examples(100)
@given(whole_lists, whole_lists, whole_lists, methods)
def test_it_associates(signal, first, second, method):
    actual = conv1d(conv1d(signal, first, method=method), second, method=method)
    assert actual.shape == (len(signal) + len(first) + len(second) - 2,)
    assert_is(actual, conv1d(signal, conv1d(first, second, method=method), method=method))


@examples(100)
@given(
    st.lists(st.tuples(whole, whole), min_size=1, max_size=12), whole_lists, whole, modes, st.booleans(), methods
)
def test_it_is_linear(pairs, kernel, factor, mode, flip, method):
    one, other = np.array(pairs, dtype=float).T
    options = {"mode": mode, "flip": flip, "method": method}
    expected = factor * conv1d(one, kernel, **options) + conv1d(other, kernel, **options)
    assert_is(conv1d(factor * one + other, kernel, **options), expected)


@examples(100)
@given(whole_lists, st.integers(0, 9), st.booleans(), methods)
def test_a_kernel_of_a_single_one_shifts(signal, shift, flip, method):
    kernel = [0] * 10
    kernel[shift] = 1
    before = shift if flip else 9 - shift
    actual = conv1d(signal, kernel, flip=flip, method=method)
    assert_is(actual, [0] * before + signal + [0] * (9 - before))


@examples(100)
@given(whole_lists, whole_lists, modes, methods)
def test_correlation_is_convolution_with_the_reversed_kernel(signal, kernel, mode, method):
    actual = conv1d(signal, kernel, mode=mode, flip=False, method=method)
    assert_is(actual, conv1d(signal, kernel[::-1], mode=mode, method=method))


@examples(100)
@given(whole_lists, whole_lists, st.booleans(), methods)
def test_same_and_valid_are_parts_of_full(signal, kernel, flip, method):
    full = conv1d(signal, kernel, flip=flip, method=method)
    for mode in ("same", "valid"):
        part = part_of(full, len(signal), len(kernel), mode)
        assert_is(conv1d(signal, kernel, mode=mode, flip=flip, method=method), part)


# --- zeros ---------------------------------------------------------------------------------------------------


@examples(60)
@given(
    st.integers(1, 40_000),
    st.integers(1, 3000),
    st.integers(0, 3),
    st.sampled_from(["kernel", "signal"]),
    modes,
    st.booleans(),
    st.sampled_from(["auto", "direct", "fft"]),
    st.integers(0, 2**32 - 1),
)
def test_echoes_and_trains_of_spikes_are_exact(samples, taps, count, sparse, mode, flip, method, seed):
    rng = np.random.default_rng(seed)
    signal, kernel = whole_array(rng, samples), whole_array(rng, taps)
    few = kernel if sparse == "kernel" else signal
    kept = rng.integers(0, few.size, count)
    few[np.delete(np.arange(few.size), kept)] = 0
    # A sum of shifted copies, made here in another way than by any convolution.
    full = np.zeros(samples + taps - 1)
    other = signal if sparse == "kernel" else (kernel if flip else kernel[::-1])
    turned = few if flip or sparse == "signal" else few[::-1]
    for tap in np.flatnonzero(turned):
        full += turned[tap] * np.pad(other, (tap, full.size - other.size - tap))
    actual = conv1d(signal, kernel, mode=mode, flip=flip, method=method)
    assert_is(actual, part_of(full, samples, taps, mode))


@pytest.mark.parametrize("method", ["auto", "direct"])
@pytest.mark.parametrize("swap", [False, True])
@pytest.mark.parametrize(("spikes", "others"), [(500_000, 1_000_000), (1_000_000, 500_000)])
def test_only_taps_that_are_not_zero_are_multiplied(spikes, others, swap, method):
    sparse = np.zeros(spikes)
    sparse[[0, 70_001, -1]] = 4, -2, 0.25  # with all its taps this would take many minutes
    other = np.random.default_rng(1).standard_normal(others)
    expected = np.zeros(1_499_999)
    expected[:others] += 4 * other
    expected[70_001 : 70_001 + others] += -2 * other
    expected[spikes - 1 :] += 0.25 * other
    assert_is(conv1d(other, sparse, method=method) if swap else conv1d(sparse, other, method=method), expected)


@pytest.mark.parametrize("method", ["auto", "direct", "fft"])
def test_only_what_the_mode_asks_for_is_computed(method):
    rng = np.random.default_rng(2)
    signal, kernel = whole_array(rng, 1_000_002, 9), whole_array(rng, 1_000_000, 9)
    expected = [int(signal[at : at + 1_000_000] @ kernel) for at in range(3)]  # of 2 000 001, many minutes
    actual = conv1d(signal, kernel, mode="valid", flip=False, method=method)
    assert actual.shape == (3,)
    assert_is(actual, expected)


@every_method
@every_mode
def test_an_array_of_zeros_gives_zeros(mode, method):
    actual = conv1d(np.zeros(60), [0.5, 2, 0.125], mode=mode, method=method)
    assert_is(actual, np.zeros({"full": 62, "same": 60, "valid": 58}[mode]))


# --- whole numbers are exact ---------------------------------------------------------------------------------


@pytest.mark.parametrize("method", ["auto", "direct", "fft"])
@every_mode
def test_sound_of_16_bits_is_exact_through_the_transform_too(mode, method):
    rng = np.random.default_rng(3)
    signal, kernel = whole_array(rng, 20_000, 2**15 - 1), whole_array(rng, 700, 2**15 - 1)
    assert_is(conv1d(signal, kernel, mode=mode, method=method), whole_sums(signal, kernel, mode))


@pytest.mark.parametrize(("samples", "taps"), [(40, 40), (9000, 60), (3000, 2500)])
@pytest.mark.parametrize("alike", [False, True])
def test_the_transform_is_exact_where_its_bound_is_below_a_half(samples, taps, alike):
    signs = np.ones(samples) if alike else np.random.default_rng(4).choice([-1.0, 1.0], samples)
    exact, inexact = 0, 0
    for power in range(14, 24):
        signal, kernel = signs * 2.0**power, signs[:taps] * (2.0**power - 1)
        bound = 40 * math.log2(2 * (samples + taps) + 16) * UNIT * np.linalg.norm(signal) * np.linalg.norm(kernel)
        actual, expected = conv1d(signal, kernel, method="fft"), whole_sums(signal, kernel)
        if bound < 0.5:
            assert_is(actual, expected)
            exact += 1
        else:
            assert_within(actual, expected, bound)
            inexact += 1
    assert exact > 1
    assert inexact > 1


@pytest.mark.parametrize(
    ("samples", "taps", "mode"), [(9000, 8300, "full"), (20_050, 20_000, "valid"), (8300, 12_000, "same")]
)
def test_products_are_exact_with_very_long_kernels(samples, taps, mode):
    rng = np.random.default_rng(10)
    signal, kernel = whole_array(rng, samples), whole_array(rng, taps)
    actual = conv1d(signal, kernel, mode=mode, method="direct")
    if mode == "valid":
        assert_is(actual, [int(signal[at : at + taps] @ kernel[::-1]) for at in range(samples - taps + 1)])
    else:
        assert_is(actual, whole_sums(signal, kernel, mode))


@pytest.mark.parametrize("loud", [slice(None), slice(3000), slice(50_000, 51_000), slice(99_000, None)])
def test_numbers_too_large_for_the_transform_are_exact_by_products(loud):
    rng = np.random.default_rng(5)
    signal, kernel = whole_array(rng, 100_000, 1), whole_array(rng, 500, 2**21)
    signal[loud] *= 2**21
    assert np.abs(signal).max() * np.abs(kernel).sum() < 2**53
    expected = whole_sums(signal, kernel)
    assert_is(conv1d(signal, kernel), expected)
    assert_is(conv1d(signal, kernel, method="direct"), expected)
    assert (conv1d(signal, kernel, method="fft") != expected).any()  # or this test would say nothing


@pytest.mark.parametrize("method", ["auto", "direct", "fft"])
def test_where_the_signal_is_silent_a_zero_is_a_zero_without_a_sign(method):
    rng = np.random.default_rng(6)
    signal, kernel = whole_array(rng, 12_000), whole_array(rng, 1000)
    signal[3000:9000] = 0
    actual = conv1d(signal, kernel, method=method)
    assert_is(actual, whole_sums(signal, kernel))
    assert not np.signbit(actual[4000:9000]).any()


# --- other numbers are accurate ------------------------------------------------------------------------------


@examples(60)
@given(
    st.integers(1, 5000),
    st.integers(1, 300),
    st.sampled_from(["random", "constant", "alternating", "loud at first"]),
    st.sampled_from([(22, 22), (22, 0), (0, 22)]),
    modes,
    methods,
    st.integers(0, 2**32 - 1),
)
def test_errors_stay_below_their_bounds(samples, taps, kind, halvings, mode, method, seed):
    assume(method != "naive" or samples * taps < 5000)
    rng = np.random.default_rng(seed)
    shape = {
        "random": np.ones(samples),
        "constant": np.ones(samples),
        "alternating": (-1.0) ** np.arange(samples),
        "loud at first": np.maximum(2.0 ** -np.arange(samples), 2.0**-20),
    }[kind]
    spread = 2**20 if kind == "random" else 3
    # Whole numbers divided by powers of 2, so that integers tell the exact sums.
    signal = np.rint(shape * rng.integers(2**21 - spread, 2**21, samples)).astype(np.int64)
    kernel = rng.integers(-(2**20), 2**20, taps)
    scale = 2.0 ** -sum(halvings)
    exact = whole_sums(signal, kernel, mode) * scale
    magnitudes = whole_sums(np.abs(signal), np.abs(kernel), mode) * scale
    signal, kernel = (array * 2.0**-count for array, count in zip((signal, kernel), halvings, strict=True))
    actual = conv1d(signal, kernel, mode=mode, method=method)
    if method in ("naive", "direct"):
        bound = min(samples, taps) * UNIT * magnitudes
    else:
        norms = np.linalg.norm(signal) * np.linalg.norm(kernel)
        bound = 40 * math.log2(2 * (samples + taps) + 16) * UNIT * norms
        if method == "auto":
            bound = np.maximum(min(bound, 1e-6 * np.abs(exact).max()), min(samples, taps) * UNIT * magnitudes)
    assert_within(actual, exact, bound)


@examples(60)
@given(st.integers(1, 4000), st.integers(1, 4000), modes, st.booleans(), methods, st.integers(0, 2**32 - 1))
def test_it_agrees_with_scipy_on_real_numbers(samples, taps, mode, flip, method, seed):
    assume(method != "naive" or samples * taps < 5000)
    rng = np.random.default_rng(seed)
    signal, kernel = rng.standard_normal(samples), rng.standard_normal(taps)
    reference = scipy.signal.convolve if flip else scipy.signal.correlate
    expected = reference(signal, kernel, mode=mode, method="direct")
    actual = conv1d(signal, kernel, mode=mode, flip=flip, method=method)
    assert_within(actual, expected, 1e-12 * np.linalg.norm(signal) * np.linalg.norm(kernel))


@pytest.mark.parametrize(("samples", "taps"), [(300_000, 40), (300_000, 3000), (90_000, 40_000), (50_000, 90_000)])
@every_mode
def test_long_sound_agrees_with_one_transform_of_all_of_it(samples, taps, mode):
    rng = np.random.default_rng(7)
    signal, kernel = rng.standard_normal(samples), rng.standard_normal(taps)
    expected = part_of(scipy.signal.fftconvolve(signal, kernel), samples, taps, mode)
    for method in ("auto", "fft"):
        actual = conv1d(signal, kernel, mode=mode, method=method)
        assert_within(actual, expected, 1e-11 * np.abs(expected).max())


def test_auto_makes_products_where_nearly_everything_cancels():
    rng = np.random.default_rng(8)
    signal = rng.integers(-1, 2, 6000) + 2**36  # a loud hum, a whisper in it
    kernel = rng.integers(-100, 101, 500)
    kernel[0] -= kernel.sum()  # deaf to the hum
    exact = whole_sums(signal, kernel, "valid") * 2.0**-18
    signal, kernel = signal * 2.0**-10, kernel * 2.0**-8  # no whole numbers any more, products still exact
    tolerance = 1e-5 * np.abs(exact).max()
    expected = scipy.signal.convolve(signal, kernel, mode="valid", method="direct")
    assert_within(conv1d(signal, kernel, mode="valid"), expected, tolerance)
    expected = scipy.signal.correlate(signal, kernel, mode="valid", method="direct")
    assert_within(conv1d(signal, kernel, mode="valid", flip=False), expected, 1e-5 * np.abs(expected).max())
    assert_is(conv1d(signal, kernel, mode="valid"), exact)
    through_transform = conv1d(signal, kernel, mode="valid", method="fft")
    assert (np.abs(through_transform - exact) > tolerance).any()  # or this test would say nothing


def test_auto_is_direct_for_few_taps_and_the_transform_for_many():
    rng = np.random.default_rng(9)
    signal = rng.standard_normal(50_000)
    few, many = rng.standard_normal(5), rng.standard_normal(5000)
    assert_is(conv1d(signal, few), conv1d(signal, few, method="direct"))
    assert_is(conv1d(signal, many), conv1d(signal, many, method="fft"))
    assert (conv1d(signal, many) != conv1d(signal, many, method="direct")).any()


@every_method
@pytest.mark.parametrize("exponents", [(1018, -1000), (600, 380), (-500, -480), (-1060, 1000)])
def test_very_large_and_very_small_numbers_keep_their_accuracy(exponents, method):
    signal, kernel = np.arange(-20.0, 30.0), np.array([3.0, -1.0, 2.0, 5.0])
    large, small = exponents
    exact = np.array(plain_loops(signal, kernel)) * 2.0 ** (large + small)
    actual = conv1d(signal * 2.0**large, kernel * 2.0**small, method=method)
    assert_within(actual, exact, 1e-13 * np.abs(exact).max())


@pytest.mark.parametrize("length", [16, 48, 225, 1000, 4096, 65_536, 100_000, 2**17, 3 * 5**6])
def test_the_roots_of_unity_are_as_good_as_the_bound_of_the_transform_supposes(length):
    single = np.zeros(length)
    single[1] = 1
    roots = scipy.fft.rfft(single)
    for k in np.unique(np.linspace(0, length // 2, 60).astype(int)).tolist():
        cosine, sine = decimal_root(k, length)
        error = math.hypot(Decimal(float(roots[k].real)) - cosine, Decimal(float(roots[k].imag)) + sine)
        assert error < 3 * UNIT


def decimal_root(k, length):
    """Return the cosine and the sine of k turns / length to 40 digits, by Taylor's series."""
    with localcontext() as context:
        context.prec = 40
        angle = 2 * Decimal("3.141592653589793238462643383279502884197169") * k / length
        total, term = [Decimal(0), Decimal(0)], Decimal(1)
        for power in range(50):
            total[power % 2] += -term if power % 4 > 1 else term
            term *= angle / (power + 1)
        return total


# --- what it refuses, and what it leaves alone ---------------------------------------------------------------


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"method": "fast"}, "method must be one of 'auto', 'naive', 'direct', 'fft', got 'fast'"),
        ({"method": "patches"}, "method must be one of 'auto', 'naive', 'direct', 'fft', got 'patches'"),
        ({"method": "FFT"}, "method must be one of 'auto', 'naive', 'direct', 'fft', got 'FFT'"),
        ({"method": None}, "method must be one of 'auto', 'naive', 'direct', 'fft', got None"),
        ({"method": ["fft"]}, "method must be one of 'auto', 'naive', 'direct', 'fft', got ['fft']"),
        ({"mode": "half"}, "mode must be one of 'full', 'same', 'valid', got 'half'"),
        ({"flip": 1}, "flip must be True or False, got 1"),
        ({"signal": []}, "signal must not be empty, got shape (0,)"),
        ({"kernel": 3}, "kernel must have 1 axis (M,), got 0 in shape ()"),
        ({"kernel": [1, np.nan]}, "kernel must be finite, got nan at index (1,)"),
    ],
)
def test_it_says_what_it_refuses(arguments, message):
    with pytest.raises(ConvError) as error:
        conv1d(**{"signal": [1, 2, 3], "kernel": [1], **arguments})
    assert str(error.value) == message


@every_method
@pytest.mark.parametrize("size", [1, 200])
def test_every_method_refuses_a_result_that_does_not_fit(size, method):
    with pytest.raises(ConvError, match=r"^signal and kernel must be small enough for every value to fit float64"):
        conv1d(np.full(size, 1e300), np.full(size, 1e300), method=method)


def test_scipy_is_not_loaded_for_what_products_do_well():
    code = """if True:
        import sys
        import numpy as np
        from conv_engine import conv1d
        echo = np.eye(1, 5000)[0]
        for kernel in ([1, -1], np.ones(11), echo):
            conv1d(np.ones(100_000), kernel)
            conv1d(np.ones(100), kernel, method="direct")
        print("scipy" in sys.modules)
        conv1d(np.ones(100_000), np.ones(5000))
        print("scipy" in sys.modules)
    """
    root = Path(conv_engine.__file__).parents[1]
    done = subprocess.run([sys.executable, "-c", code], cwd=root, capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["False", "True"]
