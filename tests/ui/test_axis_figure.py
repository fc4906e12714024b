"""One axis on a strip: what is drawn is what a count of the windows finds, and the formula gives it too."""

import base64
import re
from itertools import pairwise
from xml.etree import ElementTree

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from conv_engine import ConvError, plan2d
from conv_engine.axis import AxisPlan
from conv_engine.sizes import plan_axis
from ui.axis_figure import axis_colours, axis_html, axis_svg, axis_words, formula_html
from ui.colours import palette_for
from ui.svg import NARROW, WIDE, pair_html, safe

SVG = "{http://www.w3.org/2000/svg}"
LEAST = {False: 640, True: 300}
PADDINGS = ("valid", "same", "full", "numbers")


@st.composite
def axes(draw, most=64):
    """An axis, the name of its padding ("" for numbers), and one of its steps."""
    kernel, dilation = draw(st.integers(1, 9)), draw(st.integers(1, 3))
    padding = draw(st.sampled_from(PADDINGS))
    pads = draw(st.tuples(st.integers(0, 9), st.integers(0, 9)))
    effective = dilation * (kernel - 1) + 1
    least = effective if padding in ("valid", "numbers") else 1
    axis = plan_axis(
        draw(st.integers(least, max(most, least))),
        kernel,
        stride=draw(st.integers(1, 5)),
        dilation=dilation,
        padding=pads if padding == "numbers" else padding,
    )
    return axis, "" if padding == "numbers" else padding, draw(st.integers(0, axis.out - 1))


def windows(axis):
    """The places under the taps of each window, found by sliding a kernel until it no longer fits."""
    found, start = [], -axis.before
    while start + axis.dilation * (axis.kernel - 1) < axis.size + axis.after:
        found.append([start + tap * axis.dilation for tap in range(axis.kernel)])
        start += axis.stride
    return found


def drawn(axis, step, narrow=False, dark=False):
    return ElementTree.fromstring(axis_svg(axis, step, dark, narrow=narrow))


def boxes(root, kind):
    return [rect for rect in root.findall(f"{SVG}rect") if kind in (rect.get("class") or "").split()]


def texts(root):
    return [text.text for text in root.iter(f"{SVG}text")]


def hidden(root):
    found = {"places": 0, "outputs": 0}
    for text in texts(root):
        if match := re.fullmatch(r"([0-9,]+) (places|outputs) not drawn", text):
            found[match[2]] = int(match[1].replace(",", ""))
    return found


def lefts(rects):
    return [float(rect.get("x")) for rect in rects]


@settings(max_examples=80)
@given(axes(), st.booleans())
def test_the_strip_shows_what_a_count_of_the_windows_finds(found, narrow):
    axis, _, step = found
    root, slid = drawn(axis, step, narrow), windows(axis)
    cells = boxes(root, "pixel") + boxes(root, "padding")
    assert len(cells) + hidden(root)["places"] == axis.before + axis.size + axis.after
    made, still_open = boxes(root, "made"), boxes(root, "open")
    assert len(made) + len(still_open) + hidden(root)["outputs"] == len(slid)
    read = {place for window in slid for place in window}
    if not hidden(root)["places"]:
        assert len(boxes(root, "pixel")) == axis.size
        in_order = sorted(cells, key=lambda cell: float(cell.get("x")))
        places = dict(zip(range(-axis.before, axis.size + axis.after), in_order, strict=True))
        assert {place for place, cell in places.items() if "never" in cell.get("class")} == set(places) - read
        assert lefts(boxes(root, "tap")) == pytest.approx(
            [float(places[at].get("x")) + 1 for at in slid[step]], abs=0.02
        )
    if not hidden(root)["outputs"]:
        assert (len(made), len(still_open)) == (step + 1, len(slid) - step - 1)
    never = len(set(range(axis.size)) - read)
    notes = [text for text in texts(root) if "never visited" in text]
    assert notes == ([f"{never} never visited (crossed out)"] if never else [])


