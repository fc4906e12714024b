"""Every algorithm by itself: the same maps as the oracle's, whatever the layer, the machine and the threads."""

import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import oracle
import pytest
import scipy.signal
from engine_cases import Layer as Case
from engine_cases import assert_maps, examples, layers, wide_layers
from hypothesis import given
from hypothesis import strategies as st

import conv_engine
from conv_engine import (
    LIBRARY,
    METHODS,
    ConvError,
    broadcast_kernel,
    compiled,
    compiled_layer,
    conv2d,
    plan2d,
    stack,
    threads,
)
from conv_engine.factors import factors
from conv_engine.layer import Layer

ROOT = Path(conv_engine.__file__).parents[1]
RNG = np.random.default_rng(4)

CHOICES = ("auto", "direct", "numpy")
ALGORITHMS = tuple(method for method in METHODS if method not in CHOICES)
IN_DOUBLE = ("naive", "patches")
DIRECT = ("direct", "shifts", "banded", "compiled", "compiled_bytes")
FAST = tuple(method for method in ALGORITHMS if method not in IN_DOUBLE)


@pytest.fixture(scope="module", autouse=True)
def _ready():
    assert compiled.wait(), compiled.why_not()


def made(image, bank, **options):
    bank = np.asarray(bank, dtype=np.float64)
    return Layer(plan2d(image.shape, bank.shape, **options), bank, np.zeros(len(bank)))


# --- the same maps by every method -------------------------------------------------------------------------


@pytest.mark.parametrize("method", [*CHOICES, *ALGORITHMS])
@examples(150)
@given(case=layers())
def test_small_layers_of_every_kind_agree_with_the_oracle(method, case):
    expected = oracle.convolve(case.image, case.bank, case.bias, **case.options)
    assert_maps(conv2d(case.image, case.bank, case.bias, method=method, **case.options), expected)


@pytest.mark.parametrize("method", [*CHOICES, *FAST])
@examples(60)
@given(case=wide_layers())
def test_layers_that_fill_tiles_and_strips_agree_with_scipy(method, case):
    assert_maps(conv2d(case.image, case.bank, case.bias, method=method, **case.options), by_scipy(case))


def by_scipy(case: Case):
    """Return the maps of a layer by `scipy.signal.correlate`, one kernel and one group after the other."""
    plan = plan2d(case.image.shape, case.bank.shape, **case.geometry)
    padded = np.pad(
        case.image.astype(np.float64), (*plan.pads, (0, 0)), mode=oracle.PAD_MODES[case.geometry["boundary"]]
    )
    (down, right), (spread_rows, spread_cols) = plan.spec.stride, plan.spec.dilation
    bank = case.bank[:, ::-1, ::-1] if case.flip else case.bank
    features, height, width, channels = bank.shape
    spread = np.zeros((features, (height - 1) * spread_rows + 1, (width - 1) * spread_cols + 1, channels))
    spread[:, ::spread_rows, ::spread_cols] = bank
    maps = []
    for feature, kernel in enumerate(spread):
        first = feature // (features // plan.spec.groups) * channels
        seen = padded[:, :, first : first + channels]
        maps.append(scipy.signal.correlate(seen, kernel, mode="valid")[::down, ::right, 0])
    return np.stack(maps, axis=2) + (0 if case.bias is None else case.bias)


@pytest.mark.parametrize("method", DIRECT)
@examples(60)
@given(case=wide_layers(whole_numbers=True))
def test_whole_numbers_give_exact_sums_by_direct_methods(method, case):
    expected = conv2d(case.image, case.bank, case.bias, method="patches", **case.options)
    assert_maps(conv2d(case.image, case.bank, case.bias, method=method, **case.options), expected, relative=0)


