"""Training in float16 with float32 variables: the policy, a scaled loss, a float32 output."""

import numpy as np
import tensorflow as tf
from tensorflow import keras
from tensorflow.keras import layers, mixed_precision

policy = mixed_precision.Policy("mixed_float16")
mixed_precision.set_global_policy(policy)
inputs = keras.Input(shape=(8,), name="digits")
dense1 = layers.Dense(16, activation="relu", name="dense_1")
x = dense1(inputs)
dense2 = layers.Dense(16, activation="relu", name="dense_2")
x = dense2(x)
hidden = x
x = layers.Dense(3, name="dense_logits")(x)
outputs = layers.Activation("softmax", dtype="float32", name="predictions")(x)
model = keras.Model(inputs=inputs, outputs=outputs)
rng = np.random.default_rng(24)
x_train = rng.normal(size=(96, 8)).astype("float32")
y_train = x_train[:, :3].argmax(axis=1)
model.compile(
    loss="sparse_categorical_crossentropy",
    optimizer=keras.optimizers.Adam(0.02),
    metrics=["accuracy"],
)
history = model.fit(x_train, y_train, batch_size=16, epochs=6, validation_split=0.25, verbose=0)
found = model.predict(x_train[:4], verbose=0)
optimizer = mixed_precision.LossScaleOptimizer(keras.optimizers.RMSprop())
loss_object = keras.losses.SparseCategoricalCrossentropy()


@tf.function
def train_step(x, y):
    with tf.GradientTape() as tape:
        predictions = model(x)
        loss = loss_object(y, predictions)
        scaled_loss = optimizer.scale_loss(loss)
    gradients = tape.gradient(scaled_loss, model.trainable_variables)
    optimizer.apply(gradients, model.trainable_variables)
    return loss


losses = [float(train_step(x_train[:32], y_train[:32])) for _ in range(4)]
names = [
    policy.name,
    policy.compute_dtype,
    policy.variable_dtype,
    mixed_precision.global_policy().name,
]
mixed_precision.set_global_policy("float32")

RESULT = {
    "policy": names,
    "layer": [
        dense1.compute_dtype,
        dense1.variable_dtype,
        dense1.kernel.dtype if isinstance(dense1.kernel.dtype, str) else dense1.kernel.dtype.name,
    ],
    "hidden": hidden.dtype if isinstance(hidden.dtype, str) else hidden.dtype.name,
    "output": str(found.dtype),
    "optimizer": type(model.optimizer).__name__,
    "fell": history.history["loss"][-1] < history.history["loss"][0],
    "finite": bool(np.isfinite(losses).all()),
    "after": layers.Dense(2).dtype_policy.name,
}
