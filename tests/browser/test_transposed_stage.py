"""A transposed convolution on the stage, in a plain page: its numbers, its words, its picture."""

import re

import numpy as np
import pytest
from playwright.sync_api import Page, expect
from stage_page import StagePage, number, plain_page

from ui.transposed import TransposedLayer, build_transposed

MAPS = np.array([[10, 20, 30], [40, 50, 60], [70, 80, 200]], dtype=np.uint8)[:, :, np.newaxis]
BANK = np.arange(1.0, 10.0).reshape(1, 3, 3, 1)
# The paper's case with a stride, a padding, and a row and a column added: from 3 × 3 to 6 × 6.
SIZE = 6
EMPTY = {"light": (236, 239, 243), "dark": (27, 34, 44)}


def layer() -> TransposedLayer:
    return build_transposed(MAPS, BANK, ["Counting"], stride=2, padding=1, output_padding=1)


@pytest.fixture
def stage(page: Page) -> StagePage:
    page.emulate_media(color_scheme="light", reduced_motion="reduce")
    return plain_page(page, layer())


def painted() -> np.ndarray:
    """Let each cell paint the kernel, times its value, and cut the border off."""
    canvas = np.zeros((9, 9))
    for row, col in np.ndindex(3, 3):
        canvas[2 * row : 2 * row + 3, 2 * col : 2 * col + 3] += float(MAPS[row, col, 0]) * BANK[0, :, :, 0]
    return canvas[1 : 1 + SIZE, 1 : 1 + SIZE]


def test_every_step_has_the_number_that_painting_gives(stage: StagePage) -> None:
    expected = painted()
    for step in range(SIZE**2):
        stage.timeline.fill(str(step))
        expect(stage.readout).to_contain_text(f"Step {step + 1} of 36: output row {step // 6}, column {step % 6},")
        text = stage.readout.inner_text()
        line = re.search(r"grey: (.*?) = (\S+)\.", text)
        assert line, text
        terms = [term.split("×") for term in line[1].split(" + ")]
        # The kernel is turned by half a turn where it slides.
        assert [number(weight) for _, weight in terms] == list(range(9, 0, -1))
        value = number(text.split(" = ")[-1].rstrip("."))
        assert value == sum(number(pixel) * number(weight) for pixel, weight in terms)
        assert value == expected[divmod(step, SIZE)]


def test_the_head_says_what_it_is_and_where_its_size_comes_from(stage: StagePage) -> None:
    expect(stage.shape).to_have_text("3 × 3 × 1 → 6 × 6 × 1")
    expect(stage.stage).to_contain_text("rows, columns: 2·(3 − 1) + 3 − 1 − 1 + 1 = 6")
    expect(stage.stage).to_contain_text(
        "transposed convolution: each cell of the input paints the kernel, times its value"
    )
    expect(stage.stage).not_to_contain_text("flipped")
    expect(stage.page.get_by_test_id("stage-mistake")).to_be_hidden()


def test_pointing_at_a_cell_shows_its_stamp_and_at_a_zero_that_it_adds_nothing(stage: StagePage) -> None:
    # The ring is 1 wide; between the cells is a zero each.
    stage.page.mouse.move(*stage.pixel_point(3, 3))
    expect(stage.readout).to_contain_text(
        "Pointing at input row 1, column 1: grey 50. It paints the kernel, times its value, on 9 cells of the "
        "output: row 1, column 1 through 1; row 1, column 2 through 2; row 1, column 3 through 3; row 2,"
    )
    stage.page.mouse.move(*stage.pixel_point(3, 2))
    expect(stage.readout).to_contain_text(
        "a zero between the cells of the input. 9 cells of the output read it, and"
    )
    stage.page.mouse.move(*stage.pixel_point(0, 0))
    expect(stage.readout).to_contain_text(
        "a zero around the cells of the input. One cell of the output reads it, and"
    )


def test_pointing_at_an_output_cell_tells_who_paints_it(stage: StagePage) -> None:
    stage.page.mouse.move(*stage.cell_point(1, 1))
    expect(stage.readout).to_contain_text("4 cells of the input paint it: rows 0 to 1, columns 0 to 1.")
    stage.page.mouse.move(*stage.cell_point(2, 2))
    expect(stage.readout).to_contain_text("One cell of the input paints it: row 1, column 1.")
    expect(stage.readout).to_contain_text("The other taps lie on zeros: 8 between the cells.")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_zeros_between_the_cells_look_like_neither_pixels_nor_padding(page: Page, scheme: str) -> None:
    page.emulate_media(color_scheme=scheme, reduced_motion="reduce")  # type: ignore[arg-type]  # one of its words
    stage = plain_page(page, layer(), style=":root { color-scheme: light dark }")
    stage.timeline.fill("35")
    stage.next_frame()
    area = stage.places()["input"]

    def colour(row: int, col: int) -> tuple[int, int, int]:
        # Off the middle, where the number stands, and off the dashes.
        return stage.pixel(area["x"] + (col + 0.22) * area["px"], area["y"] + (row + 0.22) * area["px"])

    # The window covers rows and columns 5 to 7: a cell, and zeros of the ring.
    assert colour(5, 5) == (200, 200, 200)
    stage.timeline.fill("28")
    expect(stage.readout).to_contain_text("Step 29 of 36: output row 4, column 4")
    stage.next_frame()
    assert colour(4, 4) == EMPTY[scheme]
    assert colour(5, 5) == (200, 200, 200)
    stage.timeline.fill("0")
    expect(stage.readout).to_contain_text("Step 1 of 36")
    stage.next_frame()
    ring = colour(0, 0)
    assert ring != EMPTY[scheme]
    assert max(ring) < 140


def test_keys_point_at_cells_and_go_over_the_zeros(stage: StagePage) -> None:
    stage.canvas.focus()
    stage.page.keyboard.press("x")
    expect(stage.readout).to_contain_text("input row 0, column 0: grey 10")
    stage.page.keyboard.press("ArrowRight")
    expect(stage.readout).to_contain_text("input row 0, column 1: grey 20")
    stage.page.keyboard.press("ArrowDown")
    expect(stage.readout).to_contain_text("input row 1, column 1: grey 50")


def test_zooming_and_the_reasons_of_a_cell_work_as_ever(stage: StagePage) -> None:
    stage.timeline.fill("7")
    stage.canvas.focus()
    before = stage.places()["input"]["px"]
    stage.page.keyboard.press("i")
    expect(stage.button("Zoom out")).to_have_attribute("aria-disabled", "false")
    assert stage.places()["input"]["px"] > before
    stage.page.keyboard.press("y")
    why = stage.page.get_by_test_id("stage-why")
    expect(why).to_contain_text("Row 1, column 1 is")
    expect(why.get_by_role("listitem").first).to_contain_text("20×7 = 140")
    expect(why).to_contain_text("5 products are 0.")
