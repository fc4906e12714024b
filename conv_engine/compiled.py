"""The compiled kernel: `compiled.c` and `compiled_bytes.c`, made ready where a C compiler can be had.

The package `ziglang` (requirements-fast.txt) brings a C compiler that pip can install on every system. The first
layer starts the compiler in a process of its own; until it is done, and wherever it fails, NumPy's algorithms
answer. Nothing waits for it. It takes some seconds the first time; then the compiler remembers what it has made.
"""

import atexit
import ctypes
import os
import sys
import threading
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np

from conv_engine.errors import ConvError

__all__ = ["BYTES_SWITCH", "SWITCH", "Kernel", "is_ready", "kernel", "wait", "why_not"]

SWITCH = "CONV_ENGINE_COMPILED"
"""The environment variable that keeps the compiled kernel away, if it is ``"0"``."""

BYTES_SWITCH = "CONV_ENGINE_BYTES"
"""The one that keeps layers from the processor's unit for bytes, if it is ``"0"``; but for those that name it."""

_SOURCES = tuple(Path(__file__).with_name(name) for name in ("compiled.c", "compiled_bytes.c"))
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
_GRANTED, _REFUSED = 1, 2  # what the system says of the unit for bytes
_PATIENCE = 300.0  # seconds that the compiler may take

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
        command = [sys.executable, "-m", "ziglang", "cc", *_FLAGS, "-o", str(target), *map(str, _SOURCES)]
        # The compiler remembers what it has made, for the next process; where the home is read-only, for this one.
        own = dict.fromkeys(("ZIG_GLOBAL_CACHE_DIR", "ZIG_LOCAL_CACHE_DIR"), str(folder / "cache"))
        for caches in ({}, own):
            done = subprocess.run(
                command,
                env={**os.environ, **caches},
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
    library.ask_for_unit.restype = ctypes.c_int
    library.ask_for_unit.argtypes = []
    library.tile_sizes.restype = None
    library.tile_sizes.argtypes = [ctypes.c_void_p]
    library.repeat.restype = ctypes.c_int
    library.repeat.argtypes = [ctypes.c_void_p] * 5
    library.probe.restype = None
    library.probe.argtypes = [ctypes.c_longlong, ctypes.c_void_p, ctypes.c_void_p]
    return library


@dataclass(frozen=True)
class Kernel:
    """The library, and what its tiles are like.

    Attributes
    ----------
    library : CDLL
        The functions of `compiled.c` and `compiled_bytes.c`.
    lanes, features : int
        Floats of a vector, and the most features of a tile whose lanes are pixels.
    slack : int
        The floats that a tile may read too far.
    has_unit : bool
        Whether the processor multiplies tiles of bytes, and may be given some to choose.
    takes_bytes : bool
        Whether it can be asked for such products by name, if only of loops.
    """

    library: ctypes.CDLL
    lanes: int
    features: int
    slack: int
    has_unit: bool
    takes_bytes: bool


@cache
def kernel() -> Kernel:
    """Return the compiled kernel, waiting for it.

    Raises
    ------
    ConvError
        If there is none.
    """
    if not wait() or _library is None:
        raise ConvError(f"method must be one that works here; there is no compiled kernel: {_reason}")
    sizes = np.zeros(3, dtype=np.int64)
    _library.tile_sizes(sizes.ctypes.data)
    lanes, features, slack = sizes.tolist()
    unit = _library.ask_for_unit()
    has_unit = unit == _GRANTED and os.environ.get(BYTES_SWITCH) != "0"
    return Kernel(_library, lanes, features, slack, has_unit, unit != _REFUSED)


def _forget() -> None:
    """Start anew in a forked child, which has none of its parent's threads."""
    global _lock, _started
    _lock = threading.Lock()
    if _library is None:
        _started = None


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forget)
