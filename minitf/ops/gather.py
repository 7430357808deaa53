"""Picking elements by number, and putting elements at numbered places.

Gathering and scattering are each other's gradient: where an element was picked several times, its
gradient is the sum over its uses, and `sum_rows` is that sum.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from minitf.errors import InvalidArgumentError, OutOfRangeError, ShapeError
from minitf.graph.convert import as_tensor
from minitf.graph.op import AnyTensor, IntTensor, Shape, Tensor, op
from minitf.graph.spec import TensorShape, TensorSpec, normalize_axis
from minitf.ops.array import known_shape
from minitf.ops.composed import composed
from minitf.ops.shapes import check_compatible

CHUNK = 1 << 18  # elements whose places are worked out at a time, to bound the memory for them


def sum_rows(rows: Any, index: Any, count: int) -> Any:
    """Return `count` rows, each the sum of those of `rows` (N, width) whose `index` (N,) it is."""
    width = rows.shape[1]
    out = np.zeros((count, width), rows.dtype)
    step = max(1, CHUNK // max(1, width))
    for start in range(0, len(index), step):
        places = flat_places(index[start : start + step], width)
        # NumPy has a fast loop for flat arrays; for whole rows it is several times slower.
        np.add.at(out.reshape(-1), places, rows[start : start + step].reshape(-1))
    return out


def flat_places(index: Any, width: int) -> Any:
    """Return where the elements of the rows `index` stand in an array of rows laid out flat."""
    return index if width == 1 else (index[:, None] * width + np.arange(width)).reshape(-1)


def check_range(indices: Any, size: int) -> Any:
    """Return indices as NumPy wants them, after checking that all are in [0, size)."""
    if indices.size and (indices.min() < 0 or indices.max() >= size):
        wrong = indices[(indices < 0) | (indices >= size)].flat[0]
        raise OutOfRangeError(f"index {wrong} is not in [0, {size})")
    return indices.astype(np.intp, copy=False)


# -- along one axis ---------------------------------------------------------------------------


@op(name="gather")
def gather_(params: AnyTensor, indices: IntTensor, axis: int, batch_dims: int):
    """Pick slices of a tensor along an axis; see `gather`."""
    return TensorSpec(_gathered(params.shape, indices.shape, axis, batch_dims), params.dtype)


def _gathered(params: TensorShape, indices: TensorShape, axis: int, batch_dims: int) -> TensorShape:
    at, batch = _gather_axes(params, indices, axis, batch_dims)
    lead = params[:batch].merge_with(indices[:batch])
    _check_any(params[at : at + 1], indices)
    return lead + params[batch:at] + indices[batch:] + params[at + 1 :]


def _check_any(sizes: TensorShape, picks: TensorShape) -> None:
    if 0 in sizes and picks.num_elements() not in (0, None):
        raise OutOfRangeError("nothing can be picked from an axis of size 0")


def _gather_axes(params: TensorShape, indices: TensorShape, axis: Any, batch: Any) -> Any:
    """Return the axis and the number of batch axes, counted from the front and checked."""
    at = normalize_axis(axis, len(params))
    count = batch + len(indices) if batch < 0 else batch
    if not 0 <= count <= min(at, len(indices)):
        raise InvalidArgumentError(
            f"batch_dims {batch} must be at most axis {axis} and the rank {len(indices)} of indices"
        )
    return at, count


@gather_.kernel("numpy")
def _(params, indices, *, axis, batch_dims):
    at, batch = _gather_axes(params.shape, indices.shape, axis, batch_dims)
    picks = check_range(indices, params.shape[at])
    if not batch:
        return np.take(params, picks, at, mode="clip")  # "clip": the check has been done
    lead, size, between = params.shape[:batch], params.shape[at], at - batch
    rows = np.moveaxis(params, at, batch)
    rest = rows.shape[batch + 1 :]
    picked = np.take(
        rows.reshape(math.prod(lead) * size, *rest), _in_batch(picks, lead, size), 0, mode="clip"
    )
    new = picks.ndim - batch
    return (
        np.moveaxis(picked, range(batch, batch + new), range(at, at + new)) if between else picked
    )


def _in_batch(indices: Any, lead: tuple[int, ...], size: int) -> Any:
    """Return indices into each of a batch of tables as indices into one table below the other."""
    tables = np.arange(math.prod(lead)).reshape(lead + (1,) * (indices.ndim - len(lead)))
    return indices + tables * size


@gather_.gradient
def _(node, dy):
    params, indices = node.inputs[:2]
    shape = known_shape(params)
    return gather_backprop(dy, indices, shape, node["axis"], node["batch_dims"]), None


@op
def gather_backprop(dy: Tensor, indices: IntTensor, shape: Shape, axis: int, batch_dims: int):
    """Add up slices at the places that `gather` took them from, in a tensor of shape `shape`.

    Examples
    --------
    >>> from minitf.ops.gather import gather_backprop
    >>> gather_backprop([[1.0], [2.0], [3.0]], [0, 2, 0], [4, 1], 0, 0).numpy().tolist()
    [[4.0], [0.0], [2.0], [0.0]]
    """
    check_compatible(dy, _gathered(TensorShape(shape), indices.shape, axis, batch_dims))
    return TensorSpec(shape, dy.dtype)


@gather_backprop.kernel("numpy")
def _(dy, indices, *, shape, axis, batch_dims):
    at, batch = _gather_axes(shape, indices.shape, axis, batch_dims)
    picks = check_range(indices, shape[at])
    lead, size, new = shape[:batch], shape[at], indices.ndim - batch
    rest = shape[batch:at] + shape[at + 1 :]
    index = (_in_batch(picks, lead, size) if batch else picks).reshape(-1)
    rows = np.moveaxis(dy, range(at, at + new), range(batch, batch + new))
    summed = sum_rows(rows.reshape(index.size, math.prod(rest)), index, math.prod(lead) * size)
    return np.moveaxis(summed.reshape(*lead, size, *rest), batch, at)


@gather_backprop.gradient
def _(node, dy):
    return gather_(dy, node.inputs[1], node["axis"], node["batch_dims"]), None


@composed
def gather(
    params: Any,
    indices: Any,
    validate_indices: Any = None,
    axis: int | None = None,
    batch_dims: int = 0,
    name: str | None = None,
) -> Tensor:
    """Pick slices of a tensor along an axis.

    Parameters
    ----------
    params : Tensor
        Shape (..., n, ...).
    indices : Tensor
        Of integer type, values in [0, n).
    axis : int, optional
        The axis of size n; `batch_dims` by default.
    batch_dims : int
        How many leading axes of `params` and `indices` belong together, one table for each.

    Returns
    -------
    Tensor
        Shape ``params.shape[:axis] + indices.shape[batch_dims:] + params.shape[axis + 1:]``.

    Raises
    ------
    OutOfRangeError
        Where an index is not in [0, n).

    Examples
    --------
    >>> import minitf as tf
    >>> tf.gather([10, 20, 30], [2, 0, 2]).numpy().tolist()
    [30, 10, 30]
    >>> tf.gather([[1, 2, 3], [4, 5, 6]], [[0], [2]], batch_dims=1).numpy().tolist()
    [[1], [6]]
    """
    indices = as_tensor(indices)
    if axis is None:
        axis = batch_dims + len(indices.shape) if batch_dims < 0 else batch_dims
    return gather_(params, indices, axis, batch_dims, name=name)


# -- along several axes at once ---------------------------------------------------------------


def _nd_shapes(shape: TensorShape, indices: TensorShape, batch: int) -> tuple[Any, Any]:
    """Return the shape of the picks, and of each of them, for indices into `shape`."""
    if not indices or indices[-1] is None:
        raise ShapeError(f"the last dimension of indices must be known, got shape {indices}")
    depth = batch + indices[-1]
    if not 0 <= batch < len(indices) or depth > len(shape):
        raise ShapeError(
            f"indices of shape {indices} (batch_dims={batch}) are too long for shape {tuple(shape)}"
        )
    lead = TensorShape(shape[:batch]).merge_with(indices[:batch])
    _check_any(TensorShape(shape[batch:depth]), indices[:-1])
    return lead + indices[batch:-1], TensorShape(shape[depth:])


def nd_index(indices: Any, shape: Any, batch: int = 0) -> Any:
    """Return index vectors as numbers of rows, where the axes that they count are laid out flat."""
    sizes = shape[batch : batch + indices.shape[-1]]
    index = np.zeros(indices.shape[:-1], np.intp)
    for i, size in enumerate(sizes):
        index = index * size + check_range(indices[..., i], size)
    return _in_batch(index, tuple(shape[:batch]), math.prod(sizes)) if batch else index


@op
def gather_nd(params: AnyTensor, indices: IntTensor, batch_dims: int = 0):
    """Pick slices of a tensor by vectors of indices.

    Parameters
    ----------
    params : Tensor
        Any shape.
    indices : Tensor
        Of integer type, shape (..., k): each vector counts along k axes.
    batch_dims : int
        How many leading axes of `params` and `indices` belong together.

    Returns
    -------
    Tensor
        Shape ``indices.shape[:-1] + params.shape[batch_dims + k:]``.

    Raises
    ------
    OutOfRangeError
        Where an index lies outside of its axis.

    Examples
    --------
    >>> import minitf as tf
    >>> tf.gather_nd([[1, 2], [3, 4]], [[0, 1], [1, 0]]).numpy().tolist()
    [2, 3]
    """
    picks, each = _nd_shapes(params.shape, indices.shape, batch_dims)
    return TensorSpec(picks + each, params.dtype)


@gather_nd.kernel("numpy")
def _(params, indices, *, batch_dims):
    depth = batch_dims + indices.shape[-1]
    index = nd_index(indices, params.shape, batch_dims)
    rows = params.reshape(math.prod(params.shape[:depth]), *params.shape[depth:])
    return np.take(rows, index, 0, mode="clip")


@gather_nd.gradient
def _(node, dy):
    params, indices = node.inputs[:2]
    return scatter_nd_(indices, dy, known_shape(params), node["batch_dims"]), None


@op(name="scatter_nd")
def scatter_nd_(indices: IntTensor, updates: Tensor, shape: Shape, batch_dims: int):
    """Add up slices at numbered places of a tensor of zeros; see `scatter_nd`."""
    check_updates(TensorShape(shape), indices, updates, batch_dims)
    return TensorSpec(shape, updates.dtype)


def check_updates(shape: TensorShape, indices: Any, updates: Any, batch: int = 0) -> None:
    picks, each = _nd_shapes(shape, indices.shape, batch)
    if not (picks + each).is_compatible_with(updates.shape):
        raise ShapeError(
            f"updates must have shape {picks + each} for indices of shape {indices.shape} into "
            f"shape {shape}, got {updates.shape}"
        )


@scatter_nd_.kernel("numpy")
def _(indices, updates, *, shape, batch_dims):
    depth = batch_dims + indices.shape[-1]
    index = nd_index(indices, shape, batch_dims).reshape(-1)
    rows = updates.reshape(index.size, math.prod(shape[depth:]))
    return sum_rows(rows, index, math.prod(shape[:depth])).reshape(shape)


@scatter_nd_.gradient
def _(node, dy):
    return None, gather_nd(dy, node.inputs[0], node["batch_dims"])


@composed
def scatter_nd(
    indices: Any, updates: Any, shape: Any, bad_indices_policy: str = "", name: str | None = None
) -> Tensor:
    """Add up slices at numbered places of a tensor of zeros.

    Parameters
    ----------
    indices : Tensor
        Of integer type, shape (..., k): each vector counts along the first k axes.
    updates : Tensor
        What to add there, of shape ``indices.shape[:-1] + shape[k:]``.
    shape : sequence of int
        Shape of the result.
    bad_indices_policy : str
        Only ``""`` (or ``"ERROR"``) exists: an index out of range is an error.

    Returns
    -------
    Tensor

    Examples
    --------
    >>> import minitf as tf
    >>> tf.scatter_nd([[1], [3], [1]], [10, 20, 30], [5]).numpy().tolist()
    [0, 40, 0, 20, 0]
    """
    only_errors(bad_indices_policy)
    return scatter_nd_(indices, updates, shape, 0, name=name)


def only_errors(policy: str) -> None:
    if policy not in ("", "DEFAULT", "ERROR"):
        raise InvalidArgumentError(f"bad_indices_policy is '' or 'ERROR', got {policy!r}")
