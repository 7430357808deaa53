"""exp and polynomials of one float32, for the loops of other modules.

NumPy's exp works on whole arrays, and Python's on one number at a time. These are made of products,
sums and conditions whose both branches are computed, so that the compiler turns a loop that calls
them into vector instructions.
"""

from __future__ import annotations

import numba
from numpy import float32, int32

COMPILE = numba.njit(error_model="numpy", nogil=True, cache=True, fastmath={"contract"})
ZERO, ONE = float32(0), float32(1)

# exp(x) = 2^n exp(r), where n is a whole number and |r| <= log(2) / 2. Of log(2) there are two
# parts, the first of few digits, so that x - n log(2) loses none (Cody and Waite, "Software manual
# for the elementary functions", 1980). The polynomial is exp(r) - 1 - r, divided by r^2.
PER_LOG2, LOG2_HIGH, LOG2_LOW = map(float32, (1.4426950408889634, 0.693359375, -2.12194440e-4))
POWERS = tuple(map(float32, (1.9875691500e-4, 1.3981999507e-3, 8.3334519073e-3, 4.1665795894e-2,
                             1.6666665459e-1, 5.0000001201e-1)))  # fmt: skip
ROUNDS = float32(1.5 * 2**23)  # a sum with it has no digits behind the point
LEAST = float32(-87.3365)  # exp of less has not all its digits: it becomes 0, as in TensorFlow


@COMPILE
def polynomial(coefficients, x):  # type: ignore[no-untyped-def]
    """Return a polynomial's value, by Horner's scheme."""
    total = coefficients[0]
    for coefficient in coefficients[1:]:
        total = total * x + coefficient
    return total


@COMPILE
def exp(x):  # type: ignore[no-untyped-def]
    """Return exp(x) for x <= 0; NaN stays NaN."""
    bounded = LEAST if x < LEAST else x
    n = (bounded * PER_LOG2 + ROUNDS) - ROUNDS
    r = bounded - n * LOG2_HIGH - n * LOG2_LOW
    power = int32((int32(n) + 127) << 23).view(float32)  # 2^n, put together from its bits
    found = (polynomial(POWERS, r) * r * r + r + ONE) * power
    return ZERO if x < LEAST else found
