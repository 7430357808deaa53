"""Models as graphs of layers: Sequential, functional, subclassed; what they hold and refuse."""

import copy
import gc
import json
import weakref

import numpy as np
import pytest

import minitf as tf
from minitf import errors, keras
from minitf.keras import layers


@pytest.fixture(autouse=True)
def fresh_names():
    keras.utils.clear_session()


def two_inputs():
    a, b = keras.Input((4,), name="a"), keras.Input((3,), name="b")
    shared = layers.Dense(5, name="shared")
    left = shared(layers.Dense(6, name="left")(a))
    right = shared(layers.Dense(6, name="right")(b))
    joined = layers.concatenate([left, right * 2.0 + 1.0])
    return keras.Model([a, b], {"sum": left + right, "joined": joined}, name="two")


def test_a_symbolic_input_has_a_shape_and_no_value():
    x = keras.Input((28, 28), batch_size=2, name="x")
    assert x.shape == (2, 28, 28)
    assert x.dtype == "float32"
    with pytest.raises(errors.GraphError, match="no value"):
        x.numpy()


def test_ops_and_operators_on_symbolic_tensors_are_part_of_the_model():
    x = keras.Input((4,))
    y = tf.reshape(tf.reduce_sum(x * 2.0, axis=1), [tf.shape(x)[0], 1]) - x[:, :1]
    model = keras.Model(x, y)
    data = np.arange(8.0, dtype=np.float32).reshape(2, 4)
    want = 2 * data.sum(1, keepdims=True) - data[:, :1]
    np.testing.assert_allclose(model(data), want)
    np.testing.assert_allclose(model.predict(data, verbose=0), want)


def test_shared_layers_appear_once_and_get_all_gradients():
    model = two_inputs()
    assert [layer.name for layer in model.layers] == [
        "a", "b", "left", "right", "shared", "concatenate"]  # fmt: skip
    assert len(model.weights) == 6
    with tf.GradientTape() as tape:
        found = model([np.ones((2, 4), "float32"), np.ones((2, 3), "float32")])
        loss = tf.reduce_sum(found["sum"])
    kernel = model.get_layer("shared").kernel
    inputs = [layer.bias.numpy() + layer.kernel.numpy().sum(0)
              for layer in (model.get_layer("left"), model.get_layer("right"))]  # fmt: skip
    want = 2 * np.outer(inputs[0] + inputs[1], np.ones(5))
    np.testing.assert_allclose(tape.gradient(loss, kernel), want, rtol=1e-5)


def test_inputs_may_come_as_list_or_dict():
    model = two_inputs()
    a, b = np.ones((2, 4), "float32"), np.ones((2, 3), "float32")
    by_list, by_dict = model([a, b]), model({"b": b, "a": a})
    np.testing.assert_array_equal(by_list["joined"], by_dict["joined"])


@pytest.mark.parametrize(("given", "said"), [
    (lambda: [np.ones((2, 4))], "expects 2 input"),
    (lambda: {"a": np.ones((2, 4)), "c": np.ones((2, 3))}, "has the input 'b'"),
    (lambda: [np.ones((2, 5)), np.ones((2, 3))], "input 'a' has the shape"),
])  # fmt: skip
def test_wrong_inputs_are_named(given, said):
    with pytest.raises(errors.InvalidArgumentError, match=said):
        two_inputs()(given())


def test_config_round_trip_with_shared_layers_and_ops():
    model = two_inputs()
    config = json.loads(json.dumps(model.get_config()))
    copy = keras.Model.from_config(config)
    copy.set_weights(model.get_weights())
    data = [np.random.default_rng(0).normal(size=(3, n)).astype("float32") for n in (4, 3)]
    want, got = model(data), copy(data)
    assert [layer.name for layer in copy.layers] == [layer.name for layer in model.layers]
    for key in want:
        np.testing.assert_array_equal(want[key], got[key])


def test_a_disconnected_graph_names_the_missing_input():
    a, b = keras.Input((4,), name="a"), keras.Input((4,), name="b")
    with pytest.raises(errors.GraphError, match="'b'"):
        keras.Model(a, layers.add([a, b]))


def test_two_layers_with_one_name_are_refused():
    x = keras.Input((4,))
    y = layers.Dense(4, name="same")(layers.Dense(4, name="same")(x))
    with pytest.raises(errors.InvalidArgumentError, match="two layers called 'same'"):
        keras.Model(x, y)


def test_a_part_of_a_model_is_a_model():
    x = keras.Input((4,))
    hidden = layers.Dense(3, name="hidden")(x)
    whole = keras.Model(x, layers.Dense(2)(hidden))
    part = keras.Model(whole.input, whole.get_layer("hidden").output)
    rest = keras.Model(hidden, whole.output)
    data = np.ones((2, 4), "float32")
    np.testing.assert_allclose(rest(part(data)), whole(data), rtol=1e-6)


