"""The transposed convolution is the gradient of the convolution, and what the paper says it is equivalent to."""

from collections import defaultdict
from itertools import product

import numpy as np
import oracle
import pytest
from dumoulin import CASES, TRANSPOSED_CASES
from engine_cases import assert_maps, examples, layers, wide_layers
from hypothesis import given
from hypothesis import strategies as st

from conv_engine import BOUNDARIES, ConvError, conv2d, plan2d
from conv_engine import transpose as module
from conv_engine.transpose import conv_transpose2d
from conv_engine.transpose_plan import plan_transpose2d

RNG = np.random.default_rng(6)


def four_loops(maps, bank, image_shape, geometry, *, flip=False):
    """Scatter every cell through every tap, one by one; padding is kept in a frame of its own and folded back."""
    features, kernel_h, kernel_w, per_group = bank.shape
    stride, dilation = oracle.pair(geometry["stride"]), oracle.pair(geometry["dilation"])
    pads = [
        oracle.pads_of_axis(
            oracle.explicit(geometry["padding"], axis),
            image_shape[axis],
            bank.shape[1 + axis],
            stride[axis],
            dilation[axis],
        )
        for axis in (0, 1)
    ]
    # The pixel that stands at each place of the padded image, counted from 1 so that 0 is a zero.
    numbers = np.arange(1, image_shape[0] * image_shape[1] + 1).reshape(image_shape[:2])
    places = np.pad(numbers, pads, mode=oracle.PAD_MODES[geometry["boundary"]])
    image = np.zeros((1 + numbers.size, image_shape[2]))
    for row, col, feature in np.ndindex(*maps.shape):
        first = feature // (features // geometry["groups"]) * per_group
        for tap_row, tap_col in np.ndindex(kernel_h, kernel_w):
            at = (kernel_h - 1 - tap_row, kernel_w - 1 - tap_col) if flip else (tap_row, tap_col)
            place = places[row * stride[0] + tap_row * dilation[0], col * stride[1] + tap_col * dilation[1]]
            image[place, first : first + per_group] += float(maps[row, col, feature]) * bank[feature, *at]
    return image[1:].reshape(image_shape)


def maps_for(layer, seed=0):
    """Whole numbers in the shape of the layer's maps: every sum of them is exact."""
    shape = plan2d(layer.image.shape, layer.bank.shape, **layer.geometry).output_shape
    return np.random.default_rng(seed).integers(-99, 100, shape)


# --- against independent implementations -------------------------------------------------------------------


@examples(150)
@given(layers(whole_numbers=True))
def test_any_layer_agrees_with_the_four_loops(layer):
    maps = maps_for(layer)
    expected = four_loops(maps, layer.bank, layer.image.shape, layer.geometry, flip=layer.flip)
    actual = conv_transpose2d(maps, layer.bank, image_shape=layer.image.shape, **layer.options)
    assert_maps(actual, expected, relative=0)


@examples(150)
@given(layers(whole_numbers=True))
def test_it_is_the_adjoint_of_the_convolution(layer):
    maps = maps_for(layer)
    image = layer.image.astype(np.int64)
    forward = oracle.convolve(image, layer.bank, **layer.options)
    back = conv_transpose2d(maps, layer.bank, image_shape=image.shape, **layer.options)
    assert float((forward * maps).sum()) == float((image * back.astype(np.float64)).sum())


@examples(30)
@given(wide_layers(whole_numbers=True))
def test_it_is_the_adjoint_of_conv2d_for_layers_of_many_tiles(layer):
    maps = maps_for(layer)
    image = layer.image.astype(np.int64)
    forward = conv2d(image, layer.bank, method="patches", **layer.options).astype(np.float64)
    back = conv_transpose2d(maps, layer.bank, image_shape=image.shape, **layer.options).astype(np.float64)
    left, right = float((forward * maps).sum()), float((image * back).sum())
    assert left == pytest.approx(right, rel=1e-6, abs=1e-6 * float(np.abs(forward * maps).sum()))


