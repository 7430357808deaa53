"""Grades adam.py: by sums done by hand, and by what Adam is known to do."""

from unittest.mock import patch

import numpy as np
import pytest

from minitf.course.grading import expect, expect_true

pytestmark = pytest.mark.exercise("03/adam", points=20)


def test_the_first_mean_mixes_the_old_one_with_the_gradient(work):
    m, _ = work.moments(np.array([1.0, -2.0]), np.array([3.0, 4.0]), np.zeros(2), 0.75, 0.5)
    expect(m, np.array([2.5, 2.5]), "m for beta_1 = 0.75, m = [3, 4], g = [1, -2]",
           misconception="beta_1 says how much of the old mean is kept; the gradient gets the "
           "rest, 1 - beta_1.")  # fmt: skip


def test_the_second_mean_is_of_squared_gradients(work):
    _, v = work.moments(np.array([1.0, -2.0]), np.zeros(2), np.array([1.0, 8.0]), 0.75, 0.5)
    expect(v, np.array([1.0, 6.0]), "v for beta_2 = 0.5, v = [1, 8], g = [1, -2]",
           misconception="v is the mean of squares: each gradient is squared before it is mixed "
           "in, and beta_2, not beta_1, says how much is kept.")  # fmt: skip


def test_a_mean_of_equal_numbers_is_corrected_to_that_number(work):
    mean = 0.0
    for t in (1, 2, 3):
        mean = 0.9 * mean + 0.1 * 5.0
        expect(work.corrected(np.array([mean]), 0.9, t), np.array([5.0]),
               f"the corrected mean of {t} gradients that were all 5",
               misconception="The zero at the start still has the weight beta^t in the mean, so "
               "gradients make up 1 - beta^t of it. t counts from 1.")  # fmt: skip


def test_the_first_step_has_the_length_of_the_rate(work):
    g = np.array([[1e-3, -7.0], [250.0, 0.2]])
    w, _, _ = work.step(np.zeros((2, 2)), g, np.zeros((2, 2)), np.zeros((2, 2)), 1, rate=0.1)
    expect(w, np.array([[-0.1, 0.1], [-0.1, -0.1]]), "the first step for gradients of all sizes",
           rtol=1e-3, misconception="In step 1, M is g and V is g^2, so that M / sqrt(V) is 1 or "
           "-1. If the numbers are too small or too large, look at the correction; if their signs "
           "are turned, at the direction: weights go against the gradient.")  # fmt: skip


def test_the_means_go_back_uncorrected(work):
    _, m, v = work.step(np.ones(1), np.array([2.0]), np.zeros(1), np.zeros(1), 1, 0.1, 0.5, 0.75)
    expect([m, v], [np.array([1.0]), np.array([1.0])], "m and v after step 1",
           misconception="The corrected means are used in the step alone. What is kept for the "
           "next step are m and v themselves.")  # fmt: skip


def test_three_steps_come_out_as_by_hand(work):
    w, m, v = np.array([1.0]), np.array([0.0]), np.array([0.0])
    for t, g in enumerate([1.0, -1.0, 2.0], 1):
        w, m, v = work.step(w, np.array([g]), m, v, t, 1.0, 0.5, 0.5, 0.0)
    # m: 1/2, -1/4, 7/8; v: 1/2, 3/4, 19/8; the corrected ones: 1, -1/3, 1 and 1, 1, 19/7
    by_hand = 1.0 - 1.0 + 1.0 / 3.0 - 1.0 / np.sqrt(19.0 / 7.0)
    expect(w, np.array([by_hand]), "w after the gradients 1, -1, 2 with both betas 0.5",
           misconception="From the second step on, old means and t come in. Does the second call "
           "get what the first returned?")  # fmt: skip


def test_a_gradient_of_zero_is_no_reason_to_divide_by_it(work):
    w, _, _ = work.step(np.ones(2), np.zeros(2), np.zeros(2), np.zeros(2), 1)
    expect(w, np.ones(2), "w where the gradient is 0",
           misconception="Without epsilon below the fraction line this is 0 / 0.")  # fmt: skip


def test_the_arrays_that_came_in_are_left_alone(work):
    given = [np.ones(2), np.full(2, 3.0), np.zeros(2), np.zeros(2)]
    work.step(*given, 1)
    expect(
        given,
        [np.ones(2), np.full(2, 3.0), np.zeros(2), np.zeros(2)],
        "w, g, m and v after the call",
        misconception="`m *= ...` and `m += ...` change the caller's array in place.",
    )


def test_it_finds_the_bottom_of_a_narrow_valley(work):
    steep = np.array([100.0, 1.0])  # the loss is 50 x^2 + y^2 / 2, its gradient [100 x, y]
    w, m, v = np.array([1.0, 1.0]), np.zeros(2), np.zeros(2)
    for t in range(1, 501):
        w, m, v = work.step(w, steep * w, m, v, t, 0.02)
    expect_true(bool(np.all(np.abs(w) < 0.01)), "after 500 steps both weights are within 0.01 of 0",
                got=w)  # fmt: skip


def install(work):
    """Let every Adam of minitf compute its steps with `work.step`."""
    from minitf.optimizers import Adam

    def prepare(self, rate, taken):
        return rate, taken

    def update(self, g, w, slots, common):
        rate, taken = common
        # Keras adds epsilon to the uncorrected root; beside the corrected one it is this much
        epsilon = self.epsilon / (1 - self.beta_2**taken) ** 0.5
        new, m, v = work.step(w, g, slots["momentum"], slots["velocity"], taken, rate,
                              self.beta_1, self.beta_2, epsilon)  # fmt: skip
        slots["momentum"].assign(m)
        slots["velocity"].assign(v)
        w.assign(new)

    return patch.multiple(Adam, prepare=prepare, update=update)
