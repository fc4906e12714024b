"""Convolution in one dimension, to show the idea before there are pictures.

One sum, four ways to it: as it is written (`_naive`), by the products of all taps (`_all_taps`), by those of the
taps that are not zero (`_some_taps`), and through the Fourier transform (`_fft`). `_auto` chooses.

Convolution commutes. So from the second on, `long` is the longer of signal and kernel, `short` is the other, and
`wanted` says which values of the full result are computed: only those that the mode asks for.
"""

import math
from collections.abc import Callable
from typing import Literal, NamedTuple, TypeAlias

import numpy as np
import numpy.typing as npt
from numpy.lib.stride_tricks import sliding_window_view

from conv_engine.arrays import Doubles, as_doubles, check_array, check_flip, check_result
from conv_engine.spec import choice

__all__ = ["METHODS", "conv1d"]

METHODS = ("auto", "naive", "direct", "fft")
"""What `conv1d` takes as `method`."""

_MODES = ("full", "same", "valid")

_Products: TypeAlias = Callable[[Doubles, Doubles, range], Doubles]

# What the ways take, in nanoseconds, measured: the crossovers rest on it.
_FEW_TAPS, _OF_FEW = 11, 0.18  # all taps, so few that NumPy has a loop of its own for them: a product
_VALUE, _OF_MANY = 7.5, 0.1  # all taps, more of them: a value, but at least its products
_COPY, _OF_SOME = 2000.0, 0.4  # some taps: a copy and its products
_CALL, _BUTTERFLY = 30_000.0, 0.45  # the transform: a call and its butterflies

# So many doubles stay in the processor's cache: of a result that copies are added to, and of a transform.
_STRETCH = 1 << 15
_BLOCK = 1 << 16

# BLAS sums so many products in one thread.
_PIECE = 1 << 13

# Shorter blocks take longer for all the calls, or for looking whether there are few taps, than they save.
_SHORTEST = 256
_WORTH_COUNTING = 20_000.0

# To look at every so many values says enough of most arrays; a prime, for beats are rarely multiples of it.
_SAMPLE = 61

# How much of the largest magnitude of a result the error of the transform may be, for "auto".
_TOLERANCE = 1e-6


