"""Distances between probabilities: cross-entropies and what is made of them.

A classifier that ends in a sigmoid or softmax is best judged by its logits: the logarithm of a
probability that was rounded to 0 is infinite. Three ways lead there. A loss can be told that it is
given logits (``from_logits=True``). In a graph, it sees by itself that its input comes out of a
sigmoid or softmax, and takes what went in. Everywhere else probabilities are kept at least
`keras.backend.epsilon()` away from 0 and 1.
"""

from __future__ import annotations

from typing import Any

from minitf.dtypes import int64
from minitf.errors import InvalidArgumentError, ShapeError, warn
from minitf.graph.convert import as_tensor
from minitf.graph.spec import normalize_axis
from minitf.graph.tensor import Tensor
from minitf.ops.array import known_size, squeeze
from minitf.ops.composed import composed
from minitf.ops.cross_entropy import (
    sigmoid_cross_entropy_with_logits,
    softmax_cross_entropy_with_logits,
    sparse_softmax_cross_entropy_with_logits,
)
from minitf.ops.exponential import log, sigmoid
from minitf.ops.filling import one_hot
from minitf.ops.logic import not_equal
from minitf.ops.math import cast
from minitf.ops.powers import pow_
from minitf.ops.reduction import reduce_mean, reduce_sum
from minitf.ops.rounding import clip_by_value
from minitf.ops.softmax import softmax
from minitf.ops.where import where
from minitf.scoring.pairing import check_same_shape, floating, paired
from minitf.settings import epsilon

TO_ONE_HOT = (
    ": labels that are numbers of classes go with sparse_categorical_crossentropy, or become "
    "one-hot rows by keras.utils.to_categorical"
)
TO_NUMBERS = (
    ": one-hot labels go with categorical_crossentropy, sparse_categorical_crossentropy wants one "
    "number for each example"
)


def logits_behind(y_pred: Tensor, activation: str, axis: int = -1) -> Tensor | None:
    """Return what went into the activation that a tensor of a graph is the output of, if it is."""
    operation = y_pred.operation
    if operation is None or operation.type != activation:
        return None
    rank = len(y_pred.shape)
    if activation == "softmax" and normalize_axis(operation["axis"], rank) != normalize_axis(
        axis, rank
    ):
        return None
    return operation.inputs[0]


def _logits(y_pred: Tensor, from_logits: bool, activation: str, axis: int = -1) -> Tensor | None:
    found = logits_behind(y_pred, activation, axis)
    if from_logits and found is not None:
        warn(f"from_logits=True, but the prediction comes out of a {activation}; "
                      "its input is taken as the logits")  # fmt: skip
    return y_pred if found is None and from_logits else found


def _inside(probabilities: Tensor) -> Tensor:
    """Return probabilities that are neither 0 nor 1."""
    return clip_by_value(probabilities, epsilon(), 1.0 - epsilon())


def _normalized(y_pred: Any, axis: int) -> Tensor:
    return _inside(y_pred / reduce_sum(y_pred, axis, keepdims=True))


# -- yes or no ------------------------------------------------------------------------------------


def _binary_terms(y_true: Any, y_pred: Tensor, from_logits: bool) -> Tensor:
    """Return the cross-entropy of each element."""
    logits = _logits(y_pred, from_logits, "sigmoid")
    if logits is not None:
        return sigmoid_cross_entropy_with_logits(y_true, logits)
    p: Any = _inside(y_pred)
    return -(y_true * log(p) + (1.0 - y_true) * log(1.0 - p))


