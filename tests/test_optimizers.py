"""Optimizers: the formulas of the two usual ones in NumPy, and what all have in common.

The steps of the others are compared with Keras' in tests/keras_reference.
"""

import inspect
import warnings

import numpy as np
import pytest

import minitf as tf
from minitf import constraints
from minitf.optimizers.by_name import KNOWN

START = np.array([1.0, -2.0, 0.5])
STEPS = 5


def slope(w):
    """Return the derivative of a function with valleys of different steepness."""
    return w * np.array([1.0, 10.0, 0.1]) + np.sin(w)


def sgd(rate, mu=0.0, nesterov=False):
    w, v = START.copy(), np.zeros(3)
    for _ in range(STEPS):
        g = slope(w)
        v = mu * v - rate * g
        w = w + (mu * v - rate * g if nesterov else v)
    return w


def adam(rate, b1=0.9, b2=0.999, eps=1e-7):
    w, m, v = START.copy(), np.zeros(3), np.zeros(3)
    for t in range(1, STEPS + 1):
        g = slope(w)
        m = b1 * m + (1 - b1) * g
        v = b2 * v + (1 - b2) * g * g
        w = w - rate * np.sqrt(1 - b2**t) / (1 - b1**t) * m / (np.sqrt(v) + eps)
    return w


CASES = {
    "sgd": (lambda: tf.optimizers.SGD(0.05), lambda: sgd(0.05)),
    "momentum": (lambda: tf.optimizers.SGD(0.02, momentum=0.9), lambda: sgd(0.02, 0.9)),
    "nesterov": (
        lambda: tf.optimizers.SGD(0.02, momentum=0.9, nesterov=True),
        lambda: sgd(0.02, 0.9, True),
    ),
    "adam": (lambda: tf.optimizers.Adam(0.1), lambda: adam(0.1)),
    "adam, other betas": (
        lambda: tf.optimizers.Adam(0.1, beta_1=0.5, beta_2=0.9, epsilon=1e-3),
        lambda: adam(0.1, 0.5, 0.9, 1e-3),
    ),
}


@pytest.mark.parametrize("graph", [False, True])
@pytest.mark.parametrize("case", CASES)
def test_steps_follow_the_formula(case, graph):
    make, formula = CASES[case]
    optimizer, w = make(), tf.Variable(START.astype(np.float32))

    def step():
        gradient = w * [1.0, 10.0, 0.1] + tf.sin(w)
        optimizer.apply_gradients([(gradient, w)])

    step = tf.function(step) if graph else step
    for _ in range(STEPS):
        step()
    # 1 - b2**t loses digits in float32, here as in Keras.
    np.testing.assert_allclose(w.numpy(), formula(), rtol=2e-5, atol=1e-5)
    assert optimizer.iterations.numpy() == STEPS


def test_a_new_rate_counts_inside_a_traced_step():
    w, optimizer = tf.Variable(0.0), tf.optimizers.SGD(1.0)
    step = tf.function(lambda: optimizer.apply_gradients([(tf.constant(1.0), w)]))
    step()
    optimizer.learning_rate = 0.25
    step()
    assert w.numpy() == -1.25


def test_a_schedule_sees_the_number_of_steps():
    w = tf.Variable(0.0)
    optimizer = tf.optimizers.SGD(lambda step: 1.0 / (1.0 + tf.cast(step, tf.float32)))
    for _ in range(3):
        optimizer.apply_gradients([(tf.constant(1.0), w)])
    np.testing.assert_allclose(w.numpy(), -(1.0 + 0.5 + 1 / 3), rtol=1e-6)


def test_minimize_takes_a_function():
    w = tf.Variable(3.0)
    optimizer = tf.optimizers.SGD(0.25)
    for _ in range(20):
        optimizer.minimize(lambda: (w - 1.0) ** 2, [w])
    np.testing.assert_allclose(w.numpy(), 1.0, atol=1e-4)


def test_what_has_no_gradient_stays():
    v, w = tf.Variable(1.0, name="v"), tf.Variable(1.0)
    with pytest.warns(UserWarning, match=r"does not depend on \['v'\]"):
        tf.optimizers.SGD(1.0).apply_gradients([(None, v), (tf.constant(1.0), w)])
    assert (v.numpy(), w.numpy()) == (1.0, 0.0)
    with pytest.raises(ValueError, match=r"no gradients .* depends on none of \['v'\]"):
        tf.optimizers.SGD(1.0).apply_gradients([(None, v)])


