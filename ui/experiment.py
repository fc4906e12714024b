"""One experiment, and its address.

An `Experiment` is all that a page shows but the photo itself: which picture, at which size, under which bank and
plan, and the place in it. Every page shows the same experiment from another side. `to_query` writes it as a short
query for the address bar, leaving out what is as at the start; `from_query` reads any query, and never raises.
"""

import math
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields, replace
from difflib import get_close_matches
from typing import Any, NamedTuple, TypeAlias

from conv_engine import LIBRARY, ConvError, ConvSpec
from conv_engine.parametric import PARAMETRIC
from ui.images import SAMPLES, WORKING_SIZES
from ui.text import cut
from ui.weights import LARGEST_WEIGHT

__all__ = [
    "LARGEST_KERNEL",
    "LONGEST_ADDRESS",
    "MOST_FEATURES",
    "OWN",
    "PARAMETERS",
    "Experiment",
    "ExperimentError",
    "Feature",
    "Place",
    "Reading",
    "Weights",
    "with_full_padding",
]

VERSION = "1"
OWN = "own"
"""The picture of a person, and the kernel of a person: neither has a name of ours."""

MOST_FEATURES = 16
LARGEST_KERNEL = 15
LARGEST_STRIDE = 64
LARGEST_PADDING = 64
LARGEST_DILATION = 16
LARGEST_PLACE = 10**7
LONGEST_NUMBER = 30
LONGEST_NAME = 40
NAMES_APART = "~"
PARAMETERS_APART = "-"
MOST_PARAMETERS = 8
LONGEST_ADDRESS = 8000
"""Characters of a query that every browser, server and chat passes on whole (RFC 9110, section 4.1)."""

Weights: TypeAlias = tuple[tuple[tuple[float, ...], ...], ...]
"""(kh, kw, C) nested tuples; C is 1 where all channels share the slice, else 3."""


class ExperimentError(ValueError):
    """An experiment that cannot be. Its message is a sentence for a person."""


@dataclass(frozen=True)
class Feature:
    """One kernel of the bank and its bias.

    Attributes
    ----------
    kernel : str
        A key of `conv_engine.LIBRARY`, or ``"own"`` for the weights below.
    weights : Weights or None
        The weights of an own kernel, else None.
    bias : float
        Added once to the sum over all channels.
    name : str
        What the person calls it; empty for the name of its kernel.
    parameters : tuple of float
        What a parametric kernel is made from, such as the σ of a Gaussian; of others there are none.
    """

    kernel: str = "sobel_x"
    weights: Weights | None = None
    bias: float = 0.0
    name: str = ""
    parameters: tuple[float, ...] = ()

    def __post_init__(self) -> None:
        if self.kernel != OWN and self.kernel not in LIBRARY and self.kernel not in PARAMETRIC:
            raise ExperimentError(f"There is no kernel “{cut(self.kernel)}”. {_others(self.kernel)}")
        _check_parameters(self.kernel, self.parameters)
        if (self.kernel == OWN) != (self.weights is not None):
            raise ExperimentError("An own kernel needs weights, and a named one has its own.")
        if self.weights is not None:
            _check_weights(self.weights)
        _check_number("the bias", self.bias)
        _check_name(self.name)


class Place(NamedTuple):
    """A cell of a feature map: row and column of the output, and the feature, all from 0."""

    row: int = 16
    col: int = 10
    feature: int = 0


class Reading(NamedTuple):
    """What a query says: an experiment, and a sentence for each part that could not be read."""

    experiment: "Experiment"
    problems: tuple[str, ...]


