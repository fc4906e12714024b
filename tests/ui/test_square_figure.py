"""The square to proportion: its windows, dropped rows and odd rows are those that a count finds."""

import base64
import re
from xml.etree import ElementTree

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from conv_engine import ConvError, plan2d
from ui.square_figure import square_html, square_svg, square_words
from ui.svg import NARROW, WIDE

SVG = "{http://www.w3.org/2000/svg}"
LEAST = {False: 640, True: 300}


@st.composite
def plans(draw, most=40):
    pads = st.tuples(st.integers(0, 4), st.integers(0, 4))
    options = {
        "stride": draw(st.tuples(st.integers(1, 5), st.integers(1, 5))),
        "dilation": draw(st.tuples(st.integers(1, 2), st.integers(1, 2))),
        "padding": draw(st.one_of(st.sampled_from(["valid", "same", "full"]), st.tuples(pads, pads))),
    }
    image = draw(st.tuples(st.integers(1, most), st.integers(1, most)))
    kernel = draw(st.tuples(st.integers(1, 5), st.integers(1, 5)))
    try:
        return plan2d((*image, 3), (1, *kernel, 3), **options)
    except ConvError:
        return plan2d((*image, 3), (1, *kernel, 3), **{**options, "padding": "full"})


def starts(axis):
    """Where the windows begin, found by sliding until one no longer fits."""
    found, start = [], -axis.before
    while start + axis.dilation * (axis.kernel - 1) < axis.size + axis.after:
        found.append(start)
        start += axis.stride
    return found


def unread(axis):
    read = {start + tap * axis.dilation for start in starts(axis) for tap in range(axis.kernel)}
    return sorted(set(range(axis.size)) - read)


def drawn(plan, narrow=False, dark=False):
    return ElementTree.fromstring(square_svg(plan, dark, narrow=narrow))


def marked(root, kind):
    return [shape for shape in root.iter() if shape.get("class") == kind]


def box(shape):
    return tuple(float(shape.get(name)) for name in ("x", "y", "width", "height"))


def legend(root):
    return [text.text for group in root.findall(f"{SVG}g") for text in group.findall(f"{SVG}text")]


@settings(max_examples=80, deadline=None)
@given(plans(), st.booleans())
def test_a_cell_of_the_map_is_as_large_as_a_pixel(plan, narrow):
    root = drawn(plan, narrow)
    (pixels,), (made,) = (marked(root, kind) for kind in ("pixels", "map"))
    unit = box(pixels)[2] / plan.image_shape[1]
    assert box(pixels)[3] / plan.image_shape[0] == pytest.approx(unit, abs=0.01)
    counts = len(starts(plan.row_axis)), len(starts(plan.col_axis))
    assert box(made)[3] / unit == pytest.approx(counts[0], abs=0.02 * counts[0] / unit + 0.02)
    assert box(made)[2] / unit == pytest.approx(counts[1], abs=0.02 * counts[1] / unit + 0.02)


@settings(max_examples=80, deadline=None)
@given(plans(), st.booleans())
def test_there_is_a_dot_where_each_window_begins(plan, narrow):
    root = drawn(plan, narrow)
    (pixels,) = marked(root, "pixels")
    left, top, width, _ = box(pixels)
    unit = width / plan.image_shape[1]
    lines = marked(root, "starts")
    if unit * min(plan.spec.stride) < 3.9:
        assert lines == []
        assert "where each window begins" not in legend(root)
        return
    if unit * min(plan.spec.stride) < 4.1:
        return
    assert "where each window begins" in legend(root)
    rows = [(float(line.get("y1")) - top) / unit - 0.5 for line in lines]
    assert rows == pytest.approx(starts(plan.row_axis), abs=0.05)
    for line in lines:
        gap = float(line.get("stroke-dasharray").split()[1])
        first, last = float(line.get("x1")), float(line.get("x2"))
        count = int((last - first + 0.005) / gap) + 1
        dots = [(first + number * gap - left) / unit - 0.5 for number in range(count)]
        assert dots == pytest.approx(starts(plan.col_axis), abs=0.05)


