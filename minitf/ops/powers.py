"""Powers and roots, elementwise."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from minitf.errors import InvalidArgumentError
from minitf.graph.convert import as_operand, as_tensor
from minitf.graph.op import FloatTensor, Tensor, op
from minitf.ops.broadcasting import unbroadcast
from minitf.ops.composed import composed
from minitf.ops.exponential import log
from minitf.ops.math import numeric
from minitf.ops.source import identity, zeros_like
from minitf.ops.where import select


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
    return numeric(x)


square.kernel("numpy")(np.square)


@square.gradient
def _(node, dy):
    return dy * (2 * node.inputs[0])


@square.scalar
def _(x):
    return x * x


@op
def sqrt(x: FloatTensor):
    """Return the square root of x, elementwise; NaN where x is negative.

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
    >>> tf.sqrt([4.0, 9.0]).numpy().tolist()
    [2.0, 3.0]
    """
    return x


sqrt.kernel("numpy")(np.sqrt)


@sqrt.gradient
def _(node, dy):
    return 0.5 * dy / node.outputs[0]


@sqrt.scalar
def _(x):
    return math.sqrt(x)


@op
def rsqrt(x: FloatTensor):
    """Return 1 / sqrt(x), elementwise.

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
    >>> tf.math.rsqrt([4.0, 0.25]).numpy().tolist()
    [0.5, 2.0]
    """
    return x


@rsqrt.kernel("numpy")
def _(x):
    return 1 / np.sqrt(x)


@rsqrt.gradient
def _(node, dy):
    y = node.outputs[0]
    return dy * (-0.5 * (y * y * y))


@rsqrt.scalar
def _(x):
    return 1 / math.sqrt(x)


@op
def reciprocal(x: FloatTensor):
    """Return 1 / x, elementwise.

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
    >>> tf.math.reciprocal([4.0, 0.5]).numpy().tolist()
    [0.25, 2.0]
    """
    return x


reciprocal.kernel("numpy")(np.reciprocal)


@reciprocal.gradient
def _(node, dy):
    return -dy * square(node.outputs[0])


@reciprocal.scalar
def _(x):
    return 1 / x


@op(name="pow")
def power(x: Tensor, y: Tensor):
    """Return x to the power of y; see `pow_`.

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
    >>> tf.pow([2, 3], [3, 2]).numpy().tolist()
    [8, 9]
    """
    return numeric(x, y)


power.kernel("numpy")(np.power)


@power.gradient
def _(node, dy):
    x, y = node.inputs
    positive = x > 0  # elsewhere the logarithm has no real value, and the slope is set to 0
    log_x = select(positive, log(select(positive, x, 1)), 0)
    dx = dy * (y * power(x, y - 1))
    return unbroadcast(dx, x), unbroadcast(dy * node.outputs[0] * log_x, y)


@power.scalar
def _(x, y):
    return math.pow(x, y)


def pow_(x: Any, y: Any, name: str | None = None) -> Tensor:
    """Return x to the power of y, elementwise.

    Parameters
    ----------
    x, y : Tensor
        Numbers of one dtype, of shapes that broadcast.

    Returns
    -------
    Tensor

    Raises
    ------
    InvalidArgumentError
        For an integer to a negative integer power: it is no integer.

    Notes
    -----
    ``dx = y x^(y-1)`` and ``dy = x^y log(x)``, the latter 0 where x is not positive. A literal 2
    becomes `square`, whose gradient needs no logarithm.

    Examples
    --------
    >>> import minitf as tf
    >>> tf.pow([2, 3], [3, 2]).numpy().tolist()
    [8, 9]
    """
    if type(y) in (int, float) and y == 2:
        x = as_operand(x)
        if type(y) is int or x.dtype.is_floating:
            return square(x, name=name)
    return power(x, y, name=name)


@composed
def polyval(coeffs: Any, x: Any, name: str | None = None) -> Tensor:
    """Return the value of a polynomial, elementwise, by Horner's scheme.

    Parameters
    ----------
    coeffs : list of Tensor
        Of one dtype, of shapes that broadcast; the one of the highest power first.
    x : Tensor
        Where to evaluate it.

    Returns
    -------
    Tensor
        ``coeffs[0] * x^(n-1) + ... + coeffs[n-1]``.

    Examples
    --------
    >>> import minitf as tf
    >>> tf.math.polyval([1.0, 2.0, 3.0], [0.0, 10.0]).numpy().tolist()
    [3.0, 123.0]
    """
    if not isinstance(coeffs, (list, tuple)):
        raise InvalidArgumentError(f"coeffs is a list, got {type(coeffs).__name__}")
    x = as_tensor(x)
    total: Any = zeros_like(x)
    for coefficient in coeffs:
        total = total * x + coefficient
    return identity(total, name=name)
