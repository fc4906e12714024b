"""What the algorithms cost: the table that the choice between them, and between one thread and more, rests on.

Every algorithm can say, from the plan alone, how many numbers it moves and how many products it makes. The table
says what those take. It was fitted to times of one core with vectors of 512 bits (see `benchmarks/engine.py`).
Elsewhere all of them are slower or faster together; where two are close, either will do.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import NamedTuple

__all__ = ["COSTS", "NO_END", "Cost", "Work", "is_small", "nanoseconds"]


class Work(NamedTuple):
    """What an algorithm does for a layer."""

    moved: float  # numbers read and written; for a transform, at each of its steps
    products: float  # multiplications, those by zero among them; of whole tiles where a unit does those
    calls: float = 0  # rounds of calls to NumPy: one for each strip or tile


NO_END = Work(math.inf, math.inf)
"""What there is to do for an algorithm that cannot do it."""


@dataclass(frozen=True)
class Cost:
    """What that takes on one core, in nanoseconds."""

    start: float
    moved: float
    product: float
    call: float = 0
    alone: float = 350_000  # where work is worth sharing: to wake another thread takes about a third of this


COSTS: Mapping[str, Cost] = MappingProxyType(
    {
        "patches": Cost(25_000, moved=0.7, product=0.043),
        "shifts": Cost(10_000, moved=0.3, product=0.19, call=1_250),
        "banded": Cost(10_000, moved=0.8, product=0.018, call=50_000),
        "separable": Cost(14_000, moved=0.6, product=0.02, call=10_000),
        "fft": Cost(10_000, moved=0.13, product=3.0, call=10_000),
        "compiled": Cost(6_000, moved=0.1, product=0.009, alone=60_000),
        "compiled_separable": Cost(7_000, moved=0.1, product=0.017, alone=60_000),
        "compiled_bytes": Cost(5_500, moved=0.02, product=6.0, alone=60_000),
    }
)
"""The algorithms that there are to choose from."""


def nanoseconds(name: str, work: Work) -> float:
    """Estimate what an algorithm takes for its work on one core."""
    cost = COSTS[name]
    return cost.start + work.moved * cost.moved + work.products * cost.product + work.calls * cost.call


def is_small(name: str, work: Work) -> bool:
    """Tell whether the work is too little to be shared between threads."""
    return nanoseconds(name, work) < COSTS[name].alone
