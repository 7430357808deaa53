"""Graphs: what is written down, under which names, by which line, and how it is found again."""

import copy
import sys
import threading
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

import minitf as tf
from minitf.errors import (
    DTypeError,
    Error,
    GraphError,
    InvalidArgumentError,
    NotFoundError,
    ShapeError,
    UsageError,
)


@pytest.fixture
def graph():
    """Return a graph that is being written."""
    with tf.Graph().as_default() as graph:
        yield graph


def names(graph):
    return [node.name for node in graph.operations]


def here():
    """Return the line that calls."""
    return sys._getframe(1).f_lineno


# -- the list of operations ------------------------------------------------------------------------


def test_operations_stand_in_the_order_in_which_they_were_written(graph):
    x = tf.placeholder(tf.float32, [2], name="x")
    y = tf.square(x) + 1.0
    assert [node.type for node in graph.operations] == ["placeholder", "square", "constant", "add"]
    assert y.op is graph.operations[-1]
    assert y.op.inputs[0].op is graph.operations[1]
    assert [t.graph for t in y.op.inputs] == [graph, graph]


def test_writing_computes_nothing(graph):
    with pytest.raises(GraphError, match="no value yet"):
        (tf.constant(2.0) * 3.0).numpy()


def test_get_operations_gives_a_list_of_its_own(graph):
    tf.constant(1.0)
    graph.get_operations().clear()
    assert len(graph.operations) == 1


def test_calls_outside_of_the_block_are_not_written(graph):
    with tf.init_scope():
        assert float(tf.constant(2.0) * 3.0) == 6.0
    with tf.Graph().as_default() as other:
        tf.constant(1.0)
    assert (len(graph.operations), len(other.operations)) == (0, 1)


def test_the_representations_name_everything_once(graph):
    x = tf.placeholder(tf.float32, [None, 2], name="x")
    y = tf.add(x, 1.0, name="y")
    assert repr(x) == str(x) == "<tf.Tensor 'x:0' shape=(None, 2) dtype=float32>"
    assert repr(y.op) == "<tf.Operation 'y' type=add inputs=(x:0, constant:0)>"
    assert repr(graph) == "<tf.Graph: 3 operations>"
    assert repr(tf.Graph("net")) == "<tf.Graph 'net': 0 operations>"


def test_outputs_of_one_operation_are_numbered(graph):
    parts = tf.split(tf.zeros([4, 2]), 2, name="parts")
    assert [t.name for t in parts] == ["parts:0", "parts:1"]
    assert graph.get_tensor_by_name("parts:1") is parts[1]


def test_copies_of_edges_are_the_edges(graph):
    x = tf.constant(1.0)
    assert copy.copy(x) is x
    assert copy.deepcopy({"x": [x]})["x"][0] is x


# -- names -----------------------------------------------------------------------------------------


def test_a_name_that_is_taken_gets_a_number(graph):
    for name in ["w", "w", "W", "w_1", "x_1", "x", "x", "x"]:
        tf.constant(1.0, name=name)
    # TensorFlow 2.21 gives the same names to the same calls.
    assert names(graph) == ["w", "w_1", "W_2", "w_1_1", "x_1", "x", "x_2", "x_3"]


def test_name_scopes_nest_and_are_unique(graph):
    with tf.name_scope("a") as outer:
        tf.constant(1.0, name="x")
        with tf.name_scope("b") as inner:
            tf.constant(1.0, name="x")
    with tf.name_scope("a") as again:
        tf.constant(1.0, name="x")
    assert (outer, inner, again) == ("a/", "a/b/", "a_1/")
    assert names(graph) == ["a/x", "a/b/x", "a_1/x"]


def test_a_scope_can_be_entered_again_by_the_name_that_it_gave(graph):
    with tf.name_scope("a") as scope:
        tf.constant(1.0, name="x")
    with tf.name_scope("elsewhere"), tf.name_scope(scope) as again:
        tf.constant(1.0, name="x")
    assert again == scope
    assert names(graph) == ["a/x", "a/x_1"]


@pytest.mark.parametrize("root", ["", None])
def test_the_empty_scope_leads_out_of_all_others(graph, root):
    with tf.name_scope("a"), tf.name_scope(root) as scope:
        tf.constant(1.0, name="x")
    assert scope == ""
    assert names(graph) == ["x"]


