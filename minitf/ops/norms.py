"""Lengths of vectors and matrices, and keeping them within bounds."""

from __future__ import annotations

from typing import Any

import numpy as np

from minitf.errors import DTypeError, InvalidArgumentError
from minitf.graph.convert import as_tensor
from minitf.graph.spec import normalize_axis
from minitf.graph.tensor import Tensor
from minitf.ops.array import expand_dims, transpose
from minitf.ops.composed import composed
from minitf.ops.decompose import svd
from minitf.ops.division import divide
from minitf.ops.logic import is_finite
from minitf.ops.math import abs_, add_n, cast, multiply
from minitf.ops.powers import pow_, rsqrt, sqrt, square
from minitf.ops.reduction import reduce_max, reduce_sum
from minitf.ops.rounding import maximum
from minitf.ops.source import size
from minitf.ops.where import select

VECTOR_NORMS = "'euclidean', 1, 2, inf or another positive number"
MATRIX_NORMS = "'euclidean', 'fro', 1, 2 or inf"


@composed
def norm(
    tensor: Any,
    ord: Any = "euclidean",
    axis: Any = None,
    keepdims: bool | None = None,
    name: str | None = None,
) -> Tensor:
    """Return the norm of vectors or matrices.

    Parameters
    ----------
    tensor : Tensor
        Floating dtype, any shape.
    ord : {"euclidean", "fro", 1, 2, inf} or positive number
        Which norm. "euclidean" is the square root of the sum of squares, for matrices too (where
        "fro" says the same).
    axis : int or (int, int), optional
        The axis of the vectors, or the two axes of the matrices. By default all elements are one
        vector.
    keepdims : bool
        Keep the axes, with size 1.

    Returns
    -------
    Tensor

    Notes
    -----
    Of vectors: ``sum(|x|^p)^(1/p)``, and ``max(|x|)`` for p = inf. Of matrices: the largest column
    sum of ``|x|`` (1), the largest row sum (inf), the largest singular value (2).

    Examples
    --------
    >>> import minitf as tf
    >>> float(tf.norm([[3.0, 0.0], [0.0, 4.0]]))
    5.0
    >>> tf.norm([[3.0, -4.0], [6.0, 8.0]], ord=1, axis=1).numpy().tolist()
    [7.0, 14.0]
    """
    x = as_tensor(tensor)
    if not x.dtype.is_floating:
        raise DTypeError(f"floating numbers are needed, got {x.dtype.name}")
    keep = bool(keepdims)
    if isinstance(axis, (tuple, list)) and len(axis) == 2:
        return _matrix_norm(x, ord, axis, keep)
    return _vector_norm(x, ord, axis, keep)


def _vector_norm(x: Tensor, ord: Any, axis: Any, keepdims: bool) -> Tensor:
    if ord in ("euclidean", 2):
        return sqrt(reduce_sum(square(x), axis, keepdims))
    if isinstance(ord, str) or ord <= 0:
        raise InvalidArgumentError(f"the norm of a vector is {VECTOR_NORMS}, got {ord!r}")
    if ord == np.inf:
        return reduce_max(abs_(x), axis, keepdims)
    if ord == 1:
        return reduce_sum(abs_(x), axis, keepdims)
    return pow_(reduce_sum(pow_(abs_(x), float(ord)), axis, keepdims), 1 / ord)


def _matrix_norm(x: Tensor, ord: Any, axis: Any, keepdims: bool) -> Tensor:
    if ord in ("euclidean", "fro"):
        return sqrt(reduce_sum(square(x), axis, keepdims))
    row, column = (normalize_axis(a, len(x.shape)) for a in axis)
    if ord == 2:
        return _spectral_norm(x, row, column, keepdims)
    if ord not in (1, np.inf):
        raise InvalidArgumentError(f"the norm of a matrix is {MATRIX_NORMS}, got {ord!r}")
    sums = reduce_sum(abs_(x), row if ord == 1 else column, True)
    return reduce_max(sums, axis, keepdims)


def _spectral_norm(x: Tensor, row: int, column: int, keepdims: bool) -> Tensor:
    """Return the largest singular value of each matrix."""
    others = [a for a in range(len(x.shape)) if a not in (row, column)]
    largest = reduce_max(svd(transpose(x, [*others, row, column]), compute_uv=False), -1)
    for axis in sorted((row, column)) if keepdims else ():
        largest = expand_dims(largest, axis)
    return largest


@composed
def normalize(
    tensor: Any, ord: Any = "euclidean", axis: Any = None, name: str | None = None
) -> tuple[Tensor, Tensor]:
    """Divide vectors or matrices by their norm.

    Parameters
    ----------
    tensor : Tensor
        Floating dtype, any shape.
    ord, axis
        Which norm, and of what; see `norm`.

    Returns
    -------
    Tensor
        Of the shape of `tensor`; NaN where the norm is 0.
    Tensor
        The norms, with axes of size 1.

    Examples
    --------
    >>> import minitf as tf
    >>> normalized, length = tf.linalg.normalize([3.0, 4.0])
    >>> print(normalized.numpy(), length.numpy())
    [0.6 0.8] [5.]
    """
    length = norm(tensor, ord, axis, True)
    return divide(tensor, length, name=name), length


