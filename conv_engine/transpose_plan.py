"""The plan of a transposed convolution: which map cell feeds which pixel, from integers alone.

A transposed convolution runs a convolution backwards: where the convolution reads a pixel through a weight and
adds to a cell, it reads the cell and adds, through the same weight, to the pixel. So its plan is the plan of that
convolution, read from the other side, and all that is to be found is the size of the image.

Several sizes of image give maps of the same size where the stride is larger than 1: the division by the stride
drops the remainder. Which of them is meant is said by ``output_padding`` or by ``image_shape``.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product
from typing import NamedTuple

from conv_engine.errors import ConvError, shown
from conv_engine.plan import Plan2D, Reach, plan2d
from conv_engine.spec import LARGEST, ConvSpec, PaddingLike, Pads, PairLike, integer, is_list

__all__ = ["Term", "TransposePlan2D", "plan_transpose2d"]

_AXES = ("rows", "columns")


class Term(NamedTuple):
    """One term of the sum that makes a pixel: the map cell (row, col), and the tap that it comes through.

    The tap is counted in the kernel as it is laid on the image; with ``flip=True`` that is the turned kernel.
    """

    row: int
    col: int
    tap_row: int
    tap_col: int


@dataclass(frozen=True)
class TransposePlan2D:
    """A checked plan; make it with `plan_transpose2d`. Two plans are equal when they do the same.

    Attributes
    ----------
    forward : Plan2D
        The plan of the convolution that is transposed, from the image (H, W, C) to the maps (oh, ow, K). Its
        input is the output here.
    """

    forward: Plan2D

    @property
    def maps_shape(self) -> tuple[int, int, int]:
        """The shape of the feature maps that come in, (oh, ow, K)."""
        return self.forward.output_shape

    @property
    def bank_shape(self) -> tuple[int, int, int, int]:
        """The shape of the bank, (K, kh, kw, C / groups), as the convolution has it."""
        return self.forward.bank_shape

    @property
    def spec(self) -> ConvSpec:
        """The normalised parameters of the convolution."""
        return self.forward.spec

    @property
    def output_shape(self) -> tuple[int, int, int]:
        """The shape of the image that comes out, (H, W, C)."""
        return self.forward.image_shape

    @property
    def pads(self) -> Pads:
        """What is cut off from all that the cells reach, ((top, bottom), (left, right)), in pixels.

        What the convolution pads, its transpose cuts off; with a boundary other than zeros it is folded back onto
        the pixels that the convolution copies from.
        """
        return self.forward.pads

    @property
    def output_padding(self) -> tuple[int, int]:
        """How many (rows, columns) the image has beyond the smallest that gives such maps, each 0 … stride − 1.

        Dumoulin and Visin write a. A convolution with ``"same"`` padding of a larger image may do with less
        padding, so there it is counted from (out − 1)·s + 1 pixels.
        """
        row_axis, col_axis = self.forward.row_axis, self.forward.col_axis
        if self.spec.padding == "same":
            return (row_axis.size - 1) % row_axis.stride, (col_axis.size - 1) % col_axis.stride
        return (
            (row_axis.padded - row_axis.effective) % row_axis.stride,
            (col_axis.padded - col_axis.effective) % col_axis.stride,
        )

    @property
    def unused(self) -> tuple[int, int]:
        """How many (rows, columns) at the bottom and right no cell feeds: they hold the bias alone."""
        return self.forward.unused

    @property
    def stretched(self) -> tuple[int, int]:
        """The maps' (rows, columns) with stride − 1 zeros between neighbours: s·(out − 1) + 1."""
        return tuple(  # type: ignore[return-value]  # one for each of the two axes
            axis.stride * (axis.out - 1) + 1 for axis in (self.forward.row_axis, self.forward.col_axis)
        )

    @property
    def equivalent_pads(self) -> Pads:
        """The zeros around the stretched maps, ((top, bottom), (left, right)), that make it a plain convolution.

        The maps so stretched and padded, convolved at stride 1 with the kernels turned by 180° and each channel in
        the place of a feature, give the same image, for boundary zeros. A negative number cuts that many off.
        Dumoulin and Visin write p' = k − p − 1, and k − p − 1 + a at the end.
        """
        ends = []
        for axis, stretched in zip((self.forward.row_axis, self.forward.col_axis), self.stretched, strict=True):
            ends.append((axis.effective - 1 - axis.before, axis.size - stretched + axis.before))
        return ends[0], ends[1]

    def window(self, row: int, col: int) -> tuple[Term, ...]:
        """Return the map cells that feed a pixel, and through which taps.

        Parameters
        ----------
        row, col : int
            The pixel of the image, 0 ≤ row < H and 0 ≤ col < W.

        Returns
        -------
        tuple of Term
            In row-major order of the cells, then of the taps. Empty for a pixel that no cell feeds.

        Raises
        ------
        ConvError
            If the pixel lies outside the image.

        Examples
        --------
        >>> plan_transpose2d((1, 2, 1), (1, 1, 3, 1), stride=2).window(0, 2)
        (Term(row=0, col=0, tap_row=0, tap_col=2), Term(row=0, col=1, tap_row=0, tap_col=0))
        """
        return tuple(Term(*use) for use in self.forward.reach(row, col))

    def reach(self, row: int, col: int) -> tuple[Reach, ...]:
        """Return every pixel that a map cell feeds, and through which tap: `window` read backwards.

        Parameters
        ----------
        row, col : int
            The cell of the maps, 0 ≤ row < oh and 0 ≤ col < ow.

        Returns
        -------
        tuple of Reach
            In row-major order of the pixels, then of the taps; what is cut off is left out. A pixel occurs more
            than once when the boundary folds what lies outside back onto it.

        Raises
        ------
        ConvError
            If the cell lies outside the maps.

        Examples
        --------
        >>> plan_transpose2d((1, 2, 1), (1, 1, 3, 1), stride=2, padding=(0, 1)).reach(0, 0)
        (Reach(row=0, col=0, tap_row=0, tap_col=1), Reach(row=0, col=1, tap_row=0, tap_col=2))
        """
        window = self.forward.window(row, col)
        return tuple(
            sorted(
                Reach(pixel_row, pixel_col, tap_row, tap_col)
                for (tap_row, pixel_row), (tap_col, pixel_col) in product(
                    enumerate(window.row_sources), enumerate(window.col_sources)
                )
                if pixel_row is not None and pixel_col is not None
            )
        )


