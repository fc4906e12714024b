"""Axes as bars: pixels, padding, windows and what is dropped are those that a count finds, at one scale."""

import re
from xml.etree import ElementTree

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from conv_engine import ConvError
from conv_engine.sizes import plan_axis
from ui.axis_bars import Bar, bars_html, bars_svg, bars_words
from ui.svg import NARROW, WIDE

SVG = "{http://www.w3.org/2000/svg}"
PADDINGS = ("valid", "same", "full")


@st.composite
def three(draw):
    """The same strip with three paddings; None where the kernel finds no place."""
    size, kernel, stride = draw(st.integers(1, 40)), draw(st.integers(1, 6)), draw(st.integers(1, 5))
    bars = []
    for name in PADDINGS:
        try:
            bars.append(Bar(name, plan_axis(size, kernel, stride=stride, padding=name), size))
        except ConvError:
            bars.append(Bar(name, None, size))
    return bars


def windows(axis):
    found, start = [], -axis.before
    while start + axis.dilation * (axis.kernel - 1) < axis.size + axis.after:
        found.append([start + tap * axis.dilation for tap in range(axis.kernel)])
        start += axis.stride
    return found


def texts(root):
    return ["".join(text.itertext()) for text in root.iter(f"{SVG}text")]


def marked(root, kind):
    return [shape for shape in root.iter() if shape.get("class") == kind]


def span(rect):
    return float(rect.get("x")), float(rect.get("x")) + float(rect.get("width"))


@settings(max_examples=80, deadline=None)
@given(three(), st.booleans())
def test_each_bar_has_the_numbers_of_a_count(bars, narrow):
    root = ElementTree.fromstring(bars_svg(bars, False, narrow=narrow))
    made = [text for text in texts(root) if text.startswith("gives") or text == "no window"]
    counts = ["".join(text.itertext()) for text in marked(root, "counts")]
    for (name, axis, size), cells, told in zip(bars, made, counts, strict=True):
        assert name in texts(root)
        if axis is None:
            assert (cells, told) == ("no window", str(size))
            continue
        slid = windows(axis)
        dropped = len(set(range(size)) - {place for window in slid for place in window})
        assert cells == f"gives {len(slid)}"
        assert told == f"{axis.before} + {size} + {axis.after}, {dropped or 'none'} dropped"


@settings(max_examples=80, deadline=None)
@given(three())
def test_bars_are_to_one_scale_and_begin_at_one_place(bars):
    root = ElementTree.fromstring(bars_svg(bars, False))
    pixels = [span(rect) for rect in marked(root, "pixels")]
    assert len(set(pixels)) == 1
    left, right = pixels[0]
    unit = (right - left) / bars[0].size
    ticks = [(float(tick.get("x1")) - left) / unit for tick in marked(root, "tick")]
    if bars[0].size > 5:
        expected = [window[0] for _, axis, _ in bars if axis for window in windows(axis)]
        assert ticks == pytest.approx(expected, abs=0.05)
    dropped = sum(
        len(range(round((a - left) / unit), round((b - left) / unit))) for a, b in map(span, marked(root, "never"))
    )
    assert dropped == sum(
        len(set(range(size)) - {place for window in windows(axis) for place in window})
        for _, axis, size in bars
        if axis
    )


@settings(max_examples=40, deadline=None)
@given(three(), st.booleans(), st.integers(1, 100))
def test_nothing_leaves_the_drawing(bars, narrow, times):
    larger = [
        Bar(name, plan_axis(size * times, axis.kernel, stride=axis.stride, padding=name), size * times)
        for name, axis, size in bars
        if axis
    ]
    root = ElementTree.fromstring(bars_svg(larger, True, narrow=narrow))
    width = NARROW if narrow else WIDE
    for rect in root.findall(f"{SVG}rect"):
        left, right = span(rect)
        assert 0 <= left <= right <= width
        assert rect.get("class") == "never" or right - left >= 2.9
    assert len(list(root.iter())) < 2500


def test_padding_of_one_pixel_in_a_thousand_is_seen_outside_the_pixels():
    axis = plan_axis(1000, 3, padding="same")
    root = ElementTree.fromstring(bars_svg([Bar("same", axis, 1000)], False))
    ((left, right),) = map(span, marked(root, "pixels"))
    before, after = map(span, marked(root, "padding"))
    assert before == pytest.approx((left - 3, left), abs=0.02)
    assert after == pytest.approx((right, right + 3), abs=0.02)


def test_words_and_pictures_say_the_same_of_any_name():
    bars = [Bar("<b>", plan_axis(24, 3, stride=2), 24), Bar("none", None, 1)]
    assert bars_words(bars) == (
        "<b>: 0 before, 24 pixels, 0 after; 11 cells made, 1 never visited. none: 1 pixel, no window fits."
    )
    assert "<b>" not in re.sub(r"<(/?style|/?div|img)[^>]*>", "", bars_html("some", bars, False))


def test_no_bar_is_refused():
    with pytest.raises(ConvError, match="at least one, got none"):
        bars_svg([], False)
