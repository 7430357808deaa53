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

from minitf.dtypes import as_dtype, float64
from minitf.errors import DTypeError, InvalidArgumentError, ShapeError
from minitf.graph.context import context, init_scope, set_context
from minitf.graph.convert import as_array, as_tensor
from minitf.graph.nest import flatten, is_nested, pack_like
from minitf.graph.op import AnyTensor, Raw, op
from minitf.graph.operation import Operation
from minitf.graph.spec import TensorSpec
from minitf.graph.tensor import Tensor, eager_tensor
from minitf.graph.trace import FunctionGraph, walk_back
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
    """A Python function as an operation.

    Attributes
    ----------
    function : callable
        Takes and returns eager Tensors (or arrays, where `plain`).
    specs : tuple of TensorSpec
        What it returns.
    plain : bool
        Whether it works on NumPy arrays.
    """

    def __init__(self, function: Callable[..., Any], specs: Sequence[TensorSpec], plain: bool):
        self.function, self.specs, self.plain = function, tuple(specs), plain

    def run(self, arrays: Sequence[Any]) -> tuple[Any, ...]:
        """Call the function."""
        with init_scope():
            returned = self.function(*arrays) if self.plain else self.function(
                *map(eager_tensor, arrays))  # fmt: skip
            found = [] if returned is None else flatten(returned)
            if len(found) != len(self.specs):
                raise InvalidArgumentError(
                    f"the function returns {len(found)} value(s), but Tout announces "
                    f"{len(self.specs)}"
                )
            return tuple(fitting(*pair) for pair in zip(found, self.specs, strict=True))


def fitting(value: Any, spec: TensorSpec) -> Any:
    """Return what a Python function returned as an array, checked against what was announced."""
    if isinstance(value, Tensor) or hasattr(value, "graph_tensor"):
        value = as_tensor(value)
        array = value.place.fetch(value.array)
    else:
        array = as_array(value, hint=spec.dtype)
    if array.dtype != spec.dtype.numpy:
        raise DTypeError(f"the function returns {array.dtype}, but Tout says {spec.dtype.name}")
    if not spec.shape.is_compatible_with(array.shape):
        raise ShapeError(f"the function returns shape {array.shape}, but Tout says {spec.shape}")
    return array


@op(name="py_function", ordered=True)
def call_python(inp: list[AnyTensor], script: Raw):  # type: ignore[valid-type]
    """Call a Python function; see `py_function` and `numpy_function`."""
    return script.specs


@call_python.kernel("numpy")
def _(*arrays, script):
    return script.run(arrays)


@call_python.gradient
def _(node, *dys):
    script, count = node["script"], len(node.inputs)
    if script.plain:
        return [None] * count
    wanted = [i for i, t in enumerate(node.inputs) if t.dtype.is_differentiable]

    def backward(*tensors: Tensor) -> list[Tensor]:
        inputs = tensors[:count]
        sources = [inputs[i] for i in wanted]
        return differentiate(script.function, inputs, sources, tensors[count:])

    specs = [node.inputs[i].spec for i in wanted]
    found = call_python([*node.inputs, *dys], Script(backward, specs, plain=False))
    found = iter(found if isinstance(found, list) else [found])
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
        What it returns. Inside a graph TensorSpecs are needed, because minitf must know the number
        of dimensions of every tensor.
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
    several = isinstance(Tout, (list, tuple))
    wanted = list(Tout) if several else [Tout]
    inputs = [as_tensor(t) for t in (inp if isinstance(inp, (list, tuple)) else [inp])]
    if context.graph is None:
        found = _call_now(func, inputs, wanted, plain)
    else:
        outputs = call_python(inputs, Script(func, _specs(wanted), plain), name=name)
        found = [] if isinstance(outputs, Operation) else outputs
    return found if several or not isinstance(found, list) else found[0]


def _specs(wanted: Sequence[Any]) -> list[TensorSpec]:
    for spec in wanted:
        if not isinstance(spec, TensorSpec):
            raise InvalidArgumentError(
                f"a graph must know the shape of what the function returns: pass "
                f"Tout=tf.TensorSpec(shape, tf.{as_dtype(spec).name})"
            )
    return list(wanted)


def _call_now(func: Any, inputs: Sequence[Tensor], wanted: Sequence[Any], plain: bool) -> Any:
    """Call the function at once: a tape records what it does."""
    returned = func(*[np.asarray(t) for t in inputs]) if plain else func(*inputs)
    found = [] if returned is None else flatten(returned)
    if len(found) != len(wanted):
        raise InvalidArgumentError(
            f"the function returns {len(found)} value(s), but Tout announces {len(wanted)}"
        )
    dtypes = [w.dtype if isinstance(w, TensorSpec) else as_dtype(w) for w in wanted]
    tensors = [as_tensor(v, hint=dtype) for v, dtype in zip(found, dtypes, strict=True)]
    for tensor, dtype in zip(tensors, dtypes, strict=True):
        if tensor.dtype is not dtype:
            raise DTypeError(f"the function returns {tensor.dtype.name}, but Tout says "
                             f"{dtype.name}")  # fmt: skip
    return tensors


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


def differentiate(function: Callable[..., Any], inputs: Sequence[Tensor],
                  sources: Sequence[Tensor], seeds: Sequence[Tensor]) -> list[Tensor]:  # fmt: skip
    """Call a function, and return the derivative of its results for some of its inputs."""
    recording = Recording()
    with set_context(recorders=[*context.recorders, recording]):
        targets = [as_tensor(v, hint=s.dtype)
                   for v, s in zip(flatten(function(*inputs)), seeds, strict=True)]  # fmt: skip
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
