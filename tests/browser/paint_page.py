"""The bench as a person meets it, in a page that knows nothing of Streamlit, and an engine that answers it."""

import base64
import io
import json
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from PIL import Image
from playwright.sync_api import Locator, Page, expect

from ui.experiment import OWN, Experiment, Feature, Weights
from ui.images import Pixels, load_sample, prepare
from ui.layer import Layer, build_layer
from ui.paint import Answer, Patch, pack_paint, read_patch, read_weights

ROOT = Path(__file__).resolve().parents[2]

HEAD = '<!doctype html><meta name="viewport" content="width=device-width">'

MOUNT = """async ([code, message]) => {
    const url = URL.createObjectURL(new Blob([code], { type: "text/javascript" }));
    const { mountPlain } = await import(url);
    window.reports = { weights: [], lift: [] };
    const { receive } = mountPlain(document.querySelector(".paint-root"), message, {
        onWeights: (report) => window.reports.weights.push(report),
        onLift: (report) => window.reports.lift.push(report),
    });
    window.receive = receive;
}"""


@cache
def pixels_of(picture: str, size: int | str, grey: bool) -> Pixels:
    return prepare(load_sample(picture), size, grey).pixels


class PaintPage:
    """A bench in a plain page, over one kernel of an experiment.

    Nothing is answered by itself: `answer` does what the server does with the last report.
    """

    def __init__(self, page: Page, experiment: Experiment, feature: int = 0, style: str = "") -> None:
        self.page = page
        self.experiment = experiment
        self.feature = feature
        self.revision = 1
        self.answered = 0
        self.matches: list[tuple[int, int]] = []
        page.set_content(f"{HEAD}<style>{style}</style><div class='paint-root'></div>")
        page.add_style_tag(path=ROOT / "assets/paint/paint.css")
        code = (ROOT / "assets/paint/paint.bundle.js").read_text(encoding="utf-8")
        page.evaluate(MOUNT, [code, self.message()])
        self.bench = page.get_by_test_id("paint")
        self.grid = page.get_by_test_id("paint-grid")
        self.photo = page.get_by_test_id("paint-photo")
        self.map = page.get_by_test_id("paint-map")
        self.cell = page.get_by_test_id("paint-cell")
        self.said = page.get_by_test_id("paint-said")
        self.range = page.get_by_test_id("paint-range")
        self.state = page.get_by_test_id("paint-state")
        expect(self.cell).to_contain_text("Row 0")
        self.next_frame()

    # The engine's side

    def layer(self) -> Layer:
        experiment = self.experiment
        return build_layer(experiment, pixels_of(experiment.picture, experiment.size, experiment.grey))

    def own_weights(self) -> Weights:
        feature = self.experiment.features[self.feature]
        if feature.weights is not None:
            return feature.weights
        bank = build_layer(replace(self.experiment, features=(feature,)), np.zeros((64, 64, 3), np.uint8)).bank
        slices = bank[0] if not (bank == bank[..., :1]).all() else bank[0][..., :1]
        return tuple(tuple(tuple(map(float, cell)) for cell in row) for row in slices)

    def message(self) -> str:
        answer = Answer(self.revision, self.answered)
        packed = pack_paint(self.layer(), self.feature, self.own_weights(), answer, matches=self.matches)
        return base64.b64encode(packed).decode()

    def send(self) -> None:
        self.page.evaluate("message => window.receive(message)", self.message())
        self.next_frame()

    def reports(self, name: str) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self.page.evaluate("name => window.reports[name]", name)
        return found

    def take(self, report: dict[str, Any]) -> None:
        """Do as the server does with a report, but do not answer yet."""
        features = list(self.experiment.features)
        features[self.feature] = Feature(OWN, read_weights(report), features[self.feature].bias)
        self.experiment = replace(self.experiment, features=tuple(features))
        self.revision += 1
        self.answered = report["number"]

    def answer(self) -> None:
        self.take(self.reports("weights")[-1])
        self.send()

    def lifted(self) -> Patch:
        return read_patch(self.reports("lift")[-1], self.layer().plan.image_shape)

    # The person's side

    def button(self, name: str) -> Locator:
        return self.bench.get_by_role("button", name=name, exact=True)

    def gridcell(self, row: int, col: int) -> Locator:
        return self.grid.get_by_role("row").nth(row).get_by_role("gridcell").nth(col)

    def centre(self, row: int, col: int) -> tuple[float, float]:
        box = self.gridcell(row, col).bounding_box()
        assert box is not None
        return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2

    def pixel_point(self, row: int, col: int) -> tuple[float, float]:
        """Return the middle of a pixel of the photo, in the page's coordinates."""
        box = self.photo.bounding_box()
        assert box is not None
        px, bleed = (float(self.photo.get_attribute(f"data-{name}") or "") for name in ("px", "bleed"))
        return box["x"] + bleed + (col + 0.5) * px, box["y"] + bleed + (row + 0.5) * px

    def weights(self) -> list[float]:
        found: list[float] = json.loads(self.bench.get_attribute("data-weights") or "")
        return found

    def difference(self) -> float:
        return float(self.bench.get_attribute("data-difference") or "nan")

    def next_frame(self) -> None:
        self.page.evaluate("() => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))")

    def map_pixels(self) -> npt.NDArray[np.uint8]:
        """Return what the map's canvas shows: rows, columns, and red, green, blue and opacity."""
        png = base64.b64decode(self.map.evaluate("canvas => canvas.toDataURL().split(',')[1]"))
        return np.array(Image.open(io.BytesIO(png)).convert("RGBA"))
