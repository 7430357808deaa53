"""Random numbers: distributions, reproducibility, and gradients."""

import numpy as np
import pytest

import minitf as tf
from minitf.errors import DTypeError, InvalidArgumentError, ShapeError
from minitf.ops.random import bernoulli
from minitf.ops.seeds import Seeds, Stream, generator
from minitf.ops.stateless import (
    get_global_generator,
    set_global_generator,
    stateless_dropout,
    stateless_poisson,
    stateless_shuffle,
    stateless_split,
)
from minitf.runtime.config import threading_config

N = 20000


def normal(count=4):
    return tf.random.normal([count]).numpy().tolist()


# -- reproducibility ----------------------------------------------------------------------------


def test_the_same_seed_gives_the_same_run():
    runs = []
    for _ in range(2):
        tf.random.set_seed(7)
        runs.append([normal(), normal(), tf.random.uniform([3]).numpy().tolist()])
    assert runs[0] == runs[1]
    assert runs[0][0] != runs[0][1]
    tf.random.set_seed(8)
    assert normal() != runs[0][0]


def test_without_a_seed_every_process_differs():
    assert Seeds().seed != Seeds().seed


def test_numbers_are_those_of_philox():
    """Key (seed, stream); the counter's upper half is (run, 1), or zero for a user's key."""
    tf.random.set_seed(7)
    normal()
    philox = np.random.Philox(key=[7, 1], counter=[0, 0, 0, 1])
    assert normal() == np.random.Generator(philox).standard_normal(4, np.float32).tolist()
    philox = np.random.Philox(key=np.array([2**64 - 5, 3], np.uint64), counter=0)
    found = tf.random.stateless_normal([4], [-5, 3]).numpy().tolist()
    assert found == np.random.Generator(philox).standard_normal(4, np.float32).tolist()


def test_a_seed_of_ones_own():
    def two():
        return [tf.random.uniform([], seed=s).numpy() for s in (1, 1, 2)]

    tf.random.set_seed(7)
    a, b, c = two()
    normal()
    assert len({a, b, c, *two()}) == 6
    tf.random.set_seed(7)
    normal()
    assert two() == [a, b, c], "calls without a seed of their own do not matter"
    tf.random.set_seed(8)
    assert two()[0] != a


def test_a_seed_of_ones_own_without_a_seed_of_the_program():
    drawn = []
    for _ in range(2):
        tf.random.set_seed(None)
        drawn.append((tf.random.uniform([], seed=3).numpy(), tf.random.uniform([]).numpy()))
    assert drawn[0][0] == drawn[1][0]
    assert drawn[0][1] != drawn[1][1]


def test_an_operation_of_a_graph_draws_anew_at_each_run():
    def program():
        f = tf.function(lambda: (tf.random.normal([2]), tf.random.normal([2])))
        return [np.asarray(f()).tolist() for _ in range(4)]

    tf.random.set_seed(7)
    first = program()
    assert len({tuple(row) for pair in first for row in pair}) == 8
    tf.random.set_seed(7)
    assert program() == first


def test_set_seed_lets_a_traced_function_begin_again():
    f = tf.function(lambda: tf.random.normal([2], seed=5))
    runs = []
    for _ in range(2):
        tf.random.set_seed(7)
        runs.append([f().numpy().tolist() for _ in range(3)])
    assert runs[0] == runs[1]


def test_a_graph_draws_what_eager_calls_would():
    tf.random.set_seed(7)
    eager = normal()
    tf.random.set_seed(7)
    assert tf.function(lambda: tf.random.normal([4]))().numpy().tolist() == eager


def test_a_graph_has_a_seed_of_its_own():
    def program(seed):
        with tf.Graph().as_default():
            tf.random.set_seed(seed)
            x = tf.random.normal([2])
            y = tf.cond(tf.identity(tf.constant(True)), lambda: tf.random.normal([2]), lambda: x)
            with tf.compat.v1.Session() as session:
                return [np.asarray(session.run([x, y])).tolist() for _ in range(2)]

    tf.random.set_seed(7)
    before = normal()
    tf.random.set_seed(7)
    assert program(3) == program(3) != program(4)
    assert normal() == before


