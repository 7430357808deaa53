"""A table with numbers and words: Normalization and lookups stand where feature columns did."""

import numpy as np
import tensorflow as tf
from tensorflow.keras import Input, Model, layers

table = {
    "type": np.array(["cat", "dog", "dog", "cat", "fish", "dog", "cat", "dog"] * 6),
    "age": np.array([3, 1, 7, 5, 2, 4, 9, 1] * 6),
    "fee": np.array([100.0, 0.0, 20.0, 60.0, 10.0, 0.0, 80.0, 40.0] * 6, dtype="float32"),
}
target = (table["fee"] > 30).astype("int64")


def df_to_dataset(features, labels, shuffle=True, batch_size=8):
    ds = tf.data.Dataset.from_tensor_slices(
        ({key: value[:, tf.newaxis] for key, value in features.items()}, labels)
    )
    if shuffle:
        ds = ds.shuffle(buffer_size=len(labels))
    return ds.batch(batch_size).prefetch(batch_size)


def get_normalization_layer(name, dataset):
    normalizer = layers.Normalization(axis=None)
    normalizer.adapt(dataset.map(lambda x, y: x[name]))
    return normalizer


def get_category_encoding_layer(name, dataset, dtype, max_tokens=None):
    if dtype == "string":
        index = layers.StringLookup(max_tokens=max_tokens)
    else:
        index = layers.IntegerLookup(max_tokens=max_tokens)
    index.adapt(dataset.map(lambda x, y: x[name]))
    encoder = layers.CategoryEncoding(num_tokens=index.vocabulary_size())
    return lambda feature: encoder(index(feature))


train_ds = df_to_dataset(table, target)
[(train_features, label_batch)] = train_ds.take(1)
all_inputs, encoded_features = {}, []
numeric_col = Input(shape=(1,), name="fee")
encoded_features.append(get_normalization_layer("fee", train_ds)(numeric_col))
all_inputs["fee"] = numeric_col
age_col = Input(shape=(1,), name="age", dtype="int64")
encoded_features.append(
    get_category_encoding_layer("age", train_ds, dtype="int64", max_tokens=5)(age_col)
)
all_inputs["age"] = age_col
categorical_col = Input(shape=(1,), name="type", dtype="string")
encoded_features.append(
    get_category_encoding_layer("type", train_ds, dtype="string")(categorical_col)
)
all_inputs["type"] = categorical_col
all_features = layers.concatenate(encoded_features)
x = layers.Dense(16, activation="relu")(all_features)
x = layers.Dropout(0.1)(x)
model = Model(all_inputs, layers.Dense(1)(x))
model.compile(
    optimizer=tf.keras.optimizers.Adam(0.02),
    metrics=["accuracy"],
    loss=tf.keras.losses.BinaryCrossentropy(from_logits=True),
)
history = model.fit(train_ds, epochs=6, validation_data=train_ds, verbose=0)
sample = {"type": "cat", "age": 3, "fee": 100.0}
input_dict = {name: tf.convert_to_tensor([[value]]) for name, value in sample.items()}
prob = tf.nn.sigmoid(model.predict(input_dict, verbose=0)[0])

numbers = np.array([[1.0, 10.0], [2.0, 20.0], [3.0, 30.0]], dtype="float32")
per_feature = layers.Normalization(axis=-1)
per_feature.adapt(numbers)
lookup = layers.StringLookup(vocabulary=["a", "b", "c"], num_oov_indices=0)
ids = layers.StringLookup(vocabulary=["a", "b", "c"], mask_token=None)
back = layers.StringLookup(vocabulary=ids.get_vocabulary(), invert=True, mask_token=None)
one_hot = layers.StringLookup(vocabulary=["red", "blue"], output_mode="one_hot")
buckets = layers.Discretization(bin_boundaries=[0.0, 1.0, 2.0])
hashed = layers.Hashing(num_bins=4)(np.array([["x"], ["y"]]))
multi = layers.CategoryEncoding(num_tokens=4, output_mode="count")

RESULT = {
    "features": sorted(train_features),
    "label": label_batch.shape,
    "fell": history.history["loss"][-1] < history.history["loss"][0],
    "probability": prob.shape,
    "width": all_features.shape,
    "mean": per_feature.mean,
    "variance": per_feature.variance,
    "normalized": per_feature(numbers),
    "ids": ids(tf.constant([["c", "z"], ["a", "b"]])),
    "back": back(tf.constant([3, 1, 0])),
    "first": lookup(["a", "c"]),
    "vocabulary": ids.get_vocabulary(),
    "one hot": one_hot(["blue", "green"]),
    "buckets": buckets(np.array([-1.0, 0.5, 1.5, 9.0])),
    "hashed": hashed,
    "counts": multi([[0, 1, 1], [3, 0, 0]]),
    "inputs": sorted(model.input_names) if hasattr(model, "input_names") else sorted(all_inputs),
}
