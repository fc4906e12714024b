"""A kernel read: its sums, its symmetry, its rank, and what it makes of flat areas, edges and stripes.

Nothing here looks at a photo. A convolution is linear and the same everywhere, so a few numbers of the kernel say
what it does to every picture: its sum to flat areas, its spectrum to stripes, its rank to the work that it needs.

Two weights count as the same if they differ by less than `ROUNDING` of the largest weight: weights such as 1/9 or
those of a bell curve are rounded, and what cancels on paper leaves a trace of that.
"""

import math
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction

import numpy as np
import numpy.typing as npt

from conv_engine.arrays import Doubles, FeatureMaps, as_doubles, check_array, check_flip
from conv_engine.conv import conv2d
from conv_engine.errors import ConvError, shown
from conv_engine.factors import factors
from conv_engine.layer import Layer
from conv_engine.plan import plan2d
from conv_engine.spec import integer

__all__ = [
    "LARGEST_SPECTRUM",
    "ROUNDING",
    "Edge",
    "EdgeProfile",
    "KernelReading",
    "Pair",
    "Parity",
    "edge_profile",
    "frequency_response",
    "read_kernel",
]

ROUNDING = 1e-12
"""What is below this share of the largest weight is what rounding has left of a 0."""

# The same for sums, as a share of the sum of the magnitudes: some fifty roundings in the same direction.
_SUM_ROUNDING = 1e-14

LARGEST_SPECTRUM = 1024
"""The most frequencies along an axis of a frequency response: more than a screen shows."""

# Beyond it not every whole number is a double.
_EXACT = 2.0**53


class Parity(StrEnum):
    """What mirroring or turning makes of a kernel; a kernel of zeros is called even."""

    EVEN = "even"
    """The same kernel."""
    ODD = "odd"
    """The kernel with its signs turned."""
    NEITHER = "neither"
    """Another kernel, or one of another shape."""


class Edge(StrEnum):
    """The ideal edges, each named after the side that is bright."""

    RIGHT = "right"
    """Vertical: left is dark, right is bright."""
    BELOW = "below"
    """Horizontal: above is dark, below is bright."""
    LOWER_RIGHT = "lower right"
    """Diagonal: the upper left is dark, the lower right is bright."""
    UPPER_RIGHT = "upper right"
    """Diagonal: the lower left is dark, the upper right is bright."""


@dataclass(frozen=True, eq=False)
class Pair:
    """A kernel slice of rank 1 as a column times a row: slice = scale · column · rowᵀ.

    Of the two signs that give the same product, the one is taken that makes the sum of the column positive; where
    that is 0, the sum of the row; where both are 0, the first weight of the column that is not 0. So the Sobel
    kernels are (1, 2, 1)ᵀ · (−1, 0, 1) and (−1, 0, 1)ᵀ · (1, 2, 1), as in books.

    Attributes
    ----------
    column : ndarray of float64, shape (kh,)
        What the columns of the picture are convolved with.
    row : ndarray of float64, shape (kw,)
        What the rows of the picture are convolved with.
    scale : Fraction
        What the products are multiplied by.
    is_whole : bool
        Whether column and row are whole numbers without a common divisor: so it is wherever all weights are whole
        multiples of one fraction. Else both have the same Frobenius norm, and the scale is 1. For a slice of zeros
        both are zeros, and so is the scale.
    """

    column: Doubles
    row: Doubles
    scale: Fraction
    is_whole: bool


