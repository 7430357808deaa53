"""Event files: their bytes, what a reader of our own and the real TensorBoard find in them."""

import io
import json
import struct
import threading
from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import minitf as tf
from minitf.callbacks import CallbackList, TensorBoard
from minitf.callbacks.projector import write_projector
from minitf.callbacks.tensorboard import as_pixels
from minitf.errors import UsageError
from minitf.runtime.events import summary, tracing
from minitf.runtime.events.event_file import EventFile
from minitf.runtime.events.graph_def import graph_def
from minitf.runtime.events.messages import metadata_message, summary_message, tensor_message
from minitf.runtime.events.png import png
from minitf.runtime.events.records import crc32c, record
from minitf.runtime.events.summary import count_in_buckets
from minitf.runtime.events.wire import BLOCK, DOUBLE, INTEGER, SINGLE, Message, varint
from tests import event_files as reader

# ---- bytes


@pytest.mark.parametrize(
    ("data", "crc"),
    [
        (bytes(32), 0x8A9136AA),
        (b"\xff" * 32, 0x62A8AB43),
        (bytes(range(32)), 0x46DD794E),
        (bytes(range(31, -1, -1)), 0x113FDB5C),
        (b"", 0),
    ],
)
def test_checksums_are_those_of_rfc_3720(data, crc):
    assert crc32c(data) == crc


@given(st.binary(max_size=300))
def test_checksums_agree_with_the_definition(data):
    assert crc32c(data) == reader.crc32c(data)


def test_a_record_has_the_bytes_that_tensorboard_writes():
    assert record(b"hello").hex() == "0500000000000000eab2043e68656c6c6fbb1f1c19"


@given(st.integers(-(2**63), 2**64 - 1))
def test_varints_are_read_back(value):
    assert reader.varint(varint(value), 0) == (value % 2**64, len(varint(value)))


def test_messages_are_read_back():
    kinds = Message(a=(1, INTEGER), b=(2, DOUBLE), c=(3, SINGLE), d=(20, BLOCK), e=(5, BLOCK))
    found = reader.fields(kinds(a=-1, b=0.1, c=0.5, d=["x", b"\0\xff"], e=None))
    assert found == {1: [2**64 - 1], 2: [0.1], 3: [0.5], 20: [b"x", b"\0\xff"]}


# What the package tensorboard encodes: (tag, values, number of buckets), and the bytes.
HISTOGRAMS = {
    ("h", (0.0, 1.0, 1.0, 4.0), 2): (
        "0a530a0168423e08021208120208021202080322300000000000000000000000000000004000000000000008"
        "4000000000000000400000000000001040000000000000f03f4a0e0a0c0a0a686973746f6772616d73"
    ),
    ("h", (2.0, 2.0), 2): (
        "0a530a0168423e08021208120208021202080322300000000000000040000000000000004000000000000000"
        "000000000000000040000000000000004000000000000000404a0e0a0c0a0a686973746f6772616d73"
    ),
    ("h", (), 2): (
        "0a530a0168423e08021208120208021202080322300000000000000000000000000000000000000000000000"
        "000000000000000000000000000000000000000000000000004a0e0a0c0a0a686973746f6772616d73"
    ),
}


@pytest.mark.parametrize("case", HISTOGRAMS)
def test_histograms_have_the_bytes_that_tensorboard_writes(case):
    tag, values, buckets = case
    made = summary_message(tag, count_in_buckets(values, buckets), metadata_message("histograms"))
    assert made.hex() == HISTOGRAMS[case]


def test_texts_have_the_bytes_that_tensorboard_writes():
    made = summary_message("t", "hi", metadata_message("text"))
    assert made.hex() == "0a170a0174420808071200420268694a080a060a0474657874"


def test_what_no_bucket_can_hold_is_left_out():
    rows = count_in_buckets([np.nan, np.inf, 1.0, 3.0], 4)
    assert rows[:, 2].tolist() == [1, 0, 0, 1]
    assert rows[0, 0] == 1
    assert rows[-1, 1] == 3


