"""Recurrent layers and wrappers, where Keras' stored values (test_keras_reference) do not reach."""

import doctest
from importlib import import_module

import numpy as np
import pytest

import minitf as tf
from minitf.errors import Error
from minitf.graph.registry import OPS
from minitf.kernels import recurrence
from minitf.layers.core import Dense, Masking
from minitf.layers.embedding import Embedding
from minitf.layers.gru import GRU, GRUCell
from minitf.layers.layer import Layer
from minitf.layers.lstm import LSTM, LSTMCell
from minitf.layers.rnn import RNN, StackedRNNCells
from minitf.layers.simple_rnn import SimpleRNN, SimpleRNNCell
from minitf.layers.symbolic import Input
from minitf.layers.wrappers import Bidirectional, TimeDistributed
from minitf.ops.recurrence import recur

KINDS = [SimpleRNN, LSTM, GRU]
FUSED = [LSTM, GRU]
MASK = np.array([[0, 1, 1, 0, 1], [0, 0, 0, 0, 0], [1, 1, 1, 0, 0]], bool)

each_kind = pytest.mark.parametrize("kind", KINDS)
each_fused = pytest.mark.parametrize("kind", FUSED)


def numbers(*shape, seed=0):
    return np.random.default_rng(seed).normal(size=shape).astype("float32")


def twins(kind, **options):
    """Return two layers with the same weights: one that runs as an op, one with a loop."""
    op, loop = kind(4, use_cudnn="auto", **options), kind(4, use_cudnn=False, **options)
    for layer in (op, loop):
        layer.build((3, 5, 2))
    weights = [numbers(*w.shape, seed=i) for i, w in enumerate(loop.get_weights())]
    op.set_weights(weights)
    loop.set_weights(weights)
    return op, loop


def results_and_gradients(layer, x, states, mask):
    with tf.GradientTape() as tape:
        tape.watch([x, *states])
        found = tf.nest.flatten(layer(x, initial_state=states, mask=mask))
        loss = sum(tf.reduce_sum(y * numbers(*y.shape, seed=9)) for y in found)
    return found + tape.gradient(loss, [x, *states, *layer.trainable_weights])


def close(found, wanted, atol=1e-5):
    assert len(found) == len(wanted)
    for a, b in zip(found, wanted, strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-4, atol=atol)


# -- one op and the loop ------------------------------------------------------------------------


@each_fused
@pytest.mark.parametrize("mask", [None, MASK], ids=["all", "masked"])
@pytest.mark.parametrize(
    "options",
    [
        {},
        {"return_sequences": True, "return_state": True},
        {"go_backwards": True, "return_sequences": True},
        {"zero_output_for_mask": True, "return_sequences": True, "use_bias": False},
    ],
    ids=str,
)
def test_the_op_computes_what_a_loop_over_the_cell_does(kind, mask, options):
    op, loop = twins(kind, **options)
    x = tf.constant(numbers(3, 5, 2))
    states = [tf.constant(numbers(3, 4, seed=5 + i)) for i in range(len(op.state_size))]
    close(*(results_and_gradients(layer, x, states, mask) for layer in (op, loop)))


@each_fused
def test_which_configurations_are_one_op(kind):
    def ops_of(**options):
        layer = kind(3, **options)
        traced = tf.function(lambda x: layer(x)).get_concrete_function(tf.TensorSpec([2, 5, 2]))
        return {node.type for node in traced.graph.operations}

    name = kind.__name__.lower()
    assert name in ops_of()
    assert name in ops_of(dropout=0.5)
    for options in [
        {"use_cudnn": False},
        {"unroll": True},
        {"activation": "relu"},
        {"recurrent_activation": "hard_sigmoid"},
        {"recurrent_dropout": 0.5},
    ]:
        assert name not in ops_of(**options), options


@each_fused
@pytest.mark.parametrize("masked", [False, True])
def test_the_compiled_steps_agree_with_numpy(kind, masked):
    op, _ = twins(kind)
    cell, name = op.cell, kind.__name__.lower()
    mask = [MASK.T] if masked else []
    states = [numbers(3, 4, seed=i) for i in range(len(op.state_size))]
    arrays = [numbers(5, 3, 2), *(w.numpy() for w in cell.weights), *states, *mask]
    compiled = pytest.importorskip("minitf.kernels.gates")
    module = import_module(f"minitf.ops.{name}")
    expected = module.run(module.advance, *arrays)
    found = module.run(getattr(compiled, f"{name}_advance"), *arrays)
    close(found, expected, atol=1e-6)
    back = [numbers(*a.shape, seed=i) for i, a in enumerate(expected[:-1])]
    back += [expected[-2], expected[-1], cell.recurrent_kernel.numpy(), *mask]
    expected = module.run_backwards(module.go_back, *back)
    close(module.run_backwards(getattr(compiled, f"{name}_go_back"), *back), expected, atol=1e-6)


