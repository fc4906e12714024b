"""One axis of a plan: everything about sizes, padding and boundaries, in integers.

Rows and columns obey the same rules and never mix, so a plan in two dimensions is two plans in one.
"""

from dataclasses import dataclass
from functools import cached_property
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

__all__ = ["AxisPlan", "Indices", "Mask", "named_pads", "sources"]

Indices: TypeAlias = npt.NDArray[np.intp]
Mask: TypeAlias = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class AxisPlan:
    """How a kernel walks along one axis of an image.

    Attributes
    ----------
    size : int
        n, the pixels of the image along this axis.
    kernel : int
        k, the taps of the kernel along this axis.
    stride, dilation : int
        s, the step from window to window, and d, the step from tap to tap, in pixels.
    before, after : int
        The padding at the start (top or left) and at the end (bottom or right), in pixels.
    boundary : str
        What fills the padding.
    """

    size: int
    kernel: int
    stride: int
    dilation: int
    before: int
    after: int
    boundary: str

    @property
    def effective(self) -> int:
        """The pixels from the first tap to the last, both included: e = d·(k − 1) + 1."""
        return self.dilation * (self.kernel - 1) + 1

    @property
    def padded(self) -> int:
        """The pixels of the axis with its padding."""
        return self.before + self.size + self.after

    @property
    def out(self) -> int:
        """The number of windows: ⌊(padded − e) / s⌋ + 1."""
        return (self.padded - self.effective) // self.stride + 1

    @cached_property
    def unused(self) -> int:
        """The pixels at the end of the image that lie behind the last window and that no window reads."""
        behind = (self.padded - self.effective) % self.stride - self.after
        behind = min(max(behind, 0), self.size)
        if behind == 0 or self.before == 0 or self.boundary == "zeros":
            return behind
        # Padding at the start may be a copy of pixels at the end ("circular"): those are read after all.
        read = np.flatnonzero(self.visited[self.size - behind :])
        return behind if read.size == 0 else behind - 1 - int(read[-1])

    def positions(self, first: int, last: int, first_tap: int = 0, last_tap: int | None = None) -> Indices:
        """Return where the taps of windows `first` up to (not with) `last` lie; (last − first, taps).

        0 is the first pixel of the image; positions below it or from `size` on lie on the padding.
        """
        taps = np.arange(first_tap, self.kernel if last_tap is None else last_tap, dtype=np.intp)
        starts = np.arange(first, last, dtype=np.intp) * self.stride - self.before
        table: Indices = starts[:, np.newaxis] + taps * self.dilation
        return table

    def sources(self, positions: Indices) -> Indices:
        """Return the pixel that stands at each of the positions, −1 where a zero stands."""
        return sources(positions, self.size, self.boundary)

    @cached_property
    def table(self) -> Indices:
        """The pixel that feeds each tap of each window, −1 for a zero; (out, k), read-only."""
        table = self.sources(self.positions(0, self.out))
        table.setflags(write=False)
        return table

    @cached_property
    def visited(self) -> Mask:
        """Whether any window reads this pixel, in its place or as a copy in the padding; (n,), read-only."""
        visited = np.zeros(self.size, dtype=np.bool_)
        visited[self.table[self.table >= 0]] = True
        visited.setflags(write=False)
        return visited


def named_pads(name: str, size: int, effective: int, stride: int) -> tuple[int, int]:
    """Return the padding (before, after) of one axis that ``"valid"``, ``"same"`` or ``"full"`` stands for.

    Source: Dumoulin and Visin, "A guide to convolution arithmetic for deep learning", 2016, chapter 2, for
    valid and full; the ONNX operator specification, Conv, ``auto_pad = SAME_UPPER``, for the uneven same.
    """
    if name == "valid":
        return 0, 0
    if name == "full":
        return effective - 1, effective - 1
    out = -(-size // stride)
    total = max((out - 1) * stride + effective - size, 0)
    return total // 2, total - total // 2


def sources(positions: Indices, size: int, boundary: str) -> Indices:
    """Return the pixel that stands at each position of an endlessly padded axis; shape as `positions`.

    For the axis ``a b c d`` (size 4) the padding reads

    - zeros: ``0 0 0 | a b c d | 0 0 0``, a zero is written as −1;
    - reflect: ``d c b | a b c d | c b a``, the edge is not repeated;
    - replicate: ``a a a | a b c d | d d d``;
    - circular: ``b c d | a b c d | a b c``.

    These are the modes constant, reflect, edge and wrap of `numpy.pad`.
    """
    if boundary == "zeros":
        return np.where((positions < 0) | (positions >= size), -1, positions)
    if boundary == "replicate":
        return np.clip(positions, 0, size - 1)
    if boundary == "circular":
        return positions % size
    # A walk there and back again, a b c d c b | a b c …; an axis of one pixel has nowhere to go.
    period = max(2 * (size - 1), 1)
    folded = positions % period
    return np.minimum(folded, period - folded)
