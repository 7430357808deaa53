"""Prune: keep what the fetches and effects need, and nothing else."""

from __future__ import annotations

from minitf.graph.operation import Operation
from minitf.runtime.program import Program, Rewriter


def prune(program: Program) -> Program:
    """Drop every operation that no fetch and no effect depends on."""
    needed = needed_operations(program)
    rewriter = Rewriter(program)
    for node in program.graph.operations:
        if node in needed:
            rewriter.copy(node)
    return rewriter.finish()


def needed_operations(program: Program) -> set[Operation]:
    """Return the operations that the ends of a Program depend on; what is fed always counts."""
    todo = [t.op for t in (*program.feeds, *program.fetches)] + program.effects
    needed: set[Operation] = set()
    while todo:
        node = todo.pop()
        if node not in needed:
            needed.add(node)
            todo += [t.op for t in node.inputs]
            todo += node.control_inputs
    return needed
