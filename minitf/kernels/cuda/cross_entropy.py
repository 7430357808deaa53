"""Cross-entropies and their slopes: a block of threads for each row of logits.

As in `minitf.kernels.cuda.softmax` the threads find the row's maximum, then its sums, and then
write what each is responsible for; thread 0 writes the loss as well. A kernel cannot raise an
error: a label that is the number of no class makes the loss and slope of its row NaN.
"""

from __future__ import annotations

import math
from functools import cache
from typing import Any

import numpy as np
from numba import cuda

from minitf.kernels.cuda.launch import (
    BLOCKS,
    THREADS,
    cuda_kernel,
    element_type,
    empty,
    flat,
    launch,
)
from minitf.kernels.cuda.reduction import MAXIMUM, SUM, in_block


@cache
def dense(dtype: Any) -> Any:
    """Return the kernel for labels that are probabilities."""
    lowest, zero = dtype.type(-np.inf), dtype.type(0)
    in_block_max, in_block_sum = in_block(MAXIMUM), in_block(SUM)
    number = element_type(dtype)

    @cuda.jit
    def kernel(loss, slope, labels, logits, classes):
        partial = cuda.shared.array(THREADS, number)
        t = cuda.threadIdx.x
        for row in range(cuda.blockIdx.x, loss.size, cuda.gridDim.x):
            first, largest = row * classes, lowest
            for j in range(t, classes, THREADS):
                value = logits[first + j]
                largest = value if value > largest or value != value else largest
            largest = in_block_max(largest, partial, t)
            total = weight = match = zero
            for j in range(t, classes, THREADS):
                shifted, label = logits[first + j] - largest, labels[first + j]
                total += math.exp(shifted)
                weight += label
                match += label * shifted
            total = in_block_sum(total, partial, t)
            weight = in_block_sum(weight, partial, t)
            match = in_block_sum(match, partial, t)
            for j in range(t, classes, THREADS):
                i = first + j
                slope[i] = math.exp(logits[i] - largest) / total * weight - labels[i]
            if t == 0:
                loss[row] = weight * math.log(total) - match

    return kernel


@cache
def sparse(dtype: Any) -> Any:
    """Return the kernel for labels that are numbers of classes."""
    lowest, zero, one = dtype.type(-np.inf), dtype.type(0), dtype.type(1)
    nothing = dtype.type(np.nan)
    in_block_max, in_block_sum = in_block(MAXIMUM), in_block(SUM)
    number = element_type(dtype)

    @cuda.jit
    def kernel(loss, slope, labels, logits, classes):
        partial = cuda.shared.array(THREADS, number)
        t = cuda.threadIdx.x
        for row in range(cuda.blockIdx.x, loss.size, cuda.gridDim.x):
            first, largest, total, label = row * classes, lowest, zero, labels[row]
            for j in range(t, classes, THREADS):
                value = logits[first + j]
                largest = value if value > largest or value != value else largest
            largest = in_block_max(largest, partial, t)
            for j in range(t, classes, THREADS):
                total += math.exp(logits[first + j] - largest)
            known = 0 <= label < classes
            total = in_block_sum(total, partial, t) if known else nothing
            for j in range(t, classes, THREADS):
                i = first + j
                slope[i] = math.exp(logits[i] - largest) / total - (one if j == label else zero)
            if t == 0:
                match = logits[first + label] - largest if known else nothing
                loss[row] = math.log(total) - match

    return kernel


def loss_and_slope(kernel: Any, labels: Any, logits: Any) -> tuple[Any, Any]:
    """Return the loss of each row of logits, and its derivative for the logits."""
    *rows, classes = logits.shape
    loss, slope = empty(rows, logits.dtype), empty(logits.shape, logits.dtype)
    if loss.size:
        launch(kernel, min(loss.size, BLOCKS), THREADS, flat(loss), flat(slope), flat(labels),
               flat(logits), classes)  # fmt: skip
    return loss, slope


@cuda_kernel("softmax_cross_entropy")
def _(labels, logits):
    return loss_and_slope(dense(logits.dtype), labels, logits)


@cuda_kernel("sparse_softmax_cross_entropy")
def _(labels, logits):
    return loss_and_slope(sparse(logits.dtype), labels, logits)
