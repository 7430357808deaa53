"""Layout: where the boxes and arrows of a drawn graph stand.

A drawing has three lanes. On the left the forward part flows down. In the middle the derivatives
flow up again: each forward operation has a band of rows, and what differentiates it stands in that
band. On the right, flowing rightwards, stands what is done with the results: assignments to
Variables, and what serves them alone.

Within a lane the boxes stand in layers (rows; in the right lane, columns), inputs in earlier layers
than their users. In a layer a box stands as near to its neighbours as the others let it (the
barycentre heuristic). An arrow over several layers takes a narrow place in each one between, so
that it does not run behind their boxes; one into another lane goes around those beside it.

References
----------
Sugiyama, Tagawa and Toda, 1981, "Methods for visual understanding of hierarchical system
structures", IEEE Transactions on Systems, Man, and Cybernetics 11(2).
"""

from __future__ import annotations

import itertools
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple, TypeAlias

from minitf.graph.operation import Operation

FORWARD, GRADIENT, UPDATE = 0, 1, 2
GAP = 0.5  # between two lanes, in boxes
NARROW = 0.3  # the place of an arrow that passes, in boxes
SWEEPS = 6


class Point(NamedTuple):
    """A point of a drawing, in boxes; y grows downwards."""

    x: float
    y: float


Bends: TypeAlias = dict[tuple[Operation, Operation], list[Point]]


class Layout(NamedTuple):
    """Where everything stands.

    Attributes
    ----------
    lanes : dict of Operation to int
        FORWARD, GRADIENT or UPDATE.
    places : dict of Operation to Point
        The middle of each box, whose width and row count as 1.
    bends : dict of (Operation, Operation) to list of Point
        The points between its ends that an arrow passes, where there are any.
    """

    lanes: dict[Operation, int]
    places: dict[Operation, Point]
    bends: Bends


def before(node: Operation) -> list[Operation]:
    """Return the operations that one waits for, each once."""
    return list(dict.fromkeys([*(t.op for t in node.inputs), *node.control_inputs]))


def find_lanes(nodes: Sequence[Operation]) -> dict[Operation, int]:
    """Return for each operation whether it is forward, a derivative, or serves an assignment."""
    lanes: dict[Operation, int] = {}
    for node in nodes:
        follows = any(lanes.get(n, FORWARD) > FORWARD for n in before(node))
        if node.gradient_of:
            lanes[node] = GRADIENT
        else:
            lanes[node] = UPDATE if follows or node.definition.writes else FORWARD
    users = _users(nodes)
    for node in reversed(nodes):
        if users[node] and all(lanes[n] == UPDATE for n in users[node]) and not node.gradient_of:
            lanes[node] = UPDATE
    return lanes


def _users(nodes: Iterable[Operation]) -> dict[Operation, list[Operation]]:
    users: dict[Operation, list[Operation]] = {}
    for node in nodes:
        users[node] = []
        for earlier in before(node):
            if earlier in users:
                users[earlier].append(node)
    return users


def layout(nodes: Sequence[Operation], widths: Mapping[Operation, float] | None = None) -> Layout:
    """Return the layout of operations that are given in topological order.

    Parameters
    ----------
    nodes : list of Operation
        What is drawn.
    widths : dict of Operation to float, optional
        How wide the boxes are, where they are not 1.
    """
    widths = widths or {}
    lanes = find_lanes(nodes)
    rows = _rows(nodes, lanes)
    places: dict[Operation, Point] = {}
    bends: Bends = {}
    ends: dict[int, float] = {}
    left = 0.0
    for lane in (FORWARD, GRADIENT, UPDATE):
        mine = [n for n in nodes if lanes[n] == lane]
        layers, anchors = {n: rows.get(n, 0) for n in mine}, {}
        if lane == UPDATE:
            layers = _ranks(mine)
            anchors = {n: [places[e].y for e in before(n) if e in places] for n in mine}
        at, passing = _arrange(layers, anchors, widths)
        places |= {n: _point(lane, left, layers[n], x) for n, x in at.items()}
        bends |= {n: [_point(lane, left, *p) for p in way] for n, way in passing.items()}
        taken = [*at.values(), *(x for way in passing.values() for _, x in way)]
        left += max(taken) + 1 + GAP if mine else 0
        ends[lane] = left - (1 + GAP) / 2
    return Layout(lanes, places, bends | _detours(nodes, lanes, places, ends))


def _detours(nodes: Sequence[Operation], lanes: Mapping[Operation, int],
             places: Mapping[Operation, Point], ends: Mapping[int, float]) -> Bends:  # fmt: skip
    """Return bends for arrows out of a lane that would run behind the boxes at their right.

    Such an arrow drops into the space between two rows just beside its box, and leaves there.
    """
    occupied: dict[tuple[int, float], float] = {}  # the rightmost box of each row
    for node, place in places.items():
        row = lanes[node], place.y
        occupied[row] = max(place.x, occupied.get(row, place.x))
    bends = {}
    for node in nodes:
        for earlier in before(node):
            if earlier not in lanes or lanes[earlier] in (lanes[node], UPDATE):
                continue
            lane, (x, y) = lanes[earlier], places[earlier]
            if occupied[lane, y] > x:
                between = y + (0.5 if places[node].y >= y else -0.5)
                bends[earlier, node] = [Point(x + 0.5, between), Point(ends[lane], between)]
    return bends


def _point(lane: int, left: float, layer: int, position: float) -> Point:
    return Point(left + layer, position) if lane == UPDATE else Point(left + position, layer)


