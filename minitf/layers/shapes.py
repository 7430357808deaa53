"""Shapes of what layers get and return, as plain tuples in the structure of the tensors."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from minitf.graph.composite import Composite
from minitf.graph.nest import flatten, pack_like
from minitf.graph.tensor import Tensor


def given_input_shape(kwargs: dict[str, Any]) -> tuple[Any, ...] | None:
    """Return the input shape, with its batch axis, that a first layer was given."""
    batch = kwargs.pop("batch_size", None)
    whole = kwargs.pop("batch_input_shape", kwargs.pop("batch_shape", None))
    shape = kwargs.pop("input_shape", None)
    size = kwargs.pop("input_dim", None)
    length = kwargs.pop("input_length", None)
    if whole is not None:
        return tuple(whole)
    if shape is not None:
        return (batch, *((shape,) if isinstance(shape, int) else shape))
    if size is not None:
        return (batch, size) if length is None else (batch, length, size)
    return None


def shapes_of(value: Any) -> Any:
    """Return the shapes of tensors as plain tuples, in their structure; None where none is one."""
    if isinstance(value, Composite):
        return tuple(value.shape)  # of the whole, not of what it is made of
    leaves = flatten(value)
    if not any(isinstance(leaf, Tensor) for leaf in leaves):
        return None
    shapes = [_Shape(leaf.shape) if isinstance(leaf, Tensor) else None for leaf in leaves]
    packed = pack_like(value, shapes)
    return _unwrapped(packed)


class _Shape:
    """A shape that is a leaf: `pack_like` does not look into it."""

    def __init__(self, shape: Any):
        self.sizes = tuple(shape)


def _unwrapped(value: Any) -> Any:
    if isinstance(value, _Shape):
        return value.sizes
    if isinstance(value, Mapping):
        return {k: _unwrapped(v) for k, v in value.items()}
    if isinstance(value, (list, tuple)):
        return type(value)([_unwrapped(v) for v in value])
    return value


def as_shape(value: Any) -> Any:
    """Return a shape, or structure of shapes, from JSON: the innermost lists are shapes."""
    if isinstance(value, Mapping):
        return {k: as_shape(v) for k, v in value.items()}
    if isinstance(value, (int, np.integer)):
        return (int(value),)
    if isinstance(value, (list, tuple)):
        if all(v is None or isinstance(v, (int, np.integer)) for v in value):
            return tuple(value)
        return [as_shape(v) for v in value]
    return value
