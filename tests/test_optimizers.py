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


# ---- what else a step is made of


@pytest.mark.parametrize("case", CASES)
def test_double_precision_stays_double(case):
    """Only the rate is kept in float32, as in Keras."""
    make, formula = CASES[case]
    optimizer, w = make(), tf.Variable(START)
    for _ in range(STEPS):
        gradient = w * np.array([1.0, 10.0, 0.1]) + tf.sin(w)
        optimizer.apply_gradients([(gradient, w)])
    assert w.dtype is tf.float64
    np.testing.assert_allclose(w.numpy(), formula(), rtol=1e-6)


def test_variables_of_several_dtypes_and_shapes_in_one_step():
    variables = [tf.Variable([[1.0, 2.0]]), tf.Variable(np.ones(3)), tf.Variable(np.float16(1.0)),
                 tf.Variable(tf.zeros([0, 2]))]  # fmt: skip
    optimizer = tf.optimizers.Adam(0.5)
    optimizer.apply_gradients([(tf.ones_like(v), v) for v in variables])
    assert [v.dtype.name for v in variables] == ["float32", "float64", "float16", "float32"]
    expected = [[[0.5, 1.5]], [0.5, 0.5, 0.5], 0.5]
    for v, value, rtol in zip(variables, expected, [1e-4, 1e-5, 0.02], strict=False):
        np.testing.assert_allclose(v.numpy(), value, rtol)


def test_a_schedule_needs_no_parameter():
    w = tf.Variable(0.0)
    rates = iter([1.0, 10.0])
    optimizer = tf.optimizers.SGD(lambda: next(rates))
    for _ in range(2):
        optimizer.apply_gradients([(1.0, w)])
    assert float(w) == -11.0
    with pytest.raises(ValueError, match="schedule"):
        optimizer.learning_rate = 0.1


def test_a_variable_as_the_rate_stays_the_users():
    rate, w = tf.Variable(1.0), tf.Variable(0.0)
    optimizer = tf.optimizers.SGD(rate)
    step = tf.function(lambda: optimizer.apply_gradients([(tf.constant(1.0), w)]))
    step()
    rate.assign(0.25)
    step()
    assert float(w) == -1.25
    optimizer.lr = 4.0
    assert float(rate) == 4.0
    assert optimizer.learning_rate is rate


def test_a_schedule_is_followed_inside_a_traced_step():
    w = tf.Variable(0.0)
    optimizer = tf.optimizers.SGD(lambda step: 10.0 ** -tf.cast(step, tf.float32))
    step = tf.function(lambda: optimizer.apply_gradients([(tf.constant(1.0), w)]))
    for _ in range(3):
        step()
    np.testing.assert_allclose(float(w), -1.11, rtol=1e-6)


def test_what_is_remembered_is_made_once():
    v, w = tf.Variable([1.0]), tf.Variable([1.0, 2.0], name="w")
    optimizer = tf.optimizers.Adam(0.1, name="mine")
    step = tf.function(lambda x: optimizer.apply_gradients([(w * x, w)]))
    step(tf.constant(1.0))
    step(tf.constant([1.0]))  # a second trace
    names = [a.name for a in optimizer.variables]
    assert names == ["mine/iteration", "mine/learning_rate", "mine/w_m", "mine/w_v"]
    assert not any(a.trainable for a in optimizer.variables)
    optimizer.apply_gradients([(v * 1.0, v), (w * 1.0, w)])
    assert len(optimizer.variables) == 6
    assert int(optimizer.iterations) == 3


def test_a_step_that_fails_is_not_taken():
    w = tf.Variable([1.0, 2.0])
    optimizer = tf.optimizers.SGD(0.1, momentum=0.9)

    @tf.function
    def step(i):
        optimizer.apply_gradients([(w * 1.0, w)])
        return tf.gather(w, i)

    step(tf.constant(0))
    before = [a.numpy() for a in (w, *optimizer.variables)]
    with pytest.raises(IndexError):
        step(tf.constant(9))
    for a, b in zip((w, *optimizer.variables), before, strict=True):
        np.testing.assert_array_equal(a.numpy(), b)


