"""Bad input: each mistake has a message that says what was expected, what came, and where.

Every case names the built-in exception that a Python programmer would catch, and words that the
message must hold. The message must also point to the line of the user's program, that is, to a line
of this file.
"""

import os
import subprocess
import sys

import numpy as np
import pytest

import minitf as tf
from minitf.errors import Error


def wrong(kind, words, mistake):
    """Check the class, the message and the line of what a mistake raises; return the error."""
    with pytest.raises(kind) as caught:
        mistake()
    error = caught.value
    assert isinstance(error, Error), f"{caught.type.__name__} is not one of minitf's errors"
    message = str(error)
    for word in [words] if isinstance(words, str) else words:
        assert word in message, message
    assert error.line is not None, message
    file, line = error.line
    assert file == __file__, f"{file} is not the user's"
    assert message.endswith(f"  [in test_bad_input.py:{line}]"), message
    return error


def is_within(error, function):
    """Return whether the line of an error belongs to a function of this file."""
    lines = [line for _, _, line in function.__code__.co_lines() if line]
    return min(lines) <= error.line[1] <= max(lines)


MATRIX, THING = np.ones((2, 3), np.float32), object()
IMAGES = np.ones((1, 4, 4, 3), np.float32)


def filters(channels):
    return np.ones((2, 2, channels, 5), np.float32)


# -- mistakes that shapes, dtypes and attributes tell: found while writing as well ----------------

