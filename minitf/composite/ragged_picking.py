"""Picking rows, and parts of rows: Python's square brackets on ragged tensors.

All comes down to one thing: to count, for each row of the result, from the place of its first value
to that of its last (`ranges`), and to gather the values at these places.
"""

from __future__ import annotations

from typing import Any

from minitf.composite.ragged import RaggedTensor, numbers, positions_of, splits_of
from minitf.dtypes import int64
from minitf.errors import InvalidArgumentError
from minitf.ops.array import expand_dims, stack
from minitf.ops.composed import composed
from minitf.ops.gather import gather
from minitf.ops.math import cast, sign
from minitf.ops.rounding import ceil, maximum, minimum
from minitf.ops.source import zeros_like
from minitf.ops.where import where


def ranges(starts: Any, limits: Any, deltas: Any) -> RaggedTensor:
    """Return, for each start, the numbers from there to its limit; see `tf.ragged.range`."""
    steps = zeros_like(starts + limits + deltas)
    starts, limits, deltas = starts + steps, limits + steps, deltas + steps
    if starts.dtype.is_floating:
        lengths = ceil((limits - starts) / deltas)
    else:
        lengths = (limits - starts + deltas - sign(deltas)) // deltas
    splits = splits_of(cast(maximum(lengths, zeros_like(lengths)), int64))
    rows = RaggedTensor(numbers(splits[-1]), splits)
    row = rows.value_rowids()
    counted = cast(rows.positions(), starts.dtype)
    return rows.with_values(gather(starts, row) + counted * gather(deltas, row))


def pick(values: Any, places: RaggedTensor) -> RaggedTensor:
    """Return rows that are made of the values at some places."""
    return RaggedTensor(take(values, places.values), places.row_splits)


def take(values: Any, indices: Any) -> Any:
    """Return the rows of these numbers, of a Tensor or of a ragged one."""
    if not isinstance(values, RaggedTensor):
        return gather(values, indices)
    starts, limits = gather(values.row_starts(), indices), gather(values.row_limits(), indices)
    return pick(values.values, ranges(starts, limits, cast(1, int64)))


def picked(found: Any, keys: tuple[Any, ...]) -> Any:
    """Return what square brackets say."""
    if not keys:
        return found
    if not isinstance(found, RaggedTensor):
        return found[keys]
    first, *rest = _spelled_out(found, keys)
    if first is None:
        return expand_rows(picked(found, tuple(rest)))
    if isinstance(first, slice):
        return _inside(_rows(found, first), tuple(rest))
    place = positions_of(first)
    start, limit = found.row_starts()[place], found.row_limits()[place]
    return picked(found.values[start:limit], tuple(rest))


def _spelled_out(found: RaggedTensor, keys: tuple[Any, ...]) -> tuple[Any, ...]:
    """Return square brackets with slices in place of ``...``."""
    at = [i for i, key in enumerate(keys) if key is Ellipsis]
    if not at:
        return keys
    given = sum(key is not None for key in keys) - 1
    missing = (slice(None),) * (found.ndim - given)
    return keys[: at[0]] + missing + keys[at[0] + 1 :]


def _rows(found: RaggedTensor, rows: slice) -> RaggedTensor:
    if rows == slice(None):
        return found
    starts, limits = found.row_starts()[rows], found.row_limits()[rows]
    return pick(found.values, ranges(starts, limits, cast(1, int64)))


def _inside(found: RaggedTensor, keys: tuple[Any, ...]) -> RaggedTensor:
    """Return rows to which square brackets have been applied."""
    if not keys:
        return found
    first, *rest = keys
    if first is None:
        return RaggedTensor(_inside(found, tuple(rest)), numbers(found.nrows() + 1))
    if not isinstance(first, slice):
        raise InvalidArgumentError(
            "rows of different lengths cannot be indexed by one number for all: some may be too "
            "short. Take a slice, r[:, :1], or r.to_tensor()[:, 0]"
        )
    cut = found if first == slice(None) else _cut(found, first)
    if not rest:
        return cut
    if isinstance(cut.values, RaggedTensor):
        return cut.with_values(_inside(cut.values, tuple(rest)))
    return cut.with_values(cut.values[(slice(None), *rest)])


def _cut(found: RaggedTensor, part: slice) -> RaggedTensor:
    """Return a part of each row, by Python's rules for slices."""
    step = 1 if part.step is None else int(part.step)
    length = found.row_lengths()
    zero = zeros_like(length)
    low, high = (zero, length) if step > 0 else (zero - 1, length - 1)

    def bound(value: Any, otherwise: Any) -> Any:
        if value is None:
            return otherwise
        place = positions_of(value)
        return minimum(maximum(where(place + zero < 0, place + length, place + zero), low), high)

    start, stop = (low, high) if step > 0 else (high, low)
    start, stop = bound(part.start, start), bound(part.stop, stop)
    begin = found.row_starts()
    return pick(found.values, ranges(begin + start, begin + stop, cast(step, int64)))


def expand_rows(found: Any) -> Any:
    """Return a tensor as the one row of another."""
    if not isinstance(found, RaggedTensor):
        return expand_dims(found, 0)
    return RaggedTensor(found, stack([cast(0, int64), found.nrows()]))


@composed
def getitem(ragged: RaggedTensor, key: Any) -> Any:
    """Return a row, some rows, or parts of them: ``r[0]``, ``r[1:]``, ``r[:, :2]``."""
    return picked(ragged, key if isinstance(key, tuple) else (key,))


setattr(RaggedTensor, "__getitem__", getitem)  # noqa: B010  (its class declares another type)
