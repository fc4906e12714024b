"""The bridge to the bench where a kernel is painted: `assets/paint`, its messages, and what it reports.

The bench computes the map while a stroke lasts; when it ends, the kernel comes here as one report, and the answer
is the engine's map, which the bench holds against its own. What a browser reports is untrusted: `read_weights` and
`read_patch` take it or refuse it with a sentence.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import streamlit as st

from conv_engine import plan2d
from ui import state
from ui.experiment import LARGEST_KERNEL, ExperimentError, Weights
from ui.layer import Layer, map_pictures, some_maps
from ui.message import blob, pack_image
from ui.weights import LARGEST_WEIGHT

__all__ = ["LARGEST_FOLLOWED", "Answer", "Patch", "pack_paint", "read_patch", "read_weights", "show_paint"]

LARGEST_FOLLOWED = 256
"""Rows and columns of the largest picture whose map the browser computes; as in `assets/paint/follow.js`."""

_FOLDER = Path(__file__).resolve().parent.parent / "assets" / "paint"
_REPORTS = ("weights", "lift")
_LONGEST_SHOWN = 30
# Python refuses to write integers of more than some thousand digits.
_LARGEST_SHOWN = 10**15

# Inline, for the reasons that `ui/stage.py` gives.
_component = st.components.v2.component(
    "convscope_paint",
    html='<div class="paint-root"></div>',
    css=(_FOLDER / "paint.css").read_text(encoding="utf-8"),
    js=(_FOLDER / "paint.bundle.js").read_text(encoding="utf-8"),
)


class Patch(NamedTuple):
    """A rectangle of whole pixels of a picture: its first row and column, and how many it has of each."""

    row: int
    col: int
    rows: int
    cols: int


class Answer(NamedTuple):
    """What a message to the bench answers.

    Attributes
    ----------
    revision : int
        Another one whenever the bank has changed, by whatever way.
    report : int
        The number of the last report that was seen, 0 for none: a message that answers an older one must not undo
        what was painted since.
    """

    revision: int
    report: int = 0


def show_paint(
    layer: Layer,
    feature: int,
    weights: Weights,
    revision: int,
    *,
    matches: Sequence[tuple[int, int]] = (),
    on_weights: Callable[[object], None],
    on_lift: Callable[[object], None],
    key: str = "paint",
) -> None:
    """Show the photo, the kernel and its map, where the kernel can be painted and a patch of the photo be lifted.

    Parameters
    ----------
    layer : Layer
        The picture and the bank that it is laid under.
    feature : int
        Which kernel of the bank is painted, from 0.
    weights : Weights
        Its own weights, without the frame of zeros that `layer.bank` gives the smaller ones.
    revision : int
        Another one whenever the bank has changed.
    matches : sequence of (int, int)
        Places on the photo to be marked: the row and the column of the pixel under a window's first tap. A window
        may begin on the padding, at places below 0.
    on_weights, on_lift : callable
        Take what the browser has reported, for `read_weights` and `read_patch`. Each report is a mapping, if it
        is the bench's, and has under ``"feature"`` the number of the kernel that was painted.
    key : str
        Of the component.

    Raises
    ------
    ConvError
        If a value of the map is too large for float32.
    """

    def take(name: str, listener: Callable[[object], None]) -> Callable[[], None]:
        def run() -> None:
            state.touch()
            listener(_report(state.value_of(key), name))

        return run

    image, _ = state.remembered(f"{key} image", id(layer.pixels), lambda: (pack_image(layer.pixels), layer.pixels))
    # The plan's shapes are in the shape of the bank, so that nothing else decides what the map is.
    made_of = (image.token, layer.unit, layer.flip, layer.plan.spec, layer.bank.shape[1:3])
    kernel = layer.bank[feature].tobytes(), float(layer.bias[feature])
    arrays = state.remembered(f"{key} map", (made_of, kernel), lambda: _map_of(layer, feature))
    answer = Answer(revision, _last_number(state.value_of(key)))
    message = _pack(layer, feature, weights, answer, matches, arrays, image.token)
    state.note_report(key)
    # With a key and without a gap, as the frame of the stage.
    with st.container(key=f"{key}_frame", gap=None):
        _component(data=image.message, key=f"{key}_image")
        _component(
            data=message,
            key=key,
            on_weights_change=take("weights", on_weights),
            on_lift_change=take("lift", on_lift),
        )


def _report(value: object, name: str) -> object:
    return value.get(name) if isinstance(value, Mapping) else None


def _last_number(value: object) -> int:
    reports = [_report(value, name) for name in _REPORTS]
    numbers = [report.get("number") for report in reports if isinstance(report, Mapping)]
    return max((number for number in numbers if type(number) is int and 0 <= number < 2**53), default=0)


class _MapArrays(NamedTuple):
    """A map as it is sent: its values, or the levels of its picture; and its range."""

    arrays: dict[str, npt.NDArray[Any]]
    low: float
    high: float


def pack_paint(
    layer: Layer,
    feature: int,
    weights: Weights,
    answer: Answer,
    *,
    matches: Sequence[tuple[int, int]] = (),
    image_token: str | None = None,
) -> bytes:
    """Write a message for the bench; `assets/paint/message.js` says what is in it.

    Parameters
    ----------
    layer, feature, weights, matches
        As for `show_paint`.
    answer : Answer
        What the message answers.
    image_token : str or None
        Names the message that holds the image; None to put the image in this one.

    Returns
    -------
    bytes
        One flat blob, laid out as the stage's.

    Raises
    ------
    ConvError
        If a value of the map is too large for float32.
    """
    return _pack(layer, feature, weights, answer, matches, _map_of(layer, feature), image_token)


def _map_of(layer: Layer, feature: int) -> _MapArrays:
    """Convolve with one kernel of the bank."""
    one = slice(feature, feature + 1)
    spec = layer.plan.spec
    if max(layer.pixels.shape[:2]) > LARGEST_FOLLOWED:
        bank = layer.bank[one]
        plan = plan2d(
            layer.pixels.shape,
            bank.shape,
            stride=spec.stride,
            padding=spec.padding,
            dilation=spec.dilation,
            boundary=spec.boundary,
        )
        alone = replace(layer, bank=bank, bias=layer.bias[one], plan=plan, names=layer.names[one])
        picture = map_pictures(alone)[0]
        return _MapArrays({"levels": picture.levels.astype("<i2", copy=False)}, picture.low, picture.high)
    values = some_maps(layer, one)[:, :, 0]
    sent = np.ascontiguousarray(values, dtype="<f4")
    return _MapArrays({"map": sent}, float(values.min()), float(values.max()))


def _pack(
    layer: Layer,
    feature: int,
    weights: Weights,
    answer: Answer,
    matches: Sequence[tuple[int, int]],
    map_arrays: _MapArrays,
    image_token: str | None,
) -> bytes:
    plan, own = layer.plan, np.array(weights, dtype="<f8")
    _, frame_rows, frame_cols, _ = layer.bank.shape
    arrays: dict[str, npt.NDArray[Any]] = {"bank": own, **map_arrays.arrays}
    if image_token is None:
        arrays["image"] = np.ascontiguousarray(layer.pixels, dtype=layer.pixels.dtype.newbyteorder("<"))
    header = {
        "version": 1,
        **({} if image_token is None else {"imageToken": image_token}),
        "feature": feature,
        "name": layer.names[feature],
        "revision": answer.revision,
        "answered": answer.report,
        "imageShape": plan.image_shape,
        "top": layer.top,
        "outputShape": plan.output_shape[:2],
        "pads": plan.pads,
        "stride": plan.spec.stride,
        "dilation": plan.spec.dilation,
        "boundary": plan.spec.boundary,
        "flip": layer.flip,
        "bias": float(layer.bias[feature]),
        # Where `conv_engine.stack` puts a smaller kernel: the tap of "same" padding stays where it is.
        "frame": {
            "rows": frame_rows,
            "cols": frame_cols,
            "top": (frame_rows - 1) // 2 - (own.shape[0] - 1) // 2,
            "left": (frame_cols - 1) // 2 - (own.shape[1] - 1) // 2,
        },
        "matches": [[int(row), int(col)] for row, col in matches],
        "low": map_arrays.low,
        "high": map_arrays.high,
    }
    return blob(header, arrays)


# What a browser reports


def read_weights(report: object) -> Weights:
    """Take the weights out of a report of the bench.

    Parameters
    ----------
    report : object
        As `on_weights` gets it: ``{"shape": [kh, kw, C], "weights": [kh · kw · C numbers], …}``, rows first.

    Returns
    -------
    Weights
        (kh, kw, C) nested tuples.

    Raises
    ------
    ExperimentError
        If it is something else.

    Examples
    --------
    >>> read_weights({"shape": [1, 2, 1], "weights": [-1, 0.5]})
    (((-1.0,), (0.5,)),)
    """
    if not isinstance(report, Mapping):
        raise ExperimentError(f"A painted kernel has a shape and weights, got {_cut(report)}.")
    shape, numbers = report.get("shape"), report.get("weights")
    if not (isinstance(shape, list | tuple) and len(shape) == 3 and all(type(size) is int for size in shape)):
        raise ExperimentError(f"A painted kernel's shape is rows, columns and channels, got {_cut(shape)}.")
    rows, cols, channels = shape
    if not (1 <= rows <= LARGEST_KERNEL and 1 <= cols <= LARGEST_KERNEL and channels in (1, 3)):
        raise ExperimentError(
            f"A painted kernel has 1 to {LARGEST_KERNEL} rows and columns for 1 or 3 channels, got {_cut(shape)}."
        )
    if not isinstance(numbers, list | tuple) or len(numbers) != rows * cols * channels:
        got = f"{len(numbers)}" if isinstance(numbers, list | tuple) else _cut(numbers)
        raise ExperimentError(
            f"A painted kernel of {rows} × {cols} × {channels} has {rows * cols * channels} weights, got {got}."
        )
    for number in numbers:
        if type(number) not in (int, float) or not abs(number) <= LARGEST_WEIGHT:
            raise ExperimentError(
                f"A painted weight must be a number between -1,000,000 and 1,000,000, got {_cut(number)}."
            )
    values = iter(numbers)
    return tuple(
        tuple(tuple(float(next(values)) + 0.0 for _ in range(channels)) for _ in range(cols)) for _ in range(rows)
    )


def read_patch(report: object, shape: Sequence[int]) -> Patch:
    """Take the patch out of a report of the bench.

    Parameters
    ----------
    report : object
        As `on_lift` gets it: ``{"row": …, "col": …, "rows": …, "cols": …, …}``.
    shape : sequence of int
        (H, W) or (H, W, C), that of the picture which the patch is cut from.

    Returns
    -------
    Patch
        Wholly inside of the picture.

    Raises
    ------
    ExperimentError
        If it is something else.

    Examples
    --------
    >>> read_patch({"row": 2, "col": 0, "rows": 3, "cols": 4}, (32, 32, 3))
    Patch(row=2, col=0, rows=3, cols=4)
    """
    if not isinstance(report, Mapping):
        raise ExperimentError(f"A lifted patch has a row, a column and a size, got {_cut(report)}.")
    height, width = shape[:2]
    parts = []
    for name, least, most in (
        ("row", 0, height - 1),
        ("col", 0, width - 1),
        ("rows", 1, LARGEST_KERNEL),
        ("cols", 1, LARGEST_KERNEL),
    ):
        value = report.get(name)
        if type(value) is not int or not least <= value <= most:
            raise ExperimentError(
                f"The {name} of a lifted patch must be from {least} to {most}, got {_cut(value)}."
            )
        parts.append(value)
    patch = Patch(*parts)
    if patch.row + patch.rows > height or patch.col + patch.cols > width:
        raise ExperimentError(
            f"A patch of {patch.rows} × {patch.cols} at row {patch.row}, column {patch.col} reaches beyond the "
            f"picture of {height} × {width}."
        )
    return patch


def _cut(value: object) -> str:
    """Show a value that may be anything, and be of any size and depth."""
    if isinstance(value, list | tuple):
        return f"[{', '.join(_cut(part) for part in value)}]" if _is_short(value) else f"a list of {len(value)}"
    if isinstance(value, Mapping):
        return f"something of {len(value)} parts"
    if isinstance(value, int) and abs(value) > _LARGEST_SHOWN:
        return f"a number beyond {_LARGEST_SHOWN:.0e}"
    text = str(value)
    return f"“{text[:_LONGEST_SHOWN]}{'…' if len(text) > _LONGEST_SHOWN else ''}”"


def _is_short(values: Sequence[object]) -> bool:
    return len(values) <= 4 and not any(isinstance(value, list | tuple) for value in values)
