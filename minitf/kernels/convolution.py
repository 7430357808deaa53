"""Faster convolutions over one and two axes: tiles of sums in registers, compiled by numba.

The NumPy kernels copy all windows into a matrix for BLAS. These copy an image, or a band of its
rows, once, with its padding; what a window sees is found by two tables of offsets. One says where a
position's window begins, the other where the elements of a window lie behind that::

    element k of the window at position m = band[begins[m] + offsets[k]]

The gradient of the input is such a convolution too, of dy with the filters turned around. With a
stride of s, a window reaches only every s-th element, so the elements fall into s phases per axis,
and each phase is a convolution with those filter elements that reach it.

Sums are taken in another order than by BLAS, so results differ in the last digits of float32.
Whether a compiled kernel is used depends on nothing but dtype and shapes: the same program gives
the same numbers every time. Its work is cut into parts by shapes alone, for the same reason.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from functools import lru_cache
from types import ModuleType
from typing import Any, NamedTuple

import numpy as np

from minitf.kernels.attaching import by_numpy, room
from minitf.kernels.fused import can_compile
from minitf.kernels.threads import share
from minitf.ops import conv
from minitf.ops.windows import Axis, counts, slide

Axes = tuple[Axis, ...]
Image = tuple[int, int, int]

ENOUGH = 2**23  # multiplications: NumPy does fewer in a fraction of a millisecond
BAND = 2**16  # numbers that stay in the second cache while all filters see them
PART = 2**23  # multiplications of one part of the work, below a millisecond
CHUNKS = 16  # into so many parts the images are cut for the gradient of the filters
MOST = 2**20  # numbers in all partial gradients


class Cut(NamedTuple):
    """How images are cut into bands.

    Attributes
    ----------
    count : int
        Bands per image.
    total, high, wide : int
        Rows of positions per image and per band, and positions per row.
    step : int
        Rows of the image per row of positions.
    height, width : int
        Rows of an image, and numbers in a row.
    before, left : int
        Zeros above the image (rows) and to its left (numbers).
    band_rows, band_columns : int
        Size of a band with its zeros.
    row_of_y, image_of_y : int
        Numbers in the output per row of positions, and per image.
    """

    count: int
    total: int
    high: int
    wide: int
    step: int
    height: int
    width: int
    before: int
    left: int
    band_rows: int
    band_columns: int
    row_of_y: int
    image_of_y: int


class Layout(NamedTuple):
    """A convolution as `minitf.kernels.tiles` runs it.

    Attributes
    ----------
    cut : Cut
        How images are cut.
    begins : array
        Per position of a band: where its window begins in the band.
    offsets : array
        Per element of a window: how far behind that it lies.
    places : array
        Per position: where its results are written, counted from the first of the band.
    """

    cut: Cut
    begins: Any
    offsets: Any
    places: Any


class Reach(NamedTuple):
    """Along one axis: what the positions of one phase see.

    Attributes
    ----------
    first, stride, positions : int
        The output elements: so many, from the first on, so far apart.
    step : int
        Elements of the input from one to the next.
    taps : tuple of int
        Which filter elements reach them.
    offsets : tuple of int
        Where in the input these lie, for the output element before all others; may be negative.
    """

    first: int
    stride: int
    positions: int
    step: int
    taps: tuple[int, ...]
    offsets: tuple[int, ...]


def _tiles(multiplications: int, axes: Axes, groups: int, *arrays: Any) -> ModuleType | None:
    """Return the compiled kernels, if they know this kind of convolution and pay."""
    plain = len(axes) < 3 and groups == 1 and all(a.dtype == np.float32 for a in arrays)
    if not plain or multiplications < ENOUGH or not can_compile():
        return None
    from minitf.kernels import tiles  # imports numba

    return tiles


# -- where what lies -------------------------------------------------------------------------------


def _forwards(axis: Axis) -> Reach:
    offsets = tuple(i * axis.dilation - axis.before for i in range(axis.window))
    return Reach(0, 1, axis.positions, axis.stride, tuple(range(axis.window)), offsets)


def _backwards(axis: Axis) -> list[Reach]:
    """Return for each phase of an axis which elements of dy reach it, through which filters.

    Element i of the input is seen by position (i + before - tap * dilation) / stride. The taps are
    listed from the last on: in that order they lie in memory, and the CPU reads ahead.
    """
    phases = []
    for first in range(min(axis.stride, axis.size)):
        sees = [(tap, divmod(first + axis.before - tap * axis.dilation, axis.stride))
                for tap in reversed(range(axis.window))]  # fmt: skip
        reached = [(tap, position) for tap, (position, rest) in sees if rest == 0]
        positions = (axis.size - first - 1) // axis.stride + 1
        taps, offsets = zip(*reached, strict=True) if reached else ((), ())
        phases.append(Reach(first, axis.stride, positions, 1, taps, offsets))
    return phases


def _layout(rows: Reach, columns: Reach, image: Image, made: Image) -> Layout:
    """Return the layout of one phase that makes images of images (rows, columns, channels)."""
    height, width, channels = image
    _, wide, filters = made
    left = max(0, -min(columns.offsets, default=0))
    before = max(0, -min(rows.offsets, default=0))
    reach = (columns.positions - 1) * columns.step + max(columns.offsets, default=0) + 1
    broad = (left + max(width, reach)) * channels
    span = before + max(rows.offsets, default=0) + 1
    most = max(1, (BAND // broad - span) // rows.step + 1)
    count = math.ceil(rows.positions / most)
    high = math.ceil(rows.positions / count)
    row_of_y = rows.stride * wide * filters
    cut = Cut(count, rows.positions, high, columns.positions, rows.step, height, width * channels,
              before, left * channels, (high - 1) * rows.step + span, broad, row_of_y,
              math.prod(made))  # fmt: skip
    down, across = np.arange(high)[:, None], np.arange(columns.positions)
    begins = down * (rows.step * broad) + across * (columns.step * channels)
    first = rows.first * wide + columns.first
    places = down * row_of_y + (across * columns.stride + first) * filters
    r = (np.array(rows.offsets, int) + before) * broad
    c = (np.array(columns.offsets, int) + left) * channels
    offsets = r[:, None, None] + c[:, None] + np.arange(channels)
    return Layout(cut, begins.ravel(), offsets.ravel(), places.ravel())


def two_axes(axes: Axes) -> tuple[Axis, Axis]:
    """Return two axes: a sequence is an image of one row."""
    return (Axis(1, 1, 1, 1, 0, 0), *axes)[-2:]  # type: ignore[return-value]


@lru_cache(maxsize=256)
def _forward_layout(axes: Axes, channels: int, filters: int) -> Layout:
    rows, columns = two_axes(axes)
    made = (rows.positions, columns.positions, filters)
    return _layout(_forwards(rows), _forwards(columns), (rows.size, columns.size, channels), made)


@lru_cache(maxsize=256)
def _backward_layouts(axes: Axes, channels: int, filters: int
                      ) -> tuple[tuple[tuple[int, ...], tuple[int, ...], Layout], ...]:  # fmt: skip
    rows, columns = two_axes(axes)
    given = (rows.positions, columns.positions, filters)
    made = (rows.size, columns.size, channels)
    return tuple(
        (r.taps, c.taps, _layout(r, c, given, made))
        for r in _backwards(rows)
        for c in _backwards(columns)
    )


def _extended(table: Any, rows: int) -> Any:
    """Repeat the last entry, so that the last tile is whole: it does the same thing again."""
    return np.pad(table, (0, -len(table) % rows + rows), mode="edge")


# -- running -------------------------------------------------------------------------------------


def _panels(matrix: Any, columns: int) -> Any:
    """Return a matrix cut into panels of so many columns, the last one filled up with zeros."""
    filled = np.pad(matrix, ((0, 0), (0, -matrix.shape[1] % columns)))
    panels = filled.reshape(len(matrix), -1, columns).transpose(1, 0, 2)
    return panels.reshape(-1)


def _parts(total: int, work: int) -> Iterator[tuple[int, int]]:
    """Yield ranges of bands that are about `PART` multiplications each."""
    each = max(1, PART // max(work, 1))
    return ((i, min(i + each, total)) for i in range(0, total, each))


def flat(array: Any) -> Any:
    return np.ascontiguousarray(array).reshape(-1)


def _convolve(tiles: ModuleType, x: Any, layout: Layout, matrix: Any, y: Any) -> None:
    """Write into y what one phase makes of x."""
    filters, cut = matrix.shape[1], layout.cut
    x, w, y = flat(x), _panels(matrix, tiles.COLUMNS), y.reshape(-1)
    begins, places = (_extended(t, tiles.ROWS) for t in (layout.begins, layout.places))
    positions = cut.high * cut.wide
    part_places = _extended(np.arange(positions) * tiles.COLUMNS, tiles.ROWS)
    parts = list(_parts(len(y) // cut.image_of_y * cut.count, positions * matrix.size))

    def run(i: int) -> None:
        band = np.empty(cut.band_rows * cut.band_columns, np.float32)
        part = np.empty(positions * tiles.COLUMNS if filters % tiles.COLUMNS else 0, np.float32)
        tiles.convolve(*parts[i], x, cut, begins, layout.offsets, w, y, places, filters,
                       band, part, part_places)  # fmt: skip

    share(run, len(parts))


def _forward(tiles: ModuleType, x: Any, w: Any, axes: Axes, y: Any) -> None:
    layout = _forward_layout(axes, x.shape[-1], w.shape[-1])
    _convolve(tiles, x, layout, w.reshape(-1, w.shape[-1]), y)


def _backward(tiles: ModuleType, dy: Any, w: Any, axes: Axes, dx: Any) -> None:
    channels, filters = w.shape[-2:]
    w = w.reshape(-1, *w.shape[-3:])  # a sequence is an image of one row
    phases = _backward_layouts(axes, channels, filters)
    if any(not len(layout.offsets) for *_, layout in phases):
        dx[...] = 0  # elements that no window sees
    for rows, columns, layout in phases:
        if len(layout.offsets):
            part = w[np.ix_(rows, columns)].swapaxes(-1, -2)
            _convolve(tiles, dy, layout, part.reshape(-1, channels), dx)


def _filters(tiles: ModuleType, x: Any, dy: Any, axes: Axes) -> Any:
    filters = dy.shape[-1]
    cut, begins, offsets, _ = _forward_layout(axes, x.shape[-1], filters)
    bands, elements, columns = len(x) * cut.count, len(offsets), tiles.COLUMNS
    x, dy = flat(x), flat(dy)
    rows, places = (_extended(t, tiles.ROWS) for t in (offsets, np.arange(elements) * columns))
    size = elements * (filters + -filters % columns)
    chunks = max(1, min(CHUNKS, bands, MOST // size))
    sums = np.zeros((chunks, size), np.float32)

    def run(i: int) -> None:
        band = np.empty(cut.band_rows * cut.band_columns, np.float32)
        part = np.zeros(tiles.BLOCK * columns, np.float32)
        tiles.correlate(bands * i // chunks, bands * (i + 1) // chunks, x, cut, rows, begins,
                        dy, filters, sums[i], places, elements, band, part)  # fmt: skip

    share(run, chunks)
    panels = sums.sum(0).reshape(-1, elements, columns)
    return panels.transpose(1, 0, 2).reshape(elements, -1)[:, :filters]


# -- the kernels -----------------------------------------------------------------------------------


def _axes(sizes: Any, window: Any, how: Any) -> Axes:
    return slide(sizes, window, how["strides"], how["dilations"], how["padding"])


@conv.conv.kernel("numba")
def _(input, filters, *, out=None, **how):
    axes = _axes(input.shape[1:-1], filters.shape[:-2], how)
    shape = (len(input), *counts(axes), filters.shape[-1])
    groups = input.shape[-1] // max(1, filters.shape[-2])
    tiles = _tiles(math.prod(shape) * math.prod(filters.shape[:-1]), axes, groups, input, filters)
    if tiles is None:
        return by_numpy(conv.conv, input, filters, **how)
    y = room(out, shape)
    _forward(tiles, input, filters, axes, y)
    return y


@conv.conv_backprop_input.kernel("numba")
def _(dy, filters, *, sizes, groups, out=None, **how):
    axes = _axes(sizes, filters.shape[:-2], how)
    tiles = _tiles(dy.size * math.prod(filters.shape[:-1]), axes, groups, dy, filters)
    if tiles is None:
        return by_numpy(conv.conv_backprop_input, dy, filters, sizes=sizes, groups=groups, **how)
    dx = room(out, (len(dy), *sizes, filters.shape[-2]))
    _backward(tiles, dy, filters, axes, dx)
    return dx


@conv.conv_backprop_filter.kernel("numba")
def _(input, dy, *, window, groups, **how):
    axes = _axes(input.shape[1:-1], window, how)
    work = dy.size * math.prod(window) * input.shape[-1]
    tiles = _tiles(work, axes, groups, input, dy)
    if tiles is None:
        op = conv.conv_backprop_filter
        return by_numpy(op, input, dy, window=window, groups=groups, **how)
    return _filters(tiles, input, dy, axes).reshape(*window, input.shape[-1], dy.shape[-1])
