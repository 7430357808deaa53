"""Noise while training, so that a model does not learn its examples by heart.

Outside of training, all these layers return their inputs.
"""

from __future__ import annotations

import math
from typing import Any

from minitf.errors import InvalidArgumentError
from minitf.layers.arguments import as_int, fraction, settings
from minitf.layers.input_spec import InputSpec
from minitf.layers.layer import Layer
from minitf.layers.spatial import as_data_format
from minitf.ops.array import known_shape, known_size
from minitf.ops.math import cast
from minitf.ops.random import dropout, normal, uniform
from minitf.ops.rectifier import SELU_ALPHA, SELU_SCALE
from minitf.ops.source import zeros_like
from minitf.regularizers import L1L2

__all__ = [
    "ActivityRegularization",
    "AlphaDropout",
    "Dropout",
    "GaussianDropout",
    "GaussianNoise",
    "SpatialDropout1D",
    "SpatialDropout2D",
    "SpatialDropout3D",
]


class Noise(Layer):
    """A layer that changes its inputs at random while a model is trained."""

    def __init__(self, seed: int | None = None, **kwargs: Any):
        super().__init__(**kwargs)
        self.seed = seed
        self.supports_masking = True

    def call(self, inputs: Any, training: Any = False) -> Any:
        """Return the inputs, with noise while training."""
        return self.disturb(inputs) if training else inputs

    def disturb(self, x: Any) -> Any:
        """Return `x` with noise."""
        raise NotImplementedError(f"{type(self).__name__} does not say how inputs are changed")


class Dropout(Noise):
    """Set elements to 0 at random while training, and scale up the others.

    Parameters
    ----------
    rate : float
        Probability of each element to be dropped.
    noise_shape : sequence of int or None, optional
        Shape of the random mask, which is broadcast to that of the inputs: along an axis of size 1,
        all elements are dropped or kept together. None stands for the size of the input.
    seed : int, optional
        Makes the draws repeatable.
    **kwargs
        As of every layer.

    Notes
    -----
    ``y = x * mask / (1 - rate)``, where the mask is 0 with probability `rate`, else 1: the mean
    stays the same, so that nothing has to be done after training.

    References
    ----------
    Srivastava et al., "Dropout: a simple way to prevent neural networks from overfitting", 2014.

    Examples
    --------
    >>> from minitf import keras
    >>> layer, x = keras.layers.Dropout(0.5), keras.ops.ones(1000)
    >>> sorted(set(layer(x, training=True).numpy().tolist())), set(layer(x).numpy().tolist())
    ([0.0, 2.0], {1.0})
    """

    def __init__(self, rate: float, noise_shape: Any = None, seed: int | None = None,
                 **kwargs: Any):  # fmt: skip
        super().__init__(seed, **kwargs)
        self.rate = fraction(self, "rate", rate)
        self.noise_shape = self._checked(noise_shape)

    def _checked(self, shape: Any) -> Any:
        """Return a noise shape as a tuple, or None."""
        if shape is None:
            return None
        sizes = tuple(shape) if isinstance(shape, (list, tuple)) else (0,)
        if any(n is not None and (as_int(n) or 0) < 1 for n in sizes):
            raise InvalidArgumentError(
                f"layer {self.name!r}: noise_shape holds sizes from 1 on, or None, got {shape!r}"
            )
        return sizes

    def disturb(self, x: Any) -> Any:
        """Return `x` with elements dropped."""
        if self.rate == 1:
            return zeros_like(x)
        return dropout(x, self.rate, self.mask_shape(x), self.seed) if self.rate else x

    def mask_shape(self, x: Any) -> Any:
        """Return the shape of the random mask."""
        return self.noise_shape

    def get_config(self) -> dict[str, Any]:
        """Return the arguments that make an equal layer."""
        return {**super().get_config(), **settings(self, "rate", "seed", "noise_shape")}


