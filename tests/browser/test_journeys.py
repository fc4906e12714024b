"""Whole journeys of a person: their own photo, wrong files, links, the back button, two tabs."""

import io
import re
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Browser, Page, expect
from stage_page import StagePage, assert_true, sample_layer

from conv_engine import ConvSpec
from tools.server import free_port, running_app
from ui.experiment import Experiment, Feature, Place
from ui.images import load_image, resize
from ui.layer import build_layer


def photo(kind: str = "JPEG", height: int = 90, width: int = 120) -> bytes:
    """Return a colour photo of the test's own: smooth colours under a bright disc."""
    row, col = np.mgrid[0:height, 0:width]
    pixels = np.stack([row * 255 / height, col * 255 / width, 255 - (row + col) * 255 / (height + width)], axis=2)
    pixels[(row - height / 2) ** 2 + (col - width / 2) ** 2 < (height / 4) ** 2] = (250, 240, 30)
    file = io.BytesIO()
    Image.fromarray(pixels.astype(np.uint8)).save(file, kind)
    return file.getvalue()


@pytest.fixture
def stage(page: Page, app_url: str) -> StagePage:
    return StagePage(page).open(app_url)


def sidebar(stage: StagePage, role: str, name: str):  # type: ignore[no-untyped-def]
    return stage.page.get_by_test_id("stSidebar").get_by_role(role, name=name, exact=True)


def choose_file(stage: StagePage, name: str, data: bytes, kind: str = "image/jpeg") -> None:
    sidebar(stage, "radio", "Upload").click()
    stage.page.get_by_test_id("stFileUploader").locator("input[type=file]").set_input_files(
        {"name": name, "mimeType": kind, "buffer": data}
    )


def choose_kernel(stage: StagePage, title: str, label: str = "Kernel") -> None:
    field = stage.page.get_by_test_id("stSidebar").get_by_role("combobox", name=label)
    field.click()
    field.fill(title)  # the list is long, and the browser has only a part of it at a time
    stage.page.get_by_role("option", name=title, exact=True).click()


def set_number(stage: StagePage, name: str, value: int) -> None:
    field = sidebar(stage, "spinbutton", name)
    field.fill(str(value))
    field.press("Enter")


def test_a_person_brings_a_photo_and_checks_the_arithmetic(stage: StagePage) -> None:
    data = photo()
    choose_file(stage, "holiday.jpg", data)
    expect(stage.shape).to_have_text("24 × 32 × 3 → 22 × 30 × 1")
    expect(stage.page.get_by_text("Your photo holiday.jpg is not in the address")).to_be_visible()

    choose_kernel(stage, "Sobel y (horizontal edges)")
    expect(stage.readout).to_contain_text("(Sobel y (horizontal edges))")
    set_number(stage, "Stride, rows", 2)
    expect(stage.shape).to_have_text("24 × 32 × 3 → 11 × 30 × 1")
    set_number(stage, "Stride, columns", 2)
    expect(stage.shape).to_have_text("24 × 32 × 3 → 11 × 15 × 1")
    sidebar(stage, "radio", "same").click()
    expect(stage.shape).to_have_text("24 × 32 × 3 → 12 × 16 × 1")

    stage.button("To start").click()
    stage.at_step(0)
    stage.button("Play").click()
    expect(stage.timeline).not_to_have_value("0")
    expect(stage.timeline).not_to_have_value("1")
    stage.button("Pause").click()
    paused = stage.step()
    stage.button("Step back").click()
    after_stepping_back = stage.at_step(paused - 1)

    experiment = Experiment(
        picture="own", features=(Feature("sobel_y"),), spec=ConvSpec.of(stride=2, padding="same")
    )
    layer = build_layer(experiment, resize(load_image(data), 32).pixels)
    assert layer.plan.output_shape == (12, 16, 1)
    assert_true(after_stepping_back, layer)
    stage.page.mouse.move(*stage.cell_point(11, 15))
    expect(stage.readout).to_contain_text("Pointing at output row 11, column 15")
    expect(stage.readout).to_contain_text("5 of its 9 taps lie on the padding")
    assert_true(stage.read(), layer)


