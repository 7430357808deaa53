"""`plot_model`: a model as a picture, drawn by matplotlib alone, without Graphviz.

All sizes are in points (1/72 inch). A diagram inside a frame is arranged first; in the one around
it, it is a box like any other, only larger.
"""

from __future__ import annotations

import functools
import html
import io
import sys
from collections import defaultdict
from dataclasses import dataclass, field
from importlib import import_module
from itertools import pairwise
from pathlib import Path
from typing import Any, NamedTuple

from minitf.errors import InvalidArgumentError
from minitf.graph.graph import Graph
from minitf.graph.layout import Point, layout
from minitf.graph.operation import Operation
from minitf.graph.spec import TensorSpec
from minitf.models.diagram import (
    INPUT,
    MODEL,
    PLAIN,
    WEIGHTS,
    Box,
    Diagram,
    Link,
    Options,
    diagram_of,
)
from minitf.paths import write_whole

COLORS = {INPUT: "#4c8c4a", WEIGHTS: "#3b76af", PLAIN: "#7d8894", MODEL: "#7a5ea8"}
LINE, TEXT, KEY, BODY = "#66727f", "#1f2933", "#7b8794", "#ffffff"
FRAME, FRAME_FILL = "#7a5ea8", "#7a5ea80f"
TITLE_FONT, ROW_FONT = 9.5, 8.5
TITLE_HEIGHT, ROW_HEIGHT, PAD, ROUND = 21.0, 14.5, 9.0, 4.0
LAYER_GAP, SIDE_GAP, MARGIN, FRAME_PAD, FRAME_TITLE = 26.0, 22.0, 10.0, 12.0, 18.0
ASIDE = 30.0  # how far an arrow back goes around
UNIT = 100.0  # what the layout calls 1
LARGEST = 20_000  # pixels of a picture


# -- what programs call ---------------------------------------------------------------------------


def plot_model(model: Any, to_file: Any = "model.png", show_shapes: bool = False,
               show_dtype: bool = False, show_layer_names: bool = False, rankdir: str = "TB",
               expand_nested: bool = False, dpi: int = 200, show_layer_activations: bool = False,
               show_trainable: bool = False, splines: str = "ortho") -> Any:  # fmt: skip
    """Draw a model into a file.

    Parameters
    ----------
    model : Model
        Built. A subclassed model is one box.
    to_file : str or Path
        ``.png``, ``.svg`` or ``.pdf``.
    show_shapes, show_dtype, show_layer_names, show_layer_activations, show_trainable : bool
        What stands in the boxes.
    rankdir : str
        "TB": from top to bottom; "LR": from left to right.
    expand_nested : bool
        Whether models inside the model are drawn as frames with their layers.
    dpi : int
        Pixels per inch of a ``.png``.

    Returns
    -------
    image or None
        What a notebook shows, when called in one.

    Raises
    ------
    FailedPreconditionError
        Where the model has not been built.
    InvalidArgumentError
        For another direction or another kind of file.

    Examples
    --------
    >>> from minitf import keras
    >>> import tempfile
    >>> model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(3)])
    >>> keras.utils.plot_model(model, tempfile.mkdtemp() + "/model.svg", show_shapes=True)
    """
    drawing = model_to_dot(model, show_shapes, show_dtype, show_layer_names, rankdir, expand_nested,
                           dpi, False, show_layer_activations, show_trainable, splines)  # fmt: skip
    path = Path(to_file)
    drawing.write(path, path.suffix[1:] or "png")
    return _shown(path)


def model_to_dot(model: Any, show_shapes: bool = False, show_dtype: bool = False,
                 show_layer_names: bool = True, rankdir: str = "TB", expand_nested: bool = False,
                 dpi: int = 200, subgraph: bool = False, show_layer_activations: bool = False,
                 show_trainable: bool = False, splines: str = "ortho") -> Drawing:  # fmt: skip
    """Return a drawing of a model: as Graphviz source with `str`, or as a picture.

    The parameters are those of `plot_model`.

    Examples
    --------
    >>> from minitf import keras
    >>> model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(3, name="top")])
    >>> str(keras.utils.model_to_dot(model)).splitlines()[0]
    'digraph {'
    """
    if rankdir not in ("TB", "LR"):
        raise InvalidArgumentError(f"plot_model: rankdir is 'TB' or 'LR', got {rankdir!r}")
    options = Options(show_shapes, show_dtype, show_layer_names, show_layer_activations,
                      show_trainable, expand_nested)  # fmt: skip
    return Drawing(diagram_of(model, options), rankdir, dpi)


