"""How a receptive field grows through a chain of layers: drawn on the picture to proportion, and as a table.

The drawing has the picture with the field of one cell of each layer, and the same fields as bars below one
another, each at its place along the columns. What lies on padding is dashed, for no pixel is seen there.
"""

from collections.abc import Iterator, Sequence

from conv_engine.errors import ConvError
from conv_engine.receptive import ChainLayer, Stage, receptive_field
from ui.chain_text import format_padding
from ui.colours import Palette, css, mixed, palette_for
from ui.svg import NARROW, WIDE, document, label, line, pair_html, rect, safe
from ui.text import capital
from ui.thumbnails import data_uri

__all__ = ["RECEPTIVE_SOURCE", "followed", "receptive_html", "receptive_svg", "receptive_table", "receptive_words"]

RECEPTIVE_SOURCE = (
    "A. Araujo, W. Norris and J. Sim, “Computing Receptive Fields of Convolutional Neural Networks”, Distill, "
    "2019, doi:10.23915/distill.00021"
)
"""Where the formulas are from."""

_MARGIN = 10.0
_ROW = 27.0
_NAMES, _NUMBERS = 74.0, 78.0
"""Units for what stands before and behind the bars."""


def followed(size: tuple[int, int], layers: Sequence[ChainLayer]) -> tuple[list[Stage], str]:
    """Follow a chain as far as it goes.

    Parameters
    ----------
    size : (int, int)
        (H, W), in pixels.
    layers : sequence of ChainLayer

    Returns
    -------
    (list of Stage, str)
        A stage for each layer up to the first that cannot be laid on what it is given, and a sentence that names
        that layer and its numbers; "" where there is none such.
    """
    stages: list[Stage] = []
    for count in range(1, len(layers) + 1):
        try:
            stages = receptive_field(size, layers[:count])
        except ConvError as error:
            sentence, name = str(error), layers[count - 1].name
            if name:
                sentence = sentence.replace(f"layer {count} ", f"layer {count}, {name}, ", 1)
            return stages, f"{capital(sentence)}."
    return stages, ""


# --- The drawing ---------------------------------------------------------------------------------------


def receptive_html(
    size: tuple[int, int], stages: Sequence[Stage], dark: bool, *, picture: bytes | None = None
) -> str:
    """Draw how the field grows, for ``st.html``.

    Parameters
    ----------
    size : (int, int)
        (H, W), in pixels.
    stages : sequence of Stage
        From `followed`, at least one.
    dark : bool
        For which theme.
    picture : bytes, optional
        A PNG file of the picture, to lie under its fields.

    Returns
    -------
    str
        Two images, of which the wide or the narrow one is shown; `receptive_words` is their text alternative.
    """
    wide, narrow = (receptive_svg(size, stages, dark, picture=picture, narrow=narrow) for narrow in (False, True))
    return pair_html("receptive-figure", wide, narrow, receptive_words(size, stages))


def receptive_words(size: tuple[int, int], stages: Sequence[Stage]) -> str:
    """Say in words what a cell of the last layer sees.

    Parameters
    ----------
    size : (int, int)
        (H, W), in pixels.
    stages : sequence of Stage
        At least one.

    Returns
    -------
    str
        Sentences.
    """
    last = stages[-1]
    rows, cols = _middle(last)
    inside = _inside(rows, size[0]) * _inside(cols, size[1])
    whole = size[0] * size[1]
    name = last.layer.name or f"layer {len(stages)}"
    share = "the whole picture" if inside == whole else f"{_percent(inside, whole)} of its pixels"
    beyond = len(rows) * len(cols) - inside
    padding = f"; {beyond:,} further places are padding" if beyond else ""
    grows = ", ".join(_pair(stage.field) for stage in stages)
    return (
        f"A cell in the middle of {name} sees a field of {len(rows):,} × {len(cols):,} on a picture of "
        f"{size[0]:,} × {size[1]:,}. That is {share}{padding}. From layer to layer the field grows: {grows}."
    )


