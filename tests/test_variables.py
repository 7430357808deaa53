"""Variables: what they hold, who sees it when, and that a failed run changes nothing."""

import copy
import threading

import numpy as np
import pytest

import minitf as tf


def test_assignments_return_the_variable():
    v = tf.Variable([1.0, 2.0], name="v")
    assert v.assign([3.0, 4.0]) is v
    assert v.assign_add([1.0, 1.0]).numpy().tolist() == [4.0, 5.0]
    assert v.assign_sub(np.array([4.0, 4.0])).numpy().tolist() == [0.0, 1.0]


def test_it_stands_for_a_tensor():
    v = tf.Variable([1.0, 2.0])
    assert (2.0 * v + v).numpy().tolist() == [3.0, 6.0]
    assert tf.stack([v, v]).shape == (2, 2)
    assert tf.convert_to_tensor(v).numpy().tolist() == [1.0, 2.0]
    assert v[1].numpy() == 2.0
    assert np.asarray(v).tolist() == [1.0, 2.0]


def test_what_was_read_does_not_change():
    v = tf.Variable([1.0, 2.0] * 600)
    step = tf.function(lambda: v.assign_sub(v * 0.5))
    held = v.read_value()
    seen = [held.numpy()]
    for _ in range(5):
        step()
        seen.append(v.numpy())
    assert held.numpy().tolist() == seen[0].tolist()
    assert [float(s[0]) for s in seen] == [0.5**n for n in range(6)]


def test_dtype_shape_and_trainable():
    v = tf.Variable(1, dtype=tf.float64, trainable=False)
    assert (v.dtype, v.shape, v.trainable) == (tf.float64, (), False)
    loose = tf.Variable(tf.zeros([2, 3]), shape=[None, 3])
    assert loose.assign(tf.zeros([5, 3])).numpy().shape == (5, 3)
    with pytest.raises(ValueError, match="shape"):
        loose.assign(tf.zeros([5, 4]))


def test_a_function_gives_the_first_value():
    assert tf.Variable(lambda: tf.ones([2])).numpy().tolist() == [1.0, 1.0]


def test_a_copy_is_its_own():
    v = tf.Variable([1.0])
    other = copy.deepcopy(v)
    other.assign([2.0])
    assert v.numpy().tolist() == [1.0]


def test_a_failed_run_changes_nothing():
    v, w = tf.Variable(1.0), tf.Variable([1.0, 2.0])

    @tf.function
    def f(i):
        v.assign_add(1.0)
        w.assign(w * 2.0)
        return tf.gather(w, i)

    with pytest.raises(IndexError, match="gather"):
        f(tf.constant(5))
    assert v.numpy() == 1.0
    assert w.numpy().tolist() == [1.0, 2.0]
    assert f(tf.constant(1)).numpy() == 4.0
    assert v.numpy() == 2.0


def test_a_failed_session_run_changes_nothing():
    with tf.Graph().as_default() as graph:
        v = tf.Variable(tf.zeros([]))
        start = v.initializer
        i = tf.placeholder(tf.int32, [])
        add = v.assign_add(1.0)
        with tf.control_dependencies([add]):
            found = tf.gather(tf.constant([1.0, 2.0]), i)
    with tf.Session(graph=graph) as session:
        session.run(start)
        with pytest.raises(IndexError):
            session.run(found, {i: 7})
        assert session.run(v) == 0.0
        assert session.run(found, {i: 1}) == 2.0
        assert session.run(v) == 1.0


