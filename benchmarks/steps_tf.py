"""The training steps against TensorFlow's public API, for TensorFlow and for minitf.

Nothing here imports either: ``tf`` is an argument, so the very same source is traced by both.
Every builder takes the module, the Variables of each network, a maker of optimizers and the
``tf.function`` decorator to use, and returns one step: batch in, loss out, weights updated.
"""

from __future__ import annotations

import functools

DISCOUNT = 0.99


def dense_chain(tf, variables, x):
    """Dense layers with relu between them; the last one is linear."""
    *hidden, last = zip(variables[::2], variables[1::2], strict=True)
    for weight, bias in hidden:
        x = tf.nn.relu(tf.matmul(x, weight) + bias)
    weight, bias = last
    return tf.matmul(x, weight) + bias


def classifier(tf, networks, make_optimizer, function):
    """Softmax cross-entropy training of a chain of dense layers (logreg, mlp)."""
    net = networks["net"]
    optimizer = make_optimizer(net)

    @function
    def step(images, labels):
        with tf.GradientTape() as tape:
            logits = dense_chain(tf, net, images)
            losses = tf.nn.sparse_softmax_cross_entropy_with_logits(labels=labels, logits=logits)
            loss = tf.reduce_mean(losses)
        optimizer.apply_gradients(zip(tape.gradient(loss, net), net, strict=True))
        return loss

    return step


def huber(tf, error):
    """Mean of error**2 / 2 where abs(error) <= 1, and of abs(error) - 1/2 elsewhere."""
    size = tf.abs(error)
    return tf.reduce_mean(tf.where(size <= 1.0, 0.5 * tf.square(error), size - 0.5))


def q_learning(tf, networks, make_optimizer, function):
    """One step of deep Q-learning with a frozen target network."""
    net, frozen = networks["net"], networks["frozen"]
    optimizer = make_optimizer(net)

    @function
    def step(states, actions, rewards, following, unfinished):
        best = tf.reduce_max(dense_chain(tf, frozen, following), axis=1)
        goal = rewards + DISCOUNT * unfinished * best
        with tf.GradientTape() as tape:
            values = dense_chain(tf, net, states)
            chosen = tf.reduce_sum(values * tf.one_hot(actions, 2), axis=1)
            loss = huber(tf, chosen - goal)
        optimizer.apply_gradients(zip(tape.gradient(loss, net), net, strict=True))
        return loss

    return step


def judged(tf, logits, verdict):
    """Sigmoid cross-entropy of all logits against one verdict, 1 for real and 0 for fake."""
    labels = tf.ones_like(logits) if verdict else tf.zeros_like(logits)
    losses = tf.nn.sigmoid_cross_entropy_with_logits(labels=labels, logits=logits)
    return tf.reduce_mean(losses)


def adversaries(tf, networks, make_optimizer, function):
    """Training of generator and discriminator stepped together, each on its own loss."""
    generator, judge = networks["generator"], networks["judge"]
    generator_optimizer, judge_optimizer = make_optimizer(generator), make_optimizer(judge)

    @function
    def step(noise, images):
        with tf.GradientTape() as generator_tape, tf.GradientTape() as judge_tape:
            fakes = tf.tanh(dense_chain(tf, generator, noise))
            on_fakes = dense_chain(tf, judge, fakes)
            on_images = dense_chain(tf, judge, images)
            generator_loss = judged(tf, on_fakes, 1)
            judge_loss = judged(tf, on_images, 1) + judged(tf, on_fakes, 0)
        generator_grads = generator_tape.gradient(generator_loss, generator)
        judge_grads = judge_tape.gradient(judge_loss, judge)
        generator_optimizer.apply_gradients(zip(generator_grads, generator, strict=True))
        judge_optimizer.apply_gradients(zip(judge_grads, judge, strict=True))
        return generator_loss + judge_loss

    return step


