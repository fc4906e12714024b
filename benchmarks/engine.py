"""`conv_engine.conv2d` and its peers, measured side by side in one run, from a photo's bytes to float32 maps.

Prints a row for each cell as soon as it is measured, then what the rows come to, then the single figures. Run it
with ``python -m benchmarks.engine`` on an idle Linux machine, after ``pip install -r
benchmarks/requirements.txt``; it takes some ten minutes. ``--quick`` measures a few cells, ``--only "3x3 K8"``
those whose name holds the text, and ``--markdown`` prints the table once more, for the README. With
``CONV_ENGINE_BYTES=0`` in its environment, ours does without the processor's unit for bytes.

- Ratios are peer ÷ ours, round by round: the median, and in brackets its quartiles. Within ±20 % is a tie.
- best peer: the fastest of torch end to end (the better of two layouts), OpenCV, SciPy, scikit-image and Pillow.
- own layout: torch's convolution alone, channels last, without the conversions that ours is timed with.
- NumPy: the engine without compiled code. Its ratios are to the best way of SciPy, scikit-image or Pillow, and to
  torch end to end.
- GFLOP/s: of the sum as it is written down, whatever an algorithm saves of it.
- roofline: the least time that this sum (A) or the memory (M) would take, whichever is longer, as a share of ours.
  Zeros skipped, two passes and transforms save arithmetic, and small arrays stay in cache, so it may be above 1.

The line below a row holds the milliseconds of every way: "≈" timed once, being far slower than others of its
family; "–" not run, as it would take too long; "?" disturbed in most rounds by other processes, which hits torch
the hardest, or by too many threads of its own. Page faults are told where they cost a twentieth of the time.

Everyone is treated alike: results go into memory that has been touched before; arrays of ours for results begin at
multiples of 64 bytes, as torch's do; every way is checked against sums in float64 before it is timed, and is timed
when no thread of another one is busy any more.
"""

import argparse
import math
import statistics
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from importlib.metadata import version

import torch

from benchmarks import singles, with_opencv, with_scipy, with_torch
from benchmarks.allocator import keep_memory
from benchmarks.cells import CELLS, Cell, Job, aligned
from benchmarks.machine import Peaks, measure_peaks, processor
from benchmarks.timing import Ratio, Times, measure
from benchmarks.way import Make, Run, Way
from conv_engine import compiled, conv2d

PACKAGES = ("numpy", "scipy", "torch", "opencv-python-headless", "scikit-image", "pillow")
FAMILIES = ("torch", "OpenCV", "SciPy")
# Seconds that the rounds of a cell may last, but for the least number of them.
BUDGET, QUICK_BUDGET = 6.0, 2.0


def engine(method: str) -> Make:
    def make(job: Job) -> Run:
        out = aligned(job.plan.output_shape)
        stride, padding = job.cell.stride, job.cell.padding
        return lambda: conv2d(job.image, job.bank, stride=stride, padding=padding, method=method, out=out)

    return make


OURS = Way("ours", "engine", engine("auto"), relative=1e-5)
NUMPY = Way("NumPy", "engine", engine("numpy"), relative=1e-5)
# What the aims name is in every round, however slow.
ALWAYS = (OURS, NUMPY, with_torch.OWN, *with_torch.WAYS)
OTHERS = (*with_opencv.WAYS, *with_scipy.WAYS)
PEERS = (*with_torch.WAYS, *OTHERS)


def main() -> None:
    parser = argparse.ArgumentParser(description="Measure the engine and its peers side by side.")
    parser.add_argument("--quick", action="store_true", help="a few cells and repeats, in less than a minute")
    parser.add_argument("--only", default="", metavar="TEXT", help="the cells whose name holds this text")
    parser.add_argument("--markdown", action="store_true", help="print the table once more, in Markdown")
    options = parser.parse_args()
    cells = [cell for cell in CELLS if options.only in cell.name and (cell.quick or not options.quick)]
    if not cells:
        parser.error(f"no cell's name holds {options.only!r}; the first is {CELLS[0].name!r}")
    keep_memory()
    ready = compiled.wait()
    peaks = measure_peaks()
    print(f"{processor()}, {torch.get_num_threads()} threads; {', '.join(f'{p} {version(p)}' for p in PACKAGES)}")
    unit = ready and f"ready, {'with' if compiled.kernel().has_unit else 'without'} a unit for bytes"
    print(f"compiled kernel: {unit or f'none ({compiled.why_not()}), ours is NumPy and SciPy alone'}")
    print(
        f"peaks: {peaks.flops / 1e9:.0f} GFLOP/s float32, "
        f"memory {peaks.copy / 1e9:.1f} GB/s copied, {peaks.fill / 1e9:.1f} GB/s filled"
        f"{'; disturbed, the shares of the roofline may be too high' if peaks.is_disturbed else ''}\n"
    )
    print(" | ".join(f"{column.head:>{column.width}}" for column in COLUMNS))
    rows = []
    with torch.inference_mode():
        for cell in cells:
            row = Row.of(cell, peaks, QUICK_BUDGET if options.quick else BUDGET)
            rows.append(row)
            print(" | ".join(f"{column.show(row):>{column.width}}" for column in COLUMNS))
            print("    " + ", ".join(f"{name} {times}" for name, times in row.times.items()), flush=True)
    print()
    for line in summary(rows):
        print(line)
    if not options.only:
        print()
        for line in singles.report(quick=options.quick):
            print(line, flush=True)
    if options.markdown:
        print()
        for line in markdown(rows):
            print(line)


