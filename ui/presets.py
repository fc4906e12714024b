"""Banks that show something as a whole: to be taken with one click, and changed from there."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np
import numpy.typing as npt

from conv_engine.initialise import INITIALISERS
from ui.experiment import OWN, Feature, Weights

__all__ = ["PRESETS", "Preset", "random_bank", "weights_of_array"]

_SIGNIFICANT = 4
_RING = ((0, 0), (0, 1), (0, 2), (1, 2), (2, 2), (2, 1), (2, 0), (1, 0))
"""The places about the middle of a 3×3 kernel, clockwise from the upper left."""


@dataclass(frozen=True)
class Preset:
    """A bank with its story.

    Attributes
    ----------
    title : str
        Its name for people.
    story : str
        What is to be seen, in a sentence, with where it comes from.
    make : callable
        Returns its features.
    """

    title: str
    story: str
    make: Callable[[], tuple[Feature, ...]]


def weights_of_array(weights: npt.NDArray[np.floating]) -> Weights:
    """Return weights (kh, kw) or (kh, kw, C) as nested tuples (kh, kw, C)."""
    slices = weights.reshape(*weights.shape[:2], -1).tolist()
    return tuple(tuple(tuple(map(float, cell)) for cell in row) for row in slices)


def random_bank(initialiser: str, count: int, size: int, channels: int, seed: int) -> tuple[Feature, ...]:
    """Draw a bank as a network begins with.

    Parameters
    ----------
    initialiser : str
        A key of `conv_engine.initialise.INITIALISERS`.
    count, size, channels : int
        K features of size × size weights in each of C slices.
    seed : int
        The same seed draws the same bank.

    Returns
    -------
    tuple of Feature
        With weights of four significant digits, so that the bank fits into an address.
    """
    bank = INITIALISERS[initialiser]((count, size, size, channels), seed)
    rounded = np.vectorize(lambda weight: float(f"{weight:.{_SIGNIFICANT}g}"))(bank)
    return tuple(
        Feature(OWN, weights_of_array(kernel), name=f"random {number}") for number, kernel in enumerate(rounded, 1)
    )


def _compass() -> tuple[Feature, ...]:
    """Turn Sobel's kernel by an eighth of a circle at a time: its outer weights move on by one place."""
    outer = [1, 2, 1, 0, -1, -2, -1, 0]  # bright above
    arrows = "↑↗→↘↓↙←↖"
    features = []
    for turn, arrow in enumerate(arrows):
        weights = np.zeros((3, 3))
        for place, weight in zip(_RING[turn:] + _RING[:turn], outer, strict=True):
            weights[place] = weight
        features.append(Feature(OWN, weights_of_array(weights), name=f"brighter {arrow}"))
    return tuple(features)


def _colours() -> tuple[Feature, ...]:
    one = {"red": (1.0, 0.0, 0.0), "green": (0.0, 1.0, 0.0), "blue": (0.0, 0.0, 1.0)}
    alone = tuple(Feature(OWN, ((weights,),), name=f"{name} alone") for name, weights in one.items())
    return (Feature("luma"), *alone, Feature("red_green"), Feature("blue_yellow"))


def _scales() -> tuple[Feature, ...]:
    return tuple(Feature("gauss", parameters=(sigma,)) for sigma in (0.5, 0.7, 1.0, 1.4, 2.0))


PRESETS: Mapping[str, Preset] = MappingProxyType(
    {
        "compass": Preset(
            "Edges in eight directions",
            "One edge kernel, turned by an eighth of a circle each time; the arrow points to where it is "
            "brighter. "
            "After G. S. Robinson, Edge Detection by Compass Gradient Masks, 1977.",
            _compass,
        ),
        "colours": Preset(
            "Colours",
            "1 × 1 kernels that only weigh red, green and blue: brightness, each colour alone, and two "
            "oppositions.",
            _colours,
        ),
        "scales": Preset(
            "Scale space",
            "One Gaussian, wider by √2 each time: what survives is coarser and coarser. After A. P. Witkin, "
            "Scale-Space Filtering, 1983.",
            _scales,
        ),
    }
)
"""The banks by key."""
