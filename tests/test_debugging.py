"""Checks that stop a program where it goes wrong: eagerly, in graphs, and in compiled code."""

import importlib.util

import numpy as np
import pytest

import minitf as tf
from minitf.errors import DTypeError, InvalidArgumentError, NumericsError, ShapeError
from minitf.graph.observe import observers

check = tf.debugging
INF, NAN = float("inf"), float("nan")


def in_session(f, *arguments):
    """Run `f` as a TensorFlow 1 program does: its checks run before its result."""
    with tf.Graph().as_default():
        inputs = [tf.constant(a) for a in arguments]
        found = f(*inputs)
        with tf.control_dependencies([found]):
            done = tf.constant(True)
        with tf.Session() as session:
            return session.run(done)


def in_function(f, *arguments):
    return tf.function(f)(*map(tf.constant, arguments))


def eagerly(f, *arguments):
    return f(*map(tf.constant, arguments))


everywhere = pytest.mark.parametrize("way", [eagerly, in_function, in_session])


# -- checks on data --------------------------------------------------------------------------------


@everywhere
@pytest.mark.parametrize(
    ("assertion", "good", "bad"),
    [
        (check.assert_equal, ([1.0, 2.0], [1.0, 2.0]), ([1.0, 2.0], [1.0, 3.0])),
        (check.assert_equal, ([True], [True]), ([True], [False])),
        (check.assert_none_equal, ([1.0, 2.0], [3.0, 3.0]), ([1.0, 2.0], [3.0, 2.0])),
        (check.assert_less, ([1.0, 2.0], [2.0, 3.0]), ([1.0, 3.0], [2.0, 3.0])),
        (check.assert_less_equal, ([1.0, 3.0], [2.0, 3.0]), ([1.0, 4.0], [2.0, 3.0])),
        (check.assert_greater, ([3, 3], [1, 2]), ([3, 2], [1, 2])),
        (check.assert_greater_equal, ([3, 2], [1, 2]), ([3, 1], [1, 2])),
        (check.assert_less, ([[1.0, 2.0]], 3.0), ([[1.0, NAN]], 3.0)),  # NaN compares to nothing
        (check.assert_non_negative, ([0.0, 1.0],), ([0.0, -1.0],)),
        (check.assert_positive, ([0.5, 1.0],), ([0.0, 1.0],)),
        (check.assert_all_finite, ([0.5, 1.0],), ([0.0, INF],)),
    ],
)
def test_assertions_both_ways(way, assertion, good, bad):
    named = (lambda *x: assertion(*x, message="which one")) if assertion is not (
        check.assert_all_finite) else lambda x: assertion(x, "which one")  # fmt: skip
    way(named, *good)
    with pytest.raises(InvalidArgumentError, match=r"which one.*test_debugging\.py:"):
        way(named, *bad)


@everywhere
def test_empty_tensors_pass(way):
    way(check.assert_positive, np.zeros(0, np.float32))
    way(check.assert_equal, np.zeros((0, 2), np.float32), np.zeros((0, 2), np.float32))


@everywhere
def test_a_condition_of_ones_own(way):
    way(lambda x: check.Assert(tf.reduce_all(x > 0.0), [x]), [1.0, 2.0])
    with pytest.raises(InvalidArgumentError, match=r"data: \[-1.*2"):
        way(lambda x: check.Assert(tf.reduce_all(x > 0.0), [x]), [-1.0, 2.0])


def test_an_assertion_of_a_function_runs_though_nobody_uses_it():
    @tf.function
    def f(x):
        check.assert_positive(x)
        return x * 2.0

    assert float(f(tf.constant(1.0))) == 2.0
    with pytest.raises(InvalidArgumentError, match="x > 0"):
        f(tf.constant(-1.0))


def test_a_failed_assertion_changes_no_variable():
    v = tf.Variable(1.0)

    @tf.function
    def f(x):
        v.assign_add(x)
        check.assert_less(v.read_value(), 10.0)
        v.assign_add(x)

    f(tf.constant(1.0))
    with pytest.raises(InvalidArgumentError):
        f(tf.constant(100.0))
    assert float(v) == 3.0


@everywhere
def test_check_numerics_says_how_many_and_where(way):
    assert way(lambda x: check.check_numerics(x, "weights"), [1.0, 2.0]) is not None
    with pytest.raises(ArithmeticError, match=r"weights: .*1 NaN and 2 infinite of 4.*\(1,\)"):
        way(lambda x: check.check_numerics(x, "weights"), [1.0, INF, NAN, -INF])


def test_check_numerics_watches_the_gradient_too():
    x = tf.constant(0.0)
    with tf.GradientTape() as tape:
        tape.watch(x)
        y = tf.sqrt(check.check_numerics(x, "x"))
    with pytest.raises(NumericsError, match="gradient of x"):
        tape.gradient(y, x)


# -- checks on form --------------------------------------------------------------------------------


