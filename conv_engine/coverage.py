"""How much is real: how many pixels feed a cell, and how many windows use a pixel.

A tap lies on the image exactly if its row and its column do, so both counts are products of a count along the rows
and a count along the columns.
"""

from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from conv_engine.axis import AxisPlan
from conv_engine.plan import Plan2D

__all__ = ["real_pixels", "uses"]

Counts: TypeAlias = npt.NDArray[np.int64]


def real_pixels(plan: Plan2D) -> Counts:
    """Count, for each output cell, the taps that lie on the image and not on the padding.

    Divided by the kh · kw taps of the kernel it is the share of the cell that is real. With zero padding a flat
    picture under a box kernel comes out darker by exactly this share; with another boundary the other taps see
    copies.

    Parameters
    ----------
    plan : Plan2D
        The plan of the convolution, made with `plan2d`.

    Returns
    -------
    ndarray of int64, shape (oh, ow)
        From 0 to kh · kw, in pixels; every channel of a pixel counts as one.

    Examples
    --------
    >>> from conv_engine.plan import plan2d
    >>> real_pixels(plan2d((4, 3, 1), (1, 3, 3, 1), padding="same")).tolist()
    [[4, 6, 4], [6, 9, 6], [6, 9, 6], [4, 6, 4]]
    """
    return np.outer(_inside(plan.row_axis), _inside(plan.col_axis))


def uses(plan: Plan2D) -> Counts:
    """Count, for each pixel of the image, how often the windows use it.

    Parameters
    ----------
    plan : Plan2D
        The plan of the convolution, made with `plan2d`.

    Returns
    -------
    ndarray of int64, shape (H, W)
        0 for a pixel that is never read. A copy in the padding is a use of the pixel that it is copied from, so
        a pixel may be used more often than the kernel has taps.

    Examples
    --------
    >>> from conv_engine.plan import plan2d
    >>> uses(plan2d((1, 6, 1), (1, 1, 3, 1), stride=2)).tolist()
    [[1, 1, 2, 1, 1, 0]]
    """
    return np.outer(_used(plan.row_axis), _used(plan.col_axis))


def _inside(axis: AxisPlan) -> Counts:
    """Count the taps of each window that lie on the image."""
    inside = np.zeros(axis.out, dtype=np.int64)
    for tap in range(axis.kernel):  # tap by tap: a table of all windows and taps may be larger than the image
        positions = axis.positions(0, axis.out, tap, tap + 1)[:, 0]
        inside += (positions >= 0) & (positions < axis.size)
    return inside


def _used(axis: AxisPlan) -> Counts:
    """Count the taps that read each pixel."""
    used = np.zeros(axis.size, dtype=np.int64)
    for tap in range(axis.kernel):
        sources = axis.sources(axis.positions(0, axis.out, tap, tap + 1)[:, 0])
        used += np.bincount(sources[sources >= 0], minlength=axis.size)
    return used
