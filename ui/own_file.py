"""A field for a file of a person's own, which is empty again when the file was taken or refused."""

from collections.abc import Callable, Sequence

import streamlit as st

from ui import state
from ui.feature_edits import noted

__all__ = ["own_file"]


def own_file(
    label: str, name: str, types: Sequence[str], take: Callable[[bytes, str], None], refused: str, help_text: str
) -> None:
    """Show a field for a file.

    Parameters
    ----------
    label : str
        Over the field.
    name : str
        Of the field, one for each kind of file.
    types : sequence of str
        The ends of the files' names.
    take : callable
        Takes the bytes and the name of a file. Raises a ValueError with a sentence for the person if it cannot be
        used.
    refused : str
        The sentence that follows then: what stays as it was.
    help_text : str
        What can be chosen.
    """
    key = f"file_{name}.{state.kept(_counter(name)) or 0}"
    st.file_uploader(
        label, type=list(types), key=key, on_change=_load, args=(key, name, take, refused), help=help_text
    )


@noted
def _load(key: str, name: str, take: Callable[[bytes, str], None], refused: str) -> None:
    file = state.value_of(key)
    if file is None:
        return
    # An empty field again: the same file may be chosen once more, and one that was refused does not seem loaded.
    state.keep(_counter(name), (state.kept(_counter(name)) or 0) + 1)
    try:
        take(file.getvalue(), file.name)
    except ValueError as error:
        state.say(f"{file.name}: {error} {refused}")


def _counter(name: str) -> str:
    return f"files chosen: {name}"
