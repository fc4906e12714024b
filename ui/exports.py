"""The stage by itself: one HTML file that asks nothing of any network, for a course page, a slide or a notebook.

>>> import numpy as np
>>> from conv_engine import LIBRARY, stack
>>> image = np.zeros((8, 9, 3), dtype=np.uint8)
>>> StageView(image, stack([LIBRARY["sobel_x"]], channels=3), stride=2)
StageView(8 × 9 × 3 → 3 × 4 × 1)
"""

import base64
import hashlib
import zlib
from collections.abc import Sequence
from html import escape
from pathlib import Path

import numpy.typing as npt

from conv_engine import ConvError, plan2d
from conv_engine.arrays import as_doubles, check_bank, check_bias, check_flip, check_image
from conv_engine.spec import PaddingLike, PairLike
from ui.experiment import MOST_FEATURES, OWN, Experiment, ExperimentError, Place
from ui.images import load_image, load_sample, prepare
from ui.layer import LARGEST_PICTURE, MOST_CELLS, Layer, build_layer, map_pictures
from ui.message import Imposed, pack
from ui.sentences import picture_sentence, window_sentence

__all__ = ["MOST_CHANNELS", "StageView", "file_name", "layer_html", "most_bytes", "stage_html"]

MOST_CHANNELS = 16
"""More would not fit on a screen with their numbers."""

_FOLDER = Path(__file__).resolve().parent.parent / "assets" / "stage"
# In a title more names than these are a list that nobody reads.
_MOST_NAMES = 3
# Of a frame in a notebook: at 900 pixels and wider it holds a whole stage of three channels.
_FRAME_HEIGHT = 960


def stage_html(experiment: Experiment, photo: bytes | None = None) -> str:
    """Make a web page of an experiment: the whole stage, open at the experiment's place.

    Parameters
    ----------
    experiment : Experiment
        What is to be seen.
    photo : bytes, optional
        The file of the person's own photo, where the experiment's picture is ``"own"``. Its pixels at the working
        size become part of the page; nothing else of the file does.

    Returns
    -------
    str
        An HTML document in ASCII, so that it may be saved in any encoding. See `layer_html`.

    Raises
    ------
    ExperimentError
        If the photo is missing.
    ImageError
        If the photo cannot be read.
    ConvError
        If the experiment leaves no window to slide, or a value is too large for float32.
    """
    if experiment.picture != OWN:
        pixels = load_sample(experiment.picture)
    elif photo is not None:
        pixels = load_image(photo)
    else:
        raise ExperimentError("The experiment is about an own photo: its page needs the photo's file, got none.")
    picture = prepare(pixels, experiment.size, experiment.grey)
    layer = build_layer(experiment, picture.pixels)
    return layer_html(layer, experiment.place, picture_sentence(experiment, picture))


def layer_html(layer: Layer, place: Place, note: str = "") -> str:
    """Make a web page of a layer: the whole stage, open at a place.

    Parameters
    ----------
    layer : Layer
        What is to be seen.
    place : Place
        Where the stage is; beyond the map it comes to rest on the last cell.
    note : str
        A line below the stage, such as where the picture is from.

    Returns
    -------
    str
        An HTML document in ASCII. Code, styles and data are in it, and its Content-Security-Policy admits no
        others: it asks nothing of any network, and no name in it is ever read as HTML.

    Raises
    ------
    ConvError
        If a value of the maps is too large for float32.
    """
    message = zlib.compress(pack(layer, map_pictures(layer), Imposed(place)), 9)
    # A browser checks the hashes against the very text between the tags.
    style = f"{_asset('stage.css')}{_asset('page.css')}"
    script = _asset("page.bundle.js")
    policy = (
        f"default-src 'none'; script-src {_source(script)}; style-src {_source(style)}; "
        "base-uri 'none'; form-action 'none'"
    )
    names = _in_a_row(layer.names)
    shapes = _shapes(layer)
    footer = f"<footer>{_text(note)}</footer>\n" if note else ""
    return f"""<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="{policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>{_text(f"{names}: {shapes} – ConvScope")}</title>
<style>{style}</style>
</head>
<body class="stage-page">
<h1>{_text(names)}</h1>
<p>{_text(window_sentence(layer))}</p>
<noscript><p>{_text(f"The stage needs JavaScript, which is switched off here. It shows {shapes}.")}</p></noscript>
<main class="stage-root"></main>
{footer}<script type="text/plain" id="stage-message">{base64.b64encode(message).decode()}</script>
<script type="module">{script}</script>
</body>
</html>
"""


def most_bytes(layer: Layer) -> int:
    """Return a size in bytes that the page of a layer does not exceed, from shapes alone.

    Parameters
    ----------
    layer : Layer
        Nothing of it is convolved for this.

    Returns
    -------
    int
        As if no byte could be saved by compression.
    """
    rows, cols, features = layer.plan.output_shape
    cells = features * min(rows, LARGEST_PICTURE) * min(cols, LARGEST_PICTURE)
    levels = 2 * min(cells, MOST_CELLS + 2 * features * LARGEST_PICTURE)
    code = sum((_FOLDER / name).stat().st_size for name in ("stage.css", "page.css", "page.bundle.js"))
    names = sum(len(name) for name in layer.names)
    data = layer.pixels.nbytes + layer.bank.nbytes + levels + 4_000 + features * 300 + 4 * names
    # Base64 makes four letters of three bytes, and zlib adds a little to what it cannot press.
    return int(1.35 * data) + code + 4_000 + 20 * names