@composed
def l2_normalize(
    x: Any, axis: Any = None, epsilon: float = 1e-12, name: str | None = None
) -> Tensor:
    """Scale vectors to length 1.

    Parameters
    ----------
    x : Tensor
        Floating dtype, any shape.
    axis : int or sequence of int, optional
        The axes that hold a vector; by default all elements are one vector.
    epsilon : float
        A squared length below this counts as this, so that zeros stay zeros.

    Returns
    -------
    Tensor
        ``x / sqrt(max(sum(x^2), epsilon))``.

    Examples
    --------
    >>> import minitf as tf
    >>> print(tf.math.l2_normalize([3.0, 4.0]).numpy())
    [0.6 0.8]
    """
    x = as_tensor(x)
    squared = reduce_sum(square(x), axis, True)
    return multiply(x, rsqrt(maximum(squared, epsilon)), name=name)


@composed
def clip_by_norm(t: Any, clip_norm: Any, axes: Any = None, name: str | None = None) -> Tensor:
    """Shorten vectors that are longer than a limit.

    Parameters
    ----------
    t : Tensor
        Floating dtype, any shape.
    clip_norm : number or Tensor
        The largest length allowed.
    axes : int or sequence of int, optional
        The axes that hold a vector; by default all elements are one vector.

    Returns
    -------
    Tensor
        ``t * clip_norm / max(length, clip_norm)``.

    Examples
    --------
    >>> import minitf as tf
    >>> print(tf.clip_by_norm([3.0, 4.0], 1.0).numpy())
    [0.6 0.8]
    """
    t = as_tensor(t)
    squared = reduce_sum(square(t), axes, True)
    positive = squared > 0
    # The slope of the root is infinite at 0: take the root of 1 there, and throw it away.
    length = select(positive, sqrt(select(positive, squared, 1)), squared)
    return divide(t * clip_norm, maximum(length, clip_norm), name=name)


@composed
def global_norm(t_list: Any, name: str | None = None) -> Tensor:
    """Return the length of the vector that all elements of several tensors form together.

    Parameters
    ----------
    t_list : sequence of Tensor or None
        Floating tensors of any shapes; None is passed over.

    Returns
    -------
    Tensor
        Of shape ().

    Examples
    --------
    >>> import minitf as tf
    >>> float(tf.linalg.global_norm([[3.0], [[4.0]]]))
    5.0
    """
    squares = [reduce_sum(square(t)) for t in t_list if t is not None]
    if not squares:
        raise InvalidArgumentError("at least one tensor is needed")
    return sqrt(add_n(squares), name=name)


def clip_by_global_norm(
    t_list: Any, clip_norm: Any, use_norm: Any = None, name: str | None = None
) -> tuple[list[Tensor | None], Tensor]:
    """Shorten several tensors together, keeping their proportions.

    Parameters
    ----------
    t_list : sequence of Tensor or None
        Floating tensors of any shapes; None is passed through.
    clip_norm : number or Tensor
        The largest length allowed to all of them together.
    use_norm : Tensor, optional
        Their `global_norm`, where it is known already.

    Returns
    -------
    list of Tensor or None
        ``t * clip_norm / max(norm, clip_norm)`` for each t; NaN where the norm is not finite.
    Tensor
        The global norm before.

    Examples
    --------
    >>> import minitf as tf
    >>> clipped, norm = tf.clip_by_global_norm([[3.0], None, [4.0]], 1.0)
    >>> print(clipped[0].numpy(), clipped[1], clipped[2].numpy(), float(norm))
    [0.6] None [0.8] 5.0
    """
    length = global_norm(t_list) if use_norm is None else as_tensor(use_norm)
    scale = clip_norm / maximum(length, clip_norm)
    scale = select(is_finite(length), scale, float("nan"))
    return [None if t is None else multiply(t, scale) for t in t_list], length


def clip_by_average_norm(t: Any, clip_norm: Any, name: str | None = None) -> Tensor:
    """Shorten a tensor whose length, divided by its number of elements, is above a limit.

    Parameters
    ----------
    t : Tensor
        Floating dtype, any shape.
    clip_norm : number or Tensor
        The largest average length allowed.

    Returns
    -------
    Tensor

    Examples
    --------
    >>> import minitf as tf
    >>> from minitf.ops.norms import clip_by_average_norm
    >>> print(clip_by_average_norm([3.0, 4.0], 1.0).numpy())
    [1.2 1.6]
    """
    t = as_tensor(t)
    return clip_by_norm(t, clip_norm * cast(size(t), t.dtype), name=name)
