"""TensorArray: a list of tensors that loops fill and read by index."""

from __future__ import annotations

from typing import Any

import numpy as np

from minitf.dtypes import DType, as_dtype, int32
from minitf.errors import (
    DTypeError,
    FailedPreconditionError,
    InvalidArgumentError,
    OutOfRangeError,
    ShapeError,
)
from minitf.graph.context import context
from minitf.graph.convert import as_tensor
from minitf.graph.nest import flatten, is_nested, pack_like
from minitf.graph.spec import TensorShape, TensorSpec, as_shape
from minitf.graph.tensor import Tensor
from minitf.ops import array
from minitf.ops.composed import composed
from minitf.ops.gather import gather
from minitf.ops.lists import list_read, list_reserve, list_stack, list_unstack, list_write
from minitf.ops.source import shape as shape_of


class TensorArray:
    """A list of tensors of one dtype, written and read by index.

    In a graph every method that changes the array returns a new one, and the old one must not be
    used any more: write ``ta = ta.write(i, x)``. A loop carries it as a loop variable. Gradients
    flow from what is read, stacked or concatenated to what was written.

    Parameters
    ----------
    dtype : DType
        Element type.
    size : int or Tensor, optional
        Number of elements; 0 by default, for an array that grows.
    dynamic_size : bool
        Whether writing behind the end makes the array longer.
    clear_after_read, tensor_array_name, handle, colocate_with_first_write_call, name : optional
        Accepted as in TensorFlow, without effect.
    flow : Tensor, optional
        A list of tensors to begin with (see `minitf.ops.lists`).
    infer_shape : bool
        Whether all elements must have the shape of the first one.
    element_shape : sequence of int or None, optional
        Shape of an element. A graph needs it where it reads before it has seen a write.

    Examples
    --------
    >>> import minitf as tf
    >>> ta = tf.TensorArray(tf.float32, size=3)
    >>> for i in range(3):
    ...     ta = ta.write(i, 10.0 * i)
    >>> ta.stack().numpy().tolist()
    [0.0, 10.0, 20.0]
    """

    def __init__(
        self,
        dtype: Any,
        size: Any = None,
        dynamic_size: bool | None = None,
        clear_after_read: bool | None = None,
        tensor_array_name: str | None = None,
        handle: Any = None,
        flow: Tensor | None = None,
        infer_shape: bool = True,
        element_shape: Any = None,
        colocate_with_first_write_call: bool = True,
        name: str | None = None,
    ):
        self.dtype: DType = as_dtype(dtype)
        self.dynamic_size = bool(dynamic_size)
        self.element_shape: TensorShape | None = (
            None if element_shape is None else as_shape(element_shape)
        )
        self._infers = infer_shape
        self._items: list[Tensor | None] = []  # eager elements
        self._flow = flow  # a list, as one tensor of the graph
        if flow is None and context.graph is None:
            self._items = [None] * int(0 if size is None else size)
        elif flow is None:
            self._flow = list_reserve(0 if size is None else size)

    # -- one element ----------------------------------------------------------------------------

    @composed
    def write(self, index: Any, value: Any, name: str | None = None) -> TensorArray:
        """Return the array with one element replaced (eagerly the same object, changed)."""
        element = as_tensor(value, hint=self.dtype)
        self._check_dtype(element)
        shape = self._merged(element.shape)
        if not self._is_eager:
            place = as_tensor(index, hint=int32)
            return self._with(list_write(self.flow, element, place, self.dynamic_size), shape)
        position = int(index)
        if self.dynamic_size and position >= len(self._items):
            self._items += [None] * (position + 1 - len(self._items))
        self._check_index(position)
        self.element_shape = shape
        self._items[position] = element
        return self

    @composed
    def read(self, index: Any, name: str | None = None) -> Tensor:
        """Return one element."""
        if self._is_eager:
            self._check_index(int(index))
            return self._written(int(index))
        return list_read(self.flow, as_tensor(index, hint=int32), self._spec())

    # -- all elements ---------------------------------------------------------------------------

    @composed
    def stack(self, name: str | None = None) -> Tensor:
        """Return all elements as one tensor, along a new first axis."""
        if self._is_eager and self._items:
            return array.stack([self._written(i) for i in range(len(self._items))])
        return list_stack(self.flow, self._spec())

    @composed
    def unstack(self, value: Any, name: str | None = None) -> TensorArray:
        """Return the array filled with the rows of a tensor."""
        tensor = as_tensor(value, hint=self.dtype)
        self._check_dtype(tensor)
        shape = self._merged(tensor.shape[1:])
        if not self._is_eager:
            return self._with(list_unstack(tensor), shape)
        self.element_shape, self._items = shape, list(array.unstack(tensor))
        return self

    @composed
    def gather(self, indices: Any, name: str | None = None) -> Tensor:
        """Return some elements as one tensor, along a new first axis."""
        positions = as_tensor(indices, hint=int32)
        if positions.shape[0] is None:
            return gather(self.stack(), positions)
        return array.stack([self.read(i) for i in array.unstack(positions)])

    @composed
    def scatter(self, indices: Any, value: Any, name: str | None = None) -> TensorArray:
        """Return the array with the rows of `value` written at `indices`."""
        rows = array.unstack(as_tensor(value, hint=self.dtype))
        result = self
        for i, row in zip(array.unstack(as_tensor(indices, hint=int32)), rows, strict=True):
            result = result.write(i, row)
        return result

    @composed
    def concat(self, name: str | None = None) -> Tensor:
        """Return all elements, of one shape, joined along their first axis."""
        stacked = self.stack()
        return array.reshape(stacked, [-1, *stacked.shape[2:]])

    @composed
    def split(self, value: Any, lengths: Any, name: str | None = None) -> TensorArray:
        """Return the array filled with parts of `value` along its first axis, of given lengths."""
        parts = array.split(as_tensor(value, hint=self.dtype), [int(n) for n in lengths])
        result = self
        for i, part in enumerate(parts):
            result = result.write(i, part)
        return result

    def size(self, name: str | None = None) -> Tensor:
        """Return the number of elements."""
        if self._is_eager:
            return as_tensor(np.int32(len(self._items)))
        return array.unstack(shape_of(self._flow))[0]

    def identity(self) -> TensorArray:
        """Return the array itself."""
        return self

    def close(self, name: str | None = None) -> None:
        """Forget the elements (done by itself when nobody needs them any more)."""

    @property
    def flow(self) -> Tensor:
        """The elements as one tensor: a list (see `minitf.ops.lists`)."""
        if self._flow is not None:
            return self._flow
        items = list_reserve(len(self._items))
        for i, element in enumerate(self._items):
            if element is not None:
                items = list_write(items, element, as_tensor(np.int32(i)), False)
        return items

    # -- helpers --------------------------------------------------------------------------------

    @property
    def _is_eager(self) -> bool:
        return self._flow is None and context.graph is None

    def _with(self, flow: Tensor, shape: TensorShape | None) -> TensorArray:
        return TensorArray(self.dtype, dynamic_size=self.dynamic_size, flow=flow,
                           infer_shape=self._infers, element_shape=shape)  # fmt: skip

    def like(self, flow: Tensor, others: Any) -> TensorArray:
        """Return an array of other elements, whose shape is what this and others say of it."""
        shapes = [a.element_shape for a in (self, *others) if a.element_shape is not None]
        same = shapes and all(len(s) == len(shapes[0]) for s in shapes)
        dims = zip(*shapes, strict=True) if same else ()
        common = TensorShape(d[0] if len(set(d)) == 1 else None for d in dims)
        return self._with(flow, common if same else None)

    def _check_dtype(self, tensor: Tensor) -> None:
        if tensor.dtype is not self.dtype:
            raise DTypeError(f"the TensorArray holds {self.dtype.name}, got {tensor.dtype.name}")

    def _check_index(self, index: int) -> None:
        if not 0 <= index < len(self._items):
            hint = "" if self.dynamic_size else "; dynamic_size=True lets it grow"
            raise OutOfRangeError(
                f"index {index} of a TensorArray of {len(self._items)} element(s){hint}"
            )

    def _merged(self, shape: TensorShape) -> TensorShape | None:
        """Return the shape of an element, with what a further element tells of it."""
        if self.element_shape is None:
            return shape if self._infers else None
        if not self.element_shape.is_compatible_with(shape):
            raise ShapeError(f"the elements have shape {self.element_shape}, got {shape}")
        return self.element_shape

    def _spec(self) -> TensorSpec:
        if self.element_shape is not None:
            return TensorSpec(self.element_shape, self.dtype)
        if self._is_eager:  # an array without elements
            return TensorSpec((), self.dtype)
        raise InvalidArgumentError(
            "the graph does not know the shape of an element: pass element_shape= to TensorArray"
        )

    def _written(self, index: int) -> Tensor:
        element = self._items[index]
        if element is None:
            raise FailedPreconditionError(f"nothing has been written at index {index}")
        return element

    def __len__(self) -> int:
        return int(self.size())

    def __repr__(self) -> str:
        return f"<tf.TensorArray {self.dtype.name} element_shape={self.element_shape}>"


# -- as values of branches and bodies ---------------------------------------------------------


def to_tensors(structure: Any) -> Any:
    """Return a structure with the list of every TensorArray in its place."""
    return _map(lambda leaf: leaf.flow if isinstance(leaf, TensorArray) else leaf, structure)


def from_tensors(structure: Any, *templates: Any) -> Any:
    """Return a structure with TensorArrays where the templates have them."""

    def lift(value: Any, *models: Any) -> Any:
        arrays = [m for m in models if isinstance(m, TensorArray)]
        return arrays[0].like(value, arrays[1:]) if arrays else value

    return _map(lift, structure, *templates)


def _map(function: Any, structure: Any, *others: Any) -> Any:
    if not is_nested(structure):
        return function(structure, *others)
    flat = [flatten(s) for s in (structure, *others)]
    return pack_like(structure, [function(*leaves) for leaves in zip(*flat, strict=True)])
