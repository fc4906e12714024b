"""The fifteen classic cases on a page: each one click away, and what is sent to its stage."""

import json
from typing import Any

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from ui.classic_cases import CASES, case_picture
from ui.experiment import Place
from ui.message import Imposed
from ui.stage import _now, _told

GROUPS = ("convolutions", "dilated", "transposed")


def panel() -> None:
    from ui import page, state
    from ui.case_panel import show_cases

    state.open_address()
    page.show_notices()
    show_cases()
    state.close_address()


def open_at(**query: str) -> AppTest:
    app = AppTest.from_function(panel, default_timeout=30)
    for name, value in query.items():
        app.query_params[name] = value
    return app.run()


@pytest.fixture
def app() -> AppTest:
    return open_at()


def walk(block: Any) -> Any:
    for node in block.children.values():
        yield node
        if hasattr(node, "children"):
            yield from walk(node)


def sent(app: AppTest) -> dict[str, Any]:
    """Return the header of the one message on the page, and its image."""
    assert not app.exception
    (data,) = [node.proto.bytes for node in walk(app.main) if node.type == "bidi_component"]
    header: dict[str, Any] = json.loads(data[8 : 8 + int.from_bytes(data[4:8], "little")])
    slot = header["arrays"]["image"]
    header["image"] = np.frombuffer(data, slot["dtype"], int(np.prod(slot["shape"])), slot["offset"])
    return header


def choose(app: AppTest, key: str) -> AppTest:
    group = "transposed" if CASES[key].transposed else "dilated" if CASES[key].d > 1 else "convolutions"
    return app.button_group(key=f"cases_{group}").set_value(key).run()


def chosen(app: AppTest) -> list[str]:
    values = [app.button_group(key=f"cases_{group}").value for group in GROUPS]
    return [key for key in values if key is not None]


def words(app: AppTest) -> str:
    return " ".join(element.value for element in app.main.markdown)


def test_all_fifteen_are_there_under_the_papers_names(app: AppTest) -> None:
    names = [option.content for group in GROUPS for option in app.button_group(key=f"cases_{group}").proto.options]
    assert sorted(names) == sorted(case.title for case in CASES.values())
    assert len(names) == 15
    assert chosen(app) == ["no-padding"]


@pytest.mark.parametrize("key", CASES)
def test_one_click_shows_a_case_with_its_sizes_and_its_words(app: AppTest, key: str) -> None:
    case = CASES[key]
    choose(app, key)
    header = sent(app)
    assert chosen(app) == [key]
    assert header["imageShape"] == [case.i, case.i, 1]
    assert header["outputShape"] == [case.output, case.output, 1]
    assert ("transposed" in header) == case.transposed
    np.testing.assert_array_equal(header["image"], case_picture(case).ravel())
    assert f"**{case.title}.** {case.sentence}" in words(app)
    for letter in (f"*s* = {case.s}", f"*k* = {case.k}", f"*p* = {case.p}"):
        assert letter in words(app)
    assert (f"*d* = {case.d}" in words(app)) == (case.d > 1)
    assert (f"*a* = {case.a}" in words(app)) == (case.a > 0)
    assert f"= {case.output}" in words(app)
    assert header["place"]["row"] == header["place"]["col"] == 0


def test_the_address_holds_the_case_and_brings_it_back(app: AppTest) -> None:
    choose(app, "dilation")
    assert app.query_params["case"] == "dilation"
    assert chosen(open_at(case="dilation")) == ["dilation"]
    choose(app, "no-padding")
    assert "case" not in app.query_params


@pytest.mark.parametrize("nonsense", ["", "nothing", "<script>", "no-padding "])
def test_an_address_that_names_no_case_shows_the_first(nonsense: str) -> None:
    assert chosen(open_at(case=nonsense)) == ["no-padding"]


