"""A small BERT: words are masked at random, a model with a train_step of its own fills them in."""

import keras
import numpy as np
import tensorflow as tf
from keras import layers

MAX_LEN, VOCAB, DIM = 8, 20, 12
rng = np.random.default_rng(30)
mask_token_id = VOCAB - 1


def get_masked_input_and_labels(encoded_texts):
    inp_mask = rng.random(encoded_texts.shape) < 0.15
    inp_mask[encoded_texts <= 2] = False
    labels = -1 * np.ones(encoded_texts.shape, dtype=int)
    labels[inp_mask] = encoded_texts[inp_mask]
    encoded_texts_masked = np.copy(encoded_texts)
    inp_mask_2mask = inp_mask & (rng.random(encoded_texts.shape) < 0.90)
    encoded_texts_masked[inp_mask_2mask] = mask_token_id
    sample_weights = np.ones(labels.shape)
    sample_weights[labels == -1] = 0
    return encoded_texts_masked, np.copy(encoded_texts), sample_weights


def get_pos_encoding_matrix(max_len, d_emb):
    pos_enc = np.array(
        [
            [pos / np.power(10000, 2 * (j // 2) / d_emb) for j in range(d_emb)]
            if pos != 0
            else np.zeros(d_emb)
            for pos in range(max_len)
        ]
    )
    pos_enc[1:, 0::2] = np.sin(pos_enc[1:, 0::2])
    pos_enc[1:, 1::2] = np.cos(pos_enc[1:, 1::2])
    return pos_enc


def bert_module(query, key, value, i):
    attention_output = layers.MultiHeadAttention(
        num_heads=2, key_dim=DIM // 2, name=f"encoder_{i}_multiheadattention"
    )(query, key, value)
    attention_output = layers.Dropout(0.1, name=f"encoder_{i}_att_dropout")(attention_output)
    attention_output = layers.LayerNormalization(
        epsilon=1e-6, name=f"encoder_{i}_att_layernormalization"
    )(query + attention_output)
    ffn = keras.Sequential(
        [layers.Dense(24, activation="relu"), layers.Dense(DIM)], name=f"encoder_{i}_ffn"
    )
    ffn_output = layers.Dropout(0.1, name=f"encoder_{i}_ffn_dropout")(ffn(attention_output))
    return layers.LayerNormalization(epsilon=1e-6, name=f"encoder_{i}_ffn_layernormalization")(
        attention_output + ffn_output
    )


loss_fn = keras.losses.SparseCategoricalCrossentropy(reduction=None)
loss_tracker = keras.metrics.Mean(name="loss")


class MaskedLanguageModel(keras.Model):
    def train_step(self, inputs):
        features, labels, sample_weight = inputs
        with tf.GradientTape() as tape:
            predictions = self(features, training=True)
            loss = loss_fn(labels, predictions, sample_weight=sample_weight)
        gradients = tape.gradient(loss, self.trainable_variables)
        self.optimizer.apply_gradients(zip(gradients, self.trainable_variables))
        loss_tracker.update_state(loss, sample_weight=sample_weight)
        return {"loss": loss_tracker.result()}

    @property
    def metrics(self):
        return [loss_tracker]


inputs = layers.Input((MAX_LEN,), dtype="int64")
word_embeddings = layers.Embedding(VOCAB, DIM, name="word_embedding")(inputs)
position_embeddings = layers.Embedding(
    input_dim=MAX_LEN,
    output_dim=DIM,
    name="position_embedding",
    trainable=False,
    embeddings_initializer=keras.initializers.Constant(get_pos_encoding_matrix(MAX_LEN, DIM)),
)(keras.ops.arange(start=0, stop=MAX_LEN, step=1))
embeddings = word_embeddings + position_embeddings
encoder_output = embeddings
for i in range(2):
    encoder_output = bert_module(encoder_output, encoder_output, encoder_output, i)
mlm_output = layers.Dense(VOCAB, name="mlm_cls", activation="softmax")(encoder_output)
bert = MaskedLanguageModel(inputs, mlm_output, name="masked_bert_model")
bert.compile(optimizer=keras.optimizers.Adam(learning_rate=0.005))

texts = (np.arange(MAX_LEN)[None] + rng.integers(3, 9, size=(48, 1))).astype("int64")
masked, labels, weights = get_masked_input_and_labels(texts)
dataset = tf.data.Dataset.from_tensor_slices((masked, labels, weights)).shuffle(100).batch(16)
history = bert.fit(dataset, epochs=6, verbose=0)

pretrained = keras.Model(bert.input, bert.get_layer("encoder_1_ffn_layernormalization").output)
pretrained.trainable = False
classifier_inputs = layers.Input((MAX_LEN,), dtype="int64")
sequence_output = pretrained(classifier_inputs)
pooled_output = layers.GlobalMaxPooling1D()(sequence_output)
hidden = layers.Dense(8, activation="relu")(pooled_output)
classifier = keras.Model(
    classifier_inputs, layers.Dense(1, activation="sigmoid")(hidden), name="classification"
)
classifier.compile(optimizer="adam", loss="binary_crossentropy", metrics=["accuracy"])
fitted = classifier.fit(texts, texts[:, 0] > 5, epochs=1, verbose=0)

RESULT = {
    "masked": bool((masked == mask_token_id).any()),
    "fell": history.history["loss"][-1] < history.history["loss"][0],
    "keys": [sorted(history.history), sorted(fitted.history)],
    "parameters": [bert.count_params(), classifier.count_params()],
    "trainable": [len(bert.trainable_weights), len(classifier.trainable_weights)],
    "prediction": bert.predict(masked[:2], verbose=0).shape,
    "positions": get_pos_encoding_matrix(2, 4),
    "names": [layer.name for layer in bert.layers if layer.name.startswith(("encoder", "mlm"))],
}
