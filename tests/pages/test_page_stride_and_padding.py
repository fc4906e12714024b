"""The page Stride and padding through Streamlit's own test bench: every part, and addresses that hold anything."""

from html import unescape
from pathlib import Path
from re import sub

import pytest
from streamlit.testing.v1 import AppTest

from conv_engine import ConvSpec
from ui.experiment import Experiment, Feature

APP = Path(__file__).resolve().parents[2] / "app.py"
PARTS = ("axis", "beside", "real", "calculator", "cases")

USUAL = Experiment()
HALVED = Experiment(size=64, spec=ConvSpec.of(stride=2, padding="same"))
WIDE = Feature("own", tuple(tuple((1.0, -1.0, 0.5) for _ in range(15)) for _ in range(15)))
FAR = Experiment(spec=ConvSpec.of(stride=64, padding=64, dilation=16), features=(Feature(),) * 16, unit=True)
NO_WINDOW = Experiment(size=8, features=(WIDE,), grey=False)

# A sentence says which address could not be read; what is not listed falls back without one.
RUBBISH = {
    "sizes": "<script>",
    "vs": "own",
    "vs_n": "33",
    "vs_a": "s.0x0~p.nan",
    "vs_b": "~~~...~p",
    "vs_c": "💥" * 20,
    "calc": "../..",
    "calc_axis": "9999999999x0.c0",
    "calc_wanted": "-1",
    "calc_of": "diagonal",
    "chain": "32x32.z9",
    "case": "no such",
    "case_on": "the moon",
    "strip": "-٣",
    "step": "1e9",
}


def opened(experiment: Experiment, part: str, **details: str) -> AppTest:
    app = AppTest.from_file(APP, default_timeout=30)
    app.query_params = {**experiment.to_query(), "sizes": part, **details}
    app.run()
    app.switch_page("pages/stride_and_padding.py").run()
    assert not app.exception
    return app


def said(app: AppTest) -> str:
    """Return all that the page itself says, without marks."""
    kinds = (app.main.markdown, app.main.caption, app.main.warning, app.main.error)
    texts = [one.value for group in kinds for one in group]
    texts += [unescape(sub("<[^>]*>", "", one.proto.body)) for one in app.main.get("html")]
    return " ".join(texts).replace("\\", "").replace("**", "")


def experiment_of(app: AppTest) -> Experiment:
    query = {name: value if isinstance(value, str) else value[0] for name, value in dict(app.query_params).items()}
    return Experiment.from_query(query).experiment


@pytest.mark.parametrize("part", PARTS)
@pytest.mark.parametrize("experiment", [USUAL, FAR], ids=["usual", "far"])
def test_every_part_opens_and_keeps_the_experiment(experiment: Experiment, part: str) -> None:
    app = opened(experiment, part)
    assert app.main.segmented_control(key="part_sizes").value == part
    assert not app.error
    assert not app.warning
    assert experiment_of(app) == experiment


@pytest.mark.parametrize("part", PARTS)
def test_without_a_window_every_part_says_why_in_one_sentence_and_nothing_is_lost(part: str) -> None:
    app = opened(NO_WINDOW, part)
    (error,) = (one.value.replace("\\", "") for one in app.error)
    assert error.startswith("Bank must not be larger than the padded image")
    assert "got 15" in error
    assert "more padding" in error
    assert experiment_of(app) == NO_WINDOW


def test_with_64_pixels_stride_2_and_same_there_are_32_cells_and_the_page_says_why() -> None:
    words = said(opened(HALVED, "axis"))
    assert "A 64 × 64 picture with stride 2 and “same” gives 32 × 32 cells." in words
    assert "every 2nd of the 64 pixels gets a window, and 64 / 2 = 32" in words
    assert "The padding of the rows is lopsided: 0 at the top and 1 at the bottom." in words
    assert "SAME_LOWER of ONNX puts it at the start" in words


@pytest.mark.parametrize("part", PARTS)
def test_rubbish_in_every_part_of_an_address_is_passed_over(part: str) -> None:
    app = opened(HALVED, part, **{name: text for name, text in RUBBISH.items() if name != "sizes"})
    assert app.main.segmented_control(key="part_sizes").value == part
    assert experiment_of(app) == HALVED
    words = said(app)
    assert "script" not in words
    if part == "beside":
        assert "A part of this column’s address could not be read, and is as at the start." in words
    elif part == "calculator":
        assert "The numbers in the address cannot be read." in words
        assert "64 → 32 cells" in words
    elif part == "cases":
        assert "No padding, unit strides." in words


def test_a_part_that_is_not_there_is_the_first() -> None:
    app = opened(USUAL, RUBBISH["sizes"])
    assert app.main.segmented_control(key="part_sizes").value == "axis"


def test_a_chain_that_cannot_be_read_gets_a_sentence_and_another_one_is_shown() -> None:
    words = said(opened(USUAL, "calculator", calc="chain", chain=RUBBISH["chain"]))
    assert "The chain in the address cannot be read." in words
    assert "A cell in the middle of conv 3 sees a field of 7 × 7" in words


def test_one_picture_is_one_experiment_in_all_parts() -> None:
    app = opened(HALVED, "axis")
    app.main.number_input(key="axis_stride").set_value(3).run()
    for part in PARTS:
        app.main.segmented_control(key="part_sizes").set_value(part).run()
        assert not app.exception
        assert experiment_of(app).spec.stride == (3, 3)
        assert "22 × 22 × 1" in said(app)
