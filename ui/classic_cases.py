"""The fifteen classic figures of convolution arithmetic: as data, as an experiment, and as a drawing.

Source: V. Dumoulin and F. Visin, "A guide to convolution arithmetic for deep learning", arXiv:1603.07285, 2016:
seven convolutions (chapter 2), their transposes (chapter 4) and a dilated one (chapter 5). All are square. The
letters are the paper's.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from types import MappingProxyType
from typing import Any

import numpy as np

from conv_engine.axis import AxisPlan
from conv_engine.plan import Plan2D, plan2d
from conv_engine.spec import ConvSpec, integer
from conv_engine.transpose_plan import TransposePlan2D, plan_transpose2d
from ui.colours import Palette, css, mixed, palette_for
from ui.experiment import OWN, Feature, Place
from ui.images import Pixels
from ui.svg import NARROW, WIDE, document, label, line, pair_html, rect

__all__ = [
    "CASES",
    "CaseStep",
    "ClassicCase",
    "case_html",
    "case_icon",
    "case_letters",
    "case_picture",
    "case_step",
    "case_svg",
    "case_weights",
    "case_words",
]

_LARGEST_CELL = 34.0

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
        """The plan along one axis of what `case_html` draws; rows and columns are alike.

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


@dataclass(frozen=True)
class CaseStep:
    """Where a case is at a step, in places of the drawn input: 0 is its first pixel, padding is below or beyond.

    Attributes
    ----------
    row, col : int
        The output cell.
    rows, cols : tuple of int
        The rows and columns under the taps.
    """

    row: int
    col: int
    rows: tuple[int, ...]
    cols: tuple[int, ...]


def case_step(case: ClassicCase, step: int) -> CaseStep:
    """Find the output cell of a step and what it looks at, in row-major order.

    Parameters
    ----------
    case : ClassicCase
    step : int
        0 to ``case.steps`` − 1.

    Returns
    -------
    CaseStep

    Raises
    ------
    ConvError
        If there is no such step.
    """
    step = integer("step", step, least=0, most=case.steps - 1)
    row, col = divmod(step, case.output)
    axis = case.drawn_axis
    rows, cols = (tuple(axis.positions(at, at + 1)[0].tolist()) for at in (row, col))
    return CaseStep(row, col, rows, cols)


def case_words(case: ClassicCase, step: int) -> str:
    """Say in words what the figure shows: the text alternative of `case_html`.

    Raises
    ------
    ConvError
        If there is no such step.
    """
    at = case_step(case, step)
    taps = [(row, col) for row in at.rows for col in at.cols]
    real = sum(_is_real(case, row) and _is_real(case, col) for row, col in taps)
    return (
        f"{case.title}. {case.sentence} {_input_words(case)} Step {step + 1} of {case.steps}: output row "
        f"{at.row}, column {at.col}; {real} of the {len(taps)} taps lie on input cells, the others on zeros."
    )


def case_html(case: ClassicCase, step: int, dark: bool) -> str:
    """Draw a figure of the paper at a step, for ``st.html``.

    Parameters
    ----------
    case : ClassicCase
    step : int
        The output cell, in row-major order, 0 to ``case.steps`` − 1.
    dark : bool
        For which theme.

    Returns
    -------
    str
        Two images, of which the wide or the narrow one is shown, with `case_words` as their text alternative.

    Raises
    ------
    ConvError
        If there is no such step.
    """
    wide, narrow = (case_svg(case, step, dark, narrow=narrow) for narrow in (False, True))
    return pair_html("case-figure", wide, narrow, case_words(case, step))


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


def case_svg(case: ClassicCase, step: int, dark: bool, *, narrow: bool = False) -> str:
    """Draw a figure of the paper at a step, as an SVG document.

    The input with its padding (dashed) and, of transposed cases, the zeros between its cells (hollow), under it
    the window; beside or below it the output, as far as it is made. What no window reads is crossed out.

    Parameters
    ----------
    case, step, dark
        As `case_html` takes them.
    narrow : bool
        Whether it is for a screen of 300 to 640 CSS pixels: then the output stands below the input.

    Returns
    -------
    str

    Raises
    ------
    ConvError
        If there is no such step.
    """
    at, palette = case_step(case, step), palette_for(dark)
    axis = case.drawn_axis
    width = NARROW if narrow else WIDE
    room = width - 24 if narrow else 372.0
    cell = min(_LARGEST_CELL, room / axis.padded)
    side, made = axis.padded * cell, case.output * cell
    head = 62.0
    if narrow:
        left, out_left, out_top = (width - side) / 2, (width - made) / 2, head + side + 96
        centre_in = centre_out = width / 2
        height = out_top + made + 16
    else:
        left, out_left, out_top = 200 - side / 2, 590 - made / 2, head + (side - made) / 2
        centre_in, centre_out = 200.0, 590.0
        height = head + max(side, made) + 16
        out_top = max(out_top, head)
    text, muted = css(palette.text), css(palette.muted)
    body = list(_input(case, at, left, head, cell, palette))
    body += _sight(at, axis, (left, head), (out_left, out_top), cell, palette, narrow)
    body += _output(case, at, out_left, out_top, cell, palette)
    for centre, top, heading, note in (
        (centre_in, 24.0, f"input {case.i} × {case.i}", _note(case)),
        (centre_out, 24.0 if not narrow else out_top - 38, f"output {case.output} × {case.output}", ""),
    ):
        body.append(label(centre, top, heading, weight="bold", ink=text, halo=css(palette.ground)))
        if note:
            body.append(label(centre, top + 24, note, ink=muted))
    cells = f"{at.row * case.output + at.col + 1} of {case.steps} cells made"
    body.append(label(centre_out, (out_top - 14) if narrow else 48.0, cells, ink=muted, halo=css(palette.ground)))
    return document("".join(body), width, height, text, case.title, case_words(case, step))


