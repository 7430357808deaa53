"""Tapes: what they record, and the gradients that they give."""

import gc
import weakref

import numpy as np
import pytest

import minitf as tf
from minitf.errors import (
    DTypeError,
    FailedPreconditionError,
    InvalidArgumentError,
    ShapeError,
    UnimplementedError,
)
from minitf.graph.op import op
from minitf.graph.registry import OPS


def cube(x):
    return x * x * x


def types(tape):
    return [node.type for node in tape.operations]


# -- GradientTape: what is recorded ---------------------------------------------------------------


def test_only_what_a_watched_tensor_reaches_is_recorded():
    x, other = tf.constant(2.0), tf.constant(3.0)
    with tf.GradientTape() as tape:
        other * other
        x * x
        tape.watch(x)
        y = x * other
        tf.exp(other)
        tf.square(y)
    assert types(tape) == ["multiply", "square"]


def test_reading_a_trainable_variable_watches_it():
    v, frozen = tf.Variable(2.0), tf.Variable(3.0, trainable=False)
    with tf.GradientTape() as tape:
        y = v * frozen
    assert tape.watched_variables() == (v,)
    assert [g if g is None else float(g) for g in tape.gradient(y, [v, frozen])] == [3.0, None]


def test_a_tape_can_be_told_to_watch_no_variables_by_itself():
    v, w = tf.Variable(2.0), tf.Variable(3.0)
    with tf.GradientTape(watch_accessed_variables=False) as tape:
        tape.watch(w)
        y = v * w
    assert [g if g is None else float(g) for g in tape.gradient(y, [v, w])] == [None, 2.0]
    assert tape.watched_variables() == (w,)


def test_stop_recording():
    x = tf.constant(2.0)
    with tf.GradientTape() as tape:
        tape.watch(x)
        with tape.stop_recording():
            y = x * x
        z = x * y
    assert types(tape) == ["multiply"]
    assert float(tape.gradient(z, x)) == 4.0  # y counts as a constant
    with pytest.raises(RuntimeError, match="not recording"), tape.stop_recording():
        pass


def test_reset_forgets():
    x = tf.constant(2.0)
    with tf.GradientTape() as tape:
        tape.watch(x)
        x * x
        tape.reset()
        tape.watch(x)
        y = tf.exp(x)
    assert types(tape) == ["exp"]
    assert tape.gradient(y, x) is not None


def test_a_tape_cannot_be_entered_twice():
    with tf.GradientTape() as tape, pytest.raises(InvalidArgumentError, match="recording already"):
        tape.__enter__()


def test_a_training_loop_does_not_remember_its_history():
    """Nothing of a step survives it, and no cycle needs the garbage collector."""
    w = tf.Variable(np.ones((4, 4), np.float32))
    alive = weakref.WeakSet()
    gc.collect()
    gc.disable()
    try:
        for _ in range(3):
            with tf.GradientTape() as tape:
                y = tf.reduce_sum(tf.square(tf.matmul(w, w)))
                alive.update(t for node in tape.operations for t in node.outputs)
            gradient = tape.gradient(y, w)
            alive.add(gradient)
            w.assign_sub(gradient * 0.001)
        del tape, y, gradient
        assert len(alive) == 0
    finally:
        gc.enable()


def test_a_used_tape_lets_go_of_the_values():
    x = tf.constant(1.0)
    with tf.GradientTape() as tape:
        tape.watch(x)
        middle = tf.exp(x)
        y = tf.square(middle)
    gone = weakref.ref(middle)
    del middle
    assert gone() is not None
    tape.gradient(y, x)
    assert gone() is None


def test_eager_tensors_keep_no_history():
    x = tf.constant(1.0)
    y = x * x
    assert y.operation is None
    held = weakref.ref(x)
    del x
    assert held() is None


# -- GradientTape: gradient -----------------------------------------------------------------------


def test_the_gradient_of_a_tensor_is_that_of_its_sum():
    x = tf.constant([1.0, 2.0, 3.0])
    with tf.GradientTape() as tape:
        tape.watch(x)
        y = tf.square(x)
    assert tape.gradient(y, x).numpy().tolist() == [2.0, 4.0, 6.0]


