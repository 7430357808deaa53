"""LSTM: a recurrent network that writes Shakespeare, one character after the other."""

import common
import numpy as np

import minitf as tf
from minitf import keras


def build_model(vocabulary=96, width=64, units=256, learning_rate=2e-3):
    """Return a model that tells the next character, and one that does so step by step.

    Both have the same layers. The second takes the state after the last character and returns the
    new one: what was read before is in the state.
    """
    embedding = keras.layers.Embedding(vocabulary, width)
    lstm = keras.layers.LSTM(units, return_sequences=True, return_state=True)
    head = keras.layers.Dense(vocabulary)

    text = keras.Input((None,), dtype="int32")  # (B, T)
    outputs, _, _ = lstm(embedding(text))  # (B, T, H)
    model = keras.Model(text, head(outputs))  # (B, T, V)
    model.compile(
        optimizer=keras.optimizers.Adam(learning_rate, global_clipnorm=1.0),
        loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True),
    )

    character = keras.Input((1,), dtype="int32")
    state = [keras.Input((units,)), keras.Input((units,))]  # h and c, (B, H)
    outputs, *new_state = lstm(embedding(character), initial_state=state)
    step = keras.Model([character, *state], [head(outputs), *new_state])
    return model, step


def write(step, start, length, units, rng):
    """Return a text that begins with `start`, drawn character by character."""
    step = tf.function(step)
    text, state = list(start), [tf.zeros((1, units)), tf.zeros((1, units))]
    for i in range(length):
        logits, *state = step([tf.constant([[text[i]]]), *state])
        if i + 1 == len(text):
            chances = np.exp(logits.numpy()[0, 0].astype(np.float64))
            text.append(int(rng.choice(len(chances), p=chances / chances.sum())))
    return text


def main(argv=None):
    """Train, and write."""
    options = common.arguments(argv, __doc__, steps=(8000, 100), units=(256, 128))
    keras.utils.set_random_seed(options.seed)
    rng = np.random.default_rng(options.seed)
    train, test, tokenizer = common.shakespeare()
    rate = common.warm_up(keras, 4e-3, options.steps)
    model, step = build_model(len(tokenizer), units=options.units, learning_rate=rate)
    data = common.windows(train, 64, 32, rng)
    history = model.fit(data, epochs=10, steps_per_epoch=options.steps // 10, verbose=2)
    loss = model.evaluate(*common.side_by_side(test, 256), batch_size=32, verbose=0)
    text = write(step, tokenizer.encode("\n"), 300, options.units, rng)
    return common.report(
        options, keras, history.history["loss"],
        validation_nats=loss, written=tokenizer.decode(text),
    )  # fmt: skip


if __name__ == "__main__":
    main()
