"""From a graph and its ends to a plan: passes, placing, numbering; and when to compile kernels."""

from __future__ import annotations

import math
import time
from collections.abc import Sequence
from functools import cached_property
from typing import Any

from minitf.graph.graph import Graph
from minitf.graph.observe import observers
from minitf.graph.operation import Operation
from minitf.graph.tensor import Tensor
from minitf.kernels import (  # noqa: F401  # they attach faster kernels
    bell,
    columns,
    convolution,
    pooling,
    rows,
)
from minitf.kernels.fused import Expression, can_compile, is_ready, work
from minitf.runtime.executor import Executor
from minitf.runtime.passes import AS_WRITTEN, FUSING, STANDARD, run_passes
from minitf.runtime.placer import place
from minitf.runtime.plan import Plan, make_plan
from minitf.runtime.program import Program

LOOK = 3  # the run before which a graph's kernels are looked for in the cache
WARM = 0.5  # seconds that a graph has run for when compiling a kernel pays
ALL_AT_ONCE = False  # whether a warm graph compiles all its kernels in one run, for measurements
LOAD = 0.004  # seconds that it takes to load a compiled kernel from the cache


class Compiled:
    """The plans of one graph and its ends: one for its first runs, a fused one when it is warm.

    Compiling a kernel takes much longer than running it once, so a graph has to earn it, by having
    run for `WARM` seconds; or, where an earlier process has left all its kernels in the cache, for
    as long as loading them takes. (Who buys when the rent that was paid reaches the price never
    pays more than twice what would have been best.) Then kernels are compiled one by one, those
    with the most work first, and what each has cost is earned before the next: so training is at
    no time held up for long. Fused kernels give the same bits as the kernels that they replace, and
    nobody can see the switch but with a clock.

    Attributes
    ----------
    program : Program
        The graph and its ends, as they were written.
    plan : Plan
        What the next run follows.
    is_warm : bool
        Whether the plan is the fused one, and all its kernels are compiled, or will be at the next
        run.
    """

    def __init__(self, graph: Graph, feeds: Sequence[Tensor], fetches: Sequence[Tensor],
                 effects: Sequence[Operation]):  # fmt: skip
        self.program = Program(graph, list(feeds), list(fetches), list(effects))
        self.placed = run_passes(self.program, (*STANDARD, place))[-1][1]
        self.plan: Plan = make_plan(self.placed)
        self.is_warm = False
        self._runs = 0
        self._spent = 0.0
        self._price = WARM
        self._waiting: list[Expression] | None = None  # for being compiled; None before the switch
        self._buys = False  # whether the next run compiles one

    def run(self, arrays: Sequence[Any]) -> list[Any]:
        """Run once on the arrays of the feeds, and return those of the fetches."""
        if observers and any(o.wants_all for o in observers):
            return Executor(self.plan_as_written, arrays).run()
        if self.is_warm:
            return Executor(self.plan, arrays).run()
        start = time.perf_counter()
        found = Executor(self.plan, arrays).run()
        seconds = time.perf_counter() - start
        if self._waiting is None:
            self._earn(seconds)
        else:
            self._buy(self._waiting, seconds)
        return found

    def _earn(self, seconds: float) -> None:
        """Count a run of the plan without compiled kernels."""
        self._runs += 1
        self._spent += seconds
        if self._runs == LOOK - 1:
            self._price = min(WARM, self._loading())
        if self._spent > self._price:
            self.warm_up()
            if can_compile() and not ALL_AT_ONCE:
                self._wait()

    def _wait(self) -> None:
        """Let the kernels that no earlier process has compiled be computed by NumPy for now."""
        fresh = [
            n.attributes["expression"] for n in self._fused.graph.operations if not is_ready(n)
        ]
        self._waiting = sorted(fresh, key=work)
        for expression in self._waiting:
            expression.may_compile = False
        self.is_warm = not self._waiting
        self._spent = WARM

    def _buy(self, waiting: list[Expression], seconds: float) -> None:
        """Count a run of the fused plan, and let it compile another kernel where that is earned."""
        self._spent += -seconds if self._buys else seconds
        self._buys = bool(waiting) and self._spent >= WARM
        if self._buys:
            waiting.pop().may_compile = True
            self.is_warm = not waiting

    @cached_property
    def plan_as_written(self) -> Plan:
        """The plan in which no operation is missing, for those who watch every one."""
        return make_plan(run_passes(self.program, (*AS_WRITTEN, place))[-1][1])

    @cached_property
    def _fused(self) -> Program:
        return run_passes(self.placed, FUSING)[-1][1]

    def _loading(self) -> float:
        """Return how long it takes to load the kernels; forever, if the cache lacks one."""
        nodes = self._fused.graph.operations
        kernels = sum(node.type == "fused" for node in nodes)
        return LOAD * kernels if all(map(is_ready, nodes)) else math.inf

    def warm_up(self) -> None:
        """Fuse what can be fused; the next run compiles kernels that are not in the cache."""
        self.is_warm = True
        if can_compile():  # this imports numba, so it comes last
            self.plan = make_plan(self._fused)
