"""Holder: an object whose attributes hold layers, Variables and metrics.

Nothing is registered behind the program's back: what a layer consists of is what one finds in its
attributes, and in lists, tuples and dicts there, in the order in which they were assigned.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import cache
from typing import Any

import numpy as np

from minitf.errors import FailedPreconditionError, ShapeError
from minitf.graph.spec import TensorShape
from minitf.ops.state import Variable
from minitf.runtime.module import Module

# Attributes that a layer has besides what it consists of.
_NOT_HELD = {
    "_arguments",
    "_compiled_loss",
    "_compiled_metrics",
    "_inbound_nodes",
    "_initial_weights",
    "_loss_tracker",
    "_losses",
    "_non_trainable_variables",
    "_numbers",
    "_restored",
    "_symbol",
    "_trainable_variables",
    "optimizer",
}  # fmt: skip


class Holder(Module):
    """The part of a Layer that knows what the layer consists of."""

    built: bool
    _name: str
    _trainable: bool
    _trainable_variables: list[Variable]
    _non_trainable_variables: list[Variable]
    _restored: dict[int, Any] = {}  # noqa: RUF012  (never changed: a layer gets its own)

    def _held(self) -> Iterator[Any]:
        """Yield the Layers, Variables and metrics in the attributes, in the order of assignment."""
        for key, value in list(vars(self).items()):
            if key not in _NOT_HELD:
                yield from _leaves(value)

    @property
    def _layers(self) -> list[Any]:
        """The layers directly inside this one, each once."""
        return list(dict.fromkeys(v for v in self._held() if isinstance(v, Holder)))

    @property
    def _metrics(self) -> list[Any]:
        return [v for v in dict.fromkeys(self._held()) if _is_metric(type(v))]

    def _own_variables(self) -> list[Variable]:
        """Return the layer's own Variables: those that are trained, then the others."""
        known = {id(v) for v in self._trainable_variables + self._non_trainable_variables}
        for found in self._held():
            if isinstance(found, Variable) and id(found) not in known:
                known.add(id(found))
                self._track(found)
        return self._trainable_variables + self._non_trainable_variables

    def restore_later(self, values: Mapping[int, Any]) -> None:
        """Keep values for own Variables, by place, until the layer is built and has these."""
        self._restored = dict(values)

    def _take_restored(self) -> None:
        """Give the Variables that have come to be the values that were kept for them."""
        for place, variable in enumerate(self._own_variables()):
            if place in self._restored:
                value = self._restored.pop(place)
                if not variable.shape.is_compatible_with(value.shape):
                    raise ShapeError(f"restore: {variable.path!r} has shape {variable.shape}, the "
                                     f"file {value.shape}")  # fmt: skip
                variable.assign(value)

    def _flatten_layers(self, include_self: bool = True, recursive: bool = True) -> list[Any]:
        """Return this layer and all inside it, each once."""
        if not recursive:
            return ([self] if include_self else []) + self._layers
        found = {id(self): self}
        waiting = [self._layers]
        while waiting:
            for layer in waiting.pop():
                if id(layer) not in found:
                    found[id(layer)] = layer
                    waiting.append(layer._layers)
        return list(found.values())[0 if include_self else 1 :]

    def _track(self, variable: Variable) -> None:
        trains = variable.trainable
        (self._trainable_variables if trains else self._non_trainable_variables).append(variable)
        variable.trainable = trains and self._trainable

    @property
    def weights(self) -> list[Variable]:
        """All Variables but those of metrics: its own, then those of its layers, each once."""
        found: dict[int, Variable] = {}
        self._collect(found, set())
        return list(found.values())

    def _collect(self, found: dict[int, Variable], seen: set[int]) -> None:
        seen.add(id(self))
        for variable in self._own_variables():
            found.setdefault(id(variable), variable)
        for layer in self._layers:
            if id(layer) not in seen:
                layer._collect(found, seen)

    @property
    def variables(self) -> list[Variable]:  # type: ignore[override]
        """The weights, and the Variables of metrics."""
        metrics = [v for layer in self._flatten_layers() for m in layer._metrics
                   for v in m.variables]  # fmt: skip
        return list(dict.fromkeys([*self.weights, *metrics]))

    @property
    def trainable_variables(self) -> list[Variable]:  # type: ignore[override]
        """The weights that are trained."""
        return [v for v in self.weights if v.trainable] if self._trainable else []

    @property
    def non_trainable_variables(self) -> list[Variable]:  # type: ignore[override]
        """The weights that are not trained."""
        trained = set(map(id, self.trainable_variables))
        return [v for v in self.variables if id(v) not in trained]

    @property
    def trainable_weights(self) -> list[Variable]:
        """The weights that are trained."""
        return self.trainable_variables

    @property
    def non_trainable_weights(self) -> list[Variable]:
        """The weights that are not trained."""
        trained = set(map(id, self.trainable_variables))
        return [v for v in self.weights if id(v) not in trained]

    @property
    def trainable(self) -> bool:
        """Whether the weights are trained; setting it sets that of all layers inside."""
        return self._trainable

    @trainable.setter
    def trainable(self, value: bool) -> None:
        value = bool(value)
        self._own_variables()
        self._trainable = value
        for variable in self._trainable_variables:
            variable.trainable = value
        for layer in self._layers:
            layer.trainable = value

    @property
    def metrics(self) -> list[Any]:
        """The metrics of this layer and of those inside it."""
        found = [m for layer in self._flatten_layers() for m in layer._metrics]
        return list(dict.fromkeys(found))

    def get_weights(self) -> list[np.ndarray[Any, Any]]:
        """Return copies of the weights, as arrays."""
        return [np.asarray(v.numpy()) for v in self.weights]

    def set_weights(self, weights: Iterable[Any]) -> None:
        """Replace the weights.

        Raises
        ------
        ShapeError
            For another number of arrays, or arrays of other shapes; nothing is changed then.
        """
        arrays = [np.asarray(w) for w in weights]
        variables = self.weights
        if len(arrays) != len(variables):
            raise ShapeError(f"set_weights: layer {self._name!r} has {len(variables)} weight(s), "
                             f"got {len(arrays)}")  # fmt: skip
        for variable, array in zip(variables, arrays, strict=True):
            if not variable.shape.is_compatible_with(array.shape):
                raise ShapeError(f"set_weights: {variable.path!r} has the shape "
                                 f"{tuple(variable.shape)}, got {array.shape}")  # fmt: skip
        for variable, array in zip(variables, arrays, strict=True):
            variable.assign(array.astype(variable.dtype.numpy))

    def count_params(self) -> int:
        """Return how many numbers the weights are."""
        if not self.built:
            raise FailedPreconditionError(
                f"count_params: layer {self._name!r} has no weights before it is built: call it, "
                "or build(input_shape)"
            )
        return sum(v.shape.num_elements() or 0 for v in self.weights)

    def save_own_variables(self, store: Any) -> None:
        """Write the layer's own Variables, numbered, into a mapping."""
        for i, variable in enumerate(self._own_variables()):
            store[str(i)] = variable.numpy()

    def load_own_variables(self, store: Any) -> None:
        """Read the layer's own Variables from a mapping.

        Raises
        ------
        ShapeError
            For another number of arrays, or arrays of other shapes.
        """
        variables = self._own_variables()
        if len(store.keys()) != len(variables):
            state = "" if self.built else "; it has not been built yet"
            raise ShapeError(f"layer {self._name!r} has {len(variables)} variable(s), the file "
                             f"{len(store.keys())}{state}")  # fmt: skip
        for i, variable in enumerate(variables):
            array = np.asarray(store[str(i)])
            if not variable.shape.is_compatible_with(array.shape):
                raise ShapeError(f"{variable.path!r} has the shape {tuple(variable.shape)}, in the "
                                 f"file it has {array.shape}")  # fmt: skip
            variable.assign(array.astype(variable.dtype.numpy))


def _leaves(value: Any) -> Iterable[Any]:
    return _READ[_form(type(value))](value)  # type: ignore[arg-type]  # types are hashable


@cache
def _form(kind: type) -> str:
    """Return how objects of a type hold Layers, Variables or metrics; most attributes hold none."""
    if issubclass(kind, (Holder, Variable)) or _is_metric(kind):
        return "is one"
    if issubclass(kind, Module):
        return "attributes"
    if issubclass(kind, Mapping):
        return "values"
    if issubclass(kind, (list, tuple, set)) and not issubclass(kind, TensorShape):
        return "items"
    return "nothing"


def _leaves_of_all(values: Iterable[Any]) -> Iterator[Any]:
    for value in values:
        yield from _leaves(value)


_READ: dict[str, Callable[[Any], Iterable[Any]]] = {
    "is one": lambda value: (value,),
    "attributes": lambda value: _leaves_of_all(vars(value).values()),
    "values": lambda value: _leaves_of_all(value.values()),
    "items": _leaves_of_all,
    "nothing": lambda value: (),
}


def _is_metric(kind: type) -> bool:
    return hasattr(kind, "update_state") and hasattr(kind, "reset_state")
