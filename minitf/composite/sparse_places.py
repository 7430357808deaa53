"""Sparse tensors whose elements lie elsewhere: in another order, another shape, or side by side."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from minitf.composite.sparse import SparseTensor
from minitf.dtypes import int64
from minitf.errors import InvalidArgumentError, ShapeError
from minitf.graph.convert import as_tensor
from minitf.graph.spec import normalize_axes
from minitf.ops.array import concat as join
from minitf.ops.array import stack
from minitf.ops.composed import composed
from minitf.ops.filling import fill
from minitf.ops.gather import gather
from minitf.ops.logic import logical_and
from minitf.ops.math import cast
from minitf.ops.partition import boolean_mask
from minitf.ops.reduction import reduce_all, reduce_prod
from minitf.ops.reduction import reduce_sum as sum_dense
from minitf.ops.rounding import clip_by_value
from minitf.ops.sorting import argsort
from minitf.ops.source import ones_like, zeros_like
from minitf.ops.where import where


def checked(x: Any) -> SparseTensor:
    """Return an argument that must be sparse."""
    if not isinstance(x, SparseTensor):
        raise InvalidArgumentError(f"expected a SparseTensor, got {x!r}")
    return x


def may_equal(m: Any, n: Any) -> bool:
    """Return whether two sizes agree, as far as they are known."""
    return m is None or n is None or m == n


def strides(x: SparseTensor) -> Any:
    """Return how far apart neighbours along each axis are, where all elements stand in a row."""
    ones = cast([1], int64)
    after = [reduce_prod(x.dense_shape[i + 1 :]) for i in range(x.ndim - 1)]
    return join([stack(after), ones], 0) if after else ones


def flat(x: SparseTensor) -> Any:
    """Return where each element stands if all stand in one row."""
    return sum_dense(x.indices * strides(x), axis=1)


def unflat(places: Any, x: SparseTensor) -> Any:
    """Return where elements lie that stand at some places of that row."""
    return places[:, None] // strides(x)[None] % x.dense_shape[None]


@composed
def reorder(sp_input: Any, name: str | None = None) -> SparseTensor:
    """Return the elements in the order of rows, which other functions expect.

    Parameters
    ----------
    sp_input : SparseTensor
        In any order.
    name : str, optional
        Accepted as in TensorFlow.

    Returns
    -------
    SparseTensor

    Examples
    --------
    >>> import minitf as tf
    >>> tf.sparse.reorder(tf.SparseTensor([[1], [0]], [5, 7], [2])).values.numpy().tolist()
    [7, 5]
    """
    x = checked(sp_input)
    order = argsort(flat(x), stable=True)
    return SparseTensor(gather(x.indices, order), gather(x.values, order), x.dense_shape)


@composed
def transpose(sp_input: Any, perm: Any = None, name: str | None = None) -> SparseTensor:
    """Return the axes in another order, reversed unless `perm` tells.

    Parameters
    ----------
    sp_input : SparseTensor
        Any shape.
    perm : sequence of int, optional
        Which axis comes first, second, ...
    name : str, optional
        Accepted as in TensorFlow.

    Returns
    -------
    SparseTensor

    Examples
    --------
    >>> import minitf as tf
    >>> tf.sparse.transpose(tf.SparseTensor([[0, 2]], [5], [2, 3])).indices.numpy().tolist()
    [[2, 0]]
    """
    x = checked(sp_input)
    order = list(range(x.ndim))[::-1] if perm is None else list(perm)
    return reorder(SparseTensor(gather(x.indices, order, axis=1), x.values,
                                gather(x.dense_shape, order)))  # fmt: skip


@composed
def slice_(sp_input: Any, start: Any, size: Any, name: str | None = None) -> SparseTensor:
    """Return a block.

    Parameters
    ----------
    sp_input : SparseTensor
        Any shape.
    start, size : Tensor
        Where the block begins, and how large it is, along each axis; it ends where the whole ends.
    name : str, optional
        Accepted as in TensorFlow.

    Returns
    -------
    SparseTensor

    Examples
    --------
    >>> import minitf as tf
    >>> tf.sparse.slice(tf.sparse.eye(3), [1, 0], [2, 2]).indices.numpy().tolist()
    [[0, 1]]
    """
    x = checked(sp_input)
    begin, extent = (cast(as_tensor(t, hint=int64), int64) for t in (start, size))
    extent = clip_by_value(extent, zeros_like(extent), x.dense_shape - begin)
    moved = SparseTensor(x.indices - begin, x.values, extent)
    inside = logical_and(moved.indices >= 0, moved.indices < extent)
    return retain(moved, reduce_all(inside, axis=1))


@composed
def retain(sp_input: Any, to_retain: Any) -> SparseTensor:
    """Return the elements that a mask marks as True.

    Parameters
    ----------
    sp_input : SparseTensor
        With n elements.
    to_retain : Tensor, shape (n,)
        Of type bool.

    Returns
    -------
    SparseTensor

    Examples
    --------
    >>> import minitf as tf
    >>> tf.sparse.retain(tf.sparse.eye(2), [False, True]).indices.numpy().tolist()
    [[1, 1]]
    """
    x = checked(sp_input)
    return SparseTensor(boolean_mask(x.indices, to_retain), boolean_mask(x.values, to_retain),
                        x.dense_shape)  # fmt: skip


@composed
def expand_dims(sp_input: Any, axis: int | None = None, name: str | None = None) -> SparseTensor:
    """Return a new axis of size 1, the last one unless `axis` tells.

    Parameters
    ----------
    sp_input : SparseTensor
        Any shape.
    axis : int, optional
        Where it stands.
    name : str, optional
        Accepted as in TensorFlow.

    Returns
    -------
    SparseTensor

    Examples
    --------
    >>> import minitf as tf
    >>> tf.sparse.expand_dims(tf.sparse.eye(2), 0).shape
    (1, 2, 2)
    """
    x = checked(sp_input)
    axis = -1 if axis is None else axis
    at = axis + x.ndim + 1 if axis < 0 else axis
    zeros = zeros_like(x.indices[:, :1])
    indices = join([x.indices[:, :at], zeros, x.indices[:, at:]], 1)
    sizes = join([x.dense_shape[:at], cast([1], int64), x.dense_shape[at:]], 0)
    return SparseTensor(indices, x.values, sizes)


@composed
def reshape(sp_input: Any, shape: Any, name: str | None = None) -> SparseTensor:
    """Return the same elements in another shape.

    Parameters
    ----------
    sp_input : SparseTensor
        Any shape.
    shape : sequence of int
        As for `tf.reshape`.
    name : str, optional
        Accepted as in TensorFlow.

    Returns
    -------
    SparseTensor

    Examples
    --------
    >>> import minitf as tf
    >>> tf.sparse.reshape(tf.sparse.eye(2), [-1]).indices.numpy().tolist()
    [[0], [3]]
    """
    x = checked(sp_input)
    wanted = cast(as_tensor(shape, hint=int64), int64)
    known = reduce_prod(where(wanted < 0, ones_like(wanted), wanted))
    wanted = where(wanted < 0, reduce_prod(x.dense_shape) // known, wanted)
    empty = SparseTensor(fill([0, wanted.shape[0]], cast(0, int64)), x.values[:0], wanted)
    return SparseTensor(unflat(flat(x), empty), x.values, wanted)


@composed
def concat(axis: int, sp_inputs: Sequence[Any], expand_nonconcat_dims: bool = False,
           name: str | None = None) -> SparseTensor:  # fmt: skip
    """Join sparse tensors along an axis.

    Parameters
    ----------
    axis : int
        The axis; it comes first, as in TensorFlow.
    sp_inputs : sequence of SparseTensor
        Of one shape but for that axis.
    expand_nonconcat_dims : bool
        Accepted as in TensorFlow; other axes must agree.
    name : str, optional
        Accepted as in TensorFlow.

    Returns
    -------
    SparseTensor

    Examples
    --------
    >>> import minitf as tf
    >>> tf.sparse.concat(1, [tf.sparse.eye(2), tf.sparse.eye(2)]).indices.numpy().tolist()
    [[0, 0], [0, 2], [1, 1], [1, 3]]
    """
    parts = [checked(x) for x in sp_inputs]
    axis = normalize_axes(axis, parts[0].ndim)[0]
    along = cast([i == axis for i in range(parts[0].ndim)], int64)
    indices, sizes = [], parts[0].dense_shape * (1 - along)
    for part in parts:
        rest = [(n, m) for i, (n, m) in enumerate(zip(part.shape, parts[0].shape, strict=True))
                if i != axis]  # fmt: skip
        if not all(may_equal(n, m) for n, m in rest):
            raise ShapeError(f"shapes differ beside axis {axis}: {parts[0].shape}, {part.shape}")
        indices.append(part.indices + sizes * along)
        sizes = sizes + part.dense_shape * along
    return reorder(SparseTensor(join(indices, 0), join([p.values for p in parts], 0), sizes))
