"""A small scene whose object moves, the map that follows it, and where it follows exactly.

A map follows the scene if it makes no difference which comes first, the shift or the convolution: this is
*equivariance*. At stride 1 it holds for every cell whose window sees nothing but the scene, before and after.
Behind a stride s, and pooling by p, a map has one cell for s·p pixels, and can follow only by whole cells. What
stays the same wherever the object is, such as the maximum of the map, is *invariant*.

Source: I. Goodfellow, Y. Bengio and A. Courville, "Deep Learning", MIT Press 2016, sections 9.2 and 9.3; for
strides, R. Zhang, "Making convolutional networks shift-invariant again", ICML 2019, arXiv:1904.11486.
"""

from dataclasses import dataclass
from typing import NamedTuple, TypeAlias

import numpy as np
import numpy.typing as npt

from conv_engine import ConvError, conv2d, plan2d
from conv_engine.arrays import Doubles
from conv_engine.plan import Plan2D
from conv_engine.pooling import max_pool2d, relu

__all__ = [
    "BACKGROUNDS",
    "BORDERS",
    "GLOBAL",
    "MOST_MOVED",
    "OBJECTS",
    "SIDE",
    "START",
    "Comparison",
    "Thing",
    "Truth",
    "Way",
    "background",
    "compare",
    "map_of",
    "moved",
    "nearest",
    "place_in",
    "thing",
    "truths",
    "with_thing",
]

Grey: TypeAlias = npt.NDArray[np.uint8]
Cells: TypeAlias = tuple[int, int]

SIDE = 48
"""Rows and columns of a scene: the strides and the pools that there are divide it."""

START: Cells = (12, 10)
"""The row and the column of the object's corner before it is moved."""

GLOBAL = 0
"""The size of a pool that takes the whole map."""

MOST_MOVED = 8
"""The table tries so many displacements each way, from 0."""

OBJECTS = {"cross": "Cross", "ring": "Ring", "square": "Square", "letter": "Letter", "patch": "Patch"}
BACKGROUNDS = {"plain": "Plain", "gradient": "Gradient", "photo": "The photo, in grey"}
BORDERS = {"none": "no padding", "zeros": "same, zeros", "circular": "same, circular"}

_PLAIN, _BRIGHT, _GRADIENT_END = 48, 255, 144
_DRAWN = {
    "cross": ("...##...", "...##...", "...##...", "########", "########", "...##...", "...##...", "...##..."),
    "ring": (
        *("..#####..", ".##...##.", "##.....##", "#.......#", "#.......#", "#.......#"),
        *("##.....##", ".##...##.", "..#####.."),
    ),
    "square": ("#######",) * 7,
    "letter": ("#######", "#######", "##.....", "#####..", "#####..", "##.....", "##.....", "##....."),
}
_PATCH = 9


class Thing(NamedTuple):
    """An object: its pixels, (rows, cols) uint8, and which of them belong to it, of the same shape."""

    pixels: Grey
    mask: npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Way:
    """How a scene becomes a map.

    Attributes
    ----------
    stride : int
        Pixels from window to window, both ways.
    pool : int
        Max pooling of so many rows and columns; 1 for none, `GLOBAL` for the whole map.
    border : str
        A key of `BORDERS`.
    relu : bool
        Whether negative values become 0 before the pooling.
    """

    stride: int = 1
    pool: int = 1
    border: str = "none"
    relu: bool = False

    @property
    def step(self) -> int | None:
        """Pixels of the scene for one cell of the map; None where the map has but one cell."""
        return None if self.pool == GLOBAL else self.stride * self.pool

    def plan(self, kernel_shape: Cells) -> Plan2D:
        """Plan the convolution of a scene, before the pooling.

        Parameters
        ----------
        kernel_shape : (int, int)
            Rows and columns.

        Returns
        -------
        Plan2D
        """
        return plan2d(
            (SIDE, SIDE, 1),
            (1, *kernel_shape, 1),
            stride=self.stride,
            padding="valid" if self.border == "none" else "same",
            boundary="circular" if self.border == "circular" else "zeros",
        )


class Comparison(NamedTuple):
    """The map of the moved scene beside the moved map of the scene.

    Attributes
    ----------
    shifted_first, convolved_first : ndarray of shape (rows, cols), float64
    inside : ndarray of shape (rows, cols), bool
        Cells that see nothing but the scene, before and after: no padding, and nothing that came in from outside.
    """

    shifted_first: Doubles
    convolved_first: Doubles
    inside: npt.NDArray[np.bool_]

    def largest(self, inside: bool = True) -> float:
        """Return the largest difference of the cells inside, or of those that are not; 0 where there are none."""
        apart = np.abs(self.shifted_first - self.convolved_first)[self.inside == inside]
        return float(apart.max(initial=0.0))


