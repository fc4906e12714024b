"""Sentences about sizes: every number in them is counted here, window by window."""

import re
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conv_engine import ConvError, plan2d
from ui.size_words import leftover_sentences, odd_one_sentences, size_sentence, size_sentences

SIZES = st.tuples(st.integers(1, 14), st.integers(1, 14))


@st.composite
def plans(draw, boundaries=("zeros",)):
    """A plan of any small layer; its kernel may just fit."""
    image, kernel = draw(SIZES), draw(st.tuples(st.integers(1, 5), st.integers(1, 5)))
    pads = st.tuples(st.integers(0, 3), st.integers(0, 3))
    padding = draw(st.one_of(st.sampled_from(["valid", "same", "full"]), st.tuples(pads, pads)))
    options = {
        "stride": draw(st.tuples(st.integers(1, 6), st.integers(1, 6))),
        "dilation": draw(st.tuples(st.integers(1, 3), st.integers(1, 3))),
        "padding": padding,
        "boundary": draw(st.sampled_from(boundaries)),
    }
    try:
        return plan2d((*image, 1), (1, *kernel, 1), **options)
    except ConvError:
        return plan2d((*image, 1), (1, *kernel, 1), **{**options, "padding": "full"})


def axes(plan):
    return ((plan.row_axis, "row", "top"), (plan.col_axis, "column", "left"))


def starts(size, before, after, effective, stride):
    """Where the windows begin, found by sliding until one no longer fits."""
    found, start = [], -before
    while start + effective <= size + after:
        found.append(start)
        start += stride
    return found


def starts_of(axis):
    return starts(axis.size, axis.before, axis.after, axis.effective, axis.stride)


def read_by(axis):
    return {start + tap * axis.dilation for start in starts_of(axis) for tap in range(axis.kernel)}


def test_64_pixels_with_stride_2_and_same_give_32():
    assert size_sentences(plan2d((64, 64, 3), (1, 3, 3, 3), stride=2, padding="same")) == [
        "A 64 × 64 picture with stride 2 and “same” gives 32 × 32 cells.",
        "Along rows and columns alike: with “same”, every 2nd of the 64 pixels gets a window, and 64 / 2 = 32.",
    ]


@given(plans())
def test_the_first_sentence_has_the_sizes_of_a_count(plan):
    out = [len(starts_of(axis)) for axis, _, _ in axes(plan)]
    first, *reasons = size_sentences(plan)
    assert first.startswith(f"A {plan.image_shape[0]} × {plan.image_shape[1]} picture with stride ")
    assert first.endswith(f"gives {out[0]} × {out[1]} cell{'' if out == [1, 1] else 's'}.")
    assert len(reasons) == (1 if plan.row_axis == plan.col_axis else 2)


@given(plans())
def test_the_reason_is_right(plan):
    name = plan.spec.padding if isinstance(plan.spec.padding, str) else ""
    for axis, what, _ in axes(plan):
        sentence = size_sentence(axis, what, name)
        found = starts_of(axis)
        if name == "same":
            assert sentence.startswith("with “same”, ")
            # As many windows as pixels that are multiples of the stride.
            count = len(range(0, axis.size, axis.stride))
            assert re.search(rf"\b{count}\.$", sentence)
            assert count == len(found)
            continue
        assert re.search(rf"first window takes (all )?{axis.effective}\b", sentence)
        assert re.search(rf" (is|are) {len(found)} windows?\.$", sentence)
        rest = axis.size + axis.before + axis.after - axis.effective
        if rest:
            over = rest - found[-1] - axis.before
            assert f"the other {rest} have room for {len(found) - 1} step" in sentence
            assert (f"and {over} left over" in sentence) is bool(over)


@pytest.mark.parametrize(
    ("size", "stride", "share"),
    [
        (64, 2, "64 / 2 = 32."),
        (50, 4, "50 / 4 = 12.5, rounded up to 13."),
        (64, 3, "64 / 3 = 21 and 1/3, rounded up to 22."),
    ],
)
def test_a_quotient_is_written_exactly(size, stride, share):
    axis = plan2d((size, size, 1), (1, 3, 3, 1), stride=stride, padding="same").row_axis
    assert size_sentence(axis, padding="same").endswith(share)


@given(plans())
def test_lopsided_padding_is_told_and_only_that(plan):
    sentences = odd_one_sentences(plan)
    lopsided = [(axis, what) for axis, what, _ in axes(plan) if axis.before != axis.after]
    told = [sentence for sentence in sentences if "lopsided" in sentence]
    assert len(told) == len(lopsided)
    assert bool(sentences) is bool(lopsided)
    for (axis, what), sentence in zip(lopsided, told, strict=True):
        assert re.fullmatch(
            rf"The padding of the {what}s is lopsided: {axis.before} at the \w+ and {axis.after} at the \w+\.",
            sentence,
        )
        if plan.spec.padding == "same":
            assert axis.after == axis.before + 1


