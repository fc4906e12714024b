"""The ways of SciPy, and of scikit-image and Pillow where these can do the work."""

import os
from collections.abc import Callable

import numpy as np
import scipy.fft
from PIL import Image, ImageFilter
from scipy import ndimage, signal
from skimage import filters

from benchmarks.cells import REACH, Job, aligned
from benchmarks.way import Doubles, Filter, Make, Plane, Run, Singles, Way, factors, filters_of, mixed

__all__ = ["WAYS"]

# Floats that one call of fftconvolve may make: 512 MiB.
_MOST_FLOATS = 1 << 27


def planes(job: Job, mix: Doubles) -> Callable[[], Singles]:
    """Return what turns the pixels into planes, (n, H, W)."""
    target = aligned((mix.shape[1], *job.image.shape[:2]))
    pixels, weights = aligned(job.image.shape), mix.astype(np.float32)

    def split() -> Singles:
        np.copyto(target, job.image.transpose(2, 0, 1))
        return target

    def mix_channels() -> Singles:
        np.copyto(pixels, job.image)
        np.matmul(pixels.reshape(-1, len(weights)), weights, out=target.reshape(-1, 1))
        return target

    return split if mix.shape[1] == job.cell.channels else mix_channels


def fourier(convolve: Callable[..., Singles]) -> Make:
    """Convolve by transforms, as many kernels at once as fit, with a thread for each core."""

    def make(job: Job) -> Run:
        mix, bank = mixed(job.bank)
        read = planes(job, mix)
        kernels = np.ascontiguousarray(bank[:, ::-1, ::-1].transpose(0, 3, 1, 2), dtype=np.float32)
        out = aligned(job.plan.output_shape)
        # The planes of one kernel, as floats, and their spectra.
        at_once = max(1, _MOST_FLOATS // (2 * job.cell.rows * job.cell.cols * mix.shape[1]))
        # Mode "same" cuts the kernels, too, to the one image that there is; all modes compute the full map.
        rows, cols = (
            slice(part.start + job.cell.size // 2, part.stop + job.cell.size // 2, part.step) for part in job.crop
        )

        def run() -> Singles:
            pixels = read()[np.newaxis]
            with scipy.fft.set_workers(os.cpu_count() or 1):
                for first in range(0, len(kernels), at_once):
                    some = slice(first, first + at_once)
                    maps = convolve(pixels, kernels[some], mode="full", axes=(2, 3))
                    maps[:, :, rows, cols].sum(axis=1, out=out[..., some].transpose(2, 0, 1))
            return out

        return run

    return make


def correlate2d(job: Job) -> Run:
    mix, bank = mixed(job.bank)
    read = planes(job, mix)
    kernels = bank.transpose(0, 3, 1, 2).astype(np.float32)
    out = aligned(job.plan.output_shape)
    every = slice(None, None, job.cell.stride)
    visited = job.crop if job.cell.padding == "same" else (every, every)

    def run() -> Singles:
        pixels = read()
        for feature, slices in enumerate(kernels):
            maps = [
                signal.correlate2d(plane, kernel, mode=job.cell.padding)[visited]
                for plane, kernel in zip(pixels, slices, strict=True)
            ]
            out[..., feature] = maps[0] if len(maps) == 1 else np.sum(maps, axis=0)
        return out

    return run


def ndimage_filtered(make_filter: Callable[[Doubles], Filter | None]) -> Make:
    """Filter each plane with each kernel, and add."""

    def make(job: Job) -> Run | None:
        mix, bank = mixed(job.bank)
        if (applied := filters_of(bank, make_filter)) is None:
            return None
        read = planes(job, mix)
        single, part = aligned(job.image.shape[:2]), aligned(job.image.shape[:2])
        out = aligned(job.plan.output_shape)

        def run() -> Singles:
            first, *others = read()
            for feature, (apply, *others_apply) in enumerate(applied):
                apply(first, single)
                for plane, apply_other in zip(others, others_apply, strict=True):
                    apply_other(plane, part)
                    np.add(single, part, out=single)
                out[..., feature] = single[job.crop]
            return out

        return run

    return make


def correlate(kernel: Doubles) -> Filter:
    return lambda plane, output: ndimage.correlate(plane, kernel, output=output, mode="constant")


def correlate1d_twice(kernel: Doubles) -> Filter | None:
    if (split := factors(kernel)) is None:
        return None
    column, row = split

    def apply(plane: Plane, output: Plane) -> None:
        ndimage.correlate1d(plane, column, axis=0, output=output, mode="constant")
        ndimage.correlate1d(output, row, axis=1, output=output, mode="constant")

    return apply


def is_grey(job: Job, kind: str) -> bool:
    return job.cell.kind == kind and job.cell.channels == job.cell.features == 1


def is_sobel(job: Job) -> bool:
    return is_grey(job, "sparse") and job.cell.size == 3


def skimage_filtered(apply: Callable[[Job, Singles, Singles], Singles], fits: Callable[[Job], bool]) -> Make:
    """Use a filter of scikit-image's for the one kernel that it has; ``apply(job, pixels, out)``."""

    def make(job: Job) -> Run | None:
        pixels, out = aligned(job.image.shape[:2]), aligned(job.image.shape[:2])

        def run() -> Singles:
            np.copyto(pixels, job.image[:, :, 0])
            return apply(job, pixels, out)[job.crop][..., np.newaxis]

        return run if fits(job) else None

    return make


def gaussian(job: Job, pixels: Singles, out: Singles) -> Singles:
    filters.gaussian(pixels, job.sigma(), mode="constant", truncate=REACH, preserve_range=True, out=out)
    return out


def sobel(_: Job, pixels: Singles, out: Singles) -> Singles:
    # It divides its weights by 4.
    return np.multiply(filters.sobel(pixels, axis=1, mode="constant"), 4, out=out)


def pillow(job: Job) -> Run | None:
    """Filter with Pillow: its maps are bytes, rounded and cut off at 0 and 255, and it leaves the edges alone."""
    if not is_grey(job, "smooth") or job.cell.size > 5 or job.cell.padding != "valid":
        return None
    # It lays the rows of a kernel on the image from the last to the first.
    weights = job.bank[0, ::-1, :, 0].ravel().tolist()
    kernel = ImageFilter.Kernel((job.cell.size, job.cell.size), weights, scale=1)
    out = aligned(job.plan.output_shape)

    def run() -> Singles:
        image = Image.fromarray(job.image[:, :, 0])
        np.copyto(out[..., 0], np.asarray(image.filter(kernel))[job.crop])
        return out

    return run


WAYS = (
    Way("fftconvolve", "SciPy", fourier(signal.fftconvolve)),
    Way("oaconvolve", "SciPy", fourier(signal.oaconvolve)),
    Way("correlate2d", "SciPy", correlate2d),
    Way("ndimage.correlate", "SciPy", ndimage_filtered(correlate)),
    Way("ndimage.correlate1d", "SciPy", ndimage_filtered(correlate1d_twice)),
    Way("skimage gaussian", "SciPy", skimage_filtered(gaussian, lambda job: is_grey(job, "separable"))),
    Way("skimage sobel", "SciPy", skimage_filtered(sobel, is_sobel)),
    Way("Pillow 8 bits", "SciPy", pillow, absolute=0.5),
)
