"""Grades custom_loss.py: by the distribution itself, by differences, and by data drawn from it."""

import math

import numpy as np
import pytest

import minitf as tf
from minitf.course.grading import expect, expect_true

pytestmark = pytest.mark.exercise("03/custom_loss", points=15)

Y = np.float32([[0.0, 3.0], [1.0, 0.0], [7.0, 2.0]])  # (3, 2)
Z = np.float32([[0.5, 1.0], [-1.0, 0.0], [2.0, -0.5]])


def by_probability(y, z):
    """Return -log p(y) - log(y!), from the distribution."""
    r = math.exp(z)
    return -math.log(math.exp(-r) * r**y / math.factorial(int(y))) - math.log(
        math.factorial(int(y))
    )


def table(y, z):
    """Return that for each count."""
    return np.array(
        [
            [by_probability(a, b) for a, b in zip(*row, strict=True)]
            for row in zip(y, z, strict=True)
        ]
    )


def test_no_letters_cost_what_was_expected(work):
    got = work.poisson(tf.constant([[0.0], [0.0]]), tf.constant(np.log(np.float32([[1.0], [4.0]]))))
    expect(
        got,
        np.float32([1.0, 4.0]),
        "the loss where 0 came and 1, and 4, were expected",
        rtol=1e-5,
        misconception=(
            "p(0) = exp(-r), so the loss is r, which is exp(z). z is the logarithm of "
            "what is expected, not the number itself."
        ),
    )


def test_the_loss_is_the_logarithm_of_the_probability(work):
    got = work.poisson(tf.constant(Y[:, 1:]), tf.constant(Z[:, 1:]))
    expect(
        got,
        np.float32(table(Y[:, 1:], Z[:, 1:])[:, 0]),
        "the loss of three examples, from p(y)",
        rtol=1e-5,
        misconception=(
            "-log p = r - y log r + log(y!), with r = exp(z) and log r = z. The last "
            "term is dropped. If the signs are turned, the truth becomes *less* "
            "probable by training."
        ),
    )


def test_there_is_one_number_for_each_example(work):
    got = work.poisson(tf.constant(Y), tf.constant(Z))
    expect(
        got,
        np.float32(table(Y, Z).sum(axis=1)),
        "the loss of three examples with two counts each",
        rtol=1e-5,
        misconception=(
            "Sum over the last axis, the counts of one example. The mean over the "
            "examples is taken by Keras, which also weighs them."
        ),
    )


def test_the_loss_is_least_where_the_truth_is_expected(work):
    z = tf.constant(np.linspace(-2, 4, 601, dtype="float32")[:, None])
    losses = work.poisson(tf.fill([601, 1], 5.0), z).numpy()
    best = float(np.exp(z.numpy()[losses.argmin(), 0]))
    expect(
        best,
        5.0,
        "the expected number at which the loss of 5 letters is least",
        rtol=0.02,
        misconception="exp(z) - y z is least where its derivative exp(z) - y is zero.",
    )


def test_the_slope_agrees_with_differences(work):
    wide = 1e-5
    y, z = Y.astype(float), Z.astype(float)
    wanted = (table(y, z + wide) - table(y, z - wide)) / (2 * wide)
    expect(
        work.slope(tf.constant(Y), tf.constant(Z)),
        np.float32(wanted),
        "the derivative by each z",
        rtol=1e-3,
        atol=1e-4,
        misconception=(
            "Differentiate exp(z) - y z by z: the exponential stays, and of y z only y is left."
        ),
    )


def test_the_tape_says_the_same(work):
    z = tf.constant(Z)
    with tf.GradientTape() as tape:
        tape.watch(z)
        loss = tf.reduce_sum(work.poisson(tf.constant(Y), z))
    gradient = tape.gradient(loss, z)
    expect_true(
        gradient is not None,
        "a gradient from the tape",
        misconception="Use ops of tf in the loss; a tape does not see NumPy.",
    )
    expect(
        work.slope(tf.constant(Y), z),
        gradient.numpy(),
        "your slope, against the tape's",
        rtol=1e-4,
        atol=1e-5,
    )


def test_the_model_gives_any_number(work):
    model = work.regression(3, 0.01)
    model.set_weights([np.float32([[1.0], [-2.0], [0.0]]), np.float32([0.5])])
    got = model(np.float32([[1.0, 1.0, 9.0], [0.0, 3.0, 0.0]]))
    expect(
        got,
        np.float32([[-0.5], [-5.5]]),
        "what the model says, with the weights (1, -2, 0) and the bias 0.5",
        misconception=(
            "The loss applies the exponential already, so the last layer must have no activation."
        ),
    )


def test_it_finds_the_rates_behind_counts(work):
    tf.keras.utils.set_random_seed(0)
    random = np.random.default_rng(0)
    x = random.normal(size=(2000, 2)).astype("float32")
    y = random.poisson(np.exp(0.5 + x @ np.float32([1.0, -0.5])))[:, None].astype("float32")
    model = work.regression(2, 0.05)
    model.fit(x, y, batch_size=200, epochs=30, verbose=0)
    kernel, bias = model.get_weights()
    expect(
        np.append(kernel, bias),
        np.float32([1.0, -0.5, 0.5]),
        "weights and bias learned from 2000 counts",
        atol=0.08,
        rtol=0,
        misconception=(
            "The counts were drawn with r = exp(x1 - x2 / 2 + 1/2). A model trained "
            "with another loss, the squared error say, does not find these numbers."
        ),
    )