def test_output_gradients_weight_the_elements():
    x = tf.constant([1.0, 2.0, 3.0])
    with tf.GradientTape() as tape:
        tape.watch(x)
        y, z = tf.square(x), tf.exp(x * 0.0)
    found = tape.gradient([y, z], x, output_gradients=[tf.constant([1.0, 0.0, -1.0]), None])
    assert found.numpy().tolist() == [2.0, 0.0, -6.0]


@pytest.mark.parametrize(
    ("weights", "error", "message"),
    [
        ([[1.0, 2.0]], InvalidArgumentError, "1 targets need as many output gradients, got 2"),
        (tf.constant([1.0, 2.0, 3.0]), ShapeError, r"has shape \(3,\), its target \(2,\)"),
        (tf.constant([1, 2]), DTypeError, "is int32, its target float32"),
    ],
)
def test_output_gradients_must_fit(weights, error, message):
    x = tf.constant([1.0, 2.0])
    with tf.GradientTape() as tape:
        tape.watch(x)
        y = tf.square(x)
    with pytest.raises(error, match=message):
        tape.gradient(y, x, output_gradients=weights)


def test_sources_keep_their_structure():
    a, b = tf.constant(2.0), tf.Variable(3.0)
    with tf.GradientTape() as tape:
        tape.watch(a)
        y = a * b
    found = tape.gradient(y, {"a": a, "rest": (b,)})
    assert float(found["a"]) == 3.0
    assert float(found["rest"][0]) == 2.0


def test_a_value_on_the_way_can_be_a_source():
    x = tf.constant(2.0)
    with tf.GradientTape() as tape:
        tape.watch(x)
        middle = tf.square(x)
        y = middle * x
    assert [float(g) for g in tape.gradient(y, [x, middle])] == [12.0, 2.0]


def test_a_target_can_be_its_own_source():
    x, v = tf.constant(2.0), tf.Variable(2.0)
    with tf.GradientTape(persistent=True) as tape:
        tape.watch(x)
        tf.identity(v)
    assert float(tape.gradient(x, x)) == 1.0
    assert float(tape.gradient(v, v)) == 1.0


def test_contributions_of_several_targets_and_uses_add_up():
    x = tf.constant(2.0)
    with tf.GradientTape() as tape:
        tape.watch(x)
        y = x * x + x
        z = y * x
    assert float(tape.gradient([y, z], x)) == (2 * 2 + 1) + (3 * 4 + 2 * 2)


def test_a_source_that_is_not_reached():
    x, y = tf.constant([1.0, 2.0]), tf.Variable([[1.0]])
    with tf.GradientTape(persistent=True) as tape:
        tape.watch(x)
        z = tf.exp(x)
    assert tape.gradient(z, y) is None
    zero = tape.gradient(z, y, unconnected_gradients="zero")
    assert zero.numpy().tolist() == [[0.0]]
    assert tape.gradient(z, tf.constant(1.0)) is None  # never watched
    with pytest.raises(InvalidArgumentError, match="'none' or 'zero', got 'zeros'"):
        tape.gradient(z, x, unconnected_gradients="zeros")


def test_gradients_end_at_stop_gradient_and_at_integers():
    x = tf.constant(2.5)
    with tf.GradientTape(persistent=True) as tape:
        tape.watch(x)
        stopped = tf.stop_gradient(x) * x
        rounded = tf.cast(tf.cast(x, tf.int32), tf.float32)
        whole = tf.cast(x, tf.int32)
    assert float(tape.gradient(stopped, x)) == 2.5
    assert tape.gradient(rounded, x) is None
    assert tape.gradient(whole, x) is None


def test_an_integer_variable_has_no_gradient():
    steps, v = tf.Variable(3), tf.Variable(2.0)
    with tf.GradientTape() as tape:
        y = v * tf.cast(steps, tf.float32)
    found = tape.gradient(y, [steps, v])
    assert found[0] is None
    assert float(found[1]) == 3.0


@pytest.mark.parametrize(
    ("thing", "message"),
    [
        ([1.0, 2.0], "only tensors and Variables can be watched, got 1.0"),
        (np.ones(2), "only tensors and Variables can be watched"),
    ],
)
def test_what_cannot_be_watched(thing, message):
    with tf.GradientTape() as tape, pytest.raises(InvalidArgumentError, match=message):
        tape.watch(thing)


