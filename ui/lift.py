"""Lift a patch of the picture as a kernel: the oldest detector there is, template matching."""

from math import gcd

import numpy as np

from ui.experiment import LARGEST_KERNEL, ExperimentError, Weights
from ui.images import Pixels
from ui.layer import Layer, Map
from ui.paint import Patch
from ui.presets import weights_of_array

__all__ = ["lift", "match_windows"]


def lift(pixels: Pixels, patch: Patch) -> Weights:
    """Make a kernel that answers most to what looks like a patch of the picture.

    Each channel has its mean taken away, so that flat areas give 0 however bright they are. To keep that exact,
    the
    weights are whole numbers: n · pixel − the sum of the patch's n pixels, over the greatest divisor of them all.

    Parameters
    ----------
    pixels : ndarray of shape (H, W, C), uint8
        The picture at its working size.
    patch : Patch
        Inside the picture, of 1 × 1 to 15 × 15 pixels.

    Returns
    -------
    Weights
        (rows, cols, C). All zero if the patch is flat.

    Raises
    ------
    ExperimentError
        If the patch is larger than a kernel can be, or not inside the picture.

    References
    ----------
    R. Brunelli, "Template Matching Techniques in Computer Vision", Wiley 2009, chapter 1.
    """
    height, width, _ = pixels.shape
    row, col, rows, cols = patch
    if not (1 <= rows <= LARGEST_KERNEL and 1 <= cols <= LARGEST_KERNEL):
        raise ExperimentError(f"A patch has 1 to {LARGEST_KERNEL} rows and columns, got {rows} × {cols}.")
    if not (0 <= row <= height - rows and 0 <= col <= width - cols):
        raise ExperimentError(
            f"The patch of {rows} × {cols} pixels at row {row}, column {col} is not inside the picture of "
            f"{height} × {width}."
        )
    part = pixels[row : row + rows, col : col + cols].astype(np.int64)
    whole = rows * cols * part - part.sum(axis=(0, 1))
    divisor = gcd(*map(int, whole.ravel())) or 1
    return weights_of_array((whole // divisor).astype(np.float64))


def match_windows(layer: Layer, picture: Map) -> list[tuple[int, int]]:
    """Return where in the picture the windows stand that a map answers most to, the strongest first.

    Returns
    -------
    list of (row, col)
        The upper left pixel of each; negative over the padding.
    """
    (top, _), (left, _) = layer.plan.pads
    down, right = layer.plan.spec.stride
    return [(cell.row * down - top, cell.col * right - left) for cell in picture.strongest if cell.value > 0]
