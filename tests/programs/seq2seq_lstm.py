"""A character translator: an encoder's LSTM states start the decoder, which runs by steps."""

import numpy as np
from tensorflow import keras
from tensorflow.keras.layers import LSTM, Dense, Input
from tensorflow.keras.models import Model

pairs = [
    ("ab", "ba"),
    ("abc", "cba"),
    ("ca", "ac"),
    ("bca", "acb"),
    ("cab", "bac"),
    ("bb", "bb"),
] * 4
input_texts = [source for source, _ in pairs]
target_texts = ["\t" + target + "\n" for _, target in pairs]
input_characters = sorted(set("".join(input_texts)))
target_characters = sorted(set("".join(target_texts)))
num_encoder_tokens, num_decoder_tokens = len(input_characters), len(target_characters)
max_encoder_seq_length = max(map(len, input_texts))
max_decoder_seq_length = max(map(len, target_texts))
input_token_index = {char: i for i, char in enumerate(input_characters)}
target_token_index = {char: i for i, char in enumerate(target_characters)}
encoder_input_data = np.zeros(
    (len(pairs), max_encoder_seq_length, num_encoder_tokens), dtype="float32"
)
decoder_input_data = np.zeros(
    (len(pairs), max_decoder_seq_length, num_decoder_tokens), dtype="float32"
)
decoder_target_data = np.zeros_like(decoder_input_data)
for i, (source, target) in enumerate(zip(input_texts, target_texts)):
    for t, char in enumerate(source):
        encoder_input_data[i, t, input_token_index[char]] = 1.0
    for t, char in enumerate(target):
        decoder_input_data[i, t, target_token_index[char]] = 1.0
        if t > 0:
            decoder_target_data[i, t - 1, target_token_index[char]] = 1.0

latent_dim = 12
encoder_inputs = Input(shape=(None, num_encoder_tokens))
encoder = LSTM(latent_dim, return_state=True)
encoder_outputs, state_h, state_c = encoder(encoder_inputs)
encoder_states = [state_h, state_c]
decoder_inputs = Input(shape=(None, num_decoder_tokens))
decoder_lstm = LSTM(latent_dim, return_sequences=True, return_state=True)
decoder_outputs, _, _ = decoder_lstm(decoder_inputs, initial_state=encoder_states)
decoder_dense = Dense(num_decoder_tokens, activation="softmax")
decoder_outputs = decoder_dense(decoder_outputs)
model = Model([encoder_inputs, decoder_inputs], decoder_outputs)
model.compile(
    optimizer=keras.optimizers.RMSprop(0.01), loss="categorical_crossentropy", metrics=["accuracy"]
)
history = model.fit(
    [encoder_input_data, decoder_input_data],
    decoder_target_data,
    batch_size=8,
    epochs=15,
    validation_split=0.25,
    verbose=0,
)

encoder_model = Model(encoder_inputs, encoder_states)
decoder_state_input_h = Input(shape=(latent_dim,))
decoder_state_input_c = Input(shape=(latent_dim,))
decoder_states_inputs = [decoder_state_input_h, decoder_state_input_c]
decoder_outputs, state_h, state_c = decoder_lstm(
    decoder_inputs, initial_state=decoder_states_inputs
)
decoder_states = [state_h, state_c]
decoder_outputs = decoder_dense(decoder_outputs)
decoder_model = Model([decoder_inputs, *decoder_states_inputs], [decoder_outputs, *decoder_states])
reverse_target_char_index = {i: char for char, i in target_token_index.items()}


def decode_sequence(input_seq):
    states_value = encoder_model.predict(input_seq, verbose=0)
    target_seq = np.zeros((1, 1, num_decoder_tokens))
    target_seq[0, 0, target_token_index["\t"]] = 1.0
    decoded, likely = "", []
    while not decoded.endswith("\n") and len(decoded) <= max_decoder_seq_length:
        output_tokens, h, c = decoder_model.predict([target_seq, *states_value], verbose=0)
        sampled = int(np.argmax(output_tokens[0, -1, :]))
        likely.append(output_tokens[0, -1])
        decoded += reverse_target_char_index[sampled]
        target_seq = np.zeros((1, 1, num_decoder_tokens))
        target_seq[0, 0, sampled] = 1.0
        states_value = [h, c]
    return decoded, likely


answer, likely = decode_sequence(encoder_input_data[:1])
first = model.predict([encoder_input_data[:1], decoder_input_data[:1]], verbose=0)[0, 0]

RESULT = {
    "keys": sorted(history.history),
    "fell": history.history["loss"][-1] < history.history["loss"][0],
    "by steps as at once": bool(np.allclose(first, likely[0], atol=1e-5)),
    "outputs": [tuple(t.shape) for t in decoder_model.outputs],
    "said something": len(answer) > 0,
    "parameters": [m.count_params() for m in (model, encoder_model, decoder_model)],
    "layers": [type(layer).__name__ for layer in model.layers],
}
