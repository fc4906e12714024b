"""Arrays in: what an image, a bank and a bias must be, checked before any arithmetic."""

import math
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

from conv_engine.errors import ConvError, shown
from conv_engine.spec import integer

__all__ = ["Doubles", "FeatureMaps", "Numbers", "broadcast_kernel"]

Numbers: TypeAlias = npt.NDArray[Any]
"""A checked array of integers or real floats, of any size of number."""

Doubles: TypeAlias = npt.NDArray[np.float64]
FeatureMaps: TypeAlias = npt.NDArray[np.float32]

_RANK_HINTS = {
    ("image", 2): "; add the channel axis with image[:, :, np.newaxis]",
    ("bank", 2): "; broadcast_kernel(kernel2d, channels) makes a bank of a (kh, kw) kernel",
    ("bank", 3): "; broadcast_kernel(kernel2d, channels) makes a bank of a (kh, kw) kernel, "
    "bank[np.newaxis] one of a (kh, kw, C) kernel",
}


def broadcast_kernel(kernel2d: npt.ArrayLike, channels: int) -> Doubles:
    """Make a bank of one kernel that has the same weights for every channel.

    The weights are repeated, not divided: on a grey picture stored in three equal channels the result is
    three times that of one channel.

    Parameters
    ----------
    kernel2d : array_like of shape (kh, kw)
        The weights.
    channels : int
        C, the channels of the image, at least 1.

    Returns
    -------
    ndarray of float64, shape (1, kh, kw, C)
        A bank for `conv2d`.

    Raises
    ------
    ConvError
        If the kernel has not two axes, is empty, or is not real and finite, or if channels is not an
        integer ≥ 1.

    Examples
    --------
    >>> broadcast_kernel([[1, -1]], 3).shape
    (1, 1, 2, 3)
    """
    kernel = as_doubles(check_array("kernel2d", kernel2d, ("kh", "kw")))
    channels = integer("channels", channels, least=1)
    return np.repeat(kernel[np.newaxis, :, :, np.newaxis], channels, axis=3)


def check_image(image: npt.ArrayLike, *, finite: bool = True) -> Numbers:
    """Return `image` as an array (H, W, C) of real numbers, uncopied, looked at unless `finite` is False."""
    return check_array("image", image, ("H", "W", "C"), finite=finite)


def check_bank(bank: npt.ArrayLike, *, finite: bool = True) -> Numbers:
    """Return `bank` as an array (K, kh, kw, C / groups) of real numbers, looked at unless `finite` is False."""
    return check_array("bank", bank, ("K", "kh", "kw", "C / groups"), finite=finite)


def check_bias(bias: npt.ArrayLike | None, features: int) -> Doubles:
    """Return `bias` as an array (K,) of float64, zeros for None."""
    if bias is None:
        return np.zeros(features)
    array = check_array("bias", bias, ("K",))
    if array.shape != (features,):
        raise ConvError(
            f"bias must have shape (K,) = ({features},), one number for each kernel, got shape {array.shape}"
        )
    return as_doubles(array)


def check_flip(flip: object) -> bool:
    """Return `flip` as a Python bool; 0 and 1 are refused like any other number."""
    if not isinstance(flip, bool | np.bool_):
        raise ConvError(f"flip must be True or False, got {shown(flip)}")
    return bool(flip)


def check_array(name: str, value: npt.ArrayLike, axes: tuple[str, ...], *, finite: bool = True) -> Numbers:
    """Return `value` as an array with the given axes: not empty, real, finite; or raise ConvError."""
    try:
        array = np.asarray(value)
    except (ValueError, TypeError, OverflowError) as error:
        raise ConvError(f"{name} must be an array of numbers, got {shown(value)}") from error
    if array.dtype.kind not in "iuf":
        raise ConvError(f"{name} must hold integers or real floats, got {array.dtype} (shape {array.shape})")
    if array.ndim != len(axes):
        wanted = f"({', '.join(axes)}{',' if len(axes) == 1 else ''})"
        hint = _RANK_HINTS.get((name, array.ndim), "")
        raise ConvError(
            f"{name} must have {len(axes)} {'axis' if len(axes) == 1 else 'axes'} {wanted}, "
            f"got {array.ndim} in shape {array.shape}{hint}"
        )
    if array.size == 0:
        raise ConvError(f"{name} must not be empty, got shape {array.shape}")
    if finite:
        check_finite(name, array)
    return array


def check_finite(name: str, array: Numbers) -> None:
    """Raise ConvError if a checked array holds NaN or infinity."""
    if array.dtype.kind == "f" and not np.isfinite(array).all():
        raise _not_finite(name, array)


def magnitude(name: str, array: Numbers) -> float:
    """Return the largest magnitude that a checked array can hold or holds; raise ConvError if it is not finite."""
    if array.dtype.kind != "f" and array.itemsize <= 2:
        limits = np.iinfo(array.dtype)
        return float(max(-limits.min, limits.max))
    low, high = float(array.min()), float(array.max())
    if not (math.isfinite(low) and math.isfinite(high)):
        raise _not_finite(name, array)
    return max(-low, high)


def _not_finite(name: str, array: Numbers) -> ConvError:
    first = tuple(np.argwhere(~np.isfinite(array))[0].tolist())
    return ConvError(f"{name} must be finite, got {float(array[first])} at index {first}")


def as_doubles(array: Numbers) -> Doubles:
    """Return the array in float64; what does not fit becomes infinite, for `check_result` to find."""
    with np.errstate(over="ignore"):
        return array.astype(np.float64, copy=False)


def turned(bank: Numbers, flip: bool) -> Numbers:
    """Return the weights as they are laid on the image: turned by 180° if `flip`."""
    return bank[:, ::-1, ::-1] if flip else bank


def check_result(inputs: str, result: npt.NDArray[np.floating]) -> None:
    """Raise ConvError if a result has left the range of its dtype; `inputs` names what led to it."""
    if not np.isfinite(result).all():
        raise ConvError(
            f"{inputs} must be small enough for every value to fit {result.dtype} "
            f"(at most {float(np.finfo(result.dtype).max):.3g}), "
            f"got {float(result[~np.isfinite(result)][0])}; scale them down"
        )