KNOWN = {
    "matmul": (
        lambda: tf.matmul(MATRIX, MATRIX),
        ValueError,
        ["matmul: inner dimensions differ: (2, 3) @ (2, 3)"],
    ),
    "matmul of vectors": (
        lambda: tf.matmul(np.ones(3), np.ones(3)),
        ValueError,
        ["matmul: ", "(3,) @ (3,)"],
    ),
    "broadcast": (
        lambda: tf.add(np.ones(3), np.ones(4)),
        ValueError,
        ["add: shapes (3,) and (4,) do not broadcast"],
    ),
    "operator": (
        lambda: tf.constant(MATRIX) + np.ones((3, 2), np.float32),
        ValueError,
        ["add: ", "(2, 3)", "(3, 2)"],
    ),
    "reshape": (
        lambda: tf.reshape(MATRIX, [4]),
        ValueError,
        ["reshape: 6 elements of shape (2, 3) cannot take the shape (4,)"],
    ),
    "two unknowns": (
        lambda: tf.reshape(MATRIX, [-1, -1]),
        ValueError,
        ["reshape: ", "at most one -1"],
    ),
    "a negative size": (lambda: tf.zeros([-1]), ValueError, ["zeros: ", ">= 0", "got -1"]),
    "a fraction as size": (lambda: tf.zeros([1.5]), ValueError, ["zeros: ", "whole", "1.5"]),
    "too many dimensions": (
        lambda: tf.zeros([1] * 65),
        ValueError,
        ["zeros: ", "64 dimensions at most", "got 65"],
    ),
    "one dimension too many": (
        lambda: tf.expand_dims(tf.zeros([1] * 64), 0),
        ValueError,
        ["expand_dims: ", "64 dimensions at most", "got 65"],
    ),
    "concat": (
        lambda: tf.concat([MATRIX, np.ones((2, 2), np.float32)], 0),
        ValueError,
        ["concat: ", "(2, 3) and (2, 2)"],
    ),
    "concat of nothing": (lambda: tf.concat([], 0), ValueError, ["concat: at least one"]),
    "stack": (lambda: tf.stack([np.ones(2), np.ones(3)]), ValueError, ["stack: ", "(2,) and (3,)"]),
    "axis": (lambda: tf.reduce_sum(MATRIX, 2), ValueError, ["reduce_sum: axis 2", "2 dimension"]),
    "axis twice": (
        lambda: tf.reduce_sum(MATRIX, axis=[0, -2]),
        ValueError,
        ["reduce_sum: axes", "twice"],
    ),
    "a fraction as axis": (
        lambda: tf.reduce_sum(MATRIX, axis=1.5),
        ValueError,
        ["reduce_sum: axis must be a whole number, got 1.5"],
    ),
    "transpose": (lambda: tf.transpose(MATRIX, [0, 0]), ValueError, ["transpose: perm (0, 0)"]),
    "squeeze": (lambda: tf.squeeze(MATRIX, 0), ValueError, ["squeeze: axis 0 of (2, 3)", "not 1"]),
    "split": (lambda: tf.split(MATRIX, 2, axis=1), ValueError, ["split: size 3", "2 equal parts"]),
    "broadcast_to": (
        lambda: tf.broadcast_to(MATRIX, [2, 4]),
        ValueError,
        ["broadcast_to: ", "(2, 3)", "(2, 4)"],
    ),
    "einsum": (lambda: tf.einsum("ij,jk->ik", MATRIX, MATRIX), ValueError, ["einsum: ", "'j'"]),
    "conv channels": (
        lambda: tf.nn.conv2d(IMAGES, filters(2), 1, "SAME"),
        ValueError,
        ["conv2d: ", "3 channels", "2 each"],
    ),
    "conv rank": (
        lambda: tf.nn.conv2d(IMAGES[0], filters(3), 1, "SAME"),
        ValueError,
        ["conv2d: ", "(4, 4, 3) and (2, 2, 3, 5)"],
    ),
    "padding": (
        lambda: tf.nn.conv2d(IMAGES, filters(3), 1, "SOME"),
        ValueError,
        ["conv2d: ", "SOME"],
    ),
    "labels and logits": (
        lambda: tf.nn.sparse_softmax_cross_entropy_with_logits(labels=[1, 2, 3], logits=MATRIX),
        ValueError,
        ["sparse_softmax_cross_entropy", "(3,)", "(2, 3)"],
    ),
    "too many indices": (
        lambda: tf.constant(MATRIX)[0, 0, 0],
        ValueError,
        ["getitem: 3 indices for 2 dimension(s)"],
    ),
    "two ellipses": (lambda: tf.constant(MATRIX)[..., ...], ValueError, ["getitem: ", "one"]),
    "a text as index": (lambda: tf.constant(MATRIX)["a"], TypeError, ["getitem: ", "got 'a'"]),
    "an index out of range": (
        lambda: tf.constant(MATRIX)[5],
        IndexError,
        ["getitem: index 5 is out of range for axis 0 of size 2"],
    ),
    "two dtypes": (
        lambda: tf.add(tf.constant([1.0]), tf.constant([1])),
        TypeError,
        ["add: the inputs must have one dtype, got float32 and int32", "tf.cast"],
    ),
    "a fraction for integers": (
        lambda: tf.constant([1, 2]) * 0.5,
        TypeError,
        ["multiply: ", "int32 and float32", "tf.cast"],
    ),
    "exp of integers": (
        lambda: tf.exp([1, 2]),
        TypeError,
        ["exp: x must be of floating type, got int32", "tf.cast"],
    ),
    "float indices": (
        lambda: tf.gather(MATRIX, [0.0]),
        TypeError,
        ["gather: indices must be of integer type, got float32", "tf.cast"],
    ),
    "float condition": (
        lambda: tf.where([1.0, 0.0], 1.0, 2.0),
        TypeError,
        ["where: ", "bool", "float32"],
    ),
    "text": (lambda: tf.exp("text"), TypeError, ["exp: ", "floating", "string"]),
    "mean of truth values": (lambda: tf.reduce_mean([True]), TypeError, ["reduce_mean: bool"]),
    "one_hot of fractions": (lambda: tf.one_hot([0.5], 3), TypeError, ["one_hot: ", "integer"]),
    "an unknown dtype": (lambda: tf.zeros([2], "float33"), TypeError, ["zeros: ", "'float33'"]),
    "another unknown dtype": (lambda: tf.cast(1.0, "float33"), TypeError, ["'float33' is not the"]),
    "no dtype": (lambda: tf.cast(1.0, dict), TypeError, ["<class 'dict'> is not a dtype"]),
    "None": (lambda: tf.add(None, 1.0), ValueError, ["add: x is None where a tensor is needed"]),
    "None in second place": (lambda: tf.matmul(MATRIX, None), ValueError, ["matmul: b is None"]),
    "a ragged list": (
        lambda: tf.constant([[1, 2], [3]]),
        ValueError,
        ["constant: value is not rectangular", "[[1, 2], [3]]"],
    ),
    "a ragged argument": (lambda: tf.exp([[1.0], []]), ValueError, ["exp: x is not rectangular"]),
    "an object": (
        lambda: tf.constant(THING),
        TypeError,
        ["constant: value of type object is not a tensor"],
    ),
    "fractions as integers": (
        lambda: tf.constant([0.5], tf.int32),
        TypeError,
        ["constant: value holds fractions and cannot be int32"],
    ),
    "a number that does not fit": (
        lambda: tf.constant(300, tf.int8),
        ValueError,
        ["constant: value does not fit into int8"],
    ),
    "wanted and given": (
        lambda: tf.convert_to_tensor(tf.constant(1), tf.float32),
        TypeError,
        ["convert_to_tensor: expected dtype float32, got a tensor of int32", "tf.cast"],
    ),
    "values for a shape": (
        lambda: tf.constant([1, 2, 3], shape=[2, 2]),
        ValueError,
        ["constant: 3 values cannot fill the shape (2, 2)"],
    ),
    "no argument": (lambda: tf.nn.relu(), TypeError, ["relu() needs the argument 'features'"]),
    "too many arguments": (
        lambda: tf.nn.relu(1.0, "name", 3.0),
        TypeError,
        ["relu() takes 1 argument(s), got 3"],
    ),
    "an argument that does not exist": (
        lambda: tf.exp(1.0, axis=1),
        TypeError,
        ["exp(): 'axis' is not one of its arguments: x, name"],
    ),
    "an argument twice": (lambda: tf.exp(1.0, x=1.0), TypeError, ["exp(): 'x' was given twice"]),
    "the length of a number": (lambda: len(tf.constant(1.0)), TypeError, ["has no length"]),
    "an unknown device": (
        lambda: tf.device("/tpu:0").__enter__(),
        ValueError,
        ["named like '/cpu:0'", "got '/tpu:0'"],
    ),
}


