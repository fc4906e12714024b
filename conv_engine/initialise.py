"""Banks to begin to learn from: random weights that neither let values fade from layer to layer nor grow.

A cell of a map is a sum of kh · kw · C products. If weights are drawn independently about 0, the variance of the
sum is that many times the variance of a weight: so the more terms there are, the smaller each weight must be.
"""

from collections.abc import Callable, Mapping
from math import sqrt
from types import MappingProxyType

import numpy as np

from conv_engine.arrays import Doubles
from conv_engine.errors import ConvError, shown
from conv_engine.spec import integer

__all__ = ["INITIALISERS", "glorot", "he"]


def glorot(shape: tuple[int, int, int, int], seed: int) -> Doubles:
    """Draw a bank from the uniform distribution between ±√(6 / (fan in + fan out)).

    Parameters
    ----------
    shape : (int, int, int, int)
        (K, kh, kw, C). Fan in is kh · kw · C, fan out kh · kw · K.
    seed : int
        At least 0. The same seed draws the same bank.

    Returns
    -------
    ndarray of float64, shape (K, kh, kw, C)

    Raises
    ------
    ConvError
        If the shape or the seed is not of such integers.

    References
    ----------
    X. Glorot and Y. Bengio, "Understanding the difficulty of training deep feedforward neural networks", AISTATS
    2010, equation 16.
    """
    features, rows, cols, channels = _shape(shape)
    limit = sqrt(6 / (rows * cols * (channels + features)))
    return _generator(seed).uniform(-limit, limit, size=(features, rows, cols, channels))


def he(shape: tuple[int, int, int, int], seed: int) -> Doubles:
    """Draw a bank from the normal distribution of standard deviation √(2 / fan in), for layers with a ReLU.

    Parameters
    ----------
    shape : (int, int, int, int)
        (K, kh, kw, C). Fan in is kh · kw · C.
    seed : int
        At least 0. The same seed draws the same bank.

    Returns
    -------
    ndarray of float64, shape (K, kh, kw, C)

    Raises
    ------
    ConvError
        If the shape or the seed is not of such integers.

    References
    ----------
    K. He, X. Zhang, S. Ren and J. Sun, "Delving Deep into Rectifiers: Surpassing Human-Level Performance on
    ImageNet
    Classification", ICCV 2015, equation 10.
    """
    features, rows, cols, channels = _shape(shape)
    deviation = sqrt(2 / (rows * cols * channels))
    return _generator(seed).normal(0, deviation, size=(features, rows, cols, channels))


INITIALISERS: Mapping[str, Callable[[tuple[int, int, int, int], int], Doubles]] = MappingProxyType(
    {"glorot": glorot, "he": he}
)
"""The initialisers by name."""


def _shape(shape: tuple[int, int, int, int]) -> tuple[int, int, int, int]:
    if not isinstance(shape, tuple) or len(shape) != 4:
        raise ConvError(f"shape must be (K, kh, kw, C), got {shown(shape)}")
    features, rows, cols, channels = (integer("shape", size, least=1) for size in shape)
    return features, rows, cols, channels


def _generator(seed: int) -> np.random.Generator:
    return np.random.default_rng(integer("seed", seed, least=0))
