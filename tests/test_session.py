"""Sessions: what is fetched, what is fed, what runs and what does not."""

import threading
from collections import OrderedDict, defaultdict, namedtuple

import numpy as np
import pytest

import minitf as tf
from minitf.errors import FailedPreconditionError, GraphError, InvalidArgumentError

Pair = namedtuple("Pair", "first second")
ROW = np.array([[1.0, 2.0]], np.float32)


class Net:
    """A small graph, and a session of it."""

    def __init__(self):
        self.graph = tf.Graph()
        with self.graph.as_default():
            self.x = tf.placeholder(tf.float32, [None, 2], name="x")
            self.n = tf.placeholder(tf.int32, [], name="n")
            self.y = tf.multiply(self.x, 2.0, name="y")
            self.z = tf.add(self.y, 1.0, name="z")
            self.v = tf.Variable([1.0, 2.0], name="v")
            self.init = tf.compat.v1.global_variables_initializer()
            self.nothing = tf.no_op(name="nothing")
        self.session = tf.Session(graph=self.graph)
        self.run = self.session.run


@pytest.fixture
def net():
    return Net()


def lists(structure):
    """Return a structure with its arrays as lists."""
    return tf.nest.map_structure(
        lambda leaf: leaf.tolist() if isinstance(leaf, np.ndarray) else leaf, structure
    )


# -- fetches ---------------------------------------------------------------------------------------


def test_one_tensor_gives_its_value(net):
    value = net.run(net.z, {net.x: ROW})
    assert type(value) is np.ndarray
    assert (value.dtype, value.tolist()) == (np.float32, [[3.0, 5.0]])


def test_a_number_is_a_numpy_number(net):
    value = net.run(net.n, {net.n: 3})
    assert (type(value), value) == (np.int32, 3)


def test_fetches_keep_their_structure(net):
    net.run(net.init)
    y, z = [[2.0, 4.0]], [[3.0, 5.0]]
    fetches = {
        "list": [net.z, (net.y,), []],
        "pair": Pair(net.z, {"y": net.y}),
        "variable": net.v,
        "operation": net.nothing,
        "name of a tensor": "z:0",
        "name of an operation": "z",
        "twice": [net.y, net.y],
    }
    found = lists(net.run(fetches, {net.x: ROW}))
    assert found == {
        "list": [z, (y,), []],
        "pair": Pair(z, {"y": y}),
        "variable": [1.0, 2.0],
        "operation": None,
        "name of a tensor": z,
        "name of an operation": None,
        "twice": [y, y],
    }
    assert type(found["pair"]) is Pair


def test_every_kind_of_mapping_comes_back(net):
    ordered = net.run(OrderedDict(b=net.z, a=net.y), {net.x: ROW})
    assert type(ordered) is OrderedDict
    assert list(ordered) == ["b", "a"]
    default = net.run(defaultdict(list, b=net.z, a=net.y), {net.x: ROW})
    assert default.default_factory is list
    assert default["a"].tolist() == [[2.0, 4.0]]
    mixed = net.run({net.z: net.z, "y": net.y}, {net.x: ROW})
    assert mixed[net.z].tolist() == [[3.0, 5.0]]


def test_nothing_can_be_fetched(net):
    assert net.run([]) == []
    assert net.run({}) == {}
    assert net.run(()) == ()


def test_what_was_fetched_belongs_to_the_caller(net):
    net.run(net.init)
    fed = ROW.copy()
    for value in [net.run(net.x, {net.x: fed}), net.run(net.v), net.run("z:0", {net.x: fed})]:
        value[:] = 99.0
    assert fed.tolist() == ROW.tolist()
    assert net.run(net.v).tolist() == [1.0, 2.0]


def test_a_constant_that_was_fetched_can_be_changed():
    with tf.Graph().as_default() as graph:
        c = tf.constant([1.0, 2.0])
    session = tf.Session(graph=graph)
    session.run(c)[:] = 99.0
    assert session.run(c).tolist() == [1.0, 2.0]


