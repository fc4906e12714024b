"""Signals to pick, to draw and to write into an address; and what two of them make."""

import json
import math
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from conv_engine import conv1d
from ui.signal_presets import (
    DRAWN,
    EXAMPLES,
    LARGEST_SAMPLE,
    MOST_SAMPLES,
    SIGNALS,
    STEPS,
    Settings,
    Signal,
    read_signal,
    result_of,
    write_signal,
)
from ui.signal_words import about_signals, to_notice, told
from ui.signals import read_report

NUMBERS = Path(__file__).resolve().parents[2] / "assets" / "signals" / "test" / "numpy_numbers.json"

samples = st.lists(st.floats(-LARGEST_SAMPLE, LARGEST_SAMPLE), min_size=1, max_size=MOST_SAMPLES).map(tuple)
signals = st.builds(Signal, st.integers(-100, 100), samples)


# What there is to pick


@pytest.mark.parametrize("name", SIGNALS)
@pytest.mark.parametrize("step", [None, *STEPS])
def test_every_signal_fits_the_component_and_the_address(name: str, step: float | None) -> None:
    signal = SIGNALS[name].sampled(step)
    assert 1 <= len(signal.samples) <= MOST_SAMPLES
    assert all(math.isfinite(sample) and abs(sample) <= LARGEST_SAMPLE for sample in signal.samples)
    assert read_signal(write_signal(signal)) is not None
    assert any(signal.samples)


@pytest.mark.parametrize("step", STEPS)
@pytest.mark.parametrize(
    ("name", "area"), [("box", 2), ("ramp", 1), ("dice", 1), ("average", 1), ("echo", 1.75), ("spikes", 3)]
)
def test_an_area_does_not_depend_on_the_step(name: str, area: float, step: float) -> None:
    assert sum(SIGNALS[name].sampled(step).samples) * step == pytest.approx(area, rel=1e-12)


def test_dice_and_the_moving_average_are_in_all_1() -> None:
    for name in ("dice", "average"):
        assert sum(SIGNALS[name].discrete.samples) == pytest.approx(1, rel=1e-12)


def test_the_examples_are_of_signals_that_there_are() -> None:
    for example in EXAMPLES.values():
        assert {example.first, example.second} <= set(SIGNALS)


# What two of them make


def test_two_dice_show_each_total_as_often_as_counting_says() -> None:
    die = SIGNALS["dice"].discrete
    places, values = result_of(die, die, "full", True)
    for total, chance in zip(places, values, strict=True):
        ways = sum(1 for one in range(1, 7) for other in range(1, 7) if one + other == total)
        assert chance == pytest.approx(ways / 36, rel=1e-12)
    assert (places.start, places.stop) == (2, 13)


@given(signals, signals, st.sampled_from(["full", "same", "valid"]), st.booleans())
def test_a_value_stands_at_the_place_that_the_sum_says(first: Signal, second: Signal, mode: str, flip: bool):
    places, values = result_of(first, second, mode, flip)
    assert len(places) == len(values)
    for n, value in list(zip(places, values, strict=True))[:3]:
        terms = [
            sample * second.samples[at]
            for k, sample in enumerate(first.samples, start=first.start)
            if 0 <= (at := ((n - k) if flip else (k - n)) - second.start) < len(second.samples)
        ]
        assert value == pytest.approx(math.fsum(terms), abs=1e-9 * (1 + sum(map(abs, terms))))


def test_two_boxes_of_2_make_a_triangle_of_height_2_and_length_4_whatever_the_step() -> None:
    for step in STEPS:
        box = SIGNALS["box"].sampled(step)
        places, values = result_of(box, box, "full", True, step)
        times = (np.array(places) + 1) * step
        np.testing.assert_allclose(values, 2 - np.abs(times - 2), atol=1e-12)


def test_the_component_is_held_to_the_numbers_of_the_engine() -> None:
    cases = json.loads(NUMBERS.read_text(encoding="utf-8"))
    assert {(case["mode"], case["flip"]) for case in cases} == {
        (mode, flip) for mode in ("full", "same", "valid") for flip in (True, False)
    }
    for case in cases:
        first, second = (Signal(case[name]["start"], tuple(case[name]["samples"])) for name in "fg")
        places, values = result_of(first, second, case["mode"], case["flip"], case["step"])
        assert places.start == case["first"]
        np.testing.assert_allclose(values, case["values"], atol=1e-12)
        engine = conv1d(first.samples, second.samples, mode=case["mode"], flip=case["flip"])
        np.testing.assert_allclose(engine * (case["step"] or 1), case["values"], atol=1e-12)


