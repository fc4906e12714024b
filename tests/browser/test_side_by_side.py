"""Stages side by side in a browser: one timeline for all, and the difference of two maps, by mouse and by keys."""

import base64
import re
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from playwright.sync_api import Locator, Page, expect

from conv_engine import ConvSpec
from ui.comparisons import Setting, preset, titles
from ui.experiment import Experiment, Feature, Place
from ui.images import load_sample, prepare
from ui.layer import Layer, build_layer, map_pictures, some_maps
from ui.message import Imposed, blob, pack

STAGE = Path(__file__).resolve().parents[2] / "assets" / "stage"
BASE = Experiment(size=16, features=(Feature("emboss"),))


def number(text: str) -> float:
    return float(text.strip("().").replace("−", "-"))


class Stages:
    """The stages of a page that knows nothing of Streamlit."""

    def __init__(self, page: Page, settings: Sequence[Setting], problem: str = "") -> None:
        pixels = prepare(load_sample(BASE.picture), BASE.size, BASE.grey).pixels
        self.page = page
        self.layers = [build_layer(setting.applied(BASE), pixels) for setting in settings]
        self.maps = [some_maps(layer, slice(1))[:, :, 0] for layer in self.layers]
        messages = [pack(layer, map_pictures(layer), Imposed(Place(0, 0, 0))) for layer in self.layers]
        columns = [{"title": title, "stage": f"stage{i}"} for i, title in enumerate(titles(settings))]
        if problem:
            columns.insert(1, {"title": "no stage", "problem": problem})
        arrays = {f"stage{i}": np.frombuffer(message, np.uint8) for i, message in enumerate(messages)}
        page.set_content('<!doctype html><div class="stages-root stage-root"></div>')
        for sheet in ("stage.css", "several.css"):
            page.add_style_tag(path=STAGE / sheet)
        page.evaluate(
            """async ([code, message]) => {
                const url = URL.createObjectURL(new Blob([code], { type: "text/javascript" }));
                const { mountPlain } = await import(url);
                window.stages = mountPlain(document.querySelector(".stages-root"), message);
            }""",
            [
                (STAGE / "several.bundle.js").read_text(encoding="utf-8"),
                base64.b64encode(blob({"version": 1, "columns": columns}, arrays)).decode(),
            ],
        )
        self.group = page.get_by_role("group", name="Convolution stages side by side")
        self.readout = page.get_by_test_id("stages-readout")
        self.timeline = page.get_by_test_id("stages-timeline")
        self.where = page.get_by_test_id("stages-where")
        self.here = page.get_by_test_id("stages-here")
        expect(self.readout).to_contain_text("Step")

    def button(self, name: str) -> Locator:
        return self.group.get_by_role("button", name=name, exact=True)

    def at(self, column: int) -> tuple[int, int]:
        """Return where a column says that it is, having checked the value that it says."""
        text = self.where.nth(column).inner_text()
        match = re.search(r"[Rr]ow (\d+), column (\d+),?(?: its last,)? is (\S+)$", text)
        assert match, text
        row, col = int(match[1]), int(match[2])
        assert number(match[3]) == self.maps[column][row, col]
        return row, col

    def places(self) -> list[tuple[int, int]]:
        return [self.at(i) for i in range(len(self.layers))]

    def cell(self, column: int, row: int, col: int) -> tuple[float, float]:
        """Return the middle of an output cell, in the page's coordinates."""
        canvas = self.page.get_by_test_id("stages-column").nth(column).locator("canvas")
        canvas.scroll_into_view_if_needed()
        area = canvas.evaluate("canvas => JSON.parse(canvas.dataset.places).output")
        box = canvas.bounding_box()
        assert box is not None
        return box["x"] + area["x"] + (col + 0.5) * area["px"], box["y"] + area["y"] + (row + 0.5) * area["px"]


def middle(layer: Layer, row: int, col: int) -> tuple[float, float]:
    """Return the middle of a window, in the picture's coordinates."""
    window = layer.plan.window(row, col)
    return float(np.mean(window.rows)), float(np.mean(window.cols))


