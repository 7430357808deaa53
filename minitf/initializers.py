"""Initializers: first values of weights, by shape.

A layer's outputs should vary about as much as its inputs, or signals fade (or explode) on their way
through a deep network. With `n` inputs per unit, weights of variance 1 / n keep the variance of
linear layers (Glorot and Bengio, 2010), 2 / n that of relu layers (He et al., 2015).
"""

from __future__ import annotations

import math
from typing import Any

from minitf.dtypes import as_dtype
from minitf.errors import InvalidArgumentError
from minitf.graph.convert import as_tensor
from minitf.graph.tensor import Tensor
from minitf.ops import random
from minitf.ops.broadcasting import broadcast_to
from minitf.ops.filling import eye, ones, zeros
from minitf.ops.math import cast


class Initializer:
    """A function from a shape to first values; subclasses say which."""

    def __call__(self, shape: Any, dtype: Any = None) -> Tensor:
        """Return values of a shape and dtype (float32 by default)."""
        raise NotImplementedError(f"{type(self).__name__} does not say which values")


class Zeros(Initializer):
    """All zeros.

    Examples
    --------
    >>> import minitf as tf
    >>> tf.initializers.Zeros()([2]).numpy().tolist()
    [0.0, 0.0]
    """

    def __call__(self, shape: Any, dtype: Any = None) -> Tensor:
        """Return zeros of a shape."""
        return zeros(shape, dtype or "float32")


class Ones(Initializer):
    """All ones.

    Examples
    --------
    >>> import minitf as tf
    >>> tf.initializers.Ones()([2]).numpy().tolist()
    [1.0, 1.0]
    """

    def __call__(self, shape: Any, dtype: Any = None) -> Tensor:
        """Return ones of a shape."""
        return ones(shape, dtype or "float32")


class Constant(Initializer):
    """One value everywhere, or an array that broadcasts to the shape.

    Examples
    --------
    >>> import minitf as tf
    >>> tf.initializers.Constant(3.0)([2]).numpy().tolist()
    [3.0, 3.0]
    """

    def __init__(self, value: Any = 0.0):
        self.value = value

    def __call__(self, shape: Any, dtype: Any = None) -> Tensor:
        """Return the value, spread over a shape."""
        return broadcast_to(cast(as_tensor(self.value), dtype or "float32"), shape)


class Identity(Initializer):
    """The identity matrix, times a gain.

    Examples
    --------
    >>> import minitf as tf
    >>> tf.initializers.Identity()([2, 2]).numpy().tolist()
    [[1.0, 0.0], [0.0, 1.0]]
    """

    def __init__(self, gain: float = 1.0):
        self.gain = gain

    def __call__(self, shape: Any, dtype: Any = None) -> Tensor:
        """Return ones on the diagonal of a matrix, zeros elsewhere."""
        if len(shape) != 2:
            raise InvalidArgumentError(f"Identity: a matrix has two dimensions, got {tuple(shape)}")
        return self.gain * eye(shape[0], shape[1], dtype=as_dtype(dtype or "float32"))


class _Random(Initializer):
    """What initializers that draw random numbers share: an instance repeats its draws if seeded."""

    def __init__(self, seed: int | None = None):
        self.seed = seed


class RandomNormal(_Random):
    """Normal numbers.

    Parameters
    ----------
    mean, stddev : float
        Of the distribution.
    seed : int, optional
        Makes the draws repeatable.

    Examples
    --------
    >>> import minitf as tf
    >>> tf.initializers.RandomNormal(stddev=0.1, seed=1)([2, 3]).shape
    (2, 3)
    """

    def __init__(self, mean: float = 0.0, stddev: float = 0.05, seed: int | None = None):
        super().__init__(seed)
        self.mean, self.stddev = mean, stddev

    def __call__(self, shape: Any, dtype: Any = None) -> Tensor:
        """Draw values of a shape."""
        return random.normal(shape, self.mean, self.stddev, dtype or "float32", self.seed)


class TruncatedNormal(RandomNormal):
    """Normal numbers, drawn again where they are more than two standard deviations off.

    Examples
    --------
    >>> import minitf as tf
    >>> bool(abs(tf.initializers.TruncatedNormal(stddev=1.0)([99]).numpy()).max() <= 2)
    True
    """

    def __call__(self, shape: Any, dtype: Any = None) -> Tensor:
        """Draw values of a shape."""
        return random.truncated_normal(shape, self.mean, self.stddev, dtype or "float32", self.seed)