@pytest.mark.parametrize("channels", [1, 2, 3, 4, 5, 16, 64])
@pytest.mark.parametrize("features", [1, 2, 3, 5, 8, 15, 16, 17, 32, 33, 48])
@pytest.mark.parametrize("stride", [1, 2, 3])
def test_any_number_of_channels_and_features_is_covered_by_blocks(channels, features, stride):
    image = RNG.integers(0, 256, (11, 70, channels), dtype=np.uint8)
    bank = RNG.integers(-9, 10, (features, 3, 2, channels))
    expected = conv2d(image, bank, stride=stride, method="patches")
    for method in ("compiled", "compiled_bytes", "banded"):
        assert_maps(conv2d(image, bank, stride=stride, method=method), expected, relative=0)


@pytest.mark.parametrize("method", FAST)
@pytest.mark.parametrize("dtype", ["u1", "i1", "u2", "i2", "i4", "u4", "i8", "f2", "f4", "f8", ">i2", ">f4"])
def test_every_type_and_layout_of_pixels_is_read(method, dtype):
    image = RNG.integers(0, 100, (3, 31, 40)).astype(dtype).transpose(1, 2, 0)  # channels first in memory
    bank = RNG.normal(size=(2, 3, 3, 3))
    assert_maps(conv2d(image, bank, method=method), conv2d(image, bank, method="patches"))
    every_second = np.repeat(image, 2, axis=1)[:, ::2]
    assert_maps(conv2d(every_second, bank, method=method), conv2d(image, bank, method="patches"))


def test_the_adjoint_of_a_layer_is_the_full_convolution_with_the_turned_bank():
    # ⟨x ⋆ w, y⟩ = ⟨x, y ∗ wᵀ⟩, for every method on both sides; with stride 2, y has zeros between its cells.
    image, bank = RNG.normal(size=(34, 41, 3)), RNG.normal(size=(4, 5, 3, 3))
    for method in ALGORITHMS:
        for stride in (1, 2):
            maps = conv2d(image, bank, stride=stride, method=method).astype(np.float64)
            cotangent = RNG.normal(size=maps.shape)
            spread = np.zeros((*(n - k + 1 for n, k in zip(image.shape, bank.shape[1:3], strict=False)), 4))
            spread[::stride, ::stride] = cotangent
            back = conv2d(spread, bank.transpose(3, 1, 2, 0), padding="full", flip=True, method=method)
            assert back.shape == image.shape
            left, right = float((maps * cotangent).sum()), float((image * back).sum())
            assert left == pytest.approx(right, rel=1e-4, abs=1e-4 * np.linalg.norm(maps))


# --- what cannot be done the fast way ----------------------------------------------------------------------


@pytest.mark.parametrize("method", FAST)
@pytest.mark.parametrize(
    ("shape", "bank_shape", "options"),
    [
        pytest.param((300, 300, 1), (1, 3, 3, 1), {"dilation": 140}, id="taps far apart"),
        pytest.param((300, 300, 1), (2, 3, 3, 1), {"stride": 90}, id="windows far apart"),
        pytest.param((2100, 2100, 1), (1, 3, 3, 1), {"dilation": 1040, "stride": 4}, id="a window of the whole"),
        pytest.param((40, 40, 64), (64, 3, 3, 1), {"groups": 64}, id="one channel a group"),
        pytest.param((5, 700, 2), (3, 1, 301, 2), {"padding": "same"}, id="a long kernel"),
        pytest.param((120, 120, 1), (1, 90, 90, 1), {"padding": "full"}, id="a large kernel"),
    ],
)
def test_unusual_layers_fall_back_honestly(method, shape, bank_shape, options):
    image = RNG.integers(0, 256, shape, dtype=np.uint8)
    bank = RNG.normal(size=bank_shape)
    assert_maps(conv2d(image, bank, method=method, **options), conv2d(image, bank, method="patches", **options))


