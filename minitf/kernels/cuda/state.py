"""Variables that live on the GPU: reading and assigning moves no element to the host.

An assignment makes a new array and lets the Variable hold that, as on the CPU: whoever has read the
old value keeps it, and a run that fails leaves it in place.
"""

from __future__ import annotations

from typing import Any

from minitf.graph.op import OpDef
from minitf.ops.math import add, subtract
from minitf.ops.state import (
    assign_add_variable,
    assign_sub_variable,
    assign_variable,
    read_variable,
)

for function in (read_variable, assign_variable):  # they only pass arrays on, of whatever device
    function.kernel("cuda")(function.definition.kernels["numpy"])


def updated(variable: Any, arithmetic: OpDef, value: Any) -> Any:
    """Store what an op makes of a Variable's value and another array."""
    kernel = arithmetic.find_kernel(("cuda",))
    assert kernel is not None
    variable.store(kernel(variable.load(), value))
    return variable.load()


@assign_add_variable.kernel("cuda")
def _(value, *, variable):
    return updated(variable, add.definition, value)


@assign_sub_variable.kernel("cuda")
def _(value, *, variable):
    return updated(variable, subtract.definition, value)