def test_a_file_that_is_no_picture_gets_a_sentence_and_what_was_there_stays(stage: StagePage) -> None:
    stage.seek(77)
    stage.rests_at("2.17.0")
    before = stage.readout.inner_text()
    choose_file(stage, "essay.png", b"It was a dark and stormy night.", "image/png")
    warning = stage.page.get_by_test_id("stAlert")
    expect(warning).to_contain_text("essay.png")
    expect(warning).to_contain_text("looks like text, not a picture")
    assert stage.readout.inner_text() == before
    expect(stage.page.get_by_text("Traceback")).to_have_count(0)


def test_a_photo_stays_when_one_looks_at_a_sample_in_between(stage: StagePage) -> None:
    sample = stage.readout.inner_text()
    choose_file(stage, "mine.png", photo("PNG", 40, 40), "image/png")
    expect(stage.page.get_by_text("Your photo mine.png is not in the address")).to_be_visible()
    expect(stage.readout).not_to_have_text(sample)
    mine = stage.readout.inner_text()
    sidebar(stage, "radio", "Sample").click()
    stage.page.get_by_test_id("stSidebar").get_by_role("combobox", name="Sample picture").click()
    stage.page.get_by_role("option", name="Brick wall").click()
    expect(stage.readout).not_to_have_text(mine)
    sidebar(stage, "button", "Back to mine.png").click()
    expect(stage.readout).to_have_text(mine)


def test_a_picture_can_be_pasted(stage: StagePage) -> None:
    sidebar(stage, "radio", "Paste").click()
    field = stage.page.get_by_test_id("stChatInput").get_by_role("textbox")
    expect(field).to_be_visible()
    field.evaluate(
        """(field, bytes) => {
            const transfer = new DataTransfer();
            transfer.items.add(new File([new Uint8Array(bytes)], "pasted.png", { type: "image/png" }));
            const options = { clipboardData: transfer, bubbles: true, cancelable: true };
            field.dispatchEvent(new ClipboardEvent("paste", options));
        }""",
        list(photo("PNG", 48, 64)),
    )
    send = stage.page.get_by_test_id("stChatInputSubmitButton")
    expect(send).to_be_enabled()
    send.click()
    expect(stage.shape).to_have_text("24 × 32 × 3 → 22 × 30 × 1")


def test_a_link_in_a_fresh_browser_gives_the_same_numbers(
    stage: StagePage, browser: Browser, app_url: str
) -> None:
    stage.open(f"{app_url}/?v=1&img=cat&k=emboss~red_green&b=0~2.5&p=full&edge=replicate&at=3.8.1")
    stage.seek(200)
    stage.rests_at("5.30.1")
    address = stage.page.url
    other = browser.new_context()
    fresh = StagePage(other.new_page()).open(address)
    expect(fresh.readout).to_have_text(stage.readout.inner_text())
    assert fresh.shape.inner_text() == stage.shape.inner_text() == "32 × 32 × 3 → 34 × 34 × 2"
    other.close()


def test_reload_and_back_give_the_same_numbers(stage: StagePage) -> None:
    stage.seek(301)
    stage.rests_at("10.1.0")
    sidebar(stage, "radio", "full").click()
    expect(stage.shape).to_have_text("32 × 32 × 3 → 34 × 34 × 1")
    expect(stage.page).to_have_url(re.compile("p=full"))
    full = stage.readout.inner_text()
    stage.page.reload()
    expect(stage.readout).to_have_text(full)
    stage.page.go_back()
    expect(stage.shape).to_have_text("32 × 32 × 3 → 30 × 30 × 1")
    expect(stage.readout).to_contain_text("output row 10, column 1,")
    expect(sidebar(stage, "radio", "valid")).to_be_checked()
    stage.page.go_back()
    expect(stage.page).not_to_have_url(re.compile("at="))
    expect(stage.readout).to_contain_text("output row 16, column 10,")
    stage.page.go_forward()
    expect(stage.readout).to_contain_text("output row 10, column 1,")


