"""tf.function: when it traces, what a call means, and that nothing leaks out of it."""

import copy
import functools
import gc
import weakref
from collections import OrderedDict, namedtuple

import numpy as np
import pytest

import minitf as tf
from minitf.errors import (
    DTypeError,
    FailedPreconditionError,
    GraphError,
    InvalidArgumentError,
    ShapeError,
    UnimplementedError,
)
from minitf.graph.context import context

Pair = namedtuple("Pair", "a b")


def counted(function=None, **options):
    """Return a tf.function that notes the arguments of each trace in its `traces`."""

    def decorate(f):
        traces = []

        @functools.wraps(f)
        def body(*args, **kwargs):
            traces.append((args, kwargs))
            return f(*args, **kwargs)

        made = tf.function(body, **options)
        made.traces = traces
        return made

    return decorate if function is None else decorate(function)


def vector(n, dtype=np.float32):
    return tf.constant(np.arange(n).astype(dtype))


# -- when it traces --------------------------------------------------------------------------------


def test_one_trace_per_dtype_and_shape():
    f = counted(lambda x: x + x)
    for x in (vector(2), vector(2), vector(3), vector(2, np.float64), tf.zeros([2, 1]), vector(3)):
        f(x)
    assert len(f.traces) == f.experimental_get_tracing_count() == 4


@pytest.mark.parametrize(
    ("first", "second", "same"),
    [
        (1, 1, True),
        (1, 2, False),
        (1, 1.0, False),
        (1, True, False),
        (0.0, -0.0, False),
        (float("nan"), float("nan"), True),
        ("a", "a", True),
        ("a", "b", False),
        (None, None, True),
        (None, 0, False),
        ((1, 2), (1, 2), True),
        ((1, 2), [1, 2], False),
        ([1], 1, False),
        ({"a": 1}, {"a": 1}, True),
        ({"a": 1}, {"b": 1}, False),
        ({"a": 1}, OrderedDict(a=1), False),
        (Pair(1, 2), (1, 2), False),
        (np.float32(1.0), np.float32(2.0), True),  # NumPy's numbers are tensors
        (np.zeros(2), np.ones(2), True),
    ],
    ids=repr,
)
def test_one_trace_per_python_value_and_structure(first, second, same):
    f = counted(lambda x, value: x)
    f(vector(2), first)
    f(vector(2), second)
    assert len(f.traces) == (1 if same else 2)


def test_the_structure_of_arguments_tells_traces_apart():
    """Also where the number of leaves is that of the arguments."""
    f = counted(lambda a, b: 1.0 if isinstance(a, list) else 2.0)
    x = tf.constant(1.0)
    assert float(f(x, x)) == 2.0
    assert float(f([x], [x])) == 1.0
    assert float(f([x, x], [])) == 1.0
    assert len(f.traces) == 3


def test_the_device_around_a_call_is_part_of_the_signature():
    f = counted(lambda x: tf.exp(x) + tf.sin(x))
    x = tf.constant(1.0)
    where = []
    for device in ("/cpu:1", None, "/cpu:1"):
        with tf.profiler.Trace() as trace, tf.device(device):
            f(x)
        where.append({e.device for e in trace.events})
    assert where == [{"/cpu:1"}, {"/cpu:0"}, {"/cpu:1"}]
    assert len(f.traces) == 2


def test_any_number_of_arguments():
    f = counted(lambda *xs, **named: tf.add_n([*xs, *named.values()]))
    x = tf.constant(1.0)
    assert [float(f(x)), float(f(x, x)), float(f(x, a=x)), float(f(x, b=x)), float(f(x, x))] == [
        1.0, 2.0, 2.0, 2.0, 2.0]  # fmt: skip
    assert len(f.traces) == 4


def test_an_argument_by_name_is_the_same_argument():
    f = counted(lambda x, n=2, *, power=1: x**n * power)
    x = tf.constant(3.0)
    assert [float(f(x, 2)), float(f(x, n=2)), float(f(n=2, x=x))] == [9.0] * 3
    assert len(f.traces) == 1
    assert float(f(x, power=2)) == 18.0
    assert len(f.traces) == 2


