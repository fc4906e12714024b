"""The convolution again, from its definition and without the engine: to compare with, not to use.

Padding is made by `numpy.pad`, sizes by counting windows one after the other.
"""

import numpy as np

PAD_MODES = {"zeros": "constant", "reflect": "reflect", "replicate": "edge", "circular": "wrap"}


def count_windows(padded, kernel, stride, dilation):
    """Lay the kernel down again and again until it sticks out at the end."""
    count = 0
    while count * stride + (kernel - 1) * dilation <= padded - 1:
        count += 1
    return count


def pads_of_axis(padding, size, kernel, stride, dilation):
    """Find the padding of one axis by trying."""
    if padding == "valid":
        return 0, 0
    if padding == "full":  # as much as possible while every window still touches a real pixel
        last_tap = (kernel - 1) * dilation
        return last_tap, last_tap
    if padding == "same":  # as little as possible for one window every `stride` pixels
        wanted = len(range(0, size, stride))
        total = 0
        while count_windows(size + total, kernel, stride, dilation) < wanted:
            total += 1
        return total // 2, total - total // 2
    return padding


def explicit(padding, axis):
    if isinstance(padding, str):
        return padding
    if isinstance(padding, int):
        return padding, padding
    return padding[axis] if isinstance(padding[axis], tuple) else (padding[axis], padding[axis])


def pair(value):
    return value if isinstance(value, tuple) else (value, value)


def convolve(
    image, bank, bias=None, *, stride=1, padding="valid", dilation=1, groups=1, boundary="zeros", flip=False
):
    """Return the feature maps in float64."""
    features, kernel_h, kernel_w, per_group = bank.shape
    (stride_r, stride_c), (dilation_r, dilation_c) = pair(stride), pair(dilation)
    pads = (
        pads_of_axis(explicit(padding, 0), image.shape[0], kernel_h, stride_r, dilation_r),
        pads_of_axis(explicit(padding, 1), image.shape[1], kernel_w, stride_c, dilation_c),
    )
    padded = np.pad(image.astype(np.float64), (*pads, (0, 0)), mode=PAD_MODES[boundary])
    rows = count_windows(padded.shape[0], kernel_h, stride_r, dilation_r)
    cols = count_windows(padded.shape[1], kernel_w, stride_c, dilation_c)
    result = np.zeros((rows, cols, features))
    for row in range(rows):
        for col in range(cols):
            for feature in range(features):
                first = feature // (features // groups) * per_group
                total = 0.0 if bias is None else float(bias[feature])
                for tap_row in range(kernel_h):
                    for tap_col in range(kernel_w):
                        at = (kernel_h - 1 - tap_row, kernel_w - 1 - tap_col) if flip else (tap_row, tap_col)
                        pixel = padded[
                            row * stride_r + tap_row * dilation_r, col * stride_c + tap_col * dilation_c
                        ]
                        total += float(pixel[first : first + per_group] @ bank[feature, *at].astype(np.float64))
                result[row, col, feature] = total
    return result
