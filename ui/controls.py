"""The sidebar: image, kernel, stride and padding, features, in the order in which a layer is thought of."""

from collections.abc import Iterator
from functools import cache

import streamlit as st

from conv_engine import BOUNDARIES, LIBRARY, PADDINGS, Kernel
from conv_engine.kernels import FAMILIES
from conv_engine.parametric import PARAMETRIC
from ui import state
from ui.experiment import MOST_FEATURES, OWN, Feature
from ui.feature_edits import (
    CHANNELS,
    choose_kernel,
    feature_chooser,
    noted,
    set_parameters,
    size_and_slices,
    take_weights,
    typed,
    weights_of,
)
from ui.images import SAMPLES, WORKING_SIZES
from ui.layer import bank_of, kernel_of, kernel_title
from ui.text import plain
from ui.weights import WeightError, format_weight, parse_weight

__all__ = ["sidebar"]

# What a new feature begins with: a bank that shows something different in each map.
_NEWCOMERS = ("sobel_x", "sobel_y", "laplacian", "gaussian", "sharpen", "emboss", "red_green", "blue_yellow")

_FILE_TYPES = ["png", "jpg", "jpeg", "webp", "gif", "bmp", "tif", "tiff"]
_SOURCES = ("Sample", "Upload", "Paste", "Camera")
_NUMBERS = "numbers"
# A wider grid of text fields cannot be read in the sidebar.
_WIDEST_GRID = 7
_BOUNDARY_WORDS = {
    "zeros": "zeros",
    "reflect": "mirrored pixels",
    "replicate": "the edge repeated",
    "circular": "wrapped round",
}


def sidebar() -> None:
    """Draw the controls that every page shares."""
    with st.sidebar:
        _image()
        _kernel()
        _stride_and_padding()
        _features()


def _heading(title: str) -> None:
    st.markdown(f"### {title}")


# Image


def _image() -> None:
    current = state.experiment()
    _heading("Image")
    source = st.segmented_control(
        "Where the picture comes from",
        _SOURCES,
        default=_SOURCES[1] if current.picture == OWN else _SOURCES[0],
        required=True,
        key="source",
        on_change=state.touch,
        label_visibility="collapsed",
        width="stretch",
    )
    if source == "Upload":
        st.file_uploader(
            "Choose a photo",
            type=_FILE_TYPES,
            key="upload",
            on_change=_take_upload,
            args=("upload",),
            help="PNG, JPEG, WebP, GIF, BMP or TIFF, up to 15 MB and 24 megapixels. It stays in this session's "
            "memory and is never written to a disk.",
        )
    elif source == "Camera":
        st.camera_input("Take a photo", key="camera", on_change=_take_upload, args=("camera",), resolution="720p")
    elif source == "Paste":
        st.caption("Click into the field, press Ctrl+V (⌘V), then Enter.")
        pasted = st.chat_input("Paste a picture here", accept_file=True, file_type=_FILE_TYPES, key="paste")
        if pasted is not None:
            _take_pasted(pasted)
    else:
        _sample()
    own = state.photo()
    if own is not None and current.picture != OWN:
        st.button(f"Back to {plain(own.name)}", key="back_to_own", on_click=state.change, kwargs={"picture": OWN})
    if current.picture == OWN and own is not None:
        st.caption(
            f"Your photo {plain(own.name)} is not in the address: a link to this page shows a sample picture."
        )
    st.select_slider(
        "Working size",
        WORKING_SIZES,
        key=state.mirror("size", current.size),
        on_change=_change_from,
        args=("size",),
        help="The longer side, in pixels. Small pictures let you see every pixel.",
    )
    _either(
        "Colours",
        "grey",
        current.grey,
        ("R, G, B", "grey"),
        "A picture in colours has three channels, one in grey has one.",
    )
    _either(
        "Pixel values",
        "unit",
        current.unit,
        ("0…255", "0…1"),
        "Photos are stored in whole numbers from 0 to 255; networks are mostly fed with 0 to 1.",
    )


def _either(label: str, name: str, value: bool, words: tuple[str, str], why: str) -> None:
    """Draw a choice between the two values of a field of the experiment: the words for False, and for True."""
    st.segmented_control(
        label,
        (False, True),
        format_func=words.__getitem__,
        required=True,
        key=state.mirror(name, value),
        on_change=_change_from,
        args=(name,),
        help=why,
    )


