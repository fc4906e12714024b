"""The compiled kernel: `compiled.c`, made ready in the background where a C compiler can be had.

The package `ziglang` (requirements-fast.txt) brings a C compiler that pip can install on every system. The first
layer starts the compiler in a process of its own; until it is done, some seconds later, and wherever it fails,
NumPy's algorithms answer. Nothing waits for it.

This module is the plan of the compiled kernel: it lays out the planes of a strip, says for every tap where in them
it reads, and cuts the bank into blocks of features that the tiles of `compiled.c` are made for.
"""

import atexit
import ctypes
import math
import os
import sys
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
import numpy.typing as npt

from conv_engine.arrays import FeatureMaps, Numbers
from conv_engine.axis import Indices
from conv_engine.costs import NO_END, Work, is_small
from conv_engine.errors import ConvError
from conv_engine.layer import Apply, Layer, Singles
from conv_engine.threads import cores, scratch

__all__ = [
    "CompiledLayer",
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
    # The program that loads it has a C library, and building a second one would double the time.
    *(("-nostdlib",) if sys.platform == "linux" else ()),
)
_PATIENCE = 300.0  # seconds that the compiler may take

# The types of pixels that are read as they are, numbered as in `enum Kind`.
_KINDS = {np.dtype(code): kind for kind, code in enumerate(("u1", "u2", "i2", "i4", "f4", "f8"))}
_WIDE, _NARROW, _APART = range(3)
_ROWS = 4  # that a tile covers where there is a single feature

# A strip of planes should stay in a core's second-level cache, and leave room there for what is written.
_STRIP_FLOATS = 1 << 17
# Beyond this a strip is no longer one: dilations or kernels of a thousand pixels.
_MOST_FLOATS = 1 << 20
_STRIP_COLS, _MOST_ROWS = 1024, 64
# Between two passes a strip should be high, for what it convolves along the rows twice.
_SEPARABLE_FLOATS = 1 << 18
_SEPARABLE_COLS = 512
# Where in a Crew it says how many helpers are awake, and how many there may be.
_AWAKE, _MOST_HELPERS = 4, 7
# Maps larger than this are written past the caches, which would not hold them for who reads them next.
_CACHED_BYTES = 1 << 27


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
            compiler = threading.Thread(target=_make, name="conv_engine-compiler", daemon=True)
            try:
                compiler.start()
            except RuntimeError as error:  # no more threads are allowed
                _reason = f"the compiled kernel could not be made: {error}"
            else:
                _started = compiler


def _make() -> None:
    global _library, _reason
    try:
        library = _compile()
    except Exception as error:  # whatever is wrong with a compiler, it is no reason to fail
        _reason = f"the compiled kernel could not be made: {error}"
    else:
        _library, _reason = library, ""


