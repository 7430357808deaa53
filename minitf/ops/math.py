"""Elementwise arithmetic: what each op means, how it is differentiated, one element of it.

Two inputs of different shapes are stretched to a common one (see `minitf.ops.broadcasting`).
Division, powers, rounding, trigonometry, special functions and comparisons have their own files.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from minitf.dtypes import DType, as_dtype, string
from minitf.errors import DTypeError, ShapeError
from minitf.graph.convert import as_operand, as_tensor
from minitf.graph.op import AnyTensor, Tensor, dtype_hint, op
from minitf.graph.spec import TensorSpec
from minitf.ops.broadcasting import elementwise, unbroadcast
from minitf.ops.composed import composed
from minitf.ops.source import zeros_like


def numeric(*inputs: TensorSpec) -> TensorSpec:
    """Return the spec of arithmetic on these inputs; truth values are no numbers."""
    if inputs[0].dtype.is_bool:
        raise DTypeError("bool is no number; convert it with tf.cast(x, tf.int32)")
    return elementwise(*inputs)


def paired(x: Any, y: Any) -> tuple[Tensor, Tensor]:
    """Return two operands as Tensors; a literal takes the dtype of its partner."""
    if isinstance(x, Tensor) and isinstance(y, Tensor):
        return x, y
    hint = dtype_hint([x, y])
    x = as_operand(x, hint)
    return x, as_operand(y, hint or x.dtype)


@op
def add(x: Tensor, y: Tensor):
    """Return x + y, elementwise.

    Parameters
    ----------
    x, y : Tensor
        Of one dtype, of shapes that broadcast.

    Returns
    -------
    Tensor

    Examples
    --------
    >>> import minitf as tf
    >>> tf.add([1, 2], 3).numpy().tolist()
    [4, 5]
    """
    return numeric(x, y)


add.kernel("numpy")(np.add)


@add.gradient
def _(node, dy):
    x, y = node.inputs
    return unbroadcast(dy, x), unbroadcast(dy, y)


@add.scalar
def _(x, y):
    return x + y


@op
def subtract(x: Tensor, y: Tensor):
    """Return x - y, elementwise.

    Parameters
    ----------
    x, y : Tensor
        Of one dtype, of shapes that broadcast.

    Returns
    -------
    Tensor

    Examples
    --------
    >>> import minitf as tf
    >>> tf.subtract([1, 2], 3).numpy().tolist()
    [-2, -1]
    """
    return numeric(x, y)


subtract.kernel("numpy")(np.subtract)


@subtract.gradient
def _(node, dy):
    x, y = node.inputs
    return unbroadcast(dy, x), unbroadcast(-dy, y)


@subtract.scalar
def _(x, y):
    return x - y


@op
def multiply(x: Tensor, y: Tensor):
    """Return x * y, elementwise.

    Parameters
    ----------
    x, y : Tensor
        Of one dtype, of shapes that broadcast.

    Returns
    -------
    Tensor

    Examples
    --------
    >>> import minitf as tf
    >>> tf.multiply([1, 2], 3).numpy().tolist()
    [3, 6]
    """
    return numeric(x, y)


multiply.kernel("numpy")(np.multiply)


@multiply.gradient
def _(node, dy):
    x, y = node.inputs
    return unbroadcast(dy * y, x), unbroadcast(dy * x, y)


@multiply.scalar
def _(x, y):
    return x * y


@op
def squared_difference(x: Tensor, y: Tensor):
    """Return (x - y) squared, elementwise.

    Parameters
    ----------
    x, y : Tensor
        Of one dtype, of shapes that broadcast.

    Returns
    -------
    Tensor

    Examples
    --------
    >>> import minitf as tf
    >>> tf.math.squared_difference([1.0, 2.0], 4.0).numpy().tolist()
    [9.0, 4.0]
    """
    return numeric(x, y)


@squared_difference.kernel("numpy")
def _(x, y):
    return np.square(x - y)


@squared_difference.gradient
def _(node, dy):
    x, y = node.inputs
    dx = dy * (2 * (x - y))
    return unbroadcast(dx, x), unbroadcast(-dx, y)


@squared_difference.scalar
def _(x, y):
    return (x - y) * (x - y)


@op
def negative(x: Tensor):
    """Return -x, elementwise.

    Parameters
    ----------
    x : Tensor
        Any shape.

    Returns
    -------
    Tensor

    Examples
    --------
    >>> import minitf as tf
    >>> tf.negative([1, -2]).numpy().tolist()
    [-1, 2]
    """
    return numeric(x)


negative.kernel("numpy")(np.negative)


@negative.gradient
def _(node, dy):
    return -dy


@negative.scalar
def _(x):
    return -x


@op
def abs_(x: Tensor):
    """Return the distance from 0, elementwise.

    Parameters
    ----------
    x : Tensor
        Any shape.

    Returns
    -------
    Tensor

    Notes
    -----
    The derivative at 0 is 0.

    Examples
    --------
    >>> import minitf as tf
    >>> tf.abs([1.5, -2.0]).numpy().tolist()
    [1.5, 2.0]
    """
    return numeric(x)


abs_.kernel("numpy")(np.absolute)


@abs_.gradient
def _(node, dy):
    return dy * sign(node.inputs[0])


@abs_.scalar
def _(x):
    return x if x > 0 else 0 - x


@op
def sign(x: Tensor):
    """Return 1 where x is positive, -1 where it is negative, 0 where it is 0.

    Parameters
    ----------
    x : Tensor
        Any shape.

    Returns
    -------
    Tensor

    Examples
    --------
    >>> import minitf as tf
    >>> tf.sign([5.0, 0.0, -2.0]).numpy().tolist()
    [1.0, 0.0, -1.0]
    """
    return numeric(x)


sign.kernel("numpy")(np.sign)


@sign.gradient
def _(node, dy):
    return zeros_like(dy)


@sign.scalar
def _(x):
    if x != x:
        return x
    return 1 if x > 0 else -1 if x < 0 else 0


@op
def add_n(inputs: list[Tensor]):
    """Return the sum of tensors of one shape.

    Parameters
    ----------
    inputs : sequence of Tensor
        At least one; of one shape and dtype.

    Returns
    -------
    Tensor

    Examples
    --------
    >>> import minitf as tf
    >>> tf.add_n([[1, 2], [10, 20], [100, 200]]).numpy().tolist()
    [111, 222]
    """
    if not inputs:
        raise ShapeError("at least one tensor is needed")
    shape = inputs[0].shape
    for other in inputs[1:]:
        if not shape.is_compatible_with(other.shape):
            raise ShapeError(f"shapes differ: {shape} and {other.shape}")
        shape = shape.merge_with(other.shape)
    numeric(inputs[0])
    return TensorSpec(shape, inputs[0].dtype)


@add_n.kernel("numpy")
def _(first, *others):
    total = np.array(first)
    for other in others:
        total += other
    return total


@add_n.gradient
def _(node, dy):
    return [dy] * len(node.inputs)


def accumulate_n(
    inputs: Any, shape: Any = None, tensor_dtype: Any = None, name: str | None = None
) -> Tensor:
    """Return the sum of tensors of one shape, as `add_n` does.

    Parameters
    ----------
    inputs : sequence of Tensor
        At least one; of one shape and dtype.
    shape, tensor_dtype : optional
        Accepted for TensorFlow's sake: the inputs already say them.

    Examples
    --------
    >>> import minitf as tf
    >>> tf.math.accumulate_n([[1, 2], [10, 20]]).numpy().tolist()
    [11, 22]
    """
    return add_n(inputs, name=name)


@composed
def scalar_mul(scalar: Any, x: Any, name: str | None = None) -> Tensor:
    """Return a number times a tensor.

    Parameters
    ----------
    scalar : number or Tensor
        Of shape ().
    x : Tensor
        Any shape.

    Examples
    --------
    >>> import minitf as tf
    >>> tf.math.scalar_mul(2, [1.0, 2.0]).numpy().tolist()
    [2.0, 4.0]
    """
    x = as_tensor(x)
    factor = as_tensor(scalar, hint=x.dtype)
    if len(factor.shape):
        raise ShapeError(f"the factor must be one number, got shape {factor.shape}")
    return multiply(factor, x, name=name)


@op(name="cast")
def convert_dtype(x: AnyTensor, dtype: DType):
    """Convert the elements to another dtype; see `cast`."""
    if string in (x.dtype, dtype):
        raise DTypeError(f"strings are no numbers: {x.dtype.name} to {dtype.name}")
    return TensorSpec(x.shape, dtype)


@convert_dtype.kernel("numpy")
def _(x, *, dtype):
    return x.astype(dtype.numpy)


@convert_dtype.gradient
def _(node, dy):
    return cast(dy, node.inputs[0].dtype)


def cast(x: Any, dtype: Any, name: str | None = None) -> Tensor:
    """Convert the elements to another dtype; a tensor that has it already is returned as it is.

    Parameters
    ----------
    x : Tensor
        Any shape and dtype.
    dtype : DType
        Wanted element type. Fractions are cut off toward zero; what is not 0 is True.

    Returns
    -------
    Tensor

    Examples
    --------
    >>> import minitf as tf
    >>> tf.cast([1.7, -1.7, 0.0], tf.int32).numpy().tolist()
    [1, -1, 0]
    """
    x, wanted = as_operand(x), as_dtype(dtype)
    return x if x.dtype is wanted else convert_dtype(x, wanted, name=name)
