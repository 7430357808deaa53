"""Segments: rows that carry the same number are reduced to one."""

from __future__ import annotations

from typing import Any

import numpy as np

from minitf.errors import InvalidArgumentError, OutOfRangeError, ShapeError
from minitf.graph.convert import as_tensor
from minitf.graph.op import IntTensor, Tensor, op
from minitf.graph.spec import TensorSpec
from minitf.ops.array import expand_dims
from minitf.ops.composed import composed
from minitf.ops.division import divide, divide_no_nan
from minitf.ops.gather import flat_places, gather
from minitf.ops.math import cast
from minitf.ops.powers import sqrt
from minitf.ops.rounding import maximum
from minitf.ops.source import ones_like
from minitf.ops.where import select

# -- what all have in common ------------------------------------------------------------------


def _segmented(data: TensorSpec, segment_ids: TensorSpec, num_segments: int | None) -> TensorSpec:
    rank = len(segment_ids.shape)
    if not segment_ids.shape.is_compatible_with(data.shape[:rank]):
        raise ShapeError(
            f"segment_ids of shape {segment_ids.shape} must number the first axes of the data, "
            f"which has shape {data.shape}"
        )
    if num_segments is not None and num_segments < 0:
        raise InvalidArgumentError(f"num_segments must be 0 or more, got {num_segments}")
    return TensorSpec((num_segments,) + tuple(data.shape[rank:]), data.dtype)


def reduce_rows(combine: np.ufunc, start: Any, data: Any, ids: Any, count: int) -> Any:
    """Return an array of `count` rows: `start`, combined with the rows of that number.

    Rows with a negative number are left out.
    """
    if ids.size and ids.max() >= count:
        raise OutOfRangeError(f"segment {ids.max()} is not in [0, {count})")
    shape = data.shape[ids.ndim :]
    width = int(np.prod(shape))
    keep = ids >= 0
    out = np.full((count, *shape), start, data.dtype)
    places = flat_places(ids[keep].astype(np.intp), width)
    combine.at(out.reshape(-1), places, data[keep].reshape(-1))
    return out


def limits(data: Any) -> Any:
    """Return the properties of an array's numbers, such as the lowest and the highest."""
    return np.finfo(data.dtype) if data.dtype.kind == "f" else np.iinfo(data.dtype)


def take_rows(values: Any, ids: Any) -> Any:
    """Return the row of `values` that each number means, and 0 for negative numbers."""
    rows = gather(values, maximum(ids, 0))
    return select(_as_column(ids >= 0, rows), rows, 0)


def _as_column(numbers: Any, rows: Any) -> Any:
    """Return one number per row with as many axes as the rows have."""
    for _ in range(len(rows.shape) - len(numbers.shape)):
        numbers = expand_dims(numbers, -1)
    return numbers


# -- numbers in any order ---------------------------------------------------------------------


@op
def unsorted_segment_sum(data: Tensor, segment_ids: IntTensor, num_segments: int):
    """Add up the rows that carry the same number.

    Parameters
    ----------
    data : Tensor
        Numbers, shape ``segment_ids.shape + rest``.
    segment_ids : Tensor
        Integers below `num_segments`; rows with a negative number are left out.
    num_segments : int
        How many rows the result has.

    Returns
    -------
    Tensor
        Shape ``(num_segments,) + rest``; 0 where no row carries the number.

    Raises
    ------
    OutOfRangeError
        Where a number is `num_segments` or above.

    Examples
    --------
    >>> import minitf as tf
    >>> tf.math.unsorted_segment_sum([1, 2, 3], [0, 2, 0], 3).numpy().tolist()
    [4, 0, 2]
    """
    return _segmented(data, segment_ids, num_segments)


@unsorted_segment_sum.kernel("numpy")
def _(data, segment_ids, *, num_segments):
    return reduce_rows(np.add, 0, data, segment_ids, num_segments)


@unsorted_segment_sum.gradient
def _(node, dy):
    return take_rows(dy, node.inputs[1]), None


@op
def unsorted_segment_max(data: Tensor, segment_ids: IntTensor, num_segments: int):
    """Return the largest of the rows that carry the same number; see `unsorted_segment_sum`.

    Parameters
    ----------
    data : Tensor
        Numbers, shape ``segment_ids.shape + rest``.
    segment_ids : Tensor
        Integers below `num_segments`; rows with a negative number are left out.
    num_segments : int
        How many rows the result has.

    Returns
    -------
    Tensor
        Shape ``(num_segments,) + rest``; the lowest number there is where no row carries the
        number.

    Examples
    --------
    >>> import minitf as tf
    >>> tf.math.unsorted_segment_max([1, 2, 3], [0, 1, 0], 2).numpy().tolist()
    [3, 2]
    """
    return _segmented(data, segment_ids, num_segments)


@unsorted_segment_max.kernel("numpy")
def _(data, segment_ids, *, num_segments):
    return reduce_rows(np.maximum, limits(data).min, data, segment_ids, num_segments)


