"""The stage by itself, opened from disk by a browser without a network: every number on it is the engine's."""

import re
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlencode

import numpy as np
import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Route, expect
from stage_page import StagePage, assert_true, layer_of, sample_layer

from conv_engine import LIBRARY, ConvSpec, stack
from ui.experiment import Experiment, Feature, Place
from ui.exports import StageView, stage_html

EXPERIMENT = Experiment(
    "cat",
    64,
    (Feature("sobel_x"), Feature("gaussian", bias=0.1), Feature("blue_yellow")),
    ConvSpec.of(stride=2, padding="same", boundary="reflect"),
    flip=True,
    place=Place(5, 7, 1),
)


@pytest.fixture
def alone(browser: Browser) -> Iterator[BrowserContext]:
    """Give a browser that reads files and nothing else, and that complains of nothing."""
    context = browser.new_context(viewport={"width": 1440, "height": 900})
    context.set_offline(True)
    asked: list[str] = []
    complaints: list[str] = []

    def answer(route: Route) -> None:
        if route.request.url.startswith("file:"):
            route.continue_()
        else:
            asked.append(route.request.url)
            route.abort()

    context.route("**/*", answer)
    context.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
    context.on("weberror", lambda error: complaints.append(str(error.error)))
    yield context
    context.close()
    assert asked == []
    assert complaints == []


def opened(context: BrowserContext, page: str, folder: Path) -> StagePage:
    file = folder / "stage & <more>.html"
    file.write_text(page)
    return StagePage(context.new_page()).open(file.as_uri())


def test_the_file_opens_from_disk_at_its_place_and_every_number_is_the_engines(
    alone: BrowserContext, tmp_path: Path
) -> None:
    layer = sample_layer(EXPERIMENT)
    stage = opened(alone, stage_html(EXPERIMENT), tmp_path)
    expect(stage.page).to_have_title(re.compile("^Sobel x .* 64 × 64 × 3 → 32 × 32 × 3 – ConvScope$"))
    expect(stage.shape).to_have_text("64 × 64 × 3 → 32 × 32 × 3")
    reading = stage.at_step(5 * 32 + 7)
    assert (reading.row, reading.col, reading.feature) == (5, 7, 1)
    assert_true(reading, layer)
    stage.button("Step forward").click()
    assert_true(stage.at_step(5 * 32 + 8), layer)
    for step in (0, 31, 500, 32 * 32 - 1):
        assert_true(stage.seek(step), layer)
    stage.page.mouse.click(*stage.thumb_point(2))
    expect(stage.readout).to_contain_text("feature 3 of 3")
    assert_true(stage.read(), layer)


def test_playing_looking_and_helping_work_in_the_file_too(alone: BrowserContext, tmp_path: Path) -> None:
    stage = opened(alone, stage_html(EXPERIMENT), tmp_path)
    stage.button("Play").click()
    expect(stage.timeline).not_to_have_value(str(5 * 32 + 7))
    stage.button("Pause").click()
    assert_true(stage.at_step(stage.step()), sample_layer(EXPERIMENT))
    stage.stage.get_by_role("combobox", name="Show the maps as").select_option("absolute values")
    stage.button("Sub-steps").click()
    stage.button("Step back").click()
    expect(stage.readout).to_contain_text("part 5 of 6, add the bias")
    stage.button("Help").click()
    sheet = stage.page.get_by_role("dialog", name="Keys of the stage")
    sheet.get_by_role("button", name="Close").click()
    expect(sheet).not_to_be_visible()


def test_the_file_is_dark_where_the_system_is_and_changes_with_it(alone: BrowserContext, tmp_path: Path) -> None:
    stage = opened(alone, stage_html(Experiment()), tmp_path)
    for scheme, colour in (("light", "255,255,255"), ("dark", "15,20,27"), ("light", "255,255,255")):
        stage.page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
        stage.page.wait_for_function(
            """colour => {
                const canvas = document.querySelector("canvas");
                const drawn = [...canvas.getContext("2d").getImageData(8, canvas.height - 2, 1, 1).data];
                const behind = getComputedStyle(document.body).backgroundColor.match(/\\d+/g);
                return String(drawn.slice(0, 3)) === colour && String(behind) === colour;
            }""",
            arg=colour,
        )
    assert_true(stage.seek(100), sample_layer(Experiment()))


@pytest.mark.parametrize("width", [1440, 1024, 390])
def test_nothing_of_the_file_is_cut_off(alone: BrowserContext, tmp_path: Path, width: int) -> None:
    stage = opened(alone, stage_html(EXPERIMENT), tmp_path)
    stage.page.set_viewport_size({"width": width, "height": 800})
    stage.page.wait_for_function("width => document.querySelector('canvas').clientWidth <= width", arg=width)
    assert stage.page.evaluate("document.documentElement.scrollWidth") <= width


