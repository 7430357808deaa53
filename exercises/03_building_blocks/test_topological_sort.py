"""Grades topological_sort.py: by the definition, so that any right order is accepted."""

from collections import Counter
from copy import copy
from unittest.mock import patch

import numpy as np
import pytest

from minitf.course.grading import expect, expect_raises, expect_true

pytestmark = pytest.mark.exercise("03/topological_sort", points=20)

DIAMOND = {"input": [], "left": ["input"], "right": ["input"], "sum": ["left", "right"]}
SHORTCUT = {"x": [], "a": ["x"], "b": ["a"], "c": ["b"], "out": ["x", "c"]}  # x is near, and far


def ordered(work, needs, outputs):
    """Return what the learner's `order` gives; a recursion that is too deep is a finding, too."""
    try:
        return work.order(needs, outputs)
    except RecursionError:
        expect_true(
            False,
            f"an order of {len(needs)} layers",
            got="RecursionError",
            misconception=(
                "Python allows about a thousand calls within calls. Keep a stack of your "
                "own, a list, in place of a function that calls itself."
            ),
        )


def check_order(got, needs, wanted, what):
    """Require an order of just the wanted layers, with all needs in front."""
    expect_true(isinstance(got, list), f"{what}: a list", got=got)
    twice = [name for name, count in Counter(got).items() if count > 1]
    expect_true(
        not twice,
        f"{what}: each layer once",
        got=got,
        misconception=(
            "A layer that several others need comes up several times on the walk. What "
            "is done already is skipped."
        ),
    )
    expect(
        set(got),
        wanted,
        f"{what}: the layers that are needed, and no others",
        misconception=(
            "Begin at the outputs and follow the needs: what is never met is not needed."
        ),
    )
    place = {name: i for i, name in enumerate(got)}
    late = [(need, name) for name in got for need in needs[name] if place[need] > place[name]]
    expect_true(
        not late,
        f"{what}: all that a layer needs stands before it",
        got=got,
        misconception=(
            "A layer goes into the list when *everything* that it needs is there, not "
            "when it is first met, nor by its distance from the inputs or the outputs."
        ),
    )


def test_a_stack_of_layers_has_one_order(work):
    needs = {"c": ["b"], "a": [], "b": ["a"]}
    expect(
        ordered(work, needs, ["c"]),
        ["a", "b", "c"],
        "the order of a -> b -> c",
        misconception="Inputs come first, outputs last.",
    )


def test_parallel_paths_come_before_their_sum(work):
    check_order(ordered(work, DIAMOND, ["sum"]), DIAMOND, set(DIAMOND), "a diamond")


def test_a_path_around_does_not_hurry_anything(work):
    check_order(ordered(work, SHORTCUT, ["out"]), SHORTCUT, set(SHORTCUT), "a residual connection")


def test_what_no_output_needs_is_left_out(work):
    check_order(
        ordered(work, DIAMOND, ["left"]), DIAMOND, {"input", "left"}, "one branch of a diamond"
    )


def test_there_may_be_several_outputs(work):
    needs = {**DIAMOND, "other": ["right"], "alone": []}
    check_order(ordered(work, needs, ["sum", "other", "alone"]), needs, set(needs), "three outputs")


def test_an_output_may_need_another(work):
    check_order(
        ordered(work, DIAMOND, ["sum", "left"]), DIAMOND, set(DIAMOND), "outputs sum and left"
    )


def test_random_graphs_of_all_forms(work):
    random = np.random.default_rng(4)
    for _ in range(30):
        names = [f"layer{i}" for i in random.permutation(25)]
        needs = {
            n: [str(m) for m in random.choice(names[:i], min(i, 3), replace=False)] if i else []
            for i, n in enumerate(names)
        }
        shuffled = {n: needs[n] for n in random.permutation(names)}
        reached, waiting = set(), [names[-1]]
        while waiting:
            if (name := waiting.pop()) not in reached:
                reached.add(name)
                waiting += needs[name]
        check_order(
            ordered(work, shuffled, [names[-1]]), needs, reached, "a random graph of 25 layers"
        )


def test_five_thousand_layers_in_a_row(work):
    needs = {f"l{i}": [f"l{i - 1}"] if i else [] for i in range(5000)}
    expect(
        ordered(work, needs, ["l4999"]),
        [f"l{i}" for i in range(5000)],
        "the order of 5000 layers in a row",
    )


