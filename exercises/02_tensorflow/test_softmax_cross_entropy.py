"""Grades softmax_cross_entropy.py: by exact arithmetic, wiggling, and sums done by hand."""

import math
from decimal import Decimal, getcontext

import numpy as np
import pytest

from minitf.course.grading import expect, expect_true

pytestmark = pytest.mark.exercise("02/softmax_cross_entropy", points=10)

STABLE = (
    "Subtract the largest logit of each row before you take powers. It changes no probability, "
    "and no power is above 1."
)
getcontext().prec = 60


def exact(logits):
    """Return log-softmax computed with 60 digits, where nothing overflows."""
    rows = []
    for row in logits:
        values = [Decimal(float(v)) for v in row]
        total = sum(v.exp() for v in values)
        rows.append([float(v - total.ln()) for v in values])
    return np.array(rows)


def batch(n=6, classes=4, scale=3.0, seed=0):
    random = np.random.default_rng(seed)
    return random.integers(0, classes, size=n), random.normal(size=(n, classes)) * scale


def test_two_equal_logits_share(work):
    got = work.log_softmax(np.array([[5.0, 5.0]]))
    expect(got, np.full((1, 2), -math.log(2)), "log_softmax of two equal logits: log(1/2) each")


@pytest.mark.parametrize("scale", [0.1, 3.0, 30.0])
def test_it_agrees_with_exact_arithmetic(work, scale):
    _, logits = batch(scale=scale)
    expect(
        work.log_softmax(logits),
        exact(logits),
        f"log_softmax of logits of size {scale:g}, computed exactly",
        rtol=1e-9,
        misconception="Sum over the classes of each row (axis -1), not over the rows.",
    )


def test_large_logits_overflow_nothing(work):
    expect(
        work.log_softmax(np.array([[0.0, 1000.0], [1000.0, 1000.0]])),
        np.array([[-1000.0, 0.0], [-math.log(2), -math.log(2)]]),
        "log_softmax of logits of 1000",
        misconception=STABLE,
    )


def test_very_negative_logits_are_no_problem_either(work):
    expect(
        work.log_softmax(np.array([[-1000.0, -1001.0]])),
        exact([[-1000.0, -1001.0]]),
        "log_softmax of logits of -1000",
        misconception=f"exp(-1000) rounds to 0, and the sum of two such powers is 0. {STABLE}",
    )


def test_each_row_is_shifted_by_its_own_largest(work):
    logits = np.array([[0.0, 1.0], [2000.0, 2001.0]])
    expect(
        work.log_softmax(logits),
        exact(logits),
        "log_softmax of a row of small logits beside one of large ones",
        misconception="The largest logit of *all* rows, subtracted from every row, lets the powers "
        "of the small rows vanish: each row has its own (axis=-1, keepdims=True).",
    )


def test_the_logarithm_is_taken_before_the_division(work):
    expect(
        work.log_softmax(np.array([[0.0, 800.0]])),
        np.array([[-800.0, 0.0]]),
        "log_softmax where one probability is e to the -800",
        misconception="A probability of e to the -800 rounds to 0, and log(0) is minus infinity. "
        "Compute the logarithm directly: shifted logits minus log of the sum.",
    )


def test_the_loss_is_the_surprise_at_the_truth(work):
    labels, logits = batch()
    loss, _ = work.cross_entropy(labels, logits)
    expect(
        loss,
        -exact(logits)[np.arange(6), labels],
        "the loss of each of six rows",
        misconception="One number per row: minus the logarithm of the probability of the true "
        "class. No mean is taken here.",
    )


def test_a_sure_and_right_classifier_loses_nothing(work):
    loss, slope = work.cross_entropy(np.array([1]), np.array([[0.0, 1000.0]]))
    expect(loss, np.array([0.0]), "the loss of a classifier that is sure and right", atol=1e-12)
    expect(slope, np.array([[0.0, 0.0]]), "its slope", atol=1e-12)


def test_a_sure_and_wrong_classifier_has_a_finite_loss(work):
    loss, slope = work.cross_entropy(np.array([0]), np.array([[0.0, 1000.0]]))
    expect(
        loss,
        np.array([1000.0]),
        "the loss of a classifier that is sure and wrong",
        misconception="The logarithm of a probability that has been rounded to 0 is minus "
        "infinity: use log_softmax, not log(softmax).",
    )
    expect(slope, np.array([[-1.0, 1.0]]), "its slope")


def test_the_slope_agrees_with_wiggling(work):
    labels, logits = batch()
    _, slope = work.cross_entropy(labels, logits)
    wanted = np.zeros_like(logits)
    for index in np.ndindex(logits.shape):
        for sign in (1, -1):
            moved = logits.copy()
            moved[index] += sign * 1e-6
            wanted[index] -= sign * exact(moved)[index[0], labels[index[0]]] / 2e-6
    expect(
        slope,
        wanted,
        "the derivative of each row's loss for its logits",
        rtol=1e-4,
        atol=1e-6,
        misconception="Row by row: the probabilities, minus 1 at the true class. No mean over the "
        "rows, since the loss is not averaged either.",
    )


def test_every_row_of_the_slope_sums_to_zero(work):
    labels, logits = batch(seed=1)
    _, slope = work.cross_entropy(labels, logits)
    expect(
        slope.sum(axis=1),
        np.zeros(6),
        "the sum of each row of the slope",
        atol=1e-12,
        misconception="The probabilities sum to 1, and 1 is subtracted once per row.",
    )


def test_the_dtype_of_the_logits_is_kept(work):
    labels, logits = batch()
    loss, slope = work.cross_entropy(labels, logits.astype(np.float32))
    expect(
        (str(loss.dtype), str(slope.dtype)),
        ("float32", "float32"),
        "the dtypes of loss and slope for float32 logits",
        misconception="An array of zeros or a one-hot table without dtype= is float64, and all "
        "that meets it becomes float64.",
    )


def test_the_arrays_that_came_in_are_left_alone(work):
    labels, logits = batch()
    before = logits.copy()
    work.cross_entropy(labels, logits)
    expect_true(
        np.array_equal(logits, before),
        "the logits as they were, after cross_entropy",
        misconception="`logits -= ...` changes the caller's array; `logits - ...` makes a new one.",
    )


def install(work):
    """Let every sparse softmax cross-entropy of minitf compute with `work.cross_entropy`."""
    from minitf.graph.registry import OPS

    definition = OPS["sparse_softmax_cross_entropy"]
    before = definition.kernels["numpy"]

    def kernel(labels, logits):
        loss, slope = work.cross_entropy(labels.ravel(), logits.reshape(-1, logits.shape[-1]))
        return loss.reshape(labels.shape), slope.reshape(logits.shape)

    definition.kernel("numpy")(kernel)
    return lambda: definition.kernel("numpy")(before)