class Truth(NamedTuple):
    """The largest differences over all displacements of 0 to 7 cells both ways, of cells inside.

    Attributes
    ----------
    way : Way
    anywhere : float
        Over all 64 displacements.
    whole : float
        Over those that are a whole number of the map's cells both ways.
    tried : int
        How many of the latter there are.
    cells : int
        The fewest cells inside of any displacement.
    """

    way: Way
    anywhere: float
    whole: float
    tried: int
    cells: int


def thing(key: str, photo: Grey) -> Thing:
    """Return an object.

    Parameters
    ----------
    key : str
        Of `OBJECTS`. A patch is the 9 × 9 pixels of the photo that vary most; of equal ones the first.
    photo : ndarray of shape (SIDE, SIDE), uint8

    Returns
    -------
    Thing

    Raises
    ------
    ConvError
        If there is no such object.
    """
    if key == "patch":
        windows = np.lib.stride_tricks.sliding_window_view(photo.astype(np.float64), (_PATCH, _PATCH))
        spread = windows.var(axis=(2, 3))
        row, col = np.unravel_index(int(spread.argmax()), spread.shape)
        return Thing(
            photo[row : row + _PATCH, col : col + _PATCH].copy(), np.ones((_PATCH, _PATCH), dtype=np.bool_)
        )
    if key not in _DRAWN:
        raise ConvError(f"an object must be one of {', '.join(OBJECTS)}, got {key!r}")
    mask = np.array([[mark == "#" for mark in line] for line in _DRAWN[key]])
    return Thing(np.full(mask.shape, _BRIGHT, dtype=np.uint8), mask)


def background(key: str, photo: Grey) -> Grey:
    """Return what the object lies on.

    Parameters
    ----------
    key : str
        Of `BACKGROUNDS`.
    photo : ndarray of shape (SIDE, SIDE), uint8

    Returns
    -------
    ndarray of shape (SIDE, SIDE), uint8

    Raises
    ------
    ConvError
        If there is no such background.
    """
    if key == "photo":
        return photo
    if key == "gradient":
        return np.tile(np.linspace(0, _GRADIENT_END, SIDE).round().astype(np.uint8), (SIDE, 1))
    if key == "plain":
        return np.full((SIDE, SIDE), _PLAIN, dtype=np.uint8)
    raise ConvError(f"a background must be one of {', '.join(BACKGROUNDS)}, got {key!r}")


def place_in(place: Cells, shape: Cells) -> Cells:
    """Return the place nearest to this one where an object of this shape lies wholly in the scene."""
    row, col = (min(max(at, 0), SIDE - side) for at, side in zip(place, shape, strict=True))
    return row, col


def with_thing(ground: Grey, drawn: Thing, place: Cells) -> Grey:
    """Lay an object on a background.

    Parameters
    ----------
    ground : ndarray of shape (SIDE, SIDE), uint8
    drawn : Thing
    place : (int, int)
        The row and the column of its corner.

    Returns
    -------
    ndarray of shape (SIDE, SIDE), uint8
    """
    row, col = place_in(place, (drawn.mask.shape[0], drawn.mask.shape[1]))
    scene = ground.copy()
    rows, cols = drawn.mask.shape
    part = scene[row : row + rows, col : col + cols]
    part[drawn.mask] = drawn.pixels[drawn.mask]
    return scene


def moved(cells: npt.NDArray[np.generic], by: Cells, circular: bool) -> npt.NDArray[np.generic]:
    """Move what is in a grid.

    Parameters
    ----------
    cells : ndarray of shape (rows, cols)
    by : (int, int)
        So many rows down, and columns to the right.
    circular : bool
        Whether what leaves on one side comes in on the other; else zeros come in.

    Returns
    -------
    ndarray, shape and type as `cells`
    """
    rolled = np.roll(cells, by, (0, 1))
    if circular:
        return rolled
    for axis, steps in enumerate(by):
        if steps:
            new = slice(0, steps) if steps > 0 else slice(steps, None)
            np.moveaxis(rolled, axis, 0)[new] = 0
    return rolled


