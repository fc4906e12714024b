"""What the pages of ideas have in common: a question, a picture beside the words, and what to notice."""

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

__all__ = ["halves", "notice", "question"]


def question(asked: str, to_do: str) -> None:
    """Begin a page with the question that it answers, and what one can do to find out.

    Parameters
    ----------
    asked : str
        The question, the page's title.
    to_do : str
        One or two sentences in Markdown: what to drag, press or choose.
    """
    st.markdown(f"# {asked}")
    st.markdown(to_do)


def halves() -> tuple[DeltaGenerator, DeltaGenerator]:
    """Return the places of the picture and of the words beside it; on a narrow screen the words are below it."""
    picture, words = st.columns((5, 3), gap="large")
    return picture, words


def notice(*sentences: str) -> None:
    """Show what to notice in the picture, in Markdown, one line for each sentence."""
    with st.container(border=True):
        st.markdown("**What to notice**")
        st.markdown("\n".join(f"- {sentence}" for sentence in sentences))
