"""The message to the stage, read by a reader that shares nothing with its writer."""

import json
import math
import struct

import numpy as np
import pytest

from conv_engine import LIBRARY, ConvSpec
from ui.experiment import OWN, Experiment, Feature, Place
from ui.layer import build_layer, map_pictures
from ui.message import Imposed, pack, pack_image
from ui.transposed import build_transposed, transposed_pictures

DTYPES = {"uint8": "u1", "int16": "<i2", "float32": "<f4", "float64": "<f8"}


def refuse(word):
    raise AssertionError(f"{word} is no JSON")


def unpack(message):
    """Read a message as `assets/stage/payload.js` says it is laid out: the header, and its arrays by name."""
    magic, length = struct.unpack_from("<4sI", message)
    assert magic == b"CVS1"
    header = json.loads(message[8 : 8 + length].decode("utf-8"), parse_constant=refuse)
    arrays = {
        name: np.frombuffer(
            message, DTYPES[slot["dtype"]], count=math.prod(slot["shape"]), offset=slot["offset"]
        ).reshape(slot["shape"])
        for name, slot in header["arrays"].items()
    }
    return header, arrays


def noise(rows, cols):
    return np.random.default_rng(rows * 100 + cols).integers(0, 256, (rows, cols, 3), dtype=np.uint8)


OWN_KERNEL = Feature(OWN, (((1 / 9, -1e-300, 1e6),), ((0.1, -0.0, 3.0),)), bias=-1 / 3)

CASES = [
    pytest.param(Experiment(), noise(32, 24), id="the first screen"),
    pytest.param(Experiment(), noise(3, 3), id="one window"),
    pytest.param(Experiment(features=(Feature("luma"),)), noise(1, 1), id="one pixel"),
    pytest.param(Experiment(spec=ConvSpec.of(stride=(2, 3), padding="same")), noise(7, 13), id="odd sizes"),
    pytest.param(Experiment(spec=ConvSpec.of(stride=(3, 4))), noise(11, 14), id="rows and columns left over"),
    pytest.param(
        Experiment(
            features=(OWN_KERNEL, Feature("gaussian5", bias=2.5), Feature("roberts_a")),
            spec=ConvSpec.of(dilation=(1, 2), padding=((0, 3), (2, 1)), boundary="circular"),
            flip=True,
        ),
        noise(9, 11),
        id="everything at once",
    ),
    pytest.param(
        Experiment(features=tuple(Feature(key) for key in sorted(LIBRARY)[:16]), spec=ConvSpec.of(padding="full")),
        noise(5, 8),
        id="sixteen features",
    ),
    pytest.param(Experiment(features=(Feature("red_green"), Feature("luma"))), noise(1100, 3), id="a sampled map"),
    pytest.param(Experiment(), np.zeros((5, 5, 3), dtype=np.uint8), id="a black picture"),
    pytest.param(Experiment(features=(OWN_KERNEL, Feature("luma"))), noise(7, 5)[:, :, :1], id="a grey picture"),
    pytest.param(Experiment(unit=True), noise(7, 5), id="pixel values from 0 to 1"),
    pytest.param(Experiment(unit=True), np.float32(noise(7, 5)[:, :, :1] / 7 - 9), id="a map"),
    pytest.param(Experiment(), np.float32(noise(4, 16 * 7).reshape(4, 21, 16) - 99.9), id="sixteen maps"),
]


def packed(experiment, image, imposed=None):
    layer = build_layer(experiment, image)
    maps = map_pictures(layer)
    return pack(layer, maps, imposed or Imposed(experiment.place)), layer, maps


