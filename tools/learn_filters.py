"""Learn a bank of first-layer filters from the sample photos: ``conv_engine/learned.json``.

    python tools/learn_filters.py

Nobody draws these filters. They are what the photos have most of, found by k-means with the project's own engine:

1. The photos of ``assets/samples/`` (not the drawn pattern and the text) are brought to 256 × 256, from 0 to 1.
2. They are whitened: a convolution takes out what each pixel has in common with its neighbours, and each colour
   with the others, as A. J. Bell and T. J. Sejnowski do, "The 'Independent Components' of Natural Scenes Are Edge
   Filters", Vision Research 37, 1997 (ZCA). Without it, all filters would be blurs.
3. Twelve filters of 7 × 7 × 3 begin as noise. In each round, the photos are convolved with all of them, and in
   each block of a photo the place and the filter that fit best are looked for: the greatest cosine between
   filter and window, whatever its sign, faint windows counting less. Each filter then becomes the mean of the
   windows that it has won, brought to like lengths. That is k-means on the sphere (A. Coates and A. Y. Ng,
   "Learning Feature Representations with K-means", in Neural Networks: Tricks of the Trade, 2nd edition, 2012),
   over shifts, as in A. Dundar, J. Jin and E. Culurciello, "Convolutional Clustering for Unsupervised Learning",
   2015: no filter need repeat another one pixel further on.
4. Each filter is brought to the sum 0 and to positive weights that add up to 1, in whole 16384ths, and is
   described in words by its spectrum and its colours.

It takes a few seconds, and is the same on every run.
"""

from __future__ import annotations

import json
import math
import sys
from pathlib import Path
from typing import NamedTuple, TypeAlias

import numpy as np
import numpy.typing as npt

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from conv_engine import conv2d
from ui.images import load_sample, resize

Floats: TypeAlias = npt.NDArray[np.float64]

TARGET = Path(__file__).resolve().parent.parent / "conv_engine" / "learned.json"
PHOTOS = ("face", "cat", "coffee", "bricks", "gravel", "rocket")
WORKING = 256
COUNT, SIDE = 12, 7
SCALE = 2**14
SEED = 2
"""Of the seeds 1 to 7, the one whose filters are least alike: the greatest cosine between two is 0.34."""
ROUNDS = 60
BLOCK = 10
FLOOR = 0.1
"""Added to the whitening's variances, as a share of their mean, so that it does not blow up the noise."""


# --- learning ------------------------------------------------------------------------------------------------


def photos() -> list[Floats]:
    """Return the sample photos, each (256, 256, 3), from 0 to 1."""
    return [resize(load_sample(key), WORKING).pixels / 255.0 for key in PHOTOS]


def windows(picture: npt.NDArray[np.floating], rows: npt.NDArray[np.intp], cols: npt.NDArray[np.intp]) -> Floats:
    """Return the windows whose upper left corners are given, (n, 7, 7, 3)."""
    views = np.lib.stride_tricks.sliding_window_view(picture, (SIDE, SIDE), axis=(0, 1))
    found: Floats = views[rows, cols].transpose(0, 2, 3, 1).astype(np.float64)
    return found


