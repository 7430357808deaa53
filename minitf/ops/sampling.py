"""Each distribution once, as a function of a key.

`minitf.ops.random` takes the keys from the program's seed, `minitf.ops.stateless` from its caller.
Shapes, means and bounds mean the same everywhere.
"""

from __future__ import annotations

from typing import Any

from minitf.dtypes import as_dtype, float32
from minitf.errors import InvalidArgumentError, ShapeError
from minitf.graph.convert import as_tensor
from minitf.graph.tensor import Tensor
from minitf.ops import draws
from minitf.ops.array import known_shape, known_size
from minitf.ops.division import divide
from minitf.ops.math import cast
from minitf.ops.source import identity, ones_like


def _scaled(noise: Tensor, scale: Any, offset: Any) -> Any:
    """Return noise * scale + offset, without the steps that change nothing."""
    if not (isinstance(scale, (int, float)) and scale == 1):
        noise = noise * scale
    return noise if isinstance(offset, (int, float)) and offset == 0 else noise + offset


def normal(key: Any, shape: Any, mean: Any, stddev: Any, dtype: Any) -> Any:
    """Return normal numbers; see `minitf.ops.random.normal`."""
    return _scaled(draws.standard_normal(key, shape, dtype), stddev, mean)


def truncated_normal(key: Any, shape: Any, mean: Any, stddev: Any, dtype: Any) -> Any:
    """Return normal numbers within two deviations."""
    return _scaled(draws.standard_truncated_normal(key, shape, dtype), stddev, mean)


def uniform(key: Any, shape: Any, minval: Any, maxval: Any, dtype: Any) -> Any:
    """Return floating or whole numbers from an interval."""
    dtype = as_dtype(dtype)
    minval = 0 if minval is None else minval
    if dtype.is_integer:
        if maxval is None:
            raise InvalidArgumentError(f"maxval must be given for {dtype.name}")
        return draws.uniform_integers(key, shape, minval, maxval, dtype)
    maxval = 1 if maxval is None else maxval
    return _scaled(draws.standard_uniform(key, shape, dtype), maxval - minval, minval)


def gamma(key: Any, shape: Any, alpha: Any, beta: Any, dtype: Any) -> Any:
    """Return gamma-distributed numbers."""
    dtype = as_dtype(dtype)
    alpha = as_tensor(alpha, hint=dtype)
    if beta is None:
        return draws.standard_gamma(alpha, key, shape)
    beta = as_tensor(beta, hint=dtype)
    return divide(draws.standard_gamma(alpha * ones_like(beta), key, shape), beta)


def poisson(key: Any, shape: Any, lam: Any, dtype: Any) -> Any:
    """Return Poisson-distributed numbers."""
    return draws.draw_poisson(as_tensor(lam, hint=float32), key, shape, dtype)


def bernoulli(key: Any, shape: Any, probs: Any, dtype: Any) -> Any:
    """Return true with given probabilities."""
    probs = as_tensor(probs, hint=float32)
    return cast(draws.standard_uniform(key, shape, probs.dtype) < probs, dtype)


def dropout(key: Any, x: Any, rate: Any, noise_shape: Any) -> Any:
    """Return x with elements set to zero, and the others scaled."""
    x = as_tensor(x)
    if isinstance(rate, (int, float)) and rate == 0:
        return identity(x)
    if noise_shape is None:
        sizes = known_shape(x)
    else:
        sizes = noise_shape if isinstance(noise_shape, Tensor) else tuple(noise_shape)
        if len(sizes) != len(x.shape):
            raise ShapeError(f"noise_shape {sizes} does not fit x of shape {x.shape}")
        if not isinstance(sizes, Tensor):
            sizes = [known_size(x, i) if n is None else n for i, n in enumerate(sizes)]
    return x * draws.dropout_mask(key, sizes, rate, x.dtype)
