"""Programs in the manner of TensorFlow 1 and 2, whole, each in a process of its own."""

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import minitf as tf

ROOT = Path(__file__).resolve().parent.parent
v1 = tf.compat.v1


@pytest.fixture
def run(tmp_path):
    """Return a function that runs a program and returns what it prints, as numbers."""

    def run(program):
        path = tmp_path / "program.py"
        path.write_text(program, encoding="utf-8")
        done = subprocess.run(
            [sys.executable, path],
            env={**os.environ, "PYTHONPATH": str(ROOT)},
            capture_output=True,
            text=True,
            timeout=120,
        )
        assert done.returncode == 0, done.stderr
        return [float(word) for word in done.stdout.split()]

    return run


DATA = """
import numpy as np
rng = np.random.default_rng(0)
inputs = rng.normal(size=(100, 3)).astype(np.float32)
targets = inputs @ np.array([[1.0], [2.0], [3.0]], np.float32) + 0.5
"""

IN_VERSION_1 = """
{start}
x = {v1}.placeholder(tf.float32, [None, 3], name="x")
y = {v1}.placeholder(tf.float32, [None, 1], name="y")
w = tf.Variable(tf.zeros([3, 1]), name="w")
b = tf.Variable(0.0, name="b")
loss = tf.reduce_mean(tf.square(tf.matmul(x, w) + b - y))
step = tf.compat.v1.train.GradientDescentOptimizer(0.1).minimize(loss)
with {v1}.Session() as sess:
    sess.run(tf.compat.v1.global_variables_initializer())
    for _ in range(20):
        _, value = sess.run([step, loss], feed_dict={{x: inputs, y: targets}})
        print(value)
    print(*sess.run(w)[:, 0], b.eval())
"""

IN_VERSION_2 = """
import minitf as tf
w = tf.Variable(tf.zeros([3, 1]), name="w")
b = tf.Variable(0.0, name="b")
{decorator}
def step(x, y):
    with tf.GradientTape() as tape:
        loss = tf.reduce_mean(tf.square(tf.matmul(x, w) + b - y))
    dw, db = tape.gradient(loss, [w, b])
    w.assign_sub(0.1 * dw)
    b.assign_sub(0.1 * db)
    return loss
for _ in range(20):
    print(step(tf.constant(inputs), tf.constant(targets)).numpy())
print(*w.numpy()[:, 0], b.numpy())
"""

PROGRAMS = {
    "placeholders, with tf's own names": IN_VERSION_1.format(
        start="import minitf as tf\ntf.compat.v1.disable_eager_execution()", v1="tf"
    ),
    "placeholders, through tf.compat.v1": IN_VERSION_1.format(
        start="import minitf as tf\ntf.compat.v1.disable_v2_behavior()", v1="tf.compat.v1"
    ),
    "placeholders, with v1 under the name of tf": IN_VERSION_1.format(
        start="from minitf import compat\ntf = compat.v1\ntf.disable_v2_behavior()", v1="tf"
    ),
    "eager": IN_VERSION_2.format(decorator=""),
    "tf.function": IN_VERSION_2.format(decorator="@tf.function"),
}


def by_hand():
    """Return what the programs should print, computed by NumPy."""
    inputs = np.random.default_rng(0).normal(size=(100, 3)).astype(np.float32)
    targets = inputs @ np.array([[1.0], [2.0], [3.0]], np.float32) + 0.5
    w, b, printed = np.zeros((3, 1)), 0.0, []
    for _ in range(20):
        error = inputs @ w + b - targets
        printed.append(np.mean(error**2))
        w, b = w - 0.2 * inputs.T @ error / 100, b - 0.2 * np.mean(error)
    return [*printed, *w[:, 0], b]


@pytest.mark.parametrize("manner", PROGRAMS)
def test_one_training_in_five_manners_gives_the_same_numbers(run, manner):
    np.testing.assert_allclose(run(DATA + PROGRAMS[manner]), by_hand(), rtol=1e-4)


