"""OpDef and `@op`: the declaration of one kind of computation.

Everything true of an op stands together, on one screen::

    @op
    def softplus(features: FloatTensor):
        '''Smooth relu, log(1 + exp(x)). ...'''
        return features                         # infers the result's spec; never sees data

    @softplus.kernel("numpy")
    def _(x):                                   # what it means, on raw arrays
        return np.logaddexp(x, 0)

    @softplus.gradient
    def _(node, dy):                            # how it is differentiated, in ops
        return dy * sigmoid(node.inputs[0])

    @softplus.scalar
    def _(x):                                   # one element; fused CPU and GPU kernels come of it
        return math.log1p(math.exp(-abs(x))) + max(x, 0)

The annotations of the declared function say what a parameter is:

=====================  ===========================================================================
``Tensor``             an input; all inputs of this kind share one dtype
``FloatTensor``        the same, and the dtype must be floating
``IntTensor``          an input of integer type, whatever the others are
``BoolTensor``         an input of type bool
``AnyTensor``          an input of any type
``list[Tensor]``       any number of inputs of one dtype, passed to kernels as ``*arrays``
``list[AnyTensor]``    the same, of any dtypes
``list[AnyTensor]``    the same, and each may have a dtype of its own
``Variable``           a Variable that the op reads (or, with ``writes=True``, changes)
``DType``              an attribute; names are converted to a DType
``Shape``              an attribute: a tuple of ints, of which a graph may compute some
``Raw``                an attribute that is passed through untouched
anything else          an attribute: lists become tuples, and a graph may compute its numbers
=====================  ===========================================================================

When a graph computes an attribute (``tf.reshape(x, [tf.shape(x)[0], 4])``), the number arrives as a
further input of the Operation and the attribute holds `Deferred`; the declared function sees None
in its place, kernels see the number, and ``node["shape"]`` in a gradient shows the Tensor.
"""

from __future__ import annotations

import functools
import inspect
import sys
import time
from collections.abc import Callable, Iterable
from typing import Any, NamedTuple, Protocol, TypeAlias, overload

import numpy as np

from minitf.dtypes import DType, as_dtype
from minitf.errors import (
    DTypeError,
    Error,
    InvalidArgumentError,
    ResourceExhaustedError,
    UnimplementedError,
    UsageError,
    located,
    user_line,
)
from minitf.graph.attributes import attribute, defer, resolve
from minitf.graph.composite import rule_for
from minitf.graph.context import context, run_quietly, set_context
from minitf.graph.convert import as_tensor
from minitf.graph.device import HOST, Device
from minitf.graph.observe import observers
from minitf.graph.operation import Operation
from minitf.graph.placing import STAY, gather, growing
from minitf.graph.registry import OPS, SCALAR_COMPILERS
from minitf.graph.spec import TensorSpec, as_shape
from minitf.graph.tensor import Tensor, eager_tensor

FloatTensor: TypeAlias = Tensor
IntTensor: TypeAlias = Tensor
BoolTensor: TypeAlias = Tensor
AnyTensor: TypeAlias = Tensor
Shape: TypeAlias = tuple[int, ...]
Raw: TypeAlias = Any

VARIADIC = ("list[Tensor]", "list[AnyTensor]")
INPUTS = ("Tensor", "FloatTensor", "IntTensor", "BoolTensor", "AnyTensor", *VARIADIC)
SAME_DTYPE = ("Tensor", "FloatTensor", "list[Tensor]")
CACHE_LIMIT = 4096

# What NumPy raises where a kernel's inputs cannot be computed with.
REFUSALS = (ValueError, TypeError, IndexError, ArithmeticError, MemoryError)


# Attributes of these types are in normal form already.
AS_THEY_ARE = {bool, int, float, type(None), DType}


class Parameter(NamedTuple):
    """One parameter of an op: its name, what its annotation makes it, and its default."""

    name: str
    kind: str
    default: Any


