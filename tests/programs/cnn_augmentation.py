"""An image classifier whose first layers augment the pictures; a pipeline that prefetches."""

import numpy as np
import tensorflow as tf
from tensorflow import keras
from tensorflow.keras import layers
from tensorflow.keras.models import Sequential

rng = np.random.default_rng(12)
labels = rng.integers(0, 3, size=60)
images = rng.integers(0, 80, size=(60, 16, 16, 3)).astype("uint8")
for i, label in enumerate(labels):
    images[i, ..., label] += 150
train_ds = tf.data.Dataset.from_tensor_slices((images[:48], labels[:48])).batch(12)
val_ds = tf.data.Dataset.from_tensor_slices((images[48:], labels[48:])).batch(12)

AUTOTUNE = tf.data.AUTOTUNE
train_ds = train_ds.cache().shuffle(100).prefetch(buffer_size=AUTOTUNE)
val_ds = val_ds.cache().prefetch(buffer_size=AUTOTUNE)
normalization_layer = layers.Rescaling(1.0 / 255)
normalized_ds = val_ds.map(lambda x, y: (normalization_layer(x), y))
image_batch, labels_batch = next(iter(normalized_ds))

data_augmentation = keras.Sequential(
    [
        layers.RandomFlip("horizontal", input_shape=(16, 16, 3)),
        layers.RandomRotation(0.1),
        layers.RandomZoom(0.1),
        layers.RandomTranslation(height_factor=0.1, width_factor=0.1),
        layers.RandomContrast(0.1),
    ]
)
model = Sequential(
    [
        data_augmentation,
        layers.Rescaling(1.0 / 255),
        layers.Conv2D(8, 3, padding="same", activation="relu"),
        layers.MaxPooling2D(),
        layers.Conv2D(16, 3, padding="same", activation="relu"),
        layers.MaxPooling2D(),
        layers.Dropout(0.2),
        layers.Flatten(),
        layers.Dense(16, activation="relu"),
        layers.Dense(3, name="outputs"),
    ]
)
model.compile(
    optimizer=keras.optimizers.Adam(0.01),
    loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True),
    metrics=["accuracy"],
)
history = model.fit(train_ds, validation_data=val_ds, epochs=5, verbose=0)
img_array = tf.expand_dims(keras.utils.img_to_array(images[0]), 0)
predictions = model.predict(img_array, verbose=0)
score = tf.nn.softmax(predictions[0])
augmented = data_augmentation(images[:2].astype("float32"), training=True)
same = data_augmentation(images[:2].astype("float32"), training=False)
resize_and_rescale = keras.Sequential(
    [layers.Resizing(8, 8), layers.Rescaling(1.0 / 127.5, offset=-1)]
)
small = resize_and_rescale(images[:4].astype("float32"))
crop = layers.CenterCrop(4, 6)(images[:4].astype("float32"))
random_crop = layers.RandomCrop(10, 12)(images[:4].astype("float32"), training=True)

RESULT = {
    "rescaled": [float(np.min(image_batch)) >= 0.0, float(np.max(image_batch)) <= 1.0],
    "learnt": history.history["accuracy"][-1] > 0.7,
    "keys": sorted(history.history),
    "score": [score.shape, float(tf.reduce_sum(score))],
    "shapes": [augmented.shape, small.shape, crop.shape, random_crop.shape],
    "unchanged": bool(np.allclose(same, images[:2])),
    "changed": bool(not np.allclose(augmented, images[:2])),
    "layers": [layer.name for layer in model.layers],
    "parameters": model.count_params(),
}
