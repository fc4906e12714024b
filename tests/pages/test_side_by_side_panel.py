"""Side by side through Streamlit's own test bench: what is sent to the stages, and what the address keeps."""

import json
import struct
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from ui.comparisons import PRESETS
from ui.experiment import Experiment, Feature


def panel() -> None:
    """Run like a page with nothing else on it."""
    from ui import page, state
    from ui.pictures import working_picture
    from ui.side_by_side import show_side_by_side

    state.open_address()
    page.show_notices()
    show_side_by_side(working_picture(state.experiment(), state.photo()))
    state.close_address()


def opened(query: dict[str, str] | None = None) -> AppTest:
    app = AppTest.from_function(panel, default_timeout=30)
    app.query_params = query or {}
    app.run()
    assert not app.exception
    return app


def header_of(data: bytes) -> dict[str, Any]:
    _, length = struct.unpack_from("<4sI", data)
    header: dict[str, Any] = json.loads(data[8 : 8 + length])
    return header


def sent(app: AppTest) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Return the columns, and the headers of the stages' messages, as they are sent to the component."""
    message = app.get("bidi_component")[-1].proto.bytes
    header = header_of(message)
    stages = []
    for column in header["columns"]:
        if "stage" in column:
            slot = header["arrays"][column["stage"]]
            assert slot["dtype"] == "uint8"
            assert slot["offset"] % 8 == 0
            stages.append(header_of(message[slot["offset"] : slot["offset"] + slot["shape"][0]]))
    return header["columns"], stages


def test_it_begins_with_valid_same_and_full() -> None:
    columns, stages = sent(opened())
    assert [column["title"] for column in columns] == ["padding valid", "padding same", "padding full"]
    assert [stage["outputShape"][:2] for stage in stages] == [[30, 30], [32, 32], [34, 34]]


@pytest.mark.parametrize("choice", PRESETS)
def test_each_choice_is_in_the_address_and_comes_back_from_there(choice: str) -> None:
    app = opened()
    app.segmented_control(key="vs_choice").set_value(choice).run()
    assert not app.exception
    query = dict(app.query_params)
    assert query.get("vs", "padding") == choice
    again = opened(query)
    assert again.segmented_control(key="vs_choice").value == choice
    assert sent(again)[0] == sent(app)[0]


def test_only_the_chosen_feature_is_sent_and_the_image_apart_and_once() -> None:
    experiment = Experiment(features=(Feature("box"), Feature("emboss")), size=16)
    app = opened({**experiment.to_query(), "at": "3.4.1", "vs": "flip"})
    _, stages = sent(app)
    assert [[feature["name"] for feature in stage["features"]] for stage in stages] == [["Emboss"], ["Emboss"]]
    assert [stage["flip"] for stage in stages] == [False, True]
    image = header_of(app.get("bidi_component")[-2].proto.bytes)
    assert {stage["imageToken"] for stage in stages} == {image["imageToken"]}
    assert all("image" not in stage["arrays"] for stage in stages)
    assert [(stage["place"]["row"], stage["place"]["col"]) for stage in stages] == [(3, 4), (3, 4)]


def test_own_columns_are_set_each_by_itself_and_kept_in_the_address() -> None:
    app = opened({"vs": "own"})
    app.segmented_control(key="vs_count").set_value("3").run()
    app.selectbox(key="vs_b_s").set_value("3x3").run()
    app.selectbox(key="vs_c_edge").set_value("reflect").run()
    app.toggle(key="vs_a_flip").set_value(True).run()
    assert not app.exception
    for shown in (app, opened(dict(app.query_params))):
        _, stages = sent(shown)
        assert [stage["stride"] for stage in stages] == [[1, 1], [3, 3], [1, 1]]
        assert [stage["boundary"] for stage in stages] == ["zeros", "zeros", "reflect"]
        assert [stage["flip"] for stage in stages] == [True, False, False]
        assert [stage["dilation"] for stage in stages] == [[1, 1], [1, 1], [2, 2]]


def test_a_setting_that_leaves_no_window_has_a_sentence_and_the_others_a_stage() -> None:
    app = opened({"vs": "own", "vs_n": "2", "vs_b": "p.valid~d.16x16"})
    columns, stages = sent(app)
    assert len(stages) == 1
    assert "33" in columns[1]["problem"]
    assert columns[1]["problem"].endswith(".")


@pytest.mark.parametrize("query", [{"vs": "<b>"}, {"vs": "own", "vs_n": "9", "vs_a": "p.9~s.0x0~%"}])
def test_nonsense_in_an_address_falls_back(query: dict[str, str]) -> None:
    columns, stages = sent(opened(query))
    assert len(columns) == len(stages) >= 2


def test_an_odd_setting_of_an_address_is_shown_as_it_is() -> None:
    app = opened({"vs": "own", "vs_a": "s.2x7~p.1-2-0-3"})
    assert app.selectbox(key="vs_a_s").value == "2x7"
    assert app.selectbox(key="vs_a_p").value == "1-2-0-3"
    assert sent(app)[1][0]["stride"] == [2, 7]
