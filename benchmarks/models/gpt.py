"""GPT-mini: a Transformer that writes Shakespeare, with a cache of keys and values.

A. Radford et al., "Language models are unsupervised multitask learners", 2019. In the shapes, B is
the batch, T the length, S that of the cache, C the width, H the heads, and D = C / H.
"""

import time

import common
import numpy as np

import minitf as tf
from minitf import keras

ops = keras.ops


class CausalAttention(keras.layers.Layer):
    """Attention of each place to itself and to those before it."""

    def __init__(self, width, heads, **kwargs):
        super().__init__(**kwargs)
        self.width, self.heads, self.size = width, heads, width // heads
        self.qkv = keras.layers.Dense(3 * width)
        self.out = keras.layers.Dense(width)

    def call(self, x):  # (B, T, C)
        places = ops.arange(x.shape[1])
        return self.attend(*self.project(x), places[:, None] >= places)

    def step(self, x, cache, position):  # (B, 1, C), 2 x (B, H, S, D), ()
        """Return what the newest place found, and the cache with its key and value in it."""
        query, key, value = self.project(x)  # (B, H, 1, D)
        places = ops.arange(cache[0].shape[2])
        here = ops.equal(places, position)[:, None]  # (S, 1)
        keys, values = ops.where(here, key, cache[0]), ops.where(here, value, cache[1])
        return self.attend(query, keys, values, places <= position), (keys, values)

    def project(self, x):
        """Return queries, keys and values of all heads, (B, H, T, D) each."""
        qkv = ops.reshape(self.qkv(x), (-1, x.shape[1], 3, self.heads, self.size))
        qkv = ops.transpose(qkv, (2, 0, 3, 1, 4))
        return qkv[0], qkv[1], qkv[2]

    def attend(self, query, key, value, seen):
        """Return softmax(q k^T / sqrt(D)) v over what is seen, all heads put together."""
        scores = ops.matmul(query * self.size**-0.5, ops.transpose(key, (0, 1, 3, 2)))
        weights = ops.softmax(ops.where(seen, scores, -1e9))  # (B, H, T, S)
        found = ops.transpose(ops.matmul(weights, value), (0, 2, 1, 3))  # (B, T, H, D)
        return self.out(ops.reshape(found, (-1, found.shape[1], self.width)))  # (B, T, C)


class Block(keras.layers.Layer):
    """Attention, then two dense layers; each adds to what comes in."""

    def __init__(self, width, heads, dropout, **kwargs):
        super().__init__(**kwargs)
        self.before_attention = keras.layers.LayerNormalization(epsilon=1e-5)
        self.attention = CausalAttention(width, heads)
        self.before_thought = keras.layers.LayerNormalization(epsilon=1e-5)
        self.wide = keras.layers.Dense(4 * width, activation="gelu")
        self.narrow = keras.layers.Dense(width)
        self.drop = keras.layers.Dropout(dropout)

    def call(self, x):  # (B, T, C)
        return self.think(x + self.drop(self.attention(self.before_attention(x))))

    def step(self, x, cache, position):  # (B, 1, C)
        found, cache = self.attention.step(self.before_attention(x), cache, position)
        return self.think(x + found), cache

    def think(self, x):
        return x + self.drop(self.narrow(self.wide(self.before_thought(x))))


class GPT(keras.Model):
    """A model that tells the next token at each place."""

    def __init__(self, vocabulary, length, width, heads, layers, dropout):
        super().__init__()
        self.length, self.cache_shape = length, (heads, length, width // heads)
        self.tokens = keras.layers.Embedding(vocabulary, width)
        self.places = keras.layers.Embedding(length, width)
        self.blocks = [Block(width, heads, dropout) for _ in range(layers)]
        self.norm = keras.layers.LayerNormalization(epsilon=1e-5)
        self.head = keras.layers.Dense(vocabulary)

    def call(self, text):  # (B, T)
        x = self.tokens(text) + self.places(ops.arange(text.shape[1]))  # (B, T, C)
        for block in self.blocks:
            x = block(x)
        return self.head(self.norm(x))  # (B, T, V)

    def follow(self, token, position, caches):  # (B, 1), ()
        """Return logits (B, V) of what follows a token, and the caches with this one in them."""
        x = self.tokens(token) + self.places(position)  # (B, 1, C)
        new = []
        for block, cache in zip(self.blocks, caches):
            x, cache = block.step(x, cache, position)
            new.append(cache)
        return self.head(self.norm(x))[:, 0], new

    @tf.function
    def draw(self, token, position, caches):
        """Return a token (B, 1) drawn to follow this one, and the caches with this one in them."""
        logits, caches = self.follow(token, position, caches)
        return tf.random.categorical(logits, 1, dtype=tf.int32), caches

    def empty_caches(self, count):
        """Return keys and values (B, H, S, D) of no token yet, for each block."""
        empty = tf.zeros((count, *self.cache_shape))
        return [(empty, empty) for _ in self.blocks]

    def generate(self, prompt, length):
        """Return texts (B, length) that begin with the prompts (B, P)."""
        if length > self.length:
            raise ValueError(f"the model has {self.length} places, got length={length}")
        caches, text = self.empty_caches(len(prompt)), [tf.constant(prompt[:, :1])]
        for i in range(length - 1):
            drawn, caches = self.draw(text[i], tf.constant(i), caches)
            given = i + 1 < prompt.shape[1]
            text.append(tf.constant(prompt[:, i + 1 : i + 2]) if given else drawn)
        return tf.concat(text, axis=1).numpy()


def build_model(vocabulary=96, length=128, width=256, heads=8, layers=4, dropout=0.0,
                learning_rate=1e-3):  # fmt: skip
    """Return a GPT, ready to be trained."""
    model = GPT(vocabulary, length, width, heads, layers, dropout)
    model(tf.zeros((1, length), tf.int32))  # a model is built when it is first called
    model.compile(
        optimizer=keras.optimizers.AdamW(
            learning_rate, weight_decay=0.1, beta_2=0.99, global_clipnorm=1.0
        ),
        loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True),
    )
    return model


def main(argv=None):
    """Train, and write."""
    options = common.arguments(
        argv, __doc__, steps=(8000, 100), batch=(8, 8), length=(128, 64), width=(256, 64)
    )
    keras.utils.set_random_seed(options.seed)
    train, test, tokenizer = common.shakespeare()
    rate = common.warm_up(keras, 1e-3, options.steps)
    model = build_model(len(tokenizer), options.length, options.width, learning_rate=rate)
    data = common.windows(train, options.length, options.batch, np.random.default_rng(options.seed))
    history = model.fit(data, epochs=10, steps_per_epoch=options.steps // 10, verbose=2)
    loss = model.evaluate(*common.side_by_side(test, options.length), batch_size=32, verbose=0)

    prompt = np.array([tokenizer.encode("\n")], np.int32)
    model.generate(prompt, options.length)  # traces the step
    start = time.perf_counter()
    text = model.generate(prompt, options.length)
    speed = options.length / (time.perf_counter() - start)
    return common.report(
        options, keras, history.history["loss"],
        validation_nats=loss, tokens_per_second=speed, written=tokenizer.decode(text[0]),
    )  # fmt: skip


if __name__ == "__main__":
    main()
