"""Parts of arrays: indexing, splitting, joining.

Where the elements of a part lie is known already: NumPy answers ``x[1, ::-1]`` with a view, whose
strides and first element say it. So the op's NumPy kernel is asked, with an array in the place of x
that has its shape and that nobody ever reads, and the GPU copies from there (or, for the
derivative, to there).
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from minitf.graph.registry import OPS
from minitf.graph.spec import normalize_axis
from minitf.kernels.cuda.elementwise import result_specs
from minitf.kernels.cuda.launch import cuda_kernel, empty, view
from minitf.kernels.cuda.layout import row_major
from minitf.kernels.cuda.moves import copied, filled, put


class Part(NamedTuple):
    """Where the elements of a part of an array lie."""

    shape: Any
    strides: Any
    start: int


def locate(op: str, shape: Any, attributes: dict[str, Any]) -> Any:
    """Return the part (or a tuple of parts) that an op takes of an array of some shape."""
    kernel = OPS[op].kernels["numpy"]
    whole = np.empty(shape, np.int8)  # one byte each, so that strides in bytes count elements
    taken = kernel(whole, **attributes)
    parts = taken if isinstance(taken, tuple) else (taken,)
    if all(isinstance(part, np.ndarray) for part in parts):
        found = tuple(_part(view, whole) for view in parts)
    else:  # NumPy returns single elements by value: let each element be its own number
        numbered = kernel(np.arange(whole.size).reshape(shape), **attributes)
        found = tuple(Part((), (), int(n)) for n in np.ravel(numbered))
    return found if isinstance(taken, tuple) else found[0]


def _part(view: Any, whole: Any) -> Part:
    first, base = (a.__array_interface__["data"][0] for a in (view, whole))
    return Part(view.shape, view.strides, first - base if view.size else 0)


def taking(op: str) -> None:
    """Give its kernel to an op that takes parts of its input."""

    @cuda_kernel(op)
    def kernel(x: Any, **attributes: Any) -> Any:
        found = locate(op, x.shape, attributes)
        if isinstance(found, Part):
            return copied(x, *found)
        return tuple(copied(x, *part) for part in found)


for op in ("getitem", "slice", "split", "unstack"):
    taking(op)


@cuda_kernel("getitem_backprop")
def _(dy, *, shape, key):
    out = filled(shape, dy.dtype, 0)
    part = locate("getitem", shape, {"key": key})
    put(dy, out, part.strides, part.start)
    return out


@cuda_kernel("slice_backprop")
def _(dy, *, shape, begin):
    out = filled(shape, dy.dtype, 0)
    part = locate("slice", shape, {"begin": begin, "size": tuple(dy.shape)})
    put(dy, out, part.strides, part.start)
    return out


@cuda_kernel("concat")
def _(*values, axis):
    (spec,) = result_specs("concat", values, {"axis": axis})
    out = empty(spec.shape, values[0].dtype)
    strides, start = row_major(out.shape), 0
    at = normalize_axis(axis, out.ndim)
    for value in values:
        put(value, out, strides, start)
        start += value.shape[at] * strides[at]
    return out


@cuda_kernel("stack")
def _(*values, axis):
    (spec,) = result_specs("stack", values, {"axis": axis})
    at = normalize_axis(axis, len(spec.shape))
    wide = [view(v, (*v.shape[:at], 1, *v.shape[at:])) for v in values]
    kernel = OPS["concat"].find_kernel(("cuda",))
    assert kernel is not None
    return kernel(*wide, axis=at)