def test_objects_are_told_apart_by_identity():
    class Scale:
        def __init__(self, value):
            self.value = value

    f = counted(lambda x, scale: x * scale.value)
    two, three = Scale(2.0), Scale(3.0)
    x = tf.constant(1.0)
    assert [float(f(x, s)) for s in (two, three, two)] == [2.0, 3.0, 2.0]
    assert len(f.traces) == 2


def test_variables_as_arguments_are_told_apart():
    @counted
    def f(v):
        v.assign_add(1.0)
        return v * 2.0

    v, w = tf.Variable(1.0), tf.Variable(5.0)
    assert [float(f(a)) for a in (v, w, v)] == [4.0, 12.0, 6.0]
    assert len(f.traces) == 2


def test_an_input_signature_is_the_only_one():
    f = counted(lambda x, y: x[: tf.size(y)] + 0.0, input_signature=[
        tf.TensorSpec([None], tf.float32), tf.TensorSpec([None], tf.int32)])  # fmt: skip
    for n in (2, 3, 4):
        assert f(vector(n), [1]).shape == (1,)
    assert len(f.traces) == 1
    f(x=np.zeros(3, np.float32), y=np.zeros(2, np.int32))
    assert len(f.traces) == 1
    assert f.get_concrete_function() is f.get_concrete_function()


@pytest.mark.parametrize(
    "call",
    [
        lambda f: f(tf.zeros([2, 2])),
        lambda f: f(tf.zeros([2], tf.float64)),
        lambda f: f(),
        lambda f: f(tf.zeros([2]), tf.zeros([2])),
        lambda f: f(tf.zeros([2]), extra=1),
    ],
)
def test_what_does_not_fit_the_signature_is_refused(call):
    f = tf.function(lambda x, extra=None: x, input_signature=[tf.TensorSpec([None], tf.float32)])
    with pytest.raises(TypeError, match="input_signature"):
        call(f)


def test_reduced_retracing_forgets_the_sizes_that_differ():
    f = counted(lambda x, n: x * 2.0, reduce_retracing=True)
    for n in (2, 3, 4, 5, 2):
        assert f(vector(n), 1).shape == (n,)
    assert len(f.traces) == 2
    (x, _), _ = f.traces[1]
    assert x.shape == (None,)
    f(vector(3), 2)
    f(tf.zeros([3, 3]), 1)
    assert len(f.traces) == 4


def test_a_concrete_function():
    f = counted(lambda x, n: x * n + 1.0)
    concrete = f.get_concrete_function(tf.TensorSpec([None], tf.float32), 3.0)
    assert concrete(vector(2)).numpy().tolist() == [1.0, 4.0]
    assert concrete(vector(2), 3.0).numpy().tolist() == [1.0, 4.0]
    assert concrete([1.0, 2.0, 3.0], 3.0).numpy().tolist() == [4.0, 7.0, 10.0]
    assert concrete(x=vector(2), n=3.0).numpy().tolist() == [1.0, 4.0]
    assert [t.shape for t in concrete.inputs] == [(None,)]
    assert concrete.structured_outputs.shape == (None,)
    with pytest.raises(TypeError, match=r"traced for 3\.0, got 4\.0"):
        concrete(vector(2), 4.0)
    with pytest.raises(DTypeError, match="float32"):
        concrete(vector(2, np.float64))
    with pytest.raises(ShapeError, match="shape"):
        concrete(tf.zeros([2, 2]))
    with pytest.raises(InvalidArgumentError, match=r"traced for 3\.0, got <tf.Tensor"):
        concrete(vector(2), vector(2))
    with pytest.raises(InvalidArgumentError, match=r"expected 1 tensor\(s\), got 3"):
        concrete(vector(2), vector(2), vector(2))
    assert len(f.traces) == 1


