"""Work shared between the processor's cores.

NumPy, SciPy and the compiled kernel let go of the interpreter while they compute, so that threads of one process
run at the same time. Whoever has work does it himself and is helped by threads that happen to be free: thirty
sessions that convolve at once neither wait for each other nor start more threads than there are cores.
"""

import os
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor, wait
from contextlib import suppress
from itertools import accumulate, count
from math import prod

import numpy as np

from conv_engine.layer import Singles

__all__ = ["cores", "scratch", "share", "workspace"]

_lock = threading.Lock()
_pool: ThreadPoolExecutor | None = None
_own = threading.local()
# Floats that a thread keeps for its next piece of work: 16 MiB.
_MOST_KEPT = 1 << 22


def cores() -> int:
    """Return how many cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def share(pieces: int, work: Callable[[int], None], *, alone: bool = False) -> None:
    """Call ``work(0)`` … ``work(pieces − 1)``, each once, on as many cores as are free.

    Parameters
    ----------
    pieces : int
        How many pieces there are. What a piece computes must not depend on who does it.
    work : callable
        Does one piece. The first error that it raises is raised here.
    alone : bool
        Whether to use this thread only: waking another costs some 100 µs.
    """
    helpers = 0 if alone else min(pieces, cores()) - 1
    if helpers <= 0:
        for piece in range(pieces):
            work(piece)
        return
    numbers = count()

    def until_done() -> None:
        while (piece := next(numbers)) < pieces:
            work(piece)

    futures = []
    try:
        with suppress(RuntimeError):  # no more threads are allowed: the work is done here alone
            for _ in range(helpers):  # each is noted at once: those that came before the refusal are waited for
                futures.append(_helpers().submit(until_done))  # noqa: PERF401
        until_done()
    finally:
        # Who has not begun by now is not needed any more; who has still writes.
        begun = [future for future in futures if not future.cancel()]
        wait(begun)
    for future in begun:
        future.result()


def scratch(floats: int) -> tuple[Singles, int]:
    """Return working memory for so many numbers, and its address; it is this thread's own, and holds anything."""
    if floats > _MOST_KEPT:
        memory = np.empty(floats, dtype=np.float32)
        return memory, memory.ctypes.data
    kept: tuple[Singles, int] | None = getattr(_own, "scratch", None)
    if kept is None or kept[0].size < floats:
        memory = np.empty(floats, dtype=np.float32)
        kept = _own.scratch = memory, memory.ctypes.data
    return kept


def workspace(*shapes: tuple[int, ...]) -> list[Singles]:
    """Return arrays of these shapes in the working memory of this thread; they hold anything.

    Fresh memory would have to be mapped page by page for every strip, which threads wait for in turn.
    """
    sizes = [prod(shape) for shape in shapes]
    memory, _ = scratch(sum(sizes))
    ends = list(accumulate(sizes))
    return [memory[end - size : end].reshape(shape) for shape, size, end in zip(shapes, sizes, ends, strict=True)]


def _helpers() -> ThreadPoolExecutor:
    global _pool
    with _lock:
        if _pool is None:
            _pool = ThreadPoolExecutor(max(cores() - 1, 1), thread_name_prefix="conv_engine")
        return _pool


def _forget() -> None:
    """Start anew in a forked child, which has none of its parent's threads."""
    global _pool, _lock
    _pool, _lock = None, threading.Lock()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forget)
