"""Variables that live on the GPU: reading and assigning moves no element to the host.

An assignment makes a new array and lets the Variable hold that, as on the CPU: whoever has read the
old value keeps it, and a run that fails leaves it in place.
"""

from __future__ import annotations

from typing import Any

from minitf.graph.registry import OPS
from minitf.kernels.cuda.launch import cuda_kernel
from minitf.ops.transaction import alone_with

for op in ("read_variable", "assign_variable"):  # they only pass arrays on, wherever those live
    cuda_kernel(op)(OPS[op].kernels["numpy"])


def updated(variable: Any, arithmetic: str, value: Any) -> Any:
    """Store what an op makes of a Variable's value and another array."""
    kernel = OPS[arithmetic].find_kernel(("cuda",))
    assert kernel is not None
    with alone_with(frozenset([variable])):
        array = kernel(variable.load(), value)
        variable.store(array)
    return array


@cuda_kernel("assign_add_variable")
def _(value, *, variable):
    return updated(variable, "add", value)


@cuda_kernel("assign_sub_variable")
def _(value, *, variable):
    return updated(variable, "subtract", value)
