"""A layer of long short-term memory over a whole sequence, as one op.

Each of its steps is a thin matrix product and a dozen operations on little data: run one by one
they would spend most of their time on the way into the op and out of it. The kernel multiplies the
inputs of all steps by their weights at once, lets the steps follow one another in buffers that stay
in the cache, and leaves the gradients of the weights to one large product each after the last step.

The sigmoid of three gates and the tanh of the fourth are computed in one call, because
sigmoid(x) = (1 + tanh(x / 2)) / 2; halving is exact, so it may be done to the weights beforehand.

References
----------
S. Hochreiter and J. Schmidhuber, "Long short-term memory", Neural Computation 9(8), 1997;
F. Gers, J. Schmidhuber and F. Cummins, "Learning to forget", Neural Computation 12(10), 2000.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from minitf import blas
from minitf.errors import ShapeError
from minitf.graph.op import AnyTensor, FloatTensor, op
from minitf.graph.spec import TensorSpec
from minitf.ops.array import concat, expand_dims, split
from minitf.ops.einsum import einsum_
from minitf.ops.exponential import sigmoid
from minitf.ops.linalg import matmul
from minitf.ops.rearrange import reverse
from minitf.ops.recurrence import check_mask, differentiate, one_more, recur
from minitf.ops.reduction import reduce_sum
from minitf.ops.source import zeros_like
from minitf.ops.trigonometry import tanh
from minitf.ops.where import where


@op(accepts_none=True)
def lstm(x: FloatTensor, kernel: FloatTensor, recurrent_kernel: FloatTensor, bias: FloatTensor,
         h: FloatTensor, c: FloatTensor, mask: list[AnyTensor]):  # type: ignore[valid-type]  # fmt: skip
    """Run a layer of long short-term memory over a sequence.

    Parameters
    ----------
    x : Tensor
        Shape (steps, batch, features).
    kernel, recurrent_kernel, bias : Tensor
        Shapes (features, 4 units), (units, 4 units), (4 units,).
    h, c : Tensor
        Output and memory before the first step, (batch, units).
    mask : list of Tensor
        Empty, or one bool tensor (steps, batch): where it is False, a step changes nothing.

    Returns
    -------
    hs, cs : Tensor
        (steps + 1, batch, units): output and memory before the first step and after each.
    gates : Tensor
        (steps, batch, 4 units): i, f, g, o of each step.

    Notes
    -----
    With the columns of the weights in the order i, f, g, o::

        i, f, o = sigmoid(x W + h R + b)       what to write, keep, show
        g = tanh(x W + h R + b)                what could be written
        c = f * c + i * g
        h = o * tanh(c)

    Examples
    --------
    >>> import numpy as np
    >>> from minitf.ops.lstm import lstm
    >>> x, h = np.ones((5, 2, 3)), np.zeros((2, 4))
    >>> hs, cs, gates = lstm(x, np.ones((3, 16)), np.ones((4, 16)), np.zeros(16), h, h, [])
    >>> hs.shape, gates.shape
    ((6, 2, 4), (5, 2, 16))
    """
    if len(x.shape) != 3:
        raise ShapeError(f"x has a shape (steps, batch, features), got {x.shape}")
    steps, batch, features = x.shape
    units = recurrent_kernel.shape[0] if len(recurrent_kernel.shape) == 2 else None
    width = None if units is None else 4 * units
    wanted = [(kernel, (features, width)), (recurrent_kernel, (units, width)), (bias, (width,)),
              (h, (batch, units)), (c, (batch, units))]  # fmt: skip
    for spec, shape in wanted:
        if not spec.shape.is_compatible_with(shape):
            raise ShapeError(f"x {x.shape} and {units} units need a shape {shape}: {spec.shape}")
    check_mask(mask, steps, batch)
    states = TensorSpec((one_more(steps), batch, units), x.dtype)
    return states, states, TensorSpec((steps, batch, width), x.dtype)


@lstm.kernel("numpy")
def _(*arrays):
    return run(advance, *arrays)


def run(advance, x, kernel, recurrent_kernel, bias, h, c, *mask):  # type: ignore[no-untyped-def]
    """Compute `lstm`, each step's arithmetic by `advance`."""
    steps, batch, features = x.shape
    units = len(recurrent_kernel)
    scale, shift = _gate_scales(units, x.dtype)
    hs = np.empty((steps + 1, batch, units), x.dtype)
    cs = np.empty_like(hs)
    hs[0], cs[0] = h, c
    gates = blas.multiply(x.reshape(steps * batch, features), kernel * scale)
    gates = gates.reshape(steps, batch, 4 * units)
    recurrent_kernel, bias = recurrent_kernel * scale, bias * scale
    masked = [~m[..., None] for m in mask]
    product = np.empty((batch, 4 * units), x.dtype)
    for t in range(steps):
        blas.multiply(hs[t], recurrent_kernel, product)
        product += bias
        advance(gates[t], product, scale, shift, cs[t], cs[t + 1], hs[t + 1])
        for skip in masked:
            np.copyto(hs[t + 1], hs[t], where=skip[t])
            np.copyto(cs[t + 1], cs[t], where=skip[t])
    return hs, cs, gates


