"""The Explore page through Streamlit's own test bench: what it sends to the stage, and what it says."""

import json
import re
from pathlib import Path
from typing import Any

import numpy as np
import PIL.Image
import pytest
from streamlit.testing.v1 import AppTest

from conv_engine import LIBRARY, conv2d
from ui.experiment import Experiment
from ui.images import SAMPLES, load_sample, resize

APP = Path(__file__).resolve().parents[2] / "app.py"


@pytest.fixture
def app() -> AppTest:
    return AppTest.from_file(APP, default_timeout=30).run()


def message(app: AppTest) -> dict[str, Any]:
    """Return the header of the message that the page sent to the stage, with its arrays and the image in place."""
    assert not app.exception
    image, stage = (unpack(node.proto.bytes) for node in walk(app.main) if node.type == "bidi_component")
    assert image["imageToken"] == stage["imageToken"]
    stage["arrays"]["image"] = image["arrays"]["image"]
    return stage


def unpack(data: bytes) -> dict[str, Any]:
    assert data[:4] == b"CVS1"
    length = int.from_bytes(data[4:8], "little")
    header: dict[str, Any] = json.loads(data[8 : 8 + length])
    for name, slot in header["arrays"].items():
        count = int(np.prod(slot["shape"]))
        array = np.frombuffer(data, slot["dtype"], count, slot["offset"])
        header["arrays"][name] = array.reshape(slot["shape"])
    return header


def walk(block: Any) -> Any:
    for node in block.children.values():
        yield node
        if hasattr(node, "children"):
            yield from walk(node)


def test_the_first_screen_shows_something_and_the_address_stays_bare(app: AppTest) -> None:
    header = message(app)
    assert header["imageShape"] == [32, 32, 3]
    assert header["outputShape"] == [30, 30, 1]
    assert dict(app.query_params) == {}
    assert app.title or app.main.markdown[0].value == "# See a convolution happen"
    assert "3 × 3 × 3 window multiplies 27 pixel values by 27 weights" in app.main.markdown[1].value
    assert not app.warning


def test_the_controls_come_in_the_order_in_which_a_layer_is_thought_of(app: AppTest) -> None:
    headings = [text.value for text in app.sidebar.markdown if text.value.startswith("### ")]
    assert headings == ["### Image", "### Kernel", "### Stride and padding", "### Features"]


def test_pixel_values_from_0_to_1_scale_the_map_and_not_the_picture_that_is_sent(app: AppTest) -> None:
    before = message(app)
    assert app.main.caption[-1].value.endswith("Pixel values from 0 to 255.")
    app.sidebar.segmented_control(key="unit").select(True).run()
    after = message(app)
    assert (before["top"], after["top"]) == (255, 1)
    np.testing.assert_array_equal(before["arrays"]["image"], after["arrays"]["image"])
    assert after["features"][0]["high"] == pytest.approx(before["features"][0]["high"] / 255, rel=1e-6)
    assert app.main.caption[-1].value.endswith("Pixel values from 0 to 1.")
    assert dict(app.query_params) == {"v": "1", "u": "1"}
    app.sidebar.segmented_control(key="unit").select(False).run()
    assert message(app)["features"] == before["features"]
    assert dict(app.query_params) == {}


def test_a_grey_picture_has_one_channel_and_kernels_of_one_slice(app: AppTest) -> None:
    app.sidebar.segmented_control(key="grey").select(True).run()
    header = message(app)
    picture = PIL.Image.fromarray(resize(load_sample("face"), 32).pixels)
    np.testing.assert_array_equal(header["arrays"]["image"][:, :, 0], np.asarray(picture.convert("L")))
    assert header["imageShape"] == [32, 32, 1]
    assert header["arrays"]["bank"][0, :, :, 0].tolist() == LIBRARY["sobel_x"].weights.tolist()
    assert dict(app.query_params) == {"v": "1", "c": "grey"}
    assert "3 × 3 × 1 window multiplies 9 pixel values by 9 weights" in app.main.markdown[1].value
    assert "turned grey: 0.299 R + 0.587 G + 0.114 B, rounded" in app.main.caption[-1].value


def test_what_is_said_of_a_kernel_is_right_for_grey(app: AppTest) -> None:
    def words() -> str:
        labels = [field.label for field in app.sidebar.text_input]
        return " | ".join([*labels, *(text.value for text in (*app.sidebar.caption, *app.sidebar.markdown))])

    assert "So in each of R, G and B" in words()
    assert "Weight R, G and B alike, row 0, column 0" in words()
    app.sidebar.segmented_control(key="grey").select(True).run()
    assert not re.search(r"R, G|\bRGB\b|each of", words())
    assert "Weight Grey, row 0, column 0" in words()
    assert app.sidebar.toggle(key="each0").disabled
    app.sidebar.selectbox(key="kernel0").select("blue_yellow").run()
    assert "On a grey picture its three slices act as one: their sum." in words()
    assert message(app)["arrays"]["bank"].tolist() == [[[[0]]]]
    app.sidebar.segmented_control(key="grey").select(False).run()
    assert "grey picture" not in words()