@given(st.lists(st.floats(-1e300, 1e300), min_size=1, max_size=50), st.integers(1, 40))
def test_every_element_is_in_one_bucket(values, count):
    rows = count_in_buckets(values, count)
    assert rows.shape == (count, 3)
    assert rows[:, 2].sum() == len(values)


@pytest.mark.parametrize("dtype", ["float32", "float64", "int32", "int64", "bool"])
def test_tensors_are_read_back(dtype):
    array = np.arange(6).reshape(2, 3).astype(dtype)
    found = reader.tensor(tensor_message(array))
    assert found.dtype == dtype
    assert np.array_equal(found, array)


@pytest.mark.parametrize("channels", [1, 2, 3, 4])
def test_png_files_show_the_pixels(channels):
    imread = pytest.importorskip("matplotlib.image").imread
    pixels = np.random.default_rng(0).integers(0, 256, (5, 7, channels), dtype=np.uint8)
    shown = np.round(imread(io.BytesIO(png(pixels)), format="png") * 255)
    if channels == 2:
        shown = shown[..., [0, -1]]  # gray and alpha come back as RGBA
    assert np.array_equal(shown.reshape(pixels.shape), pixels)


def test_an_image_has_one_to_four_channels():
    with pytest.raises(ValueError, match="1 to 4 channels, got 5"):
        png(np.zeros([2, 2, 5], np.uint8))


# ---- event files


def test_a_file_begins_with_its_version(tmp_path):
    EventFile(tmp_path / "new" / "run").close()
    (event,) = reader.events(tmp_path / "new" / "run")
    assert event[3] == [b"brain.Event:2"]
    assert event[1][0] > 1.7e9


def test_events_can_be_read_while_the_file_is_open(tmp_path):
    file = EventFile(tmp_path, max_queue=2, flush_millis=10**9)
    counts = []
    for step in range(4):
        file.add(step, summary=b"")
        counts.append(len(reader.events(tmp_path)))
    assert counts == [1, 1, 4, 4]  # the third makes too many that wait
    file.flush()
    assert len(reader.events(tmp_path)) == 5


def test_events_wait_no_longer_than_they_may(tmp_path):
    EventFile(tmp_path, flush_millis=-1).add(0, summary=b"")
    assert len(reader.events(tmp_path)) == 2


def test_what_was_written_before_a_program_ends_is_kept(tmp_path):
    writer = summary.create_file_writer(tmp_path)
    writer.set_as_default(step=3)
    summary.scalar("x", 1.0)
    summary.state.writer = summary.state.step = None
    del writer
    assert reader.scalars(tmp_path) == {"x": {3: 1.0}}


def test_two_files_of_one_second_have_two_names(tmp_path):
    for _ in range(3):
        EventFile(tmp_path).close()
    assert len(reader.files(tmp_path)) == 3


def test_threads_may_share_a_file(tmp_path):
    file = EventFile(tmp_path, max_queue=0)

    def work():
        for step in range(50):
            file.add(step, summary=b"some bytes")

    threads = [threading.Thread(target=work) for _ in range(4)]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    file.close()
    assert len(reader.events(tmp_path)) == 201


def test_a_closed_writer_says_so(tmp_path):
    writer = summary.create_file_writer(tmp_path)
    writer.close()
    writer.close()
    writer.flush()
    with pytest.raises(RuntimeError, match="closed"):
        writer.add(0, summary=b"")
    with pytest.raises(RuntimeError, match="closed"):
        with writer.as_default():
            pass


def test_a_directory_is_a_path():
    with pytest.raises(UsageError, match="logdir is a path, got 3"):
        summary.create_file_writer(3)


# ---- tf.summary


@pytest.fixture
def writer(tmp_path):
    with summary.create_file_writer(tmp_path).as_default() as writer:
        yield writer