class SpatialDropout(Dropout):
    """Drop whole channels: neighbours tell so much of an element that it is hardly missed alone."""

    rank: int

    def __init__(self, rate: float, data_format: str | None = None, seed: int | None = None,
                 **kwargs: Any):  # fmt: skip
        super().__init__(rate, seed=seed, **kwargs)
        self.data_format = as_data_format(self, data_format)
        self.input_spec = InputSpec(ndim=self.rank + 2)

    def mask_shape(self, x: Any) -> Any:
        """Return a shape with one element for each channel of each example."""
        ones = [1] * self.rank
        if self.data_format == "channels_first":
            return [known_size(x, 0), known_size(x, 1), *ones]
        return [known_size(x, 0), *ones, known_size(x, -1)]

    def get_config(self) -> dict[str, Any]:
        """Return the arguments that make an equal layer; those of Keras, which are few."""
        own = settings(self, "rate", "seed", "name", "data_format")
        return {**own, "dtype": self.dtype_policy.name}


class SpatialDropout1D(SpatialDropout):
    """Drop whole features of sequences (batch, time, features).

    Parameters
    ----------
    rate : float
        Probability of each feature to be dropped.
    seed : int, optional
        Makes the draws repeatable.
    **kwargs
        As of every layer.

    References
    ----------
    Tompson et al., "Efficient object localization using convolutional networks", 2015.

    Examples
    --------
    >>> from minitf import keras
    >>> keras.layers.SpatialDropout1D(0.5)(keras.ops.ones((2, 3, 4)), training=True).shape
    (2, 3, 4)
    """

    rank = 1

    def __init__(self, rate: float, seed: int | None = None, **kwargs: Any):
        super().__init__(rate, "channels_last", seed, **kwargs)

    def get_config(self) -> dict[str, Any]:
        """Return the arguments that make an equal layer."""
        config = super().get_config()
        del config["data_format"]
        return config


class SpatialDropout2D(SpatialDropout):
    """Drop whole channels of images; see `SpatialDropout1D`.

    Parameters
    ----------
    rate : float
        Probability of each channel to be dropped.
    data_format : {"channels_last", "channels_first"}, optional
        Where channels stand.
    seed : int, optional
        Makes the draws repeatable.
    **kwargs
        As of every layer.

    Examples
    --------
    >>> from minitf import keras
    >>> keras.layers.SpatialDropout2D(0.5)(keras.ops.ones((2, 3, 3, 4)), training=True).shape
    (2, 3, 3, 4)
    """

    rank = 2


class SpatialDropout3D(SpatialDropout):
    """Drop whole channels of volumes; see `SpatialDropout2D`.

    Examples
    --------
    >>> from minitf import keras
    >>> keras.layers.SpatialDropout3D(0.5)(keras.ops.ones((1, 2, 2, 2, 4)), training=True).shape
    (1, 2, 2, 2, 4)
    """

    rank = 3


class GaussianDropout(Noise):
    """Multiply by normal numbers of mean 1 while training.

    Parameters
    ----------
    rate : float
        Strength, comparable to that of `Dropout`.
    seed : int, optional
        Makes the draws repeatable.
    **kwargs
        As of every layer.

    Notes
    -----
    ``y = x * n`` with n of mean 1 and standard deviation ``sqrt(rate / (1 - rate))``: the first two
    moments that a dropout mask has.

    Examples
    --------
    >>> from minitf import keras
    >>> keras.layers.GaussianDropout(0.5)(keras.ops.ones((2, 3)), training=True).shape
    (2, 3)
    """

    def __init__(self, rate: float, seed: int | None = None, **kwargs: Any):
        super().__init__(seed, **kwargs)
        self.rate = fraction(self, "rate", rate)
        if rate == 1:
            raise InvalidArgumentError(f"layer {self.name!r}: rate is less than 1, got {rate!r}")

    def disturb(self, x: Any) -> Any:
        """Return `x` times random numbers."""
        deviation = math.sqrt(self.rate / (1 - self.rate))
        return x * normal(known_shape(x), 1.0, deviation, x.dtype, self.seed)

    def get_config(self) -> dict[str, Any]:
        """Return the arguments that make an equal layer."""
        return {**super().get_config(), **settings(self, "rate", "seed")}


