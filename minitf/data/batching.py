"""Transformations that join elements, or take them apart."""

from __future__ import annotations

from collections.abc import Iterator as PythonIterator
from itertools import islice
from typing import Any

import numpy as np

from minitf.data.element import (
    Array,
    DatasetSpec,
    Element,
    check_lengths,
    map_leaves,
    rows,
    side_by_side,
    spec_of,
    spread_over,
    stack,
    stack_arrays,
    with_axis,
    without_axis,
)
from minitf.data.pipeline import UNKNOWN_CARDINALITY, Origin, Pipeline, whole
from minitf.data.rows import RowSpec, joined
from minitf.dtypes import int64
from minitf.errors import Error, InvalidArgumentError, ShapeError
from minitf.graph.convert import plain
from minitf.graph.spec import TensorSpec
from minitf.ops.composed import composed


class Batching(Pipeline):
    """What a dataset can do with groups of elements."""

    @composed
    def batch(
        self,
        batch_size: Any,
        drop_remainder: bool = False,
        num_parallel_calls: Any = None,
        deterministic: bool | None = None,
        name: str | None = None,
    ) -> Any:
        """Join elements of one shape: each leaf gets a new first axis.

        Parameters
        ----------
        batch_size : int
            How many make one.
        drop_remainder : bool
            Whether to leave out a last batch that is smaller.
        num_parallel_calls, deterministic, name : optional
            Accepted as in TensorFlow.

        Returns
        -------
        Dataset

        Examples
        --------
        >>> import minitf as tf
        >>> [b.numpy().tolist() for b in tf.data.Dataset.range(5).batch(2)]
        [[0, 1], [2, 3], [4]]
        """
        origin, size = Origin.here("batch"), whole(batch_size, "batch_size", 1)
        drop = bool(drop_remainder)

        def start() -> PythonIterator[Element]:
            return (_joined(group, origin) for group in groups(self.elements(), size, drop))

        def spec() -> Any:
            return with_axis(self.element_spec, size if drop else None)

        return self.derived(start, spec, _count(self._size, size, drop), origin)

    @composed
    def ragged_batch(
        self,
        batch_size: Any,
        drop_remainder: bool = False,
        row_splits_dtype: Any = int64,
        name: str | None = None,
    ) -> Any:
        """Join elements whose first sizes differ to ragged tensors.

        Parameters
        ----------
        batch_size : int
            How many make one.
        drop_remainder : bool
            Whether to leave out a last batch that is smaller.
        row_splits_dtype, name : optional
            Accepted as in TensorFlow.

        Returns
        -------
        Dataset

        Examples
        --------
        >>> import minitf as tf
        >>> ds = tf.data.Dataset.range(1, 4).map(lambda n: tf.range(n))
        >>> next(iter(ds.ragged_batch(3)))
        <tf.RaggedTensor [[0], [0, 1], [0, 1, 2]]>
        """
        origin, size = Origin.here("ragged_batch"), whole(batch_size, "batch_size", 1)
        drop = bool(drop_remainder)

        def start() -> PythonIterator[Element]:
            return (_joined(group, origin, ragged_arrays)
                    for group in groups(self.elements(), size, drop))  # fmt: skip

        def spec() -> Any:
            return with_axis(map_leaves(row_spec, self.element_spec), size if drop else None)

        return self.derived(start, spec, _count(self._size, size, drop), origin)

    @composed
    def padded_batch(
        self,
        batch_size: Any,
        padded_shapes: Any = None,
        padding_values: Any = None,
        drop_remainder: bool = False,
        name: str | None = None,
    ) -> Any:
        """Join elements of different sizes, filled up to the largest of their batch.

        Parameters
        ----------
        batch_size : int
            How many make one.
        padded_shapes : nested structure of shapes, optional
            Sizes to fill up to, for each leaf; None (or -1) stands for the largest of the batch.
        padding_values : number, or nested structure of numbers, optional
            What to fill up with: zeros (False, empty strings) unless given.
        drop_remainder : bool
            Whether to leave out a last batch that is smaller.
        name : str, optional
            Accepted as in TensorFlow.

        Returns
        -------
        Dataset

        Examples
        --------
        >>> import minitf as tf
        >>> ds = tf.data.Dataset.range(1, 4).map(lambda n: tf.fill([n], n))
        >>> next(iter(ds.padded_batch(3))).numpy().tolist()
        [[1, 0, 0], [2, 2, 0], [3, 3, 3]]
        """
        origin, size = Origin.here("padded_batch"), whole(batch_size, "batch_size", 1)
        drop = bool(drop_remainder)

        def start() -> PythonIterator[Element]:
            for group in groups(self.elements(), size, drop):
                sizes = spread_over(group[0], padded_shapes)
                values = spread_over(group[0], padding_values)
                yield _joined([*group, sizes, values], origin, pad_arrays)

        def spec() -> Any:
            def padded(leaf: TensorSpec, sizes: Any) -> TensorSpec:
                known = leaf.shape if sizes is None else _sizes(sizes, leaf.ndim)
                return TensorSpec((size if drop else None, *known), leaf.dtype)

            sizes = spread_over(self.element_spec, padded_shapes)
            return map_leaves(padded, self.element_spec, sizes)

        return self.derived(start, spec, _count(self._size, size, drop), origin)

    @composed
    def unbatch(self, name: str | None = None) -> Any:
        """Take elements apart along their first axis.

        Parameters
        ----------
        name : str, optional
            Accepted as in TensorFlow.

        Returns
        -------
        Dataset

        Examples
        --------
        >>> import minitf as tf
        >>> [int(x) for x in tf.data.Dataset.from_tensors([1, 2, 3]).unbatch()]
        [1, 2, 3]
        """
        origin = Origin.here("unbatch")

        def start() -> PythonIterator[Element]:
            for element in self.elements():
                _check_lengths(element, origin)
                yield from side_by_side(element, rows)

        return self.derived(
            start, lambda: without_axis(self.element_spec), UNKNOWN_CARDINALITY, origin
        )

    @composed
    def rebatch(
        self, batch_size: Any, drop_remainder: bool = False, name: str | None = None
    ) -> Any:
        """Make batches of another size out of batches.

        Parameters
        ----------
        batch_size, drop_remainder, name
            As for `batch`.

        Returns
        -------
        Dataset

        Examples
        --------
        >>> import minitf as tf
        >>> [b.numpy().tolist() for b in tf.data.Dataset.range(5).batch(2).rebatch(3)]
        [[0, 1, 2], [3, 4]]
        """
        return self.unbatch().batch(batch_size, drop_remainder)

    @composed
    def window(
        self,
        size: Any,
        shift: Any = None,
        stride: Any = 1,
        drop_remainder: bool = False,
        name: str | None = None,
    ) -> Any:
        """Group elements into windows, which may overlap.

        Parameters
        ----------
        size : int
            Elements in a window.
        shift : int, optional
            From the beginning of a window to that of the next; `size` by default.
        stride : int
            From an element of a window to the next one.
        drop_remainder : bool
            Whether to leave out the last windows, which are smaller.
        name : str, optional
            Accepted as in TensorFlow.

        Returns
        -------
        Dataset
            Its elements have datasets as leaves; ``flat_map(lambda w: w.batch(size))`` makes
            tensors of them.

        Examples
        --------
        >>> import minitf as tf
        >>> ds = tf.data.Dataset.range(5).window(3, shift=1, drop_remainder=True)
        >>> [[int(x) for x in window] for window in ds]
        [[0, 1, 2], [1, 2, 3], [2, 3, 4]]
        """
        origin, size = Origin.here("window"), whole(size, "size", 1)
        shift = whole(size if shift is None else shift, "shift", 1)
        stride, drop = whole(stride, "stride", 1), bool(drop_remainder)

        def as_dataset(*column: Any) -> Any:
            return self.derived(lambda: iter(column), spec_of(column[0]), len(column), origin)

        def start() -> PythonIterator[Element]:
            for group in windows(self.elements(), size, shift, stride, drop):
                yield map_leaves(as_dataset, *group)

        def spec() -> Any:
            return map_leaves(DatasetSpec, self.element_spec)

        count = _windows(self._size, (size - 1) * stride + 1, shift, drop)
        return self.derived(start, spec, count, origin)


