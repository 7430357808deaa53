"""Pooling over any number of spatial axes: the largest, or the average, element of each window.

Channels come last: x is (batch, *sizes, channels), y is (batch, *counts, channels). The kernels go
over the places of a window rather than over its positions: a window of 2 x 2 is four large steps
for NumPy, however many positions there are.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

import numpy as np

from minitf.errors import ShapeError
from minitf.graph.op import AnyTensor, FloatTensor, Shape, Tensor, op
from minitf.graph.spec import TensorShape, TensorSpec
from minitf.ops.conv import sizes_of
from minitf.ops.windows import Axis, Index, Ints, Padding, blocks, counts, slide, taps


def pooled(x: Any, window: Ints, strides: Ints, padding: Padding, dilations: Ints) -> Any:
    """Return the spec of what is left of `x` after pooling."""
    if len(x.shape) < 3:
        raise ShapeError(f"the input has a shape (batch, *sizes, channels), got {x.shape}")
    axes = slide(x.shape[1:-1], window, strides, dilations, padding)
    return TensorSpec((x.shape[0], *counts(axes), x.shape[-1]), x.dtype)


def _attributes(node: Any) -> dict[str, Any]:
    return {name: node[name] for name in ("window", "strides", "padding", "dilations")}


# -- the largest ----------------------------------------------------------------------------------


@op
def max_pool_(input: Tensor, window: Ints, strides: Ints, padding: Padding, dilations: Ints):
    """Return the largest element of each window; see `max_pool`.

    Parameters
    ----------
    input : Tensor
        Shape (batch, *sizes, channels).
    window, strides, dilations : tuple of int
        One number per spatial axis.
    padding : {"SAME", "VALID"} or pairs of int
        See `minitf.ops.windows`. What is outside of the input is never the largest.

    Returns
    -------
    Tensor
        Shape (batch, *counts, channels).
    """
    return pooled(input, window, strides, padding, dilations)


@max_pool_.kernel("numpy")
def _(x, *, window, strides, padding, dilations):
    axes = slide(x.shape[1:-1], window, strides, dilations, padding)
    lowest = -np.inf if x.dtype.kind == "f" else np.iinfo(x.dtype).min
    y = np.full((len(x), *counts(axes), x.shape[-1]), lowest, x.dtype)
    for block in blocks(len(x), x[:1].nbytes):
        for _, inside, outside in taps(axes):
            best = y[block][outside]
            np.maximum(best, x[block][inside], out=best)
    return y


@max_pool_.gradient
def _(node, dy):
    return max_pool_backprop(node.inputs[0], node.outputs[0], dy, **_attributes(node))


@op
def max_pool_backprop(input: AnyTensor, output: AnyTensor, dy: FloatTensor, window: Ints,
                      strides: Ints, padding: Padding, dilations: Ints):  # fmt: skip
    """Give the gradient of each window to the first of its largest elements.

    Parameters
    ----------
    input, output : Tensor
        Of the pooling.
    dy : Tensor
        Of the shape of `output`.
    window, strides, padding, dilations
        As of the pooling.

    Returns
    -------
    Tensor
        Of the shape of `input`.

    Examples
    --------
    >>> import minitf as tf
    >>> from minitf.ops.pool import max_pool_backprop
    >>> x, y = tf.reshape([1.0, 5.0, 5.0], [1, 3, 1]), tf.reshape([5.0, 5.0], [1, 2, 1])
    >>> dy = tf.reshape([1.0, 10.0], [1, 2, 1])
    >>> max_pool_backprop(x, y, dy, (2,), (1,), "VALID", (1,)).numpy().ravel().tolist()
    [0.0, 11.0, 0.0]
    """
    _check_pooled(input, dy, pooled(input, window, strides, padding, dilations).shape)
    return TensorSpec(input.shape, dy.dtype)


def _check_pooled(x: TensorSpec, y: TensorSpec, expected: TensorShape) -> None:
    if not expected.is_compatible_with(y.shape):
        raise ShapeError(f"an input {x.shape} goes with an output {expected}, got {y.shape}")


@max_pool_backprop.kernel("numpy")
def _(x, y, dy, *, window, strides, padding, dilations):
    axes = slide(x.shape[1:-1], window, strides, dilations, padding)
    dx = np.zeros(x.shape, dy.dtype)
    for block, inside, outside, hit in _first_hits(x, y, axes):
        dx[block][inside] += np.where(hit, dy[block][outside], 0)
    return dx


def _first_hits(
    x: Any, y: Any, axes: tuple[Axis, ...]
) -> Iterator[tuple[slice, Index, Index, Any]]:
    """Yield, place by place, in which windows the element there is the first of the largest."""
    for block in blocks(len(x), x[:1].nbytes):
        free = np.ones(y[block].shape, bool)
        for _, inside, outside in taps(axes):
            hit = x[block][inside] == y[block][outside]
            hit &= free[outside]
            free[outside] ^= hit
            yield block, inside, outside, hit


@max_pool_backprop.gradient
def _(node, dx):
    x, y, _ = node.inputs
    return None, None, max_pool_select(x, y, dx, **_attributes(node))


@op
def max_pool_select(input: AnyTensor, output: AnyTensor, values: FloatTensor, window: Ints,
                    strides: Ints, padding: Padding, dilations: Ints):  # fmt: skip
    """Return, for each window, the value that stands where its first largest element is.

    Parameters
    ----------
    input, output : Tensor
        Of the pooling.
    values : Tensor
        Of the shape of `input`.
    window, strides, padding, dilations
        As of the pooling.

    Returns
    -------
    Tensor
        Of the shape of `output`.

    Examples
    --------
    >>> import minitf as tf
    >>> from minitf.ops.pool import max_pool_select
    >>> x, y = tf.reshape([1.0, 5.0, 5.0], [1, 3, 1]), tf.reshape([5.0, 5.0], [1, 2, 1])
    >>> values = tf.reshape([7.0, 8.0, 9.0], [1, 3, 1])
    >>> max_pool_select(x, y, values, (2,), (1,), "VALID", (1,)).numpy().ravel().tolist()
    [8.0, 8.0]
    """
    _check_pooled(input, output, pooled(input, window, strides, padding, dilations).shape)
    return TensorSpec(output.shape, values.dtype)


@max_pool_select.kernel("numpy")
def _(x, y, values, *, window, strides, padding, dilations):
    axes = slide(x.shape[1:-1], window, strides, dilations, padding)
    picked = np.zeros(y.shape, values.dtype)
    for block, inside, outside, hit in _first_hits(x, y, axes):
        picked[block][outside] += np.where(hit, values[block][inside], 0)
    return picked


@max_pool_select.gradient
def _(node, d):
    x, y, _ = node.inputs
    return None, None, max_pool_backprop(x, y, d, **_attributes(node))


# -- the average ----------------------------------------------------------------------------------


@op
def avg_pool_(input: FloatTensor, window: Ints, strides: Ints, padding: Padding, dilations: Ints):
    """Return the average of the elements of each window; see `avg_pool`.

    Parameters
    ----------
    input : Tensor
        Shape (batch, *sizes, channels).
    window, strides, dilations : tuple of int
        One number per spatial axis.
    padding : {"SAME", "VALID"} or pairs of int
        See `minitf.ops.windows`. What is outside of the input is not counted.

    Returns
    -------
    Tensor
        Shape (batch, *counts, channels).
    """
    return pooled(input, window, strides, padding, dilations)


@avg_pool_.kernel("numpy")
def _(x, *, window, strides, padding, dilations):
    axes = slide(x.shape[1:-1], window, strides, dilations, padding)
    y = np.zeros((len(x), *counts(axes), x.shape[-1]), x.dtype)
    cells = shares(axes, x.dtype)
    for block in blocks(len(x), x[:1].nbytes):
        for _, inside, outside in taps(axes):
            y[block][outside] += x[block][inside]
        y[block] *= cells
    return y


def shares(axes: tuple[Axis, ...], dtype: Any) -> Any:
    """Return for each position 1 / the number of elements in its window, with a channels axis."""
    cells = np.ones((1,) * (len(axes) + 1), dtype)
    for i, axis in enumerate(axes):
        along = np.zeros(axis.positions or 0, dtype)
        for j in range(axis.window):
            along[axis.tap(j)[1]] += 1
        cells = cells * along.reshape([-1 if k == i else 1 for k in range(len(axes) + 1)])
    return 1 / cells


@avg_pool_.gradient
def _(node, dy):
    return avg_pool_backprop(dy, sizes_of(node.inputs[0]), **_attributes(node))


@op
def avg_pool_backprop(dy: FloatTensor, sizes: Shape, window: Ints, strides: Ints,
                      padding: Padding, dilations: Ints):  # fmt: skip
    """Divide the gradient of each window evenly among its elements.

    Parameters
    ----------
    dy : Tensor
        Shape (batch, *counts, channels).
    sizes : sequence of int
        Spatial sizes of the pooling's input.
    window, strides, padding, dilations
        As of the pooling.

    Returns
    -------
    Tensor
        Shape (batch, *sizes, channels).

    Examples
    --------
    >>> import minitf as tf
    >>> from minitf.ops.pool import avg_pool_backprop
    >>> dy = tf.reshape([2.0, 10.0], [1, 2, 1])
    >>> avg_pool_backprop(dy, [3], (2,), (1,), "VALID", (1,)).numpy().ravel().tolist()
    [1.0, 6.0, 5.0]
    """
    x = TensorSpec((dy.shape[0], *sizes, dy.shape[-1]), dy.dtype)
    _check_pooled(x, dy, pooled(x, window, strides, padding, dilations).shape)
    return x


@avg_pool_backprop.kernel("numpy")
def _(dy, *, sizes, window, strides, padding, dilations):
    axes = slide(sizes, window, strides, dilations, padding)
    dx = np.zeros((len(dy), *sizes, dy.shape[-1]), dy.dtype)
    cells = shares(axes, dy.dtype)
    for block in blocks(len(dy), math.prod(sizes) * dy.shape[-1] * dy.itemsize):
        each = dy[block] * cells
        for _, inside, outside in taps(axes):
            dx[block][inside] += each[outside]
    return dx


@avg_pool_backprop.gradient
def _(node, dx):
    return avg_pool_(dx, **_attributes(node))