@pytest.mark.parametrize(
    "mistake",
    [lambda: tf.optimizers.SGD(-1.0), lambda: tf.optimizers.SGD(0.1, momentum=1.5),
     lambda: tf.optimizers.Adam(-0.1)],
)  # fmt: skip
def test_impossible_settings(mistake):
    with pytest.raises(ValueError, match=r"sgd|SGD|adam|Adam"):
        mistake()


def test_a_program_of_tensorflow_1():
    v1 = tf.compat.v1
    with tf.Graph().as_default(), v1.Session() as session:
        x = v1.placeholder(tf.float32, [None])
        w = tf.Variable(tf.zeros([]), name="w")
        loss = tf.reduce_mean(tf.square(w * x - 3.0 * x))
        train = v1.train.GradientDescentOptimizer(0.1).minimize(loss)
        session.run(v1.global_variables_initializer())
        for _ in range(50):
            session.run(train, {x: [1.0, 2.0]})
        assert abs(session.run(w) - 3.0) < 1e-3


# ---- what else a step is made of


@pytest.mark.parametrize("case", CASES)
def test_double_precision_stays_double(case):
    """Only the rate is kept in float32, as in Keras."""
    make, formula = CASES[case]
    optimizer, w = make(), tf.Variable(START)
    for _ in range(STEPS):
        gradient = w * np.array([1.0, 10.0, 0.1]) + tf.sin(w)
        optimizer.apply_gradients([(gradient, w)])
    assert w.dtype is tf.float64
    np.testing.assert_allclose(w.numpy(), formula(), rtol=1e-6)


def test_variables_of_several_dtypes_and_shapes_in_one_step():
    variables = [tf.Variable([[1.0, 2.0]]), tf.Variable(np.ones(3)), tf.Variable(np.float16(1.0)),
                 tf.Variable(tf.zeros([0, 2]))]  # fmt: skip
    optimizer = tf.optimizers.Adam(0.5)
    optimizer.apply_gradients([(tf.ones_like(v), v) for v in variables])
    assert [v.dtype.name for v in variables] == ["float32", "float64", "float16", "float32"]
    expected = [[[0.5, 1.5]], [0.5, 0.5, 0.5], 0.5]
    for v, value, rtol in zip(variables, expected, [1e-4, 1e-5, 0.02], strict=False):
        np.testing.assert_allclose(v.numpy(), value, rtol)


def test_a_schedule_needs_no_parameter():
    w = tf.Variable(0.0)
    rates = iter([1.0, 10.0])
    optimizer = tf.optimizers.SGD(lambda: next(rates))
    for _ in range(2):
        optimizer.apply_gradients([(1.0, w)])
    assert float(w) == -11.0
    with pytest.raises(ValueError, match="schedule"):
        optimizer.learning_rate = 0.1


def test_a_variable_as_the_rate_stays_the_users():
    rate, w = tf.Variable(1.0), tf.Variable(0.0)
    optimizer = tf.optimizers.SGD(rate)
    step = tf.function(lambda: optimizer.apply_gradients([(tf.constant(1.0), w)]))
    step()
    rate.assign(0.25)
    step()
    assert float(w) == -1.25
    optimizer.lr = 4.0
    assert float(rate) == 4.0
    assert optimizer.learning_rate is rate


def test_a_schedule_is_followed_inside_a_traced_step():
    w = tf.Variable(0.0)
    optimizer = tf.optimizers.SGD(lambda step: 10.0 ** -tf.cast(step, tf.float32))
    step = tf.function(lambda: optimizer.apply_gradients([(tf.constant(1.0), w)]))
    for _ in range(3):
        step()
    np.testing.assert_allclose(float(w), -1.11, rtol=1e-6)


def test_what_is_remembered_is_made_once():
    v, w = tf.Variable([1.0]), tf.Variable([1.0, 2.0], name="w")
    optimizer = tf.optimizers.Adam(0.1, name="mine")
    step = tf.function(lambda x: optimizer.apply_gradients([(w * x, w)]))
    step(tf.constant(1.0))
    step(tf.constant([1.0]))  # a second trace
    names = [a.name for a in optimizer.variables]
    assert names == ["iteration", "learning_rate", "w_momentum", "w_velocity"]
    assert optimizer.variables[-1].path == "mine/w_velocity"
    assert not any(a.trainable for a in optimizer.variables)
    optimizer.build([v, w])
    optimizer.apply_gradients([(v * 1.0, v), (w * 1.0, w)])
    assert len(optimizer.variables) == 6
    assert int(optimizer.iterations) == 3


