"""The convolution as a matrix: what a fully connected layer would have to hold to do the same.

Write the pixels of the image one below the other, and the cells of the maps, too: a convolution is linear, so it
is a product with a matrix, one row for each cell and one column for each pixel. A fully connected layer could have
any number anywhere in it. In that of a convolution almost all are 0, and the others are the same few weights again
and again: each block repeats along its diagonals, because a window that has moved by a column meets the same
weights a column further on, and the blocks repeat along theirs for the rows. Such a matrix is called doubly block
Toeplitz (at stride 1; with a stride the diagonals are steeper).

Source: I. Goodfellow, Y. Bengio and A. Courville, "Deep Learning", MIT Press 2016, section 9.1 (doubly block
circulant matrices, Toeplitz matrices and their zeros); R. M. Gray, "Toeplitz and Circulant Matrices: A Review",
Foundations and Trends in Communications and Information Theory 2(3), 2006.
"""

import numpy as np
import numpy.typing as npt
import scipy.sparse

from conv_engine.arrays import Doubles, as_doubles, check_bank, check_flip, turned
from conv_engine.errors import ConvError
from conv_engine.plan import Plan2D

__all__ = ["toeplitz_matrix"]

# Numbers that a matrix may hold, some 500 MiB while it is made.
_MOST_ENTRIES = 10**7


def toeplitz_matrix(plan: Plan2D, bank: npt.ArrayLike, *, flip: bool = False) -> scipy.sparse.csr_array:
    """Write a convolution as a matrix: ``(matrix @ image.ravel()).reshape(plan.output_shape)`` are its maps.

    The bias is added afterwards. ``matrix.toarray()`` is the same matrix with all its zeros. Made of a bank that
    holds 1, 2, 3 … in place of its weights, the matrix tells which weight stands where.

    Parameters
    ----------
    plan : Plan2D
        What to write: sizes, stride, padding, dilation, groups and boundary.
    bank : array_like of shape (K, kh, kw, C / groups)
        The weights.
    flip : bool
        Whether to turn the kernels by 180° first.

    Returns
    -------
    scipy.sparse.csr_array of float64, shape (oh · ow · K, H · W · C)
        Row (row · ow + col) · K + f for each cell, column (row · W + col) · C + c for each pixel, as
        `numpy.ndarray.ravel` puts them. It stores one number for each pixel that a cell looks at, weights that are
        0 among them: kh · kw · C / groups in a row, fewer where zeros of the padding are under the kernel. Pixels
        that a window meets more than once, as copies in the padding, hold the sum of their weights.

    Raises
    ------
    ConvError
        If the bank is not that of the plan, is not finite, or the matrix would store more than ten million
        numbers.

    References
    ----------
    I. Goodfellow, Y. Bengio and A. Courville, "Deep Learning", MIT Press 2016, section 9.1.

    Examples
    --------
    >>> from conv_engine.plan import plan2d
    >>> toeplitz_matrix(plan2d((1, 4, 1), (1, 1, 2, 1)), [[[[-1], [5]]]]).toarray()
    array([[-1.,  5.,  0.,  0.],
           [ 0., -1.,  5.,  0.],
           [ 0.,  0., -1.,  5.]])
    """
    kernels: Doubles = as_doubles(turned(check_bank(bank), check_flip(flip)))
    if kernels.shape != plan.bank_shape:
        raise ConvError(
            f"bank must have shape (K, kh, kw, C / groups) = {plan.bank_shape}, as planned, got {kernels.shape}"
        )
    (height, width, channels), (out_rows, out_cols, features) = plan.image_shape, plan.output_shape
    entries = out_rows * out_cols * kernels.size
    if entries > _MOST_ENTRIES:
        raise ConvError(
            f"plan must be small enough for its matrix to hold at most {_MOST_ENTRIES} numbers, got {entries} "
            f"({out_rows * out_cols} windows, {kernels.size} weights)"
        )
    # One entry for each (cell row, cell column, feature, tap row, tap column, channel of the group), in this
    # order.
    cell_rows, cell_cols, feature, tap_rows, tap_cols, channel = np.ix_(
        *(np.arange(length) for length in (out_rows, out_cols, *kernels.shape))
    )
    pixel_rows = plan.row_sources[cell_rows, tap_rows]
    pixel_cols = plan.col_sources[cell_cols, tap_cols]
    image_channel = feature // (features // plan.spec.groups) * kernels.shape[3] + channel
    cells = (cell_rows * out_cols + cell_cols) * features + feature
    pixels = (pixel_rows * width + pixel_cols) * channels + image_channel
    is_pixel = (pixel_rows >= 0) & (pixel_cols >= 0)  # no zero of the padding
    shape = (out_rows, out_cols, *kernels.shape)
    used = np.broadcast_to(is_pixel, shape)
    values, at_cells, at_pixels = (np.broadcast_to(array, shape)[used] for array in (kernels, cells, pixels))
    matrix = scipy.sparse.coo_array(
        (values, (at_cells, at_pixels)), shape=(out_rows * out_cols * features, height * width * channels)
    )
    return matrix.tocsr()  # adds up what meets the same pixel
