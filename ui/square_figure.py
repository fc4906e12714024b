"""The square: a picture with its ring of padding, where windows begin, what none visits, and the map it gives.

All is drawn to proportion: a cell of the map is as large as a pixel, so that stride 2 is seen to halve each side.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from conv_engine.axis import AxisPlan
from conv_engine.plan import Plan2D
from ui.axis_bars import never_hatch, runs
from ui.axis_figure import AxisColours, axis_colours, padding_hatch
from ui.colours import Palette, css, mixed, palette_for
from ui.svg import NARROW, WIDE, document, label, line, pair_html, rect
from ui.text import capital

__all__ = ["square_html", "square_svg", "square_words"]

_MARGIN = 12.0
_HEADINGS = 58.0
_BETWEEN = 76.0
_LARGEST_PIXEL = 24.0
_TALLEST = {False: 330.0, True: 300.0}
# Padding and dropped rows are seen, be they one pixel of a thousand.
_THINNEST = 3.0
_CLOSEST_DOTS, _CLOSEST_LINES = 4.0, 6.0
_LEGEND = 28.0


@dataclass(frozen=True)
class _Side:
    """One axis on the drawing: where its first pixel lies, how long it is, and its padding on either side."""

    axis: AxisPlan
    zero: float
    unit: float

    @property
    def before(self) -> float:
        return _thick(self.axis.before, self.unit)

    @property
    def after(self) -> float:
        return _thick(self.axis.after, self.unit)

    @property
    def length(self) -> float:
        return self.axis.size * self.unit

    @property
    def end(self) -> float:
        return self.zero + self.length

    def place(self, number: int) -> float:
        return self.zero + number * self.unit

    @property
    def dropped(self) -> list[tuple[float, float]]:
        """The start and the length of each run of what no window visits."""
        found = []
        for first, end in runs(self.axis):
            length = min(_thick(end - first, self.unit), self.length)
            found.append((min(self.place(first), self.end - length), length))
        return found


def square_html(plan: Plan2D, dark: bool) -> str:
    """Draw the picture and its map to proportion, for ``st.html``.

    Parameters
    ----------
    plan : Plan2D
    dark : bool
        For which theme.

    Returns
    -------
    str
        Two images, of which the wide or the narrow one is shown; `square_words` is their text alternative.
    """
    wide, narrow = (square_svg(plan, dark, narrow=narrow) for narrow in (False, True))
    return pair_html("square-figure", wide, narrow, square_words(plan))


def square_words(plan: Plan2D) -> str:
    """Say in words what the drawing of a plan shows."""
    height, width, _ = plan.image_shape
    rows, cols, _ = plan.output_shape
    (top, bottom), (left, right) = plan.pads
    words = [
        f"A picture of {height} × {width} pixels, and the {rows} × {cols} cells that it gives, to proportion."
    ]
    if _is_padded(plan):
        words.append(f"Its padding: {top} at the top, {bottom} at the bottom, {left} left and {right} right.")
    words += [f"{capital(text)}." for text in (_odd_words(plan), _dropped_words(plan)) if text]
    step_rows, step_cols = plan.spec.stride
    each = (
        f"every {step_rows} pixels"
        if step_rows == step_cols
        else f"every {step_rows} rows and {step_cols} columns"
    )
    words.append("A window begins at each pixel." if step_rows == step_cols == 1 else f"A window begins {each}.")
    return " ".join(words)


def square_svg(plan: Plan2D, dark: bool, *, narrow: bool = False) -> str:
    """Draw the picture and its map to proportion, as an SVG document.

    Parameters
    ----------
    plan : Plan2D
    dark : bool
        For which theme.
    narrow : bool
        Whether the map stands below the picture, for a screen of 300 to 640 CSS pixels; else beside it.

    Returns
    -------
    str
        The picture with its ring of padding, hatched; the rows and columns that no window visits, hatched the
        other way; what a lopsided padding has more on one side, filled; a dot where each window begins, unless
        these lie too close; the first window, and the cell that it makes; and a legend.
    """
    palette, colours = palette_for(dark), axis_colours(dark)
    width = NARROW if narrow else WIDE
    rows, cols = plan.row_axis, plan.col_axis
    # Room for padding that is drawn thicker than it is.
    room = width - 2 * _MARGIN - 2 * _THINNEST
    across = room / max(cols.padded, cols.out) if narrow else (room - _BETWEEN) / (cols.padded + cols.out)
    unit = min(across, _TALLEST[narrow] / rows.padded, _LARGEST_PIXEL)
    ring = [_thick(pad, unit) for pads in plan.pads for pad in pads]
    picture_width, picture_height = cols.size * unit + ring[2] + ring[3], rows.size * unit + ring[0] + ring[1]
    map_width, map_height = cols.out * unit, rows.out * unit
    top = _HEADINGS
    if narrow:
        left, map_left = (width - picture_width) / 2, (width - map_width) / 2
        map_top = top + picture_height + 58
        bottom = map_top + map_height
    else:
        left = (width - picture_width - _BETWEEN - map_width) / 2
        map_left, map_top = left + picture_width + _BETWEEN, top
        bottom = top + max(picture_height, map_height)
    across_side, down_side = _Side(cols, left + ring[2], unit), _Side(rows, top + ring[0], unit)
    body = [padding_hatch(palette, colours), never_hatch(palette)]
    body += _headings(plan, (left + picture_width / 2, map_left + map_width / 2, map_top), width, colours, palette)
    body += _picture(plan, across_side, down_side, palette, colours)
    body += _map(plan, map_left, map_top, unit, palette)
    body += _first_window(across_side, down_side, (map_left, map_top), palette)
    legend = list(_legend(plan, across_side, palette, colours))
    columns = 1 if narrow else 2
    for number, (swatch, text) in enumerate(legend):
        x = _MARGIN + (number % columns) * (width - 2 * _MARGIN) / columns
        y = bottom + 22 + (number // columns) * _LEGEND
        body.append(f'<g transform="translate({x:.2f} {y:.2f})">{swatch}{label(28, 15, text, anchor="start")}</g>')
    height = bottom + 22 + -(-len(legend) // columns) * _LEGEND
    title = f"{rows.size} × {cols.size} pixels give {rows.out} × {cols.out} cells"
    return document("".join(body), width, height, css(palette.text), title, square_words(plan))


def _headings(
    plan: Plan2D, at: tuple[float, float, float], width: float, colours: AxisColours, palette: Palette
) -> Iterator[str]:
    picture, made, map_top = at
    rows, cols = plan.row_axis, plan.col_axis

    def above(middle: float, y: float, text: str, ink: str, weight: str = "bold") -> str:
        half = 0.3 * 17 * len(text) + _MARGIN
        return label(min(max(middle, half), width - half), y, text, ink=ink, weight=weight)

    yield above(picture, 20, f"{rows.size} × {cols.size} pixels", colours.size)
    if _is_padded(plan):
        yield above(picture, 44, f"padded: {rows.padded} × {cols.padded}", colours.padding)
    cells = "cell" if rows.out == cols.out == 1 else "cells"
    yield above(made, map_top - 14, f"{rows.out} × {cols.out} {cells}", colours.out)


def _picture(plan: Plan2D, across: _Side, down: _Side, palette: Palette, colours: AxisColours) -> Iterator[str]:
    edge = css(palette.muted)
    left, top = across.zero - across.before, down.zero - down.before
    width, height = across.before + across.length + across.after, down.before + down.length + down.after
    if _is_padded(plan):
        yield rect(left, top, width, height, fill="url(#padding)", stroke=edge, class_="padding")
    yield rect(
        across.zero,
        down.zero,
        across.length,
        down.length,
        fill=css(mixed(palette.tints[2], palette.ground, 0.24)),
        stroke=edge,
        class_="pixels",
    )
    if across.unit >= _CLOSEST_LINES:
        yield from _grid(across.zero, down.zero, (down.axis.size, across.axis.size), across.unit, palette)
    for first, length in down.dropped:
        yield rect(across.zero, first, across.length, length, fill="url(#never)", class_="never-row")
    for first, length in across.dropped:
        yield rect(first, down.zero, length, down.length, fill="url(#never)", class_="never-column")
    if odd := _excess(down):
        yield rect(left, odd[0], width, odd[1], fill=colours.padding, class_="odd-row")
    if odd := _excess(across):
        yield rect(odd[0], top, odd[1], height, fill=colours.padding, class_="odd-column")
    if _has_dots(plan, across.unit):
        radius = min(3.0, across.unit * 0.3, _spacing(plan, across.unit) * 0.22)
        # A row of dots is one line, dashed with dashes of no length and round ends.
        first, gap = across.place(-across.axis.before) + across.unit / 2, across.axis.stride * across.unit
        # A line of no length has no dashes in some browsers.
        last = first + (across.axis.out - 1) * gap + 0.01
        for row in range(down.axis.out):
            y = down.place(row * down.axis.stride - down.axis.before) + down.unit / 2
            yield line(
                first,
                y,
                last,
                y,
                stroke=css(palette.accent),
                stroke_width=2 * radius,
                stroke_linecap="round",
                stroke_dasharray=f"0 {gap:.6f}",
                class_="starts",
            )


def _excess(side: _Side) -> tuple[float, float] | None:
    """Return where the padding lies that one side has more than the other, and how thick it is; None if none."""
    extra = side.axis.after - side.axis.before
    if not extra:
        return None
    thick = _thick(abs(extra), side.unit)
    return (side.end + side.after - thick, thick) if extra > 0 else (side.zero - side.before, thick)


def _map(plan: Plan2D, left: float, top: float, unit: float, palette: Palette) -> Iterator[str]:
    rows, cols, _ = plan.output_shape
    fill = css(mixed(palette.text, palette.ground, 0.14))
    yield rect(left, top, cols * unit, rows * unit, fill=fill, stroke=css(palette.text), class_="map")
    if unit >= _CLOSEST_LINES:
        yield from _grid(left, top, (rows, cols), unit, palette)


def _grid(left: float, top: float, counts: tuple[int, int], unit: float, palette: Palette) -> Iterator[str]:
    rows, cols = counts
    ink = css(palette.muted)
    for number in range(1, rows):
        y = top + number * unit
        yield line(left, y, left + cols * unit, y, stroke=ink, stroke_width=0.6, stroke_opacity=0.45)
    for number in range(1, cols):
        x = left + number * unit
        yield line(x, top, x, top + rows * unit, stroke=ink, stroke_width=0.6, stroke_opacity=0.45)


def _first_window(across: _Side, down: _Side, map_at: tuple[float, float], palette: Palette) -> Iterator[str]:
    accent, unit = css(palette.accent), across.unit
    left, top = across.place(-across.axis.before), down.place(-down.axis.before)
    width, height = across.axis.effective * unit, down.axis.effective * unit
    cell = max(unit, _THINNEST)
    for at in ((left + width, top, map_at[0], map_at[1]), (left, top + height, map_at[0], map_at[1] + cell)):
        yield line(*at, stroke=accent, stroke_width=1.5, stroke_dasharray="5 4", stroke_opacity=0.75)
    yield rect(
        left,
        top,
        width,
        height,
        fill=accent,
        fill_opacity=0.16,
        stroke=accent,
        stroke_width=2.5,
        class_="window",
    )
    yield rect(*map_at, cell, cell, fill=accent, class_="cell")


def _legend(plan: Plan2D, side: _Side, palette: Palette, colours: AxisColours) -> Iterator[tuple[str, str]]:
    edge, accent = css(palette.muted), css(palette.accent)

    def swatch(fill: str) -> str:
        return rect(0, 0, 20, 20, fill=fill, stroke=edge)

    window = rect(1, 1, 18, 18, fill=accent, fill_opacity=0.16, stroke=accent, stroke_width=2.5)
    yield window, "the first window and its cell"
    if _has_dots(plan, side.unit):
        yield f'<circle cx="10" cy="10" r="3.5" fill="{accent}"/>', "where each window begins"
    # A ring that is nothing but the odd one is covered by it.
    if any(min(pads) for pads in plan.pads):
        thin = min(pad for pads in plan.pads for pad in pads if pad) * side.unit < _THINNEST
        yield swatch("url(#padding)"), "padding, drawn thicker than it is" if thin else "padding"
    if text := _odd_words(plan):
        yield swatch(colours.padding), text
    if text := _dropped_words(plan):
        yield swatch("url(#never)"), text


# --- Words and measures --------------------------------------------------------------------------------


def _odd_words(plan: Plan2D) -> str:
    """Name what a lopsided padding has more on one side, "" if there is none."""
    extra = [axis.after - axis.before for axis in (plan.row_axis, plan.col_axis)]
    if not any(extra):
        return ""
    named = _rows_and_columns(abs(extra[0]), abs(extra[1]))
    return f"the odd {named}" if max(map(abs, extra)) == 1 else f"{named} more on one side"


def _dropped_words(plan: Plan2D) -> str:
    never = [axis.size - int(axis.visited.sum()) for axis in (plan.row_axis, plan.col_axis)]
    if not any(never):
        return ""
    rows, cols = (
        f"{count} {what}{'' if count == 1 else 's'}" for count, what in zip(never, ("row", "column"), strict=True)
    )
    which = rows if not never[1] else cols if not never[0] else f"{rows}, {cols}"
    return f"never visited: {which}"


def _rows_and_columns(rows: int, cols: int) -> str:
    names = [
        (what if count == 1 else f"{count} {what}s") for count, what in ((rows, "row"), (cols, "column")) if count
    ]
    return " and ".join(names)


def _is_padded(plan: Plan2D) -> bool:
    return plan.pads != ((0, 0), (0, 0))


def _spacing(plan: Plan2D, unit: float) -> float:
    """Return how far the nearest two windows lie apart on the drawing."""
    return min(plan.spec.stride) * unit


def _has_dots(plan: Plan2D, unit: float) -> bool:
    return _spacing(plan, unit) >= _CLOSEST_DOTS


def _thick(places: int, unit: float) -> float:
    return max(places * unit, _THINNEST) if places else 0.0