def test_shapes_with_letters():
    x, y = tf.zeros([4, 3]), tf.zeros([3, 5])
    check.assert_shapes([(x, ("n", "k")), (y, ("k", 5)), (tf.zeros([]), ())])
    check.assert_shapes({x: (None, 3)})
    for wrong in [
        [(x, ("n", "n"))],
        [(x, ("n", "k")), (y, ("n", "k"))],
        [(x, (4,))],
        [(x, (4, 3, 1))],
        [(x, (5, 3))],
    ]:
        with pytest.raises(ShapeError, match=r"mine.*expected.*got"):
            check.assert_shapes(wrong, message="mine")


def test_shapes_that_are_not_known_yet():
    @tf.function(input_signature=[tf.TensorSpec([None, 3])])
    def f(x):
        check.assert_shapes([(x, ("n", "k")), (tf.zeros([3, 4]), ("k", "n"))])
        with pytest.raises(ShapeError):
            check.assert_shapes([(x, ("n", 3)), (tf.zeros([4]), ("n",)), (tf.zeros([5]), ("n",))])
        return x

    f(tf.zeros([4, 3]))


def test_ranks_and_types():
    check.assert_rank(tf.zeros([2, 3]), 2)
    check.assert_rank(1.0, 0)
    check.assert_type(tf.zeros([2]), tf.float32)
    with pytest.raises(ShapeError, match=r"mine: expected 1 dimension.*\(2, 3\)"):
        check.assert_rank(tf.zeros([2, 3]), 1, message="mine")
    with pytest.raises(DTypeError, match=r"expected.*int32.*got float32"):
        check.assert_type(tf.zeros([2]), tf.int32)
    assert check.is_numeric_tensor(tf.constant(1))
    assert not check.is_numeric_tensor(tf.constant("a"))
    assert not check.is_numeric_tensor(1.0)


# -- watching every operation ----------------------------------------------------------------------


@pytest.fixture
def watched():
    check.enable_check_numerics()
    yield
    check.disable_check_numerics()


def bad_in_the_middle(x):
    """Make infinity out of numbers: in the division, and nowhere before."""
    a = x * 2.0 - 2.0
    b = 1.0 / a  # the line to blame
    return tf.nn.relu(b + 1.0) * 3.0


LINE = bad_in_the_middle.__code__.co_firstlineno + 3
BLAME = rf"^divide: .*infinite.*\[in test_debugging\.py:{LINE}\]"


@pytest.mark.parametrize("way", [eagerly, in_function, in_session])
def test_the_origin_is_named(watched, way):
    way(bad_in_the_middle, np.full((40, 40), 3.0, np.float32))
    with pytest.raises(NumericsError, match=BLAME):
        way(bad_in_the_middle, np.ones((40, 40), np.float32))


@pytest.mark.skipif(not importlib.util.find_spec("numba"), reason="compiles")
def test_the_origin_is_named_in_compiled_code(tmp_path, monkeypatch):
    """A fused loop hides the results in its middle, so another plan is run."""
    monkeypatch.setenv("MINITF_CACHE", str(tmp_path))
    f = tf.function(bad_in_the_middle)
    x = tf.ones([40, 40])
    expected = f(x)
    (plans,) = f.get_concrete_function(x).graph.compiled.values()
    plans.warm_up()
    assert [s.node.type for s in plans.plan.steps] == ["fused"]
    np.testing.assert_array_equal(f(x), expected)
    check.enable_check_numerics()
    try:
        with pytest.raises(NumericsError, match=BLAME):
            f(x)
    finally:
        check.disable_check_numerics()
    np.testing.assert_array_equal(f(x), expected)


def test_the_origin_is_named_where_it_was_folded(watched):
    @tf.function
    def f(x):
        return x + tf.math.log(tf.constant(-1.0)) * 2.0

    with pytest.raises(NumericsError, match="^log: .*1 NaN"):
        f(tf.constant(1.0))


def test_the_origin_is_named_where_it_was_shared_or_simplified(watched):
    @tf.function
    def f(x):
        y = tf.identity(x) * 1.0
        return tf.sqrt(y) + tf.sqrt(tf.identity(y))

    with pytest.raises(NumericsError, match="^sqrt: "):
        f(tf.constant(-1.0))


@pytest.mark.parametrize("device", ["/cpu:0", "/cpu:1"])
def test_the_origin_is_named_in_branches_loops_and_workers(watched, device):
    @tf.function
    def f(x):
        with tf.device(device):
            y = tf.cond(x > 0.0, lambda: tf.math.log(x - 1.0), lambda: x)
        z = tf.while_loop(lambda i, a: i < 3, lambda i, a: (i + 1, a * 1e12), [0, x])[1]
        return y + z

    with pytest.raises(NumericsError, match=r"log: .*infinite.*test_debugging") as error:
        f(tf.constant(1.0))
    assert "cond: " in str(error.value)
    with pytest.raises(NumericsError, match=r"multiply: .*infinite"):
        f(tf.constant(1000.0))


def test_gradients_are_watched(watched):
    x = tf.constant(0.0)
    with tf.GradientTape() as tape:
        tape.watch(x)
        y = tf.sqrt(x)
    with pytest.raises(NumericsError, match="infinite|NaN"):
        tape.gradient(y, x)


