"""The bridge to the stage: an experiment as messages of bytes, and the component that shows it.

What is sent, and when:

- *the image*, in a message of its own, whenever the picture or its working size is another. Its bytes depend on
  nothing else, and Streamlit sends a large element that the browser has already as a short reference: changing a
  kernel of a photo of 2160 × 3840 does not send its 25 MB again. The second instance of the component, which shows
  nothing, takes it; the two find each other in the browser by the token of the image (`assets/stage/images.js`).
- *the stage's message*, all but the image, whenever a control changes what is shown. The pictures of the maps are
  most of it: at most 4 MB, see `ui.layer.map_pictures`.
- *neither*, when only the place changes: the messages are those of the run before, to the last byte.
"""

from dataclasses import replace
from pathlib import Path

import streamlit as st

from ui import state
from ui.experiment import OWN, Place
from ui.layer import Layer
from ui.message import pack, pack_image
from ui.pictures import shown_maps

__all__ = ["show_stage"]

_FOLDER = Path(__file__).resolve().parent.parent / "assets" / "stage"
_KEY = "stage"
_IMAGE_KEY = "stage_image"

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
    # The array is handed on with what was made of it, so that its identity is not given to another one meanwhile.
    image, _ = state.remembered("image", id(layer.pixels), lambda: (pack_image(layer.pixels), layer.pixels))
    message = state.remembered(
        "stage",
        (shown, state.photo() if shown.picture == OWN else None, imposed),
        lambda: pack(layer, shown_maps(layer), imposed, image.token),
    )
    # With a key, or a warning above would mount the stage anew; without a gap, so that what has no height takes no
    # room.
    with st.container(key="stage_frame", gap=None):
        _component(data=image.message, key=_IMAGE_KEY)
        _component(data=message, key=_KEY, on_place_change=_note_place)


def _note_place() -> None:
    report = state.value_of(_KEY)
    state.reach_place(report.get("place") if isinstance(report, dict) else None)
