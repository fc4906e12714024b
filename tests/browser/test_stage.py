"""The stage: every number on it is the engine's, by mouse, by keyboard, in every theme and at every size."""

import itertools
import re
from dataclasses import replace

import numpy as np
import pytest
from playwright.sync_api import Page, expect
from stage_page import BUTTONS, StagePage, address, assert_true, number, plain_page, sample_layer, trace

from conv_engine import ConvSpec, conv2d
from ui.experiment import Experiment, Feature, Place

NINTH = 1 / 9
OWN = Feature("own", (((0.5, -1.0, 0.0), (NINTH, 0.25, 2.0)), ((0.0, 0.0, 0.0), (-0.125, 3.0, -7.5))), bias=-12.5)

EXPERIMENTS = {
    "the first screen": Experiment(),
    "fractions": Experiment(picture="cat", features=(Feature("box"), Feature("gaussian", bias=0.1))),
    "stride 2, same": Experiment(
        size=64, spec=ConvSpec.of(stride=2, padding="same"), features=(Feature("emboss"),)
    ),
    "own weights, one slice for each channel": Experiment(picture="pattern", size=16, features=(OWN,)),
    "flipped, lopsided padding, mirrored": Experiment(
        picture="coffee",
        flip=True,
        features=(Feature("scharr_y"), Feature("roberts_a"), OWN),
        spec=ConvSpec.of(stride=(1, 3), padding=((2, 0), (1, 3)), boundary="reflect"),
        place=Place(0, 0, 2),
    ),
    "dilated, full, wrapped round": Experiment(
        picture="text", size=16, spec=ConvSpec.of(dilation=(2, 3), padding="full", boundary="circular")
    ),
    "1 × 1 colours": Experiment(picture="gravel", size=8, features=(Feature("luma"), Feature("red_green"))),
}


def bracketed(number: str) -> str:
    return f"({number})" if number.startswith("−") else number


def expect_colour(stage: StagePage, row: int, col: int, colour: tuple[int, int, int], same: bool = True) -> None:
    """Wait for frames to be drawn until the cell has this colour, give or take a rounding; or has it no more."""
    for _ in range(200):
        if (max(abs(a - b) for a, b in zip(stage.colour_at(row, col), colour, strict=True)) <= 1) == same:
            return
        stage.page.evaluate("() => new Promise(done => requestAnimationFrame(done))")
    shown = stage.colour_at(row, col)
    raise AssertionError(f"row {row}, column {col} is {shown}, {'not' if same else 'still'} {colour}")


@pytest.fixture
def stage(page: Page) -> StagePage:
    return StagePage(page)