@pytest.mark.parametrize("case", KNOWN)
def test_a_mistake_is_told_alike_everywhere(case):
    mistake, kind, words = KNOWN[case]
    eager = wrong(kind, words, mistake)
    assert is_within(eager, mistake)
    with tf.Graph().as_default() as graph:
        written = wrong(kind, words, mistake)
    traced = wrong(kind, words, tf.function(mistake))
    assert type(eager) is type(written) is type(traced)
    assert str(eager) == str(written) == str(traced)
    named = [n.name for n in graph.operations]
    assert len(named) == len(set(named))  # a mistake leaves the graph whole


# -- mistakes that the values tell: found by the run, at the line that wrote the operation ---------

DATA = {
    "an index": (
        lambda x: tf.gather(x, [7]),
        IndexError,
        ["gather: index 7 is not in [0, 2)"],
    ),
    "a label": (
        lambda x: tf.nn.sparse_softmax_cross_entropy_with_logits(
            labels=tf.cast(x[:, 0], tf.int32) + 6, logits=x
        ),
        ValueError,
        ["sparse_softmax_cross_entropy: label 7 is outside of [0, 3)"],
    ),
    "NaN": (
        lambda x: tf.debugging.check_numerics(tf.math.log(-x), "the logarithm"),
        ArithmeticError,
        ["check_numerics: the logarithm: ", "6 NaN and 0 infinite of 6"],
    ),
    "an assertion": (
        lambda x: tf.debugging.assert_less(x, 1.0, message="too large"),
        ValueError,
        ["too large", "x < y"],
    ),
    "a singular matrix": (
        lambda x: tf.linalg.inv(tf.matmul(0.0 * x, x, transpose_b=True)),
        ValueError,
        ["inv: ", "ingular", "(2, 2)"],
    ),
    "an integer divided by zero": (
        lambda x: tf.cast(x, tf.int32) // tf.cast(0.0 * x, tf.int32),
        ValueError,
        ["floordiv: integer division by zero"],
    ),
    "a size": (
        lambda x: tf.reshape(x, [tf.shape(x)[0], 2]),
        ValueError,
        ["reshape: ", "(2, 3)"],
    ),
    "memory": (
        lambda x: tf.zeros([tf.shape(x)[0], 10**6, 10**6, 10**6]),
        MemoryError,
        ["zeros: ", "allocate"],
    ),
}


@pytest.mark.parametrize("case", DATA)
def test_a_mistake_in_the_data_is_told_alike_everywhere(case):
    mistake, kind, words = DATA[case]
    eager = wrong(kind, words, lambda: mistake(tf.constant(MATRIX)))
    with tf.Graph().as_default(), tf.Session() as session:
        x = tf.placeholder(tf.float32, [None, 3])
        made = mistake(x)
        ran = wrong(kind, words, lambda: session.run(made, {x: MATRIX}))
    function = tf.function(mistake, input_signature=[tf.TensorSpec([None, 3])])
    called = wrong(kind, words, lambda: function(MATRIX))
    for error in (eager, ran, called):
        assert is_within(error, mistake)


# -- where the line is that of the user ------------------------------------------------------------


def pick(x, i):
    return tf.gather(x, i)


def test_an_error_inside_nested_functions_names_the_line_that_wrote_the_operation():
    inner = tf.function(lambda x, i: pick(x, i) * 2.0)
    outer = tf.function(lambda x, i: inner(x, i) + 1.0)
    error = wrong(IndexError, ["gather: index 9"], lambda: outer(tf.ones([2]), tf.constant([9])))
    assert is_within(error, pick)


