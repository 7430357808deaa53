"""`keras.ops`: functions of single elements, under NumPy's names."""

from __future__ import annotations

import math
from typing import Any

from minitf.dtypes import bool_
from minitf.graph.convert import as_tensor
from minitf.keras.ops.promotion import (
    alike,
    alike_floats,
    binary,
    floats,
    numbers,
    of_floats,
    unary,
)
from minitf.ops import bitwise, division, exponential, logic, powers, rounding, trigonometry
from minitf.ops import math as arithmetic
from minitf.ops.array import expand_dims, reshape
from minitf.ops.math import cast
from minitf.ops.reduction import reduce_all, reduce_any
from minitf.ops.rounding import clip_by_value
from minitf.ops.source import ones_like, zeros_like
from minitf.ops.where import where

__all__ = [
    "abs", "absolute", "add", "allclose", "arccos", "arccosh", "arcsin", "arcsinh", "arctan",
    "arctan2", "arctanh", "bitwise_and", "bitwise_invert", "bitwise_left_shift", "bitwise_not",
    "bitwise_or", "bitwise_right_shift", "bitwise_xor", "cbrt", "ceil", "clip", "cos", "cosh",
    "deg2rad", "divide", "divide_no_nan", "equal", "exp", "exp2", "expm1", "fabs", "floor",
    "floor_divide", "fmax", "fmin", "fmod", "greater", "greater_equal", "heaviside", "hypot",
    "isclose", "isfinite", "isin", "isinf", "isnan", "isneginf", "isposinf", "ldexp",
    "left_shift", "less", "less_equal", "log", "log1p", "log2", "log10", "logaddexp",
    "logaddexp2", "logical_and", "logical_not", "logical_or", "logical_xor", "maximum",
    "minimum", "mod", "multiply", "nan_to_num", "negative", "not_equal", "power", "rad2deg",
    "reciprocal", "right_shift", "round", "rsqrt", "sign", "signbit", "sin", "sinc", "sinh",
    "sqrt", "square", "subtract", "tan", "tanh", "true_divide", "trunc"
]  # fmt: skip

# -- one argument -----------------------------------------------------------------------------

negative = unary(arithmetic.negative, numbers)
sign = unary(arithmetic.sign, numbers)
square = unary(powers.square, numbers)
fabs = of_floats(arithmetic.abs_, "fabs")

sqrt = of_floats(powers.sqrt)
rsqrt = of_floats(powers.rsqrt)
reciprocal = of_floats(powers.reciprocal)
exp = of_floats(exponential.exp)
expm1 = of_floats(exponential.expm1)
log = of_floats(exponential.log)
log1p = of_floats(exponential.log1p)

sin = of_floats(trigonometry.sin)
cos = of_floats(trigonometry.cos)
tan = of_floats(trigonometry.tan)
sinh = of_floats(trigonometry.sinh)
cosh = of_floats(trigonometry.cosh)
tanh = of_floats(trigonometry.tanh)
arcsin = of_floats(trigonometry.asin, "arcsin")
arccos = of_floats(trigonometry.acos, "arccos")
arctan = of_floats(trigonometry.atan, "arctan")
arcsinh = of_floats(trigonometry.asinh, "arcsinh")
arccosh = of_floats(trigonometry.acosh, "arccosh")
arctanh = of_floats(trigonometry.atanh, "arctanh")

ceil = of_floats(rounding.ceil)
floor = of_floats(rounding.floor)
isnan = of_floats(logic.is_nan, "isnan")
isinf = of_floats(logic.is_inf, "isinf")
isfinite = of_floats(logic.is_finite, "isfinite")


def absolute(x: Any) -> Any:
    """Return x without its sign."""
    x = as_tensor(x)
    return x if x.dtype.is_bool else arithmetic.abs_(x)


abs = absolute


def log2(x: Any) -> Any:
    """Return the logarithm to the base 2."""
    return log(x) / math.log(2)


def log10(x: Any) -> Any:
    """Return the logarithm to the base 10."""
    return log(x) / math.log(10)


def exp2(x: Any) -> Any:
    """Return 2 to the power of x."""
    return powers.pow_(2.0, floats(x))  # exact for whole numbers


def cbrt(x: Any) -> Any:
    """Return the cube root."""
    x = floats(x)
    return sign(x) * powers.pow_(absolute(x), 1 / 3)


def deg2rad(x: Any) -> Any:
    """Return angles in radians."""
    return floats(x) * (math.pi / 180)


def rad2deg(x: Any) -> Any:
    """Return angles in degrees."""
    return floats(x) * (180 / math.pi)


