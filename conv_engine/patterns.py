"""Kernels that answer to a shape: corners, lines and spots, textures, and waves at eight angles.

Corners, lines and spots are templates: above 0 where something bright is looked for and below 0 where something
dark is, so that they sum to 0 and their map is highest where the picture looks like them. A template is linear:
unlike a detector that says yes or no, it answers to what looks a little like it too. That of a corner answers to
the edges that meet there.
"""

from collections.abc import Sequence
from dataclasses import replace
from types import MappingProxyType

import numpy as np

from conv_engine.named import Kernel, frozen
from conv_engine.parametric import PARAMETRIC

__all__ = ["PATTERNS"]

_GONZALEZ = "R. C. Gonzalez and R. E. Woods, Digital Image Processing, 3rd edition, 2008"


# --- corners -------------------------------------------------------------------------------------------------


def _corner(key: str, title: str, where: str, rows: Sequence[Sequence[int]]) -> Kernel:
    return Kernel(
        key=key,
        title=title,
        family="corners",
        weights=frozen(rows),
        finds=f"The {where} corners of bright things; the straight edges that meet there give two thirds as much.",
        formula="1 where such a corner is bright, −1 where it is dark, 0 where it may be either",
        source=(
            "R. Fisher, S. Perkins, A. Walker and E. Wolfart, Hypermedia Image Processing Reference (HIPR2), "
            "2003, page on the hit-and-miss transform; here the hits are added and the misses subtracted"
        ),
    )


_CORNERS = (
    _corner("corner_tl", "Corner ⌜", "upper left", [[-1, -1, 0], [-1, 1, 1], [0, 1, 0]]),
    _corner("corner_tr", "Corner ⌝", "upper right", [[0, -1, -1], [1, 1, -1], [0, 1, 0]]),
    _corner("corner_bl", "Corner ⌞", "lower left", [[0, 1, 0], [-1, 1, 1], [-1, -1, 0]]),
    _corner("corner_br", "Corner ⌟", "lower right", [[0, 1, 0], [1, 1, -1], [0, -1, -1]]),
)


# --- lines and spots -----------------------------------------------------------------------------------------


def _line(key: str, title: str, how: str, rows: Sequence[Sequence[int]]) -> Kernel:
    return Kernel(
        key=key,
        title=title,
        family="lines",
        weights=frozen(rows),
        finds=f"Bright lines one pixel wide that {how}; negative on dark ones, 0 on flat areas.",
        formula="2 along the line, −1 on both sides of it",
        source=f"{_GONZALEZ}, section 10.2.3 (line detection)",
    )


_LINES = (
    _line("line_h", "Line —", "lie flat", [[-1, -1, -1], [2, 2, 2], [-1, -1, -1]]),
    _line("line_up", "Line ↗", "rise to the right", [[-1, -1, 2], [-1, 2, -1], [2, -1, -1]]),
    _line("line_v", "Line |", "stand upright", [[-1, 2, -1], [-1, 2, -1], [-1, 2, -1]]),
    _line("line_down", "Line ↘", "fall to the right", [[2, -1, -1], [-1, 2, -1], [-1, -1, 2]]),
    Kernel(
        key="spot",
        title="Spot",
        family="lines",
        weights=frozen(
            [
                [-1, -1, -1, -1, -1],
                [-1, 1, 2, 1, -1],
                [-1, 2, 4, 2, -1],
                [-1, 1, 2, 1, -1],
                [-1, -1, -1, -1, -1],
            ],
            16,
        ),
        finds="Bright spots up to three pixels wide: a middle that is brighter than the ring around it.",
        formula="a 3×3 Gaussian − the mean of the ring of 16 pixels around it",
        source=(
            "S. W. Kuffler, Discharge Patterns and Functional Organization of Mammalian Retina, Journal of "
            "Neurophysiology 16, 1953 (cells with such a centre and surround)"
        ),
    ),
)


# --- textures ------------------------------------------------------------------------------------------------

_LAWS = MappingProxyType(
    {"L5": (1, 4, 6, 4, 1), "E5": (-1, -2, 0, 2, 1), "S5": (-1, 0, 2, 0, -1), "R5": (1, -4, 6, -4, 1)}
)


def _laws(down: str, across: str, finds: str) -> Kernel:
    column, row = (", ".join(map(str, _LAWS[name])).replace("-", "−") for name in (down, across))
    return Kernel(
        key=f"laws_{down}{across}".lower(),
        title=f"Laws {down}{across}",
        family="textures",
        weights=frozen(np.outer(_LAWS[down], _LAWS[across])),
        finds=finds,
        formula=f"({column})ᵀ · ({row}): {down} down, {across} across",
        source="K. I. Laws, Textured Image Segmentation, dissertation, University of Southern California, 1980",
    )


_TEXTURES = (
    _laws(
        "L5",
        "E5",
        "Upright edges, evened out downwards (L for level, E for edge): brightest where left is dark and right is "
        "bright.",
    ),
    _laws(
        "L5",
        "S5",
        "Bright upright lines (S for spot), evened out downwards; negative beside them and on dark lines.",
    ),
    _laws("E5", "S5", "The upper ends of bright upright lines: an edge downwards and a spot across."),
    _laws(
        "R5",
        "R5",
        "Ripples (R) in both directions: checkerboards and grain of single pixels, with a sign that alternates.",
    ),
)


# --- waves ---------------------------------------------------------------------------------------------------

_GABOR_WAVELENGTH, _GABOR_SIGMA = 4, 1.6
_GABOR_ANGLES = (
    ("gabor_0", 0, "lie flat"),
    ("gabor_22", 22.5, "rise gently to the right"),
    ("gabor_45", 45, "rise to the right"),
    ("gabor_67", 67.5, "rise steeply to the right"),
    ("gabor_90", 90, "stand upright"),
    ("gabor_112", 112.5, "fall steeply to the right"),
    ("gabor_135", 135, "fall to the right"),
    ("gabor_157", 157.5, "fall gently to the right"),
)


def _gabor(key: str, angle: float, how: str) -> Kernel:
    family = PARAMETRIC["gabor_wave"]
    return replace(
        family.kernel(_GABOR_WAVELENGTH, angle, _GABOR_SIGMA, 0),
        key=key,
        title=f"Gabor {angle:g}°",
        finds=f"Bright lines and stripes about two pixels wide that {how}, in all colours alike; 0 on flat areas.",
        formula=(
            f"wavelength {_GABOR_WAVELENGTH}, angle {angle:g}°, σ = {_GABOR_SIGMA}, phase 0°, in {family.formula}"
        ),
    )


PATTERNS: tuple[Kernel, ...] = (*_CORNERS, *_LINES, *_TEXTURES, *(_gabor(*row) for row in _GABOR_ANGLES))
"""In the order in which they are shown within their families."""
