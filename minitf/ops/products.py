"""Products of matrices and vectors, as TensorFlow names them."""

from __future__ import annotations

from typing import Any

from minitf.errors import InvalidArgumentError, ShapeError
from minitf.graph.convert import as_tensor
from minitf.graph.op import Tensor
from minitf.ops import linalg
from minitf.ops.array import expand_dims, squeeze, transpose
from minitf.ops.composed import composed
from minitf.ops.math import subtract
from minitf.ops.rearrange import roll


@composed
def matrix_transpose(a: Any, name: str | None = None, conjugate: bool = False) -> Tensor:
    """Swap the last two axes.

    Parameters
    ----------
    a : Tensor
        Shape (..., n, m).
    conjugate : bool
        Of complex numbers, take the conjugates as well.

    Returns
    -------
    Tensor
        Shape (..., m, n).

    Examples
    --------
    >>> import minitf as tf
    >>> tf.linalg.matrix_transpose(tf.zeros([5, 2, 3])).shape
    (5, 3, 2)
    """
    a = as_tensor(a)
    rank = len(a.shape)
    if rank < 2:
        raise ShapeError(f"a matrix has two axes or more, got shape {a.shape}")
    return transpose(a, [*range(rank - 2), rank - 1, rank - 2], conjugate, name=name)


def adjoint(matrix: Any, name: str | None = None) -> Tensor:
    """Swap the last two axes and take conjugates, which real numbers are themselves.

    Parameters
    ----------
    matrix : Tensor
        Shape (..., n, m).

    Returns
    -------
    Tensor
        Shape (..., m, n).

    Examples
    --------
    >>> import minitf as tf
    >>> tf.linalg.adjoint([[1.0, 2.0]]).numpy().tolist()
    [[1.0], [2.0]]
    """
    return matrix_transpose(matrix, name=name, conjugate=True)


def matmul(
    a: Any,
    b: Any,
    transpose_a: bool = False,
    transpose_b: bool = False,
    adjoint_a: bool = False,
    adjoint_b: bool = False,
    name: str | None = None,
) -> Tensor:
    """Matrix product of the last two axes; the axes before them broadcast.

    Parameters
    ----------
    a : Tensor
        Shape (..., n, k), or (..., k, n) with `transpose_a` or `adjoint_a`.
    b : Tensor
        Shape (..., k, m), or (..., m, k) with `transpose_b` or `adjoint_b`.
    transpose_a, transpose_b : bool
        Swap the last two axes before multiplying; nothing is copied for it.
    adjoint_a, adjoint_b : bool
        Swap them and take conjugates.

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
    if adjoint_a or adjoint_b:
        a, transpose_a = _adjoined(a, transpose_a, adjoint_a)
        b, transpose_b = _adjoined(b, transpose_b, adjoint_b)
    return linalg.matmul(a, b, transpose_a, transpose_b, name=name)


@composed
def _adjoined(x: Any, transposed: bool, adjoined: bool) -> tuple[Any, bool]:
    """Return a factor and whether to transpose it, which is all that real numbers need."""
    if transposed and adjoined:
        raise InvalidArgumentError("a factor is transposed or adjoined, not both")
    x = as_tensor(x)
    if adjoined and x.dtype.is_complex:
        return adjoint(x), False
    return x, transposed or adjoined


@composed
def matvec(
    a: Any,
    b: Any,
    transpose_a: bool = False,
    adjoint_a: bool = False,
    a_is_sparse: bool = False,
    b_is_sparse: bool = False,
    name: str | None = None,
) -> Tensor:
    """Product of matrices with vectors.

    Parameters
    ----------
    a : Tensor
        Shape (..., n, k), or (..., k, n) with `transpose_a` or `adjoint_a`.
    b : Tensor
        Shape (..., k).
    transpose_a, adjoint_a : bool
        As in `matmul`.
    a_is_sparse, b_is_sparse : bool
        Accepted for compatibility.

    Returns
    -------
    Tensor
        Shape (..., n).

    Examples
    --------
    >>> import minitf as tf
    >>> tf.linalg.matvec([[1.0, 2.0], [3.0, 4.0]], [1.0, 1.0]).numpy().tolist()
    [3.0, 7.0]
    """
    a = as_tensor(a)
    column = expand_dims(as_tensor(b, hint=a.dtype), -1)
    return squeeze(matmul(a, column, transpose_a, adjoint_a=adjoint_a), -1, name=name)


@composed
def cross(a: Any, b: Any, name: str | None = None) -> Tensor:
    """Product of vectors in space that stands upright on both.

    Parameters
    ----------
    a, b : Tensor
        Shape (..., 3).

    Returns
    -------
    Tensor
        Shape (..., 3).

    Examples
    --------
    >>> import minitf as tf
    >>> tf.linalg.cross([1.0, 0.0, 0.0], [0.0, 1.0, 0.0]).numpy().tolist()
    [0.0, 0.0, 1.0]
    """
    a = as_tensor(a)
    b = as_tensor(b, hint=a.dtype)
    if a.shape[-1:] != (3,) or not a.shape.is_compatible_with(b.shape):
        raise ShapeError(f"both inputs have one shape (..., 3), got {a.shape} and {b.shape}")
    forward = roll(a, -1, -1) * roll(b, -2, -1)
    return subtract(forward, roll(a, -2, -1) * roll(b, -1, -1), name=name)
