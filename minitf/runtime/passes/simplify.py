"""Simplify: drop arithmetic that changes nothing, bit for bit.

Only rewrites that are exact in floating point are made: ``x * 1``, ``x / 1``, ``x - 0`` and ``--x``
are x, but ``x + 0`` is not (it turns -0.0 into 0.0), and ``x * 0`` is not 0 (think of NaN).
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from minitf.graph.operation import Operation
from minitf.graph.spec import broadcast
from minitf.graph.tensor import Tensor
from minitf.runtime.program import Program, Rewriter

Rule = Callable[[Operation, tuple[Tensor, ...]], Tensor | None]


def simplify(program: Program) -> Program:
    """Replace operations that return an input, or an input's input, by that tensor."""
    rewriter = Rewriter(program)
    for node in program.graph.operations:
        rule = None if node.control_inputs else RULES.get(node.type)
        found = None if rule is None else rule(node, rewriter.inputs(node))
        if found is None or found.dtype is not node.output.dtype:
            new = rewriter.copy(node)
            new.inputs = _unstretched(new)
        else:
            rewriter.alias(node, [found])
    return rewriter.finish()


def _unstretched(node: Operation) -> tuple[Tensor, ...]:
    """Return the inputs of an operation, without stretching that an elementwise one does itself."""
    inputs = list(node.inputs)
    if node.definition.scalar_rule is None or not node.output.shape.is_fully_defined():
        return node.inputs
    for i, tensor in enumerate(inputs):
        if tensor.op.type in ("broadcast_like", "broadcast_to") and not tensor.op.control_inputs:
            shorter = [*inputs[:i], tensor.op.inputs[0], *inputs[i + 1 :]]
            if broadcast(*[t.shape for t in shorter]) == node.output.shape:
                inputs = shorter
    return tuple(inputs)


def _pass_through(node: Operation, inputs: tuple[Tensor, ...]) -> Tensor | None:
    return inputs[0]


def _same_dtype(node: Operation, inputs: tuple[Tensor, ...]) -> Tensor | None:
    return inputs[0] if inputs[0].dtype is node.output.dtype else None


def _same_shape(node: Operation, inputs: tuple[Tensor, ...]) -> Tensor | None:
    known = inputs[0].shape.is_fully_defined()
    return inputs[0] if known and inputs[0].shape == node.output.shape else None


def _undo(node: Operation, inputs: tuple[Tensor, ...]) -> Tensor | None:
    maker = inputs[0].op
    return maker.inputs[0] if maker.type == node.type and not maker.control_inputs else None


def _neutral(value: float, sides: tuple[int, ...]) -> Rule:
    """Return the rule for an op that has a neutral element on the given sides."""

    def rule(node: Operation, inputs: tuple[Tensor, ...]) -> Tensor | None:
        for side in sides:
            other = inputs[1 - side]
            if _is_all(inputs[side], value) and other.shape == node.output.shape:
                if other.shape.is_fully_defined() or not inputs[side].shape:
                    return other
        return None

    return rule


def _is_all(tensor: Tensor, value: float) -> bool:
    """Return whether a tensor is a constant full of one value, and free to be dropped."""
    is_constant = tensor.op.type == "constant" and not tensor.op.control_inputs
    if not is_constant or tensor.dtype.numpy.kind == "O":
        return False
    array = tensor.op.attributes["value"].array
    signed = value == 0 and np.any(np.signbit(array)) if array.dtype.kind == "f" else False
    return bool(array.size and np.all(array == value) and not signed)  # x - (-0.0) is x + 0.0


RULES: dict[str, Rule] = {
    "identity": _pass_through,
    "stop_gradient": _pass_through,
    "cast": _same_dtype,
    "reshape": _same_shape,
    "sum_to_shape": _same_shape,
    "broadcast_like": _same_shape,
    "broadcast_to": _same_shape,
    "reshape_like": _same_shape,
    "negative": _undo,
    "logical_not": _undo,
    "multiply": _neutral(1, (0, 1)),
    "divide": _neutral(1, (1,)),
    "subtract": _neutral(0, (1,)),
}
