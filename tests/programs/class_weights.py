"""Imbalanced classes: an initial bias, class weights, resampled data and the metrics that tell."""

import numpy as np
import tensorflow as tf
from tensorflow import keras

rng = np.random.default_rng(18)
labels = (rng.random(400) < 0.1).astype("int64")
features = (rng.normal(size=(400, 4)) + 2 * labels[:, None]).astype("float32")
neg, pos = np.bincount(labels)
METRICS = [
    keras.metrics.TruePositives(name="tp"),
    keras.metrics.FalsePositives(name="fp"),
    keras.metrics.TrueNegatives(name="tn"),
    keras.metrics.FalseNegatives(name="fn"),
    keras.metrics.BinaryAccuracy(name="accuracy"),
    keras.metrics.Precision(name="precision"),
    keras.metrics.Recall(name="recall"),
    keras.metrics.AUC(name="auc"),
    keras.metrics.AUC(name="prc", curve="PR"),
]


def make_model(metrics=METRICS, output_bias=None):
    if output_bias is not None:
        output_bias = keras.initializers.Constant(output_bias)
    model = keras.Sequential(
        [
            keras.layers.Dense(16, activation="relu", input_shape=(features.shape[-1],)),
            keras.layers.Dropout(0.5),
            keras.layers.Dense(
                1, activation="sigmoid", kernel_initializer="zeros", bias_initializer=output_bias
            ),
        ]
    )
    model.compile(
        optimizer=keras.optimizers.Adam(learning_rate=0.01),
        loss=keras.losses.BinaryCrossentropy(),
        metrics=metrics,
    )
    return model


initial_bias = np.log([pos / neg])
model = make_model(output_bias=initial_bias)
at_first = model.predict(features[:10], verbose=0)
first_loss = model.evaluate(features, labels, batch_size=100, verbose=0)[0]
total = neg + pos
class_weight = {0: (1 / neg) * (total / 2.0), 1: (1 / pos) * (total / 2.0)}
weighted = make_model()
history = weighted.fit(
    features,
    labels,
    batch_size=50,
    epochs=10,
    class_weight=class_weight,
    validation_data=(features, labels),
    verbose=0,
)
results = weighted.evaluate(features, labels, verbose=0, return_dict=True)

pos_ds = (
    tf.data.Dataset.from_tensor_slices((features[labels == 1], labels[labels == 1]))
    .shuffle(400)
    .repeat()
)
neg_ds = (
    tf.data.Dataset.from_tensor_slices((features[labels == 0], labels[labels == 0]))
    .shuffle(400)
    .repeat()
)
resampled_ds = tf.data.Dataset.sample_from_datasets([pos_ds, neg_ds], weights=[0.5, 0.5])
resampled_ds = resampled_ds.batch(100).prefetch(2)
share = float(np.mean([label.numpy().mean() for _, label in resampled_ds.take(10)]))
resampled = make_model().fit(
    resampled_ds, epochs=2, steps_per_epoch=4, validation_data=(features, labels), verbose=0
)

# The loss of one step is the weighted mean: a model that says 0.5 tells the weights.
constant = keras.Sequential(
    [keras.layers.Dense(1, activation="sigmoid", kernel_initializer="zeros")]
)
constant.compile("sgd", "binary_crossentropy")
known = constant.train_on_batch(
    np.ones((4, 2)), np.array([0, 0, 1, 1]), class_weight={0: 1.0, 1: 3.0}
)
by_sample = make_model(metrics=[]).fit(
    features, labels, sample_weight=np.ones(400), epochs=1, verbose=0
)

RESULT = {
    "at first": round(float(np.mean(at_first)), 4),
    "first loss": round(first_loss, 4),
    "counts": results["tp"] + results["fp"] + results["tn"] + results["fn"],
    "recall": results["recall"] > 0.6,
    "auc": results["auc"] > 0.8,
    "names": sorted(results),
    "balanced": 0.4 < share < 0.6,
    "epochs": len(resampled.history["loss"]),
    "known": float(known),
    "by sample": sorted(by_sample.history),
    "fell": history.history["loss"][-1] < history.history["loss"][0],
}
