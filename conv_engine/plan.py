"""The plan of a convolution: which pixel meets which weight, from integers alone.

A plan is made from two shapes and the layer's parameters before any pixel is touched. It answers how large
the result is, what is padded, what is never read, where an output cell looks (`Plan2D.window`) and which
output cells an input pixel feeds (`Plan2D.reach`).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import numpy as np

from conv_engine.axis import AxisPlan, Indices, Mask, named_pads
from conv_engine.errors import ConvError, shown
from conv_engine.spec import ConvSpec, PaddingLike, Pads, PairLike, integer, is_list

__all__ = ["Plan2D", "Reach", "Window", "plan2d"]


@dataclass(frozen=True)
class Window:
    """Where one output cell looks: its receptive field.

    Attributes
    ----------
    row, col : int
        The output cell.
    rows, cols : tuple of int
        The rows (kh of them) and columns (kw) under the kernel's taps, in pixels of the image. Negative, or
        from the image's size on, where they lie on the padding.
    row_sources, col_sources : tuple of (int or None)
        The row and column of the image that stands there: the same number inside the image, the row that is
        copied there on the padding, None where the padding is zero.
    taps_on_padding : int
        How many of the kh · kw taps lie on the padding.
    """

    row: int
    col: int
    rows: tuple[int, ...]
    cols: tuple[int, ...]
    row_sources: tuple[int | None, ...]
    col_sources: tuple[int | None, ...]
    taps_on_padding: int


class Reach(NamedTuple):
    """One use of an input pixel: the output cell (row, col) it feeds, and the tap it goes through.

    The tap is counted in the kernel as it is laid on the image; with ``flip=True`` that is the turned kernel.
    """

    row: int
    col: int
    tap_row: int
    tap_col: int


@dataclass(frozen=True)
class Plan2D:
    """A checked plan; make it with `plan2d`. Two plans are equal when they were made from equal inputs.

    Its tables are made when they are first asked for, so that a plan for a large image costs nothing.

    Attributes
    ----------
    image_shape : (int, int, int)
        (H, W, C).
    bank_shape : (int, int, int, int)
        (K, kh, kw, C / groups).
    spec : ConvSpec
        The normalised parameters.
    """

    image_shape: tuple[int, int, int]
    bank_shape: tuple[int, int, int, int]
    spec: ConvSpec

    @cached_property
    def row_axis(self) -> AxisPlan:
        """The plan along the rows, with every number of its size formula."""
        return self._axis(0)

    @cached_property
    def col_axis(self) -> AxisPlan:
        """The plan along the columns, with every number of its size formula."""
        return self._axis(1)

    @cached_property
    def output_shape(self) -> tuple[int, int, int]:
        """The shape of the feature maps, (oh, ow, K)."""
        return self.row_axis.out, self.col_axis.out, self.bank_shape[0]

    @property
    def pads(self) -> Pads:
        """The padding ((top, bottom), (left, right)), in pixels."""
        return (self.row_axis.before, self.row_axis.after), (self.col_axis.before, self.col_axis.after)

    @property
    def unused(self) -> tuple[int, int]:
        """How many (rows, columns) at the bottom and right lie behind the last window and are never read."""
        return self.row_axis.unused, self.col_axis.unused

    @property
    def row_sources(self) -> Indices:
        """The input row that feeds each tap row of each output row, −1 for a zero; (oh, kh)."""
        return self.row_axis.table

    @property
    def col_sources(self) -> Indices:
        """The input column that feeds each tap column of each output column, −1 for a zero; (ow, kw)."""
        return self.col_axis.table

    @property
    def visited_rows(self) -> Mask:
        """Whether any window reads each input row, in its place or as a copy in the padding; (H,).

        Pixel (row, col) is read by some window exactly if ``visited_rows[row] and visited_cols[col]``. False
        in the trailing `unused` rows, and in gaps that stride or dilation leave between the taps.
        """
        return self.row_axis.visited

    @property
    def visited_cols(self) -> Mask:
        """Whether any window reads each input column, as `visited_rows` does for rows; (W,)."""
        return self.col_axis.visited

    def window(self, row: int, col: int) -> Window:
        """Return where an output cell looks.

        Parameters
        ----------
        row, col : int
            The output cell, 0 ≤ row < oh and 0 ≤ col < ow.

        Returns
        -------
        Window
            The positions under the kernel and the pixels that stand there.

        Raises
        ------
        ConvError
            If the cell lies outside the feature map.

        Examples
        --------
        >>> plan2d((4, 4, 1), (1, 3, 3, 1), padding="same").window(0, 1).row_sources
        (None, 0, 1)
        """
        row = integer("row", row, least=0, most=self.output_shape[0] - 1)
        col = integer("col", col, least=0, most=self.output_shape[1] - 1)
        rows, row_sources, real_rows = _look(self.row_axis, row)
        cols, col_sources, real_cols = _look(self.col_axis, col)
        return Window(
            row, col, rows, cols, row_sources, col_sources, len(rows) * len(cols) - real_rows * real_cols
        )

    def reach(self, row: int, col: int) -> tuple[Reach, ...]:
        """Return every output cell that an input pixel feeds, and through which tap: `window` read backwards.

        Parameters
        ----------
        row, col : int
            The pixel of the image, 0 ≤ row < H and 0 ≤ col < W.

        Returns
        -------
        tuple of Reach
            In row-major order of the output cells, then of the taps. A cell occurs more than once when the
            pixel is also copied into the padding under the same window. Empty for a pixel that is never read.

        Raises
        ------
        ConvError
            If the pixel lies outside the image.

        Examples
        --------
        >>> plan2d((1, 5, 1), (1, 1, 3, 1), stride=2).reach(0, 2)
        (Reach(row=0, col=0, tap_row=0, tap_col=2), Reach(row=0, col=1, tap_row=0, tap_col=0))
        """
        row = integer("row", row, least=0, most=self.image_shape[0] - 1)
        col = integer("col", col, least=0, most=self.image_shape[1] - 1)
        uses_of_row = np.argwhere(self.row_sources == row).tolist()
        uses_of_col = np.argwhere(self.col_sources == col).tolist()
        return tuple(
            sorted(
                Reach(out_row, out_col, tap_row, tap_col)
                for out_row, tap_row in uses_of_row
                for out_col, tap_col in uses_of_col
            )
        )

    def _axis(self, axis: int) -> AxisPlan:
        size, kernel = self.image_shape[axis], self.bank_shape[1 + axis]
        stride, dilation, padding = self.spec.stride[axis], self.spec.dilation[axis], self.spec.padding
        effective = dilation * (kernel - 1) + 1
        before, after = named_pads(padding, size, effective, stride) if isinstance(padding, str) else padding[axis]
        return AxisPlan(size, kernel, stride, dilation, before, after, self.spec.boundary)


def plan2d(
    image_shape: Sequence[int],
    bank_shape: Sequence[int],
    *,
    stride: PairLike = 1,
    padding: PaddingLike = "valid",
    dilation: PairLike = 1,
    groups: int = 1,
    boundary: str = "zeros",
) -> Plan2D:
    """Plan a convolution from shapes alone.

    Along an axis of n pixels, with k taps, dilation d, e = d·(k − 1) + 1 and stride s, the output has

    - ``"valid"``: ⌊(n − e)/s⌋ + 1 cells, no padding;
    - ``"same"``: ⌈n/s⌉ cells, max((out − 1)·s + e − n, 0) pixels of padding, the odd one at the end;
    - ``"full"``: ⌊(n + e − 2)/s⌋ + 1 cells, e − 1 pixels of padding on both sides;
    - explicit padding: ⌊(n + before + after − e)/s⌋ + 1 cells.

    Parameters
    ----------
    image_shape : (int, int, int)
        (H, W, C), in pixels, pixels and channels.
    bank_shape : (int, int, int, int)
        (K, kh, kw, C / groups).
    stride, dilation : int or (int, int)
        In pixels, at least 1: one for both axes, or (rows, columns).
    padding : str, int, (int, int) or ((int, int), (int, int))
        ``"valid"``, ``"same"``, ``"full"``, or pixels: on every side, (rows, columns), or
        ((top, bottom), (left, right)).
    groups : int
        Feature f sees only the C / groups channels of its group, f // (K / groups).
    boundary : str
        What fills the padding: ``"zeros"``, ``"reflect"`` (the edge not repeated), ``"replicate"`` or
        ``"circular"``. Any amount of padding goes with any of them.

    Returns
    -------
    Plan2D
        Sizes, padding, windows and their inverse.

    Raises
    ------
    ConvError
        If a parameter is of the wrong kind, an axis is empty, `groups` does not divide channels and kernels,
        the channels do not match, or the kernel is larger than the padded image.

    References
    ----------
    V. Dumoulin and F. Visin, "A guide to convolution arithmetic for deep learning", arXiv:1603.07285, 2016,
    chapter 2.

    Examples
    --------
    >>> plan = plan2d((64, 64, 3), (8, 3, 3, 3), stride=2)
    >>> plan.output_shape, plan.unused
    ((31, 31, 8), (1, 1))
    """
    height, width, channels = _shape("image_shape", image_shape, ("H", "W", "C"))
    features, kernel_h, kernel_w, kernel_channels = _shape(
        "bank_shape", bank_shape, ("K", "kh", "kw", "C / groups")
    )
    spec = ConvSpec.of(stride=stride, padding=padding, dilation=dilation, groups=groups, boundary=boundary)
    for count, what in ((channels, "channels of the image"), (features, "kernels of the bank")):
        if count % spec.groups:
            raise ConvError(f"groups must divide the {count} {what}, got {spec.groups}")
    if kernel_channels * spec.groups != channels:
        raise ConvError(
            f"bank must have C / groups = {channels} / {spec.groups} = {channels // spec.groups} channels, "
            f"its last axis, got {kernel_channels} in shape {(features, kernel_h, kernel_w, kernel_channels)}"
        )
    plan = Plan2D((height, width, channels), (features, kernel_h, kernel_w, kernel_channels), spec)
    for axis, what in ((plan.row_axis, "rows"), (plan.col_axis, "columns")):
        if axis.effective > axis.padded:
            raise ConvError(
                f"bank must not be larger than the padded image: its kernels must span at most {axis.padded} "
                f"{what}, got {axis.effective} (kernel size {axis.kernel}, dilation {axis.dilation})"
            )
    return plan


def _look(axis: AxisPlan, index: int) -> tuple[tuple[int, ...], tuple[int | None, ...], int]:
    positions = axis.positions(index, index + 1)[0]
    sources = axis.sources(positions).tolist()
    inside = int(((positions >= 0) & (positions < axis.size)).sum())
    return tuple(positions.tolist()), tuple(s if s >= 0 else None for s in sources), inside


def _shape(name: str, shape: object, axes: tuple[str, ...]) -> tuple[int, ...]:
    items = list(shape) if is_list(shape) else []  # type: ignore[call-overload]
    if len(items) != len(axes):
        raise ConvError(f"{name} must be {len(axes)} integers ({', '.join(axes)}), got {shown(shape)}")
    return tuple(
        integer(name, item, least=1, where=f" for {axis}") for axis, item in zip(axes, items, strict=True)
    )
