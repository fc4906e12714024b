"""The convolution as it is written on the blackboard: four loops, slow and plain."""

import numpy as np

from conv_engine.arrays import Doubles, FeatureMaps, Numbers
from conv_engine.plan import Plan2D

__all__ = ["four_loops"]


def four_loops(image: Numbers, weights: Doubles, bias: Doubles, plan: Plan2D, out: FeatureMaps) -> None:
    """Slide every kernel over the image, one tap at a time.

    For each output cell, each tap multiplies the pixel under it by its weights: all channels of the pixel,
    for all features at once. Sums are kept in float64 and rounded once, when the cell is written.

    Parameters
    ----------
    image : ndarray of shape (H, W, C)
        Checked pixels.
    weights : ndarray of float64, shape (K, kh, kw, C / groups)
        The bank as it is laid on the image.
    bias : ndarray of float64, shape (K,)
        What each feature adds at the end.
    plan : Plan2D
        The plan for these shapes.
    out : ndarray of float32, shape (oh, ow, K)
        Where the result is written.
    """
    out_rows, out_cols, features = plan.output_shape
    _, kernel_rows, kernel_cols, group_channels = plan.bank_shape
    groups = plan.spec.groups
    for row in range(out_rows):
        for col in range(out_cols):
            total = np.zeros(features)
            for tap_row in range(kernel_rows):
                for tap_col in range(kernel_cols):
                    pixel_row = plan.row_sources[row, tap_row]
                    pixel_col = plan.col_sources[col, tap_col]
                    if pixel_row < 0 or pixel_col < 0:
                        continue  # zero padding adds nothing
                    pixel = image[pixel_row, pixel_col].astype(np.float64)
                    taps = weights[:, tap_row, tap_col]
                    # Each group of features meets its own group of channels.
                    products = taps.reshape(groups, -1, group_channels) * pixel.reshape(groups, 1, -1)
                    total += products.sum(axis=2).reshape(features)
            out[row, col] = total + bias
