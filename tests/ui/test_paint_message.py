"""The bridge to the bench: its messages, read by a reader of their own, and what it takes from a browser."""

import json
import math
import re
import struct

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from streamlit.testing.v1 import AppTest

from conv_engine import ConvSpec, conv2d
from ui.experiment import LARGEST_KERNEL, OWN, Experiment, ExperimentError, Feature
from ui.layer import build_layer, map_pictures
from ui.message import pack_image
from ui.paint import LARGEST_FOLLOWED, Answer, Patch, pack_paint, read_patch, read_weights

DTYPES = {"uint8": "u1", "int16": "<i2", "float32": "<f4", "float64": "<f8"}
PLAIN = (((-1.0,), (0.1,)), ((1 / 9,), (2.0,)), ((0.0,), (-7.5,)))
THREE = (((0.5, -1.0, 0.0), (1 / 9, 0.25, 2.0)),)


def unpack(message):
    magic, length = struct.unpack_from("<4sI", message)
    assert magic == b"CVS1"
    header = json.loads(message[8 : 8 + length].decode("utf-8"))
    arrays = {
        name: np.frombuffer(
            message, DTYPES[slot["dtype"]], count=math.prod(slot["shape"]), offset=slot["offset"]
        ).reshape(slot["shape"])
        for name, slot in header["arrays"].items()
    }
    return header, arrays


def noise(rows, cols, channels=3):
    return np.random.default_rng(rows * 100 + cols).integers(0, 256, (rows, cols, channels), dtype=np.uint8)


def one_map(layer, feature):
    spec = layer.plan.spec
    return conv2d(
        layer.image,
        layer.bank,
        layer.bias,
        stride=spec.stride,
        padding=spec.padding,
        dilation=spec.dilation,
        boundary=spec.boundary,
        flip=layer.flip,
        method="naive",
    )[:, :, feature]


CASES = [
    pytest.param(Experiment(features=(Feature(OWN, PLAIN),)), noise(16, 12), 0, id="one kernel"),
    pytest.param(Experiment(features=(Feature(OWN, THREE, bias=-2.5),)), noise(9, 9), 0, id="three slices"),
    pytest.param(Experiment(features=(Feature(OWN, THREE),)), noise(9, 7, 1), 0, id="three slices on grey"),
    pytest.param(
        Experiment(
            features=(Feature("gaussian5"), Feature(OWN, PLAIN, bias=1.5), Feature("luma")),
            spec=ConvSpec.of(stride=(2, 1), dilation=(1, 2), padding="same", boundary="reflect"),
            flip=True,
            unit=True,
        ),
        noise(15, 22),
        1,
        id="in the frame of a larger one, flipped",
    ),
    pytest.param(
        Experiment(features=(Feature(OWN, (((1.0,),),)),)), noise(256, 200), 0, id="as large as followed"
    ),
]


@pytest.mark.parametrize(("experiment", "image", "feature"), CASES)
def test_the_message_holds_the_weights_the_map_and_where_each_cell_looks(experiment, image, feature):
    layer = build_layer(experiment, image)
    own = experiment.features[feature].weights
    header, arrays = unpack(pack_paint(layer, feature, own, Answer(7, 3), matches=[(1, 2), (-1, np.int64(4))]))
    np.testing.assert_array_equal(arrays["bank"], np.array(own), strict=True)
    np.testing.assert_array_equal(arrays["image"], image, strict=True)
    values = one_map(layer, feature)
    assert arrays["map"].dtype == np.float32
    np.testing.assert_allclose(arrays["map"], values, rtol=0, atol=1e-6 * np.abs(values).max())
    assert (header["low"], header["high"]) == (arrays["map"].min(), arrays["map"].max())
    spec = layer.plan.spec
    assert {key: header[key] for key in header if key not in ("arrays", "low", "high", "frame")} == {
        "version": 1,
        "feature": feature,
        "name": layer.names[feature],
        "revision": 7,
        "answered": 3,
        "imageShape": list(image.shape),
        "top": layer.top,
        "outputShape": list(values.shape),
        "pads": [list(pads) for pads in layer.plan.pads],
        "stride": list(spec.stride),
        "dilation": list(spec.dilation),
        "boundary": spec.boundary,
        "flip": experiment.flip,
        "bias": experiment.features[feature].bias,
        "matches": [[1, 2], [-1, 4]],
    }


