"""What a person waits for: frames while the stage plays, and the repaint after a control has changed.

Starts the app and a headless Chromium, and prints two tables. Run it with `make bench`, on an idle machine.

- Frames: the stage plays a map for some seconds, at 60 and at 1000 cells a second. Counted are the animation
  frames of the page, the 95th percentile of the time between them, and what the stage's code takes of each.
- Repaint: the padding is switched between valid and same; from the event of the click to the first frame after the
  stage shows the new size. The way is: browser, server, convolution, message, drawing.
"""

import argparse
import itertools
import statistics
import tempfile
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

from tools import chromium
from tools.server import running_app

# Times every animation frame's callbacks from outside: the stage knows nothing of it.
PROBE = """
(() => {
  const frames = (window.frames_ = { starts: [], work: [] });
  const request = window.requestAnimationFrame.bind(window);
  window.requestAnimationFrame = (callback) => request((now) => {
    const start = performance.now();
    callback(now);
    frames.work.push(performance.now() - start);
    if (frames.starts[frames.starts.length - 1] !== now) frames.starts.push(now);
  });
  const click = { at: 0 };
  window.addEventListener("click", () => { click.at = performance.now(); }, true);
  window.repaintAfter_ = (shape, text) => new Promise((resolve) => {
    const seen = () => request(() => resolve(performance.now() - click.at));
    const observer = new MutationObserver(() => {
      if (shape.textContent !== text) return;
      observer.disconnect();
      seen();
    });
    observer.observe(shape, { childList: true, characterData: true, subtree: true });
  });
})();
"""

KERNELS = ("sobel_x", "sobel_y", "laplacian", "gaussian", "sharpen", "emboss", "scharr_x", "box")


def main() -> None:
    parser = argparse.ArgumentParser(description="Measure the stage in headless Chromium.")
    parser.add_argument("--seconds", type=float, default=4, help="how long each map plays")
    parser.add_argument("--repeats", type=int, default=30, help="how often each control is switched")
    options = parser.parse_args()
    path = chromium.find()
    if path is None:
        parser.error(chromium.MISSING)
    with (
        tempfile.TemporaryDirectory() as folder,
        running_app(Path(folder) / "app.log") as url,
        sync_playwright() as playwright,
    ):
        browser = playwright.chromium.launch(executable_path=path, args=chromium.arguments())
        print(f"Chromium {browser.version}, headless, 1440 × 900\n")
        print("frames while playing      cells/s   frames/s   p95 between   stage's code, median   and p95")
        for size, features in ((64, 1), (64, 4), (512, 4)):
            for speed in (60, 1000):
                page = opened(browser.new_page(viewport={"width": 1440, "height": 900}), url, size, features)
                print(frames(page, size, features, speed, options.seconds))
                page.close()
        print("\nrepaint after a change     median        p95")
        for size, features in ((64, 1), (256, 1), (256, 4), (256, 8)):
            page = opened(browser.new_page(viewport={"width": 1440, "height": 900}), url, size, features)
            print(repaint(page, size, features, options.repeats))
            page.close()
        browser.close()


def opened(page: Page, url: str, size: int, features: int) -> Page:
    page.add_init_script(PROBE)
    page.goto(f"{url}/?v=1&size={size}&k={'~'.join(KERNELS[:features])}&p=same&at=0.0.0")
    page.get_by_test_id("stage-readout").filter(has_text="Step").wait_for()
    page.get_by_test_id("stage-shape").filter(has_text=f"{size} × {size} × {features}").wait_for()
    return page


def frames(page: Page, size: int, features: int, speed: int, seconds: float) -> str:
    slider = page.get_by_test_id("stage").get_by_role("slider", name="Speed")
    position = slider.evaluate(
        "(e, [speed, steps]) => Math.log(speed / 0.5) / Math.log(Math.max(1000, steps / 4) / 0.5)",
        [speed, size * size],
    )
    slider.fill(str(round(position, 2)))
    page.get_by_role("button", name="Play").click()
    started = "() => { frames_.starts.length = 0; frames_.work.length = 0; }"
    page.evaluate(started)
    starts, work = page.evaluate(
        "ms => new Promise(done => setTimeout(() => done([frames_.starts.slice(), frames_.work.slice()]), ms))",
        seconds * 1000,
    )
    between = [later - earlier for earlier, later in itertools.pairwise(starts)]
    rate = 1000 * len(between) / sum(between)
    name = f"{size}², {features} feature{'s' if features > 1 else ''}"
    return (
        f"{name:<24} {speed:>8}   {rate:>8.1f}   {percentile(between, 95):>8.1f} ms"
        f"   {statistics.median(work):>17.2f} ms   {percentile(work, 95):>4.2f} ms"
    )


def repaint(page: Page, size: int, features: int, repeats: int) -> str:
    shape = page.get_by_test_id("stage-shape")
    times = []
    for turn in range(repeats + 2):
        padding, side = (("valid", size - 2), ("same", size))[turn % 2]
        text = f"{size} × {size} × 3 → {side} × {side} × {features}"
        waiting = shape.evaluate_handle("(shape, text) => ({ done: window.repaintAfter_(shape, text) })", text)
        page.get_by_test_id("stSidebar").get_by_role("radio", name=padding, exact=True).click()
        times.append(waiting.evaluate("waiting => waiting.done"))
    times = times[2:]  # the first two also decode the picture and warm the caches
    name = f"{size}², {features} feature{'s' if features > 1 else ''}"
    return f"{name:<24} {statistics.median(times):>6.0f} ms   {percentile(times, 95):>5.0f} ms"


def percentile(values: list[float], share: int) -> float:
    return statistics.quantiles(values, n=100, method="inclusive")[share - 1]


if __name__ == "__main__":
    main()
