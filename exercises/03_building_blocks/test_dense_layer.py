"""Grades dense_layer.py: by sums done by hand, and by finite differences."""

import numpy as np
import pytest

from minitf.course.grading import expect

pytestmark = pytest.mark.exercise("03/dense_layer", points=15)


def problem(n=5, k=3, m=4):
    """Return x, w, b and g, drawn at random, always the same."""
    random = np.random.default_rng(2)
    return [random.normal(size=shape) for shape in ((n, k), (k, m), (m,), (n, m))]


def slope(loss, at):
    """Return the derivative of a loss by differences, in the shape of `at`."""
    found = np.zeros_like(at)
    for place in np.ndindex(at.shape):
        moved = np.zeros_like(at)
        moved[place] = 1e-6
        found[place] = (loss(at + moved) - loss(at - moved)) / 2e-6
    return found


def test_each_unit_adds_up_its_inputs_and_its_bias(work):
    x, w, b = (
        np.array([[1.0, 2.0], [0.0, 1.0]]),
        np.array([[1.0, 3.0], [2.0, -1.0]]),
        np.array([10.0, 0.5]),
    )
    expect(
        work.sums(x, w, b),
        np.array([[15.0, 1.5], [12.0, -0.5]]),
        "the sums of 2 units for 2 examples",
        misconception=(
            "z = x @ w + b: a product of matrices, and one bias per unit, which is "
            "stretched over the examples."
        ),
    )


def test_the_sums_are_not_cut_off(work):
    got = work.sums(np.array([[-1.0]]), np.array([[2.0]]), np.array([0.0]))
    expect(
        got,
        np.array([[-2.0]]),
        "a sum below zero",
        misconception="`sums` is what stands before the relu; the relu comes after it.",
    )


def test_a_unit_that_is_off_lets_no_gradient_pass(work):
    z, g = (
        np.array([[2.0, -1.0, 0.0], [-3.0, 1.0, 4.0]]),
        np.array([[5.0, 5.0, 5.0], [-2.0, -2.0, 0.5]]),
    )
    expect(
        work.through_relu(z, g),
        np.array([[5.0, 0.0, 0.0], [0.0, -2.0, 0.5]]),
        "the gradient behind a relu",
        misconception=(
            "What decides is whether z was above 0 on the way forward. The sign of the "
            "gradient g plays no part: a unit that is on lets negative gradients pass, "
            "too."
        ),
    )


def test_the_gradient_of_the_weights_agrees_with_differences(work):
    x, w, b, g = problem()
    wanted = slope(lambda w: np.sum((x @ w + b) * g), w)
    expect(
        work.gradients(x, w, g)[0],
        wanted,
        "dw, of shape (k, m) = (3, 4)",
        rtol=1e-6,
        atol=1e-7,
        misconception=(
            "w[i, j] meets x[r, i] in the sum z[r, j] of every example r. So dw[i, j] "
            "is the sum over r of x[r, i] * delta[r, j], which is x.T @ delta; it is "
            "added up over the batch, not averaged."
        ),
    )


def test_the_gradient_of_the_biases_agrees_with_differences(work):
    x, w, b, g = problem()
    wanted = slope(lambda b: np.sum((x @ w + b) * g), b)
    expect(
        work.gradients(x, w, g)[1],
        wanted,
        "db, of shape (m,) = (4,)",
        rtol=1e-6,
        atol=1e-7,
        misconception=(
            "A bias enters the sum of every example with the factor 1. Its gradient is "
            "the sum of delta over the examples: one number per unit."
        ),
    )


def test_the_gradient_of_the_inputs_agrees_with_differences(work):
    x, w, b, g = problem()
    wanted = slope(lambda x: np.sum((x @ w + b) * g), x)
    expect(
        work.gradients(x, w, g)[2],
        wanted,
        "dx, of shape (n, k) = (5, 3)",
        rtol=1e-6,
        atol=1e-7,
        misconception=(
            "An input enters the sums of all units of its own example, so one sums over "
            "the units: delta @ w.T."
        ),
    )


def test_it_holds_where_all_sizes_are_equal(work):
    # Here no shape gives a wrong product away.
    x, w, b, g = problem(3, 3, 3)
    dw, db, dx = work.gradients(x, w, g)
    wanted = [
        slope(lambda w: np.sum((x @ w + b) * g), w),
        slope(lambda x: np.sum((x @ w + b) * g), x),
    ]
    expect(
        [dw, dx],
        wanted,
        "dw and dx for n = k = m = 3",
        rtol=1e-6,
        atol=1e-7,
        misconception=(
            "With square matrices a transposed factor does not show in the shape. Which "
            "axis is summed over: the examples for dw, the units for dx."
        ),
    )
    expect(db.shape, (3,), "the shape of db for n = k = m = 3")


def test_a_batch_of_one_is_a_batch(work):
    x, w, _, g = problem(1, 3, 4)
    dw, db, dx = work.gradients(x, w, g)
    expect([dw.shape, db.shape, dx.shape], [(3, 4), (4,), (1, 3)], "the shapes for one example")


def test_gradient_descent_with_it_learns(work):
    random = np.random.default_rng(0)
    x = random.normal(size=(64, 3))
    y = np.maximum(x @ np.array([[1.0], [-2.0], [0.5]]) + 0.3, 0)
    w, b = np.full((3, 1), 0.1), np.full(1, 0.1)
    losses = []
    for _ in range(300):
        z = work.sums(x, w, b)
        error = np.maximum(z, 0) - y
        losses.append(float(np.mean(error**2)))
        dw, db, _ = work.gradients(x, w, work.through_relu(z, 2 * error / len(x)))
        w, b = w - 0.2 * dw, b - 0.2 * db
    expect(
        losses[-1],
        0.0,
        "the loss after 300 steps of training a relu unit with your gradients",
        atol=1e-3,
        misconception=(
            "Each piece may be right by itself: is the gradient taken at the same z "
            "that the forward step gave?"
        ),
    )
