"""A call that is made again is answered by a shorter way, and nobody can tell but by the clock."""

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import oracle
import pytest
from engine_cases import assert_maps, examples
from hypothesis import given
from hypothesis import strategies as st

from conv_engine import ConvError, compiled, conv, conv2d, repeat

RNG = np.random.default_rng(11)


@pytest.fixture(scope="module", autouse=True)
def compiled_kernel():
    assert compiled.wait(), compiled.why_not()


@pytest.fixture
def short_way(monkeypatch):
    """Return how each attempt of the short way ended."""
    ended = []
    run = repeat.Repeat.run

    def watched(self, *arrays):
        ended.append(run(self, *arrays))
        return ended[-1]

    monkeypatch.setattr(repeat.Repeat, "run", watched)
    monkeypatch.setattr(conv, "_repeats", {})
    return ended


def photo(rows=20, cols=24, channels=1):
    return RNG.integers(0, 256, (rows, cols, channels), dtype=np.uint8)


def kernels(features=1, side=3, channels=1):
    return RNG.integers(-9, 10, (features, side, side, channels)).astype(np.float64)


def repeated(image, bank, *more, **options):
    """Call until the short way is known; twice make it."""
    for _ in range(2):
        maps = conv2d(image, bank, *more, **options)
    return maps


