"""Support tickets: a functional model of three inputs and two outputs, fed by lists and dicts."""

import numpy as np
from tensorflow import keras
from tensorflow.keras import layers

num_tags, num_words, num_departments = 12, 50, 4

title_input = keras.Input(shape=(None,), name="title", dtype="int32")
body_input = keras.Input(shape=(None,), name="body", dtype="int32")
tags_input = keras.Input(shape=(num_tags,), name="tags")
title_features = layers.Embedding(num_words, 8)(title_input)
body_features = layers.Embedding(num_words, 8)(body_input)
title_features = layers.LSTM(8)(title_features)
body_features = layers.LSTM(6)(body_features)
x = layers.concatenate([title_features, body_features, tags_input])
priority_pred = layers.Dense(1, name="priority")(x)
department_pred = layers.Dense(num_departments, name="department")(x)
model = keras.Model(
    inputs=[title_input, body_input, tags_input],
    outputs={"priority": priority_pred, "department": department_pred},
    name="tickets",
)
model.compile(
    optimizer=keras.optimizers.RMSprop(1e-2),
    loss={
        "priority": keras.losses.BinaryCrossentropy(from_logits=True),
        "department": keras.losses.CategoricalCrossentropy(from_logits=True),
    },
    loss_weights={"priority": 1.0, "department": 0.2},
    metrics={"priority": ["mae"], "department": ["accuracy"]},
)
rng = np.random.default_rng(3)
title_data = rng.integers(1, num_words, size=(48, 5))
body_data = rng.integers(1, num_words, size=(48, 9))
tags_data = rng.integers(2, size=(48, num_tags)).astype("float32")
priority_targets = tags_data[:, :1]
dept_targets = keras.utils.to_categorical(tags_data[:, :2] @ [1, 2], num_classes=4)
history = model.fit(
    {"title": title_data, "body": body_data, "tags": tags_data},
    {"priority": priority_targets, "department": dept_targets},
    epochs=12,
    batch_size=16,
    verbose=0,
)
predictions = model.predict([title_data, body_data, tags_data], verbose=0)
hidden = keras.Model(inputs=model.inputs, outputs=model.get_layer("concatenate").output)

RESULT = {
    "inputs": [t.name for t in model.inputs],
    "shapes": {k: v.shape for k, v in predictions.items()},
    "history": sorted(history.history),
    "fell": history.history["loss"][-1] < 0.8 * history.history["loss"][0],
    "hidden": hidden([title_data, body_data, tags_data]).shape,
    "parameters": model.count_params(),
    "layers": [layer.name for layer in model.layers],
    "kinds": [type(layer).__name__ for layer in model.layers],
    "output names": sorted(model.output_names),
}
