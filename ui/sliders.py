"""Sliders that redraw the page while they move: `assets/sliders`, for the parameters of a kernel."""

import math
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import streamlit as st

from conv_engine.parametric import Parameter
from ui import state

__all__ = ["show_sliders"]

_FOLDER = Path(__file__).resolve().parent.parent / "assets" / "sliders"

_component = st.components.v2.component(
    "convscope_sliders",
    html='<div class="sliders"></div>',
    css=(_FOLDER / "sliders.css").read_text(encoding="utf-8"),
    js=(_FOLDER / "sliders.js").read_text(encoding="utf-8"),
)


def show_sliders(
    key: str,
    parameters: Sequence[Parameter],
    values: Sequence[float],
    on_change: Callable[[tuple[float, ...]], None],
) -> None:
    """Show a slider for each parameter.

    Parameters
    ----------
    key : str
        Of the component; another one for other parameters.
    parameters : sequence of Parameter
        What can be set.
    values : sequence of float
        What they are now.
    on_change : callable
        Takes the new values, each within its range, while a slider moves and at its end.
    """

    def take() -> None:
        state.touch()
        moved = _read(state.value_of(key), parameters)
        if moved is not None:
            on_change(moved)

    sliders = [
        {
            "key": parameter.key,
            "title": parameter.title,
            "unit": parameter.unit,
            "least": parameter.least,
            "most": parameter.most,
            "step": parameter.step,
            "value": value,
        }
        for parameter, value in zip(parameters, values, strict=True)
    ]
    state.note_report(key)
    _component(data={"sliders": sliders, "answered": _answered(key)}, key=key, on_report_change=take)


def _answered(key: str) -> int:
    number = _report(state.value_of(key)).get("number", 0)
    return number if isinstance(number, int) else 0


def _read(value: object, parameters: Sequence[Parameter]) -> tuple[float, ...] | None:
    """Return the values that a browser has sent, or None if they are none."""
    values = _report(value).get("values")
    if not isinstance(values, Mapping):
        return None
    moved = []
    for parameter in parameters:
        number = values.get(parameter.key)
        if not isinstance(number, int | float) or not math.isfinite(number):
            return None
        within = min(max(float(number), parameter.least), parameter.most)
        moved.append(round(within) if parameter.step == 1 else within)
    return tuple(moved)


def _report(value: object) -> Mapping[str, object]:
    report = value.get("report") if isinstance(value, Mapping) else None
    return report if isinstance(report, Mapping) else {}