def conv1d(
    signal: npt.ArrayLike, kernel: npt.ArrayLike, *, mode: str = "full", flip: bool = True, method: str = "auto"
) -> Doubles:
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
    method : str
        ``"naive"``: the sum as it is written above, in two loops; for reading and for tests. ``"direct"``: sums
        of products, where zeros abound only of the other numbers. ``"fft"``: through the Fourier transform.
        ``"auto"``: the fastest of the last two that keeps what the notes promise.

    Returns
    -------
    ndarray of float64
        As `scipy.signal.convolve` gives it, or for ``flip=False`` as `scipy.signal.correlate` does.

    Raises
    ------
    ConvError
        If an array is empty, not of one axis, or not real and finite, the mode or the method is unknown, or
        the result does not fit float64.

    Notes
    -----
    Whole numbers, be they stored as integers or as floats, give exact results as long as the magnitudes of the
    products in each sum add up to 2⁵³ at most: a 0 is a 0. By ``"fft"`` they do where the bound on its error is
    below ½, so that the nearest whole number is the sum; elsewhere ``"auto"`` turns to products.

    Of other numbers, ``"naive"`` and ``"direct"`` are off by at most ``min(N, M) · 2⁻⁵³`` of the sum of the
    magnitudes of the products. ``"fft"`` is off by at most ``40 · log₂(L) · 2⁻⁵³ · ‖signal‖ · ‖kernel‖``, where
    the norms are Euclidean and L < 2 · (N + M) + 16 is the length of its transforms; `_fft` derives it. For ten
    million samples that is 10⁻¹³ of the norms' product: more than what is left where nearly all cancels.
    ``"auto"`` takes the transform only if its error is at most 10⁻⁶ of the largest magnitude of the result.

    References
    ----------
    A. V. Oppenheim and R. W. Schafer, "Discrete-Time Signal Processing", chapter 2, section "Linear
    time-invariant systems" (the convolution sum).

    Examples
    --------
    >>> conv1d([1, 2, 3], [1, -1])
    array([ 1.,  1.,  1., -3.])
    >>> conv1d([1, 2, 3], [1, -1], mode="valid", flip=False)
    array([-1., -1.])
    """
    values = as_doubles(check_array("signal", signal, ("N",)))
    weights = as_doubles(check_array("kernel", kernel, ("M",)))
    mode = choice("mode", mode, _MODES)
    method = choice("method", method, METHODS)
    if not check_flip(flip):
        weights = weights[::-1]
    wanted = _wanted(mode, values.size, weights.size)
    short, long = (values, weights) if values.size < weights.size else (weights, values)
    with np.errstate(over="ignore", invalid="ignore", under="ignore"):
        if method == "naive":
            result = _naive(values, weights, wanted)
        elif method == "direct":
            way, _ = _products(long, short, wanted)
            result = way(long, short, wanted)
        elif method == "fft":
            result, _ = _fft(long, short, _tiling(long.size, short.size, wanted), wanted)
        else:
            result = _auto(long, short, wanted)
    check_result("signal and kernel", result)
    return result


def _wanted(mode: str, samples: int, taps: int) -> range:
    """Return which values of the full result a mode stands for."""
    if mode == "full":
        return range(samples + taps - 1)
    if mode == "same":
        first = (taps - 1) // 2
        return range(first, first + samples)
    return range(min(samples, taps) - 1, max(samples, taps))


def _auto(long: Doubles, short: Doubles, wanted: range) -> Doubles:
    """Convolve in the fastest way that is exact for whole numbers and accurate for others."""
    products, cost = _products(long, short, wanted)
    # No tiling takes less than this. Where products do, SciPy need not even be loaded.
    if cost > _CALL + len(wanted) * (math.log2(short.size) + 2) * _BUTTERFLY:
        tiling = _tiling(long.size, short.size, wanted)
        if tiling.cost < cost:
            result, error = _fft(long, short, tiling, wanted)
            # Mostly a sample of the result is large enough already.
            accurate = any(error <= _TOLERANCE * _largest(part) for part in (result[::_SAMPLE], result))
            if accurate and (error == 0 or not (_is_whole(short) and _is_whole(long))):
                return result
    return products(long, short, wanted)


def _products(long: Doubles, short: Doubles, wanted: range) -> tuple[_Products, float]:
    """Choose between all taps and some, and return the choice with the nanoseconds that it takes."""
    values, taps = len(wanted), short.size
    if taps <= _FEW_TAPS:
        return _all_taps, values * taps * _OF_FEW
    all_taps = values * max(_VALUE, taps * _OF_MANY)
    if all_taps < _WORTH_COUNTING:
        return _all_taps, all_taps
    few, other = _fewer_taps(long, short)
    copied = min(values, other.size)
    some_taps = np.count_nonzero(few) * (_COPY * (1 + copied // _STRETCH) + copied * _OF_SOME)
    return (_some_taps, some_taps) if some_taps < all_taps else (_all_taps, all_taps)


def _naive(signal: Doubles, kernel: Doubles, wanted: range) -> Doubles:
    """Convolve as the definition says it.

    Each value of the result is a sum: the kernel is laid on the signal backwards, what lies on top of each other
    is multiplied, and the products are added. Off its ends the signal is zero, so nothing is to be added there.

    Source: A. V. Oppenheim and R. W. Schafer, "Discrete-Time Signal Processing", chapter 2.
    """
    result = np.zeros(len(wanted))
    for place, i in enumerate(wanted):
        for j in range(kernel.size):
            if 0 <= i - j < signal.size:
                result[place] += signal[i - j] * kernel[j]
    return result


def _all_taps(long: Doubles, short: Doubles, wanted: range) -> Doubles:
    """Convolve by the products of all taps.

    Each value of the result is the inner product of the reversed short array with a stretch of the long one,
    which processors are built for. NumPy does it; it knows three ranges of the result by a name, and for another
    one the long array is cut to what the range sees. A very long kernel is the sum of its pieces, each shorter
    than what BLAS shares between threads: so the result does not depend on their number.

    Source: C. R. Harris et al., "Array programming with NumPy", Nature 585, 2020 (`numpy.convolve`).
    """
    taps = short.size
    names: dict[range, Literal["full", "same", "valid"]] = {
        range(long.size + taps - 1): "full",
        range((taps - 1) // 2, (taps - 1) // 2 + long.size): "same",
        range(taps - 1, long.size): "valid",
    }
    result: Doubles
    if wanted in names and taps <= _PIECE:
        result = np.convolve(long, short, names[wanted])
        return result
    result = np.zeros(len(wanted))
    for first in range(0, taps, _PIECE):
        piece = short[first : first + _PIECE]
        seen = _stretch(long, wanted.start - first - piece.size + 1, wanted.stop - first)
        result += np.convolve(seen, piece, "valid")
    return result


def _some_taps(long: Doubles, short: Doubles, wanted: range) -> Doubles:
    """Convolve by the products of the taps that are not zero.

    An array is a sum of single taps, and to convolve with a single tap is to shift and to scale; so the result is
    a sum of shifted and scaled copies of the other array. An echo or a train of spikes needs few of them. They
    are added stretch by stretch, so that the sums stay in the processor's cache meanwhile.

    Source: J. G. Proakis and D. G. Manolakis, "Digital Signal Processing", chapter 2, section "Resolution of a
    discrete-time signal into impulses".
    """
    few, other = _fewer_taps(long, short)
    taps = np.flatnonzero(few).tolist()
    result = np.zeros(len(wanted))
    product = np.empty(min(_STRETCH, len(wanted)))
    for start in range(wanted.start, wanted.stop, _STRETCH):
        stop = min(start + _STRETCH, wanted.stop)
        for tap in taps:
            first, last = max(start, tap), min(stop, tap + other.size)
            if first < last:
                copy = np.multiply(other[first - tap : last - tap], few[tap], out=product[: last - first])
                result[first - wanted.start : last - wanted.start] += copy
    return result


def _fewer_taps(long: Doubles, short: Doubles) -> tuple[Doubles, Doubles]:
    """Return first the array whose copies of the other are less to add."""
    adds_short = np.count_nonzero(short) * long.size
    sample = long[::_SAMPLE]
    if 2 * np.count_nonzero(sample) > sample.size:
        return short, long  # which is not worth counting to its end
    return (short, long) if adds_short <= np.count_nonzero(long) * short.size else (long, short)


class _Tiling(NamedTuple):
    """How transforms cover the long array: `blocks` of them, each of `length` samples, `step` samples apart.

    The first begins at sample `start`. Of each, `step` values are kept, the first `skip` of them left out.
    """

    length: int
    step: int
    blocks: int
    start: int
    skip: int

    @property
    def cost(self) -> float:
        """The nanoseconds that it takes; more for each sample if a transform does not stay in the cache."""
        butterflies = (self.blocks + 0.5) * self.length * (math.log2(self.length) + 1)
        return _CALL + butterflies * _BUTTERFLY * min(1 + self.length / _BLOCK, 3)


def _tiling(long: int, short: int, wanted: range) -> _Tiling:
    """Choose between one transform for all of the long array and shorter ones that overlap."""
    from scipy import fft  # here, so that who never needs it does not wait for it

    # One transform may be shorter than the full result, as long as it wraps around onto values that nobody wants.
    length = max(wanted.stop, long + short - 1 - wanted.start, 16)
    tilings = [_Tiling(fft.next_fast_len(length, real=True), len(wanted), 1, 0, wanted.start)]
    block = max(1 << short.bit_length(), _SHORTEST)
    while block < length and block <= _BLOCK:
        step = block - short + 1
        tilings.append(_Tiling(block, step, -(-len(wanted) // step), wanted.start - short + 1, short - 1))
        block *= 2
    return min(tilings, key=lambda tiling: tiling.cost)


def _fft(long: Doubles, short: Doubles, tiling: _Tiling, wanted: range) -> tuple[Doubles, float]:
    """Convolve through the Fourier transform; return the result and a bound on its error.

    The transform of a convolution is the product of the transforms, one product for each frequency, however long
    the arrays are. But what transforms convolve goes round in a circle: the end wraps around onto the beginning.
    So the long array is cut into blocks that overlap by the short one, and of each block's values those that the
    wrapping spoils are left out ("overlap-save").

    The bound. Each doubling of its length costs a transform a relative error, in the Euclidean norm, of u = 2⁻⁵³
    for a sum, √5 · u for the product with a root of unity and β for that root. Three transforms of length 2ⁿ with
    the products between them are off by at most (3n · (u + √5 · u + β) + √5 · u) · ‖block‖ · ‖short‖ in each
    value, but for higher powers of u. SciPy's roots have β < 3 · u, which makes less than 20 · n · u for n > 3,
    with the division by the length. A factor of 3 or 5 in the length costs less than 3 or 4 doublings (count the
    roundings of its sums), and so less than log₂(3²) or log₂(5²). Where the bound is below ½ and the numbers are
    whole, the nearest whole numbers are the sums.

    Sources: T. G. Stockham, "High-Speed Convolution and Correlation", AFIPS Spring Joint Computer Conference 1966
    (the blocks); C. Percival, "Rapid multiplication modulo the sum and difference of highly composite numbers",
    Mathematics of Computation 72, 2003 (the bound); R. Brent, C. Percival and P. Zimmermann, "Error bounds on
    complex floating-point multiplication", Mathematics of Computation 76, 2007 (its √5).
    """
    from scipy import fft

    length, step, blocks, start, skip = tiling
    long, long_exponent = _near_one(long)
    short, short_exponent = _near_one(short)
    spectrum = fft.rfft(short, length)
    result = np.empty((blocks, step))
    energy = 0.0
    at_once = max(_BLOCK // length, 1)
    for block in range(0, blocks, at_once):
        kept = result[block : block + at_once]
        first = start + block * step
        stretch = _stretch(long, first, first + (len(kept) - 1) * step + length)
        seen = sliding_window_view(stretch, length)[::step]
        energy = max(energy, np.einsum("ij,ij->i", seen, seen).max())
        products = fft.rfft(seen)
        products *= spectrum
        kept[:] = fft.irfft(products, length)[:, skip : skip + step]
    values = result.ravel()[: len(wanted)]
    odd = length // (length & -length)
    error = 20 * math.log2(length * odd) * 2.0**-53 * math.sqrt(energy * np.square(short).sum())
    if long_exponent or short_exponent:
        values = np.ldexp(values, long_exponent + short_exponent)
        error = float(np.ldexp(error, long_exponent + short_exponent))
    if error < 0.5 and _is_whole(short) and _is_whole(long):
        values = np.rint(values, out=values) + 0.0
        error = 0.0
    return values, error


def _near_one(array: Doubles) -> tuple[Doubles, int]:
    """Return array / 2ⁿ and n, which is 0 unless the squares or sums of the array might leave the range."""
    largest = _largest(array)
    if largest == 0 or 2.0**-400 < largest < 2.0**400:
        return array, 0
    exponent = math.frexp(largest)[1]
    return np.ldexp(array, -exponent), exponent


def _largest(array: Doubles) -> float:
    return float(max(array.max(), -array.min()))


def _is_whole(array: Doubles) -> bool:
    return bool((np.rint(array) == array).all())


def _stretch(array: Doubles, first: int, last: int) -> Doubles:
    """Return the samples from `first` up to, not with, `last` of an array that is zero off its ends."""
    if first >= 0 and last <= array.size:
        return array[first:last]
    stretch = np.zeros(last - first)
    inside = array[max(first, 0) : max(last, 0)]
    start = max(-first, 0)
    stretch[start : start + inside.size] = inside
    return stretch
