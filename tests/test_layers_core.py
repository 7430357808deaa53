"""Dense, Embedding, reshaping, activation and noise layers (see also tests/keras_reference)."""

import numpy as np
import pytest

import minitf as tf
from minitf import keras
from minitf.errors import InvalidArgumentError, ShapeError, UnimplementedError, UsageError

layers = keras.layers


def again(layer):
    """Return the layer that a config describes."""
    return type(layer).from_config(layer.get_config())


# ---- Dense and relatives


def test_dense_is_a_matrix_product_plus_a_bias():
    layer = layers.Dense(3, activation="relu")
    x = np.random.RandomState(0).randn(4, 5).astype("float32")
    y = layer(x).numpy()
    kernel, bias = layer.get_weights()
    np.testing.assert_allclose(y, np.maximum(x @ kernel + bias, 0), rtol=1e-6)


@pytest.mark.parametrize("layer", [layers.Dense(2), layers.Conv1D(2, 1), layers.EinsumDense(
    "abc,cd->abd", (None, 2))])  # fmt: skip
def test_whole_numbers_are_cast(layer):
    assert layer(np.ones((1, 4, 3), "int32")).dtype == tf.float32


def test_dense_does_not_take_another_size_later():
    layer = layers.Dense(3, name="out")
    layer(np.ones((2, 4), "float32"))
    with pytest.raises(ShapeError, match=r"'out'.*size 4 of axis -1.*\(2, 5\)"):
        layer(np.ones((2, 5), "float32"))


def test_dense_needs_a_known_size():
    with pytest.raises(InvalidArgumentError, match=r"'dense.*known"):
        layers.Dense(3, name="dense").build((None, None))


def test_mixed_precision_computes_in_half_and_keeps_single():
    layer = layers.Dense(3, dtype="mixed_float16")
    y = layer(np.ones((2, 4), "float32"))
    assert y.dtype == tf.float16
    assert layer.kernel.dtype == tf.float32


def test_activation_may_be_a_function_or_a_layer():
    y = layers.Dense(1, activation=lambda x: x * 0 + 7, use_bias=False)(np.ones((2, 2), "float32"))
    assert y.numpy().tolist() == [[7], [7]]
    layer = layers.Dense(1, activation=layers.LeakyReLU(0.5), kernel_initializer="ones")
    assert layer(-np.ones((1, 2), "float32")).numpy().tolist() == [[-1]]


def test_einsum_dense_is_the_projection_to_heads():
    layer = layers.EinsumDense("abc,cde->abde", (None, 2, 3), bias_axes="de")
    x = np.random.RandomState(0).randn(2, 4, 5).astype("float32")
    kernel, bias = (layer(x), layer.get_weights())[1]
    np.testing.assert_allclose(layer(x), np.einsum("abc,cde->abde", x, kernel) + bias, rtol=1e-4,
                               atol=1e-6)  # fmt: skip


def test_einsum_dense_initializes_by_its_own_inputs():
    """(16, 4, 64) is 16 inputs and 256 outputs, not a convolution's window."""
    layer = layers.EinsumDense("abc,cde->abde", (None, 4, 64))
    layer.build((None, None, 16))
    assert abs(layer.kernel.numpy()).max() <= np.sqrt(6 / (16 + 256))
    assert abs(layer.kernel.numpy()).max() > np.sqrt(6 / (16 + 256)) * 0.98


# ---- Embedding


def test_embedding_masks_zero_and_the_mask_travels():
    ids = np.array([[1, 2, 0], [3, 0, 0]])
    vectors = layers.Embedding(5, 2, mask_zero=True)(ids)
    hidden = layers.Dense(3)(vectors)
    mean = layers.GlobalAveragePooling1D()(hidden).numpy()
    np.testing.assert_allclose(mean[0], hidden.numpy()[0, :2].mean(0), rtol=1e-5)
    np.testing.assert_allclose(mean[1], hidden.numpy()[1, 0], rtol=1e-5)


def test_embedding_takes_trained_vectors():
    table = np.arange(6, dtype="float32").reshape(3, 2)
    for given in (table, [table]):
        layer = layers.Embedding(3, 2, weights=given, input_length=4, trainable=False)
        assert layer(np.array([[2, 0]])).numpy().tolist() == [[[4, 5], [0, 1]]]
        assert layer.trainable_weights == []


def test_embedding_takes_floats_and_refuses_numbers_outside():
    layer = layers.Embedding(3, 2)
    assert layer(np.array([[2.0]], "float32")).shape == (1, 1, 2)
    with pytest.raises(tf.errors.Error, match="3"):
        layer(np.array([3]))


