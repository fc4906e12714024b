"""A bank as a file: JSON, which says all of it, and NPZ, which NumPy opens. In and out, and never trusted.

JSON is held to ``assets/bank.schema.json``, which is at the same time its documentation: what a person reads about
a mistake is what the schema says of that place. NPZ is a zip of arrays. Its sizes are checked in the directory
before anything is unpacked, the header of each array before anything is made of it, and Python objects, which
could run code when they are loaded, are refused by the header alone.

Features, rows and columns are counted from 1 in what is said of a file.
"""

import io
import json
import math
import zipfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, NoReturn, TypeAlias

import numpy as np
import numpy.typing as npt

from ui.experiment import LARGEST_KERNEL, LONGEST_NAME, MOST_FEATURES, OWN, ExperimentError, Feature, Weights
from ui.layer import bank_of, kernel_of, kernel_title
from ui.text import cut
from ui.weights import LARGEST_WEIGHT

__all__ = ["MOST_BYTES", "SCHEMA", "BankFileError", "bank_json", "bank_npz", "load_bank"]

FORMAT = "convscope-bank"
VERSION = 1

MOST_BYTES = 4 * 2**20
"""Of a file, and of all that an NPZ file holds. The largest bank has about 0.3 MB, in the widest layout 1 MB."""

SCHEMA = Path(__file__).resolve().parent.parent / "assets" / "bank.schema.json"
"""JSON Schema, draft 2020-12, of what `bank_json` writes and `load_bank` takes."""

_Path: TypeAlias = Sequence[int | str]
_Doubles: TypeAlias = npt.NDArray[np.float64]


class BankFileError(ValueError):
    """A file that is no bank. Its message says for a person which place is wrong, and what would be right."""


# --- Out -----------------------------------------------------------------------------------------------------


def bank_json(features: Sequence[Feature]) -> bytes:
    """Write a bank as JSON.

    Parameters
    ----------
    features : sequence of Feature
        1 to 16 of them.

    Returns
    -------
    bytes
        UTF-8, as `SCHEMA` describes it, with a line for each row of weights. `load_bank` gives back equal
        features.
    """
    whole = ",\n".join(_feature_json(feature) for feature in features)
    text = f'{{\n  "format": "{FORMAT}",\n  "version": {VERSION},\n  "features": [\n{whole}\n  ]\n}}\n'
    return text.encode()


def _feature_json(feature: Feature) -> str:
    fields: dict[str, object] = {
        "name": feature.name,
        "kernel": feature.kernel,
        "parameters": [float(value) for value in feature.parameters],
        "bias": float(feature.bias),
    }
    lines = [f'      "{key}": {json.dumps(value, ensure_ascii=False)}' for key, value in fields.items()]
    if feature.weights is not None:
        rows = [json.dumps([[float(weight) for weight in cell] for cell in row]) for row in feature.weights]
        lines.append('      "weights": [\n        ' + ",\n        ".join(rows) + "\n      ]")
    return "    {\n" + ",\n".join(lines) + "\n    }"


def bank_npz(features: Sequence[Feature]) -> bytes:
    """Write a bank as NPZ, for `numpy.load`.

    Parameters
    ----------
    features : sequence of Feature
        K of them, 1 to 16.

    Returns
    -------
    bytes
        An archive of ``bank`` (K, kh, kw, C) in float64, the kernels framed with zeros to one size as `bank_of`
        does, C being 3 if any of them has a slice for each of three channels, else 1; ``bias`` (K,) in float64;
        ``names`` (K,) in Unicode; ``shared`` (K,), whether a kernel has the same slice for each channel; and
        ``version``. Which kernels of the library they are is not kept: `load_bank` gives back own kernels, of the
        same bank.
    """
    shared = [kernel_of(feature).weights.ndim == 2 for feature in features]
    names = [feature.name or ("" if feature.kernel == OWN else _as_name(feature.kernel)) for feature in features]
    file = io.BytesIO()
    np.savez_compressed(
        file,
        bank=bank_of(features, 1 if all(shared) else 3),
        bias=np.array([feature.bias for feature in features], dtype=np.float64),
        names=np.array(names, dtype=f"<U{LONGEST_NAME}"),
        shared=np.array(shared),
        version=np.array(VERSION),
    )
    return file.getvalue()


def _as_name(kernel: str) -> str:
    return kernel_title(kernel).replace("~", "-")[:LONGEST_NAME]


# --- In ------------------------------------------------------------------------------------------------------


