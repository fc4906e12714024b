"""What a way to convolve is, and what the ways of several peers have in common."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

from benchmarks.cells import Job

__all__ = ["Doubles", "Filter", "Make", "Plane", "Run", "Singles", "Way", "factors", "filters_of", "mixed"]

Plane: TypeAlias = npt.NDArray[Any]
Singles: TypeAlias = npt.NDArray[np.float32]
Doubles: TypeAlias = npt.NDArray[np.float64]

Run: TypeAlias = Callable[[], npt.ArrayLike]
"""From the pixels of a job, (H, W, C) uint8, rows first, to its maps, (oh, ow, K) float32."""

Make: TypeAlias = Callable[[Job], Run | None]
"""Makes a way ready for a job: buffers, and the weights in the form it wants. None if it cannot do the job."""

Filter: TypeAlias = Callable[[Plane, Plane], object]
"""Filters a plane, the first, and writes the result to the second, which is as large."""

# What is left over when a bank is split into simpler parts must be less than this share of it.
_NEGLIGIBLE = 1e-12


@dataclass(frozen=True)
class Way:
    """A way to convolve.

    Attributes
    ----------
    name : str
        What the table calls it.
    family : str
        Whose it is. Ways of a family are compared with each other first: only its best is a peer.
    make : callable
        Makes it ready for a job, which is not timed; what it returns is.
    relative, absolute : float
        How far its values may be off: a share of the largest magnitude, and so much on top of it.
    """

    name: str
    family: str
    make: Make
    relative: float = 1e-4
    absolute: float = 0.0


def mixed(bank: Doubles) -> tuple[Doubles, Doubles]:
    """Split a bank into weights of its channels (C, n) and kernels (K, kh, kw, n); n is 1 or C.

    Where the slices of all kernels are multiples of each other, as those of Sobel's are on a colour photo, a good
    user of OpenCV or SciPy mixes the channels to one before filtering. Else n is C, and each channel is itself.
    """
    channels = bank.shape[3]
    mix = bank.reshape(-1, channels)[np.abs(bank).max(axis=3).argmax()]
    kernels = (bank @ mix / (mix @ mix))[..., np.newaxis]
    if channels > 1 and np.abs(bank - kernels * mix).max() < _NEGLIGIBLE * np.abs(bank).max():
        return mix[:, np.newaxis], kernels
    return np.eye(channels), bank


def factors(kernel: Doubles) -> tuple[Singles, Singles] | None:
    """Split a kernel (kh, kw) into a column (kh,) and a row (kw,), None where it is not of rank one."""
    left, values, right = np.linalg.svd(kernel)
    if values[1] > _NEGLIGIBLE * values[0]:
        return None
    root = np.sqrt(values[0])
    return (root * left[:, 0]).astype(np.float32), (root * right[0]).astype(np.float32)


def filters_of(bank: Doubles, make_filter: Callable[[Doubles], Filter | None]) -> list[list[Filter]] | None:
    """Make a filter of each slice of each kernel of a bank (K, kh, kw, n), None where one cannot be made."""
    made = [[make_filter(kernel[:, :, plane]) for plane in range(bank.shape[3])] for kernel in bank]
    filters = [[apply for apply in row if apply is not None] for row in made]
    return filters if sum(map(len, filters)) == bank.shape[0] * bank.shape[3] else None