@op
def unsorted_segment_min(data: Tensor, segment_ids: IntTensor, num_segments: int):
    """Return the smallest of the rows that carry the same number; see `unsorted_segment_sum`.

    Parameters
    ----------
    data : Tensor
        Numbers, shape ``segment_ids.shape + rest``.
    segment_ids : Tensor
        Integers below `num_segments`; rows with a negative number are left out.
    num_segments : int
        How many rows the result has.

    Returns
    -------
    Tensor
        Shape ``(num_segments,) + rest``; the highest number there is where no row carries the
        number.

    Examples
    --------
    >>> import minitf as tf
    >>> tf.math.unsorted_segment_min([1, 2, 3], [0, 1, 0], 2).numpy().tolist()
    [1, 2]
    """
    return _segmented(data, segment_ids, num_segments)


@unsorted_segment_min.kernel("numpy")
def _(data, segment_ids, *, num_segments):
    return reduce_rows(np.minimum, limits(data).max, data, segment_ids, num_segments)


@unsorted_segment_max.gradient
@unsorted_segment_min.gradient
def _(node, dy):
    """Share the gradient evenly among the rows that equal the extreme."""
    data, ids = node.inputs[:2]
    chosen = cast(data == take_rows(node.outputs[0], ids), data.dtype)
    count = unsorted_segment_sum(chosen, ids, node["num_segments"])
    return chosen * take_rows(divide_no_nan(dy, count), ids), None


@op
def unsorted_segment_prod(data: Tensor, segment_ids: IntTensor, num_segments: int):
    """Multiply the rows that carry the same number; see `unsorted_segment_sum`.

    Parameters
    ----------
    data : Tensor
        Numbers, shape ``segment_ids.shape + rest``.
    segment_ids : Tensor
        Integers below `num_segments`; rows with a negative number are left out.
    num_segments : int
        How many rows the result has.

    Returns
    -------
    Tensor
        Shape ``(num_segments,) + rest``; 1 where no row carries the number.

    Examples
    --------
    >>> import minitf as tf
    >>> tf.math.unsorted_segment_prod([1, 2, 3], [0, 1, 0], 2).numpy().tolist()
    [3, 2]
    """
    return _segmented(data, segment_ids, num_segments)


@unsorted_segment_prod.kernel("numpy")
def _(data, segment_ids, *, num_segments):
    return reduce_rows(np.multiply, 1, data, segment_ids, num_segments)


@unsorted_segment_prod.gradient
def _(node, dy):
    # The product of the others is the product divided by the element; for a lone 0 it is the
    # product of all that are not 0, and where two are 0 nothing matters.
    (data, ids), count = node.inputs[:2], node["num_segments"]
    is_zero = cast(data == 0, data.dtype)
    zeros = take_rows(unsorted_segment_sum(is_zero, ids, count), ids)
    nonzero = select(data == 0, 1, data)
    product = take_rows(unsorted_segment_prod(nonzero, ids, count), ids)
    others = select(zeros == is_zero, product / nonzero, 0)
    return others * take_rows(dy, ids), None


@composed
def unsorted_segment_mean(
    data: Any, segment_ids: Any, num_segments: Any, name: str | None = None
) -> Tensor:
    """Average the rows that carry the same number; see `unsorted_segment_sum`.

    Parameters
    ----------
    data : Tensor
        Numbers, shape ``segment_ids.shape + rest``.
    segment_ids : Tensor
        Integers below `num_segments`; rows with a negative number are left out.
    num_segments : int
        How many rows the result has.

    Returns
    -------
    Tensor
        Shape ``(num_segments,) + rest``; 0 where no row carries the number.

    Examples
    --------
    >>> import minitf as tf
    >>> tf.math.unsorted_segment_mean([1.0, 2.0, 4.0], [0, 1, 0], 2).numpy().tolist()
    [2.5, 2.0]
    """
    data, ids = as_tensor(data), as_tensor(segment_ids)
    summed = unsorted_segment_sum(data, ids, num_segments)
    return divide(summed, _row_counts(summed, ids, num_segments), name=name)


@composed
def unsorted_segment_sqrt_n(
    data: Any, segment_ids: Any, num_segments: Any, name: str | None = None
) -> Tensor:
    """Add up the n rows that carry the same number, and divide by the root of n.

    Parameters
    ----------
    data : Tensor
        Floating, shape ``segment_ids.shape + rest``.
    segment_ids : Tensor
        Integers below `num_segments`; rows with a negative number are left out.
    num_segments : int
        How many rows the result has.

    Returns
    -------
    Tensor
        Shape ``(num_segments,) + rest``; 0 where no row carries the number.

    Examples
    --------
    >>> import minitf as tf
    >>> tf.math.unsorted_segment_sqrt_n([1.0, 1.0, 1.0, 1.0], [0, 0, 0, 0], 1).numpy().tolist()
    [2.0]
    """
    data, ids = as_tensor(data), as_tensor(segment_ids)
    summed = unsorted_segment_sum(data, ids, num_segments)
    return divide(summed, sqrt(_row_counts(summed, ids, num_segments)), name=name)


