"""The fifteen classic figures of convolution arithmetic: as data, as an experiment, and as a small picture.

Source: V. Dumoulin and F. Visin, "A guide to convolution arithmetic for deep learning", arXiv:1603.07285, 2016:
seven convolutions (chapter 2), their transposes (chapter 4) and a dilated one (chapter 5). All are square. The
letters are the paper's.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from types import MappingProxyType
from typing import Any

import numpy as np

from conv_engine.axis import AxisPlan
from conv_engine.plan import Plan2D, plan2d
from conv_engine.spec import ConvSpec
from conv_engine.transpose_plan import TransposePlan2D, plan_transpose2d
from ui.colours import css, mixed, palette_for
from ui.experiment import OWN, Feature, Place
from ui.images import Pixels
from ui.svg import document, line, rect

__all__ = [
    "CASES",
    "ClassicCase",
    "case_icon",
    "case_letters",
    "case_picture",
    "case_weights",
]

# Of a small picture: the side of a cell, and its width and height, which hold the largest case.
_ICON_CELL = 5.0
_ICON_WIDTH, _ICON_HEIGHT = 112.0, 48.0


@dataclass(frozen=True)
class ClassicCase:
    """One figure of the paper.

    Attributes
    ----------
    title : str
        The paper's name for it.
    sentence : str
        What it shows.
    i : int
        Rows and columns that come in; of a transposed case those of its maps, the paper's i′.
    k, s, p, d : int
        Kernel, stride, padding on every side and dilation; of a transposed case those of the convolution that it
        runs backwards.
    transposed : bool
        Whether the convolution runs backwards.
    output : int
        Rows and columns that come out, as the paper says, and not computed here.
    a : int
        The rows and columns that a transposed case adds at the bottom and right.
    """

    title: str
    sentence: str
    i: int
    k: int
    s: int
    p: int
    d: int
    transposed: bool
    output: int
    a: int = 0

    @property
    def steps(self) -> int:
        """How many windows there are: a step for each output cell."""
        return self.output**2

    @cached_property
    def plan(self) -> Plan2D:
        """The plan of the convolution; of a transposed case of the one that it runs backwards."""
        if self.transposed:
            return self.transpose_plan.forward
        shapes = (self.i, self.i, 1), (1, self.k, self.k, 1)
        return plan2d(*shapes, stride=self.s, padding=self.p, dilation=self.d)

    @cached_property
    def transpose_plan(self) -> TransposePlan2D:
        """The plan of a transposed case.

        Raises
        ------
        ValueError
            If the case is not transposed.
        """
        if not self.transposed:
            raise ValueError(f"the case “{self.title}” is not transposed")
        return plan_transpose2d(
            (self.i, self.i, 1),
            (1, self.k, self.k, 1),
            stride=self.s,
            padding=self.p,
            dilation=self.d,
            output_padding=self.a,
        )

    @property
    def drawn_axis(self) -> AxisPlan:
        """The plan along one axis of what `case_icon` draws; rows and columns are alike.

        A transposed case is drawn as the paper does: as the plain convolution, at stride 1, of the maps stretched
        by s − 1 zeros between neighbours and padded, which gives the same. Here ``size`` counts these zeros too.
        """
        if not self.transposed:
            return self.plan.row_axis
        plan = self.transpose_plan
        before, after = plan.equivalent_pads[0]
        return AxisPlan(plan.stretched[0], self.k, 1, self.d, before, after, "zeros")

    def experiment_parts(self) -> dict[str, Any]:
        """Return what makes an experiment show this case: fields for `dataclasses.replace` of an Experiment.

        The convolution, under a box kernel whose weights make 1; of a transposed case the one that it runs
        backwards. The picture is `case_picture`, which is none of the samples and has no working size: a page lays
        the experiment on it by `ui.layer.build_layer`.
        """
        weights = (((1 / self.k**2,),) * self.k,) * self.k
        spec = ConvSpec.of(stride=self.s, padding=self.p, dilation=self.d)
        feature = Feature(OWN, weights, name=f"Box {self.k} × {self.k}")
        return {"features": (feature,), "spec": spec, "flip": False, "grey": True, "place": Place()}


def _case(title: str, sentence: str, i: int, k: int, s: int, p: int, o: int, d: int = 1) -> ClassicCase:
    return ClassicCase(title, sentence, i, k, s, p, d, False, o)


def _transposed(title: str, sentence: str, i: int, k: int, s: int, p: int, o: int, a: int = 0) -> ClassicCase:
    odd = " (odd)" if a else ""
    return ClassicCase(f"{title}, transposed{odd}", sentence, i, k, s, p, 1, True, o, a)


_NO_PADDING = "No padding, unit strides"
_ARBITRARY = "Arbitrary padding, unit strides"
_HALF = "Half padding, unit strides"
_FULL = "Full padding, unit strides"
_STRIDES = "No padding, strides"
_PADDED_STRIDES = "Padding, strides"

CASES: Mapping[str, ClassicCase] = MappingProxyType(
    {
        "no-padding": _case(
            _NO_PADDING, "The kernel stays inside of the picture, and its rim is lost: “valid”.", 4, 3, 1, 0, 2
        ),
        "arbitrary-padding": _case(
            _ARBITRARY,
            "Padding makes room for more windows; here there are more of them than pixels.",
            *(5, 4, 1, 2, 6),
        ),
        "half-padding": _case(
            _HALF, "With half of an odd kernel as padding the size stays what it is: “same”.", 5, 3, 1, 1, 5
        ),
        "full-padding": _case(
            _FULL, "Every window that touches at least one pixel: “full”, and the result is larger.", 5, 3, 1, 2, 7
        ),
        "strides": _case(
            _STRIDES, "The kernel takes steps of 2 pixels, and windows in between are left out.", 5, 3, 2, 0, 2
        ),
        "padding-strides": _case(
            _PADDED_STRIDES,
            "Steps of 2 pixels on a padded picture; the last window ends with the padding.",
            5,
            3,
            2,
            1,
            3,
        ),
        "padding-strides-odd": _case(
            f"{_PADDED_STRIDES} (odd)",
            "One pixel more than before and the same size: the last row and column of the padding are never read.",
            *(6, 3, 2, 1, 3),
        ),
        "no-padding-transposed": _transposed(
            _NO_PADDING,
            "The way back from 2 × 2 to 4 × 4: each cell paints its kernel, and they overlap.",
            2,
            3,
            1,
            0,
            4,
        ),
        "arbitrary-padding-transposed": _transposed(
            _ARBITRARY,
            "What the convolution padded is cut off on the way back, so the result is smaller.",
            6,
            4,
            1,
            2,
            5,
        ),
        "half-padding-transposed": _transposed(
            _HALF, "Backwards, too, half padding keeps the size.", 5, 3, 1, 1, 5
        ),
        "full-padding-transposed": _transposed(
            _FULL, "The way back from full padding is a convolution without any.", 7, 3, 1, 2, 5
        ),
        "strides-transposed": _transposed(
            _STRIDES,
            "A stride backwards sets zeros between the cells, so that the kernel moves more slowly.",
            2,
            3,
            2,
            0,
            5,
        ),
        "padding-strides-transposed": _transposed(
            _PADDED_STRIDES, "Zeros between the cells, and what was padded is cut off.", 3, 3, 2, 1, 5
        ),
        "padding-strides-odd-transposed": _transposed(
            _PADDED_STRIDES,
            "Pictures of 5 × 5 and of 6 × 6 pixels gave the same 3 × 3 cells: a row and a column more, at the "
            "bottom and right, bring back the larger one.",
            *(3, 3, 2, 1, 6),
            a=1,
        ),
        "dilation": _case(
            "Dilation",
            "Its taps stand 2 pixels apart, and the 3 × 3 kernel spans 5 × 5 pixels.",
            7,
            3,
            1,
            0,
            3,
            d=2,
        ),
    }
)
"""The paper's figures, by a key that stays: convolutions, transposed ones, and the dilated one."""


