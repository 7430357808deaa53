"""Lists of tensors inside one tensor.

A loop keeps its history, and a `TensorArray` its elements, in a tensor of dtype `variant`: an
array of Python objects, each of them an array. Copying such a list copies references, not the
elements, so a loop that appends to a list stays cheap, and the elements may differ in shape. A
place where nothing has been written holds the number 0. So sums of lists, which backprop makes,
are NumPy's sums of arrays of objects: 0 + array is that array.

Like all tensors, lists are never changed: each op returns a new one.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np

from minitf.dtypes import variant
from minitf.errors import FailedPreconditionError, OutOfRangeError, ShapeError
from minitf.graph.op import AnyTensor, IntTensor, Raw, op
from minitf.graph.spec import TensorSpec

ANY_LENGTH = TensorSpec((None,), variant)


def list_of(values: Iterable[Any]) -> Any:
    """Return arrays as one list: an array of objects."""
    values = list(values)
    items = np.empty(len(values), object)
    for i, value in enumerate(values):
        items[i] = _element(value)
    return items


def _element(value: Any) -> Any:
    # An array without dimensions is kept as a NumPy scalar: assigned to an array of objects it
    # could turn into a Python number, and lose its dtype.
    return value[()] if value.ndim == 0 else value


def _is_nothing(element: Any) -> bool:
    return type(element) is int


def _copy_with(items: Any, index: Any, element: Any) -> Any:
    result = items.copy()
    result[index] = element
    return result


def _check_index(items: Any, index: Any) -> None:
    if not 0 <= index < len(items):
        raise OutOfRangeError(f"index {int(index)} of a list of {len(items)} element(s)")


@op(differentiable=False)
def list_reserve(size: int):
    """Return a list of `size` places in which nothing is written yet.

    Parameters
    ----------
    size : int
        Number of places.

    Returns
    -------
    Tensor
        Of shape (size,) and dtype variant.

    Examples
    --------
    >>> from minitf.ops.lists import list_reserve
    >>> list_reserve(3).shape
    (3,)
    """
    return TensorSpec((size,), variant)


@list_reserve.kernel("numpy")
def _(*, size):
    return np.zeros(size, object)


@op(view=True)
def list_write(items: AnyTensor, value: AnyTensor, index: IntTensor, grow: bool):
    """Return a list in which one element is replaced.

    Parameters
    ----------
    items : Tensor
        A list of n elements.
    value : Tensor
        The new element.
    index : Tensor
        Its place; of shape ().
    grow : bool
        Whether a place behind the end makes the list longer, rather than being an error.

    Returns
    -------
    Tensor

    Examples
    --------
    >>> from minitf.ops.lists import list_reserve, list_write
    >>> list_write(list_reserve(1), 5.0, 2, True).shape
    (3,)
    """
    return ANY_LENGTH if grow else items


@list_write.kernel("numpy")
def _(items, value, index, *, grow):
    if grow and index >= len(items):
        items = np.concatenate([items, np.zeros(index + 1 - len(items), object)])
    _check_index(items, index)
    return _copy_with(items, index, _element(value))


@list_write.gradient
def _(node, dy):
    items, value, index = node.inputs
    return list_clear(dy, index, items), list_read_like(dy, index, value), None


@op(view=True)
def list_read(items: AnyTensor, index: IntTensor, spec: Raw):
    """Return one element of a list.

    Parameters
    ----------
    items : Tensor
        A list of n elements.
    index : Tensor
        Its place; of shape ().
    spec : TensorSpec
        What the element is.

    Returns
    -------
    Tensor

    Examples
    --------
    >>> import minitf as tf
    >>> from minitf.ops.lists import list_read, list_unstack
    >>> list_read(list_unstack([5, 6, 7]), 1, tf.TensorSpec([], tf.int32)).numpy()
    np.int32(6)
    """
    return spec


@list_read.kernel("numpy")
def _(items, index, *, spec):
    _check_index(items, index)
    if _is_nothing(items[index]):
        raise FailedPreconditionError(f"nothing has been written at index {int(index)}")
    return np.asarray(items[index])


@list_read.gradient
def _(node, dy):
    items, index = node.inputs
    return list_only(items, dy, index), None


@op(view=True)
def list_read_like(items: AnyTensor, index: IntTensor, like: AnyTensor):
    """Return one element of a list of gradients: zeros where there is none.

    Parameters
    ----------
    items : Tensor
        A list of n elements.
    index : Tensor
        Its place; of shape ().
    like : Tensor
        Of the shape and dtype of the element.

    Returns
    -------
    Tensor

    Examples
    --------
    >>> from minitf.ops.lists import list_read_like, list_reserve
    >>> list_read_like(list_reserve(3), 1, [5.0, 6.0]).numpy().tolist()
    [0.0, 0.0]
    """
    return TensorSpec(like.shape, like.dtype)


@list_read_like.kernel("numpy")
def _(items, index, like):
    return np.zeros_like(like) if _is_nothing(items[index]) else np.asarray(items[index])


@list_read_like.gradient
def _(node, dy):
    items, index, _ = node.inputs
    return list_only(items, dy, index), None, None


@op(view=True)
def list_only(items: AnyTensor, value: AnyTensor, index: IntTensor):
    """Return a list as long as `items` in which nothing is written but one element.

    Parameters
    ----------
    items : Tensor
        Only its length matters.
    value : Tensor
        The element.
    index : Tensor
        Its place; of shape ().

    Returns
    -------
    Tensor

    Examples
    --------
    >>> from minitf.ops.lists import list_only, list_reserve
    >>> [float(x) for x in list_only(list_reserve(3), 5.0, 1).numpy()]
    [0.0, 5.0, 0.0]
    """
    return items


@list_only.kernel("numpy")
def _(items, value, index):
    return _copy_with(np.zeros(len(items), object), index, _element(value))


@list_only.gradient
def _(node, dy):
    _, value, index = node.inputs
    return None, list_read_like(dy, index, value), None


@op(view=True)
def list_clear(items: AnyTensor, index: IntTensor, like: AnyTensor):
    """Return a list, as long as `like`, without one of its elements.

    Parameters
    ----------
    items : Tensor
        A list.
    index : Tensor
        The place where nothing shall be left; of shape ().
    like : Tensor
        Another list, of which only the length matters.

    Returns
    -------
    Tensor

    Examples
    --------
    >>> from minitf.ops.lists import list_clear, list_reserve, list_unstack
    >>> [int(x) for x in list_clear(list_unstack([5, 6, 7]), 1, list_reserve(4)).numpy()]
    [5, 0, 7, 0]
    """
    return TensorSpec(like.shape, variant)


@list_clear.kernel("numpy")
def _(items, index, like):
    result = _resized(items, len(like))
    result[index : index + 1] = 0
    return result


@list_clear.gradient
def _(node, dy):
    items, index, _ = node.inputs
    return list_clear(dy, index, items), None, None


@op(view=True)
def list_resize(items: AnyTensor, like: AnyTensor):
    """Return a list as long as another: cut short, or with nothing at its end.

    Parameters
    ----------
    items : Tensor
        A list.
    like : Tensor
        Another list, of which only the length matters.

    Returns
    -------
    Tensor

    Examples
    --------
    >>> from minitf.ops.lists import list_reserve, list_resize, list_unstack
    >>> [int(x) for x in list_resize(list_unstack([5, 6, 7]), list_reserve(2)).numpy()]
    [5, 6]
    """
    return TensorSpec(like.shape, variant)


@list_resize.kernel("numpy")
def _(items, like):
    return _resized(items, len(like))


def _resized(items: Any, length: int) -> Any:
    result = np.zeros(length, object)
    result[: len(items)] = items[:length]
    return result


@list_resize.gradient
def _(node, dy):
    return list_resize(dy, node.inputs[0]), None


@op
def list_stack(items: AnyTensor, spec: Raw):
    """Return the elements of a list as one tensor, along a new first axis.

    Parameters
    ----------
    items : Tensor
        A list of n elements of one shape.
    spec : TensorSpec
        What an element is.

    Returns
    -------
    Tensor
        Shape (n, ...).

    Examples
    --------
    >>> import minitf as tf
    >>> from minitf.ops.lists import list_stack, list_unstack
    >>> list_stack(list_unstack([[5, 6], [7, 8]]), tf.TensorSpec([2], tf.int32)).numpy().tolist()
    [[5, 6], [7, 8]]
    """
    return TensorSpec((items.shape[0], *spec.shape), spec.dtype)


@list_stack.kernel("numpy")
def _(items, *, spec):
    missing = [i for i, element in enumerate(items) if _is_nothing(element)]
    if missing:
        raise FailedPreconditionError(f"nothing has been written at index {missing[0]}")
    if not len(items):
        return np.zeros((0, *(n or 0 for n in spec.shape)), spec.dtype.numpy)
    if len({element.shape for element in items}) > 1:
        shapes = " and ".join(map(str, sorted({element.shape for element in items})))
        raise ShapeError(f"the elements have different shapes: {shapes}")
    return np.stack(list(items))


@list_stack.gradient
def _(node, dy):
    return list_unstack(dy)


@op
def list_stack_like(items: AnyTensor, like: AnyTensor):
    """Return a list of gradients as one tensor: zeros where there is none.

    Parameters
    ----------
    items : Tensor
        A list of n elements.
    like : Tensor
        Of the shape and dtype of the result.

    Returns
    -------
    Tensor
        Shape (n, ...).

    Examples
    --------
    >>> from minitf.ops.lists import list_reserve, list_stack_like
    >>> list_stack_like(list_reserve(2), [5.0, 6.0]).numpy().tolist()
    [0.0, 0.0]
    """
    return TensorSpec(like.shape, like.dtype)


@list_stack_like.kernel("numpy")
def _(items, like):
    result = np.zeros_like(like)
    for i, element in enumerate(items):
        result[i] = element
    return result


@list_stack_like.gradient
def _(node, dy):
    return list_unstack(dy), None


@op(view=True)
def list_unstack(value: AnyTensor):
    """Return the rows of a tensor as a list.

    Parameters
    ----------
    value : Tensor
        Shape (n, ...).

    Returns
    -------
    Tensor
        A list of n elements.

    Examples
    --------
    >>> from minitf.ops.lists import list_unstack
    >>> list_unstack([[5, 6], [7, 8], [9, 10]]).shape
    (3,)
    """
    if not value.shape:
        raise ShapeError("a tensor without dimensions has no rows")
    return TensorSpec((value.shape[0],), variant)


@list_unstack.kernel("numpy")
def _(value):
    return list_of(value)


@list_unstack.gradient
def _(node, dy):
    return list_stack_like(dy, node.inputs[0])
