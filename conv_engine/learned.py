"""Filters that nobody designed: learned from the sample photos.

``learned.json`` beside this file holds them, as ``tools/learn_filters.py`` wrote it: it takes the six photos,
whitens them by a convolution, and lets twelve filters of 7 × 7 × 3 that began as noise compete, in 60 rounds of
k-means, for the windows that they fit best. What is left are edges at all angles, lines and colours, as in the
first layer of a network that has been trained, and in the first visual area of the brain.

The weights of each filter are whole 16384ths whose sum over all three channels is 0, so that flat grey areas
become 0 and not nearly 0. The positive ones add up to 1, to a thousandth: maps of 8-bit pixels stay between −256
and 256.
"""

import json
from pathlib import Path

from conv_engine.named import Kernel, frozen

__all__ = ["LEARNED"]

_FILE = Path(__file__).with_name("learned.json")

_FORMULA = (
    "not designed but learned: the mean of the windows of whitened photos that it fits better than eleven others "
    "do; sum 0, the positive weights adding up to 1, to a thousandth"
)
_SOURCE = (
    "learned from the sample photos by tools/learn_filters.py, with the k-means of A. Coates and A. Y. Ng, "
    "Learning Feature Representations with K-means, in Neural Networks: Tricks of the Trade, 2nd edition, 2012; "
    "compare B. A. Olshausen and D. J. Field, Emergence of Simple-Cell Receptive Field Properties by Learning a "
    "Sparse Code for Natural Images, Nature 381, 1996"
)


def _read() -> tuple[Kernel, ...]:
    held = json.loads(_FILE.read_text(encoding="utf-8"))
    return tuple(
        Kernel(
            key=f"learned_{number}",
            title=f"Learned {number}",
            family="learned",
            weights=frozen(one["weights"], held["scale"]),
            finds=one["finds"],
            formula=_FORMULA,
            source=_SOURCE,
        )
        for number, one in enumerate(held["filters"], start=1)
    )


LEARNED: tuple[Kernel, ...] = _read()
"""The filters, each (7, 7, 3): those for all colours alike first, edges before lines, by their angle."""
