"""The compiled error functions, GELU, softmax, cross-entropy and moments of rows, against NumPy."""

import importlib.util
import math

import numpy as np
import pytest

import minitf as tf
from minitf.errors import InvalidArgumentError
from minitf.graph.registry import OPS
from minitf.kernels import bell, columns, rows, threads

pytestmark = pytest.mark.skipif(not importlib.util.find_spec("numba"), reason="compiles")

SPECIAL = [np.nan, np.inf, -np.inf, 0.0, -0.0, 1e-30, -1e-30, 13.0, -13.0, 1e30, -1e30]
erfc = np.vectorize(math.erfc)


@pytest.fixture(autouse=True)
def compiled_from_the_first_number_on(monkeypatch):
    for module in (bell, rows):
        monkeypatch.setattr(module, "ENOUGH", 1)


@pytest.fixture
def shares(monkeypatch):
    """Return a list that is told of every share of work: only compiled kernels share any."""
    seen = []
    for module in (bell, rows):
        monkeypatch.setattr(module, "share", lambda *a: (seen.append(a), threads.share(*a)))
    return seen


@pytest.fixture
def rng():
    return np.random.default_rng(5)


def both(name, *arrays, **attributes):
    """Return what the compiled and the NumPy kernel of an op make of arrays."""
    with np.errstate(all="ignore"):
        return [OPS[name].kernels[b](*arrays, **attributes) for b in ("numba", "numpy")]


# -- element by element ----------------------------------------------------------------------------

FORMULAS = {
    "erf": np.vectorize(math.erf),
    "erfc": erfc,
    "gelu": lambda x: x * erfc(-x / 2**0.5) / 2,
    "gelu_slope": lambda x: erfc(-x / 2**0.5) / 2 + x * np.exp(-x * x / 2) / (2 * math.pi) ** 0.5,
}


@pytest.mark.parametrize("name", FORMULAS)
def test_elements_follow_the_formula(shares, name):
    x = np.linspace(-6, 6, 20_001).astype("f4")
    attributes = {"approximate": False} if name == "gelu" else {}
    got, want = both(name, x, **attributes)
    exact = FORMULAS[name](x.astype(np.float64))
    assert got.dtype == np.float32
    np.testing.assert_allclose(got, exact, rtol=3e-6, atol=2e-7)
    np.testing.assert_allclose(got, want, rtol=3e-6, atol=4e-7)
    assert shares


@pytest.mark.parametrize("name", FORMULAS)
def test_special_numbers(name):
    attributes = {"approximate": False} if name == "gelu" else {}
    got, want = both(name, np.array(SPECIAL, "f4"), **attributes)
    np.testing.assert_allclose(got, want, rtol=1e-6, atol=1e-30)
    np.testing.assert_array_equal(np.signbit(got[3:5]), np.signbit(want[3:5]))


def test_the_far_tail_keeps_its_digits():
    x = np.linspace(1, 9, 1001).astype("f4")
    got, _ = both("erfc", x)
    np.testing.assert_allclose(got, erfc(x.astype(np.float64)), rtol=1e-5)


def test_what_the_loops_do_not_know_is_left_to_numpy(rng, shares):
    x = rng.normal(size=(4, 8))
    for array in (x, x.astype("f2")):
        np.testing.assert_array_equal(*both("gelu", array, approximate=False))
        np.testing.assert_array_equal(*both("softmax", array, axis=-1))
    single = x.astype("f4")
    np.testing.assert_array_equal(*both("gelu", single, approximate=True))
    np.testing.assert_array_equal(*both("softmax", single, axis=0))
    np.testing.assert_array_equal(*both("softmax_grad", single, single, axis=0))
    assert not shares


# -- row by row ------------------------------------------------------------------------------------

SHAPES = [(1, 1), (3, 7), (2, 5, 33), (4, 300), (9000, 17)]


@pytest.mark.parametrize("shape", SHAPES)
def test_softmax_and_its_gradient(rng, shares, shape):
    x = (5 * rng.normal(size=shape)).astype("f4")
    y, want = both("softmax", x, axis=len(shape) - 1)
    np.testing.assert_allclose(y, want, rtol=2e-6, atol=1e-8)
    got, want = both("softmax_grad", x, y, axis=-1)
    np.testing.assert_allclose(got, want, rtol=1e-5, atol=1e-5)
    assert len(shares) == 2


def test_large_and_small_logits(rng):
    x = (1e4 * rng.normal(size=(50, 40))).astype("f4")
    np.testing.assert_allclose(*both("softmax", x, axis=-1), rtol=2e-6, atol=1e-37)


@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_a_row_that_holds_no_number_has_none_in_its_softmax(rng, value):
    x = rng.normal(size=(3, 20)).astype("f4")
    for at in (0, 7, 19):
        broken = x.copy()
        broken[1, at] = value
        got, want = both("softmax", broken, axis=-1)
        assert np.isnan(got[1]).all()
        np.testing.assert_allclose(got, want, rtol=2e-6)


def test_masked_logits():
    x = np.array([[0, -np.inf, 1, -1e9], [-np.inf] * 4], "f4")
    got, want = both("softmax", x, axis=-1)
    np.testing.assert_allclose(got, want, rtol=1e-6)
    assert got[0, 1] == got[0, 3] == 0


def test_rows_that_do_not_lie_side_by_side(rng):
    x = rng.normal(size=(6, 10, 8)).astype("f4")
    for array in (x.transpose(2, 0, 1), x[::2, ::3], x[:, ::-1, ::2]):
        np.testing.assert_allclose(*both("softmax", array, axis=-1), rtol=2e-6)
        np.testing.assert_allclose(*both("softmax_grad", array, array, axis=-1), atol=1e-5)
        np.testing.assert_allclose(*both("erfc", array), rtol=1e-5)


