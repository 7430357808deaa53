"""Jacobians, and the derivatives that are written into graphs."""

import math

import numpy as np
import pytest

import minitf as tf
from minitf.errors import (
    GraphError,
    ShapeError,
)


def cube(x):
    return x * x * x


# -- Jacobians ------------------------------------------------------------------------------------


def linear_case():
    rng = np.random.default_rng(0)
    a, x = rng.normal(size=(3, 2)), rng.normal(size=(2, 4))
    return tf.constant(a), tf.constant(x)


def test_jacobian():
    a, x = linear_case()
    with tf.GradientTape() as tape:
        tape.watch([a, x])
        y = tf.matmul(a, x)
    da, dx = tape.jacobian(y, [a, x])  # one use of a tape that is not persistent
    assert da.shape == (3, 4, 3, 2)
    assert dx.shape == (3, 4, 2, 4)
    np.testing.assert_allclose(da, np.einsum("ik,lj->ijkl", np.eye(3), x))
    np.testing.assert_allclose(dx, np.einsum("ik,jl->ijkl", a, np.eye(4)))


def test_jacobian_of_a_number_and_of_what_is_not_reached():
    x, other = tf.constant([1.0, 2.0]), tf.Variable([1.0])
    with tf.GradientTape(persistent=True) as tape:
        tape.watch(x)
        y = tf.reduce_sum(tf.square(x))
    assert tape.jacobian(y, x).numpy().tolist() == [2.0, 4.0]
    assert tape.jacobian(tf.square(x), other) is None
    assert tape.jacobian(y, other, unconnected_gradients="zero").numpy().tolist() == [0.0]


def test_jacobians_can_be_differentiated():
    x = tf.constant([1.0, 2.0])
    with tf.GradientTape() as outer:
        outer.watch(x)
        with tf.GradientTape() as inner:
            inner.watch(x)
            y = cube(x)
        jacobian = inner.jacobian(y, x)
    second = outer.jacobian(jacobian, x)
    expected = np.zeros((2, 2, 2))
    expected[0, 0, 0], expected[1, 1, 1] = 6.0, 12.0
    np.testing.assert_allclose(second, expected)


def test_batch_jacobian():
    rng = np.random.default_rng(0)
    x = tf.constant(rng.normal(size=(5, 2)))
    w = tf.constant(rng.normal(size=(2, 3)))
    with tf.GradientTape(persistent=True) as tape:
        tape.watch(x)
        y = tf.square(tf.matmul(x, w))
    rows = tape.batch_jacobian(y, x)
    assert rows.shape == (5, 3, 2)
    whole = tape.jacobian(y, x).numpy()
    np.testing.assert_allclose(rows, np.einsum("bibj->bij", whole))
    assert tape.batch_jacobian(y, tf.constant(np.ones((5, 1)))) is None


@pytest.mark.parametrize("shape", [(), (3, 2)])
def test_batch_jacobian_needs_one_batch(shape):
    x = tf.constant(np.ones((2, 2)))
    with tf.GradientTape() as tape:
        tape.watch(x)
        y = tf.square(x)
    with pytest.raises(ShapeError, match="must be one batch, got shapes"):
        tape.batch_jacobian(y, tf.constant(np.ones(shape)))


def test_jacobians_in_a_function_of_known_size():
    @tf.function
    def both(x):
        with tf.GradientTape(persistent=True) as tape:
            tape.watch(x)
            y = cube(x)
        return tape.jacobian(y, x), tape.batch_jacobian(y, x)

    x = tf.constant([[1.0, 2.0]])
    whole, rows = both(x)
    assert whole.numpy().tolist() == [[[[3.0, 0.0]], [[0.0, 12.0]]]]
    assert rows.numpy().tolist() == [[[3.0, 0.0], [0.0, 12.0]]]


def test_jacobians_in_a_graph_with_an_unknown_batch():
    with tf.Graph().as_default(), tf.Session() as session:
        x = tf.placeholder(tf.float32, [None, 2])
        with tf.GradientTape(persistent=True) as tape:
            tape.watch(x)
            y = cube(x)
            total = tf.reduce_sum(y, axis=0)
        rows = tape.batch_jacobian(y, x)
        sums = tape.jacobian(total, x)
        found = session.run([rows, sums], {x: [[1.0, 2.0], [3.0, 4.0]]})
        assert found[0].tolist() == [[[3, 0], [0, 12]], [[27, 0], [0, 48]]]
        assert found[1].tolist() == [[[3, 0], [27, 0]], [[0, 12], [0, 48]]]
        with pytest.raises(GraphError, match="size the graph knows.*set_shape"):
            tape.jacobian(y, x)


# -- tf.gradients ---------------------------------------------------------------------------------


