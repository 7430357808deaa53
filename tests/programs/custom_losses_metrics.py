"""Losses and metrics as functions and as classes, with weights and reductions."""

import numpy as np
import tensorflow as tf
from tensorflow import keras


def create_huber(threshold=1.0):
    def huber_fn(y_true, y_pred):
        error = y_true - y_pred
        is_small_error = tf.abs(error) < threshold
        squared_loss = tf.square(error) / 2
        linear_loss = threshold * tf.abs(error) - threshold**2 / 2
        return tf.where(is_small_error, squared_loss, linear_loss)

    return huber_fn


class HuberLoss(keras.losses.Loss):
    def __init__(self, threshold=1.0, **kwargs):
        self.threshold = threshold
        super().__init__(**kwargs)

    def call(self, y_true, y_pred):
        return create_huber(self.threshold)(y_true, y_pred)

    def get_config(self):
        base_config = super().get_config()
        return {**base_config, "threshold": self.threshold}


class HuberMetric(keras.metrics.Metric):
    def __init__(self, threshold=1.0, **kwargs):
        super().__init__(**kwargs)
        self.threshold = threshold
        self.huber_fn = create_huber(threshold)
        self.total = self.add_weight(name="total", initializer="zeros")
        self.count = self.add_weight(name="count", initializer="zeros")

    def update_state(self, y_true, y_pred, sample_weight=None):
        metric = self.huber_fn(tf.cast(y_true, tf.float32), tf.cast(y_pred, tf.float32))
        self.total.assign_add(tf.reduce_sum(metric))
        self.count.assign_add(tf.cast(tf.size(y_true), tf.float32))

    def result(self):
        return self.total / self.count

    def reset_state(self):
        self.total.assign(0.0)
        self.count.assign(0.0)

    def get_config(self):
        return {**super().get_config(), "threshold": self.threshold}


class CategoricalTruePositives(keras.metrics.Metric):
    def __init__(self, name="categorical_true_positives", **kwargs):
        super().__init__(name=name, **kwargs)
        self.true_positives = self.add_weight(shape=(), name="ctp", initializer="zeros")

    def update_state(self, y_true, y_pred, sample_weight=None):
        y_pred = keras.ops.reshape(keras.ops.argmax(y_pred, axis=1), (-1, 1))
        values = keras.ops.equal(keras.ops.cast(y_true, "int32"), keras.ops.cast(y_pred, "int32"))
        values = keras.ops.cast(values, "float32")
        if sample_weight is not None:
            values = keras.ops.multiply(values, keras.ops.cast(sample_weight, "float32"))
        self.true_positives.assign_add(keras.ops.sum(values))

    def result(self):
        return self.true_positives.value

    def reset_state(self):
        self.true_positives.assign(0.0)


y_true = tf.constant([[0.0], [0.0], [1.0]])
y_pred = tf.constant([[0.5], [2.0], [1.0]])
metric = HuberMetric(threshold=1.0)
after_one = float(metric(y_true, y_pred))
metric.update_state(tf.constant([[1.0]]), tf.constant([[1.0]]))
losses = {
    "function": tf.reduce_mean(create_huber()(y_true, y_pred)),
    "class": HuberLoss()(y_true, y_pred),
    "sum": HuberLoss(reduction="sum")(y_true, y_pred),
    "none": tf.reduce_sum(HuberLoss(reduction="none")(y_true, y_pred)),
    "weighted": HuberLoss()(y_true, y_pred, sample_weight=tf.constant([1.0, 0.0, 1.0])),
    "mse": keras.losses.MeanSquaredError()(y_true, y_pred),
    "mae": keras.losses.MeanAbsoluteError(reduction="sum")(y_true, y_pred),
    "bce": keras.losses.BinaryCrossentropy(from_logits=True)(y_true, y_pred),
    "cce": keras.losses.CategoricalCrossentropy(label_smoothing=0.1)([[0.0, 1.0]], [[0.4, 0.6]]),
    "sparse": keras.losses.sparse_categorical_crossentropy(np.array([1]), np.array([[0.4, 0.6]]))[
        0
    ],
    "huber": keras.losses.Huber(delta=1.0)(y_true, y_pred),
    "kld": keras.losses.KLDivergence()([[0.5, 0.5]], [[0.25, 0.75]]),
    "cosine": keras.losses.CosineSimilarity(axis=1)([[0.0, 1.0]], [[1.0, 1.0]]),
}
metrics = {
    "binary": keras.metrics.BinaryAccuracy(threshold=0.6)([[1], [0]], [[0.7], [0.65]]),
    "categorical": keras.metrics.CategoricalAccuracy()([[0, 1], [1, 0]], [[0.2, 0.8], [0.3, 0.7]]),
    "sparse": keras.metrics.sparse_categorical_accuracy([1, 0], [[0.2, 0.8], [0.3, 0.7]]),
    "top": keras.metrics.TopKCategoricalAccuracy(k=2)([[0, 0, 1]], [[0.5, 0.2, 0.3]]),
    "rmse": keras.metrics.RootMeanSquaredError()([0.0, 0.0], [3.0, 4.0]),
    "mean": keras.metrics.Mean()([1.0, 2.0, 6.0]),
    "precision": keras.metrics.Precision()([0, 1, 1, 1], [1, 0, 1, 1]),
    "iou": keras.metrics.MeanIoU(num_classes=2)([0, 0, 1, 1], [0, 1, 0, 1]),
}
model = keras.Sequential([keras.layers.Dense(8, activation="relu"), keras.layers.Dense(1)])
model.compile(
    loss=HuberLoss(2.0), optimizer="nadam", metrics=[HuberMetric(2.0, name="hm"), create_huber(1.0)]
)
x = np.random.default_rng(20).normal(size=(32, 3)).astype("float32")
history = model.fit(x, x[:, :1], epochs=3, verbose=0)
classes = keras.Sequential([keras.layers.Dense(3, activation="softmax")])
classes.compile("adam", "sparse_categorical_crossentropy", metrics=[CategoricalTruePositives()])
counted = classes.fit(x, np.abs(x[:, :1] > 0).astype("int32"), epochs=1, verbose=0, batch_size=8)

RESULT = {
    "losses": {k: round(float(v), 5) for k, v in losses.items()},
    "metrics": {k: np.round(np.array(v), 5).tolist() for k, v in metrics.items()},
    "after one": after_one,
    "after two": float(metric.result()),
    "config": [
        HuberLoss(3.0).get_config()["threshold"],
        HuberMetric(2.0).get_config()["threshold"],
    ],
    "weights": [v.name for v in metric.variables],
    "history": sorted(history.history),
    "counted": [
        0 <= counted.history["categorical_true_positives"][0] <= 32,
        sorted(counted.history),
    ],
}
