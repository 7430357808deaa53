"""Layout: where the elements of an array lie in memory.

The strides of an array say how far apart neighbours along each axis are. Looking at one block of
memory through other strides transposes or stretches an array without moving anything:

    memory              a b c d e f
    shape (2, 3)        strides (3, 1)      a b c / d e f          [i, j] is at 3 i + j
    shape (3, 2)        strides (1, 3)      a d / b e / c f        transposed
    shape (2, 2, 3)     strides (0, 3, 1)   all of it, twice       stretched along a new axis

Strides count elements here, not bytes as in NumPy.
"""

from __future__ import annotations

from typing import Any

from minitf.kernels.cuda.launch import device_function

Ints = tuple[int, ...]


def row_major(shape: Any) -> Ints:
    """Return the strides of a contiguous array."""
    strides, step = [], 1
    for n in reversed(shape):
        strides.append(step)
        step *= n
    return tuple(reversed(strides))


def stretched(shape: Any, to: Any) -> Ints:
    """Return the strides that make a contiguous array of shape `shape` look like shape `to`."""
    strides = [s if n != 1 else 0 for n, s in zip(shape, row_major(shape), strict=True)]
    return (0,) * (len(to) - len(shape)) + tuple(strides)


def collapse(shape: Any, *strides: Any) -> tuple[Ints, ...]:
    """Join neighbouring axes that all arrays can walk through as one; drop axes of size 1.

    Every axis costs each thread a division. Arrays of one shape become vectors, and a bias (10,)
    added to (8, 8, 10) is seen as (64, 10) and strides (0, 1).
    """
    axes: list[tuple[int, ...]] = []  # the size, then the strides of each array
    for axis in zip(shape, *strides, strict=True):
        n, *steps = axis
        if n == 1:
            continue
        if axes and all(outer == n * s for outer, s in zip(axes[-1][1:], steps, strict=True)):
            axes[-1] = (axes[-1][0] * n, *steps)
        else:
            axes.append(axis)
    return tuple(zip(*axes, strict=True)) if axes else ((1,), *(((0,),) * len(strides)))


def _offset(number, shape, strides):
    """Return where element `number`, counted row by row, of a strided array lies."""
    place = 0
    for axis in range(len(shape) - 1, -1, -1):
        place += number % shape[axis] * strides[axis]
        number //= shape[axis]
    return place


offset = device_function(_offset)