def test_scalars(tmp_path, writer):
    assert summary.scalar("loss", 0.5, step=1, description="the *loss*")
    summary.scalar("loss", np.float64(0.25), step=tf.constant(2))
    summary.scalar("count", tf.constant(7), step=tf.Variable(2**40))
    with tf.name_scope("layer"):
        summary.scalar("x", tf.Variable(3.0), 0)
    writer.flush()
    assert reader.scalars(tmp_path) == {
        "loss": {1: 0.5, 2: 0.25},
        "count": {2**40: 7.0},
        "layer/x": {0: 3.0},
    }
    metadata = reader.fields(
        reader.fields(reader.fields(reader.events(tmp_path)[1][5][0])[1][0])[9][0]
    )
    assert metadata[3] == [b"the *loss*"]


def test_histograms_images_texts(tmp_path, writer):
    summary.histogram("w", [0.0, 1.0, 1.0, 4.0], step=0, buckets=2)
    summary.image("i", [[[[0.0, 0.5, 2.0]]]] * 5, step=0)
    summary.text("t", ["a", "b"], step=0)
    summary.write("own", [1.5], step=0, metadata=metadata_message("mine"))
    writer.flush()
    found = {tag: (value, plugin) for tag, _, value, plugin in reader.summaries(tmp_path)}
    assert found["w"][0].tolist() == [[0, 2, 3], [2, 4, 1]]
    assert found["t"][0].tolist() == [b"a", b"b"]
    assert found["own"][0].tolist() == [1.5]
    assert found["i"][0].tolist()[:2] == [b"1", b"1"]
    assert found["i"][0][2] == png(np.array([[[0, 127, 255]]], np.uint8))
    assert len(found["i"][0]) == 5  # width, height, and three images of five
    plugins = {"w": "histograms", "i": "images", "t": "text", "own": "mine"}
    assert {tag: plugin for tag, (_, plugin) in found.items()} == plugins


def test_integers_are_pixels_as_they_are(tmp_path, writer):
    summary.image("i", np.array([[[[300], [7], [-1]]]]), step=0)
    writer.flush()
    assert reader.summaries(tmp_path)[0][2][2] == png(np.array([[[255], [7], [0]]], np.uint8))


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: summary.scalar("x", [1.0], 0), "scalar: 'x' needs 0 dimensions, got .* \\(1,\\)"),
        (lambda: summary.image("x", [1.0], 0), "image: 'x' needs 4 dimensions"),
        (lambda: summary.scalar("x", "a", 0), "scalar: 'x' needs numbers, got string"),
        (lambda: summary.text("x", 1.0, 0), "text: 'x' needs strings, got float32"),
        (lambda: summary.scalar("x", 1.0), "scalar: 'x' has no step: pass step="),
    ],
)
def test_mistakes_are_named(call, message, writer):
    with pytest.raises(ValueError, match=message):
        call()


def test_without_a_writer_nothing_happens():
    assert not summary.scalar("x", 1.0)
    assert not summary.histogram("x", [1.0])
    assert not tracing.graph(tf.Graph())
    summary.flush()


def test_a_noop_writer_writes_nothing(tmp_path, writer):
    with summary.create_noop_writer().as_default():
        summary.scalar("x", 1.0, step=0)
    summary.flush()
    assert reader.scalars(tmp_path) == {}


def test_steps_of_blocks_and_programs(tmp_path, writer):
    with writer.as_default(step=5):
        summary.scalar("x", 1.0)
        summary.scalar("x", 2.0, step=6)
    summary.set_step(7)
    summary.scalar("x", 3.0)
    assert summary.get_step() == 7
    summary.set_step(None)
    summary.flush()
    assert reader.scalars(tmp_path) == {"x": {5: 1.0, 6: 2.0, 7: 3.0}}


