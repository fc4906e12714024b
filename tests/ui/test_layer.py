"""The experiment applied to pixels: the layer it makes, and the pictures of its maps."""

from dataclasses import dataclass

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import ui.layer
from conv_engine import BOUNDARIES, LIBRARY, PADDINGS, ConvError, ConvSpec, conv2d
from ui.experiment import OWN, Experiment, Feature
from ui.layer import LEVELS, build_layer, kernel_of, kernel_title, map_pictures

SMALL = sorted(key for key, kernel in LIBRARY.items() if max(kernel.weights.shape[:2]) <= 5)
"""Kernels that fit on the pictures below, dilated ones too."""


def examples(count):
    return settings(deadline=None, max_examples=count, database=None)


def noise(rows, cols, seed=5):
    return np.random.default_rng(seed).integers(0, 256, (rows, cols, 3), dtype=np.uint8)


def own(weights, bias=0.0):
    """Make an own kernel of an array (kh, kw, 1 or 3)."""
    return Feature(OWN, tuple(tuple(tuple(cell) for cell in row) for row in np.asarray(weights).tolist()), bias)


def plain_weights(feature):
    """Give a feature's weights as (kh, kw, 3), without the help of what is tested."""
    weights = np.array(LIBRARY[feature.kernel].weights if feature.weights is None else feature.weights)
    return np.broadcast_to(weights.reshape(*weights.shape[:2], -1), (*weights.shape[:2], 3))


def framed(weights, rows, cols):
    """Lay weights among zeros, the tap that "same" padding lays on the pixel on that of the frame."""
    sizes = zip((rows, cols), weights.shape, strict=False)
    before = [((large - 1) // 2 - (small - 1) // 2, large - small) for large, small in sizes]
    return np.pad(weights, [*((n, missing - n) for n, missing in before), (0, 0)])


@dataclass
class Case:
    experiment: Experiment
    image: np.ndarray

    @property
    def expected(self):
        """The maps by `conv2d`, from a bank that is put together here."""
        slices = [plain_weights(feature) for feature in self.experiment.features]
        rows, cols = (max(one.shape[axis] for one in slices) for axis in (0, 1))
        spec = self.experiment.spec
        return conv2d(
            self.image / np.float32(255) if self.experiment.unit else self.image,
            np.stack([framed(one, rows, cols) for one in slices]),
            [feature.bias for feature in self.experiment.features],
            stride=spec.stride,
            padding=spec.padding,
            dilation=spec.dilation,
            boundary=spec.boundary,
            flip=self.experiment.flip,
            method="patches",
        )


@st.composite
def cases(draw):
    """Draw a small picture and an experiment of which the largest kernel fits on it."""
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))

    def own_feature():
        rows, cols, channels = rng.integers(1, 6), rng.integers(1, 6), rng.choice([1, 3])
        scale = 10.0 ** rng.integers(-12, 3)
        return own(np.round(rng.normal(size=(rows, cols, channels)), 2) * scale, float(rng.integers(-9, 9)))

    def named_feature():
        return Feature(str(rng.choice(SMALL)), bias=float(rng.choice([0.0, -0.5, 1e-9, 1e6])))

    features = tuple(
        own_feature() if is_own else named_feature()
        for is_own in draw(st.lists(st.booleans(), min_size=1, max_size=4))
    )
    pad, step = st.integers(0, 4), st.integers(1, 3)
    dilation = draw(st.tuples(st.integers(1, 2), st.integers(1, 2)))
    spec = ConvSpec.of(
        stride=draw(st.tuples(step, step)),
        padding=draw(st.sampled_from(PADDINGS) | st.tuples(st.tuples(pad, pad), st.tuples(pad, pad))),
        dilation=dilation,
        boundary=draw(st.sampled_from(BOUNDARIES)),
    )
    # A 5 × 5 kernel of dilation 2 spans 9 pixels.
    rows, cols = draw(st.integers(9, 14)), draw(st.integers(9, 14))
    image = rng.integers(0, 256, (rows, cols, 3), dtype=np.uint8) * draw(st.sampled_from([0, 1, 1, 1]))
    experiment = Experiment(features=features, spec=spec, flip=draw(st.booleans()), unit=draw(st.booleans()))
    return Case(experiment, image.astype(np.uint8))


