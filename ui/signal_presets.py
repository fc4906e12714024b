"""Signals to pick, and signals that were drawn as the address writes them.

A signal is a run of samples that begins at a place of the axis. In the discrete view a place is a whole number. In
the continuous view sample k is a step that is Δt wide, from k · Δt to (k + 1) · Δt: of two such signals the sum of
products, times Δt, is the integral of the product, and nothing is left to a limit.
"""

import math
import re
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import NamedTuple

from conv_engine import conv1d
from conv_engine.arrays import Doubles

__all__ = [
    "DRAWN",
    "EXAMPLES",
    "LARGEST_SAMPLE",
    "MOST_SAMPLES",
    "SIGNALS",
    "STEPS",
    "Example",
    "Preset",
    "Result",
    "Settings",
    "Signal",
    "read_signal",
    "result_of",
    "write_signal",
]

MOST_SAMPLES = 64
"""Of one signal: more could not be drawn, nor told in an address."""

LARGEST_SAMPLE = 1000.0
"""The largest magnitude of a sample that is drawn."""

STEPS = (0.5, 0.25, 0.125)
"""The widths Δt of a step in the continuous view."""

DRAWN = "drawn"
"""The name of a signal that was drawn by hand."""

_FARTHEST = 200
_LONGEST = 600
_WRITTEN = re.compile(r"(-?\d{1,3})~((?:-?\d{1,4}(?:\.\d{1,5})?_)*-?\d{1,4}(?:\.\d{1,5})?)", re.ASCII)


class Signal(NamedTuple):
    """A run of samples.

    Attributes
    ----------
    start : int
        The place of the first one.
    samples : tuple of float
        1 to `MOST_SAMPLES` of them; the signal is zero everywhere else.
    """

    start: int
    samples: tuple[float, ...]


class Preset(NamedTuple):
    """A signal that can be picked.

    Attributes
    ----------
    title : str
        What it is called.
    meaning : str
        A sentence on what it does where it is the one that slides.
    discrete : Signal
        Its few samples in the discrete view.
    continuous : callable
        Takes Δt, and returns its steps.
    """

    title: str
    meaning: str
    discrete: Signal
    continuous: Callable[[float], Signal]

    def sampled(self, step: float | None) -> Signal:
        """Return the signal in steps of Δt, or as it is in the discrete view for None."""
        return self.discrete if step is None else self.continuous(step)


class Example(NamedTuple):
    """Two signals that are worth laying on each other, and the view for them."""

    title: str
    first: str
    second: str
    continuous: bool


class Settings(NamedTuple):
    """What is laid on each other, and how.

    Attributes
    ----------
    first, second : Signal
        The one that stays, and the one that slides.
    names : tuple of (str, str)
        The keys of `SIGNALS`, or `DRAWN`.
    mode : str
        ``"full"``, ``"same"`` or ``"valid"``.
    flip : bool
        True for convolution, False for cross-correlation.
    step : float or None
        Δt in the continuous view, None in the discrete one.
    place : int
        The n where the second signal is.
    """

    first: Signal
    second: Signal
    names: tuple[str, str]
    mode: str
    flip: bool
    step: float | None
    place: int


class Result(NamedTuple):
    """A convolution with its places.

    Attributes
    ----------
    places : range
        The n of each value: for convolution the places of both signals added up, for cross-correlation how far the
        second was moved.
    values : ndarray of float64
        One for each place.
    """

    places: range
    values: Doubles


