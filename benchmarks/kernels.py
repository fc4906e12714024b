"""How long the page Kernels takes from the end of a stroke to the engine's map on the screen.

Prints medians over some strokes, for each part of the page that may be open below the bench: run it with
``python -m benchmarks.kernels`` on an idle machine. In headless Chromium, on loopback: a school's network comes
on top.
"""

import argparse
import statistics
import tempfile
from pathlib import Path
from urllib.parse import urlencode

from playwright.sync_api import Locator, Page, expect, sync_playwright

from tools import chromium
from tools.server import running_app
from ui.experiment import Experiment, Feature

AIM = 150
PARTS = ("Pick", "Type", "Read", "Bank", "Keep")
KERNELS = ("sobel_x", "sobel_y", "laplacian", "gaussian", "sharpen", "emboss", "prewitt_x", "scharr_x")

# From the key that paints to the frame in which the bench says that the engine has confirmed its map.
STROKE = """bench => new Promise(done => {
    const start = performance.now();
    let computed = false;
    const look = () => {
        computed ||= bench.dataset.state !== "confirmed";
        if (computed && bench.dataset.state === "confirmed") done(performance.now() - start);
        else requestAnimationFrame(look);
    };
    const grid = bench.querySelector("[data-testid=paint-grid]");
    for (const type of ["keydown", "keyup"]) {
        grid.dispatchEvent(new KeyboardEvent(type, { key: "+", bubbles: true }));
    }
    look();
})"""


def main() -> None:
    parser = argparse.ArgumentParser(description="Measure the redraw of the page Kernels.")
    parser.add_argument("--size", type=int, default=256, help="the longer side of the picture")
    parser.add_argument("--features", type=int, default=8, choices=range(1, len(KERNELS) + 1), metavar="1…8")
    parser.add_argument("--strokes", type=int, default=18)
    options = parser.parse_args()
    experiment = Experiment(size=options.size, features=tuple(Feature(key) for key in KERNELS[: options.features]))
    path = chromium.find()
    assert path is not None, chromium.MISSING
    log = Path(tempfile.mkdtemp(prefix="convscope-")) / "app.log"
    print(f"{options.size} × {options.size}, {options.features} features; aim: a median below {AIM} ms")
    with running_app(log) as url, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=chromium.arguments())
        page = browser.new_page(viewport={"width": 1440, "height": 900})
        page.goto(f"{url}/kernels?{urlencode(experiment.to_query())}")
        for part in PARTS:
            times = strokes(page, opened(page, part), options.strokes)
            median, worst = statistics.median(times), max(times)
            print(f"{part:15} median {median:6.1f} ms, longest {worst:6.1f} ms")
        browser.close()


def opened(page: Page, part: str) -> Locator:
    """Open a part of the page, and wait until all of it stands still."""
    expect(page.get_by_test_id("paint-state")).to_contain_text("confirmed by the engine", timeout=30_000)
    page.get_by_test_id("stMain").get_by_role("radio", name=part, exact=True).click()
    expect(page.get_by_test_id("stApp")).to_have_attribute("data-test-script-state", "notRunning")
    return page.get_by_test_id("paint")


def strokes(page: Page, bench: Locator, count: int) -> list[float]:
    times = []
    for _ in range(count):
        times.append(float(bench.evaluate(STROKE)))
        expect(page.get_by_test_id("stApp")).to_have_attribute("data-test-script-state", "notRunning")
    return times[3:]  # the first ones find everything cold


if __name__ == "__main__":
    main()