def assert_levels(levels, values, limit):
    """Hold levels to their law: value / limit · 32767, rounded; only a zero is 0, and signs are kept."""
    assert levels.dtype == np.int16
    assert levels.shape == values.shape
    np.testing.assert_array_equal(np.sign(levels), np.sign(values).astype(np.int16))
    exact = values.astype(np.float64) * LEVELS / (limit or 1.0)
    raised = np.abs(exact) < 0.5  # to 1, so that they are not taken for zeros
    np.testing.assert_array_equal(np.abs(levels[raised & (values != 0)]), 1)
    assert (np.abs(levels - exact)[~raised] <= 0.5 + 1e-9).all()


# --- the layer ---------------------------------------------------------------------------------------------


@examples(150)
@given(cases())
def test_a_layer_holds_the_experiments_bank_bias_and_plan(case):
    layer = build_layer(case.experiment, case.image)
    spec = case.experiment.spec
    assert layer.pixels is case.image
    assert layer.top == (1 if case.experiment.unit else 255)
    assert layer.bank.dtype == np.float64
    assert layer.bias.tolist() == [feature.bias for feature in case.experiment.features]
    assert layer.flip == case.experiment.flip
    assert layer.plan.spec == spec
    assert layer.plan.image_shape == case.image.shape
    assert layer.plan.bank_shape == layer.bank.shape
    for kernel, feature in zip(layer.bank, case.experiment.features, strict=True):
        np.testing.assert_array_equal(kernel, framed(plain_weights(feature), *layer.bank.shape[1:3]))


def test_kernels_of_different_sizes_are_framed_with_zeros_in_the_middle():
    features = (own([[[1.0]]]), own([[[1.0], [2.0]], [[3.0], [4.0]]]), Feature("gaussian5"))
    layer = build_layer(Experiment(features=features), noise(8, 8))
    assert layer.bank.shape == (3, 5, 5, 3)
    for channel in range(3):
        assert np.argwhere(layer.bank[0, :, :, channel]).tolist() == [[2, 2]]
        assert layer.bank[1, 2:4, 2:4, channel].tolist() == [[1.0, 2.0], [3.0, 4.0]]
    assert np.count_nonzero(layer.bank[1]) == 4 * 3
    np.testing.assert_array_equal(layer.bank[2, :, :, 0], LIBRARY["gaussian5"].weights)


def test_a_kernel_for_each_channel_keeps_its_three_slices():
    layer = build_layer(Experiment(features=(own([[[1.0, 2.0, 3.0]]]), Feature("luma"))), noise(4, 4))
    assert layer.bank[0, 0, 0].tolist() == [1.0, 2.0, 3.0]
    assert layer.bank[1, 0, 0].tolist() == [0.299, 0.587, 0.114]


def test_features_have_their_kernels_names():
    features = (Feature("sobel_x"), own([[[1.0]]]), Feature("luma"))
    layer = build_layer(Experiment(features=features), noise(8, 8))
    assert layer.names == (LIBRARY["sobel_x"].title, "Own kernel", LIBRARY["luma"].title)
    assert [kernel_title(feature.kernel) for feature in features] == list(layer.names)


@pytest.mark.parametrize("key", sorted(LIBRARY))
def test_a_named_feature_has_the_librarys_kernel(key):
    assert kernel_of(Feature(key)) is LIBRARY[key]


@pytest.mark.parametrize(("channels", "shape"), [(1, (2, 4)), (3, (2, 4, 3))])
def test_an_own_kernel_has_an_axis_for_channels_only_if_they_differ(channels, shape):
    kernel = kernel_of(own(np.arange(8.0 * channels).reshape(2, 4, channels)))
    assert kernel.key == OWN
    assert kernel.weights.shape == shape
    assert kernel.weights.ravel().tolist() == list(range(8 * channels))


