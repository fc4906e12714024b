"""The direct convolution by the compiled kernel, in one pass or in two: the plan for `compiled.c`.

It lays out the planes of a strip, says for every tap where in them it reads, and cuts the bank into blocks of
features that the tiles of `compiled.c` are made for.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from conv_engine.axis import Indices
from conv_engine.compiled import kernel
from conv_engine.compiled_layer import KINDS, MOST_FLOATS, ROWS, Block, CompiledLayer, Keeper, Pass
from conv_engine.costs import NO_END, Work, is_small
from conv_engine.layer import Apply, Layer, Singles

__all__ = ["compiled_direct", "compiled_separable", "compiled_separable_work", "direct_work"]

_WIDE, _NARROW, _APART = range(3)

# A strip of planes should stay in a core's second-level cache, and leave room there for what is written.
_STRIP_FLOATS = 1 << 17
_STRIP_COLS, _MOST_ROWS = 1024, 64
# To deal a number out to a plane takes as long as to write so many.
_PER_PIXEL = 2.5
# Between two passes a strip should be high, for what it convolves along the rows twice.
_SEPARABLE_FLOATS = 1 << 18
_SEPARABLE_COLS = 512


@dataclass(frozen=True)
class _Strip:
    """How large a strip is and how its planes lie in memory, in floats."""

    rows: int  # of output
    cols: int
    lines: int  # of padded input
    pitch: int  # from row to row of a plane
    line: int  # from line to line: the planes of all phases of the column stride
    stride_cols: int
    alone: bool  # whether all the work is too little to be shared

    @classmethod
    def of(cls, layer: Layer, alone: bool, planes: int = 0) -> "_Strip | None":
        """Choose a strip, for one thread alone or for several; None where even the smallest is too large.

        Between two passes it has so many `planes`, and should then be higher than the kernel: each strip convolves
        along the rows what lies under its windows.
        """
        plan = layer.plan
        rows, cols, channels = plan.row_axis, plan.col_axis, plan.image_shape[2]
        least = min(-(-rows.effective // rows.stride // 4) * 4, _MOST_ROWS) if planes else 4
        lines = (min(rows.out, least) - 1) * rows.stride + rows.effective
        most_cols, most_floats = (_SEPARABLE_COLS, _SEPARABLE_FLOATS) if planes else (_STRIP_COLS, _STRIP_FLOATS)
        pieces = -(-cols.out // most_cols)
        while True:
            strip_cols = min(-(-cols.out // (pieces * 16)) * 16, cols.out)
            width = (strip_cols - 1) * cols.stride + cols.effective
            pitch = -(-width // (cols.stride * 16)) * 16 + 16
            line = pitch * cols.stride
            per_line = line * channels + pitch * planes
            if lines * per_line <= 2 * most_floats or strip_cols <= 128:
                break
            pieces *= 2
        if lines * per_line > MOST_FLOATS:
            return None
        fitting = (most_floats // per_line - rows.effective) // rows.stride + 1
        # Where work is shared, eight strips at the least for whoever is free.
        most = _MOST_ROWS if alone else min(_MOST_ROWS, -(-rows.out // 32) * 4)
        strip_rows = min(max(min(fitting // 4 * 4, most), least, 4), rows.out)
        lines = (strip_rows - 1) * rows.stride + rows.effective
        return cls(strip_rows, strip_cols, lines, pitch, line, cols.stride, alone)

    @property
    def plane(self) -> int:
        """Floats of the planes of one channel."""
        return self.lines * self.line

    def offset(self, channel: Indices, row: Indices, col: Indices) -> Indices:
        """Where a padded pixel is, from the cell that stands at the strip's corner."""
        turns, phase = np.divmod(col, self.stride_cols)
        place: Indices = channel * self.plane + row * self.line + phase * self.pitch + turns
        return place


def _pass(keep: Keeper, blocks: Sequence[Block], bias: Singles, divisor: float) -> Pass:
    # Tiles read the bias of all their lanes, also of those that are not written.
    padded = np.zeros(bias.size + 64, dtype=np.float32)
    padded[: bias.size] = bias
    return Pass(len(blocks), keep.structures(blocks), keep(padded), divisor)


