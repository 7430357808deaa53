"""Ragged tensors from lists, from ranges, and out of other tensors: `tf.ragged`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from minitf.composite.ragged import RaggedTensor, numbers, splits_of
from minitf.composite.ragged_picking import ranges, take
from minitf.dtypes import as_dtype, int64
from minitf.errors import InvalidArgumentError
from minitf.graph.convert import as_tensor
from minitf.ops.array import concat as join
from minitf.ops.array import reshape
from minitf.ops.array import stack as stack_up
from minitf.ops.composed import composed
from minitf.ops.math import cast
from minitf.ops.segment import unsorted_segment_sum
from minitf.ops.source import constant as dense
from minitf.ops.source import shape
from minitf.ops.where import where


@composed
def constant(
    pylist: Any, dtype: Any = None, ragged_rank: int | None = None, inner_shape: Any = None,
    name: str | None = None, row_splits_dtype: Any = int64,
) -> Any:  # fmt: skip
    """Return nested lists as a ragged tensor.

    Parameters
    ----------
    pylist : nested list
        Rows of numbers or strings, or rows of rows, all equally deep.
    dtype : DType, optional
        The element type.
    ragged_rank : int, optional
        How many axes are ragged; all but the first, unless given or left for `inner_shape`.
    inner_shape : sequence of int, optional
        Of the tensors that the innermost rows hold.
    name, row_splits_dtype : optional
        Accepted as in TensorFlow; splits are of type int64.

    Returns
    -------
    RaggedTensor
        A Tensor, if no axis is ragged.

    Examples
    --------
    >>> import minitf as tf
    >>> tf.ragged.constant([[1, 2, 3], [], [4]])
    <tf.RaggedTensor [[1, 2, 3], [], [4]]>
    """
    depth = _depth(pylist)
    inner = () if inner_shape is None else tuple(inner_shape)
    if ragged_rank is None:
        ragged_rank = max(0, depth - 1 - len(inner))
    if not 0 <= ragged_rank < max(depth, 1):
        raise InvalidArgumentError(f"ragged_rank must be below {depth}, the depth of the list, got "
                                   f"{ragged_rank}")  # fmt: skip
    lengths, rows = [], pylist
    for _ in range(ragged_rank):
        if not all(map(_is_list, rows)):
            raise InvalidArgumentError(f"the lists are not equally deep: {rows!r}")
        lengths.append([len(row) for row in rows])
        rows = [item for row in rows for item in row]
    nothing = np.empty((0, *inner), as_dtype(dtype or "float32").numpy)
    values = dense(rows if rows or not lengths else nothing, dtype)
    return RaggedTensor.from_nested_row_lengths(values, lengths)


def _is_list(value: Any) -> bool:
    return isinstance(value, (list, tuple)) or isinstance(value, np.ndarray) and value.ndim > 0


def _depth(value: Any) -> int:
    return 1 + max(map(_depth, value), default=0) if _is_list(value) else 0


@composed
def range_(starts: Any, limits: Any = None, deltas: Any = 1, dtype: Any = None,
           name: str | None = None, row_splits_dtype: Any = int64) -> RaggedTensor:  # fmt: skip
    """Return rows of numbers that count from a start to a limit, without it.

    Parameters
    ----------
    starts : Tensor
        A number for each row, or one for all; the limits, if these are not given.
    limits, deltas : Tensor, optional
        Where rows stop, and in which steps they count.
    dtype : DType, optional
        The element type.
    name, row_splits_dtype : optional
        Accepted as in TensorFlow; splits are of type int64.

    Returns
    -------
    RaggedTensor

    Examples
    --------
    >>> import minitf as tf
    >>> tf.ragged.range([3, 0, 2])
    <tf.RaggedTensor [[0, 1, 2], [], [0, 1]]>
    """
    if limits is None:
        starts, limits = 0, starts
    tensors = [as_tensor(x) for x in (starts, limits, deltas)]
    floats = [t.dtype for t in tensors if t.dtype.is_floating]
    wanted = as_dtype(dtype) if dtype else floats[0] if floats else max(
        (t.dtype for t in tensors), key=lambda d: d.size)  # fmt: skip
    parts = [cast(t, wanted) for t in tensors]
    if not any(t.ndim for t in parts):
        parts[0] = parts[0][None]
    return ranges(*parts)


@composed
def map_flat_values(op: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
    """Call a function on the flat values of ragged tensors, and give the result their rows.

    Parameters
    ----------
    op : callable
        Takes Tensors, and returns one with as many entries along the first axis.
    *args, **kwargs
        Its arguments, in which flat values take the place of ragged tensors: these must have the
        same rows.

    Returns
    -------
    RaggedTensor

    Examples
    --------
    >>> import minitf as tf
    >>> rows = tf.ragged.constant([[1, 2], [3]])
    >>> tf.ragged.map_flat_values(tf.one_hot, rows, 4).shape
    (2, None, 4)
    """
    found: list[RaggedTensor] = []
    flat, named = _flat(args, found), {key: _flat(v, found) for key, v in kwargs.items()}
    if not found:
        return op(*args, **kwargs)
    for other in found[1:]:
        check_same_rows(found[0], other)
    return found[0].with_flat_values(op(*flat, **named))


def _flat(value: Any, found: list[RaggedTensor]) -> Any:
    if isinstance(value, RaggedTensor):
        found.append(value)
        return value.flat_values
    if isinstance(value, (list, tuple)) and not hasattr(value, "as_list"):
        return type(value)([_flat(v, found) for v in value])
    return value


def check_same_rows(x: RaggedTensor, y: RaggedTensor) -> None:
    """Refuse ragged tensors that have rows of different lengths, as far as these are known."""
    pairs = list(zip(x.nested_row_splits, y.nested_row_splits, strict=False))
    known = [(a, b) for a, b in pairs if a is not b and a.operation is b.operation is None]
    if x.ragged_rank != y.ragged_rank or any(a.tolist() != b.tolist() for a, b in known):
        raise InvalidArgumentError("the ragged tensors have rows of different lengths: "
                                   f"{_lengths(x)} and {_lengths(y)}")  # fmt: skip


def _lengths(x: RaggedTensor) -> str:
    return " of ".join(str(n.tolist()) if n.operation is None else "?"
                       for n in reversed(x.nested_row_lengths()))  # fmt: skip


def concat(values: Any, axis: int, name: str | None = None) -> Any:
    """Join ragged tensors, and Tensors, along an axis; what `tf.concat` does with them."""
    parts = [as_ragged(v) for v in values]
    axis = axis + parts[0].ndim if axis < 0 else axis
    if axis == 0:
        lengths = join([p.row_lengths() for p in parts], 0)
        inner = [p.values for p in parts]
        if any(isinstance(v, RaggedTensor) for v in inner):
            return RaggedTensor(concat(inner, 0), splits_of(lengths))
        return RaggedTensor(join(inner, 0), splits_of(lengths))
    if axis > 1:
        inner = [p.values for p in parts]
        for part in parts[1:]:
            check_same_rows(parts[0].with_values(parts[0].value_rowids()),
                            part.with_values(part.value_rowids()))  # fmt: skip
        ragged = any(isinstance(v, RaggedTensor) for v in inner)
        return parts[0].with_values((concat if ragged else join)(inner, axis - 1))
    rows = _in_turn(parts)
    return RaggedTensor(rows.values, rows.row_splits[:: len(parts)])


@composed
def stack(values: Any, axis: int = 0, name: str | None = None) -> Any:
    """Put tensors of different sizes side by side, along a new axis.

    Parameters
    ----------
    values : sequence of RaggedTensor or Tensor
        Of one number of dimensions.
    axis : int
        0, or 1.
    name : str, optional
        Accepted as in TensorFlow.

    Returns
    -------
    RaggedTensor

    Examples
    --------
    >>> import minitf as tf
    >>> tf.ragged.stack([[1, 2], [3]])
    <tf.RaggedTensor [[1, 2], [3]]>
    """
    parts = [v if isinstance(v, RaggedTensor) else as_tensor(v) for v in values]
    if not parts[0].ndim:
        return stack_up(parts, axis)
    if axis not in (0, 1):
        raise InvalidArgumentError(f"stack: ragged tensors have axis 0 or 1 for it, not {axis}")
    if axis == 1:
        rows = _in_turn([as_ragged(p) for p in parts])
        count = rows.nrows() // len(parts)
        return RaggedTensor(rows, numbers(count + 1) * len(parts))
    if parts[0].ndim == 1:
        lengths = [shape(p, int64)[0] for p in parts]
        return RaggedTensor(join(parts, 0), splits_of(stack_up(lengths)))
    ragged = [as_ragged(p) for p in parts]
    return RaggedTensor(concat(ragged, 0), splits_of(stack_up([r.nrows() for r in ragged])))


def as_ragged(value: Any) -> RaggedTensor:
    """Return a Tensor of at least two axes as a ragged one."""
    return value if isinstance(value, RaggedTensor) else RaggedTensor.from_tensor(value)


def _in_turn(parts: list[RaggedTensor]) -> RaggedTensor:
    """Return the first rows of all parts, then their second rows, ..."""
    count = parts[0].nrows()
    turn = numbers(count)[:, None] + numbers(len(parts))[None] * count
    for part in parts[1:]:
        known = part.shape[0], parts[0].shape[0]
        if None not in known and known[0] != known[1]:
            raise InvalidArgumentError(f"the numbers of rows differ: {known[1]} and {known[0]}")
    return take(concat(parts, 0), reshape(turn, [-1]))


@composed
def boolean_mask(data: Any, mask: Any, name: str | None = None) -> Any:
    """Return what a mask of the same rows marks as True, in rows.

    Parameters
    ----------
    data, mask : RaggedTensor or Tensor
        Values, and whether to keep them.
    name : str, optional
        Accepted as in TensorFlow.

    Returns
    -------
    RaggedTensor
        A Tensor, if the mask is a vector and the data a Tensor.

    Examples
    --------
    >>> import minitf as tf
    >>> tf.ragged.boolean_mask([[1, 2, 3], [4, 5, 6]], [[True, False, True], [False, False, True]])
    <tf.RaggedTensor [[1, 3], [6]]>
    """
    mask = mask if isinstance(mask, RaggedTensor) else as_tensor(mask)
    data = data if isinstance(data, RaggedTensor) else as_tensor(data)
    if mask.ndim == 1:
        return take(data, where(mask)[:, 0])
    data, mask = as_ragged(data), as_ragged(mask)
    if isinstance(mask.values, RaggedTensor):
        return data.with_values(boolean_mask(data.values, mask.values))
    counts = cast(mask.values, int64)
    lengths = unsorted_segment_sum(counts, mask.value_rowids(), mask.nrows())
    return RaggedTensor(boolean_mask(data.values, mask.values), splits_of(lengths))