def test_the_names_of_version_1_are_there():
    for name in v1.__all__:
        assert getattr(v1, name).__doc__ or name == "train"


def test_the_names_of_both_versions_are_there_too():
    assert v1.matmul is tf.matmul
    assert v1.float32 is tf.float32
    assert v1.nn is tf.nn
    with pytest.raises(AttributeError, match="no_such_name"):
        v1.no_such_name  # noqa: B018


def test_eager_execution_can_be_switched_off_and_on():
    assert tf.executing_eagerly()
    v1.disable_eager_execution()
    try:
        assert not v1.executing_eagerly()
        assert tf.constant(1.0).graph is v1.get_default_graph()
        with tf.Graph().as_default() as graph:
            assert tf.constant(1.0).graph is graph
        v1.reset_default_graph()
        assert tf.constant(1.0).graph is v1.get_default_graph()
        assert len(v1.get_default_graph().operations) == 1
    finally:
        v1.enable_eager_execution()
    assert float(tf.constant(1.0) + 1.0) == 2.0


def test_assignments_as_functions():
    with tf.Graph().as_default(), tf.Session() as session:
        v = tf.Variable([1.0, 2.0], name="v")
        steps = [v1.assign_add(v, [1.0, 1.0]), v1.assign_sub(v, [3.0, 3.0])]
        new = v1.assign(v, [7.0, 7.0], name="new")
        session.run(v1.global_variables_initializer())
        assert session.run(steps[0]).tolist() == [2.0, 3.0]
        assert session.run(steps[1]).tolist() == [-1.0, 0.0]
        assert session.run(new).tolist() == [7.0, 7.0]
        assert new.name == "new:0"


def numbers_of(optimizer, steps):
    with tf.Graph().as_default(), tf.Session() as session:
        v = tf.Variable([1.0, 2.0])
        step = optimizer().minimize(tf.reduce_sum(v * v))
        session.run(v1.global_variables_initializer())
        for _ in range(steps):
            session.run(step)
        return session.run(v).tolist()


@pytest.mark.parametrize(
    ("optimizer", "expected"),
    [
        # The numbers of TensorFlow 2.21's tf.compat.v1 after three steps.
        (lambda: v1.train.GradientDescentOptimizer(0.1), [0.512, 1.024]),
        (lambda: v1.train.MomentumOptimizer(0.1, 0.9), [0.062, 0.124]),
        (lambda: v1.train.AdamOptimizer(0.1), [0.7015873, 1.7006245]),
    ],
)
def test_the_optimizers_of_version_1(optimizer, expected):
    np.testing.assert_allclose(numbers_of(optimizer, 3), expected, rtol=2e-6)


def test_minimize_counts_steps_and_takes_a_list_of_variables():
    with tf.Graph().as_default(), tf.Session() as session:
        a, b = tf.Variable(1.0), tf.Variable(1.0)
        count = tf.Variable(0, trainable=False)
        step = v1.train.GradientDescentOptimizer(0.5).minimize(a * a + b * b, count, [a])
        session.run(v1.global_variables_initializer())
        session.run(step)
        session.run(step)
        assert session.run([a, b, count]) == [0.0, 1.0, 2]


def test_gradients_can_be_changed_before_they_are_applied():
    with tf.Graph().as_default(), tf.Session() as session:
        v = tf.Variable([3.0, 4.0])
        optimizer = v1.train.GradientDescentOptimizer(1.0)
        pairs = optimizer.compute_gradients(tf.reduce_sum(v * v))
        clipped = [(tf.clip_by_norm(g, 1.0), v) for g, v in pairs]
        step = optimizer.apply_gradients(clipped)
        session.run(v1.global_variables_initializer())
        session.run(step)
        np.testing.assert_allclose(session.run(v), [3 - 0.6, 4 - 0.8], rtol=1e-6)
