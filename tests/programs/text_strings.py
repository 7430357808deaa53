"""Words as tensors: tf.strings, lookups, a character model that writes by steps."""

import numpy as np
import tensorflow as tf

text = "to be or not to be that is the question " * 6
vocab = sorted(set(text))
example_texts = ["abc", "xyz"]
chars = tf.strings.unicode_split(text, input_encoding="UTF-8")
ids_from_chars = tf.keras.layers.StringLookup(vocabulary=list(vocab), mask_token=None)
chars_from_ids = tf.keras.layers.StringLookup(
    vocabulary=ids_from_chars.get_vocabulary(), invert=True, mask_token=None
)
all_ids = ids_from_chars(chars)
ids_dataset = tf.data.Dataset.from_tensor_slices(all_ids)
seq_length = 10
sequences = ids_dataset.batch(seq_length + 1, drop_remainder=True)


def split_input_target(sequence):
    return sequence[:-1], sequence[1:]


dataset = sequences.map(split_input_target).shuffle(100).batch(4, drop_remainder=True)
dataset = dataset.prefetch(tf.data.experimental.AUTOTUNE)


class MyModel(tf.keras.Model):
    def __init__(self, vocab_size, embedding_dim, rnn_units):
        super().__init__()
        self.embedding = tf.keras.layers.Embedding(vocab_size, embedding_dim)
        self.gru = tf.keras.layers.GRU(rnn_units, return_sequences=True, return_state=True)
        self.dense = tf.keras.layers.Dense(vocab_size)

    def call(self, inputs, states=None, return_state=False, training=False):
        x = self.embedding(inputs, training=training)
        if states is None:
            states = self.gru.get_initial_state(tf.shape(x)[0])
        x, states = self.gru(x, initial_state=states, training=training)
        x = self.dense(x, training=training)
        if return_state:
            return x, states
        return x


class OneStep(tf.keras.Model):
    def __init__(self, model, chars_from_ids, ids_from_chars, temperature=1.0):
        super().__init__()
        self.temperature = temperature
        self.model = model
        self.chars_from_ids = chars_from_ids
        self.ids_from_chars = ids_from_chars
        skip_ids = self.ids_from_chars(["[UNK]"])[:, None]
        mask = np.zeros(len(ids_from_chars.get_vocabulary()), "float32")
        mask[skip_ids.numpy()] = -np.inf
        self.prediction_mask = tf.constant(mask)

    @tf.function
    def generate_one_step(self, inputs, states=None):
        input_chars = tf.strings.unicode_split(inputs, "UTF-8")
        input_ids = self.ids_from_chars(input_chars)
        predicted_logits, states = self.model(inputs=input_ids, states=states, return_state=True)
        predicted_logits = predicted_logits[:, -1, :] / self.temperature + self.prediction_mask
        predicted_ids = tf.random.categorical(predicted_logits, num_samples=1)
        predicted_ids = tf.squeeze(predicted_ids, axis=-1)
        return self.chars_from_ids(predicted_ids), states


model = MyModel(len(ids_from_chars.get_vocabulary()), 8, 24)
loss = tf.losses.SparseCategoricalCrossentropy(from_logits=True)
for input_example_batch, target_example_batch in dataset.take(1):
    example_batch_predictions = model(input_example_batch)
    at_first = loss(target_example_batch, example_batch_predictions).numpy()
sampled = tf.random.categorical(example_batch_predictions[0], num_samples=1)
sampled = tf.squeeze(sampled, axis=-1).numpy()
model.compile(optimizer=tf.keras.optimizers.Adam(0.01), loss=loss)
history = model.fit(dataset, epochs=5, verbose=0)

states, next_char, result = None, tf.constant(["t", "q"]), [tf.constant(["t", "q"])]
model_states = model.gru.get_initial_state(2)
for _ in range(5):
    x, model_states = model(
        ids_from_chars(next_char)[:, None], states=model_states, return_state=True
    )
    next_char = chars_from_ids(tf.random.categorical(x[:, -1], 1)[:, 0])
    result.append(next_char)
written = tf.strings.join(result)

RESULT = {
    "vocabulary": ids_from_chars.get_vocabulary()[:4],
    "ids": all_ids[:6],
    "again": tf.strings.reduce_join(chars_from_ids(all_ids[:11]), axis=-1).numpy(),
    "batch": [input_example_batch.shape, target_example_batch.shape],
    "predictions": example_batch_predictions.shape,
    "near uniform": bool(abs(at_first - np.log(len(vocab))) < 0.5),
    "sampled": sampled.shape,
    "fell": history.history["loss"][-1] < history.history["loss"][0],
    "written": [len(t) >= 6 for t in written.numpy()],
    "lengths": tf.strings.length(["abc", "de"]),
    "lower": tf.strings.lower(["ABC"]),
    "upper": tf.strings.upper(["abc"]),
    "replaced": tf.strings.regex_replace("a1b22", "[0-9]+", "-"),
    "stripped": tf.strings.strip(["  a "]),
    "part": tf.strings.substr("tensor", 1, 3),
    "joined": tf.strings.join([["a", "b"], ["c", "d"]], separator=" "),
    "number": tf.strings.to_number(["1.5", "2"]),
    "string": tf.strings.as_string(tf.constant([1, 2])),
    "full": tf.strings.regex_full_match(["abc", "b"], "a.*"),
    "split": tf.strings.split("a b c"),
    "format": tf.strings.format("x: {}", (3,)),
}
