"""`conv2d`, the front door: check, plan, then apply."""

import math
from collections.abc import Callable, Mapping
from functools import partial
from threading import Lock
from types import MappingProxyType
from typing import Any

import numpy as np
import numpy.typing as npt

from conv_engine.arrays import (
    Doubles,
    FeatureMaps,
    Numbers,
    as_doubles,
    check_bank,
    check_bias,
    check_finite,
    check_flip,
    check_image,
    check_result,
    magnitude,
    turned,
)
from conv_engine.banded import banded
from conv_engine.choose import choose
from conv_engine.compiled import is_ready
from conv_engine.compiled_bytes import compiled_bytes, rounding_of_digits
from conv_engine.compiled_planes import compiled_direct, compiled_separable
from conv_engine.errors import ConvError, shown
from conv_engine.fourier import fourier
from conv_engine.layer import Apply, Course, Layer
from conv_engine.naive import four_loops
from conv_engine.patches import patches_times_matrix
from conv_engine.plan import Plan2D, plan2d
from conv_engine.repeat import DONE, UNSURE, Repeat, is_repeatable
from conv_engine.separable import separable
from conv_engine.shifts import shifts
from conv_engine.spec import PaddingLike, PairLike, choice

__all__ = ["METHODS", "conv2d"]

METHODS = (
    *("auto", "direct", "numpy"),
    *("naive", "patches", "shifts", "banded", "separable", "fft"),
    *("compiled", "compiled_separable", "compiled_bytes"),
)
"""Three ways to choose, then the algorithms themselves."""

_ALGORITHMS: Mapping[str, Callable[[Layer], Apply | None]] = MappingProxyType(
    {
        "naive": lambda layer: partial(_in_double, four_loops, layer),
        "patches": lambda layer: partial(_in_double, patches_times_matrix, layer),
        "shifts": shifts,
        "banded": banded,
        "separable": separable,
        "fft": fourier,
        "compiled": compiled_direct,
        "compiled_separable": compiled_separable,
        "compiled_bytes": compiled_bytes,
    }
)
_IN_DOUBLE = ("naive", "patches")
_BY_FACTORS = ("separable", "compiled_separable")

# The largest error that a value may have, relative to the largest magnitude of the maps.
_TOLERANCE = 1e-5
# Layers with so few bytes of weights are kept for the next image: for a small one, the plan is most of the work.
_REMEMBERED_BYTES = 1 << 18
_MOST_REMEMBERED, _MOST_REPEATS = 16, 32
_SIMPLE = frozenset((int, str, bool))
_recent: dict[tuple[object, ...], tuple[tuple[bytes, bytes | None], Layer, Course | None]] = {}
_repeats: dict[tuple[object, ...], Repeat | None] = {}
_recent_lock = Lock()


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
        ``"auto"``, the fastest for the shape; ``"direct"``, the fastest that adds up the products as they are,
        so that what cancels gives 0; ``"numpy"``, the fastest without compiled code. Or one algorithm, for tests
        and benchmarks: ``"naive"`` (four loops, to read and to compare with), ``"patches"`` (tiles of patches
        times a matrix), ``"shifts"`` (shifted images, added up), ``"banded"`` (banded matrices), ``"separable"``
        (rows, then columns), ``"fft"`` (tiles of Fourier transforms), ``"compiled"`` and
        ``"compiled_separable"`` (direct, and rows and columns, by the compiled kernel), ``"compiled_bytes"``
        (direct, for a uint8 image, in whole numbers). What one of them cannot do is left to ``"patches"``.
    out : ndarray of float32, shape (oh, ow, K), optional
        Where to write the result; it must not overlap the image in memory. It is written even where a
        value then turns out not to fit float32.

    Returns
    -------
    ndarray of float32, shape (oh, ow, K)
        The feature maps; `out` itself if it was given. Their errors are below 1e-5 of their largest magnitude:
        float32 is used where its rounding errors are small enough against what comes out, float64 elsewhere.
        Integer pixels with integer weights, or float64 multiples of a fraction such as 1/9, give exact sums
        by every algorithm that is direct: ``"auto"`` leaves those for ``"fft"`` and, where factors are not
        whole, for ``"separable"``, and then a 0 may come out as a tiny number.

    Notes
    -----
    Results do not depend on the number of threads, and any number of threads may call at once.

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
    options = (stride, padding, dilation, groups, boundary, flip, method)
    asked = None
    # A call that was made before need not be checked again: for a small picture, that is most of the work.
    if type(image) is np.ndarray and type(bank) is np.ndarray:
        # True is no stride although it equals 1.
        types = type(stride), type(padding), type(dilation), type(groups), type(flip)
        asked = id(bank), image.shape, options, types
        try:
            repeat = _repeats.get(asked)
        except TypeError:  # lists are no keys
            repeat = None
        if repeat is not None:
            maps = np.empty(repeat.shape, dtype=np.float32) if out is None else out
            ended = repeat.run(image, bank, bias, maps)
            if ended == DONE or (ended == UNSURE and _is_accurate(maps, image, repeat.course)):
                return maps
    pixels = check_image(image, finite=False)
    kernels = check_bank(bank, finite=False)
    layer, course = _looked_up(pixels, kernels, bias, options)
    is_known = course is not None
    if course is None:
        course = _course(layer, pixels, method)
    shape = layer.plan.output_shape
    result = np.empty(shape, dtype=np.float32) if out is None else _check_out(out, layer.plan, pixels)
    target = result if result.flags.c_contiguous else np.empty(shape, dtype=np.float32)
    course.apply(pixels, target)
    if course.error and not _is_accurate(target, pixels, course):
        # What is left of large numbers that cancel each other needs more digits than float32 has.
        _prepared(layer, "patches")(pixels, target)
    if not course.fits:
        check_result("image and bank", target)
    if target is not result:
        result[...] = target
    elif is_known and asked is not None and is_repeatable(course):
        _note_repeat(asked, pixels, kernels, bias, result, course)
    return result


