"""What a cell deep in a chain of layers sees of the image: size, step and place of its receptive field.

Each layer's field follows from that of the layer before by two multiplications and an addition, in whole numbers,
and rows and columns never mix.

Source: A. Araujo, W. Norris and J. Sim, "Computing Receptive Fields of Convolutional Neural Networks", Distill,
2019, doi:10.23915/distill.00021, section "Single-path networks". They write r₀ for the size of the field, S₀ for
the effective stride, here the jump, and P₀ for the effective padding, here the field's first pixel with its sign
turned. A dilated kernel counts with its span, d·(k − 1) + 1.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

from conv_engine.errors import ConvError, shown
from conv_engine.plan import Plan2D, plan2d
from conv_engine.spec import LARGEST, ConvSpec, PaddingLike, PairLike, integer, is_list

__all__ = ["ChainLayer", "Stage", "receptive_field"]


@dataclass(frozen=True)
class ChainLayer:
    """One layer of a chain: a convolution or a pooling, which obeys the same rules.

    Make it with `ChainLayer.of`, which checks; the bare constructor takes its fields as they are.

    Attributes
    ----------
    kernel : (int, int)
        (kh, kw), in cells of the layer before.
    spec : ConvSpec
        Stride, padding, dilation. What fills the padding does not matter here, nor do the groups.
    name : str
        What it is called on the screen; "" for none.
    """

    kernel: tuple[int, int]
    spec: ConvSpec = field(default_factory=ConvSpec)
    name: str = ""

    @classmethod
    def of(
        cls,
        kernel: PairLike,
        *,
        stride: PairLike = 1,
        padding: PaddingLike = "valid",
        dilation: PairLike = 1,
        name: str = "",
    ) -> "ChainLayer":
        """Check loose arguments and bring them to their normal form.

        Parameters
        ----------
        kernel : int or (int, int)
            An integer ≥ 1 for both axes, or (rows, columns).
        stride, padding, dilation
            As for `plan2d`.
        name : str
            What it is called.

        Returns
        -------
        ChainLayer
            The same layer, each parameter in its one form.

        Raises
        ------
        ConvError
            If a parameter is of the wrong kind.

        Examples
        --------
        >>> ChainLayer.of(3, stride=2).kernel
        (3, 3)
        """
        items = list(kernel) if is_list(kernel) else [kernel, kernel]  # type: ignore[arg-type]  # a list by now
        if len(items) != 2:
            raise ConvError(f"kernel must be an integer ≥ 1 or a pair (rows, columns), got {shown(kernel)}")
        return cls(
            kernel=(
                integer("kernel", items[0], least=1, where=" for the rows"),
                integer("kernel", items[1], least=1, where=" for the columns"),
            ),
            spec=ConvSpec.of(stride=stride, padding=padding, dilation=dilation),
            name=str(name),
        )


@dataclass(frozen=True)
class Stage:
    """What is known behind one layer of a chain; pairs are (rows, columns), in pixels of the image.

    Attributes
    ----------
    layer : ChainLayer
        The layer.
    size : (int, int)
        n, how many cells it gives: (oh, ow).
    field : (int, int)
        r, the pixels from the first to the last that a cell can see, both included. Pixels in between may be
        skipped where strides or dilations leave gaps.
    jump : (int, int)
        j, from a cell's field to its neighbour's.
    first : (int, int)
        The first pixel of the field of cell (0, 0), negative where that lies on the padding; pixel 0 is the
        image's first.
    """

    layer: ChainLayer
    size: tuple[int, int]
    field: tuple[int, int]
    jump: tuple[int, int]
    first: tuple[int, int]

    @property
    def start(self) -> tuple[float, float]:
        """The centre of the field of cell (0, 0): half a pixel more than a whole number if the field is even.

        0 is the centre of the image's first pixel. Texts that put 0 at that pixel's edge have 0.5 more.
        """
        return self.first[0] + (self.field[0] - 1) / 2, self.first[1] + (self.field[1] - 1) / 2

    def region(self, row: int, col: int) -> tuple[range, range]:
        """Return the rows and the columns of the image that a cell can see, those on the padding included.

        Parameters
        ----------
        row, col : int
            The cell, 0 ≤ row < oh and 0 ≤ col < ow.

        Returns
        -------
        (range, range)
            The rows and the columns from the first to the last; below 0 or from the image's size on they lie on
            padding.

        Raises
        ------
        ConvError
            If the cell lies outside the layer's output.

        Examples
        --------
        >>> receptive_field((9, 9), [ChainLayer.of(3, padding="same")])[0].region(0, 4)
        (range(-1, 2), range(3, 6))
        """
        row = integer("row", row, least=0, most=self.size[0] - 1)
        col = integer("col", col, least=0, most=self.size[1] - 1)
        top, left = self.first[0] + row * self.jump[0], self.first[1] + col * self.jump[1]
        return range(top, top + self.field[0]), range(left, left + self.field[1])


def receptive_field(image_size: Sequence[int], layers: Sequence[ChainLayer]) -> list[Stage]:
    """Follow the receptive field through a chain of layers.

    Before the first layer r = 1, j = 1 and the first pixel is 0. A layer with span e = d·(k − 1) + 1, stride s and
    padding p before its input makes of them

    - r + (e − 1)·j, the size of the field;
    - j·s, the jump;
    - first − p·j, the first pixel of the first field; the start, its centre, is (r − 1)/2 further.

    Parameters
    ----------
    image_size : (int, int)
        (H, W), in pixels.
    layers : sequence of ChainLayer
        From the image on.

    Returns
    -------
    list of Stage
        One for each layer, in order; empty for no layers.

    Raises
    ------
    ConvError
        If the size is not two integers ≥ 1, a kernel is larger than what the layer before it gives, with its
        padding, or the jumps grow beyond 10⁹ pixels. The message says which layer it is, counted from 1.

    References
    ----------
    A. Araujo, W. Norris and J. Sim, "Computing Receptive Fields of Convolutional Neural Networks", Distill, 2019,
    doi:10.23915/distill.00021.

    Examples
    --------
    >>> chain = [ChainLayer.of(3, padding="same"), ChainLayer.of(2, stride=2), ChainLayer.of(3, padding="same")]
    >>> stages = receptive_field((8, 8), chain)
    >>> [(stage.size[0], stage.field[0], stage.jump[0], stage.start[0]) for stage in stages]
    [(8, 3, 1, 0.0), (4, 4, 2, 0.5), (4, 8, 2, 0.5)]
    """
    size = list(image_size) if is_list(image_size) else []
    if len(size) != 2:
        raise ConvError(f"image_size must be 2 integers (H, W), got {shown(image_size)}")
    size = [integer("image_size", n, least=1, where=f" for {axis}") for n, axis in zip(size, "HW", strict=True)]
    stages = list[Stage]()
    extents, jumps, firsts = [1, 1], [1, 1], [0, 0]
    for number, layer in enumerate(layers, start=1):
        plan = _plan(number, layer, size)
        for axis, along in enumerate((plan.row_axis, plan.col_axis)):
            size[axis] = along.out
            extents[axis] += (along.effective - 1) * jumps[axis]
            firsts[axis] -= along.before * jumps[axis]
            jumps[axis] *= along.stride
        if max(jumps) > LARGEST:
            raise ConvError(
                f"stride must not make the jump of layer {number} larger than {LARGEST} pixels, got {max(jumps)}"
            )
        stages.append(Stage(layer, _pair(size), _pair(extents), _pair(jumps), _pair(firsts)))
    return stages


def _plan(number: int, layer: ChainLayer, size: list[int]) -> Plan2D:
    try:
        return plan2d(
            (*size, 1),
            (1, *layer.kernel, 1),
            stride=layer.spec.stride,
            padding=layer.spec.padding,
            dilation=layer.spec.dilation,
        )
    except ConvError as error:
        given = f"{size[0]} × {size[1]}"
        raise ConvError(f"layer {number} cannot be laid on the {given} cells that it is given: {error}") from error


def _pair(values: list[int]) -> tuple[int, int]:
    return values[0], values[1]
