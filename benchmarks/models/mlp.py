"""Multilayer perceptron: two hidden layers of 512 with relu and dropout, on MNIST."""

import common

from minitf import keras


def build_model(dropout=0.2, learning_rate=1e-3):
    """Return 784 - 512 - 512 - 10."""
    model = keras.Sequential(
        [
            keras.Input((28, 28, 1)),
            keras.layers.Flatten(),  # (B, 784)
            keras.layers.Dense(512, activation="relu"),  # (B, 512)
            keras.layers.Dropout(dropout),
            keras.layers.Dense(512, activation="relu"),  # (B, 512)
            keras.layers.Dropout(dropout),
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
    options = common.arguments(argv, __doc__, epochs=(8, 2), samples=(60_000, 10_000))
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
