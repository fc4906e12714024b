"""What is compared side by side: the settings of two or three stages, and what they are called."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

from conv_engine import ConvSpec
from ui.experiment import Experiment

__all__ = [
    "LETTERS",
    "OWN_CHOICE",
    "OWN_START",
    "PARTS",
    "PRESETS",
    "START",
    "Comparison",
    "Setting",
    "changed",
    "held_sentence",
    "preset",
    "read_setting",
    "titles",
    "write_setting",
]

START = "padding"
OWN_CHOICE = "own"
PRESETS = {
    "padding": "Valid, same, full",
    "stride": "Stride 1, 2, 3",
    "flip": "Flipped or not",
    "dilation": "Dilation 1, 2",
    "boundary": "Boundaries",
    OWN_CHOICE: "My own",
}
"""What can be compared: how the address says it, and how the screen does."""

LETTERS = ("a", "b", "c")
"""The columns, in the address."""

PARTS = ("s", "p", "d", "edge", "flip")
"""The parameters of a setting, as `Experiment.to_query` names them."""

OWN_START = ("p.same", "s.2x2~p.same", "p.same~d.2x2")
"""What a person's own columns begin with."""

_BETWEEN, _IS = "~", "."


@dataclass(frozen=True)
class Setting:
    """How a bank is laid on a picture.

    Attributes
    ----------
    spec : ConvSpec
        Stride, padding, dilation and boundary.
    flip : bool
        Whether the kernels are turned over.
    """

    spec: ConvSpec
    flip: bool = False

    @staticmethod
    def of(experiment: Experiment) -> "Setting":
        """Return the setting of an experiment."""
        return Setting(experiment.spec, experiment.flip)

    def applied(self, experiment: Experiment) -> Experiment:
        """Return an experiment with this setting in place of its own.

        Parameters
        ----------
        experiment : Experiment
            Gives all else.

        Returns
        -------
        Experiment
        """
        return replace(experiment, spec=self.spec, flip=self.flip)


class Comparison(NamedTuple):
    """Settings to be compared, and a sentence on what had to be other than in the sidebar, or nothing."""

    settings: tuple[Setting, ...]
    note: str = ""


def preset(name: str, base: Setting) -> Comparison:
    """Return what a preset compares.

    Parameters
    ----------
    name : str
        A key of `PRESETS` but ``"own"``; of any other, what `START` names.
    base : Setting
        What all have but for what is compared.

    Returns
    -------
    Comparison
        Of two or three settings that differ in one thing. Where the maps could not be subtracted, or nothing would
        be seen of the difference, the padding is ``"same"``.

    Examples
    --------
    >>> [setting.spec.stride for setting in preset("stride", Setting(ConvSpec())).settings]
    [(1, 1), (2, 2), (3, 3)]
    """
    spec = base.spec
    if name == "stride":
        return Comparison(tuple(replace(base, spec=replace(spec, stride=(n, n))) for n in (1, 2, 3)))
    if name == "flip":
        return Comparison((replace(base, flip=False), replace(base, flip=True)))
    same = replace(spec, padding="same")
    if name == "dilation":
        note = "" if spec == same else "The padding is “same” here, so that both maps have one size."
        return Comparison(tuple(replace(base, spec=replace(same, dilation=(n, n))) for n in (1, 2)), note)
    if name == "boundary":
        bare = spec.padding in ("valid", ((0, 0), (0, 0)))
        note = "The padding is “same” here: without padding there is nothing at the edge to fill." if bare else ""
        padded = same if bare else spec
        fills = ("zeros", "reflect")
        return Comparison(tuple(replace(base, spec=replace(padded, boundary=fill)) for fill in fills), note)
    paddings = ("valid", "same", "full")
    return Comparison(tuple(replace(base, spec=replace(spec, padding=padding)) for padding in paddings))


def _pair(numbers: tuple[int, int]) -> str:
    return str(numbers[0]) if numbers[0] == numbers[1] else "{} × {}".format(*numbers)


def _padding(setting: Setting) -> str:
    padding = setting.spec.padding
    if isinstance(padding, str):
        return f"padding {padding}"
    (top, bottom), (left, right) = padding
    if top == bottom == left == right:
        return f"padding {top}"
    return f"padding {top}, {bottom}, {left}, {right} (top, bottom, left, right)"


