"""A stack of layers on a photo: convolutions, ReLUs and poolings, one on the maps of the other.

A `Stack` is the wish: what the layers are, as they are chosen and as they stand in an address. `run_stack` lays it
on a picture. Where a layer cannot be laid on the maps before it, those before it are shown, and a sentence says
which layer it is and which numbers do not go together.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import TypeAlias

import numpy as np

from conv_engine import ConvError, conv2d
from conv_engine.arrays import Doubles
from conv_engine.axis import Indices
from conv_engine.plan import Plan2D, plan2d
from conv_engine.pooling import average_pool2d, max_pool2d, max_pool2d_winners, plan_pool2d, relu
from conv_engine.receptive import ChainLayer, Stage, receptive_field
from ui.experiment import Feature
from ui.images import Pixels
from ui.layer import Values, bank_of, kernel_of
from ui.stack_presets import BANKS, StackBank

__all__ = [
    "EACH",
    "KINDS",
    "LARGEST_BIAS",
    "LARGEST_POOL",
    "LARGEST_SIDE",
    "LARGEST_STEP",
    "MOST_LAYERS",
    "MOST_MAPS",
    "PADDINGS",
    "STUDIO",
    "Row",
    "Stack",
    "StackError",
    "StackLayer",
    "StackRun",
    "format_stack",
    "parse_stack",
    "run_stack",
]

MOST_LAYERS = 5
MOST_MAPS = 32
"""Maps of one layer: more small pictures than that cannot be looked at."""

LARGEST_SIDE = 256
"""Pixels along the longer side of the picture that a stack is laid on."""

LARGEST_STEP = 4
LARGEST_POOL = 8
LARGEST_BIAS = 5000

STUDIO, EACH = "studio", "each"
"""The experiment's own bank: each kernel laid on all maps alike, or on each map by itself."""

KINDS = {"conv": "Convolution", "relu": "ReLU", "max": "Max pooling", "average": "Average pooling"}
"""The kinds of layers, and their names for people."""

PADDINGS = {"v": "none (valid)", "s": "zeros (same)", "r": "rim repeated (same)"}
"""How a convolution's maps may be padded, by their letters in an address."""

_LAYERS_APART, _PARTS_APART = "~", "."
_LUMA = (0.299, 0.587, 0.114)
# So many products are summed one by one, in which what cancels is 0; of more a Fourier transform is made.
_MOST_PRODUCTS = 4 * 10**8

_Array: TypeAlias = Values | Pixels


class StackError(ValueError):
    """A stack that cannot be. Its message is a sentence for a person."""


@dataclass(frozen=True)
class Row:
    """One layer as it is asked for.

    Attributes
    ----------
    kind : str
        A key of `KINDS`.
    bank : str
        Of a convolution: a key of `ui.stack_presets.BANKS`, ``"studio"`` or ``"each"``.
    size : int
        Of a pooling: rows and columns of its windows, 1 to 8.
    stride : int
        From window to window: 1 to 4 for a convolution, 1 to 8 for a pooling.
    padding : str
        Of a convolution: a key of `PADDINGS`.
    bias : int or None
        Of a convolution with a bank of `BANKS`: the bias of all its units, for pixels from 0 to 255; None for the
        bank's own.
    """

    kind: str = "conv"
    bank: str = ""
    size: int = 2
    stride: int = 1
    padding: str = "v"
    bias: int | None = None

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            raise StackError(f"A layer is one of {', '.join(KINDS)}, got “{_cut(self.kind)}”.")
        if self.kind == "conv":
            if self.bank not in BANKS and self.bank not in (STUDIO, EACH):
                raise StackError(f"There is no bank “{_cut(self.bank)}”.")
            if self.padding not in PADDINGS:
                raise StackError(f"The padding is one of {', '.join(PADDINGS)}, got “{_cut(self.padding)}”.")
            _check("The stride of a convolution", self.stride, 1, LARGEST_STEP)
            if self.bias is not None:
                _check("The bias", self.bias, -LARGEST_BIAS, LARGEST_BIAS)
                if self.bank not in BANKS:
                    raise StackError("The kernels of the studio have biases of their own.")
        elif self.kind != "relu":
            _check("The size of a pooling", self.size, 1, LARGEST_POOL)
            _check("The stride of a pooling", self.stride, 1, LARGEST_POOL)

    @property
    def title(self) -> str:
        """What the layer is, in some words."""
        if self.kind == "conv":
            return f"Convolution: {bank_title(self.bank)}"
        return KINDS[self.kind] + ("" if self.kind == "relu" else f" {self.size} × {self.size}")


Stack: TypeAlias = tuple[Row, ...]
"""Up to five layers, from the picture on."""