@pytest.mark.parametrize(
    ("spec", "spans"),
    [
        pytest.param(ConvSpec.of(), 5, id="a kernel wider than the picture"),
        pytest.param(ConvSpec.of(dilation=2, padding=2), 9, id="a kernel that its dilation makes too wide"),
    ],
)
def test_a_kernel_larger_than_the_padded_image_is_refused(spec, spans):
    with pytest.raises(ConvError, match=f"padded image.*got {spans}"):
        build_layer(Experiment(features=(Feature("gaussian5"),), spec=spec), noise(4, 4))


@pytest.mark.parametrize("padding", ["same", "full", 1])
def test_enough_padding_makes_room_for_the_same_kernel(padding):
    experiment = Experiment(features=(Feature("gaussian5"),), spec=ConvSpec.of(padding=padding))
    assert build_layer(experiment, noise(4, 4)).plan.output_shape[2] == 1


def test_pixel_values_from_0_to_255_are_taken_as_they_are():
    pixels = noise(5, 6)
    layer = build_layer(Experiment(), pixels)
    assert layer.image is layer.pixels is pixels


def test_pixel_values_from_0_to_1_are_the_nearest_float32_to_each_255th():
    pixels = np.arange(256, dtype=np.uint8).reshape(16, 16, 1).repeat(3, axis=2)
    layer = build_layer(Experiment(unit=True), pixels)
    assert layer.image.dtype == np.float32
    assert layer.image.shape == (16, 16, 3)
    assert layer.pixels is pixels
    for value, scaled in zip(range(256), layer.image[:, :, 0].flat, strict=True):
        assert scaled == np.float32(value / 255)
    assert (layer.image.min(), layer.image.max()) == (0, 1)


@examples(100)
@given(cases())
def test_on_one_channel_a_kernel_of_three_slices_acts_as_their_sum(case):
    grey = case.image[:, :, :1]
    layer = build_layer(case.experiment, grey)
    colours = build_layer(case.experiment, case.image)
    assert layer.bank.shape == (*colours.bank.shape[:3], 1)
    for one, three, feature in zip(layer.bank, colours.bank, case.experiment.features, strict=True):
        slices = three if kernel_of(feature).weights.ndim == 3 else three[:, :, :1]
        np.testing.assert_allclose(one[:, :, 0], slices.sum(axis=2), rtol=1e-12, atol=1e-12 * np.abs(slices).max())


@pytest.mark.parametrize(("key", "weight"), [("luma", 1), ("red_green", 0), ("blue_yellow", 0)])
def test_the_kernels_of_colours_act_on_grey_as_they_do_on_equal_channels(key, weight):
    grey = noise(6, 7)[:, :, :1]
    experiment = Experiment(features=(Feature(key),))
    one, three = (build_layer(experiment, pixels) for pixels in (grey, np.repeat(grey, 3, axis=2)))
    assert one.bank.tolist() == [[[[weight]]]]
    np.testing.assert_array_equal(map_pictures(one)[0].levels, map_pictures(three)[0].levels)


@pytest.mark.parametrize("channels", [2, 4, 16])
def test_a_kernel_of_three_slices_is_refused_by_any_other_number_of_channels(channels):
    with pytest.raises(ConvError, match=f"channels must be 3.*got {channels}"):
        build_layer(Experiment(features=(Feature("luma"),)), np.zeros((4, 4, channels), dtype=np.float32))


@pytest.mark.parametrize("unit", [False, True])
@pytest.mark.parametrize("channels", [1, 2, 16])
def test_maps_of_another_layer_are_taken_as_they_are(unit, channels):
    maps = np.random.default_rng(channels).normal(scale=300, size=(6, 7, channels)).astype(np.float32)
    layer = build_layer(Experiment(unit=unit), maps)
    assert layer.image is layer.pixels is maps
    assert layer.bank.shape == (1, 3, 3, channels)
    bank = np.repeat(LIBRARY["sobel_x"].weights[np.newaxis, :, :, np.newaxis], channels, axis=3)
    expected = conv2d(maps, bank, method="patches")
    (picture,) = map_pictures(layer)
    assert (picture.low, picture.high) == (expected.min(), expected.max())


