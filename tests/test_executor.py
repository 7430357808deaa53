"""The executor: one result on every schedule, and nothing left behind by a run that fails."""

import gc
import os
import signal
import subprocess
import sys
import textwrap
import threading
import time
import tracemalloc
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings

import minitf as tf
from minitf.errors import InvalidArgumentError, NumericsError, OutOfRangeError
from minitf.graph.device import get_device
from minitf.graph.observe import observing
from minitf.graph.registry import OPS
from minitf.runtime import memory
from minitf.runtime.config import threading_config
from minitf.runtime.executor import Executor, wants_workers
from minitf.runtime.passes import FUSING, STANDARD, run_passes
from minitf.runtime.placer import place
from minitf.runtime.plan import make_plan
from minitf.runtime.program import Program

from .graphs import recipes, same_bits
from .sampling import SAMPLED, Call

ROOT = Path(__file__).parent.parent
DEVICES = (get_device("/cpu:0"), get_device("/cpu:1"))
no_fixture_check = [HealthCheck.function_scoped_fixture]
each_schedule = pytest.mark.parametrize(
    "devices", [["/cpu:0"], ["/cpu:0", "/cpu:1"]], ids=["sequential", "parallel"]
)


@pytest.fixture
def threads():
    """Return a function that sets the number of inter-op threads; set back in the end."""
    before = threading_config.inter_op
    yield tf.config.threading.set_inter_op_parallelism_threads
    threading_config.inter_op = before


@pytest.fixture
def eager_switching():
    """Let threads take turns as often as they can."""
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    yield
    sys.setswitchinterval(before)


@pytest.fixture
def reuse_everywhere(monkeypatch):
    """Let small values, too, be written over others."""
    monkeypatch.setattr(memory, "SMALLEST", 2)  # one element may be no array
    monkeypatch.delitem(OPS["fused"].kernels, "numba")


def plan_of(program, passes=STANDARD):
    return make_plan(run_passes(program, (*passes, place))[-1][1])


