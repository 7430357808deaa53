"""What `/gpu:0` must do; `test_cuda.py` runs this file in processes that have one.

On the simulator each thread of the GPU is a Python thread, so everything here is tiny.
"""

from __future__ import annotations  # so that @op sees annotations by their names

import numpy as np
import pytest

import minitf as tf
from minitf.errors import InvalidArgumentError, NotFoundError, UnimplementedError
from minitf.graph.device import HOST, device_of, get_device
from minitf.graph.op import FloatTensor, op
from minitf.graph.placing import STAY
from minitf.graph.registry import OPS
from minitf.kernels.cuda.launch import THREADS
from minitf.kernels.cuda.layout import collapse, row_major, stretched
from minitf.runtime.passes import STANDARD, run_passes
from minitf.runtime.placer import place
from minitf.runtime.program import Program
from tests.test_ops_contract import SAMPLES, Call, same

GPU = get_device("/gpu:0")
SEVERAL = 4  # samples of each op whose kernel was written by hand


# ---- every kernel gives the numbers of the CPU's


def sampled():
    for name, samples in sorted(SAMPLES.items()):
        if OPS[name].find_kernel(GPU.backends) is not None and name not in HOSTED:
            made_of_rule = OPS[name].scalar_rule is not None
            yield from ((name, i) for i in range(min(len(samples), 1 if made_of_rule else SEVERAL)))


HOSTED = {"copy"}
CASES = list(sampled())


@pytest.mark.parametrize(("name", "number"), CASES, ids=[f"{n}-{i}" for n, i in CASES])
def test_a_kernel_agrees_with_numpy(name, number):
    call = Call(name, number)
    inputs = call.cast(np.float32)
    kernel = call.definition.find_kernel(GPU.backends)
    found = kernel(*map(GPU.put, inputs), **call.attributes)
    found = found if isinstance(found, tuple) else (found,)
    assert all(map(GPU.holds, found))
    same([GPU.fetch(a) for a in found], call.run(inputs), rtol=2e-5)


def on_gpu(name, *arrays, **attributes):
    kernel = OPS[name].find_kernel(GPU.backends)
    return GPU.fetch(kernel(*map(GPU.put, arrays), **attributes))


def numbers(*shape, dtype=np.float32):
    return np.random.default_rng(len(shape)).normal(size=shape).astype(dtype)


@pytest.mark.parametrize(
    ("left", "right"),
    [((), ()), ((3,), ()), ((2, 3), (3,)), ((2, 1, 3), (4, 1)), ((0, 3), (3,)), ((1, 1), (1,))],
)
def test_shapes_meet_as_on_the_cpu(left, right):
    a, b = numbers(*left), numbers(*right)
    found = on_gpu("subtract", a, b)
    assert found.shape == (a - b).shape
    np.testing.assert_array_equal(found, a - b)


@pytest.mark.parametrize("dtype", [np.float64, np.int32, np.int64, np.uint8])
def test_other_types_than_float32(dtype):
    a, b = (numbers(2, 3) * 9).astype(dtype), (numbers(3) * 9).astype(dtype)
    for name, ufunc in [("add", np.add), ("maximum", np.maximum), ("greater", np.greater)]:
        found = on_gpu(name, a, b)
        np.testing.assert_array_equal(found, ufunc(a, b))
        assert found.dtype == ufunc(a, b).dtype


def test_what_is_not_a_number_stays_so():
    special = np.array([np.nan, np.inf, -np.inf, 0, -1], np.float32)
    with np.errstate(all="ignore"):
        logarithms, ratios = np.log(special), special / special[::-1]
    np.testing.assert_array_equal(on_gpu("log", special), logarithms)
    np.testing.assert_array_equal(on_gpu("divide", special, special[::-1]), ratios)
    np.testing.assert_array_equal(on_gpu("relu", special), np.maximum(special, 0))
    kept = {"axis": None, "keepdims": False}
    assert np.isnan(on_gpu("reduce_max", special, **kept))
    assert on_gpu("reduce_max", special[1:], **kept) == np.inf


