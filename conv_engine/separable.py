"""Kernels of low rank for NumPy alone: first along the rows, then along the columns.

`factors` gives the one-dimensional kernels. Both passes are products with banded matrices (see `banded`): along
the rows the matrix stands to the right of the pixels, along the columns to the left of what came out. A strip
passes both while it is in the processor's cache.
"""

import math
from dataclasses import dataclass

import numpy as np
from numpy.lib.stride_tricks import as_strided

from conv_engine.arrays import FeatureMaps, Numbers
from conv_engine.banded import band
from conv_engine.costs import Work, is_small
from conv_engine.layer import Apply, Layer, Singles
from conv_engine.strips import padded_part, sources_of
from conv_engine.threads import share

__all__ = ["separable", "separable_work"]

# Cells that a banded matrix yields along each axis: half of what it multiplies by is then zero, at the most.
_LEAST_CELLS = 32


@dataclass(frozen=True)
class _Strip:
    """The sizes of a strip: what one thread computes at a time."""

    height: int  # rows of output
    lines: int  # rows of input
    cells: int  # columns of output of a band
    bands: int
    width: int  # columns of input under a band

    @classmethod
    def of(cls, layer: Layer) -> "_Strip":
        rows, cols = layer.plan.row_axis, layer.plan.col_axis
        cells = min(max(_LEAST_CELLS, cols.kernel), cols.out)
        height = min(max(_LEAST_CELLS, 2 * rows.kernel), rows.out)
        width = (cells - 1) * cols.stride + cols.effective
        lines = (height - 1) * rows.stride + rows.effective
        return cls(height, lines, cells, -(-cols.out // cells), width)


def separable_work(layer: Layer) -> Work:
    """Return what there is to do, products with the zeros of the bands among it; no end of it at a high rank."""
    plan, parts, strip = layer.plan, layer.factors, _Strip.of(layer)
    if parts is None:
        return Work(math.inf, math.inf)
    strips = -(-plan.row_axis.out // strip.height)
    kernels, cols = len(parts.rows) * parts.rank, strip.bands * strip.cells
    moved = plan.col_axis.padded * plan.image_shape[2] + kernels * cols
    along_rows = kernels * cols * strip.width * parts.rows.shape[3]
    return Work(strips * strip.lines * moved, strips * strip.lines * (along_rows + kernels * cols * strip.height))


def separable(layer: Layer) -> Apply | None:
    """Make a function that convolves rows, then columns, in float32.

    Parameters
    ----------
    layer : Layer
        What to convolve with.

    Returns
    -------
    callable or None
        Takes pixels (H, W, C) and fills maps (oh, ow, K), which must be contiguous. None for kernels of high rank.
    """
    plan, parts = layer.plan, layer.factors
    if parts is None:
        return None
    rows, cols = plan.row_axis, plan.col_axis
    features, rank, _, channels = parts.rows.shape
    per_group = features // plan.spec.groups
    strip = _Strip.of(layer)
    height, lines, cells, bands, width = strip.height, strip.lines, strip.cells, strip.bands, strip.width
    # For each feature r matrices (width · C, cells), and one (height, r · lines).
    right = [
        [band(kernel[np.newaxis, np.newaxis], cells, cols.stride, (1, cols.dilation)) for kernel in kernels]
        for kernels in parts.rows.astype(np.float32)
    ]
    left = [
        np.hstack(
            [band(column.reshape(1, 1, -1, 1), height, rows.stride, (1, rows.dilation)).T for column in columns.T]
        )
        for columns in parts.columns.astype(np.float32)
    ]
    # The last band may reach beyond the last cell: zeros stand there, and what they give is not used.
    beyond = bands * cells - cols.out
    col_sources = np.append(sources_of(cols, 0, cols.out), np.full(beyond * cols.stride, -1))
    bias = (layer.bias * parts.divisor).astype(np.float32)
    work = separable_work(layer)

    def apply(pixels: Numbers, out: FeatureMaps) -> None:
        def piece(index: int) -> None:
            target = out[index * height : (index + 1) * height]
            row_sources = np.full(lines, -1)
            seen = sources_of(rows, index * height, index * height + len(target))
            row_sources[: seen.size] = seen
            part = np.empty((lines, col_sources.size, pixels.shape[2]), dtype=np.float32)
            padded_part(pixels, row_sources, col_sources, part)
            between = np.empty((rank, lines, bands, cells), dtype=np.float32)
            for feature in range(features):
                group = feature // per_group
                looks = _looks(
                    part[:, :, group * channels : (group + 1) * channels], bands, cells * cols.stride, width
                )
                for number, matrix in enumerate(right[feature]):
                    np.matmul(looks, matrix, out=between[number].transpose(1, 0, 2))
                stacked = between.reshape(rank * lines, -1)[:, : cols.out]
                target[:, :, feature] = left[feature][: len(target)] @ stacked
            if bias.any():
                target += bias
            if parts.divisor != 1:
                target /= np.float32(parts.divisor)

        share(-(-rows.out // height), piece, alone=is_small("separable", work))

    return apply


def _looks(part: Singles, bands: int, step: int, width: int) -> Singles:
    """Return what each band of columns sees in each line, (bands, lines, width · C), as a view that overlaps."""
    part = np.ascontiguousarray(part)
    lines, _, channels = part.shape
    down, right, item = part.strides
    return as_strided(part, (bands, lines, width * channels), (step * right, down, item), writeable=False)
