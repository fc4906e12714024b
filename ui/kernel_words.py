"""A kernel in words. Each sentence is computed from its weights, and says what a picture would show.

The numbers come from `conv_engine.reading`; here they are only told. What is told of edges and stripes holds for
pictures in grey; of colours there are sentences of their own.
"""

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from conv_engine.arrays import Doubles
from conv_engine.reading import (
    ROUNDING,
    Edge,
    EdgeProfile,
    KernelReading,
    Pair,
    Parity,
    edge_profile,
    frequency_response,
    read_kernel,
)
from ui.experiment import Weights
from ui.weights import format_weight

__all__ = ["kernel_sentences", "number_text", "pair_text"]

# Values that differ by less, as a share of the largest that the kernel can give, are alike: maps are float32.
_ALIKE = 1e-5
# Edges of every direction show if the faintest gives at least this share of the strongest.
_FAINTEST = 0.25
# Flat areas pass hardly, stripes pass weakly: shares of the stripes that pass best.
_HARDLY = 0.05
_WEAKLY = 0.5
# Stripes with a period below three pixels are fine detail, in cycles a pixel.
_FINE = 1 / 3
_FREQUENCIES = 128
# Stripes of which at most so much is left are called removed.
_REMOVED = 0.1
# What is below is what the Fourier transform's rounding leaves of a 0.
_NOTHING = 1e-9
# A longer one cannot be said at a glance.
_LONGEST_VECTOR = 7
_LONGEST_NUMBER = 7
_MOST_DIRECTIONS = 3

# The two sides that each edge can have bright, and how one says so.
_FAR = {
    Edge.RIGHT: "where left is dark and right is bright",
    Edge.BELOW: "where above is dark and below is bright",
    Edge.LOWER_RIGHT: "where the upper left is dark and the lower right is bright",
    Edge.UPPER_RIGHT: "where the lower left is dark and the upper right is bright",
}
_NEAR = {
    Edge.RIGHT: "where left is bright and right is dark",
    Edge.BELOW: "where above is bright and below is dark",
    Edge.LOWER_RIGHT: "where the upper left is bright and the lower right is dark",
    Edge.UPPER_RIGHT: "where the lower left is bright and the upper right is dark",
}
_LINES = {
    Edge.RIGHT: "vertical",
    Edge.BELOW: "horizontal",
    Edge.LOWER_RIGHT: "diagonal (↗)",
    Edge.UPPER_RIGHT: "diagonal (↘)",
}


def kernel_sentences(weights: Weights | npt.ArrayLike, flip: bool, *, picture_channels: int = 1) -> list[str]:
    """Say what a kernel does, in the order in which one would explain it.

    Parameters
    ----------
    weights : Weights or array_like of shape (kh, kw), (kh, kw, 1) or (kh, kw, 3)
        The kernel as it is written.
    flip : bool
        Whether it is turned by 180° when it is applied.
    picture_channels : int
        How many channels the picture has, 1 or 3. A kernel of one slice is repeated for each of three channels,
        and one of three slices acts on a single channel as their sum, as `ui.layer.bank_of` has it.

    Returns
    -------
    list of str
        One sentence or two each, without Markdown. Nothing is said of the bias.

    Raises
    ------
    ConvError
        If the weights are no kernel.

    Examples
    --------
    >>> for sentence in kernel_sentences([[-1, 0, 1], [-2, 0, 2], [-1, 0, 1]], flip=False)[:3]:
    ...     print(sentence)
    Sums to 0: flat areas become 0.
    Brightest where left is dark and right is bright, and below 0 where it is the other way round.
    Separable, (1, 2, 1)ᵀ · (−1, 0, 1): two passes of 3 weights instead of 9.
    """
    subject = _Subject.of(weights, flip, picture_channels)
    if subject.written.is_zero:
        return ["All its weights are 0: whatever the picture, the map is 0 before the bias is added."]
    notes = []
    if subject.written.shape[2] > 1 and picture_channels == 1:
        notes = ["The picture has one channel: the slices act on it as one, their sum."]
        subject = _Subject.of(subject.grey, flip, 1)
        if subject.written.is_zero:
            return [*notes, "They cancel each other: the map is 0 before the bias is added."]
    if subject.written.shape[:2] == (1, 1):
        parts: list[Callable[[_Subject], Iterable[str]]] = [_one_pixel, _flat, _colours]
    elif np.count_nonzero(subject.weights) == 1 and not subject.in_colour:
        parts = [_one_tap, _flat, _flipped]
    else:
        parts = [_flat, _edges, _lines, _passes, _mirrors, _flipped, _detail, _colours]
    return [*notes, *(sentence for part in parts for sentence in part(subject))]


