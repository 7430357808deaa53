"""Variables: storage that outlives any run, read and assigned by Operations alone.

How a run changes them is told in `minitf.ops.transaction`.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from contextlib import nullcontext
from typing import Any

import numpy as np

from minitf.dtypes import DType, as_dtype
from minitf.errors import (
    DTypeError,
    FailedPreconditionError,
    GraphError,
    ShapeError,
    user_line,
)
from minitf.graph.context import context, init_scope
from minitf.graph.convert import as_tensor
from minitf.graph.device import HOST, Device
from minitf.graph.graph import Graph
from minitf.graph.op import AnyTensor, op
from minitf.graph.operation import Operation
from minitf.graph.registry import OPS
from minitf.graph.spec import TensorShape, TensorSpec, as_shape
from minitf.graph.tensor import Operands, Tensor, shown
from minitf.ops import operators
from minitf.ops.parts import Parts, part
from minitf.ops.transaction import alone_with, current


class Variable(Parts, Operands):
    """Mutable storage that outlives any run; only assign Operations change it.

    It is not a Tensor, but converts to one wherever a Tensor is expected: reading it is an
    Operation, so a tape or a graph sees the read, and gradients end there.

    Parameters
    ----------
    initial_value : number, array, Tensor, or function without arguments
        First value; fixes shape and dtype.
    trainable : bool
        Whether tapes watch it and optimizers find it.
    name : str, optional
        Name for errors, drawings and files.
    constraint : callable, optional
        What optimizers apply to the value after each step.
    dtype : DType, optional
        Element type, where it is not that of the value.
    shape : sequence of int or None, optional
        A more general shape that later assignments must satisfy.

    Attributes
    ----------
    array : array or None
        The value, on `place`; None until the initializer has run.
    path : str
        The name, with those of the layers around it where a layer has created it.
    regularizer : callable or None
        What the value adds to the losses of its layer.
    watchable : bool
        What `trainable` was at first: to freeze a layer hides its Variables from lists of what
        is to be trained, not from tapes.
    spare : array or None
        The value before the last run: its memory may take the value after the next one.

    Examples
    --------
    >>> import minitf as tf
    >>> v = tf.Variable([1.0, 2.0], name="v")
    >>> v.assign_add([10.0, 10.0]).numpy().tolist()
    [11.0, 12.0]
    """

    __array_priority__ = 100

    def __init__(
        self,
        initial_value: Any = None,
        trainable: bool = True,
        validate_shape: bool = True,
        caching_device: Any = None,
        name: str | None = None,
        variable_def: Any = None,
        dtype: Any = None,
        import_scope: Any = None,
        constraint: Callable[[Any], Any] | None = None,
        synchronization: Any = None,
        aggregation: Any = None,
        shape: Any = None,
    ):
        graph = context.graph
        self.trainable = self.watchable = trainable
        self.constraint = constraint
        self.array: Any = None
        self.place: Device = context.device or HOST
        self.name = self.path = _variable_name(name, graph)
        self.regularizer: Callable[[Any], Any] | None = None
        self.line = user_line()
        self.initializer: Operation | None = None
        self.spare: Any = None
        initial = _initial_tensor(initial_value, dtype, graph)
        self.dtype: DType = initial.dtype
        self.shape: TensorShape = initial.shape if shape is None else as_shape(shape)
        if not self.shape.is_compatible_with(initial.shape):
            raise ShapeError(f"Variable: the value has shape {initial.shape}, not {self.shape}")
        self._start(initial, graph)

    def _start(self, initial: Tensor, graph: Graph | None) -> None:
        """Take the first value now, or leave an Operation behind that gives it."""
        if graph is not None:
            graph.variables.append(self)
        if initial.operation is None and (graph is None or graph.captures_by == "placeholder"):
            self.array = self.place.put(initial.place.fetch(initial.array))
            return
        assert graph is not None
        with graph.control_dependencies(None):
            self.initial_value = initial
            self.initializer = assign_variable(initial, self, name=f"{self.name}/assign/").op

    # -- reading ------------------------------------------------------------------------------

    @property
    def read_variables(self) -> tuple[Variable, ...]:
        """What an op reads that has this Variable as an attribute: itself."""
        return (self,)

    def load(self) -> Any:
        """Return the array that a run sees; kernels call this."""
        transaction = current.transaction
        array = self.array if transaction is None else transaction.get(self, self.array)
        if array is None:
            raise FailedPreconditionError(
                f"variable {self.name!r} has no value yet: run its initializer, or "
                "tf.compat.v1.global_variables_initializer(), first"
            )
        return array

    def store(self, array: Any) -> None:
        """Change the value at the end of this run, or now outside of runs; kernels call this."""
        if not self.shape.is_compatible_with(array.shape):
            raise ShapeError(
                f"variable {self.name!r} of shape {self.shape} cannot hold a value of shape "
                f"{array.shape}"
            )
        if current.transaction is None:
            self.array = array
        else:
            current.transaction[self] = array

    def room(self, shape: tuple[int, ...], dtype: Any) -> Any:
        """Return an array to write the next value into: the spare one, if nobody else holds it."""
        array = self.__dict__.pop("spare", None)  # atomic: no other run can get the same one
        self.spare = None
        free = array is not None and sys.getrefcount(array) == 2  # this name, and the call's own
        if free and array.shape == shape and array.dtype == dtype and _owns_itself(array):
            return array
        return np.empty(shape, dtype)

    def read_value(self) -> Tensor:
        """Return the value as a Tensor; in a graph, the Operation that reads it."""
        return read_variable(self)  # type: ignore[no-any-return]

    value = graph_tensor = read_value

    def numpy(self) -> Any:
        """Return a copy of the value as a NumPy array."""
        array = self.place.fetch(self.load())
        return np.array(array) if array.ndim else array[()]

    def eval(self, session: Any = None) -> Any:
        """Return the value, in a session."""
        return self.read_value().eval(session=session)

    @property
    def handle(self) -> Variable:
        """The storage itself."""
        return self

    @property
    def device(self) -> str:
        """Name of the device that holds the value."""
        return self.place.name

    @property
    def ndim(self) -> int:
        """Number of dimensions."""
        return len(self.shape)

    def get_shape(self) -> TensorShape:
        """Return the shape (TensorFlow 1's spelling)."""
        return self.shape

    def is_initialized(self, name: str | None = None) -> Tensor:
        """Return whether there is a value."""
        return as_tensor(self.array is not None)

    # -- assigning ----------------------------------------------------------------------------

    def assign(self, value: Any, use_locking: bool = False, name: str | None = None,
               read_value: bool = True) -> Any:  # fmt: skip
        """Replace the value.

        Returns
        -------
        Variable or Tensor
            This Variable when eager; in a graph, the new value, whose Operation assigns.
        """
        return self.assigned(assign_variable(self.checked(value), self, name=name))

    def assign_add(self, delta: Any, use_locking: bool = False, name: str | None = None,
                   read_value: bool = True) -> Any:  # fmt: skip
        """Add `delta` to the value; see `assign`."""
        return self.assigned(assign_add_variable(self.checked(delta), self, name=name))

    def assign_sub(self, delta: Any, use_locking: bool = False, name: str | None = None,
                   read_value: bool = True) -> Any:  # fmt: skip
        """Subtract `delta` from the value; see `assign`."""
        return self.assigned(assign_sub_variable(self.checked(delta), self, name=name))

    def assigned(self, result: Tensor) -> Any:
        """Return what an assignment returns, from what its Operation has given."""
        return self if result.operation is None else result

    def checked(self, value: Any) -> Tensor:
        """Return a value that is to be assigned as a Tensor of this dtype."""
        tensor = as_tensor(value, hint=self.dtype, argument="assign: value")
        if context.autocast is not None:
            tensor = OPS["cast"](tensor, self.dtype)
        if tensor.dtype is not self.dtype:
            raise DTypeError(
                f"assign: variable {self.name!r} holds {self.dtype.name}, got {tensor.dtype.name};"
                " convert it with tf.cast"
            )
        return tensor

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> np.ndarray[Any, Any]:
        return np.array(self.numpy(), dtype)

    def __bool__(self) -> bool:
        return bool(self.read_value())

    def __int__(self) -> int:
        return int(self.read_value())

    def __float__(self) -> float:
        return float(self.read_value())

    def __index__(self) -> int:
        return self.read_value().__index__()

    def __len__(self) -> int:
        return len(self.read_value())

    def __iter__(self) -> Any:
        return iter(self.read_value())

    __hash__ = object.__hash__  # the identity; a method of ours would slow every set and dict

    def __format__(self, format_spec: str) -> str:
        return format(self.read_value(), format_spec) if format_spec else str(self)

    def __reduce__(self) -> Any:  # what copies are made from
        kept = {key: vars(self)[key] for key in ("path", "regularizer", "constraint",
                                                "trainable")}  # fmt: skip
        return _copied, (self.numpy(), self.watchable, self.name, self.shape), kept

    def __repr__(self) -> str:
        head = f"<tf.Variable {self.name!r} shape={self.shape} dtype={self.dtype.name}"
        return head + (">" if self.array is None else f", numpy={shown(np.asarray(self.numpy()))}>")


operators.install(Variable, getitem=part)


def _copied(value: Any, trainable: bool, name: str, shape: TensorShape) -> Variable:
    return Variable(value, trainable, name=name, shape=shape)


def _owns_itself(array: np.ndarray[Any, Any]) -> bool:
    """Return whether an array can be written over: a view's memory belongs to somebody else."""
    return array.flags.owndata and array.flags.carray


def _variable_name(name: str | None, graph: Graph | None) -> str:
    full = context.scope + (name or "Variable")
    return full if graph is None else graph.unique_name(full)


def _initial_tensor(value: Any, dtype: Any, graph: Graph | None) -> Tensor:
    """Return the first value; for a function's graph, computed now, outside of the graph."""
    wanted = None if dtype is None else as_dtype(dtype)
    in_function = graph is not None and graph.captures_by == "placeholder"
    now = init_scope if in_function else nullcontext
    if callable(value) and not isinstance(value, (Tensor, Variable)):
        with now():
            value = value()
    if isinstance(value, Tensor) and value.operation is not None:
        if graph is None:
            raise GraphError(
                f"Variable: its first value, {value.name}, is an edge of {value.graph!r}, which is "
                "not being written: give a function, or fetch the value with Session.run"
            )
        if in_function:
            value = graph.evaluate_now(value)
    with now():  # a constant of the graph would be assigned again by each of its runs
        tensor = as_tensor(value, wanted, argument="Variable: initial_value")
        return tensor if wanted is None else _typed(tensor, wanted)


def _typed(tensor: Tensor, wanted: DType) -> Tensor:
    if tensor.dtype is not wanted:
        raise DTypeError(f"Variable: expected {wanted.name}, got a value of {tensor.dtype.name}")
    return tensor


@op(stateful=True)
def read_variable(variable: Variable):
    """Return the value of a Variable at this moment of the run.

    Parameters
    ----------
    variable : Variable
        What to read.

    Returns
    -------
    Tensor

    Examples
    --------
    >>> import minitf as tf
    >>> tf.Variable(2.0).read_value().numpy()
    np.float32(2.0)
    """
    return TensorSpec(variable.shape, variable.dtype)


@read_variable.kernel("numpy")
def _(*, variable):
    return variable.load()


@read_variable.gradient
def _(node, dy):
    return dy


def _assignment(value: TensorSpec, variable: Variable) -> TensorSpec:
    if not variable.shape.is_compatible_with(value.shape):
        raise ShapeError(
            f"variable {variable.name!r} of shape {variable.shape} cannot be assigned a value of "
            f"shape {value.shape}"
        )
    return TensorSpec(variable.shape, variable.dtype)


@op(writes=True, differentiable=False)
def assign_variable(value: AnyTensor, variable: Variable):
    """Replace the value of a Variable.

    Parameters
    ----------
    value : Tensor
        New value, of the Variable's shape and dtype.
    variable : Variable
        What to change.

    Returns
    -------
    Tensor
        The new value.

    Examples
    --------
    >>> import minitf as tf
    >>> tf.Variable(2.0).assign(3.0).numpy()
    np.float32(3.0)
    """
    return _assignment(value, variable)


@assign_variable.kernel("numpy")
def _(value, *, variable):
    with alone_with(frozenset([variable])):
        variable.store(value)
    return value


def _changed(variable: Variable, arithmetic: Callable[..., Any], value: Any) -> Any:
    """Store what a function makes of a Variable's value and another, and return it."""
    with alone_with(frozenset([variable])):
        array = arithmetic(variable.load(), value)
        variable.store(array)
    return array


@op(writes=True, differentiable=False)
def assign_add_variable(value: AnyTensor, variable: Variable):
    """Add to the value of a Variable.

    Parameters
    ----------
    value : Tensor
        Of the Variable's shape and dtype.
    variable : Variable
        What to change.

    Returns
    -------
    Tensor
        The new value.

    Examples
    --------
    >>> import minitf as tf
    >>> tf.Variable(2.0).assign_add(3.0).numpy()
    np.float32(5.0)
    """
    return _assignment(value, variable)


@assign_add_variable.kernel("numpy")
def _(value, *, variable):
    return _changed(variable, np.add, value)


@op(writes=True, differentiable=False)
def assign_sub_variable(value: AnyTensor, variable: Variable):
    """Subtract from the value of a Variable.

    Parameters
    ----------
    value : Tensor
        Of the Variable's shape and dtype.
    variable : Variable
        What to change.

    Returns
    -------
    Tensor
        The new value.

    Examples
    --------
    >>> import minitf as tf
    >>> tf.Variable(2.0).assign_sub(3.0).numpy()
    np.float32(-1.0)
    """
    return _assignment(value, variable)


@assign_sub_variable.kernel("numpy")
def _(value, *, variable):
    return _changed(variable, np.subtract, value)
