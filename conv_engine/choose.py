"""Which algorithm for which layer: the one that is estimated to take the least time.

Every algorithm says how many numbers it moves and how many products it makes for a layer; the table says what
those cost. It was measured on one core with vectors of 512 bits. Elsewhere all of them are slower or faster
together; where two are close, either will do.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np

from conv_engine.banded import banded_work
from conv_engine.compiled import compiled_separable_work, compiled_work, is_ready
from conv_engine.fourier import fourier_work
from conv_engine.layer import Layer
from conv_engine.patches import patches_work
from conv_engine.separable import separable_work

__all__ = ["COSTS", "Cost", "choose", "estimate"]


@dataclass(frozen=True)
class Cost:
    """What an algorithm's work costs, in nanoseconds of one core."""

    work: Callable[[Layer], tuple[float, float]]  # the numbers that it moves and the products that it makes
    start: float
    moved: float
    product: float


COSTS: Mapping[str, Cost] = MappingProxyType(
    {
        "patches": Cost(lambda layer: patches_work(layer.plan), 20_000, 0.7, 0.05),
        "banded": Cost(banded_work, 60_000, 0.5, 0.012),
        "separable": Cost(separable_work, 60_000, 0.5, 0.012),
        "fft": Cost(fourier_work, 150_000, 1.0, 1.0),
        "compiled": Cost(compiled_work, 5_000, 0.15, 0.0045),
        "compiled_separable": Cost(compiled_separable_work, 6_000, 0.15, 0.0045),
    }
)
"""The algorithms to choose from; ``"naive"`` is for reading."""

_NUMPY = ("patches", "banded", "separable", "fft")
_COMPILED = ("compiled", "compiled_separable", "fft")


def estimate(layer: Layer, name: str) -> float:
    """Estimate the time that an algorithm takes for a layer, in nanoseconds of one core."""
    cost = COSTS[name]
    moved, products = cost.work(layer)
    return cost.start + moved * cost.moved + products * cost.product


def choose(layer: Layer, pixels: np.dtype[np.generic], largest: float, wish: str) -> str:
    """Return the name of an algorithm for a layer and pixels of a type, up to a magnitude.

    Parameters
    ----------
    layer : Layer
        What to convolve with.
    pixels : dtype
        The type of the pixels.
    largest : float
        Their largest magnitude.
    wish : str
        ``"auto"`` for the fastest; ``"numpy"`` for the fastest that needs no compiled code; ``"direct"`` for the
        fastest that adds up the products as they are, in float32 only if that is free of rounding, so that what
        cancels gives 0; or the name of an algorithm.

    Returns
    -------
    str
        The name of an algorithm that can do it. Pixels that float32 cannot hold, or whole numbers whose sums it
        cannot, are left to an algorithm in double precision.
    """
    if wish == "naive" or not layer.fits_single(largest):
        return "naive" if wish == "naive" else "patches"
    # Whole numbers shall give exact sums: in float32 if it can hold them.
    is_whole = pixels.kind in "iu" and layer.denominator is not None
    needs_double = is_whole and not layer.is_exact_in_single(pixels, largest)
    if wish in COSTS:
        return "patches" if needs_double and wish in ("banded", "compiled") else wish
    candidates: tuple[str, ...] = _COMPILED if wish != "numpy" and is_ready() else _NUMPY
    if needs_double:
        candidates = ("patches", "fft")
    if wish == "direct":
        if not layer.is_exact_in_single(pixels, largest):
            return "patches"
        parts = layer.factors
        able = {"patches", "banded", "compiled"}
        if parts is not None and parts.are_whole:
            able |= {"separable", "compiled_separable"}
        candidates = tuple(name for name in candidates if name in able)
    return min(candidates, key=lambda name: estimate(layer, name))