# ---- functions of the program


def test_lambda_takes_what_it_asks_for():
    def scale(x, factor, training=None):
        return x * factor if training else x

    layer = layers.Lambda(scale, arguments={"factor": 3})
    x = np.ones(2, "float32")
    assert layer(x, training=True).numpy().tolist() == [3, 3]
    assert layer(x).numpy().tolist() == [1, 1]


def test_a_saved_lambda_runs_only_where_it_is_trusted():
    config = layers.Lambda(lambda x: 2 * x, output_shape=(2,)).get_config()
    with pytest.raises(UsageError, match="safe_mode=False"):
        layers.Lambda.from_config(config)
    layer = layers.Lambda.from_config(config, safe_mode=False)
    assert layer(np.ones(2, "float32")).numpy().tolist() == [2, 2]


def test_a_named_function_is_found_by_its_name():
    @keras.saving.register_keras_serializable("test")
    def triple(x):
        return 3 * x

    layer = again(layers.Lambda(triple))
    assert layer(np.ones(2, "float32")).numpy().tolist() == [3, 3]


# ---- masks and shapes


def test_masking_masks_steps_and_sets_them_to_zero():
    x = np.array([[[5.0, 5.0], [5.0, 1.0]]], "float32")
    y = layers.Masking(5.0)(x)
    assert y.numpy().tolist() == [[[0, 0], [5, 1]]]
    assert y._keras_mask.numpy().tolist() == [[False, True]]


@pytest.mark.parametrize(
    ("layer", "shape", "expected"),
    [
        (layers.Flatten(), (None, 3), (None, None, 3)),
        (layers.Flatten(), (4, 3), (None, 12)),
        (layers.Reshape((-1, 2)), (4, 3), (None, 6, 2)),
        (layers.Reshape((2, 2)), (4,), (None, 2, 2)),
        (layers.Permute((2, 1)), (4, None), (None, None, 4)),
        (layers.RepeatVector(3), (4,), (None, 3, 4)),
        (layers.Dense(7), (None, 4), (None, None, 7)),
        (layers.Embedding(5, 2), (None,), (None, None, 2)),
    ],
)
def test_shapes_of_symbolic_outputs(layer, shape, expected):
    if isinstance(layer, layers.Flatten) and None in shape:
        expected = (None, None)
    assert tuple(layer(keras.Input(shape)).shape) == expected


def test_shapes_that_only_the_run_knows():
    @tf.function(input_signature=[tf.TensorSpec((None, None, 4), tf.float32)])
    def run(x):
        return layers.Flatten()(x), layers.Reshape((2, -1))(x), layers.UpSampling1D()(x)

    flat, shaped, larger = run(np.ones((2, 3, 4), "float32"))
    assert (flat.shape, shaped.shape, larger.shape) == ((2, 12), (2, 2, 6), (2, 6, 4))


# ---- activations


def test_old_names_of_slopes():
    x = np.array([-2.0, 0.5, 2.0], "float32")
    assert layers.LeakyReLU(alpha=0.5)(x).numpy().tolist() == [-1, 0.5, 2]
    assert layers.ThresholdedReLU(theta=1.0)(x).numpy().tolist() == [0, 0, 2]


def test_softmax_of_nothing_is_nothing():
    x, mask = np.ones((2, 3), "float32"), np.array([[True, False, True], [False] * 3])
    assert layers.Softmax()(x, mask=mask).numpy().tolist() == [[0.5, 0, 0.5], [0, 0, 0]]
    with pytest.raises(ShapeError, match=r"softmax.*\(2, 3\).*\(2, 4\)"):
        layers.Softmax(name="softmax")(x, mask=np.ones((2, 4), bool))


# ---- noise


def test_dropout_drops_as_many_as_it_says_and_only_while_training():
    x = np.ones((100, 100), "float32")
    layer = layers.Dropout(0.25)
    np.testing.assert_array_equal(layer(x).numpy(), x)
    y = layer(x, training=True).numpy()
    assert abs((y == 0).mean() - 0.25) < 0.02
    np.testing.assert_allclose(y[y != 0], 1 / 0.75, rtol=1e-3)


def test_dropout_differs_from_call_to_call_and_from_run_to_run():
    layer, x = layers.Dropout(0.5), np.ones(100, "float32")
    run = tf.function(lambda x: layer(x, training=True))
    for call in (lambda x: layer(x, training=True), run):
        assert (call(x).numpy() != call(x).numpy()).any()


