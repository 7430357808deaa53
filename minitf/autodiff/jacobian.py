"""Jacobians: one backprop per element of the target.

A reverse walk gives ``seed @ J`` for one weighting of the target's elements, so a seed that is one
at a single element and zero elsewhere gives one row of the Jacobian J.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from minitf.errors import GraphError, ShapeError
from minitf.graph.spec import TensorShape
from minitf.graph.tensor import Tensor, eager_tensor
from minitf.ops.array import reshape, stack, unstack
from minitf.ops.broadcasting import broadcast_to
from minitf.ops.source import ones_like, shape, zeros_like

Gradients = list[Tensor | None]
Differentiate = Callable[[Tensor], Gradients]


def jacobians(differentiate: Differentiate, target: Tensor, sources: list[Any]) -> Gradients:
    """Return the derivative of every element of `target` for every element of each source.

    Parameters
    ----------
    differentiate : function
        Takes weights for the elements of `target`, returns one gradient (or None) per source.
    target : Tensor
        Shape T, known completely.
    sources : list of Tensor or Variable
        Shapes S.

    Returns
    -------
    list of Tensor or None
        Shapes T + S; None where a source does not reach the target.
    """
    rows = [differentiate(seed) for seed in _unit_seeds(target, target.shape)]
    return [_join(column, 0, target.shape, s) for column, s in _columns(rows, sources)]


def batch_jacobian(differentiate: Differentiate, target: Tensor, source: Any) -> Tensor | None:
    """Return the Jacobian of each row of `target` for the same row of `source`.

    Rows must not depend on each other. Then one seed that is one at the same element of every row
    gives a row of all their Jacobians at once.

    Parameters
    ----------
    differentiate : function
        As for `jacobians`.
    target : Tensor
        Shape (b, *T); T known completely.
    source : Tensor or Variable
        Shape (b, *S).

    Returns
    -------
    Tensor or None
        Shape (b, *T, *S).
    """
    if not target.shape or not source.shape or not target.shape[:1].is_compatible_with(
        source.shape[:1]
    ):  # fmt: skip
        raise ShapeError(
            "batch_jacobian: the first axis of target and source must be one batch, got shapes "
            f"{target.shape} and {source.shape}"
        )
    ones = ones_like(target)
    rows = [differentiate(ones * seed) for seed in _unit_seeds(target, target.shape[1:])]
    ((column, _),) = _columns(rows, [source])
    return _join(column, 1, target.shape[1:], source)


def _unit_seeds(target: Tensor, dims: TensorShape) -> Iterator[Tensor]:
    """Yield, for each element of a tensor of shape `dims`, one there and zeros elsewhere."""
    count = dims.num_elements()
    if count is None:
        raise GraphError(
            f"a Jacobian needs a target whose size the graph knows, got {target.name} of shape "
            f"{target.shape}: state it with set_shape"
        )
    for i in range(count):
        seed = np.zeros(count, target.dtype.numpy)
        seed[i] = 1
        yield eager_tensor(seed.reshape(tuple(dims)))


def _columns(rows: list[Gradients], sources: list[Any]) -> list[tuple[Gradients, Any]]:
    return [([row[i] for row in rows], source) for i, source in enumerate(sources)]


def _join(rows: Gradients, axis: int, dims: TensorShape, source: Any) -> Tensor | None:
    """Return rows (one per element of `dims`, each shaped like `source`) as one Jacobian."""
    if any(row is None for row in rows):
        return None
    sizes = _sizes(source)
    full = [*sizes[:axis], *dims, *sizes[axis:]]
    if not rows:
        flat = reshape(zeros_like(source), [*sizes[:axis], *[1 for _ in dims], *sizes[axis:]])
        return broadcast_to(flat, full)  # type: ignore[no-any-return]
    return reshape(stack(rows, axis), full)  # type: ignore[no-any-return]


def _sizes(source: Any) -> list[Any]:
    """Return the dimensions of a source, as numbers where they are known."""
    known = source.shape.is_fully_defined()
    return list(source.shape) if known else unstack(shape(source), len(source.shape))
