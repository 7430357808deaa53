"""The inner loop of convolutions: a small matrix product whose sums never leave the registers.

A tile is a block of sums, `ROWS` x `COLUMNS`, of a product of two matrices::

    sums[i, j] = sum_k a[rows[i] + steps[k]] * b[start + k * jump + j]

The left matrix need not exist: each of its rows and each of its columns is known by where it
starts in memory, and the two add up (the "indirect convolution" of the reference below). In a
convolution a row is a position of the window and a column is a place in the window, or, for the
gradient of the filters, the other way round. So one loop serves all three.

LLVM's vectorizer does not find this form in Python loops, so it is written in LLVM's language. The
width of the vectors is that of the CPU's registers, and the tile leaves room in them for two rows
of `b` and one element of `a`.

References
----------
M. Dukhan, "The indirect convolution algorithm", 2019.
"""

from __future__ import annotations

from typing import Any

import numba
import numpy as np
from llvmlite import binding, ir
from numba.core import cgutils, types
from numba.extending import intrinsic

COMPILE = numba.njit(error_model="numpy", nogil=True, cache=True, boundscheck=False)


def _registers() -> tuple[int, int]:
    """Return how many floats a vector register of this CPU holds, and how many rows a tile has."""
    features = binding.get_host_cpu_features()
    if features.get("avx512f"):
        return 16, 12
    return (8, 6) if features.get("avx2") else (4, 6)


WIDTH, ROWS = _registers()
VECTORS = 2
COLUMNS = WIDTH * VECTORS
BLOCK = 256  # positions whose gradients stay in the first cache while all filters see them

FLOAT = ir.FloatType()
VECTOR = ir.VectorType(FLOAT, WIDTH)


def _tile(adds: bool) -> Any:
    """Return the code that computes one tile, and stores it or adds it to what is there."""

    @intrinsic  # type: ignore[misc]
    def tile(typing, a, rows, row, steps, step, count, b, start, jump, c, places, column):  # type: ignore[no-untyped-def]
        given = (a, rows, row, steps, step, count, b, start, jump, c, places, column)
        return types.void(*given), lambda *call: _write_tile(*call, adds=adds)

    return tile


def _write_tile(context: Any, builder: Any, signature: Any, values: Any, adds: bool) -> Any:
    """Write the code of a tile; `values` are the arguments of `tile` above."""
    names = ("a", "rows", "row", "steps", "step", "count", "b", "start", "jump", "c", "places")
    kinds = dict(zip((*names, "column"), signature.args, strict=True))
    given = dict(zip((*names, "column"), values, strict=True))

    def number(name: str) -> Any:
        return context.cast(builder, given[name], kinds[name], types.intp)

    def array(name: str) -> Any:
        return context.make_array(kinds[name])(context, builder, given[name]).data

    def table(name: str, index: Any) -> Any:
        return builder.load(builder.gep(array(name), [index]))

    def vector(pointer: Any, i: int) -> Any:
        there = builder.gep(pointer, [context.get_constant(types.intp, i * WIDTH)])
        return builder.bitcast(there, VECTOR.as_pointer())

    index = [builder.add(number("row"), context.get_constant(types.intp, i)) for i in range(ROWS)]
    lefts = [builder.gep(array("a"), [table("rows", i)]) for i in index]
    targets = [
        builder.gep(array("c"), [builder.add(table("places", i), number("column"))]) for i in index
    ]
    steps = builder.gep(array("steps"), [number("step")])
    right, jump = builder.gep(array("b"), [number("start")]), number("jump")
    sums = [[cgutils.alloca_once(builder, VECTOR) for _ in range(VECTORS)] for _ in range(ROWS)]
    for target, line in zip(targets, sums, strict=True):
        for v, place in enumerate(line):
            zero = ir.Constant(VECTOR, None)
            builder.store(builder.load(vector(target, v), align=4) if adds else zero, place)
    with cgutils.for_range(builder, number("count"), intp=jump.type) as loop:
        step = builder.load(builder.gep(steps, [loop.index]))
        row = builder.gep(right, [builder.mul(loop.index, jump)])
        factors = [builder.load(vector(row, v), align=4) for v in range(VECTORS)]
        for left, line in zip(lefts, sums, strict=True):
            element = _spread(builder, builder.load(builder.gep(left, [step])))
            for factor, place in zip(factors, line, strict=True):
                builder.store(_multiply_add(builder, element, factor, builder.load(place)), place)
    for target, line in zip(targets, sums, strict=True):
        for v, place in enumerate(line):
            builder.store(builder.load(place), vector(target, v), align=4)
    return context.get_dummy_value()


