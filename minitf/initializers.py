"""Initializers: first values of weights, by shape.

A layer's outputs should vary about as much as its inputs, or signals fade (or explode) on their way
through a deep network. With `n` inputs per unit, weights of variance 1 / n keep the variance of
linear layers (Glorot and Bengio, 2010), 2 / n that of relu layers (He et al., 2015).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from minitf.dtypes import as_dtype
from minitf.errors import InvalidArgumentError, ShapeError
from minitf.graph.convert import as_tensor, is_tensor
from minitf.graph.tensor import Tensor
from minitf.ops import filling, sampling
from minitf.ops.array import reshape, transpose
from minitf.ops.broadcasting import broadcast_to
from minitf.ops.decompose import qr
from minitf.ops.diagonal import diag_part
from minitf.ops.math import cast, sign
from minitf.ops.seeds import as_seed, next_key
from minitf.serialization import (
    custom_object_scope,
    deserialize_keras_object,
    look_up,
    serialize_keras_object,
)


class Initializer:
    """A function from a shape to first values; subclasses say which."""

    def __call__(self, shape: Any, dtype: Any = None) -> Tensor:
        """Return values of a shape and dtype (float32 by default)."""
        raise NotImplementedError(f"{type(self).__name__} does not say which values")

    def get_config(self) -> dict[str, Any]:
        """Return the arguments that make an equal one."""
        return {}

    @classmethod
    def from_config(cls, config: Mapping[str, Any]) -> Initializer:
        """Return the initializer that a config describes."""
        return cls(**config)

    def clone(self) -> Initializer:
        """Return an equal initializer."""
        return self.from_config(self.get_config())


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
        return filling.zeros(shape, dtype or "float32")


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
        return filling.ones(shape, dtype or "float32")


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

    def get_config(self) -> dict[str, Any]:
        """Return the arguments that make an equal one."""
        return {"value": serialize_keras_object(self.value)}

    @classmethod
    def from_config(cls, config: Mapping[str, Any]) -> Constant:
        """Return the initializer that a config describes."""
        return cls(deserialize_keras_object(config["value"]))


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
        return self.gain * filling.eye(shape[0], shape[1], dtype=as_dtype(dtype or "float32"))

    def get_config(self) -> dict[str, Any]:
        """Return the arguments that make an equal one."""
        return {"gain": self.gain}


class RandomInitializer(Initializer):
    """What initializers that draw random numbers share.

    Parameters
    ----------
    seed : int or SeedGenerator, optional
        With a whole number, every call draws the same numbers, whatever the program's seed is.
        Without a seed, each call draws others, from the program's random numbers.
    """

    def __init__(self, seed: Any = None):
        if seed is not None and not hasattr(seed, "next"):
            as_seed(seed)  # a mistake is told here, where it was made
        self.seed = seed

    def _key(self) -> Any:
        """Return the key of the next numbers; see `minitf.ops.seeds`."""
        if self.seed is None:
            return next_key()
        if hasattr(self.seed, "next"):
            return self.seed.next()
        return np.array([as_seed(self.seed), 0], np.uint64)

    def get_config(self) -> dict[str, Any]:
        """Return the arguments that make an equal one."""
        return {"seed": serialize_keras_object(self.seed)}

    @classmethod
    def from_config(cls, config: Mapping[str, Any]) -> Initializer:
        """Return the initializer that a config describes."""
        return cls(**{**config, "seed": deserialize_keras_object(config.get("seed"))})


class RandomNormal(RandomInitializer):
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

    def __init__(self, mean: float = 0.0, stddev: float = 0.05, seed: Any = None):
        super().__init__(seed)
        self.mean, self.stddev = mean, stddev

    def __call__(self, shape: Any, dtype: Any = None) -> Tensor:
        """Draw values of a shape."""
        return sampling.normal(self._key(), shape, self.mean, self.stddev, dtype or "float32")

    def get_config(self) -> dict[str, Any]:
        """Return the arguments that make an equal one."""
        return {**super().get_config(), "mean": self.mean, "stddev": self.stddev}


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
        dtype = dtype or "float32"
        return sampling.truncated_normal(self._key(), shape, self.mean, self.stddev, dtype)


class RandomUniform(RandomInitializer):
    """Numbers spread evenly over an interval.

    Examples
    --------
    >>> import minitf as tf
    >>> tf.initializers.RandomUniform(-1.0, 1.0)([2, 3]).shape
    (2, 3)
    """

    def __init__(self, minval: float = -0.05, maxval: float = 0.05, seed: Any = None):
        super().__init__(seed)
        self.minval, self.maxval = minval, maxval

    def __call__(self, shape: Any, dtype: Any = None) -> Tensor:
        """Draw values of a shape."""
        return sampling.uniform(self._key(), shape, self.minval, self.maxval, dtype or "float32")

    def get_config(self) -> dict[str, Any]:
        """Return the arguments that make an equal one."""
        return {**super().get_config(), "minval": self.minval, "maxval": self.maxval}


class Orthogonal(RandomInitializer):
    """A random matrix whose rows, or columns, are of length 1 and orthogonal.

    It turns vectors without stretching them, so a signal survives many steps of a recurrent
    network. Of a shape with more axes, all but the last count as rows.

    Parameters
    ----------
    gain : float
        Factor of the matrix.
    seed : int, optional
        Makes the draws repeatable.

    Notes
    -----
    ``A = Q R`` of normal numbers; Q times the signs of the diagonal of R is spread evenly over all
    orthogonal matrices.

    References
    ----------
    Saxe, McClelland and Ganguli, "Exact solutions to the nonlinear dynamics of learning in deep
    linear neural networks", 2014.

    Examples
    --------
    >>> import minitf as tf
    >>> w = tf.initializers.Orthogonal()([3, 3])
    >>> bool(tf.reduce_all(tf.abs(w @ tf.transpose(w) - tf.eye(3)) < 1e-5))
    True
    """

    def __init__(self, gain: float = 1.0, seed: Any = None):
        super().__init__(seed)
        self.gain = gain

    def __call__(self, shape: Any, dtype: Any = None) -> Tensor:
        """Draw a matrix of a shape."""
        if len(shape) < 2:
            raise ShapeError(f"Orthogonal: a matrix has two dimensions or more, got {tuple(shape)}")
        rows, columns = math.prod(shape[:-1]), shape[-1]
        tall = (max(rows, columns), min(rows, columns))
        q, r = qr(sampling.normal(self._key(), tall, 0.0, 1.0, dtype or "float32"))
        q = q * sign(diag_part(r))
        return self.gain * reshape(q if rows >= columns else transpose(q), shape)

    def get_config(self) -> dict[str, Any]:
        """Return the arguments that make an equal one."""
        return {**super().get_config(), "gain": self.gain}


class VarianceScaling(RandomInitializer):
    """Random numbers whose variance is ``scale / n``.

    Parameters
    ----------
    scale : float
        Factor of the variance.
    mode : {"fan_in", "fan_out", "fan_avg"}
        What n counts: the inputs of a unit, its outputs, or their mean.
    distribution : {"truncated_normal", "untruncated_normal", "uniform"}
        How the numbers are spread; "normal" means "truncated_normal".
    seed : int, optional
        Makes the draws repeatable.
    input_axes, output_axes : sequence of int, optional
        The axes of the weights that count as inputs and outputs; see `fans` for the usual ones.

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
                 distribution: str = "truncated_normal", seed: Any = None,
                 input_axes: Any = None, output_axes: Any = None):  # fmt: skip
        super().__init__(seed)
        distribution = {"normal": "truncated_normal"}.get(distribution.lower(), distribution)
        if scale <= 0:
            raise InvalidArgumentError(f"VarianceScaling: scale > 0, got {scale}")
        if mode not in ("fan_in", "fan_out", "fan_avg"):
            raise InvalidArgumentError(f"VarianceScaling: unknown mode {mode!r}")
        if distribution.lower() not in ("truncated_normal", "untruncated_normal", "uniform"):
            raise InvalidArgumentError(f"VarianceScaling: unknown distribution {distribution!r}")
        self.scale, self.mode, self.distribution = scale, mode, distribution.lower()
        self.input_axes, self.output_axes = input_axes, output_axes

    def __call__(self, shape: Any, dtype: Any = None) -> Tensor:
        """Draw values of a shape."""
        fan_in, fan_out = fans(shape, self.input_axes, self.output_axes)
        count = {"fan_in": fan_in, "fan_out": fan_out, "fan_avg": (fan_in + fan_out) / 2}[self.mode]
        variance = self.scale / max(1.0, count)
        dtype = dtype or "float32"
        if self.distribution == "uniform":
            limit = math.sqrt(3 * variance)
            return sampling.uniform(self._key(), shape, -limit, limit, dtype)
        if self.distribution == "untruncated_normal":
            return sampling.normal(self._key(), shape, 0.0, math.sqrt(variance), dtype)
        # Cutting a normal distribution off at two standard deviations leaves .8796 of each.
        stddev = math.sqrt(variance) / 0.87962566103423978
        return sampling.truncated_normal(self._key(), shape, 0.0, stddev, dtype)

    def get_config(self) -> dict[str, Any]:
        """Return the arguments that make an equal one."""
        own = {"scale": self.scale, "mode": self.mode, "distribution": self.distribution}
        axes = {"input_axes": self.input_axes, "output_axes": self.output_axes}
        # The named ones below are made of a seed and axes alone.
        return {**super().get_config(), **(own if type(self) is VarianceScaling else {}), **axes}


