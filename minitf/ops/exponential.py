"""Exponentials and logarithms, and what is made of them, elementwise."""

from __future__ import annotations

import math

import numpy as np

from minitf.graph.op import FloatTensor, op
from minitf.ops.broadcasting import elementwise, unbroadcast
from minitf.ops.division import xdivy
from minitf.ops.math import cast


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
    >>> print(tf.exp([0.0, 1.0]).numpy().round(3))
    [1.    2.718]
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
def expm1(x: FloatTensor):
    """Return exp(x) - 1, elementwise, exactly even where x is tiny.

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
    >>> print(tf.math.expm1([1e-10, 1.0]).numpy()[0])
    1e-10
    """
    return x


expm1.kernel("numpy")(np.expm1)


@expm1.gradient
def _(node, dy):
    return dy * exp(node.inputs[0])


@expm1.scalar
def _(x):
    return math.expm1(x)


@op
def log(x: FloatTensor):
    """Return the natural logarithm of x, elementwise: -inf at 0, NaN below.

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
    >>> tf.math.log([1.0, 0.0]).numpy().tolist()
    [0.0, -inf]
    """
    return x


log.kernel("numpy")(np.log)


@log.gradient
def _(node, dy):
    return dy / node.inputs[0]


@log.scalar
def _(x):
    return math.log(x)


@op
def log1p(x: FloatTensor):
    """Return log(1 + x), elementwise, exactly even where x is tiny.

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
    >>> print(tf.math.log1p([1e-10, 1.0]).numpy()[0])
    1e-10
    """
    return x


log1p.kernel("numpy")(np.log1p)


@log1p.gradient
def _(node, dy):
    return dy / (1 + node.inputs[0])


@log1p.scalar
def _(x):
    return math.log1p(x)


@op
def sigmoid(x: FloatTensor):
    """Return 1 / (1 + exp(-x)), elementwise: a number between 0 and 1.

    Parameters
    ----------
    x : Tensor
        Floating dtype, any shape.

    Returns
    -------
    Tensor

    Notes
    -----
    ``dy = y (1 - y)``.

    Examples
    --------
    >>> import minitf as tf
    >>> tf.sigmoid([-1000.0, 0.0, 1000.0]).numpy().tolist()
    [0.0, 0.5, 1.0]
    """
    return x


@sigmoid.kernel("numpy")
def _(x):
    shrunk = np.exp(-np.abs(x))  # never overflows
    return np.where(x >= 0, 1, shrunk) / (1 + shrunk)


@sigmoid.gradient
def _(node, dy):
    y = node.outputs[0]
    return dy * (y * (1 - y))


@sigmoid.scalar
def _(x):
    shrunk = math.exp(-math.fabs(x))
    return (1.0 if x >= 0 else shrunk) / (1 + shrunk)


@op
def softplus(features: FloatTensor):
    """Return log(1 + exp(x)), elementwise: a smooth relu.

    Parameters
    ----------
    features : Tensor
        Floating dtype, any shape.

    Returns
    -------
    Tensor

    Notes
    -----
    Computed as ``max(x, 0) + log(1 + exp(-|x|))``, which cannot overflow.

    Examples
    --------
    >>> import minitf as tf
    >>> print(tf.math.softplus([-1000.0, 0.0, 20.0]).numpy().round(3))
    [ 0.     0.693 20.   ]
    """
    return features


@softplus.kernel("numpy")
def _(features):
    return np.maximum(features, 0) + np.log1p(np.exp(-np.abs(features)))


@softplus.gradient
def _(node, dy):
    return dy * sigmoid(node.inputs[0])


@softplus.scalar
def _(features):
    above = 0.0 if features < 0 else features
    return above + math.log1p(math.exp(-math.fabs(features)))


@op
def xlogy(x: FloatTensor, y: FloatTensor):
    """Return x * log(y), and 0 wherever x is 0, even if log(y) is not finite.

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
    >>> tf.math.xlogy([0.0, 2.0], [0.0, 1.0]).numpy().tolist()
    [0.0, 0.0]
    """
    return elementwise(x, y)


@xlogy.kernel("numpy")
def _(x, y):
    return np.where(x == 0, 0, x * np.log(y))


@xlogy.gradient
def _(node, dy):
    x, y = node.inputs
    used = cast(x != 0, x.dtype)
    return unbroadcast(dy * xlogy(used, y), x), unbroadcast(dy * xdivy(x, y), y)


@xlogy.scalar
def _(x, y):
    return 0.0 if x == 0 else x * math.log(y)


@op
def xlog1py(x: FloatTensor, y: FloatTensor):
    """Return x * log(1 + y), and 0 wherever x is 0.

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
    >>> tf.math.xlog1py([0.0, 2.0], [-1.0, 0.0]).numpy().tolist()
    [0.0, 0.0]
    """
    return elementwise(x, y)


@xlog1py.kernel("numpy")
def _(x, y):
    return np.where(x == 0, 0, x * np.log1p(y))


@xlog1py.gradient
def _(node, dy):
    x, y = node.inputs
    used = cast(x != 0, x.dtype)
    return unbroadcast(dy * xlog1py(used, y), x), unbroadcast(dy * xdivy(x, 1 + y), y)


@xlog1py.scalar
def _(x, y):
    return 0.0 if x == 0 else x * math.log1p(y)
