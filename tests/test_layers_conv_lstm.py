"""ConvLSTM layers, where Keras' stored values (test_keras_reference) do not reach."""

import doctest

import numpy as np
import pytest

from minitf import keras
from minitf.errors import Error
from minitf.layers import conv_lstm
from minitf.layers.conv_lstm import ConvLSTM1D, ConvLSTM2D
from minitf.layers.lstm import LSTM


def numbers(*shape, seed=0):
    return np.random.default_rng(seed).normal(size=shape).astype("float32")


def test_a_window_of_one_over_one_place_is_an_lstm():
    images = numbers(2, 5, 1, 3)
    convolving, multiplying = (
        ConvLSTM1D(4, 1, return_sequences=True),
        LSTM(4, return_sequences=True),
    )
    convolving.build(images.shape)
    multiplying.build((2, 5, 3))
    kernel, recurrent, bias = convolving.get_weights()
    multiplying.set_weights([kernel[0], recurrent[0], bias])
    wanted = multiplying(images[:, :, 0])
    np.testing.assert_allclose(convolving(images)[:, :, 0], wanted, rtol=1e-5, atol=1e-6)


def test_channels_first_is_channels_last_transposed():
    images = numbers(2, 3, 5, 4, 2)
    last = ConvLSTM2D(3, 2, strides=2, return_sequences=True, return_state=True)
    first = ConvLSTM2D(3, 2, strides=2, return_sequences=True, return_state=True,
                       data_format="channels_first")  # fmt: skip
    wanted = last(images)
    turned = images.transpose(0, 1, 4, 2, 3)
    first.build(turned.shape)
    first.set_weights(last.get_weights())
    for found, same in zip(first(turned), wanted, strict=True):
        np.testing.assert_allclose(found, np.moveaxis(same, -1, -3), rtol=1e-5, atol=1e-6)


def test_what_is_dropped_is_the_same_at_every_step():
    """With no state kept, equal images under one mask give equal outputs; dropping is visible."""
    keras.utils.set_random_seed(1)
    layer = ConvLSTM2D(4, 3, dropout=0.5, recurrent_initializer="zeros", activation="linear",
                       recurrent_activation=lambda gate: gate * 0 + 0.5)  # fmt: skip
    image = numbers(1, 1, 6, 6, 2)
    once, same = layer(image, training=True), layer(image)
    assert not np.allclose(once, same)
    cell = layer.cell
    with cell.steady_masks(1, True):
        zeros = cell.get_initial_state(1)
        first, second = (cell(image[:, 0], zeros, training=True)[0] for _ in range(2))
    np.testing.assert_array_equal(first, second)


@pytest.mark.parametrize("options", [{}, {"recurrent_dropout": 0.4}], ids=["input", "both"])
def test_learns_with_dropout(options):
    keras.utils.set_random_seed(2)
    model = keras.Sequential([keras.Input((4, 6, 6, 1)),
                              ConvLSTM2D(4, 3, padding="same", dropout=0.1, **options),
                              keras.layers.Conv2D(1, 1)])  # fmt: skip
    model.compile(keras.optimizers.Adam(0.01), "mse")
    x = numbers(32, 4, 6, 6, 1)
    losses = model.fit(x, x[:, -1], epochs=8, batch_size=8, verbose=0).history["loss"]
    assert losses[-1] < 0.8 * losses[0]


def test_a_model_is_saved_and_loaded(tmp_path):
    model = keras.Sequential([keras.Input((3, 5, 5, 2)), ConvLSTM2D(2, 3, name="seen")])
    model.save(tmp_path / "model.keras")
    loaded = keras.models.load_model(tmp_path / "model.keras")
    assert loaded.weights[0].path == "seen/conv_lstm_cell/kernel"
    x = numbers(2, 3, 5, 5, 2)
    np.testing.assert_array_equal(loaded.predict(x, verbose=0), model.predict(x, verbose=0))


def test_a_stateful_layer_goes_on_where_it_ended():
    images = numbers(2, 6, 5, 4, 1)
    whole = ConvLSTM2D(2, 3, padding="same")
    wanted = whole(images)
    parts = ConvLSTM2D(2, 3, padding="same", stateful=True)
    parts.build((2, 3, 5, 4, 1))
    parts.set_weights(whole.get_weights())
    parts(images[:, :3])
    np.testing.assert_allclose(parts(images[:, 3:]), wanted, rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda: ConvLSTM2D(0, 3), "filters is a whole number"),
        (lambda: ConvLSTM2D(2, (3, 3, 3)), "kernel_size"),
        (lambda: ConvLSTM2D(2, 3, padding="causal"), "padding"),
        (lambda: ConvLSTM2D(2, 3, strides=2, dilation_rate=2), "strides or dilation_rate"),
        (lambda: ConvLSTM2D(2, 3)(keras.Input((None, None, 8, 1))), "known shape"),
        (lambda: ConvLSTM2D(2, 9)(numbers(1, 2, 8, 8, 1)), "window"),
        (lambda: ConvLSTM2D(2, 3)(numbers(1, 8, 8, 1)), "expected sequences"),
    ],
)
def test_bad_input_is_refused(make, words):
    with pytest.raises(Error, match=words):
        make()


def test_docstrings_run():
    assert doctest.testmod(conv_lstm).failed == 0
