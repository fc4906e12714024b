"""Drawings of two layers that learn: accuracy by steps, kernels as they form, what was taken for what."""

from collections.abc import Sequence
from html import escape

import numpy as np

from conv_engine.arrays import Doubles
from ui.colours import Palette, css, mixed, palette_for
from ui.learn_shapes import Exam, Moment
from ui.shapes import SHAPES, ShapeSet
from ui.svg import LETTERS, NARROW, document, label, line, pair_html
from ui.thumbnails import as_png, data_uri, kernel_picture

__all__ = ["accuracy_html", "confusion_html", "kernels_html", "shapes_html", "share"]

# Pixels along a weight in a kernel's picture, its faint line not drawn: they are small multiples.
_CELL = 8
_WIDE = 620.0
_MOST_ROWS = 6


def share(accuracy: float, tested: int) -> str:
    """Write an accuracy as the count that it is: ``"934 of 1,000 (93.4 %)"``."""
    return f"{round(accuracy * tested):,} of {tested:,} ({100 * accuracy:.1f} %)"


def accuracy_html(moments: Sequence[Moment], steps: int, dark: bool) -> str:
    """Draw the accuracy of both nets by steps.

    Parameters
    ----------
    moments : sequence of Moment
        At least one, the first of step 0.
    steps : int
        Where the axis ends.
    dark : bool
        For which theme.

    Returns
    -------
    str
        HTML for ``st.html``.
    """
    last = moments[-1]
    words = (
        f"Accuracy on unseen pictures after {last.step} of {steps} steps: {100 * last.accuracy:.1f} % with "
        f"learned kernels, {100 * last.hand_accuracy:.1f} % with hand-made ones; {100 / len(SHAPES):g} % is "
        "guessing."
    )
    palette = palette_for(dark)
    wide, narrow = (_accuracy(moments, steps, width, palette, words) for width in (_WIDE, NARROW))
    # The half of a page is wide enough for this drawing.
    name = "learning-accuracy"
    return pair_html(name, wide, narrow, words) + (
        "<style>@container (min-width: 480px) "
        f"{{ .{name} .{name}-wide {{ display: block }} .{name} .{name}-narrow {{ display: none }} }}</style>"
    )


def _accuracy(moments: Sequence[Moment], steps: int, width: float, palette: Palette, words: str) -> str:
    # Room at the right for the names of the lines: no legend to look up.
    left, right, top, bottom = 64.0, width - 128.0, 14.0, 214.0

    def x(step: int) -> float:
        return left + (right - left) * step / steps

    def y(part: float) -> float:
        return bottom - (bottom - top) * part

    muted, faint, text = css(palette.muted), css(palette.faint), css(palette.text)
    body = []
    for part in (0, 0.25, 0.5, 0.75, 1):
        body.append(line(left, y(part), right, y(part), stroke=faint))
        body.append(label(left - 8, y(part) + 6, f"{100 * part:g} %", ink=muted, anchor="end"))
    guess = y(1 / len(SHAPES))
    body.append(line(left, guess, right, guess, stroke=muted, stroke_dasharray="4 5"))
    body.append(label(right - 6, guess + 20, "guessing", ink=muted, anchor="end"))
    body.append(label(x(0), bottom + 24, "0", ink=muted, anchor="start"))
    body.append(label(x(steps), bottom + 24, f"step {steps:,}", ink=muted, anchor="end"))
    blue, orange = css(palette.stops[1]), css(palette.stops[-2])
    ends = y(moments[-1].accuracy), y(moments[-1].hand_accuracy)
    # Names that would lie over each other are pushed apart.
    middle, gap = sum(ends) / 2, 2 * (LETTERS + 5)
    close = abs(ends[0] - ends[1]) < gap
    up = -1 if ends[0] <= ends[1] else 1
    at = (middle + up * gap / 2, middle - up * gap / 2) if close else ends
    for name, ink, values, where in (
        ("learned", orange, [moment.accuracy for moment in moments], at[0]),
        ("hand-made", blue, [moment.hand_accuracy for moment in moments], at[1]),
    ):
        points = " ".join(
            f"{x(moment.step):.1f},{y(value):.1f}" for moment, value in zip(moments, values, strict=True)
        )
        body.append(f'<polyline points="{points}" fill="none" stroke="{ink}" stroke-width="3.5"/>')
        head = x(moments[-1].step), y(values[-1])
        body.append(f'<circle cx="{head[0]:.1f}" cy="{head[1]:.1f}" r="5.5" fill="{ink}"/>')
        body.append(
            label(head[0] + 12, where, f"{100 * values[-1]:.1f} %", ink=text, weight="bold", anchor="start")
        )
        body.append(label(head[0] + 12, where + LETTERS + 1, name, ink=text, anchor="start"))
    return document("".join(body), width, bottom + 36, text, "Accuracy by steps", words)


