"""Ways timed side by side: one of each in every round, in an order that changes, ratios pair by pair.

On a shared machine the speed changes from second to second. What is compared is therefore what ran next to each
other, and what is told is the median over the rounds with the quartiles of its spread. Rounds in which threads had
to wait for a core do not count where enough others are left.
"""

import math
import statistics
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from benchmarks.cells import Job
from benchmarks.machine import faults, settle, waited
from benchmarks.way import Run, Way

__all__ = ["Ratio", "Times", "measure"]

# Seconds: how long one timing lasts at least, and up to where a call is made once before it, for warm caches.
_BATCH = 0.002
_BRIEF = 0.02
# Seconds that a peer may take by our guess, unless it is about as fast as the best of its family.
_PATIENCE, _ABOUT = 2.5, 1.5
# Ways so many times slower than the best of their family are not in the rounds.
_HOPELESS = 2.0
# Rounds, and those of cells in which a way takes longer than so many seconds.
_ROUNDS = 9
_LEAST_ROUNDS, _LEAST_ROUNDS_LONG, _LONG = 7, 3, 0.5
# A page fault takes about a microsecond; more than this share of the time is worth a mark.
_FAULT_SECONDS, _FAULT_SHARE = 1e-6, 0.05
# Timings in which threads waited for a core for more than the first share of the time are made again, so many
# times. Those above the second one do not count if this many others are left.
_WAITED_SHARE, _TRIES = 0.05, 6
_DISTURBED_SHARE, _ENOUGH = 0.2, 3
_TIE = 0.2


@dataclass(frozen=True)
class Times:
    """What a way took in each round, and what may have disturbed it.

    A way that was too slow to be in the rounds has one time, a way that was not run at all has none.

    Attributes
    ----------
    seconds : tuple of float
        What a call took, in each round.
    faults : tuple of float
        The page faults of a call.
    waited : tuple of float
        For how long threads of this process were ready and had no core, as a share of the time.
    """

    seconds: tuple[float, ...] = ()
    faults: tuple[float, ...] = ()
    waited: tuple[float, ...] = ()

    @classmethod
    def joined(cls, rounds: Sequence["Times"]) -> "Times":
        """Put the times of several rounds together."""
        return cls(
            tuple(second for times in rounds for second in times.seconds),
            tuple(faults for times in rounds for faults in times.faults),
            tuple(waited for times in rounds for waited in times.waited),
        )

    @property
    def quiet(self) -> npt.NDArray[np.bool_]:
        """The rounds in which neither other processes nor too many threads of its own were in its way."""
        return np.array(self.waited) <= _DISTURBED_SHARE

    @property
    def median(self) -> float:
        """The median, in seconds; infinite for a way that was not run."""
        counting, _ = enough(self.quiet)
        return float(np.median(np.array(self.seconds)[counting])) if self.seconds else math.inf

    def __str__(self) -> str:
        if not self.seconds:
            return "–"
        _, is_disturbed = enough(self.quiet)
        text = f"{'≈' if len(self.seconds) == 1 else ''}{1000 * self.median:.4g}{'?' if is_disturbed else ''}"
        touched = statistics.median(self.faults)
        slowed = touched * _FAULT_SECONDS > _FAULT_SHARE * self.median
        return f"{text} ({touched:.0f} page faults)" if slowed else text


@dataclass(frozen=True)
class Ratio:
    """How many times as long a peer takes: the median of its ratios round by round, and their quartiles."""

    median: float
    low: float
    high: float
    is_disturbed: bool

    @classmethod
    def of(cls, peer: Times, ours: Times) -> "Ratio":
        """Divide what a peer took by what we took in the same round."""
        counting, is_disturbed = enough(peer.quiet & ours.quiet)
        ratios = (np.array(peer.seconds) / np.array(ours.seconds))[counting]
        low, median, high = np.quantile(ratios, (0.25, 0.5, 0.75))
        return cls(float(median), float(low), float(high), is_disturbed)

    @property
    def is_tie(self) -> bool:
        """Whether it is too near to 1 to mean something on a shared machine."""
        return abs(self.median - 1) <= _TIE

    def __str__(self) -> str:
        mark = "?" if self.is_disturbed else ""
        return f"{self.median:.2f}{mark} ({self.low:.2f}–{self.high:.2f}){' tie' if self.is_tie else ''}"