def test_an_error_while_tracing_nested_functions_names_the_line_too():
    inner = tf.function(lambda x: tf.matmul(x, x))
    outer = tf.function(lambda x: inner(x) + 1.0)
    error = wrong(ValueError, ["matmul: inner"], lambda: outer(MATRIX))
    assert is_within(error, inner.python_function)


FLOW = {
    "cond": lambda x, i: tf.cond(i > 0, lambda: pick(x, i), lambda: x[0]),
    "switch_case": lambda x, i: tf.switch_case(0 * i, [lambda: pick(x, i)]),
    "while_loop": lambda x, i: tf.while_loop(
        lambda k, y: k < 3, lambda k, y: (k + 1, y + pick(x, i + k)), (0, 0.0)
    )[1],
    "map_fn": lambda x, i: tf.map_fn(
        lambda k: pick(x, k), tf.stack([i, i]), fn_output_signature=tf.float32
    ),
    "scan": lambda x, i: tf.scan(lambda a, k: a + pick(x, k), tf.stack([i, i]), 0.0),
    "a cond in a loop": lambda x, i: tf.while_loop(
        lambda k, y: k < 3,
        lambda k, y: (k + 1, tf.cond(k > 1, lambda: pick(x, i), lambda: y)),
        (0, 0.0),
    )[1],
}


@pytest.mark.parametrize("case", FLOW)
def test_an_error_inside_control_flow_names_the_line_of_the_branch(case):
    flow, x, i = FLOW[case], tf.ones([2]), tf.constant(5)
    for call in (flow, tf.function(flow)):
        error = wrong(IndexError, ["gather: index"], lambda call=call: call(x, i))
        assert is_within(error, pick)
    with tf.Graph().as_default(), tf.Session() as session:
        y = flow(tf.constant([1.0, 1.0]), tf.constant(5))
        error = wrong(IndexError, ["gather: index"], lambda: session.run(y))
        assert is_within(error, pick)


def test_an_error_of_a_worker_names_the_line_too():
    x = tf.constant([1.0, 2.0])

    @tf.function
    def both(x, i):
        with tf.device("/cpu:1"):
            a = pick(x, i)
        with tf.device("/cpu:2"):
            b = tf.exp(x)
        return a + b

    error = wrong(IndexError, "gather: index 3", lambda: both(x, tf.constant([3])))
    assert is_within(error, pick)


def test_an_error_of_the_gradient_names_a_line_of_the_user():
    x = tf.Variable(MATRIX)
    with tf.GradientTape() as tape:
        y = x * 2.0
    error = wrong(ValueError, ["(2, 2)"], lambda: tape.gradient(y, x, tf.ones([2, 2])))
    assert "gradient" in str(error)


def test_an_error_in_a_notebook_names_the_cell(tmp_path):
    pytest.importorskip("IPython")
    program = """
from IPython.core.interactiveshell import InteractiveShell
shell = InteractiveShell.instance()
shell.run_cell("import minitf as tf", store_history=True)
done = shell.run_cell("x = tf.ones([2, 3])\\ny = x @ x", store_history=True, silent=False)
print("said:", done.error_in_exec)
"""
    settings = os.environ | {"IPYTHONDIR": str(tmp_path)}
    done = subprocess.run([sys.executable, "-c", program], env=settings, capture_output=True,
                          text=True, check=True)  # fmt: skip
    assert done.stdout.splitlines()[-1].endswith("[in Cell In[2]:2]"), done.stdout


def test_an_error_of_the_user_stays_his_own():
    @tf.function
    def f(x):
        raise KeyError("mine")

    with pytest.raises(KeyError, match="^'mine'$"):
        f(tf.constant(1.0))


# -- graphs and sessions -------------------------------------------------------------------------


@pytest.fixture
def graph():
    with tf.Graph().as_default() as g:
        x = tf.placeholder(tf.float32, [None, 2], name="x")
        y = tf.placeholder(tf.int32, [], name="y")
        tf.square(x, name="squares")
        tf.multiply(tf.cast(y, tf.float32), x, name="product")
    return g


@pytest.fixture
def run(graph):
    return tf.Session(graph=graph).run


def test_a_missing_feed(run):
    wrong(
        RuntimeError,
        ["Session.run: no value for x:0 (float32, shape (None, 2))", "feed_dict"],
        lambda: run("squares:0"),
    )
    error = wrong(
        RuntimeError, ["y:0 (int32, shape ())"], lambda: run("product:0", {"x:0": MATRIX[:, :2]})
    )
    assert "x:0" not in str(error)
    wrong(RuntimeError, ["x:0", "y:0"], lambda: run("product:0"))


