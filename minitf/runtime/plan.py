"""Plan: a placed Program, numbered and bound, ready for any number of runs.

Every value of a run has a number, its *slot*. A step knows its kernel, the slots it reads, the
slots it fills, and the slots that nobody needs after it. A plan holds no values but the constants;
runs share it and keep their own slots.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass, field
from functools import cached_property, partial
from typing import Any, NamedTuple

import numpy as np

from minitf.graph.device import HOST, Device
from minitf.graph.operation import Operation
from minitf.graph.ordering import touched
from minitf.graph.tensor import Tensor
from minitf.runtime.memory import Memory, plan_memory, takes
from minitf.runtime.program import Program

Slots = tuple[int, ...]


class Step(NamedTuple):
    """One operation of a plan.

    Attributes
    ----------
    call : function
        Takes the input arrays; its attributes are bound already.
    inputs : tuple of int
        Slots that it reads.
    output : int or tuple of int
        The slot that it fills, or several.
    frees : tuple of int
        Slots whose last use this is, in the order of the steps.
    node : Operation
        What it computes, for errors, timelines and drawings.
    """

    call: Callable[..., Any]
    inputs: Slots
    output: int | Slots
    frees: Slots
    node: Operation


@dataclass
class Plan:
    """A placed Program, numbered and bound.

    Attributes
    ----------
    program : Program
        What it was made of.
    steps : list of Step
        In the order of the sequential schedule.
    template : list
        The slots before a run: constants in their places, None elsewhere.
    feeds, fetches : tuple of int
        Slots that a run is given, and slots that it returns.
    waits : list of int
        Per step, how many steps must have finished before it can fire.
    followers : list of tuple of int
        Per step, the steps that wait for it.
    uses : list of int
        Per slot, how many steps and fetches read it.
    written : frozenset of Variable
        What a run may change.
    memory : Memory
        Which values reuse the memory of others.
    """

    program: Program
    steps: list[Step]
    template: list[Any]
    feeds: Slots
    fetches: Slots
    waits: list[int] = field(default_factory=list)
    followers: list[Slots] = field(default_factory=list)
    uses: list[int] = field(default_factory=list)
    written: frozenset[Any] = frozenset()
    memory: Memory = field(default_factory=Memory)

    @cached_property
    def has_branches(self) -> bool:
        """Whether two steps could ever run at the same time."""
        starts = sum(n == 0 for n in self.waits)
        return starts > 1 or any(len(f) > 1 for f in self.followers)

    @cached_property
    def devices(self) -> list[Device]:
        """The devices that take part."""
        return list(dict.fromkeys(s.node.device or HOST for s in self.steps))


def make_plan(program: Program) -> Plan:
    """Return the plan of a placed Program: its values numbered, its kernels bound."""
    slots = {t: i for i, t in enumerate(t for n in program.graph.operations for t in n.outputs)}
    given = {t.op for t in program.feeds}
    template: list[Any] = [None] * len(slots)
    nodes = []
    for node in program.graph.operations:
        if node.type == "constant":
            template[slots[node.output]] = node.attributes["value"].array
        elif node.type == "copy" and node.inputs[0].op.type == "constant":  # once for all runs
            constant = template[slots[node.inputs[0]]]
            template[slots[node.output]] = node.kernel((node.device or HOST).backends)(constant)
        elif node not in given:
            nodes.append(node)
    memory = plan_memory(program, nodes)
    steps = [_step(node, slots, memory) for node in nodes]
    plan = Plan(program, steps, template, _numbers(program.feeds, slots),
                _numbers(program.fetches, slots), memory=memory)  # fmt: skip
    plan.written = frozenset(v for n in nodes for v in touched(n)[1])
    _connect(plan, nodes)
    return plan


def steps_before(node: Operation, steps: Collection[Operation]) -> Iterator[Operation]:
    """Yield the steps that a node must wait for; a constant is no step, but may wait for one."""
    for before in [t.op for t in node.inputs] + list(node.control_inputs):
        if before in steps:
            yield before
        else:
            yield from steps_before(before, steps)


def _numbers(tensors: list[Tensor], slots: dict[Tensor, int]) -> Slots:
    return tuple(slots[t] for t in tensors)


def _step(node: Operation, slots: dict[Tensor, int], memory: Memory) -> Step:
    outputs = tuple(slots[t] for t in node.outputs)
    frees = tuple(slots[t] for t in memory.frees[node])
    output = outputs[0] if len(outputs) == 1 else outputs
    return Step(
        _bound_kernel(node, memory), tuple(slots[t] for t in node.inputs), output, frees, node
    )


def _bound_kernel(node: Operation, memory: Memory) -> Callable[..., Any]:
    device = node.device or HOST
    kernel = node.kernel(device.backends)
    if node in memory.homes and takes(node.definition.find_kernel(device.backends), "homes"):
        return partial(kernel, homes=memory.homes[node])
    if node.type == "assign_variable" and node.inputs[0] in memory.lent:
        return _of_a_copy(kernel)
    reused = memory.reuses.get(node)
    if reused is None:
        homes = memory.homes.get(node)
        return kernel if homes is None else _into(kernel, homes[0], node.output)
    return _in_place(kernel, next(i for i, t in enumerate(node.inputs) if t is reused))


def _in_place(kernel: Callable[..., Any], position: int) -> Callable[..., Any]:
    """Return a ufunc that writes its result over one of its inputs, which nobody needs after it."""

    def call(*arrays: Any) -> Any:
        return kernel(*arrays, out=arrays[position])

    return call


def _into(kernel: Callable[..., Any], home: Any, output: Tensor) -> Callable[..., Any]:
    """Return a kernel that writes its result into memory that `home` provides."""
    shape, dtype = tuple(output.shape), output.dtype.numpy

    def call(*arrays: Any) -> Any:
        return kernel(*arrays, out=home(shape, dtype))

    return call


def _of_a_copy(kernel: Callable[..., Any]) -> Callable[..., Any]:
    """Return an assignment that keeps a copy of its value: the caller may change what it lent."""
    return lambda array: kernel(np.array(array))


def _connect(plan: Plan, nodes: list[Operation]) -> None:
    """Note who waits for whom, and how often each value is used."""
    number = {node: i for i, node in enumerate(nodes)}
    followers: list[set[int]] = [set() for _ in nodes]
    for i, node in enumerate(nodes):
        for before in steps_before(node, number):
            followers[number[before]].add(i)
    readers: dict[Tensor, list[int]] = {}
    for i, node in enumerate(nodes):
        for tensor in node.inputs:
            readers.setdefault(tensor, []).append(i)
    for node, over in plan.memory.reuses.items():
        # Writing over a value must wait for everyone else who reads it.
        for reader in readers[over]:
            if reader != number[node]:
                followers[reader].add(number[node])
    plan.followers = [tuple(sorted(f)) for f in followers]
    counts = Counter(f for group in followers for f in group)
    plan.waits = [counts[i] for i in range(len(nodes))]
    uses = Counter(s for step in plan.steps for s in set(step.inputs))
    uses.update(plan.fetches)
    plan.uses = [uses[i] for i in range(len(plan.template))]