def test_noise_repeats_with_the_seed_of_the_program():
    def draw():
        keras.utils.set_random_seed(3)
        x = np.ones((4, 4), "float32")
        kinds = (layers.Dropout, layers.GaussianDropout, layers.GaussianNoise, layers.AlphaDropout)
        return [kind(0.5)(x, training=True).numpy() for kind in kinds]

    np.testing.assert_array_equal(draw(), draw())


@pytest.mark.parametrize(
    ("layer", "shape", "axes"),
    [
        (layers.SpatialDropout1D(0.5), (8, 5, 16), (1,)),
        (layers.SpatialDropout2D(0.5), (8, 5, 5, 16), (1, 2)),
        (layers.SpatialDropout2D(0.5, data_format="channels_first"), (8, 16, 5, 5), (2, 3)),
        (layers.SpatialDropout3D(0.5), (8, 3, 3, 3, 16), (1, 2, 3)),
        (layers.Dropout(0.5, noise_shape=(None, 1, 16)), (8, 5, 16), (1,)),
    ],
)
def test_whole_channels_are_dropped(layer, shape, axes):
    y = layer(np.ones(shape, "float32"), training=True).numpy()
    assert set(np.unique(y)) == {0, 2}
    assert (y.min(axes) == y.max(axes)).all()


def test_gaussian_noise_has_its_mean_and_deviation():
    x = np.full((100, 100), 3.0, "float32")
    added = layers.GaussianNoise(0.5)(x, training=True).numpy()
    assert abs(added.mean() - 3) < 0.03
    assert abs(added.std() - 0.5) < 0.02
    times = layers.GaussianDropout(0.2)(x, training=True).numpy()
    assert abs(times.mean() - 3) < 0.06
    assert abs(times.std() / 3 - 0.5) < 0.02


def test_alpha_dropout_keeps_mean_and_variance():
    x = np.random.RandomState(0).randn(200, 200).astype("float32")
    y = layers.AlphaDropout(0.3)(x, training=True).numpy()
    assert abs(y.mean()) < 0.02
    assert abs(y.std() - 1) < 0.02


def test_a_mask_passes_through_noise():
    x = layers.Embedding(3, 4, mask_zero=True)(np.array([[1, 0]]))
    for training in (False, True):
        y = layers.Dropout(0.5)(x, training=training)
        assert y._keras_mask.numpy().tolist() == [[True, False]]


def test_activity_that_costs_nothing():
    layer = layers.ActivityRegularization()
    layer(np.ones((2, 3), "float32"))
    assert [float(loss) for loss in layer.losses] == [0.0]


def test_dropping_everything():
    layer, x = layers.Dropout(1.0), np.ones((2, 3), "float32")
    assert not layer(x, training=True).numpy().any()
    assert layer(x).numpy().all()


@pytest.mark.parametrize("make", [lambda: layers.Dense(2), lambda: keras.Sequential()])
def test_a_layer_has_no_input_before_it_is_called(make):
    layer = make()
    assert not hasattr(layer, "input")
    assert getattr(layer, "output", None) is None


def test_activity_regularization_joins_the_losses():
    layer = layers.ActivityRegularization(l1=0.5, l2=0.25)
    layer(np.array([[1.0, -2.0], [0.0, 1.0]], "float32"))
    assert float(layer.losses[0]) == pytest.approx((0.5 * 4 + 0.25 * 6) / 2)