@pytest.mark.parametrize("shape", SHAPES)
def test_cross_entropy(rng, shape):
    logits = (3 * rng.normal(size=shape)).astype("f4")
    labels = rng.integers(0, shape[-1], shape[:-1])
    got, want = both("sparse_softmax_cross_entropy", labels, logits)
    for a, b in zip(got, want, strict=True):
        assert a.dtype == b.dtype
        np.testing.assert_allclose(a, b, rtol=1e-5, atol=1e-6)


def test_cross_entropy_names_a_label_of_no_class(rng):
    kernel = OPS["sparse_softmax_cross_entropy"].kernels["numba"]
    with pytest.raises(InvalidArgumentError, match="label 4 is outside"):
        kernel(np.array([0, 4, 1]), rng.normal(size=(3, 4)).astype("f4"))


@pytest.mark.parametrize("keepdims", [False, True])
@pytest.mark.parametrize("axes", [-1, (2,)])
def test_moments_of_rows(rng, shares, axes, keepdims):
    x = (7 + rng.normal(size=(4, 9, 65))).astype("f4")
    got, want = both("moments", x, axes=axes, shift=None, keepdims=keepdims)
    for a, b in zip(got, want, strict=True):
        assert a.shape == b.shape
        np.testing.assert_allclose(a, b, rtol=1e-5)
    assert shares


def test_nothing_gives_nothing():
    empty = np.zeros((0, 3), "f4")
    assert both("erf", empty)[0].shape == (0, 3)
    assert both("softmax", empty, axis=-1)[0].shape == (0, 3)
    assert both("softmax", empty.T, axis=-1)[0].shape == (3, 0)


# -- as part of the whole --------------------------------------------------------------------------


def test_any_number_of_threads_gives_the_same_bits(rng, monkeypatch):
    x = rng.normal(size=(500, 30)).astype("f4")
    labels = rng.integers(0, 30, 500)
    for module in (bell, rows):
        monkeypatch.setattr(module, "PART", 100)
    monkeypatch.setattr(rows, "LONG_PART", 100)
    found = []
    for count in (1, 2, 5):
        monkeypatch.setattr(threads.Limit, "threads", count)
        loss, slope = both("sparse_softmax_cross_entropy", labels, x)[0]
        found.append([both("erf", x)[0], both("softmax_grad", x, x, axis=-1)[0], loss, slope])
    for other in found[1:]:
        for a, b in zip(found[0], other, strict=True):
            np.testing.assert_array_equal(a, b)


def test_without_numba_numpy_computes_everything(rng, shares, monkeypatch):
    for module in (bell, rows, columns):
        monkeypatch.setattr(module, "can_compile", lambda: False)
    x = rng.normal(size=(20, 30)).astype("f4")
    np.testing.assert_array_equal(*both("erf", x))
    np.testing.assert_array_equal(*both("softmax", x, axis=-1))
    np.testing.assert_array_equal(*both("moments", x, axes=-1, shift=None, keepdims=False))
    assert not shares


def test_a_graph_with_the_compiled_kernels_trains_as_without(rng, shares, monkeypatch):
    """Results, also the second one of cross-entropy, go into the plan's pool, run after run."""
    x = rng.normal(size=(512, 64)).astype("f4")
    labels = rng.integers(0, 48, 512)
    first = rng.normal(size=(64, 48)).astype("f4") / 8

    def train():
        w = tf.Variable(first)

        @tf.function
        def step(x):
            with tf.GradientTape() as tape:
                y = tf.nn.gelu(tf.matmul(x, w))
                y = y * tf.nn.softmax(tf.math.erf(y))
                mean, variance = tf.nn.moments(y, -1, keepdims=True)
                logits = (y - mean) / tf.sqrt(variance + 1e-3)
                loss = tf.nn.sparse_softmax_cross_entropy_with_logits(labels, logits)
                loss = tf.reduce_mean(loss)
            w.assign_sub(tape.gradient(loss, w))
            return loss

        return [float(step(x)) for _ in range(8)], w.numpy()

    losses, w = train()
    seen = len(shares)
    for module in (bell, rows, columns):
        monkeypatch.setattr(module, "can_compile", lambda: False)
    expected, other = train()
    assert seen
    assert len(shares) == seen
    assert losses[-1] < losses[0]
    np.testing.assert_allclose(losses, expected, rtol=1e-4)
    np.testing.assert_allclose(w, other, rtol=1e-3, atol=1e-4)


def test_the_slope_of_cross_entropy_finds_room_in_the_pool(rng):
    x = rng.normal(size=(512, 64)).astype("f4")
    labels = rng.integers(0, 64, 512)
    w = tf.Variable(np.eye(64, dtype="f4"))

    @tf.function
    def step(x):
        with tf.GradientTape() as tape:
            logits = tf.matmul(x, w)
            loss = tf.nn.sparse_softmax_cross_entropy_with_logits(labels, logits)
        return tape.gradient(loss, w)

    step(x)
    (runner,) = step.get_concrete_function(x).graph.compiled.values()
    asked = []
    (node,) = [n for n in runner.plan.memory.homes if n.type == "sparse_softmax_cross_entropy"]
    home = runner.plan.memory.homes[node]
    home[1] = lambda *spec, take=home[1]: asked.append(spec) or take(*spec)
    step(x)
    assert [shape for shape, _ in asked] == [(512, 64)]
