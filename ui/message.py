"""The message to the stage: an experiment, the pictures of its maps and a place, as one blob of bytes."""

import json
from dataclasses import dataclass
from typing import Any

import numpy as np

from ui.experiment import Place
from ui.layer import Layer, Map

__all__ = ["Imposed", "pack"]

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


def pack(layer: Layer, maps: list[Map], imposed: Imposed) -> bytes:
    """Write a message for the stage; `assets/stage/payload.js` reads it and says how it is laid out.

    Parameters
    ----------
    layer : Layer
        The image, the bank, the bias and the plan.
    maps : list of Map
        The picture of each feature map.
    imposed : Imposed
        Where the stage shall be.

    Returns
    -------
    bytes
        One flat blob: arrays inside a dict would arrive as text.
    """
    plan, place = layer.plan, imposed.place
    arrays = {
        "bank": np.ascontiguousarray(layer.bank, dtype="<f8"),
        "bias": np.ascontiguousarray(layer.bias, dtype="<f8"),
        "image": np.ascontiguousarray(layer.image, dtype=np.uint8),
        "levels": np.stack([picture.levels for picture in maps]).astype("<i2"),
    }
    header: dict[str, Any] = {
        "version": 1,
        "imageShape": plan.image_shape,
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
        "arrays": {
            # Offsets are filled in below; as ten digits, so that the header's length does not depend on them.
            name: {"dtype": array.dtype.name, "shape": array.shape, "offset": 10**9}
            for name, array in arrays.items()
        },
    }
    start = _aligned(8 + len(_encode(header)))
    end = start
    for name, array in arrays.items():
        header["arrays"][name]["offset"] = end
        end = _aligned(end + array.nbytes)
    text = _encode(header).ljust(start - 8)
    message = bytearray(end)
    message[:start] = _MAGIC + len(text).to_bytes(4, "little") + text
    for name, array in arrays.items():
        offset = header["arrays"][name]["offset"]
        message[offset : offset + array.nbytes] = array.tobytes()
    return bytes(message)


def _encode(header: dict[str, Any]) -> bytes:
    return json.dumps(header, ensure_ascii=False).encode()


def _aligned(size: int) -> int:
    return -(-size // _ALIGNMENT) * _ALIGNMENT