def kernels_html(moments: Sequence[Moment], hand: Doubles, dark: bool) -> str:
    """Lay out the first layer's kernels as they form, a row for each moment, and the hand-made ones below.

    Parameters
    ----------
    moments : sequence of Moment
        At least one; of many some are shown, the first and the last among them.
    hand : ndarray of shape (8, 5, 5, 1)
        The kernels of the other net.
    dark : bool
        For which theme.

    Returns
    -------
    str
        HTML for ``st.html``.
    """
    count = min(len(moments), _MOST_ROWS)
    places = sorted({round(place) for place in np.geomspace(1, len(moments), count)}) if count > 1 else [1]
    rows = [(_when(moments[place - 1]), moments[place - 1].bank) for place in places]
    lines = "".join(_row(name, bank, dark) for name, bank in (*rows, ("hand-made", hand)))
    return (
        "<style>"
        ".forming { display: grid; grid-template-columns: max-content repeat(8, minmax(20px, 58px)); "
        "gap: 5px; column-gap: 6px; align-items: center; font-size: 0.95rem }"
        ".forming img { width: 100%; aspect-ratio: 1; image-rendering: pixelated; border-radius: 3px }"
        ".forming span { padding-right: 0.5rem; font-variant-numeric: tabular-nums; white-space: nowrap }"
        ".forming span:nth-last-of-type(1) { font-weight: 600 }"
        f'</style><div class="forming">{lines}</div>'
    )


def _when(moment: Moment) -> str:
    return "noise" if moment.step == 0 else f"step {moment.step:,}"


def _row(name: str, bank: Doubles, dark: bool) -> str:
    pictures = "".join(
        f'<img src="{data_uri(kernel_picture(kernel[:, :, 0], dark, _CELL))}" '
        f'alt="Kernel {number} of the first layer, {escape(name)}">'
        for number, kernel in enumerate(bank, 1)
    )
    return f"<span>{escape(name)}</span>{pictures}"


def confusion_html(exam: Exam, name: str, dark: bool) -> str:
    """Lay out what was taken for what as a table.

    Parameters
    ----------
    exam : Exam
    name : str
        Of the net.
    dark : bool
        For which theme.

    Returns
    -------
    str
        HTML for ``st.html``: a row for each shape, a column for each answer; right answers stand on the diagonal.
    """
    palette = palette_for(dark)
    table = exam.confusion
    head = "".join(f'<th scope="col">{shape}</th>' for shape in SHAPES)
    rows = []
    for shape, counts in zip(SHAPES, table, strict=True):
        total = max(int(counts.sum()), 1)
        cells = []
        for answer, count in zip(SHAPES, counts, strict=True):
            right = answer == shape
            stop = palette.stops[2 if right else -3]
            ground = css(
                mixed(stop, palette.ground, float(count) / total if right else min(1.0, 4 * count / total))
            )
            cells.append(
                f'<td style="background: {ground}">{"<b>" if right else ""}{count}{"</b>" if right else ""}</td>'
            )
        rows.append(f'<tr><th scope="row">{shape}</th>{"".join(cells)}</tr>')
    line_colour = css(palette.faint)
    return (
        "<style>"
        ".confusion { border-collapse: collapse; width: 100%; max-width: 30rem; font-size: 1rem; "
        "font-variant-numeric: tabular-nums }"
        ".confusion caption { text-align: left; font-weight: 600; padding-bottom: 0.3rem }"
        f".confusion td, .confusion th "
        f"{{ padding: 0.35rem 0.3rem; text-align: center; border: 1px solid {line_colour}; "
        "font-weight: 400 }"
        ".confusion th { font-size: 0.92rem }"
        ".confusion b { font-weight: 700 }"
        f'</style><table class="confusion"><caption>{escape(name)}: the shape by rows, the answer by '
        f"columns</caption><thead><tr><td></td>{head}</tr></thead><tbody>{''.join(rows)}</tbody></table>"
    )


def shapes_html(shown: ShapeSet, captions: Sequence[str]) -> str:
    """Lay out pictures with a caption each.

    Parameters
    ----------
    shown : ShapeSet
        Some pictures; what is below 0 is shown black, what is above 1 white.
    captions : sequence of str
        One for each.

    Returns
    -------
    str
        HTML for ``st.html``.
    """
    figures = []
    for picture, caption in zip(shown.pictures[..., 0], captions, strict=True):
        grey = np.floor(np.clip(picture, 0, 1) * 255 + 0.5).astype(np.uint8)
        figures.append(
            f'<figure><img src="{data_uri(as_png(grey))}" alt="Picture of 16 × 16: {escape(caption)}">'
            f"<figcaption>{escape(caption)}</figcaption></figure>"
        )
    return (
        "<style>"
        ".shapes { display: grid; grid-template-columns: repeat(auto-fill, minmax(88px, 1fr)); gap: 12px }"
        ".shapes figure { margin: 0 }"
        ".shapes img { width: 100%; max-width: 130px; image-rendering: pixelated; border-radius: 4px }"
        ".shapes figcaption { font-size: 0.9rem; line-height: 1.3 }"
        f'</style><div class="shapes">{"".join(figures)}</div>'
    )