def test_a_watched_integer_has_no_gradient_and_is_told():
    x = tf.constant([1, 2])
    with tf.GradientTape() as tape:
        with pytest.warns(UserWarning, match="only floating tensors have derivatives, got int32"):
            tape.watch(x)
        y = x * x
    assert tape.gradient(y, x) is None


def test_a_tape_gives_one_gradient():
    x = tf.constant(2.0)
    with tf.GradientTape() as tape:
        tape.watch(x)
        y = x * x
    tape.gradient(y, x)
    for method in (tape.gradient, tape.jacobian, tape.batch_jacobian):
        with pytest.raises(FailedPreconditionError, match=f"{method.__name__}.*persistent=True"):
            method(y, x)


def test_a_persistent_tape_gives_several():
    x = tf.constant(2.0)
    with tf.GradientTape(persistent=True) as tape:
        tape.watch(x)
        y = x * x
        z = y * y
    assert float(tape.gradient(y, x)) == 4.0
    assert float(tape.gradient(z, x)) == 32.0
    assert float(tape.gradient(z, y)) == 8.0


def test_a_persistent_tape_that_still_records_sees_its_own_gradients():
    x = tf.constant(2.0)
    with tf.GradientTape(persistent=True) as tape:
        tape.watch(x)
        slope = tape.gradient(cube(x), x)
    assert float(tape.gradient(slope, x)) == 12.0


def test_nested_tapes_give_any_order():
    x = tf.constant(2.0)
    with tf.GradientTape() as third:
        third.watch(x)
        with tf.GradientTape() as second:
            second.watch(x)
            with tf.GradientTape() as first:
                first.watch(x)
                y = x * cube(x)
            slope = first.gradient(y, x)
        curvature = second.gradient(slope, x)
    assert [float(slope), float(curvature), float(third.gradient(curvature, x))] == [32, 48, 48]


def test_the_outer_tape_alone_does_not_see_inner_watches():
    x = tf.constant(2.0)
    with tf.GradientTape() as outer:
        with tf.GradientTape() as inner:
            inner.watch(x)
            y = x * x
        inner.gradient(y, x)
    assert types(outer) == []


def test_an_op_without_gradient_says_so_with_the_line_of_its_use():
    @op(name="test_autodiff_no_gradient")
    def unsung(x: "Tensor"):  # noqa: F821
        return x

    try:
        unsung.kernel("numpy")(np.copy)
        x = tf.constant(1.0)
        with tf.GradientTape() as tape:
            tape.watch(x)
            y = unsung(x)
        with pytest.raises(UnimplementedError, match=r"no gradient  \[in test_autodiff.py:\d+\]"):
            tape.gradient(y, x)
    finally:
        del OPS["test_autodiff_no_gradient"]


def test_zero_size_tensors_have_zero_size_gradients():
    x = tf.constant(np.zeros((0, 3), np.float32))
    with tf.GradientTape(persistent=True) as tape:
        tape.watch(x)
        y = tf.square(x)
        total = tf.reduce_sum(y)
    assert tape.gradient(y, x).shape == (0, 3)
    assert tape.gradient(total, x).shape == (0, 3)
    assert tape.jacobian(y, x).shape == (0, 3, 0, 3)
    assert tape.batch_jacobian(y, x).shape == (0, 3, 3)


# -- tapes inside a function ----------------------------------------------------------------------


def test_a_tape_inside_a_function():
    @tf.function
    def slope(x):
        with tf.GradientTape() as tape:
            tape.watch(x)
            y = cube(x)
        return tape.gradient(y, x)

    assert float(slope(tf.constant(2.0))) == 12.0


def test_a_tape_inside_a_function_watches_a_value_from_outside():
    x = tf.constant(2.0)

    @tf.function
    def slope():
        with tf.GradientTape() as tape:
            tape.watch(x)
            y = cube(x)
        return tape.gradient(y, x)

    assert float(slope()) == 12.0


def test_a_tape_outside_differentiates_a_tape_inside():
    @tf.function
    def slope(x):
        with tf.GradientTape() as tape:
            tape.watch(x)
            y = cube(x)
        return tape.gradient(y, x)

    x = tf.constant(2.0)
    with tf.GradientTape() as tape:
        tape.watch(x)
        y = slope(x)
    assert float(tape.gradient(y, x)) == 12.0  # 6 x
