"""Edges, then corners, then shapes: up to five layers on the photo, and what a cell of a late one sees."""

import streamlit as st

from ui import idea, page
from ui.stack_editor import choose_stack, edit_stack, shown_picture
from ui.stack_panel import (
    laid,
    question,
    run_key,
    show_notices_of,
    show_patches,
    show_picture,
    show_table,
    show_words,
)
from ui.text import plain

page.through_app("pages/layers.py")
heading = st.container()
stack = choose_stack()
with heading:
    question(stack)
shown = shown_picture(stack)
with st.expander("Change the layers", key="layers_editor"):
    edit_stack(stack)
page.show_notices()
key = run_key(stack, shown)
run = laid(stack, shown, key)
if run.problem:
    before = "The layers before it are shown; change" if run.layers else "Change"
    st.error(f"{plain(run.problem)} {before} it, or take it away.")
if run.layers:
    pin = show_picture(run, key)
    st.caption(f"{shown.words} Rows, columns and cells are counted from 0.")
    picture, words = idea.halves()
    with picture:
        show_patches(run, pin)
        st.markdown("#### The layers in numbers")
        show_table(run)
    with words:
        show_words(stack)
        show_notices_of(stack, shown, run, key)
