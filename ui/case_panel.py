"""The classic cases on a page: each one click away, and live on a stage."""

import base64
from dataclasses import replace

import numpy as np
import streamlit as st

from conv_engine import ConvError
from ui import state
from ui.classic_cases import CASES, ClassicCase, case_icon, case_letters, case_picture, case_weights
from ui.experiment import OWN, Experiment, Place
from ui.layer import Layer, build_layer
from ui.page import is_dark
from ui.pictures import working_picture
from ui.stage import show_own_stage
from ui.text import plain
from ui.transposed import TransposedLayer, build_transposed

__all__ = ["show_cases"]

_FIRST = "no-padding"
_SMALL, _PHOTO = "small", "photo"
_PHOTO_SIZE = 32
"""Pixels of the longer side of one's own picture under a transposed case: twice as many may come out."""

_GROUPS = {
    "convolutions": ("Convolutions", [key for key, case in CASES.items() if not case.transposed and case.d == 1]),
    "dilated": ("Dilated", [key for key, case in CASES.items() if case.d > 1]),
    "transposed": ("Transposed", [key for key, case in CASES.items() if case.transposed]),
}


def show_cases() -> None:
    """Show the fifteen figures of Dumoulin and Visin, and the chosen one on a stage.

    The address holds the case as `case`, and as `case_on` what a transposed one is laid on.
    """
    key = _chosen()
    case = CASES[key]
    st.html(_style(is_dark()))
    with st.container(key="cases", gap="small"):
        for group, (title, keys) in _GROUPS.items():
            st.pills(
                title,
                keys,
                format_func=_title,
                key=state.mirror(f"cases_{group}", key if key in keys else None),
                on_change=_choose,
                args=(group,),
            )
    with st.container(key="case_head", horizontal=True, vertical_alignment="bottom", gap="small"):
        words = st.container(width="stretch")
        on_photo = case.transposed and _transposed_on()
        if not case.transposed:
            _offer_settings(case)
    try:
        layer = _layer_of(case, on_photo)
        words.markdown(f"**{case.title}.** {case.sentence}  \n{case_letters(case, layer.pixels.shape[:2])}")
        show_own_stage("case", _shown(key, on_photo), lambda: layer, _start(layer, on_photo))
    except ConvError as error:
        words.markdown(f"**{case.title}.** {case.sentence}")
        st.error(f"{plain(str(error))}.")
    st.caption(_note(case, on_photo))


def _title(key: str) -> str:
    return CASES[key].title


def _chosen() -> str:
    key = state.detail("case", _FIRST)
    return key if key in CASES else _FIRST


def _choose(group: str) -> None:
    key = state.value_of(f"cases_{group}")
    # A click on the chosen one would leave nothing chosen; it stays.
    state.set_detail("case", key if key in CASES else _chosen())


# What lies under a case


def _transposed_on() -> bool:
    on = state.detail("case_on", _SMALL)
    st.segmented_control(
        "What comes in",
        (_SMALL, _PHOTO),
        format_func={_SMALL: "the figure’s picture", _PHOTO: "your picture, in grey"}.__getitem__,
        required=True,
        width="content",
        key=state.mirror("case_on", on if on == _PHOTO else _SMALL),
        on_change=_choose_on,
    )
    return on == _PHOTO


def _choose_on() -> None:
    state.set_detail("case_on", _PHOTO if state.value_of("case_on") == _PHOTO else _SMALL)


def _offer_settings(case: ClassicCase) -> None:
    st.button(
        "My picture with these settings",
        key="case_settings",
        on_click=_set_experiment,
        args=(case,),
        help="Sets the stride, the padding, the dilation and a box kernel in the experiment that all pages share.",
    )


def _set_experiment(case: ClassicCase) -> None:
    parts = case.experiment_parts()
    state.change(**{name: parts[name] for name in ("features", "spec", "flip")})
    if state.experiment().spec == parts["spec"]:
        state.say(
            f"Your picture has the settings of “{case.title}” now: a box kernel of {case.k} × {case.k}, stride "
            f"{case.s}, padding {case.p}, dilation {case.d}. You see it on the page Explore."
        )


def _shown(key: str, on_photo: bool) -> tuple[object, ...]:
    if not on_photo:
        return (key,)
    experiment = state.experiment()
    return key, experiment.picture, state.photo() if experiment.picture == OWN else None


