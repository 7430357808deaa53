"""Random numbers as pure functions of a key: equal keys give equal numbers.

See `minitf.ops.seeds` for where keys come from, and `minitf.ops.random` for the public functions.
These ops draw from the standard form of each distribution. What shifts and scales it is ordinary
arithmetic outside, so gradients reach means, deviations and bounds (the "reparametrisation" of
Kingma and Welling, 2013, arXiv:1312.6114).
"""

from __future__ import annotations

from typing import Any

import numpy as np

from minitf.dtypes import DType, int64
from minitf.errors import DTypeError, InvalidArgumentError, ShapeError
from minitf.graph.op import AnyTensor, FloatTensor, IntTensor, Shape, op
from minitf.graph.spec import TensorShape, TensorSpec, as_shape
from minitf.ops.seeds import generator

LOG_UNIFORM, UNIFORM = "log_uniform", "uniform"


def _checked(seed: TensorSpec, shape: Any, dtype: DType) -> TensorSpec:
    if len(seed.shape) != 1 or seed.shape[0] not in (None, 2, 3):
        raise ShapeError(f"seed must hold two whole numbers, got shape {seed.shape}")
    return TensorSpec(as_shape(shape), dtype)


def _floating(seed: TensorSpec, shape: Any, dtype: DType) -> TensorSpec:
    if not dtype.is_floating:
        raise DTypeError(f"dtype must be floating, got {dtype.name}")
    return _checked(seed, shape, dtype)


def _drawn(draw: Any, shape: Any, dtype: DType) -> Any:
    """Return what a method of NumPy's Generator draws, in single precision where that is enough."""
    single = dtype.numpy.itemsize < 8
    found = np.asarray(draw(size=shape, dtype=np.float32 if single else np.float64))
    return found.astype(dtype.numpy, copy=False)


@op(differentiable=False)
def standard_normal(seed: IntTensor, shape: Shape, dtype: DType):
    """Draw from the normal distribution of mean 0 and variance 1.

    Parameters
    ----------
    seed : Tensor
        The key: two whole numbers, or three from `random_key`.
    shape : sequence of int
        Shape of the result.
    dtype : DType
        Floating.

    Returns
    -------
    Tensor

    Examples
    --------
    >>> import minitf as tf
    >>> from minitf.ops.draws import standard_normal
    >>> standard_normal([1, 2], [3], tf.float32).shape
    (3,)
    """
    return _floating(seed, shape, dtype)


@standard_normal.kernel("numpy")
def _(seed, *, shape, dtype):
    return _drawn(generator(seed).standard_normal, shape, dtype)


@op(differentiable=False)
def standard_truncated_normal(seed: IntTensor, shape: Shape, dtype: DType):
    """Draw from the standard normal distribution, again where a number lies outside of [-2, 2].

    Parameters
    ----------
    seed, shape, dtype
        As for `standard_normal`.

    Returns
    -------
    Tensor

    Examples
    --------
    >>> import minitf as tf
    >>> from minitf.ops.draws import standard_truncated_normal
    >>> bool(tf.reduce_all(tf.abs(standard_truncated_normal([1, 2], [99], tf.float32)) <= 2.0))
    True
    """
    return _floating(seed, shape, dtype)


@standard_truncated_normal.kernel("numpy")
def _(seed, *, shape, dtype):
    source = generator(seed)
    found = np.ravel(_drawn(source.standard_normal, shape, dtype))
    outside = np.flatnonzero(np.abs(found) > 2)
    while outside.size:
        found[outside] = _drawn(source.standard_normal, outside.size, dtype)
        outside = outside[np.abs(found[outside]) > 2]
    return found.reshape(shape)


@op(differentiable=False)
def standard_uniform(seed: IntTensor, shape: Shape, dtype: DType):
    """Draw from [0, 1), every number as likely.

    Parameters
    ----------
    seed, shape, dtype
        As for `standard_normal`.

    Returns
    -------
    Tensor

    Examples
    --------
    >>> import minitf as tf
    >>> from minitf.ops.draws import standard_uniform
    >>> bool(tf.reduce_all(standard_uniform([1, 2], [99], tf.float32) < 1.0))
    True
    """
    return _floating(seed, shape, dtype)


@standard_uniform.kernel("numpy")
def _(seed, *, shape, dtype):
    if dtype.numpy == np.float16:  # rounding a float32 could give 1
        steps = generator(seed).integers(0, 2048, shape, np.uint16)
        return np.asarray(steps / 2048, np.float16)
    return _drawn(generator(seed).random, shape, dtype)


