"""OpenCV's ways: each channel filtered with each kernel, and added.

It gives maps as large as the image; what is cut out of them, for padding "valid" or for a stride, may be a view.
"""

from collections.abc import Callable, Sequence

import cv2
import numpy as np

from benchmarks.cells import Job, aligned
from benchmarks.way import Doubles, Filter, Make, Plane, Run, Way, factors, filters_of, mixed

__all__ = ["WAYS"]


def filter2d(kernel: Doubles) -> Filter:
    weights = kernel.astype(np.float32)
    return lambda plane, dst: cv2.filter2D(plane, cv2.CV_32F, weights, dst=dst, borderType=cv2.BORDER_CONSTANT)


def sep_filter2d(kernel: Doubles) -> Filter | None:
    if (split := factors(kernel)) is None:
        return None
    column, row = split
    return lambda plane, dst: cv2.sepFilter2D(
        plane, cv2.CV_32F, row, column, dst=dst, borderType=cv2.BORDER_CONSTANT
    )


def filtered(make_filter: Callable[[Doubles], Filter | None], *, floats: bool) -> Make:
    """Filter bytes, or floats made of them first: OpenCV is faster now on these, now on those."""

    def make(job: Job) -> Run | None:
        # Mixed channels are no whole numbers.
        mix, bank = mixed(job.bank) if floats else (np.eye(job.cell.channels), job.bank)
        if (filters := filters_of(bank, make_filter)) is None:
            return None
        read = planes(job, mix, floats=floats)
        singles = [aligned(job.image.shape[:2]) for _ in filters]
        part = aligned(job.image.shape[:2])
        whole, out = aligned((*job.image.shape[:2], len(filters))), aligned(job.plan.output_shape)

        def run() -> Plane:
            first, *others = read()
            for single, (apply, *others_apply) in zip(singles, filters, strict=True):
                apply(first, single)
                for plane, apply_other in zip(others, others_apply, strict=True):
                    apply_other(plane, part)
                    cv2.add(single, part, dst=single)
            if len(singles) == 1:
                return singles[0][job.crop][..., np.newaxis]
            if job.cell.stride == 1:
                cv2.merge(singles, dst=whole)
                return whole[job.crop]
            # Merging what the stride skips, too, would take four times as long.
            for feature, single in enumerate(singles):
                out[..., feature] = single[job.crop]
            return out

        return run

    return make


def planes(job: Job, mix: Doubles, *, floats: bool) -> Callable[[], Sequence[Plane]]:
    """Return what turns the pixels into the planes that are filtered."""
    rows, cols, channels = job.image.shape
    pixels = aligned(job.image.shape)
    singles = [aligned((rows, cols)) for _ in range(mix.shape[1])]
    whole = [np.zeros((rows, cols), dtype=np.uint8) for _ in range(channels)]

    def split() -> Sequence[Plane]:
        return cv2.split(job.image, whole) if channels > 1 else [job.image[:, :, 0]]

    def split_floats() -> Sequence[Plane]:
        for single, plane in zip(singles, split(), strict=True):
            np.copyto(single, plane)
        return singles

    def mix_floats() -> Sequence[Plane]:
        np.copyto(pixels, job.image)
        return [cv2.transform(pixels, mix.T, dst=singles[0])]

    if not floats:
        return split
    return split_floats if mix.shape[1] == channels else mix_floats


WAYS = (
    Way("filter2D", "OpenCV", filtered(filter2d, floats=False)),
    Way("filter2D floats", "OpenCV", filtered(filter2d, floats=True)),
    Way("sepFilter2D", "OpenCV", filtered(sep_filter2d, floats=False)),
    Way("sepFilter2D floats", "OpenCV", filtered(sep_filter2d, floats=True)),
)
