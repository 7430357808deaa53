"""Normalization: activations brought to mean 0 and variance 1, or to length 1.

They differ in what is averaged over: `BatchNormalization` over the batch, for each channel;
`LayerNormalization` over the features, for each example; `GroupNormalization` over groups of
channels, for each example. Statistics are computed in float32 at least, whatever the inputs.
"""

from __future__ import annotations

from typing import Any

from minitf.dtypes import float32
from minitf.errors import InvalidArgumentError, ShapeError, UnimplementedError, UsageError
from minitf.graph.convert import as_tensor
from minitf.layers.arguments import (
    as_int,
    axes,
    describe,
    known,
    make,
    settings,
    size_along,
    told,
)
from minitf.layers.input_spec import InputSpec
from minitf.layers.layer import Layer
from minitf.ops.array import expand_dims, known_shape, known_size, reshape
from minitf.ops.math import cast
from minitf.ops.norm import batch_normalization, moments
from minitf.ops.norms import l2_normalize
from minitf.ops.powers import rsqrt, square
from minitf.ops.reduction import reduce_mean, reduce_sum
from minitf.ops.where import where
from minitf.settings import epsilon as tiny

__all__ = [
    "BatchNormalization",
    "GroupNormalization",
    "LayerNormalization",
    "RMSNormalization",
    "UnitNormalization",
]


def at_least_float32(x: Any) -> Any:
    """Return a tensor in a type that does not overflow when it is squared and summed up."""
    return x if x.dtype.is_floating and x.dtype.size >= 4 else cast(x, float32)


class AffineNormalization(Layer):
    """What normalizations with a scale (gamma) and an offset (beta) share."""

    def __init__(
        self,
        axis: Any,
        epsilon: float,
        center: bool,
        scale: bool,
        beta_initializer: Any,
        gamma_initializer: Any,
        beta_regularizer: Any,
        gamma_regularizer: Any,
        beta_constraint: Any,
        gamma_constraint: Any,
        **kwargs: Any,
    ):
        super().__init__(**kwargs)
        self.axis = axes(self, axis)
        self.epsilon = epsilon
        self.center = center
        self.scale = scale
        describe(self, "beta", beta_initializer, beta_regularizer, beta_constraint)
        describe(self, "gamma", gamma_initializer, gamma_regularizer, gamma_constraint)
        self.supports_masking = True
        self.autocast = False  # statistics and weights keep their digits
        self.gamma: Any = None
        self.beta: Any = None

    def make_weights(self, shape: Any) -> None:
        """Create gamma and beta, where they are wanted."""
        if self.scale:
            self.gamma = make(self, "gamma", shape)
        if self.center:
            self.beta = make(self, "beta", shape)

    def settings(self, *names: str) -> dict[str, Any]:
        """Return the common arguments, and further ones, for the config."""
        common = ("axis", "epsilon", "center", "scale", *told("beta", "gamma"))
        return settings(self, *common, *names)


def _along(axes: Any, x: Any, weight: Any) -> Any:
    """Return a weight, or what is computed like one, in a shape that broadcasts to `x`."""
    rank = len(x.shape)
    places = [axis % rank for axis in axes]
    if weight is None or places == list(range(rank - len(places), rank)):
        return None if weight is None else cast(weight, x.dtype)
    sizes = [known_size(x, i) if i in places else 1 for i in range(rank)]
    return reshape(cast(weight, x.dtype), sizes)


