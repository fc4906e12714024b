"""The stage on all kinds of screens: more contrast, the system's colours and theme, pixel ratios, a phone."""

import base64
import io
from collections.abc import Callable, Iterator
from typing import Any, Literal
from urllib.parse import urlencode

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Browser, BrowserType, Page, expect
from stage_page import BUTTONS, StagePage, assert_true, plain_page, sample_layer

from conv_engine import ConvSpec
from ui.experiment import Experiment, Feature

WHITE, BLACK = (255, 255, 255), (0, 0, 0)
# Of cells that are not computed yet: `empty` of each palette in colour.js.
EMPTY = {
    ("light", False): (236, 239, 243),
    ("dark", False): (27, 34, 44),
    ("light", True): (232, 232, 232),
    ("dark", True): (44, 44, 44),
}
Scheme = Literal["light", "dark"]


def expect_look(stage: StagePage, scheme: Scheme, high: bool) -> None:
    """Wait until the last cell, not computed yet, and with it the whole canvas have the colours of a palette."""
    expect_pixel(stage, stage.centre(29, 29), EMPTY[scheme, high])
    expect(stage.contrast).to_be_checked(checked=high)
    if high:
        paper, ink = (WHITE, BLACK) if scheme == "light" else (BLACK, WHITE)
        expect_pixel(stage, (8, 1), paper)
        expect(stage.stage).to_have_css("background-color", f"rgb{paper}")
        expect(stage.stage).to_have_css("color", f"rgb{ink}")


def expect_pixel(stage: StagePage, point: tuple[float, float], colour: tuple[int, int, int]) -> None:
    for _ in range(200):
        if stage.pixel(*point) == colour:
            return
        stage.page.evaluate("() => new Promise(done => requestAnimationFrame(done))")
    raise AssertionError(f"{point} is {stage.pixel(*point)}, not {colour}")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_more_contrast_is_the_systems_choice_and_the_persons(page: Page, app_url: str, scheme: Scheme) -> None:
    page.emulate_media(color_scheme=scheme, contrast="more")
    stage = StagePage(page).open(app_url)
    expect_look(stage, scheme, high=True)
    stage.contrast.focus()
    stage.page.keyboard.press("Space")
    expect_look(stage, scheme, high=False)
    expect(stage.button("Play")).to_be_visible()
    stage.page.keyboard.press("Space")
    expect_look(stage, scheme, high=True)
    stage.page.emulate_media(contrast="no-preference")
    expect_look(stage, scheme, high=False)
    stage.page.emulate_media(contrast="more")
    expect_look(stage, scheme, high=True)
    other: Scheme = "dark" if scheme == "light" else "light"
    stage.page.emulate_media(color_scheme=other)
    expect_look(stage, other, high=True)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_with_the_systems_own_colours_buttons_their_states_and_the_focus_show(
    page: Page, app_url: str, scheme: Scheme
) -> None:
    page.emulate_media(color_scheme=scheme, forced_colors="active")
    stage = StagePage(page).open(app_url)
    expect(stage.contrast).to_be_checked()
    stage.button("Sub-steps").click()
    stage.button("To start").click()
    expect(stage.button("To start")).to_have_attribute("aria-disabled", "true")

    def look(name: str) -> dict[str, str]:
        return stage.button(name).evaluate(
            """button => {
                const style = getComputedStyle(button);
                const { color, backgroundColor, borderTopColor, borderTopStyle, opacity } = style;
                return { color, backgroundColor, borderTopColor, borderTopStyle, opacity };
            }"""
        )

    plain, pressed, disabled = look("Help"), look("Sub-steps"), look("To start")
    for button in (plain, disabled, look("Play")):
        assert button["borderTopStyle"] == "solid"
        assert button["opacity"] == "1"
        assert button["borderTopColor"] != button["backgroundColor"] != button["color"]
    assert pressed["backgroundColor"] not in (plain["backgroundColor"], pressed["color"])
    assert disabled["color"] != plain["color"]
    ground = stage.stage.evaluate("stage => getComputedStyle(stage).backgroundColor")
    for element in (stage.button("Play"), stage.timeline, stage.contrast, stage.canvas):
        element.focus()
        stage.page.keyboard.press("Shift")
        expect(element).to_have_css("outline-style", "solid")
        assert element.evaluate("e => getComputedStyle(e).outlineColor") not in (ground, "rgba(0, 0, 0, 0)")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_plain_page_has_the_systems_theme_and_follows_it(page: Page, scheme: Scheme) -> None:
    page.emulate_media(color_scheme=scheme)
    experiment = Experiment()
    stage = plain_page(page, sample_layer(experiment), experiment.place, ":root { color-scheme: light dark }")
    expect_look(stage, scheme, high=False)
    other: Scheme = "dark" if scheme == "light" else "light"
    page.emulate_media(color_scheme=other)
    expect_look(stage, other, high=False)