def test_an_operation_can_have_the_name_of_its_scope(graph):
    with tf.name_scope("layer") as scope:
        tf.constant(1.0, name=scope)
        tf.constant(1.0, name=scope)
        tf.constant(1.0, name="layer")
    assert names(graph) == ["layer", "layer_1", "layer/layer"]


def test_a_name_with_a_slash_at_its_end_is_taken_afterwards(graph):
    tf.constant(1.0, name="a/b/")
    tf.constant(1.0, name="a/b")
    assert names(graph) == ["a/b", "a/b_1"]


def test_a_graph_inside_a_block_has_scopes_of_its_own(graph):
    with tf.name_scope("outer"), tf.Graph().as_default() as other:
        tf.constant(1.0, name="x")
    assert names(other) == ["x"]


@pytest.mark.parametrize("name", ["a b", "a:0", "", "_a", "-a", "a\n"])
def test_a_name_by_which_nothing_could_be_found_is_refused(graph, name):
    with pytest.raises(InvalidArgumentError, match="is not a name") as caught:
        tf.constant(1.0, name=name)
    assert isinstance(caught.value, ValueError)
    assert repr(name) in str(caught.value)
    assert graph.operations == []


def test_a_scope_with_such_a_name_is_refused_by_what_is_written_in_it(graph):
    with tf.name_scope("a b"), pytest.raises(InvalidArgumentError, match="'a b/constant' is not"):
        tf.constant(1.0)


def test_a_name_is_a_string(graph):
    with pytest.raises(UsageError, match="a name is a string, got 3") as caught:
        tf.constant(1.0, name=3)
    assert isinstance(caught.value, TypeError)


@pytest.mark.parametrize("name", ["a", "A.b/c-d_e", "0", ".x", "a>b\\c"])
def test_what_tensorflow_takes_as_a_name_is_one(graph, name):
    tensor = tf.constant(1.0, name=name)
    assert graph.get_tensor_by_name(f"{name}:0") is tensor


# -- finding things by name ------------------------------------------------------------------------


def test_operations_and_tensors_are_found_by_name(graph):
    x = tf.constant(1.0, name="x")
    assert graph.get_operation_by_name("x") is x.op
    assert graph.get_tensor_by_name("x:0") is x
    assert graph.as_graph_element("x") is x.op
    assert graph.as_graph_element("x:0") is x
    assert graph.as_graph_element(x) is x
    assert graph.as_graph_element(x.op) is x.op


def test_a_variable_stands_for_the_edge_that_reads_it(graph):
    v = tf.Variable(1.0, name="v")
    found = graph.as_graph_element(v)
    assert found.op.type == "read_variable"
    assert found.op["variable"] is v


def test_a_graph_element_may_have_to_be_of_one_kind(graph):
    x = tf.constant(1.0, name="x")
    with pytest.raises(UsageError, match="expected a tensor, got the operation 'x'; .* x:0"):
        graph.as_graph_element("x", allow_operation=False)
    with pytest.raises(UsageError, match="expected an operation, got the tensor 'x:0'"):
        graph.as_graph_element(x, allow_tensor=False)


@pytest.mark.parametrize(
    ("find", "kind", "words"),
    [
        (lambda g: g.get_operation_by_name("wieghts"), NotFoundError, "did you mean 'weights'"),
        (lambda g: g.get_operation_by_name("weights:0"), NotFoundError, "did you mean 'weights'"),
        (lambda g: g.get_operation_by_name("q"), NotFoundError, "no operation 'q' in <tf.Graph"),
        (lambda g: g.get_tensor_by_name("weight:0"), NotFoundError, "did you mean 'weights'"),
        (lambda g: g.get_tensor_by_name("weights:1"), NotFoundError, "has 1 output"),
        (lambda g: g.get_tensor_by_name("weights"), InvalidArgumentError, "mean 'weights:0'"),
        (lambda g: g.get_tensor_by_name("weights:x"), InvalidArgumentError, "named like"),
        (lambda g: g.get_operation_by_name(3), UsageError, "a name is a string, got 3"),
        (lambda g: g.get_tensor_by_name(None), UsageError, "a name is a string, got None"),
        (lambda g: g.as_graph_element(3.5), UsageError, "a tensor, an operation or a name, got 3"),
        (lambda g: g.as_graph_element(None), UsageError, "got None"),
    ],
)
def test_what_is_not_found_is_an_error_that_helps(graph, find, kind, words):
    tf.constant(1.0, name="weights")
    with pytest.raises(kind, match=words) as caught:
        find(graph)
    assert "[in test_graph.py:" in str(caught.value)


