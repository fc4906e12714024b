"""The direct convolution of a photo's bytes, in whole numbers: the plan for `compiled_bytes.c`.

Weights become whole numbers of up to three digits to the base 256, laid out in the tiles that the processor's
unit for bytes multiplies. The sums of the digits are free of rounding; they are put together, and scaled, at the
end. So a weight has an error of 2^-24 of the largest weight of its kernel, and a result hardly any more.

Source: H. Ootomo, K. Ozaki and R. Yokota, "DGEMM on Integer Matrix Multiplication Unit", International Journal of
High Performance Computing Applications 38(4), 2024.
"""

import math
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from conv_engine.arrays import Doubles
from conv_engine.axis import Indices
from conv_engine.compiled import is_ready, kernel
from conv_engine.compiled_layer import BYTES, MOST_FLOATS, Bytes, CompiledLayer, Keeper, Set
from conv_engine.costs import NO_END, Work, is_small
from conv_engine.layer import Apply, Layer

__all__ = ["bytes_work", "compiled_bytes", "rounding_of_digits"]

Digits: TypeAlias = npt.NDArray[np.int8]

# A tile: rows of bytes against columns of digits.
_TILE_ROWS, _TILE_BYTES, _COLUMNS = 16, 64, 16
# The largest whole number of one, two or three digits from -128 to 127.
_LARGEST = (127, 127 * 256 + 127, (127 * 256 + 127) * 256 + 127)
# Sums of so many digits times bytes fit the whole numbers of the unit, of 32 bits.
_MOST_TAPS = (2**31 - 1) // (128 * 255)
# Blocks of columns that are computed together, by the digits of a weight: sums have six tiles.
_BLOCKS = {1: (4, 2, 1), 2: (2, 1), 3: (2, 1)}
# A load of a tile takes as long as so many products of tiles, and so does what is done with a tile of sums.
_PER_LOAD, _PER_SUMS = 3, 2
# A strip of rows should stay in a core's second-level cache, and leave room there for what is written.
_STRIP_BYTES, _MOST_ROWS = 1 << 19, 64


