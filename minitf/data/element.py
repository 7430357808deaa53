"""Elements: nested tuples and dicts, with arrays as leaves.

Between two transformations an element travels as NumPy arrays; functions that a user gives, and the
loop at the end, see Tensors. A list is no structure but a tensor written down, as in TensorFlow. A
leaf can also be a dataset: `window` makes such elements.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from itertools import starmap
from typing import Any

import numpy as np

from minitf.data.rows import (
    Row,
    RowSpec,
    as_leaf,
    joined,
    rows_of,
    spec_of_composite,
    spec_with_axis,
    spec_without_axis,
)
from minitf.errors import Error, InvalidArgumentError, ShapeError
from minitf.graph.composite import Composite
from minitf.graph.convert import as_tensor
from minitf.graph.device import HOST
from minitf.graph.spec import TensorShape, TensorSpec
from minitf.graph.tensor import Tensor, eager_tensor

Array = np.ndarray[Any, Any]
Element = Any  # an array, a dataset, or a tuple or dict of Elements


def map_leaves(function: Callable[..., Any], *elements: Any) -> Any:
    """Apply a function to the leaves of one element, or to those of several side by side."""
    first = elements[0]
    if len(elements) > 1 and isinstance(first, (tuple, dict)):
        _check_alike(first, elements)
    if isinstance(first, tuple):
        parts = [map_leaves(function, *column) for column in zip(*elements, strict=True)]
        return type(first)(*parts) if hasattr(first, "_fields") else tuple(parts)
    if isinstance(first, dict):
        return {key: map_leaves(function, *[e[key] for e in elements]) for key in first}
    return function(*elements)


def _check_alike(first: Any, elements: Iterable[Any]) -> None:
    for element in elements:
        if type(element) is not type(first) or len(element) != len(first):
            raise TypeError(f"{first!r} and {element!r} are not alike")


def leaves(element: Any) -> list[Any]:
    """Return the leaves of an element, in order."""
    found: list[Any] = []
    map_leaves(found.append, element)
    return found


def side_by_side(structure: Any, iterate: Callable[[Any], Iterator[Any]]) -> Iterator[Element]:
    """Yield elements of one structure, each leaf from an iterator of its own; the shortest ends."""
    if isinstance(structure, tuple):
        parts = [side_by_side(part, iterate) for part in structure]
        together = zip(*parts, strict=False)
        return starmap(type(structure), together) if hasattr(structure, "_fields") else together
    if isinstance(structure, dict):
        values = side_by_side(tuple(structure.values()), iterate)
        return (dict(zip(structure, found, strict=True)) for found in values)
    return iterate(structure)


def rows(array: Any) -> Iterator[Any]:
    """Yield the entries of the first axis, as arrays even where they are single numbers."""
    if isinstance(array, Composite):
        return rows_of(array)
    return (array[i, ...] for i in range(len(array)))


def is_dataset(leaf: Any) -> bool:
    """Return whether a leaf stands for many elements."""
    return hasattr(type(leaf), "element_spec")


def as_element(value: Any) -> Element:
    """Return what a user gave, Tensors and Python's numbers included, as an element."""
    return map_leaves(to_array, value)


def to_array(leaf: Any) -> Any:
    """Return a leaf as an array; numbers become what `tf.constant` makes of them."""
    tensor = leaf
    if type(leaf) is not Tensor:
        if is_dataset(leaf):
            return leaf
        if isinstance(leaf, Composite):
            return as_leaf(leaf)
        tensor = as_tensor(leaf)
    here = tensor.place is HOST and tensor.operation is None
    return tensor.array if here else np.asarray(tensor)


def to_tensors(element: Element) -> Any:
    """Return an element as users see it."""
    return map_leaves(to_tensor, element)


def to_tensor(leaf: Any) -> Any:
    """Return a leaf as a Tensor."""
    return eager_tensor(leaf) if isinstance(leaf, np.ndarray) else leaf


def stack(elements: list[Element], combine: Callable[..., Any]) -> Element:
    """Return one element in place of several, each leaf made by `combine(*leaves)`."""
    try:
        return map_leaves(combine, *elements)
    except Error:
        raise
    except (KeyError, TypeError, AttributeError) as error:
        shown = {str(spec_of(e)): None for e in elements}
        raise InvalidArgumentError(
            f"the elements differ in structure: {' and '.join(list(shown)[:2])}"
        ) from error


