"""Running totals along an axis."""

from __future__ import annotations

from typing import Any

import numpy as np

from minitf.graph.op import FloatTensor, Tensor, op
from minitf.graph.spec import TensorSpec, normalize_axis
from minitf.ops.division import divide_no_nan
from minitf.ops.exponential import exp, log
from minitf.ops.math import numeric
from minitf.ops.where import select


def _like(x: TensorSpec, axis: Any) -> TensorSpec:
    if axis is not None:
        normalize_axis(axis, len(x.shape))
    return x


def accumulate(
    combine: np.ufunc, start: Any, x: Any, axis: int, exclusive: Any, reverse: Any
) -> Any:
    """Return all partial results of combining the elements along an axis, one by one."""
    rows = np.moveaxis(x, axis, 0)
    rows = rows[::-1] if reverse else rows
    done = combine.accumulate(rows, axis=0, dtype=x.dtype)
    if exclusive:
        first = np.full((min(1, len(rows)), *rows.shape[1:]), start, x.dtype)
        done = np.concatenate([first, done[:-1]])
    return np.moveaxis(done[::-1] if reverse else done, 0, axis)


@op
def cumsum(x: Tensor, axis: int = 0, exclusive: bool = False, reverse: bool = False):
    """Add up the elements along an axis, keeping every partial sum.

    Parameters
    ----------
    x : Tensor
        Numbers, any shape with at least one axis.
    axis : int
        The axis to go along.
    exclusive : bool
        Leave each element out of its own sum: the first sum is 0.
    reverse : bool
        Begin at the end.

    Returns
    -------
    Tensor
        Of the shape of `x`.

    Examples
    --------
    >>> import minitf as tf
    >>> tf.cumsum([1, 2, 3]).numpy().tolist()
    [1, 3, 6]
    >>> tf.cumsum([1, 2, 3], exclusive=True, reverse=True).numpy().tolist()
    [5, 3, 0]
    """
    return _like(numeric(x), axis)


@cumsum.kernel("numpy")
def _(x, *, axis, exclusive, reverse):
    return accumulate(np.add, 0, x, axis, exclusive, reverse)


@cumsum.gradient
def _(node, dy):
    return cumsum(dy, node["axis"], node["exclusive"], not node["reverse"])


@op
def cumprod(x: Tensor, axis: int = 0, exclusive: bool = False, reverse: bool = False):
    """Multiply the elements along an axis, keeping every partial product.

    Parameters
    ----------
    x : Tensor
        Numbers, any shape with at least one axis.
    axis : int
        The axis to go along.
    exclusive : bool
        Leave each element out of its own product: the first product is 1.
    reverse : bool
        Begin at the end.

    Returns
    -------
    Tensor
        Of the shape of `x`.

    Notes
    -----
    The gradient divides by the elements, and is taken to be 0 for an element that is 0.

    Examples
    --------
    >>> import minitf as tf
    >>> tf.math.cumprod([2, 3, 4]).numpy().tolist()
    [2, 6, 24]
    """
    return _like(numeric(x), axis)


@cumprod.kernel("numpy")
def _(x, *, axis, exclusive, reverse):
    return accumulate(np.multiply, 1, x, axis, exclusive, reverse)


@cumprod.gradient
def _(node, dy):
    weighted = dy * node.outputs[0]
    summed = cumsum(weighted, node["axis"], node["exclusive"], not node["reverse"])
    return divide_no_nan(summed, node.inputs[0])


@op
def cumulative_logsumexp(
    x: FloatTensor, axis: int = 0, exclusive: bool = False, reverse: bool = False
):
    """Return the logarithms of the running sums of the exponentials along an axis.

    Parameters
    ----------
    x : Tensor
        Floating dtype, any shape with at least one axis.
    axis : int
        The axis to go along.
    exclusive : bool
        Leave each element out of its own sum: the first result is -inf.
    reverse : bool
        Begin at the end.

    Returns
    -------
    Tensor
        Of the shape of `x`.

    Examples
    --------
    >>> import minitf as tf
    >>> print(tf.math.cumulative_logsumexp([1000.0, 1000.0]).numpy().round(3))
    [1000.    1000.693]
    """
    return _like(x, axis)


@cumulative_logsumexp.kernel("numpy")
def _(x, *, axis, exclusive, reverse):
    return accumulate(np.logaddexp, -np.inf, x, axis, exclusive, reverse)


@cumulative_logsumexp.gradient
def _(node, dy):
    # dx[j] = exp(x[j]) sum_i dy[i] exp(-y[i]): in logarithms, which need the signs apart.
    return _weighted(node, dy) - _weighted(node, -dy)


def _weighted(node: Any, dy: Any) -> Any:
    """Return what the positive part of `dy` contributes to the gradient."""
    positive = dy > 0
    log_dy = select(positive, log(select(positive, dy, 1)), dy.dtype.min)
    terms = log_dy - node.outputs[0]
    summed = cumulative_logsumexp(terms, node["axis"], node["exclusive"], not node["reverse"])
    return exp(summed + node.inputs[0])
