"""What a layer costs: parameters, products, sums and bytes, each by its formula with the numbers put in."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from conv_engine import ConvError
from conv_engine.errors import shown

__all__ = ["COUNTS_NOTE", "Counts", "check_shapes", "layer_counts"]

COUNTS_NOTE = (
    "Counted by the definition: every cell multiplies its whole window, the filled-in pixels of the padding too, "
    "as libraries do. A sum of n products takes n − 1 additions, and the bias one more. Numbers are in float32, "
    "4 bytes each."
)
"""How the counts are meant; to stand below them."""

_FLOAT32 = 4
_MEGABYTE = 10**6


@dataclass(frozen=True)
class Counts:
    """The cost of a layer, in exact integers.

    Attributes
    ----------
    parameters : int
        Weights and biases.
    multiplications, additions : int
        For all feature maps of one image, by the definition. The products of padding are counted: the values that
        fill it are multiplied like any others. A library that computes the layer directly multiplies them too.
    image_bytes, parameter_bytes, map_bytes : int
        In float32.
    formulas : tuple of (str, str)
        Title and formula of each of them, the numbers put in, such as
        ``("Parameters", "K · (kh · kw · C + 1) = 8 · (3 · 3 · 3 + 1) = 224")``.
    """

    parameters: int
    multiplications: int
    additions: int
    image_bytes: int
    parameter_bytes: int
    map_bytes: int
    formulas: tuple[tuple[str, str], ...]


def layer_counts(image_shape: Sequence[int], bank_shape: Sequence[int], output_shape: Sequence[int]) -> Counts:
    """Count what a layer holds and does.

    Parameters
    ----------
    image_shape : (H, W, C)
    bank_shape : (K, kh, kw, C / groups)
    output_shape : (oh, ow, K)
        As `conv_engine.plan2d` gives it.

    Returns
    -------
    Counts

    Raises
    ------
    ConvError
        If a shape has another number of sizes, one that is no integer of at least 1, or they do not belong
        together.

    References
    ----------
    I. Goodfellow, Y. Bengio and A. Courville, "Deep Learning", MIT Press 2016, section 9.2 (what convolution costs
    against a matrix product).

    Examples
    --------
    >>> layer_counts((64, 64, 3), (8, 3, 3, 3), (62, 62, 8)).formulas[0]
    ('Parameters', 'K · (kh · kw · C + 1) = 8 · (3 · 3 · 3 + 1) = 224')
    """
    image, bank, output = check_shapes(image_shape, bank_shape, output_shape)
    rows, cols, channels = image
    features, kernel_rows, kernel_cols, depth = bank
    out_rows, out_cols, _ = output
    products = kernel_rows * kernel_cols * depth
    parameters = features * (products + 1)
    multiplications = math.prod(output) * products
    image_bytes, parameter_bytes, map_bytes = (
        _FLOAT32 * count for count in (math.prod(image), parameters, math.prod(output))
    )
    slices = "C" if depth == channels else "(C / groups)"
    taps = _product(kernel_rows, kernel_cols, depth)
    cells = _product(out_rows, out_cols, features)
    return Counts(
        parameters,
        multiplications,
        multiplications,  # n products make n − 1 sums, and the bias one more
        image_bytes,
        parameter_bytes,
        map_bytes,
        (
            (
                "Parameters",
                f"K · (kh · kw · {slices} + 1) = {features:,} · ({taps} + 1) = {parameters:,}",
            ),
            (
                "Multiplications",
                f"oh · ow · K · kh · kw · {slices} = {cells} · {taps} = {multiplications:,}",
            ),
            (
                "Additions",
                f"oh · ow · K · (kh · kw · {slices} − 1 + 1) = {cells} · ({taps} − 1 + 1) = {multiplications:,}",
            ),
            (
                "Image",
                f"4 · H · W · C = 4 · {_product(rows, cols, channels)} = {_bytes(image_bytes)}",
            ),
            (
                "Weights and biases",
                f"4 · parameters = 4 · {parameters:,} = {_bytes(parameter_bytes)}",
            ),
            (
                "Feature maps",
                f"4 · oh · ow · K = 4 · {cells} = {_bytes(map_bytes)}",
            ),
        ),
    )


def check_shapes(
    image_shape: Sequence[int], bank_shape: Sequence[int], output_shape: Sequence[int]
) -> tuple[tuple[int, int, int], tuple[int, int, int, int], tuple[int, int, int]]:
    """Make sure that three shapes are those of one layer.

    Parameters
    ----------
    image_shape : (H, W, C)
    bank_shape : (K, kh, kw, C / groups)
    output_shape : (oh, ow, K)

    Returns
    -------
    tuple of three tuples of int
        The same, as plain integers.

    Raises
    ------
    ConvError
        As `layer_counts` does.
    """
    rows, cols, channels = _sizes("image_shape", image_shape, "(H, W, C)")
    features, kernel_rows, kernel_cols, depth = _sizes("bank_shape", bank_shape, "(K, kh, kw, C)")
    out_rows, out_cols, maps = _sizes("output_shape", output_shape, "(oh, ow, K)")
    if channels % depth:
        raise ConvError(
            f"bank_shape must end with C = {channels}, the channels of the image, or an integer part of them, "
            f"got {depth}"
        )
    if maps != features:
        raise ConvError(f"output_shape must end with K = {features}, a map for each kernel, got {maps}")
    return (rows, cols, channels), (features, kernel_rows, kernel_cols, depth), (out_rows, out_cols, maps)


def _sizes(name: str, shape: Sequence[int], letters: str) -> tuple[int, ...]:
    sizes = tuple(shape)
    count = letters.count(",") + 1
    if len(sizes) != count or not all(_is_size(size) for size in sizes):
        raise ConvError(f"{name} must be {letters}, {count} integers of at least 1, got {shown(sizes)}")
    # NumPy's integers wrap around where Python's grow.
    return tuple(int(size) for size in sizes)


def _is_size(size: object) -> bool:
    return hasattr(size, "__index__") and not isinstance(size, bool) and int(size.__index__()) >= 1


def _product(*factors: int) -> str:
    return " · ".join(f"{factor:,}" for factor in factors)


def _bytes(count: int) -> str:
    exact = f"{count:,} bytes"
    return f"{exact} (about {count / _MEGABYTE:,.1f} MB)" if count >= _MEGABYTE else exact
