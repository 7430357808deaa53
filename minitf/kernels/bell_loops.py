"""The error function and GELU of float32, as loops; see `minitf.kernels.bell`.

The formulas are those of `minitf.ops.error_function`. Both branches of a condition are computed,
and products and sums are all there is besides: so the compiler finds the vector instructions.
"""

from __future__ import annotations

from numpy import float32

from minitf.kernels.exponential import COMPILE, ONE, ZERO, exp, polynomial
from minitf.ops import error_function

HALF, TWO = float32(0.5), float32(2)
NEAR = tuple(map(float32, error_function.NEAR[float32]))
FAR = tuple(map(float32, error_function.FAR[float32]))
ROOT = float32(0.5**0.5)  # sqrt(1 / 2)
PEAK = float32(0.3989422804014327)  # of the bell curve, 1 / sqrt(2 pi)


@COMPILE
def tail(x, bell):  # type: ignore[no-untyped-def]
    """Return erfc(|x|), where `bell` is exp(-x^2)."""
    t = TWO / (TWO + abs(x))
    return t * bell * polynomial(FAR, TWO * t - ONE)


@COMPILE
def erf(x, out):  # type: ignore[no-untyped-def]
    """Write erf(x)."""
    for i in range(len(x)):
        v = x[i]
        near = v * polynomial(NEAR, v * v)
        far = ONE - tail(v, exp(-v * v))
        out[i] = near if abs(v) < ONE else (-far if v < ZERO else far)


@COMPILE
def erfc(x, out):  # type: ignore[no-untyped-def]
    """Write erfc(x)."""
    for i in range(len(x)):
        far = tail(x[i], exp(-x[i] * x[i]))
        out[i] = TWO - far if x[i] < ZERO else far


@COMPILE
def gelu(x, out):  # type: ignore[no-untyped-def]
    """Write x times the share of the bell curve that lies below x."""
    for i in range(len(x)):
        v = x[i] * ROOT
        far = HALF * tail(v, exp(-v * v))
        out[i] = x[i] * (far if v < ZERO else ONE - far)


@COMPILE
def gelu_slope(x, out):  # type: ignore[no-untyped-def]
    """Write the derivative of `gelu`."""
    for i in range(len(x)):
        v = x[i] * ROOT
        bell = exp(-v * v)
        far = HALF * tail(v, bell)
        out[i] = (far if v < ZERO else ONE - far) + x[i] * PEAK * bell
