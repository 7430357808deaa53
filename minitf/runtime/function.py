"""Function: a Python callable, traced to one graph per input signature.

The first call with a new signature (dtypes and shapes of tensors, values of everything else) runs
the Python code once, on placeholders, and so writes a graph. This call and all later ones with that
signature run the graph (see `minitf.runtime.call`).
"""

from __future__ import annotations

import copy
import functools
import inspect
import operator
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from minitf.autograph.converting import convert
from minitf.errors import (
    DTypeError,
    FailedPreconditionError,
    GraphError,
    InvalidArgumentError,
    ShapeError,
    UsageError,
)
from minitf.graph.composite import Composite, composites
from minitf.graph.context import context, set_context
from minitf.graph.convert import as_tensor
from minitf.graph.nest import flatten, is_nested, pack_like
from minitf.graph.spec import TensorShape, TensorSpec
from minitf.graph.tensor import Tensor
from minitf.graph.trace import FunctionGraph, pack_results, trace
from minitf.runtime.call import TRACING, call_graph


class ConcreteFunction:
    """A function traced for one signature.

    Attributes
    ----------
    graph : FunctionGraph
        What was written.
    structured_input_signature : (tuple, dict)
        Specs of the positional and keyword arguments; values where they are no tensors.
    """

    def __init__(self, graph: FunctionGraph, signature: Any, names: Sequence[str]):
        self.graph = graph
        self.structured_input_signature = signature
        self.name = graph.name
        self._names = names

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Run the graph on tensors of the traced specs.

        What was traced as a Python value is part of the graph: repeat it, or give tensors alone.
        """
        call = _in_their_places(self._names, args, kwargs)
        given = _along(self.structured_input_signature, call)
        if given is None:
            given = flatten(call)
        else:
            given = self._tensors(given, flatten(self.structured_input_signature))
        hints = [t.dtype for t in self.graph.arguments]
        if len(given) == len(hints):
            given = [as_tensor(v, hint=hint) for v, hint in zip(given, hints)]
        return self.call_flat(given)

    def _tensors(self, given: list[Any], traced: list[Any]) -> list[Any]:
        """Return the arguments that are tensors; the others must be what was traced."""
        for value, spec in zip(given, traced, strict=True):
            if isinstance(spec, TensorSpec) or value is spec:
                continue
            if hasattr(spec, "graph_tensor") or _python_key(value) != _python_key(spec):
                raise UsageError(f"{self.name}: was traced for {spec!r}, got {value!r}")
        return [v for v, spec in zip(given, traced, strict=True) if isinstance(spec, TensorSpec)]

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
                 reduce_retracing: bool = False, name: str | None = None,
                 autograph: bool = True):  # fmt: skip
        self.python_function = python_function
        self._autograph = autograph
        self.input_signature = None if input_signature is None else tuple(input_signature)
        self._reduce_retracing = reduce_retracing
        self._name = str(name or getattr(python_function, "__name__", "function"))
        self._concrete: dict[Any, ConcreteFunction] = {}
        self._general: dict[Any, Any] = {}
        self._traces = 0
        self._tracing: set[Any] = set()
        self._origin: tuple[Any, Any] = (None, None)
        functools.update_wrapper(self, python_function, updated=())

    # -- calling ------------------------------------------------------------------------------

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Run the graph for these arguments, tracing it first where there is none yet."""
        if functions_run_eagerly():
            return self.python_function(*args, **kwargs)
        leaves, tensors, key, structure = self._sort(args, kwargs)
        key = key, context.device
        concrete = self._concrete.get(key)
        if concrete is None:
            concrete = self._trace(leaves, key, structure)
        return concrete.call_flat(tensors)

    def get_concrete_function(self, *args: Any, **kwargs: Any) -> ConcreteFunction:
        """Return the graph for arguments (or TensorSpecs in their places), traced if needed."""
        if not args and not kwargs and self.input_signature is not None:
            args = self.input_signature
        leaves, _, key, structure = self._sort(args, kwargs)
        key = key, context.device
        return self._concrete.get(key) or self._trace(leaves, key, structure)

    @property
    def concrete_functions(self) -> list[ConcreteFunction]:
        """The graphs traced so far, in the order in which they were."""
        return list(self._concrete.values())

    def experimental_get_tracing_count(self) -> int:
        """Return how many times the Python code has been traced."""
        return self._traces

    def __get__(self, instance: Any, owner: Any = None) -> Any:
        """Bind to an object, as a method does; each object has its own graphs.

        The object itself keeps them, so they go when it goes.
        """
        if instance is None or not hasattr(self.python_function, "__get__"):
            return self
        found = self._bound_to(instance)
        if found is None:
            with TRACING:
                found = self._bound_to(instance) or self._bind(instance, owner)
        return found

    def _bound_to(self, instance: Any) -> Function | None:
        found: Function | None = getattr(instance, "__dict__", {}).get(f"_function_{id(self)}")
        is_own = found and found._origin[0] is self and found._origin[1] is instance
        return found if is_own else None  # a copy of an object comes with the functions of that

    def _bind(self, instance: Any, owner: Any) -> Function:
        method = self.python_function.__get__(instance, owner)
        options = self.input_signature, self._reduce_retracing, self._name, self._autograph
        bound = Function(method, *options)
        bound._origin = (self, instance)
        set_attribute = (type if isinstance(instance, type) else object).__setattr__
        try:
            set_attribute(instance, f"_function_{id(self)}", bound)
        except AttributeError:
            raise InvalidArgumentError(
                f"{self._name}: a {type(instance).__name__} has __slots__ and cannot keep graphs; "
                'add "__dict__" to them'
            ) from None
        return bound

    def __deepcopy__(self, memo: Any) -> Function:
        """Return a function without graphs: a copy of a model has Variables of its own."""
        function = copy.deepcopy(self.python_function, memo)
        options = self.input_signature, self._reduce_retracing, self._name, self._autograph
        return Function(function, *options)

    # -- signatures ---------------------------------------------------------------------------

    def _sort(self, args: Any, kwargs: Any) -> tuple[list[Any], list[Tensor], Any, Any]:
        """Return the leaves of a call, its tensors, and the key that tells its graph."""
        args, kwargs = _in_their_places(self._parameters, args, kwargs)
        if self.input_signature is not None:
            return self._by_signature(args, kwargs)
        structure = (args, kwargs)
        leaves = flatten(structure)
        is_flat = len(leaves) == len(args) and all(map(operator.is_, leaves, args))
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
        if kwargs or not is_flat:
            key.append(_form(structure))
            _loosen(structure, leaves, key)
        if self._reduce_retracing:
            return leaves, tensors, self._relax(key, leaves), structure
        return leaves, tensors, tuple(key), structure

    def _by_signature(self, args: Any, kwargs: Any) -> tuple[list[Any], list[Tensor], Any, Any]:
        """Fit the arguments of a call to the input signature."""
        signature = self.input_signature
        assert signature is not None
        if kwargs:
            raise UsageError(
                f"{self._name}: {next(iter(kwargs))!r} has no place in the input_signature"
            )
        values, specs = _along(signature, args), flatten(signature)
        if values is None:
            raise UsageError(
                f"{self._name}: the input_signature has {len(specs)} tensor(s), got "
                f"{len(flatten(args))} in another structure"
            )
        tensors = []
        for value, spec in zip(values, specs, strict=True):
            if isinstance(value, TensorSpec):
                continue
            tensor = as_tensor(value, hint=spec.dtype)
            if not spec.is_compatible_with(tensor):
                raise UsageError(
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

    @functools.cached_property
    def _parameters(self) -> list[str]:
        return _parameter_names(self.python_function)

    def _trace(self, leaves: list[Any], key: Any, structure: Any) -> ConcreteFunction:
        """Return the graph of a signature, traced unless another thread has done so by now."""
        with TRACING:
            if key in self._tracing:
                raise GraphError(
                    f"{self._name} calls itself with the same signature, so tracing it would never "
                    "end: let a Python argument count down, or use tf.while_loop"
                )
            if key not in self._concrete:
                self._tracing.add(key)
                try:
                    self._concrete[key] = self._traced(leaves, structure)
                finally:
                    self._tracing.remove(key)
            return self._concrete[key]

    def _traced(self, leaves: list[Any], structure: Any) -> ConcreteFunction:
        names = _argument_names(self._parameters, structure)
        specs = [
            TensorSpec(leaf.shape, leaf.dtype, name) if isinstance(leaf, (Tensor, TensorSpec))
            else leaf
            for leaf, name in zip(leaves, names, strict=True)
        ]  # fmt: skip
        args, kwargs = pack_like(structure, specs)
        graph = FunctionGraph(self._name)
        function = convert(self.python_function) if self._autograph else self.python_function
        with set_context(gradient_of=None):
            trace(function, args, kwargs=kwargs, graph=graph)
        if graph.variables and self._traces:
            raise FailedPreconditionError(
                f"{self._name}: a tf.function creates its Variables in its first call only; "
                f"{graph.variables[0].name!r} was created in a later one. Create it outside, or "
                "keep it (`if self.v is None: self.v = tf.Variable(...)`)"
            )
        self._traces += 1
        return ConcreteFunction(graph, (args, kwargs), self._parameters)

    def pretty_printed_concrete_signatures(self) -> str:
        """Return the signatures traced so far, one per line."""
        return "\n".join(map(repr, self._concrete.values()))

    def __repr__(self) -> str:
        return f"<tf.function {self._name}: {len(self._concrete)} trace(s)>"


def _python_key(value: Any) -> Any:
    """Return what tells one Python argument from another: its value, else its identity."""
    if isinstance(value, (list, dict, set)) or value.__hash__ is None:
        return (type(value), id(value))
    if isinstance(value, (float, complex)):
        return (type(value), repr(value))  # 0.0 equals -0.0, and nan does not equal itself
    return (type(value), value)


def _form(structure: Any) -> Any:
    if isinstance(structure, Mapping):
        parts = tuple((k, _form(structure[k])) for k in sorted(structure, key=str))
        return (type(structure), parts)
    if isinstance(structure, Composite):
        return (type(structure), len(structure.components()))
    if is_nested(structure):
        return (type(structure), tuple(map(_form, structure)))
    return None


def _loosen(structure: Any, leaves: list[Any], key: list[Any]) -> None:
    """Forget how many elements ragged and sparse arguments have: one graph serves them all."""
    specs: dict[int, TensorSpec] = {}
    for composite in composites(structure):
        found = zip(composite.components(), composite.component_specs(), strict=True)
        specs.update({id(component): spec for component, spec in found})
    for i, leaf in enumerate(leaves if specs else ()):
        if id(leaf) in specs:
            leaves[i] = specs[id(leaf)]
            key[i] = (tuple(leaves[i].shape), leaves[i].dtype.name)


def _along(specs: Any, values: Any) -> list[Any] | None:
    """Return the parts of a structure that stand where another has its leaves; None at odds."""
    if not is_nested(specs):
        return [values]
    if isinstance(specs, Composite):
        alike = isinstance(values, Composite) and _form(values)[1] == _form(specs)[1]
        return list(values.components()) if alike else None
    if not is_nested(values) or isinstance(values, Composite) or len(values) != len(specs):
        return None
    if isinstance(specs, Mapping):
        if not isinstance(values, Mapping) or values.keys() != specs.keys():
            return None
        specs, values = ([d[k] for k in sorted(specs, key=str)] for d in (specs, values))
    parts = [_along(s, v) for s, v in zip(specs, values, strict=True)]
    return None if any(p is None for p in parts) else [leaf for p in parts for leaf in p or ()]


def _common(a: Any, b: Any) -> TensorShape:
    return TensorShape(m if m == n else None for m, n in zip(a, b, strict=True))


def _parameter_names(function: Callable[..., Any]) -> list[str]:
    """Return the names of the parameters that can be given by their place."""
    try:
        parameters = inspect.signature(function).parameters.values()
    except (TypeError, ValueError):  # a built-in: its arguments stay nameless
        return []
    by_place = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)
    return [p.name for p in parameters if p.kind in by_place]