def test_no_step_is_lost_when_threads_add():
    v = tf.Variable(0.0)
    step = tf.function(lambda: v.assign_add(1.0))
    step()
    threads = [threading.Thread(target=lambda: [step() for _ in range(200)]) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert v.numpy() == 801.0


def test_a_tape_sees_what_is_read():
    v = tf.Variable(3.0)
    fixed = tf.Variable(2.0, trainable=False)
    with tf.GradientTape() as tape:
        y = v * v * fixed
    assert tape.watched_variables() == (v,)
    dv, dfixed = tape.gradient(y, [v, fixed])
    assert dv.numpy() == 12.0
    assert dfixed is None


def test_modules_find_their_variables():
    class Layer(tf.Module):
        def __init__(self):
            super().__init__()
            self.w = tf.Variable(1.0)
            self.b = tf.Variable(2.0, trainable=False)

    class Net(tf.Module):
        def __init__(self):
            super().__init__(name="net")
            self.layers = [Layer(), Layer()]
            self.shared = self.layers[0].w
            self.table = {"x": tf.Variable(3.0)}

    net = Net()
    assert len(net.variables) == 5
    assert len(net.trainable_variables) == 3
    assert len(net.non_trainable_variables) == 2
    assert net.submodules == tuple(net.layers)
    assert net.name == "net"


def test_nobody_sees_half_of_a_run():
    """Another thread reads while runs assign: both Variables or none have changed."""
    v, w = tf.Variable(tf.zeros([500])), tf.Variable(tf.zeros([500]))

    @tf.function
    def step():
        v.assign_add(tf.ones([500]))
        w.assign_add(tf.abs(-tf.ones([500])))

    step()
    stop, seen = threading.Event(), []

    def look():
        while not stop.is_set():
            before, after = float(v[0]), float(w[0])
            seen.append(after - before)

    looker = threading.Thread(target=look)
    looker.start()
    for _ in range(200):
        step()
    stop.set()
    looker.join()
    assert min(seen) >= 0.0, "w was read after v and is older"


def test_python_inside_of_a_run_sees_what_the_run_has_assigned():
    v = tf.Variable(1.0)
    seen = []

    @tf.function
    def f():
        v.assign(5.0)
        tf.py_function(lambda: seen.append(float(v)), [], [])
        v.assign(7.0)

    f()
    assert seen == [5.0]
    assert float(v) == 7.0


def test_what_python_assigns_inside_of_a_failed_run_is_undone():
    v, w = tf.Variable(1.0), tf.Variable(1.0)

    def assign():
        v.assign(5.0)

    @tf.function
    def f(i):
        w.assign(2.0)
        tf.py_function(assign, [], [])
        return tf.gather(tf.constant([1.0]), i)

    with pytest.raises(IndexError):
        f(tf.constant(3))
    assert (float(v), float(w)) == (1.0, 1.0)
    f(tf.constant(0))
    assert (float(v), float(w)) == (5.0, 2.0)


@pytest.mark.parametrize("wrong", [[1.0, 2.0, 3.0], [[1.0, 2.0]], 1.0])
def test_a_wrong_shape_is_refused_and_changes_nothing(wrong):
    v = tf.Variable([1.0, 2.0], name="v")
    for assign in (v.assign, v.assign_add, v.assign_sub):
        with pytest.raises(ValueError, match=r"'v' of shape \(2,\)"):
            assign(wrong)
    assert v.numpy().tolist() == [1.0, 2.0]


def test_a_wrong_dtype_is_refused():
    v = tf.Variable([1, 2], name="v")
    with pytest.raises(TypeError, match="float32"):
        v.assign(tf.constant([1.0, 2.0]))
    with pytest.raises(TypeError):
        v.assign([0.5, 1.0])
    with pytest.raises(TypeError, match="expected float32"):
        tf.Variable(tf.constant(1), dtype=tf.float32)
    with pytest.raises(ValueError, match="shape"):
        tf.Variable([1.0, 2.0], shape=[3])


def test_a_variable_without_a_value_says_what_to_run():
    with tf.Graph().as_default() as graph:
        v = tf.Variable(tf.zeros([2]), name="fresh")
    with tf.Session(graph=graph) as session:
        with pytest.raises(RuntimeError, match=r"'fresh' has no value yet.*initializer"):
            session.run(v)
        session.run(v.initializer)
        assert session.run(v).tolist() == [0.0, 0.0]


def test_the_array_that_was_given_stays_the_callers():
    array = np.ones(3, np.float32)
    v = tf.Variable(array)
    array[:] = 5.0
    assert v.numpy().tolist() == [1.0, 1.0, 1.0]
    v.assign(array)
    array[:] = 9.0
    assert v.numpy().tolist() == [5.0, 5.0, 5.0]
    v.numpy()[:] = 7.0
    np.asarray(v)[:] = 7.0
    assert v.numpy().tolist() == [5.0, 5.0, 5.0]


def test_an_operation_on_two_variables_in_one_run_sees_both():
    v, w = tf.Variable(1.0), tf.Variable(10.0)
    swap = tf.function(lambda: (v.assign(w + 0.0), w.assign(v * 2.0)))
    a, b = swap()
    assert (float(a), float(b)) == (10.0, 20.0)


def test_it_can_be_a_key_and_lists_can_be_searched():
    v, w = tf.Variable(1.0), tf.Variable(1.0)
    table = {v: "v", w: "w"}
    assert (table[v], table[w]) == ("v", "w")
    assert any(a is w for a in [v, w])
    assert (v == w).numpy()


KEYS = [
    lambda v: 0,
    lambda v: -1,
    lambda v: slice(1, 3),
    lambda v: (slice(None, None, 2), slice(1, 3)),
    lambda v: (Ellipsis, 0),
    lambda v: slice(None, None, -1),
    lambda v: (None, 1),
    lambda v: slice(1, 1),
    lambda v: (tf.constant(1), slice(tf.constant(1), None)),
]


@pytest.mark.parametrize("inside", [False, True])
@pytest.mark.parametrize("key", KEYS)
def test_a_part_can_be_assigned(key, inside):
    start = np.arange(12.0).reshape(3, 4)
    v = tf.Variable(start)
    array = start.copy()
    place = tuple(map(_plain, key(v))) if isinstance(key(v), tuple) else key(v)
    new = array[place] * 2.0 + 100.0

    def change():
        v[key(v)].assign(new)
        v[key(v)].assign_add(new)
        v[key(v)].assign_sub(np.ones_like(new))

    (tf.function(change) if inside else change)()
    array[place] = new + new - 1.0
    assert v.numpy().tolist() == array.tolist()


def _plain(item):
    if isinstance(item, slice) and isinstance(item.start, tf.Tensor):
        return slice(int(item.start), item.stop)
    return int(item) if isinstance(item, tf.Tensor) else item


def test_assigning_a_part_returns_the_whole_and_leaves_what_was_read():
    v = tf.Variable([1.0, 2.0, 3.0])
    before = v.read_value()
    assert v[1:].assign(0.0) is v  # one number for all
    assert before.numpy().tolist() == [1.0, 2.0, 3.0]
    assert v.numpy().tolist() == [1.0, 0.0, 0.0]
    with pytest.raises(tf.errors.InvalidArgumentError, match=r"do not broadcast"):
        v[1:].assign([1.0, 2.0, 3.0])
    with pytest.raises(tf.errors.InvalidArgumentError, match=r"\(2, 2\) does not fit"):
        v[1:].assign([[1.0, 2.0], [3.0, 4.0]])
    assert not hasattr(v[v > 0.0], "assign")
    assert not hasattr(before, "assign")


def test_positions_can_be_changed_and_read():
    v = tf.Variable([[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]])
    assert v.scatter_nd_update([[0], [2]], [[0.0, 0.0], [9.0, 9.0]]) is v
    v.scatter_nd_add([[1, 0], [1, 0]], [1.0, 1.0])
    v.scatter_nd_sub([[1, 1]], [1.0])
    v.scatter_nd_max([[0, 0]], [7.0])
    v.scatter_nd_min([[2, 0]], [8.0])
    assert v.numpy().tolist() == [[7.0, 0.0], [5.0, 3.0], [8.0, 9.0]]
    assert v.gather_nd([[1, 0]]).numpy().tolist() == [5.0]
    assert v.sparse_read([2, 0]).numpy().tolist() == [[8.0, 9.0], [7.0, 0.0]]
    assert v.is_initialized()


def test_a_reference_is_a_key_for_the_object():
    v, x = tf.Variable(1.0), tf.constant(1.0)
    table = {v.ref(): "v", x.ref(): "x"}
    assert (table[v.ref()], table[x.ref()]) == ("v", "x")
    assert v.ref().deref() is v
    assert v.ref() != tf.Variable(1.0).ref()


def test_rows_can_be_changed_by_indexed_slices():
    v = tf.Variable([[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]])
    rows = tf.IndexedSlices(tf.constant([[1.0, 1.0], [2.0, 9.0]]), tf.constant([0, 2]))
    assert v.scatter_add(rows) is v
    assert v.numpy().tolist() == [[2.0, 3.0], [3.0, 4.0], [7.0, 15.0]]
    assert v.scatter_sub(rows).numpy().tolist() == [[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]]
    assert v.scatter_max(rows).numpy().tolist() == [[1.0, 2.0], [3.0, 4.0], [5.0, 9.0]]
    assert v.scatter_min(rows).numpy().tolist() == [[1.0, 1.0], [3.0, 4.0], [2.0, 9.0]]
    tf.function(lambda: v.scatter_update(rows))()
    assert v.numpy().tolist() == [[1.0, 1.0], [3.0, 4.0], [2.0, 9.0]]
