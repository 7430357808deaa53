"""The ready queue.

Write the executor: the part of a framework that runs a graph. The graph has become a list of
steps; every value of the run has a number, its *slot*. Your executor follows one rule: **a step
fires when the last step that it waits for has finished.** Among those that are ready, the one
that became ready first fires first.

    >>> steps = [
    ...     Step("double", lambda x: (2 * x,), inputs=(0,), outputs=(1,), after=()),
    ...     Step("square", lambda x: (x * x,), inputs=(0,), outputs=(2,), after=()),
    ...     Step("add", lambda x, y: (x + y,), inputs=(1, 2), outputs=(3,), after=(0, 1)),
    ... ]
    >>> values = {0: 3}
    >>> run(steps, values, keep={3})
    ['double', 'square', 'add']
    >>> values                        # 2 * 3 + 3 * 3; everything else has been freed
    {3: 15}

It also frees memory: a value is deleted from `values` as soon as no step will read it any more,
unless it is to be kept. And if a step raises an exception, the exception goes on to the caller,
with a note that names the step; nothing else is fired.

`minitf.course.use("02/ready_queue")` lets your executor run every graph of minitf.

Approach: Count, for each step, how many it waits for; for each slot, how many steps read it. Put
the steps that wait for nothing into a `collections.deque`. Take from its left, run, count down,
append what becomes ready.

Difficulty: 3 of 5
Minutes: 35
Section: 02_tensorflow/executor.md#the-ready-queue
Forbidden: minitf
Hint 1: Turn `after` around first: for each step, a list of the steps that wait for it. These are
the ones to count down when it has finished.
Hint 2: Count uses by step, not by argument: a step that reads a slot twice, as in x * x, is one
user. `set(step.inputs)` helps.
Hint 3: A value can also be dead at birth: an output that nobody reads and nobody keeps. And for
the exception: `except Exception as error: error.add_note(f"in step {step.name}"); raise`.
"""

from collections import Counter
from collections.abc import Callable, Collection, Sequence
from typing import Any, NamedTuple


class Step(NamedTuple):
    """One operation of a plan.

    Attributes
    ----------
    name : str
        For the note of an exception.
    call : callable
        Takes the values of the input slots, in order, and returns a tuple: a value per output.
    inputs : tuple of int
        Slots that it reads; one may stand there twice.
    outputs : tuple of int
        Slots that it fills.
    after : tuple of int
        Positions, in the list of steps, of the steps that must have finished before it; each once.
    """

    name: str
    call: Callable[..., tuple[Any, ...]]
    inputs: tuple[int, ...]
    outputs: tuple[int, ...]
    after: tuple[int, ...]


def find_followers(steps: Sequence[Step]) -> list[list[int]]:
    """Return, for each step, the positions of the steps that wait for it, in their order."""
    raise NotImplementedError("TODO: turn `after` around")


def count_uses(steps: Sequence[Step]) -> Counter[int]:
    """Return, for each slot, how many steps read it."""
    raise NotImplementedError("TODO: how many steps read each slot")


def run(steps: Sequence[Step], values: dict[int, Any], keep: Collection[int]) -> list[str]:
    """Run the steps, and return their names in the order in which they fired.

    Parameters
    ----------
    steps : sequence of Step
        In any order.
    values : dict of int to value
        The values that the run is given, by slot. At the end it holds those of `keep`, and what
        it was given and no step reads.
    keep : collection of int
        Slots that are not to be freed.
    """
    raise NotImplementedError("TODO: fire what is ready, count down, free what is dead")
