"""Trigonometric and hyperbolic functions, elementwise. Angles are in radians."""

from __future__ import annotations

import math

import numpy as np

from minitf.graph.op import FloatTensor, op
from minitf.ops.broadcasting import elementwise, unbroadcast
from minitf.ops.powers import rsqrt, square


@op
def sin(x: FloatTensor):
    """Return the sine of x, elementwise.

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
    >>> print(tf.sin([0.0, 0.5]).numpy().round(3))
    [0.    0.479]
    """
    return x


sin.kernel("numpy")(np.sin)


@sin.gradient
def _(node, dy):
    return dy * cos(node.inputs[0])


@sin.scalar
def _(x):
    return math.sin(x)


@op
def cos(x: FloatTensor):
    """Return the cosine of x, elementwise.

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
    >>> print(tf.cos([0.0, 0.5]).numpy().round(3))
    [1.    0.878]
    """
    return x


cos.kernel("numpy")(np.cos)


@cos.gradient
def _(node, dy):
    return -dy * sin(node.inputs[0])


@cos.scalar
def _(x):
    return math.cos(x)


@op
def tan(x: FloatTensor):
    """Return the tangent of x, elementwise.

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
    >>> print(tf.tan([0.0, 0.5]).numpy().round(3))
    [0.    0.546]
    """
    return x


tan.kernel("numpy")(np.tan)


@tan.gradient
def _(node, dy):
    return dy * (1 + square(node.outputs[0]))


@tan.scalar
def _(x):
    return math.tan(x)


@op
def asin(x: FloatTensor):
    """Return the angle whose sine is x, elementwise, in [-pi/2, pi/2]; NaN outside of [-1, 1].

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
    >>> print(tf.asin([0.0, 0.5]).numpy().round(3))
    [0.    0.524]
    """
    return x


asin.kernel("numpy")(np.arcsin)


@asin.gradient
def _(node, dy):
    return dy * rsqrt(1 - square(node.inputs[0]))


@asin.scalar
def _(x):
    return math.asin(x)


@op
def acos(x: FloatTensor):
    """Return the angle whose cosine is x, elementwise, in [0, pi]; NaN outside of [-1, 1].

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
    >>> print(tf.acos([1.0, 0.5]).numpy().round(3))
    [0.    1.047]
    """
    return x


acos.kernel("numpy")(np.arccos)


@acos.gradient
def _(node, dy):
    return -dy * rsqrt(1 - square(node.inputs[0]))


@acos.scalar
def _(x):
    return math.acos(x)


@op
def atan(x: FloatTensor):
    """Return the angle whose tangent is x, elementwise, in (-pi/2, pi/2).

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
    >>> print(tf.atan([0.0, 0.5]).numpy().round(3))
    [0.    0.464]
    """
    return x


atan.kernel("numpy")(np.arctan)


@atan.gradient
def _(node, dy):
    return dy / (1 + square(node.inputs[0]))


@atan.scalar
def _(x):
    return math.atan(x)


@op
def atan2(y: FloatTensor, x: FloatTensor):
    """Return the angle of the point (x, y) seen from the origin, elementwise, in [-pi, pi].

    Parameters
    ----------
    y, x : Tensor
        Floating, of one dtype, of shapes that broadcast.

    Returns
    -------
    Tensor

    Examples
    --------
    >>> import minitf as tf
    >>> print(tf.atan2([0.0, 1.0], [1.0, 0.0]).numpy().round(3))
    [0.    1.571]
    """
    return elementwise(y, x)


atan2.kernel("numpy")(np.arctan2)


@atan2.gradient
def _(node, dy):
    y, x = node.inputs
    slope = dy / (square(x) + square(y))
    return unbroadcast(slope * x, y), unbroadcast(-slope * y, x)


@atan2.scalar
def _(y, x):
    return math.atan2(y, x)


@op
def sinh(x: FloatTensor):
    """Return the hyperbolic sine (exp(x) - exp(-x)) / 2, elementwise.

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
    >>> print(tf.sinh([0.0, 0.5]).numpy().round(3))
    [0.    0.521]
    """
    return x


sinh.kernel("numpy")(np.sinh)


@sinh.gradient
def _(node, dy):
    return dy * cosh(node.inputs[0])


@sinh.scalar
def _(x):
    return math.sinh(x)


@op
def cosh(x: FloatTensor):
    """Return the hyperbolic cosine (exp(x) + exp(-x)) / 2, elementwise.

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
    >>> print(tf.cosh([0.0, 0.5]).numpy().round(3))
    [1.    1.128]
    """
    return x


cosh.kernel("numpy")(np.cosh)


@cosh.gradient
def _(node, dy):
    return dy * sinh(node.inputs[0])


@cosh.scalar
def _(x):
    return math.cosh(x)


@op
def tanh(x: FloatTensor):
    """Return the hyperbolic tangent sinh(x) / cosh(x), elementwise: a number in [-1, 1].

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
    >>> print(tf.tanh([0.0, 1000.0]).numpy().round(3))
    [0. 1.]
    """
    return x


tanh.kernel("numpy")(np.tanh)


@tanh.gradient
def _(node, dy):
    return dy * (1 - square(node.outputs[0]))


@tanh.scalar
def _(x):
    return math.tanh(x)


@op
def asinh(x: FloatTensor):
    """Return the number whose hyperbolic sine is x, elementwise.

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
    >>> print(tf.asinh([0.0, 0.5]).numpy().round(3))
    [0.    0.481]
    """
    return x


asinh.kernel("numpy")(np.arcsinh)


@asinh.gradient
def _(node, dy):
    return dy / cosh(node.outputs[0])


@asinh.scalar
def _(x):
    return math.asinh(x)


@op
def acosh(x: FloatTensor):
    """Return the number >= 0 whose hyperbolic cosine is x, elementwise; NaN below 1.

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
    >>> print(tf.acosh([1.0, 1.5]).numpy().round(3))
    [0.    0.962]
    """
    return x


acosh.kernel("numpy")(np.arccosh)


@acosh.gradient
def _(node, dy):
    return dy / sinh(node.outputs[0])


@acosh.scalar
def _(x):
    return math.acosh(x)


@op
def atanh(x: FloatTensor):
    """Return the number whose hyperbolic tangent is x, elementwise; NaN outside of [-1, 1].

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
    >>> print(tf.atanh([0.0, 0.5]).numpy().round(3))
    [0.    0.549]
    """
    return x


atanh.kernel("numpy")(np.arctanh)


@atanh.gradient
def _(node, dy):
    return dy / (1 - square(node.inputs[0]))


@atanh.scalar
def _(x):
    return math.atanh(x)
