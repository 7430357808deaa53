"""Control flow, functions, Variables, and derivatives taken inside the program."""

from .case import Case, f32, f64, lit, program

CASES: list[Case] = []


@program(CASES, "while_loop", f64(3))
def square_while_small(tf, x):
    return tf.while_loop(lambda i, x: i < 3, lambda i, x: (i + 1, x * x + 0.1), [0, x])


@program(CASES, "while_loop", f64(2, low=0.5))
def while_the_sum_is_small(tf, x):
    """How often the body runs depends on the data."""
    return tf.while_loop(lambda y: tf.reduce_sum(y) < 50.0, lambda y: (y * y + y,), (x,))


@program(CASES, "while_loop", f64(2), f64(2))
def while_with_a_captured_tensor(tf, x, w):
    return tf.while_loop(lambda i, h: i < 4, lambda i, h: [i + 1, tf.tanh(h * w)], [0, x])


@program(CASES, "while_loop", f32(2))
def while_never(tf, x):
    return tf.while_loop(lambda y: tf.constant(False), lambda y: [y * 2], [x])


@program(CASES, "while_loop", f64(2))
def while_at_most(tf, x):
    return tf.while_loop(lambda y: True, lambda y: [y * 1.5], [x], maximum_iterations=3)


@program(CASES, "while_loop TensorShape", f64(1, 2))
def while_growing(tf, x):
    growing = [tf.TensorShape([]), tf.TensorShape([None, 2])]
    return tf.while_loop(
        lambda i, y: i < 3,
        lambda i, y: (i + 1, tf.concat([y, y[-1:] * 2.0], 0)),
        (tf.constant(0), x),
        shape_invariants=tuple(growing),
    )


@program(CASES, "cond", f64(2, 3))
def cond_both_ways(tf, x):
    up = tf.cond(tf.reduce_sum(x) > 1e3, lambda: x * 2.0, lambda: x * x)
    return up, tf.cond(tf.reduce_sum(x) < 1e3, lambda: tf.exp(x), lambda: -x)


@program(CASES, "cond", f64(2))
def cond_with_a_structure(tf, x):
    both = tf.cond(x[0] < x[1], lambda: {"a": x, "b": x + 1.0}, lambda: {"a": -x, "b": x})
    return both["a"] * both["b"]


@program(CASES, "case", f64(3))
def case_first_that_holds(tf, x):
    pairs = [(x[0] > 10.0, lambda: x), (x[0] < 10.0, lambda: x**3)]
    return tf.case(pairs, default=lambda: -x)


@program(CASES, "case", f64(3))
def case_default(tf, x):
    return tf.case([(x[0] > 10.0, lambda: x)], default=lambda: tf.sin(x))


@program(CASES, "switch_case", lit(1, "int32"), f64(3))
@program(CASES, "switch_case", lit(7, "int32"), f64(3))
@program(CASES, "switch_case", lit(0, "int32"), f64(3))
def switch(tf, i, x):
    return tf.switch_case(i, [lambda: x, lambda: x * x], default=lambda: tf.exp(x))


@program(CASES, "map_fn", f64(3, 2))
def map_rows(tf, x):
    return tf.map_fn(lambda row: row * tf.reduce_sum(row), x)


@program(CASES, "map_fn TensorSpec", f64(3), f64(3))
def map_pairs(tf, x, y):
    return tf.map_fn(lambda xy: xy[0] * xy[1] ** 2, (x, y), fn_output_signature=tf.float64)


@program(CASES, "map_fn", f32(4))
def map_to_integers(tf, x):
    return tf.map_fn(lambda v: tf.cast(v * 10.0, tf.int32), x, fn_output_signature=tf.int32)


@program(CASES, "vectorized_map", f64(3, 2))
def vectorized_rows(tf, x):
    return tf.vectorized_map(lambda row: row * tf.reduce_sum(row), x)


@program(CASES, "scan", f64(4))
def scan_sum(tf, x):
    return tf.scan(lambda a, v: a + v * v, x)


@program(CASES, "scan", f64(4, 2), f64(2), f64(2, 2))
def scan_recurrent_net(tf, x, h, w):
    return tf.scan(lambda h, v: tf.tanh(tf.linalg.matvec(w, h) + v), x, initializer=h)


@program(CASES, "scan", f64(4))
def scan_backwards(tf, x):
    return tf.scan(lambda a, v: a * 0.5 + v * v, x, initializer=x[0], reverse=True)


@program(CASES, "foldl", f64(4))
def fold_product(tf, x):
    return tf.foldl(lambda a, v: a * v, x)


@program(CASES, "foldl", f64(4), f64())
def fold_from_a_start(tf, x, start):
    return tf.foldl(lambda a, v: a * 0.5 + v * v, x, initializer=start)


@program(CASES, "foldr", f64(4))
def fold_from_the_right(tf, x):
    return tf.foldr(lambda a, v: a * 0.5 - v * v, x)


@program(CASES, "function", f64(2, 3), f64(3))
def traced(tf, x, w):
    @tf.function
    def layer(x):
        return tf.tanh(x * w)

    return layer(layer(x)), layer(x[:1])


@program(CASES, "function TensorSpec", f64(2, 3))
def traced_with_a_signature(tf, x):
    @tf.function(input_signature=[tf.TensorSpec([None, 3], tf.float64)])
    def rows(x):
        return tf.shape(x)[0], tf.reduce_sum(x * x, axis=0)

    return rows(x), rows(x[:1])


