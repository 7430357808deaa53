"""Activations with parameters: rectifiers, and softmax with a mask."""

from __future__ import annotations

from typing import Any

import numpy as np

from minitf import activations
from minitf.errors import InvalidArgumentError, ShapeError
from minitf.layers.arguments import describe, make, settings, told
from minitf.layers.input_spec import InputSpec
from minitf.layers.layer import Layer
from minitf.ops.exponential import exp
from minitf.ops.math import cast
from minitf.ops.rectifier import relu
from minitf.ops.reduction import reduce_logsumexp
from minitf.ops.where import where

__all__ = ["ELU", "LeakyReLU", "PReLU", "ReLU", "Softmax", "ThresholdedReLU"]


def _not_negative(layer: Layer, **numbers: Any) -> None:
    for name, value in numbers.items():
        if value is None or value < 0:
            raise InvalidArgumentError(
                f"layer {layer.name!r}: {name} is a number from 0 on, got {value!r}"
            )


class ReLU(Layer):
    """A rectifier, optionally with a slope below and a limit above.

    Parameters
    ----------
    max_value : float, optional
        Limit of the output.
    negative_slope : float
        Slope below the threshold.
    threshold : float
        Where the slope changes.
    **kwargs
        As of every layer.

    Notes
    -----
    ``max_value`` where x >= max_value, ``x`` where threshold <= x, else
    ``negative_slope * (x - threshold)``.

    Examples
    --------
    >>> from minitf import keras
    >>> layer = keras.layers.ReLU(max_value=3, negative_slope=0.5)
    >>> layer(keras.ops.array([-2.0, 1.0, 9.0])).numpy().tolist()
    [-1.0, 1.0, 3.0]
    """

    def __init__(self, max_value: Any = None, negative_slope: Any = 0.0, threshold: Any = 0.0,
                 **kwargs: Any):  # fmt: skip
        super().__init__(**kwargs)
        _not_negative(self, max_value=0 if max_value is None else max_value,
                      negative_slope=negative_slope, threshold=threshold)  # fmt: skip
        self.max_value = max_value
        self.negative_slope = negative_slope
        self.threshold = threshold
        self.supports_masking = True

    def call(self, inputs: Any) -> Any:
        """Return the rectified inputs."""
        return activations.relu(
            inputs,
            negative_slope=self.negative_slope,
            max_value=self.max_value,
            threshold=self.threshold,
        )

    def get_config(self) -> dict[str, Any]:
        """Return the arguments that make an equal layer."""
        return {
            **super().get_config(),
            **settings(self, "max_value", "negative_slope", "threshold"),
        }


class LeakyReLU(Layer):
    """``x`` where x > 0, else ``negative_slope * x``.

    Parameters
    ----------
    negative_slope : float
        Slope below 0; tf.keras 2 calls it `alpha`.
    **kwargs
        As of every layer.

    Examples
    --------
    >>> from minitf import keras
    >>> keras.layers.LeakyReLU(0.5)(keras.ops.array([-2.0, 1.0])).numpy().tolist()
    [-1.0, 1.0]
    """

    def __init__(self, negative_slope: Any = 0.3, **kwargs: Any):
        negative_slope = kwargs.pop("alpha", negative_slope)
        super().__init__(**kwargs)
        _not_negative(self, negative_slope=negative_slope)
        self.negative_slope = negative_slope
        self.supports_masking = True

    def call(self, inputs: Any) -> Any:
        """Return the rectified inputs."""
        return activations.leaky_relu(inputs, negative_slope=self.negative_slope)

    def get_config(self) -> dict[str, Any]:
        """Return the arguments that make an equal layer."""
        return {**super().get_config(), **settings(self, "negative_slope")}


class PReLU(Layer):
    """A rectifier that learns its slopes: ``x`` where x > 0, else ``alpha * x``.

    Parameters
    ----------
    alpha_initializer, alpha_regularizer, alpha_constraint : optional
        Of the slopes, one for each feature.
    shared_axes : int or sequence of int, optional
        Axes along which the slopes are the same; for images, often (1, 2).
    **kwargs
        As of every layer.

    References
    ----------
    He et al., "Delving deep into rectifiers", 2015, section 2.1.

    Examples
    --------
    >>> from minitf import keras
    >>> layer = keras.layers.PReLU(alpha_initializer="ones", shared_axes=1)
    >>> layer(keras.ops.array([[-2.0, 1.0]])).numpy().tolist()
    [[-2.0, 1.0]]
    """

    def __init__(
        self,
        alpha_initializer: Any = "Zeros",
        alpha_regularizer: Any = None,
        alpha_constraint: Any = None,
        shared_axes: Any = None,
        **kwargs: Any,
    ):
        super().__init__(**kwargs)
        describe(self, "alpha", alpha_initializer, alpha_regularizer, alpha_constraint)
        shared = [shared_axes] if isinstance(shared_axes, int) else shared_axes
        self.shared_axes = None if shared is None else list(shared)
        self.supports_masking = True

    def build(self, input_shape: Any) -> None:
        """Create a slope for each feature, or 1 along the shared axes."""
        shape = list(input_shape)
        for axis in self.shared_axes or ():
            shape[axis] = 1
        self.alpha = make(self, "alpha", shape[1:])
        free = [i for i in range(1, len(shape)) if i not in (self.shared_axes or ())]
        self.input_spec = InputSpec(
            ndim=len(shape), axes={i: shape[i] for i in free} if self.shared_axes else {}
        )

    def call(self, inputs: Any) -> Any:
        """Return the rectified inputs."""
        return relu(inputs) - self.alpha * relu(-inputs)

    def get_config(self) -> dict[str, Any]:
        """Return the arguments that make an equal layer."""
        return {**super().get_config(), **settings(self, *told("alpha"), "shared_axes")}


