"""The page Shift through Streamlit's own test bench: its message, its address, its numbers."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from conv_engine import LIBRARY
from ui.experiment import OWN, Experiment, Feature
from ui.shift_scene import START, background, thing, truths, with_thing
from ui.shift_view import place_of

APP = Path(__file__).resolve().parents[2] / "app.py"
NOTHING = np.zeros((48, 48), dtype=np.uint8)
SOBEL = LIBRARY["sobel_x"].weights


def opened(experiment: Experiment | None = None, **details: str) -> AppTest:
    app = AppTest.from_file(APP, default_timeout=60)
    app.query_params = {**(experiment.to_query() if experiment else {}), **details}
    app.run()
    app.switch_page("pages/shift.py").run()
    assert not app.exception
    return app


def words(app: AppTest) -> str:
    return "\n".join(element.value for element in app.main.markdown)


def sent(app: AppTest) -> tuple[dict[str, Any], dict[str, np.ndarray]]:
    """Return what the component was sent, read by the layout that `ui/message.py` describes."""
    (data,) = [element.proto.bytes for element in app.main.get("bidi_component")]
    length = int.from_bytes(data[4:8], "little")
    header = json.loads(data[8 : 8 + length])
    arrays = {
        name: np.frombuffer(data, "<f8", int(np.prod(slot["shape"])), slot["offset"]).reshape(slot["shape"])
        for name, slot in header["arrays"].items()
    }
    return header, arrays


def test_the_scene_is_sent_and_the_words_have_the_engine_s_numbers() -> None:
    app = opened()
    header, arrays = sent(app)
    assert header["way"]["mapShape"] == [46, 46]
    np.testing.assert_array_equal(arrays["weights"], SOBEL)
    scene = with_thing(background("plain", NOTHING), thing("cross", NOTHING), START)
    _, second, pooled, _ = truths(scene, SOBEL, 0.0, "none", False)
    assert f"differences of up to **{second.anywhere:.0f}**" in words(app)
    assert "| Stride 1, global pooling | 0 (64 tried) | — |" in words(app)
    assert f"| Stride 2 | {second.anywhere:.0f} (64 tried) | 0 (16 tried) |" in words(app)
    assert f"it changes by up to {pooled.anywhere:.0f}." in words(app)


def test_an_address_brings_all_choices_back_and_nonsense_is_passed_over() -> None:
    header, arrays = sent(
        opened(
            m_step="2",
            m_pool="4",
            m_border="circular",
            m_relu="1",
            m_thing="ring",
            m_ground="gradient",
            m_place="3_7",
        )
    )
    assert header["place"] == [3, 7]
    assert {name: header["way"][name] for name in ("stride", "pool", "circular", "relu")} == {
        "stride": 2, "pool": 4, "circular": True, "relu": True,
    }  # fmt: skip
    assert arrays["pixels"].shape == (9, 9)
    np.testing.assert_array_equal(arrays["ground"], background("gradient", NOTHING))
    header, _ = sent(opened(m_step="9", m_pool="x", m_border="<b>", m_place="99_-1"))
    assert (header["way"]["stride"], header["way"]["pool"], header["place"]) == (1, 1, [17, 18])


@pytest.mark.parametrize("text", ["", "3", "3_4_5", "-1_2", "48_0", "0_48", "²_1", "1e1_2", "None_None", "001_2"])
def test_what_is_no_place_is_none(text: str) -> None:
    assert place_of(text) is None


def test_a_flipped_kernel_is_sent_turned_and_three_slices_as_their_sum() -> None:
    weights = tuple(tuple((float(3 * r + c), 1.0, 0.0) for c in range(2)) for r in range(3))
    _, arrays = sent(opened(Experiment(features=(Feature(OWN, weights),), flip=True)))
    np.testing.assert_array_equal(arrays["weights"], np.array(weights).sum(axis=2)[::-1, ::-1])


def test_values_too_large_are_said_in_a_sentence() -> None:
    app = opened(Experiment(features=(Feature(OWN, (((1e6,),),)),)))
    assert not app.exception
    assert "traceback" not in words(app).lower()