def test_the_compiled_tanh():
    gates = pytest.importorskip("minitf.kernels.gates")
    x = np.linspace(-12, 12, 2001).astype("float32")
    found = np.array([gates.tanh(v) for v in x])
    np.testing.assert_allclose(found, np.tanh(x.astype("float64")), rtol=5e-7)
    assert np.isnan(gates.tanh(np.float32("nan")))
    assert gates.tanh(np.float32("-inf")) == pytest.approx(-1)


def test_short_work_is_not_compiled(monkeypatch):
    monkeypatch.setattr(recurrence, "can_compile", lambda: pytest.fail("asked for numba"))
    assert OPS["lstm"].kernels["numba"](
        numbers(5, 3, 2), numbers(2, 16), numbers(4, 16), numbers(16), numbers(3, 4), numbers(3, 4)
    )


@each_fused
def test_second_derivatives(kind):
    layer = kind(2)
    x = tf.constant(numbers(1, 3, 2))
    layer(x)

    def slope(x):
        with tf.GradientTape() as tape:
            tape.watch(x)
            y = tf.reduce_sum(layer(x) ** 2)
        return tf.reduce_sum(tape.gradient(y, x) ** 2)

    with tf.GradientTape() as tape:
        tape.watch(x)
        y = slope(x)
    found, direction = tape.gradient(y, x).numpy(), numbers(1, 3, 2, seed=3)
    step = 1e-2 * direction
    finite = (float(slope(x + step)) - float(slope(x - step))) / 2e-2
    assert float(np.sum(found * direction)) == pytest.approx(finite, rel=2e-2, abs=1e-4)


# -- recur ----------------------------------------------------------------------------------------


def test_recur_in_a_graph_with_an_unknown_number_of_steps():
    @tf.function(input_signature=[tf.TensorSpec([None, 2])])
    def run(rows):
        return recur(lambda x, s: ({"twice": 2 * x}, [s[0] + x]), rows, [tf.zeros([2])])

    for steps in (3, 1, 0):
        outputs, (last,) = run(np.ones((steps, 2), "float32"))
        assert outputs["twice"].shape == (steps, 2)
        assert last.numpy().tolist() == [steps, steps]


def test_recur_over_nothing_knows_what_outputs_would_have_been():
    outputs, (last,) = recur(lambda x, s: (x[:1], [s[0] + 1]), tf.zeros([0, 2]), [tf.constant(1.0)])
    assert outputs.shape == (0, 1)
    assert float(last) == 1


@pytest.mark.parametrize(
    ("state", "said"),
    [
        (lambda s: [s[0][:1]], "a state has shape"),
        (lambda s: [tf.cast(s[0], "float64")], "a state is float32"),
        (lambda s: [s[0], s[0]], "structure"),
    ],
)
def test_recur_refuses_states_that_change_their_form(state, said):
    with pytest.raises(Error, match=said):
        recur(lambda x, s: (x, state(s)), tf.zeros([3, 2]), [tf.zeros([2])])


def test_recur_refuses_to_unroll_what_has_no_known_length():
    @tf.function(input_signature=[tf.TensorSpec([None, 2])])
    def run(rows):
        return recur(lambda x, s: (x, s), rows, [tf.zeros([2])], unroll=True)[0]

    with pytest.raises(Error, match="known number of steps"):
        run(np.ones((3, 2), "float32"))


# -- states ---------------------------------------------------------------------------------------


@each_kind
def test_a_stateful_layer_goes_on_where_it_ended(kind):
    whole, parts = kind(4), kind(4, stateful=True)
    x = numbers(3, 6, 2)
    parts(x[:, :2])
    expected = whole(x)
    whole.set_weights(parts.get_weights())
    expected = whole(x).numpy()
    parts.reset_state()
    for step in range(0, 6, 2):
        found = parts(x[:, step : step + 2])
    close([found], [expected])
    parts.reset_states()
    assert not np.any(parts.states[0].numpy())
    assert len(parts.weights) == 3, "the states are no weights"