@settings(max_examples=80, deadline=None)
@given(plans(), st.booleans())
def test_what_no_window_visits_is_hatched_and_counted(plan, narrow):
    root = drawn(plan, narrow)
    (pixels,) = marked(root, "pixels")
    unit = box(pixels)[2] / plan.image_shape[1]
    never = unread(plan.row_axis), unread(plan.col_axis)
    for kind, side, places in (("never-row", 1, never[0]), ("never-column", 0, never[1])):
        covered = set()
        for shape in marked(root, kind):
            begin, length = (box(shape)[side] - box(pixels)[side]) / unit, box(shape)[side + 2] / unit
            assert length >= 0.9
            covered |= set(range(round(begin), round(begin + length)))
        if unit >= 3:
            assert covered == set(places)
        else:
            assert covered >= set(places)
    told = [text for text in legend(root) if text.startswith("never visited")]
    assert bool(told) is bool(never[0] or never[1])
    for count, what in zip(map(len, never), ("row", "column"), strict=True):
        assert bool(told and re.search(rf"\b{count} {what}s?\b", told[0])) is bool(count)


@settings(max_examples=80, deadline=None)
@given(plans(), st.booleans())
def test_the_odd_row_is_marked_on_its_side(plan, narrow):
    root = drawn(plan, narrow)
    (pixels,) = marked(root, "pixels")
    for kind, side, axis in (("odd-row", 1, plan.row_axis), ("odd-column", 0, plan.col_axis)):
        shapes = marked(root, kind)
        assert len(shapes) == (axis.before != axis.after)
        if shapes:
            middle = box(shapes[0])[side] + box(shapes[0])[side + 2] / 2
            edges = box(pixels)[side], box(pixels)[side] + box(pixels)[side + 2]
            assert middle > edges[1] if axis.after > axis.before else middle < edges[0]


@settings(max_examples=60, deadline=None)
@given(plans(most=600), st.booleans())
def test_nothing_leaves_the_drawing_and_letters_can_be_read(plan, narrow):
    root = drawn(plan, narrow)
    _, _, width, height = map(float, root.get("viewBox").split())
    assert width == (NARROW if narrow else WIDE)
    for shape in root.findall(f"{SVG}rect"):
        x, y, across, down = box(shape)
        if shape.get("class") != "window":
            assert -0.1 <= x <= x + across <= width + 0.1
            assert 0 <= y <= y + down <= height + 0.1
    for text in root.iter(f"{SVG}text"):
        size = float(text.get("font-size"))
        assert size * LEAST[narrow] / width >= 14
        if text.get("text-anchor") == "middle":
            half = 0.6 * size * len(text.text) / 2
            assert -2 <= float(text.get("x")) - half <= float(text.get("x")) + half <= width + 2
    assert len(list(root.iter())) < 1500


def test_one_row_of_padding_of_a_large_picture_is_seen():
    (pixels,) = marked(drawn(plan2d((512, 512, 3), (1, 3, 3, 3), padding="same")), "pixels")
    (ring,) = marked(drawn(plan2d((512, 512, 3), (1, 3, 3, 3), padding="same")), "padding")
    assert box(pixels)[0] - box(ring)[0] >= 3
    assert "padding, drawn thicker than it is" in legend(
        drawn(plan2d((512, 512, 3), (1, 3, 3, 3), padding="same"))
    )


def test_64_pixels_with_stride_2_and_same_in_words():
    words = square_words(plan2d((64, 64, 3), (1, 3, 3, 3), stride=2, padding="same"))
    assert words == (
        "A picture of 64 × 64 pixels, and the 32 × 32 cells that it gives, to proportion. Its padding: 0 at the "
        "top, 1 at the bottom, 0 left and 1 right. The odd row and column. A window begins every 2 pixels."
    )


def test_html_holds_both_drawings_with_their_words():
    plan = plan2d((9, 8, 1), (1, 3, 3, 1), stride=2)
    html = square_html(plan, True)
    sources = re.findall(r'src="data:image/svg\+xml;base64,([^"]*)"', html)
    assert [base64.b64decode(one).decode() for one in sources] == [
        square_svg(plan, True, narrow=narrow) for narrow in (False, True)
    ]
    assert re.findall(r'alt="([^"]*)"', html) == [square_words(plan)] * 2
