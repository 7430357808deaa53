"""Convolutions, pooling, up-sampling, padding and cropping (see also tests/keras_reference)."""

import numpy as np
import pytest

import minitf as tf
from minitf import keras
from minitf.errors import InvalidArgumentError, ShapeError

layers = keras.layers
SIZES = {1: (7,), 2: (6, 5), 3: (4, 5, 3)}


def first(x):
    """Move channels behind the batch."""
    return np.moveaxis(np.asarray(x), -1, 1)


def numbers(*shape):
    return np.random.RandomState(1).randn(*shape).astype("float32")


MAKERS = [
    (1, lambda **k: layers.Conv1D(3, 2, strides=2, activation="softmax", **k)),
    (1, lambda **k: layers.Conv1D(3, 3, padding="causal", **k)),
    (2, lambda **k: layers.Conv2D(4, (3, 2), padding="same", groups=2, **k)),
    (3, lambda **k: layers.Conv3D(3, 2, dilation_rate=(1, 2, 1), **k)),
    (1, lambda **k: layers.Conv1DTranspose(3, 3, strides=2, **k)),
    (2, lambda **k: layers.Conv2DTranspose(3, 4, strides=2, padding="same", **k)),
    (3, lambda **k: layers.Conv3DTranspose(3, 2, **k)),
    (1, lambda **k: layers.DepthwiseConv1D(2, depth_multiplier=2, **k)),
    (2, lambda **k: layers.DepthwiseConv2D(3, strides=2, padding="same", **k)),
    (1, lambda **k: layers.SeparableConv1D(3, 2, **k)),
    (2, lambda **k: layers.SeparableConv2D(3, 2, depth_multiplier=2, **k)),
    (1, lambda **k: layers.MaxPooling1D(3, strides=1, padding="same", **k)),
    (2, lambda **k: layers.MaxPooling2D((2, 3), **k)),
    (3, lambda **k: layers.AveragePooling3D(2, padding="same", **k)),
    (2, lambda **k: layers.GlobalMaxPooling2D(keepdims=True, **k)),
    (3, lambda **k: layers.GlobalAveragePooling3D(keepdims=True, **k)),
    (2, lambda **k: layers.AdaptiveAveragePooling2D((4, 2), **k)),
    (3, lambda **k: layers.AdaptiveMaxPooling3D(2, **k)),
    (2, lambda **k: layers.UpSampling2D((1, 3), **k)),
    (2, lambda **k: layers.UpSampling2D(2, interpolation="bilinear", **k)),
    (3, lambda **k: layers.UpSampling3D((2, 1, 2), **k)),
    (1, lambda **k: layers.ZeroPadding1D((1, 2), **k)),
    (3, lambda **k: layers.ZeroPadding3D(((1, 0), (0, 2), (1, 1)), **k)),
    (2, lambda **k: layers.Cropping2D(((1, 0), (0, 2)), **k)),
    (3, lambda **k: layers.Cropping3D((1, 1, 0), **k)),
]


