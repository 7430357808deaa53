# message: No use will ever count

from collections import Counter, deque
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
    followers: list[list[int]] = [[] for _ in steps]
    for i, step in enumerate(steps):
        for before in step.after:
            followers[before].append(i)
    return followers


def count_uses(steps: Sequence[Step]) -> Counter[int]:
    """Return, for each slot, how many steps read it."""
    return Counter(slot for step in steps for slot in set(step.inputs))


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
    followers, uses = find_followers(steps), count_uses(steps)
    waits = [len(step.after) for step in steps]
    ready = deque(i for i, count in enumerate(waits) if count == 0)
    order = []
    while ready:
        i = ready.popleft()  # first in, first out
        step = steps[i]
        try:
            results = step.call(*[values[slot] for slot in step.inputs])
        except Exception as error:
            error.add_note(f"in step {step.name}")
            raise
        order.append(step.name)
        values.update(zip(step.outputs, results, strict=True))
        del results  # a name that still holds a value keeps its memory
        for slot in set(step.inputs):
            uses[slot] -= 1
        for slot in set(step.inputs):
            if uses[slot] == 0 and slot not in keep:
                del values[slot]
        for follower in followers[i]:
            waits[follower] -= 1
            if waits[follower] == 0:
                ready.append(follower)
    return order
