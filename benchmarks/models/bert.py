"""BERT-mini: a Transformer encoder that guesses masked words, on the books of big.txt.

J. Devlin, M.-W. Chang, K. Lee, K. Toutanova, "BERT: pre-training of deep bidirectional Transformers
for language understanding", 2018, section 3.1.
"""

import common
import numpy as np
from transformer import embed, encoder_block

from minitf import keras

MASK = 0  # the number of the token [MASK]


def build_model(vocabulary=5000, length=128, width=128, heads=4, layers=2, learning_rate=1e-3):
    """Return a Transformer that tells, at each place, which word it should be."""
    tokens = keras.Input((length,), dtype="int32")  # (B, T)
    x = embed(tokens, vocabulary, width)  # (B, T, C)
    for _ in range(layers):
        x = encoder_block(x, heads)
    x = keras.layers.LayerNormalization(epsilon=1e-5)(x)
    model = keras.Model(tokens, keras.layers.Dense(vocabulary)(x))  # (B, T, V)
    model.compile(
        optimizer=keras.optimizers.Adam(learning_rate, global_clipnorm=1.0),
        loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True),
        weighted_metrics=["accuracy"],
    )
    return model


def hide(tokens, vocabulary, rng):
    """Return inputs, targets and weights (B, T): 15 % of the words are to be guessed.

    Of these, 80 % are masked, 10 % replaced by any word, and 10 % left as they are. The weights
    have the mean 1, so that the loss is the mean over the words to be guessed.
    """
    asked = rng.random(tokens.shape) < 0.15
    how = rng.random(tokens.shape)
    inputs = np.where(asked & (how < 0.8), MASK, tokens)
    inputs = np.where(asked & (how >= 0.9), rng.integers(1, vocabulary, tokens.shape), inputs)
    return inputs.astype(np.int32), tokens, (asked / asked.mean()).astype(np.float32)


def batches(ids, vocabulary, length, size, rng):
    """Yield windows of text with words to be guessed."""
    for tokens, _ in common.windows(ids, length, size, rng):
        yield hide(tokens, vocabulary, rng)


def main(argv=None):
    """Train; compare with who knows how frequent the words are, and nothing else."""
    options = common.arguments(
        argv, __doc__, steps=(5000, 100), length=(128, 32), vocabulary=(5000, 500), width=(128, 64)
    )
    keras.utils.set_random_seed(options.seed)
    rng = np.random.default_rng(options.seed)
    ids, _ = common.words_of_books(options.vocabulary)
    train, test = np.split(ids, [len(ids) * 19 // 20])
    model = build_model(
        options.vocabulary, options.length, options.width,
        learning_rate=common.warm_up(keras, 1e-3, options.steps),
    )  # fmt: skip
    data = batches(train, options.vocabulary, options.length, 16, rng)
    history = model.fit(data, epochs=10, steps_per_epoch=options.steps // 10, verbose=2)
    tokens, _ = common.side_by_side(test, options.length)
    hidden = hide(tokens, options.vocabulary, np.random.default_rng(0))
    loss, accuracy = model.evaluate(*hidden[:2], 64, sample_weight=hidden[2], verbose=0)
    entropy = common.unigram_entropy(train, test, options.vocabulary)
    return common.report(
        options, keras, history.history["loss"],
        test_loss=loss, masked_accuracy=accuracy, unigram_entropy=entropy,
    )  # fmt: skip


if __name__ == "__main__":
    main()