@composed
def binary_crossentropy(
    y_true: Any,
    y_pred: Any,
    from_logits: bool = False,
    label_smoothing: float = 0.0,
    axis: int = -1,
) -> Tensor:
    """Return the mean cross-entropy of questions that are answered with yes or no.

    Parameters
    ----------
    y_true : Tensor
        0 and 1, or probabilities of yes; shape (batch, ..., n).
    y_pred : Tensor
        Predicted probabilities of yes, or logits; of the same shape.
    from_logits : bool
        Whether `y_pred` are logits.
    label_smoothing : float
        Draws labels toward 1/2, which keeps a model from being too sure.
    axis : int
        The axis to average over.

    Returns
    -------
    Tensor
        Shape (batch, ...).

    Notes
    -----
    ``-y log(p) - (1 - y) log(1 - p)``.

    Examples
    --------
    >>> from minitf import keras
    >>> print(keras.losses.binary_crossentropy([[1.0, 0.0]], [[0.5, 0.5]]).numpy().round(4))
    [0.6931]
    """
    y_true, y_pred = paired(y_true, y_pred)
    check_same_shape(y_true, y_pred)
    if label_smoothing:
        y_true = y_true * (1.0 - label_smoothing) + 0.5 * label_smoothing
    return reduce_mean(_binary_terms(y_true, y_pred, from_logits), axis)


@composed
def binary_focal_crossentropy(
    y_true: Any,
    y_pred: Any,
    apply_class_balancing: bool = False,
    alpha: float = 0.25,
    gamma: float = 2.0,
    from_logits: bool = False,
    label_smoothing: float = 0.0,
    axis: int = -1,
) -> Tensor:
    """Return a binary cross-entropy in which easy examples count less.

    Parameters
    ----------
    y_true, y_pred, from_logits, label_smoothing, axis
        As for `binary_crossentropy`.
    apply_class_balancing : bool
        Weigh yes by `alpha` and no by ``1 - alpha``.
    alpha : float
        See above.
    gamma : float
        How much less easy examples count.

    Returns
    -------
    Tensor
        The mean of ``(1 - q)^gamma`` times the cross-entropy, where q is the probability that was
        given to the right answer.

    References
    ----------
    T.-Y. Lin et al., "Focal loss for dense object detection", 2017, section 3.

    Examples
    --------
    >>> from minitf import keras
    >>> print(keras.losses.binary_focal_crossentropy([[1.0]], [[0.5]]).numpy().round(4))
    [0.1733]
    """
    y_true, y_pred = paired(y_true, y_pred)
    check_same_shape(y_true, y_pred)
    if label_smoothing:
        y_true = y_true * (1.0 - label_smoothing) + 0.5 * label_smoothing
    p: Any = sigmoid(y_pred) if from_logits else y_pred
    entropy = _binary_terms(y_true, y_pred, from_logits)
    right = y_true * p + (1.0 - y_true) * (1.0 - p)
    focal = pow_(1.0 - right, gamma) * entropy
    if apply_class_balancing:
        focal = (y_true * alpha + (1.0 - y_true) * (1.0 - alpha)) * focal
    return reduce_mean(focal, axis)


# -- one of several classes -----------------------------------------------------------------------


def _smooth(y_true: Any, label_smoothing: float) -> Any:
    if not label_smoothing:
        return y_true
    classes = cast(known_size(y_true, -1), y_true.dtype)
    return y_true * (1.0 - label_smoothing) + label_smoothing / classes


def _one_hot_pair(y_true: Any, y_pred: Any, label_smoothing: float) -> tuple[Any, Any]:
    y_pred = floating(y_pred)
    y_true = cast(as_tensor(y_true, hint=y_pred.dtype), y_pred.dtype)
    check_same_shape(y_true, y_pred, TO_ONE_HOT)
    if y_pred.shape[-1] == 1:
        warn(
            f"a softmax over one class is always 1: the prediction has shape {y_pred.shape}; "
            "binary_crossentropy judges yes or no",
            SyntaxWarning,
        )
    return _smooth(y_true, label_smoothing), y_pred


