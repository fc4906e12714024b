"""The Kernels page through Streamlit's own test bench: what it makes of the bank, and what it says."""

import json
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from conv_engine import LIBRARY
from conv_engine.parametric import PARAMETRIC
from ui.experiment import OWN, Experiment, Feature
from ui.feature_edits import weights_of
from ui.pasted import STYLES, format_kernel

APP = Path(__file__).resolve().parents[2] / "app.py"
PARTS = ("pick", "type", "read", "bank", "keep")
SOBEL = weights_of(Feature("sobel_x"))


def opened(experiment: Experiment | None = None, part: str = "pick") -> AppTest:
    app = AppTest.from_file(APP, default_timeout=30)
    if experiment is not None:
        app.query_params = experiment.to_query()
    app.run()
    app.switch_page("pages/kernels.py").run()
    app.main.segmented_control(key="part_kernels").select(part).run()
    assert not app.exception
    return app


def bank(app: AppTest) -> tuple[Feature, ...]:
    """Return the bank as the address has it."""
    return Experiment.from_query(dict(app.query_params)).experiment.features


def said(app: AppTest) -> str:
    return " ".join(warning.value for warning in app.warning)


@pytest.mark.parametrize("part", PARTS)
@pytest.mark.parametrize("grey", [False, True])
def test_every_part_shows_something_for_every_kind_of_kernel(part: str, grey: bool) -> None:
    features = (
        Feature("sobel_x"),
        Feature("luma"),
        Feature("gauss", parameters=(1.5,)),
        Feature(OWN, (((0.0,),),)),
    )
    app = opened(Experiment(features=features, grey=grey), part)
    for number in range(4):
        app.main.segmented_control(key="bar_feature.0").select(number).run()
        assert not app.exception
        assert not app.error
        assert f"Feature {number + 1} of 4" in app.main.markdown[1].value


def test_the_experiment_is_that_of_the_other_page() -> None:
    experiment = Experiment(features=(Feature("emboss"),), size=16)
    app = opened(experiment)
    assert "**Emboss**" in app.main.markdown[1].value
    app.main.button(key="pick_laplacian").click().run()
    app.switch_page("pages/explore.py").run()
    assert not app.exception
    assert app.sidebar.selectbox(key="kernel0").value == "laplacian"


# Pick


@pytest.mark.parametrize("key", ["laplacian", "luma", "gauss", *list(LIBRARY)[-2:]])
def test_a_kernel_is_picked_with_one_click_and_undone_with_another(key: str) -> None:
    app = opened()
    app.main.pills(key="pick_family").set_value(None).run()
    app.main.button(key=f"pick_{key}").click().run()
    assert bank(app)[0].kernel == key
    app.main.button(key="undo").click().run()
    assert bank(app) == Experiment().features
    app.main.button(key="redo").click().run()
    assert bank(app)[0].kernel == key


@pytest.mark.parametrize(
    ("text", "keys"),
    [
        ("sobel x", {"sobel_x"}),
        ("SCHARR", {"scharr_x", "scharr_y"}),
        ("corner", {"corner_tl", "corner_br"}),
        ("witkin nobody", set()),
    ],
)
def test_the_search_finds_what_has_all_the_words(text: str, keys: set[str]) -> None:
    app = opened()
    app.main.text_input(key="pick_search").set_value(text).run()
    found = {
        button.key.removeprefix("pick_") for button in app.main.button if (button.key or "").startswith("pick_")
    }
    assert keys <= found
    assert len(found) < 12
    if not keys:
        assert found == set()
        assert any("Try fewer letters" in caption.value for caption in app.main.caption)


def test_a_family_shows_its_own_alone() -> None:
    app = opened()
    app.main.pills(key="pick_family").select("gabor").run()
    found = [
        button.key.removeprefix("pick_") for button in app.main.button if (button.key or "").startswith("pick_")
    ]
    named = [key for key in found if key in LIBRARY]
    assert len(named) == 8
    assert {LIBRARY[key].family for key in named} == {"gabor"}
    assert {PARAMETRIC[key].family for key in found if key not in LIBRARY} <= {"gabor"}


def test_of_the_learned_ones_it_is_said_that_nobody_designed_them() -> None:
    app = opened()
    app.main.pills(key="pick_family").select("learned").run()
    assert any("Nobody designed these" in markdown.value for markdown in app.main.markdown)


# Type


