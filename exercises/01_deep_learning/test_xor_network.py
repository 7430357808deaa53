"""Grades xor_network.py: at the corners of a square, and at points in and around a triangle."""

import numpy as np
import pytest

from minitf.course.grading import expect, expect_true

pytestmark = pytest.mark.exercise("01/xor_network", points=15)

CORNERS = np.array([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]])  # (4, 2)


def step(x, layers):
    """Run a learner's weights, so that a slip in `network` is not blamed on them."""
    for W, b in layers:
        x = (np.asarray(x) @ np.asarray(W, float) + np.asarray(b, float) > 0).astype(int)
    return x


def inside(point):
    """Whether a point lies inside the triangle: on the same side of each edge, walking round."""
    corners = np.array([[0.0, 0.0], [4.0, 0.0], [0.0, 4.0]])
    turns = [(b - a)[0] * (point - a)[1] - (b - a)[1] * (point - a)[0]
             for a, b in zip(corners, np.roll(corners, -1, axis=0))]  # fmt: skip
    return int(min(turns) > 0)


def test_a_layer_has_one_answer_per_neuron(work):
    x = np.array([[1.0, 2.0], [-1.0, 0.5]])
    W, b = np.array([[1.0, 0.0, -1.0], [0.0, -1.0, 1.0]]), np.array([0.0, 1.0, -1.5])
    # the sums: 1, -1, -0.5 and -1, 0.5, 0
    expect(work.layer(x, W, b), np.array([[1, 0, 0], [0, 1, 0]]), "three neurons on two examples",
           misconception="The answer is 1 where x @ W + b is greater than 0: is the bias in it, "
           "and is a sum of exactly 0 a no?")  # fmt: skip


def test_layers_follow_each_other(work):
    negate = np.array([[-1.0]]), np.array([0.5])
    x = np.array([[0.0], [1.0]])
    expect(work.network(x, [negate]), np.array([[1], [0]]), "a network of one NOT")
    expect(work.network(x, [negate, negate]), np.array([[0], [1]]), "NOT of NOT",
           misconception="The second layer sees the answers of the first, not the "
           "input.")  # fmt: skip


def test_xor_has_the_shapes_asked_for(work):
    shapes = [(np.shape(W), np.shape(b)) for W, b in work.xor()]
    expect(shapes, [((2, 2), (2,)), ((2, 1), (1,))], "the shapes of W and b in both layers",
           misconception="A column of W per neuron: (inputs, units).")  # fmt: skip


def test_the_hidden_neurons_are_or_and_and(work):
    hidden = step(CORNERS, work.xor()[:1])
    expect(hidden[:, 0], np.array([0, 1, 1, 1]), "the first hidden neuron, OR, at the four corners")
    expect(hidden[:, 1], np.array([0, 0, 0, 1]), "the second hidden neuron, AND, at the corners",
           misconception="The chapter took NAND. Here the second hidden neuron is to answer AND, "
           "so the output needs other weights.")  # fmt: skip


def test_the_network_answers_xor(work):
    expect(step(CORNERS, work.xor())[:, 0], np.array([0, 1, 1, 0]), "XOR at the four corners",
           misconception="At (1, 1) both hidden neurons fire, and the answer is no: AND has to "
           "speak against it, by a negative weight.")  # fmt: skip


def test_points_inside_the_triangle_are_found(work):
    points = [p for p in np.random.default_rng(1).uniform(0, 4, (200, 2)) if inside(p)]
    missed = [p for p, said in zip(points, step(points, work.triangle())[:, 0]) if not said]
    expect_true(not missed, "a yes everywhere inside the triangle",
                got=f"no at {np.round(missed[0], 2)}" if missed else None,
                misconception="The slanted side answers yes on the side of the origin: "
                "4 - x1 - x2 > 0.")  # fmt: skip


def test_points_outside_the_triangle_are_refused(work):
    points = [p for p in np.random.default_rng(2).uniform(-5, 9, (400, 2)) if not inside(p)]
    taken = [p for p, said in zip(points, step(points, work.triangle())[:, 0]) if said]
    expect_true(not taken, "a no everywhere outside the triangle",
                got=f"yes at {np.round(taken[0], 2)}" if taken else None,
                misconception="That point is outside the triangle, but on the right side of some "
                "of its lines. The output must fire only if all three neurons do.")  # fmt: skip


def test_the_triangle_has_three_neurons_and_one(work):
    shapes = [(np.shape(W), np.shape(b)) for W, b in work.triangle()]
    expect(shapes, [((2, 3), (3,)), ((3, 1), (1,))], "the shapes of W and b in both layers")
