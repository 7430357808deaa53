"""Fuse: let chains of elementwise operations be one loop over the data.

The operations of one cluster have results of one shape, and every result of a member that is used
inside stays in a register. A member may join only if nothing outside lies on a path between two
members: otherwise the cluster would have to wait for itself.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from minitf.errors import ShapeError
from minitf.graph.operation import Operation
from minitf.graph.registry import OPS
from minitf.graph.tensor import Tensor
from minitf.kernels.fused import Expression, Instruction, rule_source, split
from minitf.runtime.program import Program, Rewriter

ALONE = 4096  # elements from which on a loop of its own pays for an operation
LONGEST = 40  # operations in one loop: more would not fit into registers


def fuse(program: Program) -> Program:
    """Replace clusters of elementwise operations by `fused` ones."""
    return _rewrite(program, Clusters(program))


# -- finding clusters --------------------------------------------------------------------------


class Clusters:
    """The clusters of a Program: groups of operations that will be one loop each."""

    def __init__(self, program: Program):
        self._index = {node: i for i, node in enumerate(program.graph.operations)}
        self._members: dict[Operation, list[Operation]] = {}  # of each fusable operation's cluster
        for node in program.graph.operations:
            if is_fusable(node):
                self._members[node] = [node]
                for maker in dict.fromkeys(t.op for t in node.inputs):
                    self._try_merge(maker, node)

    def group(self, node: Operation) -> list[Operation]:
        """Return the operations that are computed together with a node, itself among them."""
        return self._members.get(node, [node])

    def _try_merge(self, maker: Operation, node: Operation) -> None:
        """Let the clusters of two operations be one, where that is possible."""
        old, new = self.group(maker), self.group(node)
        if maker not in self._members or old is new or len(old) + len(new) > LONGEST:
            return
        members = sorted(old + new, key=self._index.__getitem__)
        if _one_loop(members) and not self._would_wait_for_itself(members):
            for member in members:
                self._members[member] = members

    def _would_wait_for_itself(self, members: list[Operation]) -> bool:
        """Return whether a path leads from a member through the outside to a member.

        Paths run through clusters as a whole: one that is left by one member has been entered by
        any other. What comes before the first member of all cannot depend on a member.
        """
        inside = set(members)
        first = self._index[members[0]]
        seen: set[Operation] = set()
        todo = [b for m in members for b in waited_for(m) if b not in inside]
        while todo:
            group = self.group(todo.pop())
            if group[0] in seen or self._index[group[-1]] < first:
                continue
            seen.add(group[0])
            for before in (b for m in group for b in waited_for(m)):
                if before in inside:
                    return True
                todo.append(before)
        return False


def waited_for(node: Operation) -> list[Operation]:
    """Return the operations that must run before a node."""
    return [t.op for t in node.inputs] + list(node.control_inputs)


def is_fusable(node: Operation) -> bool:
    """Return whether an operation can be part of a loop."""
    rule = node.definition.scalar_rule
    if rule is None or node.control_inputs or len(node.outputs) != 1 or rule_source(rule) is None:
        return False
    if node.device is not None and node.device.memory != "host":
        return False
    numbers = {t.dtype for t in (*node.inputs, *node.outputs) if not t.dtype.is_bool}
    plain = all(d.name in ("float32", "float64") for d in numbers)
    shapes_known = all(t.shape.is_fully_defined() for t in (*node.inputs, *node.outputs))
    simple = all(isinstance(v, (bool, int, float)) for v in node.attributes.values())
    return plain and bool(numbers) and shapes_known and simple and node.output.shape.rank > 0


def is_worth_a_loop(node: Operation) -> bool:
    """Return whether a single operation gains: NumPy needs several passes over much data for it."""
    kernel = node.definition.find_kernel(("numpy",))
    size = node.output.shape.num_elements() if node.outputs else 0
    gains = not isinstance(kernel, np.ufunc) and (size or 0) >= ALONE
    return gains and is_fusable(node) and _one_loop([node])


def _one_loop(members: list[Operation]) -> bool:
    """Return whether one loop can compute all members: one device, shape, float type and split."""
    shapes = {m.output.shape for m in members}
    numbers = {t.dtype for m in members for t in (*m.inputs, *m.outputs) if not t.dtype.is_bool}
    if len(shapes) > 1 or len(numbers) > 1 or len({m.device for m in members}) > 1:
        return False
    try:
        split(shapes.pop(), [t.shape for m in members for t in m.inputs])
    except ShapeError:
        return False
    return True


# -- rewriting ---------------------------------------------------------------------------------


def _rewrite(program: Program, clusters: Clusters) -> Program:
    """Copy a Program with each cluster as one operation, in an order in which that is possible."""
    rewriter = Rewriter(program)
    done: set[Operation] = set()
    users = _users(program)
    for node in program.graph.operations:
        todo = [node]
        while todo:
            group = clusters.group(todo[-1])
            missing = [b for m in group for b in waited_for(m) if b not in done and b not in group]
            if todo[-1] not in done and missing:
                todo += missing
                continue
            if todo.pop() not in done:
                _emit(group, rewriter, users)
                done.update(group)
    return rewriter.finish()


def _emit(group: list[Operation], rewriter: Rewriter, users: dict[Tensor, set[Any]]) -> None:
    """Write a cluster into the copy as one operation; what is alone stays as it is."""
    if len(group) == 1 and not is_worth_a_loop(group[0]):
        rewriter.copy(group[0])
        return
    members = set(group)
    inputs = list(dict.fromkeys(t for m in group for t in m.inputs if t.op not in members))
    number: dict[Tensor, int] = {t: i for i, t in enumerate(inputs)}
    number |= {m.output: len(inputs) + i for i, m in enumerate(group)}
    instructions = [
        Instruction(m.definition, m.attributes, tuple(number[t] for t in m.inputs), m.output.spec)
        for m in group
    ]
    results = [i for i, m in enumerate(group) if not users.get(m.output, set()) <= members]
    expression = Expression([t.spec for t in inputs], instructions, results)
    last = group[-1]
    attributes: dict[str, Any] = {"expression": expression}
    new = rewriter.add(OPS["fused"], tuple(rewriter[t] for t in inputs), attributes,
                       [group[r].output for r in results], last, ())  # fmt: skip
    rewriter.replace_outputs(group, dict(zip((group[r].output for r in results), new.outputs,
                                             strict=True)), new)  # fmt: skip


def _users(program: Program) -> dict[Tensor, set[Any]]:
    """Return who reads each tensor; None stands for the caller, who fetches it."""
    users: dict[Tensor, set[Any]] = {}
    for node in program.graph.operations:
        for tensor in node.inputs:
            users.setdefault(tensor, set()).add(node)
    for tensor in program.fetches:
        users.setdefault(tensor, set()).add(None)
    return users