def test_fetching_a_variable_again_writes_nothing_new(net):
    net.run(net.init)
    net.run(net.v)
    count = len(net.graph.operations)
    net.run([net.v, net.v])
    assert len(net.graph.operations) == count


def test_fetching_a_variable_does_not_wait_for_the_block_around(net):
    with net.graph.as_default(), tf.control_dependencies([net.z]):
        net.run(net.init)
        assert net.run(net.v).tolist() == [1.0, 2.0]  # z would need x


def test_a_variable_is_read_after_what_the_same_run_assigns(net):
    with net.graph.as_default():
        old = net.v.read_value()
        step = net.v.assign_add([10.0, 10.0])
    net.run(net.init)
    found = lists(net.run([net.v, old, step.op]))
    assert found == [[11.0, 12.0], [1.0, 2.0], None]


# -- partial execution -----------------------------------------------------------------------------


def test_what_is_not_needed_does_not_run(net):
    with net.graph.as_default():
        log = tf.math.log(net.y - 1e9)
        fails = tf.debugging.check_numerics(log, "never")
        assigns = net.v.assign([9.0, 9.0])
        unfed = net.x + tf.cast(net.n, tf.float32)
    net.run(net.init)
    assert net.run(net.z, {net.x: ROW}).tolist() == [[3.0, 5.0]]
    assert net.run(net.v).tolist() == [1.0, 2.0]
    with pytest.raises(tf.errors.NumericsError, match="never"):
        net.run([net.z, fails], {net.x: ROW})
    net.run(assigns.op)
    assert net.run(net.v).tolist() == [9.0, 9.0]
    assert net.run(unfed, {net.x: ROW, net.n: 1}).tolist() == [[2.0, 3.0]]


def test_what_lies_behind_a_feed_does_not_run(net):
    with net.graph.as_default():
        fails = tf.debugging.check_numerics(tf.math.log(net.x - 1e9), "never")
        after = fails * 2.0
    assert net.run(after, {fails: ROW}).tolist() == [[2.0, 4.0]]
    assert net.run(net.z, {net.y: ROW}).tolist() == [[2.0, 3.0]]  # without x


def test_one_of_several_outputs_is_needed(net):
    ran = []

    def note(value):
        ran.append(float(value))
        return value

    with net.graph.as_default():
        number = tf.TensorSpec([], tf.float32)
        first, second = (tf.py_function(note, [c], number) for c in (1.0, 2.0))
    net.run(second)
    assert ran == [2.0]
    net.run([first, second])
    assert sorted(ran) == [1.0, 2.0, 2.0]


# -- feeds -----------------------------------------------------------------------------------------


def test_feeds_go_by_tensor_or_name(net):
    for key in (net.x, "x:0"):
        assert net.run(net.z, {key: ROW}).tolist() == [[3.0, 5.0]]


def test_any_edge_can_be_fed(net):
    constant = net.y.op.inputs[1]
    assert net.run([net.y, net.z], {net.y: 10 * ROW})[1].tolist() == [[11.0, 21.0]]
    assert net.run(net.z, {net.x: ROW, constant: 5.0}).tolist() == [[6.0, 11.0]]
    assert net.run(net.x, {net.x: ROW}).tolist() == ROW.tolist()


def test_one_output_of_several_can_be_fed(net):
    with net.graph.as_default():
        left, right = tf.split(net.x, 2, axis=1)
        both = left + right
    feeds = {net.x: ROW, left: [[7.0]]}
    assert lists(net.run([left, right, both], feeds)) == [[[7.0]], [[2.0]], [[9.0]]]


def test_a_feed_replaces_the_value_of_an_assignment_but_not_the_assignment(net):
    with net.graph.as_default():
        new = net.v.assign_add([1.0, 1.0])
        doubled = new * 2.0
    net.run(net.init)
    assert net.run(doubled, {new: [5.0, 5.0]}).tolist() == [10.0, 10.0]
    assert net.run(net.v).tolist() == [1.0, 2.0]
    net.run([doubled, new.op], {new: [5.0, 5.0]})
    assert net.run(net.v).tolist() == [2.0, 3.0]


