"""The bridge to the stage: an experiment as messages of bytes, and the component that shows it.

What is sent, and when:

- *the image*, in a message of its own, whenever the picture or its working size is another. Its bytes depend on
  nothing else, and Streamlit sends a large element that the browser has already as a short reference: changing a
  kernel of a photo of 2160 × 3840 does not send its 25 MB again. The second instance of the component, which shows
  nothing, takes it; the two find each other in the browser by the token of the image (`assets/stage/images.js`).
- *the stage's message*, all but the image, whenever a control changes what is shown. The pictures of the maps are
  most of it: at most 4 MB, see `ui.layer.map_pictures`.
- *neither*, when only the place changes: the messages are those of the run before, to the last byte.
"""

import hashlib
import json
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import streamlit as st

from ui import state
from ui.experiment import OWN, Place
from ui.images import Pixels
from ui.layer import Layer, Map, Values, map_pictures
from ui.state import Imposed

__all__ = ["ImageMessage", "pack", "pack_image", "show_stage"]

_FOLDER = Path(__file__).resolve().parent.parent / "assets" / "stage"
_KEY = "stage"
_IMAGE_KEY = "stage_image"
_MAGIC = b"CVS1"
_ALIGNMENT = 8

# Inline, because files would need an installed package to be served from, and the modules one address each.
_component = st.components.v2.component(
    "convscope_stage",
    html='<div class="stage-root"></div>',
    css=(_FOLDER / "stage.css").read_text(encoding="utf-8"),
    js=(_FOLDER / "stage.bundle.js").read_text(encoding="utf-8"),
)


class ImageMessage(NamedTuple):
    """An image as it is sent, and the name by which the stage's message refers to it."""

    token: str
    message: bytes


def show_stage(layer: Layer) -> None:
    """Show the stage, and take note of where it comes to rest.

    Parameters
    ----------
    layer : Layer
        What it is to show.

    Raises
    ------
    ConvError
        If a value of the maps is too large for float32.
    """
    shown = replace(state.experiment(), place=Place())
    imposed = state.imposed()
    # The array is handed on with what was made of it, so that its identity is not given to another one meanwhile.
    image, _ = state.remembered("image", id(layer.pixels), lambda: (pack_image(layer.pixels), layer.pixels))
    message = state.remembered(
        "stage",
        (shown, state.photo() if shown.picture == OWN else None, imposed),
        lambda: pack(layer, map_pictures(layer), imposed, image.token),
    )
    # With a key, or a warning above would mount the stage anew; without a gap, so that what has no height takes no
    # room.
    with st.container(key="stage_frame", gap=None):
        _component(data=image.message, key=_IMAGE_KEY)
        _component(data=message, key=_KEY, on_place_change=_note_place)


def _note_place() -> None:
    report = state.value_of(_KEY)
    state.reach_place(report.get("place") if isinstance(report, dict) else None)


def pack_image(pixels: Pixels | Values) -> ImageMessage:
    """Write the message that holds an image and nothing else.

    Parameters
    ----------
    pixels : ndarray of shape (H, W, C), uint8 or float32
        As in `Layer.pixels`.

    Returns
    -------
    ImageMessage
        Equal images have equal tokens, and others have others.
    """
    sent = _little_endian(pixels)
    token = hashlib.blake2b(f"{sent.dtype} {sent.shape}".encode(), digest_size=16)
    token.update(sent.tobytes())
    header = {"version": 1, "imageToken": token.hexdigest()}
    return ImageMessage(token.hexdigest(), _blob(header, {"image": sent}))


def pack(layer: Layer, maps: list[Map], imposed: Imposed, image_token: str | None = None) -> bytes:
    """Write a message for the stage; `assets/stage/payload.js` reads it and says how it is laid out.

    Parameters
    ----------
    layer : Layer
        The image, the bank, the bias and the plan.
    maps : list of Map
        The picture of each feature map.
    imposed : Imposed
        Where the stage shall be.
    image_token : str or None
        Names the message that holds the image; None to put the image in this one.

    Returns
    -------
    bytes
        One flat blob: arrays inside a dict would arrive as text.
    """
    plan, place = layer.plan, imposed.place
    arrays: dict[str, npt.NDArray[Any]] = {
        "bank": np.ascontiguousarray(layer.bank, dtype="<f8"),
        "bias": np.ascontiguousarray(layer.bias, dtype="<f8"),
        "levels": np.stack([picture.levels for picture in maps], dtype="<i2"),
    }
    if image_token is None:
        arrays["image"] = _little_endian(layer.pixels)
    header = {
        "version": 1,
        **({} if image_token is None else {"imageToken": image_token}),
        "imageShape": plan.image_shape,
        "top": layer.top,
        "outputShape": plan.output_shape,
        "pads": plan.pads,
        "stride": plan.spec.stride,
        "dilation": plan.spec.dilation,
        "unused": plan.unused,
        "padding": plan.spec.padding if isinstance(plan.spec.padding, str) else "numbers",
        "boundary": plan.spec.boundary,
        "flip": layer.flip,
        "features": [
            {
                "name": name,
                "low": picture.low,
                "high": picture.high,
                "limit": picture.limit,
                "below": picture.below,
                "above": picture.above,
                "strongest": picture.strongest,
                "weakest": picture.weakest,
            }
            for name, picture in zip(layer.names, maps, strict=True)
        ],
        "place": {
            "row": place.row,
            "col": place.col,
            "feature": place.feature,
            "cellToken": imposed.cell,
            "featureToken": imposed.feature,
        },
    }
    return _blob(header, arrays)


def _little_endian(pixels: Pixels | Values) -> npt.NDArray[Any]:
    return np.ascontiguousarray(pixels, dtype=pixels.dtype.newbyteorder("<"))


def _blob(header: dict[str, Any], arrays: dict[str, npt.NDArray[Any]]) -> bytes:
    slots = {
        # Offsets are filled in below; as ten digits, so that the header's length does not depend on them.
        name: {"dtype": array.dtype.name, "shape": array.shape, "offset": 10**9}
        for name, array in arrays.items()
    }
    header = {**header, "arrays": slots}
    start = _aligned(8 + len(_encode(header)))
    end = start
    for name, array in arrays.items():
        slots[name]["offset"] = end
        end = _aligned(end + array.nbytes)
    text = _encode(header).ljust(start - 8)
    parts = [_MAGIC, len(text).to_bytes(4, "little"), text]
    for array in arrays.values():
        parts += [array.tobytes(), bytes(_aligned(array.nbytes) - array.nbytes)]
    return b"".join(parts)


def _encode(header: dict[str, Any]) -> bytes:
    return json.dumps(header, ensure_ascii=False).encode()


def _aligned(size: int) -> int:
    return -(-size // _ALIGNMENT) * _ALIGNMENT
