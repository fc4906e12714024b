"""Convolution by the Fourier transform, tile by tile, for large kernels.

The transform of a convolution is the product of the transforms: one product for each frequency, however large the
kernel is. The image is cut into tiles that overlap by the kernel; the part of each tile that its edges do not
disturb is kept ("overlap-save"). With stride s only every s-th cell is wanted: the pixels of each phase of the
stride are then channels of their own, and the transforms are s · s times smaller ("polyphase").

Source: T. G. Stockham, "High-Speed Convolution and Correlation", AFIPS Spring Joint Computer Conference 1966;
A. V. Oppenheim and R. W. Schafer, "Discrete-Time Signal Processing", on overlap-save and on polyphase filters.
"""

import math
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from conv_engine.arrays import FeatureMaps, Numbers
from conv_engine.axis import AxisPlan
from conv_engine.costs import NO_END, Work, is_small, nanoseconds
from conv_engine.layer import Apply, Layer, Singles
from conv_engine.strips import padded_part, span
from conv_engine.threads import share

__all__ = ["fourier", "fourier_work"]

_Spectra: TypeAlias = npt.NDArray[np.complex64]

# Sides of tiles: products of small primes, for which the transform is fast.
_SIDES = (16, 24, 32, 48, 64, 96, 128, 192, 256, 384, 512, 768, 1024)
# Pixels of all the planes of one tile: its working memory.
_MOST_PIXELS = 1 << 22
# Pixels of those and of the kernels' spectra beyond which patches do better.
_LARGEST = 1 << 26


