"""Autoencoders: by subclassing, by sharing layers of functional models, and against noise."""

import numpy as np
import tensorflow as tf
from tensorflow.keras import Model, losses
from tensorflow.keras.layers import (
    BatchNormalization,
    Conv2D,
    Conv2DTranspose,
    Dense,
    Flatten,
    Input,
    MaxPooling2D,
    Reshape,
    UpSampling2D,
)
from tensorflow.keras.models import Sequential

rng = np.random.default_rng(8)
x_train = np.zeros((64, 8, 8), "float32")
for picture in x_train:
    picture[rng.integers(8)] = 1.0


class Autoencoder(Model):
    def __init__(self, latent_dim, shape):
        super().__init__()
        self.latent_dim = latent_dim
        self.shape = shape
        self.encoder = Sequential([Flatten(), Dense(latent_dim, activation="relu")])
        self.decoder = Sequential(
            [Dense(int(tf.math.reduce_prod(shape)), activation="sigmoid"), Reshape(shape)]
        )

    def call(self, x):
        encoded = self.encoder(x)
        return self.decoder(encoded)


autoencoder = Autoencoder(12, x_train.shape[1:])
autoencoder.compile(optimizer="adam", loss=losses.MeanSquaredError())
first = autoencoder.fit(
    x_train, x_train, epochs=12, shuffle=True, validation_data=(x_train, x_train), verbose=0
)
encoded_imgs = autoencoder.encoder(x_train).numpy()
decoded_imgs = autoencoder.decoder(encoded_imgs).numpy()

noisy = x_train[..., tf.newaxis] + 0.2 * tf.random.normal(shape=(64, 8, 8, 1))
noisy = tf.clip_by_value(noisy, clip_value_min=0.0, clip_value_max=1.0)


class Denoise(tf.keras.Model):
    def __init__(self):
        super().__init__()
        self.encoder = tf.keras.Sequential(
            [
                Input(shape=(8, 8, 1)),
                Conv2D(8, (3, 3), activation="relu", padding="same", strides=2),
                Conv2D(4, (3, 3), activation="relu", padding="same", strides=2),
            ]
        )
        self.decoder = tf.keras.Sequential(
            [
                Conv2DTranspose(4, kernel_size=3, strides=2, activation="relu", padding="same"),
                Conv2DTranspose(8, kernel_size=3, strides=2, activation="relu", padding="same"),
                Conv2D(1, kernel_size=(3, 3), activation="sigmoid", padding="same"),
            ]
        )

    def call(self, x):
        return self.decoder(self.encoder(x))


denoise = Denoise()
denoise.compile(optimizer="adam", loss="binary_crossentropy")
second = denoise.fit(noisy, x_train[..., None], epochs=4, batch_size=16, verbose=0)

input_img = Input(shape=(8, 8, 1))
x = Conv2D(4, (3, 3), activation="relu", padding="same")(input_img)
x = BatchNormalization()(x)
encoded = MaxPooling2D((2, 2), padding="same", name="code")(x)
x = Conv2D(4, (3, 3), activation="relu", padding="same")(encoded)
x = UpSampling2D((2, 2))(x)
decoded = Conv2D(1, (3, 3), activation="sigmoid", padding="same")(x)
whole = Model(input_img, decoded)
whole.compile(optimizer="adam", loss="binary_crossentropy")
whole.fit(x_train[..., None], x_train[..., None], epochs=1, batch_size=32, verbose=0)
encoder = Model(whole.input, whole.get_layer("code").output)
decoder_input = Input(shape=(4, 4, 4))
chain = decoder_input
for layer in whole.layers[-3:]:
    chain = layer(chain)
decoder = Model(decoder_input, chain)
codes = encoder.predict(x_train[..., None], verbose=0)

RESULT = {
    "shapes": [encoded_imgs.shape, decoded_imgs.shape, codes.shape],
    "fell": [h.history["loss"][-1] < h.history["loss"][0] for h in (first, second)],
    "keys": sorted(first.history),
    "two parts make the whole": bool(
        np.allclose(
            decoder.predict(codes, verbose=0),
            whole.predict(x_train[..., None], verbose=0),
            atol=1e-6,
        )
    ),
    "layers": len(whole.layers),
    "shared": decoder.layers[1] is whole.layers[-3],
    "encoder": denoise.encoder.output_shape,
}
