"""Nested structures: lists, tuples, named tuples and dicts that hold tensors as leaves."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from minitf.errors import InvalidArgumentError


def is_nested(value: Any) -> bool:
    """Return whether a value is a container rather than a leaf."""
    return isinstance(value, (list, tuple, Mapping)) and not hasattr(value, "as_list")


def flatten(structure: Any) -> list[Any]:
    """Return the leaves, in order; the entries of a dict in the order of its sorted keys.

    Examples
    --------
    >>> import minitf as tf
    >>> tf.nest.flatten({"b": 3, "a": [1, (2,)]})
    [1, 2, 3]
    """
    return list(_leaves(structure))


def _leaves(structure: Any) -> Iterator[Any]:
    if isinstance(structure, Mapping):
        for key in _keys(structure):
            yield from _leaves(structure[key])
    elif is_nested(structure):
        for item in structure:
            yield from _leaves(item)
    else:
        yield structure


def _keys(mapping: Mapping[Any, Any]) -> list[Any]:
    if any(hasattr(key, "get_shape") for key in mapping):
        return list(mapping)  # Tensors and Variables: to compare them would be an operation
    try:
        return sorted(mapping)
    except TypeError:  # keys of several types, such as Tensors and names: in their own order
        return list(mapping)


def pack_like(structure: Any, leaves: Iterable[Any]) -> Any:
    """Return a structure of the same form with other leaves.

    Examples
    --------
    >>> import minitf as tf
    >>> tf.nest.pack_sequence_as({"a": 0, "b": (0, 0)}, [1, 2, 3])
    {'a': 1, 'b': (2, 3)}
    """
    rest = iter(leaves)
    packed = _pack(structure, rest)
    if next(rest, rest) is not rest:
        raise InvalidArgumentError("there are more leaves than the structure has places")
    return packed


def _pack(structure: Any, rest: Iterator[Any]) -> Any:
    if isinstance(structure, Mapping):
        found = {key: _pack(structure[key], rest) for key in _keys(structure)}
        packed = {key: found[key] for key in structure}
        if isinstance(structure, defaultdict):
            return defaultdict(structure.default_factory, packed)
        return type(structure)(packed)  # type: ignore[call-arg]
    if isinstance(structure, tuple) and hasattr(structure, "_fields"):
        return type(structure)(*[_pack(item, rest) for item in structure])
    if is_nested(structure):
        return type(structure)([_pack(item, rest) for item in structure])
    try:
        return next(rest)
    except StopIteration:
        raise InvalidArgumentError("there are fewer leaves than the structure has places") from None


def map_structure(function: Callable[..., Any], *structures: Any) -> Any:
    """Apply a function to the leaves of structures of one form.

    Examples
    --------
    >>> import minitf as tf
    >>> tf.nest.map_structure(lambda x, y: x + y, {"a": 1}, {"a": 10})
    {'a': 11}
    """
    flat = [flatten(s) for s in structures]
    if len({len(leaves) for leaves in flat}) > 1:
        raise InvalidArgumentError(f"structures differ: {[len(f) for f in flat]} leaves")
    return pack_like(structures[0], [function(*leaves) for leaves in zip(*flat, strict=True)])