def _compile() -> ctypes.CDLL:
    # Here, as most programs that import the engine never need them.
    import importlib.util
    import shutil
    import subprocess
    import tempfile

    if os.environ.get(SWITCH) == "0":
        raise OSError(f"{SWITCH} is 0")
    if importlib.util.find_spec("ziglang") is None:
        raise OSError("the package ziglang is not installed (pip install -r requirements-fast.txt)")
    folder = Path(tempfile.mkdtemp(prefix="conv_engine-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)  # if the program ends before the compiler does
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
        shutil.rmtree(folder, ignore_errors=True)  # a loaded library outlives its file, except on Windows


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
    library.convolve_together.restype = None
    library.convolve_together.argtypes = [
        ctypes.c_void_p,
        *library.convolve.argtypes,
        ctypes.c_longlong,
    ]
    library.help.restype = None
    library.help.argtypes = [ctypes.c_void_p, ctypes.c_void_p, ctypes.c_longlong]
    library.tile_sizes.restype = None
    library.tile_sizes.argtypes = [ctypes.c_void_p]
    library.repeat.restype = ctypes.c_int
    library.repeat.argtypes = [ctypes.c_void_p] * 5
    library.probe.restype = None
    library.probe.argtypes = [ctypes.c_longlong, ctypes.c_void_p, ctypes.c_void_p]
    return library


@dataclass(frozen=True)
class _Tiles:
    lanes: int
    features: int
    slack: int


@cache
def _tiles() -> _Tiles:
    if not wait() or _library is None:
        raise ConvError(f"method must be one that works here; there is no compiled kernel: {_reason}")
    sizes = np.zeros(3, dtype=np.int64)
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
        ("rows", ctypes.c_longlong),
        ("row_taps", ctypes.c_longlong * (2 * _ROWS - 1)),
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
                *("strip_rows", "strip_cols", "pitch", "streams", "rounds", "planes"),
            )
        ),
        ("first", ctypes.POINTER(_Pass)),
        ("second", ctypes.POINTER(_Pass)),
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
    alone: bool  # whether all the work is too little to be shared

    @classmethod
    def of(cls, layer: Layer, alone: bool, planes: int = 0) -> "_Strip | None":
        """Choose a strip, for one thread alone or for several; None where even the smallest is too large.

        Between two passes it has so many `planes`, and should then be higher than the kernel: each strip convolves
        along the rows what lies under its windows.
        """
        plan = layer.plan
        rows, cols, channels = plan.row_axis, plan.col_axis, plan.image_shape[2]
        least = min(-(-rows.effective // rows.stride // 4) * 4, _MOST_ROWS) if planes else 4
        lines = (min(rows.out, least) - 1) * rows.stride + rows.effective
        most_cols, most_floats = (_SEPARABLE_COLS, _SEPARABLE_FLOATS) if planes else (_STRIP_COLS, _STRIP_FLOATS)
        pieces = -(-cols.out // most_cols)
        while True:
            strip_cols = min(-(-cols.out // (pieces * 16)) * 16, cols.out)
            width = (strip_cols - 1) * cols.stride + cols.effective
            pitch = -(-width // (cols.stride * 16)) * 16 + 16
            line = pitch * cols.stride
            per_line = line * channels + pitch * planes
            if lines * per_line <= 2 * most_floats or strip_cols <= 128:
                break
            pieces *= 2
        if lines * per_line > _MOST_FLOATS:
            return None
        fitting = (most_floats // per_line - rows.effective) // rows.stride + 1
        # Where work is shared, eight strips at the least for whoever is free.
        most = _MOST_ROWS if alone else min(_MOST_ROWS, -(-rows.out // 32) * 4)
        strip_rows = min(max(min(fitting // 4 * 4, most), least, 4), rows.out)
        lines = (strip_rows - 1) * rows.stride + rows.effective
        return cls(strip_rows, strip_cols, lines, pitch, line, cols.stride, alone)

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
                lanes = left if left in (1, 3) else 4 if left <= 4 else tiles.features
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
        shape,
        lanes,
        first,
        count,
        apart,
        len(padded),
        keep(offsets[used].astype(np.int64)),
        keep(padded),
    )
    if rows is not None:
        row_offsets, row_weights = rows
        used = row_weights.any(axis=1)
        # Rows that share no taps gain nothing from being computed together.
        if 0 < used.sum() <= 2 * block.taps:
            parts = _parts_of_rows(row_weights[used])
            order = np.argsort(parts, kind="stable")
            block.rows = _ROWS
            block.row_taps = tuple(np.bincount(parts, minlength=2 * _ROWS - 1).tolist())
            block.row_offsets = keep(row_offsets[used][order].astype(np.int64))
            block.row_weights = keep(row_weights[used][order])
    return block


def _parts_of_rows(weights: Singles) -> Indices:
    """Sort taps (taps, rows) by the rows that use them: the first, the first two, …, all, …, the last; (taps,)."""
    is_used = weights != 0
    first, last = is_used.argmax(axis=1), _ROWS - 1 - is_used[:, ::-1].argmax(axis=1)
    return np.where(first == 0, last, np.where(last == _ROWS - 1, _ROWS - 1 + first, _ROWS - 1))


def _rows_together(kernel: Singles, step: int, spread: int) -> Singles:
    """Lay a kernel (kh, …) down once for each row of a tile, `step` lower each time; (lines, …, rows)."""
    lines = (_ROWS - 1) * step + (len(kernel) - 1) * spread + 1
    laid = np.zeros((lines, *kernel.shape[1:], _ROWS), dtype=np.float32)
    for row in range(_ROWS):
        laid[row * step : row * step + (len(kernel) - 1) * spread + 1 : spread, ..., row] = kernel
    return laid


def compiled_work(layer: Layer) -> Work:
    """Return what there is to do, products of idle lanes among it."""
    plan = layer.plan
    if _Strip.of(layer, True) is None:
        return NO_END
    out_rows, out_cols, features = plan.output_shape
    per_group = features // plan.spec.groups
    idle = 1 if per_group in (1, 3) else -(-per_group // 4) * 4 / per_group
    cells = out_rows * out_cols * features
    return Work(math.prod(plan.image_shape) + cells, cells * layer.taps * idle)


def compiled_separable_work(layer: Layer) -> Work:
    """Return what there is to do; no end of it at a high rank."""
    plan, parts = layer.plan, layer.factors
    if parts is None:
        return NO_END
    out_rows, out_cols, features = plan.output_shape
    cells = out_rows * out_cols * features
    between = plan.row_axis.padded * out_cols * features * parts.rank
    return Work(math.prod(plan.image_shape) + cells + 2 * between, cells * parts.products)


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
    plan = layer.plan
    strip = _Strip.of(layer, is_small("compiled", compiled_work(layer)))
    if strip is None:
        return None
    weights, bias, divisor = layer.singles
    features, height, width, channels = weights.shape
    groups = plan.spec.groups
    dilation, stride = plan.spec.dilation, plan.spec.stride
    keep, blocks = _Keeper(), []
    taps = np.indices((height, channels, width)).reshape(3, -1)
    for span in _spans(features, groups, wide=True):
        shape, lanes, first, count = span
        base = first // (features // groups) * channels
        offsets = strip.offset(base + taps[1], taps[0] * dilation[0], taps[2] * dilation[1])
        kernels = weights[first : first + count].transpose(1, 3, 2, 0).reshape(-1, count)
        rows = None
        if shape == _NARROW and lanes == 1 and strip.rows >= _ROWS:
            laid = _rows_together(weights[first], stride[0], dilation[0]).transpose(0, 2, 1, 3)
            at = np.indices(laid.shape[:3]).reshape(3, -1)
            rows = strip.offset(base + at[1], at[0], at[2] * dilation[1]), laid.reshape(-1, _ROWS)
        blocks.append(_block(keep, span, offsets, kernels, rows=rows))
    only = keep.run(blocks, bias, divisor)
    return _applying(layer, strip, keep, [only], [], 0)


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
    if parts is None:
        return None
    features, rank, width, channels = parts.rows.shape
    # In each round the features of one tile, so that what is between the passes stays in the cache.
    per_group = features // plan.spec.groups
    size = 1 if per_group == 1 else 4 if per_group <= 4 else tiles.features
    strip = _Strip.of(layer, is_small("compiled_separable", compiled_separable_work(layer)), size * rank)
    if strip is None:
        return None
    height, dilation, plane = parts.columns.shape[1], plan.spec.dilation, strip.lines * strip.pitch
    bias = (layer.bias * parts.divisor).astype(np.float32)
    keep, first, second = _Keeper(), list[_Pass](), list[_Pass]()
    row_taps = np.indices((channels, width)).reshape(2, -1)
    column_taps = np.indices((rank, height)).reshape(2, -1)
    for at in range(0, features, per_group):
        for begin in range(at, at + per_group, size):
            count = min(size, at + per_group - begin)
            along_rows = parts.rows[begin : begin + count].reshape(-1, width, channels).astype(np.float32)
            along_rows = along_rows.transpose(0, 2, 1)  # the taps of a channel together
            along_columns = parts.columns[begin : begin + count].astype(np.float32)

            channel = at // per_group * channels + row_taps[0]
            offsets = strip.offset(channel, np.zeros_like(channel), row_taps[1] * dilation[1])
            blocks = [
                _block(keep, span, offsets, _by_tap(along_rows[span[2] : span[2] + span[3]]))
                for span in _spans(len(along_rows), 1, wide=False)
            ]
            first.append(keep.run(blocks, np.zeros(len(along_rows), dtype=np.float32), 1))

            offsets = column_taps[0] * plane + column_taps[1] * dilation[0] * strip.pitch
            rows = None
            if size == 1 and strip.rows >= _ROWS:
                laid = _rows_together(along_columns[0], plan.spec.stride[0], dilation[0])
                line, number = np.indices(laid.shape[:2]).reshape(2, -1)
                rows = number * plane + line * strip.pitch, laid.reshape(-1, _ROWS)
            span = (_NARROW if size == 1 else _APART, size, begin, count)
            weights = _by_tap(along_columns.transpose(0, 2, 1))
            block = _block(keep, span, offsets, weights, apart=rank * plane, rows=rows)
            second.append(keep.run([block], bias, parts.divisor))
    return _applying(layer, strip, keep, first, second, size * rank)


def _by_tap(kernels: Singles) -> Singles:
    """Lay kernels (count, a, b) out in the order of their taps; (taps, count)."""
    return kernels.reshape(len(kernels), -1).T


def _applying(
    layer: Layer, strip: _Strip, keep: _Keeper, first: Sequence[_Pass], second: Sequence[_Pass], planes: int
) -> Apply:
    plan, tiles, library = layer.plan, _tiles(), _library
    assert library is not None  # _tiles has raised otherwise
    row_axis, col_axis, channels = plan.row_axis, plan.col_axis, plan.image_shape[2]
    out_rows, out_cols, features = plan.output_shape
    tables = [
        keep(axis.sources(np.arange(-axis.before, axis.size + axis.after, dtype=np.intp)).astype(np.int64))
        for axis in (row_axis, col_axis)
    ]
    first_passes, second_passes = ((_Pass * len(passes))(*passes) for passes in (first, second))
    structs = {
        dtype: _Layer(
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
            4 * out_rows * out_cols * features > _CACHED_BYTES and features // plan.spec.groups % 4 == 0,
            len(first),
            planes,
            first_passes,
            second_passes,
        )
        for dtype, kind in _KINDS.items()
    }
    floats = (
        2 * channels * strip.stride_cols
        + channels * strip.plane
        + planes * strip.lines * strip.pitch
        + 2 * tiles.slack
        + tiles.lanes
    )
    shared_by = None if strip.alone else strip.rows
    return CompiledLayer(library, structs, (keep, first_passes, second_passes), out_rows, floats, shared_by)


class CompiledLayer:
    """A layer as `compiled.c` has it: a function of the pixels (H, W, C) that fills the maps (oh, ow, K)."""

    def __init__(
        self,
        library: ctypes.CDLL,
        structs: dict[np.dtype[np.generic], _Layer],
        kept: object,
        rows: int,
        floats: int,
        piece: int | None,
    ) -> None:
        self.library, self.rows, self.floats = library, rows, floats
        self.piece = piece  # rows that a thread takes at a time, None where one does it all
        self.addresses = {dtype: ctypes.addressof(struct) for dtype, struct in structs.items()}
        self._kept = structs, kept  # what the addresses point into

    def __call__(self, pixels: Numbers, out: FeatureMaps) -> None:
        """Fill the maps, which must be contiguous."""
        if not pixels.flags.c_contiguous or pixels.dtype not in self.addresses:
            pixels = _readable(pixels)
        layer, image, step, target = (
            self.addresses[pixels.dtype],
            _address(pixels),
            pixels.strides[0],
            _address(out),
        )
        memory, place = scratch(self.floats)
        if self.piece is None:
            self.library.convolve(layer, image, step, target, 0, self.rows, place)
        else:
            together = self.library.convolve_together
            together(_called(), layer, image, step, target, self.piece, self.rows, place, self.floats)
        del memory  # not before: nobody else holds it if it is large


# --- helpers -----------------------------------------------------------------------------------------------


class _Team:
    """The threads that help: asleep here, or awake in compiled.c, where no interpreter holds them up."""

    def __init__(self, library: ctypes.CDLL, helpers: int) -> None:
        self._library, self._helpers = library, helpers
        self._crew = np.zeros(16, dtype=np.int64)  # a Crew, with room to spare
        self._called = threading.Event()
        for number in range(helpers):
            try:
                threading.Thread(target=self._help, name=f"conv_engine-helper-{number}", daemon=True).start()
            except RuntimeError:  # no more threads are allowed: who calls does the work alone
                break

    def call(self) -> int:
        """Wake who is asleep; return the address of the Crew."""
        if self._crew[_AWAKE] < self._helpers:
            self._called.set()
        return self._crew.ctypes.data

    def _help(self) -> None:
        memory = np.empty(_MOST_FLOATS + (1 << 16), dtype=np.float32)
        while True:
            self._called.wait()
            self._called.clear()
            self._library.help(self._crew.ctypes.data, memory.ctypes.data, memory.size)


_team: _Team | None = None


def _called() -> int:
    global _team
    with _lock:
        if _team is None and _library is not None:
            _team = _Team(_library, min(cores() - 1, _MOST_HELPERS))
    assert _team is not None  # there is a library, or nobody would come here
    return _team.call()


def _forget() -> None:
    """Start anew in a forked child, which has none of its parent's threads."""
    global _team, _lock, _started
    _team, _lock = None, threading.Lock()
    if _library is None:
        _started = None


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forget)


def _address(array: Numbers) -> int:
    """Return where an array begins in memory, as `array.ctypes.data` does in three times the time."""
    try:
        return ctypes.addressof(ctypes.c_char.from_buffer(array.data))
    except (TypeError, BufferError, ValueError):  # read-only, or not in one piece
        return array.ctypes.data


def _readable(pixels: Numbers) -> Numbers:
    """Return the pixels as the kernel can read them: of a kind it knows, each row in one piece."""
    if pixels.dtype not in _KINDS:
        return np.ascontiguousarray(pixels, dtype=np.float32)
    size, (row, col, channel) = pixels.itemsize, pixels.strides
    if channel == size and col == size * pixels.shape[2] and row % size == 0:
        return pixels
    return np.ascontiguousarray(pixels)