def test_what_cannot_be_read_in_an_address_is_said_and_the_rest_opens(stage: StagePage, app_url: str) -> None:
    stage.open(f"{app_url}/?v=1&img=nobody&size=16&k=sobel_y&s=0&at=1.1.0")
    warning = stage.page.get_by_test_id("stAlert")
    expect(warning).to_contain_text("There is no sample picture “nobody”")
    expect(warning).to_contain_text("stride must be an integer ≥ 1", ignore_case=True)
    expect(stage.shape).to_have_text("16 × 16 × 3 → 14 × 14 × 1")
    expect(stage.readout).to_contain_text("output row 1, column 1, feature 1 of 1 (Sobel y")
    stage.page.go_back()
    expect(stage.page).not_to_have_url(re.compile("nobody"))


def test_a_link_to_somebody_elses_photo_says_so_and_shows_a_sample(stage: StagePage, app_url: str) -> None:
    stage.open(f"{app_url}/?v=1&img=own&k=sobel_y")
    expect(stage.page.get_by_test_id("stAlert")).to_contain_text("a photo that somebody chose")
    expect(stage.readout).to_contain_text("Sobel y")


def test_a_typed_weight_is_applied_and_a_wrong_one_is_left_to_be_corrected(stage: StagePage) -> None:
    stage.page.get_by_text("Type the weights").click()
    cell = sidebar(stage, "textbox", "Weight R, G and B alike, row 0, column 1")
    cell.fill("-1/8")
    cell.press("Tab")
    expect(stage.readout).to_contain_text("(Own kernel)")
    own = Feature("own", (((-1.0,), (-0.125,), (1.0,)), ((-2.0,), (0.0,), (2.0,)), ((-1.0,), (0.0,), (1.0,))))
    assert_true(stage.read(), sample_layer(Experiment(features=(own,))))
    good = stage.readout.inner_text()
    cell.fill("eight")
    cell.press("Tab")
    expect(stage.page.get_by_test_id("stAlert")).to_contain_text("“eight” is not a number")
    expect(cell).to_have_value("eight")
    assert stage.readout.inner_text() == good
    cell.fill("0")
    cell.press("Tab")
    expect(stage.page.get_by_test_id("stAlert")).to_have_count(0)


def test_each_channel_can_have_its_own_slice_and_each_feature_its_own_kernel(stage: StagePage) -> None:
    set_number(stage, "How many kernels in the bank", 2)
    expect(stage.shape).to_have_text("32 × 32 × 3 → 30 × 30 × 2")
    sidebar(stage, "radio", "2").click()
    expect(stage.readout).to_contain_text("feature 2 of 2 (Sobel y")
    stage.page.get_by_text("Type the weights").click()
    each = sidebar(stage, "switch", "One slice for each channel")
    stage.page.get_by_text("One slice for each channel").click()
    expect(each).to_be_checked()
    green = sidebar(stage, "textbox", "Weight G, row 1, column 1")
    green.fill("4")
    green.press("Tab")
    expect(stage.readout).to_contain_text("feature 2 of 2 (Own kernel)")
    expect(stage.readout).to_contain_text(re.compile(r"G: [^.]*×4 "))
    reading = stage.read()
    np.testing.assert_array_equal(reading.weights[1], [-1, -2, -1, 0, 4, 0, 1, 2, 1])
    np.testing.assert_array_equal(reading.weights[0], [-1, -2, -1, 0, 0, 0, 1, 2, 1])
    sidebar(stage, "radio", "1").click()
    expect(stage.readout).to_contain_text("feature 1 of 2 (Sobel x")
    assert stage.read().weights[0].tolist() == [-1, 0, 1, -2, 0, 2, -1, 0, 1]


def test_settings_that_leave_no_window_say_so_and_can_be_taken_back(stage: StagePage, app_url: str) -> None:
    stage.open(f"{app_url}/?v=1&size=8&s=2x2")
    stage.page.get_by_text("Dilation, boundary, flip").click()
    set_number(stage, "Dilation, rows", 9)
    expect(stage.page.get_by_test_id("stAlert")).to_contain_text("larger working size")
    expect(stage.stage).to_have_count(0)
    set_number(stage, "Dilation, rows", 1)
    expect(stage.shape).to_have_text("8 × 8 × 3 → 3 × 3 × 1")


def test_two_tabs_are_two_experiments(stage: StagePage, app_url: str) -> None:
    other = StagePage(stage.page.context.new_page()).open(f"{app_url}/?v=1&img=cat&size=16")
    other.seek(5)
    stage.seek(444)
    stage.rests_at("14.24.0")
    other.rests_at("0.5.0")
    assert_true(other.read(), sample_layer(Experiment(picture="cat", size=16, place=Place(0, 5, 0))))
    assert_true(stage.read(), sample_layer(Experiment()))


