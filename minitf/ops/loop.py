"""Loops: `while_loop`.

Eagerly a loop is Python's: a tape records every iteration. In a graph one operation holds the
condition and the body as graphs, and its kernel runs them in turn::

      step = 0, 1, 2, ...  while condition(state) and step < limit:
          state, saved = body(step, state)
          history.append(saved)

The derivative walks the iterations backwards, so it is a loop, too. Its body is the forward body
walked backwards (a BackwardGraph); its state are the gradient of the forward state, and the sums,
so far, of the gradients of whatever the forward body captured::

      step = count - 1, ..., 1, 0:
          d_state, d_captured = backwards(step, d_state, d_captured, history[step])

What the backward body needs of an iteration (the state at its start, random numbers, Variables as
they were, intermediate values) the forward loop *saves*: it returns one list per value, with one
element per iteration (see `minitf.ops.lists`). Values that are the same in every iteration are
passed in as they are. A list holds references, so what a body merely passes through is not copied,
and values may change their shapes from one iteration to the next.

Both directions are one op, with `reverse` set or not, so derivatives of any order are loops.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from minitf.dtypes import int64, variant
from minitf.errors import DTypeError, InvalidArgumentError, ShapeError
from minitf.graph.context import context, set_context
from minitf.graph.convert import as_tensor
from minitf.graph.nest import flatten, is_nested, pack_like
from minitf.graph.op import AnyTensor, IntTensor, Raw, op
from minitf.graph.operation import Operation
from minitf.graph.spec import TensorShape, TensorSpec
from minitf.graph.tensor import Tensor
from minitf.graph.trace import FunctionGraph, set_results, trace, walk_back
from minitf.ops.array import as_list
from minitf.ops.composed import composed
from minitf.ops.lists import ANY_LENGTH, list_of, list_read, list_read_like, list_resize
from minitf.ops.math import add
from minitf.ops.source import constant, stop_gradient, zeros_like
from minitf.ops.subgraph import (
    BackwardGraph,
    Holder,
    Part,
    add_output,
    announce_outputs,
    check_form,
    share_inputs,
    without_operations,
)
from minitf.ops.tensor_array import TensorArray, from_tensors, to_tensors

STEP = TensorSpec((), int64)
ENDLESS = np.int64(2**63 - 1)


class Loop(Holder):
    """The graphs of a loop.

    Attributes
    ----------
    body : Part
        Takes the step and the state; returns the next state, then what is saved.
    cond : Part or None
        Takes the state; returns whether to go on. None stands for "yes".
    width : int
        Number of tensors in the state.
    reverse : bool
        Whether the steps are counted down to 0.
    """

    def __init__(self, body: Part, cond: Part | None, width: int, reverse: bool = False):
        super().__init__([body] if cond is None else [cond, body])
        self.body, self.cond = body, cond
        self.width, self.reverse = width, reverse

    @property
    def saved(self) -> tuple[Tensor, ...]:
        """The tensors of the body whose value is kept for every iteration."""
        return self.body.fetches[self.width :]

    def saving(self, tensor: Tensor) -> Loop:
        """Return a loop that also saves a tensor of its body."""
        return Loop(self.body.returning(tensor), self.cond, self.width, self.reverse)

    def specs(self) -> list[TensorSpec]:
        """Return what the operation returns: the last state, the number of steps, histories."""
        state = [t.spec for t in self.body.graph.arguments[1:]]
        return [*state, STEP, *[ANY_LENGTH for _ in self.saved]]

    def run(self, limit: Any, values: Sequence[Any]) -> tuple[Any, ...]:
        """Run the loop."""
        state, captured = values[: self.width], values[self.width :]
        body = self.body.bind(captured)
        cond = None if self.cond is None else self.cond.bind(captured)
        rows, count = [], 0
        for step in reversed(range(limit)) if self.reverse else range(limit):
            if cond is not None and not cond(*state)[0]:
                break
            found = body(np.int64(step), *state)
            state = found[: self.width]
            count += 1
            if self.saved:
                rows.append(found[self.width :])
        histories = _columns(rows[::-1] if self.reverse else rows, len(self.saved))
        return (*state, np.int64(count), *histories)


def _columns(rows: list[list[Any]], width: int) -> list[Any]:
    return [list_of(row[i] for row in rows) for i in range(width)]


@op(name="while_loop", stateful=True, accepts_none=True)
def while_loop_(limit: IntTensor, values: list[AnyTensor], loop: Raw):  # type: ignore[valid-type]
    """Run a graph again and again; see `while_loop`."""
    if limit.shape:
        raise ShapeError(f"maximum_iterations must be a scalar, got shape {limit.shape}")
    return loop.specs()


@while_loop_.kernel("numpy")
def _(limit, *values, loop):
    return loop.run(int(limit), values)


def run_loop(limit: Any, state: Sequence[Tensor], body: FunctionGraph,
             cond: FunctionGraph | None = None, saved: Sequence[Tensor] = (),
             reverse: bool = False) -> tuple[list[Tensor], list[Tensor]]:  # fmt: skip
    """Write a loop into the current graph; return its last state, and a list per saved tensor."""
    groups = [body.captured] if cond is None else [body.captured, cond.captured]
    captured, positions = share_inputs(groups)
    body_part = Part(body, [*body.results, *saved], positions[0])
    cond_part = None if cond is None else Part(cond, cond.results, positions[1])
    loop = Loop(body_part, cond_part, len(state), reverse)
    outputs = as_list(while_loop_(limit, [*state, *captured], loop))
    return outputs[: len(state)], outputs[len(state) + 1 :]


# -- the derivative ---------------------------------------------------------------------------


@while_loop_.gradient
def _(node, *dys):
    return _LoopGradient(node, dys).apply()


class _LoopGradient(BackwardGraph):
    """The body of a loop, walked backwards, and the loop that runs it.

    Attributes
    ----------
    dys : list of Tensor
        What the backward state begins with: the gradients of the forward loop's last state.
    carried : list of int
        Which sources of the forward operation the tensors of the backward state belong to.
    listed : list of (int, Tensor)
        Sources that are lists, of which step i reads just element i: their gradient is not a sum
        over the steps, but a list of what each step finds.
    """

    def __init__(self, node: Operation, dys: Sequence[Tensor | None]):
        loop: Loop = node["loop"]
        super().__init__(loop.body.graph, self._expose)
        self.node, self.body, self.width = node, loop.body, loop.width
        self.reverse = not loop.reverse
        self.step = self.argument(STEP, "step")
        self.state = [j for j in range(loop.width) if node.outputs[j].dtype.is_differentiable]
        self.dys = [zeros_like(node.outputs[j]) if dys[j] is None else dys[j] for j in self.state]
        self.carried = [1 + j for j in self.state]
        self.listed: list[tuple[int, Tensor]] = []
        histories = zip(loop.saved, dys[loop.width + 1 :], strict=True)
        self._walk([(t, dy) for t, dy in histories if dy is not None])

    def _walk(self, histories: list[tuple[Tensor, Tensor]]) -> None:
        """Write one step backwards."""
        graph, ends = self.forward, self.body.fetches
        starts = [graph.arguments[1 + j] for j in self.state]
        places = self._places() | {
            v: len(self.node.inputs) + k for k, v in enumerate(self.node.variables)
        }
        with self.as_default():
            seeds = [self.argument(self.node.outputs[j].spec, "dy") for j in self.state]
            more = [list_read_like(self.capture(dy), self.step, t) for t, dy in histories]
            targets = [*(ends[j] for j in self.state), *(t for t, _ in histories)]
            found = walk_back(graph.operations[:], targets, seeds + more, [*starts, *places])
            state, rest = found[: len(starts)], found[len(starts) :]
            results = [_zeros(t, seed) if gradient is None else gradient
                       for t, seed, gradient in zip(starts, seeds, state, strict=True)]  # fmt: skip
            for (source, place), gradient in zip(places.items(), rest, strict=True):
                if gradient is not None and self._is_listed(gradient):
                    self.listed.append((place, gradient.op.inputs[1]))
                elif gradient is not None:
                    self.carried.append(place)
                    spec = TensorSpec(source.shape, source.dtype)
                    results.append(add(self.argument(spec, "sum"), gradient))
            set_results(self, results)

    def _places(self) -> dict[Tensor, int]:
        """Return the body's inputs that are the same in every step, and which of the node's."""
        first = 1 + self.width
        captures, positions = self.forward.captures, self.body.positions
        return {c.inner: first + p for c, p in zip(captures, positions, strict=True)}

    def _is_listed(self, gradient: Tensor) -> bool:
        return gradient.op.type == "list_only" and gradient.op.inputs[2] is self.step

    def _enter_forward(self, tensor: Tensor) -> Tensor:
        if tensor is self.forward.arguments[0]:
            return self.step
        place = self._places().get(tensor)
        if place is not None:
            return self.pass_in(self.node.inputs[place], tensor.spec)
        history = self.pass_in(self.expose(tensor))
        with set_context(graph=self):
            return list_read(history, self.step, tensor.spec)

    def _expose(self, tensor: Tensor) -> Tensor:
        """Return the list of the values that a tensor of the forward body has had."""
        loop: Loop = self.node["loop"]
        for saved, history in zip(loop.saved, self.node.outputs[loop.width + 1 :], strict=True):
            if saved is tensor:
                return history
        return add_output(self.node, ANY_LENGTH, loop=loop.saving(tensor))

    def apply(self) -> list[Tensor | None]:
        """Write the backward loop; return the gradients of the forward operation's sources."""
        announce_outputs(self.node)
        sources = self.node.sources
        if not self.carried and not self.listed:
            return [None] * len(sources)
        start = [*self.dys, *(zeros_like(sources[i]) for i in self.carried[len(self.dys) :])]
        sums, lists = run_loop(self.node.outputs[self.width], start, self,
                               saved=[t for _, t in self.listed], reverse=self.reverse)  # fmt: skip
        found: dict[int, Tensor] = {}
        for i, gradient in zip(self.carried, sums, strict=True):
            _accumulate(found, i, gradient)
        for (i, _), gradient in zip(self.listed, lists, strict=True):
            _accumulate(found, i, list_resize(gradient, sources[i]))
        return [found.get(i) for i in range(len(sources))]