def test_a_step_that_fails_is_not_taken():
    w = tf.Variable([1.0, 2.0])
    optimizer = tf.optimizers.SGD(0.1, momentum=0.9)

    @tf.function
    def step(i):
        optimizer.apply_gradients([(w * 1.0, w)])
        return tf.gather(w, i)

    step(tf.constant(0))
    before = [a.numpy() for a in (w, *optimizer.variables)]
    with pytest.raises(IndexError):
        step(tf.constant(9))
    for a, b in zip((w, *optimizer.variables), before, strict=True):
        np.testing.assert_array_equal(a.numpy(), b)


@pytest.mark.parametrize(
    ("pairs", "message"),
    [
        (lambda w: [(tf.constant(1.0), w)], r"'w' has shape \(3,\), its gradient \(\)"),
        (lambda w: [(tf.ones([3, 1]), w)], r"'w' has shape \(3,\), its gradient \(3, 1\)"),
        (lambda w: [(w, tf.ones([3]))], "pairs of a gradient and its Variable"),
        (lambda w: [(tf.ones([3], tf.float64), w)], "float64"),
        (lambda w: [], "no gradients"),
    ],
)
@pytest.mark.parametrize("momentum", [0.0, 0.9])
def test_wrong_pairs_move_nothing(pairs, message, momentum):
    w = tf.Variable([1.0, 2.0, 3.0], name="w")
    optimizer = tf.optimizers.SGD(0.1, momentum=momentum)
    with pytest.raises(ValueError, match=message):
        optimizer.apply_gradients(pairs(w))
    assert w.numpy().tolist() == [1.0, 2.0, 3.0]


@pytest.mark.parametrize(
    "mistake",
    [lambda: tf.optimizers.Adam(beta_1=1.0), lambda: tf.optimizers.Adam(beta_2=-0.1),
     lambda: tf.optimizers.SGD(float("nan")), lambda: tf.optimizers.SGD(0.1, momentum=-1.0)],
)  # fmt: skip
def test_more_impossible_settings(mistake):
    with pytest.raises(ValueError, match=r"sgd|SGD|adam|Adam"):
        mistake()


def test_minimize_takes_a_tensor_and_its_tape():
    w = tf.Variable(3.0)
    optimizer = tf.optimizers.SGD(0.5)
    with tf.GradientTape() as tape:
        loss = w * w
    optimizer.minimize(loss, [w], tape=tape)
    assert float(w) == 0.0
    with pytest.raises(ValueError, match="tape"):
        optimizer.minimize(loss, [w])


# ---- in graphs of TensorFlow 1


def train_in_a_session(make, steps=STEPS):
    """Return the Variable, and what it is after some steps down 0.5 c w^2 - cos(w)."""
    v1 = tf.compat.v1
    with tf.Graph().as_default(), v1.Session() as session:
        w = tf.Variable(START.astype(np.float32))
        count = tf.Variable(0, trainable=False)
        unused = tf.Variable(5.0, name="unused")
        loss = tf.reduce_sum(0.5 * w * w * [1.0, 10.0, 0.1] - tf.cos(w))
        train = make(v1.train).minimize(loss, global_step=count)
        session.run(v1.global_variables_initializer())
        for _ in range(steps):
            assert session.run(train) is None
        assert session.run([count, unused]) == [steps, 5.0]
        return session.run(w)


@pytest.mark.parametrize(
    ("make", "formula"),
    [
        (lambda t: t.GradientDescentOptimizer(0.05), lambda: sgd(0.05)),
        (lambda t: t.MomentumOptimizer(0.02, 0.9), lambda: sgd(0.02, 0.9)),
        (lambda t: t.MomentumOptimizer(0.02, 0.9, use_nesterov=True), lambda: sgd(0.02, 0.9, True)),
        (lambda t: t.AdamOptimizer(0.1), lambda: adam(0.1, eps=1e-8)),
    ],
)
def test_steps_in_a_session_follow_the_formula(make, formula):
    np.testing.assert_allclose(train_in_a_session(make), formula(), rtol=2e-5, atol=1e-5)


def test_the_rate_can_be_fed_or_computed():
    v1 = tf.compat.v1
    with tf.Graph().as_default(), v1.Session() as session:
        w = tf.Variable(0.0)
        rate = v1.placeholder(tf.float32, [])
        train = v1.train.GradientDescentOptimizer(rate * 2.0).minimize(3.0 * w)
        session.run(v1.global_variables_initializer())
        session.run(train, {rate: 0.5})
        assert session.run(w) == -3.0
        session.run(train, {rate: 0.0})
        assert session.run(w) == -3.0