def test_a_ladder_of_diamonds_is_walked_once(work):
    needs = {"s0": []}
    for i in range(1, 41):  # 2 ** 40 paths from top to bottom
        needs |= {f"a{i}": [f"s{i - 1}"], f"b{i}": [f"s{i - 1}"], f"s{i}": [f"a{i}", f"b{i}"]}
    check_order(
        ordered(work, needs, ["s40"]), needs, set(needs), "forty diamonds, one below the other"
    )


RINGS = {
    "three in a ring": {"one": ["two"], "two": ["three"], "three": ["one"]},
    "a ring with an input": {"start": [], "one": ["start", "two"], "two": ["one"]},
    "a layer that needs itself": {"one": ["one"]},
}


@pytest.mark.parametrize("ring", RINGS)
def test_a_cycle_is_refused(work, ring):
    error = expect_raises(
        ValueError,
        lambda: ordered(work, RINGS[ring], ["one"]),
        f"the order of {ring}",
        misconception=(
            "A layer that is met for the first time while its own needs are still being "
            "seen to stands on a cycle. No order exists, so none may be returned."
        ),
    )
    expect_true(
        any(name in str(error) for name in ("one", "two", "three")),
        "a message that names a layer of the cycle",
        got=str(error),
    )


def test_running_a_diamond(work):
    calls = {"left": lambda x: x + 1, "right": lambda x: 10 * x, "sum": lambda a, b: a - b}
    expect(
        work.run(DIAMOND, calls, {"input": 2}, ["sum", "left"]),
        [-17, 3],
        "sum = left - right, and left, for the input 2",
        misconception="Results are passed in the order in which the needs are listed.",
    )


def test_each_layer_is_called_once(work):
    called = Counter()

    def counting(name):
        def call(*values):
            called[name] += 1
            return sum(values)

        return call

    calls = {name: counting(name) for name in ("left", "right", "sum")} | {
        "unused": counting("unused")
    }
    work.run({**DIAMOND, "unused": ["sum"]}, calls, {"input": 1}, ["sum", "sum"])
    expect(
        dict(called),
        {"left": 1, "right": 1, "sum": 1},
        "how often each layer was called",
        misconception=(
            "Remember each result by its name; a layer that two others need, or that is "
            "asked for twice, is still called once, and one that nobody needs never."
        ),
    )


def test_a_model_of_keras_runs_in_your_order(work):
    from minitf import keras
    from minitf.keras import layers

    keras.utils.set_random_seed(0)
    start = keras.Input((4,), name="start")
    x = layers.Dense(5, activation="tanh", name="one")(start)
    y = layers.Dense(5, activation="relu", name="two")(start)
    out = layers.Dense(2, name="top")(layers.Add(name="join")([x, y]))
    model = keras.Model(start, out)
    needs = {
        "start": [],
        "one": ["start"],
        "two": ["start"],
        "join": ["one", "two"],
        "top": ["join"],
    }
    calls = {name: model.get_layer(name) for name in ("one", "two", "top")}
    calls["join"] = lambda a, b: model.get_layer("join")([a, b])
    data = np.random.default_rng(0).normal(size=(3, 4)).astype("float32")
    [got] = work.run(needs, calls, {"start": data}, ["top"])
    expect(
        got,
        model(data).numpy(),
        "a functional model with two branches, run by you",
        rtol=1e-5,
        atol=1e-6,
    )


def install(work):
    """Let every functional model of minitf run its layers in the order of `work.order`."""
    from minitf.models.network import Network, needed

    own = Network.run

    def run(self, values):
        fed = {tensor.op for tensor in self.inputs}
        names = {node: f"{i}: {node.name}" for i, node in enumerate(self.nodes)}
        needs = {
            names[node]: [] if node in fed else [names[t.op] for t in needed(node)]
            for node in self.nodes
        }
        nodes = {name: node for node, name in names.items()}
        ordered = copy(self)
        ordered.nodes = [
            nodes[name] for name in work.order(needs, [names[t.op] for t in self.outputs])
        ]
        return own(ordered, values)

    return patch.object(Network, "run", run)
