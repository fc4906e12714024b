"""Space on the stage: zooming, panning, the loupe, large kernels, many channels, by mouse, keys and fingers."""

import re

import numpy as np
import pytest
from playwright.sync_api import Browser, Page, expect
from stage_page import StagePage, address, assert_true, layer_of, number, plain_page, sample_layer, trace

from conv_engine import ConvSpec
from ui.experiment import Experiment, Feature, Place

RANDOM = np.random.default_rng(5)


@pytest.fixture
def stage(page: Page, app_url: str) -> StagePage:
    return StagePage(page).open(f"{app_url}/?v=1&size=64&at=20.30.0")


def pixel_size(stage: StagePage) -> float:
    size: float = stage.places()["input"]["px"]
    return size


def test_the_wheel_zooms_into_both_pictures_about_the_pixel_under_it(stage: StagePage) -> None:
    before = pixel_size(stage)
    at = stage.pixel_point(40, 12)
    stage.page.mouse.move(*at)
    stage.page.mouse.wheel(0, -600)
    expect(stage.button("Zoom out")).to_have_attribute("aria-disabled", "false")
    assert pixel_size(stage) > 2.5 * before
    np.testing.assert_allclose(stage.pixel_point(40, 12), at, atol=0.51 * pixel_size(stage))
    expect(stage.readout).to_contain_text("Pointing at input row 40, column 12")
    places = stage.places()
    ratio = places["output"]["px"] / places["input"]["px"]
    np.testing.assert_allclose(ratio, 64 / 62, rtol=1e-6)
    stage.page.mouse.wheel(0, 2000)
    expect(stage.button("Zoom out")).to_have_attribute("aria-disabled", "true")
    np.testing.assert_allclose(pixel_size(stage), before)


def test_a_wheel_that_cannot_zoom_out_further_scrolls_the_page(page: Page, app_url: str) -> None:
    page.set_viewport_size({"width": 1440, "height": 500})
    stage = StagePage(page).open(app_url)
    main = page.get_by_test_id("stMain")
    page.mouse.move(*stage.pixel_point(20, 5))
    before = main.evaluate("main => main.scrollTop")
    page.mouse.wheel(0, 120)
    page.wait_for_function("([main, before]) => main.scrollTop > before", arg=[main.element_handle(), before])
    assert stage.places()["input"]["x"] == stage.places()["input"]["frame"]["x"]


def test_keys_zoom_about_the_window_pan_and_go_back_to_the_whole(stage: StagePage) -> None:
    whole = stage.places()
    press = stage.page.keyboard.press
    stage.canvas.focus()
    for _ in range(5):
        press("i")
    assert pixel_size(stage) > 7 * whole["input"]["px"]
    assert stage.is_in_frame("input", 21, 31)
    assert stage.is_in_frame("output", 20, 30)
    for key, axis, sign in (("d", "x", -1), ("a", "x", 1), ("s", "y", -1), ("w", "y", 1)):
        before = stage.places()["input"][axis]
        press(key)
        assert np.sign(stage.places()["input"][axis] - before) == sign, key
    press("o")
    assert pixel_size(stage) < 7 * whole["input"]["px"]
    press("0")
    assert stage.places() == whole


def test_the_view_follows_the_window_wherever_the_step_goes(stage: StagePage) -> None:
    stage.canvas.focus()
    for _ in range(6):
        stage.page.keyboard.press("i")
    for key in ("End", "Home", "PageDown", "ArrowDown"):
        stage.page.keyboard.press(key)
        expect(stage.readout).to_contain_text("Step")
        reading = stage.read()
        assert stage.is_in_frame("output", reading.row, reading.col), key
        assert stage.is_in_frame("input", reading.row + 1, reading.col + 1), key
    stage.page.keyboard.press("Home")
    expect(stage.timeline).to_have_value("0")
    stage.page.keyboard.press("Space")
    expect(stage.timeline).not_to_have_value("0")
    stage.page.keyboard.press("Space")
    reading = stage.at_step(stage.step())
    assert stage.is_in_frame("output", reading.row, reading.col)


def test_a_drag_moves_the_picture_and_is_no_click(stage: StagePage) -> None:
    mouse = stage.page.mouse
    mouse.move(*stage.cell_point(20, 30))
    mouse.wheel(0, -600)
    expect(stage.button("Zoom out")).to_have_attribute("aria-disabled", "false")
    x, y = stage.cell_point(20, 30)
    before = stage.places()["output"]
    mouse.move(x, y)
    mouse.down()
    mouse.move(x + 40, y + 25, steps=4)
    mouse.up()
    after = stage.places()["output"]
    np.testing.assert_allclose([after["x"] - before["x"], after["y"] - before["y"]], [40, 25], atol=0.01)
    assert stage.step() == 20 * 62 + 30
    stage.page.mouse.click(*stage.cell_point(19, 29))
    mouse.move(2, 2)
    stage.at_step(19 * 62 + 29)