@pytest.mark.parametrize(
    "value",
    [
        [[1, 2]],
        ((1.0, 2.0),),
        np.array([[1, 2]]),
        np.array([[1.0, 2.0]]),
        np.array([[1.0, 2.0]], np.float16),
        np.array([[1.0, 2.0]], ">f4"),
        np.array([[1.0, 9.0, 2.0, 9.0]], np.float32)[:, ::2],
        np.asfortranarray(ROW),
        tf.constant([[1.0, 2.0]]),
        tf.Variable([[1.0, 2.0]]),
        [[np.float64(1.0), tf.constant(2.0)]],
    ],
)
def test_what_fits_is_converted_to_the_dtype_of_the_edge(net, value):
    found = net.run(net.z, {net.x: value})
    assert (found.dtype, found.tolist()) == (np.float32, [[3.0, 5.0]])


@pytest.mark.parametrize("value", [3, 3.0, np.int64(3), np.float32(3.0), np.array(3), True])
def test_whole_numbers_are_integers(net, value):
    assert net.run(net.n, {net.n: value}) == int(value)


def test_a_read_only_array_is_fed_and_stays_as_it_is(net):
    fed = ROW.copy()
    fed.flags.writeable = False
    for _ in range(4):  # later runs reuse memory
        assert net.run(net.z, {net.x: fed}).tolist() == [[3.0, 5.0]]
    assert fed.tolist() == ROW.tolist()


def test_runs_never_write_into_what_was_fed(net):
    fed = np.random.default_rng(0).normal(size=(64, 2)).astype(np.float32)
    before = fed.copy()
    with net.graph.as_default():
        deep = tf.exp(-tf.abs(tf.square(net.x) - 1.0)) + net.x
    for _ in range(5):
        net.run(deep, {net.x: fed})
    assert np.array_equal(fed, before)


def test_a_surplus_feed_is_checked_and_ignored(net):
    assert net.run(net.n, {net.n: 1, net.x: ROW}) == 1
    with pytest.raises(InvalidArgumentError, match="x:0"):
        net.run(net.n, {net.n: 1, net.x: "text"})


def test_no_rows_can_be_fed(net):
    assert net.run(net.z, {net.x: np.zeros((0, 2))}).shape == (0, 2)


def test_the_batch_may_change_from_run_to_run(net):
    for rows in (1, 7, 3):
        assert net.run(net.z, {net.x: np.ones((rows, 2))}).shape == (rows, 2)


# -- the default session ---------------------------------------------------------------------------


def test_with_session_makes_its_graph_and_itself_the_default(net):
    v1 = tf.compat.v1
    assert v1.get_default_session() is None
    with net.session as session:
        assert session is net.session
        assert v1.get_default_session() is session
        assert v1.get_default_graph() is net.graph
        assert net.z.eval({net.x: ROW}).tolist() == [[3.0, 5.0]]
        net.init.run()
        assert net.v.eval().tolist() == [1.0, 2.0]
    assert v1.get_default_session() is None
    assert tf.executing_eagerly()


def test_eval_takes_a_session(net):
    assert net.z.eval({net.x: ROW}, net.session).tolist() == [[3.0, 5.0]]
    assert net.z.eval(feed_dict={net.x: ROW}, session=net.session).shape == (1, 2)


def test_without_a_session_eval_says_what_is_missing(net):
    with pytest.raises(FailedPreconditionError, match="no default session: use `with") as caught:
        net.z.eval({net.x: ROW})
    assert isinstance(caught.value, RuntimeError)


def test_as_default_does_not_close(net):
    with net.session.as_default() as session:
        assert tf.compat.v1.get_default_session() is session
    assert net.run(net.n, {net.n: 1}) == 1


def test_blocks_of_sessions_nest(net):
    other, v1 = Net(), tf.compat.v1
    with net.session.as_default(), other.session.as_default(), net.session.as_default():
        assert v1.get_default_session() is net.session
        with other.session.as_default():
            assert v1.get_default_graph() is other.graph
        assert v1.get_default_session() is net.session
        assert v1.get_default_graph() is net.graph
    with net.session.as_default(), other.session.as_default():
        with net.session.as_default():
            pass
        assert v1.get_default_session() is other.session