def in_threads(count, work):
    """Run `work(i)` in so many threads at once, and raise what any of them raised."""
    errors, start = [], threading.Barrier(count)

    def body(i):
        start.wait()
        try:
            work(i)
        except BaseException as error:
            errors.append(error)
            raise

    workers = [threading.Thread(target=body, args=(i,), daemon=True) for i in range(count)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(60)
    assert not any(worker.is_alive() for worker in workers), "they wait for each other"
    assert errors == []


def at_rest():
    """Return whether no worker of a device has anything to do."""
    for device in DEVICES:
        done = [device.workers(1).submit(time.sleep, 0) for _ in range(4)]
        for future in done:
            future.result(10)
    return True


# -- schedules -------------------------------------------------------------------------------------


@settings(max_examples=60, suppress_health_check=no_fixture_check)
@given(recipe=recipes())
def test_every_schedule_gives_the_same_bits(recipe, threads, reuse_everywhere):
    arrays = recipe.arrays()
    copies = [a.copy() for a in arrays]
    expected = recipe.eagerly(arrays)
    for passes in (STANDARD, STANDARD + FUSING):
        for devices, count in ((), 1), (DEVICES, 1), (DEVICES, 4), ((), 3):
            threads(count)
            plan = plan_of(recipe.program(devices=devices), passes)
            for _ in range(2):  # the constants of a plan are the same the second time
                same_bits([np.array(a) for a in Executor(plan, arrays).run()], expected)
    for array, copy in zip(arrays, copies, strict=True):
        np.testing.assert_array_equal(array, copy)


def test_the_parallel_schedule_is_for_programs_that_ask_for_it(threads):
    with tf.Graph().as_default():
        x = tf.placeholder(tf.float32, [2])
        with tf.device("/cpu:1"):
            a = tf.exp(x)
        two = tf.exp(x * 2.0) + a
        chain = tf.exp(tf.sin(x))
    threads(1)
    branching = plan_of(Program(two.graph, [x], [two], []))
    alone = plan_of(Program(two.graph, [x], [chain], []))
    assert wants_workers(branching)
    assert not wants_workers(alone)
    threads(2)
    assert not wants_workers(alone), "a chain has nothing to gain"


def test_a_diamond_of_many_branches(threads):
    @tf.function
    def f(x):
        parts = []
        for i in range(40):
            with tf.device(f"/cpu:{i % 3}"):
                parts.append(tf.sin(x + float(i)) @ tf.ones([8, 8]))
        return tf.add_n(parts)

    x = tf.constant(np.random.default_rng(0).normal(size=(8, 8)).astype(np.float32))
    threads(4)
    first = f(x).numpy()
    for _ in range(20):
        same_bits([f(x).numpy()], [first])


@pytest.mark.parametrize("count", [1, 4])
def test_stateful_operations_keep_their_order_on_every_schedule(threads, count):
    v = tf.Variable(np.zeros(4, np.float32))

    @tf.function
    def f(x):
        seen = []
        for i in range(6):
            with tf.device(f"/cpu:{i % 2}"):
                seen.append(v * 1.0)
                v.assign(v * 2.0 + x)
                seen.append(tf.random.stateless_normal([4], [i, 0]) + v)
        return seen

    threads(count)
    x = tf.ones([4])
    expected, value = [], np.zeros(4, np.float32)
    for _ in range(6):
        expected.append(value)
        value = value * 2 + 1
    found = f(x)
    same_bits([t.numpy() for t in found[::2]], expected)
    assert v.numpy().tolist() == value.tolist()


# -- two at the same time --------------------------------------------------------------------------


def test_two_independent_chains_of_matrix_products_overlap():
    """Not their time is measured: in the timeline, some product of each runs beside the other's."""
    from threadpoolctl import threadpool_info

    before = tf.config.threading.get_intra_op_parallelism_threads()
    tf.config.threading.set_intra_op_parallelism_threads(1)
    assert {p["num_threads"] for p in threadpool_info() if p["user_api"] == "blas"} == {1}
    try:

        @tf.function
        def f(x):
            ends = []
            for device in ("/cpu:0", "/cpu:1"):
                with tf.device(device):
                    y = x
                    for _ in range(12):
                        y = tf.matmul(y, x)
                    ends.append(y)
            return ends

        x = tf.constant(np.eye(400, dtype=np.float32))
        f(x)
        with tf.profiler.Trace() as trace:
            a, b = f(x)
    finally:
        tf.config.threading.set_intra_op_parallelism_threads(before)
    same_bits([a.numpy(), b.numpy()], [x.numpy(), x.numpy()])
    here, there = ([e for e in trace.events if e.device == d] for d in ("/cpu:0", "/cpu:1"))
    assert (len(here), len(there)) == (12, 12)
    assert any(a.start < b.end and b.start < a.end for a in here for b in there)
    assert len({e.thread for e in trace.events}) == 2


# -- errors ----------------------------------------------------------------------------------------


def failing(where):
    """Return a function that fails in the middle, and a Variable that it would have changed."""
    v = tf.Variable([1.0, 2.0])

    @tf.function
    def f(x, index):
        v.assign_add([1.0, 1.0])
        branches = [tf.exp(x) for _ in range(4)]
        with tf.device(where):
            wrong = tf.gather(x, index)  # the line to blame
        v.assign_add([10.0, 10.0])
        return tf.add_n(branches), wrong, tf.sin(x)

    return f, v


@pytest.mark.parametrize(("where", "count"), [("/cpu:0", 1), ("/cpu:1", 1), ("/cpu:1", 4)])
def test_an_error_names_the_op_the_shapes_and_the_line(threads, where, count):
    threads(count)
    f, v = failing(where)
    x = tf.constant([1.0, 2.0, 3.0])
    f(x, tf.constant(1))
    line = next(i for i, text in enumerate(Path(__file__).read_text().splitlines(), 1)
                if text.endswith("# the line to blame"))  # fmt: skip
    for _ in range(3):
        with pytest.raises(OutOfRangeError) as caught:
            f(x, tf.constant(7))
        message = str(caught.value)
        assert message.startswith("gather: ")
        assert "7" in message
        assert message.endswith(f"[in test_executor.py:{line}]")
        assert v.numpy().tolist() == [12.0, 13.0]
        assert at_rest()
    f(x, tf.constant(2))
    assert v.numpy().tolist() == [23.0, 24.0]


def test_numpys_own_complaints_show_the_shapes():
    with tf.Graph().as_default():
        x = tf.placeholder(tf.float32, [None, None])
        y = tf.linalg.inv(x)
        with tf.Session() as session:
            with pytest.raises(InvalidArgumentError, match=r"inv: .*float32 \(2, 2\).*test_exec"):
                session.run(y, {x: np.zeros((2, 2))})


def test_an_error_in_a_branch_names_the_operation_inside(threads):
    threads(4)

    @tf.function
    def f(x, index):
        with tf.device("/cpu:1"):
            y = tf.cond(x[0] > 0.0, lambda: tf.gather(x, index), lambda: x[0])
        return y + tf.reduce_sum(tf.exp(x))

    f(tf.constant([1.0]), tf.constant(0))
    with pytest.raises(OutOfRangeError, match="cond: gather: .*test_executor.py"):
        f(tf.constant([1.0]), tf.constant(5))


def test_an_error_stops_the_graphs_inside_of_operations_too():
    """Else the caller would wait for a loop that has ten million steps to go."""

    @tf.function
    def f(x, index):
        y = tf.while_loop(lambda i, y: i < 10**7, lambda i, y: (i + 1, tf.sin(y)), [0, x])[1]
        with tf.device("/cpu:1"):
            wrong = tf.gather(x, index)
        return y, wrong

    start = time.monotonic()
    with pytest.raises(OutOfRangeError):
        f(tf.constant([1.0]), tf.constant(7))
    assert time.monotonic() - start < 60
    assert at_rest()


class Tripwire:
    """Stops a run after some of its operations, as Ctrl-C would."""

    wants_all = False

    def __init__(self, left, error):
        self.left, self.error = left, error

    def saw(self, node, outputs, start, end):
        self.left -= 1
        if self.left == 0:
            raise self.error


@pytest.mark.parametrize("error", [KeyboardInterrupt, NumericsError])
@each_schedule
def test_a_run_that_is_stopped_anywhere_changes_nothing(devices, error):
    a, b = tf.Variable(np.zeros(3, np.float32)), tf.Variable(np.ones(3, np.float32))

    @tf.function
    def f(x):
        for device in devices:
            with tf.device(device):
                a.assign_add(tf.exp(x) * 0.0 + 1.0)
                b.assign(b * 2.0)
        return a + b

    x = tf.zeros([3])
    f(x)
    values = a.numpy(), b.numpy()
    left = 0
    while True:
        left += 1
        wire = Tripwire(left, error("stop"))
        try:
            with observing(wire):
                f(x)
            break
        except (KeyboardInterrupt, NumericsError):
            same_bits([a.numpy(), b.numpy()], values)
            assert at_rest()
    assert left > 5, "it ran to its end too early"
    steps = len(devices)
    assert a.numpy().tolist() == [2.0 * steps] * 3
    assert b.numpy().tolist() == [4.0**steps] * 3


INTERRUPTED = """
    import sys, time
    import numpy as np
    import minitf as tf

    v = tf.Variable(np.zeros(2, np.float32))

    def slowly(x):
        print("running", flush=True)
        time.sleep(0.2)
        return x

    @tf.function
    def f(x, n):
        v.assign_add([1.0, 1.0])
        def body(i, y):
            y = tf.numpy_function(slowly, [y], tf.TensorSpec([2], tf.float32))
            return i + 1, y
        _, y = tf.while_loop(lambda i, y: i < n, body, [0, x])
        with tf.device(sys.argv[1]):
            z = tf.exp(x)
        v.assign_add([1.0, 1.0])
        return y + z

    x = tf.zeros([2])
    f(x, tf.constant(1))
    try:
        f(x, tf.constant(1000))
        print("not stopped")
    except KeyboardInterrupt:
        print("stopped", v.numpy().tolist())
    print("again", f(x, tf.constant(1)).numpy().tolist(), v.numpy().tolist())
"""

BUSY = """
    import sys
    import numpy as np
    import minitf as tf

    v = tf.Variable(np.zeros(2, np.float32))

    @tf.function
    def f(x, n):
        v.assign_add([1.0, 1.0])
        body = lambda i, y: (i + 1, tf.matmul(y, x))
        _, y = tf.while_loop(lambda i, y: i < n, body, [0, x])
        with tf.device(sys.argv[1]):
            z = tf.exp(x)
        v.assign_add([1.0, 1.0])
        return y[0] + z[0]

    x = tf.constant(np.eye(64, dtype=np.float32))
    f(x, tf.constant(1))
    print("running", flush=True)
    print("running", flush=True)
    try:
        f(x, tf.constant(10**9))
        print("not stopped")
    except KeyboardInterrupt:
        print("stopped", v.numpy().tolist())
    print("again", [float(f(x, tf.constant(1))[1])] * 2, v.numpy().tolist())
"""


@pytest.mark.skipif(os.name == "nt", reason="signals are another thing there")
@pytest.mark.parametrize("device", ["/cpu:0", "/cpu:1"], ids=["sequential", "parallel"])
@pytest.mark.parametrize("program", [INTERRUPTED, BUSY], ids=["in Python", "in NumPy"])
def test_ctrl_c_stops_a_run(device, program):
    command = [sys.executable, "-c", textwrap.dedent(program), device]
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    child = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment)
    try:
        for _ in range(2):
            assert child.stdout.readline() == "running\n"
        time.sleep(0.3)
        child.send_signal(signal.SIGINT)
        rest, _ = child.communicate(timeout=60)
    finally:
        child.kill()
        child.wait()
    said = [line for line in rest.splitlines() if line != "running"]
    assert said[0] == "stopped [2.0, 2.0]"
    assert said[1].startswith("again [1.0, 1.0] [4.0, 4.0]")
    assert child.returncode == 0


