"""Python inside of graphs: printing, Python functions, the time."""

import io
import sys
import time

import numpy as np
import pytest

import minitf as tf
from minitf.errors import DTypeError, Error, InvalidArgumentError, ShapeError
from minitf.ops.script import numpy_function, print_, py_function, timestamp


def printed(*args, **kwargs):
    stream = io.StringIO()
    print_(*args, output_stream=stream, **kwargs)
    return stream.getvalue()


# What TensorFlow 2.20 prints for the same arguments.
LINES = [
    ([tf.constant(range(10))], "[0 1 2 ... 7 8 9]"),
    ([tf.constant([[1.5, 2], [3, 1e-8]]), 3, "abc"], "[[1.5 2]\n [3 1e-08]] 3 abc"),
    ([[1, tf.constant(2.0)], {"a": tf.constant([1, 2])}], "[1, 2] {'a': [1 2]}"),
    ([tf.constant(0.1), tf.constant(1 / 3), tf.constant(np.float64(1 / 3))],
     "0.1 0.333333343 0.33333333333333331"),
    ([tf.constant(True), tf.constant([True, False])], "1 [1 0]"),
    ([tf.constant("s"), tf.constant(["a", "b"])], '"s" ["a" "b"]'),
    ([tf.constant(1e10), tf.constant(123456.789), tf.constant(1.0)], "1e+10 123456.789 1"),
    ([tf.constant(float("nan")), tf.constant(float("-inf"))], "nan -inf"),
    ([(tf.constant(1),), [tf.constant("a"), "b"], None, 1.5, True],
     "(1,) [\"a\", 'b'] None 1.5 True"),
    ([np.zeros([2, 2, 2])], "[[[0 0]\n  [0 0]]\n\n [[0 0]\n  [0 0]]]"),
    ([np.zeros([0]), np.zeros([8, 1])], "[] [[0]\n [0]\n [0]\n ...\n [0]\n [0]\n [0]]"),
    ([tf.constant(np.float16(0.1))], "0.0999755859"),
]  # fmt: skip


@pytest.mark.parametrize(("args", "line"), LINES)
def test_lines(args, line):
    assert printed(*args) == line + "\n"


def test_the_form_of_a_line():
    text = printed("a", tf.range(7), summarize=1, sep="|", end="<")
    assert text == "a|[0 ... 6]<"
    assert printed(tf.range(9), summarize=-1) == "[0 1 2 3 4 5 6 7 8]\n"
    assert printed(tf.Variable(3.0), "{}") == "3 {}\n"


def test_it_prints_to_where_it_is_told(capsys, tmp_path):
    print_("to stderr")
    print_("to stdout", output_stream=sys.stdout)
    print_("to a file", output_stream=f"file://{tmp_path / 'log.txt'}")
    print_("and on", output_stream=f"file://{tmp_path / 'log.txt'}")
    assert capsys.readouterr() == ("to stdout\n", "to stderr\n")
    assert (tmp_path / "log.txt").read_text() == "to a file\nand on\n"


def test_a_function_prints_at_every_call_and_in_order():
    stream = io.StringIO()

    @tf.function
    def f(x):
        print_("first", x, output_stream=stream)
        tf.cond(x > 1.0, lambda: print_("large", output_stream=stream), lambda: None)
        tf.while_loop(lambda i: i < 2, lambda i: count(i), [0])
        print_("last", output_stream=stream)
        return 2.0 * x

    def count(i):
        print_(i, output_stream=stream)
        return i + 1

    assert print_("eager", output_stream=stream) is None
    f(tf.constant(1.0))
    f(tf.constant(2.0))
    words = stream.getvalue().split("\n")
    assert words == ["eager", "first 1", "0", "1", "last", "first 2", "large", "0", "1", "last", ""]


def test_a_session_prints_when_it_is_asked_to():
    stream = io.StringIO()
    with tf.Graph().as_default():
        x = tf.compat.v1.placeholder(tf.int32, [])
        say = print_("x:", x, output_stream=stream)
        with tf.control_dependencies([say]):
            y = x + 1
        with tf.compat.v1.Session() as session:
            session.run(x + 2, {x: 1})
            assert stream.getvalue() == ""
            session.run(say, {x: 2})
            session.run(y, {x: 3})
    assert stream.getvalue() == "x: 2\nx: 3\n"


# -- functions ----------------------------------------------------------------------------------

SCALAR = tf.TensorSpec([], tf.float64)
EAGER_AND_TRACED = pytest.mark.parametrize(
    "wrap", [lambda f: f, tf.function], ids=["eager", "function"]
)