@composed
def categorical_crossentropy(
    y_true: Any,
    y_pred: Any,
    from_logits: bool = False,
    label_smoothing: float = 0.0,
    axis: int = -1,
) -> Tensor:
    """Return the cross-entropy between one-hot labels and predicted probabilities.

    Parameters
    ----------
    y_true : Tensor
        One-hot rows or probabilities, shape (batch, ..., classes).
    y_pred : Tensor
        Probabilities, or logits; of the same shape.
    from_logits : bool
        Whether `y_pred` are logits.
    label_smoothing : float
        Gives this share of the right class's probability to all classes alike.
    axis : int
        The axis of the classes.

    Returns
    -------
    Tensor
        ``-sum(y_true log(y_pred))``, shape (batch, ...).

    Raises
    ------
    ShapeError
        Where labels are numbers of classes: these go with `sparse_categorical_crossentropy`.

    Examples
    --------
    >>> from minitf import keras
    >>> loss = keras.losses.categorical_crossentropy([[0.0, 1.0]], [[0.5, 0.5]])
    >>> print(loss.numpy().round(4))
    [0.6931]
    """
    y_true, y_pred = _one_hot_pair(y_true, y_pred, label_smoothing)
    logits = _logits(y_pred, from_logits, "softmax", axis)
    if logits is not None:
        return softmax_cross_entropy_with_logits(y_true, logits, axis)
    return -reduce_sum(y_true * log(_normalized(y_pred, axis)), axis)


@composed
def categorical_focal_crossentropy(
    y_true: Any,
    y_pred: Any,
    alpha: float = 0.25,
    gamma: float = 2.0,
    from_logits: bool = False,
    label_smoothing: float = 0.0,
    axis: int = -1,
) -> Tensor:
    """Return a categorical cross-entropy in which easy examples count less.

    Parameters
    ----------
    y_true, y_pred, from_logits, label_smoothing, axis
        As for `categorical_crossentropy`.
    alpha : float or Tensor
        A factor, or one for each class.
    gamma : float
        How much less easy examples count.

    Returns
    -------
    Tensor
        ``-sum(alpha (1 - p)^gamma y_true log(p))``, shape (batch, ...).

    References
    ----------
    T.-Y. Lin et al., "Focal loss for dense object detection", 2017, section 3.

    Examples
    --------
    >>> from minitf import keras
    >>> loss = keras.losses.categorical_focal_crossentropy([[0.0, 1.0]], [[0.5, 0.5]])
    >>> print(loss.numpy().round(4))
    [0.0433]
    """
    y_true, y_pred = _one_hot_pair(y_true, y_pred, label_smoothing)
    p: Any = _normalized(softmax(y_pred, axis) if from_logits else y_pred, axis)
    return -reduce_sum(alpha * pow_(1.0 - p, gamma) * y_true * log(p), axis)


@composed
def sparse_categorical_crossentropy(
    y_true: Any,
    y_pred: Any,
    from_logits: bool = False,
    ignore_class: int | None = None,
    axis: int = -1,
) -> Tensor:
    """Return the cross-entropy between numbers of classes and predicted probabilities.

    Parameters
    ----------
    y_true : Tensor
        Number of the right class, shape (batch, ...) or (batch, ..., 1).
    y_pred : Tensor
        Probabilities, or logits; shape (batch, ..., classes).
    from_logits : bool
        Whether `y_pred` are logits.
    ignore_class : int, optional
        Examples of this class cost nothing; a loss leaves them out of its average.
    axis : int
        The axis of the classes; the last.

    Returns
    -------
    Tensor
        ``-log(y_pred[y_true])``, shape (batch, ...).

    Raises
    ------
    ShapeError
        Where labels are one-hot: these go with `categorical_crossentropy`.
    InvalidArgumentError
        Where a label is the number of no class.

    Examples
    --------
    >>> from minitf import keras
    >>> loss = keras.losses.sparse_categorical_crossentropy([1, 0], [[0.5, 0.5], [1.0, 0.0]])
    >>> print(loss.numpy().round(4))
    [0.6931 0.    ]
    """
    y_pred = floating(y_pred)
    if axis not in (-1, len(y_pred.shape) - 1):
        raise InvalidArgumentError(f"the classes stand on the last axis, got axis={axis}")
    labels = _class_numbers(y_true, y_pred)
    valid = None if ignore_class is None else not_equal(labels, ignore_class)
    if valid is not None:
        labels = where(valid, labels, 0)
    logits = _logits(y_pred, from_logits, "softmax")
    # log(p) is a logit as well: softmax(log(p)) is p again.
    loss: Any = sparse_softmax_cross_entropy_with_logits(
        labels, log(_inside(y_pred)) if logits is None else logits
    )
    if valid is not None:
        loss = where(valid, loss, 0.0)
        loss._keras_mask = valid
    return loss


