"""Common subexpressions.

Programs compute the same thing twice more often than one thinks: the gradient of a function needs
the function again, and two layers ask for the same shape. Write the pass that finds such pairs.

A graph is a list of nodes, in topological order. Two nodes compute the same if they have the same
op, the same attributes, and the same inputs, *once their own inputs have been shared*. Return for
each node the name of the node that computes its value: its own, or that of the first one like it.

    >>> graph = [
    ...     Node("x", "placeholder", (), {}, stateful=True),
    ...     Node("a", "exp", (Edge("x", 0),), {}),
    ...     Node("b", "exp", (Edge("x", 0),), {}),
    ...     Node("c", "square", (Edge("a", 0),), {}),
    ...     Node("d", "square", (Edge("b", 0),), {}),
    ... ]
    >>> share(graph)
    {'x': 'x', 'a': 'a', 'b': 'a', 'c': 'c', 'd': 'c'}

Never share what is `stateful`: two draws of random numbers are two draws, and two placeholders
hold two values. And mind the attributes: to Python 1, 1.0 and True are equal, to a graph they are
an int, a float and a bool.

`minitf.course.use("02/common_subexpressions")` lets your pass improve minitf's own graphs.

Approach: Write `key`, which returns something hashable that is equal for nodes that compute the
same. Then `share` needs one walk and one dictionary from keys to names.

Difficulty: 3 of 5
Minutes: 25
Section: 02_tensorflow/graph.md#what-else-can-be-done-with-a-recipe
Forbidden: minitf
Hint 1: Look up each input in the mapping made so far, before you build the key: that is how c and
d become equal once a and b are one.
Hint 2: `tuple(sorted(node.attributes.items()))` would do for attributes, if 1 and True were
different. Put the type beside each value, or use `repr(value)`.
Hint 3: `repr` also tells 0.0 from -0.0, which are equal to `==` but not to a division. So the key
is (op, attributes as sorted pairs of name and repr, inputs with their nodes replaced).
"""

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
    inputs = tuple(Edge(computed_by[edge.node], edge.index) for edge in node.inputs)
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
