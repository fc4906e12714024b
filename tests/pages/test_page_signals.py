"""The Signals page through Streamlit's own test bench: its parts, its settings in the address, its sentences."""

import io
import json
import re
import wave
from pathlib import Path

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from ui.signal_presets import EXAMPLES, SIGNALS

APP = Path(__file__).resolve().parents[2] / "app.py"
PARTS = ("two", "series", "sound", "sentence")


def opened(part: str = "two", **query: str) -> AppTest:
    app = AppTest.from_file(APP, default_timeout=30)
    app.query_params = {"signal": part, **query}
    app.run()
    app.switch_page("pages/signals.py").run()
    assert not app.exception
    return app


def text(app: AppTest) -> str:
    return " ".join(markdown.value for markdown in app.main.markdown)


def said(app: AppTest) -> str:
    return " ".join(warning.value for warning in app.warning).replace("\\", "")


def sent(app: AppTest) -> dict[str, object]:
    """Return the header of what was sent to the component."""
    component = next(
        one for one in app.main.get("bidi_component") if one.proto.component_name == "convscope_signals"
    )
    data = component.proto.bytes
    length = int.from_bytes(data[4:8], "little")
    header: dict[str, object] = json.loads(data[8 : 8 + length])
    return header


def wav(seconds: float, rate: int = 8000) -> bytes:
    sink = io.BytesIO()
    with wave.open(sink, "wb") as file:
        file.setnchannels(2)
        file.setsampwidth(2)
        file.setframerate(rate)
        samples = np.sin(np.arange(round(seconds * rate)) / 3) * 20_000
        file.writeframes(np.repeat(samples.astype("<i2"), 2).tobytes())
    return sink.getvalue()


@pytest.mark.parametrize("part", PARTS)
def test_every_part_shows_something_and_says_what_to_notice(part: str) -> None:
    app = opened(part)
    assert app.main.segmented_control(key="part_signal").value == part
    assert "**What to notice**" in text(app)
    assert not app.error
    assert not app.warning


# Two signals


def test_the_page_begins_with_two_dice_at_seven() -> None:
    app = opened()
    assert "P(7) = 1/6" in text(app)
    header = sent(app)
    assert (header["place"], header["mode"], header["flip"], header["step"]) == (7, "full", True, None)
    assert "s_f" not in dict(app.query_params)


@pytest.mark.parametrize("key", EXAMPLES)
def test_an_example_sets_both_signals_and_the_view(key: str) -> None:
    app = opened()
    app.main.button(key=f"signals_{key}").click().run()
    assert not app.exception
    example = EXAMPLES[key]
    assert app.main.selectbox(key="signal_f").value == example.first
    assert app.main.selectbox(key="signal_g").value == example.second
    assert (sent(app)["step"] is not None) == example.continuous


def test_what_is_picked_is_in_the_address_and_comes_back_with_it() -> None:
    app = opened()
    app.main.selectbox(key="signal_f").select("noisy").run()
    app.main.selectbox(key="signal_g").select("ramp").run()
    app.main.segmented_control(key="signals_view").select("continuous").run()
    app.main.segmented_control(key="signals_mode").select("same").run()
    app.main.segmented_control(key="signals_flip").select("off").run()
    query = {name: value for name, value in dict(app.query_params).items() if name.startswith("s_")}
    assert query == {
        name: [value] if isinstance(app.query_params["s_f"], list) else value
        for name, value in (
            *(("s_f", "noisy"), ("s_g", "ramp"), ("s_view", "continuous")),
            *(("s_mode", "same"), ("s_flip", "off")),
        )
    }
    again = opened(s_f="noisy", s_g="ramp", s_view="continuous", s_mode="same", s_flip="off")
    assert sent(again) == sent(app) | {"picks": 0}
    assert again.main.segmented_control(key="signals_mode").value == "same"
    assert "Cross-correlation" in text(again)


def test_another_signal_is_shown_where_its_output_is_largest() -> None:
    app = opened(s_at="3")
    assert sent(app)["place"] == 3
    app.main.segmented_control(key="signals_flip").select("off").run()
    assert sent(app)["place"] == 3
    app.main.selectbox(key="signal_g").select("difference").run()
    values = np.correlate(np.full(6, 1 / 6), [1, -1], "full")
    # Not flipped, the first value stands where the last weight lies on the first sample: at 1 − 1 = 0.
    assert sent(app)["place"] == int(np.abs(values).argmax())