def load_bank(data: bytes, name: str) -> tuple[Feature, ...]:
    """Read a bank from the bytes of a file.

    Parameters
    ----------
    data : bytes
        JSON as `SCHEMA` describes it, in UTF-8, UTF-16 or UTF-32, or an NPZ archive as `bank_npz` writes it, in
        which all but ``bank`` may be missing. Told apart by the content.
    name : str
        The file's name, to say it where it promises something else than the content is.

    Returns
    -------
    tuple of Feature
        1 to 16 of them.

    Raises
    ------
    BankFileError
        For everything else. No other exception is raised, and nothing in a file is ever unpickled.
    """
    if not data:
        raise BankFileError("The file is empty: it has 0 bytes. Choose a bank that was saved here.")
    if len(data) > MOST_BYTES:
        raise BankFileError(f"The file has {len(data):,} bytes, and a bank has at most {MOST_BYTES:,} (4 MB).")
    if data.startswith((b"PK\3\4", b"PK\5\6")):
        return _read_npz(data)
    return _read_json(data, name)


def _refuse(place: str, what: str) -> NoReturn:
    raise BankFileError(f"{place}: {what}")


def _feature(number: int, *arguments: Any) -> Feature:
    try:
        return Feature(*arguments)
    except ExperimentError as error:
        raise BankFileError(f"Feature {number}: {error}") from error


# --- JSON ----------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Odd:
    """What Python reads and JSON or a bank does not allow; refused at its place, since it fits no type."""

    said: str


def _read_json(data: bytes, name: str) -> tuple[Feature, ...]:
    try:
        text = data.decode(json.detect_encoding(data))
    except UnicodeDecodeError:
        raise BankFileError(_stranger(data, name)) from None
    if not text.lstrip().startswith("{"):
        raise BankFileError(_stranger(data, name))
    try:
        bank = json.loads(
            text,
            object_pairs_hook=_object,
            parse_float=_float,
            parse_int=_int,
            parse_constant=lambda word: _Odd(f"“{word}”"),
        )
        _check_schema(bank)
    except json.JSONDecodeError as error:
        raise BankFileError(
            f"Line {error.lineno:,}, column {error.colno:,}: this is not JSON ({error.msg}). Save the bank again, "
            "or mend that place."
        ) from error
    except RecursionError:
        raise BankFileError(
            "The lists in this file are nested too deep. A bank has features, weights, rows, cells and numbers."
        ) from None
    return tuple(_feature_of(number, entry) for number, entry in enumerate(bank["features"], 1))


def _stranger(data: bytes, name: str) -> str:
    """Say what a file seems to be that is neither of the two kinds."""
    if data.startswith(b"\x93NUMPY"):
        what = "This is a single NumPy array (NPY). Save the bank with numpy.savez, as the array “bank”."
    elif data[:1] == b"\x80" and data[1:2] <= b"\x05":
        what = "This looks like a pickle, which is never opened, since it can run any code. Save the bank as JSON."
    else:
        what = (
            f"This is neither JSON nor NPZ: it begins with {_beginning(data)}. Choose a bank that was saved here."
        )
    ending = Path(name).suffix
    promised = f" The name ends in “{cut(ending)}”, but the content counts." if ending in (".json", ".npz") else ""
    return what + promised


def _beginning(data: bytes) -> str:
    head = data[:24].decode("ascii", "ignore")
    readable = len(head) == len(data[:24]) and all(letter.isprintable() or letter.isspace() for letter in head)
    return f"“{' '.join(head.split())}”" if readable else f"the bytes {data[:8].hex(' ')}"


def _object(pairs: Sequence[tuple[str, Any]]) -> Any:
    read: dict[str, Any] = {}
    for key, value in pairs:
        if key in read:
            return _Odd(f"one with the field “{cut(key)}” twice")
        read[key] = value
    return read


def _float(text: str) -> float | _Odd:
    value = float(text)
    return value if math.isfinite(value) else _Odd(f"“{cut(text)}”")


def _int(text: str) -> int | _Odd:
    # Python refuses to read integers of thousands of digits. None of more than 17 characters is in any range here.
    return int(text) if len(text) < 18 else _Odd(f"“{cut(text)}”")


@cache
def _validator() -> Any:
    # Imported at the first file: no page needs it to be shown.
    import jsonschema  # type: ignore[import-untyped]  # it comes without types

    return jsonschema.Draft202012Validator(json.loads(SCHEMA.read_text(encoding="utf-8")))


def _check_schema(bank: object) -> None:
    error = next(_validator().iter_errors(bank), None)
    if error is None:
        return
    place, got = _place(list(error.absolute_path), bank), _got(error.instance)
    described = error.schema.get("description", "")
    if error.validator == "required":
        missing = next(key for key in error.validator_value if key not in error.instance)
        _refuse(place, f"the field “{missing}” is missing; expected {described}.")
    if error.validator == "additionalProperties":
        known = error.schema["properties"]
        strange = next(key for key in error.instance if key not in known)
        _refuse(place, f"there is no field “{cut(strange)}”; there are {', '.join(known)}.")
    _refuse(place, f"expected {described}, got {got}.")


