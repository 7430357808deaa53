"""Runs one case under a framework (TensorFlow, or minitf posing as it) and writes down arrays.

Only the public API that both share is used: the symbol itself, `constant`, `GradientTape`,
`reduce_sum`, `convert_to_tensor` and `*`.
"""

from __future__ import annotations

import inspect
import operator
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from .case import Case, Recipe

NOT_OURS = {"name", "layout", "bad_indices_policy", "a_is_sparse", "b_is_sparse", "grad_a",
            "grad_b", "dim"}  # fmt: skip
Arrays = list[np.ndarray | None]


@dataclass
class Measured:
    """What a case gave: `grads` and `hvps` hold None where nothing depends on an input."""

    outputs: Arrays
    grads: Arrays | None = None
    hvps: Arrays | None = None


def resolve(tf: Any, symbol: str) -> Callable:
    """The object called `symbol`: a public name of the framework, or a Python operator."""
    first, _, rest = symbol.partition(".")
    found = operator if first == "operator" else tf
    for part in (rest if first == "operator" else symbol).split("."):
        if not hasattr(found, part):
            raise LookupError(f"no public symbol {symbol!r}: {found!r} has no {part!r}")
        found = getattr(found, part)
    return found


def signature(function: Any) -> list[str]:
    """Return the parameters of a function, ``["x", "axis=None"]``; nothing for other objects.

    Left out are keyword-only ones, `name`, which every symbol has somewhere, and what concerns
    TensorFlow's own machinery alone.
    """
    if inspect.isclass(function) or not callable(function):
        return []
    parameters = inspect.signature(function).parameters.values()
    hidden = (inspect.Parameter.KEYWORD_ONLY, inspect.Parameter.VAR_KEYWORD)
    return [_parameter(p) for p in parameters if p.kind not in hidden and p.name not in NOT_OURS]


def _parameter(p: inspect.Parameter) -> str:
    stars = "*" if p.kind is p.VAR_POSITIONAL else ""
    default = "" if p.default is p.empty else f"={getattr(p.default, 'name', repr(p.default))}"
    return f"{stars}{p.name}{default}"


def fill(value: Any, make: Callable[[Recipe], Any]) -> Any:
    """`value` with every recipe inside it replaced by ``make(recipe)``, in reading order."""
    if isinstance(value, Recipe):
        return make(value)
    if isinstance(value, list | tuple):
        return type(value)([fill(v, make) for v in value])
    if isinstance(value, dict):
        return {k: fill(v, make) for k, v in value.items()}
    return value


def inputs_of(case: Case) -> list[np.ndarray]:
    """The arrays of a case, in reading order."""
    draw, arrays = case.draw(), []
    fill([case.args, case.kwargs], lambda recipe: arrays.append(recipe.make(draw)))
    return arrays


def _leaves(value: Any) -> Iterator:
    """Tensors and numbers inside nested tuples, lists and dicts, in order."""
    if isinstance(value, dict):
        value = [value[k] for k in sorted(value)]
    if isinstance(value, list | tuple):
        for v in value:
            yield from _leaves(v)
    elif value is not None:
        yield value


def call(tf: Any, case: Case, tensors: list) -> list:
    """The flattened results of calling the case on these tensors."""
    each = iter(tensors)
    args, kwargs = fill([case.args, case.kwargs], lambda recipe: next(each))
    if case.function:
        result = case.function(tf, *args)
    else:
        result = resolve(tf, case.symbols[0])(*args, **kwargs)
    return list(_leaves(POST[case.post](tf, result)))


def differentiated(case: Case, arrays: list[np.ndarray]) -> list[int]:
    """The indices of the inputs whose gradients are compared."""
    if case.order == 0:
        return []
    floating = [i for i, a in enumerate(arrays) if a.dtype.kind == "f"]
    return floating if case.diff is None else list(case.diff)


def weighted_sum(tf: Any, case: Case, tensors: list, salt: int) -> Any:
    """The sum of the floating tensors times fixed weights from +-[0.25, 1]; None if none is."""
    draw = np.random.RandomState(case.draw().randint(2**31) ^ salt)
    total = None
    for t in (t for t in tensors if _is_floating(t)):
        shape = tuple(t.shape)
        size = np.asarray(draw.randint(64, 257, shape)) / 256
        w = np.asarray(size * (1 - 2 * draw.randint(0, 2, shape)), t.dtype.name)
        part = tf.cast(tf.reduce_sum(t * tf.constant(w)), "float64")
        total = part if total is None else total + part
    return total


def _is_floating(value: Any) -> bool:
    return hasattr(value, "shape") and np.dtype(value.dtype.name).kind == "f"


def _array(tensor: Any) -> np.ndarray:
    return tensor.numpy() if hasattr(tensor, "numpy") else np.asarray(tensor)


def measure(tf: Any, case: Case, order: int) -> Measured:
    """Values, and derivatives up to `order` of a weighted sum of them, in eager mode."""
    arrays = inputs_of(case)
    tensors = [tf.constant(a) for a in arrays]
    if order == 0 or not differentiated(case, arrays):
        return Measured([_array(t) for t in call(tf, case, tensors)])
    wanted = [tensors[i] for i in differentiated(case, arrays)]
    with tf.GradientTape() as outer:
        outer.watch(wanted)
        with tf.GradientTape() as inner:
            inner.watch(wanted)
            outputs = call(tf, case, tensors)
            loss = weighted_sum(tf, case, outputs, salt=1)
        if loss is None:
            return Measured([_array(t) for t in outputs])
        grads = [_dense(tf, g) for g in inner.gradient(loss, wanted)]
        if order == 2:
            slope = weighted_sum(tf, case, [g for g in grads if g is not None], salt=2)
    result = Measured([_array(t) for t in outputs], _arrays(grads))
    if order == 2:
        hvps = [None] * len(wanted) if slope is None else outer.gradient(slope, wanted)
        result.hvps = _arrays([_dense(tf, h) for h in hvps])
    return result


def measure_in_function(tf: Any, case: Case) -> Measured:
    """Values only, computed by a traced graph."""
    tensors = [tf.constant(a) for a in inputs_of(case)]
    traced = tf.function(lambda *tensors: call(tf, case, tensors))
    return Measured([_array(t) for t in traced(*tensors)])


def _dense(tf: Any, grad: Any) -> Any:
    """A gradient as a Tensor, where a framework answers with indexed slices."""
    return None if grad is None else tf.convert_to_tensor(grad)


def _arrays(tensors: list) -> Arrays:
    return [None if t is None else _array(t) for t in tensors]


def _rebuild_svd(tf: Any, result: Any) -> Any:
    s, u, v = result
    return s, tf.matmul(u * s[..., None, :], v, transpose_b=True), u * u, v * v


def _rebuild_eigh(tf: Any, result: Any) -> Any:
    w, v = result
    return w, tf.matmul(v * w[..., None, :], v, transpose_b=True), v * v


def _rebuild_qr(tf: Any, result: Any) -> Any:
    q, r = result
    return tf.matmul(q, r), q * q, r * r


POST: dict[str, Callable[[Any, Any], Any]] = {
    "": lambda tf, result: result,
    "svd": _rebuild_svd,
    "eigh": _rebuild_eigh,
    "qr": _rebuild_qr,
}
