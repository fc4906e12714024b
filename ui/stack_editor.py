"""Which stack is shown, and on which picture: the chooser of stacks, the layers one by one, and the address."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import NamedTuple

import streamlit as st

from ui import state
from ui.experiment import OWN, Experiment
from ui.feature_edits import noted
from ui.images import SAMPLES, Resized
from ui.pictures import working_picture
from ui.stack import (
    EACH,
    KINDS,
    LARGEST_BIAS,
    LARGEST_POOL,
    LARGEST_SIDE,
    LARGEST_STEP,
    MOST_LAYERS,
    PADDINGS,
    STUDIO,
    Row,
    Stack,
    StackError,
    bank_title,
    format_stack,
    parse_stack,
)
from ui.stack_presets import BANKS, PRESETS, StackPreset
from ui.text import plain

__all__ = ["Shown", "choose_stack", "edit_stack", "preset_of", "shown_picture"]

_STACK, _ON, _CELL = "stack", "on", "cell"
_START = PRESETS["corners"].stack
_SAMPLE, _MINE = "sample", "mine"


class Shown(NamedTuple):
    """The picture that a stack is laid on, and a sentence on it."""

    picture: Resized
    is_sample: bool
    words: str


def current_stack() -> Stack:
    """Return the stack of the address, or the first one, with a sentence, where that makes no sense."""
    text = state.detail(_STACK, _START)
    try:
        return parse_stack(text)
    except StackError as error:
        state.set_detail(_STACK, _START)
        state.say(f"“stack={text[:30]}” in the address was passed over. {error}")
        return parse_stack(_START)


def preset_of(stack: Stack) -> StackPreset | None:
    """Return the stack of ours that this one is, or was made from: that with the same banks, if there is one."""
    banks = [row.bank for row in stack if row.kind == "conv"]
    for preset in PRESETS.values():
        if [row.bank for row in parse_stack(preset.stack) if row.kind == "conv"] == banks:
            return preset
    return None


def choose_stack() -> Stack:
    """Show the stacks to choose from, and return the one that is shown."""
    stack = current_stack()
    written = {parse_stack(preset.stack): key for key, preset in PRESETS.items()}
    chosen = written.get(stack)
    key = state.mirror("stack_preset", chosen)

    @noted
    def take() -> None:
        name = state.value_of(key)
        if name in PRESETS:
            _set(PRESETS[name].stack)
            state.set_detail(_CELL, "")

    st.segmented_control(
        "Layers to begin with",
        list(PRESETS),
        format_func=lambda name: PRESETS[name].title,
        default=chosen,
        key=key,
        on_change=take,
        label_visibility="collapsed",
        width="stretch",
    )
    return stack


def shown_picture(stack: Stack) -> Shown:
    """Choose between the picture that a stack was made for and the person's own, and return it.

    To begin with it is the sample where the experiment is as at the start, and else the experiment's. Whoever
    changes the picture in the sidebar sees that one.
    """
    experiment = state.experiment()
    preset = preset_of(stack)
    mine = (experiment.picture, experiment.size, experiment.grey, state.photo())
    seen = state.kept("layers picture")
    state.keep("layers picture", mine)
    if seen is not None and seen != mine:
        state.set_detail(_ON, _MINE)
        state.set_detail(_CELL, "")
    asked = state.detail(_ON)
    start = Experiment()
    untouched = (experiment.picture, experiment.size) == (start.picture, start.size)
    is_sample = bool(preset and preset.picture) and (asked == _SAMPLE or (asked != _MINE and untouched))
    if preset is None or not preset.picture:
        return _mine(experiment)
    titles = {
        _SAMPLE: f"{SAMPLES[preset.picture].title}, {preset.size} pixels",
        _MINE: f"Your picture: {_name(experiment)}",
    }
    key = state.mirror("stack_on", _SAMPLE if is_sample else _MINE)

    @noted
    def take() -> None:
        if state.value_of(key) in titles:
            state.set_detail(_ON, str(state.value_of(key)))
            state.set_detail(_CELL, "")

    st.segmented_control(
        "Shown on",
        list(titles),
        format_func=titles.__getitem__,
        default=_SAMPLE if is_sample else _MINE,
        required=True,
        key=key,
        on_change=take,
        help="The sample picture that these layers were made for, or the picture of the sidebar.",
    )
    if not is_sample:
        return _mine(experiment)
    picture = working_picture(replace(experiment, picture=preset.picture, size=preset.size), None)
    return Shown(picture, True, f"Picture: {SAMPLES[preset.picture].credit}; {picture.note}.")


def _mine(experiment: Experiment) -> Shown:
    size = experiment.size
    limited = size == "original" or int(size) > LARGEST_SIDE
    shown = replace(experiment, size=LARGEST_SIDE) if limited else experiment
    picture = working_picture(shown, state.photo())
    credit = "" if experiment.picture == OWN else f"{SAMPLES[experiment.picture].credit}; "
    limit = f" This page looks at a picture at most at {LARGEST_SIDE} pixels." if limited else ""
    return Shown(picture, False, f"Picture: {credit}{picture.note}.{limit}")


def _name(experiment: Experiment) -> str:
    own = state.photo()
    if experiment.picture == OWN and own is not None:
        return plain(own.name)
    return SAMPLES[experiment.picture].title


def _set(text: str) -> None:
    state.set_detail(_STACK, text)


def edit_stack(stack: Stack) -> None:
    """Show the layers one below the other, to be changed, moved, added and taken away."""
    for index, row in enumerate(stack):
        with st.container(key=f"layer_row_{index}", horizontal=True, vertical_alignment="bottom", gap="small"):
            _edit_row(stack, index, row)
    full = len(stack) == MOST_LAYERS
    st.button(
        "Add a layer",
        key="add_layer",
        on_click=_change,
        args=((*stack, Row("relu")),),
        disabled=full,
        help=f"A stack has up to {MOST_LAYERS} layers." if full else "At the end, a ReLU to be changed.",
    )


def _edit_row(stack: Stack, index: int, row: Row) -> None:
    number = index + 1

    def put(**changes: object) -> None:
        try:
            changed = replace(row, **changes)  # type: ignore[arg-type]  # checked by Row itself
        except StackError as error:
            state.say(f"Layer {number}: {error} It stays as it was.")
            return
        _change((*stack[:index], changed, *stack[index + 1 :]))

    _select(
        _Field(f"Layer {number}", f"kind{index}", 150),
        tuple(KINDS),
        KINDS.__getitem__,
        row.kind,
        _kind(stack, index),
    )
    if row.kind == "conv":
        banks = (*BANKS, STUDIO, EACH)
        _select(
            _Field(f"Bank of layer {number}", f"bank{index}", 215),
            banks,
            bank_title,
            row.bank,
            lambda bank: put(bank=bank, bias=None),
        )
        _select(
            _Field(f"Padding of layer {number}", f"padding{index}", 150),
            tuple(PADDINGS),
            PADDINGS.__getitem__,
            row.padding,
            lambda padding: put(padding=padding),
        )
        _number(
            _Field(f"Stride of layer {number}", f"stride{index}", 112), 1, LARGEST_STEP, row.stride, put, "stride"
        )
        if row.bank in BANKS:
            own = round(BANKS[row.bank].bias)
            bias = own if row.bias is None else row.bias
            _number(
                _Field(f"Bias of layer {number}", f"bias{index}", 118),
                -LARGEST_BIAS,
                LARGEST_BIAS,
                bias,
                lambda bias: put(bias=None if bias == own else bias),
                "bias",
                step=10,
            )
    elif row.kind != "relu":
        _number(_Field(f"Size of layer {number}", f"size{index}", 130), 1, LARGEST_POOL, row.size, put, "size")
        _number(
            _Field(f"Stride of layer {number}", f"stride{index}", 112), 1, LARGEST_POOL, row.stride, put, "stride"
        )
    for sign, words, other in (("↑", "Move up", index - 1), ("↓", "Move down", index + 1)):
        st.button(
            sign,
            key=f"{words}.layer{index}",
            on_click=_swap,
            args=(stack, index, other),
            disabled=not 0 <= other < len(stack),
            help=f"{words}: layer {number}",
        )
    st.button(
        "Remove",
        key=f"remove.layer{index}",
        on_click=_change,
        args=((*stack[:index], *stack[index + 1 :]),),
        disabled=len(stack) == 1,
        help=f"Remove layer {number}",
    )


@dataclass(frozen=True)
class _Field:
    label: str
    key: str
    width: int


def _kind(stack: Stack, index: int) -> Callable[[str], None]:
    def put(kind: str) -> None:
        row = Row(kind, bank="edges4" if kind == "conv" else "", stride=1 if kind in ("conv", "relu") else 2)
        _change((*stack[:index], row, *stack[index + 1 :]))

    return put


def _select(
    field: _Field, options: tuple[str, ...], words: Callable[[str], str], value: str, put: Callable[[str], None]
) -> None:
    key = state.mirror(f"stack {field.key}", value)

    @noted
    def take() -> None:
        chosen = state.value_of(key)
        if chosen in options and chosen != value:
            put(chosen)

    st.selectbox(
        field.label, options, options.index(value), key=key, format_func=words, on_change=take, width=field.width
    )


def _number(
    field: _Field, least: int, most: int, value: int, put: Callable[..., None], name: str, step: int = 1
) -> None:
    key = state.mirror(f"stack {field.key}", value)

    @noted
    def take() -> None:
        number = state.value_of(key)
        if type(number) is int and number != value:
            put(number) if name == "bias" else put(**{name: number})

    st.number_input(field.label, least, most, value, step=step, key=key, on_change=take, width=field.width)


@noted
def _swap(stack: Stack, index: int, other: int) -> None:
    rows = list(stack)
    rows[index], rows[other] = rows[other], rows[index]
    _change(tuple(rows))


def _change(stack: Stack) -> None:
    _set(format_stack(stack))
