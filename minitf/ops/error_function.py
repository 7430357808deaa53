"""The error function, its complement and its inverse: areas under the bell curve, elementwise."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from minitf.graph.op import FloatTensor, op
from minitf.ops.exponential import exp
from minitf.ops.powers import square

SLOPE = 2 / math.sqrt(math.pi)  # of erf, at 0

# Chebyshev approximations, as coefficients of polynomials, the highest power first.
# erf(x) / x for |x| <= 1, in x^2:
NEAR = {
    np.float32: (7.88249711e-5, -8.01885499e-4, 0.00518931194, -0.0268543288, 0.112835975,
                 -0.376126269, 1.12837917),
    np.float64: (5.9589307431349412e-11, -1.1373902296430912e-9, 1.4660051998394848e-8,
                 -1.6350354461959656e-7, 1.6461004480962035e-6, -1.4925595519506043e-5,
                 1.2055331122299265e-4, -8.548326981129666e-4, 0.0052239776248232226,
                 -0.026866170645077334, 0.11283791670954882, -0.37612638903183748,
                 1.1283791670955126),
}  # fmt: skip
# exp(x^2) erfc(x) / t for x >= 0 and t = 2 / (2 + x), in 2 t - 1 (after Shepherd and Laframboise,
# "Chebyshev approximation of (1 + 2x) exp(x^2) erfc x", 1981):
FAR = {
    np.float32: (4.21611972e-5, -3.66018769e-5, -2.99382712e-4, 4.30670488e-4, 0.00152915716,
                 -0.00324345192, -0.0107516262, 0.0182216694, 0.139735734, 0.343580319,
                 0.510791357),
    np.float64: (-1.980630129018971e-9, 6.6281226083308147e-9, 6.9279933268884906e-9,
                 -5.1632925982167517e-8, 3.4959527745153901e-8, 1.5015344504456214e-7,
                 -3.2472595894854843e-7, 1.5101594420537427e-8, 1.0291712073830891e-6,
                 -1.8345340188908249e-6, -5.7679804614079406e-7, 8.0667960127218121e-6,
                 -1.0843322804947118e-5, -1.7076523190643672e-5, 7.2234276381478467e-5,
                 -1.7185281302194507e-5, -3.3153659114119266e-4, 4.186479749435397e-4,
                 0.0015453060154874523, -0.003239592529832105, -0.010755330944104561,
                 0.018221115753305877, 0.13973604627801605, 0.3435803422069066,
                 0.51079135262101152),
}  # fmt: skip


def polynomial(coefficients: tuple[float, ...], x: Any) -> Any:
    """Return a polynomial's value at `x`, by Horner's scheme."""
    total = coefficients[0] * x + coefficients[1]
    for coefficient in coefficients[2:]:
        total *= x
        total += coefficient
    return total


def erf_array(x: Any) -> Any:
    """Return erf of an array of float32 or float64."""
    near = x * polynomial(NEAR[x.dtype.type], x * x)  # keeps tiny x exact
    return np.where(np.abs(x) < 1, near, np.copysign(1 - _tail(x), x))


def erfc_array(x: Any) -> Any:
    """Return erfc of an array of float32 or float64."""
    tail = _tail(x)
    return np.where(x < 0, 2 - tail, tail)


def _tail(x: Any) -> Any:
    """Return erfc(|x|)."""
    x = np.abs(x)
    t = 2 / (2 + x)
    return t * np.exp(-x * x) * polynomial(FAR[x.dtype.type], 2 * t - 1)


def erfinv_array(y: Any) -> Any:
    """Return erfinv of an array of float32 or float64.

    Winitzki's closed formula (2008) is good to three digits; each of Halley's steps, on erf where
    y is small and on erfc where it is not, triples their number.
    """
    above = np.abs(y)
    rest = 1 - above
    a = 0.147
    log = np.log(rest * (1 + above))
    b = 2 / (math.pi * a) + log / 2
    x = np.sqrt(np.sqrt(b * b - log / a) - b)
    for _ in range(2):
        missing = np.where(above < 0.5, erf_array(x) - above, rest - erfc_array(x))
        step = missing / (SLOPE * np.exp(-x * x))
        x = x - step / (1 + x * step)
    return np.where(above == 1, np.copysign(np.inf, y), np.copysign(x, y)).astype(y.dtype)


def widened(function: Any) -> Any:
    """Return a kernel that computes float16 in float32."""

    def kernel(x: Any) -> Any:
        if x.dtype == np.float16:
            return function(x.astype(np.float32)).astype(np.float16)
        return function(x)

    return kernel


@op
def erf(x: FloatTensor):
    """Return the error function of x, elementwise.

    Parameters
    ----------
    x : Tensor
        Floating dtype, any shape.

    Returns
    -------
    Tensor
        In [-1, 1].

    Notes
    -----
    ``erf(x) = 2 / sqrt(pi) * (integral of exp(-t^2) from 0 to x)``. A normal random number lies
    within s standard deviations of its mean with probability ``erf(s / sqrt(2))``.

    Examples
    --------
    >>> import minitf as tf
    >>> print(tf.math.erf([0.0, 1.0, -10.0]).numpy().round(3))
    [ 0.     0.843 -1.   ]
    """
    return x


erf.kernel("numpy")(widened(erf_array))


@erf.gradient
def _(node, dy):
    return dy * (SLOPE * exp(-square(node.inputs[0])))


@erf.scalar
def _(x):
    return math.erf(x)


@op
def erfc(x: FloatTensor):
    """Return 1 - erf(x), elementwise, exactly even where erf(x) is almost 1.

    Parameters
    ----------
    x : Tensor
        Floating dtype, any shape.

    Returns
    -------
    Tensor
        In [0, 2].

    Examples
    --------
    >>> import minitf as tf
    >>> print(tf.math.erfc([0.0, 1.0, -10.0]).numpy().round(3))
    [1.    0.157 2.   ]
    """
    return x


erfc.kernel("numpy")(widened(erfc_array))


@erfc.gradient
def _(node, dy):
    return dy * (-SLOPE * exp(-square(node.inputs[0])))


@erfc.scalar
def _(x):
    return math.erfc(x)


@op
def erfinv(x: FloatTensor):
    """Return the number whose error function is x, elementwise.

    Parameters
    ----------
    x : Tensor
        Floating dtype, any shape; in [-1, 1], elsewhere the result is NaN.

    Returns
    -------
    Tensor

    Examples
    --------
    >>> import minitf as tf
    >>> print(tf.math.erfinv([0.0, 0.5, -1.0]).numpy().round(3))
    [0.    0.477  -inf]
    """
    return x


erfinv.kernel("numpy")(widened(erfinv_array))


@erfinv.gradient
def _(node, dy):
    return dy * (exp(square(node.outputs[0])) / SLOPE)


@erfinv.scalar
def _(x):
    above = math.fabs(x)
    if not above < 1:
        return math.copysign(math.inf, x) if above == 1 else math.nan
    log = math.log((1 - above) * (1 + above))
    b = 4.330746750799873 + log / 2  # 2 / (0.147 pi)
    y = math.sqrt(math.fabs(math.sqrt(b * b - log / 0.147) - b))
    for _ in range(2):
        missing = math.erf(y) - above if above < 0.5 else (1 - above) - math.erfc(y)
        step = missing / (1.1283791670955126 * math.exp(-y * y))
        y -= step / (1 + y * step)
    return math.copysign(y, x)
