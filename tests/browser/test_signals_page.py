"""The Signals page in a real browser: picked, slid, played, drawn, read off and held against NumPy."""

import json
import re
from collections.abc import Iterator

import numpy as np
import pytest
from playwright.sync_api import Locator, Page, expect

from ui.signal_presets import SIGNALS, read_signal


class SignalsPage:
    """The page with the component on it."""

    def __init__(self, page: Page, url: str) -> None:
        self.page = page
        self.url = url
        self.box = page.get_by_test_id("signals")
        self.readout = page.get_by_test_id("signals-readout")
        self.place = page.get_by_test_id("signals-place")

    def open(self, query: str = "") -> "SignalsPage":
        self.page.goto(f"{self.url}/signals?{query}")
        expect(self.readout).to_contain_text("=", timeout=30_000)
        self.settled()
        return self

    def settled(self) -> None:
        expect(self.page.get_by_test_id("stApp")).to_have_attribute("data-test-script-state", "notRunning")

    def select(self, label: str, option: str) -> None:
        self.page.get_by_test_id("stSelectbox").filter(has_text=label).get_by_role("combobox").click()
        self.page.get_by_role("option", name=option, exact=True).click()

    def choose(self, name: str) -> None:
        self.page.get_by_test_id("stMain").get_by_role("radio", name=name, exact=True).click()

    def button(self, name: str) -> Locator:
        return self.box.get_by_role("button", name=name, exact=True)

    def values(self) -> tuple[int, list[float]]:
        first = self.box.get_attribute("data-first")
        values: list[float] = json.loads(self.box.get_attribute("data-values") or "")
        return int(first or ""), values

    def value(self) -> float:
        """Return the number at the end of the sum."""
        text = self.readout.inner_text().replace("−", "-")
        return float(re.split(r"[=≈]", text)[-1])


@pytest.fixture
def signals(page: Page, app_url: str) -> Iterator[SignalsPage]:
    yield SignalsPage(page, app_url)
    expect(page.get_by_text("Traceback")).to_have_count(0)


def test_two_signals_are_picked_slid_and_read_and_the_numbers_are_numpys(signals: SignalsPage) -> None:
    signals.open()
    expect(signals.readout).to_have_text(re.compile(r"^y\[7\] = 1/6·1/6 \+ .* = 1/6 ≈ 0\.166667$"))
    signals.select("f, which stays", "Noisy block")
    signals.select("g, which slides", "Ramp")
    expect(signals.box).to_contain_text("g: ramp")
    f, g = (np.array(SIGNALS[name].discrete.samples) for name in ("noisy", "ramp"))
    first, values = signals.values()
    assert first == 0
    np.testing.assert_allclose(values, np.convolve(f, g), atol=1e-12)

    # By the keys, the buttons and the hand: the sum is that of the place.
    signals.button("To start").click()
    expect(signals.place).to_have_text("n = 0")
    signals.page.keyboard.press("ArrowRight")
    signals.page.keyboard.press("ArrowRight")
    expect(signals.place).to_have_text("n = 2")
    assert signals.value() == pytest.approx(np.convolve(f, g)[2], rel=1e-5)
    output = signals.page.get_by_test_id("signals-output")
    output.scroll_into_view_if_needed()
    box = output.bounding_box()
    assert box
    unit = (box["width"] - 72) / (len(f) + 2 * (len(g) - 1))
    signals.page.mouse.move(box["x"] + 58 + (len(g) - 1 + 2.5) * unit, box["y"] + 60)
    signals.page.mouse.down()
    signals.page.mouse.move(box["x"] + 58 + (len(g) - 1 + 9.5) * unit, box["y"] + 60, steps=3)
    signals.page.mouse.up()
    expect(signals.place).to_have_text("n = 9")
    assert signals.value() == pytest.approx(np.convolve(f, g)[9], rel=1e-5)
    expect(signals.page).to_have_url(re.compile("s_at=9"))

    # Not flipped, and only where all of the ramp lies on the block.
    signals.choose("Off")
    expect(signals.box).to_contain_text("f, and g moved to")
    signals.choose("Valid")
    expect(signals.page).to_have_url(re.compile("s_mode=valid"))
    expect(signals.box).to_have_attribute("data-first", "0")
    np.testing.assert_allclose(signals.values()[1], np.correlate(f, g, "valid"), atol=1e-12)
    signals.button("To end").click()
    signals.settled()
    assert signals.value() == pytest.approx(np.correlate(f, g, "valid")[-1], rel=1e-5)


def test_it_plays_to_the_end_and_shows_the_output_as_it_goes(signals: SignalsPage) -> None:
    signals.open("s_f=average&s_g=average&s_at=-2")
    stems = signals.page.get_by_test_id("signals-output").locator("circle.y.head:not(.faint)")
    expect(stems).to_have_count(1)
    signals.button("Play").click()
    expect(signals.button("Pause")).to_be_visible()
    expect(signals.place).to_have_text("n = 2", timeout=10_000)
    expect(signals.button("Play")).to_be_visible()
    expect(stems).to_have_count(5)


def test_a_hand_and_the_keys_draw_and_a_reload_brings_it_back(signals: SignalsPage) -> None:
    signals.open("s_f=box&s_g=box")
    drawing = signals.page.get_by_test_id("signals-draw-f")
    drawing.scroll_into_view_if_needed()
    box = drawing.bounding_box()
    assert box
    unit = (box["width"] - 72) / 4
    signals.page.mouse.move(box["x"] + 58 + 0.5 * unit, box["y"] + 60)
    signals.page.mouse.down()
    signals.page.mouse.move(box["x"] + 58 + 1.5 * unit, box["y"] + 13, steps=2)
    signals.page.mouse.up()
    expect(signals.box).to_contain_text("f: drawn")
    expect(signals.page).to_have_url(re.compile("s_f=0"))
    drawing.focus()
    for key in ("End", "ArrowDown", "ArrowDown", "ArrowDown"):
        signals.page.keyboard.press(key)
    expect(drawing).to_have_attribute("aria-valuetext", "f[3] = 0.85")
    expect(signals.page).to_have_url(re.compile(r"0\.85"))
    signals.settled()
    written = re.search(r"s_f=([^&]+)", signals.page.url)
    assert written
    drawn = read_signal(written[1].replace("%7E", "~"))
    assert drawn is not None
    assert drawn.samples[2:] == (1.0, 0.85)
    assert drawn.samples[0] < 1 < drawn.samples[1]
    before = signals.values()
    np.testing.assert_allclose(before[1], np.convolve(drawn.samples, np.ones(4)), atol=1e-12)
    signals.page.reload()
    expect(signals.box).to_contain_text("f: drawn", timeout=30_000)
    assert signals.values() == before


def test_a_bad_table_gets_a_sentence_and_the_series_stays(signals: SignalsPage) -> None:
    page = signals.page
    page.goto(f"{signals.url}/signals?signal=series")
    expect(page.get_by_text("452 values went in")).to_be_visible(timeout=30_000)
    page.get_by_role("button", name="Your own table").click()
    table = "day,rain\n1,0\n2,wet\n3,1\n4,2\n"
    page.locator("input[type=file]").last.set_input_files(
        {"name": "rain.csv", "mimeType": "text/csv", "buffer": table.encode()}
    )
    warning = page.get_by_test_id("stAlert")
    expect(warning).to_contain_text("Line 3 says “wet” in the column “rain”")
    expect(warning).to_contain_text("stays as it was")
    expect(page.get_by_text("452 values went in")).to_be_visible()