def test_the_names_of_a_concrete_functions_arguments_are_their_own():
    concrete = tf.function(lambda x, a: x - a).get_concrete_function(
        tf.TensorSpec([], tf.float32), tf.TensorSpec([], tf.float32))  # fmt: skip
    assert float(concrete(a=tf.constant(1.0), x=tf.constant(5.0))) == 4.0


def test_side_effects_of_python_happen_while_tracing_only(capsys):
    seen = []

    @tf.function
    def f(x):
        seen.append(x)
        print("traced")
        return x

    for _ in range(3):
        f(vector(2))
    assert len(seen) == 1
    assert capsys.readouterr().out == "traced\n"


def test_functions_can_run_eagerly():
    f = counted(lambda x: x.numpy() * 2)
    tf.config.run_functions_eagerly(True)
    try:
        assert f(tf.constant(2.0)) == 4.0
        assert f(tf.constant(2.0)) == 4.0
    finally:
        tf.config.run_functions_eagerly(False)
    assert len(f.traces) == 2
    with pytest.raises(GraphError, match="no value yet"):
        f(tf.constant(2.0))


# -- what goes in and comes out --------------------------------------------------------------------


def test_any_structure_is_returned_as_it_is():
    x = tf.constant(1.0)
    f = tf.function(lambda x: {"b": (x, None), "a": [x + 1.0, Pair(x, {"c": 3})], "n": None})
    found = f(x)
    assert list(found) == ["b", "a", "n"]
    assert found["b"][1] is None
    assert found["n"] is None
    assert isinstance(found["a"][1], Pair)
    assert float(found["a"][0]) == 2.0
    assert int(found["a"][1].b["c"]) == 3


@pytest.mark.parametrize("value", [None, (), [], {}], ids=repr)
def test_nothing_is_returned_as_nothing(value):
    assert tf.function(lambda: value)() == value


def test_arguments_can_be_structures():
    f = tf.function(lambda d, pair: d["a"] + d["b"][0] * pair.a)
    x = tf.constant(2.0)
    assert float(f({"a": x, "b": [x]}, Pair(x, None))) == 6.0


@pytest.mark.parametrize(
    "value", [None, {"b": 1.0, "a": (2.0,)}, [1.0, [2.0, 3.0]], Pair(1.0, 2.0), (1.0,)], ids=repr
)
def test_what_goes_in_and_out_keeps_its_form(value):
    f = tf.function(lambda x: tf.nest.map_structure(lambda v: None if v is None else v * 2.0, x))
    found = f(value)
    assert type(found) is type(value)
    flat = [2.0 * v for v in tf.nest.flatten(value) if v is not None]
    assert [float(v) for v in tf.nest.flatten(found) if v is not None] == flat


def test_an_argument_and_a_variable_can_be_returned():
    v = tf.Variable(3.0)
    x = tf.constant(2.0)
    a, b, c = tf.function(lambda x: (x, v, x))(x)
    v.assign(7.0)
    assert [float(t) for t in (a, b, c)] == [2.0, 3.0, 2.0]


def test_the_same_tensor_twice():
    @tf.function
    def f(x):
        y = x * x
        return y, y

    x = tf.constant(3.0)
    with tf.GradientTape() as tape:
        tape.watch(x)
        a, b = f(x)
        total = a + 10.0 * b
    assert float(tape.gradient(total, x)) == 66.0


def test_numpy_arrays_and_lists_go_in():
    f = tf.function(lambda x: x * 2.0)
    assert f(np.float32([1.0, 2.0])).numpy().tolist() == [2.0, 4.0]
    assert [float(t) for t in tf.function(lambda xs: xs)([1.0, 2.0])] == [1.0, 2.0]


def test_a_result_does_not_share_memory_with_what_the_caller_changes():
    array = np.ones(3, np.float32)
    result = tf.function(lambda x: x)(array)
    array[:] = 5.0
    assert result.numpy().tolist() == [1.0, 1.0, 1.0]


# -- variables -------------------------------------------------------------------------------------