def test_errors_of_looking_up_are_pythons_too():
    assert issubclass(NotFoundError, KeyError)
    assert issubclass(UsageError, TypeError)
    assert str(NotFoundError("plain words")).startswith("plain words")  # not their repr


def test_elements_of_elsewhere_are_refused(graph):
    with tf.Graph().as_default():
        stranger = tf.constant(1.0, name="stranger")
    with pytest.raises(GraphError, match=r"'stranger:0' .* is not part of <tf.Graph: 0"):
        graph.as_graph_element(stranger)
    with tf.init_scope():
        eager = tf.constant([1.0, 2.0])
    with pytest.raises(GraphError, match=r"an eager tensor of shape \(2,\) is not part of"):
        graph.as_graph_element(eager)


# -- the user's line -------------------------------------------------------------------------------


def layer(x):
    return tf.nn.relu(x)


def test_every_operation_remembers_the_line_that_made_it(graph):
    start = here()
    x = tf.placeholder(tf.float32, [2, 2])
    w = tf.Variable(tf.ones([2, 2]))
    y = layer(x @ w + 1.0)
    loss = tf.reduce_mean(tf.nn.softmax_cross_entropy_with_logits(labels=y, logits=y))
    tf.gradients(loss, [x])
    lines = {(node.type, node.line[1] - start) for node in graph.operations}
    assert {file for node in graph.operations for file in [node.line[0]]} == {__file__}
    assert {("placeholder", 1), ("ones", 2), ("assign_variable", 2)} <= lines
    assert {("read_variable", 3), ("matmul", 3), ("constant", 3), ("add", 3)} <= lines
    assert ("relu", layer.__code__.co_firstlineno + 1 - start) in lines
    assert {("softmax_cross_entropy", 4), ("reduce_mean", 4), ("ones_like", 5)} <= lines


def test_the_lines_of_a_traced_function_are_those_inside_it():
    @tf.function
    def f(x):
        y = tf.exp(x)
        return layer(y)

    start = f.python_function.__code__.co_firstlineno
    graph = f.get_concrete_function(tf.TensorSpec([2])).graph
    lines = {node.type: node.line for node in graph.operations}
    assert lines["exp"] == (__file__, start + 2)
    assert lines["relu"] == (__file__, layer.__code__.co_firstlineno + 1)


def test_a_line_inside_numpy_is_not_to_blame(graph):
    x = tf.constant([1.0, 2.0])
    line = here() + 2
    with pytest.raises(GraphError) as caught:
        np.sum(x)
    assert caught.value.line == (__file__, line)


def test_an_error_of_a_block_names_the_line_of_the_with(graph):
    line = here() + 1
    with pytest.raises(InvalidArgumentError) as caught, tf.device("/tpu:0"):
        pass
    assert caught.value.line == (__file__, line)
    assert str(caught.value).endswith(f"[in test_graph.py:{line}]")


def test_in_a_thread_without_a_users_line_none_is_named():
    with ThreadPoolExecutor(1) as pool:
        assert str(pool.submit(GraphError, "words").result()) == "words"
        assert "[in test_graph.py:" in str(pool.submit(lambda: GraphError("words")).result())


# -- control dependencies --------------------------------------------------------------------------


def test_control_dependencies_nest_and_none_clears_them(graph):
    a, b = tf.constant(1.0, name="a"), tf.constant(2.0, name="b")
    with tf.control_dependencies([a]):
        with tf.control_dependencies([b.op, "a"]):
            both = tf.constant(3.0)
            with tf.control_dependencies(None):
                free = tf.constant(4.0)
        one = tf.constant(5.0)
    after = tf.constant(6.0)
    waits = [[n.name for n in t.op.control_inputs] for t in (both, free, one, after)]
    assert waits == [["a", "b"], [], ["a"], []]


def test_a_control_dependency_is_obeyed(graph):
    v = tf.Variable(0.0)
    with tf.control_dependencies([v.assign_add(1.0), v.assign_add(10.0)]):
        result = tf.constant(5.0)
    with tf.Session() as session:
        session.run(v.initializer)
        assert session.run(result) == 5.0
        assert session.run(v) == 11.0


