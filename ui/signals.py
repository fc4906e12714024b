"""Two signals that are laid on each other: what is picked, the component in `assets/signals`, and its reports.

The settings are in the address. What the component reports is untrusted, as is the address: `read_report` and
`ui.signal_presets.read_signal` take it or leave it.
"""

import math
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import NamedTuple

import numpy as np
import streamlit as st

from ui import state
from ui.feature_edits import noted
from ui.idea import halves, notice
from ui.message import blob
from ui.signal_presets import (
    DRAWN,
    EXAMPLES,
    LARGEST_SAMPLE,
    MOST_SAMPLES,
    SIGNALS,
    STEPS,
    Settings,
    Signal,
    read_signal,
    result_of,
    write_signal,
)
from ui.signal_words import about_signals, to_notice

__all__ = ["Report", "read_report", "settings", "show_signals"]

_FOLDER = Path(__file__).resolve().parent.parent / "assets" / "signals"
_KEY = "signals"
_PICKS = "signals picked"
_MODES = ("full", "same", "valid")
_VIEWS = ("discrete", "continuous")
_FIRST = next(iter(EXAMPLES.values()))

# Inline, for the reasons that `ui/stage.py` gives.
_component = st.components.v2.component(
    "convscope_signals",
    html='<div class="signals-root"></div>',
    css=(_FOLDER / "signals.css").read_text(encoding="utf-8"),
    js=(_FOLDER / "signals.bundle.js").read_text(encoding="utf-8"),
)


class Report(NamedTuple):
    """Where the component has come to rest: its place n, and the signals that were drawn, by their letters."""

    place: int
    drawn: dict[str, Signal]


def settings() -> Settings:
    """Return what the address says, wherever it makes sense, and what is shown to begin with elsewhere."""
    continuous = _detail("view", _VIEWS[0]) == "continuous"
    steps = {f"{step:g}": step for step in STEPS}
    step = steps.get(_detail("dt", f"{STEPS[-1]:g}"), STEPS[-1]) if continuous else None
    (first, name), (second, other) = _signal("f", _FIRST.first, step), _signal("g", _FIRST.second, step)
    asked = _detail("mode", _MODES[0])
    mode = asked if asked in _MODES else _MODES[0]
    flip = _detail("flip", "on") != "off"
    result = result_of(first, second, mode, flip, step)
    # Where the output is largest there is most to see.
    largest = result.places[int(np.argmax(np.abs(result.values) > (1 - 1e-9) * np.abs(result.values).max()))]
    try:
        place = int(_detail("at", ""))
    except ValueError:
        place = largest
    place = min(max(place, result.places[0]), result.places[-1])
    return Settings(first, second, (name, other), mode, flip, step, place)


def _detail(name: str, default: str) -> str:
    # Not the names themselves: "flip" and "at" are the experiment's.
    return state.detail(f"s_{name}", default)


def _set_detail(name: str, value: str) -> None:
    state.set_detail(f"s_{name}", value)


def _signal(parameter: str, otherwise: str, step: float | None) -> tuple[Signal, str]:
    text = _detail(parameter, otherwise)
    drawn = read_signal(text)
    if drawn is not None:
        return drawn, DRAWN
    name = text if text in SIGNALS else otherwise
    return SIGNALS[name].sampled(step), name


def show_signals() -> None:
    """Show what can be picked, both signals with their convolution, and words on them."""
    current = settings()
    _choices(current)
    picture, words = halves()
    with picture:
        _show(current)
    with words:
        with st.container(horizontal=True, gap="small", key="signal_examples"):
            for key, example in EXAMPLES.items():
                st.button(example.title, key=f"signals_{key}", on_click=_take_example, args=(key,))
        st.markdown(
            "**Drag** the orange signal over the blue one, or press **Play**. **Draw** in the two small pictures: "
            "every sample can be moved."
        )
        for paragraph in about_signals(current):
            st.markdown(paragraph)
        notice(*to_notice(current))


def _choices(current: Settings) -> None:
    with st.container(horizontal=True, gap="small", key="signal_choices"):
        for place, (parameter, label) in enumerate((("f", "f, which stays"), ("g", "g, which slides"))):
            drawn = current.names[place] == DRAWN
            options = [*SIGNALS, *([DRAWN] if drawn else [])]
            st.selectbox(
                label,
                options,
                format_func=lambda name: SIGNALS[name].title if name in SIGNALS else "Drawn by hand",
                key=state.mirror(f"signal_{parameter}", current.names[place]),
                on_change=_pick,
                args=(parameter, f"signal_{parameter}"),
                width=160,
            )
        _choice("View", "view", _VIEWS, "discrete" if current.step is None else "continuous")
        if current.step is not None:
            steps = tuple(f"{step:g}" for step in STEPS)
            _choice("Step Δt", "dt", steps, f"{current.step:g}")
        _choice("Places kept", "mode", _MODES, current.mode)
        _choice("Flip g", "flip", ("on", "off"), "on" if current.flip else "off")


