"""Convolution in one dimension, to show the idea before there are pictures."""

import numpy as np
import numpy.typing as npt

from conv_engine.arrays import Doubles, as_doubles, check_array, check_flip, check_result
from conv_engine.spec import choice

__all__ = ["conv1d"]

_MODES = ("full", "same", "valid")


def conv1d(signal: npt.ArrayLike, kernel: npt.ArrayLike, *, mode: str = "full", flip: bool = True) -> Doubles:
    """Convolve a signal with a kernel.

    Value i of the full result is the sum over j of ``signal[i − j] · kernel[j]``, where the signal is zero
    outside its range. Here, unlike in `conv2d`, the mathematicians' convolution is the default.

    Parameters
    ----------
    signal : array_like of shape (N,)
        Integers or real floats.
    kernel : array_like of shape (M,)
        The weights.
    mode : str
        ``"full"``: wherever signal and kernel touch, N + M − 1 values. ``"same"``: the middle N of them, the
        odd one dropped at the end. ``"valid"``: where the shorter lies wholly on the
        longer, |N − M| + 1 values.
    flip : bool
        True for convolution, False for cross-correlation (the kernel as it stands).

    Returns
    -------
    ndarray of float64
        As `scipy.signal.convolve` gives it, or for ``flip=False`` as `scipy.signal.correlate` does.

    Raises
    ------
    ConvError
        If an array is empty, not of one axis, or not real and finite, the mode is unknown, or the result
        does not fit float64.

    References
    ----------
    A. V. Oppenheim and R. W. Schafer, "Discrete-Time Signal Processing", chapter 2, section "Linear
    time-invariant systems" (the convolution sum).

    Examples
    --------
    >>> conv1d([1, 2, 3], [1, -1])
    array([ 1.,  1.,  1., -3.])
    """
    values = as_doubles(check_array("signal", signal, ("N",)))
    weights = as_doubles(check_array("kernel", kernel, ("M",)))
    mode = choice("mode", mode, _MODES)
    with np.errstate(over="ignore", invalid="ignore"):
        full = np.convolve(values, weights if check_flip(flip) else weights[::-1], mode="full")
    check_result("signal and kernel", full)
    if mode == "full":
        return full
    shorter = min(values.size, weights.size)
    first = (weights.size - 1) // 2 if mode == "same" else shorter - 1
    length = values.size if mode == "same" else abs(values.size - weights.size) + 1
    return full[first : first + length].copy()
