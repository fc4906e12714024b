"""A chain of layers as a short text: what stands in the address, and what can be typed into one field.

``224x224.c7s2p3.m3s2p1.c3p1`` is a picture of 224 × 224 pixels, a convolution of 7 × 7 with stride 2 and 3 pixels
of padding on every side, a pooling of 3 × 3, and a convolution of 3 × 3. Without a size in front the chain lies on
the experiment's own picture. Letters, digits, ``.`` and ``-`` need no escape in an address (RFC 3986, part 2.3).

What is read here may come from anybody: it is taken apart piece by piece, and each number has its limits.
"""

import re
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import TypeAlias

from conv_engine.receptive import ChainLayer
from conv_engine.spec import PADDINGS, ConvSpec

__all__ = [
    "KINDS",
    "LARGEST_AMOUNT",
    "LARGEST_SIDE",
    "LONGEST_CHAIN",
    "MOST_LAYERS",
    "Chain",
    "ChainError",
    "Link",
    "format_chain",
    "format_padding",
    "format_pair",
    "parse_chain",
    "parse_padding",
    "parse_pair",
]

MOST_LAYERS = 12
LARGEST_AMOUNT = 64
"""The largest kernel, stride, padding and dilation, in pixels."""

LARGEST_SIDE = 20_000
LONGEST_CHAIN = 500
"""Characters: twelve layers with every number at its longest have fewer."""

KINDS = MappingProxyType({"c": "Convolution", "m": "Pooling"})
"""The kinds of layers, by their letter. Both obey the same rules of size."""

Pads: TypeAlias = tuple[tuple[int, int], tuple[int, int]]

_LINK = re.compile(
    r"(?P<kind>[a-z])(?P<kernel>\d[\dx]*)(?:s(?P<stride>[\dx]+))?(?:p(?P<padding>valid|[a-z]{4}|\d[\dx-]*))?"
    r"(?:d(?P<dilation>[\dx]+))?",
    re.ASCII,
)
_SHOWN = 24


class ChainError(ValueError):
    """A text that is no chain. Its message is a sentence for a person."""


@dataclass(frozen=True)
class Link:
    """One layer of a chain.

    Attributes
    ----------
    kind : str
        A key of `KINDS`.
    kernel, stride, dilation : (int, int)
        Rows and columns, 1 to 64.
    padding : str or ((int, int), (int, int))
        ``"valid"``, ``"same"``, ``"full"`` or ((top, bottom), (left, right)), 0 to 64.
    """

    kind: str = "c"
    kernel: tuple[int, int] = (3, 3)
    stride: tuple[int, int] = (1, 1)
    padding: str | Pads = "valid"
    dilation: tuple[int, int] = (1, 1)

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            raise ChainError(f"A layer begins with c, a convolution, or m, a pooling, got “{_cut(self.kind)}”.")
        for name, values in (("kernel", self.kernel), ("stride", self.stride), ("dilation", self.dilation)):
            _check(f"The {name}", values, 1)
        if isinstance(self.padding, str):
            if self.padding not in PADDINGS:
                raise ChainError(_padding_rule(self.padding))
        else:
            _check("The padding", (*self.padding[0], *self.padding[1]), 0)
            if self.padding == ((0, 0), (0, 0)):
                object.__setattr__(self, "padding", "valid")  # the same layer has one spelling

    def layer(self, name: str = "") -> ChainLayer:
        """Return the layer for `conv_engine.receptive`, under a name."""
        spec = ConvSpec(stride=self.stride, padding=self.padding, dilation=self.dilation)
        return ChainLayer(self.kernel, spec, name)


@dataclass(frozen=True)
class Chain:
    """Layers, one on the other.

    Attributes
    ----------
    links : tuple of Link
        1 to 12, from the picture on.
    size : (int, int) or None
        Rows and columns of what the chain lies on; None for the experiment's picture.
    """

    links: tuple[Link, ...]
    size: tuple[int, int] | None = None

    def __post_init__(self) -> None:
        if not 1 <= len(self.links) <= MOST_LAYERS:
            raise ChainError(f"A chain has 1 to {MOST_LAYERS} layers, got {len(self.links)}.")
        if self.size is not None:
            _check("A side of the picture", self.size, 1, LARGEST_SIDE)

    @property
    def names(self) -> tuple[str, ...]:
        """What the layers are called: ``"conv 1"``, ``"pool 1"``, ``"conv 2"``, and so on."""
        counts = dict.fromkeys(KINDS, 0)
        names = []
        for link in self.links:
            counts[link.kind] += 1
            names.append(f"{'conv' if link.kind == 'c' else 'pool'} {counts[link.kind]}")
        return tuple(names)

    def layers(self) -> list[ChainLayer]:
        """Return the layers for `conv_engine.receptive`, under their names."""
        return [link.layer(name) for link, name in zip(self.links, self.names, strict=True)]

    def changed(self, index: int, link: Link) -> "Chain":
        """Return the chain with another layer in the place of one."""
        return replace(self, links=(*self.links[:index], link, *self.links[index + 1 :]))

    def added(self, index: int, link: Link) -> "Chain":
        """Return the chain with one layer more, before the one of this number."""
        return replace(self, links=(*self.links[:index], link, *self.links[index:]))

    def removed(self, index: int) -> "Chain":
        """Return the chain without one of its layers."""
        return replace(self, links=(*self.links[:index], *self.links[index + 1 :]))

    def moved(self, index: int, to: int) -> "Chain":
        """Return the chain with a layer at another place."""
        links = list(self.links)
        links.insert(to, links.pop(index))
        return replace(self, links=tuple(links))


