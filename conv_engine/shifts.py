"""Convolution tap by tap: the image, shifted and weighted, added up.

A convolution is a sum of copies of the image, one for each weight, moved by where the weight stands in the kernel.
NumPy adds whole images as fast as the memory goes, so for a few taps nothing that has more to prepare is faster.
Taps of weight zero are left out: of a Sobel kernel's nine, six remain.

Source: R. C. Gonzalez and R. E. Woods, "Digital Image Processing", 4th edition, Pearson 2018, section 3.4 (spatial
correlation and convolution).
"""

import numpy as np

from conv_engine.arrays import FeatureMaps, Numbers
from conv_engine.costs import Work, is_small
from conv_engine.layer import Apply, Layer
from conv_engine.strips import padded_part, span
from conv_engine.threads import share, workspace

__all__ = ["shifts", "shifts_work"]

# Cells of one feature in a strip, so that its sums stay in the cache while the taps are added.
_STRIP_CELLS = 1 << 15


def _height(layer: Layer) -> int:
    rows, cols = layer.plan.row_axis, layer.plan.col_axis
    return max(1, min(_STRIP_CELLS // (cols.padded * rows.stride), rows.out))


def shifts_work(layer: Layer) -> Work:
    """Return what there is to do: for each tap all places are gone through twice, in two calls."""
    plan = layer.plan
    taps = int(np.count_nonzero(layer.weights))
    strips = -(-plan.row_axis.out // _height(layer))
    cells = plan.row_axis.out * plan.col_axis.out
    return Work(
        cells * len(layer.weights) + plan.row_axis.padded * plan.col_axis.padded, taps * cells, strips * taps
    )


def shifts(layer: Layer) -> Apply:
    """Make a function that adds up shifted images, in float32.

    Parameters
    ----------
    layer : Layer
        What to convolve with.

    Returns
    -------
    callable
        Takes pixels (H, W, C) and fills maps (oh, ow, K), which must be contiguous.
    """
    plan, height, work = layer.plan, _height(layer), shifts_work(layer)
    rows, cols = plan.row_axis, plan.col_axis
    weights, bias, divisor = layer.singles
    features, _, _, channels = weights.shape
    per_group = features // plan.spec.groups
    taps = [
        [
            (feature // per_group * channels + channel, row * rows.dilation, col * cols.dilation, weight)
            for channel, row, col in np.argwhere(kernel.transpose(2, 0, 1)).tolist()
            for weight in (kernel[row, col, channel],)
        ]
        for feature, kernel in enumerate(weights)
    ]
    beside = span(cols, 0, cols.out)
    wide = (cols.out - 1) * cols.stride + 1

    def apply(pixels: Numbers, out: FeatureMaps) -> None:
        def piece(index: int) -> None:
            target = out[index * height : (index + 1) * height]
            seen = span(rows, index * height, index * height + len(target))
            tall, pitch = (len(target) - 1) * rows.stride + 1, beside.sources.size
            length = (tall - 1) * pitch + wide
            planes, cells, product = workspace(
                (pixels.shape[2], seen.sources.size, pitch), (tall, pitch), (length,)
            )
            padded_part(pixels, seen, beside, planes.transpose(1, 2, 0))
            # All rows as one line, which is fastest; what runs over the ends of rows is not taken.
            lines, sums = planes.reshape(pixels.shape[2], -1), cells.reshape(-1)[:length]
            for feature in range(features):
                sums.fill(bias[feature])
                for channel, row, col, weight in taps[feature]:
                    first = row * pitch + col
                    np.multiply(lines[channel, first : first + length], weight, out=product)
                    np.add(sums, product, out=sums)
                target[:, :, feature] = cells[:: rows.stride, : wide : cols.stride]
            if divisor != 1:
                target /= np.float32(divisor)

        share(-(-rows.out // height), piece, alone=is_small("shifts", work))

    return apply
