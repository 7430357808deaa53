"""Forward mode: derivatives that travel along with the values.

Reverse mode asks what each input does to one output, forward mode what one change of the inputs
does to every output. An op declares only its reverse rule, the linear map ``u -> u @ J`` from
output gradients to input gradients. A linear map is its own derivative: differentiating the rule
for u, in the direction of the inputs' tangents v, gives ``J @ v``. So every op with a gradient has
forward mode, in every order.
"""

from __future__ import annotations

import weakref
from typing import Any

from minitf.autodiff.backprop import UnconnectedGradients, apply_rule, backprop, unconnected
from minitf.autodiff.tape import GradientTape, here
from minitf.errors import DTypeError, InvalidArgumentError, ShapeError
from minitf.graph.context import context, set_context
from minitf.graph.convert import as_tensor
from minitf.graph.nest import flatten, pack_like
from minitf.graph.operation import Operation
from minitf.graph.tensor import Tensor
from minitf.ops.source import ones_like


class ForwardAccumulator:
    """Follow how the values computed in a block change when `primals` change by `tangents`.

    It keeps no operations, and a tangent only as long as its tensor lives: unlike a tape's, its
    memory does not grow with the length of a computation.

    Parameters
    ----------
    primals : Tensor or Variable, or nested structure of them
        The point at which to differentiate.
    tangents : like `primals`
        The direction: one tensor of the same shape and dtype for each.

    Notes
    -----
    With y = f(x), primal x and tangent v, ``jvp(y)`` is the Jacobian-vector product J(x) v.
    Accumulators and tapes nest. A tape inside an accumulator gives Hessian-vector products at the
    cost of about two gradients ("forward over reverse").

    References
    ----------
    That the transpose of a transpose gives forward mode is due to Townsend, 2017, "A new trick for
    calculating Jacobian vector products".

    Examples
    --------
    >>> import minitf as tf
    >>> x = tf.constant([1.0, 2.0])
    >>> with tf.autodiff.ForwardAccumulator(x, tf.constant([1.0, 0.0])) as forward:
    ...     with tf.GradientTape() as tape:
    ...         tape.watch(x)
    ...         y = tf.reduce_sum(x * x * x)
    ...     slope = tape.gradient(y, x)
    >>> float(forward.jvp(y)), forward.jvp(slope).numpy().tolist()
    (3.0, [6.0, 0.0])
    """

    def __init__(self, primals: Any, tangents: Any):
        self._tangents: dict[int, Tensor] = {}  # by the id of the tensor, as long as that lives
        self._recording = False
        flat, directions = flatten(primals), flatten(tangents)
        if len(flat) != len(directions):
            raise InvalidArgumentError(
                f"ForwardAccumulator: {len(flat)} primals need as many tangents, got "
                f"{len(directions)}"
            )
        for primal, tangent in zip(flat, directions, strict=True):
            self._remember(here(primal), _checked(primal, tangent))

    def __enter__(self) -> ForwardAccumulator:
        if self._recording:
            raise InvalidArgumentError("ForwardAccumulator: it is recording already")
        self._recording = True
        context.recorders = [*context.recorders, self]
        return self

    def __exit__(self, *error: Any) -> None:
        self._recording = False
        context.recorders = [r for r in context.recorders if r is not self]

    def wants(self, inputs: tuple[Tensor, ...], variables: tuple[Any, ...]) -> bool:
        """Return whether a source of the operation has a tangent."""
        return any(id(source) in self._tangents for source in (*inputs, *variables))

    def record(self, node: Operation) -> None:
        """Give the outputs of an operation their tangents."""
        if not node.definition.differentiable:
            return
        # Recorders around this one differentiate tangents too; those inside of it do not.
        around = context.recorders[: context.recorders.index(self)]
        with set_context(
            recorders=around, gradient_of=node.name, device=node.device or context.device
        ):
            for value, tangent in zip(node.outputs, self._push(node), strict=True):
                if tangent is not None:
                    self._remember(value, tangent)

    def follow(self, node: Operation) -> None:
        """Give tangents also to the outputs that an operation has got since it was recorded."""
        if any(id(output) in self._tangents for output in node.outputs):
            self.record(node)

    def _push(self, node: Operation) -> list[Tensor | None]:
        """Return J @ v for each output of a node, v being the tangents of its sources."""
        with GradientTape(watch_accessed_variables=False) as tape:
            us = [ones_like(output) for output in node.outputs]
            tape.watch([u for u in us if u.dtype.is_differentiable])
            pulled = apply_rule(node, us)
        pairs = [
            (g, self._tangents[id(source)])
            for g, source in zip(pulled, node.sources, strict=False)
            if g is not None and id(source) in self._tangents
        ]
        return backprop(tape.operations, [g for g, _ in pairs], [v for _, v in pairs], us)

    def _remember(self, value: Any, tangent: Tensor) -> None:
        self._tangents[id(value)] = tangent
        weakref.finalize(value, self._tangents.pop, id(value), None).atexit = False

    def jvp(self, primals: Any, unconnected_gradients: str = UnconnectedGradients.NONE) -> Any:
        """Return the tangents of values that were computed in the block.

        Parameters
        ----------
        primals : Tensor, or nested structure of Tensors
            The values.
        unconnected_gradients : {"none", "zero"}
            What to return for a value that the primals do not reach.

        Returns
        -------
        like `primals`
            Tensors of the values' shapes.
        """
        flat = flatten(primals)
        found = [self._tangents.get(id(here(value))) for value in flat]
        return pack_like(primals, unconnected(found, flat, unconnected_gradients))


def _checked(primal: Any, tangent: Any) -> Tensor:
    if not _has_derivative(primal):
        raise DTypeError(f"ForwardAccumulator: a primal must be a floating tensor, got {primal!r}")
    tensor = as_tensor(tangent, hint=primal.dtype)
    if tensor.dtype is not primal.dtype:
        raise DTypeError(
            f"ForwardAccumulator: the tangent is {tensor.dtype.name}, its primal "
            f"{primal.dtype.name}"
        )
    if not tensor.shape.is_compatible_with(primal.shape):
        raise ShapeError(
            f"ForwardAccumulator: the tangent has shape {tensor.shape}, its primal {primal.shape}"
        )
    return tensor


def _has_derivative(value: Any) -> bool:
    tensor = isinstance(value, Tensor) or hasattr(value, "graph_tensor")
    return tensor and value.dtype.is_differentiable
