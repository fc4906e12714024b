"""Learning: nobody draws the kernels. One that learns what a hidden one does, and two layers that learn a task."""

import streamlit as st

from ui import page
from ui.learning_net import show_two_layers
from ui.learning_panels import ask, show_one_kernel

page.through_app("pages/learning.py")
question = st.container()
part = page.choose_part("learning", {"one": "One kernel", "net": "Two layers"})
with question:
    ask(part)
page.show_notices()
if part == "net":
    show_two_layers()
else:
    show_one_kernel()
