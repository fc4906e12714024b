"""A library of named kernels, each with what it finds and where it comes from.

The weights are those that are applied: nothing is divided, scaled or turned behind the reader's back. What a
kernel finds is told for the convolution of CNN libraries, the kernel not flipped.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np

from conv_engine.arrays import Doubles
from conv_engine.errors import ConvError, shown
from conv_engine.spec import integer

__all__ = ["LIBRARY", "Kernel", "stack"]


@dataclass(frozen=True, eq=False)
class Kernel:
    """A kernel with its story.

    Attributes
    ----------
    key : str
        Its name in `LIBRARY` and in addresses: short, lower case, never changed.
    title : str
        Its name for people.
    family : str
        ``"basic"``, ``"smooth"``, ``"edges"``, ``"sharpen"``, ``"relief"`` or ``"colour"``.
    weights : ndarray of float64, shape (kh, kw) or (kh, kw, 3)
        The weights, read-only. Two axes: the same slice for each channel. Three: a slice each for red, green
        and blue.
    finds : str
        One sentence: what it does to a picture, or where its result is bright.
    formula : str
        How the weights come about.
    source : str
        Where it was first published, or where it is explained.
    """

    key: str
    title: str
    family: str
    weights: Doubles
    finds: str
    formula: str
    source: str


def stack(kernels: Iterable[Kernel], channels: int) -> Doubles:
    """Put kernels on top of each other as the bank of one layer.

    A layer has one kernel size, so smaller kernels are framed with zeros up to the largest height and the
    largest width. They sit so that the tap which ``"same"`` padding lays on the pixel, (k − 1) // 2, is that
    of the frame: the map of a kernel under it does not depend on its neighbours in the bank. Kernels of two
    axes get the same slice for each channel, repeated and not divided, as `broadcast_kernel` does.

    Parameters
    ----------
    kernels : iterable of Kernel
        At least one; for example from `LIBRARY`.
    channels : int
        C, the channels of the image, at least 1.

    Returns
    -------
    ndarray of float64, shape (K, kh, kw, C)
        A bank for `conv2d`.

    Raises
    ------
    ConvError
        If there is no kernel, or a kernel with a slice for each of three colours meets another number of
        channels.

    Examples
    --------
    >>> stack([LIBRARY["sobel_x"], LIBRARY["luma"]], channels=3)[1, :, :, 0]
    array([[0.   , 0.   , 0.   ],
           [0.   , 0.299, 0.   ],
           [0.   , 0.   , 0.   ]])
    """
    chosen = tuple(kernels)
    if not chosen or not all(isinstance(kernel, Kernel) for kernel in chosen):
        raise ConvError(f"kernels must be one Kernel or more, got {shown(chosen)}")
    channels = integer("channels", channels, least=1)
    for kernel in chosen:
        if kernel.weights.ndim == 3 and kernel.weights.shape[2] != channels:
            raise ConvError(
                f"channels must be {kernel.weights.shape[2]} for the kernel {kernel.key!r}, which has a "
                f"slice for each of them, got {channels}"
            )
    height = max(kernel.weights.shape[0] for kernel in chosen)
    width = max(kernel.weights.shape[1] for kernel in chosen)
    bank = np.zeros((len(chosen), height, width, channels))
    for frame, kernel in zip(bank, chosen, strict=True):
        kernel_h, kernel_w = kernel.weights.shape[:2]
        # The tap that "same" padding lays on the pixel stays there: (k − 1) // 2, in the kernel and in the frame.
        top = (height - 1) // 2 - (kernel_h - 1) // 2
        left = (width - 1) // 2 - (kernel_w - 1) // 2
        slices = kernel.weights.reshape(kernel_h, kernel_w, -1)
        frame[top : top + kernel_h, left : left + kernel_w] = slices
    return bank


def _weights(rows: Sequence[object], divisor: float = 1.0) -> Doubles:
    weights: Doubles = np.array(rows, dtype=np.float64) / divisor
    weights.setflags(write=False)
    return weights


_GONZALEZ = "R. C. Gonzalez and R. E. Woods, Digital Image Processing, 3rd edition, 2008"
_POWELL = "V. Powell, Image Kernels Explained Visually, setosa.io, 2015"
_SOBEL = (
    "I. Sobel and G. Feldman, A 3×3 Isotropic Gradient Operator for Image Processing, talk at the Stanford "
    "Artificial Intelligence Project, 1968; printed in R. O. Duda and P. E. Hart, Pattern Classification and "
    "Scene Analysis, 1973"
)
_PREWITT = (
    "J. M. S. Prewitt, Object Enhancement and Extraction, in B. S. Lipkin and A. Rosenfeld (editors), "
    "Picture Processing and Psychopictorics, 1970"
)
_SCHARR = (
    "H. Scharr, Optimale Operatoren in der Digitalen Bildverarbeitung, dissertation, Universität Heidelberg, 2000"
)
_ROBERTS = (
    "L. G. Roberts, Machine Perception of Three-Dimensional Solids, dissertation, Massachusetts Institute of "
    "Technology, 1963"
)
_OPPONENT = (
    "L. M. Hurvich and D. Jameson, An Opponent-Process Theory of Color Vision, Psychological Review, 1957; the "
    "weights are its simplest form, not a fit to the eye"
)

_KERNELS = (
    Kernel(
        key="identity",
        title="Identity",
        family="basic",
        weights=_weights([[0, 0, 0], [0, 1, 0], [0, 0, 0]]),
        finds="Nothing: each cell is the pixel under the middle of the kernel, so the picture stays.",
        formula="1 in the middle, 0 around it",
        source=f"{_GONZALEZ}, section 3.4.2 (the unit impulse)",
    ),
    Kernel(
        key="box",
        title="Box blur",
        family="smooth",
        weights=_weights([[1, 1, 1], [1, 1, 1], [1, 1, 1]], 9),
        finds="The mean of nine neighbours: noise and fine detail fade, edges become ramps.",
        formula="1/9 everywhere",
        source=f"{_GONZALEZ}, section 3.5.1 (smoothing linear filters)",
    ),
    Kernel(
        key="gaussian",
        title="Gaussian blur 3×3",
        family="smooth",
        weights=_weights([[1, 2, 1], [2, 4, 2], [1, 2, 1]], 16),
        finds="A mean that favours the middle: softer than the box, without its blocky traces.",
        formula="(1, 2, 1)ᵀ · (1, 2, 1) / 16, the binomial numbers in place of the bell curve",
        source=(
            "R. Szeliski, Computer Vision: Algorithms and Applications, 2010, section 3.2.1 (separable filtering)"
        ),
    ),
    Kernel(
        key="gaussian5",
        title="Gaussian blur 5×5",
        family="smooth",
        weights=_weights(np.outer([1, 4, 6, 4, 1], [1, 4, 6, 4, 1]).tolist(), 256),
        finds="A mean over a wider bell: detail up to about three pixels wide disappears.",
        formula="(1, 4, 6, 4, 1)ᵀ · (1, 4, 6, 4, 1) / 256, the binomial numbers in place of the bell curve",
        source=(
            "P. J. Burt and E. H. Adelson, The Laplacian Pyramid as a Compact Image Code, IEEE Transactions "
            "on Communications 31, 1983, section on the Gaussian pyramid (a = 3/8)"
        ),
    ),
    Kernel(
        key="sharpen",
        title="Sharpen",
        family="sharpen",
        weights=_weights([[0, -1, 0], [-1, 5, -1], [0, -1, 0]]),
        finds="The picture with its edges exaggerated: what is brighter than its neighbours gets brighter.",
        formula="identity − Laplacian",
        source=f"{_GONZALEZ}, section 3.6.2 (the Laplacian for image sharpening)",
    ),
    Kernel(
        key="sobel_x",
        title="Sobel x (vertical edges)",
        family="edges",
        weights=_weights([[-1, 0, 1], [-2, 0, 2], [-1, 0, 1]]),
        finds="Vertical edges: brightest where left is dark and right is bright, below 0 the other way.",
        formula="(1, 2, 1)ᵀ · (−1, 0, 1)",
        source=_SOBEL,
    ),
    Kernel(
        key="sobel_y",
        title="Sobel y (horizontal edges)",
        family="edges",
        weights=_weights([[-1, -2, -1], [0, 0, 0], [1, 2, 1]]),
        finds="Horizontal edges: brightest where above is dark and below is bright, below 0 the other way.",
        formula="(−1, 0, 1)ᵀ · (1, 2, 1)",
        source=_SOBEL,
    ),
    Kernel(
        key="prewitt_x",
        title="Prewitt x (vertical edges)",
        family="edges",
        weights=_weights([[-1, 0, 1], [-1, 0, 1], [-1, 0, 1]]),
        finds="Vertical edges, like Sobel x, with all three rows counting the same.",
        formula="(1, 1, 1)ᵀ · (−1, 0, 1)",
        source=_PREWITT,
    ),
    Kernel(
        key="prewitt_y",
        title="Prewitt y (horizontal edges)",
        family="edges",
        weights=_weights([[-1, -1, -1], [0, 0, 0], [1, 1, 1]]),
        finds="Horizontal edges, like Sobel y, with all three columns counting the same.",
        formula="(−1, 0, 1)ᵀ · (1, 1, 1)",
        source=_PREWITT,
    ),
    Kernel(
        key="scharr_x",
        title="Scharr x (vertical edges)",
        family="edges",
        weights=_weights([[-3, 0, 3], [-10, 0, 10], [-3, 0, 3]]),
        finds="Vertical edges, like Sobel x, fairer to slanted edges; its values are four times as large.",
        formula="(3, 10, 3)ᵀ · (−1, 0, 1)",
        source=_SCHARR,
    ),
    Kernel(
        key="scharr_y",
        title="Scharr y (horizontal edges)",
        family="edges",
        weights=_weights([[-3, -10, -3], [0, 0, 0], [3, 10, 3]]),
        finds="Horizontal edges, like Sobel y, fairer to slanted edges; its values are four times as large.",
        formula="(−1, 0, 1)ᵀ · (3, 10, 3)",
        source=_SCHARR,
    ),
    Kernel(
        key="roberts_a",
        title="Roberts ↘",
        family="edges",
        weights=_weights([[1, 0], [0, -1]]),
        finds="Diagonal edges: brightest where the upper left is bright and the lower right is dark.",
        formula="upper left − lower right",
        source=_ROBERTS,
    ),
    Kernel(
        key="roberts_b",
        title="Roberts ↙",
        family="edges",
        weights=_weights([[0, 1], [-1, 0]]),
        finds="Diagonal edges: brightest where the upper right is bright and the lower left is dark.",
        formula="upper right − lower left",
        source=_ROBERTS,
    ),
    Kernel(
        key="laplacian",
        title="Laplacian",
        family="edges",
        weights=_weights([[0, 1, 0], [1, -4, 1], [0, 1, 0]]),
        finds="Edges of every direction: bright on the dark side, negative on the bright side, 0 on even ramps.",
        formula="the four nearest neighbours − 4 × the middle",
        source=f"{_GONZALEZ}, section 3.6.2 (the Laplacian for image sharpening)",
    ),
    Kernel(
        key="laplacian8",
        title="Laplacian with diagonals",
        family="edges",
        weights=_weights([[1, 1, 1], [1, -8, 1], [1, 1, 1]]),
        finds="Edges and points, diagonals too, bright on the dark side: Outline with its sign turned.",
        formula="all eight neighbours − 8 × the middle",
        source=f"{_GONZALEZ}, section 3.6.2 (the Laplacian for image sharpening)",
    ),
    Kernel(
        key="emboss",
        title="Emboss",
        family="relief",
        weights=_weights([[-2, -1, 0], [-1, 1, 1], [0, 1, 2]]),
        finds="A relief: what is bright seems raised and lit from the upper left.",
        formula="identity + differences towards the lower right; the sum is 1, so flat areas stay",
        source=_POWELL,
    ),
    Kernel(
        key="outline",
        title="Outline",
        family="edges",
        weights=_weights([[-1, -1, -1], [-1, 8, -1], [-1, -1, -1]]),
        finds="Outlines: bright where a pixel is brighter than its neighbours, 0 where all are the same.",
        formula="8 × the middle − all eight neighbours",
        source=_POWELL,
    ),
    Kernel(
        key="luma",
        title="Luma (grey)",
        family="colour",
        weights=_weights([[[0.299, 0.587, 0.114]]]),
        finds="Brightness: the colour photo in grey, green counting most and blue least.",
        formula="0.299 R + 0.587 G + 0.114 B",
        source="Recommendation ITU-R BT.601-7, 2011, part on the construction of luminance",
    ),
    Kernel(
        key="red_green",
        title="Red against green",
        family="colour",
        weights=_weights([[[1, -1, 0]]]),
        finds="Red things: bright where there is more red than green, negative where less, 0 on grey.",
        formula="R − G",
        source=_OPPONENT,
    ),
    Kernel(
        key="blue_yellow",
        title="Blue against yellow",
        family="colour",
        weights=_weights([[[-0.5, -0.5, 1]]]),
        finds="Blue things: bright where there is more blue than yellow, negative where less, 0 on grey.",
        formula="B − (R + G) / 2",
        source=_OPPONENT,
    ),
)

LIBRARY: Mapping[str, Kernel] = MappingProxyType({kernel.key: kernel for kernel in _KERNELS})
"""The kernels by key, in the order in which they are shown."""
