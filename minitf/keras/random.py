"""`keras.random`: random numbers by seeds that the program holds.

An int is the whole seed: equal seeds draw the same numbers. A `SeedGenerator` gives a new seed for
every draw. Without a seed, draws follow the program's (`keras.utils.set_random_seed`).
"""

from __future__ import annotations

import random
from typing import Any

import numpy as np

from minitf.dtypes import as_dtype
from minitf.errors import DTypeError, InvalidArgumentError, UsageError
from minitf.graph.convert import as_tensor
from minitf.keras.ops.arrangement import swapaxes
from minitf.naming import auto_name
from minitf.ops import draws, sampling
from minitf.ops.array import expand_dims
from minitf.ops.filling import range as range_
from minitf.ops.filling import zeros
from minitf.ops.math import cast
from minitf.ops.reduction import reduce_sum
from minitf.ops.seeds import next_key
from minitf.ops.source import identity
from minitf.ops.state import Variable
from minitf.settings import floatx

__all__ = [
    "SeedGenerator",
    "beta",
    "binomial",
    "categorical",
    "dropout",
    "gamma",
    "normal",
    "randint",
    "shuffle",
    "truncated_normal",
    "uniform",
]


class SeedGenerator:
    """A new seed for every draw, from one that the program chooses.

    Parameters
    ----------
    seed : int, optional
        Generators with the same one give the same seeds; drawn by default.
    name : str, optional
        Its name.

    Attributes
    ----------
    state : Variable
        The seed, and how many draws there were.

    Examples
    --------
    >>> from minitf import keras
    >>> one, other = keras.random.SeedGenerator(7), keras.random.SeedGenerator(7)
    >>> a, b = keras.random.normal((2,), seed=one), keras.random.normal((2,), seed=one)
    >>> bool(keras.ops.all(a == b))
    False
    >>> bool(keras.ops.all(a == keras.random.normal((2,), seed=other)))
    True
    """

    def __init__(self, seed: int | None = None, name: str | None = None, **kwargs: Any):
        kwargs.pop("backend", None)
        if kwargs:
            raise UsageError(f"SeedGenerator: unknown argument {next(iter(kwargs))!r}")
        if seed is not None and not hasattr(seed, "__index__"):
            raise DTypeError(f"SeedGenerator: a seed is a whole number, got {seed!r}")
        self.name = name or auto_name("seed_generator")
        self._seed = seed
        start = random.randint(1, 10**9) if seed is None else int(seed)
        self.state = Variable(np.array([start, 0], np.int64), trainable=False,
                              name="seed_generator_state")  # fmt: skip

    def next(self, ordered: bool = True) -> Any:
        """Return the next seed: two whole numbers."""
        seed = identity(self.state)
        self.state.assign_add(np.array([0, 1], np.int64))
        return seed

    def get_config(self) -> dict[str, Any]:
        """Return what makes an equal generator."""
        return {"seed": self._seed, "name": self.name}

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> SeedGenerator:
        """Return the generator that a config describes."""
        return cls(**config)


def key_of(seed: Any) -> Any:
    """Return the key that a seed stands for; see `minitf.ops.seeds`."""
    if seed is None:
        return next_key()
    if isinstance(seed, SeedGenerator):
        return seed.next()
    if hasattr(seed, "__index__") and not isinstance(seed, bool):
        return as_tensor(np.array([int(seed), 0], np.int64))
    raise DTypeError(f"seed is a whole number or a SeedGenerator, got {seed!r}")


def normal(shape: Any, mean: Any = 0.0, stddev: Any = 1.0, dtype: Any = None,
           seed: Any = None) -> Any:  # fmt: skip
    """Return normal numbers.

    Examples
    --------
    >>> from minitf import keras
    >>> keras.random.normal((2, 3), seed=1).shape
    (2, 3)
    """
    return sampling.normal(key_of(seed), shape, mean, stddev, as_dtype(dtype or floatx()))


