"""What the Explore page offers to take away."""

from pathlib import Path

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

import ui.downloads
from ui.experiment import Experiment, Feature
from ui.exports import most_bytes
from ui.layer import build_layer

APP = Path(__file__).resolve().parents[2] / "app.py"


def opened(query: dict[str, str] | None = None) -> AppTest:
    app = AppTest.from_file(APP, default_timeout=30)
    app.query_params.update(query or {})
    app.run()
    assert not app.exception
    return app


def too_large(app: AppTest) -> list[str]:
    return [text.value for text in app.main.caption if "As a web page of its own" in text.value]


def test_the_stage_is_offered_as_a_page_and_the_help_says_that_the_photo_is_in_it() -> None:
    app = opened()
    (button,) = app.main.get("download_button")
    assert button.proto.label == "Download this stage as a web page"
    assert "your own photo" in button.proto.help
    assert too_large(app) == []


def test_nothing_is_made_before_the_click(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> str:
        raise AssertionError("a page was made")

    monkeypatch.setattr(ui.downloads, "layer_html", refuse)
    assert len(opened().main.get("download_button")) == 1


def test_a_page_that_would_be_huge_is_not_offered_and_the_sentence_says_why(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    query = {"v": "1", "size": "512", "k": "box~luma"}
    app = opened(query)
    assert len(app.main.get("download_button")) == 1
    monkeypatch.setattr(ui.downloads, "_LARGEST", 2)
    app = opened(query)
    assert len(app.main.get("download_button")) == 0
    assert too_large(app) == [
        "As a web page of its own this stage would have up to 3 MB, and 2 MB are the limit: there would be "
        "512 × 512 pixels and 2 maps in it. Choose a smaller working size for that."
    ]


def test_all_samples_and_sizes_may_be_taken_away_with_all_features_and_a_camera_picture_may_not() -> None:
    bank = Experiment(features=(Feature("box"),) * 16)
    assert most_bytes(build_layer(bank, np.zeros((512, 512, 3), np.uint8))) < 20e6
    assert most_bytes(build_layer(Experiment(), np.zeros((3000, 4000, 3), np.uint8))) > 20e6
