"""Kernels with something to set: a width, an angle, a length.

Each is sampled at whole pixels, on a grid that is just large enough and never more than 15 × 15, and then brought
to its sum. Kernels that compare have weights that are whole multiples of 2⁻²⁶: their sum is 0 and not nearly 0, so
that a flat area of 8-bit pixels becomes 0 on the screen as it does on paper.

Angles are those of lines as they are seen: 0° lies flat, 45° rises to the right, 90° stands upright.
"""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from types import MappingProxyType

import numpy as np

from conv_engine.arrays import Doubles
from conv_engine.errors import ConvError, shown
from conv_engine.named import Kernel, frozen

__all__ = ["PARAMETRIC", "Parameter", "ParametricKernel"]

_RADIUS = 7
"""The largest: 15 × 15 weights."""

_QUANTUM = 2.0**-26
"""Fine beside any weight that counts; coarse enough that sums of products with the pixels of a flat area, 0 to 255
or float32 from 0 to 1, need no more than the 53 bits of a double and so are not rounded."""

_DOG_RATIO = 1.6
_SAMPLES = 16
_KEPT = 256


@dataclass(frozen=True)
class Parameter:
    """Something that can be set.

    Attributes
    ----------
    key : str
        Its name in code.
    title : str
        Its name for people, such as ``"σ"``.
    unit : str
        ``"pixels"`` or ``"°"``.
    least, most : float
        Its range, both ends included; never below 0, for in addresses a hyphen stands between values.
    step : float
        The step of a slider. Values between two steps are taken as well, unless the kernel says that it must be
        whole.
    default : float
        Where it starts.
    """

    key: str
    title: str
    unit: str
    least: float
    most: float
    step: float
    default: float


@dataclass(frozen=True, eq=False)
class ParametricKernel:
    """A kernel for each choice of its parameters, with the story that they share.

    Attributes
    ----------
    key : str
        Its name in `PARAMETRIC` and in addresses; none of the library has it.
    title : str
        Its name for people.
    family : str
        A key of `FAMILIES`.
    parameters : tuple of Parameter
        What can be set, in the order in which `kernel` takes it.
    finds, formula, source : str
        As in `Kernel`.
    """

    key: str
    title: str
    family: str
    parameters: tuple[Parameter, ...]
    finds: str
    formula: str
    source: str
    _title: str = field(repr=False)
    _weights: Callable[..., Doubles] = field(repr=False)

    def kernel(self, *values: float) -> Kernel:
        """Make the kernel for some values.

        Parameters
        ----------
        *values : float
            One for each parameter, within its range.

        Returns
        -------
        Kernel
            Of at most 15 × 15 weights, (kh, kw), the same on every call; its title says the values.

        Raises
        ------
        ConvError
            If there are more or fewer values than parameters, or one is no finite number or out of its range.

        Examples
        --------
        >>> PARAMETRIC["box_n"].kernel(2).weights
        array([[0.25, 0.25],
               [0.25, 0.25]])
        """
        if len(values) != len(self.parameters):
            names = ", ".join(parameter.title for parameter in self.parameters)
            count = f"{len(self.parameters)} value{'s' if len(self.parameters) > 1 else ''}"
            raise ConvError(f"{self.title} takes {count} ({names}), got {len(values)}")
        checked = (_checked(parameter, value) for parameter, value in zip(self.parameters, values, strict=True))
        return _made(self, *checked)


def _checked(parameter: Parameter, value: object) -> float:
    is_number = isinstance(value, int | float | np.integer | np.floating) and not isinstance(value, bool)
    # Compared first: an integer may be too large for a float, and NaN is in no range.
    if is_number and parameter.least <= value <= parameter.most:  # type: ignore[operator]  # it is a number
        return float(value) + 0.0  # type: ignore[arg-type]  # no −0, which would be another title
    unit = "°" if parameter.unit == "°" else f" {parameter.unit}"
    raise ConvError(
        f"{parameter.title} must be a number from {parameter.least:g} to {parameter.most:g}{unit}, "
        f"got {shown(value)}"
    )


@lru_cache(maxsize=_KEPT)
def _made(family: ParametricKernel, *values: float) -> Kernel:
    # A slider asks for the same kernel many times over: for its map, its name, its picture.
    return Kernel(
        key=family.key,
        title=family._title.format(*(f"{value:g}" for value in values)),
        family=family.family,
        weights=frozen(family._weights(*values)),
        finds=family.finds,
        formula=family.formula,
        source=family.source,
    )


# --- grids and sums ------------------------------------------------------------------------------------------


def _axis(radius: float) -> Doubles:
    reach = min(math.ceil(radius), _RADIUS)
    return np.arange(-reach, reach + 1, dtype=np.float64)


