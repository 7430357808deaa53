"""One program, run eagerly, in functions and in sessions: values and derivatives must agree."""

import numpy as np

import minitf as tf
from minitf.autodiff.check import check_gradients


def derivatives(function, xs):
    """Return a scalar function's value, its gradient, and the gradient of a sum over that."""
    with tf.GradientTape() as outer:
        outer.watch(xs)
        with tf.GradientTape() as inner:
            inner.watch(xs)
            y = function(*xs)
        first = inner.gradient(y, xs, unconnected_gradients="zero")
        total = sum(tf.reduce_sum(g * g) for g in first)
    return [y, *first, *outer.gradient(total, xs, unconnected_gradients="zero")]


def in_a_session(function, arrays, unknown=False):
    with tf.Graph().as_default():
        shape = [[None] * np.ndim(a) if unknown else np.shape(a) for a in arrays]
        xs = [tf.compat.v1.placeholder(a.dtype, s) for a, s in zip(arrays, shape)]
        y = function(*xs)
        first = tf.gradients(y, xs, unconnected_gradients="zero")
        total = sum(tf.reduce_sum(g * g) for g in first)
        second = tf.gradients(total, xs, unconnected_gradients="zero")
        with tf.compat.v1.Session() as session:
            return session.run([y, *first, *second], dict(zip(xs, arrays)))


def check_everywhere(function, *values):
    """Check that value and derivatives agree however the program is run; return them."""
    arrays = [np.asarray(v, np.float64) for v in values]
    xs = [tf.constant(a) for a in arrays]
    expected = [t.numpy() for t in derivatives(function, xs)]
    ways = {
        "a function, its gradient outside": derivatives(tf.function(function), xs),
        "all in a function": tf.function(lambda *xs: derivatives(function, list(xs)))(*xs),
        "a session": in_a_session(function, arrays),
        "a session that knows no sizes": in_a_session(function, arrays, unknown=True),
    }
    for way, found in ways.items():
        for got, wanted in zip(found, expected, strict=True):
            assert np.shape(got) == np.shape(wanted), way
            np.testing.assert_allclose(np.asarray(got), wanted, 1e-10, 1e-10, err_msg=way)
    check_gradients(function, arrays, order=2)
    return expected
