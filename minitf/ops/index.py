"""Indexing: Python's square brackets, and slices.

What stands between the brackets becomes an attribute: a tuple with one entry per item, in a form
that is hashable and whose numbers a graph may compute.

======  ===========================================================================================
item    entry
======  ===========================================================================================
3       ``3``
1:9:2   ``(1, 9, 2)``
2:      ``(2, (), ())``; a bound left out is ``()``, because None means "not known yet"
None    ``"new"``
...     ``"..."``
======  ===========================================================================================
"""

from __future__ import annotations

import functools
import operator
from typing import Any

import numpy as np

from minitf.dtypes import as_dtype
from minitf.errors import (
    DTypeError,
    InvalidArgumentError,
    OutOfRangeError,
    ShapeError,
)
from minitf.graph.convert import as_tensor
from minitf.graph.nest import flatten
from minitf.graph.op import AnyTensor, Shape, Tensor, op
from minitf.graph.spec import Dim, TensorShape, TensorSpec
from minitf.ops.array import known_shape, unstack
from minitf.ops.composed import composed
from minitf.ops.partition import boolean_mask
from minitf.ops.shapes import check_compatible

Key = tuple[Any, ...]
OPEN: Key = ()
FULL = (OPEN, OPEN, OPEN)
NEW, REST = "new", "..."


# -- Python's brackets ------------------------------------------------------------------------


@composed
def getitem(tensor: Any, key: Any) -> Any:
    """Return ``tensor[key]``: the operator of Tensors and Variables.

    Parameters
    ----------
    tensor : Tensor
        Any shape.
    key : int, slice, None, Ellipsis, scalar integer Tensor, boolean mask, or a tuple of these
        As in NumPy, except that lists of positions are left to `tf.gather`, as in TensorFlow. A
        mask replaces the axes that it covers by one: of the elements where it is True.

    Returns
    -------
    Tensor

    Raises
    ------
    OutOfRangeError
        Where an int lies outside of its axis. (Slices are cut off at the ends.)

    Examples
    --------
    >>> import minitf as tf
    >>> x = tf.reshape(tf.range(6), [2, 3])
    >>> x[1, ::-1].numpy().tolist(), x[..., tf.newaxis].shape, x[x > 3].numpy().tolist()
    ([5, 4, 3], (2, 3, 1), [4, 5])
    """
    if type(key) is int:
        return getitem_(tensor, (key,))
    if has_mask(key):
        return _masked(as_tensor(tensor), _items(key))
    return getitem_(tensor, entries(key))


def has_mask(key: Any) -> bool:
    """Return whether a mask stands between the brackets."""
    return any(map(_is_mask, _items(key)))


def entries(key: Any) -> Key:
    """Return what stands between the brackets, without a mask, in the form of an attribute."""
    return tuple([_entry(item) for item in _items(key)])


def _items(key: Any) -> Key:
    return key if isinstance(key, tuple) else (key,)


def _is_mask(item: Any) -> bool:
    if isinstance(item, list):
        return all(isinstance(v, (bool, np.bool_)) for v in flatten(item)) and bool(item)
    return isinstance(item, bool) or (hasattr(item, "dtype") and item.dtype == bool)


def _masked(tensor: Any, items: Key) -> Any:
    """Apply the mask, which leaves one axis in its place, and then everything around it."""
    masks = [i for i, item in enumerate(items) if _is_mask(item)]
    if len(masks) > 1:
        raise InvalidArgumentError("one mask at a time can be an index; combine them with &")
    place = masks[0]
    mask = as_tensor(items[place])
    before, after = items[:place], items[place + 1 :]
    axis = sum(item is not None for item in before)
    if any(item is Ellipsis for item in before):
        axis = len(tensor.shape) - len(mask.shape) - sum(item is not None for item in after)
    picked = boolean_mask(tensor, mask, axis)
    if len(items) == 1:
        return picked
    return getitem_(picked, tuple([_entry(item) for item in (*before, slice(None), *after)]))


def _entry(item: Any) -> Any:
    """Return one item of a key in the form of an attribute."""
    if type(item) is int:
        return item
    if isinstance(item, slice):
        return tuple([OPEN if b is None else _whole_number(b)
                      for b in (item.start, item.stop, item.step)])  # fmt: skip
    if item is None:
        return NEW
    return REST if item is Ellipsis else _whole_number(item)


