"""What the three frameworks are told, taken by its word and held against the plan."""

import ast
from itertools import product

import numpy as np
import oracle
import pytest
from engine_cases import examples, layers
from hypothesis import given
from hypothesis import strategies as st

from conv_engine import ConvError, conv2d, plan2d
from conv_engine.spellings import FRAMEWORKS, spelling

MODES = {"edge": "edge", "replicate": "edge", "wrap": "wrap", "circular": "wrap", "reflect": "reflect"}
LAYERS = {"pytorch": "nn.Conv2d", "keras": "keras.layers.Conv2D", "onnx": "Conv"}
SYNONYMS = {
    "kernel_shape": "kernel_size",
    "strides": "stride",
    "dilations": "dilation",
    "dilation_rate": "dilation",
    "group": "groups",
    "auto_pad": "padding",
    "pads": "padding",
}


def calls_in(text):
    """Read the calls of a spelling: their name, arguments and keywords. That they can be read is a test, too."""
    found = []
    for statement in ast.parse(text).body:
        call = statement.value
        if isinstance(call.func, ast.Call):  # a layer, made and called at once
            call = call.func
        values = [ast.literal_eval(one) for one in call.args if not isinstance(one, ast.Name)]
        keywords = {one.arg: ast.literal_eval(one.value) for one in call.keywords}
        found.append((ast.unparse(call.func), values, keywords))
    return found


def pair_of(value):
    return oracle.pair(tuple(value) if isinstance(value, list) else value)


def pads_in_front(name, values, words):
    """Read a padding that stands in front of the layer: its amounts, and its mode in the words of numpy.pad."""
    if name == "F.pad":
        left, right, top, bottom = values[0]
        return ((top, bottom), (left, right)), MODES.get(words.get("mode"), "constant")
    if name == "keras.layers.ZeroPadding2D":
        return values[0], "constant"
    if name == "keras.ops.pad":
        batch, rows, cols, channels = values[0]
        assert batch == channels == (0, 0)
        return (rows, cols), MODES[words["mode"]]
    assert name == "Pad"
    sides = words["pads"]
    assert sides[:2] == sides[4:6] == [0, 0]
    return ((sides[2], sides[6]), (sides[3], sides[7])), MODES[words["mode"]]


def own_pads(padding, size, kernel, stride, dilation):
    """Read the padding of the layer itself."""
    if padding in ("same", "SAME_UPPER"):
        axes = zip(size, kernel, stride, dilation, strict=True)
        return tuple(oracle.pads_of_axis("same", *axis) for axis in axes)
    if isinstance(padding, list):
        top, left, bottom, right = padding
        return (top, bottom), (left, right)
    return tuple((amount, amount) for amount in oracle.pair(padding))


def run(text, framework, image, bank, bias):
    """Do what the calls say, by their documentation and with the oracle alone."""
    *fronts, (name, values, words) = calls_in(text)
    words = {SYNONYMS.get(word, word): value for word, value in words.items()}
    assert name == LAYERS[framework]
    assert values == {"pytorch": [image.shape[2], len(bank)], "keras": [len(bank)], "onnx": []}[framework]
    kernel, stride, dilation = (pair_of(words.pop(word, 1)) for word in ("kernel_size", "stride", "dilation"))
    assert kernel == bank.shape[1:3]
    padding, mode = words.pop("padding", 0), MODES.get(words.pop("padding_mode", None), "constant")
    pads = own_pads(padding, image.shape[:2], kernel, stride, dilation)
    if framework == "pytorch" and padding == "same":  # what the documentation promises, and no more
        assert stride == (1, 1)
        assert all(before == after for before, after in pads)
    if fronts:
        assert pads == ((0, 0), (0, 0))
        ((pads, mode),) = [pads_in_front(*front) for front in fronts]
    groups = words.pop("groups", 1)
    assert words == {}
    padded = np.pad(image.astype(float), (*pads, (0, 0)), mode=mode)
    return oracle.convolve(padded, bank, bias, stride=stride, dilation=dilation, groups=groups)


@pytest.mark.parametrize("framework", FRAMEWORKS)
@examples(80)
@given(layer=layers(whole_numbers=True))
def test_what_is_spelt_gives_the_maps_of_the_layer(framework, layer):
    plan = plan2d(layer.image.shape, layer.bank.shape, **layer.geometry)
    text = spelling(plan, framework)
    if calls_in(text):
        expected = conv2d(layer.image, layer.bank, layer.bias, method="naive", **layer.geometry)
        actual = run(text, framework, layer.image, layer.bank, layer.bias)
        np.testing.assert_array_equal(actual.astype(np.float32), expected)
    else:
        assert "cannot" in text
        assert framework != "onnx"
        assert framework != "pytorch" or plan.spec.boundary in ("reflect", "circular")


