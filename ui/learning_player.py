"""The bridge to `assets/learning`: a run that is recorded here and played in the browser, without the server."""

import hashlib
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import streamlit as st

from ui.learn_kernel import Run
from ui.message import blob

__all__ = ["pack_run", "show_player"]

_FOLDER = Path(__file__).resolve().parent.parent / "assets" / "learning"

_component = st.components.v2.component(
    "convscope_learning",
    html='<div class="learning-root"></div>',
    css=(_FOLDER / "learning.css").read_text(encoding="utf-8"),
    js=(_FOLDER / "learning.bundle.js").read_text(encoding="utf-8"),
)


def pack_run(run: Run, names: Sequence[str]) -> bytes:
    """Write a run as a message; `assets/learning/run.js` reads it.

    Parameters
    ----------
    run : Run
        All its steps are sent: some 20 kB for a kernel of 3 × 3, beside the picture and the wanted maps.
    names : sequence of str
        Of the hidden kernels, shown when they are revealed.

    Returns
    -------
    bytes
    """
    header = {
        "names": list(names),
        # Other kernels are covered again; the same ones are not.
        "secret": hashlib.blake2b(run.hidden.tobytes(), digest_size=8).hexdigest(),
        "trouble": run.trouble,
    }
    arrays = {
        "picture": run.picture,
        "hidden": run.hidden,
        "wanted": run.wanted.transpose(2, 0, 1),
        "weights": run.weights,
        "losses": run.losses,
    }
    return blob(header, {name: np.ascontiguousarray(array, dtype="<f8") for name, array in arrays.items()})


def show_player(message: bytes) -> None:
    """Show the player with a run.

    Parameters
    ----------
    message : bytes
        From `pack_run`.
    """
    # With a key, or a warning above would mount the player anew.
    with st.container(key="learning_frame", gap=None):
        _component(data=message, key="learning_player")