def test_models_are_layers():
    inner = keras.Sequential([layers.Dense(3), layers.Dense(2)], name="inner")
    x = keras.Input((4,))
    outer = keras.Model(x, layers.Dense(1)(inner(x)))
    assert len(outer.weights) == 6
    assert outer.get_layer("inner") is inner
    outer.trainable = False
    assert outer.trainable_weights == []
    assert not inner.layers[0].kernel.trainable


def test_tapes_watch_what_a_frozen_layer_was_made_to_train():
    frozen = layers.Dense(2, trainable=False)
    with tf.GradientTape() as tape:
        loss = tf.reduce_sum(frozen(np.ones((1, 3), "float32")))
    assert frozen.trainable_variables == []
    frozen.trainable = True  # a GAN lets its critic train again after the loss is known
    kernel, bias = tape.gradient(loss, frozen.trainable_variables)
    np.testing.assert_array_equal(kernel, np.ones((3, 2)))
    np.testing.assert_array_equal(bias, [1, 1])


@pytest.mark.parametrize("make", [tf.Variable, keras.Variable])
def test_a_copy_of_a_frozen_variable_is_frozen_and_watchable(make):
    v = make(2.0)
    v.trainable = False
    twin = copy.deepcopy(v)
    assert not twin.trainable
    with tf.GradientTape() as tape:
        y = twin * twin
    assert tape.gradient(y, twin) == 4


def test_a_forgotten_model_is_freed():
    model = two_inputs()
    alive = [weakref.ref(model), weakref.ref(model.get_layer("shared"))]
    del model
    gc.collect()
    assert [ref() for ref in alive] == [None, None]


def test_sequential_builds_when_the_shape_is_known():
    model = keras.Sequential([layers.Dense(3), layers.Dense(2)])
    assert not model.built
    with pytest.raises(errors.FailedPreconditionError, match="Input"):
        model.output_shape  # noqa: B018
    model(np.ones((2, 4)))
    assert model.output_shape == (None, 2)
    model.add(layers.Dense(7))
    assert model(np.ones((5, 4))).shape == (5, 7)
    model.pop()
    assert model(np.ones((5, 4))).shape == (5, 2)


@pytest.mark.parametrize("first", [
    lambda: layers.Dense(3, input_shape=(4,)),
    lambda: layers.Dense(3, input_dim=4),
    lambda: layers.Dense(3, batch_input_shape=(None, 4)),
])  # fmt: skip
def test_the_first_layer_may_tell_the_input_shape(first):
    model = keras.Sequential()
    model.add(first())
    assert model.built
    assert model.input_shape == (None, 4)
    assert model.count_params() == 15


def test_what_is_no_layer_is_refused_with_a_hint():
    with pytest.raises(errors.UsageError, match="parentheses"):
        keras.Sequential([layers.Flatten])


def test_a_subclass_finds_layers_in_lists_and_dicts():
    class Tower(keras.Model):
        def __init__(self):
            super().__init__()
            self.blocks = [layers.Dense(3), layers.Dense(3)]
            self.heads = {"a": layers.Dense(1), "b": layers.Dense(2)}

        def call(self, x):
            for block in self.blocks:
                x = block(x)
            return {name: head(x) for name, head in self.heads.items()}

    model = Tower()
    model.build((None, 4))
    assert len(model.weights) == 8
    assert [v.path for v in model.weights][:2] == ["tower/dense/kernel", "tower/dense/bias"]
    assert set(model(np.ones((2, 4)))) == {"a", "b"}


class Block(layers.Layer):
    """A layer that builds those in it by hand."""

    def __init__(self, **options):
        super().__init__(**options)
        self.rnn = layers.LSTM(2, name="rnn")
        self.heads = layers.MultiHeadAttention(1, 2, name="heads")

    def build(self, shape):
        self.rnn.build(shape)
        self.heads.build(shape, shape)

    def call(self, x):
        return self.rnn(self.heads(x, x))


def test_the_path_of_a_weight_names_the_layers_around_it_however_it_came_to_be_built():
    built, called = Block(name="block"), Block(name="block")
    built.build((None, 3, 4))
    called(np.ones((1, 3, 4), "float32"))
    paths = [w.path for w in built.weights]
    assert {"block/rnn/lstm_cell/kernel", "block/heads/query/kernel"} < set(paths)
    assert [w.path for w in called.weights] == paths
    model = keras.Sequential([keras.Input((3, 4)), Block(name="block")], name="outer")
    assert [w.path for w in model.weights] == [f"outer/{path}" for path in paths]


