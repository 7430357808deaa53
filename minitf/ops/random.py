"""Random numbers that follow the program's seed, and dropout: `tf.random.normal` and the like."""

from __future__ import annotations

from typing import Any

from minitf.dtypes import bool_, float32, int64
from minitf.graph.tensor import Tensor
from minitf.ops import draws, sampling
from minitf.ops.composed import composed
from minitf.ops.seeds import next_key


@composed
def normal(
    shape: Any,
    mean: Any = 0.0,
    stddev: Any = 1.0,
    dtype: Any = float32,
    seed: int | None = None,
    name: str | None = None,
) -> Tensor:
    """Draw from a normal distribution.

    Parameters
    ----------
    shape : sequence of int, or Tensor
        Shape of the result.
    mean, stddev : number or Tensor
        Mean and standard deviation; broadcast to the result, and get gradients.
    dtype : DType
        Floating.
    seed : int, optional
        Together with the program's seed, decides what this call draws; see `set_seed`.
    name : str, optional
        Accepted as in TensorFlow.

    Returns
    -------
    Tensor

    Examples
    --------
    >>> import minitf as tf
    >>> x = tf.random.normal([10000], mean=5.0, stddev=0.1)
    >>> bool(tf.abs(tf.reduce_mean(x) - 5.0) < 0.01)
    True
    """
    return sampling.normal(next_key(seed), shape, mean, stddev, dtype)


@composed
def truncated_normal(
    shape: Any,
    mean: Any = 0.0,
    stddev: Any = 1.0,
    dtype: Any = float32,
    seed: int | None = None,
    name: str | None = None,
) -> Tensor:
    """Draw from a normal distribution, again where a number is 2 deviations or more off the mean.

    Parameters
    ----------
    shape, mean, stddev, dtype, seed, name
        As for `normal`.

    Returns
    -------
    Tensor

    Examples
    --------
    >>> import minitf as tf
    >>> x = tf.random.truncated_normal([10000], stddev=0.5)
    >>> bool(tf.reduce_max(tf.abs(x)) <= 1.0)
    True
    """
    return sampling.truncated_normal(next_key(seed), shape, mean, stddev, dtype)


@composed
def uniform(
    shape: Any,
    minval: Any = 0,
    maxval: Any = None,
    dtype: Any = float32,
    seed: int | None = None,
    name: str | None = None,
) -> Tensor:
    """Draw from [minval, maxval), every number as likely.

    Parameters
    ----------
    shape : sequence of int, or Tensor
        Shape of the result.
    minval, maxval : number or Tensor
        Bounds. For floating dtypes `maxval` is 1 by default, and both get gradients; for integers
        it must be given.
    dtype : DType
        Floating, or of integer type.
    seed, name
        As for `normal`.

    Returns
    -------
    Tensor

    Examples
    --------
    >>> import minitf as tf
    >>> dice = tf.random.uniform([1000], 1, 7, dtype=tf.int32)
    >>> int(tf.reduce_min(dice)), int(tf.reduce_max(dice))
    (1, 6)
    """
    return sampling.uniform(next_key(seed), shape, minval, maxval, dtype)


@composed
def gamma(
    shape: Any,
    alpha: Any,
    beta: Any = None,
    dtype: Any = float32,
    seed: int | None = None,
    name: str | None = None,
) -> Tensor:
    """Draw from gamma distributions.

    Parameters
    ----------
    shape : sequence of int, or Tensor
        How many to draw for each distribution.
    alpha : number or Tensor
        Shape parameters, > 0. Has no gradient (TensorFlow's has).
    beta : number or Tensor, optional
        Rates (inverse scales), > 0; 1 by default.
    dtype : DType
        Floating.
    seed, name
        As for `normal`.

    Returns
    -------
    Tensor
        `shape`, followed by the common shape of alpha and beta.

    Examples
    --------
    >>> import minitf as tf
    >>> x = tf.random.gamma([20000], 3.0, beta=2.0)
    >>> bool(tf.abs(tf.reduce_mean(x) - 1.5) < 0.05)
    True
    """
    return sampling.gamma(next_key(seed), shape, alpha, beta, dtype)