def test_record_if(tmp_path, writer):
    for step in range(6):
        with summary.record_if(lambda: step % 2 == 0):  # noqa: B023
            summary.scalar("even", 1.0, step)
        with summary.record_if(tf.constant(step > 3)):
            summary.scalar("late", 1.0, step)
    with summary.record_if(False):
        assert not summary.should_record_summaries()
        summary.scalar("never", 1.0, 0)
    assert summary.should_record_summaries()
    summary.flush()
    found = reader.scalars(tmp_path)
    assert {tag: sorted(steps) for tag, steps in found.items()} == {
        "even": [0, 2, 4],
        "late": [4, 5],
    }


def test_a_traced_function_records_at_every_call(tmp_path, writer):
    step = tf.Variable(0, dtype=tf.int64)

    @tf.function
    def f(x):
        with tf.name_scope("inside"):
            with summary.record_if(lambda: tf.equal(step % 2, 0)):
                summary.scalar("x", x * 2.0, step=step)
            summary.histogram("h", [x, x + 1.0], step=step)
        return x

    for i in range(4):
        step.assign(i)
        f(tf.constant(float(i)))
    writer.flush()
    assert f.experimental_get_tracing_count() == 1
    assert reader.scalars(tmp_path) == {"inside/x": {0: 0.0, 2: 4.0}}
    assert [s for tag, s, _, _ in reader.summaries(tmp_path) if tag == "inside/h"] == [0, 1, 2, 3]


def test_a_traced_function_may_outlive_its_writer(tmp_path):
    writer = summary.create_file_writer(tmp_path)

    @tf.function
    def f(x):
        summary.scalar("x", x, step=0)
        return x + 1.0

    with writer.as_default():
        f(tf.constant(1.0))
    writer.close()
    assert float(f(tf.constant(2.0))) == 3.0
    assert reader.scalars(tmp_path) == {"x": {0: 1.0}}


def test_recording_leaves_gradients_alone(writer):
    x = tf.Variable(3.0)

    @tf.function
    def f():
        y = x * x
        summary.scalar("y", y, step=0)
        return y

    with tf.GradientTape() as tape:
        y = f()
    assert float(tape.gradient(y, x)) == 6.0


def test_the_default_writer_is_that_of_a_thread(writer):
    found = []
    thread = threading.Thread(target=lambda: found.append(bool(summary.scalar("x", 1.0, 0))))
    thread.start()
    thread.join()
    assert found == [False]


# ---- graphs


def traced_step():
    kernel = tf.Variable(np.ones([3, 4], np.float32), name="dense/kernel")

    @tf.function
    def step(x):
        with tf.name_scope("dense"):
            y = tf.matmul(x, kernel, name="product")
        y = tf.cond(tf.reduce_sum(y) > 0.0, lambda: tf.exp(y, name="grow"), lambda: y - 1.0)
        with tf.device("/cpu:1"):
            kernel.assign_sub(tf.ones([3, 4]))
        parts = tf.split(y, 2, axis=1)
        return tf.add(parts[0], parts[1], name="sum")

    return step


def test_a_graph_is_described():
    graph = traced_step().get_concrete_function(tf.TensorSpec([None, 3])).graph
    found = reader.nodes(graph_def(graph))
    assert {node.name for node in graph.operations} <= set(found)
    op, inputs, _, attributes = found["dense/product"]
    assert (op, inputs) == ("matmul", ["x", "dense/read_variable"])
    assert attributes["_line"].endswith(
        b"test_tensorboard.py:%d" % (traced_step.__code__.co_firstlineno + 6)
    )
    assert reader.fields(attributes["transpose_a"]) == {5: [0]}
    assert reader.fields(attributes["T"]) == {6: [1]}
    (shapes,) = reader.fields(attributes["_output_shapes"])[1]
    (shape,) = reader.fields(shapes)[7]
    sizes = [reader.fields(d)[1][0] for d in reader.fields(shape)[2]]
    assert sizes == [2**64 - 1, 4]  # -1: not known yet
    assert found["x"][0] == "Placeholder"
    split = next(name for name in found if found[name][0] == "split")
    assert found["sum"][1] == [split, f"{split}:1"]