# The address


@given(signals)
def test_a_signal_comes_back_from_the_address_to_five_digits(signal: Signal) -> None:
    text = write_signal(signal)
    assert len(text) <= 600
    back = read_signal(text)
    assert back is not None
    assert back.start == signal.start
    np.testing.assert_allclose(back.samples, signal.samples, rtol=1e-4, atol=1e-5)
    assert read_signal(write_signal(back)) == back


@pytest.mark.parametrize(
    "text",
    [
        *("", "box", "0~", "~1", "0~1__2", "0~1_", "0~nan", "0~inf", "0~1001", "999~1", "0~1,5", "0~1_2 "),
        *("0~1e9", "0~１", "0~1\n", "0~" + "1_" * 64 + "1", "0~" + "9" * 700, "0~0x1", "--1~1", "0.5~1"),
    ],
)
def test_an_address_that_is_no_signal_is_left_alone(text: str) -> None:
    assert read_signal(text) is None


@given(st.text(max_size=40))
def test_no_address_breaks_the_page(text: str) -> None:
    signal = read_signal(text)
    assert signal is None or isinstance(signal, Signal)


# What the component reports


def test_a_report_is_taken() -> None:
    report = read_report({"place": 4, "number": 2, "drawn": {"f": {"start": -1, "samples": [0, 2.5]}}})
    assert report == (4, {"f": Signal(-1, (0.0, 2.5))})
    assert read_report({"place": -3, "drawn": {}}) == (-3, {})


@pytest.mark.parametrize(
    "report",
    [
        *(None, [], {}, {"place": 1}, {"place": "1", "drawn": {}}, {"place": True, "drawn": {}}),
        *({"place": 1, "drawn": []}, {"place": 10**9, "drawn": {}}, {"place": 1, "drawn": {"h": {}}}),
        *(
            {"place": 1, "drawn": {"f": signal}}
            for signal in (
                *(None, {}, {"start": 0, "samples": []}, {"start": 0, "samples": [math.nan]}),
                *({"start": 0, "samples": [True]}, {"start": 0, "samples": ["1"]}, {"start": 0.5, "samples": [1]}),
                *({"start": 0, "samples": [1001]}, {"start": 10**6, "samples": [1]}, {"start": 0, "samples": "1"}),
                {"start": 0, "samples": [0] * (MOST_SAMPLES + 1)},
            )
        ),
    ],
)
def test_a_report_of_something_else_is_passed_over(report: object) -> None:
    assert read_report(report) is None


# What is said of them


def words(first: str, second: str, **changes: object) -> str:
    signals = SIGNALS[first].discrete, SIGNALS[second].discrete
    settings = Settings(*signals, (first, second), "full", True, None, 0)._replace(**changes)
    return " ".join(about_signals(settings) + to_notice(settings))


def test_the_chance_of_seven_is_said_as_a_fraction() -> None:
    assert "P(7) = 1/6" in words("dice", "dice")
    assert "6 pairs of 36" in words("dice", "dice")


def test_the_sums_multiply() -> None:
    assert "4 · 10 = 40" in words("box", "ramp")
    assert "1 · 1 = 1" in words("dice", "dice")


def test_it_is_said_whether_flipping_matters() -> None:
    assert "g is its own mirror image" in words("box", "bump")
    assert "g is not its own mirror image" in words("box", "ramp")
    assert "change by up to" in words("box", "ramp")


def test_what_spikes_copy_comes_out_backwards_without_the_flip() -> None:
    assert "backwards" not in words("spikes", "ramp").replace("runs backwards", "")
    assert "it comes out backwards" in words("spikes", "ramp", flip=False)
    assert "it comes out backwards" not in words("spikes", "bump", flip=False)


def test_the_sizes_are_those_of_the_modes() -> None:
    assert "16 + 3 − 1 = 18" in words("noisy", "average")
    assert "16 of 18" in words("noisy", "average", mode="same")
    assert "16 − 3 + 1 = 14" in words("noisy", "average", mode="valid")


def test_a_signal_drawn_by_hand_has_words_too() -> None:
    assert "You drew here" in words("box", "ramp", names=(DRAWN, "ramp"))


@given(st.fractions(-50, 50, max_denominator=300))
def test_a_fraction_is_told_as_it_is(fraction: Fraction) -> None:
    text = told(float(fraction))
    if not text.startswith("≈"):
        assert Fraction(text.replace("−", "-")) == fraction
    if fraction:
        assert text != "0"
