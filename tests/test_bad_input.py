"""Bad input: each mistake has a message that says what was expected, what came, and where.

Every case names the built-in exception that a Python programmer would catch, and words that the
message must hold. All but a few must also point to the user's line: to this file.
"""

import re

import numpy as np
import pytest

import minitf as tf
from minitf.errors import Error

HERE = r"\[in test_bad_input\.py:\d+\]"


def wrong(kind, words, mistake, line=True):
    """Check the class and the message of what a mistake raises."""
    with pytest.raises(kind) as caught:
        mistake()
    assert isinstance(caught.value, Error), f"{caught.type.__name__} is not one of minitf's errors"
    message = str(caught.value)
    for word in [words] if isinstance(words, str) else words:
        assert word in message, message
    if line:
        assert re.search(HERE, message), f"points to no line of the user: {message}"


def in_graph(mistake):
    """Return the mistake made while a graph is written."""

    def make():
        with tf.Graph().as_default():
            mistake()

    return make


def in_function(mistake):
    """Return the mistake made while a function is traced."""
    return lambda: tf.function(lambda: mistake())()


MATRIX = np.ones((2, 3), np.float32)

SHAPES = {
    "matmul": (lambda: tf.matmul(MATRIX, MATRIX), ["matmul", "inner dimensions differ", "(2, 3) @ (2, 3)"]),
    "matmul of vectors": (lambda: tf.matmul(np.ones(3), np.ones(3)), ["matmul", "(3,) @ (3,)"]),
    "broadcast": (lambda: tf.add(np.ones(3), np.ones(4)), ["add", "(3,)", "(4,)"]),
    "operator": (lambda: tf.constant(MATRIX) + np.ones((3, 2), np.float32), ["(2, 3)", "(3, 2)"]),
    "reshape": (lambda: tf.reshape(MATRIX, [4]), ["reshape", "6 elements", "(2, 3)", "(4,)"]),
    "two unknowns": (lambda: tf.reshape(MATRIX, [-1, -1]), ["reshape", "at most one -1"]),
    "concat": (lambda: tf.concat([MATRIX, np.ones((2, 2), np.float32)], 0), ["concat"]),
    "stack": (lambda: tf.stack([np.ones(2), np.ones(3)]), ["stack", "(2,)", "(3,)"]),
    "axis": (lambda: tf.reduce_sum(MATRIX, axis=2), ["reduce_sum", "axis 2", "2 dimension"]),
    "axis twice": (lambda: tf.reduce_sum(MATRIX, axis=[0, -2]), ["reduce_sum", "twice"]),
    "transpose": (lambda: tf.transpose(MATRIX, [0, 0]), ["transpose"]),
    "conv channels": (
        lambda: tf.nn.conv2d(np.ones((1, 4, 4, 3)), np.ones((2, 2, 2, 5)), 1, "SAME"),
        ["conv2d", "3", "2"],
    ),
    "padding": (
        lambda: tf.nn.conv2d(np.ones((1, 4, 4, 3)), np.ones((2, 2, 3, 5)), 1, "SOME"),
        ["conv2d", "SOME"],
    ),
    "labels and logits": (
        lambda: tf.nn.sparse_softmax_cross_entropy_with_logits(labels=[1, 2, 3], logits=MATRIX),
        ["sparse_softmax_cross_entropy", "(3,)", "(2, 3)"],
    ),
    "split": (lambda: tf.split(MATRIX, 2, axis=1), ["split", "3", "2"]),
    "broadcast_to": (lambda: tf.broadcast_to(MATRIX, [2, 4]), ["broadcast_to", "(2, 3)", "(2, 4)"]),
    "einsum": (lambda: tf.einsum("ij,jk->ik", MATRIX, MATRIX), ["einsum"]),
    "singular": (lambda: tf.linalg.inv(np.zeros((2, 2))), ["inv"]),
}  # fmt: skip


@pytest.mark.parametrize("case", SHAPES)
def test_wrong_shapes(case):
    mistake, words = SHAPES[case]
    wrong(ValueError, words, mistake)


@pytest.mark.parametrize("case", [c for c in SHAPES if c != "singular"])
def test_wrong_shapes_say_the_same_in_a_graph(case):
    mistake, words = SHAPES[case]
    wrong(ValueError, words, in_graph(mistake))
    wrong(ValueError, words, in_function(mistake))


DTYPES = {
    "two dtypes": (
        lambda: tf.add(tf.constant([1.0]), tf.constant([1])),
        ["add", "float32", "int32", "tf.cast"],
    ),
    "fraction for ints": (lambda: tf.constant([1, 2]) * 0.5, ["int32", "float32"]),
    "exp of ints": (lambda: tf.exp([1, 2]), ["exp", "floating", "int32", "tf.cast"]),
    "float indices": (lambda: tf.gather(MATRIX, [0.0]), ["gather", "integer", "float32"]),
    "float condition": (lambda: tf.where([1.0, 0.0], 1.0, 2.0), ["where", "bool", "float32"]),
    "object": (lambda: tf.constant(object()), ["object"]),
    "unknown name": (lambda: tf.zeros([2], "float33"), ["float33"]),
    "fractions as ints": (lambda: tf.constant([0.5], tf.int32), ["int32"]),
    "wanted and given": (
        lambda: tf.convert_to_tensor(tf.constant(1), tf.float32),
        ["float32", "int32"],
    ),
}


