"""Schedules of the learning rate: those that exist, and one's own."""

import keras
import numpy as np
import tensorflow as tf


class WarmUp(keras.optimizers.schedules.LearningRateSchedule):
    def __init__(self, base, warmup_steps):
        self.base = base
        self.warmup_steps = warmup_steps

    def __call__(self, step):
        step = tf.cast(step, tf.float32)
        return tf.where(step < self.warmup_steps, self.base * step / self.warmup_steps, self.base)

    def get_config(self):
        return {"base": self.base, "warmup_steps": self.warmup_steps}


s = keras.optimizers.schedules
known = {
    "exponential": s.ExponentialDecay(initial_learning_rate=0.1, decay_steps=10, decay_rate=0.5),
    "staircase": s.ExponentialDecay(0.1, decay_steps=10, decay_rate=0.5, staircase=True),
    "piecewise": s.PiecewiseConstantDecay(boundaries=[5, 15], values=[1.0, 0.5, 0.1]),
    "polynomial": s.PolynomialDecay(0.1, 20, 0.01, power=0.5),
    "inverse": s.InverseTimeDecay(0.1, decay_steps=1.0, decay_rate=0.5),
    "cosine": s.CosineDecay(0.1, decay_steps=20, alpha=0.1),
    "warm": s.CosineDecay(0.0, decay_steps=20, warmup_target=0.1, warmup_steps=5),
    "restarts": s.CosineDecayRestarts(0.1, first_decay_steps=8),
    "own": WarmUp(0.2, 8),
}
x, y = np.ones((40, 3), "float32"), np.ones((40, 1), "float32")
model = keras.Sequential([keras.layers.Dense(1)])
optimizer = keras.optimizers.SGD(learning_rate=WarmUp(0.1, 10))
model.compile(optimizer=optimizer, loss="mse")
model.fit(x, y, batch_size=8, epochs=1, verbose=0)
after = float(optimizer.learning_rate)
plain = keras.optimizers.Adam(learning_rate=0.01)
plain.learning_rate = 0.005
assigned = keras.optimizers.Adam(1e-3)
assigned.learning_rate.assign(0.25)
keras.backend.set_value(plain.learning_rate, 0.002) if hasattr(keras.backend, "set_value") else None
again = keras.optimizers.schedules.deserialize(
    keras.optimizers.schedules.serialize(known["exponential"])
)

RESULT = {
    "values": {
        name: [round(float(rate(step)), 6) for step in (0, 3, 10, 25)]
        for name, rate in known.items()
    },
    "after five steps": after,
    "assigned": float(assigned.learning_rate),
    "iterations": int(optimizer.iterations),
    "configs": [WarmUp(1.0, 2).get_config(), known["polynomial"].get_config()],
    "again": float(again(10)),
}
