"""Banks that are written for one another, and the stacks that they make: edges, then corners, then shapes.

No weight here is learned. Each bank of a later layer knows what the maps before it mean, and says with its weights
where each of them should be strong and where it must not be; the bias says how much of it is enough. That features
of features can be built so is the idea of the neocognitron, whose first layers were designed by hand, too.

References
----------
K. Fukushima, "Neocognitron: A Self-organizing Neural Network Model for a Mechanism of Pattern Recognition
Unaffected by Shift in Position", Biological Cybernetics 36, 1980. D. H. Hubel and T. N. Wiesel, "Receptive Fields,
Binocular Interaction and Functional Architecture in the Cat's Visual Cortex", Journal of Physiology 160, 1962,
where complex fields are thought to be built from simple ones.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

__all__ = ["BANKS", "PRESETS", "Mark", "StackBank", "StackPreset"]

_Doubles = npt.NDArray[np.float64]

_COMPASS = "↑↗→↘↓↙←↖"
_TURNS = ((-1, 0), (-1, 1), (0, 1), (1, 1), (1, 0), (1, -1), (0, -1), (-1, -1))
"""The steps (row, col) in the directions of `_COMPASS`."""

_LINE, _SURROUND = 3, 3
_CORNER_SIDE = 7
_JOINT_SIDE, _JOINT_GAP = 9, 1
_DARK_RADII, _BRIGHT_RADIUS = (5, 6, 7), 6
_RING_WIDTH = 0.8
# How narrow the part of the circle is on which an edge of one direction counts: cos⁸ is a half at ±24°.
_RING_SHARPNESS = 8


@dataclass(frozen=True, eq=False)
class StackBank:
    """The kernels of one layer, with what they are made for.

    Attributes
    ----------
    title : str
        Its name for people.
    story : str
        What its kernels ask for, in a sentence.
    units : tuple of str
        The names of its K units.
    kernels : ndarray of shape (K, kh, kw) or (K, kh, kw, C), float64, read-only
        With three axes they are laid on any maps, on all of them alike; on a photo in colours by the luma's
        weights. With four they are written for C maps.
    bias : float
        Of each unit, for pixel values from 0 to 255.
    on : tuple of str
        The banks that make such maps as these kernels are written for; empty for a first layer's.
    """

    title: str
    story: str
    units: tuple[str, ...]
    kernels: _Doubles
    bias: float = 0.0
    on: tuple[str, ...] = ()

    @property
    def channels(self) -> int | None:
        """The maps that it is written for, None for any."""
        return self.kernels.shape[3] if self.kernels.ndim == 4 else None


class Mark(NamedTuple):
    """A place in a sample picture where a person sees what a stack looks for.

    Attributes
    ----------
    row, col : float
        Its centre, in parts of the picture's height and width, 0 to 1.
    radius : float
        How far from it the centre of a receptive field may be, in parts of the picture's height.
    units : tuple of int
        The units of the last layer, from 0, that should find it.
    """

    row: float
    col: float
    radius: float
    units: tuple[int, ...]


@dataclass(frozen=True)
class StackPreset:
    """A stack with its story.

    Attributes
    ----------
    title : str
        Its name for people.
    finds : str
        What it looks for, such as "joints of bricks".
    stack : str
        The layers, as `ui.stack.parse_stack` reads them.
    words : tuple of str
        Its story in short paragraphs, Markdown.
    picture : str
        The sample that it was made for, a key of `ui.images.SAMPLES`; "" for any picture.
    size : int
        The working size that goes with it.
    marks : tuple of Mark
        All places in the sample where a person sees what is looked for, marked by hand; empty where that cannot be
        said.
    """

    title: str
    finds: str
    stack: str
    words: tuple[str, ...]
    picture: str = ""
    size: int = 128
    marks: tuple[Mark, ...] = ()


def _compass_edges() -> _Doubles:
    """Turn Robinson's edge kernel by an eighth at a time; a step from 0 to 255 gives 255."""
    places = ((0, 0), (0, 1), (0, 2), (1, 2), (2, 2), (2, 1), (2, 0), (1, 0))
    outer = (1, 2, 1, 0, -1, -2, -1, 0)
    kernels = np.zeros((len(places), 3, 3))
    for turn, kernel in enumerate(kernels):
        for place, weight in zip(places[turn:] + places[:turn], outer, strict=True):
            kernel[place] = weight / 4
    return kernels


