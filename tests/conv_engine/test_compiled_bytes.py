"""The convolution of bytes in whole numbers: digits, tiles and strips, with the processor's unit and without."""

import dataclasses
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from engine_cases import assert_maps, examples, wide_layers
from hypothesis import given
from hypothesis import strategies as st

import conv_engine
from conv_engine import choose, compiled, compiled_bytes, conv2d, plan2d
from conv_engine.costs import NO_END
from conv_engine.layer import Layer

ROOT = Path(conv_engine.__file__).parents[1]
BYTES = np.dtype("u1")


@pytest.fixture(scope="module", autouse=True)
def _ready():
    assert compiled.wait(), compiled.why_not()


def made(shape, bank, **options):
    bank = np.asarray(bank, dtype=np.float64)
    return Layer(plan2d(shape, bank.shape, **options), bank, np.zeros(len(bank)))


def photo(*shape, seed=0):
    return np.random.default_rng(seed).integers(0, 256, shape, dtype=np.uint8)


# --- what comes out ----------------------------------------------------------------------------------------


@examples(150)
@given(case=wide_layers(dtypes=("uint8",)))
def test_bytes_in_whole_numbers_are_as_exact_as_their_weights(case):
    layer = made(case.image.shape, case.bank, **case.geometry)
    exact = conv2d(case.image, case.bank, method="patches", **case.geometry)
    # What is cut from the weights, then some roundings of what comes out.
    bound = compiled_bytes.rounding_of_digits(layer, 255) + np.abs(exact).max() * 2**-22
    found = conv2d(case.image, case.bank, method="compiled_bytes", **case.geometry)
    assert np.abs(found - exact).max() <= bound
    biased = conv2d(case.image, case.bank, case.bias, method="compiled_bytes", **case.options)
    assert_maps(biased, conv2d(case.image, case.bank, case.bias, method="patches", **case.options), relative=1e-6)


@examples(100)
@given(case=wide_layers(whole_numbers=True, dtypes=("uint8",)), largest=st.sampled_from([9, 127, 128, 900]))
def test_whole_weights_of_any_number_of_digits_give_exact_sums(case, largest):
    bank = np.rint(case.bank * (largest / 9))
    expected = conv2d(case.image, bank, case.bias, method="patches", **case.options)
    assert_maps(conv2d(case.image, bank, case.bias, method="compiled_bytes", **case.options), expected, relative=0)


@pytest.mark.parametrize("weight", [1, -127, 127, 128, -128, 32639, 32640, -32896, 65793, -65793])
def test_a_weight_is_put_together_from_its_digits(weight):
    image = photo(20, 30, 1)
    expected = np.float32(weight) * image[:, :, 0].astype(np.float32)
    np.testing.assert_array_equal(
        conv2d(image, np.full((1, 1, 1, 1), float(weight)), method="compiled_bytes")[:, :, 0], expected
    )


@pytest.mark.parametrize("divisor", [3, 9, 10, 273])
def test_fractions_are_divided_once_and_rounded_correctly(divisor):
    image = photo(40, 50, 3)
    sums = conv2d(image, np.ones((1, 5, 5, 3)), method="patches").astype(np.float64)
    found = conv2d(image, np.full((1, 5, 5, 3), 1 / divisor), method="compiled_bytes")
    np.testing.assert_array_equal(found, (sums / divisor).astype(np.float32))


@pytest.mark.parametrize("size", [(31, 31), (1, 64), (64, 1), (45, 7)])
@pytest.mark.parametrize("features", [1, 3, 16, 40])
@pytest.mark.parametrize("rows", [5, 16, 33, 71])
def test_large_kernels_are_summed_in_pieces_of_lines_and_pairs_of_tiles(size, features, rows):
    image = photo(size[0] + rows - 1, size[1] + 20, 3)
    bank = np.random.default_rng(1).normal(size=(features, *size, 3))
    assert_maps(conv2d(image, bank, method="compiled_bytes"), conv2d(image, bank, method="patches"), relative=1e-6)


def test_a_picture_wider_than_a_strip_is_cut_into_columns():
    image, bank = photo(40, 40_000, 3), np.random.default_rng(1).normal(size=(2, 15, 5, 3))
    layer = made(image.shape, bank)
    strip = compiled_bytes._Strip.of(layer, 1, False)
    assert strip.cols < layer.plan.output_shape[1]
    assert_maps(conv2d(image, bank, method="compiled_bytes"), conv2d(image, bank, method="patches"), relative=1e-6)


