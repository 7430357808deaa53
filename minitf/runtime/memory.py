"""Planning memory: when each value dies, and which results can take the place of a dying input.

A value lives from the step that makes it to the last step that reads it; then its slot is emptied.
An elementwise kernel may write its result over an input that dies there, if that memory belongs to
nobody else: not to the caller (feeds), to a Variable, to a constant, or to another value that is a
view of it. Other large results that the run keeps to itself are written into memory of earlier
runs (see `minitf.runtime.pool`). Results never depend on whether memory was reused.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from minitf.graph.device import HOST
from minitf.graph.operation import Operation
from minitf.graph.tensor import Tensor
from minitf.runtime.pool import Pool
from minitf.runtime.program import Program

Home = Callable[..., Any]

SMALLEST = 1024  # elements: below, allocating is as fast as finding an old place
LARGE = 1 << 16  # bytes: above, fresh memory costs more than finding some in the pool


@dataclass
class Memory:
    """What planning found.

    Attributes
    ----------
    frees : dict of Operation to list of Tensor
        The values that die with each operation.
    reuses : dict of Operation to Tensor
        The input whose memory an operation's result takes over.
    lent : set of Tensor
        Values that may lie in the caller's memory: feeds, and what may be a view of one.
    homes : dict of Operation to list
        Where each result of an operation finds room, if not in fresh memory: with the Variable
        that it is assigned to, or in the plan's pool.
    """

    frees: dict[Operation, list[Tensor]] = field(default_factory=dict)
    reuses: dict[Operation, Tensor] = field(default_factory=dict)
    homes: dict[Operation, list[Home | None]] = field(default_factory=dict)
    lent: set[Tensor] = field(default_factory=set)


def plan_memory(program: Program, nodes: list[Operation]) -> Memory:
    """Find out when values die, and which results can be written over them."""
    memory = Memory({node: [] for node in nodes})
    last_use = _last_uses(program, nodes)
    for tensor, node in last_use.items():
        memory.frees[node].append(tensor)
    private = _private_values(program, nodes)
    for node in nodes:
        if not _is_ufunc(node):
            continue
        for tensor in memory.frees[node]:
            if tensor in private and _fits(node.output, tensor):
                memory.reuses[node] = tensor
                break
    memory.homes = _homes(nodes, private)
    memory.lent = _lent_values(program, nodes)
    return memory


def _homes(nodes: list[Operation], private: set[Tensor]) -> dict[Operation, list[Home | None]]:
    """Return where results find room: with a Variable whose value they become, or in a pool."""
    room: dict[Tensor, Home] = {
        n.inputs[0]: n.attributes["variable"].room
        for n in nodes
        if n.type == "assign_variable" and _on_host(n) and n.inputs[0].op.type == "fused"
    }
    pool = Pool()
    room |= {t: pool.take for t in private if t not in room and _is_large(t)}
    homes = {n: [room.get(t) for t in n.outputs] for n in nodes if takes_room(n)}
    return {n: found for n, found in homes.items() if any(found)}


def takes_room(node: Operation) -> bool:
    """Return whether the kernel of an operation can write its results into given memory."""
    kernel = node.definition.find_kernel((node.device or HOST).backends)
    return _is_ufunc(node) or takes(kernel, "out") or takes(kernel, "homes")


def takes(kernel: Any, option: str) -> bool:
    """Return whether a kernel has an option: `out`, one array, or `homes`, one for each result."""
    return option in (getattr(kernel, "__kwdefaults__", None) or {})


def _is_large(tensor: Tensor) -> bool:
    count = tensor.shape.num_elements()
    return count is not None and count * tensor.dtype.size >= LARGE


def _last_uses(program: Program, nodes: list[Operation]) -> dict[Tensor, Operation]:
    """Return, for every value that is not fetched, the last operation that reads (or makes) it."""
    fetched = set(program.fetches)
    last: dict[Tensor, Operation] = {}
    for node in nodes:
        for tensor in (*node.outputs, *node.inputs):
            if tensor not in fetched and tensor.op.type != "constant":
                last[tensor] = node
    return last


def _private_values(program: Program, nodes: list[Operation]) -> set[Tensor]:
    """Return the values whose memory belongs to this run and to no other value."""
    private = {
        tensor
        for node in nodes
        if not node.definition.view and not node.definition.stateful and _on_host(node)
        for tensor in node.outputs
    }
    for node in nodes:
        # What a view, an assignment or a sub-graph has seen may live on elsewhere.
        keeps = node.definition.view or node.definition.stateful
        if keeps or any(hasattr(v, "operations") for v in node.attributes.values()):
            private.difference_update(node.inputs)
    return private.difference(program.feeds, program.fetches)


def _is_ufunc(node: Operation) -> bool:
    backends = (node.device or HOST).backends
    return isinstance(node.definition.find_kernel(backends), np.ufunc) and not node.attributes


def _lent_values(program: Program, nodes: list[Operation]) -> set[Tensor]:
    """Return the values on the host that may share memory with a feed.

    A stateful operation counts as a view: it may hold a graph that returns what it is given.
    """
    lent = set(program.feeds)
    for node in nodes:
        passes_on = node.definition.view or node.definition.stateful
        if passes_on and _on_host(node) and not lent.isdisjoint(node.inputs):
            lent.update(node.outputs)
    return lent


def _on_host(node: Operation) -> bool:
    return node.device is None or node.device.memory == "host"


def _fits(result: Tensor, old: Tensor) -> bool:
    """Return whether a result has the very form of an old value, and is worth the trouble."""
    count = result.shape.num_elements()
    same = result.shape == old.shape and result.dtype is old.dtype
    return same and count is not None and count >= SMALLEST