def test_variables_are_created_once():
    class Model:
        v = None

        @tf.function
        def __call__(self, x):
            if self.v is None:
                self.v = tf.Variable(tf.ones([3]) * 2.0, name="v")
            return x * self.v

    model = Model()
    assert model(tf.ones([3])).numpy().tolist() == [2.0] * 3
    assert model(tf.ones([2, 3])).numpy().tolist() == [[2.0] * 3] * 2
    assert model.v.numpy().tolist() == [2.0] * 3


@pytest.mark.parametrize("first", [0.0, np.float32(0), np.zeros(()), lambda: 0.0])
@pytest.mark.parametrize("dtype", [None, tf.float32])
def test_a_variable_created_by_the_first_call_keeps_what_later_ones_assign(first, dtype):
    made = []

    @tf.function
    def count():
        if not made:
            made.append(tf.Variable(first, dtype=dtype))
        return made[0].assign_add(tf.ones([], made[0].dtype))

    assert [float(count()) for _ in range(3)] == [1.0, 2.0, 3.0]
    assert float(made[0]) == 3.0


def test_a_variable_created_by_each_call_is_an_error():
    @tf.function
    def f(x):
        return x + tf.Variable(1.0, name="mine")

    f(tf.zeros([2]))
    with pytest.raises(FailedPreconditionError, match=r"first call only; 'mine'"):
        f(tf.zeros([3]))


def test_the_first_value_of_a_variable_runs_nothing_else(capsys):
    count = tf.Variable(0.0)
    made = []

    @tf.function
    def f(x):
        count.assign_add(x)
        noise = tf.random.uniform(tf.shape(x))
        tf.print("hello")
        if not made:
            made.append(tf.Variable(tf.random.stateless_normal([2], [1, 2]) * 0.0 + scale))
        return x + noise * 0.0 + made[0]

    scale = tf.constant([2.0, 3.0])  # a captured value is known
    assert f(tf.constant(1.0)).numpy().tolist() == [3.0, 4.0]
    assert f(tf.constant(5.0)).numpy().tolist() == [7.0, 8.0]
    assert float(count) == 6.0
    assert capsys.readouterr().err.count("hello") == 2


def test_the_first_value_of_a_variable_cannot_depend_on_an_argument():
    @tf.function
    def f(x):
        return tf.Variable(x * 2.0) + x

    with pytest.raises(GraphError, match=r"first value.*x:0.*f.*test_function\.py"):
        f(tf.constant(1.0))


def test_stateful_operations_keep_the_order_of_the_program():
    v = tf.Variable(1.0)

    @tf.function
    def f(x):
        before = v + 0.0
        v.assign(x)
        middle = v + 0.0
        v.assign_add(10.0)
        return before, middle, v.read_value()

    assert [float(t) for t in f(tf.constant(5.0))] == [1.0, 5.0, 15.0]
    assert [float(t) for t in f(tf.constant(7.0))] == [15.0, 7.0, 17.0]


def test_an_assignment_happens_even_if_nothing_uses_it():
    v = tf.Variable(0.0)

    @tf.function
    def f():
        v.assign_add(1.0)

    assert f() is None
    f()
    assert float(v) == 2.0


# -- closures and nesting --------------------------------------------------------------------------


def test_an_outside_tensor_is_captured_with_its_gradient():
    k = tf.constant(3.0)
    f = tf.function(lambda x: x * k * k)
    with tf.GradientTape() as tape:
        tape.watch(k)
        y = f(tf.constant(2.0))
    assert float(tape.gradient(y, k)) == 12.0


def test_a_function_that_is_first_called_inside_of_another_can_be_called_alone():
    k = tf.constant(3.0)

    @counted
    def inner(x):
        return x * k

    outer = tf.function(lambda x: inner(x) + 1.0)
    other = tf.function(lambda x: inner(x) + k)
    x = tf.constant(2.0)
    assert [float(outer(x)), float(inner(x)), float(other(x))] == [7.0, 6.0, 9.0]
    assert len(inner.traces) == 1


