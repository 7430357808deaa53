"""Shapes, joining and splitting: elements move, none of them changes."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import accumulate, pairwise
from typing import Any

import numpy as np

from minitf.errors import InvalidArgumentError, ShapeError
from minitf.graph.convert import as_tensor
from minitf.graph.op import AnyTensor, Raw, Shape, Tensor, op
from minitf.graph.spec import Dim, TensorShape, TensorSpec, normalize_axes, normalize_axis
from minitf.ops.composed import composed
from minitf.ops.source import shape as shape_of


def known_shape(tensor: Any) -> Any:
    """Return a shape to pass to an op: the numbers, or the question for them where one is open."""
    return tensor.shape if tensor.shape.is_fully_defined() else shape_of(tensor)


def known_size(tensor: Any, axis: int) -> Any:
    """Return one dimension to pass to an op: the number, or the question for it."""
    return shape_of(tensor)[axis] if tensor.shape[axis] is None else tensor.shape[axis]


@op(view=True)
def reshape(tensor: AnyTensor, shape: Shape):
    """Arrange the elements, in order, in another shape.

    Parameters
    ----------
    tensor : Tensor
        Any shape.
    shape : sequence of int
        New shape with the same number of elements; one dimension may be -1 and is worked out.

    Returns
    -------
    Tensor

    Raises
    ------
    ShapeError
        Where the numbers of elements differ.

    Examples
    --------
    >>> import minitf as tf
    >>> tf.reshape([[1, 2, 3], [4, 5, 6]], [3, -1]).numpy().tolist()
    [[1, 2], [3, 4], [5, 6]]
    """
    return TensorSpec(_resolve_shape(tensor.shape, shape), tensor.dtype)


def _resolve_shape(old: TensorShape, new: Shape) -> TensorShape:
    if sum(n == -1 for n in new) > 1 or any(n is not None and n < -1 for n in new):
        raise ShapeError(f"a new shape holds sizes >= 0 and at most one -1, got {new}")
    known = [n for n in new if n not in (None, -1)]
    total, product = old.num_elements(), int(np.prod(known, dtype=np.int64))
    open_ = len(new) - len(known)
    if total is not None and (
        (open_ == 0 and total != product)
        or (open_ == 1 and -1 in new and (product == 0 or total % product))
    ):
        raise ShapeError(f"{total} elements of shape {old} cannot take the shape {new}")
    fill = total // product if total is not None and open_ == 1 and product else None
    return TensorShape(fill if n in (None, -1) else n for n in new)


@reshape.kernel("numpy")
def _(tensor, *, shape):
    return np.reshape(tensor, shape)


@reshape.gradient
def _(node, dy):
    return reshape(dy, known_shape(node.inputs[0]))


@op(view=True)
def reshape_like(input: Tensor, like: AnyTensor, axes: Raw):
    """Give a reduced tensor the axes of `like` again, with size 1 where `axes` were reduced.

    Parameters
    ----------
    input : Tensor
        What a reduction of `like` over `axes` has left.
    like : Tensor
        Only its shape matters.
    axes : tuple of int
        The axes that were reduced, counted from the front.

    Returns
    -------
    Tensor

    Examples
    --------
    >>> import minitf as tf
    >>> from minitf.ops.array import reshape_like
    >>> reshape_like(tf.zeros([3]), tf.zeros([2, 3]), (0,)).shape
    (1, 3)
    """
    return TensorSpec([1 if i in axes else n for i, n in enumerate(like.shape)], input.dtype)


@reshape_like.kernel("numpy")
def _(input, like, *, axes):
    return np.reshape(input, [1 if i in axes else n for i, n in enumerate(np.shape(like))])


@reshape_like.gradient
def _(node, dy):
    return reshape(dy, known_shape(node.inputs[0])), None


@op(view=True)
def expand_dims(input: AnyTensor, axis: int):
    """Insert an axis of size 1.

    Parameters
    ----------
    input : Tensor
        Shape (d1, ..., dn).
    axis : int
        Where the new axis stands in the result, from -n-1 to n.

    Returns
    -------
    Tensor

    Examples
    --------
    >>> import minitf as tf
    >>> tf.expand_dims(tf.zeros([28, 28]), -1).shape
    (28, 28, 1)
    """
    at = normalize_axis(axis, len(input.shape) + 1)
    return TensorSpec(input.shape[:at] + (1,) + input.shape[at:], input.dtype)


@expand_dims.kernel("numpy")
def _(input, *, axis):
    return np.expand_dims(input, axis)


@expand_dims.gradient
def _(node, dy):
    return squeeze(dy, node["axis"])


@op(view=True)
def squeeze(input: AnyTensor, axis: int | tuple[int, ...] | None = None):
    """Take axes of size 1 away.

    Parameters
    ----------
    input : Tensor
        Any shape.
    axis : int or sequence of int, optional
        The axes to take away; by default all that have size 1.

    Returns
    -------
    Tensor

    Raises
    ------
    ShapeError
        Where a named axis has another size.

    Examples
    --------
    >>> import minitf as tf
    >>> tf.squeeze(tf.zeros([1, 3, 1])).shape, tf.squeeze(tf.zeros([1, 3, 1]), 0).shape
    ((3,), (3, 1))
    """
    axes = _axes_to_squeeze(input.shape, axis)
    return TensorSpec([n for i, n in enumerate(input.shape) if i not in axes], input.dtype)


def _axes_to_squeeze(shape: TensorShape, axis: Any) -> tuple[int, ...]:
    if axis is None or axis == ():
        if None in shape:
            raise ShapeError(f"{shape} does not tell yet which sizes are 1: name them with axis=")
        return tuple(i for i, n in enumerate(shape) if n == 1)
    axes = normalize_axes(axis, len(shape))
    for i in axes:
        if shape[i] not in (1, None):
            raise ShapeError(f"axis {i} of {shape} has size {shape[i]}, not 1")
    return axes


@squeeze.kernel("numpy")
def _(input, *, axis):
    return np.squeeze(input, None if axis == () else axis)


@squeeze.gradient
def _(node, dy):
    source, axis = node.inputs[0], node["axis"]
    if source.shape.is_fully_defined():
        return reshape(dy, source.shape)
    return reshape_like(dy, source, normalize_axes(axis, len(source.shape)))


@op(view=True)
def transpose(a: AnyTensor, perm: tuple[int, ...] | None = None, conjugate: bool = False):
    """Reorder the axes.

    Parameters
    ----------
    a : Tensor
        Any shape.
    perm : sequence of int, optional
        Axis i of the result is axis ``perm[i]`` of `a`; by default their order is reversed.
    conjugate : bool
        Of complex numbers, take the conjugates as well.

    Returns
    -------
    Tensor

    Examples
    --------
    >>> import minitf as tf
    >>> tf.transpose([[1, 2, 3], [4, 5, 6]]).numpy().tolist()
    [[1, 4], [2, 5], [3, 6]]
    >>> tf.transpose(tf.zeros([8, 28, 28, 3]), perm=[0, 3, 1, 2]).shape
    (8, 3, 28, 28)
    """
    return TensorSpec([a.shape[i] for i in _permutation(perm, len(a.shape))], a.dtype)


def _permutation(perm: Any, rank: int) -> tuple[int, ...]:
    """Return the order of the axes, counted from the front."""
    if perm is None:
        return tuple(reversed(range(rank)))
    if None in perm:
        raise InvalidArgumentError("perm must be known when the graph is written")
    if len(perm) != rank:
        raise InvalidArgumentError(f"perm {perm} does not name each of {rank} axes once")
    order = tuple(normalize_axis(i, rank) for i in perm)
    if len(set(order)) < rank:
        raise InvalidArgumentError(f"perm {perm} does not name each of {rank} axes once")
    return order


@transpose.kernel("numpy")
def _(a, *, perm, conjugate):
    moved = np.transpose(a, perm)
    return np.conj(moved) if conjugate else moved


@transpose.gradient
def _(node, dy):
    order = _permutation(node["perm"], len(dy.shape))
    return transpose(dy, [order.index(i) for i in range(len(order))], node["conjugate"])


@op
def concat(values: list[Tensor], axis: int):
    """Join tensors along an axis that they have.

    Parameters
    ----------
    values : sequence of Tensor
        Of one dtype, and of shapes that differ along `axis` alone.
    axis : int
        The axis along which one follows the other.

    Returns
    -------
    Tensor

    Raises
    ------
    ShapeError
        Where other sizes than those of `axis` differ.

    Examples
    --------
    >>> import minitf as tf
    >>> tf.concat([[[1, 2]], [[3, 4], [5, 6]]], axis=0).numpy().tolist()
    [[1, 2], [3, 4], [5, 6]]
    """
    if not values:
        raise ShapeError("at least one tensor is needed")
    first = values[0].shape
    at = normalize_axis(axis, len(first))
    around = first[:at] + first[at + 1 :]
    for value in values[1:]:
        rest = value.shape[:at] + value.shape[at + 1 :]
        if len(value.shape) != len(first) or not around.is_compatible_with(rest):
            raise ShapeError(f"shapes may differ along axis {axis} only: {first} and {value.shape}")
        around = around.merge_with(rest)
    sizes = [v.shape[at] for v in values]
    total = None if None in sizes else sum(n for n in sizes if n is not None)
    return TensorSpec(around[:at] + (total,) + around[at:], values[0].dtype)


@concat.kernel("numpy")
def _(*values, axis):
    return np.concatenate(values, axis)


@concat.gradient
def _(node, dy):
    axis = normalize_axis(node["axis"], len(dy.shape))
    return split(dy, [known_size(x, axis) for x in node.inputs], axis)


@op(name="stack")
def stack_(values: list[Tensor], axis: int):
    """Join tensors of one shape along a new axis; see `stack`."""
    if not values:
        raise ShapeError("at least one tensor is needed")
    merged = values[0].shape
    for value in values[1:]:
        if not merged.is_compatible_with(value.shape):
            raise ShapeError(f"shapes differ: {merged} and {value.shape}")
        merged = merged.merge_with(value.shape)
    at = normalize_axis(axis, len(merged) + 1)
    return TensorSpec(merged[:at] + (len(values),) + merged[at:], values[0].dtype)


@stack_.kernel("numpy")
def _(*values, axis):
    return np.stack(values, axis)


@stack_.gradient
def _(node, dy):
    return unstack(dy, len(node.inputs), node["axis"])


@composed
def stack(values: Any, axis: int = 0, name: str | None = None) -> Tensor:
    """Join tensors of one shape along a new axis.

    Parameters
    ----------
    values : sequence of Tensor
        Of one shape and dtype; a single tensor stands for its rows.
    axis : int
        Where the new axis stands in the result.

    Returns
    -------
    Tensor

    Examples
    --------
    >>> import minitf as tf
    >>> tf.stack([[1, 2], [3, 4]], axis=1).numpy().tolist()
    [[1, 3], [2, 4]]
    """
    return stack_(unstack(values) if hasattr(values, "shape") else values, axis, name=name)


@op(name="unstack", view=True)
def unstack_(value: AnyTensor, num: int, axis: int):
    """Split a tensor along an axis into tensors without that axis; see `unstack`."""
    if num is None:
        raise ShapeError(f"the size of axis {axis} of {value.shape} must be known")
    at = normalize_axis(axis, len(value.shape))
    if value.shape[at] not in (None, num):
        raise ShapeError(f"axis {axis} of {value.shape} does not hold {num} parts")
    return [TensorSpec(value.shape[:at] + value.shape[at + 1 :], value.dtype)] * num


@unstack_.kernel("numpy")
def _(value, *, num, axis):
    parts = np.moveaxis(value, axis, 0)
    if len(parts) != num:
        raise ShapeError(f"axis {axis} of {value.shape} does not hold {num} parts")
    return outputs(parts)


@unstack_.gradient
def _(node, *dys):
    return stack_(list(dys), node["axis"])


@composed
def unstack(value: Any, num: int | None = None, axis: int = 0, name: str | None = None) -> Any:
    """Split a tensor along an axis into a list of tensors without that axis.

    Parameters
    ----------
    value : Tensor
        Any shape with at least one axis.
    num : int, optional
        Size of the axis; needed only where a graph does not know it.
    axis : int
        The axis to take away.

    Returns
    -------
    list of Tensor

    Examples
    --------
    >>> import minitf as tf
    >>> [t.numpy().tolist() for t in tf.unstack([[1, 2], [3, 4]])]
    [[1, 2], [3, 4]]
    """
    value = as_tensor(value)
    num = value.shape[normalize_axis(axis, len(value.shape))] if num is None else num
    if num is None:
        raise ShapeError(f"the size of axis {axis} of {value.shape} is not known; pass num")
    return as_list(unstack_(value, num, axis, name=name)) if num else []


def outputs(arrays: Iterable[Any]) -> Any:
    """Return what a kernel gives for a number of outputs that only the call knows."""
    found = tuple(arrays)
    return found[0] if len(found) == 1 else found


def as_list(results: Any) -> list[Any]:
    """Return the outputs of an op as a list, also where there is one alone."""
    return results if isinstance(results, list) else [results]


@op(name="split", view=True)
def split_(value: AnyTensor, num_or_size_splits: int | tuple[int, ...], axis: int):
    """Cut a tensor along an axis into several; see `split`."""
    at = normalize_axis(axis, len(value.shape))
    before, after = value.shape[:at], value.shape[at + 1 :]
    sizes = _part_sizes(value.shape[at], num_or_size_splits)
    return [TensorSpec(before + (n,) + after, value.dtype) for n in sizes]


def _part_sizes(total: Dim, parts: Any) -> list[Dim]:
    """Return the size of each part of an axis of size `total`."""
    if parts is None or parts == () or isinstance(parts, int) and parts < 1:
        raise InvalidArgumentError(f"the number of parts must be known and positive, got {parts}")
    if isinstance(parts, int):
        if total is not None and total % parts:
            raise ShapeError(f"size {total} does not divide into {parts} equal parts")
        return [None if total is None else total // parts] * parts
    if parts.count(-1) > 1 or any(n is not None and n < -1 for n in parts):
        raise ShapeError(f"sizes are >= 0 and at most one of them is -1, got {parts}")
    if total is None or None in parts:
        return [None if n == -1 else n for n in parts]
    rest = total - sum(n for n in parts if n != -1)
    if rest < 0 or (rest > 0 and -1 not in parts):
        raise ShapeError(f"parts of sizes {parts} do not make up size {total}")
    return [rest if n == -1 else n for n in parts]


@split_.kernel("numpy")
def _(value, *, num_or_size_splits, axis):
    at = normalize_axis(axis, np.ndim(value))
    bounds = accumulate(_part_sizes(value.shape[at], num_or_size_splits), initial=0)
    return outputs(value[(slice(None),) * at + (slice(a, b),)] for a, b in pairwise(bounds))


@split_.gradient
def _(node, *dys):
    return concat(list(dys), node["axis"])


@composed
def split(
    value: Any, num_or_size_splits: Any, axis: int = 0, num: Any = None, name: str | None = None
) -> list[Any]:
    """Cut a tensor along an axis into several.

    Parameters
    ----------
    value : Tensor
        Any shape with at least one axis.
    num_or_size_splits : int or sequence of int
        The number of equal parts, or the size of each; one size may be -1 and is worked out.
    axis : int
        The axis to cut.
    num : int, optional
        Not needed: the number of parts is always known.

    Returns
    -------
    list of Tensor

    Raises
    ------
    ShapeError
        Where the sizes do not make up the axis.

    Examples
    --------
    >>> import minitf as tf
    >>> [t.numpy().tolist() for t in tf.split([1, 2, 3, 4, 5, 6], [1, -1, 2])]
    [[1], [2, 3, 4], [5, 6]]
    """
    return as_list(split_(value, num_or_size_splits, axis, name=name))
