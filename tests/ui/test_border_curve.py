"""The map at its border, ring by ring, against whole maps; and what is said of corner, edge and centre."""

import re
from dataclasses import replace
from xml.etree import ElementTree

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from conv_engine import ConvError, conv2d, plan2d
from conv_engine.coverage import real_pixels, uses
from conv_engine.spec import ConvSpec
from ui.border_curve import BorderCurve, border_curve, curve_html, curve_svg
from ui.coverage_pictures import coverage_words
from ui.experiment import OWN, Experiment, Feature
from ui.layer import build_layer

SVG = "{http://www.w3.org/2000/svg}"


# Turned over it is another one, and not its negative.
UNEVEN = (((3.0,), (1.0,), (-2.0,)), ((5.0,), (0.0,), (1.0,)))


def a_layer(shape, kernel="sobel_x", unit=False, bias=0.0, **spec):
    weights = UNEVEN if kernel == OWN else None
    experiment = Experiment(features=(Feature(kernel, weights, bias),), spec=ConvSpec.of(**spec), unit=unit)
    return build_layer(experiment, np.random.default_rng(2).integers(0, 256, shape, dtype=np.uint8))


def ring_by_ring(layer, boundary, rings):
    """Make the whole map, and average each ring by looking at every cell."""
    spec = layer.plan.spec
    options = {"stride": spec.stride, "padding": spec.padding, "dilation": spec.dilation, "flip": layer.flip}
    values = conv2d(layer.image, layer.bank, boundary=boundary, method="naive", **options)[:, :, 0]
    rows, cols = values.shape
    found = {}
    for row in range(rows):
        for col in range(cols):
            distance = min(row, col, rows - 1 - row, cols - 1 - col)
            found.setdefault(distance, []).append(abs(float(values[row, col])))
    return [np.mean(found[ring]) for ring in range(rings)], [len(found[ring]) for ring in range(rings)]


@settings(max_examples=20)
@given(
    st.tuples(st.integers(4, 24), st.integers(4, 24), st.sampled_from([1, 3])),
    st.sampled_from(["same", "full", 1, ((0, 2), (3, 1))]),
    st.tuples(st.integers(1, 3), st.integers(1, 3)),
    st.booleans(),
    st.booleans(),
)
def test_strips_of_the_border_have_the_means_of_the_whole_map(shape, padding, stride, unit, turned):
    layer = replace(a_layer(shape, OWN, unit=unit, bias=7, padding=padding, stride=stride), flip=turned)
    curve = border_curve(layer, distances=5)
    rows, cols, _ = layer.plan.output_shape
    assert len(curve.cells) == min(5, (min(rows, cols) + 1) // 2)
    for boundary in ("zeros", "reflect"):
        means, counts = ring_by_ring(layer, boundary, len(curve.cells))
        np.testing.assert_allclose(curve.means[boundary], means, rtol=1e-5, atol=1e-5)
        assert list(curve.cells) == counts


def test_a_photo_of_24_megapixels_is_measured_at_its_border_alone():
    layer = a_layer((4000, 6000, 3), "box", padding="same")
    curve = border_curve(layer)
    assert curve.cells[0] == 2 * (4000 + 6000) - 4
    assert curve.means["zeros"][0] < curve.means["reflect"][0]


@pytest.mark.parametrize(
    ("zeros", "reflect", "end"),
    [
        (50.0, 200.0, "50 with zeros, 25\u00a0% of the 200 with mirrored pixels: the zeros weaken the border."),
        (250.0, 20.0, "250 with zeros, 12.5 times the 20 with mirrored pixels: the frame of zeros is an edge"),
        (3.0, 0.0, "3 with zeros, and of 0 with mirrored pixels: the frame of zeros is an edge"),
        (3.0, 3.0, "3 with zeros and with mirrored pixels alike."),
        (0.0, 0.0, "0 with zeros and with mirrored pixels alike."),
    ],
)  # fmt: skip
def test_the_sentence_says_which_way_it_goes(zeros, reflect, end):
    curve = BorderCurve({"zeros": (zeros,), "reflect": (reflect,)}, (1234,))
    assert curve.sentence.startswith("The 1,234 cells at the border have a mean")
    assert end in curve.sentence


@pytest.mark.parametrize("narrow", [False, True])
def test_the_curves_have_their_points_at_their_values(narrow):
    curve = BorderCurve({"zeros": (10.0, 40.0, 20.0), "reflect": (30.0, 40.0, 20.0)}, (9, 5, 1))
    root = ElementTree.fromstring(curve_svg(curve, False, narrow=narrow))
    discs = [float(one.get("cy")) for one in root.iter(f"{SVG}circle") if one.get("class") == "zeros"]
    squares = [float(one.get("y")) + 4 for one in root.iter(f"{SVG}rect") if one.get("class") == "reflect"]
    lines = sorted(float(one.get("y1")) for one in root.iter(f"{SVG}line"))
    top, _, bottom = lines
    for points, values in ((discs, (10, 40, 20)), (squares, (30, 40, 20))):
        assert [(bottom - y) / (bottom - top) * 40 for y in points] == pytest.approx(values, abs=0.1)
    labels = [one.text for one in root.iter(f"{SVG}text")]
    assert {"0", "20", "40", "zeros", "mirrored pixels", "cells from the border"} <= set(labels)


def test_a_map_of_one_cell_and_one_of_zeros_are_drawn():
    for values in ((0.0,), (5.0,)):
        curve = BorderCurve({"zeros": values, "reflect": values}, (1,))
        assert "nan" not in curve_svg(curve, True)
        assert curve_html(curve, True).count("<img") == 2


def test_what_is_not_there_is_refused():
    with pytest.raises(ConvError, match="feature must be an integer from 0 to 0, got 1"):
        border_curve(a_layer((9, 9, 1), padding="same"), feature=1)
    with pytest.raises(ConvError, match="distances must be an integer ≥ 1, got 0"):
        border_curve(a_layer((9, 9, 1), padding="same"), distances=0)


# Corner, edge and centre


@settings(max_examples=60)
@given(
    st.tuples(st.integers(7, 30), st.integers(7, 30)),
    st.tuples(st.integers(1, 4), st.integers(1, 4)),
    st.integers(1, 3),
    st.sampled_from(["valid", "same", "full", ((0, 2), (3, 1))]),
)
def test_the_numbers_in_words_are_those_of_the_counts(size, kernel, stride, padding):
    plan = plan2d((*size, 1), (1, *kernel, 1), stride=stride, padding=padding)
    row, col = (-1 if after > before else 0 for before, after in plan.pads)
    for sentence, counts in zip(coverage_words(plan), (real_pixels(plan), uses(plan)), strict=True):
        rows, cols = counts.shape
        edges = [counts[row, cols // 2], counts[rows // 2, col]]
        expected = [counts[row, col], *dict.fromkeys(edges), counts[rows // 2, cols // 2]]
        numbers = [int(number) for number in re.findall(r"\d+", sentence.split("window, ")[-1])]
        assert numbers == expected
        assert f"in the {'lower' if row else 'upper'} {'right' if col else 'left'} corner" in sentence
