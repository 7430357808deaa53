"""Indexing: Python's square brackets, slices, and picking elements by number.

What stands between the brackets becomes an attribute: a tuple with one entry per item, in a form
that is hashable and whose numbers a graph may compute.

==================  ========================================
item                entry
==================  ========================================
``3``               ``3``
``1:9:2``           ``(1, 9, 2)``
``2:``              ``(2, (), ())``; a bound left out is ``()``, because None means "not known yet"
``None``            ``"new"``
``...``             ``"..."``
==================  ========================================
"""

from __future__ import annotations

import functools
from typing import Any

import numpy as np

from minitf.errors import DTypeError, Error, InvalidArgumentError, OutOfRangeError, ShapeError, at, user_line
from minitf.graph.convert import as_tensor
from minitf.graph.op import AnyTensor, BoolTensor, IntTensor, Raw, Shape, Tensor, op
from minitf.graph.spec import Dim, TensorShape, TensorSpec, normalize_axis
from minitf.graph.tensor import Tensor as TensorType
from minitf.ops.array import known_shape

Key = tuple[Any, ...]
OPEN: Key = ()
NEW, REST = "new", "..."

# -- Python's brackets ------------------------------------------------------------------------


def subscript(tensor: Any, key: Any) -> Any:
    """Return ``tensor[key]``: the operator of Tensors and Variables.

    Parameters
    ----------
    tensor : Tensor
        Any shape.
    key : int, slice, None, Ellipsis, scalar integer Tensor, boolean mask, or a tuple of these
        As in NumPy. Lists of positions are left to `tf.gather`, as in TensorFlow. A mask takes the
        place of the axes that it covers and leaves one axis of the elements where it is True.

    Returns
    -------
    Tensor

    Raises
    ------
    OutOfRangeError
        Where an int lies outside of its axis (slices are cut off instead).

    Examples
    --------
    >>> import minitf as tf
    >>> x = tf.reshape(tf.range(6), [2, 3])
    >>> x[1, ::-1].numpy().tolist(), x[..., tf.newaxis].shape, x[x > 3].numpy().tolist()
    ([5, 4, 3], (2, 3, 1), [4, 5])
    """
    items = key if type(key) is tuple else (key,)
    masks = [i for i, item in enumerate(items) if _is_mask(item)]
    if not masks:
        return getitem(tensor, tuple([_entry(item) for item in items]))
    if len(masks) > 1:
        raise InvalidArgumentError(f"getitem: one mask at a time{at(user_line())}")
    return _masked(as_tensor(tensor), items, masks[0])


def _is_mask(item: Any) -> bool:
    if hasattr(item, "dtype"):
        return item.dtype == bool
    return isinstance(item, bool) or (isinstance(item, list) and np.asarray(item).dtype == bool)


def _masked(tensor: Any, items: Key, place: int) -> Any:
    """Apply the mask, which leaves one axis, and then everything around it."""
    mask = as_tensor(items[place])
    axis = _axes_before(items, place, len(tensor.shape), len(mask.shape))
    picked = boolean_mask(tensor, mask, axis)
    rest = (*items[:place], slice(None), *items[place + 1 :])
    return picked if len(items) == 1 else getitem(picked, tuple(map(_entry, rest)))


def _axes_before(items: Key, place: int, rank: int, covered: int) -> int:
    """Return the axis that item `place` stands for, which covers `covered` axes."""
    before = [i for i in items[:place] if i is not None]
    if Ellipsis not in [i for i in before if i is Ellipsis]:
        return len(before)
    return rank - covered - sum(i is not None for i in items[place + 1 :])


def _entry(item: Any) -> Any:
    """Return one item of a key in its normal form."""
    if type(item) is int:
        return item
    if isinstance(item, slice):
        bounds = (item.start, item.stop, item.step)
        return tuple([OPEN if b is None else _number(b) for b in bounds])
    if item is None:
        return NEW
    if item is Ellipsis:
        return REST
    return _number(item)


def _number(item: Any) -> Any:
    """Return an index that may be a tensor, after checking that it is one whole number."""
    if isinstance(item, (int, np.integer)) and not isinstance(item, bool):
        return int(item)
    if hasattr(item, "dtype") and np.ndim(item) == 0 if isinstance(item, np.ndarray) else hasattr(
        item, "shape") and len(item.shape) == 0:  # fmt: skip
        ...
    return item
