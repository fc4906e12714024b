"""The transposed convolution: a product with the bank, folded back onto the image.

`conv2d` gathers the pixels under the kernel and multiplies them by the bank; its transpose multiplies each map
cell by the bank, which gives a patch of pixels, and adds the patches up where they overlap. One matrix product
makes the patches of many cells; folding goes along the columns first and along the rows then, so that a kernel of
kh × kw taps takes kw + kh additions of whole tiles in place of kh · kw.

All sums are made in float64 and rounded once. Working memory is the image in float64 and a few MiB.

Source: Dumoulin and Visin, "A guide to convolution arithmetic for deep learning", arXiv:1603.07285, 2016,
chapter 4 (the transposed convolution as the product with the transposed matrix).
"""

from collections.abc import Iterator, Sequence

import numpy as np
import numpy.typing as npt

from conv_engine.arrays import (
    Doubles,
    Numbers,
    as_doubles,
    check_array,
    check_bank,
    check_flip,
    check_result,
    turned,
)
from conv_engine.axis import AxisPlan
from conv_engine.errors import ConvError, shown
from conv_engine.spec import PaddingLike, PairLike
from conv_engine.transpose_plan import TransposePlan2D, plan_transpose2d

__all__ = ["conv_transpose2d"]

# Doubles in the patches of one tile: 2 MiB, about a processor core's second-level cache.
_TILE_DOUBLES = 1 << 18
# A matrix product over fewer cells than this wastes its time on starting up.
_FEWEST_CELLS = 64


def conv_transpose2d(
    maps: npt.ArrayLike,
    bank: npt.ArrayLike,
    bias: npt.ArrayLike | None = None,
    *,
    stride: PairLike = 1,
    padding: PaddingLike = "valid",
    dilation: PairLike = 1,
    groups: int = 1,
    boundary: str = "zeros",
    flip: bool = False,
    output_padding: int | Sequence[int] | None = None,
    image_shape: Sequence[int] | None = None,
    out: npt.NDArray[np.float32] | None = None,
) -> npt.NDArray[np.float32]:
    """Run a convolution backwards: let every map cell add its kernels, times its values, to the image.

    It is the gradient of `conv2d` with respect to the image: for all images x and maps y,
    ``(conv2d(x, bank) * y).sum() == (x * conv_transpose2d(y, bank)).sum()``. It brings back the shape of the
    image, not its pixels.

    Every parameter is that of the convolution: the padding is cut off here, the stride spreads the cells.

    Parameters
    ----------
    maps : array_like of shape (oh, ow, K)
        Integers or real floats.
    bank : array_like of shape (K, kh, kw, C / groups)
        The kernels, as `conv2d` takes them.
    bias : array_like of shape (C,), optional
        What is added to each channel of the image; nothing by default.
    stride, padding, dilation, groups
        As for `conv2d`.
    boundary : str
        As for `conv2d`. Where the convolution copies pixels into the padding, what falls on the padding is added
        to those pixels; for ``"zeros"`` it is dropped.
    flip : bool
        Whether the convolution turns the kernels by 180° first.
    output_padding : int or (int, int), optional
        By how many rows and columns, each 0 … stride − 1, the image is longer than the smallest that gives such
        maps. 0 by default; for ``"same"`` stride − 1, which gives stride · oh rows.
    image_shape : (int, int, int), optional
        (H, W, C), in place of `output_padding`: the shape of the image that the maps came from.
    out : ndarray of float32, shape (H, W, C), optional
        Where to write the result. It is written even where a value then turns out not to fit float32.

    Returns
    -------
    ndarray of float32, shape (H, W, C)
        The image; `out` itself if it was given. Whole numbers give exact sums, up to 2^53.

    Raises
    ------
    ConvError
        If a parameter breaks one of the rules above, an array holds NaN or infinity, the shapes do not fit each
        other, or a value of the result does not fit float32.

    References
    ----------
    V. Dumoulin and F. Visin, "A guide to convolution arithmetic for deep learning", arXiv:1603.07285, 2016,
    chapter 4.

    Examples
    --------
    >>> maps = np.array([[[1], [10]]])
    >>> bank = np.array([[[[1], [2], [3]]]])
    >>> conv_transpose2d(maps, bank, stride=2)[:, :, 0]
    array([[ 1.,  2., 13., 20., 30.]], dtype=float32)
    """
    cells = check_array("maps", maps, ("oh", "ow", "K"))
    kernels = check_bank(bank)
    plan = plan_transpose2d(
        cells.shape,
        kernels.shape,
        stride=stride,
        padding=padding,
        dilation=dilation,
        groups=groups,
        boundary=boundary,
        output_padding=output_padding,
        image_shape=image_shape,
    )
    offsets = _check_bias(bias, plan.output_shape[2])
    weights = as_doubles(turned(kernels, check_flip(flip)))
    result = np.empty(plan.output_shape, dtype=np.float32) if out is None else _check_out(out, plan)
    with np.errstate(over="ignore", invalid="ignore"):  # what does not fit is found below
        planes = _fold(cells, weights, plan)
        np.add(planes.transpose(1, 2, 0), offsets, out=result, casting="same_kind")
    check_result("maps and bank", result)
    return result


