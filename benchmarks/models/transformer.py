"""The blocks that Transformers are made of, with the normalization before each part.

A. Vaswani et al., "Attention is all you need", 2017; R. Xiong et al., "On layer normalization in
the Transformer architecture", 2020. In the shapes, B is the batch, T and S are lengths, C the
width.
"""

from minitf import keras


class Positions(keras.layers.Layer):
    """Adds to each vector of a sequence one that is learned for its place."""

    def build(self, shape):
        small = keras.initializers.RandomNormal(stddev=0.02)
        self.table = self.add_weight((shape[1], shape[2]), small, name="table")  # (T, C)

    def call(self, x):
        return x + self.table  # (B, T, C)


def embed(tokens, vocabulary, width, dropout=0.0):
    """Return vectors of tokens and their places: (B, T) -> (B, T, C)."""
    x = Positions()(keras.layers.Embedding(vocabulary, width)(tokens))
    return keras.layers.Dropout(dropout)(x)


def attention(x, memory, heads, dropout=0.0, **masks):
    """Return x (B, T, C) with what each place found in memory (B, S, C) added to it."""
    width = x.shape[-1]
    h = keras.layers.LayerNormalization(epsilon=1e-5)(x)
    found = keras.layers.MultiHeadAttention(heads, width // heads)(
        h, h if memory is None else memory, **masks
    )
    return x + keras.layers.Dropout(dropout)(found)  # (B, T, C)


def thought(x, dropout=0.0):
    """Return x (B, T, C) with the output of two dense layers at each place added to it."""
    width = x.shape[-1]
    h = keras.layers.LayerNormalization(epsilon=1e-5)(x)
    h = keras.layers.Dense(4 * width, activation="gelu")(h)  # (B, T, 4C)
    return x + keras.layers.Dropout(dropout)(keras.layers.Dense(width)(h))  # (B, T, C)


def encoder_block(x, heads, dropout=0.0, seen=None):
    """Return x (B, T, C) after a look at all places that are `seen` (B, 1, T), and a thought."""
    x = attention(x, None, heads, dropout, attention_mask=seen)
    return thought(x, dropout)


def decoder_block(x, memory, heads, dropout=0.0, seen=None):
    """Return x (B, T, C) after a look at its own past, one at the memory (B, S, C), a thought."""
    x = attention(x, None, heads, dropout, use_causal_mask=True)
    x = attention(x, memory, heads, dropout, attention_mask=seen)
    return thought(x, dropout)
