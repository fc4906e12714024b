"""An experiment applied to pixels: the layer of a CNN that the screen is about."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import NamedTuple, TypeAlias

import numpy as np
import numpy.typing as npt

from conv_engine import LIBRARY, Kernel, Plan2D, conv2d, plan2d, stack
from conv_engine.parametric import PARAMETRIC
from ui.experiment import OWN, Experiment, Feature
from ui.images import Pixels

__all__ = [
    "LARGEST_PICTURE",
    "LEVELS",
    "MOST_CELLS",
    "Extreme",
    "Layer",
    "Map",
    "Values",
    "bank_of",
    "build_layer",
    "kernel_of",
    "kernel_title",
    "map_picture",
    "map_pictures",
    "some_maps",
]

Values: TypeAlias = npt.NDArray[np.float32]
"""Feature maps, or pixels that are no whole numbers."""

# So much of the maps in numbers is made at a time: 16 features of a 24-megapixel photo would take 1.5 GB at once.
_MOST_VALUES = 2**25
LEVELS = 2**15 - 1
"""Steps of a map's picture on either side of zero: fine enough to be looked at in another way than as colours."""

LARGEST_PICTURE = 1024
"""Cells along a side of a map's picture: it need not have more than a screen has pixels."""

MOST_CELLS = 2**21
"""Cells of all maps' pictures together: more would be long on their way."""

_MOST_EXTREMES = 4


