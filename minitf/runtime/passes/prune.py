"""Prune: keep what the fetches and effects need, and nothing else."""

from __future__ import annotations

from minitf.graph.operation import Operation
from minitf.runtime.program import Program, Rewriter


def prune(program: Program) -> Program:
    """Drop every operation that no fetch and no effect depends on.

    A fed edge needs nothing behind it: the run is given its value.
    """
    needed = needed_operations(program)
    rewriter = Rewriter(program)
    fed = {t.op for t in program.feeds}
    for node in program.graph.operations:
        if node in fed:
            rewriter.feed(node)
        elif node in needed:
            rewriter.copy(node)
    return rewriter.finish()


def needed_operations(program: Program) -> set[Operation]:
    """Return the operations that the ends of a Program depend on (and those that are fed)."""
    fed = {t.op for t in program.feeds}
    needed = set(fed)
    todo = [t.op for t in program.fetches] + list(program.effects)
    while todo:
        node = todo.pop()
        if node not in needed or node in fed:
            needed.add(node)
            todo += [n for n in requirements(node, fed) if n not in needed]
    return needed


def requirements(node: Operation, fed: set[Operation]) -> list[Operation]:
    """Return what must run before a node; nothing where all of its outputs are fed."""
    if node in fed:
        return []
    return [t.op for t in node.inputs] + list(node.control_inputs)
