"""A kernel that learns to do what a hidden one does, from pictures alone; every step of it kept.

The learner sees a picture and the maps that hidden kernels make of it. It starts from noise, lays its own kernels
on the same windows, and goes down the slope of the mean squared error. A layer is linear, so that this loss is a
bowl: its curvature is the same everywhere, *H = 2 · patchesᵀ · patches / windows*, and known before the first
step. Along the steepest direction of the bowl, of curvature λ, a step of rate r multiplies what is wrong by 1 − r
· λ: beyond r = 2 / λ each step overshoots by more than it mends. With momentum β the bound is 2 · (1 + β) / λ.

Each hidden kernel has a map of its own, and the loss is the sum of the errors of the maps: so each kernel learns
as if it were alone.

Source: I. Goodfellow, Y. Bengio and A. Courville, "Deep Learning", MIT Press 2016, section 4.3 (step size and
curvature) and section 8.2.1 (ill-conditioning); B. T. Polyak, "Some Methods of Speeding up the Convergence of
Iteration Methods", 1964 (momentum and its bound).
"""

from dataclasses import dataclass
from math import isfinite

import numpy as np
import numpy.typing as npt

from conv_engine.arrays import Doubles
from conv_engine.errors import ConvError
from conv_engine.gradients import PatchMatrix
from conv_engine.kernels import LIBRARY, Kernel
from conv_engine.losses import mean_squared_error
from conv_engine.optimise import SGD, Memory
from conv_engine.plan import plan2d
from conv_engine.spec import integer
from ui.images import Pixels
from ui.map_tiles import scale_number

__all__ = [
    "HIDDEN",
    "LARGEST_SIDE",
    "MOST_KERNELS",
    "MOST_STEPS",
    "Lesson",
    "Run",
    "curvatures",
    "draw_hidden",
    "learn",
    "pixels_of",
    "random_pixels",
]

HIDDEN = ("sobel_x", "sobel_y", "gaussian", "sharpen", "emboss", "laplacian")
"""Kernels of the library that may be hidden, in the order in which they join where there are several."""

LARGEST_SIDE = 7
"""Rows and columns that a hidden kernel may have: beyond, nobody can look at its weights."""

MOST_KERNELS = 4
MOST_STEPS = 1000
"""How many steps a run may have: all of them are kept."""

# A loss that has grown so much will not come back.
_LOST = 1e6
# The standard deviation of the noise that kernels start from.
_START = 0.5
_LARGEST_DRAWN = 5


@dataclass(frozen=True)
class Lesson:
    """How to learn.

    Attributes
    ----------
    rate : float
        The learning rate, above 0.
    momentum : float
        Which part of the last step's velocity is kept, 0 ≤ momentum < 1.
    batch : int
        Windows that each gradient is taken from, drawn at random; 0 for all of them.
    noise : float
        What is added to the wanted maps, as a share of each map's standard deviation, at least 0.
    steps : int
        1 to 1000.
    seed : int
        Of the first weights, the noise and the draws; at least 0.
    """

    rate: float = 1.0
    momentum: float = 0.9
    batch: int = 0
    noise: float = 0.0
    steps: int = 300
    seed: int = 1


@dataclass(frozen=True, eq=False)
class Run:
    """What has happened.

    Attributes
    ----------
    picture : ndarray of float64, shape (H, W)
        What was learned from.
    hidden : ndarray of float64, shape (K, kh, kw)
        The kernels to be found.
    wanted : ndarray of float64, shape (oh, ow, K)
        The maps that the learner was shown, noise included.
    weights : ndarray of float64, shape (S + 1, K, kh, kw)
        The learner's kernels before the first step and after each.
    losses : ndarray of float64, shape (S + 1, K)
        The mean squared error of each map over all windows.
    rate_limit : float
        From this rate on plain descent with this momentum and all windows diverges; infinite for a black picture.
    condition : float
        The largest curvature by the smallest: how much longer the flattest direction takes than the steepest.
    trouble : str
        A sentence on the rate, where the loss has grown instead of fallen; else nothing.
    """

    picture: Doubles
    hidden: Doubles
    wanted: Doubles
    weights: Doubles
    losses: Doubles
    rate_limit: float
    condition: float
    trouble: str = ""

    @property
    def steps(self) -> int:
        """How many steps were taken."""
        return len(self.losses) - 1

    @property
    def errors(self) -> Doubles:
        """How far the worst weight of each step is from the hidden one; (S + 1, K)."""
        apart: Doubles = np.abs(self.weights - self.hidden).max(axis=(2, 3))
        return apart