@pytest.mark.parametrize(("experiment", "image", "feature"), CASES)
def test_the_kernel_stands_in_the_frame_where_the_bank_has_it(experiment, image, feature):
    layer = build_layer(experiment, image)
    own = experiment.features[feature].weights
    header, arrays = unpack(pack_paint(layer, feature, own, Answer(0)))
    frame, (rows, cols, _) = header["frame"], arrays["bank"].shape
    assert (frame["rows"], frame["cols"]) == layer.bank.shape[1:3]
    laid = np.zeros(layer.bank.shape[1:])
    slices = arrays["bank"].sum(axis=2, keepdims=True) if image.shape[2] == 1 else arrays["bank"]
    laid[frame["top"] : frame["top"] + rows, frame["left"] : frame["left"] + cols] = slices
    np.testing.assert_allclose(laid, layer.bank[feature], rtol=1e-15)


@pytest.mark.parametrize("shape", [(257, 20), (20, 300), (1100, 5)])
def test_the_map_of_a_larger_picture_comes_as_the_levels_of_its_picture(shape):
    experiment = Experiment(features=(Feature("gaussian5"), Feature(OWN, PLAIN, bias=4.0)))
    layer = build_layer(experiment, noise(*shape))
    header, arrays = unpack(pack_paint(layer, 1, PLAIN, Answer(1)))
    picture = map_pictures(layer)[1]
    assert max(shape) > LARGEST_FOLLOWED
    assert "map" not in arrays
    np.testing.assert_array_equal(arrays["levels"], picture.levels, strict=True)
    assert (header["low"], header["high"]) == (picture.low, picture.high)


def test_the_image_may_come_in_a_message_of_its_own():
    layer = build_layer(Experiment(features=(Feature(OWN, PLAIN),)), noise(8, 8))
    token = pack_image(layer.pixels).token
    header, arrays = unpack(pack_paint(layer, 0, PLAIN, Answer(1), image_token=token))
    assert header["imageToken"] == token
    assert set(arrays) == {"bank", "map"}


def script(bias):
    """Show the bench, and take what it reports: a page of the smallest kind."""
    import numpy as np

    from ui import state
    from ui.experiment import OWN, Experiment, Feature
    from ui.layer import build_layer
    from ui.paint import show_paint

    weights = (((1.0,), (-1.0,)),)
    kept = state.remembered("pixels", None, lambda: np.arange(300, dtype=np.uint8).reshape(10, 10, 3))
    layer = build_layer(Experiment(features=(Feature(OWN, weights, bias=bias),)), kept)
    show_paint(layer, 0, weights, 5, on_weights=lambda report: None, on_lift=lambda report: None)


def shown(app):
    assert not app.exception

    def walk(block):
        for child in block.children.values():
            yield child
            yield from walk(child) if hasattr(child, "children") else ()

    image, bench = (node.proto.bytes for node in walk(app.main) if node.type == "bidi_component")
    return image, bench


def test_the_picture_and_the_bench_are_two_messages_and_a_run_for_nothing_sends_the_same_bytes():
    app = AppTest.from_function(script, default_timeout=30, args=(0.0,)).run()
    image, bench = shown(app)
    header, arrays = unpack(bench)
    alone, picture = unpack(image)
    assert header["imageToken"] == alone["imageToken"]
    assert (header["revision"], header["answered"]) == (5, 0)
    assert set(picture) == {"image"}
    assert arrays["map"].shape == (10, 9)
    assert arrays["map"][0].tolist() == [-9.0] * 9
    assert shown(app.run()) == (image, bench)


def test_another_bias_is_another_map_over_the_same_picture():
    app = AppTest.from_function(script, default_timeout=30, args=(0.0,)).run()
    image, _ = shown(app)
    again, bench = shown(AppTest.from_function(script, default_timeout=30, args=(2.0,)).run())
    assert again == image
    assert unpack(bench)[1]["map"][0].tolist() == [-7.0] * 9


numbers = st.floats(-1e6, 1e6) | st.integers(-(10**6), 10**6)


@st.composite
def kernels(draw):
    rows, cols = draw(st.integers(1, LARGEST_KERNEL)), draw(st.integers(1, LARGEST_KERNEL))
    shape = [rows, cols, draw(st.sampled_from([1, 3]))]
    # A few numbers over and over: so large a list is slow to draw.
    some = draw(st.lists(numbers, min_size=1, max_size=20))
    return {"shape": shape, "weights": [some[i % len(some)] for i in range(math.prod(shape))], "number": 1}


@given(report=kernels())
def test_what_the_bench_reports_is_read_as_it_is(report):
    weights = read_weights(report)
    assert np.array(weights).shape == tuple(report["shape"])
    assert np.array(weights).ravel().tolist() == report["weights"]
    assert all(type(weight) is float for row in weights for cell in row for weight in cell)
    assert not np.signbit(np.array(weights)[np.array(weights) == 0]).any()
    assert Feature(OWN, weights).weights == weights


