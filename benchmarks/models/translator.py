"""Translator: a Transformer with encoder and decoder, from German to English, short sentences.

A. Vaswani et al., "Attention is all you need", 2017. In the shapes, B is the batch, S the length of
the German sentences, T that of the English ones, C the width.
"""

from collections import defaultdict

import common
import numpy as np
import scores
from transformer import decoder_block, embed, encoder_block

from minitf import keras
from minitf.data import BytePairTokenizer, WordTokenizer, load_deu_eng

NOTHING, BEGIN, END = range(3)  # the numbers of the special tokens
LENGTH = 18  # tokens of a sentence, with BEGIN and END

words_of = WordTokenizer().pieces  # in small letters


def build_model(german=1000, english=1000, lengths=(32, 32), width=128, heads=4, layers=2,
                dropout=0.1, learning_rate=1e-3):  # fmt: skip
    """Return a model that tells each next English token from the German text and those before."""
    source = keras.Input((lengths[0],), dtype="int32", name="german")  # (B, S)
    target = keras.Input((lengths[1],), dtype="int32", name="english")  # (B, T)
    seen = keras.ops.not_equal(source, NOTHING)[:, None, :]  # (B, 1, S)

    memory = embed(source, german, width, dropout)  # (B, S, C)
    for _ in range(layers):
        memory = encoder_block(memory, heads, dropout, seen)
    memory = keras.layers.LayerNormalization(epsilon=1e-5)(memory)

    x = embed(target, english, width, dropout)  # (B, T, C)
    for _ in range(layers):
        x = decoder_block(x, memory, heads, dropout, seen)
    x = keras.layers.LayerNormalization(epsilon=1e-5)(x)
    model = keras.Model({"german": source, "english": target}, keras.layers.Dense(english)(x))
    model.compile(
        optimizer=keras.optimizers.Adam(learning_rate, beta_2=0.98, global_clipnorm=1.0),
        loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True, ignore_class=NOTHING),
    )
    return model


def translate(model, german, length):
    """Return the English tokens (B, T) of German ones (B, S), the likeliest at each place."""
    english = np.full((len(german), length), NOTHING, np.int32)
    english[:, 0] = BEGIN
    for i in range(length - 1):
        logits = model.predict({"german": german, "english": english}, 250, verbose=0)
        english[:, i + 1] = logits[:, i].argmax(-1)
    return english


class Corpus:
    """Pairs of sentences as rows (N, `LENGTH`) of numbers; some German sentences are held out."""

    def __init__(self, pairs, vocabulary, held_out, rng):
        self.told = defaultdict(list)  # the translations of each German sentence
        for english, german in pairs:
            self.told[german.lower()].append(english.lower())
        sentences = sorted(self.told)
        rng.shuffle(sentences)
        self.test, train = sentences[:held_out], sentences[held_out:]
        flat = [(german, english) for german in train for english in self.told[german]]
        self.tokenizers = [
            BytePairTokenizer(("[NOTHING]", "[BEGIN]", "[END]")).fit(texts, vocabulary)
            for texts in zip(*flat, strict=True)
        ]
        self.train = [self.rows(side, i) for i, side in enumerate(zip(*flat, strict=True))]

    def rows(self, texts, side):
        """Return sentences as rows: BEGIN, the tokens, END, nothing; what is too long is cut."""
        rows = np.full((len(texts), LENGTH), NOTHING, np.int32)
        for row, text in zip(rows, texts):
            ids = [BEGIN, *self.tokenizers[side].encode(text)[: LENGTH - 2], END]
            row[: len(ids)] = ids
        return rows

    def english_words(self, row):
        """Return the words of a translation."""
        ids = row[1:].tolist()
        ids = ids[: ids.index(END)] if END in ids else ids
        return words_of(self.tokenizers[1].decode(i for i in ids if i > END))


def main(argv=None):
    """Train on pairs, and translate sentences that are not among them."""
    options = common.arguments(
        argv, __doc__, epochs=(8, 3), words=(6, 3), pairs=(100_000, 4000),
        vocabulary=(2000, 500), held_out=(1000, 50), width=(128, 64),
    )  # fmt: skip
    keras.utils.set_random_seed(options.seed)
    pairs = load_deu_eng(options.words)[-options.pairs :]
    corpus = Corpus(pairs, options.vocabulary, options.held_out, np.random.default_rng(0))
    german, english = corpus.train  # (N, S), (N, T + 1)
    steps = options.epochs * -(-len(german) // 128)
    model = build_model(
        options.vocabulary, options.vocabulary, (LENGTH, LENGTH - 1), options.width,
        learning_rate=common.warm_up(keras, 2e-3, steps),
    )  # fmt: skip
    inputs = {"german": german, "english": english[:, :-1]}
    history = model.fit(inputs, english[:, 1:], 128, options.epochs, verbose=2)

    rows = translate(model, corpus.rows(corpus.test, 0), LENGTH - 1)
    found = [corpus.english_words(row) for row in rows]
    told = [[words_of(text) for text in corpus.told[sentence]] for sentence in corpus.test]
    shown = {text: " ".join(words) for text, words in list(zip(corpus.test, found))[:8]}
    return common.report(
        options, keras, history.history["loss"],
        trained_on=len(german), bleu=scores.bleu(found, told), translations=shown,
    )  # fmt: skip


if __name__ == "__main__":
    main()
