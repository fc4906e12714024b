"""What a kernel with a name is: its weights with their story, and the families that there are."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np
import numpy.typing as npt

from conv_engine.arrays import Doubles

__all__ = ["FAMILIES", "Kernel", "frozen"]

FAMILIES: Mapping[str, str] = MappingProxyType(
    {
        "basic": "Basic",
        "smooth": "Smooth",
        "sharpen": "Sharpen",
        "edges": "Edges",
        "corners": "Corners",
        "lines": "Lines and spots",
        "textures": "Textures",
        "gabor": "Gabor waves",
        "relief": "Relief",
        "motion": "Motion",
        "colour": "Colour",
        "learned": "Learned",
    }
)
"""The families' names for people by their keys, in the order in which they are shown."""


@dataclass(frozen=True, eq=False)
class Kernel:
    """A kernel with its story.

    Attributes
    ----------
    key : str
        Its name in `LIBRARY` and in addresses: short, lower case, never changed.
    title : str
        Its name for people.
    family : str
        A key of `FAMILIES`.
    weights : ndarray of float64, shape (kh, kw) or (kh, kw, 3)
        The weights, read-only. Two axes: the same slice for each channel. Three: a slice each for red, green
        and blue.
    finds : str
        One sentence: what it does to a picture, or where its result is bright.
    formula : str
        How the weights come about.
    source : str
        Where it was first published, or where it is explained.
    """

    key: str
    title: str
    family: str
    weights: Doubles
    finds: str
    formula: str
    source: str


def frozen(rows: npt.ArrayLike, divisor: float = 1.0) -> Doubles:
    """Make weights that cannot be changed.

    Parameters
    ----------
    rows : array_like, shape (kh, kw) or (kh, kw, 3)
        Numbers.
    divisor : float
        What each of them is divided by.

    Returns
    -------
    ndarray of float64, of the same shape
        Read-only.
    """
    weights: Doubles = np.array(rows, dtype=np.float64) / divisor
    weights.setflags(write=False)
    return weights