def test_hostile_names_are_text(alone: BrowserContext, tmp_path: Path) -> None:
    name = "</script><script>document.title = 'taken'</script><img src=x onerror=\"document.title = 'taken'\">"
    image = np.arange(48, dtype=np.uint8).reshape(4, 4, 3)
    view = StageView(image, stack([LIBRARY["box"]], channels=3), names=[name])
    stage = opened(alone, view.html, tmp_path)
    expect(stage.page).to_have_title(f"{name}: 4 × 4 × 3 → 2 × 2 × 1 – ConvScope")
    expect(stage.readout).to_contain_text(name)
    expect(stage.page.locator("img")).to_have_count(0)


def test_a_browser_that_cannot_read_the_message_says_so(browser: Browser, tmp_path: Path) -> None:
    context = browser.new_context()
    page = context.new_page()
    page.add_init_script("delete window.DecompressionStream")
    file = tmp_path / "stage.html"
    file.write_text(stage_html(Experiment()))
    page.goto(file.as_uri())
    expect(page.get_by_role("main")).to_contain_text("The stage cannot be shown here")
    context.close()


def test_the_page_can_ask_nothing_of_the_network_even_if_it_wanted_to(page: Page, tmp_path: Path) -> None:
    file = tmp_path / "stage.html"
    file.write_text(stage_html(Experiment()))
    StagePage(page).open(file.as_uri())
    refused = page.evaluate(
        """async () => {
            const refusals = [];
            document.addEventListener("securitypolicyviolation", event => refusals.push(event.effectiveDirective));
            const add = (tag, made) => document.body.append(Object.assign(document.createElement(tag), made));
            add("img", { src: "http://127.0.0.1:9/x.png" });
            add("script", { textContent: "window.ran = 1" });
            add("style", { textContent: "body { color: red }" });
            const fetched = await fetch("http://127.0.0.1:9/").then(() => "fetched", () => "not fetched");
            for (let i = 0; i < 200 && refusals.length < 4; i++) await new Promise(requestAnimationFrame);
            return [fetched, window.ran ?? "did not run", ...refusals.sort()];
        }"""
    )
    assert refused == ["not fetched", "did not run", "connect-src", "img-src", "script-src-elem", "style-src-elem"]


def test_two_stages_in_one_notebook_do_not_disturb_each_other(alone: BrowserContext) -> None:
    rng = np.random.default_rng(5)
    image = rng.integers(0, 256, (20, 24, 3), dtype=np.uint8)
    banks = [stack([LIBRARY["sobel_y"]], channels=3), rng.integers(-3, 4, (2, 3, 3, 3)) / 4]
    views = [StageView(image, bank, padding="same") for bank in banks]
    layers = [layer_of(image, bank, padding="same") for bank in banks]
    outputs = "".join(f"<div style='width: 960px'>{view._repr_html_()}</div>" for view in views)
    page = alone.new_page()
    # At an address that has an origin, as a notebook does and a file does not.
    notebook = f"<!doctype html><meta charset='utf-8'><title>Notebook</title>{outputs}"
    page.route("http://notebook.test/", lambda route: route.fulfill(body=notebook, content_type="text/html"))
    page.goto("http://notebook.test/")
    stages = [StagePage(page, page.frame_locator("iframe").nth(i)) for i in range(2)]
    for index, (stage, layer, step) in enumerate(zip(stages, layers, (40, 77), strict=True)):
        expect(stage.readout).to_contain_text("Step 253 of 480: output row 10, column 12")
        # A browser draws no frames for what is out of sight.
        page.locator("iframe").nth(index).scroll_into_view_if_needed()
        assert_true(stage.seek(step), layer)
    stages[0].button("Step forward").click()
    assert_true(stages[0].at_step(41), layers[0])
    assert_true(stages[1].at_step(77), layers[1])
    page.mouse.click(*stages[1].cell_point(2, 3))
    assert_true(stages[1].at_step(51), layers[1])
    for index, handle in enumerate(page.locator("iframe").element_handles()):
        frame = handle.content_frame()
        assert frame is not None
        room = frame.evaluate("[document.documentElement.scrollHeight, innerHeight, self.origin]")
        assert room[0] <= room[1], index
        assert room[2] == "null"


def test_the_button_under_the_stage_gives_a_file_that_works_by_itself(
    page: Page, alone: BrowserContext, app_url: str, tmp_path: Path
) -> None:
    layer = sample_layer(EXPERIMENT)
    stage = StagePage(page).open(f"{app_url}/?{urlencode(EXPERIMENT.to_query())}")
    stage.seek(99)
    stage.rests_at("3.3.1")
    with page.expect_download() as download:
        page.get_by_role("button", name="Download this stage as a web page").click()
    assert download.value.suggested_filename == "convscope-sobel_x-and-2-more-64x64.html"
    saved = StagePage(alone.new_page())
    file = tmp_path / download.value.suggested_filename
    download.value.save_as(file)
    saved.open(file.as_uri())
    reading = saved.at_step(99)
    assert reading.feature == 1
    assert_true(reading, layer)
    assert_true(saved.seek(3), layer)
    stage.at_step(99)
