"""Stride and padding: what sets the size of the maps, seen on one axis, side by side, and computed both ways."""

import streamlit as st

from conv_engine import ConvError
from ui import page, state
from ui.calculator import show_calculator
from ui.case_panel import show_cases
from ui.coverage_panel import show_real
from ui.experiment import with_full_padding
from ui.layer import build_layer
from ui.one_axis import show_one_axis
from ui.pictures import working_picture
from ui.sentences import shape_sentence
from ui.side_by_side import show_side_by_side

page.through_app("pages/stride_and_padding.py")
experiment = state.experiment()
picture = working_picture(experiment, state.photo())
try:
    layer = build_layer(experiment, picture.pixels)
    page.lead("Stride and padding", shape_sentence(layer))
except ConvError as error:
    layer = None
    page.lead("Stride and padding", "These settings leave no window to slide.")
    page.no_window(error)
part = page.choose_part(
    "sizes",
    {
        "axis": "One axis",
        "beside": "Side by side",
        "real": "How much is real",
        "calculator": "Calculator",
        "cases": "Classic cases",
    },
)
page.show_notices()
if part == "axis":
    show_one_axis(layer)
elif part == "beside":
    show_side_by_side(picture)
elif part == "cases":
    show_cases()
elif part == "calculator":
    if layer is None:
        st.markdown("The calculator begins with **full** padding, which always leaves a window.")
    show_calculator(layer or build_layer(with_full_padding(experiment), picture.pixels))
elif layer is not None:
    show_real(layer)
else:
    st.markdown("With settings that leave a window, it is shown here how much of it is real.")
