"""Deep Q-network: learns by trial to keep a pole upright on a cart (CartPole-v1).

V. Mnih et al., "Human-level control through deep reinforcement learning", Nature 518, 2015. In the
shapes, B is the batch, A the number of actions.
"""

import cartpole
import common
import numpy as np

import minitf as tf
from minitf import keras

CARTS, BATCH, MEMORY = 16, 64, 20_000
FREEZE = 25  # pushes between two freezes
REWARD = 0.01  # of a step. Values are sums of up to 1 / (1 - 0.99) of them, so between 0 and 1:
# Huber's loss is the square there, and the network learns means, not medians.


def build_network():
    """Return a network from states (B, 4) to the value of each action (B, A)."""
    return keras.Sequential(
        [
            keras.Input((4,)),
            keras.layers.Dense(64, activation="relu"),  # (B, 64)
            keras.layers.Dense(64, activation="relu"),  # (B, 64)
            keras.layers.Dense(2),  # (B, A)
        ]
    )


class QLearner(keras.Model):
    """A network that learns from transitions, and a frozen copy that says what it should say."""

    def __init__(self, discount):
        super().__init__()
        self.network, self.frozen, self.discount = build_network(), build_network(), discount
        self.frozen.trainable = False
        self.huber = keras.losses.Huber()
        self.freeze()

    def freeze(self):
        """Make the frozen copy equal to the network."""
        self.frozen.set_weights(self.network.get_weights())

    def call(self, states):
        return self.network(states)

    def train_step(self, data):
        """Bring Q(s, a) closer to r + discount * max Q'(s', .), where the pole has not fallen."""
        batch, _, _ = keras.utils.unpack_x_y_sample_weight(data)
        best = tf.reduce_max(self.frozen(batch["following"]), axis=1)  # (B,)
        goal = batch["rewards"] + self.discount * batch["unfinished"] * best
        with tf.GradientTape() as tape:
            values = self.network(batch["states"])  # (B, A)
            chosen = tf.reduce_sum(values * tf.one_hot(batch["actions"], 2), axis=1)
            loss = self.huber(goal, chosen)
        variables = self.network.trainable_variables
        self.optimizer.apply_gradients(zip(tape.gradient(loss, variables), variables))
        return {"loss": loss}

    @tf.function
    def best_actions(self, states):
        return tf.argmax(self.network(states), axis=1)


def build_model(learning_rate=1e-3, discount=0.99):
    """Return a learner, ready to be trained."""
    model = QLearner(discount)
    model(tf.zeros((1, 4)))  # a model is built when it is first called
    model.compile(optimizer=keras.optimizers.Adam(learning_rate))
    return model


class Memory:
    """The last transitions, to be drawn from: once full, a new one replaces the oldest."""

    def __init__(self, size):
        self.size, self.count = size, 0
        self.arrays = {
            "states": np.zeros((size, 4), np.float32),
            "actions": np.zeros(size, np.int32),
            "rewards": np.zeros(size, np.float32),
            "following": np.zeros((size, 4), np.float32),
            "unfinished": np.zeros(size, np.float32),
        }

    def add(self, **transitions):
        """Keep some transitions."""
        added = len(transitions["rewards"])
        rows = (self.count + np.arange(added)) % self.size
        for name, values in transitions.items():
            self.arrays[name][rows] = values
        self.count += added

    def draw(self, count, rng):
        """Return some transitions."""
        rows = rng.integers(0, min(self.count, self.size), count)
        return {name: array[rows] for name, array in self.arrays.items()}


def act(model, states, chance, rng):
    """Return the best actions (N,), each replaced by any with a chance."""
    best = np.asarray(model.best_actions(tf.constant(states.astype(np.float32))))
    return np.where(rng.random(len(best)) < chance, rng.integers(0, 2, len(best)), best)


def returns(model, count, rng):
    """Return how long the poles of some carts stand under the best actions, (N,)."""
    carts = cartpole.CartPoles(count, rng)
    standing = np.ones(count, bool)
    while standing.any():
        steps = carts.steps.copy()
        fell, over = carts.push(act(model, carts.states, 0.0, rng))
        carts.steps = np.where(standing, carts.steps, steps)  # those that lie stay where they are
        standing &= ~(fell | over)
    return carts.steps


def train(model, options, rng):
    """Play, remember, learn; return the losses, and how long the poles stood meanwhile."""
    carts, memory = cartpole.CartPoles(CARTS, rng), Memory(MEMORY)
    losses, tests, best = [], [], (0.0, model.get_weights())
    for step in range(options.steps):
        states = carts.states
        actions = act(model, states, max(0.05, 1 - 3 * step / options.steps), rng)
        fell, over = carts.push(actions)
        rewards = np.full(CARTS, REWARD)
        memory.add(states=states, actions=actions, rewards=rewards, following=carts.states,
                   unfinished=~fell)  # fmt: skip
        carts.reset(fell | over)
        for _ in range(options.updates if memory.count >= 1000 else 0):
            losses.append(float(model.train_on_batch(memory.draw(BATCH, rng))))
        if step % FREEZE == 0:
            model.freeze()
        if step % 500 == 499:
            tests.append(float(returns(model, 50, rng).mean()))
            best = max(best, (tests[-1], model.get_weights()), key=lambda found: found[0])
            print(f"step {step + 1}: poles stand for {tests[-1]:.1f} steps", flush=True)
            if tests[-1] >= 500 and len(tests) > 4:
                break
    model.set_weights(best[1])
    return losses, tests


def main(argv=None):
    """Train, and play a hundred games."""
    options = common.arguments(argv, __doc__, steps=(12_000, 1000), updates=(2, 1))
    keras.utils.set_random_seed(options.seed)
    rng = np.random.default_rng(options.seed)
    updates = options.steps * options.updates
    model = build_model(keras.optimizers.schedules.PolynomialDecay(1e-3, updates, 1e-4))
    losses, tests = train(model, options, rng)
    final = returns(model, 100, np.random.default_rng(options.seed + 1000))
    means = [part.mean() for part in np.array_split(losses, 10)]
    return common.report(options, keras, means, on_the_way=tests, mean_return=final.mean())


if __name__ == "__main__":
    main()