ONE = {"shape": [1, 1, 1], "weights": [0.5]}
HUGE = 10**5000


@pytest.mark.parametrize(
    ("report", "sentence"),
    [
        (None, "has a shape and weights, got “None”"),
        ("weights", "got “weights”"),
        ([1, 2], "has a shape and weights, got [“1”, “2”]"),
        ([[[]]] * 9, "got a list of 9"),
        ({}, "shape is rows, columns and channels, got “None”"),
        ({**ONE, "shape": [1, 1]}, "rows, columns and channels"),
        ({**ONE, "shape": [1, 1, True]}, "rows, columns and channels"),
        ({**ONE, "shape": [1.0, 1, 1]}, "rows, columns and channels"),
        ({**ONE, "shape": [0, 1, 1]}, "has 1 to 15 rows and columns for 1 or 3 channels"),
        ({**ONE, "shape": [16, 1, 1]}, "has 1 to 15 rows"),
        ({**ONE, "shape": [1, 1, 2]}, "for 1 or 3 channels"),
        ({**ONE, "shape": [HUGE, 1, 1]}, "has 1 to 15 rows"),
        ({**ONE, "weights": None}, "has 1 weights, got “None”"),
        ({**ONE, "weights": []}, "A painted kernel of 1 × 1 × 1 has 1 weights, got 0"),
        ({**ONE, "weights": [1] * 10**6}, "got 1000000"),
        ({**ONE, "weights": "1"}, "got “1”"),
        ({**ONE, "weights": ["1"]}, "must be a number between -1,000,000 and 1,000,000, got “1”"),
        ({**ONE, "weights": [True]}, "got “True”"),
        ({**ONE, "weights": [None]}, "got “None”"),
        ({**ONE, "weights": [math.nan]}, "got “nan”"),
        ({**ONE, "weights": [math.inf]}, "got “inf”"),
        ({**ONE, "weights": [1e400]}, "got “inf”"),
        ({**ONE, "weights": [1000000.5]}, "got “1000000.5”"),
        ({**ONE, "weights": [HUGE]}, "got a number beyond 1e+15"),
        ({**ONE, "weights": [["x" * 10**6]]}, "must be a number"),
    ],
)
def test_what_is_no_kernel_is_refused_with_a_short_sentence(report, sentence):
    with pytest.raises(ExperimentError, match=re.escape(sentence)) as refused:
        read_weights(report)
    assert len(str(refused.value)) < 200


def patches(height, width):
    return st.builds(
        lambda row, col, rows, cols: Patch(row, col, min(rows, height - row), min(cols, width - col)),
        st.integers(0, height - 1),
        st.integers(0, width - 1),
        st.integers(1, LARGEST_KERNEL),
        st.integers(1, LARGEST_KERNEL),
    )


@given(patch=patches(20, 33))
def test_a_patch_inside_of_the_picture_is_taken(patch):
    assert read_patch({**patch._asdict(), "number": 4}, (20, 33, 3)) == patch
    assert noise(20, 33)[patch.row :, patch.col :][: patch.rows, : patch.cols].shape[:2] == patch[2:]


CORNER = {"row": 0, "col": 0, "rows": 3, "cols": 3}


@pytest.mark.parametrize(
    ("report", "sentence"),
    [
        (None, "A lifted patch has a row, a column and a size, got “None”"),
        ({}, "The row of a lifted patch must be from 0 to 19, got “None”"),
        ({**CORNER, "row": -1}, "The row of a lifted patch must be from 0 to 19, got “-1”"),
        ({**CORNER, "col": 33}, "The col of a lifted patch must be from 0 to 32, got “33”"),
        ({**CORNER, "rows": 16}, "The rows of a lifted patch must be from 1 to 15, got “16”"),
        ({**CORNER, "cols": 0}, "The cols of a lifted patch must be from 1 to 15, got “0”"),
        ({**CORNER, "cols": True}, "got “True”"),
        ({**CORNER, "row": 1.0}, "got “1.0”"),
        ({**CORNER, "row": "0" * 10**6}, "got “000000000000000000000000000000…”"),
        ({**CORNER, "row": HUGE}, "got a number beyond 1e+15"),
        ({**CORNER, "row": 18}, "A patch of 3 × 3 at row 18, column 0 reaches beyond the picture of 20 × 33"),
        ({**CORNER, "col": 31}, "reaches beyond the picture of 20 × 33"),
    ],
)
def test_what_is_no_patch_is_refused_with_a_short_sentence(report, sentence):
    with pytest.raises(ExperimentError, match=re.escape(sentence)) as refused:
        read_patch(report, (20, 33))
    assert len(str(refused.value)) < 200