def fans(shape: Any, input_axes: Any = None, output_axes: Any = None) -> tuple[float, float]:
    """Return how many inputs and outputs a unit with weights of this shape has."""
    dims = [int(n) for n in shape]
    if input_axes is not None and output_axes is not None:
        inputs, outputs = ([dims[a] for a in axes] for axes in (input_axes, output_axes))
        return float(math.prod(inputs)), float(math.prod(outputs))
    if len(dims) < 2:
        n = dims[0] if dims else 1
        return float(n), float(n)
    field = math.prod(dims[:-2])  # a convolution's kernel positions
    return float(dims[-2] * field), float(dims[-1] * field)


class GlorotUniform(VarianceScaling):
    """Uniform numbers of variance 2 / (inputs + outputs); Keras' choice for Dense and Conv."""

    def __init__(self, seed: Any = None, input_axes: Any = None, output_axes: Any = None):
        super().__init__(1.0, "fan_avg", "uniform", seed, input_axes, output_axes)


class GlorotNormal(VarianceScaling):
    """Normal numbers of variance 2 / (inputs + outputs)."""

    def __init__(self, seed: Any = None, input_axes: Any = None, output_axes: Any = None):
        super().__init__(1.0, "fan_avg", "truncated_normal", seed, input_axes, output_axes)