@examples(100)
@given(layers(largest=5, whole_numbers=True))
def test_it_is_the_gradient_by_finite_differences(layer):
    # The loss ⟨conv2d(x), y⟩ is linear in x, so a difference over a step of 1 is its derivative, exactly.
    maps = maps_for(layer)
    gradient = conv_transpose2d(maps, layer.bank, image_shape=layer.image.shape, **layer.options)
    image = layer.image.astype(np.int64)
    loss = (oracle.convolve(image, layer.bank, **layer.options) * maps).sum()
    for pixel in RNG.integers(0, image.shape, (3, 3)):
        nudged = image.copy()
        nudged[tuple(pixel)] += 1
        change = (oracle.convolve(nudged, layer.bank, **layer.options) * maps).sum() - loss
        assert float(gradient[tuple(pixel)]) == change


@examples(150)
@given(layers(whole_numbers=True))
def test_it_is_zeros_put_between_padding_and_a_convolution_with_the_turned_kernel(layer):
    geometry = {**layer.geometry, "boundary": "zeros"}
    maps = maps_for(layer)
    plan = plan_transpose2d(maps.shape, layer.bank.shape, image_shape=layer.image.shape, **geometry)
    stride, groups = plan.spec.stride, plan.spec.groups
    stretched = np.zeros((*plan.stretched, maps.shape[2]))
    stretched[:: stride[0], :: stride[1]] = maps
    for axis, (before, after) in enumerate(plan.equivalent_pads):
        width = [(0, 0)] * 3
        width[axis] = max(before, 0), max(after, 0)
        stretched = np.pad(stretched, width)
        cut = slice(max(-before, 0), stretched.shape[axis] - max(-after, 0))
        stretched = stretched[cut] if axis == 0 else stretched[:, cut]
    # Each channel takes the place of a feature, inside its group.
    swapped = layer.bank.reshape(groups, -1, *layer.bank.shape[1:])
    swapped = swapped.transpose(0, 4, 2, 3, 1).reshape(-1, *layer.bank.shape[1:3], swapped.shape[1])
    expected = oracle.convolve(stretched, swapped, dilation=plan.spec.dilation, groups=groups, flip=not layer.flip)
    actual = conv_transpose2d(maps, layer.bank, image_shape=layer.image.shape, flip=layer.flip, **geometry)
    assert_maps(actual, expected, relative=0)


@pytest.mark.parametrize("boundary", BOUNDARIES)
def test_real_numbers_are_rounded_once(boundary):
    maps, bank = RNG.normal(size=(9, 8, 4)), RNG.normal(size=(4, 3, 4, 2))
    geometry = {"stride": (2, 1), "padding": (3, 2), "dilation": 1, "groups": 2, "boundary": boundary}
    plan = plan_transpose2d(maps.shape, bank.shape, **geometry)
    expected = four_loops(maps, bank, plan.output_shape, geometry)
    assert_maps(conv_transpose2d(maps, bank, **geometry), expected, relative=1e-7)


@pytest.mark.parametrize("budget", [1, 100, 5_000])
@pytest.mark.parametrize("boundary", ["zeros", "circular"])
def test_results_do_not_show_where_tiles_meet(monkeypatch, budget, boundary):
    maps, bank = RNG.integers(-9, 10, (23, 19, 4)), RNG.integers(-9, 10, (4, 5, 3, 2))
    options = {"stride": (1, 2), "padding": 2, "dilation": (2, 1), "groups": 2, "boundary": boundary}
    whole = conv_transpose2d(maps, bank, **options)
    monkeypatch.setattr(module, "_TILE_DOUBLES", budget)
    assert_maps(conv_transpose2d(maps, bank, **options), whole, relative=0)


# --- laws --------------------------------------------------------------------------------------------------


def test_a_single_cell_paints_its_kernel():
    bank = RNG.integers(-9, 10, (1, 3, 2, 3))
    assert_maps(conv_transpose2d([[[2]]], bank), 2.0 * bank[0], relative=0)
    assert_maps(conv_transpose2d([[[2]]], bank, flip=True), 2.0 * bank[0, ::-1, ::-1], relative=0)


