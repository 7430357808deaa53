"""Gradients that the user writes, and what is made of them."""

import math
import weakref

import numpy as np
import pytest

import minitf as tf
from minitf.autodiff.functional import vjp
from minitf.errors import (
    InvalidArgumentError,
)


def cube(x):
    return x * x * x


@tf.custom_gradient
def exp_with_trick(x):
    e = tf.exp(x)
    return e, lambda dy: dy * e * 10.0  # ten times too much, to be told from exp's own gradient


def second_order(f, x):
    with tf.GradientTape() as outer:
        outer.watch(x)
        with tf.GradientTape() as inner:
            inner.watch(x)
            y = f(x)
        slope = inner.gradient(y, x)
    return [float(y), float(slope), float(outer.gradient(slope, x))]


def test_custom_gradient_is_used_and_differentiated():
    e = math.exp(0.5)
    found = second_order(exp_with_trick, tf.constant(0.5, tf.float64))
    np.testing.assert_allclose(found, [e, 10 * e, 10 * e])  # e of the closure is differentiated


def test_custom_gradient_that_calls_itself_has_every_order():
    @tf.custom_gradient
    def twice(x):
        return tf.exp(x), lambda dy: dy * twice(x) * 2.0

    e = math.exp(0.5)
    np.testing.assert_allclose(second_order(twice, tf.constant(0.5, tf.float64)), [e, 2 * e, 4 * e])


def test_custom_gradient_in_a_graph():
    with tf.Graph().as_default(), tf.Session() as session:
        x = tf.placeholder(tf.float64, [])
        y = exp_with_trick(x)
        (slope,) = tf.gradients(y, x)
        (curvature,) = tf.gradients(slope, x)
        found = session.run([y, slope, curvature], {x: 0.5})
    e = math.exp(0.5)
    np.testing.assert_allclose(found, [e, 10 * e, 10 * e])


def test_custom_gradient_in_functions_within_functions():
    inner = tf.function(lambda x: exp_with_trick(x) * 2.0)

    @tf.function
    def slope(x):
        with tf.GradientTape() as tape:
            tape.watch(x)
            y = inner(x) + inner(2.0 * x)
        return tape.gradient(y, x)

    x = tf.constant(0.5, tf.float64)
    expected = 20 * math.exp(0.5) + 40 * math.e
    np.testing.assert_allclose(slope(x), expected)
    np.testing.assert_allclose(second_order(inner, x)[1:], [20 * math.exp(0.5)] * 2)


@pytest.mark.parametrize("wrap", [lambda f: f, tf.function], ids=["eager", "function"])
def test_custom_gradient_in_branches_and_loops(wrap):
    def in_branch(x):
        return tf.cond(x > 0.0, lambda: exp_with_trick(x), lambda: x)

    def in_loop(x):
        body = lambda i, y: [i + 1, exp_with_trick(y) * x]  # noqa: E731
        return tf.while_loop(lambda i, y: i < 1, body, [0, 2.0 * x])[1]

    x = tf.constant(0.5, tf.float64)
    np.testing.assert_allclose(second_order(wrap(in_branch), x)[1:], [10 * math.exp(0.5)] * 2)
    # y = f(2x) x with f' = 10 f, and then f'' = f' because the closure's exp is an ordinary one
    slope = 20 * math.e * 0.5 + math.e
    curvature = 20 * math.e + 40 * math.e * 0.5 + 20 * math.e
    np.testing.assert_allclose(second_order(wrap(in_loop), x), [math.e * 0.5, slope, curvature])


def test_custom_gradient_with_structures_and_python_arguments():
    @tf.custom_gradient
    def f(pair, scale, flag=None):
        a, b = pair
        return {"sum": a + b, "scaled": a * scale}, lambda dscaled, dsum: (dsum, dscaled, None)

    a, b = tf.constant(1.0), tf.constant(2.0)
    with tf.GradientTape() as tape:
        tape.watch([a, b])
        out = f([a, b], 5.0, flag="on")
        y = out["sum"] * 3.0 + out["scaled"] * 7.0
    assert float(out["scaled"]) == 5.0
    assert [float(g) for g in tape.gradient(y, [a, b])] == [3.0, 7.0]


def test_custom_gradient_missing_output_gradients_arrive_as_zeros():
    seen = []

    @tf.custom_gradient
    def f(x):
        def grad(*dys):
            seen.extend(float(dy) for dy in dys)
            return dys[0]

        return (x * 1.0, x * 2.0), grad

    x = tf.constant(1.0)
    with tf.GradientTape() as tape:
        tape.watch(x)
        y, _ = f(x)
    assert float(tape.gradient(y, x)) == 1.0
    assert seen == [1.0, 0.0]


def scaled_by_variable(v):
    @tf.custom_gradient
    def f(x):
        y = x * v

        def grad(dy, variables=None):
            assert variables == [v]
            return dy * 100.0, [dy * 1000.0]

        return y, grad

    return f