@pytest.mark.parametrize(("rank", "make"), MAKERS)
def test_channels_first_is_the_same_transposed(rank, make):
    x = numbers(2, *SIZES[rank], 2)
    last, turned = make(), make(data_format="channels_first")
    if last(x).shape[-1:] == (3,) and getattr(last, "activation", None) is not None and (
            last.activation is keras.activations.softmax):  # fmt: skip
        turned.activation = lambda y: keras.activations.softmax(y, axis=1)
    expected = last(x)
    turned(first(x))
    turned.set_weights(last.get_weights())
    np.testing.assert_allclose(turned(first(x)), first(expected), rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize(("rank", "make"), MAKERS)
def test_unknown_sizes_give_the_shape_that_the_run_has(rank, make):
    layer = make()
    x = numbers(2, *SIZES[rank], 2)
    expected = layer(x)
    if "Adaptive" not in type(layer).__name__:
        open_ = (None,) * rank
        run = tf.function(layer, input_signature=[tf.TensorSpec((None, *open_, 2), tf.float32)])
        np.testing.assert_allclose(run(x), expected, rtol=1e-5, atol=1e-6)
        assert layer(keras.Input((*open_, 2))).shape.is_compatible_with(expected.shape)
    symbolic = layer(keras.Input((*SIZES[rank], 2)))
    assert tuple(symbolic.shape) == (None, *expected.shape[1:])
    assert tuple(layer.compute_output_shape((2, *SIZES[rank], 2))) == tuple(expected.shape)


@pytest.mark.parametrize(("rank", "make"), MAKERS)
def test_a_config_makes_an_equal_layer(rank, make):
    layer = make(name="it")
    config = layer.get_config()
    made = type(layer).from_config(config)
    assert made.get_config() == config
    x = numbers(2, *SIZES[rank], 2)
    expected = layer(x)
    made(x)
    made.set_weights(layer.get_weights())
    np.testing.assert_array_equal(made(x), expected)


def test_a_causal_convolution_does_not_see_the_future():
    layer = layers.Conv1D(2, 3, padding="causal", dilation_rate=2)
    x = numbers(1, 10, 2)
    before = layer(x).numpy()
    x[:, 6:] += 1
    changed = (layer(x).numpy() != before).any((0, 2))
    assert changed.tolist() == [False] * 6 + [True] * 4


@pytest.mark.parametrize("data_format", ["channels_last", "channels_first"])
def test_a_subclass_replaces_or_calls_the_convolution_alone(data_format):
    class Doubled(layers.Conv2D):
        def convolution_op(self, inputs, kernel):
            return super().convolution_op(inputs, 2 * kernel)

    class Shifted(layers.Conv2D):
        def call(self, inputs):
            return self.convolution_op(inputs, self.kernel) + 7

    x = numbers(2, 5, 5, 5)
    plain, doubled, shifted = (
        make(3, 2, data_format=data_format) for make in (layers.Conv2D, Doubled, Shifted)
    )
    expected = plain(x).numpy()
    for layer, wanted in [(doubled, 2 * expected), (shifted, expected + 7)]:
        layer.build(x.shape)
        layer.set_weights(plain.get_weights())
        np.testing.assert_allclose(layer(x), wanted, rtol=1e-5, atol=1e-6)


def test_groups_do_not_see_each_other():
    layer = layers.Conv2D(4, 2, groups=2)
    x = numbers(1, 4, 4, 4)
    before = layer(x).numpy()
    x[..., 2:] += 1
    changed = (layer(x).numpy() != before).any((0, 1, 2))
    assert changed.tolist() == [False, False, True, True]
    assert layer.kernel.shape == (2, 2, 2, 4)


@pytest.mark.parametrize("padding", ["same", "valid"])
@pytest.mark.parametrize("stride", [1, 2, 3])
def test_a_transposed_convolution_leads_back_to_the_shape(padding, stride):
    x = numbers(1, 12, 12, 2)
    down = layers.Conv2D(3, 4, strides=stride, padding=padding)(x)
    up = layers.Conv2DTranspose(2, 4, strides=stride, padding=padding)(down)
    if padding == "same" or (12 - 4) % stride == 0:
        assert up.shape == x.shape


def test_a_transposed_convolution_is_the_gradient_of_the_convolution():
    dy, x = numbers(2, 5, 5, 3), tf.constant(numbers(2, 10, 10, 2))
    up = layers.Conv2DTranspose(2, 3, strides=2, padding="same", use_bias=False)
    expected = up(dy)
    with tf.GradientTape() as tape:
        tape.watch(x)
        y = tf.nn.conv2d(x, up.kernel, 2, "SAME")
    np.testing.assert_allclose(tape.gradient(y, x, dy), expected, rtol=1e-4, atol=1e-5)


def test_adaptive_windows_overlap_where_they_must():
    x = np.arange(5, dtype="float32").reshape(1, 5, 1)
    assert layers.AdaptiveAveragePooling1D(3)(x).numpy().ravel().tolist() == [0.5, 2, 3.5]
    assert layers.AdaptiveMaxPooling1D(3)(x).numpy().ravel().tolist() == [1, 3, 4]


def test_old_names_are_the_same_classes():
    for old, new in (("MaxPool2D", "MaxPooling2D"), ("AvgPool1D", "AveragePooling1D"),
                     ("GlobalAvgPool2D", "GlobalAveragePooling2D"), ("Convolution2D", "Conv2D"),
                     ("GlobalMaxPool1D", "GlobalMaxPooling1D"),
                     ("SeparableConvolution2D", "SeparableConv2D")):  # fmt: skip
        assert getattr(layers, old) is getattr(layers, new)


def test_the_format_that_the_program_sets():
    keras.config.set_image_data_format("channels_first")
    try:
        assert layers.Conv2D(3, 2)(numbers(1, 2, 6, 7)).shape == (1, 3, 5, 6)
    finally:
        keras.config.set_image_data_format("channels_last")


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: layers.Conv2D(0, 3, name="c"), "'c'.*filters.*from 1 on, got 0"),
        (lambda: layers.Conv2D(3, (3, 3, 3)), r"kernel_size.*2 of them, got \(3, 3, 3\)"),
        (lambda: layers.Conv2D(3, 3, strides=0), "strides.*got 0"),
        (lambda: layers.Conv2D(3, 3, padding="smae"), "did you mean 'same'"),
        (lambda: layers.Conv2D(3, 3, padding="causal"), "'valid', 'same', got 'causal'"),
        (lambda: layers.Conv2D(3, 3, data_format="NHWC"), "data_format.*'NHWC'"),
        (lambda: layers.Conv2D(3, 3, groups=2), "3 filters.*2 groups"),
        (lambda: layers.Conv2DTranspose(3, 3, strides=2, output_padding=2), "output_padding.*2"),
        (lambda: layers.DepthwiseConv2D(3, depth_multiplier=0), "depth_multiplier.*0"),
        (lambda: layers.MaxPooling2D(0), "pool_size.*0"),
        (lambda: layers.MaxPooling1D(2, padding="causal"), "padding.*'causal'"),
        (lambda: layers.AdaptiveMaxPooling2D((1, 2, 3)), "output_size"),
        (lambda: layers.UpSampling2D(2, interpolation="bilinaer"), "did you mean 'bilinear'"),
        (lambda: layers.ZeroPadding2D(-1), "padding.*-1"),
        (lambda: layers.ZeroPadding2D((1, 2, 3)), r"padding.*\(1, 2, 3\)"),
        (lambda: layers.Cropping3D((1, 2)), r"cropping.*\(1, 2\)"),
    ],
)
def test_bad_arguments_are_refused_with_layer_expected_and_got(make, message):
    with pytest.raises(InvalidArgumentError, match=message):
        make()