@composed
def poisson(
    shape: Any, lam: Any, dtype: Any = float32, seed: int | None = None, name: str | None = None
) -> Tensor:
    """Draw from Poisson distributions.

    Parameters
    ----------
    shape : sequence of int, or Tensor
        How many to draw for each distribution.
    lam : number or Tensor
        Means, >= 0.
    dtype : DType
        Element type of the result.
    seed, name
        As for `normal`.

    Returns
    -------
    Tensor
        `shape`, followed by the shape of lam.

    Examples
    --------
    >>> import minitf as tf
    >>> tf.random.poisson([5], [1.0, 10.0]).shape
    (5, 2)
    """
    return sampling.poisson(next_key(seed), shape, lam, dtype)


@composed
def bernoulli(
    shape: Any,
    probs: Any = 0.5,
    dtype: Any = bool_,
    seed: int | None = None,
    name: str | None = None,
) -> Tensor:
    """Draw true (or 1) with given probabilities, and false (or 0) else.

    Parameters
    ----------
    shape : sequence of int, or Tensor
        Shape of the result.
    probs : number or Tensor
        Probabilities; broadcast to the result.
    dtype : DType
        Element type of the result.
    seed, name
        As for `normal`.

    Returns
    -------
    Tensor

    Examples
    --------
    >>> from minitf.ops.random import bernoulli
    >>> bernoulli([3], 1.0).numpy().tolist()
    [True, True, True]
    """
    return sampling.bernoulli(next_key(seed), shape, probs, dtype)


@composed
def categorical(
    logits: Any,
    num_samples: int,
    dtype: Any = None,
    seed: int | None = None,
    name: str | None = None,
) -> Tensor:
    """Draw class numbers with given log-probabilities.

    Parameters
    ----------
    logits : Tensor
        Shape (b, c): for each row, the log-probabilities of c classes, up to a constant.
    num_samples : int
        How many to draw per row.
    dtype : DType, optional
        int64 by default.
    seed, name
        As for `normal`.

    Returns
    -------
    Tensor
        Shape (b, num_samples).

    Examples
    --------
    >>> import minitf as tf
    >>> tf.random.categorical([[0.0, -1e9]], 4).numpy().tolist()
    [[0, 0, 0, 0]]
    """
    return draws.draw_classes(logits, next_key(seed), num_samples, dtype or int64)


@composed
def shuffle(value: Any, seed: int | None = None, name: str | None = None) -> Tensor:
    """Bring the rows of a tensor into a random order.

    Parameters
    ----------
    value : Tensor
        Shape (n, ...).
    seed, name
        As for `normal`.

    Returns
    -------
    Tensor

    Examples
    --------
    >>> import minitf as tf
    >>> sorted(tf.random.shuffle([1, 2, 3]).numpy().tolist())
    [1, 2, 3]
    """
    return draws.permute_rows(value, next_key(seed), False)


@composed
def dropout(
    x: Any, rate: Any, noise_shape: Any = None, seed: int | None = None, name: str | None = None
) -> Tensor:
    """Set elements to zero at random, and scale the others so that the mean stays the same.

    Parameters
    ----------
    x : Tensor
        Of floating type.
    rate : number or Tensor
        Probability, in [0, 1), of each element to be dropped.
    noise_shape : sequence of int or None, optional
        Shape of the mask, which broadcasts to that of x: axes of size 1 are dropped as a whole.
        None stands for the size of x.
    seed, name
        As for `normal`.

    Returns
    -------
    Tensor
        ``x / (1 - rate)`` where an element is kept, 0 else.

    References
    ----------
    Srivastava et al., 2014, "Dropout: a simple way to prevent neural networks from overfitting",
    JMLR 15.

    Examples
    --------
    >>> import minitf as tf
    >>> y = tf.nn.dropout(tf.ones([1000]), 0.5)
    >>> sorted(set(y.numpy().tolist()))
    [0.0, 2.0]
    """
    return sampling.dropout(next_key(seed), x, rate, noise_shape)