def _class_numbers(y_true: Any, y_pred: Tensor) -> Tensor:
    labels = as_tensor(y_true)
    if len(labels.shape) == len(y_pred.shape) and labels.shape[-1] == 1:
        labels = squeeze(labels, [-1])
    if not labels.shape.is_compatible_with(y_pred.shape[:-1]):
        raise ShapeError(
            f"the truth has shape {labels.shape}, the prediction {y_pred.shape}{TO_NUMBERS}"
        )
    return labels if labels.dtype.is_integer else cast(labels, int64)


@composed
def categorical_generalized_cross_entropy(y_true: Any, y_pred: Any, q: float) -> Tensor:
    """Return a loss between cross-entropy (q near 0) and mean absolute error (q near 1).

    Parameters
    ----------
    y_true : Tensor
        Number of the right class, shape (batch, ...).
    y_pred : Tensor
        Probabilities, shape (batch, ..., classes).
    q : float
        In (0, 1): how little wrong labels disturb.

    Returns
    -------
    Tensor
        ``(1 - y_pred[y_true]^q) / q``, shape (batch, ...).

    References
    ----------
    Z. Zhang and M. Sabuncu, "Generalized cross entropy loss for training deep neural networks with
    noisy labels", 2018, section 3.2.

    Examples
    --------
    >>> from minitf import keras
    >>> loss = keras.losses.categorical_generalized_cross_entropy([0], [[0.25, 0.75]], q=0.5)
    >>> loss.numpy().tolist()
    [1.0]
    """
    y_pred = floating(y_pred)
    labels = _class_numbers(y_true, y_pred)
    right = reduce_sum(y_pred * one_hot(labels, known_size(y_pred, -1), dtype=y_pred.dtype), -1)
    return (1.0 - pow_(right, q)) / q


# -- other distances ------------------------------------------------------------------------------


@composed
def kl_divergence(y_true: Any, y_pred: Any) -> Tensor:
    """Return the Kullback-Leibler divergence of a predicted distribution from the true one.

    Parameters
    ----------
    y_true, y_pred : Tensor
        Probabilities, shape (batch, ..., n).

    Returns
    -------
    Tensor
        ``sum(y_true log(y_true / y_pred))``, shape (batch, ...).

    Examples
    --------
    >>> from minitf import keras
    >>> keras.losses.kl_divergence([[0.5, 0.5]], [[0.5, 0.5]]).numpy().tolist()
    [0.0]
    """
    y_pred = floating(y_pred)
    y_true = cast(as_tensor(y_true, hint=y_pred.dtype), y_pred.dtype)
    y_true, y_pred = (clip_by_value(y, epsilon(), 1.0) for y in (y_true, y_pred))
    return reduce_sum(y_true * log(y_true / y_pred), -1)


@composed
def poisson(y_true: Any, y_pred: Any) -> Tensor:
    """Return how surprising counts are where their expected number was predicted.

    Parameters
    ----------
    y_true : Tensor
        Counts, shape (batch, ..., n).
    y_pred : Tensor
        Expected numbers, of the same shape.

    Returns
    -------
    Tensor
        The mean of ``y_pred - y_true log(y_pred)``, shape (batch, ...).

    Examples
    --------
    >>> from minitf import keras
    >>> print(keras.losses.poisson([[2.0]], [[1.0]]).numpy().round(4))
    [1.]
    """
    y_pred = floating(y_pred)
    y_true = cast(as_tensor(y_true, hint=y_pred.dtype), y_pred.dtype)
    return reduce_mean(y_pred - y_true * log(y_pred + epsilon()), -1)
