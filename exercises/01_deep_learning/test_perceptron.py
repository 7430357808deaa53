"""Grades perceptron.py: by sums done by hand, and by what must be true of any perceptron."""

import numpy as np
import pytest

from minitf.course.grading import expect, expect_true

pytestmark = pytest.mark.exercise("01/perceptron", points=10)

CORNERS = np.array([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]])  # (4, 2)
AND = np.array([0, 0, 0, 1])
XOR = np.array([0, 1, 1, 0])


def test_it_answers_one_where_the_sum_is_positive(work):
    got = work.predict(CORNERS, np.array([2.0, -1.0]), -0.5)  # the sums: -0.5, -1.5, 1.5, 0.5
    expect(
        got,
        np.array([0, 0, 1, 1]),
        "the answers for w = [2, -1], b = -0.5 at four corners",
        misconception="The sum is x[0] * w[0] + x[1] * w[1] + b: is the bias in it?",
    )


def test_a_sum_of_exactly_zero_is_answered_with_zero(work):
    got = work.predict(np.array([[1.0, 1.0]]), np.array([1.0, -1.0]), 0.0)
    expect(
        got,
        np.array([0]),
        "the answer where the sum is 0",
        misconception="The comparison is `> 0`. With `>= 0`, the sum 0 counts as a yes.",
    )


def test_a_missed_one_pulls_the_weights_towards_it(work):
    w, b = work.update(np.array([3.0, -2.0]), 1, np.array([-1.0, 0.0]), 0.5)  # it says 0
    expect(w, np.array([2.0, -2.0]), "the weights after a 1 that was answered with 0",
           misconception="The weights moved in the wrong direction, or not at all: the error is "
           "label minus answer, y - p, and it is added.")  # fmt: skip
    expect(b, 1.5, "the bias after a 1 that was answered with 0",
           misconception="The bias learns like the weight of an input that is always 1: "
           "it moves by the error, too.")  # fmt: skip


def test_a_false_alarm_pushes_the_weights_away(work):
    w, b = work.update(np.array([1.0, 4.0]), 0, np.array([1.0, 1.0]), 0.0)  # it says 1
    expect(w, np.array([0.0, -3.0]), "the weights after a 0 that was answered with 1",
           misconception="The weights moved in the wrong direction, or not at all: the error is "
           "label minus answer, y - p, and it is added.")  # fmt: skip
    expect(b, -1.0, "the bias after a 0 that was answered with 1",
           misconception="The bias learns like the weight of an input that is always 1: "
           "it moves by the error, too.")  # fmt: skip


def test_a_right_answer_changes_nothing(work):
    w, b = work.update(np.array([1.0, 4.0]), 1, np.array([1.0, 1.0]), 0.25)
    expect(
        [w, b],
        [np.array([1.0, 1.0]), 0.25],
        "weights and bias after a right answer",
        misconception="A perceptron learns from mistakes alone: the error is 0 here.",
    )


def test_the_weights_that_came_in_are_left_alone(work):
    before = np.array([1.0, 1.0])
    w, _ = work.update(np.array([1.0, 4.0]), 0, before, 0.0)
    expect(before, np.array([1.0, 1.0]), "the array that was passed as w, after the call",
           misconception="`w += ...` changes the caller's array in place; `w + ...` makes a new "
           "one.")  # fmt: skip
    expect(w, np.array([0.0, -3.0]), "the new array of weights")


def test_it_learns_what_and_means(work):
    # With pencil and paper: (1, 1) is missed first; then w and b zigzag to [2, 1] and -2.
    w, b, mistakes = work.train(CORNERS, AND, 20)
    expect(work.predict(CORNERS, w, b), AND, "the answers to AND after training")
    expect(mistakes, [1, 3, 3, 2, 1, 0], "the mistakes in each epoch",
           misconception="Go one example after the other: each is asked with the weights that the "
           "example before it left behind. Count a mistake before its update, and stop after the "
           "first epoch without one; its 0 is the last in the list.")  # fmt: skip


def test_it_finds_a_line_between_two_clouds(work):
    random = np.random.default_rng(3)
    y = np.repeat([0, 1], 20)
    x = random.normal(size=(40, 2)) + np.where(y[:, None] == 1, 4.0, -4.0)  # far apart
    w, b, mistakes = work.train(x, y, 50)
    expect(mistakes[-1], 0, "the mistakes in the last epoch on two clouds that a line can part")
    right = np.mean((x @ np.asarray(w) + b > 0) == y)
    expect(right, 1.0, "the share of points on the right side of the line")


def test_no_line_parts_xor(work):
    _, _, mistakes = work.train(CORNERS, XOR, 12)
    expect(len(mistakes), 12, "the number of epochs on XOR, of at most 12",
           misconception="No line parts XOR, so training ends only when the epochs are "
           "used up.")  # fmt: skip
    expect_true(min(mistakes) > 0, "at least one mistake in each epoch on XOR", got=mistakes)
