"""Transposed convolutions as the stage is told of them, checked by painting cell by cell."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from test_stage_message import unpack

from conv_engine import ConvError
from ui.classic_cases import CASES, case_picture, case_weights
from ui.experiment import Place
from ui.message import Imposed, pack
from ui.transposed import build_transposed, transposed_maps, transposed_pictures

TRANSPOSED = {key: case for key, case in CASES.items() if case.transposed}


def painted(maps, bank, *, stride, cut, size, dilation=(1, 1), flip=False):
    """Let every cell paint its kernels, times its values, on a canvas of the size that is left after the cut."""
    rows, cols, channels = maps.shape
    _, kh, kw, out = bank.shape
    canvas = np.zeros((*size, out))
    for row, col, k, i, j in np.ndindex(rows, cols, channels, kh, kw):
        r = row * stride[0] + i * dilation[0] - cut[0][0]
        c = col * stride[1] + j * dilation[1] - cut[1][0]
        if 0 <= r < size[0] and 0 <= c < size[1]:
            weights = bank[k, kh - 1 - i, kw - 1 - j] if flip else bank[k, i, j]
            canvas[r, c] += float(maps[row, col, k]) * weights
    return canvas


def slid(header, arrays):
    """Do what the message says: stretch the image, ring it with zeros, slide the bank over it at stride 1."""
    image, bank = arrays["image"].astype(float), arrays["bank"]
    assert header["stride"] == [1, 1]
    assert header["boundary"] == "zeros"
    down, across = header["stretch"]
    rows, cols, channels = image.shape
    stretched = np.zeros((down * (rows - 1) + 1, across * (cols - 1) + 1, channels))
    stretched[::down, ::across] = image
    padded = np.pad(stretched, (*header["pads"], (0, 0)))
    if header["flip"]:
        bank = bank[:, ::-1, ::-1]
    features, kh, kw, _ = bank.shape
    out = np.zeros(header["outputShape"])
    for row, col, feature, i, j in np.ndindex(*out.shape[:2], features, kh, kw):
        place = row + i * header["dilation"][0], col + j * header["dilation"][1]
        out[row, col, feature] += padded[place] @ bank[feature, i, j]
    last = [size - 1 + d * (k - 1) for size, d, k in zip(out.shape, header["dilation"], (kh, kw), strict=False)]
    # The last window ends with the ring.
    assert last == [padded.shape[0] - 1, padded.shape[1] - 1]
    return out


@st.composite
def layers(draw):
    pair = lambda low, high: (draw(st.integers(low, high)), draw(st.integers(low, high)))  # noqa: E731
    kernel, stride, dilation = pair(1, 3), pair(1, 3), pair(1, 2)
    cut = tuple(pair(0, d * (k - 1)) for k, d in zip(kernel, dilation, strict=True))
    extra = tuple(draw(st.integers(0, s - 1)) for s in stride)
    maps = (*pair(1, 4), draw(st.integers(1, 3)))
    size = tuple(
        s * (m - 1) + d * (k - 1) + 1 - sum(ends) + a
        for s, m, d, k, ends, a in zip(stride, maps, dilation, kernel, cut, extra, strict=False)
    )
    out = draw(st.integers(1, 2))
    random = np.random.default_rng(draw(st.integers(0, 1000)))
    return {
        "pixels": random.integers(0, 256, maps, dtype=np.uint8),
        "bank": random.integers(-9, 10, (maps[2], *kernel, out)).astype(float),
        "stride": stride,
        "dilation": dilation,
        "cut": cut,
        "extra": extra,
        "size": size,
        "flip": draw(st.booleans()),
    }


@settings(max_examples=80, deadline=None)
@given(layers().filter(lambda one: min(one["size"]) > 0))
def test_what_the_message_says_to_slide_gives_what_the_cells_paint(one):
    layer = build_transposed(
        one["pixels"],
        one["bank"],
        [f"out {channel}" for channel in range(one["bank"].shape[3])],
        stride=one["stride"],
        dilation=one["dilation"],
        padding=one["cut"],
        output_padding=one["extra"],
        flip=one["flip"],
    )
    expected = painted(
        one["pixels"],
        one["bank"],
        stride=one["stride"],
        cut=one["cut"],
        size=one["size"],
        dilation=one["dilation"],
        flip=one["flip"],
    )
    header, arrays = unpack(pack(layer, transposed_pictures(layer), Imposed(Place(0, 0, 0))))
    assert tuple(header["outputShape"]) == expected.shape
    np.testing.assert_array_equal(slid(header, arrays), expected)
    np.testing.assert_array_equal(transposed_maps(layer), expected.astype(np.float32))
    assert tuple(map(tuple, header["transposed"]["cut"])) == one["cut"]
    assert tuple(header["transposed"]["extra"]) == one["extra"]
    np.testing.assert_array_equal(arrays["image"], one["pixels"])
    assert arrays["bias"].tolist() == [0] * expected.shape[2]


@pytest.mark.parametrize("case", TRANSPOSED.values(), ids=TRANSPOSED)
def test_the_papers_cases_come_out_as_large_as_it_says(case):
    weights = np.array(case_weights(case))[np.newaxis, :, :, np.newaxis]
    layer = build_transposed(
        case_picture(case), weights, ["one"], stride=case.s, padding=case.p, output_padding=case.a
    )
    header, arrays = unpack(pack(layer, transposed_pictures(layer), Imposed(Place(0, 0, 0))))
    assert header["outputShape"] == [case.output, case.output, 1]
    assert header["imageShape"] == [case.i, case.i, 1]
    assert header["stretch"] == [case.s, case.s]
    # The paper's p′ = k − p − 1.
    before = case.k - case.p - 1
    assert header["pads"] == [[before, before + case.a]] * 2
    assert header["flip"] is True
    assert arrays["bank"].ravel().tolist() == list(range(1, case.k**2 + 1))


def test_the_pictures_are_those_of_the_values():
    case = CASES["strides-transposed"]
    weights = np.array(case_weights(case))[np.newaxis, :, :, np.newaxis] - 5
    layer = build_transposed(case_picture(case), weights, ["one"], stride=2)
    values = transposed_maps(layer)[:, :, 0]
    (picture,) = transposed_pictures(layer)
    assert (picture.low, picture.high) == (values.min(), values.max())
    assert picture.strongest[0][:2] == np.unravel_index(values.argmax(), values.shape)
    assert ((picture.levels == 0) == (values == 0)).all()
    assert (np.sign(picture.levels) == np.sign(values)).all()
    assert picture.below == (values < 0).mean()
    assert picture.above == (values > 255).mean()
    # The drawn window takes steps of 1: two windows of 3 × 3 overlap until they are 3 apart.
    for one in (picture.strongest, picture.weakest):
        for i, first in enumerate(one):
            assert all(max(abs(first.row - other.row), abs(first.col - other.col)) >= 3 for other in one[:i])


def test_same_padding_is_written_in_numbers_that_add_up():
    layer = build_transposed(
        np.ones((3, 4, 1), dtype=np.uint8), np.ones((1, 3, 2, 1)), ["one"], stride=2, padding="same"
    )
    assert layer.plan.output_shape == (6, 8, 1)
    for axis, (cells, kernel, size) in enumerate([(3, 3, 6), (4, 2, 8)]):
        assert 2 * (cells - 1) + kernel - sum(layer.plan.pads[axis]) + layer.extra[axis] == size


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"boundary": "reflect", "padding": 1}, r"boundary must be “zeros”.*got “reflect”"),
        ({"padding": 3}, r"padding must be at most e − 1 = 2 for the rows.*got 3"),
        ({"padding": (0, 3)}, r"padding must be at most e − 1 = 2 for the columns.*got 3"),
        ({"padding": ((0, 4), (0, 0))}, r"e − 1 = 2 for the rows.*got 4"),
        ({"stride": 0}, r"stride"),
    ],
)
def test_what_the_stage_cannot_draw_is_refused_in_a_sentence(wrong, words):
    with pytest.raises(ConvError, match=words):
        build_transposed(np.ones((5, 5, 1), dtype=np.uint8), np.ones((1, 3, 3, 1)), ["one"], **wrong)


def test_groups_and_missing_names_are_refused():
    maps, bank = np.ones((3, 3, 2), dtype=np.uint8), np.ones((2, 3, 3, 1))
    with pytest.raises(ConvError, match=r"groups must be 1 .*got 2"):
        build_transposed(maps, bank, ["a", "b"], groups=2)
    with pytest.raises(ConvError, match=r"names must be one for each of 1 channels, got 2"):
        build_transposed(maps, bank, ["a", "b"])
