"""What a person waits for on the stage: frames while something moves, and the repaint after a control has changed.

Starts the app and a headless Chromium, and prints a table. Run it with `make bench`, on an idle machine. For each
size of the picture and number of features:

- p95: the 95th percentile of the time between two frames while the stage plays 60 and 1000 cells a second, while
  the timeline is dragged, and while the mouse moves over the map and over the picture;
- frames/s: the lowest of these five;
- script: what all scripts of the page take for one frame, the mean of that one of the five where it is most;
- memory: the page's process while it plays, proportional set size. The 100 MB or so of an empty page are in it;
- bytes: what comes over the WebSocket when the bias changes, and all maps with it;
- repaint: from the event of that change to the first frame after the stage shows it, the median.
"""

import argparse
import io
import itertools
import re
import statistics
import tempfile
from pathlib import Path

from PIL import Image
from playwright.sync_api import Browser, Page, WebSocket, sync_playwright

from tools import chromium
from tools.server import running_app
from ui.images import load_sample

LARGE = (2160, 3840)
SIZES = ("64", "512", "original")
FEATURES = (1, 8, 16)
COLUMNS = (
    ("size, maps", 12),
    ("frames/s", 9),
    ("60/s", 7),
    ("1000/s", 7),
    ("scrub", 7),
    ("map", 7),
    ("picture", 8),
    ("script ms", 10),
    ("memory MB", 10),
    ("bytes", 11),
    ("repaint ms", 11),
)
KERNELS = ("sobel_x", "sobel_y", "laplacian", "gaussian", "sharpen", "emboss", "scharr_x", "box")

# What the page does in each frame, besides what the stage does by itself; it stops after so many milliseconds.
PROBE = """
async ({ stage, mode, milliseconds }) => {
    const canvas = stage.querySelector("canvas");
    const timeline = stage.querySelector("[data-testid=stage-timeline]");
    const places = JSON.parse(canvas.dataset.places);
    const move = (part, share) => {
        const bounds = canvas.getBoundingClientRect();
        const { x, y, w, h } = places[part].frame;
        canvas.dispatchEvent(new PointerEvent("pointermove", {
            clientX: bounds.left + x + w * ((7 * share) % 1), clientY: bounds.top + y + h * share,
        }));
    };
    const acts = {
        play: () => {},
        scrub: share => {
            timeline.value = Math.round(share * timeline.max);
            timeline.dispatchEvent(new Event("input"));
        },
        map: share => move("output", share),
        picture: share => move("input", share),
    };
    const between = [];
    const start = performance.now();
    let before = start;
    while (before - start < milliseconds) {
        const now = await new Promise(requestAnimationFrame);
        acts[mode](((now - start) / milliseconds) % 1);
        if (now > before) between.push(now - before);
        before = now;
    }
    return between.slice(2);
}
"""

# The stage has shown a change when its readout has; so has the screen when a frame has been drawn after that.
REPAINT = """
(readout, text) => {
    let at = 0;
    addEventListener("keydown", () => { at = performance.now(); }, { capture: true, once: true });
    return { done: new Promise(resolve => {
        const observer = new MutationObserver(() => {
            if (!readout.textContent.includes(text)) return;
            observer.disconnect();
            requestAnimationFrame(() => requestAnimationFrame(() => resolve(performance.now() - at)));
        });
        observer.observe(readout, { childList: true, characterData: true, subtree: true });
    }) };
}
"""


def main() -> None:
    parser = argparse.ArgumentParser(description="Measure the stage in headless Chromium.")
    parser.add_argument("--seconds", type=float, default=2.5, help="how long each kind of movement lasts")
    parser.add_argument("--repeats", type=int, default=9, help="how often the bias is changed")
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
        print(f"Chromium {browser.version}, headless, 1440 × 900, software rendering\n")
        print("                               p95 in ms at")
        print(" ".join(f"{head:>{width}}" for head, width in COLUMNS))
        photo = large_photo()
        for size, features in itertools.product(SIZES, FEATURES):
            print(measured(browser, url, size, features, photo, options.seconds, options.repeats), flush=True)
        browser.close()


def large_photo() -> bytes:
    file = io.BytesIO()
    Image.fromarray(load_sample("face")).resize(LARGE[::-1]).save(file, "JPEG", quality=90)
    return file.getvalue()