class Drawing:
    """A diagram that can be written as Graphviz source or as a picture.

    Parameters
    ----------
    diagram : Diagram
        What is drawn.
    rankdir : str
        "TB" or "LR".
    dpi : int
        Pixels per inch.
    """

    def __init__(self, diagram: Diagram, rankdir: str = "TB", dpi: int = 200):
        self.diagram, self.rankdir, self.dpi = diagram, rankdir, dpi

    def __str__(self) -> str:
        return "\n".join(["digraph {", f"  rankdir={self.rankdir};",
                          '  node [shape=plain, fontname="sans-serif"];',
                          *_dot_lines(self.diagram, _Ids(), "  "), "}"])  # fmt: skip

    to_string = __str__

    def create(self, prog: Any = None, format: str = "png", **ignored: Any) -> bytes:
        """Return the picture as bytes: "png", "svg" or "pdf"; `prog` is not needed."""
        import matplotlib

        if format not in ("png", "svg", "pdf"):
            raise InvalidArgumentError(f"plot_model: png, svg or pdf, got {format!r}")
        figure = _figure(self.diagram, self.rankdir == "LR")
        dpi = min(self.dpi, LARGEST / max(figure.get_size_inches()))
        content = io.BytesIO()
        plain = {"Date": None} if format == "svg" else None  # the same model, the same file
        with matplotlib.rc_context({"svg.fonttype": "none", "svg.hashsalt": "minitf"}):
            figure.savefig(content, format=format, dpi=dpi, metadata=plain)
        return content.getvalue()

    def write(self, path: Any, format: str | None = None, **ignored: Any) -> None:
        """Write a picture, or with the format "dot" the Graphviz source."""
        path = Path(path)
        kind = format or path.suffix[1:] or "png"
        is_text = kind in ("dot", "raw")
        write_whole(path, str(self).encode() if is_text else self.create(format=kind))

    def _repr_svg_(self) -> str:
        """Return the picture that a notebook shows."""
        return self.create(format="svg").decode()


def _shown(path: Path) -> Any:
    """Return what a notebook shows of a picture; None outside of one."""
    if "IPython" not in sys.modules or path.suffix == ".pdf":
        return None
    if import_module("IPython").get_ipython() is None:
        return None
    display = import_module("IPython.display")
    return (display.SVG if path.suffix == ".svg" else display.Image)(filename=str(path))


# -- as Graphviz source ---------------------------------------------------------------------------


class _Ids(defaultdict[Box, str]):
    """Gives every box a name."""

    def __missing__(self, box: Box) -> str:
        self[box] = f"box{len(self)}"
        return self[box]


def _dot_lines(diagram: Diagram, ids: _Ids, indent: str) -> list[str]:
    lines = []
    for box in diagram.boxes:
        if box.inside is None:
            lines.append(f"{indent}{ids[box]} [label=<{_dot_table(box)}>];")
            continue
        inner = _dot_lines(box.inside, ids, indent + "  ")
        title = html.escape(box.title)
        lines += [f"{indent}subgraph cluster_{ids[box]} {{",
                  f'{indent}  label="{title}"; style="dashed,rounded"; color="{FRAME}";',
                  *inner, f"{indent}}}"]  # fmt: skip
    return lines + [f"{indent}{ids[a.start]} -> {ids[a.end]};" for a in diagram.links]


def _dot_table(box: Box) -> str:
    rows = "".join(f"<tr><td>{html.escape(f'{r.key}: {r.value}' if r.key else r.value)}</td></tr>"
                   for r in box.rows)  # fmt: skip
    title = f'<font color="white"><b>{html.escape(box.title)}</b></font>'
    return ('<table border="0" cellborder="1" cellspacing="0" cellpadding="6">'
            f'<tr><td bgcolor="{COLORS[box.kind]}">{title}</td></tr>{rows}</table>')  # fmt: skip


# -- where everything stands ----------------------------------------------------------------------


