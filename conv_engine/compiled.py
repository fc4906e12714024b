"""The compiled kernel: `compiled.c`, made ready in the background where a C compiler can be had.

The package `ziglang` (requirements-fast.txt) brings a C compiler that pip can install on every system. The first
layer starts the compiler in a process of its own; until it is done, a second or two later, and wherever it fails,
NumPy's algorithms answer. Nothing waits, and the library is not left on the disk.

This module is the plan of the compiled kernel: it lays out the planes of a strip, says for every tap where in them
it reads, and cuts the bank into blocks of features that the tiles of `compiled.c` are made for.
"""

import ctypes
import importlib.util
import math
import os
import shutil
import subprocess
import sys
import tempfile
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
import numpy.typing as npt

from conv_engine.arrays import FeatureMaps, Numbers
from conv_engine.axis import Indices
from conv_engine.errors import ConvError
from conv_engine.layer import Apply, Layer, Singles
from conv_engine.threads import scratch, share

__all__ = [
    "compiled",
    "compiled_separable",
    "compiled_separable_work",
    "compiled_work",
    "is_ready",
    "wait",
    "why_not",
]

SWITCH = "CONV_ENGINE_COMPILED"
"""The environment variable that keeps the compiled kernel away, if it is ``"0"``."""

_SOURCE = Path(__file__).with_name("compiled.c")
_FLAGS = (
    "-O3",
    "-march=native",
    "-mprefer-vector-width=512",
    "-ffp-contract=fast",
    "-fno-sanitize=all",
    "-shared",
)
_PATIENCE = 300.0  # seconds that the compiler may take

_KINDS = {"u1": 0, "u2": 1, "i2": 2, "i4": 3, "f4": 4, "f8": 5}
_WIDE, _NARROW, _APART = range(3)

# A strip of planes should stay in a core's second-level cache, and leave room there for what is written.
_STRIP_FLOATS = 1 << 17
# Beyond this a strip is no longer one: dilations or kernels of a thousand pixels.
_MOST_FLOATS = 1 << 20
_STRIP_COLS = 1024
_MOST_ROWS = 64
# Maps larger than this are written past the caches, which would not hold them for who reads them next.
_CACHED_BYTES = 1 << 24
# Products and cells below which a second thread costs more than it gains.
_ALONE = 2_000_000


# --- the library -------------------------------------------------------------------------------------------

_lock = threading.Lock()
_started: threading.Thread | None = None
_library: ctypes.CDLL | None = None
_reason = "it has not been asked for yet"


def is_ready() -> bool:
    """Tell whether the compiled kernel can be used now; where it cannot, begin to make it."""
    if _library is None and _started is None:
        _start()
    return _library is not None


def wait() -> bool:
    """Wait until the compiled kernel is ready or has failed; tell which.

    Returns
    -------
    bool
        True if it is ready. If not, `why_not` says why.
    """
    is_ready()
    if _started is not None:
        _started.join()
    return _library is not None


def why_not() -> str:
    """Return why the compiled kernel is not in use, in a sentence; empty if it is."""
    return _reason


def _start() -> None:
    global _started, _reason
    with _lock:
        if _started is None:
            _reason = "the compiler is still at work"
            _started = threading.Thread(target=_make, name="conv_engine-compiler", daemon=True)
            _started.start()


def _make() -> None:
    global _library, _reason
    try:
        library = _compile()
    except (OSError, subprocess.SubprocessError, AttributeError) as error:
        _reason = f"the compiled kernel could not be made: {error}"
    else:
        _library, _reason = library, ""


