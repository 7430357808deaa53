"""Placing: a device for each operation, and the copies that this makes necessary.

Which device an operation runs on is told by `minitf.graph.placing`, for eager calls and graphs
alike. Here the edges are looked at: wherever a value is needed in another memory than the one it is
made in, a `copy` operation is written into the graph, one for each value and memory.

    /cpu:0   x --------> copy                  loss (fetched)
                           |                    ^
    /gpu:0                 v                    |
                   w --> matmul --> ... --> mean --> copy (on /cpu:0)

What a run is fed arrives on the host, and what it fetches leaves from there.
"""

from __future__ import annotations

from minitf.errors import Error, located
from minitf.graph.device import HOST, Device, register_device_kind
from minitf.graph.operation import Operation
from minitf.graph.placing import STAY, choose_device
from minitf.graph.registry import OPS
from minitf.graph.tensor import Tensor
from minitf.kernels.cuda import make_device
from minitf.runtime.program import Program, Rewriter

register_device_kind("gpu", make_device)  # imports numba when the first such device is asked for


def place(program: Program) -> Program:
    """Give every operation a device, and put a copy on each edge that crosses memories."""
    placer = Placer(program)
    fed = {t.op for t in program.feeds}
    for node in program.graph.operations:
        if node in fed:
            placer.rewriter.copy(node).device = HOST
        else:
            placer.place(node)
    return placer.finish()


class Placer:
    """Copies a Program with a device for each operation.

    Attributes
    ----------
    rewriter : Rewriter
        Holds the copy.
    copies : dict of (Tensor, str) to Tensor
        For a tensor of the copy and the name of a memory: the tensor that has its value there.
    """

    def __init__(self, program: Program):
        self.rewriter = Rewriter(program)
        self.copies: dict[tuple[Tensor, str], Tensor] = {}

    def place(self, node: Operation) -> None:
        """Write an operation down, its inputs brought to where it runs."""
        inputs = self.rewriter.inputs(node)
        count = len(inputs) - node.deferred_count
        data, numbers = inputs[:count], inputs[count:]  # kernels take numbers from the host
        try:
            device = choose_device(
                node.definition, node.attributes, node.device, [_home(t) for t in data]
            )
        except Error as error:
            raise located(error, node.type, node.line) from None
        if node.type not in STAY:
            data = tuple(self.brought(t, device, node) for t in data)
        numbers = tuple(self.brought(t, HOST, node) for t in numbers)
        self.rewriter.copy(node, data + numbers).device = device

    def brought(self, tensor: Tensor, device: Device, like: Operation) -> Tensor:
        """Return the tensor that has a value in the memory of `device`."""
        if _home(tensor).memory == device.memory:
            return tensor
        key = (tensor, device.memory)
        if key not in self.copies:
            attributes = {"device": device}
            node = self.rewriter.add(OPS["copy"], (tensor,), attributes, [tensor], like, waits=())
            node.device = device
            self.copies[key] = node.output
        return self.copies[key]

    def finish(self) -> Program:
        """Return the placed Program, its fetches brought to the host."""
        placed = self.rewriter.finish()
        fetches = [self.brought(t, HOST, t.op) for t in placed.fetches]
        return Program(placed.graph, placed.feeds, fetches, placed.effects)


def _home(tensor: Tensor) -> Device:
    return tensor.op.device or HOST
