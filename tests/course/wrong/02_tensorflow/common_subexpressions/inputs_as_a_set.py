# message: x - y is not y - x

from collections.abc import Hashable, Mapping, Sequence
from typing import Any, NamedTuple


class Edge(NamedTuple):
    """One output of a node."""

    node: str
    index: int


class Node(NamedTuple):
    """One operation of a graph.

    Attributes
    ----------
    name : str
        Unique in the graph.
    op : str
        What is computed, "matmul" say.
    inputs : tuple of Edge
        In order: a - b is not b - a.
    attributes : dict
        Everything else that the call said: numbers, strings, tuples of them.
    stateful : bool
        Whether two equal calls may differ.
    """

    name: str
    op: str
    inputs: tuple[Edge, ...]
    attributes: dict[str, Any]
    stateful: bool = False


def key(node: Node, computed_by: Mapping[str, str]) -> Hashable:
    """Return what a node has in common with those that compute the same, and with no others.

    Parameters
    ----------
    node : Node
        Not stateful.
    computed_by : mapping of str to str
        For the nodes before it: which node computes their value.
    """
    inputs = frozenset(Edge(computed_by[edge.node], edge.index) for edge in node.inputs)
    # Names in order, since {"a": 1, "b": 2} and {"b": 2, "a": 1} say the same. The repr of a value
    # tells 1 from 1.0 and from True.
    attributes = tuple(sorted((name, repr(value)) for name, value in node.attributes.items()))
    return node.op, attributes, inputs


def share(nodes: Sequence[Node]) -> dict[str, str]:
    """Return, for each node, the name of the node that computes its value."""
    computed_by: dict[str, str] = {}
    first: dict[Hashable, str] = {}
    for node in nodes:
        computed_by[node.name] = node.name
        if not node.stateful:
            computed_by[node.name] = first.setdefault(key(node, computed_by), node.name)
    return computed_by
