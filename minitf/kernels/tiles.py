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
from llvmlite import binding, ir
from numba.core import cgutils, types
from numba.extending import intrinsic

COMPILE = numba.njit(error_model="numpy", nogil=True, cache=True, no_cfunc_wrapper=True)
INSIDE = numba.njit(error_model="numpy", nogil=True, cache=True, no_cfunc_wrapper=True,
                    no_cpython_wrapper=True)  # fmt: skip


def _registers() -> tuple[int, int]:
    """Return how many floats a vector register of this CPU holds, and how many rows a tile has."""
    features = binding.get_host_cpu_features()
    if features.get("avx512f"):
        return 16, 12
    return (8, 6) if features.get("avx2") else (4, 6)


WIDTH, ROWS = _registers()
VECTORS = 2
COLUMNS = WIDTH * VECTORS
BLOCK = 96  # positions whose gradients stay in the first cache while all elements see them

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


@INSIDE
def copy_band(x, n, top, cut, band):  # type: ignore[no-untyped-def]
    """Copy the rows of image n from `top` on, with zeros where there is no image."""
    for i in range(cut.band_rows):
        line, row = i * cut.band_columns, top + i
        inside = 0 <= row < cut.height
        before = cut.left if inside else cut.band_columns
        after = cut.left + cut.width if inside else cut.band_columns
        image = (n * cut.height + row) * cut.width - cut.left
        for j in range(before):
            band[line + j] = 0
        for j in range(before, after):
            band[line + j] = x[image + j]
        for j in range(after, cut.band_columns):
            band[line + j] = 0


@INSIDE
def find_band(number, cut):  # type: ignore[no-untyped-def]
    """Return the image of a band, its first row of positions, and how many positions to leave out.

    The last band of an image begins inside the one before.
    """
    n, start = number // cut.count, number % cut.count * cut.high
    top = min(start, cut.total - cut.high)
    return n, top, (start - top) * cut.wide


@COMPILE
def convolve(first, last, x, cut, rows, steps, w, y, places, filters, band, part, part_places):  # type: ignore[no-untyped-def]
    """Compute some bands of y: every window of x, times the filters.

    All arrays are flat; w is made of panels (elements of a window, COLUMNS). `cut`, `rows`, `steps`
    and `places` tell where what lies: see `minitf.kernels.convolution`. What does not fill a panel
    is computed in `part` and copied.
    """
    positions = cut.high * cut.wide
    for number in range(first, last):
        n, top, done = find_band(number, cut)
        copy_band(x, n, top * cut.step - cut.before, cut, band)
        out = n * cut.image_of_y + top * cut.row_of_y
        for column in range(0, filters, COLUMNS):
            panel = column * len(steps)
            whole = column + COLUMNS <= filters
            target, where, shift = (y, places, out + column) if whole else (part, part_places, 0)
            for m in range(done, positions, ROWS):
                set_tile(band, rows, m, steps, 0, len(steps), w, panel, COLUMNS,
                         target, where, shift)  # fmt: skip
            if not whole:
                for m in range(done, positions):
                    for f in range(filters - column):
                        y[out + places[m] + column + f] = part[m * COLUMNS + f]


@COMPILE
def correlate(first, last, x, cut, rows, steps, dy, filters, dw, places, elements, band, part):  # type: ignore[no-untyped-def]
    """Add to dw what some bands of the images contribute: every window of x, times its dy.

    All arrays are flat; dw is made of panels (elements of a window, COLUMNS). Some dy at a time are
    copied side by side into `part`: where they lie, they push each other out of the cache.
    """
    positions = cut.high * cut.wide
    for number in range(first, last):
        n, top, done = find_band(number, cut)
        copy_band(x, n, top * cut.step - cut.before, cut, band)
        given = n * cut.image_of_y + top * cut.row_of_y
        for m in range(done, positions, BLOCK):
            many = min(BLOCK, positions - m)
            for column in range(0, filters, COLUMNS):
                begin, panel = given + m * filters + column, column * elements
                if column + COLUMNS <= filters:
                    for i in range(many):
                        for f in range(COLUMNS):
                            part[i * COLUMNS + f] = dy[begin + i * filters + f]
                else:
                    for i in range(many):
                        for f in range(filters - column):
                            part[i * COLUMNS + f] = dy[begin + i * filters + f]
                for k in range(0, elements, ROWS):
                    add_tile(band, rows, k, steps, m, many, part, 0, COLUMNS, dw, places, panel)
