"""A model with its own train_step, test_step, compile and metrics."""

import keras
import numpy as np
import tensorflow as tf


class CustomModel(keras.Model):
    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.loss_tracker = keras.metrics.Mean(name="loss")
        self.mae_metric = keras.metrics.MeanAbsoluteError(name="mae")

    def train_step(self, data):
        if len(data) == 3:
            x, y, sample_weight = data
        else:
            sample_weight = None
            x, y = data
        with tf.GradientTape() as tape:
            y_pred = self(x, training=True)
            loss = self.compute_loss(x=x, y=y, y_pred=y_pred, sample_weight=sample_weight)
        trainable_vars = self.trainable_variables
        gradients = tape.gradient(loss, trainable_vars)
        self.optimizer.apply_gradients(zip(gradients, trainable_vars))
        self.loss_tracker.update_state(loss)
        self.mae_metric.update_state(y, y_pred, sample_weight=sample_weight)
        return {"loss": self.loss_tracker.result(), "mae": self.mae_metric.result()}

    def test_step(self, data):
        x, y = data
        y_pred = self(x, training=False)
        self.loss_tracker.update_state(keras.losses.mean_squared_error(y, y_pred))
        self.mae_metric.update_state(y, y_pred)
        return {m.name: m.result() for m in self.metrics}

    @property
    def metrics(self):
        return [self.loss_tracker, self.mae_metric]


class WithLossFn(keras.Model):
    def __init__(self, net, **kwargs):
        super().__init__(**kwargs)
        self.net = net

    def compile(self, optimizer, loss_fn, run_eagerly=False):
        super().compile(run_eagerly=run_eagerly)
        self.my_optimizer = optimizer
        self.loss_fn = loss_fn

    def call(self, inputs):
        return self.net(inputs)

    def train_step(self, data):
        x, y = data
        with tf.GradientTape() as tape:
            loss = self.loss_fn(y, self.net(x))
        grads = tape.gradient(loss, self.net.trainable_weights)
        self.my_optimizer.apply_gradients(zip(grads, self.net.trainable_weights))
        return {"d_loss": loss}


inputs = keras.Input(shape=(8,))
outputs = keras.layers.Dense(1)(inputs)
model = CustomModel(inputs, outputs)
model.compile(optimizer="adam", loss="mse")
x = np.random.random((64, 8)).astype("float32")
y = x[:, :1] * 2 - 1
history = model.fit(x, y, epochs=20, validation_data=(x, y), verbose=0)
weighted = model.fit(x, y, sample_weight=np.ones((64, 1)), epochs=1, verbose=0)

other = WithLossFn(keras.Sequential([keras.layers.Dense(4, "relu"), keras.layers.Dense(1)]))
other.compile(keras.optimizers.SGD(0.1), keras.losses.MeanSquaredError())
logs = other.fit(x, y, epochs=15, verbose=0).history
eager = WithLossFn(keras.Sequential([keras.layers.Dense(1)]))
eager.compile(
    optimizer=keras.optimizers.SGD(0.1), loss_fn=keras.losses.MeanSquaredError(), run_eagerly=True
)
eager.fit(x, y, epochs=1, verbose=0)

RESULT = {
    "history": sorted(history.history),
    "fell": history.history["loss"][-1] < history.history["loss"][0],
    "evaluated": sorted(model.evaluate(x, y, verbose=0, return_dict=True)),
    "metrics": [m.name for m in model.metrics],
    "weighted": sorted(weighted.history),
    "other": sorted(logs),
    "other fell": logs["d_loss"][-1] < logs["d_loss"][0],
    "weights": [len(other.trainable_weights), len(eager.net.weights)],
}