def _lines() -> _Doubles:
    """Make kernels for bright and dark lines, level and upright; a line of three pixels gives its contrast."""
    side = _LINE + 2 * _SURROUND
    profile = np.full(side, -_LINE / (side - _LINE))
    profile[_SURROUND : _SURROUND + _LINE] = 1.0
    level = np.zeros((side, side))
    level[:, _SURROUND : _SURROUND + _LINE] = profile[:, np.newaxis] / (_LINE * _LINE)
    return np.stack([level, level.T, -level, -level.T])


def _corners() -> _Doubles:
    """Ask for a level edge on one side and an upright one on another, and for none on the opposite sides."""
    middle = _CORNER_SIDE // 2
    kernels = np.zeros((4, _CORNER_SIDE, _CORNER_SIDE, 4))
    for kernel, (down, right) in zip(kernels, ((1, 1), (1, -1), (-1, 1), (-1, -1)), strict=True):
        for step in range(1, middle + 1):
            for sign in (1, -1):
                kernel[middle, middle + sign * right * step, [0, 2]] = sign / middle
                kernel[middle + sign * down * step, middle, [1, 3]] = sign / middle
    return kernels


def _arm(direction: str, level: int, upright: int) -> _Doubles:
    """Make an arm of a joint: a stretch of one map, whose mean it takes."""
    kernel = np.zeros((_JOINT_SIDE, _JOINT_SIDE, 4))
    middle = _JOINT_SIDE // 2
    row, col = {"left": (0, -1), "right": (0, 1), "up": (-1, 0), "down": (1, 0)}[direction]
    for step in range(1 + _JOINT_GAP, middle + 1):
        kernel[middle + row * step, middle + col * step, level if row == 0 else upright] = 1 / (
            middle - _JOINT_GAP
        )
    return kernel


def _joints() -> _Doubles:
    """Ask for a bright line to both sides, and one that ends there from below, or from above."""
    both = 0.5 * (_arm("left", 0, 1) + _arm("right", 0, 1))
    down, up = _arm("down", 0, 1), _arm("up", 0, 1)
    return np.stack([both + 1.5 * (down - up), both + 1.5 * (up - down)])


def _crosses() -> _Doubles:
    """Ask for four arms of bright lines, and of dark ones."""
    ways = ("left", "right", "up", "down")
    return np.stack([np.sum([_arm(way, *maps) for way in ways], axis=0) for maps in ((0, 1), (2, 3))])


def _ring(radius: int, inwards: bool, side: int) -> _Doubles:
    """Lay the edges of eight directions on a circle, each where it stands on a disc's rim; they sum to 1."""
    kernel = np.zeros((side, side, len(_TURNS)))
    rows, cols = np.mgrid[:side, :side] - side // 2
    distance = np.hypot(rows, cols)
    rim = np.exp(-(((distance - radius) / _RING_WIDTH) ** 2) / 2)
    for number, (row, col) in enumerate(_TURNS):
        cosine = (rows * row + cols * col) / (np.maximum(distance, 1) * np.hypot(row, col))
        towards = (number + 4) % 8 if inwards else number
        kernel[:, :, towards] = rim * np.maximum(cosine, 0) ** _RING_SHARPNESS
    weights: _Doubles = kernel / kernel.sum()
    return weights


def _rings() -> _Doubles:
    side = 2 * (max(_DARK_RADII) + 1) + 1
    dark = [_ring(radius, False, side) for radius in _DARK_RADII]
    return np.stack([*dark, _ring(_BRIGHT_RADIUS, True, side)])


def _sealed(kernels: _Doubles) -> _Doubles:
    kernels.setflags(write=False)
    return kernels


BANKS: Mapping[str, StackBank] = MappingProxyType(
    {
        "edges4": StackBank(
            "edges in four directions",
            "Sobel's kernel, turned by a quarter each time; the arrow points to where it is brighter.",
            ("↑", "→", "↓", "←"),
            _sealed(_compass_edges()[::2].copy()),
        ),
        "edges8": StackBank(
            "edges in eight directions",
            "Sobel's kernel, turned by an eighth each time; the arrow points to where it is brighter.",
            tuple(_COMPASS),
            _sealed(_compass_edges()),
        ),
        "lines": StackBank(
            "lines, bright and dark",
            f"A line of {_LINE} pixels, level or upright, against what is on both sides of it.",
            ("bright –", "bright |", "dark –", "dark |"),
            _sealed(_lines()),
        ),
        "corners": StackBank(
            "corners",
            "A level edge to one side and an upright one to another, and neither going on beyond the middle.",
            ("┌", "┐", "└", "┘"),
            _sealed(_corners()),
            bias=-340.0,
            on=("edges4",),
        ),
        "joints": StackBank(
            "joints",
            "A bright line to both sides, and another that comes from below or from above and ends there.",
            ("┬", "┴"),
            _sealed(_joints()),
            bias=-95.0,
            on=("lines",),
        ),
        "cross": StackBank(
            "crosses",
            "Four arms, of bright lines or of dark ones.",
            ("bright +", "dark +"),
            _sealed(_crosses()),
            bias=-770.0,
            on=("lines",),
        ),
        "rings": StackBank(
            "rings",
            "Edges of eight directions, each where it stands on the rim of a disc.",
            (*(f"dark, r {radius}" for radius in _DARK_RADII), f"bright, r {_BRIGHT_RADIUS}"),
            _sealed(_rings()),
            bias=-34.0,
            on=("edges8",),
        ),
    }
)
"""The banks by key."""


