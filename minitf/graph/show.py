"""Showing a graph: as text, as Graphviz source, and drawn by matplotlib alone.

Shapes stand on the edges: of an operation's outputs, where its arrows begin. The border of a box
tells the forward part from derivatives and updates, its filling is its device, and a dotted arrow
carries no value. `minitf.graph.layout` says where everything stands.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from itertools import pairwise
from pathlib import Path
from typing import Any, NamedTuple

from minitf.graph.graph import Graph
from minitf.graph.layout import FORWARD, GRADIENT, UPDATE, Layout, Point, before, find_lanes, layout
from minitf.graph.operation import Operation
from minitf.graph.spec import TensorShape
from minitf.graph.tensor import Tensor

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
    title = node.type if node.type == "placeholder" else headline(node)
    return f"{node.name}: {title}({inputs}) -> {outputs or 'nothing'}{tail}"


def _tensor_name(tensor: Tensor) -> str:
    return tensor.op.name if tensor.index == 0 else tensor.name


def headline(node: Operation) -> str:
    """Return the op, with the Variable, the number or the operations that it holds."""
    variable = node.attributes.get("variable")
    if variable is not None:
        return f"{node.type.removesuffix('_variable')} {variable.name}"
    if node.type == "placeholder":
        return f"placeholder {node.name}"
    if node.type == "constant" and node.output.shape.num_elements() == 1:
        value = node.attributes["value"].item()
        return f"constant {value:.4g}" if isinstance(value, float) else f"constant {value}"
    if node.type == "fused":
        names = [i.definition.name for i in node.attributes["expression"].instructions]
        return f"fused {' '.join(names) if len(names) < 4 else f'{len(names)} operations'}"
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
        color, fill = EDGE_COLORS[lanes[node]], colors[device_name(node)]
        label = _quoted(headline(node))
        lines.append(
            f'  {_quoted(node.name)} [label={label}, color="{color}", fillcolor="{fill}"];'
        )
    for node in graph.operations:
        color = EDGE_COLORS[lanes[node]]
        for tensor in node.inputs:
            lines.append(f'  {_quoted(tensor.op.name)} -> {_quoted(node.name)} '
                         f'[label="{shape_text(tensor.shape)}", color="{color}"];')  # fmt: skip
        for earlier in node.control_inputs:
            lines.append(f'  {_quoted(earlier.name)} -> {_quoted(node.name)} '
                         '[style=dashed, color="#999999"];')  # fmt: skip
    return "\n".join([*lines, "}"])


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    return f'"{escaped}"'


def shape_text(shape: TensorShape) -> str:
    """Return a shape as it is written on edges: ``32 x 10``, with ``?`` for what is unknown."""
    return "()" if not shape else " x ".join("?" if n is None else str(n) for n in shape)


def device_name(node: Operation) -> str:
    """Return where an operation runs, or would if nothing else is said."""
    return node.device.name if node.device else "/cpu:0"


def device_colors(nodes: Iterable[Operation]) -> dict[str, str]:
    """Return a colour for each device that the operations name."""
    names = sorted({device_name(n) for n in nodes})
    return {name: DEVICE_COLORS[i % len(DEVICE_COLORS)] for i, name in enumerate(names)}


# -- drawn by matplotlib -----------------------------------------------------------------------

WIDTH, HEIGHT = 1.5, 0.46  # of a box
COLUMN, ROW = 1.8, 1.0  # from one box to the next
UNIT = 0.62  # inches, where nothing has to shrink
LARGEST = 24.0, 40.0  # inches
FONT, LETTERS = 6.5, 15  # points, and how many letters of that size a box has room for


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
    nodes = [n for n in graph.operations if constants or n.type != "constant"]
    found, colors = layout(nodes), device_colors(nodes)
    points = {n: Point(x * COLUMN, y * ROW) for n, (x, y) in found.places.items()}
    handles = _legend(nodes, set(found.lanes.values()), colors)
    passed = [Point(x * COLUMN, y * ROW) for way in found.bends.values() for x, y in way]
    ax = _frame(ax, [*points.values(), *passed], handles)
    pen = _Pen(ax, _scale(ax))
    for node in nodes:
        color = EDGE_COLORS[found.lanes[node]]
        pen.box(points[node], headline(node), color, colors[device_name(node)])
    _draw_labels(pen, nodes, points, found.lanes)
    _draw_arrows(pen, nodes, points, found)
    return ax


def _frame(ax: Any, points: list[Point], handles: list[Any]) -> Any:
    """Return axes (new ones, if there are none) on which the points have their places."""
    from matplotlib.figure import Figure

    left, right, top, bottom = (
        end([p[i] for p in points], default=0) for i in (0, 1) for end in (min, max)
    )
    width, height = right - left + 1.2 * WIDTH, bottom - top + 1.3 * ROW
    if ax is None:
        unit = min(UNIT, LARGEST[0] / width, LARGEST[1] / height)
        wide, high = max(3.0, unit * width), unit * height
        strip = 0.1 + 0.2 * -(-len(handles) // int(wide / 1.1))
        ax = Figure(figsize=(wide, high + strip)).add_axes(
            (0, strip / (high + strip), unit * width / wide, high / (high + strip))
        )
    columns = max(1, int(ax.figure.get_size_inches()[0] / 1.1))
    ax.set(
        xlim=(left - 0.6 * WIDTH, right + 0.6 * WIDTH),
        ylim=(bottom + 0.65 * ROW, top - 0.65 * ROW),
        aspect="equal",
    )
    ax.axis("off")
    ax.legend(handles=handles, loc="upper left", bbox_to_anchor=(0, 0), ncols=columns, fontsize=7,
              frameon=False)  # fmt: skip
    return ax


def _scale(ax: Any) -> float:
    """Return how much smaller than full size fonts and lines are to be drawn."""
    inches, share = ax.figure.get_size_inches(), ax.get_position()
    (left, right), (bottom, top) = ax.get_xlim(), ax.get_ylim()
    sizes = inches[0] * share.width / (right - left), inches[1] * share.height / (bottom - top)
    return float(min(1, *(size / UNIT for size in sizes)))


def save_svg(graph: Graph, path: str | Path, constants: bool = False) -> Path:
    """Draw a graph into an SVG file and return its path; see `draw`."""
    import matplotlib

    # Fixed ids and no date: the same graph gives the same file.
    with matplotlib.rc_context({"svg.fonttype": "none", "svg.hashsalt": "minitf"}):
        draw(graph, constants=constants).figure.savefig(path, format="svg", metadata={"Date": None})
    return Path(path)


class _Pen(NamedTuple):
    """Draws the parts of a graph on axes, at a scale."""

    ax: Any
    scale: float

    def box(self, at: Point, title: str, color: str, fill: str) -> None:
        from matplotlib.patches import FancyBboxPatch

        self.ax.add_artist(
            FancyBboxPatch((at.x - WIDTH / 2, at.y - HEIGHT / 2), WIDTH, HEIGHT,
                           boxstyle="round,pad=0.02", edgecolor=color, facecolor=fill,
                           linewidth=1.1 * self.scale, zorder=3)
        )  # fmt: skip
        lines = wrapped(title)
        fits = min(1, LETTERS / max(map(len, lines)), 1.6 / len(lines))
        self.ax.text(at.x, at.y, "\n".join(lines), ha="center", va="center", zorder=4,
                     fontsize=FONT * self.scale * fits, linespacing=1.05)  # fmt: skip

    def label(self, at: Point, lane: int, lean: float, text: str) -> None:
        """Write shapes beside the point where arrows leave a box that lean to the right (> 0)."""
        down = HEIGHT / 2 + 0.13 if lane == FORWARD else -HEIGHT / 2 - 0.13
        aside, ha = (-0.07, "right") if lean > 0.05 else (0.07, "left")
        if lane == UPDATE:
            aside, ha = WIDTH / 2, "right"
        white = {"boxstyle": "round,pad=0.08", "facecolor": "white", "edgecolor": "none"}
        self.ax.text(at.x + aside, at.y + down, text, fontsize=5 * self.scale, color="#444444",
                     ha=ha, va="center", zorder=5, bbox=white | {"alpha": 0.7})  # fmt: skip

    def arrow(self, points: list[Point], sideways: bool, color: str, style: str) -> None:
        """Draw a smooth line through points, with a head at the last."""
        from matplotlib.patches import FancyArrowPatch
        from matplotlib.path import Path as Line

        turns: list[Any] = [points[0]]
        for (x0, y0), (x1, y1) in pairwise(points):
            x, y = (x0 + x1) / 2, (y0 + y1) / 2
            turns += [(x, y0), (x, y1)] if sideways else [(x0, y), (x1, y)]
            turns.append((x1, y1))
        line = Line(turns, [Line.MOVETO] + [Line.CURVE4] * (len(turns) - 1))
        self.ax.add_artist(
            FancyArrowPatch(path=line, arrowstyle="-|>", mutation_scale=7 * self.scale,
                            color=color, linewidth=0.8 * self.scale, linestyle=style,
                            alpha=0.75, zorder=2)
        )  # fmt: skip


def wrapped(title: str) -> list[str]:
    """Return a title as one line or two, cut where words meet, and none much too long."""
    if len(title) <= LETTERS:
        return [title]
    meet = [i + 1 for i, c in enumerate(title[:-1]) if c in "_ /"] or [len(title) // 2]
    cut = min(meet, key=lambda i: abs(2 * i - len(title)) + 10 * (title[i - 1] == "_"))
    lines = title[:cut].rstrip(), title[cut:]
    most = 2 * LETTERS
    return [s if len(s) <= most else s[: LETTERS - 1] + ".." + s[1 - LETTERS :] for s in lines]


def _shapes(tensors: list[Tensor]) -> str:
    shapes = list(dict.fromkeys(shape_text(t.shape) for t in tensors))
    if len(shapes) == 1:
        return shapes[0] if len(tensors) == 1 else f"{len(tensors)} times {shapes[0]}"
    return ", ".join([*shapes[:3], *([".."] if len(shapes) > 3 else [])])


def _draw_labels(pen: _Pen, nodes: list[Operation], points: dict[Operation, Point],
                 lanes: dict[Operation, int]) -> None:  # fmt: skip
    leaning: dict[Tensor, list[float]] = defaultdict(list)
    for node in nodes:
        for tensor in node.inputs:
            beside = tensor.op in points and lanes[tensor.op] == lanes[node]
            leaning[tensor].append(points[node].x - points[tensor.op].x if beside else 0)
    for node in nodes:
        used = [t for t in node.outputs if t in leaning]
        if used:
            leans = [x for t in used for x in leaning[t] if x]
            lean = 0.0 if min(leans, default=0) < 0 else max(leans, default=0)
            pen.label(points[node], lanes[node], lean, _shapes(used))


def _draw_arrows(pen: _Pen, nodes: list[Operation], points: dict[Operation, Point],
                 found: Layout) -> None:  # fmt: skip
    for node in nodes:
        values = {t.op for t in node.inputs}
        for origin in (n for n in before(node) if n in points):
            lanes = found.lanes[origin], found.lanes[node]
            bends = [Point(x * COLUMN, y * ROW) for x, y in found.bends.get((origin, node), [])]
            start, end = points[origin], points[node]
            sideways = lanes[0] != lanes[1] or lanes[1] == UPDATE or start.y == end.y
            ends = ports(start, end, sideways)
            color = EDGE_COLORS[lanes[1]] if origin in values else "#999999"
            pen.arrow([ends[0], *bends, ends[1]], sideways, color, "-" if origin in values else ":")


def ports(start: Point, end: Point, sideways: bool) -> tuple[Point, Point]:
    """Return where an arrow leaves one box and where it enters another."""
    if sideways:
        side = (WIDTH / 2 + 0.03) * (1 if end.x > start.x else -1)
        return Point(start.x + side, start.y), Point(end.x - side, end.y)
    side = (HEIGHT / 2 + 0.03) * (1 if end.y > start.y else -1)
    return Point(start.x, start.y + side), Point(end.x, end.y - side)


def _legend(nodes: list[Operation], lanes: set[int], colors: dict[str, str]) -> list[Any]:
    from matplotlib.lines import Line2D
    from matplotlib.patches import Patch

    titles = {FORWARD: "forward", GRADIENT: "gradients", UPDATE: "updates"}
    handles: list[Any] = [
        Line2D([], [], color=EDGE_COLORS[n], label=titles[n]) for n in sorted(lanes)
    ]
    if any(n.control_inputs for n in nodes):
        handles.append(Line2D([], [], color="#999999", linestyle=":", label="waits for"))
    if len(colors) > 1:
        handles += [Patch(facecolor=c, edgecolor="#888888", label=n) for n, c in colors.items()]
    return handles
