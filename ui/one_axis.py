"""Valid, same and full: on one axis, cell by cell, then for a picture; the odd one, and what is left over."""

from collections.abc import Callable, Hashable
from dataclasses import fields, replace

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from conv_engine import BOUNDARIES, ConvError, ConvSpec
from conv_engine.axis import AxisPlan
from conv_engine.plan import Plan2D
from conv_engine.sizes import fitting_sizes, plan_axis
from conv_engine.spec import PADDINGS
from ui import state
from ui.axis_bars import Bar, bars_html
from ui.axis_figure import axis_svg, axis_words, formula_html
from ui.experiment import LARGEST_DILATION, LARGEST_KERNEL, LARGEST_PADDING, LARGEST_STRIDE, Experiment, Feature
from ui.feature_edits import noted, resize_kernel, typed, weights_of
from ui.flipbook import Drawing, show_flipbook
from ui.layer import Layer, bank_of
from ui.page import is_dark
from ui.size_words import leftover_sentences, odd_one_sentences, size_sentences
from ui.square_figure import square_html
from ui.text import plain
from ui.volume import volume_html

__all__ = ["LONGEST_STRIP", "show_one_axis", "strip_axis"]

LONGEST_STRIP = 32
"""Pixels of the longest strip: each cell has room for its number on a wide screen."""

_USUAL_STRIP = 24
_NUMBERS = "numbers"
_CASE_SIZE, _CASE_KERNEL, _CASE_STRIDE = 64, "sobel_x", 2
# What the bank of the case with several features is made of: maps that are told apart at a glance.
_CASE_BANK = ("sobel_x", "sobel_y", "laplacian", "gaussian")


def show_one_axis(layer: Layer | None) -> None:
    """Show what sets the size of a map: a strip with its formula, then the square, the odd one, leftovers, depth.

    Parameters
    ----------
    layer : Layer or None
        The experiment laid on its picture; None where the settings leave no window on it.
    """
    _controls(layer)
    _strip(layer)
    if layer is None:
        st.markdown("These settings leave no window on the picture. With one, its size is explained here.")
        return
    _square(layer.plan)
    _odd_one(layer.plan)
    _left_over(layer.plan)
    _features(layer)


def _halves() -> tuple[DeltaGenerator, DeltaGenerator]:
    # As wide as a drawing needs at 1440 CSS pixels to be the wide one.
    picture, words = st.columns((7, 3), gap="medium")
    return picture, words


# --- The controls --------------------------------------------------------------------------------------


def _kernel_size() -> tuple[int, int]:
    rows, cols = bank_of(state.experiment().features, channels=3).shape[1:3]
    return rows, cols


def _controls(layer: Layer | None) -> None:
    spec, kernel = state.experiment().spec, _kernel_size()
    with st.container(key="axis_controls", horizontal=True, vertical_alignment="top", gap="medium"):
        st.segmented_control(
            "Padding of the picture",
            (*PADDINGS, _NUMBERS),
            required=True,
            key=state.mirror("axis_padding", spec.padding if isinstance(spec.padding, str) else _NUMBERS),
            on_change=_set_padding,
            width="content",
        )
        if not isinstance(spec.padding, str):
            alike = spec.padding[0] == spec.padding[1]
            for side, alone, value in zip(("before", "after"), ("top", "bottom"), spec.padding[0], strict=True):
                _number(
                    side.capitalize() if alike else alone.capitalize(),
                    f"axis_{side}",
                    value,
                    0,
                    LARGEST_PADDING,
                    _set_pads,
                )
        _number(_named("Kernel", kernel), "axis_kernel", kernel[0], 1, LARGEST_KERNEL, _set_kernel)
        _number(_named("Stride", spec.stride), "axis_stride", spec.stride[0], 1, LARGEST_STRIDE, _set_stride)
        _number(
            _named("Dilation", spec.dilation),
            "axis_dilation",
            spec.dilation[0],
            1,
            LARGEST_DILATION,
            _set_dilation,
        )
        st.slider(
            "Pixels of the strip",
            1,
            LONGEST_STRIP,
            key=state.mirror("axis_length", _length(layer)),
            on_change=_set_length,
            args=(layer,),
            width=220,
        )


