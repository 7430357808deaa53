"""Grades reverse_mode.py: by finite differences, and by tapes worked out by hand."""

from unittest.mock import patch

import numpy as np
import pytest

from minitf.course.grading import expect, expect_true

pytestmark = pytest.mark.exercise("02/reverse_mode", points=15)


def wiggled(function, array, step=1e-6):
    """Return the derivative of function() for each element of an array, by finite differences."""
    slope = np.zeros_like(array)
    for index in np.ndindex(array.shape):
        kept = array[index]
        array[index] = kept + step
        above = function()
        array[index] = kept - step
        slope[index] = (above - function()) / (2 * step)
        array[index] = kept
    return slope


@pytest.mark.parametrize(("n", "k", "m"), [(2, 3, 4), (1, 5, 2), (3, 3, 3)])
def test_the_rule_of_a_product_agrees_with_wiggling(work, n, k, m):
    random = np.random.default_rng(n)
    a, b, dc = (random.normal(size=s) for s in [(n, k), (k, m), (n, m)])
    da, db = work.matmul_rule(a, b, dc)
    misconception = (
        "da has the shape (n, k), from dc (n, m) and b transposed (m, k); db has the "
        "shape (k, m), from a transposed (k, n) and dc. For square matrices the shapes "
        "do not warn you."
    )
    what = f"for a ({n}, {k}) and b ({k}, {m})"
    expect(
        da,
        wiggled(lambda: (a @ b * dc).sum(), a),
        f"da {what}",
        rtol=1e-5,
        atol=1e-7,
        misconception=misconception,
    )
    expect(
        db,
        wiggled(lambda: (a @ b * dc).sum(), b),
        f"db {what}",
        rtol=1e-5,
        atol=1e-7,
        misconception=misconception,
    )


def test_the_rule_of_tanh_agrees_with_wiggling(work):
    x, dy = np.random.default_rng(0).normal(size=(2, 5))
    got = work.tanh_rule(np.tanh(x), dy)
    expect(
        got,
        wiggled(lambda: (np.tanh(x) * dy).sum(), x),
        "dx for y = tanh(x)",
        atol=1e-7,
        misconception="The rule is given y, which is tanh(x) already: the derivative is "
        "1 - y**2, times what arrives.",
    )


def test_a_chain_multiplies(work):
    tape = [
        work.Entry(("b",), ("a",), lambda dy: (3 * dy,)),
        work.Entry(("c",), ("b",), lambda dy: (5 * dy,)),
    ]
    expect(
        work.backward(tape, {"c": 1.0}, ["a"]),
        [15.0],
        "the gradient of c = 5 b, b = 3 a, for a",
        misconception="The walk begins at the end of the tape: first the entry of c, then that "
        "of b.",
    )


def test_the_seed_is_what_arrives_first(work):
    tape = [work.Entry(("b",), ("a",), lambda dy: (3 * dy,))]
    expect(
        work.backward(tape, {"b": 7.0}, ["a"]),
        [21.0],
        "the gradient for a, with the seed 7",
        misconception="The walk starts with what `seeds` says, not always with 1.",
    )


def test_several_uses_add_up(work):
    tape = [
        work.Entry(("y",), ("x",), lambda dy: (2 * dy,)),  # y = 2 x
        work.Entry(("z",), ("x", "y"), lambda dz: (dz * 6.0, dz * 3.0)),
    ]  # z = x y
    expect(
        work.backward(tape, {"z": 1.0}, ["x"]),
        [12.0],
        "the gradient of z = x (2 x) at x = 3",
        misconception="x is used by both entries: a second gradient is added to the first, it "
        "does not replace it.",
    )


def test_both_inputs_of_an_operation_may_be_the_same(work):
    tape = [work.Entry(("y",), ("x", "x"), lambda dy: (4.0 * dy, 4.0 * dy))]  # y = x x at 4
    expect(
        work.backward(tape, {"y": 1.0}, ["x"]),
        [8.0],
        "the gradient of y = x x at x = 4",
        misconception="x is used twice by one entry: both gradients are added.",
    )


def test_a_source_that_nothing_reaches_has_no_gradient(work):
    tape = [
        work.Entry(("y",), ("x",), lambda dy: (2 * dy,)),
        work.Entry(("w",), ("v",), lambda dy: (2 * dy,)),
    ]
    expect(
        work.backward(tape, {"y": 1.0}, ["v", "x"]),
        [None, 2.0],
        "the gradients of y for v and x",
        misconception="y does not depend on v, so the answer is None: 0 would hide a forgotten "
        "connection. And an entry that nothing arrives for is skipped.",
    )


def test_an_entry_that_nothing_arrives_for_is_not_asked(work):
    asked = []
    tape = [
        work.Entry(("y",), ("x",), lambda dy: (dy,)),
        work.Entry(("w",), ("x",), lambda dy: asked.append(dy) or (None,)),
    ]
    work.backward(tape, {"y": 1.0}, ["x"])
    expect(
        asked,
        [],
        "the calls of the rule of an operation that the target does not use",
        misconception="Look first whether anything has arrived for one of its outputs.",
    )


