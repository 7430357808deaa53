"""A Transformer that translates: encoder, decoder, positional embedding, masks, configs."""

import random

import numpy as np
import tensorflow as tf
from tensorflow import keras
from tensorflow.keras import layers

random.seed(0)
words = {"one": "eins", "two": "zwei", "red": "rot", "dog": "hund", "cat": "katze"}
text_pairs = []
for _ in range(64):
    chosen = random.choices(list(words), k=random.randint(2, 4))
    text_pairs.append(
        (" ".join(chosen), "[start] " + " ".join(words[w] for w in chosen) + " [end]")
    )


def custom_standardization(input_string):
    return tf.strings.regex_replace(tf.strings.lower(input_string), "[!?.,]", "")


sequence_length, vocab_size, batch_size = 6, 12, 16
source_vectorization = layers.TextVectorization(
    max_tokens=vocab_size, output_mode="int", output_sequence_length=sequence_length
)
target_vectorization = layers.TextVectorization(
    max_tokens=vocab_size,
    output_mode="int",
    output_sequence_length=sequence_length + 1,
    standardize=custom_standardization,
)
source_vectorization.adapt([pair[0] for pair in text_pairs])
target_vectorization.adapt([pair[1] for pair in text_pairs])


def format_dataset(eng, ger):
    eng = source_vectorization(eng)
    ger = target_vectorization(ger)
    return ({"english": eng, "german": ger[:, :-1]}, ger[:, 1:])


def make_dataset(pairs):
    eng_texts, ger_texts = zip(*pairs)
    dataset = tf.data.Dataset.from_tensor_slices((list(eng_texts), list(ger_texts)))
    dataset = dataset.batch(batch_size)
    dataset = dataset.map(format_dataset, num_parallel_calls=4)
    return dataset.shuffle(2048).prefetch(16).cache()


train_ds = make_dataset(text_pairs)


class TransformerEncoder(layers.Layer):
    def __init__(self, embed_dim, dense_dim, num_heads, **kwargs):
        super().__init__(**kwargs)
        self.embed_dim, self.dense_dim, self.num_heads = embed_dim, dense_dim, num_heads
        self.attention = layers.MultiHeadAttention(num_heads=num_heads, key_dim=embed_dim)
        self.dense_proj = keras.Sequential(
            [layers.Dense(dense_dim, activation="relu"), layers.Dense(embed_dim)]
        )
        self.layernorm_1 = layers.LayerNormalization()
        self.layernorm_2 = layers.LayerNormalization()
        self.supports_masking = True

    def call(self, inputs, mask=None):
        if mask is not None:
            mask = mask[:, tf.newaxis, :]
        attention_output = self.attention(inputs, inputs, attention_mask=mask)
        proj_input = self.layernorm_1(inputs + attention_output)
        return self.layernorm_2(proj_input + self.dense_proj(proj_input))

    def get_config(self):
        config = super().get_config()
        config.update(
            {"embed_dim": self.embed_dim, "num_heads": self.num_heads, "dense_dim": self.dense_dim}
        )
        return config