@pytest.mark.parametrize(
    ("value", "kind", "words"),
    [
        ([1.0, 2.0, 3.0], ValueError, ["takes values of shape (None, 2), got (3,)"]),
        (MATRIX, ValueError, ["takes values of shape (None, 2), got (2, 3)"]),
        (5.0, ValueError, ["takes values of shape (None, 2), got ()"]),
        ([["a", "b"]], TypeError, ["is of type string and cannot be float32"]),
        ([[1j, 2.0]], TypeError, ["is of type complex128 and cannot be float32"]),
        ([[1.0], [1.0, 2.0]], ValueError, ["is not rectangular"]),
        (None, ValueError, ["is None where a tensor is needed"]),
        (object(), TypeError, ["of type object is not a tensor"]),
    ],
)
def test_feeds_that_do_not_fit(run, value, kind, words):
    wrong(
        kind, ["Session.run: feed_dict: ", "x:0", *words], lambda: run("squares:0", {"x:0": value})
    )


@pytest.mark.parametrize(
    ("value", "words"),
    [(2.5, "fractions"), (2**40, "does not fit into int32"), (np.nan, "cannot be int32")],
)
def test_feeds_of_numbers_that_do_not_fit(run, value, words):
    wrong(ValueError, ["y:0", words], lambda: run("y:0", {"y:0": value}))


def test_an_edge_is_no_value_for_a_feed(graph, run):
    squares = graph.get_tensor_by_name("squares:0")
    wrong(ValueError, ["x:0 is itself an edge", "squares:0"], lambda: run("x:0", {"x:0": squares}))


def test_surplus_and_unknown_feeds(graph, run):
    feeds = {"x:0": [[1.0, 2.0]]}
    with graph.as_default():
        v = tf.Variable(1.0, name="v")
    with tf.Graph().as_default():
        stranger = tf.constant(1.0, name="stranger")
    squares = "squares:0"
    wrong(KeyError, "no operation 'z'", lambda: run(squares, feeds | {"z:0": 1.0}))
    wrong(ValueError, "'stranger:0'", lambda: run(squares, feeds | {stranger: 1.0}))
    wrong(ValueError, "eager tensor", lambda: run(squares, feeds | {tf.constant(1.0): 2.0}))
    wrong(TypeError, ["operation 'x'", "x:0"], lambda: run(squares, {"x": [[1.0, 2.0]]}))
    wrong(TypeError, "got 3", lambda: run(squares, {3: [[1.0, 2.0]]}))
    wrong(ValueError, ["'v' is a Variable", "assign"], lambda: run(squares, {v: 1.0}))
    twice = {graph.get_tensor_by_name("x:0"): [[1.0, 2.0]], "x:0": [[3.0, 4.0]]}
    wrong(ValueError, "x:0 is fed twice", lambda: run(squares, twice))
    wrong(TypeError, "expected {tensor: value}", lambda: run(squares, [("x:0", [[1.0, 2.0]])]))


def test_fetches_that_are_none(graph, run):
    with tf.Graph().as_default():
        stranger = tf.constant(1.0, name="stranger")
    wrong(KeyError, ["'square'", "did you mean 'squares'"], lambda: run("square:0"))
    wrong(KeyError, ["'product'", "1 output", "'product:1'"], lambda: run("product:1"))
    wrong(ValueError, ["'stranger:0'", "not part of <tf.Graph"], lambda: run(stranger))
    wrong(ValueError, ["eager tensor of shape (2,)"], lambda: run(tf.constant([1.0, 2.0])))
    for nothing in (None, 3.5, {1, 2}, object()):
        wrong(
            TypeError, "Session.run: expected a tensor, an operation or", lambda n=nothing: run(n)
        )
        wrong(
            TypeError, "Session.run: expected a tensor, an operation or", lambda n=nothing: run([n])
        )


def test_a_closed_session(graph):
    session = tf.Session(graph=graph)
    session.close()
    wrong(RuntimeError, "Session.run: this session is closed", lambda: session.run("y:0"))


def test_a_tensor_of_another_graph(graph):
    with tf.Graph().as_default():
        other = tf.constant(1.0, name="other")
    with graph.as_default():
        wrong(ValueError, ["square: other:0 belongs to"], lambda: tf.square(other))