@dataclass(frozen=True)
class Row:
    """What was measured for a cell."""

    cell: Cell
    times: dict[str, Times]
    best: str
    to_best: Ratio
    to_own: Ratio
    numpy_to_scipy: Ratio
    numpy_to_torch: Ratio
    gflops: float
    share: float
    is_arithmetic: bool

    @classmethod
    def of(cls, cell: Cell, peaks: Peaks, budget: float) -> "Row":
        """Measure a cell."""
        job = Job(cell)
        times = measure(job, ALWAYS, OTHERS, budget)
        ours, numpy = times[OURS.name], times[NUMPY.name]
        fastest = {
            family: min(
                (way.name for way in PEERS if way.family == family and way.name in times), key=median_of(times)
            )
            for family in FAMILIES
        }
        best = min(fastest.values(), key=median_of(times))
        arithmetic, memory = job.flops / peaks.flops, job.traffic / peaks.bandwidth
        return cls(
            cell=cell,
            times=times,
            best=best,
            to_best=Ratio.of(times[best], ours),
            to_own=Ratio.of(times[with_torch.OWN.name], ours),
            numpy_to_scipy=Ratio.of(times[fastest["SciPy"]], numpy),
            numpy_to_torch=Ratio.of(times[fastest["torch"]], numpy),
            gflops=job.flops / ours.median / 1e9,
            share=max(arithmetic, memory) / ours.median,
            is_arithmetic=arithmetic >= memory,
        )

    def milliseconds(self, name: str) -> str:
        """Return what a way took, for the table."""
        return f"{1000 * self.times[name].median:.4g}"


def median_of(times: dict[str, Times]) -> Callable[[str], float]:
    return lambda name: times[name].median


@dataclass(frozen=True)
class Column:
    """A column of the table; the brief table for the README has some of them."""

    head: str
    width: int
    show: Callable[[Row], str]
    is_brief: bool = True


COLUMNS = (
    Column("cell", 34, lambda row: row.cell.name),
    Column("ours ms", 8, lambda row: row.milliseconds(OURS.name)),
    Column("best peer ms", 28, lambda row: f"{row.best} {row.milliseconds(row.best)}"),
    Column("to best peer", 24, lambda row: str(row.to_best)),
    Column("to own layout", 24, lambda row: str(row.to_own)),
    Column("NumPy ms", 8, lambda row: row.milliseconds(NUMPY.name)),
    Column("NumPy to SciPy", 24, lambda row: str(row.numpy_to_scipy)),
    Column("NumPy to torch", 24, lambda row: str(row.numpy_to_torch), is_brief=False),
    Column("GFLOP/s", 8, lambda row: f"{row.gflops:.1f}", is_brief=False),
    Column("roofline", 8, lambda row: f"{row.share:.2f} {'A' if row.is_arithmetic else 'M'}"),
)


def markdown(rows: Sequence[Row]) -> Iterator[str]:
    brief = [column for column in COLUMNS if column.is_brief]
    yield f"| {' | '.join(column.head for column in brief)} |"
    yield f"| --- |{' ---: |' * (len(brief) - 1)}"
    for row in rows:
        yield f"| {' | '.join(column.show(row) for column in brief)} |"


def summary(rows: Sequence[Row]) -> Iterator[str]:
    """Say what the rows come to, and which are below an aim."""
    arithmetic = [row for row in rows if row.is_arithmetic]
    disturbed = sum(row.to_best.is_disturbed or row.to_own.is_disturbed for row in rows)
    if disturbed:
        yield f"{disturbed} of {len(rows)} cells were disturbed, and are marked with ?: this machine was not idle"
    yield from summed("best peer end to end", rows, lambda row: row.to_best.median, 1.0)
    yield from summed("torch in its own layout", rows, lambda row: row.to_own.median, 0.9)
    yield from summed(
        "NumPy alone to SciPy, scikit-image, Pillow", rows, lambda row: row.numpy_to_scipy.median, 1.0
    )
    yield from summed("NumPy alone to torch end to end", rows, lambda row: row.numpy_to_torch.median, 0.0)
    yield from summed("roofline, bound by arithmetic", arithmetic, lambda row: row.share, 0.5, ties=False)


def summed(
    name: str, rows: Sequence[Row], figure: Callable[[Row], float], aim: float, *, ties: bool = True
) -> Iterator[str]:
    """Say the geometric mean and the least of a figure, and list the cells where it is below the aim."""
    if not rows:
        return
    figures = {row.cell.name: figure(row) for row in rows}
    mean = math.exp(statistics.fmean(map(math.log, figures.values())))
    least = min(figures, key=lambda cell: figures[cell])
    aimed = f" (aim: at least {aim} in every cell)" if aim else ""
    yield f"{name}: geometric mean {mean:.2f}, least {figures[least]:.2f} in {least}{aimed}"
    for cell, value in figures.items():
        if value < aim:
            yield f"    below: {value:.2f} {cell}{' (tie)' if ties and value >= 0.8 else ''}"


if __name__ == "__main__":
    main()
