"""Convolution as a product with a banded matrix, for NumPy alone.

A kernel that slides along a row is a matrix in which every column holds the same weights, one step lower than
the column before it: a Toeplitz matrix, zero away from its band. Cut to a few output columns it is small, and
multiplied with the pixels of many rows it yields some neighbouring cells of all these rows at once. It multiplies
by zeros, too, and is still far ahead of loops: a matrix product is what a processor does best.

The pixels are copied once, into tiles as wide as the band sees. In a tile the rows that one output row needs
follow each other in memory, so the matrix of "all that each output row sees" is a view of the tile, in which
neighbours overlap.

Source: R. M. Gray, "Toeplitz and Circulant Matrices: A Review", Foundations and Trends in Communications and
Information Theory 2(3), 2006.
"""

import math
from dataclasses import dataclass

import numpy as np
from numpy.lib.stride_tricks import as_strided

from conv_engine.arrays import FeatureMaps, Numbers
from conv_engine.costs import NO_END, Work, is_small
from conv_engine.layer import Apply, Layer, Singles
from conv_engine.strips import padded_part, span
from conv_engine.threads import share, workspace

__all__ = ["LARGEST_PRODUCT", "band", "banded", "banded_work"]

# Columns of the banded matrix: wide enough for the matrix product to be fast, narrow enough to hold few zeros.
_LEAST_WIDTH = 16
# Floats of the tiles of a strip and of its results, 4 MiB: smaller ones take longer for all the calls.
_STRIP_FLOATS = 1 << 20
LARGEST_PRODUCT = 1 << 18
"""Multiplications of one matrix product. For more of them BLAS starts threads of its own, which are in each
other's way when several of ours ask for them: that takes up to a hundred times as long."""

_LARGEST_MATRIX = 1 << 20