class RandomUniform(_Random):
    """Numbers spread evenly over an interval.

    Examples
    --------
    >>> import minitf as tf
    >>> tf.initializers.RandomUniform(-1.0, 1.0)([2, 3]).shape
    (2, 3)
    """

    def __init__(self, minval: float = -0.05, maxval: float = 0.05, seed: int | None = None):
        super().__init__(seed)
        self.minval, self.maxval = minval, maxval

    def __call__(self, shape: Any, dtype: Any = None) -> Tensor:
        """Draw values of a shape."""
        return random.uniform(shape, self.minval, self.maxval, dtype or "float32", self.seed)


class VarianceScaling(_Random):
    """Random numbers whose variance is ``scale / n``.

    Parameters
    ----------
    scale : float
        Factor of the variance.
    mode : {"fan_in", "fan_out", "fan_avg"}
        What n counts: the inputs of a unit, its outputs, or their mean.
    distribution : {"truncated_normal", "untruncated_normal", "uniform"}
        How the numbers are spread.
    seed : int, optional
        Makes the draws repeatable.

    References
    ----------
    Glorot and Bengio, "Understanding the difficulty of training deep feedforward neural networks",
    2010, section 4.2; He et al., "Delving deep into rectifiers", 2015, section 2.2.

    Examples
    --------
    >>> import minitf as tf
    >>> tf.initializers.VarianceScaling()([2, 3]).shape
    (2, 3)
    """

    def __init__(self, scale: float = 1.0, mode: str = "fan_in",
                 distribution: str = "truncated_normal", seed: int | None = None):  # fmt: skip
        super().__init__(seed)
        if scale <= 0:
            raise InvalidArgumentError(f"VarianceScaling: scale > 0, got {scale}")
        if mode not in ("fan_in", "fan_out", "fan_avg"):
            raise InvalidArgumentError(f"VarianceScaling: unknown mode {mode!r}")
        if distribution not in ("truncated_normal", "untruncated_normal", "uniform"):
            raise InvalidArgumentError(f"VarianceScaling: unknown distribution {distribution!r}")
        self.scale, self.mode, self.distribution = scale, mode, distribution

    def __call__(self, shape: Any, dtype: Any = None) -> Tensor:
        """Draw values of a shape."""
        fan_in, fan_out = fans(shape)
        count = {"fan_in": fan_in, "fan_out": fan_out, "fan_avg": (fan_in + fan_out) / 2}[self.mode]
        variance = self.scale / max(1.0, count)
        dtype = dtype or "float32"
        if self.distribution == "uniform":
            limit = math.sqrt(3 * variance)
            return random.uniform(shape, -limit, limit, dtype, self.seed)
        if self.distribution == "untruncated_normal":
            return random.normal(shape, 0.0, math.sqrt(variance), dtype, self.seed)
        # Cutting a normal distribution off at two standard deviations leaves .8796 of each.
        stddev = math.sqrt(variance) / 0.87962566103423978
        return random.truncated_normal(shape, 0.0, stddev, dtype, self.seed)


def fans(shape: Any) -> tuple[float, float]:
    """Return how many inputs and outputs a unit with weights of this shape has."""
    dims = [int(n) for n in shape]
    if len(dims) < 2:
        n = dims[0] if dims else 1
        return float(n), float(n)
    field = math.prod(dims[:-2])  # a convolution's kernel positions
    return float(dims[-2] * field), float(dims[-1] * field)


class GlorotUniform(VarianceScaling):
    """Uniform numbers of variance 2 / (inputs + outputs); Keras' choice for Dense and Conv."""

    def __init__(self, seed: int | None = None):
        super().__init__(1.0, "fan_avg", "uniform", seed)


class GlorotNormal(VarianceScaling):
    """Normal numbers of variance 2 / (inputs + outputs)."""

    def __init__(self, seed: int | None = None):
        super().__init__(1.0, "fan_avg", "truncated_normal", seed)


class HeNormal(VarianceScaling):
    """Normal numbers of variance 2 / inputs, for relu layers."""

    def __init__(self, seed: int | None = None):
        super().__init__(2.0, "fan_in", "truncated_normal", seed)


class HeUniform(VarianceScaling):
    """Uniform numbers of variance 2 / inputs, for relu layers."""

    def __init__(self, seed: int | None = None):
        super().__init__(2.0, "fan_in", "uniform", seed)


class LecunNormal(VarianceScaling):
    """Normal numbers of variance 1 / inputs."""

    def __init__(self, seed: int | None = None):
        super().__init__(1.0, "fan_in", "truncated_normal", seed)


class LecunUniform(VarianceScaling):
    """Uniform numbers of variance 1 / inputs."""

    def __init__(self, seed: int | None = None):
        super().__init__(1.0, "fan_in", "uniform", seed)


zeros_initializer, ones_initializer, constant_initializer = Zeros, Ones, Constant
random_normal_initializer, random_uniform_initializer = RandomNormal, RandomUniform