@dataclass(frozen=True, eq=False)
class Layer:
    """An image, a bank with biases, and the plan that lays the one on the other.

    Attributes
    ----------
    pixels : ndarray of shape (H, W, C), uint8 or float32
        A picture from 0 to 255, or the maps of a layer before this one.
    unit : bool
        Whether the pixels of a picture are counted from 0 to 1.
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

    pixels: Pixels | Values
    unit: bool
    bank: npt.NDArray[np.float64]
    bias: npt.NDArray[np.float64]
    plan: Plan2D
    flip: bool
    names: tuple[str, ...]

    @cached_property
    def image(self) -> Pixels | Values:
        """What the kernels are laid on: the pixels, or, of a picture from 0 to 1, their 255th parts in float32."""
        if not self.unit or self.pixels.dtype != np.uint8:
            return self.pixels
        scaled: Values = np.divide(self.pixels, 255, dtype=np.float32)
        return scaled

    @property
    def top(self) -> int:
        """The value of a white pixel, and the end of what a picture can show."""
        return 1 if self.unit else 255


class Extreme(NamedTuple):
    """A cell where a map is strongest or weakest, and the value there."""

    row: int
    col: int
    value: float


@dataclass(frozen=True, eq=False)
class Map:
    """The picture of a feature map.

    Attributes
    ----------
    levels : ndarray of shape (rows, cols), int16
        value / limit · 32767, rounded; but only a zero is 0, and signs are kept. Maps of more than 1024 cells
        along a side are sampled, and so are those that have more than 2²¹ together.
    strongest, weakest : tuple of Extreme
        Up to 4 cells of the whole map, from the greatest value downwards and from the least upwards; of equal
        values the first in row-major order. No two windows of one tuple overlap.
    low, high : float
        The least and the greatest value of the whole map.
    below, above : float
        The shares of the whole map, 0 to 1, that lie below 0 and above the layer's `top`: what a picture of the
        map would destroy.
    limit : float
        The greatest magnitude, where the colour scale ends on both sides.
    """

    levels: npt.NDArray[np.int16]
    strongest: tuple[Extreme, ...]
    weakest: tuple[Extreme, ...]
    below: float
    above: float

    @property
    def low(self) -> float:
        """The least value of the map."""
        return self.weakest[0].value

    @property
    def high(self) -> float:
        """The greatest value of the map."""
        return self.strongest[0].value

    @property
    def limit(self) -> float:
        """The greatest magnitude of the map."""
        return max(abs(self.low), abs(self.high))


def kernel_of(feature: Feature) -> Kernel:
    """Return the kernel of a feature, from the library or from its own weights."""
    if feature.kernel in PARAMETRIC:
        return PARAMETRIC[feature.kernel].kernel(*feature.parameters)
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
    if key == OWN:
        return "Own kernel"
    return PARAMETRIC[key].title if key in PARAMETRIC else LIBRARY[key].title


def bank_of(features: Sequence[Feature], channels: int) -> npt.NDArray[np.float64]:
    """Return the kernels of features as one bank, framed to the size of the largest.

    Parameters
    ----------
    features : sequence of Feature
        K of them.
    channels : int
        C, those of the image. Laid on one channel, a kernel with a slice for each of three colours acts as the sum
        of its slices: it gives the map that a picture of three equal channels would have.

    Returns
    -------
    ndarray of shape (K, kh, kw, C), float64

    Raises
    ------
    ConvError
        If a kernel has three slices and there are neither three channels nor one.
    """
    kernels = [kernel_of(feature) for feature in features]
    return stack([_in_one(kernel) if channels == 1 else kernel for kernel in kernels], channels)


def _in_one(kernel: Kernel) -> Kernel:
    if kernel.weights.ndim == 2:
        return kernel
    # Rounded once: the weights of the luma make 1, and not 0.9999999999999999.
    return replace(kernel, weights=np.apply_along_axis(math.fsum, 2, kernel.weights))


def build_layer(experiment: Experiment, pixels: Pixels | Values) -> Layer:
    """Lay the experiment's bank on a picture, or on the maps of another layer.

    Parameters
    ----------
    experiment : Experiment
        The bank and the plan's parameters.
    pixels : ndarray of shape (H, W, C), uint8 or float32
        The picture at its working size in uint8, or maps in float32.

    Returns
    -------
    Layer

    Raises
    ------
    ConvError
        If the kernel, spread by its dilation, is larger than the padded image, or has a slice for each of three
        colours where there are neither three channels nor one.
    """
    bank = bank_of(experiment.features, pixels.shape[2])
    spec = experiment.spec
    plan = plan2d(
        pixels.shape,
        bank.shape,
        stride=spec.stride,
        padding=spec.padding,
        dilation=spec.dilation,
        boundary=spec.boundary,
    )
    bias = np.array([feature.bias for feature in experiment.features], dtype=np.float64)
    names = tuple(feature.name or kernel_of(feature).title for feature in experiment.features)
    return Layer(pixels, experiment.unit, bank, bias, plan, experiment.flip, names)


def some_maps(layer: Layer, features: slice) -> Values:
    """Convolve with some of a layer's kernels.

    Parameters
    ----------
    layer : Layer
        The image, the bank and the plan.
    features : slice
        Which of its kernels.

    Returns
    -------
    ndarray of shape (oh, ow, k), float32
        A map for each of them, in which a 0 is a 0.

    Raises
    ------
    ConvError
        If a value is too large for float32.
    """
    spec = layer.plan.spec
    return conv2d(
        layer.image,
        layer.bank[features],
        layer.bias[features],
        stride=spec.stride,
        padding=spec.padding,
        dilation=spec.dilation,
        boundary=spec.boundary,
        flip=layer.flip,
        method="direct",
    )


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
    axes = layer.plan.row_axis, layer.plan.col_axis
    row_gap, col_gap = (-(-axis.effective // axis.stride) for axis in axes)
    at_once = max(1, _MOST_VALUES // (rows * cols))
    pictures = []
    for first in range(0, features, at_once):
        maps = some_maps(layer, slice(first, first + at_once))
        pictures += [
            map_picture(np.ascontiguousarray(maps[:, :, k]), (row_gap, col_gap), layer.top, features)
            for k in range(maps.shape[2])
        ]
    return pictures


def map_picture(values: Values, gaps: tuple[int, int], top: int, features: int) -> Map:
    """Make the picture of one map.

    Parameters
    ----------
    values : ndarray of shape (rows, cols), float32
        The map.
    gaps : (int, int)
        How many rows, or columns, two cells are apart at least whose windows do not overlap.
    top : int
        The end of what a picture can show, as in `Layer.top`.
    features : int
        How many maps are shown together: so many share `MOST_CELLS`.

    Returns
    -------
    Map
    """
    row_gap, col_gap = gaps
    strongest, weakest = (
        tuple(Extreme(row, col, float(values[row, col])) for row, col in _peaks(signed, row_gap, col_gap))
        for signed in (values, -values)
    )
    limit = max(strongest[0].value, -weakest[0].value) or 1.0
    sampled = _sampled(values, MOST_CELLS // features).astype(np.float64)
    levels = np.rint(sampled * (LEVELS / limit))
    tiny = (levels == 0) & (sampled != 0)
    levels[tiny] = np.sign(sampled[tiny])
    below = np.count_nonzero(values < 0) / values.size
    above = np.count_nonzero(values > top) / values.size
    return Map(levels.astype(np.int16), strongest, weakest, below, above)


def _sampled(values: Values, most: int) -> Values:
    shorter, longer = sorted(values.shape)
    side = min(longer, LARGEST_PICTURE)
    while side * -(-shorter * side // longer) > most:
        side -= 1
    at_rows, at_cols = (np.arange(-(-length * side // longer)) * longer // side for length in values.shape)
    sampled: Values = values[at_rows[:, np.newaxis], at_cols]
    return sampled


def _peaks(values: Values, row_gap: int, col_gap: int) -> list[tuple[int, int]]:
    """Find the highest cell, then the highest whose window does not overlap its, and so on."""
    found: list[tuple[int, int]] = []

    def free(first: int, last: int) -> Values:
        rows = values[first:last].copy()
        for row, col in found:
            top, left = max(row - row_gap + 1 - first, 0), max(col - col_gap + 1, 0)
            rows[top : max(row + row_gap - first, 0), left : col + col_gap] = -np.inf
        return rows

    # The maxima of the rows are kept, so that each find costs a look at the rows about it and no more.
    tops = values.max(axis=1)
    while len(found) < _MOST_EXTREMES and tops.max() > -np.inf:
        row = int(tops.argmax())
        found.append((row, int(free(row, row + 1)[0].argmax())))
        first, last = max(row - row_gap + 1, 0), row + row_gap
        tops[first:last] = free(first, last).max(axis=1)
    return found
