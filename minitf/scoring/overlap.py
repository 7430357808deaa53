"""How much two regions overlap, and how well embeddings tell classes apart."""

from __future__ import annotations

import math
from typing import Any

from minitf.dtypes import bool_
from minitf.graph.convert import as_tensor
from minitf.graph.tensor import Tensor
from minitf.ops.array import reshape
from minitf.ops.composed import composed
from minitf.ops.exponential import softplus
from minitf.ops.filling import eye
from minitf.ops.linalg import matmul
from minitf.ops.logic import equal, greater, logical_and, logical_not
from minitf.ops.math import cast
from minitf.ops.reduction import reduce_logsumexp, reduce_sum
from minitf.ops.rounding import maximum
from minitf.ops.source import size
from minitf.ops.where import where
from minitf.scoring.pairing import floating, paired
from minitf.settings import epsilon


@composed
def dice(y_true: Any, y_pred: Any, axis: Any = None) -> Tensor:
    """Return 1 minus the Dice coefficient: twice the overlap, divided by the sum of both sizes.

    Parameters
    ----------
    y_true, y_pred : Tensor
        Membership between 0 and 1, of one shape.
    axis : int or sequence of int, optional
        The axes of a region; all of them by default.

    Returns
    -------
    Tensor
        ``1 - 2 sum(y_true y_pred) / (sum(y_true) + sum(y_pred))``.

    Examples
    --------
    >>> from minitf import keras
    >>> round(float(keras.losses.dice([[1.0, 1.0]], [[1.0, 0.0]])), 4)
    0.3333
    """
    y_true, y_pred = paired(y_true, y_pred)
    both = reduce_sum(y_true * y_pred, axis)
    return 1.0 - 2.0 * both / (reduce_sum(y_true, axis) + reduce_sum(y_pred, axis) + epsilon())


@composed
def tversky(
    y_true: Any, y_pred: Any, alpha: float = 0.5, beta: float = 0.5, axis: Any = None
) -> Tensor:
    """Return 1 minus the Tversky index, which weighs the two kinds of mistakes.

    Parameters
    ----------
    y_true, y_pred : Tensor
        Membership between 0 and 1, of one shape.
    alpha, beta : float
        What being wrongly outside, and wrongly inside, costs; 1/2 each is `dice`.
    axis : int or sequence of int, optional
        The axes of a region; all of them by default.

    Returns
    -------
    Tensor
        ``1 - both / (both + alpha missed + beta invented)``.

    References
    ----------
    S. Salehi et al., "Tversky loss function for image segmentation using 3D fully convolutional
    deep networks", 2017.

    Examples
    --------
    >>> from minitf import keras
    >>> round(float(keras.losses.tversky([[1.0, 1.0]], [[1.0, 0.0]], alpha=1.0)), 4)
    0.5
    """
    y_true, y_pred = paired(y_true, y_pred)
    both = reduce_sum(y_true * y_pred, axis)
    missed = reduce_sum(y_true * (1.0 - y_pred), axis)
    invented = reduce_sum((1.0 - y_true) * y_pred, axis)
    return 1.0 - both / (both + alpha * missed + beta * invented + epsilon())


@composed
def circle(
    y_true: Any,
    y_pred: Any,
    ref_labels: Any = None,
    ref_embeddings: Any = None,
    remove_diagonal: bool = True,
    gamma: float = 80,
    margin: float = 0.4,
) -> Tensor:
    """Return how badly embeddings keep classes apart.

    Parameters
    ----------
    y_true : Tensor
        Numbers of classes, shape (batch,).
    y_pred : Tensor
        Embeddings of length 1, shape (batch, n).
    ref_labels, ref_embeddings : Tensor, optional
        What to compare with: the batch itself by default.
    remove_diagonal : bool
        Do not compare an embedding with itself.
    gamma, margin : float
        See the formula.

    Returns
    -------
    Tensor
        Shape (batch,).

    Notes
    -----
    With ``d = max(1 - cosine, 0)``, m = margin and g = gamma:
    ``softplus(logsumexp(-g (m + d) (m - d)) + logsumexp(g max(1 + m - d, 0) (1 - m - d)))``,
    the first over embeddings of the same class, the second over those of the others. Examples
    that cost nothing are masked, and not averaged.

    References
    ----------
    Y. Sun et al., "Circle loss: a unified perspective of pair similarity optimization", 2020.

    Examples
    --------
    >>> from minitf import keras
    >>> loss = keras.losses.circle([0, 0, 1], [[1.0, 0.0], [1.0, 0.0], [0.0, 1.0]])
    >>> print(loss.numpy().round(2))
    [0. 0. 0.]
    """
    y_pred = floating(y_pred)
    labels = reshape(as_tensor(y_true), [-1, 1])
    others = labels if ref_labels is None else reshape(as_tensor(ref_labels), [-1, 1])
    others = cast(others, labels.dtype)
    references = y_pred if ref_embeddings is None else floating(ref_embeddings)
    alike = equal(labels, reshape(others, [1, -1]))  # (batch, references)
    different = logical_not(alike)
    if remove_diagonal:
        itself = cast(eye(size(labels), size(others)), bool_)
        alike = logical_and(alike, logical_not(itself))
    distance: Any = maximum(1.0 - matmul(y_pred, references, transpose_b=True), 0.0)
    pull = -gamma * (margin + distance) * (margin - distance)
    push = gamma * maximum(1.0 + margin - distance, 0.0) * (1.0 - margin - distance)
    loss = softplus(_logsumexp_of(alike, pull) + _logsumexp_of(different, push))
    loss._keras_mask = greater(loss, 0.0)
    return loss


def _logsumexp_of(chosen: Tensor, x: Tensor) -> Tensor:
    return reduce_logsumexp(where(chosen, x, -math.inf), 1)
