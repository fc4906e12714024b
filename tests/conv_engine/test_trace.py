import ast
from itertools import product
from pathlib import Path

import numpy as np
import pytest
from engine_cases import examples, layers
from hypothesis import given

import conv_engine
from conv_engine import LIBRARY, conv2d, plan2d, stack, trace2d


def traces(layer):
    """Yield every cell of the layer with its trace."""
    plan = plan2d(layer.image.shape, layer.bank.shape, **layer.geometry)
    for row, col, feature in product(*map(range, plan.output_shape)):
        yield (
            (row, col, feature),
            trace2d(layer.image, layer.bank, layer.bias, plan, row=row, col=col, feature=feature, flip=layer.flip),
        )


@examples(150)
@given(layers(largest=5, whole_numbers=True))
def test_value_is_exactly_the_cell_of_conv2d_for_whole_numbers(layer):
    maps = conv2d(layer.image, layer.bank, layer.bias, **layer.options)
    for cell, trace in traces(layer):
        assert type(trace.value) is float
        assert trace.value == maps[cell], cell


@examples(200)
@given(layers(largest=5))
def test_value_is_the_cell_of_conv2d_to_one_float32_step(layer):
    maps = conv2d(layer.image, layer.bank, layer.bias, method="direct", **layer.options)
    for cell, trace in traces(layer):
        # Where large products cancel, the order of summing in double precision shows too.
        order = 1e-14 * np.abs(trace.products).sum()
        assert abs(trace.value - float(maps[cell])) <= float(np.spacing(np.abs(maps[cell]))) + order, cell


@examples(150)
@given(layers(largest=4))
def test_the_sum_redone_by_hand_gives_the_value_to_the_last_bit(layer):
    for _, trace in traces(layer):
        total = 0.0
        for channel in range(trace.products.shape[2]):
            subtotal = 0.0
            for tap_row, tap_col in product(*map(range, trace.products.shape[:2])):
                product_here = float(trace.patch[tap_row, tap_col, channel]) * float(
                    trace.weights[tap_row, tap_col, channel]
                )
                assert product_here == trace.products[tap_row, tap_col, channel]
                subtotal += product_here
            assert subtotal == trace.channel_sums[channel]
            total += subtotal
        assert float(np.float32(total + trace.bias)) == trace.value


@examples(150)
@given(layers(largest=5))
def test_patch_and_weights_are_those_of_the_group_as_they_are_applied(layer):
    groups, per_group = layer.geometry["groups"], layer.bank.shape[3]
    for (_, _, feature), trace in traces(layer):
        group = feature // (layer.bank.shape[0] // groups)
        assert trace.channels == range(group * per_group, (group + 1) * per_group)
        assert trace.patch.dtype == trace.weights.dtype == trace.products.dtype == np.float64
        assert trace.patch.shape == trace.weights.shape == trace.products.shape == layer.bank.shape[1:]
        assert trace.channel_sums.shape == (per_group,)
        kernel = layer.bank[feature]
        np.testing.assert_array_equal(trace.weights, kernel[::-1, ::-1] if layer.flip else kernel)
        for tap_row, source_row in enumerate(trace.window.row_sources):
            for tap_col, source_col in enumerate(trace.window.col_sources):
                pixel = (
                    np.zeros(per_group)
                    if source_row is None or source_col is None
                    else layer.image[source_row, source_col, trace.channels.start : trace.channels.stop]
                )
                np.testing.assert_array_equal(trace.patch[tap_row, tap_col], pixel)


def test_a_sum_of_nothing_but_minus_zero_is_a_plain_zero():
    image, bank = np.zeros((3, 3, 1)), stack([LIBRARY["outline"]], 1)
    trace = trace2d(image, -abs(bank), None, plan2d(image.shape, bank.shape), row=0, col=0, feature=0)
    assert trace.channel_sums.dtype == np.float64
    assert trace.channel_sums.shape == (1,)
    assert not np.signbit(trace.channel_sums).any()
    assert not np.signbit(trace.value)


def test_a_trace_is_a_copy_that_leaves_the_inputs_alone():
    image, bank = np.ones((3, 3, 1)), np.ones((1, 2, 2, 1))
    trace = trace2d(image, bank, [0.0], plan2d(image.shape, bank.shape), row=0, col=0, feature=0)
    trace.patch[:] = 7
    trace.weights[:] = 7
    assert image.max() == bank.max() == 1


@pytest.mark.parametrize(
    ("module", "strangers"),
    [
        ("trace", {"conv", "naive", "patches"}),
        ("conv", {"trace"}),
        ("naive", {"trace", "patches"}),
        ("patches", {"trace", "naive"}),
    ],
)
def test_the_algorithms_and_the_trace_do_not_know_each_other(module, strangers):
    source = Path(conv_engine.__file__).with_name(f"{module}.py").read_text(encoding="utf-8")
    imported = {
        node.module.rpartition(".")[2]
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.ImportFrom) and node.module
    }
    assert imported
    assert not imported & strangers
