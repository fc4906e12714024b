"""The Layers page in a real browser: choose, point at the strongest cell, read what it sees, pin it."""

import re

import numpy as np
from playwright.sync_api import Page, expect

from ui.images import load_sample, prepare
from ui.stack import parse_stack, run_stack
from ui.stack_presets import PRESETS


def seen_along(axis_cell: int) -> tuple[int, int]:
    """Walk back from a cell of the joints, index by index: 9 cells, pooled 2 by 2, each of a kernel of 9."""
    pooled = {axis_cell + tap for tap in range(9)}
    kept = {2 * cell + tap for cell in pooled for tap in range(2)}
    pixels = {cell + tap for cell in kept for tap in range(9)}
    return min(pixels), max(pixels)


def test_a_late_cell_lights_what_it_sees_and_pinning_it_shows_what_excites_its_unit(
    page: Page, app_url: str
) -> None:
    page.goto(f"{app_url}/layers")
    layers, readout = page.get_by_test_id("layers"), page.get_by_test_id("layers-readout")
    expect(readout).to_contain_text("Row", timeout=30_000)
    page.get_by_test_id("stMain").get_by_role("radio", name="Joints in a wall").click()
    expect(readout).to_contain_text("Layer 5 of 5, ReLU; unit 2 of 2: ┴")

    pixels = prepare(load_sample("bricks"), 128, False).pixels
    stack = PRESETS["joints"].stack
    run = run_stack(parse_stack(stack), pixels, ())
    joints = run.layers[3].maps
    row, col = divmod(int(joints[:, :, 0].argmax()), joints.shape[1])
    canvas = page.get_by_test_id("layers-map-3-0")
    canvas.scroll_into_view_if_needed()
    box = canvas.bounding_box()
    assert box
    side = joints.shape[0]
    page.mouse.move(box["x"] + (col + 0.5) / side * box["width"], box["y"] + (row + 0.5) / side * box["height"])
    expect(layers).to_have_attribute("data-cell", f"3 0 {row} {col}")
    (top, bottom), (left, right) = seen_along(row), seen_along(col)
    expect(layers).to_have_attribute("data-field", f"{top} {bottom} {left} {right}")
    expect(readout).to_contain_text(f"It sees rows {top}…{bottom}, columns {left}…{right} of the photo")
    shown = re.search(r"value [=≈] ([−\d.]+)", readout.inner_text())
    assert shown
    assert (
        float(shown[1].replace("−", "-")) == np.float32(joints[row, col, 0]).item()
        or abs(float(shown[1].replace("−", "-")) / float(joints[row, col, 0]) - 1) < 1e-6
    )
    expect(page.get_by_test_id("layers-field-0")).to_contain_text("2 of 4 maps")

    # The maps stay where they are, whatever is said of a cell: its own map would move away from under the mouse.
    places = page.locator("[data-testid^=layers-map-]").evaluate_all("all => all.map(one => one.offsetTop)")
    for layer in (0, 4):
        page.get_by_test_id(f"layers-map-{layer}-0").hover()
        expect(layers).to_have_attribute("data-cell", re.compile(f"^{layer} 0 "))
        now = page.locator("[data-testid^=layers-map-]").evaluate_all("all => all.map(one => one.offsetTop)")
        assert now == places

    # Off the map the pinned cell comes back; by keys alone another map is reached, and a cell pinned.
    page.mouse.move(5, 5)
    expect(readout).to_contain_text("Layer 5 of 5")
    page.get_by_test_id("layers-map-4-1").focus()
    page.keyboard.press("Shift+Tab")
    expect(readout).to_contain_text("Layer 5 of 5, ReLU; unit 1 of 2: ┬")
    last = run.layers[4].maps[:, :, 0]
    best = divmod(int(last.argmax()), side)
    expect(layers).to_have_attribute("data-cell", f"4 0 {best[0]} {best[1]}")
    page.keyboard.press("ArrowUp")
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("Enter")
    expect(layers).to_have_attribute("data-cell", f"4 0 {best[0] - 1} {best[1] - 1}")
    expect(page).to_have_url(re.compile(rf"cell=4\.0\.{best[0] - 1}\.{best[1] - 1}"))
    expect(page.get_by_role("heading", name=re.compile("What excites unit 1 of layer 5"))).to_be_visible()
    page.get_by_test_id("stMain").get_by_role("button", name="Cell {}, {}".format(*best), exact=True).click()
    expect(layers).to_have_attribute("data-cell", f"4 0 {best[0]} {best[1]}")

    page.reload()
    expect(readout).to_contain_text("unit 1 of 2: ┬", timeout=30_000)
    expect(layers).to_have_attribute("data-cell", f"4 0 {best[0]} {best[1]}")


def test_on_a_narrow_screen_nothing_sticks_out_and_the_photo_stays_in_sight(page: Page, app_url: str) -> None:
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto(f"{app_url}/layers")
    expect(page.get_by_test_id("layers-readout")).to_contain_text("Row", timeout=30_000)
    expect(page.get_by_role("region", name="The layers in numbers")).to_be_visible()
    main = page.get_by_test_id("stMain")
    assert main.evaluate("main => main.scrollWidth <= main.clientWidth")
    last = page.get_by_test_id("layers-map-4-3")
    last.scroll_into_view_if_needed()
    last.click()
    expect(page.get_by_test_id("layers")).to_have_attribute("data-cell", re.compile("^4 3 "))
    expect(page.get_by_test_id("layers-photo")).to_be_in_viewport()
    expect(last).to_be_in_viewport()