# --- the pictures of the maps ------------------------------------------------------------------------------


@examples(250)
@given(cases())
def test_levels_and_range_are_those_of_the_maps_by_conv2d(case):
    values = case.expected
    pictures = map_pictures(build_layer(case.experiment, case.image))
    assert len(pictures) == values.shape[2] == len(case.experiment.features)
    for k, picture in enumerate(pictures):
        one = values[:, :, k]
        assert (picture.low, picture.high) == (one.min(), one.max())
        assert picture.limit == np.abs(one).max()
        assert_levels(picture.levels, one, picture.limit)


@pytest.mark.parametrize(
    ("bias", "levels"),
    [(0.0, 0), (3.0, LEVELS), (-3.0, -LEVELS), (1e-30, LEVELS), (-1e6, -LEVELS)],
)
def test_a_flat_map_is_all_zero_or_all_at_the_end_of_the_scale(bias, levels):
    black = np.zeros((4, 4, 3), dtype=np.uint8)
    (picture,) = map_pictures(build_layer(Experiment(features=(Feature(bias=bias),)), black))
    assert picture.levels.tolist() == [[levels] * 2] * 2
    assert picture.low == picture.high == np.float32(bias)
    assert picture.limit == abs(np.float32(bias))


def test_the_least_value_beside_the_greatest_is_not_shown_as_zero():
    image = np.zeros((1, 4, 3), dtype=np.uint8)
    image[0, :, 0] = (0, 1, 0, 0)
    image[0, :, 1] = (0, 0, 1, 0)
    image[0, :, 2] = (0, 0, 0, 1)
    (picture,) = map_pictures(build_layer(Experiment(features=(own([[[1e-30, -1e-30, 1e6]]]),)), image))
    assert picture.levels.tolist() == [[0, 1, -1, LEVELS]]


def test_each_map_has_a_scale_of_its_own():
    experiment = Experiment(features=(own([[[1.0]]]), own([[[-1000.0]]])))
    first, second = map_pictures(build_layer(experiment, noise(6, 6)))
    assert second.limit == 1000 * first.limit
    assert first.levels.max() == LEVELS
    assert second.levels.min() == -LEVELS


