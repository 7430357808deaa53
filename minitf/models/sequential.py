"""Sequential: one layer after another."""

from __future__ import annotations

from typing import Any

from minitf.errors import InvalidArgumentError, NotBuiltError, UsageError
from minitf.graph.nest import flatten, is_nested
from minitf.graph.tensor import Tensor
from minitf.layers.calls import building
from minitf.layers.core import Lambda
from minitf.layers.layer import Layer
from minitf.layers.shapes import shapes_of
from minitf.layers.symbolic import InputLayer, is_symbolic
from minitf.models.functional import Functional
from minitf.models.model import Model
from minitf.serialization import deserialize_keras_object, serialize_keras_object


class Sequential(Model, says_when_built=True):
    """A model in which each layer gets what the one before it returns.

    Parameters
    ----------
    layers : list of Layer, optional
        The first may be a `keras.Input`, or have an ``input_shape``: then the weights exist at
        once; else they are created in the first call.
    name : str, optional
        Its name.

    Examples
    --------
    >>> from minitf import keras
    >>> model = keras.Sequential([
    ...     keras.Input((4,)),
    ...     keras.layers.Dense(8, activation="relu"),
    ...     keras.layers.Dense(2),
    ... ])
    >>> model.output_shape
    (None, 2)
    """

    def __init__(self, layers: Any = None, trainable: bool = True, name: str | None = None,
                 **kwargs: Any):  # fmt: skip
        super().__init__(trainable=trainable, name=name, **kwargs)
        self._stack: list[Layer] = []
        self._network_model: Functional | None = None
        if layers is not None:
            for layer in layers if isinstance(layers, (list, tuple)) else [layers]:
                self._push(layer)
            self._rebuild()

    # -- the stack ----------------------------------------------------------------------------

    def add(self, layer: Any, rebuild: bool = True) -> None:
        """Put a layer at the end.

        Raises
        ------
        UsageError
            For anything but a layer.
        InvalidArgumentError
            For a layer whose name is taken, or an Input that is not the first.
        """
        self._push(layer)
        if rebuild:
            self._rebuild()

    def _push(self, layer: Any) -> None:
        if is_symbolic(layer):
            layer = layer.op.definition.layer
        if callable(layer) and not isinstance(layer, Layer) and not isinstance(layer, type):
            layer = Lambda(layer)
        if not isinstance(layer, Layer):
            hint = " (write it with parentheses)" if isinstance(layer, type) else ""
            raise UsageError(f"Sequential: a layer is expected, got {layer!r}{hint}")
        if isinstance(layer, InputLayer) and self._stack:
            raise InvalidArgumentError("Sequential: an Input can only be the first")
        if any(layer.name == other.name for other in self._stack):
            raise InvalidArgumentError(f"Sequential: there is a layer {layer.name!r} already; give "
                                       "every layer a name of its own")  # fmt: skip
        if not self._stack and layer._input_shape_given and not isinstance(layer, InputLayer):
            dtype = getattr(layer, "input_dtype", None)
            self._stack.append(InputLayer(batch_shape=layer._input_shape_given, dtype=dtype))
        self._stack.append(layer)

    def pop(self, rebuild: bool = True) -> Layer:
        """Remove the last layer, and return it."""
        layer = self._stack.pop()
        if rebuild:
            self._rebuild()
        return layer

    def _rebuild(self) -> None:
        """Connect the layers, as soon as the shape of the input is known."""
        self._network_model, self.built = None, False
        first: Any = self._stack[0] if self._stack else None
        if isinstance(first, InputLayer) and len(self._stack) > 1:
            self._connect(first)
        elif isinstance(first, Functional) or getattr(first, "_network_model", None) is not None:
            shape = shapes_of(first.input)
            if isinstance(shape, tuple):
                self._connect(InputLayer(batch_shape=shape, dtype=flatten(first.input)[0].dtype))

    def _connect(self, first: InputLayer) -> None:
        x = first._symbol
        with building(self):
            for layer in self._stack:
                if not isinstance(layer, InputLayer):
                    x = layer(x)
        self._network_model = Functional(first._symbol, x, name=self.name)
        self._network_model._open_sizes = True  # the layers say which sizes they can take
        self.built = True

    def build(self, *shapes: Any, **named: Any) -> None:
        """Connect the layers for a shape of the input, with its batch axis."""
        input_shape = named.get("input_shape", shapes[0] if shapes else None)
        if self._network_model is not None or not self._stack or input_shape is None:
            return
        if (
            isinstance(input_shape, (dict, list))
            and is_nested(input_shape)
            and any(isinstance(s, (tuple, list)) for s in input_shape)
        ):
            raise InvalidArgumentError(f"Sequential: expected one input, got shapes {input_shape}")
        self._connect(InputLayer(batch_shape=tuple(input_shape)))

    def _build(self, *shapes: Any, **named: Any) -> None:
        """Leave the connecting to `call`, which knows the input's dtype."""

    def call(self, inputs: Any, training: Any = None, mask: Any = None) -> Any:
        """Call the layers, one after another."""
        if self._network_model is None:
            self._connect_for(inputs)
        if self._network_model is not None:
            return self._network_model.call(inputs, training, mask)
        for layer in self._stack:  # an input of no fixed form
            inputs = layer(inputs)
        return inputs

    def _connect_for(self, inputs: Any) -> None:
        if isinstance(inputs, Tensor) and self._stack:
            shape = (None, *tuple(inputs.shape)[1:])
            self._connect(InputLayer(batch_shape=shape, dtype=inputs.dtype))

    # -- what it holds ------------------------------------------------------------------------

    @property
    def _layers(self) -> list[Layer]:
        return list(self._stack)

    @property
    def layers(self) -> list[Layer]:
        """The layers, in order, without the Input."""
        return [layer for layer in self._stack if not isinstance(layer, InputLayer)]

    def _connected(self, what: str) -> Functional:
        if self._network_model is None:
            raise NotBuiltError(
                f"Sequential model {self.name!r} has no {what} yet: begin with a keras.Input, "
                "call it, or build(input_shape)"
            )
        return self._network_model

    @property
    def input(self) -> Any:
        """The symbolic input."""
        return self._connected("input").input

    @property
    def output(self) -> Any:
        """The symbolic output."""
        return self._connected("output").output

    @property
    def inputs(self) -> list[Tensor]:
        """The symbolic inputs."""
        return self._connected("inputs").inputs

    @property
    def outputs(self) -> list[Tensor]:
        """The symbolic outputs."""
        return self._connected("outputs").outputs

    @property
    def input_shape(self) -> Any:
        """Shape of the input."""
        return shapes_of(self.input)

    @property
    def output_shape(self) -> Any:
        """Shape of the output."""
        return shapes_of(self.output)

    # -- configs ------------------------------------------------------------------------------

    def get_config(self) -> dict[str, Any]:
        """Return the configs of the layers."""
        config = {"name": self.name, "trainable": self.trainable,
                  "dtype": serialize_keras_object(self.dtype_policy),
                  "layers": [serialize_keras_object(layer) for layer in self._stack]}  # fmt: skip
        if self._network_model is not None:
            config["build_input_shape"] = shapes_of(self.input)
        return config

    @classmethod
    def from_config(cls, config: dict[str, Any], custom_objects: Any = None) -> Sequential:
        """Return the model that a config describes."""
        config = dict(config)
        shape = config.pop("build_input_shape", None)
        layers = [deserialize_keras_object(c, custom_objects) for c in config.pop("layers")]
        config.pop("dtype", None)
        model = cls(layers, **config)
        if model._network_model is None and shape:
            model.build(tuple(shape))
        return model
