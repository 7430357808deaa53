"""Translation with attention: encoder, Bahdanau attention and decoder, and a loop of one's own."""

import numpy as np
import tensorflow as tf

BATCH, UNITS, EMBED, SOURCE, TARGET = 8, 12, 6, 11, 9
rng = np.random.default_rng(10)
inp = rng.integers(1, SOURCE, size=(32, 5))
targ = np.concatenate([np.ones((32, 1), int), np.minimum(inp[:, ::-1], TARGET - 1)[:, :3]], axis=1)
dataset = tf.data.Dataset.from_tensor_slices((inp, targ)).shuffle(32)
dataset = dataset.batch(BATCH, drop_remainder=True)


class Encoder(tf.keras.Model):
    def __init__(self, vocab_size, embedding_dim, enc_units, batch_sz):
        super().__init__()
        self.batch_sz = batch_sz
        self.enc_units = enc_units
        self.embedding = tf.keras.layers.Embedding(vocab_size, embedding_dim)
        self.gru = tf.keras.layers.GRU(
            enc_units,
            return_sequences=True,
            return_state=True,
            recurrent_initializer="glorot_uniform",
        )

    def call(self, x, hidden):
        x = self.embedding(x)
        output, state = self.gru(x, initial_state=hidden)
        return output, state

    def initialize_hidden_state(self):
        return tf.zeros((self.batch_sz, self.enc_units))


class BahdanauAttention(tf.keras.layers.Layer):
    def __init__(self, units):
        super().__init__()
        self.W1 = tf.keras.layers.Dense(units)
        self.W2 = tf.keras.layers.Dense(units)
        self.V = tf.keras.layers.Dense(1)

    def call(self, query, values):
        query_with_time_axis = tf.expand_dims(query, 1)
        score = self.V(tf.nn.tanh(self.W1(query_with_time_axis) + self.W2(values)))
        attention_weights = tf.nn.softmax(score, axis=1)
        context_vector = tf.reduce_sum(attention_weights * values, axis=1)
        return context_vector, attention_weights


class Decoder(tf.keras.Model):
    def __init__(self, vocab_size, embedding_dim, dec_units):
        super().__init__()
        self.embedding = tf.keras.layers.Embedding(vocab_size, embedding_dim)
        self.gru = tf.keras.layers.GRU(dec_units, return_sequences=True, return_state=True)
        self.fc = tf.keras.layers.Dense(vocab_size)
        self.attention = BahdanauAttention(dec_units)

    def call(self, x, hidden, enc_output):
        context_vector, attention_weights = self.attention(hidden, enc_output)
        x = self.embedding(x)
        x = tf.concat([tf.expand_dims(context_vector, 1), x], axis=-1)
        output, state = self.gru(x)
        output = tf.reshape(output, (-1, output.shape[2]))
        return self.fc(output), state, attention_weights


encoder = Encoder(SOURCE, EMBED, UNITS, BATCH)
decoder = Decoder(TARGET, EMBED, UNITS)
optimizer = tf.keras.optimizers.Adam(0.01)
loss_object = tf.keras.losses.SparseCategoricalCrossentropy(from_logits=True, reduction="none")


def loss_function(real, pred):
    mask = tf.math.logical_not(tf.math.equal(real, 0))
    loss_ = loss_object(real, pred)
    mask = tf.cast(mask, dtype=loss_.dtype)
    loss_ *= mask
    return tf.reduce_mean(loss_)


@tf.function
def train_step(inp, targ, enc_hidden):
    loss = 0.0
    with tf.GradientTape() as tape:
        enc_output, enc_hidden = encoder(inp, enc_hidden)
        dec_hidden = enc_hidden
        dec_input = tf.expand_dims([1] * BATCH, 1)
        for t in range(1, targ.shape[1]):
            predictions, dec_hidden, _ = decoder(dec_input, dec_hidden, enc_output)
            loss += loss_function(targ[:, t], predictions)
            dec_input = tf.expand_dims(targ[:, t], 1)
    batch_loss = loss / int(targ.shape[1])
    variables = encoder.trainable_variables + decoder.trainable_variables
    gradients = tape.gradient(loss, variables)
    optimizer.apply_gradients(zip(gradients, variables))
    return batch_loss


encoder(inp[:BATCH], encoder.initialize_hidden_state())
decoder(tf.ones((BATCH, 1), tf.int32), tf.zeros((BATCH, UNITS)), tf.zeros((BATCH, 5, UNITS)))
epoch_losses = []
for _ in range(6):
    total_loss = 0.0
    enc_hidden = encoder.initialize_hidden_state()
    for inp_batch, targ_batch in dataset.take(4):
        total_loss += train_step(inp_batch, targ_batch, enc_hidden)
    epoch_losses.append(float(total_loss) / 4)

enc_out, hidden = encoder(inp[:1], tf.zeros((1, UNITS)))
dec_input, plot = tf.expand_dims([1], 0), np.zeros((3, 5))
for t in range(3):
    predictions, hidden, attention_weights = decoder(dec_input, hidden, enc_out)
    plot[t] = tf.reshape(attention_weights, (-1,)).numpy()
    dec_input = tf.expand_dims([tf.argmax(predictions[0]).numpy()], 0)

RESULT = {
    "fell": epoch_losses[-1] < epoch_losses[0],
    "weights sum to one": plot.sum(axis=1).round(4),
    "shapes": [enc_out.shape, predictions.shape, attention_weights.shape],
    "variables": [len(encoder.trainable_variables), len(decoder.trainable_variables)],
    "masked": float(loss_function(tf.constant([0, 0]), tf.ones((2, 4)))),
    "steps": int(optimizer.iterations),
}
