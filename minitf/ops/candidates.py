"""Losses over a large vocabulary that look at the true classes and a few others, drawn at random.

A softmax over n words needs n products for every example; with k sampled words it needs 1 + k. What
a word's logit owes to how often it is drawn is taken off again, as log(expected count).

References
----------
Mikolov et al., 2013, "Distributed representations of words and phrases", arXiv:1310.4546.
Gutmann and Hyvarinen, 2010, "Noise-contrastive estimation", AISTATS.
Jean et al., 2015, "On using very large target vocabulary", arXiv:1412.2007.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from minitf.dtypes import float32, int64
from minitf.errors import ShapeError
from minitf.graph.convert import as_tensor
from minitf.graph.tensor import Tensor
from minitf.ops.array import concat, expand_dims
from minitf.ops.composed import composed
from minitf.ops.cross_entropy import (
    sigmoid_cross_entropy_with_logits,
    softmax_cross_entropy_with_logits,
)
from minitf.ops.draws import LOG_UNIFORM, UNIFORM, draw_candidates
from minitf.ops.exponential import expm1, log, log1p
from minitf.ops.gather import gather
from minitf.ops.linalg import matmul
from minitf.ops.logic import equal
from minitf.ops.math import cast
from minitf.ops.reduction import reduce_any, reduce_sum
from minitf.ops.seeds import next_key
from minitf.ops.source import ones_like, zeros_like
from minitf.ops.where import where


class Candidates(NamedTuple):
    """Classes that were drawn, and how often true and drawn ones are expected in such a draw."""

    sampled_candidates: Tensor
    true_expected_count: Tensor
    sampled_expected_count: Tensor


def _expected(classes: Tensor, range_max: int, distribution: str, drawn: int, tries: Tensor) -> Any:
    """Return how often classes are expected among the drawn ones, as float32."""
    number = cast(classes, float32)
    if distribution == UNIFORM:
        chance = ones_like(number) / range_max
    else:
        chance = log((number + 2.0) / (number + 1.0)) / np.float32(np.log(range_max + 1))
    # With replacement: k p. Without: 1 - (1 - p)^tries, the chance to be among them at all. As in
    # TensorFlow, whose losses these are to be, the draw itself decides which.
    among = -expm1(cast(tries, float32) * log1p(-chance)) if range_max > 1 else chance
    return where(equal(tries, drawn), chance * drawn, among)


def _sample(true_classes: Any, num_true: int, num_sampled: int, unique: bool, range_max: int,
            seed: int | None, distribution: str) -> Candidates:  # fmt: skip
    true_classes = as_tensor(true_classes, hint=int64)
    _check_classes(true_classes, num_true)
    sampled, tries = draw_candidates(next_key(seed), num_sampled, range_max, distribution, unique)
    told = (range_max, distribution, num_sampled, tries)
    return Candidates(sampled, _expected(true_classes, *told), _expected(sampled, *told))


def _check_classes(classes: Tensor, num_true: int) -> None:
    if len(classes.shape) != 2 or classes.shape[1] not in (None, num_true):
        raise ShapeError(f"true classes have shape (batch, num_true={num_true}), got "
                         f"{classes.shape}")  # fmt: skip


@composed
def log_uniform_candidate_sampler(
    true_classes: Any,
    num_true: int,
    num_sampled: int,
    unique: bool,
    range_max: int,
    seed: int | None = None,
    name: str | None = None,
) -> Candidates:
    """Draw classes, those with small numbers more often: words, numbered by how frequent they are.

    Parameters
    ----------
    true_classes : Tensor
        Of integer type, shape (batch, num_true). They may be drawn too.
    num_true : int
        How many true classes an example has.
    num_sampled : int
        How many classes to draw, for all examples together.
    unique : bool
        Whether they have to differ.
    range_max : int
        Number of classes.
    seed : int, optional
        Together with the program's seed, decides what this call draws; see `set_seed`.
    name : str, optional
        Accepted as in TensorFlow.

    Returns
    -------
    Candidates
        ``sampled_candidates``, shape (num_sampled,); ``true_expected_count`` and
        ``sampled_expected_count``: how often these classes are expected in such a draw.

    Examples
    --------
    >>> import minitf as tf
    >>> drawn, true, _ = tf.random.log_uniform_candidate_sampler([[3]], 1, 5000, False, 10)
    >>> counts = tf.math.bincount(drawn).numpy()
    >>> bool(counts[0] > 4 * counts[9]), round(float(true[0, 0]))
    (True, 465)
    """
    return _sample(true_classes, num_true, num_sampled, unique, range_max, seed, LOG_UNIFORM)


@composed
def uniform_candidate_sampler(
    true_classes: Any,
    num_true: int,
    num_sampled: int,
    unique: bool,
    range_max: int,
    seed: int | None = None,
    name: str | None = None,
) -> Candidates:
    """Draw classes, each as likely.

    Parameters
    ----------
    true_classes, num_true, num_sampled, unique, range_max, seed, name
        As for `log_uniform_candidate_sampler`.

    Returns
    -------
    Candidates

    Examples
    --------
    >>> import minitf as tf
    >>> drawn, true, sampled = tf.random.uniform_candidate_sampler([[3], [7]], 1, 5, False, 10)
    >>> drawn.shape, true.numpy().tolist()
    ((5,), [[0.5], [0.5]])
    """
    return _sample(true_classes, num_true, num_sampled, unique, range_max, seed, UNIFORM)


@composed
def nce_loss(
    weights: Any,
    biases: Any,
    labels: Any,
    inputs: Any,
    num_sampled: int,
    num_classes: int,
    num_true: int = 1,
    sampled_values: Candidates | None = None,
    remove_accidental_hits: bool = False,
    name: str | None = None,
) -> Tensor:
    """Return the noise-contrastive loss: to tell true classes from those that were drawn.

    Parameters
    ----------
    weights : Tensor
        Shape (num_classes, dim).
    biases : Tensor
        Shape (num_classes,).
    labels : Tensor
        Of integer type, shape (batch, num_true): the true classes.
    inputs : Tensor
        Shape (batch, dim).
    num_sampled : int
        How many classes to draw for the batch.
    num_classes : int
        How many there are.
    num_true : int
        How many true classes an example has.
    sampled_values : Candidates, optional
        What a sampler has drawn; by default, different classes of `log_uniform_candidate_sampler`.
    remove_accidental_hits : bool
        Whether to leave out drawn classes that are an example's true ones.
    name : str, optional
        Accepted as in TensorFlow.

    Returns
    -------
    Tensor
        Shape (batch,).

    Examples
    --------
    >>> import minitf as tf
    >>> table, biases = tf.Variable(tf.random.normal([50, 8])), tf.Variable(tf.zeros([50]))
    >>> tf.nn.nce_loss(table, biases, [[1], [2]], tf.ones([2, 8]), 5, 50).shape
    (2,)
    """
    drawn = _drawn(labels, num_true, num_sampled, num_classes, sampled_values, None)
    logits, truth = _sampled_logits(weights, biases, labels, inputs, drawn, remove_accidental_hits)
    return reduce_sum(sigmoid_cross_entropy_with_logits(truth, logits), 1)


@composed
def sampled_softmax_loss(
    weights: Any,
    biases: Any,
    labels: Any,
    inputs: Any,
    num_sampled: int,
    num_classes: int,
    num_true: int = 1,
    sampled_values: Candidates | None = None,
    remove_accidental_hits: bool = True,
    seed: int | None = None,
    name: str | None = None,
) -> Tensor:
    """Return the cross-entropy of a softmax over the true classes and some that were drawn.

    It is for training; to judge a model, take the softmax over all classes.

    Parameters
    ----------
    weights, biases, labels, inputs, num_sampled, num_classes, num_true, sampled_values
        As for `nce_loss`.
    remove_accidental_hits : bool
        As for `nce_loss`.
    seed : int, optional
        Together with the program's seed, decides what this call draws; see `set_seed`.
    name : str, optional
        Accepted as in TensorFlow.

    Returns
    -------
    Tensor
        Shape (batch,).

    Examples
    --------
    >>> import minitf as tf
    >>> table, biases = tf.Variable(tf.random.normal([50, 8])), tf.Variable(tf.zeros([50]))
    >>> tf.nn.sampled_softmax_loss(table, biases, [[1], [2]], tf.ones([2, 8]), 5, 50).shape
    (2,)
    """
    drawn = _drawn(labels, num_true, num_sampled, num_classes, sampled_values, seed)
    logits, truth = _sampled_logits(weights, biases, labels, inputs, drawn, remove_accidental_hits)
    return softmax_cross_entropy_with_logits(truth, logits)


def _drawn(labels: Any, num_true: int, num_sampled: int, num_classes: int,
           given: Candidates | None, seed: int | None) -> Candidates:  # fmt: skip
    """Return the classes that are given, or else different ones by the logarithmic law."""
    if given is None:
        return _sample(labels, num_true, num_sampled, True, num_classes, seed, LOG_UNIFORM)
    _check_classes(as_tensor(labels), num_true)
    return given


def _sampled_logits(weights: Any, biases: Any, labels: Any, inputs: Any, drawn: Candidates,
                    no_hits: bool) -> tuple[Tensor, Tensor]:  # fmt: skip
    """Return logits of the true and then of the drawn classes, (batch, t + k), and their truth."""
    sampled, true_count, sampled_count = drawn
    weights, inputs = as_tensor(weights), as_tensor(inputs)
    labels, sampled = cast(labels, int64), cast(sampled, int64)
    true = reduce_sum(expand_dims(inputs, 1) * gather(weights, labels), 2)  # (batch, t)
    true += gather(biases, labels) - cast(log(true_count), true.dtype)
    other = matmul(inputs, gather(weights, sampled), transpose_b=True)  # (batch, k)
    other += gather(biases, sampled) - cast(log(sampled_count), other.dtype)
    if no_hits:
        hits = reduce_any(equal(expand_dims(labels, 2), sampled), 1)
        other = where(hits, other.dtype.min, other)
    ones = ones_like(true)
    truth = concat([ones / reduce_sum(ones, 1, keepdims=True), zeros_like(other)], 1)
    return concat([true, other], 1), truth