def test_any_number_of_threads_draws_the_same():
    """Also where two parts of a graph that may run at once draw from one stream."""

    @tf.function
    def noisy(x):
        return tf.matmul(x, tf.random.normal([50, 50]))

    def program():
        x = tf.ones([50, 50])

        @tf.function
        def f():
            parts = [noisy(x) for _ in range(6)]
            loop = tf.while_loop(lambda i, s: i < 3, lambda i, s: (i + 1, noisy(s)), [0, x])[1]
            return tf.stack([*parts, loop])

        return [f().numpy() for _ in range(3)]

    threads = threading_config.inter_op
    found = []
    try:
        for count in (1, 4):
            threading_config.inter_op = count
            noisy._concrete.clear()
            tf.random.set_seed(7)
            found.append(program())
    finally:
        threading_config.inter_op = threads
    np.testing.assert_array_equal(found[0], found[1])
    assert len(np.unique(np.asarray(found[0])[:, :, 0, 0])) == 3 * 7


def test_operations_on_one_stream_keep_their_order():
    graph = tf.function(lambda x: (noisy(x), noisy(x)))
    noisy = tf.function(lambda x: x + tf.random.normal([]))
    keys = [
        n for n in graph.get_concrete_function(tf.constant(1.0)).graph.operations
        if n.type == "random_key"
    ]  # fmt: skip
    assert keys[0].attributes["stream"] is keys[1].attributes["stream"]
    assert keys[1].control_inputs == (keys[0],)


def test_a_seed_is_a_whole_number():
    for bad in (1.5, "1", True):
        with pytest.raises(DTypeError, match="a seed must be a whole number"):
            tf.random.set_seed(bad)


def test_a_stream_counts_its_runs():
    seeds = Seeds(5)
    first, second = Stream(seeds, None), Stream(seeds, None)
    assert [first.next(), second.next(), first.next()] == [(5, 0, 0), (5, 1, 0), (5, 0, 1)]
    seeds.reset(6)
    assert [second.next(), first.next()] == [(6, 1, 0), (6, 0, 0)]


# -- distributions ------------------------------------------------------------------------------


@pytest.fixture
def seeded():
    tf.random.set_seed(7)


def moments(x):
    x = np.asarray(x, np.float64)
    return x.mean(), x.std()


@pytest.mark.usefixtures("seeded")
@pytest.mark.parametrize(
    ("draw", "mean", "deviation"),
    [
        (lambda: tf.random.normal([N], 5.0, 2.0), 5.0, 2.0),
        (lambda: tf.random.truncated_normal([N], 5.0, 2.0), 5.0, 2.0 * 0.8796),
        (lambda: tf.random.uniform([N], -1.0, 3.0), 1.0, 4 / 12**0.5),
        (lambda: tf.random.uniform([N], 0, 10, tf.int32), 4.5, (99 / 12) ** 0.5),
        (lambda: tf.random.gamma([N], 3.0, 2.0), 1.5, 3**0.5 / 2),
        (lambda: tf.random.poisson([N], 4.0), 4.0, 2.0),
        (lambda: bernoulli([N], 0.3, tf.float32), 0.3, 0.21**0.5),
        (lambda: tf.random.categorical(np.log([[0.1, 0.6, 0.3]]), N), 1.2, 0.6),
        (lambda: tf.nn.dropout(tf.ones([N]), 0.3), 1.0, (0.3 / 0.7) ** 0.5),
    ],
)
def test_mean_and_deviation(draw, mean, deviation):
    found_mean, found_deviation = moments(draw())
    assert found_mean == pytest.approx(mean, abs=5 * deviation / N**0.5)
    assert found_deviation == pytest.approx(deviation, rel=0.05)


@pytest.mark.usefixtures("seeded")
def test_the_distribution_of_uniform_numbers():
    x = np.sort(tf.random.uniform([N]).numpy())
    assert np.abs(x - (np.arange(N) + 0.5) / N).max() < 1.95 / N**0.5  # Kolmogorov-Smirnov, 0.1 %
    assert x[0] >= 0
    assert x[-1] < 1


@pytest.mark.usefixtures("seeded")
def test_streams_are_not_correlated():
    rows = np.stack([tf.random.normal([N]).numpy() for _ in range(5)])
    correlations = np.corrcoef(rows)[np.triu_indices(5, 1)]
    assert np.abs(correlations).max() < 4 / N**0.5