@pytest.mark.parametrize(
    ("pairs", "message"),
    [
        (lambda w: [(tf.constant(1.0), w)], r"'w' has shape \(3,\), its gradient \(\)"),
        (lambda w: [(tf.ones([3, 1]), w)], r"'w' has shape \(3,\), its gradient \(3, 1\)"),
        (lambda w: [(w, tf.ones([3]))], "pairs of a gradient and its Variable"),
        (lambda w: [(tf.ones([3], tf.float64), w)], "float64"),
        (lambda w: [], "no gradients"),
    ],
)
@pytest.mark.parametrize("momentum", [0.0, 0.9])
def test_wrong_pairs_move_nothing(pairs, message, momentum):
    w = tf.Variable([1.0, 2.0, 3.0], name="w")
    optimizer = tf.optimizers.SGD(0.1, momentum=momentum)
    with pytest.raises(ValueError, match=message):
        optimizer.apply_gradients(pairs(w))
    assert w.numpy().tolist() == [1.0, 2.0, 3.0]


@pytest.mark.parametrize(
    "mistake",
    [lambda: tf.optimizers.Adam(beta_1=1.0), lambda: tf.optimizers.Adam(beta_2=-0.1),
     lambda: tf.optimizers.SGD(float("nan")), lambda: tf.optimizers.SGD(0.1, momentum=-1.0)],
)  # fmt: skip
def test_more_impossible_settings(mistake):
    with pytest.raises(ValueError, match=r"sgd|SGD|adam|Adam"):
        mistake()


def test_minimize_takes_a_tensor_and_its_tape():
    w = tf.Variable(3.0)
    optimizer = tf.optimizers.SGD(0.5)
    with tf.GradientTape() as tape:
        loss = w * w
    optimizer.minimize(loss, [w], tape=tape)
    assert float(w) == 0.0
    with pytest.raises(ValueError, match="tape"):
        optimizer.minimize(loss, [w])


# ---- in graphs of TensorFlow 1


def train_in_a_session(make, steps=STEPS):
    """Return the Variable, and what it is after some steps down 0.5 c w^2 - cos(w)."""
    v1 = tf.compat.v1
    with tf.Graph().as_default(), v1.Session() as session:
        w = tf.Variable(START.astype(np.float32))
        count = tf.Variable(0, trainable=False)
        unused = tf.Variable(5.0, name="unused")
        loss = tf.reduce_sum(0.5 * w * w * [1.0, 10.0, 0.1] - tf.cos(w))
        train = make(v1.train).minimize(loss, global_step=count)
        session.run(v1.global_variables_initializer())
        for _ in range(steps):
            assert session.run(train) is None
        assert session.run([count, unused]) == [steps, 5.0]
        return session.run(w)


@pytest.mark.parametrize(
    ("make", "formula"),
    [
        (lambda t: t.GradientDescentOptimizer(0.05), lambda: sgd(0.05)),
        (lambda t: t.MomentumOptimizer(0.02, 0.9), lambda: sgd(0.02, 0.9)),
        (lambda t: t.MomentumOptimizer(0.02, 0.9, use_nesterov=True), lambda: sgd(0.02, 0.9, True)),
        (lambda t: t.AdamOptimizer(0.1), lambda: adam(0.1, eps=1e-8)),
    ],
)
def test_steps_in_a_session_follow_the_formula(make, formula):
    np.testing.assert_allclose(train_in_a_session(make), formula(), rtol=2e-5, atol=1e-5)


def test_the_rate_can_be_fed_or_computed():
    v1 = tf.compat.v1
    with tf.Graph().as_default(), v1.Session() as session:
        w = tf.Variable(0.0)
        rate = v1.placeholder(tf.float32, [])
        train = v1.train.GradientDescentOptimizer(rate * 2.0).minimize(3.0 * w)
        session.run(v1.global_variables_initializer())
        session.run(train, {rate: 0.5})
        assert session.run(w) == -3.0
        session.run(train, {rate: 0.0})
        assert session.run(w) == -3.0


def test_gradients_can_be_changed_before_they_are_applied():
    v1 = tf.compat.v1
    with tf.Graph().as_default(), v1.Session() as session:
        v, w = tf.Variable(0.0), tf.Variable(0.0)
        optimizer = v1.train.GradientDescentOptimizer(1.0)
        pairs = optimizer.compute_gradients(100.0 * v - 100.0 * w, [v, w])
        train = optimizer.apply_gradients([(tf.clip_by_value(g, -1.0, 1.0), a) for g, a in pairs])
        session.run(v1.global_variables_initializer())
        session.run(train)
        assert session.run([v, w]) == [-1.0, 1.0]
