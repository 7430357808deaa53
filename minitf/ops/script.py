"""Python inside of graphs: `print`, `py_function`, `numpy_function`, `timestamp`.

These operations act on the world outside, or may. So a traced function runs them at every call, in
the order of the program, even where nobody uses what they return.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from minitf.dtypes import DType, as_dtype, float64
from minitf.errors import DTypeError, InvalidArgumentError, ShapeError
from minitf.graph.composite import Composite
from minitf.graph.context import context, init_scope, set_context
from minitf.graph.convert import as_tensor
from minitf.graph.nest import flatten, is_nested, pack_like
from minitf.graph.op import AnyTensor, Raw, op
from minitf.graph.operation import Operation
from minitf.graph.spec import TensorShape, TensorSpec
from minitf.graph.tensor import Tensor, eager_tensor
from minitf.graph.trace import FunctionGraph, walk_back
from minitf.ops.array import as_list
from minitf.ops.composed import composed
from minitf.ops.source import zeros_like

# -- print ------------------------------------------------------------------------------------


class Slot(int):
    """Stands for a tensor, by its number, in the arguments of a call."""


class Layout:
    """The form of a printed line.

    Attributes
    ----------
    parts : list
        The arguments of the call, nested as they were, a Slot in the place of each tensor.
    """

    def __init__(self, parts: Sequence[Any], stream: Any, summarize: int, sep: str, end: str):
        self.parts, self.stream = list(parts), stream
        self.summarize, self.sep, self.end = summarize, sep, end

    def text(self, arrays: Sequence[Any]) -> str:
        """Return the line for the tensors' values."""
        texts = [p if isinstance(p, str) else self._show(p, arrays) for p in self.parts]
        return self.sep.join(texts) + self.end

    def _show(self, part: Any, arrays: Sequence[Any]) -> str:
        if isinstance(part, Slot):
            return show_array(arrays[part], self.summarize)
        if isinstance(part, Composite):
            found = [arrays[slot] for slot in part.components()]
            return part.printed(found, lambda array: show_array(array, self.summarize))
        if isinstance(part, Mapping):
            return "{" + ", ".join(f"{k!r}: {self._show(v, arrays)}" for k, v in part.items()) + "}"
        if is_nested(part):
            inside = ", ".join(self._show(p, arrays) for p in part)
            comma = "," if len(part) == 1 else ""
            return f"({inside}{comma})" if isinstance(part, tuple) else f"[{inside}]"
        return repr(part)


def show_array(array: Any, summarize: int) -> str:
    """Return an array as text: the first and last `summarize` entries of each axis, -1 for all."""
    if np.ndim(array) == 0:
        return _show_number(np.asarray(array)[()])
    if summarize >= 0 and len(array) > 2 * summarize:
        ends = [array[i] for i in (*range(summarize), *range(-summarize, 0))]
        rows = [show_array(row, summarize).replace("\n", "\n ") for row in ends]
        rows.insert(summarize, "...")
    else:
        rows = [show_array(row, summarize).replace("\n", "\n ") for row in array]
    separator = "\n" * (array.ndim - 1) + " "
    return "[" + separator.join(rows) + "]"


def _show_number(number: Any) -> str:
    """Return a number with as few digits as tell it from its neighbours, 6 or 9 (15 or 17)."""
    if isinstance(number, (bool, np.bool_)):
        return str(int(number))
    if isinstance(number, (np.floating, float)):
        few, many = (15, 17) if isinstance(number, float) else (6, 9)
        text = f"{float(number):.{few}g}"
        single = np.float32(number) if few == 6 else number
        return text if single == type(single)(text) or number != number else f"{number:.{many}g}"
    if isinstance(number, (str, bytes)):
        return '"' + (number.decode() if isinstance(number, bytes) else number) + '"'
    return str(number)


def _write(text: str, stream: Any) -> None:
    if isinstance(stream, str):
        with Path(stream.removeprefix("file://")).open("a", encoding="utf-8") as file:
            file.write(text)
    else:
        out = sys.stderr if stream is None else stream
        out.write(text)
        out.flush()


@op(name="print", ordered=True, differentiable=False)
def print_now(values: list[AnyTensor], layout: Raw):  # type: ignore[valid-type]
    """Print tensors; see `print_`."""
    return []


@print_now.kernel("numpy")
def _(*arrays, layout):
    _write(layout.text(arrays), layout.stream)
    return ()