def test_a_tensor_of_a_graph_used_eagerly(graph):
    x = graph.get_tensor_by_name("x:0")
    wrong(ValueError, ["square: x:0 is an edge of", "Session.run"], lambda: tf.square(x))
    for use in (lambda: x.numpy(), lambda: np.sum(x), lambda: float(x), lambda: x.tolist()):
        wrong(ValueError, ["x:0", "no value yet", "Session.run"], use)
    wrong(ValueError, ["Variable: ", "x:0", "is not being written"], lambda: tf.Variable(x))


def test_a_tensor_that_leaks_out_of_a_function():
    leaked = []

    @tf.function
    def f(x):
        leaked.append(x * 2.0)
        return x

    f(tf.ones([2]))
    wrong(
        ValueError, ["add: multiply:0 is an edge of", "'f'", "return it"], lambda: leaked[0] + 1.0
    )
    wrong(ValueError, ["multiply:0", "no value yet"], lambda: leaked[0].numpy())
    other = tf.function(lambda x: x + leaked[0])
    wrong(ValueError, ["multiply:0 belongs to", "'f'"], lambda: other(tf.ones([2])))


def test_a_placeholder_needs_a_graph_and_a_shape():
    wrong(ValueError, ["placeholder", "with tf.Graph()"], lambda: tf.placeholder(tf.float32, [2]))
    with tf.Graph().as_default():
        wrong(ValueError, "shape=[None, 784]", lambda: tf.placeholder(tf.float32))
        wrong(ValueError, ">= 0 or None, got -2", lambda: tf.placeholder(tf.float32, [-2]))
        wrong(TypeError, "'float33'", lambda: tf.placeholder("float33", [2]))


def test_the_length_of_an_unknown_dimension(graph):
    x = graph.get_tensor_by_name("x:0")
    wrong(ValueError, ["length of x:0", "tf.shape"], lambda: len(x))
    wrong(ValueError, ["length of x:0", "tf.shape"], lambda: list(x))


def test_a_shape_that_contradicts(graph):
    x = graph.get_tensor_by_name("x:0")
    wrong(ValueError, ["(None, 2) and (5, 3)"], lambda: x.set_shape([5, 3]))


def test_a_cycle_cannot_be_written(graph):
    """An operation only uses what exists: to wait for a later one, one would need its name."""
    with graph.as_default():
        early = graph.get_operation_by_name("squares")
        wrong(KeyError, "'later'", lambda: tf.control_dependencies(["later"]).__enter__())
        late = tf.identity(early.output, name="later").op
    position = graph.operations.index
    for node in graph.operations:
        assert all(position(t.op) < position(node) for t in node.inputs)
    early.control_inputs = (late,)
    with tf.Session(graph=graph) as session:
        wrong(
            ValueError,
            ["'squares' needs 'later'", "no cycles"],
            lambda: session.run("later:0", {"x:0": [[1.0, 2.0]]}),
        )


@pytest.mark.parametrize("name", ["a name", "a:b", ""])
def test_an_impossible_name(graph, name):
    with graph.as_default():
        wrong(ValueError, [f"{name!r} is not a name"], lambda: tf.constant(1.0, name=name))


def test_a_finalized_graph(graph):
    graph.finalize()
    with graph.as_default():
        wrong(ValueError, "is finalized", lambda: tf.constant(1.0))


# -- Variables -----------------------------------------------------------------------------------


def test_an_uninitialized_variable():
    with tf.Graph().as_default(), tf.Session() as session:
        v = tf.Variable(tf.zeros([2]), name="weights")
        double = 2.0 * v
        words = ["'weights' has no value yet", "global_variables_initializer"]
        wrong(RuntimeError, words, lambda: session.run(v))
        wrong(RuntimeError, words, lambda: session.run(double))
        wrong(RuntimeError, words, lambda: v.numpy())


@pytest.mark.parametrize("method", ["assign", "assign_add", "assign_sub"])
def test_assigning_what_does_not_fit(method):
    v = tf.Variable(tf.zeros([2, 3]), name="w")
    assign = getattr(v, method)
    wrong(ValueError, ["'w'", "(2, 3)", "(3, 2)"], lambda: assign(np.zeros((3, 2), np.float32)))
    wrong(TypeError, ["'w' holds float32, got int32"], lambda: assign(tf.zeros([2, 3], tf.int32)))
    wrong(TypeError, ["'w' holds float32, got string"], lambda: assign("text"))
    wrong(ValueError, ["assign: value is None"], lambda: assign(None))
    with tf.Graph().as_default():
        wrong(ValueError, ["'w'", "(2, 3)", "(5, 3)"], lambda: assign(tf.zeros([5, 3])))
    assert v.numpy().tolist() == [[0.0] * 3] * 2