def draw_hidden(count: int, seed: int) -> tuple[Kernel, ...]:
    """Draw kernels of the library to be hidden, none of them in `HIDDEN`.

    Parameters
    ----------
    count : int
        1 to 4.
    seed : int
        At least 0. The same seed draws the same.

    Returns
    -------
    tuple of Kernel
        Of one slice and at most 5 × 5, all of them different.
    """
    there = [
        kernel
        for key, kernel in LIBRARY.items()
        if key not in HIDDEN and kernel.weights.ndim == 2 and max(kernel.weights.shape) <= _LARGEST_DRAWN
    ]
    drawn = np.random.default_rng(seed).permutation(len(there))[:count]
    return tuple(there[index] for index in drawn)


def pixels_of(pixels: Pixels, *, centred: bool) -> Doubles:
    """Scale a picture in grey for learning.

    Parameters
    ----------
    pixels : ndarray of shape (H, W, 1), uint8
    centred : bool
        Whether middle grey is 0, so that pixels go from −0.5 to 0.5; else they go from 0 to 1.

    Returns
    -------
    ndarray of float64, shape (H, W)
    """
    scaled: Doubles = pixels[:, :, 0] / 255 - (0.5 if centred else 0.0)
    return scaled


def random_pixels(side: int, *, centred: bool, seed: int) -> Doubles:
    """Draw a picture of nothing: each pixel for itself, from all shades alike.

    Returns
    -------
    ndarray of float64, shape (side, side)
        Scaled as `pixels_of` does.
    """
    drawn = np.random.default_rng(seed).integers(0, 256, (side, side, 1))
    return pixels_of(drawn.astype(np.uint8), centred=centred)


def curvatures(picture: Doubles, shape: tuple[int, int]) -> Doubles:
    """Work out how curved the loss of one kernel is, along each direction in which its weights can go.

    Parameters
    ----------
    picture : ndarray of shape (H, W)
        What the kernel is laid on, without padding.
    shape : (int, int)
        Rows and columns of the kernel.

    Returns
    -------
    ndarray of float64, shape (kh · kw,)
        The eigenvalues of the Hessian 2 · patchesᵀ · patches / windows, from the least.

    References
    ----------
    I. Goodfellow, Y. Bengio and A. Courville, "Deep Learning", MIT Press 2016, section 4.3.1.

    Examples
    --------
    >>> curvatures(np.array([[1.0, 1.0, 1.0]]), (1, 2)).round(6)  # only the sum of both counts
    array([0., 4.])
    """
    patches = _windows(picture, shape).reshape(-1, shape[0] * shape[1])
    found: Doubles = np.maximum(np.linalg.eigvalsh(2 * patches.T @ patches / len(patches)), 0.0)
    return found


