"""The gradients of a layer are slopes: what finite differences measure, and what PyTorch computes."""

import tracemalloc
from itertools import pairwise

import numpy as np
import oracle
import pytest
from engine_cases import assert_maps, examples, layers
from hypothesis import given
from hypothesis import strategies as st
from slopes import assert_doubles, numeric_gradient, torch_reference

from conv_engine import LIBRARY, ConvError, conv2d, gradients, plan2d, stack
from conv_engine.gradients import PatchMatrix, bias_gradient, conv2d_gradients, image_gradients
from conv_engine.initialise import he
from conv_engine.losses import accuracy, cross_entropy, mean_squared_error
from conv_engine.optimise import SGD, Adam
from conv_engine.pooling import (
    average_pool2d,
    average_pool2d_gradient,
    max_pool2d,
    max_pool2d_gradient,
    relu,
    relu_gradient,
)

RNG = np.random.default_rng(13)
REFERENCE = torch_reference()
CONVOLUTIONS = {name: case for name, case in REFERENCE.items() if name.startswith("convolution/")}

# The gradient of the image is rounded to float32 once.
SINGLE = 2e-7


def plan_of(layer):
    return plan2d(layer.image.shape, layer.bank.shape, **layer.geometry)


def cells_for(layer, count=1):
    """Random map gradients for a batch."""
    shape = plan_of(layer).output_shape
    return np.random.default_rng(5).normal(size=(count, *shape))


def batch_of(layer, count):
    """A few different images of one size."""
    return np.stack([np.roll(layer.image, turn, axis=1) * (1 + turn) for turn in range(count)]).astype(float)


# --- against finite differences ----------------------------------------------------------------------------


@examples(100)
@given(layers(largest=5))
def test_gradients_of_any_layer_are_the_slopes_of_the_oracle(layer):
    """A layer is linear in each of its inputs, so a difference over a whole unit is exact, in any direction."""
    image, bank, upstream = layer.image.astype(float), layer.bank.astype(float), cells_for(layer)[0]
    bias = np.zeros(len(bank)) if layer.bias is None else layer.bias.astype(float)
    found = conv2d_gradients(layer.image, layer.bank, upstream, **layer.options)
    rng = np.random.default_rng(1)

    def loss(image, bank, bias):
        return float((oracle.convolve(image, bank, bias, **layer.options) * upstream).sum())

    for number, value in enumerate((image, bank, bias)):
        assert found[number].dtype == np.float64
        assert found[number].shape == value.shape
        direction = rng.normal(size=value.shape)
        inputs = [image, bank, bias], [image, bank, bias]
        inputs[0][number], inputs[1][number] = value + direction, value - direction
        scale = np.abs(found[number] * direction).sum() + abs(loss(image, bank, bias)) * 1e-6
        assert (found[number] * direction).sum() == pytest.approx(
            (loss(*inputs[0]) - loss(*inputs[1])) / 2, abs=1e-6 * max(scale, 1e-9)
        )


