"""What is said of a kernel is true: each sentence is taken at its word, and held against pictures."""

import math
import re
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.signal import correlate2d

from conv_engine import LIBRARY, ConvError, conv2d
from conv_engine.reading import read_kernel
from ui.kernel_words import kernel_sentences, number_text, pair_text


def examples(count):
    return settings(deadline=None, max_examples=count, database=None)


class Lab:
    """A kernel that can be laid on pictures, by SciPy."""

    def __init__(self, weights, flip, channels):
        weights = np.asarray(weights, dtype=float)
        slices = weights.reshape(*weights.shape[:2], -1)
        self.slices = slices
        if channels == 1:
            slices = slices.sum(axis=2, keepdims=True)
        elif slices.shape[2] == 1:
            slices = np.repeat(slices, channels, axis=2)
        self.shared = self.slices.shape[2] == 1 or channels == 1
        self.kernel, self.flip, self.channels = slices, flip, channels
        self.tol = 3e-5 * float(np.abs(self.slices).sum()) * (channels if self.shared else 1)

    def lay(self, picture, flip=None):
        """Convolve a picture (H, W) in grey, or (H, W, C), where the kernel fits."""
        if picture.ndim == 2:
            picture = np.repeat(picture[:, :, np.newaxis], self.channels, axis=2)
        laid = self.kernel[::-1, ::-1] if (self.flip if flip is None else flip) else self.kernel
        return sum(correlate2d(picture[:, :, c], laid[:, :, c], "valid") for c in range(self.channels))

    def flat(self, colour=(1, 1, 1)):
        return float(self.lay(np.ones((16, 16, self.channels)) * np.array(colour)[: self.channels]).max())

    def edge(self, side):
        return self.lay((ACROSS[side] >= 0).astype(float))

    def line(self, side):
        return self.lay((ACROSS[side] == 0).astype(float))

    def random(self):
        return np.random.default_rng(7).integers(0, 256, (18, 19, self.channels)).astype(float)

    def strength(self, down, along):
        """How strongly stripes of these frequencies come out: a cosine and a sine, under one window."""
        rows, cols = np.indices(self.kernel.shape[:2])
        turns = 2 * np.pi * (np.multiply.outer(down, rows) + np.multiply.outer(along, cols))
        grey = self.kernel.sum(axis=2)
        return np.hypot((np.cos(turns) * grey).sum(axis=(-2, -1)), (np.sin(turns) * grey).sum(axis=(-2, -1)))


ROWS, COLS = np.indices((44, 44)) - 22
# Each edge by the side that is bright.
ACROSS = {
    "right": COLS,
    "left": -1 - COLS,
    "below": ROWS,
    "above": -1 - ROWS,
    "lower right": ROWS + COLS,
    "upper left": -1 - ROWS - COLS,
    "upper right": COLS - ROWS,
    "lower left": ROWS - COLS - 1,
}
WHERE = {
    "where left is dark and right is bright": "right",
    "where left is bright and right is dark": "left",
    "where above is dark and below is bright": "below",
    "where above is bright and below is dark": "above",
    "where the upper left is dark and the lower right is bright": "lower right",
    "where the upper left is bright and the lower right is dark": "upper left",
    "where the lower left is dark and the upper right is bright": "upper right",
    "where the upper right is bright and the lower left is dark": "upper right",
    "where the lower left is bright and the upper right is dark": "lower left",
}
OPPOSITE = {"right": "left", "below": "above", "lower right": "upper left", "upper right": "lower left"}
OPPOSITE |= {b: a for a, b in OPPOSITE.items()}
LINES = {
    "vertical": ("right", "left"),
    "horizontal": ("below", "above"),
    "diagonal (↗)": ("lower right", "upper left"),
    "diagonal (↘)": ("upper right", "lower left"),
}
_FINE = np.random.default_rng(3).uniform(-0.5, 0.5, (2, 600))


