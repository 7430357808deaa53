"""Nested structures: lists, tuples, named tuples and dicts that hold tensors as leaves.

A composite, such as a ragged tensor, is a structure too: its leaves are its components.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from minitf.errors import InvalidArgumentError, UsageError
from minitf.graph.composite import Composite


def is_nested(value: Any) -> bool:
    """Return whether a value is a container rather than a leaf."""
    return isinstance(value, (list, tuple, Mapping, Composite)) and not hasattr(value, "as_list")


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
        is_composite = isinstance(structure, Composite)
        for item in structure.components() if is_composite else structure:
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
    if isinstance(structure, Composite):
        return structure.with_components([_next(rest) for _ in structure.components()])
    if is_nested(structure):
        return type(structure)([_pack(item, rest) for item in structure])
    return _next(rest)


def _next(rest: Iterator[Any]) -> Any:
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


def assert_same_structure(
    nest1: Any, nest2: Any, check_types: bool = True, expand_composites: bool = False
) -> None:
    """Stop unless two structures are of one form.

    Parameters
    ----------
    nest1, nest2 : object
        Nested structures, or leaves.
    check_types : bool
        Whether a list differs from a tuple.
    expand_composites : bool
        Accepted as in TensorFlow.

    Raises
    ------
    InvalidArgumentError
        Where they differ in depth, length or keys; a UsageError where only in type.

    Examples
    --------
    >>> import minitf as tf
    >>> tf.nest.assert_same_structure({"a": [1, 2]}, {"a": [3, 4]})
    """
    if is_nested(nest1) != is_nested(nest2):
        raise InvalidArgumentError(f"structures differ: {nest1!r} and {nest2!r}")
    if not is_nested(nest1) or isinstance(nest1, Composite):
        return
    if isinstance(nest1, Mapping) != isinstance(nest2, Mapping) or (
        check_types and not isinstance(nest1, Mapping) and type(nest1) is not type(nest2)
    ):
        raise UsageError(f"structures differ in type: {nest1!r} and {nest2!r}")
    if isinstance(nest1, Mapping):
        if set(nest1) != set(nest2):
            raise InvalidArgumentError(f"structures differ in keys: {nest1!r} and {nest2!r}")
        pairs = [(nest1[key], nest2[key]) for key in nest1]
    elif len(nest1) != len(nest2):
        raise InvalidArgumentError(f"structures differ in length: {nest1!r} and {nest2!r}")
    else:
        pairs = list(zip(nest1, nest2, strict=True))
    for part1, part2 in pairs:
        assert_same_structure(part1, part2, check_types)
