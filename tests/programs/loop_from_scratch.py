"""A training loop from scratch: batches from tf.data, a tape, metrics, tf.function."""

import numpy as np
import tensorflow as tf
from tensorflow import keras
from tensorflow.keras import layers

keras.utils.set_random_seed(7)
rng = np.random.default_rng(7)
x_train = rng.normal(size=(160, 10)).astype("float32")
y_train = (x_train[:, 0] > 0).astype("int64") + (x_train[:, 1] > 0).astype("int64")
x_val, y_val = x_train[-40:], y_train[-40:]
x_train, y_train = x_train[:-40], y_train[:-40]

inputs = keras.Input(shape=(10,), name="digits")
x = layers.Dense(32, activation="relu", name="dense_1")(inputs)
x = layers.Dropout(0.1)(x)
outputs = layers.Dense(3, name="predictions")(x)
model = keras.Model(inputs=inputs, outputs=outputs)

optimizer = keras.optimizers.Adam(learning_rate=1e-2)
loss_fn = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
train_acc_metric = keras.metrics.SparseCategoricalAccuracy()
val_acc_metric = keras.metrics.SparseCategoricalAccuracy()
batch_size = 20
train_dataset = tf.data.Dataset.from_tensor_slices((x_train, y_train))
train_dataset = train_dataset.shuffle(buffer_size=1024).batch(batch_size)
val_dataset = tf.data.Dataset.from_tensor_slices((x_val, y_val)).batch(batch_size)


@tf.function
def train_step(x, y):
    with tf.GradientTape() as tape:
        logits = model(x, training=True)
        loss_value = loss_fn(y, logits)
        loss_value += sum(model.losses)
    grads = tape.gradient(loss_value, model.trainable_weights)
    optimizer.apply_gradients(zip(grads, model.trainable_weights))
    train_acc_metric.update_state(y, logits)
    return loss_value


@tf.function
def test_step(x, y):
    val_logits = model(x, training=False)
    val_acc_metric.update_state(y, val_logits)


seen, losses, accuracies = 0, [], []
for _ in range(12):
    for step, (x_batch_train, y_batch_train) in enumerate(train_dataset):
        loss_value = train_step(x_batch_train, y_batch_train)
        seen += x_batch_train.shape[0]
        if step % 200 == 0:
            losses.append(float(loss_value))
    accuracies.append(float(train_acc_metric.result()))
    train_acc_metric.reset_state()
    for x_batch_val, y_batch_val in val_dataset:
        test_step(x_batch_val, y_batch_val)
    val_acc = val_acc_metric.result()
    val_acc_metric.reset_state()

RESULT = {
    "samples": seen,
    "fell": losses[-1] < losses[0],
    "accurate": accuracies[-1] > 0.85,
    "validation": float(val_acc) > 0.7,
    "steps": int(optimizer.iterations.numpy()),
    "variables": [v.shape for v in model.trainable_variables],
    "reset": float(val_acc_metric.result()),
}
