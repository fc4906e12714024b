"""Valid, same and full on one axis: a strip of cells, the kernel under it, and the cells that it has made.

Rows and columns obey the same rule and never mix, so that all there is to know of a size can be seen on a strip:
who is padded, who is read, who is dropped. The formula below it has its numbers in the colours of the strip.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from html import escape
from itertools import pairwise

import numpy as np

from conv_engine import ConvError
from conv_engine.axis import AxisPlan, Indices, named_pads
from conv_engine.errors import shown
from conv_engine.spec import PADDINGS, integer
from ui.colours import Palette, css, mixed, palette_for
from ui.svg import LETTERS, NARROW, WIDE, document, label, line, pair_html, rect
from ui.text import counted

__all__ = ["AxisColours", "axis_colours", "axis_html", "axis_svg", "axis_words", "formula_html", "padding_hatch"]

_MARGIN = 12.0
_LARGEST_CELL, _SMALLEST_CELL = 44.0, 8.0
# A cell of so many units has room for its number of two digits, and of three.
_NUMBERED = {1: 16.0, 2: 24.0, 3: 34.0, 4: 44.0}
_GAP = 3
"""Cells that a gap in the strip takes."""


@dataclass(frozen=True)
class AxisColours:
    """The colour of each number, in the strip and in the formula, as CSS.

    Attributes
    ----------
    size, padding, kernel, stride, out : str
        Of the n pixels, the padding p, the kernel's span e, the step s, and the cells made.
    """

    size: str
    padding: str
    kernel: str
    stride: str
    out: str


def axis_colours(dark: bool) -> AxisColours:
    """Return the colours for a theme; each can be read as letters on its ground, and a letter stands with each."""
    palette = palette_for(dark)
    # The window's own pink is for outlines: as letters it has to be a little further from the ground.
    kernel = palette.accent if dark else mixed(palette.accent, (0, 0, 0), 0.86)
    return AxisColours(
        size=css(palette.tints[2]),
        padding=css(palette.stops[-1] if not dark else palette.stops[-2]),
        kernel=css(kernel),
        stride=css(palette.tints[1]),
        out=css(palette.text),
    )


# --- The strip -----------------------------------------------------------------------------------------


def axis_html(axis: AxisPlan, step: int, dark: bool) -> str:
    """Draw one axis with the kernel at an output cell, for ``st.html``.

    Parameters
    ----------
    axis : AxisPlan
        An axis of a plan, or one made with `conv_engine.sizes.plan_axis`.
    step : int
        The output cell, 0 to ``axis.out`` − 1.
    dark : bool
        For which theme.

    Returns
    -------
    str
        Two images, of which the wide or the narrow one is shown; `axis_words` is their text alternative.

    Raises
    ------
    ConvError
        If there is no such step.
    """
    wide, narrow = (axis_svg(axis, step, dark, narrow=narrow) for narrow in (False, True))
    return pair_html("axis-figure", wide, narrow, axis_words(axis, step))


def axis_words(axis: AxisPlan, step: int) -> str:
    """Say in words what the strip shows at a step.

    Parameters
    ----------
    axis : AxisPlan
    step : int
        The output cell, 0 to ``axis.out`` − 1.

    Returns
    -------
    str
        Sentences. Pixels are counted from 0, as everywhere.

    Raises
    ------
    ConvError
        If there is no such step.
    """
    step = integer("step", step, least=0, most=axis.out - 1)
    first, last = _window(axis, step)
    inside = sum(0 <= position < axis.size for position in _taps(axis, step))
    if inside == axis.kernel:
        real = "All its taps lie on pixels" if inside > 1 else "Its only tap lies on a pixel"
    elif inside:
        real = (
            f"{inside} of its {axis.kernel} taps {_verb(inside, 'lies', 'lie')} on pixels, the others on padding"
        )
    else:
        real = "It lies on padding alone"
    padding = f", with {axis.before} of padding before and {axis.after} after" if axis.before or axis.after else ""
    dropped = _never(axis)
    left = (
        f" {counted(dropped, 'pixel')} of {axis.size} {_verb(dropped, 'is', 'are')} never visited."
        if dropped
        else ""
    )
    where = f"place {first}" if first == last else f"places {first} to {last}"
    return (
        f"{counted(axis.size, 'pixel')} in a row{padding}. Step {step + 1} of {axis.out}: the kernel lies on "
        f"{where.replace('-', '−')}. {real}. {step + 1} of {counted(axis.out, 'output cell')} made.{left}"
    )


def axis_svg(axis: AxisPlan, step: int, dark: bool, *, narrow: bool = False) -> str:
    """Draw one axis with the kernel at an output cell, as an SVG document.

    Parameters
    ----------
    axis, step, dark
        As `axis_html` takes them.
    narrow : bool
        Whether it is for a screen of 300 to 640 CSS pixels.

    Returns
    -------
    str
        From above: the counts of pixels and padding; the strip, padding hatched, with what no window reads crossed
        out; the kernel's taps; its span and the step to the next window; the output cells, those made filled in.
        A strip with more cells than find room has gaps, and says how many cells it leaves out.

    Raises
    ------
    ConvError
        If there is no such step.
    """
    step = integer("step", step, least=0, most=axis.out - 1)
    palette, colours = palette_for(dark), axis_colours(dark)
    width = NARROW if narrow else WIDE
    first, last = _window(axis, step)
    anchors = (-axis.before, 0, first, last, first + axis.stride, axis.size - 1, axis.size + axis.after - 1)
    strip = _Strip.of(-axis.before, axis.size + axis.after, anchors, width, (first, last + 1))
    outputs = _Strip.of(0, axis.out, (0, step, axis.out - 1), width, cell=strip.cell)
    body: list[str] = [padding_hatch(palette, colours)]
    body += _counts_above(axis, strip, colours)
    top = 62.0
    body += _cells(axis, step, strip, top, palette, colours)
    under = top + strip.cell + 6
    body += _never_below(axis, strip, under, palette)
    taps_top = under + 24
    body += _kernel(axis, step, strip, taps_top, palette)
    below = taps_top + strip.cell + 10
    out_top = below + 108
    centre = (strip.left(first) + strip.left(last) + strip.cell) / 2
    target = outputs.left(step) + outputs.cell / 2
    body.append(
        line(
            centre,
            taps_top + strip.cell,
            target,
            out_top,
            stroke=css(palette.accent),
            stroke_width=2.0,
            stroke_dasharray="5 4",
            stroke_opacity=0.7,
        )
    )
    ground = css(palette.ground)
    body += _span(strip, first, last + 1, below, f"e = {axis.effective}", colours.kernel, width, ground)
    if step + 1 < axis.out:
        end, text = first + axis.stride, f"s = {axis.stride}"
        body += _span(strip, first, end, below + 38, text, colours.stride, width, ground)
    body += _outputs(axis, step, outputs, out_top, palette, colours)
    base = out_top + outputs.cell + 26
    notes = [f"output: {step + 1} of {counted(axis.out, 'cell')} made"]
    never = _never(axis)
    notes += [f"{never:,} never visited (crossed out)"] if never else []
    left_out = [
        f"{count:,} {what} not drawn"
        for count, what in ((strip.hidden, "places"), (outputs.hidden, "outputs"))
        if count
    ]
    notes += left_out
    for index, note in enumerate(notes):
        ink = colours.out if index == 0 else css(palette.muted)
        body.append(label(width / 2, base + 24 * index, note, ink=ink, weight="bold" if index == 0 else "normal"))
    height = base + 24 * len(notes) - 12
    title = f"A strip of {counted(axis.size, 'pixel')} gives {counted(axis.out, 'cell')}"
    return document("".join(body), width, height, css(palette.text), title, axis_words(axis, step))


@dataclass(frozen=True)
class _Strip:
    """Which places of a row are drawn, and where; gaps stand for the others."""

    cell: float
    start: float
    slots: dict[int, int]
    gaps: tuple[int, ...]
    """The slots where a gap begins."""
    hidden: int

    @staticmethod
    def of(
        first: int,
        end: int,
        anchors: Sequence[int],
        width: float,
        needed: tuple[int, int] | None = None,
        *,
        cell: float = 0.0,
    ) -> "_Strip":
        room = width - 2 * _MARGIN
        capacity = int(room // (cell or _SMALLEST_CELL))
        if end - first <= capacity:
            places = list(range(first, end))
        else:
            anchors = sorted({min(max(anchor, first), end - 1) for anchor in anchors})
            places = []
            for radius in range(capacity):
                wider = _near(anchors, radius, first, end, needed if radius else None, capacity)
                if _slots_of(wider) > capacity:
                    break
                places = wider
        slots, gaps, at = {}, [], 0
        for index, place in enumerate(places):
            if index and place != places[index - 1] + 1:
                gaps.append(at)
                at += _GAP
            slots[place] = at
            at += 1
        cell = cell or min(_LARGEST_CELL, room / at)
        return _Strip(cell, (width - at * cell) / 2, slots, tuple(gaps), end - first - len(places))

    def left(self, place: int) -> float:
        """Where a place begins; one that is not drawn is in its gap, and one behind the end where it would be."""
        if place in self.slots:
            return self.start + self.slots[place] * self.cell
        before = [one for one in self.slots if one < place]
        after = [one for one in self.slots if one > place]
        if not before:
            return self.start + (place - min(after)) * self.cell
        if not after:
            return self.start + (self.slots[max(before)] + place - max(before)) * self.cell
        return self.start + (self.slots[max(before)] + 1 + _GAP / 2) * self.cell

    def right(self, place: int) -> float:
        """Where what ends before a place ends: at the end of the place before it."""
        return self.left(place - 1) + (self.cell if place - 1 in self.slots else 0)


def _near(
    anchors: Sequence[int], radius: int, first: int, end: int, needed: tuple[int, int] | None, capacity: int
) -> list[int]:
    places = {
        place for anchor in anchors for place in range(max(anchor - radius, first), min(anchor + radius + 1, end))
    }
    # The whole of the window, where that leaves room for something else.
    if needed and needed[1] - needed[0] <= capacity // 2:
        places |= set(range(max(needed[0], first), min(needed[1], end)))
    ordered = sorted(places)
    # A gap in place of as few cells as it takes would hide them for nothing.
    return [
        place
        for one, following in zip(ordered, [*ordered[1:], ordered[-1] + 1], strict=True)
        for place in (range(one, following) if following - one <= _GAP + 1 else (one,))
    ]


def _slots_of(places: Sequence[int]) -> int:
    return len(places) + _GAP * sum(after != before + 1 for before, after in pairwise(places))


def padding_hatch(palette: Palette, colours: AxisColours) -> str:
    """Define the pattern ``url(#padding)`` for a drawing: padding looks the same in all of them."""
    return (
        '<defs><pattern id="padding" width="7" height="7" patternUnits="userSpaceOnUse" '
        f'patternTransform="rotate(45)">{rect(0, 0, 7, 7, fill=css(palette.empty))}'
        f"{line(0, 0, 0, 7, stroke=colours.padding, stroke_width=2.0, stroke_opacity=0.55)}</pattern></defs>"
    )


def _counts_above(axis: AxisPlan, strip: _Strip, colours: AxisColours) -> Iterator[str]:
    """Write how many pixels there are, and how much padding before and after, over what they count."""
    for first, end, ink, name in (
        (-axis.before, 0, colours.padding, ""),
        (0, axis.size, colours.size, "n = "),
        (axis.size, axis.size + axis.after, colours.padding, ""),
    ):
        if end == first:
            continue
        left, right = strip.left(first), strip.right(end)
        yield label((left + right) / 2, 28, f"{name}{end - first}", ink=ink, weight="bold")
        yield _bracket(left + 1, right - 1, 52, -10, ink)


def _cells(
    axis: AxisPlan, step: int, strip: _Strip, top: float, palette: Palette, colours: AxisColours
) -> Iterator[str]:
    taps = set(_taps(axis, step))
    pixel = css(mixed(palette.tints[2], palette.ground, 0.24))
    read = css(mixed(palette.accent, palette.ground, 0.32))
    edge = css(palette.muted)
    number = _NUMBERED[min(len(str(max(axis.size - 1, 1))), 4)] <= strip.cell
    for place in strip.slots:
        left, inside = strip.left(place), 0 <= place < axis.size
        fill = read if place in taps and inside else pixel if inside else "url(#padding)"
        never = not (axis.visited[place] if inside else _is_read(axis, place))
        yield rect(
            left,
            top,
            strip.cell,
            strip.cell,
            fill=css(palette.faint) if never and inside else fill,
            stroke=edge,
            stroke_width=min(1.2, strip.cell / 12),
            class_=f"{'pixel' if inside else 'padding'}{' never' if never else ''}",
        )
        if never:
            yield _cross(left, top, strip.cell, palette)
        source = int(axis.sources(_as_indices(place))[0])
        if number and source >= 0 and not never:
            ink = css(palette.text) if inside else colours.padding
            yield label(
                left + strip.cell / 2,
                top + strip.cell / 2 + 6,
                str(source),
                ink=ink,
                weight="normal" if inside else "bold",
            )
    yield from _gaps(strip, top, palette)


def _never_below(axis: AxisPlan, strip: _Strip, top: float, palette: Palette) -> Iterator[str]:
    """Write how many pixels the last window leaves over, under them."""
    if not axis.unused:
        return
    left, right = strip.left(axis.size - axis.unused), strip.right(axis.size)
    yield label((left + right) / 2, top + 14, str(axis.unused), weight="bold", ink=css(palette.text))


def _kernel(axis: AxisPlan, step: int, strip: _Strip, top: float, palette: Palette) -> Iterator[str]:
    accent = css(palette.accent)
    first, last = _window(axis, step)
    middle = top + strip.cell / 2
    yield line(strip.left(first) + 2, middle, strip.right(last + 1) - 2, middle, stroke=accent, stroke_width=3.0)
    for place in _taps(axis, step):
        if place in strip.slots:
            yield rect(
                strip.left(place) + 1,
                top,
                strip.cell - 2,
                strip.cell,
                fill=accent,
                stroke=accent,
                stroke_width=1.5,
                rx=min(4.0, strip.cell / 4),
                class_="tap",
            )


def _span(
    strip: _Strip, first: int, end: int, top: float, text: str, ink: str, width: float, ground: str
) -> Iterator[str]:
    """Draw a bracket below the kernel with what it counts."""
    left, right = strip.left(first), strip.left(end) if end in strip.slots else strip.right(end)
    yield _bracket(left + 1, max(right - 1, left + 3), top, 8, ink)
    half = 0.31 * LETTERS * len(text)
    middle = min(max((left + right) / 2, half + 4), width - half - 4)
    yield label(middle, top + 26, text, ink=ink, weight="bold", halo=ground)


def _outputs(
    axis: AxisPlan, step: int, strip: _Strip, top: float, palette: Palette, colours: AxisColours
) -> Iterator[str]:
    number = _NUMBERED[min(len(str(max(axis.out - 1, 1))), 4)] <= strip.cell
    made = css(mixed(palette.text, palette.ground, 0.22))
    for place in strip.slots:
        done = place <= step
        current = place == step
        yield rect(
            strip.left(place),
            top,
            strip.cell,
            strip.cell,
            fill=css(mixed(palette.accent, palette.ground, 0.45)) if current else made if done else "none",
            stroke=css(palette.muted),
            stroke_width=min(1.2, strip.cell / 12),
            stroke_dasharray="none" if done else "3 3",
            class_="made" if done else "open",
        )
        if number and done:
            yield label(strip.left(place) + strip.cell / 2, top + strip.cell / 2 + 6, str(place), ink=colours.out)
    yield rect(
        strip.left(step), top, strip.cell, strip.cell, fill="none", stroke=css(palette.accent), stroke_width=2.5
    )
    yield from _gaps(strip, top, palette)


def _gaps(strip: _Strip, top: float, palette: Palette) -> Iterator[str]:
    for slot in strip.gaps:
        middle = strip.start + (slot + _GAP / 2) * strip.cell
        yield label(middle, top + strip.cell / 2 + 5, "…", ink=css(palette.muted), weight="bold")


def _bracket(left: float, right: float, y: float, tip: float, ink: str) -> str:
    points = f"M{left:.2f} {y:.2f}v{tip:.2f}H{right:.2f}v{-tip:.2f}"
    return f'<path d="{points}" fill="none" stroke="{ink}" stroke-width="2"/>'


def _cross(left: float, top: float, side: float, palette: Palette) -> str:
    inset = side * 0.2
    a, b, c, d = left + inset, left + side - inset, top + inset, top + side - inset
    ink = css(palette.text)
    breadth = min(2.2, side / 6)
    return line(a, c, b, d, stroke=ink, stroke_width=breadth) + line(a, d, b, c, stroke=ink, stroke_width=breadth)


# --- The formula ---------------------------------------------------------------------------------------


def formula_html(axis: AxisPlan, dark: bool, padding: str = "") -> str:
    """Write the formula for the size with its numbers put in, each in the colour that it has in the strip.

    Parameters
    ----------
    axis : AxisPlan
    dark : bool
        For which theme.
    padding : str
        ``"valid"``, ``"same"`` or ``"full"`` where the padding was given by that name: ``"same"`` has a formula of
        its own, from which its padding follows. Empty for a padding in numbers.

    Returns
    -------
    str
        HTML for ``st.html``: lines of the formula, and one in words.

    Raises
    ------
    ConvError
        If the padding of the axis is not what its name stands for.
    """
    if padding not in ("", *PADDINGS):
        words = ", ".join(repr(word) for word in PADDINGS)
        raise ConvError(f"padding must be one of {words} or empty, got {shown(padding)}")
    if padding and named_pads(padding, axis.size, axis.effective, axis.stride) != (axis.before, axis.after):
        raise ConvError(
            f"padding must be what the axis has, ({axis.before}, {axis.after}), got {shown(padding)}, which is "
            f"{named_pads(padding, axis.size, axis.effective, axis.stride)}"
        )
    colours = axis_colours(dark)
    n, e, s = (
        _number(axis.size, colours.size),
        _number(axis.effective, colours.kernel),
        _number(axis.stride, colours.stride),
    )
    total = axis.before + axis.after
    p, out = _number(total, colours.padding), _number(axis.out, colours.out)
    letter = {
        "n": _number("n", colours.size),
        "p": _number("p", colours.padding),
        "e": _number("e", colours.kernel),
        "s": _number("s", colours.stride),
        "out": _number("out", colours.out),
        "k": _number("k", colours.kernel),
        "d": _number("d", colours.kernel),
    }
    sides = f"{_number(axis.before, colours.padding)} before and {_number(axis.after, colours.padding)} after"
    lines = []
    if axis.dilation > 1:
        k, d = _number(axis.kernel, colours.kernel), _number(axis.dilation, colours.kernel)
        lines.append(f"{letter['e']} = {letter['d']} · ({letter['k']} − 1) + 1 = {d} · ({k} − 1) + 1 = {e}")
    if padding == "same":
        lines.append(f"{letter['out']} = ⌈{letter['n']} / {letter['s']}⌉ = ⌈{n} / {s}⌉ = {out}")
        lines.append(
            f"{letter['p']} = max(({letter['out']} − 1) · {letter['s']} + {letter['e']} − {letter['n']}, 0) = "
            f"max(({out} − 1) · {s} + {e} − {n}, 0) = {p}: {sides}"
        )
        words = (
            f"“same” asks for a cell at every {_nth(axis.stride)}pixel, rounded up, and pads as much as the last "
            "window needs."
        )
    else:
        if padding == "valid":
            lines.append(f"{letter['p']} = {p}: “valid” has no padding")
        elif padding == "full":
            lines.append(f"{letter['p']} = 2 · ({letter['e']} − 1) = 2 · ({e} − 1) = {p}: {sides}")
        elif total:
            lines.append(
                f"{letter['p']} = {_number(axis.before, colours.padding)} + "
                f"{_number(axis.after, colours.padding)} = {p}: {sides}"
            )
        lines.append(
            f"{letter['out']} = ⌊({letter['n']} + {letter['p']} − {letter['e']}) / {letter['s']}⌋ + 1 = "
            f"⌊({n} + {p} − {e}) / {s}⌋ + 1 = {out}"
        )
        words = (
            f"The first window takes {counted(axis.effective, 'cell')} of the {axis.padded}; the other "
            f"{axis.padded - axis.effective} have room for {counted(axis.out - 1, 'more step')} of {axis.stride}."
        )
    shown_lines = "".join(f'<p style="margin: 0.15rem 0">{one}</p>' for one in lines)
    return (
        '<div class="axis-formula" style="line-height: 1.6; font-variant-numeric: tabular-nums; '
        f'overflow-wrap: anywhere"><div style="font-size: 1.12rem">{shown_lines}</div>'
        f'<p style="margin: 0.3rem 0 0">{escape(words)}</p></div>'
    )


def _number(value: int | str, ink: str) -> str:
    style = "font-style: italic; " if isinstance(value, str) else ""
    return f'<b style="{style}color: {ink}">{value}</b>'


# --- Numbers and words ---------------------------------------------------------------------------------


def _window(axis: AxisPlan, step: int) -> tuple[int, int]:
    """Return the first and the last place under the kernel."""
    first = step * axis.stride - axis.before
    return first, first + axis.effective - 1


def _taps(axis: AxisPlan, step: int) -> list[int]:
    places: list[int] = axis.positions(step, step + 1)[0].tolist()
    return places


def _is_read(axis: AxisPlan, place: int) -> bool:
    """Whether a tap of any window comes to a place, be it padding or not."""
    offsets = (place + axis.before - tap * axis.dilation for tap in range(axis.kernel))
    return any(
        offset >= 0 and offset % axis.stride == 0 and offset // axis.stride < axis.out for offset in offsets
    )


def _as_indices(place: int) -> Indices:
    return np.array([place], dtype=np.intp)


def _never(axis: AxisPlan) -> int:
    return axis.size - int(axis.visited.sum())


def _verb(number: int, one: str, many: str) -> str:
    return one if number == 1 else many


def _nth(stride: int) -> str:
    if stride == 1:
        return ""
    ending = "th" if stride % 100 in (11, 12, 13) else {1: "st", 2: "nd", 3: "rd"}.get(stride % 10, "th")
    return f"{stride}{ending} "
