"""The fast convolution: patches times a matrix, one tile of the output at a time.

Each output cell is the dot product of its patch (the pixels under the kernel) with a kernel. Written side by
side, the patches of many cells form a matrix, and one matrix product gives all features of all these cells.

All patches at once would take kh · kw times the memory of the image, so the output is cut into tiles whose
patches fit the processor's cache; a kernel too large for that is taken a few tap rows at a time.

Source: Chellapilla, Puri and Simard, "High Performance Convolutional Neural Networks for Document
Processing", IWFHR 2006 (the unrolled convolution, there for the whole image at once).
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.lib.stride_tricks import as_strided

from conv_engine.arrays import Doubles, FeatureMaps, Numbers
from conv_engine.axis import AxisPlan, Indices
from conv_engine.costs import Work
from conv_engine.plan import Plan2D
from conv_engine.strips import slice_if_run

__all__ = ["patches_times_matrix", "patches_work"]

# Doubles in the patches and sums of one tile: 2 MiB, about a processor core's second-level cache.
_TILE_DOUBLES = 1 << 18
# A matrix product over fewer cells than this wastes its time on starting up.
_FEWEST_CELLS = 64


@dataclass(frozen=True)
class _Lines:
    """The input rows (or columns) that a tile needs, and how to step through them."""

    sources: Indices  # which line of the image each one is, −1 for zeros
    cell_step: int  # lines from one output cell to the next
    tap_step: int  # lines from one tap to the next


def patches_times_matrix(image: Numbers, weights: Doubles, bias: Doubles, plan: Plan2D, out: FeatureMaps) -> None:
    """Convolve tile by tile, in float64, rounding once when a tile is written.

    Working memory is a few MiB, whatever the size of the image; it grows only with a kernel of which one
    row of taps alone (kw · C weights) is larger than that.

    Parameters
    ----------
    image : ndarray of shape (H, W, C)
        Checked pixels.
    weights : ndarray of float64, shape (K, kh, kw, C / groups)
        The bank as it is laid on the image.
    bias : ndarray of float64, shape (K,)
        What each feature adds at the end.
    plan : Plan2D
        The plan for these shapes.
    out : ndarray of float32, shape (oh, ow, K)
        Where the result is written.
    """
    features, kernel_rows, kernel_cols, group_channels = plan.bank_shape
    groups, channels = plan.spec.groups, plan.image_shape[2]
    tap_rows, tile_rows, tile_cols = _tile_size(plan)
    # (groups, C / groups, kh, kw, K / groups): the order in which a tile's patches are laid out.
    matrices = np.ascontiguousarray(
        weights.reshape(groups, features // groups, kernel_rows, kernel_cols, group_channels).transpose(
            0, 4, 2, 3, 1
        )
    )
    scratch = np.empty(channels * tap_rows * kernel_cols * tile_rows * tile_cols)
    for first_row, last_row in _spans(plan.row_axis.out, tile_rows):
        for first_col, last_col in _spans(plan.col_axis.out, tile_cols):
            shape = (last_row - first_row, last_col - first_col)
            cols = _lines(plan.col_axis, (first_col, last_col), (0, kernel_cols))
            sums = np.zeros((groups, shape[0] * shape[1], features // groups))
            for taps in _spans(kernel_rows, tap_rows):
                rows = _lines(plan.row_axis, (first_row, last_row), taps)
                window = _windows(
                    _planes(image, rows.sources, cols.sources),
                    rows,
                    cols,
                    (taps[1] - taps[0], kernel_cols),
                    shape,
                )
                patches = scratch[: window.size].reshape(window.shape)
                np.copyto(patches, window)
                sums += np.matmul(
                    patches.reshape(groups, -1, sums.shape[1]).transpose(0, 2, 1),
                    matrices[:, :, taps[0] : taps[1]].reshape(groups, -1, features // groups),
                )
            tile = out[first_row:last_row, first_col:last_col]
            np.add(sums.transpose(1, 0, 2).reshape(tile.shape), bias, out=tile, casting="same_kind")


def patches_work(plan: Plan2D) -> Work:
    """Return what there is to do: each pixel is copied once for each window that it lies in."""
    out_rows, out_cols, features = plan.output_shape
    taps = plan.bank_shape[1] * plan.bank_shape[2]
    cells = out_rows * out_cols
    return Work(cells * (taps * plan.image_shape[2] + features), cells * features * taps * plan.bank_shape[3])


def _tile_size(plan: Plan2D) -> tuple[int, int, int]:
    """Return (tap rows at a time, output rows, output columns) of a tile that fits the budget."""
    out_rows, out_cols, features = plan.output_shape
    tap_row = plan.bank_shape[2] * plan.image_shape[2]
    tap_rows = min(max(_TILE_DOUBLES // (tap_row * _FEWEST_CELLS), 1), plan.bank_shape[1])
    cells = max(_TILE_DOUBLES // (tap_rows * tap_row + features), 1)
    cols = min(out_cols, cells)
    return tap_rows, min(cells // cols, out_rows), cols


def _spans(length: int, step: int) -> Iterator[tuple[int, int]]:
    return ((first, min(first + step, length)) for first in range(0, length, step))


def _lines(axis: AxisPlan, cells: tuple[int, int], taps: tuple[int, int]) -> _Lines:
    cell_count, tap_count = cells[1] - cells[0], taps[1] - taps[0]
    covered = (cell_count - 1) * axis.stride + (tap_count - 1) * axis.dilation + 1
    if covered <= cell_count * tap_count:  # windows overlap: fetch each line once
        start = cells[0] * axis.stride - axis.before + taps[0] * axis.dilation
        positions = np.arange(start, start + covered, dtype=np.intp)
        return _Lines(axis.sources(positions), axis.stride, axis.dilation)
    # Wide strides or dilations skip most lines: fetch only those under a tap, window after window.
    positions = axis.positions(*cells, *taps)
    return _Lines(axis.sources(positions).ravel(), tap_count, 1)


def _planes(image: Numbers, rows: Indices, cols: Indices) -> Doubles:
    """Return the named rows and columns of the image as one plane for each channel; (C, rows, cols)."""
    row_index, col_index = slice_if_run(rows), slice_if_run(cols)
    if isinstance(row_index, slice) or isinstance(col_index, slice):
        pixels = image[row_index, col_index]
    else:
        pixels = image[row_index[:, np.newaxis], col_index]
    planes = np.empty((image.shape[2], rows.size, cols.size))
    np.copyto(planes, pixels.transpose(2, 0, 1), casting="same_kind")
    planes[:, rows < 0] = 0.0
    planes[:, :, cols < 0] = 0.0
    return planes


def _windows(
    planes: Doubles, rows: _Lines, cols: _Lines, taps: tuple[int, int], cells: tuple[int, int]
) -> Doubles:
    """Return the patches of a tile as a view, (C, tap rows, tap columns, cell rows, cell columns)."""
    plane, row, col = planes.strides
    return as_strided(
        planes,
        shape=(planes.shape[0], *taps, *cells),
        strides=(plane, row * rows.tap_step, col * cols.tap_step, row * rows.cell_step, col * cols.cell_step),
        writeable=False,
    )
