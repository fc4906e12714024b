"""The fifteen figures of the paper: their sizes, as experiments, and as small pictures."""

import runpy
from collections import Counter
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest

from conv_engine import conv2d
from conv_engine.transpose import conv_transpose2d
from ui.classic_cases import (
    CASES,
    case_icon,
    case_letters,
    case_picture,
    case_weights,
)
from ui.experiment import Experiment
from ui.layer import build_layer, map_pictures

SVG = "{http://www.w3.org/2000/svg}"

# The paper's table is there for the engine's tests, and is not the one that is tested here.
dumoulin = runpy.run_path(str(Path(__file__).parents[1] / "conv_engine" / "dumoulin.py"))
PAPER = {one.name: (one.i, one.k, one.s, one.p, one.d, 0, one.o) for one in dumoulin["CASES"]}
PAPER |= {one.name: (one.i_, one.k, one.s, one.p, 1, one.a, one.o_) for one in dumoulin["TRANSPOSED_CASES"]}
# The equivalent convolution of each transposed figure: the stretched input, p', and the zeros added at the end.
EQUIVALENT = {one.name: (one.stretched, one.p_, one.a) for one in dumoulin["TRANSPOSED_CASES"]}
TRANSPOSED = [key for key, case in CASES.items() if case.transposed]

each_case = pytest.mark.parametrize("case", CASES.values(), ids=CASES)
transposed_cases = pytest.mark.parametrize("key", TRANSPOSED)


def test_the_fifteen_are_those_of_the_paper():
    assert len(CASES) == 15
    assert {c.title: (c.i, c.k, c.s, c.p, c.d, c.a, c.output) for c in CASES.values()} == PAPER
    assert {c.title for c in CASES.values() if c.transposed} == set(EQUIVALENT)


@each_case
def test_the_plan_gives_the_size_that_the_paper_says(case):
    if case.transposed:
        assert case.transpose_plan.output_shape[:2] == (case.output, case.output)
        assert case.plan.image_shape[:2] == (case.output, case.output)
    else:
        assert case.plan.output_shape[:2] == (case.output, case.output)
        with pytest.raises(ValueError, match="is not transposed"):
            _ = case.transpose_plan
    assert case.drawn_axis.out == case.output


@transposed_cases
def test_a_transposed_case_is_drawn_as_the_paper_s_equivalent_convolution(key):
    axis = CASES[key].drawn_axis
    stretched, padding, added = EQUIVALENT[CASES[key].title]
    assert (axis.size, axis.before, axis.after, axis.stride) == (stretched, padding, padding + added, 1)


@transposed_cases
def test_what_is_drawn_computes_what_the_transposed_convolution_does(key):
    case = CASES[key]
    rng = np.random.default_rng(3)
    maps, bank = rng.integers(-9, 9, (case.i, case.i, 1)), rng.integers(-9, 9, (1, case.k, case.k, 1))
    expected = conv_transpose2d(maps, bank, stride=case.s, padding=case.p, output_padding=case.a)
    axis = case.drawn_axis
    stretched = np.zeros((axis.size, axis.size, 1), dtype=int)
    stretched[:: case.s, :: case.s] = maps
    pads = ((axis.before, axis.after),) * 2
    np.testing.assert_array_equal(conv2d(stretched, bank[:, ::-1, ::-1], padding=pads), expected)


@each_case
def test_a_case_is_an_experiment_on_its_picture(case):
    experiment = replace(Experiment(), **case.experiment_parts())
    assert Experiment.from_query(experiment.to_query()).experiment == experiment
    # A transposed case leads from the maps of its convolution back to the picture.
    picture = (
        case_picture(case) if not case.transposed else np.zeros((case.output, case.output, 1), dtype=np.uint8)
    )
    layer = build_layer(experiment, picture)
    size = case.i if case.transposed else case.output
    assert layer.plan.output_shape == (size, size, 1)
    assert layer.plan.spec == case.plan.spec
    assert len(map_pictures(layer)) == 1
    assert layer.bank.sum() == pytest.approx(1)


@each_case
def test_its_picture_has_no_zero_and_neighbours_that_differ(case):
    picture = case_picture(case)
    assert picture.dtype == np.uint8
    assert picture.shape == (case.i, case.i, 1)
    assert picture.min() > 0
    signed = picture.astype(int)
    assert np.diff(signed, axis=0).all()
    assert np.diff(signed, axis=1).all()


@pytest.mark.parametrize("dark", [False, True])
@each_case
def test_the_small_picture_has_a_square_for_each_place_and_keeps_within_its_frame(case, dark):
    root = ElementTree.fromstring(case_icon(case, dark))
    width, height = (float(number) for number in root.get("viewBox").split()[2:])
    squares = [one for one in root.iter(f"{SVG}rect") if one.get("fill") != "none"]
    for one in root.iter(f"{SVG}rect"):
        x, y, w, h = (float(one.get(name)) for name in ("x", "y", "width", "height"))
        assert min(x, y, width - x - w, height - y - h) >= 0
    kinds = Counter(one.get("fill") for one in squares)
    zeros = case.drawn_axis.padded**2 - case.i**2
    assert sorted(kinds.values()) == sorted(count for count in (case.i**2, zeros, case.output**2) if count)
    assert root.find(f"{SVG}title").text == case.title


def test_letters_and_weights_are_those_of_the_case():
    assert case_letters(CASES["dilation"]) == (
        "input *i* = 7, kernel *k* = 3, stride *s* = 1, padding *p* = 0, dilation *d* = 2 → output *o* = 3"
    )
    for case in CASES.values():
        assert case_letters(case, (case.i, case.i)) == case_letters(case)
        assert case_letters(case, (9, 12)).startswith("input 9 × 12, ")
    assert case_letters(CASES["padding-strides"], (9, 12)).endswith("→ output 5 × 6")
    assert case_weights(CASES["no-padding-transposed"]) == ((1, 2, 3), (4, 5, 6), (7, 8, 9))
