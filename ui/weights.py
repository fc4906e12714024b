"""Weights as people type and read them: decimals and fractions, parsed and never evaluated."""

import math
import re
from fractions import Fraction

__all__ = ["LARGEST_WEIGHT", "WeightError", "format_weight", "parse_weight"]

LARGEST_WEIGHT = 1e6
"""No kernel needs more, and far beyond it sums of products leave the range of float32."""

_LONGEST_TEXT = 40
_DECIMAL = r"(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d{1,3})?"
_NUMBER = re.compile(rf"(?P<sign>[+-]?)\s*(?P<top>{_DECIMAL})(?:\s*/\s*(?P<bottom>{_DECIMAL}))?", re.ASCII)


class WeightError(ValueError):
    """A text that is no weight. Its message is a sentence for a person."""


def parse_weight(text: str) -> float:
    """Read a weight.

    Parameters
    ----------
    text : str
        A decimal such as ``-0.5`` or ``1e-3``, or a fraction such as ``1/9``. The minus may be a hyphen or a
        proper minus sign, the decimal mark a point or a comma.

    Returns
    -------
    float
        The nearest double.

    Raises
    ------
    WeightError
        If it is something else, a division by zero, or larger than `LARGEST_WEIGHT`.

    Examples
    --------
    >>> parse_weight("−1/8")
    -0.125
    """
    shown = f"“{text[:_LONGEST_TEXT]}{'…' if len(text) > _LONGEST_TEXT else ''}”"
    plain = text.strip().replace("−", "-").replace(",", ".")
    if len(plain) > _LONGEST_TEXT:
        raise WeightError(
            f"{shown} has more than {_LONGEST_TEXT} characters. Type a number such as 2, -0.5 or 1/9."
        )
    match = _NUMBER.fullmatch(plain)
    if match is None:
        raise WeightError(f"{shown} is not a number. Type one such as 2, -0.5 or 1/9.")
    value = Fraction(match["top"])
    if match["bottom"]:
        bottom = Fraction(match["bottom"])
        if bottom == 0:
            raise WeightError(f"{shown} divides by zero. Type a number such as 2, -0.5 or 1/9.")
        value /= bottom
    if value > LARGEST_WEIGHT:
        raise WeightError(f"{shown} is too large. A weight lies between -1,000,000 and 1,000,000.")
    return -float(value) if match["sign"] == "-" and value else float(value)


def format_weight(weight: float) -> str:
    """Write a weight so that `parse_weight` reads back the very same double.

    Parameters
    ----------
    weight : float
        Finite, of at most `LARGEST_WEIGHT`.

    Returns
    -------
    str
        A short decimal, or a fraction with a denominator of up to 1000 where that is exact and shorter, or all
        digits.

    Raises
    ------
    WeightError
        If the weight is not finite.

    Examples
    --------
    >>> format_weight(0.25), format_weight(1 / 9), format_weight(3.0)
    ('0.25', '1/9', '3')
    """
    if not math.isfinite(weight):
        raise WeightError(f"A weight must be a finite number, got {weight}.")
    if weight == int(weight):
        return str(int(weight))
    decimal = repr(weight)
    if len(decimal.lstrip("-")) <= 5:
        return decimal
    near = Fraction(weight).limit_denominator(1000)
    fraction = f"{near.numerator}/{near.denominator}"
    exact = near.numerator / near.denominator == weight
    return fraction if exact and len(fraction) < len(decimal) else decimal
