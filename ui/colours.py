"""The stage's honest colours in Python: blue below zero, orange above, neutral at zero and only there.

The same scale as in ``assets/stage/colour.js``, number for number: a weight has one colour on the stage and in all
pictures that are made here.
"""

from dataclasses import dataclass
from functools import cache

import numpy as np
import numpy.typing as npt

__all__ = ["DARK", "LIGHT", "SIDE", "Palette", "Rgb", "css", "levels", "mixed", "palette_for", "scale_table"]

Rgb = tuple[int, int, int]
"""Red, green and blue, 0 to 255."""

SIDE = 127
"""How many colours the diverging scale has on either side of its neutral middle."""

# How far along the stops the smallest value stands: it is told apart from zero.
_FIRST_STEP = 0.06


@dataclass(frozen=True)
class Palette:
    """The colours of one theme.

    Attributes
    ----------
    ground, text, muted, faint, empty : Rgb
        Behind everything; words; second lines; lines between things; cells without a value.
    accent : Rgb
        The window and what belongs to it.
    tints : tuple of Rgb
        Of red, green and blue channels.
    stops : tuple of Rgb
        Of the diverging scale, from −1 to 1, evenly spaced.
    """

    ground: Rgb
    text: Rgb
    muted: Rgb
    faint: Rgb
    empty: Rgb
    accent: Rgb
    tints: tuple[Rgb, Rgb, Rgb]
    stops: tuple[Rgb, ...]


LIGHT = Palette(
    ground=(255, 255, 255),
    text=(22, 32, 44),
    muted=(85, 97, 112),
    faint=(213, 218, 225),
    empty=(236, 239, 243),
    accent=(221, 34, 119),
    tints=((180, 20, 0), (40, 100, 50), (31, 79, 200)),
    stops=(
        *((5, 48, 110), (44, 114, 184), (150, 196, 228)),
        (247, 247, 247),
        *((250, 196, 132), (222, 119, 26), (127, 56, 2)),
    ),
)
"""Of the light theme."""

DARK = Palette(
    ground=(15, 20, 27),
    text=(238, 242, 247),
    muted=(163, 176, 191),
    faint=(54, 64, 77),
    empty=(27, 34, 44),
    accent=(255, 85, 136),
    tints=((255, 130, 120), (130, 230, 150), (140, 180, 255)),
    stops=(
        *((176, 218, 255), (74, 150, 222), (32, 82, 134)),
        (34, 34, 34),
        *((132, 74, 18), (224, 130, 46), (255, 214, 160)),
    ),
)
"""Of the dark theme."""


def palette_for(dark: bool) -> Palette:
    """Return the colours of the dark or of the light theme."""
    return DARK if dark else LIGHT


@cache
def scale_table(dark: bool) -> npt.NDArray[np.uint8]:
    """Return the diverging scale as a table, to be indexed by `levels`.

    Parameters
    ----------
    dark : bool
        For which theme.

    Returns
    -------
    ndarray of shape (255, 3), uint8, read-only
        Red, green and blue from −1 to 1. The neutral colour is in row `SIDE`, and in no other.
    """
    stops = np.array(palette_for(dark).stops, dtype=np.float64)
    share = np.arange(-SIDE, SIDE + 1) / SIDE
    size = np.where(share == 0, 0.0, _FIRST_STEP + (1 - _FIRST_STEP) * np.abs(share))
    at = (np.sign(share) * size + 1) / 2 * (len(stops) - 1)
    below = np.minimum(np.floor(at).astype(int), len(stops) - 2)
    part = (at - below)[:, np.newaxis]
    # Halves go up, as JavaScript rounds them.
    table: npt.NDArray[np.uint8] = np.floor(stops[below] * (1 - part) + stops[below + 1] * part + 0.5).astype(
        np.uint8
    )
    table.setflags(write=False)
    return table


def levels(values: npt.NDArray[np.floating], limit: float) -> npt.NDArray[np.uint8]:
    """Find each value's place in the table of the diverging scale.

    Parameters
    ----------
    values : ndarray
        Finite, of any shape.
    limit : float
        The magnitude where the scale ends on both sides; what lies beyond it gets the last colour. It is 0 where
        all values are.

    Returns
    -------
    ndarray of the same shape, uint8
        0 to 254. Only zeros are `SIDE`; whatever is less is below it, and whatever is more is above.
    """
    # By division, and not by the reciprocal: that of the smallest limits is infinite.
    shares = np.abs(values.astype(np.float64)) / (limit or 1.0)
    sizes = np.clip(np.floor(shares * SIDE + 0.5), 1, SIDE)
    places: npt.NDArray[np.uint8] = (SIDE + np.sign(values) * sizes).astype(np.uint8)
    return places


def mixed(colour: Rgb, ground: Rgb, share: float) -> Rgb:
    """Return an opaque colour that looks like a share of `colour` over `ground`; `share` from 0 to 1."""
    red, green, blue = (round(a * share + b * (1 - share)) for a, b in zip(colour, ground, strict=True))
    return red, green, blue


def css(colour: Rgb) -> str:
    """Write a colour for style sheets and SVG, such as ``"#1f4fc8"``."""
    return "#{:02x}{:02x}{:02x}".format(*colour)
