"""The older way with texts: Tokenizer, pad_sequences, Embedding and LSTM; then the next word."""

import numpy as np
import tensorflow as tf
from tensorflow.keras.layers import (
    LSTM,
    Bidirectional,
    Dense,
    Dropout,
    Embedding,
    GlobalMaxPooling1D,
)
from tensorflow.keras.models import Sequential
from tensorflow.keras.preprocessing.sequence import pad_sequences
from tensorflow.keras.preprocessing.text import Tokenizer
from tensorflow.keras.utils import to_categorical

sentences = [
    "I love my dog",
    "I love my cat",
    "You love my dog!",
    "Do you think my dog is amazing?",
]
tokenizer = Tokenizer(num_words=100, oov_token="<OOV>")
tokenizer.fit_on_texts(sentences)
word_index = tokenizer.word_index
sequences = tokenizer.texts_to_sequences(sentences)
padded = pad_sequences(sequences, maxlen=5, padding="post", truncating="post")
before = pad_sequences(sequences, maxlen=6)
unseen = tokenizer.texts_to_sequences(["i really love my dog", "my dog loves my manatee"])
back = tokenizer.sequences_to_texts(unseen)
matrix = tokenizer.texts_to_matrix(["my dog my cat"], mode="count")[0, :6]

rng = np.random.default_rng(9)
labels = rng.integers(0, 2, size=64)
data = np.where(
    rng.random((64, 10)) < 0.8, rng.integers(1, 10, size=(64, 10)) + 10 * labels[:, None], 0
)
model = Sequential(
    [
        Embedding(input_dim=30, output_dim=8),
        Bidirectional(LSTM(8, return_sequences=True)),
        GlobalMaxPooling1D(),
        Dense(6, activation="relu"),
        Dropout(0.1),
        Dense(1, activation="sigmoid"),
    ]
)
model.compile(loss="binary_crossentropy", optimizer="adam", metrics=["accuracy"])
history = model.fit(data, labels, epochs=12, batch_size=16, verbose=0)

corpus = [
    "come all ye maidens young and fair",
    "and you that are blooming in your prime",
    "always beware and keep your garden fair",
    "let no man steal away your thyme",
]
tokenizer2 = Tokenizer()
tokenizer2.fit_on_texts(corpus)
total_words = len(tokenizer2.word_index) + 1
input_sequences = []
for line in corpus:
    token_list = tokenizer2.texts_to_sequences([line])[0]
    for i in range(1, len(token_list)):
        input_sequences.append(token_list[: i + 1])
max_sequence_len = max(len(x) for x in input_sequences)
input_sequences = np.array(pad_sequences(input_sequences, maxlen=max_sequence_len, padding="pre"))
xs, last = input_sequences[:, :-1], input_sequences[:, -1]
ys = to_categorical(last, num_classes=total_words)
generator = Sequential()
generator.add(Embedding(total_words, 16))
generator.add(LSTM(24))
generator.add(Dense(total_words, activation="softmax"))
generator.compile(
    loss="categorical_crossentropy", optimizer=tf.keras.optimizers.Adam(0.02), metrics=["accuracy"]
)
learnt = generator.fit(xs, ys, epochs=15, verbose=0).history
seed_text = "come all"
for _ in range(4):
    token_list = tokenizer2.texts_to_sequences([seed_text])[0]
    token_list = pad_sequences([token_list], maxlen=max_sequence_len - 1, padding="pre")
    predicted = np.argmax(generator.predict(token_list, verbose=0), axis=-1)[0]
    seed_text += " " + tokenizer2.index_word.get(int(predicted), "")

RESULT = {
    "index": word_index,
    "sequences": sequences,
    "padded": padded,
    "before": before,
    "unseen": unseen,
    "back": back,
    "counts": matrix,
    "fell": history.history["loss"][-1] < history.history["loss"][0],
    "shapes": [xs.shape, ys.shape, model.predict(data[:3], verbose=0).shape],
    "learnt": learnt["loss"][-1] < learnt["loss"][0],
    "generated": len(seed_text.split()) >= 4,
    "weights": [w.shape for w in model.get_weights()],
    "documents": tokenizer.document_count,
}