def _whole_number(item: Any) -> Any:
    """Return an int, or a tensor that holds one whole number; refuse anything else."""
    if isinstance(item, (list, tuple, range)):
        raise InvalidArgumentError(f"{item!r} is not an index: pick positions with tf.gather")
    if not hasattr(item, "dtype"):
        if hasattr(item, "__index__"):
            return operator.index(item)
        raise DTypeError(f"an index is an int, slice, None, ... or mask, got {item!r}")
    if not as_dtype(item.dtype).is_integer:
        raise DTypeError(f"an index is a whole number or a mask, got dtype {item.dtype}")
    if len(item.shape) > 0:
        raise InvalidArgumentError(
            f"positions of shape {tuple(item.shape)} are not an index: pick them with tf.gather"
        )
    return item


@op(name="getitem", view=True)
def getitem_(input: AnyTensor, key: Key):
    """Take the part of a tensor that an index says; see `getitem` and the head of this module.

    Parameters
    ----------
    input : Tensor
        Any shape.
    key : tuple
        One entry per item between the brackets.

    Returns
    -------
    Tensor

    Examples
    --------
    >>> import minitf as tf
    >>> from minitf.ops.index import getitem_
    >>> getitem_([[1, 2, 3], [4, 5, 6]], (1, (0, 2, ()))).numpy().tolist()
    [4, 5]
    """
    return TensorSpec(indexed_shape(input.shape, key), input.dtype)


def indexed_shape(shape: TensorShape, key: Key) -> list[Dim]:
    """Return the shape of what an index says of a tensor."""
    sizes = iter(enumerate(shape))
    dims: list[Dim] = []
    for entry in _per_axis(key, len(shape)):
        if entry == NEW:
            dims.append(1)
            continue
        axis, size = next(sizes)
        if isinstance(entry, tuple):
            dims.append(_slice_length(entry, size))
        elif size is not None and entry is not None and not -size <= entry < size:
            raise OutOfRangeError(f"index {entry} is out of range for axis {axis} of size {size}")
    return dims


def _per_axis(key: Key, rank: int) -> Key:
    """Return the key with the axes that it leaves alone written out."""
    given = sum(entry not in (NEW, REST) for entry in key)
    if given > rank:
        raise ShapeError(f"{given} indices for {rank} dimension(s) are too many")
    if key.count(REST) > 1:
        raise InvalidArgumentError("an index holds one ellipsis at most")
    at = key.index(REST) if REST in key else len(key)
    return key[:at] + (FULL,) * (rank - given) + key[at + 1 :]


def _slice_length(entry: Key, size: Dim) -> Dim:
    if entry[2] == 0:
        raise InvalidArgumentError("the step of a slice cannot be 0")
    if entry == FULL:
        return size
    if size is None or None in entry:
        return None
    return len(range(*_as_slice(entry).indices(size)))


def _as_slice(entry: Key) -> slice:
    return slice(*[None if bound == OPEN else bound for bound in entry])


@functools.lru_cache(maxsize=4096)
def python_key(key: Key) -> tuple[Any, ...]:
    """Return an attribute as NumPy takes it."""
    words = {NEW: None, REST: Ellipsis}
    return tuple([_as_slice(e) if isinstance(e, tuple) else words.get(e, e) for e in key])


@getitem_.kernel("numpy")
def _(input, *, key):
    try:
        return input[python_key(key)]
    except IndexError as error:
        raise OutOfRangeError(f"{error} (shape {np.shape(input)})") from error


@getitem_.gradient
def _(node, dy):
    return getitem_backprop(dy, known_shape(node.inputs[0]), node["key"])


@op
def getitem_backprop(dy: Tensor, shape: Shape, key: Key):
    """Put a tensor into zeros, where `getitem` with the same key would find it.

    Examples
    --------
    >>> from minitf.ops.index import getitem_backprop
    >>> getitem_backprop([1.0, 2.0], [4], (((), (), 2),)).numpy().tolist()
    [1.0, 0.0, 2.0, 0.0]
    """
    check_compatible(dy, indexed_shape(TensorShape(shape), key))
    return TensorSpec(shape, dy.dtype)


@getitem_backprop.kernel("numpy")
def _(dy, *, shape, key):
    out = np.zeros(shape, dy.dtype)
    out[python_key(key)] = dy
    return out


@getitem_backprop.gradient
def _(node, dy):
    return getitem_(dy, node["key"])


# -- slices by begin and size, or by begin, end and stride --------------------------------------