def test_variables_and_names_can_be_waited_for(graph):
    v = tf.Variable(1.0)
    with tf.control_dependencies([v]):
        x = tf.constant(1.0)
    assert [n.type for n in x.op.control_inputs] == ["read_variable"]


def test_what_is_computed_already_needs_no_waiting(graph):
    with tf.init_scope():
        eager = tf.constant(1.0)
    with tf.control_dependencies([eager]):
        assert tf.constant(1.0).op.control_inputs == ()


def test_eagerly_nothing_waits():
    with tf.control_dependencies([tf.constant(1.0), None]):
        assert float(tf.constant(2.0)) == 2.0


@pytest.mark.parametrize("wrong", [3.0, None, "missing", object()])
def test_only_graph_elements_can_be_waited_for(graph, wrong):
    with pytest.raises(Error, match="got|no operation"), tf.control_dependencies([wrong]):
        pass


def test_a_single_tensor_is_no_list_of_them(graph):
    x = tf.constant([1.0, 2.0])
    for one in (x, x.op):
        with pytest.raises(UsageError, match="takes a list"), tf.control_dependencies(one):
            pass


def test_an_error_inside_a_block_ends_the_block(graph):
    x = tf.constant(1.0)
    with pytest.raises(ZeroDivisionError), tf.control_dependencies([x]), tf.name_scope("s"):
        raise ZeroDivisionError
    y = tf.constant(1.0, name="y")
    assert (y.name, y.op.control_inputs) == ("y:0", ())


# -- devices ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("spelling", "device"),
    [
        ("/cpu:0", "/cpu:0"),
        ("/cpu:1", "/cpu:1"),
        ("cpu:1", "/cpu:1"),
        ("/CPU:1", "/cpu:1"),
        ("CPU", "/cpu:0"),
        ("/cpu", "/cpu:0"),
        ("/device:CPU:1", "/cpu:1"),
        ("/device:CPU:*", "/cpu:0"),
        ("/job:localhost/replica:0/task:0/device:CPU:1", "/cpu:1"),
        ("/job:localhost/cpu:1", "/cpu:1"),
        ("", ""),
        (None, ""),
        ("/job:localhost", ""),
    ],
)
def test_tensorflows_spellings_of_devices(graph, spelling, device):
    with tf.device(spelling):
        assert tf.constant(1.0).device == device
    with graph.device(spelling):
        assert tf.constant(1.0).device == device


def test_device_blocks_nest(graph):
    with tf.device("/cpu:1"):
        with tf.device("/cpu:2"):
            inner = tf.constant(1.0)
        with tf.device(""):
            open_ = tf.constant(1.0)
        with tf.device(None):
            cleared = tf.constant(1.0)
        outer = tf.constant(1.0)
    after = tf.constant(1.0)
    found = [t.device for t in (inner, open_, cleared, outer, after)]
    assert found == ["/cpu:2", "/cpu:1", "", "/cpu:1", ""]


@pytest.mark.parametrize("name", ["/tpu:0", "/cpu:-1", "/cpu:1x", "cpu1", "/job:worker", 3, []])
def test_an_unknown_device_is_an_error_with_an_example(name):
    with pytest.raises(InvalidArgumentError, match="named like '/cpu:0'") as caught:
        with tf.device(name):
            pass
    assert repr(name) in str(caught.value)


def test_a_device_is_one_object_however_it_is_spelt(graph):
    with tf.device("cpu:1"):
        one = tf.constant(1.0)
    with tf.device("/device:CPU:1"):
        two = tf.constant(1.0)
    assert one.op.device is two.op.device


# -- graphs, threads and blocks --------------------------------------------------------------------


def in_threads(*functions):
    """Run functions at the same time, and return what they raise."""
    raised = []

    def guarded(function):
        try:
            function()
        except BaseException as error:  # noqa: BLE001  # whatever it is, the test shows it
            raised.append(error)

    threads = [threading.Thread(target=guarded, args=(f,)) for f in functions]
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-5)
    try:
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    finally:
        sys.setswitchinterval(before)
    return raised


