"""The workbench of the page Kernels: the picture, the kernel that is painted, and its map; undo and redo."""

import streamlit as st

from ui import state
from ui.experiment import OWN, ExperimentError
from ui.feature_edits import feature_chooser, noted, take_weights, weights_of
from ui.images import Resized
from ui.layer import Layer
from ui.lift import lift, match_windows
from ui.paint import read_patch, read_weights, show_paint
from ui.pictures import shown_maps

__all__ = ["choose_feature", "show_workbench"]


def choose_feature() -> None:
    """Show the features of the bank to choose from, and the buttons that take changes back."""
    with st.container(key="kernel_bar", horizontal=True, vertical_alignment="bottom", gap="small"):
        feature_chooser("bar_", "This one is painted, typed and read on this page.")
        # Not Ctrl+Z: that belongs to the field that one types in, and would be taken from it.
        st.button(
            "Undo",
            key="undo",
            on_click=state.undo,
            disabled=not state.can_undo(),
            shortcut="alt+z",
            help="Take back the last change of the bank.",
        )
        st.button(
            "Redo",
            key="redo",
            on_click=state.redo,
            disabled=not state.can_redo(),
            shortcut="alt+shift+z",
            help="Do again what was taken back.",
        )


def show_workbench(picture: Resized, layer: Layer) -> None:
    """Show the picture to lift from, the kernel to paint and the map that follows.

    Parameters
    ----------
    picture : Resized
        The picture of the experiment.
    layer : Layer
        The bank laid on it.
    """
    index, feature = state.chosen()

    @noted
    def paint(report: object) -> None:
        try:
            take_weights(index, read_weights(report))
        except ExperimentError as error:
            state.say(str(error))

    @noted
    def cut(report: object) -> None:
        try:
            patch = read_patch(report, picture.pixels.shape)
            weights = lift(picture.pixels, patch)
        except ExperimentError as error:
            state.say(str(error))
            return
        if not any(any(any(cell) for cell in row) for row in weights):
            state.say(
                f"The patch at row {patch.row}, column {patch.col} has the same colour everywhere: without its "
                "mean nothing is left. Choose one with an edge in it."
            )
            return
        name = f"patch at {patch.row}, {patch.col}"
        state.change_feature(index, kernel=OWN, weights=weights, parameters=(), name=name)

    is_lifted = feature.name.startswith("patch at ")
    matches = match_windows(layer, shown_maps(layer)[index]) if is_lifted else []
    show_paint(
        layer, index, weights_of(feature), state.bank_revision(), matches=matches, on_weights=paint, on_lift=cut
    )