def test_a_stateful_layer_in_a_function():
    layer = GRU(4, stateful=True)
    step = tf.function(lambda x: layer(x))
    x = numbers(3, 2, 2)
    layer.build(x.shape)
    first, second = step(x).numpy(), step(x).numpy()
    assert not np.allclose(first, second)
    np.testing.assert_allclose(layer.states[0].numpy(), second)
    layer.reset_state()
    np.testing.assert_allclose(step(x), first, rtol=1e-6)


def test_states_can_be_set():
    layer = LSTM(2, stateful=True)
    layer.build((3, 5, 4))
    layer.reset_state([np.ones((3, 2)), np.zeros((3, 2))])
    assert layer.states[0].numpy().tolist() == [[1.0, 1.0]] * 3


def test_stateful_layers_say_what_they_need():
    with pytest.raises(Error, match="how many sequences"):
        LSTM(2, stateful=True)(Input((5, 3)))
    layer = LSTM(2, stateful=True)
    layer(numbers(3, 5, 4))
    with pytest.raises(Error, match="states of 3 sequences, got 2"):
        layer(numbers(2, 5, 4))
    with pytest.raises(Error, match="stateful=True"):
        LSTM(2).reset_state()


def test_an_encoder_hands_its_states_to_a_decoder():
    encoder, decoder = LSTM(4, return_state=True), LSTM(4, return_sequences=True)
    source, target = Input((None, 2)), Input((None, 3))
    _, *states = encoder(source)
    y = decoder(target, initial_state=states)
    assert y.shape == (None, None, 4)
    with pytest.raises(Error, match=r"2 state\(s\), initial_state 1"):
        decoder(numbers(2, 5, 3), initial_state=[numbers(2, 4)])


# -- cells ----------------------------------------------------------------------------------------


class Minimal(Layer):
    """A cell as programs write it: state_size only."""

    def __init__(self, units, **kwargs):
        super().__init__(**kwargs)
        self.units = self.state_size = units

    def build(self, input_shape):
        self.kernel = self.add_weight(shape=(input_shape[-1], self.units), name="kernel")
        self.built = True

    def call(self, inputs, states):
        output = inputs @ self.kernel + states[0]
        return output, [output]

    def get_config(self):
        return {**super().get_config(), "units": self.units}


def test_a_cell_of_the_program():
    layer = RNN(Minimal(3), return_sequences=True)
    y = layer(numbers(2, 5, 4))
    np.testing.assert_allclose(
        y, np.cumsum(numbers(2, 5, 4) @ layer.get_weights()[0], axis=1), rtol=1e-4, atol=1e-5
    )
    assert RNN([Minimal(3), Minimal(2)])(numbers(2, 5, 4)).shape == (2, 2)


def test_a_cell_that_is_no_layer():
    class Count:
        state_size, output_size = 1, 1

        def call(self, inputs, states):
            return states[0] + 1, (states[0] + 1,)

    assert RNN(Count())(numbers(2, 5, 4)).numpy().tolist() == [[5.0], [5.0]]


def test_a_config_of_a_cell_of_the_program():
    from minitf.serialization import custom_object_scope

    layer = RNN(Minimal(3), go_backwards=True)
    with custom_object_scope({"Minimal": Minimal}):
        again = RNN.from_config(layer.get_config())
    assert isinstance(again.cell, Minimal)
    assert again.go_backwards


@pytest.mark.parametrize(
    "wrong", [object(), Dense(3), [LSTMCell(2), 3]], ids=["object", "layer", "list"]
)
def test_what_is_no_cell(wrong):
    with pytest.raises(Error, match="a cell has a method call"):
        RNN(wrong)


def test_stacked_cells_have_weights_of_all():
    stack = StackedRNNCells([LSTMCell(3), GRUCell(2), SimpleRNNCell(4)])
    layer = RNN(stack, return_state=True)
    y, lstm, gru, simple = layer(numbers(2, 5, 3))
    assert [s.shape for s in (*lstm, *tf.nest.flatten(gru), *tf.nest.flatten(simple))] == [
        (2, 3), (2, 3), (2, 2), (2, 4)]  # fmt: skip
    assert y.shape == (2, 4)
    assert len(layer.trainable_weights) == 9