@settings(max_examples=60)
@example((plan_axis(300, 1), "valid", 0), True)
@example((plan_axis(300, 1), "valid", 299), True)
@given(axes(most=300), st.booleans())
def test_nothing_leaves_the_drawing_and_letters_find_room(found, narrow):
    axis, _, step = found
    root = drawn(axis, step, narrow)
    _, _, width, height = map(float, root.get("viewBox").split())
    assert width == (NARROW if narrow else WIDE)
    for rect in root.findall(f"{SVG}rect"):
        x, y, across, down = (float(rect.get(key)) for key in ("x", "y", "width", "height"))
        assert -0.1 <= x <= x + across <= width + 0.1
        assert 0 <= y <= y + down <= height
    lines = {}
    for text in root.iter(f"{SVG}text"):
        size = float(text.get("font-size"))
        assert size * LEAST[narrow] / width >= 14
        half = 0.6 * size * len(text.text) / 2
        lines.setdefault(text.get("y"), []).append((float(text.get("x")) - half, float(text.get("x")) + half))
    for spans in lines.values():
        assert all(-2 <= first <= last <= width + 2 for first, last in spans)
        assert all(one[1] <= other[0] + 2 for one, other in pairwise(sorted(spans)))


@pytest.mark.parametrize("narrow", [False, True])
def test_64_pixels_are_all_drawn_where_there_is_room_and_else_it_is_said(narrow):
    root = drawn(plan_axis(64, 3, padding="same"), 0, narrow)
    assert bool(hidden(root)["places"]) is narrow
    assert ("…" in texts(root)) is narrow


@pytest.mark.parametrize("narrow", [False, True])
@pytest.mark.parametrize("step", [0, 1, 2499, 4998, 4999])
def test_the_kernel_is_in_sight_on_the_longest_axis_too(step, narrow):
    axis = plan_axis(5000, 3, padding="same")
    root = drawn(axis, step, narrow)
    assert len(boxes(root, "tap")) == 3
    assert len(root.findall(f".//{SVG}rect")) < 250


def test_counts_are_written_at_what_they_count():
    root = drawn(plan_axis(8, 3, stride=3, padding=(2, 1)), 1)
    found = {text.text: text.get("fill") for text in root.iter(f"{SVG}text")}
    colours = axis_colours(False)
    assert found["n = 8"] == colours.size
    assert found["e = 3"] == colours.kernel
    assert found["s = 3"] == colours.stride
    assert "s = 3" not in texts(drawn(plan_axis(8, 3, stride=3, padding=(2, 1)), 2)), "there is no next window"


def test_copies_in_the_padding_carry_the_number_of_their_pixel():
    zeros = plan2d((5, 5, 1), (1, 3, 3, 1), padding="same").row_axis
    copies = plan2d((5, 5, 1), (1, 3, 3, 1), padding="same", boundary="circular").row_axis
    numbers = [text for text in texts(drawn(copies, 0)) if text.isdigit()]
    assert numbers[2:9] == ["4", "0", "1", "2", "3", "4", "0"]
    assert len(numbers) == 2 + len([text for text in texts(drawn(zeros, 0)) if text.isdigit()])


def test_a_pixel_that_is_only_read_as_a_copy_is_not_crossed_out():
    axis = AxisPlan(7, 3, 2, 1, 1, 0, "circular")
    assert (axis.out, axis.unused) == (3, 0)
    assert boxes(drawn(axis, 0), "never") == []


@given(axes())
def test_the_words_say_the_same_numbers(found):
    axis, _, step = found
    words, slid = axis_words(axis, step), windows(axis)
    assert f"Step {step + 1} of {len(slid)}:" in words
    last = f" {slid[step][-1]}. ".replace("-", "−")
    assert last in words
    inside = sum(0 <= place < axis.size for place in slid[step])
    assert (f"{inside} of its {axis.kernel} taps" in words) is (0 < inside < axis.kernel)
    assert ("padding alone" in words) is (inside == 0)
    never = len(set(range(axis.size)) - {place for window in slid for place in window})
    assert (f"{never} pixel{'s' * (never > 1)} of {axis.size} " in words) is bool(never)


