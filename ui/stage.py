"""The stage in Streamlit: the component that shows a message, and reports where it has come to rest."""

from dataclasses import replace
from pathlib import Path

import streamlit as st

from ui import state
from ui.experiment import OWN, Place
from ui.layer import Layer, map_pictures
from ui.message import pack

__all__ = ["show_stage"]

_FOLDER = Path(__file__).resolve().parent.parent / "assets" / "stage"
_KEY = "stage"

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
