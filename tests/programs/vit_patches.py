"""A vision Transformer: patches, their encoder, blocks that normalize before attention."""

import keras
import numpy as np
from keras import layers, ops

image_size, patch_size, projection_dim, num_heads = 12, 4, 8, 2
num_patches = (image_size // patch_size) ** 2


def mlp(x, hidden_units, dropout_rate):
    for units in hidden_units:
        x = layers.Dense(units, activation=keras.activations.gelu)(x)
        x = layers.Dropout(dropout_rate)(x)
    return x


class Patches(layers.Layer):
    def __init__(self, patch_size, **kwargs):
        super().__init__(**kwargs)
        self.patch_size = patch_size

    def call(self, images):
        input_shape = ops.shape(images)
        batch_size, height, width, channels = input_shape
        num_patches_h = height // self.patch_size
        num_patches_w = width // self.patch_size
        patches = keras.ops.image.extract_patches(images, size=self.patch_size)
        return ops.reshape(
            patches,
            (
                batch_size,
                num_patches_h * num_patches_w,
                self.patch_size * self.patch_size * channels,
            ),
        )

    def get_config(self):
        config = super().get_config()
        config.update({"patch_size": self.patch_size})
        return config


class PatchEncoder(layers.Layer):
    def __init__(self, num_patches, projection_dim, **kwargs):
        super().__init__(**kwargs)
        self.num_patches = num_patches
        self.projection = layers.Dense(units=projection_dim)
        self.position_embedding = layers.Embedding(input_dim=num_patches, output_dim=projection_dim)

    def call(self, patch):
        positions = ops.expand_dims(ops.arange(start=0, stop=self.num_patches, step=1), axis=0)
        projected_patches = self.projection(patch)
        return projected_patches + self.position_embedding(positions)

    def get_config(self):
        config = super().get_config()
        config.update({"num_patches": self.num_patches})
        return config


def create_vit_classifier():
    inputs = keras.Input(shape=(image_size, image_size, 3))
    x = layers.Normalization(mean=0.5, variance=0.25)(inputs)
    patches = Patches(patch_size)(x)
    encoded_patches = PatchEncoder(num_patches, projection_dim)(patches)
    for _ in range(2):
        x1 = layers.LayerNormalization(epsilon=1e-6)(encoded_patches)
        attention_output = layers.MultiHeadAttention(
            num_heads=num_heads, key_dim=projection_dim, dropout=0.1
        )(x1, x1)
        x2 = layers.Add()([attention_output, encoded_patches])
        x3 = layers.LayerNormalization(epsilon=1e-6)(x2)
        x3 = mlp(x3, hidden_units=[16, projection_dim], dropout_rate=0.1)
        encoded_patches = layers.Add()([x3, x2])
    representation = layers.LayerNormalization(epsilon=1e-6)(encoded_patches)
    representation = layers.Flatten()(representation)
    representation = layers.Dropout(0.5)(representation)
    features = mlp(representation, hidden_units=[16], dropout_rate=0.2)
    return keras.Model(inputs=inputs, outputs=layers.Dense(3)(features))


rng = np.random.default_rng(14)
y = rng.integers(0, 3, size=(48, 1))
x = rng.random((48, image_size, image_size, 3)).astype("float32") * 0.3
x[np.arange(48), :, :, y[:, 0]] += 0.7
model = create_vit_classifier()
model.compile(
    optimizer=keras.optimizers.AdamW(learning_rate=0.005, weight_decay=0.0001),
    loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True),
    metrics=[
        keras.metrics.SparseCategoricalAccuracy(name="accuracy"),
        keras.metrics.SparseTopKCategoricalAccuracy(2, name="top-2-accuracy"),
    ],
)
history = model.fit(x=x, y=y, batch_size=16, epochs=5, validation_split=0.25, verbose=0)
_, accuracy, top_2 = model.evaluate(x, y, verbose=0)
grid = ops.reshape(ops.arange(16, dtype="float32"), (1, 4, 4, 1))

RESULT = {
    "fell": history.history["loss"][-1] < history.history["loss"][0],
    "history": sorted(history.history),
    "top": top_2 >= accuracy,
    "patches": Patches(2)(grid)[0],
    "shapes": [tuple(layer.output.shape) for layer in model.layers[:4]],
    "parameters": model.count_params(),
    "config": Patches.from_config(Patches(3, name="p").get_config()).patch_size,
}
