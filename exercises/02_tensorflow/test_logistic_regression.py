"""Grades logistic_regression.py: by wiggling, by steps done by hand, and on real digits."""

import math

import numpy as np
import pytest

from minitf.course.grading import expect, expect_true
from minitf.data import load_digits

pytestmark = pytest.mark.exercise("02/logistic_regression", points=15, limit=60)


def problem(n=7, pixels=3, classes=4, seed=0):
    random = np.random.default_rng(seed)
    x, y = random.normal(size=(n, pixels)), random.integers(0, classes, size=n)
    return x, y, random.normal(size=(pixels, classes)), random.normal(size=classes)


def plain_loss(x, y, w, b):
    """Return the mean loss, row by row, with Python's own numbers."""
    total = 0.0
    for row, label in zip(x, y, strict=True):
        logits = [float(sum(row * w[:, j]) + b[j]) for j in range(len(b))]
        total += math.log(sum(math.exp(s) for s in logits)) - logits[label]
    return total / len(x)


def wiggled(x, y, w, b, which):
    """Return the derivative of the mean loss for each element of w or b."""
    array = w if which == "w" else b
    slope = np.zeros_like(array)
    for index in np.ndindex(array.shape):
        kept = array[index]
        array[index] = kept + 1e-6
        above = plain_loss(x, y, w, b)
        array[index] = kept - 1e-6
        slope[index] = (above - plain_loss(x, y, w, b)) / 2e-6
        array[index] = kept
    return slope


def test_probabilities_sum_to_one_in_each_row(work):
    x, _, w, b = problem()
    got = work.probabilities(x, w, b)
    expect(
        got.sum(axis=1),
        np.ones(7),
        "the sum of the probabilities of each row",
        misconception="Divide each row by its own sum: axis=1, keepdims=True.",
    )


def test_probabilities_follow_the_logits(work):
    got = work.probabilities(np.array([[1.0]]), np.array([[0.0, math.log(3)]]), np.zeros(2))
    expect(got, np.array([[0.25, 0.75]]), "the probabilities for logits 0 and log 3: 1 to 3")


def test_large_logits_are_no_problem(work):
    got = work.probabilities(np.array([[1000.0]]), np.array([[0.0, 1.0]]), np.zeros(2))
    expect(
        got,
        np.array([[0.0, 1.0]]),
        "the probabilities for logits 0 and 1000",
        misconception="exp(1000) is infinite: subtract the largest logit of each row first.",
    )


def test_the_bias_counts(work):
    got = work.predict(np.zeros((1, 2)), np.zeros((2, 3)), np.array([0.0, 5.0, 1.0]))
    expect(got, np.array([1]), "the class of an empty picture, where only the bias speaks")


def test_the_most_probable_class_is_predicted(work):
    x, _, w, b = problem()
    wanted = np.array([max(range(4), key=lambda j: (row @ w + b)[j]) for row in x])
    expect(
        work.predict(x, w, b),
        wanted,
        "the classes of seven rows",
        misconception="The place of the largest number in each row: argmax over axis 1.",
    )


def test_the_loss_is_the_mean_surprise(work):
    x, y, w, b = problem()
    loss, _, _ = work.loss_and_gradients(x, y, w, b)
    expect(
        loss,
        plain_loss(x, y, w, b),
        "the mean loss of seven rows",
        misconception="The mean over the rows, not their sum: otherwise the right rate would "
        "depend on the size of the batch.",
    )


def test_a_blind_classifier_loses_log_of_the_classes(work):
    x, y, w, b = problem()
    loss, _, _ = work.loss_and_gradients(x, y, 0 * w, 0 * b)
    expect(loss, math.log(4), "the loss of zero weights and four classes: log 4")


@pytest.mark.parametrize("which", ["w", "b"])
def test_the_gradients_agree_with_wiggling(work, which):
    x, y, w, b = problem()
    _, dw, db = work.loss_and_gradients(x, y, w, b)
    expect(
        dw if which == "w" else db,
        wiggled(x, y, w, b, which),
        f"the gradient of {which}",
        rtol=1e-4,
        atol=1e-6,
        misconception="With error = (p - onehot(y)) / n, of shape (n, classes): dw is x transposed "
        "times error, db the sum of error over the rows. Is the division by n in both?",
    )


