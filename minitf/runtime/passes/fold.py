"""Fold: compute once, now, what every run would compute alike."""

from __future__ import annotations

from typing import Any

import numpy as np

from minitf.errors import Error
from minitf.graph.operation import Operation
from minitf.graph.tensor import Tensor
from minitf.runtime.program import Program, Rewriter

LARGEST = 1 << 20  # elements: folding must not blow up memory (think of tf.zeros([10000, 10000]))


def fold(program: Program) -> Program:
    """Replace operations on constants, and questions about known shapes, by their values."""
    rewriter = Rewriter(program)
    for node in program.graph.operations:
        arrays = constant_outputs(node, rewriter)
        if arrays is None:
            rewriter.copy(node)
        else:
            rewriter.constant(node, arrays)
    return rewriter.finish()


def constant_outputs(node: Operation, rewriter: Rewriter) -> tuple[Any, ...] | None:
    """Return the values of a node's outputs, where they are the same in every run."""
    definition = node.definition
    if (
        node.control_inputs
        or definition.stateful
        or definition.name in ("constant", "placeholder", "copy")
    ):
        return None
    if any((t.shape.num_elements() or LARGEST + 1) > LARGEST for t in node.outputs):
        return None
    if not all(t.shape.is_fully_defined() for t in node.outputs):
        return None
    if any(hasattr(v, "operations") for v in node.attributes.values()):
        return None  # holds a graph of its own
    if definition.name in SHAPE_ONLY and node.inputs[0].shape.is_fully_defined():
        return _compute(node, [_stand_in(node.inputs[0])])
    inputs = rewriter.inputs(node)
    if not all(t.op.type == "constant" and not t.op.control_inputs for t in inputs):
        return None
    return _compute(node, [t.op.attributes["value"].array for t in inputs])


SHAPE_ONLY = {"shape", "size", "zeros_like", "ones_like"}


def _stand_in(tensor: Tensor) -> Any:
    """Return an array of a tensor's shape and dtype that takes no memory."""
    shape = tuple(n or 0 for n in tensor.shape)
    return np.broadcast_to(np.zeros((), tensor.dtype.numpy), shape)


def _compute(node: Operation, arrays: list[Any]) -> tuple[Any, ...] | None:
    try:
        with np.errstate(all="ignore"):
            result = node.kernel(("numpy",))(*arrays)
    except (Error, ValueError, TypeError, IndexError, ArithmeticError):
        return None  # the run will report it, with the user's line
    return result if isinstance(result, tuple) else (result,)
