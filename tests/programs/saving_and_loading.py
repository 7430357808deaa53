"""Whole models in .keras and .h5 files, weights alone, configs, custom objects, checkpoints."""

import json
import os

import keras
import numpy as np
import tensorflow as tf
from keras import layers
from keras.models import load_model, model_from_json


@keras.saving.register_keras_serializable(package="course")
class Scale(layers.Layer):
    def __init__(self, factor=2.0, **kwargs):
        super().__init__(**kwargs)
        self.factor = factor

    def build(self, input_shape):
        self.shift = self.add_weight(shape=(input_shape[-1],), initializer="ones", name="shift")

    def call(self, inputs):
        return inputs * self.factor + self.shift

    def get_config(self):
        return {**super().get_config(), "factor": self.factor}


class Unregistered(layers.Layer):
    def call(self, inputs):
        return tf.nn.relu(inputs)


def huber_like(y_true, y_pred):
    return tf.reduce_mean(tf.abs(y_true - y_pred))


rng = np.random.default_rng(19)
x, y = rng.normal(size=(32, 4)).astype("float32"), rng.normal(size=(32, 1)).astype("float32")
inputs = keras.Input(shape=(4,), name="in")
hidden = Unregistered()(Scale(3.0)(layers.Dense(5, activation="tanh", name="hidden")(inputs)))
model = keras.Model(inputs, layers.Dense(1, name="out")(hidden), name="saved")
model.compile(optimizer=keras.optimizers.Adam(0.01), loss=huber_like, metrics=["mae"])
model.fit(x, y, epochs=2, verbose=0)
wanted = model.predict(x, verbose=0)

model.save("whole.keras")
loaded = load_model(
    "whole.keras", custom_objects={"Unregistered": Unregistered, "huber_like": huber_like}
)
inference = load_model("whole.keras", custom_objects={"Unregistered": Unregistered}, compile=False)
with keras.utils.custom_object_scope({"Unregistered": Unregistered, "huber_like": huber_like}):
    scoped = keras.models.load_model("whole.keras")
loaded.fit(x, y, epochs=1, verbose=0)

sequential = keras.Sequential(
    [keras.Input((4,)), layers.Dense(3, activation="relu"), layers.Dense(1)]
)
sequential.compile("sgd", "mse")
sequential.save("legacy.h5")
legacy = load_model("legacy.h5", compile=False)
sequential.save_weights("only.weights.h5")
twin = keras.models.clone_model(sequential)
differs = not np.allclose(twin.get_weights()[0], sequential.get_weights()[0])
twin.load_weights("only.weights.h5")
from_json = model_from_json(sequential.to_json())
from_config = keras.Sequential.from_config(sequential.get_config())
functional = keras.Model.from_config(
    model.get_config(), custom_objects={"Unregistered": Unregistered}
)
from_json.set_weights(sequential.get_weights())

step = tf.Variable(0)
checkpoint = tf.train.Checkpoint(step=step, model=sequential, optimizer=sequential.optimizer)
manager = tf.train.CheckpointManager(checkpoint, "./tf_ckpts", max_to_keep=2)
for _ in range(3):
    step.assign_add(1)
    path = manager.save()
before = sequential.get_weights()
sequential.set_weights([w * 0 for w in before])
step.assign(0)
checkpoint.restore(manager.latest_checkpoint)
try:
    load_model("nowhere.keras")
    error = None
except (OSError, ValueError) as problem:
    error = "nowhere.keras" in str(problem)

RESULT = {
    "the same": [
        bool(np.allclose(m.predict(x, verbose=0), wanted, atol=1e-6)) for m in (inference, scoped)
    ],
    "went on": int(loaded.optimizer.iterations),
    "names": [layer.name for layer in loaded.layers],
    "factor": loaded.layers[2].factor,
    "legacy": bool(
        np.allclose(legacy.predict(x, verbose=0), sequential.predict(x, verbose=0), atol=1e-6)
    ),
    "twin": [differs, bool(np.allclose(twin.get_weights()[0], before[0]))],
    "json": sorted(json.loads(sequential.to_json())["config"]["layers"][1]["config"])[:5],
    "from json": bool(
        np.allclose(from_json.predict(x, verbose=0), twin.predict(x, verbose=0), atol=1e-6)
    ),
    "configs": [len(from_config.layers), functional.name],
    "checkpoints": [len(manager.checkpoints), os.path.basename(path), int(step.numpy())],
    "restored": all(np.allclose(a, b) for a, b in zip(before, sequential.get_weights())),
    "error": error,
    "files": sorted(name for name in os.listdir(".") if name.endswith(("h5", "keras"))),
}