def test_a_value_whose_shape_turns_out_wrong_is_not_assigned():
    v = tf.Variable([1.0, 2.0], name="w")

    @tf.function(input_signature=[tf.TensorSpec([None])])
    def assign(x):
        v.assign(x)

    error = wrong(ValueError, ["'w' of shape (2,)", "(3,)"], lambda: assign(tf.ones([3])))
    assert is_within(error, assign.python_function)
    assert v.numpy().tolist() == [1.0, 2.0]


def test_first_values_that_do_not_fit():
    wrong(ValueError, ["Variable: initial_value is None"], lambda: tf.Variable(None))
    wrong(TypeError, ["fractions", "int32"], lambda: tf.Variable([0.5], dtype=tf.int32))
    wrong(ValueError, ["(2,), not (3,)"], lambda: tf.Variable([1.0, 2.0], shape=[3]))
    wrong(
        TypeError,
        ["Variable: expected int32, got a value of float32"],
        lambda: tf.Variable(tf.constant(1.0), dtype=tf.int32),
    )


# -- a Tensor is no Python value while a graph is written ------------------------------------------


def test_a_tensor_is_no_python_truth_while_tracing():
    @tf.function(autograph=False)
    def clip(x):
        return x if x > 0 else -x

    @tf.function(autograph=False)
    def count(x):
        while x < 10:
            x += 1
        return x

    @tf.function(autograph=False)
    def both(x):
        return x > 0 and x < 1

    for function in (clip, count, both):
        error = wrong(
            ValueError,
            ["cannot branch on it", "y = tf.cond(t, ", "tf.while_loop("],
            lambda function=function: function(tf.constant(1.0)),
        )
        assert is_within(error, function.python_function)


def test_the_truth_of_many_numbers():
    wrong(ValueError, ["(2,) is ambiguous", "reduce_any"], lambda: bool(tf.constant([1.0, 2.0])))


def test_a_tensor_of_several_elements_is_no_number():
    wrong(TypeError, "(2,) is not one number", lambda: float(tf.constant([1.0, 2.0])))
    wrong(TypeError, "float32 cannot be an index", lambda: [1, 2][tf.constant(1.0)])


# -- derivatives ---------------------------------------------------------------------------------


def test_integers_have_no_derivative():
    with tf.GradientTape() as tape:
        n = tf.constant(3)
        with pytest.warns(UserWarning, match="int32"):
            tape.watch(n)
        m = n * 2
    assert tape.gradient(m, n) is None
    x = tf.Variable(2.0)
    with tf.GradientTape() as tape:
        y = tf.cast(tf.cast(x, tf.int32), tf.float32) * 1.0
    assert tape.gradient(y, x) is None


def test_a_tape_is_used_once():
    x = tf.Variable(2.0)
    with tf.GradientTape() as tape:
        y = x * x
    tape.gradient(y, x)
    wrong(RuntimeError, "persistent=True", lambda: tape.gradient(y, x))


def test_nan_is_found_where_it_begins():
    tf.debugging.enable_check_numerics()
    try:
        wrong(ArithmeticError, ["log", "NaN"], lambda: tf.math.log(tf.constant([-1.0, 1.0])) * 2.0)
        with tf.Graph().as_default(), tf.Session() as session:
            x = tf.placeholder(tf.float32, [2])
            y = pick(tf.math.log(x), [0, 1]) * 2.0
            wrong(ArithmeticError, ["log", "NaN"], lambda: session.run(y, {x: [-1.0, 1.0]}))
            assert session.run(y, {x: [1.0, 1.0]}).tolist() == [0.0, 0.0]
    finally:
        tf.debugging.disable_check_numerics()


# -- unusual arrays are no mistakes ----------------------------------------------------------------


@pytest.mark.parametrize("shape", [(0,), (0, 3), (2, 0)])
def test_empty_tensors_are_tensors(shape):
    x = tf.Variable(np.zeros(shape, np.float32))
    with tf.GradientTape() as tape:
        y = tf.reduce_sum(tf.nn.relu(x * 2.0 + 1.0))
    assert y.numpy() == 0.0
    assert tape.gradient(y, x).shape == shape
    assert tf.matmul(tf.zeros([2, 0]), tf.zeros([0, 3])).numpy().tolist() == [[0.0] * 3] * 2
    assert tf.concat([tf.zeros(shape), tf.zeros(shape)], 0).shape[1:] == shape[1:]


