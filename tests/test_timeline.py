"""The timeline, and the checks that watch runs."""

import json
import threading

import numpy as np
import pytest

import minitf as tf
from minitf.graph.observe import observers


@pytest.fixture
def one_blas_thread():
    """Let matrix products use one thread each, so that two of them can run side by side."""
    threading_config = tf.config.threading
    before = threading_config.get_intra_op_parallelism_threads()
    threading_config.set_intra_op_parallelism_threads(1)
    yield
    threading_config.set_intra_op_parallelism_threads(before)


def two_chains(n=300, length=12):
    """Return a function of two independent chains of matrix products, on two devices."""

    @tf.function
    def chains(a, b):
        for _ in range(length):
            with tf.device("/cpu:0"):
                a = tf.matmul(a, a)
            with tf.device("/cpu:1"):
                b = tf.matmul(b, b)
        return a, b

    matrix = np.linalg.qr(np.random.default_rng(0).standard_normal((n, n)))[0].astype(np.float32)
    return chains, tf.constant(matrix), tf.constant(matrix.T.copy())


def test_two_devices_work_at_the_same_time(one_blas_thread):
    chains, a, b = two_chains()
    chains(a, b)
    with tf.profiler.Trace() as trace:
        chains(a, b)
    lanes = {d: [e for e in trace.events if e.device == d] for d in ("/cpu:0", "/cpu:1")}
    assert all(sum(e.type == "matmul" for e in lane) == 12 for lane in lanes.values())
    assert all(len({e.thread for e in lane}) == 1 for lane in lanes.values())
    overlap = any(
        x.start < y.end and y.start < x.end for x in lanes["/cpu:0"] for y in lanes["/cpu:1"]
    )
    assert overlap, "no operation of one device ran beside one of the other"


def test_both_schedules_give_the_same_bits(one_blas_thread):
    chains, a, b = two_chains(n=64)
    parallel = [t.numpy() for t in chains(a, b)]
    for _ in range(12):
        a, b = a @ a, b @ b
    np.testing.assert_array_equal(parallel[0], a.numpy())
    np.testing.assert_array_equal(parallel[1], b.numpy())


def test_no_thread_stays_busy(one_blas_thread):
    chains, a, b = two_chains(n=16)
    chains(a, b)
    names = {t.name for t in threading.enumerate()}
    for _ in range(5):
        chains(a, b)
    assert {t.name for t in threading.enumerate()} == names


def test_an_error_in_a_worker_reaches_the_caller():
    v = tf.Variable(1.0)

    @tf.function
    def f(x, i):
        with tf.device("/cpu:1"):
            v.assign_add(1.0)
            y = tf.gather(x, i)
        with tf.device("/cpu:0"):
            return tf.square(x), y

    x = tf.constant([1.0, 2.0])
    with pytest.raises(IndexError, match=r"gather.*9.*\[in test_timeline\.py:\d+\]"):
        f(x, tf.constant(9))
    assert v.numpy() == 1.0
    assert f(x, tf.constant(1))[1].numpy() == 2.0


def test_events_say_what_ran_and_when(tmp_path):
    x = tf.Variable([1.0, 2.0])
    with tf.profiler.Trace() as trace, tf.GradientTape() as tape:
        y = tf.reduce_sum(tf.square(x))
        tape.gradient(y, x)
    types = [e.type for e in trace.events]
    assert types[:3] == ["read_variable", "square", "reduce_sum"]
    assert any(e.gradient_of for e in trace.events)
    assert all(0 <= e.start <= e.end for e in trace.events)
    assert {e.line[0] for e in trace.events if e.type == "square"} == {__file__}
    path = trace.save_chrome_trace(tmp_path / "trace.json")
    events = json.loads(path.read_text())["traceEvents"]
    spans = [e for e in events if e["ph"] == "X"]
    assert [e["cat"] for e in spans] == types
    assert spans[1]["dur"] == pytest.approx((trace.events[1].end - trace.events[1].start) / 1e3)
    assert [row[0] for row in trace.by_type()].count("square") == 1


def test_it_can_be_drawn():
    with tf.profiler.Trace() as trace:
        tf.square(tf.constant([1.0, 2.0]))
    axes = trace.plot()
    assert [t.get_text() for t in axes.get_yticklabels()] == ["/cpu:0  MainThread"]
    axes.figure.clear()


def test_lanes_types_and_sizes():
    @tf.function
    def f(x):
        with tf.device("/cpu:1"):
            a = tf.matmul(x, x)
        return tf.exp(x), tf.matmul(a, a)

    x = tf.ones([8, 8])
    f(x)
    with tf.profiler.Trace() as trace:
        f(x)
    assert sorted(e.type for e in trace.events) == ["exp", "matmul", "matmul"]
    assert {device for device, _ in trace.lanes} == {"/cpu:0", "/cpu:1"}
    assert {e.bytes for e in trace.events} == {256}
    rows = trace.by_type()
    assert {name: count for name, count, _ in rows} == {"exp": 1, "matmul": 2}
    assert [spent for *_, spent in rows] == sorted((spent for *_, spent in rows), reverse=True)
    total = sum(e.end - e.start for e in trace.events) / 1e6
    assert sum(spent for *_, spent in rows) == pytest.approx(total)
    assert trace.busy() > 0