def test_a_captured_tensor_in_graphs_within_graphs():
    k = tf.constant(3.0)

    @tf.function
    def f(x):
        def body(i, y):
            return i + 1, tf.cond(y > 0.0, lambda: y * k, lambda: y + k)

        return tf.while_loop(lambda i, y: i < 2, body, [0, x])[1]

    with tf.GradientTape() as tape:
        tape.watch(k)
        y = f(tf.constant(1.0))
    assert float(y) == 9.0
    assert float(tape.gradient(y, k)) == 6.0


def test_nested_functions_share_variables():
    v = tf.Variable(1.0)

    @tf.function
    def inner(x):
        v.assign_add(x)
        return v * 1.0

    @tf.function
    def outer(x):
        first = inner(x)
        v.assign(v * 10.0)
        return first, inner(x)

    assert [float(t) for t in outer(tf.constant(1.0))] == [2.0, 21.0]
    assert float(v) == 21.0


def test_inside_of_another_trace_a_function_is_written_out():
    inner = counted(lambda x: x * x)
    outer = tf.function(lambda x: inner(x) + inner(x + 1.0))
    assert float(outer(tf.constant(2.0))) == 13.0
    assert len(inner.traces) == 1
    types = [n.type for n in outer.get_concrete_function(tf.constant(0.0)).graph.operations]
    assert "call" not in types
    assert types.count("multiply") == 2


def test_a_function_of_a_function_keeps_its_own_signature():
    f = counted(lambda x: x + 1.0)
    g = tf.function(f, input_signature=[tf.TensorSpec([None], tf.float32)])
    g(vector(1))
    g(vector(2))
    assert g.experimental_get_tracing_count() == 1
    assert f.experimental_get_tracing_count() == 1
    assert f.input_signature is None


def test_recursion_over_python_values():
    @counted
    def factorial(n, x):
        return x if n == 0 else factorial(n - 1, x * float(n))

    assert float(factorial(5, tf.constant(1.0))) == 120.0
    assert len(factorial.traces) == 6
    assert float(factorial(4, tf.constant(1.0))) == 24.0
    assert len(factorial.traces) == 6


def test_recursion_that_never_ends_is_an_error():
    @tf.function
    def f(x):
        return f(x)

    with pytest.raises(GraphError, match="calls itself with the same signature"):
        f(tf.constant(1.0))
    assert_outside()


def test_partial_and_callable_objects():
    def power(x, n):
        return x**n

    class Adder:
        def __call__(self, x):
            return x + 1.0

    x = tf.constant(3.0)
    assert float(tf.function(functools.partial(power, n=2))(x)) == 9.0
    assert float(tf.function(Adder())(x)) == 4.0
    with pytest.raises(GraphError, match="callable"):
        tf.function(3)


# -- methods ---------------------------------------------------------------------------------------


class Counter:
    """Counts its own traces."""

    def __init__(self, start):
        self.v = tf.Variable(start)
        self.traces = 0

    @tf.function
    def add(self, x):
        self.traces += 1
        self.v.assign_add(x)
        return self.v * 1.0


def test_each_object_has_graphs_of_its_own():
    a, b = Counter(1.0), Counter(100.0)
    x = tf.constant(1.0)
    assert [float(c.add(x)) for c in (a, b, a)] == [2.0, 101.0, 3.0]
    assert (a.traces, b.traces) == (1, 1)
    assert a.add is a.add
    assert a.add.experimental_get_tracing_count() == 1
    assert float(Counter.add(b, x)) == 102.0, "without an object it is the plain function"


def test_an_object_goes_when_its_last_name_goes():
    class Holder(Counter):
        @tf.function
        def called(self, x):
            return tf.py_function(lambda v: v + self.v, [x], tf.TensorSpec([], tf.float32))

    a = Holder(1.0)
    a.add(tf.constant(1.0))
    a.called(tf.constant(1.0))
    gone = weakref.ref(a)
    variable = weakref.ref(a.v)
    del a
    gc.collect()
    assert gone() is None
    assert variable() is None