def _compile() -> ctypes.CDLL:
    if os.environ.get(SWITCH) == "0":
        raise OSError(f"{SWITCH} is 0")
    if importlib.util.find_spec("ziglang") is None:
        raise OSError("the package ziglang is not installed (pip install -r requirements-fast.txt)")
    folder = Path(tempfile.mkdtemp(prefix="conv_engine-"))
    try:
        target = folder / f"compiled{'.dll' if os.name == 'nt' else '.so'}"
        command = [sys.executable, "-m", "ziglang", "cc", *_FLAGS, "-o", str(target), str(_SOURCE)]
        # The compiler remembers what it has made; where the home is read-only, it may do so for this once.
        for cache_folder in ({}, {"ZIG_GLOBAL_CACHE_DIR": str(folder / "cache")}):
            done = subprocess.run(
                command,
                env={**os.environ, "ZIG_LOCAL_CACHE_DIR": str(folder / "local"), **cache_folder},
                cwd=folder,
                stdin=subprocess.DEVNULL,
                capture_output=True,
                text=True,
                timeout=_PATIENCE,
                check=False,
            )
            if done.returncode == 0:
                return _load(target)
        raise OSError(f"the compiler said: {done.stderr.strip()[-500:] or done.returncode}")
    finally:
        shutil.rmtree(folder, ignore_errors=True)  # a loaded library lives on without its file


def _load(path: Path) -> ctypes.CDLL:
    library = ctypes.CDLL(str(path))
    library.convolve.restype = None
    library.convolve.argtypes = [
        ctypes.c_void_p,
        ctypes.c_void_p,
        ctypes.c_longlong,
        ctypes.c_void_p,
        ctypes.c_longlong,
        ctypes.c_longlong,
        ctypes.c_void_p,
    ]
    library.tile_sizes.restype = None
    library.tile_sizes.argtypes = [ctypes.c_void_p]
    return library


@dataclass(frozen=True)
class _Tiles:
    lanes: int
    features: int
    rows: int
    slack: int


@cache
def _tiles() -> _Tiles:
    if not wait() or _library is None:
        raise ConvError(f"method must be one that works here; there is no compiled kernel: {_reason}")
    sizes = np.zeros(4, dtype=np.int64)
    _library.tile_sizes(sizes.ctypes.data)
    return _Tiles(*sizes.tolist())


# --- the same structures as in compiled.c ------------------------------------------------------------------


class _Block(ctypes.Structure):
    _fields_ = (
        ("shape", ctypes.c_longlong),
        ("lanes", ctypes.c_longlong),
        ("first", ctypes.c_longlong),
        ("count", ctypes.c_longlong),
        ("apart", ctypes.c_longlong),
        ("taps", ctypes.c_longlong),
        ("offsets", ctypes.c_void_p),
        ("weights", ctypes.c_void_p),
        ("row_taps", ctypes.c_longlong),
        ("row_offsets", ctypes.c_void_p),
        ("row_weights", ctypes.c_void_p),
    )


class _Pass(ctypes.Structure):
    _fields_ = (
        ("blocks", ctypes.c_longlong),
        ("block", ctypes.POINTER(_Block)),
        ("bias", ctypes.c_void_p),
        ("divisor", ctypes.c_float),
    )


class _Layer(ctypes.Structure):
    _fields_ = (
        *(
            (name, ctypes.c_longlong)
            for name in ("channels", "kind", "stride_rows", "stride_cols", "span_rows", "span_cols")
        ),
        ("row_sources", ctypes.c_void_p),
        ("col_sources", ctypes.c_void_p),
        *(
            (name, ctypes.c_longlong)
            for name in (
                *("before", "inner_cols", "out_cols", "features"),
                *("strip_rows", "strip_cols", "pitch", "streams", "planes"),
            )
        ),
        ("first", _Pass),
        ("second", _Pass),
    )


