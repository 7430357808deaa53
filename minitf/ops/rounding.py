"""Rounding, and keeping numbers within bounds."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from minitf.dtypes import DType, as_dtype
from minitf.errors import ShapeError
from minitf.graph.convert import as_operand, as_tensor
from minitf.graph.op import FloatTensor, Tensor, op
from minitf.ops.broadcasting import unbroadcast
from minitf.ops.composed import composed
from minitf.ops.logic import greater_equal, less_equal
from minitf.ops.math import cast, numeric
from minitf.ops.where import select


@op(differentiable=False)
def floor(x: FloatTensor):
    """Return the next whole number at or below x, elementwise.

    Parameters
    ----------
    x : Tensor
        Floating dtype, any shape.

    Returns
    -------
    Tensor

    Examples
    --------
    >>> import minitf as tf
    >>> tf.floor([1.7, -1.2]).numpy().tolist()
    [1.0, -2.0]
    """
    return x


floor.kernel("numpy")(np.floor)


@floor.scalar
def _(x):
    if not math.isfinite(x):
        return x
    part = math.fmod(x, 1.0)
    return x - part - 1.0 if part < 0 else x - part


@op(differentiable=False)
def ceil(x: FloatTensor):
    """Return the next whole number at or above x, elementwise.

    Parameters
    ----------
    x : Tensor
        Floating dtype, any shape.

    Returns
    -------
    Tensor

    Examples
    --------
    >>> import minitf as tf
    >>> tf.math.ceil([1.2, -1.7]).numpy().tolist()
    [2.0, -1.0]
    """
    return x


ceil.kernel("numpy")(np.ceil)


@ceil.scalar
def _(x):
    if not math.isfinite(x):
        return x
    part = math.fmod(x, 1.0)
    return x - part + 1.0 if part > 0 else x - part


@op(differentiable=False)
def rint(x: FloatTensor):
    """Return the nearest whole number, elementwise; of two equally near ones the even one.

    Parameters
    ----------
    x : Tensor
        Floating dtype, any shape.

    Returns
    -------
    Tensor

    Examples
    --------
    >>> import minitf as tf
    >>> tf.math.rint([0.5, 1.5, 2.2]).numpy().tolist()
    [0.0, 2.0, 2.0]
    """
    return x


rint.kernel("numpy")(np.rint)


@rint.scalar
def _(x):
    if not math.isfinite(x):
        return x
    part = math.fmod(x, 1.0)
    whole = x - part
    if math.fabs(part) > 0.5 or (math.fabs(part) == 0.5 and math.fmod(whole, 2.0) != 0):
        return whole + math.copysign(1.0, x)
    return whole


def round_(x: Any, name: str | None = None) -> Tensor:
    """Return the nearest whole number, elementwise; of two equally near ones the even one.

    Parameters
    ----------
    x : Tensor
        Numbers, any shape; integers are returned as they are.

    Returns
    -------
    Tensor

    Examples
    --------
    >>> import minitf as tf
    >>> tf.round([0.5, 1.5, -2.7]).numpy().tolist()
    [0.0, 2.0, -3.0]
    """
    x = as_operand(x)
    return x if x.dtype.is_integer else rint(x, name=name)


@op
def maximum(x: Tensor, y: Tensor):
    """Return the larger of x and y, elementwise; NaN if one of them is.

    Parameters
    ----------
    x, y : Tensor
        Of one dtype, of shapes that broadcast.

    Returns
    -------
    Tensor

    Notes
    -----
    Where both are equal, the gradient goes to `x`.

    Examples
    --------
    >>> import minitf as tf
    >>> tf.maximum([1, 5], 3).numpy().tolist()
    [3, 5]
    """
    return numeric(x, y)


maximum.kernel("numpy")(np.maximum)


@maximum.gradient
def _(node, dy):
    x, y = node.inputs
    first = greater_equal(x, y)
    return unbroadcast(select(first, dy, 0), x), unbroadcast(select(first, 0, dy), y)


@maximum.scalar
def _(x, y):
    return x if x > y or x != x else y


@op
def minimum(x: Tensor, y: Tensor):
    """Return the smaller of x and y, elementwise; NaN if one of them is.

    Parameters
    ----------
    x, y : Tensor
        Of one dtype, of shapes that broadcast.

    Returns
    -------
    Tensor

    Notes
    -----
    Where both are equal, the gradient goes to `x`.

    Examples
    --------
    >>> import minitf as tf
    >>> tf.minimum([1, 5], 3).numpy().tolist()
    [1, 3]
    """
    return numeric(x, y)


minimum.kernel("numpy")(np.minimum)


@minimum.gradient
def _(node, dy):
    x, y = node.inputs
    first = less_equal(x, y)
    return unbroadcast(select(first, dy, 0), x), unbroadcast(select(first, 0, dy), y)


@minimum.scalar
def _(x, y):
    return x if x < y or x != x else y


@composed
def clip_by_value(
    t: Any, clip_value_min: Any, clip_value_max: Any, name: str | None = None
) -> Tensor:
    """Replace what lies outside of an interval by the nearer end.

    Parameters
    ----------
    t : Tensor
        Numbers, any shape.
    clip_value_min, clip_value_max : number or Tensor
        The ends, of a shape that broadcasts to that of `t`.

    Returns
    -------
    Tensor
        ``maximum(minimum(t, clip_value_max), clip_value_min)``.

    Raises
    ------
    ShapeError
        Where the ends have a larger shape than `t`.

    Examples
    --------
    >>> import minitf as tf
    >>> tf.clip_by_value([-5.0, 0.5, 5.0], 0.0, 1.0).numpy().tolist()
    [0.0, 0.5, 1.0]
    """
    t = as_tensor(t)
    clipped = maximum(minimum(t, clip_value_max), clip_value_min, name=name)
    if not clipped.shape.is_compatible_with(t.shape):
        raise ShapeError(f"the ends stretch shape {t.shape} to {clipped.shape}")
    return clipped


def saturate_cast(value: Any, dtype: Any, name: str | None = None) -> Tensor:
    """Convert the elements to another dtype; what does not fit becomes the nearest that does.

    Parameters
    ----------
    value : Tensor
        Any shape.
    dtype : DType
        Wanted element type.

    Returns
    -------
    Tensor

    Examples
    --------
    >>> import minitf as tf
    >>> tf.saturate_cast([-3.0, 7.5, 300.0], tf.uint8).numpy().tolist()
    [0, 7, 255]
    """
    value, wanted = as_tensor(value), as_dtype(dtype)
    if not (value.dtype.is_bool or wanted.is_bool):
        value = clip_by_value(value, *_shared_range(value.dtype, wanted))
    return cast(value, wanted, name=name)


def _shared_range(source: DType, target: DType) -> tuple[Any, Any]:
    """Return the smallest and the largest number of `source` that `target` can hold too."""
    low, high = max(source.min, target.min), min(source.max, target.max)
    if source.is_floating and target.is_integer:
        low, high = _inward(source.as_numpy_dtype, low), _inward(source.as_numpy_dtype, high)
    return low, high


def _inward(number: Any, bound: Any) -> Any:
    """Return `bound` in a floating type, or the next number below if it was rounded outward."""
    near = number(bound)  # the largest int32, as a float32, is one too large
    return near if abs(int(near)) <= abs(bound) else np.nextafter(near, number(0))