def _named(what: str, pair: tuple[int, int]) -> str:
    return what if pair[0] == pair[1] else f"{what}, rows"


def _number(label: str, key: str, value: int, least: int, most: int, take: Callable[[], None]) -> None:
    st.number_input(label, least, max(most, value), value, key=state.mirror(key, value), on_change=take, width=128)


@noted
def _set_padding() -> None:
    padding = state.value_of("axis_padding")
    if padding == _NUMBERS:
        if isinstance(state.experiment().spec.padding, str):
            state.change_spec(padding=1)
    elif padding is not None:
        state.change_spec(padding=padding)


@typed
def _set_pads() -> None:
    padding = state.experiment().spec.padding
    if isinstance(padding, str):
        return
    rows = state.value_of("axis_before"), state.value_of("axis_after")
    state.change_spec(padding=(rows, rows if padding[0] == padding[1] else padding[1]))


@typed
def _set_stride() -> None:
    stride = state.experiment().spec.stride
    state.change_spec(stride=_of_both(stride, state.value_of("axis_stride")))


@typed
def _set_dilation() -> None:
    dilation = state.experiment().spec.dilation
    state.change_spec(dilation=_of_both(dilation, state.value_of("axis_dilation")))


@typed
def _set_kernel() -> None:
    before = _kernel_size()
    rows, cols = _of_both(before, state.value_of("axis_kernel"))
    if not isinstance(rows, int) or (rows, cols) == before:
        return
    if rows > before[0]:
        resize_kernel(state.chosen()[0], rows, cols)
        return
    # The layer has the size of its largest kernel: all that are larger are cut.
    for index, feature in enumerate(state.experiment().features):
        weights = weights_of(feature)
        own = len(weights), len(weights[0])
        if own[0] > rows or own[1] > cols:
            resize_kernel(index, min(own[0], rows), min(own[1], cols))


def _of_both(pair: tuple[int, int], value: int) -> tuple[int, int]:
    """Change both of a pair that are equal, else that of the rows alone."""
    return value, value if pair[0] == pair[1] else pair[1]


@typed
def _set_length(layer: Layer | None) -> None:
    length = state.value_of("axis_length")
    state.set_detail("strip", "" if length == _usual_length(layer) else str(length))


def _length(layer: Layer | None) -> int:
    length = state.detail("strip")
    if length.isascii() and length.isdigit() and 1 <= int(length[:4]) <= LONGEST_STRIP and len(length) <= 4:
        return int(length)
    return _usual_length(layer)


def _usual_length(layer: Layer | None) -> int:
    return _USUAL_STRIP if layer is None else min(layer.plan.image_shape[0], _USUAL_STRIP)


# --- The strip -----------------------------------------------------------------------------------------


def strip_axis(length: int, kernel: int, spec: ConvSpec) -> AxisPlan:
    """Plan a strip of so many pixels with the settings that an experiment has for its rows.

    Parameters
    ----------
    length, kernel : int
        Pixels of the strip, and taps of the kernel.
    spec : ConvSpec
        Of the experiment.

    Returns
    -------
    AxisPlan

    Raises
    ------
    ConvError
        If the kernel finds no place on the strip.
    """
    padding = spec.padding if isinstance(spec.padding, str) else spec.padding[0]
    axis = plan_axis(length, kernel, stride=spec.stride[0], padding=padding, dilation=spec.dilation[0])
    return replace(axis, boundary=spec.boundary)