# -- several runs at once --------------------------------------------------------------------------


@each_schedule
def test_runs_of_one_function_do_not_disturb_each_other(devices, eager_switching):
    @tf.function
    def f(x):
        parts = []
        for i in range(6):
            with tf.device(devices[i % len(devices)]):
                parts.append(tf.sin(x + float(i)) * x)
        return tf.add_n(parts)

    inputs = [tf.constant(np.full((40, 40), i, np.float32)) for i in range(6)]
    expected = [f(x).numpy() for x in inputs]

    def work(i):
        for _ in range(30):
            same_bits([f(inputs[i]).numpy()], [expected[i]])

    in_threads(6, work)


def test_no_addition_to_a_variable_is_lost(eager_switching):
    v = tf.Variable(np.zeros(20_000, np.float32))
    one = tf.ones([20_000])

    @tf.function
    def f():
        v.assign_add(tf.abs(-one))

    f()

    def work(i):
        for _ in range(25):
            f() if i % 2 else v.assign_add(one)

    in_threads(4, work)
    assert v.numpy().tolist() == [101.0] * 20_000


def test_functions_with_different_variables_need_not_wait_for_each_other():
    v, w = tf.Variable(0.0), tf.Variable(0.0)
    meeting = threading.Barrier(2)

    def meet(x):
        meeting.wait(20)  # fails unless both runs are under way
        return x

    def adder(variable):
        @tf.function
        def f():
            spec = tf.TensorSpec([], tf.float32)
            variable.assign_add(tf.numpy_function(meet, [tf.constant(1.0)], spec))

        return f

    functions = [adder(v), adder(w)]
    in_threads(2, lambda i: functions[i]())
    assert (v.numpy(), w.numpy()) == (1.0, 1.0)


