"""`keras.ops`: products of vectors and matrices, decompositions and solutions."""

from __future__ import annotations

from typing import Any

from minitf.errors import InvalidArgumentError
from minitf.graph.convert import as_tensor
from minitf.keras.ops.arrangement import moveaxis
from minitf.keras.ops.elementwise import absolute
from minitf.keras.ops.promotion import alike, alike_floats, floats, numbers, of_floats
from minitf.ops import decompose, least_squares, norms, products
from minitf.ops import einsum as einsums
from minitf.ops import solve as solutions
from minitf.ops.array import expand_dims, reshape, squeeze
from minitf.ops.decompose import qr as _qr
from minitf.ops.math import cast
from minitf.ops.products import matrix_transpose
from minitf.ops.reduction import reduce_max, reduce_mean, reduce_min, reduce_sum
from minitf.ops.source import ones_like

__all__ = [
    "cholesky", "cholesky_inverse", "corrcoef", "cross", "det", "dot", "eigh", "einsum", "inner",
    "inv", "kron", "logdet", "lstsq", "matmul", "matrix_rank", "norm", "outer", "pinv", "qr",
    "slogdet", "solve", "solve_triangular", "svd", "tensordot", "vdot"
]  # fmt: skip

# -- products ---------------------------------------------------------------------------------


def matmul(x1: Any, x2: Any) -> Any:
    """Return the matrix product; vectors are rows on the left, columns on the right."""
    x1, x2 = (numbers(x) for x in alike(x1, x2))
    left, right = len(x1.shape) == 1, len(x2.shape) == 1
    a = expand_dims(x1, 0) if left else x1
    b = expand_dims(x2, 1) if right else x2
    found = products.matmul(a, b)
    found = squeeze(found, -1) if right else found
    return squeeze(found, -1 if right else -2) if left else found


def corrcoef(x: Any) -> Any:
    """Return how rows correlate: covariances divided by both standard deviations, in [-1, 1]."""
    x = floats(x)
    if len(x.shape) < 2:
        return ones_like(reduce_sum(x))
    deviations = x - reduce_mean(x, -1, keepdims=True)
    covariances = matmul(deviations, matrix_transpose(deviations))
    scales = reduce_sum(deviations**2, -1, keepdims=True) ** 0.5
    return covariances / (scales * matrix_transpose(scales))


def dot(x1: Any, x2: Any) -> Any:
    """Return sums of products over the last axis of x1 and the last but one of x2."""
    x1, x2 = (numbers(x) for x in alike(x1, x2))
    if not x1.shape or not x2.shape:
        return x1 * x2
    return einsums.tensordot(x1, x2, [[-1], [-2 if len(x2.shape) > 1 else -1]])


def inner(x1: Any, x2: Any) -> Any:
    """Return sums of products over the last axes of both."""
    x1, x2 = (numbers(x) for x in alike(x1, x2))
    return einsums.tensordot(x1, x2, [[-1], [-1]]) if x1.shape and x2.shape else x1 * x2


def outer(x1: Any, x2: Any) -> Any:
    """Return the products of all elements of x1 with all of x2."""
    x1, x2 = (numbers(x) for x in alike(x1, x2))
    return reshape(x1, [-1, 1]) * reshape(x2, [1, -1])


def vdot(x1: Any, x2: Any) -> Any:
    """Return the sum of the products of the elements, row by row."""
    return dot(reshape(as_tensor(x1), [-1]), reshape(as_tensor(x2), [-1]))


def tensordot(x1: Any, x2: Any, axes: Any = 2) -> Any:
    """Return sums of products over some axes of both, or the last and the first ones."""
    x1, x2 = (numbers(x) for x in alike(x1, x2))
    return einsums.tensordot(x1, x2, axes)


def einsum(subscripts: str, *operands: Any, **kwargs: Any) -> Any:
    """Return sums of products as Einstein's notation says: ``"ij,jk->ik"``."""
    return einsums.einsum(subscripts, *(numbers(x) for x in alike(*operands)))


def cross(x1: Any, x2: Any, axisa: int = -1, axisb: int = -1, axisc: int = -1,
          axis: int | None = None) -> Any:  # fmt: skip
    """Return the cross products of vectors of 3 elements."""
    first, second, last = (axisa, axisb, axisc) if axis is None else (axis, axis, axis)
    x1, x2 = alike(x1, x2)
    return moveaxis(products.cross(moveaxis(x1, first, -1), moveaxis(x2, second, -1)), -1, last)


def kron(x1: Any, x2: Any) -> Any:
    """Return the Kronecker product: blocks of x2, times the elements of x1."""
    x1, x2 = (numbers(x) for x in alike(x1, x2))
    rank = max(len(x1.shape), len(x2.shape))
    one, two = ((1,) * (rank - len(x.shape)) + tuple(x.shape) for x in (x1, x2))
    rows = reshape(x1, [n for a in one for n in (a, 1)])
    blocks = reshape(x2, [n for b in two for n in (1, b)])
    return reshape(rows * blocks, [a * b for a, b in zip(one, two, strict=True)])


# -- decompositions and solutions -------------------------------------------------------------

