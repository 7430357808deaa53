"""Faster softmax, cross-entropy, means and variances of rows, compiled by numba.

A row, the last axis of a large array of float32, stays in the cache from its maximum to its last
division, where NumPy goes over the whole array for each step of a formula.
"""

from __future__ import annotations

from types import ModuleType
from typing import Any

import numpy as np

from minitf.kernels.attaching import by_numpy, room
from minitf.kernels.fused import can_compile
from minitf.kernels.threads import share
from minitf.ops import cross_entropy, softmax

ENOUGH = 2**17  # numbers in all: for fewer, NumPy is done before a kernel is loaded
PART = 2**17  # numbers of one part of the work, where exp is taken; see `minitf.kernels.threads`
LONG_PART = 2**20  # where only products and sums are


def _loops(x: Any, axis: int = -1) -> ModuleType | None:
    """Return the compiled loops, if they pay."""
    last = axis in (-1, x.ndim - 1)
    if not (last and x.size >= ENOUGH and x.dtype == np.float32 and can_compile()):
        return None
    from minitf.kernels import row_loops  # imports numba

    return row_loops


def as_rows(array: Any) -> Any:
    """Return an array as a matrix whose rows are its last axis."""
    return np.ascontiguousarray(array).reshape(-1, array.shape[-1])


def _by_parts(loop: Any, part: int, *arrays: Any) -> None:
    """Call a loop on so many numbers of each array at a time, in whole rows."""
    count, width = arrays[0].shape
    some = max(1, part // width)

    def run(i: int) -> None:
        loop(*[a[i * some : (i + 1) * some] for a in arrays])

    share(run, -(-count // some))


@softmax.softmax_.kernel("numba")
def _(x, *, axis, out=None):
    loops = _loops(x, axis)
    if loops is None:
        return by_numpy(softmax.softmax_, x, axis=axis)
    out, rows = room(out, x.shape), as_rows(x)
    _by_parts(loops.softmax, PART, rows, as_rows(out), *np.empty((2, len(rows)), np.float32))
    return out


@softmax.softmax_grad.kernel("numba")
def _(dy, y, *, axis, out=None):
    loops = _loops(y, axis) if dy.dtype == y.dtype and dy.shape == y.shape else None
    if loops is None:
        return by_numpy(softmax.softmax_grad, dy, y, axis=axis)
    out = room(out, y.shape)
    _by_parts(loops.softmax_grad, LONG_PART, as_rows(dy), as_rows(y), as_rows(out))
    return out


@cross_entropy.sparse_softmax_cross_entropy.kernel("numba")
def _(labels, logits, *, homes=None):
    loops = _loops(logits)
    if loops is None:
        return by_numpy(cross_entropy.sparse_softmax_cross_entropy, labels, logits)
    cross_entropy.check_labels(labels, logits.shape[-1])
    find = homes[1] if homes and homes[1] else np.empty
    rows, slope = as_rows(logits), find(logits.shape, np.float32)
    flat = slope.reshape(rows.shape)
    highest, totals = np.empty((2, len(rows)), np.float32)
    _by_parts(loops.softmax, PART, rows, flat, highest, totals)
    true = np.arange(len(rows)), labels.reshape(-1)
    loss = np.log(totals) - (rows[true] - highest)
    flat[true] -= 1
    return loss.reshape(labels.shape), slope


def moments(x: Any) -> tuple[Any, Any] | None:
    """Return the means and variances over the last axis, if the loops pay."""
    loops = _loops(x)
    if loops is None:
        return None
    rows = as_rows(x)
    means, variances = np.empty((2, len(rows)), np.float32)
    _by_parts(loops.moments, LONG_PART, rows, means, variances)
    return means.reshape(x.shape[:-1]), variances.reshape(x.shape[:-1])
