"""Receptive fields, held against what really changes an output cell."""

import numpy as np
import oracle
import pytest
from engine_cases import examples
from hypothesis import given
from hypothesis import strategies as st

from conv_engine import ConvError
from conv_engine.receptive import ChainLayer, receptive_field


@st.composite
def chains(draw, most_dilation=3):
    """Draw (H, W) and some layers that fit it."""
    image_size = draw(st.tuples(st.integers(1, 24), st.integers(1, 24)))
    size, layers = image_size, []
    amount, dilation = st.integers(0, 3), st.integers(1, most_dilation)
    for _ in range(draw(st.integers(0, 4))):
        kernel = draw(st.tuples(st.integers(1, 3), st.integers(1, 4)))
        padding = draw(
            st.sampled_from(["valid", "same", "full"])
            | amount
            | st.tuples(st.tuples(amount, amount), st.tuples(amount, amount))
        )
        stride = draw(st.tuples(st.integers(1, 3), st.integers(1, 2)))
        layer = ChainLayer.of(kernel, stride=stride, padding=padding, dilation=draw(st.tuples(dilation, dilation)))
        try:
            (stage,) = receptive_field(size, [layer])
        except ConvError:
            break
        size = stage.size
        layers.append(layer)
    return image_size, layers


def pads_of(layer, size, axis):
    return oracle.pads_of_axis(
        oracle.explicit(layer.spec.padding, axis),
        size,
        layer.kernel[axis],
        layer.spec.stride[axis],
        layer.spec.dilation[axis],
    )


