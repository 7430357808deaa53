"""Tensor: one output of one Operation."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, NoReturn

import numpy as np

from minitf.dtypes import DType, from_numpy, string
from minitf.errors import (
    DTypeError,
    GraphError,
    InvalidArgumentError,
    OperatorNotAllowedInGraphError,
    UsageError,
)
from minitf.graph.context import default_session
from minitf.graph.device import HOST, Device
from minitf.graph.spec import TensorShape, TensorSpec, as_shape

if TYPE_CHECKING:
    from minitf.graph.graph import Graph
    from minitf.graph.operation import Operation

Array = Any  # an array of some device: numpy.ndarray on the CPU


class Reference:
    """A Tensor or Variable as a key: equal to what refers to the same object, whatever its value.

    Examples
    --------
    >>> import minitf as tf
    >>> x = tf.constant([1.0, 2.0])
    >>> x.ref() in {x.ref()}, x.ref().deref() is x
    (True, True)
    """

    __slots__ = ("_object",)

    def __init__(self, object: Any):
        self._object = object

    def deref(self) -> Any:
        """Return the object."""
        return self._object

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Reference) and self._object is other._object

    def __hash__(self) -> int:
        return id(self._object)

    def __repr__(self) -> str:
        return f"<Reference wrapping {self._object!r}>"


class Operands:
    """Python's operators, for Tensors and what stands for them.

    `minitf.ops.operators` installs them, from one table; here type checkers are told of them.
    """

    __slots__ = ()

    def ref(self) -> Reference:
        """Return what stands for this very object in sets and dicts."""
        return Reference(self)

    if TYPE_CHECKING:

        def __add__(self, other: Any) -> Tensor: ...
        def __radd__(self, other: Any) -> Tensor: ...
        def __sub__(self, other: Any) -> Tensor: ...
        def __rsub__(self, other: Any) -> Tensor: ...
        def __mul__(self, other: Any) -> Tensor: ...
        def __rmul__(self, other: Any) -> Tensor: ...
        def __truediv__(self, other: Any) -> Tensor: ...
        def __rtruediv__(self, other: Any) -> Tensor: ...
        def __floordiv__(self, other: Any) -> Tensor: ...
        def __mod__(self, other: Any) -> Tensor: ...
        def __pow__(self, other: Any) -> Tensor: ...
        def __rpow__(self, other: Any) -> Tensor: ...
        def __matmul__(self, other: Any) -> Tensor: ...
        def __rmatmul__(self, other: Any) -> Tensor: ...
        def __neg__(self) -> Tensor: ...
        def __abs__(self) -> Tensor: ...
        def __invert__(self) -> Tensor: ...
        def __lt__(self, other: Any) -> Tensor: ...
        def __le__(self, other: Any) -> Tensor: ...
        def __gt__(self, other: Any) -> Tensor: ...
        def __ge__(self, other: Any) -> Tensor: ...
        def __getitem__(self, key: Any) -> Tensor: ...


class Tensor(Operands):
    """One output of one Operation.

    Eager, it carries its array and knows nothing of the operation that made it (only a tape does),
    so a training loop does not leak its history. In a graph it has no array: it names an edge, and
    each run keeps its own value for it.

    Tensors are immutable. Comparison operators work elementwise; the hash is the identity, so a
    Tensor can be a key of a `feed_dict`.

    Attributes
    ----------
    array : array or None
        The value, when eager; lives on `place`.
    spec : TensorSpec
        Shape and dtype.
    operation : Operation or None
        The operation that it is an output of, in a graph.
    index : int
        Which output of the operation.
    place : Device
        Where the array lives, when eager.
    """

    __slots__ = ("array", "spec", "operation", "index", "place", "_keras_mask", "__weakref__",
                 "assign", "assign_add", "assign_sub")  # fmt: skip

    array: Array
    spec: TensorSpec
    operation: Operation | None
    _keras_mask: Any  # which elements count, where a layer of Keras has said so
    # A part of a Variable, and nothing else, has methods that change it: see minitf.ops.parts.
    assign: Callable[..., Any]
    assign_add: Callable[..., Any]
    assign_sub: Callable[..., Any]

    def __init__(
        self,
        array: Array,
        spec: TensorSpec,
        operation: Operation | None = None,
        index: int = 0,
        place: Device = HOST,
    ):
        self.array = array
        self.spec = spec
        self.operation = operation
        self.index = index
        self.place = place

    @property
    def shape(self) -> TensorShape:
        """The dimensions; None where a graph does not know one yet."""
        return self.spec.shape

    @property
    def dtype(self) -> DType:
        """The element type."""
        return self.spec.dtype

    @property
    def ndim(self) -> int:
        """Number of dimensions."""
        return len(self.spec.shape)

    @property
    def op(self) -> Operation:
        """The operation that this tensor is an output of (graph tensors only)."""
        if self.operation is None:
            raise GraphError("an eager tensor does not know its operation; a graph tensor does")
        return self.operation

    @property
    def graph(self) -> Graph:
        """The graph that this tensor is an edge of (graph tensors only)."""
        return self.op.graph  # type: ignore[return-value]

    @property
    def name(self) -> str:
        """Name in the graph: operation, colon, output number; of a `keras.Input`, its own."""
        if self.op.graph is not None and self.op.graph.grows and not self.index:
            return self.op.name
        return f"{self.op.name}:{self.index}"

    @property
    def device(self) -> str:
        """Name of the device: where the array lives, or where the operation is asked to run."""
        if self.operation is None:
            return self.place.name
        return self.operation.device.name if self.operation.device else ""

    def numpy(self) -> Any:
        """Return the value as a NumPy array (a NumPy scalar when there are no dimensions)."""
        array = self._host()
        return array.copy() if array.ndim else array[()]

    def _host(self) -> np.ndarray[Any, Any]:
        if self.operation is not None:
            raise GraphError(
                f"{self.name} is an edge of a graph and has no value yet: fetch it with "
                "Session.run, or return it from the tf.function"
            )
        array: np.ndarray[Any, Any] = self.place.fetch(self.array)
        return as_bytes(array) if self.dtype is string else array

    def get_shape(self) -> TensorShape:
        """Return the shape (TensorFlow 1's spelling)."""
        return self.shape

    def set_shape(self, shape: Any) -> None:
        """State what is known of the shape; a contradiction is an error."""
        shape = as_shape(shape)
        node = self.operation
        script = None if node is None else node.attributes.get("script")
        if node is None or script is None or not script.take(node.outputs.index(self), shape):
            shape = self.shape.merge_with(shape)
        self.spec = TensorSpec(shape, self.dtype)

    def eval(self, feed_dict: Any = None, session: Any = None) -> Any:
        """Return the value in a session (the innermost `with Session()` one by default)."""
        return (session or default_session()).run(self, feed_dict)

    def item(self) -> Any:
        """Return the only element as a Python number."""
        if self.shape.num_elements() not in (1, None):
            raise UsageError(f"a tensor of shape {self.shape} is not one number")
        return self._host().item()

    def tolist(self) -> Any:
        """Return the value as nested Python lists."""
        return self._host().tolist()

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> np.ndarray[Any, Any]:
        array = self._host()
        if dtype is not None and array.dtype != dtype or copy:
            return np.array(array, dtype)
        view = array.view()
        view.flags.writeable = False  # tensors are immutable; t.numpy() gives a copy to change
        return view

    def __bool__(self) -> bool:
        if self.operation is not None:
            self._refuse_bool()
        if self.spec.shape.num_elements() != 1:
            raise InvalidArgumentError(
                f"the truth of a tensor of shape {self.shape} is ambiguous: use "
                "tf.reduce_any(t) or tf.reduce_all(t)"
            )
        return bool(self._host())

    def _refuse_bool(self) -> NoReturn:
        raise OperatorNotAllowedInGraphError(
            f"{self.name} has no value while the graph is being written, so Python cannot branch "
            "on it.\n  instead of  if t: y = f(x)            write  y = tf.cond(t, lambda: f(x), "
            "lambda: x)\n  instead of  while t: x = f(x)         write  x, = tf.while_loop("
            "lambda x: ..., lambda x: [f(x)], [x])\n"
        )

    def __int__(self) -> int:
        return int(self.item())

    def __float__(self) -> float:
        return float(self.item())

    def __complex__(self) -> complex:
        return complex(self.item())

    def __index__(self) -> int:
        if not self.dtype.is_integer:
            raise DTypeError(f"a tensor of dtype {self.dtype.name} cannot be an index")
        return int(self.item())

    def __len__(self) -> int:
        if not self.shape:
            raise UsageError("a tensor without dimensions has no length, and no elements to list")
        if self.shape[0] is None:
            raise GraphError(f"the length of {self.name} is not known before the graph runs: use "
                             "tf.shape(t)[0]")  # fmt: skip
        return self.shape[0]

    def __iter__(self) -> Any:
        return (self[i] for i in range(len(self)))

    __hash__ = object.__hash__  # the identity; a method of ours would slow every set and dict

    def __format__(self, format_spec: str) -> str:
        if self.operation is not None:
            return format(repr(self), format_spec)
        return format(self._host()[()], format_spec)

    def __copy__(self) -> Tensor:
        return self

    def __deepcopy__(self, memo: Any) -> Tensor:
        return self

    def __reduce__(self) -> Any:
        return eager_tensor, (self._host(),)  # copies for other processes

    def __str__(self) -> str:
        if self.operation is not None:
            return repr(self)
        value = _on_lines_of_its_own(str(self._host()))  # str: a number in its own precision
        return f"tf.Tensor({value}, shape={self.shape}, dtype={self.dtype.name})"

    def __repr__(self) -> str:
        if self.operation is not None:
            return f"<tf.Tensor {self.name!r} shape={self.shape} dtype={self.dtype.name}>"
        value = shown(self._host())
        return f"<tf.Tensor: shape={self.shape}, dtype={self.dtype.name}, numpy={value}>"


def shown(array: np.ndarray[Any, Any]) -> str:
    """Return how an array looks inside of what holds it: as a number, or with its rows in line."""
    return _on_lines_of_its_own(repr(array) if array.ndim else repr(array.item()))


def _on_lines_of_its_own(value: str) -> str:
    return f"\n{value}" if "\n" in value else value


def as_bytes(array: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    """Return an array of strings as one of bytes, in UTF-8: what TensorFlow shows of strings."""
    shown = np.empty(array.shape, object)
    for i, value in np.ndenumerate(array):
        shown[i] = value.encode("utf-8", "surrogateescape") if isinstance(value, str) else value
    return shown


def eager_tensor(array: Any, place: Device = HOST) -> Tensor:
    """Return an eager Tensor that owns a host array or NumPy scalar."""
    array = np.asarray(array)
    spec = TensorSpec.__new__(TensorSpec)
    spec.shape = TensorShape(array.shape)
    spec.dtype = from_numpy(array.dtype)
    spec.name = None
    return Tensor(array if place is HOST else place.put(array), spec, place=place)