det = of_floats(solutions.det)
inv = of_floats(solutions.inv)
slogdet = of_floats(solutions.slogdet)
eigh = of_floats(decompose.eigh)
logdet = of_floats(least_squares.logdet)


def cholesky(x: Any, upper: bool = False) -> Any:
    """Return the triangular factor L of L L^T, or its transpose."""
    found = decompose.cholesky(floats(x))
    return matrix_transpose(found) if upper else found


def cholesky_inverse(x: Any, upper: bool = False) -> Any:
    """Return the inverse of the matrix whose triangular factor x is."""
    x = floats(x)
    lower = matrix_transpose(x) if upper else x
    return inv(products.matmul(lower, matrix_transpose(lower)))


def qr(x: Any, mode: str = "reduced") -> Any:
    """Return an orthogonal and a triangular factor; `mode` is "reduced" or "complete"."""
    if mode not in ("reduced", "complete"):
        raise InvalidArgumentError(f"qr: mode is 'reduced' or 'complete', got {mode!r}")
    return tuple(_qr(floats(x), mode == "complete"))


def svd(x: Any, full_matrices: bool = True, compute_uv: bool = True) -> Any:
    """Return u, s, vh, whose product u diag(s) vh is x; or s alone."""
    found = decompose.svd(floats(x), full_matrices, compute_uv)
    if not compute_uv:
        return found
    s, u, v = found
    return u, s, matrix_transpose(v)


def solve(a: Any, b: Any) -> Any:
    """Return x with a x = b."""
    a, b = alike_floats(a, b)
    if len(b.shape) == len(a.shape) - 1:
        return squeeze(solutions.solve(a, expand_dims(b, -1)), -1)
    return solutions.solve(a, b)


def solve_triangular(a: Any, b: Any, lower: bool = False) -> Any:
    """Return x with a x = b, where a is triangular."""
    a, b = alike_floats(a, b)
    if len(b.shape) == len(a.shape) - 1:
        return squeeze(solutions.triangular_solve(a, expand_dims(b, -1), lower), -1)
    return solutions.triangular_solve(a, b, lower)


def lstsq(a: Any, b: Any, rcond: float | None = None) -> Any:
    """Return x with the smallest squared error of a x = b."""
    a, b = alike_floats(a, b)
    if len(b.shape) == 1:
        return squeeze(least_squares.lstsq(a, expand_dims(b, -1), fast=False), -1)
    return least_squares.lstsq(a, b, fast=False)


def pinv(x: Any, rcond: float | None = None) -> Any:
    """Return the pseudo-inverse."""
    return least_squares.pinv(floats(x), rcond)


def matrix_rank(x: Any, tol: float | None = None) -> Any:
    """Return how many singular values are larger than a bound."""
    x = floats(x)
    s = svd(x, compute_uv=False)
    if tol is None:
        largest = reduce_max(s, -1, keepdims=True)
        tol = largest * max(x.shape[-2:]) * _precision(x)
    return reduce_sum(cast(s > tol, "int32"), -1)


def _precision(x: Any) -> float:
    """Return the distance from 1 to the next number of a type."""
    return {"float16": 2.0**-10, "float32": 2.0**-23}.get(x.dtype.name, 2.0**-52)


def norm(x: Any, ord: Any = None, axis: Any = None, keepdims: bool = False) -> Any:
    """Return the norm of vectors (one axis) or matrices (two); of all elements by default."""
    x = floats(x)
    if axis is None and ord is not None:
        axis = tuple(range(len(x.shape)))
        axis = axis[0] if len(axis) == 1 else axis
    if ord is None or ord == "fro":
        return norms.norm(x, "euclidean", axis, keepdims)
    if not isinstance(axis, (tuple, list)) or len(axis) == 1:
        return _vector_norm(x, ord, axis, keepdims)
    return _matrix_norm(x, ord, tuple(axis), keepdims)


def _vector_norm(x: Any, ord: Any, axis: Any, keepdims: bool) -> Any:
    size = absolute(x)
    if ord == float("inf"):
        return reduce_max(size, axis, keepdims)
    if ord == float("-inf"):
        return reduce_min(size, axis, keepdims)
    if ord == 0:
        return reduce_sum(cast(x != 0, x.dtype), axis, keepdims)
    return reduce_sum(size ** float(ord), axis, keepdims) ** (1 / ord)


def _matrix_norm(x: Any, ord: Any, axis: tuple[int, ...], keepdims: bool) -> Any:
    """Return norms by singular values (2, -2, "nuc") or by sums of rows (inf) or columns (1)."""
    matrices = moveaxis(x, axis, (-2, -1))
    if ord in (2, -2, "nuc"):
        s = svd(matrices, compute_uv=False)
        found = {2: reduce_max, -2: reduce_min, "nuc": reduce_sum}[ord](s, -1)
    elif ord in (1, -1, float("inf"), float("-inf")):
        sums = reduce_sum(absolute(matrices), -2 if abs(ord) == 1 else -1)
        found = (reduce_max if ord > 0 else reduce_min)(sums, -1)
    else:
        raise InvalidArgumentError(f"norm: matrices have no norm of order {ord!r}")
    for at in sorted(a % len(x.shape) for a in axis) if keepdims else ():
        found = expand_dims(found, at)
    return found
