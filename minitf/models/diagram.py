"""The diagram of a model: its boxes, what stands in them, and how they are linked.

A Diagram is what `minitf.models.plot` draws and writes as Graphviz source. A box is a layer, or
an op used between layers. A model inside the model may be a box too, or a frame around a diagram of
its own; then a link leads to a box inside the frame. A shared layer is one box with several links.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any, NamedTuple

from minitf.errors import FailedPreconditionError
from minitf.graph.operation import Operation
from minitf.layers.symbolic import InputLayer
from minitf.models.functional import Functional
from minitf.models.network import needed, owner
from minitf.models.sequential import Sequential
from minitf.models.summary import class_name

INPUT, WEIGHTS, PLAIN, MODEL = "input", "weights", "plain", "model"
MANY = 3  # how many shapes a box lists


class Options(NamedTuple):
    """What stands in a box."""

    shapes: bool = False
    dtype: bool = False
    names: bool = True
    activations: bool = False
    trainable: bool = False
    expand: bool = False


class Row(NamedTuple):
    """One line of a box: what it is, and the value."""

    key: str
    value: str


@dataclass(eq=False)
class Box:
    """A layer in a diagram.

    Attributes
    ----------
    title : str
        Its class, and its name if wanted.
    kind : str
        INPUT, WEIGHTS, PLAIN or MODEL.
    rows : list of Row
        What else is told.
    inside : Diagram or None
        Of a model that is drawn as a frame.
    """

    title: str
    kind: str
    rows: list[Row] = field(default_factory=list)
    inside: Diagram | None = None


class Link(NamedTuple):
    """An arrow: its ends, and the boxes of this diagram that these are, or are inside of."""

    start: Box
    end: Box
    outer_start: Box
    outer_end: Box


@dataclass(eq=False)
class Diagram:
    """Boxes, in an order in which values can flow, and the links between them.

    Attributes
    ----------
    entries, exits : list of Box
        Where links into and out of a frame lead: a box for each input and output.
    """

    title: str
    boxes: list[Box]
    links: list[Link]
    entries: list[Box]
    exits: list[Box]


def diagram_of(model: Any, options: Options) -> Diagram:
    """Return the diagram of a model; a subclassed one is a single box.

    Raises
    ------
    FailedPreconditionError
        Where the model has not been built.
    """
    if not model.built:
        raise FailedPreconditionError(
            f"plot_model: model {model.name!r} has not been built: call it on data, or build() it"
        )
    if isinstance(model, Sequential):
        return _chain(model, options)
    if isinstance(model, Functional):
        return _network(model, options)
    box = _box(model, options)
    return Diagram(model.name, [box], [], [box], [box])


def _chain(model: Sequential, options: Options) -> Diagram:
    boxes = [_box(layer, options) for layer in model.layers]
    links = [_link(a, 0, b, 0) for a, b in pairwise(boxes)]
    entry, end = _entry(boxes[0], 0), _exit(boxes[-1], 0)
    return Diagram(model.name, boxes, links, [entry], [end])


def _network(model: Functional, options: Options) -> Diagram:
    network = model._network
    boxes = {who: _box(who, options) for who in network.owners}
    links: dict[tuple[Box, Box], Link] = {}
    for node in network.nodes:
        if node in {t.op for t in network.inputs}:
            continue
        for place, tensor in enumerate(needed(node)):
            if owner(tensor.op) in boxes:
                link = _link(boxes[owner(tensor.op)], tensor.index, boxes[owner(node)], place)
                links.setdefault((link.start, link.end), link)
    entries = [boxes[owner(t.op)] for t in network.inputs]
    exits = [_exit(boxes[owner(t.op)], t.index) for t in network.outputs]
    return Diagram(model.name, list(boxes.values()), list(links.values()), entries, exits)


def _link(start: Box, output: int, end: Box, place: int) -> Link:
    return Link(_exit(start, output), _entry(end, place), start, end)


def _entry(box: Box, place: int) -> Box:
    return box if box.inside is None else _entry(_at(box.inside.entries, place), 0)


def _exit(box: Box, place: int) -> Box:
    return box if box.inside is None else _exit(_at(box.inside.exits, place), 0)


def _at(boxes: list[Box], place: int) -> Box:
    return boxes[min(place, len(boxes) - 1)]


# -- one box --------------------------------------------------------------------------------------


def _box(who: Any, options: Options) -> Box:
    kind = class_name(who)
    title = f"{who.name} ({kind})" if options.names else kind
    if options.expand and isinstance(who, (Functional, Sequential)):
        return Box(title, MODEL, inside=diagram_of(who, options))
    return Box(title, _kind(who), list(_rows(who, options)))


def _kind(who: Any) -> str:
    if isinstance(who, InputLayer):
        return INPUT
    if isinstance(who, (Functional, Sequential)):
        return MODEL
    return WEIGHTS if getattr(who, "weights", None) else PLAIN


def _rows(who: Any, options: Options) -> Iterable[Row]:
    activation = getattr(who, "activation", None)
    if options.activations and activation is not None:
        yield Row("activation", getattr(activation, "__name__", type(activation).__name__))
    inputs, outputs = _tensors(who)
    if options.shapes:
        if not isinstance(who, InputLayer):
            yield from _listed("input", [str(tuple(t.shape)) for t in inputs])
        yield from _listed("output", [str(tuple(t.shape)) for t in outputs])
    if options.dtype:
        yield from _listed("dtype", dict.fromkeys(t.dtype.name for t in outputs))
    if options.trainable and getattr(who, "weights", None):
        yield Row("trainable", "yes" if who.trainable else "no")


def _tensors(who: Any) -> tuple[Any, Any]:
    """Return the inputs and outputs of a layer's first call."""
    if isinstance(who, Operation):
        return [t for t in needed(who) if t.op.type != "constant"], who.outputs
    if not who._inbound_nodes:
        return [], []
    node = who._inbound_nodes[0]
    return needed(node), node.outputs[: node.definition.outputs]


def _listed(key: str, values: Iterable[str]) -> Iterable[Row]:
    """Yield a row for each value; the first says what they are, and many are cut short."""
    found = list(values) or ["?"]
    shown = found if len(found) <= MANY + 1 else [*found[:MANY], f"and {len(found) - MANY} more"]
    for number, value in enumerate(shown):
        yield Row("" if number else key, value)
