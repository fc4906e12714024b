"""The Kernels page in a real browser: painting, lifting, typing, pasting, sliding, undoing; each read off the
page."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

import numpy as np
import pytest
from playwright.sync_api import Locator, Page, expect

from conv_engine import conv2d
from conv_engine.parametric import PARAMETRIC
from tools.server import running_app
from ui.experiment import OWN, Experiment, Feature, Weights
from ui.feature_edits import weights_of
from ui.images import load_sample, prepare
from ui.layer import build_layer, map_pictures
from ui.lift import lift, match_windows
from ui.paint import Patch

SOBEL = weights_of(Feature("sobel_x"))


class KernelsPage:
    """The page with the bench on it."""

    def __init__(self, page: Page, url: str) -> None:
        self.page = page
        self.url = url
        self.bench = page.get_by_test_id("paint")
        self.grid = page.get_by_test_id("paint-grid")
        self.state = page.get_by_test_id("paint-state")
        self.photo = page.get_by_test_id("paint-photo")

    def open(self, experiment: Experiment | None = None, part: str = "") -> "KernelsPage":
        query = urlencode(experiment.to_query()) if experiment else ""
        self.page.goto(f"{self.url}/kernels?{query}")
        expect(self.state).to_contain_text("confirmed by the engine", timeout=30_000)
        if part:
            self.choose(part)
        return self

    def choose(self, part: str) -> None:
        self.page.get_by_test_id("stMain").get_by_role("radio", name=part, exact=True).click()
        self.settled()

    def settled(self) -> None:
        expect(self.page.get_by_test_id("stApp")).to_have_attribute("data-test-script-state", "notRunning")

    def button(self, name: str) -> Locator:
        main = self.page.get_by_test_id("stMain")
        # Streamlit adds the keys to the names of these.
        if name in ("Undo", "Redo"):
            return main.get_by_role("button", name=re.compile(f"^{name}"))
        return main.get_by_role("button", name=name, exact=True)

    def experiment(self) -> Experiment:
        query = dict(parse_qsl(urlsplit(self.page.url).query, keep_blank_values=True))
        return Experiment.from_query(query).experiment

    def shows(self, weights: Weights) -> None:
        """Wait until the bench has these weights, its map is the engine's, and the address holds them."""
        flat = [weight for row in weights for cell in row for weight in cell]
        written = self.page.evaluate("numbers => JSON.stringify(numbers)", flat)
        expect(self.bench).to_have_attribute("data-weights", written)
        expect(self.state).to_contain_text("confirmed by the engine")
        assert float(self.bench.get_attribute("data-difference") or "nan") < 1e-6

    def cell(self, row: int, col: int) -> Locator:
        return self.grid.get_by_role("row").nth(row).get_by_role("gridcell").nth(col)


@pytest.fixture
def kernels(page: Page, app_url: str) -> Iterator[KernelsPage]:
    yield KernelsPage(page, app_url)
    expect(page.get_by_text("Traceback")).to_have_count(0)


def changed(weights: Weights, row: int, col: int, weight: float) -> Weights:
    cells: list[list[Any]] = [list(line) for line in weights]
    cells[row][col] = (weight,) * len(cells[row][col])
    return tuple(map(tuple, cells))


def test_a_new_server_opens_this_page_for_who_comes_first(page: Page, tmp_path: Path) -> None:
    with running_app(tmp_path / "app.log") as url:
        page.goto(f"{url}/kernels?v=1&k=emboss")
        expect(page.get_by_role("heading", name="Choose and make kernels")).to_be_visible(timeout=30_000)
        expect(page.get_by_test_id("paint-state")).to_contain_text("confirmed by the engine", timeout=30_000)
        assert KernelsPage(page, url).experiment().features == (Feature("emboss"),)


