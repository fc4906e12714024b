"""The sliding window on a photo: the picture, the arithmetic of one step, and the feature map that grows."""

import streamlit as st

from conv_engine import ConvError
from ui import page, state
from ui.downloads import stage_download
from ui.layer import build_layer
from ui.pictures import working_picture
from ui.sentences import picture_sentence, window_sentence
from ui.stage import show_stage

page.through_app("pages/explore.py")
experiment = state.experiment()
picture = working_picture(experiment, state.photo())
page.show_notices()
try:
    layer = build_layer(experiment, picture.pixels)
    page.lead("See a convolution happen", window_sentence(layer))
    show_stage(layer)
    stage_download(experiment, layer, picture_sentence(experiment, picture))
except ConvError as error:
    page.lead("See a convolution happen", "These settings leave no window to slide.")
    page.no_window(error)
st.caption(f"Picture: {picture.note}. Pixel values from 0 to {1 if experiment.unit else 255}.")