def test_a_loss_of_a_sure_and_wrong_classifier_is_finite(work):
    x, w = np.array([[1000.0]]), np.array([[0.0, 1.0]])
    loss, dw, _ = work.loss_and_gradients(x, np.array([0]), w, np.zeros(2))
    expect(
        loss,
        1000.0,
        "the loss of a classifier that is sure and wrong",
        misconception="A probability that has been rounded to 0 has the logarithm minus infinity: "
        "take the logarithm of the softmax directly, logits minus log of the sum.",
    )
    expect(dw, np.array([[-1000.0, 1000.0]]), "its gradient of w")


def test_one_step_goes_against_the_gradient(work):
    x, y, w, b = problem()
    zero_w, zero_b = np.zeros_like(w), np.zeros_like(b)
    dw, db = (wiggled(x, y, zero_w, zero_b, which) for which in "wb")
    got_w, got_b = work.train(x, y, classes=4, epochs=1, batch=7, rate=0.5, seed=0)
    misconception = (
        "From zeros, one step with the gradient of all seven rows: w becomes -rate dw. With the "
        "other sign the loss would grow."
    )
    expect(got_w, -0.5 * dw, "w after one step", rtol=1e-4, atol=1e-6, misconception=misconception)
    expect(got_b, -0.5 * db, "b after one step", rtol=1e-4, atol=1e-6, misconception=misconception)


def test_the_last_batch_of_an_epoch_counts(work):
    x, y, *_ = problem()
    w, b = np.zeros((3, 4)), np.zeros(4)
    order = np.random.default_rng(5).permutation(7)
    for rows in (order[:4], order[4:]):  # two batches: four rows, then three
        dw, db = (wiggled(x[rows], y[rows], w, b, which) for which in "wb")
        w, b = w - 0.5 * dw, b - 0.5 * db
    got_w, _ = work.train(x, y, classes=4, epochs=1, batch=4, rate=0.5, seed=5)
    expect(
        got_w,
        w,
        "w after one epoch of 7 rows in batches of 4",
        rtol=1e-4,
        atol=1e-6,
        misconception="The order is `np.random.default_rng(seed).permutation(n)`, the batches are "
        "rows 0-3 and 4-6 of it, and the last one, although shorter, is learned from too.",
    )


def test_each_epoch_has_an_order_of_its_own(work):
    x, y, *_ = problem()
    w, b = np.zeros((3, 4)), np.zeros(4)
    random = np.random.default_rng(3)
    for _ in range(2):
        order = random.permutation(7)
        for rows in (order[:4], order[4:]):
            dw, db = (wiggled(x[rows], y[rows], w, b, which) for which in "wb")
            w, b = w - 0.5 * dw, b - 0.5 * db
    got_w, _ = work.train(x, y, classes=4, epochs=2, batch=4, rate=0.5, seed=3)
    expect(
        got_w,
        w,
        "w after two epochs",
        rtol=1e-4,
        atol=1e-6,
        misconception="One generator for the whole training, one `permutation` per epoch: made "
        "anew in each epoch, it would give the same order every time.",
    )


def test_the_data_are_left_alone(work):
    x, y, *_ = problem()
    before = x.copy(), y.copy()
    work.train(x, y, classes=4, epochs=2, batch=4, rate=0.5, seed=3)
    expect_true(
        np.array_equal(x, before[0]) and np.array_equal(y, before[1]),
        "x and y as they were, after training",
        misconception="Shuffle the row numbers, not the rows.",
    )


def test_it_reads_handwriting(work):
    images, labels = load_digits()
    x = images.reshape(-1, 64) / 16
    by_label = np.argsort(labels[:1400], kind="stable")  # sorted: without shuffling it would forget
    w, b = work.train(
        x[:1400][by_label],
        labels[:1400][by_label],
        classes=10,
        epochs=30,
        batch=50,
        rate=0.5,
        seed=1,
    )
    right = float(np.mean(work.predict(x[1400:], w, b) == labels[1400:]))
    expect_true(
        right > 0.88,
        "more than 88 of 100 new digits read rightly",
        got=right,
        misconception="The digits come sorted by label. Are they shuffled anew in every epoch, and "
        "is each batch learned from with its own rows of y?",
    )
