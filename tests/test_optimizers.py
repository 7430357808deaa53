"""Optimizers against their formulas, written out in NumPy."""

import numpy as np
import pytest

import minitf as tf

START = np.array([1.0, -2.0, 0.5])
STEPS = 5


def slope(w):
    """Return the derivative of a function with valleys of different steepness."""
    return w * np.array([1.0, 10.0, 0.1]) + np.sin(w)


def sgd(rate, mu=0.0, nesterov=False):
    w, v = START.copy(), np.zeros(3)
    for _ in range(STEPS):
        g = slope(w)
        v = mu * v - rate * g
        w = w + (mu * v - rate * g if nesterov else v)
    return w


def adam(rate, b1=0.9, b2=0.999, eps=1e-7):
    w, m, v = START.copy(), np.zeros(3), np.zeros(3)
    for t in range(1, STEPS + 1):
        g = slope(w)
        m = b1 * m + (1 - b1) * g
        v = b2 * v + (1 - b2) * g * g
        w = w - rate * np.sqrt(1 - b2**t) / (1 - b1**t) * m / (np.sqrt(v) + eps)
    return w


CASES = {
    "sgd": (lambda: tf.optimizers.SGD(0.05), lambda: sgd(0.05)),
    "momentum": (lambda: tf.optimizers.SGD(0.02, momentum=0.9), lambda: sgd(0.02, 0.9)),
    "nesterov": (
        lambda: tf.optimizers.SGD(0.02, momentum=0.9, nesterov=True),
        lambda: sgd(0.02, 0.9, True),
    ),
    "adam": (lambda: tf.optimizers.Adam(0.1), lambda: adam(0.1)),
    "adam, other betas": (
        lambda: tf.optimizers.Adam(0.1, beta_1=0.5, beta_2=0.9, epsilon=1e-3),
        lambda: adam(0.1, 0.5, 0.9, 1e-3),
    ),
}


@pytest.mark.parametrize("graph", [False, True])
@pytest.mark.parametrize("case", CASES)
def test_steps_follow_the_formula(case, graph):
    make, formula = CASES[case]
    optimizer, w = make(), tf.Variable(START.astype(np.float32))

    def step():
        gradient = w * [1.0, 10.0, 0.1] + tf.sin(w)
        optimizer.apply_gradients([(gradient, w)])

    step = tf.function(step) if graph else step
    for _ in range(STEPS):
        step()
    # 1 - b2**t loses digits in float32, here as in Keras.
    np.testing.assert_allclose(w.numpy(), formula(), rtol=2e-5, atol=1e-5)
    assert optimizer.iterations.numpy() == STEPS


def test_a_new_rate_counts_inside_a_traced_step():
    w, optimizer = tf.Variable(0.0), tf.optimizers.SGD(1.0)
    step = tf.function(lambda: optimizer.apply_gradients([(tf.constant(1.0), w)]))
    step()
    optimizer.learning_rate = 0.25
    step()
    assert w.numpy() == -1.25


def test_a_schedule_sees_the_number_of_steps():
    w = tf.Variable(0.0)
    optimizer = tf.optimizers.SGD(lambda step: 1.0 / (1.0 + tf.cast(step, tf.float32)))
    for _ in range(3):
        optimizer.apply_gradients([(tf.constant(1.0), w)])
    np.testing.assert_allclose(w.numpy(), -(1.0 + 0.5 + 1 / 3), rtol=1e-6)


def test_minimize_takes_a_function():
    w = tf.Variable(3.0)
    optimizer = tf.optimizers.SGD(0.25)
    for _ in range(20):
        optimizer.minimize(lambda: (w - 1.0) ** 2, [w])
    np.testing.assert_allclose(w.numpy(), 1.0, atol=1e-4)


def test_what_has_no_gradient_stays():
    v, w = tf.Variable(1.0), tf.Variable(1.0)
    tf.optimizers.SGD(1.0).apply_gradients([(None, v), (tf.constant(1.0), w)])
    assert (v.numpy(), w.numpy()) == (1.0, 0.0)
    with pytest.raises(ValueError, match="no gradients"):
        tf.optimizers.SGD(1.0).apply_gradients([(None, v)])


@pytest.mark.parametrize(
    "mistake",
    [lambda: tf.optimizers.SGD(-1.0), lambda: tf.optimizers.SGD(0.1, momentum=1.5),
     lambda: tf.optimizers.Adam(-0.1)],
)  # fmt: skip
def test_impossible_settings(mistake):
    with pytest.raises(ValueError, match=r"sgd|SGD|adam|Adam"):
        mistake()


def test_a_program_of_tensorflow_1():
    v1 = tf.compat.v1
    with tf.Graph().as_default(), v1.Session() as session:
        x = v1.placeholder(tf.float32, [None])
        w = tf.Variable(tf.zeros([]), name="w")
        loss = tf.reduce_mean(tf.square(w * x - 3.0 * x))
        train = v1.train.GradientDescentOptimizer(0.1).minimize(loss)
        session.run(v1.global_variables_initializer())
        for _ in range(50):
            session.run(train, {x: [1.0, 2.0]})
        assert abs(session.run(w) - 3.0) < 1e-3