def test_a_session_of_no_graph_runs_the_default_one():
    with tf.Graph().as_default() as graph:
        assert tf.Session().graph is graph
    assert tf.Session().graph is tf.compat.v1.get_default_graph()


def test_an_interactive_session_is_the_default_until_it_is_closed(net):
    session = tf.InteractiveSession(graph=net.graph)
    try:
        assert tf.compat.v1.get_default_session() is session
        assert net.z.eval({net.x: ROW}).tolist() == [[3.0, 5.0]]
        assert tf.constant(1.0).graph is net.graph
    finally:
        session.close()
    session.close()
    assert tf.compat.v1.get_default_session() is None
    assert tf.executing_eagerly()
    with pytest.raises(FailedPreconditionError, match="closed"):
        session.run(net.nothing)


def test_a_closed_session_runs_nothing(net):
    with net.session:
        pass
    with pytest.raises(FailedPreconditionError, match="Session.run: this session is closed"):
        net.run(net.n, {net.n: 1})
    net.session.close()
    assert repr(net.session) == f"<tf.Session of {net.graph!r}, closed>"


def test_an_error_inside_the_block_ends_the_block(net):
    with pytest.raises(ZeroDivisionError), net.session:
        raise ZeroDivisionError
    assert tf.executing_eagerly()
    assert tf.compat.v1.get_default_session() is None


def test_a_session_shows_its_graph_and_devices(net):
    assert repr(net.session) == f"<tf.Session of {net.graph!r}>"
    net.run(net.z, {net.x: ROW})
    assert net.session.list_devices() == ["/cpu:0"]


def test_a_session_needs_a_graph():
    with pytest.raises(TypeError, match="expected a tf.Graph, got 3"):
        tf.Session(graph=3)


# -- Variables -------------------------------------------------------------------------------------


def test_sessions_share_the_values_of_variables(net):
    other = tf.Session(graph=net.graph)
    with net.graph.as_default():
        step = net.v.assign_add([1.0, 1.0])
    net.run(net.init)
    other.run(step)
    assert net.run(net.v).tolist() == net.v.numpy().tolist() == [2.0, 3.0]
    net.session.close()
    assert other.run(net.v).tolist() == [2.0, 3.0]


def test_initializers_give_first_values_again(net):
    with net.graph.as_default():
        step = net.v.assign_add([1.0, 1.0])
    net.run(net.init)
    net.run(step)
    net.run(net.v.initializer)
    assert net.run(net.v).tolist() == [1.0, 2.0]


def test_initial_values_may_be_random_and_depend_on_each_other():
    with tf.Graph().as_default() as graph:
        tf.random.set_seed(1)
        w = tf.Variable(tf.random.normal([3]))
        twice = tf.Variable(lambda: tf.ones([3]) * 2.0)
        after = tf.Variable(w.initial_value * 2.0)
        init = tf.compat.v1.global_variables_initializer()
    session = tf.Session(graph=graph)
    session.run(init)
    values = session.run([w, twice, after])
    assert np.ptp(values[0]) > 0
    assert values[1].tolist() == [2.0] * 3
    assert np.array_equal(values[2], 2 * values[0])


def test_only_some_variables_may_be_initialized():
    with tf.Graph().as_default() as graph:
        a, b = tf.Variable(1.0, name="a"), tf.Variable(2.0, name="b")
        init = tf.compat.v1.variables_initializer([a])
    session = tf.Session(graph=graph)
    session.run(init)
    assert session.run(a) == 1.0
    with pytest.raises(FailedPreconditionError, match="'b' has no value yet"):
        session.run(b)


def test_there_may_be_no_variables_to_initialize():
    with tf.Graph().as_default(), tf.Session() as session:
        assert session.run(tf.compat.v1.global_variables_initializer()) is None


