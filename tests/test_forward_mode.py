"""Forward mode, and derivatives of functions as functions."""

import math
import weakref

import numpy as np
import pytest

import minitf as tf
from minitf.autodiff.forward import ForwardAccumulator
from minitf.autodiff.functional import hessian, hvp, jvp, vjp
from minitf.errors import (
    DTypeError,
    InvalidArgumentError,
    ShapeError,
)


def cube(x):
    return x * x * x


# -- forward mode ---------------------------------------------------------------------------------


def rosenbrock(x):
    a, b = x[0], x[1]
    return tf.square(1.0 - a) + 100.0 * tf.square(b - tf.square(a))


def rosenbrock_hessian(x):
    a, b = x
    return np.array([[2 - 400 * (b - 3 * a * a), -400 * a], [-400 * a, 200.0]])


def test_forward_accumulator():
    x = tf.constant([1.0, 2.0])
    with ForwardAccumulator(x, tf.constant([1.0, -1.0])) as forward:
        y = cube(x)
        z = tf.reduce_sum(y)
    assert forward.jvp(y).numpy().tolist() == [3.0, -12.0]
    assert float(forward.jvp(z)) == -9.0
    assert forward.jvp(x).numpy().tolist() == [1.0, -1.0]
    assert forward.jvp(tf.constant(1.0)) is None
    zero = forward.jvp(tf.constant([1.0]), unconnected_gradients="zero")
    assert zero.numpy().tolist() == [0.0]


def test_forward_accumulator_for_a_variable_and_several_primals():
    v, x = tf.Variable([1.0, 2.0]), tf.constant([3.0, 4.0])
    with ForwardAccumulator([v, x], [tf.constant([1.0, 0.0]), tf.constant([0.0, 1.0])]) as forward:
        y = v * x
    assert forward.jvp(y).numpy().tolist() == [3.0, 2.0]


def test_forward_accumulator_passes_integers_and_constants_by():
    x = tf.constant(2.0)
    with ForwardAccumulator(x, tf.constant(1.0)) as forward:
        y = tf.cast(tf.cast(x, tf.int32), tf.float32)
        z = tf.stop_gradient(x) * x
    assert forward.jvp(y) is None
    assert float(forward.jvp(z)) == 2.0


def test_forward_over_reverse_is_a_hessian_vector_product():
    x, v = tf.constant([0.5, 1.5], tf.float64), tf.constant([1.0, -2.0], tf.float64)
    with ForwardAccumulator(x, v) as forward:
        with tf.GradientTape() as tape:
            tape.watch(x)
            y = rosenbrock(x)
        slope = tape.gradient(y, x)
    expected = rosenbrock_hessian([0.5, 1.5]) @ [1.0, -2.0]
    np.testing.assert_allclose(forward.jvp(slope), expected)


def test_reverse_over_forward_is_one_too():
    x, v = tf.constant([0.5, 1.5], tf.float64), tf.constant([1.0, -2.0], tf.float64)
    with tf.GradientTape() as tape:
        tape.watch(x)
        with ForwardAccumulator(x, v) as forward:
            y = rosenbrock(x)
        directional = forward.jvp(y)
    expected = rosenbrock_hessian([0.5, 1.5]) @ [1.0, -2.0]
    np.testing.assert_allclose(tape.gradient(directional, x), expected)


def test_forward_over_forward():
    x, one = tf.constant(2.0), tf.constant(1.0)
    with ForwardAccumulator(x, one) as outer:
        with ForwardAccumulator(x, one) as inner:
            y = cube(x)
        slope = inner.jvp(y)
    assert float(slope) == 12.0
    assert float(outer.jvp(slope)) == 12.0
    assert float(outer.jvp(y)) == 12.0


def test_forward_mode_through_custom_gradients_and_functions():
    tenfold = tf.custom_gradient(lambda x: (tf.exp(x), lambda dy: dy * tf.exp(x) * 10.0))
    x = tf.constant(0.5, tf.float64)
    with ForwardAccumulator(x, tf.constant(2.0, tf.float64)) as forward:
        y = tenfold(x)
        z = tf.function(cube)(x)
    np.testing.assert_allclose(forward.jvp(y), 20 * math.exp(0.5))
    np.testing.assert_allclose(forward.jvp(z), 1.5)


def test_forward_mode_inside_a_function():
    outside = tf.constant(3.0)

    @tf.function
    def directional(x, v):
        with ForwardAccumulator([x, outside], [v, tf.constant(1.0)]) as forward:
            y = tf.square(x) * outside
        return forward.jvp(y)

    assert float(directional(tf.constant(2.0), tf.constant(1.0))) == 2 * 2 * 3 + 4


def looped(x):
    """Return x ** 8, by a loop."""
    return tf.while_loop(lambda i, y: i < 3, lambda i, y: [i + 1, y * y], [0, x])[1]


