"""Matrix product in tiles: threads of a block share what they bring from memory.

Every element of the result is a sum over a row of a and a column of b. If each thread read its own
row and column, every number would be fetched from memory again and again. So a block of
TILE x TILE threads computes one tile of the result together, and walks along k: at each step each
thread brings one element of a and one of b into the block's shared memory; when all are there,
each takes from it the TILE products that it needs. Memory is read TILE times less.

                        b (k, m)
                       +----+----+----+
                       |    | B0 |    |     the block of tile C:
                       |    | B1 |    |         C += A0 @ B0
                       +----+----+----+         C += A1 @ B1
        a (n, k)        c (n, m)
       +----+----+     +----+----+----+
       | A0 | A1 |     |    | C  |    |
       +----+----+     +----+----+----+

Transposed inputs are read through swapped strides; matrices along leading axes are one layer of
blocks (blockIdx.z) each.
"""

from __future__ import annotations

import math
from functools import cache
from typing import Any

from numba import cuda

from minitf.kernels.cuda.elementwise import result_specs
from minitf.kernels.cuda.launch import SIMULATED, cuda_kernel, element_type, empty, flat, launch
from minitf.kernels.cuda.layout import collapse, offset, row_major, stretched

TILE = 2 if SIMULATED else 16
LAYERS = 65535  # the most blocks that CUDA lets stand along z


@cache
def product(dtype: Any) -> Any:
    """Return the kernel for matrices of one dtype."""
    number, zero = element_type(dtype), dtype.type(0)

    @cuda.jit
    def kernel(out, size, layers, shape, a, a_layers, a_strides, b, b_layers, b_strides):
        n, k, m = size
        a_tile = cuda.shared.array((TILE, TILE), number)
        b_tile = cuda.shared.array((TILE, TILE), number)  # on a line of its own, or they are one
        y, x = cuda.threadIdx.y, cuda.threadIdx.x
        row, column = cuda.blockIdx.y * TILE + y, cuda.blockIdx.x * TILE + x
        for layer in range(cuda.blockIdx.z, layers, cuda.gridDim.z):
            a_start = offset(layer, shape, a_layers)
            b_start = offset(layer, shape, b_layers)
            total = zero
            for start in range(0, k, TILE):
                a_tile[y, x] = b_tile[y, x] = zero
                if row < n and start + x < k:
                    a_tile[y, x] = a[a_start + row * a_strides[0] + (start + x) * a_strides[1]]
                if start + y < k and column < m:
                    b_tile[y, x] = b[b_start + (start + y) * b_strides[0] + column * b_strides[1]]
                cuda.syncthreads()  # the tiles are there
                for i in range(TILE):
                    total += a_tile[y, i] * b_tile[i, x]
                cuda.syncthreads()  # all have used them
            if row < n and column < m:
                out[(layer * n + row) * m + column] = total

    return kernel


@cuda_kernel("matmul")
def _(a, b, *, transpose_a, transpose_b):
    flags = {"transpose_a": transpose_a, "transpose_b": transpose_b}
    (spec,) = result_specs("matmul", (a, b), flags)
    *layers, n, m = spec.shape
    out = empty(spec.shape, a.dtype)
    if out.size:
        a_layers, (_, k), a_strides = _matrices(a, layers, transpose_a)
        b_layers, _, b_strides = _matrices(b, layers, transpose_b)
        shape, a_layers, b_layers = collapse(layers, a_layers, b_layers)
        count = math.prod(layers)
        grid = math.ceil(m / TILE), math.ceil(n / TILE), min(count, LAYERS)
        launch(product(a.dtype), grid, (TILE, TILE), flat(out), (n, k, m), count, shape,
               flat(a), a_layers, a_strides, flat(b), b_layers, b_strides)  # fmt: skip
    return out


def _matrices(x: Any, layers: Any, transpose: bool) -> tuple[Any, Any, Any]:
    """Return the strides from matrix to matrix, then the shape and the strides of one of them."""
    strides = stretched(x.shape, (*layers, *x.shape[x.ndim - 2 :]))
    shape, steps = tuple(x.shape[x.ndim - 2 :]), row_major(x.shape)[-2:]
    return strides[:-2], shape[::-1] if transpose else shape, steps[::-1] if transpose else steps