def test_a_control_changed_while_playing_keeps_it_playing(stage: StagePage) -> None:
    stage.seek(3)
    stage.button("Play").click()
    expect(stage.button("Pause")).to_be_visible()
    sidebar(stage, "radio", "same").click()
    expect(stage.shape).to_have_text("32 × 32 × 3 → 32 × 32 × 1")
    expect(stage.button("Pause")).to_be_visible()
    at = stage.timeline.input_value()
    expect(stage.timeline).not_to_have_value(at)
    stage.button("Pause").click()
    assert_true(stage.at_step(stage.step()), sample_layer(Experiment(spec=ConvSpec.of(padding="same"))))


def test_nothing_is_asked_of_any_other_host(browser: Browser, app_url: str) -> None:
    context = browser.new_context()
    page = context.new_page()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    StagePage(page).open(app_url).seek(20)
    hosts = {url.split("/")[2] for url in asked if url.startswith(("http", "ws"))}
    assert hosts == {app_url.split("/")[2]}
    context.close()


def test_the_words_of_strangers_are_shown_as_they_are(browser: Browser, app_url: str) -> None:
    context = browser.new_context()
    page = context.new_page()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    stage = StagePage(page).open(f"{app_url}/?img=![x](http://a.test/x)&k=<img src=http://a.test/y>&s=$1$ :red[2]")
    warning = page.get_by_test_id("stAlert")
    expect(warning).to_contain_text("$1$ :red[2]")
    said = warning.inner_text().replace("\u2060", "")
    assert "![x](http://a.test/x)" in said
    assert "<img src=http://a.test/y>" in said
    expect(warning.locator("img, a, .katex")).to_have_count(0)
    choose_file(stage, "![z](http:a.test).png", photo("PNG", 20, 20), "image/png")
    expect(page.get_by_text("Your photo ![z](http:a.test).png is not in the address")).to_be_visible()
    assert [url for url in asked if "a.test" in url.removeprefix(app_url).split("?")[0]] == []
    context.close()


@pytest.mark.parametrize("pause", [0, 30, 45])
def test_weights_typed_faster_than_the_server_answers_are_all_kept(stage: StagePage, pause: int) -> None:
    stage.page.get_by_text("Type the weights").click()
    first = sidebar(stage, "textbox", "Weight R, G and B alike, row 0, column 0")
    first.click()
    for digit in "123456789":
        stage.page.keyboard.press("ControlOrMeta+a")
        stage.page.keyboard.type(digit, delay=pause)
        stage.page.keyboard.press("Tab", delay=pause)
    expect(stage.page).to_have_url(re.compile("k=3x3x1_1_2_3_4_5_6_7_8_9(&|$)"))
    expect(stage.readout).to_contain_text(re.compile(r"R: \d+×1 \+ \d+×2 .* \+ \d+×9 = \d+\. G"))
    for i, digit in enumerate("123456789"):
        name = f"Weight R, G and B alike, row {i // 3}, column {i % 3}"
        expect(sidebar(stage, "textbox", name)).to_have_value(digit)


def test_controls_used_in_a_hurry_all_count(stage: StagePage) -> None:
    stage.button("Step forward").click()
    more = stage.page.get_by_test_id("stSidebar").get_by_test_id("stNumberInputStepUp")
    for _ in range(5):
        more.last.click()
    sidebar(stage, "radio", "same").click()
    sidebar(stage, "spinbutton", "Stride, rows").fill("2")
    sidebar(stage, "spinbutton", "Stride, columns").fill("3")
    sidebar(stage, "spinbutton", "Stride, columns").press("Enter")
    expect(stage.shape).to_have_text("32 × 32 × 3 → 16 × 11 × 6")
    expect(stage.page).to_have_url(re.compile("s=2x3&p=same&at="))


def at_rest(page: Page) -> None:
    """Wait until the server has had nothing to do for sixty frames: whatever was on its way has come."""
    page.evaluate(
        """async () => {
            const app = document.querySelector("[data-testid=stApp]");
            for (let frames = 0; frames < 60; frames++) {
                await new Promise(requestAnimationFrame);
                if (app.dataset.testScriptState !== "notRunning") frames = 0;
            }
        }"""
    )