@dataclass(frozen=True)
class _Side:
    """A tile along one axis, in steps of the stride."""

    size: int  # of the transform
    kernel: int  # taps of a phase's kernel
    out: int  # cells of the whole axis

    @property
    def kept(self) -> int:
        """The cells that a tile yields."""
        return min(self.size - self.kernel + 1, self.out)

    @property
    def tiles(self) -> int:
        """The tiles that cover the axis."""
        return -(-self.out // self.kept)


def _sides(axis: AxisPlan) -> list[_Side]:
    kernel = -(-axis.effective // axis.stride)
    wanted = axis.out + kernel - 1
    sizes = [size for size in _SIDES if kernel < size < 2 * wanted] or [-(-wanted // 16) * 16]
    return [_Side(size, kernel, axis.out) for size in sizes]


def _work_of(layer: Layer, rows: _Side, cols: _Side) -> Work:
    """Return what there is to do with tiles of these sides: steps of the transforms, and products of spectra."""
    plan = layer.plan
    features, _, _, per_group = layer.weights.shape
    phases = plan.spec.stride[0] * plan.spec.stride[1]
    tiles, area = rows.tiles * cols.tiles, rows.size * cols.size
    products = features * per_group * phases
    transforms = tiles * (plan.image_shape[2] * phases + features) + products
    return Work(transforms * area * math.log2(area), tiles * products * area / 2, tiles * (3 + features))


def _best_tile(layer: Layer) -> tuple[_Side, _Side]:
    """Choose the sides of the tiles: large ones overlap less, small ones stay in the cache."""
    phases = layer.plan.spec.stride[0] * layer.plan.spec.stride[1]
    planes = layer.plan.image_shape[2] * phases + len(layer.weights)
    sides = [(rows, cols) for rows in _sides(layer.plan.row_axis) for cols in _sides(layer.plan.col_axis)]
    small = [(rows, cols) for rows, cols in sides if rows.size * cols.size * planes < _MOST_PIXELS]
    return min(small or sides[:1], key=lambda tile: nanoseconds("fft", _work_of(layer, *tile)))


def fourier_work(layer: Layer) -> Work:
    """Return what there is to do with the best tiles; no end of it where even those are too large."""
    tile = _best_tile(layer)
    return NO_END if _is_too_large(layer, *tile) else _work_of(layer, *tile)


def _is_too_large(layer: Layer, rows: _Side, cols: _Side) -> bool:
    phases = layer.plan.spec.stride[0] * layer.plan.spec.stride[1]
    planes = len(layer.weights) * layer.weights.shape[3] * phases + layer.plan.image_shape[2] * phases
    return bool(rows.size * cols.size * planes > _LARGEST)


def fourier(layer: Layer) -> Apply | None:
    """Make a function that convolves by products of transforms, in float32.

    Results differ from the exact sums by up to `Layer.rounding_of_transforms`: a 0 may come out as a tiny number.

    Parameters
    ----------
    layer : Layer
        What to convolve with.

    Returns
    -------
    callable or None
        Takes pixels (H, W, C) and fills maps (oh, ow, K), which must be contiguous. None where the spectra would
        be too large.
    """
    plan = layer.plan
    rows, cols = _best_tile(layer)
    if _is_too_large(layer, rows, cols):
        return None
    size, groups = (rows.size, cols.size), plan.spec.groups
    features = layer.weights.shape[0]
    spectra = _kernel_spectra(layer, size).reshape(groups, features // groups, -1, size[0], size[1] // 2 + 1)
    bias, work = layer.bias.astype(np.float32), _work_of(layer, rows, cols)

    def apply(pixels: Numbers, out: FeatureMaps) -> None:
        from scipy import fft  # here, so that who never needs it does not wait for it

        def piece(index: int) -> None:
            tile_row, tile_col = divmod(index, cols.tiles)
            target = out[
                tile_row * rows.kept : (tile_row + 1) * rows.kept,
                tile_col * cols.kept : (tile_col + 1) * cols.kept,
            ]
            planes = _planes(pixels, layer, (tile_row * rows.kept, tile_col * cols.kept), target.shape, size)
            seen = fft.rfft2(planes, overwrite_x=True).reshape(groups, -1, *spectra.shape[3:])
            maps = np.empty((features, *target.shape[:2]), dtype=np.float32)
            for group in range(groups):
                for feature in range(features // groups):
                    spectrum = _dot(seen[group], spectra[group, feature])
                    cells = fft.irfft2(spectrum, s=size, overwrite_x=True)
                    maps[group * (features // groups) + feature] = cells[: target.shape[0], : target.shape[1]]
            # All features of a cell at once: one after the other would touch all of the memory for each.
            np.add(maps.transpose(1, 2, 0), bias, out=target)

        share(rows.tiles * cols.tiles, piece, alone=is_small("fft", work))

    return apply


def _kernel_spectra(layer: Layer, size: tuple[int, int]) -> _Spectra:
    """Return the conjugate transforms of all kernels, a phase of the stride like a channel; (K, C · s · s, …)."""
    from scipy import fft

    plan = layer.plan
    features, _, _, channels = layer.weights.shape
    (down, right), (spread_rows, spread_cols) = plan.spec.stride, plan.spec.dilation
    laid = np.zeros((features, channels, size[0] * down, size[1] * right), dtype=np.float32)
    laid[:, :, : plan.row_axis.effective : spread_rows, : plan.col_axis.effective : spread_cols] = (
        layer.weights.transpose(0, 3, 1, 2)
    )
    spectra: _Spectra = np.conj(fft.rfft2(_phases(laid, down, right), overwrite_x=True))
    return spectra


def _planes(
    image: Numbers, layer: Layer, corner: tuple[int, int], shape: tuple[int, ...], size: tuple[int, int]
) -> Singles:
    """Return what the cells of a tile see, one plane for each channel and phase of the stride; (C · s · s, …)."""
    axes, (down, right) = (layer.plan.row_axis, layer.plan.col_axis), layer.plan.spec.stride
    rows, cols = (span(axis, at, at + count) for axis, at, count in zip(axes, corner, shape, strict=False))
    part = np.zeros((size[0] * down, size[1] * right, image.shape[2]), dtype=np.float32)
    padded_part(image, rows, cols, part[: rows.sources.size, : cols.sources.size])
    planes: Singles = _phases(part.transpose(2, 0, 1)[np.newaxis], down, right)[0]
    return planes


def _phases(planes: Singles, down: int, right: int) -> Singles:
    """Split planes (N, C, rows · down, cols · right) by phase; (N, C · down · right, rows, cols)."""
    count, channels, rows, cols = planes.shape
    split = planes.reshape(count, channels, rows // down, down, cols // right, right)
    dealt = np.ascontiguousarray(split.transpose(0, 1, 3, 5, 2, 4))
    return dealt.reshape(count, -1, rows // down, cols // right)


def _dot(seen: _Spectra, kernel: _Spectra) -> _Spectra:
    """Sum the products of all channels, frequency by frequency."""
    total: _Spectra = seen[0] * kernel[0]
    for channel, weights in zip(seen[1:], kernel[1:], strict=True):
        total += channel * weights
    return total