def case_picture(case: ClassicCase) -> Pixels:
    """Make the small picture that a case is shown on.

    Parameters
    ----------
    case : ClassicCase

    Returns
    -------
    ndarray of shape (i, i, 1), uint8
        Steps of brightness from one corner to the other, from 24 to 240, with a dark pixel in every second place
        of every second row: each pixel can be told from its neighbours, and none is 0 as the padding is.
    """
    rows, cols = np.indices((case.i, case.i))
    ramp = 24 + 216 * (rows + cols) / max(2 * (case.i - 1), 1)
    dark = (rows % 2 == 1) & (cols % 2 == 1)
    pixels: Pixels = np.rint(np.where(dark, ramp / 3, ramp)).astype(np.uint8)
    return pixels[:, :, np.newaxis]


def case_letters(case: ClassicCase, shape: tuple[int, ...] | None = None) -> str:
    """Say the numbers of a case with the paper's letters, for Markdown.

    Parameters
    ----------
    case : ClassicCase
    shape : (int, int), optional
        The rows and columns of a picture that the case is laid on, in place of its own i × i.

    Returns
    -------
    str

    Examples
    --------
    >>> case_letters(CASES["padding-strides-odd-transposed"])
    'input *i′* = 3, kernel *k* = 3, stride *s* = 2, padding *p* = 1, added *a* = 1 → output *o′* = 6'
    >>> case_letters(CASES["strides-transposed"], (24, 32))
    'input 24 × 32, kernel *k* = 3, stride *s* = 2, padding *p* = 0 → output 49 × 65'
    """
    prime = "′" if case.transposed else ""
    if shape in (None, (case.i, case.i)):
        source, result = f"input *i{prime}* = {case.i}", f"output *o{prime}* = {case.output}"
    else:
        outs = (str(_along(case, length)) for length in shape or ())
        source, result = f"input {' × '.join(map(str, shape or ()))}", f"output {' × '.join(outs)}"
    parts = [source, f"kernel *k* = {case.k}", f"stride *s* = {case.s}", f"padding *p* = {case.p}"]
    if case.a:
        parts.append(f"added *a* = {case.a}")
    if case.d > 1:
        parts.append(f"dilation *d* = {case.d}")
    return f"{', '.join(parts)} → {result}"