def test_several_threads_write_one_graph():
    graph = tf.Graph()
    with graph.as_default():
        base = tf.constant(0.0, name="base")

    def scoped():
        with graph.as_default(), tf.name_scope("scope"), tf.device("/cpu:1"):
            for _ in range(100):
                tf.constant(1.0, name="x")

    def waiting():
        with graph.as_default(), tf.control_dependencies([base]):
            for _ in range(100):
                tf.constant(1.0, name="waits")

    assert in_threads(scoped, waiting, scoped, waiting) == []
    assert len(graph.operations) == 401
    assert len(set(names(graph))) == 401
    for node in graph.operations[1:]:
        assert node.name.startswith("scope") == (node.device is not None)
        assert node.name.startswith("waits") == (node.control_inputs == (base.op,))
        assert graph.get_operation_by_name(node.name) is node


def test_each_thread_leaves_the_block_that_it_has_entered():
    graph, both_inside, first_is_out = tf.Graph(), threading.Barrier(2), threading.Event()
    found = []

    def first():
        with tf.Graph() as mine:
            with graph:
                both_inside.wait(20)
            found.append(tf.constant(1.0).graph is mine)
            first_is_out.set()

    def second():
        with graph:
            both_inside.wait(20)
            assert first_is_out.wait(20)
        found.append(tf.executing_eagerly())

    assert in_threads(first, second) == []
    assert found == [True, True]


def test_a_new_thread_is_eager(graph):
    found = []
    thread = threading.Thread(target=lambda: found.append(float(tf.constant(1.0) + 1.0)))
    thread.start()
    thread.join()
    assert found == [2.0]


def test_blocks_of_graphs_nest_and_may_be_entered_again():
    one, two = tf.Graph(), tf.Graph()
    with one, two, one:
        a = tf.constant(1.0)
    with one.as_default(), two.as_default():
        b = tf.constant(1.0)
    assert (a.graph, b.graph) == (one, two)
    assert tf.executing_eagerly()


def test_default_graphs():
    v1 = tf.compat.v1
    before = v1.get_default_graph()
    with tf.Graph().as_default() as graph:
        assert v1.get_default_graph() is graph
    assert v1.get_default_graph() is before
    v1.reset_default_graph()
    assert v1.get_default_graph() is not before


def test_a_finalized_graph_takes_no_operations(graph):
    x = tf.constant(1.0)
    graph.finalize()
    assert graph.finalized
    for write in (lambda: tf.constant(2.0), lambda: x + x, lambda: tf.Variable(1.0)):
        with pytest.raises(GraphError, match="is finalized and takes no further operations"):
            write()
    assert len(graph.operations) == 1


# -- captures --------------------------------------------------------------------------------------


def test_an_eager_tensor_in_a_plain_graph_is_written_down_once():
    outside = tf.constant([1.0, 2.0])
    with tf.Graph().as_default() as graph:
        y = outside * outside + outside
    assert [n.type for n in graph.operations] == ["constant", "multiply", "add"]
    with tf.Session(graph=graph) as session:
        assert session.run(y).tolist() == [2.0, 6.0]


def test_an_eager_tensor_in_a_function_is_an_argument_of_each_run():
    outside = tf.constant([1.0, 2.0])
    concrete = tf.function(lambda x: x * outside + outside).get_concrete_function(tf.ones([2]))
    assert concrete.captured_inputs == [outside]
    types = [n.type for n in concrete.graph.operations]
    assert types == ["placeholder", "placeholder", "multiply", "add"]
    assert concrete(tf.constant([3.0, 4.0])).numpy().tolist() == [4.0, 10.0]


def test_a_function_inside_a_function_captures_through_it():
    outside = tf.constant(2.0)

    @tf.function
    def outer(x):
        y = x + 1.0
        return tf.cond(x > 0.0, lambda: y * outside, lambda: y)

    assert float(outer(tf.constant(3.0))) == 8.0
    assert float(outer(tf.constant(-3.0))) == -2.0


def test_a_tensor_of_another_graph_cannot_be_used(graph):
    with tf.Graph("other").as_default():
        stranger = tf.constant(1.0, name="stranger")
    with pytest.raises(GraphError) as caught:
        tf.add(stranger, 1.0)
    message = str(caught.value)
    assert message.startswith("add: stranger:0 belongs to <tf.Graph 'other': 1 operations>")
    assert "Session.run" in message
    assert isinstance(caught.value, ValueError)