class OpDef:
    """The timeless declaration of one kind of computation.

    It is not a use of the computation (that is an `Operation`) and holds no data.

    Attributes
    ----------
    name : str
        Unique; also the default name of its operations.
    parameters : tuple of Parameter
        In the order of the call.
    kernels : dict of str to function
        Per backend, a function on raw arrays.
    gradient_rule : function or None
        ``rule(node, *dys)`` returns the gradients of the inputs (then of the Variables it reads):
        a Tensor or None each, or one alone where there is one source.
    scalar_rule : function or None
        One element of an elementwise op.
    differentiable : bool
        False where the derivative does not exist or is zero everywhere; gradients stop here.
    stateful : bool
        Whether two equal calls may differ or matter (random numbers, assignments, printing): such
        operations are never shared, folded or reordered.
    writes : bool
        Whether the op changes the Variables that it is given.
    ordered : bool
        Whether it acts on the world outside (printing, calling Python): such operations of a
        function run even if nothing uses their outputs, in the order of the program.
    view : bool
        Whether the NumPy kernel's result may share memory with an input.
    variable : str or None
        The parameter that holds the Variable which the op reads or assigns.
    accepts_none : bool
        Whether the gradient rule takes None for an output that no target depends on; the rules of
        other ops get zeros.
    """

    def __init__(self, body: Callable[..., Any], *, name: str | None = None,
                 differentiable: bool = True, stateful: bool = False, writes: bool = False,
                 ordered: bool = False, view: bool = False,
                 accepts_none: bool = False):  # fmt: skip
        self.body = body
        self.name = name or body.__name__.rstrip("_")
        self.doc = inspect.getdoc(body) or ""
        self.signature = inspect.signature(body)
        self.parameters = tuple(
            Parameter(p.name, str(p.annotation), p.default)
            for p in self.signature.parameters.values()
        )
        self.differentiable = differentiable
        self.stateful = stateful or writes or ordered
        self.ordered = ordered
        self.writes = writes
        self.view = view
        self.accepts_none = accepts_none
        self.kernels: dict[str, Callable[..., Any]] = {}
        self.gradient_rule: Callable[..., Any] | None = None
        self.scalar_rule: Callable[..., Any] | None = None
        self._inferred: dict[Any, tuple[tuple[TensorSpec, ...], bool]] = {}
        inputs = [p.kind in INPUTS for p in self.parameters]
        leading = sum(inputs)
        fixed = inputs == sorted(inputs, reverse=True) and not any(
            p.kind in VARIADIC for p in self.parameters
        )
        self._leading = leading if fixed else -1
        self._attributes = [
            (i, p.name, p.kind) for i, p in enumerate(self.parameters) if p.kind not in INPUTS
        ]
        self.variable = next((p.name for p in self.parameters if p.kind == "Variable"), None)
        self._host_kernel: Callable[..., Any] | None = None
        self._raw = {p.name for p in self.parameters if p.kind in ("Raw", "Variable")}
        if self.name in OPS:
            raise InvalidArgumentError(f"an op called {self.name!r} exists already")
        OPS[self.name] = self

    # -- declaring ----------------------------------------------------------------------------

    def kernel(self, backend: str) -> Callable[..., Any]:
        """Register the decorated function as the kernel for one backend."""

        def register(function: Callable[..., Any]) -> Callable[..., Any]:
            self.kernels[backend] = function
            self._host_kernel = self.find_kernel(HOST.backends)
            return function

        return register

    def gradient(self, rule: Callable[..., Any]) -> Callable[..., Any]:
        """Register the decorated function as the gradient rule."""
        self.gradient_rule = rule
        return rule

    def scalar(self, rule: Callable[..., Any]) -> Callable[..., Any]:
        """Register the decorated function as the rule for one element."""
        self.scalar_rule = rule
        return rule

    def find_kernel(self, backends: tuple[str, ...]) -> Callable[..., Any] | None:
        """Return the kernel of the first backend that has one, or makes one of the scalar rule."""
        for backend in backends:
            if backend not in self.kernels and backend in SCALAR_COMPILERS and self.scalar_rule:
                made = SCALAR_COMPILERS[backend](self)
                if made is not None:
                    self.kernels[backend] = made
            if backend in self.kernels:
                return self.kernels[backend]
        return None

    # -- calling ------------------------------------------------------------------------------

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Compute now, or write an Operation down: the same op, checks and errors."""
        name = kwargs.pop("name", None) if kwargs else None
        if kwargs or len(args) != len(self.parameters):
            values, name = self._bind(args, kwargs, name)
            args = tuple(values)
        try:
            inputs, attributes = self._sort(args)
            if context.graph is None:
                return self._run(inputs, attributes)
            return self._write(inputs, attributes, name)
        except Error as error:
            rule = rule_for(self.name, args)  # ragged and sparse tensors are none of our inputs
            if rule is None:
                raise located(error, self.name, user_line()) from error.__cause__
        return rule(*args)

    def apply(self, inputs: tuple[Any, ...], attributes: dict[str, Any]) -> Any:
        """Compute now, or write an Operation down; inputs and attributes are told apart already."""
        tensors = tuple(as_tensor(value) for value in inputs)
        known = {name: attribute(kind, attributes[name]) for _, name, kind in self._attributes}
        if context.graph is None:
            return self._run(tensors, known)
        return self._write(tensors, known, None)

    def _bind(self, args: Any, kwargs: dict[str, Any], name: Any) -> tuple[list[Any], Any]:
        """Return one value per parameter, in order, as Python's call would bind them."""
        values, missing = list(args), inspect.Parameter.empty
        if len(values) == len(self.parameters) + 1 and name is None:
            name = values.pop()  # TensorFlow's ops take name= as their last parameter
        if len(values) > len(self.parameters):
            raise UsageError(
                f"{self.name}() takes {len(self.parameters)} argument(s), got {len(args)}"
            )
        for parameter in self.parameters[len(values) :]:
            value = kwargs.pop(parameter.name, parameter.default)
            if value is missing:
                raise UsageError(f"{self.name}() needs the argument {parameter.name!r}")
            values.append(value)
        if kwargs:
            self._refuse(next(iter(kwargs)))
        return values, name

    def _refuse(self, unknown: str) -> None:
        names = [p.name for p in self.parameters]
        twice = "was given twice" if unknown in names else "is not one of its arguments"
        raise UsageError(f"{self.name}(): {unknown!r} {twice}: {', '.join(names)}, name")

    def _sort(self, values: Any) -> tuple[tuple[Tensor, ...], dict[str, Any]]:
        """Return the inputs as Tensors, and the attributes in hashable form."""
        count = self._leading
        if count >= 0:  # a fixed number of inputs, and they come first: nearly every op
            inputs = tuple(values[:count])
            for value in inputs:
                if type(value) is not Tensor:
                    inputs = self._convert(values)
                    break
        else:
            inputs = self._convert(values)
        attributes = {}
        for i, name, kind in self._attributes:
            value = values[i]
            attributes[name] = value if type(value) in AS_THEY_ARE else attribute(kind, value)
        return inputs, attributes

    def _convert(self, values: Any) -> tuple[Tensor, ...]:
        """Turn numbers, arrays and Variables into Tensors; literals take their partners' dtype."""
        entries: list[tuple[Parameter, Any]] = []
        for parameter, value in zip(self.parameters, values, strict=True):
            if parameter.kind in VARIADIC:
                single = isinstance(value, (Tensor, np.ndarray))
                entries += [(parameter, v) for v in ([value] if single else value)]
            elif parameter.kind in INPUTS:
                entries.append((parameter, value))
        if context.graph is None and any(hasattr(v, "graph_tensor") for _, v in entries):
            # A Variable beside a tensor of a graph that grows is read there, at each run.
            home = growing(tuple(v for _, v in entries if isinstance(v, Tensor)), {})
            if home is not None:
                with set_context(graph=home):
                    return self._as_tensors(entries)
        return self._as_tensors(entries)

    def _as_tensors(self, entries: list[tuple[Parameter, Any]]) -> tuple[Tensor, ...]:
        hint = dtype_hint([v for p, v in entries if p.kind in SAME_DTYPE])
        tensors: list[Tensor] = []
        for parameter, value in entries:
            grouped = parameter.kind in SAME_DTYPE
            tensors.append(
                as_tensor(value, hint=hint if grouped else None, argument=parameter.name)
            )
            if grouped and hint is None:  # literals alone: the first decides
                hint = tensors[-1].dtype
        return tuple(tensors)

    # -- inferring ----------------------------------------------------------------------------

    def infer(
        self, inputs: tuple[Tensor, ...], attributes: dict[str, Any]
    ) -> tuple[TensorSpec, ...]:
        """Check the dtypes, call the declared function on specs, and return the outputs' specs."""
        arguments: list[Any] = []
        rest = list(inputs)
        singles = sum(p.kind in INPUTS and p.kind not in VARIADIC for p in self.parameters)
        group: Tensor | None = None
        for parameter in self.parameters:
            if parameter.kind not in INPUTS:
                arguments.append(attributes[parameter.name])
                continue
            variadic = parameter.kind in VARIADIC
            mine = [rest.pop(0) for _ in range(len(inputs) - singles if variadic else 1)]
            for tensor in mine:
                group = check_dtype(parameter, tensor, group)
            arguments.append([t.spec for t in mine] if variadic else mine[0].spec)
        return as_specs(self.body(*arguments))

    def _run(self, inputs: tuple[Tensor, ...], attributes: dict[str, Any]) -> Any:
        """Compute now."""
        place, arrays = HOST, []
        here = context.device is None and self.name != "copy"
        if here and self.variable is not None:
            here = attributes[self.variable].place is HOST
        for tensor in inputs:
            if tensor.place is not HOST or tensor.array is None:
                here = False
                break
            arrays.append(tensor.array)
        if not here or not inputs:
            home = growing(inputs, attributes)
            if home is not None:
                with set_context(graph=home):
                    return self._write(inputs, attributes, None)
        if not here:
            place, inputs = gather(self, inputs, attributes)
            arrays = [t.array for t in inputs]
        specs, known = self._cached_specs(inputs, attributes, arrays)
        start = time.perf_counter_ns() if observers else 0
        results = self._compute(place, arrays, attributes, inputs)
        if type(results) is not tuple:
            if known and place is HOST and not observers:  # nearly every call: the short way out
                array = results if type(results) is np.ndarray else np.asarray(results)
                output = Tensor(array, specs[0])
                if context.recorders:
                    self._record(inputs, attributes, [output])
                return output
            results = (results,)
        if known and place is HOST:
            outputs = [
                Tensor(r if type(r) is np.ndarray else np.asarray(r), s)
                for r, s in zip(results, specs, strict=True)
            ]
        else:
            outputs = [_wrap(r, s, place) for r, s in zip(results, specs, strict=True)]
        if context.recorders or observers:
            self._record(inputs, attributes, outputs, start)
        return outputs[0] if len(outputs) == 1 else outputs

    def _compute(self, place: Device, arrays: list[Any], attributes: Any, inputs: Any) -> Any:
        """Run the kernel; what NumPy complains of becomes an error that shows the inputs."""
        kernel = self._host_kernel if place is HOST else self.find_kernel(place.backends)
        if kernel is None:
            has = ", ".join(self.kernels)
            raise UnimplementedError(f"no kernel for {place.name}; it has: {has}")
        try:
            return run_quietly(kernel, *arrays, **attributes)
        except Error:
            raise
        except REFUSALS as error:
            raise refused(error, inputs) from error

    def _cached_specs(self, inputs: Any, attributes: Any, arrays: list[Any]) -> tuple[Any, bool]:
        """Return the outputs' specs, and whether they tell all: some depend on the data too."""
        try:
            key = (*attributes.values(), *[(a.shape, a.dtype) for a in arrays])
            return self._inferred[key]
        except KeyError:
            pass
        except TypeError:  # an attribute that cannot be hashed: infer each time
            key = None
        specs = self.infer(inputs, attributes)
        found = specs, all(s.shape.is_fully_defined() for s in specs)
        if key is not None and not self.stateful:
            if len(self._inferred) >= CACHE_LIMIT:
                self._inferred.clear()
            self._inferred[key] = found
        return found

    def _record(self, inputs: tuple[Tensor, ...], attributes: Any, outputs: list[Tensor],
                start: int = 0) -> None:  # fmt: skip
        """Tell the tapes that follow, and whoever is watching, of an eager operation."""
        end = time.perf_counter_ns() if observers else 0
        variables = self.read_variables(attributes) if attributes else ()
        node = None
        for recorder in context.recorders:
            if recorder.wants(inputs, variables):
                node = node or self._as_node(inputs, attributes, variables, outputs)
                recorder.record(node)
        if observers:
            node = node or self._as_node(inputs, attributes, variables, outputs)
            for observer in list(observers):
                observer.saw(node, [t.array for t in outputs], start, end)

    def _as_node(self, inputs: tuple[Tensor, ...], attributes: Any, variables: tuple[Any, ...],
                 outputs: list[Tensor]) -> Operation:  # fmt: skip
        """Return an eager call as an Operation that belongs to no graph."""
        caller = sys._getframe(3)  # __call__ or apply: each frame looked at costs, these are ours
        node = Operation(self, inputs, attributes, variables, line=user_line(caller))
        node.outputs = outputs
        node.gradient_of = context.gradient_of
        if outputs and outputs[0].place is not HOST and self.name not in STAY:
            node.device = outputs[0].place
        return node

    def read_variables(self, attributes: dict[str, Any]) -> tuple[Any, ...]:
        """Return the Variables that a call reads, as sources of gradients."""
        if self.writes:
            return ()
        return tuple(v for a in attributes.values() for v in getattr(a, "read_variables", ()))

    def _write(self, inputs: tuple[Tensor, ...], attributes: Any, name: str | None) -> Any:
        """Write an Operation into the current graph."""
        graph = context.graph
        assert graph is not None
        inputs = tuple(graph.capture(t) for t in inputs)
        held = list(inputs)
        seen = {k: v if k in self._raw else defer(v, held) for k, v in attributes.items()}
        shown = {k: resolve(v, held) for k, v in seen.items()}
        specs = self.infer(inputs, shown)
        variables = self.read_variables(attributes)
        node = graph.add(self, tuple(held), seen, specs, variables, name)
        outputs = node.outputs  # a recorder that differentiates may give the operation more
        for recorder in context.recorders:
            if recorder.wants(node.inputs, variables):
                recorder.record(node)
        return outputs[0] if len(outputs) == 1 else outputs or node


