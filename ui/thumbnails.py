r"""Small pictures of kernels, of their weights and of what they do to a photo, as PNG files.

Weights of one slice are squares in the honest colours of `ui.colours`. Three different slices, one each for red,
green and blue, are one picture in colours instead, where the middle grey is 0: the colours that make such a kernel
answer strongest. So filters of first layers have been shown since A. Krizhevsky, I. Sutskever and G. E. Hinton,
"ImageNet Classification with Deep Convolutional Neural Networks", NIPS 2012, figure 3. Three strips side by side
would have a third of the size each, and an eye does not add them up: that red stands against green is seen at once
in colours, and the stage shows the slices one by one with their numbers anyway.

>>> import numpy as np
>>> kernel_picture(np.array([[-1.0, 0.0, 1.0]]), dark=False)[:4]
b'\x89PNG'
"""

import base64
import io
import math

import numpy as np
import numpy.typing as npt
from PIL import Image

from conv_engine import ConvError, conv2d
from conv_engine.arrays import Doubles
from conv_engine.errors import shown
from ui.colours import SIDE, levels, palette_for, scale_table
from ui.images import Pixels

__all__ = [
    "EFFECT_NOTE",
    "EFFECT_SIDE",
    "as_png",
    "data_uri",
    "effect_picture",
    "kernel_picture",
    "shrunk",
]

EFFECT_SIDE = 96
"""Pixels along the longer side of a photo that a kernel is shown on."""

EFFECT_NOTE = (
    "The photo is made small first, and its rim is repeated outwards. A kernel that sums to 1, or has no weight "
    "below 0, makes a picture from black to white; what is darker than black is blue in it, and what is brighter "
    "than white orange. Every other kernel is blue below 0 and orange above, by a scale of its own."
)
"""How the pictures of effects are made, in the words of `effect_picture`."""

# Of a kernel's picture: large enough for lines between the weights that stay where it is shown at a third.
_KERNEL_SIDE = 120
_LINE = 3
_SMALLEST_LINED = 5 * _LINE
_LINE_INDEX = 2 * SIDE + 1

# Weights that are rounded sum to 1 only nearly.
_ABOUT = 1e-6