PADDINGS = preset("padding", Setting(ConvSpec())).settings
STRIDES = preset("stride", Setting(ConvSpec())).settings
BOUNDARIES = preset("boundary", Setting(ConvSpec())).settings
DILATIONS = preset("dilation", Setting(ConvSpec())).settings


def test_at_the_same_place_all_look_at_one_place_and_who_cannot_says_so(page: Page) -> None:
    stages = Stages(page, PADDINGS)
    stages.timeline.fill("0")
    assert stages.places() == [(0, 0), (0, 0), (0, 0)]
    expect(stages.readout).to_contain_text(
        "Padding valid, 16 × 16 × 3 → 14 × 14 × 1, has no window centred here; the nearest, row 0, column 0, is"
    )
    stages.timeline.fill(str(18 * 9 + 5))
    assert stages.places() == [(7, 3), (8, 4), (9, 5)]
    middles = {middle(layer, *place) for layer, place in zip(stages.layers, stages.places(), strict=True)}
    assert len(middles) == 1
    expect(stages.readout).not_to_contain_text("no window")


def test_at_the_same_step_all_count_alike_until_they_are_done(page: Page) -> None:
    stages = Stages(page, STRIDES)
    stages.button("Same step").click()
    stages.timeline.fill("10")
    assert stages.places() == [(0, 10), (1, 3), (2, 0)]
    stages.timeline.fill("40")
    assert stages.places() == [(2, 12), (5, 5), (4, 4)]
    expect(stages.where.nth(2)).to_contain_text("Done")
    expect(page.get_by_test_id("stages-no-difference")).to_contain_text("14 × 14 cells, the second 7 × 7")


def test_a_click_and_pointing_in_any_stage_bring_all_there(page: Page) -> None:
    stages = Stages(page, STRIDES)
    stages.timeline.fill("0")
    page.mouse.move(*stages.cell(2, 3, 2))
    expect(stages.readout).to_contain_text("Pointing")
    assert stages.places() == [(9, 6), (4, 3), (3, 2)]
    page.mouse.move(2, 2)
    expect(stages.readout).to_contain_text("Step 1 of 196")
    page.mouse.click(*stages.cell(2, 3, 2))
    page.mouse.move(2, 2)
    expect(stages.readout).to_contain_text(f"Step {9 * 14 + 6 + 1} of 196")
    assert stages.places() == [(9, 6), (4, 3), (3, 2)]


def test_the_keys_of_the_stage_lead_all_stages(page: Page) -> None:
    stages = Stages(page, DILATIONS)
    stages.button("To start").focus()
    for key, step in (("ArrowRight", 1), ("ArrowDown", 17), ("ArrowLeft", 16), ("End", 255), ("Home", 0)):
        page.keyboard.press(key)
        expect(stages.timeline).to_have_value(str(step))
        assert stages.places() == [divmod(step, 16)] * 2
    page.keyboard.press("p")
    expect(stages.button("Sub-steps")).to_have_attribute("aria-pressed", "true")
    page.keyboard.press("ArrowRight")
    expect(stages.readout).to_contain_text("Step 2 of 256, part 1 of 6, take the window.")
    page.keyboard.press("?")
    expect(page.get_by_role("dialog", name="Keys of the stages")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("slider", name="Timeline")).to_have_count(1)


def test_playing_goes_on_to_the_end_and_all_maps_are_filled(page: Page) -> None:
    stages = Stages(page, STRIDES)
    stages.timeline.fill("180")
    page.get_by_role("slider", name="Speed").fill("0.9")
    stages.button("Play").click()
    expect(stages.timeline).to_have_value("195")
    expect(stages.button("Play")).to_be_visible()
    filled = page.evaluate("() => window.stages.live().map(({ stage }) => stage.scene().revealed)")
    assert filled == [values.size for values in stages.maps]