def receptive_svg(
    size: tuple[int, int],
    stages: Sequence[Stage],
    dark: bool,
    *,
    picture: bytes | None = None,
    narrow: bool = False,
) -> str:
    """Draw how the field grows, as an SVG document.

    Parameters
    ----------
    size, stages, dark, picture
        As `receptive_html` takes them.
    narrow : bool
        Whether it is for a screen of 300 to 640 CSS pixels.

    Returns
    -------
    str
        The picture with an outline for a cell of each layer, blue for the first and pink for the last: the middle
        cell of the last layer, the middle one of those under its window, and so on. And a bar for each, in the
        same colour, at its place along the columns, with its length in pixels.
    """
    palette = palette_for(dark)
    width = NARROW if narrow else WIDE
    fields = _nested(stages)
    inks = _inks(len(stages), palette)
    bars_height = _ROW * (len(stages) + 1) + 34
    room = width - 2 * _MARGIN if narrow else 330.0
    extents = [_extent([pair[axis] for pair in fields], size[axis]) for axis in (0, 1)]
    unit = min(room / (extents[1][1] - extents[1][0]), 330.0 / (extents[0][1] - extents[0][0]))
    map_height = (extents[0][1] - extents[0][0]) * unit
    map_width = (extents[1][1] - extents[1][0]) * unit
    left = (width - map_width) / 2 if narrow else _MARGIN + (room - map_width) / 2
    height = _MARGIN * 2 + (map_height + 24 + bars_height if narrow else max(map_height, bars_height))
    top = _MARGIN if narrow else (height - map_height) / 2
    body = list(
        _on_picture(
            size, fields, inks, (left - extents[1][0] * unit, top - extents[0][0] * unit), unit, palette, picture
        )
    )
    bars_left = _MARGIN if narrow else room + 3 * _MARGIN
    bars_top = top + map_height + 24 if narrow else (height - bars_height) / 2
    body += _bars(size[1], stages, fields, inks, (bars_left, width - _MARGIN), bars_top, palette)
    title = f"The receptive field through {len(stages)} {'layer' if len(stages) == 1 else 'layers'}"
    return document("".join(body), width, height, css(palette.text), title, receptive_words(size, stages))


def _on_picture(
    size: tuple[int, int],
    fields: Sequence[tuple[range, range]],
    inks: Sequence[str],
    origin: tuple[float, float],
    unit: float,
    palette: Palette,
    picture: bytes | None,
) -> Iterator[str]:
    left, top = origin
    height, width = size[0] * unit, size[1] * unit
    yield rect(left, top, width, height, fill=css(palette.empty), stroke=css(palette.muted), stroke_width=1.5)
    if picture is not None:
        yield (
            f'<image href="{data_uri(picture)}" x="{left:.2f}" y="{top:.2f}" width="{width:.2f}" '
            f'height="{height:.2f}" preserveAspectRatio="none" style="image-rendering: pixelated" opacity="0.55"/>'
        )
    # The largest first, so that no outline hides a smaller one.
    for (rows, cols), ink in sorted(zip(fields, inks, strict=True), key=lambda one: -len(one[0][0])):
        place = (left + cols.start * unit, top + rows.start * unit, len(cols) * unit, len(rows) * unit)
        beyond = _inside(rows, size[0]) < len(rows) or _inside(cols, size[1]) < len(cols)
        yield rect(*place, fill="none", stroke=css(palette.ground), stroke_width=5.0, stroke_opacity=0.75)
        yield rect(
            *place,
            fill=ink,
            fill_opacity=0.12,
            stroke=ink,
            stroke_width=2.5,
            stroke_dasharray="7 4" if beyond else "none",
            class_="field",
        )


def _bars(
    length: int,
    stages: Sequence[Stage],
    fields: Sequence[tuple[range, range]],
    inks: Sequence[str],
    ends: tuple[float, float],
    top: float,
    palette: Palette,
) -> Iterator[str]:
    first, end = _extent([cols for _, cols in fields], length)
    left, right = ends[0] + _NAMES, ends[1] - _NUMBERS
    unit = (right - left) / (end - first)
    origin = left - first * unit
    text, muted = css(palette.text), css(palette.muted)
    yield label(ends[0], top + 17, "along the columns", ink=muted, anchor="start")
    top += 30
    bottom = top + _ROW * (len(stages) + 1)
    for edge in (0, length):
        at = origin + edge * unit
        yield line(at, top, at, bottom, stroke=muted, stroke_width=1.0, stroke_dasharray="3 4")
    rows = [("picture", range(length), muted), *_named(stages, fields, inks)]
    for number, (name, cols, ink) in enumerate(rows):
        middle = top + _ROW * (number + 0.5)
        start, stop = max(cols.start, 0), min(cols.stop, length)
        yield label(ends[0], middle + 6, name, ink=text, anchor="start")
        # A bar that is thinner than a line is not seen.
        yield rect(
            origin + cols.start * unit,
            middle - 8,
            max(len(cols) * unit, 2.0),
            16,
            fill="none",
            stroke=ink,
            stroke_width=1.5,
            stroke_dasharray="4 3" if len(cols) > stop - start else "none",
            class_="span",
        )
        if stop > start:
            yield rect(
                origin + start * unit, middle - 8, max((stop - start) * unit, 2.0), 16, fill=ink, class_="seen"
            )
        yield label(ends[1], middle + 6, f"{len(cols):,}", ink=text, weight="bold", anchor="end")


def _named(
    stages: Sequence[Stage], fields: Sequence[tuple[range, range]], inks: Sequence[str]
) -> Iterator[tuple[str, range, str]]:
    for number, (stage, (_, cols), ink) in enumerate(zip(stages, fields, inks, strict=True), 1):
        yield stage.layer.name or f"layer {number}", cols, ink


