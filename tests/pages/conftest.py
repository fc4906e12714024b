"""What all page tests share."""

from typing import Any

import pytest
from streamlit.runtime.pages_manager import PagesManager


@pytest.fixture(autouse=True)
def navigation_as_on_a_server(monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep the test bench from running a page without app.py.

    A server remembers that app.py calls `st.navigation`. The bench forgets it before each run, and would then take
    the folder `pages/` for an app of the old kind.
    """
    make = PagesManager.__init__

    def make_for_navigation(self: PagesManager, *args: Any, **kwargs: Any) -> None:
        PagesManager.uses_pages_directory = False
        make(self, *args, **kwargs)

    monkeypatch.setattr(PagesManager, "__init__", make_for_navigation)