class HeNormal(VarianceScaling):
    """Normal numbers of variance 2 / inputs, for relu layers."""

    def __init__(self, seed: Any = None, input_axes: Any = None, output_axes: Any = None):
        super().__init__(2.0, "fan_in", "truncated_normal", seed, input_axes, output_axes)


class HeUniform(VarianceScaling):
    """Uniform numbers of variance 2 / inputs, for relu layers."""

    def __init__(self, seed: Any = None, input_axes: Any = None, output_axes: Any = None):
        super().__init__(2.0, "fan_in", "uniform", seed, input_axes, output_axes)


class LecunNormal(VarianceScaling):
    """Normal numbers of variance 1 / inputs."""

    def __init__(self, seed: Any = None, input_axes: Any = None, output_axes: Any = None):
        super().__init__(1.0, "fan_in", "truncated_normal", seed, input_axes, output_axes)


class LecunUniform(VarianceScaling):
    """Uniform numbers of variance 1 / inputs."""

    def __init__(self, seed: Any = None, input_axes: Any = None, output_axes: Any = None):
        super().__init__(1.0, "fan_in", "uniform", seed, input_axes, output_axes)


# -- by name --------------------------------------------------------------------------------------

IdentityInitializer, OrthogonalInitializer = Identity, Orthogonal
zeros_initializer, ones_initializer, constant_initializer = Zeros, Ones, Constant
random_normal_initializer, random_uniform_initializer = RandomNormal, RandomUniform
zeros, ones, constant, identity, orthogonal = Zeros, Ones, Constant, Identity, Orthogonal
random_normal, random_uniform, truncated_normal = RandomNormal, RandomUniform, TruncatedNormal
variance_scaling = VarianceScaling
glorot_uniform, glorot_normal = GlorotUniform, GlorotNormal
he_uniform, he_normal = HeUniform, HeNormal
lecun_uniform, lecun_normal = LecunUniform, LecunNormal

