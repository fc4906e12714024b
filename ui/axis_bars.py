"""Axes as thin bars, one below the other: who is padded, where windows lie, who is dropped, at one scale.

A bar has no room for single cells, but several can be compared: three paddings of one strip, three sizes of one
picture, or where several libraries put an odd row.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import NamedTuple

from conv_engine.axis import AxisPlan
from conv_engine.errors import ConvError
from ui.axis_figure import AxisColours, axis_colours, padding_hatch
from ui.colours import Palette, css, mixed, palette_for
from ui.svg import LETTERS, NARROW, WIDE, document, label, line, pair_html, rect
from ui.text import counted

__all__ = ["Bar", "bars_html", "bars_svg", "bars_words", "never_hatch", "runs"]

_MARGIN = 12.0
_BAR = 22.0
_BLOCK = 104.0
# What is there is seen, be it a pixel of a thousand.
_THINNEST = 3.0
_CLOSEST_TICKS = 3.5


class Bar(NamedTuple):
    """One axis and what it is called.

    Attributes
    ----------
    name : str
        Up to about 24 letters find room.
    axis : AxisPlan or None
        None where the kernel finds no place.
    size : int
        The pixels of the axis.
    """

    name: str
    axis: AxisPlan | None
    size: int


@dataclass(frozen=True)
class _Scale:
    """Where places lie: one scale for all bars, with the first pixels one below the other."""

    zero: float
    unit: float

    def ends(self, first: int, end: int) -> tuple[float, float]:
        """Where places from `first` up to (not with) `end` lie; padding of less than a line is drawn as one."""
        left, right = self.zero + first * self.unit, self.zero + end * self.unit
        if right - left < _THINNEST:
            return (right - _THINNEST, right) if end <= 0 else (left, left + _THINNEST)
        return left, right


def bars_html(name: str, bars: Sequence[Bar], dark: bool) -> str:
    """Draw axes as bars, for ``st.html``.

    Parameters
    ----------
    name : str
        A CSS class, another one for each drawing on a page.
    bars : sequence of Bar
        At least one.
    dark : bool
        For which theme.

    Returns
    -------
    str
        Two images, of which the wide or the narrow one is shown; `bars_words` is their text alternative.

    Raises
    ------
    ConvError
        If there is no bar.
    """
    wide, narrow = (bars_svg(bars, dark, narrow=narrow) for narrow in (False, True))
    return pair_html(name, wide, narrow, bars_words(bars))


def bars_words(bars: Sequence[Bar]) -> str:
    """Say in words what the bars show: sizes, padding, output cells and what is dropped, a sentence for each."""
    return " ".join(
        f"{name}: {counted(size, 'pixel')}, no window fits."
        if axis is None
        else f"{name}: {axis.before} before, {counted(size, 'pixel')}, {axis.after} after; "
        f"{counted(axis.out, 'cell')} made, {_never(axis)} never visited."
        for name, axis, size in bars
    )


def bars_svg(bars: Sequence[Bar], dark: bool, *, narrow: bool = False) -> str:
    """Draw axes as bars, as an SVG document.

    Parameters
    ----------
    bars, dark
        As `bars_html` takes them.
    narrow : bool
        Whether it is for a screen of 300 to 640 CSS pixels.

    Returns
    -------
    str
        For each bar: its name and how many cells it gives; pixels and padding to proportion, with what no window
        reads hatched; below them the first and the last window, and a tick where each window begins, unless these
        lie too close; and the counts in the colours of the strip.

    Raises
    ------
    ConvError
        If there is no bar.
    """
    if not bars:
        raise ConvError("bars must be at least one, got none")
    palette, colours = palette_for(dark), axis_colours(dark)
    width = NARROW if narrow else WIDE
    before = max(axis.before if axis else 0 for _, axis, _ in bars)
    behind = max(size + (axis.after if axis else 0) for _, axis, size in bars)
    unit = (width - 2 * _MARGIN - 2 * _THINNEST) / (before + behind)
    scale = _Scale(_MARGIN + _THINNEST + before * unit, unit)
    body = [padding_hatch(palette, colours), never_hatch(palette)]
    for number, bar in enumerate(bars):
        body += _block(bar, scale, _BLOCK * number, width, palette, colours)
    height = _BLOCK * len(bars) - 14
    title = ", ".join(bar.name for bar in bars)
    return document("".join(body), width, height, css(palette.text), title, bars_words(bars))


def never_hatch(palette: Palette) -> str:
    """Define the pattern ``url(#never)`` of what no window visits; it leans the other way than padding."""
    return (
        '<defs><pattern id="never" width="6" height="6" patternUnits="userSpaceOnUse" '
        f'patternTransform="rotate(-45)">{rect(0, 0, 6, 6, fill=css(palette.faint))}'
        f"{line(0, 0, 0, 6, stroke=css(palette.text), stroke_width=2.4)}</pattern></defs>"
    )


def runs(axis: AxisPlan) -> list[tuple[int, int]]:
    """Return the runs of pixels that no window visits, as (first, end)."""
    found = []
    for never, places in groupby(range(axis.size), key=lambda place: not axis.visited[place]):
        run = list(places)
        if never:
            found.append((run[0], run[-1] + 1))
    return found


def _block(
    bar: Bar, scale: _Scale, top: float, width: float, palette: Palette, colours: AxisColours
) -> Iterator[str]:
    name, axis, size = bar
    yield label(_MARGIN, top + 18, name, anchor="start", weight="bold")
    made = "no window" if axis is None else f"gives {axis.out:,}"
    yield label(width - _MARGIN, top + 18, made, anchor="end", weight="bold", ink=colours.out)
    bar_top = top + 28
    edge = css(palette.muted)
    left, right = scale.ends(0, size)
    pixel = css(mixed(palette.tints[2], palette.ground, 0.24))
    yield rect(left, bar_top, right - left, _BAR, fill=pixel, stroke=edge, class_="pixels")
    if axis is not None:
        for first, end in ((-axis.before, 0), (size, size + axis.after)):
            if end > first:
                one, other = scale.ends(first, end)
                yield rect(one, bar_top, other - one, _BAR, fill="url(#padding)", stroke=edge, class_="padding")
        for one, other in _joined(scale.ends(first, end) for first, end in runs(axis)):
            yield rect(one, bar_top, other - one, _BAR, fill="url(#never)", stroke=edge, class_="never")
        yield from _windows(axis, scale, bar_top + _BAR, palette)
    yield from _note(bar, top + 84, colours)


def _joined(spans: Iterable[tuple[float, float]]) -> Iterator[tuple[float, float]]:
    """Join spans, from the left, that overlap: each is as wide as can be seen, and there may be thousands."""
    left, right = 0.0, 0.0
    for one, other in spans:
        if one < right:
            right = max(right, other)
            continue
        if right > left:
            yield left, right
        left, right = one, other
    if right > left:
        yield left, right


def _windows(axis: AxisPlan, scale: _Scale, top: float, palette: Palette) -> Iterator[str]:
    accent = css(palette.accent)
    if axis.stride * scale.unit >= _CLOSEST_TICKS:
        for step in range(axis.out):
            x = scale.zero + (step * axis.stride - axis.before) * scale.unit
            yield line(x, top + 2, x, top + 10, stroke=accent, stroke_width=1.5, class_="tick")
    for step in sorted({0, axis.out - 1}):
        first = step * axis.stride - axis.before
        left, right = scale.ends(first, first + axis.effective)
        yield line(left, top + 10, right, top + 10, stroke=accent, stroke_width=4.0, class_="window")


def _note(bar: Bar, y: float, colours: AxisColours) -> Iterator[str]:
    _, axis, size = bar
    parts = [(f"{size:,}", colours.size)]
    if axis is not None:
        parts = [
            (f"{axis.before}", colours.padding),
            (" + ", ""),
            *parts,
            (" + ", ""),
            (f"{axis.after}", colours.padding),
        ]
        never = _never(axis)
        parts.append((f", {never:,} dropped" if never else ", none dropped", ""))
    spans = "".join(
        f'<tspan font-weight="bold" fill="{ink}">{text}</tspan>' if ink else f"<tspan>{text}</tspan>"
        for text, ink in parts
    )
    yield f'<text x="{_MARGIN:g}" y="{y:g}" font-size="{LETTERS}" class="counts">{spans}</text>'


def _never(axis: AxisPlan) -> int:
    return axis.size - int(axis.visited.sum())