def kernel_picture(weights: npt.ArrayLike, dark: bool, cell: int | None = None) -> bytes:
    """Draw the weights of a kernel.

    Parameters
    ----------
    weights : array_like of shape (kh, kw) or (kh, kw, C)
        C is 1 or 3. Three equal slices are drawn as one.
    dark : bool
        For which theme.
    cell : int, optional
        Pixels along the side of a weight, its line included; by default as many as make the longer side about 120.

    Returns
    -------
    bytes
        A PNG file. One slice: blue below 0, orange above, the strongest colour for the largest magnitude, with
        lines between the weights where there is room for them. Three slices: red, green and blue from −max|w| to
        max|w|, 0 being the grey 128 and only 0.

    Raises
    ------
    ConvError
        If the weights have another shape, or are not finite.
    """
    kernel = _slices(weights)
    side = max(1, _KERNEL_SIDE // max(kernel.shape[:2])) if cell is None else cell
    if side < 1:
        raise ConvError(f"cell must be an integer ≥ 1, got {side}")
    limit = float(np.abs(kernel).max())
    coded = levels(kernel, limit)
    if kernel.shape[2] == 3:
        # A level for each channel: 127 is 0, and the grey in the middle of 1 to 255 is 128.
        return as_png(_enlarged(coded + 1, side))
    squares = _enlarged(coded[:, :, 0], side)
    if side >= _SMALLEST_LINED:
        rows, cols = squares.shape
        lined = np.full((rows + _LINE, cols + _LINE), _LINE_INDEX, dtype=np.uint8)
        lined[:rows, :cols] = squares
        for line in range(_LINE):
            lined[line::side, :] = _LINE_INDEX
            lined[:, line::side] = _LINE_INDEX
        squares = lined
    return as_png(squares, dark)


def effect_picture(pixels: Pixels, weights: npt.ArrayLike, *, side: int = EFFECT_SIDE, dark: bool) -> bytes:
    """Show what a kernel does to a photo.

    The photo is brought to at most `side` pixels by `shrunk`, and convolved, not flipped, without a bias, with
    padding "same" and the boundary "replicate", so that no rim of zeros is taken for an edge. A kernel of one
    slice is laid on every channel, and what comes out is added up, as in a layer.

    One rule chooses the colours. A kernel that sums to 1 in a slice or over its slices, or has no weight below 0,
    makes a picture: black is 0, white is what it makes of a white photo; cells that no picture can show are
    marked, blue below black and orange above white. Every other kernel is shown by the signed scale, which ends at
    the largest magnitude of this very map. Whether the photo's pixels are counted from 0 to 255 or from 0 to 1
    makes no difference to either, and neither does a factor before the weights of a kernel of the second kind.

    Parameters
    ----------
    pixels : ndarray of shape (H, W, C), uint8
        C is 1 or 3.
    weights : array_like of shape (kh, kw) or (kh, kw, C)
        C is 1 or 3; on a photo in grey three slices act as their sum.
    side : int
        The most pixels along the longer side.
    dark : bool
        For which theme.

    Returns
    -------
    bytes
        A PNG file with a pixel for each cell of the map.

    Raises
    ------
    ConvError
        If the weights or the pixels have another shape, or the weights are not finite.
    """
    photo = shrunk(pixels, side)
    kernel = _slices(weights)
    # No colour depends on the size of the weights, and a power of two changes no digit of theirs.
    exponent = math.frexp(float(np.abs(kernel).max()))[1]
    kernel = np.ldexp(kernel, -exponent)
    total = float(kernel.sum())
    sums = total, total * (3 if kernel.shape[2] == 1 else 1)
    keeps_flat = any(math.isclose(math.ldexp(some, min(exponent, 900)), 1, abs_tol=_ABOUT) for some in sums)
    is_picture = keeps_flat or kernel.min() >= 0
    if kernel.shape[2] == 1 and photo.shape[2] > 1:
        # The same sum, in a third of the products: one slice for all channels.
        total *= photo.shape[2]
        image = photo.sum(axis=2, dtype=np.uint16, keepdims=True)
    else:
        image = photo
        if photo.shape[2] == 1:
            kernel = kernel.sum(axis=2, keepdims=True)
    # A 0 in the picture is a 0, and so no method will do that leaves a tiny number where products cancel.
    values = conv2d(image, kernel[np.newaxis], padding="same", boundary="replicate", method="direct")[:, :, 0]
    if not is_picture:
        return as_png(levels(values, float(np.abs(values).max())), dark)
    # Rounding errors of weights such as 1/9 are no reason to mark a cell.
    shares = np.rint(values / (total or 1.0))
    grey = np.clip(shares, 0, 255).astype(np.uint8)
    darker, brighter = shares < 0, shares > 255
    if not (darker.any() or brighter.any()):
        return as_png(grey)
    colours = np.repeat(grey[:, :, np.newaxis], 3, axis=2)
    stops = palette_for(dark).stops
    colours[darker], colours[brighter] = stops[1], stops[-2]
    return as_png(colours)


def shrunk(pixels: Pixels, side: int = EFFECT_SIDE) -> Pixels:
    """Bring a photo to at most so many pixels along its longer side; a smaller one is handed back as it is.

    Parameters
    ----------
    pixels : ndarray of shape (H, W, C), uint8
        C is 1 or 3.
    side : int
        At least 1.

    Returns
    -------
    ndarray of shape (rows, cols, C), uint8
        Each pixel is the mean of the area that it covers.

    Raises
    ------
    ConvError
        If there are other than one or three channels, or `side` is less than 1.
    """
    if pixels.ndim != 3 or pixels.shape[2] not in (1, 3) or pixels.dtype != np.uint8 or not pixels.size:
        raise ConvError(
            f"pixels must have shape (H, W, 1) or (H, W, 3) and be of dtype uint8, "
            f"got {pixels.shape} and {pixels.dtype}"
        )
    if side < 1:
        raise ConvError(f"side must be an integer ≥ 1, got {side}")
    rows, cols, channels = pixels.shape
    longer = max(rows, cols)
    if longer <= side:
        return pixels
    size = tuple(max(1, round(length * side / longer)) for length in (cols, rows))
    # Of grey Pillow takes two axes.
    picture = Image.fromarray(np.ascontiguousarray(pixels if channels == 3 else pixels[:, :, 0]))
    small: Pixels = np.asarray(picture.resize((size[0], size[1]), Image.Resampling.BOX, reducing_gap=None))
    return small.reshape(size[1], size[0], channels)


def as_png(values: npt.NDArray[np.uint8], dark: bool | None = None) -> bytes:
    """Write pixels as a PNG file.

    Parameters
    ----------
    values : ndarray, uint8
        (rows, cols, 3): colours. (rows, cols): places in the diverging scale, see `ui.colours.levels`, 255 being a
        faint line; or shades of grey where `dark` is None.
    dark : bool, optional
        The theme of the scale.

    Returns
    -------
    bytes
    """
    picture = Image.fromarray(np.ascontiguousarray(values))
    if values.ndim == 2 and dark is not None:
        picture.putpalette(scale_table(dark).tobytes() + bytes(palette_for(dark).faint))
    file = io.BytesIO()
    # Small pictures are made by the dozen: pressing them harder takes longer than sending them.
    picture.save(file, "PNG", compress_level=1)
    return file.getvalue()


def data_uri(png: bytes) -> str:
    """Write a PNG file as an address that holds it, for ``src`` in HTML."""
    return f"data:image/png;base64,{base64.b64encode(png).decode()}"


def _slices(weights: npt.ArrayLike) -> Doubles:
    """Check weights, and give them three axes; equal slices become one."""
    kernel = np.asarray(weights, dtype=np.float64)
    if kernel.ndim == 2:
        kernel = kernel[:, :, np.newaxis]
    if kernel.ndim != 3 or kernel.shape[2] not in (1, 3) or not kernel.size:
        raise ConvError(f"weights must have shape (kh, kw), (kh, kw, 1) or (kh, kw, 3), got {np.shape(weights)}")
    if not np.isfinite(kernel).all():
        bad = kernel[~np.isfinite(kernel)][0]
        raise ConvError(f"weights must be finite, got {shown(float(bad))}")
    return kernel[:, :, :1] if (kernel == kernel[:, :, :1]).all() else kernel


def _enlarged(cells: npt.NDArray[np.uint8], side: int) -> npt.NDArray[np.uint8]:
    return cells.repeat(side, axis=0).repeat(side, axis=1)
