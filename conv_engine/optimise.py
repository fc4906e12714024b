"""Going downhill: how gradients change parameters.

An optimiser is a rule and a few numbers, and remembers nothing itself: what it needs to know of earlier steps goes
in and comes out as its memory. The same numbers in give the same numbers out, and one may go back to any step and
on from there.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import isfinite
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from conv_engine.arrays import Doubles, as_doubles, check_array
from conv_engine.errors import ConvError, shown

__all__ = ["SGD", "Adam", "Memory", "Step"]

Arrays = tuple[Doubles, ...]


@dataclass(frozen=True, eq=False)
class Memory:
    """What an optimiser knows of the steps before.

    Attributes
    ----------
    steps : int
        How many there were.
    first : tuple of ndarray
        A running sum (SGD) or mean (Adam) of the gradients, an array for each parameter.
    second : tuple of ndarray
        A running mean of their squares (Adam); empty for SGD.
    """

    steps: int
    first: Arrays
    second: Arrays = ()


class Step(NamedTuple):
    """What a step leads to.

    Attributes
    ----------
    parameters : tuple of ndarray of float64
        The new parameters.
    memory : Memory
        For the next step.
    """

    parameters: Arrays
    memory: Memory


@dataclass(frozen=True)
class SGD:
    """Gradient descent with momentum: v ← momentum · v + gradient, parameter ← parameter − rate · v.

    "Stochastic" is what it is called when each gradient comes from a few pictures drawn at random; the rule is the
    same. With momentum 0 each step goes straight down the slope.

    Attributes
    ----------
    rate : float
        The learning rate, above 0.
    momentum : float
        Which part of the last step's velocity is kept, 0 ≤ momentum < 1. Steady slopes are then walked
        1 / (1 − momentum) times as fast.

    Raises
    ------
    ConvError
        If a number is out of its range.

    References ---------- B. T. Polyak, "Some Methods of Speeding up the Convergence of Iteration Methods", USSR
    Computational Mathematics and Mathematical Physics 4(5), 1964; I. Sutskever, J. Martens, G. Dahl and G. Hinton,
    "On the Importance of Initialization and Momentum in Deep Learning", ICML 2013.

    Examples
    --------
    >>> sgd = SGD(rate=0.1, momentum=0.5)
    >>> (one,), memory = sgd.step([[1.0]], [[2.0]])
    >>> (two,), memory = sgd.step([one], [[2.0]], memory)
    >>> one, two  # 1 − 0.1 · 2, then − 0.1 · (0.5 · 2 + 2)
    (array([0.8]), array([0.5]))
    """

    rate: float
    momentum: float = 0.0

    def __post_init__(self) -> None:
        _check_rate(self.rate)
        _check_share("momentum", self.momentum)

    def step(
        self, parameters: Sequence[npt.ArrayLike], gradients: Sequence[npt.ArrayLike], memory: Memory | None = None
    ) -> Step:
        """Take one step down.

        Parameters
        ----------
        parameters, gradients : sequences of array_like
            An array for each parameter, and one of its shape for the derivative of the loss with respect to it.
        memory : Memory, optional
            Of the step before; None for the first step.

        Returns
        -------
        Step
            New parameters, and the memory for the next step; what went in stays as it was.

        Raises
        ------
        ConvError
            If the arrays do not fit each other, are not finite, or a parameter leaves the range of float64.
        """
        values, slopes = _checked(parameters, gradients)
        past = _checked_memory(memory, values, has_second=False)
        with np.errstate(over="ignore", invalid="ignore"):
            velocity = tuple(self.momentum * v + g for v, g in zip(past.first, slopes, strict=True))
            moved = tuple(p - self.rate * v for p, v in zip(values, velocity, strict=True))
        return _checked_step(moved, Memory(past.steps + 1, velocity), self.rate)


@dataclass(frozen=True)
class Adam:
    """Gradient descent in which each parameter has its own step, of about the rate whatever the slope.

    With m a running mean of the gradients g, and v one of their squares::

        m ← β₁ · m + (1 − β₁) · g        v ← β₂ · v + (1 − β₂) · g²
        parameter ← parameter − rate · (m / (1 − β₁ᵗ)) / (√(v / (1 − β₂ᵗ)) + ε)

    The divisors 1 − βᵗ make up for both means starting at 0; t counts the steps from 1.

    Attributes
    ----------
    rate : float
        The learning rate, above 0.
    beta1, beta2 : float
        How much of each running mean is kept, 0 ≤ β < 1.
    epsilon : float
        ε, above 0: keeps the divisor away from 0.

    Raises
    ------
    ConvError
        If a number is out of its range.

    References
    ----------
    D. P. Kingma and J. Ba, "Adam: A Method for Stochastic Optimization", ICLR 2015, algorithm 1 and its numbers.

    Examples
    --------
    >>> (moved,), memory = Adam(rate=0.1).step([[1.0, 1.0]], [[2.0, -0.001]])
    >>> moved.round(4)
    array([0.9, 1.1])
    """

    rate: float = 0.001
    beta1: float = 0.9
    beta2: float = 0.999
    epsilon: float = 1e-8

    def __post_init__(self) -> None:
        _check_rate(self.rate)
        _check_share("beta1", self.beta1)
        _check_share("beta2", self.beta2)
        if not _is_number(self.epsilon) or self.epsilon <= 0:
            raise ConvError(f"epsilon must be a number above 0, got {shown(self.epsilon)}")

    def step(
        self, parameters: Sequence[npt.ArrayLike], gradients: Sequence[npt.ArrayLike], memory: Memory | None = None
    ) -> Step:
        """Take one step down.

        Parameters
        ----------
        parameters, gradients : sequences of array_like
            An array for each parameter, and one of its shape for the derivative of the loss with respect to it.
        memory : Memory, optional
            Of the step before; None for the first step.

        Returns
        -------
        Step
            New parameters, and the memory for the next step; what went in stays as it was.

        Raises
        ------
        ConvError
            If the arrays do not fit each other, are not finite, or a number leaves the range of float64.
        """
        values, slopes = _checked(parameters, gradients)
        past = _checked_memory(memory, values, has_second=True)
        steps = past.steps + 1
        with np.errstate(over="ignore", invalid="ignore"):
            first = tuple(self.beta1 * m + (1 - self.beta1) * g for m, g in zip(past.first, slopes, strict=True))
            second = tuple(
                self.beta2 * v + (1 - self.beta2) * g * g for v, g in zip(past.second, slopes, strict=True)
            )
            unbias1, unbias2 = 1 - self.beta1**steps, 1 - self.beta2**steps
            moved = tuple(
                p - self.rate * (m / unbias1) / (np.sqrt(v / unbias2) + self.epsilon)
                for p, m, v in zip(values, first, second, strict=True)
            )
        return _checked_step(moved, Memory(steps, first, second), self.rate)


def _checked(
    parameters: Sequence[npt.ArrayLike], gradients: Sequence[npt.ArrayLike]
) -> tuple[list[Doubles], list[Doubles]]:
    if len(parameters) != len(gradients):
        raise ConvError(
            f"gradients must be as many as parameters, one for each of the {len(parameters)}, got {len(gradients)}"
        )
    values = [_checked_array(f"parameters[{n}]", array) for n, array in enumerate(parameters)]
    slopes = [_checked_array(f"gradients[{n}]", array) for n, array in enumerate(gradients)]
    for number, (value, slope) in enumerate(zip(values, slopes, strict=True)):
        if value.shape != slope.shape:
            raise ConvError(
                f"gradients[{number}] must have the shape of parameters[{number}], {value.shape}, "
                f"got {slope.shape}"
            )
    return values, slopes


def _checked_array(name: str, value: npt.ArrayLike) -> Doubles:
    """Return an array of any number of axes, checked."""
    try:
        axes = np.ndim(value)
    except ValueError:  # rows of different lengths, which the check refuses with a sentence
        axes = 1
    return as_doubles(check_array(name, value, ("n",) * axes))


def _checked_memory(memory: Memory | None, values: list[Doubles], *, has_second: bool) -> Memory:
    if memory is None:
        zeros = tuple(np.zeros(value.shape) for value in values)
        return Memory(0, zeros, zeros if has_second else ())
    shapes = [value.shape for value in values]
    for arrays, wanted in ((memory.first, shapes), (memory.second, shapes if has_second else [])):
        if [array.shape for array in arrays] != wanted:
            raise ConvError(
                f"memory must come from a step of the same optimiser with parameters of the shapes "
                f"{shown(shapes)}, got arrays of the shapes {shown([array.shape for array in arrays])}"
            )
    return memory


def _checked_step(moved: Arrays, memory: Memory, rate: float) -> Step:
    for arrays in (moved, memory.first, memory.second):
        if not all(np.isfinite(array).all() for array in arrays):
            raise ConvError(
                f"rate must be small enough for the parameters to stay within the range of float64, got {rate:g}: "
                "the steps have grown beyond all bounds"
            )
    return Step(moved, memory)


def _is_number(value: object) -> bool:
    is_real = isinstance(value, int | float | np.integer | np.floating) and not isinstance(value, bool)
    return is_real and isfinite(value)  # type: ignore[arg-type]  # a real number by now


def _check_rate(rate: float) -> None:
    if not _is_number(rate) or rate <= 0:
        raise ConvError(f"rate must be a number above 0, got {shown(rate)}")


def _check_share(name: str, share: float) -> None:
    if not _is_number(share) or not 0 <= share < 1:
        raise ConvError(f"{name} must be a number from 0 up to, not with, 1, got {shown(share)}")
