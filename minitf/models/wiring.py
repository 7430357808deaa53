"""How the layers of a functional model are connected, as plain data, in the form of Keras 3.

Each layer's config is followed by its ``inbound_nodes``: the arguments of each of its calls, in
which a tensor is told by its history: the name of the layer that returned it, the number of the
call, and the number of the output. An ordinary op used between layers is written like a layer.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from importlib import import_module
from typing import Any

from minitf.errors import DataError, NotFoundError, UsageError
from minitf.graph.nest import flatten, is_nested, pack_like
from minitf.graph.operation import Deferred, Operation, fill
from minitf.graph.registry import OPS
from minitf.graph.tensor import Tensor
from minitf.layers.layer import Layer
from minitf.layers.symbolic import InputLayer, LayerCall
from minitf.models.keras_ops import READ, as_keras
from minitf.models.network import Network, needed, owner
from minitf.naming import snake_case
from minitf.serialization import (
    custom_object_scope,
    deserialize_keras_object,
    serialize_keras_object,
)

OWN = "minitf.ops"  # the module of ops that only minitf reads


# -- writing --------------------------------------------------------------------------------------


def network_config(model: Any) -> dict[str, Any]:
    """Return the layers of a model and their calls as plain data."""
    network = model._network
    numbers = _numbers(network)
    history = _History(numbers)
    inputs, outputs = model._inputs_form, model._outputs_form
    return {
        "name": model.name,
        "trainable": model.trainable,
        "layers": [_entry(who, network, history) for who in network.owners],
        "input_layers": history.form(inputs),
        "output_layers": history.form(outputs),
    }


def _first_number(who: Any) -> int:
    """Return the first call's number where a model's inputs and outputs are told.

    There, and only there, Keras counts the making of a functional model as a call.
    """
    return 1 if hasattr(who, "_network") else 0


def _calls(who: Any, network: Network) -> list[Operation]:
    """Return the calls of a layer that belong to a network, in the order of the program."""
    if isinstance(who, Operation):
        return [who]
    nodes = set(network.nodes)
    return [node for node in who._inbound_nodes if node in nodes]


def _numbers(network: Network) -> dict[Operation, int]:
    return {
        node: number for who in network.owners for number, node in enumerate(_calls(who, network))
    }


class _History:
    """Tells tensors by their history."""

    def __init__(self, numbers: dict[Operation, int]):
        self.numbers = numbers

    def of(self, tensor: Tensor) -> list[Any]:
        """Return the name of the layer, the number of its call, and that of the output."""
        return [owner(tensor.op).name, self.numbers[tensor.op], tensor.index]

    def form(self, structure: Any) -> Any:
        """Return a structure of tensors as one of histories."""
        if isinstance(structure, Mapping):
            return {k: self.form(v) for k, v in structure.items()}
        if is_nested(structure):
            return [self.form(v) for v in structure]
        name, number, index = self.of(structure)
        return [name, number + _first_number(owner(structure.op)), index]

    def config(self, value: Any) -> Any:
        """Return an argument as plain data."""
        if not isinstance(value, Tensor) or value.operation is None:
            return serialize_keras_object(value)
        if value.op.type == "constant":
            return _constant(value)
        return {
            "class_name": "__keras_tensor__",
            "config": {"shape": list(value.shape), "dtype": value.dtype.name,
                       "keras_history": self.of(value)},
        }  # fmt: skip


def _constant(tensor: Tensor) -> Any:
    array = tensor.op.attributes["value"].numpy()
    return array.item() if array.ndim == 0 else serialize_keras_object(array)


def _entry(who: Any, network: Network, history: _History) -> dict[str, Any]:
    """Return the config of a layer, or of an op, and of its calls."""
    config = _op_config(who) if isinstance(who, Operation) else serialize_keras_object(who)
    nodes = [] if isinstance(who, InputLayer) else [
        _call_config(node, history) for node in _calls(who, network)]  # fmt: skip
    return {**config, "name": who.name, "inbound_nodes": nodes}


def _call_config(node: Operation, history: _History) -> dict[str, Any]:
    definition = node.definition
    known = None if isinstance(definition, LayerCall) else as_keras(node)
    kwargs: dict[str, Any]
    args, kwargs = (
        definition.filled(needed(node)) if isinstance(definition, LayerCall)
        else (known.args if known else node.inputs, {})
    )  # fmt: skip
    return {"args": [_mapped(v, history) for v in args],
            "kwargs": {k: _mapped(v, history) for k, v in kwargs.items()}}  # fmt: skip


def _mapped(value: Any, history: _History) -> Any:
    if isinstance(value, Mapping):
        return {k: _mapped(v, history) for k, v in value.items()}
    if is_nested(value):
        return [_mapped(v, history) for v in value]
    return history.config(value)


def _op_config(node: Operation) -> dict[str, Any]:
    known = as_keras(node)
    if known is not None:
        told = {"name": node.name, **{k: _json(v) for k, v in known.config.items()}}
        return {"module": known.module, "class_name": known.class_name, "config": told,
                "registered_name": known.class_name}  # fmt: skip
    if node.variables:
        raise UsageError(
            f"a config cannot hold the Variable {node.variables[0].name!r}, which is used between "
            "layers: let a layer create it, with add_weight"
        )
    attributes = {k: serialize_keras_object(_plain(v)) for k, v in node.attributes.items()}
    return {"module": OWN, "class_name": node.type,
            "config": {"name": node.name, "deferred": node.deferred_count, **attributes},
            "registered_name": node.type}  # fmt: skip


def _json(value: Any) -> Any:
    """Return an attribute as Keras' ops have it: a tuple is a list."""
    return list(value) if isinstance(value, tuple) else serialize_keras_object(value)


