"""The parts of a Transformer written out: positions, attention, masks, its schedule."""

import numpy as np
import tensorflow as tf


def get_angles(pos, i, d_model):
    return pos * (1 / np.power(10000, (2 * (i // 2)) / np.float32(d_model)))


def positional_encoding(position, d_model):
    angle_rads = get_angles(
        np.arange(position)[:, np.newaxis], np.arange(d_model)[np.newaxis, :], d_model
    )
    angle_rads[:, 0::2] = np.sin(angle_rads[:, 0::2])
    angle_rads[:, 1::2] = np.cos(angle_rads[:, 1::2])
    return tf.cast(angle_rads[np.newaxis, ...], dtype=tf.float32)


def create_padding_mask(seq):
    seq = tf.cast(tf.math.equal(seq, 0), tf.float32)
    return seq[:, tf.newaxis, tf.newaxis, :]


def create_look_ahead_mask(size):
    return 1 - tf.linalg.band_part(tf.ones((size, size)), -1, 0)


def scaled_dot_product_attention(q, k, v, mask):
    matmul_qk = tf.matmul(q, k, transpose_b=True)
    dk = tf.cast(tf.shape(k)[-1], tf.float32)
    scaled_attention_logits = matmul_qk / tf.math.sqrt(dk)
    if mask is not None:
        scaled_attention_logits += mask * -1e9
    attention_weights = tf.nn.softmax(scaled_attention_logits, axis=-1)
    return tf.matmul(attention_weights, v), attention_weights


class MultiHeadAttention(tf.keras.layers.Layer):
    def __init__(self, d_model, num_heads):
        super().__init__()
        self.num_heads = num_heads
        self.d_model = d_model
        self.depth = d_model // num_heads
        self.wq = tf.keras.layers.Dense(d_model)
        self.wk = tf.keras.layers.Dense(d_model)
        self.wv = tf.keras.layers.Dense(d_model)
        self.dense = tf.keras.layers.Dense(d_model)

    def split_heads(self, x, batch_size):
        x = tf.reshape(x, (batch_size, -1, self.num_heads, self.depth))
        return tf.transpose(x, perm=[0, 2, 1, 3])

    def call(self, v, k, q, mask=None):
        batch_size = tf.shape(q)[0]
        q = self.split_heads(self.wq(q), batch_size)
        k = self.split_heads(self.wk(k), batch_size)
        v = self.split_heads(self.wv(v), batch_size)
        scaled_attention, attention_weights = scaled_dot_product_attention(q, k, v, mask)
        scaled_attention = tf.transpose(scaled_attention, perm=[0, 2, 1, 3])
        concat_attention = tf.reshape(scaled_attention, (batch_size, -1, self.d_model))
        return self.dense(concat_attention), attention_weights


class CustomSchedule(tf.keras.optimizers.schedules.LearningRateSchedule):
    def __init__(self, d_model, warmup_steps=4000):
        super().__init__()
        self.d_model = tf.cast(d_model, tf.float32)
        self.warmup_steps = warmup_steps

    def __call__(self, step):
        step = tf.cast(step, dtype=tf.float32)
        arg1 = tf.math.rsqrt(step)
        arg2 = step * (self.warmup_steps**-1.5)
        return tf.math.rsqrt(self.d_model) * tf.math.minimum(arg1, arg2)


class Classifier(tf.keras.Model):
    def __init__(self, vocab, d_model=8):
        super().__init__()
        self.d_model = d_model
        self.embedding = tf.keras.layers.Embedding(vocab, d_model)
        self.pos_encoding = positional_encoding(16, d_model)
        self.mha = MultiHeadAttention(d_model, 2)
        self.norm = tf.keras.layers.LayerNormalization(epsilon=1e-6)
        self.final = tf.keras.layers.Dense(vocab)

    def call(self, x, training=False):
        mask = tf.maximum(create_padding_mask(x), create_look_ahead_mask(tf.shape(x)[1]))
        seq_len = tf.shape(x)[1]
        x = self.embedding(x) * tf.math.sqrt(tf.cast(self.d_model, tf.float32))
        x += self.pos_encoding[:, :seq_len, :]
        attended, _ = self.mha(x, x, x, mask)
        return self.final(self.norm(x + attended))


loss_object = tf.keras.losses.SparseCategoricalCrossentropy(from_logits=True, reduction="none")
model = Classifier(10)
learning_rate = CustomSchedule(8, warmup_steps=20)
optimizer = tf.keras.optimizers.Adam(learning_rate, beta_1=0.9, beta_2=0.98, epsilon=1e-9)
train_loss = tf.keras.metrics.Mean(name="train_loss")


@tf.function(input_signature=[tf.TensorSpec(shape=(None, None), dtype=tf.int64)])
def train_step(batch):
    inp, real = batch[:, :-1], batch[:, 1:]
    with tf.GradientTape() as tape:
        predictions = model(inp, training=True)
        loss_ = loss_object(real, predictions)
        mask = tf.cast(tf.math.logical_not(tf.math.equal(real, 0)), dtype=loss_.dtype)
        loss = tf.reduce_sum(loss_ * mask) / tf.reduce_sum(mask)
    gradients = tape.gradient(loss, model.trainable_variables)
    optimizer.apply_gradients(zip(gradients, model.trainable_variables))
    train_loss(loss)


data = np.array([[1, 2, 3, 4, 5, 0], [2, 3, 4, 5, 6, 7], [3, 4, 5, 6, 0, 0]] * 4)
means = []
for _ in range(8):
    train_loss.reset_state()
    for start in range(0, 12, 4):
        train_step(tf.constant(data[start : start + 4], dtype=tf.int64))
    means.append(float(train_loss.result()))

out, weights = scaled_dot_product_attention(
    tf.constant([[0.0, 10.0, 0.0]]),
    tf.constant([[10.0, 0, 0], [0, 10.0, 0], [0, 0, 10.0], [0, 0, 10.0]]),
    tf.constant([[1.0, 0], [10.0, 0], [100.0, 5], [1000.0, 6]]),
    None,
)

RESULT = {
    "positions": positional_encoding(3, 4),
    "padding": create_padding_mask(tf.constant([[7, 6, 0, 0]])),
    "look ahead": create_look_ahead_mask(3),
    "attention": [out, weights],
    "rates": [float(learning_rate(tf.constant(s))) for s in (1, 10, 20, 100)],
    "fell": means[-1] < means[0],
    "steps": int(optimizer.iterations),
    "variables": len(model.trainable_variables),
}
