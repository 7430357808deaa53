"""From a graph and its ends to a plan: passes, placing, numbering."""

from __future__ import annotations

from collections.abc import Sequence

from minitf.graph.graph import Graph
from minitf.graph.operation import Operation
from minitf.graph.tensor import Tensor
from minitf.runtime.passes import FUSING, STANDARD, run_passes
from minitf.runtime.placer import place
from minitf.runtime.plan import Plan, make_plan
from minitf.runtime.program import Program

WARM = 3  # the run from which on a graph is worth compiling


class Compiled:
    """The plans of one graph and its ends: one for its first runs, a fused one when it is warm.

    Compiling kernels takes longer than a first run. A graph earns it by running again: from run
    number `WARM` on, elementwise operations are fused and compiled. The switch depends on the
    number of runs alone, so equal programs give equal results.
    """

    def __init__(self, graph: Graph, feeds: Sequence[Tensor], fetches: Sequence[Tensor],
                 effects: Sequence[Operation]):  # fmt: skip
        self.program = Program(graph, list(feeds), list(fetches), list(effects))
        self.runs = 0
        self._plan: Plan | None = None

    @property
    def plan(self) -> Plan:
        """The plan for the next run."""
        self.runs += 1
        if self._plan is None or self.runs == WARM:
            passes = (*STANDARD, place) if self.runs < WARM else (*STANDARD, place, *FUSING)
            stages = run_passes(self.program, passes)
            self._plan = make_plan(stages[-1][1])
        return self._plan