NO_ROWS = {
    "reduce_sum": (lambda x: tf.reduce_sum(x, 0), (3,)),
    "reduce_max": (lambda x: tf.reduce_max(x, 1), (0,)),
    "reduce_prod": (lambda x: tf.reduce_prod(x), ()),
    "logsumexp": (lambda x: tf.reduce_logsumexp(x, 1), (0,)),
    "matmul": (lambda x: x @ tf.ones([3, 2]), (0, 2)),
    "matmul over nothing": (lambda x: tf.matmul(x, x, transpose_a=True), (3, 3)),
    "einsum": (lambda x: tf.einsum("ij,jk->ik", x, tf.ones([3, 2])), (0, 2)),
    "softmax": (tf.nn.softmax, (0, 3)),
    "cross-entropy": (
        lambda x: tf.nn.sparse_softmax_cross_entropy_with_logits(tf.zeros([0], tf.int32), x),
        (0,),
    ),
    "concat": (lambda x: tf.concat([x, tf.ones([2, 3])], 0), (2, 3)),
    "stack": (lambda x: tf.stack([x, x]), (2, 0, 3)),
    "split": (lambda x: tf.split(x, 3, axis=1)[0], (0, 1)),
    "transpose": (tf.transpose, (3, 0)),
    "reshape": (lambda x: tf.reshape(x, [-1, 3]), (0, 3)),
    "slice": (lambda x: x[:, 1:], (0, 2)),
    "gather": (lambda x: tf.gather(tf.ones([3, 2]), tf.cast(x[:, 0], tf.int32)), (0, 2)),
    "pad": (lambda x: tf.pad(x, [[1, 1], [0, 0]]), (2, 3)),
    "tile": (lambda x: tf.tile(x, [2, 2]), (0, 6)),
    "sort": (tf.sort, (0, 3)),
    "cumsum": (tf.cumsum, (0, 3)),
    "conv2d": (
        lambda x: tf.nn.conv2d(tf.reshape(x, [0, 1, 3, 1]), tf.ones([1, 2, 1, 4]), 1, "SAME"),
        (0, 1, 3, 4),
    ),
    "max_pool": (
        lambda x: tf.nn.max_pool2d(tf.reshape(x, [0, 1, 3, 1]), [1, 3], 1, "VALID"),
        (0, 1, 1, 1),
    ),
    "norm": (tf.norm, ()),
    "dropout": (lambda x: tf.nn.dropout(x, 0.5), (0, 3)),
    "map_fn": (lambda x: tf.map_fn(lambda row: row * 2.0, x), (0, 3)),
}


@pytest.mark.parametrize("case", NO_ROWS)
def test_a_batch_without_rows_goes_through_the_main_ops(case):
    work, shape = NO_ROWS[case]
    x = tf.Variable(tf.zeros([0, 3]))
    with tf.GradientTape() as tape:
        y = work(x)
    assert y.shape == shape
    gradient = tape.gradient(y, x)
    assert gradient is None or gradient.shape == (0, 3)
    assert tf.function(work)(x).shape == shape


def test_the_mean_of_nothing_is_nan_and_its_maximum_minus_infinity():
    assert np.isnan(tf.reduce_mean(tf.zeros([0])).numpy())
    assert tf.reduce_max(tf.zeros([0])).numpy() == -np.inf


def test_what_nothing_can_be_chosen_from():
    wrong(ValueError, ["argmax: axis 0 of (0, 3)"], lambda: tf.argmax(tf.zeros([0, 3]), 0))
    wrong(IndexError, ["gather: nothing"], lambda: tf.gather(tf.zeros([0, 3]), [0]))


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
    x = tf.Variable(tf.ones([1] * 50 + [2]))
    with tf.GradientTape() as tape:
        y = tf.reduce_sum(tf.transpose(x * x))
    assert tape.gradient(y, x).numpy().ravel().tolist() == [2.0, 2.0]


def test_the_users_array_is_his_own():
    mine = np.ones(3, np.float32)
    t, v = tf.constant(mine), tf.Variable(mine)
    mine[:] = 7.0
    assert t.numpy().tolist() == v.numpy().tolist() == [1.0, 1.0, 1.0]
    t.numpy()[:] = 7.0
    assert t.numpy().tolist() == [1.0, 1.0, 1.0]


# -- files ---------------------------------------------------------------------------------------


def test_a_damaged_checkpoint(tmp_path):
    v = tf.Variable([1.0, 2.0])
    path = tf.train.Checkpoint(v=v).write(tmp_path / "model")
    file = tmp_path / "model.ckpt"
    file.write_bytes(file.read_bytes()[:-20])
    wrong(OSError, ["model.ckpt"], lambda: tf.train.Checkpoint(v=v).read(path))
    assert v.numpy().tolist() == [1.0, 2.0]
