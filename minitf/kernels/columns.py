"""Faster sums, means and variances over all axes but the last ones, compiled by numba.

They are what the gradient of a bias and batch normalization are made of. A block of rows that fits
into the cache is read once: its mean first, then its squared distances from that. What the blocks
found is put together in float64 (Chan, Golub and LeVeque, "Updating formulae and a pairwise
algorithm for computing sample variances", 1979), so the results are more exact than those of one
running sum, and do not depend on the number of threads.
"""

from __future__ import annotations

import math
from types import ModuleType
from typing import Any

import numpy as np

from minitf.kernels import rows
from minitf.kernels.attaching import by_numpy
from minitf.kernels.fused import can_compile
from minitf.kernels.threads import share
from minitf.ops import broadcasting, norm, reduction

ENOUGH = 2**17  # numbers in all: NumPy sums up fewer before a kernel is loaded
WIDTHS = range(8, 2**12)  # of rows: shorter and longer ones are left to NumPy
BLOCK = 2**13  # numbers that stay in the first cache
PART = 2**20  # numbers of one part of the work; see `minitf.kernels.threads`


def _loops(x: Any, width: int) -> ModuleType | None:
    """Return the compiled loops, if they pay."""
    pays = x.size >= ENOUGH and width in WIDTHS and x.dtype == np.float32
    if not (pays and can_compile()):
        return None
    from minitf.kernels import column_loops  # imports numba

    return column_loops


def _matrix(x: Any, width: int) -> tuple[Any, int, int]:
    """Return an array as rows of that width, the rows of a block, and the number of blocks."""
    matrix = np.ascontiguousarray(x).reshape(-1, width)
    each = max(64, BLOCK // width)
    return matrix, each, -(-len(matrix) // each)


def _run(loop: Any, matrix: Any, each: int, *found: Any) -> None:
    blocks = len(found[0])
    some = max(1, PART // (each * matrix.shape[1]))

    def run(i: int) -> None:
        loop(i * some, min((i + 1) * some, blocks), matrix, each, *found)

    share(run, -(-blocks // some))


def _sums(loops: ModuleType, x: Any, width: int) -> Any:
    matrix, each, blocks = _matrix(x, width)
    totals = np.empty((blocks, width), np.float32)
    _run(loops.sums, matrix, each, totals)
    return totals.sum(0, dtype=np.float64).astype(np.float32)


def _moments(loops: ModuleType, x: Any, width: int) -> tuple[Any, Any]:
    matrix, each, blocks = _matrix(x, width)
    means, squares = np.empty((2, blocks, width), np.float32)
    _run(loops.moments, matrix, each, means, squares)
    counts = np.full((blocks, 1), each, np.float64)
    counts[-1] -= blocks * each - len(matrix)
    mean = (counts * means).sum(0) / len(matrix)
    square = squares.sum(0, dtype=np.float64) + (counts * (means - mean) ** 2).sum(0)
    return mean.astype(np.float32), (square / len(matrix)).astype(np.float32)


def _width(x: Any, axes: Any) -> int:
    """Return the size of the rows that are left when the first axes are summed over, else 0."""
    if axes is None:
        return 0
    listed = sorted(a % x.ndim for a in np.atleast_1d(axes))
    return math.prod(x.shape[len(listed) :]) if listed == list(range(len(listed))) else 0


def _kept(x: Any, width: int, found: Any, axes: Any, keepdims: bool) -> Any:
    """Return a row of results in the shape that NumPy would give it."""
    count = np.size(axes)
    return found.reshape((1,) * (count if keepdims else 0) + x.shape[count:])


@broadcasting.sum_to_shape.kernel("numba")
def _(input, like):
    shape = np.shape(like)
    width = math.prod(shape)
    row = shape[len(shape) - input.ndim :] if len(shape) > input.ndim else shape
    while row and row[0] == 1:
        row = row[1:]
    loops = _loops(input, width) if row == input.shape[input.ndim - len(row) :] else None
    if loops is None:
        return by_numpy(broadcasting.sum_to_shape, input, like)
    return _sums(loops, input, width).reshape(shape)


@reduction.reduce_sum.kernel("numba")
def _(x, *, axis, keepdims):
    width = _width(x, axis)
    loops = _loops(x, width)
    if loops is None:
        return by_numpy(reduction.reduce_sum, x, axis=axis, keepdims=keepdims)
    return _kept(x, width, _sums(loops, x, width), axis, keepdims)


@norm.moments.kernel("numba")
def _(x, *, axes, shift, keepdims):
    found = rows.moments(x) if axes in (-1, x.ndim - 1, (-1,), (x.ndim - 1,)) else None
    if found is not None:
        return tuple(f[..., None] if keepdims else f for f in found)
    width = _width(x, axes)
    loops = _loops(x, width)
    if loops is None:
        return by_numpy(norm.moments, x, axes=axes, shift=shift, keepdims=keepdims)
    return tuple(_kept(x, width, f, axes, keepdims) for f in _moments(loops, x, width))
