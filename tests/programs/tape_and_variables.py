"""Automatic differentiation by hand: tapes, variables, gradients of gradients, modules."""

import tensorflow as tf

x = tf.Variable(3.0, name="x", trainable=True, dtype=tf.float32)
with tf.GradientTape() as tape:
    y = x**2
dy_dx = tape.gradient(y, x)

w = tf.Variable(initial_value=[[1.0, 2.0], [3.0, 4.0]], name="w")
b = tf.Variable(tf.zeros(2, dtype=tf.float32), name="b")
v = tf.constant([[1.0, -1.0]])
with tf.GradientTape(persistent=True) as tape:
    tape.watch(v)
    out = v @ w + b
    loss = tf.reduce_mean(tf.square(out))
by_name = tape.gradient(loss, {"w": w, "b": b})
by_input = tape.gradient(loss, v)
del tape

c = tf.constant(2.0)
with tf.GradientTape() as t2:
    t2.watch(c)
    with tf.GradientTape() as t1:
        t1.watch(c)
        cube = c * c * c
    first = t1.gradient(cube, c)
second = t2.gradient(first, c)

with tf.GradientTape(watch_accessed_variables=False) as tape:
    tape.watch(w)
    z = tf.reduce_sum(w * 2.0) + tf.reduce_sum(b)
unwatched = tape.gradient(z, [w, b])
with tf.GradientTape() as tape:
    nothing = tf.reduce_sum(b)
as_zero = tape.gradient(nothing, w, unconnected_gradients=tf.UnconnectedGradients.ZERO)
with tf.GradientTape() as tape:
    q = tf.reduce_sum(tf.stop_gradient(w) * w)
stopped = tape.gradient(q, w)


class Line(tf.Module):
    def __init__(self, name=None):
        super().__init__(name=name)
        self.slope = tf.Variable(5.0)
        self.shift = tf.Variable(0.0)
        self.fixed = tf.Variable(1.0, trainable=False)

    def __call__(self, inputs):
        return self.slope * inputs + self.shift


line = Line(name="line")
points = tf.linspace(-2.0, 2.0, 41)
targets = 3.0 * points + 2.0
for _ in range(100):
    with tf.GradientTape() as tape:
        error = tf.reduce_mean(tf.square(targets - line(points)))
    d_slope, d_shift = tape.gradient(error, [line.slope, line.shift])
    line.slope.assign_sub(0.1 * d_slope)
    line.shift.assign_sub(0.1 * d_shift)

counter = tf.Variable(0, dtype=tf.int64)
counter.assign(4)
counter.assign_add(3)

RESULT = {
    "dy/dx": dy_dx.numpy(),
    "w": by_name["w"].numpy(),
    "b": by_name["b"].numpy(),
    "v": by_input.numpy(),
    "first and second": [first.numpy(), second.numpy()],
    "watched": [g is not None for g in unwatched],
    "zero": as_zero.numpy(),
    "stopped": stopped.numpy(),
    "slope": round(float(line.slope), 3),
    "shift": round(line.shift.numpy().item(), 3),
    "variables": [len(line.variables), len(line.trainable_variables)],
    "counter": counter.numpy(),
    "name": w.name.split(":")[0],
    "shape": w.shape,
    "dtype": w.dtype.name if hasattr(w.dtype, "name") else str(w.dtype),
}
