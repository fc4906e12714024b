"""A browser tab without a browser: the session of a person, run after run."""

from streamlit.testing.v1 import AppTest

from ui import state


def page(act, heard):
    """Run like `app.py`: the address in, what the person does, what is said, the address out."""
    from ui import state

    state.open_address()
    result = act()
    heard.append((result, state.notices()))
    state.close_address()


class Session:
    """One browser tab. Each run returns what the person was told; the address lasts from run to run."""

    def __init__(self, address=None):
        self.app = AppTest.from_function(page)
        self.address = address or {}

    @property
    def address(self):
        return dict(self.app.query_params)

    @address.setter
    def address(self, query):
        self.app.query_params = dict(query)

    def ask(self, question):
        return self._run(question)[0]

    def run(self, act=lambda: None):
        return self._run(act)[1]

    def _run(self, act):
        heard = []
        self.app.args = (act, heard)
        self.app.run(timeout=20)
        assert not self.app.exception, self.app.exception[0].value
        return heard[0]

    @property
    def experiment(self):
        return self.ask(state.experiment)

    @property
    def imposed(self):
        return self.ask(state.imposed)