@pytest.mark.parametrize("count", [1, THREADS - 1, THREADS, 2 * THREADS + 1])
def test_any_number_of_elements_per_thread(count):
    x = np.arange(count, dtype=np.int32)
    np.testing.assert_array_equal(on_gpu("negative", x), -x)
    assert on_gpu("reduce_sum", x, axis=None, keepdims=False) == x.sum()


@pytest.mark.parametrize("ta", [False, True])
@pytest.mark.parametrize("tb", [False, True])
@pytest.mark.parametrize(("n", "k", "m"), [(1, 1, 1), (3, 5, 2), (2, 0, 2), (0, 2, 2)])
def test_matrices_that_fill_no_tile(n, k, m, ta, tb):
    a, b = numbers(n, k), numbers(k, m)
    found = on_gpu("matmul", a.T if ta else a, b.T if tb else b, transpose_a=ta, transpose_b=tb)
    np.testing.assert_allclose(found, a @ b, rtol=1e-5, atol=1e-6)


def test_a_label_that_is_no_class_spoils_its_row_alone():
    labels, logits = np.array([0, 3]), numbers(2, 3)
    kernel = OPS["sparse_softmax_cross_entropy"].find_kernel(GPU.backends)
    loss, slope = map(GPU.fetch, kernel(GPU.put(labels), GPU.put(logits)))
    assert np.isfinite(loss[0])
    assert np.isfinite(slope[0]).all()
    assert np.isnan(loss[1])
    assert np.isnan(slope[1]).all()


def test_an_op_gets_its_kernel_from_its_scalar_rule():
    @op
    def cuda_test_op(x: FloatTensor, y: FloatTensor, slope: float = 0.25):
        return x

    @cuda_test_op.scalar
    def _(x, y, slope):
        return x + y if x > 0 else slope * x

    with tf.device("/gpu:0"):
        found = cuda_test_op([1.0, -1.0], [2.0, 2.0], slope=0.5)
    assert found.device == "/gpu:0"
    assert found.numpy().tolist() == [3.0, -0.5]


# ---- where elements lie


def test_neighbouring_axes_are_walked_as_one():
    assert collapse((2, 3), (3, 1), (3, 1)) == ((6,), (1,), (1,))
    assert collapse((8, 8, 10), (80, 10, 1), stretched((10,), (8, 8, 10))) == (
        (64, 10), (10, 1), (0, 1))  # fmt: skip
    assert collapse((3, 2), (1, 3)) == ((3, 2), (1, 3))
    assert collapse((1, 1), (5, 7)) == ((1,), (0,))
    assert collapse((), ()) == ((1,), (0,))


def test_strides_count_elements():
    assert row_major((2, 3, 4)) == (12, 4, 1)
    assert stretched((3, 1), (2, 3, 4)) == (0, 1, 0)


# ---- the memory


@pytest.mark.parametrize("dtype", ["float32", "float64", "int32", "int64", "bool", "uint8"])
@pytest.mark.parametrize("shape", [(), (3,), (0, 2), (2, 1, 3)])
def test_what_goes_in_comes_out(shape, dtype):
    array = np.asarray(numbers(*shape) * 3).astype(dtype)
    array.flags.writeable = False
    there = GPU.put(array)
    assert device_of(there) is GPU
    back = GPU.fetch(there)
    assert device_of(back) is HOST
    assert (back.dtype, back.shape) == (array.dtype, array.shape)
    np.testing.assert_array_equal(back, array)


@pytest.mark.parametrize("look", [np.transpose, lambda a: a[:, ::-1], lambda a: a[:, :1]])
def test_arrays_with_gaps_go_in(look):
    array = look(numbers(2, 3))
    np.testing.assert_array_equal(GPU.fetch(GPU.put(array)), array)


def test_a_copy_is_a_copy():
    array = numbers(3)
    there = GPU.put(array)
    array[:] = 0
    assert GPU.fetch(there).all()


def test_strings_stay_outside():
    with tf.device("/gpu:0"), pytest.raises(TypeError, match="/gpu:0 holds numbers"):
        tf.constant("text")


