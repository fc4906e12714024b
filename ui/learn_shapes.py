"""Two layers that learn which shape is in a picture, and the same classifier on features that somebody designed.

The net: 5 × 5 convolution with eight kernels, ReLU, max pooling, and a fully connected layer, which is a
convolution whose kernels are as large as what it sees. Its loss is the cross-entropy of the softmax, its optimiser
Adam, and its gradients are the engine's own. Beside it the same net learns with its first layer held fast on eight
hand-made kernels: only what is made of them is learned. Both see the same pictures in the same order, none of them
twice, and are tested on pictures that neither has learned from.

Source: Y. LeCun, L. Bottou, Y. Bengio and P. Haffner, "Gradient-Based Learning Applied to Document Recognition",
Proceedings of the IEEE 86(11), 1998 (convolution, pooling and classifier learned together, against features made
by hand); D. P. Kingma and J. Ba, "Adam", ICLR 2015.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from types import MappingProxyType

import numpy as np
import numpy.typing as npt

from conv_engine.arrays import Doubles
from conv_engine.errors import ConvError
from conv_engine.gradients import PatchMatrix, bias_gradient, image_gradients
from conv_engine.initialise import he
from conv_engine.kernels import LIBRARY, Kernel, stack
from conv_engine.losses import cross_entropy
from conv_engine.optimise import Adam, Memory
from conv_engine.plan import Plan2D, plan2d
from conv_engine.pooling import max_pool2d, max_pool2d_gradient, plan_pool2d, relu, relu_gradient
from conv_engine.spec import integer
from ui.background import Tell
from ui.shapes import SHAPES, SIDE, ShapeSet, draw_shapes

__all__ = [
    "FEATURES",
    "HAND_MADE",
    "KERNEL_SIDE",
    "POOLS",
    "Exam",
    "Moment",
    "Net",
    "Outcome",
    "Task",
    "begin",
    "hand_made_bank",
    "namesakes",
    "train",
]

FEATURES = 8
KERNEL_SIDE = 5
POOLS = (2, 4, 6, 12)
"""Rows and columns of the pooling windows: each divides the 12 × 12 cells of a map."""

HAND_MADE: Mapping[str, tuple[str, tuple[tuple[str, int], ...]]] = MappingProxyType(
    {
        "edges": (
            "edges, a spot and a blur",
            (
                ("sobel_x", 1),
                ("sobel_x", -1),
                ("sobel_y", 1),
                ("sobel_y", -1),
                ("kirsch_ne", 1),
                ("robinson_nw", 1),
                ("laplacian", 1),
                ("gaussian", 1),
            ),
        ),
        "lines": (
            "lines and corners",
            tuple(
                (key, 1)
                for key in (
                    *("line_h", "line_v", "line_up", "line_down"),
                    *("corner_tl", "corner_tr", "corner_bl", "corner_br"),
                )
            ),
        ),
    }
)
"""The hand-made banks by key: what they are, and their kernels from the library, each with its sign."""

# What a hand-made kernel's weights sum to without their signs: about what eight learned ones have.
_SIZE = 2.0
# Pictures that are drawn at a time, and how many the test pictures are looked at at a time.
_PART = 2048
_STRIP = 250
_LOOKS = 16
# Smaller kernels beside it are framed with zeros up to its size.
_FRAME = Kernel("frame", "", "basic", np.zeros((KERNEL_SIDE, KERNEL_SIDE)), "", "", "")


@dataclass(frozen=True)
class Task:
    """What is to be learned, and how.

    Attributes
    ----------
    noise : float
        As for `ui.shapes.draw_shapes`.
    pool : int
        One of `POOLS`; at 12 a map becomes one number, and where something was is forgotten.
    hand : str
        A key of `HAND_MADE`.
    seed : int
        Of the first weights and all pictures.
    steps, batch : int
        Of how many steps, and how many pictures each is learned from.
    rate : float
        Of Adam.
    tested : int
        How many unseen pictures there are to be tested on.
    """

    noise: float = 0.2
    pool: int = 4
    hand: str = "edges"
    seed: int = 1
    steps: int = 1000
    batch: int = 64
    rate: float = 0.01
    tested: int = 1000

    def __post_init__(self) -> None:
        if self.pool not in POOLS:
            raise ConvError(f"pool must be one of {', '.join(map(str, POOLS))}, got {self.pool}")
        if self.hand not in HAND_MADE:
            raise ConvError(f"hand must be one of {', '.join(HAND_MADE)}, got {self.hand!r}")
        for name in ("steps", "batch", "tested"):
            integer(name, getattr(self, name), least=1)


@dataclass(frozen=True, eq=False)
class Net:
    """The weights of both layers.

    Attributes
    ----------
    bank : ndarray of float64, shape (8, 5, 5, 1)
        The first layer's kernels.
    bias : ndarray of float64, shape (8,)
    dense : ndarray of float64, shape (4, rows, cols, 8)
        A kernel for each shape, as large as the pooled maps.
    offsets : ndarray of float64, shape (4,)
        The biases of the second layer.
    pool : int
        Rows and columns of the pooling windows.
    """

    bank: Doubles
    bias: Doubles
    dense: Doubles
    offsets: Doubles
    pool: int

    @cached_property
    def plans(self) -> tuple[Plan2D, Plan2D]:
        """The plans of both convolutions."""
        first = plan2d((SIDE, SIDE, 1), self.bank.shape)
        return first, plan2d(plan_pool2d(first.output_shape, self.pool).output_shape, self.dense.shape)

    def scores(self, pictures: Doubles) -> Doubles:
        """Give each shape a score, for each picture: (N, 16, 16, 1) → (N, 4)."""
        return self._forward(pictures)[-1]

    def learn(
        self, pictures: Doubles, labels: npt.NDArray[np.intp], adam: Adam, memory: Memory | None, *, fixed: bool
    ) -> tuple["Net", Memory, float]:
        """Take one step down the slope of the loss on these pictures.

        Parameters
        ----------
        pictures, labels : ndarray
            As in `ShapeSet`.
        adam : Adam
            The rule.
        memory : Memory or None
            Of the step before.
        fixed : bool
            Whether the first layer stays as it is.

        Returns
        -------
        (Net, Memory, float)
            The net after the step, the memory for the next one, and the loss before it.
        """
        seen, raw, kept, pooled, scores = self._forward(pictures)
        loss = cross_entropy(scores, labels)
        slope = loss.gradient[:, np.newaxis, np.newaxis, :]
        second = (pooled.bank_gradient(slope), bias_gradient(slope))
        if fixed:
            (dense, offsets), after = adam.step((self.dense, self.offsets), second, memory)
            return replace(self, dense=dense, offsets=offsets), after, loss.value
        back = max_pool2d_gradient(kept, image_gradients(slope, self.dense, self.plans[1]), self.pool)
        back = relu_gradient(raw, back)
        first = (seen.bank_gradient(back), bias_gradient(back))
        moved, after = adam.step((self.bank, self.bias, self.dense, self.offsets), (*first, *second), memory)
        bank, bias, dense, offsets = moved
        return Net(bank, bias, dense, offsets, self.pool), after, loss.value

    def _forward(self, pictures: Doubles) -> tuple[PatchMatrix, Doubles, Doubles, PatchMatrix, Doubles]:
        first, second = self.plans
        seen = PatchMatrix.of(pictures, first)
        raw = seen.maps(self.bank, self.bias)
        kept = relu(raw)
        pooled = PatchMatrix.of(max_pool2d(kept, self.pool), second)
        return seen, raw, kept, pooled, pooled.maps(self.dense, self.offsets)[:, 0, 0, :]


@dataclass(frozen=True, eq=False)
class Exam:
    """How a net did on pictures that it has not learned from.

    Attributes
    ----------
    given : ndarray of intp, shape (N,)
        What it took each picture for.
    labels : ndarray of intp, shape (N,)
        What is in them.
    """

    given: npt.NDArray[np.intp]
    labels: npt.NDArray[np.intp]

    @property
    def accuracy(self) -> float:
        """The share of pictures that it was right about."""
        return float((self.given == self.labels).mean())

    @property
    def confusion(self) -> npt.NDArray[np.intp]:
        """Count what was taken for what: (4, 4), a row for each shape, a column for each answer."""
        table = np.zeros((len(SHAPES), len(SHAPES)), dtype=np.intp)
        np.add.at(table, (self.labels, self.given), 1)
        return table

    @property
    def wrong(self) -> npt.NDArray[np.intp]:
        """The numbers of the pictures that it was wrong about."""
        return np.flatnonzero(self.given != self.labels)


@dataclass(frozen=True, eq=False)
class Moment:
    """How far both nets are after some steps.

    Attributes
    ----------
    step : int
        After how many.
    bank : ndarray of float64, shape (8, 5, 5, 1)
        The kernels that are being learned.
    accuracy, hand_accuracy : float
        On the unseen pictures, of the net that learns its kernels and of the one whose kernels are hand-made.
    """

    step: int
    bank: Doubles
    accuracy: float
    hand_accuracy: float


@dataclass(frozen=True, eq=False)
class Outcome:
    """What has come out.

    Attributes
    ----------
    task : Task
    unseen : ShapeSet
        The pictures of the exam.
    learned, hand : Net
        With learned and with hand-made kernels.
    exam, hand_exam : Exam
    moments : tuple of Moment
        From before the first step to the end.
    """

    task: Task
    unseen: ShapeSet
    learned: Net
    hand: Net
    exam: Exam
    hand_exam: Exam
    moments: tuple[Moment, ...]


def hand_made_bank(key: str) -> Doubles:
    """Return eight hand-made kernels in frames of 5 × 5.

    Parameters
    ----------
    key : str
        A key of `HAND_MADE`.

    Returns
    -------
    ndarray of float64, shape (8, 5, 5, 1)
        Each scaled so that its weights sum to 2 without their signs: large numbers of one kernel would drown the
        others.
    """
    signed = HAND_MADE[key][1]
    bank = stack((_FRAME, *(LIBRARY[name] for name, _ in signed)), channels=1)[1:]
    signs = np.array([sign for _, sign in signed]).reshape(-1, 1, 1, 1)
    scaled: Doubles = bank * signs * (_SIZE / np.abs(bank).sum(axis=(1, 2, 3), keepdims=True))
    return scaled


def namesakes(bank: Doubles) -> list[tuple[str, float]]:
    """Find the kernel of the library that each kernel of a bank is nearest to.

    Parameters
    ----------
    bank : ndarray of float64, shape (K, 5, 5, 1)

    Returns
    -------
    list of (str, float)
        For each kernel the title of the library's, and the cosine of the angle between both as vectors: 1 where
        they are the same up to a factor, 0 where they have nothing in common. Larger kernels of the library and
        those in colours are left out.
    """
    there = [
        kernel
        for kernel in LIBRARY.values()
        if kernel.weights.ndim == 2 and max(kernel.weights.shape) <= KERNEL_SIDE and kernel.weights.any()
    ]
    known = stack((_FRAME, *there), channels=1)[1:].reshape(len(there), -1)
    known = known / np.linalg.norm(known, axis=1, keepdims=True)
    flat = bank.reshape(len(bank), -1)
    cosines = flat @ known.T / np.maximum(np.linalg.norm(flat, axis=1, keepdims=True), np.finfo(float).tiny)
    return [(there[row.argmax()].title, float(row.max())) for row in cosines]


def begin(task: Task, *, hand: bool) -> Net:
    """Make a net before its first step.

    Parameters
    ----------
    task : Task
    hand : bool
        Whether its kernels are the hand-made ones; else they are noise. The second layer starts from the same
        noise in both.
    """
    bank = hand_made_bank(task.hand) if hand else he((FEATURES, KERNEL_SIDE, KERNEL_SIDE, 1), task.seed)
    side = plan_pool2d(plan2d((SIDE, SIDE, 1), bank.shape).output_shape, task.pool).output_shape[0]
    dense = he((len(SHAPES), side, side, FEATURES), task.seed + 1)
    return Net(bank, np.zeros(FEATURES), dense, np.zeros(len(SHAPES)), task.pool)


def train(task: Task, tell: Tell[tuple[Moment, ...]]) -> Outcome:
    """Let both nets learn, and test them.

    Parameters
    ----------
    task : Task
        What and how.
    tell : callable
        Is told sixteen times how much is done, and all moments so far.

    Returns
    -------
    Outcome

    Raises
    ------
    ConvError
        If the noise is out of its range.
    """
    # Far from the seeds of what is learned from.
    unseen = draw_shapes(task.tested, task.noise, 10**6 + task.seed)
    learned, hand = begin(task, hand=False), begin(task, hand=True)
    adam = Adam(task.rate)
    memory: Memory | None = None
    hand_memory: Memory | None = None
    exams = (_exam(learned, unseen), _exam(hand, unseen))
    moments = [Moment(0, learned.bank, exams[0].accuracy, exams[1].accuracy)]
    tell(0.0, tuple(moments))
    drawn, parts, used = draw_shapes(_PART, task.noise, 1000 * task.seed), 1, 0
    looks = {round(task.steps * look / _LOOKS) for look in range(1, _LOOKS + 1)}
    for step in range(1, task.steps + 1):
        if used + task.batch > len(drawn.labels):
            drawn, parts, used = (
                draw_shapes(max(_PART, task.batch), task.noise, 1000 * task.seed + parts),
                parts + 1,
                0,
            )
        these = slice(used, used + task.batch)
        used += task.batch
        pictures, labels = drawn.pictures[these], drawn.labels[these]
        learned, memory, _ = learned.learn(pictures, labels, adam, memory, fixed=False)
        hand, hand_memory, _ = hand.learn(pictures, labels, adam, hand_memory, fixed=True)
        if step in looks:
            exams = (_exam(learned, unseen), _exam(hand, unseen))
            moments.append(Moment(step, learned.bank, exams[0].accuracy, exams[1].accuracy))
            tell(step / task.steps, tuple(moments))
    return Outcome(task, unseen, learned, hand, *exams, tuple(moments))


def _exam(net: Net, unseen: ShapeSet) -> Exam:
    pictures, labels = unseen
    scores = [net.scores(pictures[first : first + _STRIP]) for first in range(0, len(pictures), _STRIP)]
    return Exam(np.concatenate(scores).argmax(axis=1), labels)