def advance(gate, product, scale, shift, c_before, c, h):  # type: ignore[no-untyped-def]
    """Make of a step's sums its gates, and from the memory before it write c and h."""
    gate += product
    np.tanh(gate, out=gate)
    gate *= scale
    gate += shift
    i, f, g, o = _split(gate, c.shape[1])
    np.multiply(f, c_before, out=c)
    c += i * g
    np.tanh(c, out=h)
    h *= o


def _gate_scales(units: int, dtype: Any) -> tuple[Any, Any]:
    """Return what makes of tanh a sigmoid for i, f, o, and leaves it a tanh for g."""
    scale, shift = np.full(4 * units, 0.5, dtype), np.full(4 * units, 0.5, dtype)
    scale[2 * units : 3 * units], shift[2 * units : 3 * units] = 1, 0
    return scale, shift


def _split(gates: Any, units: int) -> list[Any]:
    return [gates[..., k * units : (k + 1) * units] for k in range(4)]


@lstm.gradient
def _(node, dhs, dcs, dgates):
    x, kernel, recurrent_kernel, _, _, _, *mask = node.inputs
    if dgates is not None:  # somebody differentiates a derivative
        return differentiate(_composed, node.inputs, [dhs, dcs, dgates])
    hs, cs, gates = node.outputs
    dhs = zeros_like(hs) if dhs is None else dhs
    dcs = zeros_like(cs) if dcs is None else dcs
    dz, dh, dc = lstm_backprop(dhs, dcs, cs, gates, recurrent_kernel, mask)
    return (
        lambda: matmul(dz, kernel, transpose_b=True),
        lambda: einsum_([x, dz], "abc,abd->cd"),
        lambda: einsum_([hs[:-1], dz], "abc,abd->cd"),
        lambda: reduce_sum(dz, [0, 1]),
        dh,
        dc,
    )


@op
def lstm_backprop(dhs: FloatTensor, dcs: FloatTensor, cs: FloatTensor, gates: FloatTensor,
                  recurrent_kernel: FloatTensor, mask: list[AnyTensor]):  # type: ignore[valid-type]  # fmt: skip
    """Carry the gradients of `lstm` back through the steps.

    Parameters
    ----------
    dhs, dcs : Tensor
        (steps + 1, batch, units): gradients of the outputs and memories.
    cs, gates : Tensor
        As `lstm` returned them.
    recurrent_kernel : Tensor
        (units, 4 units).
    mask : list of Tensor
        As `lstm` got it.

    Returns
    -------
    dz : Tensor
        (steps, batch, 4 units): gradients of what the gates were computed of, x W + h R + b.
    dh, dc : Tensor
        (batch, units): gradients of the states before the first step.

    Notes
    -----
    From the last step to the first, with a = tanh(c)::

        dc += dh * o * (1 - a^2)
        di, df, dg, do = dc * g, dc * c_before, dc * i, dh * a
        dz = di * i (1 - i), df * f (1 - f), dg * (1 - g^2), do * o (1 - o)
        dh, dc = dz R^T, dc * f                  and what the step before has of its own
    """
    if len(gates.shape) != 3 or len(recurrent_kernel.shape) != 2:
        raise ShapeError(f"gates are of shape (steps, batch, 4 units), got {gates.shape}")
    steps, batch, _ = gates.shape
    units = recurrent_kernel.shape[0]
    width = None if units is None else 4 * units
    wanted = [(t, (one_more(steps), batch, units)) for t in (dhs, dcs, cs)]
    wanted += [(gates, (steps, batch, width)), (recurrent_kernel, (units, width))]
    for spec, shape in wanted:
        if not spec.shape.is_compatible_with(shape):
            raise ShapeError(f"gates {gates.shape} need a shape {shape}, got {spec.shape}")
    check_mask(mask, steps, batch)
    state = TensorSpec((batch, units), gates.dtype)
    return TensorSpec((steps, batch, width), gates.dtype), state, state


