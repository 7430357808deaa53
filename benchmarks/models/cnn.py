"""Convolutional network: two convolutions, a maximum, two dense layers, on MNIST."""

import common

from minitf import keras


def build_model(dropout=0.25, learning_rate=1e-3):
    """Return a network that sees strokes with its convolutions and digits with its dense layers."""
    model = keras.Sequential(
        [
            keras.Input((28, 28, 1)),
            keras.layers.Conv2D(32, 3, activation="relu"),  # (B, 26, 26, 32)
            keras.layers.Conv2D(64, 3, activation="relu"),  # (B, 24, 24, 64)
            keras.layers.MaxPooling2D(2),  # (B, 12, 12, 64)
            keras.layers.Dropout(dropout),
            keras.layers.Flatten(),  # (B, 9216)
            keras.layers.Dense(128, activation="relu"),  # (B, 128)
            keras.layers.Dropout(2 * dropout),
            keras.layers.Dense(10),  # (B, 10)
        ]
    )
    model.compile(
        optimizer=keras.optimizers.Adam(learning_rate),
        loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True),
        metrics=["accuracy"],
    )
    return model


def main(argv=None):
    """Train with a learning rate that falls to zero, and test."""
    options = common.arguments(argv, __doc__, epochs=(6, 2), samples=(60_000, 10_000))
    keras.utils.set_random_seed(options.seed)
    (x, y), test = common.mnist(options.samples)
    steps = options.epochs * -(-len(x) // 128)
    model = build_model(learning_rate=keras.optimizers.schedules.CosineDecay(1e-3, steps))
    history = model.fit(x, y, 128, options.epochs, verbose=2)
    loss, accuracy = model.evaluate(*test, batch_size=500, verbose=0)
    return common.report(
        options, keras, history.history["loss"], test_loss=loss, test_accuracy=accuracy
    )


if __name__ == "__main__":
    main()
