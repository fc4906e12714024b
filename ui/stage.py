"""The bridge to the stage: an experiment as one message of bytes, and the component that shows it."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import streamlit as st

from ui import state
from ui.experiment import OWN, Place
from ui.layer import Layer, Map, map_pictures
from ui.state import Imposed

__all__ = ["pack", "show_stage"]

_FOLDER = Path(__file__).resolve().parent.parent / "assets" / "stage"
_KEY = "stage"
_MAGIC = b"CVS1"
_ALIGNMENT = 8

# Inline, because files would need an installed package to be served from, and the modules one address each.
_component = st.components.v2.component(
    "convscope_stage",
    html='<div class="stage-root"></div>',
    css=(_FOLDER / "stage.css").read_text(encoding="utf-8"),
    js=(_FOLDER / "stage.bundle.js").read_text(encoding="utf-8"),
)


def show_stage(layer: Layer) -> None:
    """Show the stage, and take note of where it comes to rest.

    Parameters
    ----------
    layer : Layer
        What it is to show.

    Raises
    ------
    ConvError
        If a value of the maps is too large for float32.
    """
    shown = replace(state.experiment(), place=Place())
    imposed = state.imposed()
    message = state.remembered(
        (shown, state.photo() if shown.picture == OWN else None, imposed),
        lambda: pack(layer, map_pictures(layer), imposed),
    )
    _component(data=message, key=_KEY, on_place_change=_note_place)


def _note_place() -> None:
    report = state.value_of(_KEY)
    state.reach_place(report.get("place") if isinstance(report, dict) else None)


def pack(layer: Layer, maps: list[Map], imposed: Imposed) -> bytes:
    """Write a message for the stage; `assets/stage/payload.js` reads it and says how it is laid out.

    Parameters
    ----------
    layer : Layer
        The image, the bank, the bias and the plan.
    maps : list of Map
        The picture of each feature map.
    imposed : Imposed
        Where the stage shall be.

    Returns
    -------
    bytes
        One flat blob: arrays inside a dict would arrive as text.
    """
    plan, place = layer.plan, imposed.place
    arrays = {
        "bank": np.ascontiguousarray(layer.bank, dtype="<f8"),
        "bias": np.ascontiguousarray(layer.bias, dtype="<f8"),
        "image": np.ascontiguousarray(layer.pixels, dtype=layer.pixels.dtype.newbyteorder("<")),
        "levels": np.stack([picture.levels for picture in maps], dtype="<i2"),
    }
    header: dict[str, Any] = {
        "version": 1,
        "imageShape": plan.image_shape,
        "top": layer.top,
        "outputShape": plan.output_shape,
        "pads": plan.pads,
        "stride": plan.spec.stride,
        "dilation": plan.spec.dilation,
        "unused": plan.unused,
        "padding": plan.spec.padding if isinstance(plan.spec.padding, str) else "numbers",
        "boundary": plan.spec.boundary,
        "flip": layer.flip,
        "features": [
            {
                "name": name,
                "low": picture.low,
                "high": picture.high,
                "limit": picture.limit,
                "below": picture.below,
                "above": picture.above,
                "strongest": picture.strongest,
                "weakest": picture.weakest,
            }
            for name, picture in zip(layer.names, maps, strict=True)
        ],
        "place": {
            "row": place.row,
            "col": place.col,
            "feature": place.feature,
            "cellToken": imposed.cell,
            "featureToken": imposed.feature,
        },
        "arrays": {
            # Offsets are filled in below; as ten digits, so that the header's length does not depend on them.
            name: {"dtype": array.dtype.name, "shape": array.shape, "offset": 10**9}
            for name, array in arrays.items()
        },
    }
    start = _aligned(8 + len(_encode(header)))
    end = start
    for name, array in arrays.items():
        header["arrays"][name]["offset"] = end
        end = _aligned(end + array.nbytes)
    text = _encode(header).ljust(start - 8)
    message = bytearray(end)
    message[:start] = _MAGIC + len(text).to_bytes(4, "little") + text
    for name, array in arrays.items():
        offset = header["arrays"][name]["offset"]
        message[offset : offset + array.nbytes] = array.tobytes()
    return bytes(message)


def _encode(header: dict[str, Any]) -> bytes:
    return json.dumps(header, ensure_ascii=False).encode()


def _aligned(size: int) -> int:
    return -(-size // _ALIGNMENT) * _ALIGNMENT