@lstm_backprop.kernel("numpy")
def _(*arrays):
    return run_backwards(go_back, *arrays)


def run_backwards(go_back, dhs, dcs, cs, gates, recurrent_kernel, *mask):  # type: ignore[no-untyped-def]
    """Compute `lstm_backprop`, each step's arithmetic by `go_back`."""
    steps, batch, width = gates.shape
    dzs = np.empty((steps, batch, width), gates.dtype)
    dh, dc = dhs[steps].copy(), dcs[steps].copy()
    valid = [m[..., None] for m in mask]
    for t in reversed(range(steps)):
        kept = [(dh * ~m[t], dc * ~m[t]) for m in valid]  # passes by a step that changes nothing
        for m in valid:
            dh *= m[t]
            dc *= m[t]
        go_back(gates[t], cs[t], cs[t + 1], dh, dc, dzs[t])
        blas.multiply(dzs[t], recurrent_kernel.T, dh)
        for dh_kept, dc_kept in kept:
            dh += dh_kept
            dc += dc_kept
        dh += dhs[t]
        dc += dcs[t]
    return dzs, dh, dc


def go_back(gate, c_before, c, dh, dc, dz):  # type: ignore[no-untyped-def]
    """Write dz of a step, and make of dc the gradient of the memory before it."""
    i, f, g, o = _split(gate, c.shape[1])
    di, df, dg, do = _split(dz, c.shape[1])
    a = np.tanh(c)
    np.subtract(1, gate, out=dz)  # the slopes: i (1 - i), and for g 1 - g^2
    dz *= gate
    np.subtract(1, g * g, out=dg)
    do *= dh * a
    dc += dh * o * (1 - a * a)
    di *= dc * g
    df *= dc * c_before
    dg *= dc * i
    dc *= f


@lstm_backprop.gradient
def _(node, *dys):
    return differentiate(_composed_backprop, node.inputs, dys)


# -- the same, composed of ops --------------------------------------------------------------------


def _composed(x, kernel, recurrent_kernel, bias, h, c, *mask):  # type: ignore[no-untyped-def]
    """Return what `lstm` returns, in a form that can be differentiated any number of times."""

    def step(row, states):  # type: ignore[no-untyped-def]
        z, *valid = row
        h, c = states
        i, f, g, o = split(z + matmul(h, recurrent_kernel), 4, -1)
        i, f, g, o = sigmoid(i), sigmoid(f), tanh(g), sigmoid(o)
        after = f * c + i * g
        new = [o * tanh(after), after]
        for m in valid:
            new = [where(expand_dims(m, -1), a, b) for a, b in zip(new, states, strict=True)]
        return [*new, concat([i, f, g, o], -1)], new

    (hs, cs, gates), _ = recur(step, [matmul(x, kernel) + bias, *mask], [h, c])
    hs, cs = (concat([expand_dims(a, 0), b], 0) for a, b in ((h, hs), (c, cs)))
    return hs, cs, gates


def _composed_backprop(dhs, dcs, cs, gates, recurrent_kernel, *mask):  # type: ignore[no-untyped-def]
    """Return what `lstm_backprop` returns, likewise."""

    def step(row, gradients):  # type: ignore[no-untyped-def]
        gate, before, after, dh_before, dc_before, *valid = row
        i, f, g, o = split(gate, 4, -1)
        dh, dc = gradients
        kept = [zeros_like(dh), zeros_like(dc)]
        for m in valid:
            m = expand_dims(m, -1)
            kept = [where(m, zeros_like(d), d) for d in gradients]
            dh, dc = (where(m, d, zeros_like(d)) for d in gradients)
        a = tanh(after)
        dc = dc + dh * o * (1 - a * a)
        parts = [dc * g * i * (1 - i), dc * before * f * (1 - f), dc * i * (1 - g * g),
                 dh * a * o * (1 - o)]  # fmt: skip
        dz = concat(parts, -1)
        dh = matmul(dz, recurrent_kernel, transpose_b=True)
        return dz, [dh + kept[0] + dh_before, dc * f + kept[1] + dc_before]

    rows = [gates, cs[:-1], cs[1:], dhs[:-1], dcs[:-1], *mask]
    backwards = [reverse(row, [0]) for row in rows]
    dz, (dh, dc) = recur(step, backwards, [dhs[-1], dcs[-1]])
    return reverse(dz, [0]), dh, dc
