"""Cross-entropies: how surprised a classifier is by the truth, computed from logits.

Computing probabilities first and their logarithms then would give log(0) as soon as a classifier
is sure of itself; from logits, everything stays finite. The softmax forms compute the gradient
together with the loss: it costs next to nothing while the powers are at hand.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from minitf.errors import InvalidArgumentError, ShapeError
from minitf.graph.convert import as_tensor
from minitf.graph.op import FloatTensor, IntTensor, op
from minitf.graph.spec import TensorSpec, normalize_axis
from minitf.graph.tensor import Tensor
from minitf.ops.array import expand_dims, known_size, transpose
from minitf.ops.composed import composed
from minitf.ops.division import divide_no_nan
from minitf.ops.exponential import exp, log, sigmoid, softplus
from minitf.ops.logic import greater
from minitf.ops.math import cast, multiply
from minitf.ops.powers import square
from minitf.ops.reduction import reduce_sum
from minitf.ops.softmax import log_softmax, shifted, softmax
from minitf.ops.where import where

# -- one of several classes -----------------------------------------------------------------------


@op(accepts_none=True)
def softmax_cross_entropy(labels: FloatTensor, logits: FloatTensor):
    """Return -sum(labels * log(softmax(logits))) over the last axis, and its gradient.

    Parameters
    ----------
    labels, logits : Tensor
        Shape (..., classes).

    Returns
    -------
    loss : Tensor
        Shape (...).
    slope : Tensor
        Shape (..., classes): the derivative of the loss with respect to the logits.

    Examples
    --------
    >>> from minitf.ops.cross_entropy import softmax_cross_entropy
    >>> loss, slope = softmax_cross_entropy([0.0, 1.0], [0.0, 0.0])
    >>> slope.numpy().tolist()
    [0.5, -0.5]
    """
    if not logits.shape or not labels.shape.is_compatible_with(logits.shape):
        raise ShapeError(
            f"labels and logits have one shape (..., classes), got {labels.shape} and "
            f"{logits.shape}; labels that are numbers of classes go with the sparse form"
        )
    shape = labels.shape.merge_with(logits.shape)
    return TensorSpec(shape[:-1], logits.dtype), TensorSpec(shape, logits.dtype)


@softmax_cross_entropy.kernel("numpy")
def _(labels, logits):
    x = shifted(logits, -1)
    weight = labels.sum(axis=-1, keepdims=True)  # 1 for probabilities
    match = np.einsum("...i,...i->...", labels, x)
    np.exp(x, out=x)
    total = x.sum(axis=-1, keepdims=True)
    x *= weight / total
    x -= labels
    return (weight * np.log(total))[..., 0] - match, x


@softmax_cross_entropy.gradient
def _(node, dy, dslope):
    labels, logits = node.inputs
    if dslope is None:
        return _expand(dy) * -log_softmax(logits), _expand(dy) * node.outputs[1]
    p = softmax(logits)
    weight = reduce_sum(labels, -1, keepdims=True)
    mean = reduce_sum(dslope * p, -1, keepdims=True)
    dlabels, dlogits = mean - dslope, weight * p * (dslope - mean)
    if dy is None:
        return dlabels, dlogits
    return dlabels - _expand(dy) * log_softmax(logits), dlogits + _expand(dy) * node.outputs[1]


def _expand(dy: Any) -> Any:
    return expand_dims(dy, -1)


@op(accepts_none=True)
def sparse_softmax_cross_entropy(labels: IntTensor, logits: FloatTensor):
    """Return -log(softmax(logits)[label]) over the last axis, and its gradient.

    Parameters
    ----------
    labels : Tensor
        Integers of shape (...), each in [0, classes).
    logits : Tensor
        Shape (..., classes).

    Returns
    -------
    loss : Tensor
        Shape (...).
    slope : Tensor
        Shape (..., classes): the derivative of the loss with respect to the logits.

    Examples
    --------
    >>> from minitf.ops.cross_entropy import sparse_softmax_cross_entropy
    >>> loss, slope = sparse_softmax_cross_entropy([1], [[0.0, 0.0]])
    >>> slope.numpy().tolist()
    [[0.5, -0.5]]
    """
    if not logits.shape or not labels.shape.is_compatible_with(logits.shape[:-1]):
        raise ShapeError(
            f"logits (..., classes) need labels (...), one number each, got logits {logits.shape} "
            f"and labels {labels.shape}"
        )
    if logits.shape[-1] == 0:
        raise ShapeError(f"logits {logits.shape} know no class that a label could name")
    shape = labels.shape.merge_with(logits.shape[:-1])
    return TensorSpec(shape, logits.dtype), TensorSpec(shape + logits.shape[-1:], logits.dtype)


@sparse_softmax_cross_entropy.kernel("numpy")
def _(labels, logits):
    classes = logits.shape[-1]
    check_labels(labels, classes)
    x = shifted(logits.reshape(-1, classes), -1)
    flat = x.reshape(-1)
    true = np.arange(len(x)) * classes + labels.reshape(-1)  # where in `flat`
    match = flat[true]
    np.exp(x, out=x)
    total = x.sum(axis=-1)
    x /= total[:, None]
    flat[true] -= 1
    return (np.log(total) - match).reshape(labels.shape), x.reshape(logits.shape)


def check_labels(labels: Any, classes: int) -> None:
    """Stop where a label is the number of no class."""
    if labels.size and (labels.min() < 0 or labels.max() >= classes):
        wrong = labels[(labels < 0) | (labels >= classes)].flat[0]
        raise InvalidArgumentError(f"label {wrong} is outside of [0, {classes})")


@sparse_softmax_cross_entropy.gradient
def _(node, dy, dslope):
    logits = node.inputs[1]
    dlogits = None if dy is None else _expand(dy) * node.outputs[1]
    if dslope is None:
        return None, dlogits
    p = softmax(logits)
    more = p * (dslope - reduce_sum(dslope * p, -1, keepdims=True))
    return None, more if dlogits is None else dlogits + more


@composed
def softmax_cross_entropy_with_logits(
    labels: Any, logits: Any, axis: int = -1, name: str | None = None
) -> Tensor:
    """Return the cross-entropy between given probabilities and those that logits stand for.

    Parameters
    ----------
    labels : Tensor
        The true probabilities of the classes, or one-hot rows; of the shape of `logits`.
    logits : Tensor
        Any shape with at least one axis.
    axis : int
        The axis of the classes.

    Returns
    -------
    Tensor
        The shape of `logits` without `axis`.

    Notes
    -----
    ``-sum(labels * log_softmax(logits))``; its derivative is ``softmax(logits) - labels``.

    Examples
    --------
    >>> import minitf as tf
    >>> tf.nn.softmax_cross_entropy_with_logits([[0.0, 1.0]], [[0.0, 1000.0]]).numpy().tolist()
    [0.0]
    """
    logits = as_tensor(logits)
    labels = as_tensor(labels, hint=logits.dtype)
    labels = labels if labels.dtype is logits.dtype else cast(labels, logits.dtype)
    if logits.shape and len(logits.shape) == len(labels.shape):
        labels, logits = _classes_last(labels, axis), _classes_last(logits, axis)
    return softmax_cross_entropy(labels, logits, name=name)[0]


def _classes_last(x: Tensor, axis: int) -> Tensor:
    rank = len(x.shape)
    at = normalize_axis(axis, rank)
    order = [i for i in range(rank) if i != at] + [at]
    return x if at == rank - 1 else transpose(x, order)


@composed
def sparse_softmax_cross_entropy_with_logits(
    labels: Any, logits: Any, name: str | None = None
) -> Tensor:
    """Return the cross-entropy between true classes and the probabilities that logits stand for.

    Parameters
    ----------
    labels : Tensor
        Numbers of the true classes: integers of shape (...), each in [0, classes).
    logits : Tensor
        Shape (..., classes).

    Returns
    -------
    Tensor
        The shape of `labels`.

    Raises
    ------
    InvalidArgumentError
        Where a label is the number of no class.

    Notes
    -----
    ``-log_softmax(logits)[label]``; its derivative is ``softmax(logits) - one_hot(label)``.

    Examples
    --------
    >>> import minitf as tf
    >>> loss = tf.nn.sparse_softmax_cross_entropy_with_logits([1, 0], [[0.0, 9.0], [0.0, 9.0]])
    >>> loss.numpy().round(3).tolist()
    [0.0, 9.0]
    """
    return sparse_softmax_cross_entropy(labels, logits, name=name)[0]


# -- yes or no ------------------------------------------------------------------------------------


@op
def sigmoid_cross_entropy_with_logits(labels: FloatTensor = None, logits: FloatTensor = None):
    """Return the cross-entropy of questions that are answered with yes or no, each by itself.

    Parameters
    ----------
    labels : Tensor
        True probability of yes, of the shape of `logits`.
    logits : Tensor
        Any shape.

    Returns
    -------
    Tensor
        Of the same shape.

    Notes
    -----
    With ``p = sigmoid(x)``: ``-z log(p) - (1 - z) log(1 - p)``, computed as
    ``max(x, 0) - x z + log(1 + exp(-abs(x)))``; its derivative is ``p - z``.

    Examples
    --------
    >>> import minitf as tf
    >>> tf.nn.sigmoid_cross_entropy_with_logits([1.0, 1.0], [1000.0, -1000.0]).numpy().tolist()
    [0.0, 1000.0]
    """
    if not labels.shape.is_compatible_with(logits.shape):
        raise ShapeError(f"labels and logits have one shape, got {labels.shape} and {logits.shape}")
    return TensorSpec(labels.shape.merge_with(logits.shape), logits.dtype)


@sigmoid_cross_entropy_with_logits.kernel("numpy")
def _(labels, logits):
    powers = np.exp(-np.abs(logits))
    return np.maximum(logits, logits.dtype.type(0)) - logits * labels + np.log1p(powers)


@sigmoid_cross_entropy_with_logits.gradient
def _(node, dy):
    labels, logits = node.inputs
    return -dy * logits, dy * (sigmoid(logits) - labels)


@sigmoid_cross_entropy_with_logits.scalar
def _(labels, logits):
    positive = 0.0 if logits <= 0.0 else logits
    return positive - logits * labels + math.log1p(math.exp(-abs(logits)))


@composed
def weighted_cross_entropy_with_logits(
    labels: Any, logits: Any, pos_weight: Any, name: str | None = None
) -> Tensor:
    """Return the sigmoid cross-entropy with a factor on the cases whose answer is yes.

    Parameters
    ----------
    labels, logits : Tensor
        Of one shape.
    pos_weight : float or Tensor
        Above 1 it makes fewer answers wrongly no, below 1 fewer wrongly yes.

    Returns
    -------
    Tensor
        Of the shape of `logits`.

    Notes
    -----
    ``-q z log(p) - (1 - z) log(1 - p)``, computed as ``(1 - z) x + (1 + (q - 1) z) softplus(-x)``.

    Examples
    --------
    >>> import minitf as tf
    >>> tf.nn.weighted_cross_entropy_with_logits([1.0, 0.0], [0.0, 0.0], 2.0).numpy().round(3)
    array([1.386, 0.693], dtype=float32)
    """
    logits = as_tensor(logits)
    labels = as_tensor(labels, hint=logits.dtype)
    if not labels.shape.is_compatible_with(logits.shape):
        raise ShapeError(f"labels and logits have one shape, got {labels.shape} and {logits.shape}")
    weight = 1 + (pos_weight - 1) * labels
    return (1 - labels) * logits + multiply(weight, softplus(-logits), name=name)


# -- others -------------------------------------------------------------------------------------


@composed
def log_poisson_loss(
    targets: Any, log_input: Any, compute_full_loss: bool = False, name: str | None = None
) -> Tensor:
    """Return how surprising counts are where their expected number was predicted as a logarithm.

    Parameters
    ----------
    targets : Tensor
        The counts.
    log_input : Tensor
        Logarithm of the expected number, of the same shape.
    compute_full_loss : bool
        Add Stirling's approximation of log(targets!), which does not depend on the prediction.

    Returns
    -------
    Tensor
        ``exp(c) - z c``.

    Examples
    --------
    >>> import minitf as tf
    >>> tf.nn.log_poisson_loss([2.0], [0.0]).numpy().tolist()
    [1.0]
    """
    log_input = as_tensor(log_input)
    targets = as_tensor(targets, hint=log_input.dtype)
    loss = exp(log_input) - targets * log_input
    if not compute_full_loss:
        return loss
    large = greater(targets, 1)
    z: Any = where(large, targets, 1)  # the approximation is for these alone
    return loss + where(large, z * log(z) - z + 0.5 * log(2 * math.pi * z), 0)


@composed
def l2_loss(t: Any, name: str | None = None) -> Tensor:
    """Return half the sum of the squares of all elements.

    Parameters
    ----------
    t : Tensor
        Any shape.

    Returns
    -------
    Tensor
        Shape ().

    Examples
    --------
    >>> import minitf as tf
    >>> tf.nn.l2_loss([3.0, 4.0]).numpy()
    np.float32(12.5)
    """
    return multiply(reduce_sum(square(t)), 0.5, name=name)


@composed
def compute_average_loss(
    per_example_loss: Any, sample_weight: Any = None, global_batch_size: int | None = None
) -> Tensor:
    """Return the sum of the losses of a batch, divided by the size of the whole batch.

    Where workers share a batch, each divides by the size of all of it, so that their results sum to
    the average.

    Parameters
    ----------
    per_example_loss : Tensor
        Shape (batch, ...).
    sample_weight : Tensor, optional
        Factors that broadcast to the losses.
    global_batch_size : int, optional
        Number of examples of all workers; the size of this batch by default.

    Returns
    -------
    Tensor
        Shape (); 0 where there is no example.

    Examples
    --------
    >>> import minitf as tf
    >>> tf.nn.compute_average_loss([1.0, 2.0, 3.0], global_batch_size=6).numpy()
    np.float32(1.0)
    """
    losses: Any = as_tensor(per_example_loss)
    if not losses.shape:
        raise ShapeError("a loss for each example is needed, got a single number")
    size = known_size(losses, 0) if global_batch_size is None else global_batch_size
    if sample_weight is not None:
        losses = losses * cast(sample_weight, losses.dtype)
    return divide_no_nan(reduce_sum(losses), cast(size, losses.dtype))


@composed
def scale_regularization_loss(regularization_loss: Any) -> Tensor:
    """Return the sum of the penalties on weights, divided by the number of replicas: there is one.

    Parameters
    ----------
    regularization_loss : Tensor
        Any shape.

    Returns
    -------
    Tensor
        Shape ().

    Examples
    --------
    >>> import minitf as tf
    >>> tf.nn.scale_regularization_loss([0.5, 0.25]).numpy()
    np.float32(0.75)
    """
    return reduce_sum(as_tensor(regularization_loss))