def print_(
    *inputs: Any,
    output_stream: Any = None,
    summarize: int = 3,
    sep: str = " ",
    end: str = "\n",
    name: str | None = None,
) -> Operation | None:
    """Print values when they are computed: at every run of a graph, not while it is written.

    Parameters
    ----------
    *inputs : object
        Tensors, Python values, or nested structures of them.
    output_stream : file-like object or str, optional
        Where to: ``sys.stderr`` by default, or ``"file://..."`` to append to a file.
    summarize : int
        Of each axis, the first and last so many entries are shown; -1 shows all.
    sep, end : str
        Printed between the inputs, and behind the last.
    name : str, optional
        Name of the operation.

    Returns
    -------
    Operation or None
        In a `tf.Graph`, the operation to run; a traced function runs it by itself.

    Examples
    --------
    >>> import sys
    >>> import minitf as tf
    >>> tf.print("mean:", tf.reduce_mean([1.0, 2.0]), output_stream=sys.stdout)
    mean: 1.5
    """
    tensors: list[Tensor] = []
    parts = [_with_slots(value, tensors) for value in inputs]
    layout = Layout(parts, output_stream, summarize, sep, end)
    written = print_now(tensors, layout, name=name)
    inside = context.graph is None or isinstance(context.graph, FunctionGraph)
    return None if inside else written


def _with_slots(value: Any, tensors: list[Tensor]) -> Any:
    """Return a printable value with a Slot in place of each tensor, and collect the tensors."""
    leaves = []
    for leaf in flatten(value) if is_nested(value) else [value]:
        if isinstance(leaf, (Tensor, np.ndarray)) or hasattr(leaf, "graph_tensor"):
            tensors.append(as_tensor(leaf))
            leaf = Slot(len(tensors) - 1)
        leaves.append(leaf)
    return pack_like(value, leaves) if is_nested(value) else leaves[0]


# -- functions --------------------------------------------------------------------------------


class Script:
    """A Python function, and what it has been announced to return.

    Attributes
    ----------
    function : callable
        Takes and returns eager Tensors (or takes arrays, where `plain`).
    wanted : tuple of TensorSpec or DType
        What it returns.
    several : bool
        Whether a list is several results, rather than one tensor.
    plain : bool
        Whether it works on NumPy arrays.
    taken : dict of int to TensorShape
        In a graph, the shapes of results that are announced by their dtype alone: scalars, until
        `Tensor.set_shape` says otherwise.
    """

    def __init__(self, function: Callable[..., Any], wanted: Any, plain: bool):
        self.several = isinstance(wanted, (list, tuple))
        self.wanted = tuple(wanted) if self.several else (wanted,)
        self.function, self.plain = function, plain
        self.taken: dict[int, TensorShape] = {}

    def results(self, *tensors: Tensor) -> list[Any]:
        """Call the function on eager tensors, and return its results."""
        arguments = map(np.asarray, tensors) if self.plain else tensors
        returned = self.function(*arguments)
        if returned is None:
            found = []
        elif isinstance(returned, tuple) or (self.several and isinstance(returned, list)):
            found = list(returned)
        else:
            found = [returned]
        if len(found) != len(self.wanted):
            raise InvalidArgumentError(
                f"the function returns {len(found)} value(s), but Tout announces {len(self.wanted)}"
            )
        return [as_tensor(v, hint=_dtype(w)) for v, w in zip(found, self.wanted, strict=True)]

    def checked(self, *tensors: Tensor) -> list[Tensor]:
        """Call the function on eager tensors, and check its results."""
        found = self.results(*tensors)
        for i, (tensor, wanted) in enumerate(zip(found, self.wanted, strict=True)):
            if i in self.taken and not self.taken[i].is_compatible_with(tensor.shape):
                raise ShapeError(f"the function returns shape {tensor.shape}, which the graph took "
                                 f"to be {self.taken[i]}: say so with set_shape, or with "
                                 f"Tout=tf.TensorSpec(shape, tf.{tensor.dtype.name})")  # fmt: skip
            if tensor.dtype is not _dtype(wanted):
                raise DTypeError(f"the function returns {tensor.dtype.name}, but Tout says "
                                 f"{_dtype(wanted).name}")  # fmt: skip
            if isinstance(wanted, TensorSpec) and not wanted.is_compatible_with(tensor):
                raise ShapeError(f"the function returns shape {tensor.shape}, but Tout says "
                                 f"{wanted.shape}")  # fmt: skip
        return found

    def specs(self) -> tuple[TensorSpec, ...]:
        """Return what a graph knows of the results."""
        self.taken = {
            i: TensorShape(()) for i, w in enumerate(self.wanted) if not isinstance(w, TensorSpec)
        }
        return tuple(TensorSpec((), _dtype(w)) if i in self.taken else w
                     for i, w in enumerate(self.wanted))  # fmt: skip

    def take(self, i: int, shape: TensorShape) -> bool:
        """Learn the shape of a result; return whether it was announced by its dtype alone."""
        if i not in self.taken:
            return False
        self.taken[i] = shape
        return True


def _dtype(wanted: Any) -> DType:
    return wanted.dtype if isinstance(wanted, TensorSpec) else as_dtype(wanted)


@op(name="py_function", ordered=True)
def call_python(inp: list[AnyTensor], script: Raw):  # type: ignore[valid-type]
    """Call a Python function; see `py_function` and `numpy_function`."""
    return script.specs()


