"""Placing: which device an operation runs on; one rule for eager calls and for graphs.

1. A copy between devices runs on the device that it goes to.
2. What asks for a shape, holds graphs, keeps lists of tensors, acts on the world outside or draws
   random numbers runs on the host, `/cpu:0`. (The operations of a held graph have devices of their
   own, and equal seeds give equal numbers on every device, because the host draws them.)
3. Reading or assigning a Variable happens where the Variable lives.
4. Everything else runs where the user asked, with `tf.device`; where nobody asked, on the device of
   its inputs, if one of them lives in a memory other than the host's; else on `/cpu:0`.
5. What has no inputs brings values in. Where the device has no kernel for it, the host makes them.

Inputs that live in another memory are copied first. A device that has no kernel for an op says so:
nothing is computed elsewhere in silence.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from minitf.errors import GraphError, UnimplementedError
from minitf.graph.context import context
from minitf.graph.device import HOST, Device
from minitf.graph.nest import flatten
from minitf.graph.registry import OPS
from minitf.graph.tensor import Tensor

if TYPE_CHECKING:
    from minitf.graph.op import OpDef

ASK_SHAPES = {"shape", "size"}
STAY = {*ASK_SHAPES, "copy"}  # ops that take their inputs wherever those live


def choose_device(
    definition: OpDef, attributes: dict[str, Any], asked: Device | None, places: Sequence[Device]
) -> Device:
    """Return the device that a use of an op runs on.

    Parameters
    ----------
    definition : OpDef
        What is to be computed.
    attributes : dict
        Of this use.
    asked : Device or None
        What `tf.device` said.
    places : sequence of Device
        Where the inputs live.

    Raises
    ------
    UnimplementedError
        Where the device has no kernel for the op.
    """
    device = _wanted(definition, attributes, asked, places)
    if definition.find_kernel(device.backends) is not None:
        return device
    if not places and definition.find_kernel(HOST.backends) is not None:
        return HOST
    raise UnimplementedError(
        f"no kernel for {device.name} (there is one for {', '.join(definition.kernels)}); place "
        "it elsewhere with tf.device"
    )


def _wanted(
    definition: OpDef, attributes: dict[str, Any], asked: Device | None, places: Sequence[Device]
) -> Device:
    if definition.name == "copy":
        return attributes["device"]  # type: ignore[no-any-return]
    if definition.name in ASK_SHAPES or definition.name.startswith("list_") or definition.ordered:
        return HOST
    if _holds_graphs(attributes) or any(p.name == "seed" for p in definition.parameters):
        return HOST
    if definition.variable is not None:
        return attributes[definition.variable].place  # type: ignore[no-any-return]
    if asked is not None:
        return asked
    return next((p for p in places if p.memory != HOST.memory), HOST)


def _holds_graphs(attributes: dict[str, Any]) -> bool:
    return any(hasattr(value, "written_variables") for value in attributes.values())


def gather(
    definition: OpDef, inputs: tuple[Tensor, ...], attributes: dict[str, Any]
) -> tuple[Device, tuple[Tensor, ...]]:
    """Return the device of an eager call, and its inputs where they can be used there."""
    for tensor in inputs:
        if tensor.operation is not None:
            raise GraphError(
                f"{tensor.name} is an edge of {tensor.graph!r} and cannot be used outside of "
                "it: return it from the traced function, or fetch it with Session.run"
            )
    device = choose_device(definition, attributes, context.device, [t.place for t in inputs])
    if definition.name in STAY:
        return device, inputs
    there = {t: _brought(t, device) for t in inputs}  # one copy of each
    return device, tuple(there[t] for t in inputs)


def growing(inputs: tuple[Tensor, ...], attributes: dict[str, Any]) -> Any:
    """Return the graph that an eager call is to be written into, because it got a tensor of it.

    Graphs do not take part in eager calls, but for those that grow wherever one of their tensors
    is used: the graph of Keras' layers.
    """
    leaves = inputs or [leaf for value in attributes.values() for leaf in flatten(value)]
    for leaf in leaves:
        node = leaf.operation if isinstance(leaf, Tensor) else None
        if node is not None and node.graph is not None and node.graph.grows:
            return node.graph
    return None


def _brought(tensor: Tensor, device: Device) -> Tensor:
    if tensor.place.memory == device.memory:
        return tensor
    return OPS["copy"](tensor, device)  # type: ignore[no-any-return]
