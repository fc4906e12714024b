"""Pick a kernel: the library and the parametric ones, each with its weights and what it does to the picture."""

from collections.abc import Iterator
from html import escape
from typing import NamedTuple

import streamlit as st

from conv_engine import Kernel
from conv_engine.kernels import FAMILIES, LIBRARY
from conv_engine.learned import LEARNED
from conv_engine.parametric import PARAMETRIC
from ui import state
from ui.feature_edits import choose_kernel, set_parameters
from ui.images import Resized
from ui.layer import kernel_of
from ui.page import is_dark
from ui.text import plain
from ui.thumbnails import EFFECT_NOTE, data_uri, effect_picture, kernel_picture, shrunk

__all__ = ["pick_kernel"]


_NOBODY = (
    f"**Nobody designed these.** {len(LEARNED)} filters of 7 × 7 × 3 began as noise and competed for the windows "
    "of the sample photos, whitened first, that each fits best. What came out are edges at several angles, lines "
    "and colours, much like the first layer of a trained network, or the first cells of your own visual system."
)


class _Entry(NamedTuple):
    """A kernel to be picked: a parametric one as it is at its start."""

    key: str
    family: str
    kernel: Kernel
    words: str


def pick_kernel(picture: Resized) -> None:
    """Show the kernels there are, and let one be chosen for the feature that is set.

    Parameters
    ----------
    picture : Resized
        The picture of the experiment, for what each kernel does to it.
    """
    index, feature = state.chosen()
    kernel = kernel_of(feature)
    st.markdown(f"**{plain(kernel.title)}.** {plain(kernel.finds)}")
    st.caption(f"{plain(kernel.formula)}. Source: {plain(kernel.source)}.")
    set_parameters("picker", index)
    search = st.text_input("Search", key="pick_search", placeholder="Sobel, blur, corner, 45°, Daugman …")
    # One family at first: all of them are 200 elements that each change of the page would build anew.
    family = st.pills(
        "Family, or none of them for all",
        list(FAMILIES),
        default="edges",
        format_func=FAMILIES.__getitem__,
        key="pick_family",
    )
    if family == "learned":
        st.markdown(_NOBODY)
    found = list(_found(search, family)) or list(_found(search, None))
    total = len(LIBRARY) + len(PARAMETRIC)
    st.caption(
        f"{len(found)} of {total} kernels: on the left the weights, blue below zero and orange above, or, of "
        f"kernels "
        "that tell red, green and blue apart, in these colours; on the right what the kernel does to this picture."
        if found
        else f"None of the {total} kernels has “{plain(search)}” in its name, its purpose, its formula or its "
        "source. Try fewer letters, or another family.",
        help=EFFECT_NOTE,
    )
    pictures = state.remembered(
        "thumbnails",
        (id(picture.pixels), is_dark()),
        lambda: (_Thumbnails(picture, is_dark()), picture),
    )[0]
    with st.container(key="kernel_cards", horizontal=True, gap="small"):
        for entry in found:
            with st.container(key=f"card_{entry.key}", width=168, gap="xxsmall"):
                st.html(pictures.html(entry))
                title = entry.kernel.title if entry.key in LIBRARY else PARAMETRIC[entry.key].title
                st.button(
                    f"✓ {title}" if entry.key == feature.kernel else title,
                    key=f"pick_{entry.key}",
                    on_click=choose_kernel,
                    args=(index, entry.key),
                    help=plain(entry.kernel.finds),
                    width="stretch",
                )


def _entries() -> Iterator[_Entry]:
    for key, kernel in LIBRARY.items():
        words = (key, kernel.title, kernel.finds, kernel.formula, kernel.source, FAMILIES[kernel.family])
        yield _Entry(key, kernel.family, kernel, " ".join(words).casefold())
    for key, family in PARAMETRIC.items():
        kernel = family.kernel(*(parameter.default for parameter in family.parameters))
        words = (key, family.title, family.finds, family.formula, family.source, FAMILIES[family.family])
        yield _Entry(key, family.family, kernel, " ".join(words).casefold())


def _found(search: str, family: str | None) -> Iterator[_Entry]:
    """Give the kernels of a family whose story holds every word that is searched for."""
    order = {name: place for place, name in enumerate(FAMILIES)}
    words = search.casefold().split()
    for entry in sorted(_entries(), key=lambda entry: order[entry.family]):
        if family in (None, entry.family) and all(word in entry.words for word in words):
            yield entry


class _Thumbnails:
    """The pictures of the cards, each made when it is first seen."""

    def __init__(self, picture: Resized, dark: bool) -> None:
        self._photo, self._dark = shrunk(picture.pixels), dark
        self._made: dict[str, str] = {}

    def html(self, entry: _Entry) -> str:
        if entry.key not in self._made:
            self._made[entry.key] = self._pair(entry.kernel)
        return self._made[entry.key]

    def _pair(self, kernel: Kernel) -> str:
        weights = data_uri(kernel_picture(kernel.weights, self._dark))
        effect = data_uri(effect_picture(self._photo, kernel.weights, dark=self._dark))
        return (
            f'<div class="kernel-card"><img src="{weights}" alt="weights of {escape(kernel.title)}">'
            f'<img src="{effect}" alt="what {escape(kernel.title)} does to the picture"></div>'
        )
