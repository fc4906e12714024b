"""torch's ways: end to end in both of its layouts, and channels last with a tensor that is ready."""

from collections.abc import Callable

import numpy as np
import torch

from benchmarks.cells import Job
from benchmarks.way import Make, Run, Way

__all__ = ["OWN", "WAYS"]


def end_to_end(layout: torch.memory_format) -> Make:
    def make(job: Job) -> Run:
        read, convolve = parts(job, layout)

        def run() -> np.ndarray:
            read()
            return convolve().permute(0, 2, 3, 1).contiguous()[0].numpy()

        return run

    return make


def own_layout(job: Job) -> Run:
    """Convolve alone: what a network pays for a layer amid others. The view of the result costs 2 µs."""
    read, convolve = parts(job, torch.channels_last)
    read()
    return lambda: convolve().permute(0, 2, 3, 1)[0].numpy()


def parts(job: Job, layout: torch.memory_format) -> tuple[Callable[[], object], Callable[[], torch.Tensor]]:
    """Return what reads the pixels into a tensor, and what convolves it.

    The pixels are turned, converted and laid out in one pass, into memory that is there already: for the layout
    (1, C, H, W) that takes half the time of ``permute``, ``float`` and ``contiguous``. Padding that is the same on
    both sides is torch's own affair. Else they are written into the middle of zeros, where
    `torch.nn.functional.pad` would copy them once more.
    """
    (top, bottom), (left, right) = pads = job.plan.pads
    even = (top, left) == (bottom, right)
    border = ((0, 0), (0, 0)) if even else pads
    rows, cols, channels = job.image.shape
    tensor = torch.zeros((1, channels, rows + sum(border[0]), cols + sum(border[1])))
    tensor = tensor.contiguous(memory_format=layout)
    middle = tensor[:, :, border[0][0] : border[0][0] + rows, border[1][0] : border[1][0] + cols]
    weights = torch.from_numpy(job.bank.transpose(0, 3, 1, 2).astype(np.float32)).contiguous(memory_format=layout)
    padding = (top, left) if even else (0, 0)

    def read() -> object:
        return middle.copy_(torch.from_numpy(job.image).permute(2, 0, 1)[np.newaxis])

    def convolve() -> torch.Tensor:
        return torch.nn.functional.conv2d(tensor, weights, stride=job.cell.stride, padding=padding)

    return read, convolve


OWN = Way("torch own layout", "own layout", own_layout)
WAYS = (
    Way("torch NHWC", "torch", end_to_end(torch.channels_last)),
    Way("torch NCHW", "torch", end_to_end(torch.contiguous_format)),
)