@pytest.mark.parametrize(("keys", "pause"), [("3121", 60), ("2313213121", 80), ("23", 250)])
def test_features_chosen_in_a_hurry_end_with_the_last_and_touch_no_kernel(
    stage: StagePage, app_url: str, keys: str, pause: int
) -> None:
    stage.open(f"{app_url}/?v=1&size=16&k=laplacian8~sobel_x~gaussian&b=0.1~12.5~-3")
    stage.canvas.focus()
    stage.page.keyboard.type(keys, delay=pause)
    last = int(keys[-1])
    expect(stage.page).to_have_url(re.compile(rf"[?&]at=\d+\.\d+\.{last - 1}(&|$)"))
    at_rest(stage.page)
    expect(stage.readout).to_contain_text(f"feature {last} of 3")
    expect(sidebar(stage, "radio", str(last))).to_be_checked()
    expect(stage.page).to_have_url(re.compile("k=laplacian8~sobel_x~gaussian&b=0.1~12.5~-3"))


def test_a_feature_chosen_while_playing_is_the_one_that_the_controls_change(
    stage: StagePage, app_url: str
) -> None:
    stage.open(f"{app_url}/?v=1&k=sobel_x~sobel_y~gaussian&at=0.0.0")
    stage.button("Play").click()
    stage.page.mouse.click(*stage.thumb_point(2))
    expect(sidebar(stage, "radio", "3")).to_be_checked()
    expect(stage.button("Pause")).to_be_visible()
    choose_kernel(stage, "Emboss", "Kernel of feature 3")
    expect(stage.page).to_have_url(re.compile("k=sobel_x~sobel_y~emboss"))


def test_a_place_that_a_smaller_map_has_moved_is_the_one_in_the_address(stage: StagePage, app_url: str) -> None:
    stage.open(f"{app_url}/?v=1&at=29.29.0")
    set_number(stage, "Stride, rows", 4)
    expect(stage.readout).to_contain_text("output row 7, column 29")
    stage.rests_at("7.29.0")


def test_features_that_were_dropped_come_back_as_they_were(stage: StagePage, app_url: str) -> None:
    stage.open(f"{app_url}/?v=1&k=sobel_x~1x1x1_7~emboss&b=0~5~0")
    set_number(stage, "How many kernels in the bank", 1)
    expect(stage.page).to_have_url(re.compile(r"^(?!.*k=)"))
    set_number(stage, "How many kernels in the bank", 3)
    expect(stage.page).to_have_url(re.compile("k=sobel_x~1x1x1_7~emboss&b=0~5~0"))


def test_a_page_asked_for_by_its_name_on_a_new_server_comes_with_its_controls(page: Page, tmp_path: Path) -> None:
    with running_app(tmp_path / "app.log") as url:
        stage = StagePage(page).open(f"{url}/explore?v=1&k=box&size=16")
        expect(stage.shape).to_have_text("16 × 16 × 3 → 14 × 14 × 1")
        sidebar(stage, "radio", "same").click()
        expect(stage.shape).to_have_text("16 × 16 × 3 → 16 × 16 × 1")
        expect(page).to_have_url(re.compile("k=box&p=same|size=16&k=box&p=same"))


def test_a_page_that_is_open_while_the_server_restarts_goes_on(page: Page, tmp_path: Path) -> None:
    port = free_port()
    with running_app(tmp_path / "before.log", port) as url:
        stage = StagePage(page).open(f"{url}/?v=1&k=box&size=16")
    with running_app(tmp_path / "after.log", port):
        expect(page.get_by_test_id("stConnectionStatus")).to_have_count(0)
        same = sidebar(stage, "radio", "same")
        full = sidebar(stage, "radio", "full")
        expect(same).to_be_visible(timeout=20_000)
        for _ in range(20):
            full.click()
            same.click()
            if stage.shape.inner_text() == "16 × 16 × 3 → 16 × 16 × 1":
                break
            page.evaluate("() => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))")
        expect(stage.shape).to_have_text("16 × 16 × 3 → 16 × 16 × 1")
        assert "app" not in page.url.split("?")[0].split("/")[-1]
