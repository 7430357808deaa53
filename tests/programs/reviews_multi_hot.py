"""Binary classification of word lists in the manner of a textbook's first chapter on text."""

import numpy as np
from tensorflow import keras
from tensorflow.keras import layers

WORDS = 60
rng = np.random.default_rng(1)


def vectorize_sequences(sequences, dimension=WORDS):
    results = np.zeros((len(sequences), dimension))
    for i, sequence in enumerate(sequences):
        for j in sequence:
            results[i, j] = 1.0
    return results


train_labels = rng.integers(0, 2, size=300)
train_data = [
    rng.integers(0, 30, size=12) + 30 * (label == 1) * (rng.random(12) < 0.7)
    for label in train_labels
]
x_train = vectorize_sequences(train_data)
y_train = np.asarray(train_labels).astype("float32")

model = keras.Sequential(
    [
        layers.Dense(16, activation="relu"),
        layers.Dense(16, activation="relu"),
        layers.Dense(1, activation="sigmoid"),
    ]
)
model.compile(optimizer="rmsprop", loss="binary_crossentropy", metrics=["accuracy"])
x_val, partial_x_train = x_train[:100], x_train[100:]
y_val, partial_y_train = y_train[:100], y_train[100:]
history = model.fit(
    partial_x_train,
    partial_y_train,
    epochs=12,
    batch_size=32,
    validation_data=(x_val, y_val),
    verbose=0,
)
history_dict = history.history
results = model.evaluate(x_val, y_val, verbose=0)
again = model.fit(x_train, y_train, epochs=1, batch_size=64, validation_split=0.25, verbose=0)

RESULT = {
    "keys": sorted(history_dict),
    "epochs": history.epoch,
    "learnt": history_dict["val_accuracy"][-1] > 0.8,
    "results": len(results),
    "prediction": model.predict(x_val, verbose=0).shape,
    "after a split": sorted(again.history),
    "weights": [w.shape for w in model.get_weights()],
}
