"""Share: compute equal subexpressions once."""

from __future__ import annotations

from typing import Any

from minitf.graph.operation import Operation
from minitf.runtime.program import Program, Rewriter

SMALL = 256  # elements: larger constants are compared by identity only


def share(program: Program) -> Program:
    """Let operations that compute the same thing from the same inputs be one.

    Reads of one Variable are the same where no assignment lies between them, which their control
    edges tell. Other stateful operations are never shared.
    """
    rewriter = Rewriter(program)
    seen: dict[Any, Operation] = {}
    for node in program.graph.operations:
        key = _key(node, rewriter)
        if key is None:
            rewriter.copy(node)
        elif key in seen:
            rewriter.alias(node, seen[key].outputs)
        else:
            seen[key] = rewriter.copy(node)
    return rewriter.finish()


def _key(node: Operation, rewriter: Rewriter) -> Any:
    """Return what two equal operations have in common; None for one that is unlike any other."""
    definition = node.definition
    if definition.stateful and definition.name != "read_variable":
        return None
    if definition.name == "placeholder" or not node.outputs:
        return None
    if definition.name == "constant":
        values: Any = _constant_key(node.attributes["value"])
    else:
        values = tuple(map(_typed, node.attributes.values()))
    key = (definition.name, values, rewriter.inputs(node), rewriter.waits(node.control_inputs),
           node.device, len(node.outputs))  # fmt: skip
    try:
        hash(key)
    except TypeError:
        return None
    return key


def _constant_key(tensor: Any) -> Any:
    array = tensor.array
    if array.size > SMALL or array.dtype.kind == "O":
        return id(tensor)
    return (array.dtype.str, array.shape, array.tobytes())


def _typed(value: Any) -> Any:
    """Return an attribute with its type, so that 1, 1.0 and True differ, and 0.0 and -0.0."""
    if isinstance(value, tuple):
        return tuple(map(_typed, value))
    return (type(value), value.hex() if isinstance(value, float) else value)
