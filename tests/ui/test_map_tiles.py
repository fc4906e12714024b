"""Maps side by side: no colour that is not a value's, no number that is rounded into a falsehood."""

import io
import json
import re
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays
from PIL import Image

from conv_engine import ConvError
from ui.colours import SIDE, levels, scale_table
from ui.map_tiles import map_tiles, scale_number, tiles_html

ROOT = Path(__file__).resolve().parents[2]
NODE = Path(sys.executable).parent / "node"

HOSTILE = (
    "</figcaption><script>alert(1)</script>",
    "\"'><img src=x onerror=alert(2)>",
    "&lt;b&gt; &amp; ünïcode \ud800",
)
finite = st.floats(width=32, allow_nan=False, allow_infinity=False)
maps = arrays(np.float32, array_shapes(min_dims=2, max_dims=2, max_side=8), elements=finite)


def examples(count):
    return settings(deadline=None, max_examples=count, database=None)


def read(tile):
    with Image.open(io.BytesIO(tile.png)) as picture:
        return np.asarray(picture.convert("RGB"))


# --- pictures ----------------------------------------------------------------------------------------------


@examples(60)
@given(st.lists(maps, min_size=1, max_size=4), st.booleans(), st.booleans())
def test_each_cell_has_the_colour_of_its_value_on_its_scale(values, shared, dark):
    tiles = map_tiles(values, shared=shared, dark=dark)
    largest = [float(np.abs(one).max()) for one in values]
    assert [tile.limit for tile in tiles] == ([max(largest)] * len(largest) if shared else largest)
    for tile, one in zip(tiles, values, strict=True):
        assert (tile.low, tile.high, tile.rows, tile.cols) == (one.min(), one.max(), *one.shape)
        np.testing.assert_array_equal(read(tile), scale_table(dark)[levels(one, tile.limit)])


@examples(40)
@given(st.integers(1, 60), st.integers(1, 60), st.integers(1, 20))
def test_of_large_maps_cells_are_picked_and_none_are_mixed(rows, cols, side):
    values = np.random.default_rng(rows * cols).permutation(rows * cols).reshape(rows, cols).astype(np.float32)
    (tile,) = map_tiles([values], shared=False, dark=False, side=side)
    picture = read(tile)
    longer = max(rows, cols)
    wanted = [n if longer <= side else -(-n * side // longer) for n in (rows, cols)]
    assert list(picture.shape[:2]) == wanted
    at = [np.arange(size) * max(longer, side) // side for size in wanted]
    expected = scale_table(False)[levels(values, tile.limit)][np.ix_(*at)]
    np.testing.assert_array_equal(picture, expected)
    # The range is that of the whole map, also where its extremes were not picked.
    assert (tile.low, tile.high) == (0, rows * cols - 1)


def test_a_map_of_zeros_is_neutral_and_has_no_scale():
    (tile,) = map_tiles([np.zeros((2, 3), np.float32)], shared=True, dark=True)
    assert tile.limit == 0
    assert (read(tile) == scale_table(True)[SIDE]).all()
    assert re.search(r">0</span>.*>0 everywhere</span>", tiles_html([tile], ["zeros"]))


def test_no_maps_make_no_tiles():
    assert map_tiles([], shared=True, dark=False) == []


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        (np.zeros((2, 2, 1), np.float32), r"map 2 must have shape \(rows, cols\).* got \(2, 2, 1\)"),
        (np.zeros((0, 2), np.float32), r"map 2 must have shape .* got \(0, 2\)"),
        (np.full((2, 2), np.nan, np.float32), "map 2 must hold finite values, got nan"),
        (np.array([[0, np.inf]], np.float32), "map 2 must hold finite values, got inf"),
        (np.array([[0, -np.inf]], np.float32), "map 2 must hold finite values, got -inf"),
    ],
)
def test_what_is_no_map_is_refused(values, sentence):
    with pytest.raises(ConvError, match=sentence):
        map_tiles([np.ones((2, 2), np.float32), values], shared=False, dark=False)


def test_a_side_has_a_cell():
    with pytest.raises(ConvError, match="side must be an integer ≥ 1, got 0"):
        map_tiles([np.ones((2, 2), np.float32)], shared=False, dark=False, side=0)


# --- numbers -----------------------------------------------------------------------------------------------


def test_numbers_are_written_as_on_the_stage():
    rng = np.random.default_rng(3)
    values = [
        0.0,
        1.0,
        -812.0,
        12345.6,
        0.1 + 0.2,
        1e15,
        9.9996e-5,
        9.99996e20,
        0.125,
        1000.25,
        1e-4,
        999999.5,
        5e-324,
    ]
    values += [float(v) for v in np.float32(rng.normal(size=150) * 10.0 ** rng.integers(-9, 18, 150))]
    module = (ROOT / "assets" / "stage" / "numbers.js").as_uri()
    code = f"""
    import {{ formatNumber }} from {json.dumps(module)};
    console.log(JSON.stringify({json.dumps(values)}.map((value) => [4, 6].map((d) => formatNumber(value, d)))));
    """
    done = subprocess.run([NODE, "--input-type=module", "-e", code], capture_output=True, text=True, check=True)
    assert [[scale_number(value, digits) for digits in (4, 6)] for value in values] == json.loads(done.stdout)


@examples(300)
@given(finite)
def test_no_number_is_rounded_into_a_falsehood(value):
    text = scale_number(value)
    shown = float(text.replace("−", "-"))
    assert (shown == 0) == (value == 0)
    assert np.sign(shown) == np.sign(value)
    assert abs(shown - value) <= 6e-4 * abs(value)
    if 1e-4 <= abs(value) < 1e15:
        # Digits go behind the decimal point only: whole numbers are exact, and 12345.6 is not 12346.
        assert shown == value if float(value).is_integer() else abs(shown - value) <= 0.0501


# --- the grid ----------------------------------------------------------------------------------------------


class Outline(HTMLParser):
    """The elements of a piece of HTML, and all its text."""

    def __init__(self, html):
        super().__init__()
        self.elements, self.texts, self.open = [], [], []
        self.feed(html)
        self.close()
        assert not self.open

    def handle_starttag(self, tag, attrs):
        self.elements.append((tag, dict(attrs)))
        if tag != "img":
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.texts.append(data)


def grid(names, shared=False):
    values = [np.array([[-812.0, 3.5], [0.0, k]], np.float32) for k in range(len(names))]
    return tiles_html(map_tiles(values, shared=shared, dark=False), names)


def test_below_each_map_stand_its_name_its_scale_and_its_range():
    outline = Outline(grid(["edges"]))
    assert outline.texts == ["edges", "−812 … 0 … 812", "from −812 to 3.5"]
    (image,) = [attributes for tag, attributes in outline.elements if tag == "img"]
    assert image["alt"] == "Feature map edges: 2 × 2 cells, from −812 to 3.5"
    assert image["src"].startswith("data:image/png;base64,")
    assert "image-rendering: pixelated" in image["style"]
    assert [tag for tag, _ in outline.elements][:4] == ["div", "figure", "img", "figcaption"]


@pytest.mark.parametrize("name", HOSTILE)
def test_a_name_is_never_read_as_html(name):
    outline = Outline(grid([name, "b"]))
    assert [tag for tag, _ in outline.elements] == [tag for tag, _ in Outline(grid(["a", "b"])).elements]
    assert outline.texts[0] == name.replace("\ud800", "?")
    assert grid([name]).encode()


def test_there_is_a_name_for_each_tile():
    with pytest.raises(ValueError, match="longer"):
        tiles_html([], ["a"])