def test_a_function_that_is_first_called_by_several_threads_is_traced_once(eager_switching):
    traces = []

    class Model:
        v = None

        @tf.function
        def f(self, x):
            traces.append(1)
            if self.v is None:
                self.v = tf.Variable(tf.zeros([3]))
            return x + self.v

    model = Model()
    in_threads(8, lambda i: model.f(tf.ones([3])))
    assert len(traces) == 1
    assert model.f.experimental_get_tracing_count() == 1


def test_gradients_in_several_threads(eager_switching):
    w = tf.Variable(2.0)

    @tf.function
    def f(x):
        return tf.sin(w * x) * x

    def work(i):
        x = tf.constant(float(i))
        for _ in range(10):
            with tf.GradientTape() as tape:
                y = f(x)
            slope = tape.gradient(y, w)
            np.testing.assert_allclose(slope.numpy(), i * i * np.cos(2.0 * i), rtol=1e-5)

    in_threads(6, work)


# -- graphs inside of operations -------------------------------------------------------------------


@pytest.mark.parametrize("count", [1, 4])
def test_graphs_inside_of_operations_run_in_the_worker(threads, count):
    """More of them than workers: if one waited for a free worker, all would wait for ever."""
    threads(count)

    @tf.function
    def inner(x):
        def body(i, y):
            with tf.device("/cpu:1"):
                z = tf.sin(y)
            with tf.device("/cpu:0"):
                return i + 1, z + tf.abs(y) - tf.abs(y)

        return tf.while_loop(lambda i, y: i < 3, body, [0, x])[1]

    @tf.function
    def f(x):
        parts = []
        for i in range(12):
            with tf.device(f"/cpu:{i % 2}"):
                y = tf.cond(x[0] > 0.0, lambda: inner(x), lambda: tf.exp(x))
                parts.append(tf.map_fn(lambda row: row * 2.0, y))
                parts.append(tf.py_function(inner, [x], tf.TensorSpec([4], tf.float32)))
        return tf.add_n(parts)

    x = np.float32([0.5, 1.0, 1.5, 2.0])
    found = []
    in_threads(1, lambda i: found.append(f(tf.constant(x)).numpy()))
    np.testing.assert_allclose(found[0], 36.0 * np.sin(np.sin(np.sin(x))), rtol=1e-4)