def seen_along(axis, size, layers, margin):
    """Say, for each cell behind the layers, which pixels feed it: bit by bit, with an endless image around.

    The image is so much larger than what is read that padding never ends it: instead of zeros there stand pixels
    with numbers below 0 or from its size on.
    """
    cells = {place: {place} for place in range(-margin, size + margin)}
    for layer in layers:
        before, after = pads_of(layer, size, axis)
        kernel, stride, dilation = layer.kernel[axis], layer.spec.stride[axis], layer.spec.dilation[axis]
        count = oracle.count_windows(before + size + after, kernel, stride, dilation)
        reach = range(-margin // stride, count + margin // stride)
        cells = {
            cell: set().union(*places)
            for cell in reach
            if all(places := [cells.get(cell * stride - before + tap * dilation, set()) for tap in range(kernel)])
        }
        size = count
    return size, [cells[cell] for cell in range(size)]


@examples(100)
@given(chains())
def test_sizes_fields_jumps_and_starts_are_those_of_the_pixels_that_are_followed(chain):
    image_size, layers = chain
    stages = receptive_field(image_size, layers)
    assert [stage.layer for stage in stages] == layers
    for number, stage in enumerate(stages, start=1):
        for axis in (0, 1):
            size, seen = seen_along(axis, image_size[axis], layers[:number], margin=400)
            assert stage.size[axis] == size
            for cell, pixels in enumerate(seen):
                region = stage.region(*((cell, 0) if axis == 0 else (0, cell)))[axis]
                assert (region.start, region.stop - 1) == (min(pixels), max(pixels))
            assert stage.field[axis] == max(seen[0]) - min(seen[0]) + 1
            assert stage.start[axis] == (max(seen[0]) + min(seen[0])) / 2
            if size > 1:
                assert stage.jump[axis] == min(seen[1]) - min(seen[0])


@examples(60)
@given(chains(most_dilation=1), st.integers(0, 2**32 - 1))
def test_a_cell_changes_with_pixels_of_its_region_and_with_no_other(chain, seed):
    image_size, layers = chain
    if not layers:
        return
    rng = np.random.default_rng(seed)

    def run(image):
        maps = image[:, :, np.newaxis]
        for layer in layers:
            options = {
                "stride": layer.spec.stride,
                "padding": tuple(pads_of(layer, maps.shape[axis], axis) for axis in (0, 1)),
                "dilation": layer.spec.dilation,
            }
            maps = oracle.convolve(maps, np.ones((1, *layer.kernel, 1)), **options)
        return maps[:, :, 0]

    stage = receptive_field(image_size, layers)[-1]
    before = run(np.zeros(image_size))
    assert before.shape == stage.size
    for row, col in rng.integers(0, image_size, (4, 2)).tolist():
        image = np.zeros(image_size)
        image[row, col] = 1
        changed = run(image) != before
        for cell in np.ndindex(*stage.size):
            rows, cols = stage.region(*cell)
            if changed[cell]:
                assert row in rows
                assert col in cols
            elif all(k >= s for layer in layers for k, s in zip(layer.kernel, layer.spec.stride, strict=True)):
                # Where windows leave no gaps and padding hides nothing, the whole region counts.
                hidden = any(pads_of(layer, 99, axis) != (0, 0) for layer in layers for axis in (0, 1))
                assert hidden or row not in rows or col not in cols


def test_the_chain_of_the_first_layers_of_alexnet():
    # By hand: 1 + 10·1 + 2·4 + 4·8 + 2·8 + 3 · 2·16 + 2·16 = 195, and paddings of 2·8 + 3 · 1·16 = 64.
    layers = [
        ChainLayer.of(11, stride=4, name="conv1"),
        ChainLayer.of(3, stride=2, name="pool1"),
        ChainLayer.of(5, padding="same", name="conv2"),
        ChainLayer.of(3, stride=2, name="pool2"),
        *[ChainLayer.of(3, padding="same", name=f"conv{number}") for number in (3, 4, 5)],
        ChainLayer.of(3, stride=2, name="pool5"),
    ]
    last = receptive_field((224, 224), layers)[-1]
    assert (last.field, last.jump, last.first) == ((195, 195), (32, 32), (-64, -64))
    assert last.layer.name == "pool5"


def test_the_rows_and_the_columns_go_their_own_ways():
    (stage,) = receptive_field((9, 20), [ChainLayer.of((1, 4), stride=(3, 2), padding=((0, 0), (2, 1)))])
    assert (stage.size, stage.field, stage.jump) == ((3, 10), (1, 4), (3, 2))
    assert (stage.first, stage.start) == ((0, -2), (0, -0.5))


def test_without_layers_there_is_nothing_to_follow():
    assert receptive_field((5, 5), []) == []


def test_the_padding_s_filling_makes_no_difference_to_a_layer():
    assert ChainLayer.of(3, padding=1) == ChainLayer.of((3, 3), padding=((1, 1), (1, 1)))


def test_a_hundred_layers_are_followed_in_whole_numbers():
    stages = receptive_field((32, 32), [ChainLayer.of(3, padding="same")] * 100)
    assert stages[-1].field == (201, 201)
    assert stages[-1].start == (0, 0)


@pytest.mark.parametrize(
    ("kernel", "options", "message"),
    [
        (0, {}, "kernel must be an integer ≥ 1, got 0 for the rows"),
        ((3, 2.0), {}, "kernel must be an integer ≥ 1, got 2.0 for the columns"),
        ((3, 3, 3), {}, r"kernel must be an integer ≥ 1 or a pair \(rows, columns\), got \(3, 3, 3\)"),
        ("3", {}, "kernel must be an integer ≥ 1, got '3' for the rows"),
        (3, {"stride": 0}, "stride must be an integer ≥ 1, got 0"),
        (3, {"padding": "half"}, "padding must be one of"),
        (3, {"dilation": -1}, "dilation must be an integer ≥ 1, got -1"),
    ],
    ids=str,
)
def test_a_layer_that_cannot_be_is_refused_with_a_sentence(kernel, options, message):
    with pytest.raises(ConvError, match=message):
        ChainLayer.of(kernel, **options)


@pytest.mark.parametrize(
    ("size", "layers", "message"),
    [
        ((8,), [], r"image_size must be 2 integers \(H, W\), got \(8,\)"),
        (8, [], r"image_size must be 2 integers \(H, W\), got 8"),
        ((8, 0), [], "image_size must be an integer ≥ 1, got 0 for W"),
        (
            (8, 9),
            [ChainLayer.of(3, stride=4), ChainLayer.of(3)],
            "layer 2 cannot be laid on the 2 × 2 cells that it is given: .* span at most 2 rows, got 3",
        ),
        (
            (8, 8),
            [ChainLayer.of(1, stride=10**9), ChainLayer.of(1, stride=2)],
            "stride must not make the jump of layer 2 larger than 1000000000 pixels, got 2000000000",
        ),
    ],
)
def test_a_chain_that_cannot_be_is_refused_with_a_sentence(size, layers, message):
    with pytest.raises(ConvError, match=message):
        receptive_field(size, layers)
