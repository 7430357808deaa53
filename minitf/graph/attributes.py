"""Attributes of operations: their normal form, and numbers that only a run will know."""

from __future__ import annotations

from typing import Any

import numpy as np

from minitf.dtypes import as_dtype
from minitf.errors import ShapeError
from minitf.graph.context import context
from minitf.graph.convert import plain
from minitf.graph.operation import Deferred
from minitf.graph.registry import OPS
from minitf.graph.static import static_value
from minitf.graph.tensor import Tensor


def attribute(kind: str, value: Any) -> Any:
    """Return an attribute in its normal form: hashable, with Python's own numbers."""
    if kind in ("Raw", "Variable"):
        return value
    if kind.startswith("DType"):
        return as_dtype(value)
    if kind.startswith("Shape"):
        return _sizes(plain((value,) if isinstance(value, (int, np.integer)) else value))
    return plain(value)


def _sizes(shape: Any) -> Any:
    """Return a shape, after checking that it leaves no size open: None is not a size."""
    if type(shape) is tuple and any(size is None for size in shape):
        raise ShapeError(f"the shape {shape} has an unknown size; take it from tf.shape(x)")
    return shape


def defer(value: Any, held: list[Tensor]) -> Any:
    """Replace Tensors inside an attribute by `Deferred`, appending them to the inputs."""
    if isinstance(value, Tensor):
        value = context.graph.capture(value)  # type: ignore[union-attr]
        if value.shape:
            parts = OPS["unstack"](value, value.shape[0], 0) if value.shape[0] != 0 else []
            return tuple(defer(p, held) for p in (parts if isinstance(parts, list) else [parts]))
        held.append(value)
        return Deferred(len(held) - 1)
    if type(value) is tuple:
        return tuple(defer(v, held) for v in value)
    return value


def resolve(value: Any, held: list[Tensor]) -> Any:
    """Replace `Deferred` by the number where the graph already tells it, else by None."""
    if isinstance(value, Deferred):
        found = static_value(held[value.position])
        return None if found is None or found.item() is None else found.item()
    if type(value) is tuple:
        return tuple(resolve(v, held) for v in value)
    return value