def branched(x):
    """Return x ** 8, by a branch."""
    return tf.cond(x > 0.0, lambda: tf.square(tf.square(x * x)), lambda: x)


@pytest.mark.parametrize("wrap", [lambda f: f, tf.function], ids=["eager", "function"])
@pytest.mark.parametrize("power", [looped, branched])
def test_second_derivatives_through_control_flow(power, wrap):
    x, one = tf.constant(2.0), tf.constant(1.0)

    def forward_over_reverse(x):
        return hvp(power, [x], [one])[1][0]

    def forward_over_forward(x):
        return jvp(lambda x: jvp(power, [x], [one])[1], [x], [one])[1]

    def reverse_over_forward(x):
        return vjp(lambda x: jvp(power, [x], [one])[1], [x])[1][0]

    for second in (forward_over_reverse, forward_over_forward, reverse_over_forward):
        assert float(wrap(second)(x)) == 8 * 7 * 2.0**6, second.__name__


def test_a_forward_accumulator_keeps_no_values_alive():
    x = tf.constant(1.0)
    with ForwardAccumulator(x, tf.constant(1.0)) as forward:
        middle = tf.exp(x)
        held = weakref.ref(middle)
        y = tf.square(middle)
        del middle
        assert held() is None
    np.testing.assert_allclose(forward.jvp(y), 2 * math.exp(2.0), rtol=1e-6)


@pytest.mark.parametrize(
    ("primal", "tangent", "error", "message"),
    [
        (
            tf.constant([1.0, 2.0]),
            tf.constant([1.0]),
            ShapeError,
            r"shape \(1,\), its primal \(2,\)",
        ),
        (tf.constant(1.0), tf.constant(1), DTypeError, "is int32, its primal float32"),
        (tf.constant(1), tf.constant(1), DTypeError, "must be a floating tensor"),
        (1.0, tf.constant(1.0), DTypeError, "must be a floating tensor"),
        ([tf.constant(1.0)], [], InvalidArgumentError, "1 primals need as many tangents, got 0"),
    ],
)
def test_tangents_must_fit(primal, tangent, error, message):
    with pytest.raises(error, match=message):
        ForwardAccumulator(primal, tangent)


def test_a_forward_accumulator_cannot_be_entered_twice():
    with ForwardAccumulator(tf.constant(1.0), tf.constant(1.0)) as forward:
        with pytest.raises(InvalidArgumentError, match="recording already"):
            forward.__enter__()


# -- functions of functions -----------------------------------------------------------------------


def test_jvp_and_vjp_are_transposes():
    rng = np.random.default_rng(0)
    a, x = rng.normal(size=(3, 2)), rng.normal(size=(2, 4))
    da, dx, u = rng.normal(size=(3, 2)), rng.normal(size=(2, 4)), rng.normal(size=(3, 4))
    y, pushed = jvp(tf.matmul, [a, x], [da, dx])
    _, pulled = vjp(tf.matmul, [a, x], u)
    np.testing.assert_allclose(y, a @ x)
    np.testing.assert_allclose(pushed, da @ x + a @ dx)
    np.testing.assert_allclose(pulled[0], u @ x.T)
    np.testing.assert_allclose(pulled[1], a.T @ u)


def test_jvp_of_what_does_not_depend_on_the_primals():
    _, (first, second) = jvp(lambda x: (x * 2.0, tf.constant([1.0])), [1.0], [3.0])
    assert float(first) == 6.0
    assert second.numpy().tolist() == [0.0]


def test_hvp_and_hessian():
    point, v = np.array([0.5, 1.5]), np.array([1.0, -2.0])
    value, (product,) = hvp(rosenbrock, [point], [v])
    np.testing.assert_allclose(value, 0.25 + 100 * 1.25**2)
    np.testing.assert_allclose(product, rosenbrock_hessian(point) @ v)
    np.testing.assert_allclose(hessian(rosenbrock, tf.constant(point)), rosenbrock_hessian(point))
    blocks = hessian(lambda x, y: tf.reduce_sum(x * x) * y, [point, np.float64(3.0)])
    np.testing.assert_allclose(blocks[0][0], 6 * np.eye(2))
    np.testing.assert_allclose(blocks[0][1], 2 * point)
    np.testing.assert_allclose(blocks[1][0], 2 * point)
    assert float(blocks[1][1]) == 0.0


@pytest.mark.parametrize("derive", [lambda f, x: hessian(f, x), lambda f, x: hvp(f, [x], [x])])
def test_a_hessian_belongs_to_one_number(derive):
    with pytest.raises(ShapeError, match=r"one number, got an output of \(2,\)"):
        derive(tf.square, tf.constant([1.0, 2.0]))