class BatchNormalization(AffineNormalization):
    """Shift and scale each channel to mean 0 and variance 1 over the batch.

    Parameters
    ----------
    axis : int
        That of the channels.
    momentum : float
        How much of the moving mean and variance is kept in each step.
    epsilon : float
        Added to the variance, so that nothing is divided by 0.
    center, scale : bool
        Whether beta is added, and whether gamma is multiplied by.
    beta_initializer, gamma_initializer : str or Initializer
        First values of the weights.
    moving_mean_initializer, moving_variance_initializer : str or Initializer
        First values of the moving statistics.
    beta_regularizer, gamma_regularizer, beta_constraint, gamma_constraint : optional
        Of the weights.
    synchronized : bool
        Accepted and not used: each replica averages over its own part of the batch.
    **kwargs
        As of every layer.

    Notes
    -----
    While training, with mean and variance of each channel over the batch (and the positions)::

        y = gamma * (x - mean) / sqrt(variance + epsilon) + beta
        moving_mean = momentum * moving_mean + (1 - momentum) * mean, and so the variance

    Otherwise, and with `trainable` False, the moving statistics take the place of the batch's. With
    a mask, masked steps are not averaged over.

    References
    ----------
    Ioffe and Szegedy, "Batch normalization: accelerating deep network training by reducing internal
    covariate shift", 2015, algorithms 1 and 2.

    Examples
    --------
    >>> from minitf import keras
    >>> layer = keras.layers.BatchNormalization(epsilon=0.0)
    >>> layer(keras.ops.array([[1.0], [3.0]]), training=True).numpy().tolist()
    [[-1.0], [1.0]]
    """

    def __init__(
        self,
        axis: int = -1,
        momentum: float = 0.99,
        epsilon: float = 1e-3,
        center: bool = True,
        scale: bool = True,
        beta_initializer: Any = "zeros",
        gamma_initializer: Any = "ones",
        moving_mean_initializer: Any = "zeros",
        moving_variance_initializer: Any = "ones",
        beta_regularizer: Any = None,
        gamma_regularizer: Any = None,
        beta_constraint: Any = None,
        gamma_constraint: Any = None,
        renorm: bool = False,
        renorm_clipping: Any = None,
        renorm_momentum: float = 0.99,
        synchronized: bool = False,
        **kwargs: Any,
    ):
        axis = axis[0] if isinstance(axis, (list, tuple)) and len(axis) == 1 else axis
        super().__init__(axis, float(epsilon), center, scale, beta_initializer, gamma_initializer,
                         beta_regularizer, gamma_regularizer, beta_constraint, gamma_constraint,
                         **kwargs)  # fmt: skip
        if as_int(self.axis) is None:
            raise UsageError(f"layer {self.name!r}: axis is one axis, got {axis!r}")
        if renorm:
            raise UnimplementedError(f"layer {self.name!r}: renorm is not supported by minitf")
        self.momentum = float(momentum)
        self.synchronized = synchronized
        self.renorm, self.renorm_clipping = renorm, renorm_clipping
        self.renorm_momentum = renorm_momentum
        describe(self, "moving_mean", moving_mean_initializer)
        describe(self, "moving_variance", moving_variance_initializer)

    def build(self, input_shape: Any) -> None:
        """Create weights and moving statistics for inputs of a shape."""
        shape = known(self, (size_along(self, input_shape, self.axis),))
        self.make_weights(shape)
        self.moving_mean = make(self, "moving_mean", shape, trainable=False)
        self.moving_variance = make(self, "moving_variance", shape, trainable=False)
        self.input_spec = InputSpec(ndim=len(input_shape), axes={self.axis: shape[0]})

    def call(self, inputs: Any, training: Any = None, mask: Any = None) -> Any:
        """Return the normalized inputs; while training, move the moving statistics."""
        x = at_least_float32(inputs)
        if training and self.trainable:
            mean, variance = self._statistics(x, mask)
            self._move(self.moving_mean, mean)
            self._move(self.moving_variance, variance)
        else:
            mean, variance = self.moving_mean, self.moving_variance
        mean, variance, beta, gamma = [
            _along((self.axis,), x, v) for v in (mean, variance, self.beta, self.gamma)
        ]
        y = batch_normalization(x, mean, variance, beta, gamma, self.epsilon)
        return cast(y, self.compute_dtype)

    def _statistics(self, x: Any, mask: Any) -> Any:
        """Return mean and variance of each channel."""
        rank = len(x.shape)
        others = tuple(i for i in range(rank) if i != self.axis % rank)
        if mask is None:
            return moments(x, others)
        if len(mask.shape) != rank - 1:
            raise ShapeError(
                f"layer {self.name!r}: the mask has one axis less than the inputs of shape "
                f"{tuple(x.shape)}, got {tuple(mask.shape)}"
            )
        keep = cast(expand_dims(mask, -1), x.dtype) + 0 * x  # 1 for each element that counts
        count = reduce_sum(keep, others, keepdims=True) + tiny()
        mean = reduce_sum(where(keep > 0, x, 0), others, keepdims=True) / count
        variance = reduce_sum(where(keep > 0, square(x - mean), 0), others, keepdims=True) / count
        return reshape(mean, [-1]), reshape(variance, [-1])

    def _move(self, moving: Any, value: Any) -> None:
        old = cast(as_tensor(moving), value.dtype)
        new = old * self.momentum + value * (1 - self.momentum)
        moving.assign(cast(new, moving.dtype))

    def get_config(self) -> dict[str, Any]:
        """Return the arguments that make an equal layer."""
        own = self.settings("momentum", "moving_mean_initializer", "moving_variance_initializer",
                            "synchronized", "renorm", "renorm_clipping",
                            "renorm_momentum")  # fmt: skip
        return {**super().get_config(), **own}


