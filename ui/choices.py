"""Choices of a page: each stands in the address, so that a link or a reload brings it back."""

from collections.abc import Mapping, Sequence

import streamlit as st

from ui import state

__all__ = ["choose", "reseed", "same", "seed_of"]

_SEED_DIGITS = 4


def same(options: Sequence[str]) -> dict[str, str]:
    """Return options whose words are what stands in the address."""
    return {option: option for option in options}


def choose(kind: str, title: str, name: str, options: Mapping[str, str], default: str) -> str:
    """Show a choice.

    Parameters
    ----------
    kind : str
        ``"slider"``, ``"select"``, ``"pills"`` or ``"segments"``.
    title : str
        What is chosen.
    name : str
        Of the parameter in the address.
    options : mapping of str to str
        The words for people by what stands in the address.
    default : str
        One of the options: what counts where the address says nothing, or nothing that makes sense.

    Returns
    -------
    str
        The chosen option.
    """
    asked = state.detail(name, default)
    chosen = asked if asked in options else default
    key = state.mirror(f"choice_{name}", chosen)

    def take() -> None:
        state.set_detail(name, str(state.value_of(key) or default))

    if kind == "slider":
        st.select_slider(title, list(options), format_func=options.__getitem__, key=key, on_change=take)
    elif kind == "select":
        st.selectbox(title, list(options), format_func=options.__getitem__, key=key, on_change=take)
    elif kind == "pills":
        st.pills(title, list(options), required=True, format_func=options.__getitem__, key=key, on_change=take)
    else:
        st.segmented_control(
            title, list(options), required=True, format_func=options.__getitem__, key=key, on_change=take
        )
    return chosen


def seed_of(name: str) -> int:
    """Return the seed that stands in the address; 1 where it says nothing, or nothing that makes sense."""
    text = state.detail(name, "1")
    return int(text) if text.isascii() and text.isdigit() and len(text) <= _SEED_DIGITS else 1


def reseed(name: str, seed: int) -> None:
    """Take the next seed; for the callbacks of buttons."""
    state.set_detail(name, str((seed + 1) % 10**_SEED_DIGITS))