def stack_arrays(*arrays: Any) -> Any:
    """Return arrays of one shape as one array, with a new first axis."""
    first = arrays[0]
    if is_dataset(first):
        raise InvalidArgumentError("an element is a dataset: write flat_map(lambda w: w.batch(n))")
    if isinstance(first, (Composite, Row)):
        return joined(arrays)
    whole = np.empty((len(arrays), *first.shape), first.dtype)
    for i, array in enumerate(arrays):
        if array.shape != first.shape or array.dtype != first.dtype:
            raise InvalidArgumentError(
                f"the elements of a batch must be alike: number 0 is {first.dtype} {first.shape}, "
                f"number {i} is {array.dtype} {array.shape}; padded_batch evens out sizes"
            )
        whole[i, ...] = array
    return whole


def spread_over(form: Any, given: Any) -> Any:
    """Return what is given for each leaf of a structure: in the same structure, or for all."""
    if isinstance(form, tuple):
        alone = isinstance(given, TensorShape) or not isinstance(given, (tuple, list))
        each = [given] * len(form) if alone else given
        if len(each) != len(form):
            raise InvalidArgumentError(f"{given} does not fit elements of {len(form)} parts")
        parts = [spread_over(f, g) for f, g in zip(form, each, strict=True)]
        return type(form)(*parts) if hasattr(form, "_fields") else tuple(parts)
    if isinstance(form, dict):
        alone = not isinstance(given, dict)
        return {k: spread_over(f, given if alone else given[k]) for k, f in form.items()}
    return given


def check_lengths(element: Element) -> int:
    """Return the size of the first axis, which all leaves must have in common."""
    shapes: list[tuple[int, ...]] = [getattr(leaf, "shape", ()) for leaf in leaves(element)]
    sizes = {shape[:1] for shape in shapes}
    if len(sizes) != 1 or () in sizes:
        raise ShapeError(f"tensors must have one first size, got shapes {shapes}")
    return int(shapes[0][0])


# -- specs ------------------------------------------------------------------------------------


class DatasetSpec:
    """What is known of a dataset that is a leaf of an element.

    Parameters
    ----------
    element_spec : nested structure of TensorSpec
        Describes the elements.

    Examples
    --------
    >>> import minitf as tf
    >>> tf.data.Dataset.range(9).window(3).element_spec
    DatasetSpec(TensorSpec(shape=(), dtype=tf.int64))
    """

    def __init__(self, element_spec: Any):
        self.element_spec = element_spec

    def __eq__(self, other: object) -> bool:
        return isinstance(other, DatasetSpec) and self.element_spec == other.element_spec

    def __hash__(self) -> int:
        return hash(str(self))

    def __repr__(self) -> str:
        return f"DatasetSpec({self.element_spec!r})"


def spec_of(element: Any) -> Any:
    """Return the specs of an element of arrays or Tensors."""
    return map_leaves(leaf_spec, element)


def leaf_spec(leaf: Any) -> Any:
    """Return the spec of one leaf."""
    if is_dataset(leaf):
        return DatasetSpec(leaf.element_spec)
    if isinstance(leaf, Composite):
        return spec_of_composite(leaf)
    if isinstance(leaf, np.ndarray):
        return eager_tensor(leaf).spec
    return as_tensor(leaf).spec


def with_axis(spec: Any, size: int | None) -> Any:
    """Return specs with a new first axis."""

    def extend(leaf: Any) -> Any:
        if isinstance(leaf, (Composite, RowSpec)):
            return spec_with_axis(leaf, size)
        return TensorSpec((size, *leaf.shape), leaf.dtype)

    return map_leaves(extend, spec)


def without_axis(spec: Any) -> Any:
    """Return specs without their first axis."""

    def shorten(leaf: Any) -> Any:
        if isinstance(leaf, Composite):
            return spec_without_axis(leaf)
        return TensorSpec(leaf.shape[1:], leaf.dtype)

    return map_leaves(shorten, spec)
