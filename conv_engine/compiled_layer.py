"""A layer as the compiled kernel has it: the structures of `compiled.h`, and the threads that share the work.

Whoever calls does the work, and is helped by threads that happen to be awake.
"""

import ctypes
import os
import threading
from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import TypeVar

import numpy as np
import numpy.typing as npt

from conv_engine.arrays import FeatureMaps, Numbers
from conv_engine.compiled import kernel
from conv_engine.layer import Layer
from conv_engine.threads import cores, scratch

__all__ = ["BYTES", "KINDS", "MOST_FLOATS", "ROWS", "Block", "Bytes", "CompiledLayer", "Keeper", "Pass", "Set"]

KINDS: Mapping[np.dtype[np.generic], int] = MappingProxyType(
    {np.dtype(code): kind for kind, code in enumerate(("u1", "u2", "i2", "i4", "f4", "f8"))}
)
"""The types of pixels that are read as they are, numbered as in `enum Kind`."""

BYTES = np.dtype("u1")
"""The type of a photo's pixels."""

ROWS = 4
"""Rows that a tile covers where there is a single feature."""

MOST_FLOATS = 1 << 20
"""Beyond this a strip is no longer one: dilations or kernels of a thousand pixels."""

# Where in a Crew it says how many helpers are awake, and how many there may be.
_AWAKE, _MOST_HELPERS = 4, 7
# Maps larger than this are written past the caches, which would not hold them for who reads them next.
_CACHED_BYTES = 1 << 27
_CACHE_LINE = 64

_Structure = TypeVar("_Structure", bound=ctypes.Structure)


# --- the same structures as in compiled.h ------------------------------------------------------------------


class Block(ctypes.Structure):
    """Neighbouring features that are computed together."""

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
        ("row_taps", ctypes.c_longlong * (2 * ROWS - 1)),
        ("row_offsets", ctypes.c_void_p),
        ("row_weights", ctypes.c_void_p),
    )


class Pass(ctypes.Structure):
    """One pass of a bank over planes of floats."""

    _fields_ = (
        ("blocks", ctypes.c_longlong),
        ("block", ctypes.POINTER(Block)),
        ("bias", ctypes.c_void_p),
        ("divisor", ctypes.c_float),
    )


class Set(ctypes.Structure):
    """Blocks of columns that are computed together, in whole numbers."""

    _fields_ = (
        ("blocks", ctypes.c_longlong),
        ("first", ctypes.c_longlong),
        ("last_count", ctypes.c_longlong),
        ("digits", ctypes.c_void_p),
        ("scale", ctypes.c_void_p),
        ("bias", ctypes.c_void_p),
    )


class Bytes(ctypes.Structure):
    """A bank for pixels that are bytes."""

    _fields_ = (
        ("digits", ctypes.c_longlong),
        ("together", ctypes.c_longlong),
        ("taps", ctypes.c_longlong),
        ("width", ctypes.c_longlong),
        ("offsets", ctypes.c_void_p),
        ("sets", ctypes.c_longlong),
        ("set", ctypes.POINTER(Set)),
        ("is_whole", ctypes.c_longlong),
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
        ("first", ctypes.POINTER(Pass)),
        ("second", ctypes.POINTER(Pass)),
        ("bytes", ctypes.POINTER(Bytes)),
    )


class Keeper:
    """Hands out addresses of arrays, and keeps the arrays alive as long as itself."""

    def __init__(self) -> None:
        self._kept: list[object] = []

    def __call__(self, array: npt.NDArray[np.generic]) -> int:
        """Copy an array to where a line of the cache begins."""
        memory = np.empty(array.nbytes + _CACHE_LINE, dtype=np.uint8)
        start = -memory.ctypes.data % _CACHE_LINE
        memory[start : start + array.nbytes].view(array.dtype).reshape(array.shape)[...] = array
        self._kept.append(memory)
        return memory.ctypes.data + start

    def structures(self, items: Sequence[_Structure]) -> "ctypes.Array[_Structure]":
        """Lay structures out side by side."""
        array = (type(items[0]) * len(items))(*items)
        self._kept.append(array)
        return array


