"""A stack on the page: its picture, what excites a unit, the layers in a table, and the words beside them."""

import hashlib
from collections.abc import Hashable
from html import escape

import streamlit as st

from ui import idea, state
from ui.colours import css, palette_for
from ui.excite import count_places, patch_html, score, strongest
from ui.experiment import Experiment
from ui.images import SAMPLES
from ui.map_tiles import scale_number
from ui.page import is_dark
from ui.pictures import working_picture
from ui.stack import MOST_LAYERS, Stack, StackRun, format_stack, run_stack
from ui.stack_editor import Shown, preset_of
from ui.stack_presets import StackPreset
from ui.stack_view import Pin, is_cell, show_stack, strongest_cell
from ui.text import plain

__all__ = [
    "laid",
    "question",
    "run_key",
    "show_notices_of",
    "show_patches",
    "show_picture",
    "show_table",
    "show_words",
    "table_html",
]

_CELL = "cell"
_MOST_NAMED = 8
_PATCH_WIDTH = 102


def question(stack: Stack) -> None:
    """Ask what the page is about, and say what one can do."""
    preset = preset_of(stack)
    finds = f" These look for {preset.finds}." if preset else ""
    idea.question(
        "How do edges become corners, and corners shapes?",
        "Choose some layers, point at a cell of a late one, and see what it sees of every map before it and of "
        f"the photo.{finds} Click to pin it.",
    )


def run_key(stack: Stack, shown: Shown) -> Hashable:
    """Return what a run depends on: the layers, the pixels and the bank of the studio."""
    experiment = state.experiment()
    pixels = hashlib.blake2b(shown.picture.pixels.tobytes(), digest_size=16).hexdigest()
    return (
        format_stack(stack),
        pixels,
        shown.picture.pixels.shape,
        experiment.features,
        experiment.unit,
        experiment.flip,
    )


def laid(stack: Stack, shown: Shown, key: Hashable) -> StackRun:
    """Lay the stack on the picture, unless that was done at the run before."""
    experiment = state.experiment()
    return state.remembered(
        "layers run",
        key,
        lambda: run_stack(
            stack, shown.picture.pixels, experiment.features, unit=experiment.unit, flip=experiment.flip
        ),
    )


def show_picture(run: StackRun, key: Hashable) -> Pin:
    """Show the photo and all maps; return the cell that is pinned."""
    pin = _pinned(run)
    show_stack(run, key, pin, state.kept("layers imposed") or 0, _pin)
    return pin


def _pinned(run: StackRun) -> Pin:
    """Read the cell of the address, or take the strongest one of the last layer."""
    parts = state.detail(_CELL).split(".")
    if len(parts) == len(Pin._fields) and all(
        part.isascii() and part.isdigit() and len(part) < 6 for part in parts
    ):
        pin = Pin(*map(int, parts))
        if is_cell(run, pin):
            return pin
    return strongest_cell(run, len(run.layers) - 1)


def _pin(pin: Pin) -> None:
    state.set_detail(_CELL, ".".join(map(str, pin)))


def _impose(pin: Pin) -> None:
    _pin(pin)
    state.keep("layers imposed", (state.kept("layers imposed") or 0) + 1)


def show_patches(run: StackRun, pin: Pin) -> None:
    """Show the patches of the photo that excite the pinned cell's unit most."""
    layer = run.layers[pin.layer]
    name = plain(layer.names[pin.unit])
    st.markdown(f"#### What excites unit {pin.unit + 1} of layer {pin.layer + 1}, {name}")
    patches = strongest(layer.maps[:, :, pin.unit], layer.stage)
    if not patches:
        st.markdown(
            "Nothing in this picture: no cell of the map is above 0; the greatest value is "
            f"{scale_number(float(layer.maps[:, :, pin.unit].max()))}."
        )
        return
    st.markdown(
        "The patches of the photo that its strongest cells see, with their values. A button pins its cell."
    )
    with st.container(key="layers_go", horizontal=True, gap="xsmall"):
        for number, one in enumerate(patches, 1):
            with st.container(width=_PATCH_WIDTH, gap="small"):
                st.html(patch_html(run.pixels, number, one, is_dark()))
                st.button(
                    f"Cell {one.row}, {one.col}",
                    key=f"patch {number}",
                    width="stretch",
                    on_click=_impose,
                    args=(Pin(pin.layer, pin.unit, one.row, one.col),),
                    help=f"Pin row {one.row}, column {one.col} of this map, and see its field in all maps before.",
                )


def show_table(run: StackRun) -> None:
    """Show shapes, parameters, receptive fields and jumps of all layers."""
    st.html(table_html(run, is_dark()))
    total = sum(layer.parameters for layer in run.layers)
    st.caption(
        f"Parameters are weights and biases: units · (rows · columns · maps before + 1). Together {total:,}. "
        "“Sees” is the receptive field of one cell, in pixels of the photo, as far as the kernels reach, also "
        "where their weights are 0. The jump is how far on that of its neighbour is."
    )


