"""Which algorithm for which layer: of those that can do it, the one that is estimated to take the least time."""

from collections.abc import Callable, Mapping
from types import MappingProxyType

import numpy as np

from conv_engine.banded import banded_work
from conv_engine.compiled import is_ready
from conv_engine.compiled_bytes import bytes_work
from conv_engine.compiled_layer import BYTES
from conv_engine.compiled_planes import compiled_separable_work, direct_work
from conv_engine.costs import COSTS, Work, nanoseconds
from conv_engine.fourier import fourier_work
from conv_engine.layer import Layer
from conv_engine.patches import patches_work
from conv_engine.separable import separable_work
from conv_engine.shifts import shifts_work

__all__ = ["choose", "estimate"]

_WORK: Mapping[str, Callable[[Layer], Work]] = MappingProxyType(
    {
        "patches": lambda layer: patches_work(layer.plan),
        "shifts": shifts_work,
        "banded": banded_work,
        "separable": separable_work,
        "fft": fourier_work,
        "compiled": direct_work,
        "compiled_separable": compiled_separable_work,
        "compiled_bytes": bytes_work,
    }
)
_NUMPY = ("patches", "shifts", "banded", "separable", "fft")
_IN_ONE, _LONGEST_SUM = ("shifts", "banded"), 1000
_SUMS_IN_SINGLE = (*_IN_ONE, "compiled", "compiled_bytes")
_COMPILED = ("compiled", "compiled_separable", "compiled_bytes")


def estimate(layer: Layer, name: str) -> float:
    """Estimate the time that an algorithm takes for a layer, in nanoseconds of one core."""
    return nanoseconds(name, _WORK[name](layer))


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
    # These do not sum in parts, and the rounding errors of thousands of like terms are alike.
    unable = _IN_ONE if layer.taps > _LONGEST_SUM and not layer.is_exact_in_single(pixels, largest) else ()
    if pixels != BYTES:
        unable = (*unable, "compiled_bytes")
    if wish in COSTS:
        return "patches" if wish in unable or (needs_double and wish in _SUMS_IN_SINGLE) else wish
    candidates: tuple[str, ...] = (*_NUMPY, *_COMPILED) if wish != "numpy" and is_ready() else _NUMPY
    if needs_double:
        candidates = ("patches", "fft")
    if wish == "direct":
        if not layer.is_exact_in_single(pixels, largest):
            return "patches"
        parts = layer.factors
        able = {"patches", *_SUMS_IN_SINGLE}
        if parts is not None and parts.are_whole:
            able |= {"separable", "compiled_separable"}
        candidates = tuple(name for name in candidates if name in able)
    able_to = [name for name in candidates if name not in unable]
    return min(able_to, key=lambda name: estimate(layer, name))
