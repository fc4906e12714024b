"""Truth on the stage: units, why a cell is bright, the common mistake, and the kernel that is turned over."""

import re
from dataclasses import replace

import numpy as np
import pytest
from playwright.sync_api import Locator, Page, expect
from stage_page import StagePage, address, assert_true, layer_of, number, plain_page, sample_layer, trace

from conv_engine import conv2d
from ui.experiment import Experiment, Feature, Place

COLOURS = Experiment(features=(Feature("red_green", bias=3.0), Feature("sobel_x")), place=Place(7, 9, 0))


@pytest.fixture
def stage(page: Page) -> StagePage:
    return StagePage(page)


@pytest.mark.parametrize("unit", [False, True])
def test_pixel_values_are_the_same_everywhere_in_either_unit(stage: StagePage, app_url: str, unit: bool) -> None:
    experiment = replace(COLOURS, unit=unit)
    layer = sample_layer(experiment)
    stage.open(address(app_url, experiment))
    reading = stage.read()
    truth = trace(layer, 7, 9, 0)
    np.testing.assert_allclose(reading.patch, truth.patch.reshape(-1, 3).T, rtol=5e-6)
    np.testing.assert_allclose(reading.sums, truth.channel_sums, rtol=5e-6, atol=1e-12)
    np.testing.assert_allclose(reading.value, truth.value, rtol=5e-6)
    assert (reading.patch.max() <= 1) == unit
    stage.page.mouse.move(*stage.pixel_point(3, 4))
    expect(stage.readout).to_contain_text("Pointing at input row 3, column 4: ")
    said = re.search(r": R (\S+), G (\S+), B ([\d.]+)\. ", stage.readout.inner_text())
    assert said
    np.testing.assert_allclose([number(said[i]) for i in (1, 2, 3)], layer.image[3, 4], rtol=5e-6)
    top = 1 if unit else 255
    maps = stage.stage.get_by_role("combobox", name="Show the maps as")
    expect(maps).to_contain_text(f"clamped to 0…{top}")
    expect(stage.page.get_by_text(f"Pixel values from 0 to {top}")).to_be_visible()


def test_the_unit_is_chosen_beside_the_picture_and_kept_in_the_address(stage: StagePage, app_url: str) -> None:
    stage.open(address(app_url, COLOURS))
    before = stage.read()
    stage.page.get_by_test_id("stSidebar").get_by_role("radio", name="0…1").click()
    expect(stage.page).to_have_url(re.compile("[?&]u=1"))
    expect(stage.page.get_by_text("Pixel values from 0 to 1")).to_be_visible()
    after = stage.read()
    np.testing.assert_allclose(after.patch, before.patch / 255, rtol=5e-6)
    assert after.bias == before.bias == 3


def rows_of(why: Locator) -> list[tuple[str, float]]:
    """Return what the ranking says: each tap, and its product."""
    rows = []
    for row in why.get_by_role("listitem").all():
        tap, product = row.locator(".tap").inner_text(), row.locator(".product").inner_text()
        rows.append((tap, number(re.split("[=≈] ", product)[1])))
    return rows


def test_why_a_cell_is_bright_is_answered_by_its_products_by_size(stage: StagePage, app_url: str) -> None:
    layer = sample_layer(COLOURS)
    stage.open(address(app_url, replace(COLOURS, place=Place(7, 9, 1))))
    why = stage.page.get_by_test_id("stage-why")
    why.locator("summary").click()
    for step in (7 * 30 + 9, 12 * 30 + 20):
        stage.seek(step)
        truth = trace(layer, *divmod(step, 30), 1)
        expect(why).to_contain_text("Row {}, column {} is ".format(*divmod(step, 30)))
        ranked = sorted(
            (
                (f"{'RGB'[c]}, row {i}, column {j}", value)
                for (i, j, c), value in np.ndenumerate(truth.products)
                if value
            ),
            key=lambda item: -abs(item[1]),
        )
        shown = rows_of(why)
        assert len(shown) == 9
        assert [abs(value) for _, value in shown] == [abs(value) for _, value in ranked[:9]]
        assert {item for item in shown if abs(item[1]) > abs(shown[-1][1])} <= set(ranked)
        rest = re.search(r"(\d+) smaller products: together (\S+)\. (\d+) products are 0", why.inner_text())
        assert rest
        assert int(rest[1]) == len(ranked) - 9
        assert int(rest[3]) == 27 - len(ranked)
        whole = sum(value for _, value in shown) + number(rest[2])
        np.testing.assert_allclose(whole + truth.bias, truth.value, rtol=5e-6)
        bars = why.locator(".track > span")
        for (_, value), bar in zip(shown, bars.all(), strict=True):
            assert bar.get_attribute("class") == ("bar-up" if value > 0 else "bar-down")