def test_a_method_keeps_its_object():
    add = Counter(1.0).add
    gc.collect()
    assert float(add(tf.constant(1.0))) == 2.0
    assert float(Counter(5.0).add(tf.constant(1.0))) == 6.0


@pytest.mark.parametrize("copied", [copy.copy, copy.deepcopy])
def test_a_copy_of_an_object_has_methods_of_its_own(copied):
    a = Counter(1.0)
    x = tf.constant(1.0)
    a.add(x)
    b = copied(a)
    b.v = tf.Variable(100.0)
    assert float(b.add(x)) == 101.0
    assert float(a.add(x)) == 3.0


def test_a_copied_model_trains_its_own_variables():
    class Model(tf.Module):
        def __init__(self):
            super().__init__()
            self.w = tf.Variable(1.0)
            self.step = tf.function(self.move)

        def move(self):
            self.w.assign_add(1.0)

    model = Model()
    model.step()
    other = copy.deepcopy(model)
    other.step()
    assert (float(model.w), float(other.w)) == (2.0, 3.0)
    assert model.variables == (model.w,)


def test_objects_that_cannot_be_compared_or_hashed_have_methods():
    class Strange:
        __hash__ = None

        def __eq__(self, other):
            raise TypeError("not comparable")

        @tf.function
        def f(self, x):
            return x + 1.0

    strange = Strange()
    assert [float(strange.f(tf.constant(v))) for v in (1.0, 2.0)] == [2.0, 3.0]
    assert strange.f.experimental_get_tracing_count() == 1


def test_class_methods_and_static_methods():
    class A:
        scale = 2.0

        @classmethod
        @tf.function
        def c(cls, x):
            return x * cls.scale

        @staticmethod
        @tf.function
        def s(x):
            return x + 1.0

    class B(A):
        scale = 3.0

    x = tf.constant(1.0)
    assert [float(f(x)) for f in (A.c, B.c, A().c, A.s, B().s)] == [2.0, 3.0, 2.0, 2.0, 2.0]


def test_an_object_without_a_dictionary_says_so():
    class Slots:
        __slots__ = ()

        @tf.function
        def f(self, x):
            return x

    with pytest.raises(InvalidArgumentError, match="__slots__"):
        Slots().f(tf.constant(1.0))


# -- gradients -------------------------------------------------------------------------------------


def test_gradients_through_a_call_for_variables_and_arguments():
    w = tf.Variable([[1.0, 2.0], [3.0, 4.0]])
    f = tf.function(lambda x: tf.reduce_sum(tf.tanh(x @ w)))
    x = tf.constant([[0.1, 0.2]])
    with tf.GradientTape() as tape:
        tape.watch(x)
        y = f(x)
    dw, dx = tape.gradient(y, [w, x])
    slope = 1 - np.tanh(x.numpy() @ w.numpy()) ** 2
    np.testing.assert_allclose(dw.numpy(), x.numpy().T @ slope, rtol=1e-5)
    np.testing.assert_allclose(dx.numpy(), slope @ w.numpy().T, rtol=1e-5)


@pytest.mark.parametrize("inside", [False, True])
def test_second_derivatives_agree_with_those_of_plain_calls(inside):
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


def second_derivative(f, x):
    with tf.GradientTape() as outer:
        outer.watch(x)
        with tf.GradientTape() as inner:
            inner.watch(x)
            y = f(x)
        slope = inner.gradient(y, x)
    return float(outer.gradient(slope, x))


def numeric_second(f, x, step=1e-4):
    return (f(x + step) - 2 * f(x) + f(x - step)) / step**2


