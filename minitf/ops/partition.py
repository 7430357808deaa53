"""Sorting elements into groups by masks and numbers, and putting groups together again."""

from __future__ import annotations

from typing import Any

import numpy as np

from minitf.errors import DTypeError, InvalidArgumentError, ShapeError
from minitf.graph.convert import as_tensor
from minitf.graph.op import AnyTensor, BoolTensor, IntTensor, Shape, Tensor, op
from minitf.graph.spec import TensorShape, TensorSpec, normalize_axis
from minitf.ops.array import as_list, expand_dims, known_shape, outputs, reshape
from minitf.ops.composed import composed
from minitf.ops.gather import check_range, gather
from minitf.ops.math import cast
from minitf.ops.shapes import check_compatible

# -- masks ------------------------------------------------------------------------------------


@op(name="boolean_mask")
def boolean_mask_(tensor: AnyTensor, mask: BoolTensor, axis: int):
    """Keep the elements where a mask is True; see `boolean_mask`."""
    _check_mask(tensor.shape, mask.shape, axis)
    after = tensor.shape[axis + len(mask.shape) :]
    return TensorSpec(tensor.shape[:axis] + (None,) + after, tensor.dtype)


def _check_mask(shape: TensorShape, mask: TensorShape, axis: int) -> None:
    if not mask:
        raise ShapeError("a mask needs one axis or more, got a single truth value")
    covered = shape[axis : axis + len(mask)]
    if axis < 0 or not TensorShape(covered).is_compatible_with(mask):
        raise ShapeError(f"a mask of shape {mask} does not fit axes {axis}... of shape {shape}")


def _where(mask: Any, axis: int) -> tuple[Any, ...]:
    return (slice(None),) * axis + (mask,)


@boolean_mask_.kernel("numpy")
def _(tensor, mask, *, axis):
    _check_mask(tensor.shape, mask.shape, axis)
    return tensor[_where(mask, axis)]


@boolean_mask_.gradient
def _(node, dy):
    tensor, mask = node.inputs
    return boolean_mask_backprop(dy, mask, known_shape(tensor), node["axis"]), None


@op
def boolean_mask_backprop(dy: Tensor, mask: BoolTensor, shape: Shape, axis: int):
    """Put elements back where a mask is True, in a tensor of zeros.

    Examples
    --------
    >>> from minitf.ops.partition import boolean_mask_backprop
    >>> boolean_mask_backprop([1.0, 2.0], [True, False, True], [3], 0).numpy().tolist()
    [1.0, 0.0, 2.0]
    """
    whole = TensorShape(shape)
    _check_mask(whole, mask.shape, axis)
    check_compatible(dy, whole[:axis] + (None,) + whole[axis + len(mask.shape) :])
    return TensorSpec(shape, dy.dtype)


@boolean_mask_backprop.kernel("numpy")
def _(dy, mask, *, shape, axis):
    out = np.zeros(shape, dy.dtype)
    out[_where(mask, axis)] = dy
    return out


@boolean_mask_backprop.gradient
def _(node, dy):
    return boolean_mask_(dy, node.inputs[1], node["axis"]), None


@composed
def boolean_mask(
    tensor: Any, mask: Any, axis: int | None = None, name: str | None = None
) -> Tensor:
    """Keep the elements where a mask is True.

    Parameters
    ----------
    tensor : Tensor
        Shape (d1, ..., dn).
    mask : Tensor
        Of type bool, shape (d[axis], ..., d[axis + k - 1]): it covers k axes.
    axis : int, optional
        The first axis that it covers; 0 by default.

    Returns
    -------
    Tensor
        The k axes replaced by one: as long as the mask has True values.

    Examples
    --------
    >>> import minitf as tf
    >>> tf.boolean_mask([[1, 2], [3, 4], [5, 6]], [True, False, True]).numpy().tolist()
    [[1, 2], [5, 6]]
    """
    tensor = as_tensor(tensor)
    at = 0 if axis is None else normalize_axis(axis, len(tensor.shape))
    return boolean_mask_(tensor, mask, at, name=name)


# -- groups -----------------------------------------------------------------------------------


@op(name="dynamic_partition")
def dynamic_partition_(data: AnyTensor, partitions: IntTensor, num_partitions: int):
    """Sort slices into groups by number; see `dynamic_partition`."""
    if num_partitions is None or num_partitions < 1:
        raise InvalidArgumentError(f"num_partitions must be known and >= 1, got {num_partitions}")
    depth = len(partitions.shape)
    if not TensorShape(data.shape[:depth]).is_compatible_with(partitions.shape):
        raise ShapeError(f"partitions of shape {partitions.shape} do not fit data {data.shape}")
    return [TensorSpec((None,) + data.shape[depth:], data.dtype)] * num_partitions


@dynamic_partition_.kernel("numpy")
def _(data, partitions, *, num_partitions):
    groups = check_range(partitions, num_partitions)
    return outputs(data[groups == i] for i in range(num_partitions))


@dynamic_partition_.gradient
def _(node, *dys):
    data, partitions = node.inputs
    numbers = dynamic_partition(count_like(partitions), partitions, node["num_partitions"])
    return reshape(dynamic_stitch(numbers, dys), known_shape(data)), None


