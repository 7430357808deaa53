"""Actor and critic share a body; losses of a whole episode under one tape, or in a tf.function."""

import keras
import numpy as np
import tensorflow as tf
from keras import layers, ops

keras.utils.set_random_seed(42)
rng = np.random.default_rng(42)
gamma, max_steps_per_episode, num_inputs, num_actions = 0.99, 12, 4, 2
eps = np.finfo(np.float32).eps.item()
huber_loss = keras.losses.Huber()
optimizer = keras.optimizers.Adam(learning_rate=0.01)

inputs = layers.Input(shape=(num_inputs,))
common = layers.Dense(16, activation="relu")(inputs)
action = layers.Dense(num_actions, activation="softmax")(common)
critic = layers.Dense(1)(common)
model = keras.Model(inputs=inputs, outputs=[action, critic])

running_rewards, episode_losses = [], []
for _episode in range(3):
    state = rng.normal(size=num_inputs)
    action_probs_history, critic_value_history, rewards_history = [], [], []
    with tf.GradientTape() as tape:
        for _ in range(1, max_steps_per_episode):
            state = ops.convert_to_tensor(state)
            state = ops.expand_dims(state, 0)
            action_probs, critic_value = model(state)
            critic_value_history.append(critic_value[0, 0])
            p = np.squeeze(action_probs)
            action = np.random.choice(num_actions, p=p / p.sum())
            action_probs_history.append(ops.log(action_probs[0, action]))
            reward = 1.0 if action == int(state[0, 0] > 0) else 0.0
            rewards_history.append(reward)
            state = rng.normal(size=num_inputs)
        running_rewards.append(sum(rewards_history))
        returns, discounted_sum = [], 0
        for r in rewards_history[::-1]:
            discounted_sum = r + gamma * discounted_sum
            returns.insert(0, discounted_sum)
        returns = np.array(returns)
        returns = ((returns - np.mean(returns)) / (np.std(returns) + eps)).tolist()
        actor_losses, critic_losses = [], []
        for log_prob, value, ret in zip(action_probs_history, critic_value_history, returns):
            diff = ret - value
            actor_losses.append(-log_prob * diff)
            critic_losses.append(huber_loss(ops.expand_dims(value, 0), ops.expand_dims(ret, 0)))
        loss_value = sum(actor_losses) + sum(critic_losses)
    grads = tape.gradient(loss_value, model.trainable_variables)
    optimizer.apply_gradients(zip(grads, model.trainable_variables))
    episode_losses.append(float(loss_value))


class ActorCritic(tf.keras.Model):
    def __init__(self, num_actions, num_hidden_units):
        super().__init__()
        self.common = tf.keras.layers.Dense(num_hidden_units, activation="relu")
        self.actor = tf.keras.layers.Dense(num_actions)
        self.critic = tf.keras.layers.Dense(1)

    def call(self, inputs):
        x = self.common(inputs)
        return self.actor(x), self.critic(x)


def get_expected_return(rewards, gamma, standardize=False):
    n = tf.shape(rewards)[0]
    returns = tf.TensorArray(dtype=tf.float32, size=rewards.shape[0])
    rewards = tf.cast(rewards[::-1], dtype=tf.float32)
    discounted_sum = tf.constant(0.0)
    for i in range(rewards.shape[0]):
        discounted_sum = rewards[i] + gamma * discounted_sum
        returns = returns.write(i, discounted_sum)
    returns = returns.stack()[::-1]
    if standardize:
        returns = (returns - tf.math.reduce_mean(returns)) / (tf.math.reduce_std(returns) + eps)
    return returns, n


huber_sum = tf.keras.losses.Huber(
    reduction=tf.keras.losses.Reduction.SUM if hasattr(tf.keras.losses, "Reduction") else "sum"
)
net = ActorCritic(num_actions, 8)
opt = tf.keras.optimizers.Adam(learning_rate=0.01)


@tf.function
def train_step(states, actions, rewards):
    with tf.GradientTape() as tape:
        returns, _ = get_expected_return(rewards, 0.9)
        action_logits, values = net(states)
        log_probs = tf.math.log(
            tf.reduce_sum(tf.nn.softmax(action_logits) * tf.one_hot(actions, 2), axis=1)
        )
        advantage = tf.stop_gradient(returns - values[:, 0])
        loss = -tf.math.reduce_sum(log_probs * advantage) + huber_sum(values, returns[:, None])
    grads = tape.gradient(loss, net.trainable_variables)
    opt.apply_gradients(zip(grads, net.trainable_variables))
    return loss


states = tf.constant(rng.normal(size=(5, 4)), tf.float32)
sampled = tf.random.categorical(net(states)[0], 1)
losses = [float(train_step(states, sampled[:, 0], tf.ones(5))) for _ in range(15)]

RESULT = {
    "episodes": len(running_rewards),
    "finite": bool(np.isfinite(episode_losses).all()),
    "returns": get_expected_return(tf.constant([1.0, 0.0, 1.0]), 0.5)[0],
    "standardized": float(
        tf.reduce_mean(get_expected_return(tf.constant([1.0, 0.0, 1.0]), 0.5, True)[0])
    ),
    "fell": losses[-1] < losses[0],
    "sampled": [sampled.shape, bool(tf.reduce_all(sampled < 2))],
    "outputs": [tuple(t.shape) for t in model.outputs],
    "steps": [int(optimizer.iterations), int(opt.iterations)],
}