def _plain(value: Any) -> Any:
    """Return an attribute without numbers that the graph computes, which follow as inputs."""
    may_hold = isinstance(value, (tuple, Deferred))
    return fill(value, _Positions()) if may_hold else value


class _Positions:
    """Gives, for the input of a number, a word that says that it is one."""

    def __getitem__(self, position: int) -> str:
        return f"input:{position}"


# -- reading --------------------------------------------------------------------------------------


def model_from_config(cls: Any, config: dict[str, Any], custom_objects: Any = None) -> Any:
    """Return the functional model that plain data describe.

    Raises
    ------
    DataError
        Where calls are missing, or wait for each other.
    """
    with custom_object_scope(custom_objects or {}):
        return _Reader(config).model(cls)


class _Reader:
    """Makes the layers of a config, then calls them as soon as their inputs exist."""

    def __init__(self, config: dict[str, Any]):
        self.config = dict(config)
        self.made: dict[str, Any] = {}
        self.outputs: dict[str, list[list[Tensor]]] = defaultdict(list)

    def model(self, cls: Any) -> Any:
        """Return the model."""
        entries = self.config["layers"]
        waiting: dict[str, list[Any]] = {}
        for entry in entries:
            self._make(entry)
            if entry["inbound_nodes"]:
                waiting[entry["name"]] = list(entry["inbound_nodes"])
        while waiting:
            called = [name for name in list(waiting) if self._call_some(name, waiting)]
            if not called:
                raise DataError(f"the config has calls that wait for each other: {list(waiting)}")
        inputs = self._tensors(self.config["input_layers"])
        outputs = self._tensors(self.config["output_layers"])
        rest = {k: v for k, v in self.config.items()
                if k not in ("layers", "input_layers", "output_layers", "dtype")}  # fmt: skip
        return cls(inputs, outputs, **rest)

    def _make(self, entry: dict[str, Any]) -> None:
        if entry.get("module", "").startswith(("keras.src.ops", OWN)):
            made: Any = _op_function(entry)
        else:
            made = _layer(entry)
        self.made[entry["name"]] = made
        if isinstance(made, InputLayer):
            self.outputs[entry["name"]].append([made._symbol])

    def _call_some(self, name: str, waiting: dict[str, list[Any]]) -> bool:
        """Make the calls of a layer whose inputs exist; return whether there were any."""
        calls = waiting[name]
        done = 0
        while calls and self._is_ready(calls[0]):
            args, kwargs = self._arguments(calls.pop(0))
            self.outputs[name].append(flatten(self.made[name](*args, **kwargs)))
            done += 1
        if not calls:
            del waiting[name]
        return done > 0

    def _is_ready(self, call: Any) -> bool:
        return all(self._find(*h) is not None for h in _histories(call))

    def _find(self, name: str, number: int, index: int) -> Tensor | None:
        if name not in self.made:
            raise NotFoundError(f"the config names a layer {name!r} that it does not have")
        calls = self.outputs[name]
        return calls[number][index] if 0 <= number < len(calls) else None

    def _arguments(self, call: Any) -> tuple[Any, Any]:
        if isinstance(call, Mapping):
            return ([self._value(v) for v in call["args"]],
                    {k: self._value(v) for k, v in call["kwargs"].items()})  # fmt: skip
        tensors = [self._find(*entry[:3]) for entry in call]  # as tf.keras 2 wrote it
        kwargs = {k: self._value(v) for entry in call for k, v in (entry[3:] or [{}])[0].items()}
        return ([tensors[0] if len(tensors) == 1 else tensors], kwargs)

    def _value(self, value: Any) -> Any:
        if _is_tensor(value):
            return self._find(*value["config"]["keras_history"])
        if isinstance(value, list):
            return [self._value(v) for v in value]
        if isinstance(value, Mapping) and "class_name" not in value:
            return {k: self._value(v) for k, v in value.items()}
        return deserialize_keras_object(value)

    def _tensors(self, form: Any) -> Any:
        if isinstance(form, Mapping):
            return {k: self._tensors(v) for k, v in form.items()}
        if len(form) == 3 and isinstance(form[0], str):
            name, number, index = form
            return self._find(name, number - _first_number(self.made.get(name)), index)
        return [self._tensors(v) for v in form]