def table_html(run: StackRun, dark: bool) -> str:
    """Lay out the layers in numbers.

    Parameters
    ----------
    run : StackRun
        Whose layers they are.
    dark : bool
        The theme.

    Returns
    -------
    str
        HTML for ``st.html``: a table in a box that scrolls by itself where the screen is narrow.
    """
    palette = palette_for(dark)
    lines = [("0", "Photo", _by(run.pixels.shape), "", _by((1, 1)), "1")]
    for number, layer in enumerate(run.layers, 1):
        jumps = layer.stage.jump
        jump = str(jumps[0]) if jumps[0] == jumps[1] else _by(jumps)
        size, sees = _by(layer.maps.shape), _by(layer.stage.field)
        lines.append((str(number), layer.title, size, layer.formula or "0", sees, jump))
    cell = (
        f"padding: 0.35rem 0.9rem 0.35rem 0; border-bottom: 1px solid {css(palette.faint)}; text-align: left; "
        "white-space: nowrap"
    )
    head = "".join(
        f'<th scope="col" style="{cell}; font-weight: 600">{title}</th>'
        for title in ("Layer", "Kind", "Shape", "Parameters", "Sees", "Jump")
    )
    body = "".join(
        f'<tr><th scope="row" style="{cell}; font-weight: 400">{number}</th>'
        + f'<td style="{cell}; white-space: normal; min-width: 9rem">{escape(kind)}</td>'
        + "".join(f'<td style="{cell}">{escape(value)}</td>' for value in values)
        + "</tr>"
        for number, kind, *values in lines
    )
    return (
        '<div tabindex="0" role="region" aria-label="The layers in numbers" '
        'style="overflow-x: auto; max-width: 100%"><table style="border-collapse: collapse; '
        f'font-variant-numeric: tabular-nums"><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>'
    )


def show_words(stack: Stack) -> None:
    """Show the story of the stack in short paragraphs."""
    preset = preset_of(stack)
    if preset is None:
        st.markdown(
            f"**Layers of your own.** Up to {MOST_LAYERS} can be stacked. A kernel with a slice for each map "
            "before it can ask for several things at once; one without is laid on the sum of the maps."
        )
        return
    for paragraph in preset.words:
        st.markdown(paragraph)


def show_notices_of(stack: Stack, shown: Shown, run: StackRun, key: Hashable) -> None:
    """Say what to notice, in numbers that are counted here."""
    last = run.layers[-1]
    counts = [count_places(last.maps[:, :, unit]) for unit in range(len(last.names))]
    named = ", ".join(f"{plain(name)} at {count}" for name, count in zip(last.names, counts, strict=True))
    sentences = [
        f"The last layer answers above 0 at **{sum(counts)} {_places(sum(counts))}**: {named}. Cells that touch "
        "are one place."
        if len(counts) <= _MOST_NAMED
        else f"The {len(counts)} maps of the last layer are above 0 at **{sum(counts)} {_places(sum(counts))}**; "
        "cells that touch are one place.",
        f"One cell of it sees **{_by(last.stage.field)}** pixels of the photo; a cell of the first layer "
        f"{_by(run.layers[0].stage.field)}.",
    ]
    preset = preset_of(stack)
    if preset and not run.problem and preset.picture:
        if shown.is_sample and preset.marks:
            found = score(run, preset.marks)
            sentences.append(
                f"A person has marked {found.marked} {_places(found.marked)} in this picture. The layers find "
                f"**{found.found} of {found.marked}**, and there are **{found.others}** false hits elsewhere."
            )
        elsewhere = state.remembered("layers elsewhere", key, lambda: _elsewhere(stack, preset))
        if elsewhere:
            sentences.append(
                "So many places do the same layers find on the other samples: "
                + ", ".join(f"{SAMPLES[name].title.lower()} {count}" for name, count in elsewhere)
                + f". Choose one of them in the sidebar to see what is taken for {preset.finds} there: kernels "
                "written for one picture know little of others."
            )
    idea.notice(*sentences)


def _elsewhere(stack: Stack, preset: StackPreset) -> list[tuple[str, int]]:
    """Count the places where a stack answers on the samples that it was not made for."""
    experiment = state.experiment()
    counts = []
    for name in SAMPLES:
        if name != preset.picture:
            pixels = working_picture(Experiment(picture=name, size=preset.size, grey=True), None).pixels
            run = run_stack(stack, pixels, experiment.features, unit=experiment.unit)
            if run.problem:
                continue  # its last layer would be another one
            maps = run.layers[-1].maps
            counts.append((name, sum(count_places(maps[:, :, unit]) for unit in range(maps.shape[2]))))
    return counts


def _by(size: tuple[int, ...]) -> str:
    """Write a size so that it is not broken at the end of a line."""
    return "\u00a0×\u00a0".join(map(str, size))


def _places(count: int) -> str:
    return "place" if count == 1 else "places"
