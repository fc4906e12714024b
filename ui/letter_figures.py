"""A sentence under a pattern: the letters with the map below them, and the sum at one place in its channels."""

import numpy as np
import numpy.typing as npt

from ui.colours import Palette, css, mixed, palette_for
from ui.letters import WILDCARD, Matches
from ui.svg import LETTERS, NARROW, WIDE, document, label, line, pair_html, rect

__all__ = ["map_html", "map_words", "sum_html"]

_MARGIN = 8.0
_CELL = 28.0
_BARS, _GAP = 62.0, 18.0
_SMALL, _LARGE = 24.0, 34.0
# The titles need so much, the letters at the rows so much; smaller cells cannot be read.
_TITLE, _LEFT, _SMALLEST = 86.0, 30.0, 18.0
# Readable on the orange of both themes.
_ON_ONE = (0, 0, 0)


def map_html(matches: Matches, place: int, dark: bool) -> str:
    """Draw the sentence, and under each letter how many match when the pattern begins there.

    Parameters
    ----------
    matches : Matches
        What was found.
    place : int
        Where the pattern lies now.
    dark : bool
        For which theme.

    Returns
    -------
    str
        Two images for ``st.html``, of which the wide or the narrow one is shown.
    """
    words = map_words(matches)
    return pair_html(
        "letters", _map(matches, place, WIDE, dark, words), _map(matches, place, NARROW, dark, words), words
    )


def map_words(matches: Matches) -> str:
    """Return the text alternative of the map: the sentence, and where the pattern was found."""
    where = ", ".join(str(place) for place in matches.found)
    found = f"It is found at place {where}." if where else "It is found nowhere."
    best = int(matches.counts.max())
    return (
        f"The pattern {matches.pattern} on “{matches.sentence}”: {best} of {matches.most} letters match at best. "
        f"{found}"
    )


def _map(matches: Matches, place: int, width: float, dark: bool, words: str) -> str:
    palette = palette_for(dark)
    in_line = int((width - 2 * _MARGIN) // _CELL)
    letters = matches.sentence
    lines = -(-len(letters) // in_line)
    pitch = _CELL + _BARS + _GAP
    body = "".join(
        _letter(matches, place, index, _MARGIN + index % in_line * _CELL, index // in_line * pitch + 4, palette)
        for index in range(len(letters))
    )
    for row in range(lines):
        cells = min(in_line, len(letters) - row * in_line)
        base = row * pitch + 4 + _CELL + _BARS
        body += line(_MARGIN, base, _MARGIN + cells * _CELL, base, stroke=css(palette.muted))
    return document(body, width, lines * pitch, css(palette.text), "Letters that match", words)


def _letter(matches: Matches, place: int, index: int, x: float, y: float, palette: Palette) -> str:
    under = place <= index < place + len(matches.pattern)
    wanted = matches.pattern[index - place] if under else ""
    fits = under and wanted == matches.sentence[index]
    ground = mixed(palette.stops[4], palette.ground, 0.75) if fits else palette.empty
    shapes = rect(x + 1, y, _CELL - 2, _CELL, fill=css(ground), rx=3.0)
    if under:
        edge = css(palette.accent)
        shapes += rect(x + 2, y + 1, _CELL - 4, _CELL - 2, fill="none", stroke=edge, stroke_width=2.5, rx=3.0)
    weight = "600" if fits else "normal"
    shapes += label(x + _CELL / 2, y + 20, _sign(matches.sentence[index]), size=18, weight=weight)
    if index >= matches.counts.size:
        return shapes
    count = int(matches.counts[index])
    base = y + _CELL + _BARS
    height = (_BARS - 24) * count / matches.most
    full = count == matches.most
    ink = css(palette.stops[5] if full else mixed(palette.muted, palette.ground, 0.6))
    shapes += rect(x + 5, base - height, _CELL - 10, height, fill=ink)
    weight = "700" if full else "normal"
    return shapes + label(x + _CELL / 2, base - height - 4, str(count), ink=css(palette.text), weight=weight)


def sum_html(matches: Matches, place: int, dark: bool) -> str:
    """Draw what lies under the pattern, the pattern and their products, in the channels of its letters.

    Parameters
    ----------
    matches : Matches
        What was found.
    place : int
        Where the pattern lies.
    dark : bool
        For which theme.

    Returns
    -------
    str
        Two images for ``st.html``, of which the wide or the narrow one is shown.
    """
    window = matches.signal[:, place : place + len(matches.pattern)]
    count = int(matches.counts[place])
    text = matches.sentence[place : place + len(matches.pattern)]
    words = (
        f"At place {place} lies {text}. In {len(matches.channels)} channels of zeros and ones, the products with "
        f"{matches.pattern} sum to {count}."
    )
    grids = (
        ("letters", text, window),
        ("× kernel", matches.pattern, matches.kernel),
        ("= product", "", window * matches.kernel),
    )
    wide, narrow = (_sum(matches, grids, width, dark, words) for width in (WIDE, NARROW))
    return pair_html("letter-sum", wide, narrow, words)


_Grid = tuple[str, str, npt.NDArray[np.uint8]]


def _sum(matches: Matches, grids: tuple[_Grid, ...], width: float, dark: bool, words: str) -> str:
    palette = palette_for(dark)
    columns = len(matches.pattern)
    beside = width / 3 - _LEFT >= columns * _SMALLEST
    room = (width - _MARGIN) / (3 if beside else 1) - _LEFT
    size = min(_LARGE, room / columns)
    height = 2 * _SMALL + size * len(matches.channels) + 14
    pitch = max(columns * size, _TITLE) + _LEFT
    places = [(number * pitch, 0.0) if beside else (0.0, number * height) for number in range(3)]
    body = "".join(
        _grid(matches, grid, x + _LEFT, y, size, palette) for grid, (x, y) in zip(grids, places, strict=True)
    )
    tall = height if beside else 3 * height
    return document(body, width, tall, css(palette.text), "The sum at one place", words)


def _grid(matches: Matches, grid: _Grid, x: float, y: float, size: float, palette: Palette) -> str:
    title, letters, cells = grid
    body = label(x, y + 18, title, anchor="start", weight="600")
    top = y + 2 * _SMALL + 2
    for column, letter in enumerate(letters):
        ink = css(palette.muted if letter == WILDCARD else palette.text)
        body += label(x + (column + 0.5) * size, top - 6, _sign(letter), ink=ink, size=_fit(size))
    for row, channel in enumerate(matches.channels):
        body += label(x - 8, top + (row + 0.5) * size + 6, _sign(channel), anchor="end")
        for column, one in enumerate(cells[row]):
            ground = palette.stops[5] if one else palette.empty
            ink = css(_ON_ONE if one else palette.muted)
            across, down = x + column * size, top + row * size
            body += rect(across + 1, down + 1, size - 2, size - 2, fill=css(ground), rx=2.0)
            body += label(across + size / 2, down + size / 2 + 6, str(one), ink=ink, size=_fit(size))
    return body


def _sign(letter: str) -> str:
    return "␣" if letter == " " else letter


def _fit(size: float) -> float:
    return min(LETTERS, size * 0.9)
