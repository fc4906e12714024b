"""A library of named kernels, each with what it finds and where it comes from.

The weights are those that are applied: nothing is divided, scaled or turned behind the reader's back. What a
kernel finds is told for the convolution of CNN libraries, the kernel not flipped.
"""

from collections.abc import Iterable, Mapping
from types import MappingProxyType

import numpy as np

from conv_engine.arrays import Doubles
from conv_engine.errors import ConvError, shown
from conv_engine.learned import LEARNED
from conv_engine.library import DESIGNED
from conv_engine.named import FAMILIES, Kernel
from conv_engine.patterns import PATTERNS
from conv_engine.spec import integer

__all__ = ["FAMILIES", "LIBRARY", "Kernel", "stack"]

LIBRARY: Mapping[str, Kernel] = MappingProxyType(
    {kernel.key: kernel for kernel in (*DESIGNED, *PATTERNS, *LEARNED)}
)
"""The kernels by key, in the order in which they are shown within their families."""


def stack(kernels: Iterable[Kernel], channels: int) -> Doubles:
    """Put kernels on top of each other as the bank of one layer.

    A layer has one kernel size, so smaller kernels are framed with zeros up to the largest height and the
    largest width. They sit so that the tap which ``"same"`` padding lays on the pixel, (k − 1) // 2, is that
    of the frame: the map of a kernel under it does not depend on its neighbours in the bank. Kernels of two
    axes get the same slice for each channel, repeated and not divided, as `broadcast_kernel` does.

    Parameters
    ----------
    kernels : iterable of Kernel
        At least one; for example from `LIBRARY`.
    channels : int
        C, the channels of the image, at least 1.

    Returns
    -------
    ndarray of float64, shape (K, kh, kw, C)
        A bank for `conv2d`.

    Raises
    ------
    ConvError
        If there is no kernel, or a kernel with a slice for each of three colours meets another number of
        channels.

    Examples
    --------
    >>> stack([LIBRARY["sobel_x"], LIBRARY["luma"]], channels=3)[1, :, :, 0]
    array([[0.   , 0.   , 0.   ],
           [0.   , 0.299, 0.   ],
           [0.   , 0.   , 0.   ]])
    """
    chosen = tuple(kernels)
    if not chosen or not all(isinstance(kernel, Kernel) for kernel in chosen):
        raise ConvError(f"kernels must be one Kernel or more, got {shown(chosen)}")
    channels = integer("channels", channels, least=1)
    for kernel in chosen:
        if kernel.weights.ndim == 3 and kernel.weights.shape[2] != channels:
            raise ConvError(
                f"channels must be {kernel.weights.shape[2]} for the kernel {kernel.key!r}, which has a "
                f"slice for each of them, got {channels}"
            )
    height = max(kernel.weights.shape[0] for kernel in chosen)
    width = max(kernel.weights.shape[1] for kernel in chosen)
    bank = np.zeros((len(chosen), height, width, channels))
    for frame, kernel in zip(bank, chosen, strict=True):
        kernel_h, kernel_w = kernel.weights.shape[:2]
        # The tap that "same" padding lays on the pixel stays there: (k − 1) // 2, in the kernel and in the frame.
        top = (height - 1) // 2 - (kernel_h - 1) // 2
        left = (width - 1) // 2 - (kernel_w - 1) // 2
        slices = kernel.weights.reshape(kernel_h, kernel_w, -1)
        frame[top : top + kernel_h, left : left + kernel_w] = slices
    return bank
