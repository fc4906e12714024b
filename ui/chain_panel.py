"""A chain of layers to build and to follow: the size, the receptive field, the jump and the start behind each."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np
import streamlit as st

from ui import state
from ui.chain_text import (
    KINDS,
    LARGEST_SIDE,
    MOST_LAYERS,
    Chain,
    ChainError,
    Link,
    format_chain,
    format_padding,
    format_pair,
    parse_chain,
    parse_padding,
    parse_pair,
)
from ui.feature_edits import noted
from ui.layer import Layer
from ui.page import is_dark
from ui.receptive_figure import RECEPTIVE_SOURCE, followed, receptive_html, receptive_table, receptive_words
from ui.text import plain
from ui.thumbnails import as_png, shrunk

__all__ = ["CHAIN_PRESETS", "ChainPreset", "show_chain", "starting_chain"]

_DETAIL = "chain"
_MOST_REPEATED = 3
_PICTURE_SIDE = 220


@dataclass(frozen=True)
class ChainPreset:
    """A chain of layers from the literature.

    Attributes
    ----------
    title : str
        What it is called.
    text : str
        The chain, as `ui.chain_text` writes it.
    source : str
        Where it is from, as a sentence.
    """

    title: str
    text: str
    source: str


_ALEXNET = "227x227.c11s4.m3s2.c5p2.m3s2.c3p1.c3p1.c3p1.m3s2"
_VGG = "224x224.c3p1.c3p1.m2s2.c3p1.c3p1.m2s2.c3p1.c3p1.c3p1.m2s2"

CHAIN_PRESETS: Mapping[str, ChainPreset] = MappingProxyType(
    {
        "lenet": ChainPreset(
            "LeNet-5",
            "32x32.c5.m2s2.c5.m2s2.c5",
            "Y. LeCun, L. Bottou, Y. Bengio and P. Haffner, “Gradient-based learning applied to document "
            "recognition”, Proceedings of the IEEE 86(11), 1998, figure 2: C1, S2, C3, S4 and C5.",
        ),
        "alexnet": ChainPreset(
            "AlexNet",
            _ALEXNET,
            "A. Krizhevsky, I. Sutskever and G. E. Hinton, “ImageNet classification with deep convolutional "
            "neural networks”, NIPS 2012, figure 2: the convolutions with their poolings. The paper says 224 × "
            "224; the 55 × 55 cells of its first layer need 227.",
        ),
        "vgg": ChainPreset(
            "VGG-16, blocks 1 to 3",
            _VGG,
            "K. Simonyan and A. Zisserman, “Very deep convolutional networks for large-scale image recognition”, "
            "arXiv:1409.1556, 2014, table 1, column D.",
        ),
        "resnet": ChainPreset(
            "ResNet-18, stem and stage 1",
            "224x224.c7s2p3.m3s2p1.c3p1.c3p1.c3p1.c3p1",
            "K. He, X. Zhang, S. Ren and J. Sun, “Deep residual learning for image recognition”, "
            "arXiv:1512.03385, 2015, table 1: conv1 and conv2_x. Shortcuts see less than what they go past, and "
            "change nothing here.",
        ),
        "context": ChainPreset(
            "Dilated context",
            "64x64.c3p1.c3p1.c3p2d2.c3p4d4.c3p8d8.c3p16d16.c3p1.c1",
            "F. Yu and V. Koltun, “Multi-scale context aggregation by dilated convolutions”, arXiv:1511.07122, "
            "2015, table 1.",
        ),
    }
)
"""Chains to begin with."""


def starting_chain(layer: Layer) -> Chain:
    """Return the chain to begin with: the experiment's layer, three times on one another, or as often as fits.

    Parameters
    ----------
    layer : Layer

    Returns
    -------
    Chain
        On the experiment's picture.
    """
    spec = layer.plan.spec
    rows, cols = layer.bank.shape[1:3]
    link = Link("c", (rows, cols), spec.stride, spec.padding, spec.dilation)
    stages, _ = followed(layer.plan.image_shape[:2], Chain((link,) * _MOST_REPEATED).layers())
    return Chain((link,) * max(len(stages), 1))


def show_chain(layer: Layer) -> None:
    """Show a chain of layers to build, its drawing and its table.

    Parameters
    ----------
    layer : Layer
        The experiment on its picture: where the chain lies if it has no size of its own.
    """
    start = starting_chain(layer)
    text = state.detail(_DETAIL)
    chain = start
    if text:
        try:
            chain = parse_chain(text)
        except ChainError as error:
            st.warning(f"The chain in the address cannot be read. {plain(str(error))} Here is another one.")
    size = chain.size or layer.plan.image_shape[:2]
    st.markdown(
        "Lay layers on one another, and see how much of the picture one cell of each sees: its **receptive "
        "field**."
    )
    _presets(chain, start)
    stages, problem = followed(size, chain.layers())
    edit, drawing = st.columns((4, 5), gap="large")
    with edit:
        _edit(chain, layer.plan.image_shape[:2])
    with drawing:
        if stages:
            picture = _picture(layer) if chain.size is None else None
            st.html(receptive_html(size, stages, is_dark(), picture=picture))
            st.markdown(receptive_words(size, stages))
            if len(stages) > 1:
                st.caption("Each outline is a cell in the middle of those that the next outline is made of.")
    if problem:
        st.error(f"{plain(problem)} {'The table goes up to there.' if stages else ''}")
    st.html(receptive_table(size, stages, is_dark()))
    st.caption(
        "Behind each layer, with e = d·(k − 1) + 1 and p before: **field** r + (e − 1)·j, **jump** j·s, first "
        "pixel of the first field f − p·j, and **start**, its centre, f + (r − 1) / 2. Before the first layer "
        f"r = 1, j = 1, f = 0. Rows × columns where they differ. {RECEPTIVE_SOURCE}."
    )


def _picture(layer: Layer) -> bytes | None:
    if layer.pixels.dtype != np.uint8:
        return None

    def make() -> tuple[bytes, object]:
        small = shrunk(layer.pixels.astype(np.uint8, copy=False), _PICTURE_SIDE)
        return as_png(small if small.shape[2] == 3 else small[:, :, 0]), layer.pixels

    return state.remembered("chain picture", id(layer.pixels), make)[0]


def _change(chain: Chain, *, shown: int | None = None) -> None:
    """Write another chain into the address; what was typed for the one before is forgotten."""
    state.set_detail(_DETAIL, format_chain(chain))
    if shown is not None:
        state.keep("chain layer", shown)
        state.forget_typed("chain_")


# Presets


def _presets(chain: Chain, start: Chain) -> None:
    texts = {"layer": format_chain(start), **{key: preset.text for key, preset in CHAIN_PRESETS.items()}}
    titles = {"layer": "This layer", **{key: preset.title for key, preset in CHAIN_PRESETS.items()}}
    current = next((key for key, text in texts.items() if text == format_chain(chain)), None)

    @noted
    def take() -> None:
        key = state.value_of("chain_preset")
        if key in CHAIN_PRESETS:
            _change(parse_chain(texts[key]), shown=0)
        elif key == "layer":
            state.set_detail(_DETAIL, "")
            state.keep("chain layer", 0)
            state.forget_typed("chain_")

    st.pills(
        "Begin with",
        tuple(texts),
        format_func=titles.__getitem__,
        key=state.mirror("chain_preset", current),
        on_change=take,
        wrap=True,
    )
    if current is not None and current in CHAIN_PRESETS:
        st.caption(plain(CHAIN_PRESETS[current].source))
    elif current is not None:
        times = f"{len(start.links)} times on one another" if len(start.links) > 1 else "once"
        st.caption(f"The layer of the experiment, {times}.")


# Editing


def _edit(chain: Chain, own: tuple[int, int]) -> None:
    shown = min(state.kept("chain layer") or 0, len(chain.links) - 1)
    _text_field(
        "Picture, in pixels",
        "chain_size",
        "" if chain.size is None else "{} × {}".format(*chain.size),
        lambda text: _change(Chain(chain.links, _size(text))),
        _size,
        placeholder=f"{own[0]} × {own[1]}, the experiment's picture",
        help=f"Rows × columns, such as 224 × 224, up to {LARGEST_SIDE:,}. Empty: the experiment's own picture.",
    )
    st.pills(
        "Layer to set",
        range(len(chain.links)),
        format_func=lambda index: _title(chain, index),
        required=True,
        key=state.mirror("chain_layer", shown),
        on_change=_choose,
        wrap=True,
    )
    _fields(chain, shown)
    _buttons(chain, shown)
    with st.expander("The chain as text"):
        _text_field(
            "Layers, one after the other",
            "chain_text",
            format_chain(chain),
            lambda text: _change(parse_chain(text), shown=0),
            parse_chain,
            help="c is a convolution and m a pooling, then the kernel; s stride, p padding, d dilation. "
            "7x1 means 7 rows and 1 column.",
        )


def _title(chain: Chain, index: int) -> str:
    link = chain.links[index]
    kernel = "{} × {}".format(*link.kernel)
    stride = f", stride {format_pair(link.stride).replace('x', ' × ')}" if link.stride != (1, 1) else ""
    return f"{chain.names[index]}: {kernel}{stride}"


@noted
def _choose() -> None:
    index = state.value_of("chain_layer")
    if isinstance(index, int):
        state.keep("chain layer", index)
        state.forget_typed("chain_f")


def _fields(chain: Chain, index: int) -> None:
    link = chain.links[index]

    @noted
    def take_kind() -> None:
        kind = state.value_of("chain_fkind")
        if kind in KINDS:
            _change(chain.changed(index, _with(link, kind=kind)))

    st.segmented_control(
        "Kind",
        tuple(KINDS),
        format_func=KINDS.__getitem__,
        required=True,
        key=state.mirror("chain_fkind", link.kind),
        on_change=take_kind,
    )
    left, right = st.columns(2, wrap=False)
    both = "One number, or two such as 3 × 5 for rows and columns."
    for column, name, values in (
        (left, "kernel", link.kernel),
        (right, "stride", link.stride),
        (left, "padding", link.padding),
        (right, "dilation", link.dilation),
    ):
        with column:
            read = _reader(name)
            _text_field(
                name.capitalize(),
                f"chain_f{name}",
                format_padding(link.padding) if name == "padding" else format_pair(values),  # type: ignore[arg-type]  # a pair by now
                lambda text, name=name, read=read: _change(  # type: ignore[misc]  # bound where it is made
                    chain.changed(index, _with(link, **{name: read(text)}))
                ),
                read,
                help="valid, same, full; a number for every side; 1 × 2 for rows and columns; or 0-1-0-1 for top, "
                "bottom, left and right."
                if name == "padding"
                else both,
            )


def _reader(name: str) -> Callable[[str], object]:
    return parse_padding if name == "padding" else lambda text: parse_pair(text, f"The {name}")


def _with(link: Link, **parts: object) -> Link:
    values = {name: getattr(link, name) for name in ("kind", "kernel", "stride", "padding", "dilation")}
    return Link(**{**values, **parts})


def _size(text: str) -> tuple[int, int] | None:
    return parse_pair(text, "The picture", LARGEST_SIDE) if text.strip() else None


def _text_field(
    title: str,
    key: str,
    value: str,
    take: Callable[[str], None],
    read: Callable[[str], object],
    *,
    help: str,
    placeholder: str | None = None,
) -> None:
    """Show a field of text; what cannot be read is said below it, and stays there to be corrected."""

    @noted
    def typed() -> None:
        try:
            take(str(state.value_of(key) or ""))
        except ChainError:
            return

    st.text_input(
        title, key=state.mirror(key, value, typed=True), on_change=typed, help=help, placeholder=placeholder
    )
    try:
        read(str(state.value_of(key) or ""))
    except ChainError as error:
        st.error(f"{plain(str(error))} Until then the last good value counts.")


def _buttons(chain: Chain, index: int) -> None:
    count = len(chain.links)
    full = count >= MOST_LAYERS
    with st.container(horizontal=True, gap="small"):
        for title, key, action, off in (
            (
                "Add a convolution",
                "chain_add_conv",
                lambda: _change(chain.added(index + 1, Link("c")), shown=index + 1),
                full,
            ),
            (
                "Add a pooling",
                "chain_add_pool",
                lambda: _change(chain.added(index + 1, Link("m", (2, 2), (2, 2))), shown=index + 1),
                full,
            ),
            ("Move up", "chain_up", lambda: _change(chain.moved(index, index - 1), shown=index - 1), index == 0),
            (
                "Move down",
                "chain_down",
                lambda: _change(chain.moved(index, index + 1), shown=index + 1),
                index == count - 1,
            ),
            (
                "Remove",
                "chain_remove",
                lambda: _change(chain.removed(index), shown=max(index - 1, 0)),
                count == 1,
            ),
        ):
            st.button(title, key=key, on_click=noted(action), disabled=off)
    if full:
        st.caption(f"A chain has up to {MOST_LAYERS} layers.")