# -- memory ----------------------------------------------------------------------------------------


def peak_of(call):
    gc.collect()
    tracemalloc.start()
    try:
        call()
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize(("devices", "count"), [(1, 1), (2, 1), (1, 3)])
def test_values_are_forgotten_after_their_last_use(threads, devices, count):
    threads(count)
    size = 1 << 18  # a megabyte of float32

    @tf.function
    def f(x):
        for i in range(30):
            with tf.device(f"/cpu:{i % devices}"):
                x = tf.reverse(tf.sin(x), [0]) + tf.reduce_sum(x[:2])
        return tf.reduce_sum(x)

    x = tf.constant(np.ones(size, np.float32))
    f(x)
    assert peak_of(lambda: f(x)) < 5 * 4 * size


def test_reusing_memory_saves_memory():
    size = 1 << 18

    def write(x):
        for _ in range(20):
            x = tf.sin(x)
        return x

    f = tf.function(write)
    x = tf.constant(np.ones(size, np.float32))
    f(x)
    assert peak_of(lambda: f(x)) < 1.5 * 4 * size  # one place, written over again and again


N = 2048  # elements: enough for memory to be reused


def reuses(function):
    """Return how many values are written over others in a function's plan."""
    (concrete,) = function._concrete.values()
    return sum(len(c.plan.memory.reuses) for c in concrete.graph.compiled.values())


