"""The single figures of the engine, each from processes of their own: a call, memory, the import, a cold start.

These processes have the allocator as it comes and none of the peers in them. `report` starts them and says what
they found; ``python -m benchmarks.singles NAME …`` is what runs in them.
"""

import os
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from benchmarks.allocator import clean_environment

__all__ = ["report"]

_SWITCH = "CONV_ENGINE_COMPILED"
_MEMORY_IMAGE = (2160, 3840)
_MEMORY_SIZES = (3, 15, 31)
_COLD_IMAGES = ((512, 512), (1080, 1920))

# As little as possible is imported before, for whatever is would not count.
_IMPORT = """
import os, time, numpy
threads = len(os.listdir("/proc/self/task"))
start = time.perf_counter()
import conv_engine
print(time.perf_counter() - start, len(os.listdir("/proc/self/task")) - threads)
"""


def report(*, quick: bool) -> Iterator[str]:
    """Measure each figure, and say it in a line."""
    repeats = 3 if quick else 9
    call, call_alone = (found("call", compiled=compiled) for compiled in (True, False))
    yield f"one call, 8×8×3, 3×3, K = 1: {call:.1f} µs, NumPy alone {call_alone:.1f} µs (aim: under 40)"

    found_at_import = [run_child(["-c", _IMPORT]) for _ in range(repeats)]
    seconds = statistics.median(each[0] for each in found_at_import)
    threads = max(int(each[1]) for each in found_at_import)
    yield f"import, over NumPy's: {1000 * seconds:.0f} ms (aim: under 150); threads begun: {threads} (aim: 0)"

    yield "peak memory above input and result, 2160×3840×3, K = 8 (aim: under 128 MiB): the high-water mark of"
    yield "the resident set, reset before the call, less the resident set before the call"
    for size in _MEMORY_SIZES[:1] if quick else _MEMORY_SIZES:
        both, alone = (found("memory", size, compiled=compiled) for compiled in (True, False))
        yield f"  {size}×{size}: {both:.0f} MiB, NumPy alone {alone:.0f} MiB"

    yield "first call of a process, 3×3, K = 8, compiler and all (aim: at most 50 ms more than without)"
    for rows, cols in _COLD_IMAGES[:1] if quick else _COLD_IMAGES:
        pairs = [
            [found("cold", rows, cols, compiled=compiled, fresh=True) for compiled in (True, False)]
            for _ in range(repeats)
        ]
        both, alone = (statistics.median(times) for times in zip(*pairs, strict=True))
        yield (
            f"  {rows}×{cols}×3: {both:.1f} ms, NumPy alone {alone:.1f} ms: "
            f"ratio {both / alone:.2f}, difference {both - alone:+.1f} ms"
        )


def found(name: str, *arguments: int, compiled: bool, fresh: bool = False) -> float:
    """Return the figure of one of the functions below, run in a process of its own.

    It is `fresh` if it begins as on a machine where nothing has been compiled before.
    """
    return run_child(["-m", "benchmarks.singles", name, *map(str, arguments)], compiled=compiled, fresh=fresh)[0]


def run_child(arguments: list[str], *, compiled: bool = True, fresh: bool = False) -> list[float]:
    """Run Python in a process of its own, and return the numbers that it prints.

    Whatever it has begun ends with it: a compiler still at work would be in the way of the next process.
    """
    with tempfile.TemporaryDirectory() as folder:
        environment = {**clean_environment(), "TMPDIR": folder}
        if fresh:
            environment["XDG_CACHE_HOME"] = folder
        if not compiled:
            environment[_SWITCH] = "0"
        child = subprocess.Popen(
            [sys.executable, *arguments],
            env=environment,
            stdout=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )
        assert child.stdout is not None
        line = child.stdout.readline()
        os.killpg(child.pid, signal.SIGKILL)
        child.wait()
    if not line:
        raise RuntimeError(f"a process of {arguments[:3]} has failed; see its message above")
    return [float(number) for number in line.split()]


# --- what runs in the processes ----------------------------------------------------------------------------


def call() -> float:
    """Return the microseconds of one call on 8×8×3 pixels, the median."""
    import numpy as np

    from conv_engine import compiled, conv2d

    image = np.arange(8 * 8 * 3, dtype=np.uint8).reshape(8, 8, 3)
    bank = np.random.default_rng(0).standard_normal((1, 3, 3, 3))
    conv2d(image, bank)
    compiled.wait()
    batches = []
    for _ in range(101):
        start = time.perf_counter()
        for _ in range(100):
            conv2d(image, bank)
        batches.append((time.perf_counter() - start) / 100)
    return 1e6 * statistics.median(batches)


def memory(size: int) -> float:
    """Return the MiB that a call needs above its pixels and its result.

    ``tracemalloc`` would not see what compiled code takes.
    """
    import numpy as np

    from conv_engine import compiled, conv2d

    image = np.ones((*_MEMORY_IMAGE, 3), dtype=np.uint8)
    bank = np.random.default_rng(0).standard_normal((8, size, size, 3))
    out = np.ones((_MEMORY_IMAGE[0] - size + 1, _MEMORY_IMAGE[1] - size + 1, 8), dtype=np.float32)
    compiled.wait()
    # What is loaded and started once is not the call's.
    conv2d(image[: 2 * size, : 2 * size], bank)
    Path("/proc/self/clear_refs").write_text("5", encoding="ascii")
    before = status("VmRSS")
    conv2d(image, bank, out=out)
    return (status("VmHWM") - before) / 1024


def status(name: str) -> int:
    """Return a figure of this process's memory, in KiB."""
    lines = Path("/proc/self/status").read_text(encoding="ascii").splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith(f"{name}:"))


def cold(rows: int, cols: int) -> float:
    """Return the milliseconds of the first call of this process."""
    import numpy as np

    from conv_engine import conv2d

    image = np.random.default_rng(0).integers(0, 256, (rows, cols, 3), dtype=np.uint8)
    bank = np.random.default_rng(1).standard_normal((8, 3, 3, 3))
    start = time.perf_counter()
    conv2d(image, bank)
    return 1000 * (time.perf_counter() - start)


_CHILDREN = {"call": call, "memory": memory, "cold": cold}

if __name__ == "__main__":
    print(_CHILDREN[sys.argv[1]](*map(int, sys.argv[2:])), flush=True)
    # Whoever has asked ends this process and all that it has begun, before threads are waited for.
    time.sleep(60)
