"""The bank as a whole: its features in a list, banks to begin with, all maps, the volumes, and its files."""

from collections.abc import Sequence
from functools import partial

import numpy as np
import streamlit as st

from conv_engine import ConvError
from conv_engine.initialise import INITIALISERS
from ui import state
from ui.bank_file import MOST_BYTES, BankFileError, bank_json, bank_npz, load_bank
from ui.counts import COUNTS_NOTE, layer_counts
from ui.experiment import LARGEST_KERNEL, LONGEST_NAME, MOST_FEATURES, Feature
from ui.feature_edits import noted
from ui.layer import LEVELS, Layer, Map, kernel_of
from ui.map_tiles import Tile, map_tiles, tiles_html
from ui.page import is_dark
from ui.pictures import shown_maps
from ui.presets import PRESETS, random_bank
from ui.text import plain
from ui.thumbnails import data_uri, kernel_picture
from ui.volume import volume_html
from ui.weights import WeightError, format_weight, parse_weight

__all__ = ["keep_bank", "list_features", "show_maps", "show_volumes"]


def list_features() -> None:
    """Show the features one below the other, to be named, biased, moved, doubled and taken away."""
    features = state.experiment().features
    chosen, _ = state.chosen()
    st.caption(
        "Each feature with its name and its bias; the name of its kernel stands where it has none of its own."
    )
    for index, feature in enumerate(features):
        with st.container(key=f"feature_row_{index}", horizontal=True, vertical_alignment="center", gap="small"):
            _feature(index, feature, chosen, len(features))
    full = len(features) == MOST_FEATURES
    with st.container(key="bank_buttons", horizontal=True, gap="small"):
        st.button(
            "Add a feature",
            key="add_feature",
            on_click=state.add_feature,
            args=(Feature("identity"), len(features)),
            disabled=full,
            help=f"A bank has up to {MOST_FEATURES} features." if full else "At the end, as the identity.",
        )
        for key, preset in PRESETS.items():
            st.button(
                preset.title,
                key=f"preset_{key}",
                on_click=_take_preset,
                args=(key,),
                help=f"{preset.story} Replaces the bank; Undo brings it back.",
            )
    _random()


def _feature(index: int, feature: Feature, chosen: int, count: int) -> None:
    kernel = kernel_of(feature)
    name = feature.name or kernel.title
    picture = data_uri(kernel_picture(kernel.weights, is_dark()))
    st.html(
        f'<div class="feature-picture"><b>{index + 1}</b>'
        f'<img src="{picture}" alt="weights of feature {index + 1}"></div>',
        width=92,
    )
    st.button(
        "Shown" if index == chosen else "Show",
        key=f"show_{index}",
        on_click=state.choose_feature,
        args=(index,),
        disabled=index == chosen,
        help=f"Set {plain(name)} in the sidebar and above, and show its map on the stage.",
        width=84,
    )
    st.text_input(
        f"Name of feature {index + 1}",
        feature.name,
        max_chars=LONGEST_NAME,
        placeholder=kernel.title,
        key=state.mirror(f"name{index}", feature.name, typed=True),
        on_change=_rename,
        args=(index,),
        label_visibility="collapsed",
        width=220,
    )
    st.text_input(
        f"Bias of feature {index + 1}",
        format_weight(feature.bias),
        key=state.mirror(f"row_bias{index}", format_weight(feature.bias), typed=True),
        on_change=_type_bias,
        args=(index,),
        label_visibility="collapsed",
        width=110,
    )
    for label, words, act, off in (
        ("↑", "Move up", partial(state.move_feature, index, index - 1), index == 0),
        ("↓", "Move down", partial(state.move_feature, index, index + 1), index == count - 1),
        ("Duplicate", "Duplicate", partial(state.add_feature, feature, index + 1), count == MOST_FEATURES),
        ("Delete", "Delete", partial(state.delete_feature, index), count == 1),
    ):
        st.button(label, key=f"{words}.{index}", on_click=act, disabled=off, help=f"{words}: feature {index + 1}")
    try:
        parse_weight(str(state.value_of(f"row_bias{index}")))
    except WeightError as error:
        st.error(f"The bias of feature {index + 1}: {plain(str(error))} Until then the last good value counts.")


@noted
def _rename(index: int) -> None:
    state.change_feature(index, name=str(state.value_of(f"name{index}") or "").strip())


@noted
def _type_bias(index: int) -> None:
    try:
        bias = parse_weight(str(state.value_of(f"row_bias{index}")))
    except WeightError:
        return
    state.change_feature(index, bias=bias)


def _take_preset(key: str) -> None:
    state.replace_bank(PRESETS[key].make(), chosen=0)