def test_what_surrounds_the_result_in_memory_is_left_alone():
    for features in (1, 3, 5, 16, 17):
        image, bank = photo(35, 37, 3), np.random.default_rng(1).normal(size=(features, 3, 3, 3))
        memory = np.full(33 * 35 * features + 64, -1.0, dtype=np.float32)
        out = memory[32:-32].reshape(33, 35, features)
        conv2d(image, bank, method="compiled_bytes", out=out)
        assert (memory[:32] == -1).all()
        assert (memory[-32:] == -1).all()
        assert_maps(out, conv2d(image, bank, method="patches"))


# --- when it is chosen -------------------------------------------------------------------------------------


def test_only_a_processor_with_the_unit_is_given_it_to_choose(monkeypatch):
    layer, found = made((200, 200, 3), np.random.default_rng(1).normal(size=(8, 7, 7, 3))), []
    for has_unit in (True, False):
        kernel = dataclasses.replace(compiled.kernel(), has_unit=has_unit)  # true or not: only the plan is made
        monkeypatch.setattr(compiled_bytes, "kernel", lambda kernel=kernel: kernel)
        found.append(choose.choose(layer, BYTES, 255, "auto"))
        assert (compiled_bytes.bytes_work(layer) is NO_END) != has_unit
    assert found == ["compiled_bytes", "compiled"]


def test_where_the_system_refuses_the_unit_nothing_is_given_to_it(monkeypatch):
    kernel = dataclasses.replace(compiled.kernel(), has_unit=False, takes_bytes=False)
    monkeypatch.setattr(compiled_bytes, "kernel", lambda: kernel)
    image, bank = photo(30, 40, 3), np.random.default_rng(1).normal(size=(2, 3, 3, 3))
    assert compiled_bytes.compiled_bytes(made(image.shape, bank)) is None
    assert_maps(conv2d(image, bank, method="compiled_bytes"), conv2d(image, bank, method="patches"))


@pytest.mark.parametrize("dtype", ["i1", "u2", "f4"])
def test_pixels_that_are_no_bytes_are_never_given_to_it(dtype):
    layer = made((200, 200, 3), np.random.default_rng(1).normal(size=(8, 7, 7, 3)))
    for wish in ("auto", "direct", "compiled_bytes"):
        assert choose.choose(layer, np.dtype(dtype), 1, wish) != "compiled_bytes"


def test_sums_that_might_not_fit_the_unit_are_left_to_others():
    bank = np.random.default_rng(1).normal(size=(1, 150, 150, 3))  # 67,500 taps; 65,793 fit
    layer = made((180, 180, 3), bank)
    assert compiled_bytes.bytes_work(layer) is NO_END
    assert compiled_bytes.compiled_bytes(layer) is None
    white = np.full((180, 180, 3), 255, dtype=np.uint8)
    assert_maps(conv2d(white, bank, method="compiled_bytes"), conv2d(white, bank, method="patches"))


# --- without the unit --------------------------------------------------------------------------------------

WITHOUT = """
import platform
import numpy as np
from conv_engine import compiled, conv2d
if platform.machine() in ("x86_64", "AMD64"):  # others have none
    compiled._FLAGS = (*compiled._FLAGS, "-mno-amx-int8")
assert compiled.wait(), compiled.why_not()
assert not compiled.kernel().has_unit
rng = np.random.default_rng(0)
for shape, bank, options in [
    ((40, 30, 3), (2, 5, 5, 3), {}),
    ((40, 30, 3), (20, 3, 3, 3), {"stride": 2, "padding": "same"}),
    ((60, 50, 1), (1, 31, 31, 1), {"boundary": "reflect", "padding": 3}),
    ((9, 7, 4), (6, 3, 3, 2), {"groups": 2}),
]:
    image = rng.integers(0, 256, shape, dtype=np.uint8)
    weights = rng.normal(size=bank)
    for kernels in (weights, np.rint(9 * weights), np.rint(300 * weights)):
        found = conv2d(image, kernels, method="compiled_bytes", **options)
        expected = conv2d(image, kernels, method="patches", **options)
        print(float(np.abs(found - expected).max() / np.abs(expected).max()))
"""


def test_loops_stand_in_for_a_unit_that_is_missing():
    done = subprocess.run(
        [sys.executable, "-c", WITHOUT], cwd=ROOT, capture_output=True, text=True, check=False, timeout=300
    )
    assert done.stderr == ""
    errors = [float(line) for line in done.stdout.split()]
    assert len(errors) == 12
    assert max(errors) <= 1e-6
    assert max(errors[1::3] + errors[2::3]) == 0  # whole weights
