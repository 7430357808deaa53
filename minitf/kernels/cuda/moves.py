"""Elements on the move: views, copies in another order or type, and fills.

A view is the same memory in another shape and launches nothing. A copy looks at the memory through
strides that transpose or stretch it, and writes what it sees row after row.
"""

from __future__ import annotations

import math
from typing import Any

from numba import cuda

from minitf.errors import UnimplementedError
from minitf.graph.spec import normalize_axis
from minitf.kernels.cuda.elementwise import result_specs
from minitf.kernels.cuda.launch import cuda_kernel, empty, flat, launch_flat, view
from minitf.kernels.cuda.layout import collapse, offset, row_major, stretched


def reshaping(op: str) -> None:
    """Give its kernel to an op whose result is its first input in another shape."""

    @cuda_kernel(op)
    def kernel(*arrays: Any, **attributes: Any) -> Any:
        (spec,) = result_specs(op, arrays, attributes)
        return view(arrays[0], spec.shape)


for op in ("identity", "stop_gradient", "reshape", "reshape_like", "expand_dims", "squeeze"):
    reshaping(op)


@cuda.jit
def gather(out, shape, x, start, strides):
    """Write row after row what is seen of x through strides, from element `start` on."""
    for i in range(cuda.grid(1), out.size, cuda.gridsize(1)):
        out[i] = x[start + offset(i, shape, strides)]


@cuda.jit
def scatter(out, start, shape, strides, x):
    """Write x, row after row, to where strides say; the rest stays as it is."""
    for i in range(cuda.grid(1), x.size, cuda.gridsize(1)):
        out[start + offset(i, shape, strides)] = x[i]


def copied(x: Any, shape: Any, strides: Any, start: int = 0, dtype: Any = None) -> Any:
    """Return the elements that are seen through `strides`, in memory of their own."""
    out = empty(shape, dtype or x.dtype)
    axes, steps = collapse(shape, strides)
    launch_flat(gather, out.size, flat(out), axes, flat(x), start, steps)
    return out


def put(x: Any, out: Any, strides: Any, start: int = 0) -> None:
    """Write the elements of x to where `strides` say in an array just made."""
    axes, steps = collapse(x.shape, strides)
    launch_flat(scatter, x.size, flat(out), start, axes, steps, flat(x))


@cuda_kernel("transpose")
def _(a, *, perm, conjugate):
    if conjugate and a.dtype.kind == "c":
        raise UnimplementedError("conjugate=True has no kernel for the GPU")
    order = range(a.ndim)[::-1] if perm is None else [normalize_axis(i, a.ndim) for i in perm]
    strides = row_major(a.shape)
    return copied(a, [a.shape[i] for i in order], tuple(strides[i] for i in order))


@cuda_kernel("broadcast_like")
def _(input, like):
    return copied(input, like.shape, stretched(input.shape, like.shape))


@cuda_kernel("broadcast_to")
def _(input, *, shape):
    (spec,) = result_specs("broadcast_to", (input,), {"shape": shape})
    return copied(input, spec.shape, stretched(input.shape, spec.shape))


@cuda_kernel("cast")
def _(x, *, dtype):
    return copied(x, x.shape, row_major(x.shape), dtype=dtype.numpy)


# -- fills -------------------------------------------------------------------------------------


@cuda.jit
def fill(out, value):
    """Write one value into every element."""
    for i in range(cuda.grid(1), out.size, cuda.gridsize(1)):
        out[i] = value


def filled(shape: Any, dtype: Any, value: int) -> Any:
    """Return a new array with one value everywhere."""
    out = empty(shape, dtype)
    launch_flat(fill, out.size, flat(out), value)
    return out


@cuda_kernel("zeros")
def _(*, shape, dtype):
    return filled(shape, dtype.numpy, 0)


@cuda_kernel("ones")
def _(*, shape, dtype):
    return filled(shape, dtype.numpy, 1)


@cuda_kernel("zeros_like")
def _(input, *, dtype):
    return filled(input.shape, dtype.numpy if dtype else input.dtype, 0)


@cuda_kernel("ones_like")
def _(input, *, dtype):
    return filled(input.shape, dtype.numpy if dtype else input.dtype, 1)


# -- one-hot codes -----------------------------------------------------------------------------


@cuda.jit
def mark(out, indices, depth, inner, on, off):
    """Write each index as a row of `depth` elements, `inner` apart, that is on at one place."""
    for i in range(cuda.grid(1), out.size, cuda.gridsize(1)):
        place = i // inner % depth
        index = indices[i // (inner * depth) * inner + i % inner]
        out[i] = on if index == place else off


@cuda_kernel("one_hot")
def _(indices, *, depth, on_value, off_value, axis, dtype):
    given = {"depth": depth, "on_value": on_value, "off_value": off_value, "axis": axis,
             "dtype": dtype}  # fmt: skip
    (spec,) = result_specs("one_hot", (indices,), given)
    out = empty(spec.shape, dtype.numpy)
    inner = math.prod(out.shape[normalize_axis(axis, out.ndim) + 1 :])
    launch_flat(mark, out.size, flat(out), flat(indices), depth, inner, on_value, off_value)
    return out
