"""Tensors made from scratch: constants, counters, one-hot codes, masks of sequences."""

from __future__ import annotations

import math
import operator
from typing import Any

import numpy as np

from minitf.dtypes import (
    DType,
    as_dtype,
    bool_,
    float16,
    float32,
    float64,
    int32,
    int64,
    string,
)
from minitf.errors import DTypeError, InvalidArgumentError, ShapeError
from minitf.graph.convert import as_tensor
from minitf.graph.op import IntTensor, Shape, Tensor, op
from minitf.graph.spec import Dim, TensorSpec, normalize_axis
from minitf.ops.array import concat, expand_dims, reshape
from minitf.ops.broadcasting import broadcast_to
from minitf.ops.composed import composed
from minitf.ops.math import cast

# -- one value --------------------------------------------------------------------------------


@op(name="zeros", differentiable=False)
def zeros_(shape: Shape, dtype: DType):
    """Return zeros; see `zeros`."""
    return TensorSpec(shape, dtype)


@zeros_.kernel("numpy")
def _(*, shape, dtype):
    return np.full(shape, "", object) if dtype is string else np.zeros(shape, dtype.numpy)


@op(name="ones", differentiable=False)
def ones_(shape: Shape, dtype: DType):
    """Return ones; see `ones`."""
    return TensorSpec(shape, dtype)


@ones_.kernel("numpy")
def _(*, shape, dtype):
    return np.ones(shape, dtype.numpy)


@composed
def zeros(shape: Any, dtype: Any = float32, name: str | None = None, layout: Any = None) -> Tensor:
    """Return a tensor of zeros.

    Parameters
    ----------
    shape : sequence of int
        Shape of the result; a graph may compute it.
    dtype : DType
        Element type of the result.
    layout : optional
        Accepted for compatibility.

    Returns
    -------
    Tensor

    Examples
    --------
    >>> import minitf as tf
    >>> tf.zeros([2, 2], tf.int32).numpy().tolist()
    [[0, 0], [0, 0]]
    """
    return zeros_(shape, as_dtype(dtype), name=name)


@composed
def ones(shape: Any, dtype: Any = float32, name: str | None = None, layout: Any = None) -> Tensor:
    """Return a tensor of ones.

    Parameters
    ----------
    shape : sequence of int
        Shape of the result; a graph may compute it.
    dtype : DType
        Element type of the result.
    layout : optional
        Accepted for compatibility.

    Returns
    -------
    Tensor

    Examples
    --------
    >>> import minitf as tf
    >>> tf.ones(3).numpy().tolist()
    [1.0, 1.0, 1.0]
    """
    return ones_(shape, as_dtype(dtype), name=name)


@composed
def fill(dims: Any, value: Any, name: str | None = None, layout: Any = None) -> Tensor:
    """Return a tensor full of one value.

    Parameters
    ----------
    dims : sequence of int
        Shape of the result; a graph may compute it.
    value : Tensor
        Of shape (); any dtype.
    layout : optional
        Accepted for compatibility.

    Returns
    -------
    Tensor

    Examples
    --------
    >>> import minitf as tf
    >>> tf.fill([2, 2], 7).numpy().tolist()
    [[7, 7], [7, 7]]
    """
    value = as_tensor(value)
    if value.shape != ():
        raise ShapeError(f"one value is needed, got a tensor of shape {value.shape}")
    return broadcast_to(value, dims, name=name)


@op(name="eye", differentiable=False)
def eye_(num_rows: int, num_columns: int, batch_shape: Shape, dtype: DType):
    """Return identity matrices; see `eye`."""
    return TensorSpec((*batch_shape, num_rows, num_columns), dtype)


@eye_.kernel("numpy")
def _(*, num_rows, num_columns, batch_shape, dtype):
    one = np.eye(num_rows, num_columns, dtype=dtype.numpy)
    return np.broadcast_to(one, (*batch_shape, *one.shape)).copy() if batch_shape else one