@op(differentiable=False)
def count_like(input: AnyTensor):
    """Return 0, 1, 2, ... in the shape of a tensor: the number of each element.

    Examples
    --------
    >>> import minitf as tf
    >>> from minitf.ops.partition import count_like
    >>> count_like(tf.zeros([2, 2])).numpy().tolist()
    [[0, 1], [2, 3]]
    """
    return TensorSpec(input.shape, "int64")


@count_like.kernel("numpy")
def _(input):
    return np.arange(np.size(input)).reshape(np.shape(input))


@composed
def dynamic_partition(
    data: Any, partitions: Any, num_partitions: int, name: str | None = None
) -> list[Tensor]:
    """Sort slices into groups by number.

    Parameters
    ----------
    data : Tensor
        Shape ``partitions.shape + rest``.
    partitions : Tensor
        Of integer type: the group that each slice goes to, in [0, num_partitions).
    num_partitions : int
        How many groups there are.

    Returns
    -------
    list of Tensor
        One per group, of shape (members, *rest), in the order of `data`.

    Examples
    --------
    >>> import minitf as tf
    >>> [t.numpy().tolist() for t in tf.dynamic_partition([10, 20, 30], [1, 0, 1], 2)]
    [[20], [10, 30]]
    """
    return as_list(dynamic_partition_(data, partitions, num_partitions, name=name))


@op(name="dynamic_stitch")
def dynamic_stitch_(parts: list[AnyTensor]):
    """Put groups together again, the numbers first and then the slices; see `dynamic_stitch`."""
    indices, data = _halves(parts)
    rest = TensorShape(data[0].shape[len(indices[0].shape) :])
    for numbers, slices in zip(indices, data, strict=True):
        if not numbers.dtype.is_integer or slices.dtype is not data[0].dtype:
            raise DTypeError(
                f"indices must be integers and data of one dtype, got {numbers.dtype.name} "
                f"for {slices.dtype.name}"
            )
        if not (numbers.shape + rest).is_compatible_with(slices.shape):
            raise ShapeError(f"indices of shape {numbers.shape} do not fit data {slices.shape}")
    return TensorSpec((None,) + rest, data[0].dtype)


def _halves(parts: Any) -> tuple[Any, Any]:
    half = len(parts) // 2
    return parts[:half], parts[half:]


@dynamic_stitch_.kernel("numpy")
def _(*parts):
    indices, data = _halves(parts)
    rest = data[0].shape[indices[0].ndim :]
    count = max((int(i.max()) + 1 for i in indices if i.size), default=0)
    out = np.zeros((count, *rest), data[0].dtype)
    for numbers, slices in zip(indices, data, strict=True):
        out[check_range(numbers, count).reshape(-1)] = slices.reshape(numbers.size, *rest)
    return out


@dynamic_stitch_.gradient
def _(node, dy):
    indices, _ = _halves(node.inputs)
    # Every slice gets a number of its own; where several compete, the one found there has won.
    own = [count_like(n) * len(indices) + i for i, n in enumerate(indices)]
    winners = dynamic_stitch(indices, own)
    gradients = []
    for numbers, mine in zip(indices, own, strict=True):
        won = cast(gather(winners, numbers) == mine, dy.dtype)
        for _axis in dy.shape[1:]:
            won = expand_dims(won, -1)
        gradients.append(gather(dy, numbers) * won)
    return [None] * len(indices) + gradients


@composed
def dynamic_stitch(indices: Any, data: Any, name: str | None = None) -> Tensor:
    """Put groups of slices together again, each at its number: `dynamic_partition` undone.

    Parameters
    ----------
    indices : sequence of Tensor
        Of integer type: the number of each slice in the result. Where one is repeated, the last
        slice stays.
    data : sequence of Tensor
        The slices, of shapes ``indices[i].shape + rest``.

    Returns
    -------
    Tensor
        Shape (largest number + 1, *rest).

    Examples
    --------
    >>> import minitf as tf
    >>> tf.dynamic_stitch([[1], [0, 2]], [[20], [10, 30]]).numpy().tolist()
    [10, 20, 30]
    """
    if len(indices) != len(data) or not len(data):
        raise InvalidArgumentError(
            f"one part of data per part of indices is needed, got {len(indices)} and {len(data)}"
        )
    return dynamic_stitch_([*indices, *data], name=name)


@op(differentiable=False)
def invert_permutation(x: IntTensor):
    """Return the permutation that undoes another.

    Parameters
    ----------
    x : Tensor
        Of integer type, shape (n,): each of 0, ..., n - 1 once.

    Returns
    -------
    Tensor
        y with ``y[x[i]] = i``.

    Examples
    --------
    >>> import minitf as tf
    >>> tf.math.invert_permutation([2, 0, 1]).numpy().tolist()
    [1, 2, 0]
    """
    if len(x.shape) != 1:
        raise ShapeError(f"a permutation has one axis, got shape {x.shape}")
    return x


@invert_permutation.kernel("numpy")
def _(x):
    if not np.array_equal(np.sort(x), np.arange(x.size)):
        raise InvalidArgumentError(f"{x.tolist()} does not hold each of 0, ..., {x.size - 1} once")
    out = np.empty_like(x)
    out[x] = np.arange(x.size, dtype=x.dtype)
    return out