def _fold(cells: Numbers, weights: Doubles, plan: TransposePlan2D) -> Doubles:
    """Return the image as one plane for each channel, (C, H, W)."""
    features, kernel_rows, kernel_cols, per_group = plan.bank_shape
    groups, (height, width, channels) = plan.spec.groups, plan.output_shape
    row_axis, col_axis = plan.forward.row_axis, plan.forward.col_axis
    # (groups, kh, kw, C / groups, K / groups): a product with a group's cells gives its patches, tap by tap.
    matrices = weights.reshape(groups, features // groups, kernel_rows, kernel_cols, per_group)
    matrices = np.ascontiguousarray(matrices.transpose(0, 2, 3, 4, 1))
    planes = np.zeros((groups, per_group, height, width))
    tap_rows, tile_rows, tile_cols = _tile_size(plan)
    for first_row, last_row in _spans(row_axis.out, tile_rows):
        for first_col, last_col in _spans(col_axis.out, tile_cols):
            tile = as_doubles(cells[first_row:last_row, first_col:last_col])
            shape = tile.shape[:2]
            tile = tile.reshape(-1, groups, features // groups).transpose(1, 2, 0)
            for first_tap, last_tap in _spans(kernel_rows, tap_rows):
                taps = last_tap - first_tap
                matrix = matrices[:, first_tap:last_tap].reshape(groups, -1, features // groups)
                patches = (matrix @ tile).reshape(groups, taps, kernel_cols, per_group, *shape)
                # Columns first: (groups, tap rows, C / groups, rows of cells, W).
                rows = np.zeros((groups, taps, per_group, shape[0], width))
                for tap in range(kernel_cols):
                    _add(rows, patches[:, :, tap], col_axis, (first_col, last_col), tap)
                for tap in range(taps):
                    _add(
                        planes.swapaxes(2, 3),
                        rows[:, tap].swapaxes(2, 3),
                        row_axis,
                        (first_row, last_row),
                        first_tap + tap,
                    )
    return planes.reshape(channels, height, width)


def _add(target: Doubles, lines: Doubles, axis: AxisPlan, cells: tuple[int, int], tap: int) -> None:
    """Add what the cells hand through one tap to the lines of the image that it came from, along the last axis."""
    positions = axis.positions(*cells, tap, tap + 1)[:, 0]
    inside = np.flatnonzero((positions >= 0) & (positions < axis.size))
    if inside.size:  # positions grow with the cells, so these lie side by side
        first, last = int(inside[0]), int(inside[-1])
        target[..., positions[first] : positions[last] + 1 : axis.stride] += lines[..., first : last + 1]
    if inside.size < positions.size and axis.boundary != "zeros":
        # Several cells may come from one line here, so each is added by itself; they are as few as the padding.
        for cell, source in enumerate(axis.sources(positions).tolist()):
            if not 0 <= positions[cell] < axis.size:
                target[..., source] += lines[..., cell]


def _tile_size(plan: TransposePlan2D) -> tuple[int, int, int]:
    """Return (tap rows at a time, rows of cells, columns of cells) of a tile that fits the budget."""
    out_rows, out_cols, features = plan.maps_shape
    channels = plan.output_shape[2]
    tap_row = plan.bank_shape[2] * channels
    tap_rows = min(max(_TILE_DOUBLES // (tap_row * _FEWEST_CELLS), 1), plan.bank_shape[1])
    cells = max(_TILE_DOUBLES // (tap_rows * tap_row + features), 1)
    cols = min(out_cols, cells)
    # What is folded along the columns is as wide as the image, however few cells there are.
    rows_of_image = max(_TILE_DOUBLES // (tap_rows * channels * plan.output_shape[1]), 1)
    return tap_rows, min(cells // cols, rows_of_image, out_rows), cols


def _spans(total: int, step: int) -> Iterator[tuple[int, int]]:
    for first in range(0, total, step):
        yield first, min(first + step, total)


def _check_bias(bias: npt.ArrayLike | None, channels: int) -> Doubles:
    if bias is None:
        return np.zeros(channels)
    array = check_array("bias", bias, ("C",))
    if array.shape != (channels,):
        raise ConvError(
            f"bias must have shape (C,) = ({channels},), one number for each channel of the image, "
            f"got shape {array.shape}"
        )
    return as_doubles(array)


def _check_out(out: npt.NDArray[np.float32], plan: TransposePlan2D) -> npt.NDArray[np.float32]:
    if not isinstance(out, np.ndarray):
        raise ConvError(f"out must be a NumPy array of float32, got {shown(out)}")
    if out.dtype != np.float32:
        raise ConvError(f"out must be of dtype float32, got {out.dtype}")
    if out.shape != plan.output_shape:
        raise ConvError(f"out must have shape (H, W, C) = {plan.output_shape}, got {out.shape}")
    if not out.flags.writeable:
        raise ConvError("out must be writeable, got a read-only array")
    return out