@pytest.mark.parametrize("method", [*CHOICES, *ALGORITHMS])
def test_what_is_left_of_large_numbers_that_cancel_is_still_right(method):
    # A thousandth of ripple on a level of 1000: float32 sums would be wrong in the third digit.
    image = 1000 + 1e-3 * RNG.normal(size=(40, 50, 2))
    bank = np.array([[-1.0, 1.0]]).reshape(1, 1, 2, 1) * np.ones((3, 1, 1, 2)) / 3
    assert_maps(conv2d(image, bank, method=method), oracle.convolve(image, bank))


@pytest.mark.parametrize("method", [*CHOICES, *ALGORITHMS])
def test_whole_pixels_too_large_for_float32_sums_are_summed_in_double_precision(method):
    image = np.zeros((40, 50, 1), dtype=np.int64)
    image[20, 20:23, 0] = 2**24, 1, 1  # 2^24 + 1 has no float32
    if method not in ("separable", "fft", "compiled_separable"):
        result = conv2d(image, np.ones((1, 1, 3, 1)), method=method)
        assert result.dtype == np.float32
        assert result[20, 20, 0] == 2**24 + 2


@pytest.mark.parametrize("method", DIRECT)
def test_weights_that_cancel_on_paper_leave_an_exact_zero(method):
    # Thirds and ninths have no float: summed as such, flat areas would come out as 1e-6.
    sharpen = -np.ones((3, 3)) / 9
    sharpen[1, 1] = 8 / 9
    image = np.full((40, 60, 3), 201, dtype=np.uint8)
    result = conv2d(image, broadcast_kernel(sharpen, 3), method=method)
    assert result.dtype == np.float32
    assert result.shape == (38, 58, 1)
    assert np.count_nonzero(result) == 0


@pytest.mark.parametrize("name", sorted(LIBRARY))
def test_direct_methods_find_zero_wherever_the_double_sums_do(name):
    image = RNG.integers(0, 256, (48, 64, 3), dtype=np.uint8)
    image[:, :32] = 77
    bank = stack([LIBRARY[name]], channels=3)
    expected = conv2d(image, bank, method="patches")
    zeros = np.abs(expected) < 1e-9
    # Weights of 20 binary digits are for float64; sums in float32 are asked for by name here.
    is_short = Layer(plan2d(image.shape, bank.shape), bank, np.zeros(1)).denominator is not None
    for method in DIRECT if is_short else ("direct",):
        actual = conv2d(image, bank, method=method)
        assert_maps(actual, expected)
        assert (actual[zeros] == 0).all()


@examples(40)
@given(st.integers(15, 61), st.sampled_from([1, 3, 8]), st.booleans(), st.integers(0, 2**32 - 1))
def test_the_stated_bound_of_the_fourier_transform_holds_for_uint8(side, features, smooth, seed):
    rng = np.random.default_rng(seed)
    image = rng.integers(0, 256, (90, 100, 3), dtype=np.uint8)
    bank = rng.random((features, side, side, 3)) if smooth else rng.normal(size=(features, side, side, 3))
    exact = scipy.signal.oaconvolve(
        image.astype(np.float64)[np.newaxis], bank[:, ::-1, ::-1, ::-1], mode="valid", axes=(1, 2, 3)
    )[:, :, :, 0].transpose(1, 2, 0)
    error = np.abs(conv2d(image, bank, method="fft") - exact).max()
    # The result's own rounding to float32 comes on top.
    assert error <= made(image, bank).rounding_of_transforms(255) + np.abs(exact).max() * 2**-24


@examples(60)
@given(wide_layers())
def test_the_estimated_rounding_of_float32_sums_holds(case):
    layer = made(case.image, case.bank, **case.geometry)
    largest = float(np.abs(case.image).max())
    exact = conv2d(case.image, case.bank, method="patches", **case.geometry)
    bound = 4 * layer.rounding_of_sums(largest) + np.abs(exact).max() * 2**-23
    for method in ("shifts", "banded", "compiled"):
        assert np.abs(conv2d(case.image, case.bank, method=method, **case.geometry) - exact).max() <= bound