@dataclass(frozen=True)
class Experiment:
    """All that the screen shows, but the pixels of a photo.

    Attributes
    ----------
    picture : str
        A key of `ui.images.SAMPLES`, or ``"own"``.
    size : int or str
        One of `ui.images.WORKING_SIZES`.
    features : tuple of Feature
        The bank, 1 to 16 kernels.
    spec : ConvSpec
        Stride, padding, dilation and boundary; always one group.
    flip : bool
        False for what CNN libraries compute, True for the mathematician's convolution.
    grey : bool
        Whether the picture's colours are brought to one channel, their luma.
    unit : bool
        Whether pixel values go from 0 to 1 instead of from 0 to 255.
    place : Place
        Where the stage is. It may lie beyond the map of a smaller picture; who shows it keeps to the map.

    Raises
    ------
    ExperimentError
        If a part is out of its range.
    """

    picture: str = "face"
    size: int | str = 32
    features: tuple[Feature, ...] = field(default_factory=lambda: (Feature(),))
    spec: ConvSpec = field(default_factory=ConvSpec)
    flip: bool = False
    grey: bool = False
    unit: bool = False
    place: Place = field(default_factory=Place)

    def __post_init__(self) -> None:
        if self.picture != OWN and self.picture not in SAMPLES:
            raise ExperimentError(
                f"There is no sample picture “{cut(self.picture)}”. There are {', '.join(SAMPLES)}."
            )
        if type(self.size) not in (int, str) or self.size not in WORKING_SIZES:
            sizes = ", ".join(map(str, WORKING_SIZES))
            raise ExperimentError(f"The working size must be one of {sizes}, got “{cut(str(self.size))}”.")
        if not 1 <= len(self.features) <= MOST_FEATURES:
            raise ExperimentError(f"A bank has 1 to {MOST_FEATURES} features, got {len(self.features)}.")
        _check_spec(self.spec)
        for name, flag in (("flip", self.flip), ("grey", self.grey), ("unit", self.unit)):
            if not isinstance(flag, bool):
                raise ExperimentError(f"The {name} is either True or False, got “{cut(str(flag))}”.")
        for name, value in zip(("row", "column", "feature"), self.place, strict=True):
            _check_integer(f"The {name} of the place", value, 0, LARGEST_PLACE)

    def to_query(self) -> dict[str, str]:
        """Write the experiment as the parameters of an address.

        Returns
        -------
        dict of str to str
            Without what is as in `Experiment()`, so the first screen has the bare address. But for the names
            that a person has given, in letters, digits and ``-._~``, which need no escape in an address (RFC 3986,
            section 2.3).
        """
        start = Experiment()
        query = {name: text for name, (write, _) in _PARTS.items() if (text := write(self)) != write(start)}
        return {"v": VERSION, **query} if query else {}

    @staticmethod
    def from_query(query: Mapping[str, str]) -> Reading:
        """Read the parameters of an address, which may hold anything.

        Parameters
        ----------
        query : mapping of str to str
            Such as `to_query` writes. Parameters of other names are passed over.

        Returns
        -------
        Reading
            The experiment, each part that could not be read being as in `Experiment()`, and a sentence for each
            of these.
        """
        version = query.get("v", VERSION)
        if version != VERSION:
            return Reading(
                Experiment(),
                (f"This address is of version “{cut(version)}”, and this program reads version {VERSION}.",),
            )
        parts: dict[str, Any] = {}
        problems = []
        for name, (_, read) in _PARTS.items():
            if name not in query:
                continue
            try:
                changes = read(query[name], parts)
                Experiment(**{**parts, **changes})
            except (ExperimentError, ConvError) as error:
                problems.append(f"“{name}={cut(query[name])}” in the address was passed over. {_sentence(error)}")
            else:
                parts.update(changes)
        return Reading(Experiment(**parts), tuple(problems))


def with_full_padding(experiment: Experiment) -> Experiment:
    """Return an experiment with full padding, which leaves a window for every picture and kernel."""
    spec = experiment.spec
    return replace(
        experiment,
        spec=ConvSpec.of(stride=spec.stride, padding="full", dilation=spec.dilation, boundary=spec.boundary),
    )


def _check_weights(weights: Weights) -> None:
    rows, cols = len(weights), len(weights[0]) if weights else 0
    if not (1 <= rows <= LARGEST_KERNEL and 1 <= cols <= LARGEST_KERNEL):
        raise ExperimentError(f"A kernel has 1 to {LARGEST_KERNEL} rows and columns, got {rows} × {cols}.")
    channels = len(weights[0][0])
    if channels not in (1, 3) or any(
        len(row) != cols or any(len(cell) != channels for cell in row) for row in weights
    ):
        raise ExperimentError("A kernel needs as many weights in each row, for one channel or for each of three.")
    for row in weights:
        for cell in row:
            for weight in cell:
                _check_number("each weight", weight)


def _check_parameters(kernel: str, parameters: tuple[float, ...]) -> None:
    if kernel in PARAMETRIC:
        try:
            PARAMETRIC[kernel].kernel(*parameters)
        except ConvError as error:
            raise ExperimentError(_sentence(error)) from error
    elif parameters:
        raise ExperimentError(f"The kernel “{cut(kernel)}” has no parameters, got {len(parameters)}.")


def _others(kernel: str) -> str:
    there = (*LIBRARY, *PARAMETRIC)
    near = get_close_matches(kernel[:LONGEST_NAME], there)
    return f"Near to it there is {' or '.join(near)}." if near else f"The page Kernels shows all {len(there)}."


def _check_name(name: str) -> None:
    if not isinstance(name, str) or len(name) > LONGEST_NAME or not name.isprintable() or NAMES_APART in name:
        raise ExperimentError(
            f"A feature's name has up to {LONGEST_NAME} printable characters, without “{NAMES_APART}”, got "
            f"“{cut(str(name))}”."
        )


