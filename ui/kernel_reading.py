"""Read a kernel: its numbers, what they mean in words, its frequency response, and what it does to an edge."""

import streamlit as st

from conv_engine.arrays import Doubles
from conv_engine.reading import Edge, KernelReading, Parity, read_kernel
from ui import state
from ui.feature_edits import CHANNELS
from ui.kernel_charts import (
    CHART_CONFIG,
    FREQUENCY_NOTE,
    edge_profile_figure,
    frequency_image,
    frequency_surface,
)
from ui.kernel_words import kernel_sentences, number_text, pair_text
from ui.layer import kernel_of
from ui.page import is_dark
from ui.text import plain

__all__ = ["read_feature"]

_EDGES = {
    Edge.RIGHT: "Vertical",
    Edge.BELOW: "Horizontal",
    Edge.LOWER_RIGHT: "Diagonal ↗",
    Edge.UPPER_RIGHT: "Diagonal ↘",
}
_SYMMETRIES = {
    "left_right": "left and right swapped",
    "top_bottom": "top and bottom swapped",
    "half_turn": "turned by 180°",
    "diagonal": "mirrored at the diagonal ↘",
    "antidiagonal": "mirrored at the diagonal ↙",
}
_PARITIES = {Parity.EVEN: "the same", Parity.ODD: "its negative"}


def read_feature() -> None:
    """Show what there is to know of the kernel that is set."""
    experiment = state.experiment()
    weights = kernel_of(state.chosen()[1]).weights
    reading = read_kernel(weights)
    words, numbers = st.columns([3, 2], gap="large")
    with words:
        st.markdown("#### In words")
        sentences = kernel_sentences(weights, experiment.flip, picture_channels=1 if experiment.grey else 3)
        st.markdown("\n".join(f"- {plain(sentence)}" for sentence in sentences))
    with numbers:
        st.markdown("#### In numbers")
        st.table(_numbers(reading), border="horizontal")
    frequencies, edges = st.columns(2, gap="large")
    with frequencies:
        st.markdown("#### Its frequency response")
        _frequencies(weights)
    with edges:
        st.markdown("#### What it makes of an edge")
        edge = st.segmented_control(
            "Edge",
            list(_EDGES),
            default=Edge.RIGHT,
            required=True,
            format_func=_EDGES.__getitem__,
            key="read_edge",
            label_visibility="collapsed",
        )
        figure = edge_profile_figure(weights, is_dark(), edge=edge or Edge.RIGHT, flip=experiment.flip)
        st.plotly_chart(figure, theme=None, config=dict(CHART_CONFIG), key="edge_profile")
        st.caption(
            "A picture that is 0 on one side and 1 on the other, and the map across the edge, computed by the "
            "engine"
            f"{', the kernel flipped' if experiment.flip else ''}."
        )


def _frequencies(weights: Doubles) -> None:
    surface = st.toggle("As a surface to turn", key="read_surface")
    if surface:
        figure = frequency_surface(weights, is_dark())
        st.plotly_chart(figure, theme=None, config=dict(CHART_CONFIG), key="frequency_surface")
        st.caption(
            "Drag to turn it. Its height and its colour say by how much stripes of each kind are multiplied."
        )
    else:
        st.image(frequency_image(weights), alt="frequency response, the middle being flat areas", width=390)
        st.caption(FREQUENCY_NOTE)


def _numbers(reading: KernelReading) -> dict[str, list[str]]:
    rows, cols, channels = reading.shape
    table = {
        "Size": f"{rows} × {cols}" + (f" × {channels}" if channels > 1 else ", the same for each channel"),
        "Sum": number_text(reading.total),
        "Mean": number_text(reading.mean),
        "Norm": f"{number_text(reading.norm)}, by which noise is multiplied",
        "Least and greatest": f"{number_text(reading.smallest)} and {number_text(reading.largest)}",
    }
    if channels > 1:
        sums = (f"{name} {number_text(total)}" for name, total in zip(CHANNELS, reading.channel_sums, strict=True))
        table["Sum of each slice"] = ", ".join(sums)
    for name, words in _SYMMETRIES.items():
        parity = getattr(reading, name)
        if parity is not Parity.NEITHER:
            table[words[:1].upper() + words[1:]] = _PARITIES[parity]
    table["Rank"] = ", ".join(map(str, dict.fromkeys(reading.ranks)))
    pairs = [pair_text(pair) for pair in reading.pairs if pair is not None]
    if reading.is_separable and pairs:
        table["As column · row"] = "; ".join(dict.fromkeys(pairs))
    return {"": list(table), "This kernel": list(table.values())}
