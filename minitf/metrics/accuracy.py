"""Accuracies: how often predictions are right."""

from __future__ import annotations

from typing import Any

from minitf.dtypes import int32
from minitf.errors import ShapeError
from minitf.graph.convert import as_tensor
from minitf.graph.tensor import Tensor
from minitf.metrics.reduction import MeanMetricWrapper
from minitf.ops.array import expand_dims, reshape, reshape_like, squeeze
from minitf.ops.composed import composed
from minitf.ops.logic import equal, greater
from minitf.ops.math import cast
from minitf.ops.reduction import argmax, reduce_any
from minitf.ops.sorting import in_top_k
from minitf.scoring.pairing import paired, same_rank
from minitf.settings import floatx

# -- as functions ---------------------------------------------------------------------------------


@composed
def accuracy(y_true: Any, y_pred: Any) -> Tensor:
    """Return 1 where prediction and truth are equal, else 0.

    Parameters
    ----------
    y_true, y_pred : Tensor
        Of one shape.

    Returns
    -------
    Tensor
        Of that shape.

    Examples
    --------
    >>> from minitf.metrics.accuracy import accuracy
    >>> accuracy([1, 2], [1, 3]).numpy().tolist()
    [1.0, 0.0]
    """
    y_pred = as_tensor(y_pred)
    y_true, y_pred = same_rank(cast(as_tensor(y_true), y_pred.dtype), y_pred)
    return cast(equal(y_true, y_pred), floatx())


@composed
def binary_accuracy(y_true: Any, y_pred: Any, threshold: float = 0.5) -> Tensor:
    """Return 1 where a prediction above a threshold meets the label 1, or one below the label 0.

    Parameters
    ----------
    y_true : Tensor
        0 and 1.
    y_pred : Tensor
        Probabilities of 1, of the same shape.
    threshold : float
        What counts as yes.

    Returns
    -------
    Tensor
        Of that shape.

    Examples
    --------
    >>> from minitf import keras
    >>> keras.metrics.binary_accuracy([1.0, 1.0, 0.0], [0.9, 0.4, 0.1]).numpy().tolist()
    [1.0, 0.0, 1.0]
    """
    y_true, y_pred = paired(y_true, y_pred)
    return cast(equal(y_true, cast(greater(y_pred, threshold), y_true.dtype)), floatx())


@composed
def categorical_accuracy(y_true: Any, y_pred: Any) -> Tensor:
    """Return 1 where the largest prediction is that of the right class, else 0.

    Parameters
    ----------
    y_true : Tensor
        One-hot rows, shape (batch, ..., classes).
    y_pred : Tensor
        Probabilities or logits, of the same shape.

    Returns
    -------
    Tensor
        Shape (batch, ...).

    Examples
    --------
    >>> from minitf import keras
    >>> right = keras.metrics.categorical_accuracy([[0, 1], [1, 0]], [[0.1, 0.9], [0.2, 0.8]])
    >>> right.numpy().tolist()
    [1.0, 0.0]
    """
    y_true, y_pred = as_tensor(y_true), as_tensor(y_pred)
    if not y_true.shape.is_compatible_with(y_pred.shape):
        raise ShapeError(
            f"one-hot labels have the shape of the prediction, {y_pred.shape}; these have "
            f"{y_true.shape}: numbers of classes go with sparse_categorical_accuracy"
        )
    return cast(equal(argmax(y_true, -1), argmax(y_pred, -1)), floatx())


@composed
def sparse_categorical_accuracy(y_true: Any, y_pred: Any) -> Tensor:
    """Return 1 where the largest prediction is that of the right class, else 0.

    Parameters
    ----------
    y_true : Tensor
        Number of the right class, shape (batch, ...) or (batch, ..., 1).
    y_pred : Tensor
        Probabilities or logits, shape (batch, ..., classes).

    Returns
    -------
    Tensor
        Shape (batch, ...).

    Examples
    --------
    >>> from minitf import keras
    >>> right = keras.metrics.sparse_categorical_accuracy([1, 0], [[0.1, 0.9], [0.2, 0.8]])
    >>> right.numpy().tolist()
    [1.0, 0.0]
    """
    y_true, y_pred = as_tensor(y_true), as_tensor(y_pred)
    if len(y_true.shape) == len(y_pred.shape) and y_true.shape[-1] == 1:
        y_true = squeeze(y_true, [-1])
    if not y_true.shape.is_compatible_with(y_pred.shape[:-1]):
        raise ShapeError(
            f"a prediction of shape {y_pred.shape} needs one label for each row, got shape "
            f"{y_true.shape}: one-hot labels go with categorical_accuracy"
        )
    chosen = argmax(y_pred, -1)
    return cast(equal(cast(y_true, chosen.dtype), chosen), floatx())


@composed
def top_k_categorical_accuracy(y_true: Any, y_pred: Any, k: int = 5) -> Tensor:
    """Return 1 where the right class is among the k largest predictions, else 0.

    Parameters
    ----------
    y_true : Tensor
        One-hot rows, shape (batch, ..., classes).
    y_pred : Tensor
        Probabilities or logits, of the same shape.
    k : int
        How many classes count.

    Returns
    -------
    Tensor
        Shape (batch, ...).

    Examples
    --------
    >>> from minitf import keras
    >>> keras.metrics.top_k_categorical_accuracy([[0, 0, 1]], [[0.5, 0.2, 0.3]], k=2).numpy()
    array([1.], dtype=float32)
    """
    return sparse_top_k_categorical_accuracy(argmax(as_tensor(y_true), -1), y_pred, k)


