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
from minitf.graph.context import context
from minitf.graph.convert import as_tensor
from minitf.graph.nest import flatten, is_nested, pack_like
from minitf.graph.op import AnyTensor, IntTensor, Raw, op
from minitf.graph.operation import Operation
from minitf.graph.spec import TensorSpec, as_shape
from minitf.graph.tensor import Tensor
from minitf.graph.trace import FunctionGraph, set_results, trace
from minitf.ops.composed import composed
from minitf.ops.lists import ANY_LENGTH, as_list, list_read, list_read_like, list_resize
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
        state, captured = list(values[: self.width]), values[self.width :]
        rows = []
        count = 0
        for step in reversed(range(limit)) if self.reverse else range(limit):
            if self.cond is not None and not self.cond.run(captured, *state)[0]:
                break
            found = self.body.run(captured, np.asarray(step, np.int64), *state)
            state = found[: self.width]
            rows.append(found[self.width :])
            count += 1
        histories = _columns(rows[::-1] if self.reverse else rows, len(self.saved))
        return (*state, np.int64(count), *histories)


def _columns(rows: list[list[Any]], width: int) -> list[Any]:
    return [as_list(row[i] for row in rows) for i in range(width)]


@op(name="while_loop", stateful=True, accepts_none=True)
def repeat(limit: IntTensor, values: list[AnyTensor], loop: Raw):  # type: ignore[valid-type]
    """Run a graph again and again; see `while_loop`."""
    if limit.shape:
        raise ShapeError(f"maximum_iterations must be a scalar, got shape {limit.shape}")
    return loop.specs()


@repeat.kernel("numpy")
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
    outputs = repeat(limit, [*state, *captured], loop)
    outputs = outputs if isinstance(outputs, list) else [outputs]
    return outputs[: len(state)], outputs[len(state) + 1 :]


# -- the derivative ---------------------------------------------------------------------------


@repeat.gradient
def _(node, *dys):
    return _LoopGradient(node, dys).apply()


class _LoopGradient(BackwardGraph):
    """The body of a loop, walked backwards, and the loop that runs it.

    Attributes
    ----------
    initial : list of Tensor
        What the backward loop's state begins with: the gradients of the forward loop's outputs,
        and zeros for the sums.
    carried : list
        The sources of the forward operation whose gradients the backward state holds.
    listed : dict
        Sources that are lists, of which step i reads just element i: their gradient is no sum but
        a list of what each step finds.
    """

    def __init__(self, node: Operation, dys: Sequence[Tensor | None]):
        self.node = node
        loop: Loop = node["loop"]
        self.body, self.width = loop.body, loop.width
        super().__init__(loop.body.graph, self._expose)
        self.reverse = not loop.reverse
        self.initial: list[Tensor] = []
        self.carried: list[Any] = []
        self.listed: dict[Any, Tensor] = {}
        self.step = self.argument(STEP, "step")
        state = [j for j in range(loop.width) if node.outputs[j].dtype.is_differentiable]
        for j in state:
            dy = dys[j]
            self.initial.append(zeros_like(node.outputs[j]) if dy is None else dy)
        histories = [(t, dy) for t, dy in zip(loop.saved, dys[loop.width + 1 :], strict=True)
                     if dy is not None and t.dtype.is_differentiable]  # fmt: skip
        self._walk(state, histories)

    def _walk(self, state: list[int], histories: list[tuple[Tensor, Tensor]]) -> None:
        graph, results = self.forward, self.body.fetches
        with self.as_default():
            d_state = [self.argument(self.node.outputs[j].spec, "dy") for j in state]
            seeds = [list_read_like(self.capture(dy), self.step, t) for t, dy in histories]
            targets = [*(results[j] for j in state), *(t for t, _ in histories)]
            starts = graph.arguments[1:]
            sources = [*(starts[j] for j in state), *self._fixed(), *graph.read_variables]
            found = graph.gradients(targets, [*d_state, *seeds], sources)
            before = [g if g is not None else zeros_like(starts[j])
                      for j, g in zip(state, found, strict=False)]  # fmt: skip
            self.carried = [self.node.inputs[1 + j] for j in state]
            outside = [*self._fixed().values(), *graph.read_variables]
            for source, gradient in zip(outside, found[len(state) :], strict=True):
                if gradient is not None and self._is_listed(gradient):
                    self.listed[source] = gradient.op.inputs[1]
                elif gradient is not None:
                    before.append(self._sum(source, gradient))
            set_results(self, before)

    def _fixed(self) -> dict[Tensor, Tensor]:
        """Return the inputs of the body that stay the same, with the node's inputs they are."""
        inner = [capture.inner for capture in self.forward.captures]
        return {t: self.node.inputs[1 + self.width + p]
                for t, p in zip(inner, self.body.positions, strict=True)}  # fmt: skip

    def _is_listed(self, gradient: Tensor) -> bool:
        return gradient.op.type == "list_only" and gradient.op.inputs[2] is self.step

    def _sum(self, source: Any, gradient: Tensor) -> Tensor:
        """Add this step's gradient of something captured to those of the steps before."""
        self.carried.append(source)
        self.initial.append(source)
        return self.argument(TensorSpec(source.shape, source.dtype), "sum") + gradient

    def _enter_forward(self, tensor: Tensor) -> Tensor:
        if tensor is self.forward.arguments[0]:
            return self.step
        fixed = self._fixed()
        if tensor in fixed:
            return self.pass_in(fixed[tensor], tensor.spec)
        history = self.pass_in(self.expose(tensor))
        with self.as_default():
            return list_read(history, self.step, tensor.spec)  # type: ignore[no-any-return]

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
        count = self.node.outputs[self.width]
        initial = [*self.initial[: len(self.initial)]]
        sums, lists = run_loop(count, initial, self, saved=list(self.listed.values()),
                               reverse=self.reverse)  # fmt: skip
        found = dict(zip(self.carried, sums, strict=True))
        found |= {s: list_resize(g, s) for s, g in zip(self.listed, lists, strict=True)}
        return [found.get(s) for s in self.node.sources]