def test_a_subclass_with_inputs_and_outputs_is_functional_and_itself():
    class Own(keras.Model):
        def twice(self, x):
            return self(x) * 2

    x = keras.Input((4,))
    model = Own(x, layers.Dense(2)(x))
    assert isinstance(model, Own)
    assert isinstance(model, keras.Functional)
    np.testing.assert_allclose(model.twice(np.ones((1, 4))), 2 * model(np.ones((1, 4))).numpy())


def test_a_layer_that_forgets_super_init_says_so():
    class Forgetful(layers.Layer):
        def __init__(self):
            pass

    with pytest.raises(errors.FailedPreconditionError, match="super"):
        Forgetful()(np.ones((1, 2)))


def test_training_reaches_the_layers_inside():
    seen = []

    class Spy(layers.Layer):
        def call(self, inputs, training=None):
            seen.append(training)
            return inputs

    class Outer(layers.Layer):
        def __init__(self):
            super().__init__()
            self.spy = Spy()

        def call(self, inputs):
            return self.spy(inputs)

    outer = Outer()
    outer(np.ones((1, 2)))
    outer(np.ones((1, 2)), training=True)
    outer(np.ones((1, 2)), training=False)
    assert [bool(s) for s in seen] == [False, True, False]


def test_masks_travel_through_functional_models():
    x = keras.Input((None,), dtype="int32")
    embedded = layers.Embedding(5, 3, mask_zero=True)(x)
    dropped = layers.Dropout(0.5)(embedded)
    assert dropped._keras_mask is not None
    model = keras.Model(x, dropped)
    found = model(np.array([[1, 2, 0], [3, 0, 0]]))
    np.testing.assert_array_equal(found._keras_mask, [[1, 1, 0], [1, 0, 0]])


def test_losses_are_those_of_the_last_call():
    model = keras.Sequential(
        [
            keras.Input((2,)),
            layers.Dense(1, kernel_regularizer="l2", kernel_initializer="ones", name="d"),
            layers.ActivityRegularization(l1=1.0),
        ]
    )
    for _ in range(3):
        model(np.ones((4, 2)))
    assert len(model.losses) == 2
    assert sum(float(loss) for loss in model.losses) == pytest.approx(2 * 0.01 + 2.0)


def test_mixed_precision_computes_in_float16_and_keeps_float32():
    layer = layers.Dense(3, dtype="mixed_float16")
    assert layer(np.ones((2, 4), "float32")).dtype == "float16"
    assert layer.kernel.dtype == "float32"


def test_set_weights_changes_nothing_where_one_does_not_fit():
    model = keras.Sequential([keras.Input((2,)), layers.Dense(2)])
    before = model.get_weights()
    with pytest.raises(errors.ShapeError, match="kernel|bias"):
        model.set_weights([np.zeros((2, 2)), np.zeros(3)])
    np.testing.assert_array_equal(model.get_weights()[0], before[0])
    with pytest.raises(errors.ShapeError, match="2 weight"):
        model.set_weights([np.zeros((2, 2))])


def test_get_layer_names_what_there_is():
    model = two_inputs()
    with pytest.raises(errors.NotFoundError, match="left, right, shared"):
        model.get_layer("middle")


def test_a_layer_without_get_config_is_made_of_its_arguments():
    class Scale(layers.Layer):
        def __init__(self, factor, **kwargs):
            super().__init__(**kwargs)
            self.factor = factor

        def call(self, inputs):
            return inputs * self.factor

    config = Scale(3.0, name="s").get_config()
    assert config["factor"] == 3.0
    assert float(Scale.from_config(config)(tf.constant(2.0))) == 6.0

    class Holds(Scale):
        def __init__(self, layer, **kwargs):
            super().__init__(1.0, **kwargs)

    with pytest.raises(errors.UnimplementedError, match="get_config"):
        Holds(layers.Dense(1)).get_config()


class Doubled(layers.Layer):
    """Made in `build`, which a program may call itself."""

    def build(self, input_shape):
        self.factor = self.add_weight(shape=(input_shape[-1],), initializer="ones", name="factor")

    def call(self, inputs):
        return inputs * self.factor * 2.0


class DoubledAgain(Doubled):
    def build(self, input_shape):
        super().build(input_shape)
        assert not self.built
        self.shift = self.add_weight(shape=(), initializer="zeros", name="shift")


@pytest.mark.parametrize("made", [Doubled, DoubledAgain, lambda: layers.Dense(3)])
def test_a_layer_that_was_built_by_hand_is_not_built_again(made):
    layer = made()
    layer.build((None, 4))
    weights = layer.weights
    layer(np.ones((2, 4), "float32"))
    assert all(a is b for a, b in zip(layer.weights, weights, strict=True))
    assert layer.built
    assert layer.get_build_config() == {"input_shape": (None, 4)}