def dtype_hint(values: list[Any]) -> DType | None:
    """Return the dtype that number literals take: that of a Tensor, else that of an array."""
    typed = [v for v in values if hasattr(v, "dtype")]
    firm = [v for v in typed if not isinstance(v, (np.ndarray, np.generic))]
    return as_dtype((firm or typed)[0].dtype) if typed else None


def check_dtype(parameter: Parameter, tensor: Tensor, group: Tensor | None) -> Tensor | None:
    """Check one input's dtype; return the tensor that later inputs of the group must agree with."""
    kind, dtype = parameter.kind, tensor.dtype
    if kind == "IntTensor" and not dtype.is_integer:
        raise DTypeError(f"{parameter.name} must be of integer type, got {dtype.name}; "
                         "convert it with tf.cast(x, tf.int32)")  # fmt: skip
    if kind == "BoolTensor" and not dtype.is_bool:
        raise DTypeError(f"{parameter.name} must be of type bool, got {dtype.name}; "
                         "compare it, or convert it with tf.cast(x, tf.bool)")  # fmt: skip
    if kind == "FloatTensor" and not dtype.is_differentiable:
        raise DTypeError(f"{parameter.name} must be of floating type, got {dtype.name}; "
                         "convert it with tf.cast(x, tf.float32)")  # fmt: skip
    if kind not in SAME_DTYPE:
        return group
    if group is not None and group.dtype is not dtype:
        both = f"{group.dtype.name} and {dtype.name}"
        raise DTypeError(f"the inputs must have one dtype, got {both}; convert one with tf.cast")
    return tensor