def whitener(pictures: list[Floats], rng: np.random.Generator) -> Floats:
    """Return the bank (3, 7, 7, 3) whose convolution whitens pictures like these."""
    drawn = []
    for picture in pictures:
        rows, cols = (rng.integers(0, length - SIDE + 1, 4000) for length in picture.shape[:2])
        drawn.append(windows(picture, rows, cols).reshape(4000, -1))
    flat = np.concatenate(drawn)
    flat -= flat.mean(axis=1, keepdims=True)
    variances, axes = np.linalg.eigh(flat.T @ flat / len(flat))
    matrix = axes / np.sqrt(np.maximum(variances, 0) + FLOOR * variances.mean()) @ axes.T
    middle = 3 * (SIDE * SIDE // 2)
    bank = matrix[middle : middle + 3].reshape(3, SIDE, SIDE, 3)
    balanced: Floats = bank - bank.mean(axis=(1, 2, 3), keepdims=True)
    return balanced


def learn(pictures: list[Floats], rng: np.random.Generator) -> tuple[Floats, npt.NDArray[np.intp]]:
    """Return the filters (12, 7, 7, 3) of length 1, and how many windows each of them won in the last round."""
    whitening = whitener(pictures, rng)
    white = [conv2d(picture, whitening) for picture in pictures]
    ones = np.ones((1, SIDE, SIDE, 3))
    lengths = [np.sqrt(conv2d(picture**2, ones)[:, :, 0]) for picture in white]
    typical = float(np.median(np.concatenate([length.ravel() for length in lengths])))
    bank = unit(rng.normal(size=(COUNT, SIDE, SIDE, 3)))
    won = np.zeros(COUNT, dtype=np.intp)
    for number in range(ROUNDS):
        sums, won = np.zeros_like(bank), np.zeros(COUNT, dtype=np.intp)
        for picture, length in zip(white, lengths, strict=True):
            maps = conv2d(picture, bank)
            fit = np.abs(maps) / (length + typical)[:, :, np.newaxis]
            rows, cols, features = best_of_blocks(fit, *rng.integers(0, BLOCK, 2))
            found = windows(picture, rows, cols)
            signs = np.sign(maps[rows, cols, features]) / (length[rows, cols] + typical)
            np.add.at(sums, features, signs[:, np.newaxis, np.newaxis, np.newaxis] * found)
            won += np.bincount(features, minlength=COUNT)
        sums[won == 0] = rng.normal(size=(int((won == 0).sum()), SIDE, SIDE, 3))
        bank = unit(sums)
        if number < ROUNDS // 2:
            bank = unit(np.stack([centred(weights) for weights in bank]))
    return bank, won


def best_of_blocks(fit: npt.NDArray[np.floating], top: int, left: int) -> tuple[npt.NDArray[np.intp], ...]:
    """Return row, column and feature of the best fit in each block of the maps (oh, ow, K)."""
    features = fit.shape[2]
    tall, wide = (fit.shape[0] - top) // BLOCK, (fit.shape[1] - left) // BLOCK
    blocks = fit[top : top + tall * BLOCK, left : left + wide * BLOCK].reshape(tall, BLOCK, wide, BLOCK, features)
    best = blocks.transpose(0, 2, 1, 3, 4).reshape(tall * wide, -1).argmax(axis=1)
    row, col, feature = np.unravel_index(best, (BLOCK, BLOCK, features))
    block = np.arange(tall * wide)
    return row + top + block // wide * BLOCK, col + left + block % wide * BLOCK, feature


def centred(weights: Floats) -> Floats:
    """Move a filter so that most of it is in the middle, with zeros where nothing is known."""
    energy = (weights**2).sum(axis=2)
    at = np.arange(SIDE) - SIDE // 2
    down, right = (round(float(energy.sum(axis=axis) @ at / energy.sum())) for axis in (1, 0))
    reach = SIDE // 2
    padded = np.pad(weights, ((reach, reach), (reach, reach), (0, 0)))
    moved: Floats = padded[reach + down : reach + down + SIDE, reach + right : reach + right + SIDE]
    return moved


def unit(bank: Floats) -> Floats:
    """Bring each filter to the sum 0 and the length 1."""
    balanced = bank - bank.mean(axis=(1, 2, 3), keepdims=True)
    result: Floats = balanced / np.sqrt((balanced**2).sum(axis=(1, 2, 3), keepdims=True))
    return result


def in_whole_parts(weights: Floats) -> npt.NDArray[np.int64]:
    """Return the filter in 16384ths: its sum 0, its positive weights adding up to 1 as nearly as that allows."""
    whole: npt.NDArray[np.int64] = np.rint(weights * (2 * SCALE / np.abs(weights).sum())).astype(np.int64)
    # The few that are lacking are spread over the heaviest weights, where they count least.
    lacking = -int(whole.sum())
    for place in np.argsort(-np.abs(whole).ravel(), kind="stable")[: abs(lacking)]:
        whole.ravel()[place] += int(math.copysign(1, lacking))
    return whole


# --- describing ----------------------------------------------------------------------------------------------

_HUES = (
    *("red", "orange", "yellow", "lime", "green", "turquoise"),
    *("cyan", "azure", "blue", "violet", "magenta", "pink"),
)
"""From 0° in steps of 30°; each lies opposite the one six steps on."""

_SIDES = {0: "right", -1: "the upper right", -2: "above", -3: "the upper left", -4: "left"}
"""Clockwise from the right, in steps of 45°."""


class Look(NamedTuple):
    """What a filter looks like."""

    kind: str
    """``"area"``, ``"line"`` or ``"edge"``."""
    is_grey: bool
    """Whether it is much the same for red, green and blue."""
    angle: int
    """Of its lines: 0° lies flat, 45° rises to the right; a multiple of 5° below 180°."""
    side: str
    """Where an edge is above 0."""
    hue: str
    """What it is above 0 for, against the hue opposite."""
    sign: int
    """−1 if its negative is to be taken: lines are to be above 0, edges above or at the right."""


def look(weights: Floats) -> Look:
    """Tell what a filter (7, 7, 3) looks like, of any sign."""
    columns, _, rows = np.linalg.svd(weights.reshape(-1, 3), full_matrices=False)
    pattern, colour = columns[:, 0].reshape(SIDE, SIDE), rows[0]
    is_grey = bool(3 * (weights.mean(axis=2) ** 2).sum() > 0.5 * (weights**2).sum())
    # Both may be turned without a change of the filter: the colour's largest part is made positive.
    if colour[np.abs(colour).argmax()] < 0:
        pattern, colour = -pattern, -colour
    angle = angle_of(pattern)
    down, right = upwards(angle)
    at = np.arange(SIDE) - SIDE // 2
    across = down * at[:, np.newaxis] + right * at[np.newaxis, :]
    if pattern.mean() ** 2 > 0.5 * (pattern**2).mean():
        kind, lead = "area", float(pattern.sum())
    elif (pattern * pattern[::-1, ::-1]).sum() > 0:
        # The stripe that is heaviest need not be the one in the middle.
        stripes = np.bincount(np.rint(across - across.min()).astype(np.intp).ravel(), pattern.ravel())
        kind, lead = "line", float(stripes[np.abs(stripes).argmax()])
    else:
        kind, lead = "edge", float((pattern * across).sum())
    red, green, blue = colour
    hue = math.degrees(math.atan2(math.sqrt(3) / 2 * (green - blue), red - (green + blue) / 2))
    side = _SIDES[round(math.degrees(math.atan2(down, right)) / 45)]
    return Look(kind, is_grey, angle, side, _HUES[round(hue / 30) % 12], -1 if lead < 0 else 1)


def upwards(angle: int) -> tuple[float, float]:
    """Return the direction (rows, columns) across lines that leads upwards, or right from upright ones."""
    turn = math.radians(angle)
    return (math.cos(turn), math.sin(turn)) if angle >= 90 else (-math.cos(turn), -math.sin(turn))


def angle_of(pattern: Floats) -> int:
    """Return the angle of a pattern's lines, by where the energy of its spectrum lies."""
    energy = np.abs(np.fft.fft2(pattern, (64, 64))) ** 2
    down, right = np.fft.fftfreq(64)[:, np.newaxis], np.fft.fftfreq(64)[np.newaxis, :]
    twice = math.atan2(float((2 * down * right * energy).sum()), float(((down**2 - right**2) * energy).sum()))
    return round(math.degrees(twice) / 2 / 5) * 5 % 180


def words(seen: Look) -> str:
    """Say what a filter finds."""
    other = _HUES[(_HUES.index(seen.hue) + 6) % 12]
    if seen.kind == "area":
        return f"Areas that are more {seen.hue} than {other}, of whatever shape; 0 on grey ones."
    if seen.kind == "edge":
        if seen.is_grey:
            return f"Edges at about {seen.angle}°, in all colours alike: brightest where {seen.side} is bright."
        edges = f"Edges at about {seen.angle}° between {seen.hue} and {other}"
        return f"{edges}: brightest where {seen.side} is {seen.hue}."
    if seen.is_grey:
        return f"Bright lines at about {seen.angle}°, in all colours alike."
    return f"Lines at about {seen.angle}° that are more {seen.hue} than {other}."


# --- writing -------------------------------------------------------------------------------------------------


def main() -> None:
    """Learn, say what has been learned, and write it."""
    rng = np.random.default_rng(SEED)
    bank, won = learn(photos(), rng)
    found = [(look(weights), weights, int(wins)) for weights, wins in zip(bank, won, strict=True)]
    # Grey before colour, edges, lines and areas, and each kind once around by its angle.
    found.sort(key=lambda one: (not one[0].is_grey, ("edge", "line", "area").index(one[0].kind), one[0].angle))
    filters = []
    for number, (seen, weights, wins) in enumerate(found, start=1):
        whole = in_whole_parts(seen.sign * weights)
        filters.append({"finds": words(seen), "weights": whole.tolist()})
        print(f"{number:2}. won {wins} windows: {words(seen)}")
    lines = ",\n".join(f"    {json.dumps(one, ensure_ascii=False, separators=(',', ':'))}" for one in filters)
    TARGET.write_text(f'{{\n  "scale": {SCALE},\n  "filters": [\n{lines}\n  ]\n}}\n', encoding="utf-8")
    print(f"{COUNT} filters of {SIDE} × {SIDE} × 3 from {len(PHOTOS)} photos, {ROUNDS} rounds: {TARGET}")


if __name__ == "__main__":
    main()
