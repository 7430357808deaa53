"""TensorArray, map_fn, scan and folds: values, derivatives, and errors."""

import numpy as np
import pytest

import minitf as tf
from minitf.errors import (
    DTypeError,
    FailedPreconditionError,
    InvalidArgumentError,
    OutOfRangeError,
    ShapeError,
)
from tests.everywhere import check_everywhere

# -- TensorArray --------------------------------------------------------------------------------


def test_a_tensor_array_in_a_loop():
    def f(x):
        rows = tf.TensorArray(tf.float64, size=0, dynamic_size=True).unstack(x)
        out = tf.TensorArray(tf.float64, size=3)

        def body(i, h, out):
            h = tf.sin(rows.read(2 - i)) * h
            return i + 1, h, out.write(i, h * h)

        start = [0, tf.ones_like(x[0]), out]
        _, h, out = tf.while_loop(lambda i, h, out: i < 3, body, start)
        return tf.reduce_sum(out.stack() * h) + tf.reduce_sum(out.read(0))

    check_everywhere(f, np.random.default_rng(0).normal(size=(3, 2)))


def test_a_tensor_array_that_is_overwritten():
    def f(x):
        ta = tf.TensorArray(tf.float64, size=2).write(0, x).write(1, x * x)
        ta = ta.write(0, tf.exp(x))
        return ta.read(0) * ta.read(1) + tf.reduce_sum(ta.gather([1, 1]))

    y, *_ = check_everywhere(f, 0.5)
    assert y == pytest.approx(np.exp(0.5) * 0.25 + 2 * 0.25)


def test_a_tensor_array_out_of_a_branch():
    def f(x):
        ta = tf.TensorArray(tf.float64, size=2)
        ta = tf.cond(x > 0.0, lambda: ta.write(0, x), lambda: ta.write(0, x * x))
        return tf.reduce_sum(ta.write(1, 2.0 * x).stack())

    check_everywhere(f, 0.5)
    check_everywhere(f, -0.5)


EAGER_AND_TRACED = pytest.mark.parametrize(
    "wrap", [lambda f: f, tf.function], ids=["eager", "function"]
)


@EAGER_AND_TRACED
def test_methods_of_tensor_array(wrap):
    def f(x):
        ta = tf.TensorArray(tf.float32, size=0, dynamic_size=True, element_shape=[2])
        ta = ta.scatter([1, 0], x)
        return ta.stack(), ta.concat(), ta.size()

    stacked, joined, size = wrap(f)(tf.constant([[1.0, 2.0], [3.0, 4.0]]))
    assert stacked.numpy().tolist() == [[3.0, 4.0], [1.0, 2.0]]
    assert joined.numpy().tolist() == [3.0, 4.0, 1.0, 2.0]
    assert int(size) == 2


@EAGER_AND_TRACED
def test_a_tensor_array_splits_a_tensor(wrap):
    def f(x):
        ta = tf.TensorArray(tf.float32, size=2, element_shape=[None, 2])
        return ta.split(x, [1, 3]).read(1)

    assert wrap(f)(tf.zeros([4, 2])).shape == (3, 2)


@EAGER_AND_TRACED
@pytest.mark.parametrize(
    ("use", "error", "message"),
    [
        (lambda ta: ta.write(2, 1.0), OutOfRangeError, "index 2 of a .* of 2 element"),
        (lambda ta: ta.read(0), FailedPreconditionError, "nothing has been written at index 0"),
        (lambda ta: ta.write(1, 1.0).stack(), FailedPreconditionError, "at index 0"),
        (lambda ta: ta.write(0, 1), None, ""),
        (lambda ta: ta.write(0, tf.constant(1)), DTypeError, "holds float32, got int32"),
        (lambda ta: ta.write(0, [1.0]), ShapeError, r"shape \(\), got \(1,\)"),
    ],
)
def test_tensor_array_complains(wrap, use, error, message):
    def f():
        found = use(tf.TensorArray(tf.float32, size=2, element_shape=[]))
        return found.read(0) if isinstance(found, tf.TensorArray) else found

    if error is None:
        assert float(wrap(f)()) == 1.0
        return
    with pytest.raises(error, match=message):
        wrap(f)()


