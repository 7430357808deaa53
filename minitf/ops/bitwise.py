"""Operations on the bits of integers, elementwise."""

from __future__ import annotations

import numpy as np

from minitf.errors import DTypeError
from minitf.graph.op import Tensor, op
from minitf.graph.spec import TensorSpec
from minitf.ops.broadcasting import elementwise


def integers(*inputs: TensorSpec) -> TensorSpec:
    """Return the spec of an operation on bits, which only integers show."""
    if not inputs[0].dtype.is_integer:
        raise DTypeError(f"integers are needed, got {inputs[0].dtype.name}")
    return elementwise(*inputs)


@op(differentiable=False)
def bitwise_and(x: Tensor, y: Tensor):
    """Return the bits that x and y share, elementwise.

    Parameters
    ----------
    x, y : Tensor
        Integers of one dtype, of shapes that broadcast.

    Returns
    -------
    Tensor

    Examples
    --------
    >>> import minitf as tf
    >>> tf.bitwise.bitwise_and([5, 6], 3).numpy().tolist()
    [1, 2]
    """
    return integers(x, y)


bitwise_and.kernel("numpy")(np.bitwise_and)


@bitwise_and.scalar
def _(x, y):
    return x & y


@op(differentiable=False)
def bitwise_or(x: Tensor, y: Tensor):
    """Return the bits that x or y has, elementwise.

    Parameters
    ----------
    x, y : Tensor
        Integers of one dtype, of shapes that broadcast.

    Returns
    -------
    Tensor

    Examples
    --------
    >>> import minitf as tf
    >>> tf.bitwise.bitwise_or([5, 6], 3).numpy().tolist()
    [7, 7]
    """
    return integers(x, y)


bitwise_or.kernel("numpy")(np.bitwise_or)


@bitwise_or.scalar
def _(x, y):
    return x | y


@op(differentiable=False)
def bitwise_xor(x: Tensor, y: Tensor):
    """Return the bits in which x and y differ, elementwise.

    Parameters
    ----------
    x, y : Tensor
        Integers of one dtype, of shapes that broadcast.

    Returns
    -------
    Tensor

    Examples
    --------
    >>> import minitf as tf
    >>> tf.bitwise.bitwise_xor([5, 6], 3).numpy().tolist()
    [6, 5]
    """
    return integers(x, y)


bitwise_xor.kernel("numpy")(np.bitwise_xor)


@bitwise_xor.scalar
def _(x, y):
    return x ^ y


@op(differentiable=False)
def left_shift(x: Tensor, y: Tensor):
    """Return x with its bits moved y places up, elementwise.

    Parameters
    ----------
    x, y : Tensor
        Integers of one dtype, of shapes that broadcast.

    Returns
    -------
    Tensor

    Examples
    --------
    >>> import minitf as tf
    >>> tf.bitwise.left_shift([1, 3], 2).numpy().tolist()
    [4, 12]
    """
    return integers(x, y)


left_shift.kernel("numpy")(np.left_shift)


@left_shift.scalar
def _(x, y):
    return x << y


@op(differentiable=False)
def right_shift(x: Tensor, y: Tensor):
    """Return x with its bits moved y places down, elementwise; the sign stays.

    Parameters
    ----------
    x, y : Tensor
        Integers of one dtype, of shapes that broadcast.

    Returns
    -------
    Tensor

    Examples
    --------
    >>> import minitf as tf
    >>> tf.bitwise.right_shift([4, -8], 2).numpy().tolist()
    [1, -2]
    """
    return integers(x, y)


right_shift.kernel("numpy")(np.right_shift)


@right_shift.scalar
def _(x, y):
    return x >> y


@op(differentiable=False)
def invert(x: Tensor):
    """Return x with every bit turned, elementwise.

    Parameters
    ----------
    x : Tensor
        Integers, any shape.

    Returns
    -------
    Tensor

    Examples
    --------
    >>> import minitf as tf
    >>> tf.bitwise.invert([0, 5]).numpy().tolist()
    [-1, -6]
    """
    return integers(x)


invert.kernel("numpy")(np.invert)


@invert.scalar
def _(x):
    return ~x