class TransformerDecoder(layers.Layer):
    def __init__(self, embed_dim, dense_dim, num_heads, **kwargs):
        super().__init__(**kwargs)
        self.attention_1 = layers.MultiHeadAttention(num_heads=num_heads, key_dim=embed_dim)
        self.attention_2 = layers.MultiHeadAttention(num_heads=num_heads, key_dim=embed_dim)
        self.dense_proj = keras.Sequential(
            [layers.Dense(dense_dim, activation="relu"), layers.Dense(embed_dim)]
        )
        self.layernorm_1 = layers.LayerNormalization()
        self.layernorm_2 = layers.LayerNormalization()
        self.layernorm_3 = layers.LayerNormalization()
        self.supports_masking = True

    def get_causal_attention_mask(self, inputs):
        input_shape = tf.shape(inputs)
        batch_size, sequence_length = input_shape[0], input_shape[1]
        i = tf.range(sequence_length)[:, tf.newaxis]
        j = tf.range(sequence_length)
        mask = tf.cast(i >= j, dtype="int32")
        mask = tf.reshape(mask, (1, input_shape[1], input_shape[1]))
        mult = tf.concat(
            [tf.expand_dims(batch_size, -1), tf.constant([1, 1], dtype=tf.int32)], axis=0
        )
        return tf.tile(mask, mult)

    def call(self, inputs, encoder_outputs):
        causal_mask = self.get_causal_attention_mask(inputs)
        attention_output_1 = self.attention_1(
            query=inputs, value=inputs, key=inputs, attention_mask=causal_mask
        )
        attention_output_1 = self.layernorm_1(inputs + attention_output_1)
        attention_output_2 = self.attention_2(
            query=attention_output_1, value=encoder_outputs, key=encoder_outputs
        )
        attention_output_2 = self.layernorm_2(attention_output_1 + attention_output_2)
        return self.layernorm_3(attention_output_2 + self.dense_proj(attention_output_2))


class PositionalEmbedding(layers.Layer):
    def __init__(self, sequence_length, input_dim, output_dim, **kwargs):
        super().__init__(**kwargs)
        self.token_embeddings = layers.Embedding(input_dim=input_dim, output_dim=output_dim)
        self.position_embeddings = layers.Embedding(
            input_dim=sequence_length, output_dim=output_dim
        )

    def call(self, inputs):
        length = tf.shape(inputs)[-1]
        positions = tf.range(start=0, limit=length, delta=1)
        return self.token_embeddings(inputs) + self.position_embeddings(positions)

    def compute_mask(self, inputs, mask=None):
        return keras.ops.not_equal(inputs, 0)


embed_dim, dense_dim, num_heads = 12, 24, 2
encoder_inputs = keras.Input(shape=(None,), dtype="int64", name="english")
x = PositionalEmbedding(sequence_length, vocab_size, embed_dim)(encoder_inputs)
encoder_outputs = TransformerEncoder(embed_dim, dense_dim, num_heads)(x)
decoder_inputs = keras.Input(shape=(None,), dtype="int64", name="german")
x = PositionalEmbedding(sequence_length, vocab_size, embed_dim)(decoder_inputs)
x = TransformerDecoder(embed_dim, dense_dim, num_heads)(x, encoder_outputs)
x = layers.Dropout(0.1)(x)
decoder_outputs = layers.Dense(vocab_size, activation="softmax")(x)
transformer = keras.Model([encoder_inputs, decoder_inputs], decoder_outputs)
transformer.compile(
    optimizer=keras.optimizers.RMSprop(0.005),
    loss="sparse_categorical_crossentropy",
    metrics=["accuracy"],
)
history = transformer.fit(train_ds, epochs=6, validation_data=train_ds, verbose=0)

index_lookup = dict(enumerate(target_vectorization.get_vocabulary()))
decoded_sentence = "[start]"
for i in range(4):
    tokenized_target = target_vectorization([decoded_sentence])[:, :-1]
    predictions = transformer([source_vectorization(["red dog"]), tokenized_target])
    decoded_sentence += " " + index_lookup[int(np.argmax(predictions[0, i, :]))]
inputs, targets = next(iter(train_ds))

RESULT = {
    "batch": [inputs["english"].shape, inputs["german"].shape, targets.shape],
    "fell": history.history["loss"][-1] < 0.8 * history.history["loss"][0],
    "keys": sorted(history.history),
    "words": len(decoded_sentence.split()) >= 2,
    "vocabulary": sorted(target_vectorization.get_vocabulary()),
    "config": {
        k: v for k, v in transformer.layers[3].get_config().items() if "dim" in k or "num" in k
    }
    if hasattr(transformer.layers[3], "dense_dim")
    else {},
    "parameters": transformer.count_params(),
    "causal": TransformerDecoder(4, 4, 1).get_causal_attention_mask(tf.zeros((1, 3, 4))),
}