def file_name(experiment: Experiment, layer: Layer) -> str:
    """Return a name for the file of a page, in letters that every system takes.

    Parameters
    ----------
    experiment : Experiment
        It names the kernels.
    layer : Layer
        It has the size.

    Returns
    -------
    str
        Such as ``"convscope-sobel_x-64x64.html"``.
    """
    first, *others = (feature.kernel for feature in experiment.features)
    kernels = f"{first}-and-{len(others)}-more" if others else first
    rows, cols, _ = layer.plan.image_shape
    return f"convscope-{kernels}-{rows}x{cols}.html"


class StageView:
    """The stage for arrays of one's own, which a notebook shows.

    Parameters
    ----------
    image : array_like of shape (H, W, C), uint8 or float32
        Pixels from 0 to 255, or the maps of another layer, in 1 to 16 channels. What is shown is the
        image as it is now.
    bank : array_like of shape (K, kh, kw, C)
        1 to 16 kernels.
    bias : array_like of shape (K,), optional
        What is added to each feature; nothing by default.
    stride, padding, dilation, groups, boundary, flip
        As `conv_engine.conv2d` takes them; but the stage shows one group.
    names : sequence of str, optional
        What the kernels are called; "kernel 1" and so on by default.

    Attributes
    ----------
    html : str
        Its page, to be written to a file; open in the middle of the map. See `layer_html`.

    Raises
    ------
    ConvError
        Where `conv_engine.conv2d` does, and where the stage cannot show what that computes.

    Examples
    --------
    >>> import numpy as np
    >>> ramp = np.arange(12, dtype=np.uint8).reshape(3, 4, 1)
    >>> view = StageView(ramp, [[[[-1], [1]]]], names=["difference"])
    >>> view.html[:15], view
    ('<!doctype html>', StageView(3 × 4 × 1 → 3 × 3 × 1))
    """

    def __init__(
        self,
        image: npt.ArrayLike,
        bank: npt.ArrayLike,
        bias: npt.ArrayLike | None = None,
        *,
        stride: PairLike = 1,
        padding: PaddingLike = "valid",
        dilation: PairLike = 1,
        groups: int = 1,
        boundary: str = "zeros",
        flip: bool = False,
        names: Sequence[str] | None = None,
    ) -> None:
        pixels, kernels = check_image(image), check_bank(bank)
        plan = plan2d(
            pixels.shape,
            kernels.shape,
            stride=stride,
            padding=padding,
            dilation=dilation,
            groups=groups,
            boundary=boundary,
        )
        features, channels = kernels.shape[0], pixels.shape[2]
        if pixels.dtype not in ("uint8", "float32"):
            raise ConvError(
                "image must be of dtype uint8, pixels from 0 to 255, or float32, maps of another layer, to be "
                f"shown on the stage, got {pixels.dtype}"
            )
        for name, count, most, what in (
            ("image", channels, MOST_CHANNELS, "channels"),
            ("bank", features, MOST_FEATURES, "kernels"),
        ):
            if count > most:
                raise ConvError(f"{name} must have 1 to {most} {what} to be shown on the stage, got {count}")
        if plan.spec.groups != 1:
            raise ConvError(f"groups must be 1 to be shown on the stage, got {plan.spec.groups}")
        layer = Layer(
            pixels,
            False,
            as_doubles(kernels),
            check_bias(bias, features),
            plan,
            check_flip(flip),
            _checked_names(names, features),
        )
        self._title = f"Convolution stage, {_shapes(layer)}"
        self._shapes = _shapes(layer)
        rows, cols, _ = plan.output_shape
        # In the middle, where one sees of the map what it has come to and that more will.
        self.html = layer_html(layer, Place(rows // 2, cols // 2, 0))

    def __repr__(self) -> str:
        return f"StageView({self._shapes})"

    def _repr_html_(self) -> str:
        # In a frame without an origin: neither the notebook nor another stage is within its reach.
        return (
            f'<iframe title="{_text(self._title)}" sandbox="allow-scripts" srcdoc="{_text(self.html)}" '
            f'style="display: block; width: 100%; height: {_FRAME_HEIGHT}px; border: 0"></iframe>'
        )


def _checked_names(names: Sequence[str] | None, features: int) -> tuple[str, ...]:
    if names is None:
        return tuple(f"kernel {k + 1}" for k in range(features))
    fits = isinstance(names, Sequence) and not isinstance(names, str) and len(names) == features
    if not fits or not all(isinstance(name, str) for name in names):
        raise ConvError(
            f"names must be a sequence of K = {features} strings, one for each kernel of the bank, got {names!r}"
        )
    # What is no text, as in file names of another encoding, cannot be sent.
    return tuple(name.encode(errors="replace").decode() for name in names)


def _asset(name: str) -> str:
    return (_FOLDER / name).read_text(encoding="ascii")


def _source(text: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"


def _text(text: str) -> str:
    """Write a text for HTML, between tags or in quotes, in ASCII."""
    return escape(text).encode("ascii", "xmlcharrefreplace").decode()


def _shapes(layer: Layer) -> str:
    sizes = (layer.plan.image_shape, layer.plan.output_shape)
    return " → ".join(" × ".join(map(str, size)) for size in sizes)


def _in_a_row(names: Sequence[str]) -> str:
    shown = list(names[:_MOST_NAMES])
    rest = len(names) - len(shown)
    last = f"{rest} more" if rest else shown.pop()
    return f"{', '.join(shown)} and {last}" if shown else last