def test_an_output_without_a_gradient_is_passed_as_none(work):
    seen = []

    def rule(*dys):
        seen.append(dys)
        return (dys[1],)

    tape = [work.Entry(("low", "high"), ("x",), rule)]
    got = work.backward(tape, {"high": 5.0}, ["x"])
    expect(
        seen,
        [(None, 5.0)],
        "what the rule of an operation with two outputs gets",
        misconception="One argument per output, in order; None for the output that nothing has "
        "arrived for.",
    )
    expect(got, [5.0], "the gradient that comes back through it")


def test_an_input_without_a_derivative_is_left_out(work):
    tape = [work.Entry(("y",), ("rows", "x"), lambda dy: (None, 2 * dy))]
    expect(
        work.backward(tape, {"y": 1.0}, ["rows", "x"]),
        [None, 2.0],
        "the gradients for an input that has none, and one that has",
        misconception="Where a rule returns None there is nothing to add.",
    )


def test_a_source_may_stand_in_the_middle(work):
    tape = [
        work.Entry(("b",), ("a",), lambda dy: (3 * dy,)),
        work.Entry(("c",), ("b",), lambda dy: (5 * dy,)),
    ]
    expect(
        work.backward(tape, {"c": 1.0}, ["b", "a", "c"]),
        [5.0, 15.0, 1.0],
        "the gradients of c for b, a, and c itself",
        misconception="What has arrived in the middle of the tape is needed at the end as well: "
        "do not throw it away when it is passed on.",
    )


def test_several_targets_add_up(work):
    tape = [
        work.Entry(("b",), ("a",), lambda dy: (3 * dy,)),
        work.Entry(("c",), ("b",), lambda dy: (5 * dy,)),
    ]
    expect(
        work.backward(tape, {"c": 1.0, "b": 10.0}, ["a"]),
        [45.0],
        "the gradient of c + 10 b for a",
        misconception="What arrives from c is added to the seed of b: 3 (5 + 10).",
    )


def test_the_seeds_are_left_alone(work):
    seeds = {"y": 1.0}
    work.backward([work.Entry(("y",), ("x",), lambda dy: (dy,))], seeds, ["x"])
    expect(
        seeds,
        {"y": 1.0},
        "the caller's dictionary of seeds, after the walk",
        misconception="Work on a copy: `dict(seeds)`.",
    )


def test_arrays_are_not_changed_in_place(work):
    dy = np.ones(3)
    tape = [work.Entry(("y",), ("x", "x"), lambda dy: (dy, dy))]
    (got,) = work.backward(tape, {"y": dy}, ["x"])
    expect(got, np.full(3, 2.0), "the gradient for x of y = x + x")
    expect(
        dy,
        np.ones(3),
        "the array that was passed as the seed, after the walk",
        misconception="`+=` on an array changes it in place, and a rule may return the very "
        "array it was given: write `a = a + b`.",
    )


def test_a_network_learns_with_it(work):
    random = np.random.default_rng(0)
    x = random.normal(size=(64, 3))
    goal = np.sin(x.sum(axis=1, keepdims=True))  # (64, 1)
    w1, w2 = random.normal(size=(3, 16)) * 0.5, random.normal(size=(16, 1)) * 0.3
    losses = []
    for _ in range(200):
        hidden = np.tanh(x @ w1)
        error = hidden @ w2 - goal
        losses.append(float((error**2).mean()))
        tape = [
            work.Entry(("p",), ("x", "w1"), lambda dy, w1=w1: work.matmul_rule(x, w1, dy)),
            work.Entry(("h",), ("p",), lambda dy, h=hidden: (work.tanh_rule(h, dy),)),
            work.Entry(("s",), ("h", "w2"), lambda dy, h=hidden, w=w2: work.matmul_rule(h, w, dy)),
        ]
        d1, d2 = work.backward(tape, {"s": 2 * error / len(x)}, ["w1", "w2"])
        w1, w2 = w1 - 0.3 * d1, w2 - 0.3 * d2
    expect_true(
        losses[-1] < 0.1 * losses[0],
        "a loss below a tenth of the first after 200 steps",
        got=losses[-1],
    )


def install(work):
    """Let `GradientTape` and `tf.gradients` walk with `work.backward`."""
    from minitf.autodiff import gradients, tape
    from minitf.autodiff.backprop import _seed, apply_rule, reachable
    from minitf.graph.context import context, set_context
    from minitf.ops.source import zeros_like

    def backprop(operations, targets, seeds, sources, stop=frozenset()):
        reached = reachable(operations, sources, stop)
        place = context.device

        def entry(node):
            def rule(*dys):
                dys = [None if out in stop else dy for out, dy in zip(node.outputs, dys)]
                if all(dy is None for dy in dys):
                    return [None] * len(node.sources)
                if not node.definition.accepts_none:
                    dys = [zeros_like(o) if d is None else d for o, d in zip(node.outputs, dys)]
                with set_context(gradient_of=node.name, device=node.device or place):
                    found = apply_rule(node, dys, reached)
                return [g if s in reached else None for s, g in zip(node.sources, found)]

            return work.Entry(tuple(node.outputs), node.sources, rule)

        given = {}
        for target, seed in zip(targets, seeds, strict=True):
            if target in reached:
                start = _seed(target, seed)
                given[target] = start if target not in given else given[target] + start
        entries = [entry(node) for node in operations if node.definition.differentiable]
        return work.backward(entries, given, sources)

    both = patch.object(tape, "backprop", backprop), patch.object(gradients, "backprop", backprop)
    for one in both:
        one.start()
    return lambda: [one.stop() for one in both]
