"""The page Shift in a real browser: the object is moved by keys, and the numbers are the engine's."""

import json
import re
from urllib.parse import urlencode

import numpy as np
from playwright.sync_api import Page, expect

from conv_engine import LIBRARY
from ui.shift_scene import START, Way, background, compare, map_of, thing, with_thing

NOTHING = np.zeros((48, 48), dtype=np.uint8)
GROUND, CROSS = background("plain", NOTHING), thing("cross", NOTHING)
SOBEL = LIBRARY["sobel_x"].weights


def check_state(page: Page, way: Way, place: tuple[int, int]) -> None:
    """Hold what the page says against the engine."""
    state = json.loads(page.get_by_test_id("shift").get_attribute("data-state") or "")
    by = place[0] - START[0], place[1] - START[1]
    compared = compare(with_thing(GROUND, CROSS, START), SOBEL, 0.0, way, by)
    values = map_of(with_thing(GROUND, CROSS, place), SOBEL, 0.0, way)
    row, col = np.unravel_index(int(values.argmax()), values.shape)
    assert (state["place"], state["by"], state["shape"]) == ([*place], [*by], [*values.shape])
    assert state["peak"] == {"row": row, "col": col, "value": values.max()}
    assert state["inside"] == {"cells": compared.inside.sum(), "largest": compared.largest()}
    assert state["outside"] == {"cells": (~compared.inside).sum(), "largest": compared.largest(inside=False)}


def test_the_map_follows_at_stride_1_and_at_stride_2_only_by_whole_cells(page: Page, app_url: str) -> None:
    page.goto(f"{app_url}/shift?{urlencode({'m_place': f'{START[0]}_{START[1]}'})}")
    readout, verdict = page.get_by_test_id("shift-readout"), page.get_by_test_id("shift-verdict")
    expect(readout).to_contain_text("at its start", timeout=30_000)
    scene = page.get_by_test_id("shift-scene")
    scene.press("ArrowRight")
    scene.press("ArrowDown")
    scene.press("Shift+ArrowRight")
    expect(readout).to_contain_text("moved 1 down and 9 to the right")
    expect(verdict).to_contain_text("Largest difference: 0 in all")
    check_state(page, Way(), (START[0] + 1, START[1] + 9))
    expect(page).to_have_url(re.compile(r"m_place=13_19"))
    page.get_by_role("radiogroup", name="Stride").get_by_role("radio", name="2").click()
    expect(page.get_by_test_id("shift-steps")).to_contain_text("not as far as the scene")
    expect(verdict).not_to_contain_text("difference: 0 in all")
    check_state(page, Way(2), (START[0] + 1, START[1] + 9))
    scene.press("ArrowRight")
    scene.press("ArrowDown")
    expect(page.get_by_test_id("shift-steps")).to_contain_text("exactly as far")
    expect(verdict).to_contain_text("Largest difference: 0 in all")
    check_state(page, Way(2), (START[0] + 2, START[1] + 10))
    expect(page.get_by_test_id("shift-visits")).to_contain_text("○")
    box = scene.bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + box["width"] * 24.5 / 48, box["y"] + box["height"] * 18.5 / 48)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] * 34.5 / 48, box["y"] + box["height"] * 26.5 / 48)
    expect(readout).to_contain_text("moved 10 down and 20 to the right")
    page.mouse.up()
    expect(page).to_have_url(re.compile(r"m_place=22_30"))
    page.reload()
    expect(readout).to_contain_text("Object at row 22, column 30", timeout=30_000)