@op(differentiable=False)
def uniform_integers(seed: IntTensor, shape: Shape, minval: int, maxval: int, dtype: DType):
    """Draw whole numbers from minval, ..., maxval - 1, every one as likely.

    Parameters
    ----------
    seed, shape
        As for `standard_normal`.
    minval, maxval : int
        First number, and the one behind the last.
    dtype : DType
        Of integer type.

    Returns
    -------
    Tensor

    Examples
    --------
    >>> import minitf as tf
    >>> from minitf.ops.draws import uniform_integers
    >>> bool(tf.reduce_all(uniform_integers([1, 2], [99], 3, 6, tf.int32) < 6))
    True
    """
    if not dtype.is_integer:
        raise DTypeError(f"dtype must be of integer type, got {dtype.name}")
    if minval is not None and maxval is not None:
        _check_bounds(minval, maxval, dtype)
    return _checked(seed, shape, dtype)


def _check_bounds(minval: int, maxval: int, dtype: DType) -> None:
    if minval >= maxval or minval < dtype.min or maxval > dtype.max + 1:
        raise InvalidArgumentError(
            f"need minval < maxval within {dtype.name}, got minval={minval}, maxval={maxval}"
        )


@uniform_integers.kernel("numpy")
def _(seed, *, shape, minval, maxval, dtype):
    _check_bounds(minval, maxval, dtype)
    return np.asarray(generator(seed).integers(minval, maxval, shape, dtype.numpy))


@op(differentiable=False)
def standard_gamma(alpha: FloatTensor, seed: IntTensor, shape: Shape):
    """Draw from the gamma distribution of rate 1.

    There is no gradient for `alpha`.

    Parameters
    ----------
    alpha : Tensor
        Shape parameters, > 0; of any shape A.
    seed : Tensor
        As for `standard_normal`.
    shape : sequence of int
        How many to draw for each alpha.

    Returns
    -------
    Tensor
        Of shape `shape` + A.

    Examples
    --------
    >>> from minitf.ops.draws import standard_gamma
    >>> standard_gamma([1.0, 2.0], [1, 2], [5]).shape
    (5, 2)
    """
    return _checked(seed, as_shape(shape) + alpha.shape, alpha.dtype)


@standard_gamma.kernel("numpy")
def _(alpha, seed, *, shape):
    found = generator(seed).standard_gamma(alpha, (*shape, *alpha.shape))
    return np.asarray(found, alpha.dtype)


@op(differentiable=False)
def draw_poisson(lam: FloatTensor, seed: IntTensor, shape: Shape, dtype: DType):
    """Draw from the Poisson distribution.

    Parameters
    ----------
    lam : Tensor
        Means, >= 0; of any shape A.
    seed : Tensor
        As for `standard_normal`.
    shape : sequence of int
        How many to draw for each mean.
    dtype : DType
        Element type of the result.

    Returns
    -------
    Tensor
        Of shape `shape` + A.

    Examples
    --------
    >>> import minitf as tf
    >>> from minitf.ops.draws import draw_poisson
    >>> draw_poisson([1.0, 2.0], [1, 2], [5], tf.int32).shape
    (5, 2)
    """
    return _checked(seed, as_shape(shape) + lam.shape, dtype)


@draw_poisson.kernel("numpy")
def _(lam, seed, *, shape, dtype):
    found = generator(seed).poisson(lam, (*shape, *lam.shape))
    return np.asarray(found, dtype.numpy)


@op(differentiable=False)
def draw_classes(logits: FloatTensor, seed: IntTensor, num_samples: int, dtype: DType):
    """Draw class numbers with given log-probabilities.

    Parameters
    ----------
    logits : Tensor
        Shape (b, c): for each row, the log-probabilities of c classes, up to a constant.
    seed : Tensor
        As for `standard_normal`.
    num_samples : int
        How many to draw per row.
    dtype : DType
        Of integer type.

    Returns
    -------
    Tensor
        Shape (b, num_samples).

    Notes
    -----
    A class is found by where a uniform number falls among the cumulated probabilities.

    Examples
    --------
    >>> import minitf as tf
    >>> from minitf.ops.draws import draw_classes
    >>> never = -float("inf")
    >>> draw_classes([[never, 0.0], [0.0, never]], [1, 2], 3, tf.int64).numpy().tolist()
    [[1, 1, 1], [0, 0, 0]]
    """
    if len(logits.shape) != 2:
        raise ShapeError(f"logits must have shape (batch, classes), got {logits.shape}")
    if logits.shape[1] == 0:
        raise ShapeError(f"there are no classes to draw from: logits have shape {logits.shape}")
    if not dtype.is_integer:
        raise DTypeError(f"dtype must be of integer type, got {dtype.name}")
    return _checked(seed, TensorShape((logits.shape[0], num_samples)), dtype)


@draw_classes.kernel("numpy")
def _(logits, seed, *, num_samples, dtype):
    rows, classes = logits.shape
    weights = np.exp((logits - logits.max(1, keepdims=True)).astype(np.float64))
    ends = np.cumsum(weights, 1)  # (b, c)
    ends /= ends[:, -1:]
    numbers = generator(seed).random((rows, num_samples))
    # All rows in one search: row i lies between i and i + 1.
    first = np.arange(rows)[:, None]
    found = np.searchsorted(np.ravel(ends + first), numbers + first, side="right")
    last = classes - 1 - np.argmax(weights[:, ::-1] > 0, 1)  # the last class with a chance
    return np.minimum(found - first * classes, last[:, None]).astype(dtype.numpy)