def _accumulate(found: dict[int, Tensor], i: int, gradient: Tensor) -> None:
    found[i] = add(found[i], gradient) if i in found else gradient


def _zeros(start: Tensor, seed: Tensor) -> Tensor:
    """Return zeros for a state that does not matter; `seed` has its shape where that is known."""
    same = start.shape == seed.shape and start.shape.is_fully_defined()
    return zeros_like(seed if same else start)


# -- what users call --------------------------------------------------------------------------


@composed
def while_loop(
    cond: Callable[..., Any],
    body: Callable[..., Any],
    loop_vars: Any,
    shape_invariants: Any = None,
    parallel_iterations: int = 10,
    back_prop: bool = True,
    swap_memory: bool = False,
    maximum_iterations: Any = None,
    name: str | None = None,
) -> Any:
    """Run `body` on its own results again and again, as long as `cond` is true.

    Parameters
    ----------
    cond : callable
        Takes the loop variables, returns a bool scalar.
    body : callable
        Takes the loop variables, returns their next values in the same structure, with the same
        dtypes and shapes. In a graph it is called once.
    loop_vars : list or tuple
        First values: tensors, TensorArrays, or nested structures of them.
    shape_invariants : nested structure, optional
        Shapes (or TensorSpecs) that all values of the loop variables satisfy, None for dimensions
        that change from one iteration to the next.
    parallel_iterations, swap_memory, name : optional
        Accepted as in TensorFlow, without effect.
    back_prop : bool
        False lets no gradient pass.
    maximum_iterations : int or Tensor, optional
        Stop after so many iterations in any case.

    Returns
    -------
    like `loop_vars`
        The last values.

    Raises
    ------
    InvalidArgumentError
        Where `body` returns another number of values, other dtypes or other shapes.

    Examples
    --------
    >>> import minitf as tf
    >>> @tf.function
    ... def power(x, n):
    ...     cond = lambda i, y: i < n
    ...     body = lambda i, y: (i + 1, y * x)
    ...     return tf.while_loop(cond, body, [tf.constant(0), tf.ones_like(x)])[1]
    >>> x = tf.Variable(3.0)
    >>> with tf.GradientTape() as tape:
    ...     y = power(x.value(), tf.constant(4))
    >>> float(y), float(tape.gradient(y, x))
    (81.0, 108.0)
    """
    if not isinstance(loop_vars, (list, tuple)) or not loop_vars:
        raise InvalidArgumentError(f"loop_vars must be a list of first values, got {loop_vars!r}")
    first = pack_like(loop_vars, [
        v if isinstance(v, TensorArray) else as_tensor(v) for v in flatten(loop_vars)
    ])  # fmt: skip
    if context.graph is None:
        return _loop_now(cond, body, first, maximum_iterations)
    last = loop_in_graph(cond, body, first, shape_invariants, maximum_iterations)
    return last if back_prop else _stopped(last)


