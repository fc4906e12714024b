"""What excites a unit: where it answers most, the patches of the photo that it sees there, and at how many places.

Showing the pictures to which a unit answers strongest is the oldest way to say what it has to do with the world.
Sources: J. Y. Lettvin et al., "What the Frog's Eye Tells the Frog's Brain", Proceedings of the IRE 47, 1959; for
networks R. Girshick et al., "Rich Feature Hierarchies for Accurate Object Detection and Semantic Segmentation",
CVPR 2014, section 3.1.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from scipy import ndimage

from conv_engine.receptive import Stage
from ui.colours import Palette, css, palette_for
from ui.images import Pixels
from ui.layer import Values
from ui.map_tiles import scale_number
from ui.stack import StackRun
from ui.stack_presets import Mark
from ui.thumbnails import as_png, data_uri

__all__ = ["MOST_PATCHES", "Excited", "Score", "count_places", "patch_html", "patch_of", "score", "strongest"]

MOST_PATCHES = 6

_PATCH_SIDE = 102
_TOUCHING = np.ones((3, 3), dtype=int)


@dataclass(frozen=True)
class Excited:
    """A cell at which a unit answers, and what it sees of the photo.

    Attributes
    ----------
    row, col : int
        The cell.
    value : float
        Its value.
    rows, cols : range
        Its receptive field in pixels of the photo; below 0 or from the photo's size on it lies on padding.
    """

    row: int
    col: int
    value: float
    rows: range
    cols: range


class Score(NamedTuple):
    """How the places where the last layer answers compare with those that a person has marked.

    Attributes
    ----------
    found, marked : int
        Marks at which a unit that should answer does, and all marks.
    others : int
        Places without a mark: false hits.
    """

    found: int
    marked: int
    others: int


def strongest(values: Values, stage: Stage, most: int = MOST_PATCHES) -> list[Excited]:
    """Find the cells of a map with the greatest values above 0 whose receptive fields do not overlap.

    Parameters
    ----------
    values : ndarray of shape (rows, cols), float32
        The map of a unit.
    stage : Stage
        Its layer's receptive field.
    most : int
        How many to find.

    Returns
    -------
    list of Excited
        From the greatest value downwards; of equal values the first in row-major order. Fewer than `most` where
        there are no more.
    """
    left = values.copy()
    row_gap, col_gap = (-(-size // jump) for size, jump in zip(stage.field, stage.jump, strict=True))
    found: list[Excited] = []
    while len(found) < most:
        row, col = divmod(int(left.argmax()), left.shape[1])
        if not left[row, col] > 0:
            break
        found.append(Excited(row, col, float(left[row, col]), *stage.region(row, col)))
        left[max(0, row - row_gap + 1) : row + row_gap, max(0, col - col_gap + 1) : col + col_gap] = -np.inf
    return found


def _places(values: Values) -> list[tuple[int, int]]:
    """Give the strongest cell of each group of touching cells above 0."""
    groups, count = ndimage.label(values > 0, structure=_TOUCHING)
    if not count:
        return []
    peaks = np.asarray(ndimage.maximum_position(values, groups, range(1, count + 1))).tolist()
    return [(row, col) for row, col in peaks]


def count_places(values: Values) -> int:
    """Count the places where a map is above 0; cells that touch, also at a corner, are one place."""
    return int(ndimage.label(values > 0, structure=_TOUCHING)[1])


def score(run: StackRun, marks: Sequence[Mark]) -> Score:
    """Compare the places where the last layer answers with those that a person has marked.

    Parameters
    ----------
    run : StackRun
        With at least one layer.
    marks : sequence of Mark
        All of them for this picture.

    Returns
    -------
    Score
        A place counts as at a mark if the centre of the receptive field of its strongest cell is within the mark's
        radius. Several places at one mark find it once.
    """
    last = run.layers[-1]
    height, width = run.pixels.shape[:2]
    found, others = set[int](), 0
    for unit in range(last.maps.shape[2]):
        for row, col in _places(last.maps[:, :, unit]):
            rows, cols = last.stage.region(row, col)
            centre = (rows.start + rows.stop) / 2, (cols.start + cols.stop) / 2
            at = {
                number
                for number, mark in enumerate(marks)
                if unit in mark.units
                and np.hypot(centre[0] - mark.row * height, centre[1] - mark.col * width) <= mark.radius * height
            }
            found |= at
            others += not at
    return Score(len(found), len(marks), others)


def patch_of(pixels: Pixels, excited: Excited, palette: Palette) -> npt.NDArray[np.uint8]:
    """Cut out of a photo what a cell sees; what lies on padding has the colour of empty cells.

    Parameters
    ----------
    pixels : ndarray of shape (H, W, C), uint8
        C is 1 or 3.
    excited : Excited
        The cell.
    palette : Palette
        Of the theme.

    Returns
    -------
    ndarray of shape (rows, cols, 3), uint8
    """
    patch = np.empty((len(excited.rows), len(excited.cols), 3), dtype=np.uint8)
    patch[:] = palette.empty
    height, width = pixels.shape[:2]
    rows = slice(max(excited.rows.start, 0), min(excited.rows.stop, height))
    cols = slice(max(excited.cols.start, 0), min(excited.cols.stop, width))
    top, left = rows.start - excited.rows.start, cols.start - excited.cols.start
    patch[top : top + rows.stop - rows.start, left : left + cols.stop - cols.start] = pixels[rows, cols]
    return patch


def patch_html(pixels: Pixels, number: int, one: Excited, dark: bool) -> str:
    """Draw a patch, with its value and its place.

    Parameters
    ----------
    pixels : ndarray of shape (H, W, C), uint8
        The photo.
    number : int
        Its rank, from 1.
    one : Excited
        From `strongest`.
    dark : bool
        The theme.

    Returns
    -------
    str
        HTML for ``st.html``.
    """
    palette = palette_for(dark)
    source = data_uri(as_png(patch_of(pixels, one, palette)))
    rows, cols = _named("row", one.rows), _named("column", one.cols)
    return (
        '<figure style="margin: 0">'
        f'<img src="{source}" alt="Patch {number} of the photo, {rows}, {cols}" '
        f'style="display: block; width: {_PATCH_SIDE}px; max-width: 100%; aspect-ratio: 1; '
        f'object-fit: contain; object-position: left; image-rendering: pixelated; border-radius: 4px">'
        f'<figcaption style="padding-top: 0.3rem; line-height: 1.35; font-variant-numeric: tabular-nums">'
        f"<b>{scale_number(one.value)}</b>"
        f'<span style="display: block; font-size: 0.88rem; color: {css(palette.muted)}">{rows}<br>{cols}</span>'
        "</figcaption></figure>"
    )


def _named(name: str, values: range) -> str:
    return f"{name}{'s' if len(values) > 1 else ''} {_span(values)}"


def _span(values: range) -> str:
    """Write the first and the last of a range."""
    first, last = values.start, values.stop - 1
    text = f"{first}…{last}" if last > first else str(first)
    return text.replace("-", "−")