@dataclass(frozen=True, eq=False)
class KernelReading:
    """What the weights of one kernel say by themselves.

    Attributes
    ----------
    shape : (int, int, int)
        (kh, kw, C); C is 1 for weights of two axes.
    total : float
        The sum of all weights, rounded once: what a flat area of value 1 in all C channels becomes.
    channel_sums : tuple of float
        The sum of each slice: what a flat area of value 1 in that channel alone becomes.
    rounding : float
        Sums below this magnitude are 0 but for the rounding of the weights.
    mean : float
        The total over the number of weights.
    norm : float
        The root of the sum of the squared weights (Frobenius): by so much white noise is amplified.
    smallest, largest : float
        The least and the greatest weight.
    left_right, top_bottom : Parity
        What the kernel is to its mirror images.
    half_turn : Parity
        What the kernel is to itself turned by 180°. Where it is even, flipping it changes nothing; where it is
        odd, flipping turns the sign of the map.
    diagonal, antidiagonal : Parity
        What the kernel is to its mirror images at the line from the upper left, and from the upper right. Kernels
        that are not square are neither.
    ranks : tuple of int
        For each slice the number of singular values above `ROUNDING` of its greatest.
    pairs : tuple of Pair or None
        For each slice its column and row if its rank is 0 or 1, else None.
    slices_differ : bool
        Whether the slices are not all the same.

    References
    ----------
    R. C. Gonzalez and R. E. Woods, "Digital Image Processing", 3rd edition, 2008, section 3.4 (spatial filters)
    and section 3.5 (smoothing filters). G. H. Golub and C. F. Van Loan, "Matrix Computations", 4th edition, 2013,
    section 2.4 (the singular value decomposition, and rank by it).
    """

    shape: tuple[int, int, int]
    total: float
    channel_sums: tuple[float, ...]
    rounding: float
    mean: float
    norm: float
    smallest: float
    largest: float
    left_right: Parity
    top_bottom: Parity
    half_turn: Parity
    diagonal: Parity
    antidiagonal: Parity
    ranks: tuple[int, ...]
    pairs: tuple[Pair | None, ...]
    slices_differ: bool

    @property
    def is_zero(self) -> bool:
        """Whether all weights are 0."""
        return self.smallest == self.largest == 0

    @property
    def is_separable(self) -> bool:
        """Whether each slice is a column times a row: two passes over the picture do the work of one."""
        return max(self.ranks) <= 1


@dataclass(frozen=True, eq=False)
class EdgeProfile:
    """What a kernel makes of an edge, along a row of the map (down a column, for `Edge.BELOW`).

    Attributes
    ----------
    offsets : ndarray of int64, shape (n,)
        Where the cells lie: how many pixels the pixel under the tap ((kh − 1) // 2, (kw − 1) // 2), on which
        ``"same"`` padding centres the window, is beyond the first bright one. They rise by 1.
    picture : ndarray of uint8, shape (n,)
        That pixel: 0 on the dark side, 1 on the bright one.
    values : ndarray of float32, shape (n,)
        The cells of the map. The first two windows see nothing but dark, the last two nothing but bright.
    """

    offsets: npt.NDArray[np.int64]
    picture: npt.NDArray[np.uint8]
    values: FeatureMaps


def read_kernel(weights: npt.ArrayLike) -> KernelReading:
    """Read a kernel.

    Parameters
    ----------
    weights : array_like of shape (kh, kw) or (kh, kw, C)
        The weights as they are written, not flipped. Integers or real floats.

    Returns
    -------
    KernelReading

    Raises
    ------
    ConvError
        If the weights have neither two axes nor three, are empty, or are not real and finite, or if their sum
        does not fit float64.

    Examples
    --------
    >>> sobel = read_kernel([[-1, 0, 1], [-2, 0, 2], [-1, 0, 1]])
    >>> sobel.total, sobel.largest, sobel.left_right.value, sobel.ranks
    (0.0, 2.0, 'odd', (1,))
    >>> sobel.pairs[0].column, sobel.pairs[0].row
    (array([1., 2., 1.]), array([-1.,  0.,  1.]))
    """
    kernel = _kernel(weights)
    height, width, channels = kernel.shape
    limit = float(np.abs(kernel).max())
    total = math.fsum(kernel.ravel())
    # Scaled first, so that no square leaves the range of float64.
    norm = limit * math.sqrt(math.fsum(np.square(kernel / limit).ravel())) if limit else 0.0
    square = height == width
    slices = [_rank(kernel[:, :, channel]) for channel in range(channels)]
    return KernelReading(
        shape=(height, width, channels),
        total=total,
        channel_sums=tuple(math.fsum(kernel[:, :, channel].ravel()) for channel in range(channels)),
        rounding=_SUM_ROUNDING * math.fsum(np.abs(kernel).ravel()),
        mean=total / kernel.size,
        norm=norm,
        smallest=float(kernel.min()),
        largest=float(kernel.max()),
        left_right=_parity(kernel, kernel[:, ::-1], limit),
        top_bottom=_parity(kernel, kernel[::-1], limit),
        half_turn=_parity(kernel, kernel[::-1, ::-1], limit),
        diagonal=_parity(kernel, kernel.swapaxes(0, 1), limit) if square else Parity.NEITHER,
        antidiagonal=_parity(kernel, kernel[::-1, ::-1].swapaxes(0, 1), limit) if square else Parity.NEITHER,
        ranks=tuple(rank for rank, _ in slices),
        pairs=tuple(pair for _, pair in slices),
        slices_differ=not _same(kernel, kernel[:, :, :1], limit),
    )