def test_the_bias_goes_to_each_channel_and_alone_to_pixels_that_no_cell_feeds():
    image = conv_transpose2d(np.ones((2, 1, 1)), np.ones((1, 1, 1, 2)), [5, -3], stride=(3, 1))
    assert_maps(image[:, 0], np.array([[6, -2], [5, -3], [5, -3], [6, -2.0]]), relative=0)


def test_kernels_as_wide_as_their_stride_do_not_overlap():
    maps, bank = RNG.integers(-9, 10, (3, 4, 1)), RNG.integers(-9, 10, (1, 2, 3, 1))
    image = conv_transpose2d(maps, bank, stride=(2, 3))
    assert_maps(image[:, :, 0], np.kron(maps[:, :, 0], bank[0, :, :, 0]).astype(float), relative=0)


@pytest.mark.parametrize("dtype", ["uint8", "int32", "float32", "float64"])
def test_types_and_layouts_make_no_difference(dtype):
    maps, bank = RNG.integers(0, 100, (5, 6, 2)).astype(dtype), RNG.integers(-9, 10, (2, 3, 3, 1))
    expected = conv_transpose2d(maps.astype(np.float64), bank)
    for same in (maps, np.asfortranarray(maps), maps[::-1, ::-1].copy()[::-1, ::-1]):
        assert_maps(conv_transpose2d(same, bank), expected, relative=0)


def test_it_writes_into_a_given_array():
    maps, bank = RNG.integers(-9, 10, (4, 5, 2)), RNG.integers(-9, 10, (2, 3, 3, 3))
    expected = conv_transpose2d(maps, bank)
    wider = np.zeros((6, 14, 3), dtype=np.float32)
    out = wider[:, ::2]
    assert conv_transpose2d(maps, bank, out=out) is out
    np.testing.assert_array_equal(out, expected)
    assert not wider[:, 1::2].any()


# --- the plan ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_the_paper_s_convolutions_have_their_sizes(case):
    options = {"stride": case.s, "padding": case.p, "dilation": case.d}
    image, bank = np.ones((case.i, case.i, 1)), np.ones((1, case.k, case.k, 1))
    assert plan2d(image.shape, bank.shape, **options).output_shape == (case.o, case.o, 1)
    assert conv2d(image, bank, **options).shape == (case.o, case.o, 1)


@pytest.mark.parametrize("case", TRANSPOSED_CASES, ids=lambda case: case.name)
def test_the_paper_s_transposed_convolutions_have_their_sizes(case):
    options = {"stride": case.s, "padding": case.p, "output_padding": case.a}
    maps, bank = np.ones((case.i_, case.i_, 1)), np.ones((1, case.k, case.k, 1))
    plan = plan_transpose2d(maps.shape, bank.shape, **options)
    assert plan.output_shape == (case.o_, case.o_, 1)
    assert plan.output_shape[0] == case.i
    assert plan.stretched == (case.stretched, case.stretched)
    assert plan.equivalent_pads == ((case.p_, case.p_ + case.a),) * 2
    assert conv_transpose2d(maps, bank, **options).shape == (case.o_, case.o_, 1)


def test_there_are_fifteen_of_the_paper_s_cases():
    assert len(CASES) + len(TRANSPOSED_CASES) == 15
    assert [(c.i, c.k, c.s, c.p) for c in CASES[:7]] == [(c.i, c.k, c.s, c.p) for c in TRANSPOSED_CASES]
    assert [c.o for c in CASES[:7]] == [c.i_ for c in TRANSPOSED_CASES]


