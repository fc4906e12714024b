"""What stands between convolutions: the ReLU and pooling, forwards and backwards.

None of them has weights. All take maps (H, W, C), or a batch of them (N, H, W, C), and leave the channels apart.

- ReLU keeps what is positive and makes the rest 0. Backwards, what was kept lets through, what was not stops; at
  exactly 0, where there is no derivative, it stops.
- Max pooling hands on the largest value of each window. Backwards, all goes to the cell that had it; of several
  equal ones to the first in row-major order (left to right, then down).
- Average pooling hands on the mean. Backwards, each cell of the window gets an equal share.

Windows are not padded; rows and columns behind the last whole window are not looked at, and get 0 backwards.

Source: I. Goodfellow, Y. Bengio and A. Courville, "Deep Learning", MIT Press 2016, section 6.3.1 (rectified linear
units) and section 9.3 (pooling).
"""

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt

from conv_engine.arrays import Doubles, as_doubles, check_array
from conv_engine.axis import Indices
from conv_engine.errors import ConvError
from conv_engine.plan import Plan2D, plan2d
from conv_engine.spec import ConvSpec, PairLike

__all__ = [
    "average_pool2d",
    "average_pool2d_gradient",
    "max_pool2d",
    "max_pool2d_gradient",
    "max_pool2d_winners",
    "plan_pool2d",
    "relu",
    "relu_gradient",
]


def relu(maps: npt.ArrayLike) -> Doubles:
    """Keep what is positive, and make the rest 0.

    Parameters
    ----------
    maps : array_like of shape (H, W, C) or (N, H, W, C)
        Integers or real floats.

    Returns
    -------
    ndarray of float64, shape as `maps`
        max(0, value) for each value.

    Raises
    ------
    ConvError
        If the maps are not such an array, or not finite.

    Examples
    --------
    >>> relu([[[-2.0], [3.0]]]).ravel()
    array([0., 3.])
    """
    values = _checked("maps", maps)
    return np.where(values > 0, values, 0.0)  # a maximum might keep −0, which would be shown as "-0"


def relu_gradient(maps: npt.ArrayLike, gradients: npt.ArrayLike) -> Doubles:
    """Work out how a loss changes with what went into a ReLU, from how it changes with what came out.

    Parameters
    ----------
    maps : array_like of shape (H, W, C) or (N, H, W, C)
        What went into the ReLU.
    gradients : array_like, shape as `maps`
        The derivative of the loss with respect to each value that came out.

    Returns
    -------
    ndarray of float64, shape as `maps`
        The gradients where the map is above 0, else 0.

    Raises
    ------
    ConvError
        If the arrays are not of one such shape, or not finite.

    Examples
    --------
    >>> relu_gradient([[[-2.0], [0.0], [3.0]]], [[[5.0], [6.0], [7.0]]]).ravel()
    array([0., 0., 7.])
    """
    values = _checked("maps", maps)
    wanted = _checked_gradients(gradients, values.shape)
    return np.where(values > 0, wanted, 0.0)


def plan_pool2d(shape: tuple[int, int, int], size: PairLike = 2, stride: PairLike | None = None) -> Plan2D:
    """Plan pooling from shapes alone: sizes, windows, the rows and columns left over.

    Parameters
    ----------
    shape : (int, int, int)
        (H, W, C) of the maps.
    size : int or (int, int)
        The windows, (rows, columns), each at least 1.
    stride : int or (int, int), optional
        From window to window, (rows, columns), each at least 1; `size` by default, so that windows do not overlap.

    Returns
    -------
    Plan2D
        That of a convolution in which each feature sees one channel: along each axis ⌊(n − size) / stride⌋ + 1
        cells.

    Raises
    ------
    ConvError
        If shape, size or stride are not of such integers, or a window is larger than the maps.

    Examples
    --------
    >>> plan = plan_pool2d((7, 6, 8), 2)
    >>> plan.output_shape, plan.unused
    ((3, 3, 8), (1, 0))
    """
    rows, cols = _pair("size", size)
    steps = (rows, cols) if stride is None else _pair("stride", stride)
    height, width, channels = shape
    for length, window, what in ((height, rows, "rows"), (width, cols, "columns")):
        if window > length:
            raise ConvError(f"size must be at most the {length} {what} of the maps, got {window}")
    return plan2d((height, width, channels), (channels, rows, cols, 1), stride=steps, groups=channels)


