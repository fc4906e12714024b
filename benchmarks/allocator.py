"""The memory that arrays are given: touched before, so that no page faults are measured."""

import os
import sys

__all__ = ["clean_environment", "keep_memory"]

# Read by glibc when a program starts: never map memory for one array, never give any back.
_ALLOCATOR = {
    "MALLOC_MMAP_MAX_": "0",
    "MALLOC_TRIM_THRESHOLD_": "100000000000",
    "MALLOC_TOP_PAD_": "268435456",
}


def keep_memory() -> None:
    """Start this program again with an allocator that hands out memory which has been touched before.

    torch allocates its results. Fresh memory costs a page fault for every 4 KiB, which for large maps takes longer
    than the convolution; our results go into an array that is there already. Memory that is freed and used again
    puts both on the same footing.
    """
    if any(os.environ.get(name) != value for name, value in _ALLOCATOR.items()):
        os.execve(sys.executable, [sys.executable, *sys.orig_argv[1:]], {**os.environ, **_ALLOCATOR})


def clean_environment() -> dict[str, str]:
    """Return the environment of someone who uses the engine: with the allocator as it comes."""
    return {name: value for name, value in os.environ.items() if name not in _ALLOCATOR}
