"""A Graph as TensorFlow describes one, so that TensorBoard draws it.

Names are paths: TensorBoard folds ``dense/matmul`` and ``dense/add`` into one box ``dense``. Three
things are said differently here than in the Graph itself. A Variable is a node of its own, with an
edge to everything that reads or assigns it. The graphs that an operation holds, the branches of a
`cond` or the body of a loop, stand beside it, inside of its name. And what TensorBoard shows in a
special way, constants and placeholders, has TensorFlow's name for its type.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import numpy as np

from minitf.dtypes import DType
from minitf.errors import file_name
from minitf.graph.graph import Graph
from minitf.graph.operation import Operation
from minitf.graph.spec import TensorShape
from minitf.graph.tensor import Tensor
from minitf.ops.state import Variable
from minitf.runtime.events.messages import (
    ATTRIBUTE,
    DATA_TYPES,
    ENTRY,
    GRAPH,
    LIST,
    NODE,
    VERSIONS,
    shape_message,
    tensor_message,
)

PRODUCER = 987  # a version of TensorFlow's graphs that all TensorBoards of today read
SHOWN = 16  # elements of a constant up to which its value is written down

_TYPES = {"constant": "Const", "placeholder": "Placeholder"}


def graph_def(graph: Graph) -> bytes:
    """Return a Graph as an encoded GraphDef.

    Parameters
    ----------
    graph : Graph
        Any; the graph of a traced function is `concrete_function.graph`.

    Returns
    -------
    bytes
    """
    nodes = list(Description(graph).nodes(graph))
    return GRAPH(node=nodes, versions=VERSIONS(producer=PRODUCER))


class Description:
    """The nodes of one GraphDef while they are being written.

    Attributes
    ----------
    names : dict
        The node that stands for each Variable so far.
    taken : set of str
        Names that are in use.
    """

    def __init__(self, graph: Graph):
        self.names: dict[Variable, str] = {}
        self.taken = {node.name for node in graph.operations}

    def nodes(self, graph: Graph, scope: str = "") -> Iterator[bytes]:
        """Yield the nodes of a graph, and of those inside of it."""
        for node in graph.operations:
            variables = [v for v in node.attributes.values() if isinstance(v, Variable)]
            for variable in variables:
                if variable not in self.names:
                    yield self._variable(variable)
            yield self._operation(node, scope, [self.names[v] for v in variables])
            for i, inner in enumerate(held_graphs(node)):
                inside = f"{scope}{node.name}/{_word(inner.name)}_{i}/"
                yield from self.nodes(inner, inside)

    def _variable(self, variable: Variable) -> bytes:
        wanted = name = str(getattr(variable, "path", variable.name)).replace(":", "_")
        number = 0
        while name in self.taken:
            number += 1
            name = f"{wanted}_{number}"
        self.taken.add(name)
        self.names[variable] = name
        attributes = {"dtype": variable.dtype, "shape": variable.shape}
        return NODE(
            name=name, op="VarHandleOp", device=_device(variable.place), attr=_map(attributes)
        )

    def _operation(self, node: Operation, scope: str, variables: list[str]) -> bytes:
        tensors = [scope + _edge(t) for t in node.inputs]
        waits = [f"^{scope}{earlier.name}" for earlier in node.control_inputs]
        attributes = {
            **node.attributes,
            "T": node.outputs[0].dtype if node.outputs else None,
            "_output_shapes": [t.shape for t in node.outputs],
            "_gradient_of": node.gradient_of,
            "_line": f"{file_name(node.line[0])}:{node.line[1]}" if node.line else None,
        }
        return NODE(
            name=scope + node.name,
            op=_TYPES.get(node.type, node.type),
            input=variables + tensors + waits,
            device=_device(node.device),
            attr=_map(attributes),
        )


def held_graphs(node: Operation) -> list[Graph]:
    """Return the graphs that an operation holds in its attributes."""
    holders = [a for a in node.attributes.values() if not isinstance(a, Tensor)]
    parts = [part for holder in holders for part in getattr(holder, "parts", ())]
    found = [getattr(holder, "graph", None) for holder in holders + parts]
    return [graph for graph in found if isinstance(graph, Graph)]


def _word(name: str) -> str:
    return re.sub(r"\W+", "_", name) or "graph"


def _edge(tensor: Tensor) -> str:
    """Return what TensorFlow calls an edge: the first output of an operation has its name."""
    return tensor.op.name if tensor.index == 0 else tensor.name


def _device(device: Any) -> str:
    """Return TensorFlow's name of a device: "/device:CPU:0" for "/cpu:0"."""
    return "" if device is None else f"/device:{device.name[1:].upper()}"


def _map(attributes: dict[str, Any]) -> list[bytes]:
    encoded = {name: _attribute(value) for name, value in attributes.items()}
    return [ENTRY(key=k, value=v) for k, v in sorted(encoded.items()) if v is not None]


def _attribute(value: Any) -> bytes | None:
    """Return the message for an attribute; None where TensorFlow has no such type."""
    if isinstance(value, list):
        return _list_attribute(value)
    if isinstance(value, tuple) and not isinstance(value, TensorShape):
        return _list_attribute(list(value))
    if isinstance(value, Tensor):
        small = value.operation is None and (value.shape.num_elements() or 0) <= SHOWN
        return ATTRIBUTE(tensor=tensor_message(value)) if small else None
    field = _field(value)
    return None if field is None else ATTRIBUTE(**{field[0]: field[1]})


def _list_attribute(values: list[Any]) -> bytes | None:
    fields = [_field(v) for v in values]
    names = {field[0] if field else None for field in fields}
    if len(names) > 1 or None in names:
        return None
    listed = {name: [field[1] for field in fields if field] for name in names if name}
    return ATTRIBUTE(list=LIST(**listed))


def _field(value: Any) -> tuple[str, Any] | None:
    """Return the field of an attribute for one value, and what stands in it."""
    match value:
        case bool():
            return "b", value
        case int() | np.integer():
            return "i", value
        case float() | np.floating():
            return "f", float(value)
        case str():
            return "s", value
        case DType():
            return "type", DATA_TYPES[value.name]
        case TensorShape():
            return "shape", shape_message(value)
    return None