def learn(picture: Doubles, hidden: npt.ArrayLike, lesson: Lesson) -> Run:
    """Learn to do what hidden kernels do.

    Parameters
    ----------
    picture : ndarray of shape (H, W)
        As `pixels_of` gives it.
    hidden : array_like of shape (K, kh, kw)
        One to four kernels of one size, at most the picture's.
    lesson : Lesson
        How to learn.

    Returns
    -------
    Run
        All steps; those until the loss was lost, where it has grown beyond bounds.

    Raises
    ------
    ConvError
        If a number is out of its range, or a kernel is larger than the picture.
    """
    kernels = np.asarray(hidden, dtype=np.float64)
    if kernels.ndim != 3 or not 1 <= len(kernels) <= MOST_KERNELS:
        raise ConvError(f"hidden must have shape (K, kh, kw) with K from 1 to {MOST_KERNELS}, got {kernels.shape}")
    steps = integer("steps", lesson.steps, least=1, most=MOST_STEPS)
    batch = integer("batch", lesson.batch, least=0)
    if not (isfinite(lesson.noise) and lesson.noise >= 0):
        raise ConvError(f"noise must be a number, at least 0, got {lesson.noise}")
    descent = SGD(lesson.rate, lesson.momentum)
    chance = np.random.default_rng(integer("seed", lesson.seed, least=0))
    count, rows, cols = kernels.shape
    bank_shape = (count, rows, cols, 1)
    whole = PatchMatrix.of(picture[np.newaxis, :, :, np.newaxis], plan2d((*picture.shape, 1), bank_shape))
    wanted = whole.maps(kernels[..., np.newaxis])
    bank = chance.normal(0, _START, bank_shape)
    wanted = wanted + chance.normal(0, 1, wanted.shape) * (lesson.noise * wanted.std(axis=(0, 1, 2)))
    cells = wanted.reshape(-1, count)
    windows = _windows(picture, (rows, cols)).reshape(-1, rows, cols, 1)
    window_plan = plan2d((rows, cols, 1), bank_shape)

    memory: Memory | None = None
    found: list[Doubles] = [bank]
    losses = [_losses(whole.maps(bank), wanted)]
    trouble = ""
    for step in range(1, steps + 1):
        if 0 < batch < len(windows):
            drawn = chance.choice(len(windows), batch, replace=False)
            seen, target = PatchMatrix.of(windows[drawn], window_plan), cells[drawn].reshape(-1, 1, 1, count)
        else:
            seen, target = whole, wanted
        # Summed over the maps, not averaged: a kernel learns as fast beside others as alone.
        slope: Doubles = mean_squared_error(seen.maps(bank), target).gradient * count
        (bank,), memory = descent.step([bank], [seen.bank_gradient(slope)], memory)
        found.append(bank)
        losses.append(_losses(whole.maps(bank), wanted))
        total, first = float(losses[-1].sum()), float(losses[0].sum())
        is_lost = not total <= _LOST * max(first, np.finfo(float).tiny)
        if is_lost or (step == steps and total > first):
            trouble = (
                f"The rate {scale_number(lesson.rate)} is too high: the loss grew from {scale_number(first, 3)} "
                f"to {_large(total)} in {step} {'step' if step == 1 else 'steps'}."
            )
        if is_lost:
            break
    curved = curvatures(picture, (rows, cols))
    steepest, flattest = float(curved[-1]), float(curved[0])
    return Run(
        picture=picture,
        hidden=kernels,
        wanted=wanted[0],
        weights=np.stack(found)[..., 0],
        losses=np.stack(losses),
        rate_limit=2 * (1 + lesson.momentum) / steepest if steepest else np.inf,
        condition=steepest / flattest if flattest > steepest * np.finfo(float).eps else np.inf,
        trouble=trouble,
    )


def _windows(picture: Doubles, shape: tuple[int, int]) -> Doubles:
    if any(length < side for length, side in zip(picture.shape, shape, strict=True)):
        raise ConvError(f"picture must be at least {shape[0]} × {shape[1]}, as the kernel is, got {picture.shape}")
    return np.lib.stride_tricks.sliding_window_view(picture, shape)


def _losses(maps: Doubles, wanted: Doubles) -> Doubles:
    squares: Doubles = np.square(maps - wanted).mean(axis=(0, 1, 2))
    return squares


def _large(value: float) -> str:
    """Write a number that is mostly its power of ten."""
    return f"{value:.1e}".replace("e+0", "e").replace("e+", "e")