def test_custom_gradient_with_variables():
    v, x = tf.Variable(3.0), tf.constant(2.0)
    f = scaled_by_variable(v)
    with tf.GradientTape() as tape:
        tape.watch(x)
        y = f(x)
    assert [float(y), *map(float, tape.gradient(y, [x, v]))] == [6.0, 100.0, 1000.0]


def test_custom_gradient_with_variables_in_a_function():
    v, x = tf.Variable(3.0), tf.constant(2.0)
    f = tf.function(scaled_by_variable(v))
    with tf.GradientTape() as tape:
        tape.watch(x)
        y = f(x)
    assert [float(y), *map(float, tape.gradient(y, [x, v]))] == [6.0, 100.0, 1000.0]


def test_custom_gradient_with_a_variable_as_argument():
    v = tf.Variable(3.0)
    f = tf.custom_gradient(lambda w: (w * 1.0, lambda dy: dy * 5.0))
    with tf.GradientTape() as tape:
        y = f(v)
    assert float(tape.gradient(y, v)) == 5.0


@pytest.mark.parametrize(
    ("broken", "message"),
    [
        (lambda x: x, "must return .outputs, gradient function."),
        (lambda x: (x, lambda dy: (dy, dy)), r"must return 1 gradient\(s\).*got 2 and 0"),
        (
            lambda x: (x, lambda dy: tf.constant([1.0, 2.0])),
            r"shape \(2,\) for a source of shape \(\)",
        ),
        (lambda x: (x * tf.Variable(1.0), lambda dy: dy), "def grad.*variables=None"),
    ],
)
def test_custom_gradient_that_breaks_the_rules(broken, message):
    with pytest.raises(InvalidArgumentError, match=message):
        vjp(tf.custom_gradient(broken), [1.0])


def test_custom_gradient_keeps_nothing_alive():
    x = tf.constant(1.0)
    with tf.GradientTape() as tape:
        tape.watch(x)
        y = exp_with_trick(x)
    tape.gradient(y, x)
    held = weakref.ref(x)
    del x, tape
    assert held() is None


def test_grad_pass_through():
    x, v = tf.constant(2.0), tf.Variable(3.0)
    f = tf.grad_pass_through(lambda x: cube(x) * v)
    with tf.GradientTape() as tape:
        tape.watch(x)
        y = f(x) * 10.0
    assert float(y) == 240.0
    dx, dv = tape.gradient(y, [x, v])
    assert float(dx) == 10.0
    assert dv is None


def deep(x, w):
    for _ in range(5):
        x = tf.exp(x * w) * 0.1
    return x


def test_recompute_grad_computes_the_same_and_remembers_less():
    x, w = tf.constant(0.3, tf.float64), tf.Variable(0.7, dtype=tf.float64)
    results = []
    for f in (lambda x: deep(x, w), tf.recompute_grad(lambda x: deep(x, w))):
        with tf.GradientTape() as tape:
            tape.watch(x)
            y = f(x)
        count = len(tape.operations)
        results.append([float(y), *map(float, tape.gradient(y, [x, w])), *second_order(f, x)])
    np.testing.assert_allclose(results[1], results[0])
    assert count == 1


def test_recompute_grad_frees_the_values_on_the_way():
    alive = weakref.WeakSet()

    def f(x):
        middle = tf.exp(x)
        alive.add(middle)
        return tf.square(middle)

    x = tf.constant(1.0)
    with tf.GradientTape() as tape:
        tape.watch(x)
        y = tf.recompute_grad(f)(x)
        assert len(alive) == 0
    np.testing.assert_allclose(tape.gradient(y, x), 2 * math.exp(2.0), rtol=1e-6)


def test_recompute_grad_in_a_function_computes_again_after_the_gradient_has_arrived():
    w = tf.Variable(0.7)

    @tf.function
    def slopes(x):
        with tf.GradientTape() as tape:
            tape.watch(x)
            y = tf.recompute_grad(lambda x: deep(x, w))(x)
        return tape.gradient(y, [x, w])

    x = tf.constant(0.3)
    with tf.GradientTape() as tape:
        tape.watch(x)
        y = deep(x, w)
    expected = tape.gradient(y, [x, w])
    np.testing.assert_allclose(slopes(x), expected, rtol=1e-6)
    graph = slopes.get_concrete_function(x).graph
    curves = [node for node in graph.operations if node.type == "exp"]
    assert len(curves) == 10
    assert all(node.control_inputs for node in curves[5:])


def test_recompute_grad_with_keywords_and_integers():
    f = tf.recompute_grad(lambda x, n, scale: tf.exp(x) * tf.cast(n, tf.float32) * scale)
    x, scale = tf.constant(0.0), tf.constant(5.0)
    with tf.GradientTape() as tape:
        tape.watch([x, scale])
        y = f(x, tf.constant(3), scale=scale)
    assert [float(g) for g in tape.gradient(y, [x, scale])] == [15.0, 3.0]
