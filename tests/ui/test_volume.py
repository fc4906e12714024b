"""The volumes: true to proportion, inside of the drawing, and told in words."""

import base64
import re
from itertools import combinations
from xml.etree import ElementTree

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from conv_engine import ConvError, plan2d
from ui.colours import css, palette_for
from ui.volume import volume_html, volume_svg

SVG = "{http://www.w3.org/2000/svg}"
LAYER = (64, 64, 3), (8, 3, 3, 3), (62, 62, 8)
EXTREMES = (
    LAYER,
    ((1, 1, 1), (1, 1, 1, 1), (1, 1, 1)),
    ((2160, 3840, 3), (16, 3, 3, 3), (2158, 3838, 16)),
    ((16, 16, 3), (16, 15, 15, 3), (2, 2, 16)),
    ((15, 15, 1), (16, 15, 15, 1), (1, 1, 16)),
    ((8, 8, 3), (2, 15, 15, 3), (22, 22, 2)),
    ((1, 5000, 3), (3, 1, 15, 3), (1, 4986, 3)),
    ((5000, 1, 3), (3, 15, 1, 3), (4986, 1, 3)),
    ((32, 32, 16), (16, 3, 3, 16), (30, 30, 16)),
)
sizes = st.integers(1, 4000)


def drawn(shapes, dark=False, narrow=False, names=()):
    return ElementTree.fromstring(volume_svg(*shapes, dark, names, narrow=narrow))


def fronts(root):
    """Width and height of the fronts: of the image, of the kernels, of the maps."""
    found = [[float(r.get(k)) for k in ("x", "y", "width", "height")] for r in root.iterfind(f"{SVG}g/{SVG}rect")]
    return found[0], found[1:-1], found[-1]


def factor(root):
    notes = [text.text for text in root.iter(f"{SVG}text")]
    found = [re.fullmatch(r"drawn ([0-9.,]+) × as large", note) for note in notes]
    (match,) = [match for match in found if match] or [None]
    assert match or "drawn to scale" in notes
    return float(match[1].replace(",", "")) if match else 1


def points(root):
    for polygon in root.iter(f"{SVG}polygon"):
        for pair in polygon.get("points").split():
            yield tuple(map(float, pair.split(",")))
    for rect in root.iter(f"{SVG}rect"):
        x, y, width, height = (float(rect.get(key)) for key in ("x", "y", "width", "height"))
        yield from ((x, y), (x + width, y + height))
    for line in root.iter(f"{SVG}line"):
        yield from ((float(line.get(f"x{end}")), float(line.get(f"y{end}"))) for end in "12")


def check(shapes, narrow):
    root = drawn(shapes, narrow=narrow)
    image, kernels, maps = fronts(root)
    (rows, cols, _), (features, kernel_rows, kernel_cols, _), (out_rows, out_cols, _) = shapes
    assert len(kernels) == features
    # One scale for all: taken from the longest side of all.
    scale = max(image[2:] + maps[2:]) / max(rows, cols, out_rows, out_cols)
    # Places are written in hundredths.
    assert image[2:] == pytest.approx([cols * scale, rows * scale], abs=0.011)
    assert maps[2:] == pytest.approx([out_cols * scale, out_rows * scale], abs=0.011)
    times = factor(root)
    for kernel in kernels:
        expected = [kernel_cols * scale * times, kernel_rows * scale * times]
        assert kernel[2:] == pytest.approx(expected, rel=0.01, abs=0.011 + 0.005 * times)
    assert max(kernels[0][2:]) >= 7.9, "seen from the back of the room"
    for one, other in combinations(kernels, 2):
        assert max(abs(one[0] - other[0]), abs(one[1] - other[1])) >= 5.9, "none hides another"
    # The window is on the image's first place, at its true size.
    (window,) = root.findall(f"{SVG}rect")
    assert float(window.get("width")) == pytest.approx(min(kernel_cols, cols) * scale, abs=0.011)
    assert float(window.get("height")) == pytest.approx(min(kernel_rows, rows) * scale, abs=0.011)
    assert [float(window.get("x")), float(window.get("y"))] == image[:2]
    # Nothing leaves the drawing.
    _, _, width, height = map(float, root.get("viewBox").split())
    for x, y in points(root):
        assert -0.1 <= x <= width + 0.1
        assert -0.1 <= y <= height + 0.1


@pytest.mark.parametrize("narrow", [False, True])
@pytest.mark.parametrize("shapes", EXTREMES, ids=lambda shapes: "×".join(map(str, shapes[0] + shapes[1])))
def test_extreme_layers_are_drawn_to_proportion_and_inside(shapes, narrow):
    check(shapes, narrow)