class CompiledLayer:
    """A layer as `compiled.c` has it: a function of the pixels (H, W, C) that fills the maps (oh, ow, K)."""

    def __init__(
        self, structs: dict[np.dtype[np.generic], _Layer], kept: object, rows: int, floats: int, piece: int | None
    ) -> None:
        self.library, self.rows, self.floats = kernel().library, rows, floats
        self.piece = piece  # rows that a thread takes at a time, None where one does it all
        self.addresses = {dtype: ctypes.addressof(struct) for dtype, struct in structs.items()}
        self._kept = structs, kept  # what the addresses point into

    @classmethod
    def of(
        cls,
        layer: Layer,
        keep: Keeper,
        pixels: Sequence[np.dtype[np.generic]],
        *,
        strip: tuple[int, int, int],
        floats: int,
        alone: bool,
        passes: tuple[Sequence[Pass], Sequence[Pass]] = ((), ()),
        planes: int = 0,
        bank: Bytes | None = None,
    ) -> "CompiledLayer":
        """Make it of passes over planes of floats, or of a bank for bytes.

        Parameters
        ----------
        layer : Layer
            What to convolve with.
        keep : Keeper
            What keeps the arrays alive that passes and bank point into.
        pixels : sequence of dtype
            The types of pixels that it can take.
        strip : (int, int, int)
            Its rows and columns of output, and its pitch.
        floats : int
            The working memory of a thread.
        alone : bool
            Whether one thread does all the work; else each takes a strip at a time.
        passes : (sequence of Pass, sequence of Pass)
            Of each round the first and, if there are planes between, the second.
        planes : int
            Planes between two passes.
        bank : Bytes, optional
            The bank for bytes.
        """
        plan = layer.plan
        row_axis, col_axis, channels = plan.row_axis, plan.col_axis, plan.image_shape[2]
        out_rows, out_cols, features = plan.output_shape
        tables = [
            keep(axis.sources(np.arange(-axis.before, axis.size + axis.after, dtype=np.intp)).astype(np.int64))
            for axis in (row_axis, col_axis)
        ]
        first, second = (keep.structures(each) if each else None for each in passes)
        structs = {
            dtype: _Layer(
                channels,
                KINDS[dtype],
                *plan.spec.stride,
                row_axis.effective,
                col_axis.effective,
                *tables,
                col_axis.before,
                col_axis.size,
                out_cols,
                features,
                *strip,
                4 * out_rows * out_cols * features > _CACHED_BYTES and features // plan.spec.groups % 4 == 0,
                len(passes[0]),
                planes,
                first,
                second,
                None if bank is None else ctypes.pointer(bank),
            )
            for dtype in pixels
        }
        return cls(structs, keep, out_rows, floats, None if alone else strip[0])

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


_lock = threading.Lock()


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
        memory = np.empty(MOST_FLOATS + (1 << 16), dtype=np.float32)
        while True:
            self._called.wait()
            self._called.clear()
            self._library.help(self._crew.ctypes.data, memory.ctypes.data, memory.size)


_team: _Team | None = None


def _called() -> int:
    global _team
    with _lock:
        if _team is None:
            _team = _Team(kernel().library, min(cores() - 1, _MOST_HELPERS))
    return _team.call()


def _forget() -> None:
    """Start anew in a forked child, which has none of its parent's threads."""
    global _team, _lock
    _team, _lock = None, threading.Lock()


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
    if pixels.dtype not in KINDS:
        return np.ascontiguousarray(pixels, dtype=np.float32)
    size, (row, col, channel) = pixels.itemsize, pixels.strides
    if channel == size and col == size * pixels.shape[2] and row % size == 0:
        return pixels
    return np.ascontiguousarray(pixels)
