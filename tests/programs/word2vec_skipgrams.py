"""Word vectors by skip-grams with negative sampling: the data made by hand, a subclassed model."""

import numpy as np
import tensorflow as tf

SEED = 42
sentence = "The wide road shimmered in the hot sun"
tokens = list(sentence.lower().split())
vocab, index = {"<pad>": 0}, 1
for token in tokens:
    if token not in vocab:
        vocab[token] = index
        index += 1
vocab_size = len(vocab)
example_sequence = [vocab[word] for word in tokens]
positive_skip_grams, _ = tf.keras.preprocessing.sequence.skipgrams(
    example_sequence, vocabulary_size=vocab_size, window_size=2, negative_samples=0
)
sampling_table = tf.keras.preprocessing.sequence.make_sampling_table(size=10)


def generate_training_data(sequences, window_size, num_ns, vocab_size, seed):
    targets, contexts, labels = [], [], []
    for sequence in sequences:
        positive_skip_grams, _ = tf.keras.preprocessing.sequence.skipgrams(
            sequence, vocabulary_size=vocab_size, window_size=window_size, negative_samples=0
        )
        for target_word, context_word in positive_skip_grams:
            context_class = tf.expand_dims(tf.constant([context_word], dtype="int64"), 1)
            negative = np.random.default_rng(seed).choice(
                np.arange(1, vocab_size), num_ns, replace=False
            )
            context = tf.concat([tf.squeeze(context_class, 1), tf.constant(negative, "int64")], 0)
            label = tf.constant([1] + [0] * num_ns, dtype="int64")
            targets.append(target_word)
            contexts.append(context)
            labels.append(label)
    return targets, contexts, labels


targets, contexts, labels = generate_training_data([example_sequence] * 3, 2, 4, vocab_size, SEED)
targets, contexts, labels = np.array(targets), np.array(contexts), np.array(labels)
dataset = tf.data.Dataset.from_tensor_slices(((targets, contexts), labels))
dataset = dataset.shuffle(100).batch(16, drop_remainder=True).cache().prefetch(tf.data.AUTOTUNE)


class Word2Vec(tf.keras.Model):
    def __init__(self, vocab_size, embedding_dim):
        super().__init__()
        self.target_embedding = tf.keras.layers.Embedding(
            vocab_size, embedding_dim, name="w2v_embedding"
        )
        self.context_embedding = tf.keras.layers.Embedding(vocab_size, embedding_dim)

    def call(self, pair):
        target, context = pair
        if len(target.shape) == 2:
            target = tf.squeeze(target, axis=1)
        word_emb = self.target_embedding(target)
        context_emb = self.context_embedding(context)
        return tf.einsum("be,bce->bc", word_emb, context_emb)


word2vec = Word2Vec(vocab_size, 8)
word2vec.compile(
    optimizer=tf.keras.optimizers.Adam(0.05),
    loss=tf.keras.losses.CategoricalCrossentropy(from_logits=True),
    metrics=["accuracy"],
)
history = word2vec.fit(dataset, epochs=6, verbose=0)
weights = word2vec.get_layer("w2v_embedding").get_weights()[0]

# The same with a Dot of two embeddings and a sigmoid.
couples, answers = tf.keras.preprocessing.sequence.skipgrams(
    example_sequence, vocab_size, window_size=2, negative_samples=1.0, seed=1
)
word_target, word_context = zip(*couples)
inputs = [tf.keras.Input((1,), name="target"), tf.keras.Input((1,), name="context")]
embedding = tf.keras.layers.Embedding(vocab_size, 6, input_length=1, name="embedding")
vectors = [tf.keras.layers.Reshape((6, 1))(embedding(i)) for i in inputs]
similarity = tf.keras.layers.Dot(axes=1, normalize=True)(vectors)
output = tf.keras.layers.Dense(1, activation="sigmoid")(tf.keras.layers.Reshape((1,))(similarity))
model = tf.keras.Model(inputs, output)
model.compile(loss="binary_crossentropy", optimizer="rmsprop")
loss = model.train_on_batch([np.array(word_target), np.array(word_context)], np.array(answers))

RESULT = {
    "vocabulary": vocab,
    "pairs": sorted([list(map(int, p)) for p in positive_skip_grams])[:6],
    "count": len(positive_skip_grams),
    "table": np.asarray(sampling_table).round(5),
    "shapes": [targets.shape, contexts.shape, labels.shape],
    "fell": history.history["loss"][-1] < history.history["loss"][0],
    "weights": weights.shape,
    "couples": [len(couples), sum(answers)],
    "loss": bool(loss > 0),
    "parameters": model.count_params(),
}
