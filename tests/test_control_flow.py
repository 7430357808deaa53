"""Branches and loops: the same values and derivatives eagerly, in functions, and in sessions."""

import tracemalloc

import numpy as np
import pytest

import minitf as tf
from minitf.autodiff.functional import jvp
from minitf.errors import (
    DTypeError,
    InvalidArgumentError,
    ShapeError,
)
from minitf.ops.script import numpy_function
from tests.everywhere import check_everywhere

# -- cond ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("x", [0.7, -0.7])
def test_cond(x):
    def f(x):
        return tf.cond(x > 0.0, lambda: tf.exp(tf.exp(x)), lambda: x * x * x)

    y, dy, _ = check_everywhere(f, x)
    expected = np.exp(np.exp(x)) if x > 0 else x**3
    slope = np.exp(np.exp(x) + x) if x > 0 else 3 * x**2
    np.testing.assert_allclose([y, dy], [expected, slope])


def test_only_the_chosen_branch_runs():
    ran = []

    def note(which):
        return numpy_function(lambda: ran.append(which) or np.float32(1), [],
                                 tf.TensorSpec([], tf.float32))  # fmt: skip

    @tf.function
    def f(p):
        return tf.cond(p, lambda: note("yes"), lambda: note("no"))

    f(tf.constant(True))
    f(tf.constant(False))
    f(tf.constant(False))
    assert ran == ["yes", "no", "no"]


def test_cond_of_a_python_value_or_an_eager_tensor_calls_one_branch():
    def never():
        raise AssertionError

    assert tf.cond(True, lambda: "kept as it is", never) == "kept as it is"
    assert int(tf.cond(tf.constant(0) > 1, never, lambda: tf.constant(5))) == 5
    function = tf.function(lambda x: tf.cond(x.shape[0] > 1, lambda: x, never))
    assert function(tf.constant([1, 2])).shape == (2,)


def test_nested_structures_and_none_pass_through():
    @tf.function
    def f(p, x):
        return tf.cond(p, lambda: {"a": (x, None), "b": [2.0 * x]},
                       lambda: {"a": (-x, None), "b": [x]})  # fmt: skip

    found = f(tf.constant(False), tf.constant(3.0))
    assert found["a"][1] is None
    assert [float(found["a"][0]), float(found["b"][0])] == [-3.0, 3.0]


def test_a_branch_may_read_and_change_variables():
    v, w = tf.Variable(2.0), tf.Variable(0.0)

    @tf.function
    def f(p, x):
        y = tf.cond(p, lambda: x * v * v, lambda: x + w)
        tf.cond(p, lambda: w.assign_add(10.0), lambda: w.assign_sub(1.0))
        return y + w

    with tf.GradientTape(persistent=True) as tape:
        y = f(tf.constant(True), tf.constant(3.0))
    assert (float(y), float(w)) == (22.0, 10.0)
    assert float(tape.gradient(y, v)) == 12.0
    with tf.GradientTape() as tape:
        y = f(tf.constant(False), tf.constant(3.0))
    assert (float(y), float(w)) == (22.0, 9.0)
    assert [float(g) for g in tape.gradient(y, [v, w])] == [0.0, 2.0]


def test_assignments_in_branches_keep_their_order_in_a_session():
    with tf.Graph().as_default():
        v = tf.Variable(1.0)
        p = tf.compat.v1.placeholder(tf.bool, [])
        before = v.read_value()
        changed = tf.cond(p, lambda: v.assign(5.0), lambda: v.assign(7.0))
        after = v.read_value()
        with tf.compat.v1.Session() as session:
            session.run(v.initializer)
            assert session.run([before, changed, after], {p: True}) == [1.0, 5.0, 5.0]
            assert session.run([before, changed, after], {p: False}) == [5.0, 7.0, 7.0]


def test_dimensions_in_which_branches_differ_are_unknown():
    graph = tf.function(
        lambda p: tf.cond(p, lambda: tf.zeros([2, 3]), lambda: tf.zeros([2, 4]))
    ).get_concrete_function(tf.TensorSpec([], tf.bool))
    assert graph.outputs[0].shape == (2, None)
    assert graph(tf.constant(False)).shape == (2, 4)


@pytest.mark.parametrize(
    ("true_fn", "false_fn", "error", "message"),
    [
        (lambda: 1.0, lambda: 1, DTypeError, "dtypes in place 0: float32 and int32"),
        (lambda: [1.0], lambda: [[1.0], 2.0], InvalidArgumentError, r"true_fn \[\*\], false_fn"),
        (lambda: {"a": 1.0}, lambda: {"b": 1.0}, InvalidArgumentError, "different structures"),
        (lambda: tf.zeros([2]), lambda: tf.zeros([2, 2]), ShapeError, r"\(2,\) and \(2, 2\)"),
        (lambda: 1.0, lambda: None, InvalidArgumentError, r"true_fn \*, false_fn None"),
        (tf.constant(1.0), lambda: 1.0, DTypeError, "true_fn must be a function"),
    ],
)
def test_branches_that_do_not_fit(true_fn, false_fn, error, message):
    with pytest.raises(error, match=f"^cond: .*{message}.*test_control_flow.py"):
        tf.function(lambda p: tf.cond(p, true_fn, false_fn))(tf.constant(True))