@pytest.mark.parametrize(
    ("layer", "shape", "message"),
    [
        (layers.Conv2D(3, 3, name="c"), (2, 8, 8), r"'c'.*2 spatial axes.*\(2, 8, 8\)"),
        (layers.Conv2D(4, 3, groups=2, name="c"), (2, 8, 8, 3), "'c': 3 channels.*2 groups"),
        (layers.Conv2D(4, 9, name="c"), (2, 8, 8, 3), "9 elements.*into 8"),
        (layers.MaxPooling2D(name="p"), (2, 8, 8), r"'p'.*4 dimensions.*\(2, 8, 8\)"),
        (layers.MaxPooling2D(9, name="p"), (2, 8, 8, 1), "9 elements.*into 8"),
        (layers.Cropping1D(4, name="p"), (2, 8, 1), r"'p'.*leaves nothing.*\(2, 8, 1\)"),
        (layers.GlobalAveragePooling1D(name="p"), (2, 8), r"'p'.*3 dimensions.*\(2, 8\)"),
    ],
)
def test_inputs_that_do_not_fit(layer, shape, message):
    with pytest.raises(ShapeError, match=message):
        layer(np.ones(shape, "float32"))


def test_other_channels_than_it_was_built_for():
    layer = layers.Conv2D(3, 3, name="c")
    layer(np.ones((1, 5, 5, 2), "float32"))
    with pytest.raises(ShapeError, match=r"'c'.*size 2 of axis -1.*\(1, 5, 5, 4\)"):
        layer(np.ones((1, 5, 5, 4), "float32"))


def test_channels_must_be_known():
    with pytest.raises(InvalidArgumentError, match="'c'.*known"):
        layers.Conv2D(3, 3, name="c")(keras.Input((8, 8, None)))
    with pytest.raises(InvalidArgumentError, match="'p'.*known size"):
        layers.AdaptiveMaxPooling1D(3, name="p")(keras.Input((None, 2)))