def number_text(value: float) -> str:
    """Write a number for a sentence: as it is where that is short, else in three digits after “about”.

    Parameters
    ----------
    value : float
        Finite.

    Returns
    -------
    str
        With a proper minus sign; only 0 is written as 0.

    Examples
    --------
    >>> number_text(-0.25), number_text(1 / 9), number_text(0.1234567)
    ('−0.25', '1/9', 'about 0.123')
    """
    value = float(value)
    exact = format_weight(value)
    if len(exact.lstrip("-")) <= _LONGEST_NUMBER:
        return exact.replace("-", "−")
    # As many digits as it takes not to be taken for a whole number nearby.
    texts = (f"{value:.{digits}g}" for digits in (3, 6, 9, 17))
    text = next(text for text in texts if float(text) != round(value) or value == round(value))
    return f"about {text.replace('-', '−')}"


def pair_text(pair: Pair) -> str:
    """Write a separable slice as its column times its row.

    Parameters
    ----------
    pair : Pair
        As `read_kernel` finds it.

    Returns
    -------
    str
        Whole numbers as they are, others in three digits.

    Examples
    --------
    >>> pair_text(read_kernel([[1 / 9] * 3] * 3).pairs[0])
    '(1, 1, 1)ᵀ · (1, 1, 1) / 9'
    """
    column, row = (
        "(" + ", ".join(f"{weight:.0f}" if pair.is_whole else f"{weight:.3g}" for weight in vector) + ")"
        for vector in (pair.column, pair.row)
    )
    top, bottom = pair.scale.numerator, pair.scale.denominator
    before = "" if top == 1 else f"{top} · "
    after = "" if bottom == 1 else f" / {bottom}"
    return f"{before}{column}ᵀ · {row}{after}".replace("-", "−")


@dataclass(frozen=True, eq=False)
class _Subject:
    """A kernel, and what it is on a picture of so many channels."""

    written: KernelReading  # the weights as they stand
    weights: Doubles  # (kh, kw, C), as they stand
    grey: Doubles  # (kh, kw), what a picture in grey meets
    in_colour: bool  # whether there is a slice each for red, green and blue, and they meet three channels
    repeats: int  # how often one slice is repeated
    flip: bool

    @staticmethod
    def of(weights: Weights | npt.ArrayLike, flip: bool, picture_channels: int) -> "_Subject":
        written = read_kernel(weights)
        kernel = np.array(weights, dtype=np.float64).reshape(written.shape)
        slices = written.shape[2]
        grey = np.apply_along_axis(math.fsum, 2, kernel)
        # What is left where slices cancel each other but for the rounding of their weights.
        grey[np.abs(grey) <= ROUNDING * np.abs(kernel).max()] = 0
        repeats = picture_channels if slices == 1 else 1
        return _Subject(written, kernel, grey, slices > 1 and picture_channels > 1, repeats, flip)

    @cached_property
    def total(self) -> float:
        """The sum of the weights, whole where it is whole but for rounding."""
        total = self.written.total
        return float(round(total)) if abs(total - round(total)) <= self.written.rounding else total

    @cached_property
    def gain(self) -> float:
        """The largest magnitude that a picture in grey from 0 to 1 can give."""
        return math.fsum(np.abs(self.grey).ravel())

    @property
    def is_blind_to_grey(self) -> bool:
        return self.gain == 0

    @cached_property
    def profiles(self) -> dict[Edge, EdgeProfile]:
        return {edge: edge_profile(self.grey, edge, flip=self.flip) for edge in Edge}


# --- flat areas ------------------------------------------------------------------------------------------


def _flat(subject: _Subject) -> Iterable[str]:
    total, areas = subject.total, "flat grey areas" if subject.in_colour else "flat areas"
    is_rounded = total != subject.written.total
    sums = f"Sums to {number_text(total)}{' but for rounding' if is_rounded else ''}"
    if subject.repeats > 1 and total != 0:
        of_grey = number_text(subject.repeats * total)
        yield (
            f"{sums} in each of the {subject.repeats} channels: "
            f"flat grey areas become {of_grey} times their value."
        )
    elif total == 0:
        yield f"{sums}: {areas} become 0."
    elif total == 1:
        yield f"{sums}: {areas} stay as they are."
    elif total == -1:
        yield f"{sums}: {areas} keep their value with its sign turned."
    else:
        yield f"{sums}: {areas} become {number_text(total)} times their value."


