"""What decompositions are good for: least squares, pseudo-inverses, log-determinants."""

from __future__ import annotations

from typing import Any

import numpy as np

from minitf.errors import ShapeError
from minitf.graph.convert import as_tensor
from minitf.graph.op import Tensor
from minitf.ops.array import expand_dims
from minitf.ops.composed import composed
from minitf.ops.decompose import cholesky, svd
from minitf.ops.diagonal import diag_part
from minitf.ops.division import divide_no_nan
from minitf.ops.exponential import log
from minitf.ops.filling import eye
from minitf.ops.linalg import matmul
from minitf.ops.math import cast
from minitf.ops.reduction import reduce_max, reduce_sum
from minitf.ops.solve import triangular_solve
from minitf.ops.source import ones_like


@composed
def cholesky_solve(chol: Any, rhs: Any, name: str | None = None) -> Tensor:
    """Solve ``A @ x = rhs`` for x, given the Cholesky factor of A.

    Parameters
    ----------
    chol : Tensor
        Lower triangles L with ``A = L @ transpose(L)``, shape (..., n, n).
    rhs : Tensor
        Right-hand sides as columns, shape (..., n, k).

    Returns
    -------
    Tensor
        Shape (..., n, k).

    Examples
    --------
    >>> import minitf as tf
    >>> tf.linalg.cholesky_solve([[2.0, 0.0], [0.0, 1.0]], [[8.0], [3.0]]).numpy().tolist()
    [[2.0], [3.0]]
    """
    return triangular_solve(chol, triangular_solve(chol, rhs), adjoint=True, name=name)


@composed
def logdet(matrix: Any, name: str | None = None) -> Tensor:
    """Logarithm of the determinant of symmetric, positive definite matrices.

    Parameters
    ----------
    matrix : Tensor
        Shape (..., n, n).

    Returns
    -------
    Tensor
        Shape (...).

    Examples
    --------
    >>> import minitf as tf
    >>> tf.linalg.logdet([[1.0, 0.0], [0.0, 1.0]]).numpy()
    np.float32(0.0)
    """
    return reduce_sum(2.0 * log(diag_part(cholesky(matrix))), -1, name=name)


@composed
def pinv(a: Any, rcond: Any = None, validate_args: bool = False, name: str | None = None) -> Tensor:
    """Pseudo-inverse: the matrix that solves least squares.

    Parameters
    ----------
    a : Tensor
        Shape (..., n, m).
    rcond : float, optional
        Singular values below this part of the largest count as 0; by default ten times the
        precision of the dtype times the larger of n and m.
    validate_args : bool
        Accepted for compatibility.

    Returns
    -------
    Tensor
        Shape (..., m, n).

    Examples
    --------
    >>> import minitf as tf
    >>> tf.linalg.pinv([[2.0, 0.0], [0.0, 0.0]]).numpy().tolist()
    [[0.5, 0.0], [0.0, 0.0]]
    """
    a = as_tensor(a)
    s, u, v = svd(a)
    if rcond is None:
        if None in a.shape[-2:]:
            raise ShapeError(f"the sides of {a.shape} are not known; pass rcond")
        rcond = 10.0 * max(a.shape[-2:]) * float(np.finfo(a.dtype.numpy).eps)
    kept = s * cast(s > rcond * reduce_max(s, -1, keepdims=True), s.dtype)
    inverse = expand_dims(divide_no_nan(ones_like(s), kept), -2)
    return matmul(v * inverse, u, False, True, name=name)


@composed
def lstsq(
    matrix: Any, rhs: Any, l2_regularizer: float = 0.0, fast: bool = True, name: str | None = None
) -> Tensor:
    """Solve ``matrix @ x = rhs`` as well as possible: least squares.

    Parameters
    ----------
    matrix : Tensor
        Shape (..., n, m).
    rhs : Tensor
        Right-hand sides as columns, shape (..., n, k).
    l2_regularizer : float
        Weight of ``sum(x * x)``, which is minimized, too (with `fast` alone).
    fast : bool
        Solve the normal equations by Cholesky, which squares the condition of the problem; else
        use the pseudo-inverse, which also serves matrices without full rank.

    Returns
    -------
    Tensor
        Shape (..., m, k).

    Notes
    -----
    For n >= m, ``(A' A + l2 I) x = A' rhs``; else ``x = A' (A A' + l2 I)^-1 rhs``.

    Examples
    --------
    >>> import minitf as tf
    >>> tf.linalg.lstsq([[1.0], [1.0]], [[1.0], [3.0]]).numpy().tolist()
    [[2.0]]
    """
    matrix = as_tensor(matrix)
    rhs = as_tensor(rhs, hint=matrix.dtype)
    if None in matrix.shape[-2:]:
        raise ShapeError(f"the sides of the matrices must be known, got shape {matrix.shape}")
    if not fast:
        return matmul(pinv(matrix), rhs, name=name)
    rows, columns = matrix.shape[-2:]
    tall = rows >= columns
    gram = matmul(matrix, matrix, tall, not tall)
    gram += eye(min(rows, columns), dtype=matrix.dtype) * l2_regularizer
    factor = cholesky(gram)
    if tall:
        return cholesky_solve(factor, matmul(matrix, rhs, True), name=name)
    return matmul(matrix, cholesky_solve(factor, rhs), True, name=name)
