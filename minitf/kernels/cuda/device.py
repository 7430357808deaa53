"""The device itself: a memory of its own, and the kernels that work in it."""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import cuda

from minitf.errors import DTypeError
from minitf.graph.device import Device

# Importing these attaches their kernels to the ops.
from minitf.kernels.cuda import cross_entropy, matmul, moves, parts, reduction, softmax, state
from minitf.kernels.cuda.launch import empty

KERNELS = (cross_entropy, matmul, moves, parts, reduction, softmax, state)


class CudaDevice(Device):
    """A GPU, or numba's simulation of one.

    Its arrays are numba's device arrays. They are made by `put`, which copies from the host, and by
    kernels; `fetch` copies them back. Nothing else crosses.
    """

    kind = "gpu"
    backends = ("cuda",)

    def __init__(self, index: int):
        super().__init__(index)
        self.memory = self.name

    def put(self, array: Any) -> Any:
        """Copy a host array into the device's memory."""
        array = np.asarray(array, order="C")
        if array.dtype.kind not in "biufc":
            raise DTypeError(f"{self.name} holds numbers, not {array.dtype}")
        made = empty(array.shape, array.dtype)
        if array.size:
            made.copy_to_device(array)
        return made

    def fetch(self, array: Any) -> Any:
        """Copy an array of the device to the host, after the kernels that make it."""
        return array.copy_to_host()

    def holds(self, array: Any) -> bool:
        """Return whether an array lies in the GPU's memory."""
        return hasattr(array, "__cuda_ndarray__")

    def synchronize(self) -> None:
        """Wait until all kernels that were launched have run."""
        cuda.synchronize()