def bytes_work(layer: Layer) -> Work:
    """Return what there is to do: products of tiles; no end of it where no unit multiplies them."""
    if not (is_ready() and kernel().has_unit) or layer.taps > _MOST_TAPS or _Strip.of(layer, 1, True) is None:
        return NO_END
    plan = layer.plan
    out_rows, out_cols, features = plan.output_shape
    together, digits = _together(layer), _count_of_digits(layer)
    tiles = -(-out_rows // _TILE_ROWS) * -(-out_cols // together)
    sets = [count * digits for count in _sets(-(-together * features // _COLUMNS), digits)]
    taps = len(_lines(layer)) * _chunks(layer, together)
    products = sum(taps * max(sums, _PER_LOAD) + _PER_SUMS * sums for sums in sets)
    return Work(math.prod(plan.image_shape) / 2 + math.prod(plan.output_shape), tiles * products)


def rounding_of_digits(layer: Layer, largest: float) -> float:
    """Estimate the largest error of sums of weights that are cut to three digits, over pixels up to `largest`.

    What is cut from the weights is as good as random; 4 times its root mean square is not passed in practice.
    """
    magnitudes = np.abs(layer.weights).max(axis=(1, 2, 3))
    step = float(magnitudes.max()) / _LARGEST[2]
    return 4 * largest * step * math.sqrt(layer.taps / 12) + 2.0**-24 * layer.offset


def compiled_bytes(layer: Layer) -> Apply | None:
    """Make a function that convolves bytes in whole numbers; None for one that it cannot do.

    Parameters
    ----------
    layer : Layer
        What to convolve with.

    Returns
    -------
    callable or None
        Takes pixels (H, W, C) of uint8 and fills maps (oh, ow, K), which must be contiguous.

    Raises
    ------
    ConvError
        If the compiled kernel is not ready.
    """
    if not kernel().takes_bytes or layer.taps > _MOST_TAPS:
        return None
    together, number = _together(layer), _digits(layer)
    chunks = _chunks(layer, together)
    strip = _Strip.of(layer, chunks, is_small("compiled_bytes", bytes_work(layer)))
    if strip is None:
        return None
    tiles, line, chunk = _tiles(layer, number, together)
    taps, blocks, digits, quarters = tiles.shape[:4]
    rows = _lines(layer)[line] * layer.plan.spec.dilation[0]
    offsets = rows * strip.pitch + chunk * 4 * quarters

    keep, features = Keeper(), len(layer.weights)
    scale, bias = (np.resize(each, blocks * _COLUMNS).astype(np.float32) for each in (number.scale, number.bias))
    sets, first = list[Set](), 0
    for count in _sets(blocks, digits):
        at, end = first * _COLUMNS, (first + count) * _COLUMNS
        last_count = features if together > 1 else min(features - end + _COLUMNS, _COLUMNS)
        numbers = keep(tiles[:, first : first + count]), keep(scale[at:end]), keep(bias[at:end])
        sets.append(Set(count, at, last_count, *numbers))
        first += count
    places, all_sets = keep(offsets.astype(np.int64)), keep.structures(sets)
    whole = number.is_whole, number.divisor
    return CompiledLayer.of(
        layer,
        keep,
        (BYTES,),
        strip=(strip.rows, strip.cols, strip.pitch),
        floats=strip.bytes // 4,
        alone=strip.alone,
        bank=Bytes(digits, together, taps, 4 * quarters, places, len(sets), all_sets, *whole),
    )


def _tiles(layer: Layer, number: "_Number", together: int) -> tuple[Digits, Indices, Indices]:
    """Lay digits out in tiles, four bytes of a column side by side: (taps, blocks, D, width / 4, 16, 4).

    With the line of the kernels and the piece of that line that each tap is: those of zeros alone are left out.
    """
    digits, features, lines, seen = number.digits.shape
    chunks = _chunks(layer, together)
    quarters = -(-_seen(layer, together) // (4 * chunks))  # as few as pieces of one size can have
    columns = together * features
    blocks = -(-columns // _COLUMNS)
    laid = np.zeros((digits, lines, chunks * quarters * 4, blocks * _COLUMNS), dtype=np.int8)
    for window in range(together):  # the next window sees the same some pixels further
        at, first = window * layer.plan.spec.stride[1] * layer.plan.image_shape[2], window * features
        laid[:, :, at : at + seen, first : first + features] = number.digits.transpose(0, 2, 3, 1)
    laid = laid.reshape(digits, lines, chunks, quarters * 4, blocks * _COLUMNS)
    line, chunk = np.nonzero(laid.any(axis=(0, 3, 4)))
    tiles = laid[:, line, chunk].reshape(digits, len(line), quarters, 4, blocks, _COLUMNS)
    return tiles.transpose(1, 4, 0, 2, 5, 3), line, chunk


@dataclass(frozen=True)
class _Number:
    """Weights as whole numbers.

    ``digits`` (D, K, lines, effective width · C) holds the lines of the kernels that are not all zero, as they lie
    in an image, the highest digit first.
    """

    digits: Digits
    scale: Doubles  # of each feature, 1 if weights are whole as they are
    bias: Doubles
    divisor: float
    is_whole: bool


def _count_of_digits(layer: Layer) -> int:
    whole = _whole(layer)
    return 3 if whole is None else 1 + sum(bool(np.abs(whole).max() > limit) for limit in _LARGEST[:-1])


def _whole(layer: Layer) -> Doubles | None:
    """Return the weights over their denominator if they are whole numbers of up to three digits."""
    if layer.denominator is None:
        return None
    whole: Doubles = np.rint(layer.weights * layer.denominator)
    return whole if np.abs(whole).max() <= _LARGEST[-1] else None


def _digits(layer: Layer) -> _Number:
    """Cut weights into digits."""
    weights, spec, whole = layer.weights, layer.plan.spec, _whole(layer)
    features, per_group = len(weights), weights.shape[3]
    if whole is None:
        largest = np.abs(weights).max(axis=(1, 2, 3)) / _LARGEST[-1]
        # The scale is a number of float32, so that only the cutting of the weights has an error.
        scale = np.nextafter(largest.astype(np.float32), np.float32(np.inf)).astype(np.float64)
        numbers, bias, divisor = np.rint(weights / scale[:, None, None, None]), layer.bias, 1.0
    else:
        divisor = float(layer.denominator or 1)
        numbers, scale, bias = whole, np.ones(features), layer.bias * divisor
    lines = numbers[:, _lines(layer)].astype(np.int32)
    left = np.zeros((*lines.shape[:2], layer.plan.col_axis.effective, spec.groups, per_group), dtype=np.int32)
    for group in range(spec.groups):
        members = slice(group * features // spec.groups, (group + 1) * features // spec.groups)
        left[members, :, :: spec.dilation[1], group] = lines[members]
    left = left.reshape(*lines.shape[:2], math.prod(left.shape[2:]))
    digits = np.empty((_count_of_digits(layer), *left.shape), dtype=np.int8)
    for digit in reversed(digits):
        digit[:] = (left + 128) % 256 - 128
        left = (left - digit) // 256
    return _Number(digits, scale, bias, divisor, whole is not None)


def _lines(layer: Layer) -> Indices:
    """Find the lines of the kernels that are not all zero."""
    return np.flatnonzero(layer.weights.any(axis=(0, 2, 3)))


def _chunks(layer: Layer, together: int) -> int:
    """Count the tiles that cover what so many windows side by side see of a line of an image."""
    return -(-_seen(layer, together) // _TILE_BYTES)


def _seen(layer: Layer, together: int) -> int:
    """Count the bytes that so many windows side by side see of a line of an image."""
    plan = layer.plan
    return (plan.col_axis.effective + (together - 1) * plan.col_axis.stride) * plan.image_shape[2]


def _together(layer: Layer) -> int:
    """Choose how many windows stand side by side in the columns of a tile."""
    _, out_cols, features = layer.plan.output_shape
    most, lines = min(max(_COLUMNS // features, 1), out_cols), len(_lines(layer))
    # What is done with the sums of a tile takes as long as some products.
    return min(range(1, most + 1), key=lambda number: (lines * _chunks(layer, number) + _PER_SUMS) / number)


def _sets(blocks: int, digits: int) -> list[int]:
    """Cut blocks into sets that are computed together."""
    sets = list[int]()
    while blocks:
        sets.append(next(count for count in _BLOCKS[digits] if count <= blocks))
        blocks -= sets[-1]
    return sets


@dataclass(frozen=True)
class _Strip:
    """How large a strip is and how its padded rows lie in memory."""

    rows: int  # of output
    cols: int
    pitch: int  # bytes from row to row
    bytes: int
    alone: bool  # whether all the work is too little to be shared

    @classmethod
    def of(cls, layer: Layer, chunks: int, alone: bool) -> "_Strip | None":
        """Choose a strip, for one thread alone or for several; None where even the smallest is too large."""
        rows, cols, channels = layer.plan.row_axis, layer.plan.col_axis, layer.plan.image_shape[2]
        least = (_TILE_ROWS - 1) * rows.stride + rows.effective
        pieces = 1
        while True:
            strip_cols = -(-cols.out // pieces)
            width = ((strip_cols - 1) * cols.stride + cols.effective) * channels
            # An odd number of lines of a cache, so that not all rows share the same ones.
            pitch = ((width // _TILE_BYTES + 1) | 1) * _TILE_BYTES
            if least * pitch <= 2 * _STRIP_BYTES or strip_cols <= 64:
                break
            pieces *= 2
        if least * pitch > 4 * MOST_FLOATS:
            return None
        fitting = (_STRIP_BYTES // pitch - rows.effective) // rows.stride + 1
        # Where work is shared, eight strips at the least for whoever is free.
        most = _MOST_ROWS if alone else min(_MOST_ROWS, -(-rows.out // (8 * _TILE_ROWS)) * _TILE_ROWS)
        strip_rows = max(min(fitting, most) // _TILE_ROWS * _TILE_ROWS, _TILE_ROWS)
        lines = (strip_rows - 1) * rows.stride + rows.effective
        size = lines * pitch + (chunks + 1) * _TILE_BYTES
        return cls(min(strip_rows, rows.out), strip_cols, pitch, -(-size // 4) * 4, alone)