# ---- what cannot be


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: layers.Dense(-1, name="a"), r"'a'.*units.*from 1 on, got -1"),
        (lambda: layers.Dense(2.5, name="a"), r"units.*got 2.5"),
        (lambda: layers.Dense(2, activation="rleu"), "rleu.*did you mean 'relu'"),
        (lambda: layers.Dense(2, kernel_initializer="glorot_unifrm"), "did you mean"),
        (lambda: layers.Embedding("3", 2), "input_dim.*'3'"),
        (lambda: layers.EinsumDense("ab,bc", 2).build((None, 3)), "the form.*'ab,bc'"),
        (lambda: layers.EinsumDense("ab,bc->ac", 2, bias_axes="d").build((None, 3)), "bias_axes"),
        (lambda: layers.EinsumDense("abc,cd->abd", 4).build((None, 3, 2)), r"'bd'.*\(4,\)"),
        (lambda: layers.EinsumDense("ab,bc->ac", 4).build((None, 3, 2)), "does not fit"),
        (lambda: layers.Reshape((2, -2)), r"whole numbers.*\(2, -2\)"),
        (lambda: layers.Reshape((5,), name="a")(np.ones((2, 3))), r"'a': 3 elements.*\(5,\)"),
        (lambda: layers.Permute((1, 3)), r"1 to 2.*\(1, 3\)"),
        (lambda: layers.RepeatVector(0), "n is a whole number.*0"),
        (lambda: layers.RepeatVector(2, name="r")(np.ones(3)), r"'r'.*2 dimensions.*\(3,\)"),
        (lambda: layers.Flatten(data_format="channel_last"), "did you mean 'channels_last'"),
        (lambda: layers.Dropout(1.5), "0 to 1, got 1.5"),
        (lambda: layers.Dropout("half"), "0 to 1, got 'half'"),
        (lambda: layers.Dropout(0.5, noise_shape=(0, 1)), r"noise_shape.*\(0, 1\)"),
        (lambda: layers.GaussianDropout(1), "less than 1"),
        (lambda: layers.GaussianNoise(-1), "from 0 on, got -1"),
        (lambda: layers.LeakyReLU(-0.1), "negative_slope.*-0.1"),
        (lambda: layers.Lambda(3), "function.*3"),
        (lambda: layers.Dense(2, unit=3), "unknown argument.*'unit'"),
    ],
)
def test_bad_arguments_are_refused_with_layer_expected_and_got(make, message):
    with pytest.raises(InvalidArgumentError, match=message):
        make()


def test_quantized_weights_are_refused_and_their_empty_keys_accepted():
    assert layers.Dense(2, quantization_config=None, lora_rank=None).units == 2
    with pytest.raises(UnimplementedError, match="lora_rank"):
        layers.Dense(2, lora_rank=4)


def test_edges_of_the_graph_of_layers_are_keras_tensors():
    x = keras.KerasTensor((None, 3), dtype="int32")
    assert (x.shape, x.dtype.name) == ((None, 3), "int32")
    assert isinstance(x, keras.KerasTensor)
    assert isinstance(layers.Embedding(4, 2)(x), keras.KerasTensor)
    assert not isinstance(tf.ones((2, 3)), keras.KerasTensor)
    assert not isinstance(tf.Variable(1.0), keras.KerasTensor)


# ---- names and plain data


def test_a_layer_is_plain_data_and_a_layer_again():
    class Twice(layers.Layer):
        def call(self, inputs):
            return 2 * inputs

    config = keras.layers.serialize(Twice(name="double"))
    assert (config["class_name"], config["config"]["name"]) == ("Twice", "double")
    assert keras.layers.deserialize(config, custom_objects={"Twice": Twice}).name == "double"
    assert keras.layers.deserialize(keras.layers.serialize(layers.Dense(3))).units == 3
    with pytest.raises(UsageError, match="config of a layer"):
        keras.layers.deserialize(keras.optimizers.serialize(keras.optimizers.SGD()))


def test_weights_without_a_name_have_different_paths():
    class Two(layers.Layer):
        def build(self, input_shape):
            self.w = self.add_weight(shape=input_shape[-1:])
            self.b = self.add_weight(shape=())

        def call(self, inputs):
            return inputs * self.w + self.b

    keras.backend.clear_session()
    layer = Two()
    layer(np.ones((1, 3), "float32"))
    assert [w.path for w in layer.weights] == ["two/variable", "two/variable_1"]
    assert keras.Variable(1.0).name == "variable_2"


def test_categories_may_be_lists_and_numbers():
    counts = layers.CategoryEncoding(4, output_mode="count")(
        [[0, 1, 1]], count_weights=[[0.5, 1.0, 2.0]]
    )
    assert counts.numpy().tolist() == [[0.5, 3.0, 0.0, 0.0]]
    assert layers.CategoryEncoding(4, output_mode="multi_hot")([0, 3]).numpy().tolist() == [
        1.0, 0.0, 0.0, 1.0
    ]  # fmt: skip


def test_a_layer_finds_what_a_module_in_its_attributes_holds():
    class Pair(tf.Module):
        def __init__(self):
            super().__init__()
            self.inner, self.scale = keras.layers.Dense(2), tf.Variable(3.0)

    class Outer(keras.layers.Layer):
        def __init__(self):
            super().__init__()
            self.pair = Pair()

        def call(self, x):
            return self.pair.inner(x) * self.pair.scale

    layer = Outer()
    layer(np.ones((1, 4), "f4"))
    assert sorted(tuple(w.shape) for w in layer.weights) == [(), (2,), (4, 2)]
    assert layer.pair.inner in layer._flatten_layers()