def test_a_variable_is_a_node():
    graph = traced_step().get_concrete_function(tf.TensorSpec([2, 3])).graph
    found = reader.nodes(graph_def(graph))
    assert found["dense/kernel"][:3] == ("VarHandleOp", [], "/device:CPU:0")
    _, inputs, device, _ = found["assign_sub_variable"]
    assert device == "/device:CPU:1"
    assert inputs[0] == "dense/kernel"
    assert "^dense/read_variable" in inputs


def test_graphs_inside_of_operations_are_shown():
    graph = traced_step().get_concrete_function(tf.TensorSpec([2, 3])).graph
    found = reader.nodes(graph_def(graph))
    inside = [name for name in found if name.startswith("cond/")]
    assert any(name.endswith("/grow") for name in inside)


def test_every_edge_leads_to_a_node():
    graph = traced_step().get_concrete_function(tf.TensorSpec([2, 3])).graph
    found = reader.nodes(graph_def(graph))
    ends = {i.lstrip("^").partition(":")[0] for _, inputs, _, _ in found.values() for i in inputs}
    assert ends <= set(found)


def test_names_of_variables_stay_unique():
    with tf.Graph() as graph:
        tf.constant(1.0, name="v")
        for _ in range(2):
            twin = tf.Variable(1.0, name="v")
            twin.name = "v"
            twin.read_value()
    assert len(reader.nodes(graph_def(graph))) == len(graph.operations) + 2


def test_small_constants_show_their_value():
    with tf.Graph() as graph:
        tf.constant([1.0, 2.0], name="small")
        tf.constant(np.zeros(1000), name="large")
    found = reader.nodes(graph_def(graph))
    assert reader.tensor(reader.fields(found["small"][3]["value"])[8][0]).tolist() == [1.0, 2.0]
    assert "value" not in found["large"][3]


def test_a_graph_is_recorded(tmp_path, writer):
    graph = traced_step().get_concrete_function(tf.TensorSpec([2, 3])).graph
    assert tracing.graph(graph)
    writer.flush()
    assert reader.graphs(tmp_path) == [reader.nodes(graph_def(graph))]


def test_a_trace_records_the_graphs_that_ran(tmp_path, writer):
    step = traced_step()
    step(tf.ones([2, 3]))  # before, so it is not traced again
    tracing.trace_on()
    step(tf.ones([2, 3]))
    tracing.trace_export("step", step=0)
    step(tf.ones([2, 3]))
    writer.flush()
    ((tag, _, content, plugin),) = reader.summaries(tmp_path)
    assert (tag, plugin) == ("step", "graph_run_metadata_graph")
    graphs = [reader.nodes(reader.fields(g)[2][0]) for g in reader.fields(content.item())[4]]
    assert len(graphs) == 1  # the branches are part of it
    assert "dense/product" in graphs[0]


def test_a_trace_is_begun_first():
    with pytest.raises(RuntimeError, match="trace_on"):
        tracing.trace_export("x", step=0)
    tracing.trace_on()
    tracing.trace_off()
    with pytest.raises(RuntimeError, match="trace_on"):
        tracing.trace_export("x", step=0)


# ---- the callback


class Sequential:
    """A model as the callback sees one."""

    def __init__(self):
        self.kernel = tf.Variable(np.arange(6, dtype=np.float32).reshape(3, 2), name="kernel")
        self.table = tf.Variable([[1.0, 2.0], [3.0, 4.0]], name="embeddings")
        self.kernel.path = "net/d1/kernel"
        self.table.path = "net/words/embeddings"
        self.layers = [
            SimpleNamespace(name="d1", weights=[self.kernel]),
            SimpleNamespace(name="words", weights=[self.table], embeddings=self.table),
        ]
        self.optimizer = SimpleNamespace(learning_rate=tf.Variable(0.5), iterations=0)
        self.make_train_function()

    def make_train_function(self, force=False):
        self.train_function = self.step = tf.function(self._step)

    def _step(self, x):
        summary.scalar("inside", x)
        return x * tf.reduce_sum(self.kernel)

    def to_json(self):
        return json.dumps({"class_name": "Sequential"})