def bank_title(bank: str) -> str:
    """Return a bank's name for people."""
    own = {STUDIO: "your bank, on the sum of all maps", EACH: "your bank, on each map"}
    return own[bank] if bank in own else BANKS[bank].title


def format_stack(stack: Sequence[Row]) -> str:
    """Write a stack for an address.

    Parameters
    ----------
    stack : sequence of Row
        Up to five.

    Returns
    -------
    str
        In letters, digits and ``-._~`` (RFC 3986, section 2.3), such as ``conv.edges4.1.v~relu~max.2.2``.
    """
    return _LAYERS_APART.join(_PARTS_APART.join(_parts(row)) for row in stack)


def _parts(row: Row) -> list[str]:
    if row.kind == "relu":
        return [row.kind]
    if row.kind == "conv":
        parts = [row.kind, row.bank, str(row.stride), row.padding]
        return parts if row.bias is None else [*parts, str(row.bias)]
    return [row.kind, str(row.size), str(row.stride)]


def parse_stack(text: str) -> Stack:
    """Read what `format_stack` writes, or what somebody has typed into an address.

    Parameters
    ----------
    text : str
        Of any origin.

    Returns
    -------
    tuple of Row

    Raises
    ------
    StackError
        If it is no such text, or a number is out of its range; the message names the layer, counted from 1.

    Examples
    --------
    >>> [row.title for row in parse_stack("conv.edges4.1.v~relu~max.2.2")]
    ['Convolution: edges in four directions', 'ReLU', 'Max pooling 2 × 2']
    """
    texts = text.split(_LAYERS_APART, MOST_LAYERS + 1)
    if len(texts) > MOST_LAYERS:
        raise StackError(f"A stack has 1 to {MOST_LAYERS} layers, got more.")
    rows = []
    for number, part in enumerate(texts, 1):
        try:
            rows.append(_row(part))
        except StackError as error:
            raise StackError(f"Layer {number}: {error}") from error
    return tuple(rows)


def _row(text: str) -> Row:
    kind, *parts = text.split(_PARTS_APART, 6)
    if kind == "relu" and not parts:
        return Row("relu")
    if kind == "conv" and len(parts) in (3, 4):
        bias = _integer(parts[3]) if len(parts) == 4 else None
        return Row("conv", parts[0], stride=_integer(parts[1]), padding=parts[2], bias=bias)
    if kind in ("max", "average") and len(parts) == 2:
        return Row(kind, size=_integer(parts[0]), stride=_integer(parts[1]))
    raise StackError(
        f"A layer is written such as conv.edges4.1.v, relu, max.2.2 or average.2.2, got “{_cut(text)}”."
    )


def _integer(text: str) -> int:
    if not re.fullmatch(r"-?\d{1,6}", text, re.ASCII):
        raise StackError(f"A number is written in up to six digits, got “{_cut(text)}”.")
    return int(text)


def _check(name: str, value: int, least: int, most: int) -> None:
    if type(value) is not int or not least <= value <= most:
        raise StackError(f"{name} must be an integer from {least} to {most:,}, got {_cut(str(value))}.")


def _cut(text: str) -> str:
    return text if len(text) <= 30 else f"{text[:30]}…"


@dataclass(frozen=True, eq=False)
class StackLayer:
    """A layer that has been laid on the maps before it.

    Attributes
    ----------
    row : Row
        What was asked for.
    title : str
        What it is, in some words.
    maps : ndarray of shape (oh, ow, K), float32
        What it gives.
    names : tuple of str
        Of its K units.
    parameters : int
        Its weights and biases.
    formula : str
        How these are counted, with the numbers put in; "" where there are none.
    kernel : (int, int)
        The rows and columns of maps before it that a cell looks at.
    stride, before : (int, int)
        From cell to cell, and the padding before the first row and column.
    sources : tuple of tuple of int
        For each unit the maps before it that it looks at; those whose weights are all 0 are not among them.
    stage : Stage
        Size, receptive field and jump, in pixels of the picture.
    winners : ndarray of shape (oh, ow, K) or None
        Of max pooling: which cell of each window has the largest value, see `max_pool2d_winners`.
    """

    row: Row
    title: str
    maps: Values
    names: tuple[str, ...]
    parameters: int
    formula: str
    kernel: tuple[int, int]
    stride: tuple[int, int]
    before: tuple[int, int]
    sources: tuple[tuple[int, ...], ...]
    stage: Stage
    winners: Indices | None = None

    @cached_property
    def limit(self) -> float:
        """The largest magnitude of all its maps, where their common scale of colours ends; 0 if all is 0."""
        return float(np.abs(self.maps).max())