def text_of(framework, *, size=(64, 64), kernel=(3, 3), channels=3, features=8, **options):
    groups = options.get("groups", 1)
    return spelling(
        plan2d((*size, channels), (features, *kernel, channels // groups), **options), framework
    ).splitlines()


@pytest.mark.parametrize(
    ("options", "pytorch", "keras", "onnx"),
    [
        (
            {},
            "nn.Conv2d(3, 8, kernel_size=3)",
            "keras.layers.Conv2D(8, kernel_size=3)",
            "Conv(x, w, b, kernel_shape=[3, 3])",
        ),
        (
            {"padding": "same"},
            'nn.Conv2d(3, 8, kernel_size=3, padding="same")',
            'keras.layers.Conv2D(8, kernel_size=3, padding="same")',
            'Conv(x, w, b, kernel_shape=[3, 3], auto_pad="SAME_UPPER")',
        ),
        (
            {"padding": "same", "stride": 2, "size": (65, 65)},
            "nn.Conv2d(3, 8, kernel_size=3, stride=2, padding=1)",
            'keras.layers.Conv2D(8, kernel_size=3, strides=2, padding="same")',
            'Conv(x, w, b, kernel_shape=[3, 3], strides=[2, 2], auto_pad="SAME_UPPER")',
        ),
        (
            {"kernel": (1, 5), "stride": (2, 1), "groups": 3, "features": 6},
            "nn.Conv2d(3, 6, kernel_size=(1, 5), stride=(2, 1), groups=3)",
            "keras.layers.Conv2D(6, kernel_size=(1, 5), strides=(2, 1), groups=3)",
            "Conv(x, w, b, kernel_shape=[1, 5], strides=[2, 1], group=3)",
        ),
        (
            {"dilation": (2, 3)},
            "nn.Conv2d(3, 8, kernel_size=3, dilation=(2, 3))",
            "keras.layers.Conv2D(8, kernel_size=3, dilation_rate=(2, 3))",
            "Conv(x, w, b, kernel_shape=[3, 3], dilations=[2, 3])",
        ),
    ],
    ids=str,
)
def test_what_all_three_can_say_is_one_line(options, pytorch, keras, onnx):
    assert text_of("pytorch", **options) == [pytorch]
    assert text_of("keras", **options) == [keras]
    assert text_of("onnx", **options) == [onnx]


def test_lopsided_padding_goes_in_front_of_what_pads_evenly():
    assert text_of("pytorch", padding="same", stride=2) == [
        "# nn.Conv2d pads the same on both sides, so the padding goes in front of it.",
        "x = F.pad(x, (0, 1, 0, 1))  # left, right, top, bottom",
        "nn.Conv2d(3, 8, kernel_size=3, stride=2)",
    ]
    assert text_of("keras", padding=((1, 2), (3, 4))) == [
        "# keras.layers.Conv2D takes no numbers for its padding, so that goes in front of it.",
        "x = keras.layers.ZeroPadding2D(((1, 2), (3, 4)))(x)",
        "keras.layers.Conv2D(8, kernel_size=3)",
    ]
    assert text_of("onnx", padding=((1, 2), (3, 4))) == ["Conv(x, w, b, kernel_shape=[3, 3], pads=[1, 3, 2, 4])"]


def test_copies_in_the_padding_are_said_in_each_framework_s_word():
    assert text_of("pytorch", padding=1, boundary="replicate") == [
        'nn.Conv2d(3, 8, kernel_size=3, padding=1, padding_mode="replicate")'
    ]
    assert text_of("pytorch", padding=((0, 1), (0, 0)), boundary="circular")[1].startswith(
        'x = F.pad(x, (0, 0, 0, 1), mode="circular")'
    )
    assert text_of("keras", padding=1, boundary="reflect")[1] == (
        'x = keras.ops.pad(x, ((0, 0), (1, 1), (1, 1), (0, 0)), mode="reflect")'
    )
    assert text_of("onnx", padding=1, boundary="circular")[:2] == [
        "# Conv pads with zeros only, so the padding goes in front of it. Wrapping needs opset 19.",
        'x = Pad(x, pads=[0, 0, 1, 1, 0, 0, 1, 1], mode="wrap")',
    ]


def test_what_cannot_be_said_is_said_to_be_so():
    assert text_of("keras", stride=2, dilation=2) == [
        "# Keras cannot: its Conv2D refuses strides > 1 together with dilation_rate > 1."
    ]
    assert text_of("keras", padding=1, boundary="circular")[0].startswith(
        '# Keras cannot on every backend: "circular" padding'
    )
    assert text_of("pytorch", size=(3, 9), padding=3, boundary="reflect") == [
        '# PyTorch cannot: "reflect" padding is at most 2 for 3 rows, here it is 3.'
    ]
    assert text_of("pytorch", size=(9, 3), padding=4, boundary="circular") == [
        '# PyTorch cannot: "circular" padding is at most 3 for 3 columns, here it is 4.'
    ]
    assert text_of("keras", size=(9, 3), padding=3, boundary="reflect") == [
        '# Keras on TensorFlow cannot: "reflect" padding is at most 2 for 3 columns, here it is 3.'
    ]


def test_a_boundary_without_padding_is_not_mentioned():
    for framework, boundary in product(FRAMEWORKS, ("reflect", "replicate", "circular")):
        assert text_of(framework, boundary=boundary) == text_of(framework)


@examples(20)
@given(st.none() | st.integers() | st.sampled_from(["torch", "PyTorch", ""]))
def test_another_framework_is_refused_with_a_sentence(framework):
    with pytest.raises(ConvError, match="framework must be one of 'pytorch', 'keras', 'onnx', got"):
        spelling(plan2d((3, 3, 1), (1, 1, 1, 1)), framework)
