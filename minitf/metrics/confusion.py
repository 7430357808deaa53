"""Counting the four cases: yes or no, rightly or wrongly, at one or many thresholds.

For each threshold t, a prediction above t says yes. Weighted numbers of

- true positives: said yes, is yes      - false positives: said yes, is no
- false negatives: said no, is yes      - true negatives: said no, is no

follow from two sums over what lies above t, since both kinds of answers are known in all.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from minitf.dtypes import bool_, int32
from minitf.errors import InvalidArgumentError, ShapeError
from minitf.graph.convert import as_tensor
from minitf.graph.tensor import Tensor
from minitf.metrics.metric import Metric
from minitf.ops.array import expand_dims, known_size, reshape, squeeze, stack
from minitf.ops.broadcasting import broadcast_like
from minitf.ops.cumulative import cumsum
from minitf.ops.filling import one_hot
from minitf.ops.linalg import matmul
from minitf.ops.logic import greater
from minitf.ops.math import cast
from minitf.ops.reduction import reduce_sum
from minitf.ops.rounding import ceil, clip_by_value, maximum
from minitf.ops.segment import unsorted_segment_sum
from minitf.ops.sorting import top_indices
from minitf.ops.state import Variable
from minitf.ops.where import where
from minitf.scoring.pairing import check_same_shape, same_rank, spread_weights
from minitf.settings import epsilon, floatx

KINDS = ("true_positives", "false_positives", "true_negatives", "false_negatives")
YES = {"true_positives", "false_positives"}  # what was said; and below, where its truth stands
WHERE = {"true_positives": 0, "false_positives": 1, "false_negatives": 0, "true_negatives": 1}
NEVER = -1e10  # lower than any prediction


def as_thresholds(given: Any, default: float) -> list[float]:
    """Return thresholds as a list, checked to lie between 0 and 1."""
    if given is None:
        return [default]
    thresholds = list(given) if isinstance(given, (list, tuple, np.ndarray)) else [given]
    wrong = [t for t in thresholds if t is None or not 0 <= t <= 1]
    if wrong:
        raise InvalidArgumentError(f"thresholds lie between 0 and 1, got {wrong}")
    return thresholds


class ConfusionMetric(Metric):
    """What metrics share that count some of the four cases at some thresholds.

    Parameters
    ----------
    counted : sequence of str
        Which of the four; each becomes a Variable of that name.
    thresholds : list of float
        What counts as yes.
    top_k, class_id : int, optional
        Only the k largest predictions can say yes; only this class counts.
    """

    true_positives: Variable
    false_positives: Variable
    true_negatives: Variable
    false_negatives: Variable

    def __init__(self, counted: Sequence[str], thresholds: list[float], top_k: int | None = None,
                 class_id: int | None = None, name: str | None = None,
                 dtype: Any = None):  # fmt: skip
        super().__init__(dtype, name)
        self.thresholds, self.top_k, self.class_id = thresholds, top_k, class_id
        self.counted = tuple(counted)
        self.labels: int | None = None  # how many are counted each by itself
        self.label_weights: Any = None

    def count_from_zero(self, labels: int | None = None) -> None:
        """Create the Variables: shape (thresholds,), or (thresholds, labels)."""
        self.labels = labels
        shape = (len(self.thresholds),) if labels is None else (len(self.thresholds), labels)
        for kind in self.counted:
            setattr(self, kind, self.add_variable(shape, "zeros", name=kind))

    def update_state(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> None:
        """Count a batch.

        Parameters
        ----------
        y_true : Tensor
            What is not 0 is yes.
        y_pred : Tensor
            Between 0 and 1, of the same shape.
        sample_weight : Tensor, optional
            How much each example counts.
        """
        y_true, y_pred = self._pair(y_true, y_pred)
        weights = self._weights(sample_weight, y_pred)
        if self.class_id is not None:
            y_true, y_pred = self._of_class(y_true), self._of_class(y_pred)
            if weights is not None and weights.shape[-1] != 1:
                weights = self._of_class(weights)
        yes = cast(cast(y_true, bool_), y_pred.dtype)
        truth = stack([yes, 1.0 - yes], -1)
        if weights is not None:
            truth = truth * expand_dims(broadcast_like(weights, y_pred), -1)
        columns = 1 if self.labels is None else self.labels
        self._add(reshape(truth, [-1, columns, 2]), reshape(y_pred, [-1, columns]))

    def _add(self, truth: Any, y_pred: Any) -> None:
        """Count what is yes, and what is no, as weights of shape (n, columns, 2)."""
        above = _above_even if evenly_spread(self.thresholds) else _above_any
        said_yes = above(self.thresholds, truth, y_pred)  # (thresholds, columns, 2)
        said_no: Any = None
        if not YES.issuperset(self.counted):
            said_no = reduce_sum(truth, 0, keepdims=True) - said_yes
        for kind in self.counted:
            found = (said_yes if kind in YES else said_no)[..., WHERE[kind]]
            getattr(self, kind).assign_add(found if self.labels else found[:, 0])

    def _pair(self, y_true: Any, y_pred: Any) -> tuple[Any, Any]:
        y_pred = cast(as_tensor(y_pred), floatx())
        y_true, y_pred = same_rank(cast(as_tensor(y_true), y_pred.dtype), y_pred)
        check_same_shape(y_true, y_pred)
        if self.top_k is not None:
            classes = known_size(y_pred, -1)
            chosen = reduce_sum(one_hot(top_indices(y_pred, self.top_k, int32), classes), -2)
            y_pred = where(greater(chosen, 0.0), y_pred, NEVER)
        return y_true, y_pred

    def _weights(self, sample_weight: Any, y_pred: Tensor) -> Any:
        weights = None
        if sample_weight is not None:
            weights = cast(as_tensor(sample_weight), y_pred.dtype)
            if len(weights.shape) > len(y_pred.shape):
                weights = squeeze(weights, [-1])
            weights = spread_weights(weights, y_pred)
        if self.label_weights is not None and self.labels is None:
            weights = self.label_weights * (1.0 if weights is None else weights)
        return weights

    def _of_class(self, x: Any) -> Any:
        if len(x.shape) < 2:
            raise ShapeError(f"{self.name}: class_id={self.class_id} needs an axis of classes, "
                             f"got shape {x.shape}")  # fmt: skip
        return x[..., self.class_id, None]


def evenly_spread(thresholds: Sequence[float]) -> bool:
    """Return whether thresholds divide the interval from 0 to 1 evenly."""
    n = len(thresholds)
    return n > 2 and np.allclose(thresholds, np.linspace(0, 1, n), rtol=0, atol=2 * epsilon())


def _above_any(thresholds: Sequence[float], truth: Any, y_pred: Any) -> Tensor:
    """Return the truth's sum over predictions above each threshold, by comparing with all."""
    limits = np.array(thresholds, y_pred.dtype.numpy)[:, None]
    if y_pred.shape[-1] == 1:
        above = cast(greater(y_pred[:, 0], limits), y_pred.dtype)  # (thresholds, n)
        return expand_dims(matmul(above, truth[:, 0]), 1)
    above = cast(greater(y_pred, limits[..., None]), y_pred.dtype)  # (thresholds, n, columns)
    return reduce_sum(expand_dims(above, -1) * truth, 1)


