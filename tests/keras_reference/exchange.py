"""Models whose files are exchanged with Keras: one program, for minitf's `keras` or the real one.

`make_models.py` runs it under real Keras and keeps the files and predictions in ``models/``;
`tests/test_saving.py` runs it under minitf. Nothing is imported but NumPy.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable
from typing import Any

import numpy as np


def mlp(keras: Any) -> Any:
    layers = keras.layers
    return keras.Sequential([
        keras.Input((4,)),
        layers.Dense(5, activation="relu", kernel_regularizer="l2", use_bias=False),
        layers.BatchNormalization(),
        layers.Dropout(0.3),
        layers.Dense(3, activation="softmax"),
    ])  # fmt: skip


def conv(keras: Any) -> Any:
    layers = keras.layers
    return keras.Sequential([
        keras.Input((8, 8, 2)),
        layers.Conv2D(3, 3, padding="same", activation="relu"),
        layers.BatchNormalization(),
        layers.DepthwiseConv2D(2, strides=2),
        layers.SeparableConv2D(4, 2, padding="same"),
        layers.Conv2DTranspose(2, 2, strides=2),
        layers.MaxPooling2D(),
        layers.Flatten(),
        layers.Dense(3),
    ])  # fmt: skip


def recurrent(keras: Any) -> Any:
    layers = keras.layers
    return keras.Sequential([
        keras.Input((6,), dtype="int32"),
        layers.Embedding(9, 4, mask_zero=True),
        layers.Bidirectional(layers.LSTM(3, return_sequences=True)),
        layers.GRU(3, return_sequences=True),
        layers.RNN(layers.StackedRNNCells([layers.SimpleRNNCell(2), layers.LSTMCell(2)])),
        layers.Dense(2),
    ])  # fmt: skip


def attention(keras: Any) -> Any:
    layers = keras.layers
    x = inputs = keras.Input((5, 4))
    y = layers.MultiHeadAttention(2, 3)(x, x, use_causal_mask=True)
    x = layers.LayerNormalization()(x + 2.0 * y)
    x = layers.TimeDistributed(layers.Dense(4, activation="gelu"))(x)
    ends = [x[:, 0], keras.ops.max(x, axis=1), layers.Flatten()(x[:, 1:3])]
    x = keras.ops.concatenate(ends, axis=-1)
    return keras.Model(inputs, layers.Dense(2, name="scores")(x))


def nested(keras: Any) -> Any:
    layers = keras.layers
    part = keras.Input((3,))
    encoder = keras.Model(part, layers.Dense(4, activation="tanh")(layers.Dense(5)(part)),
                          name="encoder")  # fmt: skip
    head = keras.Sequential([keras.Input((4,)), layers.Dense(3), layers.Dense(1)], name="head")
    left, right = keras.Input((3,), name="left"), keras.Input((3,), name="right")
    a, b = encoder(left), encoder(right)
    joined = layers.Concatenate()([a, b])
    return keras.Model(
        [left, right], [head(layers.Subtract()([a, b])), layers.Dense(2, name="both")(joined)]
    )


def subclassed(keras: Any) -> Any:
    layers = keras.layers

    @keras.saving.register_keras_serializable("exchange")
    class Scale(layers.Layer):
        def build(self, input_shape: Any) -> None:
            self.factor = self.add_weight(shape=(input_shape[-1],), initializer="uniform")
            self.built = True

        def call(self, inputs: Any) -> Any:
            return inputs * self.factor

    @keras.saving.register_keras_serializable("exchange")
    class Network(keras.Model):
        def __init__(self, units: int = 3, **kwargs: Any):
            super().__init__(**kwargs)
            self.units = units
            self.zoom = layers.Dense(units)
            self.first = layers.Dense(units, activation="relu")
            self.blocks = [layers.Dense(units), [layers.Dense(units), layers.Dense(units)]]
            self.by_name = {"a": Scale(), "b": layers.Dense(units)}
            self.drop = layers.Dropout(0.2)

        def call(self, inputs: Any, training: Any = None) -> Any:
            x = self.first(inputs)
            x = self.blocks[1][1](self.blocks[1][0](self.blocks[0](x)))
            x = self.by_name["b"](self.by_name["a"](x))
            return self.zoom(self.drop(x, training=training))

        def get_config(self) -> Any:
            return {"units": self.units, "name": self.name}

    return Network()


def numbers(*shape: int) -> np.ndarray[Any, Any]:
    """Return seeded numbers between -1 and 1."""
    return np.random.RandomState(sum(shape)).uniform(-1, 1, shape).astype("float32")


WORDS = np.array([[1, 2, 3, 4, 0, 0], [5, 6, 7, 8, 1, 2], [3, 0, 0, 0, 0, 0]], "int32")
MODELS: dict[str, tuple[Callable[[Any], Any], Any]] = {
    "mlp": (mlp, numbers(3, 4)),
    "conv": (conv, numbers(2, 8, 8, 2)),
    "recurrent": (recurrent, WORDS),
    "attention": (attention, numbers(2, 5, 4)),
    "nested": (nested, [numbers(3, 3), numbers(3, 3)[::-1].copy()]),
    "subclassed": (subclassed, numbers(2, 4)),
}
LABELS = np.array([0, 2, 1])


def made(name: str, keras: Any) -> tuple[Any, Any]:
    """Return a model with seeded weights, and inputs for it; "mlp" has taken three steps."""
    make, inputs = MODELS[name]
    model = make(keras)
    model(inputs)
    random = np.random.RandomState(zlib.crc32(name.encode()) % 2**31)
    model.set_weights([random.uniform(0.1, 0.9, w.shape) * random.choice([-1, 1], w.shape)
                       if "variance" not in w.path else random.uniform(0.5, 1, w.shape)
                       for w in model.weights])  # fmt: skip
    if name == "mlp":
        model.layers[2].rate = 0.0  # random numbers differ between frameworks
        model.compile(optimizer=keras.optimizers.Adam(0.01), loss="sparse_categorical_crossentropy",
                      metrics=["accuracy"])  # fmt: skip
        step(model, 3)
    return model, inputs


def step(model: Any, times: int) -> None:
    """Train "mlp" for some steps."""
    for _ in range(times):
        model.train_on_batch(MODELS["mlp"][1], LABELS)


def predictions(model: Any, inputs: Any) -> list[np.ndarray[Any, Any]]:
    """Return the outputs of a model as a list of arrays."""
    found = model.predict(inputs, verbose=0)
    return [np.asarray(a) for a in (found if isinstance(found, (list, tuple)) else [found])]