# -- details ----------------------------------------------------------------------------------


def groups(
    elements: PythonIterator[Element], size: int, drop: bool
) -> PythonIterator[list[Element]]:
    """Yield lists of `size` elements; the last may be shorter, unless it is dropped."""
    while group := list(islice(elements, size)):
        if len(group) == size or not drop:
            yield group


def windows(
    elements: PythonIterator[Element], size: int, shift: int, stride: int, drop: bool
) -> PythonIterator[list[Element]]:
    """Yield lists of every `stride`-th element, each beginning `shift` after the last one."""
    held = list(islice(elements, (size - 1) * stride + 1))
    while held:
        window = held[::stride]
        if len(window) == size or not drop:
            yield window
        held = (held + list(islice(elements, shift)))[shift:]


def _joined(parts: list[Any], origin: Origin, combine: Any = stack_arrays) -> Element:
    try:
        return stack(parts, combine)
    except Error as error:
        raise origin.located(error) from error.__cause__


def ragged_arrays(*arrays: Any) -> Any:
    """Return arrays of different lengths as a ragged tensor; single numbers as an array."""
    scalar = isinstance(arrays[0], np.ndarray) and not arrays[0].ndim
    return stack_arrays(*arrays) if scalar else joined(arrays)


def row_spec(spec: Any) -> Any:
    """Return the spec of a leaf that is to become a row."""
    return RowSpec(spec.shape, spec.dtype) if isinstance(spec, TensorSpec) and spec.shape else spec