# What a setting consists of, in words; what is named last is least often the difference.
_WORDS: tuple[Callable[[Setting], str], ...] = (
    _padding,
    lambda setting: f"stride {_pair(setting.spec.stride)}",
    lambda setting: f"dilation {_pair(setting.spec.dilation)}",
    lambda setting: f"boundary {setting.spec.boundary}",
    lambda setting: "flipped" if setting.flip else "not flipped",
)


def _apart(settings: Sequence[Setting]) -> list[bool]:
    return [len({words(setting) for setting in settings}) > 1 for words in _WORDS]


def titles(settings: Sequence[Setting], *, lettered: bool = False) -> tuple[str, ...]:
    """Name settings by what differs between them.

    Parameters
    ----------
    settings : sequence of Setting
        Two or three.
    lettered : bool
        Whether letters stand before the names even where no two of them are the same.

    Returns
    -------
    tuple of str
        No two of them the same: where two settings are, letters tell them apart.

    Examples
    --------
    >>> titles(preset("padding", Setting(ConvSpec())).settings)
    ('padding valid', 'padding same', 'padding full')
    """
    apart = _apart(settings)
    named = [
        ", ".join(words(setting) for words, differs in zip(_WORDS, apart, strict=True) if differs)
        for setting in settings
    ]
    if len(set(named)) == len(named) and not lettered:
        return tuple(named)
    letters = (letter.upper() for letter in LETTERS)
    return tuple(f"{letter}: {name or 'as the others'}" for letter, name in zip(letters, named, strict=False))


def held_sentence(settings: Sequence[Setting]) -> str:
    """Say what is the same in all settings.

    Parameters
    ----------
    settings : sequence of Setting
        Two or three.

    Returns
    -------
    str

    Examples
    --------
    >>> held_sentence(preset("padding", Setting(ConvSpec())).settings)
    'The same in all: stride 1, dilation 1, boundary zeros, not flipped.'
    """
    held = [words(settings[0]) for words, differs in zip(_WORDS, _apart(settings), strict=True) if not differs]
    return f"The same in all: {', '.join(held)}." if held else "Nothing is the same in all."


def write_setting(setting: Setting) -> str:
    """Write a setting for an address, its parts as `Experiment.to_query` has them.

    Parameters
    ----------
    setting : Setting

    Returns
    -------
    str
        Of letters, digits and ``-._~``; the padding, and what is not as in `Experiment()`.

    Examples
    --------
    >>> write_setting(Setting(ConvSpec.of(stride=2, padding="same"), flip=True))
    's.2x2~p.same~flip.1'
    """
    # The padding is always there: a text of nothing would be taken for a setting that was never made.
    query = {"p": "valid", **setting.applied(Experiment()).to_query()}
    return _BETWEEN.join(f"{name}{_IS}{query[name]}" for name in PARTS if name in query)


def read_setting(text: str) -> tuple[Setting, tuple[str, ...]]:
    """Read a setting from an address, which may hold anything.

    Parameters
    ----------
    text : str
        Such as `write_setting` writes.

    Returns
    -------
    setting : Setting
        What could not be read is as at the start.
    problems : tuple of str
        A sentence for each part that could not be read.

    Examples
    --------
    >>> read_setting("s.2x2~p.same")[0].spec.stride
    (2, 2)
    """
    query: dict[str, str] = {}
    for part in filter(None, text.split(_BETWEEN)):
        name, _, value = part.partition(_IS)
        if name in PARTS:
            query[name] = value
    reading = Experiment.from_query(query)
    return Setting.of(reading.experiment), reading.problems


def changed(text: str, **parts: str) -> str:
    """Exchange parts of a setting in an address.

    Parameters
    ----------
    text : str
        Such as `write_setting` writes.
    **parts : str
        By their names in `PARTS`, spelled as `Experiment.to_query` does.

    Returns
    -------
    str
        What could not be read of the text is left out.

    Examples
    --------
    >>> changed("s.2x2~p.same", s="3x3")
    's.3x3~p.same'
    """
    known = write_setting(read_setting(text)[0])
    query = dict(part.split(_IS) for part in filter(None, known.split(_BETWEEN))) | parts
    joined = _BETWEEN.join(f"{name}{_IS}{value}" for name, value in query.items())
    return write_setting(read_setting(joined)[0])
