"""What is compared side by side: each preset differs in one thing, and an address brings own columns back."""

import re
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as some

from conv_engine import BOUNDARIES, ConvSpec, plan2d
from ui.comparisons import (
    OWN_CHOICE,
    OWN_START,
    PARTS,
    PRESETS,
    START,
    Setting,
    changed,
    held_sentence,
    preset,
    read_setting,
    titles,
    write_setting,
)
from ui.experiment import Experiment, Feature, Place
from ui.images import load_sample, prepare
from ui.layer import build_layer, some_maps

pairs = some.tuples(some.integers(1, 16), some.integers(1, 16))
pads = some.tuples(some.integers(0, 64), some.integers(0, 64))
settings = some.builds(
    Setting,
    some.builds(
        ConvSpec,
        stride=pairs,
        padding=some.sampled_from(["valid", "same", "full"]) | some.tuples(pads, pads),
        dilation=pairs,
        boundary=some.sampled_from(BOUNDARIES),
    ),
    some.booleans(),
)
READY_MADE = [name for name in PRESETS if name != OWN_CHOICE]


def parts_of(setting):
    spec = setting.spec
    return {
        "padding": spec.padding,
        "stride": spec.stride,
        "dilation": spec.dilation,
        "boundary": spec.boundary,
        "flip": setting.flip,
    }


def differing(compared):
    parts = [parts_of(setting) for setting in compared]
    return {name for name in parts[0] if any(other[name] != parts[0][name] for other in parts)}


@pytest.mark.parametrize("name", READY_MADE)
@given(base=settings)
def test_a_preset_compares_one_thing_and_keeps_the_rest_of_the_experiment(name, base):
    compared, note = preset(name, base)
    assert 2 <= len(compared) <= 3
    assert differing(compared) == {name}
    for setting in compared:
        changed_parts = {part for part, value in parts_of(base).items() if parts_of(setting)[part] != value}
        assert changed_parts <= {name} | ({"padding"} if note else set())
        if note:
            assert setting.spec.padding == "same"
            assert "“same”" in note


def test_the_presets_are_what_their_buttons_say():
    base = Setting(ConvSpec())
    values = {name: [parts_of(setting)[name] for setting in preset(name, base).settings] for name in READY_MADE}
    assert values == {
        "padding": ["valid", "same", "full"],
        "stride": [(1, 1), (2, 2), (3, 3)],
        "flip": [False, True],
        "dilation": [(1, 1), (2, 2)],
        "boundary": ["zeros", "reflect"],
    }
    assert preset("nonsense", base) == preset(START, base)


@given(base=settings, rows=some.integers(1, 40), cols=some.integers(1, 40))
def test_maps_of_two_dilations_can_always_be_subtracted(base, rows, cols):
    sizes = {
        plan2d(
            (rows, cols, 1), (1, 3, 3, 1), stride=s.spec.stride, padding=s.spec.padding, dilation=s.spec.dilation
        ).output_shape
        for s in preset("dilation", base).settings
    }
    assert len(sizes) == 1


def test_two_boundaries_can_always_be_told_apart():
    picture = prepare(load_sample("face"), 16, False).pixels
    for padding in ("valid", ((0, 0), (0, 0)), "same", "full", ((1, 0), (0, 0))):
        base = Setting(ConvSpec(padding=padding))
        one, other = (
            some_maps(build_layer(setting.applied(Experiment(features=(Feature("box"),))), picture), slice(1))
            for setting in preset("boundary", base).settings
        )
        assert one.shape == other.shape
        assert np.any(one != other)


@given(compared=some.lists(settings, min_size=2, max_size=3))
def test_titles_name_what_differs_and_nothing_else_and_no_two_are_the_same(compared):
    named = titles(compared)
    assert len(set(named)) == len(named) == len(compared)
    names = {"padding": "padding ", "stride": "stride ", "dilation": "dilation ", "boundary": "boundary "}
    for title in named:
        for part, word in names.items():
            assert (word in title) == (part in differing(compared))
        assert ("flipped" in title) == ("flip" in differing(compared))
    held = held_sentence(compared)
    for part, word in names.items():
        assert (word in held) == (part not in differing(compared))


def test_titles_have_letters_where_settings_are_alike_or_somebody_set_them():
    one, other = Setting(ConvSpec()), Setting(ConvSpec(stride=(2, 1)))
    assert titles([one, other]) == ("stride 1", "stride 2 × 1")
    assert titles([one, one]) == ("A: as the others", "B: as the others")
    assert titles([one, one, other]) == ("A: stride 1", "B: stride 1", "C: stride 2 × 1")
    assert titles([one, other], lettered=True) == ("A: stride 1", "B: stride 2 × 1")
    lopsided = Setting(ConvSpec(padding=((1, 2), (0, 3))))
    assert titles([lopsided, Setting(ConvSpec(padding=((2, 2), (2, 2))))]) == (
        "padding 1, 2, 0, 3 (top, bottom, left, right)",
        "padding 2",
    )


@given(setting=settings)
def test_a_setting_comes_back_from_an_address_and_needs_no_escape_there(setting):
    text = write_setting(setting)
    assert re.fullmatch(r"[A-Za-z0-9\-._~]+", text)
    assert len(text) < 200
    assert read_setting(text) == (setting, ())


@given(
    text=some.text(max_size=80)
    | some.lists(some.sampled_from([*PARTS, ".", "~", "2x2", "9", "at", "k"])).map("".join)
)
def test_an_address_may_hold_anything(text):
    setting, _ = read_setting(text)
    assert read_setting(write_setting(setting)) == (setting, ())


def test_an_address_sets_nothing_but_the_setting():
    setting, problems = read_setting("s.2x2~img.cat~k.box~at.1.1.0~v.7~flip.1")
    assert (setting, problems) == (Setting(ConvSpec(stride=(2, 2)), True), ())
    setting, problems = read_setting("s.0x1~p.same")
    assert setting == Setting(ConvSpec(padding="same"))
    assert len(problems) == 1


@given(setting=settings, other=settings)
def test_a_part_is_exchanged_and_the_others_stay(setting, other):
    for name, text in other.applied(Experiment()).to_query().items():
        if name not in PARTS:
            continue
        after, _ = read_setting(changed(write_setting(setting), **{name: text}))
        part = {"s": "stride", "p": "padding", "d": "dilation", "edge": "boundary", "flip": "flip"}[name]
        assert parts_of(after) == parts_of(setting) | {part: parts_of(other)[part]}


def test_ones_own_columns_begin_with_three_that_differ():
    read = [read_setting(text) for text in OWN_START]
    assert all(problems == () for _, problems in read)
    assert len({setting for setting, _ in read}) == 3


def test_a_setting_changes_the_spec_of_an_experiment_and_nothing_else():
    base = Experiment(
        picture="cat", size=16, features=(Feature("box"),), grey=True, unit=True, place=Place(1, 2, 0)
    )
    setting = Setting(ConvSpec(stride=(3, 1), padding="full"), flip=True)
    assert setting.applied(base) == replace(base, spec=setting.spec, flip=True)
    assert Setting.of(setting.applied(base)) == setting
