"""A Transformer block and an embedding of tokens and positions classify sequences."""

import keras
import numpy as np
from keras import layers, ops


class TransformerBlock(layers.Layer):
    def __init__(self, embed_dim, num_heads, ff_dim, rate=0.1, **kwargs):
        super().__init__(**kwargs)
        self.att = layers.MultiHeadAttention(num_heads=num_heads, key_dim=embed_dim)
        self.ffn = keras.Sequential(
            [layers.Dense(ff_dim, activation="relu"), layers.Dense(embed_dim)]
        )
        self.layernorm1 = layers.LayerNormalization(epsilon=1e-6)
        self.layernorm2 = layers.LayerNormalization(epsilon=1e-6)
        self.dropout1 = layers.Dropout(rate)
        self.dropout2 = layers.Dropout(rate)

    def call(self, inputs):
        attn_output = self.att(inputs, inputs)
        attn_output = self.dropout1(attn_output)
        out1 = self.layernorm1(inputs + attn_output)
        ffn_output = self.ffn(out1)
        ffn_output = self.dropout2(ffn_output)
        return self.layernorm2(out1 + ffn_output)


class TokenAndPositionEmbedding(layers.Layer):
    def __init__(self, maxlen, vocab_size, embed_dim, **kwargs):
        super().__init__(**kwargs)
        self.token_emb = layers.Embedding(input_dim=vocab_size, output_dim=embed_dim)
        self.pos_emb = layers.Embedding(input_dim=maxlen, output_dim=embed_dim)

    def call(self, x):
        maxlen = ops.shape(x)[-1]
        positions = ops.arange(start=0, stop=maxlen, step=1)
        positions = self.pos_emb(positions)
        x = self.token_emb(x)
        return x + positions


vocab_size, maxlen = 20, 8
rng = np.random.default_rng(11)
y_train = rng.integers(0, 2, size=96)
x_train = rng.integers(1, 10, size=(96, 12)) + 9 * (y_train[:, None] & (rng.random((96, 12)) < 0.6))
x_train = keras.utils.pad_sequences(x_train, maxlen=maxlen)

embed_dim, num_heads, ff_dim = 8, 2, 16
inputs = layers.Input(shape=(maxlen,))
embedding_layer = TokenAndPositionEmbedding(maxlen, vocab_size, embed_dim)
x = embedding_layer(inputs)
transformer_block = TransformerBlock(embed_dim, num_heads, ff_dim)
x = transformer_block(x)
x = layers.GlobalAveragePooling1D()(x)
x = layers.Dropout(0.1)(x)
x = layers.Dense(10, activation="relu")(x)
outputs = layers.Dense(2, activation="softmax")(x)
model = keras.Model(inputs=inputs, outputs=outputs)
model.compile(
    optimizer=keras.optimizers.Adam(0.01),
    loss="sparse_categorical_crossentropy",
    metrics=["accuracy"],
)
history = model.fit(
    x_train, y_train, batch_size=32, epochs=12, validation_data=(x_train, y_train), verbose=0
)

normalized = transformer_block(np.random.normal(size=(2, 5, 8)).astype("float32"))
_, scores = layers.MultiHeadAttention(2, 4)(
    normalized, normalized, return_attention_scores=True, use_causal_mask=True
)

RESULT = {
    "learnt": history.history["val_accuracy"][-1] > 0.7,
    "shapes": [layer.output.shape for layer in model.layers],
    "parameters": [
        embedding_layer.count_params(),
        transformer_block.count_params(),
        model.count_params(),
    ],
    "weights": [w.path.split("/", 1)[1] for w in transformer_block.att.weights],
    "centred": abs(float(ops.mean(normalized))) < 0.3,
    "scores": [scores.shape, ops.sum(scores, axis=-1)[0, 0]],
    "causal": float(ops.sum(scores[0, 0, 0, 1:])),
}
