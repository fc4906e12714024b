"""The Learning page in a real browser: a run is played to its end, a rate is too high, two layers learn beside."""

import json
import re
from urllib.parse import urlencode

import numpy as np
import pytest
from playwright.sync_api import Locator, Page, expect

from conv_engine import LIBRARY
from ui.images import load_sample, prepare
from ui.learn_kernel import Lesson, Run, learn, pixels_of

SOBEL = LIBRARY["sobel_x"].weights


class LearningPage:
    """The page with the player on it."""

    def __init__(self, page: Page, url: str) -> None:
        self.page = page
        self.url = url
        self.player = page.get_by_test_id("learning")
        self.readout = page.get_by_test_id("learning-readout")
        self.timeline = page.get_by_test_id("learning-timeline")

    def open(self, **details: str) -> "LearningPage":
        self.page.goto(f"{self.url}/learning?{urlencode(details)}")
        expect(self.readout).to_contain_text("Step 0", timeout=30_000)
        return self

    def button(self, name: str) -> Locator:
        return self.player.get_by_role("button", name=name, exact=True)

    def weights(self) -> np.ndarray:
        return np.array(json.loads(self.player.get_attribute("data-weights") or ""))

    def cells(self, table: str) -> list[str]:
        return self.page.get_by_test_id(table).locator("td").all_inner_texts()


@pytest.fixture
def learning(page: Page, app_url: str) -> LearningPage:
    return LearningPage(page, app_url)


@pytest.fixture(scope="module")
def run() -> Run:
    picture = pixels_of(prepare(load_sample("face"), 64, True).pixels, centred=True)
    return learn(picture, SOBEL[np.newaxis], Lesson())


def test_a_run_is_guessed_played_stepped_and_ends_at_the_hidden_sobel(learning: LearningPage, run: Run) -> None:
    learning.open()
    np.testing.assert_array_equal(learning.weights(), run.weights[0].ravel())
    assert set(learning.cells("learning-hidden")) == {"?"}
    learning.button("Step forward").click()
    learning.button("Step forward").press("ArrowRight")
    expect(learning.readout).to_contain_text("Step 2 of 300")
    np.testing.assert_array_equal(learning.weights(), run.weights[2].ravel())
    learning.button("Step back").click()
    expect(learning.timeline).to_have_value("1")
    learning.player.get_by_role("slider", name="Speed").fill("1")
    learning.button("Play").click()
    expect(learning.readout).to_contain_text("Step 300 of 300", timeout=10_000)
    expect(learning.readout).to_contain_text("equal the hidden ones to two digits")
    expect(learning.button("Play")).to_be_visible()  # it has stopped by itself
    learning.player.get_by_role("button", name="compares them").click()
    learning.button("Reveal").click()
    assert learning.cells("learning-hidden") == ["−1.00", "0", "1.00", "−2.00", "0", "2.00", "−1.00", "0", "1.00"]
    shown = [float(text.replace("−", "-").replace("≈", "")) for text in learning.cells("learning-weights")]
    assert shown == SOBEL.ravel().tolist()
    expect(learning.page.get_by_test_id("learning-verdict")).to_contain_text("You guessed that.")


def test_the_map_of_a_step_is_the_engine_s(learning: LearningPage, run: Run) -> None:
    learning.open()
    learning.timeline.fill("7")
    # What is drawn is coloured by sign: blue below 0, orange above, as the engine's own map has it.
    data = learning.page.evaluate(
        """() => {
          const find = (root) => root.querySelector("[data-testid=learning-map]")
            ?? [...root.querySelectorAll("*")].map((e) => e.shadowRoot && find(e.shadowRoot)).find(Boolean);
          const canvas = find(document);
          return [...canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height).data];
        }"""
    )
    colours = np.array(data).reshape(62, 62, 4)
    patches = np.lib.stride_tricks.sliding_window_view(run.picture, (3, 3))
    expected = (patches * run.weights[7, 0]).sum(axis=(2, 3))
    np.testing.assert_array_equal(np.sign(colours[..., 0] - colours[..., 2]), np.sign(expected))


def test_too_high_a_rate_says_so_in_the_player_and_on_the_page(learning: LearningPage) -> None:
    learning.open(lr="30")
    learning.button("To end").click()
    expect(learning.readout).to_contain_text("The rate 30 is too high: the loss grew from")
    expect(learning.page.get_by_text("Choose a rate below")).to_be_visible()


def test_two_layers_learn_while_the_page_answers_and_stop_when_told(learning: LearningPage) -> None:
    learning.open()
    main = learning.page.get_by_test_id("stMain")
    main.get_by_role("radio", name="Two layers").click()
    main.get_by_role("button", name="Train", exact=True).click()
    expect(main.get_by_text(re.compile(r"Step [1-9]\d* of 1,000"))).to_be_visible(timeout=20_000)
    main.get_by_role("radio", name="all of it").click()
    expect(main.get_by_text("Each map becomes one number")).to_be_visible()
    main.get_by_role("button", name="Stop", exact=True).click()
    expect(main.get_by_text(re.compile(r"Stopped after step \d+ of 1,000"))).to_be_visible(timeout=10_000)
    expect(main.get_by_role("button", name="Stop", exact=True)).to_have_count(0)
    expect(main.get_by_text("other settings")).to_be_visible()
