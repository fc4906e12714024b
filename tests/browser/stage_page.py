"""The stage as a person meets it: found by its accessible names, read off its readout."""

import base64
import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import numpy as np
from playwright.sync_api import FrameLocator, Locator, Page, expect

from conv_engine import Trace, plan2d, trace2d
from ui.experiment import Experiment, Place
from ui.images import load_sample, prepare
from ui.layer import Layer, build_layer
from ui.message import Imposed, pack
from ui.transposed import TransposedLayer, pictures_of

ROOT = Path(__file__).resolve().parents[2]
BUTTONS = ("To start", "Previous row", "Step back", "Play", "Step forward", "Next row", "To end")


def number(text: str) -> float:
    text = text.strip("()").replace("−", "-")
    if "/" in text:
        top, bottom = text.split("/")
        return float(top) / float(bottom)
    return float(text)


@dataclass(frozen=True)
class Reading:
    """What the readout says of a step."""

    pointing: bool
    row: int
    col: int
    feature: int
    patch: np.ndarray[Any, Any]
    weights: np.ndarray[Any, Any]
    sums: list[float]
    bias: float
    value: float


def parse(text: str) -> Reading:
    where = re.search(r"output row (\d+), column (\d+), feature (\d+) of", text)
    assert where, text
    patch, weights, sums = [], [], []
    for channel in ("R", "G", "B"):
        line = re.search(rf" {channel}: (\S.*?) [=≈] (\S+)\.(?= |$)", text)
        assert line, text
        terms = [term.split("×") for term in line[1].split(" + ")]
        patch.append([number(pixel) for pixel, _ in terms])
        weights.append([number(weight) for _, weight in terms])
        sums.append(number(line[2]))
    total = re.search(r"R \+ G \+ B \+ bias = (.*) \+ (.*) \+ (.*) \+ (.*) [=≈] (\S+)\.$", text)
    assert total, text
    assert [number(total[i]) for i in (1, 2, 3)] == sums
    return Reading(
        pointing=text.startswith("Pointing"),
        row=int(where[1]),
        col=int(where[2]),
        feature=int(where[3]) - 1,
        patch=np.array(patch),
        weights=np.array(weights),
        sums=sums,
        bias=number(total[4]),
        value=number(total[5]),
    )


class StagePage:
    """The page with the stage on it, or in a frame of it."""

    def __init__(self, page: Page, frame: FrameLocator | None = None) -> None:
        within = frame or page
        self.page = page
        self.stage = within.get_by_test_id("stage")
        self.readout = within.get_by_test_id("stage-readout")
        self.timeline = within.get_by_test_id("stage-timeline")
        self.shape = within.get_by_test_id("stage-shape")
        self.canvas = self.stage.locator("canvas")
        self.contrast = self.stage.get_by_role("checkbox", name="High contrast", exact=True)

    def open(self, url: str) -> "StagePage":
        self.page.goto(url)
        expect(self.readout).to_contain_text("Step", timeout=30_000)
        return self

    def button(self, name: str) -> Locator:
        return self.stage.get_by_role("button", name=name, exact=True)

    def seek(self, step: int) -> Reading:
        self.timeline.fill(str(step))
        return self.at_step(step)

    def at_step(self, step: int) -> Reading:
        expect(self.readout).to_contain_text(f"Step {step + 1} of ")
        return self.read()

    def read(self) -> Reading:
        return parse(self.readout.inner_text())

    def step(self) -> int:
        return int(self.timeline.input_value())

    def rests_at(self, place: str) -> None:
        """Wait until the address holds the place: the engine's side knows of it then."""
        expect(self.page).to_have_url(re.compile(rf"[?&]at={re.escape(place)}(&|$)"))

    def places(self) -> dict[str, Any]:
        """Return where the parts of the stage are, in the canvas's coordinates."""
        places: dict[str, Any] = json.loads(self.canvas.get_attribute("data-places") or "")
        return places

    def cell_point(self, row: int, col: int) -> tuple[float, float]:
        """Return the middle of an output cell, in the page's coordinates."""
        return self.on_canvas(*self.centre(row, col))

    def pixel_point(self, row: int, col: int) -> tuple[float, float]:
        """Return the middle of a place of the padded input, counted from its corner, in the page's coordinates."""
        area = self.places()["input"]
        return self.on_canvas(area["x"] + (col + 0.5) * area["px"], area["y"] + (row + 0.5) * area["px"])

    def weight_point(self, channel: int, row: int, col: int) -> tuple[float, float]:
        """Return the middle of a weight, in the page's coordinates."""
        grid = self.places()["weights"][channel]
        area, w, h = grid["area"], grid["cellW"], grid["cellH"]
        return self.on_canvas(area["x"] + (col + 0.5) * w, area["y"] + (row + 0.5) * h)

    def thumb_point(self, feature: int) -> tuple[float, float]:
        """Return the middle of a feature's thumbnail, in the page's coordinates."""
        area = self.places()["thumbs"][feature]
        return self.on_canvas(area["x"] + area["w"] / 2, area["y"] + area["h"] / 2)

    def product_point(self, channel: int, row: int, col: int) -> tuple[float, float]:
        """Return the middle of a product, in the page's coordinates."""
        grid = self.places()["products"][channel]
        area, w, h = grid["area"], grid["cellW"], grid["cellH"]
        return self.on_canvas(area["x"] + (col + 0.5) * w, area["y"] + (row + 0.5) * h)

    def is_in_frame(self, part: str, row: int, col: int) -> bool:
        """Whether the middle of a pixel of the padded input, or of a cell of the output, is seen."""
        area = self.places()[part]
        frame, px = area["frame"], area["px"]
        x, y = area["x"] + (col + 0.5) * px, area["y"] + (row + 0.5) * px
        inside: bool = 0 < x - frame["x"] < frame["w"] and 0 < y - frame["y"] < frame["h"]
        return inside

    def next_frame(self) -> None:
        self.page.evaluate("() => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))")

    def on_canvas(self, x: float, y: float) -> tuple[float, float]:
        self.canvas.scroll_into_view_if_needed()
        box = self.canvas.bounding_box()
        assert box is not None
        return box["x"] + x, box["y"] + y

    def colour_at(self, row: int, col: int) -> tuple[int, int, int]:
        """Return the colour that the canvas shows in the middle of an output cell."""
        return self.pixel(*self.centre(row, col))

    def centre(self, row: int, col: int) -> tuple[float, float]:
        """Return the middle of an output cell, on the canvas."""
        area = self.places()["output"]
        return area["x"] + (col + 0.5) * area["px"], area["y"] + (row + 0.5) * area["px"]

    def pixel(self, x: float, y: float) -> tuple[int, int, int]:
        """Return the colour of a point of the canvas."""
        pixel = self.canvas.evaluate(
            """(canvas, [x, y]) => {
                const ratio = window.devicePixelRatio;
                return [...canvas.getContext("2d").getImageData(x * ratio, y * ratio, 1, 1).data];
            }""",
            [x, y],
        )
        return pixel[0], pixel[1], pixel[2]