def _above_even(thresholds: Sequence[float], truth: Any, y_pred: Any) -> Tensor:
    """Return the same where thresholds are evenly spread: n + thresholds steps, not their product.

    Prediction p lies above threshold i / (T - 1) where ``i < p (T - 1)``: add its truth to the
    last such i, and sum from the end.
    """
    steps, columns = len(thresholds), y_pred.shape[-1]
    last = cast(ceil(clip_by_value(y_pred, 0.0, 1.0) * (steps - 1.0)) - 1.0, int32)
    if thresholds[0] < 0:  # the first threshold lies below all predictions
        last = maximum(last, 0)
    cell = last * columns + np.arange(columns, dtype=np.int32)  # (n, columns)
    sums = unsorted_segment_sum(truth, cell, steps * columns)
    return cumsum(reshape(sums, [steps, columns, 2]), 0, reverse=True)


def one_or_all(values: Any) -> Tensor:
    """Return the single number where there is one threshold, else all of them."""
    return values[0] if values.shape == (1,) else as_tensor(values)


class _Count(ConfusionMetric):
    """The number of one of the four cases."""

    kind = ""

    def __init__(self, thresholds: Any = None, name: str | None = None, dtype: Any = None):
        super().__init__([self.kind], as_thresholds(thresholds, 0.5), name=name, dtype=dtype)
        self.given = thresholds
        self.accumulator = self.add_variable((len(self.thresholds),), "zeros", name="accumulator")
        setattr(self, self.kind, self.accumulator)

    def result(self) -> Tensor:
        """Return the number."""
        return one_or_all(self.accumulator)

    def get_config(self) -> dict[str, Any]:
        """Return the arguments that make an equal metric."""
        return {**super().get_config(), "thresholds": self.given}


class TruePositives(_Count):
    """How many were said to be positive, and are.

    Parameters
    ----------
    thresholds : float or list of float, optional
        Predictions above it are positive; 0.5 by default.
    name, dtype
        As for `Metric`.

    Examples
    --------
    >>> from minitf import keras
    >>> float(keras.metrics.TruePositives()([1, 1, 0], [0.9, 0.1, 0.8]))
    1.0
    """

    kind = "true_positives"


class FalsePositives(_Count):
    """How many were said to be positive, and are not.

    Parameters
    ----------
    thresholds : float or list of float, optional
        Predictions above it are positive; 0.5 by default.
    name, dtype
        As for `Metric`.

    Examples
    --------
    >>> from minitf import keras
    >>> float(keras.metrics.FalsePositives()([1, 1, 0], [0.9, 0.1, 0.8]))
    1.0
    """

    kind = "false_positives"


class TrueNegatives(_Count):
    """How many were said to be negative, and are.

    Parameters
    ----------
    thresholds : float or list of float, optional
        Predictions above it are positive; 0.5 by default.
    name, dtype
        As for `Metric`.

    Examples
    --------
    >>> from minitf import keras
    >>> float(keras.metrics.TrueNegatives()([1, 1, 0], [0.9, 0.1, 0.8]))
    0.0
    """

    kind = "true_negatives"


class FalseNegatives(_Count):
    """How many were said to be negative, and are not.

    Parameters
    ----------
    thresholds : float or list of float, optional
        Predictions above it are positive; 0.5 by default.
    name, dtype
        As for `Metric`.

    Examples
    --------
    >>> from minitf import keras
    >>> float(keras.metrics.FalseNegatives()([1, 1, 0], [0.9, 0.1, 0.8]))
    1.0
    """

    kind = "false_negatives"
