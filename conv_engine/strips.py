"""Parts of the padded image, without ever padding the whole of it."""

from dataclasses import dataclass
from functools import cached_property, lru_cache

import numpy as np

from conv_engine.arrays import Numbers
from conv_engine.axis import AxisPlan, Indices
from conv_engine.layer import Singles

__all__ = ["Span", "padded_part", "slice_if_run", "span"]


@dataclass(frozen=True, eq=False)
class Span:
    """The pixels that stand under some output cells along one axis.

    Attributes
    ----------
    sources : ndarray of int
        The pixel at each place, −1 for a zero.
    index : slice or ndarray of int
        The same, as a slice where it is one: that is read without a copy.
    run : (int, int)
        The longest stretch of places, none of them a zero, whose pixels are neighbours.
    zeros : ndarray of int
        The places where a zero stands.
    """

    sources: Indices
    index: slice | Indices
    run: tuple[int, int]
    zeros: Indices

    @cached_property
    def start(self) -> int:
        """The first pixel of the run."""
        return int(self.sources[self.run[0]])

    @cached_property
    def only_zeros_beside(self) -> bool:
        """Whether all places before and behind the run are zeros."""
        return self.zeros.size == self.sources.size - (self.run[1] - self.run[0])


@lru_cache(maxsize=512)
def span(axis: AxisPlan, first: int, last: int, beyond: int = 0) -> Span:
    """Return what stands under output cells `first` up to (not with) `last`, and zeros `beyond` that."""
    start = first * axis.stride - axis.before
    end = start + (last - first - 1) * axis.stride + axis.effective
    sources = np.append(axis.sources(np.arange(start, end, dtype=np.intp)), np.full(beyond, -1))
    return Span(sources, slice_if_run(sources), _longest_run(sources), np.flatnonzero(sources < 0))


def padded_part(image: Numbers, rows: Span, cols: Span, out: Singles) -> None:
    """Write the named rows and columns of an image to `out`, (rows, cols, C)."""
    top, bottom = rows.run if rows.only_zeros_beside else (0, rows.sources.size)
    first, last = cols.run
    lines = image[rows.index] if not rows.only_zeros_beside else image[rows.start : rows.start + bottom - top]
    out[top:bottom, first:last] = lines[:, cols.start : cols.start + last - first]
    if cols.only_zeros_beside:
        out[top:bottom, :first] = 0
        out[top:bottom, last:] = 0
    else:
        for side in (slice(0, first), slice(last, cols.sources.size)):
            out[top:bottom, side] = lines[:, cols.sources[side]]
        out[:, cols.zeros] = 0
    if rows.only_zeros_beside:
        out[:top] = 0
        out[bottom:] = 0
    else:
        out[rows.zeros] = 0


def slice_if_run(indices: Indices) -> slice | Indices:
    """Return indices that count up by one as a slice, which is read without a copy."""
    first, length = int(indices[0]), indices.size
    is_run = first >= 0 and np.array_equal(indices, np.arange(first, first + length))
    return slice(first, first + length) if is_run else indices


def _longest_run(indices: Indices) -> tuple[int, int]:
    breaks = np.flatnonzero((np.diff(indices) != 1) | (indices[1:] == 0)) + 1
    edges = np.concatenate(([0], breaks, [indices.size]))
    longest = int(np.diff(edges).argmax())
    first, last = int(edges[longest]), int(edges[longest + 1])
    return (first, last) if indices[first] >= 0 else (first, first)