def test_a_plain_page_that_knows_only_light_stays_light(page: Page) -> None:
    page.emulate_media(color_scheme="dark")
    experiment = Experiment()
    expect_look(plain_page(page, sample_layer(experiment), experiment.place), "light", high=False)


SIZES = [(1237, 777), (803, 901), (391, 845)]


def resize(stage: StagePage, width: int, height: int) -> dict[str, float]:
    """Resize the window, wait until the canvas fills the stage, and say where it lies, in pixels of the device."""
    screen = stage.page.context.new_cdp_session(stage.page)
    metrics = {"width": width, "height": height, "deviceScaleFactor": 0, "mobile": False}
    screen.send("Emulation.setDeviceMetricsOverride", metrics)
    # The sidebar comes and goes with a movement.
    stage.page.wait_for_function(
        """([canvas, width]) => {
            const box = canvas.parentElement.getBoundingClientRect();
            const place = [box.left, box.top, box.width].join();
            const still = canvas.lastPlace === place;
            canvas.lastPlace = place;
            const gap = Math.floor(box.width) - canvas.getBoundingClientRect().width;
            const moving = document.getAnimations().some(({ playState, effect }) =>
                playState === "running" && effect.getComputedTiming().endTime !== Infinity);
            return still && !moving && innerWidth === width && Math.abs(gap) < 1 / devicePixelRatio;
        }""",
        arg=[stage.canvas.element_handle(), width],
    )
    return stage.canvas.evaluate(
        """canvas => {
            const { left, top, width, height } = canvas.getBoundingClientRect();
            const [pixelsWide, pixelsHigh] = [canvas.width, canvas.height];
            const device = Object.entries({ left, top, width, height }).map(([k, v]) => [k, v * devicePixelRatio]);
            return { ...Object.fromEntries(device), pixelsWide, pixelsHigh };
        }"""
    )


@pytest.mark.parametrize("ratio", [1, 1.5, 3])
def test_the_stage_is_crisp_at_any_device_pixel_ratio_while_it_plays_and_the_window_changes(
    browser_type: BrowserType, browser_type_launch_args: dict[str, Any], app_url: str, ratio: float
) -> None:
    # A ratio of the browser's own: the one that a context emulates snaps to other pixels than a screen's.
    arguments = [*browser_type_launch_args["args"], f"--force-device-scale-factor={ratio}"]
    browser = browser_type.launch(**{**browser_type_launch_args, "args": arguments})
    stage = StagePage(browser.new_context(no_viewport=True).new_page()).open(app_url)
    assert stage.page.evaluate("devicePixelRatio") == ratio
    sizes = SIZES if ratio < 3 else SIZES[1:]  # three pixels to one are for what is held in a hand
    resize(stage, *sizes[0])
    stage.button("To start").click()
    stage.button("Play").click()
    for width, height in sizes:
        place = resize(stage, width, height)
        # The browser lays out in 64ths of a CSS pixel.
        unit = ratio / 64 + 1e-6
        assert abs(place["width"] - place["pixelsWide"]) <= unit
        assert abs(place["height"] - place["pixelsHigh"]) <= unit
        for side in ("left", "top"):
            assert abs(place[side] - round(place[side])) <= unit, (side, width, height)
        expect(stage.button("Pause")).to_be_visible()
        at = stage.step()
        expect(stage.timeline).not_to_have_value(str(at))
    stage.button("Pause").click()
    stage.page.mouse.move(2, 2)
    for width, height in sizes[-2:]:
        resize(stage, width, height)
        assert_shown_pixel_for_pixel(stage)
    browser.close()


