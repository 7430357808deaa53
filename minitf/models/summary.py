"""The table that `model.summary()` prints: Keras' columns and totals, in plain ASCII.

A model that is one chain of layers has three columns. In any other functional model a fourth says
where the inputs of a layer come from: ``dense[0][0]`` is the first output of the first call of the
layer "dense".
"""

from __future__ import annotations

import math
import re
import shutil
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import pairwise
from typing import Any

from minitf.errors import Error, InvalidArgumentError
from minitf.graph.nest import is_nested, pack_like
from minitf.graph.operation import Operation
from minitf.layers.layer import Layer
from minitf.models.functional import Functional
from minitf.models.network import Network, needed, owner
from minitf.ops.state import Variable

WIDE, WIDER, TRAINABLE = 88, 108, 12  # letters in a line: of a chain, else, and for one more column
UNITS = ("B", "KB", "MB", "GB", "TB")


def print_summary(model: Any, line_length: int | None = None, positions: Any = None,
                  print_fn: Callable[[str], Any] | None = None, expand_nested: bool = False,
                  show_trainable: bool = False, layer_range: Any = None) -> None:  # fmt: skip
    """Print a table of the layers of a model, and how many numbers its weights are.

    Parameters
    ----------
    model : Model
        Built or not.
    line_length : int, optional
        Letters in a line; by default what the terminal has, 88 or 108 at most.
    positions : list of float, optional
        Where the columns end, as parts of the line, or in letters.
    print_fn : function of str, optional
        Gets the text; `print` by default.
    expand_nested : bool
        Whether the layers of models inside the model are listed too.
    show_trainable : bool
        Whether a column tells which layers are trained.
    layer_range : (str, str), optional
        Names (or patterns) of the first and the last layer to be listed.

    Raises
    ------
    InvalidArgumentError
        Where the columns would be too narrow, or `layer_range` names no layer.

    Examples
    --------
    >>> from minitf import keras
    >>> top = keras.layers.Dense(3, name="top")
    >>> model = keras.Sequential([keras.Input((2,)), top], name="small")
    >>> model.summary(line_length=50)
    Model: "small"
    +---------------------+----------------+---------+
    | Layer (type)        | Output Shape   | Param # |
    +=====================+================+=========+
    | top (Dense)         | (None, 3)      |       9 |
    +---------------------+----------------+---------+
     Total params: 9 (36.00 B)
     Trainable params: 9 (36.00 B)
     Non-trainable params: 0 (0.00 B)
    """
    network = None if _is_chain(model) else model._network
    header = ["Layer (type)", "Output Shape", "Param #"]
    header += ["Connected to"] if network else []
    ends = positions or ([0.3, 0.56, 0.74, 1.0] if network else [0.45, 0.8, 1.0])
    length = WIDER if network else WIDE
    if show_trainable:
        header.append("Trainable")
        ends, length = [0.88 * end for end in ends] + [1.0], length + TRAINABLE
    length = line_length or min(length, shutil.get_terminal_size().columns - 4)
    rows = [row for who in _selected(_listed(model), layer_range)
            for row in _rows(who, network, expand_nested, show_trainable)]  # fmt: skip
    table = _table(header, rows, _widths(ends, length))
    text = "\n".join([f'Model: "{model.name}"', *table, *_totals(model)])
    print(text) if print_fn is None else print_fn(text + "\n")


# -- what is listed -------------------------------------------------------------------------------


def _listed(model: Any) -> list[Any]:
    """Return the layers of a model; of a functional one also the ops between them."""
    return model._network.owners if isinstance(model, Functional) else list(model.layers)


def _is_chain(model: Any) -> bool:
    """Return whether each layer is called once, on nothing but what the one before it returned."""
    if not isinstance(model, Functional):
        return True
    nodes = [n for n in model._network.nodes if n.type != "constant"]
    inputs = [[t.op for t in needed(n) if t.op.type != "constant"] for n in nodes]
    used = Counter(op for ops in inputs for op in ops)
    called = Counter(owner(n) for n in nodes)
    return (len(model.inputs) == 1 and all(len(ops) <= 1 for ops in inputs)
            and max([*used.values(), *called.values()], default=1) == 1)  # fmt: skip