def test_the_second_derivative_does_not_run_the_function_again():
    """Effects happen once, and the Variable is read as it was in the call."""
    count, v = tf.Variable(0), tf.Variable(np.float64(2.0))

    @tf.function
    def f(x):
        count.assign_add(1)
        y = tf.sin(x * v) * tf.exp(x)
        v.assign(100.0)
        return y * y * tf.tanh(y)

    def plain(x):
        y = np.sin(x * 2.0) * np.exp(x)
        return y * y * np.tanh(y)

    found = second_derivative(f, tf.constant(np.float64(0.3)))
    np.testing.assert_allclose(found, numeric_second(plain, 0.3), rtol=1e-5)
    assert int(count) == 1
    assert float(v) == 100.0


def test_the_second_derivative_uses_the_same_random_numbers():
    drawn = []

    @tf.function
    def f(x):
        m = tf.random.uniform([], 1.0, 2.0, dtype=tf.float64)
        drawn.append(m)
        return tf.sin(m * x) * tf.exp(m * x), m

    def first(x):
        y, m = f(x)
        drawn[:] = [float(m)] if tf.executing_eagerly() else drawn
        return y

    found = second_derivative(first, tf.constant(np.float64(0.3)))
    (m,) = drawn
    expected = numeric_second(lambda x: np.sin(m * x) * np.exp(m * x), 0.3)
    np.testing.assert_allclose(found, expected, rtol=1e-5)


def test_derivatives_of_any_order_with_one_tape():
    f = tf.function(lambda x: tf.sin(x) * x)
    x = tf.constant(np.float64(0.3))
    with tf.GradientTape(persistent=True) as tape:
        tape.watch(x)
        g = f(x)
        for _ in range(3):
            g = tape.gradient(g, x)
    np.testing.assert_allclose(float(g), -3 * np.sin(0.3) - 0.3 * np.cos(0.3), rtol=1e-12)


def hidden(with_effect):
    """Return a function whose second derivative needs a value that its first does not."""
    count = tf.Variable(np.float64(0.0))

    @tf.function
    def f(x):
        square = x * x
        weight = tf.sin(square) * square  # only the gradient rule looks at it

        @tf.custom_gradient
        def scaled(y):
            return y * 2.0, lambda dy: dy * weight

        if with_effect:
            count.assign_add(1.0)
        return scaled(x * 3.0)

    return f, count


def test_a_value_that_is_needed_later_is_derived_again():
    f, _ = hidden(with_effect=False)
    found = second_derivative(f, tf.constant(np.float64(0.7)))
    x = 0.7
    expected = 3.0 * (np.cos(x * x) * 2 * x * x * x + np.sin(x * x) * 2 * x)
    np.testing.assert_allclose(found, expected, rtol=1e-6)


def test_deriving_again_has_no_effects():
    said = []

    @tf.function
    def f(x):
        weight = tf.sin(x * x) * (x * x)
        tf.py_function(lambda: said.append("hello"), [], [])

        @tf.custom_gradient
        def scaled(y):
            return y * 2.0, lambda dy: dy * weight

        return scaled(x * 3.0)

    second_derivative(f, tf.constant(np.float64(0.7)))
    assert said == ["hello"]


def test_a_value_that_would_not_be_the_same_again_is_not_derived_again():
    f, count = hidden(with_effect=True)
    with pytest.raises(UnimplementedError, match="inner gradient inside of the function"):
        second_derivative(f, tf.constant(np.float64(0.7)))
    assert float(count) == 1.0


def test_only_some_results_are_differentiated():
    f = tf.function(lambda x: (x * x, tf.cast(x, tf.int32), tf.exp(x), x > 0.0))
    x = tf.constant(3.0)
    with tf.GradientTape(persistent=True) as tape:
        tape.watch(x)
        a, n, b, _ = f(x)
    assert float(tape.gradient(a, x)) == 6.0
    np.testing.assert_allclose(float(tape.gradient(b, x)), np.exp(3.0), rtol=1e-6)
    assert float(tape.gradient([a, b], x)) == pytest.approx(6.0 + np.exp(3.0))
    assert tape.gradient(n, x) is None