class LayerNormalization(AffineNormalization):
    """Shift and scale the features of each example to mean 0 and variance 1.

    Parameters
    ----------
    axis : int or sequence of int
        The axes of the features.
    epsilon : float
        Added to the variance, so that nothing is divided by 0.
    center, scale : bool
        Whether beta is added, and whether gamma is multiplied by.
    beta_initializer, ..., gamma_constraint
        Of these weights; as of `BatchNormalization`.
    **kwargs
        As of every layer.

    Notes
    -----
    ``y = gamma * (x - mean) / sqrt(variance + epsilon) + beta``, with mean and variance over the
    axes of the features; the batch plays no part, so training and use do not differ.

    References
    ----------
    Ba, Kiros and Hinton, "Layer normalization", 2016.

    Examples
    --------
    >>> from minitf import keras
    >>> layer = keras.layers.LayerNormalization(epsilon=0.0)
    >>> layer(keras.ops.array([[1.0, 3.0]])).numpy().tolist()
    [[-1.0, 1.0]]
    """

    def __init__(
        self,
        axis: Any = -1,
        epsilon: float = 1e-3,
        center: bool = True,
        scale: bool = True,
        beta_initializer: Any = "zeros",
        gamma_initializer: Any = "ones",
        beta_regularizer: Any = None,
        gamma_regularizer: Any = None,
        beta_constraint: Any = None,
        gamma_constraint: Any = None,
        rms_scaling: bool = False,
        **kwargs: Any,
    ):
        super().__init__(axis, epsilon, center, scale, beta_initializer, gamma_initializer,
                         beta_regularizer, gamma_regularizer, beta_constraint, gamma_constraint,
                         **kwargs)  # fmt: skip
        if rms_scaling:
            raise UnimplementedError(
                f"layer {self.name!r}: rms_scaling is not supported; use RMSNormalization"
            )
        self.rms_scaling = rms_scaling

    def build(self, input_shape: Any) -> None:
        """Create the weights for inputs of a shape."""
        self.axis = _sorted(self.axis)
        self.make_weights([size_along(self, input_shape, axis) for axis in self.axis])

    def call(self, inputs: Any) -> Any:
        """Return the normalized inputs."""
        x = at_least_float32(inputs)
        mean, variance = moments(x, tuple(self.axis), keepdims=True)
        y = (x - mean) * rsqrt(variance + self.epsilon)
        if self.gamma is not None:
            y = y * _along(self.axis, x, self.gamma)
        if self.beta is not None:
            y = y + _along(self.axis, x, self.beta)
        return cast(y, self.compute_dtype)

    def get_config(self) -> dict[str, Any]:
        """Return the arguments that make an equal layer."""
        return {**super().get_config(), **self.settings("rms_scaling")}


def _sorted(axis: Any) -> list[int]:
    return sorted(axis) if isinstance(axis, list) else [axis]