def _one_pixel(subject: _Subject) -> Iterable[str]:
    if subject.in_colour:
        names = ("red", "green", "blue")
        terms = [(w, _times(abs(w)) + name) for w, name in zip(subject.weights[0, 0], names, strict=True) if w]
        text = "".join(f" {'−' if weight < 0 else '+'} {term}" for weight, term in terms)
        text = ("−" if terms[0][0] < 0 else "") + text[3:]
    else:
        what = "the sum of the pixel's channels" if subject.repeats > 1 else "the pixel under it"
        text = _times(float(subject.weights[0, 0, 0])) + what
    yield f"It looks at one pixel at a time: each cell is {text}."


def _one_tap(subject: _Subject) -> Iterable[str]:
    laid = subject.grey[::-1, ::-1] if subject.flip else subject.grey
    row, col = (int(place[0]) for place in np.nonzero(laid))
    down, right = (laid.shape[0] - 1) // 2 - row, (laid.shape[1] - 1) // 2 - col
    moves = [
        f"{abs(by)} {'pixel' if abs(by) == 1 else 'pixels'} {words[by > 0]}"
        for by, words in ((down, ("up", "down")), (right, ("to the left", "to the right")))
        if by
    ]
    moved = f"moved {' and '.join(moves)}" if moves else "where it was"
    what = "the sum of the picture's channels" if subject.repeats > 1 else "the picture"
    yield (
        f"Only one weight is not 0: with “same” padding the map is {_times(float(laid[row, col]))}{what}, {moved}."
    )


def _times(weight: float) -> str:
    return "" if weight == 1 else f"{number_text(weight)} · "


# --- edges -----------------------------------------------------------------------------------------------


def _edges(subject: _Subject) -> Iterable[str]:
    if subject.is_blind_to_grey:
        return
    prefix = "In grey pictures: " if subject.in_colour else ""
    sentence = _edge_sentence(subject)
    if sentence:
        yield prefix + (sentence[0].lower() + sentence[1:] if prefix else sentence)


def _edge_sentence(subject: _Subject) -> str:
    total = math.fsum(subject.grey.ravel())
    total = 0.0 if abs(total) <= subject.written.rounding else total
    alike = _ALIKE * subject.gain
    highest = {edge: float(profile.values.max()) for edge, profile in subject.profiles.items()}
    lowest = {edge: float(profile.values.min()) for edge, profile in subject.profiles.items()}
    # An edge from bright to dark gives the total less what the one from dark to bright gives.
    answers = {(edge, True): value for edge, value in highest.items()}
    answers |= {(edge, False): total - value for edge, value in lowest.items()}
    best = max(answers.values())
    if best <= max(total, 0.0) + alike:
        return _ramp_sentence(subject, total, alike) if total else "Straight edges leave no trace in the map."
    if _every_direction(subject, highest, lowest, total, alike):
        side = _bright_side(subject) or "on one side and below 0 on the other"
        if total > 0:
            return f"Edges of every direction are exaggerated: brighter than flat white {side}."
        return f"Edges of every direction show, bright {side}."
    winners = [key for key, value in answers.items() if value >= best - alike]
    lines = {edge for edge, _ in winners}
    if len(winners) == 2 * len(lines) <= 4:
        names = " and ".join(_LINES[edge] for edge in Edge if edge in lines)
        return f"Brightest along {names} edges, whichever side is dark."
    if len(winners) > _MOST_DIRECTIONS:
        return "Brightest along edges, alike in several directions."
    where = [(_FAR if far else _NEAR)[edge] for edge, far in winners]
    equally = "Equally bright " if len(where) > 1 else "Brightest "
    opposite = ", and below 0 where it is the other way round" if total == 0 else ""
    return equally + ", ".join(where[:-1]) + (" and " if len(where) > 1 else "") + where[-1] + opposite + "."


def _lines(subject: _Subject) -> Iterable[str]:
    if subject.total or subject.is_blind_to_grey:
        return
    # A line one pixel wide is an edge less the same edge one pixel further.
    lines = {edge: np.diff(profile.values.astype(np.float64)) for edge, profile in subject.profiles.items()}
    answers = {(edge, sign): float((sign * line).max()) for edge, line in lines.items() for sign in (1, -1)}
    edges = max(float(np.abs(profile.values).max()) for profile in subject.profiles.values())
    (first, best), (_, second) = sorted(answers.items(), key=lambda item: -item[1])[:2]
    if best > max(edges, second) + _ALIKE * subject.gain:
        shade = "bright" if first[1] > 0 else "dark"
        yield f"A {shade} {_LINES[first[0]]} line, one pixel wide, gives more than other lines and straight edges."


