"""Launching kernels, and the arrays that they work on.

Arrays of the device are always one contiguous block of memory, row after row. Kernels see them
flat, with one index; where the elements of a stretched or transposed array lie is told by strides
(see `minitf.kernels.cuda.layout`).
"""

from __future__ import annotations

import math
import threading
from collections.abc import Callable
from contextlib import nullcontext
from types import FunctionType
from typing import Any

import numba
import numpy as np
from numba import cuda

from minitf.graph.registry import OPS
from minitf.kernels.cuda.simulation import (
    as_computed,
    quick_turns,
    share_memory_safely,
    wait_for_block,
)

SIMULATED = bool(numba.config.ENABLE_CUDASIM)
# On a GPU: enough threads to hide how long memory takes, a multiple of 32 (which run in step).
# In the simulator, where they are Python threads: as few as still show that they work together.
THREADS = 4 if SIMULATED else 256
BLOCKS = 2 if SIMULATED else 1024

if SIMULATED:
    share_memory_safely()

_lock = threading.Lock()


def cuda_kernel(op: str) -> Callable[..., Any]:
    """Register the decorated function as an op's kernel for the GPU."""
    return OPS[op].kernel("cuda")


def launch(kernel: Any, blocks: Any, threads: Any, *arguments: Any) -> None:
    """Start a kernel on a grid of blocks; it runs after those that were launched before it.

    One launch at a time: the simulator knows only one, and a GPU gets them one by one anyway.
    """
    with _lock, quick_turns() if SIMULATED else nullcontext():
        kernel[blocks, threads](*arguments)


def launch_flat(kernel: Any, count: int, *arguments: Any) -> None:
    """Start a kernel whose threads share `count` elements among them.

    There may be fewer threads than elements: each goes on by ``cuda.gridsize(1)``, the number of
    all threads, until the elements are used up.
    """
    if count:
        launch(kernel, min(math.ceil(count / THREADS), BLOCKS), THREADS, *arguments)


# -- arrays ------------------------------------------------------------------------------------


def empty(shape: Any, dtype: Any) -> Any:
    """Return memory of the device for an array, with anything in it."""
    return cuda.device_array((shape,) if isinstance(shape, int) else tuple(shape), dtype)


def flat(array: Any) -> Any:
    """Return an array of the device as kernels see it: one axis, the same memory."""
    return array.reshape(array.size) if array.size else empty((0,), array.dtype)


def view(array: Any, shape: Any) -> Any:
    """Return an array of the device in another shape, the same memory."""
    return array.reshape(tuple(shape)) if array.size else empty(shape, array.dtype)


# -- what kernels are made of ------------------------------------------------------------------


def device_function(function: Callable[..., Any]) -> Any:
    """Return a function that kernels can call."""
    return function if SIMULATED else cuda.jit(device=True)(function)


def rule_function(rule: FunctionType) -> Any:
    """Return a scalar rule as a function that kernels can call."""
    return as_computed(rule) if SIMULATED else cuda.jit(device=True)(rule)


def element_type(dtype: Any) -> Any:
    """Return numba's name for a dtype, which `cuda.shared.array` takes."""
    return numba.from_dtype(np.dtype(dtype))


# For functions that kernels call: within a kernel it is `cuda.syncthreads`.
syncthreads = wait_for_block if SIMULATED else cuda.syncthreads
