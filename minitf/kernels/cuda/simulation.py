"""What numba's simulator needs to behave as a GPU does.

It runs each thread of a block as a Python thread, one block after the other, and lends its own
version of `numba.cuda` to the module of the kernel that is running.
"""

from __future__ import annotations

import math
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FunctionType
from typing import Any

import numpy as np


def wait_for_block() -> None:
    """Do what `cuda.syncthreads` does, in functions of other modules than the kernel's."""
    threading.current_thread().syncthreads()  # type: ignore[attr-defined]


def share_memory_safely() -> None:
    """Let all threads of a block get the same shared array, also when they ask at the same moment.

    The simulator looks for an array and then makes it, in two steps: two threads that look before
    either has made it would get one each, and lose what the other writes.
    """
    from numba.cuda.simulator.kernelapi import FakeCUDAShared
    from numba.np.numpy_support import as_dtype

    ask = FakeCUDAShared.array

    def array(self: Any, shape: Any, dtype: Any, alignment: Any = None) -> Any:
        if not shape:
            return ask(self, shape, dtype, alignment)
        caller = sys._getframe(1)
        place = (caller.f_code.co_filename, caller.f_lineno)
        made = np.empty(shape, as_dtype(dtype))
        return self._allocations.setdefault(place, made)  # looks and makes in one step

    FakeCUDAShared.array = array


@contextmanager
def quick_turns() -> Iterator[None]:
    """Let Python's threads take turns often: the simulator asks each in a loop how far it is."""
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-5)
    try:
        yield
    finally:
        sys.setswitchinterval(before)


NUMPY_NAMES = {
    "asin": "arcsin",
    "acos": "arccos",
    "atan": "arctan",
    "atan2": "arctan2",
    "asinh": "arcsinh",
    "acosh": "arccosh",
    "atanh": "arctanh",
    "pow": "power",
}


class ComputedMath:
    """The module `math` as compiled code has it: log(0) is -inf, and float32 stays float32."""

    def __getattr__(self, name: str) -> Any:
        name = NUMPY_NAMES.get(name, name)
        return getattr(np, name) if hasattr(np, name) else getattr(math, name)


def as_computed(rule: FunctionType) -> Any:
    """Return a scalar rule that gives, run by Python, what it gives when it is compiled."""
    names = {**rule.__globals__, "math": ComputedMath()}
    rule = FunctionType(rule.__code__, names, rule.__name__, rule.__defaults__, rule.__closure__)

    def quiet(*elements: Any) -> Any:
        with np.errstate(all="ignore"):
            return rule(*elements)

    return quiet
