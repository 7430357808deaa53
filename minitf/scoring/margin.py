"""Hinge losses: what is on the right side by a margin costs nothing."""

from __future__ import annotations

from typing import Any

from minitf.graph.convert import as_tensor
from minitf.graph.tensor import Tensor
from minitf.ops.composed import composed
from minitf.ops.logic import equal, logical_or
from minitf.ops.math import cast
from minitf.ops.powers import square
from minitf.ops.reduction import reduce_all, reduce_max, reduce_mean, reduce_sum
from minitf.ops.rounding import maximum
from minitf.ops.where import where
from minitf.scoring.pairing import floating


def _pair(y_true: Any, y_pred: Any) -> tuple[Any, Any]:
    y_pred = floating(y_pred)
    return cast(as_tensor(y_true, hint=y_pred.dtype), y_pred.dtype), y_pred


def _distance(y_true: Any, y_pred: Any) -> Tensor:
    """Return max(1 - y_true y_pred, 0), with labels -1 and 1 where they were 0 and 1."""
    y_true, y_pred = _pair(y_true, y_pred)
    is_binary = reduce_all(logical_or(equal(y_true, 0.0), equal(y_true, 1.0)))
    signs = where(is_binary, 2.0 * y_true - 1.0, y_true)
    return maximum(1.0 - signs * y_pred, 0.0)


@composed
def hinge(y_true: Any, y_pred: Any) -> Tensor:
    """Return the mean of max(1 - y_true y_pred, 0) over the last axis.

    Parameters
    ----------
    y_true : Tensor
        Labels -1 and 1; 0 and 1 mean these.
    y_pred : Tensor
        Any numbers, of the same shape (batch, ..., n).

    Returns
    -------
    Tensor
        Shape (batch, ...).

    Examples
    --------
    >>> from minitf import keras
    >>> keras.losses.hinge([[1.0, -1.0]], [[3.0, 0.5]]).numpy().tolist()
    [0.75]
    """
    return reduce_mean(_distance(y_true, y_pred), -1)


@composed
def squared_hinge(y_true: Any, y_pred: Any) -> Tensor:
    """Return the mean of max(1 - y_true y_pred, 0)^2 over the last axis.

    Parameters
    ----------
    y_true : Tensor
        Labels -1 and 1; 0 and 1 mean these.
    y_pred : Tensor
        Any numbers, of the same shape (batch, ..., n).

    Returns
    -------
    Tensor
        Shape (batch, ...).

    Examples
    --------
    >>> from minitf import keras
    >>> keras.losses.squared_hinge([[1.0, -1.0]], [[3.0, 0.0]]).numpy().tolist()
    [0.5]
    """
    return reduce_mean(square(_distance(y_true, y_pred)), -1)


@composed
def categorical_hinge(y_true: Any, y_pred: Any) -> Tensor:
    """Return how far the right class falls short of beating the best wrong one by 1.

    Parameters
    ----------
    y_true : Tensor
        One-hot rows, shape (batch, ..., classes).
    y_pred : Tensor
        Scores, of the same shape.

    Returns
    -------
    Tensor
        ``max(wrong - right + 1, 0)`` with ``right = sum(y_true y_pred)`` and
        ``wrong = max((1 - y_true) y_pred)``, shape (batch, ...).

    Examples
    --------
    >>> from minitf import keras
    >>> keras.losses.categorical_hinge([[0.0, 1.0]], [[2.0, 2.5]]).numpy().tolist()
    [0.5]
    """
    y_true, y_pred = _pair(y_true, y_pred)
    right = reduce_sum(y_true * y_pred, -1)
    wrong = reduce_max((1.0 - y_true) * y_pred, -1)
    return maximum(wrong - right + 1.0, 0.0)
