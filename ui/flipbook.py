"""Drawings that follow one another, shown one at a time by the browser: `assets/flipbook`.

All pages are sent at once, so that stepping and playing ask nothing of the server. Pages of one book have most of
their shapes in common: each shape is sent once, and a page is a list of their numbers.
"""

import re
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
import streamlit as st

from ui import state
from ui.message import blob

__all__ = ["Drawing", "pack_flipbook", "read_page", "show_flipbook"]

_FOLDER = Path(__file__).resolve().parent.parent / "assets" / "flipbook"
_SHAPES = re.compile(r"(?=<)")
_MOST_SHAPES = np.iinfo(np.int16).max

# Inline, for the reasons that `ui/stage.py` gives.
_component = st.components.v2.component(
    "convscope_flipbook",
    html='<div class="flipbook-root"></div>',
    css=(_FOLDER / "flipbook.css").read_text(encoding="utf-8"),
    js=(_FOLDER / "flipbook.bundle.js").read_text(encoding="utf-8"),
)


class Drawing(NamedTuple):
    """A page of a flipbook.

    Attributes
    ----------
    wide, narrow : str
        SVG documents of `ui.svg.WIDE` and `ui.svg.NARROW` units, made by code of ours.
    words : str
        What they show, in sentences.
    """

    wide: str
    narrow: str
    words: str


def show_flipbook(
    key: str, drawings: Sequence[Drawing], label: str, page: int, on_page: Callable[[int], None]
) -> None:
    """Show a flipbook, and take note of where it comes to rest.

    Parameters
    ----------
    key : str
        Of the component.
    drawings : sequence of Drawing
        At least one.
    label : str
        What the book is about, for who does not see it.
    page : int
        Where it is to be open, from 0. Where the browser reported this page itself, nothing is sent.
    on_page : callable
        Takes the page where it has come to rest, one that there is.
    """

    def take() -> None:
        state.touch()
        reached = read_page(state.value_of(key), len(drawings))
        if reached is not None:
            on_page(reached)

    page, report = min(max(page, 0), len(drawings) - 1), read_page(state.value_of(key), len(drawings))
    asked, turn, before = state.kept(f"flipbook {key}") or (page, 0, report)
    # Where the browser has gone since it was asked to go somewhere, it is not asked to go.
    if (asked if report == before else report) != page:
        asked, turn, before = page, turn + 1, report
    state.keep(f"flipbook {key}", (asked, turn, before))
    message = state.remembered(
        f"flipbook {key}",
        (tuple(drawings), label, asked, turn),
        lambda: pack_flipbook(drawings, label, asked, turn),
    )
    _component(data=message, key=key, on_page_change=take)
    # After it is shown for the first time, when it has a value at all: that is no report.
    state.note_report(key)


def pack_flipbook(drawings: Sequence[Drawing], label: str, page: int = 0, turn: int = 0) -> bytes:
    """Write the message that holds a book; `assets/flipbook/message.js` reads it.

    Parameters
    ----------
    drawings : sequence of Drawing
        At least one.
    label : str
        What the book is about.
    page : int
        Where it is to be open.
    turn : int
        Another one whenever it is to be turned there.

    Returns
    -------
    bytes

    Raises
    ------
    ValueError
        If there is no page, or the pages have more than 32,767 different shapes.
    """
    if not drawings:
        raise ValueError("A flipbook has at least one page, got none.")
    numbers: dict[str, int] = {}
    books: dict[str, list[list[int]]] = {}
    for kind in ("wide", "narrow"):
        books[kind] = [
            [numbers.setdefault(shape, len(numbers)) for shape in _SHAPES.split(getattr(drawing, kind)) if shape]
            for drawing in drawings
        ]
    if len(numbers) > _MOST_SHAPES:
        raise ValueError(f"A flipbook has at most {_MOST_SHAPES:,} different shapes, got {len(numbers):,}.")
    header = {
        "version": 1,
        "label": label,
        "words": [drawing.words for drawing in drawings],
        "pieces": list(numbers),
        "lengths": {kind: [len(shapes) for shapes in pages] for kind, pages in books.items()},
        "page": page,
        "turn": turn,
    }
    arrays = {
        kind: np.array([number for shapes in pages for number in shapes], dtype="<i2")
        for kind, pages in books.items()
    }
    return blob(header, arrays)


def read_page(report: object, pages: int) -> int | None:
    """Return the page that a browser has reported, None if it is none of this book."""
    page = report.get("page") if isinstance(report, dict) else None
    return page if type(page) is int and 0 <= page < pages else None
