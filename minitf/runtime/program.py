"""Program: a Graph with its ends, and how a pass rewrites it.

A pass is a function from one Program to another. It never changes the graph that it was given: it
copies it operation by operation and says, for each, what becomes of it. So the graph before and the
graph after a pass can both be drawn.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from minitf.graph.graph import Graph
from minitf.graph.op import OpDef
from minitf.graph.operation import Operation
from minitf.graph.registry import OPS
from minitf.graph.tensor import Tensor, eager_tensor


@dataclass(frozen=True)
class Program:
    """A Graph with its ends.

    Attributes
    ----------
    graph : Graph
        The operations.
    feeds : list of Tensor
        Edges whose values the run is given.
    fetches : list of Tensor
        Edges whose values the run returns.
    effects : list of Operation
        Operations that run for what they do, not for what they return.
    """

    graph: Graph
    feeds: list[Tensor]
    fetches: list[Tensor]
    effects: list[Operation]


class Rewriter:
    """Copies a Program operation by operation, as one pass decides.

    Attributes
    ----------
    graph : Graph
        The copy, as far as it has come.
    """

    def __init__(self, source: Program):
        self.source = source
        self.graph = Graph(source.graph.name)
        self._tensors: dict[Tensor, Tensor] = {}
        self._nodes: dict[Operation, tuple[Operation, ...]] = {}

    def __getitem__(self, tensor: Tensor) -> Tensor:
        """Return what has become of a tensor of the source."""
        return self._tensors[tensor]

    def inputs(self, node: Operation) -> tuple[Tensor, ...]:
        """Return what has become of an operation's inputs."""
        return tuple(self._tensors[t] for t in node.inputs)

    def waits(self, operations: Iterable[Operation]) -> tuple[Operation, ...]:
        """Return what has become of the operations that something must wait for."""
        return tuple(dict.fromkeys(new for old in operations for new in self._nodes[old]))

    def copy(self, node: Operation, inputs: tuple[Tensor, ...] | None = None) -> Operation:
        """Keep an operation as it is, or with other inputs (tensors of the copy)."""
        inputs = self.inputs(node) if inputs is None else inputs
        new = self.add(node.definition, inputs, node.attributes, node.outputs, node)
        self.replace(node, new)
        return new

    def feed(self, tensor: Tensor) -> None:
        """Let everyone who reads a tensor of the source read a placeholder."""
        attributes = {"spec": tensor.spec}
        new = self.add(OPS["placeholder"], (), attributes, [tensor], tensor.op, waits=())
        self._tensors[tensor] = new.output
        self._nodes.setdefault(tensor.op, (new,))

    def alias(self, node: Operation, tensors: Sequence[Tensor]) -> None:
        """Drop an operation: its outputs are these tensors of the copy."""
        self._tensors.update(zip(node.outputs, tensors, strict=True))
        # What waited for the dropped operation waits for what made its substitutes, and for what
        # the dropped one itself waited for.
        makers = tuple(t.op for t in tensors)
        self._nodes[node] = tuple(dict.fromkeys(makers + self.waits(node.control_inputs)))

    def replace(self, node: Operation, new: Operation) -> None:
        """Drop an operation in favour of one of the copy that has the same outputs."""
        self.replace_outputs([node], dict(zip(node.outputs, new.outputs, strict=True)), new)

    def replace_outputs(self, nodes: Sequence[Operation], outputs: dict[Tensor, Tensor],
                        new: Operation) -> None:  # fmt: skip
        """Drop operations in favour of one of the copy that makes all of their outputs."""
        self._tensors.update(outputs)
        for node in nodes:
            self._nodes[node] = (new,)

    def constant(self, node: Operation, arrays: Sequence[Any]) -> None:
        """Replace an operation by the values of its outputs."""
        self.alias(node, [self.literal(a, node) for a in arrays])

    def literal(self, array: Any, like: Operation) -> Tensor:
        """Return a constant of the copy."""
        tensor = eager_tensor(array)
        return self.add(OPS["constant"], (), {"value": tensor}, [tensor], like, waits=()).output

    def add(
        self,
        definition: OpDef,
        inputs: tuple[Tensor, ...],
        attributes: dict[str, Any],
        outputs: Sequence[Tensor],
        like: Operation,
        waits: tuple[Operation, ...] | None = None,
    ) -> Operation:
        """Write an operation into the copy, with the origin and place of one of the source."""
        name = like.name if waits is None else f"{like.name}/{definition.name}"
        new = Operation(definition, inputs, attributes, like.variables if waits is None else ())
        new.name = self.graph.unique_name(name)
        new.line, new.device, new.gradient_of = like.line, like.device, like.gradient_of
        new.control_inputs = self.waits(like.control_inputs) if waits is None else waits
        new.outputs = [Tensor(None, t.spec, new, i) for i, t in enumerate(outputs)]
        new.graph = self.graph
        self.graph.operations.append(new)
        return new

    def finish(self) -> Program:
        """Return the rewritten Program."""
        source = self.source
        feeds = [self._tensors[t] for t in source.feeds]
        fetches = [self._tensors[t] for t in source.fetches]
        effects = list(self.waits(source.effects))
        return Program(self.graph, feeds, fetches, effects)
