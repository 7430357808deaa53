"""Metrics that are sums and means of numbers."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from minitf.errors import InvalidArgumentError
from minitf.graph.convert import as_tensor
from minitf.graph.tensor import Tensor
from minitf.metrics.metric import Metric
from minitf.ops.array import known_size
from minitf.ops.broadcasting import broadcast_like
from minitf.ops.division import divide_no_nan
from minitf.ops.math import cast
from minitf.ops.reduction import reduce_mean, reduce_sum
from minitf.ops.state import Variable
from minitf.scoring import FUNCTIONS
from minitf.scoring.pairing import mask_of, masked_weights, same_rank
from minitf.serialization import deserialize_keras_object


def by_example(values: Any, weights: Any, reduce: Callable[..., Tensor], dtype: Any) -> Any:
    """Return one number for each example, and one weight if there are weights.

    What weights do not tell apart is reduced first, then multiplied by them.
    """
    mask = mask_of(values)
    values = cast(as_tensor(values), dtype)
    if weights is not None:
        weights = masked_weights(weights, mask, values.dtype, "sum")
        values, weights = same_rank(values, weights)
        values = _reduce_from(values, len(weights.shape), reduce)
        weights = broadcast_like(weights, values)
        values, weights = values * weights, _reduce_from(weights, 1, reduce)
    return _reduce_from(values, 1, reduce), weights


def _reduce_from(x: Any, axis: int, reduce: Callable[..., Tensor]) -> Any:
    rank = len(x.shape)
    return reduce(x, tuple(range(axis, rank))) if rank > axis else x


class Sum(Metric):
    """The sum of all numbers seen.

    Parameters
    ----------
    name, dtype
        As for `Metric`.

    Examples
    --------
    >>> from minitf import keras
    >>> metric = keras.metrics.Sum()
    >>> metric.update_state([1.0, 3.0])
    >>> float(metric([5.0]))
    9.0
    """

    def __init__(self, name: str | None = "sum", dtype: Any = None):
        super().__init__(dtype, name)
        self.total = self.add_variable((), "zeros", self.dtype, name="total")

    def update_state(self, values: Any, sample_weight: Any = None) -> None:
        """Add numbers, each times its weight."""
        values, _ = by_example(values, sample_weight, reduce_sum, self.dtype)
        self.total.assign_add(reduce_sum(values))

    def result(self) -> Tensor:
        """Return the sum."""
        return self.total.read_value()


class Mean(Metric):
    """The mean of all numbers seen: a loss over an epoch, for instance.

    Parameters
    ----------
    name, dtype
        As for `Metric`.

    Examples
    --------
    >>> from minitf import keras
    >>> metric = keras.metrics.Mean(name="loss")
    >>> metric.update_state([1.0, 3.0])
    >>> metric.update_state([5.0])
    >>> float(metric.result())
    3.0
    """

    def __init__(self, name: str | None = "mean", dtype: Any = None):
        super().__init__(dtype, name)
        self.total = self.add_variable((), "zeros", self.dtype, name="total")
        self.count = self.add_variable((), "zeros", self.dtype, name="count")

    def update_state(self, values: Any, sample_weight: Any = None) -> None:
        """Add numbers, each as often as its weight says.

        Parameters
        ----------
        values : Tensor
            Shape (), (batch,), or (batch, ...): then an example counts with its mean.
        sample_weight : Tensor, optional
            Shape (batch,), or a longer part of the shape of `values`.
        """
        values, weights = by_example(values, sample_weight, reduce_mean, self.dtype)
        self.total.assign_add(reduce_sum(values) if values.shape else values)
        if weights is not None:
            count = reduce_sum(weights)
        else:
            count = cast(known_size(values, 0), self.dtype) if values.shape else 1.0
        self.count.assign_add(count)

    def result(self) -> Tensor:
        """Return the mean; 0 where nothing was seen."""
        return divide_no_nan(self.total, self.count)


class MeanMetricWrapper(Mean):
    """The mean of what a function says of each example.

    Parameters
    ----------
    fn : function
        Called as ``fn(y_true, y_pred, **kwargs)``; returns a number for each example.
    name, dtype
        As for `Metric`.
    **kwargs
        Further arguments of the function. They are attributes of the metric as well.

    Examples
    --------
    >>> from minitf import keras
    >>> metric = keras.metrics.MeanMetricWrapper(lambda y_true, y_pred: abs(y_true - y_pred))
    >>> float(metric([1.0, 2.0], [1.0, 4.0]))
    1.0
    """

    def __init__(self, fn: Callable[..., Any], name: str | None = None, dtype: Any = None,
                 **kwargs: Any):  # fmt: skip
        super().__init__(name, dtype)
        self.fn, self.arguments = fn, kwargs
        vars(self).update(kwargs)

    def update_state(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> None:  # type: ignore[override]
        """Add a batch.

        Parameters
        ----------
        y_true, y_pred : Tensor
            The truth and the prediction, shape (batch, ...).
        sample_weight : Tensor, optional
            How much each example counts.
        """
        mask = mask_of(y_pred)
        y_true, y_pred = (as_tensor(y) for y in (y_true, y_pred))
        values = self.fn(y_true, y_pred, **self.arguments)
        super().update_state(values, masked_weights(sample_weight, mask, self.dtype, "sum"))

    def get_config(self) -> dict[str, Any]:
        """Return the arguments that make an equal metric."""
        own = {"fn": self.fn} if type(self) is MeanMetricWrapper else {}
        return {**super().get_config(), **own, **self.arguments}

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> Metric:
        """Return the metric that a config describes."""
        if "fn" in config:
            config = {k: deserialize_keras_object(v, FUNCTIONS) for k, v in config.items()}
        return cls(**config)


class MeanTensor(Metric):
    """The mean of Tensors of one shape, element by element.

    Parameters
    ----------
    name, dtype
        As for `Metric`.
    shape : sequence of int, optional
        Of the Tensors; that of the first one by default.

    Examples
    --------
    >>> from minitf import keras
    >>> metric = keras.metrics.MeanTensor()
    >>> metric.update_state([0.0, 1.0])
    >>> metric([2.0, 5.0]).numpy().tolist()
    [1.0, 3.0]
    """

    def __init__(self, name: str | None = "mean_tensor", dtype: Any = None, shape: Any = None):
        super().__init__(dtype, name)
        self.shape = shape
        self.total: Variable | None = None
        if shape is not None:
            self._build(shape)

    def _build(self, shape: Any) -> None:
        self.total = self.add_variable(shape, "zeros", self.dtype, name="total")
        self.count = self.add_variable(shape, "zeros", self.dtype, name="count")

    def update_state(self, values: Any, sample_weight: Any = None) -> None:
        """Add a Tensor, each element as often as its weight says."""
        values = cast(as_tensor(values), self.dtype)
        if self.total is None:
            self._build(values.shape)
        assert self.total is not None
        if not self.total.shape.is_compatible_with(values.shape):
            raise InvalidArgumentError(
                f"{self.name}: the Tensors so far had shape {self.total.shape}, this one has "
                f"{values.shape}"
            )
        weights = cast(1 if sample_weight is None else sample_weight, self.dtype)
        weights = broadcast_like(weights, values)
        self.total.assign_add(values * weights)
        self.count.assign_add(weights)

    def result(self) -> Tensor:
        """Return the means; 0 where nothing was seen."""
        if self.total is None:
            raise InvalidArgumentError(f"{self.name}: no Tensor was seen yet")
        return divide_no_nan(self.total, self.count)

    def get_config(self) -> dict[str, Any]:
        """Return the arguments that make an equal metric."""
        return {**super().get_config(), "shape": self.shape}
