"""The bridge to the stage: an experiment as messages of bytes, and the component that shows it.

What is sent, and when:

- *the image*, in a message of its own, whenever the picture or its working size is another. Its bytes depend on
  nothing else, and Streamlit sends a large element that the browser has already as a short reference: changing a
  kernel of a photo of 2160 × 3840 does not send its 25 MB again. The second instance of the component, which shows
  nothing, takes it; the two find each other in the browser by the token of the image (`assets/stage/images.js`).
- *the stage's message*, all but the image, whenever a control changes what is shown. The pictures of the maps are
  most of it: at most 4 MB, see `ui.layer.map_pictures`.
- *neither*, when only the place changes: the messages are those of the run before, to the last byte.

A page may show a stage of its own (`show_own_stage`), about something other than the experiment. Its message holds
its image, which is small: it neither waits for a picture of another stage nor drives one out.
"""

from collections.abc import Callable, Hashable
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

import streamlit as st

from ui import state
from ui.experiment import OWN, Place
from ui.layer import Layer
from ui.message import Imposed, pack, pack_image
from ui.pictures import shown_maps
from ui.transposed import TransposedLayer, pictures_of

__all__ = ["show_own_stage", "show_stage"]

_FOLDER = Path(__file__).resolve().parent.parent / "assets" / "stage"
_KEY = "stage"
_IMAGE_KEY = "stage_image"

_FIRST = Place(0, 0, 0)

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
    imposed = _told(
        state.kept("stage"), state.imposed(), state.experiment().place, mounted=_reported(_KEY) is not None
    )
    state.keep("stage", imposed)
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


def _told(before: Imposed | None, asked: Imposed, place: Place, *, mounted: bool) -> Imposed:
    """Find where the stage is to be: where it is asked to, or, when it comes back to the page, where it was."""
    same = before is not None and (before.cell, before.feature) == (asked.cell, asked.feature)
    told = before if same and before is not None else asked
    return told if mounted else replace(told, place=place)


def _note_place() -> None:
    report = state.value_of(_KEY)
    state.reach_place(report.get("place") if isinstance(report, dict) else None)


@dataclass(frozen=True)
class _OwnStage:
    """Where a page's own stage is: what it shows, its place, and where it was told to be."""

    what: Hashable
    place: Place
    imposed: Imposed


def show_own_stage(
    name: str, what: Hashable, make: Callable[[], Layer | TransposedLayer], first: Place = _FIRST
) -> None:
    """Show a stage that is about something other than the experiment, and remember its place for it alone.

    Its place is kept while the person is on other pages; where it shows something else, it begins anew.

    Parameters
    ----------
    name : str
        Of the stage: a word that no other stage of the app has.
    what : Hashable
        Stands for what is shown: another one whenever `make` would make something else.
    make : callable
        Makes the layer, with a small image; not called where it was shown already.
    first : Place
        Where it begins.

    Raises
    ------
    ConvError
        If what is made cannot be shown, for reasons that `make` or the engine give.
    """
    key, kept_as = f"{name}_stage", f"{name} stage"
    before: _OwnStage | None = state.kept(kept_as)
    now = _now(before, what, first, mounted=_reported(key) is not None)
    message = state.remembered(kept_as, (what, now.imposed), lambda: _own_message(make(), now.imposed))
    state.keep(kept_as, now)
    with st.container(key=f"{key}_frame", gap=None):
        _component(data=message, key=key, on_place_change=partial(_note_own_place, key, kept_as))


def _now(before: _OwnStage | None, what: Hashable, first: Place, *, mounted: bool) -> _OwnStage:
    if before is None:
        return _OwnStage(what, first, Imposed(first))
    # A stage that comes back to the page has forgotten what it had reported, and knows no place but its first.
    forgot = not mounted and before.place != before.imposed.place
    if before.what == what and not forgot:
        return before
    place = before.place if before.what == what else first
    cell, feature = before.imposed.cell + 1, before.imposed.feature + 1
    return _OwnStage(what, place, Imposed(place, cell, feature))


def _own_message(layer: Layer | TransposedLayer, imposed: Imposed) -> bytes:
    return pack(layer, pictures_of(layer), imposed)


def _reported(key: str) -> Place | None:
    report = state.value_of(key)
    place = report.get("place") if isinstance(report, dict) else None
    numbers = [place.get(name) for name in Place._fields] if isinstance(place, dict) else [None]
    # What a browser sends may be anything.
    return Place(*numbers) if all(type(number) is int and number >= 0 for number in numbers) else None


def _note_own_place(key: str, kept_as: str) -> None:
    state.touch()
    place, before = _reported(key), state.kept(kept_as)
    if place is not None and before is not None:
        state.keep(kept_as, replace(before, place=place))