def max_pool2d(maps: npt.ArrayLike, size: PairLike = 2, stride: PairLike | None = None) -> Doubles:
    """Hand on the largest value of each window.

    Parameters
    ----------
    maps : array_like of shape (H, W, C) or (N, H, W, C)
        Integers or real floats.
    size, stride : int or (int, int)
        As for `plan_pool2d`.

    Returns
    -------
    ndarray of float64, shape (oh, ow, C) or (N, oh, ow, C)

    Raises
    ------
    ConvError
        If the maps are not such an array, or size and stride break a rule of `plan_pool2d`.

    Examples
    --------
    >>> max_pool2d(np.arange(16).reshape(4, 4, 1))[:, :, 0]
    array([[ 5.,  7.],
           [13., 15.]])
    """
    values = _checked("maps", maps)
    return _largest(values, plan_pool2d(values.shape[-3:], size, stride))[0]


def max_pool2d_winners(maps: npt.ArrayLike, size: PairLike = 2, stride: PairLike | None = None) -> Indices:
    """Tell which cell of each window has its largest value.

    Parameters
    ----------
    maps : array_like of shape (H, W, C) or (N, H, W, C)
        Integers or real floats.
    size, stride : int or (int, int)
        As for `plan_pool2d`.

    Returns
    -------
    ndarray of intp, shape (oh, ow, C) or (N, oh, ow, C)
        row · columns of the window + col, counted from its upper left cell; of equal values the first.

    Raises
    ------
    ConvError
        If the maps are not such an array, or size and stride break a rule of `plan_pool2d`.

    Examples
    --------
    >>> max_pool2d_winners([[[1], [5]], [[5], [2]]]).ravel()
    array([1])
    """
    values = _checked("maps", maps)
    return _largest(values, plan_pool2d(values.shape[-3:], size, stride))[1]


def max_pool2d_gradient(
    maps: npt.ArrayLike, gradients: npt.ArrayLike, size: PairLike = 2, stride: PairLike | None = None
) -> Doubles:
    """Work out how a loss changes with what went into `max_pool2d`, from how it changes with what came out.

    Parameters
    ----------
    maps : array_like of shape (H, W, C) or (N, H, W, C)
        What went in.
    gradients : array_like of shape (oh, ow, C) or (N, oh, ow, C)
        The derivative of the loss with respect to each value that came out.
    size, stride : int or (int, int)
        As for `plan_pool2d`.

    Returns
    -------
    ndarray of float64, shape as `maps`
        Each gradient at the cell that won its window, the first of equal ones; sums where a cell won several.

    Raises
    ------
    ConvError
        If the arrays are not of these shapes, or size and stride break a rule of `plan_pool2d`.

    Examples
    --------
    >>> max_pool2d_gradient([[[1], [5]], [[5], [2]]], [[[3.0]]])[:, :, 0]
    array([[0., 3.],
           [0., 0.]])
    """
    values = _checked("maps", maps)
    plan = plan_pool2d(values.shape[-3:], size, stride)
    wanted = _checked_gradients(gradients, (*values.shape[:-3], *plan.output_shape))
    winners = _largest(values, plan)[1]
    result = np.zeros(values.shape)
    for number, seen in enumerate(_taps(result, plan)):
        seen += np.where(winners == number, wanted, 0.0)
    return result