def refused(error: Exception, inputs: Iterable[Any]) -> Error:
    """Return what NumPy complains of as an error of ours that shows the inputs of the kernel."""
    shown = ", ".join(f"{x.dtype.name} {x.shape}" for x in inputs if hasattr(x, "dtype"))
    kind = ResourceExhaustedError if isinstance(error, MemoryError) else InvalidArgumentError
    return kind(f"{error} (inputs: {shown or 'none'})")


def as_specs(found: Any) -> tuple[TensorSpec, ...]:
    """Return what a declared function returned as a tuple of specs."""
    if isinstance(found, TensorSpec):
        return (found,)
    return tuple(found)


def _wrap(result: Any, spec: TensorSpec, place: Device) -> Tensor:
    """Return a kernel's result as a Tensor of the shape that it turned out to have."""
    if place.memory != "host":
        return Tensor(result, TensorSpec(result.shape, spec.dtype), place=place)
    tensor = eager_tensor(result, place)
    tensor.spec.dtype = spec.dtype  # an array of objects does not tell strings from lists
    return tensor


class OpFunction(Protocol):
    """What `@op` returns: the public function, and the ways to complete its declaration."""

    definition: OpDef
    kernel: Callable[[str], Callable[..., Any]]
    gradient: Callable[..., Any]
    scalar: Callable[..., Any]

    def __call__(self, *args: Any, **kwargs: Any) -> Any: ...