@pytest.mark.parametrize("dtype", [tf.float16, tf.float32, tf.float64])
def test_floating_dtypes(dtype):
    for draw in (tf.random.normal, tf.random.uniform, tf.random.truncated_normal):
        x = draw([1000], dtype=dtype)
        assert x.dtype == dtype
    assert float(tf.reduce_max(tf.random.uniform([100000], dtype=dtype))) < 1.0
    assert tf.random.gamma([3], tf.constant(2.0, dtype), dtype=dtype).dtype == dtype


@pytest.mark.parametrize("dtype", [tf.int32, tf.int64, tf.uint8])
def test_integers_reach_both_ends(dtype):
    x = tf.random.uniform([500], 3, 6, dtype)
    assert x.dtype == dtype
    assert set(x.numpy().tolist()) == {3, 4, 5}
    widest = tf.random.stateless_uniform([500], [1, 2], None, None, dtype).numpy()
    assert widest.min() < dtype.min / 2 + dtype.max / 50
    assert widest.max() > 0.9 * dtype.max


def test_truncated_normal_stays_within_two_deviations():
    x = tf.random.truncated_normal([10000], mean=1.0, stddev=0.5).numpy()
    assert np.abs(x - 1.0).max() <= 1.0
    assert tf.random.truncated_normal([]).shape == ()


@pytest.mark.usefixtures("seeded")
def test_categorical_by_row():
    logits = np.array([[0.0, 0.0, -np.inf], [-np.inf, 3.0, -np.inf], [1000.0, 1001.0, 0.0]])
    counts = np.stack([
        np.bincount(row, minlength=3) for row in tf.random.categorical(logits, N).numpy()
    ])  # fmt: skip
    expected = N * np.array([[0.5, 0.5, 0.0], [0.0, 1.0, 0.0], [0.2689, 0.7311, 0.0]])
    assert np.abs(counts - expected).max() < 5 * 0.5 * N**0.5
    assert np.all(counts[expected == 0] == 0)
    assert tf.random.categorical(logits, 2, dtype=tf.int32).dtype == tf.int32


def test_gamma_and_poisson_broadcast():
    assert tf.random.gamma([5, 3], [1.0, 2.0], [[1.0], [4.0]]).shape == (5, 3, 2, 2)
    assert tf.random.poisson([5], [1.0, 2.0], tf.int32).shape == (5, 2)
    x = tf.random.stateless_gamma([5, 2, 2], [1, 2], [1.0, 2.0], [[1.0], [4.0]])
    assert x.shape == (5, 2, 2)
    assert stateless_poisson([5, 2], [1, 2], [1.0, 2.0]).dtype == tf.int32


def test_shapes_may_be_computed():
    def f(x):
        n = tf.shape(x)[0]
        return tf.random.normal([n, 3]), tf.random.uniform(tf.shape(x)), tf.nn.dropout(x, 0.5)

    spec = tf.TensorSpec([None, 2], tf.float32)
    concrete = tf.function(f).get_concrete_function(spec)
    assert [t.shape for t in concrete.outputs] == [(None, 3), (None, 2), (None, 2)]
    assert [t.shape for t in concrete(tf.ones([5, 2]))] == [(5, 3), (5, 2), (5, 2)]


@pytest.mark.parametrize(
    ("draw", "error", "message"),
    [
        (lambda: tf.random.uniform([2], dtype=tf.int32), InvalidArgumentError,
         "uniform: maxval must be given for int32"),
        (lambda: tf.random.uniform([2], 5, 5, tf.int32), InvalidArgumentError,
         "minval < maxval within int32, got minval=5, maxval=5"),
        (lambda: tf.random.uniform([2], 0, 300, tf.uint8), InvalidArgumentError, "within uint8"),
        (lambda: tf.random.normal([2], dtype=tf.int32), DTypeError, "must be floating, got int32"),
        (lambda: tf.random.categorical([0.0, 1.0], 2), ShapeError, r"\(batch, classes\).*\(2,\)"),
        (lambda: tf.random.categorical(tf.zeros([2, 0]), 2), ShapeError, "no classes"),
        (lambda: tf.random.stateless_normal([2], [1, 2, 3, 4]), ShapeError, "two whole numbers"),
        (lambda: tf.random.stateless_normal([2], [1.0, 2.0]), DTypeError, "integer"),
        (lambda: tf.random.shuffle(1.0), ShapeError, "no rows"),
        (lambda: tf.nn.dropout(tf.ones([2]), 1.0), InvalidArgumentError, "less than 1, got 1.0"),
        (lambda: tf.nn.dropout(tf.ones([2]), -0.1), InvalidArgumentError, "at least 0"),
        (lambda: tf.nn.dropout([1, 2], 0.5), DTypeError, "must be floating"),
        (lambda: tf.nn.dropout(tf.ones([2]), 0.5, [1, 1]), ShapeError, "noise_shape"),
    ],
)  # fmt: skip
def test_misuse(draw, error, message):
    with pytest.raises(error, match=message):
        draw()


