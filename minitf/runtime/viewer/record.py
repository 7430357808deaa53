"""What happens when a plan runs, written down step by step.

The bookkeeping is that of the parallel schedule itself (`Parallel.finished`); only the workers are
missing: one step at a time is taken from the front of the ready queue.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from typing import Any

import numpy as np

from minitf.ops.transaction import Transaction, in_transaction
from minitf.runtime.executor import Executor, Parallel
from minitf.runtime.plan import Plan, Step

Data = dict[str, Any]

LETTERS = 400  # of a value that is shown


def record(plan: Plan, arrays: Sequence[Any] | None = None) -> Data:
    """Return how a plan runs.

    Parameters
    ----------
    plan : Plan
        What runs.
    arrays : sequence of array, optional
        The values of its feeds. With them the kernels run and the values are part of the result;
        Variables keep the values that they have. Without, the steps are only counted.

    Returns
    -------
    dict
        ``steps``: per step its ``node``, the number of steps that it ``waits`` for, its
        ``followers``, the values that it ``reads`` and ``makes``. ``uses``: how often each value
        is read. ``feeds``, ``constants``, ``fetches``: numbers of values. ``order``: per step that
        fired, which became ``ready``, and which values were ``freed``. ``values``: what is known
        of them as text. Values have the numbers of their slots.
    """
    number = {n: i for i, n in enumerate(plan.program.graph.operations)}
    constants = [i for i, value in enumerate(plan.template) if value is not None]
    machine = _Machine(plan, arrays)
    return {
        "steps": [
            {
                "node": number[step.node],
                "waits": plan.waits[i],
                "followers": plan.followers[i],
                "reads": sorted(set(step.inputs)),
                "makes": _outputs(step),
            }
            for i, step in enumerate(plan.steps)
        ],
        "uses": plan.uses,
        "feeds": plan.feeds,
        "constants": constants,
        "fetches": plan.fetches,
        "order": machine.run(),
        "values": machine.values,
    }


class _Machine:
    """Fires the steps of a plan one by one, and remembers what it saw."""

    def __init__(self, plan: Plan, arrays: Sequence[Any] | None):
        self.plan = plan
        self.computes = arrays is not None
        self.executor = Executor(plan, [None] * len(plan.feeds) if arrays is None else arrays)
        self.values: dict[int, Data] = {}
        self._look(range(len(plan.template)))

    def run(self) -> list[Data]:
        schedule = Parallel(self.executor)
        ready = deque(i for i, n in enumerate(schedule.waits) if n == 0)
        order = []
        with np.errstate(all="ignore"), in_transaction(Transaction()):  # which nobody commits
            while ready:
                i = ready.popleft()
                step = self.plan.steps[i]
                self._fire(step)
                woken = schedule.finished(i, step)
                ready += woken
                touched = {*step.inputs, *_outputs(step)}.difference(self.plan.fetches)
                freed = sorted(slot for slot in touched if schedule.uses[slot] == 0)
                order.append({"step": i, "ready": woken, "freed": freed})
        return order

    def _fire(self, step: Step) -> None:
        if self.computes:
            self.executor.fire(step)
            self._look(_outputs(step))

    def _look(self, slots: Sequence[int]) -> None:
        for slot in slots:
            value = self.executor.values[slot]
            if value is not None:
                self.values[slot] = {"text": _text(value), "bytes": int(np.asarray(value).nbytes)}


def _outputs(step: Step) -> tuple[int, ...]:
    return (step.output,) if isinstance(step.output, int) else step.output


def _text(value: Any) -> str:
    """Return an array as people read it: small ones whole, of large ones the corners."""
    text = np.array2string(np.asarray(value), precision=4, threshold=24, edgeitems=2,
                           max_line_width=48, suppress_small=True)  # fmt: skip
    return text if len(text) <= LETTERS else text[:LETTERS] + " .."
