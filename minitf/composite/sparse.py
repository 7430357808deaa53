"""SparseTensor: the elements that are not 0, and where they lie. IndexedSlices: some rows of many.

The matrix ``[[0, 0, 5], [7, 0, 0]]`` is the indices ``[[0, 2], [1, 0]]``, the values ``[5, 7]`` and
the dense shape ``[2, 3]``, three ordinary Tensors. Everything that `tf.sparse` does with them is
done by ordinary ops (`minitf.composite.sparse_ops`): it works eagerly and in graphs, and gradients
flow through the values.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, ClassVar

from minitf.dtypes import DType, as_dtype, float32, int64
from minitf.errors import InvalidArgumentError, ShapeError, located, user_line
from minitf.graph.composite import Composite, Rule
from minitf.graph.convert import as_tensor
from minitf.graph.spec import TensorShape, TensorSpec
from minitf.graph.static import get_static_value
from minitf.graph.tensor import Tensor
from minitf.ops.math import cast
from minitf.ops.segment import unsorted_segment_sum


class SparseTensor(Composite):
    """A tensor most of whose elements are 0.

    Parameters
    ----------
    indices : Tensor, shape (n, rank)
        Where the elements lie that are not 0; in the order of rows, or see `tf.sparse.reorder`.
    values : Tensor, shape (n,)
        What they are.
    dense_shape : Tensor, shape (rank,)
        The size of the whole.

    Examples
    --------
    >>> import minitf as tf
    >>> matrix = tf.SparseTensor(indices=[[0, 2], [1, 0]], values=[5, 7], dense_shape=[2, 3])
    >>> tf.sparse.to_dense(matrix).numpy().tolist()
    [[0, 0, 5], [7, 0, 0]]
    """

    rules: ClassVar[dict[str, Rule]] = {}  # written in minitf.composite.sparse_ops
    instead = "use the functions of tf.sparse, or tf.sparse.to_dense(sparse)"
    __array_priority__ = 100

    def __init__(self, indices: Any, values: Any, dense_shape: Any):
        self.indices = cast(as_tensor(indices, hint=int64), int64)
        self.values = as_tensor(values)
        self.dense_shape = cast(as_tensor(dense_shape, hint=int64), int64)
        self._check()

    def _check(self) -> None:
        shapes = [t.shape for t in (self.indices, self.values, self.dense_shape)]
        alike = [len(s) for s in shapes] == [2, 1, 1]
        if not alike or not (shapes[0][:1].is_compatible_with(shapes[1])
                             and shapes[0][1:].is_compatible_with(shapes[2])):  # fmt: skip
            error = ShapeError("expected indices of shape (n, rank), values of shape (n,) and "
                               f"dense_shape of shape (rank,), got {shapes[0]}, {shapes[1]} and "
                               f"{shapes[2]}")  # fmt: skip
            raise located(error, "SparseTensor", user_line())

    @property
    def dtype(self) -> DType:
        """The element type."""
        return self.values.dtype

    @property
    def shape(self) -> TensorShape:
        """The dimensions; None where a graph does not know one yet."""
        known = get_static_value(self.dense_shape)
        return TensorShape([None] * self.ndim if known is None else [int(n) for n in known])

    @property
    def ndim(self) -> int:
        """Number of dimensions."""
        rank = self.dense_shape.shape[0]
        if rank is None:
            raise InvalidArgumentError("a sparse tensor must know its number of dimensions")
        return rank

    rank = ndim

    def get_shape(self) -> TensorShape:
        """Return the shape (TensorFlow 1's spelling)."""
        return self.shape

    def with_values(self, new_values: Any) -> SparseTensor:
        """Return other values at the same places."""
        return SparseTensor(self.indices, new_values, self.dense_shape)

    def components(self) -> Sequence[Any]:
        """Return the indices, the values and the dense shape."""
        return self.indices, self.values, self.dense_shape

    def with_components(self, components: Sequence[Any]) -> SparseTensor:
        """Return what has other Tensors (or specs, gradients, ...) in their places."""
        made = object.__new__(SparseTensor)
        made.indices, made.values, made.dense_shape = components
        return made

    def printed(self, arrays: Sequence[Any], show: Callable[[Any], str]) -> str:
        """Return what `tf.print` says."""
        indices, values, shape = map(show, arrays)
        return f"SparseTensor(indices={indices}, values={values}, shape={shape})"

    def component_specs(self) -> Sequence[Any]:
        """Return specs for any number of elements."""
        return SparseTensorSpec([None] * self.ndim, self.dtype).components()

    def __repr__(self) -> str:
        parts = ", ".join(f"{name}={value!s}" for name, value in zip(
            ("indices", "values", "dense_shape"), self.components(), strict=True))  # fmt: skip
        return f"SparseTensor({parts})"


class SparseTensorSpec(Composite):
    """What is promised of a sparse tensor before it exists, for an ``input_signature``.

    Parameters
    ----------
    shape : sequence of int or None
        None stands for sizes that may differ.
    dtype : DType
        The element type.

    Examples
    --------
    >>> import minitf as tf
    >>> tf.SparseTensorSpec([None, 3], tf.int32)
    SparseTensorSpec((None, 3), tf.int32)
    """

    def __init__(self, shape: Any = None, dtype: Any = float32):
        self.shape, self.dtype = TensorShape(shape), as_dtype(dtype)

    def components(self) -> Sequence[Any]:
        """Return the specs of the indices, the values and the dense shape."""
        rank = len(self.shape)
        return (TensorSpec([None, rank], int64), TensorSpec([None], self.dtype),
                TensorSpec([rank], int64))  # fmt: skip

    component_specs = components
    with_components = SparseTensor.with_components

    def __eq__(self, other: object) -> bool:
        return isinstance(other, SparseTensorSpec) and repr(self) == repr(other)

    def __hash__(self) -> int:
        return hash(repr(self))

    def __repr__(self) -> str:
        return f"SparseTensorSpec({self.shape!r}, {self.dtype!r})"


class IndexedSlices:
    """Some rows of a larger tensor, whose other rows are 0.

    TensorFlow's gradients of `tf.gather` are such; those of minitf are ordinary Tensors. It becomes
    one wherever a Tensor is needed.

    Parameters
    ----------
    values : Tensor, shape (n, ...)
        The rows.
    indices : Tensor, shape (n,)
        Which they are; rows of one number add up.
    dense_shape : Tensor, optional
        The shape of the whole.

    Examples
    --------
    >>> import minitf as tf
    >>> rows = tf.IndexedSlices(values=[[1.0], [2.0]], indices=[2, 0], dense_shape=[3, 1])
    >>> tf.convert_to_tensor(rows).numpy().tolist()
    [[2.0], [0.0], [1.0]]
    """

    def __init__(self, values: Any, indices: Any, dense_shape: Any = None):
        self.values, self.indices = as_tensor(values), as_tensor(indices)
        self.dense_shape = None if dense_shape is None else as_tensor(dense_shape)

    @property
    def dtype(self) -> DType:
        """The element type."""
        return self.values.dtype

    @property
    def shape(self) -> TensorShape:
        """The shape of the whole; None where sizes are unknown."""
        known = None if self.dense_shape is None else get_static_value(self.dense_shape)
        return TensorShape([None, *self.values.shape[1:]] if known is None else known.tolist())

    def graph_tensor(self) -> Tensor:
        """Return the whole as a Tensor."""
        if self.dense_shape is None:
            raise InvalidArgumentError("IndexedSlices: to become a Tensor, they need a dense_shape")
        return unsorted_segment_sum(self.values, self.indices, self.dense_shape[0])

    def __repr__(self) -> str:
        shape = "" if self.dense_shape is None else f", dense_shape={self.dense_shape!s}"
        return f"IndexedSlices(indices={self.indices!s}, values={self.values!s}{shape})"
