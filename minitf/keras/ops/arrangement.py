"""`keras.ops`: the same numbers in another order, or some of them, under NumPy's names."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from minitf.dtypes import bool_, int32, uint8
from minitf.errors import InvalidArgumentError
from minitf.graph.convert import as_tensor
from minitf.graph.spec import normalize_axis
from minitf.keras.ops.promotion import alike, numbers
from minitf.ops import array as arrays
from minitf.ops import diagonal as diagonals
from minitf.ops import rearrange, sorting, source
from minitf.ops.array import known_size
from minitf.ops.broadcasting import broadcast_to as _broadcast_to
from minitf.ops.filling import range as range_
from minitf.ops.gather import gather
from minitf.ops.index import getitem
from minitf.ops.math import cast
from minitf.ops.reduction import reduce_sum
from minitf.ops.segment import unsorted_segment_min
from minitf.ops.where import where as _where

__all__ = [
    "append", "argpartition", "argsort", "array_split", "broadcast_to", "concatenate", "diag",
    "diagflat", "diagonal", "diff", "digitize", "dsplit", "dstack", "expand_dims", "flip",
    "fliplr", "flipud", "get_item", "hsplit", "hstack", "moveaxis", "ndim", "nonzero", "pad",
    "ravel", "repeat", "reshape", "roll", "rot90", "searchsorted", "select", "size", "sort",
    "split", "squeeze", "stack", "swapaxes", "take", "take_along_axis", "tile", "trace",
    "transpose", "unique", "unravel_index", "unstack", "vsplit", "vstack", "where"
]  # fmt: skip

# -- shapes -----------------------------------------------------------------------------------


def reshape(x: Any, newshape: Any) -> Any:
    """Return the elements, row by row, in another shape; one size may be -1."""
    return arrays.reshape(x, [newshape] if isinstance(newshape, int) else newshape)


def ravel(x: Any) -> Any:
    """Return the elements, row by row, along one axis."""
    return arrays.reshape(x, [-1])


def expand_dims(x: Any, axis: Any) -> Any:
    """Return x with new axes of size 1 at these places of the result."""
    if isinstance(axis, int):
        return arrays.expand_dims(x, axis)
    x = as_tensor(x)
    rank = len(x.shape) + len(axis)
    for at in sorted(normalize_axis(a, rank) for a in axis):
        x = arrays.expand_dims(x, at)
    return x


def squeeze(x: Any, axis: Any = None) -> Any:
    """Return x without axes of size 1: all, or some."""
    return arrays.squeeze(x, axis)


def transpose(x: Any, axes: Any = None) -> Any:
    """Return x with its axes in another order; reversed by default."""
    return arrays.transpose(x, axes)


def swapaxes(x: Any, axis1: int, axis2: int) -> Any:
    """Return x with two axes exchanged."""
    x = as_tensor(x)
    order = list(range(len(x.shape)))
    order[axis1], order[axis2] = order[axis2], order[axis1]
    return arrays.transpose(x, order)


def moveaxis(x: Any, source: Any, destination: Any) -> Any:
    """Return x with axes moved to other places, the others in their old order."""
    x = as_tensor(x)
    old, new = (
        [normalize_axis(a, len(x.shape)) for a in ([v] if isinstance(v, int) else v)]
        for v in (source, destination)
    )
    order = [a for a in range(len(x.shape)) if a not in old]
    for to, at in sorted(zip(new, old, strict=True)):
        order.insert(to, at)
    return arrays.transpose(x, order)


def broadcast_to(x: Any, shape: Any) -> Any:
    """Return x, repeated along axes of size 1, in another shape."""
    return _broadcast_to(x, shape)


def ndim(x: Any) -> int:
    """Return the number of axes."""
    return len(as_tensor(x).shape)


def size(x: Any) -> Any:
    """Return the number of elements."""
    return source.size(as_tensor(x))


# -- together and apart -----------------------------------------------------------------------


def concatenate(xs: Sequence[Any], axis: int = 0) -> Any:
    """Return tensors one behind the other along an axis."""
    return arrays.concat(alike(*xs), axis)


def stack(x: Sequence[Any], axis: int = 0) -> Any:
    """Return tensors of one shape along a new axis."""
    return arrays.stack(alike(*x), axis)


def _of_rank(x: Any, rank: int) -> Any:
    x = as_tensor(x)
    if rank == 3 and len(x.shape) < 3:
        return arrays.expand_dims(_of_rank(x, 2), 2)
    while len(x.shape) < rank:
        x = arrays.expand_dims(x, 0)
    return x


def hstack(xs: Sequence[Any]) -> Any:
    """Return tensors side by side: along their second axis, or their only one."""
    parts = [_of_rank(x, 1) for x in xs]
    return concatenate(parts, 0 if len(parts[0].shape) == 1 else 1)


def vstack(xs: Sequence[Any]) -> Any:
    """Return tensors one below the other: along their first axis; vectors are rows."""
    return concatenate([_of_rank(x, 2) for x in xs], 0)


def dstack(xs: Sequence[Any]) -> Any:
    """Return tensors one behind the other: along their third axis."""
    return concatenate([_of_rank(x, 3) for x in xs], 2)


def append(x1: Any, x2: Any, axis: int | None = None) -> Any:
    """Return x2 behind x1, along an axis or row by row."""
    parts = [x1, x2] if axis is not None else [ravel(x1), ravel(x2)]
    return concatenate(parts, axis or 0)


def split(x: Any, indices_or_sections: Any, axis: int = 0) -> Any:
    """Return equal parts along an axis, or those between some indices."""
    if isinstance(indices_or_sections, int):
        return arrays.split(x, indices_or_sections, axis)
    x = as_tensor(x)
    cuts = [0, *np.asarray(indices_or_sections).tolist(), x.shape[axis]]
    return arrays.split(x, list(np.diff(cuts)), axis)


def array_split(x: Any, indices_or_sections: Any, axis: int = 0) -> Any:
    """Return parts along an axis whose sizes differ by one at most."""
    if not isinstance(indices_or_sections, int):
        return split(x, indices_or_sections, axis)
    x = as_tensor(x)
    each, longer = divmod(int(x.shape[axis]), indices_or_sections)
    sizes = [each + (i < longer) for i in range(indices_or_sections)]
    return arrays.split(x, sizes, axis)


def hsplit(x: Any, indices_or_sections: Any) -> Any:
    """Return parts along the second axis, or the only one."""
    return split(x, indices_or_sections, 0 if ndim(x) == 1 else 1)


def vsplit(x: Any, indices_or_sections: Any) -> Any:
    """Return parts along the first axis."""
    return split(x, indices_or_sections, 0)


def dsplit(x: Any, indices_or_sections: Any) -> Any:
    """Return parts along the third axis."""
    return split(x, indices_or_sections, 2)


def unstack(x: Any, num: int | None = None, axis: int = 0) -> Any:
    """Return the entries along an axis as a list."""
    return arrays.unstack(x, num, axis)


# -- repeated and moved -----------------------------------------------------------------------


def tile(x: Any, repeats: Any) -> Any:
    """Return x repeated as a whole along its axes."""
    x = as_tensor(x)
    times = [repeats] if isinstance(repeats, int) else list(repeats)
    x = _of_leading(x, len(times))
    return rearrange.tile(x, [1] * (len(x.shape) - len(times)) + times)


def _of_leading(x: Any, rank: int) -> Any:
    while len(x.shape) < rank:
        x = arrays.expand_dims(x, 0)
    return x


def repeat(x: Any, repeats: Any, axis: int | None = None) -> Any:
    """Return every entry along an axis several times in a row."""
    return rearrange.repeat(x, repeats, axis)


def roll(x: Any, shift: Any, axis: Any = None) -> Any:
    """Return x shifted along axes; what leaves at the end comes in at the beginning."""
    x = as_tensor(x)
    if axis is None:
        return in_shape_of(rearrange.roll(ravel(x), shift, 0), x)
    return rearrange.roll(x, shift, axis)


def in_shape_of(x: Any, like: Any) -> Any:
    """Return x in the shape of another tensor."""
    return arrays.reshape(x, [known_size(like, a) for a in range(len(like.shape))])


def flip(x: Any, axis: Any = None) -> Any:
    """Return x with the order along axes reversed; along all by default."""
    x = as_tensor(x)
    axes = range(len(x.shape)) if axis is None else [axis] if isinstance(axis, int) else axis
    return rearrange.reverse(x, list(axes))


def fliplr(x: Any) -> Any:
    """Return x with the order along the second axis reversed."""
    return flip(x, 1)


def flipud(x: Any) -> Any:
    """Return x with the order along the first axis reversed."""
    return flip(x, 0)


def rot90(array: Any, k: int = 1, axes: Any = (0, 1)) -> Any:
    """Return x turned k times by 90 degrees, from the first of two axes towards the second."""
    x, (first, second) = as_tensor(array), axes
    if k % 4 == 2:
        return flip(x, [first, second])
    if k % 4 == 1:
        return swapaxes(flip(x, second), first, second)
    return flip(swapaxes(x, first, second), second) if k % 4 == 3 else x


def pad(x: Any, pad_width: Any, mode: str = "constant", constant_values: Any = None) -> Any:
    """Return x with a border; `mode` is "constant", "reflect" or "symmetric"."""
    x = as_tensor(x)
    widths = np.broadcast_to(np.asarray(pad_width), (len(x.shape), 2)).tolist()
    return rearrange.pad(x, widths, mode.upper(), 0 if constant_values is None else constant_values)


# -- some of them -----------------------------------------------------------------------------


def get_item(x: Any, key: Any) -> Any:
    """Return x[key]."""
    return getitem(as_tensor(x), key)


def take(x: Any, indices: Any, axis: int | None = None) -> Any:
    """Return entries along an axis by number; numbers below 0 count from the end."""
    x, indices = as_tensor(x), as_tensor(indices)
    if axis is None:
        x, axis = ravel(x), 0
    indices = indices if indices.dtype.is_integer else cast(indices, int32)
    return gather(x, _from_front(indices, x, axis), axis=axis)


def _from_front(indices: Any, x: Any, axis: int) -> Any:
    if indices.dtype.name.startswith("u"):
        return indices
    count = cast(known_size(x, axis), indices.dtype)
    return _where(indices < 0, indices + count, indices)


def take_along_axis(x: Any, indices: Any, axis: int | None = None) -> Any:
    """Return entries along an axis by number, each vector by numbers of its own."""
    x, indices = as_tensor(x), as_tensor(indices)
    if axis is None:
        x, axis = ravel(x), 0
    last = len(x.shape) - 1
    at = normalize_axis(axis, last + 1)
    x, indices = moveaxis(x, at, last), moveaxis(_from_front(indices, x, at), at, last)
    lead = [known_size(x if n == 1 else indices, i) for i, n in enumerate(indices.shape[:-1])]
    x = _broadcast_to(x, [*lead, known_size(x, last)])
    indices = _broadcast_to(indices, [*lead, known_size(indices, last)])
    return moveaxis(gather(x, indices, batch_dims=last), last, at)


def where(condition: Any, x1: Any = None, x2: Any = None) -> Any:
    """Return x1 where a condition holds, else x2; alone, the indices where it holds, per axis."""
    condition = cast(as_tensor(condition), bool_)
    if x1 is None and x2 is None:
        return nonzero(condition)
    return _where(condition, *alike(x1, x2))


def nonzero(x: Any) -> Any:
    """Return the indices of the elements that are not 0, a tensor for each axis."""
    x = as_tensor(x)
    found = cast(_where(cast(x, bool_)), int32)
    return tuple(arrays.unstack(found, len(x.shape), 1))


def select(condlist: Sequence[Any], choicelist: Sequence[Any], default: Any = 0) -> Any:
    """Return, elementwise, the choice of the first condition that holds."""
    if len(condlist) != len(choicelist):
        raise InvalidArgumentError(f"select: {len(condlist)} conditions, {len(choicelist)} choices")
    found = default
    for condition, choice in list(zip(condlist, choicelist, strict=True))[::-1]:
        found = where(condition, choice, found)
    return found


def diff(a: Any, n: int = 1, axis: int = -1) -> Any:
    """Return the differences of neighbours along an axis, n times over."""
    a = numbers(a)
    at = normalize_axis(axis, len(a.shape))
    for _ in range(n):
        lead = (slice(None),) * at
        a = a[(*lead, slice(1, None))] - a[(*lead, slice(None, -1))]
    return a


# -- diagonals --------------------------------------------------------------------------------


def diag(x: Any, k: int = 0) -> Any:
    """Return a matrix with x on its k-th diagonal; of a matrix, that diagonal."""
    x = as_tensor(x)
    return diagonals.diag(x, k=k) if len(x.shape) == 1 else diagonal(x, k)


def diagflat(x: Any, k: int = 0) -> Any:
    """Return a matrix with the elements of x on its k-th diagonal."""
    return diagonals.diag(ravel(x), k=k)


def diagonal(x: Any, offset: int = 0, axis1: int = 0, axis2: int = 1) -> Any:
    """Return the diagonals of the matrices that two axes span."""
    x = moveaxis(as_tensor(x), (axis1, axis2), (-2, -1))
    rows, columns = x.shape[-2:]
    count = max(0, min(rows + min(offset, 0), columns - max(offset, 0)))
    part = x[..., max(-offset, 0) :, max(offset, 0) :][..., :count, :count]
    return diagonals.diag_part(part)


def trace(x: Any, offset: int = 0, axis1: int = 0, axis2: int = 1) -> Any:
    """Return the sums of the diagonals."""
    return reduce_sum(diagonal(x, offset, axis1, axis2), -1)


# -- order ------------------------------------------------------------------------------------


def sort(x: Any, axis: Any = -1) -> Any:
    """Return the elements along an axis in increasing order."""
    x = as_tensor(x)
    found = sorting.sort(_ordered(ravel(x) if axis is None else x), 0 if axis is None else axis)
    return cast(found, x.dtype)


def argsort(x: Any, axis: Any = -1) -> Any:
    """Return the indices that sort the elements along an axis."""
    x = as_tensor(x)
    return sorting.argsort(_ordered(ravel(x) if axis is None else x), 0 if axis is None else axis)


def _ordered(x: Any) -> Any:
    return cast(x, uint8) if x.dtype.is_bool else x


def argpartition(x: Any, kth: int, axis: int = -1) -> Any:
    """Return indices by which the kth element stands where sorting would put it."""
    return argsort(x, axis)


def searchsorted(sorted_sequence: Any, values: Any, side: str = "left") -> Any:
    """Return where values are to be put into a sorted vector so that it stays sorted."""
    sequence, values = alike(sorted_sequence, values)
    found = sorting.searchsorted(sequence, ravel(values), side=side)
    return in_shape_of(found, values)


def digitize(x: Any, bins: Any) -> Any:
    """Return the numbers of the bins, given by their boundaries, that numbers fall into."""
    bins, x = alike(bins, x)
    return searchsorted(bins, x, side="right")


def unravel_index(indices: Any, shape: Any) -> Any:
    """Return the indices per axis of elements that are numbered row by row."""
    rest, found = as_tensor(indices), []
    for n in reversed(tuple(shape)):
        found.append(rest % n)
        rest = rest // n
    return tuple(found[::-1])


def unique(x: Any, sorted: bool = True, return_index: bool = False, return_inverse: bool = False,
           return_counts: bool = False) -> Any:  # fmt: skip
    """Return the different elements, in increasing order.

    If asked for: where each comes first, which of them each element is, how often each occurs.
    """
    found, which, counts = sorting.unique_with_counts(ravel(x))
    if sorted:
        order = argsort(found)
        found, counts = gather(found, order), gather(counts, order)
        which = gather(argsort(order), which)
    first = unsorted_segment_min(range_(known_size(which, 0)), which, known_size(found, 0))
    asked = [(return_index, first), (return_inverse, arrays.reshape(which, source.shape(x))),
             (return_counts, counts)]  # fmt: skip
    more = [value for wanted, value in asked if wanted]
    return (found, *more) if more else found
