"""The steps of recurrent layers as loops; see `advance` and `go_back` in `minitf.ops.lstm`.

All arrays are float32, one row per sequence. Each loop is over one array of columns from 0 on: in
that form the compiler finds the vector instructions.
"""

from __future__ import annotations

import numba
from numpy import float32

COMPILE = numba.njit(error_model="numpy", nogil=True, cache=True, fastmath={"contract"})

HALF, ONE, LIMIT = float32(0.5), float32(1), float32(9)
# tanh(x) = x P(x^2) / Q(x^2) on [-9, 9], to a few units in the last place: the rational function
# that Eigen, and so TensorFlow, computes tanh by.
P0, P1, P2, P3, P4, P5, P6 = map(float32, (
    4.89352455891786e-03, 6.37261928875436e-04, 1.48572235717979e-05, 5.12229709037114e-08,
    -8.60467152213735e-11, 2.00018790482477e-13, -2.76076847742355e-16,
))  # fmt: skip
Q0, Q1, Q2, Q3 = map(float32, (
    4.89352518554385e-03, 2.26843463243900e-03, 1.18534705686654e-04, 1.19825839466702e-06,
))  # fmt: skip


@COMPILE
def tanh(x):  # type: ignore[no-untyped-def]
    """Return tanh(x); NaN stays NaN."""
    x = LIMIT if x > LIMIT else x
    x = -LIMIT if x < -LIMIT else x
    s = x * x
    p = P0 + s * (P1 + s * (P2 + s * (P3 + s * (P4 + s * (P5 + s * P6)))))
    return x * p / (Q0 + s * (Q1 + s * (Q2 + s * Q3)))


@COMPILE
def lstm_advance(gate, product, scale, shift, c_before, c, h):  # type: ignore[no-untyped-def]
    """Make of a step's sums its gates, and from the memory before it write c and h."""
    batch, units = c.shape
    for b in range(batch):
        row, sums = gate[b], product[b]
        for j in range(4 * units):
            row[j] += sums[j]
        for j in range(4 * units):
            row[j] = tanh(row[j]) * scale[j] + shift[j]
        i, f = row[:units], row[units : 2 * units]
        g, o = row[2 * units : 3 * units], row[3 * units :]
        before, after, out = c_before[b], c[b], h[b]
        for j in range(units):
            after[j] = f[j] * before[j] + i[j] * g[j]
        for j in range(units):
            out[j] = o[j] * tanh(after[j])


@COMPILE
def lstm_go_back(gate, c_before, c, dh, dc, dz):  # type: ignore[no-untyped-def]
    """Write dz of a step, and make of dc the gradient of the memory before it."""
    batch, units = c.shape
    for b in range(batch):
        row, into = gate[b], dz[b]
        i, f = row[:units], row[units : 2 * units]
        g, o = row[2 * units : 3 * units], row[3 * units :]
        di, df = into[:units], into[units : 2 * units]
        dg, do = into[2 * units : 3 * units], into[3 * units :]
        before, after, up, memory = c_before[b], c[b], dh[b], dc[b]
        for j in range(units):
            a = tanh(after[j])
            do[j] = up[j] * a * o[j] * (ONE - o[j])
            memory[j] += up[j] * o[j] * (ONE - a * a)
        for j in range(units):
            di[j] = memory[j] * g[j] * i[j] * (ONE - i[j])
        for j in range(units):
            df[j] = memory[j] * before[j] * f[j] * (ONE - f[j])
        for j in range(units):
            dg[j] = memory[j] * i[j] * (ONE - g[j] * g[j])
        for j in range(units):
            memory[j] *= f[j]


@COMPILE
def gru_advance(gate, product, bias, inner_bias, h_before, h):  # type: ignore[no-untyped-def]
    """Make of a step's products its gates, and from the state before it write h."""
    batch, units = h.shape
    for b in range(batch):
        row, inner, before, out = gate[b], product[b], h_before[b], h[b]
        for j in range(3 * units):
            row[j] += bias[j]
        for j in range(3 * units):
            inner[j] += inner_bias[j]
        for j in range(2 * units):
            row[j] += inner[j]
        for j in range(2 * units):
            row[j] = HALF + HALF * tanh(row[j])
        z, r = row[:units], row[units : 2 * units]
        g, n, last = row[2 * units : 3 * units], row[3 * units :], inner[2 * units :]
        for j in range(units):
            n[j] = last[j]
        for j in range(units):
            g[j] += r[j] * n[j]
        for j in range(units):
            g[j] = tanh(g[j])
        for j in range(units):
            out[j] = g[j] + z[j] * (before[j] - g[j])


@COMPILE
def gru_go_back(gate, h_before, dh, dx, dn):  # type: ignore[no-untyped-def]
    """Write dx and dn of a step, and make of dh what the gate z keeps of it."""
    batch, units = dh.shape
    for b in range(batch):
        row, into, inner, before, up = gate[b], dx[b], dn[b], h_before[b], dh[b]
        z, r = row[:units], row[units : 2 * units]
        g, n, dn_g = row[2 * units : 3 * units], row[3 * units :], inner[2 * units :]
        dz, dr, dg = into[:units], into[units : 2 * units], into[2 * units :]
        for j in range(units):
            dg[j] = up[j] * (ONE - z[j]) * (ONE - g[j] * g[j])
        for j in range(units):
            dz[j] = up[j] * (before[j] - g[j]) * z[j] * (ONE - z[j])
        for j in range(units):
            dr[j] = dg[j] * n[j] * r[j] * (ONE - r[j])
        for j in range(2 * units):
            inner[j] = into[j]
        for j in range(units):
            dn_g[j] = dg[j] * r[j]
        for j in range(units):
            up[j] *= z[j]