def number(text):
    """Read a number of a sentence, and how far off it may be."""
    about, plain = text.startswith("about "), text.removeprefix("about ").replace("−", "-")
    value = float(Fraction(plain)) if "/" in plain else float(plain)
    return value, (0.01 * abs(value) if about else 1e-9)


def share(text):
    return 0.0 if text == "not at all" else int(re.fullmatch(r"at most about (\d+) % as strongly", text)[1]) / 100


# --- what each sentence claims -------------------------------------------------------------------------------


def flat_areas(lab, sums, rounded, channels, kind, end):
    total, off = number(sums)
    value = lab.flat()
    assert abs(value - total * (lab.channels if channels else 1)) <= off * lab.channels + lab.tol
    assert bool(rounded) or total != 0 or lab.slices.size < 400
    claimed = {"become 0": 0, "stay as they are": 1, "keep their value with its sign turned": -1}.get(end)
    if claimed is None:
        claimed, off = number(re.fullmatch(r"become (.+) times their value", end)[1])
    assert abs(value - claimed) <= off + lab.tol


def brightest(lab, prefix, equally, where, opposite):
    named = {WHERE[one] for one in re.findall(r"where .+? is (?:dark|bright) and .+? is (?:dark|bright)", where)}
    answers = {side: lab.edge(side).max() for side in ACROSS}
    best = max(answers.values())
    assert best > max(lab.flat(), 0)
    for side, value in answers.items():
        assert (value >= best - lab.tol) if side in named else (value < best)
    assert bool(equally) == (len(named) > 1)
    if opposite:
        for side in named:
            assert lab.edge(OPPOSITE[side]).min() < 0
            assert abs(lab.edge(OPPOSITE[side]).min() + best) <= lab.tol


def whichever_side(lab, prefix, names):
    answers = {side: lab.edge(side).max() for side in ACROSS}
    named = {side for name in names.split(" and ") for side in LINES[name]}
    best = max(answers.values())
    assert all((value >= best - lab.tol) == (side in named) for side, value in answers.items())


def several_directions(lab, prefix):
    answers = [lab.edge(side).max() for side in ACROSS]
    assert sum(value >= max(answers) - lab.tol for value in answers) > 3
    assert max(answers) > max(lab.flat(), 0)


