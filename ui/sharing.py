"""Few weights, used everywhere: what a convolution holds beside a fully connected layer, and its own matrix.

Pure: it knows no screen. The counts are those of one layer with biases; the matrix is that of a small picture.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
import numpy.typing as npt

from conv_engine import ConvError, ConvSpec, conv2d, plan2d
from conv_engine.arrays import Doubles
from conv_engine.dense import toeplitz_matrix
from conv_engine.plan import Plan2D
from ui.counts import layer_counts
from ui.map_tiles import scale_number

__all__ = [
    "LARGEST_KERNEL",
    "LARGEST_MAP",
    "SIDES",
    "SMALL_SIDES",
    "Beside",
    "SmallMatrix",
    "beside",
    "bytes_words",
    "curve",
    "entries_sentence",
    "memory_sentence",
    "proof_sentence",
    "scaled_shape",
    "small_matrix",
    "small_picture",
    "small_plan",
    "times_words",
    "weights_sentence",
]

SIDES = tuple(2**power for power in range(3, 13))
"""The longer sides of the pictures that are compared, in pixels."""

SMALL_SIDES = tuple(range(4, 11))
"""The sides of the pictures whose matrix is drawn, in pixels."""

LARGEST_KERNEL = 5
"""The longest side of a kernel whose matrix is drawn."""

LARGEST_MAP = 18
"""The longest side of a map whose matrix is drawn: it has a row for each cell."""

_FLOAT32 = 4
_PROMISED = 1e-5
_UNITS = ("bytes", "kB", "MB", "GB", "TB", "PB")


@dataclass(frozen=True)
class Beside:
    """A convolution beside the fully connected layer of the same input and output.

    Attributes
    ----------
    image_shape, output_shape : tuple of int
        (H, W, C) and (oh, ow, K).
    parameters, multiplications : int
        Of the convolution: weights and biases, and products for one picture.
    dense_parameters, dense_multiplications : int
        Of the fully connected layer, which has a weight from each input to each output, and a bias an output.
    """

    image_shape: tuple[int, int, int]
    output_shape: tuple[int, int, int]
    parameters: int
    multiplications: int
    dense_parameters: int
    dense_multiplications: int

    @property
    def side(self) -> int:
        """The longer side of the picture, in pixels."""
        return max(self.image_shape[:2])

    @property
    def bytes(self) -> int:
        """What the convolution's parameters take in float32."""
        return _FLOAT32 * self.parameters

    @property
    def dense_bytes(self) -> int:
        """What the fully connected layer's parameters take in float32."""
        return _FLOAT32 * self.dense_parameters


def beside(plan: Plan2D) -> Beside:
    """Count a layer and the fully connected one of the same input and output.

    Parameters
    ----------
    plan : Plan2D
        The layer's.

    Returns
    -------
    Beside

    References
    ----------
    I. Goodfellow, Y. Bengio and A. Courville, "Deep Learning", MIT Press 2016, section 9.2 (parameter sharing).
    """
    counts = layer_counts(plan.image_shape, plan.bank_shape, plan.output_shape)
    inputs, outputs = math.prod(plan.image_shape), math.prod(plan.output_shape)
    return Beside(
        plan.image_shape,
        plan.output_shape,
        counts.parameters,
        counts.multiplications,
        outputs * (inputs + 1),
        outputs * inputs,
    )


