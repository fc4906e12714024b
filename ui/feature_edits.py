"""What can be done to a feature's kernel, whichever control asks for it."""

from collections.abc import Callable
from functools import wraps
from typing import ParamSpec, TypeGuard

import streamlit as st

from conv_engine.parametric import PARAMETRIC
from ui import state
from ui.experiment import LARGEST_KERNEL, OWN, Feature, Weights
from ui.layer import kernel_of
from ui.presets import weights_of_array
from ui.sliders import show_sliders

__all__ = [
    "CHANNELS",
    "choose_kernel",
    "feature_chooser",
    "noted",
    "resize_kernel",
    "set_parameters",
    "share_slices",
    "size_and_slices",
    "take_weights",
    "typed",
    "weights_of",
]

P = ParamSpec("P")

CHANNELS = ("R", "G", "B")


def noted(callback: Callable[P, None]) -> Callable[P, None]:
    """Note that the person has used a control, whatever comes of it: see `state.touch`."""

    @wraps(callback)
    def used(*args: P.args, **kwargs: P.kwargs) -> None:
        state.touch()
        callback(*args, **kwargs)

    return used


def weights_of(feature: Feature) -> Weights:
    """Return a feature's weights as nested tuples, one channel where all share the slice."""
    return weights_of_array(kernel_of(feature).weights)


def typed(callback: Callable[P, None]) -> Callable[P, None]:
    """Do as `noted`, for fields that follow the kernel: beside a component's report theirs is not the person's."""

    @wraps(callback)
    def used(*args: P.args, **kwargs: P.kwargs) -> None:
        state.touch()
        if not state.is_report():
            callback(*args, **kwargs)

    return used


@noted
def choose_kernel(index: int, key: str) -> None:
    """Give a feature a kernel of the library, a parametric one as it is at its start, or its own weights."""
    current = state.experiment().features[index]
    # The browser also reports back what it was told to show; that must not touch what is being typed meanwhile.
    if key == current.kernel:
        return
    state.forget_typed(f"w{index}.")
    if key == OWN:
        own = state.own_weights(index) or weights_of(current)
        state.change_feature(index, kernel=OWN, weights=own, parameters=())
        return
    parameters = tuple(parameter.default for parameter in PARAMETRIC[key].parameters) if key in PARAMETRIC else ()
    state.change_feature(index, kernel=key, weights=None, parameters=parameters)


def set_parameters(where: str, index: int) -> None:
    """Show a slider for each parameter of a feature's kernel, if it has any; `where` tells two places apart."""
    feature = state.experiment().features[index]
    if feature.kernel in PARAMETRIC:
        show_sliders(
            f"{where}.{index}.{feature.kernel}",
            PARAMETRIC[feature.kernel].parameters,
            feature.parameters,
            lambda values: state.change_feature(index, parameters=values),
        )


def feature_chooser(where: str, why: str) -> None:
    """Show the features to choose from, if there are several.

    Parameters
    ----------
    where : str
        What the key begins with, to tell two places of this control apart.
    why : str
        Its help.
    """
    index, _ = state.chosen()
    count = len(state.experiment().features)
    if count == 1:
        return
    key = _chooser_key(where)
    st.segmented_control(
        "Feature",
        range(count),
        format_func=lambda number: str(number + 1),
        required=True,
        default=index,
        key=state.mirror(key, index),
        on_change=_choose_feature,
        args=(where, key),
        help=why,
        width="content",
    )


def _chooser_key(where: str) -> str:
    return f"{where}feature.{state.features_chosen()}"


@noted
def _choose_feature(where: str, key: str) -> None:
    index = state.value_of(key)
    is_current = key == _chooser_key(where)
    if is_current and isinstance(index, int) and 0 <= index < len(state.experiment().features):
        state.choose_feature(index)


def take_weights(index: int, weights: Weights) -> None:
    """Make a kernel of these weights, unless the feature has them: browsers report what they were told to show."""
    if weights != weights_of(state.experiment().features[index]):
        state.change_feature(index, kernel=OWN, weights=weights, parameters=())


def resize_kernel(index: int, rows: object, cols: object) -> None:
    """Cut a kernel to a size, or fill it up with zeros at the bottom and the right."""
    if not (_is_size(rows) and _is_size(cols)):
        state.say(f"A kernel has 1 to {LARGEST_KERNEL} rows and columns, got {rows} × {cols}.")
        return
    weights = weights_of(state.experiment().features[index])
    nothing = (0.0,) * len(weights[0][0])
    take_weights(
        index,
        tuple(
            tuple(weights[i][j] if i < len(weights) and j < len(weights[0]) else nothing for j in range(cols))
            for i in range(rows)
        ),
    )


def _is_size(count: object) -> TypeGuard[int]:
    return isinstance(count, int) and 1 <= count <= LARGEST_KERNEL


def share_slices(index: int, each: bool) -> None:
    """Give a kernel a slice for each channel, all alike; or one slice for all, its first."""
    weights = weights_of(state.experiment().features[index])
    take_weights(
        index,
        tuple(
            tuple(cell[:1] * 3 if each and len(cell) == 1 else cell[: 3 if each else 1] for cell in row)
            for row in weights
        ),
    )


def size_and_slices(where: str, index: int, most: int) -> None:
    """Show the controls for the size of a kernel and for one slice or three.

    Parameters
    ----------
    where : str
        What the keys of the controls begin with, to tell two places of them apart.
    index : int
        The feature's number.
    most : int
        Rows and columns that may be asked for.
    """
    weights = weights_of(state.experiment().features[index])
    counts = {"Rows": len(weights), "Columns": len(weights[0])}
    keys = {name: f"{where}{name}{index}" for name in counts}

    @typed
    def resize() -> None:
        resize_kernel(index, *(state.value_of(key) for key in keys.values()))

    for column, (name, count) in zip(st.columns(2), counts.items(), strict=True):
        column.number_input(
            name, 1, max(most, count), count, key=state.mirror(keys[name], count), on_change=resize
        )
    channels = len(weights[0][0])
    each = f"{where}each{index}"

    @typed
    def share() -> None:
        share_slices(index, bool(state.value_of(each)))

    grey = state.experiment().grey
    st.toggle(
        "One slice for each channel",
        channels == 3,
        key=state.mirror(each, channels == 3),
        on_change=share,
        disabled=grey,
        help="A grey picture has one channel, so a kernel on it has one slice."
        if grey
        else "A kernel always has a slice for every input channel. Here they may be told apart.",
    )