def _place(path: _Path, bank: Any) -> str:
    """Name a place: its feature, and in this a field, or a row, a column and, of several, a channel."""
    if not path:
        return "The file"
    if len(path) == 1:
        return f"The field “{path[0]}”"
    inner = path[2:]
    words = [f"Feature {_from_1(path[1])}"]
    if inner[:1] == ["weights"] and len(inner) > 1:
        axes = list(zip(("row", "column", "channel"), inner[1:], strict=False))
        if len(axes) == 3 and len(bank["features"][path[1]]["weights"][inner[1]][inner[2]]) == 1:
            axes.pop()
        words += [f"{axis} {_from_1(index)}" for axis, index in axes]
    elif len(inner) == 2:
        words.append(f"parameter {_from_1(inner[1])}")
    else:
        words += [str(key) for key in inner]
    return ", ".join(words)


def _from_1(index: int | str) -> int:
    return int(index) + 1


def _got(value: object) -> str:
    if isinstance(value, _Odd):
        return value.said
    if isinstance(value, list):
        return f"a list of {len(value):,}"
    if isinstance(value, dict):
        return "an object"
    return f"“{cut(value)}”" if isinstance(value, str) else cut(json.dumps(value))


def _feature_of(number: int, entry: dict[str, Any]) -> Feature:
    weights = None
    if "weights" in entry:
        _check_rows(number, entry["weights"])
        weights = _weights(entry["weights"])
    parameters = tuple(float(value) for value in entry.get("parameters", []))
    return _feature(
        number, entry["kernel"], weights, float(entry.get("bias", 0)), entry.get("name", ""), parameters
    )


def _check_rows(number: int, rows: list[list[list[float]]]) -> None:
    """Hold all rows and all cells to the length of the first, which JSON Schema cannot say."""
    cols, channels = len(rows[0]), len(rows[0][0])
    for i, row in enumerate(rows, 1):
        if len(row) != cols:
            _refuse(f"Feature {number}, row {i}", f"expected {cols} cells as in row 1, got {len(row)}.")
        for j, cell in enumerate(row, 1):
            if len(cell) != channels:
                _refuse(
                    f"Feature {number}, row {i}, column {j}",
                    f"expected as many weights as in the first cell, {channels}, got {len(cell)}.",
                )


def _weights(rows: Iterable[Iterable[Iterable[float]]]) -> Weights:
    return tuple(tuple(tuple(float(weight) for weight in cell) for cell in row) for row in rows)


# --- NPZ -----------------------------------------------------------------------------------------------------

# The number of axes and the kinds of number (`numpy.dtype.kind`) of each array.
_ARRAYS = {"bank": (4, "fiu"), "bias": (1, "fiu"), "names": (1, "U"), "shared": (1, "b"), "version": (0, "iu")}
_KINDS = {"f": "numbers", "U": "texts (dtype str)", "b": "truth values", "i": "an integer"}
_PACKINGS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
_ENCRYPTED = 0x1


def _read_npz(data: bytes) -> tuple[Feature, ...]:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            arrays = {name: _array(name, payload) for name, payload in _unpacked(archive)}
    except BankFileError:
        raise
    except Exception as error:  # zipfile, zlib and NumPy have many for what is damaged
        raise BankFileError("This NPZ file is damaged or cut short. Save or download it once more.") from error
    if "bank" not in arrays:
        raise BankFileError(
            "This zip file has no array “bank” (kernels, rows, columns, channels), so it is no bank."
        )
    version = int(arrays["version"]) if "version" in arrays else VERSION
    if version != VERSION:
        raise BankFileError(f"This bank is of version {version}, and this program reads version {VERSION}.")
    return _features_of(arrays)


def _unpacked(archive: zipfile.ZipFile) -> list[tuple[str, bytes]]:
    members = archive.infolist()
    total = sum(member.file_size for member in members)
    if total > MOST_BYTES:
        raise BankFileError(
            f"This file would become {total:,} bytes when it is unpacked, and a bank has at most {MOST_BYTES:,} "
            "(4 MB)."
        )
    names = [member.filename.removesuffix(".npy") for member in members]
    for name, member in zip(names, members, strict=True):
        if name not in _ARRAYS or not member.filename.endswith(".npy") or names.count(name) > 1:
            _refuse(f"“{cut(member.filename)}”", f"expected the arrays {', '.join(_ARRAYS)}, each once.")
        if member.compress_type not in _PACKINGS or member.flag_bits & _ENCRYPTED:
            _refuse(f"“{name}”", "it is encrypted or packed in a rare way. Save the bank with numpy.savez.")
    payloads = []
    for name, member in zip(names, members, strict=True):
        with archive.open(member) as file:
            # No more than the directory says is unpacked, whatever the packed stream would yield.
            payloads.append((name, file.read(member.file_size)))
    return payloads


