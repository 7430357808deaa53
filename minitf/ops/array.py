"""Moving elements without changing them: shapes, joining, splitting, repeating."""

from __future__ import annotations

from typing import Any

import numpy as np

from minitf.errors import ShapeError
from minitf.graph.op import AnyTensor, Raw, Shape, Tensor, op
from minitf.graph.spec import TensorShape, TensorSpec, normalize_axis
from minitf.ops.source import shape as shape_of


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
    source = node.inputs[0]
    return reshape(dy, source.shape if source.shape.is_fully_defined() else shape_of(source))


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
    source = node.inputs[0]
    return reshape(dy, source.shape if source.shape.is_fully_defined() else shape_of(source)), None


@op
def stack(values: list[Tensor], axis: int = 0):
    """Join tensors of one shape along a new axis.

    Parameters
    ----------
    values : sequence of Tensor
        Of one shape and dtype.
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
    if not values:
        raise ShapeError("at least one tensor is needed")
    merged = values[0].shape
    for value in values[1:]:
        if not merged.is_compatible_with(value.shape):
            raise ShapeError(f"shapes differ: {merged} and {value.shape}")
        merged = merged.merge_with(value.shape)
    at = normalize_axis(axis, len(merged) + 1)
    return TensorSpec(merged[:at] + (len(values),) + merged[at:], values[0].dtype)


@stack.kernel("numpy")
def _(*values, axis):
    return np.stack(values, axis)


@stack.gradient
def _(node, dy):
    return unstack(dy, len(node.inputs), node["axis"])


@op(name="unstack")
def unstack_(value: Tensor, num: int, axis: int):
    """Split a tensor along an axis into tensors without that axis; see `unstack`."""
    at = normalize_axis(axis, len(value.shape))
    if value.shape[at] not in (None, num):
        raise ShapeError(f"axis {axis} of {value.shape} does not hold {num} parts")
    return [TensorSpec(value.shape[:at] + value.shape[at + 1 :], value.dtype)] * num


@unstack_.kernel("numpy")
def _(value, *, num, axis):
    parts = np.moveaxis(value, axis, 0)
    return tuple(np.ascontiguousarray(parts[i]) for i in range(num))


@unstack_.gradient
def _(node, *dys):
    return stack(list(dys), node["axis"])


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
    from minitf.graph.convert import as_tensor

    value = as_tensor(value)
    num = value.shape[normalize_axis(axis, len(value.shape))] if num is None else num
    if num is None:
        raise ShapeError(f"unstack: the size of axis {axis} of {value.shape} is not known; pass num")
    parts = unstack_(value, num, axis, name=name) if num else []
    return parts if isinstance(parts, list) else [parts]
