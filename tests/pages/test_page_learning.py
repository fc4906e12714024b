"""The Learning page through Streamlit's own test bench: its parts, its address, its numbers, its runs."""

import json
import re
import threading
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from scipy.signal import correlate
from streamlit.testing.v1 import AppTest

from conv_engine import LIBRARY
from ui import background, learning_net, learning_panels
from ui.experiment import OWN, Experiment, Feature
from ui.images import load_sample, prepare
from ui.learn_kernel import Lesson, draw_hidden, learn, pixels_of
from ui.learn_shapes import Task, train

APP = Path(__file__).resolve().parents[2] / "app.py"
FACE = pixels_of(prepare(load_sample("face"), 64, True).pixels, centred=True)
SOBEL = LIBRARY["sobel_x"].weights
LONG = 60.0


def opened(part: str = "one", experiment: Experiment | None = None, **details: str) -> AppTest:
    app = AppTest.from_file(APP, default_timeout=60)
    app.query_params = {**(experiment.to_query() if experiment else {}), "learning": part, **details}
    app.run()
    app.switch_page("pages/learning.py").run()
    assert not app.exception
    return app


def words(app: AppTest) -> str:
    return "\n".join(element.value for element in app.main.markdown)


def player(app: AppTest) -> tuple[dict[str, Any], dict[str, np.ndarray]]:
    """Return what the player was sent, read by the layout that `ui/message.py` describes."""
    (data,) = [element.proto.bytes for element in app.main.get("bidi_component")]
    length = int.from_bytes(data[4:8], "little")
    header = json.loads(data[8 : 8 + length])
    arrays = {
        name: np.frombuffer(data, "<f8", int(np.prod(slot["shape"])), slot["offset"]).reshape(slot["shape"])
        for name, slot in header["arrays"].items()
    }
    return header, arrays


# One kernel


def test_the_player_is_sent_the_run_on_this_photo() -> None:
    header, arrays = player(opened())
    run = learn(FACE, SOBEL[np.newaxis], Lesson())
    assert header["names"] == [LIBRARY["sobel_x"].title]
    assert header["trouble"] == ""
    np.testing.assert_array_equal(arrays["picture"], FACE)
    np.testing.assert_array_equal(arrays["hidden"], [SOBEL])
    np.testing.assert_array_equal(arrays["weights"], run.weights)
    np.testing.assert_array_equal(arrays["losses"], run.losses)
    np.testing.assert_allclose(arrays["wanted"][0], correlate(FACE, SOBEL, "valid"), atol=1e-12)
    assert np.abs(arrays["weights"][-1, 0] - SOBEL).max() < 0.005


def test_the_words_say_the_limit_of_the_rate_and_when_the_loss_was_a_hundredth() -> None:
    text = words(opened())
    run = learn(FACE, SOBEL[np.newaxis], Lesson())
    step = next(at for at in range(301) if run.losses[at, 0] <= run.losses[0, 0] / 100)
    assert f"At step {step} the loss is a hundredth" in text
    limit = float(re.search(r"from a rate of \*\*([\d.]+)\*\*", text).group(1))  # type: ignore[union-attr]
    assert limit == pytest.approx(run.rate_limit, rel=5e-3)
    patches = np.lib.stride_tricks.sliding_window_view(FACE, (3, 3)).reshape(-1, 9)
    steepest = np.linalg.norm(patches, 2) ** 2 * 2 / len(patches)
    assert limit == pytest.approx(2 * 1.9 / steepest, rel=5e-3)
    assert "all 3,844 windows" in text


def test_a_rate_that_is_too_high_is_said_to_be_so_and_stands_in_the_address() -> None:
    app = opened()
    app.main.select_slider(key="choice_lr").set_value("10").run()
    header, arrays = player(app)
    assert header["trouble"].startswith("The rate 10 is too high: the loss grew from ")
    assert header["trouble"] in words(app)
    assert len(arrays["losses"]) < 301
    assert app.query_params["lr"] in ("10", ["10"])
    again = opened(lr="10")
    assert again.main.select_slider(key="choice_lr").value == "10"
    assert player(again)[0]["trouble"] == header["trouble"]


