"""Grades batch_normalisation.py: by sums done by hand, and by what must be true of any batch."""

import numpy as np
import pytest

from minitf.course.grading import expect

pytestmark = pytest.mark.exercise("03/batch_normalisation", points=15)


def batch(shape=(32, 3), seed=0):
    return np.random.default_rng(seed).normal([5.0, -2.0, 0.0], [2.0, 0.5, 1.0], shape)


def test_mean_and_variance_are_those_of_each_channel(work):
    got = work.statistics(np.array([[1.0, 10.0], [3.0, 10.0], [5.0, 13.0]]))
    expect(
        got,
        (np.array([3.0, 11.0]), np.array([8 / 3, 2.0])),
        "mean and variance of a batch of 3 with 2 channels",
        misconception=(
            "One mean per channel, over the examples: axis 0 of a table. The variance "
            "is the mean of the squared distances, so it divides by n, not by n - 1."
        ),
    )


def test_pictures_are_averaged_over_their_positions_too(work):
    x = batch((4, 5, 6, 3))
    got = work.statistics(x)
    rows = [x[..., c].ravel() for c in range(3)]
    expect(
        got,
        (
            np.array([r.sum() / 120 for r in rows]),
            np.array([((r - r.mean()) ** 2).sum() / 120 for r in rows]),
        ),
        "mean and variance of the 3 channels of a batch of shape (4, 5, 6, 3)",
        misconception="All axes but the last are averaged over: `tuple(range(x.ndim - 1))`.",
    )


def test_a_trained_batch_has_mean_zero_and_variance_one(work):
    y = work.BatchNorm(3, epsilon=0.0)(batch(), training=True)
    expect(
        np.mean(y, axis=0),
        np.zeros(3),
        "the mean of each channel while training",
        atol=1e-9,
        misconception=(
            "While training, the batch's own mean and variance are used, not the moving ones."
        ),
    )
    expect(np.var(y, axis=0), np.ones(3), "the variance of each channel while training", rtol=1e-9)


def test_epsilon_stands_beneath_the_root(work):
    y = work.BatchNorm(1, epsilon=3.0)(np.array([[-1.0], [1.0]]), training=True)
    expect(
        y,
        np.array([[-0.5], [0.5]]),
        "(-1, 1), whose variance is 1, with epsilon = 3",
        misconception="The divisor is the root of (variance + epsilon), here the root of 4.",
    )


def test_gamma_scales_and_beta_shifts(work):
    norm = work.BatchNorm(2, epsilon=0.0)
    norm.gamma, norm.beta = np.array([2.0, 1.0]), np.array([0.0, 10.0])
    y = norm(np.array([[1.0, 4.0], [3.0, 6.0]]), training=True)
    expect(
        y,
        np.array([[-2.0, 9.0], [2.0, 11.0]]),
        "the result with gamma = (2, 1) and beta = (0, 10)",
        misconception="First normalise, then multiply by gamma, then add beta.",
    )


def test_the_averages_move_a_little_in_each_step(work):
    norm = work.BatchNorm(1, momentum=0.75)
    norm(np.array([[2.0], [6.0]]), training=True)  # mean 4, variance 4
    expect(
        norm.moving_mean,
        np.array([1.0]),
        "the moving mean after a batch with the mean 4 and momentum 0.75",
        misconception=(
            "The momentum says how much of the *old* average is kept: 0.75 * 0 + 0.25 * 4."
        ),
    )
    expect(
        norm.moving_variance,
        np.array([1.75]),
        "the moving variance after a batch with the variance 4",
        misconception="It starts at 1: 0.75 * 1 + 0.25 * 4.",
    )


def test_applied_it_uses_the_moving_averages(work):
    norm = work.BatchNorm(1, epsilon=0.0)
    norm.moving_mean, norm.moving_variance = np.array([10.0]), np.array([4.0])
    expect(
        norm(np.array([[14.0]]), training=False),
        np.array([[2.0]]),
        "one example, applied, for a moving mean of 10 and variance of 4",
        misconception=(
            "Applied, an example must not depend on those beside it: (14 - 10) / 2. "
            "With the batch's own numbers, a batch of one would always give 0."
        ),
    )


def test_applied_nothing_moves(work):
    norm = work.BatchNorm(3)
    before = norm.moving_mean.copy(), norm.moving_variance.copy()
    norm(batch(), training=False)
    expect(
        (norm.moving_mean, norm.moving_variance),
        before,
        "the moving averages after an application",
        misconception=(
            "Only training moves the averages. Else the test data would change the model."
        ),
    )


def test_the_averages_arrive(work):
    norm = work.BatchNorm(3, momentum=0.9)
    for seed in range(200):
        norm(batch((64, 3), seed), training=True)
    expect(
        norm.moving_mean, np.array([5.0, -2.0, 0.0]), "the moving mean after 200 batches", atol=0.3
    )
    expect(
        norm.moving_variance,
        np.array([4.0, 0.25, 1.0]),
        "the moving variance after 200 batches",
        rtol=0.3,
    )


def test_the_batch_that_came_in_is_left_alone(work):
    x = batch()
    work.BatchNorm(3)(x, training=True)
    expect(
        x,
        batch(),
        "the batch, after the call",
        misconception="`x -= ...` changes the caller's array.",
    )
