"""Function: a Python callable, traced to one graph per input signature, called through an op.

The first call with a new signature (dtypes and shapes of tensors, values of everything else) runs
the Python code once, on placeholders, and so writes a graph. This call and all later ones with that
signature run the graph. The call itself is an operation, `call`, whose gradient is the call of
another graph: the forward graph walked backwards. What the backward graph needs of the forward one
(its captures) the forward call returns as further outputs.

Inside another trace a function is written out in place: its operations are copied into the outer
graph, which can then be differentiated, pruned and scheduled as one.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from minitf.autodiff.backprop import backprop
from minitf.errors import (
    DTypeError,
    FailedPreconditionError,
    GraphError,
    InvalidArgumentError,
    ShapeError,
)
from minitf.graph.context import context, set_context
from minitf.graph.convert import as_tensor
from minitf.graph.device import HOST
from minitf.graph.nest import flatten, pack_like
from minitf.graph.op import AnyTensor, Raw, op
from minitf.graph.operation import Operation
from minitf.graph.spec import TensorShape, TensorSpec
from minitf.graph.tensor import Tensor, eager_tensor
from minitf.graph.trace import (
    FunctionGraph,
    Run,
    inline,
    pack_results,
    set_runner,
    trace,
)
from minitf.runtime.compile import Compiled


def run_graph(graph: FunctionGraph, arrays: Sequence[Any], fetches: Sequence[Tensor]) -> list[Any]:
    """Run a FunctionGraph on the arrays of its inputs."""
    return find_runner(graph, fetches)(arrays)


def find_runner(graph: FunctionGraph, fetches: Sequence[Tensor]) -> Run:
    """Return a function that runs a FunctionGraph, compiled for these fetches."""
    key = (tuple(fetches), len(graph.operations), len(graph.inputs))
    compiled = graph.compiled.get(key)
    if compiled is None:
        compiled = Compiled(graph, graph.inputs, fetches, graph.effects)
        graph.compiled[key] = compiled
    return compiled.run


set_runner(find_runner)


# -- the op that calls ------------------------------------------------------------------------


class Callee:
    """What a `call` runs: a FunctionGraph, and which of its tensors the call returns.

    Attributes
    ----------
    graph : FunctionGraph
        Shared by the plain call and the one that also returns intermediate values.
    fetches : list of Tensor
        The function's results, then the intermediate values that its backward graph needs.
    """

    def __init__(self, graph: FunctionGraph, fetches: Sequence[Tensor]):
        self.graph = graph
        self.fetches = list(fetches)
        self.read_variables = graph.read_variables
        self.written_variables = graph.written_variables


@op(stateful=True)
def call(args: list[AnyTensor], callee: Raw) -> Any:
    """Run a traced function.

    Parameters
    ----------
    args : sequence of Tensor
        The function's arguments, then the values that it captured.
    callee : Callee
        The graph, and what to return of it.

    Returns
    -------
    list of Tensor

    Examples
    --------
    >>> import minitf as tf
    >>> @tf.function
    ... def double(x):
    ...     return 2.0 * x
    >>> double(tf.constant(4.0)).numpy()
    np.float32(8.0)
    """
    return [t.spec for t in callee.fetches]


@call.kernel("numpy")
def _(*args: Any, callee: Callee) -> Any:
    return tuple(callee.graph.run(args, callee.fetches))


@call.gradient
def _(node: Operation, *dys: Tensor) -> Any:
    return Backward.of(node["callee"], len(dys)).apply(node, dys)


class Backward:
    """The graph of a function walked backwards.

    Its arguments are the gradients of the forward call's outputs; everything else that it needs of
    the forward graph it captures. Its results are the gradients of the forward graph's inputs and
    of the Variables that it reads.
    """

    def __init__(self, graph: FunctionGraph, targets: Sequence[Tensor]):
        self.targets = [t for t in targets if t.dtype.is_differentiable]
        self.forward = graph
        sources = [*graph.inputs, *graph.read_variables]
        with graph.as_default():  # so that the backward graph's outer graph is the forward graph
            self.graph = FunctionGraph(f"gradient of {graph.name}")
        operations = list(graph.operations)

        def walk(*seeds: Tensor) -> list[Tensor | None]:
            return backprop(operations, self.targets, seeds, sources)

        trace(walk, [t.spec for t in self.targets], graph=self.graph)

    @property
    def needs(self) -> list[Tensor]:
        """The tensors of the forward graph that the backward graph uses."""
        return self.graph.captured

    @classmethod
    def of(cls, callee: Callee, count: int) -> Backward:
        """Return the backward graph for the first `count` outputs of a callee, made once."""
        key = tuple(callee.fetches[:count])
        made: dict[Any, Backward] = callee.graph.backward
        if key not in made:
            made[key] = cls(callee.graph, key)
        return made[key]

    def apply(self, node: Any, dys: Sequence[Tensor]) -> list[Tensor | None]:
        """Call the backward graph for one forward call; return the gradients of its sources."""
        callee: Callee = node["callee"]
        known = dict(zip(callee.fetches, node.outputs, strict=True))
        known.update(zip(callee.graph.inputs, node.inputs, strict=True))
        missing = [t for t in self.needs if t not in known]
        if missing:  # a derivative of higher order: derive the values again
            again = call(list(node.inputs), Callee(callee.graph, missing))
            known.update(zip(missing, _as_list(again), strict=True))
        seeds = [dy for t, dy in zip(callee.fetches, dys, strict=True) if t.dtype.is_differentiable]
        inputs = seeds + [known[t] for t in self.needs]
        found = call_graph(self.graph, inputs)
        return list(pack_results(self.graph, found))


def _as_list(outputs: Any) -> list[Tensor]:
    return outputs if isinstance(outputs, list) else [outputs]


def call_graph(graph: FunctionGraph, inputs: Sequence[Tensor]) -> list[Tensor]:
    """Run a graph on tensors: through `call` when eager, written out in place inside a trace.

    A tape that follows makes the call return, besides the results, what the backward graph needs.
    """
    if context.graph is not None:
        return inline(graph, inputs)
    results = graph.results
    followed = any(r.wants(tuple(inputs), graph.read_variables) for r in context.recorders)
    if followed and any(t.dtype.is_differentiable for t in results):
        needs = Backward.of(Callee(graph, results), len(results)).needs
        extra = [t for t in dict.fromkeys(needs) if t not in set(graph.inputs)]
        callee = Callee(graph, [*results, *extra])
        return _as_list(call(list(inputs), callee))[: len(results)]
    return run_now(graph, inputs)


def run_now(graph: FunctionGraph, inputs: Sequence[Tensor]) -> list[Tensor]:
    """Run a graph on eager tensors that no tape follows."""
    arrays = [t.array if t.place is HOST else t.place.fetch(t.array) for t in inputs]
    if any(array is None for array in arrays):
        raise GraphError(f"{graph.name}: an argument is an edge of a graph, used outside of it")
    return [eager_tensor(array) for array in run_graph(graph, arrays, graph.results)]


# -- what users see ---------------------------------------------------------------------------


class ConcreteFunction:
    """A function traced for one signature.

    Attributes
    ----------
    graph : FunctionGraph
        What was written.
    structured_input_signature : (tuple, dict)
        Specs of the positional and keyword arguments; values where they are no tensors.
    """

    def __init__(self, graph: FunctionGraph, signature: Any):
        self.graph = graph
        self.structured_input_signature = signature
        self.name = graph.name

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Run the graph on tensors of the traced specs."""
        tensors = [
            as_tensor(a)
            for a in flatten((args, kwargs))
            if isinstance(a, (Tensor, np.ndarray, float, int, list)) or hasattr(a, "dtype")
        ]
        return self.call_flat(tensors)

    def call_flat(self, tensors: Sequence[Tensor]) -> Any:
        """Run the graph on the tensors of its arguments, in order."""
        self._check(tensors)
        found = call_graph(self.graph, [*tensors, *self.graph.captured])
        return pack_results(self.graph, found)

    def _check(self, tensors: Sequence[Tensor]) -> None:
        expected = self.graph.arguments
        if len(tensors) != len(expected):
            raise InvalidArgumentError(
                f"{self.name}: expected {len(expected)} tensor(s), got {len(tensors)}"
            )
        for tensor, argument in zip(tensors, expected, strict=True):
            if tensor.dtype is not argument.dtype:
                raise DTypeError(f"{self.name}: argument {argument.op.name!r} is of dtype "
                                 f"{argument.dtype.name}, got {tensor.dtype.name}")  # fmt: skip
            if not argument.shape.is_compatible_with(tensor.shape):
                raise ShapeError(f"{self.name}: argument {argument.op.name!r} has the shape "
                                 f"{argument.shape}, got {tensor.shape}")  # fmt: skip

    @property
    def inputs(self) -> list[Tensor]:
        """Placeholders of the arguments and captured values."""
        return self.graph.inputs

    @property
    def outputs(self) -> list[Tensor]:
        """The tensors that are returned, flat."""
        return self.graph.results

    @property
    def captured_inputs(self) -> list[Tensor]:
        """The outside tensors that the function uses."""
        return self.graph.captured

    @property
    def variables(self) -> tuple[Any, ...]:
        """The Variables that the function reads or writes."""
        both = self.graph.read_variables + self.graph.written_variables
        return tuple(dict.fromkeys(both))

    @property
    def trainable_variables(self) -> tuple[Any, ...]:
        """Those of `variables` that are trainable."""
        return tuple(v for v in self.variables if v.trainable)

    @property
    def structured_outputs(self) -> Any:
        """Specs of the results, in the form in which the function returns them."""
        return pack_results(self.graph, [t.spec for t in self.graph.results])

    def __repr__(self) -> str:
        return f"<ConcreteFunction {self.name}{self.structured_input_signature}>"


