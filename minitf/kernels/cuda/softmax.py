"""Softmax: a block of threads for each row, which it reads three times and writes once.

The threads find the row's maximum together, then the sum of exp(x - maximum), and then each writes
its elements. As on the CPU the maximum is subtracted first, so that exp never overflows.

    row   x0 x1 x2 ... x9      t0 takes x0 x4 x8, t1 takes x1 x5 x9, ...
          ----> maximum        all threads, see `minitf.kernels.cuda.reduction`
          ----> sum of exp
          ----> exp(x - maximum) / sum
"""

from __future__ import annotations

import math
from functools import cache
from typing import Any

import numpy as np
from numba import cuda

from minitf.graph.spec import normalize_axes
from minitf.kernels.cuda.elementwise import result_specs
from minitf.kernels.cuda.launch import (
    BLOCKS,
    THREADS,
    cuda_kernel,
    element_type,
    empty,
    flat,
    launch,
)
from minitf.kernels.cuda.layout import offset
from minitf.kernels.cuda.reduction import MAXIMUM, SUM, in_block, split


@cache
def softmax_rows(dtype: Any, logarithm: bool) -> Any:
    """Return the kernel for softmax, or for its logarithm."""
    lowest, zero = dtype.type(-np.inf), dtype.type(0)
    in_block_max, in_block_sum = in_block(MAXIMUM), in_block(SUM)
    number = element_type(dtype)

    @cuda.jit
    def kernel(out, x, rows, shape, strides, count, inner_shape, inner_strides):
        partial = cuda.shared.array(THREADS, number)
        t = cuda.threadIdx.x
        for row in range(cuda.blockIdx.x, rows, cuda.gridDim.x):
            first, largest, total = offset(row, shape, strides), lowest, zero
            for j in range(t, count, THREADS):
                value = x[first + offset(j, inner_shape, inner_strides)]
                largest = value if value > largest or value != value else largest
            largest = in_block_max(largest, partial, t)
            for j in range(t, count, THREADS):
                total += math.exp(x[first + offset(j, inner_shape, inner_strides)] - largest)
            total = in_block_sum(total, partial, t)
            for j in range(t, count, THREADS):
                i = first + offset(j, inner_shape, inner_strides)
                shifted = x[i] - largest
                out[i] = shifted - math.log(total) if logarithm else math.exp(shifted) / total

    return kernel


@cache
def softmax_grad_rows(dtype: Any) -> Any:
    """Return the kernel for y (dy - sum(dy y))."""
    zero, in_block_sum, number = dtype.type(0), in_block(SUM), element_type(dtype)

    @cuda.jit
    def kernel(out, dy, y, rows, shape, strides, count, inner_shape, inner_strides):
        partial = cuda.shared.array(THREADS, number)
        t = cuda.threadIdx.x
        for row in range(cuda.blockIdx.x, rows, cuda.gridDim.x):
            first, total = offset(row, shape, strides), zero
            for j in range(t, count, THREADS):
                i = first + offset(j, inner_shape, inner_strides)
                total += dy[i] * y[i]
            total = in_block_sum(total, partial, t)
            for j in range(t, count, THREADS):
                i = first + offset(j, inner_shape, inner_strides)
                out[i] = y[i] * (dy[i] - total)

    return kernel


@cache
def logsumexp_rows(dtype: Any) -> Any:
    """Return the kernel for log(sum(exp(x)))."""
    lowest, zero = dtype.type(-np.inf), dtype.type(0)
    in_block_max, in_block_sum = in_block(MAXIMUM), in_block(SUM)
    number = element_type(dtype)

    @cuda.jit
    def kernel(out, x, rows, shape, strides, count, inner_shape, inner_strides):
        partial = cuda.shared.array(THREADS, number)
        t = cuda.threadIdx.x
        for row in range(cuda.blockIdx.x, rows, cuda.gridDim.x):
            first, largest, total = offset(row, shape, strides), lowest, zero
            for j in range(t, count, THREADS):
                value = x[first + offset(j, inner_shape, inner_strides)]
                largest = value if value > largest or value != value else largest
            largest = in_block_max(largest, partial, t)
            largest = largest if math.isfinite(largest) else zero
            for j in range(t, count, THREADS):
                total += math.exp(x[first + offset(j, inner_shape, inner_strides)] - largest)
            total = in_block_sum(total, partial, t)
            if t == 0:
                out[row] = largest + (lowest if total == zero else math.log(total))

    return kernel


def by_rows(kernel: Any, axes: Any, shape: Any, *arrays: Any) -> Any:
    """Return a new array, a block of threads working on each row along `axes` of the inputs."""
    x = arrays[0]
    out = empty(shape, x.dtype)
    if out.size:
        lines = split(x.shape, normalize_axes(axes, x.ndim))
        rows = x.size // lines.count
        launch(kernel, min(rows, BLOCKS), THREADS, flat(out), *map(flat, arrays), rows, *lines)
    return out


@cuda_kernel("softmax")
def _(x, *, axis):
    return by_rows(softmax_rows(x.dtype, False), axis, x.shape, x)


@cuda_kernel("softmax_grad")
def _(dy, y, *, axis):
    return by_rows(softmax_grad_rows(y.dtype), axis, y.shape, dy, y)


@cuda_kernel("log_softmax")
def _(x, *, axis):
    return by_rows(softmax_rows(x.dtype, True), axis, x.shape, x)


@cuda_kernel("reduce_logsumexp")
def _(x, *, axis, keepdims):
    (spec,) = result_specs("reduce_logsumexp", (x,), {"axis": axis, "keepdims": keepdims})
    return by_rows(logsumexp_rows(x.dtype), axis, spec.shape, x)
