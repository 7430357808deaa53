"""Spell out: write assign_add and assign_sub as arithmetic and an assignment."""

from __future__ import annotations

from minitf.graph.registry import OPS
from minitf.runtime.program import Program, Rewriter

ARITHMETIC = {"assign_add_variable": "add", "assign_sub_variable": "subtract"}


def spell_out(program: Program) -> Program:
    """Write ``v.assign_sub(d)`` as ``v.assign(v - d)``, so that its arithmetic can be fused."""
    rewriter = Rewriter(program)
    for node in program.graph.operations:
        name = ARITHMETIC.get(node.type)
        if name is None or not node.output.shape.is_fully_defined():
            rewriter.copy(node)
            continue
        variable = node.attributes["variable"]
        waits = rewriter.waits(node.control_inputs)
        # The assignment waits for earlier reads; a read need not.
        others = [
            n
            for n in node.control_inputs
            if n.type != "read_variable" or n.attributes["variable"] is not variable
        ]
        read = rewriter.add(OPS["read_variable"], (), {"variable": variable}, node.outputs, node,
                            rewriter.waits(others))  # fmt: skip
        (delta,) = rewriter.inputs(node)
        total = rewriter.add(OPS[name], (read.output, delta), {}, node.outputs, node, ())
        assign = rewriter.add(OPS["assign_variable"], (total.output,), {"variable": variable},
                              node.outputs, node, waits)  # fmt: skip
        rewriter.replace(node, assign)
    return rewriter.finish()