# -- dropout --------------------------------------------------------------------------------------


@each_kind
@pytest.mark.parametrize("options", [{"dropout": 0.5}, {"recurrent_dropout": 0.5}], ids=str)
def test_dropout_drops_in_training_only_and_anew_each_time(kind, options):
    layer = kind(32, return_sequences=True, **options)
    x = numbers(4, 3, 8)
    assert np.array_equal(layer(x), layer(x))
    train = tf.function(lambda x: layer(x, training=True))
    for call in (lambda x: layer(x, training=True), train):
        assert not np.allclose(call(x), call(x))


@each_kind
def test_what_is_dropped_is_the_same_at_every_step(kind):
    layer = kind(3, dropout=0.5)
    layer.build((1, 1, 6))
    with layer.cell.steady_masks(1, True):
        first = layer.cell.masks(numbers(1, 6), True)[0][0].numpy()
        assert np.array_equal(first, layer.cell.masks(numbers(1, 6), True)[0][0])


# -- masks ----------------------------------------------------------------------------------------


def test_a_mask_comes_from_an_embedding_and_goes_on():
    words = np.array([[1, 2, 0, 0], [3, 1, 2, 4]])
    embedding = Embedding(5, 3, mask_zero=True)
    first, second = LSTM(4, return_sequences=True), GRU(2)
    hidden = first(embedding(words))
    assert hidden._keras_mask.numpy().tolist() == (words != 0).tolist()
    y = second(hidden)
    assert getattr(y, "_keras_mask", None) is None
    shorter = second(first(embedding(words[:1, :2])))
    np.testing.assert_allclose(y[:1], shorter, rtol=1e-5)


@each_kind
def test_masked_steps_do_not_matter(kind):
    layer = Bidirectional(kind(3, return_sequences=True))
    x = numbers(2, 5, 4)
    x[1, 3:] = 7
    y = layer(Masking(7.0)(x))
    np.testing.assert_allclose(y[1, :3], layer(x[1:, :3])[0], rtol=1e-4, atol=1e-6)
    assert not np.any(y.numpy()[1, 3:]), "nothing is added where a step is masked"


def test_a_mask_of_the_wrong_shape():
    with pytest.raises(Error, match=r"a mask has shape \(batch, steps\)"):
        LSTM(2)(numbers(2, 5, 3), mask=np.ones((2, 4), bool))


# -- wrappers -------------------------------------------------------------------------------------


def test_bidirectional_is_two_layers():
    layer = Bidirectional(LSTM(3, return_sequences=True))
    x = numbers(2, 5, 4)
    y = layer(x).numpy()
    forward, backward = layer.forward_layer, layer.backward_layer
    assert (forward.name[:8], backward.name[:9]) == ("forward_", "backward_")
    assert not forward.go_backwards
    assert backward.go_backwards
    np.testing.assert_allclose(y[..., :3], forward(x), rtol=1e-6)
    np.testing.assert_allclose(y[:, ::-1, 3:], backward(x), rtol=1e-6)
    turned = LSTM(3, return_sequences=True)
    turned.build(x.shape)
    turned.set_weights(backward.get_weights())
    np.testing.assert_allclose(y[:, ::-1, 3:], turned(x[:, ::-1]), rtol=1e-5)


def test_bidirectional_takes_first_weights():
    source = Bidirectional(GRU(2))
    source.build((None, 3, 4))
    made = Bidirectional(GRU(2), weights=source.get_weights())
    x = numbers(2, 3, 4)
    np.testing.assert_array_equal(made(x), source(x))


def test_stateful_bidirectional():
    layer = Bidirectional(SimpleRNN(2, stateful=True))
    layer(numbers(2, 3, 4))
    assert any(np.any(s.numpy()) for s in layer.states)
    layer.reset_states()
    assert not any(np.any(s.numpy()) for s in layer.states)


@pytest.mark.parametrize("layer", [Dense(3), "lstm"], ids=str)
def test_what_cannot_be_read_in_two_directions(layer):
    with pytest.raises(Error, match="^layer 'bidirectional"):
        Bidirectional(layer)