def address(url: str, experiment: Experiment) -> str:
    return f"{url}/?{urlencode(experiment.to_query())}"


def plain_page(
    page: Page, layer: Layer | TransposedLayer, place: Place | None = None, style: str = ""
) -> StagePage:
    """Put a stage into a page that knows nothing of Streamlit."""
    message = pack(layer, pictures_of(layer), Imposed(place or Place(0, 0, 0)))
    page.set_content(f'<!doctype html><style>{style}</style><div class="stage-root" style="width: 1000px"></div>')
    page.add_style_tag(path=ROOT / "assets/stage/stage.css")
    page.evaluate(
        """async ([code, message]) => {
            const url = URL.createObjectURL(new Blob([code], { type: "text/javascript" }));
            const { mountPlain } = await import(url);
            mountPlain(document.querySelector(".stage-root"), message);
        }""",
        [
            (ROOT / "assets/stage/stage.bundle.js").read_text(encoding="utf-8"),
            base64.b64encode(message).decode(),
        ],
    )
    stage = StagePage(page)
    expect(stage.readout).to_contain_text("Step")
    return stage


def layer_of(image: np.ndarray[Any, Any], bank: np.ndarray[Any, Any], *, flip: bool = False, **spec: Any) -> Layer:
    """Lay a bank on an image of any number of channels."""
    plan = plan2d(image.shape, bank.shape, **spec)
    names = tuple(f"Feature {k}" for k in range(len(bank)))
    return Layer(image, False, bank, np.zeros(len(bank)), plan, flip, names)


def sample_layer(experiment: Experiment) -> Layer:
    return build_layer(
        experiment, prepare(load_sample(experiment.picture), experiment.size, experiment.grey).pixels
    )


def trace(layer: Layer, row: int, col: int, feature: int) -> Trace:
    return trace2d(
        layer.image, layer.bank, layer.bias, layer.plan, row=row, col=col, feature=feature, flip=layer.flip
    )


def assert_true(reading: Reading, layer: Layer) -> None:
    """Assert that every number that the screen says is what the engine computes for that cell."""
    truth = trace(layer, reading.row, reading.col, reading.feature)
    channels = truth.patch.shape[2]
    np.testing.assert_array_equal(reading.patch, truth.patch.reshape(-1, channels).T)
    np.testing.assert_allclose(reading.weights, truth.weights.reshape(-1, channels).T, rtol=5e-3)
    np.testing.assert_allclose(reading.sums, truth.channel_sums, rtol=5e-6, atol=1e-12)
    np.testing.assert_allclose(reading.bias, truth.bias, rtol=5e-6)
    np.testing.assert_allclose(reading.value, truth.value, rtol=5e-6)
    assert (reading.value == 0) == (truth.value == 0)
