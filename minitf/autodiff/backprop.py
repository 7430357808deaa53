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

from collections.abc import Collection, Iterable, Sequence
from enum import StrEnum
from typing import Any

from minitf.errors import (
    DTypeError,
    Error,
    InvalidArgumentError,
    ShapeError,
    UnimplementedError,
    located,
)
from minitf.graph.context import context, set_context
from minitf.graph.convert import as_tensor
from minitf.graph.nest import flatten
from minitf.graph.operation import Operation
from minitf.graph.tensor import Tensor
from minitf.graph.trace import set_backprop
from minitf.ops.math import add
from minitf.ops.source import ones_like, zeros_like


def backprop(
    operations: Sequence[Operation],
    targets: Sequence[Tensor],
    seeds: Sequence[Tensor | None],
    sources: Sequence[Any],
    stop: Collection[Tensor] = frozenset(),
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
    stop : set of Tensor
        Tensors to be taken as constants: gradients do not flow further back from them.

    Returns
    -------
    list of Tensor or None
        None where a source does not reach any target.
    """
    reached = reachable(operations, sources, stop)
    gradients: dict[Any, Tensor] = {}
    for target, seed in zip(targets, seeds, strict=True):
        if target in reached:
            accumulate(gradients, target, _seed(target, seed))
    keep = set(sources)
    place = context.device
    with set_context(gradient_of=None, device=place):
        for node in reversed(operations):
            if node.definition.differentiable and any(
                out in gradients and out not in stop for out in node.outputs
            ):
                context.gradient_of, context.device = node.name, node.device or place
                _visit(node, gradients, reached, keep, stop)
    return [gradients.get(s) for s in sources]


def reachable(
    operations: Iterable[Operation], sources: Iterable[Any], stop: Collection[Tensor] = frozenset()
) -> set[Any]:
    """Return the sources and every output that depends on them through differentiable ops."""
    reached = {s for s in sources if s.dtype.is_differentiable}
    for node in operations:
        if node.definition.differentiable and not reached.isdisjoint(node.sources):
            reached.update(t for t in node.outputs if t.dtype.is_differentiable and t not in stop)
    return reached


def accumulate(gradients: dict[Any, Tensor], key: Any, gradient: Tensor) -> None:
    """Add one more contribution to the gradient of `key`."""
    before = gradients.get(key)
    gradients[key] = gradient if before is None else add(before, gradient)


def _visit(
    node: Operation,
    gradients: dict[Any, Tensor],
    reached: set[Any],
    keep: set[Any],
    stop: Collection[Tensor],
) -> None:
    """Pass the gradients of a node's outputs on to its sources."""
    dys = [None if out in stop else gradients.get(out) for out in node.outputs]
    for out in node.outputs:
        if out not in keep:
            gradients.pop(out, None)
    if not node.definition.accepts_none:
        dys = [zeros_like(out) if dy is None else dy
               for out, dy in zip(node.outputs, dys, strict=True)]  # fmt: skip
    for origin, gradient in zip(node.sources, apply_rule(node, dys, reached), strict=False):
        if gradient is not None and origin in reached:
            accumulate(gradients, origin, gradient)


def apply_rule(
    node: Operation, dys: Sequence[Tensor | None], wanted: Collection[Any] | None = None
) -> Sequence[Tensor | None]:
    """Return what the gradient rule of a node gives for its sources (for all, or the `wanted`).

    A rule may give a function in place of a gradient that costs much; it is called if the gradient
    is wanted. So the first layer of a network does not differentiate for the data.
    """
    rule = node.definition.gradient_rule
    if rule is None:
        raise located(UnimplementedError("this op has no gradient"), node.type, node.line)
    try:
        given = rule(node, *dys)
        found = given if isinstance(given, (tuple, list)) else (given,)
        return [
            gradient if not callable(gradient)
            else gradient() if wanted is None or source in wanted
            else None
            for source, gradient in zip(node.sources, found, strict=False)
        ]  # fmt: skip
    except Error as error:
        raise located(error, f"gradient of {node.type}", node.line) from error


def _seed(target: Tensor, seed: Tensor | None) -> Tensor:
    if seed is None:
        with set_context(gradient_of=target.operation.name if target.operation else None):
            return ones_like(target)  # type: ignore[no-any-return]
    if seed.dtype is not target.dtype:
        raise DTypeError(
            f"the output gradient is {seed.dtype.name}, its target {target.dtype.name}"
        )
    if not seed.shape.is_compatible_with(target.shape):
        raise ShapeError(f"the output gradient has shape {seed.shape}, its target {target.shape}")
    return seed


def as_seeds(given: Any, targets: Sequence[Tensor]) -> list[Tensor | None]:
    """Return the output gradients that a caller gave, one (or None) per target."""
    flat = [None] * len(targets) if given is None else flatten(given)
    if len(flat) != len(targets):
        raise InvalidArgumentError(
            f"{len(targets)} targets need as many output gradients, got {len(flat)}"
        )
    return [None if g is None else as_tensor(g, hint=t.dtype)
            for g, t in zip(flat, targets, strict=True)]  # fmt: skip


class UnconnectedGradients(StrEnum):
    """What to return as the gradient of a source that does not reach the target.

    Attributes
    ----------
    NONE
        None, so that a forgotten connection is noticed.
    ZERO
        Zeros of the source's shape.
    """

    NONE = "none"
    ZERO = "zero"


def unconnected(
    found: list[Tensor | None], sources: Sequence[Any], rule: str
) -> list[Tensor | None]:
    """Return the gradients, those that are missing replaced as `rule` says."""
    if rule not in tuple(UnconnectedGradients):
        raise InvalidArgumentError(f"unconnected_gradients is 'none' or 'zero', got {rule!r}")
    if rule == UnconnectedGradients.NONE:
        return found
    return [zeros_like(s) if g is None else g for g, s in zip(found, sources, strict=True)]


set_backprop(backprop)  # for the ops that hold graphs
