"""Sliding windows: where the windows of a convolution or of a pooling lie.

Along one axis, a window of `window` elements, `dilation` apart, starts every `stride` elements of
an axis that has `before` and `after` extra elements at its ends::

    size 5, window 3, stride 2, before 1, after 1

        .  0  1  2  3  4  .
       [--------]                  position 0
             [--------]            position 1
                   [--------]      position 2: count is 3

"SAME" pads just so much that ``count = ceil(size / stride)``, the odd element at the end; "VALID"
does not pad; a pair (before, after) says it explicitly.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np
from numpy.lib.stride_tricks import as_strided

from minitf.errors import InvalidArgumentError, ShapeError
from minitf.graph.spec import Dim

Ints = tuple[int, ...]
Padding = str | tuple[tuple[int, int], ...]
Index = tuple[slice, ...]

BLOCK_BYTES = 2 << 20  # what a kernel works on at a time, so that it stays in the cache


class Axis(NamedTuple):
    """How windows slide along one axis; a graph may not know size and window yet: None."""

    size: Any
    window: Any
    stride: int
    dilation: int
    before: int
    after: int

    @property
    def extent(self) -> Any:
        """From the first to the last element of a window."""
        return None if self.window is None else (self.window - 1) * self.dilation + 1

    @property
    def positions(self) -> Any:
        """Number of positions."""
        if self.size is None or self.extent is None:
            return None
        return (self.size + self.before + self.after - self.extent) // self.stride + 1

    def tap(self, i: int) -> tuple[slice, slice]:
        """Return the elements that are number `i` of their windows, and the positions of these.

        Positions where number `i` falls into the padding are left out.
        """
        offset = i * self.dilation - self.before
        first = max(0, -(offset // self.stride))
        last = max(first, min(self.positions, (self.size - 1 - offset) // self.stride + 1))
        start = first * self.stride + offset
        stop = max(start, (last - 1) * self.stride + offset + 1)
        return slice(start, stop, self.stride), slice(first, last)


@lru_cache(maxsize=1024)
def slide(sizes: tuple[Dim, ...], window: tuple[Dim, ...], strides: Ints, dilations: Ints,
          padding: Padding) -> tuple[Axis, ...]:  # fmt: skip
    """Return how windows slide along each axis, after checking that they can."""
    known = tuple(1 if n is None else n for n in window)
    _check(len(sizes), window=known, strides=strides, dilations=dilations)
    return tuple(
        _padded(Axis(n, k, s, d, 0, 0), padding if isinstance(padding, str) else padding[i])
        for i, (n, k, s, d) in enumerate(zip(sizes, window, strides, dilations, strict=True))
    )


def _check(rank: int, **numbers: Ints) -> None:
    for name, values in numbers.items():
        if len(values) != rank:
            raise InvalidArgumentError(f"{name} {values} must name {rank} axes")
        if any(not isinstance(v, int) or v < 1 for v in values):
            raise InvalidArgumentError(f"{name} are whole numbers from 1 on, got {values}")


def _padded(axis: Axis, padding: Any) -> Axis:
    """Return an axis with its padding."""
    if axis.size is None or axis.extent is None:
        return axis
    if padding == "SAME":
        starts = math.ceil(axis.size / axis.stride)
        missing = max((starts - 1) * axis.stride + axis.extent - axis.size, 0)
        return axis._replace(before=missing // 2, after=missing - missing // 2)
    before, after = (0, 0) if padding == "VALID" else padding
    if axis.size + before + after < axis.extent:
        around = f" with {before} + {after} around them" if before or after else ""
        raise ShapeError(
            f"a window over {axis.extent} elements does not fit into {axis.size}{around}"
        )
    return axis._replace(before=before, after=after)


def counts(axes: Sequence[Axis]) -> tuple[Any, ...]:
    """Return the number of positions along each axis."""
    return tuple(axis.positions for axis in axes)


# -- on arrays of shape (batch, *sizes, channels) ------------------------------------------------


@lru_cache(maxsize=1024)
def taps(axes: tuple[Axis, ...]) -> tuple[tuple[Ints, Index, Index], ...]:
    """Return for each place in a window: its index, the elements there, the windows they are of.

    The second and third index arrays (batch, *sizes, channels) and (batch, *counts, channels).
    """
    places = itertools.product(*[range(axis.window) for axis in axes])
    return tuple(_tap(axes, place) for place in places)


def _tap(axes: tuple[Axis, ...], place: Ints) -> tuple[Ints, Index, Index]:
    pairs = [axis.tap(i) for axis, i in zip(axes, place, strict=True)]
    inside, outside = zip(*pairs, strict=True)
    return place, (slice(None), *inside), (slice(None), *outside)


def pad(x: Any, axes: Sequence[Axis]) -> Any:
    """Return an array with zeros put around it."""
    if not any(axis.before or axis.after for axis in axes):
        return x
    sizes = [n + axis.before + axis.after for n, axis in zip(x.shape[1:-1], axes, strict=True)]
    padded = np.zeros((len(x), *sizes, x.shape[-1]), x.dtype)
    within = [slice(axis.before, axis.before + axis.size) for axis in axes]
    padded[(slice(None), *within)] = x
    return padded


def windows_of(x: Any, axes: Sequence[Axis]) -> Any:
    """Return all windows of a padded array as a view: (batch, *counts, *window, channels)."""
    first, *along, last = x.strides
    shape = (len(x), *counts(axes), *[axis.window for axis in axes], x.shape[-1])
    between = [step * axis.stride for step, axis in zip(along, axes, strict=True)]
    within = [step * axis.dilation for step, axis in zip(along, axes, strict=True)]
    return as_strided(x, shape, (first, *between, *within, last), writeable=False)


def blocks(batch: int, bytes_each: int) -> Iterator[slice]:
    """Yield slices of the batch, each of about `BLOCK_BYTES`."""
    step = max(1, BLOCK_BYTES // max(1, bytes_each))
    return (slice(i, i + step) for i in range(0, batch, step))


# -- what a programmer may write ------------------------------------------------------------------


def per_axis(value: Any, rank: int, name: str, channels_first: bool = False) -> Ints:
    """Return one number per spatial axis, from an int or one each, or one for every axis."""
    numbers = (value,) if isinstance(value, (int, np.integer)) else tuple(value)
    if len(numbers) == rank + 2:
        batch, channels = numbers[0], numbers[1 if channels_first else -1]
        if batch != 1 or channels != 1:
            raise InvalidArgumentError(f"{name} of batch and channels must be 1, got {numbers}")
        numbers = numbers[2:] if channels_first else numbers[1:-1]
    if len(numbers) == 1:
        numbers *= rank
    if len(numbers) != rank:
        raise InvalidArgumentError(f"{name} holds 1, {rank} or {rank + 2} numbers, got {numbers}")
    return tuple(int(n) for n in numbers)


def as_padding(value: Any, rank: int, channels_first: bool = False) -> Padding:
    """Return "SAME", "VALID", or a pair (before, after) per spatial axis."""
    if isinstance(value, str):
        if value.upper() in ("SAME", "VALID"):
            return value.upper()
        raise InvalidArgumentError(f"padding is 'SAME', 'VALID' or a list of pairs, got {value!r}")
    pairs: Any = tuple(tuple(int(n) for n in pair) for pair in value)
    if len(pairs) == rank + 2:
        rest = (pairs[0], pairs[1 if channels_first else -1])
        if rest != ((0, 0), (0, 0)):
            raise InvalidArgumentError(f"batch and channels cannot be padded, got {pairs}")
        pairs = pairs[2:] if channels_first else pairs[1:-1]
    if len(pairs) != rank or any(len(p) != 2 or min(p) < 0 for p in pairs):
        raise InvalidArgumentError(
            f"explicit padding is a pair of numbers >= 0 for each of {rank + 2} axes, got {value}"
        )
    return pairs


def is_channels_first(data_format: str | None, rank: int) -> bool:
    """Return whether channels stand before the spatial axes: "NCHW", not "NHWC"."""
    if not 1 <= rank <= 3:
        raise ShapeError(f"batch, 1 to 3 spatial axes and channels are needed, got {rank + 2} axes")
    spatial = "DHW"[-rank:]
    if data_format is None or data_format == f"N{spatial}C":
        return False
    if data_format == f"NC{spatial}":
        return True
    raise InvalidArgumentError(
        f"data_format is 'N{spatial}C' or 'NC{spatial}' here, got {data_format!r}"
    )
