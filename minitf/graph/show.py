"""Showing a graph: as text, as Graphviz source, and drawn by matplotlib alone.

A drawing has three lanes. On the left the forward part flows down; in the middle the derivatives
flow up again, each in the row of the operation whose derivative it is; on the right stands what is
done with them, mostly assignments to Variables. Shapes stand on the edges, and the colour of a box
is its device.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path
from typing import Any, NamedTuple

from minitf.graph.graph import Graph
from minitf.graph.operation import Operation
from minitf.graph.spec import TensorShape
from minitf.graph.tensor import Tensor

FORWARD, GRADIENT, UPDATE = 0, 1, 2
EDGE_COLORS = {FORWARD: "#3b76af", GRADIENT: "#d1842f", UPDATE: "#4c8c4a"}
DEVICE_COLORS = ("#eef4fa", "#fbeee6", "#eaf6ea", "#f3ebf8", "#fdf6d8", "#e8f6f6")


# -- as text -----------------------------------------------------------------------------------


def text(graph: Graph) -> str:
    """Return a graph as lines of text, one operation each.

    Parameters
    ----------
    graph : Graph
        What to show.

    Returns
    -------
    str
        Name, op, inputs and shapes; ``after`` names control inputs, ``grad`` whose derivative an
        operation belongs to.

    Examples
    --------
    >>> import minitf as tf
    >>> with tf.Graph() as g:
    ...     x = tf.placeholder(tf.float32, [None, 2], name="x")
    ...     y = tf.square(x, name="y")
    >>> print(tf.show.text(g))
    x: placeholder() -> float32 (None, 2)
    y: square(x) -> float32 (None, 2)
    """
    return "\n".join(map(_line, graph.operations))


def _line(node: Operation) -> str:
    inputs = ", ".join(_tensor_name(t) for t in node.inputs)
    outputs = ", ".join(f"{t.dtype.name} {t.shape}" for t in node.outputs)
    extras = (
        [f"after {', '.join(n.name for n in node.control_inputs)}"] if node.control_inputs else []
    )
    extras += [f"grad of {node.gradient_of}"] if node.gradient_of else []
    extras += [f"on {node.device.name}"] if node.device else []
    tail = f"  [{'; '.join(extras)}]" if extras else ""
    title = node.type if node.type == "placeholder" else _title(node)
    return f"{node.name}: {title}({inputs}) -> {outputs or 'nothing'}{tail}"


def _tensor_name(tensor: Tensor) -> str:
    return tensor.op.name if tensor.index == 0 else tensor.name


def _title(node: Operation) -> str:
    """Return the op, with the Variable that it deals with or the number that it holds."""
    variable = node.attributes.get("variable")
    if variable is not None:
        return f"{node.type.removesuffix('_variable')} {variable.name}"
    if node.type == "placeholder":
        return f"placeholder {node.name}"
    if node.type == "constant" and node.output.shape.num_elements() == 1:
        return f"constant {node.attributes['value'].array.item():.4g}"
    return node.type


# -- as Graphviz source ------------------------------------------------------------------------


def dot(graph: Graph) -> str:
    """Return a graph in the language of Graphviz.

    Examples
    --------
    >>> import minitf as tf
    >>> with tf.Graph() as g:
    ...     y = tf.square(tf.constant(2.0, name="x"), name="y")
    >>> print(tf.show.dot(g))
    digraph {
      node [shape=box, style="filled,rounded", fontname="sans-serif"];
      "x" [label="constant 2", color="#3b76af", fillcolor="#eef4fa"];
      "y" [label="square", color="#3b76af", fillcolor="#eef4fa"];
      "x" -> "y" [label="()", color="#3b76af"];
    }
    """
    lanes = find_lanes(graph.operations)
    colors = device_colors(graph.operations)
    lines = ["digraph {", '  node [shape=box, style="filled,rounded", fontname="sans-serif"];']
    for node in graph.operations:
        color, fill = EDGE_COLORS[lanes[node]], colors[_device_name(node)]
        label = _title(node).replace('"', "'")
        lines.append(f'  "{node.name}" [label="{label}", color="{color}", fillcolor="{fill}"];')
    for node in graph.operations:
        color = EDGE_COLORS[lanes[node]]
        for tensor in node.inputs:
            lines.append(f'  "{tensor.op.name}" -> "{node.name}" [label="{_shape(tensor.shape)}", '
                         f'color="{color}"];')  # fmt: skip
        for before in node.control_inputs:
            lines.append(f'  "{before.name}" -> "{node.name}" [style=dashed, color="#999999"];')
    return "\n".join([*lines, "}"])


def _shape(shape: TensorShape) -> str:
    return "()" if not shape else " x ".join("?" if n is None else str(n) for n in shape)


def _device_name(node: Operation) -> str:
    return node.device.name if node.device else "/cpu:0"


def device_colors(nodes: Iterable[Operation]) -> dict[str, str]:
    """Return a colour for each device that the operations name."""
    names = sorted({_device_name(n) for n in nodes})
    return {name: DEVICE_COLORS[i % len(DEVICE_COLORS)] for i, name in enumerate(names)}


# -- where everything stands -------------------------------------------------------------------


class Place(NamedTuple):
    """Where a box stands: its lane, its row, and its column in the lane."""

    lane: int
    row: int
    column: int


def find_lanes(nodes: Iterable[Operation]) -> dict[Operation, int]:
    """Return for each operation whether it is forward, a derivative, or follows from one."""
    lanes: dict[Operation, int] = {}
    for node in nodes:
        before = [lanes.get(t.op, FORWARD) for t in node.inputs]
        if node.gradient_of:
            lanes[node] = GRADIENT
        else:
            lanes[node] = UPDATE if max(before, default=FORWARD) > FORWARD else FORWARD
    return lanes


def layout(nodes: list[Operation]) -> dict[Operation, Place]:
    """Return a place for each operation.

    A forward operation stands below its inputs; a derivative in the row of the operation that it
    belongs to; what follows from derivatives in the row of the first of them.
    """
    lanes = find_lanes(nodes)
    by_name = {n.name: n for n in nodes}
    rows: dict[Operation, int] = {}
    for node in nodes:
        inputs = [t.op for t in node.inputs if t.op in rows]
        below = max((rows[n] for n in inputs), default=-1) + 1
        if lanes[node] == GRADIENT and node.gradient_of in by_name:
            rows[node] = rows.get(by_name[node.gradient_of], below)
        elif lanes[node] == UPDATE:
            rows[node] = next((rows[n] for n in inputs if lanes[n] > FORWARD), below)
        else:
            rows[node] = below
    _sink_sources(nodes, lanes, rows)
    return _columns(nodes, lanes, rows)


def _sink_sources(nodes: list[Operation], lanes: dict[Operation, int],
                  rows: dict[Operation, int]) -> None:  # fmt: skip
    """Move operations without inputs down to just above the first that uses them."""
    users: dict[Operation, list[int]] = defaultdict(list)
    for node in nodes:
        for tensor in node.inputs:
            if tensor.op in rows and lanes[node] == lanes[tensor.op]:
                users[tensor.op].append(rows[node])
    for node in nodes:
        if not node.inputs and lanes[node] == FORWARD and users[node]:
            rows[node] = max(0, min(users[node]) - 1)


def _columns(nodes: list[Operation], lanes: dict[Operation, int],
             rows: dict[Operation, int]) -> dict[Operation, Place]:  # fmt: skip
    """Give the boxes of each row and lane their columns, near those of their inputs."""
    cells: dict[tuple[int, int], list[Operation]] = defaultdict(list)
    for node in nodes:
        cells[lanes[node], rows[node]].append(node)
    places: dict[Operation, Place] = {}
    for (lane, row), cell in sorted(cells.items(), key=lambda item: item[0]):
        wanted = {
            n: _mean(
                [
                    places[t.op].column
                    for t in n.inputs
                    if t.op in places and places[t.op].lane == lane
                ]
            )
            for n in cell
        }
        for column, node in enumerate(sorted(cell, key=wanted.__getitem__)):
            places[node] = Place(lane, row, column)
    return places


def _mean(values: list[int]) -> float:
    return sum(values) / len(values) if values else 0.0


# -- drawn by matplotlib -----------------------------------------------------------------------

WIDTH, HEIGHT, ROW, COLUMN, GAP = 1.5, 0.42, 1.0, 1.75, 0.9


def draw(graph: Graph, ax: Any = None, constants: bool = False) -> Any:
    """Draw a graph with matplotlib.

    Parameters
    ----------
    graph : Graph
        What to draw; up to about a hundred operations are readable.
    ax : matplotlib axes, optional
        Where; a new figure of fitting size by default.
    constants : bool
        Whether constants get boxes of their own.

    Returns
    -------
    matplotlib axes
    """
    from matplotlib.figure import Figure

    nodes = [n for n in graph.operations if constants or n.type != "constant"]
    points = _points(layout(nodes))
    right = max((x for x, _ in points.values()), default=0) + WIDTH
    bottom = max((y for _, y in points.values()), default=0) + ROW
    if ax is None:
        figure = Figure(figsize=(min(24, 0.62 * right), min(40, 0.62 * bottom + 0.4)),
                        layout="constrained")  # fmt: skip
        ax = figure.add_subplot()
    lanes, colors = find_lanes(nodes), device_colors(nodes)
    _draw_edges(ax, nodes, points, lanes)
    for node, (x, y) in points.items():
        _draw_box(ax, node, x, y, EDGE_COLORS[lanes[node]], colors[_device_name(node)])
    ax.set(
        xlim=(-WIDTH * 0.6, right - WIDTH * 0.4),
        ylim=(bottom - ROW * 0.5, -ROW * 0.6),
        aspect="equal",
    )
    ax.axis("off")
    _legend(ax, set(lanes.values()), colors)
    return ax


def save_svg(graph: Graph, path: str | Path, constants: bool = False) -> Path:
    """Draw a graph into an SVG file and return its path; see `draw`."""
    import matplotlib

    # Fixed ids and no date: the same graph gives the same file.
    with matplotlib.rc_context({"svg.fonttype": "none", "svg.hashsalt": "minitf"}):
        draw(graph, constants=constants).figure.savefig(path, format="svg", metadata={"Date": None})
    return Path(path)


def _points(places: dict[Operation, Place]) -> dict[Operation, tuple[float, float]]:
    """Return the middle of each box."""
    widths = [max((p.column + 1 for p in places.values() if p.lane == lane), default=0)
              for lane in range(3)]  # fmt: skip
    starts = [0.0, widths[0] * COLUMN + GAP * bool(widths[0])]
    starts.append(starts[1] + widths[1] * COLUMN + GAP * bool(widths[1]))
    return {node: (starts[p.lane] + p.column * COLUMN, p.row * ROW) for node, p in places.items()}


def _draw_box(ax: Any, node: Operation, x: float, y: float, color: str, fill: str) -> None:
    from matplotlib.patches import FancyBboxPatch

    ax.add_patch(
        FancyBboxPatch((x - WIDTH / 2, y - HEIGHT / 2), WIDTH, HEIGHT, boxstyle="round,pad=0.02",
                       edgecolor=color, facecolor=fill, linewidth=1.1, zorder=3)
    )  # fmt: skip
    label = _title(node)
    label = label if len(label) <= 24 else label[:22] + ".."
    ax.text(
        x, y, label, ha="center", va="center", fontsize=6.5 if len(label) < 19 else 5.2, zorder=4
    )


def _draw_edges(ax: Any, nodes: list[Operation], points: dict[Operation, tuple[float, float]],
                lanes: dict[Operation, int]) -> None:  # fmt: skip
    labelled: set[Tensor] = set()
    for node in nodes:
        for tensor in node.inputs:
            if tensor.op in points:
                _arrow(ax, points[tensor.op], points[node], EDGE_COLORS[lanes[node]], "-")
                if tensor not in labelled:
                    _edge_label(ax, points[tensor.op], points[node], _shape(tensor.shape))
                    labelled.add(tensor)
        for before in node.control_inputs:
            if before in points:
                _arrow(ax, points[before], points[node], "#aaaaaa", ":")


def _arrow(ax: Any, start: tuple[float, float], end: tuple[float, float], color: str,
           style: str) -> None:  # fmt: skip
    from matplotlib.patches import FancyArrowPatch

    down = end[1] - start[1]
    side = HEIGHT / 2 + 0.03
    if down > 0:
        ends, curve = ((start[0], start[1] + side), (end[0], end[1] - side)), 0.0
    elif down < 0:
        ends, curve = ((start[0], start[1] - side), (end[0], end[1] + side)), 0.0
    else:
        sign = 1 if end[0] > start[0] else -1
        ends = ((start[0] + sign * WIDTH / 2, start[1]), (end[0] - sign * WIDTH / 2, end[1]))
        curve = 0.0 if abs(end[0] - start[0]) <= COLUMN + GAP else -0.12 * sign
    ax.add_patch(
        FancyArrowPatch(*ends, arrowstyle="-|>", mutation_scale=7, color=color, linewidth=0.8,
                        linestyle=style, connectionstyle=f"arc3,rad={curve}", alpha=0.75, zorder=2)
    )  # fmt: skip


def _edge_label(ax: Any, start: tuple[float, float], end: tuple[float, float], label: str) -> None:
    share = 0.5 if abs(end[0] - start[0]) + abs(end[1] - start[1]) < 4 else 0.15
    x = start[0] + share * (end[0] - start[0])
    y = start[1] + share * (end[1] - start[1]) - (0.32 if start[1] == end[1] else 0)
    ax.text(x, y, label, fontsize=5, color="#444444", ha="center", va="center", zorder=5,
            bbox={"boxstyle": "round,pad=0.1", "facecolor": "white", "edgecolor": "none",
                  "alpha": 0.8})  # fmt: skip


def _legend(ax: Any, lanes: set[int], colors: dict[str, str]) -> None:
    from matplotlib.lines import Line2D
    from matplotlib.patches import Patch

    titles = {FORWARD: "forward", GRADIENT: "gradients", UPDATE: "updates"}
    handles: list[Any] = [
        Line2D([], [], color=EDGE_COLORS[n], label=titles[n]) for n in sorted(lanes)
    ]
    if len(colors) > 1:
        handles += [Patch(facecolor=c, edgecolor="#888888", label=n) for n, c in colors.items()]
    ax.legend(handles=handles, loc="upper left", bbox_to_anchor=(0, -0.01), ncols=len(handles),
              fontsize=7, frameon=False)  # fmt: skip