@op(differentiable=False)
def draw_candidates(seed: IntTensor, num_sampled: int, range_max: int, distribution: str,
                    unique: bool):  # fmt: skip
    """Draw numbers of classes.

    Parameters
    ----------
    seed : Tensor
        As for `standard_normal`.
    num_sampled : int
        How many.
    range_max : int
        Number of classes.
    distribution : str
        "uniform"; or "log_uniform", where class c has the chance log((c + 2) / (c + 1)) over
        log(range_max + 1): that of words numbered from the most frequent on, by Zipf's law.
    unique : bool
        Whether to draw again what has been drawn before.

    Returns
    -------
    sampled : Tensor
        Shape (num_sampled,), of type int64.
    tries : Tensor
        How many draws it took.

    Examples
    --------
    >>> import minitf as tf
    >>> from minitf.ops.draws import draw_candidates
    >>> sampled, tries = draw_candidates([1, 2], 4, 4, "uniform", True)
    >>> sorted(sampled.numpy().tolist()), int(tries) >= 4
    ([0, 1, 2, 3], True)
    """
    if range_max < 1 or (unique and num_sampled > range_max):
        kind = "different " if unique else ""
        raise InvalidArgumentError(f"cannot draw {num_sampled} {kind}classes out of {range_max}")
    return _checked(seed, (num_sampled,), int64), TensorSpec((), int64)


@draw_candidates.kernel("numpy")
def _(seed, *, num_sampled, range_max, distribution, unique):
    source = generator(seed)
    drawn = _classes(source, num_sampled, range_max, distribution)
    while unique:
        first = np.sort(np.unique(drawn, return_index=True)[1])  # where each was drawn first
        if len(first) >= num_sampled:
            at = first[:num_sampled]
            return drawn[at], np.array(at[-1] + 1 if num_sampled else 0)
        drawn = np.append(drawn, _classes(source, len(drawn), range_max, distribution))
    return drawn, np.array(num_sampled)


def _classes(source: np.random.Generator, size: int, classes: int, distribution: str) -> Any:
    if distribution == UNIFORM:
        return source.integers(0, classes, size)
    found = np.exp(source.random(size) * np.log(classes + 1)) - 1
    return np.minimum(found.astype(np.int64), classes - 1)


@op
def permute_rows(value: AnyTensor, seed: IntTensor, inverse: bool):
    """Bring the rows of a tensor into the order that a key stands for, or back from it.

    Parameters
    ----------
    value : Tensor
        Shape (n, ...).
    seed : Tensor
        As for `standard_normal`.
    inverse : bool
        Whether to undo it.

    Returns
    -------
    Tensor

    Examples
    --------
    >>> from minitf.ops.draws import permute_rows
    >>> permute_rows(permute_rows([5, 6, 7], [1, 2], False), [1, 2], True).numpy().tolist()
    [5, 6, 7]
    """
    if not value.shape:
        raise ShapeError("a tensor without dimensions has no rows")
    _checked(seed, (), value.dtype)
    return value


@permute_rows.kernel("numpy")
def _(value, seed, *, inverse):
    order = generator(seed).permutation(len(value))
    return value[np.argsort(order) if inverse else order]


@permute_rows.gradient
def _(node, dy):
    return permute_rows(dy, node.inputs[1], not node["inverse"]), None


@op(differentiable=False)
def dropout_mask(seed: IntTensor, shape: Shape, rate: float, dtype: DType):
    """Draw 0 with probability `rate`, and 1 / (1 - rate) else.

    Parameters
    ----------
    seed, shape, dtype
        As for `standard_normal`.
    rate : float
        In [0, 1); rounded to a multiple of 1/65536, because 16 random bits decide.

    Returns
    -------
    Tensor

    Examples
    --------
    >>> import minitf as tf
    >>> from minitf.ops.draws import dropout_mask
    >>> sorted(set(dropout_mask([1, 2], [99], 0.5, tf.float32).numpy().tolist()))
    [0.0, 2.0]
    """
    if rate is not None:
        _check_rate(rate)
    return _floating(seed, shape, dtype)


def _check_rate(rate: float) -> None:
    if not 0 <= rate < 1:
        raise InvalidArgumentError(f"rate must be at least 0 and less than 1, got {rate}")


@dropout_mask.kernel("numpy")
def _(seed, *, shape, rate, dtype):
    _check_rate(rate)
    size = int(np.prod(shape, dtype=np.int64))
    words = generator(seed).bit_generator.random_raw(-(-size // 4))
    kept = words.view(np.uint16)[:size].reshape(shape) >= round(rate * 2**16)
    return np.multiply(kept, dtype.as_numpy_dtype(1 / (1 - rate)), dtype=dtype.numpy)
