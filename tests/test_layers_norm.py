"""Normalization layers (see also tests/keras_reference)."""

import numpy as np
import pytest

import minitf as tf
from minitf import keras
from minitf.errors import InvalidArgumentError, ShapeError, UnimplementedError

layers = keras.layers


def numbers(*shape, mean=0.0, scale=1.0):
    return (mean + scale * np.random.RandomState(1).randn(*shape)).astype("float32")


def flat(y, axes):
    """Return mean and deviation over some axes, all of them as one array."""
    y = np.asarray(y)
    return np.concatenate([y.mean(axes).ravel(), y.std(axes).ravel() - 1])


# ---- BatchNormalization


@pytest.mark.parametrize(
    ("axis", "shape", "others"),
    [(-1, (64, 3), (0,)), (-1, (8, 5, 5, 3), (0, 1, 2)), (1, (8, 3, 5, 5), (0, 2, 3))],
)
def test_the_batch_gets_mean_zero_and_variance_one(axis, shape, others):
    layer = layers.BatchNormalization(axis=axis, epsilon=1e-6)
    y = layer(numbers(*shape, mean=5, scale=3), training=True)
    np.testing.assert_allclose(flat(y, others), 0, atol=1e-3)


@pytest.mark.parametrize("in_graph", [False, True])
def test_moving_statistics_come_close_to_those_of_the_data(in_graph):
    layer = layers.BatchNormalization(momentum=0.5)
    x = numbers(256, 2, mean=5, scale=3)
    train = (tf.function if in_graph else lambda f: f)(lambda x: layer(x, training=True))
    for _ in range(30):
        train(x)
    np.testing.assert_allclose(layer.moving_mean.numpy(), x.mean(0), rtol=1e-4)
    np.testing.assert_allclose(layer.moving_variance.numpy(), x.var(0), rtol=1e-4)
    np.testing.assert_allclose(flat(layer(x), 0), 0, atol=1e-3)


def test_one_call_in_a_function_moves_once():
    layer = layers.BatchNormalization(momentum=0.9)
    x = np.array([[2.0], [4.0]], "float32")
    layer.build((None, 1))
    tf.function(lambda x: layer(x, training=True))(x)
    assert layer.moving_mean.numpy() == pytest.approx(0.3)
    assert layer.moving_variance.numpy() == pytest.approx(0.9 + 0.1)


@pytest.mark.parametrize("how", [{"training": False}, {}])
def test_nothing_moves_outside_of_training(how):
    layer = layers.BatchNormalization()
    layer(numbers(4, 2, mean=9), **how)
    assert layer.moving_mean.numpy().tolist() == [0, 0]


def test_a_frozen_layer_uses_and_keeps_its_statistics():
    layer = layers.BatchNormalization(epsilon=0.0)
    layer.trainable = False
    x = numbers(4, 2, mean=9)
    np.testing.assert_allclose(layer(x, training=True), x, rtol=1e-6)
    assert layer.moving_mean.numpy().tolist() == [0, 0]
    assert layer.trainable_weights == []


def test_weights_are_in_the_order_of_files():
    layer = layers.BatchNormalization()
    layer.build((None, 2))
    names = [w.name for w in layer.weights]
    assert names == ["gamma", "beta", "moving_mean", "moving_variance"]
    assert [w.name for w in layer.trainable_weights] == ["gamma", "beta"]


def test_masked_steps_are_not_averaged_over():
    x = numbers(2, 3, 2)
    mask = np.array([[True, True, False], [True, False, False]])
    layer = layers.BatchNormalization(momentum=0.0)
    layer(x, training=True, mask=mask)
    np.testing.assert_allclose(layer.moving_mean.numpy(), x[mask].mean(0), rtol=1e-5)
    np.testing.assert_allclose(layer.moving_variance.numpy(), x[mask].var(0), rtol=1e-4)


def test_half_precision_keeps_statistics_in_single():
    layer = layers.BatchNormalization(dtype="mixed_float16")
    y = layer(numbers(8, 2, mean=300).astype("float16"), training=True)
    assert y.dtype == tf.float16
    assert np.isfinite(y.numpy()).all()
    assert layer.moving_mean.dtype == tf.float32
    assert layer.moving_mean.numpy()[0] == pytest.approx(3.0, rel=0.01)


def test_gradients_take_the_batch_into_account():
    """A constant added to all inputs changes nothing, so gradients sum up to 0."""
    layer, x = layers.BatchNormalization(), tf.constant(numbers(8, 3))
    with tf.GradientTape() as tape:
        tape.watch(x)
        y = tf.reduce_sum(layer(x, training=True) ** 3)
    np.testing.assert_allclose(tape.gradient(y, x).numpy().sum(0), 0, atol=1e-4)


# ---- LayerNormalization, GroupNormalization, ...


@pytest.mark.parametrize("axis", [-1, 1, (1, 2), [-2, -1]])
def test_features_get_mean_zero_and_variance_one(axis):
    y = layers.LayerNormalization(axis=axis, epsilon=1e-6)(numbers(4, 16, 8, mean=5, scale=3))
    axes = tuple(axis) if isinstance(axis, (list, tuple)) else axis
    np.testing.assert_allclose(flat(y, axes), 0, atol=1e-3)