def every_direction(lab, prefix, how, side):
    row, col = ((length - 1) // 2 for length in lab.kernel.shape[:2])
    for edge in ACROSS:
        cells = lab.edge(edge)
        assert cells.max() > max(lab.flat(), 0)
        assert cells.min() < 0
        if "other" not in side:
            under = (ACROSS[edge] >= 0)[row : row + cells.shape[0], col : col + cells.shape[1]]
            is_bright = side.startswith("on their bright side")
            assert under[np.unravel_index(cells.argmax(), cells.shape)] == is_bright
            assert under[np.unravel_index(cells.argmin(), cells.shape)] == (not is_bright)
    assert (lab.flat() > lab.tol) == (how != "show, bright")


def no_trace(lab, prefix):
    assert all(np.abs(lab.edge(side)).max() <= lab.tol for side in ACROSS)


def ramp(lab, **cells):
    for side, count in cells.items():
        values = lab.edge(side)
        profile = values[0] if side == "right" else values[:, 0]
        shares = profile / lab.flat()
        assert (np.diff(shares) >= -1e-3).all()
        slack = lab.tol / abs(lab.flat())
        assert np.count_nonzero((shares > slack) & (shares < 1 - slack)) == count


def both_ramps(lab, prefix, count):
    ramp(lab, right=int(count), below=int(count))


def two_ramps(lab, prefix, vertical, horizontal):
    ramp(lab, right=int(vertical or 0), below=int(horizontal or 0))


def sharp(lab, prefix):
    ramp(lab, right=0, below=0)


def thin_line(lab, shade, name):
    def answer(side, sign):
        return float((sign * lab.line(side)).max())

    best = answer(LINES[name][0], 1 if shade == "bright" else -1)
    others = [answer(side, sign) for side in LINES_ONCE for sign in (1, -1)]
    assert best == pytest.approx(max(others))
    assert sum(value >= best - lab.tol / 9 for value in others) == 1
    assert best > max(lab.edge(side).max() for side in ACROSS)


LINES_ONCE = [sides[0] for sides in LINES.values()]


def ranks(lab):
    slices = lab.slices if lab.slices.shape[2] == 1 or lab.channels > 1 else lab.slices.sum(axis=2, keepdims=True)
    return [
        int(np.linalg.matrix_rank(slices[:, :, c], tol=1e-9 * np.abs(slices).max()))
        for c in range(slices.shape[2])
    ]


def passes_match(lab, rows, cols, weights):
    assert (int(rows), int(cols or rows), int(weights)) == (
        lab.kernel.shape[0],
        lab.kernel.shape[1],
        lab.kernel.shape[0] * lab.kernel.shape[1],
    )


def separable(lab, before, column, row, after, rows, cols, weights):
    assert set(ranks(lab)) <= {0, 1}
    passes_match(lab, rows, cols, weights)
    if column:
        vectors = [[float(x.replace("−", "-")) for x in text.split(", ")] for text in (column, row)]
        product = np.outer(*vectors) * int(before or 1) / int(after or 1)
        picture = lab.random()[:, :, 0]
        kernel = lab.slices.sum(axis=2) / (lab.slices.shape[2] if lab.channels > 1 else 1)
        two = correlate2d(picture, product, "valid")
        np.testing.assert_allclose(
            two, correlate2d(picture, kernel, "valid"), atol=1e-9 * 255 * np.abs(kernel).sum()
        )


def slices_separable(lab, rows, cols, weights):
    assert len(ranks(lab)) == 3
    separable(lab, None, None, None, None, rows, cols, weights)


def not_separable(lab, count):
    assert set(ranks(lab)) == {int(count)}
    assert int(count) > 1


def slices_not_separable(lab, *texts):
    assert ranks(lab) == [int(text) for text in texts]
    assert max(ranks(lab)) > 1


MIRRORS = {
    "left to right": lambda a: a[:, ::-1],
    "top to bottom": lambda a: a[::-1],
    "at the diagonal ↘": lambda a: a.swapaxes(0, 1),
    "at the diagonal ↙": lambda a: a[::-1, ::-1].swapaxes(0, 1),
}


def mirrored(lab, names, end):
    picture = lab.random()
    for name in re.split(", | or ", names):
        mirror = MIRRORS[name]
        of_mirrored, expected = lab.lay(mirror(picture)), mirror(lab.lay(picture))
        sign = 1 if end == "the same" else -1
        np.testing.assert_allclose(
            of_mirrored, sign * expected, atol=1e-8 * 255 * max(np.abs(lab.kernel).sum(), 1e-9)
        )


def turned(lab, what):
    picture = lab.random()
    plain, flipped = lab.lay(picture, flip=False), lab.lay(picture, flip=True)
    loose = 1e-9 * 255 * float(np.abs(lab.kernel).sum())
    if what == "another kernel: flipping it changes the map":
        assert np.abs(plain - flipped).max() > loose / 1e6
        assert not np.allclose(plain, -flipped, rtol=0, atol=loose / 1e6)
    else:
        sign = 1 if what.startswith("the same") else -1
        np.testing.assert_allclose(flipped, sign * plain, rtol=0, atol=loose)


def fine_stripes(lab):
    down, along = _FINE[:, np.hypot(*_FINE) > 1 / 3]
    return float(lab.strength(down, along).max())


def flat_is_best(lab):
    assert lab.strength(*_FINE).max() <= abs(lab.flat()) + lab.tol


def low_pass(lab, does, passed):
    flat_is_best(lab)
    assert fine_stripes(lab) <= abs(lab.flat()) * (share(passed) + 0.01) + lab.tol
    assert share(passed) <= (0.1 if does == "removes" else 0.5)


def low_pass_one_way(lab, first, one, second, other):
    flat_is_best(lab)
    fine, zero = np.linspace(0.335, 0.5, 60), np.zeros(60)
    upright, level = lab.strength(zero, fine).max(), lab.strength(fine, zero).max()
    values = {"vertical": upright, "horizontal": level}
    assert {first, second} == set(values)
    for name, text in ((first, one), (second, other)):
        assert values[name] <= abs(lab.flat()) * (share(text) + 0.01) + lab.tol
    assert share(one) <= 0.5 < share(other)


def hardly_low_pass(lab, percent):
    flat_is_best(lab)
    assert 0.5 < int(percent) / 100 <= 1
    assert fine_stripes(lab) <= abs(lab.flat()) * (int(percent) / 100 + 0.01)
    # Between the frequencies of the random stripes there may be stronger ones.
    assert fine_stripes(lab) >= abs(lab.flat()) * (int(percent) / 100 - 0.1)


def strongest(lab, best):
    """Check that the stripes that are named are the strongest there are, and return how strong."""
    grid = np.linspace(-0.5, 0.5, 129)
    down, along = (axis.ravel() for axis in np.meshgrid(grid, grid, indexing="ij"))
    if best == "checkerboards of single pixels":
        named = float(lab.strength(0.5, 0.5))
    else:
        match = re.fullmatch(
            r"(vertical |horizontal |)stripes with a period of about ([\d.]+)(?: to ([\d.]+))? pixels", best
        )
        low, high = float(match[2]) * 0.93, float(match[3] or match[2]) * 1.07
        with np.errstate(divide="ignore"):
            periods = 1 / np.hypot(down, along)
        chosen = (periods >= low) & (periods <= high)
        chosen &= {"vertical ": down == 0, "horizontal ": along == 0, "": chosen}[match[1]]
        named = float(lab.strength(down[chosen], along[chosen]).max())
    everything = max(float(lab.strength(down, along).max()), float(lab.strength(*_FINE).max()))
    assert named >= everything * 0.97
    return named


def strengthens(lab, best, times):
    assert strongest(lab, best) == pytest.approx(float(times) * abs(lab.flat()), rel=0.04)
    assert float(times) > 1 - 1e-4


def flat_passes(lab, best, flat):
    named = strongest(lab, best)
    assert abs(lab.flat()) <= named * (share(flat) + 1e-4)
    assert share(flat) <= 0.06
    return named


def single_pixels(lab):
    return float(max(lab.strength(0.0, 0.5), lab.strength(0.5, 0.0), lab.strength(0.5, 0.5)))


def high_pass(lab, best, flat):
    assert single_pixels(lab) >= 0.49 * flat_passes(lab, best, flat)


def band_pass(lab, best, flat, checks):
    named = flat_passes(lab, best, flat)
    assert single_pixels(lab) <= named * (share(checks) + 1e-4) + lab.tol
    assert share(checks) <= 0.51


def pure(lab):
    return [lab.flat(colour) for colour in np.eye(3)]


def slices_change_with_colours(lab):
    picture = lab.random()
    return any(
        np.abs(lab.lay(picture) - lab.lay(picture[:, :, order])).max() > 1e-12 for order in ([1, 0, 2], [0, 2, 1])
    )


def slices_alike(lab):
    assert not slices_change_with_colours(lab) or np.ptp(lab.slices, axis=2).max() < 1e-12


def blind_to_grey(lab):
    assert np.abs(lab.lay(lab.random()[:, :, 0])).max() <= 255 * lab.tol


def compares(lab, liked, disliked):
    assert slices_change_with_colours(lab)
    for name, value in zip(("red", "green", "blue"), pure(lab), strict=True):
        sign = (name in liked.split(" and ")) - (name in disliked.split(" and "))
        assert (value * sign > 0) if sign else abs(value) <= lab.tol


def apart_at_edges(lab):
    assert slices_change_with_colours(lab)
    assert max(map(abs, pure(lab))) <= lab.tol


def pure_colours(lab, *texts):
    assert slices_change_with_colours(lab)
    for value, text in zip(pure(lab), texts, strict=True):
        total, off = number(text)
        assert abs(value - total) <= off + lab.tol


def one_pixel(lab, text):
    colour = {"red": 2.0, "green": 7.0, "blue": 31.0}
    pixel = [*colour.values()][: lab.channels]
    words = {**colour, "the pixel under it": 2.0, "the sum of the pixel's channels": sum(pixel)}
    assert lab.kernel.shape[:2] == (1, 1)
    value, off = 0.0, 0.0
    first, *rest = re.split(r" ([−+]) ", text)
    lead = "−" if first.startswith("−") and " · " not in first else "+"
    for sign, term in [
        (lead, first.removeprefix("−") if lead == "−" else first),
        *zip(rest[::2], rest[1::2], strict=True),
    ]:
        weight, name = term.rsplit(" · ", 1) if " · " in term else ("1", term)
        times, loose = number(weight)
        value += (-1 if sign == "−" else 1) * times * words[name]
        off += loose * words[name]
    assert abs(lab.flat(pixel) - value) <= off + 40 * lab.tol


def one_tap(lab, weight, what, moved):
    times, off = number(weight) if weight else (1.0, 0.0)
    picture = lab.random()
    source = picture.sum(axis=2) if what != "the picture" else picture[:, :, 0]
    for amount, direction in re.findall(r"(\d+) pixels? (up|down|to the left|to the right)", moved):
        sign = 1 if direction in ("down", "to the right") else -1
        source = np.roll(source, sign * int(amount), axis=0 if direction in ("up", "down") else 1)
    assert (moved == "where it was") == (not re.search(r"\d", moved))
    same = conv2d(picture, lab.kernel[np.newaxis], padding="same", boundary="circular", flip=lab.flip)[:, :, 0]
    np.testing.assert_allclose(same, times * source, rtol=1e-5, atol=1e3 * (off + lab.tol))


def nothing(lab):
    assert np.abs(lab.lay(lab.random())).max() <= 255 * lab.tol


def slices_act_as_one(lab):
    assert lab.channels == 1
    assert lab.slices.shape[2] == 3


_N = r"((?:about )?−?[\d./e+−]+)"
_S = r"(not at all|at most about \d+ % as strongly)"
_G = r"(In grey pictures: )?"
CLAIMS = [
    (rf"Sums to {_N}( but for rounding)?( in each of the 3 channels)?: flat( grey)? areas (.+)\.", flat_areas),
    (
        rf"{_G}(?:[Bb]rightest|([Ee]qually) bright) (where .+?)(, and below 0 where it is the other way round)?\.",
        brightest,
    ),
    (rf"{_G}[Bb]rightest along ((?!edges).+) edges, whichever side is dark\.", whichever_side),
    (rf"{_G}[Bb]rightest along edges, alike in several directions\.", several_directions),
    (
        rf"{_G}[Ee]dges of every direction (show, bright|are exaggerated: brighter than flat white) (on .+)\.",
        every_direction,
    ),
    (rf"{_G}[Ss]traight edges leave no trace in the map\.", no_trace),
    (
        rf"{_G}[Ss]harp vertical and horizontal edges become ramps: (\d+) cells? between dark and bright\.",
        both_ramps,
    ),
    (
        rf"{_G}[Ss]harp vertical edges (?:become ramps with (\d+) cells? between dark and bright|stay sharp), "
        r"horizontal edges (?:become ramps with (\d+) cells? between dark and bright|stay sharp)\.",
        two_ramps,
    ),
    (rf"{_G}[Vv]ertical and horizontal edges stay sharp\.", sharp),
    (
        r"A (bright|dark) (.+) line, one pixel wide, gives more than other lines and straight edges\.",
        thin_line,
    ),
    (
        r"Separable(?:, (?:(\d+) · )?\(([^)]*)\)ᵀ · \(([^)]*)\)(?: / (\d+))?)?: "
        r"two passes,? of (\d+)(?: and (\d+))? weights,? instead of (\d+)\.",
        separable,
    ),
    (
        r"Each of its slices is separable: two passes,? of (\d+)(?: and (\d+))? weights,? instead of (\d+)\.",
        slices_separable,
    ),
    (r"Not separable: it takes the sum of (\d+) products of a column and a row\.", not_separable),
    (
        r"Not separable: its slices for red, green and blue have the ranks (\d+), (\d+) and (\d+)\.",
        slices_not_separable,
    ),
    (r"Mirrored (.+), it is (the same|its own negative)\.", mirrored),
    (r"Turned by 180°, it is (.+)\.", turned),
    (
        r"Low-pass: keeps coarse structure and (removes|weakens) fine detail; "
        rf"stripes with a period below 3 pixels pass {_S} as flat areas\.",
        low_pass,
    ),
    (
        r"Low-pass in one direction: (\w+) stripes with a period below 3 pixels pass "
        rf"{_S} as flat areas, (\w+) ones {_S}\.",
        low_pass_one_way,
    ),
    (
        r"Hardly low-pass: flat areas pass best, but stripes with a period below 3 pixels "
        r"up to about (\d+) % as strongly\.",
        hardly_low_pass,
    ),
    (r"Strengthens detail: (.+) pass about ([\d.e+]+) times as strongly as flat areas\.", strengthens),
    (rf"High-pass: (.+) pass best, flat areas {_S}\.", high_pass),
    (
        rf"Band-pass: (.+) pass best, flat areas {_S}, stripes and checkerboards of single pixels {_S}\.",
        band_pass,
    ),
    (r"Its three slices are the same: it treats red, green and blue alike\.", slices_alike),
    (r"Whatever is grey becomes 0: it answers to colour alone\.", blind_to_grey),
    (r"Its three slices differ: it compares colours, flat areas of (.+) against (.+)\.", compares),
    (
        r"Its three slices differ: it tells colours apart at edges, and flat areas of any colour become 0\.",
        apart_at_edges,
    ),
    (
        r"Its three slices differ: flat areas of a pure colour become so many times their value: "
        rf"red {_N}, green {_N}, blue {_N}\.",
        pure_colours,
    ),
    (r"It looks at one pixel at a time: each cell is (.+)\.", one_pixel),
    (
        rf"Only one weight is not 0: with “same” padding the map is (?:{_N} · )?"
        r"(the picture|the sum of the picture's channels), (.+)\.",
        one_tap,
    ),
    (r"All its weights are 0: whatever the picture, the map is 0 before the bias is added\.", nothing),
    (r"They cancel each other: the map is 0 before the bias is added\.", nothing),
    (r"The picture has one channel: the slices act on it as one, their sum\.", slices_act_as_one),
]


def hold(weights, flip, channels):
    """Hold every sentence about a kernel against pictures; return the claims that were made."""
    lab, made = Lab(weights, flip, channels), []
    for sentence in kernel_sentences(weights, flip, picture_channels=channels):
        found = [(match, claim) for text, claim in CLAIMS if (match := re.fullmatch(text, sentence))]
        assert len(found) == 1, sentence
        match, claim = found[0]
        claim(lab, *match.groups())
        made.append(claim)
    return made


# --- the kernels -------------------------------------------------------------------------------------------


@st.composite
def kernels(draw, channels):
    shape = draw(st.integers(1, 5)), draw(st.integers(1, 5)), draw(st.sampled_from(channels))
    numbers = draw(
        st.sampled_from(
            [
                st.integers(-2, 2).map(float),
                st.integers(0, 3).map(float),
                st.integers(-90, 90).map(lambda n: n / 8),
                st.floats(-10, 10).map(lambda x: round(x, 3)),
            ]
        )
    )
    weights = np.array(draw(st.lists(numbers, min_size=math.prod(shape), max_size=math.prod(shape)))).reshape(
        shape
    )
    image = draw(st.sampled_from(["", "left right", "top bottom", "half turn", "both", "product"]))
    if image in ("left right", "both"):
        weights = weights + draw(st.sampled_from([1, -1])) * weights[:, ::-1]
    if image in ("top bottom", "both"):
        weights = weights + draw(st.sampled_from([1, -1])) * weights[::-1]
    if image == "half turn":
        weights = weights + draw(st.sampled_from([1, -1])) * weights[::-1, ::-1]
    if image == "product":
        weights = weights[:, :1] * weights[:1]
    if draw(st.booleans()):
        weights[shape[0] // 2, shape[1] // 2] -= weights.sum(axis=(0, 1))
    return weights


@examples(250)
@given(kernels((1,)), st.booleans(), st.sampled_from([1, 3]))
def test_all_that_is_said_of_a_kernel_of_one_slice_is_true(weights, flip, channels):
    assert hold(weights, flip, channels)


@examples(150)
@given(kernels((3,)), st.booleans(), st.sampled_from([1, 3]))
def test_all_that_is_said_of_a_kernel_of_three_slices_is_true(weights, flip, channels):
    assert hold(weights, flip, channels)


@pytest.mark.parametrize("flip", [False, True])
@pytest.mark.parametrize("key", LIBRARY)
def test_all_that_is_said_of_the_library_is_true(key, flip):
    for channels in (1, 3):
        assert hold(LIBRARY[key].weights, flip, channels)


BELL = np.exp(-(np.arange(-4, 5) ** 2) / 4)
GABOR = np.outer(
    np.exp(-(np.arange(-7, 8) ** 2) / 20), np.exp(-(np.arange(-7, 8) ** 2) / 20) * np.cos(np.arange(-7, 8))
)
# Its rows, columns and diagonals of both directions sum to 0: no straight edge shows.
GHOST = np.array([[0, 1, -1, 0], [-1, 0, 0, 1], [1, 0, 0, -1], [0, -1, 1, 0]])
SPECIAL = {
    "a wide bell": np.outer(BELL, BELL) / BELL.sum() ** 2,
    "a Gabor without its mean": GABOR - GABOR.mean(),
    "motion": np.ones((1, 7)) / 7,
    "diagonal motion": np.eye(5) / 5,
    "a vertical line": np.array([[-1, 2, -1]] * 3) / 3,
    "a dark diagonal line": -np.array([[2, -1, -1], [-1, 2, -1], [-1, -1, 2]]),
    "a corner": np.array([[-1, -1, -1], [-1, 2, 2], [-1, 2, 2]]),
    "a checkerboard": np.array([[1, -1], [-1, 1]]),
    "saddle": np.array([[1, -2, 1], [-2, 4, -2], [1, -2, 1]]),
    "a ghost": GHOST,
    "a ghost about a pixel": GHOST + np.diag([0, 1, 0, 0]),
    "a darkening outline": np.array([[1, 1, 1], [1, -9, 1], [1, 1, 1]]),
    "an edge in four columns": np.array([[-1, -1, 1, 1]] * 3),
    "a sum that is rounded": np.array([[0.1, 0.2, -0.3]]),
    "moved": np.array([[0, 0, 0, 2.5], [0, 0, 0, 0]]),
    "one weight": np.array([[-0.25]]),
    "a wide kernel": np.random.default_rng(2).normal(size=(15, 15)),
    "a wide kernel for colours": np.random.default_rng(3).normal(size=(15, 4, 3)),
    "an edge of red against green": np.stack([[[-1, 0, 1]] * 3, [[1, 0, -1]] * 3, np.zeros((3, 3))], axis=2),
    "a blur of three slices": np.ones((2, 3, 3)) / 18,
    "zeros": np.zeros((2, 3)),
}


@pytest.mark.parametrize("flip", [False, True])
@pytest.mark.parametrize("name", SPECIAL)
def test_all_that_is_said_of_kernels_of_every_kind_is_true(name, flip):
    for channels in (1, 3):
        assert hold(SPECIAL[name], flip, channels)


def test_every_kind_of_sentence_is_said_of_some_kernel():
    made = {
        claim
        for weights in (*SPECIAL.values(), *(kernel.weights for kernel in LIBRARY.values()))
        for channels in (1, 3)
        for claim in hold(weights, False, channels)
    }
    assert {claim.__name__ for _, claim in CLAIMS} == {claim.__name__ for claim in made}


# --- in so many words ----------------------------------------------------------------------------------------


def said(weights, flip=False, channels=1):
    return kernel_sentences(weights, flip, picture_channels=channels)


def test_a_sobel_kernel_in_so_many_words():
    assert said(LIBRARY["sobel_x"].weights) == [
        "Sums to 0: flat areas become 0.",
        "Brightest where left is dark and right is bright, and below 0 where it is the other way round.",
        "Separable, (1, 2, 1)ᵀ · (−1, 0, 1): two passes of 3 weights instead of 9.",
        "Mirrored top to bottom, it is the same.",
        "Mirrored left to right, it is its own negative.",
        "Turned by 180°, it is its own negative: flipping it turns the sign of the map.",
        "Band-pass: vertical stripes with a period of about 4 pixels pass best, flat areas not at all, "
        "stripes and checkerboards of single pixels not at all.",
    ]


def test_a_flipped_sobel_kernel_is_brightest_the_other_way_round():
    assert said(LIBRARY["sobel_x"].weights, flip=True)[1].startswith("Brightest where left is bright and right is")


@pytest.mark.parametrize(
    ("key", "channels", "sentence"),
    [
        ("box", 1, "Sums to 1: flat areas stay as they are."),
        ("box", 3, "Sums to 1 in each of the 3 channels: flat grey areas become 3 times their value."),
        (
            "laplacian",
            1,
            "Edges of every direction show, bright on their dark side and below 0 on their bright side.",
        ),
        (
            "sharpen",
            1,
            "Edges of every direction are exaggerated: brighter than flat white on their bright side and below 0 "
            "on their dark side.",
        ),
        (
            "gaussian5",
            1,
            "Separable, (1, 4, 6, 4, 1)ᵀ · (1, 4, 6, 4, 1) / 256: two passes of 5 weights instead of 25.",
        ),
        ("luma", 3, "It looks at one pixel at a time: each cell is 0.299 · red + 0.587 · green + 0.114 · blue."),
        ("red_green", 3, "Its three slices differ: it compares colours, flat areas of red against green."),
        ("red_green", 1, "They cancel each other: the map is 0 before the bias is added."),
    ],
)
def test_what_is_said_of_the_library(key, channels, sentence):
    assert sentence in said(LIBRARY[key].weights, channels=channels)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.0, "0"),
        (-0.0, "0"),
        (1.0, "1"),
        (-2.5, "−2.5"),
        (1 / 9, "1/9"),
        (0.9999, "0.9999"),
        (0.999912345, "about 0.999912"),
        (1.0000001, "about 1.0000001"),
        (1e-9, "1e−09"),
        (1.23456e-9, "about 1.23e−09"),
        (-2 / 3, "−2/3"),
        (np.float64(0.299), "0.299"),
        (math.pi, "about 3.14"),
    ],
)
def test_numbers_are_short_and_never_taken_for_others(value, text):
    assert number_text(value) == text


@examples(300)
@given(st.floats(-1e6, 1e6))
def test_only_what_is_whole_is_written_as_whole(value):
    shown, off = number(number_text(value))
    assert (shown == round(shown)) == (value == round(value)) or abs(value) >= 1e3
    assert abs(shown - value) <= off


@pytest.mark.parametrize(
    ("weights", "text"),
    [
        ([[2, 4], [6, 12]], "2 · (1, 3)ᵀ · (1, 2)"),
        ([[0.5, -0.5]], "(1)ᵀ · (1, −1) / 2"),
        ([[math.pi, math.pi]], "(2.11)ᵀ · (1.49, 1.49)"),
    ],
)
def test_a_pair_is_written_as_in_books(weights, text):
    assert pair_text(read_kernel(weights).pairs[0]) == text


def test_what_is_no_kernel_is_refused():
    with pytest.raises(ConvError, match="weights must be finite"):
        kernel_sentences([[math.nan]], False)


def test_nested_tuples_of_the_experiment_are_read():
    assert said((((1.0,), (2.0,)),))[0] == "Sums to 3: flat areas become 3 times their value."