def _sample() -> None:
    current = state.experiment()
    options = list(SAMPLES)
    st.selectbox(
        "Sample picture",
        options,
        key=state.mirror("picture", current.picture if current.picture != OWN else None),
        format_func=lambda key: SAMPLES[key].title,
        on_change=_change_from,
        args=("picture",),
        placeholder="your own photo is shown",
        label_visibility="collapsed",
    )
    if current.picture != OWN:
        st.caption(SAMPLES[current.picture].what_to_look_for)


@noted
def _change_from(name: str) -> None:
    value = state.value_of(name)
    if value is not None:
        state.change(**{name: value})


@noted
def _take_upload(key: str) -> None:
    file = state.value_of(key)
    if file is not None:
        state.take_photo("camera.jpg" if key == "camera" else file.name, file.getvalue())


def _take_pasted(pasted: object) -> None:
    files = getattr(pasted, "files", [])
    if not files:
        state.say("There was no picture in what you pasted. Copy a picture, not its address, and paste it again.")
    else:
        state.take_photo(files[0].name, files[0].getvalue())
    st.rerun()


# Kernel


def _kernel() -> None:
    current = state.experiment()
    index, feature = state.chosen()
    _heading("Kernel")
    feature_chooser(
        "", "Each feature has its own kernel and its own map. This one is set below and shown on the stage."
    )
    options = [*_kernels_by_family(), OWN]
    st.selectbox(
        f"Kernel of feature {index + 1}" if len(current.features) > 1 else "Kernel",
        options,
        options.index(feature.kernel),
        key=state.mirror(f"kernel{index}", feature.kernel),
        format_func=kernel_title,
        on_change=_choose_kernel,
        args=(index,),
        label_visibility="collapsed",
    )
    kernel = kernel_of(feature)
    st.caption(_kernel_words(kernel, current.grey), help=f"{kernel.formula}. {kernel.source}.")
    framed = bank_of(current.features, channels=3).shape[1:3]
    if framed != kernel.weights.shape[:2]:
        st.caption(
            f"Framed with zeros to {framed[0]} × {framed[1]}: a layer has one kernel size, that of its largest."
        )
    if current.grey and kernel.weights.ndim == 3:
        st.caption("On a grey picture its three slices act as one: their sum.")
    set_parameters("sidebar", index)
    # Never opened by the program: it would build its fields anew under the fingers of who types.
    with st.expander("Type the weights"):
        _weight_grid(index, feature)
    st.text_input(
        "Bias",
        format_weight(feature.bias),
        key=state.mirror(f"bias{index}", format_weight(feature.bias), typed=True),
        on_change=_type_bias,
        args=(index,),
        help="Added once to the sum over all channels.",
    )
    _show_typing_error(f"bias{index}", "the bias")


def _kernel_words(kernel: Kernel, grey: bool) -> str:
    words = f"{kernel.finds[:1].upper()}{kernel.finds[1:]}"
    if grey or kernel.weights.ndim == 3 or kernel.key == OWN:
        return words
    return f"{words.rstrip('.')}. So in each of R, G and B; the map is the sum of the three."


@noted
def _choose_kernel(index: int) -> None:
    key = state.value_of(f"kernel{index}")
    if key is not None:
        choose_kernel(index, key)


@cache
def _kernels_by_family() -> tuple[str, ...]:
    family_of = {kernel.key: kernel.family for kernel in LIBRARY.values()}
    family_of |= {kernel.key: kernel.family for kernel in PARAMETRIC.values()}
    order = list(FAMILIES)
    return tuple(sorted(family_of, key=lambda key: order.index(family_of[key])))


def _weight_grid(index: int, feature: Feature) -> None:
    weights = weights_of(feature)
    grey = state.experiment().grey
    rows, cols, channels = len(weights), len(weights[0]), len(weights[0][0])
    size_and_slices("", index, _WIDEST_GRID)
    if max(rows, cols) > _WIDEST_GRID:
        st.caption(f"A {rows} × {cols} kernel is too wide to be typed here; the page Kernels has the room.")
        return
    for c in range(channels):
        name = CHANNELS[c] if channels == 3 else "Grey" if grey else "R, G and B alike"
        st.markdown(f"**{name}**")
        for i in range(rows):
            for j, column in enumerate(st.columns(cols, gap="xxsmall", wrap=False)):
                column.text_input(
                    f"Weight {name}, row {i}, column {j}",
                    format_weight(weights[i][j][c]),
                    key=state.mirror(_cell_key(index, i, j, c), format_weight(weights[i][j][c]), typed=True),
                    on_change=_type_weight,
                    args=(index,),
                    label_visibility="collapsed",
                )
        for i in range(rows):
            for j in range(cols):
                _show_typing_error(_cell_key(index, i, j, c), f"{name}, row {i}, column {j}")


