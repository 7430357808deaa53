"""tf.function: when it traces, what it keeps, and that derivatives pass through calls."""

import collections
import gc
import weakref

import numpy as np
import pytest

import minitf as tf

Pair = collections.namedtuple("Pair", "a b")


def counting(function):
    """Return a tf.function, and a list that grows by one with each trace."""
    traces = []

    def counted(*args, **kwargs):
        traces.append(1)
        return function(*args, **kwargs)

    return tf.function(counted), traces


def test_one_trace_per_dtype_shape_and_python_value():
    f, traces = counting(lambda x, n=1: x * n)
    for arguments in [(tf.constant(1.0),), (tf.constant(2.0),), (np.float32(3.0),)]:
        f(*arguments)
    assert len(traces) == 1
    f(tf.constant(1))
    f(tf.constant([1.0]))
    f(tf.constant(1.0), 2)
    f(tf.constant(1.0), n=2.0)
    assert len(traces) == 5
    assert f.experimental_get_tracing_count() == 5


def test_an_input_signature_is_the_only_trace():
    traces = []

    @tf.function(input_signature=[tf.TensorSpec([None, 2], tf.float32)])
    def f(x):
        traces.append(x.shape)
        return tf.reduce_sum(x)

    assert f(np.ones((3, 2), np.float32)).numpy() == 6.0
    assert f(x=np.ones((5, 2), np.float32)).numpy() == 10.0
    assert traces == [(None, 2)]
    with pytest.raises(ValueError, match="input_signature"):
        f(np.ones((3, 3), np.float32))


def test_reduce_retracing_forgets_sizes_that_differ():
    shapes = []

    @tf.function(reduce_retracing=True)
    def f(x):
        shapes.append(x.shape)
        return tf.reduce_sum(x)

    for n in (1, 2, 3, 4):
        assert f(tf.ones([n, 3])).numpy() == 3.0 * n
    assert shapes == [(1, 3), (None, 3)]


@pytest.mark.parametrize(
    "value", [None, {"b": 1.0, "a": (2.0,)}, [1.0, [2.0, 3.0]], Pair(1.0, 2.0), (1.0,)]
)
def test_what_goes_in_and_out_keeps_its_form(value):
    f = tf.function(lambda x: tf.nest.map_structure(lambda v: None if v is None else v * 2.0, x))
    found = f(value)
    assert type(found) is type(value)
    flat = [2.0 * v for v in tf.nest.flatten(value) if v is not None]
    assert [float(v) for v in tf.nest.flatten(found) if v is not None] == flat


def test_python_runs_only_while_tracing(capsys):
    @tf.function
    def f(x):
        print("tracing")
        return x + 1.0

    assert [float(f(tf.constant(v))) for v in (1.0, 2.0)] == [2.0, 3.0]
    assert capsys.readouterr().out == "tracing\n"


def test_variables_are_created_once():
    class Counter:
        def __init__(self):
            self.v = None

        @tf.function
        def next(self):
            if self.v is None:
                self.v = tf.Variable(tf.zeros([]) + 10.0)
            self.v.assign_add(1.0)
            return self.v.read_value()

    one, other = Counter(), Counter()
    assert [float(c.next()) for c in (one, one, other)] == [11.0, 12.0, 11.0]
    with pytest.raises(RuntimeError, match="first call"):
        always = tf.function(lambda x: tf.Variable(1.0) + x)
        always(1.0)
        always(tf.constant([1.0]))


def test_methods_do_not_keep_their_objects_alive():
    class Doubler:
        @tf.function
        def __call__(self, x):
            return 2.0 * x

    doubler = Doubler()
    assert float(doubler(tf.constant(3.0))) == 6.0
    gone = weakref.ref(doubler)
    del doubler
    gc.collect()
    assert gone() is None


def test_reads_and_writes_keep_the_order_of_the_program():
    v = tf.Variable(1.0)

    @tf.function
    def f():
        before = v.read_value()
        v.assign_add(1.0)
        between = v * 1.0
        v.assign(v * 10.0)
        return before, between, v.read_value()

    assert [float(x) for x in f()] == [1.0, 2.0, 20.0]
    assert float(v) == 20.0


def test_an_assignment_that_nobody_fetches_still_happens():
    v = tf.Variable(0.0)

    @tf.function
    def f():
        v.assign_add(1.0)

    assert f() is None
    assert float(v) == 1.0


@pytest.mark.parametrize("inside", [False, True])
def test_derivatives_pass_through_calls(inside):
    w = tf.Variable([[1.0, 2.0], [3.0, 4.0]])
    x = tf.constant([[0.5, -1.0]])

    def f(x):
        return tf.reduce_sum(tf.tanh(x @ w) ** 2)

    def slopes(f):
        with tf.GradientTape() as outer:
            outer.watch(x)
            with tf.GradientTape() as tape:
                tape.watch(x)
                y = f(x)
            first = tape.gradient(y, [x, w])
            total = tf.reduce_sum(first[0] ** 2) + tf.reduce_sum(first[1] ** 2)
        return first + outer.gradient(total, [x, w])

    expected = slopes(f)
    called = tf.function(f)
    found = tf.function(lambda: slopes(called))() if inside else slopes(called)
    for e, g in zip(expected, found, strict=True):
        np.testing.assert_allclose(g.numpy(), e.numpy(), rtol=1e-6)


def test_a_tensor_from_outside_has_its_derivative():
    c = tf.constant(3.0)
    f = tf.function(lambda x: x * c * c)
    with tf.GradientTape() as tape:
        tape.watch(c)
        y = f(tf.constant(2.0))
    assert tape.gradient(y, c).numpy() == 12.0


def test_functions_call_functions():
    traces = []

    @tf.function
    def inner(x):
        traces.append("inner")
        return x * x

    @tf.function
    def outer(x):
        return inner(x) + inner(x + 1.0)

    assert float(outer(tf.constant(2.0))) == 13.0
    assert traces == ["inner"]
    types = [op.type for op in outer.get_concrete_function(tf.constant(0.0)).graph.operations]
    assert "call" not in types
    assert types.count("multiply") == 2


def test_a_concrete_function_checks_what_it_gets():
    f = tf.function(lambda x: x + 1.0).get_concrete_function(tf.TensorSpec([None, 2]))
    assert f(tf.zeros([3, 2])).shape == (3, 2)
    with pytest.raises(ValueError, match=r"\(None, 2\)"):
        f(tf.zeros([3, 3]))
    with pytest.raises(TypeError, match="float32"):
        f(tf.zeros([3, 2], tf.int32))


def test_an_error_while_tracing_leaves_everything_as_it_was():
    @tf.function
    def f(x):
        raise KeyError("mine")

    with pytest.raises(KeyError, match="mine"):
        f(tf.constant(1.0))
    assert tf.executing_eagerly()
    assert (tf.constant(1.0) + 1.0).numpy() == 2.0


def test_a_tensor_that_leaks_from_a_trace_says_so():
    leaked = []
    tf.function(lambda x: leaked.append(x + 1.0))(tf.constant(1.0))
    with pytest.raises(ValueError, match="edge"):
        leaked[0] + 1.0


def test_functions_can_run_eagerly():
    f = tf.function(lambda x: float(x) + 1.0)
    tf.config.run_functions_eagerly(True)
    try:
        assert f(tf.constant(1.0)) == 2.0
    finally:
        tf.config.run_functions_eagerly(False)