def _loop_now(cond: Callable[..., Any], body: Callable[..., Any], state: Any, limit: Any) -> Any:
    form, steps = state, 0
    while (limit is None or steps < int(limit)) and bool(cond(*state)):
        state = _as_state(body(*state), form)
        steps += 1
    return state


def _as_state(returned: Any, like: Any) -> Any:
    """Return what a body returned in the form of the loop variables."""
    if len(like) == 1 and not isinstance(returned, (list, tuple)):
        returned = [returned]
    if not is_nested(returned) or len(returned) != len(like):
        count = len(returned) if is_nested(returned) else 1
        raise InvalidArgumentError(
            f"the body returns {count} value(s), but there are {len(like)} loop variable(s)"
        )
    check_form("the body's result", like, returned)
    leaves = [
        new if isinstance(new, TensorArray) else as_tensor(new, hint=old.dtype)
        for new, old in zip(flatten(returned), flatten(like), strict=True)
    ]
    return pack_like(like, leaves)


def loop_in_graph(
    cond: Callable[..., Any],
    body: Callable[..., Any],
    first: Any,
    invariants: Any = None,
    limit: Any = None,
    relax: bool = False,
) -> Any:
    """Trace a loop, write its operation, and return the last values of its variables.

    With `relax`, sizes that a step changes are open, without being asked for as invariants; the
    body is then traced again.
    """
    start = flatten(to_tensors(first))
    specs = _state_specs(first, start, invariants)
    templates = []

    def lift(tensors: Sequence[Tensor]) -> Any:
        return from_tensors(pack_like(first, tensors), first)

    def go_on(*tensors: Tensor) -> Any:
        return _checked_condition(as_tensor(cond(*lift(tensors))))

    def step(_: Tensor, *tensors: Tensor) -> Any:
        templates.append(_as_state(without_operations(body(*lift(tensors))), first))
        return flatten(to_tensors(templates[-1]))

    body_graph = trace(step, [STEP, *specs], name="body")
    while relax and (general := _relaxed(specs, body_graph.results)) != specs:
        specs = general
        body_graph = trace(step, [STEP, *specs], name="body")
    cond_graph = trace(go_on, specs, name="cond")
    for i, (result, spec) in enumerate(zip(body_graph.results, specs, strict=True)):
        _check_next(i, result, spec)
    limit = constant(ENDLESS) if limit is None else as_tensor(limit, hint=int64)
    last, _ = run_loop(limit, start, body_graph, cond_graph)
    return from_tensors(pack_like(first, last), templates[-1], first)