def test_a_gradient_rule_may_use_outside_tensors():
    k = tf.constant(3.0)

    @tf.function
    def f(x):
        @tf.custom_gradient
        def scaled(y):
            return y * 2.0, lambda dy: dy * k

        return scaled(x)

    x = tf.constant(1.0)
    with tf.GradientTape() as tape:
        tape.watch(x)
        y = f(x)
    assert float(tape.gradient(y, x)) == 3.0


def test_a_tape_inside_of_the_function():
    w = tf.Variable(3.0)

    @tf.function
    def step(x):
        with tf.GradientTape() as tape:
            loss = w * w * x
        slope = tape.gradient(loss, w)
        w.assign_sub(0.1 * slope)
        return slope

    assert float(step(tf.constant(1.0))) == 6.0
    assert float(w) == pytest.approx(2.4)


# -- when tracing fails ----------------------------------------------------------------------------


def assert_outside():
    """Nothing of a trace is left in this thread."""
    assert tf.executing_eagerly()
    assert (context.scope, context.device, context.recorders, context.gradient_of) == (
        "", None, [], None)  # fmt: skip
    assert float(tf.constant(1.0) + 1.0) == 2.0


@pytest.mark.parametrize("error", [ValueError("mine"), KeyboardInterrupt()], ids=repr)
def test_an_exception_while_tracing_leaves_nothing_behind(error):
    fail = [True]
    v = tf.Variable(1.0)

    @tf.function
    def f(x):
        with tf.name_scope("scope"), tf.device("/cpu:1"), tf.GradientTape() as tape:
            tape.watch(x)
            v.assign_add(1.0)
            with tf.control_dependencies([x]):
                if fail:
                    raise error
            return x + v

    with pytest.raises(type(error)):
        f(tf.constant(1.0))
    assert_outside()
    assert float(v) == 1.0
    assert f.experimental_get_tracing_count() == 0
    fail.clear()
    assert float(f(tf.constant(1.0))) == 3.0


def test_a_tensor_as_a_python_bool_shows_what_to_write():
    @tf.function(autograph=False)
    def f(x):
        if x > 0.0:  # the line to blame
            return x
        return -x

    with pytest.raises(GraphError) as caught:
        f(tf.constant(1.0))
    message = str(caught.value)
    line = f.python_function.__code__.co_firstlineno + 2
    assert f"[in test_function.py:{line}]" in message
    assert "tf.cond(" in message
    assert "tf.while_loop(" in message
    assert_outside()


@pytest.mark.parametrize(
    "use",
    [
        lambda t: t + 1.0,
        lambda t: t.numpy(),
        lambda t: float(t),
        lambda t: np.asarray(t),
        lambda t: tf.Variable(1.0).assign(t),
        lambda t: tf.function(lambda x: x)(t),
        lambda t: tf.function(lambda: t + 1.0)(),
        lambda t: tf.function(lambda x: x + t)(tf.constant(1.0)),
    ],
)
def test_a_tensor_that_leaks_out_of_a_trace_is_refused_by_name(use):
    leaked = []

    @tf.function
    def f(x):
        leaked.append(tf.multiply(x, 2.0, name="leaky"))
        return x

    f(tf.constant(1.0))
    with pytest.raises(GraphError, match=r"leaky:0.*test_function\.py"):
        use(leaked[0])
    assert_outside()


def test_an_operation_cannot_be_returned():
    v = tf.Variable(1.0)
    with pytest.raises(GraphError, match="return"):
        tf.function(lambda: v.assign(2.0).op)()


def test_something_that_is_no_tensor_cannot_be_returned():
    with pytest.raises(InvalidArgumentError, match="object"):
        tf.function(lambda: object())()
    assert_outside()


def test_how_it_shows_itself():
    @tf.function
    def area(a, b):
        """Return the area."""
        return a * b

    area(tf.constant(1.0), tf.constant(2.0))
    assert repr(area) == "<tf.function area: 1 trace(s)>"
    assert (area.__name__, area.__doc__) == ("area", "Return the area.")
    assert "area" in area.pretty_printed_concrete_signatures()
