"""A small residual network of convolutions; a separable one as textbooks build it."""

import numpy as np
from tensorflow import keras
from tensorflow.keras import layers, regularizers


def resnet_layer(
    inputs, num_filters=4, kernel_size=3, strides=1, activation="relu", batch_normalization=True
):
    conv = layers.Conv2D(
        num_filters,
        kernel_size=kernel_size,
        strides=strides,
        padding="same",
        kernel_initializer="he_normal",
        kernel_regularizer=regularizers.l2(1e-4),
    )
    x = conv(inputs)
    if batch_normalization:
        x = layers.BatchNormalization()(x)
    if activation is not None:
        x = layers.Activation(activation)(x)
    return x


inputs = keras.Input(shape=(12, 12, 3))
x = resnet_layer(inputs=inputs)
num_filters = 4
for stack in range(2):
    for block in range(2):
        strides = 2 if stack > 0 and block == 0 else 1
        y = resnet_layer(inputs=x, num_filters=num_filters, strides=strides)
        y = resnet_layer(inputs=y, num_filters=num_filters, activation=None)
        if stack > 0 and block == 0:
            x = resnet_layer(
                inputs=x,
                num_filters=num_filters,
                kernel_size=1,
                strides=strides,
                activation=None,
                batch_normalization=False,
            )
        x = layers.add([x, y])
        x = layers.Activation("relu")(x)
    num_filters *= 2
x = layers.AveragePooling2D(pool_size=6)(x)
outputs = layers.Dense(2, activation="softmax", kernel_initializer="he_normal")(layers.Flatten()(x))
model = keras.Model(inputs=inputs, outputs=outputs, name="resnet")
model.compile(
    loss="categorical_crossentropy",
    optimizer=keras.optimizers.Adam(learning_rate=0.01),
    metrics=["accuracy"],
)

rng = np.random.default_rng(13)
labels = rng.integers(0, 2, size=32)
images = rng.random((32, 12, 12, 3)).astype("float32") + labels[:, None, None, None]
targets = keras.utils.to_categorical(labels, 2)
history = model.fit(images, targets, batch_size=16, epochs=4, shuffle=True, verbose=0)

inp = keras.Input(shape=(12, 12, 3))
x = layers.Rescaling(1.0 / 255)(inp)
x = layers.Conv2D(filters=4, kernel_size=5, use_bias=False)(x)
for size in [4, 8]:
    residual = x
    x = layers.BatchNormalization()(x)
    x = layers.Activation("relu")(x)
    x = layers.SeparableConv2D(size, 3, padding="same", use_bias=False)(x)
    x = layers.BatchNormalization()(x)
    x = layers.Activation("relu")(x)
    x = layers.SeparableConv2D(size, 3, padding="same", use_bias=False)(x)
    x = layers.MaxPooling2D(3, strides=2, padding="same")(x)
    residual = layers.Conv2D(size, 1, strides=2, padding="same", use_bias=False)(residual)
    x = layers.add([x, residual])
x = layers.GlobalAveragePooling2D()(x)
x = layers.Dropout(0.5)(x)
mini_xception = keras.Model(inp, layers.Dense(1, activation="sigmoid")(x))
mini_xception.compile("rmsprop", "binary_crossentropy", metrics=["accuracy"])
mini_xception.fit(images, labels, epochs=1, verbose=0)

moving = model.get_layer("batch_normalization")
RESULT = {
    "fell": history.history["loss"][-1] < history.history["loss"][0],
    "parameters": [model.count_params(), mini_xception.count_params()],
    "trainable": [len(model.trainable_weights), len(model.non_trainable_weights)],
    "regularized": len(model.losses),
    "moved": bool(np.any(moving.moving_mean.numpy() != 0)),
    "shapes": [layer.output.shape for layer in mini_xception.layers],
    "names": [layer.name for layer in model.layers[:8]],
    "evaluated": len(model.evaluate(images, targets, verbose=0)),
}