def test_the_difference_says_what_subtracting_the_maps_gives(page: Page) -> None:
    stages = Stages(page, BOUNDARIES)
    difference = stages.maps[0].astype(float) - stages.maps[1]
    equal = int(np.count_nonzero(difference == 0))
    expect(page.get_by_test_id("stages-equal")).to_contain_text(f"{equal} of 256")
    limit = f"{np.abs(difference).max():.0f}"
    assert page.get_by_test_id("stages-range").locator("span").all_inner_texts() == [f"−{limit}", "0", limit]
    row, col = np.unravel_index(np.abs(difference).argmax(), difference.shape)
    expect(page.get_by_test_id("stages-largest")).to_contain_text(f"row {row}, column {col}:")
    stages.button("Go to the largest difference").click()
    assert stages.places() == [(row, col), (row, col)]
    frame = page.get_by_test_id("stages-difference-map")
    frame.scroll_into_view_if_needed()
    box = frame.bounding_box()
    assert box is not None
    for r, c in ((3, 12), (15, 0), (0, 7)):
        page.mouse.move(box["x"] + (c + 0.5) * box["width"] / 16, box["y"] + (r + 0.5) * box["height"] / 16)
        expect(stages.here).to_contain_text(f"row {r}, column {c}:")
        match = re.search(r": (\S+) − (\S+) = (\S+)\.$", stages.here.inner_text())
        assert match
        assert [number(part) for part in match.groups()] == [
            stages.maps[0][r, c],
            stages.maps[1][r, c],
            difference[r, c],
        ]


def test_the_difference_is_a_signed_map_with_nothing_but_zero_in_the_middle_colour(page: Page) -> None:
    stages = Stages(page, BOUNDARIES)
    difference = stages.maps[0].astype(float) - stages.maps[1]
    pixels = (
        page.get_by_test_id("stages-difference-map")
        .locator("canvas")
        .evaluate("c => [c.height, c.width, ...c.getContext('2d').getImageData(0, 0, c.width, c.height).data]")
    )
    assert pixels[:2] == [16, 16]
    red, blue = (np.array(pixels[2:]).reshape(16, 16, 4)[:, :, channel] for channel in (0, 2))
    np.testing.assert_array_equal(np.sign(red.astype(int) - blue), np.sign(difference))


def test_of_three_any_two_can_be_compared(page: Page) -> None:
    stages = Stages(page, PADDINGS)
    choice = page.get_by_role("combobox", name="Which two maps are compared")
    assert len(choice.locator("option").all()) == 6
    choice.select_option("padding full − padding same")
    expect(stages.here).to_contain_text("Padding full − padding same")
    expect(page.get_by_test_id("stages-equal")).to_have_text("All 256 cells are equal: 100 %.")


def test_a_column_without_a_window_has_its_sentence_and_the_others_stay(page: Page) -> None:
    stages = Stages(page, DILATIONS, problem="There is <b>no</b> window.")
    columns = page.get_by_test_id("stages-column")
    expect(columns).to_have_count(3)
    expect(columns.nth(1)).to_contain_text("There is <b>no</b> window.")
    expect(columns.nth(1).locator("canvas")).to_have_count(0)
    stages.timeline.fill("20")
    expect(stages.readout).to_contain_text("Step 21 of 256")
    expect(stages.here).to_contain_text("row 1, column 4:")


@pytest.mark.parametrize(("width", "columns"), [(390, 1), (860, 1), (1000, 3), (1440, 3)])
def test_the_columns_stand_side_by_side_where_there_is_room(page: Page, width: int, columns: int) -> None:
    page.set_viewport_size({"width": width, "height": 900})
    Stages(page, PADDINGS)
    boxes = [column.bounding_box() for column in page.get_by_test_id("stages-column").all()]
    assert len({box["x"] for box in boxes if box}) == columns
    assert page.evaluate("() => document.documentElement.scrollWidth") <= width
    page.set_viewport_size({"width": 1440, "height": 900})
