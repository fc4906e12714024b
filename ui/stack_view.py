"""The bridge to the picture of a stack: `assets/layers`, its message, and the cell that a person has pinned.

The message holds the photo and every map of every layer. Exact values are sent from the last layer backwards as
far as there is room; of the maps before, sampled levels as `ui.layer.map_picture` makes them, and the picture then
says "about". What a browser reports is untrusted: `read_pin` takes it or passes it over.
"""

from collections.abc import Callable, Hashable, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import streamlit as st

from ui import state
from ui.layer import LEVELS
from ui.message import blob
from ui.stack import StackLayer, StackRun

__all__ = [
    "MOST_EXACT",
    "MOST_SAMPLED",
    "Pin",
    "is_cell",
    "pack_stack",
    "read_pin",
    "show_stack",
    "strongest_cell",
]

MOST_EXACT = 2**19
"""Cells whose exact values are sent: 2 MB in float32."""

MOST_SAMPLED = 2**20
"""Cells of all other layers' pictures together: 2 MB as levels."""

_FOLDER = Path(__file__).resolve().parent.parent / "assets" / "layers"
_KEY = "layers"

# Inline, for the reasons that `ui/stage.py` gives.
_component = st.components.v2.component(
    "convscope_layers",
    html='<div class="layers-root"></div>',
    css=(_FOLDER / "layers.css").read_text(encoding="utf-8"),
    js=(_FOLDER / "layers.bundle.js").read_text(encoding="utf-8"),
)


class Pin(NamedTuple):
    """A cell of a map: its layer and unit, row and column, all from 0."""

    layer: int
    unit: int
    row: int
    col: int


def strongest_cell(run: StackRun, layer: int, unit: int | None = None) -> Pin:
    """Return the cell of a layer, or of one of its units, with the greatest value; of equal ones the first."""
    maps = run.layers[layer].maps
    maps = maps if unit is None else maps[:, :, unit : unit + 1]
    place, found = divmod(int(maps.argmax()), maps.shape[2])
    row, col = divmod(place, maps.shape[1])
    return Pin(layer, found if unit is None else unit, row, col)


def is_cell(run: StackRun, pin: Pin) -> bool:
    """Tell whether there is such a cell."""
    if not 0 <= pin.layer < len(run.layers):
        return False
    rows, cols, units = run.layers[pin.layer].maps.shape
    return pin.unit in range(units) and pin.row in range(rows) and pin.col in range(cols)


def read_pin(report: object, run: StackRun) -> Pin | None:
    """Read which cell a browser reports to be pinned.

    Parameters
    ----------
    report : object
        Anything.
    run : StackRun
        What was shown.

    Returns
    -------
    Pin or None
        None where it is no cell of these layers.
    """
    if not isinstance(report, Mapping):
        return None
    numbers = [report.get(name) for name in Pin._fields]
    if any(type(number) is not int for number in numbers):
        return None
    pin = Pin(*(int(number) for number in numbers if number is not None))
    return pin if is_cell(run, pin) else None


def show_stack(run: StackRun, key: Hashable, pin: Pin, imposed: int, on_pin: Callable[[Pin], None]) -> None:
    """Show the photo and every map, and take note of the cell that is pinned.

    Parameters
    ----------
    run : StackRun
        With at least one layer.
    key : hashable
        Another one whenever the run is another.
    pin : Pin
        The cell that is to be shown when the message is new.
    imposed : int
        Grows with each request to go to `pin`, for reasons of ours; the picture follows a request once.
    on_pin : callable
        Takes the cell that a person has pinned.
    """

    def take() -> None:
        state.touch()
        value = state.value_of(_KEY)
        told = read_pin(value.get("pin") if isinstance(value, Mapping) else None, run)
        if told is not None:
            on_pin(told)

    # The pin of a request stays in its message: pinning another one sends nothing back.
    asked = state.remembered("layers pin", (key, imposed), lambda: pin)
    message = state.remembered(
        "layers message", (key, imposed), lambda: pack_stack(run, asked, f"{hash((key, imposed))}")
    )
    state.note_report(_KEY)
    with st.container(key="layers_frame", gap=None):
        _component(data=message, key=_KEY, on_pin_change=take)


def pack_stack(run: StackRun, pin: Pin, token: str) -> bytes:
    """Write the message; `assets/layers/message.js` says what is in it.

    Parameters
    ----------
    run, pin
        As for `show_stack`.
    token : str
        Another one whenever the picture is to go to `pin`.

    Returns
    -------
    bytes
        One flat blob, laid out as the stage's.
    """
    arrays: dict[str, npt.NDArray[Any]] = {"photo": np.ascontiguousarray(run.pixels)}
    headers = []
    left = MOST_EXACT
    exact = set[int]()
    for number in reversed(range(len(run.layers))):
        size = run.layers[number].maps.size
        if size > left:
            break
        left -= size
        exact.add(number)
    room = MOST_SAMPLED // max(1, len(run.layers) - len(exact))
    for number, layer in enumerate(run.layers):
        step = 1
        if number in exact:
            sent = np.moveaxis(layer.maps, 2, 0).astype("<f4")
        else:
            while _sampled_size(layer, step) > room:
                step += 1
            sent = _levels(layer, step)
        arrays[f"maps{number}"] = np.ascontiguousarray(sent)
        headers.append(_header(layer, number in exact, step))
    header = {"version": 1, "photoShape": run.pixels.shape, "layers": headers, "pin": pin, "pinToken": token}
    return blob(header, arrays)


def _header(layer: StackLayer, exact: bool, step: int) -> dict[str, Any]:
    flat = layer.maps.reshape(-1, layer.maps.shape[2])
    return {
        "title": layer.title,
        "kind": layer.row.kind,
        "names": layer.names,
        "lows": flat.min(axis=0).tolist(),
        "highs": flat.max(axis=0).tolist(),
        "limit": layer.limit,
        "size": layer.maps.shape[:2],
        "kernel": layer.kernel,
        "stride": layer.stride,
        "before": layer.before,
        "sources": layer.sources,
        "exact": exact,
        "step": step,
    }


def _sampled_size(layer: StackLayer, step: int) -> int:
    return layer.maps[::step, ::step].size


def _levels(layer: StackLayer, step: int) -> npt.NDArray[np.int16]:
    """Return every so-manieth row and column as levels; only a zero is 0, and signs are kept."""
    values = np.moveaxis(layer.maps[::step, ::step], 2, 0).astype(np.float64)
    levels = np.rint(values * (LEVELS / (layer.limit or 1.0)))
    tiny = (levels == 0) & (values != 0)
    levels[tiny] = np.sign(values[tiny])
    return levels.astype("<i2")