@composed
def eye(
    num_rows: Any,
    num_columns: Any = None,
    batch_shape: Any = None,
    dtype: Any = float32,
    name: str | None = None,
) -> Tensor:
    """Return an identity matrix, or a batch of them.

    Parameters
    ----------
    num_rows : int
        Number of rows.
    num_columns : int, optional
        Number of columns; that of the rows by default.
    batch_shape : sequence of int, optional
        Shape of the batch; one matrix by default.
    dtype : DType
        Element type of the result.

    Returns
    -------
    Tensor
        Shape (*batch_shape, num_rows, num_columns).

    Examples
    --------
    >>> import minitf as tf
    >>> tf.eye(2).numpy().tolist()
    [[1.0, 0.0], [0.0, 1.0]]
    """
    columns = num_rows if num_columns is None else num_columns
    return eye_(num_rows, columns, () if batch_shape is None else batch_shape, dtype, name=name)


# -- counting ---------------------------------------------------------------------------------

_WIDER = (int32, int64, float16, float32, float64)  # the order in which tf.range mixes dtypes


@op(name="range", differentiable=False)
def range_(start: float, limit: float, delta: float, dtype: DType):
    """Count; see `range`."""
    return TensorSpec((_count(start, limit, delta, dtype),), dtype)


def _count(start: Any, limit: Any, delta: Any, dtype: DType) -> Dim:
    """Return how many steps fit, of numbers as the dtype rounds them."""
    if None in (start, limit, delta):
        return None
    if delta == 0:
        raise InvalidArgumentError("delta must not be 0")
    start, limit, delta = (dtype.numpy.type(n).item() for n in (start, limit, delta))
    if (limit - start) * delta < 0:
        raise InvalidArgumentError(f"{limit} cannot be reached from {start} in steps of {delta}")
    return math.ceil((limit - start) / delta)


@range_.kernel("numpy")
def _(*, start, limit, delta, dtype):
    steps = np.arange(_count(start, limit, delta, dtype))
    return (start + steps * delta).astype(dtype.numpy)


@composed
def range(
    start: Any, limit: Any = None, delta: Any = 1, dtype: Any = None, name: str | None = None
) -> Tensor:
    """Count from `start` up to, but not including, `limit`.

    Parameters
    ----------
    start : number
        The first value; if it is given alone, it is the limit, and counting begins at 0.
    limit : number, optional
        Where counting ends.
    delta : number
        The step.
    dtype : DType, optional
        Element type; by default the widest among those of the numbers.

    Returns
    -------
    Tensor
        Shape (n,).

    Raises
    ------
    InvalidArgumentError
        Where the limit lies in the other direction.

    Examples
    --------
    >>> import minitf as tf
    >>> tf.range(3).numpy().tolist(), tf.range(10, 0, -4).numpy().tolist()
    ([0, 1, 2], [10, 6, 2])
    >>> tf.range(0, 1, 0.25).numpy().tolist()
    [0.0, 0.25, 0.5, 0.75]
    """
    if limit is None:
        start, limit = 0, start
    wanted = _widest(start, limit, delta) if dtype is None else as_dtype(dtype)
    return range_(start, limit, delta, wanted, name=name)


def _widest(*numbers: Any) -> DType:
    found = [_dtype_of(n) for n in numbers]
    unknown = [dtype for dtype in found if dtype not in _WIDER]
    if unknown:
        raise DTypeError(f"cannot count in {unknown[0].name}; pass dtype=")
    return max(found, key=_WIDER.index)


def _dtype_of(number: Any) -> DType:
    if type(number) is int and -(2**31) <= number < 2**31:
        return int32
    return float32 if type(number) is float else as_tensor(number).dtype


@composed
def linspace(start: Any, stop: Any, num: Any, name: str | None = None, axis: int = 0) -> Tensor:
    """Return `num` values at equal distances, both ends included.

    Parameters
    ----------
    start, stop : Tensor
        The ends, of one shape and floating dtype (integers become float64).
    num : int
        How many values; at least 1.
    axis : int
        Where the axis of the values stands in the result.

    Returns
    -------
    Tensor

    Examples
    --------
    >>> import minitf as tf
    >>> tf.linspace(0.0, 1.0, 5).numpy().tolist()
    [0.0, 0.25, 0.5, 0.75, 1.0]
    """
    start, stop = _ends(start, stop)
    try:
        count = operator.index(num)
    except TypeError as error:
        raise DTypeError(f"num is a whole number, got {num!r}") from error
    at = normalize_axis(axis, len(start.shape) + 1)
    if count < 1:
        raise InvalidArgumentError(f"num must be at least 1, got {num}")
    first, last = expand_dims(start, at), expand_dims(stop, at)
    if count == 1:
        return first
    column = [-1 if i == at else 1 for i, _ in enumerate(first.shape)]
    steps = reshape(range(1, count - 1, dtype=start.dtype), column)
    inner = first + (last - first) / float(count - 1) * steps
    return concat([first, inner, last], at, name=name)


