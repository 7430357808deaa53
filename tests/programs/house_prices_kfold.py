"""Regression with features on different scales, validated k-fold."""

import numpy as np
from tensorflow.keras import layers, models

rng = np.random.default_rng(2)
train_data = rng.normal(size=(120, 5)) * [1, 10, 100, 0.1, 5] + [0, 5, 300, 2, 1]
train_targets = (train_data[:, 1] * 0.3 + train_data[:, 2] * 0.02 + 4).astype("float32")

mean = train_data.mean(axis=0)
train_data -= mean
std = train_data.std(axis=0)
train_data /= std


def build_model():
    model = models.Sequential()
    model.add(layers.Dense(32, activation="relu", input_shape=(train_data.shape[1],)))
    model.add(layers.Dense(32, activation="relu"))
    model.add(layers.Dense(1))
    model.compile(optimizer="rmsprop", loss="mse", metrics=["mae"])
    return model


k, num_epochs = 3, 25
num_val_samples = len(train_data) // k
all_scores, histories = [], []
for i in range(k):
    val_data = train_data[i * num_val_samples : (i + 1) * num_val_samples]
    val_targets = train_targets[i * num_val_samples : (i + 1) * num_val_samples]
    partial_train_data = np.concatenate(
        [train_data[: i * num_val_samples], train_data[(i + 1) * num_val_samples :]], axis=0
    )
    partial_train_targets = np.concatenate(
        [train_targets[: i * num_val_samples], train_targets[(i + 1) * num_val_samples :]], axis=0
    )
    model = build_model()
    history = model.fit(
        partial_train_data,
        partial_train_targets,
        epochs=num_epochs,
        validation_data=(val_data, val_targets),
        batch_size=8,
        verbose=0,
    )
    val_mse, val_mae = model.evaluate(val_data, val_targets, verbose=0)
    all_scores.append(val_mae)
    histories.append(history.history["val_mae"])

RESULT = {
    "scores": len(all_scores),
    "good": bool(np.mean(all_scores) < 4),
    "better": bool(np.mean([h[-1] for h in histories]) < np.mean([h[0] for h in histories])),
    "metrics": sorted(history.history),
    "name": model.layers[0].name,
}
