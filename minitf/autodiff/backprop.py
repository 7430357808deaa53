"""Backprop: one walk, backwards, over a list of Operations.

A Tape lists operations that have run, a Graph operations that will; both lists are in topological
order, so the same walk serves `GradientTape.gradient` and `tf.gradients`. It visits the operations
between sources and targets in reverse. Each one's gradient rule turns the gradients of its outputs
into those of its inputs, by calling ops: eagerly these compute, in a graph they write more graph,
and in both cases they can be differentiated again.

        sources --> op --> op --> op --> targets        what was computed
        d/dsource <-- rule <-- rule <-- seed            what the walk does
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from minitf.errors import Error, ShapeError, UnimplementedError, located
from minitf.graph.context import set_context
from minitf.graph.operation import Operation
from minitf.graph.tensor import Tensor
from minitf.ops.source import ones_like, zeros_like


def backprop(
    operations: Sequence[Operation],
    targets: Sequence[Tensor],
    seeds: Sequence[Tensor | None],
    sources: Sequence[Any],
) -> list[Tensor | None]:
    """Return the gradient of the sum of `targets` with respect to each source.

    Parameters
    ----------
    operations : sequence of Operation
        In topological order.
    targets : sequence of Tensor
        What is differentiated.
    seeds : sequence of Tensor or None
        Weights of the targets, of their shapes; None means ones.
    sources : sequence of Tensor or Variable
        What is differentiated for.

    Returns
    -------
    list of Tensor or None
        None where a source does not reach any target.
    """
    reached = reachable(operations, sources)
    gradients: dict[Any, Tensor] = {}
    for target, seed in zip(targets, seeds, strict=True):
        if target in reached:
            accumulate(gradients, target, _seed(target, seed))
    keep = set(sources)
    for node in reversed(operations):
        if node.definition.differentiable and any(out in gradients for out in node.outputs):
            _visit(node, gradients, reached, keep)
    return [gradients.get(s) for s in sources]


def reachable(operations: Iterable[Operation], sources: Iterable[Any]) -> set[Any]:
    """Return the sources and every output that depends on them through differentiable ops."""
    reached = set(sources)
    for node in operations:
        if node.definition.differentiable and not reached.isdisjoint(node.sources):
            reached.update(t for t in node.outputs if t.dtype.is_differentiable)
    return reached


def accumulate(gradients: dict[Any, Tensor], key: Any, gradient: Tensor) -> None:
    """Add one more contribution to the gradient of `key`."""
    before = gradients.get(key)
    gradients[key] = gradient if before is None else before + gradient


def _visit(node: Operation, gradients: dict[Any, Tensor], reached: set[Any], keep: set[Any]) -> None:
    """Pass the gradients of a node's outputs on to its sources."""
    with set_context(gradient_of=node.name, device=node.device):
        dys = [gradients.get(out) for out in node.outputs]
        for out in node.outputs:
            if out not in keep:
                gradients.pop(out, None)
        dys = [zeros_like(out) if dy is None else dy
               for out, dy in zip(node.outputs, dys, strict=True)]  # fmt: skip
        for origin, gradient in zip(node.sources, apply_rule(node, dys), strict=False):
            if gradient is not None and origin in reached:
                accumulate(gradients, origin, gradient)


def apply_rule(node: Operation, dys: Sequence[Tensor]) -> Sequence[Tensor | None]:
    """Return what the gradient rule of a node gives for its sources."""
    rule = node.definition.gradient_rule
    if rule is None:
        raise located(UnimplementedError("this op has no gradient"), node.type, node.line)
    try:
        found = rule(node, *dys)
    except Error as error:
        raise located(error, f"gradient of {node.type}", node.line) from error
    return found if isinstance(found, (tuple, list)) else (found,)


def _seed(target: Tensor, seed: Tensor | None) -> Tensor:
    if seed is None:
        return ones_like(target)
    if not seed.shape.is_compatible_with(target.shape):
        raise ShapeError(f"output gradient of shape {seed.shape} for a target of {target.shape}")
    return seed