def _in_their_places(names: Sequence[str], args: Any, kwargs: Any) -> tuple[Any, Any]:
    """Return a call with its arguments in their places, where it can be: f(x, y=2) is f(x, 2)."""
    if not kwargs:
        return args, kwargs
    args, kwargs = list(args), dict(kwargs)
    for name in names[len(args) :]:
        if name not in kwargs:
            break
        args.append(kwargs.pop(name))
    return tuple(args), kwargs


def _argument_names(names: Sequence[str], structure: Any) -> list[str | None]:
    """Return a name for the placeholder of every leaf of a call."""
    args, kwargs = structure
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
    happens then only. Where Python's ``if``, ``while`` or ``for`` meets a Tensor, whose value
    nobody knows while tracing, it becomes `tf.cond` or `tf.while_loop`; see `minitf.autograph`.

    Parameters
    ----------
    func : callable, optional
        The function; without it, a decorator is returned.
    input_signature : sequence of TensorSpec, optional
        Fixes one signature; None stands for sizes that may differ.
    reduce_retracing : bool
        Forget the sizes in which calls differ, instead of tracing for each.
    autograph : bool
        Whether to rewrite branches and loops, in this function and in those that it calls.
    jit_compile, experimental_* : optional
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
            function, input_signature=input_signature, autograph=autograph,
            reduce_retracing=reduce_retracing,
            experimental_relax_shapes=experimental_relax_shapes,
        )  # fmt: skip
    if not callable(func):
        raise GraphError(f"tf.function: expected a callable, got {func!r}")
    relaxed = reduce_retracing or bool(experimental_relax_shapes)
    return Function(func, input_signature, relaxed, autograph=autograph)
