"""Grades loss_and_gradient.py: by sums done by hand, and by wiggling each parameter."""

import numpy as np
import pytest

from minitf.course.grading import expect, expect_true

pytestmark = pytest.mark.exercise("01/loss_and_gradient", points=10)

X = np.array([[1.0, 0.0, 2.0], [0.0, -1.0, 1.0], [3.0, 1.0, 0.0], [1.0, 1.0, 1.0]])  # (4, 3)
Y = np.array([1.0, 2.0, 3.0, -2.0])
W, B = np.array([0.5, -1.0, 2.0]), 0.25


def true_loss(w, b):
    """Return the loss, example by example."""
    return sum((row @ w + b - y) ** 2 for row, y in zip(X, Y)) / len(Y)


def wiggled(f, at, step=1e-5):
    """Return the derivatives of f by central differences."""
    moves = step * np.eye(len(at))
    return np.array([(f(at + m) - f(at - m)) / (2 * step) for m in moves])


def test_it_predicts(work):
    expect(work.predict(X, W, B), np.array([4.75, 3.25, 0.75, 1.75]), "the predictions",
           misconception="The prediction is x @ w + b: is the bias in it?")  # fmt: skip


def test_the_loss_is_the_mean_of_the_squares(work):
    x, y = np.array([[1.0], [2.0]]), np.array([0.0, 0.0])
    got = work.loss(x, y, np.array([1.0]), 1.0)  # the errors are 2 and 3
    expect(got, 6.5, "the loss for the errors 2 and 3",
           misconception="The loss is a mean: the sum of the squares, divided by the number of "
           "examples. Then it does not grow because there are more of them.")  # fmt: skip


def test_a_perfect_model_has_no_loss_and_no_gradient(work):
    y = X @ W + B
    expect(work.loss(X, y, W, B), 0.0, "the loss of a model without error", atol=1e-12)
    dw, db = work.gradient(X, y, W, B)
    expect(dw, np.zeros(3), "the gradient for w where there is no error", atol=1e-12)
    expect(db, 0.0, "the gradient for b where there is no error", atol=1e-12)


def test_the_gradient_for_w_is_what_wiggling_finds(work):
    wanted = wiggled(lambda w: true_loss(w, B), W)
    got, _ = work.gradient(X, Y, W, B)
    opposite = np.shape(got) == (3,) and np.allclose(got, -wanted)
    why = (
        "The sign is turned round: the error is prediction minus truth, and its derivative is +x."
        if opposite
        else "The derivative of a square brings a factor of 2, and a mean a division by n. "
        "Each weight's derivative collects error times that weight's own input."
    )
    expect(got, wanted, "the gradient for w", misconception=why, rtol=1e-4)


def test_the_gradient_for_b_is_what_wiggling_finds(work):
    (wanted,) = wiggled(lambda b: true_loss(W, b[0]), np.array([B]))
    _, got = work.gradient(X, Y, W, B)
    expect(got, wanted, "the gradient for b",
           misconception="The bias is a weight whose input is always 1, so its derivative is the "
           "mean of 2 * error: one number.", rtol=1e-4)  # fmt: skip


def test_a_step_leads_downhill(work):
    _, _, losses = work.descend(X, Y, W, B, 0.01, 5)
    expect_true(losses[-1] < losses[0], "a loss that is smaller after five small steps", got=losses,
                misconception="The gradient points uphill. Subtract the gradient, do not add "
                "it.")  # fmt: skip


def test_two_steps_by_hand(work):
    x, y = np.array([[1.0], [3.0]]), np.array([1.0, 1.0])
    # w = b = 0: the errors are -1, -1; dw = -4, db = -2. Then w = 0.4, b = 0.2: errors -0.4, 0.4;
    # dw = 0.8, db = 0.
    w, b, losses = work.descend(x, y, np.array([0.0]), 0.0, 0.1, 2)
    one_w, one_b, _ = work.descend(x, y, np.array([0.0]), 0.0, 0.1, 1)
    expect([one_w, one_b], [np.array([0.4]), 0.2], "w and b after one step",
           misconception="Both derivatives belong to the same place: compute dw and db with the "
           "old w and b, then change both.")  # fmt: skip
    expect([w, b], [np.array([0.32]), 0.2], "w and b after two steps", atol=1e-9)
    expect(losses, [1.0, 0.16, 0.128], "the losses",
           misconception="There are steps + 1 of them: the loss before the first step, and one "
           "after each.")  # fmt: skip


def test_the_weights_that_came_in_are_left_alone(work):
    before = W.copy()
    work.descend(X, Y, before, B, 0.01, 3)
    expect(before, W, "the array that was passed as w, after the call",
           misconception="`w -= ...` changes the caller's array in place; `w = w - ...` makes a "
           "new one.")  # fmt: skip


def test_it_finds_the_numbers_behind_the_data(work):
    x = np.random.default_rng(5).normal(size=(60, 2))
    w, b, losses = work.descend(x, x @ [3.0, -1.0] + 2.0, np.zeros(2), 0.0, 0.2, 300)
    expect(w, np.array([3.0, -1.0]), "the weights behind data without noise", atol=1e-3)
    expect(b, 2.0, "the bias behind data without noise", atol=1e-3)
    expect(len(losses), 301, "the number of losses after 300 steps")
