"""Masks that travel from Embedding and Masking through recurrent layers; states of these."""

import numpy as np
import tensorflow as tf
from tensorflow import keras
from tensorflow.keras import layers

raw_inputs = [[711, 632, 71], [73, 8, 3215, 55, 927], [83, 91, 1, 645, 1253, 927]]
padded_inputs = keras.utils.pad_sequences(raw_inputs, padding="post")
embedding = layers.Embedding(input_dim=5000, output_dim=4, mask_zero=True)
masked_output = embedding(padded_inputs)
mask = masked_output._keras_mask
masking = layers.Masking(mask_value=0.0)
numbers = tf.constant([[[1.0, 0.0], [0.0, 0.0], [2.0, 3.0]]])
unmasked = masking(numbers)


class TemporalSplit(keras.layers.Layer):
    """Splits a sequence in half; the mask as well."""

    def call(self, inputs):
        return tf.split(inputs, 2, axis=1)

    def compute_mask(self, inputs, mask=None):
        if mask is None:
            return None
        return tf.split(mask, 2, axis=1)


class CustomEmbedding(keras.layers.Layer):
    def __init__(self, input_dim, output_dim, mask_zero=False, **kwargs):
        super().__init__(**kwargs)
        self.input_dim = input_dim
        self.output_dim = output_dim
        self.mask_zero = mask_zero

    def build(self, input_shape):
        self.embeddings = self.add_weight(
            shape=(self.input_dim, self.output_dim), initializer="random_normal", dtype="float32"
        )

    def call(self, inputs):
        return tf.nn.embedding_lookup(self.embeddings, inputs)

    def compute_mask(self, inputs, mask=None):
        if not self.mask_zero:
            return None
        return tf.not_equal(inputs, 0)


class MyActivation(keras.layers.Layer):
    def __init__(self, **kwargs):
        super().__init__(**kwargs)
        self.supports_masking = True

    def call(self, inputs):
        return tf.nn.relu(inputs)


class TemporalSoftmax(keras.layers.Layer):
    def call(self, inputs, mask=None):
        broadcast = tf.expand_dims(tf.cast(mask, "float32"), -1)
        exponentials = tf.exp(inputs) * broadcast
        return exponentials / tf.reduce_sum(exponentials * broadcast, axis=1, keepdims=True)


first_half, second_half = TemporalSplit()(masked_output)
y = CustomEmbedding(10, 3, mask_zero=True)(np.array([[1, 2, 0]]))
through = MyActivation()(y)

inputs = keras.Input(shape=(None,), dtype="int32")
x = layers.Embedding(input_dim=20, output_dim=4, mask_zero=True)(inputs)
x = MyActivation()(x)
x = layers.GRU(5, return_sequences=True)(x)
soft = TemporalSoftmax()(x)
model = keras.Model(inputs, soft)
out = model(np.array([[1, 2, 3, 0, 0], [4, 5, 0, 0, 0]]))

# The padding has no influence on the last output.
lstm = layers.LSTM(3)
short = lstm(tf.constant([[[1.0, 2.0]]]))
long = lstm(tf.constant([[[1.0, 2.0], [9.0, 9.0]]]), mask=tf.constant([[True, False]]))

whole = layers.LSTM(4, return_sequences=True, return_state=True)
sequence, h, c = whole(tf.random.normal([2, 5, 3]))
stateful = layers.LSTM(2, stateful=True)
series = tf.constant(np.arange(12, dtype="float32").reshape(1, 6, 2) / 10)
stateful(series[:, :3])
in_parts = stateful(series[:, 3:])
stateful.reset_states()
at_once = stateful(series)
handed_on = layers.LSTM(4)(tf.zeros([2, 1, 3]), initial_state=[h, c])
cells = layers.RNN([layers.LSTMCell(4), layers.GRUCell(3)])(tf.ones([2, 5, 3]))
both = layers.Bidirectional(layers.SimpleRNN(3, return_sequences=True), merge_mode="sum")(
    tf.ones([2, 5, 3])
)
in_time = layers.TimeDistributed(layers.Dense(2))(tf.ones([2, 5, 3]))

RESULT = {
    "padded": padded_inputs,
    "mask": mask,
    "masked": unmasked._keras_mask,
    "halves": [first_half._keras_mask, second_half._keras_mask],
    "custom": y._keras_mask,
    "passed on": through._keras_mask,
    "sums": tf.reduce_sum(out, axis=1),
    "zero at padding": float(tf.reduce_sum(tf.abs(out[0, 3:]))),
    "no influence": bool(np.allclose(short, long, atol=1e-6)),
    "states": [sequence.shape, h.shape, c.shape],
    "last": bool(np.allclose(sequence[:, -1], h)),
    "stateful": bool(np.allclose(in_parts, at_once, atol=1e-6)),
    "shapes": [handed_on.shape, cells.shape, both.shape, in_time.shape],
}