def _strip(layer: Layer | None) -> None:
    spec, kernel, length = state.experiment().spec, _kernel_size()[0], _length(layer)
    st.caption(_strip_words(length, layer))
    picture, words = _halves()
    with picture:
        try:
            axis = strip_axis(length, kernel, spec)
        except ConvError as error:
            st.warning(
                f"On this strip there is no window: {plain(str(error))}. Choose a longer strip or more padding."
            )
        else:
            dark = is_dark()
            drawings = state.remembered("strip", (axis, dark), lambda: _drawings(axis, dark))
            page = state.detail("step", "0")
            show_flipbook(
                "strip_book",
                drawings,
                "The kernel sliding along the strip",
                int(page) if page.isascii() and page.isdigit() and len(page) <= 4 else 0,
                lambda reached: state.set_detail("step", str(reached)),
            )
            st.html(formula_html(axis, dark, spec.padding if isinstance(spec.padding, str) else ""))
    with words:
        st.markdown("**The same strip, padded in each way**")
        st.html(bars_html("padding-bars", _three_paddings(length, kernel, spec), is_dark()))


def _drawings(axis: AxisPlan, dark: bool) -> list[Drawing]:
    return [
        Drawing(axis_svg(axis, step, dark), axis_svg(axis, step, dark, narrow=True), axis_words(axis, step))
        for step in range(axis.out)
    ]


def _strip_words(length: int, layer: Layer | None) -> str:
    if layer is None:
        return f"A strip of {length} pixels."
    rows = layer.plan.image_shape[0]
    if length == rows:
        return f"The strip is as long as the picture is high: {rows} pixels."
    if length < rows:
        return (
            f"The strip has {length} pixels, and the picture {rows} rows: on a short strip each cell can be seen. "
            "The rule is the same."
        )
    return f"The strip has {length} pixels, more than the {rows} rows of the picture. The rule is the same."


def _three_paddings(length: int, kernel: int, spec: ConvSpec) -> list[Bar]:
    def bar(name: str, shown: ConvSpec) -> Bar:
        try:
            return Bar(name, strip_axis(length, kernel, shown), length)
        except ConvError:
            return Bar(name, None, length)

    bars = [
        bar(f"{name} (shown)" if spec.padding == name else name, replace(spec, padding=name)) for name in PADDINGS
    ]
    return bars if isinstance(spec.padding, str) else [*bars, bar(f"{_NUMBERS} (shown)", spec)]


# --- The picture ---------------------------------------------------------------------------------------


def _square(plan: Plan2D) -> None:
    st.markdown("#### The square: rows and columns")
    picture, words = _halves()
    picture.html(square_html(plan, is_dark()))
    with words:
        first, *reasons = size_sentences(plan)
        st.markdown(f"**{plain(first)}**")
        for reason in reasons:
            st.markdown(plain(reason))
        st.markdown("A cell of the map is drawn as large as a pixel of the picture.")
        _case_button("square", "same")


def _odd_one(plan: Plan2D) -> None:
    st.markdown("#### The odd one")
    sentences = odd_one_sentences(plan, once=True)
    if not sentences:
        st.markdown("The padding is the same on both sides of both axes, so there is no odd row to place.")
        _case_button("odd", "same")
        return
    picture, words = _halves()
    with picture:
        for number, (what, axis) in enumerate(_different_axes(plan)):
            if axis.before != axis.after:
                st.html(bars_html(f"odd-bars-{number}", _odd_bars(plan, what, axis), is_dark()))
    with words:
        *reasons, introduction, code = sentences
        for reason in (*reasons, introduction):
            st.markdown(plain(reason))
        st.code(code, language="python", wrap_lines=True)
        _case_button("odd", "same")


def _odd_bars(plan: Plan2D, what: str, axis: AxisPlan) -> list[Bar]:
    def padded(name: str, padding: tuple[int, int]) -> Bar:
        other = plan_axis(axis.size, axis.kernel, stride=axis.stride, padding=padding, dilation=axis.dilation)
        return Bar(name if plan.row_axis == plan.col_axis else f"{what}s: {name}", other, axis.size)

    even = max(axis.before, axis.after)
    bars = [padded("here", (axis.before, axis.after)), padded(f"{even} on both sides", (even, even))]
    if plan.spec.padding == "same":
        bars.insert(1, padded("SAME_LOWER of ONNX", (axis.after, axis.before)))
    return bars


