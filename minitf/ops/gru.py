"""A layer of gated recurrent units over a whole sequence, as one op; see `minitf.ops.lstm`.

References
----------
K. Cho et al., "Learning phrase representations using RNN encoder-decoder for statistical machine
translation", 2014. The reset gate works on the product here, not on the state before it.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from minitf import blas
from minitf.errors import ShapeError
from minitf.graph.op import AnyTensor, FloatTensor, op
from minitf.graph.spec import TensorSpec
from minitf.ops.array import concat, expand_dims, split, stack
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
def gru(x: FloatTensor, kernel: FloatTensor, recurrent_kernel: FloatTensor, bias: FloatTensor,
        h: FloatTensor, mask: list[AnyTensor]):  # type: ignore[valid-type]  # fmt: skip
    """Run a layer of gated recurrent units over a sequence.

    Parameters
    ----------
    x : Tensor
        Shape (steps, batch, features).
    kernel, recurrent_kernel, bias : Tensor
        Shapes (features, 3 units), (units, 3 units), (2, 3 units).
    h : Tensor
        Output before the first step, (batch, units).
    mask : list of Tensor
        Empty, or one bool tensor (steps, batch): where it is False, a step changes nothing.

    Returns
    -------
    hs : Tensor
        (steps + 1, batch, units): output before the first step and after each.
    gates : Tensor
        (steps, batch, 4 units): z, r, g, n of each step.

    Notes
    -----
    With the columns of the weights in the order z, r, g, and the rows b, b' of the bias::

        z, r = sigmoid(x W + b + h R + b')     what to keep, how much of the state to show to g
        n = h R + b'
        g = tanh(x W + b + r * n)              what to go to
        h = z * h + (1 - z) * g

    Examples
    --------
    >>> import numpy as np
    >>> from minitf.ops.gru import gru
    >>> x, h = np.ones((5, 2, 3)), np.zeros((2, 4))
    >>> hs, gates = gru(x, np.ones((3, 12)), np.ones((4, 12)), np.zeros((2, 12)), h, [])
    >>> hs.shape, gates.shape
    ((6, 2, 4), (5, 2, 16))
    """
    if len(x.shape) != 3:
        raise ShapeError(f"x has a shape (steps, batch, features), got {x.shape}")
    steps, batch, features = x.shape
    units = recurrent_kernel.shape[0] if len(recurrent_kernel.shape) == 2 else None
    width = _times(3, units)
    wanted = [(kernel, (features, width)), (recurrent_kernel, (units, width)), (bias, (2, width)),
              (h, (batch, units))]  # fmt: skip
    for spec, shape in wanted:
        if not spec.shape.is_compatible_with(shape):
            raise ShapeError(f"x {x.shape} and {units} units need a shape {shape}: {spec.shape}")
    check_mask(mask, steps, batch)
    states = TensorSpec((one_more(steps), batch, units), x.dtype)
    return states, TensorSpec((steps, batch, _times(4, units)), x.dtype)


def _times(count: int, units: Any) -> Any:
    return None if units is None else count * units


@gru.kernel("numpy")
def _(*arrays):
    return run(advance, *arrays)


def run(advance, x, kernel, recurrent_kernel, bias, h, *mask):  # type: ignore[no-untyped-def]
    """Compute `gru`, each step's arithmetic by `advance`."""
    steps, batch, features = x.shape
    units = len(recurrent_kernel)
    scale = np.ones(3 * units, x.dtype)
    scale[: 2 * units] = 0.5  # sigmoid(x) = (1 + tanh(x / 2)) / 2
    hs = np.empty((steps + 1, batch, units), x.dtype)
    hs[0] = h
    gates = np.empty((steps, batch, 4 * units), x.dtype)
    projected = gates.reshape(steps * batch, 4 * units)[:, : 3 * units]
    blas.multiply(x.reshape(steps * batch, features), kernel * scale, projected)
    recurrent_kernel, (bias, inner_bias) = recurrent_kernel * scale, bias * scale
    masked = [~m[..., None] for m in mask]
    product = np.empty((batch, 3 * units), x.dtype)
    for t in range(steps):
        blas.multiply(hs[t], recurrent_kernel, product)
        advance(gates[t], product, bias, inner_bias, hs[t], hs[t + 1])
        for skip in masked:
            np.copyto(hs[t + 1], hs[t], where=skip[t])
    return hs, gates


def advance(gate, product, bias, inner_bias, h_before, h):  # type: ignore[no-untyped-def]
    """Make of a step's products its gates, and from the state before it write h."""
    units = h.shape[1]
    zr, (z, r, g, n) = gate[:, : 2 * units], _split(gate, units)
    gate[:, : 3 * units] += bias
    product += inner_bias
    zr += product[:, : 2 * units]
    np.tanh(zr, out=zr)
    zr *= 0.5
    zr += 0.5
    n[:] = product[:, 2 * units :]
    g += r * n
    np.tanh(g, out=g)
    np.subtract(h_before, g, out=h)
    h *= z
    h += g


def _split(gates: Any, units: int) -> list[Any]:
    return [gates[..., k * units : (k + 1) * units] for k in range(4)]


@gru.gradient
def _(node, dhs, dgates):
    x, kernel, recurrent_kernel, _, _, *mask = node.inputs
    if dgates is not None:  # somebody differentiates a derivative
        return differentiate(_composed, node.inputs, [dhs, dgates])
    hs, gates = node.outputs
    dz, dn, dh = gru_backprop(dhs, hs, gates, recurrent_kernel, mask)
    return (
        lambda: matmul(dz, kernel, transpose_b=True),
        lambda: einsum_([x, dz], "abc,abd->cd"),
        lambda: einsum_([hs[:-1], dn], "abc,abd->cd"),
        lambda: stack([reduce_sum(dz, [0, 1]), reduce_sum(dn, [0, 1])]),
        dh,
    )


@op
def gru_backprop(dhs: FloatTensor, hs: FloatTensor, gates: FloatTensor,
                 recurrent_kernel: FloatTensor, mask: list[AnyTensor]):  # type: ignore[valid-type]  # fmt: skip
    """Carry the gradients of `gru` back through the steps.

    Parameters
    ----------
    dhs : Tensor
        (steps + 1, batch, units): gradients of the outputs.
    hs, gates : Tensor
        As `gru` returned them.
    recurrent_kernel : Tensor
        (units, 3 units).
    mask : list of Tensor
        As `gru` got it.

    Returns
    -------
    dx, dn : Tensor
        (steps, batch, 3 units): gradients of the products x W + b and h R + b'.
    dh : Tensor
        (batch, units): gradient of the state before the first step.

    Notes
    -----
    From the last step to the first::

        dz, dg = dh * (h_before - g) * z (1 - z), dh * (1 - z) * (1 - g^2)
        dr = dg * n * r (1 - r)
        dx, dn = (dz, dr, dg), (dz, dr, dg * r)
        dh = dn R^T + dh * z                     and what the step before has of its own
    """
    if len(gates.shape) != 3 or len(recurrent_kernel.shape) != 2:
        raise ShapeError(f"gates are of shape (steps, batch, 4 units), got {gates.shape}")
    steps, batch, _ = gates.shape
    units = recurrent_kernel.shape[0]
    wanted = [(t, (one_more(steps), batch, units)) for t in (dhs, hs)]
    wanted += [(gates, (steps, batch, _times(4, units))),
               (recurrent_kernel, (units, _times(3, units)))]  # fmt: skip
    for spec, shape in wanted:
        if not spec.shape.is_compatible_with(shape):
            raise ShapeError(f"gates {gates.shape} need a shape {shape}, got {spec.shape}")
    check_mask(mask, steps, batch)
    products = TensorSpec((steps, batch, _times(3, units)), gates.dtype)
    return products, products, TensorSpec((batch, units), gates.dtype)


@gru_backprop.kernel("numpy")
def _(*arrays):
    return run_backwards(go_back, *arrays)


def run_backwards(go_back, dhs, hs, gates, recurrent_kernel, *mask):  # type: ignore[no-untyped-def]
    """Compute `gru_backprop`, each step's arithmetic by `go_back`."""
    steps, batch, _ = gates.shape
    dxs = np.empty((steps, batch, 3 * len(recurrent_kernel)), gates.dtype)
    dns = np.empty_like(dxs)
    dh = dhs[steps].copy()
    product = np.empty_like(dh)
    valid = [m[..., None] for m in mask]
    for t in reversed(range(steps)):
        kept = [dh * ~m[t] for m in valid]  # passes by a step that changes nothing
        for m in valid:
            dh *= m[t]
        go_back(gates[t], hs[t], dh, dxs[t], dns[t])
        blas.multiply(dns[t], recurrent_kernel.T, product)
        dh += product
        for passed in kept:
            dh += passed
        dh += dhs[t]
    return dxs, dns, dh


def go_back(gate, h_before, dh, dx, dn):  # type: ignore[no-untyped-def]
    """Write dx and dn of a step, and make of dh what the gate z keeps of it."""
    units = dh.shape[1]
    z, r, g, n = _split(gate, units)
    dz, dr, dg, _ = _split(dx, units)
    np.multiply(dh, 1 - z, out=dg)
    dg *= 1 - g * g
    np.multiply(dh * (h_before - g), z * (1 - z), out=dz)
    np.multiply(dg * n, r * (1 - r), out=dr)
    dn[:] = dx
    dn[:, 2 * units :] *= r
    dh *= z


@gru_backprop.gradient
def _(node, *dys):
    return differentiate(_composed_backprop, node.inputs, dys)


# -- the same, composed of ops --------------------------------------------------------------------


def _composed(x, kernel, recurrent_kernel, bias, h, *mask):  # type: ignore[no-untyped-def]
    """Return what `gru` returns, in a form that can be differentiated any number of times."""

    def step(row, states):  # type: ignore[no-untyped-def]
        x, *valid = row
        h = states[0]
        x_z, x_r, x_g = split(x, 3, -1)
        n_z, n_r, n = split(matmul(h, recurrent_kernel) + bias[1], 3, -1)
        z, r = sigmoid(x_z + n_z), sigmoid(x_r + n_r)
        g = tanh(x_g + r * n)
        new = z * h + (1 - z) * g
        for m in valid:
            new = where(expand_dims(m, -1), new, h)
        return [new, concat([z, r, g, n], -1)], [new]

    (hs, gates), _ = recur(step, [matmul(x, kernel) + bias[0], *mask], [h])
    return concat([expand_dims(h, 0), hs], 0), gates


def _composed_backprop(dhs, hs, gates, recurrent_kernel, *mask):  # type: ignore[no-untyped-def]
    """Return what `gru_backprop` returns, likewise."""

    def step(row, gradients):  # type: ignore[no-untyped-def]
        gate, before, dh_before, *valid = row
        z, r, g, n = split(gate, 4, -1)
        dh, kept = gradients[0], zeros_like(gradients[0])
        for m in valid:
            m = expand_dims(m, -1)
            dh, kept = where(m, dh, zeros_like(dh)), where(m, zeros_like(dh), dh)
        dz, dg = dh * (before - g) * z * (1 - z), dh * (1 - z) * (1 - g * g)
        dr = dg * n * r * (1 - r)
        dn = concat([dz, dr, dg * r], -1)
        before = matmul(dn, recurrent_kernel, transpose_b=True) + dh * z + kept + dh_before
        return [concat([dz, dr, dg], -1), dn], [before]

    rows = [reverse(row, [0]) for row in (gates, hs[:-1], dhs[:-1], *mask)]
    (dx, dn), (dh,) = recur(step, rows, [dhs[-1]])
    return reverse(dx, [0]), reverse(dn, [0]), dh