def test_a_fed_array_stays_as_it_is():
    with tf.Graph().as_default():
        x = tf.placeholder(tf.float32, [N])
        y = tf.sin(tf.sin(tf.reshape(x, [N])))
        view = tf.exp(tf.transpose(tf.reshape(x, [2, N // 2])))
        with tf.Session() as session:
            array = np.linspace(0, 1, N, dtype=np.float32)
            copy = array.copy()
            for _ in range(2):
                session.run([y, view], {x: array})
    assert (array == copy).all()


def test_a_fetched_value_stays_as_it_is():
    @tf.function
    def f(x):
        a = tf.exp(x)
        b = tf.sin(a)
        c = tf.reshape(b, [2, N // 2])
        return a, b, tf.sin(b), tf.exp(c), c

    x = np.linspace(0, 1, N, dtype=np.float32)
    a, b, sine, exponential, c = (t.numpy() for t in f(tf.constant(x)))
    same_bits([a, b, sine, c], [np.exp(x), np.sin(np.exp(x)), np.sin(b), b.reshape(2, -1)])
    same_bits([exponential], [np.exp(c)])


def test_a_variable_stays_as_it_is():
    v = tf.Variable(np.linspace(0, 1, N, dtype=np.float32))
    before = v.numpy()

    @tf.function
    def f():
        return tf.exp(tf.sin(v)) + tf.sin(tf.identity(v)) + tf.sin(tf.reshape(v, [N]))

    first = f().numpy()
    assert reuses(f) > 0
    same_bits([f().numpy(), v.numpy()], [first, before])


def test_an_assigned_value_stays_as_it_is():
    v = tf.Variable(np.zeros(N, np.float32))

    @tf.function
    def f(x):
        y = tf.exp(x)
        v.assign(y)
        return tf.sin(y)  # the last use of y, but for the Variable

    x = np.linspace(0, 1, N, dtype=np.float32)
    f(tf.constant(x))
    same_bits([v.numpy()], [np.exp(x)])


def test_a_constant_stays_as_it_is():
    c = tf.constant(np.linspace(0, 1, N, dtype=np.float32))
    before = c.numpy()

    @tf.function
    def f(x):
        return tf.sin(tf.constant(before)) + tf.sin(c) + x

    first = f(tf.zeros([N])).numpy()
    same_bits([f(tf.zeros([N])).numpy(), c.numpy()], [first, before])


def test_a_value_that_a_view_looks_at_stays_as_it_is():
    @tf.function
    def f(x):
        a = tf.exp(x)
        view = tf.reshape(a, [2, N // 2])
        b = tf.sin(a)  # the last use of a itself
        return tf.sin(view), b, tf.reverse(view, [0]), view[0]

    x = np.linspace(0, 1, N, dtype=np.float32)
    rows = np.exp(x).reshape(2, -1)
    sine, b, back, row = (t.numpy() for t in f(tf.constant(x)))
    same_bits([sine, b, back, row], [np.sin(rows), np.sin(np.exp(x)), rows[::-1], rows[0]])


def test_what_a_branch_returns_may_be_its_argument():
    @tf.function
    def f(x, p):
        y = tf.cond(p, lambda: x, lambda: tf.exp(x))
        z = tf.while_loop(lambda i, a: i < 0, lambda i, a: (i + 1, tf.exp(a)), [0, x])[1]
        return tf.sin(y), tf.sin(z)

    x = tf.constant(np.linspace(0, 1, N, dtype=np.float32))
    before = x.numpy()
    f(x, tf.constant(True))
    same_bits([x.numpy()], [before])


@settings(max_examples=60, suppress_health_check=no_fixture_check)
@given(recipe=recipes())
def test_who_writes_over_a_value_waits_for_all_who_read_it(recipe, reuse_everywhere):
    plan = plan_of(recipe.program(), STANDARD)
    number = {step.node: i for i, step in enumerate(plan.steps)}
    before = [set() for _ in plan.steps]  # whom each step waits for, directly or not
    for i, followers in enumerate(plan.followers):
        for follower in followers:
            before[follower] |= {i} | before[i]
    for node, value in plan.memory.reuses.items():
        readers = {i for n, i in number.items() if any(t is value for t in n.inputs)}
        assert readers - {number[node]} <= before[number[node]]


def test_an_operand_twice_is_not_written_over_in_between():
    @tf.function
    def f(x):
        a = tf.exp(x)
        return a * a

    x = np.linspace(0, 1, N, dtype=np.float32)
    same_bits([f(tf.constant(x)).numpy()], [np.exp(x) * np.exp(x)])


@pytest.mark.parametrize("name", sorted({name for name, _ in SAMPLED}))
def test_what_a_kernel_returns_belongs_to_the_run(name):
    """The next operation may write over it: so it is writable, and nobody else looks at it."""
    for number in [i for n, i in SAMPLED if n == name]:
        call = Call(name, number)
        if call.definition.view or call.definition.stateful or name == "constant":
            continue
        first, second = call.compute("numpy", call.inputs), call.compute("numpy", call.inputs)
        for a, b in zip(first, second, strict=True):
            if a.ndim and a.size:
                assert a.flags.writeable
                assert not np.shares_memory(a, b), "two calls return the same memory"
                assert all(step for n, step in zip(a.shape, a.strides, strict=True) if n > 1)
        for i, a in enumerate(first):
            assert not any(np.shares_memory(a, b) for b in first[:i]), "two results overlap"