def _spans(features: int, groups: int, *, wide: bool) -> list[tuple[int, int, int, int]]:
    """Cut the features into blocks, (shape, lanes, first, count), none across two groups."""
    tiles, spans = kernel(), []
    for first in range(0, features, features // groups):
        at, end = first, first + features // groups
        while at < end:
            left = end - at
            if wide and left >= tiles.lanes and tiles.lanes > tiles.features:
                vectors = 2 if left >= 2 * tiles.lanes else 1
                shape, lanes, count = _WIDE, vectors, vectors * tiles.lanes
            else:
                lanes = left if left in (1, 3) else 4 if left <= 4 else tiles.features
                shape, count = _NARROW, min(left, lanes)
            spans.append((shape, lanes, at, count))
            at += count
    return spans


def _block(
    keep: Keeper,
    span: tuple[int, int, int, int],
    offsets: Indices,
    weights: Singles,
    *,
    apart: int = 0,
    rows: tuple[Indices, Singles] | None = None,
) -> Block:
    """Make a block of the taps that are not zero for all its features; offsets (taps,), weights (taps, count)."""
    shape, lanes, first, count = span
    width = lanes * kernel().lanes if shape == _WIDE else lanes
    used = weights.any(axis=1)
    padded = np.zeros((int(used.sum()), width), dtype=np.float32)
    padded[:, :count] = weights[used]
    block = Block(
        shape,
        lanes,
        first,
        count,
        apart,
        len(padded),
        keep(offsets[used].astype(np.int64)),
        keep(padded),
    )
    if rows is not None:
        row_offsets, row_weights = rows
        used = row_weights.any(axis=1)
        # Rows that share no taps gain nothing from being computed together.
        if 0 < used.sum() <= 2 * block.taps:
            parts = _parts_of_rows(row_weights[used])
            order = np.argsort(parts, kind="stable")
            block.rows = ROWS
            block.row_taps = tuple(np.bincount(parts, minlength=2 * ROWS - 1).tolist())
            block.row_offsets = keep(row_offsets[used][order].astype(np.int64))
            block.row_weights = keep(row_weights[used][order])
    return block


def _parts_of_rows(weights: Singles) -> Indices:
    """Sort taps (taps, rows) by the rows that use them: the first, the first two, …, all, …, the last; (taps,)."""
    is_used = weights != 0
    first, last = is_used.argmax(axis=1), ROWS - 1 - is_used[:, ::-1].argmax(axis=1)
    return np.where(first == 0, last, np.where(last == ROWS - 1, ROWS - 1 + first, ROWS - 1))


def _rows_together(kernel: Singles, step: int, spread: int) -> Singles:
    """Lay a kernel (kh, …) down once for each row of a tile, `step` lower each time; (lines, …, rows)."""
    lines = (ROWS - 1) * step + (len(kernel) - 1) * spread + 1
    laid = np.zeros((lines, *kernel.shape[1:], ROWS), dtype=np.float32)
    for row in range(ROWS):
        laid[row * step : row * step + (len(kernel) - 1) * spread + 1 : spread, ..., row] = kernel
    return laid


def direct_work(layer: Layer) -> Work:
    """Return what there is to do, products of idle lanes among it."""
    plan = layer.plan
    if _Strip.of(layer, True) is None:
        return NO_END
    out_rows, out_cols, features = plan.output_shape
    per_group = features // plan.spec.groups
    idle = 1 if per_group in (1, 3) else -(-per_group // 4) * 4 / per_group
    cells = out_rows * out_cols * features
    return Work(_PER_PIXEL * math.prod(plan.image_shape) + cells, cells * layer.taps * idle)


def compiled_separable_work(layer: Layer) -> Work:
    """Return what there is to do; no end of it at a high rank."""
    plan, parts = layer.plan, layer.factors
    if parts is None:
        return NO_END
    out_rows, out_cols, features = plan.output_shape
    cells = out_rows * out_cols * features
    between = plan.row_axis.padded * out_cols * features * parts.rank
    return Work(_PER_PIXEL * math.prod(plan.image_shape) + cells + 2 * between, cells * parts.products)


def compiled_direct(layer: Layer) -> Apply | None:
    """Make a function that convolves in one pass, in float32; None for a layer that no strip can hold.

    Parameters
    ----------
    layer : Layer
        What to convolve with.

    Returns
    -------
    callable or None
        Takes pixels (H, W, C) and fills maps (oh, ow, K), which must be contiguous.

    Raises
    ------
    ConvError
        If the compiled kernel is not ready.
    """
    plan = layer.plan
    strip = _Strip.of(layer, is_small("compiled", direct_work(layer)))
    if strip is None:
        return None
    weights, bias, divisor = layer.singles
    features, height, width, channels = weights.shape
    groups = plan.spec.groups
    dilation, stride = plan.spec.dilation, plan.spec.stride
    keep, blocks = Keeper(), []
    taps = np.indices((height, channels, width)).reshape(3, -1)
    for span in _spans(features, groups, wide=True):
        shape, lanes, first, count = span
        base = first // (features // groups) * channels
        offsets = strip.offset(base + taps[1], taps[0] * dilation[0], taps[2] * dilation[1])
        kernels = weights[first : first + count].transpose(1, 3, 2, 0).reshape(-1, count)
        rows = None
        if shape == _NARROW and lanes == 1 and strip.rows >= ROWS:
            laid = _rows_together(weights[first], stride[0], dilation[0]).transpose(0, 2, 1, 3)
            at = np.indices(laid.shape[:3]).reshape(3, -1)
            rows = strip.offset(base + at[1], at[0], at[2] * dilation[1]), laid.reshape(-1, ROWS)
        blocks.append(_block(keep, span, offsets, kernels, rows=rows))
    only = _pass(keep, blocks, bias, divisor)
    return _applying(layer, strip, keep, [only], [], 0)


def compiled_separable(layer: Layer) -> Apply | None:
    """Make a function that convolves rows, then columns, in float32.

    Parameters
    ----------
    layer : Layer
        What to convolve with.

    Returns
    -------
    callable or None
        As `compiled` gives it; None for kernels of high rank, too.

    Raises
    ------
    ConvError
        If the compiled kernel is not ready.
    """
    plan, tiles, parts = layer.plan, kernel(), layer.factors
    if parts is None:
        return None
    features, rank, width, channels = parts.rows.shape
    # In each round the features of one tile, so that what is between the passes stays in the cache.
    per_group = features // plan.spec.groups
    size = 1 if per_group == 1 else 4 if per_group <= 4 else tiles.features
    strip = _Strip.of(layer, is_small("compiled_separable", compiled_separable_work(layer)), size * rank)
    if strip is None:
        return None
    height, dilation, plane = parts.columns.shape[1], plan.spec.dilation, strip.lines * strip.pitch
    bias = (layer.bias * parts.divisor).astype(np.float32)
    keep, first, second = Keeper(), list[Pass](), list[Pass]()
    row_taps = np.indices((channels, width)).reshape(2, -1)
    column_taps = np.indices((rank, height)).reshape(2, -1)
    for at in range(0, features, per_group):
        for begin in range(at, at + per_group, size):
            count = min(size, at + per_group - begin)
            along_rows = parts.rows[begin : begin + count].reshape(-1, width, channels).astype(np.float32)
            along_rows = along_rows.transpose(0, 2, 1)  # the taps of a channel together
            along_columns = parts.columns[begin : begin + count].astype(np.float32)

            channel = at // per_group * channels + row_taps[0]
            offsets = strip.offset(channel, np.zeros_like(channel), row_taps[1] * dilation[1])
            blocks = [
                _block(keep, span, offsets, _by_tap(along_rows[span[2] : span[2] + span[3]]))
                for span in _spans(len(along_rows), 1, wide=False)
            ]
            first.append(_pass(keep, blocks, np.zeros(len(along_rows), dtype=np.float32), 1))

            offsets = column_taps[0] * plane + column_taps[1] * dilation[0] * strip.pitch
            rows = None
            if size == 1 and strip.rows >= ROWS:
                laid = _rows_together(along_columns[0], plan.spec.stride[0], dilation[0])
                line, number = np.indices(laid.shape[:2]).reshape(2, -1)
                rows = number * plane + line * strip.pitch, laid.reshape(-1, ROWS)
            span = (_NARROW if size == 1 else _APART, size, begin, count)
            weights = _by_tap(along_columns.transpose(0, 2, 1))
            block = _block(keep, span, offsets, weights, apart=rank * plane, rows=rows)
            second.append(_pass(keep, [block], bias, parts.divisor))
    return _applying(layer, strip, keep, first, second, size * rank)


def _by_tap(kernels: Singles) -> Singles:
    """Lay kernels (count, a, b) out in the order of their taps; (taps, count)."""
    return kernels.reshape(len(kernels), -1).T


def _applying(
    layer: Layer, strip: _Strip, keep: Keeper, first: Sequence[Pass], second: Sequence[Pass], planes: int
) -> Apply:
    tiles, channels = kernel(), layer.plan.image_shape[2]
    floats = (
        2 * channels * strip.stride_cols
        + channels * strip.plane
        + planes * strip.lines * strip.pitch
        + 2 * tiles.slack
        + tiles.lanes
    )
    return CompiledLayer.of(
        layer,
        keep,
        tuple(KINDS),
        strip=(strip.rows, strip.cols, strip.pitch),
        floats=floats,
        alone=strip.alone,
        passes=(first, second),
        planes=planes,
    )
