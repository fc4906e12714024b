"""What the fields of a kernel do to it, and what comes back from a browser that nobody typed."""

import pytest
from streamlit.testing.v1 import AppTest

from ui.experiment import OWN, Experiment, Feature


def page() -> None:
    import streamlit as st

    from ui import state
    from ui.feature_edits import size_and_slices

    state.open_address()
    for sigma in (1.25, 1.6):
        st.button(f"{sigma}", on_click=state.change_feature, args=(0,), kwargs={"parameters": (sigma,)})
    size_and_slices("", 0, 15)
    state.close_address()


@pytest.fixture
def app() -> AppTest:
    app = AppTest.from_function(page)
    app.query_params = Experiment(features=(Feature("gauss", parameters=(1.0,)),)).to_query()
    return app.run()


def feature(app: AppTest) -> Feature:
    return Experiment.from_query(dict(app.query_params)).experiment.features[0]


def sizes(app: AppTest) -> list[float | int | None]:
    return [field.value for field in app.number_input]


def test_fields_that_come_back_as_they_were_told_to_be_do_not_cut_the_kernel(app: AppTest) -> None:
    app.button[0].click().run()
    assert sizes(app) == [9, 9]
    app.button[1].click().run()
    assert sizes(app) == [11, 11]
    # A slow browser answers for the last kernel but one, for both fields at once.
    for field in app.number_input:
        field.set_value(9)
    app.run()
    assert feature(app) == Feature("gauss", parameters=(1.6,))
    assert sizes(app) == [11, 11]


def test_a_size_that_is_typed_makes_the_kernel_one_s_own(app: AppTest) -> None:
    app.button[1].click().run()
    app.number_input[0].set_value(5).run()
    assert feature(app).kernel == OWN
    assert sizes(app) == [5, 11]
