"""Choosing elements by a condition."""

from __future__ import annotations

from typing import Any

import numpy as np

from minitf.dtypes import int64
from minitf.errors import InvalidArgumentError
from minitf.graph.op import AnyTensor, BoolTensor, Tensor, op
from minitf.graph.spec import TensorSpec, broadcast
from minitf.ops.broadcasting import unbroadcast
from minitf.ops.composed import composed


@op
def select(condition: BoolTensor, x: Tensor, y: Tensor):
    """Take each element from x where the condition is true, else from y; see `where`."""
    return TensorSpec(broadcast(condition.shape, x.shape, y.shape), x.dtype)


select.kernel("numpy")(np.where)


@select.gradient
def _(node, dy):
    condition, x, y = node.inputs
    dx, dy = select(condition, dy, 0), select(condition, 0, dy)
    return None, unbroadcast(dx, x), unbroadcast(dy, y)


@select.scalar
def _(condition, x, y):
    return x if condition else y


@op(name="where", differentiable=False)
def true_indices(condition: AnyTensor):
    """Return where a tensor is true (or not 0); see `where`."""
    return TensorSpec((None, len(condition.shape)), int64)


@true_indices.kernel("numpy")
def _(condition):
    return np.argwhere(condition).astype(np.int64)


@composed
def where(condition: Any, x: Any = None, y: Any = None, name: str | None = None) -> Tensor:
    """Choose between two tensors, elementwise; or, given the condition alone, say where it holds.

    Parameters
    ----------
    condition : Tensor
        Of type bool; alone, any dtype, and what is not 0 holds.
    x : Tensor, optional
        Taken where the condition holds. The three shapes broadcast.
    y : Tensor, optional
        Taken elsewhere; of the dtype of `x`.

    Returns
    -------
    Tensor
        The chosen elements; or, given the condition alone, an int64 tensor of shape (n, rank) with
        the indices of the n elements that hold.

    Raises
    ------
    InvalidArgumentError
        Where only one of `x` and `y` is given.

    Notes
    -----
    Both branches are computed, and the gradient of the one that was not taken is 0. Zero times an
    infinite derivative is NaN, however, so guard the *input* too: not
    ``tf.where(x > 0, tf.sqrt(x), 0.0)`` but
    ``tf.where(x > 0, tf.sqrt(tf.where(x > 0, x, 1.0)), 0.0)``.

    Examples
    --------
    >>> import minitf as tf
    >>> tf.where([True, False, True], [1, 2, 3], [10, 20, 30]).numpy().tolist()
    [1, 20, 3]
    >>> tf.where([[True, False], [False, True]]).numpy().tolist()
    [[0, 0], [1, 1]]
    """
    if (x is None) != (y is None):
        raise InvalidArgumentError("give both x and y, or the condition alone")
    if x is None:
        return true_indices(condition, name=name)
    return select(condition, x, y, name=name)
