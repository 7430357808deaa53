"""Order: sorting, the largest elements, distinct elements, places in a sorted sequence."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from minitf.dtypes import DType, bool_, int32
from minitf.errors import InvalidArgumentError, ShapeError
from minitf.graph.convert import as_tensor
from minitf.graph.op import AnyTensor, IntTensor, Tensor, op
from minitf.graph.spec import TensorSpec, normalize_axis
from minitf.ops.array import transpose
from minitf.ops.composed import composed
from minitf.ops.gather import gather


@op(name="argsort", differentiable=False)
def argsort_(values: AnyTensor, axis: int, descending: bool):
    """Return the indices that would sort a tensor; see `argsort`."""
    normalize_axis(axis, len(values.shape))
    return TensorSpec(values.shape, int32)


@argsort_.kernel("numpy")
def _(values, *, axis, descending):
    return order(values, axis, descending).astype(np.int32)


def order(values: Any, axis: int, descending: bool) -> Any:
    """Return the indices that sort an array; equal elements keep their order."""
    if not descending:
        return np.argsort(values, axis, kind="stable")
    upward = np.argsort(np.flip(values, axis), axis, kind="stable")
    return values.shape[axis] - 1 - np.flip(upward, axis)


@composed
def argsort(
    values: Any,
    axis: int = -1,
    direction: str = "ASCENDING",
    stable: bool = False,
    name: str | None = None,
) -> Tensor:
    """Return the indices that would sort a tensor along an axis.

    Parameters
    ----------
    values : Tensor
        Any shape with at least one axis.
    axis : int
        The axis to sort along.
    direction : {"ASCENDING", "DESCENDING"}
        Smallest or largest first.
    stable : bool
        Accepted for TensorFlow's sake: equal elements always keep their order.

    Returns
    -------
    Tensor
        Of type int32 and the shape of `values`.

    Examples
    --------
    >>> import minitf as tf
    >>> tf.argsort([30, 10, 20]).numpy().tolist()
    [1, 2, 0]
    """
    return argsort_(values, axis, _descending(direction), name=name)


def _descending(direction: str) -> bool:
    if direction not in ("ASCENDING", "DESCENDING"):
        raise InvalidArgumentError(f"direction is 'ASCENDING' or 'DESCENDING', got {direction!r}")
    return direction == "DESCENDING"


@composed
def sort(
    values: Any, axis: int = -1, direction: str = "ASCENDING", name: str | None = None
) -> Tensor:
    """Sort the elements along an axis.

    Parameters
    ----------
    values : Tensor
        Any shape with at least one axis.
    axis : int
        The axis to sort along.
    direction : {"ASCENDING", "DESCENDING"}
        Smallest or largest first.

    Returns
    -------
    Tensor

    Examples
    --------
    >>> import minitf as tf
    >>> tf.sort([3, 1, 2], direction="DESCENDING").numpy().tolist()
    [3, 2, 1]
    """
    values = as_tensor(values)
    at, last = normalize_axis(axis, len(values.shape)), len(values.shape) - 1
    indices = argsort_(values, at, _descending(direction))
    if at == last:
        return _pick(values, indices, name)
    swap = list(range(last + 1))
    swap[at], swap[last] = last, at
    return transpose(_pick(transpose(values, swap), transpose(indices, swap)), swap, name=name)


def _pick(values: Tensor, indices: Tensor, name: str | None = None) -> Tensor:
    """Return the elements that stand at `indices` along the last axis."""
    return gather(values, indices, batch_dims=len(values.shape) - 1, name=name)


class TopK(NamedTuple):
    """The largest elements, and where they stand."""

    values: Tensor
    indices: Tensor


@op(name="top_k", differentiable=False)
def top_indices(input: AnyTensor, k: int, index_type: DType):
    """Return where the k largest elements stand along the last axis; see `top_k`."""
    if not input.shape:
        raise ShapeError("at least one axis is needed")
    width = input.shape[-1]
    if k is not None and (k < 0 or (width is not None and k > width)):
        raise InvalidArgumentError(f"k must lie between 0 and the last axis' {width}, got {k}")
    return TensorSpec(input.shape[:-1] + (k,), index_type)


@top_indices.kernel("numpy")
def _(input, *, k, index_type):
    if k == 1:
        found = np.argmax(input, -1)[..., None]
    else:
        found = order(input, -1, True)[..., :k]
    return found.astype(index_type.numpy)


@composed
def top_k(
    input: Any, k: Any = 1, sorted: bool = True, index_type: Any = int32, name: str | None = None
) -> TopK:
    """Return the k largest elements along the last axis, the largest first, and their places.

    Parameters
    ----------
    input : Tensor
        Shape (..., n).
    k : int
        How many.
    sorted : bool
        Accepted for TensorFlow's sake: the result is always sorted.
    index_type : DType
        Element type of the indices.

    Returns
    -------
    TopK
        ``values`` and ``indices``, both of shape (..., k). Of equal elements the first comes first.

    Raises
    ------
    InvalidArgumentError
        Where k > n.

    Examples
    --------
    >>> import minitf as tf
    >>> values, indices = tf.math.top_k([10, 30, 20, 30], k=2)
    >>> values.numpy().tolist(), indices.numpy().tolist()
    ([30, 30], [1, 3])
    """
    input = as_tensor(input)
    indices = top_indices(input, k, index_type)
    return TopK(_pick(input, indices, name), indices)


@op(differentiable=False)
def in_top_k(targets: IntTensor, predictions: AnyTensor, k: int):
    """Return whether each target is among the k classes with the highest predictions.

    Parameters
    ----------
    targets : Tensor
        Integers, shape (batch,): the right classes.
    predictions : Tensor
        Floating, shape (batch, classes).
    k : int
        How many classes count.

    Returns
    -------
    Tensor
        Of type bool, shape (batch,). Classes that tie at the border all count; a target that is no
        class, or whose prediction is not finite, does not.

    Examples
    --------
    >>> import minitf as tf
    >>> tf.math.in_top_k([0, 1], [[0.1, 0.2, 0.7], [0.1, 0.2, 0.7]], 2).numpy().tolist()
    [False, True]
    """
    if len(targets.shape) != 1 or len(predictions.shape) != 2:
        raise ShapeError(
            "targets (batch,) and predictions (batch, classes) are needed, got "
            f"{targets.shape} and {predictions.shape}"
        )
    return TensorSpec(targets.shape.merge_with(predictions.shape[:1]), bool_)


@in_top_k.kernel("numpy")
def _(targets, predictions, *, k):
    exists = (targets >= 0) & (targets < predictions.shape[1])
    if not predictions.size:
        return exists
    chosen = np.take_along_axis(predictions, np.where(exists, targets, 0)[:, None], 1)
    better = np.count_nonzero(predictions > chosen, 1)
    return exists & np.isfinite(chosen[:, 0]) & (better < k)


class Unique(NamedTuple):
    """The distinct elements, and which of them each element is."""

    y: Tensor
    idx: Tensor


class UniqueWithCounts(NamedTuple):
    """The distinct elements, which of them each element is, and how often each occurs."""

    y: Tensor
    idx: Tensor
    count: Tensor  # type: ignore[assignment]  # TensorFlow's name hides a method of tuple


@op(name="unique", differentiable=False)
def unique_(x: AnyTensor, out_idx: DType):
    """Return the distinct elements, the number of each, and their counts; see `unique`."""
    if len(x.shape) != 1:
        raise ShapeError(f"one axis is needed, got shape {x.shape}")
    return (
        TensorSpec((None,), x.dtype),
        TensorSpec(x.shape, out_idx),
        TensorSpec((None,), out_idx),
    )


@unique_.kernel("numpy")
def _(x, *, out_idx):
    values, first, which, count = np.unique(
        x, return_index=True, return_inverse=True, return_counts=True
    )
    appearance = np.argsort(first)  # NumPy sorts the values; here they come as they appear
    number = np.empty_like(appearance)
    number[appearance] = np.arange(len(appearance))
    return (
        values[appearance],
        number[which].astype(out_idx.numpy),
        count[appearance].astype(out_idx.numpy),
    )


def unique(x: Any, out_idx: Any = int32, name: str | None = None) -> Unique:
    """Return the distinct elements in the order of their first appearance.

    Parameters
    ----------
    x : Tensor
        Shape (n,).
    out_idx : DType
        Element type of the indices.

    Returns
    -------
    Unique
        ``y``, the distinct elements, and ``idx``, such that ``y[idx[i]] == x[i]``.

    Examples
    --------
    >>> import minitf as tf
    >>> y, idx = tf.unique([30, 10, 30])
    >>> y.numpy().tolist(), idx.numpy().tolist()
    ([30, 10], [0, 1, 0])
    """
    return Unique(*unique_(x, out_idx, name=name)[:2])


def unique_with_counts(x: Any, out_idx: Any = int32, name: str | None = None) -> UniqueWithCounts:
    """Return the distinct elements as `unique` does, and how often each occurs.

    Parameters
    ----------
    x : Tensor
        Shape (n,).
    out_idx : DType
        Element type of the indices and counts.

    Returns
    -------
    UniqueWithCounts
        ``y``, ``idx`` and ``count``.

    Examples
    --------
    >>> import minitf as tf
    >>> tf.unique_with_counts([30, 10, 30]).count.numpy().tolist()
    [2, 1]
    """
    return UniqueWithCounts(*unique_(x, out_idx, name=name))


@op(name="searchsorted", differentiable=False)
def searchsorted_(sorted_sequence: Tensor, values: Tensor, right: bool, out_type: DType):
    """Return where values belong in sorted sequences; see `searchsorted`."""
    rows = sorted_sequence.shape[:-1]
    if not sorted_sequence.shape or not values.shape:
        raise ShapeError("at least one axis is needed")
    if not rows.is_compatible_with(values.shape[:-1]):
        raise ShapeError(
            f"all axes but the last must agree: {sorted_sequence.shape} and {values.shape}"
        )
    return TensorSpec(rows.merge_with(values.shape[:-1]) + values.shape[-1:], out_type)


@searchsorted_.kernel("numpy")
def _(sorted_sequence, values, *, right, out_type):
    side = "right" if right else "left"
    found = np.empty(values.shape, out_type.numpy)
    for row in np.ndindex(values.shape[:-1]):
        found[row] = np.searchsorted(sorted_sequence[row], values[row], side)
    return found


@composed
def searchsorted(
    sorted_sequence: Any,
    values: Any,
    side: str = "left",
    out_type: Any = int32,
    name: str | None = None,
) -> Tensor:
    """Return where values would have to be inserted to keep a sequence sorted.

    Parameters
    ----------
    sorted_sequence : Tensor
        Shape (..., n), sorted along the last axis.
    values : Tensor
        Shape (..., m), of the same dtype; the leading axes agree.
    side : {"left", "right"}
        Before or behind elements that are equal.
    out_type : DType
        int32 or int64.

    Returns
    -------
    Tensor
        Shape (..., m), from 0 to n.

    Examples
    --------
    >>> import minitf as tf
    >>> tf.searchsorted([1, 3, 5], [0, 3, 6]).numpy().tolist()
    [0, 1, 3]
    """
    if side not in ("left", "right"):
        raise InvalidArgumentError(f"side is 'left' or 'right', got {side!r}")
    return searchsorted_(sorted_sequence, values, side == "right", out_type, name=name)