def _relaxed(specs: list[TensorSpec], results: Sequence[Tensor]) -> list[TensorSpec]:
    """Return specs in which the sizes that a step changes are open."""
    found = []
    for spec, result in zip(specs, results, strict=True):
        if len(spec.shape) == len(result.shape) and not _covers(spec.shape, result.shape):
            sizes = zip(spec.shape, result.shape, strict=True)
            spec = TensorSpec([a if a == b else None for a, b in sizes], spec.dtype)
        found.append(spec)
    return found


def _checked_condition(pred: Tensor) -> Tensor:
    if pred.shape:
        raise ShapeError(f"the condition must be a scalar, got a tensor of shape {pred.shape}")
    return pred


def _state_specs(first: Any, start: list[Tensor], invariants: Any) -> list[TensorSpec]:
    """Return what holds of the loop variables in every iteration."""
    if invariants is None:
        wanted: list[Any] = [None] * len(start)
    else:
        wanted = _flat_shapes(invariants)
        if len(wanted) != len(start):
            raise InvalidArgumentError(
                f"shape_invariants has {len(wanted)} shape(s) for {len(start)} loop variable(s)"
            )
    return [_state_spec(i, *pair) for i, pair in enumerate(zip(start, wanted, strict=True))]


def _flat_shapes(invariants: Any) -> list[Any]:
    """Return the shapes in a structure of shapes, which are tuples themselves."""
    if isinstance(invariants, TensorSpec):
        return [invariants.shape]
    if isinstance(invariants, TensorShape) or invariants is None:
        return [invariants]
    return [shape for item in invariants for shape in _flat_shapes(item)]


def _state_spec(i: int, start: Tensor, wanted: Any) -> TensorSpec:
    if start.dtype is variant:
        return ANY_LENGTH
    if wanted is None:
        return start.spec
    if not _covers(wanted, start.shape):
        raise ShapeError(f"loop variable {i} begins with shape {start.shape}, which its shape "
                         f"invariant {wanted} does not allow")  # fmt: skip
    return TensorSpec(wanted, start.dtype)


def _covers(general: TensorShape, shape: TensorShape) -> bool:
    """Return whether every value of a shape satisfies another, more general one."""
    return len(general) == len(shape) and all(
        g is None or g == n for g, n in zip(general, shape, strict=True)
    )


def _check_next(i: int, result: Tensor, spec: TensorSpec) -> None:
    """Check that the body gives a loop variable what it may hold."""
    if result.dtype is not spec.dtype:
        raise DTypeError(f"loop variable {i} is {spec.dtype.name}, but the body returns "
                         f"{result.dtype.name} for it")  # fmt: skip
    if not _covers(spec.shape, result.shape):
        raise ShapeError(
            f"loop variable {i} has shape {spec.shape}, but the body returns {result.shape} for "
            "it; where the shape changes, say so with shape_invariants=[tf.TensorShape([None])]"
        )


def _stopped(structure: Any) -> Any:
    stopped = [stop_gradient(t) for t in flatten(to_tensors(structure))]
    return from_tensors(pack_like(structure, stopped), structure)
