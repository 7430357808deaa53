"""Deep Q-learning: an epsilon-greedy policy, a replay buffer, a target network, a masked loss."""

from collections import deque

import numpy as np
import tensorflow as tf
from tensorflow import keras

tf.keras.backend.clear_session()
keras.utils.set_random_seed(42)
rng = np.random.default_rng(1)
input_shape, n_outputs = [4], 2

model = keras.Sequential(
    [
        keras.layers.Dense(16, activation="elu", input_shape=input_shape),
        keras.layers.Dense(16, activation="elu"),
        keras.layers.Dense(n_outputs),
    ]
)
target = keras.models.clone_model(model)
target.set_weights(model.get_weights())


def epsilon_greedy_policy(state, epsilon=0.0):
    if rng.random() < epsilon:
        return int(rng.integers(n_outputs))
    q_values = model.predict(state[np.newaxis], verbose=0)[0]
    return int(q_values.argmax())


replay_buffer = deque(maxlen=200)
batch_size, discount_factor = 16, 0.95
optimizer = keras.optimizers.Nadam(learning_rate=1e-2)
loss_fn = keras.losses.MeanSquaredError()


def sample_experiences(batch_size):
    indices = rng.integers(len(replay_buffer), size=batch_size)
    batch = [replay_buffer[index] for index in indices]
    return [np.array([experience[field] for experience in batch]) for field in range(5)]


def play_one_step(state, epsilon):
    action = epsilon_greedy_policy(state, epsilon)
    next_state = rng.normal(size=4).astype("float32")
    reward = float(action == int(state[0] > 0))
    done = bool(rng.random() < 0.1)
    replay_buffer.append((state, action, reward, next_state, done))
    return next_state


def training_step(batch_size):
    states, actions, rewards, next_states, dones = sample_experiences(batch_size)
    next_Q_values = target.predict(next_states, verbose=0)
    max_next_Q_values = next_Q_values.max(axis=1)
    runs = 1.0 - dones
    target_Q_values = (rewards + runs * discount_factor * max_next_Q_values).reshape(-1, 1)
    mask = tf.one_hot(actions, n_outputs)
    with tf.GradientTape() as tape:
        all_Q_values = model(states)
        Q_values = tf.reduce_sum(all_Q_values * mask, axis=1, keepdims=True)
        loss = tf.reduce_mean(loss_fn(target_Q_values, Q_values))
    grads = tape.gradient(loss, model.trainable_variables)
    optimizer.apply_gradients(zip(grads, model.trainable_variables))
    return float(loss)


state = rng.normal(size=4).astype("float32")
losses = []
for step in range(60):
    state = play_one_step(state, max(1 - step / 30, 0.1))
    if step >= 16:
        losses.append(training_step(batch_size))
    if step % 20 == 0:
        target.set_weights(model.get_weights())

input_states = keras.layers.Input(shape=[4])
hidden1 = keras.layers.Dense(8, activation="elu")(input_states)
state_values = keras.layers.Dense(1)(hidden1)
raw_advantages = keras.layers.Dense(n_outputs)(hidden1)
advantages = raw_advantages - keras.layers.Lambda(
    lambda a: keras.ops.max(a, axis=1, keepdims=True)
)(raw_advantages)
dueling = keras.Model(inputs=[input_states], outputs=[state_values + advantages])
polyak = 0.9
for variable, source in zip(target.trainable_variables, model.trainable_variables):
    variable.assign(polyak * variable + (1 - polyak) * source)
model.compile(loss="mse", optimizer=keras.optimizers.Adam(learning_rate=0.01))
by_fit = model.fit(
    np.zeros((1, 4)), model.predict(np.zeros((1, 4)), verbose=0), epochs=1, verbose=0
)

RESULT = {
    "experiences": len(replay_buffer),
    "trained": len(losses),
    "finite": bool(np.isfinite(losses).all()),
    "shapes": [a.shape for a in sample_experiences(8)],
    "greedy": epsilon_greedy_policy(np.zeros(4, "float32")) in (0, 1),
    "dueling": float(
        tf.reduce_max(
            dueling(np.ones((2, 4))) - dueling.layers[2](dueling.layers[1](np.ones((2, 4))))
        )
    )
    <= 10,
    "dueling shape": dueling.output_shape,
    "iterations": int(optimizer.iterations),
    "by fit": len(by_fit.history["loss"]),
}
