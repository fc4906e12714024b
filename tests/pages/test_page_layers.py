"""The Layers page through Streamlit's own test bench: what it lays on what, and what it says."""

import re
from html import unescape
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from ui.experiment import Experiment, Feature
from ui.images import load_sample, prepare
from ui.stack import format_stack, parse_stack, run_stack
from ui.stack_presets import PRESETS
from ui.stack_view import strongest_cell

APP = Path(__file__).resolve().parents[2] / "app.py"


def opened(experiment: Experiment | None = None, **details: str) -> AppTest:
    app = AppTest.from_file(APP, default_timeout=30)
    app.query_params = {**(experiment.to_query() if experiment else {}), **details}
    app.run()
    app.switch_page("pages/layers.py").run()
    assert not app.exception
    return app


def text(app: AppTest) -> str:
    return "\n".join(markdown.value for markdown in app.main.markdown)


def table(app: AppTest) -> list[list[str]]:
    """Read the table of the layers, its head included."""
    html = next(element.proto.body for element in app.main.get("html") if "<table" in element.proto.body)
    lines = [re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", line) for line in re.findall("<tr>(.*?)</tr>", html)]
    return [[unescape(cell).replace("\u00a0", " ") for cell in line] for line in lines]


@pytest.mark.parametrize("key", PRESETS)
def test_every_preset_is_shown_on_its_picture_with_its_table(key: str) -> None:
    preset = PRESETS[key]
    app = opened(stack=preset.stack)
    assert not app.error
    picture, size = (preset.picture, preset.size) if preset.picture else ("face", 32)
    run = run_stack(parse_stack(preset.stack), prepare(load_sample(picture), size, False).pixels, (Feature(),))
    lines = table(app)[2:]
    assert len(lines) == len(run.layers)
    for line, layer in zip(lines, run.layers, strict=True):
        assert line[2:] == [
            "{} × {} × {}".format(*layer.maps.shape),
            layer.formula or "0",
            "{} × {}".format(*layer.stage.field),
            str(layer.stage.jump[0]),
        ]
    assert f"Together {sum(layer.parameters for layer in run.layers):,}." in app.main.caption[1].value


def test_choosing_a_preset_puts_it_into_the_address_and_a_link_brings_it_back() -> None:
    app = opened()
    assert "These look for corners" in text(app)
    app.main.segmented_control(key="stack_preset").select("eye").run()
    assert "find **2 of 2**" in text(app)
    assert dict(app.query_params)["stack"] == PRESETS["eye"].stack
    again = opened(stack=dict(app.query_params)["stack"])
    assert again.main.segmented_control(key="stack_preset").value == "eye"


def test_a_stack_that_cannot_be_read_is_passed_over_in_a_sentence() -> None:
    app = opened(stack="conv.evil.1.v")
    assert "“evil”" in app.warning[0].value.replace("\\", "")
    assert "These look for corners" in text(app)


def test_who_has_chosen_a_picture_sees_that_one_and_may_see_the_sample() -> None:
    app = opened(Experiment(picture="coffee", size=64), stack=PRESETS["eye"].stack)
    assert app.main.segmented_control(key="stack_on").value == "mine"
    assert "A person has marked" not in text(app)
    app.main.segmented_control(key="stack_on").select("sample").run()
    assert "A person has marked 2 places" in text(app)
    assert Experiment.from_query(dict(app.query_params)).experiment.picture == "coffee"
    app.sidebar.selectbox(key="picture").select("cat").run()
    assert app.main.segmented_control(key="stack_on").value == "mine"


def test_a_large_picture_is_looked_at_at_256_pixels_and_that_is_said() -> None:
    app = opened(Experiment(picture="coffee", size=512))
    assert "at most at 256 pixels" in app.main.caption[0].value
    assert table(app)[1][2] == "256 × 256 × 3"


def test_samples_on_which_the_layers_do_not_fit_are_not_counted() -> None:
    # 256 pixels leave 15 cells to the pooling; the 128 of the other samples leave it 7.
    stack = "conv.edges4.4.v~relu~conv.corners.4.v~max.8.1"
    app = opened(Experiment(picture="coffee", size=256), stack=stack)
    assert not app.error
    assert "other samples" not in text(app)
    assert "other samples" in text(
        opened(Experiment(picture="coffee", size=256), stack=stack.removesuffix("~max.8.1"))
    )


def test_a_layer_that_does_not_fit_is_said_and_the_others_are_shown() -> None:
    app = opened(Experiment(picture="cat", size=16), stack=PRESETS["eye"].stack)
    said = app.error[0].value.replace("\\", "")
    assert "Layer 4" in said
    assert "17" in said
    assert [line[0] for line in table(app)[1:]] == ["0", "1", "2", "3"]


def test_the_first_layer_may_be_the_one_that_does_not_fit() -> None:
    app = opened(Experiment(picture="cat", size=8), stack=PRESETS["joints"].stack)
    assert "Layer 1" in app.error[0].value
    assert "before it are shown" not in app.error[0].value


def test_a_layer_is_changed_moved_added_and_removed() -> None:
    app = opened(stack="conv.edges4.1.v~relu")
    app.main.button(key="add_layer").click().run()
    app.main.selectbox(key="stack kind2").select("average").run()
    assert dict(app.query_params)["stack"] == "conv.edges4.1.v~relu~average.2.2"
    app.main.number_input(key="stack size2").set_value(3).run()
    app.main.button(key="Move up.layer2").click().run()
    assert dict(app.query_params)["stack"] == "conv.edges4.1.v~average.3.2~relu"
    app.main.button(key="remove.layer0").click().run()
    assert dict(app.query_params)["stack"] == "average.3.2~relu"
    app.main.selectbox(key="stack kind0").select("conv").run()
    app.main.selectbox(key="stack bank0").select("lines").run()
    app.main.selectbox(key="stack padding0").select("r").run()
    app.main.number_input(key="stack bias0").set_value(-20).run()
    assert dict(app.query_params)["stack"] == "conv.lines.1.r.-20~relu"
    assert not app.exception


def test_five_layers_are_enough() -> None:
    assert opened().main.button(key="add_layer").disabled


def test_a_weaker_bias_finds_more() -> None:
    def count(app: AppTest) -> int:
        found = re.search(r"above 0 at \*\*(\d+) places", text(app))
        assert found
        return int(found[1])

    app = opened()
    before = count(app)
    app.main.number_input(key="stack bias2").set_value(-260).run()
    assert count(app) > before


def test_the_pinned_cell_is_the_strongest_one_or_that_of_the_address() -> None:
    preset = PRESETS["joints"]
    run = run_stack(parse_stack(preset.stack), prepare(load_sample("bricks"), 128, False).pixels, ())
    assert "unit 2 of layer 5" in text(opened(stack=preset.stack))
    assert strongest_cell(run, 4).unit == 1
    assert "unit 3 of layer 1" in text(opened(stack=preset.stack, cell="0.2.5.6"))
    for wrong in ("9.9.9.9", "0.2.5", "a.b.c.d", "0.2.5.٦", "0.2.5.999999999"):
        assert "unit 2 of layer 5" in text(opened(stack=preset.stack, cell=wrong))


def test_a_patch_can_be_gone_to() -> None:
    preset = PRESETS["joints"]
    app = opened(stack=preset.stack)
    run = run_stack(parse_stack(preset.stack), prepare(load_sample("bricks"), 128, False).pixels, ())
    label = app.main.button(key="patch 2").label
    app.main.button(key="patch 2").click().run()
    layer, unit, row, col = map(int, dict(app.query_params)["cell"].split("."))
    values = run.layers[4].maps[:, :, 1]
    assert (layer, unit) == (4, 1)
    assert label == f"Cell {row}, {col}"
    assert 0 < values[row, col] < values.max()


def test_what_comes_back_from_the_text_is_what_the_presets_are() -> None:
    for preset in PRESETS.values():
        assert format_stack(parse_stack(preset.stack)) == preset.stack


def test_a_bank_of_three_slices_on_maps_is_said_and_not_thrown() -> None:
    app = opened(Experiment(features=(Feature("luma"),)), stack=PRESETS["studio"].stack)
    said = app.error[0].value.replace("\\", "")
    assert "Luma" in said
    assert "no colours" in said
    assert len(app.error) == 1
