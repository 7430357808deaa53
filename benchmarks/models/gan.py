"""Generative adversarial network: one network draws digits, another tells them from real ones.

I. Goodfellow et al., "Generative adversarial nets", 2014. In the shapes, B is the batch, Z the
length of the noise.
"""

import cnn
import common
import numpy as np

import minitf as tf
from minitf import keras


def build_generator(noise, widths):
    """Return a network from noise (B, Z) to images (B, 784) between -1 and 1."""
    network = keras.Sequential([keras.Input((noise,))])
    for width in widths:
        network.add(keras.layers.Dense(width, activation="relu"))
    network.add(keras.layers.Dense(784, activation="tanh"))
    return network


def build_judge(widths, dropout):
    """Return a network from images (B, 784) to the logit of being real (B, 1)."""
    network = keras.Sequential([keras.Input((784,))])
    for width in widths:
        network.add(keras.layers.Dense(width, activation="relu"))
        network.add(keras.layers.Dropout(dropout))
    network.add(keras.layers.Dense(1))
    return network


class GAN(keras.Model):
    """Generator and judge, each trained against the other."""

    def __init__(self, noise, widths, dropout):
        super().__init__()
        self.noise = noise
        self.generator = build_generator(noise, widths)
        self.judge = build_judge(widths[::-1], dropout)
        self.right = keras.losses.BinaryCrossentropy(from_logits=True)

    def compile(self, generator_optimizer, judge_optimizer):
        super().compile()
        self.generator_optimizer, self.judge_optimizer = generator_optimizer, judge_optimizer

    def train_step(self, data):
        images, _, _ = keras.utils.unpack_x_y_sample_weight(data)  # (B, 784)
        noise = tf.random.normal((tf.shape(images)[0], self.noise))  # (B, Z)
        with tf.GradientTape() as generator_tape, tf.GradientTape() as judge_tape:
            fakes = self.generator(noise, training=True)  # (B, 784)
            on_fakes = self.judge(fakes, training=True)  # (B, 1)
            on_images = self.judge(images, training=True)  # (B, 1)
            yes, no = tf.ones_like(on_fakes), tf.zeros_like(on_fakes)
            generator_loss = self.right(yes, on_fakes)
            judge_loss = self.right(yes, on_images) + self.right(no, on_fakes)
        improve(self.generator, self.generator_optimizer, generator_tape, generator_loss)
        improve(self.judge, self.judge_optimizer, judge_tape, judge_loss)
        return {"loss": judge_loss, "generator_loss": generator_loss}


def improve(network, optimizer, tape, loss):
    """Take one step down the gradient of a network's loss."""
    variables = network.trainable_variables
    optimizer.apply_gradients(zip(tape.gradient(loss, variables), variables))


def build_model(noise=64, widths=(256,), dropout=0.0, learning_rate=2e-4, **of_generator):
    """Return both networks, ready to be trained; the rest is for the generator's optimizer."""
    model = GAN(noise, widths, dropout)
    model.compile(
        keras.optimizers.Adam(learning_rate, beta_1=0.5, **of_generator),
        keras.optimizers.Adam(learning_rate, beta_1=0.5),
    )
    return model


def main(argv=None):
    """Train, draw a thousand digits, and let a convolutional network read them."""
    options = common.arguments(
        argv, __doc__, epochs=(60, 3), samples=(60_000, 10_000), reading=(4, 1)
    )
    keras.utils.set_random_seed(options.seed)
    (x, y), (real, _) = common.mnist(options.samples)
    reader = cnn.build_model()
    reader.fit(x, y, 128, epochs=options.reading, verbose=2)

    # The generator circles around its goal; the mean over its way is nearer than its last step.
    model = build_model(widths=(256, 512), dropout=0.3, use_ema=True, ema_momentum=0.999)
    images = 2 * x.reshape(-1, 784) - 1
    history = model.fit(images, batch_size=128, epochs=options.epochs, verbose=2)

    model.generator_optimizer.finalize_variable_values(model.generator.trainable_variables)
    noise = np.random.default_rng(options.seed).normal(size=(1000, 64)).astype(np.float32)
    drawn = (model.generator.predict(noise, verbose=0).reshape(-1, 28, 28, 1) + 1) / 2
    chances = read(reader, drawn)  # (1000, 10)
    classes = np.bincount(chances.argmax(1), minlength=10)
    return common.report(
        options, keras, history.history["loss"],
        mean_confidence=chances.max(1).mean(), drawn_of_each_class=classes.tolist(),
        confidence_on_real_ones=read(reader, real[:1000]).max(1).mean(),
    )  # fmt: skip


def read(reader, images):
    """Return the chances (N, 10) that a network gives the ten digits."""
    return np.asarray(keras.ops.softmax(reader.predict(images, batch_size=250, verbose=0)))


if __name__ == "__main__":
    main()