@pytest.mark.parametrize(("experiment", "image"), CASES)
def test_the_header_holds_the_plans_numbers(experiment, image):
    message, layer, maps = packed(experiment, image)
    header, _ = unpack(message)
    spec = experiment.spec
    assert header["version"] == 1
    assert tuple(header["imageShape"]) == image.shape
    assert header["top"] == (1 if experiment.unit else 255)
    assert tuple(header["outputShape"]) == layer.plan.output_shape
    assert tuple(map(tuple, header["pads"])) == layer.plan.pads
    assert tuple(header["stride"]) == spec.stride
    assert tuple(header["dilation"]) == spec.dilation
    assert tuple(header["unused"]) == layer.plan.unused
    assert header["padding"] == (spec.padding if isinstance(spec.padding, str) else "numbers")
    assert header["boundary"] == spec.boundary
    assert header["flip"] is experiment.flip
    assert header["features"] == [
        {
            "name": name,
            "low": one.low,
            "high": one.high,
            "limit": max(abs(one.low), abs(one.high)),
            "below": one.below,
            "above": one.above,
            "strongest": [list(cell) for cell in one.strongest],
            "weakest": [list(cell) for cell in one.weakest],
        }
        for name, one in zip(layer.names, maps, strict=True)
    ]


@pytest.mark.parametrize(("experiment", "image"), CASES)
def test_the_arrays_arrive_as_they_were(experiment, image):
    message, layer, maps = packed(experiment, image)
    header, arrays = unpack(message)
    assert set(arrays) == {"image", "bank", "bias", "levels"}
    assert {name: slot["dtype"] for name, slot in header["arrays"].items()} == {
        "image": image.dtype.name,
        "bank": "float64",
        "bias": "float64",
        "levels": "int16",
    }
    np.testing.assert_array_equal(arrays["image"], image, strict=True)
    np.testing.assert_array_equal(arrays["bank"], layer.bank, strict=True)
    np.testing.assert_array_equal(np.signbit(arrays["bank"]), np.signbit(layer.bank))
    np.testing.assert_array_equal(arrays["bias"], layer.bias, strict=True)
    np.testing.assert_array_equal(arrays["levels"], np.stack([one.levels for one in maps]), strict=True)


@pytest.mark.parametrize(("experiment", "image"), CASES)
def test_an_image_may_come_in_a_message_of_its_own(experiment, image):
    whole, layer, maps = packed(experiment, image)
    token, alone = pack_image(layer.pixels)
    header, arrays = unpack(alone)
    assert header["imageToken"] == token
    assert set(header) == {"version", "imageToken", "arrays"}
    assert set(arrays) == {"image"}
    np.testing.assert_array_equal(arrays["image"], image, strict=True)

    header, arrays = unpack(pack(layer, maps, Imposed(experiment.place), token))
    former, others = unpack(whole)
    assert header.pop("imageToken") == token
    assert set(arrays) == {"bank", "bias", "levels"}
    header.pop("arrays")
    former.pop("arrays")
    assert header == former
    for name in arrays:
        np.testing.assert_array_equal(arrays[name], others[name], strict=True)


def test_images_have_one_token_only_if_they_are_equal():
    image = noise(6, 8)
    other = image.copy()
    other[5, 7, 2] ^= 1
    images = [image, other, image.reshape(8, 6, 3), image.astype(np.float32), image[:, :, :1], noise(8, 6)]
    tokens = [pack_image(one).token for one in images]
    assert len(set(tokens)) == len(images)
    assert [pack_image(np.asfortranarray(one)).token for one in images] == tokens


@pytest.mark.parametrize(("experiment", "image"), CASES)
def test_arrays_lie_one_after_the_other_at_multiples_of_eight(experiment, image):
    message, _, _ = packed(experiment, image)
    header, arrays = unpack(message)
    (length,) = struct.unpack_from("<I", message, 4)
    spans = sorted((slot["offset"], arrays[name].nbytes) for name, slot in header["arrays"].items())
    end = 8 + length
    for offset, size in spans:
        assert offset % 8 == 0
        assert 0 <= offset - end < 8
        assert message[end:offset] == bytes(offset - end)
        end = offset + size
    assert 0 <= len(message) - end < 8


@pytest.mark.parametrize(("experiment", "image"), CASES)
def test_the_same_experiment_gives_the_same_bytes(experiment, image):
    assert isinstance(packed(experiment, image)[0], bytes)
    assert packed(experiment, image)[0] == packed(experiment, image.copy())[0]


@pytest.mark.parametrize(("rows", "cols"), [(3, 3), (3, 5), (5, 7), (4, 9), (13, 3)])
def test_every_pixel_of_an_image_of_odd_size_arrives(rows, cols):
    image = noise(rows, cols)
    _, arrays = unpack(packed(Experiment(), image)[0])
    assert arrays["image"].tolist() == image.tolist()