def _layer_of(case: ClassicCase, on_photo: bool) -> Layer | TransposedLayer:
    if not case.transposed:
        return build_layer(replace(Experiment(), **case.experiment_parts()), case_picture(case))
    if on_photo:
        picture = replace(state.experiment(), size=_PHOTO_SIZE, grey=True)
        pixels = working_picture(picture, state.photo()).pixels
        weights = np.full((case.k, case.k), 1 / case.k**2)
        name = f"Box {case.k} × {case.k}"
    else:
        pixels = case_picture(case)
        weights = np.array(case_weights(case))
        name = f"Weights 1 to {case.k**2}"
    return build_transposed(
        pixels,
        weights[np.newaxis, :, :, np.newaxis],
        [name],
        stride=case.s,
        padding=case.p,
        dilation=case.d,
        output_padding=case.a,
    )


def _start(layer: Layer | TransposedLayer, on_photo: bool) -> Place:
    """Return where the stage begins: a figure with nothing made yet, a photo with half of it."""
    rows, cols, _ = layer.plan.output_shape
    return Place(rows // 2, cols // 2, 0) if on_photo else Place(0, 0, 0)


def _note(case: ClassicCase, on_photo: bool) -> str:
    source = "After V. Dumoulin and F. Visin, “A guide to convolution arithmetic for deep learning”, 2016."
    if not case.transposed:
        return f"The kernel is a box: {case.k**2} weights of 1/{case.k**2}, so each cell is a mean. {source}"
    turned = "Point at a cell of the input to see what it paints."
    if not on_photo:
        return f"{turned} The kernel counts 1 to {case.k**2}, so that you can tell its weights apart. {source}"
    if case.k % case.s:
        return (
            f"{turned} The kernel is a box. Its stamps of {case.k} × {case.k} are set every {case.s} cells: some "
            f"cells are painted more often than others, and a checkerboard appears. {source}"
        )
    return f"{turned} The kernel is a box: {case.k**2} weights of 1/{case.k**2}. {source}"


# How the choice looks


def _style(dark: bool) -> str:
    pictures = []
    for group, (_, keys) in _GROUPS.items():
        for place, key in enumerate(keys, start=1):
            source = base64.b64encode(case_icon(CASES[key], dark).encode()).decode()
            pictures.append(
                f".st-key-cases_{group} button:nth-of-type({place}) "
                f'{{ background-image: url("data:image/svg+xml;base64,{source}") !important }}'
            )
    return f"<style>{''.join(pictures)}{_CARDS}</style>"


# A row for the convolutions and the dilated one, and one for the transposed; without room they move sideways.
_CARDS = """
.st-key-cases { flex-flow: row wrap !important; gap: 0.5rem 1rem !important; container-type: inline-size; }
.st-key-cases > div { width: auto !important; max-width: 100%; }
.st-key-cases [data-testid="stButtonGroup"] > div { gap: 0.3rem; }
.st-key-cases [data-testid="stButtonGroup"] button {
  flex: 0 0 auto; width: 7.55rem; height: auto; min-height: 5.7rem; padding: 3.05rem 0.3rem 0.35rem;
  background-repeat: no-repeat !important; background-position: center 0.4rem !important;
  background-size: 6.1rem 2.6rem !important;
  border-radius: 0.5rem; align-items: flex-start; justify-content: center; white-space: normal;
}
.st-key-cases [data-testid="stButtonGroup"] button p {
  font-size: 0.875rem; line-height: 1.2; white-space: normal; text-align: center;
}
@container (max-width: 54rem) {
  .st-key-cases [data-testid="stButtonGroup"] > div {
    flex-wrap: nowrap; overflow-x: auto; padding: 3px 3px 0.5rem; margin: -3px;
    scroll-snap-type: x proximity; scroll-padding: 0 3px;
  }
  .st-key-cases [data-testid="stButtonGroup"] button { scroll-snap-align: start; }
}
/* The system's colour for what is chosen would hide its picture: a frame says it. */
@media (forced-colors: active) {
  .st-key-cases [data-testid="stButtonGroup"] button[data-selected] {
    color: CanvasText !important; background-color: Canvas !important; box-shadow: inset 0 0 0 4px Highlight;
  }
}
.st-key-case_head > :first-child { flex: 1 1 22rem !important; min-width: min(100%, 22rem); }
"""