def test_there_is_one_gpu():
    with pytest.raises(NotFoundError, match="no device /gpu:1"), tf.device("/gpu:1"):
        pass


# ---- eager


def test_a_tensor_lives_where_it_was_made():
    with tf.device("/GPU:0"):
        t = tf.constant([1.0, 2.0])
    assert t.device == "/gpu:0"
    assert GPU.holds(t.array)
    assert t.numpy().tolist() == np.asarray(t).tolist() == [1.0, 2.0]
    assert "2." in repr(t)


def test_an_operation_follows_its_inputs():
    with tf.device("/gpu:0"):
        t = tf.constant([[1.0, 2.0], [3.0, 4.0]])
    found = 2.0 * t - 1.0  # numbers are brought along
    assert found.device == "/gpu:0"
    assert found.numpy().tolist() == [[1.0, 3.0], [5.0, 7.0]]
    assert [x.numpy().tolist() for x in t] == [[1.0, 2.0], [3.0, 4.0]]
    assert t[:, ::-1].device == "/gpu:0"
    assert tf.concat([t, t[:1]], 0).numpy()[2].tolist() == [1.0, 2.0]


def test_identity_moves_there_and_back():
    t = tf.constant([1.0])
    with tf.device("/gpu:0"):
        there = tf.identity(t)
    with tf.device("/cpu:0"):
        back = tf.identity(there)
    assert (t.device, there.device, back.device) == ("/cpu:0", "/gpu:0", "/cpu:0")
    assert back.numpy() == [1.0]


def test_shapes_are_known_without_moving_anything(monkeypatch):
    with tf.device("/gpu:0"):
        t = tf.zeros([2, 3])
        monkeypatch.setattr(type(GPU), "fetch", None)
        shape = tf.shape(t)
    assert shape.device == "/cpu:0"
    assert shape.numpy().tolist() == [2, 3]


def test_a_variable_lives_where_it_was_created():
    with tf.device("/gpu:0"):
        v = tf.Variable([1.0, 2.0])
    assert v.device == "/gpu:0"
    assert v.read_value().device == "/gpu:0"
    v.assign_add([1.0, 1.0])
    v.assign_sub(tf.constant([0.5, 0.0]))
    assert GPU.holds(v.array)
    assert v.numpy().tolist() == [1.5, 3.0]
    v.assign([7.0, 8.0])
    assert v.numpy().tolist() == [7.0, 8.0]


def test_a_gradient_crosses_back():
    x = tf.constant([1.0, 2.0])
    with tf.GradientTape() as tape:
        tape.watch(x)
        with tf.device("/gpu:0"):
            y = tf.reduce_sum(x * x * x)
    assert y.device == "/gpu:0"
    slope = tape.gradient(y, x)
    assert slope.device == "/cpu:0"
    assert slope.numpy().tolist() == [3.0, 12.0]


def test_random_numbers_do_not_depend_on_the_device():
    def draw(where):
        tf.random.set_seed(3)
        with tf.device(where):
            return tf.Variable(tf.random.normal([4])).numpy()

    np.testing.assert_array_equal(draw("/gpu:0"), draw("/cpu:0"))


def test_an_op_without_a_kernel_says_so():
    with pytest.raises(UnimplementedError) as caught, tf.device("/gpu:0"):
        tf.linalg.inv([[1.0]])
    message = str(caught.value)
    assert "no kernel for /gpu:0 (there is one for numpy)" in message
    assert "inv" in message.split(":")[0]
    assert "cuda_cases.py" in message


# ---- graphs

RNG = np.random.default_rng(5)
X, Y = RNG.normal(size=(4, 3)).astype(np.float32), RNG.integers(0, 2, 4)
W = RNG.normal(size=(3, 2)).astype(np.float32)
RATE = 0.5


def logits_and_loss(x, y, w, b):
    logits = tf.matmul(x, w) + b
    losses = tf.nn.sparse_softmax_cross_entropy_with_logits(labels=y, logits=logits)
    return logits, tf.reduce_mean(losses)


