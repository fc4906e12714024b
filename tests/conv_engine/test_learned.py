import json
from math import fsum
from pathlib import Path

import numpy as np
import pytest

from conv_engine import LIBRARY, conv2d
from conv_engine import learned as module
from conv_engine.learned import LEARNED
from tools import learn_filters
from tools.learn_filters import COUNT, SCALE, SIDE, TARGET, look, windows, words

FILE = json.loads(TARGET.read_text(encoding="utf-8"))
BANK = np.stack([kernel.weights for kernel in LEARNED])
LOOKS = [look(kernel.weights) for kernel in LEARNED]
GREY = [index for index, seen in enumerate(LOOKS) if seen.is_grey and seen.kind != "area"]
COLOURS = {
    "red": (1, 0, 0),
    "orange": (1, 0.5, 0),
    "yellow": (1, 1, 0),
    "lime": (0.5, 1, 0),
    "green": (0, 1, 0),
    "turquoise": (0, 1, 0.5),
    "cyan": (0, 1, 1),
    "azure": (0, 0.5, 1),
    "blue": (0, 0, 1),
    "violet": (0.5, 0, 1),
    "magenta": (1, 0, 1),
    "pink": (1, 0, 0.5),
}


@pytest.fixture(scope="module")
def photos():
    return learn_filters.photos()


@pytest.fixture(scope="module")
def patches(photos):
    """Windows of the photos, without their mean, that are not flat; (n, 147)."""
    rng = np.random.default_rng(11)
    drawn = np.concatenate(
        [windows(picture, *rng.integers(0, picture.shape[0] - SIDE, (2, 500))) for picture in photos]
    ).reshape(-1, SIDE * SIDE * 3)
    drawn -= drawn.mean(axis=1, keepdims=True)
    return drawn[drawn.std(axis=1) > 0.02]


def unexplained(patches, bank):
    """The share of the patches' energy that no sum of a bank's filters gives."""
    basis = np.linalg.qr(bank.reshape(len(bank), -1).T)[0]
    return 1 - ((patches @ basis) ** 2).sum() / (patches**2).sum()


def across(angle, side=SIDE):
    row, col = np.indices((side, side)) - side // 2
    return row * np.cos(np.deg2rad(angle)) + col * np.sin(np.deg2rad(angle))


def answer(kernel, picture):
    return float(conv2d(picture, kernel.weights[np.newaxis])[0, 0, 0])


# --- what is in the file -------------------------------------------------------------------------------------


def test_the_file_is_what_the_library_shows():
    assert FILE["scale"] == SCALE
    assert len(FILE["filters"]) == len(LEARNED) == COUNT
    for number, (one, kernel) in enumerate(zip(FILE["filters"], LEARNED, strict=True), start=1):
        assert kernel.key == f"learned_{number}"
        assert LIBRARY[kernel.key] is kernel
        np.testing.assert_array_equal(kernel.weights * SCALE, one["weights"])
        assert kernel.finds == one["finds"]


def test_the_file_is_small_and_lies_beside_its_module():
    assert Path(module.__file__).with_name("learned.json") == TARGET
    assert TARGET.stat().st_size < 20_000


@pytest.mark.parametrize("kernel", LEARNED, ids=lambda kernel: kernel.key)
def test_each_filter_sums_to_0_and_its_positive_weights_to_1(kernel):
    assert kernel.weights.shape == (SIDE, SIDE, 3)
    assert kernel.weights.dtype == np.float64
    assert not kernel.weights.flags.writeable
    assert fsum(kernel.weights.ravel()) == 0
    assert kernel.weights[kernel.weights > 0].sum() == pytest.approx(1, abs=1e-3)
    assert kernel.family == "learned"
    assert "tools/learn_filters.py" in kernel.source


def test_no_filter_repeats_another_one():
    flat = BANK.reshape(COUNT, -1)
    flat = flat / np.linalg.norm(flat, axis=1, keepdims=True)
    likeness = np.abs(flat @ flat.T) - np.eye(COUNT)
    assert likeness.max() < 0.4


# --- what the words say --------------------------------------------------------------------------------------


def test_the_words_are_those_of_the_weights():
    assert [words(seen) for seen in LOOKS] == [kernel.finds for kernel in LEARNED]
    assert all(seen.sign == 1 for seen in LOOKS)


@pytest.mark.parametrize("kernel", LEARNED, ids=lambda kernel: kernel.key)
def test_the_negative_of_a_filter_is_told_to_be_turned_and_looks_the_same_else(kernel):
    negative = look(-kernel.weights)
    assert negative.sign == -1
    assert words(negative) == kernel.finds


def test_there_are_edges_of_many_angles_and_lines_and_colours():
    edges = {seen.angle for seen in LOOKS if seen.kind == "edge" and seen.is_grey}
    assert len(edges) >= 5
    assert max(edges) - min(edges) >= 90
    assert {seen.kind for seen in LOOKS} == {"edge", "line", "area"}
    assert 3 <= sum(not seen.is_grey for seen in LOOKS) <= 6


@pytest.mark.parametrize("index", GREY)
def test_a_filter_answers_most_to_edges_or_lines_of_the_angle_that_is_said(index):
    kernel, seen = LEARNED[index], LOOKS[index]
    answers = {}
    for angle in range(0, 180, 5):
        t = across(angle)[:, :, np.newaxis] * np.ones(3)
        # Wherever the edge or the line lies within the window.
        shifted = [t + shift for shift in np.arange(-1.5, 1.6, 0.25)]
        pictures = [np.tanh(2 * s) if seen.kind == "edge" else np.exp(-(s**2)) for s in shifted]
        answers[angle] = max(abs(answer(kernel, picture)) for picture in pictures)
    best = max(answers, key=answers.get)
    assert min((best - seen.angle) % 180, (seen.angle - best) % 180) <= 10


