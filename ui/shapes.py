"""Pictures to learn from, drawn by the program: one of four shapes in 16 × 16 cells, somewhere, of some size.

A shape is what lies within half a line's width of its outline. Near that border a cell is partly covered, so that
lines have soft edges as in a photo. Place, size, turn, width and brightness differ from picture to picture, and
noise is added: no picture comes twice, and no single cell tells the shape.
"""

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from conv_engine.arrays import Doubles
from conv_engine.errors import ConvError
from conv_engine.spec import integer

__all__ = ["LARGEST_NOISE", "SHAPES", "SIDE", "ShapeSet", "draw_shape", "draw_shapes"]

SIDE = 16
"""Rows and columns of a picture."""

SHAPES = ("circle", "square", "triangle", "cross")
"""What there is to tell apart; the place in here is the label."""

LARGEST_NOISE = 1.0

# Of a shape: from the middle to the rim, in cells; and the width of its lines.
_LEAST_RADIUS, _MOST_RADIUS = 3.2, 6.2
_LEAST_WIDTH, _MOST_WIDTH = 1.0, 2.0
_LEAST_BRIGHT = 0.6
# A quarter of a right angle at most: a square that is turned by half of one is another shape.
_MOST_TURN = np.pi / 8
_MOST_PICTURES = 20_000


class ShapeSet(NamedTuple):
    """Pictures and what is in them.

    Attributes
    ----------
    pictures : ndarray of float64, shape (N, 16, 16, 1)
        About 0 where nothing is, up to about 1 on the lines; noise goes beyond both.
    labels : ndarray of intp, shape (N,)
        Places in `SHAPES`.
    """

    pictures: Doubles
    labels: npt.NDArray[np.intp]


def draw_shapes(count: int, noise: float, seed: int) -> ShapeSet:
    """Draw pictures of shapes, as many of each, in a random order.

    Parameters
    ----------
    count : int
        1 to 20,000.
    noise : float
        Standard deviation of what is added to each cell, 0 to 1; a line is 0.6 to 1 bright.
    seed : int
        At least 0. The same seed draws the same pictures, another one others.

    Returns
    -------
    ShapeSet

    Raises
    ------
    ConvError
        If a number is out of its range.

    Examples
    --------
    >>> pictures, labels = draw_shapes(8, noise=0.1, seed=1)
    >>> pictures.shape, sorted(labels.tolist())
    ((8, 16, 16, 1), [0, 0, 1, 1, 2, 2, 3, 3])
    """
    count = integer("count", count, least=1, most=_MOST_PICTURES)
    if not 0 <= noise <= LARGEST_NOISE:
        raise ConvError(f"noise must be a number from 0 to {LARGEST_NOISE:g}, got {noise}")
    chance = np.random.default_rng(integer("seed", seed, least=0))
    labels = chance.permutation(np.arange(count) % len(SHAPES))
    radius = chance.uniform(_LEAST_RADIUS, _MOST_RADIUS, count)
    width = chance.uniform(_LEAST_WIDTH, _MOST_WIDTH, count)
    # The whole shape stays in the picture.
    room = SIDE / 2 - radius - width / 2
    middles = SIDE / 2 - 0.5 + chance.uniform(-1, 1, (2, count)) * room
    turn = chance.uniform(-_MOST_TURN, _MOST_TURN, count)
    bright = chance.uniform(_LEAST_BRIGHT, 1, count)
    covered = np.empty((count, SIDE, SIDE))
    for label in range(len(SHAPES)):
        these = labels == label
        covered[these] = _covered(
            SHAPES[label], middles[0, these], middles[1, these], radius[these], width[these], turn[these]
        )
    pictures = covered * bright[:, np.newaxis, np.newaxis] + chance.normal(0, 1, covered.shape) * noise
    return ShapeSet(pictures[..., np.newaxis], labels.astype(np.intp))


def draw_shape(
    shape: str, row: float, col: float, radius: float, width: float = 1.5, turn: float = 0.0
) -> Doubles:
    """Draw one shape, without noise.

    Parameters
    ----------
    shape : str
        One of `SHAPES`.
    row, col : float
        The middle, in cells.
    radius : float
        From the middle to the rim, in cells: to the circle, to the middle of a square's side, to a triangle's
        corner, to the end of a cross's arm.
    width : float
        Of the line, in cells.
    turn : float
        Anticlockwise as seen on the screen, in radians.

    Returns
    -------
    ndarray of float64, shape (16, 16)
        Which part of each cell is covered, 0 to 1.

    Raises
    ------
    ConvError
        If there is no such shape.
    """
    if shape not in SHAPES:
        raise ConvError(f"shape must be one of {', '.join(SHAPES)}, got {shape!r}")
    arrays = [np.array([float(value)]) for value in (row, col, radius, width, turn)]
    drawn: Doubles = _covered(shape, *arrays)[0]
    return drawn


def _covered(shape: str, row: Doubles, col: Doubles, radius: Doubles, width: Doubles, turn: Doubles) -> Doubles:
    """Return (N, 16, 16), the part of each cell that a shape's line covers."""
    cells = np.arange(SIDE, dtype=np.float64)
    down = cells[np.newaxis, :, np.newaxis] - row[:, np.newaxis, np.newaxis]
    right = cells[np.newaxis, np.newaxis, :] - col[:, np.newaxis, np.newaxis]
    cos, sin = (np.asarray(f(turn))[:, np.newaxis, np.newaxis] for f in (np.cos, np.sin))
    along, up = right * cos - down * sin, -(right * sin + down * cos)
    size = radius[:, np.newaxis, np.newaxis]
    if shape == "circle":
        distance = np.abs(np.hypot(along, up) - size)
    elif shape == "square":
        # Its corners would reach further out than a circle's rim.
        half = size * 0.8
        distance = np.abs(np.maximum(np.abs(along), np.abs(up)) - half)
    elif shape == "triangle":
        # Three sides, each half a radius from the middle, the corners a radius away.
        sides = [along * np.cos(at) + up * np.sin(at) for at in (-np.pi / 2, np.pi / 6, np.pi * 5 / 6)]
        distance = np.abs(np.maximum.reduce(sides) - size / 2)
    else:
        across = np.minimum(np.abs(along), np.abs(up))
        beyond = np.maximum(np.maximum(np.abs(along), np.abs(up)) - size, 0)
        distance = np.hypot(across, beyond)
    covered: Doubles = np.clip(width[:, np.newaxis, np.newaxis] / 2 + 0.5 - distance, 0, 1)
    return covered