@op(view=True)
def slice_(input_: AnyTensor, begin: tuple[int, ...], size: tuple[int, ...]):
    """Take a block of a tensor.

    Parameters
    ----------
    input_ : Tensor
        Shape (d1, ..., dn).
    begin : sequence of n int
        Where the block begins, along each axis.
    size : sequence of n int
        The shape of the block; -1 means everything up to the end.

    Returns
    -------
    Tensor

    Raises
    ------
    OutOfRangeError
        Where the block does not lie inside of the tensor.

    Examples
    --------
    >>> import minitf as tf
    >>> tf.slice([[1, 2, 3], [4, 5, 6]], begin=[0, 1], size=[-1, 2]).numpy().tolist()
    [[2, 3], [5, 6]]
    """
    return TensorSpec(_block_sizes(input_.shape, begin, size), input_.dtype)


def _block_sizes(shape: TensorShape, begin: Any, size: Any) -> list[Dim]:
    """Return the shape of a block, after checking that it lies inside."""
    if len(begin) != len(shape) or len(size) != len(shape):
        raise ShapeError(f"begin {begin} and size {size} need one number per axis of {shape}")
    return [_block_size(*numbers) for numbers in zip(shape, begin, size, strict=True)]


def _block_size(total: Dim, begin: Dim, size: Dim) -> Dim:
    if begin is not None and begin < 0 or size is not None and size < -1:
        raise OutOfRangeError(f"begin is >= 0 and size >= -1, got {begin} and {size}")
    if total is None or begin is None or size is None:
        return None if size == -1 else size
    end = total if size == -1 else begin + size
    if not begin <= end <= total:
        raise OutOfRangeError(f"elements {begin} to {end} do not lie inside of size {total}")
    return end - begin


@slice_.kernel("numpy")
def _(input_, *, begin, size):
    sizes = _block_sizes(np.shape(input_), begin, size)
    return input_[tuple([slice(b, b + n) for b, n in zip(begin, sizes, strict=True)])]


@slice_.gradient
def _(node, dy):
    return slice_backprop(dy, known_shape(node.inputs[0]), node["begin"])


@op
def slice_backprop(dy: Tensor, shape: Shape, begin: tuple[int, ...]):
    """Put a tensor into zeros of another shape, as the block that begins at `begin`.

    Examples
    --------
    >>> from minitf.ops.index import slice_backprop
    >>> slice_backprop([1.0, 2.0], [4], [1]).numpy().tolist()
    [0.0, 1.0, 2.0, 0.0]
    """
    _block_sizes(TensorShape(shape), begin, dy.shape)
    return TensorSpec(shape, dy.dtype)


@slice_backprop.kernel("numpy")
def _(dy, *, shape, begin):
    out = np.zeros(shape, dy.dtype)
    out[tuple([slice(b, b + n) for b, n in zip(begin, dy.shape, strict=True)])] = dy
    return out


@slice_backprop.gradient
def _(node, dy):
    return slice_(dy, node["begin"], known_shape(node.inputs[0]))


@composed
def strided_slice(
    input_: Any,
    begin: Any,
    end: Any,
    strides: Any = None,
    begin_mask: int = 0,
    end_mask: int = 0,
    ellipsis_mask: int = 0,
    new_axis_mask: int = 0,
    shrink_axis_mask: int = 0,
    var: Any = None,
    name: str | None = None,
) -> Tensor:
    """Take part of a tensor: what Python's brackets say, in numbers.

    Parameters
    ----------
    input_ : Tensor
        Any shape.
    begin, end, strides : sequence of int
        The slices, one per item between the brackets; strides are 1 by default.
    begin_mask, end_mask : int
        Bit i set: the bound of item i was left out.
    ellipsis_mask, new_axis_mask, shrink_axis_mask : int
        Bit i set: item i is ``...``, or None, or the int ``begin[i]``.

    Returns
    -------
    Tensor

    Examples
    --------
    >>> import minitf as tf
    >>> tf.strided_slice([1, 2, 3, 4, 5], [1], [-1], [2]).numpy().tolist()
    [2, 4]
    """
    begin, end = _numbers(begin), _numbers(end)
    strides = [1] * len(begin) if strides is None else _numbers(strides)
    if not len(begin) == len(end) == len(strides):
        raise ShapeError("begin, end and strides differ in length")

    def entry(i: int) -> Any:
        bit = 1 << i
        if ellipsis_mask & bit:
            return REST
        if new_axis_mask & bit:
            return NEW
        if shrink_axis_mask & bit:
            return begin[i]
        start = OPEN if begin_mask & bit else begin[i]
        return start, OPEN if end_mask & bit else end[i], strides[i]

    return getitem_(input_, tuple(map(entry, range(len(begin)))), name=name)


def _numbers(values: Any) -> list[Any]:
    """Return a vector as a list of numbers, or of tensors where a graph computes them."""
    if isinstance(values, (list, tuple)):
        return list(values)
    values = as_tensor(values)
    return unstack(values) if values.operation is not None else values.tolist()