@pytest.mark.parametrize("index", [i for i in GREY if LOOKS[i].kind == "edge"])
def test_an_edge_filter_is_brightest_where_the_words_say(index):
    directions = {
        "above": (-1, 0),
        "right": (0, 1),
        "left": (0, -1),
        "the upper left": (-1, -1),
        "the upper right": (-1, 1),
    }
    down, right = directions[LOOKS[index].side]
    row, col = np.indices((SIDE, SIDE)) - SIDE // 2
    bright = (row * down + col * right > 0)[:, :, np.newaxis] * np.ones(3)
    assert f"brightest where {LOOKS[index].side} is bright" in LEARNED[index].finds
    assert answer(LEARNED[index], bright) > 0.2
    assert answer(LEARNED[index], 1 - bright) < -0.2


@pytest.mark.parametrize("index", [i for i in GREY if LOOKS[i].kind == "line"])
def test_a_line_filter_is_above_0_on_bright_lines_and_below_0_on_dark_ones(index):
    # Where the filter has its line; it need not be in the very middle.
    lines = [np.exp(-((across(LOOKS[index].angle) + shift) ** 2)) for shift in np.arange(-2, 2.1, 0.25)]
    pictures = [line[:, :, np.newaxis] * np.ones(3) for line in lines]
    strongest = max(pictures, key=lambda picture: abs(answer(LEARNED[index], picture)))
    assert answer(LEARNED[index], strongest) > 0.2
    assert answer(LEARNED[index], 1 - strongest) < -0.2


@pytest.mark.parametrize("index", [i for i, seen in enumerate(LOOKS) if seen.kind == "area"])
def test_a_colour_filter_is_above_0_on_its_colour_and_below_0_on_the_opposite_one(index):
    plus, minus = LEARNED[index].finds.removeprefix("Areas that are more ").split(",")[0].split(" than ")
    of = {name: answer(LEARNED[index], np.ones((SIDE, SIDE, 1)) * colour) for name, colour in COLOURS.items()}
    assert of[plus] > 0.3
    assert of[minus] < -0.3
    assert answer(LEARNED[index], np.full((SIDE, SIDE, 3), 0.5)) == 0


# --- that they are learned -----------------------------------------------------------------------------------


def test_they_explain_the_photos_far_better_than_random_filters(patches):
    rng = np.random.default_rng(1)
    noise = [unexplained(patches, learn_filters.unit(rng.normal(size=BANK.shape))) for _ in range(20)]
    assert unexplained(patches, BANK) < 0.35
    assert min(noise) > 0.8


def test_they_are_no_blurs_that_any_smooth_picture_would_give(patches):
    # Windows whose pixels are shuffled have the same values, and the filters explain no more of them than noise.
    shuffled = np.random.default_rng(2).permuted(patches.reshape(len(patches), -1), axis=1)
    assert unexplained(shuffled, BANK) > 0.8


def test_one_more_round_over_one_photo_leaves_the_winner_the_same(photos):
    """The filters are where k-means comes to rest: the mean of the windows that each of them wins is itself."""
    whitening = learn_filters.whitener(photos, np.random.default_rng(learn_filters.SEED))
    bank = learn_filters.unit(BANK)
    sums = np.zeros_like(bank)
    for picture in photos:
        white = conv2d(picture, whitening)
        maps = conv2d(white, bank)
        rows, cols, features = learn_filters.best_of_blocks(np.abs(maps), 0, 0)
        found = windows(white, rows, cols)
        lengths = np.sqrt((found**2).sum(axis=(1, 2, 3)))
        signs = np.sign(maps[rows, cols, features]) / (lengths + np.median(lengths))
        np.add.at(sums, features, signs[:, np.newaxis, np.newaxis, np.newaxis] * found)
    cosines = (learn_filters.unit(sums) * bank).sum(axis=(1, 2, 3))
    assert cosines.min() > 0.8
    assert np.median(cosines) > 0.95


def test_learning_twice_gives_the_same(photos, monkeypatch):
    monkeypatch.setattr(learn_filters, "ROUNDS", 2)
    few = [picture[:96, :96] for picture in photos[:2]]
    one, other = (learn_filters.learn(few, np.random.default_rng(3)) for _ in range(2))
    np.testing.assert_array_equal(one[0], other[0])
    np.testing.assert_array_equal(one[1], other[1])
    np.testing.assert_allclose((one[0] ** 2).sum(axis=(1, 2, 3)), 1)
    np.testing.assert_allclose(one[0].sum(axis=(1, 2, 3)), 0, atol=1e-12)


@pytest.mark.parametrize("seed", range(5))
def test_rounding_keeps_the_sum_at_0_and_each_weight_near_its_own(seed):
    weights = learn_filters.unit(np.random.default_rng(seed).normal(size=(1, SIDE, SIDE, 3)))[0]
    whole = learn_filters.in_whole_parts(weights)
    assert whole.sum() == 0
    np.testing.assert_allclose(whole, weights * 2 * SCALE / np.abs(weights).sum(), atol=1.6)


def test_each_block_gives_its_best_place():
    fit = np.zeros((25, 32, 3))
    fit[3, 4, 2], fit[14, 21, 1], fit[24, 31, 0] = 5, 7, 9  # the last one lies outside of all whole blocks
    rows, cols, features = learn_filters.best_of_blocks(fit, 2, 1)
    assert len(rows) == 2 * 3
    best = {(int(row), int(col), int(feature)) for row, col, feature in zip(rows, cols, features, strict=True)}
    assert {(3, 4, 2), (14, 21, 1)} <= best
    assert not any(row == 24 for row, _, _ in best)
