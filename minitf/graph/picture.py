"""A graph as plain data: everything that a drawing of it needs, for programs that are not Python.

The numbers of operations and tensors are their positions in the lists ``nodes`` and ``tensors``.
Places are those of `minitf.graph.layout`, scaled as in `minitf.graph.show`.
"""

from __future__ import annotations

import linecache
from typing import Any

from minitf.errors import file_name
from minitf.graph.graph import Graph
from minitf.graph.layout import FORWARD, GRADIENT, UPDATE, Layout, Point, before, layout
from minitf.graph.operation import Operation
from minitf.graph.show import (
    COLUMN,
    HEIGHT,
    ROW,
    WIDTH,
    device_name,
    headline,
    ports,
    shape_text,
    wrapped,
)
from minitf.graph.tensor import Tensor

LANES = {FORWARD: "forward", GRADIENT: "gradient", UPDATE: "update"}

Data = dict[str, Any]


def picture(graph: Graph, constants: bool = False) -> Data:
    """Return a graph as dicts, lists, numbers and strings.

    Parameters
    ----------
    graph : Graph
        What is to be drawn.
    constants : bool
        Whether constants get boxes of their own; without, they have no ``"place"``.

    Returns
    -------
    dict
        ``name``; ``box``, the width and height of a box; ``nodes``; ``tensors``; ``arrows``.

    Examples
    --------
    >>> import minitf as tf
    >>> with tf.Graph("tiny") as g:
    ...     y = tf.square(tf.placeholder(tf.float32, [3], name="x"))
    >>> data = picture(g)
    >>> [node["name"] for node in data["nodes"]], data["tensors"][0]["shape"]
    (['x', 'square'], [3])
    """
    drawn = {n: None for n in graph.operations if constants or n.type != "constant"}
    tensors = [t for n in graph.operations for t in n.outputs]
    number: dict[Any, int] = {t: i for i, t in enumerate(tensors)}
    number |= {n: i for i, n in enumerate(graph.operations)}
    found = layout(list(drawn))
    return {
        "name": graph.name,
        "box": [WIDTH, HEIGHT],
        "nodes": [_node(n, number, found) for n in graph.operations],
        "tensors": [_tensor(t, number[t.op]) for t in tensors],
        "arrows": [_arrow(a, b, number, found) for b in drawn for a in before(b) if a in drawn],
    }


def _node(node: Operation, number: dict[Any, int], found: Layout) -> Data:
    data: Data = {
        "name": node.name,
        "type": node.type,
        "title": headline(node),
        "label": wrapped(headline(node)),
        "about": node.definition.doc.partition("\n")[0],
        "inputs": [number[t] for t in node.inputs],
        "after": [number[n] for n in node.control_inputs],
        "outputs": [number[t] for t in node.outputs],
        "device": device_name(node),
        "derivative_of": node.gradient_of,
        "source": _source(node),
    }
    if node in found.places:
        lane, (x, y) = found.lanes[node], found.places[node]
        data |= {"lane": LANES[lane], "place": _rounded(Point(x * COLUMN, y * ROW))}
    return data


def _source(node: Operation) -> Data | None:
    """Return the user's line, and what stands there."""
    if node.line is None:
        return None
    file, line = node.line
    return {"file": file_name(file), "line": line, "code": linecache.getline(file, line).strip()}


def _tensor(tensor: Tensor, node: int) -> Data:
    count = tensor.shape.num_elements()
    return {
        "name": tensor.name,
        "node": node,
        "dtype": tensor.dtype.name,
        "shape": list(tensor.shape),
        "shape_text": shape_text(tensor.shape),
        "bytes": None if count is None else count * tensor.dtype.size,
    }


def _arrow(origin: Operation, node: Operation, number: dict[Any, int], found: Layout) -> Data:
    lanes = found.lanes[origin], found.lanes[node]
    start, end = (
        Point(p.x * COLUMN, p.y * ROW) for p in (found.places[origin], found.places[node])
    )
    sideways = lanes[0] != lanes[1] or lanes[1] == UPDATE or start.y == end.y
    first, last = ports(start, end, sideways)
    bends = [Point(x * COLUMN, y * ROW) for x, y in found.bends.get((origin, node), [])]
    return {
        "from": number[origin],
        "to": number[node],
        "tensors": [number[t] for t in dict.fromkeys(node.inputs) if t.op is origin],
        "lane": LANES[lanes[1]],
        "sideways": sideways,
        "points": [_rounded(p) for p in (first, *bends, last)],
    }


def _rounded(point: Point) -> list[float]:
    return [round(x, 3) for x in point]
