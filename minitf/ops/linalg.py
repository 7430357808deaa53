"""The product of matrices: the op behind `@`, to which everything in `products` comes down."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from minitf import blas
from minitf.errors import ShapeError
from minitf.graph.op import Tensor, op
from minitf.graph.spec import TensorShape, TensorSpec, broadcast
from minitf.ops.array import reshape
from minitf.ops.broadcasting import unbroadcast


@op
def matmul(a: Tensor, b: Tensor, transpose_a: bool = False, transpose_b: bool = False):
    """Matrix product of the last two axes; the axes before them broadcast.

    Parameters
    ----------
    a : Tensor
        Shape (..., n, k), or (..., k, n) with `transpose_a`.
    b : Tensor
        Shape (..., k, m), or (..., m, k) with `transpose_b`.
    transpose_a, transpose_b : bool
        Swap the last two axes before multiplying; nothing is copied for it.

    Returns
    -------
    Tensor
        Shape (..., n, m): ``y[i, j] = sum_k a[i, k] * b[k, j]``.

    Raises
    ------
    ShapeError
        Where the inner dimensions differ or a tensor has fewer than two axes.

    Examples
    --------
    >>> import minitf as tf
    >>> tf.matmul([[1.0, 2.0]], [[3.0], [4.0]]).numpy().tolist()
    [[11.0]]
    """
    if len(a.shape) < 2 or len(b.shape) < 2:
        raise ShapeError(f"both inputs need two axes or more: {a.shape} @ {b.shape}")
    (n, k), (j, m) = _matrix(a, transpose_a), _matrix(b, transpose_b)
    if k is not None and j is not None and k != j:
        flags = f" (transpose_a={transpose_a}, transpose_b={transpose_b})"
        shown = flags if transpose_a or transpose_b else ""
        raise ShapeError(f"inner dimensions differ: {a.shape} @ {b.shape}{shown}")
    return TensorSpec(broadcast(a.shape[:-2], b.shape[:-2]) + (n, m), a.dtype)


def _matrix(x: TensorSpec, transpose: bool) -> TensorShape:
    return TensorShape(reversed(x.shape[-2:])) if transpose else x.shape[-2:]


@matmul.kernel("numpy")
def _(a, b, *, transpose_a, transpose_b, out=None):
    a = a.swapaxes(-1, -2) if transpose_a else a
    b = b.swapaxes(-1, -2) if transpose_b else b
    return multiply_matrices(a, b, out)


def multiply_matrices(a: Any, b: Any, out: Any = None) -> Any:
    """Return the product of arrays of matrices, written into `out` where that is possible."""
    if a.dtype == np.float16:  # BLAS has no half precision, and sums should have more
        return multiply_matrices(a.astype(np.float32), b.astype(np.float32)).astype(np.float16)
    if b.ndim == 2 < a.ndim and a.flags.c_contiguous:
        rows = a.reshape(math.prod(a.shape[:-1]), a.shape[-1])  # one large product, not many
        return blas.multiply(rows, b).reshape(*a.shape[:-1], b.shape[-1])
    return blas.multiply(a, b, out)


@matmul.gradient
def _(node, dy):
    a, b = node.inputs
    ta, tb = node["transpose_a"], node["transpose_b"]
    if len(b.shape) == 2 < len(a.shape) and not ta and None not in (a.shape[-1], dy.shape[-1]):
        return lambda: matmul(dy, b, False, not tb), lambda: _shared_gradient(a, dy, tb)

    def for_a():
        return unbroadcast(matmul(b, dy, tb, True) if ta else matmul(dy, b, False, not tb), a)

    def for_b():
        return unbroadcast(matmul(dy, a, True, ta) if tb else matmul(a, dy, not ta, False), b)

    return for_a, for_b  # each as costly as the product itself: computed if somebody wants it


def _shared_gradient(a: Any, dy: Any, transposed: bool) -> Any:
    """Return the gradient of one matrix that multiplied many, without making one for each."""
    a, dy = _as_rows(a), _as_rows(dy)
    return matmul(dy, a, True) if transposed else matmul(a, dy, True)


def _as_rows(x: Any) -> Any:
    count = x.shape[:-1].num_elements()
    return reshape(x, [-1 if count is None else count, x.shape[-1]])
