"""A small generative Transformer: causal masks, two outputs, a callback that writes text."""

import numpy as np
import tensorflow as tf
from tensorflow import keras
from tensorflow.keras import layers
from tensorflow.keras.layers import TextVectorization


def causal_attention_mask(batch_size, n_dest, n_src, dtype):
    i = tf.range(n_dest)[:, None]
    j = tf.range(n_src)
    m = i >= j - n_src + n_dest
    mask = tf.cast(m, dtype)
    mask = tf.reshape(mask, [1, n_dest, n_src])
    mult = tf.concat([tf.expand_dims(batch_size, -1), tf.constant([1, 1], dtype=tf.int32)], 0)
    return tf.tile(mask, mult)


class TransformerBlock(layers.Layer):
    def __init__(self, embed_dim, num_heads, ff_dim, rate=0.1):
        super().__init__()
        self.att = layers.MultiHeadAttention(num_heads, embed_dim, dropout=rate)
        self.ffn = keras.Sequential(
            [layers.Dense(ff_dim, activation="gelu"), layers.Dense(embed_dim)]
        )
        self.layernorm1 = layers.LayerNormalization(epsilon=1e-6)
        self.layernorm2 = layers.LayerNormalization(epsilon=1e-6)
        self.dropout1 = layers.Dropout(rate)

    def call(self, inputs):
        input_shape = tf.shape(inputs)
        causal_mask = causal_attention_mask(input_shape[0], input_shape[1], input_shape[1], tf.bool)
        attention_output = self.att(inputs, inputs, attention_mask=causal_mask)
        out1 = self.layernorm1(inputs + self.dropout1(attention_output))
        return self.layernorm2(out1 + self.ffn(out1))


class TokenAndPositionEmbedding(layers.Layer):
    def __init__(self, maxlen, vocab_size, embed_dim):
        super().__init__()
        self.token_emb = layers.Embedding(vocab_size, embed_dim)
        self.pos_emb = layers.Embedding(maxlen, embed_dim)

    def call(self, x):
        maxlen = tf.shape(x)[-1]
        return self.token_emb(x) + self.pos_emb(tf.range(0, maxlen, 1))


maxlen, embed_dim, vocab_size = 8, 12, 16
texts = ["the cat sat on the mat .", "the dog sat on the cat .", "a dog ate the mat ."] * 8
vectorize_layer = TextVectorization(
    standardize="lower",
    max_tokens=vocab_size - 1,
    output_mode="int",
    output_sequence_length=maxlen + 1,
)
text_ds = tf.data.Dataset.from_tensor_slices(texts).shuffle(buffer_size=256).batch(8)
vectorize_layer.adapt(text_ds)
vocab = vectorize_layer.get_vocabulary()


def prepare_lm_inputs_labels(text):
    text = tf.expand_dims(text, -1)
    tokenized_sentences = vectorize_layer(text)
    return tokenized_sentences[:, :-1], tokenized_sentences[:, 1:]


text_ds = text_ds.map(prepare_lm_inputs_labels, num_parallel_calls=tf.data.AUTOTUNE)
text_ds = text_ds.prefetch(tf.data.AUTOTUNE)


class TextGenerator(keras.callbacks.Callback):
    def __init__(self, max_tokens, start_tokens, index_to_word, top_k=3, print_every=1):
        super().__init__()
        self.max_tokens, self.start_tokens = max_tokens, start_tokens
        self.index_to_word, self.k, self.print_every = index_to_word, top_k, print_every
        self.written = []

    def sample_from(self, logits):
        logits, indices = tf.math.top_k(logits, k=self.k, sorted=True)
        indices = np.asarray(indices).astype("int32")
        preds = keras.activations.softmax(tf.expand_dims(logits, 0))[0]
        preds = np.asarray(preds).astype("float64")
        return np.random.choice(indices, p=preds / preds.sum())

    def on_epoch_end(self, epoch, logs=None):
        if (epoch + 1) % self.print_every != 0:
            return
        start_tokens, tokens_generated = list(self.start_tokens), []
        while len(tokens_generated) < self.max_tokens:
            pad_len = maxlen - len(start_tokens)
            x = np.array([start_tokens + [0] * pad_len])
            y, _ = self.model.predict(x, verbose=0)
            sample_token = self.sample_from(y[0][len(start_tokens) - 1])
            tokens_generated.append(sample_token)
            start_tokens.append(int(sample_token))
        words = [self.index_to_word[i] for i in start_tokens if i < len(self.index_to_word)]
        self.written.append(" ".join(words))


inputs = layers.Input(shape=(maxlen,), dtype="int32")
x = TokenAndPositionEmbedding(maxlen, vocab_size, embed_dim)(inputs)
x = TransformerBlock(embed_dim, 2, 24)(x)
outputs = layers.Dense(vocab_size)(x)
model = keras.Model(inputs=inputs, outputs=[outputs, x])
loss_fn = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
model.compile("adam", loss=[loss_fn, None])
writer = TextGenerator(3, [vocab.index("the"), vocab.index("cat")], vocab)
history = model.fit(text_ds, epochs=4, callbacks=[writer], verbose=0)

# What comes later must not change what is said before.
one, two = np.array([[2, 3, 4, 5, 0, 0, 0, 0]]), np.array([[2, 3, 4, 5, 9, 9, 9, 9]])
same = np.allclose(model(one)[0][:, :4], model(two)[0][:, :4], atol=1e-5)

RESULT = {
    "vocabulary": sorted(vocab),
    "fell": history.history["loss"][-1] < history.history["loss"][0],
    "lengths": [len(text.split()) >= 2 for text in writer.written],
    "causal": bool(same),
    "outputs": [tuple(t.shape) for t in model.outputs],
    "mask": causal_attention_mask(2, 2, 2, tf.int32),
    "parameters": model.count_params(),
}