def _is_real(case: ClassicCase, place: int) -> bool:
    """Whether a row or column of the drawn input is one that came in: no padding, no zero in between."""
    axis = case.drawn_axis
    return 0 <= place < axis.size and (not case.transposed or place % case.s == 0)


def _input_words(case: ClassicCase) -> str:
    axis = case.drawn_axis
    between = f" with {_zeros(case)} between neighbours" if case.transposed and case.s > 1 else ""
    sides = (
        f"{axis.before} before and {axis.after} after"
        if axis.before != axis.after
        else f"{axis.before} on every side"
    )
    around = f", padded by {sides}" if axis.before or axis.after else ", not padded"
    turned = (
        " Drawn as the convolution, with the kernel turned by 180°, that gives the same."
        if case.transposed
        else ""
    )
    return (
        f"The input is {case.i} × {case.i}{between}{around}; the output is {case.output} × {case.output}.{turned}"
    )


def _zeros(case: ClassicCase) -> str:
    return "1 zero" if case.s == 2 else f"{case.s - 1} zeros"


def _note(case: ClassicCase) -> str:
    axis = case.drawn_axis
    around = f"{axis.before}" if axis.before == axis.after else f"{axis.before} and {axis.after}"
    padding = f"padding {around}" if axis.before or axis.after else "no padding"
    kernel = f"{case.k} × {case.k}"
    if case.transposed:
        return f"{padding}, {_zeros(case)} between" if case.s > 1 else f"{padding}, kernel {kernel}"
    if case.d > 1:
        return f"kernel {kernel}, dilation {case.d}"
    return f"{padding}, kernel {kernel}, stride {case.s}"


def _input(
    case: ClassicCase, at: CaseStep, left: float, top: float, cell: float, palette: Palette
) -> Iterator[str]:
    axis = case.drawn_axis
    end = (axis.out - 1) * axis.stride - axis.before + axis.effective
    places = range(-axis.before, axis.size + axis.after)
    pixel = css(mixed(palette.tints[2], palette.ground, 0.34))
    muted, accent = css(palette.muted), css(palette.accent)
    for row in places:
        for col in places:
            x, y = left + (col + axis.before) * cell, top + (row + axis.before) * cell
            real = _is_real(case, row) and _is_real(case, col)
            padding = not (0 <= row < axis.size and 0 <= col < axis.size)
            kind = "pixel" if real else "padding" if padding else "zero"
            fill = pixel if real else css(palette.empty) if padding else css(palette.ground)
            yield rect(
                x + 1,
                y + 1,
                cell - 2,
                cell - 2,
                fill=fill,
                stroke=muted,
                stroke_width=1.2,
                stroke_dasharray="none" if real else "3 3",
                class_=kind,
            )
            if row >= end or col >= end:
                yield _cross(x, y, cell, css(palette.text))
            elif not real:
                yield label(x + cell / 2, y + cell / 2 + 6, "0", ink=muted)
    for row in at.rows:
        for col in at.cols:
            x, y = left + (col + axis.before) * cell, top + (row + axis.before) * cell
            yield rect(
                x + 1,
                y + 1,
                cell - 2,
                cell - 2,
                fill=accent,
                fill_opacity=0.45,
                stroke=accent,
                stroke_width=1.5,
                class_="tap",
            )
    x, y = left + (at.cols[0] + axis.before) * cell, top + (at.rows[0] + axis.before) * cell
    span = axis.effective * cell
    yield rect(x, y, span, span, fill="none", stroke=accent, stroke_width=3.0, class_="window")


def _output(
    case: ClassicCase, at: CaseStep, left: float, top: float, cell: float, palette: Palette
) -> Iterator[str]:
    done = css(mixed(palette.tints[1], palette.ground, 0.4))
    muted = css(palette.muted)
    for row in range(case.output):
        for col in range(case.output):
            made = (row, col) <= (at.row, at.col)
            yield rect(
                left + col * cell + 1,
                top + row * cell + 1,
                cell - 2,
                cell - 2,
                fill=done if made else "none",
                stroke=muted,
                stroke_width=1.2,
                stroke_dasharray="none" if made else "3 3",
                class_="made" if made else "open",
            )
    yield rect(
        left + at.col * cell,
        top + at.row * cell,
        cell,
        cell,
        fill="none",
        stroke=css(palette.accent),
        stroke_width=3.0,
        class_="current",
    )


def _sight(
    at: CaseStep,
    axis: AxisPlan,
    source: tuple[float, float],
    target: tuple[float, float],
    cell: float,
    palette: Palette,
    narrow: bool,
) -> Iterator[str]:
    """Draw the two lines from the window to the cell that it makes."""
    left, top = source[0] + (at.cols[0] + axis.before) * cell, source[1] + (at.rows[0] + axis.before) * cell
    span = axis.effective * cell
    x, y = target[0] + at.col * cell, target[1] + at.row * cell
    ends = (
        ((left, top + span, x, y), (left + span, top + span, x + cell, y))
        if narrow
        else ((left + span, top, x, y), (left + span, top + span, x, y + cell))
    )
    for one in ends:
        yield line(*one, stroke=css(palette.accent), stroke_width=1.5, stroke_dasharray="5 4", stroke_opacity=0.7)


def _cross(left: float, top: float, side: float, ink: str) -> str:
    a, b, c, d = left + side * 0.25, left + side * 0.75, top + side * 0.25, top + side * 0.75
    return line(a, c, b, d, stroke=ink, stroke_width=2.0) + line(a, d, b, c, stroke=ink, stroke_width=2.0)