def _every_direction(
    subject: _Subject, highest: dict[Edge, float], lowest: dict[Edge, float], total: float, alike: float
) -> bool:
    above = [value - max(total, 0.0) for value in highest.values()]
    below = [min(total, 0.0) - value for value in lowest.values()]
    is_even = subject.written.half_turn is Parity.EVEN
    return is_even and total >= 0 and min(above + below) > max(alike, _FAINTEST * max(above + below))


def _bright_side(subject: _Subject) -> str:
    """Say on which side of edges the map is bright, if it is the same for all of them."""
    # The tap of an even kernel is not in its middle: which side a cell is on is a matter of taste.
    if any(side % 2 == 0 for side in subject.grey.shape):
        return ""
    sides = {
        (int(profile.picture[profile.values.argmax()]), int(profile.picture[profile.values.argmin()]))
        for profile in subject.profiles.values()
    }
    if sides == {(0, 1)}:
        return "on their dark side and below 0 on their bright side"
    return "on their bright side and below 0 on their dark side" if sides == {(1, 0)} else ""


def _ramp_sentence(subject: _Subject, total: float, alike: float) -> str:
    widths = []
    for edge in (Edge.RIGHT, Edge.BELOW):
        shares = subject.profiles[edge].values.astype(np.float64) * math.copysign(1.0, total)
        if (np.diff(shares) < -alike).any():
            return ""
        widths.append(int(np.count_nonzero((shares > alike) & (shares < abs(total) - alike))))
    if not any(widths):
        return "Vertical and horizontal edges stay sharp."
    if widths[0] == widths[1]:
        return f"Sharp vertical and horizontal edges become ramps: {_cells(widths[0])} between dark and bright."
    parts = [
        f"{name} edges {f'become ramps with {_cells(width)} between dark and bright' if width else 'stay sharp'}"
        for name, width in zip(("vertical", "horizontal"), widths, strict=True)
    ]
    return f"Sharp {parts[0]}, {parts[1]}."


def _cells(count: int) -> str:
    return f"{count} {'cell' if count == 1 else 'cells'}"


# --- the work, and the symmetry ----------------------------------------------------------------------------


def _passes(subject: _Subject) -> Iterable[str]:
    reading = subject.written
    height, width, slices = reading.shape
    if height == 1 or width == 1:
        return
    passes = (
        f"two passes of {height} weights" if height == width else f"two passes, of {height} and {width} weights,"
    )
    several = slices > 1 and reading.slices_differ
    if reading.is_separable:
        pair = reading.pairs[0]
        short = not several and pair is not None and pair.is_whole and max(height, width) <= _LONGEST_VECTOR
        what = "Separable, " + pair_text(pair) if short and pair is not None else "Separable"
        what = "Each of its slices is separable" if several else what
        yield f"{what}: {passes} instead of {height * width}."
    elif several:
        ranks = ", ".join(map(str, reading.ranks[:-1])) + f" and {reading.ranks[-1]}"
        yield f"Not separable: its slices for red, green and blue have the ranks {ranks}."
    else:
        yield f"Not separable: it takes the sum of {reading.ranks[0]} products of a column and a row."


def _mirrors(subject: _Subject) -> Iterable[str]:
    reading = subject.written
    height, width, _ = reading.shape
    named = [
        *([("left to right", reading.left_right)] if width > 1 else []),
        *([("top to bottom", reading.top_bottom)] if height > 1 else []),
        ("at the diagonal ↘", reading.diagonal),
        ("at the diagonal ↙", reading.antidiagonal),
    ]
    for parity, end in ((Parity.EVEN, "the same"), (Parity.ODD, "its own negative")):
        mirrors = [name for name, found in named if found is parity]
        if mirrors:
            yield f"Mirrored {', '.join(mirrors[:-1])}{' or ' if mirrors[1:] else ''}{mirrors[-1]}, it is {end}."


def _flipped(subject: _Subject) -> Iterable[str]:
    yield {
        Parity.EVEN: "Turned by 180°, it is the same: flipping it changes nothing.",
        Parity.ODD: "Turned by 180°, it is its own negative: flipping it turns the sign of the map.",
        Parity.NEITHER: "Turned by 180°, it is another kernel: flipping it changes the map.",
    }[subject.written.half_turn]


# --- fine and coarse ---------------------------------------------------------------------------------------