def plan_transpose2d(
    maps_shape: Sequence[int],
    bank_shape: Sequence[int],
    *,
    stride: PairLike = 1,
    padding: PaddingLike = "valid",
    dilation: PairLike = 1,
    groups: int = 1,
    boundary: str = "zeros",
    output_padding: int | Sequence[int] | None = None,
    image_shape: Sequence[int] | None = None,
) -> TransposePlan2D:
    """Plan a transposed convolution from shapes alone.

    All parameters are those of the convolution that is transposed. Along an axis of m map cells, with k taps,
    dilation d, e = d·(k − 1) + 1, stride s, padding before and after, and output padding a, the image has

    - s·(m − 1) + e − before − after + a pixels, for ``"valid"``, ``"full"`` and padding in numbers;
    - s·(m − 1) + 1 + a pixels for ``"same"``, where a is s − 1 if nothing is said: s·m pixels, as in TensorFlow.

    Parameters
    ----------
    maps_shape : (int, int, int)
        (oh, ow, K).
    bank_shape : (int, int, int, int)
        (K, kh, kw, C / groups), as `plan2d` takes it.
    stride, padding, dilation, groups, boundary
        As for `plan2d`.
    output_padding : int or (int, int), optional
        a, by how many pixels the image is longer at the bottom and right than the smallest that gives such maps;
        for both axes or (rows, columns), each 0 … stride − 1. 0 by default, for ``"same"`` stride − 1.
    image_shape : (int, int, int), optional
        (H, W, C), in place of `output_padding`: the image whose convolution the maps came from.

    Returns
    -------
    TransposePlan2D
        Sizes, what is cut off, and what feeds what.

    Raises
    ------
    ConvError
        If a parameter is of the wrong kind, the maps have not one channel for each kernel, nothing is left of
        the image, both `output_padding` and `image_shape` are given, or that image does not give such maps.

    References
    ----------
    V. Dumoulin and F. Visin, "A guide to convolution arithmetic for deep learning", arXiv:1603.07285, 2016,
    chapter 4, relationships 8 to 14.

    Examples
    --------
    >>> plan_transpose2d((3, 3, 8), (8, 3, 3, 1), stride=2, padding=1).output_shape
    (5, 5, 1)
    >>> plan_transpose2d((3, 3, 8), (8, 3, 3, 1), stride=2, padding=1, output_padding=1).output_shape
    (6, 6, 1)
    """
    maps = _shape("maps_shape", maps_shape, ("oh", "ow", "K"))
    bank = _shape("bank_shape", bank_shape, ("K", "kh", "kw", "C / groups"))
    spec = ConvSpec.of(stride=stride, padding=padding, dilation=dilation, groups=groups, boundary=boundary)
    if maps[2] != bank[0]:
        raise ConvError(
            f"maps must have K = {bank[0]} channels, their last axis, one for each kernel of the bank, "
            f"got {maps[2]} in shape {maps}"
        )
    smallest = tuple(_smallest(axis, maps[axis], bank[1 + axis], spec) for axis in (0, 1))
    if image_shape is None:
        extra = _output_padding(output_padding, spec)
        sizes = tuple(_image_size(axis, smallest[axis] + extra[axis], maps[axis], spec) for axis in (0, 1))
        image = (*sizes, bank[3] * spec.groups)
    else:
        if output_padding is not None:
            raise ConvError(
                f"output_padding must be left out where image_shape is given, got {shown(output_padding)}"
            )
        image = _shape("image_shape", image_shape, ("H", "W", "C"))
        for axis, what in enumerate(_AXES):
            least, most = smallest[axis], smallest[axis] + spec.stride[axis] - 1
            _image_size(axis, most, maps[axis], spec)
            if not least <= image[axis] <= most:
                wanted = f"{most}" if least == most else f"{max(least, 1)} to {most}"
                raise ConvError(
                    f"image_shape must have {wanted} {what} to give {maps[axis]} {what} of maps, got {image[axis]}"
                )
    forward = plan2d(
        image,
        bank,
        stride=spec.stride,
        padding=spec.padding,
        dilation=spec.dilation,
        groups=spec.groups,
        boundary=spec.boundary,
    )
    return TransposePlan2D(forward)