@pytest.mark.parametrize(
    ("name", "kind", "value", "lesson"),
    [
        ("lm", "select_slider", "0.5", Lesson(momentum=0.5)),
        ("lb", "segmented_control", "64", Lesson(batch=64)),
        ("ln", "segmented_control", "0.3", Lesson(noise=0.3)),
        ("ls", "segmented_control", "100", Lesson(steps=100)),
    ],
)
def test_each_setting_of_the_lesson_counts(name: str, kind: str, value: str, lesson: Lesson) -> None:
    app = opened()
    getattr(app.main, kind)(key=f"choice_{name}").set_value(value).run()
    assert not app.exception
    np.testing.assert_array_equal(player(app)[1]["weights"], learn(FACE, SOBEL[np.newaxis], lesson).weights)


def test_several_kernels_are_the_chosen_one_and_the_next_of_the_list() -> None:
    app = opened(lk="laplacian", lc="3")
    header, arrays = player(app)
    assert header["names"] == [LIBRARY[key].title for key in ("laplacian", "sobel_x", "sobel_y")]
    assert arrays["wanted"].shape[0] == 3
    assert "**3 kernels, 3 maps.**" in words(app)


def test_ones_own_kernel_is_hidden_with_its_slices_added_up() -> None:
    own = (((1.0, 2.0, 3.0), (0.0, 0.5, -0.25)),)
    header, arrays = player(opened("one", Experiment(features=(Feature(OWN, own, name="mine"),)), lk="own"))
    assert header["names"] == ["mine"]
    np.testing.assert_array_equal(arrays["hidden"], [[[6.0, 0.25]]])


def test_a_kernel_that_is_too_large_to_be_looked_at_is_refused_in_a_sentence() -> None:
    wide = (tuple((1.0,) for _ in range(9)),)
    app = opened("one", Experiment(features=(Feature(OWN, wide),)), lk="own")
    assert "got 1 × 9" in app.error[0].value.replace("\\", "")
    assert not app.main.get("bidi_component")


def test_a_surprise_is_drawn_by_the_seed() -> None:
    app = opened(lk="surprise", lseed="7")
    assert player(app)[0]["names"] == [draw_hidden(1, 7)[0].title]
    app.main.button(key="learning_reseed").click().run()
    assert player(app)[0]["names"] == [draw_hidden(1, 8)[0].title]
    # What is hidden is not told by the page around the player.
    assert draw_hidden(1, 8)[0].title not in words(app)


def test_random_pixels_and_another_zero_are_other_pictures() -> None:
    app = opened()
    app.main.selectbox(key="choice_lx").set_value("bright").run()
    np.testing.assert_allclose(player(app)[1]["picture"], FACE + 0.5)
    app.main.selectbox(key="choice_lx").set_value("random").run()
    picture = player(app)[1]["picture"]
    assert picture.shape == (64, 64)
    assert abs(np.corrcoef(picture[:, 1:].ravel(), picture[:, :-1].ravel())[0, 1]) < 0.1


@pytest.mark.parametrize("part", ["one", "net"])
def test_nonsense_in_the_address_counts_as_nothing(part: str) -> None:
    nonsense = dict.fromkeys(("lk", "lr", "lm", "lb", "lx", "lseed"), "<b>²</b>")
    app = opened(part, **(nonsense if part == "one" else dict.fromkeys(("sn", "sp", "sh", "sg", "sseed"), "-1e9")))
    assert not app.error
    if part == "one":
        np.testing.assert_array_equal(player(app)[1]["weights"], player(opened())[1]["weights"])


@pytest.mark.parametrize("source", ["photo", "bright", "random"])
@pytest.mark.parametrize(("shade", "size"), [(0, 64), (255, 64), (90, 5)])
def test_a_picture_without_anything_in_it_teaches_nothing_and_breaks_nothing(
    monkeypatch: pytest.MonkeyPatch, source: str, shade: int, size: int
) -> None:
    flat = np.full((size, 64, 1), shade, dtype=np.uint8)
    monkeypatch.setattr(learning_panels, "working_picture", lambda experiment, photo: SimpleNamespace(pixels=flat))
    app = opened(lx=source, lr="0.01", ln="0.1")
    assert "quite flat in some direction" in words(app)
    assert "nan" not in words(app)
    assert ("there is nothing to learn from" in words(app)) == (source == "bright" and shade == 0)