def _random() -> None:
    with st.expander("A random bank, as a network begins with"), st.form("random_bank", border=False):
        columns = st.columns(4)
        columns[0].selectbox(
            "Initialiser",
            list(INITIALISERS),
            format_func={"glorot": "Glorot (uniform)", "he": "He (normal)"}.__getitem__,
            key="random_initialiser",
            help="Glorot and Bengio 2010: between ±√(6 / (fan in + fan out)). He et al. 2015: a "
            "standard deviation of √(2 / fan in), for layers with a ReLU. "
            "Fan in is kh · kw · C, fan out kh · kw · K.",
        )
        columns[1].number_input("Features", 1, MOST_FEATURES, 8, key="random_count")
        columns[2].number_input("Rows and columns", 1, LARGEST_KERNEL, 3, key="random_size")
        columns[3].number_input("Seed", 0, 10**6, 0, key="random_seed", help="The same seed draws the same bank.")
        st.form_submit_button("Draw this bank", on_click=_take_random)


@noted
def _take_random() -> None:
    name = state.value_of("random_initialiser")
    limits = {"count": MOST_FEATURES, "size": LARGEST_KERNEL, "seed": 10**6}
    numbers = {key: state.value_of(f"random_{key}") for key in limits}
    if name not in INITIALISERS or not all(
        isinstance(number, int) and 0 <= number <= limits[key] and (number or key == "seed")
        for key, number in numbers.items()
    ):
        state.say(f"A random bank needs numbers within their limits, got {', '.join(map(str, numbers.values()))}.")
        return
    channels = 1 if state.experiment().grey else 3
    state.replace_bank(random_bank(name, numbers["count"], numbers["size"], channels, numbers["seed"]), chosen=0)


def show_maps(layer: Layer) -> None:
    """Show all maps as small multiples, by one scale or one each."""
    shared = st.toggle(
        "One scale for all maps",
        key="tiles_shared",
        help="On: the same colour is the same value in every map. Off: each map fills its own scale.",
    )
    maps = shown_maps(layer)
    tiles = state.remembered("tiles", (id(maps), shared, is_dark()), lambda: (_tiles(layer, maps, shared), maps))[
        0
    ]
    st.html(tiles_html(tiles, [f"{number}. {name}" for number, name in enumerate(layer.names, 1)]))


def _tiles(layer: Layer, maps: Sequence[Map], shared: bool) -> list[Tile]:
    rows, cols, _ = layer.plan.output_shape
    return map_tiles(
        [picture.levels * np.float32(picture.limit / LEVELS) for picture in maps],
        shared=shared,
        dark=is_dark(),
        sizes=[(rows, cols)] * len(maps),
        ranges=[(picture.low, picture.high) for picture in maps],
    )


def show_volumes(layer: Layer) -> None:
    """Draw the volumes to proportion, and count parameters, multiplications and bytes."""
    image, bank, output = layer.plan.image_shape, layer.bank.shape, layer.plan.output_shape
    st.html(volume_html(image, bank, output, is_dark(), layer.names))
    counts = layer_counts(image, bank, output)
    st.markdown("\n".join(f"- **{title}**: {plain(formula)}" for title, formula in counts.formulas))
    st.caption(COUNTS_NOTE)


def keep_bank() -> None:
    """Save the bank to a file, and load one."""
    features = state.experiment().features
    save, load = st.columns(2, gap="large")
    with save:
        st.markdown("#### Save")
        with st.container(horizontal=True, gap="small"):
            st.download_button(
                "Bank as JSON",
                partial(bank_json, features),
                "convscope-bank.json",
                "application/json",
                key="save_json",
                on_click="ignore",
                help="Names, kernels, weights and biases, to be read by people and programs.",
            )
            st.download_button(
                "Bank as NPZ",
                partial(bank_npz, features),
                "convscope-bank.npz",
                "application/octet-stream",
                key="save_npz",
                on_click="ignore",
                help="Arrays for NumPy: bank (K, kh, kw, C) and bias (K,).",
            )
    with load:
        st.markdown("#### Load")
        st.file_uploader(
            "A bank as JSON or NPZ",
            type=["json", "npz"],
            key=f"load_bank.{state.kept('banks loaded') or 0}",
            on_change=_load,
            help="A file with mistakes is refused with a sentence, and the bank stays. Undo brings back "
            "the one before.",
        )


@noted
def _load() -> None:
    count = state.kept("banks loaded") or 0
    file = state.value_of(f"load_bank.{count}")
    if file is None:
        return
    # An empty field again: the same file may be chosen once more, and one that was refused does not seem loaded.
    state.keep("banks loaded", count + 1)
    if file.size > MOST_BYTES:
        state.say(f"{file.name} has {file.size / 1e6:.0f} MB; a bank has up to {MOST_BYTES / 1e6:.0f} MB.")
        return
    try:
        features = load_bank(file.getvalue(), file.name)
    except (BankFileError, ConvError) as error:
        state.say(f"{file.name}: {error} The bank stays as it was.")
        return
    state.replace_bank(features, chosen=0)
