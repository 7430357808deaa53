"""Vision Transformer: an image is a sentence of patches, on MNIST.

A. Dosovitskiy et al., "An image is worth 16x16 words", 2020.
"""

import common
from transformer import Positions, encoder_block

from minitf import keras


def build_model(shape=(28, 28, 1), patch=7, width=128, heads=4, layers=4, learning_rate=1e-3):
    """Return a Transformer over the patches of an image, whose mean is classified."""
    images = keras.Input(shape)
    x = keras.layers.Conv2D(width, patch, strides=patch)(images)  # (B, H/P, W/P, C)
    x = keras.layers.Reshape((-1, width))(x)  # (B, T, C)
    x = Positions()(x)
    for _ in range(layers):
        x = encoder_block(x, heads)  # (B, T, C)
    x = keras.layers.LayerNormalization(epsilon=1e-5)(x)
    x = keras.layers.GlobalAveragePooling1D()(x)  # (B, C)
    model = keras.Model(images, keras.layers.Dense(10)(x))  # (B, 10)
    model.compile(
        optimizer=keras.optimizers.Adam(learning_rate),
        loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True),
        metrics=["accuracy"],
    )
    return model


def main(argv=None):
    """Train with a learning rate that rises, then falls to zero, and test."""
    options = common.arguments(
        argv, __doc__, epochs=(10, 4), samples=(60_000, 2000), width=(128, 64)
    )
    keras.utils.set_random_seed(options.seed)
    (x, y), test = common.mnist(options.samples)
    steps = options.epochs * -(-len(x) // 128)
    model = build_model(width=options.width, learning_rate=common.warm_up(keras, 1e-3, steps))
    history = model.fit(x, y, 128, options.epochs, verbose=2)
    loss, accuracy = model.evaluate(*test, batch_size=500, verbose=0)
    return common.report(
        options, keras, history.history["loss"], test_loss=loss, test_accuracy=accuracy
    )


if __name__ == "__main__":
    main()