def _check_number(name: str, value: float) -> None:
    if isinstance(value, bool) or not isinstance(value, int | float) or not abs(value) <= LARGEST_WEIGHT:
        raise ExperimentError(
            f"The value of {name} must be a number between -1,000,000 and 1,000,000, got {cut(str(value))}."
        )


def _check_integer(name: str, value: object, least: int, most: int) -> None:
    if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= most:
        raise ExperimentError(f"{name} must be an integer from {least} to {most:,}, got {cut(str(value))}.")


def _check_spec(spec: ConvSpec) -> None:
    for axis, stride, dilation in zip(("rows", "columns"), spec.stride, spec.dilation, strict=True):
        _check_integer(f"The stride of the {axis}", stride, 1, LARGEST_STRIDE)
        _check_integer(f"The dilation of the {axis}", dilation, 1, LARGEST_DILATION)
    if not isinstance(spec.padding, str):
        for pads, sides in zip(spec.padding, (("top", "bottom"), ("left", "right")), strict=True):
            for pad, side in zip(pads, sides, strict=True):
                _check_integer(f"The padding at the {side}", pad, 0, LARGEST_PADDING)
    if spec.groups != 1:
        raise ExperimentError(f"The screen shows one group, got {spec.groups}.")
    parts = {entry.name: getattr(spec, entry.name) for entry in fields(spec)}
    try:
        ConvSpec.of(**parts)
    except ConvError as error:
        raise ExperimentError(_sentence(error)) from error


# Each parameter of an address: how it is written, and how it is read into fields of an experiment. What is read
# earlier is handed on, because several parameters make one spec or one bank.
_Write: TypeAlias = Callable[[Experiment], str]
_Read: TypeAlias = Callable[[str, Mapping[str, Any]], dict[str, Any]]


def _read_size(text: str, _: Mapping[str, Any]) -> dict[str, Any]:
    return {"size": _integer(text) if text != "original" else text}


def _write_kernels(experiment: Experiment) -> str:
    return "~".join(_write_kernel(feature) for feature in experiment.features)


def _write_kernel(feature: Feature) -> str:
    if feature.weights is None:
        return PARAMETERS_APART.join((feature.kernel, *map(_write_number, feature.parameters)))
    rows, cols, channels = len(feature.weights), len(feature.weights[0]), len(feature.weights[0][0])
    numbers = (_write_number(w) for row in feature.weights for cell in row for w in cell)
    return "_".join((f"{rows}x{cols}x{channels}", *numbers))


def _read_kernels(text: str, _: Mapping[str, Any]) -> dict[str, Any]:
    parts = text.split("~", MOST_FEATURES)
    if len(parts) > MOST_FEATURES:
        raise ExperimentError(f"A bank has 1 to {MOST_FEATURES} features, got more.")
    return {"features": tuple(_read_kernel(part) for part in parts)}


def _read_kernel(text: str) -> Feature:
    if not text[:1].isdigit():
        kernel, *parameters = text.split(PARAMETERS_APART, MOST_PARAMETERS)
        return Feature(kernel, parameters=tuple(_number(part) for part in parameters))
    shape, *numbers = text.split("_", 3 * LARGEST_KERNEL**2 + 1)
    match = re.fullmatch(r"(\d{1,2})x(\d{1,2})x([13])", shape, re.ASCII)
    if match is None:
        raise ExperimentError(f"A kernel's shape is written such as 3x3x1, got “{cut(shape)}”.")
    rows, cols, channels = (int(part) for part in match.groups())
    if rows * cols * channels != len(numbers):
        raise ExperimentError(
            f"The shape {shape} asks for {rows * cols * channels} weights, and there are {len(numbers)}."
        )
    values = iter([_number(number) for number in numbers])
    weights = tuple(tuple(tuple(next(values) for _ in range(channels)) for _ in range(cols)) for _ in range(rows))
    return Feature(OWN, weights)


def _write_biases(experiment: Experiment) -> str:
    biases = [feature.bias for feature in experiment.features]
    return "~".join(map(_write_number, biases)) if any(biases) else ""


def _read_biases(text: str, parts: Mapping[str, Any]) -> dict[str, Any]:
    features = parts.get("features", Experiment().features)
    biases = [_number(part) for part in text.split("~", MOST_FEATURES)]
    if len(biases) != len(features):
        raise ExperimentError(f"Each feature has one bias; features: {len(features)}, biases: {len(biases)}.")
    return {"features": tuple(replace(feature, bias=bias) for feature, bias in zip(features, biases, strict=True))}


def _write_names(experiment: Experiment) -> str:
    names = [feature.name for feature in experiment.features]
    return NAMES_APART.join(names) if any(names) else ""


