"""The functions of keras.backend, as older programs use them in layers and losses."""

import numpy as np
import tensorflow as tf
from tensorflow.keras import backend as K
from tensorflow.keras import constraints, initializers, regularizers
from tensorflow.keras.layers import GRU, Dense, Embedding, Input, Layer
from tensorflow.keras.models import Model


def dot_product(x, kernel):
    return K.squeeze(K.dot(x, K.expand_dims(kernel)), axis=-1)


class AttentionWithContext(Layer):
    """Weighs the steps of a sequence by how they agree with a learnt context."""

    def __init__(self, W_regularizer=None, W_constraint=None, bias=True, **kwargs):
        self.supports_masking = True
        self.init = initializers.get("glorot_uniform")
        self.W_regularizer = regularizers.get(W_regularizer)
        self.W_constraint = constraints.get(W_constraint)
        self.bias = bias
        super().__init__(**kwargs)

    def build(self, input_shape):
        assert len(input_shape) == 3
        self.W = self.add_weight(
            shape=(input_shape[-1], input_shape[-1]),
            initializer=self.init,
            name="W",
            regularizer=self.W_regularizer,
            constraint=self.W_constraint,
        )
        if self.bias:
            self.b = self.add_weight(shape=(input_shape[-1],), initializer="zero", name="b")
        self.u = self.add_weight(shape=(input_shape[-1],), initializer=self.init, name="u")
        super().build(input_shape)

    def compute_mask(self, input, input_mask=None):
        return None

    def call(self, x, mask=None):
        uit = (
            dot_product(x, K.transpose(self.W)) if len(x.shape) == 2 else tf.tensordot(x, self.W, 1)
        )
        if self.bias:
            uit += self.b
        ait = tf.tensordot(K.tanh(uit), self.u, 1)
        a = K.exp(ait)
        if mask is not None:
            a *= K.cast(mask, K.floatx())
        a /= K.cast(K.sum(a, axis=1, keepdims=True) + K.epsilon(), K.floatx())
        a = K.expand_dims(a)
        return K.sum(x * a, axis=1)

    def compute_output_shape(self, input_shape):
        return (input_shape[0], input_shape[-1])

    def get_config(self):
        config = {
            "W_regularizer": regularizers.serialize(self.W_regularizer),
            "W_constraint": constraints.serialize(self.W_constraint),
            "bias": self.bias,
        }
        return {**super().get_config(), **config}


def rmse(y_true, y_pred):
    return K.sqrt(K.mean(K.square(y_pred - y_true), axis=-1))


def f1(y_true, y_pred):
    y_true = K.cast(y_true, "float32")
    true_positives = K.sum(K.round(K.clip(y_true * y_pred, 0, 1)))
    possible_positives = K.sum(K.round(K.clip(y_true, 0, 1)))
    predicted_positives = K.sum(K.round(K.clip(y_pred, 0, 1)))
    precision = true_positives / (predicted_positives + K.epsilon())
    recall = true_positives / (possible_positives + K.epsilon())
    return 2 * precision * recall / (precision + recall + K.epsilon())


inputs = Input(shape=(None,), dtype="int32")
x = Embedding(12, 6, mask_zero=True)(inputs)
x = GRU(4, return_sequences=True)(x)
x = AttentionWithContext(W_regularizer="l2", W_constraint="max_norm", name="attention")(x)
model = Model(inputs, Dense(1, activation="sigmoid")(x))
model.compile(optimizer="adam", loss="binary_crossentropy", metrics=[f1, rmse])
data = np.random.default_rng(21).integers(0, 12, size=(24, 5))
data[:, 0] = 3
history = model.fit(data, (data[:, 1] > 5).astype("float32"), epochs=1, verbose=0)

a = K.constant([[1.0, 2.0], [3.0, 4.0]])
v = K.variable(np.ones((2, 2)), name="v")
K.set_value(v, np.array([[5.0, 6.0], [7.0, 8.0]]))
K.set_floatx("float64")
wide = K.floatx()
K.set_floatx("float32")

RESULT = {
    "history": sorted(history.history),
    "attention": model.get_layer("attention").output.shape,
    "config": {k: model.get_layer("attention").get_config()[k] for k in ("bias", "name")},
    "regularized": len(model.losses),
    "f1": float(f1(np.array([1, 1, 0, 0]), K.constant([0.9, 0.2, 0.8, 0.1]))),
    "dot": K.dot(a, a),
    "batch_dot": K.batch_dot(a, a, axes=1),
    "sum": [K.sum(a), K.mean(a, axis=0), K.max(a), K.prod(a)],
    "shapes": [K.int_shape(a), K.shape(a), K.ndim(a), K.count_params(v)],
    "values": K.get_value(v),
    "logic": [K.equal(a, 2.0), K.not_equal(a, 2.0), K.any(a > 3), K.all(a > 3)],
    "arranged": [
        K.reshape(a, (4,)),
        K.transpose(a),
        K.tile(a, [1, 2]),
        K.concatenate([a, a], axis=0),
        K.stack([a, a]),
        K.flatten(a),
        K.repeat_elements(a, 2, axis=1),
        K.reverse(a, axes=0),
    ],
    "made": [
        K.zeros((2,)),
        K.ones_like(a),
        K.arange(3),
        K.one_hot(K.constant([1], dtype="int32"), 3),
    ],
    "functions": [
        K.exp(0.0),
        K.log(1.0),
        K.pow(a, 2),
        K.abs(-a),
        K.clip(a, 2, 3),
        K.minimum(a, 2.0),
    ],
    "activations": [
        K.softmax(a),
        K.relu(-a),
        K.sigmoid(0.0),
        K.softplus(0.0),
        K.l2_normalize(a, axis=1),
    ],
    "losses": [
        K.binary_crossentropy(K.constant([1.0]), K.constant([0.5])),
        K.categorical_crossentropy(K.constant([[0.0, 1.0]]), K.constant([[0.5, 0.5]])),
    ],
    "switch": K.switch(K.constant(1.0) > 0, lambda: a, lambda: -a),
    "settings": [K.floatx(), wide, K.epsilon(), K.image_data_format(), K.backend()],
    "random": [K.random_normal((2, 3)).shape, K.random_uniform((2,)).shape],
    "argmax": [K.argmax(a, axis=1), K.cumsum(a, axis=0), K.permute_dimensions(a, (1, 0))],
}