def test_gradients_can_be_changed_before_they_are_applied():
    v1 = tf.compat.v1
    with tf.Graph().as_default(), v1.Session() as session:
        v, w = tf.Variable(0.0), tf.Variable(0.0)
        optimizer = v1.train.GradientDescentOptimizer(1.0)
        pairs = optimizer.compute_gradients(100.0 * v - 100.0 * w, [v, w])
        train = optimizer.apply_gradients([(tf.clip_by_value(g, -1.0, 1.0), a) for g, a in pairs])
        session.run(v1.global_variables_initializer())
        session.run(train)
        assert session.run([v, w]) == [-1.0, 1.0]


def test_one_optimizer_of_tensorflow_1_for_two_lists_of_variables():
    v1 = tf.compat.v1
    with tf.Graph().as_default(), v1.Session() as session:
        v, w = tf.Variable(1.0), tf.Variable(1.0)
        optimizer = v1.train.MomentumOptimizer(0.5, 0.9)
        first = optimizer.minimize(v * v, var_list=[v])
        second = optimizer.minimize(3.0 * w, var_list=[w])
        session.run(v1.global_variables_initializer())
        session.run([first, second])
        assert session.run([v, w]) == [0.0, -0.5]


# ---- clipping, decay, averages, accumulation, constraints: numbers are in tests/keras_reference


def take(optimizer, gradient, w, steps=1, graph=False):
    def step():
        optimizer.apply_gradients([(tf.constant(gradient), w)])

    step = tf.function(step) if graph else step
    for _ in range(steps):
        step()
    return w.numpy()


def test_nothing_is_written_for_what_is_not_asked():
    def operations(**options):
        optimizer, w = tf.optimizers.SGD(0.1, **options), tf.Variable([1.0])
        step = tf.function(lambda: optimizer.apply_gradients([(tf.ones([1]), w)]))
        return len(step.get_concrete_function().graph.operations)

    plain = operations()
    assert operations(weight_decay=0.0, loss_scale_factor=None, use_ema=False) == plain
    for asked in ({"weight_decay": 0.1}, {"clipnorm": 1.0}, {"use_ema": True}, {"decay": 0.1}):
        assert operations(**asked) > plain


def test_the_step_of_adam_is_as_small_as_can_be():
    """One Variable costs 3 reads and assignments each and ten operations on elements."""
    counts = []
    for n in (1, 2):
        ws = [tf.Variable([1.0, 2.0]) for _ in range(n)]
        optimizer = tf.optimizers.Adam(0.1)
        step = tf.function(
            lambda o=optimizer, ws=ws: o.apply_gradients([(tf.ones([2]), w) for w in ws])
        )
        names = [o.definition.name for o in step.get_concrete_function().graph.operations]
        counts.append({name: names.count(name) for name in set(names) - {"constant", "ones"}})
    assert {k: counts[1][k] - counts[0][k] for k in counts[1] if counts[1][k] > counts[0][k]} == {
        "read_variable": 4, "assign_variable": 2, "assign_sub_variable": 1, "add": 3,
        "subtract": 2, "multiply": 4, "sqrt": 1, "divide": 1,
    }  # fmt: skip


@pytest.mark.parametrize("graph", [False, True])
def test_clipping(graph):
    def moved(**clip):
        v, w = tf.Variable([0.0, 0.0]), tf.Variable([0.0])
        optimizer = tf.optimizers.SGD(1.0, **clip)
        step = lambda: optimizer.apply_gradients([([3.0, 4.0], v), ([12.0], w)])  # noqa: E731
        (tf.function(step) if graph else step)()
        return [*-v.numpy(), *-w.numpy()]

    np.testing.assert_allclose(moved(clipnorm=1.0), [0.6, 0.8, 1.0], rtol=1e-6)
    np.testing.assert_allclose(moved(global_clipnorm=6.5), [1.5, 2.0, 6.0], rtol=1e-6)
    np.testing.assert_allclose(moved(clipvalue=3.5), [3.0, 3.5, 3.5], rtol=1e-6)
    np.testing.assert_allclose(moved(clipnorm=100.0), [3.0, 4.0, 12.0], rtol=1e-6)


def test_weights_decay_but_for_some():
    kernel, bias = tf.Variable(1.0, name="kernel"), tf.Variable(1.0, name="bias")
    gamma = tf.Variable(1.0, name="gamma")
    optimizer = tf.optimizers.AdamW(0.5, weight_decay=0.1)
    optimizer.exclude_from_weight_decay(var_list=[gamma], var_names=["bias"])
    optimizer.apply_gradients([(tf.constant(0.0), v) for v in (kernel, bias, gamma)])
    assert [round(float(v), 6) for v in (kernel, bias, gamma)] == [0.95, 1.0, 1.0]


