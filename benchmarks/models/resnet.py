"""Residual network: three stages of two convolutions with batch normalization, on CIFAR-10."""

import common

from minitf import keras


def convolution(x, channels):
    """Return relu(BN(conv(x))): (B, H, W, C) -> (B, H, W, channels)."""
    x = keras.layers.Conv2D(channels, 3, padding="same", use_bias=False)(x)
    x = keras.layers.BatchNormalization(momentum=0.9)(x)
    return keras.layers.Activation("relu")(x)


def stage(x, channels):
    """Return a widening convolution, a residual one, and half the resolution."""
    x = convolution(x, channels)
    x = keras.layers.Add()([x, convolution(x, channels)])  # (B, H, W, channels)
    return keras.layers.MaxPooling2D(2)(x)  # (B, H/2, W/2, channels)


def build_model(augment=True, learning_rate=1e-3):
    """Return six convolutions in three stages; `augment` shifts and mirrors images in training."""
    images = x = keras.Input((32, 32, 3))
    if augment:
        x = keras.layers.RandomFlip("horizontal")(x)
        x = keras.layers.RandomTranslation(0.1, 0.1)(x)
    for channels in (32, 64, 128):
        x = stage(x, channels)
    x = keras.layers.Flatten()(x)  # (B, 4 * 4 * 128)
    model = keras.Model(images, keras.layers.Dense(10)(x))  # (B, 10)
    model.compile(
        optimizer=keras.optimizers.Adam(learning_rate),
        loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True),
        metrics=["accuracy"],
    )
    return model


def main(argv=None):
    """Train for a number of steps, however many images there are, and test."""
    options = common.arguments(argv, __doc__, steps=(4000, 60), samples=(50_000, 1000))
    keras.utils.set_random_seed(options.seed)
    (x, y), test = common.cifar10(options.samples)
    epochs = -(-options.steps * 64 // len(x))
    model = build_model(learning_rate=keras.optimizers.schedules.CosineDecay(2e-3, options.steps))
    history = model.fit(x, y, 64, epochs, verbose=2)
    loss, accuracy = model.evaluate(*test, batch_size=250, verbose=0)
    return common.report(
        options, keras, history.history["loss"],
        images=len(x), test_loss=loss, test_accuracy=accuracy,
    )  # fmt: skip


if __name__ == "__main__":
    main()
