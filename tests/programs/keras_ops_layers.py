"""Layers and models written with keras.ops alone, which run on any backend."""

import keras
import numpy as np
from keras import layers, ops


class Antirectifier(layers.Layer):
    def __init__(self, initializer="he_normal", **kwargs):
        super().__init__(**kwargs)
        self.initializer = keras.initializers.get(initializer)

    def build(self, input_shape):
        output_dim = input_shape[-1]
        self.kernel = self.add_weight(
            shape=(output_dim * 2, output_dim),
            initializer=self.initializer,
            name="kernel",
            trainable=True,
        )

    def call(self, inputs):
        inputs -= ops.mean(inputs, axis=-1, keepdims=True)
        pos = ops.relu(inputs)
        neg = ops.relu(-inputs)
        concatenated = ops.concatenate([pos, neg], axis=-1)
        return ops.matmul(concatenated, self.kernel)

    def get_config(self):
        base_config = super().get_config()
        return {**base_config, "initializer": keras.initializers.serialize(self.initializer)}


class SinePosition(layers.Layer):
    def call(self, inputs):
        shape = ops.shape(inputs)
        length, features = shape[-2], shape[-1]
        position = ops.cast(ops.arange(length), self.compute_dtype)
        minimum = ops.cast(1 / 10000, dtype=self.compute_dtype)
        timescales = ops.power(
            minimum, ops.cast(2 * (ops.arange(features) // 2), "float32") / features
        )
        angles = ops.expand_dims(position, 1) * ops.expand_dims(timescales, 0)
        cos_mask = ops.cast(ops.arange(features) % 2, self.compute_dtype)
        encodings = ops.sin(angles) * (1 - cos_mask) + ops.cos(angles) * cos_mask
        return ops.broadcast_to(encodings, shape)


class Net2NetDense(layers.Layer):
    def __init__(self, units, **kwargs):
        super().__init__(**kwargs)
        self.units = units
        self.seed = keras.random.SeedGenerator(3)

    def build(self, input_shape):
        self.w = self.add_weight(
            shape=(input_shape[-1], self.units), initializer="glorot_uniform", name="w"
        )

    def call(self, inputs, training=False):
        x = ops.einsum("bi,io->bo", inputs, self.w)
        if training:
            x = keras.random.dropout(x, rate=0.5, seed=self.seed)
        return ops.where(x > 0, x, 0.1 * x)


model = keras.Sequential(
    [
        keras.Input(shape=(6,)),
        layers.Dense(8),
        Antirectifier(),
        Net2NetDense(8),
        layers.Dropout(0.1),
        layers.Dense(3),
    ]
)
model.compile(
    loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True),
    optimizer=keras.optimizers.RMSprop(0.01),
    metrics=[keras.metrics.SparseCategoricalAccuracy()],
)
x = np.random.default_rng(25).normal(size=(90, 6)).astype("float32")
y = x[:, :3].argmax(axis=1)
history = model.fit(x, y, batch_size=15, epochs=6, validation_split=0.15, verbose=0)
a = ops.reshape(ops.arange(start=0, stop=6, step=1, dtype="float32"), newshape=(2, 3))
symbolic = keras.Input((3,))
composed = keras.Model(symbolic, ops.sum(ops.square(symbolic) * 2.0, axis=-1, keepdims=True))

RESULT = {
    "fell": history.history["loss"][-1] < history.history["loss"][0],
    "again": Antirectifier.from_config(Antirectifier(name="x").get_config()).name,
    "positions": SinePosition()(ops.zeros((1, 3, 4)))[0],
    "composed": composed(np.array([[1.0, 2.0, 3.0]])),
    "reductions": [
        ops.sum(a),
        ops.mean(a, axis=0),
        ops.max(a, axis=1),
        ops.min(a),
        ops.argmax(a, axis=1),
        ops.std(a),
    ],
    "arranged": [
        ops.transpose(a),
        ops.tile(a, [1, 2]),
        ops.squeeze(ops.expand_dims(a, axis=0)),
        ops.flip(a, axis=1),
    ],
    "joined": [ops.stack([a, a], axis=1).shape, ops.concatenate([a, a], axis=-1).shape],
    "split": [tuple(ops.shape(t)) for t in ops.split(a, 3, axis=1)],
    "cast": [str(keras.backend.standardize_dtype(ops.cast(a, dtype="int32").dtype)), ops.shape(a)],
    "made": [
        ops.zeros((2,)),
        ops.ones((2,)),
        ops.eye(2),
        ops.linspace(0.0, 1.0, 3),
        ops.full((2,), 7.0),
    ],
    "one hot": ops.one_hot(ops.convert_to_tensor([0, 2]), 3),
    "functions": [
        ops.exp(0.0),
        ops.log(1.0),
        ops.sqrt(4.0),
        ops.abs(-2.0),
        ops.power(2.0, 3.0),
        ops.sign(-3.0),
    ],
    "activations": [
        ops.softmax(a, axis=-1),
        ops.sigmoid(0.0),
        ops.gelu(ops.ones((1,))),
        ops.silu(ops.ones((1,))),
    ],
    "taken": [
        ops.take(a, [1], axis=1),
        ops.top_k(a, 2)[1],
        ops.clip(a, 1, 4),
        ops.cumsum(a, axis=1),
    ],
    "products": [
        ops.dot(a, ops.transpose(a)),
        ops.tensordot(a, a, axes=2),
        ops.matmul(a, ops.ones((3, 1))),
    ],
    "logic": [ops.logical_and(a > 1, a < 4), ops.any(a > 4), ops.isnan(a)[0, 0], ops.equal(a, 2.0)],
    "numpy": ops.convert_to_numpy(a).sum(),
    "norm": ops.norm(a[:1, 1:]),
    "loop": ops.while_loop(lambda i, t: i < 3, lambda i, t: (i + 1, t * 2), (0, 1))[1],
    "scan": ops.scan(lambda c, x: (c + x, c + x), ops.zeros(()), ops.array([1.0, 2.0]))[1],
    "update": ops.slice_update(ops.zeros((3,)), [1], ops.ones((1,))),
    "image": ops.image.resize(ops.ones((1, 2, 2, 1)), (4, 4)).shape,
    "random": [keras.random.uniform((2, 3), seed=1).shape, keras.random.normal((2,), seed=1).shape],
}