def measured(
    browser: Browser, url: str, size: str, features: int, photo: bytes, seconds: float, repeats: int
) -> str:
    received = [0]
    page = browser.new_page(viewport={"width": 1440, "height": 900})
    page.on("websocket", lambda socket: count_bytes(socket, received))
    kernels = "~".join(itertools.islice(itertools.cycle(KERNELS), features))
    page.goto(f"{url}/?v=1&size={size}&k={kernels}&p=same&at=0.0.0")
    page.get_by_test_id("stage-readout").filter(has_text="Step").wait_for()
    shape = f"{size} × {size}"
    if size == "original":
        shape = " × ".join(map(str, LARGE))
        page.get_by_test_id("stSidebar").get_by_role("radio", name="Upload").click()
        page.get_by_test_id("stFileUploaderDropzoneInput").set_input_files(
            {"name": "large.jpg", "mimeType": "image/jpeg", "buffer": photo}
        )
    page.get_by_test_id("stage-shape").filter(has_text=f"{shape} × {features}").wait_for(timeout=300_000)
    frames = {}
    scripts = []
    for name, mode, speed in (
        ("60/s", "play", 60),
        ("1000/s", "play", 1000),
        ("scrub", "scrub", 0),
        ("map", "map", 0),
        ("picture", "picture", 0),
    ):
        frames[name], script = moved(page, mode, speed, seconds)
        scripts.append(script / len(frames[name]))
    memory = page_memory(browser)
    repaint, sent = changed(page, received, repeats)
    page.close()
    lowest = min(1000 * len(between) / sum(between) for between in frames.values())
    p95 = [statistics.quantiles(between, n=20, method="inclusive")[-1] for between in frames.values()]
    name = f"{shape.replace(' ', '')} {features}"
    cells = [name, f"{lowest:.1f}", *(f"{value:.1f}" for value in p95)]
    cells += [f"{max(scripts):.1f}", f"{memory:.0f}", f"{sent:,}", f"{repaint:.0f}"]
    return " ".join(f"{cell:>{width}}" for cell, (_, width) in zip(cells, COLUMNS, strict=True))


def count_bytes(socket: WebSocket, received: list[int]) -> None:
    def add(payload: str | bytes) -> None:
        received[0] += len(payload)

    socket.on("framereceived", add)


def moved(page: Page, mode: str, speed: int, seconds: float) -> tuple[list[float], float]:
    """Return the milliseconds between frames, and those of all scripts in that time."""
    stage = page.get_by_test_id("stage")
    timeline = page.get_by_test_id("stage-timeline")
    # A quarter of the way, so that there is something to be seen, and the end is not reached.
    timeline.fill(str(int(timeline.get_attribute("max") or 0) // 4))
    if speed:
        position = stage.evaluate(
            "(_, [speed, steps]) => Math.log(speed / 0.5) / Math.log(Math.max(1000, steps / 4) / 0.5)",
            [speed, int(timeline.get_attribute("max") or 0) + 1],
        )
        stage.get_by_role("slider", name="Speed").fill(str(round(position, 2)))
        stage.get_by_role("button", name="Play").click()
    client = page.context.new_cdp_session(page)
    client.send("Performance.enable")
    before = script_time(client.send("Performance.getMetrics"))
    between = stage.evaluate(
        f"(stage, given) => ({PROBE})({{ stage, ...given }})", {"mode": mode, "milliseconds": 1000 * seconds}
    )
    after = script_time(client.send("Performance.getMetrics"))
    client.detach()
    pause = stage.get_by_role("button", name="Pause")
    if pause.count():
        pause.click()
    return between, 1000 * (after - before)


def script_time(metrics: dict[str, list[dict[str, float]]]) -> float:
    return next(metric["value"] for metric in metrics["metrics"] if metric["name"] == "ScriptDuration")


def page_memory(browser: Browser) -> float:
    """Return the megabytes of the largest process that draws pages."""
    client = browser.new_browser_cdp_session()
    processes = client.send("SystemInfo.getProcessInfo")["processInfo"]
    client.detach()
    sizes = []
    for process in processes:
        rollup = Path(f"/proc/{process['id']}/smaps_rollup")
        if process["type"] == "renderer" and rollup.exists():
            pss = re.search(r"^Pss:\s+(\d+) kB", rollup.read_text(), re.MULTILINE)
            sizes.append(int(pss[1]) if pss else 0)
    return max(sizes, default=0) * 1024 / 1e6


def changed(page: Page, received: list[int], repeats: int) -> tuple[float, int]:
    """Return the milliseconds from a change of the bias to its repaint, and the bytes that came with it."""
    readout = page.get_by_test_id("stage-readout")
    bias = page.get_by_test_id("stSidebar").get_by_role("textbox", name="Bias")
    times, sent = [], []
    for turn in range(repeats + 2):
        value = 1000 + turn
        bias.fill(str(value))
        # What has come before this change is not its own.
        page.wait_for_function("() => new Promise(done => requestIdleCallback(() => done(true)))")
        start = received[0]
        waiting = readout.evaluate_handle(REPAINT, f" + {value} ")
        bias.press("Enter")
        times.append(waiting.evaluate("waiting => waiting.done"))
        sent.append(received[0] - start)
    # The first two also warm the caches.
    return statistics.median(times[2:]), int(statistics.median(sent[2:]))


if __name__ == "__main__":
    main()
