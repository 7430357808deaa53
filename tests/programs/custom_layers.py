"""Layers of one's own: build, add_weight, get_config, layers inside layers, add_loss."""

import numpy as np
import tensorflow as tf
from tensorflow import keras


class Linear(keras.layers.Layer):
    def __init__(self, units=32, activation=None, **kwargs):
        super().__init__(**kwargs)
        self.units = units
        self.activation = keras.activations.get(activation)

    def build(self, input_shape):
        self.w = self.add_weight(
            shape=(input_shape[-1], self.units),
            initializer="random_normal",
            trainable=True,
            name="w",
        )
        self.b = self.add_weight(shape=(self.units,), initializer="zeros", trainable=True, name="b")

    def call(self, inputs):
        return self.activation(tf.matmul(inputs, self.w) + self.b)

    def get_config(self):
        config = super().get_config()
        config.update(
            {"units": self.units, "activation": keras.activations.serialize(self.activation)}
        )
        return config


class ComputeSum(keras.layers.Layer):
    def __init__(self, input_dim):
        super().__init__()
        self.total = self.add_weight(initializer="zeros", shape=(input_dim,), trainable=False)

    def call(self, inputs):
        self.total.assign_add(tf.reduce_sum(inputs, axis=0))
        return self.total


class MLPBlock(keras.layers.Layer):
    def __init__(self):
        super().__init__()
        self.linear_1 = Linear(8, "relu")
        self.linear_2 = Linear(1)

    def call(self, inputs):
        x = self.linear_1(inputs)
        self.add_loss(1e-2 * tf.reduce_sum(x))
        return self.linear_2(x)


class MyDropout(keras.layers.Layer):
    def __init__(self, rate, **kwargs):
        super().__init__(**kwargs)
        self.rate = rate

    def call(self, inputs, training=None):
        if training:
            return tf.nn.dropout(inputs, rate=self.rate)
        return inputs


layer = Linear(4, "relu", name="mine")
y = layer(tf.ones((2, 3)))
twin = Linear.from_config(layer.get_config())
counter = ComputeSum(2)
counter(tf.ones((2, 2)))
block = MLPBlock()
block(tf.ones(shape=(3, 64)))
one_loss = len(block.losses)
block(tf.ones(shape=(3, 64)))
dropped = MyDropout(0.5)(tf.ones((10, 10)), training=True)

inputs = keras.Input(shape=(3,))
outputs = MyDropout(0.3)(Linear(2)(inputs))
model = keras.Model(inputs, outputs)
model.compile("adam", "mse")
model.fit(np.ones((8, 3)), np.zeros((8, 2)), epochs=1, verbose=0)

RESULT = {
    "shape": y.shape,
    "names": [w.name for w in layer.weights],
    "config": {k: layer.get_config()[k] for k in ("name", "trainable", "units", "activation")},
    "twin": [twin.name, twin.units, twin.built],
    "sum": counter(tf.ones((2, 2))).numpy(),
    "kinds": [
        len(counter.weights),
        len(counter.non_trainable_weights),
        len(counter.trainable_weights),
    ],
    "weights of the block": len(block.weights),
    "losses": [one_loss, len(block.losses)],
    "values": sorted(set(dropped.numpy().ravel().tolist())),
    "kept": MyDropout(0.5)(tf.ones((2, 2))).numpy(),
    "output": model.output_shape,
}