def _choice(label: str, parameter: str, options: tuple[str, ...], value: str) -> None:
    key = f"signals_{parameter}"
    st.segmented_control(
        label,
        options,
        format_func=str.capitalize,
        required=True,
        key=state.mirror(key, value),
        on_change=_pick,
        args=(parameter, key),
    )


@noted
def _pick(parameter: str, key: str) -> None:
    value = str(state.value_of(key))
    if value == DRAWN:
        return
    _set_detail(parameter, value)
    if parameter in ("f", "g", "view", "dt"):
        _set_detail("at", "")
    state.keep(_PICKS, (state.kept(_PICKS) or 0) + 1)


@noted
def _take_example(key: str) -> None:
    example = EXAMPLES[key]
    for parameter, value in (
        ("f", example.first),
        ("g", example.second),
        ("view", "continuous" if example.continuous else "discrete"),
        ("mode", "full"),
        ("flip", "on"),
        ("at", ""),
    ):
        _set_detail(parameter, value)
    state.keep(_PICKS, (state.kept(_PICKS) or 0) + 1)


def _show(current: Settings) -> None:
    header = {
        "version": 1,
        "picks": state.kept(_PICKS) or 0,
        "answered": _last_number(state.value_of(_KEY)),
        "starts": [current.first.start, current.second.start],
        "names": [SIGNALS[name].title.lower() if name in SIGNALS else name for name in current.names],
        "mode": current.mode,
        "flip": current.flip,
        "step": current.step,
        "place": current.place,
    }
    arrays = {
        "f": np.array(current.first.samples, dtype="<f8"),
        "g": np.array(current.second.samples, dtype="<f8"),
    }
    state.note_report(_KEY)
    with st.container(key="signals_frame", gap=None):
        _component(data=blob(header, arrays), key=_KEY, on_report_change=partial(_take_report, _KEY))


@noted
def _take_report(key: str) -> None:
    report = read_report(_report(state.value_of(key)))
    if report is None:
        return
    _set_detail("at", str(report.place))
    for name, signal in report.drawn.items():
        _set_detail(name, write_signal(signal))


def _report(value: object) -> Mapping[str, object]:
    report = value.get("report") if isinstance(value, Mapping) else None
    return report if isinstance(report, Mapping) else {}


def _last_number(value: object) -> int:
    number = _report(value).get("number")
    return number if type(number) is int and 0 <= number < 2**53 else 0


def read_report(report: object) -> Report | None:
    """Take a report of the component.

    Parameters
    ----------
    report : object
        ``{"place": n, "drawn": {"f": {"start": place, "samples": [numbers]}}}``, if it is the component's.

    Returns
    -------
    Report or None
        None where it is something else.

    Examples
    --------
    >>> read_report({"place": 3, "drawn": {"g": {"start": 0, "samples": [1, 0.5]}}})
    Report(place=3, drawn={'g': Signal(start=0, samples=(1.0, 0.5))})
    """
    if not isinstance(report, Mapping):
        return None
    place, drawn = report.get("place"), report.get("drawn")
    if type(place) is not int or abs(place) > 10 * MOST_SAMPLES or not isinstance(drawn, Mapping):
        return None
    signals = {name: _drawn_signal(drawn[name]) for name in ("f", "g") if name in drawn}
    kept = {name: signal for name, signal in signals.items() if signal is not None}
    return Report(place, kept) if len(kept) == len(drawn) else None


def _drawn_signal(value: object) -> Signal | None:
    if not isinstance(value, Mapping):
        return None
    start, samples = value.get("start"), value.get("samples")
    if type(start) is not int or abs(start) > 2 * MOST_SAMPLES or not isinstance(samples, list | tuple):
        return None
    if not 1 <= len(samples) <= MOST_SAMPLES:
        return None
    for sample in samples:
        if type(sample) not in (int, float) or not math.isfinite(sample) or abs(sample) > LARGEST_SAMPLE:
            return None
    return Signal(start, tuple(float(sample) + 0.0 for sample in samples))
