"""Random numbers whose key the caller holds: `tf.random.stateless_*` and `tf.random.Generator`."""

from __future__ import annotations

from typing import Any

from minitf.dtypes import as_dtype, float32, int32, int64
from minitf.graph.convert import as_tensor
from minitf.graph.tensor import Tensor
from minitf.ops import draws, sampling
from minitf.ops.array import unstack
from minitf.ops.composed import composed
from minitf.ops.seeds import Seeds, next_key


@composed
def stateless_normal(
    shape: Any,
    seed: Any,
    mean: Any = 0.0,
    stddev: Any = 1.0,
    dtype: Any = float32,
    name: str | None = None,
    alg: str = "auto_select",
) -> Tensor:
    """Draw from a normal distribution; equal seeds give equal numbers.

    Parameters
    ----------
    shape : sequence of int, or Tensor
        Shape of the result.
    seed : Tensor
        Two whole numbers.
    mean, stddev : number or Tensor
        Mean and standard deviation; broadcast to the result, and get gradients.
    dtype : DType
        Floating.
    name, alg : optional
        Accepted as in TensorFlow; the numbers are not TensorFlow's.

    Returns
    -------
    Tensor

    Examples
    --------
    >>> import minitf as tf
    >>> a = tf.random.stateless_normal([3], seed=[1, 2])
    >>> bool(tf.reduce_all(a == tf.random.stateless_normal([3], seed=[1, 2])))
    True
    """
    return sampling.normal(seed, shape, mean, stddev, dtype)


@composed
def stateless_truncated_normal(
    shape: Any,
    seed: Any,
    mean: Any = 0.0,
    stddev: Any = 1.0,
    dtype: Any = float32,
    name: str | None = None,
    alg: str = "auto_select",
) -> Tensor:
    """Draw from a normal distribution, within two deviations; equal seeds give equal numbers.

    Parameters
    ----------
    shape, seed, mean, stddev, dtype, name, alg
        As for `stateless_normal`.

    Returns
    -------
    Tensor

    Examples
    --------
    >>> import minitf as tf
    >>> bool(tf.reduce_all(tf.abs(tf.random.stateless_truncated_normal([99], [1, 2])) <= 2.0))
    True
    """
    return sampling.truncated_normal(seed, shape, mean, stddev, dtype)


@composed
def stateless_uniform(
    shape: Any,
    seed: Any,
    minval: Any = 0,
    maxval: Any = None,
    dtype: Any = float32,
    name: str | None = None,
    alg: str = "auto_select",
) -> Tensor:
    """Draw from [minval, maxval), every number as likely; equal seeds give equal numbers.

    Parameters
    ----------
    shape, seed, name, alg
        As for `stateless_normal`.
    minval, maxval : number or Tensor
        Bounds; for integers `maxval` must be given, or both be None for the whole range.
    dtype : DType
        Floating, or of integer type.

    Returns
    -------
    Tensor

    Examples
    --------
    >>> import minitf as tf
    >>> x = tf.random.stateless_uniform([99], [1, 2], minval=5, maxval=8, dtype=tf.int32)
    >>> int(tf.reduce_min(x)), int(tf.reduce_max(x))
    (5, 7)
    """
    wanted = as_dtype(dtype)
    if wanted.is_integer and minval is None and maxval is None:
        minval, maxval = wanted.min, wanted.max + 1
    return sampling.uniform(seed, shape, minval, maxval, wanted)


@composed
def stateless_gamma(
    shape: Any,
    seed: Any,
    alpha: Any,
    beta: Any = None,
    dtype: Any = float32,
    name: str | None = None,
) -> Tensor:
    """Draw from gamma distributions; equal seeds give equal numbers.

    Parameters
    ----------
    shape : sequence of int
        Shape of the result, whose last axes are those of alpha and beta.
    seed, name
        As for `stateless_normal`.
    alpha, beta, dtype
        As for `minitf.ops.random.gamma`.

    Returns
    -------
    Tensor

    Examples
    --------
    >>> import minitf as tf
    >>> tf.random.stateless_gamma([5, 2], [1, 2], alpha=[0.5, 1.5]).shape
    (5, 2)
    """
    alpha = as_tensor(alpha, hint=as_dtype(dtype))
    rank = max(len(alpha.shape), 0 if beta is None else len(as_tensor(beta).shape))
    return sampling.gamma(seed, tuple(shape)[: len(shape) - rank], alpha, beta, dtype)


@composed
def stateless_poisson(
    shape: Any, seed: Any, lam: Any, dtype: Any = int32, name: str | None = None
) -> Tensor:
    """Draw from Poisson distributions; equal seeds give equal numbers.

    Parameters
    ----------
    shape : sequence of int
        Shape of the result, whose last axes are those of lam.
    seed, name
        As for `stateless_normal`.
    lam : number or Tensor
        Means, >= 0.
    dtype : DType
        Element type of the result.

    Returns
    -------
    Tensor

    Examples
    --------
    >>> import minitf as tf
    >>> tf.random.stateless_poisson([5, 2], [1, 2], lam=[1.0, 10.0]).shape
    (5, 2)
    """
    lam = as_tensor(lam, hint=float32)
    return sampling.poisson(seed, tuple(shape)[: len(shape) - len(lam.shape)], lam, dtype)


@composed
def stateless_categorical(
    logits: Any, num_samples: int, seed: Any, dtype: Any = int64, name: str | None = None
) -> Tensor:
    """Draw class numbers with given log-probabilities; equal seeds give equal numbers.

    Parameters
    ----------
    logits : Tensor
        Shape (b, c): for each row, the log-probabilities of c classes, up to a constant.
    num_samples : int
        How many to draw per row.
    seed, name
        As for `stateless_normal`.
    dtype : DType
        Of integer type.

    Returns
    -------
    Tensor
        Shape (b, num_samples).

    Examples
    --------
    >>> import minitf as tf
    >>> tf.random.stateless_categorical([[0.0, -1e9]], 4, [1, 2]).numpy().tolist()
    [[0, 0, 0, 0]]
    """
    return draws.draw_classes(logits, seed, num_samples, dtype)


