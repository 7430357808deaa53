"""Pooling as loops over images of float32; see `minitf.kernels.pooling`.

Arrays are (images, rows, columns, channels). `how` holds, for rows and columns, (window, stride,
dilation, zeros before). The innermost loops go over the channels of one pixel, an array from 0 on:
in that form the compiler finds the vector instructions.
"""

from __future__ import annotations

import numba
from numpy import float32, inf

COMPILE = numba.njit(error_model="numpy", nogil=True, cache=True, no_cfunc_wrapper=True)
ZERO, LOWEST = float32(0), float32(-inf)


@COMPILE
def largest(first, last, x, y, how):  # type: ignore[no-untyped-def]
    """Write the largest element of each window; NaN is larger than everything."""
    (window, stride, gap, before), (window_2, stride_2, gap_2, before_2) = how
    for n in range(first, last):
        for i in range(y.shape[1]):
            for j in range(y.shape[2]):
                best = y[n, i, j]
                for c in range(len(best)):
                    best[c] = LOWEST
                for r in range(window):
                    row = i * stride + r * gap - before
                    for s in range(window_2):
                        column = j * stride_2 + s * gap_2 - before_2
                        if 0 <= row < x.shape[1] and 0 <= column < x.shape[2]:
                            pixel = x[n, row, column]
                            for c in range(len(best)):
                                a, b = pixel[c], best[c]
                                best[c] = a if (a > b) | (a != a) else b


@COMPILE
def give_to_largest(first, last, x, y, dy, dx, rest, how):  # type: ignore[no-untyped-def]
    """Add the dy of each window to the first of its largest elements; `rest` is what is left.

    Windows are taken from the last to the first, for an element meets then its place in them in the
    order in which the NumPy kernel adds.
    """
    (window, stride, gap, before), (window_2, stride_2, gap_2, before_2) = how
    for n in range(first, last):
        dx[n] = ZERO
        for i in range(y.shape[1] - 1, -1, -1):
            for j in range(y.shape[2] - 1, -1, -1):
                best, given = y[n, i, j], dy[n, i, j]
                for c in range(len(best)):
                    rest[c] = given[c]
                for r in range(window):
                    row = i * stride + r * gap - before
                    for s in range(window_2):
                        column = j * stride_2 + s * gap_2 - before_2
                        if 0 <= row < x.shape[1] and 0 <= column < x.shape[2]:
                            pixel, into = x[n, row, column], dx[n, row, column]
                            for c in range(len(best)):
                                left, hit = rest[c], pixel[c] == best[c]
                                into[c] += left if hit else ZERO
                                rest[c] = ZERO if hit else left


@COMPILE
def average(first, last, x, y, shares, how):  # type: ignore[no-untyped-def]
    """Write the sum of each window times its share, 1 / the number of elements."""
    (window, stride, gap, before), (window_2, stride_2, gap_2, before_2) = how
    for n in range(first, last):
        for i in range(y.shape[1]):
            for j in range(y.shape[2]):
                total = y[n, i, j]
                for c in range(len(total)):
                    total[c] = ZERO
                for r in range(window):
                    row = i * stride + r * gap - before
                    for s in range(window_2):
                        column = j * stride_2 + s * gap_2 - before_2
                        if 0 <= row < x.shape[1] and 0 <= column < x.shape[2]:
                            pixel = x[n, row, column]
                            for c in range(len(total)):
                                total[c] += pixel[c]
                for c in range(len(total)):
                    total[c] *= shares[i, j]


@COMPILE
def give_to_all(first, last, dy, dx, shares, how):  # type: ignore[no-untyped-def]
    """Add to each element of a window its share of the dy; in which order: see above."""
    (window, stride, gap, before), (window_2, stride_2, gap_2, before_2) = how
    for n in range(first, last):
        dx[n] = ZERO
        for i in range(dy.shape[1] - 1, -1, -1):
            for j in range(dy.shape[2] - 1, -1, -1):
                given, share = dy[n, i, j], shares[i, j]
                for r in range(window):
                    row = i * stride + r * gap - before
                    for s in range(window_2):
                        column = j * stride_2 + s * gap_2 - before_2
                        if 0 <= row < dx.shape[1] and 0 <= column < dx.shape[2]:
                            into = dx[n, row, column]
                            for c in range(len(given)):
                                into[c] += given[c] * share
