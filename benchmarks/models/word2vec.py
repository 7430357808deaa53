"""Word2Vec: skip-gram with negative sampling, on the million words of big.txt.

T. Mikolov, I. Sutskever, K. Chen, G. Corrado, J. Dean, "Distributed representations of words and
phrases and their compositionality", 2013.
"""

import common
import numpy as np
import scores

from minitf import keras
from minitf.data import load_word_analogies, load_wordsim353

NEGATIVES, WINDOW, FREQUENT = 5, 5, 1e-4
SHOWN = ("king", "london", "russian", "doctor", "father", "money", "water", "evening")


def build_model(vocabulary=20_000, width=128, optimizer="adam"):
    """Return a model that tells a word's true neighbour from random words."""
    word = keras.Input((), dtype="int32", name="word")  # (B,)
    others = keras.Input((1 + NEGATIVES,), dtype="int32", name="others")  # (B, 1 + K)
    inner = keras.layers.Embedding(vocabulary, width, name="inner")(word)  # (B, D)
    outer = keras.layers.Embedding(vocabulary, width, name="outer")(others)  # (B, 1 + K, D)
    logits = keras.layers.Dot(axes=(2, 1))([outer, inner])  # (B, 1 + K)
    model = keras.Model({"word": word, "others": others}, logits)
    model.compile(optimizer, keras.losses.BinaryCrossentropy(from_logits=True))
    return model


def skip_grams(ids, frequency, rng):
    """Return pairs of words (N,), (N,) at most `WINDOW` apart, in random order.

    Frequent words are left out at random (section 2.3 of the paper), and near words are preferred:
    each word looks as far as a number between 1 and `WINDOW` that is drawn for it.
    """
    kept = ids[rng.random(len(ids)) < np.sqrt(FREQUENT / frequency)[ids]]
    reach = rng.integers(1, WINDOW + 1, len(kept))
    pairs = []
    for distance in range(1, WINDOW + 1):
        left, right = kept[:-distance], kept[distance:]
        sees_right = reach[:-distance] >= distance
        sees_left = reach[distance:] >= distance
        pairs += [(left[sees_right], right[sees_right]), (right[sees_left], left[sees_left])]
    words, neighbours = (np.concatenate(part) for part in zip(*pairs, strict=True))
    order = rng.permutation(len(words))
    return words[order], neighbours[order]


def batches(ids, vocabulary, size, rng):
    """Yield words, each with a neighbour and `NEGATIVES` random words, and which is which."""
    frequency = np.bincount(ids, minlength=vocabulary) / len(ids)
    noise = rng.choice(vocabulary, 1_000_000, p=frequency**0.75 / (frequency**0.75).sum())
    labels = np.zeros((size, 1 + NEGATIVES), np.float32)
    labels[:, 0] = 1.0
    while True:
        words, neighbours = skip_grams(ids, np.maximum(frequency, 1e-9), rng)
        for i in range(0, len(words) - size + 1, size):
            random = noise[rng.integers(0, len(noise), (size, NEGATIVES))]
            others = np.concatenate([neighbours[i : i + size, None], random], axis=1)
            yield {"word": words[i : i + size], "others": others.astype(np.int32)}, labels


def judge(vectors, words):
    """Return neighbours of some words, and the scores on WordSim-353 and the analogies."""
    found = scores.WordVectors(words, vectors)
    correlation, pairs = found.similarity(*load_wordsim353())
    sections = load_word_analogies()
    right, asked = found.analogies([q for section in sections.values() for q in section])
    shown = {word: " ".join(found.neighbours(word)) for word in SHOWN if word in found.number}
    return {"wordsim353_spearman": correlation, "wordsim353_pairs": pairs,
            "analogies_right": right, "analogies_asked": asked, "neighbours": shown}  # fmt: skip


def main(argv=None):
    """Train, and look at the words' neighbours."""
    options = common.arguments(
        argv, __doc__, steps=(20_000, 200), batch=(1024, 1024), vocabulary=(12_000, 2000)
    )
    keras.utils.set_random_seed(options.seed)
    ids, tokenizer = common.words_of_books(options.vocabulary)
    rate = keras.optimizers.schedules.PolynomialDecay(2e-3, options.steps, 1e-5)
    model = build_model(options.vocabulary, optimizer=keras.optimizers.Adam(rate))
    data = batches(ids, options.vocabulary, options.batch, np.random.default_rng(options.seed))
    history = model.fit(data, epochs=10, steps_per_epoch=options.steps // 10, verbose=2)
    vectors = model.get_layer("inner").get_weights()[0]
    results = judge(vectors, tokenizer.vocabulary)
    return common.report(options, keras, history.history["loss"], **results)


if __name__ == "__main__":
    main()
