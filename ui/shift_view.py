"""The page Shift: a scene whose object is dragged while its map follows, and where it does so exactly."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

import numpy as np
import streamlit as st

from conv_engine import ConvError
from conv_engine.arrays import Doubles
from ui import idea, state
from ui.choices import choose
from ui.experiment import Feature
from ui.layer import bank_of, kernel_of
from ui.map_tiles import scale_number
from ui.message import blob
from ui.pictures import working_picture
from ui.shift_scene import (
    BACKGROUNDS,
    BORDERS,
    GLOBAL,
    MOST_MOVED,
    OBJECTS,
    SIDE,
    START,
    Cells,
    Grey,
    Thing,
    Truth,
    Way,
    background,
    map_of,
    place_in,
    thing,
    truths,
    with_thing,
)
from ui.text import plain

__all__ = ["pack_shift", "place_of", "show_shift"]

_FOLDER = Path(__file__).resolve().parent.parent / "assets" / "shift"
_KEY = "shift_scene"
_PLACE = "m_place"
_STRIDES = {"1": "1", "2": "2", "3": "3"}
_POOLS = {"1": "none", "2": "2 × 2", "4": "4 × 4", str(GLOBAL): "whole map"}
_RELUS = {"0": "no", "1": "yes"}
_OPENS_AT: Cells = (START[0] + 5, START[1] + 8)
# The middle of a picture is taken from the smallest size that is large enough both ways.
_SIZES = (64, 128, 256, 512)
_DIGITS = 2

# Inline, for the reasons that `ui/stage.py` gives.
_component = st.components.v2.component(
    "convscope_shift",
    html='<div class="shift-root"></div>',
    css=(_FOLDER / "shift.css").read_text(encoding="utf-8"),
    js=(_FOLDER / "shift.bundle.js").read_text(encoding="utf-8"),
)


class _Scene(NamedTuple):
    """What the page shows: the background and the object, the kernel as it is laid on, and the way to the map."""

    ground: Grey
    drawn: Thing
    name: str
    kernel: Doubles
    bias: float
    way: Way

    @property
    def start(self) -> Grey:
        return with_thing(self.ground, self.drawn, START)


def show_shift() -> None:
    """Show the whole page."""
    idea.question(
        "If the object moves, does the map move with it?",
        "Drag the object, or give it the focus and use the arrow keys. Watch the map beside it, and the "
        "**difference** below: does it matter whether one shifts first, or convolves first? Then choose "
        "**stride 2** and move the object by one pixel.",
    )
    way, ground, drawn = _choices()
    scene = _scene(way, ground, drawn)
    picture, words = idea.halves()
    try:
        limit = float(np.abs(map_of(scene.start, scene.kernel, scene.bias, replace(way, stride=1, pool=1))).max())
        found = _truths(scene)
    except ConvError as error:
        st.warning(plain(f"This kernel cannot be laid on the scene: {error}."))
        return
    with picture:
        place = _place(scene.drawn)
        _component(
            data=pack_shift(scene.name, scene.ground, scene.drawn, scene.kernel, scene.bias, way, place),
            key=_KEY,
            on_place_change=_take,
        )
    with words:
        _explain(found, limit)
        _show_table(found, way, limit, scene.name)
    _notice(found)


def pack_shift(
    name: str, ground: Grey, drawn: Thing, kernel: Doubles, bias: float, way: Way, place: Cells
) -> bytes:
    """Write what the scene is made of as a message; `assets/shift/message.js` reads it.

    Parameters
    ----------
    name : str
        The kernel's, for people.
    ground : ndarray of shape (SIDE, SIDE), uint8
        The background.
    drawn : Thing
        The object.
    kernel : ndarray of shape (kh, kw), float64
        As it is laid on the scene: not flipped any more.
    bias : float
        Added to each cell.
    way : Way
        How the scene becomes a map.
    place : (int, int)
        The row and the column of the object's corner.

    Returns
    -------
    bytes
    """
    plan = way.plan((kernel.shape[0], kernel.shape[1]))
    header = {
        "kernel": name,
        "start": START,
        "place": place,
        "way": {
            "stride": way.stride,
            "pool": way.pool,
            "circular": way.border == "circular",
            "relu": way.relu,
            "pads": [before for before, _ in plan.pads],
            "mapShape": plan.output_shape[:2],
            "bias": bias,
        },
    }
    arrays = {"ground": ground, "pixels": drawn.pixels, "mask": drawn.mask, "weights": kernel}
    return blob(header, {key: np.ascontiguousarray(array, dtype="<f8") for key, array in arrays.items()})


def place_of(text: str) -> Cells | None:
    """Read a place of the address, such as ``12_30``; None if it is none in the scene."""
    parts = text.split("_")
    if len(parts) != 2 or not all(part.isascii() and part.isdigit() and len(part) <= 2 for part in parts):
        return None
    row, col = map(int, parts)
    return (row, col) if max(row, col) < SIDE else None


def _choices() -> tuple[Way, str, str]:
    with st.container(horizontal=True, gap="medium"):
        drawn = choose("segments", "Object", "m_thing", OBJECTS, "cross")
        ground = choose("segments", "Background", "m_ground", BACKGROUNDS, "plain")
    with st.container(horizontal=True, gap="medium"):
        stride = choose("segments", "Stride", "m_step", _STRIDES, "1")
        pool = choose("segments", "Max pooling", "m_pool", _POOLS, "1")
        relu = choose("segments", "ReLU before it", "m_relu", _RELUS, "0")
        border = choose("segments", "Padding and border", "m_border", BORDERS, "none")
    return Way(int(stride), int(pool), border, relu == "1"), ground, drawn


def _scene(way: Way, ground: str, drawn: str) -> _Scene:
    experiment = state.experiment()
    feature = experiment.features[experiment.place.feature]
    kernel, name = _kernel(feature, experiment.flip)
    photo = _photo()
    return _Scene(background(ground, photo), thing(drawn, photo), name, kernel, feature.bias, way)


def _kernel(feature: Feature, flip: bool) -> tuple[Doubles, str]:
    weights = bank_of([feature], 1)[0, :, :, 0]
    return np.ascontiguousarray(weights[::-1, ::-1] if flip else weights), feature.name or kernel_of(feature).title


def _photo() -> Grey:
    experiment, photo = state.experiment(), state.photo()
    for size in _SIZES:
        pixels = working_picture(replace(experiment, size=size, grey=True), photo).pixels[:, :, 0]
        if min(pixels.shape) >= SIDE:
            break
    # A picture that is far longer than wide has too few pixels even so: its borders go on.
    lacking = [max(0, SIDE - side) for side in pixels.shape]
    pixels = np.pad(pixels, [(lack // 2, lack - lack // 2) for lack in lacking], mode="edge")
    row, col = ((side - SIDE) // 2 for side in pixels.shape)
    return np.ascontiguousarray(pixels[row : row + SIDE, col : col + SIDE])


def _place(drawn: Thing) -> Cells:
    asked = place_of(state.detail(_PLACE, _written(_OPENS_AT))) or _OPENS_AT
    return place_in(asked, (drawn.mask.shape[0], drawn.mask.shape[1]))


def _written(place: Cells) -> str:
    return f"{place[0]}_{place[1]}"


def _take() -> None:
    """Take the place where the object has come to rest; a report that makes no sense is passed over."""
    value = state.value_of(_KEY)
    report = value.get("place") if isinstance(value, Mapping) else None
    if not isinstance(report, Mapping):
        return
    text = f"{report.get('row')}_{report.get('col')}"
    if place_of(text) is not None:
        state.set_detail(_PLACE, text)


def _truths(scene: _Scene) -> tuple[Truth, ...]:
    start, border, relu = scene.start, scene.way.border, scene.way.relu
    key = (start.tobytes(), scene.kernel.tobytes(), scene.kernel.shape, scene.bias, border, relu)
    return state.remembered("shift truths", key, lambda: truths(start, scene.kernel, scene.bias, border, relu))


def _explain(found: tuple[Truth, ...], limit: float) -> None:
    every, second, pooled, whole = found
    not_quite = "" if whole.anywhere == 0 else ", since what leaves and what comes in at the border counts, too"
    st.markdown(
        "**The map follows: equivariance.** A cell of the map is the sum of its window's pixels times the "
        "weights, and these are the same at every place. Move the scene, and each window is found again a few "
        f"pixels on, with the same sum. At stride 1, over all {MOST_MOVED**2} displacements that were tried, the "
        f"largest difference inside is **{_number(every.anywhere)}**."
    )
    st.markdown(
        "**Where it stops.** Stride 2 works out every second window only. Move by one pixel, and it meets the "
        f"windows that it had left out: differences of up to **{_number(second.anywhere)}**, where the map of the "
        f"start has values of up to {_number(limit)}. At even displacements the largest is "
        f"{_number(second.whole)}. Borders stop it, too: there a window sees padding, or what came in from "
        "outside. With a *circular* border nothing comes from outside, and no cell is hatched."
    )
    st.markdown(
        "**What never moves: invariance.** That there *is* an object should not depend on where it is. A "
        "convolution alone cannot say that: its map moves. The maximum of the whole map can, since it "
        f"forgets the place: its largest change is **{_number(whole.anywhere)}**{not_quite}. Pooling by 2 forgets "
        "the place only inside its windows: the map still moves, and between whole cells it changes by up to "
        f"{_number(pooled.anywhere)}."
    )


def _show_table(found: tuple[Truth, ...], way: Way, limit: float, name: str) -> None:
    titles = ("Stride 1", "Stride 2", "Stride 1, pooling 2", "Stride 1, global pooling")
    lines = ["| | any displacement | whole cells of the map |", "| :-- | --: | --: |"]
    for title, truth in zip(titles, found, strict=True):
        whole = "—" if truth.way.step is None else f"{_number(truth.whole)} ({truth.tried} tried)"
        lines.append(f"| {title} | {_number(truth.anywhere)} ({MOST_MOVED**2} tried) | {whole} |")
    st.markdown("\n".join(lines))
    relu = ", with ReLU" if way.relu else ""
    st.caption(
        f"Largest difference of cells inside, for displacements of 0 to {MOST_MOVED - 1} pixels down and to the "
        f"right, worked out by the engine. Kernel: {plain(name)}{relu}; border: {BORDERS[way.border]}; the map of "
        f"the start reaches ±{_number(limit)}. “Whole cells”: stride times pooling "
        "divides the displacement both ways."
    )


def _notice(found: tuple[Truth, ...]) -> None:
    every, second, _, whole = found
    idea.notice(
        "The ring in the map marks its maximum. Drag the object well inside: the ring moves, its value does not. "
        "Position is what a convolution keeps; the value is what global pooling keeps.",
        f"Stride 1: {_number(every.anywhere)}. Stride 2: up to {_number(second.anywhere)}. The kernel is the "
        "same; what differs is which windows are looked at.",
        "On the photo the maximum may belong to the photo, and then hides the object's. After global pooling "
        f"{'nothing changes' if whole.anywhere == 0 else 'the value changes'} in this scene; what is shifted out "
        "of the scene is lost to it all the same.",
        "Networks with strides are only nearly equivariant. One remedy is to blur before each stride.",
    )


def _number(value: float) -> str:
    return scale_number(value, _DIGITS + 1)