def test_a_condition_is_a_scalar():
    with pytest.raises(ShapeError, match=r"cond: pred must be a scalar, got .* shape \(2,\)"):
        tf.function(lambda p: tf.cond(p, lambda: 1, lambda: 2))(tf.constant([True, False]))


def test_a_condition_may_have_axes_of_length_one():
    @tf.function(input_signature=[tf.TensorSpec([1, None], tf.bool)])
    def by_cond(p):
        return tf.cond(p, lambda: 1, lambda: 2)

    @tf.function(input_signature=[tf.TensorSpec([1, None], tf.bool)])
    def by_if(p):
        return tf.constant(1) if p else tf.constant(2)

    for f in (by_cond, by_if):
        assert [int(f(tf.constant([[p]]))) for p in (True, False)] == [1, 2]
        with pytest.raises(InvalidArgumentError, match="cannot reshape array of size 2"):
            f(tf.constant([[True, False]]))


def test_an_error_inside_a_branch_names_the_op_and_the_line():
    def f(p, x):
        return tf.cond(p, lambda: tf.matmul(x, x), lambda: x)

    with pytest.raises(ShapeError, match="matmul: inner dimensions.*test_control_flow.py"):
        tf.function(f)(tf.constant(True), tf.zeros([2, 3]))


# -- switch_case and case -----------------------------------------------------------------------


@pytest.mark.parametrize("index", [0, 1, 2, -1])
def test_switch_case(index):
    def f(x):
        return tf.switch_case(
            tf.identity(tf.constant(index)), [lambda: x, lambda: tf.sin(x), lambda: x * x]
        )

    y, *_ = check_everywhere(f, 0.7)
    assert y == [0.7, np.sin(0.7), 0.7**2, 0.7**2][index]  # the last one stands for all others


def test_switch_case_by_key_with_a_default():
    @tf.function
    def f(i):
        return tf.switch_case(i, {5: lambda: 50, 3: lambda: 30}, default=lambda: -1)

    assert [int(f(tf.constant(i))) for i in (3, 5, 4)] == [30, 50, -1]
    assert int(tf.switch_case(3, [(3, lambda: 30), (4, lambda: 40)])) == 30


def test_case_takes_the_first_that_is_true():
    def f(x):
        return tf.case([(x < 1.0, lambda: x), (x < 2.0, lambda: x * x)], default=lambda: tf.exp(x))

    for x, expected in [(0.5, 0.5), (1.5, 2.25), (3.0, np.exp(3.0))]:
        assert check_everywhere(f, x)[0] == pytest.approx(expected)


def test_case_complains():
    both = [(tf.constant(True), lambda: 1), (tf.constant(True), lambda: 2)]
    assert int(tf.case(both)) == 1
    with pytest.raises(InvalidArgumentError, match=r"predicates \[0, 1\] are true"):
        tf.case(both, exclusive=True)
    with pytest.raises(InvalidArgumentError, match="no predicate is true"):
        tf.function(lambda p: tf.case([(p, lambda: 1), (p, lambda: 2)]))(tf.constant(False))


# -- while_loop ---------------------------------------------------------------------------------


@pytest.mark.parametrize("steps", [0, 1, 4])
def test_while_loop(steps):
    def power(x):
        return tf.while_loop(
            lambda i, y: i < steps, lambda i, y: (i + 1, y * x), [0, tf.ones_like(x)]
        )[1]

    y, dy, _ = check_everywhere(power, 1.5)
    np.testing.assert_allclose([y, dy], [1.5**steps, steps * 1.5 ** max(steps - 1, 0)])


