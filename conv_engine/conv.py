"""`conv2d`, the front door: check, plan, then apply."""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from conv_engine.arrays import (
    Doubles,
    FeatureMaps,
    Numbers,
    applied,
    check_bank,
    check_bias,
    check_flip,
    check_image,
    check_result,
)
from conv_engine.errors import ConvError, shown
from conv_engine.naive import four_loops
from conv_engine.patches import patches_times_matrix
from conv_engine.plan import Plan2D, plan2d
from conv_engine.spec import PaddingLike, PairLike, choice

__all__ = ["METHODS", "conv2d"]

_Method: TypeAlias = Callable[[Numbers, Doubles, Doubles, Plan2D, FeatureMaps], None]

METHODS: Mapping[str, _Method] = MappingProxyType(
    {"auto": patches_times_matrix, "patches": patches_times_matrix, "naive": four_loops}
)
"""The algorithms by name; ``"auto"`` is the fastest of them for the shape."""


def conv2d(
    image: npt.ArrayLike,
    bank: npt.ArrayLike,
    bias: npt.ArrayLike | None = None,
    *,
    stride: PairLike = 1,
    padding: PaddingLike = "valid",
    dilation: PairLike = 1,
    groups: int = 1,
    boundary: str = "zeros",
    flip: bool = False,
    method: str = "auto",
    out: FeatureMaps | None = None,
) -> FeatureMaps:
    """Lay a bank of kernels on an image at every step, multiply and sum: one convolutional layer.

    Feature f of the output cell (r, c), for stride s, dilation d and padding p, is::

        bias[f] + Σ over i, j, m of  image[r·s + i·d − p, c·s + j·d − p, m] · bank[f, i, j, m]

    This is what CNN libraries call convolution, and what mathematicians call cross-correlation: the kernel
    is not flipped. ``flip=True`` turns it by 180° first, which gives the mathematicians' convolution.

    Parameters
    ----------
    image : array_like of shape (H, W, C)
        Integers or real floats, taken as they are: a uint8 photo counts from 0 to 255.
    bank : array_like of shape (K, kh, kw, C / groups)
        The kernels of the layer; one for each feature, with a slice for each channel.
    bias : array_like of shape (K,), optional
        What is added to each feature; nothing by default.
    stride, dilation : int or (int, int)
        Pixels from window to window, and from tap to tap; (rows, columns), at least 1.
    padding : str, int, (int, int) or ((int, int), (int, int))
        ``"valid"``, ``"same"``, ``"full"``, or pixels: on every side, (rows, columns), or
        ((top, bottom), (left, right)). `plan2d` has the formulas.
    groups : int
        Feature f sees only the C / groups channels of its group, f // (K / groups).
    boundary : str
        What fills the padding: ``"zeros"``, ``"reflect"`` (the edge not repeated), ``"replicate"`` or
        ``"circular"``.
    flip : bool
        Whether to turn the kernels by 180° first.
    method : str
        ``"auto"`` (the fastest for the shape), ``"patches"`` (tiles of patches times a matrix) or
        ``"naive"`` (four loops, to read and to compare with).
    out : ndarray of float32, shape (oh, ow, K), optional
        Where to write the result; it must not overlap the image in memory. It is written even where a
        value then turns out not to fit float32.

    Returns
    -------
    ndarray of float32, shape (oh, ow, K)
        The feature maps; `out` itself if it was given. Sums are kept in float64 and rounded once, so that
        integer pixels with integer weights give exact sums, correctly rounded.

    Raises
    ------
    ConvError
        If a parameter breaks one of the rules above, an array holds NaN or infinity, the shapes do not fit
        each other, or a value of the result does not fit float32.

    References
    ----------
    I. Goodfellow, Y. Bengio and A. Courville, "Deep Learning", MIT Press 2016, section 9.1 (convolution and
    cross-correlation) and section 9.5 (stride, padding).

    Examples
    --------
    >>> from conv_engine import broadcast_kernel
    >>> ramp = np.arange(12.0).reshape(3, 4, 1)
    >>> conv2d(ramp, broadcast_kernel([[-1, 1]], 1))[:, :, 0]
    array([[1., 1., 1.],
           [1., 1., 1.],
           [1., 1., 1.]], dtype=float32)
    """
    pixels, kernels = check_image(image), check_bank(bank)
    plan = plan2d(
        pixels.shape,
        kernels.shape,
        stride=stride,
        padding=padding,
        dilation=dilation,
        groups=groups,
        boundary=boundary,
    )
    offsets = check_bias(bias, plan.bank_shape[0])
    weights = applied(kernels, check_flip(flip))
    run = METHODS[choice("method", method, tuple(METHODS))]
    result = np.empty(plan.output_shape, dtype=np.float32) if out is None else _check_out(out, plan, pixels)
    with np.errstate(over="ignore", invalid="ignore"):
        run(pixels, weights, offsets, plan, result)
    check_result("image and bank", result)
    return result


def _check_out(out: FeatureMaps, plan: Plan2D, image: Numbers) -> FeatureMaps:
    if not isinstance(out, np.ndarray):
        raise ConvError(f"out must be a NumPy array of float32, got {shown(out)}")
    if out.dtype != np.float32:
        raise ConvError(f"out must be of dtype float32, got {out.dtype}")
    if out.shape != plan.output_shape:
        raise ConvError(f"out must have shape (oh, ow, K) = {plan.output_shape}, got {out.shape}")
    if not out.flags.writeable:
        raise ConvError("out must be writeable, got a read-only array")
    # Cells are written while pixels are still read.
    if np.may_share_memory(out, image):
        raise ConvError("out must not overlap the image in memory, got an array that does")
    return out