class Size(NamedTuple):
    """Width and height."""

    width: float
    height: float


@dataclass(eq=False)
class _Arranged:
    """A diagram with places; those inside frames are relative to the frames."""

    diagram: Diagram
    size: Size
    centers: dict[Box, Point]
    sizes: dict[Box, Size]
    ways: dict[Link, list[Point]]
    inner: dict[Box, _Arranged] = field(default_factory=dict)


class _Definition:
    """What the layout's Operations are uses of; it asks them for nothing else."""

    name = "box"
    stateful = ordered = writes = False
    variable = None


def _arranged(diagram: Diagram, sideways: bool) -> _Arranged:
    """Give the boxes of a diagram places, those inside frames first."""
    inner = {b: _arranged(b.inside, sideways) for b in diagram.boxes if b.inside is not None}
    sizes = {b: _frame_size(b, inner[b].size, sideways) if b in inner else _box_size(b)
             for b in diagram.boxes}  # fmt: skip
    across = {b: size.height if sideways else size.width for b, size in sizes.items()}
    along = {b: size.width if sideways else size.height for b, size in sizes.items()}
    positions, ranks, passing = _laid_out(diagram, across)
    depth: dict[int, float] = defaultdict(float)
    for box, rank in ranks.items():
        depth[rank] = max(depth[rank], along[box])
    tops, top = {}, 0.0
    for rank in sorted(depth):
        tops[rank] = top
        top += depth[rank] + LAYER_GAP
    walls: dict[int, list[tuple[float, float]]] = defaultdict(list)
    for box, rank in ranks.items():
        half = across[box] / 2 + PAD
        walls[rank].append((positions[box] - half, positions[box] + half))
    passing = {link: _straight(way, walls) for link, way in passing.items()}
    ends = [p + s * across[b] / 2 for b, p in positions.items() for s in (-1, 1)]
    ends += [p for way in passing.values() for p, _ in way]
    left = min(ends)

    def point(position: float, height: float) -> Point:
        return Point(height, position - left) if sideways else Point(position - left, height)

    centers = {b: point(p, tops[ranks[b]] + depth[ranks[b]] / 2) for b, p in positions.items()}
    ways = {link: [point(p, y) for p, rank in way for y in (tops[rank], tops[rank] + depth[rank])]
            for link, way in passing.items()}  # fmt: skip
    extent = max(ends) - left, top - LAYER_GAP
    size = Size(*(reversed(extent) if sideways else extent))
    return _Arranged(diagram, size, centers, sizes, ways, inner)


def _laid_out(diagram: Diagram, across: dict[Box, float]) -> Any:
    """Return positions within the layers, the layers, and where links pass layers on their way."""
    graph = Graph("diagram")
    ops: dict[Box, Operation] = {}
    for box in diagram.boxes:
        before = dict.fromkeys(a.outer_start for a in diagram.links
                               if a.outer_end is box and a.outer_start in ops)  # fmt: skip
        inputs = tuple(ops[b].outputs[0] for b in before)
        ops[box] = graph.add(_Definition(), inputs, {}, [TensorSpec((), "float32")])  # type: ignore[arg-type]
    widths = {ops[b]: (width + SIDE_GAP) / UNIT for b, width in across.items()}
    found = layout(list(ops.values()), widths)
    positions = {b: found.places[op].x * UNIT for b, op in ops.items()}
    ranks = {b: round(found.places[op].y) for b, op in ops.items()}
    passing = {a: [(p.x * UNIT, round(p.y)) for p in
                   found.bends.get((ops[a.outer_start], ops[a.outer_end]), [])]
               for a in diagram.links}  # fmt: skip
    return positions, ranks, passing


def _straight(way: list[tuple[float, int]], walls: dict[int, list[tuple[float, float]]]) -> Any:
    """Return a way past several layers as one line, where that meets no box."""
    middle = sum(p for p, _ in way) / max(len(way), 1)
    for place in sorted((p for p, _ in way), key=lambda p: abs(p - middle)):
        if not any(low < place < high for _, rank in way for low, high in walls[rank]):
            return [(place, rank) for _, rank in way]
    return way