@pytest.mark.parametrize("case", DTYPES)
def test_wrong_dtypes(case):
    mistake, words = DTYPES[case]
    wrong(TypeError, words, mistake, line=False)


def test_a_ragged_list_is_no_tensor():
    wrong(ValueError, "rectangular", lambda: tf.constant([[1, 2], [3]]), line=False)


def test_none_is_no_tensor():
    wrong(ValueError, ["add", "None"], lambda: tf.add(None, 1.0))


def test_a_number_that_does_not_fit():
    wrong(ValueError, "int8", lambda: tf.constant(300, tf.int8), line=False)


def test_indices_out_of_range():
    wrong(IndexError, ["gather", "2"], lambda: tf.gather([1.0, 2.0], [2]))
    wrong(IndexError, ["5"], lambda: tf.constant(MATRIX)[5])


def test_labels_out_of_range():
    wrong(
        ValueError,
        ["sparse_softmax_cross_entropy", "7"],
        lambda: tf.nn.sparse_softmax_cross_entropy_with_logits(labels=[0, 7], logits=MATRIX),
    )


def test_arguments_that_do_not_exist():
    with pytest.raises(TypeError, match="transpose_c"):
        tf.matmul(MATRIX, MATRIX, transpose_c=True)
    with pytest.raises(TypeError, match="'y'"):
        tf.add(1.0)
    with pytest.raises(TypeError, match="twice"):
        tf.add(1.0, 2.0, x=2.0)


# ---- graphs and sessions


@pytest.fixture
def graph():
    with tf.Graph().as_default() as g:
        x = tf.placeholder(tf.float32, [None, 2], name="x")
        tf.square(x, name="squares")
    return g


def test_a_missing_feed(graph):
    with tf.Session(graph=graph) as session:
        wrong(RuntimeError, ["x:0", "feed_dict", "(None, 2)"],
              lambda: session.run("squares:0"), line=False)  # fmt: skip


def test_feeds_that_do_not_fit(graph):
    with tf.Session(graph=graph) as session:
        run = session.run
        wrong(ValueError, ["x:0", "(None, 2)", "(3,)"],
              lambda: run("squares:0", {"x:0": [1.0, 2.0, 3.0]}), line=False)  # fmt: skip
        wrong(TypeError, ["x:0"], lambda: run("squares:0", {"x:0": [["a", "b"]]}), line=False)


def test_surplus_and_unknown_feeds(graph):
    eager = tf.constant(1.0)
    with tf.Session(graph=graph) as session:
        feeds = {"x:0": [[1.0, 2.0]], "z:0": 1.0}
        wrong(KeyError, ["'z'"], lambda: session.run("squares:0", feeds), line=False)
        feeds = {"x:0": [[1.0, 2.0]], eager: 2.0}
        wrong(ValueError, [], lambda: session.run("squares:0", feeds), line=False)


def test_an_unknown_fetch_suggests_the_nearest(graph):
    with tf.Session(graph=graph) as session:
        wrong(KeyError, ["'square'", "'squares'"], lambda: session.run("square:0"), line=False)


def test_a_tensor_of_another_graph(graph):
    with tf.Graph().as_default():
        other = tf.constant(1.0, name="other")
    with graph.as_default():
        wrong(ValueError, ["other:0", "belongs to"], lambda: tf.square(other))
    with tf.Session(graph=graph) as session:
        wrong(ValueError, ["other"], lambda: session.run(other), line=False)


def test_a_tensor_of_a_graph_used_eagerly(graph):
    x = graph.get_tensor_by_name("x:0")
    wrong(ValueError, ["x:0", "edge"], lambda: tf.square(x))
    wrong(ValueError, ["x:0", "no value"], lambda: x.numpy())


def test_a_placeholder_needs_a_graph():
    wrong(ValueError, ["placeholder", "with tf.Graph()"], lambda: tf.placeholder(tf.float32, [2]))


def test_a_cycle_cannot_be_written(graph):
    """An operation only uses what exists: to wait for a later one, one would need its name."""
    with graph.as_default():
        early = graph.get_operation_by_name("squares")
        late = tf.constant(1.0, name="late").op
        wrong(KeyError, ["'later'"], lambda: graph.get_operation_by_name("later"), line=False)
    position = graph.operations.index
    for node in graph.operations:
        assert all(position(t.op) < position(node) for t in node.inputs)
    assert position(early) < position(late)


def test_an_uninitialized_variable():
    with tf.Graph().as_default(), tf.Session() as session:
        v = tf.Variable(tf.zeros([2]), name="weights")
        wrong(RuntimeError, ["'weights'", "no value", "initializer"],
              lambda: session.run(v), line=False)  # fmt: skip