def test_variables_belong_to_no_graph():
    v = tf.Variable(3.0)
    with tf.Graph().as_default() as graph:
        y = v * 2.0
    session = tf.Session(graph=graph)
    assert session.run(y) == 6.0
    v.assign(5.0)
    assert session.run(y) == 10.0


# -- what is known before the run ------------------------------------------------------------------


@pytest.fixture
def images(graph):
    return tf.placeholder(tf.float32, [None, 4, 6], name="images")


STATIC = {
    "a list with a computed size": (
        lambda x: tf.reshape(x, [tf.shape(x)[0], 24]),
        (None, 24),
    ),
    "arithmetic of sizes": (
        lambda x: tf.reshape(x, [-1, tf.shape(x)[1] * tf.shape(x)[2]]),
        (None, 24),
    ),
    "stack": (lambda x: tf.reshape(x, tf.stack([tf.shape(x)[0], 6, 4])), (None, 6, 4)),
    "concat": (lambda x: tf.zeros(tf.concat([tf.shape(x)[:1], [7]], 0)), (None, 7)),
    "a slice of a shape": (lambda x: tf.zeros(tf.shape(x)[1:]), (4, 6)),
    "a shape backwards": (lambda x: tf.zeros(tf.shape(x)[::-1]), (6, 4, None)),
    "a whole shape": (lambda x: tf.zeros(tf.shape(x)), (None, 4, 6)),
    "another dtype": (lambda x: tf.zeros(tf.shape(x, out_type=tf.int64)), (None, 4, 6)),
    "a product": (lambda x: tf.reshape(x, [-1, tf.reduce_prod(tf.shape(x)[1:])]), (None, 24)),
    "size": (lambda x: tf.reshape(x, [tf.size(x)]), (None,)),
    "range": (lambda x: tf.range(tf.shape(x)[1]), (4,)),
    "tile": (lambda x: tf.tile(x, [1, tf.shape(x)[1], 1]), (None, 16, 6)),
    "one_hot": (lambda x: tf.one_hot([1], tf.shape(x)[2]), (1, 6)),
    "random": (lambda x: tf.random.normal([tf.shape(x)[0], 3]), (None, 3)),
    "slice": (lambda x: tf.slice(x, [0, 0, 0], [tf.shape(x)[0], 2, 2]), (None, 2, 2)),
    "index": (lambda x: x[: tf.shape(x)[0] // 2, : tf.shape(x)[1] // 2], (None, 2, 6)),
    "broadcast_to": (lambda x: tf.broadcast_to(tf.ones([6]), tf.shape(x)), (None, 4, 6)),
}


@pytest.mark.parametrize("case", STATIC)
def test_shapes_are_followed_through_the_arithmetic_of_sizes(graph, images, case):
    build, shape = STATIC[case]
    result = build(images)
    assert result.shape == shape
    with tf.Session() as session:
        ran = session.run(result, {images: np.zeros((5, 4, 6), np.float32)}).shape
    assert tf.TensorShape(shape).is_compatible_with(ran)


def test_what_is_known_of_a_value_can_be_asked(graph, images):
    assert tf.get_static_value(tf.shape(images)[1]) == 4
    assert tf.get_static_value(tf.shape(images)) is None
    assert tf.get_static_value(tf.shape(images), partial=True).tolist() == [None, 4, 6]
    assert tf.get_static_value(images) is None


def test_axes_may_be_counted_in_the_graph():
    @tf.function(input_signature=[tf.TensorSpec([None, 3, 4])])
    def lengths(x):
        axes = tf.range(1, tf.size(tf.shape(x)))
        assert tf.get_static_value(axes).tolist() == [1, 2]
        assert tf.get_static_value(tf.range(tf.shape(x)[0])) is None
        return tf.reduce_sum(x, axes)

    np.testing.assert_array_equal(lengths(tf.ones([2, 3, 4])), [12, 12])


def test_a_shape_can_be_stated_and_not_contradicted(graph, images):
    images.set_shape([32, None, 6])
    assert images.shape == (32, 4, 6)
    with pytest.raises(ShapeError, match=r"\(32, 4, 6\) and \(32, 5, 6\) are not compatible"):
        images.set_shape([32, 5, 6])
    with pytest.raises(ShapeError, match="not compatible"):
        images.set_shape([32, 4])


def test_a_contradiction_between_known_sizes_is_found_while_writing(graph, images):
    with pytest.raises(ShapeError, match=r"matmul: inner dimensions differ"):
        tf.matmul(images, tf.ones([7, 2]))
    assert tf.matmul(images, tf.ones([6, 2])).shape == (None, 4, 2)


def test_a_contradiction_of_unknown_sizes_is_found_by_the_run(graph):
    x, y = (tf.placeholder(tf.float32, [None], name=n) for n in "xy")
    line = here() + 1
    z = x + y
    with tf.Session() as session, pytest.raises(InvalidArgumentError) as caught:
        session.run(z, {x: np.ones(2), y: np.ones(3)})
    assert caught.value.line == (__file__, line)
    assert all(word in str(caught.value) for word in ("add: ", "(2,)", "(3,)"))


# -- seeds -----------------------------------------------------------------------------------------


def draws(seed, own_seed=None, runs=2):
    with tf.Graph().as_default():
        if seed is not None:
            tf.random.set_seed(seed)
        x = tf.random.normal([3], seed=own_seed)
        with tf.Session() as session:
            return np.stack([session.run(x) for _ in range(runs)])


def test_a_graph_has_a_seed_of_its_own():
    assert np.array_equal(draws(5), draws(5))
    assert not np.array_equal(draws(5), draws(6))
    assert not np.array_equal(*draws(5))  # each run goes on
    with tf.Graph().as_default() as graph:
        tf.random.set_seed(5)
    assert graph.seed == 5
    assert tf.Graph().seed is None


def test_the_seed_of_a_graph_is_not_that_of_the_program():
    tf.random.set_seed(1)
    first = tf.random.normal([3]).numpy()
    tf.random.set_seed(1)
    draws(99)
    assert np.array_equal(tf.random.normal([3]).numpy(), first)


def test_an_operation_can_have_a_seed():
    assert np.array_equal(draws(None, own_seed=3)[0], draws(None, own_seed=3)[0])


# -- cycles cannot be written ----------------------------------------------------------------------


def test_an_operation_can_only_use_and_wait_for_earlier_ones(graph):
    a = tf.constant(1.0, name="a")
    later = tf.add(a, 1.0, name="later")
    with tf.control_dependencies([later]):
        tf.constant(2.0)
    position = {node: i for i, node in enumerate(graph.operations)}
    for node in graph.operations:
        before = [t.op for t in node.inputs] + list(node.control_inputs)
        assert all(position[n] < position[node] for n in before)


@pytest.mark.parametrize("tie", ["control_inputs", "inputs"])
def test_a_cycle_tied_by_hand_is_refused(graph, tie):
    a = tf.identity(1.0, name="a")
    b = tf.identity(a, name="b")
    setattr(a.op, tie, (b.op,) if tie == "control_inputs" else (b,))
    with tf.Session() as session, pytest.raises(GraphError) as caught:
        session.run(b)
    assert "'a' needs 'b', which was not written before it" in str(caught.value)
    assert "tf.while_loop" in str(caught.value)


# -- attributes of operations ----------------------------------------------------------------------


def test_attributes_can_be_asked(graph):
    node = tf.reduce_sum(tf.ones([2, 3]), axis=1, keepdims=True).op
    assert (node["keepdims"], node.get_attr("axis")) == (True, 1)
    with pytest.raises(NotFoundError, match="reduce_sum has no attribute 'color'"):
        node["color"]


def test_a_computed_attribute_shows_its_tensor(graph):
    x = tf.placeholder(tf.float32, [None, 4])
    rows = tf.shape(x)[0]
    node = tf.reshape(x, [rows, 2, 2]).op
    assert node["shape"][0] is rows
    assert node["shape"][1:] == (2, 2)
    assert node.inputs == (x, rows)


def test_an_op_without_outputs_can_be_run_by_itself(graph):
    v = tf.Variable(1.0)
    with tf.Session():
        v.initializer.run()
        tf.group(v.assign_add(1.0)).run()
        assert v.eval() == 2.0


def test_a_wrong_dtype_is_found_while_writing(graph):
    x = tf.placeholder(tf.float32, [2])
    with pytest.raises(DTypeError, match="add: the inputs must have one dtype"):
        x + tf.constant([1, 2])
