"""The fifteen figures of the paper: their sizes, as experiments, and as drawings."""

import base64
import re
import runpy
from collections import Counter
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest

from conv_engine import ConvError, conv2d
from conv_engine.transpose import conv_transpose2d
from ui.classic_cases import (
    CASES,
    case_html,
    case_icon,
    case_letters,
    case_picture,
    case_step,
    case_svg,
    case_weights,
    case_words,
)
from ui.experiment import Experiment
from ui.layer import build_layer, map_pictures
from ui.svg import NARROW

SVG = "{http://www.w3.org/2000/svg}"
LEAST = {False: 640, True: 300}

# The paper's table is there for the engine's tests, and is not the one that is tested here.
dumoulin = runpy.run_path(str(Path(__file__).parents[1] / "conv_engine" / "dumoulin.py"))
PAPER = {one.name: (one.i, one.k, one.s, one.p, one.d, 0, one.o) for one in dumoulin["CASES"]}
PAPER |= {one.name: (one.i_, one.k, one.s, one.p, 1, one.a, one.o_) for one in dumoulin["TRANSPOSED_CASES"]}
# The equivalent convolution of each transposed figure: the stretched input, p', and the zeros added at the end.
EQUIVALENT = {one.name: (one.stretched, one.p_, one.a) for one in dumoulin["TRANSPOSED_CASES"]}
TRANSPOSED = [key for key, case in CASES.items() if case.transposed]

each_case = pytest.mark.parametrize("case", CASES.values(), ids=CASES)
transposed_cases = pytest.mark.parametrize("key", TRANSPOSED)


def drawn(case, step, narrow=False, dark=False):
    return ElementTree.fromstring(case_svg(case, step, dark, narrow=narrow))


def boxes(root, kind):
    return [rect for rect in root.findall(f"{SVG}rect") if rect.get("class") == kind]


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


@each_case
def test_the_window_goes_over_every_output_cell_in_order(case):
    steps = [case_step(case, step) for step in range(case.steps)]
    assert [(at.row, at.col) for at in steps] == [(r, c) for r in range(case.output) for c in range(case.output)]
    stride = 1 if case.transposed else case.s
    first = -case.drawn_axis.before
    for at in steps:
        assert at.rows == tuple(first + at.row * stride + tap * case.d for tap in range(case.k))
        assert at.cols == tuple(first + at.col * stride + tap * case.d for tap in range(case.k))


@pytest.mark.parametrize("narrow", [False, True])
@each_case
def test_the_figure_has_every_cell_inside_of_the_drawing(case, narrow):
    for step in (0, case.steps // 2, case.steps - 1):
        root = drawn(case, step, narrow)
        axis = case.drawn_axis
        stretched = case.i + (case.i - 1) * (case.s - 1) if case.transposed else case.i
        assert len(boxes(root, "pixel")) == case.i**2
        assert len(boxes(root, "zero")) == stretched**2 - case.i**2
        assert len(boxes(root, "padding")) == (stretched + axis.before + axis.after) ** 2 - stretched**2
        assert len(boxes(root, "tap")) == case.k**2
        assert (len(boxes(root, "made")), len(boxes(root, "open"))) == (step + 1, case.steps - step - 1)
        (window,) = boxes(root, "window")
        (current,) = boxes(root, "current")
        span = case.d * (case.k - 1) + 1
        assert float(window.get("width")) == pytest.approx(span * float(current.get("width")), abs=0.02)
        _, _, width, height = map(float, root.get("viewBox").split())
        for rect in root.findall(f"{SVG}rect"):
            x, y, across, down = (float(rect.get(key)) for key in ("x", "y", "width", "height"))
            assert 0 <= x <= x + across <= width
            assert 0 <= y <= y + down <= height
        for text in root.iter(f"{SVG}text"):
            size = float(text.get("font-size"))
            assert size * LEAST[narrow] / width >= 14
            half, middle = 0.3 * size * len(text.text), float(text.get("x"))
            assert 0 <= middle - half <= middle + half <= width


@each_case
def test_each_tap_lies_on_a_cell_of_the_input(case):
    for step in (0, case.steps - 1):
        root = drawn(case, step)
        cells = {(c.get("x"), c.get("y")) for kind in ("pixel", "zero", "padding") for c in boxes(root, kind)}
        assert {(tap.get("x"), tap.get("y")) for tap in boxes(root, "tap")} <= cells


def test_what_is_never_read_is_crossed_out():
    # The last row and column of the 8 × 8 places: 15 crosses of two lines; two lead from the window to its cell.
    assert len(drawn(CASES["padding-strides-odd"], 0).findall(f"{SVG}line")) == 2 * 15 + 2
    for key, case in CASES.items():
        if key != "padding-strides-odd":
            assert len(drawn(case, 0).findall(f"{SVG}line")) == 2


@each_case
def test_the_words_count_the_taps_on_cells(case):
    picture = np.ones((case.i, case.i, 1))
    ones = np.ones((1, case.k, case.k, 1))
    if case.transposed:
        counted = conv_transpose2d(picture, ones, stride=case.s, padding=case.p, output_padding=case.a)
    else:
        counted = conv2d(picture, ones, stride=case.s, padding=case.p, dilation=case.d)
    for step, expected in enumerate(counted.ravel()):
        words = case_words(case, step)
        assert f"; {expected:g} of the {case.k**2} taps lie on input cells" in words
        assert words.startswith(f"{case.title}. {case.sentence} The input is {case.i} × {case.i}")


@pytest.mark.parametrize("dark", [False, True])
def test_html_holds_both_drawings_with_their_words(dark):
    case = CASES["padding-strides-odd-transposed"]
    html = case_html(case, 7, dark)
    sources = re.findall(r'src="data:image/svg\+xml;base64,([^"]*)"', html)
    drawings = [base64.b64decode(source).decode() for source in sources]
    assert drawings == [case_svg(case, 7, dark, narrow=narrow) for narrow in (False, True)]
    assert re.findall(r'alt="([^"]*)"', html) == [case_words(case, 7)] * 2
    assert f'viewBox="0 0 {NARROW:g} ' in drawings[1]


@pytest.mark.parametrize("step", [-1, 4, "0"])
def test_a_step_that_is_not_there_is_refused(step):
    with pytest.raises(ConvError, match="step must be an integer"):
        case_html(CASES["no-padding"], step, False)


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