def sinc(x: Any) -> Any:
    """Return sin(pi x) / (pi x), and 1 at 0."""
    x = floats(x) * math.pi
    at_zero = logic.equal(x, 0)
    return where(at_zero, ones_like(x), sin(x) / where(at_zero, ones_like(x), x))


def trunc(x: Any) -> Any:
    """Return x without its fraction."""
    x = as_tensor(x)
    return sign(x) * floor(absolute(x)) if x.dtype.is_floating else x


def round(x: Any, decimals: int = 0) -> Any:
    """Return x rounded to a number of decimals; halves go to the even neighbour."""
    x = numbers(x)
    if x.dtype.is_integer and decimals >= 0:
        return x
    factor = 10.0**decimals
    found = rounding.round_(floats(x) * factor) / factor if decimals else rounding.round_(x)
    return cast(found, x.dtype)


def clip(x: Any, x_min: Any, x_max: Any) -> Any:
    """Return x, and the bound where x lies beyond it."""
    x, low, high = alike(numbers(x), x_min, x_max)
    return clip_by_value(x, low, high)


def nan_to_num(x: Any, nan: float = 0.0, posinf: Any = None, neginf: Any = None) -> Any:
    """Return x with numbers in place of NaN and infinities; the largest ones by default."""
    x = as_tensor(x)
    if not x.dtype.is_floating:
        return x
    high = x.dtype.max if posinf is None else posinf
    low = x.dtype.min if neginf is None else neginf
    x = where(isnan(x), nan * ones_like(x), x)
    x = where(isposinf(x), high * ones_like(x), x)
    return where(isneginf(x), low * ones_like(x), x)


def isposinf(x: Any) -> Any:
    """Return whether x is infinite and positive."""
    return logic.equal(floats(x), math.inf)


def isneginf(x: Any) -> Any:
    """Return whether x is infinite and negative."""
    return logic.equal(floats(x), -math.inf)


def signbit(x: Any) -> Any:
    """Return whether x has a minus sign; -0.0 has one."""
    x = numbers(x)
    if not x.dtype.is_floating:
        return logic.less(x, zeros_like(x))
    below_zero = logic.logical_and(logic.equal(x, 0), logic.less(1 / x, 0))
    return logic.logical_or(logic.less(x, 0), below_zero)


def logical_not(x: Any) -> Any:
    """Return the opposite of truth values; numbers other than 0 are true."""
    return logic.logical_not(cast(as_tensor(x), bool_))


def bitwise_invert(x: Any) -> Any:
    """Return numbers with all bits inverted."""
    x = as_tensor(x)
    return logic.logical_not(x) if x.dtype.is_bool else bitwise.invert(x)


bitwise_not = bitwise_invert

# -- two arguments ----------------------------------------------------------------------------


def _numbers(x1: Any, x2: Any) -> list[Any]:
    return [numbers(x) for x in alike(x1, x2)]


def _truths(x1: Any, x2: Any) -> list[Any]:
    return [cast(as_tensor(x), bool_) for x in (x1, x2)]


def add(x1: Any, x2: Any) -> Any:
    """Return x1 + x2; of truth values, whether one of them holds."""
    x1, x2 = alike(x1, x2)
    return logic.logical_or(x1, x2) if x1.dtype.is_bool else arithmetic.add(x1, x2)


def multiply(x1: Any, x2: Any) -> Any:
    """Return x1 * x2; of truth values, whether both hold."""
    x1, x2 = alike(x1, x2)
    return logic.logical_and(x1, x2) if x1.dtype.is_bool else arithmetic.multiply(x1, x2)


subtract = binary(arithmetic.subtract, _numbers)
divide = binary(division.divide, alike_floats)
true_divide = divide
divide_no_nan = binary(division.divide_no_nan, alike_floats)
floor_divide = binary(division.floordiv, _numbers, "floor_divide")
mod = binary(division.floormod, _numbers, "mod")
fmod = binary(division.truncatemod, _numbers, "fmod")
power = binary(powers.pow_, _numbers, "power")
arctan2 = binary(trigonometry.atan2, alike_floats, "arctan2")

equal = binary(logic.equal)
not_equal = binary(logic.not_equal)
greater = binary(logic.greater, _numbers)
greater_equal = binary(logic.greater_equal, _numbers)
less = binary(logic.less, _numbers)
less_equal = binary(logic.less_equal, _numbers)
logical_and = binary(logic.logical_and, _truths)
logical_or = binary(logic.logical_or, _truths)
logical_xor = binary(logic.logical_xor, _truths)

