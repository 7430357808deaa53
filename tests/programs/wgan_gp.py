"""A Wasserstein GAN with gradient penalty: a gradient inside the loss."""

import numpy as np
import tensorflow as tf
from tensorflow import keras
from tensorflow.keras import layers


def conv_block(
    x, filters, activation, kernel_size=(3, 3), strides=(1, 1), use_bn=False, drop_value=0.3
):
    x = layers.Conv2D(filters, kernel_size, strides=strides, padding="same")(x)
    if use_bn:
        x = layers.BatchNormalization()(x)
    x = activation(x)
    return layers.Dropout(drop_value)(x)


img_input = layers.Input(shape=(8, 8, 1))
x = layers.ZeroPadding2D((1, 1))(img_input)
x = conv_block(x, 4, layers.LeakyReLU(0.2), strides=(2, 2))
x = conv_block(x, 8, layers.LeakyReLU(0.2), strides=(2, 2))
x = layers.Flatten()(x)
d_model = keras.models.Model(img_input, layers.Dense(1)(x), name="discriminator")

noise = layers.Input(shape=(5,))
x = layers.Dense(4 * 4 * 4, use_bias=False)(noise)
x = layers.BatchNormalization()(x)
x = layers.Reshape((4, 4, 4))(x)
x = layers.UpSampling2D((2, 2))(x)
x = layers.Conv2D(1, 3, padding="same", use_bias=False)(x)
x = layers.ZeroPadding2D((1, 1))(x)
x = layers.Cropping2D((1, 1))(x)
g_model = keras.models.Model(noise, layers.Activation("tanh")(x), name="generator")


class WGAN(keras.Model):
    def __init__(
        self, discriminator, generator, latent_dim, discriminator_extra_steps=3, gp_weight=10.0
    ):
        super().__init__()
        self.discriminator = discriminator
        self.generator = generator
        self.latent_dim = latent_dim
        self.d_steps = discriminator_extra_steps
        self.gp_weight = gp_weight

    def compile(self, d_optimizer, g_optimizer, d_loss_fn, g_loss_fn):
        super().compile()
        self.d_optimizer = d_optimizer
        self.g_optimizer = g_optimizer
        self.d_loss_fn = d_loss_fn
        self.g_loss_fn = g_loss_fn

    def gradient_penalty(self, batch_size, real_images, fake_images):
        alpha = tf.random.uniform([batch_size, 1, 1, 1], 0.0, 1.0)
        diff = fake_images - real_images
        interpolated = real_images + alpha * diff
        with tf.GradientTape() as gp_tape:
            gp_tape.watch(interpolated)
            pred = self.discriminator(interpolated, training=True)
        grads = gp_tape.gradient(pred, [interpolated])[0]
        norm = tf.sqrt(tf.reduce_sum(tf.square(grads), axis=[1, 2, 3]))
        return tf.reduce_mean((norm - 1.0) ** 2)

    def train_step(self, real_images):
        if isinstance(real_images, tuple):
            real_images = real_images[0]
        batch_size = tf.shape(real_images)[0]
        for _ in range(self.d_steps):
            random_latent_vectors = tf.random.normal(shape=(batch_size, self.latent_dim))
            with tf.GradientTape() as tape:
                fake_images = self.generator(random_latent_vectors, training=True)
                fake_logits = self.discriminator(fake_images, training=True)
                real_logits = self.discriminator(real_images, training=True)
                d_cost = self.d_loss_fn(real_img=real_logits, fake_img=fake_logits)
                gp = self.gradient_penalty(batch_size, real_images, fake_images)
                d_loss = d_cost + gp * self.gp_weight
            d_gradient = tape.gradient(d_loss, self.discriminator.trainable_variables)
            self.d_optimizer.apply_gradients(
                zip(d_gradient, self.discriminator.trainable_variables)
            )
        random_latent_vectors = tf.random.normal(shape=(batch_size, self.latent_dim))
        with tf.GradientTape() as tape:
            generated_images = self.generator(random_latent_vectors, training=True)
            g_loss = self.g_loss_fn(self.discriminator(generated_images, training=True))
        gen_gradient = tape.gradient(g_loss, self.generator.trainable_variables)
        self.g_optimizer.apply_gradients(zip(gen_gradient, self.generator.trainable_variables))
        return {"d_loss": d_loss, "g_loss": g_loss}


wgan = WGAN(discriminator=d_model, generator=g_model, latent_dim=5)
wgan.compile(
    d_optimizer=keras.optimizers.Adam(learning_rate=0.0002, beta_1=0.5, beta_2=0.9),
    g_optimizer=keras.optimizers.Adam(learning_rate=0.0002, beta_1=0.5, beta_2=0.9),
    g_loss_fn=lambda fake_img: -tf.reduce_mean(fake_img),
    d_loss_fn=lambda real_img, fake_img: tf.reduce_mean(fake_img) - tf.reduce_mean(real_img),
)
images = np.random.default_rng(7).random((24, 8, 8, 1)).astype("float32")
history = wgan.fit(images, batch_size=8, epochs=2, verbose=0)

# The penalty of a linear critic is known: its gradient is the kernel, whatever the pictures.
linear = keras.Sequential([layers.Flatten(), layers.Dense(1, use_bias=False)])
linear.build((None, 2, 2, 1))
linear.set_weights([np.array([[3.0], [0.0], [0.0], [4.0]])])
known = WGAN(linear, g_model, 5).gradient_penalty(2, tf.zeros((2, 2, 2, 1)), tf.ones((2, 2, 2, 1)))

RESULT = {
    "history": sorted(history.history),
    "finite": bool(np.isfinite(history.history["d_loss"]).all()),
    "steps": [int(wgan.d_optimizer.iterations), int(wgan.g_optimizer.iterations)],
    "penalty": float(known),
    "parameters": [d_model.count_params(), g_model.count_params()],
    "shapes": [layer.output.shape for layer in g_model.layers],
}
