"""Classifying small pictures with Flatten, Dense and Dropout; probabilities by a Softmax on top."""

import numpy as np
import tensorflow as tf

rng = np.random.default_rng(0)
labels = rng.integers(0, 4, size=200)
images = rng.uniform(0, 60, size=(200, 8, 8))
for i, label in enumerate(labels):
    images[i, 2 * label : 2 * label + 2] += 180
x_train, y_train = images[:160] / 255.0, labels[:160]
x_test, y_test = images[160:] / 255.0, labels[160:]

model = tf.keras.models.Sequential(
    [
        tf.keras.layers.Flatten(input_shape=(8, 8)),
        tf.keras.layers.Dense(32, activation="relu"),
        tf.keras.layers.Dropout(0.2),
        tf.keras.layers.Dense(4),
    ]
)
predictions = model(x_train[:1]).numpy()
loss_fn = tf.keras.losses.SparseCategoricalCrossentropy(from_logits=True)
at_first = loss_fn(y_train[:1], predictions).numpy()
model.compile(optimizer="adam", loss=loss_fn, metrics=["accuracy"])
lines = []
model.summary(print_fn=lambda text, **kwargs: lines.append(text))
model.fit(x_train, y_train, epochs=25, verbose=0)
test_loss, test_acc = model.evaluate(x_test, y_test, verbose=2)
by_name = model.evaluate(x_test, y_test, verbose=0, return_dict=True)

probability_model = tf.keras.Sequential([model, tf.keras.layers.Softmax()])
probabilities = probability_model(x_test[:5])
chosen = np.argmax(probability_model.predict(x_test, verbose=0), axis=1)

RESULT = {
    "logits": predictions.shape,
    "positive": bool(at_first > 0),
    "learnt": test_acc > 0.9,
    "the same twice": abs(by_name["loss"] - test_loss) < 1e-6,
    "names": sorted(by_name),
    "sums": tf.reduce_sum(probabilities, axis=1),
    "right": bool(np.mean(chosen == y_test) > 0.9),
    "in the summary": [word in "\n".join(lines) for word in ("Flatten", "2,080", "2,212")],
    "layers": [layer.name for layer in model.layers],
}
