"""A transposed convolution as the stage shows it: as the plain convolution, at stride 1, that gives the same.

The maps are set apart by stride − 1 zeros between neighbours, padded with zeros, and the kernel, turned by 180°,
slides over them. Source: V. Dumoulin and F. Visin, "A guide to convolution arithmetic for deep learning",
arXiv:1603.07285, 2016, chapter 4.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from conv_engine import ConvError
from conv_engine.spec import PaddingLike, Pads, PairLike
from conv_engine.transpose import conv_transpose2d
from conv_engine.transpose_plan import TransposePlan2D, plan_transpose2d
from ui.images import Pixels
from ui.layer import Layer, Map, Values, map_picture, map_pictures

__all__ = ["TransposedLayer", "build_transposed", "pictures_of", "transposed_maps", "transposed_pictures"]


@dataclass(frozen=True, eq=False)
class TransposedLayer:
    """Maps, a bank, and the plan that runs its convolution backwards; make it with `build_transposed`.

    Attributes
    ----------
    pixels : ndarray of shape (oh, ow, K), uint8 or float32
        What comes in: maps, or a picture in place of them.
    bank : ndarray of shape (K, kh, kw, C), float64
        The kernels, as the convolution that runs backwards has them.
    plan : TransposePlan2D
        What each cell paints.
    flip : bool
        Whether that convolution turns its kernels over.
    names : tuple of str
        A name for each of the C channels that come out.
    """

    pixels: Pixels | Values
    bank: npt.NDArray[np.float64]
    plan: TransposePlan2D
    flip: bool
    names: tuple[str, ...]

    @property
    def top(self) -> int:
        """The value of a white pixel, and the end of what a picture can show."""
        return 255

    @property
    def stretch(self) -> tuple[int, int]:
        """How far the cells are set apart along the (rows, columns): the stride."""
        return self.plan.spec.stride

    @property
    def extra(self) -> tuple[int, int]:
        """How many (rows, columns) come out beyond s·(m − 1) + e − before − after.

        The paper's a, but for ``"same"`` padding, of which this is what the padding has not used up.
        """
        forward = self.plan.forward
        rows, cols = (
            axis.padded - axis.effective - axis.stride * (axis.out - 1)
            for axis in (forward.row_axis, forward.col_axis)
        )
        return rows, cols

    @property
    def stage_pads(self) -> Pads:
        """The zeros around the stretched maps, ((top, bottom), (left, right))."""
        return self.plan.equivalent_pads

    @property
    def stage_bank(self) -> npt.NDArray[np.float64]:
        """The bank with the channels that come out first: (C, kh, kw, K), not turned over."""
        return np.ascontiguousarray(self.bank.transpose(3, 1, 2, 0))

    @property
    def stage_flip(self) -> bool:
        """Whether the stage turns the kernels over: running backwards turns them once more."""
        return not self.flip


def build_transposed(
    pixels: Pixels | Values,
    bank: npt.ArrayLike,
    names: Sequence[str],
    *,
    stride: PairLike = 1,
    padding: PaddingLike = "valid",
    dilation: PairLike = 1,
    groups: int = 1,
    boundary: str = "zeros",
    flip: bool = False,
    output_padding: int | Sequence[int] | None = None,
) -> TransposedLayer:
    """Plan a transposed convolution for the stage.

    Parameters
    ----------
    pixels : ndarray of shape (oh, ow, K), uint8 or float32
        What comes in.
    bank : array_like of shape (K, kh, kw, C)
        As `conv_transpose2d` takes it.
    names : sequence of str
        One for each of the C channels that come out.
    stride, padding, dilation, groups, boundary, flip, output_padding
        As for `conv_transpose2d`.

    Returns
    -------
    TransposedLayer

    Raises
    ------
    ConvError
        If the engine refuses it, or the stage cannot draw it: with a boundary other than zeros, with groups, or
        where more is cut off than the ring of zeros could give, that is, padding larger than e − 1.

    Examples
    --------
    >>> maps = np.full((2, 2, 1), 10, dtype=np.uint8)
    >>> layer = build_transposed(maps, np.ones((1, 3, 3, 1)), ["ones"], stride=2)
    >>> layer.plan.output_shape, layer.stage_pads
    ((5, 5, 1), ((2, 2), (2, 2)))
    """
    weights = np.asarray(bank, dtype=np.float64)
    plan = plan_transpose2d(
        pixels.shape,
        weights.shape,
        stride=stride,
        padding=padding,
        dilation=dilation,
        groups=groups,
        boundary=boundary,
        output_padding=output_padding,
    )
    if plan.spec.boundary != "zeros":
        raise ConvError(
            "boundary must be “zeros” for the stage of a transposed convolution, got "
            f"“{plan.spec.boundary}”: what is folded back onto the border cannot be drawn as one window"
        )
    if plan.spec.groups != 1:
        raise ConvError(
            f"groups must be 1 for the stage of a transposed convolution, got {plan.spec.groups}: it draws one "
            "kernel over all channels"
        )
    axes = plan.forward.row_axis, plan.forward.col_axis
    for what, axis, ends in zip(("rows", "columns"), axes, plan.equivalent_pads, strict=True):
        if min(ends) < 0:
            raise ConvError(
                f"padding must be at most e − 1 = {axis.effective - 1} for the {what} of a transposed convolution "
                f"on the stage, got {max(axis.before, axis.after)}: it would cut off cells of the input"
            )
    if len(names) != plan.output_shape[2]:
        raise ConvError(f"names must be one for each of {plan.output_shape[2]} channels, got {len(names)}")
    return TransposedLayer(pixels, weights, plan, flip, tuple(names))


def transposed_maps(layer: TransposedLayer) -> Values:
    """Run the convolution backwards.

    Returns
    -------
    ndarray of shape (H, W, C), float32

    Raises
    ------
    ConvError
        If a value is too large for float32.
    """
    spec = layer.plan.spec
    return conv_transpose2d(
        layer.pixels,
        layer.bank,
        stride=spec.stride,
        padding=spec.padding,
        dilation=spec.dilation,
        flip=layer.flip,
        image_shape=layer.plan.output_shape,
    )


def transposed_pictures(layer: TransposedLayer) -> list[Map]:
    """Make a picture of each channel that comes out, as `ui.layer.map_pictures` does of feature maps.

    Returns
    -------
    list of Map
        C of them.

    Raises
    ------
    ConvError
        If a value is too large for float32.
    """
    values = transposed_maps(layer)
    forward = layer.plan.forward
    # The window that is drawn takes steps of 1.
    gaps = forward.row_axis.effective, forward.col_axis.effective
    channels = values.shape[2]
    return [map_picture(np.ascontiguousarray(values[:, :, c]), gaps, layer.top, channels) for c in range(channels)]


def pictures_of(layer: Layer | TransposedLayer) -> list[Map]:
    """Make the pictures of all that comes out of a layer, of whichever kind.

    Raises
    ------
    ConvError
        If a value is too large for float32.
    """
    return transposed_pictures(layer) if isinstance(layer, TransposedLayer) else map_pictures(layer)
