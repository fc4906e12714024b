"""The kernels that somebody designed to mix pixels or to compare them: blurs, edges, sharpening, colours.

All that is said of signs holds for the convolution of CNN libraries, the kernel not flipped, and for pixels
whose value is the greater the brighter they are.
"""

import math

import numpy as np

from conv_engine.named import Kernel, frozen

__all__ = ["DESIGNED"]

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

_CHROMA = "Recommendation ITU-R BT.601-7, 2011, part on Y, Cr and Cb from quantized R, G and B"
_WIESEL = (
    "T. N. Wiesel and D. H. Hubel, Spatial and Chromatic Interactions in the Lateral Geniculate Body of the "
    "Rhesus Monkey, Journal of Neurophysiology 29, 1966 (cells with such a centre and surround)"
)
_MOTION = f"{_GONZALEZ}, section 5.6.3 (uniform linear motion)"
_FORNBERG = (
    "B. Fornberg, Generation of Finite Difference Formulas on Arbitrarily Spaced Grids, Mathematics of "
    "Computation 51, 1988"
)
_FREI = (
    "W. Frei and C.-C. Chen, Fast Boundary Detection: A Generalization and a New Algorithm, IEEE Transactions on "
    "Computers C-26, 1977"
)
_KIRSCH = (
    "R. A. Kirsch, Computer Determination of the Constituent Structure of Biological Images, Computers and "
    "Biomedical Research 4, 1971"
)
_ROBINSON = (
    "G. S. Robinson, Edge Detection by Compass Gradient Masks, Computer Graphics and Image Processing 6, 1977"
)

_BELL = np.outer([1, 4, 6, 4, 1], [1, 4, 6, 4, 1])
_IMPULSE = np.zeros((5, 5))
_IMPULSE[2, 2] = 256
# Rounded, so that nothing is rounded in the sums: flat areas become 0 and not nearly 0.
_FREI_COLUMN = np.rint(np.array([math.sqrt(1 / 8), 1 / 2, math.sqrt(1 / 8)]) * 2**26) / 2**26
_RED_CENTRE = np.zeros((3, 3, 3))
_RED_CENTRE[:, :, 1] = -1
_RED_CENTRE[1, 1] = (8, 0, 0)

