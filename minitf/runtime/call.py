"""The op that runs a traced function, and its gradient.

A call of a traced function is one operation, `call`. Its gradient is the call of another graph: the
forward graph walked backwards. What the backward graph needs of the forward one (its captures) the
forward call returns as further outputs.

Inside another trace a function is written out in place: its operations are copied into the outer
graph, which can then be differentiated, pruned and scheduled as one.
"""

from __future__ import annotations

import threading
from collections.abc import Sequence
from typing import Any

from minitf.autodiff.backprop import backprop
from minitf.errors import GraphError, UnimplementedError
from minitf.graph.context import context
from minitf.graph.device import HOST
from minitf.graph.op import AnyTensor, Raw, op
from minitf.graph.operation import Operation
from minitf.graph.tensor import Tensor, eager_tensor
from minitf.graph.trace import FunctionGraph, Run, inline, pack_results, set_runner, trace
from minitf.runtime.compile import Compiled

TRACING = threading.RLock()  # one thread at a time writes graphs that others may want, too


def run_graph(graph: FunctionGraph, arrays: Sequence[Any], fetches: Sequence[Tensor]) -> list[Any]:
    """Run a FunctionGraph on the arrays of its inputs."""
    return find_runner(graph, fetches)(arrays)


def find_runner(graph: FunctionGraph, fetches: Sequence[Tensor], with_effects: bool = True) -> Run:
    """Return a function that runs a FunctionGraph, compiled for these fetches."""
    key = (tuple(fetches), with_effects, len(graph.operations), len(graph.inputs))
    compiled = graph.compiled.get(key)
    if compiled is None:
        effects = graph.effects if with_effects else []
        compiled = Compiled(graph, graph.inputs, fetches, effects)
        graph.compiled[key] = compiled
    return compiled.run


set_runner(find_runner)


class Callee:
    """What a `call` runs: a FunctionGraph, and which of its tensors the call returns.

    Attributes
    ----------
    graph : FunctionGraph
        Shared by the plain call and the one that also returns intermediate values.
    fetches : list of Tensor
        The function's results, then the intermediate values that its backward graph needs.
    with_effects : bool
        Whether the call does what the function does besides returning values.
    """

    def __init__(self, graph: FunctionGraph, fetches: Sequence[Tensor], with_effects: bool = True):
        self.graph = graph
        self.fetches = list(fetches)
        self.with_effects = with_effects
        self.read_variables = graph.read_variables
        self.written_variables = graph.written_variables

    @classmethod
    def of(cls, graph: FunctionGraph) -> Callee:
        """Return what a plain call of a graph runs, made once."""
        key = (tuple(graph.results), len(graph.operations))
        made: dict[Any, Callee] = graph.callees
        if key not in made:
            made[key] = cls(graph, graph.results)
        return made[key]


@op(stateful=True, accepts_none=True)
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
    return tuple(find_runner(callee.graph, callee.fetches, callee.with_effects)(args))


@call.gradient
def _(node: Operation, *dys: Tensor) -> Any:
    callee: Callee = node["callee"]
    pairs = zip(callee.fetches, dys, strict=True)
    seeded = [(t, dy) for t, dy in pairs if dy is not None and t.dtype.is_differentiable]
    targets, seeds = zip(*seeded, strict=True)
    return Backward.of(callee.graph, targets).apply(node, list(seeds))


class Backward:
    """The graph of a function walked backwards.

    Its arguments are the gradients of some of the forward call's outputs; everything else that it
    needs of the forward graph it captures. Its results are the gradients of the forward graph's
    inputs and of the Variables that it reads.

    Attributes
    ----------
    graph : FunctionGraph
        The gradients' computation.
    callee : Callee
        What a forward call runs that a tape follows: it also returns what `graph` needs.
    """

    def __init__(self, graph: FunctionGraph, targets: Sequence[Tensor]):
        sources = [*graph.inputs, *graph.read_variables]
        with graph.as_default():  # so that the backward graph's outer graph is the forward graph
            self.graph = FunctionGraph(f"gradient of {graph.name}")
        operations = list(graph.operations)

        def walk(*seeds: Tensor) -> list[Tensor | None]:
            return backprop(operations, targets, seeds, sources)

        trace(walk, [t.spec for t in targets], graph=self.graph)
        returned = {*graph.results, *graph.inputs}
        extra = [t for t in self.graph.captured if t.operation is not None and t not in returned]
        self.callee = Callee(graph, [*graph.results, *extra])

    @classmethod
    def of(cls, graph: FunctionGraph, targets: tuple[Tensor, ...]) -> Backward:
        """Return the backward graph for some tensors of a graph, made once."""
        made: dict[Any, Backward] = graph.backward
        with TRACING:
            if targets not in made:
                made[targets] = cls(graph, targets)
        return made[targets]

    def apply(self, node: Any, seeds: list[Tensor]) -> list[Tensor | None]:
        """Call the backward graph for one forward call; return the gradients of its sources."""
        callee: Callee = node["callee"]
        known = dict(zip(callee.fetches, node.outputs, strict=True))
        known.update(zip(callee.graph.inputs, node.inputs, strict=True))
        known.update((t, t) for t in self.graph.captured if t.operation is None)
        missing = [t for t in self.graph.captured if t not in known]
        if missing:
            known.update(zip(missing, _derive_again(callee.graph, node, missing), strict=True))
        inputs = seeds + [known[t] for t in self.graph.captured]
        found = call_graph(self.graph, inputs)
        return list(pack_results(self.graph, found))


def _derive_again(graph: FunctionGraph, node: Any, missing: list[Tensor]) -> list[Tensor]:
    """Return values that a forward call has not kept, for a derivative of higher order."""
    if graph.written_variables or graph.streams:
        raise UnimplementedError(
            f"a derivative of higher order needs values inside of {graph.name!r} that would not be "
            "the same again, because the function assigns Variables or draws random numbers: take "
            "the inner gradient inside of the function"
        )
    return _as_list(call(list(node.inputs), Callee(graph, missing, with_effects=False)))


def _as_list(outputs: Any) -> list[Tensor]:
    return outputs if isinstance(outputs, list) else [outputs]


def call_graph(graph: FunctionGraph, inputs: Sequence[Tensor]) -> list[Tensor]:
    """Run a graph on tensors: through `call` when eager, written out in place inside a trace.

    A tape that follows makes the call return, besides the results, what the backward graph needs.
    """
    if context.graph is not None:
        return inline(graph, inputs)
    variables = Callee.of(graph).read_variables
    followed = any(r.wants(tuple(inputs), variables) for r in context.recorders)
    targets = tuple(t for t in graph.results if t.dtype.is_differentiable)
    if followed and targets:
        callee = Backward.of(graph, targets).callee
        return _as_list(call(list(inputs), callee))[: len(graph.results)]
    return run_now(graph, inputs)


def run_now(graph: FunctionGraph, inputs: Sequence[Tensor]) -> list[Tensor]:
    """Run a graph on eager tensors that no tape follows."""
    for tensor in inputs:
        if tensor.operation is not None:
            raise GraphError(
                f"{graph.name}: {tensor.name} is an edge of {tensor.graph!r} and cannot be used "
                "outside of it: return it from the traced function, or fetch it with Session.run"
            )
    arrays = [t.array if t.place is HOST else t.place.fetch(t.array) for t in inputs]
    return [eager_tensor(array) for array in run_graph(graph, arrays, graph.results)]
