"""Elements on the move: views, copies in another order or type, and fills.

A view is the same memory in another shape and launches nothing. A copy looks at the memory through
strides that transpose or stretch it, and writes what it sees row after row.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from numba import cuda

from minitf.errors import UnimplementedError
from minitf.graph.op import OpDef
from minitf.graph.spec import normalize_axis
from minitf.kernels.cuda.elementwise import compiled, result_specs, run
from minitf.kernels.cuda.launch import empty, flat, launch_flat, view
from minitf.kernels.cuda.layout import row_major, stretched
from minitf.ops.array import expand_dims, reshape, reshape_like, squeeze, transpose
from minitf.ops.broadcasting import broadcast_like, broadcast_to
from minitf.ops.filling import ones_, zeros_
from minitf.ops.math import cast
from minitf.ops.source import identity, ones_like, stop_gradient, zeros_like


def as_view(definition: OpDef) -> Callable[..., Any]:
    """Return the kernel of an op whose result is its first input in another shape."""

    def kernel(*arrays: Any, **attributes: Any) -> Any:
        (spec,) = result_specs(definition, arrays, attributes)
        return view(arrays[0], spec.shape)

    return kernel


for function in (identity, stop_gradient, reshape, reshape_like, expand_dims, squeeze):
    function.kernel("cuda")(as_view(function.definition))


def _same(x):
    return x


def copied(x: Any, shape: Any, strides: Any, dtype: Any = None) -> Any:
    """Return the elements that are seen through `strides`, in memory of their own."""
    return run(compiled(_same, 1), [x], shape, dtype or x.dtype, [strides])


@transpose.kernel("cuda")
def _(a, *, perm, conjugate):
    if conjugate and a.dtype.kind == "c":
        raise UnimplementedError("conjugate=True has no kernel for the GPU")
    order = range(a.ndim)[::-1] if perm is None else [normalize_axis(i, a.ndim) for i in perm]
    strides = row_major(a.shape)
    return copied(a, [a.shape[i] for i in order], tuple(strides[i] for i in order))


@broadcast_like.kernel("cuda")
def _(input, like):
    return copied(input, like.shape, stretched(input.shape, like.shape))


@broadcast_to.kernel("cuda")
def _(input, *, shape):
    (spec,) = result_specs(broadcast_to.definition, (input,), {"shape": shape})
    return copied(input, spec.shape, stretched(input.shape, spec.shape))


@cast.kernel("cuda")
def _(x, *, dtype):
    return copied(x, x.shape, row_major(x.shape), dtype.numpy)


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


@zeros_.kernel("cuda")
def _(*, shape, dtype):
    return filled(shape, dtype.numpy, 0)


@ones_.kernel("cuda")
def _(*, shape, dtype):
    return filled(shape, dtype.numpy, 1)


@zeros_like.kernel("cuda")
def _(input, *, dtype):
    return filled(input.shape, dtype.numpy if dtype else input.dtype, 0)


@ones_like.kernel("cuda")
def _(input, *, dtype):
    return filled(input.shape, dtype.numpy if dtype else input.dtype, 1)
