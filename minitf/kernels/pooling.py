"""Faster pooling over one and two axes: one pass over each image, compiled by numba.

The NumPy kernels go over the whole array once for each place of a window. The compiled ones do the
same to each window while it is in the cache, in the same order: the results are the same bit for
bit. Images are shared among threads.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from types import ModuleType
from typing import Any

import numpy as np

from minitf.kernels.attaching import by_numpy, room
from minitf.kernels.convolution import Axes, two_axes
from minitf.kernels.fused import can_compile
from minitf.kernels.threads import share
from minitf.ops import pool
from minitf.ops.windows import counts, slide

ENOUGH = 2**18  # numbers in the large array
CHANNELS = 8  # fewer are too short for loops over them
PART = 2**17  # numbers of one part of the work
APART = 32  # numbers between the scratch of two threads: no cache line may belong to both


def _loops(shape: tuple[int, ...], axes: Axes, *arrays: Any) -> ModuleType | None:
    """Return the compiled loops, if they know this kind of pooling and pay."""
    plain = len(axes) < 3 and all(a.dtype == np.float32 for a in arrays)
    pays = math.prod(shape) >= ENOUGH and shape[-1] >= CHANNELS
    if not (plain and pays and can_compile()):
        return None
    from minitf.kernels import pool_loops  # imports numba

    return pool_loops


def _run(loop: Callable[..., Any], axes: Axes, *arrays: Any, scratch: bool = False,
         shares: bool = False) -> None:  # fmt: skip
    """Call a loop on some images at a time."""
    how = tuple((a.window, a.stride, a.dilation, a.before) for a in two_axes(axes))
    images = [as_images(a) for a in arrays]
    batch = len(images[0])
    each = max(1, PART // max(a[0].size for a in images))
    more = []
    if shares:
        cells = pool.shares(axes, np.float32)
        more = [cells.reshape(-1, cells.shape[-2])]

    def run(i: int) -> None:
        own = [np.empty(images[0].shape[-1] + APART, np.float32)] if scratch else more
        loop(i * each, min((i + 1) * each, batch), *images, *own, how)

    share(run, -(-batch // each))


def as_images(x: Any) -> Any:
    """Return a contiguous array with four axes: a sequence is an image of one row."""
    x = np.ascontiguousarray(x)
    return x if x.ndim == 4 else x[:, None]


def _axes(sizes: Any, how: dict[str, Any]) -> Axes:
    return slide(sizes, how["window"], how["strides"], how["dilations"], how["padding"])


@pool.max_pool_.kernel("numba")
def _(x, *, out=None, **how):
    axes = _axes(x.shape[1:-1], how)
    loops = _loops(x.shape, axes, x)
    if loops is None:
        return by_numpy(pool.max_pool_, x, **how)
    y = room(out, (len(x), *counts(axes), x.shape[-1]))
    _run(loops.largest, axes, x, y)
    return y


@pool.max_pool_backprop.kernel("numba")
def _(x, y, dy, *, out=None, **how):
    axes = _axes(x.shape[1:-1], how)
    loops = _loops(x.shape, axes, x, y, dy)
    if loops is None:
        return by_numpy(pool.max_pool_backprop, x, y, dy, **how)
    dx = room(out, x.shape)
    _run(loops.give_to_largest, axes, x, y, dy, dx, scratch=True)
    return dx


@pool.avg_pool_.kernel("numba")
def _(x, *, out=None, **how):
    axes = _axes(x.shape[1:-1], how)
    loops = _loops(x.shape, axes, x)
    if loops is None:
        return by_numpy(pool.avg_pool_, x, **how)
    y = room(out, (len(x), *counts(axes), x.shape[-1]))
    _run(loops.average, axes, x, y, shares=True)
    return y


@pool.avg_pool_backprop.kernel("numba")
def _(dy, *, sizes, out=None, **how):
    axes = _axes(sizes, how)
    shape = (len(dy), *sizes, dy.shape[-1])
    loops = _loops(shape, axes, dy)
    if loops is None:
        return by_numpy(pool.avg_pool_backprop, dy, sizes=sizes, **how)
    dx = room(out, shape)
    _run(loops.give_to_all, axes, dy, dx, shares=True)
    return dx