def _row_counts(rows: Any, ids: Any, num_segments: Any) -> Any:
    """Return how many rows each row is the sum of (1 for none), as a column."""
    counts = unsorted_segment_sum(ones_like(ids, dtype=rows.dtype), ids, num_segments)
    return _as_column(maximum(counts, 1), rows)


# -- numbers in ascending order ---------------------------------------------------------------


@op(differentiable=False)
def count_segments(segment_ids: IntTensor):
    """Return one more than the last of ascending numbers: how many segments there are.

    Raises
    ------
    InvalidArgumentError
        Where the numbers are negative, or not in ascending order.

    Examples
    --------
    >>> import minitf as tf
    >>> from minitf.ops.segment import count_segments
    >>> int(count_segments([0, 0, 2]))
    3
    """
    if len(segment_ids.shape) != 1:
        raise ShapeError(f"segment_ids must have one axis, got shape {segment_ids.shape}")
    return TensorSpec((), segment_ids.dtype)


@count_segments.kernel("numpy")
def _(segment_ids):
    if segment_ids.size and (segment_ids[0] < 0 or np.any(segment_ids[1:] < segment_ids[:-1])):
        raise InvalidArgumentError(
            "segment_ids must be 0 or more and in ascending order; others are served by "
            "tf.math.unsorted_segment_sum and its like"
        )
    return segment_ids.dtype.type(segment_ids[-1] + 1 if segment_ids.size else 0)


def _sorted(function: Any, data: Any, segment_ids: Any, name: str | None) -> Tensor:
    ids = as_tensor(segment_ids)
    return function(data, ids, count_segments(ids), name=name)


def _sorted_extreme(function: Any, data: Any, segment_ids: Any, name: str | None) -> Tensor:
    """Return the extreme of each segment, and 0 for segments without rows."""
    ids = as_tensor(segment_ids)
    count = count_segments(ids)
    rows = function(data, ids, count)
    used = unsorted_segment_sum(ones_like(ids), ids, count) > 0
    return select(_as_column(used, rows), rows, 0, name=name)


@composed
def segment_sum(data: Any, segment_ids: Any, name: str | None = None) -> Tensor:
    """Add up the rows of each segment.

    Parameters
    ----------
    data : Tensor
        Numbers, shape (n, ...).
    segment_ids : Tensor
        Integers, shape (n,): the segment of each row, in ascending order.

    Returns
    -------
    Tensor
        Shape (last segment + 1, ...); 0 for segments without rows.

    Raises
    ------
    InvalidArgumentError
        Where `segment_ids` does not ascend.

    Examples
    --------
    >>> import minitf as tf
    >>> tf.math.segment_sum([1, 2, 3], [0, 0, 2]).numpy().tolist()
    [3, 0, 3]
    """
    return _sorted(unsorted_segment_sum, data, segment_ids, name)


@composed
def segment_prod(data: Any, segment_ids: Any, name: str | None = None) -> Tensor:
    """Multiply the rows of each segment; 1 for segments without rows. See `segment_sum`.

    Examples
    --------
    >>> import minitf as tf
    >>> tf.math.segment_prod([1, 2, 3], [0, 0, 2]).numpy().tolist()
    [2, 1, 3]
    """
    return _sorted(unsorted_segment_prod, data, segment_ids, name)


@composed
def segment_mean(data: Any, segment_ids: Any, name: str | None = None) -> Tensor:
    """Average the rows of each segment; 0 for segments without rows. See `segment_sum`.

    Examples
    --------
    >>> import minitf as tf
    >>> tf.math.segment_mean([1.0, 2.0, 3.0], [0, 0, 2]).numpy().tolist()
    [1.5, 0.0, 3.0]
    """
    data = as_tensor(data)
    mean = _sorted(unsorted_segment_mean, data, segment_ids, name)
    return cast(mean, data.dtype)


@composed
def segment_max(data: Any, segment_ids: Any, name: str | None = None) -> Tensor:
    """Return the largest row of each segment; 0 for segments without rows. See `segment_sum`.

    Examples
    --------
    >>> import minitf as tf
    >>> tf.math.segment_max([1, 2, 3], [0, 0, 2]).numpy().tolist()
    [2, 0, 3]
    """
    return _sorted_extreme(unsorted_segment_max, data, segment_ids, name)


@composed
def segment_min(data: Any, segment_ids: Any, name: str | None = None) -> Tensor:
    """Return the smallest row of each segment; 0 for segments without rows. See `segment_sum`.

    Examples
    --------
    >>> import minitf as tf
    >>> tf.math.segment_min([1, 2, 3], [0, 0, 2]).numpy().tolist()
    [1, 0, 3]
    """
    return _sorted_extreme(unsorted_segment_min, data, segment_ids, name)
