"""What all pages look like: their style, their head, and the sentences for the person."""

from collections.abc import Mapping
from pathlib import Path

import streamlit as st

from conv_engine import ConvError
from ui import state
from ui.text import capital, plain

__all__ = [
    "ICON",
    "asked_page",
    "choose_part",
    "is_dark",
    "lead",
    "no_window",
    "show_notices",
    "style",
    "through_app",
]

_ASSETS = Path(__file__).resolve().parent.parent / "assets"
# A file of ours: a named icon would be fetched from a font server at run time.
ICON = _ASSETS / "icon.svg"


def style() -> None:
    """Apply the style sheet of the app."""
    st.html(_ASSETS / "style.css")


def is_dark() -> bool:
    """Tell whether the person's browser shows the app in its dark theme."""
    return st.context.theme.type == "dark"


def through_app(script: str) -> None:
    """Go back to `app.py` where Streamlit has run a page without it; the first line of each page.

    Until `st.navigation` is called for the first time, a new server takes the folder `pages/` for pages of the old
    kind, and runs one by itself if the browser asks for it.

    Parameters
    ----------
    script : str
        The page's own, as `app.py` registers it: `app.py` comes back to it.
    """
    if not state.is_open():
        state.keep("asked page", script)
        st.switch_page("app.py", query_params=state.address())


def asked_page() -> None:
    """Go to the page that was asked for before `app.py` had run; called by `app.py` when the pages are known."""
    script = state.kept("asked page")
    if script is not None:
        state.keep("asked page", None)
        st.switch_page(script, query_params=state.address())


def lead(title: str, sentence: str) -> None:
    """Show a page's title, and the sentence that says what one is looking at."""
    st.markdown(f"# {title}")
    st.markdown(sentence)


def choose_part(name: str, parts: Mapping[str, str]) -> str:
    """Show the parts of a page to choose from; the chosen one is in the address.

    Parameters
    ----------
    name : str
        Of the parameter in the address.
    parts : mapping of str to str
        The parts' titles by their keys, which stand in the address; the first is shown to begin with.

    Returns
    -------
    str
        The key of the chosen one.
    """
    first = next(iter(parts))
    asked = state.detail(name, first)
    chosen = asked if asked in parts else first
    key = state.mirror(f"part_{name}", chosen)
    st.segmented_control(
        "What to do",
        tuple(parts),
        format_func=parts.__getitem__,
        default=chosen,
        required=True,
        key=key,
        on_change=lambda: state.set_detail(name, str(state.value_of(key) or first)),
        label_visibility="collapsed",
        width="stretch",
    )
    return chosen


def no_window(error: ConvError) -> None:
    """Say why the settings leave no window to slide, and what would leave one."""
    st.error(
        f"{plain(capital(str(error)))}. Choose a smaller kernel or dilation, a larger working size, or more "
        "padding."
    )


def show_notices() -> None:
    """Show what the session has to say to the person."""
    sentences = [plain(sentence) for sentence in state.notices()]
    # Always there: an element that comes and goes moves those below it, and a component may then be mounted anew.
    place = st.empty()
    if sentences:
        place.warning("\n".join(f"- {sentence}" for sentence in sentences) if len(sentences) > 1 else sentences[0])