# -- derivatives --------------------------------------------------------------------------------


@pytest.mark.parametrize("wrap", [lambda f: f, tf.function], ids=["eager", "function"])
def test_gradients_reach_the_parameters(wrap):
    parameters = [tf.Variable(2.0), tf.Variable([0.5, 3.0])]

    def f():
        mean, scale = (p.read_value() for p in parameters)
        return [
            tf.random.stateless_normal([4, 2], [1, 2], mean, scale),
            tf.random.stateless_truncated_normal([4, 2], [1, 2], mean, scale),
            tf.random.stateless_uniform([4, 2], [1, 2], mean, mean + scale),
        ]

    with tf.GradientTape(persistent=True) as tape:
        drawn = wrap(f)()
    for x in drawn:
        noise = (x.numpy() - 2.0) / [0.5, 3.0]
        d_mean, d_scale = tape.gradient(x, parameters)
        assert float(d_mean) == 8.0
        np.testing.assert_allclose(d_scale.numpy(), noise.sum(0), rtol=1e-4)


def test_the_gradient_of_dropout_drops_the_same_elements():
    x = tf.constant(np.linspace(1, 2, 100))
    with tf.GradientTape() as tape:
        tape.watch(x)
        y = tf.nn.dropout(x, 0.25)
    slope = tape.gradient(y, x).numpy()
    np.testing.assert_array_equal(slope, np.where(y.numpy() == 0, 0, 1 / 0.75))
    np.testing.assert_allclose(y.numpy(), slope * x.numpy())


def test_the_gradient_of_shuffle_goes_back_to_its_row():
    x = tf.constant(np.arange(5.0))
    with tf.GradientTape() as tape:
        tape.watch(x)
        y = tf.random.shuffle(x)
        total = tf.reduce_sum(y * np.arange(5.0))
    found = tape.gradient(total, x).numpy()
    np.testing.assert_array_equal(found[y.numpy().astype(int)], np.arange(5.0))


# -- dropout, shuffle, keys ---------------------------------------------------------------------


def test_dropout_of_whole_rows():
    y = tf.nn.dropout(tf.ones([200, 3]), 0.5, noise_shape=[None, 1]).numpy()
    assert set(map(tuple, y.tolist())) == {(0.0,) * 3, (2.0,) * 3}


def test_dropout_of_nothing():
    x = tf.constant([1.0, 2.0])
    assert tf.nn.dropout(x, 0).numpy().tolist() == [1.0, 2.0]


def test_the_rate_of_dropout_may_be_a_tensor():
    f = tf.function(lambda rate: tf.nn.dropout(tf.ones([1000]), rate))
    assert set(f(tf.constant(0.5)).numpy().tolist()) == {0.0, 2.0}
    with pytest.raises(InvalidArgumentError, match="less than 1"):
        f(tf.constant(1.5))


def test_shuffle_permutes_rows():
    x = np.arange(40).reshape(20, 2)
    y = tf.random.shuffle(x).numpy()
    assert y.tolist() != x.tolist()
    assert np.sort(y, 0).tolist() == x.tolist()
    again = [stateless_shuffle(x, [1, 2]).numpy().tolist() for _ in range(2)]
    assert again[0] == again[1]


def test_keys_split_into_others():
    keys = stateless_split([1, 2], 50)
    assert keys.dtype == tf.int32
    assert len({tuple(k) for k in keys.numpy().tolist()}) == 50
    masks = [stateless_dropout(tf.ones([64]), 0.5, k).numpy().tolist() for k in keys]
    assert len({tuple(m) for m in masks}) == 50


