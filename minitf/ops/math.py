"""Elementwise arithmetic: what each op means, how it is differentiated, one element of it.

Two inputs of different shapes are stretched to a common one (see `minitf.ops.broadcasting`).
"""

from __future__ import annotations

import math

import numpy as np

from minitf.dtypes import DType, bool_
from minitf.graph.op import AnyTensor, FloatTensor, Tensor, op
from minitf.graph.spec import TensorSpec
from minitf.ops.broadcasting import elementwise, unbroadcast


@op
def add(x: Tensor, y: Tensor):
    """Return x + y, elementwise.

    Parameters
    ----------
    x, y : Tensor
        Shapes that broadcast, one dtype.

    Returns
    -------
    Tensor

    Examples
    --------
    >>> import minitf as tf
    >>> tf.add([1, 2], 3).numpy().tolist()
    [4, 5]
    """
    return elementwise(x, y)


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
        Shapes that broadcast, one dtype.

    Returns
    -------
    Tensor

    Examples
    --------
    >>> import minitf as tf
    >>> tf.subtract([1, 2], 3).numpy().tolist()
    [-2, -1]
    """
    return elementwise(x, y)


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
        Shapes that broadcast, one dtype.

    Returns
    -------
    Tensor

    Examples
    --------
    >>> import minitf as tf
    >>> tf.multiply([1, 2], 3).numpy().tolist()
    [3, 6]
    """
    return elementwise(x, y)


multiply.kernel("numpy")(np.multiply)


@multiply.gradient
def _(node, dy):
    x, y = node.inputs
    return unbroadcast(dy * y, x), unbroadcast(dy * x, y)


@multiply.scalar
def _(x, y):
    return x * y


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
    return x


negative.kernel("numpy")(np.negative)


@negative.gradient
def _(node, dy):
    return -dy


@negative.scalar
def _(x):
    return -x


@op
def square(x: Tensor):
    """Return x * x, elementwise.

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
    >>> tf.square([2.0, -3.0]).numpy().tolist()
    [4.0, 9.0]
    """
    return x


square.kernel("numpy")(np.square)


@square.gradient
def _(node, dy):
    return dy * (2 * node.inputs[0])


@square.scalar
def _(x):
    return x * x


@op
def exp(x: FloatTensor):
    """Return e to the power of x, elementwise.

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
    >>> tf.exp([0.0, 1.0]).numpy().round(3).tolist()
    [1.0, 2.7179999351501465]
    """
    return x


exp.kernel("numpy")(np.exp)


@exp.gradient
def _(node, dy):
    return dy * node.outputs[0]


@exp.scalar
def _(x):
    return math.exp(x)


@op
def cast(x: AnyTensor, dtype: DType):
    """Convert the elements to another dtype.

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
    return TensorSpec(x.shape, dtype)


@cast.kernel("numpy")
def _(x, *, dtype):
    return x.astype(dtype.numpy)


@cast.gradient
def _(node, dy):
    return cast(dy, node.inputs[0].dtype)


@op(differentiable=False)
def greater(x: Tensor, y: Tensor):
    """Return whether x > y, elementwise.

    Parameters
    ----------
    x, y : Tensor
        Shapes that broadcast, one dtype.

    Returns
    -------
    Tensor
        Of type bool.

    Examples
    --------
    >>> import minitf as tf
    >>> tf.greater([1, 5], 3).numpy().tolist()
    [False, True]
    """
    return elementwise(x, y, dtype=bool_)


greater.kernel("numpy")(np.greater)


@greater.scalar
def _(x, y):
    return x > y