def test_a_layer_says_that_its_weights_are_still_to_come():
    layer = layers.Dense(3, name="d")
    with pytest.raises(AttributeError, match=r"'d' has no 'kernel'; .* before it is built: call"):
        _ = layer.kernel
    assert not hasattr(layer, "kernel")
    layer.build((None, 2))
    with pytest.raises(AttributeError, match="'Dense' object has no attribute 'kernal'"):
        _ = layer.kernal


def test_a_property_that_fails_tells_its_own_reason():
    class Wrong(layers.Layer):
        @property
        def size(self):
            return self.sise

    with pytest.raises(AttributeError, match="'sise'"):
        _ = Wrong().size


def test_a_sequential_model_takes_what_its_layers_take():
    model = keras.Sequential([layers.Dense(3), layers.Dense(2)])
    assert model(np.ones((2, 8, 4))).shape == (2, 8, 2)
    assert model(np.ones((2, 5, 4))).shape == (2, 5, 2)
    with pytest.raises(errors.ShapeError):
        model(np.ones((2, 5, 3)))


def test_one_input_in_a_list_has_one_shape():
    x = keras.Input((4,), name="x")
    model = keras.Model([x], [layers.Dense(3)(x)])
    assert (model.input_shape, model.output_shape) == ((None, 4), (None, 3))
    assert two_inputs().input_shape == [(None, 4), (None, 3)]
    assert model.inputs[0].name == "x"


def test_variables_of_layers_have_the_value_of_keras():
    v = keras.Variable(keras.initializers.Constant(2.0), shape=(2,), name="v", trainable=False)
    assert v.value.numpy().tolist() == [2.0, 2.0]
    assert layers.Dense(1)(np.ones((1, 1))).shape == (1, 1)
    layer = layers.Dense(1)
    layer.build((None, 1))
    assert tf.function(lambda: layer.bias.value + 1.0)().numpy().tolist() == [1.0]
    assert copy.deepcopy(layer).kernel.value.shape == (1, 1)


def test_a_variable_between_layers_is_read_at_each_run_and_trained():
    x, v = keras.Input((3,)), tf.Variable(2.0)
    for y in (x * v, v * x, tf.multiply(v, x)):
        model = keras.Model(x, y)
        assert model.trainable_variables == [v]
        np.testing.assert_array_equal(model(np.ones((1, 3))), np.full((1, 3), float(v)))
        v.assign_add(1.0)
        np.testing.assert_array_equal(model(np.ones((1, 3))), np.full((1, 3), float(v)))
        with tf.GradientTape() as tape:
            total = tf.reduce_sum(model(np.ones((2, 3))))
        assert float(tape.gradient(total, v)) == 6.0
    with pytest.raises(errors.UsageError, match="add_weight"):
        model.get_config()


def test_an_unknown_argument_of_a_layer_suggests_the_nearest():
    with pytest.raises(errors.UsageError, match="'activaton'; did you mean 'activation'"):
        layers.Dense(3, activaton="relu")


def test_layers_stand_in_the_order_of_their_distance_to_the_outputs():
    x = keras.Input((4,), name="x")
    a = layers.Dense(4, name="a")(x)
    b = layers.Dense(4, name="b")(a)
    d = layers.Dense(4, name="d")(layers.Dense(4, name="c")(b))
    short = layers.Dense(4, name="short")(a)  # made last, but as near to the output as d
    model = keras.Model(x, layers.Add(name="sum")([short, d, x]))
    assert [layer.name for layer in model.layers] == ["x", "a", "b", "c", "short", "d", "sum"]
    data = np.ones((2, 4), "float32")
    by_hand = {layer.name: layer for layer in model.layers}
    first = by_hand["a"](data)
    want = by_hand["d"](by_hand["c"](by_hand["b"](first))) + by_hand["short"](first) + data
    np.testing.assert_allclose(model(data), want, rtol=1e-6)


@pytest.mark.parametrize(
    ("first", "features"),
    [(layers.Embedding(7, 4), ()), (layers.LSTM(4), (2,)), (layers.Conv1D(4, 2), (2,))],
    ids=["Embedding", "LSTM", "Conv1D"],
)
def test_a_sequential_model_takes_sequences_of_any_length(first, features):
    model = keras.Sequential([first, layers.Dense(3)])
    for length in (3, 5, 4):
        x = np.zeros((2, length, *features), int if not features else np.float32)
        assert model(x).shape == model.predict(x, verbose=0).shape
    if features:
        with pytest.raises(errors.ShapeError, match="has the shape"):
            model(np.zeros((2, 3, 9)))
