"""What the benchmark of the engine convolves: the cells, their pixels and weights, and what must come out."""

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
import numpy.typing as npt

from conv_engine import LIBRARY, Plan2D, plan2d, stack

__all__ = ["CELLS", "REACH", "Cell", "Job", "aligned"]

REACH = 3
"""The standard deviations of a Gaussian, on either side, that its kernel has room for."""

# The weights of red, green and blue in a grey picture, for banks whose slices are multiples of each other.
_LUMA = (0.299, 0.587, 0.114)
_SPARSE = ("sobel_x", "sobel_y", "laplacian", "scharr_x")
_SAMPLES = 48
# Tensors of torch begin at multiples of this; without it our arrays would start at a disadvantage.
_ALIGNMENT = 64


@dataclass(frozen=True)
class Cell:
    """One cell of the table: the sizes and the kind of a convolution.

    Attributes
    ----------
    rows, cols, channels : int
        The image: (H, W, C) uint8.
    size : int
        The taps of the kernels along each axis, odd.
    features : int
        K, the kernels in the bank.
    stride : int
        The step from window to window, along both axes.
    padding : str
        ``"valid"`` or ``"same"``.
    kind : str
        What the kernels are: ``"dense"`` (random signs), ``"smooth"`` (random, not negative, sum 1),
        ``"separable"`` (Gaussians) or ``"sparse"`` (edge detectors, most or many taps zero).
    quick : bool
        Whether ``--quick`` measures it too.
    """

    rows: int
    cols: int
    channels: int
    size: int
    features: int
    stride: int = 1
    padding: str = "valid"
    kind: str = "dense"
    quick: bool = False

    @property
    def name(self) -> str:
        """The cell in words that can be typed, for the table and for ``--only``."""
        words = [f"{self.rows}x{self.cols}x{self.channels}", f"{self.size}x{self.size}", f"K{self.features}"]
        words += ["s2"] if self.stride == 2 else []
        words += ["same"] if self.padding == "same" else []
        words += [self.kind] if self.kind != "dense" else []
        return " ".join(words)

    def smaller(self) -> "Cell":
        """Return the same work on a piece of the image, to guess from what the whole will take."""
        side = max(128, 4 * self.size)
        return replace(self, rows=min(self.rows, side), cols=min(self.cols, side))


CELLS = (
    Cell(64, 64, 1, 3, 1, quick=True),
    Cell(64, 64, 1, 3, 1, padding="same", kind="sparse"),
    Cell(64, 64, 3, 3, 8, padding="same"),
    Cell(64, 64, 3, 3, 32, stride=2),
    Cell(64, 64, 1, 5, 1, kind="smooth"),
    Cell(64, 64, 3, 7, 3),
    Cell(64, 64, 1, 15, 1, padding="same", kind="separable"),
    Cell(64, 64, 3, 15, 8),
    Cell(64, 64, 1, 31, 1),
    Cell(64, 64, 1, 63, 1, padding="same"),
    Cell(512, 512, 1, 3, 1, kind="smooth", quick=True),
    Cell(512, 512, 3, 3, 3, padding="same", kind="sparse"),
    Cell(512, 512, 3, 3, 8, quick=True),
    Cell(512, 512, 3, 3, 32),
    Cell(512, 512, 3, 3, 8, stride=2, padding="same", quick=True),
    Cell(512, 512, 3, 5, 3, padding="same"),
    Cell(512, 512, 1, 5, 8, kind="separable"),
    Cell(512, 512, 3, 7, 8, padding="same"),
    Cell(512, 512, 3, 7, 32, stride=2),
    Cell(512, 512, 1, 7, 1, padding="same", kind="sparse"),
    Cell(512, 512, 1, 15, 1, padding="same", kind="separable", quick=True),
    Cell(512, 512, 3, 15, 3),
    Cell(512, 512, 3, 31, 8),
    Cell(512, 512, 1, 63, 1, padding="same"),
    Cell(1080, 1920, 1, 3, 1, kind="sparse", quick=True),
    Cell(1080, 1920, 3, 3, 1, quick=True),
    Cell(1080, 1920, 3, 3, 3, padding="same"),
    Cell(1080, 1920, 3, 3, 8, quick=True),
    Cell(1080, 1920, 3, 3, 32),
    Cell(1080, 1920, 3, 3, 8, stride=2, padding="same"),
    Cell(1080, 1920, 3, 7, 1),
    Cell(1080, 1920, 3, 7, 8, padding="same"),
    Cell(1080, 1920, 3, 7, 32),
    Cell(1080, 1920, 1, 7, 1, kind="separable"),
    Cell(1080, 1920, 1, 15, 1, kind="separable"),
    Cell(1080, 1920, 3, 15, 1, kind="separable"),
    Cell(1080, 1920, 3, 15, 32),
    Cell(1080, 1920, 1, 31, 1, kind="separable"),
    Cell(1080, 1920, 3, 31, 1, padding="same"),
    Cell(1080, 1920, 3, 31, 8, stride=2),
    Cell(1080, 1920, 1, 63, 1),
    Cell(2160, 3840, 1, 3, 1, padding="same", kind="sparse"),
    Cell(2160, 3840, 3, 3, 8),
    Cell(2160, 3840, 3, 5, 3, stride=2, padding="same"),
    Cell(2160, 3840, 3, 7, 8),
    Cell(2160, 3840, 1, 31, 1, padding="same", kind="separable"),
)


