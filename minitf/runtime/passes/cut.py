"""Cut: where an edge is fed, cut the graph."""

from __future__ import annotations

from minitf.runtime.program import Program, Rewriter


def cut(program: Program) -> Program:
    """Put a placeholder in the place of every other edge that is fed.

    Any edge can be fed: a constant, one output of several, the result of an assignment. Who reads
    the edge reads the placeholder from here on. The operation behind it stays, for whoever needs
    its other outputs or waits for it, so no later pass has to think of feeds.
    """
    if all(t.op.type == "placeholder" and not t.op.control_inputs for t in program.feeds):
        return program
    rewriter = Rewriter(program)
    fed = set(program.feeds)
    for node in program.graph.operations:
        mine = fed.intersection(node.outputs)
        if node.type != "placeholder" or not mine:
            rewriter.copy(node)
        for tensor in mine:
            rewriter.feed(tensor)
    return rewriter.finish()