def _rows(nodes: Sequence[Operation], lanes: Mapping[Operation, int]) -> dict[Operation, int]:
    """Return the rows of the forward part and of the derivatives, in bands."""
    ranks = _ranks([n for n in nodes if lanes[n] == FORWARD])
    bands = _bands(nodes, ranks)
    derivatives: dict[int, list[Operation]] = defaultdict(list)
    for node in nodes:
        if lanes[node] == GRADIENT:
            derivatives[bands[node]].append(node)
    rows: dict[Operation, int] = {}
    top = 0
    for band in range(max(bands.values(), default=-1) + 1):
        up = _depths(derivatives[band])
        last = top + max(up.values(), default=0)
        rows |= {n: last - steps for n, steps in up.items()}
        rows |= {n: top for n, rank in ranks.items() if rank == band}
        top = last + 1
    return rows


def _depths(nodes: Sequence[Operation]) -> dict[Operation, int]:
    """Return for each operation the length of the longest way to it from the others."""
    depths: dict[Operation, int] = {}
    for node in nodes:
        depths[node] = 1 + max((depths[n] for n in before(node) if n in depths), default=-1)
    return depths


def _ranks(nodes: Sequence[Operation]) -> dict[Operation, int]:
    """Return the depths, but what has no inputs just before the first that uses it."""
    ranks, users = _depths(nodes), _users(nodes)
    for node in nodes:
        if users[node] and not any(n in ranks for n in before(node)):
            ranks[node] = min(ranks[n] for n in users[node]) - 1
    return ranks


def _bands(nodes: Sequence[Operation], ranks: Mapping[Operation, int]) -> dict[Operation, int]:
    """Return the bands of the derivatives: those of the operations that they belong to."""
    by_name = {n.name: n for n in nodes}
    bands = dict(ranks)
    for node in nodes:
        if node.gradient_of:
            origin = by_name.get(node.gradient_of)
            near = [bands[n] for n in (origin, *before(node)) if n in bands]
            bands[node] = near[0] if near else 0
    return bands


Passing = dict[tuple[Operation, Operation], list[tuple[int, float]]]


def _arrange(
    layers: Mapping[Operation, int],
    anchors: Mapping[Operation, list[float]],
    widths: Mapping[Operation, float],
) -> tuple[dict[Operation, float], Passing]:
    """Place the operations of a lane and its passing arrows within their layers, at 0 or beyond.

    Parameters
    ----------
    layers : dict of Operation to int
        The layer of each.
    anchors : dict of Operation to list of float
        Positions outside of the lane that an operation is drawn to.
    widths : dict of Operation to float
        The boxes that are not as wide as 1.

    Returns
    -------
    positions : dict of Operation to float
    passing : dict of (Operation, Operation) to list of (layer, position)
        Where the arrows pass that have layers between their ends.
    """
    members: dict[int, list[Any]] = defaultdict(list)
    for node, layer in layers.items():
        members[layer].append(node)
    ways: dict[tuple[Operation, Operation], list[Any]] = {}
    near: dict[Any, list[Any]] = defaultdict(list)
    for node in layers:
        for earlier in (n for n in before(node) if n in layers):
            between = _between(layers[earlier], layers[node], members)
            ways[earlier, node] = [(earlier, node, layer) for layer in between]
            for _, _, layer in ways[earlier, node]:
                members[layer].append((earlier, node, layer))
            way = [earlier, *ways[earlier, node], node]
            for one, next_one in itertools.pairwise(way):
                near[one].append(next_one)
                near[next_one].append(one)
    at = _sweep([members[layer] for layer in sorted(members)], near, anchors, widths)
    first = min(at.values(), default=0.0)
    passing = {
        link: [(layer, at[earlier, node, layer] - first) for earlier, node, layer in way]
        for link, way in ways.items()
    }
    return {n: at[n] - first for n in layers}, passing


def _between(start: int, end: int, members: Mapping[int, list[Any]]) -> list[int]:
    """Return the layers that an arrow passes and that hold something, in its direction."""
    step = 1 if end > start else -1
    return [layer for layer in range(start + step, end, step) if layer in members]


def _sweep(layers: Sequence[list[Any]], near: Mapping[Any, list[Any]],
           anchors: Mapping[Any, list[float]],
           widths: Mapping[Any, float]) -> dict[Any, float]:  # fmt: skip
    """Move everything nearer to its neighbours, layer by layer, down and up again."""
    at: dict[Any, float] = {n: float(i) for layer in layers for i, n in enumerate(layer)}
    for sweep in range(SWEEPS):
        placed: set[Any] = set()
        for layer in layers if sweep % 2 == 0 else reversed(layers):
            wanted = {}
            for node in layer:
                drawn_to = [at[n] for n in near[node] if n in placed or sweep == SWEEPS - 1]
                drawn_to += anchors.get(node, [])
                wanted[node] = sum(drawn_to) / len(drawn_to) if drawn_to else at[node]
            at |= _spread(wanted, widths)
            placed.update(layer)
    return at


def _spread(wanted: Mapping[Any, float], widths: Mapping[Any, float]) -> dict[Any, float]:
    """Return positions in the order of the wanted ones, as near to them as boxes have room."""
    order = sorted(wanted, key=wanted.__getitem__)
    found: dict[Any, float] = {}
    end = -float("inf")
    for node in order:
        half = (widths.get(node, 1.0) if isinstance(node, Operation) else NARROW) / 2
        found[node] = max(wanted[node], end + half)
        end = found[node] + half
    shift = sum(wanted[n] - found[n] for n in order) / len(order)
    return {n: x + shift for n, x in found.items()}