def _left_over(plan: Plan2D) -> None:
    st.markdown("#### Left over")
    sentences = leftover_sentences(plan, once=True)
    if not sentences:
        st.markdown("Every row and every column is read by some window: nothing is left over.")
        _case_button("left", "valid")
        return
    picture, words = _halves()
    with picture:
        for number, (what, axis) in enumerate(_different_axes(plan)):
            st.html(bars_html(f"left-bars-{number}", _fitting_bars(what, axis), is_dark()))
    with words:
        for sentence in sentences:
            st.markdown(plain(sentence))
        _case_button("left", "valid")


def _fitting_bars(what: str, axis: AxisPlan) -> list[Bar]:
    """Return the axis between the nearest sizes that fit, all with its padding in pixels."""
    below, above = fitting_sizes(axis)
    sizes = sorted({size for size in (below, axis.size, above) if size is not None})
    bars = []
    for size in sizes:
        name = f"{size:,} {what}{'' if size == 1 else 's'}"
        planned = replace(axis, size=size)
        found = planned if planned.padded >= planned.effective else None
        bars.append(Bar(f"{name} (the picture)" if size == axis.size else name, found, size))
    return bars


def _different_axes(plan: Plan2D) -> list[tuple[str, AxisPlan]]:
    """Return the axis of the rows, and that of the columns where it is another one."""
    axes = [("row", plan.row_axis), ("column", plan.col_axis)]
    return axes[:1] if plan.row_axis == plan.col_axis else axes


def _features(layer: Layer) -> None:
    st.markdown("#### Features")
    plan = layer.plan
    rows, cols, count = plan.output_shape
    picture, words = _halves()
    picture.html(volume_html(plan.image_shape, plan.bank_shape, plan.output_shape, is_dark(), layer.names))
    with words:
        kernels = "1 kernel, so there is 1 map" if count == 1 else f"{count} kernels, so there are {count} maps"
        st.markdown(f"**The bank has {kernels}: the output is {rows} × {cols} × {count}.**")
        st.markdown(
            "Stride and padding set its rows and columns. Its depth is the count of features, and nothing else: "
            "each kernel goes through all channels of the picture and adds them up to one number a cell."
        )
        if count == 1:
            st.button(
                f"Show me: {len(_CASE_BANK)} features",
                key="axis_features",
                on_click=noted(state.set_feature_count),
                args=(len(_CASE_BANK), _CASE_BANK),
            )
        else:
            st.markdown("The sidebar sets their number, under Features.")


# --- Cases ---------------------------------------------------------------------------------------------


def _case(padding: str) -> Experiment:
    current = state.experiment()
    features = current.features if _kernel_size() == (3, 3) else (Feature(_CASE_KERNEL),)
    spec = ConvSpec.of(stride=_CASE_STRIDE, padding=padding, boundary=BOUNDARIES[0])
    return replace(current, size=_CASE_SIZE, spec=spec, features=features)


def _case_button(where: str, padding: str) -> None:
    """Offer a case in which there is something to see, or, where it is shown, the way back."""
    before = state.kept("axis case")
    if before is not None and before[0] == where and before[2] == _shown(state.experiment()):
        st.button("Back to my settings", key=f"axis_back_{where}", on_click=_take, args=(before[1], None))
        return
    case = _case(padding)
    if _shown(case) == _shown(state.experiment()):
        return
    st.button(
        f"Show me: {_CASE_SIZE} pixels, kernel 3, stride {_CASE_STRIDE}, {padding}",
        key=f"axis_case_{where}",
        on_click=_take,
        args=(case, where),
    )


@noted
def _take(experiment: Experiment, where: str | None) -> None:
    state.keep("axis case", None if where is None else (where, state.experiment(), _shown(experiment)))
    parts = {entry.name: getattr(experiment, entry.name) for entry in fields(experiment)}
    # Where the stage is has not been asked about.
    del parts["place"]
    if parts.pop("features") != state.experiment().features:
        state.replace_bank(experiment.features)
    state.change(**parts)


def _shown(experiment: Experiment) -> Hashable:
    """Return what a case is about: all that sets a size."""
    return experiment.size, experiment.spec, experiment.features, experiment.picture
