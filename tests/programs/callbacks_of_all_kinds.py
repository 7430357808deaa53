"""Everything that may listen to training: stopping, saving, scheduling, logging, one's own."""

import csv
import os

import numpy as np
from tensorflow import keras
from tensorflow.keras import callbacks

rng = np.random.default_rng(17)
x = rng.normal(size=(64, 6)).astype("float32")
y = x @ rng.normal(size=(6, 1)).astype("float32")


def get_model(rate=0.05):
    model = keras.Sequential([keras.layers.Dense(8, activation="relu"), keras.layers.Dense(1)])
    model.compile(
        optimizer=keras.optimizers.RMSprop(learning_rate=rate), loss="mse", metrics=["mae"]
    )
    return model


class Listener(callbacks.Callback):
    def __init__(self):
        super().__init__()
        self.heard = []

    def on_train_begin(self, logs=None):
        self.heard.append("train begin")

    def on_epoch_begin(self, epoch, logs=None):
        self.heard.append(f"epoch {epoch} begin")

    def on_train_batch_begin(self, batch, logs=None):
        self.heard.append(f"batch {batch} begin")

    def on_train_batch_end(self, batch, logs=None):
        self.heard.append(f"batch {batch} end {sorted(logs)}")

    def on_test_begin(self, logs=None):
        self.heard.append("test begin")

    def on_test_end(self, logs=None):
        self.heard.append(f"test end {sorted(logs)}")

    def on_epoch_end(self, epoch, logs=None):
        self.heard.append(f"epoch end {sorted(logs)}")

    def on_train_end(self, logs=None):
        self.heard.append(f"train end {sorted(logs)}")


class EarlyStoppingAtMinLoss(callbacks.Callback):
    def __init__(self, patience=0):
        super().__init__()
        self.patience = patience
        self.best_weights = None

    def on_train_begin(self, logs=None):
        self.wait, self.stopped_epoch, self.best = 0, 0, np.inf

    def on_epoch_end(self, epoch, logs=None):
        current = logs.get("loss")
        if np.less(current, self.best):
            self.best, self.wait = current, 0
            self.best_weights = self.model.get_weights()
        else:
            self.wait += 1
            if self.wait >= self.patience:
                self.stopped_epoch = epoch
                self.model.stop_training = True
                self.model.set_weights(self.best_weights)


class BatchLosses(keras.callbacks.Callback):
    def on_train_begin(self, logs=None):
        self.per_batch_losses = []

    def on_batch_end(self, batch, logs):
        self.per_batch_losses.append(logs.get("loss"))


listener, batch_losses = Listener(), BatchLosses()
model = get_model()
model.fit(
    x,
    y,
    batch_size=32,
    epochs=1,
    validation_split=0.5,
    callbacks=[listener, batch_losses],
    verbose=0,
)

stopping = callbacks.EarlyStopping(
    monitor="val_loss", patience=2, min_delta=1e9, mode="min", restore_best_weights=True, verbose=0
)
model = get_model()
stopped = model.fit(x, y, epochs=20, validation_data=(x, y), callbacks=[stopping], verbose=0)
own = EarlyStoppingAtMinLoss(patience=1)
get_model(5.0).fit(x, y, epochs=3, callbacks=[own], verbose=0)

os.makedirs("ckpt", exist_ok=True)
rates, told = [], []
everything = [
    callbacks.ModelCheckpoint(
        filepath="ckpt/best.keras", save_best_only=True, monitor="val_loss", verbose=0
    ),
    callbacks.ModelCheckpoint(filepath="ckpt/{epoch:02d}.weights.h5", save_weights_only=True),
    callbacks.ReduceLROnPlateau(monitor="loss", factor=0.5, patience=1, min_delta=1e9, min_lr=0.01),
    callbacks.CSVLogger("log.csv", separator=",", append=False),
    callbacks.TerminateOnNaN(),
    callbacks.LambdaCallback(on_epoch_end=lambda epoch, logs: told.append(epoch)),
]
model = get_model(0.04)
history = model.fit(x, y, epochs=4, validation_split=0.25, callbacks=everything, verbose=0)
with open("log.csv") as stream:
    rows = list(csv.reader(stream))


def scheduler(epoch, lr):
    return lr if epoch < 2 else lr * 0.5


model = get_model(0.1)
scheduled = model.fit(
    x, y, epochs=4, callbacks=[callbacks.LearningRateScheduler(scheduler, verbose=0)], verbose=0
)
model.fit(
    x, y, epochs=3, initial_epoch=1, callbacks=[callbacks.BackupAndRestore("backup")], verbose=0
)

RESULT = {
    "heard": listener.heard,
    "batches": len(batch_losses.per_batch_losses),
    "stopped": [len(stopped.epoch), stopping.stopped_epoch],
    "own": own.stopped_epoch >= 0,
    "files": sorted(os.listdir("ckpt")),
    "header": rows[0],
    "rows": len(rows),
    "told": told,
    "plateau": history.history["learning_rate"],
    "schedule": scheduled.history["learning_rate"],
    "loaded": keras.models.load_model("ckpt/best.keras").predict(x[:2], verbose=0).shape,
}