def _smallest(axis: int, cells: int, kernel: int, spec: ConvSpec) -> int:
    """Return the smallest size of image that gives so many cells; not positive if all of it would be padding."""
    stride, dilation, padding = spec.stride[axis], spec.dilation[axis], spec.padding
    if padding == "same":
        return (cells - 1) * stride + 1
    effective = dilation * (kernel - 1) + 1
    reached = (cells - 1) * stride + effective
    if isinstance(padding, str):
        return reached - 2 * (effective - 1) if padding == "full" else reached
    return reached - sum(padding[axis])


def _image_size(axis: int, size: int, cells: int, spec: ConvSpec) -> int:
    if size < 1:
        raise ConvError(
            f"padding must cut off less than all that {cells} {_AXES[axis]} of maps reach, "
            f"got {shown(spec.padding)}, which leaves {size} of the image"
        )
    if size > LARGEST:
        raise ConvError(
            f"stride, dilation and bank must give an image of at most {LARGEST} {_AXES[axis]}, got {size}"
        )
    return size


def _output_padding(value: object, spec: ConvSpec) -> tuple[int, int]:
    rows, cols = spec.stride
    if value is None:
        return (rows - 1, cols - 1) if spec.padding == "same" else (0, 0)
    items = list(value) if is_list(value) else [value, value]  # type: ignore[call-overload]  # a list by now
    if len(items) != 2:
        raise ConvError(f"output_padding must be an integer or a pair (rows, columns), got {shown(value)}")
    return (
        integer("output_padding", items[0], least=0, most=rows - 1, where=_below("rows", rows)),
        integer("output_padding", items[1], least=0, most=cols - 1, where=_below("columns", cols)),
    )


def _below(what: str, stride: int) -> str:
    return f" for the {what}, whose stride is {stride}"


def _shape(name: str, shape: object, axes: tuple[str, ...]) -> tuple[int, ...]:
    items = list(shape) if is_list(shape) else []  # type: ignore[call-overload]  # a list by now
    if len(items) != len(axes):
        raise ConvError(f"{name} must be {len(axes)} integers ({', '.join(axes)}), got {shown(shape)}")
    return tuple(
        integer(name, item, least=1, where=f" for {axis}") for axis, item in zip(axes, items, strict=True)
    )