@pytest.mark.parametrize(
    ("rows", "cols", "shape"),
    [
        pytest.param(1024, 3, (1024, 3), id="1024 rows are all shown"),
        pytest.param(1025, 3, (1024, 3), id="one row too many"),
        pytest.param(1500, 700, (1024, 478), id="tall"),
        pytest.param(40, 2100, (20, 1024), id="wide"),
        pytest.param(1, 3000, (1, 1024), id="one row"),
    ],
)
def test_a_map_of_more_than_1024_cells_a_side_is_sampled_evenly(rows, cols, shape):
    case = Case(Experiment(features=(own([[[1.0, -1.0, 0.5]]]),)), noise(rows, cols))
    (picture,) = map_pictures(build_layer(case.experiment, case.image))
    assert picture.levels.shape == shape
    longer = max(rows, cols, 1024)
    at_rows, at_cols = (np.arange(count) * longer // 1024 for count in shape)
    assert_levels(picture.levels, case.expected[at_rows[:, np.newaxis], at_cols, 0], picture.limit)


@pytest.mark.parametrize(
    ("rows", "cols", "features", "shape"),
    [
        pytest.param(362, 362, 16, (362, 362), id="sixteen of 362 a side are all shown"),
        pytest.param(363, 363, 16, (362, 362), id="sixteen of 363 are not"),
        pytest.param(900, 1000, 2, (900, 1000), id="two of less than a million"),
        pytest.param(2160, 3840, 1, (576, 1024), id="one of a photo as large as a large screen"),
        pytest.param(540, 960, 4, (540, 960), id="four"),
        pytest.param(540, 960, 5, (486, 863), id="five"),
        pytest.param(1, 1024, 16, (1, 1024), id="sixteen lines"),
    ],
)
def test_all_maps_together_have_a_bounded_number_of_cells(rows, cols, features, shape):
    experiment = Experiment(features=(own([[[1.0]]]),) * features)
    layer = build_layer(experiment, noise(rows, cols)[:, :, :1])
    pictures = map_pictures(layer)
    assert [picture.levels.shape for picture in pictures] == [shape] * features
    assert sum(picture.levels.size for picture in pictures) <= 2**21
    longer, side = max(rows, cols), max(shape)
    at_rows, at_cols = (np.arange(count) * longer // side for count in shape)
    values = layer.pixels[at_rows[:, np.newaxis], at_cols, 0]
    assert_levels(pictures[-1].levels, values.astype(np.float32), 255)


@examples(100)
@given(st.integers(1, 60), st.integers(1, 60), st.integers(1, 4), st.integers(200, 4000))
def test_the_bound_is_kept_at_any_size_and_what_fits_is_not_sampled(rows, cols, features, most):
    layer = build_layer(Experiment(features=(own([[[1.0]]]),) * features), noise(rows, cols))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(ui.layer, "MOST_CELLS", most)
        pictures = map_pictures(layer)
    assert sum(picture.levels.size for picture in pictures) <= most
    if features * rows * cols <= most:
        assert pictures[0].levels.shape == (rows, cols)
    else:
        assert max(pictures[0].levels.shape) < max(rows, cols)


@pytest.mark.parametrize("cell", [(0, 0), (1, 1), (777, 1), (1498, 5), (1499, 6)])
def test_the_range_of_a_sampled_map_is_that_of_all_its_cells(cell):
    image = np.full((1500, 7, 3), 100, dtype=np.uint8)
    image[cell] = 255
    bright = own([[[1.0, 0.0, 0.0]]])
    dark = own([[[-1.0, 0.0, 0.0]]])
    first, second = map_pictures(build_layer(Experiment(features=(bright, dark)), image))
    assert (first.low, first.high, first.limit) == (100, 255, 255)
    assert (second.low, second.high, second.limit) == (-255, -100, 255)


@pytest.mark.parametrize(
    ("most_values", "groups"),
    [
        pytest.param(1, [1, 1, 1, 1, 1], id="less than one map"),
        pytest.param(10 * 11, [1, 1, 1, 1, 1], id="one map"),
        pytest.param(10 * 11 * 2 + 5, [2, 2, 1], id="two maps and a bit"),
        pytest.param(10 * 11 * 4, [4, 1], id="four maps"),
        pytest.param(10 * 11 * 5, [5], id="all maps"),
    ],
)
def test_maps_made_a_few_at_a_time_are_the_same_maps(monkeypatch, most_values, groups):
    # Kernels and biases of whole numbers: every sum is exact, in whatever company it is made.
    keys = ("sobel_x", "laplacian", "emboss", "sharpen", "prewitt_y")
    features = tuple(Feature(key, bias=float(i)) for i, key in enumerate(keys))
    experiment = Experiment(features=features, spec=ConvSpec.of(padding=((1, 1), (0, 1)), boundary="reflect"))
    layer = build_layer(experiment, noise(10, 12))
    assert layer.plan.output_shape == (10, 11, 5)
    whole = map_pictures(layer)
    banks = []

    def counted(image, bank, *args, **kwargs):
        banks.append(len(bank))
        return conv2d(image, bank, *args, **kwargs)

    monkeypatch.setattr(ui.layer, "conv2d", counted)
    monkeypatch.setattr(ui.layer, "_MOST_VALUES", most_values)
    grouped = map_pictures(layer)
    assert banks == groups
    assert [(one.low, one.high) for one in grouped] == [(one.low, one.high) for one in whole]
    np.testing.assert_array_equal([one.levels for one in grouped], [one.levels for one in whole])


def test_what_a_picture_of_8_bits_would_destroy_is_counted():
    image = np.array([[[0] * 3, [100] * 3, [255] * 3, [40] * 3]], dtype=np.uint8)
    weights = own([[[-1.0, 0.0, 0.0]]]), own([[[1.0, 1.0, 0.0]]]), own([[[1.0, 0.0, 0.0]]])
    pictures = map_pictures(build_layer(Experiment(features=weights), image))
    assert [(picture.below, picture.above) for picture in pictures] == [(0.75, 0.0), (0.0, 0.25), (0.0, 0.0)]


def test_of_pixel_values_from_0_to_1_all_above_1_is_destroyed():
    image = np.array([[[0] * 3, [100] * 3, [255] * 3, [255] * 3]], dtype=np.uint8)
    weights = own([[[1.0, 0.0, 0.0]]]), own([[[1.0, 0.1, 0.0]]]), own([[[0.0, 0.0, -9.0]]])
    pictures = map_pictures(build_layer(Experiment(features=weights, unit=True), image))
    assert [(picture.below, picture.above) for picture in pictures] == [(0, 0), (0, 0.5), (0.75, 0)]


# --- where the maps are strongest and weakest ----------------------------------------------------------------


def windows_overlap(one, other, layer):
    """Tell whether any pixel's place lies between the outer taps of both windows, by listing the places."""
    spans = []
    for row, col, _ in (one, other):
        places = [
            {stride * at + offset for offset in range(dilation * (taps - 1) + 1)}
            for at, stride, dilation, taps in zip(
                (row, col), layer.plan.spec.stride, layer.plan.spec.dilation, layer.bank.shape[1:3], strict=True
            )
        ]
        spans.append(places)
    return all(first & second for first, second in zip(*spans, strict=True))


def greedy(values, layer):
    """Take one cell after the other from a sorted list, unless its window overlaps one that was taken."""
    cells = [(row, col, float(values[row, col])) for row, col in np.ndindex(*values.shape)]
    taken = []
    for cell in sorted(cells, key=lambda cell: -cell[2]):  # stable: row-major order among equals
        if len(taken) < 4 and not any(windows_overlap(cell, other, layer) for other in taken):
            taken.append(cell)
    return taken


@examples(150)
@given(cases())
def test_the_strongest_and_the_weakest_cells_are_the_greedy_ones(case):
    layer = build_layer(case.experiment, case.image)
    for k, picture in enumerate(map_pictures(layer)):
        values = case.expected[:, :, k]
        assert list(picture.strongest) == greedy(values, layer)
        weakest = [(row, col, -value) for row, col, value in greedy(-values, layer)]
        assert list(picture.weakest) == weakest
        assert picture.strongest[0].value == values.max()
        assert picture.weakest[0].value == values.min()
        for some, sign in ((picture.strongest, -1), (picture.weakest, 1)):
            assert [one.value for one in some] == [values[one.row, one.col] for one in some]
            assert sorted(some, key=lambda one: sign * one.value) == list(some)
            assert not any(windows_overlap(a, b, layer) for i, a in enumerate(some) for b in some[:i])


def test_a_large_map_shows_its_four_brightest_spots():
    image = np.zeros((2160, 400, 3), dtype=np.uint8)
    spots = [(5, 3), (2100, 390), (700, 200), (1500, 90)]
    for brightness, spot in zip((255, 250, 240, 230), spots, strict=True):
        image[spot] = brightness
        image[spot[0] + 1, spot[1]] = brightness - 1
    experiment = Experiment(features=(Feature("identity"),), spec=ConvSpec.of(padding="same"))
    (picture,) = map_pictures(build_layer(experiment, image))
    assert [(one.row, one.col) for one in picture.strongest] == spots


def test_a_flat_map_has_extremes_that_lie_apart():
    (picture,) = map_pictures(build_layer(Experiment(), np.zeros((8, 8, 3), dtype=np.uint8)))
    corners = [(0, 0, 0), (0, 3, 0), (3, 0, 0), (3, 3, 0)]
    assert list(picture.strongest) == list(picture.weakest) == corners


def test_a_map_too_small_for_two_windows_has_one_extreme():
    (picture,) = map_pictures(build_layer(Experiment(), noise(4, 4)))
    assert len(picture.strongest) == len(picture.weakest) == 1
