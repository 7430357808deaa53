"""Lists of tensors inside one tensor: values, errors, and the rules that gradients follow."""

import numpy as np
import pytest

import minitf as tf
from minitf.autodiff.check import check_gradients
from minitf.errors import FailedPreconditionError, OutOfRangeError, ShapeError
from minitf.graph.tensor import eager_tensor
from minitf.ops import lists
from minitf.ops.lists import (
    list_clear,
    list_only,
    list_read,
    list_read_like,
    list_reserve,
    list_resize,
    list_stack,
    list_stack_like,
    list_unstack,
    list_write,
)

ROW = tf.TensorSpec([2], tf.float64)
X = np.random.default_rng(0).normal(size=(3, 2))


def elements(items):
    return [np.asarray(e).tolist() for e in items.array]


def test_a_list_holds_references():
    rows = list_unstack(tf.constant(X))
    longer = list_write(rows, rows.array[0], 3, True)
    assert rows.shape == (3,)
    assert rows.dtype == longer.dtype == "variant"
    assert longer.array[1] is rows.array[1]
    assert np.shares_memory(list_read(rows, 1, ROW).array, rows.array[1])


def test_scalars_keep_their_dtype():
    items = list_write(list_reserve(2), tf.constant(0, tf.int8), 1, False)
    assert list_read(items, 1, tf.TensorSpec([], tf.int8)).numpy() == np.int8(0)
    assert list_stack(list_unstack(tf.constant([0, 1], tf.uint8)),
                      tf.TensorSpec([], tf.uint8)).dtype == tf.uint8  # fmt: skip


def test_sums_of_lists_add_what_is_there():
    rows = list_unstack(tf.constant(X))
    one = list_only(rows, tf.constant(X[2]), 1)
    total = tf.add(tf.add(tf.zeros_like(rows), one), rows)
    assert elements(total) == [X[0].tolist(), (X[1] + X[2]).tolist(), X[2].tolist()]


def test_elements_may_be_lists():
    inner = list_unstack(tf.constant(X))
    outer = list_write(list_reserve(1), inner, 0, False)
    doubled = tf.add(outer, outer)
    back = list_read(doubled, 0, tf.TensorSpec([None], inner.dtype))
    assert elements(back) == (2 * X).tolist()


def test_a_list_of_no_rows():
    empty = list_unstack(tf.zeros([0, 2]))
    assert empty.shape == (0,)
    assert list_stack(empty, tf.TensorSpec([2])).shape == (0, 2)


@pytest.mark.parametrize(
    ("use", "error", "message"),
    [
        (lambda: list_read(list_reserve(2), 1, ROW), FailedPreconditionError, "at index 1"),
        (lambda: list_read(list_reserve(2), 2, ROW), OutOfRangeError, "index 2 of a list of 2"),
        (lambda: list_read(list_reserve(2), -1, ROW), OutOfRangeError, "index -1"),
        (lambda: list_write(list_reserve(2), 1.0, 2, False), OutOfRangeError, "index 2"),
        (lambda: list_stack(list_reserve(2), ROW), FailedPreconditionError, "at index 0"),
        (lambda: list_stack(eager_tensor(lists.list_of([np.zeros(2), np.zeros(3)])), ROW),
         ShapeError, r"different shapes: \(2,\) and \(3,\)"),
        (lambda: list_unstack(1.0), ShapeError, "no rows"),
    ],
)  # fmt: skip
def test_misuse(use, error, message):
    with pytest.raises(error, match=message):
        use()


LINEAR = {
    "unstack and stack": lambda x: list_stack(list_unstack(x), ROW),
    "read": lambda x: list_read(list_unstack(x), 1, ROW),
    "read like": lambda x: list_read_like(list_unstack(x), 1, x[0]),
    "read nothing": lambda x: x + list_read_like(list_only(list_unstack(x), x[1], 2), 0, x[0]),
    "write": lambda x: list_stack(list_write(list_unstack(x), 2.0 * x[0], 1, False), ROW),
    "write and grow": lambda x: list_stack(list_write(list_unstack(x), x[0], 3, True), ROW),
    "only": lambda x: list_stack_like(list_only(list_unstack(x), x[2], 1), x),
    "clear": lambda x: list_stack_like(list_clear(list_unstack(x), 1, list_reserve(3)), x),
    "resize, shorter": lambda x: list_stack(list_resize(list_unstack(x), list_reserve(2)), ROW),
    "resize, longer": lambda x: list_read(list_resize(list_unstack(x), list_reserve(5)), 2, ROW),
}


@pytest.mark.parametrize("case", LINEAR)
def test_gradients_of_every_order(case):
    check_gradients(lambda x: tf.sin(LINEAR[case](tf.sin(x))), [X], order=2)


@pytest.mark.parametrize("case", LINEAR)
def test_in_a_graph_that_does_not_know_the_sizes(case):
    with tf.Graph().as_default():
        x = tf.compat.v1.placeholder(tf.float64, [None, 2])
        y = LINEAR[case](tf.sin(x))
        (slope,) = tf.gradients(y, x)
        with tf.compat.v1.Session() as session:
            found = session.run([y, slope], {x: X})
    with tf.GradientTape() as tape:
        x = tf.constant(X)
        tape.watch(x)
        y = LINEAR[case](tf.sin(x))
    for got, expected in zip(found, [y, tape.gradient(y, x)], strict=True):
        np.testing.assert_array_equal(got, expected.numpy())
