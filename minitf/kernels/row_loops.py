"""Softmax, means and variances of the rows of a matrix of float32; see `minitf.kernels.rows`.

A sum may be taken in another order than one by one, and so by vector instructions. A row that holds
NaN gives NaN everywhere, whatever its largest number is said to be.
"""

from __future__ import annotations

import numba
from numpy import float32

from minitf.kernels.exponential import COMPILE, ONE, ZERO, exp

SUM = numba.njit(error_model="numpy", nogil=True, cache=True, fastmath={"contract", "reassoc"})
MAXIMUM = numba.njit(error_model="numpy", nogil=True, cache=True, fastmath={"nnan", "nsz"})
LOWEST = float32("-inf")


@MAXIMUM
def largest(row):  # type: ignore[no-untyped-def]
    """Return the largest number of a row."""
    found = LOWEST
    for c in range(len(row)):
        found = row[c] if row[c] > found else found
    return found


@SUM
def total(row):  # type: ignore[no-untyped-def]
    """Return the sum of a row."""
    found = ZERO
    for c in range(len(row)):
        found += row[c]
    return found


@SUM
def inner(row, other):  # type: ignore[no-untyped-def]
    """Return the inner product of two rows."""
    found = ZERO
    for c in range(len(row)):
        found += row[c] * other[c]
    return found


@COMPILE
def softmax(x, y, highest, totals):  # type: ignore[no-untyped-def]
    """Write the softmax of each row, what was subtracted before exp, and by what was divided."""
    for i in range(len(x)):
        row, out = x[i], y[i]
        highest[i] = most = largest(row)
        for c in range(len(row)):
            out[c] = exp(row[c] - most)
        totals[i] = total(out)
        share = ONE / totals[i]
        for c in range(len(row)):
            out[c] *= share


@COMPILE
def softmax_grad(dy, y, out):  # type: ignore[no-untyped-def]
    """Write y (dy - sum(dy y)) for each row."""
    for i in range(len(y)):
        slopes, shares, row = dy[i], y[i], out[i]
        mean = inner(slopes, shares)
        for c in range(len(row)):
            row[c] = shares[c] * (slopes[c] - mean)


@SUM
def squared_distance(row, point):  # type: ignore[no-untyped-def]
    """Return the sum of the squared distances from a number."""
    found = ZERO
    for c in range(len(row)):
        found += (row[c] - point) * (row[c] - point)
    return found


@COMPILE
def moments(x, means, variances):  # type: ignore[no-untyped-def]
    """Write the mean and the variance of each row."""
    share = ONE / float32(x.shape[1])
    for i in range(len(x)):
        means[i] = mean = total(x[i]) * share
        variances[i] = squared_distance(x[i], mean) * share
