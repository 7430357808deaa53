"""Questions and promises about shapes."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np

from minitf.dtypes import int32
from minitf.errors import ShapeError
from minitf.graph.op import AnyTensor, IntTensor, Shape, Tensor, op
from minitf.graph.spec import Dim, TensorShape, TensorSpec, as_shape, broadcast
from minitf.ops.composed import composed
from minitf.ops.source import identity
from minitf.ops.source import shape as shape_of


def check_compatible(dy: TensorSpec, shape: Iterable[Dim]) -> None:
    """Refuse a gradient that does not have the shape of what it is the gradient of."""
    if not dy.shape.is_compatible_with(shape):
        raise ShapeError(f"a gradient of shape {dy.shape} for a result of shape {tuple(shape)}")


@op(view=True)
def ensure_shape(x: AnyTensor, shape: tuple[int | None, ...]):
    """Return a tensor unchanged, after checking that it has a shape.

    Parameters
    ----------
    x : Tensor
        Any shape.
    shape : sequence of int or None
        The shape that is promised; None for a dimension that may have any size.

    Returns
    -------
    Tensor
        In a graph, with what both shapes know.

    Raises
    ------
    ShapeError
        Where the tensor has another shape, at the latest when the graph runs.

    Examples
    --------
    >>> import minitf as tf
    >>> tf.ensure_shape(tf.zeros([5, 3]), [None, 3]).shape
    (5, 3)
    """
    return TensorSpec(_promised(x.shape, shape), x.dtype)


def _promised(found: TensorShape, promised: Any) -> TensorShape:
    if not found.is_compatible_with(promised):
        raise ShapeError(f"shape {found} is not the promised {as_shape(promised)}")
    return found.merge_with(promised)


@ensure_shape.kernel("numpy")
def _(x, *, shape):
    _promised(TensorShape(np.shape(x)), shape)
    return x


@ensure_shape.gradient
def _(node, dy):
    return dy


def shape_n(input: Any, out_type: Any = int32, name: str | None = None) -> list[Tensor]:
    """Return the shapes of several tensors.

    Examples
    --------
    >>> import minitf as tf
    >>> [s.numpy().tolist() for s in tf.shape_n([tf.zeros([2, 3]), tf.zeros([4])])]
    [[2, 3], [4]]
    """
    return [shape_of(x, out_type, name=name) for x in input]


def identity_n(input: Any, name: str | None = None) -> list[Tensor]:
    """Return tensors with the same values.

    Examples
    --------
    >>> import minitf as tf
    >>> [t.numpy() for t in tf.identity_n([1, 2])]
    [np.int32(1), np.int32(2)]
    """
    return [identity(x, name=name) for x in input]


@composed
def broadcast_static_shape(shape_x: Any, shape_y: Any) -> TensorShape:
    """Return the shape to which two known shapes are stretched when they meet.

    Examples
    --------
    >>> import minitf as tf
    >>> tf.broadcast_static_shape(tf.TensorShape([3, 1]), tf.TensorShape([1, 4]))
    (3, 4)
    """
    return broadcast(as_shape(shape_x), as_shape(shape_y))


@op(differentiable=False)
def broadcast_dynamic_shape(shape_x: IntTensor, shape_y: IntTensor):
    """Return the shape to which two shapes are stretched when they meet, as a tensor.

    Parameters
    ----------
    shape_x, shape_y : Tensor
        Of integer type, shapes (n,) and (m,).

    Returns
    -------
    Tensor
        Shape (max(n, m),).

    Examples
    --------
    >>> import minitf as tf
    >>> tf.broadcast_dynamic_shape([3, 1], [2, 1, 4]).numpy().tolist()
    [2, 3, 4]
    """
    if len(shape_x.shape) != 1 or len(shape_y.shape) != 1:
        raise ShapeError(f"shapes are vectors, got {shape_x.shape} and {shape_y.shape}")
    lengths = [shape_x.shape[0], shape_y.shape[0]]
    longest = None if None in lengths else max(n for n in lengths if n is not None)
    return TensorSpec((longest,), shape_x.dtype)


@broadcast_dynamic_shape.kernel("numpy")
def _(shape_x, shape_y):
    met = broadcast(as_shape(shape_x.tolist()), as_shape(shape_y.tolist()))
    return np.array(met, shape_x.dtype)


@op(differentiable=False)
def unravel_index(indices: IntTensor, dims: Shape):
    """Return the coordinates of elements that are numbered row by row.

    Parameters
    ----------
    indices : Tensor
        Of integer type, any shape.
    dims : sequence of int
        Shape (d1, ..., dn) of what is counted.

    Returns
    -------
    Tensor
        Shape (n, *indices.shape).

    Examples
    --------
    >>> import minitf as tf
    >>> tf.unravel_index([2, 5, 7], [3, 3]).numpy().tolist()
    [[0, 1, 2], [2, 2, 1]]
    """
    return TensorSpec((len(dims),) + indices.shape, indices.dtype)


@unravel_index.kernel("numpy")
def _(indices, *, dims):
    return np.array(np.unravel_index(indices, dims), indices.dtype)
