"""The parameters of a layer, normalised once.

Stride, padding and dilation arrive in many spellings (an integer, a pair, a word). Here they become one
frozen `ConvSpec`; behind it nobody asks again whether a stride is an integer or a pair.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np

from conv_engine.errors import ConvError, shown

__all__ = ["BOUNDARIES", "PADDINGS", "ConvSpec", "PaddingLike", "Pads", "PairLike"]

PADDINGS = ("valid", "same", "full")
"""The paddings that have a name."""

BOUNDARIES = ("zeros", "reflect", "replicate", "circular")
"""What may fill the padding."""

Pads: TypeAlias = tuple[tuple[int, int], tuple[int, int]]
"""((top, bottom), (left, right)), in pixels."""

PairLike: TypeAlias = int | Sequence[int]
"""An integer for both axes, or (rows, columns)."""

PaddingLike: TypeAlias = str | int | Sequence[int] | Sequence[Sequence[int]]
"""A named padding, an integer for every side, (rows, columns), or ((top, bottom), (left, right))."""

# Far above any layer that can be computed, and low enough that no index overflows 64 bits.
LARGEST = 10**9


@dataclass(frozen=True)
class ConvSpec:
    """How a bank is laid on an image, each parameter in its one normal form.

    Make it with `ConvSpec.of`, which checks; the bare constructor takes its fields as they are.

    Attributes
    ----------
    stride : (int, int)
        Steps between neighbouring windows, (rows, columns), in pixels, each ≥ 1.
    padding : str or ((int, int), (int, int))
        ``"valid"``, ``"same"`` or ``"full"``, which depend on the sizes and so stay words here, or
        ((top, bottom), (left, right)) in pixels, each ≥ 0.
    dilation : (int, int)
        Steps between neighbouring taps of a kernel, (rows, columns), in pixels, each ≥ 1.
    groups : int
        Into how many equal parts channels and kernels are divided.
    boundary : str
        What fills the padding: ``"zeros"``, ``"reflect"``, ``"replicate"`` or ``"circular"``.
    """

    stride: tuple[int, int] = (1, 1)
    padding: str | Pads = "valid"
    dilation: tuple[int, int] = (1, 1)
    groups: int = 1
    boundary: str = "zeros"

    @classmethod
    def of(
        cls,
        *,
        stride: PairLike = 1,
        padding: PaddingLike = "valid",
        dilation: PairLike = 1,
        groups: int = 1,
        boundary: str = "zeros",
    ) -> "ConvSpec":
        """Check loose arguments and bring them to their normal form.

        Parameters
        ----------
        stride, dilation : int or (int, int)
            One integer ≥ 1 for both axes, or (rows, columns).
        padding : str, int, (int, int) or ((int, int), (int, int))
            ``"valid"``, ``"same"``, ``"full"``, pixels on every side, (rows, columns) or
            ((top, bottom), (left, right)).
        groups : int
            At least 1.
        boundary : str
            ``"zeros"``, ``"reflect"``, ``"replicate"`` or ``"circular"``.

        Returns
        -------
        ConvSpec
            The same parameters, each in its one form.

        Raises
        ------
        ConvError
            If a parameter is not of these kinds. Booleans and floats are not integers here, even 2.0.

        Examples
        --------
        >>> ConvSpec.of(stride=2, padding=(1, 0)).padding
        ((1, 1), (0, 0))
        """
        return cls(
            stride=_pair("stride", stride),
            padding=_padding(padding),
            dilation=_pair("dilation", dilation),
            groups=integer("groups", groups, least=1),
            boundary=choice("boundary", boundary, BOUNDARIES),
        )


def integer(name: str, value: object, *, least: int, most: int | None = None, where: str = "") -> int:
    """Return `value` as a Python int, or raise ConvError if it is not an integer of least … most."""
    rule = f"≥ {least}" if most is None else f"from {least} to {most}"
    if isinstance(value, int | np.integer) and not isinstance(value, bool):
        number = int(value)
        if number > LARGEST and most is None:
            rule = f"≤ {LARGEST}"
        elif number >= least and (most is None or number <= most):
            return number
    raise ConvError(f"{name} must be an integer {rule}, got {shown(value)}{where}")


def choice(name: str, value: object, allowed: Sequence[str]) -> str:
    """Return `value` if it is one of the allowed words, else raise ConvError with the list of them."""
    if isinstance(value, str) and value in allowed:
        return str(value)
    words = ", ".join(repr(word) for word in allowed)
    raise ConvError(f"{name} must be one of {words}, got {shown(value)}")


def is_list(value: object) -> bool:
    """Tell whether `value` is a list of things in order: a tuple, a list or an array of one axis or more."""
    return isinstance(value, tuple | list) or (isinstance(value, np.ndarray) and value.ndim > 0)


def _pair(name: str, value: object) -> tuple[int, int]:
    if not is_list(value):
        number = integer(name, value, least=1)
        return number, number
    items = list(value)  # type: ignore[call-overload]
    if len(items) != 2:
        raise ConvError(f"{name} must be an integer ≥ 1 or a pair (rows, columns), got {shown(value)}")
    return (
        integer(name, items[0], least=1, where=" for the rows"),
        integer(name, items[1], least=1, where=" for the columns"),
    )


def _padding(value: object) -> str | Pads:
    if isinstance(value, str) and value in PADDINGS:
        return str(value)
    if isinstance(value, str) or not (is_list(value) or isinstance(value, int | float | complex | np.generic)):
        raise _padding_error(value)
    if not is_list(value):
        amount = integer("padding", value, least=0)
        return (amount, amount), (amount, amount)
    items = list(value)  # type: ignore[call-overload]
    if len(items) != 2 or is_list(items[0]) != is_list(items[1]):
        raise _padding_error(value)
    if not is_list(items[0]):
        rows = integer("padding", items[0], least=0, where=" for the rows")
        cols = integer("padding", items[1], least=0, where=" for the columns")
        return (rows, rows), (cols, cols)
    if any(len(sides) != 2 for sides in items):
        raise _padding_error(value)
    (top, bottom), (left, right) = (
        tuple(
            integer("padding", amount, least=0, where=f" for the {side}")
            for side, amount in zip(names, sides, strict=True)
        )
        for names, sides in zip((("top", "bottom"), ("left", "right")), items, strict=True)
    )
    return (top, bottom), (left, right)


def _padding_error(value: object) -> ConvError:
    words = ", ".join(repr(word) for word in PADDINGS)
    return ConvError(
        f"padding must be one of {words}, an integer ≥ 0, (rows, columns) or ((top, bottom), (left, right)), "
        f"got {shown(value)}"
    )