def test_a_flat_picture_under_a_large_box_does_not_drift():
    # Thousands of equal terms, rounded the same way each time: sums in parts keep the error small.
    image = np.full((80, 200, 3), 0.1, dtype=np.float32)
    bank = np.full((1, 41, 41, 3), 1 / 7.3)
    expected = float(image[0, 0, 0]) * 41 * 41 * 3 / 7.3
    for method in (*CHOICES, *FAST):
        result = conv2d(image, bank, method=method)
        assert result.dtype == np.float32
        np.testing.assert_allclose(result, expected, rtol=1e-5)


def test_maps_too_large_for_the_caches_are_written_whole_in_groups_of_any_size():
    for method in ("compiled", "compiled_bytes"):
        result = conv2d(np.ones((990, 990, 2), np.uint8), np.ones((36, 1, 1, 1)), groups=2, method=method)
        assert result.shape == (990, 990, 36)
        assert (result == 1).all()


@pytest.mark.parametrize("method", [*CHOICES, *ALGORITHMS])
@pytest.mark.parametrize(
    ("pixel", "weight"), [(1e-30, 1e40), (1e25, 1e-45), (1e-43, 1e35)], ids=["large weights", "tiny ones", "dark"]
)
def test_numbers_that_float32_cannot_hold_are_left_to_double_precision(method, pixel, weight):
    result = conv2d(np.full((40, 40, 1), pixel), np.full((1, 3, 3, 1), weight), method=method)
    assert result.dtype == np.float32
    np.testing.assert_allclose(result, 9 * pixel * weight, rtol=1e-5)


@pytest.mark.parametrize("method", [*CHOICES, *ALGORITHMS])
def test_a_stride_beyond_the_picture_takes_no_memory(method):
    result = conv2d(np.ones((8, 8, 3), np.uint8), np.ones((1, 3, 3, 3)), stride=(10**9, 1), method=method)
    assert result.shape == (1, 6, 1)
    assert (result == 27).all()


@pytest.mark.parametrize("method", ["auto", "separable", "compiled_separable"])
def test_factors_that_are_not_whole_are_held_to_the_tolerance_too(method):
    first, second = RNG.integers(-9, 10, (2, 2, 15))
    kernel = np.outer(first[0], second[0]) + np.outer(first[1], second[1])
    kernel[0, 0] -= kernel.sum()
    image = np.full((60, 60, 1), 250, np.uint8)
    image[30, 30] = 251
    bank = broadcast_kernel(kernel, 1)
    assert_maps(conv2d(image, bank, method=method), oracle.convolve(image, bank))


# --- factors -----------------------------------------------------------------------------------------------


@examples(100)
@given(st.integers(1, 4), st.integers(1, 6), st.integers(1, 6), st.integers(1, 3), st.integers(1, 3), st.data())
def test_factors_multiply_to_the_kernels_they_come_from(features, height, width, channels, rank, data):
    rng = np.random.default_rng(data.draw(st.integers(0, 2**32 - 1)))
    columns, rows = rng.normal(size=(features, height, rank)), rng.normal(size=(features, rank, width, channels))
    bank = np.einsum("kir,krjc->kijc", columns, rows)
    parts = factors(bank)
    assert parts is not None
    assert parts.rank <= min(rank, height, width * channels)
    rebuilt = np.einsum("kir,krjc->kijc", parts.columns, parts.rows) / parts.divisor
    np.testing.assert_allclose(rebuilt, bank, atol=1e-9)


@examples(60)
@given(st.integers(4, 9), st.integers(4, 9), st.integers(0, 2**32 - 1))
def test_the_rank_is_that_of_the_singular_values(height, width, seed):
    rng = np.random.default_rng(seed)
    bank = rng.integers(-1, 2, (1, height, width, 1)) * 1.0
    rank = int(np.linalg.matrix_rank(bank[0, :, :, 0]))
    parts = factors(bank, most=9)
    assert parts is not None
    assert parts.rank == max(rank, 1)
    assert (factors(bank, most=3) is None) == (rank > 3)


