"""Stride and padding: what sets the size of the maps, seen on one axis, side by side, and computed both ways."""

import streamlit as st
from ui.calculator import show_calculator
from ui.case_panel import show_cases
from ui.coverage_panel import show_real
from ui.one_axis import show_one_axis
from ui.side_by_side import show_side_by_side

from conv_engine import ConvError
from ui import page, state
from ui.layer import build_layer
from ui.pictures import working_picture
from ui.sentences import shape_sentence
from ui.text import plain

page.through_app("pages/stride_and_padding.py")
experiment = state.experiment()
picture = working_picture(experiment, state.photo())
try:
    layer = build_layer(experiment, picture.pixels)
    page.lead("Stride and padding", shape_sentence(layer))
except ConvError as error:
    layer = None
    page.lead("Stride and padding", "These settings leave no window to slide.")
    st.error(f"{plain(str(error))}. Choose a smaller kernel or dilation, a larger working size, or more padding.")
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
elif layer is None:
    st.markdown("With settings that leave a window, its sizes are shown here.")
elif part == "real":
    show_real(layer)
else:
    show_calculator(layer)
