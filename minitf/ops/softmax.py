"""Softmax: from any numbers to numbers that are positive and sum to 1."""

from __future__ import annotations

from typing import Any

import numpy as np

from minitf.graph.op import FloatTensor, Tensor, op
from minitf.graph.spec import normalize_axis
from minitf.ops.broadcasting import elementwise
from minitf.ops.exponential import exp
from minitf.ops.reduction import reduce_sum


def shifted(x: Any, axis: int) -> Any:
    """Return logits minus their maximum: the same to softmax, and exp of it does not overflow."""
    return np.subtract(x, x.max(axis=axis, keepdims=True, initial=-np.inf), order="C")


@op(name="softmax")
def softmax_(logits: FloatTensor, axis: int):
    """Return exp(logits) / sum of them along an axis; see `softmax`."""
    normalize_axis(axis, len(logits.shape))
    return logits


@softmax_.kernel("numpy")
def _(x, *, axis):
    y = shifted(x, axis)
    np.exp(y, out=y)
    y /= y.sum(axis=axis, keepdims=True)
    return y


@softmax_.gradient
def _(node, dy):
    return softmax_grad(dy, node.outputs[0], node["axis"])


@op
def softmax_grad(dy: FloatTensor, y: FloatTensor, axis: int):
    """Return what `softmax`, whose result was y, does to a gradient: y (dy - sum(dy y)).

    Parameters
    ----------
    dy, y : Tensor
        Of one shape.
    axis : int
        Along which y sums to 1.

    Returns
    -------
    Tensor

    Examples
    --------
    >>> from minitf.ops.softmax import softmax_grad
    >>> softmax_grad([1.0, 0.0], [0.5, 0.5], -1).numpy().tolist()
    [0.25, -0.25]
    """
    return elementwise(dy, y)


@softmax_grad.kernel("numpy")
def _(dy, y, *, axis):
    product = dy * y
    product -= y * product.sum(axis=axis, keepdims=True)
    return product


@softmax_grad.gradient
def _(node, d):
    dy, y = node.inputs
    axis = node["axis"]
    mean = reduce_sum(dy * y, axis, keepdims=True)
    return softmax_grad(d, y, axis), d * (dy - mean) - dy * reduce_sum(d * y, axis, keepdims=True)


def softmax(logits: Any, axis: int | None = None, name: str | None = None) -> Tensor:
    """Return probabilities: exp(x), divided by its sum along an axis.

    Parameters
    ----------
    logits : Tensor
        Any shape with at least one axis.
    axis : int, optional
        Along which the result sums to 1; the last by default.

    Returns
    -------
    Tensor

    Examples
    --------
    >>> import minitf as tf
    >>> tf.nn.softmax([0.0, 0.0, 1000.0]).numpy().tolist()
    [0.0, 0.0, 1.0]
    """
    return softmax_(logits, -1 if axis is None else axis, name=name)


@op(name="log_softmax")
def log_softmax_(logits: FloatTensor, axis: int):
    """Return logits - log(sum of exp(logits)) along an axis; see `log_softmax`."""
    normalize_axis(axis, len(logits.shape))
    return logits


@log_softmax_.kernel("numpy")
def _(x, *, axis):
    y = shifted(x, axis)
    y -= np.log(np.exp(y).sum(axis=axis, keepdims=True))
    return y


@log_softmax_.gradient
def _(node, dy):
    axis = node["axis"]
    return dy - exp(node.outputs[0]) * reduce_sum(dy, axis, keepdims=True)


def log_softmax(logits: Any, axis: int | None = None, name: str | None = None) -> Tensor:
    """Return the logarithm of `softmax`, which stays finite where that rounds to 0.

    Parameters
    ----------
    logits : Tensor
        Any shape with at least one axis.
    axis : int, optional
        Along which the probabilities sum to 1; the last by default.

    Returns
    -------
    Tensor

    Notes
    -----
    ``x - max(x) - log(sum(exp(x - max(x))))``.

    Examples
    --------
    >>> import minitf as tf
    >>> tf.nn.log_softmax([0.0, 1000.0]).numpy().tolist()
    [-1000.0, 0.0]
    """
    return log_softmax_(logits, -1 if axis is None else axis, name=name)