def test_a_trace_that_chrome_can_read(tmp_path):
    with tf.profiler.Trace() as trace:
        tf.function(lambda x: tf.exp(tf.sin(x)))(tf.ones([4]))
    events = json.loads(trace.save_chrome_trace(tmp_path / "t.json").read_text())["traceEvents"]
    names = {e["tid"]: e["args"]["name"] for e in events if e["ph"] == "M"}
    spans = [e for e in events if e["ph"] == "X"]
    assert {e["name"] for e in events if e["ph"] == "M"} == {"thread_name"}
    assert [names[e["tid"]] for e in spans] == [f"{e.device} {e.thread}" for e in trace.events]
    for span, event in zip(spans, trace.events, strict=True):
        assert set(span) == {"ph", "name", "cat", "pid", "tid", "ts", "dur", "args"}
        assert span["ts"] == pytest.approx(event.start / 1e3)  # microseconds
        assert span["dur"] >= 0
        assert span["args"]["line"].startswith("test_timeline.py:")
    ends = [e["ts"] + e["dur"] for e in spans if e["tid"] == spans[-1]["tid"]]
    starts = [e["ts"] for e in spans if e["tid"] == spans[-1]["tid"]]
    assert all(a <= b + 1e-3 for a, b in zip(ends, starts[1:], strict=False)), "one after the other"


def test_a_drawing_has_a_bar_for_every_event():
    @tf.function
    def f(x):
        with tf.device("/cpu:1"):
            a = tf.exp(x)
        return tf.sin(x) + a

    f(tf.ones([4]))
    with tf.profiler.Trace() as trace:
        f(tf.ones([4]))
    axes = trace.plot()
    assert len(axes.patches) == len(trace.events)
    assert len(axes.get_yticklabels()) == len(trace.lanes)
    axes.figure.clear()
    empty = tf.profiler.Trace().plot()
    assert len(empty.patches) == 0
    empty.figure.clear()


def test_an_observer_goes_when_its_block_fails():
    before = list(observers)
    trace = tf.profiler.Trace()
    with pytest.raises(IndexError), trace:
        tf.gather(tf.constant([1.0]), 5)
    assert observers == before


def test_nothing_is_watched_afterwards():
    with tf.profiler.Trace() as trace:
        tf.square(1.0)
    tf.square(2.0)
    assert len(trace.events) == 1


# ---- checks


@pytest.fixture
def checked():
    tf.debugging.enable_check_numerics()
    yield
    tf.debugging.disable_check_numerics()


def origin(x):
    """Make infinity out of numbers in the middle of a chain."""
    return tf.sqrt(tf.reduce_sum(x * 2.0 + tf.math.log(x)))


@pytest.mark.parametrize("make", [lambda f: f, tf.function], ids=["eager", "function"])
def test_the_first_bad_operation_is_named(checked, make):
    f = make(origin)
    assert np.isfinite(f(tf.constant([1.0, 2.0])).numpy())
    with pytest.raises(ArithmeticError, match=r"log.*infinite.*\[in test_timeline\.py:\d+\]"):
        f(tf.constant([0.0, 2.0]))


def test_the_first_bad_operation_is_named_in_compiled_code(checked):
    @tf.function
    def f(x):
        return (x * 2.0 - 1.0) / (x - x) + 1.0

    x = tf.ones([64])
    compiled = f.get_concrete_function(x).graph
    tf.debugging.disable_check_numerics()
    f(x)
    for plan in compiled.compiled.values():
        plan.warm_up()
    tf.debugging.enable_check_numerics()
    with pytest.raises(ArithmeticError, match="divide"):
        f(x)


@pytest.mark.parametrize("make", [lambda f: f, tf.function], ids=["eager", "function"])
def test_assertions(make):
    check = tf.debugging

    def f(x):
        check.assert_greater(x, 0.0, message="x is a size")
        check.assert_less_equal(x, [3.0, 3.0])
        check.assert_non_negative(x)
        check.assert_all_finite(x, "x")
        return x

    f = make(f)
    assert f(tf.constant([1.0, 2.0])).numpy().tolist() == [1.0, 2.0]
    with pytest.raises(ValueError, match="x is a size"):
        f(tf.constant([0.0, 2.0]))
    with pytest.raises(ValueError, match="x <= y"):
        f(tf.constant([1.0, 4.0]))
    with pytest.raises(ValueError):
        f(tf.constant([1.0, np.nan]))


def test_assertions_about_form():
    tf.debugging.assert_rank(tf.zeros([2, 3]), 2)
    with pytest.raises(ValueError, match="1 dimension"):
        tf.debugging.assert_rank(tf.zeros([2, 3]), 1)
    with pytest.raises(TypeError, match="float32"):
        tf.debugging.assert_type(tf.zeros([2]), tf.int32)
    with pytest.raises(ValueError, match="'n'"):
        tf.debugging.assert_shapes([(tf.zeros([4, 3]), ("n", 3)), (tf.zeros([5]), ("n",))])