@pytest.mark.parametrize("style", STYLES)
def test_what_is_written_for_others_can_be_pasted_back(style: str) -> None:
    app = opened(Experiment(features=(Feature("box"),)), "type")
    app.main.segmented_control(key="copy_style").select(style).run()
    (code,) = app.main.code
    assert code.value == format_kernel(weights_of(Feature("box")), style)
    app.main.text_area(key="pasted_numbers").set_value(code.value)
    app.main.button(key="FormSubmitter:paste_numbers-Use these numbers").click().run()
    assert not app.exception
    assert weights_of(bank(app)[0]) == weights_of(Feature("box"))


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("1 2\n3 x", "x"),
        ("1 2\n3", "row"),
        ("nan 1", "nan"),
        ("1e400", "1e400"),
        ("", "empty"),
        ("\n".join(["\t".join(["1"] * 1000)] * 1000), "15"),
        ("[" * 5000, "nested"),
        ("__import__('os').system('true')", "import"),
    ],
)
def test_text_that_is_no_kernel_is_refused_with_a_sentence_and_the_kernel_stays(text: str, word: str) -> None:
    app = opened(part="type")
    app.main.text_area(key="pasted_numbers").set_value(text)
    app.main.button(key="FormSubmitter:paste_numbers-Use these numbers").click().run()
    assert not app.exception
    assert word in said(app)
    assert "stays as it was" in said(app)
    assert bank(app) == Experiment().features


def test_several_kernels_become_a_bank() -> None:
    app = opened(part="type")
    app.main.text_area(key="pasted_numbers").set_value("[[[1, 0, 0], [2, 0, 0]]]")
    app.main.button(key="FormSubmitter:paste_numbers-Use these numbers").click().run()
    assert bank(app)[0].weights == (((1.0, 0.0, 0.0), (2.0, 0.0, 0.0)),)


@pytest.mark.parametrize(("rows", "cols"), [(1, 1), (2, 5), (15, 15)])
def test_a_kernel_may_have_any_size_up_to_15(rows: int, cols: int) -> None:
    app = opened(part="type")
    app.main.number_input(key="table Rows0").set_value(rows).run()
    app.main.number_input(key="table Columns0").set_value(cols).run()
    weights = weights_of(bank(app)[0])
    assert (len(weights), len(weights[0])) == (rows, cols)
    assert weights[0][0] == SOBEL[0][0]


# Bank


def test_features_are_added_named_moved_doubled_and_deleted() -> None:
    app = opened(part="bank")
    app.main.button(key="add_feature").click().run()
    app.main.text_input(key="name1").set_value("mine").run()
    app.main.text_input(key="row_bias1").set_value("1/4").run()
    assert bank(app) == (Feature("sobel_x"), Feature("identity", bias=0.25, name="mine"))
    app.main.button(key="Move up.1").click().run()
    assert [feature.name for feature in bank(app)] == ["mine", ""]
    app.main.button(key="Duplicate.0").click().run()
    assert [feature.name for feature in bank(app)] == ["mine", "mine", ""]
    app.main.button(key="Delete.2").click().run()
    app.main.button(key="Delete.0").click().run()
    assert bank(app) == (Feature("identity", bias=0.25, name="mine"),)
    assert app.main.button(key="Delete.0").disabled


def test_a_bias_that_is_no_number_is_said_and_the_last_one_counts() -> None:
    app = opened(part="bank")
    app.main.text_input(key="row_bias0").set_value("three").run()
    assert "“three” is not a number" in app.main.error[0].value.replace("\\", "")
    assert bank(app)[0].bias == 0


@pytest.mark.parametrize("key", ["compass", "colours", "scales"])
def test_a_preset_replaces_the_bank_and_can_be_undone(key: str) -> None:
    app = opened(part="bank")
    app.main.button(key=f"preset_{key}").click().run()
    assert not app.exception
    assert len(bank(app)) > 4
    app.main.button(key="undo").click().run()
    assert bank(app) == Experiment().features


def test_the_numbers_of_the_layer_are_put_into_its_formulas() -> None:
    app = opened(Experiment(features=(Feature("sobel_x"), Feature("box"))), "bank")
    words = " ".join(markdown.value for markdown in app.main.markdown).replace("\\", "")
    assert "2 · (3 · 3 · 3 + 1) = 56" in words
    assert "30 · 30 · 2 · 3 · 3 · 3 = 48,600" in words


# Keep


def test_a_saved_bank_loads_again() -> None:
    from ui.bank_file import bank_json, load_bank

    features = (Feature("gauss", parameters=(1.5,), name="soft"), Feature(OWN, SOBEL, bias=-2.0))
    data = bank_json(features)
    assert json.loads(data)["version"] == 1
    assert load_bank(data, "bank.json") == features


@pytest.mark.parametrize(
    ("data", "word"), [(b"{", "JSON"), (b'{"format": "convscope-bank", "version": 1, "features": []}', "features")]
)
def test_a_file_with_mistakes_is_refused_and_the_bank_stays(data: bytes, word: str) -> None:
    app = opened(part="keep")
    app.main.file_uploader(key="load_bank.0").upload("bank.json", data, "application/json").run()
    assert not app.exception
    assert word in said(app)
    assert "The bank stays as it was" in said(app)
    assert bank(app) == Experiment().features
