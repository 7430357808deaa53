"""Convolution over any number of spatial axes, and its two derivatives.

Three ops, each bilinear, each the derivative of the other two, so that gradients of any order are
made of the same three::

    y  = conv(x, w)                     every window of x, times the filters
    dx = conv_backprop_input(dy, w)     every dy, times the filters, added where its window lay
    dw = conv_backprop_filter(x, dy)    every window of x, times its dy

Channels come last: x is (batch, *sizes, channels), w is (*window, channels / groups, filters). The
NumPy kernels turn a few images at a time into matrices for BLAS; at that size the copies stay in
the cache.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

import numpy as np

from minitf import blas
from minitf.errors import ShapeError
from minitf.graph.op import FloatTensor, Shape, op
from minitf.graph.spec import Dim, TensorShape, TensorSpec
from minitf.ops.array import known_size
from minitf.ops.windows import (
    Axis,
    Ints,
    Padding,
    blocks,
    counts,
    pad,
    slide,
    taps,
    windows_of,
)

Axes = tuple[Axis, ...]

FEW_CHANNELS = 4  # up to here, rows of columns are too short to be copied one by one


@op
def conv(input: FloatTensor, filters: FloatTensor, strides: Ints, padding: Padding,
         dilations: Ints):  # fmt: skip
    """Slide filters over the spatial axes; at each position, multiply and add up.

    Parameters
    ----------
    input : Tensor
        Shape (batch, *sizes, channels).
    filters : Tensor
        Shape (*window, channels / groups, filters). With several groups of channels, each is seen
        by its own part of the filters.
    strides, dilations : tuple of int
        Per spatial axis: steps between positions, and between the elements of a window.
    padding : {"SAME", "VALID"} or pairs of int
        Zeros put around the input; see `minitf.ops.windows`.

    Returns
    -------
    Tensor
        Shape (batch, *counts, filters):
        ``y[b, i, f] = sum_(k, c) x[b, i * stride + k * dilation - before, c] * w[k, c, f]``.

    Raises
    ------
    ShapeError
        Where the channels do not match, or a window does not fit.

    Examples
    --------
    >>> import minitf as tf
    >>> from minitf.ops.conv import conv
    >>> x = tf.reshape([1.0, 2.0, 4.0, 8.0], [1, 4, 1])
    >>> difference = tf.reshape([-1.0, 1.0], [2, 1, 1])
    >>> conv(x, difference, (1,), "VALID", (1,)).numpy().ravel().tolist()
    [1.0, 2.0, 4.0]
    """
    rank = len(input.shape) - 2
    if not 1 <= rank <= 3 or len(filters.shape) != rank + 2:
        raise ShapeError(
            "input (batch, *sizes, channels) and filters (*window, channels, filters) need 3, 4 or "
            f"5 axes, both the same, got {input.shape} and {filters.shape}"
        )
    _check_channels(input.shape[-1], *filters.shape[-2:])
    axes = slide(input.shape[1:-1], filters.shape[:-2], strides, dilations, padding)
    return TensorSpec((input.shape[0], *counts(axes), filters.shape[-1]), input.dtype)


def _check_channels(channels: Dim, seen: Dim, made: Dim) -> None:
    """Check that the channels are as many as a filter sees, or groups of that size."""
    if channels is None or seen is None or made is None:
        return
    if min(channels, seen) < 1 or channels % seen or made % (channels // seen):
        raise ShapeError(
            f"the input has {channels} channels, and {made} filters see {seen} each: these must "
            "be all of them, or groups into which channels and filters are divided evenly"
        )


@conv.kernel("numpy")
def _(input, filters, *, strides, padding, dilations):
    _check_channels(input.shape[-1], *filters.shape[-2:])  # a graph need not have known
    axes = slide(input.shape[1:-1], filters.shape[:-2], strides, dilations, padding)
    if not (input.size and filters.size):
        return np.zeros((len(input), *counts(axes), filters.shape[-1]), input.dtype)
    groups = input.shape[-1] // filters.shape[-2]
    if filters.shape[-2] == 1 < groups:
        return _depthwise(input, filters, axes)
    return _by_group(_dense, groups, input, filters, axes)


@conv.gradient
def _(node, dy):
    x, w = node.inputs
    how = _attributes(node) | {"groups": known_size(x, -1) // known_size(w, -2)}
    return (
        lambda: conv_backprop_input(dy, w, sizes_of(x), **how),
        lambda: conv_backprop_filter(x, dy, window_of(w), **how),
    )


def _attributes(node: Any) -> dict[str, Any]:
    return {name: node[name] for name in ("strides", "padding", "dilations")}


def sizes_of(x: Any) -> tuple[Any, ...]:
    """Return the spatial sizes of a tensor: numbers, or tensors where the graph has to tell."""
    return tuple(known_size(x, axis) for axis in range(1, len(x.shape) - 1))


def window_of(w: Any) -> tuple[Any, ...]:
    """Return the spatial sizes of filters, likewise."""
    return tuple(known_size(w, axis) for axis in range(len(w.shape) - 2))


@op
def conv_backprop_input(dy: FloatTensor, filters: FloatTensor, sizes: Shape, strides: Ints,
                        padding: Padding, dilations: Ints, groups: int = 1):  # fmt: skip
    """Return the gradient of `conv` with respect to its input: a transposed convolution.

    Parameters
    ----------
    dy : Tensor
        Shape (batch, *counts, filters).
    filters : Tensor
        Shape (*window, channels / groups, filters).
    sizes : sequence of int
        Spatial sizes of the convolution's input; `dy` alone leaves them open.
    strides, padding, dilations
        As of the convolution.
    groups : int
        Into how many parts the channels were divided.

    Returns
    -------
    Tensor
        Shape (batch, *sizes, channels).

    Examples
    --------
    >>> import minitf as tf
    >>> from minitf.ops.conv import conv_backprop_input
    >>> dy = tf.reshape([1.0, 10.0], [1, 2, 1])
    >>> w = tf.reshape([1.0, 2.0], [2, 1, 1])
    >>> conv_backprop_input(dy, w, [4], (2,), "VALID", (1,)).numpy().ravel().tolist()
    [1.0, 2.0, 10.0, 20.0]
    """
    if len(dy.shape) != len(filters.shape) or len(sizes) != len(dy.shape) - 2:
        raise ShapeError(f"axes differ: {dy.shape}, filters {filters.shape}, sizes {sizes}")
    axes = slide(sizes, filters.shape[:-2], strides, dilations, padding)
    expected = TensorShape((None, *counts(axes), filters.shape[-1]))
    if not expected.is_compatible_with(dy.shape):
        raise ShapeError(
            f"sizes {sizes} and filters {filters.shape} go with {expected}, got {dy.shape}"
        )
    seen = filters.shape[-2]
    channels = None if seen is None or groups is None else seen * groups
    _check_channels(channels, seen, filters.shape[-1])
    return TensorSpec((dy.shape[0], *sizes, channels), dy.dtype)


@conv_backprop_input.kernel("numpy")
def _(dy, filters, *, sizes, strides, padding, dilations, groups):
    axes = slide(sizes, filters.shape[:-2], strides, dilations, padding)
    if not (dy.size and filters.size):
        return np.zeros((len(dy), *sizes, filters.shape[-2] * groups), dy.dtype)
    if filters.shape[-2] == 1 < groups:
        return _depthwise_input(dy, filters, axes, groups)
    return _by_group(_dense_input, groups, dy, filters, axes)


@conv_backprop_input.gradient
def _(node, dx):
    dy, w = node.inputs[:2]
    how = _attributes(node)
    return (
        conv(dx, w, **how),
        conv_backprop_filter(dx, dy, window_of(w), groups=node["groups"], **how),
    )


@op
def conv_backprop_filter(input: FloatTensor, dy: FloatTensor, window: Shape, strides: Ints,
                         padding: Padding, dilations: Ints, groups: int = 1):  # fmt: skip
    """Return the gradient of `conv` with respect to its filters.

    Parameters
    ----------
    input : Tensor
        Shape (batch, *sizes, channels).
    dy : Tensor
        Shape (batch, *counts, filters).
    window : tuple of int
        Spatial sizes of the filters; strides leave them open.
    strides, padding, dilations
        As of the convolution.
    groups : int
        Into how many parts the channels were divided.

    Returns
    -------
    Tensor
        Shape (*window, channels / groups, filters).

    Examples
    --------
    >>> import minitf as tf
    >>> from minitf.ops.conv import conv_backprop_filter
    >>> x = tf.reshape([1.0, 2.0, 3.0], [1, 3, 1])
    >>> dy = tf.reshape([1.0, 10.0], [1, 2, 1])
    >>> conv_backprop_filter(x, dy, (2,), (1,), "VALID", (1,)).numpy().ravel().tolist()
    [21.0, 32.0]
    """
    if len(dy.shape) != len(input.shape):
        raise ShapeError(f"axes differ: {input.shape} and {dy.shape}")
    axes = slide(input.shape[1:-1], window, strides, dilations, padding)
    expected = TensorShape((input.shape[0], *counts(axes), None))
    if not expected.is_compatible_with(dy.shape):
        raise ShapeError(
            f"input {input.shape} and window {window} go with {expected}, got {dy.shape}"
        )
    channels = input.shape[-1]
    seen = None if channels is None or groups is None else channels // groups
    _check_channels(channels, seen, dy.shape[-1])
    return TensorSpec((*window, seen, dy.shape[-1]), input.dtype)


@conv_backprop_filter.kernel("numpy")
def _(input, dy, *, window, strides, padding, dilations, groups):
    axes = slide(input.shape[1:-1], window, strides, dilations, padding)
    if not (input.size and dy.size):
        return np.zeros((*window, input.shape[-1] // groups, dy.shape[-1]), input.dtype)
    if input.shape[-1] == groups > 1:
        return _depthwise_filter(input, dy, axes)
    return _by_group(_dense_filter, groups, input, dy, axes)


@conv_backprop_filter.gradient
def _(node, dw):
    x, dy = node.inputs[:2]
    how = _attributes(node)
    return (
        conv_backprop_input(dy, dw, sizes_of(x), groups=node["groups"], **how),
        conv(x, dw, **how),
    )


# -- the NumPy kernels ----------------------------------------------------------------------------


def _by_group(rule: Any, groups: int, a: Any, b: Any, axes: Axes) -> Any:
    """Apply a rule group by group: in all three ops, what is divided is the last axis."""
    if groups == 1:
        return rule(a, b, axes)
    parts = zip(np.split(a, groups, -1), np.split(b, groups, -1), strict=True)
    return np.concatenate([rule(p, q, axes) for p, q in parts], -1)


def _dense(x: Any, w: Any, axes: Axes) -> Any:
    y = np.empty((len(x), *counts(axes), w.shape[-1]), x.dtype)
    matrix = w.reshape(-1, w.shape[-1])
    for block, columns in _columns(x, axes):
        blas.multiply(columns, matrix, y[block].reshape(-1, w.shape[-1]))
    return y


def _dense_filter(x: Any, dy: Any, axes: Axes) -> Any:
    window = [axis.window for axis in axes]
    total = np.zeros((math.prod(window) * x.shape[-1], dy.shape[-1]), x.dtype)
    for block, columns in _columns(x, axes):
        total += blas.multiply(columns.T, dy[block].reshape(-1, dy.shape[-1]))
    return total.reshape(*window, x.shape[-1], dy.shape[-1])


def _dense_input(dy: Any, w: Any, axes: Axes) -> Any:
    dx = np.zeros((len(dy), *[axis.size for axis in axes], w.shape[-2]), dy.dtype)
    pixel = max(w.shape[-2:]) * dy.itemsize
    for block in blocks(len(dy), math.prod(counts(axes)) * pixel):
        rows = dy[block].reshape(-1, dy.shape[-1])
        for place, inside, outside in taps(axes):
            part = blas.multiply(rows, w[place].T).reshape(*dy[block].shape[:-1], -1)
            dx[block][inside] += part[outside]
    return dx


def _columns(x: Any, axes: Axes) -> Iterator[tuple[slice, Any]]:
    """Yield, a few images at a time, all windows as the rows of a matrix (known as im2col)."""
    row = math.prod(axis.window for axis in axes) * x.shape[-1]
    each = math.prod(counts(axes)) * row * x.itemsize
    buffer = None
    for block in blocks(len(x), each):
        windows = windows_of(pad(x[block], axes), axes)
        if not windows.flags.c_contiguous:  # it is, where a window is one element
            buffer = _buffer(windows, len(axes)) if buffer is None else buffer[: len(windows)]
            buffer[...] = windows
            windows = buffer
        yield block, windows.reshape(-1, row)


def _buffer(windows: Any, rank: int) -> Any:
    """Return an empty array like `windows`, in the order of memory that is copied to fastest."""
    shape, first = windows.shape, rank + 1
    if shape[-1] > FEW_CHANNELS:
        return np.empty(shape, windows.dtype)
    turned = np.empty(shape[first:] + shape[:first], windows.dtype)  # (window, channels, positions)
    return turned.transpose(*range(first, len(shape)), *range(first))


def _depthwise(x: Any, w: Any, axes: Axes) -> Any:
    y = np.zeros((len(x), *counts(axes), x.shape[-1], w.shape[-1] // x.shape[-1]), x.dtype)
    for block in blocks(len(x), y[:1].nbytes):
        for place, inside, outside in taps(axes):
            y[block][outside] += x[block][inside][..., None] * w[place].reshape(y.shape[-2:])
    return y.reshape(*y.shape[:-2], -1)


def _depthwise_filter(x: Any, dy: Any, axes: Axes) -> Any:
    channels, window = x.shape[-1], [axis.window for axis in axes]
    dw = np.zeros((*window, channels, dy.shape[-1] // channels), x.dtype)
    dy = dy.reshape(*dy.shape[:-1], *dw.shape[-2:])
    cell = "abcd"[: len(axes) + 1]
    sums = f"{cell}x,{cell}xm->xm"
    for block in blocks(len(x), dy[:1].nbytes):
        for place, inside, outside in taps(axes):
            dw[place] += np.einsum(sums, x[block][inside], dy[block][outside])
    return dw.reshape(*window, 1, -1)


def _depthwise_input(dy: Any, w: Any, axes: Axes, channels: int) -> Any:
    dx = np.zeros((len(dy), *[axis.size for axis in axes], channels), dy.dtype)
    dy = dy.reshape(*dy.shape[:-1], channels, -1)
    for block in blocks(len(dy), dy[:1].nbytes):
        for place, inside, outside in taps(axes):
            part = w[place].reshape(dy.shape[-2:])
            dx[block][inside] += np.einsum("...cm,cm->...c", dy[block][outside], part)
    return dx