KNOWN: dict[str, Any] = {
    "zeros": Zeros,
    "zero": Zeros,
    "ones": Ones,
    "one": Ones,
    "constant": Constant,
    "identity": Identity,
    "random_normal": RandomNormal,
    "normal": RandomNormal,
    "random_uniform": RandomUniform,
    "uniform": RandomUniform,
    "truncated_normal": TruncatedNormal,
    "orthogonal": Orthogonal,
    "variance_scaling": VarianceScaling,
    "glorot_uniform": GlorotUniform,
    "glorot_normal": GlorotNormal,
    "he_uniform": HeUniform,
    "he_normal": HeNormal,
    "lecun_uniform": LecunUniform,
    "lecun_normal": LecunNormal,
    "IdentityInitializer": Identity,
    "OrthogonalInitializer": Orthogonal,
}
KNOWN |= {cls.__name__: cls for cls in KNOWN.values()}


def get(identifier: Any) -> Callable[..., Any] | None:
    """Return the initializer that is meant by a name, a config, an array, or the object itself.

    Parameters
    ----------
    identifier : str, dict, Initializer, class, function, array or None
        A function takes `shape` and `dtype`; an array is the values themselves.

    Raises
    ------
    InvalidArgumentError
        For an unknown name.

    Examples
    --------
    >>> import minitf as tf
    >>> tf.initializers.get("ones")([2]).numpy().tolist()
    [1.0, 1.0]
    """
    if is_tensor(identifier) or isinstance(identifier, (np.ndarray, np.generic)):
        return _of_values(identifier)
    return look_up(identifier, "initializer", KNOWN)


def _of_values(values: Any) -> Callable[..., Tensor]:
    def initialize(shape: Any, dtype: Any = None) -> Tensor:
        if tuple(shape) != tuple(values.shape):
            raise ShapeError(f"these first values have shape {tuple(values.shape)}, the weights "
                             f"{tuple(shape)}")  # fmt: skip
        return cast(values, dtype or "float32")

    return initialize


def serialize(initializer: Any) -> Any:
    """Return an initializer as plain data."""
    return serialize_keras_object(initializer)


def deserialize(config: Any, custom_objects: Mapping[str, Any] | None = None) -> Any:
    """Return the initializer that plain data describes."""
    with custom_object_scope(custom_objects or {}):
        return get(config)


__all__ = [
    "Constant",
    "GlorotNormal",
    "GlorotUniform",
    "HeNormal",
    "HeUniform",
    "Identity",
    "IdentityInitializer",
    "Initializer",
    "LecunNormal",
    "LecunUniform",
    "Ones",
    "Orthogonal",
    "OrthogonalInitializer",
    "RandomNormal",
    "RandomUniform",
    "TruncatedNormal",
    "VarianceScaling",
    "Zeros",
    "constant",
    "deserialize",
    "get",
    "glorot_normal",
    "glorot_uniform",
    "he_normal",
    "he_uniform",
    "identity",
    "lecun_normal",
    "lecun_uniform",
    "ones",
    "orthogonal",
    "random_normal",
    "random_uniform",
    "serialize",
    "truncated_normal",
    "variance_scaling",
    "zeros",
]