def _box_size(box: Box) -> Size:
    keys = max((_text_width(r.key, ROW_FONT) for r in box.rows), default=0.0)
    values = max((_text_width(r.value, ROW_FONT) for r in box.rows), default=0.0)
    width = max(_text_width(box.title, TITLE_FONT, True), keys + values + PAD)
    return Size(width + 2 * PAD, TITLE_HEIGHT + _rows_height(box))


def _rows_height(box: Box) -> float:
    return len(box.rows) * ROW_HEIGHT + 6 if box.rows else 0.0


def _frame_size(box: Box, inner: Size, sideways: bool) -> Size:
    title = _text_width(box.title, TITLE_FONT, True)
    width = max(inner.width, title if sideways else 2 * title + FRAME_PAD)  # an arrow comes in
    return Size(width + 2 * FRAME_PAD, inner.height + 2 * FRAME_PAD + FRAME_TITLE)


@functools.lru_cache(maxsize=4096)
def _text_width(text: str, size: float, bold: bool = False) -> float:
    from matplotlib.font_manager import FontProperties
    from matplotlib.textpath import TextPath

    if not text.strip():
        return 0.0
    font = FontProperties(weight="bold" if bold else "normal")
    return float(TextPath((0, 0), text, size=size, prop=font).get_extents().width)


# -- drawn by matplotlib --------------------------------------------------------------------------


def _figure(diagram: Diagram, sideways: bool) -> Any:
    from matplotlib.figure import Figure

    arranged = _arranged(diagram, sideways)
    ranks = {box: number for number, box in enumerate(diagram.boxes)}
    loops = any(ranks[a.outer_start] >= ranks[a.outer_end] for a in diagram.links)
    margin = ASIDE if loops else MARGIN
    width, height = (extent + 2 * margin for extent in arranged.size)
    figure = Figure(figsize=(width / 72, height / 72), facecolor="white")
    ax = figure.add_axes((0, 0, 1, 1))
    ax.set(xlim=(0, width), ylim=(height, 0))
    ax.axis("off")
    _Pen(ax, sideways).diagram(arranged, Point(margin, margin))
    return figure