def _detail(subject: _Subject) -> Iterable[str]:
    if subject.is_blind_to_grey:
        return
    passed = frequency_response(subject.grey, _FREQUENCIES) / subject.gain
    middle = _FREQUENCIES // 2
    peak, flat = float(passed.max()), float(passed[middle, middle])
    if flat >= peak * (1 - _ALIKE):
        yield _low_pass(passed / flat)
        return
    best = _stripes(passed >= peak * (1 - _ALIKE))
    if flat > _HARDLY * peak:
        yield f"Strengthens detail: {best} pass about {peak / flat:.3g} times as strongly as flat areas."
        return
    finest = max(float(passed[0, middle]), float(passed[middle, 0]), float(passed[0, 0]))
    areas = f"flat areas {_share(flat / peak) if subject.total else 'not at all'}"
    if finest > _WEAKLY * peak:
        yield f"High-pass: {best} pass best, {areas}."
    else:
        checks = "stripes and checkerboards of single pixels"
        yield f"Band-pass: {best} pass best, {areas}, {checks} {_share(finest / peak)}."


def _low_pass(shares: Doubles) -> str:
    rows, cols = _frequencies()
    middle = _FREQUENCIES // 2
    fine = float(shares[np.hypot(rows, cols) > _FINE].max())
    upright = float(shares[middle, np.abs(cols[0]) > _FINE].max())
    level = float(shares[np.abs(rows[:, 0]) > _FINE, middle].max())
    stripes = "stripes with a period below 3 pixels"
    if fine <= _WEAKLY:
        does = "removes" if fine <= _REMOVED else "weakens"
        return (
            f"Low-pass: keeps coarse structure and {does} fine detail; "
            f"{stripes} pass {_share(fine)} as flat areas."
        )
    if min(upright, level) <= _WEAKLY < max(upright, level):
        names = ("vertical", "horizontal") if upright < level else ("horizontal", "vertical")
        shares_text = _share(min(upright, level)), _share(max(upright, level))
        return (
            f"Low-pass in one direction: {names[0]} {stripes} pass {shares_text[0]} as flat areas, "
            f"{names[1]} ones {shares_text[1]}."
        )
    return f"Hardly low-pass: flat areas pass best, but {stripes} up to about {_percent(fine)} % as strongly."


def _share(share: float) -> str:
    if share <= _NOTHING:
        return "not at all"
    return f"at most about {_percent(share)} % as strongly"


def _percent(share: float) -> int:
    # Rounded upwards, so that “at most” is true; but 34.0000001 is 34.
    return math.ceil(100 * share * (1 - _ALIKE))


def _stripes(best: npt.NDArray[np.bool_]) -> str:
    """Name the stripes of some frequencies, by what they have in common."""
    rows, cols = (axis[best] for axis in _frequencies())
    if (np.minimum(np.abs(rows), np.abs(cols)) == 0.5).all():
        return "checkerboards of single pixels"
    kind = "vertical stripes" if not rows.any() else "horizontal stripes" if not cols.any() else "stripes"
    periods = 1 / np.hypot(rows, cols)
    least, most = float(periods.min()), float(periods.max())
    return f"{kind} with a period of {_period(least, most)} pixels"


def _period(least: float, most: float) -> str:
    short, long = f"{least:.2g}", f"{most:.2g}"
    return f"about {short}" if short == long else f"about {short} to {long}"


def _frequencies() -> tuple[Doubles, Doubles]:
    axis = (np.arange(_FREQUENCIES) - _FREQUENCIES // 2) / _FREQUENCIES
    rows, cols = np.meshgrid(axis, axis, indexing="ij")
    return rows, cols


# --- colours -----------------------------------------------------------------------------------------------


def _colours(subject: _Subject) -> Iterable[str]:
    reading = subject.written
    if not subject.in_colour:
        return
    if not reading.slices_differ:
        yield "Its three slices are the same: it treats red, green and blue alike."
        return
    sums = [0.0 if abs(total) <= reading.rounding else total for total in reading.channel_sums]
    names = ("red", "green", "blue")
    if subject.is_blind_to_grey:
        yield "Whatever is grey becomes 0: it answers to colour alone."
    if min(sums) < 0 < max(sums):
        liked, disliked = (
            " and ".join(name for name, total in zip(names, sums, strict=True) if total * sign > 0)
            for sign in (1, -1)
        )
        yield f"Its three slices differ: it compares colours, flat areas of {liked} against {disliked}."
    elif not any(sums):
        yield "Its three slices differ: it tells colours apart at edges, and flat areas of any colour become 0."
    else:
        totals = ", ".join(f"{name} {number_text(total)}" for name, total in zip(names, sums, strict=True))
        yield f"Its three slices differ: flat areas of a pure colour become so many times their value: {totals}."