def test_going_to_another_page_and_back_keeps_the_experiment_and_its_address(kernels: KernelsPage) -> None:
    experiment = Experiment(features=(Feature("emboss", bias=2.0), Feature("box", name="soft")), size=16)
    kernels.open(experiment)
    links = kernels.page.get_by_test_id("stTopNavLink")
    links.filter(has_text="Explore").click()
    expect(kernels.page.get_by_test_id("stage-shape")).to_have_text("16 × 16 × 3 → 14 × 14 × 2")
    expect(kernels.page).to_have_url(re.compile("k=emboss~box"))
    links.filter(has_text="Kernels").click()
    expect(kernels.state).to_contain_text("confirmed by the engine")
    expect(kernels.page).to_have_url(re.compile("/kernels.*k=emboss~box"))
    assert kernels.experiment() == experiment


def test_a_stroke_changes_the_kernel_the_map_and_the_address_and_is_undone(kernels: KernelsPage) -> None:
    kernels.open()
    kernels.shows(SOBEL)
    kernels.cell(1, 1).scroll_into_view_if_needed()
    box = kernels.cell(1, 1).bounding_box()
    assert box
    kernels.page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    kernels.page.mouse.down()
    expect(kernels.state).to_contain_text("computed here")
    kernels.page.mouse.up()
    painted = changed(SOBEL, 1, 1, 0.1)
    kernels.shows(painted)
    expect(kernels.page).to_have_url(re.compile(r"k=3x3x1"))
    assert kernels.experiment().features == (Feature(OWN, painted),)
    kernels.button("Undo").click()
    kernels.shows(SOBEL)
    expect(kernels.page).not_to_have_url(re.compile(r"k="))
    kernels.button("Redo").click()
    kernels.shows(painted)


def test_strokes_that_follow_quickly_are_all_kept(kernels: KernelsPage) -> None:
    kernels.open()
    kernels.grid.focus()
    for _ in range(7):
        kernels.page.keyboard.press("+")
    weights = np.array(json.loads(kernels.bench.get_attribute("data-weights") or ""))
    start = np.array(SOBEL).ravel()
    assert sorted(weights - start)[-1] == pytest.approx(0.7)
    painted = tuple(tuple((float(weight),) for weight in row) for row in weights.reshape(3, 3))
    kernels.shows(painted)
    expect(kernels.page).to_have_url(re.compile(r"x1_-0\.3_"))
    assert kernels.experiment().features[0].weights == painted


def test_a_patch_of_the_photo_becomes_a_kernel_that_finds_it(kernels: KernelsPage) -> None:
    experiment = Experiment(picture="face", size=32)
    kernels.open(experiment)
    px, bleed = (float(kernels.photo.get_attribute(f"data-{name}") or "") for name in ("px", "bleed"))
    kernels.photo.scroll_into_view_if_needed()
    box = kernels.photo.bounding_box()
    assert box
    at = lambda row, col: (box["x"] + bleed + (col + 0.5) * px, box["y"] + bleed + (row + 0.5) * px)  # noqa: E731
    kernels.page.mouse.move(*at(10, 12))
    kernels.page.mouse.down()
    kernels.page.mouse.move(*at(13, 17), steps=4)
    kernels.page.mouse.up()
    pixels = prepare(load_sample("face"), 32, False).pixels
    weights = lift(pixels, Patch(10, 12, 4, 6))
    kernels.shows(weights)
    assert kernels.experiment().features == (Feature(OWN, weights, name="patch at 10, 12"),)
    layer = build_layer(kernels.experiment(), pixels)
    count = len(match_windows(layer, map_pictures(layer)[0]))
    expect(kernels.bench).to_contain_text(f"{count} matches are marked")


def test_numbers_from_elsewhere_are_pasted_and_taken_back_by_key(kernels: KernelsPage) -> None:
    kernels.open(part="Type")
    kernels.page.get_by_label("Numbers from a spreadsheet, NumPy, Python, JSON or MATLAB").fill(
        "[1 0 -1; 2 0 −2]/8"
    )
    kernels.button("Use these numbers").click()
    kernels.shows((((0.125,), (0.0,), (-0.125,)), ((0.25,), (0.0,), (-0.25,))))
    pasted = kernels.experiment()
    field = kernels.page.get_by_label("Numbers from a spreadsheet, NumPy, Python, JSON or MATLAB")
    field.press("Control+z")  # the field's own
    kernels.settled()
    assert kernels.experiment() == pasted
    kernels.page.get_by_role("heading", name="Choose and make kernels").click()
    kernels.page.keyboard.press("Alt+z")
    kernels.shows(SOBEL)


