"""Losses for numbers: the further off, the higher."""

from __future__ import annotations

from typing import Any

from minitf.losses.wrapper import LossFunctionWrapper
from minitf.scoring.regression import (
    cosine_similarity,
    huber,
    log_cosh,
    mean_absolute_error,
    mean_absolute_percentage_error,
    mean_squared_error,
    mean_squared_logarithmic_error,
)

MEAN = "sum_over_batch_size"


class MeanSquaredError(LossFunctionWrapper):
    """The mean of (y_true - y_pred)^2.

    Parameters
    ----------
    reduction, name, dtype
        As for `Loss`.

    Examples
    --------
    >>> from minitf import keras
    >>> float(keras.losses.MeanSquaredError()([[0.0, 1.0]], [[1.0, 3.0]]))
    2.5
    """

    def __init__(self, reduction: str | None = MEAN, name: str | None = "mean_squared_error",
                 dtype: Any = None):  # fmt: skip
        super().__init__(mean_squared_error, reduction, name, dtype)


class MeanAbsoluteError(LossFunctionWrapper):
    """The mean of abs(y_true - y_pred): less moved by outliers than squares.

    Parameters
    ----------
    reduction, name, dtype
        As for `Loss`.

    Examples
    --------
    >>> from minitf import keras
    >>> float(keras.losses.MeanAbsoluteError()([[0.0, 1.0]], [[1.0, 3.0]]))
    1.5
    """

    def __init__(self, reduction: str | None = MEAN, name: str | None = "mean_absolute_error",
                 dtype: Any = None):  # fmt: skip
        super().__init__(mean_absolute_error, reduction, name, dtype)


class MeanAbsolutePercentageError(LossFunctionWrapper):
    """100 times the mean of abs((y_true - y_pred) / y_true).

    Parameters
    ----------
    reduction, name, dtype
        As for `Loss`.

    Examples
    --------
    >>> from minitf import keras
    >>> float(keras.losses.MeanAbsolutePercentageError()([[2.0, 4.0]], [[1.0, 4.0]]))
    25.0
    """

    def __init__(self, reduction: str | None = MEAN,
                 name: str | None = "mean_absolute_percentage_error",
                 dtype: Any = None):  # fmt: skip
        super().__init__(mean_absolute_percentage_error, reduction, name, dtype)


class MeanSquaredLogarithmicError(LossFunctionWrapper):
    """The mean of (log(1 + y_true) - log(1 + y_pred))^2: ratios count, not differences.

    Parameters
    ----------
    reduction, name, dtype
        As for `Loss`.

    Examples
    --------
    >>> from minitf import keras
    >>> round(float(keras.losses.MeanSquaredLogarithmicError()([[0.0]], [[1.0]])), 4)
    0.4805
    """

    def __init__(self, reduction: str | None = MEAN,
                 name: str | None = "mean_squared_logarithmic_error",
                 dtype: Any = None):  # fmt: skip
        super().__init__(mean_squared_logarithmic_error, reduction, name, dtype)


class CosineSimilarity(LossFunctionWrapper):
    """Minus the cosine of the angle between truth and prediction.

    Parameters
    ----------
    axis : int
        The axis of the vectors.
    reduction, name, dtype
        As for `Loss`.

    Examples
    --------
    >>> from minitf import keras
    >>> float(keras.losses.CosineSimilarity()([[1.0, 0.0]], [[5.0, 0.0]]))
    -1.0
    """

    def __init__(self, axis: int = -1, reduction: str | None = MEAN,
                 name: str | None = "cosine_similarity", dtype: Any = None):  # fmt: skip
        super().__init__(cosine_similarity, reduction, name, dtype, axis=axis)


class Huber(LossFunctionWrapper):
    """Quadratic for small errors, linear for large ones; see `huber`.

    Parameters
    ----------
    delta : float
        Where the parabola becomes a line.
    reduction, name, dtype
        As for `Loss`.

    Examples
    --------
    >>> from minitf import keras
    >>> float(keras.losses.Huber()([[0.0], [0.0]], [[1.0], [3.0]]))
    1.5
    """

    def __init__(self, delta: float = 1.0, reduction: str | None = MEAN,
                 name: str | None = "huber_loss", dtype: Any = None):  # fmt: skip
        super().__init__(huber, reduction, name, dtype, delta=delta)


class LogCosh(LossFunctionWrapper):
    """The mean of log(cosh(y_pred - y_true)): a smooth relative of `Huber`.

    Parameters
    ----------
    reduction, name, dtype
        As for `Loss`.

    Examples
    --------
    >>> from minitf import keras
    >>> round(float(keras.losses.LogCosh()([[0.0], [0.0]], [[0.0], [1000.0]])), 2)
    499.65
    """

    def __init__(self, reduction: str | None = MEAN, name: str | None = "log_cosh",
                 dtype: Any = None):  # fmt: skip
        super().__init__(log_cosh, reduction, name, dtype)