@examples(150)
@given(layers())
def test_every_image_comes_back_in_its_size_by_its_output_padding(layer):
    forward = plan2d(layer.image.shape, layer.bank.shape, **layer.geometry)
    by_shape = plan_transpose2d(
        forward.output_shape, layer.bank.shape, image_shape=layer.image.shape, **layer.geometry
    )
    by_padding = plan_transpose2d(
        forward.output_shape, layer.bank.shape, output_padding=by_shape.output_padding, **layer.geometry
    )
    assert by_shape == by_padding
    assert by_shape.forward == forward
    assert by_shape.output_shape == layer.image.shape
    assert by_shape.maps_shape == forward.output_shape
    assert (by_shape.pads, by_shape.unused, by_shape.spec) == (forward.pads, forward.unused, forward.spec)


@pytest.mark.parametrize(("padding", "expected"), [("valid", 7), ("full", 3), ("same", 6), (1, 5), (0, 7)])
def test_what_is_left_unsaid_gives_the_smallest_image_but_for_same(padding, expected):
    assert plan_transpose2d((3, 3, 1), (1, 3, 3, 1), stride=2, padding=padding).output_shape[:2] == (expected,) * 2


@examples(100)
@given(layers(largest=6))
def test_window_and_reach_are_inverses_and_name_what_is_summed(layer):
    forward = plan2d(layer.image.shape, layer.bank.shape, **layer.geometry)
    plan = plan_transpose2d(
        forward.output_shape, layer.bank.shape, image_shape=layer.image.shape, **layer.geometry
    )
    uses = defaultdict(list)
    for cell in product(*map(range, plan.maps_shape[:2])):
        for row, col, tap_row, tap_col in plan.reach(*cell):
            uses[row, col].append((*cell, tap_row, tap_col))
    numbers = np.arange(1, plan.maps_shape[0] * plan.maps_shape[1] + 1).reshape(plan.maps_shape[:2])
    ones = np.ones((1, *plan.bank_shape[1:3], 1))
    options = {**layer.geometry, "groups": 1}
    sums = conv_transpose2d(numbers[:, :, np.newaxis], ones, image_shape=(*layer.image.shape[:2], 1), **options)
    for pixel in product(*map(range, plan.output_shape[:2])):
        window = plan.window(*pixel)
        assert list(window) == sorted(uses[pixel])
        assert float(sums[*pixel, 0]) == sum(int(numbers[term.row, term.col]) for term in window)


def test_the_unused_rows_and_columns_hold_nothing():
    plan = plan_transpose2d((2, 2, 1), (1, 2, 2, 1), stride=4, output_padding=(3, 1))
    image = conv_transpose2d(np.ones((2, 2, 1)), np.ones((1, 2, 2, 1)), stride=4, output_padding=(3, 1))
    assert plan.unused == (3, 1)
    assert plan.output_shape == image.shape == (9, 7, 1)
    assert not image[6:].any()
    assert not image[:, 6:].any()
    assert image[5, 5] == 1


# --- bad input ---------------------------------------------------------------------------------------------