bitwise_and = binary(bitwise.bitwise_and)
bitwise_or = binary(bitwise.bitwise_or)
bitwise_xor = binary(bitwise.bitwise_xor)
left_shift = binary(bitwise.left_shift)
right_shift = binary(bitwise.right_shift)
bitwise_left_shift, bitwise_right_shift = left_shift, right_shift


def _extreme(op: Any, x1: Any, x2: Any) -> Any:
    """Compare truth values as numbers."""
    x1, x2 = alike(x1, x2)
    found = op(numbers(x1), numbers(x2))
    return cast(found, bool_) if x1.dtype.is_bool else found


def maximum(x1: Any, x2: Any) -> Any:
    """Return the larger of two numbers, elementwise."""
    return _extreme(rounding.maximum, x1, x2)


def minimum(x1: Any, x2: Any) -> Any:
    """Return the smaller of two numbers, elementwise."""
    return _extreme(rounding.minimum, x1, x2)


def fmax(x1: Any, x2: Any) -> Any:
    """Return the larger of two numbers; of a number and NaN, the number."""
    return _but_not_nan(maximum, x1, x2)


def fmin(x1: Any, x2: Any) -> Any:
    """Return the smaller of two numbers; of a number and NaN, the number."""
    return _but_not_nan(minimum, x1, x2)


def _but_not_nan(function: Any, x1: Any, x2: Any) -> Any:
    x1, x2 = alike(x1, x2)
    if not x1.dtype.is_floating:
        return function(x1, x2)
    return where(isnan(x1), x2, where(isnan(x2), x1, function(x1, x2)))


def hypot(x1: Any, x2: Any) -> Any:
    """Return sqrt(x1**2 + x2**2), without overflow on the way."""
    x1, x2 = (absolute(x) for x in alike_floats(x1, x2))
    high, low = maximum(x1, x2), minimum(x1, x2)
    return high * sqrt(1 + square(divide_no_nan(low, high)))


def logaddexp(x1: Any, x2: Any) -> Any:
    """Return log(exp(x1) + exp(x2)), without overflow on the way."""
    x1, x2 = alike_floats(x1, x2)
    difference = where(logic.equal(x1, x2), zeros_like(x1 - x2), x1 - x2)  # of infinities, 0
    return maximum(x1, x2) + log1p(exp(-absolute(difference)))


def logaddexp2(x1: Any, x2: Any) -> Any:
    """Return the logarithm to the base 2 of 2**x1 + 2**x2."""
    x1, x2 = alike_floats(x1, x2)
    return logaddexp(x1 * math.log(2), x2 * math.log(2)) / math.log(2)


def heaviside(x1: Any, x2: Any) -> Any:
    """Return 0 for x1 < 0, x2 for x1 = 0, and 1 for x1 > 0."""
    x1, x2 = alike_floats(x1, x2)
    one = ones_like(x1 + x2)
    return where(logic.less(x1, 0), 0 * one, where(logic.equal(x1, 0), x2 * one, one))


def ldexp(x1: Any, x2: Any) -> Any:
    """Return x1 * 2**x2."""
    x1 = floats(x1)
    return x1 * exp2(cast(x2, x1.dtype))


def isclose(x1: Any, x2: Any, rtol: float = 1e-5, atol: float = 1e-8,
            equal_nan: bool = False) -> Any:  # fmt: skip
    """Return whether abs(x1 - x2) <= atol + rtol * abs(x2), elementwise."""
    x1, x2 = alike_floats(x1, x2)
    near = logic.less_equal(absolute(x1 - x2), atol + rtol * absolute(x2))
    near = logic.logical_or(logic.logical_and(near, isfinite(x2)), logic.equal(x1, x2))
    return logic.logical_or(near, logic.logical_and(isnan(x1), isnan(x2))) if equal_nan else near


def allclose(x1: Any, x2: Any, rtol: float = 1e-5, atol: float = 1e-8,
             equal_nan: bool = False) -> Any:  # fmt: skip
    """Return whether all elements of two tensors are close; see `isclose`."""
    return reduce_all(isclose(x1, x2, rtol, atol, equal_nan))


def isin(x1: Any, x2: Any, assume_unique: bool = False, invert: bool = False) -> Any:
    """Return for each element of x1 whether x2 holds it."""
    x1, x2 = alike(x1, x2)
    found = reduce_any(logic.equal(expand_dims(x1, -1), reshape(x2, [-1])), -1)
    return logic.logical_not(found) if invert else found
