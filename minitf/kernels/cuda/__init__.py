"""The second kind of device, `/gpu:0`: kernels that numba compiles for NVIDIA's GPUs.

A GPU has a memory of its own and thousands of slow threads that run one function, the *kernel*, at
the same time. Threads come in blocks, blocks in a grid; each thread finds out from its numbers
which elements are its own:

    grid      one launch of a kernel
      block 0             block 1             block 2          blockIdx.x
      t0 t1 t2 t3         t0 t1 t2 t3         t0 t1 t2 t3      threadIdx.x,  blockDim.x = 4
      |  |  |  |          |  |  |  |          |  |  |  |
      x0 x1 x2 x3         x4 x5 x6 x7         x8 x9 x10 x11    i = blockIdx.x * blockDim.x
                                                                   + threadIdx.x = cuda.grid(1)

The threads of a block can wait for each other (`cuda.syncthreads`) and have a small, fast memory
together (`cuda.shared.array`); blocks know nothing of each other.

What is where: `launch` starts kernels, `layout` says where elements lie, `elementwise` makes a
kernel of every op's scalar rule, `moves` has views, copies and fills, `parts` indexes and joins; in
`reduction`, `softmax`, `cross_entropy` and `matmul` the threads of a block work together; `state`
keeps Variables. `device` is the place itself. This module alone can be imported without numba.

Without a GPU, numba's simulator runs the same kernels, very slowly, one Python thread for each
thread of the GPU: set the environment variable ``NUMBA_ENABLE_CUDASIM=1`` before Python starts.
"""

from __future__ import annotations

import ctypes
import os
import sys
from functools import cache

from minitf.errors import NotFoundError
from minitf.graph.device import Device

DRIVER = "nvcuda.dll" if sys.platform == "win32" else "libcuda.so.1"


@cache
def available() -> bool:
    """Return whether `/gpu:0` can be used: on a GPU, or on the simulator.

    numba, which takes a while to load, is imported only where one of the two is in sight.
    """
    if not _simulator_wanted() and not _has_driver():
        return False
    try:
        from numba import cuda
    except ImportError:
        return False
    return bool(cuda.is_available())


def _simulator_wanted() -> bool:
    return os.environ.get("NUMBA_ENABLE_CUDASIM", "0") not in ("", "0")


def _has_driver() -> bool:
    try:
        ctypes.CDLL(DRIVER)
    except OSError:
        return False
    return True


def make_device(index: int) -> Device:
    """Return `/gpu:0`; the kernels of its backend are attached to their ops on the way.

    Raises
    ------
    NotFoundError
        Where there is no such GPU, with what to do about it.
    """
    if index:
        raise NotFoundError(f"no device /gpu:{index}: one GPU is used so far, /gpu:0")
    if not available():
        raise NotFoundError(
            "no device /gpu:0: it takes an NVIDIA GPU with its driver and pip install"
            " 'minitf[cuda]'; to try the same kernels without a GPU, set the environment variable"
            " NUMBA_ENABLE_CUDASIM=1 before Python starts (numba's simulator: correct, but slow)"
        )
    from minitf.kernels.cuda.device import CudaDevice

    return CudaDevice(index)