def test_a_picture_smaller_than_the_kernel_is_refused_in_a_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    thin = np.zeros((2, 64, 1), dtype=np.uint8)
    monkeypatch.setattr(learning_panels, "working_picture", lambda experiment, photo: SimpleNamespace(pixels=thin))
    app = opened()
    assert "Choose another kernel, or another picture" in app.error[0].value


# Two layers


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Learn for a moment only: what comes out is the same kind of thing."""
    monkeypatch.setattr(learning_net, "Task", lambda **parts: Task(steps=32, tested=80, **parts))


def job_of(app: AppTest) -> Any:
    return app.session_state["kept"]["shapes job"][1]


def test_pictures_are_shown_before_the_first_run() -> None:
    app = opened("net")
    html = " ".join(element.proto.body for element in app.main.get("html"))
    assert html.count("<figure>") == 12
    assert html.count(">triangle<") == 3


def test_a_run_is_watched_and_its_outcome_shown(quick: None) -> None:
    app = opened("net")
    app.main.button(key="shapes_train").click().run()
    assert not app.exception
    assert job_of(app).wait(LONG)
    app.run()
    assert not app.exception
    outcome = train(Task(steps=32, tested=80), lambda share, moments: None)
    text, html = words(app), " ".join(element.proto.body for element in app.main.get("html"))
    for exam in (outcome.exam, outcome.hand_exam):
        right = int((exam.given == exam.labels).sum())
        assert f"{right} of 80 ({100 * right / 80:.1f} %)" in text
        for count in exam.confusion.diagonal():
            assert f"<b>{count}</b>" in html
    assert f"of its {len(outcome.exam.wrong)} mistakes" in text
    assert "What to notice" in text
    assert not [button for button in app.main.button if button.key == "shapes_stop"]


def test_a_run_is_stopped_by_its_button(monkeypatch: pytest.MonkeyPatch) -> None:
    begun = threading.Event()

    def endless(task: Task, tell: Any) -> None:
        while True:
            tell(0.5, ())
            begun.set()

    monkeypatch.setattr(learning_net, "train", endless)
    app = opened("net")
    app.main.button(key="shapes_train").click().run()
    assert begun.wait(LONG)
    app.run()
    app.main.button(key="shapes_stop").click().run()
    assert job_of(app).wait(LONG)
    app.run()
    assert not app.exception
    assert job_of(app).status == "stopped"
    assert "Stopped" in app.main.info[0].value


def test_who_waits_in_line_is_told_so(monkeypatch: pytest.MonkeyPatch, quick: None) -> None:
    end = threading.Event()
    monkeypatch.setattr(background, "_runner", background.Runner(background.AT_ONCE))
    others = [background.start(lambda tell: end.wait(LONG)) for _ in range(background.AT_ONCE + 1)]
    try:
        app = opened("net")
        app.main.button(key="shapes_train").click().run()
        assert app.main.info[0].value.startswith("2 other runs are at work, and 1 is before yours")
    finally:
        end.set()
    assert job_of(app).wait(LONG)
    assert all(job.wait(LONG) for job in others)


def test_an_outcome_of_other_settings_says_so(quick: None) -> None:
    app = opened("net")
    app.main.button(key="shapes_train").click().run()
    assert job_of(app).wait(LONG)
    app.main.segmented_control(key="choice_sp").set_value("12").run()
    assert not app.exception
    assert "other settings" in app.main.info[0].value
    assert "Each map becomes one number" in words(app)


def test_a_guess_is_held_against_what_came_out(quick: None) -> None:
    app = opened("net", sg="70")
    app.main.button(key="shapes_train").click().run()
    assert job_of(app).wait(LONG)
    app.run()
    exam = job_of(app).result.exam
    assert f"You guessed 70 of 100 for the learned kernels; it is {100 * exam.accuracy:.1f}." in words(app)
    app.main.select_slider(key="choice_sg").set_value("none").run()
    assert "You guessed" not in words(app)
