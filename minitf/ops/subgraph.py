"""Graphs inside operations, and how to walk them backwards.

`cond`, `switch_case` and `while_loop` hold a FunctionGraph per branch or body. What such a graph
uses of its surroundings it captures: the captured tensors are inputs of the operation, and its
Variables are sources of gradients like the operation's own.

The derivative of such an operation is an operation of the same kind: its graphs are the forward
graphs walked backwards::

      forward graph        x --> a = f(x) --> y = g(a)        y is a result
      BackwardGraph       dx <-- f'(x, .) <-- g'(a, .) <-- dy  x and a are captured

A BackwardGraph is written while `backprop` walks the forward graph. Every forward tensor that a
gradient rule uses is captured. An input of the forward graph is known outside; a value that is
computed inside (a) is not, so the forward operation must return it: `expose` gives it one more
output. Nothing is computed twice, and nothing is kept that the derivative does not need. Since the
derivative is an ordinary operation, it has a derivative in turn.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

from minitf.errors import InvalidArgumentError
from minitf.graph.composite import Composite
from minitf.graph.context import context, set_context
from minitf.graph.graph import Capture
from minitf.graph.nest import flatten, is_nested, pack_like
from minitf.graph.operation import Operation
from minitf.graph.spec import TensorSpec
from minitf.graph.tensor import Tensor
from minitf.graph.trace import FunctionGraph
from minitf.ops.source import constant_value, placeholder


class Part:
    """A graph as a part of an operation: what it returns, and where its inputs come from.

    It is immutable: an operation that must return more gets a new Part, so plans that were made
    for the old one stay right.

    Attributes
    ----------
    graph : FunctionGraph
        The branch or body.
    fetches : tuple of Tensor
        What a run returns: the results, then the values that have been exposed.
    positions : tuple of int
        For every input that the operation feeds, which of its values that is.
    """

    __slots__ = ("graph", "fetches", "positions")

    def __init__(self, graph: FunctionGraph, fetches: Iterable[Tensor], positions: Iterable[int]):
        self.graph = graph
        self.fetches = tuple(fetches)
        self.positions = tuple(positions)

    def returning(self, *more: Tensor) -> Part:
        """Return the same part with further fetches."""
        return Part(self.graph, self.fetches + more, self.positions)

    def bind(self, values: Sequence[Any]) -> Callable[..., list[Any]]:
        """Return the graph as a function of its first inputs, the rest taken from `values`."""
        run = self.graph.runner(self.fetches)
        rest = [values[i] for i in self.positions]
        return lambda *first: run([*first, *rest])


class Holder:
    """What an operation that holds graphs has as its attribute: their Parts, and what they touch.

    Attributes
    ----------
    parts : tuple of Part
        Never changed; `exposing` makes another Holder.
    read_variables, written_variables : tuple of Variable
        Each once.
    streams : tuple of Stream
        The streams of random numbers that are drawn from inside.
    ordered : bool
        Whether something inside acts on the world outside.
    """

    def __init__(self, parts: Sequence[Part]):
        self.parts = tuple(parts)
        graphs = [part.graph for part in self.parts]
        self.read_variables = once(v for g in graphs for v in g.read_variables)
        self.written_variables = once(v for g in graphs for v in g.written_variables)
        self.streams = once(s for g in graphs for s in g.streams)
        self.ordered = any(node.ordered for g in graphs for node in g.operations)


def once(items: Iterable[Any]) -> tuple[Any, ...]:
    """Return the items, each once, in the order of their first appearance."""
    return tuple(dict.fromkeys(items))


def share_inputs(groups: Sequence[Sequence[Tensor]]) -> tuple[list[Tensor], list[list[int]]]:
    """Return all tensors of the groups, each once, and per group where its tensors are found."""
    tensors = {t: i for i, t in enumerate(once(t for group in groups for t in group))}
    return list(tensors), [[tensors[t] for t in group] for group in groups]


def add_output(node: Operation, spec: TensorSpec, **changed: Any) -> Tensor:
    """Give an operation one more output, and attributes that make it return that too.

    Lists and dicts are replaced rather than changed: callers hold the old outputs, plans the old
    attributes.
    """
    output = Tensor(None, spec, node, len(node.outputs))
    node.outputs = [*node.outputs, output]
    node.attributes = node.attributes | changed
    return output


def announce_outputs(node: Operation) -> None:
    """Let the tapes that have recorded an operation follow the outputs that it got since."""
    for recorder in context.recorders:
        if hasattr(recorder, "follow"):
            recorder.follow(node)


class BackwardGraph(FunctionGraph):
    """The graph in which the derivative of another is written.

    Parameters
    ----------
    forward : FunctionGraph
        The graph to be walked backwards.
    expose : function
        Returns, for a tensor of the forward graph, the tensor outside that has its value.
    """

    def __init__(self, forward: FunctionGraph, expose: Callable[[Tensor], Tensor]):
        super().__init__(f"gradient of {forward.name}")
        self.outer = forward  # whose tensors a graph inside of this one may use, too
        self.forward = forward
        self.expose = expose

    def argument(self, spec: TensorSpec, name: str) -> Tensor:
        """Add an argument."""
        with set_context(graph=self):
            made = placeholder(spec.dtype, spec.shape, name=name)
        self.arguments.append(made)
        return made

    def _enter(self, tensor: Tensor) -> Tensor:
        maker = tensor.operation
        if maker is None or maker.type == "constant":
            with set_context(graph=self, gradient_of=None):
                return constant_value(tensor if maker is None else maker.attributes["value"])
        return self._enter_forward(tensor) if maker.graph is self.forward else self.pass_in(tensor)

    def _enter_forward(self, tensor: Tensor) -> Tensor:
        return self.pass_in(self.expose(tensor), tensor.spec)

    def pass_in(self, outside: Tensor, spec: TensorSpec | None = None) -> Tensor:
        """Let a tensor from outside be one more input, and return it as it is known inside."""
        spec = spec or outside.spec
        with set_context(graph=self, gradient_of=None):
            inner = placeholder(spec.dtype, spec.shape, name="captured")
        self.captures.append(Capture(outside, inner))
        return inner

    def _check_reachable(self, tensor: Tensor) -> None:
        """Accept everything; the operation that will hold this graph checks its inputs."""


# -- what users' functions return -------------------------------------------------------------


def without_operations(returned: Any) -> Any:
    """Return what a traced branch or body returned, None in place of Operations.

    An Operation that is returned is meant to be run. It has been written, and its effects will be
    seen to.
    """
    if isinstance(returned, Operation):
        return None
    leaves = [None if isinstance(leaf, Operation) else leaf for leaf in flatten(returned)]
    return pack_like(returned, leaves) if is_nested(returned) else returned


def form(structure: Any) -> Any:
    """Return what two nested structures of one form have in common; lists are as good as tuples."""
    if isinstance(structure, dict):
        return {key: form(value) for key, value in structure.items()}
    if isinstance(structure, Composite):
        return [type(structure).__name__, len(structure.components())]
    if is_nested(structure):
        return [form(value) for value in structure]
    return None if structure is None else "*"


def shown(structure: Any) -> str:
    """Return the form of a structure for an error message: a star for every tensor."""
    return str(form(structure)).replace("'*'", "*")


def check_form(what: str, expected: Any, found: Any) -> None:
    """Raise where two structures differ in form."""
    if form(expected) != form(found):
        raise InvalidArgumentError(
            f"{what}: expected the structure {shown(expected)}, got {shown(found)}"
        )
