"""The calculator, held against windows counted one by one, for every small case there is."""

import math
from functools import cache
from itertools import product

import oracle
import pytest
from engine_cases import examples
from hypothesis import given
from hypothesis import strategies as st

from conv_engine import PADDINGS, ConvError, plan2d
from conv_engine.sizes import Setting, fitting_sizes, nearest_sizes, plan_axis, settings_for

NUMBERS = list(product(range(5), repeat=2))
SHAPES = list(product(range(1, 13), range(1, 6), range(1, 5), range(1, 4)))
"""All n ≤ 12, k ≤ 5, s ≤ 4, d ≤ 3."""


@cache
def counted(padded, kernel, stride, dilation):
    return oracle.count_windows(padded, kernel, stride, dilation)


@cache
def padded_by(padding, size, kernel, stride, dilation):
    return oracle.pads_of_axis(padding, size, kernel, stride, dilation)


def unused_of(size, kernel, stride, dilation, before, count):
    last_seen = (count - 1) * stride + (kernel - 1) * dilation - before
    return min(max(size - 1 - last_seen, 0), size)


# --- forwards ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("padding", [*PADDINGS, *NUMBERS], ids=str)
def test_every_small_case_has_the_windows_that_are_counted(padding):
    for size, kernel, stride, dilation in SHAPES:
        case = (size, kernel, stride, dilation)
        before, after = padded_by(padding, *case)
        count = counted(before + size + after, kernel, stride, dilation)
        # The rows are the case; the columns are the case with its padding the other way round.
        pads = padding if isinstance(padding, str) else (padding, padding[::-1])
        options = {"stride": stride, "padding": pads, "dilation": dilation}
        if count == 0:
            with pytest.raises(ConvError, match=f"at most {before + size + after} rows"):
                plan2d((size, size, 1), (1, kernel, kernel, 1), **options)
            with pytest.raises(ConvError, match=f"at most {before + size + after} pixels"):
                plan_axis(size, kernel, stride=stride, padding=padding, dilation=dilation)
            continue
        plan = plan2d((size, size, 1), (1, kernel, kernel, 1), **options)
        turned = (before, after) if isinstance(padding, str) else (after, before)
        assert plan.output_shape == (count, count, 1), case
        assert plan.pads == ((before, after), turned), case
        assert plan.unused == (
            unused_of(*case, before, count),
            unused_of(*case, turned[0], count),
        ), case
        assert plan_axis(size, kernel, stride=stride, padding=padding, dilation=dilation) == plan.row_axis, case


def test_an_integer_pads_both_sides():
    assert plan_axis(9, 3, padding=2) == plan_axis(9, 3, padding=(2, 2))


# --- backwards ---------------------------------------------------------------------------------------------


def settings_by_trying(size):
    """Give every setting in the limits of the exhaustive test, by the size that it gives."""
    found = {}
    for kernel, stride, dilation in product(range(1, 6), range(1, 5), range(1, 4)):
        if kernel == 1 and dilation > 1:
            continue
        named = {name: padded_by(name, size, kernel, stride, dilation) for name in PADDINGS}
        paddings = {(amount, amount) for amount in range(4)} | {pads for pads in named.values() if max(pads) <= 3}
        for padding in paddings:
            count = counted(size + sum(padding), kernel, stride, dilation)
            names = tuple(name for name in PADDINGS if named[name] == padding)
            unused = unused_of(size, kernel, stride, dilation, padding[0], count)
            found.setdefault(count, set()).add(Setting(kernel, stride, dilation, padding, names, unused))
    return found


@pytest.mark.parametrize("size", range(1, 13))
def test_backwards_finds_exactly_the_settings_that_trying_finds(size):
    by_trying = settings_by_trying(size)
    for wanted in range(1, 22):
        found = settings_for(size, wanted, most_kernel=5, most_stride=4, most_padding=3, most_dilation=3)
        assert len(set(found)) == len(found)
        assert set(found) == by_trying.get(wanted, set()), wanted
        assert found == sorted(found, key=lambda one: (one.kernel, one.dilation, one.stride, sum(one.padding)))


@examples(150)
@given(st.integers(1, 4000), st.integers(1, 4000))
def test_forwards_undoes_backwards_for_large_sizes_too(size, wanted):
    for found in settings_for(size, wanted, most_kernel=9, most_stride=5, most_padding=8, most_dilation=2):
        axis = plan_axis(size, found.kernel, stride=found.stride, padding=found.padding, dilation=found.dilation)
        assert (axis.out, axis.unused) == (wanted, found.unused)
        for name in found.names:
            assert (
                plan_axis(size, found.kernel, stride=found.stride, padding=name, dilation=found.dilation) == axis
            )


def test_what_cannot_be_had_gives_no_settings():
    assert settings_for(5, 100) == []
    assert settings_for(10**9, 1) == []