@program(CASES, "Variable", f64(2, 3), in_graph=False)
def variables(tf, x):
    v = tf.Variable([[1.0, 2.0, 3.0]], dtype=tf.float64)
    first = v * x
    v.assign_add([[1.0, 1.0, 1.0]])
    second = v * x
    v.assign_sub(v * 0.5)
    v.assign(v + 1.0)
    return first, second, v.read_value(), v + x, 2.0 - v, v[0, 1:], tf.reduce_sum(v)


@program(CASES, "GradientTape", f64(3))
def third_derivative(tf, x):
    with tf.GradientTape() as a:
        a.watch(x)
        with tf.GradientTape() as b:
            b.watch(x)
            y = tf.sin(x) * x
        slope = b.gradient(y, x)
    return slope, a.gradient(slope, x)


@program(CASES, "GradientTape", f64(3), f64(2, 3))
def jacobians(tf, x, w):
    with tf.GradientTape(persistent=True) as tape:
        tape.watch([x, w])
        y = tf.tanh(tf.linalg.matvec(w, x))
    return tape.jacobian(y, x), tape.jacobian(y, w)


@program(CASES, "GradientTape", f64(2, 3), f64(3, 4), order=1)
def batch_jacobian(tf, x, w):
    with tf.GradientTape() as tape:
        tape.watch(x)
        y = tf.tanh(x @ w)
    return tape.batch_jacobian(y, x)


@program(CASES, "GradientTape", f64(3), order=0)
def hessian(tf, x):
    with tf.GradientTape() as outer:
        outer.watch(x)
        with tf.GradientTape() as inner:
            inner.watch(x)
            y = tf.reduce_prod(x) + tf.reduce_sum(x**3)
        slope = inner.gradient(y, x)
    return outer.jacobian(slope, x)


@program(CASES, "UnconnectedGradients", f64(3), order=0)
def gradient_of_what_is_not_connected(tf, x):
    with tf.GradientTape(persistent=True) as tape:
        tape.watch(x)
        y = tf.constant(2.0)
    return tape.gradient(y, x, unconnected_gradients=tf.UnconnectedGradients.ZERO)


@program(CASES, "GradientTape", f64(3), f64(3), order=0)
def output_gradients(tf, x, seed):
    with tf.GradientTape() as tape:
        tape.watch(x)
        y = x * x
    return tape.gradient(y, {"x": x}, output_gradients=seed)


@program(CASES, "GradientTape", f64(3), order=0)
def paused_recording(tf, x):
    with tf.GradientTape() as tape:
        tape.watch(x)
        y = x * x
        with tape.stop_recording():
            z = x * x * x
    return tape.gradient([y, y + z], x)


@program(CASES, "grad_pass_through", f64(3), order=1)
def rounding_is_passed_through(tf, x):
    return tf.grad_pass_through(tf.round)(x) * x


@program(CASES, "recompute_grad", f64(3), order=1)
def recomputed(tf, x):
    return tf.recompute_grad(lambda v: tf.tanh(v) * v)(x)


@program(CASES, "TensorArray", f64(3))
def tensor_array(tf, x):
    array = tf.TensorArray(tf.float64, size=3, clear_after_read=False)
    for i in range(3):
        array = array.write(i, x[i] * x)
    return array.stack(), array.read(1), array.concat()


@program(CASES, "custom_gradient", f64(3), order=1)
def clipped_gradient(tf, x):
    @tf.custom_gradient
    def identity(v):
        return tf.identity(v), lambda dy: tf.clip_by_value(dy, -0.5, 0.5)

    return identity(x) * 2.0


@program(CASES, "custom_gradient", f64(3))
def stable_log1pexp(tf, x):
    @tf.custom_gradient
    def log1pexp(v):
        e = tf.exp(v)
        return tf.math.log(1 + e), lambda dy: dy * (1 - 1 / (1 + e))

    return log1pexp(x)


@program(CASES, "stop_gradient", f64(3))
def straight_through(tf, x):
    return x + tf.stop_gradient(tf.round(x) - x), x * tf.stop_gradient(x)


@program(CASES, "autodiff.ForwardAccumulator", f64(3), f64(3), order=0, in_graph=False)
def forward_mode(tf, x, direction):
    with tf.autodiff.ForwardAccumulator(x, direction) as acc:
        y = tf.sin(x) * tf.reduce_sum(x)
    return y, acc.jvp(y)


@program(CASES, "constant_initializer zeros_initializer ones_initializer")
def initial_values(tf):
    made = [tf.zeros_initializer(), tf.ones_initializer(), tf.constant_initializer(2.5)]
    return [init([2, 3]) for init in made], made[1]([2], dtype=tf.int32)


@program(CASES, "is_tensor as_dtype executing_eagerly", in_graph=False)
def questions(tf):
    t = tf.constant([1.0])
    yes = [tf.is_tensor(t), tf.executing_eagerly(), tf.as_dtype("float16") is tf.half]
    return yes, tf.is_tensor(1.0), int(tf.as_dtype("int8").max), tf.as_dtype(tf.int16).size


@program(CASES, "gradients Graph compat.v1.placeholder compat.v1.Session", in_graph=False)
def graph_and_session(tf):
    v1 = tf.compat.v1
    with tf.Graph().as_default():
        x = v1.placeholder(tf.float32, [None, 2])
        y = tf.reduce_sum(tf.tanh(x) * x)
        (dx,) = v1.gradients(y, [x])
        with v1.Session() as session:
            return session.run([y, dx], {x: [[0.5, -1.0], [2.0, 0.1]]})
