"""Forecasting from several series: timeseries_dataset_from_array and a row of recurrent models."""

import numpy as np
from tensorflow import keras
from tensorflow.keras import layers

rng = np.random.default_rng(16)
steps = np.arange(240)
temperature = 10 * np.sin(steps / 12) + rng.normal(size=240)
raw_data = np.stack([temperature, rng.normal(size=240) * 5 + 30, np.cos(steps / 12)], axis=1)
num_train_samples, num_val_samples = 120, 60
mean = raw_data[:num_train_samples].mean(axis=0)
raw_data -= mean
std = raw_data[:num_train_samples].std(axis=0)
raw_data /= std

sampling_rate, sequence_length, batch_size = 2, 8, 16
delay = sampling_rate * (sequence_length + 2 - 1)
options = {
    "sampling_rate": sampling_rate,
    "sequence_length": sequence_length,
    "batch_size": batch_size,
}
train_dataset = keras.utils.timeseries_dataset_from_array(
    raw_data[:-delay],
    targets=temperature[delay:],
    shuffle=True,
    start_index=0,
    end_index=num_train_samples,
    **options,
)
val_dataset = keras.utils.timeseries_dataset_from_array(
    raw_data[:-delay],
    targets=temperature[delay:],
    shuffle=False,
    start_index=num_train_samples,
    end_index=num_train_samples + num_val_samples,
    **options,
)
int_sequence = np.arange(10)
dummy_dataset = keras.utils.timeseries_dataset_from_array(
    data=int_sequence[:-3], targets=int_sequence[3:], sequence_length=3, batch_size=2
)
dummy = [(i.tolist(), t.tolist()) for i, t in dummy_dataset.as_numpy_iterator()]


def evaluate_naive_method(dataset):
    total_abs_err, samples_seen = 0.0, 0
    for samples, targets in dataset:
        preds = samples[:, -1, 0] * std[0] + mean[0]
        total_abs_err += np.sum(np.abs(preds - targets))
        samples_seen += samples.shape[0]
    return float(total_abs_err / samples_seen)


def fitted(x_to_y, epochs=1):
    inputs = keras.Input(shape=(sequence_length, raw_data.shape[-1]))
    model = keras.Model(inputs, layers.Dense(1)(x_to_y(inputs)))
    callbacks = [keras.callbacks.ModelCheckpoint("best.keras", save_best_only=True)]
    model.compile(optimizer="rmsprop", loss="mse", metrics=["mae"])
    history = model.fit(
        train_dataset, epochs=epochs, validation_data=val_dataset, callbacks=callbacks, verbose=0
    )
    best = keras.models.load_model("best.keras")
    return model, history.history, best.evaluate(val_dataset, verbose=0)[1]


dense, history, _ = fitted(
    lambda x: layers.Dense(8, activation="relu")(layers.Flatten()(x)), epochs=6
)
conv, _, _ = fitted(
    lambda x: layers.GlobalAveragePooling1D()(
        layers.MaxPooling1D(2)(layers.Conv1D(4, 3, activation="relu")(x))
    )
)
lstm, _, best_mae = fitted(lambda x: layers.LSTM(6, recurrent_dropout=0.25)(x))
gru, _, _ = fitted(lambda x: layers.GRU(4, dropout=0.1)(layers.GRU(4, return_sequences=True)(x)))
both, _, _ = fitted(lambda x: layers.Bidirectional(layers.LSTM(4))(x))

RESULT = {
    "dummy": dummy,
    "naive": round(evaluate_naive_method(val_dataset), 3),
    "shapes": [t.shape for t in next(iter(train_dataset))],
    "fell": history["loss"][-1] < history["loss"][0],
    "best": best_mae > 0,
    "parameters": [m.count_params() for m in (dense, conv, lstm, gru, both)],
    "batches": [len(train_dataset), len(val_dataset)],
}