# --- the plan of the strips --------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Strip:
    """How large a strip is and how its planes lie in memory, in floats."""

    rows: int  # of output
    cols: int
    lines: int  # of padded input
    pitch: int  # from row to row of a plane
    line: int  # from line to line: the planes of all phases of the column stride
    stride_cols: int

    @classmethod
    def of(cls, layer: Layer) -> "_Strip | None":
        """Choose a strip; None where even the smallest is too large."""
        plan = layer.plan
        rows, cols, channels = plan.row_axis, plan.col_axis, plan.image_shape[2]
        tall, wide = min(rows.out, 4), cols.out
        pieces = -(-wide // _STRIP_COLS)
        while True:
            strip_cols = min(-(-wide // (pieces * 16)) * 16, wide)
            width = (strip_cols - 1) * cols.stride + cols.effective
            pitch = -(-width // (cols.stride * 16)) * 16 + 16
            line = pitch * cols.stride
            least = ((tall - 1) * rows.stride + rows.effective) * line * channels
            if least <= 2 * _STRIP_FLOATS or strip_cols <= 128:
                break
            pieces *= 2
        if least > _MOST_FLOATS:
            return None
        fitting = (_STRIP_FLOATS // (line * channels) - rows.effective) // rows.stride + 1
        # Some strips for every core to take, and none so low that most of it is read twice.
        strip_rows = max(min(fitting // 4 * 4, _MOST_ROWS, -(-rows.out // 32) * 4), 4)
        lines = (strip_rows - 1) * rows.stride + rows.effective
        return cls(strip_rows, strip_cols, lines, pitch, line, cols.stride)

    @property
    def plane(self) -> int:
        """Floats of the planes of one channel."""
        return self.lines * self.line

    def offset(self, channel: Indices, row: Indices, col: Indices) -> Indices:
        """Where a padded pixel is, from the cell that stands at the strip's corner."""
        turns, phase = np.divmod(col, self.stride_cols)
        place: Indices = channel * self.plane + row * self.line + phase * self.pitch + turns
        return place


class _Keeper:
    """Hands out addresses of arrays, and keeps the arrays alive as long as itself."""

    def __init__(self) -> None:
        self._kept: list[object] = []

    def __call__(self, array: npt.NDArray[np.generic]) -> int:
        array = np.ascontiguousarray(array)
        self._kept.append(array)
        return array.ctypes.data

    def run(self, blocks: Sequence[_Block], bias: Singles, divisor: float) -> _Pass:
        array = (_Block * len(blocks))(*blocks)
        self._kept.append(array)
        # Tiles read the bias of all their lanes, also of those that are not written.
        padded = np.zeros(bias.size + 64, dtype=np.float32)
        padded[: bias.size] = bias
        return _Pass(len(blocks), array, self(padded), divisor)


def _spans(features: int, groups: int, *, wide: bool) -> list[tuple[int, int, int, int]]:
    """Cut the features into blocks, (shape, lanes, first, count), none across two groups."""
    tiles, spans = _tiles(), []
    for first in range(0, features, features // groups):
        at, end = first, first + features // groups
        while at < end:
            left = end - at
            if wide and left >= tiles.lanes and tiles.lanes > tiles.features:
                vectors = 2 if left >= 2 * tiles.lanes else 1
                shape, lanes, count = _WIDE, vectors, vectors * tiles.lanes
            else:
                lanes = 1 if left == 1 else 4 if left <= 4 else tiles.features
                shape, count = _NARROW, min(left, lanes)
            spans.append((shape, lanes, at, count))
            at += count
    return spans


def _block(
    keep: _Keeper,
    span: tuple[int, int, int, int],
    offsets: Indices,
    weights: Singles,
    *,
    apart: int = 0,
    rows: tuple[Indices, Singles] | None = None,
) -> _Block:
    """Make a block of the taps that are not zero for all its features; offsets (taps,), weights (taps, count)."""
    shape, lanes, first, count = span
    width = lanes * _tiles().lanes if shape == _WIDE else lanes
    used = weights.any(axis=1)
    padded = np.zeros((int(used.sum()), width), dtype=np.float32)
    padded[:, :count] = weights[used]
    block = _Block(
        shape, lanes, first, count, apart, len(padded), keep(offsets[used]), keep(padded), 0, None, None
    )
    if rows is not None:
        row_offsets, row_weights = rows
        used = row_weights.any(axis=1)
        # Rows that share no taps gain nothing from being computed together.
        if 0 < used.sum() <= 2 * block.taps:
            block.row_taps = int(used.sum())
            block.row_offsets = keep(row_offsets[used])
            block.row_weights = keep(row_weights[used])
    return block


def _rows_together(kernel: Singles, step: int, spread: int) -> Singles:
    """Lay a kernel (kh, …) down once for each row of a tile, `step` lower each time; (lines, …, rows)."""
    rows = _tiles().rows
    lines = (rows - 1) * step + (len(kernel) - 1) * spread + 1
    laid = np.zeros((lines, *kernel.shape[1:], rows), dtype=np.float32)
    for row in range(rows):
        laid[row * step : row * step + (len(kernel) - 1) * spread + 1 : spread, ..., row] = kernel
    return laid


def compiled_work(layer: Layer) -> tuple[float, float]:
    """Return how many numbers are moved, and how many products are made, idle lanes among them."""
    plan = layer.plan
    out_rows, out_cols, features = plan.output_shape
    per_group = features // plan.spec.groups
    # A single feature is computed for some rows at once, and a band of zeros with it.
    height = plan.bank_shape[1]
    idle = (height + 3) / height if per_group == 1 else -(-per_group // 4) * 4 / per_group
    cells = out_rows * out_cols * features
    return math.prod(plan.image_shape) + cells, cells * layer.taps * idle


def compiled_separable_work(layer: Layer) -> tuple[float, float]:
    """Return how many numbers are moved, and how many products are made."""
    plan, parts = layer.plan, layer.factors
    if parts is None:
        return math.inf, math.inf
    out_rows, out_cols, features = plan.output_shape
    cells = out_rows * out_cols * features
    between = plan.row_axis.padded * out_cols * features * parts.rank
    return math.prod(plan.image_shape) + cells + 2 * between, cells * parts.products


def compiled(layer: Layer) -> Apply | None:
    """Make a function that convolves in one pass, in float32; None for a layer that no strip can hold.

    Parameters
    ----------
    layer : Layer
        What to convolve with.

    Returns
    -------
    callable or None
        Takes pixels (H, W, C) and fills maps (oh, ow, K), which must be contiguous.

    Raises
    ------
    ConvError
        If the compiled kernel is not ready.
    """
    plan, tiles = layer.plan, _tiles()
    strip = _Strip.of(layer)
    if strip is None:
        return None
    weights, bias, divisor = layer.singles
    features, height, width, channels = weights.shape
    groups = plan.spec.groups
    dilation, stride = plan.spec.dilation, plan.spec.stride
    keep, blocks = _Keeper(), []
    taps = np.indices((channels, height, width)).reshape(3, -1)
    for span in _spans(features, groups, wide=True):
        shape, lanes, first, count = span
        base = first // (features // groups) * channels
        offsets = strip.offset(base + taps[0], taps[1] * dilation[0], taps[2] * dilation[1])
        kernels = weights[first : first + count].transpose(3, 1, 2, 0).reshape(-1, count)
        rows = None
        if shape == _NARROW and lanes == 1:
            laid = _rows_together(weights[first], stride[0], dilation[0]).transpose(2, 0, 1, 3)
            at = np.indices(laid.shape[:3]).reshape(3, -1)
            rows = strip.offset(base + at[0], at[1], at[2] * dilation[1]), laid.reshape(-1, tiles.rows)
        blocks.append(_block(keep, span, offsets, kernels, rows=rows))
    only = keep.run(blocks, bias, divisor)
    return _applying(layer, strip, keep, only, None, 0, layer.taps)


def compiled_separable(layer: Layer) -> Apply | None:
    """Make a function that convolves rows, then columns, in float32.

    Parameters
    ----------
    layer : Layer
        What to convolve with.

    Returns
    -------
    callable or None
        As `compiled` gives it; None for kernels of high rank, too.

    Raises
    ------
    ConvError
        If the compiled kernel is not ready.
    """
    plan, tiles, parts = layer.plan, _tiles(), layer.factors
    strip = _Strip.of(layer)
    if strip is None or parts is None:
        return None
    features, rank, width, channels = parts.rows.shape
    height, groups, dilation = parts.columns.shape[1], plan.spec.groups, plan.spec.dilation
    along_rows = parts.rows.reshape(features * rank, width, channels).astype(np.float32)
    along_columns = parts.columns.astype(np.float32)
    keep = _Keeper()

    first_blocks = []
    taps = np.indices((channels, width)).reshape(2, -1)
    for span in _spans(features * rank, groups, wide=False):
        _, _, first, count = span
        base = first // (features * rank // groups) * channels
        offsets = strip.offset(base + taps[0], np.zeros_like(taps[0]), taps[1] * dilation[1])
        kernels = along_rows[first : first + count].transpose(2, 1, 0).reshape(-1, count)
        first_blocks.append(_block(keep, span, offsets, kernels))

    second_blocks = []
    plane = strip.lines * strip.pitch
    taps = np.indices((rank, height)).reshape(2, -1)
    size = 1 if features == 1 else 4 if features <= 4 else tiles.features
    for first in range(0, features, size):
        count = min(size, features - first)
        offsets = (first * rank + taps[0]) * plane + taps[1] * dilation[0] * strip.pitch
        kernels = along_columns[first : first + count].transpose(2, 1, 0).reshape(-1, count)
        rows = None
        if size == 1:
            laid = _rows_together(along_columns[first], plan.spec.stride[0], dilation[0]).transpose(1, 0, 2)
            at = np.indices(laid.shape[:2]).reshape(2, -1)
            rows = (first * rank + at[0]) * plane + at[1] * strip.pitch, laid.reshape(-1, tiles.rows)
        span = (_NARROW if size == 1 else _APART, size, first, count)
        second_blocks.append(_block(keep, span, offsets, kernels, apart=rank * plane, rows=rows))

    zeros = np.zeros(features * rank, dtype=np.float32)
    passes = (
        keep.run(first_blocks, zeros, 1.0),
        keep.run(second_blocks, (layer.bias * parts.divisor).astype(np.float32), parts.divisor),
    )
    planes = -(-features // size) * size * rank
    return _applying(layer, strip, keep, *passes, planes, parts.products)


def _applying(
    layer: Layer, strip: _Strip, keep: _Keeper, first: _Pass, second: _Pass | None, planes: int, products: int
) -> Apply:
    plan, tiles, library = layer.plan, _tiles(), _library
    assert library is not None  # _tiles has raised otherwise
    row_axis, col_axis, channels = plan.row_axis, plan.col_axis, plan.image_shape[2]
    out_rows, out_cols, features = plan.output_shape
    tables = [
        keep(axis.sources(np.arange(-axis.before, axis.size + axis.after, dtype=np.intp)).astype(np.int64))
        for axis in (row_axis, col_axis)
    ]
    # Each with what its addresses point into.
    kept = [
        (
            _Layer(
                channels,
                kind,
                *plan.spec.stride,
                row_axis.effective,
                col_axis.effective,
                *tables,
                col_axis.before,
                col_axis.size,
                out_cols,
                features,
                strip.rows,
                strip.cols,
                strip.pitch,
                4 * out_rows * out_cols * features > _CACHED_BYTES,
                planes,
                first,
                second or first,
            ),
            keep,
        )
        for kind in range(len(_KINDS))
    ]
    floats = (
        2 * channels * strip.stride_cols
        + channels * strip.plane
        + planes * strip.lines * strip.pitch
        + 2 * tiles.slack
        + tiles.lanes
    )
    pieces = math.ceil(out_rows / strip.rows)
    work = out_rows * out_cols * features * products + row_axis.size * col_axis.size * channels
    at_once = max(1, pieces // 8)  # a call costs some microseconds, a strip of few cells hardly more
    convolve = library.convolve

    def apply(pixels: Numbers, out: FeatureMaps) -> None:
        image = _readable(pixels)
        struct = kept[_KINDS[image.dtype.str[1:]]][0]
        address = ctypes.addressof(struct)
        source, target, step = _address(image), _address(out), image.strides[0]

        def piece(index: int) -> None:
            start = index * at_once * strip.rows
            end = min(start + at_once * strip.rows, out_rows)
            memory = scratch(floats)
            convolve(address, source, step, target, start, end, _address(memory))

        share(math.ceil(pieces / at_once), piece, alone=work < _ALONE)

    return apply


def _readable(pixels: Numbers) -> Numbers:
    """Return the pixels as the kernel can read them: of a kind it knows, each row in one piece."""
    if pixels.dtype.str[1:] not in _KINDS or not pixels.dtype.isnative:
        return np.ascontiguousarray(pixels, dtype=np.float32)
    size = pixels.itemsize
    if pixels.strides[2] == size and pixels.strides[1] == size * pixels.shape[2] and pixels.strides[0] % size == 0:
        return pixels
    return np.ascontiguousarray(pixels)


def _address(array: npt.NDArray[np.generic]) -> int:
    address: int = array.__array_interface__["data"][0]
    return address