def _inks(count: int, palette: Palette) -> list[str]:
    share = [index / max(count - 1, 1) for index in range(count)] if count > 1 else [1.0]
    return [css(mixed(palette.accent, palette.tints[2], part)) for part in share]


def _middle(stage: Stage) -> tuple[range, range]:
    return stage.region(stage.size[0] // 2, stage.size[1] // 2)


def _nested(stages: Sequence[Stage]) -> list[tuple[range, range]]:
    """Return the field of the last layer's middle cell, and before it that of the middle one that it uses."""
    cell = stages[-1].size[0] // 2, stages[-1].size[1] // 2
    fields = [stages[-1].region(*cell)]
    for before, stage in zip(stages[-2::-1], stages[:0:-1], strict=True):
        at = []
        for axis in (0, 1):
            # The padding in front, in cells of the layer before.
            pad = (before.first[axis] - stage.first[axis]) // before.jump[axis]
            tap = stage.layer.kernel[axis] // 2 * stage.layer.spec.dilation[axis]
            place = cell[axis] * stage.layer.spec.stride[axis] - pad + tap
            at.append(min(max(place, 0), before.size[axis] - 1))
        cell = at[0], at[1]
        fields.append(before.region(*cell))
    return fields[::-1]


def _inside(places: range, length: int) -> int:
    return max(min(places.stop, length) - max(places.start, 0), 0)


def _extent(places: Sequence[range], length: int) -> tuple[int, int]:
    return min(0, *(one.start for one in places)), max(length, *(one.stop for one in places))


# --- The table -----------------------------------------------------------------------------------------


def receptive_table(size: tuple[int, int], stages: Sequence[Stage], dark: bool) -> str:
    """Write what is known behind each layer as a table, for ``st.html``.

    Parameters
    ----------
    size : (int, int)
        (H, W), in pixels.
    stages : sequence of Stage
        From `followed`; none gives the picture's own line.
    dark : bool
        For which theme.

    Returns
    -------
    str
        A line for the picture and one for each layer: the size that it gives, the receptive field, jump and start
        of its cells, and its own numbers. Rows × columns where they differ. Names of layers are of any origin.
    """
    palette = palette_for(dark)
    heads = (
        ("layer", "its place in the chain"),
        ("size", "the cells that it gives"),
        ("field r", "the receptive field, in pixels of the picture"),
        ("jump j", "from a cell's field to its neighbour's"),
        ("start", "the centre of the first field; 0 is the centre of the first pixel"),
        ("kernel k", "rows × columns where they differ"),
        ("stride s", "a window every s cells"),
        ("padding p", "a name, all sides, rows × columns, or top, bottom, left, right"),
        ("dilation d", "a tap every d cells"),
    )
    lines = [("picture", f"{size[0]:,} × {size[1]:,}", "1", "1", "0", "", "", "", "")]
    for number, stage in enumerate(stages, 1):
        spec = stage.layer.spec
        lines.append(
            (
                stage.layer.name or f"layer {number}",
                f"{stage.size[0]:,} × {stage.size[1]:,}",
                _pair(stage.field),
                _pair(stage.jump),
                _pair(stage.start),
                _pair(stage.layer.kernel),
                _pair(spec.stride),
                format_padding(spec.padding).replace("x", " × ").replace("-", ", "),
                _pair(spec.dilation),
            )
        )
    faint = css(palette.faint)
    cell = f"padding: 0.3rem 0.7rem 0.3rem 0; border-bottom: 1px solid {faint}; white-space: nowrap"
    strong = ("size", "field r")
    head = "".join(
        f'<th scope="col" title="{safe(hint)}" style="{cell}; text-align: left; font-weight: 500; '
        f'color: {css(palette.muted)}">{safe(title)}</th>'
        for title, hint in heads
    )
    rows = ""
    for values in lines:
        cells = "".join(
            f'<td style="{cell}; font-weight: {600 if key in strong else 400}">{safe(value)}</td>'
            for (key, _), value in zip(heads[1:], values[1:], strict=True)
        )
        rows += f'<tr><th scope="row" style="{cell}; text-align: left">{safe(values[0])}</th>{cells}</tr>'
    return (
        '<div class="receptive-table" tabindex="0" role="region" aria-label="The chain, layer by layer" '
        'style="overflow-x: auto; max-width: 100%"><table style="border-collapse: collapse; font-size: 1rem; '
        f'font-variant-numeric: tabular-nums"><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table></div>'
    )


def _pair(values: tuple[float, float]) -> str:
    written = [f"{value:,}".removesuffix(".0") for value in values]
    # A minus sign, as everywhere, and not a hyphen.
    rows, cols = (text.replace("-", "−") for text in written)
    return rows if rows == cols else f"{rows} × {cols}"


def _percent(part: int, whole: int) -> str:
    share = 100 * part / whole
    if share < 0.1:
        return "less than 0.1\u00a0%"
    # Not rounded up to all of it.
    return f"{min(share, 99.9):.1f}".removesuffix(".0") + "\u00a0%"