def _selected(layers: list[Any], layer_range: Any) -> list[Any]:
    if layer_range is None:
        return layers
    if len(layer_range) != 2 or not all(isinstance(name, str) for name in layer_range):
        raise InvalidArgumentError(f"summary: layer_range is two names, got {layer_range!r}")
    found = [[i for i, who in enumerate(layers) if re.match(name, who.name)]
             for name in layer_range]  # fmt: skip
    if not all(found):
        names = ", ".join(who.name for who in layers)
        raise InvalidArgumentError(f"summary: no layers {layer_range!r}; the model has: {names}")
    first, last = sorted((min(found[0]), max(found[1])))
    return layers[first : last + 1]


# -- the cells ------------------------------------------------------------------------------------


def _rows(who: Any, network: Network | None, expand: bool, trainable: bool,
          depth: int = 0) -> list[list[str]]:  # fmt: skip
    """Return the row of a layer, and of the layers inside it where these are wanted."""
    prefix = "   " * depth + "- " if depth else ""
    row = [f"{prefix}{who.name} ({class_name(who)})", _shape_cell(who), _count_cell(who)]
    row += [_connections(who, network)] if network else []
    if trainable:
        row.append("-" if not getattr(who, "weights", None) else "Y" if who.trainable else "N")
    rows = [row]
    inner = who.layers if expand and hasattr(who, "layers") else []
    for layer in inner:
        rows += _rows(layer, network, expand, trainable, depth + 1)
    return rows


def class_name(who: Any) -> str:
    """Return the class of a layer, or an op in the same spelling."""
    if isinstance(who, Operation):
        return "".join(word.title() for word in who.type.split("_"))
    return type(who).__name__


def _count_cell(who: Any) -> str:
    if isinstance(who, Operation):
        return "0"
    if not who.built:
        return "0" if type(who).build is Layer.build else "0 (unbuilt)"
    return f"{who.count_params():,}"


def _shape_cell(who: Any) -> str:
    found = output_shapes(who)
    return "?" if found is None else _as_text(found)


def output_shapes(who: Any) -> Any:
    """Return the shape that a layer or op returns, or a structure of shapes; None if unknown."""
    if isinstance(who, Operation):
        return tuple(who.outputs[0].shape)
    if who._inbound_nodes:
        node = who._inbound_nodes[-1]
        structure = node.definition.structure
        texts = [_Leaf(tuple(t.shape)) for t in node.outputs[: node.definition.outputs]]
        return pack_like(structure, texts)
    shapes = getattr(who, "_build_shapes", None)
    if shapes is None:
        return None
    try:
        named = shapes if isinstance(shapes, Mapping) else None
        return who.compute_output_shape(*named.values() if named else (shapes,))
    except (Error, TypeError, ValueError, AttributeError, NotImplementedError):
        return None  # a layer of the program whose call needs more than shapes


class _Leaf:
    """A shape that is not looked into where structures are."""

    def __init__(self, sizes: tuple[int | None, ...]):
        self.sizes = sizes


def _as_text(found: Any) -> str:
    if isinstance(found, _Leaf):
        return str(found.sizes)
    if isinstance(found, Mapping):
        return "{" + ", ".join(f"{k}: {_as_text(v)}" for k, v in found.items()) + "}"
    if is_nested(found) and any(isinstance(v, (_Leaf, tuple, list, dict)) for v in found):
        return _as_text(found[0]) if len(found) == 1 else f"[{', '.join(map(_as_text, found))}]"
    return str(tuple(found))


def _connections(who: Any, network: Network) -> str:
    """Return where the inputs come from, of all calls that belong to the network."""
    calls = [who] if isinstance(who, Operation) else [
        n for n in who._inbound_nodes if n in set(network.nodes)]  # fmt: skip
    if any(n is t.op for n in calls for t in network.inputs):
        return "-"
    tensors = [t for n in calls for t in needed(n) if t.op.type != "constant"]
    return ", ".join(f"{owner(t.op).name}[{_call_number(t.op)}][{t.index}]" for t in tensors) or "-"


