"""Metrics for numbers: how far off predictions are, and how much of the truth they explain."""

from __future__ import annotations

from typing import Any

from minitf.errors import InvalidArgumentError, ShapeError
from minitf.graph.convert import as_tensor
from minitf.graph.tensor import Tensor
from minitf.metrics.metric import Metric
from minitf.metrics.reduction import Mean, MeanMetricWrapper
from minitf.ops.array import expand_dims
from minitf.ops.broadcasting import broadcast_like
from minitf.ops.composed import composed
from minitf.ops.division import divide_no_nan
from minitf.ops.logic import is_inf, less
from minitf.ops.math import cast, squared_difference
from minitf.ops.powers import sqrt, square
from minitf.ops.reduction import reduce_mean, reduce_sum
from minitf.ops.source import size
from minitf.ops.statistics import reduce_std, reduce_variance
from minitf.ops.where import where
from minitf.scoring.pairing import paired, same_rank
from minitf.scoring.regression import (
    cosine_of_angle,
    log_cosh,
    mean_absolute_error,
    mean_absolute_percentage_error,
    mean_squared_error,
    mean_squared_logarithmic_error,
)
from minitf.settings import epsilon


class MeanSquaredError(MeanMetricWrapper):
    """The mean of (y_true - y_pred)^2.

    Parameters
    ----------
    name, dtype
        As for `Metric`.

    Examples
    --------
    >>> from minitf import keras
    >>> float(keras.metrics.MeanSquaredError()([[0.0, 1.0]], [[1.0, 3.0]]))
    2.5
    """

    def __init__(self, name: str | None = "mean_squared_error", dtype: Any = None):
        super().__init__(mean_squared_error, name, dtype)