@call_python.kernel("numpy")
def _(*arrays, script):
    with init_scope():
        found = script.checked(*map(eager_tensor, arrays))
    return tuple(t.place.fetch(t.array) for t in found)


@call_python.gradient
def _(node, *dys):
    script, count = node["script"], len(node.inputs)
    if script.plain:
        return [None] * count
    wanted = [i for i, t in enumerate(node.inputs) if t.dtype.is_differentiable]

    def backward(*tensors: Tensor) -> list[Tensor]:
        inputs = tensors[:count]
        sources = [inputs[i] for i in wanted]
        return differentiate(lambda: script.results(*inputs), sources, tensors[count:])

    specs = [node.inputs[i].spec for i in wanted]
    found = iter(as_list(call_python([*node.inputs, *dys], Script(backward, specs, plain=False))))
    return [next(found) if i in wanted else None for i in range(count)]


@composed
def py_function(
    func: Callable[..., Any] | None = None, inp: Any = None, Tout: Any = None,
    name: str | None = None
) -> Any:  # fmt: skip
    """Call a Python function, on eager tensors, when the graph runs.

    Gradients flow through the function if it is made of ops. To find them it is called a second
    time.

    Parameters
    ----------
    func : callable
        Takes eager Tensors; returns tensors, arrays or numbers.
    inp : sequence of Tensor
        Its arguments.
    Tout : DType or TensorSpec, or sequence of them
        What it returns. Inside a graph the number of dimensions of every tensor is known: a result
        given by its dtype alone is taken for a scalar, until `set_shape` says otherwise.
    name : str, optional
        Name of the operation.

    Returns
    -------
    Tensor, or list of Tensor where Tout is a sequence

    Examples
    --------
    >>> import minitf as tf
    >>> @tf.function
    ... def f(x):
    ...     return tf.py_function(lambda v: float(v) * v, [x], tf.TensorSpec([], tf.float32))
    >>> float(f(tf.constant(3.0)))
    9.0
    """
    return _call(func, inp, Tout, False, name)


@composed
def numpy_function(
    func: Callable[..., Any] | None = None, inp: Any = None, Tout: Any = None,
    stateful: bool = True, name: str | None = None
) -> Any:  # fmt: skip
    """Call a Python function, on NumPy arrays, when the graph runs. No gradient flows through it.

    Parameters
    ----------
    func : callable
        Takes and returns arrays.
    inp : sequence of Tensor
        Its arguments.
    Tout : DType or TensorSpec, or sequence of them
        As for `py_function`.
    stateful : bool
        Accepted as in TensorFlow: it is always taken to be.
    name : str, optional
        Name of the operation.

    Returns
    -------
    Tensor, or list of Tensor where Tout is a sequence

    Examples
    --------
    >>> import numpy as np
    >>> import minitf as tf
    >>> tf.numpy_function(np.sort, [tf.constant([3, 1, 2])], tf.int32).numpy().tolist()
    [1, 2, 3]
    """
    return _call(func, inp, Tout, True, name)


def _call(func: Any, inp: Any, Tout: Any, plain: bool, name: str | None) -> Any:
    script = Script(func, Tout, plain)
    inputs = [as_tensor(t) for t in (inp if isinstance(inp, (list, tuple)) else [inp])]
    if context.graph is None:
        found = script.checked(*inputs)  # a tape records what the function does
    elif Tout:
        found = as_list(call_python(inputs, script, name=name))
    else:
        call_python(inputs, script, name=name)
        found = []
    return found if script.several else found[0]


class Recording:
    """A Recorder that keeps every operation."""

    def __init__(self) -> None:
        self.operations: list[Operation] = []

    def wants(self, inputs: tuple[Tensor, ...], variables: tuple[Any, ...]) -> bool:
        """Return True: what matters is found out by the reverse walk."""
        return True

    def record(self, node: Operation) -> None:
        """Keep an operation."""
        self.operations.append(node)


def differentiate(
    function: Callable[[], Sequence[Tensor]], sources: Sequence[Tensor], seeds: Sequence[Tensor]
) -> list[Tensor]:
    """Call a function, and return the derivative of its results."""
    recording = Recording()
    with set_context(recorders=[*context.recorders, recording]):
        targets = function()
    found = walk_back(recording.operations, targets, seeds, sources)
    return [zeros_like(s) if g is None else g for s, g in zip(sources, found, strict=True)]


# -- time -------------------------------------------------------------------------------------


@op(name="timestamp", stateful=True, differentiable=False)
def timestamp():
    """Return the time, in seconds since 1970, at which this is computed.

    Returns
    -------
    Tensor
        Of type float64 and shape ().

    Examples
    --------
    >>> import minitf as tf
    >>> bool(tf.timestamp() > 1e9)
    True
    """
    return TensorSpec((), float64)


@timestamp.kernel("numpy")
def _():
    return np.float64(time.time())