def _read_names(text: str, parts: Mapping[str, Any]) -> dict[str, Any]:
    features = parts.get("features", Experiment().features)
    names = text.split(NAMES_APART, MOST_FEATURES)
    if len(names) != len(features):
        raise ExperimentError(f"Each feature has one name; features: {len(features)}, names: {len(names)}.")
    return {"features": tuple(replace(feature, name=name) for feature, name in zip(features, names, strict=True))}


def _spec_reader(name: str, read: Callable[[str], Any]) -> _Read:
    def read_part(text: str, parts: Mapping[str, Any]) -> dict[str, Any]:
        spec: ConvSpec = parts.get("spec", ConvSpec())
        loose: dict[str, Any] = {entry.name: getattr(spec, entry.name) for entry in fields(spec)}
        return {"spec": ConvSpec.of(**{**loose, name: read(text)})}

    return read_part


def _read_pair(text: str) -> tuple[int, int]:
    numbers = [_integer(part) for part in text.split("x", 2)]
    if len(numbers) > 2:
        raise ExperimentError("Rows and columns are written such as 2x1.")
    return numbers[0], numbers[-1]


def _write_padding(experiment: Experiment) -> str:
    padding = experiment.spec.padding
    return padding if isinstance(padding, str) else "-".join(str(pad) for pads in padding for pad in pads)


def _read_padding(text: str) -> object:
    if not text[:1].isdigit():
        return text
    pads = [_integer(part) for part in text.split("-", 4)]
    if len(pads) != 4:
        raise ExperimentError("Padding in numbers is written top-bottom-left-right, such as 1-1-0-0.")
    return ((pads[0], pads[1]), (pads[2], pads[3]))


def _flag_reader(name: str, no: str, yes: str, rule: str) -> _Read:
    def read_part(text: str, _: Mapping[str, Any]) -> dict[str, Any]:
        if text not in (no, yes):
            raise ExperimentError(rule)
        return {name: text == yes}

    return read_part


def _read_place(text: str, _: Mapping[str, Any]) -> dict[str, Any]:
    numbers = [_integer(part) for part in text.split(".", 3)]
    if len(numbers) != 3:
        raise ExperimentError("A place is written row.column.feature, such as 4.7.0.")
    return {"place": Place(*numbers)}


_PARTS: dict[str, tuple[_Write, _Read]] = {
    "img": (lambda e: e.picture, lambda text, _: {"picture": text}),
    "size": (lambda e: str(e.size), _read_size),
    "c": (
        lambda e: "grey" if e.grey else "rgb",
        _flag_reader("grey", "rgb", "grey", "It is grey for a picture in grey, and rgb for one in colours."),
    ),
    "u": (
        lambda e: str(int(e.unit)),
        _flag_reader("unit", "0", "1", "It is 1 for pixel values from 0 to 1, and 0 for those from 0 to 255."),
    ),
    "k": (_write_kernels, _read_kernels),
    "b": (_write_biases, _read_biases),
    "n": (_write_names, _read_names),
    "s": (lambda e: "{}x{}".format(*e.spec.stride), _spec_reader("stride", _read_pair)),
    "p": (_write_padding, _spec_reader("padding", _read_padding)),
    "d": (lambda e: "{}x{}".format(*e.spec.dilation), _spec_reader("dilation", _read_pair)),
    "edge": (lambda e: e.spec.boundary, _spec_reader("boundary", str)),
    "flip": (lambda e: str(int(e.flip)), _flag_reader("flip", "0", "1", "It is 1 for a flipped kernel, else 0.")),
    "at": (lambda e: ".".join(map(str, e.place)), _read_place),
}

PARAMETERS = ("v", *_PARTS)
"""The names of the parameters of an address that are the experiment's."""


def _write_number(value: float) -> str:
    # Shortest digits that read back the same double; a plus sign would be escaped.
    return str(int(value)) if value == int(value) else repr(float(value)).replace("+", "")


def _number(text: str) -> float:
    if len(text) > LONGEST_NUMBER:
        raise ExperimentError(f"“{cut(text)}” has more than {LONGEST_NUMBER} characters.")
    if not re.fullmatch(r"-?[0-9.]+(e-?[0-9]{1,3})?", text):
        raise ExperimentError(f"“{cut(text)}” is not a number.")
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not math.isfinite(value):
        raise ExperimentError(f"“{cut(text)}” is not a number.")
    return value


def _integer(text: str) -> int:
    if not re.fullmatch(r"-?[0-9]{1,9}", text):
        raise ExperimentError(f"“{cut(text)}” is not a whole number.")
    return int(text)


def _sentence(error: Exception) -> str:
    text = str(error)
    return text[:1].upper() + text[1:] + ("" if text.endswith(".") else ".")