class GaussianNoise(Noise):
    """Add normal numbers of mean 0 while training.

    Parameters
    ----------
    stddev : float
        Their standard deviation.
    seed : int, optional
        Makes the draws repeatable.
    **kwargs
        As of every layer.

    Examples
    --------
    >>> from minitf import keras
    >>> keras.layers.GaussianNoise(0.1)(keras.ops.ones((2, 3)), training=True).shape
    (2, 3)
    """

    def __init__(self, stddev: float, seed: int | None = None, **kwargs: Any):
        super().__init__(seed, **kwargs)
        if not isinstance(stddev, (int, float)) or not stddev >= 0:
            raise InvalidArgumentError(
                f"layer {self.name!r}: stddev is a number from 0 on, got {stddev!r}"
            )
        self.stddev = stddev

    def disturb(self, x: Any) -> Any:
        """Return `x` plus random numbers."""
        return x + normal(known_shape(x), 0.0, float(self.stddev), x.dtype, self.seed)

    def get_config(self) -> dict[str, Any]:
        """Return the arguments that make an equal layer."""
        return {**super().get_config(), **settings(self, "stddev", "seed")}


class AlphaDropout(Dropout):
    """Dropout for networks of `selu`: keeps mean 0 and variance 1.

    Parameters
    ----------
    rate, noise_shape, seed
        As of `Dropout`.
    **kwargs
        As of every layer.

    Notes
    -----
    Dropped elements become ``p = -scale * alpha``, the limit of selu far below 0; then
    ``y = a * x + b`` with ``a = ((1 - rate) * (1 + rate * p^2))^(-1/2)`` and ``b = -a * p * rate``.

    References
    ----------
    Klambauer et al., "Self-normalizing neural networks", 2017.

    Examples
    --------
    >>> from minitf import keras
    >>> keras.layers.AlphaDropout(0.5)(keras.ops.ones((2, 3)), training=True).shape
    (2, 3)
    """

    def disturb(self, x: Any) -> Any:
        """Return `x` with elements at selu's lower limit."""
        if not self.rate:
            return x
        shape = self.noise_shape
        if shape is not None:
            shape = [known_size(x, i) if n is None else n for i, n in enumerate(shape)]
        drawn = uniform(known_shape(x) if shape is None else shape, seed=self.seed)
        keep = cast(drawn >= self.rate, x.dtype)
        p = -SELU_SCALE * SELU_ALPHA
        a = ((1 - self.rate) * (1 + self.rate * p**2)) ** -0.5
        return a * (x * keep + p * (1 - keep)) - a * p * self.rate


class ActivityRegularization(Layer):
    """Return the inputs, and add their size to the loss.

    Parameters
    ----------
    l1, l2 : float
        Factors of ``sum(abs(x))`` and ``sum(x^2)``, for each example on average.
    **kwargs
        As of every layer.

    Examples
    --------
    >>> from minitf import keras
    >>> layer = keras.layers.ActivityRegularization(l1=0.5)
    >>> y = layer(keras.ops.array([[1.0, -3.0], [0.0, 0.0]]))
    >>> [float(loss) for loss in layer.losses]
    [1.0]
    """

    def __init__(self, l1: float = 0.0, l2: float = 0.0, **kwargs: Any):
        super().__init__(activity_regularizer=L1L2(l1=l1, l2=l2), **kwargs)
        self.supports_masking = True
        self.l1, self.l2 = l1, l2

    def call(self, inputs: Any) -> Any:
        """Return the inputs."""
        return inputs

    def get_config(self) -> dict[str, Any]:
        """Return the arguments that make an equal layer."""
        config = super().get_config()
        config.pop("activity_regularizer", None)
        return {**config, **settings(self, "l1", "l2")}
