"""Feature maps side by side: small multiples, by one scale or one each, their ranges printed."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from html import escape

import numpy as np
import numpy.typing as npt

from conv_engine import ConvError
from ui.colours import Rgb, css, levels, palette_for, scale_table
from ui.layer import Values
from ui.thumbnails import as_png, data_uri

__all__ = ["TILE_SIDE", "Tile", "map_tiles", "scale_number", "tiles_html"]

TILE_SIDE = 192
"""Cells along the longer side of a tile: what a small picture can show on a sharp screen."""

_DIGITS = 4
_WIDEST = 1.6


@dataclass(frozen=True)
class Tile:
    """The small picture of a feature map.

    Attributes
    ----------
    png : bytes
        A PNG file, a pixel for each cell that is shown.
    rows, cols : int
        The size of the map; the picture may have fewer.
    low, high : float
        The least and the greatest value of the whole map.
    limit : float
        The magnitude where the colours end on both sides; 0 where all is 0.
    dark : bool
        The theme that it is made for.
    """

    png: bytes
    rows: int
    cols: int
    low: float
    high: float
    limit: float
    dark: bool


def map_tiles(
    maps: Sequence[Values],
    *,
    shared: bool,
    dark: bool,
    side: int = TILE_SIDE,
    sizes: Sequence[tuple[int, int]] | None = None,
    ranges: Sequence[tuple[float, float]] | None = None,
) -> list[Tile]:
    """Make a small picture of each feature map.

    Parameters
    ----------
    maps : sequence of ndarray of shape (rows, cols), float32
        Finite, of at least one cell.
    shared : bool
        Whether one scale is for all, so that the same colour is the same value in every picture; else each map
        has its own. Either is symmetric about 0, and ends at the largest magnitude of whole maps.
    dark : bool
        For which theme.
    side : int
        The most cells along the longer side. Of larger maps cells are picked at even distances; none are mixed, so
        that every colour is that of a value which is in the map.
    sizes, ranges : sequence of pairs, optional
        (rows, cols) and (low, high) of the whole maps, where `maps` are samples of larger ones.

    Returns
    -------
    list of Tile
        One for each map.

    Raises
    ------
    ConvError
        If a map has other than two axes or no cell, is not finite, or `side` is less than 1.
    """
    if side < 1:
        raise ConvError(f"side must be an integer ≥ 1, got {side}")
    seen = [_range(values, number) for number, values in enumerate(maps, 1)]
    ranges = seen if ranges is None else ranges
    sizes = [(values.shape[0], values.shape[1]) for values in maps] if sizes is None else sizes
    limits = [max(abs(low), abs(high)) for low, high in ranges]
    if shared:
        limits = [max(limits, default=0.0)] * len(limits)
    return [
        Tile(
            as_png(levels(_picked(values, side), limit), dark),
            rows=values.shape[0],
            cols=values.shape[1],
            low=low,
            high=high,
            limit=limit,
            dark=dark,
        )
        for values, (low, high), limit in zip(maps, ranges, limits, strict=True)
    ]


def tiles_html(tiles: Sequence[Tile], names: Sequence[str], *, least: int = 160) -> str:
    """Lay tiles out as a grid that takes as many columns as there is room for.

    Parameters
    ----------
    tiles : sequence of Tile
        From `map_tiles`.
    names : sequence of str
        One for each; of any origin, they are never read as HTML.
    least : int
        The least width of a tile, in CSS pixels.

    Returns
    -------
    str
        HTML for ``st.html``: figures with the name, the scale and the range of values below each picture.

    Raises
    ------
    ValueError
        If there are more names than tiles, or fewer.
    """
    figures = "".join(_figure(tile, _text(name)) for tile, name in zip(tiles, names, strict=True))
    return (
        f'<div class="map-tiles" style="display: grid; gap: 1.1rem 1rem; '
        f'grid-template-columns: repeat(auto-fill, minmax(min(100%, {least}px), 1fr))">{figures}</div>'
    )


def scale_number(value: float, digits: int = _DIGITS) -> str:
    """Write a number for a person, as ``formatNumber`` of ``assets/stage/numbers.js`` does.

    Parameters
    ----------
    value : float
        Finite.
    digits : int
        How many digits are wanted. Digits are dropped only behind the decimal point, and never all of them: what
        is written as 0 is 0, and a number that has a fraction keeps one digit of it.

    Returns
    -------
    str
        With a proper minus sign.

    Examples
    --------
    >>> scale_number(-812.0), scale_number(12345.6), scale_number(1e-7)
    ('−812', '12345.6', '1e−7')
    """
    if value == 0:
        return "0"
    size = Decimal(abs(value))
    sign = "−" if value < 0 else ""
    exponent = size.adjusted()
    if size >= 10**15 or size < Decimal("0.0001"):
        decimals = min(digits - 1, 3)
        mantissa = _rounded(size.scaleb(-exponent), decimals)
        if mantissa == 10:  # 9.9996 was rounded up
            mantissa, exponent = Decimal(1), exponent + 1
        return f"{sign}{_trimmed(mantissa)}e{exponent}".replace("-", "−")
    wanted = digits - 1 - exponent
    whole = size == size.to_integral_value()
    return sign + _trimmed(_rounded(size, 0 if whole else min(15, max(1, wanted))))


def _rounded(size: Decimal, decimals: int) -> Decimal:
    return size.quantize(Decimal(1).scaleb(-decimals), rounding=ROUND_HALF_UP)


def _trimmed(size: Decimal) -> str:
    text = f"{size:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def _range(values: Values, number: int) -> tuple[float, float]:
    if values.ndim != 2 or not values.size:
        raise ConvError(f"map {number} must have shape (rows, cols) with at least one cell, got {values.shape}")
    low, high = float(values.min()), float(values.max())
    for value in (low, high):
        if not math.isfinite(value):
            raise ConvError(f"map {number} must hold finite values, got {value}")
    return low, high


def _picked(values: Values, side: int) -> Values:
    longer = max(max(values.shape), side)
    rows, cols = (np.arange(-(-length * side // longer)) * longer // side for length in values.shape)
    picked: Values = values[rows[:, np.newaxis], cols]
    return picked


def _figure(tile: Tile, name: str) -> str:
    faint, muted = (css(colour) for colour in (palette_for(tile.dark).faint, palette_for(tile.dark).muted))
    low, high, limit = (scale_number(value) for value in (tile.low, tile.high, tile.limit))
    # A map of one row would be a thread, or as long as the page: the frame has a shape that can be looked at.
    ratio = min(max(tile.cols / tile.rows, 1 / _WIDEST), _WIDEST)
    values = f"{low} everywhere" if tile.low == tile.high else f"from {low} to {high}"
    scale = f"−{limit} … 0 … {limit}" if tile.limit else "0"
    return (
        '<figure style="margin: 0; min-width: 0">'
        f'<img src="{data_uri(tile.png)}" alt="Feature map {name}: {tile.rows} × {tile.cols} cells, {values}" '
        f'style="display: block; width: 100%; aspect-ratio: {ratio:.4f}; object-fit: contain; '
        f'image-rendering: pixelated; border: 1px solid {faint}; border-radius: 4px">'
        '<figcaption style="overflow-wrap: anywhere; line-height: 1.35; padding-top: 0.3rem; '
        'font-size: 0.92rem">'
        f"<b><bdi>{name}</bdi></b>"
        f'<span style="display: block; height: 8px; border-radius: 4px; margin: 0.25rem 0; '
        f'background: {_gradient(tile)}"></span>'
        f'<span style="display: block; text-align: center; text-wrap: balance; '
        f'font-variant-numeric: tabular-nums">{scale}</span>'
        f'<span style="display: block; color: {muted}">{values}</span>'
        "</figcaption></figure>"
    )


def _gradient(tile: Tile) -> str:
    """Draw the scale as it is: its two halves meet in the neutral colour, and do not fade into it."""
    table = scale_table(tile.dark)
    middle = len(table) // 2
    if not tile.limit:
        return css(_rgb(table[middle]))
    steps = 8

    def half(first: int, last: int, start: float, end: float) -> list[str]:
        return [
            f"{css(_rgb(table[first + (last - first) * i // steps]))} {start + (end - start) * i / steps:g}%"
            for i in range(steps + 1)
        ]

    zero = css(_rgb(table[middle]))
    stops = [*half(0, middle - 1, 0, 49), f"{zero} 49% 51%", *half(middle + 1, len(table) - 1, 51, 100)]
    return f"linear-gradient(to right, {', '.join(stops)})"


def _rgb(row: npt.NDArray[np.uint8]) -> Rgb:
    red, green, blue = row.tolist()
    return red, green, blue


def _text(text: str) -> str:
    # What is no text, as in file names of another encoding, cannot be sent.
    return escape(" ".join(text.encode(errors="replace").decode().split()))