def test_letters_are_refused_in_a_sentence_and_the_kernel_stays(kernels: KernelsPage) -> None:
    kernels.open(part="Type")
    kernels.page.get_by_label("Numbers from a spreadsheet, NumPy, Python, JSON or MATLAB").fill("1 2\n3 four")
    kernels.button("Use these numbers").click()
    expect(kernels.page.get_by_test_id("stAlert").first).to_contain_text("four")
    kernels.shows(SOBEL)


def test_a_weight_is_typed_into_the_table(kernels: KernelsPage) -> None:
    kernels.open(part="Type")
    table = kernels.page.get_by_test_id("stMain").get_by_test_id("stDataFrame").first
    table.scroll_into_view_if_needed()
    box = table.bounding_box()
    assert box
    # The middle cell of three by three: the header's row and three rows of 36 pixels.
    kernels.page.mouse.dblclick(box["x"] + box["width"] / 2, box["y"] + box["height"] - 36 * 1.5)
    editor = kernels.page.locator("#portal textarea")
    editor.fill("-1/8")
    editor.press("Enter")
    kernels.shows(changed(SOBEL, 1, 1, -0.125))


def test_a_slider_redraws_the_kernel_while_it_moves(kernels: KernelsPage) -> None:
    kernels.open(Experiment(features=(Feature("gauss", parameters=(1.0,)),)))
    slider = kernels.page.get_by_test_id("stMain").locator(".sliders input").first
    slider.scroll_into_view_if_needed()
    box = slider.bounding_box()
    assert box
    kernels.page.mouse.move(box["x"] + box["width"] * 0.4, box["y"] + box["height"] / 2)
    kernels.page.mouse.down()
    before = kernels.bench.get_attribute("data-weights") or ""
    kernels.page.mouse.move(box["x"] + box["width"] * 0.8, box["y"] + box["height"] / 2, steps=5)
    expect(kernels.bench).not_to_have_attribute("data-weights", before)  # the button is still down
    kernels.page.mouse.up()
    sigma = float(slider.input_value())
    expect(kernels.page).to_have_url(re.compile(rf"k=gauss-{re.escape(f'{sigma:g}')}(&|$)"))
    kernels.shows(weights_of(Feature("gauss", parameters=(sigma,))))
    assert sigma > PARAMETRIC["gauss"].parameters[0].default


def test_all_maps_have_the_range_that_the_engine_gives(kernels: KernelsPage) -> None:
    experiment = Experiment(features=(Feature("sobel_x"), Feature("box"), Feature("luma", bias=-100.0)))
    kernels.open(experiment, "Bank")
    captions = kernels.page.get_by_test_id("stMain").locator("figcaption")
    expect(captions).to_have_count(3)
    layer = build_layer(experiment, prepare(load_sample("face"), 32, False).pixels)
    maps = conv2d(layer.image, layer.bank, layer.bias, method="direct")
    for index in range(3):
        limit = float(np.abs(maps[:, :, index]).max())
        shown = [
            float(n.replace("−", "-").replace(",", ""))
            for n in re.findall(r"[−\d.,]+\d|\d", captions.nth(index).inner_text())
        ]
        assert max(shown) == pytest.approx(limit, rel=1e-3)


def test_a_bank_is_saved_changed_and_loaded_again(kernels: KernelsPage, tmp_path: Path) -> None:
    features = (Feature("sobel_x", bias=0.25), Feature(OWN, (((1.0, -1.0, 0.0),),), name="red − green"))
    kernels.open(Experiment(features=features), "Keep")
    with kernels.page.expect_download() as saved:
        kernels.button("Bank as JSON").click()
    file = tmp_path / "bank.json"
    saved.value.save_as(file)
    kernels.choose("Bank")
    kernels.page.get_by_test_id("stMain").get_by_role("button", name="Delete").first.click()
    expect(kernels.page).not_to_have_url(re.compile("~"))
    kernels.choose("Keep")
    kernels.page.get_by_test_id("stMain").locator("input[type=file]").set_input_files(file)
    expect(kernels.page).to_have_url(re.compile("~"))
    assert kernels.experiment().features == features
