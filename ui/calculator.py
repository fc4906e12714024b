"""The calculator of sizes: forwards, backwards, through a chain of layers, and in the words of three libraries."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import streamlit as st

from conv_engine import ConvError, Plan2D, plan2d
from conv_engine.axis import AxisPlan
from conv_engine.sizes import Setting, nearest_sizes, plan_axis, settings_for
from conv_engine.spec import PADDINGS
from conv_engine.spellings import FRAMEWORKS, spelling
from ui import state
from ui.axis_figure import formula_html
from ui.chain_panel import show_chain
from ui.chain_text import LARGEST_AMOUNT, LARGEST_SIDE, Chain, ChainError, Link, format_chain, parse_chain
from ui.feature_edits import noted
from ui.layer import Layer
from ui.page import choose_part, is_dark
from ui.size_words import leftover_sentences
from ui.text import capital, plain

__all__ = ["show_calculator"]

_DETAIL = "calc_axis"
_WANTED = "calc_wanted"
_NUMBERS = "numbers"
_TITLES = {"pytorch": "PyTorch", "keras": "Keras", "onnx": "ONNX"}
_ORDERS = {"pytorch": "(K, C, kh, kw)", "keras": "(kh, kw, C, K)", "onnx": "(K, C, kh, kw)"}
# The limits of the search: their names, their titles, what they begin with, and their own limits.
_LIMITS = (
    ("least_kernel", "Kernel from", 1, 1, 15),
    ("most_kernel", "Kernel up to", 7, 1, 15),
    ("most_stride", "Stride up to", 4, 1, 16),
    ("most_padding", "Padding up to", 3, 0, 16),
    ("most_dilation", "Dilation up to", 2, 1, 8),
)


def show_calculator(layer: Layer) -> None:
    """Show the calculator.

    Parameters
    ----------
    layer : Layer
        The experiment on its picture: what the calculator begins with.
    """
    part = choose_part("calc", {"layer": "One layer", "chain": "A chain of layers", "code": "In code"})
    if part == "chain":
        show_chain(layer)
    elif part == "code":
        _show_code(layer)
    else:
        _show_one_layer(layer)


# --- One layer -----------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Numbers:
    """One axis of a layer, as the fields have it."""

    size: int
    kernel: int
    stride: int
    padding: str | tuple[int, int]
    dilation: int

    def axis(self) -> AxisPlan:
        """Plan it; raises ConvError where the kernel does not fit."""
        return plan_axis(self.size, self.kernel, stride=self.stride, padding=self.padding, dilation=self.dilation)

    def text(self) -> str:
        """Write it into the address: as a chain of one layer whose rows and columns are alike."""
        padding = self.padding if isinstance(self.padding, str) else (self.padding, self.padding)
        alike = ((self.kernel,) * 2, (self.stride,) * 2, padding, (self.dilation,) * 2)
        return format_chain(Chain((Link("c", *alike),), (self.size, self.size)))

    @staticmethod
    def of(text: str) -> "_Numbers":
        chain = parse_chain(text)
        link = chain.links[0]
        pairs = (chain.size or (0, 1), link.kernel, link.stride, link.dilation)
        padding = link.padding if isinstance(link.padding, str) else link.padding[0]
        numbers = _Numbers(pairs[0][0], link.kernel[0], link.stride[0], padding, link.dilation[0])
        if parse_chain(numbers.text()) != chain:
            raise ChainError(f"One axis of one layer is written such as 64x64.c3s2psame, got “{text[:40]}”.")
        return numbers


def _show_one_layer(layer: Layer) -> None:
    plan = layer.plan
    alike = plan.row_axis == plan.col_axis
    forwards, backwards = st.columns(2, gap="large")
    with forwards:
        st.markdown("#### From the settings to the size")
        is_row = alike or _choose_axis()
        start = _numbers_of(plan, is_row)
        numbers = _asked(start)
        _fields(numbers)
        axis = _result(numbers, is_row)
        _give_back(layer, numbers, axis, start, is_row=is_row, alike=alike)
    with backwards:
        st.markdown("#### From the size to the settings")
        _backwards(numbers, axis)


def _choose_axis() -> bool:
    name = "calc_of"
    asked = state.detail(name, "rows")
    key = state.mirror("calc_axis_of", "columns" if asked == "columns" else "rows")

    @noted
    def choose() -> None:
        state.set_detail(name, str(state.value_of(key)))
        state.set_detail(_DETAIL, "")

    st.segmented_control(
        "Axis of the experiment",
        ("rows", "columns"),
        required=True,
        key=key,
        on_change=choose,
        help="Rows and columns of the experiment differ. The calculator takes one axis at a time.",
    )
    return asked != "columns"


def _numbers_of(plan: Plan2D, is_row: bool) -> _Numbers:
    axis = plan.row_axis if is_row else plan.col_axis
    named = plan.spec.padding if isinstance(plan.spec.padding, str) else (axis.before, axis.after)
    return _Numbers(axis.size, axis.kernel, axis.stride, named, axis.dilation)


def _asked(start: _Numbers) -> _Numbers:
    text = state.detail(_DETAIL)
    if not text:
        return start
    try:
        return _Numbers.of(text)
    except ChainError as error:
        st.warning(f"The numbers in the address cannot be read. {plain(str(error))} Here are the experiment's.")
        return start


def _fields(numbers: _Numbers) -> None:
    fields = (
        ("Size n", "size", numbers.size, LARGEST_SIDE, "Pixels along one axis."),
        ("Kernel k", "kernel", numbers.kernel, LARGEST_AMOUNT, "Taps along the axis."),
        ("Stride s", "stride", numbers.stride, LARGEST_AMOUNT, "A window every s pixels."),
        ("Dilation d", "dilation", numbers.dilation, LARGEST_AMOUNT, "A tap every d pixels."),
    )
    halves = st.columns(2, gap="small", wrap=False)
    for column, (title, name, value, most, why) in zip((*halves, *halves), fields, strict=True):
        column.number_input(
            title, 1, most, key=state.mirror(f"calc_{name}", value), on_change=_take_fields, help=why
        )
    named = isinstance(numbers.padding, str)
    st.segmented_control(
        "Padding p",
        (*PADDINGS, _NUMBERS),
        required=True,
        key=state.mirror("calc_padding", numbers.padding if named else _NUMBERS),
        on_change=_take_fields,
    )
    if not isinstance(numbers.padding, str):
        sides = zip(st.columns(2, gap="small", wrap=False), ("before", "after"), numbers.padding, strict=True)
        for column, side, pad in sides:
            column.number_input(
                side.capitalize(),
                0,
                LARGEST_AMOUNT,
                key=state.mirror(f"calc_{side}", pad),
                on_change=_take_fields,
            )


@noted
def _take_fields() -> None:
    size, kernel, stride, dilation = (
        state.value_of(f"calc_{name}") for name in ("size", "kernel", "stride", "dilation")
    )
    padding = state.value_of("calc_padding")
    if padding == _NUMBERS:
        # One on each side to begin with: the fields are not there yet.
        before, after = (state.value_of(f"calc_{side}") for side in ("before", "after"))
        padding = (1 if before is None else before, 1 if after is None else after)
    _take(_Numbers(size, kernel, stride, padding, dilation))


def _take(numbers: _Numbers) -> None:
    """Write numbers into the address; those that it cannot hold are refused, and all stays as it was."""
    try:
        text = _Numbers.of(numbers.text()).text()
    except (ChainError, TypeError) as error:
        state.say(f"{error}")
        return
    state.set_detail(_DETAIL, text)


def _result(numbers: _Numbers, is_row: bool) -> AxisPlan | None:
    try:
        axis = numbers.axis()
    except ConvError as error:
        st.error(f"{_sentence(error)} Take a smaller kernel or dilation, or more padding.")
        return None
    cells = "cell" if axis.out == 1 else "cells"
    st.markdown(f"### {axis.size:,} → {axis.out:,} {cells}")
    named = numbers.padding if isinstance(numbers.padding, str) else ""
    st.html(formula_html(axis, is_dark(), named))
    left = leftover_sentences(_as_plan(axis, is_row))
    st.markdown("\n\n".join(left) if left else "Nothing is left over: every pixel is read.")
    return axis


def _as_plan(axis: AxisPlan, is_row: bool) -> Plan2D:
    """Lay an axis down the rows of a picture of one column, or along the columns of one row."""

    def both(value: int, other: int = 1) -> tuple[int, int]:
        return (value, other) if is_row else (other, value)

    pads = (axis.before, axis.after), (0, 0)
    return plan2d(
        (*both(axis.size), 1),
        (1, *both(axis.kernel), 1),
        stride=both(axis.stride),
        padding=pads if is_row else pads[::-1],
        dilation=both(axis.dilation),
    )


def _give_back(
    layer: Layer, numbers: _Numbers, axis: AxisPlan | None, start: _Numbers, *, is_row: bool, alike: bool
) -> None:
    """Show the buttons between the calculator and the experiment, and what does not go with them."""
    with st.container(horizontal=True, gap="small"):
        st.button(
            "Take them into the experiment",
            key="calc_take",
            on_click=_change_experiment,
            args=(layer, numbers),
            kwargs={"is_row": is_row, "alike": alike},
            disabled=axis is None or _laid(numbers, start) == start,
            help="Stride, padding and dilation.",
        )
        st.button(
            "As in the experiment",
            key="calc_reset",
            on_click=state.set_detail,
            args=(_DETAIL, ""),
            disabled=numbers == start,
        )
    stays = []
    if numbers.kernel != start.kernel:
        stays.append(f"its kernel has {start.kernel} taps along this axis, and no weights for {numbers.kernel}")
    if numbers.size != start.size:
        stays.append(f"its picture has {start.size} pixels along this axis, and not {numbers.size}")
    if not stays:
        return
    try:
        out = _laid(numbers, start).axis().out
        then = f"There stride, padding and dilation give {out:,} {'cell' if out == 1 else 'cells'}."
    except ConvError as error:
        then = f"There they leave no window. {_sentence(error)}"
    st.caption(f"Size and kernel of the experiment stay: {'; '.join(stays)}. {then}")


def _laid(numbers: _Numbers, start: _Numbers) -> _Numbers:
    """Return what of the numbers the experiment can take over, on its own picture with its own kernel."""
    return _Numbers(start.size, start.kernel, numbers.stride, numbers.padding, numbers.dilation)


def _change_experiment(layer: Layer, numbers: _Numbers, *, is_row: bool, alike: bool) -> None:
    plan, spec = layer.plan, layer.plan.spec
    padding: object = numbers.padding
    if alike:
        stride, dilation = (numbers.stride,) * 2, (numbers.dilation,) * 2
        if not isinstance(numbers.padding, str):
            padding = (numbers.padding, numbers.padding)
    else:
        at = 0 if is_row else 1
        stride = (numbers.stride, spec.stride[1]) if is_row else (spec.stride[0], numbers.stride)
        dilation = (numbers.dilation, spec.dilation[1]) if is_row else (spec.dilation[0], numbers.dilation)
        if numbers.padding != spec.padding:
            # A name would be for both axes: here one gets its pixels, and the other keeps its own.
            pads = list(plan.pads)
            try:
                own = _laid(numbers, _numbers_of(plan, is_row)).axis()
            except ConvError as error:
                state.touch()
                state.say(f"{error}.")
                return
            pads[at] = (own.before, own.after)
            padding = tuple(pads)
    state.change_spec(stride=stride, padding=padding, dilation=dilation)


def _sentence(error: ConvError) -> str:
    text = str(error)
    return f"{plain(capital(text))}."


# --- Backwards -----------------------------------------------------------------------------------------


def _backwards(numbers: _Numbers, axis: AxisPlan | None) -> None:
    text = state.detail(_WANTED)
    is_number = text.isascii() and text.isdigit() and len(text) <= len(str(LARGEST_SIDE))
    asked = int(text) if is_number and 1 <= int(text) <= LARGEST_SIDE else 0
    wanted = asked or (axis.out if axis is not None else 1)
    key = state.mirror("calc_wanted_field", wanted)
    field, limits = st.columns(2, gap="small", vertical_alignment="bottom")
    field.number_input(
        f"Wanted size, from n = {numbers.size:,}",
        1,
        LARGEST_SIDE,
        key=key,
        on_change=lambda: state.set_detail(_WANTED, str(state.value_of(key) or "")),
    )
    with limits.popover("What is looked for", width="stretch"):
        within = {name: _limit(name, title, *numbers_) for name, title, *numbers_ in _LIMITS}
    if within["least_kernel"] > within["most_kernel"]:
        st.error(
            f"The kernel must be looked for from a smaller number to a larger one, got from "
            f"{within['least_kernel']} up to {within['most_kernel']}."
        )
        return
    found = settings_for(numbers.size, wanted, **within)
    if not found:
        below, above = nearest_sizes(numbers.size, wanted, **within)
        near = " and ".join(f"{size:,}" for size in (below, above) if size is not None)
        st.markdown(
            f"No setting within these limits makes {wanted:,} of {numbers.size:,}. "
            + (f"The nearest that can be had: **{near}**." if near else "Nor is there one for any other size.")
        )
        return
    _table(numbers, wanted, found, within)


def _limit(name: str, title: str, value: int, least: int, most: int) -> int:
    number = st.number_input(title, least, most, value, key=f"calc_{name}")
    # The browser keeps to the limits; a message that does not come from it need not.
    return min(max(int(number), least), most)


def _table(numbers: _Numbers, wanted: int, found: Sequence[Setting], within: dict[str, int]) -> None:
    ordered = sorted(found, key=lambda one: one.unused > 0)
    exact = sum(one.unused == 0 for one in ordered)
    count = "1 setting makes" if len(ordered) == 1 else f"{len(ordered)} settings make"
    st.markdown(
        f"{count} **{wanted:,}** of {numbers.size:,}; {_exact_words(exact, len(ordered))} no pixel "
        "over. Choose a row to put it into the fields."
    )
    # Another table has another key: a row that is chosen in one is not chosen in the next.
    key = "calc_table." + ".".join(map(str, (numbers.size, wanted, *within.values())))

    @noted
    def choose() -> None:
        rows = _chosen_rows(state.value_of(key))
        if rows and 0 <= rows[0] < len(ordered):
            one = ordered[rows[0]]
            padding = one.names[0] if one.names else one.padding
            _take(_Numbers(numbers.size, one.kernel, one.stride, padding, one.dilation))

    st.dataframe(
        {
            "k": [one.kernel for one in ordered],
            "s": [one.stride for one in ordered],
            "p": [_padding_words(one) for one in ordered],
            "d": [one.dilation for one in ordered],
            "left over": [one.unused for one in ordered],
        },
        hide_index=True,
        height=min(420, 38 + 35 * len(ordered)),
        key=key,
        on_select=choose,
        selection_mode="single-row",
        alt=f"The settings that make {wanted} of {numbers.size}: kernel, stride, padding, dilation, left over",
    )


def _exact_words(exact: int, count: int) -> str:
    if exact == count:
        return "it leaves" if count == 1 else "all leave"
    return "none leaves" if exact == 0 else "1 of them leaves" if exact == 1 else f"{exact} of them leave"


def _chosen_rows(value: object) -> list[int]:
    selection = value.get("selection") if isinstance(value, Mapping) else None
    rows = selection.get("rows") if isinstance(selection, Mapping) else None
    return [row for row in rows if isinstance(row, int)] if isinstance(rows, list) else []


def _padding_words(one: Setting) -> str:
    before, after = one.padding
    amount = str(before) if before == after else f"{before} before, {after} after"
    return f"{amount} ({', '.join(one.names)})" if one.names else amount


# --- In code -------------------------------------------------------------------------------------------


def _show_code(layer: Layer) -> None:
    plan = layer.plan
    rows, cols, features = plan.output_shape
    height, width, channels = plan.image_shape
    st.markdown(
        f"The experiment's layer, {height} × {width} × {channels} → **{rows} × {cols} × {features}**, in the "
        "words of three libraries. What a library cannot say is said with the reason."
    )
    for framework in FRAMEWORKS:
        st.markdown(f"#### {_TITLES[framework]}")
        st.code(spelling(plan, framework), language="python", wrap_lines=True)
        st.caption(f"Weights in the order {_ORDERS[framework]}: {_shape_words(plan, framework)}.")
    if layer.flip:
        st.markdown(
            "The experiment turns its kernels over, and none of the three does: turn the weights first, along "
            "rows and columns."
        )


def _shape_words(plan: Plan2D, framework: str) -> str:
    features, kernel_rows, kernel_cols, channels = plan.bank_shape
    shape = (
        (kernel_rows, kernel_cols, channels, features)
        if framework == "keras"
        else (features, channels, kernel_rows, kernel_cols)
    )
    return " × ".join(map(str, shape))
