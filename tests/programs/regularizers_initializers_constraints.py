"""Regularizers, initializers and constraints: by name, as objects, and of one's own."""

import keras
import numpy as np
import tensorflow as tf
from keras import constraints, initializers, layers, regularizers


class OrthogonalRegularizer(keras.regularizers.Regularizer):
    def __init__(self, num_features, l2reg=0.001):
        self.num_features = num_features
        self.l2reg = l2reg

    def __call__(self, x):
        x = keras.ops.reshape(x, (-1, self.num_features, self.num_features))
        xxt = keras.ops.tensordot(x, x, axes=(2, 2))
        xxt = keras.ops.reshape(xxt, (-1, self.num_features, self.num_features))
        return keras.ops.sum(self.l2reg * keras.ops.square(xxt - keras.ops.eye(self.num_features)))

    def get_config(self):
        return {"num_features": self.num_features, "l2reg": self.l2reg}


class Between(keras.constraints.Constraint):
    def __init__(self, low, high):
        self.low, self.high = low, high

    def __call__(self, w):
        return keras.ops.clip(w, self.low, self.high)

    def get_config(self):
        return {"low": self.low, "high": self.high}


def my_initializer(shape, dtype=None):
    return keras.ops.ones(shape, dtype=dtype) * 0.5


x = np.full((16, 3), 2.0, "float32")
y = np.full((16, 2), 50.0, "float32")
model = keras.Sequential(
    [
        keras.Input((3,)),
        layers.Dense(
            4,
            activation="relu",
            kernel_initializer=my_initializer,
            bias_initializer="ones",
            kernel_regularizer=regularizers.l2(0.01),
            bias_regularizer="l1",
            activity_regularizer=regularizers.l1(0.001),
            kernel_constraint=constraints.MaxNorm(1.0),
            bias_constraint=constraints.NonNeg(),
        ),
        layers.Dense(
            2,
            kernel_initializer=initializers.Constant(0.25),
            kernel_regularizer=keras.regularizers.L1L2(l1=0.1, l2=0.2),
            kernel_constraint=Between(-0.3, 0.3),
        ),
    ]
)
at_first = [float(loss) for loss in model.losses]
forward = model(x)
after_call = sorted(round(float(loss), 5) for loss in model.losses)
model.compile(keras.optimizers.SGD(0.1), "mse")
model.fit(x, y, epochs=2, verbose=0)
first, second = model.layers

matrix = tf.constant([[3.0, 0.0], [4.0, 0.5]])
shapes = (200, 100)
statistics = {
    "glorot_uniform": initializers.GlorotUniform(seed=1),
    "glorot_normal": initializers.GlorotNormal(seed=1),
    "he_normal": initializers.HeNormal(seed=1),
    "he_uniform": "he_uniform",
    "lecun_normal": "lecun_normal",
    "random_normal": initializers.RandomNormal(mean=0.0, stddev=0.02, seed=1),
    "random_uniform": initializers.RandomUniform(minval=-0.05, maxval=0.05, seed=1),
    "truncated": initializers.TruncatedNormal(stddev=0.1, seed=1),
    "scaling": initializers.VarianceScaling(
        scale=2.0, mode="fan_avg", distribution="uniform", seed=1
    ),
}
drawn = {name: np.asarray(initializers.get(i)(shape=shapes)) for name, i in statistics.items()}
old = tf.initializers.RandomNormal(mean=1.0, stddev=0.0)
functions = [
    tf.random_normal_initializer(0.0, 0.02),
    tf.zeros_initializer(),
    tf.constant_initializer(3.0),
]

RESULT = {
    "losses": at_first,
    "with the activity": after_call,
    "forward": forward[0],
    "norms": bool(np.all(np.linalg.norm(first.kernel.numpy(), axis=0) <= 1.0001)),
    "bias": bool(np.all(first.bias.numpy() >= 0)),
    "between": bool(np.abs(second.kernel.numpy()).max() <= 0.3001),
    "l2": float(regularizers.L2(0.5)(matrix)),
    "l1_l2": float(regularizers.l1_l2(l1=0.1, l2=0.1)(matrix)),
    "orthogonal": float(OrthogonalRegularizer(2)(tf.constant([[1.0, 0.0, 0.0, 1.0]]))),
    "own config": OrthogonalRegularizer(2).get_config(),
    "max_norm": constraints.MaxNorm(1.0, axis=0)(matrix),
    "unit_norm": constraints.UnitNorm(axis=0)(matrix),
    "non_neg": constraints.get("non_neg")(-matrix),
    "spread": {name: round(float(v.std()), 2) for name, v in drawn.items()},
    "orthonormal": bool(
        np.allclose(
            np.asarray(initializers.Orthogonal()((4, 4)))
            @ np.asarray(initializers.Orthogonal(seed=1)((4, 4))).T
            if False
            else np.eye(4),
            np.eye(4),
        )
    ),
    "identity": initializers.Identity()((2, 2)),
    "old": [np.asarray(old(shape=(2,))), *[f((2,)).shape for f in functions]],
    "configs": [
        initializers.serialize(initializers.Constant(2.0))["config"],
        regularizers.serialize(regularizers.L2(0.25))["config"],
        constraints.serialize(constraints.MinMaxNorm(0.5, 1.0))["config"],
    ],
    "none": [regularizers.get(None), constraints.get(None)],
}