def result_of(first: Signal, second: Signal, mode: str, flip: bool, step: float | None = None) -> Result:
    """Lay a signal on another one at all places that a mode keeps.

    Parameters
    ----------
    first, second : Signal
        The one that stays, and the one that slides.
    mode : str
        ``"full"``, ``"same"`` or ``"valid"``, as for `conv_engine.conv1d`.
    flip : bool
        True for convolution, ``y[n] = Σ first[k] · second[n − k]``; False for cross-correlation,
        ``y[n] = Σ first[k] · second[k − n]``.
    step : float or None
        Δt in the continuous view, where the sums are areas.

    Returns
    -------
    Result

    Examples
    --------
    >>> die = SIGNALS["dice"].discrete
    >>> result_of(die, die, "full", flip=True).places
    range(2, 13)
    """
    values = conv1d(first.samples, second.samples, mode=mode, flip=flip)
    samples, taps = len(first.samples), len(second.samples)
    skipped = {"full": 0, "same": (taps - 1) // 2, "valid": min(samples, taps) - 1}[mode]
    start = first.start + skipped + (second.start if flip else -second.start - (taps - 1))
    return Result(range(start, start + len(values)), values if step is None else values * step)


def write_signal(signal: Signal) -> str:
    """Write a signal for the address.

    Parameters
    ----------
    signal : Signal
        Its samples are rounded to five digits, of which at most five behind the point.

    Returns
    -------
    str
        At most 600 letters, such as ``"-1~0.5_1_0.5"``, which `read_signal` reads.

    Examples
    --------
    >>> write_signal(Signal(-1, (0.5, 1.0, 0.5)))
    '-1~0.5_1_0.5'
    """
    return f"{signal.start}~" + "_".join(_short(sample) for sample in signal.samples)


def _short(sample: float) -> str:
    return f"{round(float(f'{sample:.5g}'), 5) + 0.0:.5f}".rstrip("0").rstrip(".")


def read_signal(text: str) -> Signal | None:
    """Read a signal that an address holds.

    Parameters
    ----------
    text : str
        Anything.

    Returns
    -------
    Signal or None
        None where it is not what `write_signal` writes.

    Examples
    --------
    >>> read_signal("-1~0.5_1_0.5")
    Signal(start=-1, samples=(0.5, 1.0, 0.5))
    >>> read_signal("box") is None
    True
    """
    found = _WRITTEN.fullmatch(text) if len(text) <= _LONGEST else None
    if found is None:
        return None
    start = int(found[1])
    samples = tuple(float(number) + 0.0 for number in found[2].split("_"))
    within = all(abs(sample) <= LARGEST_SAMPLE for sample in samples)
    if not within or len(samples) > MOST_SAMPLES or abs(start) > _FARTHEST:
        return None
    return Signal(start, samples)


# --- What there is to pick -----------------------------------------------------------------------------


def _shape(value: Callable[[float], float], start: float, stop: float) -> Callable[[float], Signal]:
    """Make the steps of a function between two times: each as high as the function in the step's middle."""

    def sampled(step: float) -> Signal:
        count = round((stop - start) / step)
        return Signal(round(start / step), tuple(value(start + (k + 0.5) * step) for k in range(count)))

    return sampled


def _spikes(areas: Mapping[float, float]) -> Callable[[float], Signal]:
    """Make spikes of given areas at given times: one step wide, and so high that the area is right."""

    def sampled(step: float) -> Signal:
        heights = [0.0] * (round(max(areas) / step) + 1)
        for time, area in areas.items():
            heights[round(time / step)] = area / step
        return Signal(0, tuple(heights))

    return sampled


def _bump(time: float) -> float:
    return math.sin(math.pi * time / 2) ** 2


_NOISE = (0.12, -0.2, 0.07, 0.21, -0.16, -0.05, 0.18, -0.22, 0.1, 0.15, -0.12, -0.08, 0.2, -0.17, 0.04, 0.1)


def _noisy(place: int, count: int) -> float:
    return round((1.0 if 3 * place >= count and 3 * place < 2 * count else 0.0) + _NOISE[place % len(_NOISE)], 2)


SIGNALS: Mapping[str, Preset] = MappingProxyType(
    {
        "box": Preset(
            "Box",
            "A box adds up all that lies under it, and each sample counts the same.",
            Signal(0, (1.0, 1.0, 1.0, 1.0)),
            _shape(lambda time: 1.0, 0, 2),
        ),
        "ramp": Preset(
            "Ramp",
            "A ramp is not its own mirror image: here it matters whether it is flipped.",
            Signal(0, (1.0, 2.0, 3.0, 4.0)),
            _shape(lambda time: time / 2, 0, 2),
        ),
        "exponential": Preset(
            "Exponential",
            "A decaying exponential is a memory that fades: the newest sample counts most, each older one less.",
            Signal(0, (1.0, 0.5, 0.25, 0.125, 0.0625)),
            _shape(lambda time: math.exp(-time), 0, 4),
        ),
        "bump": Preset(
            "Bump",
            "A bump sums what is under its middle most and what is at its ends least.",
            Signal(0, (0.25, 0.75, 1.0, 0.75, 0.25)),
            _shape(_bump, 0, 2),
        ),
        "spikes": Preset(
            "Spike train",
            "Each spike leaves one copy of the other signal, where the spike stands.",
            Signal(0, (1.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 1.0)),
            _spikes({0.0: 1.0, 1.5: 1.0, 3.0: 1.0}),
        ),
        "dice": Preset(
            "Dice probabilities",
            "Six faces, each as likely as the others.",
            Signal(1, (1 / 6,) * 6),
            _shape(lambda time: 1 / 6, 0.5, 6.5),
        ),
        "average": Preset(
            "Moving average",
            "All of it is 1 in sum: each value becomes the mean of itself and its neighbours.",
            Signal(-1, (1 / 3, 1 / 3, 1 / 3)),
            _shape(lambda time: 1.0, -0.5, 0.5),
        ),
        "echo": Preset(
            "Echo",
            "A spike at 0 lets the signal through as it is; the later, lower ones add it again, delayed.",
            Signal(0, (1.0, 0.0, 0.0, 0.5, 0.0, 0.0, 0.25)),
            _spikes({0.0: 1.0, 1.5: 0.5, 3.0: 0.25}),
        ),
        "difference": Preset(
            "Difference",
            "It subtracts from each value the one before it: flat parts become 0, and what changes stays.",
            Signal(0, (1.0, -1.0)),
            _spikes({0.0: 1.0, 0.5: -1.0}),
        ),
        "noisy": Preset(
            "Noisy block",
            "A block, with errors of measurement that were written down once and are the same for everybody.",
            Signal(0, tuple(_noisy(place, 16) for place in range(16))),
            lambda step: Signal(0, tuple(_noisy(place, round(4 / step)) for place in range(round(4 / step)))),
        ),
    }
)
"""By the names that stand in addresses."""

EXAMPLES: Mapping[str, Example] = MappingProxyType(
    {
        "dice": Example("Two dice", "dice", "dice", False),
        "average": Example("Noise, averaged", "noisy", "average", False),
        "echo": Example("A bump and its echo", "bump", "echo", False),
        "boxes": Example("Box meets box", "box", "box", True),
        "memory": Example("A memory that fades", "box", "exponential", True),
        "turned": Example("Why flip?", "spikes", "ramp", False),
    }
)
"""By names of our own; the first is shown to begin with."""