class LogisticRegression:
    """One training step as a graph on a device; written as in TensorFlow 1."""

    def __init__(self, where):
        with tf.Graph().as_default() as self.graph:
            self.x = tf.placeholder(tf.float32, [None, 3])
            self.y = tf.placeholder(tf.int64, [None])
            with tf.device(where):
                self.w, self.b = tf.Variable(W), tf.Variable(np.zeros(2, np.float32))
                logits, self.loss = logits_and_loss(self.x, self.y, self.w, self.b)
                right = tf.cast(tf.equal(tf.argmax(logits, 1), self.y), tf.float32)
                self.accuracy = tf.reduce_mean(right)
                slopes = tf.gradients(self.loss, [self.w, self.b])
                self.step = [
                    v.assign_sub(RATE * g).op for v, g in zip([self.w, self.b], slopes, strict=True)
                ]
            self.session = tf.Session()
            self.session.run([self.w.initializer, self.b.initializer])

    def run(self, *fetches):
        return self.session.run(fetches, {self.x: X, self.y: Y})

    def placed(self, *fetches):
        """Return the operations that a run consists of."""
        tensors = [f for f in fetches if isinstance(f, tf.Tensor)]
        effects = [f for f in fetches if isinstance(f, tf.Operation)]
        program = Program(self.graph, [self.x, self.y], tensors, effects)
        return run_passes(program, (*STANDARD, place))[-1][1].graph.operations


def trained(where, steps):
    model = LogisticRegression(where)
    losses = [model.run(model.loss, *model.step)[0] for _ in range(steps)]
    return losses, model.run(model.w, model.b, model.accuracy)


def test_the_same_graph_gives_the_same_numbers():
    losses, values = trained("/gpu:0", 4)  # enough for the plan of warm graphs
    expected_losses, expected = trained("/cpu:0", 4)
    np.testing.assert_allclose(losses, expected_losses, rtol=1e-5)
    for found, wanted in zip(values, expected, strict=True):
        np.testing.assert_allclose(found, wanted, rtol=1e-5, atol=1e-6)
    assert losses[-1] < losses[0]


def test_exactly_the_edges_that_cross_are_copied():
    model = LogisticRegression("/gpu:0")
    nodes = model.placed(model.loss, *model.step)
    copies = [(n.inputs[0].op.type, n.device.name) for n in nodes if n.type == "copy"]
    assert [c for c in copies if c[0] not in ("constant", "size")] == [
        ("placeholder", "/gpu:0"),  # x, which the product and its derivative need
        ("placeholder", "/gpu:0"),  # y
        ("reduce_mean", "/cpu:0"),  # the loss
    ]
    crossing = [
        (a.op, n) for n in nodes for a in n.inputs
        if n.type not in STAY and n.device.memory != (a.op.device or HOST).memory
    ]  # fmt: skip
    assert crossing == []
    brought_in = {"placeholder", "constant", "size", "shape"}
    assert {n.type for n in nodes if n.device is HOST} <= brought_in | {"copy"}
    assert any(n.gradient_of for n in nodes if n.device is GPU)


def test_a_graph_on_the_host_has_no_copies():
    model = LogisticRegression("/cpu:1")
    assert "copy" not in {n.type for n in model.placed(model.loss, *model.step)}


def test_constants_cross_once(monkeypatch):
    with tf.Graph().as_default():
        x = tf.placeholder(tf.float32, [2])
        with tf.device("/gpu:0"):
            y = x * tf.constant([2.0, 3.0])
        session = tf.Session()
        for _ in range(3):  # then the plan is the last one
            session.run(y, {x: [0.0, 0.0]})
        sent = []
        put = type(GPU).put
        monkeypatch.setattr(type(GPU), "put", lambda s, a: sent.append(a.tolist()) or put(s, a))
        assert session.run(y, {x: [1.0, 1.0]}).tolist() == [2.0, 3.0]
    assert sent == [[1.0, 1.0]]