@pytest.mark.parametrize(
    "view",
    [
        lambda image: image[::-1, ::-1],
        lambda image: image[::2, 1::2],
        lambda image: image.transpose(1, 0, 2),
        np.asfortranarray,
    ],
    ids=["mirrored", "every second pixel", "transposed", "column by column"],
)
def test_an_image_arrives_whatever_its_layout_in_memory(view):
    image = view(noise(11, 14))
    _, arrays = unpack(packed(Experiment(), image)[0])
    np.testing.assert_array_equal(arrays["image"], image, strict=True)


def test_the_kernel_is_sent_as_it_was_given_and_not_flipped():
    feature = Feature(OWN, (((1.0,), (2.0,)), ((3.0,), (4.0,))))
    messages = [packed(Experiment(features=(feature,), flip=flip), noise(4, 4))[0] for flip in (False, True)]
    (first, kept), (second, turned) = map(unpack, messages)
    assert (first["flip"], second["flip"]) == (False, True)
    assert kept["bank"][0, :, :, 0].tolist() == turned["bank"][0, :, :, 0].tolist() == [[1, 2], [3, 4]]
    assert kept["levels"].tolist() != turned["levels"].tolist()


def test_the_imposed_place_is_sent_with_its_tokens():
    imposed = Imposed(Place(4, 7, 2), cell=11, feature=5)
    header, _ = unpack(packed(Experiment(place=Place(1, 1, 0)), noise(9, 9), imposed)[0])
    assert header["place"] == {"row": 4, "col": 7, "feature": 2, "cellToken": 11, "featureToken": 5}


def test_a_place_changes_nothing_but_the_place():
    image = noise(9, 9)
    (first, arrays), (second, others) = (
        unpack(packed(Experiment(), image, Imposed(place))[0]) for place in (Place(0, 0, 0), Place(10**7, 8, 15))
    )
    assert first.pop("place") != second.pop("place")
    first.pop("arrays")
    second.pop("arrays")
    assert first == second
    for name in arrays:
        np.testing.assert_array_equal(arrays[name], others[name], strict=True)


def test_names_beyond_ascii_arrive_whole():
    features = (Feature("roberts_a"), Feature("gaussian"))
    header, _ = unpack(packed(Experiment(features=features), noise(6, 6))[0])
    assert [feature["name"] for feature in header["features"]] == ["Roberts ↘", "Gaussian blur 3×3"]


@pytest.mark.parametrize(("experiment", "image"), CASES)
def test_a_plain_convolution_says_nothing_of_transposed_ones(experiment, image):
    header, _ = unpack(packed(experiment, image)[0])
    assert "stretch" not in header
    assert "transposed" not in header


def test_a_transposed_convolution_says_how_it_is_drawn_as_a_plain_one():
    # Maps of two channels, and three that come out: K = 2, C = 3.
    bank = np.arange(2 * 3 * 2 * 3, dtype=float).reshape(2, 3, 2, 3)
    maps = noise(4, 5)[:, :, :2]
    layer = build_transposed(
        maps, bank, ["R", "G", "B"], stride=(3, 2), padding=((1, 0), (0, 1)), output_padding=(2, 0)
    )
    header, arrays = unpack(pack(layer, transposed_pictures(layer), Imposed(Place(0, 0, 0))))
    assert header["stretch"] == [3, 2]
    assert header["transposed"] == {"cut": [[1, 0], [0, 1]], "extra": [2, 0]}
    # 3·3 + 3 − 1 + 2 rows, 2·4 + 2 − 1 columns.
    assert header["outputShape"] == [13, 9, 3]
    assert header["pads"] == [[1, 4], [1, 0]]
    assert (header["stride"], header["unused"], header["padding"]) == ([1, 1], [0, 0], "numbers")
    assert header["flip"] is True
    assert [feature["name"] for feature in header["features"]] == ["R", "G", "B"]
    assert arrays["bank"].shape == (3, 3, 2, 2)
    for feature, row, col, channel in np.ndindex(arrays["bank"].shape):
        assert arrays["bank"][feature, row, col, channel] == bank[channel, row, col, feature]