def _is_tensor(value: Any) -> bool:
    return isinstance(value, Mapping) and value.get("class_name") == "__keras_tensor__"


def _histories(call: Any) -> list[list[Any]]:
    """Return the histories of all tensors in the arguments of a call."""
    if _is_tensor(call):
        return [call["config"]["keras_history"]]
    if isinstance(call, Mapping):
        return [h for v in call.values() for h in _histories(v)]
    if isinstance(call, (list, tuple)):
        if len(call) in (3, 4) and isinstance(call[0], str) and isinstance(call[1], int):
            return [list(call[:3])]
        return [h for v in call for h in _histories(v)]
    return []


def _layer(entry: dict[str, Any]) -> Layer:
    if "module" not in entry:  # as tf.keras 2 wrote it
        entry = {**entry, "module": "keras.layers", "registered_name": None}
        if entry["class_name"] in ("Functional", "Model"):
            entry |= {"module": "keras.src.models.functional", "class_name": "Functional"}
        elif entry["class_name"] == "Sequential":
            entry["module"] = "keras"
    made = deserialize_keras_object(entry)
    if not isinstance(made, Layer):
        raise DataError(f"the config has {made!r} where a layer is expected")
    return made


def _op_function(entry: dict[str, Any]) -> Any:
    """Return a function that does what an op of a config does."""
    config = dict(entry["config"])
    config.pop("name", None)
    if entry["class_name"] in READ and entry["module"] != OWN:
        return READ[entry["class_name"]]
    if entry["module"] != OWN:
        ops = import_module("minitf.keras.ops")
        name = snake_case(entry["class_name"])
        if name not in ops.__all__:
            raise NotFoundError(f"the config uses an operation {entry['class_name']!r} of Keras "
                                "that minitf does not have")  # fmt: skip
        function = getattr(ops, name)
        return lambda *args, **kwargs: function(*args, **{**config, **kwargs})
    if entry["class_name"] not in OPS:
        raise NotFoundError(f"the config uses an op {entry['class_name']!r} that does not exist")
    count = config.pop("deferred", 0)
    attributes = {k: deserialize_keras_object(v) for k, v in config.items()}
    return lambda *inputs: OPS[entry["class_name"]].apply(
        tuple(inputs[: len(inputs) - count]),
        {k: _with_inputs(v, inputs) for k, v in attributes.items()},
    )


def _with_inputs(value: Any, inputs: Any) -> Any:
    """Return an attribute with the inputs in the places of the words that stand for them."""
    leaves = [
        inputs[int(v.partition(":")[2])] if isinstance(v, str) and v.startswith("input:") else v
        for v in flatten(value)
    ]
    return pack_like(value, leaves)
