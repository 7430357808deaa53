"""Running totals along an axis."""

from __future__ import annotations

from typing import Any

import numpy as np

from minitf.graph.op import FloatTensor, Tensor, op
from minitf.graph.spec import TensorSpec, normalize_axis
from minitf.ops.composed import composed
from minitf.ops.division import divide_no_nan
from minitf.ops.exponential import exp
from minitf.ops.math import numeric
from minitf.ops.rounding import minimum


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
def shift(x: Tensor, axis: int, reverse: bool, fill: float):
    """Move the elements one place along an axis, toward the end or (`reverse`) the beginning.

    Parameters
    ----------
    x : Tensor
        Numbers, any shape with at least one axis.
    axis : int
        The axis to go along.
    reverse : bool
        Move toward the beginning.
    fill : float
        What comes in; the element at the other end goes.

    Returns
    -------
    Tensor
        Of the shape of `x`.

    Examples
    --------
    >>> from minitf.ops.cumulative import shift
    >>> shift([1.0, 2.0, 3.0], 0, False, 0.0).numpy().tolist()
    [0.0, 1.0, 2.0]
    """
    return _like(numeric(x), axis)


@shift.kernel("numpy")
def _(x, *, axis, reverse, fill):
    out = np.full(x.shape, fill, x.dtype)
    old, new = np.moveaxis(x, axis, 0), np.moveaxis(out, axis, 0)
    if reverse:
        new[:-1] = old[1:]
    else:
        new[1:] = old[:-1]
    return out


@shift.gradient
def _(node, dy):
    return shift(dy, node["axis"], not node["reverse"], 0.0)


@op
def decayed_sum(x: FloatTensor, decay: FloatTensor, axis: int = 0, reverse: bool = False):
    """Add up the elements along an axis, shrinking what was summed before at every step.

    Parameters
    ----------
    x : Tensor
        Floating dtype, any shape with at least one axis.
    decay : Tensor
        Of the same dtype and shape. Its first element along the axis has nothing to shrink.
    axis : int
        The axis to go along.
    reverse : bool
        Begin at the end.

    Returns
    -------
    Tensor
        ``y[i] = x[i] + decay[i] * y[i - 1]``; with rewards for x and a constant decay, in reverse,
        the discounted returns.

    Examples
    --------
    >>> from minitf.ops.cumulative import decayed_sum
    >>> decayed_sum([0.0, 0.0, 8.0], [0.5, 0.5, 0.5], reverse=True).numpy().tolist()
    [2.0, 4.0, 8.0]
    """
    _like(x, axis)
    return TensorSpec(x.shape.merge_with(decay.shape), x.dtype)


@decayed_sum.kernel("numpy")
def _(x, decay, *, axis, reverse):
    out = x.copy()
    step = -1 if reverse else 1
    sums, factors = np.moveaxis(out, axis, 0)[::step], np.moveaxis(decay, axis, 0)[::step]
    for i in range(1, len(sums)):
        sums[i] += factors[i] * sums[i - 1]
    return out


@decayed_sum.gradient
def _(node, dy):
    # Backwards in time the sum is of the same kind, and each step shrinks by the factor after it.
    axis, reverse = node["axis"], node["reverse"]
    dx = decayed_sum(dy, shift(node.inputs[1], axis, not reverse, 0.0), axis, not reverse)
    return dx, dx * shift(node.outputs[0], axis, reverse, 0.0)


@op(name="cumulative_logsumexp")
def cumulative_logsumexp_(x: FloatTensor, axis: int, reverse: bool):
    """Return the logarithms of running sums of exponentials; see `cumulative_logsumexp`."""
    return _like(x, axis)


@cumulative_logsumexp_.kernel("numpy")
def _(x, *, axis, reverse):
    return accumulate(np.logaddexp, -np.inf, x, axis, False, reverse)


@cumulative_logsumexp_.gradient
def _(node, dy):
    # dx[j] = sum_i dy[i] exp(x[j] - y[i]), in steps from y[i + 1] to y[i], none of which grows.
    x, y = node.inputs[0], node.outputs[0]
    axis, backward = node["axis"], not node["reverse"]
    decay = exp(minimum(y - shift(y, axis, backward, 0.0), 0))
    return exp(x - y) * decayed_sum(dy, decay, axis, backward)


@composed
def cumulative_logsumexp(
    x: Any, axis: int = 0, exclusive: bool = False, reverse: bool = False, name: str | None = None
) -> Tensor:
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
    if not exclusive:
        return cumulative_logsumexp_(x, axis, reverse, name=name)
    return shift(cumulative_logsumexp_(x, axis, reverse), axis, reverse, float("-inf"), name=name)
