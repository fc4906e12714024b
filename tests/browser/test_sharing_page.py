"""The Sharing page in a real browser: at stride 2 a row is pointed at, and its sum worked out once more here."""

import json
import re
from urllib.parse import urlencode

import numpy as np
from playwright.sync_api import Locator, Page, expect

from ui.experiment import Experiment

SOBEL = np.array([[-1, 0, 1], [-2, 0, 2], [-1, 0, 1]])


def written(readout: Locator) -> tuple[float, float]:
    """Return the sum of the products as they are written, and the number that is written behind them."""
    sentence = readout.inner_text().replace("−", "-").replace("(", "").replace(")", "")
    match = re.match(r"Row \d+: (.*) = (\S+)\.", sentence)
    assert match, sentence
    products = [[float(factor) for factor in term.split("·")] for term in match[1].split(" + ")]
    return sum(pixel * weight for pixel, weight in products), float(match[2])


def test_a_row_of_the_matrix_is_pointed_at_and_its_sum_is_that_of_its_window(page: Page, app_url: str) -> None:
    page.goto(f"{app_url}/sharing?{urlencode(Experiment().to_query())}")
    box, readout = page.get_by_test_id("toeplitz"), page.get_by_test_id("toeplitz-readout")
    expect(readout).to_contain_text("=", timeout=30_000)
    for axis in ("rows", "columns"):
        field = page.get_by_test_id("stSidebar").get_by_role("spinbutton", name=f"Stride, {axis}")
        field.fill("2")
        field.press("Enter")
    expect(box).to_have_attribute("data-state", re.compile(r'"mapShape":\[2,2\]'))
    state = json.loads(box.get_attribute("data-state") or "")
    image = np.reshape(state["image"], state["imageShape"])
    expected = [
        sum(image[row + i, col + j] * SOBEL[i, j] for i in range(3) for j in range(3))
        for row in (0, 2)
        for col in (0, 2)
    ]

    # By hand: the last row, whose first weight is over the pixel in row 2, column 2.
    matrix = page.get_by_test_id("toeplitz-matrix")
    matrix.scroll_into_view_if_needed()
    where = matrix.bounding_box()
    assert where
    unit = (where["width"] - 36) / 36
    page.mouse.move(where["x"] + 3 + (2 * 6 + 2 + 0.5) * unit, where["y"] + 33 + 3.5 * unit)
    expect(readout).to_contain_text("Row 3:")
    assert written(readout) == (expected[3], expected[3])
    weight = page.get_by_test_id("toeplitz-weight")
    expect(weight).to_contain_text("row 0, column 0 is −1. It is stored once and used 4 times")

    # By the keys, and by the buttons.
    matrix.focus()
    page.keyboard.press("ArrowUp")
    expect(readout).to_contain_text("Row 2:")
    assert written(readout) == (expected[2], expected[2])
    box.get_by_role("button", name="Row before").click()
    expect(readout).to_contain_text("Row 1:")
    box.get_by_role("button", name="Play").click()
    expect(readout).to_contain_text("Row 2:")
    box.get_by_role("button", name="Pause").click()

    # A pixel of the picture: where the four windows meet it feeds all of them.
    page.get_by_test_id("toeplitz-picture").focus()
    page.keyboard.press("ArrowRight")
    for key in ("ArrowRight", "ArrowDown", "ArrowDown"):
        page.keyboard.press(key)
    expect(readout).to_contain_text("row 2, column 2")
    expect(readout).to_contain_text("feeds 4 cells: rows 0 by 1, 1 by −1, 2 by 1, 3 by −1.")
