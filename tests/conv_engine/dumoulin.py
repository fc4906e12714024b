"""The fifteen figures of a paper, as data.

V. Dumoulin and F. Visin, "A guide to convolution arithmetic for deep learning", arXiv:1603.07285, 2016: seven
convolutions (chapter 2), their transposes (chapter 4) and a dilated one (chapter 5). All are square. The letters
are the paper's; sizes are those printed in the captions, or counted in the figure where the caption does not say.
"""

from typing import NamedTuple


class Case(NamedTuple):
    """A convolution: input i, kernel k, stride s, padding p, dilation d, output o."""

    name: str
    i: int
    k: int
    s: int
    p: int
    d: int
    o: int


class TransposedCase(NamedTuple):
    """The transpose of a convolution i, k, s, p, and the plain convolution that it is equivalent to.

    That has the input i' (`i_`), stretched to ĩ' (`stretched`), the padding p' (`p_`) and `a` zeros more at the
    bottom and right; its output is o' (`o_`).
    """

    name: str
    i: int
    k: int
    s: int
    p: int
    i_: int
    stretched: int
    p_: int
    a: int
    o_: int


CASES = (
    Case("No padding, unit strides", i=4, k=3, s=1, p=0, d=1, o=2),
    Case("Arbitrary padding, unit strides", i=5, k=4, s=1, p=2, d=1, o=6),
    Case("Half padding, unit strides", i=5, k=3, s=1, p=1, d=1, o=5),
    Case("Full padding, unit strides", i=5, k=3, s=1, p=2, d=1, o=7),
    Case("No padding, strides", i=5, k=3, s=2, p=0, d=1, o=2),
    Case("Padding, strides", i=5, k=3, s=2, p=1, d=1, o=3),
    Case("Padding, strides (odd)", i=6, k=3, s=2, p=1, d=1, o=3),
    Case("Dilation", i=7, k=3, s=1, p=0, d=2, o=3),
)

TRANSPOSED_CASES = (
    TransposedCase("No padding, unit strides, transposed", 4, 3, 1, 0, i_=2, stretched=2, p_=2, a=0, o_=4),
    TransposedCase("Arbitrary padding, unit strides, transposed", 5, 4, 1, 2, i_=6, stretched=6, p_=1, a=0, o_=5),
    TransposedCase("Half padding, unit strides, transposed", 5, 3, 1, 1, i_=5, stretched=5, p_=1, a=0, o_=5),
    TransposedCase("Full padding, unit strides, transposed", 5, 3, 1, 2, i_=7, stretched=7, p_=0, a=0, o_=5),
    TransposedCase("No padding, strides, transposed", 5, 3, 2, 0, i_=2, stretched=3, p_=2, a=0, o_=5),
    TransposedCase("Padding, strides, transposed", 5, 3, 2, 1, i_=3, stretched=5, p_=1, a=0, o_=5),
    # The caption says "a 2 × 2 input" in words and i' = 3 in letters; i = 6 agrees with the letters alone.
    TransposedCase("Padding, strides, transposed (odd)", 6, 3, 2, 1, i_=3, stretched=5, p_=1, a=1, o_=6),
)
