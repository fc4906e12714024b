"""Parts of the padded image, without ever padding the whole of it."""

import numpy as np

from conv_engine.arrays import Numbers
from conv_engine.axis import AxisPlan, Indices
from conv_engine.layer import Singles

__all__ = ["padded_part", "slice_if_run", "sources_of"]


def sources_of(axis: AxisPlan, first: int, last: int) -> Indices:
    """Return the pixels that stand under output cells `first` up to (not with) `last`, −1 for a zero."""
    start = first * axis.stride - axis.before
    return axis.sources(np.arange(start, start + (last - first - 1) * axis.stride + axis.effective, dtype=np.intp))


def padded_part(image: Numbers, rows: Indices, cols: Indices, out: Singles) -> Singles:
    """Write the named rows and columns of an image, zeros where they are −1, to `out`; (rows, cols, C)."""
    first, last = _longest_run(cols)
    row_index = slice_if_run(rows)
    with np.errstate(over="ignore"):
        out[:, first:last] = image[row_index, cols[first] : cols[first] + last - first]
        for side in (slice(0, first), slice(last, cols.size)):
            if cols[side].size:
                out[:, side] = image[row_index, :][:, cols[side]]
                out[:, side][:, cols[side] < 0] = 0
    out[rows < 0] = 0
    return out


def slice_if_run(indices: Indices) -> slice | Indices:
    """Return indices that count up by one as a slice, which is read without a copy."""
    first, length = int(indices[0]), indices.size
    is_run = first >= 0 and np.array_equal(indices, np.arange(first, first + length))
    return slice(first, first + length) if is_run else indices


def _longest_run(indices: Indices) -> tuple[int, int]:
    """Find the longest stretch of places, none of them a zero, whose pixels are neighbours from left to right."""
    breaks = np.flatnonzero((np.diff(indices) != 1) | (indices[1:] == 0)) + 1
    edges = np.concatenate(([0], breaks, [indices.size]))
    longest = int(np.diff(edges).argmax())
    first, last = int(edges[longest]), int(edges[longest + 1])
    return (first, last) if indices[first] >= 0 else (first, first)