class Function:
    """What `tf.function` returns: a callable that keeps one graph per signature.

    Attributes
    ----------
    python_function : callable
        The code that is traced.
    input_signature : sequence of TensorSpec or None
        When given, the one signature there is.
    """

    def __init__(self, python_function: Callable[..., Any], input_signature: Any = None,
                 reduce_retracing: bool = False, name: str | None = None):  # fmt: skip
        self.python_function = python_function
        self.input_signature = None if input_signature is None else tuple(input_signature)
        self._reduce_retracing = reduce_retracing
        self._name = str(name or getattr(python_function, "__name__", "function"))
        self._concrete: dict[Any, ConcreteFunction] = {}
        self._general: dict[Any, Any] = {}
        self._traces = 0
        self._created: list[Any] = []
        self._bound: dict[int, tuple[Any, Function]] = {}
        functools.update_wrapper(self, python_function)

    # -- calling ------------------------------------------------------------------------------

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Run the graph for these arguments, tracing it first where there is none yet."""
        if functions_run_eagerly():
            return self.python_function(*args, **kwargs)
        leaves, tensors, key, structure = self._sort(args, kwargs)
        concrete = self._concrete.get(key)
        if concrete is None:
            concrete = self._trace(leaves, key, structure)
        return concrete.call_flat(tensors)

    def get_concrete_function(self, *args: Any, **kwargs: Any) -> ConcreteFunction:
        """Return the graph for arguments (or TensorSpecs in their places), traced if needed."""
        if not args and not kwargs and self.input_signature is not None:
            args = self.input_signature
        leaves, _, key, structure = self._sort(args, kwargs)
        return self._concrete.get(key) or self._trace(leaves, key, structure)

    def experimental_get_tracing_count(self) -> int:
        """Return how many times the Python code has been traced."""
        return self._traces

    def __get__(self, instance: Any, owner: Any = None) -> Any:
        """Bind to an object, as a method does; each object has its own graphs."""
        if instance is None:
            return self
        found = self._bound.get(id(instance))
        if found is None:
            method = self.python_function.__get__(instance, owner)
            bound = Function(method, self.input_signature, self._reduce_retracing, self._name)
            self._bound[id(instance)] = found = (instance, bound)
        return found[1]

    # -- signatures ---------------------------------------------------------------------------

    def _sort(self, args: Any, kwargs: Any) -> tuple[list[Any], list[Tensor], Any, Any]:
        """Return the leaves of a call, its tensors, and the key that tells its graph."""
        structure = (args, kwargs)
        leaves = flatten(structure)
        tensors: list[Tensor] = []
        key: list[Any] = []
        for i, leaf in enumerate(leaves):
            if isinstance(leaf, (np.ndarray, np.generic)):
                leaf = leaves[i] = as_tensor(leaf)
            if isinstance(leaf, Tensor):
                tensors.append(leaf)
                key.append((tuple(leaf.spec.shape), leaf.spec.dtype.name))
            elif isinstance(leaf, TensorSpec):
                key.append((tuple(leaf.shape), leaf.dtype.name))
            else:
                key.append(_python_key(leaf))
        if self.input_signature is not None:
            return self._by_signature(args, kwargs)
        if kwargs or len(leaves) != len(args):
            key.append(_form(structure))
        if self._reduce_retracing:
            return leaves, tensors, self._relax(key, leaves), structure
        return leaves, tensors, tuple(key), structure

    def _by_signature(self, args: Any, kwargs: Any) -> tuple[list[Any], list[Tensor], Any, Any]:
        """Fit the arguments of a call to the input signature."""
        signature = self.input_signature
        assert signature is not None
        if kwargs:
            names = list(_parameter_names(self.python_function))
            args = (*args, *(kwargs[n] for n in names[len(args) :] if n in kwargs))
        values, specs = flatten(args), flatten(signature)
        if len(values) != len(specs):
            raise InvalidArgumentError(
                f"{self._name}: the input_signature has {len(specs)} tensor(s), got {len(values)}"
            )
        tensors = []
        for value, spec in zip(values, specs, strict=True):
            if isinstance(value, TensorSpec):
                continue
            tensor = as_tensor(value, hint=spec.dtype)
            if not spec.is_compatible_with(tensor):
                raise InvalidArgumentError(
                    f"{self._name}: expected {spec} as in the input_signature, got a tensor of "
                    f"shape {tensor.shape} and dtype {tensor.dtype.name}"
                )
            tensors.append(tensor)
        return list(specs), tensors, "signature", (signature, {})

    def _relax(self, key: list[Any], leaves: list[Any]) -> Any:
        """Return a key that forgets the sizes in which this call differs from earlier ones."""
        ranks = tuple(
            (len(k[0]), k[1]) if isinstance(leaf, (Tensor, TensorSpec)) else k
            for k, leaf in zip(key, leaves, strict=False)
        )
        general = self._general.get(ranks)
        shapes = [leaf.shape if isinstance(leaf, (Tensor, TensorSpec)) else None for leaf in leaves]
        if general is not None:
            shapes = [None if a is None else _common(a, b)
                      for a, b in zip(shapes, general, strict=True)]  # fmt: skip
        self._general[ranks] = shapes
        for i, shape in enumerate(shapes):
            if shape is not None:
                key[i] = (tuple(shape), leaves[i].dtype.name)
                leaves[i] = TensorSpec(shape, leaves[i].dtype)
        return tuple(key)

    # -- tracing ------------------------------------------------------------------------------

    def _trace(self, leaves: list[Any], key: Any, structure: Any) -> ConcreteFunction:
        names = _argument_names(self.python_function, structure)
        specs = [
            TensorSpec(leaf.shape, leaf.dtype, name) if isinstance(leaf, (Tensor, TensorSpec))
            else leaf
            for leaf, name in zip(leaves, names, strict=True)
        ]  # fmt: skip
        args, kwargs = pack_like(structure, specs)
        graph = FunctionGraph(self._name)
        with set_context(gradient_of=None):
            trace(self.python_function, args, kwargs=kwargs, graph=graph)
        if graph.variables and self._traces:
            raise FailedPreconditionError(
                f"{self._name}: a tf.function creates its Variables in its first call only; "
                f"{graph.variables[0].name!r} was created in a later one. Create it outside, or "
                "keep it (`if self.v is None: self.v = tf.Variable(...)`)"
            )
        self._traces += 1
        self._created += graph.variables
        concrete = self._concrete[key] = ConcreteFunction(graph, (args, kwargs))
        return concrete

    def pretty_printed_concrete_signatures(self) -> str:
        """Return the signatures traced so far, one per line."""
        return "\n".join(map(repr, self._concrete.values()))

    def __repr__(self) -> str:
        return f"<tf.function {self._name}: {len(self._concrete)} trace(s)>"


def _python_key(value: Any) -> Any:
    """Return what tells one Python argument from another: its value, else its identity."""
    if isinstance(value, (list, dict, set)) or value.__hash__ is None:
        return (type(value), id(value))
    return (type(value), value)


def _form(structure: Any) -> Any:
    if isinstance(structure, dict):
        return ("dict", tuple((k, _form(structure[k])) for k in sorted(structure, key=str)))
    if isinstance(structure, (list, tuple)):
        return (type(structure).__name__, tuple(map(_form, structure)))
    return None


def _common(a: Any, b: Any) -> TensorShape:
    return TensorShape(m if m == n else None for m, n in zip(a, b, strict=True))


def _parameter_names(function: Callable[..., Any]) -> Any:
    import inspect

    try:
        return inspect.signature(function).parameters
    except (TypeError, ValueError):  # a built-in: its arguments stay nameless
        return {}


def _argument_names(function: Callable[..., Any], structure: Any) -> list[str | None]:
    """Return a name for the placeholder of every leaf of a call."""
    args, kwargs = structure
    names = list(_parameter_names(function))
    found: list[str | None] = []
    for i, value in enumerate(args):
        found += [names[i] if i < len(names) else None] * len(flatten(value))
    for key in sorted(kwargs):
        found += [key] * len(flatten(kwargs[key]))
    return found


_settings = {"run_eagerly": False}


def run_functions_eagerly(run_eagerly: bool) -> None:
    """Let every `tf.function` run its Python code at each call, for debugging.

    Examples
    --------
    >>> import minitf as tf
    >>> tf.config.run_functions_eagerly(True)
    >>> tf.config.functions_run_eagerly()
    True
    >>> tf.config.run_functions_eagerly(False)
    """
    _settings["run_eagerly"] = bool(run_eagerly)


def functions_run_eagerly() -> bool:
    """Return whether `tf.function` runs its Python code at each call."""
    return _settings["run_eagerly"]


def function(
    func: Callable[..., Any] | None = None,
    input_signature: Any = None,
    autograph: bool = True,
    jit_compile: bool | None = None,
    reduce_retracing: bool = False,
    experimental_implements: Any = None,
    experimental_autograph_options: Any = None,
    experimental_attributes: Any = None,
    experimental_relax_shapes: bool | None = None,
    experimental_compile: bool | None = None,
    experimental_follow_type_hints: bool | None = None,
) -> Any:
    """Turn a Python function into one that runs as a graph.

    Python code runs while the graph is written: once per signature, that is, per combination of the
    dtypes and shapes of tensor arguments and the values of all others. What it prints or appends
    happens then only. Python's ``if`` and ``while`` cannot branch on a Tensor while tracing: write
    `tf.cond` and `tf.while_loop` (this is the one part of TensorFlow's autograph that is left out).

    Parameters
    ----------
    func : callable, optional
        The function; without it, a decorator is returned.
    input_signature : sequence of TensorSpec, optional
        Fixes one signature; None stands for sizes that may differ.
    reduce_retracing : bool
        Forget the sizes in which calls differ, instead of tracing for each.
    autograph, jit_compile, experimental_* : optional
        Accepted for compatibility.

    Returns
    -------
    Function

    Examples
    --------
    >>> import minitf as tf
    >>> @tf.function
    ... def area(a, b):
    ...     print("tracing")
    ...     return a * b
    >>> area(tf.constant(2.0), tf.constant(3.0)).numpy()
    tracing
    np.float32(6.0)
    >>> area(tf.constant(4.0), tf.constant(5.0)).numpy()
    np.float32(20.0)
    """
    if func is None:
        return functools.partial(
            function, input_signature=input_signature, reduce_retracing=reduce_retracing,
            experimental_relax_shapes=experimental_relax_shapes,
        )  # fmt: skip
    if not callable(func):
        raise GraphError(f"tf.function: expected a callable, got {func!r}")
    return Function(func, input_signature, reduce_retracing or bool(experimental_relax_shapes))