@EAGER_AND_TRACED
def test_py_function_gets_eager_tensors(wrap):
    seen = []

    def half(x, n):
        seen.append((type(x), tf.executing_eagerly(), float(x)))
        return x / 2.0, int(n) + 1

    both = [tf.TensorSpec([], tf.float32), tf.TensorSpec([], tf.int32)]
    f = wrap(lambda x: py_function(half, [x, tf.constant(5)], both))
    a, b = f(tf.constant(3.0))
    assert (float(a), int(b)) == (1.5, 6)
    assert seen == [(tf.Tensor, True, 3.0)]


@EAGER_AND_TRACED
def test_gradients_flow_through_py_function(wrap):
    def log_factorial(x, y):
        return tf.exp(x) * y if float(x) > 0 else x

    f = wrap(lambda x, y: py_function(log_factorial, [x, y], SCALAR))
    x, y = tf.constant(np.float64(0.5)), tf.constant(np.float64(3.0))
    with tf.GradientTape() as outer:
        outer.watch([x, y])
        with tf.GradientTape() as inner:
            inner.watch([x, y])
            z = f(x, y)
        dx, dy = inner.gradient(z, [x, y])
    ddx = outer.gradient(dx, [x, y])
    e = np.exp(0.5)
    np.testing.assert_allclose([dx, dy, *ddx], [3 * e, e, 3 * e, e])


@EAGER_AND_TRACED
def test_no_gradient_flows_through_numpy_function(wrap):
    f = wrap(lambda x: numpy_function(lambda a: a * 2, [x], SCALAR))
    x = tf.constant(np.float64(1.0))
    with tf.GradientTape() as tape:
        tape.watch(x)
        y = f(x)
    assert float(y) == 2.0
    assert tape.gradient(y, x) is None


@EAGER_AND_TRACED
def test_functions_run_for_what_they_do(wrap):
    done = []

    def program(x):
        py_function(lambda v: done.append(float(v)), [x], [])
        numpy_function(lambda v: done.append(-float(v)), [x], [])
        return x

    f = wrap(program)
    f(tf.constant(1.0))
    f(tf.constant(2.0))
    assert done == [1.0, -1.0, 2.0, -2.0]


def test_an_array_comes_back_in_the_announced_dtype():
    found = numpy_function(lambda a: a.tolist(), [tf.constant([1.0, 2.0])], tf.float64)
    assert found.dtype == tf.float64


@EAGER_AND_TRACED
@pytest.mark.parametrize(
    ("function", "Tout", "error", "message"),
    [
        (lambda a: (a, a), SCALAR, InvalidArgumentError, "returns 2 value.* announces 1"),
        (lambda a: a > 0, SCALAR, DTypeError, "returns bool, but Tout says float64"),
        (lambda a: None, SCALAR, InvalidArgumentError, "returns 0 value"),
    ],
)
def test_a_function_that_does_not_keep_its_word(wrap, function, Tout, error, message):
    with pytest.raises(error, match=message):
        wrap(lambda x: numpy_function(function, [x], Tout))(tf.constant(np.float64(1.0)))


def test_a_shape_that_was_not_announced():
    f = tf.function(lambda x: numpy_function(lambda a: np.zeros(3), [x], SCALAR))
    with pytest.raises(ShapeError, match=r"returns shape \(3,\), but Tout says \(\).*test_script"):
        f(tf.constant(1.0))


def test_an_error_in_the_function_names_the_op():
    def fail(a):
        raise KeyError("gone")

    with pytest.raises((KeyError, Error), match="gone"):
        tf.function(lambda x: numpy_function(fail, [x], SCALAR))(tf.constant(1.0))


# -- time ---------------------------------------------------------------------------------------


def test_the_time_is_told_when_the_graph_runs():
    f = tf.function(lambda: timestamp())
    before = time.time()
    first, second = float(f()), float(f())
    assert before <= first <= second <= time.time()


def test_a_result_announced_by_its_dtype_is_a_scalar_until_its_shape_is_set():
    @tf.function
    def step(x):
        row, number = tf.numpy_function(lambda v: (v + [1, 2], v.sum()), [x], [x.dtype] * 2)
        assert number.shape == ()
        row.set_shape([2])
        return row * number

    assert step(tf.constant([1.0, 3.0], tf.float64)).numpy().tolist() == [8.0, 20.0]

    @tf.function
    def forgets(x):
        return tf.numpy_function(lambda v: v, [x], tf.float32) + 1.0

    with pytest.raises(ShapeError, match=r"shape \(2,\), which the graph took to be \(\): say so"):
        forgets(tf.constant([1.0, 2.0]))
