"""Kernels of low rank for NumPy alone: first along the rows, then along the columns.

`factors` gives the one-dimensional kernels. Both passes are products with banded matrices (see `banded`): along
the rows the matrix stands to the right of the pixels, along the columns to the left of what came out. A strip
passes both while it is in the processor's cache.
"""

from dataclasses import dataclass

import numpy as np
from numpy.lib.stride_tricks import as_strided

from conv_engine.arrays import FeatureMaps, Numbers
from conv_engine.banded import LARGEST_PRODUCT, band
from conv_engine.costs import NO_END, Work, is_small
from conv_engine.layer import Apply, Layer, Singles
from conv_engine.strips import padded_part, span
from conv_engine.threads import share, workspace

__all__ = ["separable", "separable_work"]

# Cells that a banded matrix yields: along a column so many, or as many as there are taps; along a row the first of
# these for which the products are not too large.
_LEAST_CELLS = 32
_CELLS = (32, 16, 8, 4)


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
        height = rows.out if rows.out <= 2 * _LEAST_CELLS else max(_LEAST_CELLS, rows.kernel)
        lines = (height - 1) * rows.stride + rows.effective
        rank = 1 if layer.factors is None else layer.factors.rank
        for most in _CELLS:
            cells = min(most, cols.out)
            width = (cells - 1) * cols.stride + cols.effective
            if lines * cells * max(width * layer.weights.shape[3], height * rank) <= LARGEST_PRODUCT:
                break
        return cls(height, lines, cells, -(-cols.out // cells), width)


def separable_work(layer: Layer) -> Work:
    """Return what there is to do, products with the zeros of the bands among it; no end of it at a high rank."""
    plan, parts, strip = layer.plan, layer.factors, _Strip.of(layer)
    if parts is None:
        return NO_END
    strips = -(-plan.row_axis.out // strip.height)
    kernels, cols = len(parts.rows) * parts.rank, strip.bands * strip.cells
    moved = plan.col_axis.padded * plan.image_shape[2] + 2 * kernels * cols
    along_rows = kernels * cols * strip.width * parts.rows.shape[3]
    lines = strips * strip.lines
    return Work(lines * moved, lines * (along_rows + kernels * cols * strip.height), strips * kernels)


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
    beside = span(cols, 0, cols.out, beyond * cols.stride)
    bias = (layer.bias * parts.divisor).astype(np.float32)
    work = separable_work(layer)

    def apply(pixels: Numbers, out: FeatureMaps) -> None:
        def piece(index: int) -> None:
            target = out[index * height : (index + 1) * height]
            missing = (height - len(target)) * rows.stride
            seen = span(rows, index * height, index * height + len(target), missing)
            part, between, maps = workspace(
                (lines, beside.sources.size, pixels.shape[2]),
                (rank, lines, bands, cells),
                (features, len(target), bands, cells),
            )
            padded_part(pixels, seen, beside, part)
            for feature in range(features):
                group = feature // per_group
                looks = _looks(
                    part[:, :, group * channels : (group + 1) * channels], bands, cells * cols.stride, width
                )
                for number, matrix in enumerate(right[feature]):
                    np.matmul(looks, matrix, out=between[number].transpose(1, 0, 2))
                stacked = between.reshape(rank * lines, bands, cells).transpose(1, 0, 2)
                np.matmul(left[feature][: len(target)], stacked, out=maps[feature].transpose(1, 0, 2))
            # All features of a cell at once: one after the other would touch all of the memory for each.
            target[...] = maps.reshape(features, len(target), -1)[:, :, : cols.out].transpose(1, 2, 0)
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