@pytest.mark.parametrize("graph", [False, True])
def test_averages_take_the_place_of_the_weights_at_the_end(graph):
    w = tf.Variable(0.0)
    optimizer = tf.optimizers.SGD(1.0, use_ema=True, ema_momentum=0.5)
    assert take(optimizer, 1.0, w, 3, graph) == -3.0
    optimizer.finalize_variable_values([w])
    assert w.numpy() == -2.25  # the averages were -1, -1.5, -2.25


@pytest.mark.parametrize("graph", [False, True])
def test_averages_take_the_place_of_the_weights_every_so_often(graph):
    w = tf.Variable(0.0)
    optimizer = tf.optimizers.SGD(1.0, use_ema=True, ema_momentum=0.5, ema_overwrite_frequency=2)
    assert take(optimizer, 1.0, w, 2, graph) == -1.5


@pytest.mark.parametrize("graph", [False, True])
def test_gradients_of_several_calls_make_one_step(graph):
    v, w = tf.Variable(0.0), tf.Variable([0.0, 0.0])
    optimizer = tf.optimizers.SGD(1.0, momentum=0.5, gradient_accumulation_steps=3)
    step = lambda x: optimizer.apply_gradients([(x, v), (x * [1.0, 2.0], w)])  # noqa: E731
    step = tf.function(step) if graph else step
    seen = []
    for x in (1.0, 2.0, 6.0, 3.0, 3.0, 3.0):
        step(tf.constant(x))
        seen.append(float(v))
    assert seen == [0.0, 0.0, -3.0, -3.0, -3.0, -7.5]
    assert w.numpy().tolist() == [-7.5, -15.0]
    assert int(optimizer.iterations) == 2


@pytest.mark.parametrize("graph", [False, True])
def test_constraints_hold_after_each_step(graph):
    w = tf.Variable([0.5, 2.0], constraint=constraints.NonNeg())
    assert take(tf.optimizers.SGD(1.0), [1.0, 1.0], w, 1, graph).tolist() == [0.0, 1.0]


def test_a_scaled_loss_gives_the_same_step():
    w = tf.Variable(1.0)
    optimizer = tf.optimizers.SGD(0.5, loss_scale_factor=8.0)
    with tf.GradientTape() as tape:
        loss = optimizer.scale_loss(w * w)
    assert float(loss) == 8.0
    optimizer.apply_gradients([(tape.gradient(loss, w), w)])
    assert float(w) == 0.0


@pytest.mark.parametrize("graph", [False, True])
def test_a_dynamic_scale_grows_and_shrinks(graph):
    w = tf.Variable(0.0)
    inner = tf.optimizers.SGD(1.0)
    optimizer = tf.optimizers.LossScaleOptimizer(inner, 8.0, dynamic_growth_steps=2)
    step = lambda g: optimizer.apply_gradients([(g, w)])  # noqa: E731
    step = tf.function(step) if graph else step
    seen = []
    for g in (8.0, 8.0, 16.0, float("nan"), 8.0):
        step(tf.constant(g))
        seen.append((float(w), float(optimizer.dynamic_scale)))
    assert seen == [(-1.0, 8.0), (-2.0, 16.0), (-3.0, 16.0), (-3.0, 8.0), (-4.0, 8.0)]
    assert int(optimizer.iterations) == int(inner.iterations) == 4
    optimizer.lr = 0.25
    assert float(inner.learning_rate) == 0.25


# ---- the learning rate, old and new


def test_keras_2_spellings():
    w = tf.Variable(0.0)
    optimizer = tf.optimizers.SGD(lr=1.0, decay=1.0)
    assert take(optimizer, 1.0, w, 3) == pytest.approx(-(1 + 1 / 2 + 1 / 3))
    assert float(optimizer.lr) == 1.0
    assert tf.optimizers.SGD.from_config(optimizer.get_config()).decay == 1.0
    old = tf.optimizers.Adam(lr=0.1, beta_1=0.9, beta_2=0.999, epsilon=None, decay=0.0)
    assert old.get_config() == tf.optimizers.Adam(0.1).get_config()
    assert tf.optimizers.legacy.RMSprop(lr=0.1, rho=0.9, epsilon=None).epsilon == 1e-7


def test_a_schedule_can_replace_the_rate():
    optimizer = tf.optimizers.SGD(1.0)
    optimizer.learning_rate = tf.optimizers.schedules.InverseTimeDecay(1.0, 1, 1.0)
    assert take(optimizer, 1.0, tf.Variable(0.0), 2) == -1.5
    assert [v.name for v in optimizer.variables] == ["iteration"]
    with pytest.raises(TypeError, match="follows a schedule"):
        optimizer.learning_rate = 0.1


