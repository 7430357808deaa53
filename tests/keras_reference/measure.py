"""Runs a case under a framework (Keras on TensorFlow, or minitf) and writes down what it gives.

Only public API that both share is used. The same seeded numbers become inputs, weights and
gradients under both, so everything can be compared number by number.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import reduce
from typing import Any

import numpy as np

from .case import Case, Draw, Obj, Recipe, distinct

STEPS = 5  # of an optimizer


@dataclass(frozen=True)
class Framework:
    """TensorFlow with real Keras, or minitf with its own."""

    tf: Any
    keras: Any

    def resolve(self, symbol: str) -> Any:
        """Return a public object of Keras by its name, ``"layers.Dense"``."""
        try:
            return reduce(getattr, symbol.split("."), self.keras)
        except AttributeError as error:
            raise LookupError(f"no public symbol keras.{symbol}") from error

    def make(self, value: Any, draw: Draw) -> Any:
        """Return `value` with every object inside it made, and every recipe an array."""
        match value:
            case Recipe():
                return value.make(draw)
            case Obj(symbol, args, kwargs):
                return self.resolve(symbol)(*self.make(args, draw), **self.make(kwargs, draw))
            case list() | tuple():
                return type(value)([self.make(v, draw) for v in value])
            case dict():
                return {k: self.make(v, draw) for k, v in value.items()}
        return value

    def config(self, thing: Any) -> dict:
        """Return the config of an object as it stands in a file."""
        return json.loads(json.dumps(self.keras.saving.serialize_keras_object(thing)))

    def rebuild(self, thing: Any) -> Any:
        """Return the object that the config of another describes."""
        return self.keras.saving.deserialize_keras_object(self.config(thing))

    def raw(self, variable: Any) -> Any:
        """Return what a tape knows of a Variable."""
        return variable if isinstance(variable, self.tf.Variable) else variable.value


@dataclass
class Measured:
    """What a case gave.

    Attributes
    ----------
    parts : dict of str to list of arrays
        ``outputs``; ``grads`` of their weighted sum (None where nothing depends on an input);
        ``after``: the state afterwards; ``masks``; ``losses``.
    facts : dict
        ``weights``: name, shape, dtype of each, in order; ``config``.
    """

    parts: dict[str, list] = field(default_factory=dict)
    facts: dict[str, Any] = field(default_factory=dict)


Wrap = Callable[[Callable], Callable]


def measure(framework: Framework, case: Case, made: Any = None,
            wrap: Wrap = lambda step: step) -> Measured:  # fmt: skip
    """Run a case.

    Parameters
    ----------
    made : object, optional
        Used in place of the object of the case.
    wrap : function
        Applied to what computes; ``tf.function`` makes a graph of it. No gradients then.
    """
    draw = case.draw()
    if isinstance(case.object, str):
        thing = framework.resolve(case.object)
    else:  # made in any case, so that what is drawn afterwards stays the same
        thing = framework.make(case.object, draw)
    thing = thing if made is None else made
    result = MEASURE[case.kind](framework, case, thing, draw, wrap)
    if case.config and not isinstance(case.object, str) and hasattr(thing, "get_config"):
        result.facts["config"] = plain(framework.config(thing)["config"])
    result.parts = {part: [_array(a) for a in arrays] for part, arrays in result.parts.items()}
    return result


# -- one kind after the other ---------------------------------------------------------------------


def measure_layer(framework: Framework, case: Case, layer: Any, draw: Draw, wrap: Wrap) -> Measured:
    """Call a layer whose weights are seeded numbers."""
    tensors, fill = _inputs(framework, case, draw)

    def call(*tensors: Any) -> Any:
        inputs, more = fill(tensors)
        return layer(inputs, **more)

    if case.adapt is not None:
        layer.adapt(data(case.adapt, draw))
    call(*tensors)  # builds it
    if case.adapt is None:
        layer.set_weights([_weight(w, draw) for w in layer.weights])
    stateful = getattr(layer, "stateful", False)
    if stateful:
        layer.reset_state()
        wrap(call)(*tensors)  # so that there is a state to go on from
    result = _differentiate(framework, case, wrap(call), tensors, layer.trainable_weights, draw)
    result.parts["after"] = [w.numpy() for w in layer.weights if not w.trainable]
    if wrap(call) is call:
        result.parts["losses"] = list(layer.losses)
    result.facts["weights"] = [_described(w) for w in layer.weights]
    return result


def measure_optimizer(framework: Framework, case: Case, optimizer: Any, draw: Draw,
                      wrap: Wrap) -> Measured:  # fmt: skip
    """Move a matrix and a vector by given gradients, and keep where they were after each step."""
    shapes = {"kernel": (3, 2), "bias": (2,)}
    weights = [framework.keras.Variable(distinct(draw, shape, -1, 1), name=name)
               for name, shape in shapes.items()]  # fmt: skip
    optimizer.build(weights)
    step = wrap(lambda *grads: optimizer.apply_gradients(list(zip(grads, weights))))
    path: list[list] = [[] for _ in weights]
    for _ in range(STEPS):
        step(*(framework.tf.constant(distinct(draw, s, -2, 2)) for s in shapes.values()))
        for stops, weight in zip(path, weights):
            stops.append(weight.numpy())
    state = list(optimizer.variables)
    return Measured(
        {"outputs": [np.stack(stops) for stops in path], "after": [v.numpy() for v in state]},
        {"weights": [_described(v) for v in state]},
    )


def measure_loss(framework: Framework, case: Case, loss: Any, draw: Draw, wrap: Wrap) -> Measured:
    """Compute a loss, and its gradient with respect to the prediction."""
    tensors, fill = _inputs(framework, case, draw)

    def call(*tensors: Any) -> Any:
        (y_true, y_pred), more = fill(tensors)
        if "mask" in more:
            y_pred._keras_mask = more.pop("mask")
        return loss(y_true, y_pred, **more)

    return _differentiate(framework, case, wrap(call), tensors, [], draw, watch=[1])


def measure_metric(framework: Framework, case: Case, metric: Any, draw: Draw,
                   wrap: Wrap) -> Measured:  # fmt: skip
    """Show a metric one batch after the other, and keep its result after each."""
    outputs = []
    step = wrap(lambda *batch: metric(*batch))
    for update in case.inputs:
        batch = [framework.tf.constant(data(a, draw)) for a in update if a is not None]
        # A copy: what Keras returns may be the state itself, which the next batch changes.
        outputs.append(np.array(step(*batch).numpy()))
    return Measured(
        {"outputs": outputs, "after": [v.numpy() for v in metric.variables]},
        {"weights": [_described(v) for v in metric.variables]},
    )


def measure_function(framework: Framework, case: Case, function: Any, draw: Draw,
                     wrap: Wrap) -> Measured:  # fmt: skip
    """Call a function, or an object that can be called."""
    tensors, fill = _inputs(framework, case, draw)

    def call(*tensors: Any) -> Any:
        inputs, more = fill(tensors)
        return function(*inputs, **more)

    return _differentiate(framework, case, wrap(call), tensors, [], draw)


MEASURE: dict[str, Callable[..., Measured]] = {
    "layer": measure_layer,
    "optimizer": measure_optimizer,
    "loss": measure_loss,
    "metric": measure_metric,
    "function": measure_function,
}

# -- inputs ---------------------------------------------------------------------------------------


def data(value: Any, draw: Draw) -> np.ndarray:
    """Return the array that a recipe, or a plain list, stands for."""
    if isinstance(value, Recipe):
        return value.make(draw)
    array = np.asarray(value)
    narrow = {"float64": "float32", "int64": "int32"}
    return array if isinstance(value, np.ndarray) else array.astype(
        narrow.get(array.dtype.name, array.dtype))  # fmt: skip


def _inputs(framework: Framework, case: Case, draw: Draw) -> tuple[list, Callable]:
    """Return the Tensors of a case, and what puts others in their places."""
    tensors: list = []

    def keep(value: Any) -> int:
        tensors.append(framework.tf.constant(data(value, draw)))
        return len(tensors) - 1

    inputs = _spread(case.inputs, keep)
    call = {k: _spread(v, keep, lists=False) for k, v in case.call.items()}

    def fill(tensors: Any) -> tuple[Any, dict]:
        return _put(inputs, tensors), {k: _put(v, tensors) for k, v in call.items()}

    return tensors, fill


@dataclass(frozen=True)
class Place:
    """Where a Tensor goes."""

    index: int


def _spread(value: Any, keep: Callable[[Any], int], lists: bool = True) -> Any:
    """Return nested inputs with a Place for each array; `lists` of plain data are arrays."""
    if isinstance(value, Recipe | np.ndarray):
        return Place(keep(value))
    if isinstance(value, dict):
        return {k: _spread(v, keep, lists) for k, v in value.items()}
    if isinstance(value, tuple) or _holds_recipes(value):
        return type(value)([_spread(v, keep, lists) for v in value])
    if lists and isinstance(value, list):
        return Place(keep(value))
    return value


def _holds_recipes(value: Any) -> bool:
    return isinstance(value, list | tuple) and any(
        isinstance(v, Recipe) or _holds_recipes(v) for v in value
    )


def _put(value: Any, tensors: Any) -> Any:
    if isinstance(value, Place):
        return tensors[value.index]
    if isinstance(value, dict):
        return {k: _put(v, tensors) for k, v in value.items()}
    if isinstance(value, list | tuple):
        return type(value)([_put(v, tensors) for v in value])
    return value


def _weight(variable: Any, draw: Draw) -> np.ndarray:
    """Return a seeded value for a weight; variances are positive, counts stay."""
    if _kind(variable) != "f":
        return variable.numpy()
    low, high = (0.5, 1.5) if "variance" in variable.name else (-0.5, 0.5)
    return distinct(draw, tuple(variable.shape), low, high)


# -- outputs --------------------------------------------------------------------------------------


def _differentiate(framework: Framework, case: Case, call: Callable, tensors: list, weights: Any,
                   draw: Draw, watch: list[int] | None = None) -> Measured:  # fmt: skip
    """Return the outputs, and the gradients of a weighted sum of them."""
    tf = framework.tf
    floating = [t for i, t in enumerate(tensors) if _kind(t) == "f" and i in (watch or range(99))]
    with tf.GradientTape() as tape:
        tape.watch(floating)
        outputs = list(_leaves(call(*tensors)))
        total = _weighted_sum(tf, outputs, draw)
    result = Measured({"outputs": outputs})
    masks = [getattr(t, "_keras_mask", None) for t in outputs]
    if case.kind == "layer" and any(m is not None for m in masks):
        result.parts["masks"] = masks
    if case.grads and total is not None:
        sources = [*floating, *(framework.raw(w) for w in weights)]
        grads = tape.gradient(total, sources)
        result.parts["grads"] = [None if g is None else tf.convert_to_tensor(g) for g in grads]
    return result


def _weighted_sum(tf: Any, outputs: list, draw: Draw) -> Any:
    """Return the sum of the floating outputs times seeded numbers; None if there are none."""
    total = None
    for t in outputs:
        if _kind(t) == "f" and t.dtype.name in ("float32", "float64"):
            weights = distinct(draw, tuple(t.shape), -1, 1).astype(t.dtype.name)
            part = tf.reduce_sum(t * tf.constant(weights))
            total = part if total is None else total + part
    return total


def _leaves(value: Any) -> Iterator:
    """Return the Tensors inside nested tuples, lists and dicts, in order."""
    if isinstance(value, dict):
        value = [value[k] for k in sorted(value)]
    if isinstance(value, list | tuple):
        for v in value:
            yield from _leaves(v)
    elif value is not None:
        yield value


def _array(value: Any) -> np.ndarray | None:
    if value is None:
        return None
    array = np.asarray(value.numpy() if hasattr(value, "numpy") else value)
    if array.dtype.kind not in "OSU":
        return array
    text = [a.decode() if isinstance(a, bytes) else str(a) for a in array.ravel()]
    return np.array(text, "U").reshape(array.shape)


def _kind(tensor: Any) -> str:
    name = getattr(tensor.dtype, "name", tensor.dtype)
    return {"string": "U", "bool": "b"}.get(name, "f" if "float" in name else "i")


def _described(variable: Any) -> list:
    dtype = getattr(variable.dtype, "name", variable.dtype)
    name = re.sub(r"_\d+$", "", variable.name)  # made-up names are counted by the process
    return [name, list(variable.shape), dtype]


# -- configs --------------------------------------------------------------------------------------


def plain(config: Any) -> Any:
    """Return what counts of a config.

    Left out are the numbers in names that were made up (``dense_3``), the places of classes inside
    Keras (``keras.src...``), how a layer was built, and what is None: each version of Keras knows
    options that others do not. A dtype policy is its name, a tuple or an array a list, and a float
    has six digits.
    """
    if isinstance(config, list | tuple):
        return [plain(v) for v in config]
    if isinstance(config, float):
        return float(f"{config:.6g}")
    if not isinstance(config, dict):
        return config
    inner = config.get("config")
    match config.get("class_name"):
        case "__numpy__" | "__tensor__":
            return plain(inner["value"])
        case "DTypePolicy":
            return inner["name"]
    return {k: _entry(k, v) for k, v in config.items() if not _is_internal(k, v)}


def _entry(key: str, value: Any) -> Any:
    if key == "name" and isinstance(value, str):
        return re.sub(r"_\d+$", "", value)
    return plain(value)


def _is_internal(key: str, value: Any) -> bool:
    return (
        value is None
        or key == "build_config"
        or (key == "module" and str(value).startswith("keras.src"))
    )