def test_one_kernel_of_high_rank_is_enough_for_none():
    bank = np.stack([np.ones((5, 5, 1)), RNG.normal(size=(5, 5, 1))])
    assert factors(bank) is None
    assert factors(bank[::-1]) is None


@pytest.mark.parametrize("name", ["gaussian", "box", "sobel_x"])
def test_whole_kernels_of_rank_one_have_whole_factors_and_exact_zeros(name):
    bank = stack([LIBRARY[name]], channels=3)
    layer = made(np.zeros((9, 9, 3)), bank)
    assert layer.factors.rank == 1
    assert layer.factors.are_whole
    image = RNG.integers(0, 256, (40, 50, 3), dtype=np.uint8)
    image[:, 25:] = 90
    expected = conv2d(image, bank, method="naive")
    for method in ("separable", "compiled_separable"):
        actual = conv2d(image, bank, method=method)
        assert_maps(actual, expected, relative=3e-7)
        assert ((actual == 0) == (expected == 0)).all()


# --- threads -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("method", FAST)
@pytest.mark.parametrize("features", [1, 3, 32])
def test_results_do_not_depend_on_the_number_of_threads(method, features, monkeypatch):
    image = RNG.integers(0, 256, (401, 333, 3), dtype=np.uint8)
    bank = RNG.normal(size=(features, 7, 5, 3))
    results = []
    for cores in (1, 2, 5):
        monkeypatch.setattr(threads, "cores", lambda cores=cores: cores)
        monkeypatch.setattr(threads, "_pool", ThreadPoolExecutor(4))
        monkeypatch.setattr(compiled_layer, "cores", lambda cores=cores: cores)
        monkeypatch.setattr(compiled_layer, "_team", None)
        results.append(conv2d(image, bank, method=method))
    assert_maps(results[1], results[0], relative=0)
    assert_maps(results[2], results[0], relative=0)


def test_eight_threads_at_once_get_what_one_gets():
    cases = [
        (RNG.integers(0, 256, (90 + 7 * n, 150, 3), dtype=np.uint8), RNG.normal(size=(1 + 5 * n, 5, 5, 3)), method)
        for n, method in enumerate([*FAST, "auto"])
    ]
    alone = [conv2d(image, bank, method=method) for image, bank, method in cases]
    start, wrong = threading.Barrier(8), []

    def session(seed):
        start.wait()
        for number in np.random.default_rng(seed).integers(0, len(cases), 25):
            image, bank, method = cases[number]
            if not np.array_equal(conv2d(image, bank, method=method), alone[number]):
                wrong.append(method)

    sessions = [threading.Thread(target=session, args=(seed,)) for seed in range(8)]
    for thread in sessions:
        thread.start()
    for thread in sessions:
        thread.join()
    assert wrong == []


def test_an_error_in_a_helping_thread_is_raised():
    def work(piece):
        if piece == 3:
            raise MemoryError("no room")

    with pytest.raises(MemoryError, match="no room"):
        threads.share(5, work)


# --- the remembered layer ----------------------------------------------------------------------------------


def test_a_bank_that_is_changed_in_place_is_not_mistaken_for_what_it_was():
    image, bank = RNG.integers(0, 256, (20, 20, 3), dtype=np.uint8), RNG.normal(size=(2, 3, 3, 3))
    bias = np.zeros(2)
    conv2d(image, bank, bias)
    bank[0, 0, 0, 0] += 1
    assert_maps(conv2d(image, bank, bias), oracle.convolve(image, bank, bias))
    bias[1] = 50
    assert_maps(conv2d(image, bank, bias), oracle.convolve(image, bank, bias))
    assert_maps(conv2d(image, bank, bias, flip=True), oracle.convolve(image, bank, bias, flip=True))


