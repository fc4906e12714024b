"""Kernels of low rank: a few one-dimensional kernels in place of a two-dimensional one.

A kernel of kh × kw weights is a matrix, and a matrix of rank r is a sum of r products of a column and a row. So
one may convolve the rows with r short kernels and then the columns of what comes out with r others: r · (kw + kh)
products for each cell in place of kh · kw. A Gaussian and a box have rank 1, a Laplacian of Gaussian has 2.


The singular value decomposition finds them, but takes as long as many a convolution. Elimination finds them for
the few ranks that are of use, and gives up after so many steps: the largest number that is left, its row and its
column make the next product, and what that explains is taken away.

Source: S. Treitel and J. L. Shanks, "The Design of Multistage Separable Planar Filters", IEEE Transactions on
Geoscience Electronics 9(1), 1971 (kernels as sums of products); A. Townsend and L. N. Trefethen, "Gaussian
Elimination as an Iterative Algorithm", SIAM News 46(2), 2013 (low rank by complete pivoting).
"""

from dataclasses import dataclass

import numpy as np

from conv_engine.arrays import Doubles

__all__ = ["Factors", "factors"]

# What is left below this share of the largest weight is the rounding errors of the weights.
_NEGLIGIBLE = 1e-12


@dataclass(frozen=True, eq=False)
class Factors:
    """The one-dimensional kernels of a layer.

    Attributes
    ----------
    rows : ndarray of float64, shape (K, r, kw, C / groups)
        What the rows of the image are convolved with: r kernels for each feature, over all its channels.
    columns : ndarray of float64, shape (K, kh, r)
        What the columns of that are convolved with, and summed over r.
    divisor : int
        What the products of columns and rows are to be divided by.
    are_whole : bool
        Whether both hold whole numbers, so that whole pixels give exact sums.
    """

    rows: Doubles
    columns: Doubles
    divisor: int
    are_whole: bool

    @property
    def rank(self) -> int:
        """The one-dimensional kernels r that each feature has."""
        return int(self.rows.shape[1])

    @property
    def products(self) -> int:
        """The products for one cell: r · (kw · C / groups + kh)."""
        return int(self.rank * (self.rows.shape[2] * self.rows.shape[3] + self.columns.shape[1]))


def factors(weights: Doubles, denominator: int | None = None, *, most: int = 3) -> Factors | None:
    """Take kernels apart, each as a matrix of kh rows and kw · C / groups columns.

    Parameters
    ----------
    weights : ndarray of float64, shape (K, kh, kw, C / groups)
        The kernels.
    denominator : int, optional
        A number that makes all the weights whole. Factors are then whole, too, if that is possible.
    most : int
        The largest rank that is of use, at least 1.

    Returns
    -------
    Factors or None
        Of the largest rank that any of the kernels has; None if that is more than `most`.
    """
    features, height, width, channels = weights.shape
    matrices = weights.reshape(features, height, -1)
    found = [_eliminate(matrices[0], most)]
    for matrix in matrices[1:]:
        if found[-1] is None:
            return None
        found.append(_eliminate(matrix, most))
    parts = [part for part in found if part is not None]
    if len(parts) < features:
        return None
    rank = max(max(len(part) for part in parts), 1)
    rows = np.zeros((features, rank, width * channels))
    columns = np.zeros((features, height, rank))
    for feature, part in enumerate(parts):
        for number, (column, row) in enumerate(part):
            columns[feature, :, number], rows[feature, number] = column, row
    divisor, are_whole = 1, False
    if rank == 1 and denominator is not None:
        whole = _whole(np.rint(matrices * denominator))
        if whole is not None:
            columns, rows = whole[0][:, :, np.newaxis], whole[1][:, np.newaxis]
            divisor, are_whole = denominator, True
    return Factors(rows.reshape(features, rank, width, channels), columns, divisor, are_whole)


def _eliminate(matrix: Doubles, most: int) -> list[tuple[Doubles, Doubles]] | None:
    """Return columns and rows whose products add up to the matrix, None if they are more than `most`."""
    left, found = matrix.copy(), list[tuple[Doubles, Doubles]]()
    negligible = _NEGLIGIBLE * float(np.abs(matrix).max())
    while True:
        row, col = divmod(int(np.abs(left).argmax()), matrix.shape[1])
        pivot = left[row, col]
        if abs(pivot) <= negligible:
            return found
        if len(found) == most:
            return None
        # Shared evenly, so that neither factor is large where the other is small.
        root = np.sqrt(abs(pivot))
        found.append((left[:, col] / root, left[row] * (root / pivot)))
        left -= np.outer(*found[-1])


def _whole(matrices: Doubles) -> tuple[Doubles, Doubles] | None:
    """Return whole columns (K, kh) and rows (K, kw · C) whose products the whole matrices are, or None."""
    columns, rows = np.zeros(matrices.shape[:2]), np.zeros(matrices.shape[::2])
    for feature, matrix in enumerate(matrices):
        used = np.flatnonzero(matrix.any(axis=1))
        if used.size == 0:
            continue
        row = matrix[used[0]] / float(np.gcd.reduce(matrix[used[0]].astype(np.int64)))
        at = int(np.abs(row).argmax())
        column = matrix[:, at] / row[at]
        if not np.array_equal(np.outer(column, row), matrix) or (column != np.rint(column)).any():
            return None
        columns[feature], rows[feature] = column, row
    return columns, rows