def test_own_weights_keep_their_three_slices_while_the_picture_is_grey(app: AppTest) -> None:
    app.sidebar.toggle(key="each0").set_value(True).run()
    app.sidebar.text_input(key="w0.0.0.1").input("7").run()
    colours = message(app)["arrays"]["bank"]
    app.sidebar.segmented_control(key="grey").select(True).run()
    np.testing.assert_array_equal(message(app)["arrays"]["bank"], colours.sum(axis=3, keepdims=True))
    app.sidebar.text_input(key="w0.2.2.2").input("-5").run()
    assert message(app)["arrays"]["bank"][0, 2, 2, 0] == 1 + 1 - 5
    app.sidebar.segmented_control(key="grey").select(False).run()
    after = message(app)["arrays"]["bank"]
    assert after[0, 0, 0].tolist() == [-1, 7, -1]
    assert after[0, 2, 2].tolist() == [1, 1, -5]


@pytest.mark.parametrize("key", SAMPLES)
def test_each_sample_arrives_at_the_stage_pixel_for_pixel(app: AppTest, key: str) -> None:
    app.sidebar.selectbox(key="picture").select(key).run()
    expected = resize(load_sample(key), 32).pixels
    np.testing.assert_array_equal(message(app)["arrays"]["image"], expected)


def test_only_another_picture_is_sent_again(app: AppTest) -> None:
    def image() -> bytes:
        sent: bytes = next(
            node for node in walk(app.main) if node.type == "bidi_component"
        ).proto.SerializeToString()
        return sent

    first = image()
    app.sidebar.selectbox(key="kernel0").select("box").run()
    app.sidebar.number_input(key="count").set_value(3).run()
    app.sidebar.segmented_control(key="unit").select(True).run()
    assert image() == first
    app.sidebar.select_slider(key="size").set_value(16).run()
    assert image() != first
    app.sidebar.select_slider(key="size").set_value(32).run()
    assert image() == first


def test_each_kernel_of_the_library_can_be_chosen_and_its_map_is_the_engines(app: AppTest) -> None:
    image = resize(load_sample("face"), 32).pixels
    for key, kernel in LIBRARY.items():
        header = message(app.sidebar.selectbox(key="kernel0").select(key).run())
        maps = conv2d(image, header["arrays"]["bank"], method="direct")
        (feature,) = header["features"]
        assert feature["name"] == kernel.title
        assert (feature["low"], feature["high"]) == (float(maps.min()), float(maps.max()))
        levels = header["arrays"]["levels"][0]
        assert levels.shape == maps.shape[:2]
        np.testing.assert_array_equal(np.sign(levels), np.sign(maps[:, :, 0]))


def test_working_size_stride_padding_and_count_change_the_shape_and_the_address(app: AppTest) -> None:
    app.sidebar.select_slider(key="size").set_value(64).run()
    app.sidebar.number_input(key="stride_rows").set_value(2).run()
    app.sidebar.number_input(key="stride_columns").set_value(2).run()
    app.sidebar.segmented_control(key="padding").select("same").run()
    app.sidebar.number_input(key="count").set_value(5).run()
    header = message(app)
    assert header["outputShape"] == [32, 32, 5]
    assert header["pads"] == [[0, 1], [0, 1]]
    experiment, problems = Experiment.from_query(dict(app.query_params))
    assert not problems
    assert (experiment.size, experiment.spec.stride, experiment.spec.padding) == (64, (2, 2), "same")
    assert len(experiment.features) == 5


def test_padding_in_numbers_may_differ_on_each_side(app: AppTest) -> None:
    app.sidebar.segmented_control(key="padding").select("numbers").run()
    assert message(app)["pads"] == [[1, 1], [1, 1]]
    app.sidebar.number_input(key="pad_left").set_value(4).run()
    assert message(app)["pads"] == [[1, 1], [4, 1]]


def test_an_address_opens_what_it_says(app: AppTest) -> None:
    app = AppTest.from_file(APP, default_timeout=30)
    app.query_params.update(
        {"v": "1", "img": "cat", "size": "16", "k": "box~luma", "b": "0~3", "flip": "1", "at": "2.3.1"}
    )
    header = message(app.run())
    assert header["imageShape"] == [16, 16, 3]
    assert header["flip"] is True
    assert header["arrays"]["bias"].tolist() == [0, 3]
    assert {name: header["place"][name] for name in ("row", "col", "feature")} == {
        "row": 2,
        "col": 3,
        "feature": 1,
    }
    assert app.sidebar.selectbox(key="picture").value == "cat"
    assert app.sidebar.selectbox(key="kernel1").value == "luma"
    assert app.sidebar.text_input(key="bias1").value == "3"