def enough(quiet: npt.NDArray[np.bool_]) -> tuple[npt.NDArray[np.bool_], bool]:
    """Return which rounds count, and whether disturbed ones are among them: they are if too few were quiet."""
    is_disturbed = int(quiet.sum()) < min(_ENOUGH, quiet.size)
    return (np.ones_like(quiet) if is_disturbed else quiet), is_disturbed


def measure(job: Job, always: Sequence[Way], others: Sequence[Way], budget: float) -> dict[str, Times]:
    """Check and time the ways that can do a job.

    Parameters
    ----------
    job : Job
        What to convolve.
    always : sequence of Way
        The ways that are in every round.
    others : sequence of Way
        Those that would take too long are not run, those far behind the best of their family are timed once.
    budget : float
        Seconds after which a cell has enough rounds.

    Returns
    -------
    dict
        The times by the name of the way. Those of more than one round belong together, round by round.

    Raises
    ------
    ValueError
        If the values of a way are wrong.
    """
    guesses = guessed(job, others)
    best = {family: min(guesses[way] for way in guesses if way.family == family) for family in families(guesses)}
    feasible = [way for way in guesses if guesses[way] <= max(_PATIENCE, _ABOUT * best[way.family])]
    runs: dict[Way, Run] = {}
    first: dict[Way, Times] = {}
    for way in (*always, *feasible):
        run = way.make(job)
        assert run is not None, f"{way.name} can do a part of {job.cell.name}, but not the whole"
        maps: list[npt.ArrayLike] = []
        setting_up = timed(lambda run=run, maps=maps: maps.append(run()), 1)
        job.check(way.name, maps[0], way.relative, way.absolute)
        # A first call is slowed by what it sets up and touches, unless it is very long anyway.
        runs[way] = run
        first[way] = setting_up if setting_up.seconds[0] > _PATIENCE else undisturbed(run, 1, warm=False)
    best = {way.family: min(first[each].median for each in first if each.family == way.family) for way in first}
    contenders = [way for way in runs if way in always or first[way].median <= _HOPELESS * best[way.family]]
    counts = {way: max(1, math.ceil(_BATCH / first[way].median)) for way in contenders}
    collected: dict[Way, list[Times]] = {way: [] for way in contenders}
    order = np.random.default_rng(0)
    for _ in range(rounds_for([max(first[way].median, _BATCH) for way in contenders], budget)):
        # Each time in another order: who comes next finds in the caches, and in freed memory, what was left there.
        for number in order.permutation(len(contenders)):
            way = contenders[number]
            collected[way].append(undisturbed(runs[way], counts[way], warm=first[way].median < _BRIEF))
    times = {way.name: Times() for way in guesses}
    times.update({way.name: only for way, only in first.items()})
    times.update({way.name: Times.joined(rounds) for way, rounds in collected.items()})
    return times


def guessed(job: Job, ways: Sequence[Way]) -> dict[Way, float]:
    """Guess, from a piece of the image, how many seconds each way that can do the job will take."""
    piece = Job(job.cell.smaller())
    share = job.image.size / piece.image.size
    guesses = {}
    for way in ways:
        if (run := way.make(piece)) is not None:
            run()  # the first call of a library sets up its threads and tables
            guesses[way] = share * undisturbed(run, 1, warm=False).median
    return guesses


def families(ways: Mapping[Way, float]) -> set[str]:
    return {way.family for way in ways}


def rounds_for(seconds: Sequence[float], budget: float) -> int:
    """Return how many rounds to make of ways that take so long."""
    least = _LEAST_ROUNDS_LONG if max(seconds) > _LONG else _LEAST_ROUNDS
    return max(least, min(_ROUNDS, int(budget / sum(seconds))))


def undisturbed(run: Run, count: int, *, warm: bool) -> Times:
    """Time some calls while no thread of another way is busy, and again if other processes were in the way."""
    tries: list[Times] = []
    while len(tries) < _TRIES:
        settle()
        if warm:
            run()
        tries.append(timed(run, count))
        if tries[-1].waited[0] <= _WAITED_SHARE or count * tries[-1].seconds[0] > _LONG:
            break
    return min(tries, key=lambda times: times.waited[0])


def timed(run: Callable[[], object], count: int) -> Times:
    """Time some calls; return the mean of each."""
    faults_before, waited_before = faults(), waited()
    start = time.perf_counter()
    for _ in range(count):
        run()
    seconds = time.perf_counter() - start
    # A thread that has ended takes its waiting with it.
    waiting = max(0.0, waited() - waited_before)
    return Times((seconds / count,), ((faults() - faults_before) / count,), (waiting / seconds,))
