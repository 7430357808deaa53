"""`keras.ops`: conversion, control flow, and writing into tensors."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from minitf.autodiff.custom import custom_gradient
from minitf.errors import InvalidArgumentError
from minitf.graph.convert import as_tensor, is_tensor
from minitf.graph.nest import map_structure
from minitf.keras.ops.promotion import alike
from minitf.ops import cond as conditions
from minitf.ops import loop, mapping
from minitf.ops import math as arithmetic
from minitf.ops import scatter as scattering
from minitf.ops.array import known_shape
from minitf.ops.array import stack as _stack
from minitf.ops.filling import range as _range
from minitf.ops.gather import gather_nd, scatter_nd
from minitf.ops.index import slice_
from minitf.ops.mapping import vectorized_map
from minitf.ops.rearrange import meshgrid
from minitf.ops.rounding import clip_by_value, saturate_cast
from minitf.ops.source import stop_gradient, zeros_like

__all__ = [
    "cast", "cond", "convert_to_numpy", "convert_to_tensor", "custom_gradient", "dtype",
    "fori_loop", "is_tensor", "map", "saturate_cast", "scan", "scatter", "scatter_update",
    "shape", "slice", "slice_update", "stop_gradient", "switch", "vectorized_map", "while_loop"
]  # fmt: skip


# -- conversion -------------------------------------------------------------------------------


def convert_to_tensor(x: Any, dtype: Any = None, sparse: Any = None, ragged: Any = None) -> Any:
    """Return a value as a Tensor, converted to a type if need be."""
    found = as_tensor(x)
    return found if dtype is None else cast(found, dtype)


def convert_to_numpy(x: Any) -> Any:
    """Return a value as an array of its own."""
    return np.array(as_tensor(x))


def cast(x: Any, dtype: Any) -> Any:
    """Return a tensor of another element type."""
    return arithmetic.cast(x, dtype)


def dtype(x: Any) -> str:
    """Return the name of the element type."""
    return as_tensor(x).dtype.name


def shape(x: Any) -> tuple[Any, ...]:
    """Return the sizes of the axes: numbers, or Tensors where a graph does not know them yet."""
    x = as_tensor(x)
    found = known_shape(x)
    return tuple(found[i] if n is None else n for i, n in enumerate(x.shape))


# -- control flow -----------------------------------------------------------------------------


def cond(pred: Any, true_fn: Callable[[], Any], false_fn: Callable[[], Any]) -> Any:
    """Return what one of two functions returns."""
    return conditions.cond(pred, true_fn, false_fn)


def switch(index: Any, branches: Sequence[Callable[..., Any]], *operands: Any) -> Any:
    """Return what the function of that number makes of the operands."""
    calls = [lambda branch=branch: branch(*operands) for branch in branches]
    return conditions.switch_case(clip_by_value(as_tensor(index), 0, len(calls) - 1), calls)


def while_loop(cond: Callable[..., Any], body: Callable[..., Any], loop_vars: Any,
               maximum_iterations: int | None = None) -> Any:  # fmt: skip
    """Apply a function to variables while a condition holds, and return them."""
    several = isinstance(loop_vars, (tuple, list))
    start = tuple(loop_vars) if several else (loop_vars,)

    def step(*values: Any) -> Any:
        found = body(*values)
        return tuple(found) if several else (found,)

    found = loop.while_loop(cond, step, start, maximum_iterations=maximum_iterations)
    return found if several else found[0]


def fori_loop(lower: Any, upper: Any, body_fun: Callable[[Any, Any], Any], init_val: Any) -> Any:
    """Return what ``value = body_fun(i, value)`` makes of a value for i from lower to upper - 1."""
    return while_loop(
        lambda i, value: i < upper, lambda i, value: (i + 1, body_fun(i, value)), (lower, init_val)
    )[1]


def map(f: Callable[[Any], Any], xs: Any) -> Any:
    """Return what a function makes of every row."""
    return mapping.map_fn(f, xs)


def scan(f: Callable[[Any, Any], Any], init: Any, xs: Any = None, length: int | None = None,
         reverse: bool = False, unroll: int = 1) -> tuple[Any, Any]:  # fmt: skip
    """Go through rows with a state: ``state, y = f(state, row)``.

    Parameters
    ----------
    f : callable
        Returns the next state, and an output of the shape and type of the state.
    init : Tensor, or nested structure of Tensors
        First state.
    xs : Tensor, or nested structure of Tensors, optional
        Shapes (n, ...).
    length : int, optional
        How many steps, where there are no rows.
    reverse : bool
        Whether to begin with the last row.
    unroll : int
        Accepted as in Keras.

    Returns
    -------
    state, ys : nested structures of Tensors
        The last state, and the outputs, each with a first axis n.

    Examples
    --------
    >>> from minitf import keras
    >>> total, sums = keras.ops.scan(lambda c, x: (c + x, c + x), 0, keras.ops.array([1, 2, 3]))
    >>> int(total), sums.numpy().tolist()
    (6, [1, 3, 6])
    """
    if xs is None and length is None:
        raise InvalidArgumentError("scan: give either xs or length")
    rows = _range(length) if xs is None else map_structure(as_tensor, xs)
    state = map_structure(as_tensor, init)

    def step(before: Any, row: Any) -> Any:
        return tuple(f(before[0], None if xs is None else row))

    start = (state, map_structure(zeros_like, state))
    states, ys = mapping.scan(step, rows, start, reverse=reverse)
    return map_structure(lambda t: t[0 if reverse else -1], states), ys


# -- writing ----------------------------------------------------------------------------------


def scatter(indices: Any, values: Any, shape: Any) -> Any:
    """Return zeros, with values added at some places."""
    return scatter_nd(indices, values, shape)


def scatter_update(inputs: Any, indices: Any, updates: Any, reduction: str | None = None) -> Any:
    """Return a tensor with other values at some places.

    `reduction` says what becomes of the old value: None replaces it, "add", "max", "min" and "mul"
    combine the two.
    """
    inputs, updates = alike(inputs, updates)
    ways: dict[Any, Any] = {
        None: scattering.tensor_scatter_nd_update,
        "add": scattering.tensor_scatter_nd_add,
        "max": scattering.tensor_scatter_nd_max,
        "min": scattering.tensor_scatter_nd_min,
    }
    if reduction in ("mul", "multiply"):
        return scattering.tensor_scatter_nd_update(
            inputs, indices, gather_nd(inputs, indices) * updates
        )
    if reduction not in ways:
        raise InvalidArgumentError(f"scatter_update: reduction is None, 'add', 'max', 'min' or "
                                   f"'mul', got {reduction!r}")  # fmt: skip
    return ways[reduction](inputs, indices, updates)


def slice(inputs: Any, start_indices: Any, shape: Any) -> Any:
    """Return the block of a given shape that begins at a place."""
    return slice_(inputs, start_indices, shape)


def slice_update(inputs: Any, start_indices: Any, updates: Any) -> Any:
    """Return a tensor with a block, which begins at a place, replaced."""
    inputs, updates = alike(inputs, updates)
    starts = list(start_indices)
    axes = [_range(n) + start for n, start in zip(shape(updates), starts, strict=True)]
    if not axes:
        return updates
    places = _stack(meshgrid(*axes, indexing="ij"), -1)
    return scattering.tensor_scatter_nd_update(inputs, places, updates)
