"""Executor: one evaluation of a Plan; it owns every value of that run.

The rule of the dataflow machine: an operation fires when its last input has arrived. Two schedules
follow it.

*Sequential*: the plan's own order, in the calling thread. Every input has arrived when its step's
turn comes. Nothing is faster for a graph that is a chain, or whose kernels use all cores by
themselves.

*Parallel*: each step counts the steps that it still waits for. A step that finishes counts its
followers down; those that reach zero are ready, and go to the workers of their device. The first
one that can stay on the same device stays in the same thread.

Both schedules run the same kernels on the same inputs, so the results are the same, bit for bit.
When a step fails, nothing new is fired, the workers come to rest, and the caller gets the error
with the op, the shapes and the line of the program that made it; no Variable has changed.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from minitf.cores import HAS_THREADS
from minitf.errors import CancelledError, Error, located
from minitf.graph.context import set_context
from minitf.graph.device import HOST
from minitf.graph.observe import observers
from minitf.graph.op import REFUSALS, refused
from minitf.ops.transaction import current_transaction, in_transaction, together
from minitf.runtime.config import threading_config
from minitf.runtime.plan import Plan, Step


class Executor:
    """One evaluation of a Plan.

    Attributes
    ----------
    plan : Plan
        What is evaluated; shared with other runs.
    values : list
        The value of every slot, None before it is made and after its last use.
    """

    def __init__(self, plan: Plan, feeds: Sequence[Any]):
        self.plan = plan
        self.values = plan.template.copy()
        for slot, array in zip(plan.feeds, feeds, strict=True):
            self.values[slot] = array

    def run(self) -> list[Any]:
        """Evaluate, and return the arrays of the fetches."""
        if not self.plan.written or current_transaction() is not None:
            return self._evaluate()
        with together(self.plan.written):
            return self._evaluate()

    def _evaluate(self) -> list[Any]:
        with np.errstate(all="ignore"):
            if wants_workers(self.plan):
                Parallel(self).run()
            elif observers or in_worker():
                self._step_by_step()
            else:
                self._sequential()
        return [self.values[slot] for slot in self.plan.fetches]

    def _step_by_step(self) -> None:
        """Run the steps for whoever is watching, unless the run around this one is stopped."""
        around = run_around()
        for step in self.plan.steps:
            if around is not None and around.error is not None:
                raise CancelledError("the run was stopped")
            if observers:
                self.observe(step)
            else:
                self.fire(step)
            for slot in step.frees:
                self.values[slot] = None

    def _sequential(self) -> None:
        values = self.values
        step = None
        try:
            for step in self.plan.steps:
                call, inputs, output, frees, _ = step
                result = call(*[values[i] for i in inputs])
                if type(output) is int:  # ops with any number of outputs return a tuple of one
                    values[output] = result[0] if type(result) is tuple else result
                else:
                    for slot, part in zip(output, result, strict=True):  # type: ignore[arg-type]
                        values[slot] = part
                for slot in frees:
                    values[slot] = None
        except Exception as error:
            assert step is not None
            raise explain(error, step, values) from error

    def fire(self, step: Step) -> None:
        """Run one step on the values that it needs, which have arrived."""
        values = self.values
        try:
            result = step.call(*[values[i] for i in step.inputs])
        except Exception as error:
            raise explain(error, step, values) from error
        if isinstance(step.output, int):
            values[step.output] = result[0] if type(result) is tuple else result
        else:
            for slot, part in zip(step.output, result, strict=True):
                values[slot] = part

    def observe(self, step: Step) -> None:
        """Run one step, and tell everyone who is watching."""
        start = time.perf_counter_ns()
        self.fire(step)
        (step.node.device or HOST).synchronize()  # a GPU has only been told to begin
        end = time.perf_counter_ns()
        outputs = (step.output,) if isinstance(step.output, int) else step.output
        for observer in list(observers):
            observer.saw(step.node, [self.values[s] for s in outputs], start, end)


def wants_workers(plan: Plan) -> bool:
    """Return whether a plan is worth several threads.

    It is where the program asked for it (several devices, or several inter-op threads), and where
    two steps could run at the same time at all.
    """
    if in_worker() or len(plan.steps) < 2 or not HAS_THREADS:
        return False
    asked = len(plan.devices) > 1 or threading_config.inter_op > 1
    return asked and plan.has_branches


PATIENCE = 0.5  # seconds: where a waiting thread does not hear Ctrl-C (Windows), it looks up
_thread = threading.local()


def run_around() -> Parallel | None:
    """Return the run that this thread is a worker of."""
    return getattr(_thread, "run", None)


def in_worker() -> bool:
    """Return whether this thread is a worker: the graph inside an operation runs in its thread."""
    return run_around() is not None


class Parallel:
    """The parallel schedule of one Executor.

    Attributes
    ----------
    waits : list of int
        Per step, how many steps must still finish before it can fire.
    uses : list of int
        Per slot, how many steps and fetches have still to read it.
    unfinished : int
        How many steps have not finished.
    working : int
        How many workers are at work. Only they count themselves: Ctrl-C, which reaches the calling
        thread, can never make this number wrong.
    error : BaseException or None
        Why nothing new may be fired.
    """

    def __init__(self, executor: Executor):
        self.executor = executor
        self.plan = executor.plan
        self.waits = list(self.plan.waits)
        self.uses = list(self.plan.uses)
        self.unfinished = len(self.plan.steps)
        self.working = 0
        self.error: BaseException | None = None
        self.lock = threading.Lock()
        self.news = threading.Condition(self.lock)
        self.transaction = current_transaction()

    def run(self) -> None:
        """Fire every step when its last input has arrived, and return when all have finished."""
        try:
            self._submit([i for i, n in enumerate(self.waits) if n == 0])
            self._wait_until(lambda: self.unfinished == 0 or self.error is not None)
        except BaseException:  # Ctrl-C: fire nothing more
            self.error = self.error or CancelledError("the run was stopped")
            raise
        finally:
            if self.error is not None:
                self._wait_until(lambda: self.working == 0)
        if self.error is not None:
            raise self.error

    def _wait_until(self, condition: Callable[[], bool]) -> None:
        with self.lock:
            while not condition():
                self.news.wait(PATIENCE)

    def _submit(self, ready: list[int]) -> None:
        """Hand steps to the workers of their devices."""
        for i in ready:
            device = self.plan.steps[i].node.device or HOST
            device.workers(threading_config.workers_per_device(self.plan)).submit(self._work, i)

    def _work(self, first: int) -> None:
        """Run a step in a worker, and after it whatever becomes ready on the same device."""
        with self.lock:
            if self.error is not None:
                return
            self.working += 1
        _thread.run = self
        error: BaseException | None = None
        try:
            with np.errstate(all="ignore"), set_context(graph=None, recorders=[]):
                if self.transaction is None:
                    self._chain(first)
                else:
                    with in_transaction(self.transaction):
                        self._chain(first)
        except BaseException as caught:  # noqa: BLE001  (the calling thread raises it again)
            error = caught
        finally:
            _thread.run = None
            with self.lock:
                self.error = self.error or error
                self.working -= 1
                self.news.notify_all()

    def _chain(self, i: int | None) -> None:
        while i is not None and self.error is None:
            step = self.plan.steps[i]
            if observers:
                self.executor.observe(step)
            else:
                self.executor.fire(step)
            ready = self.finished(i, step)
            i = self._mine(ready, step)
            self._submit(ready)

    def finished(self, i: int, step: Step) -> list[int]:
        """Count down the followers of a finished step and the uses of its inputs."""
        with self.lock:
            self.unfinished -= 1
            ready = []
            for follower in self.plan.followers[i]:
                self.waits[follower] -= 1
                if self.waits[follower] == 0:
                    ready.append(follower)
            for slot in set(step.inputs):
                self.uses[slot] -= 1
                if self.uses[slot] == 0:
                    self.executor.values[slot] = None
            return ready

    def _mine(self, ready: list[int], step: Step) -> int | None:
        """Take one ready step of the same device, so that a chain stays in one thread."""
        for i in ready:
            if self.plan.steps[i].node.device is step.node.device:
                ready.remove(i)
                return i
        return None


def explain(error: Exception, step: Step, values: Sequence[Any]) -> Exception:
    """Return an error of a kernel with the op, the shapes, and the user's line."""
    node = step.node
    if isinstance(error, Error):
        return located(error, node.type, node.line)
    if isinstance(error, REFUSALS):
        return located(refused(error, [values[i] for i in step.inputs]), node.type, node.line)
    error.add_note(f"while running {node.name!r} ({node.type}), written in {node.line}")
    return error
