"""Transfer learning: a trained base is frozen, a head is trained, then the top is unfrozen."""

import numpy as np
import tensorflow as tf
from tensorflow import keras
from tensorflow.keras import layers

rng = np.random.default_rng(22)
base_model = keras.Sequential(
    [
        keras.Input(shape=(8, 8, 3)),
        layers.Conv2D(4, 3, padding="same", name="block1_conv"),
        layers.BatchNormalization(name="block1_bn"),
        layers.ReLU(max_value=6.0),
        layers.Conv2D(8, 3, padding="same", strides=2, name="block2_conv"),
        layers.BatchNormalization(name="block2_bn"),
        layers.ReLU(),
    ],
    name="base",
)
base_model.trainable = False
frozen = [len(base_model.trainable_weights), len(base_model.non_trainable_weights)]

inputs = keras.Input(shape=(8, 8, 3))
x = layers.RandomFlip("horizontal")(inputs)
x = layers.Rescaling(scale=1 / 127.5, offset=-1)(x)
x = base_model(x, training=False)
x = keras.layers.GlobalAveragePooling2D()(x)
x = keras.layers.Dropout(0.2)(x)
outputs = keras.layers.Dense(1)(x)
model = keras.Model(inputs, outputs)
model.compile(
    optimizer=keras.optimizers.Adam(0.05),
    loss=keras.losses.BinaryCrossentropy(from_logits=True),
    metrics=[keras.metrics.BinaryAccuracy(threshold=0, name="accuracy")],
)
labels = rng.integers(0, 2, size=40)
images = (
    rng.integers(0, 100, size=(40, 8, 8, 3)).astype("float32") + 150.0 * labels[:, None, None, None]
)
new_dataset = (
    tf.data.Dataset.from_tensor_slices((images, labels)).batch(10).prefetch(tf.data.AUTOTUNE)
)
before = [w.copy() for w in base_model.get_weights()]
head_weights = len(model.trainable_variables)
first = model.fit(new_dataset, epochs=4, validation_data=new_dataset, verbose=0)
untouched = all(np.array_equal(a, b) for a, b in zip(before, base_model.get_weights()))

base_model.trainable = True
fine_tune_at = 3
for layer in base_model.layers[:fine_tune_at]:
    layer.trainable = False
model.compile(
    loss=keras.losses.BinaryCrossentropy(from_logits=True),
    optimizer=keras.optimizers.RMSprop(learning_rate=1e-3),
    metrics=["accuracy"],
)
second = model.fit(new_dataset, epochs=6, initial_epoch=first.epoch[-1], verbose=0)
after = base_model.get_weights()
moved = [bool(np.any(a != b)) for a, b in zip(before, after)]

layer = layers.Dense(3)
layer.build((None, 4))
layer.trainable = False
inner = keras.Sequential(
    [keras.Input(shape=(3,)), layers.Dense(3, activation="relu"), layers.Dense(3)]
)
outer = keras.Sequential([keras.Input(shape=(3,)), inner, layers.Dense(3, activation="sigmoid")])
outer.trainable = False
popped = keras.Sequential([keras.Input((4,)), layers.Dense(3), layers.Dense(2, name="old")])
popped.pop()
popped.add(layers.Dense(5, name="new"))
features = base_model.predict(images[:2], verbose=0)
top = keras.Model(base_model.inputs, base_model.layers[-3].output)

RESULT = {
    "frozen": frozen,
    "head": head_weights,
    "untouched": untouched,
    "fell": first.history["loss"][-1] < first.history["loss"][0],
    "epochs": [first.epoch, second.epoch],
    "moved": moved[:10],  # what BatchNormalization counts is for the version of Keras to say
    "trainable": len(model.trainable_variables),
    "layer": [len(layer.trainable_weights), len(layer.non_trainable_weights)],
    "inner": [inner.trainable, inner.layers[0].trainable],
    "popped": [popped.output_shape, [layer.name for layer in popped.layers]],
    "features": features.shape,
    "top": top.output_shape,
}