def test_the_strongest_and_weakest_patches_are_those_of_the_map_and_one_jumps_to_them(
    stage: StagePage, app_url: str
) -> None:
    experiment = replace(COLOURS, place=Place(7, 9, 1))
    layer = sample_layer(experiment)
    values = conv2d(layer.image, layer.bank, layer.bias)[:, :, 1]
    stage.open(address(app_url, experiment))
    stage.canvas.focus()
    stage.page.keyboard.press("y")
    patches = stage.page.get_by_test_id("stage-why").get_by_role("button")
    expect(patches).to_have_count(8)
    for index, extreme in ((0, values.argmax()), (4, values.argmin())):
        row, col = divmod(int(extreme), 30)
        patch = patches.nth(index)
        expect(patch).to_have_accessible_name(re.compile(rf"^Go to row {row}, column {col}: "))
        pixels = patch.locator("canvas").evaluate(
            "c => [...c.getContext('2d').getImageData(0, 0, c.width, c.height).data]"
        )
        np.testing.assert_array_equal(
            np.reshape(pixels, (3, 3, 4))[:, :, :3], layer.pixels[row : row + 3, col : col + 3]
        )
        patch.click()
        assert_true(stage.at_step(row * 30 + col), layer)
        expect(patch).to_be_focused()


def test_the_common_mistake_stands_beside_what_happens(stage: StagePage, app_url: str) -> None:
    layer = sample_layer(COLOURS)
    stage.open(address(app_url, COLOURS))
    panel = stage.page.get_by_test_id("stage-mistake")
    panel.locator("summary").click()
    expect(panel).to_contain_text("kept apart")
    truth = trace(layer, 7, 9, 0)
    apart = re.search(r"Row 7, column 9: R (\S+), G (\S+), B (\S+), kept apart", panel.inner_text())
    assert apart
    np.testing.assert_allclose([number(apart[i]) for i in (1, 2, 3)], truth.channel_sums, rtol=5e-6)
    expect(panel).to_contain_text(f"{truth.value:.0f}, one number".replace("-", "−"))
    expect(panel).to_contain_text("one kernel gives one map")
    shape = (30, 30, 4)
    thought, happens = (
        np.reshape(
            canvas.evaluate("c => [...c.getContext('2d').getImageData(0, 0, c.width, c.height).data]"), shape
        )
        for canvas in panel.locator("canvas").all()
    )
    each = np.stack(
        [conv2d(layer.image[:, :, c : c + 1], layer.bank[:1, :, :, c : c + 1])[:, :, 0] for c in range(3)], 2
    )
    np.testing.assert_allclose(thought[:, :, :3], np.clip(each, 0, 255), atol=0.51)
    values = each.sum(2) + 3.0
    assert ((happens[:, :, 0] > happens[:, :, 2]) == (values > 0))[abs(values) > 20].all()


def test_a_grey_input_has_no_colours_to_be_mistaken(page: Page) -> None:
    image = np.arange(36, dtype=np.uint8).reshape(6, 6, 1)
    stage = plain_page(page, layer_of(image, np.ones((1, 3, 3, 1))))
    expect(page.get_by_test_id("stage-why")).to_be_visible()
    expect(page.get_by_test_id("stage-mistake")).to_be_hidden()
    stage.canvas.focus()
    page.keyboard.press("m")
    expect(page.get_by_test_id("stage-mistake")).to_be_hidden()


# How many pictures of a kernel are seen from now until it has rested for half a second after its first change.
WATCH = """async canvas => {
    const { x, y, w, h } = JSON.parse(canvas.dataset.places).weights[0].area;
    const context = canvas.getContext("2d");
    const seen = new Set();
    for (let frame = 0, rest = 0; frame < 600 && (seen.size < 2 || rest < 30); frame++, rest++) {
        await new Promise(requestAnimationFrame);
        const { data } = context.getImageData(x, y, w, h);
        const hash = data.reduce((sum, value, i) => (31 * sum + value * i) | 0, 7);
        if (!seen.has(hash)) rest = 0;
        seen.add(hash);
    }
    return seen.size;
}"""


@pytest.mark.parametrize("motion", ["no-preference", "reduce"])
def test_the_flip_switch_turns_the_kernel_over_visibly(page: Page, app_url: str, motion: str) -> None:
    page.emulate_media(reduced_motion="reduce" if motion == "reduce" else "no-preference")
    experiment = replace(COLOURS, place=Place(7, 9, 1))
    stage = StagePage(page).open(address(app_url, experiment))
    page.get_by_text("Dilation, boundary, flip").click()
    watching = stage.canvas.evaluate_handle(f"canvas => ({{ done: ({WATCH})(canvas) }})")
    page.get_by_test_id("stSidebar").get_by_text("Flip the kernel").click()
    expect(stage.stage).to_contain_text("convolution: the kernel is flipped")
    pictures = watching.evaluate("watching => watching.done")
    # Before and after; and, where things may move, the way between them.
    assert (pictures > 6) if motion == "no-preference" else (pictures == 2)
    assert_true(stage.read(), sample_layer(replace(experiment, flip=True)))