def _cell_key(index: int, row: int, col: int, channel: int) -> str:
    return f"w{index}.{row}.{col}.{channel}"


def _show_typing_error(key: str, where: str) -> None:
    try:
        parse_weight(str(state.value_of(key)))
    except WeightError as error:
        st.error(f"{where[:1].upper()}{where[1:]}: {plain(str(error))} Until then the last good value counts.")


@typed
def _type_weight(index: int) -> None:
    feature = state.experiment().features[index]
    weights = weights_of(feature)

    def typed(i: int, j: int, c: int) -> float:
        try:
            return parse_weight(str(state.value_of(_cell_key(index, i, j, c))))
        except WeightError:
            return weights[i][j][c]

    changed = tuple(
        tuple(tuple(typed(i, j, c) for c in range(len(cell))) for j, cell in enumerate(row))
        for i, row in enumerate(weights)
    )
    take_weights(index, changed)


@noted
def _type_bias(index: int) -> None:
    try:
        bias = parse_weight(str(state.value_of(f"bias{index}")))
    except WeightError:
        return
    state.change_feature(index, bias=bias)


# Stride and padding


def _stride_and_padding() -> None:
    spec = state.experiment().spec
    _heading("Stride and padding")
    for column, axis, value in zip(st.columns(2), ("rows", "columns"), spec.stride, strict=True):
        column.number_input(
            f"Stride, {axis}", 1, 64, key=state.mirror(f"stride_{axis}", value), on_change=_set_stride
        )
    named = isinstance(spec.padding, str)
    st.segmented_control(
        "Padding",
        (*PADDINGS, _NUMBERS),
        required=True,
        key=state.mirror("padding", spec.padding if named else _NUMBERS),
        on_change=_set_padding,
        width="stretch",
    )
    if not isinstance(spec.padding, str):
        sides = ("top", "bottom", "left", "right")
        pads = (*spec.padding[0], *spec.padding[1])
        for column, side, pad in zip(st.columns(4, gap="xxsmall", wrap=False), sides, pads, strict=True):
            column.number_input(
                side.capitalize(), 0, 64, pad, key=state.mirror(f"pad_{side}", pad), on_change=_set_pads
            )
    with st.expander("Dilation, boundary, flip", expanded=False):
        for column, axis, value in zip(st.columns(2), ("rows", "columns"), spec.dilation, strict=True):
            column.number_input(
                f"Dilation, {axis}",
                1,
                16,
                key=state.mirror(f"dilation_{axis}", value),
                on_change=_set_dilation,
            )
        st.selectbox(
            "Boundary: the padding holds",
            BOUNDARIES,
            format_func=_BOUNDARY_WORDS.__getitem__,
            key=state.mirror("boundary", spec.boundary),
            on_change=lambda: state.change_spec(boundary=state.value_of("boundary")),
        )
        st.toggle(
            "Flip the kernel",
            key=state.mirror("flip", state.experiment().flip),
            on_change=lambda: state.change(flip=bool(state.value_of("flip"))),
            help="Off: cross-correlation, which CNN libraries call convolution. On: the mathematician's "
            "convolution, with the kernel turned over in both directions.",
        )


def _values(names: Iterator[str]) -> tuple[object, ...]:
    return tuple(state.value_of(name) for name in names)


@noted
def _set_stride() -> None:
    state.change_spec(stride=_values(f"stride_{axis}" for axis in ("rows", "columns")))


@noted
def _set_dilation() -> None:
    state.change_spec(dilation=_values(f"dilation_{axis}" for axis in ("rows", "columns")))


@noted
def _set_padding() -> None:
    padding = state.value_of("padding")
    if padding == _NUMBERS:
        state.change_spec(padding=1)
    elif padding is not None:
        state.change_spec(padding=padding)


@noted
def _set_pads() -> None:
    top, bottom, left, right = _values(f"pad_{side}" for side in ("top", "bottom", "left", "right"))
    state.change_spec(padding=((top, bottom), (left, right)))


# Features


def _features() -> None:
    _heading("Features")
    count = len(state.experiment().features)
    st.number_input(
        "How many kernels in the bank",
        1,
        MOST_FEATURES,
        key=state.mirror("count", count),
        on_change=_set_count,
        help="Each feature is a kernel of its own with a slice for every channel, and gives one map.",
    )


@noted
def _set_count() -> None:
    count = state.value_of("count")
    if isinstance(count, int):
        state.set_feature_count(count, _NEWCOMERS)