def _note_repeat(
    asked: tuple[object, ...], image: Numbers, bank: Numbers, bias: object, maps: FeatureMaps, course: Course
) -> None:
    """Take note of a call; what has to be kept to make it again is made when it has come twice."""
    with _recent_lock:
        has_come = asked in _repeats and _repeats.pop(asked) is None
        while len(_repeats) >= _MOST_REPEATS:
            del _repeats[next(iter(_repeats))]
        _repeats[asked] = None
    if has_come:
        repeat = Repeat.of(image, bank, bias, maps, course, course.error / _TOLERANCE)
        with _recent_lock:
            _repeats[asked] = repeat


def _looked_up(
    pixels: Numbers, kernels: Numbers, bias: npt.ArrayLike | None, options: tuple[Any, ...]
) -> tuple[Layer, Course | None]:
    """Make the layer, or take the one that was last made for such shapes if its numbers are the same.

    With its course, if that does not depend on the pixels' values.
    """
    offsets = None if bias is None else check_bias(bias, kernels.shape[0])
    types = tuple(map(type, options))  # True is no stride although it equals 1
    if kernels.nbytes > _REMEMBERED_BYTES or not _SIMPLE.issuperset(types):
        return _make(pixels.shape, kernels, offsets, *options[:-1]), None
    key = (pixels.shape, pixels.dtype, kernels.shape, kernels.dtype, is_ready(), options, types)
    numbers = kernels.tobytes(), None if offsets is None else offsets.tobytes()
    last = _recent.get(key)
    if last is not None and last[0] == numbers:
        return last[1], last[2]
    # What another thread may change must not be kept.
    kernels = np.frombuffer(numbers[0], dtype=kernels.dtype).reshape(kernels.shape)
    offsets = None if numbers[1] is None else np.frombuffer(numbers[1])
    layer = _make(pixels.shape, kernels, offsets, *options[:-1])
    # The magnitude of small integers is known from their type, and so is all that follows from it.
    is_known = pixels.itemsize <= 2 and pixels.dtype.kind in "iu"
    course = _course(layer, pixels, options[-1]) if is_known else None
    with _recent_lock:
        while len(_recent) >= _MOST_REMEMBERED:
            del _recent[next(iter(_recent))]
        _recent[key] = numbers, layer, course
    return layer, course


def _course(layer: Layer, pixels: Numbers, method: str) -> Course:
    wish = choice("method", method, METHODS)
    largest = magnitude("image", pixels)
    name = choose(layer, pixels.dtype, largest, wish)
    if name in _IN_DOUBLE:
        error = 0.0
    elif name == "fft":
        error = layer.rounding_of_transforms(largest)
    elif layer.is_exact_in_single(pixels.dtype, largest) and (
        name not in _BY_FACTORS or layer.factors is None or layer.factors.are_whole
    ):
        error = 0.0
    elif name == "compiled_bytes":
        error = rounding_of_digits(layer, largest)
    else:
        error = layer.rounding_of_sums(largest)
    return Course(_prepared(layer, name), largest, layer.fits_single(largest), error)


def _prepared(layer: Layer, name: str) -> Apply:
    apply = layer.prepared.get(name)
    if apply is None:  # two threads may both make it, and either will do
        # Where strips or matrices would be too large, patches are not: they are cut as small as need be.
        apply = _ALGORITHMS[name](layer) or partial(_in_double, patches_times_matrix, layer)
        layer.prepared[name] = apply
    return apply


def _in_double(
    algorithm: Callable[[Numbers, Doubles, Doubles, Plan2D, FeatureMaps], None],
    layer: Layer,
    pixels: Numbers,
    out: FeatureMaps,
) -> None:
    """Run an algorithm that prepares nothing; what does not fit becomes infinite, for `check_result` to find."""
    with np.errstate(over="ignore", invalid="ignore"):
        algorithm(pixels, layer.weights, layer.bias, layer.plan, out)


def _is_accurate(maps: FeatureMaps, pixels: Numbers, course: Course) -> bool:
    """Tell whether rounding errors are small against the largest value."""
    if _reaches(maps, course.error / _TOLERANCE):
        return True
    # A dark picture has smaller errors than its type of number allows for.
    darker = max(float(pixels.max()), -float(pixels.min())) / course.largest if course.largest else 0.0
    return _reaches(maps, darker * course.error / _TOLERANCE)


def _reaches(maps: FeatureMaps, magnitude: float) -> bool:
    """Tell whether any value is as large as `magnitude`; a look at one or some is mostly enough."""
    if abs(maps.item(maps.size // 2)) >= magnitude:
        return True
    row = maps[len(maps) // 2].ravel()
    squares = float(row @ row)
    if math.isfinite(squares) and squares >= row.size * magnitude**2:  # then some value is as large, too
        return True
    parts = maps[:: max(len(maps) // 16, 1)], maps
    return any(part.max() >= magnitude or part.min() <= -magnitude for part in parts)


def _make(
    shape: tuple[int, ...],
    kernels: Numbers,
    offsets: Doubles | None,
    stride: PairLike,
    padding: PaddingLike,
    dilation: PairLike,
    groups: int,
    boundary: str,
    flip: bool,
) -> Layer:
    check_finite("bank", kernels)
    weights = as_doubles(turned(kernels, check_flip(flip)))
    plan = plan2d(
        shape, kernels.shape, stride=stride, padding=padding, dilation=dilation, groups=groups, boundary=boundary
    )
    return Layer(plan, weights, np.zeros(len(weights)) if offsets is None else offsets)


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