DESIGNED: tuple[Kernel, ...] = (
    Kernel(
        key="identity",
        title="Identity",
        family="basic",
        weights=frozen([[0, 0, 0], [0, 1, 0], [0, 0, 0]]),
        finds="Nothing: each cell is the pixel under the middle of the kernel, so the picture stays.",
        formula="1 in the middle, 0 around it",
        source=f"{_GONZALEZ}, section 3.4.2 (the unit impulse)",
    ),
    Kernel(
        key="box",
        title="Box blur",
        family="smooth",
        weights=frozen([[1, 1, 1], [1, 1, 1], [1, 1, 1]], 9),
        finds="The mean of nine neighbours: noise and fine detail fade, edges become ramps.",
        formula="1/9 everywhere",
        source=f"{_GONZALEZ}, section 3.5.1 (smoothing linear filters)",
    ),
    Kernel(
        key="box5",
        title="Box blur 5×5",
        family="smooth",
        weights=frozen(np.ones((5, 5)), 25),
        finds="The mean of 25 neighbours: a stronger blur, whose square shape shows around bright points.",
        formula="1/25 everywhere",
        source=f"{_GONZALEZ}, section 3.5.1 (smoothing linear filters)",
    ),
    Kernel(
        key="gaussian",
        title="Gaussian blur 3×3",
        family="smooth",
        weights=frozen([[1, 2, 1], [2, 4, 2], [1, 2, 1]], 16),
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
        weights=frozen(_BELL, 256),
        finds="A mean over a wider bell: detail up to about three pixels wide disappears.",
        formula="(1, 4, 6, 4, 1)ᵀ · (1, 4, 6, 4, 1) / 256, the binomial numbers in place of the bell curve",
        source=(
            "P. J. Burt and E. H. Adelson, The Laplacian Pyramid as a Compact Image Code, IEEE Transactions "
            "on Communications 31, 1983, section on the Gaussian pyramid (a = 3/8)"
        ),
    ),
    Kernel(
        key="gaussian7",
        title="Gaussian blur 7×7",
        family="smooth",
        weights=frozen(np.outer([1, 6, 15, 20, 15, 6, 1], [1, 6, 15, 20, 15, 6, 1]), 4096),
        finds="A mean over a bell wider still, round as it is: no direction is blurred more than another.",
        formula="(1, 6, 15, 20, 15, 6, 1)ᵀ · (1, 6, 15, 20, 15, 6, 1) / 4096, the binomial numbers",
        source="B. Jähne, Digital Image Processing, 5th edition, 2002, chapter on averaging (binomial filters)",
    ),
    Kernel(
        key="sharpen",
        title="Sharpen",
        family="sharpen",
        weights=frozen([[0, -1, 0], [-1, 5, -1], [0, -1, 0]]),
        finds="The picture with its edges exaggerated: what is brighter than its neighbours gets brighter.",
        formula="identity − Laplacian",
        source=f"{_GONZALEZ}, section 3.6.2 (the Laplacian for image sharpening)",
    ),
    Kernel(
        key="unsharp",
        title="Unsharp mask",
        family="sharpen",
        weights=frozen(2 * _IMPULSE - _BELL, 256),
        finds="The picture sharpened over a wider area than by Sharpen: what a blur takes away is added again.",
        formula="identity + (identity − Gaussian blur 5×5)",
        source=f"{_GONZALEZ}, section 3.6.3 (unsharp masking)",
    ),
    Kernel(
        key="sobel_x",
        title="Sobel x (vertical edges)",
        family="edges",
        weights=frozen([[-1, 0, 1], [-2, 0, 2], [-1, 0, 1]]),
        finds="Vertical edges: brightest where left is dark and right is bright, below 0 the other way.",
        formula="(1, 2, 1)ᵀ · (−1, 0, 1)",
        source=_SOBEL,
    ),
    Kernel(
        key="sobel_y",
        title="Sobel y (horizontal edges)",
        family="edges",
        weights=frozen([[-1, -2, -1], [0, 0, 0], [1, 2, 1]]),
        finds="Horizontal edges: brightest where above is dark and below is bright, below 0 the other way.",
        formula="(−1, 0, 1)ᵀ · (1, 2, 1)",
        source=_SOBEL,
    ),
    Kernel(
        key="prewitt_x",
        title="Prewitt x (vertical edges)",
        family="edges",
        weights=frozen([[-1, 0, 1], [-1, 0, 1], [-1, 0, 1]]),
        finds="Vertical edges, like Sobel x, with all three rows counting the same.",
        formula="(1, 1, 1)ᵀ · (−1, 0, 1)",
        source=_PREWITT,
    ),
    Kernel(
        key="prewitt_y",
        title="Prewitt y (horizontal edges)",
        family="edges",
        weights=frozen([[-1, -1, -1], [0, 0, 0], [1, 1, 1]]),
        finds="Horizontal edges, like Sobel y, with all three columns counting the same.",
        formula="(−1, 0, 1)ᵀ · (1, 1, 1)",
        source=_PREWITT,
    ),
    Kernel(
        key="scharr_x",
        title="Scharr x (vertical edges)",
        family="edges",
        weights=frozen([[-3, 0, 3], [-10, 0, 10], [-3, 0, 3]]),
        finds="Vertical edges, like Sobel x, fairer to slanted edges; its values are four times as large.",
        formula="(3, 10, 3)ᵀ · (−1, 0, 1)",
        source=_SCHARR,
    ),
    Kernel(
        key="scharr_y",
        title="Scharr y (horizontal edges)",
        family="edges",
        weights=frozen([[-3, -10, -3], [0, 0, 0], [3, 10, 3]]),
        finds="Horizontal edges, like Sobel y, fairer to slanted edges; its values are four times as large.",
        formula="(−1, 0, 1)ᵀ · (3, 10, 3)",
        source=_SCHARR,
    ),
    Kernel(
        key="roberts_a",
        title="Roberts ↘",
        family="edges",
        weights=frozen([[1, 0], [0, -1]]),
        finds="Diagonal edges: brightest where the upper left is bright and the lower right is dark.",
        formula="upper left − lower right",
        source=_ROBERTS,
    ),
    Kernel(
        key="roberts_b",
        title="Roberts ↙",
        family="edges",
        weights=frozen([[0, 1], [-1, 0]]),
        finds="Diagonal edges: brightest where the upper right is bright and the lower left is dark.",
        formula="upper right − lower left",
        source=_ROBERTS,
    ),
    Kernel(
        key="central_x",
        title="Central difference x",
        family="edges",
        weights=frozen([[-1, 0, 1]], 2),
        finds="Vertical edges, nothing smoothed: half of right − left, the slope of the brightness.",
        formula="(−1, 0, 1) / 2",
        source=_FORNBERG,
    ),
    Kernel(
        key="central_y",
        title="Central difference y",
        family="edges",
        weights=frozen([[-1], [0], [1]], 2),
        finds="Horizontal edges, nothing smoothed: half of below − above, the slope of the brightness.",
        formula="(−1, 0, 1)ᵀ / 2",
        source=_FORNBERG,
    ),
    Kernel(
        key="frei_chen_x",
        title="Frei–Chen x",
        family="edges",
        weights=frozen(np.outer(_FREI_COLUMN, [-1, 0, 1])),
        finds="Vertical edges, like Sobel x, the middle row counting √2 times instead of twice.",
        formula="(1, √2, 1)ᵀ · (−1, 0, 1) / 2√2, rounded to multiples of 2⁻²⁶",
        source=_FREI,
    ),
    Kernel(
        key="kirsch_ne",
        title="Kirsch ↗",
        family="edges",
        weights=frozen([[-3, 5, 5], [-3, 0, 5], [-3, -3, -3]]),
        finds="Falling edges ↘: brightest where the upper right is bright and the lower left is dark.",
        formula="5 on the three pixels at the upper right, −3 on the other five",
        source=_KIRSCH,
    ),
    Kernel(
        key="robinson_nw",
        title="Robinson ↖",
        family="edges",
        weights=frozen([[2, 1, 0], [1, 0, -1], [0, -1, -2]]),
        finds="Rising edges ↗: brightest where the upper left is bright and the lower right is dark.",
        formula="Sobel, turned by an eighth",
        source=_ROBINSON,
    ),
    Kernel(
        key="laplacian",
        title="Laplacian",
        family="edges",
        weights=frozen([[0, 1, 0], [1, -4, 1], [0, 1, 0]]),
        finds="Edges of every direction: bright on the dark side, negative on the bright side, 0 on even ramps.",
        formula="the four nearest neighbours − 4 × the middle",
        source=f"{_GONZALEZ}, section 3.6.2 (the Laplacian for image sharpening)",
    ),
    Kernel(
        key="laplacian8",
        title="Laplacian with diagonals",
        family="edges",
        weights=frozen([[1, 1, 1], [1, -8, 1], [1, 1, 1]]),
        finds="Edges and points, diagonals too, bright on the dark side: Outline with its sign turned.",
        formula="all eight neighbours − 8 × the middle",
        source=f"{_GONZALEZ}, section 3.6.2 (the Laplacian for image sharpening)",
    ),
    Kernel(
        key="emboss",
        title="Emboss",
        family="relief",
        weights=frozen([[-2, -1, 0], [-1, 1, 1], [0, 1, 2]]),
        finds="A relief: what is bright seems raised and lit from the upper left.",
        formula="identity + differences towards the lower right; the sum is 1, so flat areas stay",
        source=_POWELL,
    ),
    Kernel(
        key="motion_h",
        title="Motion blur →",
        family="motion",
        weights=frozen([[1] * 9], 9),
        finds="The mean of nine pixels in a row: upright edges blur, level ones stay sharp.",
        formula="1/9 in each of nine columns",
        source=_MOTION,
    ),
    Kernel(
        key="motion_d",
        title="Motion blur ↘",
        family="motion",
        weights=frozen(np.eye(9), 9),
        finds="The mean of nine pixels along a diagonal: only edges that fall to the right stay sharp.",
        formula="1/9 along the diagonal",
        source=_MOTION,
    ),
    Kernel(
        key="outline",
        title="Outline",
        family="edges",
        weights=frozen([[-1, -1, -1], [-1, 8, -1], [-1, -1, -1]]),
        finds="Outlines: bright where a pixel is brighter than its neighbours, 0 where all are the same.",
        formula="8 × the middle − all eight neighbours",
        source=_POWELL,
    ),
    Kernel(
        key="luma",
        title="Luma (grey)",
        family="colour",
        weights=frozen([[[0.299, 0.587, 0.114]]]),
        finds="Brightness: the colour photo in grey, green counting most and blue least.",
        formula="0.299 R + 0.587 G + 0.114 B",
        source="Recommendation ITU-R BT.601-7, 2011, part on the construction of luminance",
    ),
    Kernel(
        key="red_green",
        title="Red against green",
        family="colour",
        weights=frozen([[[1, -1, 0]]]),
        finds="Red things: bright where there is more red than green, negative where less, 0 on grey.",
        formula="R − G",
        source=_OPPONENT,
    ),
    Kernel(
        key="blue_yellow",
        title="Blue against yellow",
        family="colour",
        weights=frozen([[[-0.5, -0.5, 1]]]),
        finds="Blue things: bright where there is more blue than yellow, negative where less, 0 on grey.",
        formula="B − (R + G) / 2",
        source=_OPPONENT,
    ),
    Kernel(
        key="cb",
        title="Chroma Cb (blue)",
        family="colour",
        weights=frozen([[[-44, -87, 131]]], 256),
        finds="Blueness apart from brightness: bright on blue, negative on yellow, 0 on grey.",
        formula="(131 B − 87 G − 44 R) / 256",
        source=_CHROMA,
    ),
    Kernel(
        key="cr",
        title="Chroma Cr (red)",
        family="colour",
        weights=frozen([[[131, -110, -21]]], 256),
        finds="Redness apart from brightness: bright on red, and on skin; negative on cyan, 0 on grey.",
        formula="(131 R − 110 G − 21 B) / 256",
        source=_CHROMA,
    ),
    Kernel(
        key="red_centre",
        title="Red among green",
        family="colour",
        weights=frozen(_RED_CENTRE, 8),
        finds="Red spots among green: red in the middle against the green around it, 0 on grey areas.",
        formula="R in the middle − the mean of G at the eight pixels around it",
        source=_WIESEL,
    ),
)
"""In the order in which they are shown within their families."""