@overload
def op(body: Callable[..., Any]) -> OpFunction: ...
@overload
def op(body: None = None, **options: Any) -> Callable[[Callable[..., Any]], OpFunction]: ...
def op(body: Callable[..., Any] | None = None, **options: Any) -> Any:
    """Declare an op: turn a function that infers a spec into one that computes or writes.

    Parameters
    ----------
    body : function
        Its annotations sort its parameters (see the module's table). It receives specs in place of
        tensors, checks them, and returns the TensorSpec of the result, or several.
    **options
        The flags of `OpDef`: name, differentiable, stateful, writes, ordered, view,
        accepts_none.
    """
    if body is None:
        return functools.partial(op, **options)
    definition = OpDef(body, **options)

    @functools.wraps(body)
    def call(*args: Any, **kwargs: Any) -> Any:
        return definition(*args, **kwargs)

    named = inspect.Parameter("name", inspect.Parameter.KEYWORD_ONLY, default=None)
    call.__signature__ = definition.signature.replace(  # type: ignore[attr-defined]
        parameters=[*definition.signature.parameters.values(), named],
        return_annotation="Tensor",
    )
    call.definition = definition  # type: ignore[attr-defined]
    call.kernel = definition.kernel  # type: ignore[attr-defined]
    call.gradient = definition.gradient  # type: ignore[attr-defined]
    call.scalar = definition.scalar  # type: ignore[attr-defined]
    return call


def spec_like(spec: TensorSpec, shape: Any = None, dtype: DType | None = None) -> TensorSpec:
    """Return a spec with another shape or dtype."""
    return TensorSpec(spec.shape if shape is None else as_shape(shape), dtype or spec.dtype)
