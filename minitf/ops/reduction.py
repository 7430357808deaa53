"""Reductions: many elements become one, along some axes."""

from __future__ import annotations

from typing import Any

import numpy as np

from minitf.graph.op import Tensor, op
from minitf.graph.spec import TensorShape, TensorSpec, normalize_axes
from minitf.ops.array import reshape_like
from minitf.ops.broadcasting import broadcast_like

Axis = int | tuple[int, ...] | None


def reduced(spec: TensorSpec, axis: Any, keepdims: bool, dtype: Any = None) -> TensorSpec:
    """Return the spec that is left when `axis` is reduced."""
    axes = normalize_axes(axis, len(spec.shape))
    kept = (1 if i in axes else n for i, n in enumerate(spec.shape))
    left = (n for i, n in enumerate(spec.shape) if i not in axes)
    return TensorSpec(TensorShape(kept if keepdims else left), dtype or spec.dtype)


def spread(dy: Any, source: Any, axis: Any) -> Any:
    """Return `dy`, the gradient of a reduction of `source`, stretched over what was reduced."""
    return broadcast_like(keep_axes(dy, source, axis), source)


def keep_axes(reduced_value: Any, source: Any, axis: Any) -> Any:
    """Return a reduction's result with the reduced axes present again, with size 1."""
    if len(reduced_value.shape) == len(source.shape):
        return reduced_value
    return reshape_like(reduced_value, source, normalize_axes(axis, len(source.shape)))


@op
def reduce_sum(input_tensor: Tensor, axis: Axis = None, keepdims: bool = False):
    """Sum the elements along some axes.

    Parameters
    ----------
    input_tensor : Tensor
        Any shape.
    axis : int or sequence of int, optional
        Axes to sum over; all of them by default.
    keepdims : bool
        Keep the axes, with size 1.

    Returns
    -------
    Tensor

    Examples
    --------
    >>> import minitf as tf
    >>> tf.reduce_sum([[1, 2], [3, 4]], axis=0).numpy().tolist()
    [4, 6]
    """
    return reduced(input_tensor, axis, keepdims)


@reduce_sum.kernel("numpy")
def _(x, *, axis, keepdims):
    return x.sum(axis=axis, keepdims=keepdims, dtype=x.dtype)


@reduce_sum.gradient
def _(node, dy):
    return spread(dy, node.inputs[0], node["axis"])