def test_an_edge_in_the_middle_can_be_fed():
    with tf.Graph().as_default():
        x = tf.placeholder(tf.float32, [2])
        with tf.device("/gpu:0"):
            y = x + 1.0
            z = y * 2.0
        assert tf.Session().run(z, {y: [3.0, 4.0]}).tolist() == [6.0, 8.0]


def test_unplaced_operations_stay_with_their_inputs():
    with tf.Graph().as_default():
        with tf.device("/gpu:0"):
            v = tf.Variable([1.0, 2.0])
        y = v * 2.0
        session = tf.Session()
        session.run(v.initializer)
        assert session.run(y).tolist() == [2.0, 4.0]
        assert session.list_devices() == ["/cpu:0", "/gpu:0"]


def test_a_failed_run_changes_no_variable():
    with tf.Graph().as_default():
        n = tf.placeholder(tf.int32, [])
        with tf.device("/gpu:0"):
            v = tf.Variable([1.0, 2.0])
            added = v.assign_add([1.0, 1.0])
            with tf.control_dependencies([added]):
                late = tf.reshape(v.read_value(), [n])
        session = tf.Session()
        session.run(v.initializer)
        with pytest.raises(InvalidArgumentError, match="reshape"):
            session.run(late, {n: 3})
        assert v.numpy().tolist() == [1.0, 2.0]
        assert session.run(late, {n: 2}).tolist() == [2.0, 3.0]
        assert v.numpy().tolist() == [2.0, 3.0]


def test_a_graph_with_an_op_without_kernel_says_so():
    with tf.Graph().as_default(), tf.device("/gpu:0"):
        y = tf.linalg.inv(tf.ones([2, 2]))
        with pytest.raises(UnimplementedError, match=r"inv: no kernel for /gpu:0.*cuda_cases\.py"):
            tf.Session().run(y + tf.Variable([0.0]))


# ---- tape and function


def variables(where):
    with tf.device(where):
        hidden = tf.Variable(W @ W.T), tf.Variable(np.zeros(3, np.float32))
        return [*hidden, tf.Variable(W), tf.Variable(np.zeros(2, np.float32))]


def training_step(weights):
    def step(x, y):
        with tf.GradientTape() as tape:
            h = tf.nn.relu(tf.matmul(x, weights[0]) + weights[1])
            _, loss = logits_and_loss(h, y, *weights[2:])
        for v, slope in zip(weights, tape.gradient(loss, weights), strict=True):
            v.assign_sub(RATE * slope)
        return loss

    return step


@pytest.mark.parametrize("wrap", [lambda f: f, tf.function], ids=["eager", "function"])
def test_a_network_learns_the_same(wrap):
    results = {}
    for where in ("/cpu:0", "/gpu:0"):
        weights = variables(where)
        step = wrap(training_step(weights))
        losses = [float(step(tf.constant(X), tf.constant(Y))) for _ in range(2)]
        results[where] = [losses, *[v.numpy() for v in weights]]
        assert {v.device for v in weights} == {where}
    for found, wanted in zip(*results.values(), strict=True):
        np.testing.assert_allclose(found, wanted, rtol=1e-5, atol=1e-6)


def test_a_tape_around_a_function():
    with tf.device("/gpu:0"):
        v = tf.Variable([1.0, 2.0])

    @tf.function
    def energy(x):
        return tf.reduce_sum(v * v * x)

    with tf.GradientTape() as tape:
        y = energy(tf.constant([3.0, 4.0]))
    assert tape.gradient(y, v).numpy().tolist() == [6.0, 16.0]


def test_branches_and_loops_hold_operations_of_the_gpu():
    with tf.device("/gpu:0"):
        v = tf.Variable([2.0, 4.0])

    @tf.function
    def run(n):
        with tf.device("/gpu:0"):
            x = tf.cond(n > 1, lambda: v * 1.0, lambda: v * 0.5)
            return tf.while_loop(lambda i, _: i < n, lambda i, a: (i + 1, a + v), (0, x))[1]

    np.testing.assert_array_equal(run(tf.constant(1)).numpy().ravel(), [3.0, 6.0])
    np.testing.assert_array_equal(run(tf.constant(2)).numpy().ravel(), [6.0, 12.0])
