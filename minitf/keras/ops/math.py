"""`keras.ops`: segments, the largest elements, special functions."""

from __future__ import annotations

from typing import Any

from minitf.dtypes import int32
from minitf.graph.convert import as_tensor
from minitf.keras.ops.promotion import alike_floats, numbers, of_floats
from minitf.ops import error_function, segment, sorting
from minitf.ops.array import expand_dims, known_size
from minitf.ops.filling import range as _range
from minitf.ops.gather import gather
from minitf.ops.math import cast
from minitf.ops.powers import sqrt, square
from minitf.ops.reduction import reduce_max, reduce_sum

__all__ = [
    "cdist", "erf", "erfc", "erfinv", "extract_sequences", "in_top_k", "segment_max",
    "segment_min", "segment_prod", "segment_sum", "top_k"
]  # fmt: skip

erf = of_floats(error_function.erf)
erfc = of_floats(error_function.erfc)
erfinv = of_floats(error_function.erfinv)


def _segmented(op: Any, data: Any, segment_ids: Any, num_segments: Any) -> Any:
    ids = cast(as_tensor(segment_ids), int32)
    count = reduce_max(ids) + 1 if num_segments is None else num_segments
    return op(as_tensor(data), ids, count)


def segment_sum(data: Any, segment_ids: Any, num_segments: int | None = None,
                sorted: bool = False) -> Any:  # fmt: skip
    """Return the sums of the rows of each segment."""
    return _segmented(segment.unsorted_segment_sum, data, segment_ids, num_segments)


def segment_max(data: Any, segment_ids: Any, num_segments: int | None = None,
                sorted: bool = False) -> Any:  # fmt: skip
    """Return the largest elements of the rows of each segment."""
    return _segmented(segment.unsorted_segment_max, data, segment_ids, num_segments)


def segment_min(data: Any, segment_ids: Any, num_segments: int | None = None,
                sorted: bool = False) -> Any:  # fmt: skip
    """Return the smallest elements of the rows of each segment."""
    return _segmented(segment.unsorted_segment_min, data, segment_ids, num_segments)


def segment_prod(data: Any, segment_ids: Any, num_segments: int | None = None,
                 sorted: bool = False) -> Any:  # fmt: skip
    """Return the products of the rows of each segment."""
    return _segmented(segment.unsorted_segment_prod, data, segment_ids, num_segments)


def top_k(x: Any, k: int, sorted: bool = True) -> Any:
    """Return the k largest elements along the last axis, and their indices."""
    return sorting.top_k(x, k, sorted)


def in_top_k(targets: Any, predictions: Any, k: int) -> Any:
    """Return whether the targets are among the k best predictions."""
    return sorting.in_top_k(targets, predictions, k)


def cdist(x: Any, y: Any) -> Any:
    """Return the distances of all rows of x from all rows of y."""
    x, y = alike_floats(x, y)
    return sqrt(reduce_sum(square(expand_dims(x, -2) - expand_dims(y, -3)), -1))


def extract_sequences(x: Any, sequence_length: int, sequence_stride: int) -> Any:
    """Return the sequences of one length along the last axis that begin every few steps."""
    x = numbers(x)
    count = (known_size(x, -1) - sequence_length) // sequence_stride + 1
    starts = _range(count) * sequence_stride
    return gather(x, expand_dims(starts, 1) + _range(sequence_length), axis=-1)