class RootMeanSquaredError(Mean):
    """The root of the mean of (y_true - y_pred)^2.

    Parameters
    ----------
    name, dtype
        As for `Metric`.

    Examples
    --------
    >>> from minitf import keras
    >>> float(keras.metrics.RootMeanSquaredError()([[0.0, 1.0]], [[3.0, 5.0]])).__round__(4)
    3.5355
    """

    def __init__(self, name: str | None = "root_mean_squared_error", dtype: Any = None):
        super().__init__(name, dtype)

    def update_state(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> None:  # type: ignore[override]
        """Add the squared errors of a batch."""
        y_true, y_pred = (cast(as_tensor(y), self.dtype) for y in (y_true, y_pred))
        super().update_state(squared_difference(*same_rank(y_true, y_pred)), sample_weight)

    def result(self) -> Tensor:
        """Return the root of the mean."""
        return sqrt(super().result())


class MeanAbsoluteError(MeanMetricWrapper):
    """The mean of abs(y_true - y_pred).

    Parameters
    ----------
    name, dtype
        As for `Metric`.

    Examples
    --------
    >>> from minitf import keras
    >>> float(keras.metrics.MeanAbsoluteError()([[0.0, 1.0]], [[1.0, 3.0]]))
    1.5
    """

    def __init__(self, name: str | None = "mean_absolute_error", dtype: Any = None):
        super().__init__(mean_absolute_error, name, dtype)


class MeanAbsolutePercentageError(MeanMetricWrapper):
    """100 times the mean of abs((y_true - y_pred) / y_true).

    Parameters
    ----------
    name, dtype
        As for `Metric`.

    Examples
    --------
    >>> from minitf import keras
    >>> float(keras.metrics.MeanAbsolutePercentageError()([[2.0, 4.0]], [[1.0, 4.0]]))
    25.0
    """

    def __init__(self, name: str | None = "mean_absolute_percentage_error", dtype: Any = None):
        super().__init__(mean_absolute_percentage_error, name, dtype)


class MeanSquaredLogarithmicError(MeanMetricWrapper):
    """The mean of (log(1 + y_true) - log(1 + y_pred))^2.

    Parameters
    ----------
    name, dtype
        As for `Metric`.

    Examples
    --------
    >>> from minitf import keras
    >>> round(float(keras.metrics.MeanSquaredLogarithmicError()([[0.0]], [[1.0]])), 4)
    0.4805
    """

    def __init__(self, name: str | None = "mean_squared_logarithmic_error", dtype: Any = None):
        super().__init__(mean_squared_logarithmic_error, name, dtype)


class CosineSimilarity(MeanMetricWrapper):
    """The mean cosine of the angle between truth and prediction; the loss has the other sign.

    Parameters
    ----------
    name, dtype
        As for `Metric`.
    axis : int
        The axis of the vectors.

    Examples
    --------
    >>> from minitf import keras
    >>> float(keras.metrics.CosineSimilarity()([[1.0, 0.0]], [[5.0, 0.0]]))
    1.0
    """

    def __init__(self, name: str | None = "cosine_similarity", dtype: Any = None, axis: int = -1):
        super().__init__(cosine_of_angle, name, dtype, axis=axis)


class LogCoshError(MeanMetricWrapper):
    """The mean of log(cosh(y_pred - y_true)).

    Parameters
    ----------
    name, dtype
        As for `Metric`.

    Examples
    --------
    >>> from minitf import keras
    >>> float(keras.metrics.LogCoshError()([[0.0], [0.0]], [[0.0], [0.0]]))
    0.0
    """

    def __init__(self, name: str | None = "logcosh", dtype: Any = None):
        super().__init__(log_cosh, name, dtype)


class R2Score(Metric):
    """The coefficient of determination: the share of the variance that predictions explain.

    Parameters
    ----------
    class_aggregation : {"uniform_average", "variance_weighted_average", None}
        How the scores of several columns become one; None leaves them.
    num_regressors : int
        Number of inputs that a linear model was fitted with: adjusts the score for them.
    name, dtype
        As for `Metric`.

    Notes
    -----
    ``1 - sum((y - p)^2) / sum((y - mean(y))^2)``, for columns of shape (batch, columns).

    Examples
    --------
    >>> from minitf import keras
    >>> round(float(keras.metrics.R2Score()([[1.0], [4.0], [3.0]], [[2.0], [4.0], [4.0]])), 4)
    0.5714
    """

    def __init__(self, class_aggregation: str | None = "uniform_average", num_regressors: int = 0,
                 name: str | None = "r2_score", dtype: Any = None):  # fmt: skip
        super().__init__(dtype, name)
        known = (None, "uniform_average", "variance_weighted_average")
        if class_aggregation not in known:
            raise InvalidArgumentError(
                f"{name}: class_aggregation is one of {known}, got {class_aggregation!r}"
            )
        if num_regressors < 0:
            raise InvalidArgumentError(f"{name}: num_regressors >= 0, got {num_regressors}")
        self.class_aggregation, self.num_regressors = class_aggregation, num_regressors
        self.num_samples = self.add_variable((), "zeros", self.dtype, name="num_samples")
        self.is_built = False

    def _build(self, y_true: Tensor, y_pred: Tensor) -> None:
        if len(y_pred.shape) != 2 or len(y_true.shape) != 2 or y_pred.shape[1] is None:
            raise ShapeError(f"{self.name}: truth and prediction have a shape (batch, columns), "
                             f"got {y_true.shape} and {y_pred.shape}")  # fmt: skip
        shape = (y_pred.shape[1],)
        self.squared_sum = self.add_variable(shape, "zeros", self.dtype, name="squared_sum")
        self.sum = self.add_variable(shape, "zeros", self.dtype, name="sum")
        self.total_mse = self.add_variable(shape, "zeros", self.dtype, name="residual")
        self.count = self.add_variable(shape, "zeros", self.dtype, name="count")
        self.is_built = True

    def update_state(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> None:
        """Add a batch."""
        y_true, y_pred = (cast(as_tensor(y), self.dtype) for y in (y_true, y_pred))
        y_true, y_pred = same_rank(y_true, y_pred)
        if not self.is_built:
            self._build(y_true, y_pred)
        weights = cast(as_tensor(1 if sample_weight is None else sample_weight), self.dtype)
        weights = expand_dims(weights, 1) if len(weights.shape) == 1 else weights
        weights = broadcast_like(weights, y_true)
        self.sum.assign_add(reduce_sum(y_true * weights, 0))
        self.squared_sum.assign_add(reduce_sum(square(y_true) * weights, 0))
        self.total_mse.assign_add(reduce_sum(squared_difference(y_true, y_pred) * weights, 0))
        self.count.assign_add(reduce_sum(weights, 0))
        self.num_samples.assign_add(cast(size(y_true), self.num_samples.dtype))

    def result(self) -> Tensor:
        """Return the score, or one for each column."""
        if not self.is_built:
            raise InvalidArgumentError(f"{self.name}: no batch was seen yet")
        variance: Any = self.squared_sum - square(self.sum) / self.count
        scores: Any = 1.0 - self.total_mse / variance
        scores = where(is_inf(scores), 0.0, scores)
        if self.class_aggregation == "uniform_average":
            scores = reduce_mean(scores)
        elif self.class_aggregation == "variance_weighted_average":
            scores = reduce_sum(variance * scores) / reduce_sum(variance)
        return self._adjusted(scores) if self.num_regressors else scores

    def _adjusted(self, score: Any) -> Tensor:
        """Return 1 - (1 - score)(n - 1)/(n - p - 1); the score itself where n - 1 <= p."""
        rest = self.num_samples - 1.0
        adjusted = 1.0 - divide_no_nan((1.0 - score) * rest, rest - self.num_regressors)
        return where(less(float(self.num_regressors), rest), adjusted, score)

    def get_config(self) -> dict[str, Any]:
        """Return the arguments that make an equal metric."""
        more = {"class_aggregation": self.class_aggregation, "num_regressors": self.num_regressors}
        return {**super().get_config(), **more}


@composed
def pearson_correlation(y_true: Any, y_pred: Any, axis: int = -1) -> Tensor:
    """Return Pearson's correlation of truth and prediction along an axis.

    Parameters
    ----------
    y_true, y_pred : Tensor
        Of one shape.
    axis : int
        The axis of what is correlated.

    Returns
    -------
    Tensor
        Between -1 and 1; the shape without `axis`.

    Examples
    --------
    >>> from minitf import keras
    >>> keras.metrics.pearson_correlation([[1.0, 2.0, 3.0]], [[2.0, 4.0, 6.0]]).numpy().round(4)
    array([1.], dtype=float32)
    """
    y_true, y_pred = (_standard(y, axis) for y in paired(y_true, y_pred))
    return reduce_mean(y_true * y_pred, axis)


def _standard(y: Any, axis: int) -> Any:
    centered = y - reduce_mean(y, axis, keepdims=True)
    return centered / reduce_std(centered, axis, keepdims=True)


@composed
def concordance_correlation(y_true: Any, y_pred: Any, axis: int = -1) -> Tensor:
    """Return how well predictions agree with the truth in trend, mean and scale.

    Parameters
    ----------
    y_true, y_pred : Tensor
        Of one shape.
    axis : int
        The axis of what is compared.

    Returns
    -------
    Tensor
        The shape without `axis`.

    References
    ----------
    L. Lin, "A concordance correlation coefficient to evaluate reproducibility", 1989.

    Examples
    --------
    >>> from minitf import keras
    >>> keras.metrics.concordance_correlation([[1.0, 2.0, 3.0]], [[1.0, 2.0, 3.0]]).numpy().round(4)
    array([1.], dtype=float32)
    """
    y_true, y_pred = paired(y_true, y_pred)
    mean, predicted = (reduce_mean(y, axis, keepdims=True) for y in (y_true, y_pred))
    # Centering the truth on the other mean as well changes nothing in the sum.
    covariance: Any = (y_true - predicted) * (y_pred - predicted)
    norm = reduce_variance(y_true, axis, keepdims=True) + reduce_variance(y_pred, axis, True)
    norm = norm + squared_difference(mean, predicted)
    return reduce_mean(2.0 * covariance / (norm + epsilon()), axis)


class PearsonCorrelation(MeanMetricWrapper):
    """The mean of Pearson's correlation of truth and prediction.

    Parameters
    ----------
    name, dtype
        As for `Metric`.
    axis : int
        The axis of what is correlated.

    Examples
    --------
    >>> from minitf import keras
    >>> round(float(keras.metrics.PearsonCorrelation()([[1.0, 2.0]], [[5.0, 3.0]])), 4)
    -1.0
    """

    def __init__(self, name: str | None = "pearson_correlation", dtype: Any = None,
                 axis: int = -1):  # fmt: skip
        super().__init__(pearson_correlation, name, dtype, axis=axis)


class ConcordanceCorrelation(MeanMetricWrapper):
    """The mean of how well predictions agree with the truth in trend, mean and scale.

    Parameters
    ----------
    name, dtype
        As for `Metric`.
    axis : int
        The axis of what is compared.

    Examples
    --------
    >>> from minitf import keras
    >>> round(float(keras.metrics.ConcordanceCorrelation()([[1.0, 2.0]], [[1.0, 2.0]])), 4)
    1.0
    """

    def __init__(self, name: str | None = "concordance_correlation", dtype: Any = None,
                 axis: int = -1):  # fmt: skip
        super().__init__(concordance_correlation, name, dtype, axis=axis)