def map_of(scene: Grey, kernel: Doubles, bias: float, way: Way) -> Doubles:
    """Make the map of a scene.

    Parameters
    ----------
    scene : ndarray of shape (SIDE, SIDE), uint8
    kernel : ndarray of shape (kh, kw), float64
        As it is laid on the scene: not flipped any more.
    bias : float
    way : Way

    Returns
    -------
    ndarray of shape (rows, cols), float64
        The values that `conv2d` gives in float32, pooled.

    Raises
    ------
    ConvError
        If a value is too large for float32.
    """
    # Shifted images, added up: each cell is summed in the same order, so equal windows give equal bits.
    values: npt.NDArray[np.floating] = conv2d(
        scene[..., np.newaxis],
        kernel[np.newaxis, ..., np.newaxis],
        [bias],
        stride=way.stride,
        padding="valid" if way.border == "none" else "same",
        boundary="circular" if way.border == "circular" else "zeros",
        method="shifts",
    )
    if way.relu:
        values = relu(values)
    if way.pool == GLOBAL:
        return np.full((1, 1), values.max(), dtype=np.float64)
    if way.pool > 1:
        values = max_pool2d(values, way.pool)
    return np.asarray(values[..., 0], dtype=np.float64)


def nearest(by: int, step: int | None) -> int:
    """Return by how many cells a map moves when its scene moves by so many pixels: halves are rounded up."""
    return 0 if step is None else (2 * by + step) // (2 * step)


def compare(
    scene: Grey, kernel: Doubles, bias: float, way: Way, by: Cells, start: Doubles | None = None
) -> Comparison:
    """Shift and convolve, in both orders.

    Parameters
    ----------
    scene, kernel, bias, way
        As for `map_of`.
    by : (int, int)
        Rows down and columns to the right; the whole scene moves.
    start : ndarray, optional
        The map of the scene, if it is known.

    Returns
    -------
    Comparison
    """
    circular = way.border == "circular"
    first = map_of(scene, kernel, bias, way) if start is None else start
    steps = nearest(by[0], way.step), nearest(by[1], way.step)
    shifted_first = map_of(np.asarray(moved(scene, by, circular), dtype=np.uint8), kernel, bias, way)
    convolved_first = np.asarray(moved(first, steps, circular), dtype=np.float64)
    rows, cols = (
        _inside(cells, pads, k, way, by[axis], steps[axis])
        for axis, (cells, pads, k) in enumerate(
            zip(first.shape, way.plan((kernel.shape[0], kernel.shape[1])).pads, kernel.shape, strict=True)
        )
    )
    return Comparison(shifted_first, convolved_first, rows[:, np.newaxis] & cols)


def _inside(
    cells: int, pads: tuple[int, int], kernel: int, way: Way, by: int, steps: int
) -> npt.NDArray[np.bool_]:
    at = np.arange(cells)
    if way.border == "circular" or way.step is None:
        return np.ones(cells, dtype=np.bool_)

    def sees_scene(cell: npt.NDArray[np.int_], shift: int) -> npt.NDArray[np.bool_]:
        assert way.step is not None
        first = cell * way.step - pads[0] - shift
        last = first + (way.pool - 1) * way.stride + kernel - 1
        return (first >= 0) & (last < SIDE)

    source = at - steps
    there = (source >= 0) & (source < cells)
    return there & sees_scene(at, 0) & sees_scene(at, by) & sees_scene(source, 0)


def truths(scene: Grey, kernel: Doubles, bias: float, border: str, relu_too: bool) -> tuple[Truth, ...]:
    """Try all displacements of 0 to 7 cells both ways, at stride 1 and 2, and behind pooling by 2 and of all.

    Parameters
    ----------
    scene, kernel, bias
        As for `map_of`.
    border : str
        A key of `BORDERS`.
    relu_too : bool
        Whether a ReLU follows the convolution.

    Returns
    -------
    tuple of Truth
        Of stride 1, stride 2, pooling by 2 and global pooling, in this order.
    """
    ways = [Way(stride, pool, border, relu_too) for stride, pool in ((1, 1), (2, 1), (1, 2), (1, GLOBAL))]
    return tuple(_truth(scene, kernel, bias, way) for way in ways)


def _truth(scene: Grey, kernel: Doubles, bias: float, way: Way) -> Truth:
    start = map_of(scene, kernel, bias, way)
    found = {
        by: compare(scene, kernel, bias, way, by, start)
        for by in np.ndindex(MOST_MOVED, MOST_MOVED)
        if len(by) == 2
    }
    whole = [by for by in found if way.step is None or not any(way_by % way.step for way_by in by)]
    return Truth(
        way,
        anywhere=max(comparison.largest() for comparison in found.values()),
        whole=max(found[by].largest() for by in whole),
        tried=len(whole),
        cells=min(int(comparison.inside.sum()) for comparison in found.values()),
    )
