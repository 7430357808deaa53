"""Gradients that the user writes: `custom_gradient` and what is made of it.

The function runs as always, and its operations are recorded as always; only its results pass
through one more Operation, which hands them on and brings the user's gradient function along:

        args --> the function's own operations --> results --> custom_gradient --> outputs
          |                                                           ^
          +-----------------------------------------------------------+
        d/dargs <-------------- the user's function <-------------------------- d/doutputs

A reverse walk that arrives at the outputs goes the lower way and passes by the operations above.
They are recorded all the same: the user's function may use their values, and then second
derivatives flow through them.
"""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from minitf.autodiff.tape import GradientTape
from minitf.errors import InvalidArgumentError, ShapeError
from minitf.graph.context import context, set_context
from minitf.graph.convert import as_tensor
from minitf.graph.graph import control_dependencies
from minitf.graph.nest import flatten, pack_like
from minitf.graph.op import AnyTensor, Raw, op
from minitf.graph.operation import Operation
from minitf.graph.spec import TensorSpec
from minitf.graph.tensor import Tensor
from minitf.graph.trace import inline, pack_results, trace
from minitf.ops.source import identity


def custom_gradient(f: Callable[..., Any] | None = None) -> Callable[..., Any]:
    """Decorate a function that brings its own gradient.

    Parameters
    ----------
    f : callable
        ``f(*args)`` returns ``(outputs, grad_fn)``. ``grad_fn(*dys)`` gets the gradients of the
        outputs and returns one gradient (or None) per argument. Where `f` reads trainable
        Variables that are not among its arguments, it is called as
        ``grad_fn(*dys, variables=[...])`` and returns the gradients of the arguments and a list of
        those of the Variables.

    Returns
    -------
    callable
        Takes the arguments of `f` and returns its outputs.

    Notes
    -----
    Second derivatives differentiate `grad_fn`; it must be linear in `dys` for them to be right.

    Examples
    --------
    >>> import minitf as tf
    >>> @tf.custom_gradient
    ... def log1pexp(x):  # the ordinary gradient, exp(x) / (1 + exp(x)), is nan at 100
    ...     e = tf.exp(x)
    ...     return tf.math.log(1 + e), lambda dy: dy * (1 - 1 / (1 + e))
    >>> x = tf.constant(100.0)
    >>> with tf.GradientTape() as tape:
    ...     tape.watch(x)
    ...     y = log1pexp(x)
    >>> tape.gradient(y, x).numpy()
    np.float32(1.0)
    """
    if f is None:
        return custom_gradient

    @functools.wraps(f)
    def call(*args: Any, **kwargs: Any) -> Any:
        leaves = flatten([args, kwargs])
        watcher = VariableWatcher()
        with set_context(recorders=[*context.recorders, watcher]):
            result, function = _checked_pair(f(*args, **kwargs))
            results = [as_tensor(r) for r in flatten(result)]
        variables = [v for v in watcher.variables if not any(v is leaf for leaf in leaves)]
        _check_accepts(function, variables)
        places = [i for i, leaf in enumerate(leaves) if _is_tensor(leaf)]
        inputs = [as_tensor(leaves[i]) for i in places]
        counts = (len(flatten(args)), len(leaves))
        specs = [t.spec for t in inputs]
        rule, used = _as_rule(UserGradient(function, places, counts, specs, variables), results)
        outputs = with_gradient([*inputs, *results, *used], len(inputs), len(results), rule)
        return pack_like(result, outputs if isinstance(outputs, list) else [outputs])

    return call


