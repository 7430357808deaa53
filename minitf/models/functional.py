"""Functional models: a Network between inputs and outputs, as one layer."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from minitf.dtypes import as_dtype
from minitf.errors import InvalidArgumentError, ShapeError
from minitf.graph.convert import as_tensor
from minitf.graph.nest import flatten, pack_like
from minitf.graph.tensor import Tensor
from minitf.layers.calls import mask_of
from minitf.layers.symbolic import InputLayer
from minitf.models.model import Model, set_functional
from minitf.models.network import Network
from minitf.models.wiring import model_from_config, network_config
from minitf.ops.array import expand_dims, squeeze
from minitf.ops.math import cast


class Functional(Model, says_when_built=True):
    """A model of the calls that lead from inputs to outputs; `keras.Model(inputs, outputs)`.

    Parameters
    ----------
    inputs, outputs : Tensor, list, tuple or dict of Tensor
        Symbolic: from `keras.Input`, or returned by layers that were called on such.
    name : str, optional
        Its name.

    Raises
    ------
    GraphError
        Where an output needs an input that is not given.
    InvalidArgumentError
        Where an input is given twice, or two layers have one name.

    Examples
    --------
    >>> from minitf import keras
    >>> x = keras.Input((4,))
    >>> model = keras.Model(x, keras.layers.Dense(2)(x))
    >>> model(keras.ops.ones((3, 4))).shape
    (3, 2)
    """

    _open_sizes = False

    def __init__(self, inputs: Any = None, outputs: Any = None, name: str | None = None,
                 **kwargs: Any):  # fmt: skip
        super().__init__(name=name, trainable=kwargs.pop("trainable", True), **kwargs)
        self._set_network(inputs, outputs)

    def _set_network(self, inputs: Any, outputs: Any) -> None:
        given = flatten(inputs)
        if len({id(t) for t in given}) != len(given):
            raise InvalidArgumentError(f"Model {self.name!r}: an input is given twice")
        self._network = Network(given, flatten(outputs))
        self._inputs_form, self._outputs_form = inputs, outputs
        self._input_names = [t.op.name for t in given]
        # Variables that ops between the layers read are the model's own.
        self._read = list(dict.fromkeys(v for node in self._network.nodes for v in node.variables))
        _check_names(self._network.layers, self.name)
        self.built = True

    def build(self, *shapes: Any) -> None:
        """Do nothing: the layers were built when they were called."""

    def call(self, inputs: Any, training: Any = None, mask: Any = None) -> Any:
        """Call the layers, one after another."""
        values = self._arranged(inputs)
        if mask is not None:
            for value, one in zip(values, flatten(mask), strict=True):
                if one is not None and mask_of(value) is None:
                    value._keras_mask = one
        found = self._network.run(values)
        if isinstance(self._outputs_form, (list, tuple)) and len(found) == 1:
            return found[0]  # as in Keras: a list of one output is that output
        return pack_like(self._outputs_form, found)

    def _arranged(self, inputs: Any) -> list[Tensor]:
        """Return the values of the inputs, in order, each in the dtype and rank of its Input."""
        given, wanted = self._inputs_form, self._network.inputs
        if isinstance(inputs, Mapping):
            values = [_pick(inputs, name, self.name) for name in self._keys()]
        else:
            values = flatten(inputs)
        if len(values) != len(wanted):
            raise InvalidArgumentError(
                f"model {self.name!r} expects {len(wanted)} input(s), got {len(values)} "
                f"({given!r} was said)" if len(wanted) > 9 else
                f"model {self.name!r} expects {len(wanted)} input(s) "
                f"({', '.join(self._input_names)}), got {len(values)}"
            )  # fmt: skip
        return [self._fitted(v, t) for v, t in zip(values, wanted, strict=True)]

    def _keys(self) -> list[str]:
        if isinstance(self._inputs_form, Mapping):
            return sorted(self._inputs_form)
        return self._input_names

    def _fitted(self, value: Any, wanted: Tensor) -> Tensor:
        value = as_tensor(value)
        mask, rank = mask_of(value), len(wanted.shape)
        if value.dtype is not wanted.dtype and value.dtype is not as_dtype("string"):
            value = cast(value, wanted.dtype)
        if value.ndim == rank + 1 and value.shape[-1] == 1:
            value = squeeze(value, -1)
        elif value.ndim == rank - 1 and wanted.shape[-1] == 1:
            value = expand_dims(value, -1)
        if not self._admits(wanted.shape, value.shape):
            raise ShapeError(f"model {self.name!r}: the input {wanted.op.name!r} has the shape "
                             f"{tuple(wanted.shape)}, got {tuple(value.shape)}")  # fmt: skip
        if mask is not None:
            value._keras_mask = mask
        return value

    def _admits(self, wanted: Any, given: Any) -> bool:
        """Return whether an input may have a shape; layers may know better which sizes they take.

        The rows of an Embedding may have any length; of sequences and images the features count.
        """
        if self._open_sizes and len(given) == len(wanted):
            first = self._network.layers[1:2]
            if len(wanted) == 2 and first and first[0].input_spec is None:
                return True
            if len(wanted) > 2:
                return bool(wanted[-1:].is_compatible_with(given[-1:]))
        return bool(wanted.is_compatible_with(given))

    # -- what it holds ------------------------------------------------------------------------

    @property
    def _layers(self) -> list[Any]:
        held = super()._layers
        return list(dict.fromkeys([*self._network.layers, *held]))

    @property
    def layers(self) -> list[Any]:
        """The layers, those of the inputs first."""
        return list(self._network.layers)

    @property
    def inputs(self) -> list[Tensor]:
        """The symbolic inputs."""
        return self._network.inputs

    @property
    def outputs(self) -> list[Tensor]:
        """The symbolic outputs."""
        return self._network.outputs

    @property
    def input(self) -> Any:
        """The symbolic inputs, in the form in which they were given."""
        return self._inputs_form

    @property
    def output(self) -> Any:
        """The symbolic outputs, in the form in which they were given."""
        return self._outputs_form

    @property
    def input_shape(self) -> Any:
        """Shape of the input; a list of shapes where there are several."""
        return _one_or_all([tuple(t.shape) for t in self.inputs])

    @property
    def output_shape(self) -> Any:
        """Shape of the output; a list of shapes where there are several."""
        return _one_or_all([tuple(t.shape) for t in self.outputs])

    @property
    def input_names(self) -> list[str]:
        """The names of the input layers."""
        return self._input_names

    @property
    def output_names(self) -> list[str]:
        """The keys of a dict of outputs; else the names of the layers that they come from."""
        if isinstance(self._outputs_form, Mapping):
            return sorted(self._outputs_form)
        return [t.op.name for t in self._network.outputs]

    def get_config(self) -> dict[str, Any]:
        """Return the layers and how they are connected, as Keras' files hold it."""
        return network_config(self)

    @classmethod
    def from_config(cls, config: dict[str, Any], custom_objects: Any = None) -> Any:
        """Return the model that a config describes."""
        return model_from_config(cls, config, custom_objects)


set_functional(Functional)


def _one_or_all(shapes: list[Any]) -> Any:
    return shapes[0] if len(shapes) == 1 else shapes


def _pick(inputs: Mapping[str, Any], name: str, model: str) -> Any:
    if name not in inputs:
        raise InvalidArgumentError(
            f"model {model!r} has the input {name!r}; the data have {', '.join(map(repr, inputs))}"
        )
    return inputs[name]


def _check_names(layers: list[Any], model: str) -> None:
    names: set[str] = set()
    for layer in layers:
        if layer.name in names:
            raise InvalidArgumentError(f"model {model!r} has two layers called {layer.name!r}; "
                                       "the names of a model's layers must be unique")  # fmt: skip
        names.add(layer.name)


def input_layers(model: Functional) -> list[InputLayer]:
    """Return the InputLayers of a functional model."""
    return [layer for layer in model.layers if isinstance(layer, InputLayer)]
