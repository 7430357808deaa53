"""A siamese network: one tower for both inputs, a Lambda distance, a contrastive loss."""

import random

import numpy as np
import tensorflow as tf
from tensorflow.keras import backend as K
from tensorflow.keras import ops
from tensorflow.keras.layers import BatchNormalization, Dense, Dropout, Flatten, Input, Lambda
from tensorflow.keras.models import Model
from tensorflow.keras.optimizers import RMSprop

rng = np.random.default_rng(15)
random.seed(15)


def euclidean_distance(vects):
    x, y = vects
    sum_square = ops.sum(ops.square(x - y), axis=1, keepdims=True)
    return ops.sqrt(ops.maximum(sum_square, K.epsilon()))


def eucl_dist_output_shape(shapes):
    shape1, _ = shapes
    return (shape1[0], 1)


def contrastive_loss(margin=1):
    def loss(y_true, y_pred):
        y_true = tf.cast(y_true, y_pred.dtype)
        square_pred = tf.math.square(y_pred)
        margin_square = tf.math.square(tf.math.maximum(margin - y_pred, 0))
        return tf.math.reduce_mean(y_true * square_pred + (1 - y_true) * margin_square)

    return loss


def accuracy(y_true, y_pred):
    return tf.reduce_mean(
        tf.cast(tf.equal(y_true, tf.cast(y_pred < 0.5, y_true.dtype)), tf.float32)
    )


def create_base_network(input_shape):
    inp = Input(shape=input_shape, name="base_input")
    x = Flatten(name="flatten_input")(inp)
    x = Dense(16, activation="relu", name="first_base_dense")(x)
    x = Dropout(0.1, name="first_dropout")(x)
    x = BatchNormalization()(x)
    x = Dense(8, activation="relu", name="second_base_dense")(x)
    return Model(inputs=inp, outputs=x, name="base")


def create_pairs(x, digit_indices):
    pairs, labels = [], []
    n = min(len(d) for d in digit_indices) - 1
    for d in range(3):
        for i in range(n):
            z1, z2 = digit_indices[d][i], digit_indices[d][i + 1]
            pairs += [[x[z1], x[z2]]]
            dn = (d + random.randrange(1, 3)) % 3
            z1, z2 = digit_indices[d][i], digit_indices[dn][i]
            pairs += [[x[z1], x[z2]]]
            labels += [1, 0]
    return np.array(pairs), np.array(labels, dtype="float32")


classes = np.tile(np.arange(3), 10)
pictures = rng.random((30, 4, 4)).astype("float32") * 0.2
pictures[np.arange(30), classes] += 1.0
digit_indices = [np.where(classes == i)[0] for i in range(3)]
tr_pairs, tr_y = create_pairs(pictures, digit_indices)

input_a = Input(shape=(4, 4), name="left_input")
input_b = Input(shape=(4, 4), name="right_input")
base_network = create_base_network((4, 4))
vect_output_a = base_network(input_a)
vect_output_b = base_network(input_b)
output = Lambda(euclidean_distance, name="output_layer", output_shape=eucl_dist_output_shape)(
    [vect_output_a, vect_output_b]
)
model = Model([input_a, input_b], output)
model.compile(loss=contrastive_loss(margin=1), optimizer=RMSprop(0.01), metrics=[accuracy])
history = model.fit([tr_pairs[:, 0], tr_pairs[:, 1]], tr_y, epochs=12, batch_size=18, verbose=0)
distances = model.predict([tr_pairs[:, 0], tr_pairs[:, 1]], verbose=0)
loss, acc = model.evaluate(x=[tr_pairs[:, 0], tr_pairs[:, 1]], y=tr_y, verbose=0)

RESULT = {
    "pairs": tr_pairs.shape,
    "history": sorted(history.history),
    "fell": history.history["loss"][-1] < history.history["loss"][0],
    "apart": float(np.mean(distances[1::2])) > float(np.mean(distances[::2])),
    "distance": ops.round(euclidean_distance([np.array([[0.0, 3.0]]), np.array([[4.0, 0.0]])]), 4),
    "loss of known": float(contrastive_loss(1)(tf.constant([1.0, 0.0]), tf.constant([0.5, 0.25]))),
    "shared": len(model.trainable_weights),
    "layers": [layer.name for layer in model.layers],
    "output": model.output_shape,
}
