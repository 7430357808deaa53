"""What branches become: Python's choice, or an operation that chooses when the graph runs."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from minitf.autograph.state import NOTHING, Nothing, State, Unbound, is_unbound
from minitf.graph.convert import as_tensor
from minitf.graph.nest import flatten, pack_like
from minitf.graph.tensor import Tensor
from minitf.ops.checks import assert_true
from minitf.ops.cond import choose, cond
from minitf.ops.filling import zeros
from minitf.ops.logic import logical_not
from minitf.ops.subgraph import form
from minitf.ops.tensor_array import TensorArray

NUMBERS = (bool, int, float, complex, np.ndarray, np.generic)
Block = Callable[[], Any]


def symbol(value: Any) -> Tensor | None:
    """Return a value as the edge of a graph that it is; None where its value is known now."""
    if isinstance(value, Tensor):
        return value if value.operation is not None else None
    if hasattr(type(value), "graph_tensor"):
        return symbol(as_tensor(value))
    return None


def is_value(value: Any) -> bool:
    """Return whether something can be an edge of a graph, or is made of what can."""
    leaves = flatten(value)
    return bool(leaves) and all(isinstance(v, (Tensor, TensorArray, *NUMBERS)) for v in leaves)


# -- if -----------------------------------------------------------------------------------------


def if_(test: Any, then: Block, otherwise: Block, state: State) -> None:
    """Run one of two blocks: now, or when the graph runs.

    In a graph both are traced, each from the same state; the operation returns what differs.
    """
    pred = symbol(test)
    if pred is None:
        then() if test else otherwise()
        return
    before = state.get()
    ends: list[Any] = []

    def ending(block: Block) -> Block:
        def run() -> tuple[Any, ...]:
            state.put(before)
            block()
            return state.get()

        return run

    def agree(values: Sequence[Any]) -> Sequence[Any]:
        ends[:] = [_same(name, *both) for name, *both in zip(state.names, *values, strict=True)]
        return [[pair[i] for pair in ends if isinstance(pair, tuple)] for i in range(2)]

    found = iter(choose(pred, {"if": ending(then), "else": ending(otherwise)}, agree))
    state.put(tuple(next(found) if isinstance(end, tuple) else end.value for end in ends))


class _Known:
    """A value that is the same on both sides, or that is on one side only."""

    def __init__(self, value: Any):
        self.value = value


def _same(name: str, a: Any, b: Any) -> tuple[Any, Any] | _Known:
    """Return a value of both sides as edges of one form; or what it is without an operation."""
    if a is b or (type(a) is type(b) and isinstance(a, (bool, int, float, str)) and a == b):
        return _Known(a)
    if is_value(a) and is_value(b):
        return _alike(name, a, b)
    for there, other in ((a, b), (b, a)):
        if isinstance(other, Nothing) and is_value(there):  # a flag tells that nobody reads it
            zero = pack_like(there, [blank(leaf) for leaf in flatten(there)])
            return (there, zero) if there is a else (zero, there)
    return _Known(_unlike(name, a, b))


def _alike(name: str, a: Any, b: Any) -> tuple[Any, Any] | _Known:
    if form(a) != form(b):
        return _Known(_unlike(name, a, b))
    leaves = [_of_one_dtype(*pair) for pair in zip(flatten(a), flatten(b), strict=True)]
    first, second = zip(*leaves, strict=True)
    return pack_like(a, first), pack_like(b, second)


def _unlike(name: str, a: Any, b: Any) -> Unbound:
    """Return the value of a name that a graph cannot give one: to use it is an error."""
    what = ["unbound" if is_unbound(v) else _shown(v) for v in (a, b)]
    return Unbound(name, f"is {what[0]} after the if, {what[1]} after the else; a Tensor chooses "
                   "between them, so both must be tensors of one form")  # fmt: skip


def _of_one_dtype(a: Any, b: Any) -> tuple[Any, Any]:
    """Return two values as tensors; a number of the program takes the other's dtype."""
    if isinstance(a, TensorArray) or isinstance(b, TensorArray):
        return a, b
    if isinstance(a, Tensor):
        return a, as_tensor(b, hint=a.dtype)
    return (
        (as_tensor(a, hint=b.dtype), b) if isinstance(b, Tensor) else (as_tensor(a), as_tensor(b))
    )


def blank(value: Any) -> Tensor:
    """Return zeros of the form of a value, which nobody reads."""
    tensor = as_tensor(value)
    return zeros([n or 0 for n in tensor.shape], tensor.dtype)


def _shown(value: Any) -> str:
    return f"a {type(value).__name__}" if not isinstance(value, (str, type(None))) else repr(value)


# -- expressions --------------------------------------------------------------------------------


def if_exp(test: Any, then: Block, otherwise: Block) -> Any:
    """Return what one of two expressions gives."""
    pred = symbol(test)
    if pred is None:
        return then() if test else otherwise()
    return cond(pred, then, otherwise)


def and_(first: Any, *others: Block) -> Any:
    """Return whether all hold, without looking at those after one that does not."""
    for other in others:
        pred = symbol(first)
        if pred is not None:
            first = _chosen(pred, other, pred)
        elif first:
            first = other()
        else:
            return first
    return first


def or_(first: Any, *others: Block) -> Any:
    """Return whether one holds, without looking at those after it."""
    for other in others:
        pred = symbol(first)
        if pred is not None:
            first = _chosen(pred, pred, other)
        elif not first:
            first = other()
        else:
            return first
    return first


def _chosen(pred: Tensor, then: Any, otherwise: Any) -> Any:
    sides = [lambda s=s: as_tensor(s() if callable(s) else s) for s in (then, otherwise)]
    return cond(pred, *sides)  # type: ignore[arg-type]


def not_(value: Any) -> Any:
    """Return whether something does not hold."""
    pred = symbol(value)
    return (not value) if pred is None else logical_not(pred)


def assert_(test: Any, message: Block) -> None:
    """Fail where something does not hold: now, or when the graph runs."""
    pred = symbol(test)
    if pred is not None:
        assert_true(pred, str(message()), pred)
    elif not test:
        raise AssertionError(message())


def returned(done: Any, result: Any) -> Any:
    """Return the result of a function; a way through it may have had no `return`."""
    if symbol(done) is not None:
        return Unbound("the function", "returns on some of its ways only: a Tensor chooses between "
                       "them, so every one needs a return")._refuse()  # fmt: skip
    return None if result is NOTHING else result