def _spread(builder: Any, element: Any) -> Any:
    """Return a vector with the same number everywhere."""
    empty = ir.Constant(VECTOR, ir.Undefined)
    first = builder.insert_element(empty, element, ir.Constant(ir.IntType(32), 0))
    everywhere = ir.Constant(ir.VectorType(ir.IntType(32), WIDTH), [0] * WIDTH)
    return builder.shuffle_vector(first, empty, everywhere)


def _multiply_add(builder: Any, a: Any, b: Any, c: Any) -> Any:
    """Return a * b + c, rounded once where the CPU can."""
    kind = ir.FunctionType(VECTOR, [VECTOR] * 3)
    name = f"llvm.fmuladd.v{WIDTH}f32"
    return builder.call(cgutils.get_or_insert_function(builder.module, kind, name), [a, b, c])


set_tile, add_tile = _tile(adds=False), _tile(adds=True)


@COMPILE
def copy_band(image, top, left, band):  # type: ignore[no-untyped-def]
    """Copy the rows of an image from `top` on, with zeros where there is no image."""
    height, width = image.shape
    for i in range(len(band)):
        if 0 <= top + i < height:
            band[i, :left] = 0
            band[i, left : left + width] = image[top + i]
            band[i, left + width :] = 0
        else:
            band[i] = 0


@COMPILE
def convolve(first, last, x, cut, rows, steps, w, y, places, filters):  # type: ignore[no-untyped-def]
    """Compute some bands of y: every window of x, times the filters.

    x is (batch, height, width * channels), w (panels, elements of a window, COLUMNS), and y has a
    row per image; `cut`, `rows` and `places` tell where what lies (`minitf.kernels.convolution`).
    """
    band = np.empty((cut.band_rows, cut.band_columns), np.float32)
    a = band.ravel()
    positions = cut.high * cut.wide
    part = np.empty(positions * COLUMNS, np.float32)
    part_places = np.minimum(np.arange(positions + ROWS), positions - 1) * COLUMNS
    for number in range(first, last):
        n, start = number // cut.count, number % cut.count * cut.high
        top = min(start, cut.total - cut.high)
        done = (start - top) * cut.wide  # the last band begins inside the one before
        copy_band(x[n], top * cut.step - cut.before, cut.left, band)
        out = y[n, top * cut.row_of_y :]
        for panel in range(len(w)):
            b, column = w[panel].ravel(), panel * COLUMNS
            if column + COLUMNS <= filters:
                for m in range(done, positions, ROWS):
                    set_tile(a, rows, m, steps, 0, len(steps), b, 0, COLUMNS, out, places, column)
            else:
                for m in range(done, positions, ROWS):
                    set_tile(a, rows, m, steps, 0, len(steps), b, 0, COLUMNS, part, part_places, 0)
                for m in range(done, positions):
                    for f in range(filters - column):
                        out[places[m] + column + f] = part[m * COLUMNS + f]


@COMPILE
def correlate(first, last, x, cut, rows, steps, dy, filters, dw, places):  # type: ignore[no-untyped-def]
    """Add to dw what some bands of the images contribute: every window of x, times its dy.

    dy has a row per image; dw is flat, made of panels (elements of a window, COLUMNS).
    """
    band = np.empty((cut.band_rows, cut.band_columns), np.float32)
    a = band.ravel()
    panels = (filters + COLUMNS - 1) // COLUMNS
    part = np.zeros(BLOCK * COLUMNS, np.float32)
    for number in range(first, last):
        n, start = number // cut.count, number % cut.count * cut.high
        top = min(start, cut.total - cut.high)
        copy_band(x[n], top * cut.step - cut.before, cut.left, band)
        given = dy[n, top * cut.wide * filters :]
        for m in range((start - top) * cut.wide, cut.high * cut.wide, BLOCK):
            many = min(BLOCK, cut.high * cut.wide - m)
            for panel in range(panels):
                column, target = panel * COLUMNS, panel * (len(dw) // panels)
                if column + COLUMNS <= filters:
                    for k in range(0, len(rows) - ROWS + 1, ROWS):
                        add_tile(a, rows, k, steps, m, many, given, m * filters + column, filters,
                                 dw, places, target)
                else:
                    for i in range(many):
                        for f in range(filters - column):
                            part[i * COLUMNS + f] = given[(m + i) * filters + column + f]
                    for k in range(0, len(rows) - ROWS + 1, ROWS):
                        add_tile(a, rows, k, steps, m, many, part, 0, COLUMNS, dw, places, target)
