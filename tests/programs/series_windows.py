"""A time series cut into windows by tf.data; Conv1D and LSTM learn it; the rate is searched for."""

import keras
import numpy as np
import tensorflow as tf

tf.keras.backend.clear_session()
tf.random.set_seed(51)


def trend(time, slope=0.0):
    return slope * time


def seasonal_pattern(season_time):
    return np.where(season_time < 0.4, np.cos(season_time * 2 * np.pi), 1 / np.exp(3 * season_time))


def seasonality(time, period, amplitude=1, phase=0):
    season_time = ((time + phase) % period) / period
    return amplitude * seasonal_pattern(season_time)


time = np.arange(140, dtype="float32")
series = (1 + trend(time, 0.02) + seasonality(time, period=20, amplitude=2)).astype("float32")
split_time, window_size, batch_size, shuffle_buffer_size = 100, 12, 16, 100
x_train, x_valid = series[:split_time], series[split_time:]


def windowed_dataset(series, window_size, batch_size, shuffle_buffer):
    series = tf.expand_dims(series, axis=-1)
    ds = tf.data.Dataset.from_tensor_slices(series)
    ds = ds.window(window_size + 1, shift=1, drop_remainder=True)
    ds = ds.flat_map(lambda w: w.batch(window_size + 1))
    ds = ds.shuffle(shuffle_buffer)
    ds = ds.map(lambda w: (w[:-1], w[1:]))
    return ds.batch(batch_size).prefetch(1)


def model_forecast(model, series, window_size):
    ds = tf.data.Dataset.from_tensor_slices(series)
    ds = ds.window(window_size, shift=1, drop_remainder=True)
    ds = ds.flat_map(lambda w: w.batch(window_size))
    ds = ds.batch(32).prefetch(1)
    return model.predict(ds, verbose=0)


train_set = windowed_dataset(x_train, window_size, batch_size, shuffle_buffer_size)
model = tf.keras.models.Sequential(
    [
        tf.keras.layers.Conv1D(
            filters=8,
            kernel_size=5,
            strides=1,
            padding="causal",
            activation="relu",
            input_shape=[None, 1],
        ),
        tf.keras.layers.LSTM(8, return_sequences=True),
        tf.keras.layers.Dense(8, activation="relu"),
        tf.keras.layers.Dense(1),
        tf.keras.layers.Lambda(lambda x: x * 10.0),
    ]
)
lr_schedule = tf.keras.callbacks.LearningRateScheduler(lambda epoch: 1e-4 * 10 ** (epoch / 4))
optimizer = tf.keras.optimizers.SGD(learning_rate=1e-8, momentum=0.9)
model.compile(loss=tf.keras.losses.Huber(), optimizer=optimizer, metrics=["mae"])
history = model.fit(train_set, epochs=6, callbacks=[lr_schedule], verbose=0)
forecast = model_forecast(model, series[..., np.newaxis], window_size)
rnn_forecast = forecast[split_time - window_size : -1, -1, 0]
mae = keras.losses.mean_absolute_error(x_valid, rnn_forecast).numpy()
windows = tf.data.Dataset.range(6).window(3, shift=2, stride=1, drop_remainder=True)
windows = windows.flat_map(lambda window: window.batch(3))

RESULT = {
    "windows": [w.numpy().tolist() for w in windows],
    "rates": history.history["learning_rate"],
    "fell": history.history["loss"][-1] < history.history["loss"][0],
    "batches": sum(1 for _ in train_set),
    "first": [t.shape for t in next(iter(train_set))],
    "forecast": [forecast.shape, rnn_forecast.shape],
    "mae": bool(mae > 0),
    "known": keras.losses.mean_absolute_error([1.0, 2.0], [2.0, 4.0]),
}