@dataclass(frozen=True)
class UserGradient:
    """A user's gradient function, checked whenever it is called.

    Attributes
    ----------
    function : callable
        ``function(*dys)``, or ``function(*dys, variables=[...])`` where there are Variables.
    places : list of int
        Which leaves of the arguments are tensors.
    counts : tuple of int
        How many gradients the function may return: one for each leaf of its positional arguments,
        or also for those of its keyword arguments.
    specs : list of TensorSpec
        Of the tensors among the arguments.
    variables : list of Variable
        The trainable Variables that the forward function reads.
    """

    function: Callable[..., Any]
    places: list[int]
    counts: tuple[int, int]
    specs: list[TensorSpec]
    variables: list[Any]

    def __call__(self, *dys: Tensor) -> list[Tensor | None]:
        """Return the gradients of the tensors among the arguments, then those of the Variables."""
        if self.variables:
            arguments, variables = self.function(*dys, variables=[*self.variables])
        else:
            arguments, variables = self.function(*dys), []
        flat, others = flatten(arguments), flatten(variables)
        if len(flat) not in self.counts or len(others) != len(self.variables):
            raise InvalidArgumentError(
                f"the gradient function must return {self.counts[0]} gradient(s) of arguments and "
                f"{len(self.variables)} of Variables, got {len(flat)} and {len(others)}"
            )
        found = [flat[i] if i < len(flat) else None for i in self.places] + others
        return [
            None if gradient is None else _fitting(gradient, source)
            for gradient, source in zip(found, [*self.specs, *self.variables], strict=True)
        ]


def _fitting(gradient: Any, source: Any) -> Tensor:
    """Return what the user's function gave for a source, as a Tensor of its shape."""
    tensor = as_tensor(gradient, hint=source.dtype)
    if not tensor.shape.is_compatible_with(source.shape):
        raise ShapeError(
            f"the gradient function returned shape {tensor.shape} for a source of shape "
            f"{source.shape}"
        )
    return tensor


@dataclass
class Rule:
    """How a `custom_gradient` operation is differentiated.

    It cannot be hashed, so no cache keeps it, and the tensors that it closes over, alive.

    Attributes
    ----------
    function : callable
        ``function(dys, used)`` returns the gradients of the arguments, then of the Variables.
    read_variables : tuple of Variable
        What gradients flow to, besides the arguments.
    """

    function: Callable[[Sequence[Tensor], Sequence[Tensor]], list[Tensor | None]]
    read_variables: tuple[Any, ...]


def _as_rule(gradient: UserGradient, results: list[Tensor]) -> tuple[Rule, list[Tensor]]:
    """Return the rule, and the tensors that it uses beyond the gradients of the results.

    Eagerly, Python's closures remember what the user's function uses. In a graph that is not
    enough, because operations get copied from graph to graph: there the function is traced, now,
    and what it uses becomes an input of the operation.
    """
    variables = tuple(gradient.variables)
    if context.graph is None:
        return Rule(lambda dys, used: gradient(*dys), variables), []
    graph = trace(gradient, [t.spec for t in results], name="custom_gradient")
    return Rule(
        lambda dys, used: list(pack_results(graph, inline(graph, [*dys, *used]))), variables
    ), graph.captured


@op(name="custom_gradient", view=True)
def with_gradient(values: list[AnyTensor], arguments: int, results: int, rule: Raw):  # type: ignore[no-untyped-def]
    """Return the results, which stand behind the arguments; their gradient is what `rule` says."""
    return values[arguments : arguments + results]


@with_gradient.kernel("numpy")
def _(*values: Any, arguments: int, results: int, rule: Rule) -> Any:
    return values[arguments] if results == 1 else values[arguments : arguments + results]


@with_gradient.gradient
def _(node: Operation, *dys: Tensor) -> list[Tensor | None]:
    count, used = node["arguments"], node["arguments"] + node["results"]
    found = node["rule"].function(dys, node.inputs[used:])
    return [*found[:count], *[None] * (len(node.inputs) - count), *found[count:]]


def _checked_pair(returned: Any) -> tuple[Any, Callable[..., Any]]:
    if not isinstance(returned, (tuple, list)) or len(returned) != 2 or not callable(returned[1]):
        raise InvalidArgumentError(
            "custom_gradient: the function must return (outputs, gradient function), got "
            f"{returned!r}"
        )
    return returned[0], returned[1]


def _check_accepts(function: Callable[..., Any], variables: Sequence[Any]) -> None:
    """Check that a gradient function can be told of the Variables."""
    parameters = inspect.signature(function).parameters
    anything = any(p.kind is p.VAR_KEYWORD for p in parameters.values())
    if variables and not anything and "variables" not in parameters:
        names = ", ".join(repr(v.name) for v in variables)
        raise InvalidArgumentError(
            f"custom_gradient: the function reads the Variables {names}, so its gradient function "
            "must take them: def grad(*dys, variables=None)"
        )