def fit(model, board, epochs=2, steps=3):
    callbacks = CallbackList(board, model=model, epochs=epochs, steps=steps, verbose=0)
    callbacks.on_train_begin()
    for epoch in range(epochs):
        callbacks.on_epoch_begin(epoch)
        for batch in range(steps):
            callbacks.on_train_batch_begin(batch)
            model.step(tf.constant(float(batch)))
            model.optimizer.iterations += 1
            callbacks.on_train_batch_end(batch, {"loss": 10.0 * epoch + batch})
        callbacks.on_test_begin()
        callbacks.on_test_batch_begin(0)
        callbacks.on_test_batch_end(0, {"loss": 1.0})
        callbacks.on_test_end({"loss": 1.0})
        callbacks.on_epoch_end(epoch, {"loss": 10.0 * epoch, "val_loss": 1.0})
    callbacks.on_train_end()


def tags(directory):
    found = {}
    for tag, step, _, _ in reader.summaries(directory):
        found.setdefault(tag, []).append(step)
    return found


def test_epochs_are_written_as_keras_writes_them(tmp_path):
    fit(Sequential(), TensorBoard(tmp_path, histogram_freq=1))
    assert tags(tmp_path / "train") == {
        "keras": [0],
        "epoch_loss": [0, 1],
        "epoch_learning_rate": [0, 1],
        "net/d1/kernel/histogram": [0, 1],
        "net/words/embeddings/histogram": [0, 1],
    }
    assert tags(tmp_path / "validation") == {
        "evaluation_loss_vs_iterations": [3, 6],
        "epoch_loss": [0, 1],
    }
    scalars = reader.scalars(tmp_path / "train")
    assert scalars["epoch_loss"] == {0: 0.0, 1: 10.0}
    assert scalars["epoch_learning_rate"] == {0: 0.5, 1: 0.5}


def test_batches_are_written_when_they_are_due(tmp_path):
    model = Sequential()
    fit(model, TensorBoard(tmp_path, update_freq=2, write_steps_per_second=True))
    found = tags(tmp_path / "train")
    assert found["batch_loss"] == found["batch_steps_per_second"] == [2, 4, 6]
    assert found["inside"] == [2, 4, 6]  # of a summary in the traced step
    assert found["epoch_steps_per_second"] == [0, 1]
    scalars = reader.scalars(tmp_path / "train")
    assert scalars["batch_loss"] == {2: 1.0, 4: 10.0, 6: 12.0}
    assert scalars["inside"] == {2: 1.0, 4: 0.0, 6: 2.0}
    assert tags(tmp_path / "validation")["evaluation_loss_vs_iterations"] == [3, 6]


def test_a_second_training_writes_to_its_own_files(tmp_path):
    model = Sequential()
    for run in ("a", "b"):
        fit(model, TensorBoard(tmp_path / run, update_freq=1))
    for run in ("a", "b"):
        assert tags(tmp_path / run / "train")["inside"] == [1, 2, 3, 4, 5, 6]


def test_logs_are_not_asked_for_in_vain():
    board = TensorBoard("unused", update_freq=10, write_graph=False)
    wanted = []
    for batch in range(30):
        board.on_train_batch_begin(batch)
        wanted.append(board.wants_batch_end(batch, "train"))
    assert [i + 1 for i, w in enumerate(wanted) if w] == [10, 20, 30]
    assert not board.wants_batch_end(9, "test")
    assert not TensorBoard("unused", write_graph=False).wants_batch_end(0, "train")


def test_the_graph_of_the_step_is_written_once(tmp_path):
    fit(Sequential(), TensorBoard(tmp_path))
    (found,) = reader.graphs(tmp_path / "train")
    assert found["net/d1/kernel"][0] == "VarHandleOp"
    fit(Sequential(), TensorBoard(tmp_path / "none", write_graph=False))
    assert reader.graphs(tmp_path / "none" / "train") == []
    assert "keras" not in tags(tmp_path / "none" / "train")