class GroupNormalization(AffineNormalization):
    """Shift and scale groups of channels of each example to mean 0 and variance 1.

    Parameters
    ----------
    groups : int
        How many groups; -1 for as many as channels (instance normalization). One group is layer
        normalization over everything but the batch.
    axis : int
        That of the channels.
    epsilon, center, scale, beta_initializer, ..., gamma_constraint
        As of `LayerNormalization`; gamma and beta hold one number for each channel.
    **kwargs
        As of every layer.

    References
    ----------
    Wu and He, "Group normalization", 2018.

    Examples
    --------
    >>> from minitf import keras
    >>> layer = keras.layers.GroupNormalization(2, epsilon=0.0)
    >>> layer(keras.ops.array([[1.0, 3.0, 0.0, 8.0]])).numpy().tolist()
    [[-1.0, 1.0, -1.0, 1.0]]
    """

    def __init__(
        self,
        groups: int = 32,
        axis: int = -1,
        epsilon: float = 1e-3,
        center: bool = True,
        scale: bool = True,
        beta_initializer: Any = "zeros",
        gamma_initializer: Any = "ones",
        beta_regularizer: Any = None,
        gamma_regularizer: Any = None,
        beta_constraint: Any = None,
        gamma_constraint: Any = None,
        **kwargs: Any,
    ):
        super().__init__(axis, epsilon, center, scale, beta_initializer, gamma_initializer,
                         beta_regularizer, gamma_regularizer, beta_constraint, gamma_constraint,
                         **kwargs)  # fmt: skip
        if as_int(groups) is None or (groups < 1 and groups != -1):
            raise InvalidArgumentError(
                f"layer {self.name!r}: groups is a whole number from 1 on, or -1, got {groups!r}"
            )
        self.groups = groups

    def build(self, input_shape: Any) -> None:
        """Create the weights for inputs of a shape."""
        (channels,) = known(self, (size_along(self, input_shape, self.axis),))
        self.groups = channels if self.groups == -1 else self.groups
        if channels % self.groups:
            raise ShapeError(
                f"layer {self.name!r}: {channels} channels cannot be divided into {self.groups} "
                "groups"
            )
        self.make_weights((channels,))
        self.input_spec = InputSpec(ndim=len(input_shape), axes={self.axis: channels})

    def call(self, inputs: Any) -> Any:
        """Return the normalized inputs."""
        x = at_least_float32(inputs)
        place = self.axis % len(x.shape)
        sizes = [known_size(x, i) for i in range(len(x.shape))]
        each = sizes[place] // self.groups
        grouped = reshape(x, [*sizes[:place], self.groups, each, *sizes[place + 1 :]])
        others = tuple(i for i in range(1, len(sizes) + 1) if i != place)
        mean, variance = moments(grouped, others, keepdims=True)
        y = reshape((grouped - mean) * rsqrt(variance + self.epsilon), known_shape(x))
        if self.gamma is not None:
            y = y * _along((place,), x, self.gamma)
        if self.beta is not None:
            y = y + _along((place,), x, self.beta)
        return cast(y, self.compute_dtype)

    def get_config(self) -> dict[str, Any]:
        """Return the arguments that make an equal layer."""
        return {**super().get_config(), **self.settings("groups")}


class RMSNormalization(Layer):
    """Scale the features of each example to a mean square of 1.

    Parameters
    ----------
    axis : int or sequence of int
        The axes of the features.
    epsilon : float
        Added to the mean square, so that nothing is divided by 0.
    **kwargs
        As of every layer.

    Notes
    -----
    ``y = scale * x / sqrt(mean(x^2) + epsilon)``: layer normalization without shifting.

    References
    ----------
    Zhang and Sennrich, "Root mean square layer normalization", 2019.

    Examples
    --------
    >>> from minitf import keras
    >>> layer = keras.layers.RMSNormalization(epsilon=0.0)
    >>> layer(keras.ops.array([[2.0, -2.0]])).numpy().tolist()
    [[1.0, -1.0]]
    """

    def __init__(self, axis: Any = -1, epsilon: float = 1e-6, **kwargs: Any):
        super().__init__(**kwargs)
        self.axis = axes(self, axis)
        self.epsilon = epsilon

    def build(self, input_shape: Any) -> None:
        """Create the weights for inputs of a shape."""
        self.axis = _sorted(self.axis)
        shape = known(self, (size_along(self, input_shape, axis) for axis in self.axis))
        self.scale = self.add_weight(shape=shape, initializer="ones", name="scale")

    def call(self, inputs: Any) -> Any:
        """Return the normalized inputs."""
        x = at_least_float32(inputs)
        mean = reduce_mean(square(x), tuple(self.axis), keepdims=True)
        y = x * rsqrt(mean + self.epsilon) * _along(self.axis, x, self.scale)
        return cast(y, self.compute_dtype)

    def get_config(self) -> dict[str, Any]:
        """Return the arguments that make an equal layer."""
        return {**super().get_config(), **settings(self, "axis", "epsilon")}


class UnitNormalization(Layer):
    """Scale vectors to length 1.

    Parameters
    ----------
    axis : int or sequence of int
        The axes that hold a vector.
    **kwargs
        As of every layer.

    Examples
    --------
    >>> from minitf import keras
    >>> keras.layers.UnitNormalization()(keras.ops.array([[3.0, 4.0]])).numpy().tolist()
    [[0.6000000238418579, 0.800000011920929]]
    """

    def __init__(self, axis: Any = -1, **kwargs: Any):
        super().__init__(**kwargs)
        self.axis = axes(self, axis)
        self.supports_masking = True

    def call(self, inputs: Any) -> Any:
        """Return x / sqrt(sum(x^2))."""
        return l2_normalize(inputs, self.axis)

    def get_config(self) -> dict[str, Any]:
        """Return the arguments that make an equal layer."""
        return {**super().get_config(), **settings(self, "axis")}