@dataclass(frozen=True, eq=False)
class StackRun:
    """A stack laid on a picture.

    Attributes
    ----------
    pixels : ndarray of shape (H, W, C), uint8
        The picture.
    layers : tuple of StackLayer
        Those that could be laid, from the picture on.
    problem : str
        A sentence on the first that could not; "" if all could.
    """

    pixels: Pixels
    layers: tuple[StackLayer, ...]
    problem: str = ""

    def regions(self, layer: int, row: int, col: int) -> list[tuple[range, range]]:
        """Return what a cell sees of the picture and of each layer before its own.

        Parameters
        ----------
        layer : int
            The cell's layer, from 0.
        row, col : int
            The cell.

        Returns
        -------
        list of (range, range)
            Rows and columns in the picture, then in layer 0, 1, … up to the one before; those on padding included.

        Raises
        ------
        ConvError
            If the cell lies outside the layer's maps.
        """
        chain = [one.stage.layer for one in self.layers[: layer + 1]]
        sizes = [self.pixels.shape[:2], *(one.maps.shape[:2] for one in self.layers[:layer])]
        return [receptive_field(size, chain[first:])[-1].region(row, col) for first, size in enumerate(sizes)]


@dataclass(frozen=True)
class _Before:
    """What a layer is laid on."""

    maps: _Array
    names: tuple[str, ...]
    banks: tuple[str, ...]  # those of the convolutions so far
    is_picture: bool = False

    @property
    def size(self) -> str:
        return f"{self.maps.shape[0]} × {self.maps.shape[1]} × {self.maps.shape[2]}"


@dataclass(frozen=True)
class _Made:
    maps: Values
    names: tuple[str, ...]
    chain: ChainLayer
    plan: Plan2D | None
    sources: tuple[tuple[int, ...], ...]
    counted: tuple[int, str] = (0, "")
    winners: Indices | None = field(default=None, repr=False)


def run_stack(
    stack: Sequence[Row], pixels: Pixels, features: Sequence[Feature], *, unit: bool = False, flip: bool = False
) -> StackRun:
    """Lay a stack on a picture.

    Parameters
    ----------
    stack : sequence of Row
        The layers.
    pixels : ndarray of shape (H, W, C), uint8
        The picture; C is 1 or 3.
    features : sequence of Feature
        The bank of the studio.
    unit : bool
        Whether pixels are counted from 0 to 1. The biases of `BANKS` go with them: as ReLU and pooling only scale
        with their maps, every value is then the 255th part.
    flip : bool
        Whether the studio's kernels are turned over.

    Returns
    -------
    StackRun
    """
    maps: _Array = np.divide(pixels, 255, dtype=np.float32) if unit else pixels
    before = _Before(maps, tuple("RGB") if pixels.shape[2] == 3 else ("grey",), (), is_picture=True)
    layers = list[StackLayer]()
    chain = list[ChainLayer]()
    for number, row in enumerate(stack, 1):
        try:
            made = _lay(row, before, features, unit, flip)
            chain.append(made.chain)
            stage = receptive_field(pixels.shape[:2], chain)[-1]
        except (ConvError, StackError) as error:
            sentence = str(error)
            return StackRun(pixels, tuple(layers), f"Layer {number}, {_lower(row.title)}: {sentence.rstrip('.')}.")
        axes = (made.plan.row_axis, made.plan.col_axis) if made.plan else None
        layers.append(
            StackLayer(
                row=row,
                title="Convolution: your bank" if before.is_picture and row.bank in (STUDIO, EACH) else row.title,
                maps=made.maps,
                names=made.names,
                parameters=made.counted[0],
                formula=made.counted[1],
                kernel=made.chain.kernel,
                stride=made.chain.spec.stride,
                before=(axes[0].before, axes[1].before) if axes else (0, 0),
                sources=made.sources,
                stage=stage,
                winners=made.winners,
            )
        )
        banks = (*before.banks, row.bank) if row.kind == "conv" else before.banks
        before = _Before(made.maps, made.names, banks)
    return StackRun(pixels, tuple(layers))


def _lower(title: str) -> str:
    return title if title.startswith("ReLU") else title[0].lower() + title[1:]


def _lay(row: Row, before: _Before, features: Sequence[Feature], unit: bool, flip: bool) -> _Made:
    count = before.maps.shape[2]
    alone = tuple((index,) for index in range(count))
    if row.kind == "relu":
        return _Made(relu(before.maps).astype(np.float32), before.names, ChainLayer.of(1), None, alone)
    if row.kind == "conv":
        return _convolve(row, before, features, unit, flip)
    plan = plan_pool2d(_shape(before.maps), row.size, row.stride)
    pool = max_pool2d if row.kind == "max" else average_pool2d
    return _Made(
        pool(before.maps, row.size, row.stride).astype(np.float32),
        before.names,
        ChainLayer.of(row.size, stride=row.stride),
        plan,
        alone,
        winners=max_pool2d_winners(before.maps, row.size, row.stride) if row.kind == "max" else None,
    )


