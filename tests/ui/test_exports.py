"""The stage as a file: what its page holds, what it may ask for, and what is refused."""

import base64
import hashlib
import io
import json
import re
import subprocess
import sys
import zlib
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from conv_engine import LIBRARY, ConvError, ConvSpec, stack
from ui.experiment import OWN, Experiment, ExperimentError, Feature, Place
from ui.exports import StageView, file_name, layer_html, most_bytes, stage_html
from ui.images import load_sample, resize
from ui.layer import build_layer, map_pictures
from ui.message import Imposed, pack

ROOT = Path(__file__).resolve().parents[2]

KERNELS = ("sobel_x", "sobel_y", "laplacian", "gaussian", "sharpen", "emboss", "red_green", "blue_yellow")
HOSTILE = (
    "</script><script>alert(1)</script>",
    "</title></style><img src=x onerror=alert(2)>",
    "\"'><b onclick=alert(3)>&lt;&amp;",
    "<!--<script>",
    "]]>\u2028\u0000 Größe ∂x",
)


class Outline(HTMLParser):
    """The elements of a page, in their order, and the text in each kind of them."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.text: dict[str, str] = {}
        self.open: list[str] = []
        self.feed(page)
        self.close()

    def handle_starttag(self, tag, attrs):
        self.elements.append((tag, dict(attrs)))
        if tag != "meta":
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        if self.open:
            self.text[self.open[-1]] = self.text.get(self.open[-1], "") + data

    def handle_comment(self, data):
        raise AssertionError(f"a comment: {data}")

    def all_of(self, tag):
        return [attributes for name, attributes in self.elements if name == tag]


def message_of(page):
    (data,) = re.findall(r'<script type="text/plain" id="stage-message">([^<]*)</script>', page)
    return zlib.decompress(base64.b64decode(data, validate=True))


def header_of(page):
    message = message_of(page)
    return json.loads(message[8 : 8 + int.from_bytes(message[4:8], "little")])


def noise(rows, cols, channels):
    return np.random.default_rng(rows + cols + channels).integers(0, 256, (rows, cols, channels), dtype=np.uint8)


def weights(features, channels):
    return np.random.default_rng(features).normal(size=(features, 3, 3, channels))


@pytest.fixture(scope="module")
def page():
    return stage_html(Experiment(size=64))


def test_the_page_says_what_it_is(page):
    outline = Outline(page)
    assert page.startswith("<!doctype html>\n")
    assert outline.all_of("html") == [{"lang": "en"}]
    assert outline.text["title"] == "Sobel x (vertical edges): 64 × 64 × 3 → 62 × 62 × 1 – ConvScope"
    assert outline.text["h1"] == "Sobel x (vertical edges)"
    assert "the 3 × 3 × 3 window multiplies 27 pixel values by 27 weights" in outline.text["p"]
    assert "The stage needs JavaScript" in outline.text["p"]
    assert "Eileen Collins, NASA, public domain; 512 × 512 shrunk to 64 × 64" in outline.text["footer"]
    metas = outline.all_of("meta")
    assert metas[0] == {"charset": "utf-8"}
    assert {"name": "viewport", "content": "width=device-width, initial-scale=1"} in metas
    assert {"name": "color-scheme", "content": "light dark"} in metas


def test_the_policy_admits_the_pages_own_code_and_styles_and_nothing_else(page):
    outline = Outline(page)
    (policy,) = [m["content"] for m in outline.all_of("meta") if m.get("http-equiv") == "Content-Security-Policy"]
    (style,) = re.findall(r"<style>(.*?)</style>", page, re.DOTALL)
    (code,) = re.findall(r'<script type="module">(.*?)</script>', page, re.DOTALL)
    style_hash, code_hash = (
        base64.b64encode(hashlib.sha256(text.encode()).digest()).decode() for text in (style, code)
    )
    assert dict(part.strip().split(" ", 1) for part in policy.split(";")) == {
        "default-src": "'none'",
        "script-src": f"'sha256-{code_hash}'",
        "style-src": f"'sha256-{style_hash}'",
        "base-uri": "'none'",
        "form-action": "'none'",
    }
    first_that_loads = min(page.index(tag) for tag in ("<style", "<script"))
    assert page.index("Content-Security-Policy") < first_that_loads


def test_the_page_refers_to_nothing_outside_of_it(page):
    for _, attributes in Outline(page).elements:
        assert not {"src", "href", "srcset", "data", "action", "poster"} & attributes.keys()
    assert "http:" not in page
    assert "https:" not in page
    assert "url(" not in page
    assert "@import" not in page
    assert "import(" not in page


def test_the_page_is_the_same_in_every_encoding(page):
    assert page.isascii()
    assert stage_html(Experiment(features=(Feature("roberts_a"),))).isascii()


@pytest.mark.parametrize("features", [1, 8])
def test_a_page_of_64_by_64_pixels_is_small(features):
    bank = tuple(Feature(key) for key in KERNELS[:features])
    assert len(stage_html(Experiment(size=64, features=bank))) < 200_000
    assert len(StageView(noise(64, 64, 3), weights(features, 3)).html) < 200_000


@pytest.mark.parametrize(
    ("image", "features"),
    [
        (noise(1, 1, 3), 1),
        (noise(64, 64, 3), 16),
        (noise(300, 200, 3), 8),
        (noise(1500, 40, 3), 2),
    ],
    ids=lambda value: str(value) if isinstance(value, int) else " × ".join(map(str, value.shape)),
)
def test_no_page_is_larger_than_was_said_before_it_was_made(image, features):
    bank = tuple(Feature(key) for key in (KERNELS * 2)[:features])
    layer = build_layer(Experiment(features=bank, spec=ConvSpec.of(padding="full")), image)
    page = layer_html(layer, Place())
    assert len(page) <= most_bytes(layer) < 2 * len(page) + 100_000


def test_the_page_holds_the_message_of_the_experiment_at_its_place():
    experiment = Experiment(
        "cat", 16, (Feature("box"), Feature("luma", bias=2.5)), place=Place(3, 4, 1), flip=True
    )
    layer = build_layer(experiment, resize(load_sample("cat"), 16).pixels)
    assert message_of(stage_html(experiment)) == pack(layer, map_pictures(layer), Imposed(experiment.place))


def test_an_own_photo_is_in_the_page_as_pixels_and_its_file_is_not():
    pixels = noise(12, 9, 3)
    file = io.BytesIO()
    exif = Image.Exif()
    exif[0x010E] = "a secret description"
    Image.fromarray(pixels).save(file, "PNG", exif=exif)
    page = stage_html(Experiment(picture=OWN, size="original"), file.getvalue())
    message = message_of(page)
    slot = header_of(page)["arrays"]["image"]
    sent = np.frombuffer(message, np.uint8, pixels.size, slot["offset"]).reshape(slot["shape"])
    np.testing.assert_array_equal(sent, pixels)
    assert b"secret" not in message
    assert "Picture: kept as it is" in page


def test_a_page_about_an_own_photo_needs_the_photo():
    with pytest.raises(ExperimentError, match="needs the photo's file"):
        stage_html(Experiment(picture=OWN))


@pytest.mark.parametrize("name", HOSTILE)
def test_a_name_is_never_read_as_html(name):
    plain = Outline(StageView(noise(5, 5, 1), weights(2, 1), names=["a", "b"]).html)
    view = StageView(noise(5, 5, 1), weights(2, 1), names=[name, "b"])
    hostile = Outline(view.html)
    assert [tag for tag, _ in hostile.elements] == [tag for tag, _ in plain.elements]
    assert hostile.text["h1"] == f"{name} and b"
    assert hostile.text["title"].startswith(f"{name} and b: 5 × 5 × 1")
    assert header_of(view.html)["features"][0]["name"] == name
    note = Outline(layer_html(build_layer(Experiment(), noise(5, 5, 3)), Place(), name))
    assert note.text["footer"] == name


def test_long_lists_of_names_are_cut_short():
    titles = [Outline(StageView(noise(4, 4, 1), weights(k, 1)).html).text["h1"] for k in (1, 2, 3, 4, 16)]
    assert titles == [
        "kernel 1",
        "kernel 1 and kernel 2",
        "kernel 1, kernel 2 and kernel 3",
        "kernel 1, kernel 2, kernel 3 and 1 more",
        "kernel 1, kernel 2, kernel 3 and 13 more",
    ]


def test_a_file_is_named_after_its_kernels_and_its_size():
    image = noise(64, 48, 3)
    own = Feature(OWN, (((1.0,),),))
    for features, name in (
        ((Feature("sobel_x"),), "convscope-sobel_x-64x48.html"),
        ((Feature("box"), Feature("luma"), own), "convscope-box-and-2-more-64x48.html"),
        ((own,), "convscope-own-64x48.html"),
    ):
        experiment = Experiment(features=features)
        assert file_name(experiment, build_layer(experiment, image)) == name
    assert all(re.fullmatch(r"[a-z0-9_]+", key) for key in LIBRARY)


# In a notebook


def test_a_notebook_shows_the_page_in_a_frame_of_its_own():
    view = StageView(noise(6, 7, 2), weights(3, 2), names=HOSTILE[:3])
    ((tag, attributes),) = Outline(view._repr_html_()).elements
    assert tag == "iframe"
    assert attributes["srcdoc"] == view.html
    assert attributes["sandbox"] == "allow-scripts"
    assert attributes["title"] == "Convolution stage, 6 × 7 × 2 → 4 × 5 × 3"
    assert repr(view) == "StageView(6 × 7 × 2 → 4 × 5 × 3)"


def test_a_view_takes_what_conv2d_takes_and_keeps_the_image_as_it_was():
    image = noise(9, 11, 3)
    view = StageView(
        image,
        stack([LIBRARY["sobel_x"], LIBRARY["luma"]], channels=3).tolist(),
        [1, 2],
        stride=(2, 1),
        padding=((0, 1), (2, 3)),
        dilation=(1, 2),
        boundary="reflect",
        flip=True,
    )
    image[:] = 0
    header = header_of(view.html)
    assert (header["stride"], header["dilation"]) == ([2, 1], [1, 2])
    assert (header["pads"], header["boundary"], header["flip"]) == ([[0, 1], [2, 3]], "reflect", True)
    slot = header["arrays"]["image"]
    sent = np.frombuffer(message_of(view.html), np.uint8, image.size, slot["offset"])
    np.testing.assert_array_equal(sent.reshape(image.shape), noise(9, 11, 3))


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"image": np.zeros((5, 5))}, "image must have 3 axes"),
        ({"image": "photo.jpg"}, "image must hold integers or real floats"),
        ({"image": np.zeros((5, 5, 2))}, "image must be of dtype uint8, pixels from 0 to 255, or float32"),
        ({"image": noise(5, 5, 17), "bank": weights(1, 17)}, "image must have 1 to 16 channels .* got 17"),
        ({"bank": weights(17, 2)}, "bank must have 1 to 16 kernels .* got 17"),
        ({"bank": np.ones((3, 3))}, "bank must have 4 axes"),
        ({"bank": np.full((1, 1, 1, 2), 1e38)}, "small enough for every value to fit float32"),
        ({"bank": weights(2, 1), "groups": 2}, "groups must be 1 to be shown on the stage, got 2"),
        ({"groups": 0}, "groups must be an integer ≥ 1, got 0"),
        ({"bias": [1, 2, 3]}, r"bias must have shape \(K,\) = \(1,\)"),
        ({"stride": 0}, "stride"),
        ({"padding": "some"}, "padding"),
        ({"boundary": "cliff"}, "boundary"),
        ({"flip": 1}, "flip must be True or False"),
        ({"names": ["a", "b"]}, "names must be a sequence of K = 1 strings, one for each kernel"),
        ({"names": "a"}, "names must be a sequence"),
        ({"names": 5}, "names must be a sequence"),
        ({"names": [1]}, "names must be a sequence"),
    ],
)
def test_what_cannot_be_shown_is_refused_in_a_sentence(changes, sentence):
    parts = {"image": noise(5, 5, 2), "bank": weights(1, 2), **changes}
    with pytest.raises(ConvError, match=sentence):
        StageView(**parts)


def test_the_examples_of_the_readme_run() -> None:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    blocks = re.findall(r"```python\n(.*?)```", text, re.DOTALL)
    names: dict[str, object] = {}
    for block in blocks:
        exec(block, names)
    assert repr(names["view"]) == "StageView(64 × 64 × 3 → 32 × 32 × 2)"


def test_it_needs_no_server_no_streamlit_and_warns_of_nothing():
    code = """
import sys
import ui.exports
from ui.experiment import Experiment
assert len(ui.exports.stage_html(Experiment())) > 50_000
print("streamlit" in sys.modules)
"""
    command = [sys.executable, "-W", "error", "-c", code]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert (done.stderr, done.returncode) == ("", 0)
    assert done.stdout.strip() == "False"