@settings(max_examples=80)
@given(axes())
def test_the_formula_with_its_numbers_gives_the_count_of_windows(found):
    axis, padding, _ = found
    text = re.sub(r"<[^>]*>", " ", formula_html(axis, False, padding))
    text = re.sub(r"\s+", " ", text)
    out = len(windows(axis))
    if padding == "same":
        n, s, result = map(int, re.search(r"= ⌈ (\d+) / (\d+) ⌉ = (\d+)", text).groups())
        assert -(-n // s) == result == out
        cells, s, e, n, total, before, after = map(
            int,
            re.search(
                r"max\(\( (\d+) − 1\) · (\d+) \+ (\d+) − (\d+) , 0\) = (\d+) : (\d+) before and (\d+) after", text
            ).groups(),
        )
        assert max((cells - 1) * s + e - n, 0) == total == before + after
        assert (before, after) == (axis.before, axis.after)
    else:
        n, p, e, s, result = map(
            int, re.search(r"= ⌊\( (\d+) \+ (\d+) − (\d+) \) / (\d+) ⌋ \+ 1 = (\d+)", text).groups()
        )
        assert (n + p - e) // s + 1 == result == out
    if axis.dilation > 1:
        d, k, e = map(int, re.search(r"= (\d+) · \( (\d+) − 1\) \+ 1 = (\d+)", text).groups())
        assert d * (k - 1) + 1 == e == axis.effective


@pytest.mark.parametrize("dark", [False, True])
def test_each_number_has_the_colour_of_what_it_counts(dark):
    html, colours = formula_html(plan_axis(64, 7, stride=5, padding=(2, 1)), dark), axis_colours(dark)
    for number, ink in ((64, colours.size), (3, colours.padding), (7, colours.kernel), (5, colours.stride)):
        assert set(re.findall(rf'color: (#\w+)">{number}</b>', html)) == {ink}
    assert len({colours.size, colours.padding, colours.kernel, colours.stride, colours.out}) == 5


@pytest.mark.parametrize("dark", [False, True])
def test_the_colours_can_be_read_as_letters(dark):
    """A contrast of 4.5 : 1 at the least (WCAG 2.2, success criterion 1.4.3)."""

    def luminance(red, green, blue):
        linear = [c / 3294.6 if c <= 10.31475 else ((c / 255 + 0.055) / 1.055) ** 2.4 for c in (red, green, blue)]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    ground = luminance(*palette_for(dark).ground)
    for colour in vars(axis_colours(dark)).values():
        ink = luminance(*(int(colour[at : at + 2], 16) for at in (1, 3, 5)))
        assert (max(ink, ground) + 0.05) / (min(ink, ground) + 0.05) >= 4.5


def test_html_holds_both_drawings_with_their_words():
    axis = plan_axis(9, 3, stride=2)
    html = axis_html(axis, 1, True)
    sources = re.findall(r'src="data:image/svg\+xml;base64,([^"]*)"', html)
    drawings = [base64.b64decode(source).decode() for source in sources]
    assert drawings == [axis_svg(axis, 1, True, narrow=narrow) for narrow in (False, True)]
    assert re.findall(r'alt="([^"]*)"', html) == [axis_words(axis, 1)] * 2


def test_words_of_any_origin_are_never_read_as_markup():
    html = pair_html("figure", "<svg/>", "<svg/>", '"><script>alert(1)</script>\x00')
    assert html.count("<") == pair_html("figure", "<svg/>", "<svg/>", "a").count("<")
    assert safe("a\x00\ud800<b>") == "a?&lt;b&gt;"


@pytest.mark.parametrize("step", [-1, 4, 1.5, True])
def test_a_step_that_is_not_there_is_refused(step):
    axis = plan_axis(9, 3, stride=2)
    for draw in (axis_svg, axis_html):
        with pytest.raises(ConvError, match=r"step must be an integer from 0 to 3|step must be an integer"):
            draw(axis, step, False)


def test_a_padding_that_the_axis_does_not_have_is_refused():
    with pytest.raises(
        ConvError, match=r"padding must be what the axis has, \(0, 0\), got 'same', which is \(1, 1\)"
    ):
        formula_html(plan_axis(9, 3), False, "same")
    with pytest.raises(ConvError, match="padding must be one of 'valid', 'same', 'full' or empty, got 'all'"):
        formula_html(plan_axis(9, 3), False, "all")
