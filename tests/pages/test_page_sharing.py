"""The Sharing page through Streamlit's own test bench: the experiment, its numbers, wrong links."""

from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from conv_engine import LIBRARY, ConvSpec
from ui import toeplitz_view
from ui.experiment import Experiment, Feature
from ui.sharing import SmallMatrix

APP = Path(__file__).resolve().parents[2] / "app.py"


def opened(shown: Experiment | None = None, **details: str) -> AppTest:
    app = AppTest.from_file(APP, default_timeout=30)
    app.query_params = {**(shown or Experiment()).to_query(), **details}
    app.run()
    app.switch_page("pages/sharing.py").run()
    assert not app.exception
    return app


def text(app: AppTest) -> str:
    return " ".join(shown.value for shown in (*app.main.markdown, *app.main.caption, *app.main.warning))


def test_the_page_counts_the_experiments_own_layer_and_its_matrix() -> None:
    eight = tuple(Feature("sobel_x") for _ in range(8))
    words = text(opened(Experiment(size=64, features=eight, spec=ConvSpec.of(padding="same"))))
    assert "At 64 × 64 × 3 and 8 features: **224** weights and biases against **402,685,952**" in words
    # 6 × 6 cells and pixels. Down, three weights a cell, one less at either end; across, two that are not 0.
    assert (6 * 3 - 2) * (6 * 2 - 2) == 160
    assert "**1,296 entries, 160 not zero, 4 different numbers**" in words
    assert "the largest difference of all 36 cells is **0**" in words


def test_the_small_pictures_size_is_taken_from_the_address() -> None:
    assert "**6,400 entries" in text(opened(w_side="10"))
    assert "**576 entries" in text(opened(w_side="99999"))
    assert "**576 entries" in text(opened(w_side="<b>"))


def test_multiplications_are_drawn_when_they_are_chosen() -> None:
    app = opened()
    app.segmented_control(key="choice_w_counted").set_value("multiplications").run()
    assert not app.exception
    assert app.query_params["w_counted"] == "multiplications"


def test_another_kernel_stands_in_for_one_that_is_too_large() -> None:
    app = opened(Experiment(features=(Feature("gaussian7"),)))
    assert "7 × 7, is too large for a matrix" in text(app).replace("\\", "")
    app.selectbox(key="choice_w_kernel").set_value("box").run()
    assert "1 different number** besides 0" in text(app)


def test_the_matrix_has_the_stride_of_the_experiment() -> None:
    # 2 × 2 cells of 36 pixels.
    assert "**144 entries, 24 not zero" in text(opened(Experiment(spec=ConvSpec.of(stride=2))))


@pytest.mark.parametrize("flip", [False, True])
def test_the_component_is_sent_the_kernel_as_it_is_laid_on(flip: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    sent = []
    pack = toeplitz_view.pack_matrix

    def noted(matrix: SmallMatrix, title: str, top: float) -> bytes:
        sent.append((matrix.kernel.tolist(), title, top))
        return pack(matrix, title, top)

    monkeypatch.setattr(toeplitz_view, "pack_matrix", noted)
    opened(Experiment(features=(Feature("corner_tl"),), flip=flip))
    weights = LIBRARY["corner_tl"].weights
    kernel, title, top = sent[-1]
    assert kernel == (weights[::-1, ::-1] if flip else weights).tolist()
    assert title.endswith(", flipped") == flip
    assert top == 255


@pytest.mark.parametrize(
    ("shown", "said"),
    [
        (Experiment(spec=ConvSpec.of(dilation=16), size=8), "cannot be counted"),
        (Experiment(spec=ConvSpec.of(padding=64)), "a map of 132 × 132, too large to draw"),
        (Experiment(spec=ConvSpec.of(padding=1, boundary="circular")), "holds zeros here"),
    ],
)
def test_what_cannot_be_is_said_in_a_sentence(shown: Experiment, said: str) -> None:
    app = opened(shown)
    assert said in text(app).replace("\\", "")
    assert "the largest difference" in text(app)
