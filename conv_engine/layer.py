"""A bank made ready for images of one shape: what every algorithm of `conv2d` is given.

Whatever depends on shapes and weights alone is found once and kept here; the pixels come later.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from fractions import Fraction
from functools import cached_property
from itertools import chain
from math import lcm
from typing import NamedTuple, TypeAlias

import numpy as np
import numpy.typing as npt

from conv_engine.arrays import Doubles, FeatureMaps, Numbers
from conv_engine.factors import Factors, factors
from conv_engine.plan import Plan2D

__all__ = ["Apply", "Course", "Layer", "Singles"]

Singles: TypeAlias = npt.NDArray[np.float32]

Apply: TypeAlias = Callable[[Numbers, FeatureMaps], None]
"""What an algorithm makes of a layer: a function of the pixels (H, W, C) that fills the maps (oh, ow, K)."""

_LARGEST_KERNEL = 1 << 18
# Weights such as 1/9, 1/16 or 1/273 are whole multiples of one fraction of this size.
_LARGEST_DENOMINATOR = 4096
# The whole numbers up to here are float32 numbers, and so are their sums while they stay below.
_EXACT_IN_SINGLE = 2.0**24
_UNIT_ROUNDOFF = 2.0**-24
# So many terms are summed, at the most, before their sum is added to that of others; in compiled.c fewer.
_FOLD = 256
_TRANSFORM_STAGES = 20
# Far from where a float32, or a product inside a Fourier transform of them, overflows.
_SAFE_IN_SINGLE = 1e30


class Course(NamedTuple):
    """What is to be done with pixels of some magnitude."""

    apply: Apply  # the algorithm, made ready
    largest: float  # the magnitude
    fits: bool  # whether no value can leave the range of float32
    error: float  # what rounding may do to a value, 0 if nothing


@dataclass(frozen=True, eq=False)
class Layer:
    """A plan and the numbers that go with it.

    Attributes
    ----------
    plan : Plan2D
        Sizes, padding, steps and groups.
    weights : ndarray of float64, shape (K, kh, kw, C / groups)
        The bank as it is laid on the image: already turned if it is flipped.
    bias : ndarray of float64, shape (K,)
        What each feature adds at the end.
    prepared : dict
        The algorithms that are ready, by name.
    """

    plan: Plan2D
    weights: Doubles
    bias: Doubles
    prepared: dict[str, Apply] = field(default_factory=dict)

    @cached_property
    def denominator(self) -> int | None:
        """The least q for which all weights and biases · q are whole numbers, None if there is none up to 4096.

        A box of 1/9 is nine ones over 9: summed as ones, which is exact, and divided once at the end, so that
        weights that cancel each other on paper cancel on the screen too.
        """
        denominator = 1
        for weight in chain(_distinct(self.weights), _distinct(self.bias)):
            fraction = Fraction(weight).limit_denominator(_LARGEST_DENOMINATOR)
            denominator = lcm(denominator, fraction.denominator)
            if float(fraction) != weight or denominator > _LARGEST_DENOMINATOR:
                return None
        return denominator

    @cached_property
    def singles(self) -> tuple[Singles, Singles, float]:
        """Weights and biases in float32, and what sums are divided by: whole numbers and q if there is one."""
        q = self.denominator or 1
        if q & (q - 1) == 0:  # over a power of two they are exact as they stand
            return self.weights.astype(np.float32), self.bias.astype(np.float32), 1.0
        return np.rint(self.weights * q).astype(np.float32), np.rint(self.bias * q).astype(np.float32), float(q)

    @cached_property
    def factors(self) -> Factors | None:
        """The one-dimensional kernels that the kernels are made of, None if they would be more than three each.

        Kernels as large as a picture are not looked at: that would take more memory than they are worth.
        """
        return factors(self.weights, self.denominator) if self.weights[0].size <= _LARGEST_KERNEL else None

    @cached_property
    def taps(self) -> int:
        """The most products that any feature sums: its weights that are not zero."""
        return int(np.count_nonzero(self.weights.reshape(len(self.weights), -1), axis=1).max())

    @cached_property
    def gain(self) -> float:
        """The largest value that pixels of magnitude 1 can give, without the bias: max over f of Σ |weights|."""
        return float(np.abs(self.weights).sum(axis=(1, 2, 3)).max())

    @cached_property
    def offset(self) -> float:
        """The largest magnitude of a bias."""
        return float(np.abs(self.bias).max())

    def is_exact_in_single(self, pixels: np.dtype[np.generic], largest: float) -> bool:
        """Tell whether float32 sums of whole pixels up to `largest` are free of rounding, in any order."""
        if pixels.kind not in "iu" or self.denominator is None:
            return False
        return (largest * self.gain + self.offset) * self.denominator < _EXACT_IN_SINGLE

    def fits_single(self, largest: float) -> bool:
        """Tell whether pixels up to `largest`, weights and sums stay well inside the range of float32."""
        parts = (largest, self.gain, self.offset)
        if any(part and not 1 / _SAFE_IN_SINGLE < part < _SAFE_IN_SINGLE for part in parts):
            return False
        return largest * self.gain + self.offset < _SAFE_IN_SINGLE

    @cached_property
    def _growth(self) -> float:
        rows = self.weights.reshape(len(self.weights), -1)
        parts = np.pad(rows, ((0, 0), (0, -rows.shape[1] % _FOLD))).reshape(len(rows), -1, _FOLD)
        partial = _partial_sums(parts).reshape(len(rows), -1), _partial_sums(parts.sum(axis=2))
        return float(np.sqrt(sum((sums * sums).sum(axis=1) for sums in partial)).max())

    def rounding_of_sums(self, largest: float) -> float:
        """Estimate the largest error of float32 sums over pixels up to `largest`.

        Each addition rounds a partial sum. For pixels about a common level the partial sums follow those of the
        weights, and what varies about the level adds up like a random walk; the errors themselves add up like
        one, too.

        Source: N. J. Higham and T. Mary, "A New Approach to Probabilistic Rounding Error Analysis", SIAM
        Journal on Scientific Computing 41(5), 2019.
        """
        return _UNIT_ROUNDOFF * (largest * self._growth + self.offset)

    def rounding_of_transforms(self, largest: float) -> float:
        """Estimate the largest error of products of float32 Fourier transforms, for pixels up to `largest`.

        The error of a transform grows with its stages, 20 for a million pixels, and is spread evenly over the
        tile; 4 times its root mean square is not passed in practice, which a test holds it to.

        Source: J. C. Schatzman, "Accuracy of the Discrete Fourier Transform and the Fast Fourier Transform",
        SIAM Journal on Scientific Computing 17(5), 1996.
        """
        norms = _TRANSFORM_STAGES * np.sqrt((self.weights**2).sum(axis=(1, 2, 3)))
        levels = np.abs(self.weights.sum(axis=(1, 2, 3)))  # what a flat area of 1 gives
        return _UNIT_ROUNDOFF * (4 * largest * float((norms + levels).max()) + self.offset)


def _partial_sums(terms: Doubles) -> Doubles:
    """Estimate the partial sums of terms along the last axis: their level, and what varies about it."""
    partial: Doubles = np.abs(np.cumsum(terms, axis=-1)) + np.sqrt(np.cumsum(terms * terms, axis=-1))
    return partial


def _distinct(weights: Doubles) -> Iterator[float]:
    """Give the different magnitudes that are not whole, the first of them before the others are looked for."""
    magnitudes = np.abs(weights[weights != np.rint(weights)])
    if magnitudes.size:
        yield float(magnitudes[0])
        yield from np.unique(magnitudes).tolist()