@given(plans())
def test_what_even_padding_would_do_is_right(plan):
    for axis, what, start in axes(plan):
        if axis.before == axis.after:
            continue
        (sentence,) = [one for one in odd_one_sentences(plan) if f"for the {what}s in PyTorch" in one]
        even = int(re.search(r"padding=(\d+)", sentence)[1])
        here, there = starts_of(axis), starts(axis.size, even, even, axis.effective, axis.stride)
        assert even == max(axis.before, axis.after)
        assert f"there are {len(there)} {what}s of cells" in sentence
        assert ("as well" in sentence) is (len(here) == len(there))
        if "at the same places" in sentence:
            assert there[: len(here)] == here
            assert ("all of them" in sentence) is (there == here)
        elif "cut off" in sentence:
            drop = int((re.search(r"the first (\d+)", sentence) or ["", 1])[1])
            assert there[drop:] == here
        else:
            shift = int(re.search(r"each window lies (\d+)", sentence)[1])
            assert f"nearer to the {start}" in sentence
            assert [at + shift for at in there[: len(here)]] == here[: len(there)]
            assert all(there[drop:] != here for drop in range(len(there)))


def test_the_setting_that_matches_is_given_as_code():
    plan = plan2d((64, 64, 3), (8, 4, 4, 3), padding="same")
    *_, before, code = odd_one_sentences(plan)
    assert before == "In PyTorch this matches exactly:"
    assert "x = F.pad(x, (1, 2, 1, 2))" in code
    assert code.endswith("nn.Conv2d(3, 8, kernel_size=4)")
    far = plan2d((2, 2, 3), (8, 4, 4, 3), padding="same", boundary="reflect")
    *_, before, code = odd_one_sentences(far)
    assert before == "PyTorch has no setting that matches:"
    assert code.startswith("# PyTorch cannot:")


def numbers_named(sentence):
    """The rows or columns that a sentence names, and how many there are."""
    if match := re.match(r"(\d+) (?:row|column)s \((.*), … (\d+)\)", sentence):
        return [int(one) for one in [*match[2].split(", "), match[3]]], int(match[1])
    named = [int(one) for one in re.findall(r"\d+", sentence.split(" passed over")[0])]
    return named, len(named)


@given(plans())
def test_leftovers_are_the_pixels_that_no_window_reads(plan):
    sentences = leftover_sentences(plan)
    for axis, what, _ in axes(plan):
        unread = sorted(set(range(axis.size)) - read_by(axis))
        end = [at for at in unread if at >= max(read_by(axis), default=-1)]
        gaps = [at for at in unread if at not in end]
        left = [one for one in sentences if re.match(rf"The last (\d+ )?{what}s?,", one)]
        passed = [
            one for one in sentences if "passed over" in one and f"{what}" in one.lower().split(" passed")[0]
        ]
        assert (len(left), len(passed)) == (bool(end), bool(gaps))
        if end:
            assert re.match(
                rf"The last (\d+ {what}s, {end[0]} to {end[-1]}, are|{what}, {what} {end[0]}, is) ", left[0]
            )
        if gaps:
            named, count = numbers_named(passed[0])
            assert set(named) <= set(gaps)
            assert (named[0], named[-1], count) == (gaps[0], gaps[-1], len(gaps))
    total = sum(len(set(range(axis.size)) - read_by(axis)) for axis, _, _ in axes(plan))
    assert bool(total) is any("never visited" in one or "passed over" in one for one in sentences)


@given(plans())
def test_padding_that_nobody_reads_is_counted(plan):
    sentences = leftover_sentences(plan)
    for axis, end in ((plan.row_axis, "bottom"), (plan.col_axis, "right")):
        last = starts_of(axis)[-1] + axis.effective - 1
        behind = len([at for at in range(axis.size, axis.size + axis.after) if at > last])
        told = [re.search(r"(\d+) (?:row|column)s? (?:is|are) never read", one) for one in sentences if end in one]
        assert [int(match[1]) for match in told] == ([behind] if behind else [])


@given(plans())
def test_the_sizes_that_fit_leave_nothing_over_and_none_is_nearer(plan):
    for axis, what, _ in axes(plan):
        for sentence in leftover_sentences(plan):
            match = re.search(rf"(?:(\d+) or )?(\d+) {what}s would fit", sentence)
            if not match:
                continue

            def fits(size, axis=axis):
                found = starts(size, axis.before, axis.after, axis.effective, axis.stride)
                return bool(found) and found[-1] + axis.effective == size + axis.after

            below, above = [int(one) if one else None for one in match.groups()]
            assert above == next(size for size in range(axis.size + 1, axis.size + 10) if fits(size))
            assert below == next((size for size in range(axis.size - 1, 0, -1) if fits(size)), None)


def test_a_plan_that_uses_every_pixel_has_no_leftovers():
    for padding, kernel in product(("valid", "same", "full"), (1, 2, 3)):
        assert leftover_sentences(plan2d((9, 9, 1), (1, kernel, kernel, 1), padding=padding)) == []


def test_pixels_that_are_read_as_copies_are_no_leftovers():
    options = {"stride": 2, "padding": ((1, 0), (0, 0))}
    bank = (1, 3, 1, 1)
    assert any("row" in one for one in leftover_sentences(plan2d((7, 1, 1), bank, **options)))
    assert leftover_sentences(plan2d((7, 1, 1), bank, boundary="circular", **options)) == []
