"""What a person can take away from a page."""

from functools import partial

import streamlit as st

from ui.experiment import Experiment
from ui.exports import file_name, layer_html, most_bytes
from ui.layer import Layer

__all__ = ["stage_download"]

_LARGEST = 20
"""Megabytes: what one sends by mail, or opens from a course page without a thought."""


def stage_download(experiment: Experiment, layer: Layer, note: str) -> None:
    """Offer the stage as a web page of its own; where that would be huge, say so.

    Parameters
    ----------
    experiment : Experiment
        Its place is where the page opens.
    layer : Layer
        What the stage shows.
    note : str
        Where the picture is from; a line below the stage.
    """
    megabytes = most_bytes(layer) / 1e6
    if megabytes > _LARGEST:
        rows, cols, _ = layer.plan.image_shape
        maps = "1 map" if len(layer.names) == 1 else f"{len(layer.names)} maps"
        st.caption(
            f"As a web page of its own this stage would have up to {megabytes:.0f} MB, and {_LARGEST} MB are the "
            f"limit: there would be {rows:,} × {cols:,} pixels and {maps} in it. Choose a smaller working size "
            "for that."
        )
        return
    st.download_button(
        "Download this stage as a web page",
        # Made at the click: most runs of the page are for something else.
        partial(layer_html, layer, experiment.place, note),
        file_name(experiment, layer),
        "text/html",
        key="download_stage",
        help="One file that works by itself, without a network: for a course page, a slide, a colleague. The "
        "picture is in it, your own photo too, as large as it is shown here.",
        on_click="ignore",
    )
