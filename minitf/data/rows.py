"""Ragged and sparse tensors as leaves of elements, taken apart into rows and joined to batches."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Any

import numpy as np

from minitf.composite.ragged import RaggedTensor, RaggedTensorSpec
from minitf.composite.ragged_making import stack
from minitf.composite.sparse import SparseTensor, SparseTensorSpec
from minitf.composite.sparse_places import concat, expand_dims
from minitf.errors import GraphError
from minitf.graph.composite import Composite
from minitf.graph.spec import TensorSpec


class Row(np.ndarray[Any, Any]):
    """An array that was a row of a ragged tensor: a batch of such arrays is ragged again."""


class RowSpec(TensorSpec):
    """The spec of a `Row`."""


def as_leaf(composite: Composite) -> Composite:
    """Return a composite that has values already; elements do not travel through graphs."""
    if any(part.operation is not None for part in composite.components()):
        raise GraphError("a ragged or sparse tensor of a graph has no values yet")
    return composite


def rows_of(composite: Any) -> Iterator[Any]:
    """Yield the entries of the first axis."""
    if isinstance(composite, SparseTensor):
        return _sparse_rows(composite)
    if isinstance(composite.values, RaggedTensor):
        return iter(composite)
    values, splits = composite.values.array, composite.row_splits.array
    return (values[a:b].view(Row) for a, b in pairwise(splits))


def _sparse_rows(x: SparseTensor) -> Iterator[SparseTensor]:
    indices, values = x.indices.array, x.values.array
    for i in range(x.shape[0] or 0):
        here = indices[:, 0] == i
        yield SparseTensor(indices[here, 1:], values[here], x.dense_shape[1:])


def joined(parts: Sequence[Any]) -> Any:
    """Return composites, or rows, as one with a new first axis."""
    if isinstance(parts[0], SparseTensor):
        return concat(0, [expand_dims(part, 0) for part in parts])
    if isinstance(parts[0], RaggedTensor):
        return stack(parts)
    return RaggedTensor.from_row_lengths(np.concatenate(parts), [len(part) for part in parts])


def spec_with_axis(spec: Any, size: int | None) -> Any:
    """Return the spec of a composite, or of rows, with a new first axis."""
    if isinstance(spec, SparseTensorSpec):
        return SparseTensorSpec([size, *spec.shape], spec.dtype)
    deeper = spec.ragged_rank + 1 if isinstance(spec, RaggedTensorSpec) else 1
    return RaggedTensorSpec([size, *spec.shape], spec.dtype, deeper)


def spec_without_axis(spec: Any) -> Any:
    """Return the spec of the rows of a composite."""
    if isinstance(spec, SparseTensorSpec):
        return SparseTensorSpec(spec.shape[1:], spec.dtype)
    if spec.ragged_rank > 1:
        return RaggedTensorSpec(spec.shape[1:], spec.dtype, spec.ragged_rank - 1)
    return RowSpec(spec.shape[1:], spec.dtype)


def spec_of_composite(composite: Any) -> Any:
    """Return the spec of a ragged or sparse tensor."""
    if isinstance(composite, SparseTensor):
        return SparseTensorSpec(composite.shape, composite.dtype)
    return RaggedTensorSpec(composite.shape, composite.dtype, composite.ragged_rank)