def test_assigning_what_does_not_fit():
    v = tf.Variable(tf.zeros([2, 3]), name="w")
    wrong(ValueError, ["'w'", "(2, 3)", "(3, 2)"], lambda: v.assign(np.zeros((3, 2), np.float32)))
    wrong(
        TypeError, ["'w'", "float32", "int32"], lambda: v.assign(tf.zeros([2, 3], tf.int32)), False
    )
    assert v.numpy().tolist() == [[0.0] * 3] * 2


def test_a_tensor_is_no_python_truth_while_tracing():
    @tf.function
    def clip(x):
        return x if x > 0 else -x

    wrong(ValueError, ["tf.cond", "tf.while_loop"], lambda: clip(tf.constant(1.0)))


def test_the_truth_of_many_numbers():
    wrong(ValueError, ["ambiguous", "reduce_any"], lambda: bool(tf.constant([1.0, 2.0])))


def test_an_error_inside_a_function_names_the_line_that_wrote_it():
    @tf.function
    def f(x, i):
        return tf.gather(x, i)

    wrong(IndexError, ["gather", "9"], lambda: f(tf.constant([1.0, 2.0]), tf.constant([9])))


def test_an_unknown_device():
    wrong(ValueError, ["'/tpu:0'", "/cpu:0"], lambda: tf.device("/tpu:0").__enter__(), line=False)


# ---- derivatives


def test_integers_have_no_derivative():
    with tf.GradientTape() as tape:
        wrong(ValueError, ["int32"], lambda: tape.watch(tf.constant(3)), line=False)
    x = tf.Variable(2.0)
    with tf.GradientTape() as tape:
        y = tf.cast(tf.cast(x, tf.int32), tf.float32) * 1.0
    assert tape.gradient(y, x) is None


def test_a_tape_is_used_once():
    x = tf.Variable(2.0)
    with tf.GradientTape() as tape:
        y = x * x
    tape.gradient(y, x)
    wrong(RuntimeError, ["persistent=True"], lambda: tape.gradient(y, x), line=False)


def test_nan_is_found_where_it_begins():
    tf.debugging.enable_check_numerics()
    try:
        wrong(ArithmeticError, ["log", "NaN"], lambda: tf.math.log(tf.constant([-1.0, 1.0])) * 2.0)
    finally:
        tf.debugging.disable_check_numerics()


# ---- unusual arrays are no mistakes


@pytest.mark.parametrize("shape", [(0,), (0, 3), (2, 0)])
def test_empty_tensors_are_tensors(shape):
    x = tf.Variable(np.zeros(shape, np.float32))
    with tf.GradientTape() as tape:
        y = tf.reduce_sum(tf.nn.relu(x * 2.0 + 1.0))
    assert y.numpy() == 0.0
    assert tape.gradient(y, x).shape == shape
    assert tf.matmul(tf.zeros([2, 0]), tf.zeros([0, 3])).numpy().tolist() == [[0.0] * 3] * 2
    assert tf.concat([tf.zeros(shape), tf.zeros(shape)], 0).shape[1:] == shape[1:]


def test_the_mean_of_nothing_is_nan_and_its_maximum_minus_infinity():
    assert np.isnan(tf.reduce_mean(tf.zeros([0])).numpy())
    assert tf.reduce_max(tf.zeros([0])).numpy() == -np.inf


def test_arrays_that_are_not_contiguous_or_not_writable():
    base = np.arange(24, dtype=np.float32).reshape(4, 6)
    strided = base[::2, ::3].T
    assert tf.matmul(strided, base[:2]).numpy().tolist() == (strided @ base[:2]).tolist()
    base.flags.writeable = False
    v = tf.Variable(base)
    assert v.assign_add(base).numpy().tolist() == (2 * base).tolist()


def test_many_dimensions():
    deep = tf.reshape(tf.range(4), [1] * 40 + [4])
    assert tf.reduce_sum(deep, axis=-1).shape == (1,) * 40
    wrong(ValueError, [], lambda: tf.reshape(tf.range(4), [1] * 100 + [4]))


def test_the_users_array_is_his_own():
    mine = np.ones(3, np.float32)
    t, v = tf.constant(mine), tf.Variable(mine)
    mine[:] = 7.0
    assert t.numpy().tolist() == v.numpy().tolist() == [1.0, 1.0, 1.0]
    t.numpy()[:] = 7.0
    assert t.numpy().tolist() == [1.0, 1.0, 1.0]


def test_a_damaged_checkpoint(tmp_path):
    v = tf.Variable([1.0, 2.0])
    path = tf.train.Checkpoint(v=v).write(tmp_path / "model")
    file = tmp_path / "model.ckpt"
    file.write_bytes(file.read_bytes()[:-20])
    wrong(OSError, ["model.ckpt"], lambda: tf.train.Checkpoint(v=v).read(path), line=False)
