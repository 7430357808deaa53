"""Logistic regression: which digit is it? One linear layer and a softmax, on MNIST."""

import common

from minitf import keras


def build_model(learning_rate=0.2):
    """Return a linear map from 784 pixels to the logits of ten classes."""
    model = keras.Sequential(
        [
            keras.Input((28, 28, 1)),
            keras.layers.Flatten(),  # (B, 784)
            keras.layers.Dense(10),  # (B, 10)
        ]
    )
    model.compile(
        optimizer=keras.optimizers.SGD(learning_rate),
        loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True),
        metrics=["accuracy"],
    )
    return model


def main(argv=None):
    """Train, and test."""
    options = common.arguments(argv, __doc__, epochs=(15, 3), samples=(60_000, 20_000))
    keras.utils.set_random_seed(options.seed)
    (x, y), test = common.mnist(options.samples)
    model = build_model()
    history = model.fit(x, y, 128, options.epochs, verbose=2)
    loss, accuracy = model.evaluate(*test, verbose=0)
    return common.report(
        options, keras, history.history["loss"], test_loss=loss, test_accuracy=accuracy
    )


if __name__ == "__main__":
    main()
