"""An experiment applied to pixels: the layer of a CNN that the screen is about."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from conv_engine import LIBRARY, Kernel, Plan2D, conv2d, plan2d, stack
from ui.experiment import OWN, Experiment, Feature
from ui.images import Pixels

__all__ = [
    "LARGEST_PICTURE",
    "LEVELS",
    "Layer",
    "Map",
    "build_layer",
    "framed_size",
    "kernel_of",
    "kernel_title",
    "map_pictures",
]

# So much of the maps in numbers is made at a time: 16 features of a 24-megapixel photo would take 1.5 GB at once.
_MOST_VALUES = 2**25
LEVELS = 2**15 - 1
"""Steps of a map's picture on either side of zero: fine enough to be looked at in another way than as colours."""

LARGEST_PICTURE = 1024
"""Cells along a side of a map's picture: it need not have more than a screen has pixels."""


@dataclass(frozen=True, eq=False)
class Layer:
    """An image, a bank with biases, and the plan that lays the one on the other.

    Attributes
    ----------
    image : ndarray of shape (H, W, C), uint8
        Pixels from 0 to 255.
    bank : ndarray of shape (K, kh, kw, C), float64
        The kernels, not flipped.
    bias : ndarray of shape (K,), float64
        Added once to each cell of a map.
    plan : Plan2D
        Where each output cell looks.
    flip : bool
        Whether the kernels are turned over when they are applied.
    names : tuple of str
        The kernels' names for people.
    """

    image: Pixels
    bank: npt.NDArray[np.float64]
    bias: npt.NDArray[np.float64]
    plan: Plan2D
    flip: bool
    names: tuple[str, ...]


@dataclass(frozen=True, eq=False)
class Map:
    """The picture of a feature map.

    Attributes
    ----------
    levels : ndarray of shape (rows, cols), int16
        value / limit · 32767, rounded; but only a zero is 0, and signs are kept. Maps of more than 1024 cells
        along a side are sampled.
    low, high : float
        The least and the greatest value of the whole map.
    below, above : float
        The shares of the whole map, 0 to 1, that lie below 0 and above 255: what a picture of 8 bits destroys.
    limit : float
        The greatest magnitude, where the colour scale ends on both sides.
    """

    levels: npt.NDArray[np.int16]
    low: float
    high: float
    below: float
    above: float

    @property
    def limit(self) -> float:
        """The greatest magnitude of the map."""
        return max(abs(self.low), abs(self.high))


def kernel_of(feature: Feature) -> Kernel:
    """Return the kernel of a feature, from the library or from its own weights."""
    if feature.weights is None:
        return LIBRARY[feature.kernel]
    weights = np.array(feature.weights, dtype=np.float64)
    return Kernel(
        key=OWN,
        title="Own kernel",
        family="own",
        weights=weights[:, :, 0] if weights.shape[2] == 1 else weights,
        finds="What you make of it.",
        formula="typed by hand",
        source="you",
    )


def kernel_title(key: str) -> str:
    """Return a kernel's name for people, by its key."""
    return "Own kernel" if key == OWN else LIBRARY[key].title


def framed_size(features: Sequence[Feature]) -> tuple[int, int]:
    """Return the rows and columns that all kernels of a bank are framed to: the largest of each."""
    shapes = [kernel_of(feature).weights.shape for feature in features]
    return max(shape[0] for shape in shapes), max(shape[1] for shape in shapes)


def build_layer(experiment: Experiment, image: Pixels) -> Layer:
    """Lay the experiment's bank on an image.

    Parameters
    ----------
    experiment : Experiment
        The bank and the plan's parameters.
    image : ndarray of shape (H, W, 3), uint8
        The picture at its working size.

    Returns
    -------
    Layer

    Raises
    ------
    ConvError
        If the kernel, spread by its dilation, is larger than the padded image.
    """
    bank = stack([kernel_of(feature) for feature in experiment.features], image.shape[2])
    spec = experiment.spec
    plan = plan2d(
        image.shape,
        bank.shape,
        stride=spec.stride,
        padding=spec.padding,
        dilation=spec.dilation,
        boundary=spec.boundary,
    )
    bias = np.array([feature.bias for feature in experiment.features], dtype=np.float64)
    names = tuple(kernel_title(feature.kernel) for feature in experiment.features)
    return Layer(image, bank, bias, plan, experiment.flip, names)


def map_pictures(layer: Layer) -> list[Map]:
    """Convolve, and make a picture of each feature map.

    Parameters
    ----------
    layer : Layer
        With K features.

    Returns
    -------
    list of Map
        K of them.

    Raises
    ------
    ConvError
        If a value is too large for float32.
    """
    rows, cols, features = layer.plan.output_shape
    at_once = max(1, _MOST_VALUES // (rows * cols))
    spec = layer.plan.spec
    pictures = []
    for first in range(0, features, at_once):
        some = slice(first, first + at_once)
        maps = conv2d(
            layer.image,
            layer.bank[some],
            layer.bias[some],
            stride=spec.stride,
            padding=spec.padding,
            dilation=spec.dilation,
            boundary=spec.boundary,
            flip=layer.flip,
        )
        pictures += [_picture(maps[:, :, k]) for k in range(maps.shape[2])]
    return pictures


def _picture(values: npt.NDArray[np.float32]) -> Map:
    low, high = float(values.min()), float(values.max())
    limit = max(abs(low), abs(high)) or 1.0
    rows, cols = values.shape
    every = max(1.0, max(rows, cols) / LARGEST_PICTURE)
    at_rows = (np.arange(int(np.ceil(rows / every))) * every).astype(np.intp)
    at_cols = (np.arange(int(np.ceil(cols / every))) * every).astype(np.intp)
    sampled = values[at_rows[:, np.newaxis], at_cols].astype(np.float64)
    levels = np.rint(sampled * (LEVELS / limit))
    tiny = (levels == 0) & (sampled != 0)
    levels[tiny] = np.sign(sampled[tiny])
    below = np.count_nonzero(values < 0) / values.size
    above = np.count_nonzero(values > 255) / values.size
    return Map(levels.astype(np.int16), low, high, below, above)