@given(
    st.tuples(st.integers(3, 40), st.integers(3, 70)),
    st.sampled_from([1, 2, 3]),
    st.sampled_from([1, 2, 3, 4, 9]),
    st.integers(1, 3),
    st.fixed_dictionaries(
        {
            "stride": st.integers(1, 3),
            "padding": st.sampled_from(["valid", "same", "full", 0, 2]),
            "dilation": st.integers(1, 2),
            "boundary": st.sampled_from(["zeros", "replicate"]),
            "flip": st.booleans(),
        }
    ),
    st.booleans(),
    st.sampled_from([np.uint8, np.int16]),
    st.integers(0, 2**32 - 1),
)
@examples(60)
def test_the_third_call_equals_four_loops(size, channels, features, half, options, with_bias, dtype, seed):
    side = min(half, (min(size) - 1) // (2 * options["dilation"]) + 1)
    rng = np.random.default_rng(seed)
    bank = rng.normal(size=(features, side, side, channels))
    bias = rng.normal(size=features) if with_bias else None
    for _ in range(3):
        image = rng.integers(0, 256, (*size, channels)).astype(dtype)
        maps = conv2d(image, bank, bias, **options)
        assert_maps(maps, oracle.convolve(image, bank, bias, **options))


def test_the_short_way_is_taken_from_the_third_call_on(short_way):
    image, bank, bias = photo(), kernels(), np.array([3.0])
    expected = repeated(image, bank, bias)
    assert short_way == []
    out = np.full_like(expected, 7)
    assert conv2d(image, bank, bias, out=out) is out
    assert short_way == [repeat.DONE]
    np.testing.assert_array_equal(out, expected)


def test_two_kernels_in_turn_both_have_it(short_way):
    image, banks = photo(), [kernels(), kernels()]
    expected = [repeated(image, bank) for bank in banks]
    for _ in range(3):
        for bank, maps in zip(banks, expected, strict=True):
            np.testing.assert_array_equal(conv2d(image, bank), maps)
    assert short_way == [repeat.DONE] * 6


def test_each_call_without_out_gives_maps_of_its_own(short_way):
    image, bank = photo(), kernels()
    repeated(image, bank)
    one, two = conv2d(image, bank), conv2d(image, bank)
    assert not np.shares_memory(one, two)
    assert short_way == [repeat.DONE] * 2


def test_weights_and_biases_that_were_changed_in_place_count(short_way):
    image, bank, bias = photo(), kernels(), np.array([3.0])
    repeated(image, bank, bias)
    bank[0, 1, 1, 0] += 100
    assert_maps(conv2d(image, bank, bias), oracle.convolve(image, bank, bias), relative=0)
    bias[0] = -50
    assert_maps(conv2d(image, bank, bias), oracle.convolve(image, bank, bias), relative=0)
    assert short_way[0] == repeat.OTHER


@pytest.mark.parametrize(
    "change",
    [
        pytest.param(lambda image: image.astype(np.int16) - 200, id="of another type"),
        pytest.param(lambda image: image[:, ::-1], id="read backwards"),
        pytest.param(lambda image: np.asfortranarray(image), id="columns first"),
        pytest.param(lambda image: np.repeat(image, 2, axis=1)[:, ::2], id="with gaps"),
    ],
)
def test_pixels_that_lie_otherwise_in_memory_are_read_rightly(change, short_way):
    image, bank = photo(cols=20), kernels()
    repeated(image, bank)
    other = change(image)
    assert_maps(conv2d(other, bank), oracle.convolve(other, bank), relative=0)
    assert set(short_way) <= {repeat.OTHER}


def test_a_subclass_of_arrays_goes_the_long_way(short_way):
    class Named(np.ndarray):
        pass

    image, bank = photo(), kernels()
    expected = repeated(image, bank)
    np.testing.assert_array_equal(conv2d(image.view(Named), bank), expected)
    np.testing.assert_array_equal(conv2d(image, bank, out=expected.copy().view(Named)), expected)
    assert repeat.DONE not in short_way


@pytest.mark.parametrize(
    ("out", "said"),
    [
        pytest.param(lambda maps: maps.astype(np.float64), "float32", id="float64"),
        pytest.param(lambda maps: maps[1:].copy(), "shape", id="too small"),
        pytest.param(lambda maps: [[1.0]], "NumPy array", id="a list"),
    ],
)
def test_what_cannot_be_written_to_is_refused_as_before(out, said, short_way):
    image, bank = photo(22, 96), kernels()
    maps = repeated(image, bank)
    with pytest.raises(ConvError, match=said):
        conv2d(image, bank, out=out(maps))
    assert short_way == [repeat.OTHER]


def test_a_result_that_overlaps_the_image_is_refused(short_way):
    memory = np.zeros(4096, dtype=np.float32)
    image = memory[:120].view(np.uint8).reshape(20, 24, 1)
    bank = kernels()
    maps = repeated(image, bank)
    out = memory[100 : 100 + maps.size].reshape(maps.shape)
    with pytest.raises(ConvError, match="overlap"):
        conv2d(image, bank, out=out)
    assert not memory.any()
    beside = memory[120 : 120 + maps.size].reshape(maps.shape)
    assert conv2d(image, bank, out=beside) is beside
    assert short_way == [repeat.OTHER, repeat.DONE]


def test_a_result_that_is_read_only_is_refused(short_way):
    image, bank = photo(), kernels()
    out = repeated(image, bank).copy()
    out.setflags(write=False)
    with pytest.raises(ConvError, match="read-only"):
        conv2d(image, bank, out=out)
    assert short_way == [repeat.OTHER]


@pytest.mark.parametrize(
    ("name", "value"), [("stride", True), ("dilation", 1.0), ("groups", True), ("flip", 0), ("padding", False)]
)
def test_a_parameter_that_only_equals_one_that_was_right_is_refused_as_before(name, value, short_way):
    image, bank = photo(), kernels()
    right = {"stride": 1, "dilation": 1, "groups": 1, "flip": False, "padding": 0}
    repeated(image, bank, **right)
    with pytest.raises(ConvError, match=name):
        conv2d(image, bank, **{**right, name: value})
    assert short_way == []


def test_parameters_in_lists_are_taken_as_before(short_way):
    image, bank = photo(), kernels()
    expected = conv2d(image, bank, stride=2)
    for _ in range(3):
        np.testing.assert_array_equal(conv2d(image, bank, stride=[2, 2]), expected)


def test_rounding_errors_are_looked_at_here_too(short_way):
    image = np.full((20, 24, 1), 255, dtype=np.uint8)
    bank = RNG.normal(size=(1, 3, 3, 1))
    bank -= bank.mean()  # on a flat picture nothing is left but rounding errors
    for _ in range(4):
        maps = conv2d(image, bank)
        expected = oracle.convolve(image, bank)
        assert np.abs(maps - expected).max() <= 1e-5 * max(np.abs(expected).max(), 1e-30) + 1e-11
    assert short_way == [repeat.UNSURE]


def test_eight_threads_repeat_at_once_without_disturbing_each_other(short_way):
    images = [photo() for _ in range(8)]
    bank = kernels()
    expected = [oracle.convolve(image, bank) for image in images]

    def work(number):
        for _ in range(200):
            assert_maps(conv2d(images[number], bank), expected[number], relative=0)

    with ThreadPoolExecutor(8) as threads:
        list(threads.map(work, range(8)))
    assert short_way.count(repeat.DONE) > 1000


def test_where_arrays_lie_otherwise_nobody_reads_them(short_way, monkeypatch):
    repeat._is_known.cache_clear()
    monkeypatch.setattr(repeat, "_FLAGS", 0x501 ^ 0x1)  # as if the flags stood elsewhere
    image, bank = photo(), kernels()
    for _ in range(4):
        assert_maps(conv2d(image, bank), oracle.convolve(image, bank), relative=0)
    assert short_way == []
    repeat._is_known.cache_clear()


def test_no_more_calls_are_remembered_than_there_is_room_for(short_way):
    image = photo()
    banks = [kernels() for _ in range(conv._MOST_REPEATS + 10)]
    for bank in banks:
        repeated(image, bank)
    assert len(conv._repeats) == conv._MOST_REPEATS