def test_what_equals_a_remembered_argument_but_is_none_is_still_refused():
    image, bank = np.zeros((9, 9, 1)), np.ones((1, 3, 3, 1))
    conv2d(image, bank, stride=1, groups=1)
    with pytest.raises(ConvError, match="stride must be an integer ≥ 1, got True"):
        conv2d(image, bank, stride=True)
    with pytest.raises(ConvError, match="flip must be True or False, got 0"):
        conv2d(image, bank, flip=0)


# --- the compiled kernel, where it can and cannot be had ---------------------------------------------------

REPORT = """
import sys, numpy as np
{before}
from conv_engine import compiled, conv2d
maps = conv2d(np.full((600, 600, 3), 3, np.uint8), np.ones((8, 3, 3, 3)))
print(bool((maps == 81).all()), compiled.wait(), "|", compiled.why_not())
"""

# Where it does not matter how fast the kernel is, its compilation is.
QUICKLY = "from conv_engine import compiled; compiled._FLAGS = (*compiled._FLAGS, '-O0')"


def in_a_new_process(before="", **environment):
    done = subprocess.run(
        [sys.executable, "-c", REPORT.format(before=before)],
        cwd=ROOT,
        env={"PATH": "/usr/bin:/bin", "HOME": str(Path.home()), **environment},
        capture_output=True,
        text=True,
        check=True,
        timeout=300,
    )
    assert done.stderr == ""
    return done.stdout.strip()


def test_it_is_made_in_the_background_while_numpy_answers(tmp_path):
    remembered = tmp_path / "remembered"

    def made():
        assert in_a_new_process(QUICKLY, ZIG_GLOBAL_CACHE_DIR=str(remembered)) == "True True |"
        return {path: path.stat().st_mtime_ns for path in remembered.glob("**/*.o")}

    first = made()
    assert len(first) == 2
    assert made() == first  # by the compiler, for the next process


def test_a_home_that_cannot_be_written_to_does_not_matter(tmp_path):
    home = tmp_path / "home"
    home.write_text("a file, in which there is no folder for what the compiler remembers")
    assert in_a_new_process(QUICKLY, HOME=str(home), XDG_CACHE_HOME=str(home)) == "True True |"


@pytest.mark.parametrize(
    ("before", "environment", "why"),
    [
        pytest.param("", {compiled.SWITCH: "0"}, "CONV_ENGINE_COMPILED is 0", id="switched off"),
        pytest.param(
            "import importlib.util; importlib.util.find_spec = lambda name: None",
            {},
            "pip install -r requirements-fast.txt",
            id="not installed",
        ),
        pytest.param(
            "from conv_engine import compiled; compiled._SOURCES = [compiled._SOURCES[0].with_name('plan.py')]",
            {},
            "the compiler said",
            id="a compiler that fails",
        ),
        pytest.param(
            QUICKLY, {"TMPDIR": "/proc", "TEMP": "/proc", "TMP": "/proc"}, "", id="a disk that is read-only"
        ),
    ],
)
def test_without_it_numpy_answers_and_the_reason_is_known(before, environment, why):
    printed = in_a_new_process(before, **environment)
    if why:
        assert printed.startswith("True False | the compiled kernel could not be made")
        assert why in printed
    else:
        assert printed.startswith("True ")


def test_asking_for_it_by_name_where_it_is_missing_is_refused_with_the_reason(monkeypatch):
    monkeypatch.setattr(compiled, "_library", None)
    monkeypatch.setattr(compiled, "_reason", "it was taken away for this test")
    compiled.kernel.cache_clear()
    with pytest.raises(ConvError, match="there is no compiled kernel: it was taken away"):
        conv2d(np.zeros((8, 8, 1)), RNG.normal(size=(1, 3, 3, 1)), method="compiled")
    compiled.kernel.cache_clear()