def test_a_graph_needs_to_know_the_shape_of_elements():
    with pytest.raises(InvalidArgumentError, match="pass element_shape="):
        tf.function(lambda: tf.TensorArray(tf.float32, size=2).read(0))()


# -- map and fold -------------------------------------------------------------------------------


def test_map_fn():
    def f(x):
        return tf.reduce_sum(tf.map_fn(lambda row: tf.reduce_sum(tf.sin(row)) * row, x) ** 2)

    check_everywhere(f, np.random.default_rng(0).normal(size=(3, 2)))


@EAGER_AND_TRACED
def test_map_fn_over_structures(wrap):
    def f(a, b):
        return tf.map_fn(
            lambda e: {"sum": e["a"] + e["b"], "flag": e["b"] > 1.0},
            {"a": a, "b": b},
            fn_output_signature={"sum": tf.float32, "flag": tf.bool},
        )

    found = wrap(f)(tf.constant([1.0, 2.0]), tf.constant([1.0, 3.0]))
    assert found["sum"].numpy().tolist() == [2.0, 5.0]
    assert found["flag"].numpy().tolist() == [False, True]


@EAGER_AND_TRACED
def test_map_fn_over_nothing(wrap):
    found = wrap(lambda x: tf.map_fn(lambda row: tf.cast(row[:1] > 0.0, tf.int32), x))(
        tf.zeros([0, 3])
    )
    assert found.shape == (0, 1)
    assert found.dtype == tf.int32


def test_map_fn_complains():
    with pytest.raises(DTypeError, match="map_fn: fn returns float32, .* says int32"):
        tf.map_fn(lambda x: x, tf.zeros([2]), fn_output_signature=tf.int32)
    with pytest.raises(ShapeError, match="first axis"):
        tf.map_fn(lambda x: x, 1.0)
    with pytest.raises(ShapeError, match="differ in their first axis"):
        tf.map_fn(lambda x: x[0], (tf.zeros([2]), tf.zeros([3])))


@pytest.mark.parametrize("reverse", [False, True])
@pytest.mark.parametrize("start", [None, [0.3, 0.4]])
def test_scan(reverse, start):
    def step(a, row):
        return tf.sin(a) * row + a

    def f(x):
        first = None if start is None else tf.constant(np.array(start))
        found = tf.scan(step, x, initializer=first, reverse=reverse)
        assert found.shape.is_compatible_with((4, 2))
        weights = tf.constant(np.arange(1.0, 5.0)[:, None])
        return tf.reduce_sum(found * weights)

    x = np.random.default_rng(0).normal(size=(4, 2))
    rows = list(x[::-1] if reverse else x)
    a = rows.pop(0) if start is None else np.array(start)
    kept = [a] if start is None else []
    for row in rows:
        a = np.sin(a) * row + a
        kept.append(a)
    kept = np.array(kept[::-1] if reverse else kept)
    expected = np.sum(kept * np.arange(1.0, 5.0)[:, None])
    assert check_everywhere(f, x)[0] == pytest.approx(expected)


@EAGER_AND_TRACED
@pytest.mark.parametrize(("fold", "expected"), [(tf.foldl, 123), (tf.foldr, 321)])
def test_folds_go_their_way(fold, expected, wrap):
    number = wrap(lambda digits: fold(lambda a, d: 10 * a + d, digits, initializer=0))
    assert int(number(tf.constant([1, 2, 3]))) == expected


def test_a_fold_without_rows():
    assert int(tf.foldl(lambda a, x: a + x, tf.zeros([0], tf.int32), initializer=7)) == 7
    with pytest.raises(InvalidArgumentError, match="empty, and there is no initializer"):
        tf.foldl(lambda a, x: a + x, tf.zeros([0]))
    empty = tf.scan(lambda a, x: a + x, tf.zeros([0, 2]), initializer=tf.zeros([2]))
    assert empty.shape == (0, 2)


def test_a_fold_keeps_the_form_of_its_accumulator():
    with pytest.raises(DTypeError, match="accumulator is float32, but fn returns int32"):
        tf.scan(lambda a, x: tf.cast(a, tf.int32), tf.zeros([2]))
    with pytest.raises(ShapeError, match=r"shape \(\), but fn returns \(1,\)"):
        tf.function(lambda x: tf.foldl(lambda a, x: tf.reshape(a, [1]), x))(tf.zeros([2]))