@pytest.mark.parametrize("name", EXPERIMENTS)
def test_every_number_read_off_the_page_is_what_the_engine_computes(
    stage: StagePage, app_url: str, name: str
) -> None:
    experiment = EXPERIMENTS[name]
    layer = sample_layer(experiment)
    stage.open(address(app_url, experiment))
    expect(stage.shape).to_have_text(
        f"{' × '.join(map(str, layer.plan.image_shape))} → {' × '.join(map(str, layer.plan.output_shape))}"
    )
    rows, cols, _ = layer.plan.output_shape
    last = rows * cols - 1
    for step in (0, cols - 1, cols, last // 2, last):
        reading = stage.seek(step)
        assert (reading.row, reading.col) == divmod(step, cols)
        assert reading.feature == experiment.place.feature
        assert_true(reading, layer)


def test_the_map_is_blue_below_zero_orange_above_and_empty_where_the_window_has_not_been(
    stage: StagePage, app_url: str
) -> None:
    experiment = Experiment()
    layer = sample_layer(experiment)
    maps = conv2d(layer.image, layer.bank)
    stage.open(address(app_url, experiment))
    stage.seek(15 * 30 - 1)
    limit = float(np.abs(maps).max())
    signs = []
    for row, col in itertools.product(range(0, 13, 2), range(1, 29, 3)):
        red, _, blue = stage.colour_at(row, col)
        value = float(maps[row, col, 0])
        if abs(value) > limit / 50:
            assert (red > blue) == (value > 0), (row, col, value)
            signs.append(value > 0)
    assert len(set(signs)) == 2
    empty = {stage.colour_at(row, col) for row in (16, 22, 29) for col in (3, 17)}
    assert len(empty) == 1


def test_the_maps_can_be_looked_at_in_other_ways_and_what_is_lost_is_said(stage: StagePage, app_url: str) -> None:
    experiment = Experiment()
    layer = sample_layer(experiment)
    values = conv2d(layer.image, layer.bank)[:, :, 0]
    stage.open(address(app_url, experiment))
    stage.button("To end").click()
    stage.at_step(899)
    negative = divmod(int(values.argmin()), 30)
    assert stage.colour_at(*negative)[0] < stage.colour_at(*negative)[2]
    maps = stage.stage.get_by_role("combobox", name="Show the maps as")
    maps.select_option("clamped to 0…255")
    stage.page.mouse.move(*stage.cell_point(*negative))
    expect(stage.readout).to_contain_text("The map shows it as 0.")
    stage.page.mouse.move(2, 2)
    for row, col in ((3, 3), (11, 24), (20, 8), negative):
        expect_colour(stage, row, col, (round(min(255, max(0, float(values[row, col])))),) * 3)
    maps.select_option("absolute values")
    stage.page.mouse.move(*stage.cell_point(*negative))
    expect(stage.readout).to_contain_text(f"The map shows it as {-values.min():.0f}.")
    red, _, blue = stage.colour_at(*negative)
    assert red > blue


def test_a_step_is_the_same_whatever_way_leads_to_it(stage: StagePage, app_url: str) -> None:
    stage.open(app_url)
    stage.seek(99)
    by_scrubbing = stage.readout.inner_text()
    stage.button("Step forward").click()
    stage.at_step(100)
    stage.button("Step back").click()
    stage.at_step(99)
    assert stage.readout.inner_text() == by_scrubbing
    stage.button("To end").click()
    stage.at_step(899)
    stage.button("To start").click()
    stage.at_step(0)
    stage.page.mouse.click(*stage.cell_point(3, 9))
    stage.at_step(99)
    stage.page.mouse.move(2, 2)
    expect(stage.readout).to_have_text(by_scrubbing)


def test_it_plays_pauses_and_stops_at_the_end(stage: StagePage, app_url: str) -> None:
    stage.open(app_url)
    stage.seek(10)
    stage.button("Play").click()
    expect(stage.button("Pause")).to_be_visible()
    expect(stage.timeline).not_to_have_value("10")
    stage.button("Pause").click()
    at = stage.step()
    assert at > 10
    stage.at_step(at)
    stage.stage.get_by_role("slider", name="Speed").fill("1")
    stage.button("Play").click()
    expect(stage.timeline).to_have_value("899")
    expect(stage.button("Play")).to_be_visible()
    stage.at_step(899)
    stage.button("Play").click()
    expect(stage.timeline).not_to_have_value("899")


def test_pointing_at_a_cell_shows_its_arithmetic_and_leaving_takes_it_back(stage: StagePage, app_url: str) -> None:
    experiment = EXPERIMENTS["stride 2, same"]
    layer = sample_layer(experiment)
    stage.open(address(app_url, experiment))
    before = stage.seek(40)
    stage.page.mouse.move(*stage.cell_point(31, 0))
    expect(stage.readout).to_contain_text("Pointing at output row 31, column 0,")
    pointed = stage.read()
    assert_true(pointed, layer)
    assert stage.step() == 40
    stage.page.mouse.move(2, 2)
    assert stage.at_step(40).value == before.value


@pytest.mark.parametrize("name", ["stride 2, same", "flipped, lopsided padding, mirrored"])
def test_pointing_at_a_pixel_shows_every_cell_that_it_feeds_and_the_weights_on_the_way(
    stage: StagePage, app_url: str, name: str
) -> None:
    experiment = EXPERIMENTS[name]
    layer = sample_layer(experiment)
    feature = experiment.place.feature
    stage.open(address(app_url, experiment))
    (top, _), (left, _) = layer.plan.pads
    for row, col in ((0, 0), (1, 2), (17, 20)):
        stage.page.mouse.move(*stage.pixel_point(row + top, col + left))
        pixel = ", ".join(f"{c} {v}" for c, v in zip("RGB", layer.image[row, col], strict=True))
        expect(stage.readout).to_contain_text(f"Pointing at input row {row}, column {col}: {pixel}.")
        said = re.findall(r"row (\d+), column (\d+) through (.+?)[;.](?= |$)", stage.readout.inner_text())
        reached = layer.plan.reach(row, col)
        assert [(int(r), int(c)) for r, c, _ in said] == [(cell.row, cell.col) for cell in reached]
        for (_, _, weights), cell in zip(said, reached, strict=True):
            applied = trace(layer, cell.row, cell.col, feature).weights[cell.tap_row, cell.tap_col]
            shown = [number(text.split(" ")[-1]) for text in weights.split(", ")]
            np.testing.assert_allclose(shown if len(shown) == 3 else shown * 3, applied, rtol=5e-3)


def test_pointing_at_a_weight_shows_that_all_cells_share_it(stage: StagePage, app_url: str) -> None:
    stage.open(app_url)
    stage.seek(99)
    stage.page.mouse.move(*stage.weight_point(1, 1, 0))
    expect(stage.readout).to_have_text(
        "Pointing at the weight −2 of G, row 1, column 0 of the kernel. All 900 cells of the map share it: "
        "it has been used for 100 of them so far, and will be for 800 more."
    )
    stage.page.mouse.move(2, 2)
    stage.at_step(99)


def test_a_click_holds_a_pixel_or_a_weight_and_escape_lets_go(stage: StagePage, app_url: str) -> None:
    stage.open(app_url)
    stage.seek(99)
    stage.page.mouse.click(*stage.pixel_point(5, 6))
    stage.page.mouse.move(2, 2)
    expect(stage.readout).to_contain_text("Holding input row 5, column 6")
    stage.page.mouse.click(*stage.weight_point(2, 0, 2))
    stage.page.mouse.move(2, 2)
    expect(stage.readout).to_contain_text("Holding the weight 1 of B, row 0, column 2")
    stage.canvas.focus()
    stage.page.keyboard.press("Escape")
    assert_true(stage.at_step(99), sample_layer(Experiment()))


def test_keys_alone_point_at_pixels_and_weights(stage: StagePage, app_url: str) -> None:
    stage.open(app_url)
    stage.seek(99)
    press = stage.page.keyboard.press
    stage.canvas.focus()
    press("x")
    expect(stage.readout).to_contain_text("Holding input row 4, column 10: ")
    press("ArrowRight")
    press("ArrowUp")
    press("ArrowUp")
    expect(stage.readout).to_contain_text("Holding input row 2, column 11: ")
    expect(stage.timeline).to_have_value("99")
    press("Shift+ArrowRight")
    expect(stage.timeline).to_have_value("100")
    press("x")
    expect(stage.readout).to_contain_text("Holding the weight 0 of R, row 1, column 1 of the kernel")
    for _ in range(3):
        press("ArrowDown")
    press("ArrowLeft")
    expect(stage.readout).to_contain_text("Holding the weight −2 of G, row 1, column 0 of the kernel")
    press("x")
    stage.at_step(100)
    press("ArrowRight")
    stage.at_step(101)
    press("x")
    press("Escape")
    press("ArrowLeft")
    stage.at_step(100)


def test_a_thumbnail_chooses_the_feature_and_keeps_the_place(stage: StagePage, app_url: str) -> None:
    bank = tuple(Feature(key) for key in ("sobel_x", "sobel_y", "box", "luma"))
    experiment = Experiment(features=bank)
    layer = sample_layer(experiment)
    stage.open(address(app_url, experiment))
    stage.seek(123)
    stage.page.mouse.click(*stage.thumb_point(2))
    expect(stage.readout).to_contain_text("feature 3 of 4")
    reading = stage.read()
    assert (reading.row, reading.col, reading.feature) == (*divmod(123, 30), 2)
    assert_true(reading, layer)
    stage.rests_at("4.3.2")
    expect(stage.page.get_by_role("radio", name="3", exact=True)).to_be_checked()


def test_the_keyboard_alone_reaches_everything(stage: StagePage, app_url: str) -> None:
    stage.open(app_url)
    stage.canvas.focus()
    reached = [(name, "button") for name in BUTTONS]
    reached += [("Timeline", "slider"), ("Speed", "slider"), ("Sub-steps", "button"), ("Help", "button")]
    reached += [("Show the maps as", "combobox"), ("Colour scale", "combobox"), ("High contrast", "checkbox")]
    reached += [(name, "button") for name in ("Loupe", "Zoom out", "Zoom in", "Whole picture")]
    for name, role in reached:
        stage.page.keyboard.press("Tab")
        expect(stage.stage.get_by_role(role, name=name, exact=True)).to_be_focused()
    for panel in ("Why is this cell bright?", "The common mistake"):
        stage.page.keyboard.press("Tab")
        expect(stage.stage.locator("summary", has_text=panel)).to_be_focused()
    stage.page.keyboard.press("Tab")
    expect(stage.stage.locator(":focus")).to_have_count(0)
    stage.timeline.focus()
    stage.page.keyboard.press("Home")
    stage.at_step(0)
    stage.page.keyboard.press("ArrowRight")
    stage.at_step(1)
    stage.button("Play").focus()
    stage.page.keyboard.press("Space")
    expect(stage.button("Pause")).to_be_focused()
    expect(stage.timeline).not_to_have_value("1")
    stage.page.keyboard.press("Space")
    stage.at_step(stage.step())
    stage.button("To end").press("Enter")
    stage.at_step(899)
    expect(stage.button("To end")).to_be_focused()


def test_every_key_of_the_help_sheet_does_what_it_says(stage: StagePage, app_url: str) -> None:
    stage.open(address(app_url, Experiment(features=(Feature("sobel_x"), Feature("box")))))
    press = stage.page.keyboard.press
    stage.canvas.focus()
    press("Home")
    stage.at_step(0)
    for key, step in (
        ("ArrowRight", 1),
        ("Shift+ArrowRight", 2),
        ("ArrowLeft", 1),
        ("Shift+ArrowLeft", 0),
        ("ArrowDown", 30),
        ("PageDown", 120),
        ("ArrowUp", 90),
        ("PageUp", 0),
        ("End", 899),
    ):
        press(key)
        stage.at_step(step)
    press("2")
    expect(stage.readout).to_contain_text("feature 2 of 2")
    press("9")
    expect(stage.readout).to_contain_text("feature 2 of 2")
    speed = stage.stage.get_by_role("slider", name="Speed")
    expect(speed).to_have_attribute("aria-valuetext", "8.0 cells a second")
    press("+")
    expect(speed).to_have_attribute("aria-valuetext", "12 cells a second")
    press("-")
    expect(speed).to_have_attribute("aria-valuetext", "8.0 cells a second")
    press("Home")
    press("Space")
    expect(stage.button("Pause")).to_be_visible()
    press("Space")
    expect(stage.button("Play")).to_be_visible()
    press("p")
    expect(stage.button("Sub-steps")).to_have_attribute("aria-pressed", "true")
    press("?")
    sheet = stage.page.get_by_role("dialog", name="Keys of the stage")
    expect(sheet).to_be_visible()
    press("Escape")
    expect(sheet).not_to_be_visible()
    expect(stage.canvas).to_be_focused()


def test_the_six_sub_steps_lead_from_one_cell_to_the_next(stage: StagePage, app_url: str) -> None:
    experiment = Experiment(features=(Feature("sobel_x", bias=-40.0),))
    layer = sample_layer(experiment)
    stage.open(address(app_url, experiment))
    stage.seek(99)
    stage.button("Sub-steps").click()
    assert_true(stage.at_step(99), layer)
    truth = trace(layer, 3, 10, 0)
    red, green, blue = (f"{value:.0f}".replace("-", "−") for value in truth.channel_sums)
    whole = f"{truth.channel_sums.sum():.0f}".replace("-", "−")
    value = f"{truth.value:.0f}".replace("-", "−")
    parts = (
        ("take the window", f"R: {', '.join(f'{pixel:.0f}' for pixel in truth.patch[:, :, 0].flat)}."),
        ("multiply", f"R: {truth.patch[0, 0, 0]:.0f}×(−1) = {truth.products[0, 0, 0]:.0f}".replace("-", "−")),
        ("sum each channel", f"= {red}. G: "),
        ("add the channels", f"R + G + B = {red} + {bracketed(green)} + {bracketed(blue)} = {whole}."),
        ("add the bias", f"{whole} + bias (−40) = {value}."),
    )
    empty = stage.colour_at(3, 12)
    for turn, (words, numbers) in enumerate(parts, start=1):
        stage.button("Step forward").click()
        expect(stage.readout).to_contain_text(
            f"Step 101 of 900, part {turn} of 6, {words}: output row 3, column 10,"
        )
        expect(stage.readout).to_contain_text(numbers)
    assert stage.colour_at(3, 10) == empty
    stage.button("Step forward").click()
    assert_true(stage.at_step(100), layer)
    expect_colour(stage, 3, 10, empty, same=False)
    stage.button("Step back").click()
    expect(stage.readout).to_contain_text("part 5 of 6, add the bias")


def test_whatever_the_path_to_a_step_the_picture_is_the_same(stage: StagePage, app_url: str) -> None:
    stage.open(app_url)
    stage.button("Sub-steps").click()

    def picture(step: int = 40) -> str:
        stage.page.mouse.move(2, 2)
        stage.at_step(step)
        return stage.canvas.evaluate(
            "canvas => new Promise(done => requestAnimationFrame(() => requestAnimationFrame("
            "() => done(canvas.toDataURL()))))"
        )

    stage.seek(40)
    by_scrubbing = picture()
    stage.seek(41)
    stage.canvas.focus()
    stage.page.keyboard.press("Shift+ArrowLeft")
    assert picture() == by_scrubbing
    stage.page.mouse.click(*stage.cell_point(1, 10))
    assert picture() == by_scrubbing
    stage.seek(42)
    for _ in range(12):
        stage.button("Step back").click()
    assert picture() == by_scrubbing
    stage.button("Previous row").click()
    stage.button("Next row").click()
    assert picture() == by_scrubbing
    stage.button("Sub-steps").click()
    stage.button("Play").click()
    expect(stage.timeline).not_to_have_value("40")
    stage.button("Pause").click()
    step = stage.step()
    by_playing = picture(step)
    stage.seek(0)
    stage.seek(step)
    stage.button("Play").focus()
    assert picture(step) == by_playing


def test_names_for_assistive_technology_are_there(stage: StagePage, app_url: str) -> None:
    stage.open(app_url)
    expect(stage.stage).to_have_attribute("role", "group")
    expect(stage.stage).to_have_attribute("aria-label", "Convolution stage")
    expect(stage.readout).to_have_attribute("aria-live", "polite")
    expect(stage.timeline).to_have_attribute("type", "range")
    expect(stage.timeline).to_have_attribute("min", "0")
    expect(stage.timeline).to_have_attribute("max", "899")
    for name in BUTTONS:
        expect(stage.button(name)).to_be_visible()


def test_the_formula_has_the_numbers_in_it_and_what_is_never_read_is_counted(
    stage: StagePage, app_url: str
) -> None:
    experiment = Experiment(size=32, spec=ConvSpec.of(stride=(4, 1)))
    stage.open(address(app_url, experiment))
    expect(stage.stage).to_contain_text("rows: ⌊(32 − 3) / 4⌋ + 1 = 8")
    expect(stage.stage).to_contain_text("columns: ⌊(32 − 3) / 1⌋ + 1 = 30")
    expect(stage.stage).to_contain_text("cross-correlation: the kernel is not flipped")
    assert sample_layer(experiment).plan.unused == (1, 0)


def test_a_place_beyond_a_smaller_map_comes_to_rest_on_its_last_cell(stage: StagePage, app_url: str) -> None:
    stage.open(f"{app_url}/?v=1&size=8&at=500.3.9")
    reading = stage.read()
    assert (reading.row, reading.col, reading.feature) == (5, 3, 0)


@pytest.mark.parametrize(
    ("width", "height", "scheme"), [(1440, 900, "light"), (1024, 768, "dark"), (390, 844, "light")]
)
def test_nothing_is_cut_off(page: Page, app_url: str, width: int, height: int, scheme: str) -> None:
    bank = tuple(Feature(key) for key in ("sobel_x", "gaussian", "roberts_b", "blue_yellow"))
    experiment = Experiment(features=bank, spec=ConvSpec.of(padding="same"))
    page.set_viewport_size({"width": width, "height": height})
    page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
    stage = StagePage(page).open(address(app_url, experiment))
    overflow = stage.page.get_by_test_id("stMain").evaluate("main => main.scrollWidth - main.clientWidth")
    assert overflow <= 0
    clipped = stage.stage.evaluate(
        """stage => [...stage.querySelectorAll("*")]
            .filter(e => !["svg", "path", "input"].includes(e.localName) && e.scrollWidth > e.clientWidth + 1
                && getComputedStyle(e).display !== "inline")
            .map(e => e.className)"""
    )
    assert clipped == []
    bounds = [stage.stage.bounding_box()] + [stage.button(name).bounding_box() for name in BUTTONS]
    for box in bounds:
        assert box is not None
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= width
    for one, other in itertools.combinations(bounds[1:], 2):
        assert one is not None
        assert other is not None
        assert one["x"] + one["width"] <= other["x"] or other["x"] + other["width"] <= one["x"]
    if (width, height) == (1440, 900):
        timeline = stage.timeline.bounding_box()
        assert timeline is not None
        assert timeline["y"] + timeline["height"] <= height
    background = stage.canvas.evaluate("c => [...c.getContext('2d').getImageData(8, c.height - 2, 1, 1).data]")
    assert (sum(background[:3]) < 150) == (scheme == "dark")


def test_with_reduced_motion_the_window_does_not_travel(page: Page, app_url: str) -> None:
    page.emulate_media(reduced_motion="reduce")
    stage = StagePage(page).open(app_url)
    stage.seek(0)
    stage.button("Play").click()
    expect(stage.timeline).not_to_have_value("0")
    stage.button("Pause").click()
    assert_true(stage.at_step(stage.step()), sample_layer(Experiment()))


def test_the_stage_works_in_a_plain_page_without_streamlit(page: Page) -> None:
    experiment = replace(EXPERIMENTS["fractions"], place=Place(3, 4, 1))
    layer = sample_layer(experiment)
    stage = plain_page(page, layer, experiment.place)
    expect(stage.readout).to_have_text(re.compile("^Step 95 of 900: output row 3, column 4, feature 2 of 2"))
    assert_true(stage.read(), layer)
    assert_true(stage.seek(501), layer)