@dataclass(frozen=True, eq=False)
class Job:
    """A cell with its pixels and weights; the same ones in every run."""

    cell: Cell

    @cached_property
    def image(self) -> npt.NDArray[np.uint8]:
        """The pixels, (H, W, C)."""
        shape = (self.cell.rows, self.cell.cols, self.cell.channels)
        return np.random.default_rng(0).integers(0, 256, shape, dtype=np.uint8)

    @cached_property
    def bank(self) -> npt.NDArray[np.float64]:
        """The weights, (K, k, k, C)."""
        size, features, channels = self.cell.size, self.cell.features, self.cell.channels
        rng = np.random.default_rng(1)
        if self.cell.kind == "sparse":
            chosen = stack([LIBRARY[key] for key in _SPARSE[:features]], channels)
            bank = np.zeros((features, size, size, channels))
            # The nine taps of a kernel of 3×3, as far apart as the size allows.
            bank[:, :: size // 2, :: size // 2] = chosen
            return bank
        if self.cell.kind == "separable":
            lines = np.array([self.gaussian(feature) for feature in range(features)])
            mix = np.array(_LUMA if channels == 3 else (1.0,))
            return np.einsum("ki,kj,c->kijc", lines, lines, mix)
        if self.cell.kind == "smooth":
            bank = rng.random((features, size, size, channels))
            return bank / bank.sum(axis=(1, 2, 3), keepdims=True)
        return rng.standard_normal((features, size, size, channels))

    def sigma(self, feature: int = 0) -> float:
        """Return the standard deviation of a separable kernel, in pixels."""
        return (self.cell.size // 2) / (REACH + feature / 4)

    def gaussian(self, feature: int = 0) -> npt.NDArray[np.float64]:
        """Return the taps of a separable kernel along one axis; they sum to 1."""
        reach = self.cell.size // 2
        line = np.exp(-0.5 * (np.arange(-reach, reach + 1) / self.sigma(feature)) ** 2)
        return line / line.sum()

    @cached_property
    def plan(self) -> Plan2D:
        """The sizes of the result and its padding."""
        return plan2d(self.image.shape, self.bank.shape, stride=self.cell.stride, padding=self.cell.padding)

    @cached_property
    def crop(self) -> tuple[slice, slice]:
        """Where the result lies in that of a peer which knows no stride and gives a map as large as the image."""
        rows, cols = (
            slice(
                self.cell.size // 2 - before,
                self.cell.size // 2 - before + (out - 1) * self.cell.stride + 1,
                self.cell.stride,
            )
            for (before, _), out in zip(self.plan.pads, self.plan.output_shape[:2], strict=True)
        )
        return rows, cols

    @property
    def flops(self) -> float:
        """The additions and multiplications of the sum as it is written down, zeros included."""
        return 2.0 * np.prod(self.plan.output_shape) * self.bank[0].size

    @property
    def traffic(self) -> int:
        """The bytes that cannot be avoided: each pixel read once, each value of the maps written once."""
        return self.image.nbytes + 4 * int(np.prod(self.plan.output_shape))

    @cached_property
    def expected(self) -> tuple[npt.NDArray[np.intp], npt.NDArray[np.intp], npt.NDArray[np.float64]]:
        """Some output cells, the corners among them: their rows, columns and values (cells, K) in float64."""
        height, width, _ = self.plan.output_shape
        rng = np.random.default_rng(2)
        rows = np.append(rng.integers(0, height, _SAMPLES - 4), (0, 0, height - 1, height - 1))
        cols = np.append(rng.integers(0, width, _SAMPLES - 4), (0, width - 1, 0, width - 1))
        size, stride = self.cell.size, self.cell.stride
        padded = np.pad(self.image, (*self.plan.pads, (0, 0)))
        windows = np.array(
            [
                padded[row * stride : row * stride + size, col * stride : col * stride + size]
                for row, col in zip(rows, cols, strict=True)
            ],
            dtype=np.float64,
        )
        return rows, cols, np.tensordot(windows, self.bank, axes=((1, 2, 3), (1, 2, 3)))

    def check(self, who: str, maps: npt.ArrayLike, relative: float, absolute: float) -> None:
        """Raise ValueError if maps (oh, ow, K) are not what they must be.

        Parameters
        ----------
        who : str
            Who has computed them, for the message.
        maps : array_like
            The result.
        relative, absolute : float
            What is allowed: so much of the largest magnitude, and so much on top of it.
        """
        found = np.asarray(maps)
        if found.dtype != np.float32 or found.shape != self.plan.output_shape:
            raise ValueError(f"{who}, {self.cell.name}: wanted float32 maps, got {found.dtype} {found.shape}")
        rows, cols, values = self.expected
        error, allowed = np.abs(found[rows, cols] - values).max(), relative * np.abs(values).max() + absolute
        if not error <= allowed:
            raise ValueError(f"{who}, {self.cell.name}: wrong by {error:.3g}, more than {allowed:.3g}")


def aligned(shape: tuple[int, ...]) -> npt.NDArray[np.float32]:
    """Return an array for a result: contiguous, touched, and where torch would begin a tensor of its own."""
    size = 4 * int(np.prod(shape))
    memory = np.zeros(size + _ALIGNMENT, dtype=np.uint8)
    start = -memory.ctypes.data % _ALIGNMENT
    array = memory[start : start + size].view(np.float32).reshape(shape)
    array.fill(0)
    return array