def test_a_click_on_the_chosen_case_leaves_it_chosen(app: AppTest) -> None:
    choose(app, "strides")
    app.button_group(key="cases_convolutions").set_value(None).run()
    assert chosen(app) == ["strides"]
    assert sent(app)["stride"] == [2, 2]


def test_from_one_group_to_another_only_one_is_chosen(app: AppTest) -> None:
    for key in ("dilation", "strides-transposed", "strides"):
        assert chosen(choose(app, key)) == [key]


def test_a_transposed_case_can_be_laid_on_ones_own_picture(app: AppTest) -> None:
    choose(app, "strides-transposed")
    app.button_group(key="case_on").set_value("photo").run()
    header = sent(app)
    assert header["imageShape"] == [32, 32, 1]
    assert header["outputShape"] == [65, 65, 1]
    assert (header["place"]["row"], header["place"]["col"]) == (32, 32)
    assert "input 32 × 32" in words(app)
    assert "output 65 × 65" in words(app)
    assert app.query_params["case_on"] == "photo"
    # Three does not divide by two: the stamps overlap unevenly.
    assert "checkerboard" in app.caption[-1].value
    choose(app, "half-padding-transposed")
    assert sent(app)["outputShape"] == [32, 32, 1]
    assert "checkerboard" not in app.caption[-1].value


def test_only_convolutions_offer_their_settings_for_ones_own_picture(app: AppTest) -> None:
    choose(app, "padding-strides")
    app.button(key="case_settings").click().run()
    (notice,) = [element.value for element in app.warning]
    assert "box kernel of 3 × 3, stride 2, padding 1, dilation 1" in notice.replace("\\", "")
    assert app.query_params["s"] == "2x2"
    assert app.query_params["p"] == "1-1-1-1"
    choose(app, "padding-strides-transposed")
    assert not [button for button in app.button if button.key == "case_settings"]


def test_a_rerun_for_nothing_sends_the_same_bytes(app: AppTest) -> None:
    def data() -> bytes:
        (message,) = [node.proto.bytes for node in walk(app.main) if node.type == "bidi_component"]
        return bytes(message)

    before = data()
    app.run()
    assert data() == before


def test_an_own_stage_begins_anew_only_where_it_shows_something_else() -> None:
    first = Place(1, 2, 0)
    started = _now(None, "a", first, mounted=False)
    assert (started.place, started.imposed) == (first, Imposed(first))
    assert _now(started, "a", first, mounted=False) == started
    assert _now(started, "a", first, mounted=True) == started
    other = _now(started, "b", Place(0, 0, 0), mounted=True)
    assert other.imposed == Imposed(Place(0, 0, 0), 1, 1)


def test_an_own_stage_that_comes_back_to_its_page_is_told_its_place_once() -> None:
    first = Place(0, 0, 0)
    started = _now(None, "a", first, mounted=False)
    moved = type(started)(started.what, Place(3, 4, 0), started.imposed)
    assert _now(moved, "a", first, mounted=True) == moved
    back = _now(moved, "a", first, mounted=False)
    assert back.imposed == Imposed(Place(3, 4, 0), 1, 1)
    assert _now(back, "a", first, mounted=False) == back


def test_the_experiments_stage_comes_back_to_the_place_where_it_was() -> None:
    asked = Imposed(Place(16, 10, 0), 1, 1)
    first = _told(None, asked, asked.place, mounted=False)
    assert first == asked
    # It has reported another cell, and is told what it was told before: the message stays the same.
    assert _told(first, asked, Place(3, 4, 0), mounted=True) == first
    back = _told(first, asked, Place(3, 4, 0), mounted=False)
    assert back.place == Place(3, 4, 0)
    assert _told(back, asked, Place(5, 6, 0), mounted=True) == back
    # Somebody asks for another place: that goes before what was.
    again = Imposed(Place(0, 0, 1), 2, 2)
    assert _told(back, again, Place(0, 0, 1), mounted=True) == again