@examples(30)
@given(layers(largest=4))
def test_each_number_of_a_gradient_is_a_slope_of_a_loss_that_is_not_linear(layer):
    plan, image = plan_of(layer), layer.image / max(np.abs(layer.image).max(), 1.0)
    bank, bias = layer.bank / 9, RNG.normal(size=len(layer.bank))

    def loss(image, bank, bias):
        return float(np.sin(PatchMatrix.of(image[np.newaxis], plan).maps(bank, bias)).sum())

    upstream = np.cos(PatchMatrix.of(image[np.newaxis], plan).maps(bank, bias))[0]
    found = conv2d_gradients(image, bank, upstream, **layer.geometry)
    for gradient, slope in (
        (found.image, numeric_gradient(lambda changed: loss(changed, bank, bias), image)),
        (found.bank, numeric_gradient(lambda changed: loss(image, changed, bias), bank)),
        (found.bias, numeric_gradient(lambda changed: loss(image, bank, changed), bias)),
    ):
        assert gradient.dtype == np.float64
        assert gradient.shape == slope.shape
        np.testing.assert_allclose(gradient, slope, rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("pool", ["max", "average"])
def test_the_chain_rule_holds_through_convolution_relu_pooling_and_a_dense_layer(pool):
    forwards, backwards = {
        "max": (max_pool2d, max_pool2d_gradient),
        "average": (average_pool2d, average_pool2d_gradient),
    }[pool]
    labels = [2, 0, 1]
    first = plan2d((6, 7, 2), (4, 3, 3, 2), padding="same", boundary="circular")
    last = plan2d((3, 3, 4), (3, 3, 3, 4))  # as large as its image: fully connected
    # Small weights: where the answer is all but certain, nothing is left of the gradients but rounding.
    rng = np.random.default_rng(7)
    images, values = (
        rng.normal(size=(3, 6, 7, 2)),
        [0.3 * rng.normal(size=shape) for shape in (first.bank_shape, (4,), last.bank_shape, (3,))],
    )

    def loss(images, bank, bias, dense, offsets):
        maps = relu(PatchMatrix.of(images, first).maps(bank, bias))
        return cross_entropy(PatchMatrix.of(forwards(maps), last).maps(dense, offsets).reshape(3, 3), labels).value

    seen = PatchMatrix.of(images, first)
    maps = seen.maps(*values[:2])
    pooled = PatchMatrix.of(forwards(relu(maps)), last)
    scores = pooled.maps(*values[2:])
    of_scores = cross_entropy(scores.reshape(3, 3), labels).gradient.reshape(scores.shape)
    of_maps = relu_gradient(maps, backwards(relu(maps), image_gradients(of_scores, values[2], last)))
    found = [
        image_gradients(of_maps, values[0], first),
        *(seen.bank_gradient(of_maps), bias_gradient(of_maps)),
        *(pooled.bank_gradient(of_scores), bias_gradient(of_scores)),
    ]
    inputs = [images, *values]
    for number, gradient in enumerate(found):

        def changed(array, number=number):
            return loss(*inputs[:number], array, *inputs[number + 1 :])

        assert_doubles(gradient, numeric_gradient(changed, inputs[number], 1e-5), relative=1e-6)


# --- against PyTorch ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", CONVOLUTIONS)
def test_gradients_are_those_of_pytorch(name):
    case = CONVOLUTIONS[name]
    geometry = {
        "stride": tuple(case["stride"].tolist()),
        "padding": tuple(map(tuple, case["padding"].tolist())),
        "dilation": tuple(case["dilation"].tolist()),
        "groups": int(case["groups"]),
        "boundary": str(case["boundary"]),
    }
    images, bank, upstream = case["images"], case["bank"], case["map_gradients"]
    plan = plan2d(images.shape[1:], bank.shape, **geometry)
    seen = PatchMatrix.of(images, plan)
    assert_doubles(seen.maps(bank, case["bias"]), case["maps"])
    assert_doubles(seen.bank_gradient(upstream), case["bank_gradient"])
    assert_doubles(bias_gradient(upstream), case["bias_gradient"])
    assert_doubles(image_gradients(upstream, bank, plan), case["image_gradients"], relative=SINGLE)
    one_by_one = [
        conv2d_gradients(image, bank, cells, **geometry) for image, cells in zip(images, upstream, strict=True)
    ]
    assert_doubles(sum(found.bank for found in one_by_one), case["bank_gradient"])
    assert_doubles(np.stack([found.image for found in one_by_one]), case["image_gradients"], relative=SINGLE)


def test_a_network_has_the_gradients_of_pytorch():
    case = REFERENCE["network"]
    first, last = plan2d((8, 8, 2), (4, 3, 3, 2), padding="same"), plan2d((4, 4, 4), (3, 4, 4, 4))
    seen = PatchMatrix.of(case["images"], first)
    maps = seen.maps(case["bank"], case["bias"])
    pooled = PatchMatrix.of(max_pool2d(relu(maps)), last)
    scores = pooled.maps(case["weights"], case["offsets"])
    assert_doubles(scores.reshape(5, 3), case["scores"])
    loss = cross_entropy(scores.reshape(5, 3), case["labels"])
    assert loss.value == pytest.approx(float(case["loss"]), rel=1e-12)
    of_scores = loss.gradient.reshape(scores.shape)
    of_pooled = image_gradients(of_scores, case["weights"], last)
    of_maps = relu_gradient(maps, max_pool2d_gradient(relu(maps), of_pooled))
    assert_doubles(pooled.bank_gradient(of_scores), case["weights_gradient"])
    assert_doubles(bias_gradient(of_scores), case["offsets_gradient"])
    assert_doubles(seen.bank_gradient(of_maps), case["bank_gradient"], relative=SINGLE)
    assert_doubles(bias_gradient(of_maps), case["bias_gradient"], relative=SINGLE)
    found = image_gradients(of_maps, case["bank"], first)
    assert_doubles(found, case["images_gradient"], relative=2 * SINGLE)


# --- batches, parts and strips -----------------------------------------------------------------------------


@examples(80)
@given(layers(largest=5), st.integers(1, 3))
def test_a_batch_is_its_images_side_by_side_and_its_gradients_are_their_sums(layer, count):
    plan, images, upstream = plan_of(layer), batch_of(layer, count), cells_for(layer, count)
    seen = PatchMatrix.of(images, plan)
    maps = seen.maps(layer.bank, layer.bias)
    expected = [oracle.convolve(image, layer.bank, layer.bias, **layer.geometry) for image in images]
    assert_doubles(maps, np.stack(expected))
    alone = [
        conv2d_gradients(image, layer.bank, cells, **layer.geometry)
        for image, cells in zip(images, upstream, strict=True)
    ]
    assert_doubles(seen.bank_gradient(upstream), sum(found.bank for found in alone), relative=1e-10)
    assert_doubles(bias_gradient(upstream), sum(found.bias for found in alone))
    found = image_gradients(upstream, layer.bank, plan)
    assert_doubles(found, np.stack([found.image for found in alone]), relative=SINGLE)


@examples(60)
@given(layers(largest=6, whole_numbers=True), st.sampled_from([1, 40, 200]))
def test_results_do_not_show_where_parts_meet(layer, size):
    upstream = np.rint(9 * cells_for(layer))
    expected = conv2d_gradients(layer.image, layer.bank, upstream[0], **layer.options)
    whole = PatchMatrix.of(layer.image[np.newaxis], plan_of(layer))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(gradients, "_STRIP_DOUBLES", size)
        patch.setattr(gradients, "LARGEST_PRODUCT", size)
        found = conv2d_gradients(layer.image, layer.bank, upstream[0], **layer.options)
        in_parts = whole.maps(layer.bank, layer.bias)
    assert_doubles(found.bank, expected.bank, relative=0)
    assert_doubles(in_parts, whole.maps(layer.bank, layer.bias), relative=0)


def test_working_memory_stays_small():
    image, bank = RNG.random((400, 300, 3)), RNG.normal(size=(2, 7, 7, 3))
    upstream = RNG.normal(size=(400, 300, 2))
    tracemalloc.start()
    try:
        found = conv2d_gradients(image, bank, upstream, padding="same")
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert found.image.shape == image.shape
    assert peak < 48 * 2**20  # all patches would take 141 MB


# --- laws --------------------------------------------------------------------------------------------------


@examples(60)
@given(layers(whole_numbers=True), st.integers(-5, 5), st.integers(-5, 5))
def test_the_gradient_of_a_sum_of_losses_is_the_sum_of_their_gradients(layer, a, b):
    one, other = np.rint(9 * cells_for(layer, 2))
    together = conv2d_gradients(layer.image, layer.bank, a * one + b * other, **layer.options)
    first, second = (conv2d_gradients(layer.image, layer.bank, part, **layer.options) for part in (one, other))
    for number, found in enumerate(together):
        assert_doubles(found, a * first[number] + b * second[number], relative=SINGLE if number == 0 else 0)


@examples(60)
@given(layers(whole_numbers=True))
def test_weights_times_their_gradients_are_pixels_times_theirs(layer):
    """Euler's rule for a function that doubles where either the image or the bank doubles."""
    upstream = np.rint(9 * cells_for(layer)[0])
    found = conv2d_gradients(layer.image, layer.bank, upstream, **layer.options)
    maps = oracle.convolve(layer.image, layer.bank, **layer.options)
    loss, scale = float((maps * upstream).sum()), float(np.abs(maps * upstream).sum())
    assert (found.bank * layer.bank).sum() == pytest.approx(loss, abs=1e-12 * scale + 1e-9)
    assert (found.image * layer.image).sum() == pytest.approx(loss, abs=1e-5 * (scale + 1))


def test_an_unread_pixel_changes_no_loss():
    found = conv2d_gradients(np.ones((6, 7, 1)), np.ones((1, 3, 3, 1)), np.ones((2, 2, 1)), stride=(3, 4))
    assert found.image[:, 3].tolist() == [[0.0]] * 6
    assert np.count_nonzero(found.image) == 4 * 9


def test_inputs_are_left_as_they_were():
    arrays = [RNG.normal(size=shape) for shape in ((5, 6, 2), (3, 2, 3, 2), (4, 4, 3))]
    copies = [array.copy() for array in arrays]
    found = conv2d_gradients(*arrays, flip=True)
    assert found.bank.shape == (3, 2, 3, 2)
    for before, after in zip(copies, arrays, strict=True):
        np.testing.assert_array_equal(after, before)


# --- learning ----------------------------------------------------------------------------------------------


def learn(seen, wanted, bank, optimiser, steps):
    """Return the loss before each step, and the bank after the last."""
    losses, memory = [], None
    for _ in range(steps):
        loss = mean_squared_error(seen.maps(bank), wanted)
        losses.append(loss.value)
        (bank,), memory = optimiser.step([bank], [seen.bank_gradient(loss.gradient)], memory)
    return losses, bank


def hidden_sobel():
    image, sobel = np.random.default_rng(2).random((1, 20, 24, 1)), stack([LIBRARY["sobel_x"]], 1)
    seen = PatchMatrix.of(image, plan2d(image.shape[1:], sobel.shape))
    return seen, conv2d(image[0], sobel)[np.newaxis], sobel


@pytest.mark.parametrize("optimiser", [SGD(0.1), SGD(0.05, momentum=0.9), Adam(0.05)], ids=str)
def test_a_hidden_sobel_kernel_is_found_by_going_downhill(optimiser):
    seen, wanted, sobel = hidden_sobel()
    losses, bank = learn(seen, wanted, he(sobel.shape, 3), optimiser, 1000)
    assert losses[0] > 0.1
    assert bank.shape == sobel.shape
    assert np.abs(bank - sobel).max() < 1e-3


def test_just_below_the_highest_rate_the_loss_falls_and_just_above_it_it_grows():
    """The steepest curvature λ decides: on a quadratic, gradient descent converges for rates below 2 / λ."""
    seen, wanted, sobel = hidden_sobel()
    patches = seen.patches[0]
    steepest = np.linalg.eigvalsh(2 * patches.T @ patches / len(patches))[-1]
    falling, _ = learn(seen, wanted, he(sobel.shape, 3), SGD(1.95 / steepest), 200)
    growing, _ = learn(seen, wanted, he(sobel.shape, 3), SGD(2.05 / steepest), 200)
    assert all(after < before for before, after in pairwise(falling))
    assert growing[-1] > 1e3 * growing[0]


def test_a_rate_far_too_high_ends_with_a_sentence_and_no_infinity():
    seen, wanted, sobel = hidden_sobel()
    with pytest.raises(ConvError, match="predicted must differ from wanted by less than"):
        learn(seen, wanted, he(sobel.shape, 3), SGD(1e9), 100)


def bars(count, seed):
    """Pictures of one bright bar, level or upright, not at the border, in noise."""
    rng = np.random.default_rng(seed)
    images, labels = 0.2 * rng.random((count, 8, 8, 1)), rng.integers(0, 2, count)
    for image, label in zip(images, labels, strict=True):
        (image if label else image.swapaxes(0, 1))[rng.integers(1, 7)] += 1
    return images, labels


def test_two_layers_learn_to_tell_level_bars_from_upright_ones_that_they_have_not_seen():
    first, last = plan2d((8, 8, 1), (4, 3, 3, 1)), plan2d((1, 1, 4), (2, 1, 1, 4))
    values, memory, adam = [he(first.bank_shape, 1), he(last.bank_shape, 2)], None, Adam(0.05)

    def forwards(images):
        seen = PatchMatrix.of(images, first)
        maps = seen.maps(values[0])
        pooled = PatchMatrix.of(max_pool2d(relu(maps), 6), last)
        return seen, maps, pooled, pooled.maps(values[1])

    images, labels = bars(80, 1)
    for _ in range(100):
        seen, maps, pooled, scores = forwards(images)
        of_scores = cross_entropy(scores.reshape(-1, 2), labels).gradient.reshape(scores.shape)
        of_pooled = image_gradients(of_scores, values[1], last)
        of_maps = relu_gradient(maps, max_pool2d_gradient(relu(maps), of_pooled, 6))
        values, memory = adam.step(values, [seen.bank_gradient(of_maps), pooled.bank_gradient(of_scores)], memory)
    unseen, right = bars(100, 2)
    assert accuracy(forwards(unseen)[3].reshape(-1, 2), right) >= 0.98


# --- what is wrong is said ---------------------------------------------------------------------------------

PLAN = plan2d((4, 5, 2), (3, 2, 2, 2))


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (
            lambda: conv2d_gradients(np.ones((4, 5, 2)), np.ones((3, 2, 2, 2)), np.ones((3, 3, 3))),
            "map_gradients must have shape (oh, ow, K) = (3, 4, 3), as planned, got (3, 3, 3)",
        ),
        (
            lambda: conv2d_gradients(np.ones((4, 5, 2)), np.ones((3, 2, 2, 2)), np.full((3, 4, 3), np.nan)),
            "map_gradients must be finite, got nan at index (0, 0, 0)",
        ),
        (
            lambda: conv2d_gradients(np.ones((4, 5, 2)), np.ones((3, 2, 2, 2)), np.ones((3, 4, 3)), flip=1),
            "flip must be True or False, got 1",
        ),
        (
            lambda: PatchMatrix.of(np.ones((2, 5, 4, 2)), PLAN),
            "images must have shape (N, H, W, C) = (2, 4, 5, 2), as planned, got (2, 5, 4, 2)",
        ),
        (
            lambda: PatchMatrix.of(np.ones((4, 5, 2)), PLAN),
            "images must have 4 axes (N, H, W, C), got 3 in shape (4, 5, 2)",
        ),
        (
            lambda: PatchMatrix.of(np.ones((4, 800, 800, 1)), plan2d((800, 800, 1), (1, 7, 7, 1), padding="same")),
            "images must be so few and small that their windows hold at most 67108864 numbers, got 125440000 "
            "(4 × 640000 windows of 49 pixels with 1 channels)",
        ),
        (
            lambda: PatchMatrix.of(np.ones((2, 4, 5, 2)), PLAN).maps(np.ones((3, 2, 2, 1))),
            "bank must have shape (K, kh, kw, C / groups) = (3, 2, 2, 2), as planned, got (3, 2, 2, 1)",
        ),
        (
            lambda: PatchMatrix.of(np.ones((2, 4, 5, 2)), PLAN).bank_gradient(np.ones((1, 3, 4, 3))),
            "map_gradients must have shape (N, oh, ow, K) = (2, 3, 4, 3), as planned, got (1, 3, 4, 3)",
        ),
        (
            lambda: image_gradients(np.ones((2, 4, 3, 3)), np.ones((3, 2, 2, 2)), PLAN),
            "map_gradients must have shape (N, oh, ow, K) = (2, 3, 4, 3), as planned, got (2, 4, 3, 3)",
        ),
        (
            lambda: bias_gradient(np.full((2, 2, 1), 1e308)),
            "map_gradients must be small enough for every value to fit float64 (at most 1.8e+308), got inf; "
            "scale them down",
        ),
        (
            lambda: bias_gradient(np.ones((2, 2))),
            "map_gradients must have 3 axes (oh, ow, K), got 2 in shape (2, 2)",
        ),
        (
            lambda: PatchMatrix.of(np.full((1, 4, 5, 2), 1e200), PLAN).maps(np.full((3, 2, 2, 2), 1e200)),
            "images and bank must be small enough for every value to fit float64 (at most 1.8e+308), got inf; "
            "scale them down",
        ),
    ],
)
def test_what_is_wrong_is_said(call, said):
    with pytest.raises(ConvError) as error:
        call()
    assert str(error.value) == said


def test_the_maps_of_a_batch_are_those_of_conv2d():
    images, bank = RNG.integers(0, 256, (3, 9, 8, 3)), RNG.normal(size=(4, 3, 3, 3))
    maps = PatchMatrix.of(images, plan2d((9, 8, 3), bank.shape, padding="same")).maps(bank)
    for image, expected in zip(images, maps, strict=True):
        assert_maps(conv2d(image, bank, padding="same"), expected)
