"""ConvScope: see a convolution happen, on your own photo, every number true."""

import streamlit as st

from ui import controls, page, state

st.set_page_config(page_title="ConvScope", page_icon=page.ICON, layout="wide")
page.style()
state.open_address()
chosen = st.navigation(
    [
        st.Page("pages/explore.py", title="Explore", default=True),
        st.Page("pages/kernels.py", title="Kernels"),
        st.Page("pages/stride_and_padding.py", title="Stride and padding"),
        st.Page("pages/signals.py", title="Signals"),
        st.Page("pages/sharing.py", title="Sharing"),
        st.Page("pages/shift.py", title="Shift"),
        st.Page("pages/layers.py", title="Layers"),
        st.Page("pages/learning.py", title="Learning"),
    ],
    position="top",
)
page.asked_page()
controls.sidebar()
chosen.run()
state.close_address()
