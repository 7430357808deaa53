"""Recurrence: states that are carried over the steps of a sequence, and an output at each step.

`recur` is the loop under all recurrent layers::

    state --> step --> state --> step --> state --> ... --> last state
               | ^                | ^
          output row         output row

The ops of `minitf.ops.lstm` and `minitf.ops.gru` are such loops as one kernel each. Their second
derivatives nobody needs to be fast, so `differentiate` takes them from the composed form.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from minitf.errors import DTypeError, InvalidArgumentError, ShapeError
from minitf.graph.context import context, set_context
from minitf.graph.convert import as_tensor
from minitf.graph.nest import flatten, pack_like
from minitf.graph.operation import Operation
from minitf.graph.spec import TensorSpec
from minitf.graph.tensor import Tensor
from minitf.graph.trace import trace, walk_back
from minitf.ops.array import stack
from minitf.ops.composed import composed
from minitf.ops.loop import STEP, run_loop
from minitf.ops.mapping import Rows
from minitf.ops.subgraph import check_form

# -- the loop -------------------------------------------------------------------------------------

Step = Callable[[Any, Any], tuple[Any, Any]]


@composed
def recur(step: Step, elems: Any, states: Any, unroll: bool = False) -> tuple[Any, Any]:
    """Carry states over the rows of a sequence, and stack what each step gives.

    Parameters
    ----------
    step : callable
        ``step(row, states)`` returns the output of the step and the next states.
    elems : Tensor, or nested structure of Tensors
        Shapes (steps, ...).
    states : nested structure of Tensors
        With which the first step begins.
    unroll : bool
        Write every step into the graph, instead of a loop.

    Returns
    -------
    outputs : like the step's output
        Shapes (steps, ...).
    states : like the first ones
        After the last step.

    Raises
    ------
    InvalidArgumentError
        Where the number of steps is not known to an unrolled loop.

    Examples
    --------
    >>> import minitf as tf
    >>> from minitf.ops.recurrence import recur
    >>> sums, last = recur(lambda x, s: (2 * s[0], [s[0] + x]), tf.constant([1, 2, 3]), [0])
    >>> sums.numpy().tolist(), int(last[0])
    ([0, 2, 6], 6)
    """
    recurrence = _Recurrence(step, elems, states)
    if recurrence.rows.count == 0:
        return recurrence.take_no_step()
    if context.graph is None or unroll:
        return recurrence.run_now()
    return recurrence.write_loop()


class _Recurrence:
    """One call of `recur`."""

    def __init__(self, step: Step, elems: Any, states: Any):
        self.step, self.states = step, states
        self.rows = Rows(elems)
        self.start = [as_tensor(t) for t in flatten(states)]
        self.output: Any = None  # of the latest step: says what form outputs have

    def take_step(self, row: Any, leaves: Sequence[Any]) -> tuple[list[Tensor], list[Tensor]]:
        """Return the leaves of an output and of the next states."""
        self.output, found = self.step(row, pack_like(self.states, leaves))
        check_form("what a step returns", self.states, found)
        found = [_checked(new, old) for new, old in zip(flatten(found), self.start, strict=True)]
        return [as_tensor(t) for t in flatten(self.output)], found

    def run_now(self) -> tuple[Any, Any]:
        """Take one step after the other."""
        if self.rows.count is None:
            raise InvalidArgumentError(
                "to be unrolled, a sequence has a known number of steps, got shape "
                f"{self.rows.tensors[0].shape}"
            )
        leaves, kept = self.start, []
        for row in self.rows:
            output, leaves = self.take_step(row, leaves)
            kept.append(output)
        outputs = [stack(list(column)) for column in zip(*kept, strict=True)]
        return self._packed(outputs, leaves)

    def take_no_step(self) -> tuple[Any, Any]:
        """Return outputs for no rows: tracing tells what a step would have returned."""
        specs = [*self.rows.specs, *(t.spec for t in self.start)]
        width = len(self.rows.specs)
        graph = trace(
            lambda *t: self.take_step(self.rows.pack(t[:width]), t[width:])[0], specs, name="recur"
        )
        empty = [np.zeros((0, *(n or 0 for n in t.shape)), t.dtype.numpy) for t in graph.results]
        return self._packed([as_tensor(a) for a in empty], self.start)

    def write_loop(self) -> tuple[Any, Any]:
        """Write a loop into the graph."""
        read = self.rows.reader()

        def body(index: Tensor, *leaves: Tensor) -> Any:
            output, found = self.take_step(read(index), leaves)
            return [*found, *output]

        graph = trace(body, [STEP, *(t.spec for t in self.start)], name="recur")
        width = len(self.start)
        graph.results, saved = graph.results[:width], graph.results[width:]
        last, lists = run_loop(self.rows.limit(), self.start, graph, saved=saved)
        return self._packed(self.rows.stacked(lists, saved), last)

    def _packed(self, outputs: Sequence[Tensor], leaves: Sequence[Tensor]) -> tuple[Any, Any]:
        return pack_like(self.output, outputs), pack_like(self.states, leaves)


def _checked(new: Any, old: Tensor) -> Tensor:
    """Return a state after a step as a tensor that can take the place of the one before."""
    tensor = as_tensor(new, hint=old.dtype)
    if tensor.dtype is not old.dtype:
        raise DTypeError(f"a state is {old.dtype.name}, but after a step {tensor.dtype.name}")
    if not old.shape.is_compatible_with(tensor.shape):
        raise ShapeError(f"a state has shape {old.shape}, but after a step {tensor.shape}")
    return tensor


# -- derivatives of what is composed --------------------------------------------------------------


class _Recording:
    """A Recorder that keeps every operation."""

    def __init__(self) -> None:
        self.operations: list[Operation] = []

    def wants(self, inputs: tuple[Tensor, ...], variables: tuple[Any, ...]) -> bool:
        """Return True."""
        return True

    def record(self, node: Operation) -> None:
        """Keep an operation."""
        self.operations.append(node)


def differentiate(
    function: Callable[..., Sequence[Tensor]], inputs: Sequence[Tensor], dys: Sequence[Any]
) -> list[Tensor | None]:
    """Return the gradients of a composition of ops.

    Parameters
    ----------
    function : callable
        Takes the inputs, returns several tensors.
    inputs : sequence of Tensor
        What is differentiated for.
    dys : sequence of Tensor or None
        Gradients of the function's results.

    Returns
    -------
    list of Tensor or None
        One per input.
    """
    recording = _Recording()
    with set_context(recorders=[*context.recorders, recording]):
        results = function(*inputs)
    pairs = [(y, dy) for y, dy in zip(results, dys, strict=True) if dy is not None]
    return walk_back(recording.operations, [y for y, _ in pairs], [dy for _, dy in pairs], inputs)


def one_more(steps: Any) -> Any:
    """Return the number of states that a number of steps leads through."""
    return None if steps is None else steps + 1


def check_mask(mask: Sequence[TensorSpec], steps: Any, batch: Any) -> None:
    """Check the mask of an op that takes one, or none."""
    if len(mask) > 1 or any(not m.dtype.is_bool for m in mask):
        raise DTypeError("there is at most one mask, of type bool")
    if any(not m.shape.is_compatible_with((steps, batch)) for m in mask):
        raise ShapeError(f"the mask has shape {mask[0].shape}, the sequence {(steps, batch)}")
