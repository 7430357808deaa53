"""RaggedTensor: rows of different lengths, kept as one Tensor of values and where each row ends.

The rows ``[[3, 1], [], [4, 1, 5]]`` are the values ``[3, 1, 4, 1, 5]`` and the row splits
``[0, 2, 2, 5]``: row i is ``values[splits[i]:splits[i + 1]]``. Where the values are ragged
themselves, rows hold rows. Both are ordinary Tensors, so all that is done here is done by ordinary
ops: it works eagerly and in graphs, and gradients flow through it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import pairwise
from typing import Any, ClassVar

import numpy as np

from minitf.dtypes import DType, as_dtype, float32, int64, string
from minitf.errors import GraphError, InvalidArgumentError
from minitf.graph.composite import Composite, Rule
from minitf.graph.convert import as_tensor
from minitf.graph.spec import TensorShape, TensorSpec, as_shape
from minitf.graph.tensor import Operands, Tensor
from minitf.ops.array import concat, reshape, stack
from minitf.ops.composed import composed
from minitf.ops.cumulative import cumsum
from minitf.ops.filling import fill, sequence_mask
from minitf.ops.filling import range as count_up
from minitf.ops.gather import gather
from minitf.ops.logic import not_equal
from minitf.ops.math import cast
from minitf.ops.operators import install
from minitf.ops.partition import boolean_mask
from minitf.ops.rearrange import repeat
from minitf.ops.reduction import reduce_any, reduce_max
from minitf.ops.rounding import clip_by_value, maximum
from minitf.ops.segment import count_segments, unsorted_segment_sum
from minitf.ops.source import ones_like, shape
from minitf.ops.where import where


class RaggedTensor(Composite, Operands):
    """Rows of different lengths. Made by `tf.ragged.constant` and the methods ``from_...``.

    Elementwise functions and operators work on the values and keep the rows. Reductions,
    `tf.concat`, `tf.stack`, `tf.gather`, `tf.expand_dims` and functions of `tf.strings` have rules
    of their own (`minitf.composite.ragged_rules`). For everything else there are `to_tensor`, which
    fills rows up, and `tf.ragged.map_flat_values`.

    Attributes
    ----------
    values : Tensor or RaggedTensor
        The rows, one after the other.
    row_splits : Tensor
        Where they begin and end: of type int64, one longer than there are rows.

    Examples
    --------
    >>> import minitf as tf
    >>> words = tf.RaggedTensor.from_row_lengths(["to", "be", "or"], row_lengths=[2, 0, 1])
    >>> words
    <tf.RaggedTensor [[b'to', b'be'], [], [b'or']]>
    >>> words[0].numpy().tolist(), words.shape
    ([b'to', b'be'], (3, None))
    """

    __slots__ = ("values", "row_splits", "__weakref__")
    __hash__ = object.__hash__
    rules: ClassVar[dict[str, Rule]] = {}  # written in minitf.composite.ragged_rules
    instead = "write ragged.to_tensor(), or tf.ragged.map_flat_values(function, ragged)"

    def __init__(self, values: Any, row_splits: Any):
        self.values, self.row_splits = values, row_splits

    # -- made of rows -------------------------------------------------------------------------

    @classmethod
    def from_row_splits(
        cls, values: Any, row_splits: Any, name: str | None = None, validate: bool = True
    ) -> RaggedTensor:
        """Return rows that end where the next ones begin: ``[0, 2, 2, 5]`` splits 5 values."""
        values, splits = _as_values(values), positions_of(row_splits)
        if validate and splits.operation is None:
            _check_splits(np.asarray(splits), values)
        return cls(values, splits)

    @classmethod
    def from_row_lengths(
        cls, values: Any, row_lengths: Any, name: str | None = None, validate: bool = True
    ) -> RaggedTensor:
        """Return rows of the given lengths."""
        return cls.from_row_splits(values, splits_of(positions_of(row_lengths)), validate=validate)

    @classmethod
    def from_row_starts(
        cls, values: Any, row_starts: Any, name: str | None = None, validate: bool = True
    ) -> RaggedTensor:
        """Return rows that begin at the given places."""
        values = _as_values(values)
        splits = concat([positions_of(row_starts), count_of(values)[None]], 0)
        return cls.from_row_splits(values, splits, validate=validate)

    @classmethod
    def from_row_limits(
        cls, values: Any, row_limits: Any, name: str | None = None, validate: bool = True
    ) -> RaggedTensor:
        """Return rows that end at the given places."""
        splits = concat([positions_of([0]), positions_of(row_limits)], 0)
        return cls.from_row_splits(values, splits, validate=validate)

    @classmethod
    def from_value_rowids(
        cls, values: Any, value_rowids: Any, nrows: Any = None, name: str | None = None,
        validate: bool = True,
    ) -> RaggedTensor:  # fmt: skip
        """Return rows in which each value has the number of its row; the numbers never fall."""
        ids = positions_of(value_rowids)
        if validate and ids.operation is None and np.any(np.diff(np.asarray(ids)) < 0):
            raise InvalidArgumentError("from_value_rowids: the numbers of rows must not fall, got "
                                       f"{ids.tolist()}")  # fmt: skip
        count = cast(count_segments(ids), int64)  # up to the last row that has a value
        if nrows is not None:
            least, count = count, positions_of(nrows)
            if validate and (count < least).operation is None and count < least:
                raise InvalidArgumentError(f"from_value_rowids: nrows is {int(count)}, but there "
                                           f"is a row number {int(least) - 1}")  # fmt: skip
        lengths = unsorted_segment_sum(ones_like(ids), ids, count)
        return cls.from_row_lengths(values, lengths, validate=validate)

    @classmethod
    def from_uniform_row_length(
        cls, values: Any, uniform_row_length: Any, nrows: Any = None, name: str | None = None,
        validate: bool = True,
    ) -> RaggedTensor:  # fmt: skip
        """Return rows of one length."""
        values, length = _as_values(values), positions_of(uniform_row_length)
        count = count_of(values) // length if nrows is None else positions_of(nrows)
        splits = numbers(count + 1) * length
        return cls.from_row_splits(values, splits, validate=validate)

    @classmethod
    def from_nested_row_splits(cls, flat_values: Any, nested_row_splits: Any,
                               name: str | None = None, validate: bool = True) -> Any:  # fmt: skip
        """Return rows of rows; the splits of the outermost rows come first."""
        for splits in reversed(nested_row_splits):
            flat_values = cls.from_row_splits(flat_values, splits, validate=validate)
        return flat_values

    @classmethod
    def from_nested_row_lengths(cls, flat_values: Any, nested_row_lengths: Any,
                                name: str | None = None, validate: bool = True) -> Any:  # fmt: skip
        """Return rows of rows; the lengths of the outermost rows come first."""
        for lengths in reversed(nested_row_lengths):
            flat_values = cls.from_row_lengths(flat_values, lengths, validate=validate)
        return flat_values

    @classmethod
    @composed
    def from_tensor(cls, tensor: Any, lengths: Any = None, padding: Any = None,
                    ragged_rank: int = 1, name: str | None = None,
                    row_splits_dtype: Any = int64) -> RaggedTensor:  # fmt: skip
        """Return the rows of a Tensor.

        Parameters
        ----------
        tensor : Tensor
            Of at least 2 axes.
        lengths : Tensor, optional
            How much of each row counts.
        padding : number, optional
            What does not count at the end of a row, in place of `lengths`.
        ragged_rank : int
            How many axes become ragged, from the second one on.
        name, row_splits_dtype : optional
            Accepted as in TensorFlow; splits are of type int64.

        Returns
        -------
        RaggedTensor

        Examples
        --------
        >>> import minitf as tf
        >>> tf.RaggedTensor.from_tensor([[5, 7, 0], [0, 3, 0]], padding=0)
        <tf.RaggedTensor [[5, 7], [0, 3]]>
        """
        x = as_tensor(tensor)
        if not 0 < ragged_rank < x.ndim or (lengths is not None and padding is not None):
            raise InvalidArgumentError(
                f"ragged_rank lies in 1 ... {x.ndim - 1} for shape {x.shape}, got {ragged_rank}; "
                "of lengths and padding one may be given"
            )
        sizes = _sizes(x)
        joined = reshape(x, [sizes[0] * sizes[1], *sizes[2:]])
        if ragged_rank > 1:
            inner = cls.from_tensor(joined, lengths, padding, ragged_rank - 1)
            return cls(inner, numbers(sizes[0] + 1) * sizes[1])
        if padding is not None:
            lengths = _lengths_before(x, as_tensor(padding, hint=x.dtype))
        if lengths is None:
            return cls(joined, numbers(sizes[0] + 1) * sizes[1])
        lengths = clip_by_value(positions_of(lengths), cast(0, int64), sizes[1])
        return cls(boolean_mask(x, sequence_mask(lengths, sizes[1])), splits_of(lengths))

    @classmethod
    def from_sparse(cls, st_input: Any, name: str | None = None,
                    row_splits_dtype: Any = int64) -> RaggedTensor:  # fmt: skip
        """Return the elements of a sparse matrix that are there; they must begin its rows."""
        ids = st_input.indices[:, 0]
        found = cls.from_value_rowids(st_input.values, ids, st_input.dense_shape[0])
        columns = st_input.indices[:, 1]
        if columns.operation is None and reduce_any(columns != found.positions()):
            raise InvalidArgumentError("from_sparse: a ragged tensor has no holes, but elements "
                                       "are missing before others in a row")  # fmt: skip
        return found

    # -- what it is like ----------------------------------------------------------------------

    @property
    def dtype(self) -> DType:
        """The element type."""
        return self.values.dtype

    @property
    def shape(self) -> TensorShape:
        """The dimensions; None for those of different sizes."""
        count = self.row_splits.shape[0]
        return TensorShape([None if count is None else count - 1, None, *self.values.shape[1:]])

    @property
    def ndim(self) -> int:
        """Number of dimensions."""
        return len(self.shape)

    def get_shape(self) -> TensorShape:
        """Return the shape (TensorFlow 1's spelling)."""
        return self.shape

    @property
    def ragged_rank(self) -> int:
        """How many dimensions are ragged, or lie before one that is."""
        return len(self.nested_row_splits)

    @property
    def flat_values(self) -> Any:
        """The values without any rows: a Tensor."""
        return self.values.flat_values if isinstance(self.values, RaggedTensor) else self.values

    @property
    def nested_row_splits(self) -> tuple[Any, ...]:
        """The row splits of all ragged dimensions, the outermost first."""
        inner = self.values.nested_row_splits if isinstance(self.values, RaggedTensor) else ()
        return (self.row_splits, *inner)

    @property
    def uniform_row_length(self) -> None:
        """None: minitf does not remember whether all rows have one length."""
        return None

    def nrows(self, out_type: Any = int64, name: str | None = None) -> Tensor:
        """Return how many rows there are."""
        return cast(count_of(self.row_splits) - 1, out_type)

    def row_starts(self, name: str | None = None) -> Any:
        """Return where the rows begin."""
        return self.row_splits[:-1]

    def row_limits(self, name: str | None = None) -> Any:
        """Return where the rows end."""
        return self.row_splits[1:]

    def row_lengths(self, axis: int = 1, name: str | None = None) -> Any:
        """Return how long the rows are; those of a deeper axis as a ragged tensor."""
        if axis > 1:
            return self.with_values(self.values.row_lengths(axis - 1))
        return self.row_limits() - self.row_starts()

    def nested_row_lengths(self, name: str | None = None) -> tuple[Any, ...]:
        """Return the row lengths of all ragged dimensions, the outermost first."""
        return tuple(splits[1:] - splits[:-1] for splits in self.nested_row_splits)

    def value_rowids(self, name: str | None = None) -> Any:
        """Return the number of its row for each value."""
        return repeat(numbers(self.nrows()), self.row_lengths())

    def positions(self) -> Any:
        """Return the number within its row for each value (not in TensorFlow)."""
        before = gather(self.row_starts(), self.value_rowids())
        return numbers(count_of(self.values)) - before

    def bounding_shape(self, axis: int | None = None, name: str | None = None,
                       out_type: Any = int64) -> Any:  # fmt: skip
        """Return the shape of the smallest Tensor that holds all rows."""
        longest = reduce_max(concat([positions_of([0]), self.row_lengths()], 0))
        if isinstance(self.values, RaggedTensor):
            inner = self.values.bounding_shape()[1:]
        else:
            inner = shape(self.values, int64)[1:]
        whole = cast(concat([stack([self.nrows(), longest]), inner], 0), out_type)
        return whole if axis is None else gather(whole, axis)

    # -- the same rows, other values ----------------------------------------------------------

    def with_values(self, new_values: Any) -> RaggedTensor:
        """Return the same rows of other values."""
        return RaggedTensor(_as_values(new_values), self.row_splits)

    def with_flat_values(self, new_values: Any) -> RaggedTensor:
        """Return the same rows, and rows of rows, of other values."""
        inner = self.values
        deep = isinstance(inner, RaggedTensor)
        return self.with_values(inner.with_flat_values(new_values) if deep else new_values)

    def merge_dims(self, outer_axis: int, inner_axis: int) -> Any:
        """Return a tensor in which a range of dimensions has become one."""
        outer, inner = (a + self.ndim if a < 0 else a for a in (outer_axis, inner_axis))
        if outer >= inner:
            return self
        if inner > self.ragged_rank:
            flat = RaggedTensor.from_tensor(self.flat_values, ragged_rank=inner - self.ragged_rank)
            return self.with_flat_values(flat).merge_dims(outer, inner)
        if outer > 1:
            return self.with_values(self.values.merge_dims(outer - 1, inner - 1))
        values, splits = self.values, self.row_splits
        for _ in range(inner - 1):
            values, splits = values.values, gather(values.row_splits, splits)
        return RaggedTensor(values, splits) if outer else values

    # -- and back -----------------------------------------------------------------------------

    @composed
    def to_tensor(self, default_value: Any = None, name: str | None = None,
                  shape: Any = None) -> Tensor:  # fmt: skip
        """Return a Tensor in which short rows are filled up at their ends.

        Parameters
        ----------
        default_value : number or str, optional
            What to fill up with: 0, False or '' unless given.
        name : str, optional
            Accepted as in TensorFlow.
        shape : sequence of int, optional
            Sizes to cut or fill up to; None for as many as there are.

        Returns
        -------
        Tensor

        Examples
        --------
        >>> import minitf as tf
        >>> tf.ragged.constant([[1, 2, 3], [4]]).to_tensor().numpy().tolist()
        [[1, 2, 3], [4, 0, 0]]
        """
        wanted = [None] * self.ndim if shape is None else list(as_shape(shape))
        default = as_tensor(_zero(self.dtype) if default_value is None else default_value,
                            hint=self.dtype)  # fmt: skip
        inner = self.values
        if isinstance(inner, RaggedTensor):
            inner = inner.to_tensor(default, shape=[None, *wanted[2:]])
        bound = self.bounding_shape()
        height, width = (bound[i] if n is None else n for i, n in enumerate(wanted[:2]))
        lengths = self.row_lengths()[:height]
        column = numbers(width)[None]
        there = column < lengths[:, None]
        # What is not there is taken from one more row, which holds the default value.
        places = where(there, self.row_starts()[:height][:, None] + column, count_of(inner))
        extra = fill([1, *_sizes(inner)[1:]], default)
        found = gather(concat([inner, extra], 0), places)
        if wanted[0] is not None:
            found = _taller(found, height, default)
        return found

    def to_sparse(self, name: str | None = None) -> Any:
        """Return a `tf.SparseTensor` that holds the values of these rows."""
        from minitf.composite.sparse import SparseTensor

        if self.ragged_rank > 1 or self.values.ndim > 1:
            raise InvalidArgumentError(f"to_sparse: needs rows of numbers, got shape {self.shape}")
        places = stack([self.value_rowids(), self.positions()], 1)
        return SparseTensor(places, self.values, self.bounding_shape())

    def numpy(self) -> np.ndarray[Any, Any]:
        """Return an array of rows: of objects, where their lengths differ."""
        splits, values = np.asarray(self._here().row_splits), self.values.numpy()
        rows = [values[a:b] for a, b in pairwise(splits)]
        if not rows:
            return np.array([], values.dtype)
        if len({len(row) for row in rows}) == 1:
            return np.array(rows, None if values.dtype != object else object)
        found = np.empty(len(rows), object)
        for i, row in enumerate(rows):
            found[i] = row
        return found

    def to_list(self) -> list[Any]:
        """Return the rows as nested Python lists."""
        splits, inner = self._here().row_splits.tolist(), self.values
        rows = inner.to_list() if isinstance(inner, RaggedTensor) else inner.tolist()
        return [rows[a:b] for a, b in pairwise(splits)]

    def _here(self) -> RaggedTensor:
        if not isinstance(self.row_splits, Tensor) or self.row_splits.operation is not None:
            raise GraphError("a ragged tensor of a graph has no rows yet: return it from the "
                             "tf.function")  # fmt: skip
        return self

    # -- rows: minitf.composite.ragged_picking gives it Python's square brackets ----------------

    def __iter__(self) -> Iterator[Any]:
        """Yield the rows."""
        count = self.shape[0]
        if count is None:
            raise GraphError("how many rows there are is not known before the graph runs")
        return (self[i] for i in range(count))

    # -- a composite --------------------------------------------------------------------------

    def components(self) -> Sequence[Any]:
        """Return the flat values, and the row splits from the outermost to the innermost."""
        return (self.flat_values, *self.nested_row_splits)

    def with_components(self, components: Sequence[Any]) -> RaggedTensor:
        """Return what has other Tensors (or specs, gradients, ...) in their places."""
        found, *nested = components
        for splits in reversed(nested):
            found = RaggedTensor(found, splits)
        return found

    def printed(self, arrays: Sequence[Any], show: Callable[[Any], str]) -> str:
        """Return what `tf.print` says: the rows as lists."""
        values, *nested = arrays
        rows = [show(value) for value in values]
        for splits in reversed(nested):
            rows = ["[" + ", ".join(rows[a:b]) + "]" for a, b in pairwise(splits)]
        return "[" + ", ".join(rows) + "]"

    def component_specs(self) -> Sequence[Any]:
        """Return what tells of these rows how many there are, but not how long they are."""
        values, first, *rest = self.components()
        inner = [TensorSpec([None], int64) for _ in rest]
        return (TensorSpec([None, *values.shape[1:]], values.dtype),
                TensorSpec(first.shape, int64), *inner)  # fmt: skip

    def __repr__(self) -> str:
        if not isinstance(self.row_splits, Tensor) or self.row_splits.operation is not None:
            return f"tf.RaggedTensor(values={self.values!r}, row_splits={self.row_splits!r})"
        with np.printoptions(formatter={"all": _shown}):
            return f"<tf.RaggedTensor {_shown(self.numpy())}>"


install(RaggedTensor)
RaggedTensor.__array_priority__ = 100  # type: ignore[attr-defined]


class RaggedTensorSpec(Composite):
    """What is promised of a ragged tensor before it exists, for an ``input_signature``.

    Parameters
    ----------
    shape : sequence of int or None
        None where sizes are unknown, or differ.
    dtype : DType
        The element type.
    ragged_rank : int, optional
        How many dimensions are ragged; all but the first, unless given. 0 is a row.
    row_splits_dtype, flat_values_spec : optional
        Accepted as in TensorFlow.

    Examples
    --------
    >>> import minitf as tf
    >>> @tf.function(input_signature=[tf.RaggedTensorSpec([None, None], tf.float32)])
    ... def totals(rows):
    ...     return tf.reduce_sum(rows, axis=1)
    >>> totals(tf.ragged.constant([[1.0, 2.0], [3.0]])).numpy().tolist()
    [3.0, 3.0]
    """

    def __init__(self, shape: Any = None, dtype: Any = float32, ragged_rank: int | None = None,
                 row_splits_dtype: Any = int64, flat_values_spec: Any = None):  # fmt: skip
        self.shape, self.dtype = TensorShape(shape), as_dtype(dtype)
        self.ragged_rank = len(self.shape) - 1 if ragged_rank is None else ragged_rank
        if not 0 <= self.ragged_rank < len(self.shape):
            raise InvalidArgumentError(f"RaggedTensorSpec: shape {self.shape} cannot have "
                                       f"ragged_rank={self.ragged_rank}")  # fmt: skip

    def components(self) -> Sequence[Any]:
        """Return the specs of the flat values and of the row splits."""
        if not self.ragged_rank:
            return (TensorSpec(self.shape, self.dtype),)
        rows = self.shape[0]
        first = TensorSpec([None if rows is None else rows + 1], int64)
        rest = [TensorSpec([None], int64)] * (self.ragged_rank - 1)
        flat = TensorSpec([None, *self.shape[self.ragged_rank + 1 :]], self.dtype)
        return (flat, first, *rest)

    component_specs = components
    with_components = RaggedTensor.with_components

    def __eq__(self, other: object) -> bool:
        return isinstance(other, RaggedTensorSpec) and repr(self) == repr(other)

    def __hash__(self) -> int:
        return hash(repr(self))

    def __repr__(self) -> str:
        return f"RaggedTensorSpec({self.shape!r}, {self.dtype!r}, {self.ragged_rank}, tf.int64)"


# -- counting -----------------------------------------------------------------------------------


def numbers(count: Any) -> Any:
    """Return the numbers below a count, in the type in which places are kept."""
    return count_up(0, count, 1, int64)


def splits_of(lengths: Any) -> Any:
    """Return where rows of these lengths begin, and the last one ends."""
    return concat([positions_of([0]), cumsum(lengths)], 0)


# -- details ------------------------------------------------------------------------------------


def _as_values(values: Any) -> Any:
    values = values if isinstance(values, RaggedTensor) else as_tensor(values)
    if not values.shape.ndims:
        raise InvalidArgumentError("the values of rows need an axis, got one element")
    return values


def positions_of(value: Any) -> Any:
    """Return numbers of places, in the one type in which they are kept."""
    return cast(as_tensor(value, hint=int64), int64)


def _sizes(x: Any) -> list[Any]:
    """Return the sizes of a Tensor, as numbers where they are known."""
    whole = shape(x, int64)
    return [whole[i] if n is None else n for i, n in enumerate(x.shape)]


def count_of(values: Any) -> Any:
    """Return how many entries the first axis has."""
    if isinstance(values, RaggedTensor):
        return values.nrows()
    return shape(values, int64)[0]


def _check_splits(splits: np.ndarray[Any, Any], values: Any) -> None:
    if splits.ndim != 1 or not len(splits) or splits[0] != 0 or np.any(np.diff(splits) < 0):
        raise InvalidArgumentError("row splits begin with 0 and never fall (no row has less than 0 "
                                   f"values), got {splits.tolist()}")  # fmt: skip
    count = count_of(values)
    if count.operation is None and splits[-1] != int(count):
        raise InvalidArgumentError(f"the rows hold {splits[-1]} values together, but there are "
                                   f"{int(count)}")  # fmt: skip


def _lengths_before(x: Any, padding: Any) -> Any:
    """Return how long rows are without what is padding at their ends."""
    counts = not_equal(x, padding)
    if x.ndim > 2:
        counts = reduce_any(counts, axis=list(range(2, x.ndim)))
    width = shape(x, int64)[1]
    return reduce_max(where(counts, (numbers(width) + 1)[None], cast(0, int64)), axis=1)


def _taller(found: Any, height: Any, default: Any) -> Any:
    missing = maximum(cast(height, int64) - count_of(found), cast(0, int64))
    return concat([found, fill([missing, *_sizes(found)[1:]], default)], 0)


def _zero(dtype: DType) -> Any:
    return as_tensor("") if dtype is string else cast(0, dtype)


def _shown(value: Any) -> str:
    """Return rows within rows, with commas between them."""
    if not isinstance(value, np.ndarray):
        return str(value)
    return np.array2string(value, separator=", ") if value.size else str(value.tolist())