def test_two_fingers_zoom_the_picture_and_not_the_page(browser: Browser, app_url: str) -> None:
    context = browser.new_context(viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True)
    stage = StagePage(context.new_page()).open(f"{app_url}/?v=1&size=64&at=20.30.0")
    before = pixel_size(stage)
    x, y = stage.pixel_point(30, 30)
    client = context.new_cdp_session(stage.page)

    def touch(kind: str, *points: tuple[float, float]) -> None:
        fingers = [{"x": px, "y": py, "id": i} for i, (px, py) in enumerate(points)]
        client.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": fingers})

    touch("touchStart", (x - 10, y), (x + 10, y))
    for away in (15, 20, 30, 40):
        touch("touchMove", (x - away, y), (x + away, y))
    touch("touchEnd")
    expect(stage.button("Zoom out")).to_have_attribute("aria-disabled", "false")
    assert pixel_size(stage) > 2.5 * before
    assert stage.page.evaluate("() => visualViewport.scale") == 1
    # One finger moves the zoomed picture, and the page stays where it is.
    main = stage.page.get_by_test_id("stMain")
    scrolled = main.evaluate("main => main.scrollTop")
    moved = stage.places()["input"]["y"]
    touch("touchStart", (x, y))
    for dy in (10, 20, 30):
        touch("touchMove", (x, y - dy))
    touch("touchEnd")
    assert stage.places()["input"]["y"] < moved
    assert main.evaluate("main => main.scrollTop") == scrolled
    stage.button("Whole picture").tap()
    np.testing.assert_allclose(pixel_size(stage), before)
    context.close()


def test_the_loupe_can_be_put_away_and_taken_again(stage: StagePage) -> None:
    def picture() -> str:
        stage.next_frame()
        data: str = stage.canvas.evaluate("canvas => canvas.toDataURL()")
        return data

    loupe = stage.button("Loupe")
    expect(loupe).to_have_attribute("aria-pressed", "true")
    with_loupe = picture()
    loupe.click()
    expect(loupe).to_have_attribute("aria-pressed", "false")
    assert picture() != with_loupe
    stage.canvas.focus()
    stage.page.keyboard.press("l")
    expect(loupe).to_have_attribute("aria-pressed", "true")
    stage.page.mouse.move(2, 2)
    loupe.focus()
    assert picture() == with_loupe


def test_a_large_kernel_has_its_numbers_on_pointing(page: Page) -> None:
    image = RANDOM.integers(0, 256, (20, 22, 3), dtype=np.uint8)
    bank = np.round(RANDOM.normal(size=(2, 15, 15, 3)), 3)
    layer = layer_of(image, bank, padding="same")
    stage = plain_page(page, layer, Place(3, 4, 1))
    truth = trace(layer, 3, 4, 1)
    for channel, row, col in ((0, 7, 7), (1, 14, 14), (2, 10, 3)):
        stage.page.mouse.move(*stage.product_point(channel, row, col))
        where = f"Pointing at {'RGB'[channel]}, row {row}, column {col} of the window"
        expect(stage.readout).to_contain_text(where)
        said = re.search(r": (\S+)×(\S+) [=≈] (\S+)\.$", stage.readout.inner_text())
        assert said
        assert number(said[1]) == truth.patch[row, col, channel]
        np.testing.assert_allclose(number(said[2]), truth.weights[row, col, channel], rtol=5e-3)
        np.testing.assert_allclose(number(said[3]), truth.products[row, col, channel], rtol=5e-6)
    stage.page.mouse.move(*stage.product_point(0, 0, 14))
    expect(stage.readout).to_contain_text("the padding at row −4, column 11: 0×")
    stage.page.mouse.move(2, 2)
    expect(stage.readout).to_contain_text("The largest products are")
    _, row, col, channel = max((abs(value), -i, -j, -c) for (i, j, c), value in np.ndenumerate(truth.products))
    first = f"The largest products are {'RGB'[-channel]}, row {-row}, column {-col}: "
    expect(stage.readout).to_contain_text(first)


