"""Policy gradient on a corridor: an episode's steps are played eagerly, then learnt from."""

import numpy as np
import tensorflow as tf
from tensorflow import keras
from tensorflow.keras import layers

np.random.seed(3)
tf.random.set_seed(3)


class Corridor:
    """Six cells; the exit is at the right end; a step costs a little."""

    def reset(self):
        self.at = 2
        return self.observe(), {}

    def observe(self):
        return np.eye(6, dtype="float32")[self.at]

    def step(self, action):
        self.at = max(0, self.at + (1 if action == 1 else -1))
        done = self.at == 5
        return self.observe(), 1.0 if done else -0.05, done, False, {}


def discount_rewards(rewards, discount_factor):
    discounted = np.array(rewards)
    for step in range(len(rewards) - 2, -1, -1):
        discounted[step] += discounted[step + 1] * discount_factor
    return discounted


def discount_and_normalize_rewards(all_rewards, discount_factor):
    all_discounted = [discount_rewards(rewards, discount_factor) for rewards in all_rewards]
    flat_rewards = np.concatenate(all_discounted)
    return [(d - flat_rewards.mean()) / (flat_rewards.std() + 1e-8) for d in all_discounted]


def play_one_step(env, obs, model, loss_fn):
    with tf.GradientTape() as tape:
        left_proba = model(obs[np.newaxis])
        action = tf.random.uniform([1, 1]) > left_proba
        y_target = tf.constant([[1.0]]) - tf.cast(action, tf.float32)
        loss = tf.reduce_mean(loss_fn(y_target, left_proba))
    grads = tape.gradient(loss, model.trainable_variables)
    obs, reward, done, truncated, _ = env.step(int(action[0, 0].numpy()))
    return obs, reward, done, truncated, grads


env = Corridor()
model = keras.Sequential(
    [layers.Dense(5, activation="relu"), layers.Dense(1, activation="sigmoid")]
)
optimizer = keras.optimizers.Nadam(learning_rate=0.05)
loss_fn = keras.losses.binary_crossentropy
lengths = []
for _iteration in range(6):
    all_rewards, all_grads = [], []
    for _episode in range(3):
        current_rewards, current_grads = [], []
        obs, info = env.reset()
        for _ in range(20):
            obs, reward, done, truncated, grads = play_one_step(env, obs, model, loss_fn)
            current_rewards.append(reward)
            current_grads.append(grads)
            if done or truncated:
                break
        all_rewards.append(current_rewards)
        all_grads.append(current_grads)
    lengths.append(np.mean([len(r) for r in all_rewards]))
    all_final_rewards = discount_and_normalize_rewards(all_rewards, 0.9)
    all_mean_grads = []
    for var_index in range(len(model.trainable_variables)):
        mean_grads = tf.reduce_mean(
            [
                final_reward * all_grads[episode][step][var_index]
                for episode, final_rewards in enumerate(all_final_rewards)
                for step, final_reward in enumerate(final_rewards)
            ],
            axis=0,
        )
        all_mean_grads.append(mean_grads)
    optimizer.apply_gradients(zip(all_mean_grads, model.trainable_variables))

RESULT = {
    "discounted": discount_rewards([10.0, 0.0, -50.0], discount_factor=0.8),
    "normalized": [
        d.round(4) for d in discount_and_normalize_rewards([[10.0, 0, -50], [10.0, 20]], 0.8)
    ],
    "iterations": int(optimizer.iterations),
    "played": len(lengths),
    "within": bool(min(lengths) >= 3 and max(lengths) <= 20),
    "probability": bool(0 < float(model(env.observe()[np.newaxis])[0, 0]) < 1),
    "variables": [v.shape for v in model.trainable_variables],
}
