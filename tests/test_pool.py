"""The pool of arrays: memory is used again, and never while somebody still needs it."""

import threading

import numpy as np

import minitf as tf
from minitf.runtime.pool import Pool

SHAPE, FLOAT = (200, 200), np.dtype(np.float32)


def test_what_nobody_holds_is_given_again():
    pool = Pool()
    first = pool.take(SHAPE, FLOAT)
    address = first.ctypes.data
    second = pool.take(SHAPE, FLOAT)
    assert second.ctypes.data != address
    del first
    assert pool.take(SHAPE, FLOAT).ctypes.data == address
    assert pool.take((40_000,), FLOAT).shape == (40_000,)


def test_a_view_holds_its_array():
    pool = Pool()
    corner = pool.take(SHAPE, FLOAT)[:2, :2]
    corner[:] = 7.0
    pool.take(SHAPE, FLOAT)[:] = 0.0
    assert corner.tolist() == [[7.0, 7.0], [7.0, 7.0]]


def test_threads_never_get_one_array_twice():
    pool, clashes = Pool(), []

    def work(mark):
        for _ in range(300):
            array = pool.take((64,), FLOAT)
            array[:] = mark
            if (array != mark).any():
                clashes.append(mark)

    threads = [threading.Thread(target=work, args=(float(i),)) for i in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not clashes


@tf.function
def chain(a):
    b = tf.matmul(a, a)
    c = tf.matmul(b, a, transpose_a=True)
    d = tf.tanh(c) * 0.5
    return tf.reduce_sum(tf.matmul(d, b)), tf.matmul(c, d), c[1:3]


def inputs(seed):
    values = np.random.default_rng(seed).standard_normal(SHAPE).astype(np.float32) / 20
    return tf.constant(values)


def test_large_results_are_written_into_memory_of_earlier_runs():
    a = inputs(0)
    chain(a)
    (compiled,) = chain.get_concrete_function(a).graph.compiled.values()
    pooled = [n.type for n in compiled.plan.memory.homes]
    assert pooled.count("matmul") == 2, "all but what is returned and what is looked at"


def test_what_a_run_returned_stays_as_it_was():
    """But for the last digits, which depend on how many threads BLAS found free."""
    expected = [[t.numpy() for t in chain.python_function(inputs(i))] for i in range(8)]
    found = [chain(inputs(i)) for i in range(8)]
    for some, others in zip(found, expected, strict=True):
        for tensor, array in zip(some, others, strict=True):
            np.testing.assert_allclose(tensor.numpy(), array, rtol=1e-4, atol=1e-6)


def test_compiled_kernels_use_it_too():
    def f(x):
        y = tf.nn.relu(x + 1.0)
        return tf.reduce_sum(tf.matmul(y, y) * y - x)

    g, x = tf.function(f), inputs(3)
    g(x)
    (compiled,) = g.get_concrete_function(x).graph.compiled.values()
    compiled.warm_up()
    assert any(n.type == "fused" for n in compiled.plan.memory.homes)
    order = (3, 4, 3, 5, 3)
    found, expected = ([float(h(inputs(i))) for i in order] for h in (g, f))
    np.testing.assert_allclose(found, expected, rtol=1e-4)


def test_runs_of_several_threads_do_not_share_memory():
    """The last digits are BLAS's own: it has fewer threads for a run where others go on."""
    tensors = [inputs(i) for i in range(4)]
    expected = [float(chain(t)[0]) for t in tensors]
    wrong = []

    def work(i):
        for _ in range(15):
            if not np.isclose(float(chain(tensors[i])[0]), expected[i], rtol=1e-4):
                wrong.append(i)

    threads = [threading.Thread(target=work, args=(i,)) for i in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not wrong