def _whole(values: Doubles, total: float, quantum: float) -> Doubles:
    """Round to multiples of a quantum, and let the middle take what is lacking to a total."""
    rounded: Doubles = np.rint(values / quantum) * quantum
    middle = tuple(length // 2 for length in values.shape)
    rounded[middle] += total - rounded.sum()
    return rounded


def _bell(at: Doubles, sigma: float) -> Doubles:
    heights = np.exp(-(at**2) / (2 * sigma**2))
    bell: Doubles = heights / heights.sum()
    return bell


def _whole_bell(at: Doubles, sigma: float) -> Doubles:
    # The product of two such is a multiple of the quantum, and of rank 1 to the last digit.
    return _whole(_bell(at, sigma), 1, math.sqrt(_QUANTUM))


# --- the kernels ---------------------------------------------------------------------------------------------


def _box(size: float) -> Doubles:
    if size != int(size):
        raise ConvError(f"size must be a whole number of pixels, got {size:g}")
    return np.full((int(size), int(size)), 1 / size**2)


def _gaussian(sigma: float) -> Doubles:
    bell = _bell(_axis(3 * sigma), sigma)
    return np.outer(bell, bell)


def _difference_of_gaussians(sigma: float) -> Doubles:
    at = _axis(3 * _DOG_RATIO * sigma)
    narrow, wide = (_whole_bell(at, width) for width in (sigma, _DOG_RATIO * sigma))
    return np.outer(narrow, narrow) - np.outer(wide, wide)


def _laplacian_of_gaussian(sigma: float) -> Doubles:
    at = _axis(3.5 * sigma)
    bell = _bell(at, sigma)
    second = (at**2 / sigma**2 - 1) * bell
    # What the ends of the grid cut off is made good in the shape of the bell, which leaves no step at the rim.
    second = _whole(second - second.sum() * bell, 0, math.sqrt(_QUANTUM))
    bell = _whole_bell(at, sigma)
    return np.outer(second, bell) + np.outer(bell, second)


def _motion_blur(length: float, angle: float) -> Doubles:
    """Count how much of each pixel a bar of one pixel's width covers, at 16 × 16 points of it."""
    side = 2 * _RADIUS + 1
    at = (np.arange(side * _SAMPLES) + 0.5) / _SAMPLES - side / 2
    row, col = at[:, np.newaxis], at[np.newaxis, :]
    turn = math.radians(angle)
    along, across = col * math.cos(turn) - row * math.sin(turn), col * math.sin(turn) + row * math.cos(turn)
    is_covered = (np.abs(along) < length / 2) & (np.abs(across) < 0.5)
    counts = is_covered.reshape(side, _SAMPLES, side, _SAMPLES).sum(axis=(1, 3))
    rows, cols = (np.flatnonzero(counts.any(axis=axis)) for axis in (1, 0))
    counts = counts[rows[0] : rows[-1] + 1, cols[0] : cols[-1] + 1]
    covered: Doubles = counts / counts.sum()
    return covered


def _gabor(wavelength: float, angle: float, sigma: float, phase: float) -> Doubles:
    at = _axis(2.5 * sigma)
    turn, shift, pace = math.radians(angle), math.radians(phase), 2 * math.pi / wavelength
    if angle % 90 == 0:
        # Flat and upright waves are a wave times a bell, and stay so when they are rounded.
        there = -at if angle == 180 else at
        wave, bell = _wave(pace * there + shift, _bell(at, sigma), math.sqrt(_QUANTUM)), _whole_bell(at, sigma)
        return np.outer(bell, wave) if angle == 90 else np.outer(wave, bell)
    across = at[:, np.newaxis] * math.cos(turn) + at[np.newaxis, :] * math.sin(turn)
    bell = np.outer(_bell(at, sigma), _bell(at, sigma))
    return _wave(pace * across + shift, bell, _QUANTUM)


def _wave(turns: Doubles, bell: Doubles, quantum: float) -> Doubles:
    wave = np.cos(turns)
    wave = bell * (wave - (bell * wave).sum() / bell.sum())
    return _whole(wave * (2 / np.abs(wave).sum()), 0, quantum)


# --- the table -----------------------------------------------------------------------------------------------

_ANGLE = Parameter("angle", "angle", "°", 0, 180, 2.5, 45)
_MARR = "D. Marr and E. Hildreth, Theory of Edge Detection, Proceedings of the Royal Society of London B 207, 1980"

_PARAMETRIC = (
    ParametricKernel(
        key="gauss",
        title="Gaussian",
        family="smooth",
        parameters=(Parameter("sigma", "σ", "pixels", 0.3, 2.33, 0.01, 1),),
        finds="A mean under a bell: detail that is finer than about 2σ fades.",
        formula="exp(−(row² + col²) / 2σ²), divided by the sum; cut at ⌈3σ⌉",
        source=(
            "J. J. Koenderink, The Structure of Images, Biological Cybernetics 50, 1984 (why it is this bell, at "
            "every scale)"
        ),
        _title="Gaussian σ = {}",
        _weights=_gaussian,
    ),
    ParametricKernel(
        key="box_n",
        title="Box",
        family="smooth",
        parameters=(Parameter("size", "size", "pixels", 1, 15, 1, 7),),
        finds="The mean of a square of pixels: the larger it is, the wider the ramps that edges become.",
        formula="1/n² everywhere, n being the size",
        source=(
            "R. C. Gonzalez and R. E. Woods, Digital Image Processing, 3rd edition, 2008, section 3.5.1 "
            "(smoothing linear filters)"
        ),
        _title="Box {0} × {0}",
        _weights=_box,
    ),
    ParametricKernel(
        key="log",
        title="Laplacian of Gaussian",
        family="edges",
        parameters=(Parameter("sigma", "σ", "pixels", 0.5, 2, 0.01, 1.4),),
        finds=(
            "Edges of every direction, noise smoothed away first: bright on the dark side, negative on the bright "
            "side, crossing 0 on the edge itself."
        ),
        formula=(
            "(g″ᵀ · g + gᵀ · g″) σ², g the bell of width σ and g″ its second derivative, brought to the sum 0 by "
            "a share of g; cut at ⌈3.5σ⌉, rounded to multiples of 2⁻²⁶"
        ),
        source=_MARR,
        _title="Laplacian of Gaussian σ = {}",
        _weights=_laplacian_of_gaussian,
    ),
    ParametricKernel(
        key="dog",
        title="Difference of Gaussians",
        family="lines",
        parameters=(Parameter("sigma", "σ", "pixels", 0.5, 1.45, 0.01, 1),),
        finds="Bright spots and lines about 2σ wide: what is brighter than the area around it.",
        formula="Gaussian of σ − Gaussian of 1.6σ; cut at ⌈4.8σ⌉, rounded to multiples of 2⁻²⁶",
        source=f"{_MARR}, appendix on the ratio 1.6",
        _title="Difference of Gaussians σ = {}",
        _weights=_difference_of_gaussians,
    ),
    ParametricKernel(
        key="motion_blur",
        title="Motion blur",
        family="motion",
        parameters=(Parameter("length", "length", "pixels", 1, 15, 0.5, 9), _ANGLE),
        finds="The mean along a line: the picture as if the camera had moved this far while the shutter was open.",
        formula="how much of each pixel a bar of that length and of width 1 covers, divided by the sum",
        source=(
            "R. C. Gonzalez and R. E. Woods, Digital Image Processing, 3rd edition, 2008, section 5.6.3 (uniform "
            "linear motion)"
        ),
        _title="Motion blur {} pixels, {}°",
        _weights=_motion_blur,
    ),
    ParametricKernel(
        key="gabor_wave",
        title="Gabor wave",
        family="gabor",
        parameters=(
            Parameter("wavelength", "wavelength", "pixels", 3, 12, 0.1, 4),
            _ANGLE,
            Parameter("sigma", "σ", "pixels", 0.6, 2.8, 0.01, 1.6),
            Parameter("phase", "phase", "°", 0, 360, 15, 0),
        ),
        finds=(
            "Stripes and lines of this width and angle: bright ones at phase 0°, dark ones at 180°, edges at 90° "
            "and 270°."
        ),
        formula=(
            "exp(−(row² + col²) / 2σ²) · (cos(2π u / wavelength + phase) − m), u = row cos(angle) + "
            "col sin(angle); m brings the sum to 0, and the positive weights add up to 1; cut at ⌈2.5σ⌉, rounded "
            "to multiples of 2⁻²⁶"
        ),
        source=(
            "J. G. Daugman, Uncertainty Relation for Resolution in Space, Spatial Frequency, and Orientation "
            "Optimized by Two-Dimensional Visual Cortical Filters, Journal of the Optical Society of America A 2, "
            "1985; after D. Gabor, Theory of Communication, Journal of the IEE 93, 1946"
        ),
        _title="Gabor wavelength {}, {}°, σ = {}, phase {}°",
        _weights=_gabor,
    ),
)

PARAMETRIC: Mapping[str, ParametricKernel] = MappingProxyType({kernel.key: kernel for kernel in _PARAMETRIC})
"""The kernels with something to set, by key."""
