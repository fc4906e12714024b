"""The messages to the stage: an experiment, the pictures of its maps and a place, as blobs of bytes."""

import hashlib
import json
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from ui.experiment import Place
from ui.images import Pixels
from ui.layer import Layer, Map, Values
from ui.transposed import TransposedLayer

__all__ = ["ImageMessage", "Imposed", "blob", "pack", "pack_image"]

_MAGIC = b"CVS1"
_ALIGNMENT = 8


@dataclass(frozen=True)
class Imposed:
    """Where the stage shall be, for reasons of ours rather than its own.

    Attributes
    ----------
    place : Place
        The cell and the feature.
    cell, feature : int
        Counters that grow with each request; the stage follows a request once.
    """

    place: Place
    cell: int = 0
    feature: int = 0


class ImageMessage(NamedTuple):
    """An image as it is sent, and the name by which the stage's message refers to it."""

    token: str
    message: bytes


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
    return ImageMessage(token.hexdigest(), blob(header, {"image": sent}))


def pack(
    layer: Layer | TransposedLayer, maps: list[Map], imposed: Imposed, image_token: str | None = None
) -> bytes:
    """Write a message for the stage; `assets/stage/payload.js` reads it and says how it is laid out.

    Parameters
    ----------
    layer : Layer or TransposedLayer
        The image, the bank, the bias and the plan. A transposed convolution is written as the plain one, at
        stride 1 over a stretched and padded input, that gives the same: its bank as (C, kh, kw, K), channels that
        come out first, and flipped where the convolution that runs backwards is not.
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
    place = imposed.place
    bank, bias, arithmetic = _transposed(layer) if isinstance(layer, TransposedLayer) else _plain(layer)
    arrays: dict[str, npt.NDArray[Any]] = {
        "bank": np.ascontiguousarray(bank, dtype="<f8"),
        "bias": np.ascontiguousarray(bias, dtype="<f8"),
        "levels": np.stack([picture.levels for picture in maps], dtype="<i2"),
    }
    if image_token is None:
        arrays["image"] = _little_endian(layer.pixels)
    header = {
        "version": 1,
        **({} if image_token is None else {"imageToken": image_token}),
        "imageShape": layer.pixels.shape,
        "top": layer.top,
        **arithmetic,
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
    return blob(header, arrays)


_Arithmetic = tuple[npt.NDArray[np.float64], npt.NDArray[np.float64], dict[str, Any]]


def _plain(layer: Layer) -> _Arithmetic:
    plan = layer.plan
    header = {
        "outputShape": plan.output_shape,
        "pads": plan.pads,
        "stride": plan.spec.stride,
        "dilation": plan.spec.dilation,
        "unused": plan.unused,
        "padding": plan.spec.padding if isinstance(plan.spec.padding, str) else "numbers",
        "boundary": plan.spec.boundary,
        "flip": layer.flip,
    }
    return layer.bank, layer.bias, header


def _transposed(layer: TransposedLayer) -> _Arithmetic:
    plan = layer.plan
    header = {
        "outputShape": plan.output_shape,
        "pads": layer.stage_pads,
        "stride": (1, 1),
        "dilation": plan.spec.dilation,
        # The windows, at stride 1, go on to the end of the ring.
        "unused": (0, 0),
        "padding": "numbers",
        "boundary": plan.spec.boundary,
        "flip": layer.stage_flip,
        "stretch": layer.stretch,
        "transposed": {"cut": plan.pads, "extra": layer.extra},
    }
    return layer.stage_bank, np.zeros(plan.output_shape[2]), header


def _little_endian(pixels: Pixels | Values) -> npt.NDArray[Any]:
    return np.ascontiguousarray(pixels, dtype=pixels.dtype.newbyteorder("<"))


def blob(header: dict[str, Any], arrays: dict[str, npt.NDArray[Any]]) -> bytes:
    """Write a header and arrays as one flat run of bytes; `assets/stage/payload.js` says how it is laid out.

    Parameters
    ----------
    header : dict
        What JSON can hold.
    arrays : dict of str to ndarray
        Contiguous and little-endian.

    Returns
    -------
    bytes
    """
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
