"""Differences between numbers."""

from __future__ import annotations

import math
from typing import Any

from minitf.graph.tensor import Tensor
from minitf.ops.composed import composed
from minitf.ops.exponential import log, softplus
from minitf.ops.logic import less_equal
from minitf.ops.math import abs_, squared_difference
from minitf.ops.norms import l2_normalize
from minitf.ops.powers import square
from minitf.ops.reduction import reduce_mean, reduce_sum
from minitf.ops.rounding import maximum
from minitf.ops.where import where
from minitf.scoring.pairing import paired
from minitf.settings import epsilon


@composed
def mean_squared_error(y_true: Any, y_pred: Any) -> Tensor:
    """Return the mean of (y_true - y_pred)^2 over the last axis.

    Parameters
    ----------
    y_true, y_pred : Tensor
        Shape (batch, ..., n).

    Returns
    -------
    Tensor
        Shape (batch, ...).

    Examples
    --------
    >>> from minitf import keras
    >>> keras.losses.mean_squared_error([[0.0, 1.0]], [[1.0, 3.0]]).numpy().tolist()
    [2.5]
    """
    return reduce_mean(squared_difference(*paired(y_true, y_pred)), -1)


@composed
def mean_absolute_error(y_true: Any, y_pred: Any) -> Tensor:
    """Return the mean of abs(y_true - y_pred) over the last axis.

    Parameters
    ----------
    y_true, y_pred : Tensor
        Shape (batch, ..., n).

    Returns
    -------
    Tensor
        Shape (batch, ...).

    Examples
    --------
    >>> from minitf import keras
    >>> keras.losses.mean_absolute_error([[0.0, 1.0]], [[1.0, 3.0]]).numpy().tolist()
    [1.5]
    """
    y_true, y_pred = paired(y_true, y_pred)
    return reduce_mean(abs_(y_true - y_pred), -1)


@composed
def mean_absolute_percentage_error(y_true: Any, y_pred: Any) -> Tensor:
    """Return 100 times the mean of abs((y_true - y_pred) / y_true) over the last axis.

    Parameters
    ----------
    y_true, y_pred : Tensor
        Shape (batch, ..., n). A truth nearer to 0 than `keras.backend.epsilon()` counts as that.

    Returns
    -------
    Tensor
        Shape (batch, ...).

    Examples
    --------
    >>> from minitf import keras
    >>> keras.losses.mean_absolute_percentage_error([[2.0, 4.0]], [[1.0, 4.0]]).numpy().tolist()
    [25.0]
    """
    y_true, y_pred = paired(y_true, y_pred)
    return 100.0 * reduce_mean(abs_((y_true - y_pred) / maximum(abs_(y_true), epsilon())), -1)


@composed
def mean_squared_logarithmic_error(y_true: Any, y_pred: Any) -> Tensor:
    """Return the mean of (log(1 + y_true) - log(1 + y_pred))^2 over the last axis.

    Parameters
    ----------
    y_true, y_pred : Tensor
        Shape (batch, ..., n). Numbers below 0 count as 0.

    Returns
    -------
    Tensor
        Shape (batch, ...).

    Examples
    --------
    >>> from minitf import keras
    >>> loss = keras.losses.mean_squared_logarithmic_error([[0.0]], [[1.0]])
    >>> print(loss.numpy().round(4))  # log(2) squared
    [0.4805]
    """
    y_true, y_pred = (log(maximum(y, epsilon()) + 1.0) for y in paired(y_true, y_pred))
    return reduce_mean(squared_difference(y_true, y_pred), -1)


@composed
def huber(y_true: Any, y_pred: Any, delta: float = 1.0) -> Tensor:
    """Return a mean that is quadratic for small errors and linear for large ones.

    Parameters
    ----------
    y_true, y_pred : Tensor
        Shape (batch, ..., n).
    delta : float
        Where the parabola becomes a line.

    Returns
    -------
    Tensor
        Shape (batch, ...).

    Notes
    -----
    For an error e: ``e^2 / 2`` where ``abs(e) <= delta``, else ``delta abs(e) - delta^2 / 2``.

    References
    ----------
    P. Huber, "Robust estimation of a location parameter", 1964.

    Examples
    --------
    >>> from minitf import keras
    >>> keras.losses.huber([[0.0], [0.0]], [[1.0], [3.0]]).numpy().tolist()
    [0.5, 2.5]
    """
    y_true, y_pred = paired(y_true, y_pred)
    error = abs_(y_pred - y_true)
    near, far = 0.5 * square(error), delta * error - 0.5 * delta**2
    return reduce_mean(where(less_equal(error, delta), near, far), -1)


@composed
def log_cosh(y_true: Any, y_pred: Any) -> Tensor:
    """Return the mean of log(cosh(y_pred - y_true)) over the last axis.

    Parameters
    ----------
    y_true, y_pred : Tensor
        Shape (batch, ..., n).

    Returns
    -------
    Tensor
        Shape (batch, ...).

    Notes
    -----
    About ``e^2 / 2`` for small errors e and ``abs(e) - log(2)`` for large ones; computed as
    ``e + softplus(-2 e) - log(2)``, which does not overflow.

    Examples
    --------
    >>> from minitf import keras
    >>> print(keras.losses.log_cosh([[0.0], [0.0]], [[0.0], [1000.0]]).numpy().round(2))
    [  0.   999.31]
    """
    y_true, y_pred = paired(y_true, y_pred)
    error = y_pred - y_true
    return reduce_mean(error + softplus(-2.0 * error) - math.log(2.0), -1)


@composed
def cosine_of_angle(y_true: Any, y_pred: Any, axis: int = -1) -> Tensor:
    """Return the cosine of the angle between two vectors; 0 where one has no length."""
    y_true, y_pred = paired(y_true, y_pred)
    return reduce_sum(l2_normalize(y_true, axis) * l2_normalize(y_pred, axis), axis)


@composed
def cosine_similarity(y_true: Any, y_pred: Any, axis: int = -1) -> Tensor:
    """Return minus the cosine of the angle between truth and prediction.

    Parameters
    ----------
    y_true, y_pred : Tensor
        Any shape.
    axis : int
        The axis of the vectors.

    Returns
    -------
    Tensor
        The shape without `axis`: -1 for vectors that point in one direction, 1 for opposite ones.

    Examples
    --------
    >>> from minitf import keras
    >>> keras.losses.cosine_similarity([[1.0, 0.0]], [[0.0, 5.0]]).numpy().tolist()
    [-0.0]
    """
    return -cosine_of_angle(y_true, y_pred, axis)