@composed
def stateless_shuffle(
    value: Any, seed: Any, alg: str = "auto_select", name: str | None = None
) -> Tensor:
    """Bring the rows of a tensor into the order that a seed stands for.

    Parameters
    ----------
    value : Tensor
        Shape (n, ...).
    seed, alg, name
        As for `stateless_normal`.

    Returns
    -------
    Tensor

    Examples
    --------
    >>> from minitf.ops.stateless import stateless_shuffle
    >>> sorted(stateless_shuffle([1, 2, 3], [1, 2]).numpy().tolist())
    [1, 2, 3]
    """
    return draws.permute_rows(value, seed, False)


@composed
def stateless_dropout(
    x: Any,
    rate: Any,
    seed: Any,
    rng_alg: str | None = None,
    noise_shape: Any = None,
    name: str | None = None,
) -> Tensor:
    """Set elements to zero at random, and scale the others; equal seeds drop the same elements.

    Parameters
    ----------
    x, rate, noise_shape
        As for `minitf.ops.random.dropout`.
    seed : Tensor
        Two whole numbers.
    rng_alg, name : optional
        Accepted as in TensorFlow.

    Returns
    -------
    Tensor

    Examples
    --------
    >>> import minitf as tf
    >>> from minitf.ops.stateless import stateless_dropout
    >>> y = stateless_dropout(tf.ones([99]), 0.5, [1, 2])
    >>> sorted(set(y.numpy().tolist()))
    [0.0, 2.0]
    """
    return sampling.dropout(seed, x, rate, noise_shape)


@composed
def stateless_split(seed: Any, num: int = 2, alg: str = "auto_select") -> Tensor:
    """Derive further seeds from one.

    Parameters
    ----------
    seed : Tensor
        Two whole numbers.
    num : int
        How many seeds.
    alg : optional
        Accepted as in TensorFlow.

    Returns
    -------
    Tensor
        Shape (num, 2), of the seed's dtype.

    Examples
    --------
    >>> from minitf.ops.stateless import stateless_split
    >>> stateless_split([1, 2], 3).shape
    (3, 2)
    """
    seed = as_tensor(seed, hint=int32)
    low, high = seed.dtype.min, seed.dtype.max + 1
    return draws.uniform_integers(seed, (num, 2), low, high, seed.dtype)


class Generator:
    """A source of random numbers with a seed of its own.

    Parameters
    ----------
    seed : int, optional
        Any whole number; by default the operating system chooses.

    Examples
    --------
    >>> import minitf as tf
    >>> a, b = (tf.random.Generator.from_seed(7) for _ in range(2))
    >>> bool(tf.reduce_all(a.normal([3]) == b.normal([3])))
    True
    """

    def __init__(self, seed: int | None = None):
        self._seeds = Seeds(seed)

    @classmethod
    def from_seed(cls, seed: int, alg: Any = None) -> Generator:
        """Return a generator that begins at a seed."""
        return cls(seed)

    @classmethod
    def from_non_deterministic_state(cls, alg: Any = None) -> Generator:
        """Return a generator whose seed the operating system chooses."""
        return cls()

    def reset_from_seed(self, seed: int) -> None:
        """Begin again at a seed."""
        self._seeds.reset(seed)

    def _key(self) -> Tensor:
        return next_key(None, self._seeds)

    def normal(self, shape: Any, mean: Any = 0.0, stddev: Any = 1.0, dtype: Any = float32,
               name: str | None = None) -> Tensor:  # fmt: skip
        """Draw from a normal distribution; see `minitf.ops.random.normal`."""
        return sampling.normal(self._key(), shape, mean, stddev, dtype)

    def truncated_normal(self, shape: Any, mean: Any = 0.0, stddev: Any = 1.0,
                         dtype: Any = float32, name: str | None = None) -> Tensor:  # fmt: skip
        """Draw from a normal distribution, within two deviations."""
        return sampling.truncated_normal(self._key(), shape, mean, stddev, dtype)

    def uniform(self, shape: Any, minval: Any = 0, maxval: Any = None, dtype: Any = float32,
                name: str | None = None) -> Tensor:  # fmt: skip
        """Draw from [minval, maxval); see `minitf.ops.random.uniform`."""
        return sampling.uniform(self._key(), shape, minval, maxval, dtype)

    def make_seeds(self, count: int = 1) -> Tensor:
        """Return seeds for stateless ops, of shape (2, count)."""
        low, high = int64.min, int64.max + 1
        return draws.uniform_integers(self._key(), (2, count), low, high, int64)

    def split(self, count: int = 1) -> list[Generator]:
        """Return further generators, independent of each other and of this one."""
        seeds = draws.uniform_integers(self._key(), (count,), int64.min, int64.max + 1, int64)
        return [Generator(int(seed)) for seed in unstack(seeds)]


_global: list[Generator] = []


def get_global_generator() -> Generator:
    """Return the generator that the whole program shares.

    Examples
    --------
    >>> import minitf as tf
    >>> tf.random.get_global_generator() is tf.random.get_global_generator()
    True
    """
    if not _global:
        _global.append(Generator())
    return _global[0]


def set_global_generator(generator: Generator) -> None:
    """Replace the generator that the whole program shares.

    Examples
    --------
    >>> import minitf as tf
    >>> tf.random.set_global_generator(tf.random.Generator.from_seed(1))
    """
    _global[:] = [generator]