def test_the_variables_of_a_graph_can_be_listed():
    v1 = tf.compat.v1
    with tf.Graph().as_default():
        with tf.name_scope("layer"):
            w = tf.Variable(1.0, name="w")
        steps = tf.Variable(0, name="steps", trainable=False)
        assert v1.global_variables() == [w, steps]
        assert v1.trainable_variables() == [w]
        assert v1.global_variables("layer") == [w]
        assert [v.name for v in v1.global_variables()] == ["layer/w", "steps"]
        assert w.initializer.name == "layer/w/assign"


def test_a_failed_run_changes_no_variable(net):
    with net.graph.as_default():
        step = net.v.assign_add([1.0, 1.0])
        with tf.control_dependencies([step]):
            fails = tf.gather([1.0], net.n)
    net.run(net.init)
    with pytest.raises(tf.errors.OutOfRangeError):
        net.run([step, fails], {net.n: 5})
    assert net.run(net.v).tolist() == [1.0, 2.0]
    net.run([step, fails], {net.n: 0})
    assert net.run(net.v).tolist() == [2.0, 3.0]


def test_finalizing_leaves_everything_runnable(net):
    net.graph.finalize()
    net.run(net.init)
    assert net.run(net.v).tolist() == [1.0, 2.0]
    assert net.run(net.z, {net.x: ROW}).tolist() == [[3.0, 5.0]]
    assert net.graph.finalized
    with net.graph.as_default(), pytest.raises(GraphError, match="finalized"):
        tf.constant(1.0)


# -- writing and running in turns ------------------------------------------------------------------


def test_a_graph_may_grow_between_runs(net):
    assert net.run(net.z, {net.x: ROW}).tolist() == [[3.0, 5.0]]
    with net.graph.as_default():
        total = tf.reduce_sum(net.z)
    assert net.run(total, {net.x: ROW}) == 8.0
    assert net.run(net.z, {net.x: ROW}).tolist() == [[3.0, 5.0]]


def test_a_run_inside_another_graphs_block_runs_now(net):
    with tf.Graph().as_default() as other:
        assert net.run(net.z, {net.x: ROW}).tolist() == [[3.0, 5.0]]
    assert other.operations == []


def test_a_run_is_seen_by_no_tape(net):
    with tf.GradientTape() as tape:
        x = tf.Variable(ROW)
        tape.watch(x)
        value = net.run(net.z, {net.x: x})
        y = tf.reduce_sum(x * value)
    assert tape.gradient(y, x).numpy().tolist() == [[3.0, 5.0]]


def test_many_runs_of_one_session_at_the_same_time(net):
    wrong = []

    def work(number):
        fed = np.full((3, 2), number, np.float32)
        for _ in range(50):
            found = net.run([net.z, net.y], {net.x: fed})
            if not np.array_equal(found[0], 2 * fed + 1) or not np.array_equal(found[1], 2 * fed):
                wrong.append(number)

    threads = [threading.Thread(target=work, args=(i,)) for i in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []


def test_a_whole_training_written_as_a_graph():
    rng = np.random.default_rng(0)
    inputs = rng.normal(size=(64, 3)).astype(np.float32)
    targets = inputs @ [[1.0], [-2.0], [3.0]] + 0.5
    with tf.Graph().as_default():
        x = tf.placeholder(tf.float32, [None, 3])
        y = tf.placeholder(tf.float32, [None, 1])
        w, b = tf.Variable(tf.zeros([3, 1])), tf.Variable(0.0)
        loss = tf.reduce_mean(tf.square(x @ w + b - y))
        dw, db = tf.gradients(loss, [w, b])
        step = tf.group(w.assign_sub(0.2 * dw), b.assign_sub(0.2 * db))
        with tf.Session() as session:
            session.run(tf.compat.v1.global_variables_initializer())
            losses = []
            for _ in range(60):
                _, value = session.run([step, loss], {x: inputs, y: targets})
                losses.append(value)
            assert losses[0] > 5
            assert losses[-1] < 1e-3
            np.testing.assert_allclose(session.run(w)[:, 0], [1, -2, 3], atol=0.05)
            np.testing.assert_allclose(session.run(b), 0.5, atol=0.05)
