"""What can be done with sparse tensors: `tf.sparse`."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise
from typing import Any

import numpy as np

from minitf.composite.sparse import SparseTensor
from minitf.composite.sparse_places import (
    checked,
    flat,
    may_equal,
    reorder,
    retain,
    unflat,
)
from minitf.dtypes import bool_, float32, int64, string
from minitf.errors import InvalidArgumentError, OutOfRangeError, ShapeError
from minitf.graph.convert import as_tensor
from minitf.graph.registry import OPS
from minitf.graph.spec import normalize_axes
from minitf.ops.array import concat as join
from minitf.ops.array import reshape as reshape_dense
from minitf.ops.array import stack
from minitf.ops.array import transpose as transpose_dense
from minitf.ops.broadcasting import broadcast_to
from minitf.ops.composed import composed
from minitf.ops.division import divide
from minitf.ops.filling import fill
from minitf.ops.gather import gather, gather_nd
from minitf.ops.logic import not_equal
from minitf.ops.math import abs_, cast, multiply
from minitf.ops.powers import sqrt, square
from minitf.ops.reduction import reduce_prod
from minitf.ops.scatter import tensor_scatter_nd_add, tensor_scatter_nd_update
from minitf.ops.segment import count_segments, unsorted_segment_max, unsorted_segment_sum
from minitf.ops.sorting import unique
from minitf.ops.source import ones_like, shape, zeros_like
from minitf.ops.where import where


def _sizes(x: SparseTensor) -> list[Any]:
    """Return the sizes of the whole, as numbers where they are known."""
    return [x.dense_shape[i] if n is None else n for i, n in enumerate(x.shape)]


@composed
def to_dense(sp_input: Any, default_value: Any = None, validate_indices: bool = True,
             name: str | None = None) -> Any:  # fmt: skip
    """Return the whole as a Tensor.

    Parameters
    ----------
    sp_input : SparseTensor
        Its indices in order.
    default_value : number or str, optional
        What stands where no element is: 0, False or '' unless given.
    validate_indices : bool
        Whether to check that the indices are in order and none comes twice.
    name : str, optional
        Accepted as in TensorFlow.

    Returns
    -------
    Tensor

    Examples
    --------
    >>> import minitf as tf
    >>> tf.sparse.to_dense(tf.sparse.eye(2), default_value=7.0).numpy().tolist()
    [[1.0, 7.0], [7.0, 1.0]]
    """
    x = checked(sp_input)
    if x.indices.operation is None and x.dense_shape.operation is None:
        _check_indices(np.asarray(x.indices), np.asarray(x.dense_shape), validate_indices)
    if default_value is None:
        default_value = as_tensor("") if x.dtype is string else cast(0, x.dtype)
    whole = fill(_sizes(x), as_tensor(default_value, hint=x.dtype))
    return tensor_scatter_nd_update(whole, x.indices, x.values)


def _check_indices(indices: Any, sizes: Any, in_order: bool) -> None:
    for i, index in enumerate(indices):
        if (index < 0).any() or (index >= sizes).any():
            raise OutOfRangeError(f"indices[{i}] is {index.tolist()}, outside of {sizes.tolist()}")
    later = [tuple(index) for index in indices]
    for i, (before, after) in enumerate(pairwise(later), 1):
        if in_order and before >= after:
            wrong = "comes twice" if before == after else "is out of order: tf.sparse.reorder(x)"
            raise InvalidArgumentError(f"indices[{i}] = {list(map(int, after))} {wrong}")


@composed
def from_dense(tensor: Any, name: str | None = None) -> SparseTensor:
    """Return the elements of a Tensor that are not 0.

    Parameters
    ----------
    tensor : Tensor
        Any shape.
    name : str, optional
        Accepted as in TensorFlow.

    Returns
    -------
    SparseTensor

    Examples
    --------
    >>> import minitf as tf
    >>> tf.sparse.from_dense([[0, 0, 5], [7, 0, 0]]).values.numpy().tolist()
    [5, 7]
    """
    x = as_tensor(tensor)
    nothing = as_tensor("") if x.dtype is string else zeros_like(x)
    places = where(not_equal(x, nothing))
    return SparseTensor(places, gather_nd(x, places), shape(x, int64))


@composed
def eye(num_rows: int, num_columns: int | None = None, dtype: Any = float32,
        name: str | None = None) -> SparseTensor:  # fmt: skip
    """Return a matrix with ones on its diagonal.

    Parameters
    ----------
    num_rows, num_columns : int
        The size; square unless both are given.
    dtype : DType
        The element type.
    name : str, optional
        Accepted as in TensorFlow.

    Returns
    -------
    SparseTensor

    Examples
    --------
    >>> import minitf as tf
    >>> tf.sparse.eye(2, 3).indices.numpy().tolist()
    [[0, 0], [1, 1]]
    """
    columns = num_rows if num_columns is None else num_columns
    count = min(int(num_rows), int(columns))
    places = np.repeat(np.arange(count)[:, None], 2, axis=1)
    return SparseTensor(places, cast(fill([count], 1), dtype), [num_rows, columns])


# -- products and sums --------------------------------------------------------------------------


@composed
def sparse_dense_matmul(sp_a: Any, b: Any, adjoint_a: bool = False, adjoint_b: bool = False,
                        name: str | None = None) -> Any:  # fmt: skip
    """Return the product of a sparse matrix and a Tensor.

    Parameters
    ----------
    sp_a, b : SparseTensor and Tensor, in either order
        Matrices.
    adjoint_a, adjoint_b : bool
        Whether to transpose them first.
    name : str, optional
        Accepted as in TensorFlow.

    Returns
    -------
    Tensor
        Of as many operations as there are elements: each multiplies a row of `b`.

    Examples
    --------
    >>> import minitf as tf
    >>> matrix = tf.SparseTensor([[0, 1]], [2.0], [2, 2])
    >>> tf.sparse.sparse_dense_matmul(matrix, [[1.0, 2.0], [3.0, 4.0]]).numpy().tolist()
    [[6.0, 8.0], [0.0, 0.0]]
    """
    if isinstance(b, SparseTensor):  # a b = (b^T a^T)^T
        return transpose_dense(sparse_dense_matmul(b, sp_a, not adjoint_b, not adjoint_a))
    x = checked(sp_a)
    y = as_tensor(b, hint=x.dtype)
    y = transpose_dense(y) if adjoint_b else y
    row, column = (1, 0) if adjoint_a else (0, 1)
    if x.ndim != 2 or y.ndim != 2 or not may_equal(x.shape[column], y.shape[0]):
        raise ShapeError(f"matrices do not fit: {x.shape}{'^T' if adjoint_a else ''} @ {y.shape}")
    terms = x.values[:, None] * gather(y, x.indices[:, column])
    return unsorted_segment_sum(terms, x.indices[:, row], _sizes(x)[row])


@composed
def add(a: Any, b: Any, threshold: Any = 0) -> Any:
    """Return a sum: sparse, if both are.

    Parameters
    ----------
    a, b : SparseTensor or Tensor
        Of one shape; one at least is sparse.
    threshold : number
        Elements of a sparse sum that are smaller are left out.

    Returns
    -------
    SparseTensor or Tensor

    Examples
    --------
    >>> import minitf as tf
    >>> tf.sparse.add(tf.sparse.eye(2), tf.sparse.eye(2)).values.numpy().tolist()
    [2.0, 2.0]
    """
    if not isinstance(a, SparseTensor) or not isinstance(b, SparseTensor):
        x, y = (a, b) if isinstance(a, SparseTensor) else (b, a)
        x = checked(x)
        return tensor_scatter_nd_add(as_tensor(y, hint=x.dtype), x.indices, x.values)
    if not a.shape.is_compatible_with(b.shape):
        raise ShapeError(f"shapes differ: {a.shape} and {b.shape}")
    both = SparseTensor(join([a.indices, b.indices], 0), join([a.values, b.values], 0),
                        a.dense_shape)  # fmt: skip
    both = reorder(both)
    places, which = unique(flat(both))
    sums = unsorted_segment_sum(both.values, which, shape(places)[0])
    found = SparseTensor(unflat(places, both), sums, a.dense_shape)
    size = abs_(sums)
    return retain(found, size >= as_tensor(threshold, hint=size.dtype))


@composed
def reduce_sum(sp_input: Any, axis: Any = None, keepdims: bool | None = None,
               output_is_sparse: bool = False, name: str | None = None) -> Any:  # fmt: skip
    """Return sums along axes.

    Parameters
    ----------
    sp_input : SparseTensor
        Any shape.
    axis : int or sequence of int, optional
        Which; all by default.
    keepdims : bool
        Whether to keep the axes, with size 1.
    output_is_sparse : bool
        Whether to return a SparseTensor.
    name : str, optional
        Accepted as in TensorFlow.

    Returns
    -------
    Tensor or SparseTensor

    Examples
    --------
    >>> import minitf as tf
    >>> tf.sparse.reduce_sum(tf.sparse.eye(2, 3), axis=0).numpy().tolist()
    [1.0, 1.0, 0.0]
    """
    return _reduced(checked(sp_input), axis, keepdims, output_is_sparse, unsorted_segment_sum)


@composed
def reduce_max(sp_input: Any, axis: Any = None, keepdims: bool | None = None,
               output_is_sparse: bool = False, name: str | None = None) -> Any:  # fmt: skip
    """Return the largest of the elements that are there, along axes; 0 where none is.

    Parameters
    ----------
    sp_input, axis, keepdims, output_is_sparse, name
        As for `reduce_sum`.

    Returns
    -------
    Tensor or SparseTensor

    Examples
    --------
    >>> import minitf as tf
    >>> tf.sparse.reduce_max(tf.SparseTensor([[0, 1]], [-2], [2, 3]), axis=1).numpy().tolist()
    [-2, 0]
    """

    def largest(values: Any, places: Any, count: Any) -> Any:
        there = unsorted_segment_sum(ones_like(places), places, count) > 0
        found = unsorted_segment_max(values, places, count)
        return where(there, found, zeros_like(found))

    return _reduced(checked(sp_input), axis, keepdims, output_is_sparse, largest)


def _reduced(x: SparseTensor, axis: Any, keepdims: Any, sparsely: bool,
             combine: Callable[..., Any]) -> Any:  # fmt: skip
    """Return what is combined of elements that differ in their places along some axes alone."""
    gone = normalize_axes(axis, x.ndim)
    kept = [1 if i in gone else n for i, n in enumerate(_sizes(x))]
    places = x.indices * cast([i not in gone for i in range(x.ndim)], int64)
    rest = SparseTensor(places, x.values, cast(stack(kept), int64))
    found = combine(x.values, flat(rest), reduce_prod(rest.dense_shape))
    left = kept if keepdims else [n for i, n in enumerate(kept) if i not in gone]
    found = reshape_dense(found, left)
    return from_dense(found) if sparsely else found


# -- other values -------------------------------------------------------------------------------


@composed
def map_values(op: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
    """Call a function on the values of sparse tensors that have elements at the same places.

    Parameters
    ----------
    op : callable
        Takes Tensors.
    *args, **kwargs
        Its arguments, in which values take the place of sparse tensors.

    Returns
    -------
    SparseTensor

    Examples
    --------
    >>> import minitf as tf
    >>> tf.sparse.map_values(tf.add, tf.sparse.eye(2), 5.0).values.numpy().tolist()
    [6.0, 6.0]
    """
    found = [x for x in (*args, *kwargs.values()) if isinstance(x, SparseTensor)]
    for other in found[1:]:
        pair = found[0].indices, other.indices
        if all(t.operation is None for t in pair) and pair[0].tolist() != pair[1].tolist():
            raise InvalidArgumentError("the sparse tensors have elements at different places")
    values = [_values(x) for x in args], {key: _values(x) for key, x in kwargs.items()}
    result = op(*values[0], **values[1])
    return found[0].with_values(result) if found else result


def _values(x: Any) -> Any:
    return x.values if isinstance(x, SparseTensor) else x


@composed
def to_indicator(sp_input: Any, vocab_size: int, name: str | None = None) -> Any:
    """Return, for rows of numbers, which numbers they hold.

    Parameters
    ----------
    sp_input : SparseTensor
        Its values are whole numbers; where they stand in their rows does not matter.
    vocab_size : int
        One more than the largest.
    name : str, optional
        Accepted as in TensorFlow.

    Returns
    -------
    Tensor
        Of type bool; the last axis has size `vocab_size`.

    Examples
    --------
    >>> import minitf as tf
    >>> rows = tf.SparseTensor([[0, 0], [0, 1], [1, 0]], [2, 0, 1], [2, 2])
    >>> tf.sparse.to_indicator(rows, 3).numpy().tolist()
    [[True, False, True], [False, True, False]]
    """
    x = checked(sp_input)
    places = join([x.indices[:, :-1], cast(x.values, int64)[:, None]], 1)
    whole = fill([*_sizes(x)[:-1], vocab_size], cast(0, bool_))
    return tensor_scatter_nd_update(whole, places, cast(ones_like(x.values), bool_))


def _with_dense(function: Callable[..., Any], x: SparseTensor, y: Any) -> SparseTensor:
    """Return a product or quotient with a Tensor, which stretches to the shape of the whole."""
    y = as_tensor(y, hint=x.dtype)
    if y.ndim:
        y = gather_nd(broadcast_to(y, _sizes(x)), x.indices)
    return x.with_values(function(x.values, y))


def _product(x: Any, y: Any) -> Any:
    return _with_dense(multiply, *((x, y) if isinstance(x, SparseTensor) else (y, x)))


def _quotient(x: Any, y: Any) -> Any:
    return _with_dense(divide, checked(x), y)


for _name, _operator in (("mul", _product), ("rmul", _product), ("truediv", _quotient)):
    setattr(SparseTensor, f"__{_name}__", _operator)

# Functions of one element that leave 0 alone (TensorFlow has a few of them for sparse tensors).
_KEEP_ZERO = ["abs", "negative", "sign", "square", "sqrt", "tanh", "erf"]


def _on_values(definition: Any) -> Callable[..., Any]:
    return lambda x, *rest: x.with_values(definition(x.values, *rest))


SparseTensor.rules.update({name: _on_values(OPS[name]) for name in [*_KEEP_ZERO, "cast"]})
SparseTensor.rules.update({"multiply": _product, "divide": _quotient})


# -- rows of a table ----------------------------------------------------------------------------


@composed
def embedding_lookup_sparse(
    params: Any,
    sp_ids: Any,
    sp_weights: Any = None,
    combiner: str | None = None,
    max_norm: float | None = None,
    name: str | None = None,
    allow_fast_lookup: bool = False,
) -> Any:
    """Look up rows of a table, several for each example, and combine them.

    Parameters
    ----------
    params : Tensor
        The table.
    sp_ids : SparseTensor
        Numbers of rows; those in one row are looked up for one example.
    sp_weights : SparseTensor, optional
        What each counts; 1 unless given.
    combiner : str
        "mean", "sum" or "sqrtn" (divided by the square root of the sum of squared weights).
    max_norm, name, allow_fast_lookup : optional
        Accepted as in TensorFlow; `max_norm` must be None.

    Returns
    -------
    Tensor
        One row for each example.

    Examples
    --------
    >>> import minitf as tf
    >>> ids = tf.SparseTensor([[0, 0], [0, 1], [1, 0]], [0, 1, 1], [2, 2])
    >>> tf.nn.embedding_lookup_sparse([[1.0], [3.0]], ids, combiner="mean").numpy().tolist()
    [[2.0], [3.0]]
    """
    combiner = combiner or "mean"
    if combiner not in ("mean", "sum", "sqrtn") or max_norm is not None:
        raise InvalidArgumentError("combiner is 'mean', 'sum' or 'sqrtn', and max_norm None; got "
                                   f"{combiner!r} and {max_norm!r}")  # fmt: skip
    ids = checked(sp_ids)
    rows, example = gather(as_tensor(params), ids.values), ids.indices[:, 0]
    count = count_segments(example)
    weights = ones_like(rows[..., 0]) if sp_weights is None else cast(sp_weights.values, rows.dtype)
    found = unsorted_segment_sum(rows * weights[:, None], example, count)
    if combiner == "sum":
        return found
    weights = weights if combiner == "mean" else square(weights)
    total = unsorted_segment_sum(weights, example, count)[:, None]
    return found / (total if combiner == "mean" else sqrt(total))