def frequency_response(weights: npt.ArrayLike, size: int = 64) -> Doubles:
    """Return by how much a kernel strengthens or weakens stripes, for each width and direction of the stripes.

    The magnitude of the two-dimensional discrete Fourier transform of the weights, framed with zeros to
    `size` × `size`. Stripes that repeat every 1 / √(u² + v²) pixels, u cycles a pixel downwards and v to the
    right, come out of the convolution as the same stripes, times this number; flipping the kernel shifts them and
    leaves the number as it is.

    Parameters
    ----------
    weights : array_like of shape (kh, kw) or (kh, kw, C)
        The kernel. Of three axes the slices are added: the response to stripes of black and white.
    size : int
        Frequencies along an axis, from the longer side of the kernel to `LARGEST_SPECTRUM`.

    Returns
    -------
    ndarray of float64, shape (size, size)
        Centred: entry (i, j) is the response at u = (i − size // 2) / size and v = (j − size // 2) / size cycles
        a pixel. The middle one is the magnitude of the sum of all weights, rounded once.

    Raises
    ------
    ConvError
        If the weights are as `read_kernel` refuses them, or the size is out of its range.

    References
    ----------
    R. C. Gonzalez and R. E. Woods, "Digital Image Processing", 3rd edition, 2008, chapter 4 (filtering in the
    frequency domain). A. V. Oppenheim and R. W. Schafer, "Discrete-Time Signal Processing", 3rd edition, 2010,
    section 2.6 (complex exponentials as eigenfunctions of linear time-invariant systems).

    Examples
    --------
    >>> frequency_response([[0.5, 0.5]], size=4)[2].round(3)
    array([0.   , 0.707, 1.   , 0.707])
    """
    kernel = _kernel(weights)
    least = max(kernel.shape[:2])
    size = integer("size", size, least=1)
    if not least <= size <= LARGEST_SPECTRUM:
        raise ConvError(
            f"size must be an integer from {least}, the longer side of the kernel, to {LARGEST_SPECTRUM}, "
            f"got {shown(size)}"
        )
    grey = _slices_added(kernel)
    spectrum: Doubles = np.abs(np.fft.fftshift(np.fft.fft2(grey, s=(size, size), axes=(0, 1))))
    # The transform adds up in another order: what cancels would leave a trace where there is none.
    spectrum[size // 2, size // 2] = abs(math.fsum(grey.ravel()))
    return spectrum


def edge_profile(weights: npt.ArrayLike, edge: Edge | str = Edge.RIGHT, *, flip: bool = False) -> EdgeProfile:
    """Return what a kernel makes of an ideal edge from 0 to 1, by convolving a picture of one.

    For an edge from 1 to 0 subtract it from the total: the convolution is linear.

    Parameters
    ----------
    weights : array_like of shape (kh, kw) or (kh, kw, C)
        The kernel. The picture has C channels, all the same.
    edge : Edge
        Which edge. Diagonal ones are stairs of one pixel.
    flip : bool
        Whether the kernel is turned by 180° first.

    Returns
    -------
    EdgeProfile
        kw + 3 cells for a vertical edge, kh + 3 for a horizontal and kh + kw + 2 for a diagonal one.

    Raises
    ------
    ConvError
        If the weights are as `read_kernel` refuses them or a value does not fit float32, the edge is none of
        `Edge`, or `flip` is not True or False.

    References
    ----------
    R. C. Gonzalez and R. E. Woods, "Digital Image Processing", 3rd edition, 2008, section 10.2 (edge models and
    their derivatives).

    Examples
    --------
    >>> edge_profile([[-1, 0, 1], [-2, 0, 2], [-1, 0, 1]]).values
    array([0., 0., 4., 4., 0., 0.], dtype=float32)
    """
    kernel = _kernel(weights)
    flip = check_flip(flip)
    try:
        edge = Edge(edge)
    except ValueError as error:
        raise ConvError(f"edge must be one of {', '.join(Edge)}, got {shown(edge)}") from error
    beyond = _beyond(edge, *kernel.shape[:2])
    picture = (beyond >= 0).astype(np.uint8)
    image = np.repeat(picture[:, :, np.newaxis], kernel.shape[2], axis=2)
    values = conv2d(image, kernel[np.newaxis], flip=flip, method="direct").ravel()
    row, col = (kernel.shape[0] - 1) // 2, (kernel.shape[1] - 1) // 2
    along = (slice(row, row + values.size), col) if edge is Edge.BELOW else (row, slice(col, col + values.size))
    return EdgeProfile(beyond[along], picture[along], values)


def _kernel(weights: npt.ArrayLike) -> Doubles:
    try:
        axes = np.ndim(weights)
    except ValueError:
        axes = 2  # a ragged list: the check has the sentence
    names = ("kh", "kw", "C") if axes == 3 else ("kh", "kw")
    kernel = as_doubles(check_array("weights", weights, names))
    magnitudes = np.abs(kernel)
    with np.errstate(over="ignore"):
        if not np.isfinite(magnitudes.sum()):
            raise ConvError(
                f"weights must be small enough for their sum to fit float64, got {magnitudes.max()} as the largest"
            )
    return kernel.reshape(*kernel.shape[:2], -1)


def _same(one: Doubles, other: Doubles, limit: float) -> bool:
    # Halves, because the difference of two doubles need not fit a double.
    return bool((np.abs(one / 2 - other / 2) <= ROUNDING * limit / 2).all())


def _parity(kernel: Doubles, image: Doubles, limit: float) -> Parity:
    if _same(kernel, image, limit):
        return Parity.EVEN
    return Parity.ODD if _same(kernel, -image, limit) else Parity.NEITHER


def _rank(matrix: Doubles) -> tuple[int, Pair | None]:
    limit = float(np.abs(matrix).max())
    if limit == 0:
        return 0, Pair(np.zeros(matrix.shape[0]), np.zeros(matrix.shape[1]), Fraction(0), True)
    columns, values, rows = np.linalg.svd(matrix / limit)
    rank = int(np.count_nonzero(values > ROUNDING * values[0]))
    if rank > 1:
        return rank, None
    whole = _whole_pair(matrix, limit)
    if whole is not None:
        return rank, whole
    root = math.sqrt(values[0]) * math.sqrt(limit)
    return rank, _signed(columns[:, 0] * root, rows[0] * root, Fraction(1), False)


def _whole_pair(matrix: Doubles, limit: float) -> Pair | None:
    weights = matrix[np.newaxis, :, :, np.newaxis]
    denominator = Layer(plan2d((*matrix.shape, 1), weights.shape), weights, np.zeros(1)).denominator
    if denominator is None or limit * denominator > _EXACT:
        return None
    found = factors(weights, denominator, most=1)
    if found is None or not found.are_whole:
        return None
    column, row = found.columns.ravel(), found.rows.ravel()
    parts = [int(np.gcd.reduce(vector.astype(np.int64))) for vector in (column, row)]
    scale = Fraction(parts[0] * parts[1], found.divisor)
    return _signed(column / parts[0], row / parts[1], scale, True)


def _signed(column: Doubles, row: Doubles, scale: Fraction, is_whole: bool) -> Pair:
    for vector in (column, row, column[np.flatnonzero(column)[:1]]):
        total = math.fsum(vector)
        if abs(total) > ROUNDING * math.fsum(np.abs(vector)):
            sign = math.copysign(1.0, total)
            break
    # Without the negative zeros that a turned sign leaves.
    return Pair(column * sign + 0.0, row * sign + 0.0, scale, is_whole)


def _slices_added(kernel: Doubles) -> Doubles:
    # Rounded once: red against green is 0 on grey, and the luma is 1.
    added: Doubles = np.apply_along_axis(math.fsum, 2, kernel)
    return added


def _beyond(edge: Edge, height: int, width: int) -> npt.NDArray[np.int64]:
    """Return for each pixel how far it is beyond the first bright one, in a picture for one row of windows.

    It is cut so that two windows fit on the dark side and two on the bright one.
    """
    if edge is Edge.RIGHT:
        shape, first = (height, 2 * width + 2), width + 1
    elif edge is Edge.BELOW:
        shape, first = (2 * height + 2, width), height + 1
    elif edge is Edge.LOWER_RIGHT:
        shape, first = (height, height + 2 * width + 1), height + width
    else:
        shape, first = (height, height + 2 * width + 1), width + 1
    rows, cols = np.indices(shape)
    across = {
        Edge.RIGHT: cols,
        Edge.BELOW: rows,
        Edge.LOWER_RIGHT: cols + rows,
        Edge.UPPER_RIGHT: cols - rows,
    }
    beyond: npt.NDArray[np.int64] = (across[edge] - first).astype(np.int64)
    return beyond