def test_gradients_for_placeholders_variables_and_values_on_the_way():
    with tf.Graph().as_default(), tf.Session() as session:
        x, w = tf.placeholder(tf.float32, [2]), tf.Variable([3.0, 4.0])
        session.run(w.initializer)
        middle = x * w
        y = tf.square(middle)
        found = tf.gradients(y, [x, w, middle])
        values = session.run(found, {x: [1.0, 2.0]})
    assert [v.tolist() for v in values] == [[18, 64], [6, 32], [6, 16]]


def test_gradient_operations_are_named_and_marked():
    with tf.Graph().as_default() as graph:
        x = tf.placeholder(tf.float32, [])
        y = tf.exp(x, name="curve")
        before = len(graph.operations)
        tf.gradients(y, x)
        tf.gradients(y, x, name="again")
    made = graph.operations[before:]
    assert {node.name.split("/")[0] for node in made} == {"gradients", "again"}
    assert "curve" in {node.gradient_of for node in made}
    assert y.op.gradient_of is None


def test_gradients_are_graph_that_can_be_differentiated():
    with tf.Graph().as_default(), tf.Session() as session:
        x = tf.placeholder(tf.float64, [])
        ys = [tf.exp(x * x)]
        for _ in range(3):
            ys += tf.gradients(ys[-1], x)
        found = session.run(ys, {x: 0.5})
    e = math.exp(0.25)
    np.testing.assert_allclose(found, [e, e, 3 * e, 7 * e])


def test_stop_gradients_makes_derivatives_partial():
    with tf.Graph().as_default(), tf.Session() as session:
        a = tf.placeholder(tf.float32, [])
        b = 2.0 * a
        total = tf.gradients(a + b, [a, b])
        partial = tf.gradients(a + b, [a, b], stop_gradients=[a, b])
        alone = tf.gradients(a + b, a, stop_gradients=b)
        found = session.run([total, partial, alone], {a: 1.0})
    assert found == [[3.0, 1.0], [1.0, 1.0], [1.0]]


def test_grad_ys_and_unconnected_gradients():
    with tf.Graph().as_default(), tf.Session() as session:
        x, z = tf.placeholder(tf.float32, [2]), tf.placeholder(tf.float32, [3])
        y = tf.square(x)
        (weighted,) = tf.gradients(y, x, grad_ys=tf.constant([1.0, 10.0]))
        assert tf.gradients(y, z) == [None]
        (zero,) = tf.gradients(y, z, unconnected_gradients=tf.UnconnectedGradients.ZERO)
        found = session.run([weighted, zero], {x: [1.0, 2.0], z: [1.0, 1.0, 1.0]})
    assert [v.tolist() for v in found] == [[2.0, 40.0], [0.0, 0.0, 0.0]]


def test_gradients_for_integers_do_not_exist():
    with tf.Graph().as_default():
        n = tf.placeholder(tf.int32, [])
        x = tf.placeholder(tf.float32, [])
        assert tf.gradients(tf.cast(n, tf.float32) * x, [n]) == [None]
        assert tf.gradients(tf.cast(x, tf.int32), [x]) == [None]


def test_hessians():
    with tf.Graph().as_default(), tf.Session() as session:
        x, y = tf.placeholder(tf.float64, [2]), tf.placeholder(tf.float64, [2, 1])
        value = tf.reduce_sum(cube(x)) * tf.reduce_sum(tf.exp(y)) + tf.reduce_sum(y)
        feed = {x: [1.0, 2.0], y: [[0.0], [1.0]]}
        xx, yy = session.run(tf.hessians(value, [x, y]), feed)
        linear = session.run(tf.hessians(tf.reduce_sum(3.0 * x), x), feed)
        assert tf.hessians(tf.reduce_sum(x), y) == [None]
    np.testing.assert_allclose(xx, np.diag([6.0, 12.0]) * (1 + math.e))
    np.testing.assert_allclose(yy.reshape(2, 2), np.diag([9.0, 9.0 * math.e]))
    assert yy.shape == (2, 1, 2, 1)
    assert linear[0].tolist() == [[0.0, 0.0], [0.0, 0.0]]


def test_gradients_outside_of_a_graph():
    for derive in (tf.gradients, tf.hessians):
        with pytest.raises(GraphError, match=f"{derive.__name__}.*use tf.GradientTape"):
            derive(tf.constant(1.0), tf.constant(1.0))


def test_gradients_across_graphs():
    with tf.Graph().as_default():
        foreign = tf.placeholder(tf.float32, [])
    with tf.Graph().as_default():
        x = tf.placeholder(tf.float32, [])
        with pytest.raises(GraphError, match="belongs to"):
            tf.gradients(x * x, foreign)
        with pytest.raises(GraphError, match="only tensors and Variables have derivatives"):
            tf.gradients(x.op, x)


def test_gradients_inside_a_function():
    @tf.function
    def slope(x):
        return tf.gradients(cube(x), x)[0]

    assert float(slope(tf.constant(2.0))) == 12.0
