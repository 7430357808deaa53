"""Where a convolutional network looks: outputs of layers inside, gradients with respect to them."""

import numpy as np
import tensorflow as tf
from tensorflow import keras
from tensorflow.keras import layers

model = keras.Sequential(
    [
        keras.Input(shape=(12, 12, 1)),
        layers.Conv2D(4, 3, activation="relu", name="first_conv"),
        layers.MaxPooling2D((2, 2), name="pool"),
        layers.Conv2D(6, 3, activation="relu", name="last_conv", kernel_initializer="ones"),
        layers.GlobalAveragePooling2D(),
        layers.Dense(3, activation="softmax", name="classes"),
    ]
)
img_array = np.zeros((1, 12, 12, 1), dtype="float32")
img_array[0, 2:5, 2:5] = 1.0


def make_gradcam_heatmap(img_array, model, last_conv_layer_name, pred_index=None):
    grad_model = keras.models.Model(
        model.inputs, [model.get_layer(last_conv_layer_name).output, model.layers[-1].output]
    )
    with tf.GradientTape() as tape:
        last_conv_layer_output, preds = grad_model(img_array)
        if pred_index is None:
            pred_index = tf.argmax(preds[0])
        class_channel = preds[:, pred_index]
    grads = tape.gradient(class_channel, last_conv_layer_output)
    pooled_grads = tf.reduce_mean(grads, axis=(0, 1, 2))
    last_conv_layer_output = last_conv_layer_output[0]
    heatmap = last_conv_layer_output @ pooled_grads[..., tf.newaxis]
    heatmap = tf.squeeze(heatmap)
    return (tf.maximum(heatmap, 0) / (tf.math.reduce_max(heatmap) + 1e-9)).numpy()


heatmap = make_gradcam_heatmap(img_array, model, "last_conv")
layer_outputs = [
    layer.output
    for layer in model.layers
    if isinstance(layer, (layers.Conv2D, layers.MaxPooling2D))
]
layer_names = [
    layer.name for layer in model.layers if isinstance(layer, (layers.Conv2D, layers.MaxPooling2D))
]
activation_model = keras.Model(inputs=model.inputs, outputs=layer_outputs)
activations = activation_model.predict(img_array, verbose=0)
feature_extractor = keras.Model(
    inputs=model.inputs, outputs={layer.name: layer.output for layer in model.layers}
)
features = feature_extractor(img_array)

extractor = keras.Model(inputs=model.inputs, outputs=model.get_layer(name="first_conv").output)


def compute_loss(image, filter_index):
    activation = extractor(image)
    filter_activation = activation[:, 2:-2, 2:-2, filter_index]
    return tf.reduce_mean(filter_activation)


@tf.function
def gradient_ascent_step(image, filter_index, learning_rate):
    with tf.GradientTape() as tape:
        tape.watch(image)
        loss = compute_loss(image, filter_index)
    grads = tape.gradient(loss, image)
    grads = tf.math.l2_normalize(grads)
    image += learning_rate * grads
    return loss, image


image = tf.random.uniform((1, 12, 12, 1), minval=0.4, maxval=0.6)
losses = []
for _ in range(5):
    loss, image = gradient_ascent_step(image, 1, 1.0)
    losses.append(float(loss))

# The gradient of the pictures, as adversaries use it.
picture = tf.convert_to_tensor(img_array)
loss_object = keras.losses.CategoricalCrossentropy()
with tf.GradientTape() as tape:
    tape.watch(picture)
    adversarial = loss_object(tf.one_hot([1], 3), model(picture))
signed_grad = tf.sign(tape.gradient(adversarial, picture))

RESULT = {
    "heatmap": heatmap.shape,
    "positive": bool(np.nanmin(heatmap) >= 0),
    "names": layer_names,
    "activations": [a.shape for a in activations],
    "features": {name: t.shape for name, t in features.items()},
    "rose": losses[-1] >= losses[0],
    "signs": sorted({abs(float(s)) for s in np.unique(signed_grad.numpy())} | {0.0, 1.0}),
    "perturbed": tf.clip_by_value(picture + 0.1 * signed_grad, 0, 1).shape,
}
