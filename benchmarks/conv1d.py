"""`conv_engine.conv1d` and its peers in NumPy and SciPy, measured side by side.

Prints a row for each pair of sizes. Run it with ``python -m benchmarks.conv1d`` on an idle machine: it takes a
minute. Every way is called in each round, in an order that rotates, with memory that has been touched before.

- ms: what a call of ours takes, the median of all rounds.
- The other columns are ratios, peer ÷ ours: the median of the ratios round by round. Above 1 we are faster. Within
  ±20 % is a tie. "–": the peer would take more than a second.

All results are compared before they are timed. The real numbers are 64-bit floats, the whole ones 16-bit sound.
"""

import statistics
import time
from collections.abc import Callable
from typing import TypeAlias

import numpy as np
import numpy.typing as npt
import scipy.signal

from benchmarks.allocator import keep_memory
from conv_engine import conv1d

Array: TypeAlias = npt.NDArray[np.float64]
Way: TypeAlias = Callable[[Array, Array], Array]

PEERS: dict[str, Way] = {
    "np.convolve": np.convolve,
    "scipy convolve": scipy.signal.convolve,
    "fftconvolve": scipy.signal.fftconvolve,
    "oaconvolve": scipy.signal.oaconvolve,
}
SIZES = (
    (100, 5),
    (100, 100),
    (1000, 50),
    (10_000, 50),
    (10_000, 1000),
    (100_000, 100_000),
    (441_000, 5),
    (441_000, 25),
    (441_000, 100),
    (441_000, 1000),
    (441_000, 22_050),
)
ROUNDS = 15
# Seconds: how long one timing lasts at least, and what a peer may take.
BATCH, PATIENCE = 0.002, 1.0


def cells() -> dict[str, tuple[Array, Array]]:
    """Make the pairs of arrays that are convolved, by name."""
    rng = np.random.default_rng(0)
    pairs = {f"{n} × {m}": (rng.standard_normal(n), rng.standard_normal(m)) for n, m in SIZES}
    signal, kernel = pairs["441000 × 22050"]
    echo, spikes = np.zeros_like(kernel), np.zeros_like(signal)
    echo[[0, 9000, -1]] = 1, 0.5, 0.25
    spikes[::44_100] = 1
    pairs["the same, an echo of 3 taps"] = signal, echo
    pairs["the same, a beat of 10 spikes"] = spikes, kernel
    fading = 3000 * np.exp(-np.arange(kernel.size) / 4000) * kernel
    pairs["the same, whole numbers"] = np.rint(4000 * signal), np.rint(fading)
    return pairs


def seconds(way: Way, signal: Array, kernel: Array, count: int = 1) -> float:
    start = time.perf_counter()
    for _ in range(count):
        way(signal, kernel)
    return (time.perf_counter() - start) / count


def row(signal: Array, kernel: Array) -> list[str]:
    """Measure a pair: the milliseconds of ours, and the ratios of the peers."""
    ways = {"ours": conv1d, **PEERS}
    expected = scipy.signal.fftconvolve(signal, kernel)
    if signal.size * kernel.size > 1e9:  # some seconds for products one by one, whoever makes them
        del ways["np.convolve"]
    for name, way in ways.items():
        assert np.abs(way(signal, kernel) - expected).max() < 1e-9 * np.abs(expected).max(), name
    first = {name: seconds(way, signal, kernel) for name, way in ways.items()}
    ways = {name: way for name, way in ways.items() if name == "ours" or first[name] < PATIENCE}
    rounds: dict[str, list[float]] = {name: [] for name in ways}
    for turn in range(ROUNDS):
        shift = turn % len(ways)
        for name in (*list(ways)[shift:], *list(ways)[:shift]):
            rounds[name].append(seconds(ways[name], signal, kernel, 1 + int(BATCH / first[name])))
    texts = [f"{1000 * statistics.median(rounds['ours']):.4g}"]
    for name in PEERS:
        ratios = [peer / ours for peer, ours in zip(rounds.get(name, ()), rounds["ours"], strict=False)]
        texts.append(f"{statistics.median(ratios):.2f}" if ratios else "–")
    return texts


def main() -> None:
    keep_memory()
    print("".join([f"{'signal × kernel':30}", *(f"{name:>16}" for name in ("ms", *PEERS))]))
    for name, (signal, kernel) in cells().items():
        print("".join([f"{name:30}", *(f"{text:>16}" for text in row(signal, kernel))]), flush=True)


if __name__ == "__main__":
    main()
