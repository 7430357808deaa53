"""Grades ready_queue.py: by orders worked out by hand, and by random graphs."""

import contextlib
import weakref
from unittest.mock import patch

import numpy as np
import pytest

from minitf.course.grading import expect, expect_raises, expect_true

pytestmark = pytest.mark.exercise("02/ready_queue", points=15)


def step(work, name, inputs, outputs, after, function=None):
    """Return a step that adds its inputs and 1, unless another function is given."""
    function = function or (lambda *values: tuple(sum(values) + 1 for _ in outputs))
    return work.Step(name, function, tuple(inputs), tuple(outputs), tuple(after))


def run(work, steps, values, keep):
    """Return the order in which `work.run` fires; a value that is missing is explained."""
    try:
        return work.run(steps, values, keep=keep)
    except KeyError as error:
        raise_missing(error.args[0])


def raise_missing(slot):
    expect_true(
        False,
        "every value to be there when a step reads it",
        got=f"KeyError: there is nothing in slot {slot}",
        misconception="A step fires when all its inputs have arrived, wherever it stands in the "
        "list. And count the users of each slot down: free it when the count is zero, not before.",
    )


def diamond(work):
    """Slot 0 is given; a feeds b and c, which feed d."""
    return [
        step(work, "a", [0], [1], []),
        step(work, "b", [1], [2], [0]),
        step(work, "c", [1], [3], [0]),
        step(work, "d", [2, 3], [4], [1, 2]),
    ]


def test_followers_are_the_other_direction(work):
    expect(
        work.find_followers(diamond(work)),
        [[1, 2], [3], [3], []],
        "who waits for whom",
        misconception="`after` says for whom a step waits; a follower is one that waits for it.",
    )


def test_a_step_that_reads_a_slot_twice_is_one_user(work):
    steps = [step(work, "square", [0, 0], [1], []), step(work, "add", [0, 1], [2], [0])]
    uses = work.count_uses(steps)
    expect(
        {slot: uses[slot] for slot in (0, 1, 2)},
        {0: 2, 1: 1, 2: 0},
        "the uses of each slot",
        misconception="x * x reads x twice, but it is one step: when it has finished, both "
        "uses are over.",
    )


def test_a_diamond_fires_from_top_to_bottom(work):
    values = {0: 1}
    order = run(work, diamond(work), values, keep={4})
    expect(
        order,
        ["a", "b", "c", "d"],
        "the order of firing for a diamond",
        misconception="d waits for b *and* c: it is ready when its count has come down to zero, "
        "not when the first of the two has finished.",
    )
    expect(values[4], 7, "the value of d for the input 1")


def test_the_longer_branch_is_waited_for(work):
    steps = [
        step(work, "a", [0], [1], []),
        step(work, "short", [1], [2], [0]),
        step(work, "long", [1], [3], [0]),
        step(work, "longer", [3], [4], [2]),
        step(work, "d", [2, 4], [5], [1, 3]),
    ]
    fired = []
    for i, one in enumerate(steps):
        steps[i] = one._replace(call=lambda *v, one=one: fired.append(one.name) or (1,))
    with contextlib.suppress(KeyError):
        work.run(steps, {0: 1}, keep={5})
    expect(
        fired,
        ["a", "short", "long", "longer", "d"],
        "the order of firing where one branch is longer",
        misconception="d waits for *both* branches: it is ready when its count has come down to "
        "zero, not when the first of the two has finished.",
    )


def test_the_order_in_the_list_does_not_matter(work):
    steps = [
        step(work, "last", [2], [3], [2]),
        step(work, "first", [0], [1], []),
        step(work, "middle", [1], [2], [1]),
    ]
    order = run(work, steps, {0: 0}, keep={3})
    expect(
        order,
        ["first", "middle", "last"],
        "the order of firing of a chain, listed backwards",
        misconception="A step fires when its inputs have arrived, wherever it stands in the list.",
    )


def test_first_ready_first_fired(work):
    steps = [
        step(work, "a", [0], [1], []),
        step(work, "b", [0], [2], []),
        step(work, "a2", [1], [3], [0]),
        step(work, "b2", [2], [4], [1]),
    ]
    order = run(work, steps, {0: 0}, keep={3, 4})
    expect(
        order,
        ["a", "b", "a2", "b2"],
        "the order of firing of two chains",
        misconception="b was ready before a2 was: take from the left of the queue and append "
        "on the right. A stack would follow one chain to its end first.",
    )


def test_waiting_without_a_value_counts_too(work):
    steps = [step(work, "second", [0], [1], [1]), step(work, "first", [0], [2], [])]
    order = run(work, steps, {0: 0}, keep={1, 2})
    expect(
        order,
        ["first", "second"],
        "the order of firing where one only waits for the other",
        misconception="Look at `after`, not at who makes the inputs: a step may wait for one "
        "whose value it does not read.",
    )


