"""Reductions: the threads of a block make one element of many.

Each block takes one element of the result (and then another, as long as there are any). Its
threads walk over the elements that belong to it, and each combines every so-manieth of them. What
they have found is then combined in pairs, each time by half as many threads:

    elements    x0 x1 x2 x3 x4 x5 x6 x7      t0: x0 + x4   t1: x1 + x5   t2: x2 + x6   t3: x3 + x7
    partial     p0    p1    p2    p3
                p0+p2 p1+p3                  t0, t1; then all wait for each other
                sum                          t0

A sum of n numbers is so made of chains of about n / THREADS, which also rounds less than one long
chain. The order is fixed: the same numbers give the same sum, bit for bit.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any, NamedTuple

import numpy as np
from numba import cuda

from minitf.graph.spec import normalize_axes
from minitf.kernels.cuda.elementwise import result_specs
from minitf.kernels.cuda.launch import (
    BLOCKS,
    THREADS,
    cuda_kernel,
    device_function,
    element_type,
    empty,
    flat,
    launch,
    launch_flat,
    syncthreads,
)
from minitf.kernels.cuda.layout import collapse, offset, row_major, stretched


def _add(a, b):
    return a + b


def _multiply(a, b):
    return a * b


def _larger(a, b):
    return a if a > b or a != a else b  # what differs from itself is NaN, and stays


def _smaller(a, b):
    return a if a < b or a != a else b


def _both(a, b):
    return a and b


def _either(a, b):
    return a or b


def _lowest(dtype):
    return -np.inf if dtype.kind == "f" else np.iinfo(dtype).min


def _highest(dtype):
    return np.inf if dtype.kind == "f" else np.iinfo(dtype).max


class Combination(NamedTuple):
    """A way to make one element of two.

    Attributes
    ----------
    rule : function
        What two elements make; it is associative.
    start : number, or function of a dtype
        The element that changes nothing.
    """

    rule: Callable[[Any, Any], Any]
    start: Any


SUM = Combination(_add, 0)
PRODUCT = Combination(_multiply, 1)
MAXIMUM = Combination(_larger, _lowest)
MINIMUM = Combination(_smaller, _highest)
ALL = Combination(_both, True)
ANY = Combination(_either, False)


@cache
def in_block(combination: Combination) -> Any:
    """Return a function that combines what the threads of a block have; all get the result.

    Each thread t calls it with its own element and the block's shared memory.
    """
    rule = device_function(combination.rule)

    def function(mine, partial, t):
        partial[t] = mine
        syncthreads()
        width = THREADS // 2
        while width > 0:
            if t < width:
                partial[t] = rule(partial[t], partial[t + width])
            syncthreads()
            width //= 2
        result = partial[0]
        syncthreads()  # before `partial` is used again
        return result

    return device_function(function)


@cache
def reducer(combination: Combination, dtype: Any, mean: bool) -> Any:
    """Return the kernel that combines the elements along some axes."""
    rule, combine = device_function(combination.rule), in_block(combination)
    number = element_type(dtype)
    start = combination.start(dtype) if callable(combination.start) else combination.start
    start = dtype.type(start)

    @cuda.jit
    def kernel(out, x, shape, strides, count, inner_shape, inner_strides):
        partial = cuda.shared.array(THREADS, number)
        t = cuda.threadIdx.x
        for i in range(cuda.blockIdx.x, out.size, cuda.gridDim.x):
            first, mine = offset(i, shape, strides), start
            for j in range(t, count, THREADS):
                mine = rule(mine, x[first + offset(j, inner_shape, inner_strides)])
            total = combine(mine, partial, t)
            if t == 0:
                out[i] = total / count if mean else total

    return kernel


class Split(NamedTuple):
    """How the elements of an array lie when some of its axes are walked for each of the others."""

    shape: Any
    strides: Any
    count: int
    inner_shape: Any
    inner_strides: Any


def split(shape: Any, axes: Any) -> Split:
    """Sort the axes of an array into those that stay and those that are walked."""
    pairs = list(zip(shape, row_major(shape), strict=True))
    kept = [p for i, p in enumerate(pairs) if i not in axes]
    inner = [p for i, p in enumerate(pairs) if i in axes]
    count = 1
    for n, _ in inner:
        count *= n
    return Split(*_joined(kept), count, *_joined(inner))


def _joined(pairs: Any) -> Any:
    return collapse(*zip(*pairs, strict=True)) if pairs else ((1,), (0,))


def reduce(x: Any, axes: Any, shape: Any, combination: Combination, mean: bool = False) -> Any:
    """Return an array in which `axes` of another have been combined.

    Parameters
    ----------
    x : array
        Of the device.
    axes : tuple of int
        Counted from the front.
    shape : sequence of int
        Of the result.
    combination : Combination
        What two elements make.
    mean : bool
        Divide by the number of elements.
    """
    out = empty(shape, x.dtype)
    if out.size:
        kernel = reducer(combination, x.dtype, mean)
        launch(kernel, min(out.size, BLOCKS), THREADS, flat(out), flat(x), *split(x.shape, axes))
    return out


# -- the ops -----------------------------------------------------------------------------------


def reduction(op: str, combination: Combination, mean: bool = False) -> None:
    """Give a reduction its kernel."""

    @cuda_kernel(op)
    def kernel(x: Any, *, axis: Any, keepdims: bool) -> Any:
        (spec,) = result_specs(op, (x,), {"axis": axis, "keepdims": keepdims})
        return reduce(x, normalize_axes(axis, x.ndim), spec.shape, combination, mean)


reduction("reduce_sum", SUM)
reduction("reduce_mean", SUM, mean=True)
reduction("reduce_prod", PRODUCT)
reduction("reduce_max", MAXIMUM)
reduction("reduce_min", MINIMUM)
reduction("reduce_all", ALL)
reduction("reduce_any", ANY)


@cuda_kernel("sum_to_shape")
def _(input, like):
    lead = input.ndim - like.ndim
    steps = stretched(like.shape, input.shape)[lead:]
    axes = [lead + i for i, step in enumerate(steps) if step == 0 and input.shape[lead + i] != 1]
    return reduce(input, (*range(lead), *axes), like.shape, SUM)


# -- where an extreme stands -------------------------------------------------------------------


def _is_larger(a, b):
    return a > b or (a != a and b == b)  # as NumPy does, NaN counts as the extreme


def _is_smaller(a, b):
    return a < b or (a != a and b == b)


@cache
def searcher(wins: Callable[[Any, Any], Any]) -> Any:
    """Return the kernel that finds the first winner along an axis, one thread for each line."""
    wins = device_function(wins)

    @cuda.jit
    def kernel(out, x, shape, strides, count, inner_shape, inner_strides):
        for i in range(cuda.grid(1), out.size, cuda.gridsize(1)):
            first, best = offset(i, shape, strides), 0
            found = x[first]
            for j in range(1, count):
                value = x[first + offset(j, inner_shape, inner_strides)]
                if wins(value, found):
                    found, best = value, j
            out[i] = best

    return kernel


def search(op: str, wins: Callable[[Any, Any], Any]) -> None:
    """Give argmax or argmin its kernel."""

    @cuda_kernel(op)
    def kernel(x: Any, *, axis: Any, output_type: Any) -> Any:
        (spec,) = result_specs(op, (x,), {"axis": axis, "output_type": output_type})
        out = empty(spec.shape, output_type.numpy)
        lines = split(x.shape, normalize_axes(axis or 0, x.ndim))
        launch_flat(searcher(wins), out.size, flat(out), flat(x), *lines)
        return out


search("argmax", _is_larger)
search("argmin", _is_smaller)