def test_layer_normalization_of_half_precision_does_not_overflow():
    layer = layers.LayerNormalization(dtype="mixed_float16")
    y = layer(np.array([[3e4, -3e4]], "float16"))
    assert y.dtype == tf.float16
    np.testing.assert_allclose(y, [[1, -1]], atol=1e-2)


def test_layer_normalization_of_steps_that_only_the_run_knows():
    layer = layers.LayerNormalization()
    x = numbers(2, 3, 4)
    expected = layer(x)
    run = tf.function(layer, input_signature=[tf.TensorSpec((None, None, 4), tf.float32)])
    np.testing.assert_allclose(run(x), expected, rtol=1e-5, atol=1e-6)
    assert tuple(layer(keras.Input((None, 4))).shape) == (None, None, 4)


def test_one_group_is_layer_normalization_and_as_many_as_channels_instance_normalization():
    x = numbers(2, 5, 5, 4, mean=2)
    whole = layers.LayerNormalization(axis=(1, 2, 3))(x)
    np.testing.assert_allclose(layers.GroupNormalization(1)(x), whole, rtol=1e-4, atol=1e-5)
    each = layers.GroupNormalization(-1, epsilon=1e-6)(x)
    np.testing.assert_allclose(flat(each, (1, 2)), 0, atol=1e-3)


def test_group_normalization_of_channels_first():
    x = numbers(2, 5, 6, 4)
    last = layers.GroupNormalization(2)(x).numpy()
    first = layers.GroupNormalization(2, axis=1)(np.moveaxis(x, -1, 1)).numpy()
    np.testing.assert_allclose(np.moveaxis(first, 1, -1), last, rtol=1e-5, atol=1e-6)


def test_rms_and_unit_lengths():
    x = numbers(3, 8)
    y = layers.RMSNormalization(epsilon=0.0)(x).numpy()
    np.testing.assert_allclose((y**2).mean(-1), 1, rtol=1e-5)
    y = layers.UnitNormalization()(x).numpy()
    np.testing.assert_allclose((y**2).sum(-1), 1, rtol=1e-5)
    assert layers.UnitNormalization()(np.zeros((1, 2), "float32")).numpy().tolist() == [[0, 0]]


@pytest.mark.parametrize(
    ("inner", "x"),
    [
        (lambda: layers.Dense(4), numbers(2, 6)),
        (lambda: layers.Conv2D(4, 2), numbers(2, 5, 5, 3)),
        (lambda: layers.Embedding(6, 3), np.array([[1, 2]])),
    ],
)
def test_spectral_normalization_brings_the_largest_singular_value_to_one(inner, x):
    layer = layers.SpectralNormalization(inner(), power_iterations=3)
    layer(x)
    for _ in range(30):
        layer(x, training=True)
    matrix = layer.kernel.numpy().reshape(-1, layer.kernel.shape[-1])
    assert np.linalg.norm(matrix, 2) == pytest.approx(1, abs=1e-3)
    before = layer.kernel.numpy()
    layer(x)
    np.testing.assert_array_equal(layer.kernel.numpy(), before)


def test_spectral_normalization_of_zeros_stays_zero():
    layer = layers.SpectralNormalization(layers.Dense(2, kernel_initializer="zeros"))
    y = layer(numbers(2, 3), training=True)
    assert y.numpy().tolist() == [[0, 0], [0, 0]]
    assert np.isfinite(layer.vector_u.numpy()).all()
    assert layer.vector_u.numpy().any()


@pytest.mark.parametrize(
    ("make", "error", "message"),
    [
        (lambda: layers.LayerNormalization(axis="1"), InvalidArgumentError, "axis.*'1'"),
        (lambda: layers.BatchNormalization(axis=(1, 2)), InvalidArgumentError, "one axis"),
        (lambda: layers.BatchNormalization(renorm=True), UnimplementedError, "renorm"),
        (lambda: layers.BatchNormalization(axis=4, name="b")(numbers(2, 3)), InvalidArgumentError,
         r"'b'.*\(2, 3\) has no axis 4"),
        (lambda: layers.BatchNormalization(name="b")(keras.Input((3, None))), InvalidArgumentError,
         "'b'.*known"),
        (lambda: layers.GroupNormalization(3, name="g")(numbers(2, 4)), ShapeError,
         "'g': 4 channels.*3 groups"),
        (lambda: layers.GroupNormalization(0), InvalidArgumentError, "groups.*0"),
        (lambda: layers.SpectralNormalization(layers.Flatten())(numbers(2, 3)),
         InvalidArgumentError, "Flatten has neither a kernel"),
        (lambda: layers.SpectralNormalization(layers.Dense(2), power_iterations=0),
         InvalidArgumentError, "power_iterations"),
    ],
)  # fmt: skip
def test_what_cannot_be_normalized(make, error, message):
    with pytest.raises(error, match=message):
        make()


def test_a_mask_of_the_wrong_shape():
    with pytest.raises(ShapeError, match=r"'b'.*\(2, 5, 3\), got \(2,\)"):
        layers.BatchNormalization(name="b")(numbers(2, 5, 3), training=True, mask=np.ones(2, bool))
