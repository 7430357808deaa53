"""Matrices as products of simpler ones: Cholesky, QR, singular values, eigenvalues.

How such factors change with the matrix: M. Giles, "Collected matrix derivative results for forward
and reverse mode algorithmic differentiation" (2008); I. Murray, "Differentiation of the Cholesky
decomposition", arXiv:1602.07527; J. Townsend, "Differentiating the singular value decomposition"
(2016). Where two singular values or two eigenvalues are equal, their vectors are not determined and
have no derivative; what would be divided by 0 is left out there.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from minitf.errors import InvalidArgumentError, ShapeError, UnimplementedError
from minitf.graph.convert import as_tensor
from minitf.graph.op import FloatTensor, Tensor, op
from minitf.graph.spec import Dim, TensorSpec
from minitf.ops.array import concat, expand_dims, known_size
from minitf.ops.composed import composed
from minitf.ops.diagonal import band_part, diag, diag_part, set_diag
from minitf.ops.division import divide_no_nan
from minitf.ops.linalg import matmul
from minitf.ops.products import matrix_transpose
from minitf.ops.solve import square, transposed, triangular_solve
from minitf.ops.source import ones_like


def _last(x: Any) -> Any:
    """Return vectors as columns, to be multiplied with the rows of matrices."""
    return expand_dims(x, -1)


def _wide(x: Any) -> Any:
    """Return vectors as rows, to be multiplied with the columns of matrices."""
    return expand_dims(x, -2)


def _reciprocal(x: Any) -> Any:
    return divide_no_nan(ones_like(x), x)


# -- Cholesky ---------------------------------------------------------------------------------


@op
def cholesky(input: FloatTensor):
    """Write symmetric, positive definite matrices as ``L @ transpose(L)``, L lower triangular.

    Parameters
    ----------
    input : Tensor
        Shape (..., n, n), symmetric; of a matrix that is not quite so, the symmetric part counts.

    Returns
    -------
    Tensor
        L, of shape (..., n, n).

    Raises
    ------
    InvalidArgumentError
        Where a matrix is not symmetric, or not positive definite.

    Notes
    -----
    With ``P(X)`` the lower triangle of X, its diagonal halved, the gradient is the symmetric part
    of ``transpose(L)^-1 P(transpose(L) dL) L^-1``.

    Examples
    --------
    >>> import minitf as tf
    >>> tf.linalg.cholesky([[4.0, 2.0], [2.0, 5.0]]).numpy().tolist()
    [[2.0, 0.0], [1.0, 2.0]]
    """
    square(input)
    return input


@cholesky.kernel("numpy")
def _(input):
    mirrored = transposed(input)
    if not np.allclose(input, mirrored, rtol=1e-2, atol=1e-2 * np.abs(input).max(initial=0)):
        raise InvalidArgumentError("the matrix is not symmetric")
    return np.linalg.cholesky((input + mirrored) / 2)


@cholesky.gradient
def _(node, dy):
    factor = node.outputs[0]
    inner = band_part(matmul(factor, dy, True), -1, 0)
    inner = set_diag(inner, 0.5 * diag_part(inner))
    half = triangular_solve(factor, inner, True, True)
    found = matrix_transpose(triangular_solve(factor, matrix_transpose(half), True, True))
    return 0.5 * (found + matrix_transpose(found))


# -- QR ---------------------------------------------------------------------------------------


@op
def qr(input: FloatTensor, full_matrices: bool = False):
    """Write matrices as ``q @ r``: orthonormal columns times an upper triangle.

    Parameters
    ----------
    input : Tensor
        Shape (..., n, m); k is the smaller of n and m.
    full_matrices : bool
        Make q square.

    Returns
    -------
    q : Tensor
        Shape (..., n, k), or (..., n, n) for full matrices.
    r : Tensor
        Shape (..., k, m), or (..., n, m).

    Examples
    --------
    >>> import minitf as tf
    >>> q, r = tf.linalg.qr([[3.0, 1.0], [4.0, 2.0]])
    >>> tf.matmul(q, r).numpy().round(5).tolist()
    [[3.0, 1.0], [4.0, 2.0]]
    """
    n, m, k = _sides(input)
    inner = n if full_matrices else k
    lead = input.shape[:-2]
    return TensorSpec(lead + (n, inner), input.dtype), TensorSpec(lead + (inner, m), input.dtype)


def _sides(input: TensorSpec) -> tuple[Any, Any, Any]:
    """Return the numbers of rows and columns, and the smaller of the two."""
    if len(input.shape) < 2:
        raise ShapeError(f"a matrix has two axes or more, got shape {input.shape}")
    n, m = input.shape[-2:]
    return n, m, None if n is None or m is None else min(n, m)


@qr.kernel("numpy")
def _(input, *, full_matrices):
    return tuple(np.linalg.qr(input, "complete" if full_matrices else "reduced"))


@qr.gradient
def _(node, dq, dr):
    a, (q, r) = node.inputs[0], node.outputs
    n, m, k = _sides(a)
    if node["full_matrices"] and k is not None and n > m:
        raise UnimplementedError("full_matrices of a matrix with more rows than columns")
    # The first k columns alone determine q; of any others, r holds transpose(q) @ columns.
    k = known_size(q, len(q.shape) - 1)
    right = dr[..., k:]
    pull = dq + matmul(a[..., k:], right, False, True)
    left = _square_gradient(q, r[..., :k], pull, dr[..., :k])
    return left if n is not None and n == m else concat([left, matmul(q, right)], -1)


def _square_gradient(q: Any, r: Any, dq: Any, dr: Any) -> Any:
    """Return ``(dq + q @ S) @ transpose(r)^-1``, S the symmetric copy of a lower triangle."""
    inner = matmul(r, dr, False, True) - matmul(dq, q, True)
    strict = band_part(inner, -1, 0) - band_part(inner, 0, 0)
    symmetric = band_part(inner, -1, 0) + matrix_transpose(strict)
    pull = dq + matmul(q, symmetric)
    return matrix_transpose(triangular_solve(r, matrix_transpose(pull), False))


# -- singular values --------------------------------------------------------------------------


@op(name="svd")
def svd_(tensor: FloatTensor, full_matrices: bool, compute_uv: bool):
    """Return singular values and vectors; see `svd`."""
    n, m, k = _sides(tensor)
    lead = tensor.shape[:-2]
    values = TensorSpec(lead + (k,), tensor.dtype)
    if not compute_uv:
        return values
    left = TensorSpec(lead + (n, n if full_matrices else k), tensor.dtype)
    right = TensorSpec(lead + (m, m if full_matrices else k), tensor.dtype)
    return values, left, right


@svd_.kernel("numpy")
def _(tensor, *, full_matrices, compute_uv):
    if not compute_uv:
        return np.linalg.svd(tensor, full_matrices, False)
    u, s, vh = np.linalg.svd(tensor, full_matrices)
    return s, u, transposed(vh)


@svd_.gradient
def _(node, ds, *dvectors):
    a = node.inputs[0]
    if not dvectors:
        _, u, v = svd_(a, False, True)
        return matmul(u * _wide(ds), v, False, True)
    n, m, k = _sides(a)
    if node["full_matrices"] and k is not None and n != m:
        raise UnimplementedError("full_matrices of a matrix that is not square")
    return _svd_gradient(*node.outputs, ds, *dvectors, n, m)


def _svd_gradient(s: Any, u: Any, v: Any, ds: Any, du: Any, dv: Any, n: Dim, m: Dim) -> Any:
    """Return the gradient for ``a = u @ diag(s) @ transpose(v)`` (Townsend 2016)."""
    squares = s * s
    gaps = _reciprocal(_wide(squares) - _last(squares))
    of_u, of_v = matmul(u, du, True), matmul(v, dv, True)
    core = diag(ds) + gaps * (of_u - matrix_transpose(of_u)) * _wide(s)
    core += _last(s) * (gaps * (of_v - matrix_transpose(of_v)))
    found = matmul(matmul(u, core), v, False, True)
    # What of the change of u (or v) leaves the space that its columns span.
    if n is None or m is None or n > m:
        found += matmul((du - matmul(u, of_u)) * _wide(_reciprocal(s)), v, False, True)
    if n is None or m is None or m > n:
        found += matmul(u * _wide(_reciprocal(s)), dv - matmul(v, of_v), False, True)
    return found


@composed
def svd(
    tensor: Any, full_matrices: bool = False, compute_uv: bool = True, name: str | None = None
) -> Any:
    """Write matrices as ``u @ diag(s) @ transpose(v)``, u and v with orthonormal columns.

    Parameters
    ----------
    tensor : Tensor
        Shape (..., n, m); k is the smaller of n and m.
    full_matrices : bool
        Make u and v square.
    compute_uv : bool
        Return u and v, too.

    Returns
    -------
    s : Tensor
        The singular values, shape (..., k), the largest first. Returned alone without
        `compute_uv`.
    u : Tensor
        Shape (..., n, k), or (..., n, n) for full matrices.
    v : Tensor
        Shape (..., m, k), or (..., m, m); not transposed, unlike NumPy's.

    Examples
    --------
    >>> import minitf as tf
    >>> s, u, v = tf.linalg.svd([[3.0, 0.0], [0.0, 4.0]])
    >>> s.numpy().tolist()
    [4.0, 3.0]
    """
    found = svd_(tensor, full_matrices, compute_uv, name=name)
    return tuple(found) if compute_uv else found


# -- eigenvalues ------------------------------------------------------------------------------


@op(name="eigh")
def eigh_(tensor: FloatTensor, compute_v: bool):
    """Return eigenvalues and eigenvectors of symmetric matrices; see `eigh`."""
    values = TensorSpec(tensor.shape[:-2] + (square(tensor),), tensor.dtype)
    return (values, tensor) if compute_v else values


@eigh_.kernel("numpy")
def _(tensor, *, compute_v):
    return tuple(np.linalg.eigh(tensor)) if compute_v else np.linalg.eigvalsh(tensor)


@eigh_.gradient
def _(node, de, *dvectors):
    if dvectors:
        e, v = node.outputs
        gaps = _reciprocal(_wide(e) - _last(e))
        core = diag(de) + gaps * matmul(v, dvectors[0], True)
        full = matmul(matmul(v, core), v, False, True)
    else:
        _, v = eigh_(node.inputs[0], True)
        full = matmul(v * _wide(de), v, False, True)
    # Only the lower triangle was read, so an element below the diagonal stands for two.
    return band_part(full + matrix_transpose(full), -1, 0) - band_part(full, 0, 0)


@composed
def eigh(tensor: Any, name: str | None = None) -> tuple[Tensor, Tensor]:
    """Eigenvalues and eigenvectors of symmetric matrices.

    Parameters
    ----------
    tensor : Tensor
        Shape (..., n, n), symmetric; only the lower triangle is read.

    Returns
    -------
    e : Tensor
        Eigenvalues, shape (..., n), the smallest first.
    v : Tensor
        Eigenvectors as columns, shape (..., n, n): ``tensor @ v = v * e``.

    Examples
    --------
    >>> import minitf as tf
    >>> e, v = tf.linalg.eigh([[2.0, 0.0], [0.0, 1.0]])
    >>> e.numpy().tolist()
    [1.0, 2.0]
    """
    return tuple(eigh_(tensor, True, name=name))


@composed
def eigvalsh(tensor: Any, name: str | None = None) -> Tensor:
    """Eigenvalues of symmetric matrices.

    Parameters
    ----------
    tensor : Tensor
        Shape (..., n, n), symmetric; only the lower triangle is read.

    Returns
    -------
    Tensor
        Shape (..., n), the smallest first.

    Examples
    --------
    >>> import minitf as tf
    >>> tf.linalg.eigvalsh([[2.0, 0.0], [0.0, 1.0]]).numpy().tolist()
    [1.0, 2.0]
    """
    return eigh_(as_tensor(tensor), False, name=name)
