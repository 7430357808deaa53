"""Stretching to a common shape, and the way back that gradients take.

An elementwise op stretches inputs of different shapes to one shape. Where an element was used
several times, its gradient is the sum over its uses: `sum_to_shape` undoes `broadcast_like`, and
each is the other's gradient.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from minitf.errors import ShapeError
from minitf.graph.op import AnyTensor, Shape, Tensor, op
from minitf.graph.spec import TensorSpec, as_shape, broadcast


def elementwise(*inputs: TensorSpec, dtype: Any = None) -> TensorSpec:
    """Return the spec of an elementwise op's result."""
    if len(inputs) > 1:
        return TensorSpec(broadcast(*[i.shape for i in inputs]), dtype or inputs[0].dtype)
    return TensorSpec(inputs[0].shape, dtype) if dtype else inputs[0]


@op(view=True)
def sum_to_shape(input: Tensor, like: AnyTensor):
    """Sum a tensor down to the shape of another, over the axes along which that was stretched.

    Parameters
    ----------
    input : Tensor
        Of a shape to which `like` broadcasts.
    like : Tensor
        Only its shape matters.

    Returns
    -------
    Tensor
        Of the shape of `like`.

    Examples
    --------
    >>> import minitf as tf
    >>> from minitf.ops.broadcasting import sum_to_shape
    >>> sum_to_shape(tf.ones([4, 3]), tf.zeros([3])).numpy().tolist()
    [4.0, 4.0, 4.0]
    """
    return TensorSpec(like.shape, input.dtype)


@sum_to_shape.kernel("numpy")
def _(input, like):
    return sum_array(input, np.shape(like))


def sum_array(array: Any, shape: tuple[int, ...]) -> Any:
    """Return `array` summed over the axes along which `shape` was stretched to its shape."""
    extra = array.ndim - len(shape)
    stretched = [extra + i for i, n in enumerate(shape) if n == 1 and array.shape[extra + i] != 1]
    axes = (*range(extra), *stretched)
    return array.sum(axis=axes, dtype=array.dtype).reshape(shape) if axes else array


@sum_to_shape.gradient
def _(node, dy):
    return broadcast_like(dy, node.inputs[0]), None


@op
def broadcast_like(input: Tensor, like: AnyTensor):
    """Stretch a tensor to the shape of another.

    Parameters
    ----------
    input : Tensor
        Of a shape that broadcasts to that of `like`.
    like : Tensor
        Only its shape matters.

    Returns
    -------
    Tensor
        Of the shape of `like`.

    Examples
    --------
    >>> import minitf as tf
    >>> from minitf.ops.broadcasting import broadcast_like
    >>> broadcast_like(tf.ones([3]), tf.zeros([2, 3])).shape
    (2, 3)
    """
    if len(broadcast(input.shape, like.shape)) != len(like.shape):
        raise ShapeError(f"shape {input.shape} does not broadcast to {like.shape}")
    return TensorSpec(like.shape, input.dtype)


@broadcast_like.kernel("numpy")
def _(input, like):
    return np.broadcast_to(input, np.shape(like)).copy()


@broadcast_like.gradient
def _(node, dy):
    return sum_to_shape(dy, node.inputs[0]), None


def unbroadcast(dy: Any, source: Any) -> Any:
    """Return a gradient summed to the shape of the input that it belongs to."""
    if dy.shape == source.shape and dy.shape.is_fully_defined():
        return dy
    return sum_to_shape(dy, source)


@op
def broadcast_to(input: Tensor, shape: Shape):
    """Stretch a tensor to a larger shape.

    Parameters
    ----------
    input : Tensor
        Of a shape that broadcasts to `shape`: trailing dimensions are equal, or 1.
    shape : sequence of int
        Shape of the result.

    Returns
    -------
    Tensor

    Examples
    --------
    >>> import minitf as tf
    >>> tf.broadcast_to([1, 2], [2, 2]).numpy().tolist()
    [[1, 2], [1, 2]]
    """
    target = as_shape(shape)
    met = broadcast(input.shape, target)
    if len(met) != len(target) or not met.is_compatible_with(target):
        raise ShapeError(f"shape {input.shape} does not broadcast to {target}")
    return TensorSpec(target, input.dtype)


@broadcast_to.kernel("numpy")
def _(input, *, shape):
    return np.broadcast_to(input, shape).copy()


@broadcast_to.gradient
def _(node, dy):
    return sum_to_shape(dy, node.inputs[0])
