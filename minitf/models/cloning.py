"""Cloning: a model like another, with layers and weights of its own."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from minitf.errors import InvalidArgumentError
from minitf.graph.nest import flatten, pack_like
from minitf.layers.symbolic import Input, InputLayer, LayerCall
from minitf.models.functional import Functional
from minitf.models.network import again, needed
from minitf.models.sequential import Sequential
from minitf.serialization import deserialize_keras_object, serialize_keras_object

Calling = Callable[..., Any]


def clone_model(model: Any, input_tensors: Any = None,
                clone_function: Callable[[Any], Any] | None = None,
                call_function: Calling | None = None, recursive: bool = False) -> Any:  # fmt: skip
    """Return a model of the same form, with new layers and therefore new weights.

    Parameters
    ----------
    model : Model
        Sequential or functional; a subclass is made anew from its config.
    input_tensors : symbolic tensors, optional
        The inputs of the new model; new ones by default.
    clone_function : function of a layer, optional
        Returns the layer that takes the place of one (not of inputs); an equal one by default.
    call_function : function of a layer and its arguments, optional
        Calls a layer, for a functional model; may put others before or after it.
    recursive : bool
        Whether models inside the model are cloned in the same way.

    Raises
    ------
    InvalidArgumentError
        For options that a model of this kind cannot follow.

    Examples
    --------
    >>> from minitf import keras
    >>> model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(3)])
    >>> twin = keras.models.clone_model(model)
    >>> twin.output_shape, twin.layers[0] is model.layers[0]
    ((None, 3), False)
    """
    clones = _Clones(clone_function, call_function, recursive)
    if isinstance(model, Sequential):
        if call_function is not None:
            raise InvalidArgumentError("clone_model: a Sequential model takes no call_function")
        made = _clone_sequential(model, input_tensors, clones)
    elif isinstance(model, Functional):
        made = _clone_functional(model, input_tensors, clones)
    elif clone_function or call_function or input_tensors is not None:
        raise InvalidArgumentError(
            f"clone_model: {type(model).__name__} is a subclass of Model; it is made from its "
            "config, and takes no clone_function, call_function or input_tensors"
        )
    else:
        known = {type(model).__name__: type(model)}
        return deserialize_keras_object(serialize_keras_object(model), known)
    if model.compiled:
        made.compile_from_config(model.get_compile_config())
    return made


class _Clones:
    """The layers that take the places of others; a shared layer has one clone."""

    def __init__(self, clone_function: Any, call_function: Any, recursive: bool):
        self._clone = clone_function or (lambda layer: type(layer).from_config(layer.get_config()))
        self._call, self._recursive = call_function, recursive
        self._made: dict[int, Any] = {}

    def of(self, layer: Any) -> Any:
        """Return the clone of a layer."""
        if id(layer) not in self._made:
            self._made[id(layer)] = self._new(layer)
        return self._made[id(layer)]

    def _new(self, layer: Any) -> Any:
        if self._recursive and isinstance(layer, Sequential):
            return _clone_sequential(layer, None, self)
        if self._recursive and isinstance(layer, Functional):
            return _clone_functional(layer, None, self)
        return self._clone(layer)

    def call(self, layer: Any, args: Any, kwargs: Any) -> Any:
        """Call the clone of a layer."""
        clone = self.of(layer)
        return self._call(clone, *args, **kwargs) if self._call else clone(*args, **kwargs)


def _clone_sequential(model: Sequential, input_tensors: Any, clones: _Clones) -> Sequential:
    layers = [clones.of(layer) for layer in model.layers]
    given = flatten(input_tensors) if input_tensors is not None else []
    first = model._layers[0] if model._layers else None
    if len(given) > 1:
        raise InvalidArgumentError("clone_model: a Sequential model has one input tensor")
    if given:
        layers.insert(0, given[0])
    elif isinstance(first, InputLayer):
        layers.insert(0, _input_like(first._symbol))
    return Sequential(layers, name=model.name, trainable=model.trainable)


def _clone_functional(model: Functional, input_tensors: Any, clones: _Clones) -> Any:
    network = model._network
    given = [_input_like(t) for t in network.inputs] if input_tensors is None else (
        flatten(input_tensors))  # fmt: skip
    if len(given) != len(network.inputs):
        raise InvalidArgumentError(f"clone_model: {model.name!r} has {len(network.inputs)} inputs, "
                                   f"got {len(given)} tensors")  # fmt: skip
    found: dict[Any, Any] = dict(zip(network.inputs, given, strict=True))
    for node in network.nodes:
        if all(t in found for t in node.outputs):
            continue
        values = [found[t] for t in needed(node)]
        if isinstance(node.definition, LayerCall):
            outputs = flatten(clones.call(node.definition.layer, *node.definition.filled(values)))
        else:
            outputs = again(node, values)
        found |= zip(node.outputs, outputs, strict=False)
    inputs = pack_like(model.input, given)
    return Functional(inputs, pack_like(model.output, [found[t] for t in network.outputs]),
                      name=model.name)  # fmt: skip


def _input_like(tensor: Any) -> Any:
    """Return a new symbolic input like another."""
    return Input(batch_shape=tuple(tensor.shape), dtype=tensor.dtype.name, name=tensor.op.name)
