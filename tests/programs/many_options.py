"""Options that few programs use, but many programs together: clipping, rates, shapes, devices."""

import os

import numpy as np
import tensorflow as tf
from tensorflow import keras
from tensorflow.keras import layers, optimizers

gpus = tf.config.list_physical_devices("GPU")
if gpus:
    tf.config.experimental.set_memory_growth(gpus[0], True)
cpus = tf.config.list_logical_devices(device_type="CPU")
rng = np.random.default_rng(33)
x = rng.normal(size=(48, 8)).astype("float32")
y = x[:, :1] * 3

inputs = keras.Input(batch_shape=(None, 8), name="flat")
h = layers.Reshape(target_shape=(8, 1))(inputs)
h = layers.Conv1D(4, 2, dilation_rate=2, padding="causal", activation="relu")(h)
h = layers.LSTM(4, unroll=True, return_sequences=True)(h)
h = layers.GRU(units=3, recurrent_activation="sigmoid", activation="tanh")(h)
model = keras.Model(inputs=inputs, outputs=layers.Dense(1, use_bias=False, name="out")(h))
model.compile(optimizer=optimizers.Adam(0.01, clipnorm=1.0), loss="mse")
lines = []
model.summary(line_length=90, show_trainable=True, print_fn=lambda s, **kw: lines.append(s))
train = (
    tf.data.Dataset.from_tensor_slices((x, y)).map(map_func=lambda a, b: (a, b)).repeat().batch(8)
)
saver = keras.callbacks.ModelCheckpoint("at_{epoch}.keras", save_freq="epoch", verbose=0)
history = model.fit(
    train,
    epochs=4,
    steps_per_epoch=6,
    validation_data=train,
    validation_steps=2,
    callbacks=[saver],
    verbose=0,
)
again = keras.Sequential(layers=[keras.Input((8,)), layers.Dense(2)], name="short")
model.save_weights(filepath="all.weights.h5")
model.load_weights(filepath="all.weights.h5", skip_mismatch=False)

# One step of each optimizer, from 1 with the gradient 3.
moved = {}
for name, optimizer in {
    "norm": optimizers.SGD(learning_rate=0.5, clipnorm=1.0),
    "value": optimizers.SGD(learning_rate=0.5, clipvalue=2.0),
    "nesterov": optimizers.SGD(learning_rate=0.5, momentum=0.9, nesterov=True),
    "rho": optimizers.RMSprop(learning_rate=0.1, rho=0.5, momentum=0.1),
    "decay": optimizers.SGD(learning_rate=0.5, weight_decay=0.1),
    "average": optimizers.AdamW(0.1, weight_decay=0.01, use_ema=True, ema_overwrite_frequency=2),
    "global": optimizers.Adam(0.1, global_clipnorm=1.0, epsilon=1.0),
    "beta": optimizers.Adam(learning_rate=0.1, beta_1=0.5, beta_2=0.9, amsgrad=True),
}.items():
    v = tf.Variable(1.0)
    for _ in range(2):
        optimizer.apply_gradients(grads_and_vars=[(tf.constant(3.0), v)])
    moved[name] = float(v)


@tf.function(reduce_retracing=True)
def total(values):
    return tf.reduce_sum(values)


@tf.function(autograph=True, input_signature=[tf.TensorSpec(shape=[None, 2], dtype=tf.float32)])
def rows(values):
    return tf.shape(values, out_type=tf.int64)[0]


with tf.device("/CPU:0"):
    product = tf.matmul([[1.0, 2.0]], [[3.0, 4.0]], transpose_a=True)
tf.print("no", "newline", end="")
with open("numbers.txt", "w") as stream:
    stream.write("1\n2\n")
read = tf.data.TextLineDataset(filenames=["numbers.txt"], num_parallel_reads=1)
content = tf.io.read_file("numbers.txt")
logits = tf.constant([[2.0, 0.0], [0.0, 1.0]])
tokenizer = tf.keras.preprocessing.text.Tokenizer(lower=False, filters=".")
tokenizer.fit_on_texts(["To be. to Be"])
pictures = np.arange(32, dtype="float32").reshape(1, 4, 8, 1)

RESULT = {
    "cpus": len(cpus) >= 1,
    "fell": history.history["loss"][-1] < history.history["loss"][0],
    "keys": sorted(history.history),
    "saved": sorted(name for name in os.listdir(".") if name.startswith("at_")),
    "trainable in summary": "Trai" in "\n".join(lines),
    "parameters": [model.count_params(), again.count_params(), again.name],
    "moved": moved,
    "total": [float(total(tf.ones(n))) for n in (1, 2, 3)],
    "rows": rows(tf.zeros((5, 2))),
    "product": product,
    "where": tf.where(condition=[True, False], x=1, y=2, name="choice"),
    "space": tf.linspace(start=0.0, stop=1.0, num=3),
    "lines": [line.numpy() for line in read],
    "content": content,
    "cross entropy": tf.nn.sparse_softmax_cross_entropy_with_logits(labels=[0, 1], logits=logits),
    "words": tokenizer.word_index,
    "resized": layers.Resizing(height=4, width=4, crop_to_aspect_ratio=True)(pictures)[0, 0, :, 0],
    "nearest": layers.UpSampling2D(size=(2, 1), interpolation="nearest")(pictures).shape,
    "pooled": layers.GlobalAveragePooling2D(keepdims=True)(pictures),
    "normalized": layers.BatchNormalization(momentum=0.9, center=False, scale=False)(
        pictures
    ).shape,
}