def _best_band(features: int, taps: int, out_cols: int) -> int:
    """Choose how many output columns a band yields: zeros against the speed of narrow products."""
    return min(max(-(-_LEAST_WIDTH // features), math.isqrt(max(taps - 1, 1)), 1), out_cols)


def band(kernels: Singles, cells: int, stride: int, dilation: tuple[int, int]) -> Singles:
    """Lay kernels (K, kh, kw, C) down `cells` times side by side; (eh · width · C, cells · K).

    Row (i, j, c) of the matrix meets the pixel in row i and column j of a tile, column (n, f) gives feature f of
    the n-th cell.
    """
    features, height, width, channels = kernels.shape
    span = dilation[1] * (width - 1) + 1
    lines = dilation[0] * (height - 1) + 1
    matrix = np.zeros((lines, (cells - 1) * stride + span, channels, cells, features), dtype=np.float32)
    weights = kernels.transpose(1, 2, 3, 0)
    for cell in range(cells):
        matrix[:: dilation[0], cell * stride : cell * stride + span : dilation[1], :, cell] = weights
    return matrix.reshape(-1, cells * features)


@dataclass(frozen=True)
class _Strip:
    """The sizes of a strip: what one thread computes at a time."""

    height: int  # rows of output
    turns: int
    cells: int
    bands: int
    width: int  # columns of input under a band
    matrix: int  # numbers of a banded matrix

    @classmethod
    def of(cls, layer: Layer) -> "_Strip":
        rows, cols = layer.plan.row_axis, layer.plan.col_axis
        features, channels = layer.weights.shape[0], layer.plan.image_shape[2]
        groups = layer.plan.spec.groups
        cells = _best_band(features // groups, cols.kernel, cols.out)
        bands, width = -(-cols.out // cells), (cells - 1) * cols.stride + cols.effective
        # Output rows r, r + turns, r + 2 · turns … see parts of a tile that do not overlap: one matrix product.
        turns = -(-rows.effective // rows.stride)
        matrix = rows.effective * width * channels * cells * features // groups**2
        per_row = bands * (rows.stride * width * channels + cells * features)
        count = min(_STRIP_FLOATS // (per_row * turns), LARGEST_PRODUCT // matrix)
        count = max(min(count, -(-rows.out // turns)), 1)
        return cls(count * turns, turns, cells, bands, width, matrix)


def banded_work(layer: Layer) -> Work:
    """Return what there is to do: the copies into tiles, and products with the zeros of the band among them."""
    plan, strip = layer.plan, _Strip.of(layer)
    if strip.matrix > _LARGEST_MATRIX:
        return NO_END
    cells = plan.row_axis.out * strip.bands
    moved = cells * (plan.row_axis.stride * strip.width * plan.image_shape[2] + strip.cells * plan.bank_shape[0])
    strips = -(-plan.row_axis.out // strip.height)
    return Work(moved, cells * strip.matrix * plan.spec.groups, strips * plan.spec.groups)


def banded(layer: Layer) -> Apply | None:
    """Make a function that convolves by products with banded matrices, in float32.

    Parameters
    ----------
    layer : Layer
        What to convolve with.

    Returns
    -------
    callable or None
        Takes pixels (H, W, C) and fills maps (oh, ow, K), which must be contiguous. None where the matrix would
        be too large: for wide dilations, of which it holds all that lies between the taps.
    """
    plan, strip = layer.plan, _Strip.of(layer)
    rows, cols = plan.row_axis, plan.col_axis
    if strip.matrix > _LARGEST_MATRIX:
        return None
    weights, bias, divisor = layer.singles
    groups = plan.spec.groups
    matrices = [band(part, strip.cells, cols.stride, plan.spec.dilation) for part in np.split(weights, groups)]
    # The last band may reach beyond the last cell: zeros stand there, and what they give is not used.
    beyond = strip.bands * strip.cells - cols.out
    beside = span(cols, 0, cols.out, beyond * cols.stride)

    work = banded_work(layer)

    def apply(pixels: Numbers, out: FeatureMaps) -> None:
        def piece(index: int) -> None:
            first = index * strip.height
            target = out[first : first + strip.height]
            seen = span(rows, first, first + len(target), (strip.height - len(target)) * rows.stride)
            part, tiles, products = workspace(
                (seen.sources.size, beside.sources.size, pixels.shape[2]),
                (strip.bands, seen.sources.size, strip.width, pixels.shape[2] // groups),
                (strip.bands, strip.turns, strip.height // strip.turns, strip.cells * out.shape[2] // groups),
            )
            padded_part(pixels, seen, beside, part)
            for channels, features, matrix in zip(
                np.split(part, groups, axis=2), np.split(target, groups, axis=2), matrices, strict=True
            ):
                _multiply(channels, matrix, tiles, products, features, strip, plan.spec.stride)
            if bias.any():
                target += bias
            if divisor != 1:
                target /= np.float32(divisor)

        share(-(-rows.out // strip.height), piece, alone=is_small("banded", work))

    return apply


def _multiply(
    part: Singles,
    matrix: Singles,
    tiles: Singles,
    products: Singles,
    target: Singles,
    strip: _Strip,
    stride: tuple[int, int],
) -> None:
    """Multiply what each cell of a strip sees with the matrix, and put the products in their places."""
    down, right, deep = part.strides
    shape, steps = tiles.shape, (strip.cells * stride[1] * right, down, right, deep)
    np.copyto(tiles, as_strided(part, shape, steps, writeable=False))
    tile, line = tiles.strides[:2]
    looks = as_strided(
        tiles,
        (strip.bands, strip.turns, strip.height // strip.turns, len(matrix)),
        (tile, line * stride[0], line * stride[0] * strip.turns, tiles.itemsize),
        writeable=False,
    )
    np.matmul(looks, matrix, out=products)
    # Band, turn, row, cell and feature become the rows (row, turn) and columns (band, cell) of the maps.
    cells = products.reshape(*looks.shape[:3], strip.cells, target.shape[2])
    for turn in range(min(strip.turns, len(target))):
        rows = target[turn :: strip.turns]
        whole = target.shape[1] // strip.cells
        split = rows[:, : whole * strip.cells].reshape(len(rows), whole, strip.cells, -1)
        split[...] = cells[:whole, turn, : len(rows)].transpose(1, 0, 2, 3)
        if whole < strip.bands:
            rest = target.shape[1] - whole * strip.cells
            rows[:, whole * strip.cells :] = cells[whole, turn, : len(rows), :rest]
