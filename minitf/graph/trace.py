"""Tracing: calling a Python function on placeholders, to write its graph.

What comes out is a FunctionGraph: a Graph with arguments and results. `tf.function` runs one per
signature; `cond` and `while_loop` hold one per branch or body.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING, Any

from minitf.errors import GraphError
from minitf.graph.context import context, run_quietly, set_context
from minitf.graph.convert import as_tensor
from minitf.graph.device import HOST
from minitf.graph.graph import Graph
from minitf.graph.nest import flatten, pack_like
from minitf.graph.operation import Operation
from minitf.graph.ordering import Ordering, streams, touched
from minitf.graph.registry import OPS
from minitf.graph.spec import TensorSpec
from minitf.graph.tensor import Tensor, eager_tensor

if TYPE_CHECKING:
    from minitf.graph.op import OpDef

Run = Callable[[Sequence[Any]], list[Any]]
Runner = Callable[["FunctionGraph", Sequence[Tensor]], Run]
_runner: list[Runner] = []


def set_runner(runner: Runner) -> None:
    """Tell FunctionGraphs how to run; the runtime, which knows, is built on top of this module."""
    _runner[:] = [runner]


Backprop = Callable[
    [Sequence[Operation], Sequence[Tensor], Sequence[Any], Sequence[Any]], list[Tensor | None]
]
_backprop: list[Backprop] = []


def set_backprop(backprop: Backprop) -> None:
    """Tell the ops that hold graphs how to differentiate; autodiff is built on top of the ops."""
    _backprop[:] = [backprop]


def walk_back(
    operations: Sequence[Operation],
    targets: Sequence[Tensor],
    seeds: Sequence[Any],
    sources: Sequence[Any],
) -> list[Tensor | None]:
    """Return the derivative of `targets` for `sources`; see `minitf.autodiff.backprop`."""
    return _backprop[0](operations, targets, seeds, sources)


class FunctionGraph(Graph):
    """A Graph with arguments and results.

    Stateful operations on one Variable keep the order in which the program wrote them: each gets
    a control edge from those it must wait for.

    Attributes
    ----------
    arguments : list of Tensor
        Placeholders for the explicit arguments.
    results : list of Tensor
        What a run returns, flat.
    structure : nested structure
        The form in which the Python function returned them; None stands for a result of None.
    """

    def __init__(self, name: str = ""):
        super().__init__(name, outer=context.graph, captures_by="placeholder")
        self.arguments: list[Tensor] = []
        self.results: list[Tensor] = []
        self.structure: Any = None
        self._ordering = Ordering()
        # Kept for the runtime: plans and callees per set of fetches, and backward graphs.
        self.compiled: dict[Any, Any] = {}
        self.callees: dict[Any, Any] = {}
        self.backward: dict[Any, Any] = {}

    # -- what it needs and touches ------------------------------------------------------------

    @property
    def inputs(self) -> list[Tensor]:
        """All placeholders that a run feeds: the arguments, then the captured values."""
        return self.arguments + [c.inner for c in self.captures]

    @property
    def captured(self) -> list[Tensor]:
        """The outside tensors to feed the captured placeholders with."""
        return [c.outer for c in self.captures]

    @property
    def read_variables(self) -> tuple[Any, ...]:
        """The Variables that gradients flow to, each once."""
        return tuple(dict.fromkeys(v for node in self.operations for v in node.variables))

    @property
    def written_variables(self) -> tuple[Any, ...]:
        """The Variables that a run may change, each once."""
        return tuple(dict.fromkeys(v for node in self.operations for v in touched(node)[1]))

    @property
    def streams(self) -> tuple[Any, ...]:
        """The streams of random numbers that a run draws from, each once."""
        return tuple(dict.fromkeys(s for node in self.operations for s in streams(node)))

    @property
    def effects(self) -> list[Operation]:
        """The operations that must run even if nothing fetches their outputs."""
        return [n for n in self.operations if n.ordered or touched(n)[1]]

    # -- writing ------------------------------------------------------------------------------

    def add(self, definition: OpDef, *rest: Any, **options: Any) -> Operation:
        """Write an operation down, after those whose effects it must see."""
        node = super().add(definition, *rest, **options)
        if definition.stateful:
            waits = node.control_inputs + self._ordering.before(node)
            node.control_inputs = tuple(dict.fromkeys(waits))
        return node

    # -- running ------------------------------------------------------------------------------

    def run(self, arrays: Sequence[Any], fetches: Sequence[Tensor] | None = None) -> list[Any]:
        """Run on the arrays of `inputs`, and return the arrays of the results (or `fetches`)."""
        return self.runner(self.results if fetches is None else fetches)(arrays)

    def runner(self, fetches: Sequence[Tensor]) -> Run:
        """Return a function from the arrays of `inputs` to those of `fetches`."""
        return _runner[0](self, fetches)

    def evaluate_now(self, tensor: Tensor) -> Any:
        """Return the value of a tensor that depends on no argument, while the graph is written.

        This is how a Variable that a traced function creates gets its first value. Nothing else is
        done that the function does.
        """
        needed = {tensor.op}
        for node in reversed(self.operations):
            if node in needed:
                needed.update(t.op for t in node.inputs)
        values = {c.inner: c.outer.place.fetch(c.outer.array) for c in self.captures}
        with set_context(graph=None, recorders=[], scope="", device=None):
            for node in self.operations:
                if node in needed:
                    self._compute_now(node, values)
        return eager_tensor(values[tensor])

    def _compute_now(self, node: Operation, values: dict[Tensor, Any]) -> None:
        if node.type == "placeholder":
            if values.get(node.output) is None:
                raise GraphError(
                    f"the first value of a Variable depends on {node.output.name}, which differs "
                    f"from call to call of {self.name!r}: start with a constant, then assign"
                )
            return
        found = run_quietly(node.kernel(HOST.backends), *[values[t] for t in node.inputs])
        found = found if isinstance(found, tuple) else (found,)
        values.update(zip(node.outputs, found, strict=True))

    def __repr__(self) -> str:
        return f"<tf.FunctionGraph {self.name!r}: {len(self.operations)} operations>"


def trace(
    function: Callable[..., Any],
    specs: Any,
    name: str = "",
    kwargs: dict[str, Any] | None = None,
    graph: FunctionGraph | None = None,
) -> FunctionGraph:
    """Call `function` on placeholders and return the graph that it wrote.

    Parameters
    ----------
    function : callable
        Is called once, with the structure of `specs` filled with placeholders (anything that is no
        TensorSpec is passed as it is).
    specs : sequence
        The positional arguments.
    name : str, optional
        Name of the graph.
    kwargs : dict, optional
        Keyword arguments, filled likewise.
    graph : FunctionGraph, optional
        The graph to write to; a new one by default.

    Returns
    -------
    FunctionGraph
    """
    graph = graph or FunctionGraph(name)
    with graph.as_default():
        args, named = _placeholders(graph, (tuple(specs), dict(kwargs or {})))
        set_results(graph, function(*args, **named))
    return graph


def _placeholders(graph: FunctionGraph, structure: Any) -> Any:
    leaves = []
    for leaf in flatten(structure):
        if isinstance(leaf, TensorSpec):
            leaf = OPS["placeholder"](leaf, name=leaf.name or "argument")
            graph.arguments.append(leaf)
        leaves.append(leaf)
    return pack_like(structure, leaves)


def set_results(graph: FunctionGraph, returned: Any) -> None:
    """Declare what a run of `graph` returns: a nested structure of values of that graph."""
    with set_context(graph=graph):
        leaves = [None if leaf is None else _result(graph, leaf) for leaf in flatten(returned)]
    graph.results = [leaf for leaf in leaves if leaf is not None]
    graph.structure = pack_like(returned, leaves)


def _result(graph: FunctionGraph, leaf: Any) -> Tensor:
    if isinstance(leaf, Operation):
        raise GraphError(f"a traced function cannot return an Operation ({leaf.name})")
    return graph.capture(as_tensor(leaf))


def pack_results(graph: FunctionGraph, values: Iterable[Any]) -> Any:
    """Return the results of a run in the form in which the Python function returned them."""
    rest = iter(values)
    leaves = [None if leaf is None else next(rest) for leaf in flatten(graph.structure)]
    return pack_like(graph.structure, leaves)


def inline(graph: FunctionGraph, inputs: Sequence[Tensor]) -> list[Tensor]:
    """Copy the operations of a function's graph into the graph that is being written.

    What waited for an argument waits for the operation that the argument comes from.
    """
    outer = context.graph
    assert outer is not None
    placed = dict(zip(graph.inputs, [outer.capture(t) for t in inputs], strict=True))
    made = {t.op: placed[t].op for t in graph.inputs}
    for node in graph.operations:
        if node in made:
            continue
        waits = [made[n] for n in node.control_inputs if n in made]
        with outer.control_dependencies(waits):
            new = outer.add(
                node.definition, tuple(placed[t] for t in node.inputs), node.attributes,
                node.output_specs(), node.variables, node.name,
            )  # fmt: skip
        new.line = node.line
        new.device = node.device or new.device
        made[node] = new
        placed.update(zip(node.outputs, new.outputs, strict=True))
        for recorder in context.recorders:
            if recorder.wants(new.inputs, new.variables):
                recorder.record(new)
    return [placed[t] for t in graph.results]