def _marks(units: Sequence[int], radius: float, *places: tuple[float, float]) -> tuple[Mark, ...]:
    return tuple(Mark(row / 128, col / 128, radius / 128, tuple(units)) for row, col in places)


PRESETS: Mapping[str, StackPreset] = MappingProxyType(
    {
        "corners": StackPreset(
            "Corners from edges",
            "corners",
            "conv.edges4.1.v~relu~conv.corners.1.v~relu~max.2.2",
            (
                "**Two edges make a corner.** The first layer has four kernels; each answers to edges of one "
                "direction. The ReLU keeps the yes and drops the no: without it, the opposite edge would count "
                "against.",
                "**The second convolution looks at the four maps at once**, not at the photo. Unit ┌ wants a "
                "level edge to its right and an upright one below it, and counts against both on the other sides. "
                "The bias is the “and”: one edge alone does not reach it.",
            ),
            picture="text",
        ),
        "joints": StackPreset(
            "Joints in a wall",
            "joints of bricks",
            "conv.lines.1.v~relu~max.2.2~conv.joints.1.v~relu",
            (
                "**Lines instead of edges.** Mortar is a bright line between two dark bricks, so the first "
                "kernels compare a line with both of its sides.",
                "**Pooling makes it easy-going.** The rows of this wall are not quite level. The largest value of "
                "each window says that a line is about here, and the unit for ┬ need not know in which pixel.",
            ),
            picture="bricks",
            marks=(
                *_marks((0,), 5, (15, 58), (14, 104), (39, 81), (65, 56), (89, 37), (114, 13), (116, 101)),
                *_marks((1,), 5, (15, 38), (39, 57), (37, 103), (64, 81), (89, 57), (115, 37)),
            ),
        ),
        "cross": StackPreset(
            "A cross",
            "crosses",
            "conv.lines.1.v~relu~max.2.2~conv.cross.1.v~relu",
            (
                "**Four arms, and all of them.** Each arm adds the mean of a stretch of one map of lines. What "
                "four arms add up to, three cannot reach, and the bias stands between the two.",
                "**The same lines, another question.** The first three layers are those of the joints in a wall. "
                "Only the weights of the last convolution differ: what is seen early can be used for many things.",
            ),
            picture="pattern",
            marks=_marks((1,), 3, (109, 113)),
        ),
        "eye": StackPreset(
            "An eye",
            "eyes",
            "conv.edges8.1.v~relu~max.2.2~conv.rings.1.v~relu",
            (
                "**A circle of edges.** Around a dark disc it becomes brighter upwards at the top, to the right "
                "at the right, and so on all around. The ring kernel asks each of the eight maps of edges at its "
                "own place on the circle.",
                "**Nobody told it what an eye is.** A wheel, a button or a hole would do as well. A disc that is "
                "brighter than its ground has all its edges the other way round: that is the fourth unit.",
            ),
            picture="cat",
            marks=_marks((0, 1, 2, 3), 9, (49, 32), (58, 97)),
        ),
        "studio": StackPreset(
            "Your own bank",
            "what your kernels answer to",
            "conv.studio.1.v~relu~max.2.2~conv.each.1.v~relu",
            (
                "**Your bank, twice.** The first layer is the bank of the page Kernels. The second lays each of "
                "its kernels on each map of the first: edges of edges, blurs of edges, whatever you have made.",
                "**A kernel of the studio was made for a picture**, and does not know what the maps before it "
                "mean. It can be laid on each map, or on the sum of all. The banks of the other stacks give each "
                "map weights of its own: that is what finds corners.",
            ),
        ),
    }
)
"""The stacks by key."""