def _call_number(node: Operation) -> int:
    who = owner(node)
    return who._inbound_nodes.index(node) if isinstance(who, Layer) else 0


# -- the table ------------------------------------------------------------------------------------


def _widths(ends: Sequence[float], length: int) -> list[int]:
    """Return the widths of the columns, without their borders and the spaces beside them."""
    if ends[-1] > 1:
        ends = [end / ends[-1] for end in ends]
    room = length - len(ends) - 1
    stops = [0, *(round(end * room) for end in ends)]
    widths = [b - a - 2 for a, b in pairwise(stops)]
    if min(widths) < 4:
        raise InvalidArgumentError(f"summary: {length} letters are too few for {len(ends)} columns")
    return widths


def _table(header: list[str], rows: list[list[str]], widths: list[int]) -> list[str]:
    line = "+" + "+".join("-" * (w + 2) for w in widths) + "+"
    lines = [line, *_drawn(header, widths), line.replace("-", "=")]
    for row in rows:
        lines += [*_drawn(row, widths, header), line]
    return lines


def _drawn(cells: list[str], widths: list[int], header: list[str] | None = None) -> list[str]:
    """Return a row of the table as lines, with long cells wrapped."""
    wrapped = [_wrapped(cell, width) for cell, width in zip(cells, widths, strict=True)]
    lines = []
    for i in range(max(map(len, wrapped))):
        parts = [cell[i] if i < len(cell) else "" for cell in wrapped]
        aligned = map(_aligned, parts, widths, header or cells)
        lines.append("| " + " | ".join(aligned) + " |")
    return lines


def _wrapped(cell: str, width: int) -> list[str]:
    """Return a cell as lines, broken at spaces, and within words only where these are too long."""
    indent = " " * min(len(cell) - len(cell.lstrip()), width // 2)
    lines, room = [""], width - len(indent)
    for word in cell.split():
        if lines[-1] and len(lines[-1]) + 1 + len(word) > room:
            lines.append("")
        while len(word) > room:
            end = _break(word, room)
            lines[-1:], word = [word[:end], ""], word[end:]
        lines[-1] = f"{lines[-1]} {word}".strip()
    return [indent + line for line in lines]


def _break(word: str, room: int) -> int:
    """Return where a word that is too long is cut: behind a _, before a capital or a bracket."""
    ends = [m.start() for m in re.finditer(r"(?<=_)\w|(?<=[a-z])[A-Z]|(?<!])\[", word)]
    return max((end for end in ends if end <= room), default=room)


def _aligned(text: str, width: int, column: str) -> str:
    if column == "Param #":
        return text.rjust(width)
    return text.center(width) if column == "Trainable" else text.ljust(width)


# -- the totals -----------------------------------------------------------------------------------


def _totals(model: Any) -> list[str]:
    optimizer = getattr(model, "optimizer", None)
    kept = list(optimizer.variables) if optimizer is not None and optimizer.built else []
    trained, others = model.trainable_weights, model.non_trainable_weights
    lines = [_total("Total", [*trained, *others, *kept]), _total("Trainable", trained),
             _total("Non-trainable", others)]  # fmt: skip
    return lines + ([_total("Optimizer", kept)] if kept else [])


def _total(title: str, variables: Iterable[Variable]) -> str:
    counts = [(math.prod(v.shape), v.dtype.numpy.itemsize) for v in variables]  # type: ignore[arg-type]
    size = readable_size(sum(n * each for n, each in counts))
    return f" {title} params: {sum(n for n, _ in counts):,} ({size})"


def readable_size(count: float) -> str:
    """Return a number of bytes in the largest unit that it fills.

    Examples
    --------
    >>> readable_size(407080)
    '397.54 KB'
    """
    unit = 0
    while count >= 1024 and unit < len(UNITS) - 1:
        count, unit = count / 1024, unit + 1
    return f"{count:.2f} {UNITS[unit]}"
