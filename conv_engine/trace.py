"""One output cell, term by term: the arithmetic that `conv2d` does out of sight.

This module shares the plan with `conv2d` and nothing else: that both arrive at the same number is evidence.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from conv_engine.arrays import (
    Doubles,
    as_doubles,
    check_bank,
    check_bias,
    check_flip,
    check_image,
    check_result,
    turned,
)
from conv_engine.errors import ConvError, shown
from conv_engine.plan import Plan2D, Window
from conv_engine.spec import integer

__all__ = ["Trace", "trace2d"]


@dataclass(frozen=True, eq=False)
class Trace:
    """How one value of a feature map came about.

    Every sum is made one term after the other, in double precision, starting from 0, so that anyone can redo
    it by hand or in a browser to the last bit: for each channel its products in row-major order of the taps;
    then the channel sums from the first to the last; then the bias; then rounding to float32.

    Attributes
    ----------
    row, col, feature : int
        The cell of the feature maps.
    window : Window
        Where it looks.
    channels : range
        The channels of the image that the feature sees: those of its group.
    patch : ndarray of float64, shape (kh, kw, C / groups)
        The pixels under the kernel, zeros on zero padding.
    weights : ndarray of float64, shape (kh, kw, C / groups)
        The kernel as it is laid on the patch: already turned if it is flipped.
    products : ndarray of float64, shape (kh, kw, C / groups)
        ``patch * weights``.
    channel_sums : ndarray of float64, shape (C / groups,)
        The products of each channel, summed.
    bias : float
        What the feature adds.
    value : float
        The channel sums and the bias, summed and rounded to float32.
    """

    row: int
    col: int
    feature: int
    window: Window
    channels: range
    patch: Doubles
    weights: Doubles
    products: Doubles
    channel_sums: Doubles
    bias: float
    value: float


def trace2d(
    image: npt.ArrayLike,
    bank: npt.ArrayLike,
    bias: npt.ArrayLike | None,
    plan: Plan2D,
    *,
    row: int,
    col: int,
    feature: int,
    flip: bool = False,
) -> Trace:
    """Return all the numbers behind one value of a feature map.

    Parameters
    ----------
    image : array_like of shape (H, W, C)
        The image, as for `conv2d`.
    bank : array_like of shape (K, kh, kw, C / groups)
        The kernels.
    bias : array_like of shape (K,) or None
        What is added to each feature.
    plan : Plan2D
        The plan made for these shapes.
    row, col, feature : int
        The cell: 0 ≤ row < oh, 0 ≤ col < ow, 0 ≤ feature < K.
    flip : bool
        Whether the kernels are turned by 180° first.

    Returns
    -------
    Trace
        Patch, weights, products, sums and value. The value agrees with `conv2d`: with ``method="direct"``,
        which sums in another order, it is equal where the sums are exact (integer pixels and weights), and
        else differs by no more than what rounding in double precision does to the largest product.

    Raises
    ------
    ConvError
        If the plan was made for other shapes, the cell lies outside the feature maps, the arrays break the
        rules of `conv2d`, or the value does not fit float32.

    Examples
    --------
    >>> from conv_engine import broadcast_kernel, plan2d
    >>> image, bank = np.arange(9).reshape(3, 3, 1), broadcast_kernel([[1, 2], [3, 4]], 1)
    >>> trace = trace2d(image, bank, [0.5], plan2d(image.shape, bank.shape), row=0, col=1, feature=0)
    >>> trace.products[:, :, 0].tolist(), trace.value
    ([[1.0, 4.0], [12.0, 20.0]], 37.5)
    """
    pixels, kernels = check_image(image), check_bank(bank)
    _check_plan(plan, pixels.shape, kernels.shape)
    offsets = check_bias(bias, plan.bank_shape[0])
    weights = as_doubles(turned(kernels, check_flip(flip)))
    window = plan.window(row, col)
    feature = integer("feature", feature, least=0, most=plan.bank_shape[0] - 1)

    per_group = plan.bank_shape[3]
    group = feature // (plan.bank_shape[0] // plan.spec.groups)
    channels = range(group * per_group, (group + 1) * per_group)
    patch = _patch(pixels[:, :, channels.start : channels.stop], window)
    kernel = weights[feature].copy()
    with np.errstate(over="ignore", invalid="ignore"):
        products = patch * kernel
        channel_sums = _sum_in_order(products.reshape(-1, per_group))
        total = _sum_in_order(channel_sums) + offsets[feature]
        value = np.float32(total)
    check_result("image and bank", np.atleast_1d(value))
    return Trace(
        row=window.row,
        col=window.col,
        feature=feature,
        window=window,
        channels=channels,
        patch=patch,
        weights=kernel,
        products=products,
        channel_sums=channel_sums,
        bias=float(offsets[feature]),
        value=float(value),
    )


def _check_plan(plan: Plan2D, image_shape: tuple[int, ...], bank_shape: tuple[int, ...]) -> None:
    if not isinstance(plan, Plan2D):
        raise ConvError(f"plan must be a Plan2D made by plan2d, got {shown(plan)}")
    for name, planned, actual in (
        ("image", plan.image_shape, image_shape),
        ("bank", plan.bank_shape, bank_shape),
    ):
        if planned != actual:
            raise ConvError(f"plan must be made for the shape of the {name}, {actual}, got one for {planned}")


def _patch(image: npt.NDArray[np.generic], window: Window) -> Doubles:
    rows = np.array([-1 if source is None else source for source in window.row_sources])
    cols = np.array([-1 if source is None else source for source in window.col_sources])
    patch = as_doubles(image[rows[:, np.newaxis], cols]).copy()
    patch[rows < 0] = 0.0
    patch[:, cols < 0] = 0.0
    return patch


def _sum_in_order(terms: Doubles) -> Doubles:
    # np.sum adds in pairs of halves; a running sum adds strictly one after the other. The 0.0 in front is
    # where a sum by hand starts: it makes a sum of nothing but −0 a plain 0.
    total: Doubles = np.add.accumulate(terms, axis=0)[-1] + 0.0
    return total
