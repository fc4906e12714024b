"""What the machine gives: quiet between two timings, signs that a timing was disturbed, and its two peaks."""

import contextlib
import platform
import resource
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch

__all__ = ["Peaks", "faults", "measure_peaks", "processor", "settle", "waited"]

_PRODUCT = 2048
_STREAM_BYTES = 1 << 28
# Calls that are enough to find a peak with, and seconds after which there is no more waiting for them.
_CALLS, _PATIENCE = 15, 5.0


def faults() -> int:
    """Return how many pages this process has touched for the first time."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_minflt


def waited() -> float:
    """Return for how many seconds the threads of this process have been ready to run and had no core.

    Half a core taken by another process does not slow everybody by half: threads that wait for each other many
    times in a call, as torch's do, become ten times slower and more.
    """
    nanoseconds = 0
    for path in Path("/proc/self/task").glob("*/schedstat"):
        # A thread may end meanwhile.
        with contextlib.suppress(OSError):
            nanoseconds += int(path.read_text(encoding="ascii").split()[1])
    return nanoseconds / 1e9


def settle() -> None:
    """Wait until no thread of this process is busy, for at most 0.3 s.

    The threads of OpenBLAS and OpenMP spin for a while after their work, up to 0.1 s, and would take a core away
    from whoever is timed next.
    """
    for _ in range(150):
        before = time.process_time()
        time.sleep(0.002)
        if time.process_time() - before < 0.0002:
            return


def processor() -> str:
    """Return what the processor calls itself."""
    lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.machine()


@dataclass(frozen=True)
class Peaks:
    """The roofline, and what it was measured with.

    Attributes
    ----------
    flops : float
        Additions and multiplications in a second, of the better of NumPy's and torch's float32 matrix product.
    copy, fill : float
        Bytes in a second, read and written, of the better of NumPy and torch; far more than a cache holds.
    is_disturbed : bool
        Whether other processes were in the way: the true peaks are higher then, and shares of them lower.
    """

    flops: float
    copy: float
    fill: float
    is_disturbed: bool

    @property
    def bandwidth(self) -> float:
        """The bytes that can be moved in a second."""
        return max(self.copy, self.fill)


def measure_peaks() -> Peaks:
    """Measure what a float32 matrix product and memory can do, with all threads."""
    left, right = np.random.default_rng(0).random((2, _PRODUCT, _PRODUCT), dtype=np.float32)
    product = np.empty_like(left)
    tensors = [torch.from_numpy(array) for array in (left, right, product)]
    multiply, slow_multiply = min(
        fastest(lambda: np.matmul(left, right, out=product)),
        fastest(lambda: torch.mm(tensors[0], tensors[1], out=tensors[2])),
    )
    source = np.ones(_STREAM_BYTES // 4, dtype=np.float32)
    target = np.ones_like(source)
    tensor, other = torch.from_numpy(source), torch.from_numpy(target)
    copy, slow_copy = min(fastest(lambda: np.copyto(target, source)), fastest(lambda: other.copy_(tensor)))
    fill, slow_fill = min(fastest(lambda: target.fill(1)), fastest(lambda: other.fill_(1)))
    is_disturbed = slow_multiply or slow_copy or slow_fill
    return Peaks(2 * _PRODUCT**3 / multiply, 2 * _STREAM_BYTES / copy, _STREAM_BYTES / fill, is_disturbed)


def fastest(run: Callable[[], object]) -> tuple[float, bool]:
    """Return the seconds of the fastest of some calls, and whether other processes were in the way of too many.

    A peak is what is possible, not what is usual.
    """
    settle()
    times, quiet = [], 0
    end = time.perf_counter() + _PATIENCE
    while quiet < _CALLS and (not times or time.perf_counter() < end):
        waited_before, start = waited(), time.perf_counter()
        run()
        times.append(time.perf_counter() - start)
        quiet += waited() - waited_before < 0.02 * times[-1]
    return min(times), quiet < _CALLS