class AssignSGD:
    """w <- w - lr g, written with assign operations."""

    def __init__(self, tf, variables, learning_rate):
        self.learning_rate = learning_rate

    def apply_gradients(self, pairs):
        for grad, variable in pairs:
            variable.assign_sub(self.learning_rate * grad)


class AssignAdam:
    """Adam (Kingma and Ba 2015, end of section 2) with assign operations, epsilon as in Keras.

    m <- m + (1 - b1)(g - m);  v <- v + (1 - b2)(g g - v);
    w <- w - lr sqrt(1 - b2^t) / (1 - b1^t) * m / (sqrt(v) + eps)
    """

    b1, b2, epsilon = 0.9, 0.999, 1e-7

    def __init__(self, tf, variables, learning_rate):
        self.tf, self.learning_rate = tf, learning_rate
        self.t = tf.Variable(0.0, trainable=False)
        self.slots = [self.moments(v) for v in variables]

    def moments(self, variable):
        zeros = self.tf.zeros(variable.shape)
        return [self.tf.Variable(zeros, trainable=False) for _ in range(2)]

    def rate(self):
        t = self.t.assign_add(1.0)
        return self.learning_rate * self.tf.sqrt(1 - self.b2**t) / (1 - self.b1**t)

    def apply_gradients(self, pairs):
        rate = self.rate()
        for (grad, variable), (m, v) in zip(pairs, self.slots, strict=True):
            m_new = m.assign_add((1 - self.b1) * (grad - m))
            v_new = v.assign_add((1 - self.b2) * (self.tf.square(grad) - v))
            variable.assign_sub(rate * m_new / (self.tf.sqrt(v_new) + self.epsilon))


class RawSGD(AssignSGD):
    """The update as TensorFlow's own fused kernel; not part of its everyday interface."""

    def __init__(self, tf, variables, learning_rate):
        super().__init__(tf, variables, learning_rate)
        self.kernel = tf.raw_ops.ResourceApplyGradientDescent

    def apply_gradients(self, pairs):
        for grad, variable in pairs:
            self.kernel(var=variable.handle, alpha=self.learning_rate, delta=grad)


class RawAdam(AssignAdam):
    """The update as TensorFlow's own fused kernel; not part of its everyday interface."""

    def apply_gradients(self, pairs):
        t = self.t.assign_add(1.0)
        powers = {"beta1_power": self.b1**t, "beta2_power": self.b2**t}
        rates = {"beta1": self.b1, "beta2": self.b2, "epsilon": self.epsilon}
        for (grad, variable), (m, v) in zip(pairs, self.slots, strict=True):
            handles = {"var": variable.handle, "m": m.handle, "v": v.handle}
            self.tf.raw_ops.ResourceApplyAdam(
                **handles, **powers, **rates, lr=self.learning_rate, grad=grad
            )


WRITTEN = {"assign": (AssignSGD, AssignAdam), "raw": (RawSGD, RawAdam)}

BUILDERS = {"logreg": classifier, "mlp": classifier, "dqn": q_learning, "gan": adversaries}


def optimizer_maker(tf, form, name, learning_rate):
    """Return a function from the variables of a network to its optimizer."""
    if form not in WRITTEN:
        library = getattr(tf.optimizers, name)
        return lambda variables: library(learning_rate=learning_rate)
    sgd, adam = WRITTEN[form]
    written = sgd if name == "SGD" else adam
    return lambda variables: written(tf, variables, learning_rate)


def prepare(tf, workload, recipe, form):
    """Return the training step of a workload, and its batches as tensors."""
    networks = {
        name: [tf.Variable(array, trainable=name != "frozen") for array in arrays]
        for name, arrays in recipe.networks.items()
    }
    function = functools.partial(tf.function, jit_compile=True) if form == "xla" else tf.function
    make_optimizer = optimizer_maker(tf, form, recipe.optimizer, recipe.learning_rate)
    step = BUILDERS[workload](tf, networks, make_optimizer, function)
    batches = [tuple(tf.constant(array) for array in batch) for batch in recipe.batches]
    return step, batches