def _convolve(row: Row, before: _Before, features: Sequence[Feature], unit: bool, flip: bool) -> _Made:
    channels = before.maps.shape[2]
    groups = 1
    if row.bank in BANKS:
        bank = _written(BANKS[row.bank], before)
        own = BANKS[row.bank].bias if row.bias is None else float(row.bias)
        bias = np.full(len(bank), own / 255 if unit else own)
        names, flip = BANKS[row.bank].units, False
    elif row.bank == STUDIO or before.is_picture:
        bank = _studio(features, channels, before)
        bias = np.array([feature.bias for feature in features], dtype=np.float64)
        names = _names(features)
    else:
        groups = channels
        kernels = _studio(features, 1, before)
        _check_maps(len(kernels) * channels, f"{len(kernels)} kernels on each of {channels} maps")
        bank = np.tile(kernels, (channels, 1, 1, 1))
        bias = np.tile([feature.bias for feature in features], channels)
        names = tuple(f"{name} on {of}" for of in before.names for name in _names(features))
    padding = "valid" if row.padding == "v" else "same"
    boundary = "replicate" if row.padding == "r" else "zeros"
    plan = plan2d(
        _shape(before.maps), bank.shape, stride=row.stride, padding=padding, boundary=boundary, groups=groups
    )
    _check_maps(len(bank), f"{len(bank)} kernels")
    products = bank.size * plan.output_shape[0] * plan.output_shape[1]
    maps = conv2d(
        before.maps,
        bank,
        bias,
        stride=row.stride,
        padding=padding,
        boundary=boundary,
        groups=groups,
        flip=flip,
        method="direct" if products <= _MOST_PRODUCTS else "auto",
    )
    return _Made(
        maps,
        names,
        ChainLayer.of(_pair(bank), stride=row.stride, padding=padding),
        plan,
        _sources(bank, groups),
        _counted(bank),
    )


def _written(bank: StackBank, before: _Before) -> Doubles:
    """Return a bank of ours for the maps that it is laid on."""
    channels = before.maps.shape[2]
    if bank.channels is None:
        shares = _LUMA if before.is_picture and channels == 3 else (1.0,) * channels
        spread: Doubles = bank.kernels[:, :, :, np.newaxis] * np.array(shares)
        return spread
    made_for = " or ".join(f"“{BANKS[key].title}”" for key in bank.on)
    if bank.channels != channels:
        raise StackError(
            f"its kernels have a slice for each of {bank.channels} maps, those of {made_for}, and it is given "
            f"{before.size}: {channels} {'map' if channels == 1 else 'maps'}"
        )
    if before.is_picture or before.banks[-1] not in bank.on:
        what = "the picture" if before.is_picture else f"“{bank_title(before.banks[-1])}”"
        raise StackError(f"its weights are written for the maps of {made_for}, and it is laid on those of {what}")
    return bank.kernels


def _studio(features: Sequence[Feature], channels: int, before: _Before) -> Doubles:
    if not before.is_picture:
        for feature in features:
            weights = kernel_of(feature).weights
            if weights.ndim == 3:
                raise StackError(
                    f"the kernel “{feature.name or kernel_of(feature).title}” has a slice for each of "
                    f"{weights.shape[2]} colours, and the {before.maps.shape[2]} maps before it are no colours"
                )
    return bank_of(features, channels)


def _names(features: Sequence[Feature]) -> tuple[str, ...]:
    return tuple(feature.name or kernel_of(feature).title for feature in features)


def _check_maps(count: int, what: str) -> None:
    if count > MOST_MAPS:
        raise StackError(f"a layer has up to {MOST_MAPS} maps here, and {what} make {count}")


def _sources(bank: Doubles, groups: int) -> tuple[tuple[int, ...], ...]:
    weighs = np.any(bank != 0, axis=(1, 2))
    each = len(bank) // groups
    return tuple(
        tuple(int(index) + (unit // each if groups > 1 else 0) for index in np.flatnonzero(slices))
        for unit, slices in enumerate(weighs)
    )


def _counted(bank: Doubles) -> tuple[int, str]:
    units, rows, cols, slices = bank.shape
    total = bank.size + units
    return total, f"{units} · ({rows} · {cols} · {slices} + 1) = {total:,}"


def _shape(maps: _Array) -> tuple[int, int, int]:
    return maps.shape[0], maps.shape[1], maps.shape[2]


def _pair(bank: Doubles) -> tuple[int, int]:
    return bank.shape[1], bank.shape[2]
