"""The page Sharing: a convolution beside a fully connected layer, and the convolution's own matrix."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import streamlit as st

from conv_engine import LIBRARY, ConvError
from conv_engine.arrays import Doubles
from ui import idea, state
from ui.charts import show_chart
from ui.choices import choose
from ui.layer import bank_of, build_layer, kernel_of
from ui.message import blob
from ui.page import is_dark
from ui.pictures import working_picture
from ui.sharing import (
    LARGEST_KERNEL,
    SMALL_SIDES,
    Beside,
    SmallMatrix,
    beside,
    bytes_words,
    curve,
    entries_sentence,
    memory_sentence,
    proof_sentence,
    small_matrix,
    small_picture,
    small_plan,
    times_words,
    weights_sentence,
)
from ui.sharing_figure import COUNTED, growth_figure
from ui.text import plain

__all__ = ["pack_matrix", "show_sharing"]

_FOLDER = Path(__file__).resolve().parent.parent / "assets" / "toeplitz"
_KEY = "toeplitz_matrix"
_OPENS_WITH = 6
# The picture is taken from this size: its pixels are the means of many.
_FROM = 128
_INSTEAD = ("sobel_x", "sobel_y", "box", "gaussian", "laplacian", "sharpen")

# Inline, for the reasons that `ui/stage.py` gives.
_component = st.components.v2.component(
    "convscope_toeplitz",
    html='<div class="toeplitz-root"></div>',
    css=(_FOLDER / "toeplitz.css").read_text(encoding="utf-8"),
    js=(_FOLDER / "toeplitz.bundle.js").read_text(encoding="utf-8"),
)


def show_sharing() -> None:
    """Show the whole page."""
    idea.question(
        "How can so few weights look at the whole picture?",
        "Compare the two lines, and find your own picture on them. Then **point at a row of the matrix** below, "
        "or press Play: each row is the same kernel, moved on by a step.",
    )
    growth = _show_growth()
    matrix = _show_matrix()
    idea.notice(*growth, *_what_the_matrix_shows(matrix))


def pack_matrix(matrix: SmallMatrix, title: str, top: float) -> bytes:
    """Write a matrix as a message; `assets/toeplitz/message.js` reads it.

    Parameters
    ----------
    matrix : SmallMatrix
    title : str
        The kernel's, for people.
    top : float
        The value of a white pixel.

    Returns
    -------
    bytes
    """
    arrays = {
        "picture": matrix.image,
        "kernel": matrix.kernel,
        "product": matrix.product,
        "starts": matrix.starts,
        "columns": matrix.columns,
        "taps": matrix.taps,
    }
    header = {"title": title, "bias": matrix.bias, "top": top}
    return blob(header, {key: np.ascontiguousarray(array, dtype="<f8") for key, array in arrays.items()})


def _show_growth() -> tuple[str, ...]:
    picture, words = idea.halves()
    try:
        plan = build_layer(state.experiment(), working_picture(state.experiment(), state.photo()).pixels).plan
    except ConvError as error:
        st.warning(plain(f"The experiment's layer cannot be counted: {error}."))
        return ()
    points, own = curve(plan), beside(plan)
    with picture:
        counted = choose("segments", "What is counted", "w_counted", COUNTED, "parameters")
        show_chart(growth_figure(points, own, counted, is_dark()), "sharing_growth")
    with words:
        _explain_growth(points, own)
    first, last = points[0], points[-1]
    if first is last:
        return ()
    return (
        f"From {first.side:,} to {last.side:,} pixels the convolution's parameters stay {last.parameters:,}. "
        f"The fully connected layer's grow to {last.dense_parameters:,}: {bytes_words(last.dense_bytes)}.",
        "The convolution's multiplications do grow, with the number of cells: the weights are used more often, "
        "and there are no more of them.",
    )


def _explain_growth(points: list[Beside], own: Beside) -> None:
    st.markdown(
        "**The same input, the same output.** A fully connected layer has a weight from every pixel to every "
        "cell. A convolution has one small kernel for each feature, and lays it on every place."
    )
    st.markdown(f"{weights_sentence(own)} {memory_sentence(own)}")
    st.markdown(
        f"| for one picture | convolution | fully connected |\n| :-- | --: | --: |\n"
        f"| parameters | {own.parameters:,} | {own.dense_parameters:,} |\n"
        f"| multiplications | {own.multiplications:,} | {own.dense_multiplications:,} |"
    )
    last = points[-1]
    st.markdown(
        "**Two savings.** *Sparse*: a cell looks at its window only, so there is less to multiply: the other "
        f"layer does {times_words(own.dense_multiplications, own.multiplications)}. *Shared*: all windows use the "
        f"same weights, so there is less to learn: at {last.side:,} pixels the other layer has "
        f"{times_words(last.dense_parameters, last.parameters)}."
    )


def _show_matrix() -> SmallMatrix:
    st.markdown("### The convolution is a matrix, too")
    picture, words = idea.halves()
    with picture:
        sides = {str(side): f"{side} × {side}" for side in SMALL_SIDES}
        side = int(choose("slider", "Pixels of the small picture", "w_side", sides, str(_OPENS_WITH)))
        kernel, bias, title, notes = _kernel()
        experiment = state.experiment()
        plan, more = small_plan(side, (kernel.shape[0], kernel.shape[1]), experiment.spec)
        grey = working_picture(replace(experiment, size=_FROM, grey=True), state.photo()).pixels[:, :, 0]
        small = small_picture(grey, side).astype(np.float32)
        matrix = small_matrix(small / np.float32(255) if experiment.unit else small, kernel, bias, plan)
        for note in (*notes, *more):
            st.caption(plain(note))
        _component(data=pack_matrix(matrix, title, 1 if experiment.unit else 255), key=_KEY)
    with words:
        _explain_matrix(matrix)
    return matrix


def _kernel() -> tuple[Doubles, float, str, tuple[str, ...]]:
    """Return the kernel as it is laid on, its bias, its name, and what is not as in the experiment."""
    experiment = state.experiment()
    _, feature = state.chosen()
    weights = bank_of([feature], 1)[0, :, :, 0]
    title, bias = feature.name or kernel_of(feature).title, feature.bias
    notes: tuple[str, ...] = ()
    if max(weights.shape) > LARGEST_KERNEL:
        rows, cols = weights.shape
        key = choose(
            "select",
            "Kernel of the matrix",
            "w_kernel",
            {key: LIBRARY[key].title for key in _INSTEAD},
            _INSTEAD[0],
        )
        notes = (f"{title}, {rows} × {cols}, is too large for a matrix to look at: this kernel stands in for it.",)
        weights, title, bias = np.array(LIBRARY[key].weights, dtype=np.float64), LIBRARY[key].title, 0.0
    if experiment.flip:
        title, weights = f"{title}, flipped", weights[::-1, ::-1]
    return np.ascontiguousarray(weights), bias, title, notes


def _explain_matrix(matrix: SmallMatrix) -> None:
    rows, cols = matrix.shape
    st.markdown(
        f"**A row for each cell, a column for each pixel.** Write the picture's {cols:,} pixels as one row, and "
        f"each of the {rows:,} cells is a sum over all of them, most of them times 0: the matrix is *sparse*. "
        "What is not 0 is the kernel, moved on from row to row: the same few colours again and again, in bands."
    )
    st.markdown(entries_sentence(matrix))
    st.markdown(proof_sentence(matrix))
    st.markdown(
        "Lines part it into blocks: a row of the map against a row of the picture. Within a block, and from block "
        "to block, the weights stand on diagonals: *doubly block Toeplitz*. A stride leaves rows of it out."
    )


def _what_the_matrix_shows(matrix: SmallMatrix) -> tuple[str, ...]:
    feeds = np.bincount(matrix.columns, minlength=matrix.shape[1])
    few, many = int(feeds.min()), int(feeds.max())
    fed = (
        f"Every pixel feeds {many:,} {'cell' if many == 1 else 'cells'}."
        if few == many
        else f"Not all pixels count alike: some feed {few:,} {'cell' if few == 1 else 'cells'}, others {many:,}."
    )
    return (
        "Point at a coloured entry: its weight stands in many rows. To change it once is to change all of "
        "them, and in training all of these places teach it.",
        f"{fed} Point at the row of pixels on top to see which.",
    )