def test_a_step_that_is_not_traced_has_no_graph(tmp_path):
    model = Sequential()
    model.train_function = model._step
    fit(model, TensorBoard(tmp_path))
    assert reader.graphs(tmp_path / "train") == []


def test_weights_as_images(tmp_path):
    fit(Sequential(), TensorBoard(tmp_path, histogram_freq=2, write_images=True))
    assert tags(tmp_path / "train")["net/d1/kernel/image"] == [0]
    images = {tag: value for tag, _, value, _ in reader.summaries(tmp_path / "train")}
    assert images["net/d1/kernel/image"][:2].tolist() == [b"3", b"2"]


@pytest.mark.parametrize(
    ("shape", "pixels"),
    [
        ((5,), (1, 1, 5, 1)),
        ((5, 2), (1, 2, 5, 1)),
        ((2, 5), (1, 2, 5, 1)),
        ((3, 4, 1, 8), (8, 3, 4, 1)),
        ((3, 4, 2, 8), None),
        ((), None),
    ],
)
def test_which_weights_are_images(shape, pixels):
    found = as_pixels(np.zeros(shape))
    assert (None if found is None else found.shape) == pixels


def test_nothing_is_left_open_after_an_interrupted_run(tmp_path):
    board = TensorBoard(tmp_path, update_freq=1)
    callbacks = CallbackList(board, model=Sequential(), epochs=1, steps=1, verbose=0)
    callbacks.on_train_begin()
    callbacks.on_train_batch_begin(0)  # where something went wrong
    fit(Sequential(), board)
    assert summary.state.writer is None
    assert tags(tmp_path / "train")["batch_loss"] == [1, 2, 3, 4, 5, 6]


def test_batches_can_be_profiled(tmp_path):
    fit(Sequential(), TensorBoard(tmp_path, profile_batch=(2, 3)))
    trace = json.loads((tmp_path / "train" / "batch_3.trace.json").read_text())
    names = [e["name"] for e in trace["traceEvents"] if e["ph"] == "X"]
    assert names.count("reduce_sum") == 2


@pytest.mark.parametrize(
    "options",
    [{"update_freq": "sometimes"}, {"update_freq": 0}, {"profile_batch": (3, 2)},
     {"profile_batch": "a"}, {"profile_batch": -1}],
)  # fmt: skip
def test_options_are_checked(options):
    with pytest.raises(ValueError, match=f"TensorBoard: {next(iter(options))}"):
        TensorBoard("logs", **options)


def test_embeddings_are_written_for_the_projector(tmp_path):
    fit(Sequential(), TensorBoard(tmp_path, embeddings_freq=1, embeddings_metadata="labels.tsv"))
    assert (tmp_path / "embeddings_words.tsv").read_text() == "1\t2\n3\t4\n"
    assert (tmp_path / "projector_config.pbtxt").read_text() == (
        'embeddings {\n  tensor_name: "words"\n  tensor_path: "embeddings_words.tsv"\n'
        '  metadata_path: "labels.tsv"\n}\n'
    )
    with pytest.raises(KeyError, match="names word, but the Embedding layers are words"):
        write_projector(tmp_path, Sequential(), {"word": "x.tsv"})


# ---- the real TensorBoard


def test_tensorboard_reads_it(tmp_path):
    accumulators = pytest.importorskip(
        "tensorboard.backend.event_processing.event_accumulator", exc_type=ImportError
    )
    fit(Sequential(), TensorBoard(tmp_path, histogram_freq=1))
    found = accumulators.EventAccumulator(str(tmp_path / "train"))
    found.Reload()
    assert set(found.Tags()["tensors"]) == set(tags(tmp_path / "train"))
    assert any(node.name == "net/d1/kernel" for node in found.Graph().node)
    (value,) = struct.unpack("<f", found.Tensors("epoch_loss")[1].tensor_proto.tensor_content)
    assert value == 10.0
