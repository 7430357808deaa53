"""A straight line learnt by one neuron: the first program of many courses."""

import numpy as np
import tensorflow as tf
from tensorflow import keras

print(tf.__version__)
model = tf.keras.Sequential([keras.layers.Dense(units=1, input_shape=[1])])
model.compile(optimizer="sgd", loss="mean_squared_error")

celsius = np.array([-1.0, 0.0, 1.0, 2.0, 3.0, 4.0], dtype=float)
wanted = np.array([-4.0, -1.0, 2.0, 5.0, 8.0, 11.0], dtype=float)
history = model.fit(celsius, wanted, epochs=150, verbose=0)
guess = model.predict(np.array([10.0]), verbose=0)

kernel, bias = model.layers[0].get_weights()
RESULT = {
    "prediction is near 29": bool(abs(guess[0, 0] - 29) < 3),
    "shape": guess.shape,
    "kernel": kernel.shape,
    "bias": bias.shape,
    "epochs": len(history.history["loss"]),
    "fell": history.history["loss"][-1] < history.history["loss"][0],
    "parameters": model.count_params(),
    "modern": tf.__version__.startswith("2."),
}
