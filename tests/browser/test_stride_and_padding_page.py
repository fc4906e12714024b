"""The page Stride and padding in a real browser: sizes and why, backwards, side by side, fifteen cases."""

import re
import runpy
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from playwright.sync_api import Locator, Page, expect
from scipy.signal import correlate

from conv_engine import LIBRARY
from ui.images import load_sample, prepare

# The paper's table is there for the engine's tests.
dumoulin = runpy.run_path(str(Path(__file__).parents[1] / "conv_engine" / "dumoulin.py"))
SIZES = {one.name: (one.i, one.o) for one in dumoulin["CASES"]}
SIZES |= {one.name: (one.i_, one.o_) for one in dumoulin["TRANSPOSED_CASES"]}


class SizesPage:
    """The page in one of its parts."""

    def __init__(self, page: Page, url: str) -> None:
        self.page = page
        self.url = url
        self.main = page.get_by_test_id("stMain")

    def open(self, part: str, query: str = "") -> "SizesPage":
        self.page.goto(f"{self.url}/stride_and_padding?sizes={part}&{query}")
        expect(self.main.get_by_role("heading", name="Stride and padding", level=1)).to_be_visible(timeout=30_000)
        self.settled()
        return self

    def settled(self) -> None:
        expect(self.page.get_by_test_id("stApp")).to_have_attribute("data-test-script-state", "notRunning")

    def choose(self, name: str) -> None:
        self.main.get_by_role("radio", name=name, exact=True).click()

    def field(self, label: str) -> Locator:
        return self.main.get_by_role("spinbutton", name=label, exact=True)


@pytest.fixture
def sizes(page: Page, app_url: str) -> Iterator[SizesPage]:
    yield SizesPage(page, app_url)
    expect(page.get_by_text("Traceback")).to_have_count(0)


def test_64_pixels_with_stride_2_and_same_are_32_cells_and_the_page_says_why(sizes: SizesPage) -> None:
    sizes.open("axis", "size=64")
    expect(sizes.main).to_contain_text("64 × 64 × 3 → 62 × 62 × 1")
    sizes.choose("same")
    expect(sizes.main).to_contain_text("64 × 64 × 3 → 64 × 64 × 1")
    sizes.field("Stride").fill("2")
    sizes.field("Stride").press("Enter")
    expect(sizes.main).to_contain_text("64 × 64 × 3 → 32 × 32 × 1")
    expect(sizes.main).to_contain_text("A 64 × 64 picture with stride 2 and “same” gives 32 × 32 cells.")
    expect(sizes.main).to_contain_text("every 2nd of the 64 pixels gets a window, and 64 / 2 = 32")
    expect(sizes.page).to_have_url(re.compile("p=same"))
    sizes.page.reload()
    expect(sizes.main).to_contain_text("A 64 × 64 picture with stride 2 and “same” gives 32 × 32 cells.")


def test_a_row_of_the_backwards_table_fills_the_fields(sizes: SizesPage) -> None:
    sizes.open("calculator", "size=64")
    sizes.field("Wanted size, from n = 64").fill("32")
    sizes.field("Wanted size, from n = 64").press("Enter")
    expect(sizes.main).to_contain_text("settings make 32 of 64")
    table = sizes.main.get_by_test_id("stDataFrame")
    # A canvas under a pane that scrolls: the first row lies under a head of 36 pixels, its box at the left.
    table.click(position={"x": 17, "y": 53})
    expect(sizes.main.get_by_role("heading", name="64 → 32 cells")).to_be_visible()
    sizes.settled()
    size, kernel, stride, dilation = (
        int(sizes.field(name).input_value()) for name in ("Size n", "Kernel k", "Stride s", "Dilation d")
    )
    effective = dilation * (kernel - 1) + 1
    checked = sizes.main.get_by_role("radiogroup", name="Padding p").get_by_role("radio", checked=True)
    name = checked.inner_text()
    if name == "numbers":
        pads = sum(int(sizes.field(side).input_value()) for side in ("Before", "After"))
    else:
        pads = {"valid": 0, "full": 2 * (effective - 1), "same": max(31 * stride + effective - 64, 0)}[name]
    starts = range(0, size + pads - effective + 1, stride)
    assert (size, len(starts)) == (64, 32)


def test_side_by_side_at_the_same_place_all_read_the_same_value(sizes: SizesPage) -> None:
    sizes.open("beside", "size=16")
    where = sizes.page.get_by_test_id("stages-where")
    expect(where).to_have_count(3)
    pixels = prepare(load_sample("face"), 16, False).pixels.astype(float).sum(axis=2)
    # Of all channels together, as a kernel of one slice does.
    expected = correlate(pixels, np.asarray(LIBRARY["sobel_x"].weights, float), mode="valid")
    for row, col in ((0, 0), (5, 9), (13, 13)):
        sizes.page.get_by_test_id("stages-timeline").fill(str((row + 2) * 18 + col + 2))
        for column, margin in enumerate((0, 1, 2)):
            expect(where.nth(column)).to_contain_text(f"ow {row + margin}, column {col + margin} is ")
            value = where.nth(column).inner_text().rsplit(" ", 1)[-1].replace("−", "-")
            assert float(value) == expected[row, col]
    sizes.choose("Boundaries")
    expect(where).to_have_count(2)
    expect(sizes.page.get_by_test_id("stages-equal")).to_contain_text("of 256")


def test_each_of_the_fifteen_cases_is_one_click_away_and_has_the_size_that_the_paper_says(
    sizes: SizesPage,
) -> None:
    sizes.open("cases")
    cases = sizes.main.locator(".st-key-cases")
    cards = cases.locator("button")
    expect(cards).to_have_count(15)
    shape = sizes.page.get_by_test_id("stage-shape")
    assert {card.inner_text().strip() for card in cards.all()} == set(SIZES)
    # The first one is chosen to begin with: it is come back to.
    for name, (i, o) in reversed(SIZES.items()):
        cards.get_by_text(name, exact=True).click()
        expect(sizes.main.locator("strong", has_text=f"{name}.")).to_be_visible()
        expect(shape).to_contain_text(f"{i} × {i} × 1 → {o} × {o} × 1")
        expect(sizes.page.get_by_test_id("stage-readout")).to_contain_text(f"Step 1 of {o * o}")


def test_the_parts_are_reached_by_keys_alone_and_back_leads_to_where_one_was(sizes: SizesPage) -> None:
    sizes.open("axis")
    sizes.main.get_by_role("radio", name="One axis", exact=True).focus()
    sizes.page.keyboard.press("ArrowRight")
    sizes.page.keyboard.press("Enter")
    expect(sizes.page.get_by_test_id("stages-readout")).to_contain_text("Step")
    expect(sizes.page).to_have_url(re.compile("sizes=beside"))
    sizes.page.get_by_role("link", name="Explore", exact=True).click()
    expect(sizes.main.get_by_role("heading", name="See a convolution happen", level=1)).to_be_visible()
    sizes.page.get_by_role("link", name="Stride and padding", exact=True).click()
    expect(sizes.main.get_by_role("heading", name="Stride and padding", level=1)).to_be_visible()