def assert_shown_pixel_for_pixel(stage: StagePage) -> None:
    """Assert that the screen shows the pixels of the canvas, none of them stretched."""
    stage.canvas.evaluate("canvas => canvas.scrollIntoView({ block: 'center' })")
    screen = np.asarray(Image.open(io.BytesIO(stage.page.screenshot())).convert("RGB"), dtype=int)
    left, top, data = stage.canvas.evaluate(
        """canvas => {
            const { left, top } = canvas.getBoundingClientRect();
            return [...[left, top].map(v => Math.round(v * devicePixelRatio)), canvas.toDataURL().split(",")[1]];
        }"""
    )
    drawn = np.asarray(Image.open(io.BytesIO(base64.b64decode(data))), dtype=int)
    # The part that neither the header nor the bar lies over: titles and the pictures' upper rows.
    rows, cols = drawn.shape[0] // 4, drawn.shape[1]
    shown, whole = screen[top : top + rows, left : left + cols], drawn[:rows, :cols, 3] == 255
    assert np.abs(shown - drawn[:rows, :cols, :3])[whole].max() <= 1


TWO_MAPS = Experiment(features=(Feature("sobel_x"), Feature("gaussian")), spec=ConvSpec.of(padding=1))


@pytest.fixture
def phone(browser: Browser, app_url: str) -> Iterator[StagePage]:
    context = browser.new_context(
        viewport={"width": 390, "height": 844}, device_scale_factor=3, has_touch=True, is_mobile=True
    )
    yield StagePage(context.new_page()).open(f"{app_url}/?{urlencode(TWO_MAPS.to_query())}")
    context.close()


def tap(stage: StagePage, point: Callable[[], tuple[float, float]]) -> None:
    """Scroll a point of the canvas to the middle of the screen, and tap on it."""
    _, y = point()
    scroll = "(main, y) => main.scrollBy({ top: y - innerHeight / 2, behavior: 'instant' })"
    stage.page.get_by_test_id("stMain").evaluate(scroll, y)
    stage.page.touchscreen.tap(*point())


def test_a_finger_does_what_a_mouse_does(phone: StagePage) -> None:
    layer = sample_layer(TWO_MAPS)
    phone.seek(100)
    tap(phone, lambda: phone.cell_point(7, 30))
    assert_true(phone.at_step(7 * 32 + 30), layer)
    tap(phone, lambda: phone.pixel_point(6, 9))
    pixel = ", ".join(f"{c} {v}" for c, v in zip("RGB", layer.image[5, 8], strict=True))
    expect(phone.readout).to_contain_text(f"Holding input row 5, column 8: {pixel}.")
    tap(phone, lambda: phone.pixel_point(6, 9))
    phone.at_step(7 * 32 + 30)
    tap(phone, lambda: phone.thumb_point(1))
    expect(phone.readout).to_contain_text("feature 2 of 2")
    reading = phone.at_step(7 * 32 + 30)
    assert reading.feature == 1
    assert_true(reading, layer)
    phone.button("Play").tap()
    expect(phone.timeline).not_to_have_value(str(7 * 32 + 30))
    phone.button("Pause").tap()
    assert_true(phone.at_step(phone.step()), layer)


def test_a_finger_can_hit_every_control(phone: StagePage) -> None:
    phone.button("Help").tap()
    expect(phone.page.get_by_role("dialog", name="Keys of the stage")).to_be_visible()
    controls = phone.stage.locator("button, input, select, summary, .canvas")
    sizes = controls.evaluate_all(
        """controls => controls.filter(control => control.checkVisibility()).map(control => {
            const { width, height } = control.getBoundingClientRect();
            return [control.ariaLabel ?? control.innerText, width, height];
        })"""
    )
    assert {name for name, _, _ in sizes} > {*BUTTONS, "Timeline", "Speed", "Sub-steps", "Help", "Close"}
    for name, width, height in sizes:
        least = 36 if name in BUTTONS else 24
        assert min(width, height) >= least, (name, width, height)
