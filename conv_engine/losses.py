"""How wrong a result is, as one number, and how that number changes with the result.

Each loss comes with its gradient, with which the way back through the layers begins.

Source: I. Goodfellow, Y. Bengio and A. Courville, "Deep Learning", MIT Press 2016, section 5.1.4 (the mean squared
error), section 6.2.2.3 (softmax and cross-entropy) and section 4.1 (why the largest score is taken away first).
"""

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from conv_engine.arrays import Doubles, as_doubles, check_array
from conv_engine.errors import ConvError, shown
from conv_engine.spec import integer

__all__ = ["Loss", "accuracy", "cross_entropy", "mean_squared_error", "softmax"]


class Loss(NamedTuple):
    """How wrong a result is.

    Attributes
    ----------
    value : float
        At least 0; 0 is perfect.
    gradient : ndarray of float64
        The derivative of `value` with respect to each number of the result, of its shape.
    """

    value: float
    gradient: Doubles


def mean_squared_error(predicted: npt.ArrayLike, wanted: npt.ArrayLike) -> Loss:
    """Take the mean of the squared differences over all numbers: Σ (predicted − wanted)² / n.

    Parameters
    ----------
    predicted, wanted : array_like of one shape
        What came out and what should have come out, for example maps (oh, ow, K) or (N, oh, ow, K).

    Returns
    -------
    Loss
        Its gradient is 2 · (predicted − wanted) / n.

    Raises
    ------
    ConvError
        If the arrays are not real, finite, not empty and of one shape, or a square does not fit float64.

    Examples
    --------
    >>> mean_squared_error([1.0, 5.0], [1.0, 2.0])
    Loss(value=4.5, gradient=array([0., 3.]))
    """
    result, target = _any_array("predicted", predicted), _any_array("wanted", wanted)
    if result.shape != target.shape:
        raise ConvError(f"wanted must have the shape of predicted, {result.shape}, got {target.shape}")
    with np.errstate(over="ignore"):
        difference = result - target
        value = float(np.square(difference).mean())
    if not np.isfinite(value):
        largest = float(np.abs(difference).max())
        raise ConvError(f"predicted must differ from wanted by less than about 1e150, got {largest:.3g}")
    return Loss(value, difference * (2 / difference.size))


def softmax(scores: npt.ArrayLike) -> Doubles:
    """Turn the scores of classes into shares that are positive and sum to 1: exp(score) / Σ exp(scores).

    The largest score is taken away from all first, which changes nothing but that no power overflows.

    Parameters
    ----------
    scores : array_like of shape (N, classes)
        A row for each picture.

    Returns
    -------
    ndarray of float64, shape (N, classes)

    Raises
    ------
    ConvError
        If the scores are not such an array, or not finite.

    Examples
    --------
    >>> softmax([[1000.0, 1000.0, -1000.0]])
    array([[0.5, 0.5, 0. ]])
    """
    rows = as_doubles(check_array("scores", scores, ("N", "classes")))
    powers = np.exp(_below_largest(rows))
    shares: Doubles = powers / powers.sum(axis=1, keepdims=True)
    return shares


def cross_entropy(scores: npt.ArrayLike, labels: npt.ArrayLike) -> Loss:
    """Take the mean, over the pictures, of − log of the share that `softmax` gives the right class.

    It is 0 where all is certain and right, and log(classes) where all classes get the same share.

    Parameters
    ----------
    scores : array_like of shape (N, classes)
        A row for each picture.
    labels : array_like of shape (N,)
        The right class of each, an integer 0 ≤ label < classes.

    Returns
    -------
    Loss
        Its gradient is (softmax(scores) − 1 at the right class) / N.

    Raises
    ------
    ConvError
        If the arrays are not of such shapes, a label is not one of the classes, or the loss does not fit float64.

    Examples
    --------
    >>> loss = cross_entropy([[0.0, 0.0]], [1])
    >>> round(loss.value, 6), loss.gradient
    (0.693147, array([[ 0.5, -0.5]]))
    """
    rows = as_doubles(check_array("scores", scores, ("N", "classes")))
    right = _check_labels(labels, rows.shape)
    below, pictures = _below_largest(rows), np.arange(len(rows))
    # log Σ exp, of numbers of which the largest is 0: neither overflows nor is the log of 0.
    logarithms = np.log(np.exp(below).sum(axis=1))
    with np.errstate(over="ignore"):
        value = float((logarithms - below[pictures, right]).mean())
    if not np.isfinite(value):
        raise ConvError(
            f"scores must differ by so little that their loss fits float64, "
            f"got {rows.min():.3g} to {rows.max():.3g}"
        )
    gradient = softmax(rows)
    gradient[pictures, right] -= 1
    return Loss(value, gradient / len(rows))


def accuracy(scores: npt.ArrayLike, labels: npt.ArrayLike) -> float:
    """Return the share of pictures whose right class has the largest score; of equal scores the first counts.

    Parameters
    ----------
    scores : array_like of shape (N, classes)
        A row for each picture.
    labels : array_like of shape (N,)
        The right class of each, an integer 0 ≤ label < classes.

    Returns
    -------
    float
        From 0 to 1.

    Raises
    ------
    ConvError
        If the arrays are not of such shapes, or a label is not one of the classes.

    Examples
    --------
    >>> accuracy([[3.0, 1.0], [0.0, 2.0], [5.0, 4.0]], [0, 1, 1]) == 2 / 3
    True
    """
    rows = check_array("scores", scores, ("N", "classes"))
    return float((rows.argmax(axis=1) == _check_labels(labels, rows.shape)).mean())


def _below_largest(rows: Doubles) -> Doubles:
    # Two finite scores may be further apart than float64 reaches; −inf then stands for a share of 0.
    with np.errstate(over="ignore"):
        below: Doubles = rows - rows.max(axis=1, keepdims=True)
    return below


def _check_labels(labels: npt.ArrayLike, shape: tuple[int, ...]) -> npt.NDArray[np.intp]:
    array = check_array("labels", labels, ("N",))
    if array.shape != shape[:1]:
        raise ConvError(
            f"labels must have shape (N,) = ({shape[0]},), one for each row of scores, got {array.shape}"
        )
    if array.dtype.kind not in "iu":
        raise ConvError(f"labels must be integers, got {array.dtype}, {shown(array.tolist())}")
    for extreme in (array.min(), array.max()):
        integer("labels", extreme, least=0, most=shape[1] - 1)
    return array.astype(np.intp)


def _any_array(name: str, value: npt.ArrayLike) -> Doubles:
    """Return an array of any number of axes, checked."""
    try:
        axes = np.ndim(value)
    except ValueError:  # rows of different lengths, which the check refuses with a sentence
        axes = 1
    return as_doubles(check_array(name, value, ("n",) * axes))
