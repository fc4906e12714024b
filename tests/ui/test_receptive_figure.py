"""The drawing and the table of a receptive field: lengths measured in the drawing, numbers worked out by hand."""

import base64
import re
from itertools import pairwise
from xml.etree import ElementTree

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ui.chain_text import parse_chain
from ui.receptive_figure import followed, receptive_html, receptive_svg, receptive_table, receptive_words
from ui.svg import LETTERS, NARROW, WIDE
from ui.thumbnails import kernel_picture

SVG = "{http://www.w3.org/2000/svg}"
LENET = "32x32.c5.m2s2.c5.m2s2.c5"
# By hand: 1 + 4, + 1·1, + 4·2, + 1·2, + 4·4; nothing is padded.
LENET_FIELDS = [5, 6, 14, 16, 32]


def stages_of(text):
    chain = parse_chain(text)
    assert chain.size is not None
    stages, problem = followed(chain.size, chain.layers())
    assert problem == ""
    return chain.size, stages


def shapes(svg, name):
    return [one for one in ElementTree.fromstring(svg).iter(f"{SVG}rect") if one.get("class") == name]


def box(one):
    return [float(one.get(side)) for side in ("x", "y", "width", "height")]


def cells_of(html):
    rows = re.findall(r"<tr>(.*?)</tr>", html)
    return [re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", row) for row in rows]


# The drawing


@pytest.mark.parametrize("narrow", [False, True])
def test_bars_and_outlines_are_as_long_as_the_fields_in_one_scale(narrow):
    svg = receptive_svg(*stages_of(LENET), False, narrow=narrow)
    bars = [box(one) for one in shapes(svg, "span")]
    outlines = sorted(box(one) for one in shapes(svg, "field"))
    picture, *spans = bars
    assert [span[2] * 32 / picture[2] for span in spans] == pytest.approx(LENET_FIELDS, abs=0.05)
    # The last field is the picture: its outline gives the scale of the others.
    scale = max(outline[2] for outline in outlines) / 32
    assert sorted(outline[2] / scale for outline in outlines) == pytest.approx(LENET_FIELDS, abs=0.05)
    assert all(width == pytest.approx(height, abs=0.02) for _, _, width, height in outlines)
    # By hand, from the last to the first: cell 0, under it 2 of 5, 5 of 10, 7 of 14, 15 of 28.
    for span, first in zip(spans, (15, 14, 10, 8, 0), strict=True):
        assert (span[0] - picture[0]) * 32 / picture[2] == pytest.approx(first, abs=0.05)


def test_what_lies_on_padding_is_dashed_and_not_filled():
    size, stages = stages_of("4x9.c3p1.c9p4")
    svg = receptive_svg(size, stages, False)
    outlines = {round(box(one)[2], 1): one.get("stroke-dasharray") for one in shapes(svg, "field")}
    assert [dash for _, dash in sorted(outlines.items())] == ["none", "7 4"]
    picture, _, last = (box(one) for one in shapes(svg, "span"))
    seen = [box(one) for one in shapes(svg, "seen")]
    # 11 columns about the middle of 9: one on each side is padding.
    assert last[2] / picture[2] == pytest.approx(11 / 9, abs=0.01)
    assert seen[-1][2] == pytest.approx(picture[2], abs=0.02)


@settings(max_examples=40)
@given(
    st.integers(1, 300),
    st.integers(1, 300),
    st.lists(st.sampled_from(["c3p1", "c5pfull", "m2s2psame", "c3psamed4", "c1x7p0x9", "c64p64"]), min_size=1),
    st.booleans(),
    st.booleans(),
)
def test_all_stays_in_the_drawing(rows, cols, layers, narrow, dark):
    size = rows, cols
    stages, _ = followed(size, parse_chain(".".join(layers[:12])).layers())
    if not stages:
        return
    svg = receptive_svg(size, stages, dark, narrow=narrow)
    root = ElementTree.fromstring(svg)
    width, height = (float(part) for part in root.get("viewBox").split()[2:])
    assert width == (NARROW if narrow else WIDE)
    for one in root.iter(f"{SVG}rect"):
        x, y, wide, high = box(one)
        assert x >= -0.01
        assert y >= -0.01
        assert x + wide <= width + 2.01
        assert y + high <= height + 0.51
    for one in root.iter(f"{SVG}text"):
        assert float(one.get("font-size")) >= LETTERS
        assert float(one.get("y")) <= height
    assert len(shapes(svg, "field")) == len(stages)


def test_the_picture_lies_under_its_fields_and_nothing_is_fetched():
    png = kernel_picture([[1.0, -1.0]], dark=False)
    html = receptive_html(*stages_of(LENET), True, picture=png)
    drawings = [base64.b64decode(found).decode() for found in re.findall(r"svg\+xml;base64,([^\"]+)", html)]
    assert len(drawings) == 2
    for svg in drawings:
        assert base64.b64encode(png).decode() in svg
        assert not re.search(r"(href|src)=\"http", svg)


@settings(max_examples=60)
@given(
    st.integers(20, 80),
    st.lists(
        st.sampled_from(["c3p1", "c5pfull", "m2s2psame", "c3psamed4", "c3x5s2", "m3s3"]), min_size=2, max_size=5
    ),
)
def test_every_outline_holds_the_one_before(side, layers):
    stages, _ = followed((side, side), parse_chain(".".join(layers)).layers())
    outlines = sorted(
        (box(one) for one in shapes(receptive_svg((side, side), stages, False), "field")), key=lambda one: one[2]
    )
    for (x, y, wide, high), (left, top, width, height) in pairwise(outlines):
        assert left - 0.02 <= x
        assert top - 0.02 <= y
        assert x + wide <= left + width + 0.02
        assert y + high <= top + height + 0.02


# The words


def test_the_words_say_what_share_is_seen():
    assert receptive_words(*stages_of(LENET)) == (
        "A cell in the middle of conv 3 sees a field of 32 × 32 on a picture of 32 × 32. That is the whole "
        "picture. From layer to layer the field grows: 5, 6, 14, 16, 32."
    )
    # 5 × 3 of 10 × 10 pixels.
    assert "That is 15\u00a0% of its pixels. From" in receptive_words(*stages_of("10x10.c5x3"))
    # The only cell looks at 5 × 5, of which 3 × 3 are pixels.
    assert "the whole picture; 16 further places are padding" in receptive_words(*stages_of("3x3.c5p1"))
    assert "less than 0.1\u00a0% of its pixels" in receptive_words(*stages_of("5000x5000.c3"))
    assert "99.9\u00a0% of its pixels" in receptive_words(*stages_of("1x3971.c1x64d1x63"))


# The table


def test_the_table_has_the_numbers_of_each_layer():
    size, stages = stages_of("32x24.c5p1.m2s2.c3x1psame")
    assert cells_of(receptive_table(size, stages, False)) == [
        ["layer", "size", "field r", "jump j", "start", "kernel k", "stride s", "padding p", "dilation d"],
        ["picture", "32 × 24", "1", "1", "0", "", "", "", ""],
        ["conv 1", "30 × 22", "5", "1", "1", "5", "1", "1", "1"],
        ["pool 1", "15 × 11", "6", "2", "1.5", "2", "2", "valid", "1"],
        ["conv 2", "15 × 11", "10 × 6", "2", "1.5", "3 × 1", "1", "same", "1"],
    ]


def test_rows_and_columns_stand_apart_where_they_differ():
    size, stages = stages_of("9x12.c3x2s2x1p0x2d1x3.c1p0-1-2-0")
    _, _, *layers = cells_of(receptive_table(size, stages, True))
    # Columns of the first: 12 + 4 − 4 + 1 = 13 cells, a span of 4 from −2 on, and so the centre −0.5.
    assert layers == [
        ["conv 1", "4 × 13", "3 × 4", "2 × 1", "1 × −0.5", "3 × 2", "2 × 1", "0 × 2", "1 × 3"],
        ["conv 2", "5 × 15", "3 × 4", "2 × 1", "1 × −2.5", "1", "1", "0, 1, 2, 0", "1"],
    ]


def test_a_layer_without_a_window_is_named_and_the_table_goes_up_to_there():
    chain = parse_chain("12x12.c5.m4s4.c3.c1")
    stages, problem = followed((12, 12), chain.layers())
    assert [stage.size for stage in stages] == [(8, 8), (2, 2)]
    assert problem.startswith("Layer 3, conv 2, cannot be laid on the 2 × 2 cells that it is given: ")
    assert problem.endswith(".")
    assert "got 3" in problem
    assert followed((2, 2), chain.layers())[0] == []
    assert len(cells_of(receptive_table((2, 2), [], False))) == 2


def test_steps_beyond_all_measure_are_refused_with_a_sentence():
    stages, problem = followed((20_000, 20_000), parse_chain(".".join(["m1s64p64"] * 12)).layers())
    assert len(stages) == 4
    assert "jump of layer 5, pool 5, larger" in problem
