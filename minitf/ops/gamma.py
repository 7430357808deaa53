"""The gamma function's logarithm and its derivatives, elementwise.

All rest on one idea. Far from 0 the functions follow short asymptotic series, whose coefficients
are Bernoulli numbers; nearer to 0 a recurrence, such as
``log gamma(x) = log gamma(x + 1) - log(x)``, walks up to where the series holds. Large terms nearly
cancel on the way, so float32 is computed in float64; no training step is made of these functions.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from minitf.dtypes import int64
from minitf.graph.convert import as_tensor
from minitf.graph.op import FloatTensor, IntTensor, Tensor, op
from minitf.ops.broadcasting import elementwise, unbroadcast
from minitf.ops.composed import composed
from minitf.ops.math import cast
from minitf.ops.rounding import floor
from minitf.ops.source import ones_like
from minitf.ops.where import select

# B(2), B(4), ...: the series below are good to float64's last digits from x = 9 on.
BERNOULLI = (1 / 6, -1 / 30, 1 / 42, -1 / 30, 5 / 66, -691 / 2730, 7 / 6, -3617 / 510, 43867 / 798,
             -174611 / 330, 854513 / 138, -236364091 / 2730)  # fmt: skip
START = 9
LOWEST = -1000  # the recurrences walk up from here at most


def lgamma_array(x: Any) -> Any:
    """Return log |gamma(x)| of an array of float64."""
    left = x < 0.5
    z = np.where(left, 1 - x, x)
    product = np.ones_like(z)
    for _ in range(START):
        below = z < START
        product = np.where(below, product * z, product)
        z = z + below
    series = (z - 0.5) * np.log(z) - z + 0.5 * math.log(2 * math.pi) - np.log(product)
    for k in range(1, 9):
        series += BERNOULLI[k - 1] / (2 * k * (2 * k - 1) * z ** (2 * k - 1))
    turned = np.sin(np.pi * (x - np.rint(x)))
    mirrored = np.log(np.pi / np.abs(turned)) - series  # gamma(x) gamma(1 - x) = pi / sin(pi x)
    value = np.where(left, mirrored, np.where((x == 1) | (x == 2), 0, series))
    return np.where(np.isinf(x), np.inf, value)


def digamma_array(x: Any) -> Any:
    """Return the derivative of log gamma, of an array of float64."""
    left = x < 0.5
    z = np.where(left, 1 - x, x)
    value = np.zeros_like(z)
    for _ in range(START):
        below = z < START
        value = np.where(below, value - 1 / z, value)
        z = z + below
    value = value + np.log(z) - 0.5 / z
    for k in range(1, 9):
        value -= BERNOULLI[k - 1] / (2 * k * z ** (2 * k))
    mirrored = value - np.pi / np.tan(np.pi * (x - np.rint(x)))
    pole = (x <= 0) & (x == np.floor(x))
    return np.where(pole, np.nan, np.where(left, mirrored, value))


def zeta_array(s: Any, q: Any) -> Any:
    """Return the sum of ``(q + k)^-s`` over k >= 0, of arrays of float64: Euler-Maclaurin."""
    steps = START + int(-np.min(q, initial=0, where=q > LOWEST))
    value = sum((q + k) ** -s for k in range(steps))
    z = q + steps
    value = value + z ** (1 - s) / (s - 1) + 0.5 * z**-s
    factor = s / z ** (s + 1)
    for k, bernoulli in enumerate(BERNOULLI, 1):
        value = value + factor * (bernoulli / math.factorial(2 * k))
        factor = factor * (s + 2 * k - 1) * (s + 2 * k) / (z * z)
    value = np.where(np.isposinf(q), 0, value)
    return np.where((s < 1) | ~(q > LOWEST), np.nan, np.where(s == 1, np.inf, value))


def polygamma_array(a: Any, x: Any) -> Any:
    """Return derivative number `a` (integers) of digamma at `x` (float64)."""
    s = a + 1.0
    signed = np.where(a % 2 == 0, -1, 1) * np.exp(lgamma_array(s))
    derivative = np.where(a == 0, digamma_array(x), signed * zeta_array(s, x))
    return np.where(a < 0, np.nan, derivative)


def in_float64(function: Any) -> Any:
    """Return a kernel that computes in float64 and answers in the dtype of its input."""

    def kernel(x: Any) -> Any:
        return np.asarray(function(np.asarray(x, np.float64)), x.dtype)

    return kernel


@op
def lgamma(x: FloatTensor):
    """Return the logarithm of the absolute value of the gamma function, elementwise.

    Parameters
    ----------
    x : Tensor
        Floating dtype, any shape.

    Returns
    -------
    Tensor
        Infinite at 0 and the negative integers.

    Notes
    -----
    ``gamma(n + 1) = n!`` for whole n.

    References
    ----------
    Abramowitz and Stegun, "Handbook of Mathematical Functions", 6.1.17 and 6.1.41.

    Examples
    --------
    >>> import minitf as tf
    >>> print(tf.exp(tf.math.lgamma([1.0, 4.0, 5.0])).numpy().round(3))
    [ 1.  6. 24.]
    """
    return x


lgamma.kernel("numpy")(in_float64(lgamma_array))


@lgamma.gradient
def _(node, dy):
    return dy * digamma(node.inputs[0])


@lgamma.scalar
def _(x):
    return math.lgamma(x)


@op
def digamma(x: FloatTensor):
    """Return the derivative of `lgamma`, elementwise.

    Parameters
    ----------
    x : Tensor
        Floating dtype, any shape.

    Returns
    -------
    Tensor
        NaN at 0 and the negative integers.

    References
    ----------
    Abramowitz and Stegun, "Handbook of Mathematical Functions", 6.3.7 and 6.3.18.

    Examples
    --------
    >>> import minitf as tf
    >>> print(tf.math.digamma([1.0, 2.0]).numpy().round(3))
    [-0.577  0.423]
    """
    return x


digamma.kernel("numpy")(in_float64(digamma_array))


@digamma.gradient
def _(node, dy):
    x = node.inputs[0]
    return dy * polygamma_(ones_like(x, dtype=int64), x)


@digamma.scalar
def _(x):
    if x <= 0 and math.fmod(x, 1.0) == 0:
        return math.nan
    z = 1 - x if x < 0.5 else x
    value = 0.0
    while z < 9:
        value -= 1 / z
        z += 1
    w = 1 / (z * z)
    series = w * (1 / 12 - w * (1 / 120 - w * (1 / 252 - w * (1 / 240 - w * (1 / 132 - w * (
        691 / 32760 - w * (1 / 12 - w * 3617 / 8160)))))))  # fmt: skip
    value += math.log(z) - 0.5 / z - series
    return value - math.pi / math.tan(math.pi * math.fmod(x, 1.0)) if x < 0.5 else value


@op(name="polygamma")
def polygamma_(a: IntTensor, x: FloatTensor):
    """Return the derivative number `a` of `digamma`; see `polygamma`."""
    return elementwise(a, x, dtype=x.dtype)


@polygamma_.kernel("numpy")
def _(a, x):
    return np.asarray(polygamma_array(a, np.asarray(x, np.float64)), x.dtype)


@polygamma_.gradient
def _(node, dy):
    a, x = node.inputs
    return None, unbroadcast(dy * polygamma_(a + 1, x), x)


@composed
def polygamma(a: Any, x: Any, name: str | None = None) -> Tensor:
    """Return the derivative number `a` of `digamma`, elementwise.

    Parameters
    ----------
    a : Tensor
        Whole numbers >= 0, else the result is NaN.
    x : Tensor
        Floating; the shapes broadcast.

    Returns
    -------
    Tensor
        Of the dtype of `x`.

    Notes
    -----
    ``(-1)^(a + 1) a! zeta(a + 1, x)`` for a > 0, with Hurwitz' zeta function.

    References
    ----------
    Abramowitz and Stegun, "Handbook of Mathematical Functions", 6.4.10 and 23.1.30
    (Euler-Maclaurin).

    Examples
    --------
    >>> import minitf as tf
    >>> print(tf.math.polygamma([0.0, 1.0], 1.0).numpy().round(3))
    [-0.577  1.645]
    """
    x, order = as_tensor(x), as_tensor(a)
    if order.dtype.is_floating:
        a = order
        order = select(floor(a) == a, cast(a, int64), -1)
    return polygamma_(order, x, name=name)