def scaled_shape(image_shape: Sequence[int], side: int) -> tuple[int, int, int]:
    """Return the shape of a picture of the same form whose longer side is `side`; no side is less than 1 pixel."""
    rows, cols, channels = image_shape
    longer = max(rows, cols)
    # Halves go up, as where the pictures themselves are brought to a size.
    height, width = (max(1, (2 * length * side + longer) // (2 * longer)) for length in (rows, cols))
    return height, width, channels


def curve(plan: Plan2D, sides: Sequence[int] = SIDES) -> list[Beside]:
    """Compare the two layers on pictures of other sizes, and on the plan's own.

    Parameters
    ----------
    plan : Plan2D
        The layer on its own picture.
    sides : sequence of int
        Longer sides in pixels. A picture on which the kernel does not fit is left out.

    Returns
    -------
    list of Beside
        By the longer side; the plan's own is one of them.
    """
    found = {max(plan.image_shape[:2]): beside(plan)}
    for side in sides:
        if side not in found:
            try:
                found[side] = beside(_planned(scaled_shape(plan.image_shape, side), plan.bank_shape, plan.spec))
            except ConvError:
                continue
    return [found[side] for side in sorted(found)]


def times_words(many: int, few: int) -> str:
    """Say how many times as many, such as ``"1,797,705 times as many"``."""
    if many == few:
        return "just as many"
    ratio = many / few
    about = "" if many % few == 0 else "about "
    return f"{about}{f'{ratio:,.0f}' if ratio >= 100 else scale_number(ratio, 3)} times as many"


def bytes_words(count: int) -> str:
    """Write a number of bytes for a person, in steps of 1000, such as ``"1.61 GB"``."""
    step = 0
    while step + 1 < len(_UNITS) and count >= 1000 ** (step + 1):
        step += 1
    size = count / 1000**step
    # 999,999 bytes are not 1000 kB.
    if step + 1 < len(_UNITS) and float(f"{size:.3g}") >= 1000:
        size, step = size / 1000, step + 1
    if step == 0:
        return f"{count} {'byte' if count == 1 else 'bytes'}"
    return f"{size:,.0f} {_UNITS[step]}" if size >= 1000 else f"{float(f'{size:.3g}'):g} {_UNITS[step]}"


def weights_sentence(own: Beside) -> str:
    """Compare the parameters in a sentence, in Markdown."""
    rows, cols, channels = own.image_shape
    features = own.output_shape[2]
    what = f"{features} {'feature' if features == 1 else 'features'}"
    return (
        f"At {rows:,} × {cols:,} × {channels} and {what}: **{own.parameters:,}** weights and biases against "
        f"**{own.dense_parameters:,}**; {times_words(own.dense_parameters, own.parameters)}."
    )


def memory_sentence(own: Beside) -> str:
    """Compare the memory of the parameters in a sentence."""
    return (
        f"In float32 the fully connected layer's parameters take {bytes_words(own.dense_bytes)}, "
        f"the convolution's {bytes_words(own.bytes)}."
    )


# The matrix of a small picture


@dataclass(frozen=True, eq=False)
class SmallMatrix:
    """A convolution of one channel and one feature as a matrix.

    Attributes
    ----------
    image : ndarray of shape (H, W), float64
        The picture.
    kernel : ndarray of shape (kh, kw), float64
        As it is laid on the picture: flipped already, if it shall be.
    bias : float
        Added to each cell.
    plan : Plan2D
        Its boundary is ``"zeros"``.
    starts : ndarray of shape (oh · ow + 1,), int64
        Where each row of the matrix begins among the entries that are stored, and where the last one ends.
    columns, taps : ndarray of int64
        Of each stored entry: its column, and which weight of the kernel it is, row by row from 0. They are in the
        order of the taps.
    """

    image: Doubles
    kernel: Doubles
    bias: float
    plan: Plan2D
    starts: npt.NDArray[np.int64]
    columns: npt.NDArray[np.int64]
    taps: npt.NDArray[np.int64]

    @property
    def shape(self) -> tuple[int, int]:
        """Cells and pixels: the rows and the columns of the matrix."""
        return len(self.starts) - 1, self.image.size

    @cached_property
    def dense(self) -> Doubles:
        """The matrix with all its zeros; (cells, pixels)."""
        full = np.zeros(self.shape)
        rows = np.repeat(np.arange(self.shape[0]), np.diff(self.starts))
        full[rows, self.columns] = self.kernel.ravel()[self.taps]
        return full

    @cached_property
    def product(self) -> Doubles:
        """The matrix times the picture, and the bias; (oh, ow), float64."""
        values: Doubles = (self.dense @ self.image.ravel() + self.bias).reshape(self.plan.output_shape[:2])
        return values

    @cached_property
    def map(self) -> npt.NDArray[np.float32]:
        """What the engine makes of the same picture; (oh, ow), float32."""
        spec = self.plan.spec
        values: npt.NDArray[np.float32] = conv2d(
            self.image[:, :, np.newaxis],
            self.kernel[np.newaxis, :, :, np.newaxis],
            np.array([self.bias]),
            stride=spec.stride,
            padding=spec.padding,
            dilation=spec.dilation,
            boundary=spec.boundary,
        )[:, :, 0]
        return values

    @property
    def difference(self) -> float:
        """The largest difference of the product, in float32 as the map is, and the map."""
        difference = self.product.astype(np.float32).astype(np.float64) - self.map
        return float(np.abs(difference).max())

    @property
    def entries(self) -> int:
        """How many entries the matrix has."""
        return self.shape[0] * self.shape[1]

    @property
    def not_zero(self) -> int:
        """How many entries are not 0."""
        return int(np.count_nonzero(self.dense))

    @property
    def different(self) -> int:
        """How many different numbers there are among the entries that are not 0."""
        return len(np.unique(self.dense[self.dense != 0]))


def small_picture(grey: npt.NDArray[np.uint8], side: int) -> npt.NDArray[np.uint8]:
    """Bring the middle square of a grey picture to a few pixels.

    Parameters
    ----------
    grey : ndarray of shape (H, W), uint8
    side : int
        Pixels along each side of the small picture, at least 1.

    Returns
    -------
    ndarray of shape (side, side), uint8
        The mean of the area that each pixel covers, rounded, halves up.
    """
    length = min(grey.shape)
    top, left = ((whole - length) // 2 for whole in grey.shape)
    square = grey[top : top + length, left : left + length].astype(np.float64)
    edges = np.arange(side + 1) * length / side
    lines = np.arange(length)
    # The share of each line of pixels that falls into each small one.
    shares = np.minimum(lines + 1, edges[1:, np.newaxis]) - np.maximum(lines, edges[:-1, np.newaxis])
    shares = np.clip(shares, 0, None) * side / length
    small: npt.NDArray[np.uint8] = np.floor(shares @ square @ shares.T + 0.5).astype(np.uint8)
    return small


def small_plan(side: int, kernel_shape: tuple[int, int], spec: ConvSpec) -> tuple[Plan2D, tuple[str, ...]]:
    """Plan a small picture's convolution as the experiment would, as far as its matrix can be drawn.

    Parameters
    ----------
    side : int
        Pixels along each side of the picture.
    kernel_shape : (kh, kw)
    spec : ConvSpec
        The experiment's.

    Returns
    -------
    Plan2D
        Padded with zeros, its map at most `LARGEST_MAP` cells high and wide.
    tuple of str
        A sentence for each thing that could not be as in the experiment.
    """
    notes = []
    if spec.boundary != "zeros":
        if any(map(any, _pads(side, kernel_shape, spec))):
            notes.append(f"The padding holds zeros here; the experiment's boundary is “{spec.boundary}”.")
        spec = replace(spec, boundary="zeros")
    try:
        plan = _planned((side, side, 1), (1, *kernel_shape, 1), spec)
    except ConvError:
        plan = None
    if plan is not None and max(plan.output_shape[:2]) <= LARGEST_MAP:
        return plan, tuple(notes)
    if plan is not None:
        rows, cols, _ = plan.output_shape
        notes.append(
            f"The padding is “same” here: the experiment's would give a map of {rows} × {cols}, too large to draw."
        )
    else:
        dilation = " and no dilation" if spec.dilation != (1, 1) else ""
        notes.append(
            f"The experiment's window does not fit on {side} × {side} pixels: padding is “same” here{dilation}."
        )
        spec = replace(spec, dilation=(1, 1))
    return _planned((side, side, 1), (1, *kernel_shape, 1), replace(spec, padding="same")), tuple(notes)


def small_matrix(image: npt.ArrayLike, kernel: npt.ArrayLike, bias: float, plan: Plan2D) -> SmallMatrix:
    """Write the convolution of a small picture as a matrix.

    Parameters
    ----------
    image : array_like of shape (H, W)
    kernel : array_like of shape (kh, kw)
        Not to be flipped any more.
    bias : float
    plan : Plan2D
        Of one channel and one feature, from `small_plan`.

    Returns
    -------
    SmallMatrix

    Raises
    ------
    ConvError
        If image or kernel are not those of the plan, or the boundary is not ``"zeros"``: elsewhere an entry may be
        the sum of several weights.
    """
    if plan.spec.boundary != "zeros":
        raise ConvError(f'plan must have the boundary "zeros", got "{plan.spec.boundary}"')
    pixels, weights = (np.array(values, dtype=np.float64) for values in (image, kernel))
    if (*pixels.shape, 1) != plan.image_shape or (1, *weights.shape, 1) != plan.bank_shape:
        raise ConvError(
            f"image and kernel must have the planned shapes {plan.image_shape[:2]} and {plan.bank_shape[1:3]}, "
            f"got {pixels.shape} and {weights.shape}"
        )
    # Of a bank that counts from 1 the matrix tells which weight stands where, those that are 0 among them.
    numbers = np.arange(1.0, weights.size + 1).reshape(plan.bank_shape)
    counted = toeplitz_matrix(plan, numbers)
    starts = counted.indptr.astype(np.int64)
    taps = counted.data.astype(np.int64) - 1
    rows = np.repeat(np.arange(len(starts) - 1), np.diff(starts))
    order = np.lexsort((taps, rows))
    return SmallMatrix(pixels, weights, bias, plan, starts, counted.indices.astype(np.int64)[order], taps[order])


def entries_sentence(matrix: SmallMatrix) -> str:
    """Count the matrix in a sentence, in Markdown."""
    different = matrix.different
    weights = matrix.kernel.size
    return (
        f"**{matrix.entries:,} entries, {matrix.not_zero:,} not zero, {different:,} different "
        f"{'number' if different == 1 else 'numbers'}** besides 0. "
        f"A fully connected layer learns all {matrix.entries:,}; this one its {weights:,} "
        f"{'weight' if weights == 1 else 'weights'}."
    )


def proof_sentence(matrix: SmallMatrix) -> str:
    """Say by how much the matrix times the picture differs from the engine's map."""
    cells = matrix.product.size
    of = "the one cell" if cells == 1 else f"all {cells:,} cells"
    bias = " plus the bias" if matrix.bias else ""
    # What `conv2d` promises: to be as close as this to exact sums.
    largest = float(np.abs(matrix.product).max())
    if matrix.difference == 0:
        equals = "equals"
    elif matrix.difference <= _PROMISED * largest:
        equals = "equals, but for the rounding of float32,"
    else:
        equals = "differs from"
    return (
        f"The matrix times the picture{bias} {equals} the map of `conv2d`: the largest difference of {of} is "
        f"**{scale_number(matrix.difference)}**."
    )


def _planned(image_shape: tuple[int, ...], bank_shape: tuple[int, ...], spec: ConvSpec) -> Plan2D:
    return plan2d(
        image_shape,
        bank_shape,
        stride=spec.stride,
        padding=spec.padding,
        dilation=spec.dilation,
        groups=spec.groups,
        boundary=spec.boundary,
    )


def _pads(side: int, kernel_shape: tuple[int, int], spec: ConvSpec) -> tuple[tuple[int, int], ...]:
    try:
        return _planned((side, side, 1), (1, *kernel_shape, 1), replace(spec, boundary="zeros")).pads
    except ConvError:
        return ()
