"""Faster steps of recurrent layers: the arithmetic of all gates in one pass, compiled by numba.

Between two matrix products a step of an LSTM is a dozen NumPy calls on a few thousand numbers each.
The functions of `minitf.kernels.gates` do the same in one pass over each row, and their tanh is
made of products only, which the compiler turns into vector instructions.

Compiling takes seconds, once per machine; so sequences that are short work keep to NumPy. Whether
they do depends on nothing but the shapes: the same program gives the same numbers every time.
"""

from __future__ import annotations

from types import ModuleType
from typing import Any

import numpy as np

from minitf.kernels.fused import can_compile
from minitf.ops import gru, lstm

ENOUGH = 2**17  # numbers in the states of all steps


def _gates(states: Any, units: int) -> ModuleType | None:
    """Return the compiled steps, if they pay for arrays of states (steps, batch, ...)."""
    elements = states.shape[0] * states.shape[1] * units
    if states.dtype != np.float32 or elements < ENOUGH or not can_compile():
        return None
    from minitf.kernels import gates  # imports numba

    return gates


@lstm.lstm.kernel("numba")
def _(x, kernel, recurrent_kernel, *rest):
    gates = _gates(x, len(recurrent_kernel))
    advance = gates.lstm_advance if gates else lstm.advance
    return lstm.run(advance, x, kernel, recurrent_kernel, *rest)


@lstm.lstm_backprop.kernel("numba")
def _(dhs, dcs, cs, gates, recurrent_kernel, *mask):
    fast = gates.flags.c_contiguous and _gates(gates, len(recurrent_kernel))
    go_back = fast.lstm_go_back if fast else lstm.go_back
    return lstm.run_backwards(go_back, dhs, dcs, cs, gates, recurrent_kernel, *mask)


@gru.gru.kernel("numba")
def _(x, kernel, recurrent_kernel, *rest):
    gates = _gates(x, len(recurrent_kernel))
    advance = gates.gru_advance if gates else gru.advance
    return gru.run(advance, x, kernel, recurrent_kernel, *rest)


@gru.gru_backprop.kernel("numba")
def _(dhs, hs, gates, recurrent_kernel, *mask):
    fast = gates.flags.c_contiguous and _gates(gates, len(recurrent_kernel))
    go_back = fast.gru_go_back if fast else gru.go_back
    return gru.run_backwards(go_back, dhs, hs, gates, recurrent_kernel, *mask)
