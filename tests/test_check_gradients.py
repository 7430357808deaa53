"""Gradients against finite differences."""

import math

import numpy as np
import pytest

import minitf as tf
from minitf.autodiff.check import check_gradients, compute_gradient
from minitf.errors import (
    GradientError,
    InvalidArgumentError,
)


def test_check_gradients_accepts_what_is_right():
    rng = np.random.default_rng(0)
    worst = check_gradients(
        lambda a, n, x: [tf.matmul(tf.exp(a), x), a * tf.cast(n, tf.float64)],
        [rng.normal(size=(3, 2)), 4, rng.normal(size=(2, 2))],
        order=3,
    )
    assert len(worst) == 3
    assert max(worst) < 1e-7


def test_check_gradients_samples_what_is_large():
    x = np.random.default_rng(0).normal(size=(40, 40))
    assert max(check_gradients(lambda x: tf.matmul(x, tf.exp(x)), x)) < 1e-5


def wrong_at(index, size):
    """Return exp with a gradient that is 1 too large at one element."""

    @tf.custom_gradient
    def f(x):
        error = np.zeros(size)
        error[index] = 1.0
        return tf.exp(x), lambda dy: dy * (tf.exp(x) + error)

    return f


@pytest.mark.parametrize(
    ("size", "output"), [(3, r"output 0\[2\]"), (60, "a random sum of the outputs")]
)
def test_check_gradients_names_what_is_wrong(size, output):
    f = wrong_at(2, size)
    message = rf"order 1: the derivative of {output} for input 1\[2\]: expected .* by finite dif"
    with pytest.raises(GradientError, match=message) as caught:
        check_gradients(lambda a, x: f(x), [1.0, np.zeros(size)])
    assert isinstance(caught.value, AssertionError)


def test_check_gradients_finds_a_wrong_second_derivative():
    @tf.custom_gradient
    def f(x):
        return tf.exp(x), lambda dy: dy * tf.stop_gradient(tf.exp(x))

    message = r"order 2: the derivative of the gradient of input 0 for input 0: expected 1.* got 0"
    with pytest.raises(GradientError, match=message):
        check_gradients(f, 0.0)
    check_gradients(f, 0.0, order=1)


def test_check_gradients_finds_a_nan():
    f = tf.custom_gradient(lambda x: (tf.exp(x), lambda dy: dy * math.nan))
    with pytest.raises(GradientError, match="got nan"):
        check_gradients(f, 1.0)


@pytest.mark.parametrize(
    ("f", "inputs", "message"),
    [
        (lambda n: n * 2, [3], "no floating input"),
        (lambda x: tf.cast(x, tf.int32), [1.0], "no floating output"),
        (lambda x: x * np.random.default_rng().normal(), [1.0], "different values"),
        (lambda x: x * math.inf, [1.0], "not finite"),
    ],
)
def test_check_gradients_refuses_what_it_cannot_check(f, inputs, message):
    with pytest.raises(InvalidArgumentError, match=message):
        check_gradients(f, inputs)


def test_compute_gradient():
    x, y = tf.constant([1.0, 2.0]), tf.constant(3.0)
    theoretical, numerical = compute_gradient(lambda x, y: tf.square(x) * y, [x, y])
    assert [a.shape for a in theoretical] == [(2, 2), (2, 1)]
    for a, b in zip(theoretical, numerical, strict=True):
        np.testing.assert_allclose(a, b, atol=1e-2)
