"""What describes a set of numbers: its spread, its order, and how many of them are not 0."""

from __future__ import annotations

from typing import Any

from minitf.dtypes import bool_, float32, int64
from minitf.errors import DTypeError
from minitf.graph.convert import as_tensor
from minitf.graph.tensor import Tensor
from minitf.ops.array import reshape
from minitf.ops.composed import composed
from minitf.ops.division import divide
from minitf.ops.math import cast, subtract
from minitf.ops.powers import sqrt, square
from minitf.ops.reduction import reduce_all, reduce_mean, reduce_sum
from minitf.ops.source import size


@composed
def reduce_variance(
    input_tensor: Any, axis: Any = None, keepdims: bool = False, name: str | None = None
) -> Tensor:
    """Return the mean squared distance from the mean along some axes.

    Parameters
    ----------
    input_tensor : Tensor
        Floating dtype, any shape.
    axis : int or sequence of int, optional
        Axes to reduce; all of them by default.
    keepdims : bool
        Keep the axes, with size 1.

    Returns
    -------
    Tensor

    Examples
    --------
    >>> import minitf as tf
    >>> float(tf.math.reduce_variance([1.0, 2.0, 3.0, 6.0]))
    3.5
    """
    x = as_tensor(input_tensor)
    if not x.dtype.is_floating:
        raise DTypeError(f"floating numbers are needed, got {x.dtype.name}")
    return reduce_mean(square(x - reduce_mean(x, axis, True)), axis, keepdims, name=name)


@composed
def reduce_std(
    input_tensor: Any, axis: Any = None, keepdims: bool = False, name: str | None = None
) -> Tensor:
    """Return the standard deviation along some axes: the square root of the variance.

    Parameters
    ----------
    input_tensor : Tensor
        Floating dtype, any shape.
    axis : int or sequence of int, optional
        Axes to reduce; all of them by default.
    keepdims : bool
        Keep the axes, with size 1.

    Returns
    -------
    Tensor

    Examples
    --------
    >>> import minitf as tf
    >>> float(tf.math.reduce_std([1.0, 3.0]))
    1.0
    """
    return sqrt(reduce_variance(input_tensor, axis, keepdims), name=name)


def reduce_euclidean_norm(
    input_tensor: Any, axis: Any = None, keepdims: bool = False, name: str | None = None
) -> Tensor:
    """Return the square root of the sum of squares along some axes.

    Parameters
    ----------
    input_tensor : Tensor
        Floating dtype, any shape.
    axis : int or sequence of int, optional
        Axes to reduce; all of them by default.
    keepdims : bool
        Keep the axes, with size 1.

    Returns
    -------
    Tensor

    Examples
    --------
    >>> import minitf as tf
    >>> float(tf.math.reduce_euclidean_norm([3.0, 4.0]))
    5.0
    """
    return sqrt(reduce_sum(square(input_tensor), axis, keepdims), name=name)


def count_nonzero(
    input: Any,
    axis: Any = None,
    keepdims: bool | None = None,
    dtype: Any = int64,
    name: str | None = None,
) -> Tensor:
    """Count the elements that are not 0 (or are true) along some axes.

    Parameters
    ----------
    input : Tensor
        Any shape.
    axis : int or sequence of int, optional
        Axes to count along; all of them by default.
    keepdims : bool
        Keep the axes, with size 1.
    dtype : DType
        Element type of the result.

    Returns
    -------
    Tensor

    Examples
    --------
    >>> import minitf as tf
    >>> tf.math.count_nonzero([[0, 1, 2], [0, 0, 3]], axis=1).numpy().tolist()
    [2, 1]
    """
    return reduce_sum(cast(cast(input, bool_), dtype), axis, bool(keepdims), name=name)


def zero_fraction(value: Any, name: str | None = None) -> Tensor:
    """Return which part of the elements is 0.

    Parameters
    ----------
    value : Tensor
        Any shape.

    Returns
    -------
    Tensor
        Of type float32 and shape (); NaN where there are no elements.

    Examples
    --------
    >>> import minitf as tf
    >>> float(tf.math.zero_fraction([0, 3, 0, 5]))
    0.5
    """
    value = as_tensor(value)
    count = cast(size(value), float32)
    zeros = subtract(count, count_nonzero(value, dtype=float32))
    return divide(zeros, count, name=name)


@composed
def is_non_decreasing(x: Any, name: str | None = None) -> Tensor:
    """Return whether no element is less than the one before it.

    Parameters
    ----------
    x : Tensor
        Numbers, any shape; row by row.
    name : str, optional
        Accepted as in TensorFlow.

    Returns
    -------
    Tensor
        One truth value, true of nothing and of one element.

    Examples
    --------
    >>> import minitf as tf
    >>> bool(tf.math.is_non_decreasing([1, 1, 3]))
    True
    """
    flat = reshape(x, [-1])
    return reduce_all(flat[1:] >= flat[:-1])


@composed
def is_strictly_increasing(x: Any, name: str | None = None) -> Tensor:
    """Return whether every element is greater than the one before it.

    Parameters
    ----------
    x, name
        As for `is_non_decreasing`.

    Returns
    -------
    Tensor
        One truth value.

    Examples
    --------
    >>> import minitf as tf
    >>> bool(tf.math.is_strictly_increasing([1, 1, 3]))
    False
    """
    flat = reshape(x, [-1])
    return reduce_all(flat[1:] > flat[:-1])