def test_a_signal_drawn_by_hand_comes_from_the_address() -> None:
    app = opened(s_f="-1~0.5_2_-1", s_at="0")
    header = sent(app)
    assert header["starts"] == [-1, 1]
    assert header["place"] == 0
    assert app.main.selectbox(key="signal_f").value == "drawn"
    app.main.selectbox(key="signal_f").select("box").run()
    assert sent(app)["starts"] == [0, 1]
    assert "drawn" not in app.main.selectbox(key="signal_f").options


@pytest.mark.parametrize(
    "query",
    [
        {"s_f": "nothing", "s_g": "0~nan"},
        {"s_view": "round", "s_mode": "most", "s_flip": "2"},
        {"s_at": "9" * 50, "s_dt": "-1"},
        {"s_at": "x", "s_view": "continuous", "s_dt": "0.3"},
    ],
)
def test_an_address_that_makes_no_sense_shows_what_there_is_to_begin_with(query: dict[str, str]) -> None:
    app = opened(**query)
    header = sent(app)
    assert header["names"] == [SIGNALS["dice"].title.lower()] * 2
    assert header["mode"] == "full"


# A time series


def test_the_kernel_that_smooths_is_shown_with_its_numbers() -> None:
    app = opened("series")
    assert "12 × 1/12" in text(app)
    assert "452 values went in, 441 came out" in text(app)
    assert "13 weights, 2 of them not 0" in text(app)
    app.main.segmented_control(key="series_name").select("sunspots").run()
    assert "11 × 1/11" in text(app)
    app.main.segmented_control(key="series_smooth").select("none").run()
    assert "One subtracts: **1, −1**" in text(app)


def test_a_table_of_ones_own_is_shown_and_a_bad_one_leaves_it() -> None:
    app = opened("series")
    rows = "\n".join(f"{year},{year % 7},{year % 5}" for year in range(1990, 2020))
    app.main.file_uploader[0].upload("mine.csv", f"year,sun,rain\n{rows}".encode(), "text/csv").run()
    assert not app.exception
    assert app.main.segmented_control(key="series_name").value == "own"
    assert "**sun**" in text(app)
    app.main.selectbox(key="series_column").select(2).run()
    assert "**rain**" in text(app)
    app.main.file_uploader[0].upload("bad.csv", b"a\n1\ntwo\n3\n4\n", "text/csv").run()
    assert "bad.csv" in said(app)
    assert "“two”" in said(app)
    assert "stays as it was" in said(app)
    assert "**rain**" in text(app)


def test_the_shortest_table_has_nothing_that_breaks() -> None:
    app = opened("series")
    app.main.file_uploader[0].upload("short.csv", b"1\n2\n4\n", "text/csv").run()
    assert not app.exception
    assert not app.error
    assert "3 values went in, 2 came out" in text(app)


# A sound


@pytest.mark.parametrize("effect", ["echo", "low", "average"])
def test_each_kernel_of_a_sound_has_two_players_and_words(effect: str) -> None:
    app = opened("sound", a_effect=effect)
    assert len(app.main.get("audio")) == 2
    assert "clipped" in text(app)
    sizes = re.search(r"([\d,]+) samples went in, ([\d,]+) came out", text(app))
    assert sizes
    assert (sizes[1] == sizes[2]) == (effect != "echo")


def test_a_sound_of_ones_own_is_taken_and_a_bad_one_leaves_it() -> None:
    app = opened("sound")
    app.main.file_uploader[0].upload("mine.wav", wav(0.5), "audio/wav").run()
    assert not app.exception
    assert "mine\\.wav" in text(app)
    assert "2 channels were made one" in text(app)
    app.main.file_uploader[0].upload("long.wav", wav(11), "audio/wav").run()
    assert "11.0 seconds" in said(app)
    assert "mine\\.wav" in text(app)
    app.main.file_uploader[0].upload("none.wav", b"", "audio/wav").run()
    assert "0 bytes" in said(app)
    assert "mine\\.wav" in text(app)


# A sentence


def test_a_pattern_is_found_and_a_bad_one_leaves_what_was_there() -> None:
    app = opened("sentence")
    assert "reached at 7 places" in text(app)
    app.main.text_input(key="letters_find").set_value("th?re").run()
    assert "The largest possible value is 4" in text(app)
    app.main.text_input(key="letters_find").set_value("??").run()
    assert "asks for nothing" in app.main.error[0].value
    assert "The largest possible value is 4" in text(app)


def test_the_sentence_is_in_the_address() -> None:
    app = opened("sentence", l_text="gattaca", l_find="ta", l_at="3")
    assert app.main.text_input(key="letters_text").value == "gattaca"
    assert "At place 3 the products sum to **2** of 2" in text(app)