class ELU(Layer):
    """``x`` where x > 0, else ``alpha * (exp(x) - 1)``.

    Parameters
    ----------
    alpha : float
        The limit far below 0 is -alpha.
    **kwargs
        As of every layer.

    Examples
    --------
    >>> from minitf import keras
    >>> keras.layers.ELU()(keras.ops.array([-50.0, 1.0])).numpy().tolist()
    [-1.0, 1.0]
    """

    def __init__(self, alpha: Any = 1.0, **kwargs: Any):
        super().__init__(**kwargs)
        self.alpha = alpha
        self.supports_masking = True

    def call(self, inputs: Any) -> Any:
        """Return the rectified inputs."""
        return activations.elu(inputs, alpha=self.alpha)

    def get_config(self) -> dict[str, Any]:
        """Return the arguments that make an equal layer."""
        return {**super().get_config(), **settings(self, "alpha")}


class ThresholdedReLU(Layer):
    """``x`` where x > theta, else 0; of tf.keras 2.

    Parameters
    ----------
    theta : float
        The threshold.
    **kwargs
        As of every layer.

    Examples
    --------
    >>> from minitf import keras
    >>> keras.layers.ThresholdedReLU()(keras.ops.array([0.5, 2.0])).numpy().tolist()
    [0.0, 2.0]
    """

    def __init__(self, theta: Any = 1.0, **kwargs: Any):
        super().__init__(**kwargs)
        _not_negative(self, theta=theta)
        self.theta = theta
        self.supports_masking = True

    def call(self, inputs: Any) -> Any:
        """Return the rectified inputs."""
        return inputs * cast(inputs > self.theta, inputs.dtype)

    def get_config(self) -> dict[str, Any]:
        """Return the arguments that make an equal layer."""
        return {**super().get_config(), **settings(self, "theta")}


class Softmax(Layer):
    """Positive numbers with the sum 1.

    Parameters
    ----------
    axis : int or sequence of int
        Along which they sum up to 1.
    **kwargs
        As of every layer.

    Notes
    -----
    ``exp(x) / sum(exp(x))``. With a mask, only where it is true; elsewhere 0.

    Examples
    --------
    >>> from minitf import keras
    >>> x, mask = keras.ops.array([1.0, 1.0, 9.0]), keras.ops.array([True, True, False])
    >>> keras.layers.Softmax()(x, mask=mask).numpy().tolist()
    [0.5, 0.5, 0.0]
    """

    def __init__(self, axis: Any = -1, **kwargs: Any):
        super().__init__(**kwargs)
        self.axis = axis
        self.supports_masking = True

    def call(self, inputs: Any, mask: Any = None) -> Any:
        """Return the softmax of the inputs."""
        if mask is None:
            return self._softmax(inputs)
        _check_mask(self, mask.shape, inputs.shape)
        keep = mask if mask.dtype == bool else mask > 0.5
        lowest = float(np.finfo(inputs.dtype.numpy).min) / 2  # so that a difference is finite
        return where(keep, self._softmax(where(keep, inputs, lowest)), 0.0)

    def _softmax(self, x: Any) -> Any:
        if isinstance(self.axis, (list, tuple)) and len(self.axis) > 1:
            return exp(x - reduce_logsumexp(x, self.axis, keepdims=True))
        axis = self.axis[0] if isinstance(self.axis, (list, tuple)) else self.axis
        return activations.softmax(x, axis=axis)

    def get_config(self) -> dict[str, Any]:
        """Return the arguments that make an equal layer."""
        return {**super().get_config(), **settings(self, "axis")}


def _check_mask(layer: Layer, mask: Any, shape: Any) -> None:
    ends = zip(reversed(mask), reversed(shape), strict=False)
    if len(mask) > len(shape) or any(m not in (1, n, None) and n is not None for m, n in ends):
        raise ShapeError(
            f"layer {layer.name!r}: a mask must broadcast to the inputs of shape {tuple(shape)}, "
            f"got {tuple(mask)}"
        )
