"""Recurrent cells of one's own in keras.layers.RNN; states that go in and out."""

import keras
import numpy as np
from keras import layers, ops


class MinimalRNNCell(keras.layers.Layer):
    def __init__(self, units, **kwargs):
        super().__init__(**kwargs)
        self.units = units
        self.state_size = units

    def build(self, input_shape):
        self.kernel = self.add_weight(
            shape=(input_shape[-1], self.units), initializer="uniform", name="kernel"
        )
        self.recurrent_kernel = self.add_weight(
            shape=(self.units, self.units), initializer="uniform", name="recurrent_kernel"
        )

    def call(self, inputs, states):
        prev_output = states[0]
        h = ops.matmul(inputs, self.kernel)
        output = h + ops.matmul(prev_output, self.recurrent_kernel)
        return output, [output]


class LNSimpleRNNCell(layers.Layer):
    def __init__(self, units, activation="tanh", **kwargs):
        super().__init__(**kwargs)
        self.state_size = units
        self.output_size = units
        self.simple_rnn_cell = layers.SimpleRNNCell(units, activation=None)
        self.layer_norm = layers.LayerNormalization()
        self.activation = keras.activations.get(activation)

    def call(self, inputs, states):
        outputs, _ = self.simple_rnn_cell(inputs, states)
        norm_outputs = self.activation(self.layer_norm(outputs))
        return norm_outputs, [norm_outputs]


class Forecaster(keras.Model):
    """Warms up on a series, then feeds its own predictions back."""

    def __init__(self, units, out_steps):
        super().__init__()
        self.out_steps = out_steps
        self.lstm_cell = layers.LSTMCell(units)
        self.lstm_rnn = layers.RNN(self.lstm_cell, return_state=True)
        self.dense = layers.Dense(1)

    def warmup(self, inputs):
        x, *state = self.lstm_rnn(inputs)
        return self.dense(x), state

    def call(self, inputs, training=None):
        predictions = []
        prediction, state = self.warmup(inputs)
        predictions.append(prediction)
        for _ in range(1, self.out_steps):
            x, state = self.lstm_cell(prediction, states=state, training=training)
            prediction = self.dense(x)
            predictions.append(prediction)
        predictions = ops.stack(predictions)
        return ops.transpose(predictions, [1, 0, 2])


x = keras.Input((None, 5))
cells = [MinimalRNNCell(4), MinimalRNNCell(6)]
stacked = keras.Model(x, layers.RNN(cells)(x))
series = np.sin(np.arange(120) / 5).astype("float32")
windows = np.stack([series[i : i + 12] for i in range(100)])[..., None]
forecaster = Forecaster(8, 3)
forecaster.compile(loss="mse", optimizer=keras.optimizers.Adam(0.01))
history = forecaster.fit(windows[:, :9], windows[:, 9:], epochs=4, verbose=0)
normed = keras.Sequential(
    [
        layers.RNN(LNSimpleRNNCell(5), return_sequences=True),
        layers.RNN(LNSimpleRNNCell(5)),
        layers.Dense(1),
    ]
)
normed.compile(loss="mse", optimizer="adam")
normed.fit(windows[:, :9], windows[:, 9], epochs=1, verbose=0)

# A cell that adds up: the layer's outputs are running sums.
adding = MinimalRNNCell(2)
running = layers.RNN(adding, return_sequences=True, return_state=True)
running.build((None, None, 2))
adding.set_weights([np.eye(2), np.eye(2)])
sums, last = running(np.ones((1, 3, 2), "float32"))
backwards = layers.RNN(adding, go_backwards=True, return_sequences=True)(
    np.array([[[1.0, 0.0], [0.0, 2.0]]])
)
gru = layers.GRU(3, return_sequences=True, return_state=True, reset_after=True)
outputs, state = gru(windows[:2])
both = layers.Bidirectional(
    layers.LSTM(2, return_sequences=True, return_state=True),
    backward_layer=layers.LSTM(2, return_sequences=True, return_state=True, go_backwards=True),
)(windows[:2])

spread = layers.TimeDistributed(layers.Conv2D(2, 3))(np.ones((1, 2, 4, 4, 1), "float32"))
repeated = layers.RepeatVector(3)(np.ones((2, 4), "float32"))

RESULT = {
    "stacked": [stacked.output_shape, [w.shape for w in stacked.get_weights()]],
    "fell": history.history["loss"][-1] < history.history["loss"][0],
    "forecast": forecaster.predict(windows[:2, :9], verbose=0).shape,
    "normed": normed.predict(windows[:2], verbose=0).shape,
    "sums": sums,
    "last": last,
    "backwards": backwards,
    "gru": [outputs.shape, state.shape, bool(np.allclose(outputs[:, -1], state))],
    "both": [tuple(t.shape) for t in both],
    "others": [spread.shape, repeated.shape],
    "weights": len(forecaster.trainable_weights),
}