def test_the_number_of_steps_may_depend_on_the_data():
    def collatz(n):
        return tf.while_loop(
            lambda n, i: n > 1,
            lambda n, i: (tf.cond(n % 2 == 0, lambda: n // 2, lambda: 3 * n + 1), i + 1),
            [n, 0],
        )[1]

    assert int(tf.function(collatz)(tf.constant(27))) == int(collatz(tf.constant(27))) == 111


def test_derivatives_of_third_order():
    with tf.Graph().as_default():
        x = tf.compat.v1.placeholder(tf.float64, [])
        y = tf.while_loop(lambda y: y < 100.0, lambda y: y * x, [x])[0]
        slopes = [y]
        for _ in range(4):
            slopes += tf.gradients(slopes[-1], x)
        with tf.compat.v1.Session() as session:
            found = session.run(slopes, {x: 3.0})  # y = x ** 5
    np.testing.assert_allclose(found, [243.0, 5 * 81.0, 20 * 27.0, 60 * 9.0, 120 * 3.0])


def test_nested_loops_and_branches():
    def f(x, w):
        def inner(j, s):
            return j + 1, tf.cond(s > 0.3, lambda: tf.sin(s * w), lambda: tf.exp(s) * x)

        def outer(i, s):
            limit = i + 1
            return i + 1, tf.while_loop(lambda j, s: j < limit, inner, [0, s])[1] + x

        return tf.while_loop(lambda i, s: i < 3, outer, [0, x])[1]

    check_everywhere(f, 0.4, 1.3)


def test_loops_inside_branches():
    def f(x):
        def sum_of_powers():
            return tf.while_loop(
                lambda i, p, s: i < 3, lambda i, p, s: (i + 1, p * x, s + p), [0, x, 0.0 * x]
            )[2]

        return tf.cond(x > 0.0, sum_of_powers, lambda: tf.exp(x))

    assert check_everywhere(f, 0.5)[0] == pytest.approx(0.5 + 0.25 + 0.125)
    check_everywhere(f, -0.5)


def test_gradients_reach_what_the_body_captures():
    def f(x, w):
        def body(i, h):
            return i + 1, tf.tanh(tf.matmul(h, w) + x)

        return tf.reduce_sum(tf.while_loop(lambda i, h: i < 4, body, [0, x])[1] ** 2)

    rng = np.random.default_rng(0)
    check_everywhere(f, rng.normal(size=(2, 3)), rng.normal(size=(3, 3)))


def test_gradients_reach_variables():
    v = tf.Variable(np.float64(1.5))
    x = tf.constant(np.float64(2.0))

    def f():
        return tf.while_loop(lambda i, y: i < 3, lambda i, y: (i + 1, y * v), [0, x])[1]

    for run in (f, tf.function(f)):
        with tf.GradientTape() as outer:
            with tf.GradientTape() as inner:
                y = run()
            slope = inner.gradient(y, v)  # y = x v ** 3
        assert float(slope) == pytest.approx(3 * 2.0 * 1.5**2)
        assert float(outer.gradient(slope, v)) == pytest.approx(6 * 2.0 * 1.5)


def test_gradients_see_a_variable_as_it_was_in_each_step():
    v = tf.Variable(2.0)

    def body(i, y):
        y = y * v
        v.assign_add(1.0)
        return i + 1, y

    @tf.function
    def f(x):
        with tf.GradientTape() as tape:
            tape.watch(x)
            y = tf.while_loop(lambda i, y: i < 3, body, [0, x])[1]
        return y, tape.gradient(y, x)

    y, dy = f(tf.constant(1.0))
    assert (float(y), float(dy), float(v)) == (2.0 * 3.0 * 4.0, 24.0, 5.0)


def test_gradients_see_the_random_numbers_of_each_step():
    @tf.function
    def f(x):
        with tf.GradientTape() as tape:
            tape.watch(x)
            y, product = tf.while_loop(
                lambda y, p: p > 0.001,
                lambda y, p: [y * (r := tf.random.uniform([])), p * r],
                [x, 1.0],
            )
        return product, tape.gradient(y, x)

    product, slope = f(tf.constant(1.0))
    assert 0 < float(product) <= 0.001
    assert float(slope) == pytest.approx(float(product))


def test_shapes_may_change_where_invariants_say_so():
    def f(x):
        def body(i, y):
            return i + 1, tf.concat([y, tf.sin(y[-1:]) * x[:1]], 0)

        _, y = tf.while_loop(
            lambda i, y: i < 3, body, [0, x],
            shape_invariants=[tf.TensorShape([]), tf.TensorShape([None])],
        )  # fmt: skip
        return tf.reduce_sum(y * y)

    check_everywhere(f, [0.5, 0.7])


def test_maximum_iterations():
    def f(limit):
        return tf.while_loop(lambda i: i < 100, lambda i: i + 1, [0], maximum_iterations=limit)[0]

    assert [int(f(limit)) for limit in (None, 7, 0)] == [100, 7, 0]
    assert int(tf.function(f)(tf.constant(7))) == 7
    assert int(tf.function(lambda: f(None))()) == 100


def test_the_result_has_the_form_of_the_loop_variables():
    def f(x):
        return tf.while_loop(
            lambda s: s["i"] < 2,
            lambda s: {"i": s["i"] + 1, "pair": (s["pair"][1], s["pair"][0])},
            [{"i": 0, "pair": (x, 2.0 * x)}],
        )

    for run in (f, tf.function(f)):
        (found,) = run(tf.constant(1.0))
        assert [int(found["i"]), *map(float, found["pair"])] == [2, 1.0, 2.0]


def test_back_prop_false_lets_no_gradient_pass():
    @tf.function
    def f(x):
        return tf.while_loop(
            lambda i, y: i < 2, lambda i, y: [i + 1, y * y], [0, x], back_prop=False
        )[1]

    x = tf.constant(3.0)
    with tf.GradientTape() as tape:
        tape.watch(x)
        y = f(x)
    assert tape.gradient(y, x) is None


def test_forward_mode_runs_through_loops_and_branches():
    @tf.function
    def f(x):
        y = tf.while_loop(lambda i, y: i < 3, lambda i, y: (i + 1, tf.sin(y) * x), [0, x])[1]
        return tf.cond(y > 0.0, lambda: tf.exp(y), lambda: y)

    x = tf.constant(np.float64(0.9))
    _, pushed = jvp(f, x, tf.constant(np.float64(1.0)))
    with tf.GradientTape() as tape:
        tape.watch(x)
        y = f(x)
    np.testing.assert_allclose(pushed.numpy(), tape.gradient(y, x).numpy(), rtol=1e-12)


@pytest.mark.parametrize(
    ("body", "error", "message"),
    [
        (lambda i, x: i + 1, InvalidArgumentError, r"returns 1 value\(s\), but there are 2"),
        (lambda i, x: (i + 1, x, x), InvalidArgumentError, r"returns 3 value\(s\)"),
        (lambda i, x: (i + 1, [x, x]), InvalidArgumentError, "structure"),
        (lambda i, x: (i + 1, tf.cast(x, tf.float64)), DTypeError, "variable 1 is float32.*64"),
        (lambda i, x: (i + 1, tf.concat([x, x], 0)), ShapeError, r"\(2,\).*\(4,\).*invariants"),
        (lambda i, x: (i + 1, tf.reduce_sum(x)), ShapeError, r"variable 1 has shape \(2,\)"),
    ],
)
def test_a_body_that_does_not_fit(body, error, message):
    with pytest.raises(error, match=f"^while_loop: .*{message}"):
        tf.function(lambda x: tf.while_loop(lambda i, x: i < 3, body, [0, x]))(tf.zeros([2]))


def test_while_loop_complains():
    with pytest.raises(InvalidArgumentError, match="loop_vars must be a list"):
        tf.while_loop(lambda x: x, lambda x: x, tf.constant(1))
    with pytest.raises(ShapeError, match="condition must be a scalar"):
        tf.function(lambda x: tf.while_loop(lambda x: x > 0.0, lambda x: x, [x]))(tf.zeros([2]))
    with pytest.raises(ShapeError, match=r"begins with shape \(2,\).*invariant \(3,\)"):
        tf.function(
            lambda x: tf.while_loop(lambda x: True, lambda x: x, [x], [tf.TensorShape([3])])
        )(tf.zeros([2]))


def test_a_loop_that_was_run_before_can_be_differentiated_afterwards():
    with tf.Graph().as_default():
        x = tf.compat.v1.placeholder(tf.float64, [])
        y = tf.while_loop(lambda i, y: i < 3, lambda i, y: (i + 1, tf.sin(y) * x), [0, x])[1]
        z = tf.cond(x > 0.0, lambda: tf.exp(tf.sin(y)), lambda: y)
        with tf.compat.v1.Session() as session:
            before = [session.run(z, {x: 0.9}) for _ in range(5)]
            (slope,) = tf.gradients(z, x)
            session.run(slope, {x: 0.9})
            assert {session.run(z, {x: 0.9}), *before} == {before[0]}


def test_a_function_in_a_loop_and_a_loop_in_two_calls_of_a_function():
    @tf.function
    def twice(x):
        return tf.while_loop(lambda i, y: i < 2, lambda i, y: (i + 1, tf.sin(y) * y), [0, x])[1]

    def f(x):
        y = tf.while_loop(lambda i, y: i < 2, lambda i, y: (i + 1, twice(y) + x), [0, x])[1]
        return twice(y) * twice(x)

    check_everywhere(f, 1.1)


def test_what_the_body_passes_through_is_not_copied():
    """The history of a loop holds references: a weight that every step reads is kept once."""
    w = tf.Variable(np.eye(300, dtype=np.float32))

    @tf.function
    def f(x):
        with tf.GradientTape() as tape:
            y = tf.scan(lambda h, r: tf.matmul(h, w) + r, x, initializer=tf.zeros([1, 300]))
        return tape.gradient(y, w)

    x = tf.zeros([100, 1, 300])
    f(x)
    tracemalloc.start()
    f(x)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 20 * w.numpy().nbytes  # 100 copies would be five times that