@pytest.mark.parametrize("size", range(1, 13))
def test_the_nearest_sizes_are_those_that_trying_finds(size):
    there = {count for count in settings_by_trying(size) if count}
    for wanted in range(1, 30):
        below, above = nearest_sizes(size, wanted, most_kernel=5, most_stride=4, most_padding=3, most_dilation=3)
        assert below == max((count for count in there if count <= wanted), default=None)
        assert above == min((count for count in there if count >= wanted), default=None)


@pytest.mark.parametrize("kernel", [2, 3, 4])
def test_of_one_kernel_too_the_nearest_sizes_are_those_with_a_setting(kernel):
    # There the odd pixel of “same” makes sizes that no even padding makes.
    limits = {
        "least_kernel": kernel,
        "most_kernel": kernel,
        "most_padding": 1,
        "most_stride": 3,
        "most_dilation": 1,
    }
    for size in range(1, 13):
        there = [wanted for wanted in range(1, 20) if settings_for(size, wanted, **limits)]
        for wanted in range(1, 20):
            below, above = nearest_sizes(size, wanted, **limits)
            assert below == max((count for count in there if count <= wanted), default=None)
            assert above == min((count for count in there if count >= wanted), default=None)


@examples(100)
@given(
    st.integers(1, 12),
    st.integers(1, 5),
    st.integers(1, 4),
    st.integers(1, 3),
    st.integers(0, 4),
)
def test_the_size_is_that_of_the_formula_in_pytorch_s_reference(size, kernel, stride, dilation, padding):
    # torch.nn.Conv2d, section "Shape", term by term, with floating-point division as it stands there.
    formula = math.floor((size + 2 * padding - dilation * (kernel - 1) - 1) / stride + 1)
    if size + 2 * padding < dilation * (kernel - 1) + 1:
        return  # PyTorch refuses it as well
    assert plan_axis(size, kernel, stride=stride, padding=padding, dilation=dilation).out == formula


def test_the_odd_pixel_of_same_is_offered_beside_the_even_padding():
    found = settings_for(224, 112, least_kernel=7, most_kernel=7, most_dilation=1)
    assert [(one.stride, one.padding, one.names) for one in found] == [(2, (2, 3), ("same",)), (2, (3, 3), ())]


# --- sizes that fit ----------------------------------------------------------------------------------------


def test_sizes_that_fit_are_the_nearest_whose_last_window_ends_with_the_axis():
    for (size, kernel, stride, dilation), (before, after) in product(SHAPES[::7], NUMBERS):
        options = {"stride": stride, "padding": (before, after), "dilation": dilation}
        span = (kernel - 1) * dilation + 1
        if span > size + before + after:
            continue
        below, above = fitting_sizes(plan_axis(size, kernel, **options))
        ends = {n for n in range(1, size + 5) if (n + before + after - span) % stride == 0}
        assert below == max((n for n in ends if n <= size), default=None)
        assert above == min(n for n in ends if n >= size)
        assert plan_axis(above, kernel, **options).unused == 0


# --- bad input ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"size": 0}, "size must be an integer ≥ 1, got 0"),
        ({"kernel": 2.5}, "kernel must be an integer ≥ 1, got 2.5"),
        ({"stride": True}, "stride must be an integer ≥ 1, got True"),
        ({"dilation": "2"}, "dilation must be an integer ≥ 1, got '2'"),
        ({"padding": "half"}, "padding must be one of 'valid', 'same', 'full', .* got 'half'"),
        ({"padding": (1, 2, 3)}, r"padding must be one of .* or \(before, after\), got \(1, 2, 3\)"),
        ({"padding": (0, -1)}, "padding must be an integer ≥ 0, got -1"),
        ({"padding": None}, "padding must be an integer ≥ 0, got None"),
        ({"kernel": 5, "dilation": 3}, r"span at most 9 pixels, got 13 \(kernel size 5, dilation 3\)"),
    ],
    ids=str,
)
def test_an_axis_that_cannot_be_is_refused_with_a_sentence(change, message):
    arguments = {"size": 9, "kernel": 3, **change}
    with pytest.raises(ConvError, match=message):
        plan_axis(arguments.pop("size"), arguments.pop("kernel"), **arguments)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"size": -3}, "size must be an integer ≥ 1, got -3"),
        ({"wanted": 0}, "wanted must be an integer ≥ 1, got 0"),
        ({"most_kernel": 33}, "most_kernel must be an integer from 1 to 32, got 33"),
        ({"least_kernel": 8}, "least_kernel must be an integer from 1 to 7, got 8"),
        ({"most_stride": 0}, "most_stride must be an integer from 1 to 32, got 0"),
        ({"most_padding": -1}, "most_padding must be an integer from 0 to 32, got -1"),
        ({"most_dilation": 1e9}, "most_dilation must be an integer from 1 to 32, got 1000000000.0"),
    ],
    ids=str,
)
def test_a_search_that_cannot_be_is_refused_with_a_sentence(change, message):
    arguments = {"size": 9, "wanted": 3, **change}
    with pytest.raises(ConvError, match=message):
        settings_for(arguments.pop("size"), arguments.pop("wanted"), **arguments)