@pytest.mark.parametrize("inside", ["layer", "model"])
def test_each_step_is_a_batch_of_its_own_for_a_layer_with_statistics(inside):
    x = numbers(4, 3, 5)
    one, other = (tf.keras.layers.BatchNormalization(momentum=0.5) for _ in range(2))
    layer = TimeDistributed(one if inside == "layer" else tf.keras.Sequential([one]))
    y = layer(x, training=True)
    want = np.stack([other(x[:, i], training=True) for i in range(3)], axis=1)
    np.testing.assert_allclose(y, want, rtol=1e-5, atol=1e-6)
    np.testing.assert_allclose(one.moving_mean, other.moving_mean, rtol=1e-5)
    np.testing.assert_allclose(layer(x)[:, 1], other(x[:, 1]), rtol=1e-5, atol=1e-6)


def test_steps_with_statistics_heed_the_mask():
    x, mask = numbers(4, 2, 5), np.array([[1, 1], [1, 0], [1, 0], [0, 1]], bool)
    y = TimeDistributed(tf.keras.layers.BatchNormalization())(x, training=True, mask=mask)
    seen = x[mask[:, 1], 1]
    want = (x[:, 1] - seen.mean(0)) / np.sqrt(seen.var(0) + 1e-3)
    np.testing.assert_allclose(y[:, 1], want, rtol=1e-4, atol=1e-5)


def test_time_distributed_is_the_layer_at_each_step():
    inner = LSTM(3)
    x = numbers(2, 4, 5, 6)
    y = TimeDistributed(inner)(x)
    np.testing.assert_allclose(y, np.stack([inner(x[:, t]) for t in range(4)], 1), rtol=1e-5)
    symbolic = TimeDistributed(Dense(3))(Input((None, 6)))
    assert symbolic.shape == (None, None, 3)


def test_time_distributed_gives_each_step_its_mask():
    words = np.array([[[1, 2, 0], [3, 0, 0]]])
    inner = LSTM(2)
    layer = TimeDistributed(inner)
    x = numbers(1, 2, 3, 4)
    y = layer(x, mask=words != 0)
    np.testing.assert_allclose(y[0, 1], inner(x[0, 1:, :1])[0], rtol=1e-5)


# -- what programs do -----------------------------------------------------------------------------


def test_a_text_model_learns():
    tf.random.set_seed(1)
    recurrent = LSTM(16, return_sequences=True), GRU(8, return_sequences=True)
    layers = [Embedding(6, 8), *recurrent, Dense(6)]
    words = np.tile(np.arange(6), 3)[None]  # 0 1 2 3 4 5 0 1 ...

    def loss():
        x = words[:, :-1]
        for layer in layers:
            x = layer(x)
        losses = tf.nn.sparse_softmax_cross_entropy_with_logits(words[:, 1:], x)
        return tf.reduce_mean(losses)

    first = float(loss())
    variables = [v for layer in layers for v in layer.trainable_weights]

    @tf.function
    def step():
        with tf.GradientTape() as tape:
            value = loss()
        for gradient, variable in zip(tape.gradient(value, variables), variables, strict=True):
            variable.assign_sub(3 * gradient)

    for _ in range(150):
        step()
    assert float(loss()) < 0.5 * first


def test_the_bias_of_the_forget_gate_begins_with_ones():
    layer = LSTM(3)
    layer.build((None, 5, 2))
    assert layer.get_weights()[2].tolist() == [0] * 3 + [1] * 3 + [0] * 6


def test_spellings_of_tf_keras_2():
    layer = LSTM(3, implementation=1, input_shape=(5, 2))
    assert layer(numbers(1, 5, 2)).shape == (1, 3)


@pytest.mark.parametrize(
    "module",
    ["rnn", "recurrent_cell", "simple_rnn", "lstm", "gru", "wrappers"],
)
def test_the_examples_run(module):
    found = doctest.testmod(import_module(f"minitf.layers.{module}"))
    assert not found.failed


@pytest.mark.parametrize("kind", ["LSTM", "GRU", "SimpleRNN", "ConvLSTM1D"])
def test_a_layer_tells_what_its_cell_knows_of_the_weights(kind):
    size = {"filters": 2, "kernel_size": 1} if kind == "ConvLSTM1D" else {"units": 2}
    layer = getattr(tf.keras.layers, kind)(
        **size, bias_initializer="ones", kernel_regularizer="l2", recurrent_constraint="non_neg"
    )
    assert layer.bias_initializer is layer.cell.bias_initializer
    assert layer.kernel_regularizer.l2 == pytest.approx(0.01)
    assert type(layer.recurrent_constraint).__name__ == "NonNeg"
    assert layer.bias_regularizer is None