def _ends(start: Any, stop: Any) -> tuple[Any, Any]:
    start = as_tensor(start)
    stop = as_tensor(stop, hint=start.dtype)
    if start.dtype.is_integer:
        start, stop = cast(start, float64), cast(stop, float64)
    return start, stop


# -- codes and masks --------------------------------------------------------------------------


@op(name="one_hot", differentiable=False)
def one_hot_(indices: IntTensor, depth: int, on_value: float, off_value: float, axis: int,
             dtype: DType):  # fmt: skip
    """Return rows that are on at one place; see `one_hot`."""
    if depth is not None and depth < 0:
        raise InvalidArgumentError(f"depth must be >= 0, got {depth}")
    at = normalize_axis(axis, len(indices.shape) + 1)
    return TensorSpec(indices.shape[:at] + (depth,) + indices.shape[at:], dtype)


@one_hot_.kernel("numpy")
def _(indices, *, depth, on_value, off_value, axis, dtype):
    flat = indices.reshape(-1)
    rows = np.full((flat.size, depth), off_value, dtype.numpy)
    inside = np.flatnonzero((flat >= 0) & (flat < depth))  # others are on nowhere
    rows[inside, flat[inside]] = on_value
    return np.moveaxis(rows.reshape(*indices.shape, depth), -1, axis)


@composed
def one_hot(
    indices: Any,
    depth: Any,
    on_value: Any = None,
    off_value: Any = None,
    axis: int | None = None,
    dtype: Any = None,
    name: str | None = None,
) -> Tensor:
    """Write each number as a row that is on at that place and off everywhere else.

    Parameters
    ----------
    indices : Tensor
        Of integer type, any shape; a number outside of [0, depth) is on nowhere.
    depth : int
        Length of the rows.
    on_value, off_value : number, optional
        1 and 0 by default.
    axis : int, optional
        Where the rows stand in the result; -1 by default.
    dtype : DType, optional
        Element type; that of the values if they are given, else float32.

    Returns
    -------
    Tensor
        The shape of `indices` with `depth` inserted at `axis`.

    Examples
    --------
    >>> import minitf as tf
    >>> tf.one_hot([0, 2], 3).numpy().tolist()
    [[1.0, 0.0, 0.0], [0.0, 0.0, 1.0]]
    """
    wanted = None if dtype is None else as_dtype(dtype)
    given = [as_tensor(v, hint=wanted).dtype for v in (on_value, off_value) if v is not None]
    wanted = wanted or (given[0] if given else float32)
    if any(found is not wanted for found in given):
        names = [found.name for found in given]
        raise DTypeError(f"the values must be of dtype {wanted.name}, got {names}")
    on = 1 if on_value is None else on_value
    off = 0 if off_value is None else off_value
    return one_hot_(indices, depth, on, off, -1 if axis is None else axis, wanted, name=name)


@op(name="sequence_mask", differentiable=False)
def sequence_mask_(lengths: IntTensor, maxlen: int | tuple[()], dtype: DType):
    """Return rows that begin with True values; see `sequence_mask`."""
    return TensorSpec(lengths.shape + (None if maxlen == () else maxlen,), dtype)


@sequence_mask_.kernel("numpy")
def _(lengths, *, maxlen, dtype):
    longest = max(0, int(lengths.max(initial=0))) if maxlen == () else maxlen
    return (np.arange(longest) < lengths[..., None]).astype(dtype.numpy)


@composed
def sequence_mask(
    lengths: Any, maxlen: Any = None, dtype: Any = bool_, name: str | None = None
) -> Tensor:
    """Return, for each length, a row that begins with so many True values.

    Parameters
    ----------
    lengths : Tensor
        Of integer type, any shape.
    maxlen : int, optional
        Length of the rows; the largest of `lengths` by default.
    dtype : DType
        Element type of the result.

    Returns
    -------
    Tensor
        Shape (*lengths.shape, maxlen).

    Examples
    --------
    >>> import minitf as tf
    >>> tf.sequence_mask([1, 3], 3, tf.int32).numpy().tolist()
    [[1, 0, 0], [1, 1, 1]]
    """
    return sequence_mask_(lengths, () if maxlen is None else maxlen, dtype, name=name)