def format_chain(chain: Chain) -> str:
    """Write a chain, as short as can be.

    Parameters
    ----------
    chain : Chain

    Returns
    -------
    str
        What is 1, and a padding that is none, is left out; `parse_chain` reads the same chain from it.

    Examples
    --------
    >>> format_chain(Chain((Link("c", (5, 5)), Link("m", (2, 2), stride=(2, 2))), size=(32, 32)))
    '32x32.c5.m2s2'
    """
    parts = [] if chain.size is None else ["{}x{}".format(*chain.size)]
    for link in chain.links:
        text = f"{link.kind}{format_pair(link.kernel)}"
        text += f"s{format_pair(link.stride)}" if link.stride != (1, 1) else ""
        text += f"p{format_padding(link.padding)}" if link.padding != "valid" else ""
        text += f"d{format_pair(link.dilation)}" if link.dilation != (1, 1) else ""
        parts.append(text)
    return ".".join(parts)


def parse_chain(text: str) -> Chain:
    """Read a chain, from an address or from a field.

    Parameters
    ----------
    text : str
        Anything.

    Returns
    -------
    Chain

    Raises
    ------
    ChainError
        If it is no chain: the sentence says which part, and what would be right.

    Examples
    --------
    >>> parse_chain("c3p1.m2s2").names
    ('conv 1', 'pool 1')
    """
    if len(text) > LONGEST_CHAIN:
        raise ChainError(f"A chain has up to {LONGEST_CHAIN} characters, got {len(text):,}.")
    first, *others = text.strip().lower().split(".")
    size = None
    if first[:1].isdigit():
        size = parse_pair(first, "The picture", LARGEST_SIDE)
    else:
        others.insert(0, first)
    if len(others) > MOST_LAYERS:
        raise ChainError(f"A chain has 1 to {MOST_LAYERS} layers, got {len(others)}.")
    return Chain(tuple(_link(part, number) for number, part in enumerate(others, 1)), size)


def format_pair(pair: tuple[int, int]) -> str:
    """Write rows and columns: ``"3"`` where they are equal, else ``"3x5"``."""
    return str(pair[0]) if pair[0] == pair[1] else f"{pair[0]}x{pair[1]}"


def parse_pair(text: str, what: str, most: int = LARGEST_AMOUNT) -> tuple[int, int]:
    """Read a whole number for both axes, or one for the rows and one for the columns.

    Parameters
    ----------
    text : str
        Such as ``"3"``, ``"3x5"`` or ``"3 × 5"``.
    what : str
        What it is, to begin a sentence with.
    most : int
        The largest number.

    Returns
    -------
    (int, int)

    Raises
    ------
    ChainError
        If it is something else, or a number is not from 1 to `most`.
    """
    parts = _clean(text).split("x")
    if len(parts) > 2 or not all(_is_number(part) for part in parts):
        raise ChainError(f"{what} is a whole number, or two such as 3x5 for rows and columns, got “{_cut(text)}”.")
    pair = int(parts[0]), int(parts[-1])
    _check(what, pair, 1, most)
    return pair


def format_padding(padding: str | Pads) -> str:
    """Write a padding: its name, or its pixels as `parse_padding` reads them."""
    if isinstance(padding, str):
        return padding
    (top, bottom), (left, right) = padding
    if top == bottom and left == right:
        return format_pair((top, left))
    return f"{top}-{bottom}-{left}-{right}"


def parse_padding(text: str) -> str | Pads:
    """Read a padding.

    Parameters
    ----------
    text : str
        ``"valid"``, ``"same"``, ``"full"``; pixels on every side, ``"1"``; for rows and columns, ``"1x2"``; or for
        top, bottom, left and right, ``"0-1-0-1"``.

    Returns
    -------
    str or ((int, int), (int, int))

    Raises
    ------
    ChainError
        If it is something else, or a number is not from 0 to 64.
    """
    clean = _clean(text)
    if clean in PADDINGS:
        return clean
    parts = clean.split("-" if "-" in clean else "x")
    if len(parts) not in ((4,) if "-" in clean else (1, 2)) or not all(_is_number(part) for part in parts):
        raise ChainError(_padding_rule(text))
    numbers = [int(part) for part in parts]
    _check("The padding", tuple(numbers), 0)
    if len(numbers) == 4:
        return (numbers[0], numbers[1]), (numbers[2], numbers[3])
    return (numbers[0], numbers[0]), (numbers[-1], numbers[-1])


def _link(text: str, number: int) -> Link:
    match = _LINK.fullmatch(text)
    if match is None:
        raise ChainError(f"Layer {number} is written such as c3s2p1 or m2s2, got “{_cut(text)}”.")
    try:
        return Link(
            match["kind"],
            parse_pair(match["kernel"], "The kernel"),
            parse_pair(match["stride"] or "1", "The stride"),
            parse_padding(match["padding"] or "valid"),
            parse_pair(match["dilation"] or "1", "The dilation"),
        )
    except ChainError as error:
        raise ChainError(f"Layer {number}, “{_cut(text)}”: {error}") from error


def _clean(text: str) -> str:
    return "".join(text[:LONGEST_CHAIN].lower().replace("×", "x").replace(",", "x").split())


def _is_number(text: str) -> bool:
    # Of ASCII digits alone, and few of them: Python reads no integer of thousands.
    return text.isascii() and text.isdigit() and len(text) <= len(str(LARGEST_SIDE))


def _check(what: str, values: tuple[int, ...], least: int, most: int = LARGEST_AMOUNT) -> None:
    for value in values:
        if not least <= value <= most:
            raise ChainError(f"{what} must be from {least} to {most:,}, got {value}.")


def _padding_rule(text: str) -> str:
    return (
        "The padding is valid, same, full, a number, two such as 1x2 for rows and columns, or four such as "
        f"0-1-0-1 for top, bottom, left and right, got “{_cut(text)}”."
    )


def _cut(text: str) -> str:
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…"