def _along(case: ClassicCase, length: int) -> int:
    """How many rows or columns come out of so many."""
    if case.transposed:
        return replace(case, i=length).transpose_plan.output_shape[0]
    return replace(case, i=length).plan.output_shape[0]


def case_weights(case: ClassicCase) -> tuple[tuple[float, ...], ...]:
    """Return the kernel of a transposed case: 1, 2, 3 … row by row, so that each weight is known again.

    Returns
    -------
    tuple of k tuples of k floats
    """
    return tuple(tuple(float(row * case.k + col + 1) for col in range(case.k)) for row in range(case.k))


def case_icon(case: ClassicCase, dark: bool) -> str:
    """Draw a case as small as a button: what comes in, with its zeros and the first window, and what comes out.

    Parameters
    ----------
    case : ClassicCase
    dark : bool
        For which theme.

    Returns
    -------
    str
        An SVG document, 112 × 48 units. Both sides have one scale.
    """
    palette, axis = palette_for(dark), case.drawn_axis
    pixel, done = (
        css(mixed(palette.tints[2], palette.ground, 0.75)),
        css(mixed(palette.tints[1], palette.ground, 0.8)),
    )
    zero, accent = css(mixed(palette.muted, palette.ground, 0.3)), css(palette.accent)
    side, made, cell = axis.padded * _ICON_CELL, case.output * _ICON_CELL, _ICON_CELL
    gap = 20.0
    left, top = (_ICON_WIDTH - side - gap - made) / 2, (_ICON_HEIGHT - side) / 2
    out_left, out_top = left + side + gap, (_ICON_HEIGHT - made) / 2
    places = range(-axis.before, axis.size + axis.after)
    body = [
        rect(
            left + (col + axis.before) * cell + 0.4,
            top + (row + axis.before) * cell + 0.4,
            cell - 0.8,
            cell - 0.8,
            fill=pixel if _is_real(case, row) and _is_real(case, col) else zero,
        )
        for row in places
        for col in places
    ]
    body.append(
        rect(left, top, axis.effective * cell, axis.effective * cell, fill="none", stroke=accent, stroke_width=1.6)
    )
    middle, arrow = _ICON_HEIGHT / 2, css(palette.muted)
    tip = out_left - 5
    body.append(line(left + side + 5, middle, tip, middle, stroke=arrow, stroke_width=1.4))
    body += [line(tip - 3, middle + way, tip, middle, stroke=arrow, stroke_width=1.4) for way in (-3, 3)]
    body += [
        rect(out_left + col * cell + 0.4, out_top + row * cell + 0.4, cell - 0.8, cell - 0.8, fill=done)
        for row in range(case.output)
        for col in range(case.output)
    ]
    return document("".join(body), _ICON_WIDTH, _ICON_HEIGHT, css(palette.text), case.title, case.sentence)


def _is_real(case: ClassicCase, place: int) -> bool:
    """Whether a row or column of the drawn input is one that came in: no padding, no zero in between."""
    axis = case.drawn_axis
    return 0 <= place < axis.size and (not case.transposed or place % case.s == 0)
