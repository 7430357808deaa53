"""Sums over the rows of a matrix of float32, for each column; see `minitf.kernels.columns`.

The rows are taken in blocks of `each`, and every block has a row of its own in the results. The
inner loops go along one row, in which form the compiler finds the vector instructions.
"""

from __future__ import annotations

import numba
from numpy import float32

COMPILE = numba.njit(error_model="numpy", nogil=True, cache=True, no_cfunc_wrapper=True)
ZERO, ONE = float32(0), float32(1)


@COMPILE
def sums(first, last, x, each, totals):  # type: ignore[no-untyped-def]
    """Write the sums of some blocks."""
    for block in range(first, last):
        total = totals[block]
        for c in range(len(total)):
            total[c] = ZERO
        begin, end = block * each, min((block + 1) * each, len(x))
        fours = end - (end - begin) % 4
        for i in range(begin, fours, 4):  # the totals are read and written once for four rows
            a, b, d, e = x[i], x[i + 1], x[i + 2], x[i + 3]
            for c in range(len(total)):
                total[c] += (a[c] + b[c]) + (d[c] + e[c])
        for i in range(fours, end):
            row = x[i]
            for c in range(len(total)):
                total[c] += row[c]


@COMPILE
def moments(first, last, x, each, means, squares):  # type: ignore[no-untyped-def]
    """Write the means of some blocks, and the sums of the squared distances from these."""
    for block in range(first, last):
        mean, square = means[block], squares[block]
        begin, end = block * each, min((block + 1) * each, len(x))
        share = ONE / float32(end - begin)
        for c in range(len(mean)):
            mean[c] = square[c] = ZERO
        for i in range(begin, end):
            row = x[i]
            for c in range(len(mean)):
                mean[c] += row[c]
        for c in range(len(mean)):
            mean[c] *= share
        for i in range(begin, end):
            row = x[i]
            for c in range(len(mean)):
                distance = row[c] - mean[c]
                square[c] += distance * distance
