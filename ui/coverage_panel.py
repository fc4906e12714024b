"""How much is real: what feeds each cell, what is used how often, and what padding does to the border."""

from collections.abc import Hashable
from dataclasses import replace

import streamlit as st

from conv_engine import Plan2D, plan2d
from ui import idea, state
from ui.border_curve import border_curve, curve_html
from ui.coverage_pictures import (
    border_dimming,
    boundary_html,
    boundary_tiles,
    coverage_html,
    coverage_tiles,
    coverage_words,
)
from ui.experiment import OWN, Place
from ui.layer import Layer
from ui.page import is_dark
from ui.text import plain

__all__ = ["show_real"]


def show_real(layer: Layer) -> None:
    """Show how much of the layer's cells is real, and what padding does to their border.

    Parameters
    ----------
    layer : Layer
        The experiment on its picture. Without padding there is no border to be looked at: that is said, with a
        button that sets “same”.
    """
    plan = layer.plan
    is_padded = plan.pads != ((0, 0), (0, 0))
    if not is_padded:
        _say_unpadded(plan)
    _show_counts(plan)
    if is_padded:
        _show_border(layer)
        _show_boundaries(layer)


def _say_unpadded(plan: Plan2D) -> None:
    spec = plan.spec
    same = plan2d(plan.image_shape, plan.bank_shape, stride=spec.stride, padding="same", dilation=spec.dilation)
    if same.pads == ((0, 0), (0, 0)):
        st.markdown(
            f"At this stride a kernel of {plan.bank_shape[1]} × {plan.bank_shape[2]} needs no padding, not "
            "even for “same”: every cell is made of real pixels alone."
        )
        return
    st.markdown(
        "There is **no padding**: every cell is made of real pixels alone. With “same” there is a border to see."
    )
    st.button("Set “same”", key="set_same", on_click=state.change_spec, kwargs={"padding": "same"})


def _show_counts(plan: Plan2D) -> None:
    picture, words = idea.halves()
    with picture:
        dark = is_dark()
        st.html(state.remembered("coverage", (plan, dark), lambda: coverage_html(coverage_tiles(plan, dark))))
    with words:
        idea.notice(*coverage_words(plan))


def _key(layer: Layer) -> tuple[Hashable, ...]:
    shown = replace(state.experiment(), place=Place())
    return shown, state.photo() if shown.picture == OWN else None, layer.plan, state.chosen()[0]


def _show_border(layer: Layer) -> None:
    index = state.chosen()[0]
    dimming = state.remembered("dimming", _key(layer), lambda: border_dimming(layer, feature=index))
    curve = state.remembered("curve", _key(layer), lambda: border_curve(layer, feature=index))
    st.markdown("#### What zeros do to the border")
    picture, words = idea.halves()
    with picture:
        st.html(curve_html(curve, is_dark()))
    with words:
        name = plain(layer.names[index])
        without = ", without its bias" if layer.bias[index] else ""
        idea.notice(
            f"This is the map of {name}{without}: the mean of |value| over all cells at the same distance from "
            f"the border of the map. {curve.sentence}",
            plain(dimming.sentence),
        )


def _show_boundaries(layer: Layer) -> None:
    index, dark = state.chosen()[0], is_dark()
    st.markdown("#### The same corner under the four boundaries")

    def make() -> tuple[str, str]:
        found = boundary_tiles(layer, dark, feature=index)
        return found.note, boundary_html(found, dark)

    note, html = state.remembered("boundaries", (*_key(layer), dark), make)
    st.markdown(f"{note} The line in each picture is where its padding begins.")
    st.html(html)