def test_an_address_that_makes_no_sense_is_answered_in_sentences(app: AppTest) -> None:
    app = AppTest.from_file(APP, default_timeout=30)
    app.query_params.update({"size": "-3", "k": "9x9x9_1", "d": "0x0", "p": "1-2", "edge": "cliff", "b": "nan"})
    header = message(app.run())
    assert header["outputShape"] == [30, 30, 1]
    (warning,) = app.warning
    for name in ("size", "k", "d", "p", "edge", "b"):
        assert f"“{name}=" in warning.value.replace("\\", "")


def test_a_number_out_of_range_changes_nothing(app: AppTest) -> None:
    for key, value in (("count", 17), ("count", 0), ("stride_rows", 0), ("dilation_columns", 99)):
        app.sidebar.number_input(key=key).set_value(value).run()
        assert message(app)["outputShape"] == [30, 30, 1]
        assert app.sidebar.number_input(key=key).value == 1
        assert dict(app.query_params) == {}


def test_typed_weights_are_validated_and_the_last_good_kernel_stays(app: AppTest) -> None:
    app.sidebar.text_input(key="w0.0.0.0").input("1/9").run()
    header = message(app)
    assert header["features"][0]["name"] == "Own kernel"
    assert header["arrays"]["bank"][0, 0, 0].tolist() == [1 / 9] * 3
    app.sidebar.text_input(key="w0.1.1.0").input("__import__('os')").run()
    assert "is not a number" in app.error[0].value
    assert app.sidebar.text_input(key="w0.1.1.0").value == "__import__('os')"
    np.testing.assert_array_equal(message(app)["arrays"]["bank"], header["arrays"]["bank"])


def test_a_kernel_may_be_even_oblong_and_different_for_each_channel(app: AppTest) -> None:
    app.sidebar.number_input(key="Rows0").set_value(2).run()
    app.sidebar.number_input(key="Columns0").set_value(5).run()
    app.sidebar.toggle(key="each0").set_value(True).run()
    app.sidebar.text_input(key="w0.1.4.2").input("-7").run()
    header = message(app)
    bank = header["arrays"]["bank"]
    assert bank.shape == (1, 2, 5, 3)
    assert bank[0, 1, 4].tolist() == [0, 0, -7]
    assert header["outputShape"] == [31, 28, 1]


def test_a_kernel_smaller_than_the_largest_of_its_bank_is_said_to_be_framed(app: AppTest) -> None:
    def framed() -> list[str]:
        return [text.value for text in app.sidebar.caption if text.value.startswith("Framed")]

    app.sidebar.number_input(key="count").set_value(2).run()
    assert framed() == []
    app.sidebar.number_input(key="Rows0").set_value(5).run()
    assert framed() == []
    app.sidebar.segmented_control(key="feature.0").select(1).run()
    assert framed() == ["Framed with zeros to 5 × 3: a layer has one kernel size, that of its largest."]
    assert message(app)["arrays"]["bank"].shape == (2, 5, 3, 3)


def test_the_named_kernel_and_back_keeps_the_typed_weights(app: AppTest) -> None:
    app.sidebar.text_input(key="w0.0.0.0").input("42").run()
    app.sidebar.selectbox(key="kernel0").select("box").run()
    assert message(app)["arrays"]["bank"][0, 0, 0, 0] == 1 / 9
    app.sidebar.selectbox(key="kernel0").select("own").run()
    assert message(app)["arrays"]["bank"][0, 0, 0, 0] == 42


def test_the_bias_is_added_once(app: AppTest) -> None:
    before = message(app)["features"][0]
    app.sidebar.text_input(key="bias0").input("-12.5").run()
    after = message(app)["features"][0]
    assert after["low"] == before["low"] - 12.5
    assert after["high"] == before["high"] - 12.5
    app.sidebar.text_input(key="bias0").input("lots").run()
    assert "is not a number" in app.error[0].value
    assert message(app)["features"][0] == after


def test_settings_that_leave_no_window_are_explained(app: AppTest) -> None:
    app.sidebar.select_slider(key="size").set_value(8).run()
    app.sidebar.number_input(key="dilation_rows").set_value(5).run()
    assert not app.exception
    assert "larger working size" in app.error[0].value


def test_the_picture_says_how_it_was_made_small(app: AppTest) -> None:
    assert any("512 × 512 shrunk to 32 × 32" in text.value for text in app.main.caption)
    app.sidebar.select_slider(key="size").set_value("original").run()
    assert any("kept as it is, 512 × 512" in text.value for text in app.main.caption)
    assert message(app)["outputShape"] == [510, 510, 1]


def test_a_control_that_changes_nothing_takes_back_nothing(app: AppTest) -> None:
    app.sidebar.number_input(key="stride_rows").set_value(2).run()
    assert dict(app.query_params)["s"] == "2x1"
    # The browser's address may still be the one before.
    app.query_params.clear()
    app.sidebar.text_input(key="bias0").set_value("eight").run()
    assert message(app)["stride"] == [2, 1]
    app.query_params.clear()
    app.sidebar.text_input(key="bias0").set_value("0").run()
    assert message(app)["stride"] == [2, 1]
