"""The simplest layers: a matrix, a function of the program, or nothing at all."""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from typing import Any

from minitf import activations
from minitf.errors import UsageError
from minitf.layers.arguments import (
    describe,
    make,
    positive,
    refuse_quantization,
    settings,
    size_along,
    told,
)
from minitf.layers.input_spec import InputSpec
from minitf.layers.layer import Layer
from minitf.ops.array import expand_dims
from minitf.ops.linalg import matmul
from minitf.ops.logic import not_equal
from minitf.ops.math import cast
from minitf.ops.reduction import reduce_any
from minitf.ops.where import where
from minitf.serialization import (
    deserialize_keras_object,
    lambda_config,
    lambda_from_config,
    serialize_keras_object,
)

__all__ = ["Activation", "Dense", "Identity", "Lambda", "Masking"]


class Dense(Layer):
    """A linear map, and a function of each of its results.

    Parameters
    ----------
    units : int
        Size of the output.
    activation : str or function, optional
        Applied at the end.
    use_bias : bool
        Whether something is added.
    kernel_initializer, bias_initializer : str or Initializer
        First values of the weights.
    kernel_regularizer, bias_regularizer, activity_regularizer : str or Regularizer, optional
        What weights and output add to the loss.
    kernel_constraint, bias_constraint : str or Constraint, optional
        What weights are forced into after each step.
    **kwargs
        As of every layer.

    Notes
    -----
    ``y = activation(x @ kernel + bias)`` with x of shape (batch, ..., n), kernel (n, units),
    bias (units,).

    Examples
    --------
    >>> from minitf import keras
    >>> dense = keras.layers.Dense(4, activation="relu")
    >>> dense(keras.ops.ones((2, 3))).shape, [w.shape for w in dense.weights]
    ((2, 4), [(3, 4), (4,)])
    """

    def __init__(
        self,
        units: int,
        activation: Any = None,
        use_bias: bool = True,
        kernel_initializer: Any = "glorot_uniform",
        bias_initializer: Any = "zeros",
        kernel_regularizer: Any = None,
        bias_regularizer: Any = None,
        activity_regularizer: Any = None,
        kernel_constraint: Any = None,
        bias_constraint: Any = None,
        **kwargs: Any,
    ):
        refuse_quantization("Dense", kwargs)
        super().__init__(activity_regularizer=activity_regularizer, **kwargs)
        self.units = positive(self, "units", units)
        self.activation = activations.get(activation)
        self.use_bias = use_bias
        describe(self, "kernel", kernel_initializer, kernel_regularizer, kernel_constraint)
        describe(self, "bias", bias_initializer, bias_regularizer, bias_constraint)
        self.input_spec = InputSpec(min_ndim=2)
        self.supports_masking = True

    def build(self, input_shape: Any) -> None:
        """Create the weights for inputs of a shape."""
        inputs = size_along(self, input_shape, -1)
        self.kernel = make(self, "kernel", (inputs, self.units))
        self.bias = make(self, "bias", (self.units,)) if self.use_bias else None
        self.input_spec = InputSpec(min_ndim=2, axes={-1: inputs})

    def call(self, inputs: Any) -> Any:
        """Return activation(inputs @ kernel + bias)."""
        y = matmul(cast(inputs, self.compute_dtype), self.kernel)  # (batch, ..., units)
        if self.bias is not None:
            y = y + self.bias
        return y if self.activation is None else self.activation(y)

    def get_config(self) -> dict[str, Any]:
        """Return the arguments that make an equal layer."""
        names = ("units", "activation", "use_bias", *told("kernel", "bias"))
        return {**super().get_config(), **settings(self, *names)}


class Activation(Layer):
    """A function of each element.

    Parameters
    ----------
    activation : str or function
        Which one.
    **kwargs
        As of every layer.

    Examples
    --------
    >>> from minitf import keras
    >>> keras.layers.Activation("relu")(keras.ops.array([-1.0, 2.0])).numpy().tolist()
    [0.0, 2.0]
    """

    def __init__(self, activation: Any, **kwargs: Any):
        super().__init__(**kwargs)
        self.supports_masking = True
        self.activation = activations.get(activation)

    def call(self, inputs: Any) -> Any:
        """Return activation(inputs)."""
        return inputs if self.activation is None else self.activation(inputs)

    def get_config(self) -> dict[str, Any]:
        """Return the arguments that make an equal layer."""
        return {**super().get_config(), **settings(self, "activation")}


class Identity(Layer):
    """Return the inputs as they are, whatever their structure.

    Examples
    --------
    >>> from minitf import keras
    >>> keras.layers.Identity()(keras.ops.ones(2)).numpy().tolist()
    [1.0, 1.0]
    """

    def __init__(self, **kwargs: Any):
        super().__init__(**kwargs)
        self.supports_masking = True

    def call(self, inputs: Any) -> Any:
        """Return the inputs."""
        return inputs


