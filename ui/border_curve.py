"""How strong a map is at its border: the mean magnitude of its cells by their distance from it.

The same map is made twice, with zeros in the padding and with mirrored pixels; where the two part, it is the
padding that is seen and not the picture. Only the strips at the border are convolved: a photo of any size will do.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from conv_engine import conv2d
from conv_engine.axis import AxisPlan
from conv_engine.spec import integer
from ui.colours import css, palette_for
from ui.coverage_pictures import gathered
from ui.layer import Layer
from ui.map_tiles import scale_number
from ui.svg import NARROW, WIDE, document, label, line, pair_html

__all__ = ["MOST_DISTANCES", "BorderCurve", "border_curve", "curve_html", "curve_svg"]

MOST_DISTANCES = 12
"""Rings of cells that are measured, from the border inwards."""

_COMPARED = ("zeros", "reflect")
_HEIGHT = 300.0


@dataclass(frozen=True)
class BorderCurve:
    """The mean magnitude of a map's cells, ring by ring.

    Attributes
    ----------
    means : mapping of str to tuple of float
        For ``"zeros"`` and ``"reflect"``, by distance: the cells at the border itself first.
    cells : tuple of int
        How many cells each ring has.
    """

    means: Mapping[str, tuple[float, ...]]
    cells: tuple[int, ...]

    @property
    def sentence(self) -> str:
        """What is seen at the border, in words and numbers."""
        zeros, reflect = (self.means[boundary][0] for boundary in _COMPARED)
        first = (
            f"The {self.cells[0]:,} cells at the border have a mean magnitude of {scale_number(zeros)} with zeros"
        )
        other = f"{scale_number(reflect)} with mirrored pixels"
        if zeros == reflect:
            return f"{first} and with mirrored pixels alike."
        if reflect == 0:
            return f"{first}, and of {other}: the frame of zeros is an edge that the picture does not have."
        if zeros < reflect:
            return f"{first}, {_share(100 * zeros / reflect)}\u00a0% of the {other}: the zeros weaken the border."
        return (
            f"{first}, {_share(zeros / reflect)} times the {other}: the frame of zeros is an edge that the "
            "picture does not have."
        )


def _share(value: float) -> str:
    """Write a quotient with three digits."""
    return f"{float(f'{value:.3g}'):,}".removesuffix(".0")


def border_curve(layer: Layer, *, feature: int = 0, distances: int = MOST_DISTANCES) -> BorderCurve:
    """Measure a map ring by ring.

    Parameters
    ----------
    layer : Layer
        Its pixels, bank and settings; its own boundary does not matter.
    feature : int
        Of the bank, 0 to K − 1.
    distances : int
        The most rings, at least 1.

    Returns
    -------
    BorderCurve
        Without the bias. A cell's distance is the number of cells between it and the nearest border of the map.

    Raises
    ------
    ConvError
        If there is no such feature or ring, or a value is too large for float32.
    """
    feature = integer("feature", feature, least=0, most=len(layer.bank) - 1)
    distances = integer("distances", distances, least=1)
    rows, cols, _ = layer.plan.output_shape
    rings = min(distances, (min(rows, cols) + 1) // 2)
    sums = {boundary: np.zeros(rings) for boundary in _COMPARED}
    counts = np.zeros(rings, dtype=np.int64)
    for row_part, col_part in _strips(rows, cols, rings):
        row_at, col_at = (np.arange(*part) for part in (row_part, col_part))
        ring = np.minimum(
            np.minimum(row_at, rows - 1 - row_at)[:, np.newaxis], np.minimum(col_at, cols - 1 - col_at)
        )
        counted = ring < rings
        counts += np.bincount(ring[counted], minlength=rings)
        for boundary in _COMPARED:
            sizes = np.abs(_cells(layer, feature, boundary, row_part, col_part), dtype=np.float64)
            sums[boundary] += np.bincount(ring[counted], weights=sizes[counted], minlength=rings)
    means = {boundary: tuple((total / counts).tolist()) for boundary, total in sums.items()}
    return BorderCurve(means, tuple(counts.tolist()))


def _strips(rows: int, cols: int, rings: int) -> Iterator[tuple[tuple[int, int], tuple[int, int]]]:
    """Give the rows and the columns of strips that hold all cells of the rings, each in one of them."""
    if min(rows, cols) <= 2 * rings:
        yield (0, rows), (0, cols)
        return
    yield (0, rings), (0, cols)
    yield (rows - rings, rows), (0, cols)
    yield (rings, rows - rings), (0, rings)
    yield (rings, rows - rings), (cols - rings, cols)


def _cells(
    layer: Layer, feature: int, boundary: str, row_part: tuple[int, int], col_part: tuple[int, int]
) -> npt.NDArray[np.float32]:
    plan, spec = layer.plan, layer.plan.spec
    places = _places(plan.row_axis, row_part), _places(plan.col_axis, col_part)
    region = gathered(layer.pixels, places, boundary)
    if layer.unit and region.dtype == np.uint8:
        region = np.divide(region, 255, dtype=np.float32)
    cells: npt.NDArray[np.float32] = conv2d(
        region,
        layer.bank[feature : feature + 1],
        stride=spec.stride,
        dilation=spec.dilation,
        flip=layer.flip,
        method="direct",
    )[:, :, 0]
    return cells


def _places(axis: AxisPlan, part: tuple[int, int]) -> npt.NDArray[np.intp]:
    start = part[0] * axis.stride - axis.before
    stop = (part[1] - 1) * axis.stride - axis.before + axis.effective
    return np.arange(start, stop, dtype=np.intp)


# --- The drawing ---------------------------------------------------------------------------------------


def curve_html(curve: BorderCurve, dark: bool) -> str:
    """Draw the two curves, for ``st.html``; the sentence is their text alternative."""
    wide, narrow = (curve_svg(curve, dark, narrow=narrow) for narrow in (False, True))
    return pair_html("border-curve", wide, narrow, curve.sentence)


def curve_svg(curve: BorderCurve, dark: bool, *, narrow: bool = False) -> str:
    """Draw the two curves, as an SVG document.

    Parameters
    ----------
    curve : BorderCurve
    dark : bool
        For which theme.
    narrow : bool
        Whether it is for a screen of 300 to 640 CSS pixels.

    Returns
    -------
    str
        Distance to the right, mean magnitude upwards from 0: zeros in orange with discs, mirrored pixels in blue,
        dashed, with squares.
    """
    palette = palette_for(dark)
    width = NARROW if narrow else WIDE
    count = len(curve.cells)
    top = max(max(values) for values in curve.means.values()) or 1.0
    left, right, upper, lower = 74.0, width - 24, 56.0, _HEIGHT - 58
    step = (right - left) / max(count - 1, 1)
    text, muted, faint = css(palette.text), css(palette.muted), css(palette.faint)
    body = []
    for share in (0.0, 0.5, 1.0):
        y = lower - share * (lower - upper)
        body.append(line(left, y, right, y, stroke=faint, stroke_width=1.0))
        body.append(label(left - 10, y + 6, scale_number(share * top), ink=muted, anchor="end"))
    every = -(-count // (6 if narrow else 12))
    body += [
        label(left + distance * step, lower + 26, str(distance), ink=muted) for distance in range(0, count, every)
    ]
    body.append(label((left + right) / 2, lower + 50, "cells from the border", ink=muted))
    inks = css(palette.stops[-2]), css(palette.stops[1])
    at = left
    for boundary, ink, square in zip(_COMPARED, inks, (False, True), strict=True):
        points = [
            (left + distance * step, lower - value / top * (lower - upper))
            for distance, value in enumerate(curve.means[boundary])
        ]
        path = "M" + "L".join(f"{x:.2f} {y:.2f}" for x, y in points)
        dash = ' stroke-dasharray="7 4"' if square else ""
        body.append(f'<path d="{path}" fill="none" stroke="{ink}" stroke-width="2.5"{dash}/>')
        body += [_mark(x, y, ink, square, boundary) for x, y in points]
        body.append(_mark(at + 6, 20, ink, square, "key"))
        name = "zeros" if boundary == "zeros" else "mirrored pixels"
        body.append(label(at + 20, 26, name, ink=text, anchor="start"))
        at += 104
    return document(
        "".join(body), width, _HEIGHT, text, "Mean magnitude by distance from the border", curve.sentence
    )


def _mark(x: float, y: float, ink: str, square: bool, name: str) -> str:
    if square:
        return f'<rect class="{name}" x="{x - 4:.2f}" y="{y - 4:.2f}" width="8" height="8" fill="{ink}"/>'
    return f'<circle class="{name}" cx="{x:.2f}" cy="{y:.2f}" r="5" fill="{ink}"/>'