def test_a_config_holds_the_schedule():
    schedule = tf.optimizers.schedules.CosineDecay(0.5, 10)
    config = tf.optimizers.serialize(tf.optimizers.Adam(schedule, clipnorm=1.0))
    again = tf.optimizers.deserialize(config)
    assert again.get_config() == config["config"] | {
        "learning_rate": again.get_config()["learning_rate"]
    }
    assert float(again.learning_rate) == 0.5
    assert again.clipnorm == 1.0


# ---- by name, configs, files


@pytest.mark.parametrize("name", KNOWN)
def test_every_optimizer_by_its_name_and_config(name):
    if name == "lossscaleoptimizer":
        optimizer = tf.optimizers.LossScaleOptimizer(tf.optimizers.SGD(0.1))
    else:
        optimizer = tf.optimizers.get(name)
        assert type(optimizer) is type(tf.optimizers.get(name.upper())) is KNOWN[name]
    again = tf.optimizers.deserialize(tf.optimizers.serialize(optimizer))
    assert type(again) is type(optimizer)
    assert again.get_config() == optimizer.get_config()


@pytest.mark.parametrize("name", KNOWN)
def test_every_config_holds_every_argument(name):
    made = KNOWN[name](*[tf.optimizers.SGD(0.1)][: name == "lossscaleoptimizer"])
    names = set(inspect.signature(KNOWN[name]).parameters) - {"options"}
    assert names <= set(made.get_config())


def test_configs_of_keras_2():
    config = {"class_name": "Adam", "config": {"learning_rate": 0.5, "decay": 0.0, "name": "Adam"}}
    assert float(tf.optimizers.get(config).learning_rate) == 0.5
    assert type(tf.optimizers.get({"class_name": "adam", "config": {}})) is tf.optimizers.Adam


def test_what_get_returns_otherwise():
    assert tf.optimizers.get(None) is None
    mine = tf.optimizers.SGD(0.5)
    assert tf.optimizers.get(mine) is mine
    with pytest.raises(ValueError, match="unknown optimizer 'adagard'; did you mean 'adagrad'"):
        tf.optimizers.get("adagard")
    with pytest.raises(TypeError, match="expected an optimizer"):
        tf.optimizers.get(lambda: 1)


@pytest.mark.parametrize("name", sorted(set(KNOWN) - {"lossscaleoptimizer"}))
def test_what_is_remembered_goes_into_a_file_and_back(name):
    def trained(steps, loaded=None):
        ws = [tf.Variable(np.arange(6.0, dtype=np.float32).reshape(2, 3)), tf.Variable([1.0, 2.0])]
        optimizer = KNOWN[name](learning_rate=0.1, use_ema=True)
        optimizer.build(ws)
        if loaded is not None:
            optimizer.load_own_variables(loaded[0])
            for w, value in zip(ws, loaded[1]):
                w.assign(value)
        for _ in range(steps):
            optimizer.apply_gradients([(tf.sin(w) + w, w) for w in ws])
        return optimizer, [w.numpy() for w in ws]

    store = {}
    optimizer, values = trained(2)
    optimizer.save_own_variables(store)
    assert list(store) == [str(i) for i in range(len(optimizer.variables))]
    for a, b in zip(trained(2, (store, values))[1], trained(4)[1], strict=True):
        np.testing.assert_array_equal(a, b)


def test_a_file_of_another_optimizer_is_left_alone():
    w = tf.Variable([1.0])
    adam, sgd = tf.optimizers.Adam(0.5), tf.optimizers.SGD(0.25)
    adam.build([w])
    sgd.build([w])
    store = {}
    adam.save_own_variables(store)
    with pytest.warns(UserWarning, match="it has 2 variables, the saved one 4"):
        sgd.load_own_variables(store)
    assert float(sgd.learning_rate) == 0.25
    with pytest.raises(ValueError, match="2 variables, got 4 arrays"):
        sgd.set_weights(adam.get_weights())


def test_a_checkpoint_waits_for_the_first_step(tmp_path):
    def program(path=None):
        w = tf.Variable([1.0, 2.0])
        optimizer = tf.optimizers.Nadam(0.1, use_ema=True)
        checkpoint = tf.train.Checkpoint(w=w, optimizer=optimizer)
        if path is not None:
            checkpoint.restore(path)
        return w, optimizer, checkpoint

    w, optimizer, checkpoint = program()
    take(optimizer, [1.0, -2.0], w, 2)
    path = checkpoint.save(str(tmp_path / "c"))
    expected = take(optimizer, [1.0, -2.0], w, 2)
    w, optimizer, _ = program(path)
    np.testing.assert_array_equal(take(optimizer, [1.0, -2.0], w, 2), expected)


