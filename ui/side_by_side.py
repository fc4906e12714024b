"""Two or three stages on one picture with other settings, and what differs: `assets/stage/several.js`."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import streamlit as st

from conv_engine import BOUNDARIES, PADDINGS, ConvError
from ui import state
from ui.comparisons import (
    LETTERS,
    OWN_CHOICE,
    OWN_START,
    PRESETS,
    START,
    Comparison,
    Setting,
    changed,
    held_sentence,
    preset,
    read_setting,
    titles,
)
from ui.experiment import OWN, Experiment, Place
from ui.feature_edits import noted
from ui.images import Resized
from ui.layer import build_layer, map_pictures
from ui.message import ImageMessage, Imposed, blob, pack, pack_image
from ui.text import capital

__all__ = ["show_side_by_side"]

_FOLDER = Path(__file__).resolve().parent.parent / "assets" / "stage"
_KEY = "stages"
_IMAGE_KEY = "stages_image"

# The names of the address: what is compared, how many columns of one's own there are, and what they are set to.
_CHOICE, _COUNT, _COLUMN = "vs", "vs_n", "vs_"
_COUNTS = ("2", "3")

_component = st.components.v2.component(
    "convscope_stages",
    # What sticks to the top sticks below the app's own header.
    html='<div class="stages-root stage-root" style="--stages-top: 3.75rem"></div>',
    css="\n".join((_FOLDER / name).read_text(encoding="utf-8") for name in ("stage.css", "several.css")),
    js=(_FOLDER / "several.bundle.js").read_text(encoding="utf-8"),
)


def show_side_by_side(picture: Resized) -> None:
    """Show the chosen feature of the experiment on its picture in two or three settings, side by side.

    Parameters
    ----------
    picture : Resized
        The experiment's, at its working size.
    """
    current = state.experiment()
    _, feature = state.chosen()
    choice = state.detail(_CHOICE, START)
    if choice not in PRESETS:
        choice = START
    st.segmented_control(
        "What to compare",
        list(PRESETS),
        format_func=PRESETS.__getitem__,
        required=True,
        key=state.mirror("vs_choice", choice),
        on_change=_choose,
    )
    comparison = _own() if choice == OWN_CHOICE else preset(choice, Setting.of(current))
    st.caption(" ".join(filter(None, (held_sentence(comparison.settings), comparison.note))))
    place = Place(current.place.row, current.place.col)
    base = replace(current, features=(feature,), place=place)
    # The array is handed on with what was made of it, so that its identity is not given to another one meanwhile.
    pixels = picture.pixels
    image, _ = state.remembered("image", id(pixels), lambda: (pack_image(pixels), pixels))
    stages = [
        _stage_message(number, setting.applied(base), picture, image)
        for number, setting in enumerate(comparison.settings)
    ]
    named = titles(comparison.settings, lettered=choice == OWN_CHOICE)
    message = state.remembered("stages", (named, tuple(stages)), lambda: _pack(named, stages))
    with st.container(key="stages_frame", gap=None):
        _component(data=image.message, key=_IMAGE_KEY)
        _component(data=message, key=_KEY)


@noted
def _choose() -> None:
    choice = state.value_of("vs_choice")
    if choice in PRESETS:
        state.set_detail(_CHOICE, choice)


def _stage_message(number: int, experiment: Experiment, picture: Resized, image: ImageMessage) -> bytes | str:
    """Return what a stage is sent, or a sentence on why there is none."""

    def make() -> bytes | str:
        try:
            layer = build_layer(experiment, picture.pixels)
            imposed = Imposed(experiment.place, state.imposed().cell)
            return pack(layer, map_pictures(layer), imposed, image.token)
        except ConvError as error:
            reason = str(error)
            return f"{capital(reason)}. With more padding or less dilation there is a map."

    key = experiment, state.photo() if experiment.picture == OWN else None, state.imposed().cell
    return state.remembered(f"stages {number}", key, make)


def _pack(named: Sequence[str], stages: Sequence[bytes | str]) -> bytes:
    """Write the messages of all stages as one; `assets/stage/several_streamlit.js` reads it."""
    columns = [
        {"title": title, **({"problem": stage} if isinstance(stage, str) else {"stage": f"stage{number}"})}
        for number, (title, stage) in enumerate(zip(named, stages, strict=True))
    ]
    arrays = {
        f"stage{number}": np.frombuffer(stage, np.uint8)
        for number, stage in enumerate(stages)
        if isinstance(stage, bytes)
    }
    return blob({"version": 1, "columns": columns}, arrays)


# A person's own columns


def _own() -> Comparison:
    count = state.detail(_COUNT, _COUNTS[0])
    if count not in _COUNTS:
        count = _COUNTS[0]
    st.segmented_control(
        "How many columns",
        _COUNTS,
        required=True,
        key=state.mirror("vs_count", count),
        on_change=_set_count,
    )
    letters = LETTERS[: int(count)]
    settings = []
    for letter, start, column in zip(letters, OWN_START, st.columns(len(letters), gap="large"), strict=False):
        setting, problems = read_setting(state.detail(_COLUMN + letter, start))
        with column:
            _setting_fields(letter, setting)
            if problems:
                st.caption("A part of this column’s address could not be read, and is as at the start.")
        settings.append(setting)
    return Comparison(tuple(settings))


@noted
def _set_count() -> None:
    count = state.value_of("vs_count")
    if count in _COUNTS:
        state.set_detail(_COUNT, count)


def _setting_fields(letter: str, setting: Setting) -> None:
    query = setting.applied(Experiment()).to_query()
    upper = letter.upper()
    fields: tuple[tuple[str, str, str, Iterable[str]], ...] = (
        ("p", "Padding", query.get("p", "valid"), (*PADDINGS, "1-1-1-1", "2-2-2-2")),
        ("s", "Stride", query.get("s", "1x1"), (f"{n}x{n}" for n in range(1, 6))),
        ("d", "Dilation", query.get("d", "1x1"), (f"{n}x{n}" for n in range(1, 5))),
        ("edge", "Boundary", query.get("edge", "zeros"), BOUNDARIES),
    )
    with st.container(horizontal=True, gap="small"):
        for name, label, value, offered in fields:
            st.selectbox(
                f"{label}, {upper}",
                # An address may ask for what is not offered.
                list(dict.fromkeys((*offered, value))),
                format_func=_words_of,
                key=state.mirror(f"vs_{letter}_{name}", value),
                on_change=_set_part,
                args=(letter, name),
                # Four of them have room in half of a page of 1440 pixels.
                width=114,
            )
    st.toggle(
        f"Flip the kernel, {upper}",
        key=state.mirror(f"vs_{letter}_flip", setting.flip),
        on_change=_set_part,
        args=(letter, "flip"),
    )


def _words_of(text: str) -> str:
    """Put a part of an address into words: 2x2 is 2, and 1-1-1-1 is 1."""
    for between, joined in (("x", " × "), ("-", ", ")):
        numbers = text.split(between)
        if all(number.isdigit() for number in numbers):
            return numbers[0] if len(set(numbers)) == 1 else joined.join(numbers)
    return text


@noted
def _set_part(letter: str, name: str) -> None:
    value = state.value_of(f"vs_{letter}_{name}")
    if value is None:
        return
    text = state.detail(_COLUMN + letter, OWN_START[LETTERS.index(letter)])
    written = str(int(value)) if isinstance(value, bool) else str(value)
    state.set_detail(_COLUMN + letter, changed(text, **{name: written}))