def test_the_key_may_be_computed():
    f = tf.function(lambda key: tf.random.stateless_uniform([3], key))
    x = tf.random.stateless_uniform([3], [1, 2])
    assert f(tf.constant([1, 2])).numpy().tolist() == x.numpy().tolist()


def test_generators():
    a, b = (tf.random.Generator.from_seed(5) for _ in range(2))
    tf.random.set_seed(1)
    first = [a.normal([2]).numpy().tolist(), a.uniform([2]).numpy().tolist()]
    tf.random.set_seed(2)
    assert [b.normal([2]).numpy().tolist(), b.uniform([2]).numpy().tolist()] == first
    a.reset_from_seed(5)
    assert a.normal([2]).numpy().tolist() == first[0]
    children = [child.truncated_normal([2]).numpy().tolist() for child in b.split(2)]
    assert children[0] != children[1]
    assert a.make_seeds(3).shape == (2, 3)
    set_global_generator(a)
    assert get_global_generator() is a


def test_a_generator_in_a_function():
    source = tf.random.Generator.from_seed(5)
    f = tf.function(lambda: (source.normal([2]), source.normal([2])))
    rows = np.asarray([f(), f()]).reshape(4, 2)
    assert len({tuple(row) for row in rows.tolist()}) == 4
    source.reset_from_seed(5)
    np.testing.assert_array_equal(np.asarray([f(), f()]).reshape(4, 2), rows)


def test_the_generator_begins_where_its_key_says():
    key = np.array([1, 2, 3], np.uint64)
    generator(key).integers(0, 10, 3, np.uint8)  # leaves half a word behind
    first = generator(key).integers(0, 2**31, 3, np.uint32)
    np.testing.assert_array_equal(generator(key).integers(0, 2**31, 3, np.uint32), first)


def test_programs_may_ask_for_what_holds_anyway():
    tf.config.experimental.enable_op_determinism()
    tf.random.set_seed(3)
    first = tf.random.normal([4]).numpy()
    tf.random.set_seed(3)
    np.testing.assert_array_equal(tf.random.normal([4]), first)


# -- classes to train against -------------------------------------------------------------------


def zipf(classes):
    """Return the chances of the logarithmic law."""
    numbers = np.arange(classes)
    return np.log((numbers + 2) / (numbers + 1)) / np.log(classes + 1)


@pytest.mark.parametrize(("sampler", "chances"), [("log_uniform", zipf(9)),
                                                  ("uniform", np.ones(9) / 9)])  # fmt: skip
def test_candidates_are_drawn_as_often_as_is_said(sampler, chances):
    sample = getattr(tf.random, f"{sampler}_candidate_sampler")
    drawn, true, counts = sample([[0, 8]], 2, N, False, 9, seed=1)
    found = np.bincount(drawn.numpy(), minlength=9) / N
    np.testing.assert_allclose(found, chances, atol=0.015)
    np.testing.assert_allclose(true[0], N * chances[[0, 8]], rtol=1e-5)
    np.testing.assert_allclose(counts, N * chances[drawn.numpy()], rtol=1e-5)


@pytest.mark.parametrize("sampler", ["log_uniform", "uniform"])
def test_candidates_that_have_to_differ(sampler):
    sample = getattr(tf.random, f"{sampler}_candidate_sampler")
    everybody = [[c] for c in range(30)]
    hits, expected = np.zeros(30), np.zeros(30)
    for seed in range(300):
        drawn, true, _ = sample(everybody, 1, 4, True, 30, seed=seed)
        assert len(set(drawn.numpy().tolist())) == 4
        hits[drawn.numpy()] += 1 / 300
        expected += true.numpy()[:, 0] / 300
    np.testing.assert_allclose(hits[1:], expected[1:], atol=0.1)
    assert hits[0] - 0.1 < expected[0] < hits[0] + 0.2  # the estimate is high for frequent classes
    assert sorted(sample([[0]], 1, 9, True, 9)[0].numpy().tolist()) == list(range(9))
    with pytest.raises(InvalidArgumentError, match="10 different classes out of 9"):
        sample([[0]], 1, 10, True, 9)
    with pytest.raises(ShapeError, match="num_true=1"):
        sample([0], 1, 4, True, 9)