def test_a_run_that_is_stopped_changes_nothing(watched):
    v = tf.Variable(1.0)

    @tf.function
    def f(x):
        v.assign_add(1.0)
        return tf.math.log(x)

    with pytest.raises(NumericsError):
        f(tf.constant(-1.0))
    assert float(v) == 1.0


def test_watching_can_be_switched_on_twice_and_off():
    before = list(observers)
    check.enable_check_numerics()
    check.enable_check_numerics()
    check.disable_check_numerics()
    assert observers == before
    assert np.isnan(tf.math.log(tf.constant(-1.0)).numpy())
    check.disable_check_numerics()


# ---- more checks, under TensorFlow's names


@pytest.mark.parametrize(
    ("check", "fine", "wrong"),
    [
        (tf.debugging.assert_negative, [-1, -2], [-1, 0]),
        (tf.debugging.assert_non_positive, [-1.0, 0.0], [0.5, 0.0]),
        (tf.debugging.assert_non_negative, [1, 0], [1, -1]),
        (tf.debugging.assert_positive, [1.0], [0.0]),
    ],
)
def test_checks_against_zero(check, fine, wrong):
    check(fine)
    check([])
    with pytest.raises(InvalidArgumentError, match="mine: expected x .* 0 .1 of"):
        check(wrong, "mine")
    with pytest.raises(InvalidArgumentError, match="1 of"):
        tf.function(lambda x: check(x) is None)(tf.constant(wrong))


def test_near():
    tf.debugging.assert_near(tf.constant([1.0, 100.0]), [1.0 + 1e-6, 100.0 + 1e-4])
    tf.debugging.assert_near([1.0], [1.1], atol=0.2, rtol=0.0)
    tf.debugging.assert_near(tf.constant(1, tf.int64), 1)
    for x, y in [(1.0, 1.0 + 3e-6), (0.0, 1e-5)]:
        with pytest.raises(InvalidArgumentError, match="expected x near y, rtol=1.19"):
            tf.debugging.assert_near(x, y)
    with pytest.raises(InvalidArgumentError, match="mine: .*rtol=0.1"):
        tf.debugging.assert_near(10.0, 12.0, rtol=0.1, message="mine")


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda d: d.assert_rank_at_least([1], 2), ValueError, "at least 2 dimension.*, got"),
        (lambda d: d.assert_rank_in([1], [0, 2]), ValueError, "expected 0 or 2 dimension"),
        (lambda d: d.assert_scalar([1]), ValueError, "assert_scalar: expected 0 dimension"),
        (lambda d: d.assert_integer(1.5), TypeError, "expected integers, got float32"),
        (lambda d: d.assert_same_float_dtype([1.0, np.float64(1)]), TypeError, "32, got float64"),
        (lambda d: d.assert_same_float_dtype([1]), TypeError, "floating type, int32, got int32"),
        (lambda d: d.assert_proper_iterable("ab"), TypeError, "got str"),
        (lambda d: d.assert_proper_iterable(3), TypeError, "got int"),
    ],
)  # fmt: skip
def test_checks_of_types_and_ranks(call, error, message):
    with pytest.raises(error, match=message):
        call(tf.debugging)


def test_checks_of_types_and_ranks_that_pass():
    tf.debugging.assert_rank_at_least([[1]], 2)
    tf.debugging.assert_rank_in([[1]], (1, 2))
    assert float(tf.debugging.assert_scalar(2.0)) == 2.0
    tf.debugging.assert_integer([1])
    tf.debugging.assert_proper_iterable((1, 2))
    assert tf.debugging.assert_same_float_dtype() is tf.float32
    assert tf.debugging.assert_same_float_dtype([None], tf.float16) is tf.float16


def test_the_names_at_the_front_door():
    tf.assert_equal([1, 2], [1, 2])
    tf.assert_rank([1], 1)
    tf.assert_less(1, 2)
    tf.assert_greater(2, 1)
    with pytest.raises(InvalidArgumentError):
        tf.Assert(tf.constant(False), [1])


def test_how_much_a_program_wants_to_hear():
    logging = tf.compat.v1.logging
    before = logging.get_verbosity()
    logging.set_verbosity(logging.ERROR)
    assert logging.get_verbosity() == tf.get_logger().getEffectiveLevel() == 40
    logging.set_verbosity(before)


def test_errors_are_caught_by_tensorflows_names():
    names = """Aborted AlreadyExists Cancelled DataLoss DeadlineExceeded FailedPrecondition Internal
        InvalidArgument NotFound OutOfRange PermissionDenied ResourceExhausted Unauthenticated
        Unavailable Unimplemented Unknown OperatorNotAllowedInGraph"""
    for name in names.split():
        with pytest.raises(tf.errors.OpError, match="gone"):
            raise getattr(tf.errors, f"{name}Error")("gone")
    with pytest.raises(tf.errors.OperatorNotAllowedInGraphError, match="cannot branch"):
        tf.function(lambda x: 1 if x else 2, autograph=False)(tf.constant(True))
