"""Placing: which device each operation runs on, and the copies that this makes necessary.

An operation runs where the user asked (`tf.device`); reading or assigning a Variable runs where the
Variable lives; everything else runs on `/cpu:0`. Operations that only deal with shapes or bring
values in run on the host, whatever device they were written under: their results are copied.
A device that has no kernel for an op says so: nothing is computed elsewhere in silence.
"""

from __future__ import annotations

from minitf.errors import UnimplementedError, at
from minitf.graph.device import HOST, Device
from minitf.graph.operation import Operation
from minitf.graph.ordering import touched
from minitf.graph.registry import OPS
from minitf.graph.tensor import Tensor
from minitf.runtime.program import Program, Rewriter

ON_HOST = {"constant", "placeholder", "shape", "size"}
HOLDERS = {"call", "cond", "switch_case", "while_loop"}  # the graphs inside are placed themselves


def place(program: Program) -> Program:
    """Give every operation a device, and put a copy on each edge that crosses memories."""
    rewriter = Rewriter(program)
    copies: dict[tuple[Tensor, str], Tensor] = {}
    for node in program.graph.operations:
        new = rewriter.copy(node)
        new.device = choose_device(node)
        first_number = _first_deferred(node)
        new.inputs = tuple(
            _brought(t, HOST if i >= first_number else new.device, copies, rewriter, node)
            for i, t in enumerate(new.inputs)
        )
        if node.type != "copy":  # a copy already in the graph was asked for by name
            continue
        new.device = node.attributes["device"]
    return _fetched_on_host(rewriter, copies)


def choose_device(node: Operation) -> Device:
    """Return the device of an operation; an error where it has no kernel for it."""
    if node.type in ON_HOST:
        return HOST
    reads, writes = touched(node)
    homes = [v.place for v in reads + writes]
    device = homes[0] if homes and node.type not in HOLDERS else node.device or HOST
    if node.type != "copy" and node.definition.find_kernel(device.backends) is None:
        raise UnimplementedError(
            f"{node.type}: no kernel for {device.name} (there is one for "
            f"{', '.join(node.definition.kernels)}); place it elsewhere with tf.device"
            + at(node.line)
        )
    return device


def _first_deferred(node: Operation) -> int:
    """Return the position of the first input that is a number for an attribute."""
    return len(node.inputs) - node.deferred_count


def _brought(tensor: Tensor, device: Device, copies: dict[tuple[Tensor, str], Tensor],
             rewriter: Rewriter, like: Operation) -> Tensor:  # fmt: skip
    """Return `tensor` in the memory of `device`, copied at most once per memory."""
    source = tensor.op.device or HOST
    if source.memory == device.memory:
        return tensor
    key = (tensor, device.memory)
    if key not in copies:
        attributes = {"device": device}
        node = rewriter.add(OPS["copy"], (tensor,), attributes, [tensor], like, waits=())
        node.device = device
        copies[key] = node.output
    return copies[key]


def _fetched_on_host(rewriter: Rewriter, copies: dict[tuple[Tensor, str], Tensor]) -> Program:
    placed = rewriter.finish()
    fetches = [_brought(t, HOST, copies, rewriter, t.op) for t in placed.fetches]
    return Program(placed.graph, placed.feeds, fetches, placed.effects)
