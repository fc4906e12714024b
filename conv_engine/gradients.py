"""How a loss changes with each pixel, weight and bias of a layer: the gradients of `conv2d`.

A layer's maps lead to one number, a loss. How the loss changes with the maps is handed down, and the layer works
out how it changes with what the maps were made of. Written as a matrix product the layer is *maps = patches · bank
+ bias*, one row of patches for each window, and so

- the gradient of the bank is *patchesᵀ · map gradients*: each weight collects, over all windows, the pixel that it
  met times what the window's cell is asked to change;
- the gradient of the bias is the sum of the map gradients over all cells;
- the gradient of the image is *map gradients · bankᵀ*, folded back onto the pixels: the transposed convolution.

Gradients of several images are those of the sum of their losses, so they add up. All sums are made in float64; the
gradient of the image is rounded to float32 once, as `conv_transpose2d` does.

A fully connected layer needs nothing else: it is a convolution whose kernels are as large as the image.

Source: I. Goodfellow, Y. Bengio and A. Courville, "Deep Learning", MIT Press 2016, section 9.5 (the gradients of a
strided convolution); Chellapilla, Puri and Simard, "High Performance Convolutional Neural Networks for Document
Processing", IWFHR 2006 (both passes as products with the matrix of patches).
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from conv_engine.arrays import (
    Doubles,
    as_doubles,
    check_array,
    check_bank,
    check_bias,
    check_flip,
    check_image,
    check_result,
    turned,
)
from conv_engine.axis import Indices
from conv_engine.banded import LARGEST_PRODUCT
from conv_engine.errors import ConvError
from conv_engine.plan import Plan2D, plan2d
from conv_engine.spec import PaddingLike, PairLike
from conv_engine.transpose import conv_transpose2d

__all__ = ["ConvGradients", "PatchMatrix", "bias_gradient", "conv2d_gradients", "image_gradients"]

# Doubles of the patches that are taken at a time where they need not be kept: 8 MiB.
_STRIP_DOUBLES = 1 << 20
# Doubles of the patches that a `PatchMatrix` may keep: 512 MiB.
_MOST_DOUBLES = 1 << 26


class ConvGradients(NamedTuple):
    """How a loss changes with all that a layer's maps were made of.

    Attributes
    ----------
    image : ndarray of float64, shape (H, W, C)
        Loss for each unit of a pixel.
    bank : ndarray of float64, shape (K, kh, kw, C / groups)
        Loss for each unit of a weight.
    bias : ndarray of float64, shape (K,)
        Loss for each unit of a bias.
    """

    image: Doubles
    bank: Doubles
    bias: Doubles


def conv2d_gradients(
    image: npt.ArrayLike,
    bank: npt.ArrayLike,
    map_gradients: npt.ArrayLike,
    *,
    stride: PairLike = 1,
    padding: PaddingLike = "valid",
    dilation: PairLike = 1,
    groups: int = 1,
    boundary: str = "zeros",
    flip: bool = False,
) -> ConvGradients:
    """Work out how a loss changes with image, bank and bias of `conv2d`, from how it changes with the maps.

    Working memory is a few MiB beside copies of the image, and grows only with windows of which one row is larger.

    Parameters
    ----------
    image : array_like of shape (H, W, C)
        What the layer looked at.
    bank : array_like of shape (K, kh, kw, C / groups)
        Its kernels.
    map_gradients : array_like of shape (oh, ow, K)
        The derivative of the loss with respect to each cell of the maps.
    stride, padding, dilation, groups, boundary, flip
        As for `conv2d`.

    Returns
    -------
    ConvGradients
        The derivatives with respect to the image, the bank and the bias, each of its shape.

    Raises
    ------
    ConvError
        If a parameter breaks a rule of `conv2d`, the map gradients have not the shape of the maps, or a derivative
        is too large.

    References
    ----------
    I. Goodfellow, Y. Bengio and A. Courville, "Deep Learning", MIT Press 2016, section 9.5.

    Examples
    --------
    >>> image = np.array([[[1.0], [2.0], [4.0]]])
    >>> found = conv2d_gradients(image, [[[[5.0], [7.0]]]], [[[1.0], [10.0]]])
    >>> found.bank.ravel()  # 1 · 1 + 2 · 10 and 2 · 1 + 4 · 10
    array([21., 42.])
    >>> found.image.ravel()  # 5 · 1, 7 · 1 + 5 · 10 and 7 · 10
    array([ 5., 57., 70.])
    """
    pixels, kernels = as_doubles(check_image(image)), check_bank(bank)
    is_turned = check_flip(flip)
    plan = plan2d(
        pixels.shape,
        kernels.shape,
        stride=stride,
        padding=padding,
        dilation=dilation,
        groups=groups,
        boundary=boundary,
    )
    wanted = as_doubles(check_array("map_gradients", map_gradients, ("oh", "ow", "K")))
    _check_shape("map_gradients", wanted, "(oh, ow, K)", plan.output_shape)
    flat, (out_rows, out_cols, features) = _with_a_zero(pixels[np.newaxis]), plan.output_shape
    rows = max(_STRIP_DOUBLES // (out_cols * plan.bank_shape[1] * plan.bank_shape[2] * pixels.shape[2]), 1)
    total = np.zeros(plan.bank_shape)
    with np.errstate(over="ignore", invalid="ignore"):  # what does not fit is found below
        for first in range(0, out_rows, rows):
            last = min(first + rows, out_rows)
            patches = _patches(flat, _pixels_of(plan, first, last), plan.spec.groups)
            total += _bank_gradient(patches, wanted[first:last].reshape(-1, features), plan)
    check_result("image and map_gradients", total)
    return ConvGradients(
        image=image_gradients(wanted[np.newaxis], turned(kernels, is_turned), plan)[0],
        bank=turned(total, is_turned),
        bias=bias_gradient(wanted),
    )


def bias_gradient(map_gradients: npt.ArrayLike) -> Doubles:
    """Work out how a loss changes with the bias of each feature: each cell of its maps changes by as much.

    Parameters
    ----------
    map_gradients : array_like of shape (oh, ow, K) or (N, oh, ow, K)
        The derivative of the loss with respect to each cell of the maps.

    Returns
    -------
    ndarray of float64, shape (K,)
        Their sums over all cells, and over all images.

    Raises
    ------
    ConvError
        If the map gradients are not such an array, or a sum is too large.

    Examples
    --------
    >>> bias_gradient([[[1.0, 2.0], [3.0, 4.0]]])
    array([4., 6.])
    """
    axes = ("N", "oh", "ow", "K") if np.ndim(map_gradients) == 4 else ("oh", "ow", "K")
    wanted = as_doubles(check_array("map_gradients", map_gradients, axes))
    with np.errstate(over="ignore", invalid="ignore"):
        total: Doubles = wanted.reshape(-1, wanted.shape[-1]).sum(axis=0)
    check_result("map_gradients", total)
    return total


def image_gradients(map_gradients: npt.ArrayLike, bank: npt.ArrayLike, plan: Plan2D) -> Doubles:
    """Work out how a loss changes with each pixel of each image of a batch.

    The images lie side by side as the groups of one transposed convolution, so that a batch costs one call.

    Parameters
    ----------
    map_gradients : array_like of shape (N, oh, ow, K)
        The derivative of the loss with respect to each cell of the maps.
    bank : array_like of shape (K, kh, kw, C / groups)
        The kernels as they are laid on the images, not flipped.
    plan : Plan2D
        The plan for one of the images.

    Returns
    -------
    ndarray of float64, shape (N, H, W, C)
        Rounded to float32 once.

    Raises
    ------
    ConvError
        If the arrays are not of these shapes, hold NaN or infinity, or a derivative does not fit float32.

    Examples
    --------
    >>> plan = plan2d((1, 3, 1), (1, 1, 2, 1))
    >>> image_gradients([[[[1.0], [10.0]]]], [[[[5.0], [7.0]]]], plan).ravel()
    array([ 5., 57., 70.])
    """
    wanted = as_doubles(check_array("map_gradients", map_gradients, ("N", "oh", "ow", "K")))
    kernels = _check_bank_of(bank, plan)
    images, (height, width, channels) = wanted.shape[0], plan.image_shape
    _check_shape("map_gradients", wanted, "(N, oh, ow, K)", (images, *plan.output_shape))
    spec, (out_rows, out_cols, features) = plan.spec, plan.output_shape
    side_by_side = conv_transpose2d(
        wanted.transpose(1, 2, 0, 3).reshape(out_rows, out_cols, images * features),
        np.tile(kernels, (images, 1, 1, 1)),
        stride=spec.stride,
        padding=plan.pads,
        dilation=spec.dilation,
        groups=images * spec.groups,
        boundary=spec.boundary,
        image_shape=(height, width, images * channels),
    )
    return as_doubles(side_by_side.reshape(height, width, images, channels).transpose(2, 0, 1, 3))


@dataclass(frozen=True, eq=False)
class PatchMatrix:
    """All that a layer sees in a batch of images: one row for each window, gathered once for both passes.

    Make it with `PatchMatrix.of`. A step of learning is then two matrix products: `maps` forwards, `bank_gradient`
    backwards; where the images stay the same from step to step, the matrix does, too.

    Attributes
    ----------
    plan : Plan2D
        The plan for one of the images.
    images : int
        N, the images of the batch.
    patches : ndarray of float64, shape (groups, N · oh · ow, kh · kw · C / groups)
        The pixel under each tap of each window, by image, row and column of the cell.
    """

    plan: Plan2D
    images: int
    patches: Doubles

    @classmethod
    def of(cls, images: npt.ArrayLike, plan: Plan2D) -> "PatchMatrix":
        """Gather the windows of images of one size.

        Parameters
        ----------
        images : array_like of shape (N, H, W, C)
            Integers or real floats.
        plan : Plan2D
            The plan for one of them.

        Returns
        -------
        PatchMatrix
            It takes 8 · N · oh · ow · kh · kw · C bytes.

        Raises
        ------
        ConvError
            If the images are not of the plan's shape, hold NaN or infinity, or are so many that the matrix would
            take more than 512 MiB.

        Examples
        --------
        >>> plan = plan2d((1, 3, 1), (1, 1, 2, 1))
        >>> PatchMatrix.of([[[[1], [2], [4]]]], plan).patches
        array([[[1., 2.],
                [2., 4.]]])
        """
        pixels = check_array("images", images, ("N", "H", "W", "C"))
        _check_shape("images", pixels, "(N, H, W, C)", (len(pixels), *plan.image_shape))
        out_rows, out_cols, _ = plan.output_shape
        cells, taps = out_rows * out_cols, plan.bank_shape[1] * plan.bank_shape[2]
        needed = len(pixels) * cells * taps * pixels.shape[3]
        if needed > _MOST_DOUBLES:
            raise ConvError(
                f"images must be so few and small that their windows hold at most {_MOST_DOUBLES} numbers, got "
                f"{needed} ({len(pixels)} × {cells} windows of {taps} pixels with {pixels.shape[3]} channels)"
            )
        flat = _with_a_zero(as_doubles(pixels))
        return cls(plan, len(pixels), _patches(flat, _pixels_of(plan, 0, out_rows), plan.spec.groups))

    def maps(self, bank: npt.ArrayLike, bias: npt.ArrayLike | None = None) -> Doubles:
        """Convolve all images with a bank.

        Parameters
        ----------
        bank : array_like of shape (K, kh, kw, C / groups)
            The kernels as they are laid on the images, not flipped.
        bias : array_like of shape (K,), optional
            What is added to each feature; nothing by default.

        Returns
        -------
        ndarray of float64, shape (N, oh, ow, K)
            What `conv2d` gives for each image, before it is rounded to float32.

        Raises
        ------
        ConvError
            If bank or bias are not of these shapes, hold NaN or infinity, or a value is too large.
        """
        kernels, groups = _check_bank_of(bank, self.plan), self.plan.spec.groups
        offsets = check_bias(bias, len(kernels))
        weights = kernels.reshape(groups, len(kernels) // groups, -1).transpose(0, 2, 1)
        sums = np.empty((*self.patches.shape[:2], weights.shape[2]))
        with np.errstate(over="ignore", invalid="ignore"):
            for part in _parts(self.patches.shape[1], weights[0].size):
                np.matmul(self.patches[:, part], weights, out=sums[:, part])
            result: Doubles = sums.transpose(1, 0, 2).reshape(self.images, *self.plan.output_shape) + offsets
        check_result("images and bank", result)
        return result

    def bank_gradient(self, map_gradients: npt.ArrayLike) -> Doubles:
        """Work out how a loss changes with each weight: patchesᵀ · map gradients.

        Parameters
        ----------
        map_gradients : array_like of shape (N, oh, ow, K)
            The derivative of the loss with respect to each cell of the maps.

        Returns
        -------
        ndarray of float64, shape (K, kh, kw, C / groups)
            The derivative with respect to each weight, summed over the images.

        Raises
        ------
        ConvError
            If the map gradients have not the shape of the maps, hold NaN or infinity, or a sum is too large.
        """
        wanted = as_doubles(check_array("map_gradients", map_gradients, ("N", "oh", "ow", "K")))
        _check_shape("map_gradients", wanted, "(N, oh, ow, K)", (self.images, *self.plan.output_shape))
        with np.errstate(over="ignore", invalid="ignore"):
            total = _bank_gradient(self.patches, wanted.reshape(-1, wanted.shape[3]), self.plan)
        check_result("images and map_gradients", total)
        return total


def _bank_gradient(patches: Doubles, cells: Doubles, plan: Plan2D) -> Doubles:
    """Return patchesᵀ · cells as a bank; `cells` has a row for each window and a column for each feature."""
    groups = plan.spec.groups
    grouped = cells.reshape(len(cells), groups, -1).transpose(1, 2, 0)
    total = np.zeros((*grouped.shape[:2], patches.shape[2]))
    for part in _parts(len(cells), total[0].size):
        total += grouped[:, :, part] @ patches[:, part]
    return total.reshape(plan.bank_shape)


def _parts(windows: int, products: int) -> Iterator[slice]:
    """Cut windows, of so many products each, so that no thread but the caller's works on a part.

    BLAS starts threads of its own for larger products, which then wait for each other where the processor's cores
    have other things to do: steps of learning took seven times as long.
    """
    step = max(LARGEST_PRODUCT // products, 1)
    return (slice(first, first + step) for first in range(0, windows, step))


def _with_a_zero(images: Doubles) -> Doubles:
    """Return the pixels of each image in a row, with one of zeros behind the last; (N, H · W + 1, C)."""
    count, channels = len(images), images.shape[3]
    return np.concatenate([images.reshape(count, -1, channels), np.zeros((count, 1, channels))], axis=1)


def _pixels_of(plan: Plan2D, first_row: int, last_row: int) -> Indices:
    """Return which pixel of `_with_a_zero` each tap of the windows in some rows meets; (windows, taps)."""
    rows = plan.row_sources[first_row:last_row, np.newaxis, :, np.newaxis]
    cols = plan.col_sources[np.newaxis, :, np.newaxis, :]
    height, width = plan.image_shape[:2]
    pixels = np.where((rows < 0) | (cols < 0), height * width, rows * width + cols)
    return pixels.reshape(-1, plan.bank_shape[1] * plan.bank_shape[2])


def _patches(flat: Doubles, pixels: Indices, groups: int) -> Doubles:
    windows = np.take(flat, pixels, axis=1)  # (N, windows, taps, C)
    split = windows.reshape(-1, pixels.shape[1], groups, flat.shape[2] // groups)
    return split.transpose(2, 0, 1, 3).reshape(groups, len(split), -1)


def _check_bank_of(bank: npt.ArrayLike, plan: Plan2D) -> Doubles:
    kernels = as_doubles(check_bank(bank))
    _check_shape("bank", kernels, "(K, kh, kw, C / groups)", plan.bank_shape)
    return kernels


def _check_shape(name: str, array: npt.NDArray[np.generic], axes: str, shape: tuple[int, ...]) -> None:
    if array.shape != shape:
        raise ConvError(f"{name} must have shape {axes} = {shape}, as planned, got {array.shape}")