def _is_tensor(leaf: Any) -> bool:
    return isinstance(leaf, Tensor) or hasattr(leaf, "graph_tensor")


class VariableWatcher:
    """A Recorder that only takes note of the trainable Variables that are read."""

    def __init__(self) -> None:
        self.variables: dict[Any, None] = {}

    def wants(self, inputs: tuple[Tensor, ...], variables: tuple[Any, ...]) -> bool:
        """Take note of the Variables; the operation itself is of no interest."""
        self.variables.update((v, None) for v in variables if v.watchable)
        return False

    def record(self, node: Operation) -> None:
        """Nothing is ever recorded."""


@contextmanager
def untaped() -> Iterator[None]:
    """Record nothing inside the block, on no tape; the Variables that are read are still noted."""
    with set_context(recorders=[r for r in context.recorders if isinstance(r, VariableWatcher)]):
        yield


def grad_pass_through(f: Callable[..., Any]) -> Callable[..., Any]:
    """Decorate a function so that gradients pass as if it were the identity.

    Parameters
    ----------
    f : callable
        Its outputs have the shapes of its arguments.

    Returns
    -------
    callable
        Computes the same values; each output's gradient becomes that of the argument in its place.
        Variables inside get none.

    References
    ----------
    The "straight-through estimator": Bengio, Leonard and Courville, 2013, arXiv:1308.3432.

    Examples
    --------
    >>> import minitf as tf
    >>> x = tf.constant(2.6)
    >>> with tf.GradientTape() as tape:
    ...     tape.watch(x)
    ...     y = tf.grad_pass_through(tf.round)(x) * 10.0
    >>> float(y), float(tape.gradient(y, x))
    (30.0, 10.0)
    """

    def passing(*args: Any, **kwargs: Any) -> Any:
        def grad(*dys: Any, variables: Any = ()) -> Any:
            return (dys, [None] * len(variables)) if variables else dys

        return f(*args, **kwargs), grad

    return functools.wraps(f)(custom_gradient(passing))


def recompute_grad(f: Callable[..., Any]) -> Callable[..., Any]:
    """Decorate a function so that backprop computes it a second time instead of remembering it.

    Only the arguments and results are kept between the forward and the backward pass: the memory of
    what lies between is paid for with time ("gradient checkpointing").

    Parameters
    ----------
    f : callable
        Must compute the same when called again; random numbers inside need fixed seeds.

    Returns
    -------
    callable
        Computes the same values and gradients.

    References
    ----------
    Chen, Xu, Zhang and Guestrin, 2016, "Training Deep Nets with Sublinear Memory Cost",
    arXiv:1604.06174.

    Examples
    --------
    >>> import minitf as tf
    >>> x = tf.constant(1.0)
    >>> with tf.GradientTape() as tape:
    ...     tape.watch(x)
    ...     y = tf.recompute_grad(lambda x: tf.exp(tf.exp(x)))(x)
    >>> len(tape.operations), tape.gradient(y, x).numpy().round(2)
    (1, np.float32(41.19))
    """

    def forgetful(*args: Any, **kwargs: Any) -> Any:
        with untaped():
            result = f(*args, **kwargs)

        def grad(*dys: Tensor, variables: Any = ()) -> Any:
            # In a graph, wait for the backward pass to arrive here: done earlier, the second
            # computation could be shared with the first, and nothing would be saved.
            with control_dependencies(_edges(dys)), GradientTape() as tape:
                leaves = [
                    identity(x) if isinstance(x, Tensor) else x for x in flatten([args, kwargs])
                ]
                sources = [x for x in leaves if _is_tensor(x) and x.dtype.is_differentiable]
                tape.watch(sources)
                again_args, again_kwargs = pack_like([args, kwargs], leaves)
                again = f(*again_args, **again_kwargs)
            found = iter(tape.gradient(again, [*sources, *variables], list(dys)))
            wanted = {id(source) for source in sources}
            gradients = [next(found) if id(x) in wanted else None for x in leaves]
            return (gradients, list(found)) if variables else gradients

        return result, grad

    return functools.wraps(f)(custom_gradient(forgetful))


def _edges(tensors: Sequence[Tensor]) -> list[Tensor]:
    return [] if context.graph is None else [context.graph.capture(t) for t in tensors]
