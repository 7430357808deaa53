"""keras.utils and keras.preprocessing: encodings, batches of one's own, arrays as pictures."""

import math

import numpy as np
import tensorflow as tf
from tensorflow import keras
from tensorflow.keras.preprocessing.image import ImageDataGenerator
from tensorflow.keras.preprocessing.sequence import pad_sequences, skipgrams
from tensorflow.keras.utils import Sequence, to_categorical


class Squares(Sequence):
    def __init__(self, x_set, y_set, batch_size, **kwargs):
        super().__init__(**kwargs)
        self.x, self.y = x_set, y_set
        self.batch_size = batch_size
        self.ended = 0

    def __len__(self):
        return math.ceil(len(self.x) / self.batch_size)

    def __getitem__(self, idx):
        low = idx * self.batch_size
        high = min(low + self.batch_size, len(self.x))
        return self.x[low:high], self.y[low:high]

    def on_epoch_end(self):
        self.ended += 1


def python_generator(x, y, batch_size):
    while True:
        chosen = np.random.permutation(len(x))[:batch_size]
        yield x[chosen], y[chosen]


x = np.random.default_rng(26).normal(size=(20, 3)).astype("float32")
y = (x**2).sum(axis=1, keepdims=True)
model = keras.Sequential([keras.layers.Dense(4, activation="relu"), keras.layers.Dense(1)])
model.compile("adam", "mse")
batches = Squares(x, y, batch_size=6)
by_sequence = model.fit(batches, epochs=2, verbose=0)
by_generator = model.fit(python_generator(x, y, 5), steps_per_epoch=3, epochs=2, verbose=0)
evaluated = model.evaluate(batches, verbose=0)
pictures = np.random.default_rng(27).random((6, 8, 8, 3)).astype("float32")
generator = ImageDataGenerator(
    rescale=1.0 / 255,
    rotation_range=20,
    width_shift_range=0.2,
    height_shift_range=0.2,
    shear_range=0.2,
    zoom_range=0.2,
    horizontal_flip=True,
    fill_mode="nearest",
)
plain = ImageDataGenerator(rescale=0.5).flow(pictures, np.arange(6), batch_size=4, shuffle=False)
flipping = ImageDataGenerator(horizontal_flip=True, vertical_flip=True, rescale=1.0 / 255)
augmented, labels = next(flipping.flow(pictures, np.arange(6), batch_size=4))
couples, targets = skipgrams([1, 2, 3, 4], vocabulary_size=6, window_size=1, negative_samples=1.0)
progress = keras.utils.Progbar(3, verbose=0)
progress.update(2, values=[("loss", 0.5)])
keras.utils.set_random_seed(seed=812)
first = tf.random.normal([3]).numpy()
keras.utils.set_random_seed(812)
second = tf.random.normal([3]).numpy()
train, rest = keras.utils.split_dataset(np.arange(10), left_size=0.7)


@keras.utils.register_keras_serializable(package="mine", name="double")
def double(x):
    return 2 * x


kept = keras.utils.serialize_keras_object(keras.layers.Dense(3, activation=double, name="d"))

RESULT = {
    "categorical": to_categorical([0, 2, 1], num_classes=3),
    "padded": pad_sequences([[1, 2, 3], [4]], maxlen=2, padding="post", truncating="pre", value=9),
    "floats": pad_sequences([[0.5], [1.0, 2.0]], dtype="float32"),
    "ended": batches.ended >= 2,
    "epochs": [len(by_sequence.history["loss"]), len(by_generator.history["loss"])],
    "evaluated": evaluated > 0,
    "plain": [bool(np.allclose(plain[0][0], pictures[:4] * 0.5)), plain[0][1], len(plain)],
    "settings": [generator.rotation_range, generator.fill_mode],
    "augmented": [augmented.shape, labels.shape, float(augmented.max()) < 0.01],
    "normalized": keras.utils.normalize(np.array([[3.0, 4.0]]), axis=-1),
    "couples": [len(couples), sum(targets), all(len(c) == 2 for c in couples)],
    "the same draw": bool(np.array_equal(first, second)),
    "split": [len(train), len(rest)],
    "name": keras.utils.get_registered_name(double),
    "kept": [kept["class_name"], kept["config"]["activation"]],
    "array": keras.utils.img_to_array(np.zeros((2, 3), "uint8")).shape,
    "keras tensor": keras.backend.is_keras_tensor(keras.Input((2,))),
}