@settings(deadline=None, database=None, max_examples=60)
@given(
    image=st.tuples(sizes, sizes, st.sampled_from([1, 3])),
    kernel=st.tuples(st.integers(1, 16), st.integers(1, 15), st.integers(1, 15)),
    stride=st.integers(1, 4),
    padding=st.sampled_from(["same", "full"]),
    narrow=st.booleans(),
)
def test_all_layers_are_drawn_to_proportion_and_inside(image, kernel, stride, padding, narrow):
    bank = (*kernel, image[2])
    check((image, bank, plan2d(image, bank, stride=stride, padding=padding).output_shape), narrow)


@pytest.mark.parametrize("shapes", EXTREMES, ids=lambda shapes: "×".join(map(str, shapes[0] + shapes[1])))
@pytest.mark.parametrize(("narrow", "least"), [(False, 640), (True, 300)])
def test_letters_have_14_pixels_at_the_least_width_and_find_room(shapes, narrow, least):
    root = drawn(shapes, narrow=narrow)
    width = float(root.get("viewBox").split()[2])
    places = {}
    for text in root.iter(f"{SVG}text"):
        size = float(text.get("font-size"))
        assert size * least / width >= 14
        # Of common fonts the letters and figures of a line are about 0.6 wide, those in bold too.
        half = 0.6 * size * len(text.text) / 2
        places.setdefault(text.get("y"), []).append((float(text.get("x")) - half, float(text.get("x")) + half))
    for line in places.values():
        ends = [0.0, *(end for span in sorted(line) for end in span), width]
        assert ends == sorted(ends), "no label runs into the next"


def test_the_numbers_are_written_at_the_boxes():
    texts = [text.text for text in drawn(LAYER).iter(f"{SVG}text")]
    for words in ("Image", "64 × 64 × 3", "8 kernels", "3 × 3 × 3", "8 feature maps", "62 × 62 × 8"):
        assert words in texts


def test_a_slab_is_drawn_for_each_channel_and_each_feature():
    image, *kernels, maps = drawn(LAYER).findall(f"{SVG}g")
    # A face above and one at the side.
    assert len(image.findall(f"{SVG}polygon")) == 2 * 3
    assert [len(kernel.findall(f"{SVG}polygon")) for kernel in kernels] == [2 * 3] * 8
    assert len(maps.findall(f"{SVG}polygon")) == 2 * 8


@pytest.mark.parametrize("narrow", [False, True])
def test_it_is_told_in_words(narrow):
    root = drawn(LAYER, narrow=narrow, names=["Sobel x", "box"])
    assert root.get("role") == "img"
    assert root.find(f"{SVG}title").text == "64 × 64 × 3 image, 8 kernels of 3 × 3 × 3, 62 × 62 × 8 feature maps"
    description = root.find(f"{SVG}desc").text
    assert "gives one of the 8 maps of 62 × 62 cells" in description
    assert description.endswith("The kernels: Sobel x, box.")


@pytest.mark.parametrize("dark", [False, True])
def test_its_words_are_in_the_theme_s_colours(dark):
    root = drawn(LAYER, dark)
    assert css(palette_for(dark).text) in root.get("style")
    assert {text.get("fill") for text in root.iter(f"{SVG}text")} == {"currentColor", css(palette_for(dark).muted)}


HOSTILE = (
    "</desc><script>alert(1)</script>",
    '"><image href="x" onerror="alert(2)"/>',
    "]]>\x00\ud800\ufffe &amp;",
)


@pytest.mark.parametrize("name", HOSTILE)
def test_a_name_is_never_read_as_markup(name):
    plain, hostile = drawn(LAYER, names=["a"]), drawn(LAYER, names=[name])
    assert [element.tag for element in hostile.iter()] == [element.tag for element in plain.iter()]
    html = volume_html(*LAYER, False, [name])
    assert html.count("<") == volume_html(*LAYER, False, ["a"]).count("<")
    assert "onerror" not in re.sub(r'alt="[^"]*"', "", html)


def test_html_holds_both_drawings_with_their_words():
    html = volume_html(*LAYER, True, ["box"])
    sources = re.findall(r'src="data:image/svg\+xml;base64,([^"]*)"', html)
    drawings = [base64.b64decode(source).decode() for source in sources]
    assert drawings == [volume_svg(*LAYER, True, ["box"], narrow=narrow) for narrow in (False, True)]
    alternatives = re.findall(r'alt="([^"]*)"', html)
    assert len(alternatives) == 2
    assert all("62 × 62 × 8 feature maps. Boxes drawn to proportion" in words for words in alternatives)


def test_shapes_that_are_not_of_one_layer_are_refused():
    for draw in (volume_svg, volume_html):
        with pytest.raises(ConvError, match="output_shape must end with K = 8"):
            draw((64, 64, 3), (8, 3, 3, 3), (62, 62, 7), False)
