"""The message to the flipbook, read by a reader of its own, and what is taken from a browser."""

import json
import math
import struct

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from conv_engine.sizes import plan_axis
from ui.axis_figure import axis_svg, axis_words
from ui.flipbook import Drawing, pack_flipbook, read_page


def opened(message):
    """Take a message apart as the browser does."""
    magic, length = struct.unpack_from("<4sI", message)
    assert magic == b"CVS1"
    header = json.loads(message[8 : 8 + length].decode())
    books = {}
    for kind, slot in header["arrays"].items():
        assert slot["dtype"] == "int16"
        count = math.prod(slot["shape"])
        numbers = list(np.frombuffer(message, "<i2", count=count, offset=slot["offset"]))
        books[kind] = []
        for shapes in header["lengths"][kind]:
            books[kind].append("".join(header["pieces"][number] for number in numbers[:shapes]))
            del numbers[:shapes]
        assert numbers == []
    return header, books


@given(
    st.lists(st.tuples(st.text("<>ab &é…"), st.text("<>ab /"), st.text()), min_size=1, max_size=5),
    st.text(),
    st.integers(0, 9),
)
def test_every_page_arrives_as_it_was(pages, label, turn):
    drawings = [Drawing(*page) for page in pages]
    header, books = opened(pack_flipbook(drawings, label, len(pages) - 1, turn))
    assert books == {"wide": [one.wide for one in drawings], "narrow": [one.narrow for one in drawings]}
    assert header["words"] == [one.words for one in drawings]
    assert (header["label"], header["page"], header["turn"]) == (label, len(pages) - 1, turn)


def test_what_pages_have_in_common_is_sent_once():
    axis = plan_axis(32, 3, padding="full")
    drawings = [
        Drawing(axis_svg(axis, step, False), axis_svg(axis, step, False, narrow=True), axis_words(axis, step))
        for step in range(axis.out)
    ]
    message = pack_flipbook(drawings, "a strip")
    _, books = opened(message)
    assert books["wide"] == [one.wide for one in drawings]
    assert len(message) < sum(len(one.wide) + len(one.narrow) for one in drawings) / 4


def test_equal_books_are_equal_bytes():
    drawings = [Drawing("<svg><b/></svg>", "<svg/>", "one")]
    assert pack_flipbook(drawings, "a") == pack_flipbook(list(drawings), "a")
    assert pack_flipbook(drawings, "a") != pack_flipbook(drawings, "a", turn=1)


def test_a_book_without_a_page_or_with_too_many_shapes_is_refused():
    with pytest.raises(ValueError, match="at least one page, got none"):
        pack_flipbook([], "a")
    with pytest.raises(ValueError, match="at most 32,767 different shapes, got 32,768"):
        pack_flipbook([Drawing("".join(f"<{number}" for number in range(2**15)), "", "")], "a")


@pytest.mark.parametrize(
    ("report", "page"),
    [
        ({"page": 0}, 0),
        ({"page": 4}, 4),
        ({"page": 5}, None),
        ({"page": -1}, None),
        ({"page": True}, None),
        ({"page": 2.0}, None),
        ({"page": "2"}, None),
        ({"page": None}, None),
        ({}, None),
        (None, None),
        ([3], None),
    ],
)
def test_a_report_is_a_page_of_this_book_or_passed_over(report, page):
    assert read_page(report, 5) == page