def _array(name: str, payload: bytes) -> npt.NDArray[Any]:
    """Read an array of the layout NPY (NumPy Enhancement Proposal 1).

    Without its ways to run code, or to reserve more memory than there are bytes.
    """
    file = io.BytesIO(payload)
    version = np.lib.format.read_magic(file)
    read_header = {
        (1, 0): np.lib.format.read_array_header_1_0,
        (2, 0): np.lib.format.read_array_header_2_0,
    }[version]
    shape, in_columns, dtype = read_header(file)
    axes, kinds = _ARRAYS[name]
    if dtype.hasobject:
        _refuse(
            f"“{name}”", "it holds pickled Python objects, which are never opened, since they can run any code."
        )
    if dtype.kind not in kinds:
        _refuse(f"“{name}”", f"expected {_KINDS[kinds[0]]}, got the type {cut(dtype.str)}.")
    if len(shape) != axes:
        _refuse(f"“{name}”", f"expected {axes} axes, got the shape {_times(shape)}.")
    there = len(payload) - file.tell()
    if min(shape, default=0) < 0 or math.prod(shape) * dtype.itemsize != there:
        _refuse(f"“{name}”", f"the shape {_times(shape)} does not fit the {there:,} bytes that there are.")
    if there == 0:
        return np.zeros(shape, dtype)
    return np.ndarray(shape, dtype, payload, file.tell(), order="F" if in_columns else "C")


def _features_of(arrays: dict[str, npt.NDArray[Any]]) -> tuple[Feature, ...]:
    bank = _as_doubles(arrays["bank"])
    count, rows, cols, channels = bank.shape
    if not (
        1 <= count <= MOST_FEATURES
        and 1 <= rows <= LARGEST_KERNEL
        and 1 <= cols <= LARGEST_KERNEL
        and channels in (1, 3)
    ):
        hint = " It looks like PyTorch's order: numpy.moveaxis(bank, 1, -1) mends it." if rows in (1, 3) else ""
        _refuse(
            "“bank”",
            f"expected 1 to {MOST_FEATURES} kernels, 1 to {LARGEST_KERNEL} rows, 1 to {LARGEST_KERNEL} columns "
            f"and 1 or 3 channels, got {_times(bank.shape)}.{hint if channels not in (1, 3) else ''}",
        )
    for name in ("bias", "names", "shared"):
        if name in arrays and arrays[name].shape != (count,):
            _refuse(f"“{name}”", f"expected one for each of {count} kernels, got {arrays[name].shape[0]}.")
    bias = _as_doubles(arrays.get("bias", np.zeros(count)))
    _check_finite(bias, ("bias",))
    _check_finite(bank, ("row", "column", "channel")[: 3 if channels == 3 else 2])
    shared = arrays.get("shared", np.zeros(count, dtype=bool))
    features = []
    for k, name in enumerate(_names(arrays, count)):
        kernel = bank[k]
        if shared[k]:
            if (kernel != kernel[:, :, :1]).any():
                _refuse(
                    f"Feature {k + 1}", "“shared” calls its slices the same for each channel, and they differ."
                )
            kernel = kernel[:, :, :1]
        features.append(_feature(k + 1, OWN, _weights(kernel.tolist()), float(bias[k]), name))
    return tuple(features)


def _names(arrays: dict[str, npt.NDArray[Any]], count: int) -> list[str]:
    if "names" not in arrays:
        return [""] * count
    try:
        return [str(name) for name in arrays["names"].tolist()]
    except (ValueError, SystemError) as error:  # four bytes may be no character at all
        raise BankFileError("“names”: expected texts, got bytes that are no characters.") from error


def _as_doubles(array: npt.NDArray[Any]) -> _Doubles:
    with np.errstate(all="ignore"):  # a long double may be too large for a double: it is refused as infinite
        return array.astype(np.float64)


def _check_finite(array: _Doubles, axes: Sequence[str]) -> None:
    wrong = np.argwhere(~(np.abs(array) <= LARGEST_WEIGHT))
    if wrong.size:
        index = [int(number) for number in wrong[0]]
        words = [axes[0]] if len(index) == 1 else [f"{a} {n + 1}" for a, n in zip(axes, index[1:], strict=False)]
        _refuse(
            f"Feature {index[0] + 1}, {', '.join(words)}",
            f"expected a number from -1,000,000 to 1,000,000, got {array[tuple(index)]}.",
        )


def _times(shape: Iterable[int]) -> str:
    return " × ".join(f"{length:,}" for length in shape) or "of a single number"