@pytest.mark.parametrize("channels", [1, 2, 4, 5, 16])
def test_any_number_of_channels_is_added_up_in_numbers(page: Page, channels: int) -> None:
    image = RANDOM.integers(0, 256, (9, 10, channels), dtype=np.uint8)
    bank = RANDOM.integers(-3, 4, (1, 3, 3, channels)).astype(float)
    layer = layer_of(image, bank)
    stage = plain_page(page, layer)
    stage.timeline.fill("11")
    expect(stage.readout).to_contain_text("Step 12 of 56: output row 1, column 3")
    truth = trace(layer, 1, 3, 0)
    last = stage.readout.inner_text().split(". ")[-1]
    terms = [number(term) for term in last.split(" = ")[1].split(" + ")]
    assert terms == [*truth.channel_sums, 0]
    assert number(last.split(" = ")[2].rstrip(".")) == truth.value
    assert len(stage.places()["folded"]) == (channels - 1 if channels > 4 else 0)
    overflow = stage.page.evaluate("() => document.documentElement.scrollWidth - innerWidth")
    assert overflow <= 0


def test_of_many_channels_one_is_unfolded_by_a_click_a_key_or_the_list(page: Page) -> None:
    image = RANDOM.integers(0, 256, (9, 10, 16), dtype=np.uint8)
    layer = layer_of(image, RANDOM.integers(-3, 4, (1, 3, 3, 16)).astype(float))
    stage = plain_page(page, layer)
    truth = trace(layer, 0, 0, 0)
    choice = stage.stage.get_by_role("combobox", name="Channel")

    def is_open(channel: int) -> None:
        expect(choice).to_have_value(str(channel))
        stage.page.mouse.move(*stage.product_point(0, 1, 1))
        expect(stage.readout).to_contain_text(f"Pointing at c{channel}, row 1, column 1 of the window")
        expect(stage.readout).to_contain_text(f": {truth.patch[1, 1, channel]:.0f}×")
        stage.page.mouse.move(2, 2)

    is_open(0)
    area = stage.places()["folded"][6]
    stage.page.mouse.click(*stage.on_canvas(area["x"] + 30, area["y"] + area["h"] / 2))
    is_open(7)
    stage.canvas.focus()
    stage.page.keyboard.press("c")
    is_open(8)
    stage.page.keyboard.press("Shift+C")
    is_open(7)
    choice.select_option("c15")
    is_open(15)


def test_the_maps_of_a_layer_before_are_an_input_too(page: Page) -> None:
    image = RANDOM.normal(size=(8, 9, 6)).astype(np.float32)
    bank = np.round(RANDOM.normal(size=(2, 3, 3, 6)), 2)
    layer = layer_of(image, bank, padding="same")
    stage = plain_page(page, layer, Place(4, 5, 1))
    truth = trace(layer, 4, 5, 1)
    total = re.search(r"[=≈] (\S+)\.( The|$)", stage.readout.inner_text().split("c5 + bias")[1])
    assert total
    np.testing.assert_allclose(number(total[1]), truth.value, rtol=5e-6)
    stage.page.mouse.move(*stage.product_point(0, 1, 2))
    expect(stage.readout).to_contain_text("Pointing at c0, row 1, column 2")
    said = re.search(r": (\S+)×(\S+) [=≈] (\S+)\.$", stage.readout.inner_text())
    assert said
    np.testing.assert_allclose(number(said[1]), truth.patch[1, 2, 0], rtol=5e-6)
    np.testing.assert_allclose(number(said[3]), truth.products[1, 2, 0], rtol=5e-6)


def test_windows_over_the_padding_say_how_many_of_their_taps_are(page: Page, app_url: str) -> None:
    spec = ConvSpec.of(padding="same", dilation=2)
    experiment = Experiment(features=(Feature("box"),), spec=spec, size=16)
    stage = StagePage(page).open(address(app_url, experiment))
    layer = sample_layer(experiment)
    for step, taps in ((0, 5), (2, 3), (34, 0), (16 * 8, 3)):
        assert_true(stage.seek(step), layer)
        said = re.search(r"(\d) of its 9 taps lie on the padding", stage.readout.inner_text())
        assert (int(said[1]) if said else 0) == taps


def test_what_no_window_reads_is_counted(page: Page) -> None:
    image = RANDOM.integers(0, 256, (13, 14, 1), dtype=np.uint8)
    stage = plain_page(page, layer_of(image, np.ones((1, 2, 2, 1)), stride=(3, 3)))
    expect(stage.shape).to_have_text("13 × 14 × 1 → 4 × 5 × 1")
    expect(stage.stage).to_contain_text(
        "The last 2 rows are never read. The windows leave gaps: 3 rows and 4 columns between them are never read."
    )