def average_pool2d(maps: npt.ArrayLike, size: PairLike = 2, stride: PairLike | None = None) -> Doubles:
    """Hand on the mean of each window.

    Parameters
    ----------
    maps : array_like of shape (H, W, C) or (N, H, W, C)
        Integers or real floats.
    size, stride : int or (int, int)
        As for `plan_pool2d`.

    Returns
    -------
    ndarray of float64, shape (oh, ow, C) or (N, oh, ow, C)

    Raises
    ------
    ConvError
        If the maps are not such an array, or size and stride break a rule of `plan_pool2d`.

    Examples
    --------
    >>> average_pool2d(np.arange(16).reshape(4, 4, 1))[:, :, 0]
    array([[ 2.5,  4.5],
           [10.5, 12.5]])
    """
    values = _checked("maps", maps)
    plan = plan_pool2d(values.shape[-3:], size, stride)
    total = np.zeros((*values.shape[:-3], *plan.output_shape))
    share = plan.bank_shape[1] * plan.bank_shape[2]
    largest = float(np.abs(values).max())
    # Divided first only where the sum could leave the range: dividing last rounds once.
    early = share if largest > np.finfo(np.float64).max / share else 1
    for seen in _taps(values, plan):
        total += seen / early
    return total / (share // early)


def average_pool2d_gradient(
    maps: npt.ArrayLike, gradients: npt.ArrayLike, size: PairLike = 2, stride: PairLike | None = None
) -> Doubles:
    """Work out how a loss changes with what went into `average_pool2d`, from how it changes with what came out.

    Parameters
    ----------
    maps : array_like of shape (H, W, C) or (N, H, W, C)
        What went in; only its shape matters.
    gradients : array_like of shape (oh, ow, C) or (N, oh, ow, C)
        The derivative of the loss with respect to each value that came out.
    size, stride : int or (int, int)
        As for `plan_pool2d`.

    Returns
    -------
    ndarray of float64, shape as `maps`
        Each gradient, shared equally by the cells of its window; sums where windows overlap.

    Raises
    ------
    ConvError
        If the arrays are not of these shapes, or size and stride break a rule of `plan_pool2d`.

    Examples
    --------
    >>> average_pool2d_gradient([[[1], [5]], [[5], [2]]], [[[8.0]]])[:, :, 0]
    array([[2., 2.],
           [2., 2.]])
    """
    values = _checked("maps", maps)
    plan = plan_pool2d(values.shape[-3:], size, stride)
    wanted = _checked_gradients(gradients, (*values.shape[:-3], *plan.output_shape))
    share = wanted / (plan.bank_shape[1] * plan.bank_shape[2])
    result = np.zeros(values.shape)
    for seen in _taps(result, plan):
        seen += share
    return result


def _taps(maps: Doubles, plan: Plan2D) -> Iterator[Doubles]:
    """Give, for each tap of the windows in row-major order, the cells that it meets, as a view of the maps."""
    (rows, cols), (out_rows, out_cols, _) = plan.spec.stride, plan.output_shape
    for row in range(plan.bank_shape[1]):
        for col in range(plan.bank_shape[2]):
            last_row, last_col = row + (out_rows - 1) * rows + 1, col + (out_cols - 1) * cols + 1
            yield maps[..., row:last_row:rows, col:last_col:cols, :]


def _largest(values: Doubles, plan: Plan2D) -> tuple[Doubles, Indices]:
    """Return the largest value of each window and the tap that meets it first."""
    shape = (*values.shape[:-3], *plan.output_shape)
    best, winners = np.full(shape, -np.inf), np.zeros(shape, dtype=np.intp)
    for number, seen in enumerate(_taps(values, plan)):
        is_larger = seen > best  # not where it is equal: the first one stays
        np.copyto(best, seen, where=is_larger)
        np.copyto(winners, number, where=is_larger)  # half the time of indexing by what is true
    return best, winners


def _checked(name: str, maps: npt.ArrayLike) -> Doubles:
    axes = ("N", "H", "W", "C") if np.ndim(maps) == 4 else ("H", "W", "C")
    return as_doubles(check_array(name, maps, axes))


def _checked_gradients(gradients: npt.ArrayLike, shape: tuple[int, ...]) -> Doubles:
    wanted = _checked("gradients", gradients)
    if wanted.shape != shape:
        raise ConvError(f"gradients must have the shape of what came out, {shape}, got {wanted.shape}")
    return wanted


def _pair(name: str, value: PairLike) -> tuple[int, int]:
    """Return a size or stride as (rows, columns), by the rules for strides."""
    try:
        return ConvSpec.of(stride=value).stride
    except ConvError as error:
        raise ConvError(str(error).replace("stride", name, 1)) from None
