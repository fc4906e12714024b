"""The honest colours: those of the stage, and neutral for zero alone."""

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays

from ui.colours import DARK, LIGHT, SIDE, css, levels, mixed, palette_for, scale_table

ROOT = Path(__file__).resolve().parents[2]
NODE = Path(sys.executable).parent / "node"


@pytest.fixture(scope="module")
def stage():
    """The palettes of assets/stage/colour.js, and its scale."""
    module = (ROOT / "assets" / "stage" / "colour.js").as_uri()
    code = f"""
    import {{ DARK, LIGHT, SIDE, levelColours }} from {json.dumps(module)};
    const of = (palette) => ({{ palette, table: levelColours(palette) }});
    console.log(JSON.stringify({{ side: SIDE, dark: of(DARK), light: of(LIGHT) }}));
    """
    command = [NODE, "--input-type=module", "-e", code]
    return json.loads(subprocess.run(command, capture_output=True, text=True, check=True).stdout)


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_every_colour_is_that_of_the_stage(stage, theme):
    table = scale_table(theme == "dark")
    assert stage["side"] == SIDE
    assert table.dtype == np.uint8
    np.testing.assert_array_equal(table, stage[theme]["table"])
    ours, theirs = palette_for(theme == "dark"), stage[theme]["palette"]
    assert [list(stop) for stop in ours.stops] == theirs["stops"]
    for name in ("ground", "text", "muted", "faint", "empty", "accent"):
        assert css(getattr(ours, name)) == theirs[name]
    assert [css(tint) for tint in ours.tints] == [theirs["tints"][name] for name in "RGB"]


@pytest.mark.parametrize("dark", [False, True])
def test_the_neutral_colour_is_that_of_zero_and_of_nothing_else(dark):
    table = scale_table(dark).tolist()
    assert table.count(table[SIDE]) == 1
    below, above = table[SIDE - 1], table[SIDE + 1]
    assert below[2] > below[0], "blue below zero"
    assert above[0] > above[2], "orange above"


finite = st.floats(width=32, allow_nan=False, allow_infinity=False)


@settings(deadline=None, database=None)
@given(arrays(np.float32, array_shapes(max_dims=2, max_side=6), elements=finite))
def test_levels_keep_the_sign_and_only_zero_is_in_the_middle(values):
    limit = float(np.abs(values).max())
    found = levels(values, limit).astype(int) - SIDE
    np.testing.assert_array_equal(np.sign(found), np.sign(values))
    assert np.abs(found).max() == (SIDE if limit else 0)
    # Symmetric, and never the other way round.
    np.testing.assert_array_equal(levels(-values, limit).astype(int) - SIDE, -found)
    order = np.argsort(values, axis=None)
    assert (np.diff(found.ravel()[order]) >= 0).all()


def test_beyond_the_limit_is_the_last_colour():
    np.testing.assert_array_equal(levels(np.array([-9.0, 9.0]), 1.0), [0, 2 * SIDE])


def test_mixed_colours_lie_between_the_two():
    assert mixed((200, 100, 0), (0, 0, 0), 0.5) == (100, 50, 0)
    assert mixed(LIGHT.accent, DARK.ground, 1) == LIGHT.accent
    assert mixed(LIGHT.accent, DARK.ground, 0) == DARK.ground