def pad_arrays(*parts: Any) -> Array:
    """Return arrays as one, each filled up; the last two parts are the sizes and the filling."""
    *arrays, sizes, value = parts
    first = arrays[0]
    if any(a.ndim != first.ndim or a.dtype != first.dtype for a in arrays):
        shown = sorted({f"{a.dtype} of {a.ndim} axes" for a in arrays})
        raise InvalidArgumentError(f"elements must have one dtype and rank, got {shown}")
    largest = np.max([a.shape for a in arrays], axis=0).astype(int).tolist()
    wanted = [
        m if n is None else n for n, m in zip(_sizes(sizes, first.ndim), largest, strict=True)
    ]
    if any(m > n for n, m in zip(wanted, largest, strict=True)):
        raise ShapeError(f"an element of shape {tuple(largest)} does not fit into {tuple(wanted)}")
    whole = np.full((len(arrays), *wanted), _filling(value, first.dtype), first.dtype)
    for i, array in enumerate(arrays):
        whole[i, ...][tuple(map(slice, array.shape))] = array
    return whole


def _sizes(sizes: Any, rank: int) -> list[int | None]:
    """Return the sizes that an element is to have, None where the batch decides."""
    if sizes is None:
        return [None] * rank
    found = [None if n is None or n == -1 else int(n) for n in plain(sizes)]
    if len(found) != rank:
        raise ShapeError(f"padded shape {tuple(found)} for elements of {rank} axes")
    return found


def _filling(value: Any, dtype: Any) -> Any:
    if value is not None:
        return np.asarray(value).item()
    return "" if dtype.kind == "O" else dtype.type(0)


def _check_lengths(element: Element, origin: Origin) -> None:
    try:
        check_lengths(element)
    except Error as error:
        raise origin.located(error) from None


def _count(size: int, group: int, drop: bool) -> int:
    """Return the number of groups, if that of the elements is known."""
    return size if size < 0 else size // group if drop else -(-size // group)


def _windows(size: int, span: int, shift: int, drop: bool) -> int:
    if size < 0:
        return size
    return max(0, (size - span) // shift + 1) if drop else -(-size // shift)