def truncated_normal(shape: Any, mean: Any = 0.0, stddev: Any = 1.0, dtype: Any = None,
                     seed: Any = None) -> Any:  # fmt: skip
    """Return normal numbers, drawn again where they are 2 deviations or more off the mean."""
    dtype = as_dtype(dtype or floatx())
    return sampling.truncated_normal(key_of(seed), shape, mean, stddev, dtype)


def uniform(shape: Any, minval: Any = 0.0, maxval: Any = 1.0, dtype: Any = None,
            seed: Any = None) -> Any:  # fmt: skip
    """Return numbers from [minval, maxval), every one as likely."""
    dtype = as_dtype(dtype or floatx())
    if not dtype.is_floating:
        raise DTypeError(f"uniform: dtype must be floating, got {dtype.name}; randint draws whole "
                         "numbers")  # fmt: skip
    return sampling.uniform(key_of(seed), shape, minval, maxval, dtype)


def randint(shape: Any, minval: Any, maxval: Any, dtype: Any = "int32", seed: Any = None) -> Any:
    """Return whole numbers from [minval, maxval), every one as likely."""
    dtype = as_dtype(dtype)
    if not dtype.is_integer:
        raise DTypeError(f"randint: dtype must be of integer type, got {dtype.name}")
    return sampling.uniform(key_of(seed), shape, int(minval), int(maxval), dtype)


def categorical(logits: Any, num_samples: int, dtype: Any = "int32", seed: Any = None) -> Any:
    """Return class numbers, shape (batch, num_samples), drawn with given log-probabilities."""
    logits = as_tensor(logits)
    if len(logits.shape) != 2:
        raise InvalidArgumentError(f"categorical: logits must have 2 dimensions, got the shape "
                                   f"{tuple(logits.shape)}")  # fmt: skip
    return draws.draw_classes(logits, key_of(seed), num_samples, as_dtype(dtype))


def dropout(inputs: Any, rate: float, noise_shape: Any = None, seed: Any = None) -> Any:
    """Return the inputs with elements set to 0 at random, and the others scaled up."""
    inputs = as_tensor(inputs)
    return sampling.dropout(key_of(seed), inputs, rate, noise_shape) if rate else inputs


def shuffle(x: Any, axis: int = 0, seed: Any = None) -> Any:
    """Return the entries along an axis in a random order."""
    rows = swapaxes(x, 0, axis) if axis else as_tensor(x)
    found = draws.permute_rows(rows, key_of(seed), False)
    return swapaxes(found, 0, axis) if axis else found


def gamma(shape: Any, alpha: Any, dtype: Any = None, seed: Any = None) -> Any:
    """Return gamma-distributed numbers with the shape parameter alpha."""
    dtype = as_dtype(dtype or floatx())
    spread = cast(as_tensor(alpha, hint=dtype), dtype) + zeros(shape, dtype)
    return draws.standard_gamma(spread, key_of(seed), [])


def beta(shape: Any, alpha: Any, beta: Any, dtype: Any = None, seed: Any = None) -> Any:
    """Return beta-distributed numbers: a / (a + b) of gamma-distributed ones."""
    dtype = as_dtype(dtype or floatx())
    none = zeros(shape, dtype)
    both = [cast(as_tensor(v, hint=dtype), dtype) + none for v in (alpha, beta)]
    pair = draws.standard_gamma(as_tensor(both), key_of(seed), [])
    return pair[0] / (pair[0] + pair[1])


def binomial(shape: Any, counts: Any, probabilities: Any, dtype: Any = None,
             seed: Any = None) -> Any:  # fmt: skip
    """Return how many of some attempts succeed.

    Each attempt is drawn, so memory grows with the largest count.
    """
    dtype = as_dtype(dtype or floatx())
    most = int(np.max(np.asarray(counts)))
    drawn = draws.standard_uniform(key_of(seed), [*shape, most], dtype)
    counts, chances = (
        expand_dims(cast(as_tensor(v, hint=dtype), dtype) + zeros(shape, dtype), -1)
        for v in (counts, probabilities)
    )
    attempted = cast(range_(most), dtype) < counts
    return reduce_sum(cast(attempted & (drawn < chances), dtype), -1)
