"""Inverses, determinants, and systems of linear equations.

For ``Y = inverse(A)``, ``dY = -Y dA Y``; for ``A X = B``, ``A dX = dB - dA X``; and
``d det(A) = det(A) trace(inverse(A) dA)``. The gradients below are these, read backwards.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from minitf.errors import ShapeError
from minitf.graph.op import FloatTensor, op
from minitf.graph.spec import Dim, TensorShape, TensorSpec, broadcast
from minitf.ops.array import expand_dims
from minitf.ops.broadcasting import unbroadcast
from minitf.ops.diagonal import band_part
from minitf.ops.linalg import matmul


def square(matrix: TensorSpec) -> Dim:
    """Return the size of square matrices, after checking that they are square."""
    shape = matrix.shape
    if len(shape) < 2 or not TensorShape(shape[-2:-1]).is_compatible_with(shape[-1:]):
        raise ShapeError(f"square matrices are needed, got shape {shape}")
    return shape[-1] if shape[-2] is None else shape[-2]


def transposed(array: Any) -> Any:
    """Return arrays of matrices with rows and columns swapped, conjugated where complex."""
    return np.conj(np.swapaxes(array, -1, -2))


# -- inverse and determinant ------------------------------------------------------------------


@op
def inv(input: FloatTensor, adjoint: bool = False):
    """Inverse of square matrices.

    Parameters
    ----------
    input : Tensor
        Shape (..., n, n).
    adjoint : bool
        Invert the adjoint (for real numbers: the transpose) instead.

    Returns
    -------
    Tensor
        Shape (..., n, n).

    Raises
    ------
    InvalidArgumentError
        Where a matrix has no inverse.

    Examples
    --------
    >>> import minitf as tf
    >>> tf.linalg.inv([[2.0, 0.0], [0.0, 4.0]]).numpy().tolist()
    [[0.5, 0.0], [0.0, 0.25]]
    """
    square(input)
    return input


@inv.kernel("numpy")
def _(input, *, adjoint):
    inverse = np.linalg.inv(input)
    return transposed(inverse) if adjoint else inverse


@inv.gradient
def _(node, dy):
    y = node.outputs[0]
    if node["adjoint"]:
        return -matmul(matmul(y, dy, False, True), y)
    return -matmul(matmul(y, dy, True, False), y, False, True)


@op
def det(input: FloatTensor):
    """Return the determinant of square matrices.

    Parameters
    ----------
    input : Tensor
        Shape (..., n, n).

    Returns
    -------
    Tensor
        Shape (...).

    Notes
    -----
    The gradient is computed with the inverse, so it exists only where the determinant is not 0.

    Examples
    --------
    >>> import minitf as tf
    >>> tf.linalg.det([[2.0, 0.0], [0.0, 4.0]]).numpy()
    np.float32(8.0)
    """
    square(input)
    return TensorSpec(input.shape[:-2], input.dtype)


@det.kernel("numpy")
def _(input):
    return np.linalg.det(input)


@det.gradient
def _(node, dy):
    return _as_matrix(dy * node.outputs[0]) * inv(node.inputs[0], adjoint=True)


def _as_matrix(x: Any) -> Any:
    return expand_dims(expand_dims(x, -1), -1)


@op
def slogdet(input: FloatTensor):
    """Sign and logarithm of the determinant, which itself may be too large for a float.

    Parameters
    ----------
    input : Tensor
        Shape (..., n, n).

    Returns
    -------
    sign : Tensor
        Shape (...): 1, -1, or 0.
    log_abs_determinant : Tensor
        Shape (...).

    Examples
    --------
    >>> import minitf as tf
    >>> sign, log = tf.linalg.slogdet([[-1.0, 0.0], [0.0, 1.0]])
    >>> float(sign), float(log)
    (-1.0, 0.0)
    """
    square(input)
    return [TensorSpec(input.shape[:-2], input.dtype)] * 2


@slogdet.kernel("numpy")
def _(input):
    return tuple(np.linalg.slogdet(input))


@slogdet.gradient
def _(node, _dsign, dlog):
    return _as_matrix(dlog) * inv(node.inputs[0], adjoint=True)


# -- systems of equations ---------------------------------------------------------------------


def _solution(matrix: TensorSpec, rhs: TensorSpec) -> TensorSpec:
    n = square(matrix)
    if len(rhs.shape) < 2 or not TensorShape([n]).is_compatible_with(rhs.shape[-2:-1]):
        raise ShapeError(f"a matrix of shape {matrix.shape} needs a right-hand side of {n} rows, "
                         f"got shape {rhs.shape}")  # fmt: skip
    return TensorSpec(broadcast(matrix.shape[:-2], rhs.shape[:-2]) + rhs.shape[-2:], rhs.dtype)


@op
def solve(matrix: FloatTensor, rhs: FloatTensor, adjoint: bool = False):
    """Solve ``matrix @ x = rhs`` for x.

    Parameters
    ----------
    matrix : Tensor
        Shape (..., n, n).
    rhs : Tensor
        Right-hand sides as columns, shape (..., n, k).
    adjoint : bool
        Solve with the adjoint (for real numbers: the transpose) of the matrix.

    Returns
    -------
    Tensor
        Shape (..., n, k).

    Raises
    ------
    InvalidArgumentError
        Where a matrix is singular.

    Examples
    --------
    >>> import minitf as tf
    >>> tf.linalg.solve([[2.0, 0.0], [0.0, 4.0]], [[2.0], [2.0]]).numpy().tolist()
    [[1.0], [0.5]]
    """
    return _solution(matrix, rhs)


@solve.kernel("numpy")
def _(matrix, rhs, *, adjoint):
    return np.linalg.solve(transposed(matrix) if adjoint else matrix, rhs)


@solve.gradient
def _(node, dy):
    matrix, rhs = node.inputs
    adjoint, x = node["adjoint"], node.outputs[0]
    drhs = solve(matrix, dy, not adjoint)
    return unbroadcast(_matrix_gradient(x, drhs, adjoint), matrix), unbroadcast(drhs, rhs)


def _matrix_gradient(x: Any, drhs: Any, adjoint: bool) -> Any:
    return -matmul(x, drhs, False, True) if adjoint else -matmul(drhs, x, False, True)


@op
def triangular_solve(matrix: FloatTensor, rhs: FloatTensor, lower: bool = True,
                     adjoint: bool = False):  # fmt: skip
    """Solve ``matrix @ x = rhs`` for x, where only one triangle of the matrix counts.

    Parameters
    ----------
    matrix : Tensor
        Shape (..., n, n).
    rhs : Tensor
        Right-hand sides as columns, shape (..., n, k).
    lower : bool
        Whether the lower or the upper triangle is read; the other is taken to be 0.
    adjoint : bool
        Solve with the adjoint (for real numbers: the transpose) of that triangle.

    Returns
    -------
    Tensor
        Shape (..., n, k).

    Examples
    --------
    >>> import minitf as tf
    >>> tf.linalg.triangular_solve([[2.0, 9.0], [2.0, 1.0]], [[2.0], [3.0]]).numpy().tolist()
    [[1.0], [1.0]]
    """
    return _solution(matrix, rhs)


@triangular_solve.kernel("numpy")
def _(matrix, rhs, *, lower, adjoint):
    triangle = np.tril(matrix) if lower else np.triu(matrix)
    return np.linalg.solve(transposed(triangle) if adjoint else triangle, rhs)


@triangular_solve.gradient
def _(node, dy):
    matrix, rhs = node.inputs
    lower, adjoint, x = node["lower"], node["adjoint"], node.outputs[0]
    drhs = triangular_solve(matrix, dy, lower, not adjoint)
    dmatrix = _matrix_gradient(x, drhs, adjoint)
    triangle = band_part(dmatrix, -1, 0) if lower else band_part(dmatrix, 0, -1)
    return unbroadcast(triangle, matrix), unbroadcast(drhs, rhs)
