"""Sentiment of short texts: TextVectorization in a tf.data pipeline, Embedding, pooling."""

import re
import string

import numpy as np
import tensorflow as tf
from tensorflow.keras import layers, losses

good = [
    "a <br />wonderful, wonderful film",
    "what a great story!",
    "great fun and great actors",
    "wonderful acting in a great film",
    "I loved this story",
    "loved the actors, loved it",
]
bad = [
    "a boring film <br />indeed",
    "boring, dull, awful",
    "an awful story and dull actors",
    "I hated this dull film",
    "hated it",
    "awful acting in a boring story",
]
texts = (good + bad) * 4
labels = ([1] * len(good) + [0] * len(bad)) * 4
raw_train_ds = tf.data.Dataset.from_tensor_slices((texts, labels)).shuffle(48, seed=42).batch(8)

max_features, sequence_length, embedding_dim = 40, 8, 16


def custom_standardization(input_data):
    lowercase = tf.strings.lower(input_data)
    stripped_html = tf.strings.regex_replace(lowercase, "<br />", " ")
    return tf.strings.regex_replace(stripped_html, f"[{re.escape(string.punctuation)}]", "")


vectorize_layer = layers.TextVectorization(
    standardize=custom_standardization,
    max_tokens=max_features,
    output_mode="int",
    output_sequence_length=sequence_length,
)
train_text = raw_train_ds.map(lambda x, y: x)
vectorize_layer.adapt(train_text)


def vectorize_text(text, label):
    text = tf.expand_dims(text, -1)
    return vectorize_layer(text), label


AUTOTUNE = tf.data.AUTOTUNE
train_ds = raw_train_ds.map(vectorize_text).cache().prefetch(buffer_size=AUTOTUNE)
model = tf.keras.Sequential(
    [
        layers.Embedding(max_features, embedding_dim),
        layers.Dropout(0.2),
        layers.GlobalAveragePooling1D(),
        layers.Dropout(0.2),
        layers.Dense(1, activation="sigmoid"),
    ]
)
model.compile(
    loss=losses.BinaryCrossentropy(),
    optimizer=tf.keras.optimizers.Adam(0.05),
    metrics=[tf.keras.metrics.BinaryAccuracy(threshold=0.5)],
)
history = model.fit(train_ds, epochs=6, verbose=0)

export_model = tf.keras.Sequential([vectorize_layer, model, layers.Activation("linear")])
examples = tf.constant(["a great film", "a dull film"])
answers = export_model(examples)

counts = layers.TextVectorization(output_mode="multi_hot", ngrams=2, max_tokens=30)
counts.adapt(["the cat sat", "the cat ran", "the dog sat"])
fixed = layers.TextVectorization(
    vocabulary=["sat", "cat"], output_mode="tf_idf", idf_weights=[0.5, 0.2]
)
chars = layers.TextVectorization(split="character", output_sequence_length=6)
chars.adapt(["abba", "cab"])

RESULT = {
    "vocabulary": vectorize_layer.get_vocabulary()[:6],
    "size": vectorize_layer.vocabulary_size(),
    "one": vectorize_layer(tf.constant([["Great, great <br />FILM! unheard"]])),
    "learnt": history.history["binary_accuracy"][-1] > 0.9,
    "answers": [float(answers[0, 0]) > float(answers[1, 0]), answers.shape],
    "bigrams": counts.get_vocabulary(),
    "multi hot": counts(["the cat sat down"]),
    "tf-idf": fixed(["cat sat cat"]),
    "characters": chars(["bac!"]),
    "character vocabulary": chars.get_vocabulary(),
    "embedding": np.shape(model.layers[0].get_weights()[0]),
}