class _Pen:
    """Draws on axes whose unit is a point."""

    def __init__(self, ax: Any, sideways: bool):
        self.ax, self.sideways = ax, sideways
        self.places: dict[Box, tuple[Point, Size]] = {}

    def diagram(self, arranged: _Arranged, corner: Point) -> None:
        """Draw the boxes, then the arrows between them."""
        for box, center in arranged.centers.items():
            size = arranged.sizes[box]
            at = Point(corner.x + center.x - size.width / 2, corner.y + center.y - size.height / 2)
            self.places[box] = at, size
            if box in arranged.inner:
                self.frame(box, at, size, arranged.inner[box])
            else:
                self.box(box, at, size)
        for link, way in arranged.ways.items():
            self.link(link, [Point(corner.x + x, corner.y + y) for x, y in way])

    def frame(self, box: Box, at: Point, size: Size, inside: _Arranged) -> None:
        """Draw a frame with its title, and what is inside."""
        self._rounded(at, size, FRAME_FILL, FRAME, linestyle=(0, (4, 3)))
        middle = at.y + (FRAME_PAD + FRAME_TITLE) / 2
        self.ax.text(at.x + FRAME_PAD, middle, box.title, color=FRAME, fontsize=TITLE_FONT,
                     fontweight="bold", va="center")  # fmt: skip
        spare = size.width - 2 * FRAME_PAD - inside.size.width
        self.diagram(inside, Point(at.x + FRAME_PAD + spare / 2, at.y + FRAME_PAD + FRAME_TITLE))

    def box(self, box: Box, at: Point, size: Size) -> None:
        """Draw a layer: its title on a coloured ground, and lines below."""
        from matplotlib.patches import Rectangle

        color = COLORS[box.kind]
        outline = self._rounded(at, size, color, color)
        if box.rows:
            body = Rectangle((at.x, at.y + TITLE_HEIGHT), size.width, size.height - TITLE_HEIGHT,
                             facecolor=BODY, edgecolor="none", zorder=3)  # fmt: skip
            self.ax.add_artist(body)
            body.set_clip_path(outline)
            self._rounded(at, size, "none", color, zorder=4)
        self.ax.text(at.x + size.width / 2, at.y + TITLE_HEIGHT / 2, box.title, color="white",
                     fontsize=TITLE_FONT, fontweight="bold", ha="center", va="center_baseline",
                     zorder=5)  # fmt: skip
        for number, row in enumerate(box.rows):
            y = at.y + TITLE_HEIGHT + 3 + (number + 0.5) * ROW_HEIGHT
            self._row(row, at.x + PAD, at.x + size.width - PAD, y)

    def _row(self, row: Any, left: float, right: float, y: float) -> None:
        style = {"fontsize": ROW_FONT, "va": "center_baseline", "zorder": 5}
        self.ax.text(left, y, row.key, color=KEY, ha="left", **style)
        self.ax.text(right, y, row.value, color=TEXT, ha="right", **style)

    def _rounded(self, at: Point, size: Size, fill: str, edge: str, **style: Any) -> Any:
        from matplotlib.patches import FancyBboxPatch

        patch = FancyBboxPatch((at.x, at.y), size.width, size.height, linewidth=1.0, facecolor=fill,
                               edgecolor=edge, boxstyle=f"round,pad=0,rounding_size={ROUND}",
                               **{"zorder": 2, **style})  # fmt: skip
        self.ax.add_artist(patch)
        return patch

    def link(self, link: Link, way: list[Point]) -> None:
        """Draw an arrow through the points of its way."""
        if self._goes_back(link):
            self._loop(link)
            return
        start, end = self._ports(link)
        turns: list[Any] = [start]
        for (x0, y0), (x1, y1) in pairwise([start, *self._gates(link, start, end, way), end]):
            x, y = (x0 + x1) / 2, (y0 + y1) / 2
            turns += [(x, y0), (x, y1)] if self.sideways else [(x0, y), (x1, y)]
            turns.append((x1, y1))
        self._arrow(turns)

    def _goes_back(self, link: Link) -> bool:
        """Return whether a shared layer is called on what it has led to itself."""
        a, b = self.places[link.outer_start][0], self.places[link.outer_end][0]
        return b.x <= a.x if self.sideways else b.y <= a.y

    def _loop(self, link: Link) -> None:
        """Draw an arrow back, around the boxes."""
        (a, size), (b, other) = self.places[link.start], self.places[link.end]
        if self.sideways:
            y = min(a.y, b.y) - 1.2 * ASIDE
            start, end = Point(a.x + size.width / 2, a.y), Point(b.x + other.width / 2, b.y)
            self._arrow([start, (start.x, y), (end.x, y), end])
        else:
            x = min(a.x, b.x) - 1.2 * ASIDE
            start, end = Point(a.x, a.y + size.height / 2), Point(b.x, b.y + other.height / 2)
            self._arrow([start, (x, start.y), (x, end.y), end])

    def _gates(self, link: Link, start: Point, end: Point, way: list[Point]) -> list[Point]:
        """Return a way with the points where it leaves one frame and enters another, straight."""
        (a, size), (b, _) = self.places[link.outer_start], self.places[link.outer_end]
        leaves, enters = link.start is not link.outer_start, link.end is not link.outer_end
        if self.sideways:
            gates = Point(a.x + size.width, start.y), Point(b.x, end.y)
        else:
            gates = Point(start.x, a.y + size.height), Point(end.x, b.y)
        return [*gates[:1] * leaves, *way, *gates[1:] * enters]

    def _ports(self, link: Link) -> tuple[Point, Point]:
        """Return where an arrow leaves one box and where it enters another."""
        (a, size), (b, other) = self.places[link.start], self.places[link.end]
        if self.sideways:
            middle = b.y + other.height / 2
            return Point(a.x + size.width, a.y + size.height / 2), Point(b.x, middle)
        return Point(a.x + size.width / 2, a.y + size.height), Point(b.x + other.width / 2, b.y)

    def _arrow(self, turns: list[Any]) -> None:
        from matplotlib.patches import FancyArrowPatch
        from matplotlib.path import Path as Line

        line = Line(turns, [Line.MOVETO] + [Line.CURVE4] * (len(turns) - 1))
        arrow = FancyArrowPatch(path=line, arrowstyle="-|>", mutation_scale=9, color=LINE,
                                linewidth=1.1, shrinkA=0, shrinkB=0, capstyle="round",
                                joinstyle="round", zorder=3)  # fmt: skip
        self.ax.add_artist(arrow)