class Masking(Layer):
    """Mask the time steps at which all features have one value.

    Layers behind this one skip the steps, where they can.

    Parameters
    ----------
    mask_value : number
        The value that means "nothing here".
    **kwargs
        As of every layer.

    Examples
    --------
    >>> from minitf import keras
    >>> x = keras.ops.array([[[1.0, 2.0], [0.0, 0.0]]])  # (batch, time, features)
    >>> keras.layers.Masking().compute_mask(x).numpy().tolist()
    [[True, False]]
    """

    def __init__(self, mask_value: Any = 0.0, **kwargs: Any):
        super().__init__(**kwargs)
        if isinstance(mask_value, Mapping):
            mask_value = deserialize_keras_object(mask_value)
        self.mask_value = mask_value
        self.supports_masking = True

    def compute_mask(self, inputs: Any, previous_mask: Any = None) -> Any:
        """Return where there is something: (batch, time)."""
        return reduce_any(not_equal(inputs, self.mask_value), -1)

    def call(self, inputs: Any) -> Any:
        """Return the inputs, with 0 at masked steps."""
        return where(expand_dims(self.compute_mask(inputs), -1), inputs, 0)

    def get_config(self) -> dict[str, Any]:
        """Return the arguments that make an equal layer."""
        return {**super().get_config(), **settings(self, "mask_value")}


class Lambda(Layer):
    """A function of the program as a layer.

    It holds no Variables that a model could find or save: for those, subclass `Layer`.

    Parameters
    ----------
    function : function
        Of the inputs; it may also take `mask` and `training`.
    output_shape : optional
        Accepted for Keras programs; the shape is found by tracing the function.
    mask : Tensor or function, optional
        The mask of the output, or a function of inputs and mask that returns it.
    arguments : dict, optional
        Further arguments by name.
    **kwargs
        As of every layer.

    Notes
    -----
    A config holds a ``lambda`` as code, and to read it back runs this code: only with
    ``safe_mode=False``. A named function is found by its name.

    Examples
    --------
    >>> from minitf import keras
    >>> double = keras.layers.Lambda(lambda x: 2 * x)
    >>> double(keras.ops.ones(2)).numpy().tolist()
    [2.0, 2.0]
    """

    def __init__(self, function: Any, output_shape: Any = None, mask: Any = None,
                 arguments: Any = None, **kwargs: Any):  # fmt: skip
        super().__init__(**kwargs)
        if not callable(function):
            raise UsageError(f"layer {self.name!r}: function is a function, got {function!r}")
        self.function = function
        self.mask = mask
        self.arguments = dict(arguments or {})
        self.supports_masking = mask is not None
        self._told_shape = output_shape
        takes = inspect.signature(function).parameters
        self._takes = [name for name in ("mask", "training") if name in takes]

    def call(self, inputs: Any, mask: Any = None, training: Any = None) -> Any:
        """Return function(inputs)."""
        offered = {"mask": mask, "training": training}
        return self.function(inputs, **self.arguments, **{k: offered[k] for k in self._takes})

    def compute_mask(self, inputs: Any, previous_mask: Any = None) -> Any:
        """Return the mask that was given, or that the given function returns."""
        return self.mask(inputs, previous_mask) if callable(self.mask) else self.mask

    def get_config(self) -> dict[str, Any]:
        """Return the arguments that make an equal layer."""
        config = super().get_config()
        config["function"] = _function_config(self.function)
        if self._told_shape is not None:
            config["output_shape"] = _function_config(self._told_shape)
        if self.mask is not None:
            config["mask"] = _function_config(self.mask)
        return {**config, "arguments": serialize_keras_object(self.arguments)}

    @classmethod
    def from_config(cls, config: dict[str, Any], custom_objects: Any = None,
                    safe_mode: bool = True) -> Lambda:  # fmt: skip
        """Return the layer that a config describes.

        Raises
        ------
        UsageError
            Where the function is a lambda, and `safe_mode` is not False.
        """
        config = dict(config)
        for name in ("function", "output_shape", "mask", "arguments"):
            if name in config:
                config[name] = _function(config[name], custom_objects, safe_mode)
        return cls(**config)


def _function_config(value: Any) -> Any:
    """Return a function, or whatever stands in its place, as plain data in Keras' form."""
    if getattr(value, "__name__", "") == "<lambda>":
        config = lambda_config(value)
        return {"class_name": "__lambda__", "config": {"code": config.pop("value"), **config}}
    return value if isinstance(value, (list, tuple)) else serialize_keras_object(value)


def _function(config: Any, custom_objects: Any, safe_mode: bool) -> Any:
    if isinstance(config, Mapping) and config.get("class_name") == "__lambda__":
        inner = dict(config["config"])
        inner.setdefault("value", inner.pop("code", ""))
        return lambda_from_config(inner, safe_mode)
    return deserialize_keras_object(config, custom_objects, safe_mode)
