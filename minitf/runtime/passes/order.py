"""Order: give a plain graph the control edges that a traced function has from the start."""

from __future__ import annotations

from minitf.graph.ordering import Ordering
from minitf.runtime.program import Program, Rewriter


def order(program: Program) -> Program:
    """Let stateful operations on one Variable run in the order in which they were written.

    Without it a graph that reads and assigns a Variable would mean something else on each schedule.
    """
    rewriter = Rewriter(program)
    ordering = Ordering()
    for node in program.graph.operations:
        new = rewriter.copy(node)
        if node.definition.stateful:
            waits = new.control_inputs + rewriter.waits(ordering.before(node))
            new.control_inputs = tuple(dict.fromkeys(waits))
    return rewriter.finish()