@composed
def sparse_top_k_categorical_accuracy(
    y_true: Any, y_pred: Any, k: int = 5, from_sorted_ids: bool = False
) -> Tensor:
    """Return 1 where the right class is among the k largest predictions, else 0.

    Parameters
    ----------
    y_true : Tensor
        Number of the right class, shape (batch, ...).
    y_pred : Tensor
        Probabilities or logits, shape (batch, ..., classes).
    k : int
        How many classes count.
    from_sorted_ids : bool
        Whether `y_pred` are the numbers of classes instead, the likeliest first.

    Returns
    -------
    Tensor
        Shape (batch, ...).

    Examples
    --------
    >>> from minitf import keras
    >>> keras.metrics.sparse_top_k_categorical_accuracy([2], [[0.5, 0.2, 0.3]], k=2).numpy()
    array([1.], dtype=float32)
    """
    y_true, y_pred = as_tensor(y_true), as_tensor(y_pred)
    labels = reshape(y_true, [-1])
    rows = reshape(y_pred, [-1, y_pred.shape[-1]])
    if from_sorted_ids:
        first = cast(rows[:, :k], labels.dtype)
        found = reduce_any(equal(expand_dims(labels, 1), first), 1)
    else:
        labels = labels if labels.dtype.is_integer else cast(labels, int32)
        found = in_top_k(labels, rows, k)
    found = cast(found, floatx())
    return found if len(y_true.shape) == 1 else reshape_like(found, y_true, ())


# -- as metrics -----------------------------------------------------------------------------------


class Accuracy(MeanMetricWrapper):
    """How often prediction and truth are equal.

    Parameters
    ----------
    name, dtype
        As for `Metric`.

    Examples
    --------
    >>> from minitf import keras
    >>> float(keras.metrics.Accuracy()([1, 2, 3, 4], [1, 2, 3, 0]))
    0.75
    """

    def __init__(self, name: str | None = "accuracy", dtype: Any = None):
        super().__init__(accuracy, name, dtype)


class BinaryAccuracy(MeanMetricWrapper):
    """How often a question that is answered with yes or no is answered right.

    Parameters
    ----------
    name, dtype
        As for `Metric`.
    threshold : float
        Predictions above it are yes.

    Examples
    --------
    >>> from minitf import keras
    >>> float(keras.metrics.BinaryAccuracy()([1.0, 1.0, 0.0, 0.0], [0.9, 0.4, 0.1, 0.2]))
    0.75
    """

    def __init__(self, name: str | None = "binary_accuracy", dtype: Any = None,
                 threshold: float = 0.5):  # fmt: skip
        super().__init__(binary_accuracy, name, dtype, threshold=threshold)


class CategoricalAccuracy(MeanMetricWrapper):
    """How often the largest prediction is that of the right class; labels are one-hot.

    Parameters
    ----------
    name, dtype
        As for `Metric`.

    Examples
    --------
    >>> from minitf import keras
    >>> float(keras.metrics.CategoricalAccuracy()([[0, 1], [1, 0]], [[0.1, 0.9], [0.2, 0.8]]))
    0.5
    """

    def __init__(self, name: str | None = "categorical_accuracy", dtype: Any = None):
        super().__init__(categorical_accuracy, name, dtype)


class SparseCategoricalAccuracy(MeanMetricWrapper):
    """How often the largest prediction is that of the right class; labels are numbers.

    Parameters
    ----------
    name, dtype
        As for `Metric`.

    Examples
    --------
    >>> from minitf import keras
    >>> float(keras.metrics.SparseCategoricalAccuracy()([1, 0], [[0.1, 0.9], [0.2, 0.8]]))
    0.5
    """

    def __init__(self, name: str | None = "sparse_categorical_accuracy", dtype: Any = None):
        super().__init__(sparse_categorical_accuracy, name, dtype)


class TopKCategoricalAccuracy(MeanMetricWrapper):
    """How often the right class is among the k largest predictions; labels are one-hot.

    Parameters
    ----------
    k : int
        How many classes count.
    name, dtype
        As for `Metric`.

    Examples
    --------
    >>> from minitf import keras
    >>> float(keras.metrics.TopKCategoricalAccuracy(k=2)([[0, 0, 1]], [[0.5, 0.2, 0.3]]))
    1.0
    """

    def __init__(self, k: int = 5, name: str | None = "top_k_categorical_accuracy",
                 dtype: Any = None):  # fmt: skip
        super().__init__(top_k_categorical_accuracy, name, dtype, k=k)


class SparseTopKCategoricalAccuracy(MeanMetricWrapper):
    """How often the right class is among the k largest predictions; labels are numbers.

    Parameters
    ----------
    k : int
        How many classes count.
    name, dtype
        As for `Metric`.
    from_sorted_ids : bool
        Whether predictions are numbers of classes, the likeliest first.

    Examples
    --------
    >>> from minitf import keras
    >>> float(keras.metrics.SparseTopKCategoricalAccuracy(k=2)([2], [[0.5, 0.2, 0.3]]))
    1.0
    """

    def __init__(self, k: int = 5, name: str | None = "sparse_top_k_categorical_accuracy",
                 dtype: Any = None, from_sorted_ids: bool = False):  # fmt: skip
        more = {"from_sorted_ids": True} if from_sorted_ids else {}
        super().__init__(sparse_top_k_categorical_accuracy, name, dtype, k=k, **more)
        self.from_sorted_ids = from_sorted_ids