# ---- optimizers that programs write themselves


class Momentum(tf.optimizers.Optimizer):
    """The example of Keras' documentation."""

    def __init__(self, learning_rate=0.1, momentum=0.9, **kwargs):
        super().__init__(learning_rate=learning_rate, **kwargs)
        self.momentum = momentum

    def build(self, variables):
        if self.built:
            return
        super().build(variables)
        self.momentums = [
            self.add_variable_from_reference(reference_variable=v, name="momentum")
            for v in variables
        ]

    def update_step(self, gradient, variable, learning_rate):
        learning_rate = tf.cast(learning_rate, variable.dtype)
        m = self.momentums[self._get_variable_index(variable)]
        self.assign(m, m * self.momentum - gradient * learning_rate)
        self.assign_add(variable, m)

    def get_config(self):
        return {**super().get_config(), "momentum": self.momentum}


@pytest.mark.parametrize("graph", [False, True])
def test_an_optimizer_of_the_program(graph):
    v, w = tf.Variable([1.0, 2.0]), tf.Variable(START.astype(np.float32), name="w")
    optimizer = Momentum(0.02, clipvalue=1e6)

    def step():
        optimizer.apply_gradients([(v * 1.0, v), (w * [1.0, 10.0, 0.1] + tf.sin(w), w)])

    step = tf.function(step) if graph else step
    for _ in range(STEPS):
        step()
    np.testing.assert_allclose(w.numpy(), sgd(0.02, 0.9), rtol=2e-5, atol=1e-5)
    assert [a.name for a in optimizer.variables][-1] == "w_momentum"
    assert Momentum.from_config(optimizer.get_config()).momentum == 0.9


def test_an_update_in_place_of_a_known_one():
    class Halved(tf.optimizers.Adam):
        def update_step(self, gradient, variable, learning_rate):
            super().update_step(gradient, variable, learning_rate * 0.5)

    one, other = tf.Variable(1.0), tf.Variable(1.0)
    take(Halved(0.2), 3.0, one, 3)
    take(tf.optimizers.Adam(0.1), 3.0, other, 3)
    assert float(one) == pytest.approx(float(other))


def test_several_variables_at_once_for_an_optimizer_of_the_program():
    optimizer = tf.optimizers.Optimizer(0.1)
    v, w = tf.Variable([1.0, 2.0], name="v"), tf.Variable(1.0, name="w")
    _, n = optimizer.add_optimizer_variables([v, w], ["m", "n"], ["zeros", "ones"])
    names = [a.name for a in optimizer.variables[2:]]
    assert names == ["v_m", "v_n", "w_m", "w_n"]
    assert [a.numpy().tolist() for a in n] == [[1.0, 1.0], 1.0]
    with pytest.raises(ValueError, match="2 names, but 1 initializers"):
        optimizer.add_optimizer_variables([v], ["m", "n"], ["zeros"])


def test_an_optimizer_that_does_not_say_how():
    with pytest.raises(NotImplementedError, match="how a Variable moves"):
        take(tf.optimizers.Optimizer(0.1), 1.0, tf.Variable(1.0))


# ---- mistakes


def test_one_optimizer_for_two_models():
    v, w = tf.Variable(1.0, name="v"), tf.Variable(1.0, name="w")
    optimizer = tf.optimizers.SGD(0.1, momentum=0.5)
    take(optimizer, 1.0, v, 2)
    take(optimizer, 1.0, w)  # with a momentum of its own, which begins at 0
    assert [float(v), float(w)] == pytest.approx([1.0 - 0.1 - 0.15, 0.9])
    assert [s.name for s in optimizer.variables[2:]] == ["v_momentum", "w_momentum"]


def test_a_variable_of_another_model_in_an_optimizer_of_the_program():
    class Plain(tf.optimizers.Optimizer):
        def update_step(self, gradient, variable, learning_rate):
            self.assign_sub(variable, learning_rate * gradient)

    v, w = tf.Variable(1.0, name="v"), tf.Variable(1.0, name="w")
    optimizer = Plain(0.1)
    take(optimizer, 1.0, v)
    with pytest.raises(ValueError, match=r"1 Variables of its first step, and \['w'\] are not"):
        take(optimizer, 1.0, w)
    assert w.numpy() == 1.0
    optimizer.build([v, w])
    take(optimizer, 1.0, w)