MAPS, BANK = (3, 4, 2), (2, 3, 3, 1)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (
            {"maps_shape": (3, 4)},
            r"maps_shape must be 3 integers \(oh, ow, K\), got \(3, 4\)",
        ),
        ({"maps_shape": (3, 0, 2)}, "maps_shape must be an integer ≥ 1, got 0 for ow"),
        ({"maps_shape": (3, 4, 3)}, "maps must have K = 2 channels, .* got 3"),
        ({"bank_shape": (2, 3, True, 1)}, "bank_shape must be an integer ≥ 1, got True for kw"),
        ({"groups": 3}, "groups must divide the 2 kernels of the bank, got 3"),
        ({"stride": 0}, "stride must be an integer ≥ 1, got 0"),
        (
            {"stride": (1, 2), "output_padding": 1},
            "output_padding must be an integer from 0 to 0, got 1 for the rows, whose stride is 1",
        ),
        (
            {"stride": 2, "output_padding": (1, 2)},
            "output_padding must be an integer from 0 to 1, got 2 for the columns, whose stride is 2",
        ),
        ({"output_padding": "more"}, "output_padding must be an integer from 0 to 0, got 'more'"),
        ({"output_padding": (0, 0, 0)}, r"output_padding must be an integer or a pair .*got \(0, 0, 0\)"),
        (
            {"padding": 3},
            r"padding must cut off less than all that 3 rows of maps reach, got .*, which leaves -1 of the image",
        ),
        ({"padding": (0, 3)}, r"all that 4 columns of maps reach, got .*, which leaves 0 of the image"),
        (
            {"padding": 3, "image_shape": (3, 4, 1)},
            "padding must cut off less .* leaves -1 of the image",
        ),
        (
            {"stride": 10**9},
            r"must give an image of at most 1000000000 rows, got 2000000003",
        ),
        (
            {"output_padding": 0, "image_shape": (5, 6, 1)},
            "output_padding must be left out where image_shape is given, got 0",
        ),
        (
            {"image_shape": (5, 7, 1)},
            "image_shape must have 6 columns to give 4 columns of maps, got 7",
        ),
        (
            {"stride": 3, "image_shape": (8, 12, 1)},
            "image_shape must have 9 to 11 rows to give 3 rows of maps, got 8",
        ),
        ({"image_shape": (5, 6, 2)}, "bank must have C / groups = 2 / 1 = 2 channels"),
        ({"image_shape": 5}, r"image_shape must be 3 integers \(H, W, C\), got 5"),
    ],
    ids=str,
)
def test_a_plan_that_cannot_be_is_refused_with_a_sentence(change, message):
    shapes = {"maps_shape": MAPS, "bank_shape": BANK, **change}
    with pytest.raises(ConvError, match=message):
        plan_transpose2d(shapes.pop("maps_shape"), shapes.pop("bank_shape"), **shapes)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"maps": np.ones((3, 4))}, r"maps must have 3 axes \(oh, ow, K\), got 2 in shape \(3, 4\)"),
        ({"maps": np.full(MAPS, np.nan)}, r"maps must be finite, got nan at index \(0, 0, 0\)"),
        ({"maps": "maps"}, "maps must hold integers or real floats"),
        ({"bank": np.ones((3, 3))}, "bank must have 4 axes"),
        ({"bank": np.full(BANK, np.inf)}, "bank must be finite, got inf"),
        ({"bias": [1, 2]}, r"bias must have shape \(C,\) = \(1,\), one number for each channel of the image"),
        ({"bias": [np.inf]}, "bias must be finite, got inf"),
        ({"flip": 1}, "flip must be True or False, got 1"),
        ({"maps": np.full(MAPS, 1e30), "bank": np.full(BANK, 1e30)}, "maps and bank must be small enough"),
        ({"maps": np.full(MAPS, 1e200), "bank": np.full(BANK, 1e200)}, "maps and bank must be small enough"),
        ({"out": [1]}, r"out must be a NumPy array of float32, got \[1\]"),
        ({"out": np.zeros((5, 6, 1))}, "out must be of dtype float32, got float64"),
        (
            {"out": np.zeros((5, 5, 1), dtype=np.float32)},
            r"out must have shape \(H, W, C\) = \(5, 6, 1\), got \(5, 5, 1\)",
        ),
        ({"out": np.broadcast_to(np.float32(0), (5, 6, 1))}, "out must be writeable"),
    ],
)
def test_arrays_that_cannot_be_are_refused_with_a_sentence(change, message):
    arguments = {"maps": np.ones(MAPS), "bank": np.ones(BANK), **change}
    with pytest.raises(ConvError, match=message):
        conv_transpose2d(**arguments)


@examples(100)
@given(st.tuples(*[st.none() | st.booleans() | st.integers(-2, 9) | st.text(max_size=2) | st.floats()] * 4))
def test_whatever_is_passed_gives_a_plan_or_a_sentence(values):
    options = dict(zip(("stride", "padding", "dilation", "output_padding"), values, strict=True))
    try:
        shape = plan_transpose2d(MAPS, BANK, **options).forward.output_shape
    except ConvError:
        shape = MAPS
    assert shape == MAPS
