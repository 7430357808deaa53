"""Division in its many forms: true, rounded down, rounded toward zero, and safe from zeros."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from minitf.dtypes import float32, float64
from minitf.errors import InvalidArgumentError
from minitf.graph.convert import as_tensor
from minitf.graph.op import FloatTensor, Tensor, op
from minitf.ops.broadcasting import elementwise, unbroadcast
from minitf.ops.math import cast, numeric, paired


@op
def multiply_no_nan(x: FloatTensor, y: FloatTensor):
    """Return x * y, and 0 wherever y is 0, even if x is infinite or NaN.

    Parameters
    ----------
    x, y : Tensor
        Floating, of one dtype, of shapes that broadcast.

    Returns
    -------
    Tensor

    Examples
    --------
    >>> import minitf as tf
    >>> tf.math.multiply_no_nan([1.0, float("inf")], [3.0, 0.0]).numpy().tolist()
    [3.0, 0.0]
    """
    return elementwise(x, y)


@multiply_no_nan.kernel("numpy")
def _(x, y):
    return np.where(y == 0, 0, x * y)


@multiply_no_nan.gradient
def _(node, dy):
    x, y = node.inputs
    return (
        unbroadcast(multiply_no_nan(dy, y), x),
        unbroadcast(multiply_no_nan(x, dy), y),
    )


@multiply_no_nan.scalar
def _(x, y):
    return 0.0 if y == 0 else x * y


@op(name="divide")
def divide_floats(x: FloatTensor, y: FloatTensor):
    """Return x / y of floating tensors; see `divide`.

    Parameters
    ----------
    x, y : Tensor
        Floating, of one dtype, of shapes that broadcast.

    Returns
    -------
    Tensor

    Examples
    --------
    >>> import minitf as tf
    >>> tf.divide([1.0, 3.0], 2.0).numpy().tolist()
    [0.5, 1.5]
    """
    return elementwise(x, y)


divide_floats.kernel("numpy")(np.true_divide)


@divide_floats.gradient
def _(node, dy):
    x, y = node.inputs
    return unbroadcast(dy / y, x), unbroadcast(-dy * x / (y * y), y)


@divide_floats.scalar
def _(x, y):
    return x / y


def divide(x: Any, y: Any, name: str | None = None) -> Tensor:
    """Return x / y, elementwise, as Python divides: integers become floating first.

    Parameters
    ----------
    x, y : Tensor
        Of one dtype, of shapes that broadcast.

    Returns
    -------
    Tensor
        float64 for int32 and int64, float32 for smaller integers.

    Examples
    --------
    >>> import minitf as tf
    >>> tf.divide([1, 3], 2).numpy().tolist()
    [0.5, 1.5]
    """
    x, y = paired(x, y)
    if x.dtype.is_integer and y.dtype is x.dtype:
        wanted = float32 if x.dtype.size < 4 else float64
        x, y = cast(x, wanted), cast(y, wanted)
    return divide_floats(x, y, name=name)


truediv = divide


@op
def divide_no_nan(x: FloatTensor, y: FloatTensor):
    """Return x / y, and 0 wherever y is 0.

    Parameters
    ----------
    x, y : Tensor
        Floating, of one dtype, of shapes that broadcast.

    Returns
    -------
    Tensor

    Examples
    --------
    >>> import minitf as tf
    >>> tf.math.divide_no_nan([1.0, 3.0], [0.0, 2.0]).numpy().tolist()
    [0.0, 1.5]
    """
    return elementwise(x, y)


@divide_no_nan.kernel("numpy")
def _(x, y):
    zero = y == 0
    return np.where(zero, 0, x / np.where(zero, 1, y))


@divide_no_nan.gradient
def _(node, dy):
    x, y = node.inputs
    dx = divide_no_nan(dy, y)
    return unbroadcast(dx, x), unbroadcast(-dx * divide_no_nan(x, y), y)


@divide_no_nan.scalar
def _(x, y):
    return 0.0 if y == 0 else x / y


def reciprocal_no_nan(x: Any, name: str | None = None) -> Tensor:
    """Return 1 / x, and 0 wherever x is 0.

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
    >>> tf.math.reciprocal_no_nan([4.0, 0.0]).numpy().tolist()
    [0.25, 0.0]
    """
    x = as_tensor(x)
    return divide_no_nan(1, x, name=name)


def _refuse_zeros(x: Any, y: Any) -> None:
    """Raise where whole numbers meet a zero divisor: they have no infinity to answer with."""
    if y.dtype.kind in "iuO" and x.size and not np.all(y):
        raise InvalidArgumentError("integer division by zero")


@op(differentiable=False)
def floordiv(x: Tensor, y: Tensor):
    """Return x / y rounded down, elementwise (Python's //).

    Parameters
    ----------
    x, y : Tensor
        Of one dtype, of shapes that broadcast.

    Returns
    -------
    Tensor

    Raises
    ------
    InvalidArgumentError
        Where integers are divided by zero.

    Notes
    -----
    ``x == floordiv(x, y) * y + floormod(x, y)`` holds.

    Examples
    --------
    >>> import minitf as tf
    >>> tf.math.floordiv([7, -7], 2).numpy().tolist()
    [3, -4]
    """
    return numeric(x, y)


@floordiv.kernel("numpy")
def _(x, y):
    _refuse_zeros(x, y)
    return np.floor_divide(x, y)


@floordiv.scalar
def _(x, y):
    return x // y


@op
def floormod(x: Tensor, y: Tensor):
    """Return what `floordiv` leaves, elementwise (Python's %): it has the sign of y.

    Parameters
    ----------
    x, y : Tensor
        Of one dtype, of shapes that broadcast.

    Returns
    -------
    Tensor

    Raises
    ------
    InvalidArgumentError
        Where integers are divided by zero.

    Examples
    --------
    >>> import minitf as tf
    >>> tf.math.floormod([7, -7], 3).numpy().tolist()
    [1, 2]
    """
    return numeric(x, y)


@floormod.kernel("numpy")
def _(x, y):
    _refuse_zeros(x, y)
    return np.mod(x, y)


@floormod.gradient
def _(node, dy):
    x, y = node.inputs
    return unbroadcast(dy, x), unbroadcast(-dy * floordiv(x, y), y)


@floormod.scalar
def _(x, y):
    return x % y


mod = floormod


@op(differentiable=False)
def truncatediv(x: Tensor, y: Tensor):
    """Return x / y rounded toward zero, elementwise (C's division of integers).

    Parameters
    ----------
    x, y : Tensor
        Of one dtype, of shapes that broadcast.

    Returns
    -------
    Tensor

    Raises
    ------
    InvalidArgumentError
        Where integers are divided by zero.

    Examples
    --------
    >>> import minitf as tf
    >>> tf.truncatediv([7, -7], 2).numpy().tolist()
    [3, -3]
    """
    return numeric(x, y)


@truncatediv.kernel("numpy")
def _(x, y):
    _refuse_zeros(x, y)
    if x.dtype.kind == "f":
        return np.trunc(x / y)
    return np.floor_divide(x - np.fmod(x, y), y)


@truncatediv.scalar
def _(x, y):
    quotient = x / y
    return quotient if math.isinf(quotient) else quotient - math.fmod(quotient, 1.0)


@op
def truncatemod(x: Tensor, y: Tensor):
    """Return what `truncatediv` leaves, elementwise: it has the sign of x.

    Parameters
    ----------
    x, y : Tensor
        Of one dtype, of shapes that broadcast.

    Returns
    -------
    Tensor

    Raises
    ------
    InvalidArgumentError
        Where integers are divided by zero.

    Examples
    --------
    >>> import minitf as tf
    >>> tf.truncatemod([7, -7], 3).numpy().tolist()
    [1, -1]
    """
    return numeric(x, y)


@truncatemod.kernel("numpy")
def _(x, y):
    _refuse_zeros(x, y)
    return np.fmod(x, y)


@truncatemod.gradient
def _(node, dy):
    x, y = node.inputs
    return unbroadcast(dy, x), unbroadcast(-dy * truncatediv(x, y), y)


@truncatemod.scalar
def _(x, y):
    return math.fmod(x, y)


@op
def xdivy(x: FloatTensor, y: FloatTensor):
    """Return x / y, and 0 wherever x is 0, even if y is 0 or NaN.

    Parameters
    ----------
    x, y : Tensor
        Floating, of one dtype, of shapes that broadcast.

    Returns
    -------
    Tensor

    Examples
    --------
    >>> import minitf as tf
    >>> tf.math.xdivy([0.0, 3.0], [0.0, 2.0]).numpy().tolist()
    [0.0, 1.5]
    """
    return elementwise(x, y)


@xdivy.kernel("numpy")
def _(x, y):
    return np.where(x == 0, 0, x / y)


@xdivy.gradient
def _(node, dy):
    x, y = node.inputs
    used = cast(x != 0, x.dtype)
    return unbroadcast(dy * xdivy(used, y), x), unbroadcast(dy * xdivy(-x, y * y), y)


@xdivy.scalar
def _(x, y):
    return 0.0 if x == 0 else x / y