def test_a_step_may_have_several_outputs_or_none(work):
    seen = []
    steps = [
        step(work, "split", [0], [1, 2], [], lambda x: (x // 10, x % 10)),
        step(work, "tell", [2], [], [0], lambda x: seen.append(x) or ()),
    ]
    values = {0: 47}
    run(work, steps, values, keep={1})
    expect(
        (values[1], seen),
        (4, [7]),
        "the two outputs of a step that splits 47",
        misconception="`call` returns a tuple with one value per output.",
    )


def test_inputs_are_passed_in_their_order(work):
    steps = [step(work, "subtract", [1, 0], [2], [], lambda x, y: (x - y,))]
    values = {0: 1, 1: 10}
    run(work, steps, values, keep={2})
    expect(values[2], 9, "the value in slot 1 minus the value in slot 0")


def test_values_are_freed_after_their_last_use(work):
    alive = []
    values = {0: 1}
    steps = [
        step(work, "a", [0], [1], []),
        step(work, "b", [1], [2], [0], lambda x: alive.append(set(values)) or (x,)),
        step(work, "c", [2], [3], [1], lambda x: alive.append(set(values)) or (x,)),
    ]
    run(work, steps, values, keep={3})
    expect(
        alive,
        [{1}, {2}],
        "the slots alive while b and then c runs",
        misconception="Freed at once, not at the end: when a has finished, nobody reads slot 0 "
        "any more.",
    )
    expect(set(values), {3}, "the slots alive at the end")


def test_a_value_is_not_freed_while_somebody_needs_it(work):
    values = {0: 5}
    steps = [step(work, "a", [0], [1], []), step(work, "b", [0, 1], [2], [0])]
    run(work, steps, values, keep={2})
    expect(
        values,
        {2: 12},
        "what is left of two steps that both read slot 0",
        misconception="Count the users of each slot down; free it when the count is zero.",
    )


def test_what_is_to_be_kept_is_kept(work):
    values = {0: 1}
    run(work, diamond(work), values, keep={0, 1, 4})
    expect(
        set(values),
        {0, 1, 4},
        "the slots alive at the end, if 0, 1 and 4 are to be kept",
        misconception="A slot of `keep` stays, however many users have finished.",
    )


def test_a_value_that_nobody_reads_is_dead_at_birth(work):
    values = {0: 1}
    steps = [step(work, "two", [0], [1, 2], [])]
    run(work, steps, values, keep={1})
    expect(
        set(values),
        {1},
        "the slots alive at the end, if nobody reads slot 2",
        misconception="No use will ever count slot 2 down: look at the outputs of a step, too, "
        "when it has finished.",
    )


def test_nothing_else_holds_a_freed_value(work):
    class Array:
        pass

    held = []

    def make():
        value = Array()
        held.append(weakref.ref(value))
        return (value,)

    steps = [
        step(work, "make", [], [0], [], make),
        step(work, "use", [0], [1], [0], lambda x: (1,)),
        step(work, "look", [1], [2], [1], lambda x: (held[0]() is None,)),
    ]
    values = {}
    run(work, steps, values, keep={2})
    expect(
        values[2],
        True,
        "whether the memory of a freed value is free in the next step but one",
        misconception="A list or a name of yours still holds the value. Deleting it from "
        "`values` is not enough.",
    )


def test_an_exception_says_which_step_failed(work):
    def fail(x):
        raise ZeroDivisionError("by zero")

    fired = []
    steps = [
        step(work, "a", [0], [1], []),
        step(work, "bad", [1], [2], [0], fail),
        step(work, "c", [1], [3], [0], lambda x: fired.append("c") or (x,)),
    ]
    error = expect_raises(
        ZeroDivisionError,
        lambda: run(work, steps, {0: 1}, keep={2, 3}),
        "a step that divides by zero",
        misconception="The caller should get the exception itself: add a note, and raise it again.",
    )
    expect_true(
        any("bad" in note for note in getattr(error, "__notes__", [])),
        "a note with the name of the step, 'bad'",
        got=getattr(error, "__notes__", []),
        misconception="`error.add_note(...)`, and then a bare `raise`.",
    )
    expect(fired, [], "what has fired after the failure")


def test_two_runs_do_not_disturb_each_other(work):
    steps = diamond(work)
    results = []
    for given in (1, 10):
        values = {0: given}
        run(work, steps, values, keep={4})
        results.append(values[4])
    expect(
        results,
        [7, 25],
        "the value of d in two runs of the same steps",
        misconception="Counts belong to the run: make new ones at each call.",
    )


@pytest.mark.parametrize("seed", range(5))
def test_random_graphs_give_what_a_plain_loop_gives(work, seed):
    random = np.random.default_rng(seed)
    steps, plain = [], {0: 1.0}
    for i in range(1, 40):
        inputs = sorted({int(s) for s in random.integers(0, i, size=random.integers(1, 4))})
        after = [s - 1 for s in inputs if s > 0]
        steps.append(step(work, f"s{i}", inputs, [i], after, lambda *v: (sum(v) % 97 + 1,)))
        plain[i] = sum(plain[s] for s in inputs) % 97 + 1
    values = {0: 1.0}
    order = run(work, steps, values, keep={39})
    expect(len(order), 39, "the number of steps that have fired")
    expect(values, {39: plain[39]}, "the value of the last step of a random graph")


def install(work):
    """Let every graph of minitf run on `work.run`."""
    from minitf.runtime.executor import Executor, explain

    def bound(step, values):
        def call(*arrays):
            try:
                result = step.call(*arrays)
            except Exception as error:
                raise explain(error, step, values) from error
            one = isinstance(step.output, int)
            return (result[0] if type(result) is tuple else result,) if one else tuple(result)

        return call

    def evaluate(self):
        plan = self.plan
        after = [[] for _ in plan.steps]
        for i, followers in enumerate(plan.followers):
            for follower in followers:
                after[follower].append(i)
        steps = [
            work.Step(
                s.node.name,
                bound(s, self.values),
                tuple(s.inputs),
                (s.output,) if isinstance(s.output, int) else tuple(s.output),
                tuple(a),
            )
            for s, a in zip(plan.steps, after)
        ]
        values = {slot: v for slot, v in enumerate(self.values) if v is not None}
        with np.errstate(all="ignore"):
            work.run(steps, values, set(plan.fetches))
        return [values[slot] for slot in plan.fetches]

    return patch.object(Executor, "_evaluate", evaluate)