def test_gradients_alone_need_known_variables():
    w = tf.Variable(1.0)
    optimizer = tf.optimizers.SGD(0.5)
    with pytest.raises(RuntimeError, match="build"):
        optimizer.apply([tf.constant(1.0)])
    optimizer.build([w])
    optimizer.apply([tf.constant(1.0)])
    assert w.numpy() == 0.5
    with pytest.raises(ValueError, match="2 gradients for 1 Variables"):
        optimizer.apply([tf.constant(1.0), tf.constant(1.0)])


def test_no_variables_at_all_is_no_step():
    optimizer = tf.optimizers.SGD(0.5)
    optimizer.apply([], [])
    assert int(optimizer.iterations) == 0


@pytest.mark.parametrize(
    ("mistake", "message"),
    [
        (lambda: tf.optimizers.SGD(0.1, momentun=0.9), "'momentun'; did you mean 'momentum'"),
        (lambda: tf.optimizers.Adam(0.1, clip_norm=0.9), "'clip_norm'; did you mean 'clipnorm"),
        (lambda: tf.optimizers.Adam(0.1, clipnorm=1.0, clipvalue=1.0), "one way of clipping"),
        (lambda: tf.optimizers.Adam(0.1, use_ema=True, ema_momentum=2.0), "ema_momentum"),
        (lambda: tf.optimizers.Adam(0.1, ema_overwrite_frequency=0), "ema_overwrite_frequency"),
        (lambda: tf.optimizers.Adam(0.1, gradient_accumulation_steps=1), "accumulation_steps >= 2"),
        (lambda: tf.optimizers.AdamW(0.1, weight_decay=None), "weight_decay must be a number"),
        (lambda: tf.optimizers.Ftrl(0.1, learning_rate_power=0.5), "learning_rate_power <= 0"),
        (lambda: tf.optimizers.Ftrl(0.1, l1_regularization_strength=-1.0), "l1_regularization"),
        (lambda: tf.optimizers.Lion(0.1, beta_1=0.0), "beta_1"),
    ],
)  # fmt: skip
def test_impossible_requests(mistake, message):
    with pytest.raises(ValueError, match=message):
        mistake()


def test_complete_gradients_warn_of_nothing():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        take(tf.optimizers.Adam(0.1), 1.0, tf.Variable(1.0))


# ---- averages outside of an optimizer


def test_an_average_follows_its_variable():
    w, average = tf.Variable([1.0, 2.0], name="w"), tf.train.ExponentialMovingAverage(0.9)
    assert average.apply([w]) is None
    assert average.average(w).numpy().tolist() == [1.0, 2.0]
    w.assign([3.0, 4.0])
    average.apply([w])
    np.testing.assert_allclose(average.average(w), [1.2, 2.2], rtol=1e-6)
    assert not average.average(w).trainable
    assert average.average_name(w) == "w/ExponentialMovingAverage"
    assert average.variables_to_restore() == {"w/ExponentialMovingAverage": w}
    assert average.average(tf.Variable(1.0)) is None


def test_an_average_remembers_less_in_the_first_steps():
    w, steps = tf.Variable(3.0), tf.Variable(3)
    average = tf.train.ExponentialMovingAverage(0.9, num_updates=steps)
    average.apply([w])
    w.assign(13.0)
    average.apply([w])
    np.testing.assert_allclose(average.average(w), 3 + (1 - 4 / 13) * 10, rtol=1e-6)


def test_an_average_in_graphs():
    w, average = tf.Variable(1.0), tf.train.ExponentialMovingAverage(0.5)

    @tf.function
    def step(x):
        w.assign(x)
        average.apply([w])
        return average.average(w)

    assert [float(step(tf.constant(x))) for x in (3.0, 4.0)] == [2.0, 3.0]
    with tf.Graph().as_default(), tf.Session() as session:
        w = tf.compat.v1.Variable(1.0)
        update = average.apply([w])
        session.run(tf.compat.v1.global_variables_initializer())
        session.run(w.assign(3.0))
        session.run(update)
        assert session.run(average.average(w)) == 2.0


def test_only_variables_of_floating_types_have_averages():
    for wrong in (tf.constant(1.0), tf.Variable(1)):
        with pytest.raises(TypeError, match="expected Variables of floating types, got"):
            tf.train.ExponentialMovingAverage(0.9).apply([wrong])
    with pytest.raises(ValueError, match="give the Variables"):
        tf.train.ExponentialMovingAverage(0.9).apply()
