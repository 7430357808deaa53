"""A GAN trained by one tf.function with two tapes, saved with tf.train.Checkpoint."""

import os

import numpy as np
import tensorflow as tf
from tensorflow.keras import layers

NOISE_DIM = 10


def make_generator_model():
    model = tf.keras.Sequential()
    model.add(layers.Dense(2 * 2 * 8, use_bias=False, input_shape=(NOISE_DIM,)))
    model.add(layers.BatchNormalization())
    model.add(layers.LeakyReLU())
    model.add(layers.Reshape((2, 2, 8)))
    assert model.output_shape == (None, 2, 2, 8)
    model.add(layers.Conv2DTranspose(4, (5, 5), strides=(2, 2), padding="same", use_bias=False))
    assert model.output_shape == (None, 4, 4, 4)
    model.add(layers.BatchNormalization())
    model.add(layers.LeakyReLU())
    model.add(
        layers.Conv2DTranspose(
            1, (5, 5), strides=(2, 2), padding="same", use_bias=False, activation="tanh"
        )
    )
    return model


def make_discriminator_model():
    model = tf.keras.Sequential()
    model.add(layers.Conv2D(4, (5, 5), strides=(2, 2), padding="same", input_shape=[8, 8, 1]))
    model.add(layers.LeakyReLU())
    model.add(layers.Dropout(0.3))
    model.add(layers.Flatten())
    model.add(layers.Dense(1))
    return model


cross_entropy = tf.keras.losses.BinaryCrossentropy(from_logits=True)


def discriminator_loss(real_output, fake_output):
    real_loss = cross_entropy(tf.ones_like(real_output), real_output)
    fake_loss = cross_entropy(tf.zeros_like(fake_output), fake_output)
    return real_loss + fake_loss


def generator_loss(fake_output):
    return cross_entropy(tf.ones_like(fake_output), fake_output)


generator = make_generator_model()
discriminator = make_discriminator_model()
generator_optimizer = tf.keras.optimizers.Adam(1e-4)
discriminator_optimizer = tf.keras.optimizers.Adam(1e-4)
checkpoint_dir = "./training_checkpoints"
checkpoint_prefix = os.path.join(checkpoint_dir, "ckpt")
checkpoint = tf.train.Checkpoint(
    generator_optimizer=generator_optimizer,
    discriminator_optimizer=discriminator_optimizer,
    generator=generator,
    discriminator=discriminator,
)


@tf.function
def train_step(images):
    noise = tf.random.normal([8, NOISE_DIM])
    with tf.GradientTape() as gen_tape, tf.GradientTape() as disc_tape:
        generated_images = generator(noise, training=True)
        real_output = discriminator(images, training=True)
        fake_output = discriminator(generated_images, training=True)
        gen_loss = generator_loss(fake_output)
        disc_loss = discriminator_loss(real_output, fake_output)
    gradients_of_generator = gen_tape.gradient(gen_loss, generator.trainable_variables)
    gradients_of_discriminator = disc_tape.gradient(disc_loss, discriminator.trainable_variables)
    generator_optimizer.apply_gradients(zip(gradients_of_generator, generator.trainable_variables))
    discriminator_optimizer.apply_gradients(
        zip(gradients_of_discriminator, discriminator.trainable_variables)
    )
    return gen_loss, disc_loss


train_images = np.random.default_rng(6).random((32, 8, 8, 1)).astype("float32") * 2 - 1
train_dataset = tf.data.Dataset.from_tensor_slices(train_images).shuffle(32).batch(8)
losses = []
for _epoch in range(2):
    for image_batch in train_dataset:
        losses.append([float(t) for t in train_step(image_batch)])
    checkpoint.save(file_prefix=checkpoint_prefix)
seed = tf.random.normal([4, NOISE_DIM])
before = generator(seed, training=False).numpy()
latest = tf.train.latest_checkpoint(checkpoint_dir)
for variable in generator.variables:
    variable.assign(tf.zeros_like(variable))
zeroed = generator(seed, training=False).numpy()
checkpoint.restore(latest)
after = generator(seed, training=False).numpy()

RESULT = {
    "steps": len(losses),
    "finite": bool(np.isfinite(losses).all()),
    "latest": os.path.basename(latest),
    "restored": [bool(np.allclose(before, after)), bool(np.allclose(before, zeroed))],
    "picture": before.shape,
    "trainable": len(generator.trainable_variables),
    "iterations": generator_optimizer.iterations.numpy(),
}
