"""How much is real, in pictures: what feeds each cell, what is used how often, and what padding does to a border.

Counts have a sequential scale from 0, with its range printed. No picture is interpolated, and none mixes cells.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from conv_engine import Plan2D, conv2d, plan2d
from conv_engine.axis import AxisPlan, sources
from conv_engine.coverage import Counts, real_pixels, uses
from conv_engine.spec import BOUNDARIES, integer
from ui.colours import css, palette_for
from ui.images import Pixels
from ui.kernel_charts import FREQUENCY_SCALE, frequency_colours
from ui.layer import Layer
from ui.map_tiles import Tile, map_tiles, scale_number, tiles_html
from ui.svg import safe
from ui.thumbnails import as_png, data_uri

__all__ = [
    "COVERAGE_SIDE",
    "BorderDimming",
    "BoundaryTiles",
    "CoverageTile",
    "border_dimming",
    "boundary_html",
    "boundary_tiles",
    "coverage_html",
    "coverage_tiles",
    "coverage_words",
    "gathered",
    "padded_corner",
]

COVERAGE_SIDE = 64
"""The most cells along a side of a picture of counts: of longer ones both ends are shown."""

_GAP = 3
_WIDEST = 1.6
# A white picture need not be larger than this to have an inside and a border.
_LARGEST_WHITE = 512
# Weights that cancel leave the rounding error of their sum.
_ABOUT = 1e-9
# Cells, or pixels where there is a stride: few enough that one row of padding is seen.
_REGION = 16
_ENLARGED = 4


@dataclass(frozen=True)
class CoverageTile:
    """A picture of counts.

    Attributes
    ----------
    png : bytes
        A PNG file with a pixel for each cell that is shown.
    rows, cols : int
        The size of what is counted; the picture may leave out its middle.
    low, high : int
        The least and the greatest count of all cells. The scale goes from 0 to the greatest.
    title, caption : str
        What is counted, and what can be seen, as sentences.
    dark : bool
        The theme that it is made for.
    """

    png: bytes
    rows: int
    cols: int
    low: int
    high: int
    title: str
    caption: str
    dark: bool


# --- Counts --------------------------------------------------------------------------------------------


def coverage_tiles(plan: Plan2D, dark: bool, *, side: int = COVERAGE_SIDE) -> tuple[CoverageTile, CoverageTile]:
    """Draw how many real pixels feed each output cell, and how often each pixel of the image is used.

    Parameters
    ----------
    plan : Plan2D
    dark : bool
        For which theme.
    side : int
        The most cells along a side, at least 2. Of a longer side the first and the last ones are drawn, with a gap
        between: the borders are what differs, and picking cells at even distances would make patterns of its own
        from those that a stride makes.

    Returns
    -------
    (CoverageTile, CoverageTile)
        Of the (oh, ow) cells and of the (H, W) pixels.

    Raises
    ------
    ConvError
        If `side` is less than 2.
    """
    side = integer("side", side, least=2)
    _, kernel_rows, kernel_cols, _ = plan.bank_shape
    taps = kernel_rows * kernel_cols
    real, used = _profiles(plan, real_pixels), _profiles(plan, uses)
    cells, whole = real[0].size * real[1].size, _how_often(real, taps)
    seen = (
        f"Every cell sees {_times(taps, 'real pixel')}: no window reaches the padding."
        if whole == cells
        else f"{cells - whole:,} of {cells:,} cells see fewer than {_times(taps, 'real pixel')}, the rest of "
        "their window being padding."
    )
    pixels, never = used[0].size * used[1].size, _how_often(used, 0)
    copied = (
        " A copy in the padding is a use of its pixel." if plan.spec.boundary != "zeros" and whole < cells else ""
    )
    verb = "is" if never == 1 else "are"
    unread = f"{never:,} of {pixels:,} pixels {verb} never used." if never else "Every pixel is used."
    return (
        _coverage(real, side, "Real pixels under each output cell", seen, dark),
        _coverage(used, side, "Uses of each input pixel", unread + copied, dark),
    )


def coverage_words(plan: Plan2D) -> tuple[str, str]:
    """Say what the corner, the edge and the centre have, in numbers.

    Parameters
    ----------
    plan : Plan2D

    Returns
    -------
    (str, str)
        Of the output cells, how many taps of their windows lie on real pixels; of the pixels, how often they are
        used. The corner is that of `padded_corner`.

    Examples
    --------
    >>> real, _ = coverage_words(plan2d((9, 9, 1), (1, 3, 3, 1), padding="same"))
    >>> print(real[:82])
    Of the 9 taps of its window, the cell in the upper left corner has 4 on real pixel
    """
    _, kernel_rows, kernel_cols, _ = plan.bank_shape
    end, side = padded_corner(plan)

    def points(profiles: tuple[Counts, Counts]) -> list[tuple[str, int]]:
        rows, cols = profiles
        edge = rows[-1 if end == "lower" else 0], cols[-1 if side == "right" else 0]
        middle = rows[rows.size // 2], cols[cols.size // 2]
        edges = [
            (f"in the middle of the {end} edge", int(edge[0] * middle[1])),
            (f"in the middle of the {side} edge", int(middle[0] * edge[1])),
        ]
        if edges[0][1] == edges[1][1]:
            edges = [(f"in the middle of the {end} or the {side} edge", edges[0][1])]
        corner = (f"in the {end} {side} corner", int(edge[0] * edge[1]))
        return [corner, *edges, ("in the centre", int(middle[0] * middle[1]))]

    taps = kernel_rows * kernel_cols
    of = f"Of the {taps} taps of its window" if taps > 1 else "Of the only tap of its window"
    (where, number), *others = points(_profiles(plan, real_pixels))
    real = f"{of}, the cell {where} has {number:,} on real pixels"
    real += "".join(f", one {where} {number:,}" for where, number in others)
    (where, number), *others = points(_profiles(plan, uses))
    used = f"The pixel {where} is used {_times(number, 'time')}"
    used += "".join(f", one {where} {_times(number, 'time')}" for where, number in others)
    return f"{real}.", f"{used}."


def padded_corner(plan: Plan2D) -> tuple[str, str]:
    """Name the corner that has the most padding: ``"upper"`` or ``"lower"``, and ``"left"`` or ``"right"``."""
    at_end = [axis.after > axis.before for axis in (plan.row_axis, plan.col_axis)]
    return "lower" if at_end[0] else "upper", "right" if at_end[1] else "left"


def coverage_html(tiles: Sequence[CoverageTile]) -> str:
    """Lay pictures of counts side by side, with their scales and captions, for ``st.html``.

    Parameters
    ----------
    tiles : sequence of CoverageTile
        From `coverage_tiles`.

    Returns
    -------
    str
    """
    figures = "".join(_figure(tile) for tile in tiles)
    return (
        '<div class="coverage-tiles" style="display: grid; gap: 1.1rem 1.4rem; '
        'max-width: 880px; grid-template-columns: repeat(auto-fit, minmax(min(100%, 260px), 1fr))">'
        f"{figures}</div>"
    )


def _profiles(plan: Plan2D, count: Callable[[Plan2D], Counts]) -> tuple[Counts, Counts]:
    """Count along a single column and along a single row, whose products are the counts of all cells.

    A photo's counts of all cells take eight bytes a pixel, and few of them are drawn.
    """
    profiles = []
    for axis in (0, 1):
        shape, kernel, stride, dilation = [1, 1, 1], [1, 1, 1, 1], [1, 1], [1, 1]
        pads = [(0, 0), (0, 0)]
        shape[axis], kernel[1 + axis] = plan.image_shape[axis], plan.bank_shape[1 + axis]
        stride[axis], dilation[axis] = plan.spec.stride[axis], plan.spec.dilation[axis]
        pads[axis] = plan.pads[axis]
        line = plan2d(shape, kernel, stride=stride, padding=pads, dilation=dilation, boundary=plan.spec.boundary)
        profiles.append(count(line).ravel())
    return profiles[0], profiles[1]


def _how_often(profiles: tuple[Counts, Counts], value: int) -> int:
    """Count the cells whose count, a product of one of the rows and one of the columns, has this value."""
    amounts, numbers = np.unique(profiles[1], return_counts=True)
    found = dict(zip(amounts.tolist(), numbers.tolist(), strict=True))
    total = 0
    for row, number in zip(*(part.tolist() for part in np.unique(profiles[0], return_counts=True)), strict=True):
        total += number * sum(count for amount, count in found.items() if row * amount == value)
    return total


def _coverage(profiles: tuple[Counts, Counts], side: int, title: str, sentence: str, dark: bool) -> CoverageTile:
    rows, cols = profiles
    # Counts are not negative, so that the products of the extremes are the extremes of the products.
    low, high = int(rows.min() * cols.min()), int(rows.max() * cols.max())
    counts = np.outer(_ends(rows, side), _ends(cols, side))
    picture = frequency_colours()[_levels(counts, high)]
    for axis, length in enumerate((rows.size, cols.size)):
        if length > side:
            gap = np.array(palette_for(dark).ground, dtype=np.uint8)
            blank = np.broadcast_to(gap, (*(_GAP if one == axis else picture.shape[one] for one in (0, 1)), 3))
            first, last = np.split(picture, [side - side // 2], axis=axis)
            picture = np.concatenate([first, blank, last], axis=axis)
    left_out = _left_out(rows.size, cols.size, side)
    return CoverageTile(as_png(picture), rows.size, cols.size, low, high, title, f"{sentence}{left_out}", dark)


def _ends(profile: Counts, side: int) -> Counts:
    if profile.size <= side:
        return profile
    return np.concatenate([profile[: side - side // 2], profile[profile.size - side // 2 :]])


def _left_out(rows: int, cols: int, side: int) -> str:
    parts = [f"{length - side:,} {what}" for length, what in ((rows, "rows"), (cols, "columns")) if length > side]
    return f" The middle is left out: {' and '.join(parts)}." if parts else ""


def _levels(counts: Counts, high: int) -> npt.NDArray[np.uint8]:
    """Find the places of counts in the scale; only 0 has its first colour."""
    places = np.rint(255 * counts / max(high, 1))
    levels: npt.NDArray[np.uint8] = np.where(counts > 0, np.maximum(places, 1), 0).astype(np.uint8)
    return levels


def _figure(tile: CoverageTile) -> str:
    palette = palette_for(tile.dark)
    ratio = min(max(tile.cols / tile.rows, 1 / _WIDEST), _WIDEST)
    span = f"{tile.low:,} everywhere" if tile.low == tile.high else f"from {tile.low:,} to {tile.high:,}"
    alt = f"{tile.title}: {tile.rows} × {tile.cols}, {span}. {tile.caption}"
    scale = f"linear-gradient(to right, {', '.join(FREQUENCY_SCALE)})" if tile.high else FREQUENCY_SCALE[0]
    return (
        '<figure style="margin: 0; min-width: 0">'
        f'<img src="{data_uri(tile.png)}" alt="{safe(alt)}" '
        f'style="display: block; width: 100%; aspect-ratio: {ratio:.4f}; object-fit: contain; '
        f'image-rendering: pixelated; border: 1px solid {css(palette.faint)}; border-radius: 4px">'
        '<figcaption style="line-height: 1.4; padding-top: 0.3rem; font-size: 0.95rem">'
        f"<b>{safe(tile.title)}</b>, {tile.rows} × {tile.cols}, {span}"
        f'<span style="display: block; height: 8px; border-radius: 4px; margin: 0.3rem 0 0.15rem; '
        f'background: {scale}"></span>'
        '<span style="display: flex; justify-content: space-between; font-variant-numeric: tabular-nums">'
        f"<span>0</span><span>{tile.high:,}</span></span>"
        f'<span style="display: block; color: {css(palette.muted)}">{safe(tile.caption)}</span>'
        "</figcaption></figure>"
    )


# --- Borders -------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class BorderDimming:
    """How bright the border of a white picture comes out, measured.

    Attributes
    ----------
    kernel : str
        With which kernel, such as ``"Gaussian"``.
    size : (int, int)
        Rows and columns of the white picture.
    border, inside : int
        How many cells of the map have padding in their window, and how many have none.
    means : mapping of str to float
        For each boundary the mean of the border cells, as a share of the cells inside. Empty without a border.
    least : mapping of str to float
        For each boundary the least border cell, as a share of the cells inside. Empty without a border.
    """

    kernel: str
    size: tuple[int, int]
    border: int
    inside: int
    means: Mapping[str, float]
    least: Mapping[str, float]

    @property
    def sentence(self) -> str:
        """The measurement in words."""
        what = f"A white picture of {self.size[0]} × {self.size[1]} pixels under {self.kernel}"
        if not self.border:
            return f"{what}: no window reaches the padding, and nothing is dimmed."
        means = {boundary: _percent(mean) for boundary, mean in self.means.items()}
        others = [boundary for boundary in means if boundary != "zeros"]
        if len({means[boundary] for boundary in others}) == 1:
            rest = f"with {', '.join(others[:-1])} and {others[-1]} it is {means[others[0]]}"
        else:
            rest = ", ".join(f"with {boundary} it is {means[boundary]}" for boundary in others)
        than = "those inside" if self.inside else "cells without padding would be"
        return (
            f"{what}: with zeros the {self.border:,} cells that see padding are on average {means['zeros']} as "
            f"bright as {than}, the darkest {_percent(self.least['zeros'])}; {rest}."
        )


def border_dimming(layer: Layer, *, feature: int = 0) -> BorderDimming:
    """Measure what each boundary does to the border of a white picture.

    The feature's own kernel is taken if it makes something of white, which is so if its weights do not sum to 0;
    else a box of its size.

    Parameters
    ----------
    layer : Layer
        Its sizes, kernel and settings; its pixels do not matter.
    feature : int
        Of the bank, 0 to K − 1.

    Returns
    -------
    BorderDimming
        Measured on a white picture of the layer's size; of more than 512 rows or columns on one that is smaller by
        a multiple of the stride, which has the same border.

    Raises
    ------
    ConvError
        If there is no such feature.
    """
    feature = integer("feature", feature, least=0, most=len(layer.bank) - 1)
    weights = layer.bank[feature].sum(axis=2)
    kernel = f"“{layer.names[feature]}”"
    if abs(weights.sum()) <= _ABOUT * np.abs(weights).sum():
        rows, cols = weights.shape
        weights, kernel = np.full(weights.shape, 1 / weights.size), f"a box of {rows} × {cols}"
    size = _small(layer.plan.row_axis), _small(layer.plan.col_axis)
    white = np.full((*size, 1), 255, dtype=np.uint8)
    bank = weights[np.newaxis, :, :, np.newaxis]
    spec, pads = layer.plan.spec, layer.plan.pads
    plan = plan2d(white.shape, bank.shape, stride=spec.stride, padding=pads, dilation=spec.dilation)
    is_border = real_pixels(plan) < weights.size
    border = int(is_border.sum())
    means, least = {}, {}
    for boundary in BOUNDARIES if border else ():
        cells = conv2d(
            white,
            bank,
            stride=spec.stride,
            padding=pads,
            dilation=spec.dilation,
            boundary=boundary,
            flip=layer.flip,
            method="direct",
        )[:, :, 0].astype(np.float64)
        # Where the border is all there is, the weights say what the inside would be.
        inside = float(cells[~is_border].mean()) if border < cells.size else 255 * float(weights.sum())
        shares = cells[is_border] / inside
        means[boundary], least[boundary] = float(shares.mean()), float(shares.min())
    return BorderDimming(kernel, size, border, is_border.size - border, means, least)


def _small(axis: AxisPlan) -> int:
    over = max(axis.size - max(_LARGEST_WHITE, 2 * axis.effective), 0)
    return max(axis.size - -(-over // axis.stride) * axis.stride, 1)


def _percent(share: float) -> str:
    return f"{scale_number(100 * share)}\u00a0%"  # a number and its sign stay on one line


@dataclass(frozen=True)
class BoundaryTiles:
    """The same border region under the four boundaries.

    Attributes
    ----------
    names : tuple of str
        The boundaries, in the order of `conv_engine.spec.BOUNDARIES`.
    tiles : tuple of Tile
        The map there, all by one scale.
    pictures : tuple of bytes
        PNG files of what the kernel is laid on there, with a line where the picture ends and its padding begins;
        empty where the layer lies on maps, which are no picture.
    note : str
        Which region it is, as a sentence.
    """

    names: tuple[str, ...]
    tiles: tuple[Tile, ...]
    pictures: tuple[bytes, ...]
    note: str


def boundary_tiles(layer: Layer, dark: bool, *, feature: int = 0) -> BoundaryTiles:
    """Convolve one corner of the layer's image under each of the four boundaries.

    Parameters
    ----------
    layer : Layer
        Its pixels, bank and settings. Where these have no padding, “same” is taken, for there would be nothing to
        compare.
    dark : bool
        For which theme.
    feature : int
        Of the bank, 0 to K − 1.

    Returns
    -------
    BoundaryTiles
        Of the upper left corner; but of the lower rows or right columns where there is more padding.

    Raises
    ------
    ConvError
        If there is no such feature, or a value is too large for float32.
    """
    feature = integer("feature", feature, least=0, most=len(layer.bank) - 1)
    plan, spec = layer.plan, layer.plan.spec
    instead = ""
    if plan.pads == ((0, 0), (0, 0)):
        plan = plan2d(
            plan.image_shape, plan.bank_shape, stride=spec.stride, padding="same", dilation=spec.dilation
        )
        instead = " The layer has no padding; here it is “same”."
    places = tuple(_region(axis) for axis in (plan.row_axis, plan.col_axis))
    maps, pictures = [], []
    for boundary in BOUNDARIES:
        # Of a large photo a corner is brought to its unit, and not all of it.
        shown = gathered(layer.pixels, places, boundary)
        region = np.divide(shown, 255, dtype=np.float32) if layer.unit and shown.dtype == np.uint8 else shown
        cells = conv2d(
            region,
            layer.bank[feature : feature + 1],
            layer.bias[feature : feature + 1],
            stride=spec.stride,
            dilation=spec.dilation,
            flip=layer.flip,
            method="direct",  # a 0 on the screen is a 0
        )
        maps.append(np.ascontiguousarray(cells[:, :, 0]))
        if layer.pixels.dtype == np.uint8:
            pictures.append(_lined(shown.astype(np.uint8), places, layer.pixels.shape[:2], dark))
    rows, cols = maps[0].shape
    corner = " ".join(padded_corner(plan))
    note = f"The {corner} corner, {rows} × {cols} cells, under the four boundaries by one scale.{instead}"
    return BoundaryTiles(BOUNDARIES, tuple(map_tiles(maps, shared=True, dark=dark)), tuple(pictures), note)


def boundary_html(found: BoundaryTiles, dark: bool) -> str:
    """Lay out the pictures and the maps of `boundary_tiles`, for ``st.html``."""
    faint = css(palette_for(dark).faint)
    figures = "".join(
        '<figure style="margin: 0; min-width: 0">'
        f'<img src="{data_uri(picture)}" alt="The corner of the picture with its padding, {name}" '
        'style="display: block; width: 100%; image-rendering: pixelated; '
        f'border: 1px solid {faint}; border-radius: 4px">'
        '<figcaption style="padding-top: 0.3rem; font-size: 0.92rem">'
        f"<b>{name}</b>, picture and padding</figcaption></figure>"
        for name, picture in zip(found.names, found.pictures, strict=False)
    )
    grid = f'<div class="map-tiles" style="display: grid; gap: 1.1rem 1rem; margin-bottom: 1.1rem">{figures}</div>'
    # Four beside one another, or two where there is little room: a picture and its map stay in one column.
    return (
        "<style>.boundaries { container-type: inline-size }"
        ".boundaries .map-tiles { grid-template-columns: repeat(2, minmax(0, 1fr)) !important }"
        "@container (min-width: 640px) {"
        ".boundaries .map-tiles { grid-template-columns: repeat(4, minmax(0, 1fr)) !important } }</style>"
        f'<div class="boundaries">{grid if figures else ""}{tiles_html(found.tiles, found.names, least=150)}</div>'
    )


def _region(axis: AxisPlan) -> npt.NDArray[np.intp]:
    """Return the places under the windows of one end of an axis: where there is more padding."""
    at_end = axis.after > axis.before
    reach = max(axis.before, axis.after)
    count = min(axis.out, max(_REGION // axis.stride, -(-reach // axis.stride) + 3))
    first = axis.out - count if at_end else 0
    start = first * axis.stride - axis.before
    return np.arange(start, start + (count - 1) * axis.stride + axis.effective, dtype=np.intp)


def gathered(
    image: npt.NDArray[np.uint8] | npt.NDArray[np.float32],
    places: Sequence[npt.NDArray[np.intp]],
    boundary: str,
) -> npt.NDArray[np.uint8] | npt.NDArray[np.float32]:
    """Return what lies at some rows and columns of an image with its padding.

    Parameters
    ----------
    image : ndarray of shape (H, W, C)
    places : (ndarray, ndarray) of int
        The rows and the columns; those below 0 or from the image's size on lie on padding.
    boundary : str
        What fills the padding.

    Returns
    -------
    ndarray of shape (rows, columns, C)
        A copy.
    """
    rows, cols = (sources(at, size, boundary) for at, size in zip(places, image.shape[:2], strict=True))
    region = image[rows[:, np.newaxis], cols]
    region[rows < 0] = 0
    region[:, cols < 0] = 0
    return region


def _lined(region: Pixels, places: Sequence[npt.NDArray[np.intp]], size: Sequence[int], dark: bool) -> bytes:
    """Make pixels larger, and draw a line between the picture and its padding, which covers no pixel."""
    picture = region.repeat(_ENLARGED, axis=0).repeat(_ENLARGED, axis=1)
    if picture.shape[2] == 1:
        picture = picture.repeat(3, axis=2)
    accent = np.array(palette_for(dark).accent, dtype=np.uint8)
    for axis, (at, length) in enumerate(zip(places, size, strict=True)):
        ends = [int(np.searchsorted(at, end)) * _ENLARGED for end in (0, length)]
        inner = [end for end in ends if 0 < end < len(at) * _ENLARGED]
        for end in reversed(inner):
            picture = np.insert(picture, [end, end], accent, axis=axis)
    return as_png(picture)


def _times(number: int, what: str) -> str:
    return f"{number:,} {what}" if number == 1 else f"{number:,} {what}s"
