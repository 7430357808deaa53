"""The compiled kernels of convolution, pooling and sums over rows, against those of NumPy."""

import importlib.util
import itertools
import os
import subprocess
import sys
import textwrap
import threading
from functools import partial
from pathlib import Path

import numpy as np
import pytest

import minitf as tf
from minitf.graph.registry import OPS
from minitf.kernels import columns, convolution, pooling, threads
from minitf.ops.windows import counts, slide

pytestmark = pytest.mark.skipif(not importlib.util.find_spec("numba"), reason="compiles")

ROOT = Path(__file__).parent.parent


@pytest.fixture(autouse=True)
def compiled_from_the_first_number_on(monkeypatch):
    for module in (columns, convolution, pooling):
        monkeypatch.setattr(module, "ENOUGH", 1)
    monkeypatch.setattr(pooling, "CHANNELS", 1)
    monkeypatch.setattr(columns, "WIDTHS", range(1, 2**20))


@pytest.fixture
def rng():
    return np.random.default_rng(3)


@pytest.fixture
def shares(monkeypatch):
    """Return a list that is told of every share of work: only compiled kernels share any."""
    seen = []
    for module in (columns, convolution, pooling):
        monkeypatch.setattr(module, "share", lambda *a: (seen.append(a), threads.share(*a)))
    return seen


def both(name, *arrays, **attributes):
    """Return what the compiled and the NumPy kernel of an op make of arrays."""
    with np.errstate(all="ignore"):
        return [OPS[name].kernels[b](*arrays, **attributes) for b in ("numba", "numpy")]


def close(name, *arrays, tol=1e-5, **attributes):
    """Check that both kernels agree, in float32 relative to the largest result."""
    got, want = both(name, *arrays, **attributes)
    assert got.dtype == want.dtype
    assert got.shape == want.shape
    scale = max(1.0, float(np.abs(want).max(initial=0)))
    np.testing.assert_allclose(got / scale, want / scale, rtol=0, atol=tol)


def derivatives(rng, shape, window, filters, **how):
    """Compare the three ops of a convolution of these shapes."""
    x = rng.normal(size=shape).astype("f4")
    w = rng.normal(size=(*window, shape[-1], filters)).astype("f4")
    axes = slide(shape[1:-1], window, how["strides"], how["dilations"], how["padding"])
    dy = rng.normal(size=(len(x), *counts(axes), filters)).astype("f4")
    close("conv", x, w, **how)
    close("conv_backprop_input", dy, w, sizes=shape[1:-1], groups=1, **how)
    close("conv_backprop_filter", x, dy, window=window, groups=1, **how)


SHAPES = [
    ((2, 9, 7, 3), (3, 3), 5),
    ((1, 5, 5, 1), (5, 5), 1),
    ((3, 11, 4, 8), (1, 3), 33),
    ((2, 6, 6, 4), (1, 1), 16),
    ((2, 8, 9, 5), (4, 2), 40),
    ((5, 13, 2), (3,), 7),
]
HOW = list(itertools.product((1, 2, 3), (1, 2), ("SAME", "VALID", "pairs")))


@pytest.mark.parametrize(("stride", "dilation", "padding"), HOW)
def test_convolutions_of_all_forms(rng, shares, stride, dilation, padding):
    for shape, window, filters in SHAPES:
        rank = len(window)
        pads = ((2, 3), (0, 4))[:rank] if padding == "pairs" else padding
        reach = [(k - 1) * dilation + 1 for k in window]
        if pads == "VALID" and any(r > n for r, n in zip(reach, shape[1:-1], strict=True)):
            continue
        how = {"strides": (stride,) * rank, "dilations": (dilation,) * rank, "padding": pads}
        before = len(shares)
        derivatives(rng, shape, window, filters, **how)
        assert len(shares) >= before + 3


def test_strides_and_dilations_that_differ_between_rows_and_columns(rng):
    how = {"strides": (3, 1), "dilations": (1, 2), "padding": ((1, 0), (4, 4))}
    derivatives(rng, (2, 10, 7, 3), (2, 3), 9, **how)


def test_elements_that_no_window_sees_get_no_gradient(rng):
    """A stride longer than the window leaves some out; so do the last ones, where it ends early."""
    how = {"strides": (3, 4), "dilations": (1, 1), "padding": "VALID"}
    w, dy = rng.normal(size=(2, 1, 3, 4)).astype("f4"), rng.normal(size=(2, 3, 3, 4)).astype("f4")
    dirty = np.full((2, 10, 11, 3), np.nan, np.float32)
    kernel = partial(OPS["conv_backprop_input"].kernels["numba"], dy, w, sizes=(10, 11), groups=1)
    dx = kernel(**how, out=dirty)
    assert dx is dirty
    assert not dx[:, 2::3].any()
    assert not dx[:, 9:].any()
    np.testing.assert_allclose(dx, both("conv_backprop_input", dy, w, sizes=(10, 11), groups=1,
                                        **how)[1], atol=1e-5)  # fmt: skip


def test_images_cut_into_bands(rng, monkeypatch):
    """Bands of one or a few rows, the last of which begins inside the one before."""
    convolution._forward_layout.cache_clear()
    convolution._backward_layouts.cache_clear()
    for band in (1, 200, 600):
        monkeypatch.setattr(convolution, "BAND", band)
        for stride, dilation in ((1, 1), (2, 1), (1, 2)):
            how = {"strides": (stride,) * 2, "dilations": (dilation,) * 2, "padding": "SAME"}
            derivatives(rng, (2, 13, 9, 4), (3, 3), 18, **how)
        convolution._forward_layout.cache_clear()
        convolution._backward_layouts.cache_clear()


def test_arrays_that_are_not_contiguous(rng):
    x = rng.normal(size=(4, 7, 8, 6)).astype("f4").transpose(0, 2, 1, 3)[::2]
    w = rng.normal(size=(3, 3, 5, 6)).astype("f4").swapaxes(2, 3)
    close("conv", x, w, strides=(1, 1), padding="SAME", dilations=(1, 1))
    window = {"window": (2, 2), "strides": (2, 2), "padding": "SAME", "dilations": (1, 1)}
    close("max_pool", x, **window)
    close("sum_to_shape", x, np.zeros(6))


@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_what_is_no_number_stays_where_it_was(rng, value):
    """Padding is not multiplied with what lies beside it, and tiles do not leak into others."""
    x = rng.normal(size=(2, 9, 9, 3)).astype("f4")
    x[1, 4, 4, 1] = value
    w = rng.normal(size=(3, 3, 3, 20)).astype("f4")
    got, want = both("conv", x, w, strides=(1, 1), padding="SAME", dilations=(1, 1))
    assert np.isfinite(got).sum() == got.size - 9 * 20
    np.testing.assert_allclose(got, want, rtol=1e-4, atol=1e-5)


def test_nothing_gives_nothing():
    how = {"strides": (1, 1), "padding": "SAME", "dilations": (1, 1)}
    x, w = np.zeros((0, 5, 5, 2), "f4"), np.ones((3, 3, 2, 4), "f4")
    close("conv", x, w, **how)
    close("conv", np.ones((1, 5, 5, 2), "f4"), w[..., :0], **how)
    close("conv_backprop_input", np.zeros((1, 5, 5, 0), "f4"), w[..., :0], sizes=(5, 5), groups=1,
          **how)  # fmt: skip
    close("conv_backprop_input", np.zeros((0, 5, 5, 4), "f4"), w, sizes=(5, 5), groups=1, **how)
    close("conv_backprop_filter", x, np.zeros((0, 5, 5, 4), "f4"), window=(3, 3), groups=1, **how)
    close("max_pool", x, window=(2, 2), strides=(2, 2), padding="VALID", dilations=(1, 1))
    close("reduce_sum", x, axis=(0, 1, 2), keepdims=False)


FALL_BACKS = {
    "float64": ((2, 6, 6, 4), (3, 3, 4, 5), "f8"),
    "float16": ((2, 6, 6, 4), (3, 3, 4, 5), "f2"),
    "groups": ((2, 6, 6, 4), (3, 3, 2, 6), "f4"),
    "one group per channel": ((2, 6, 6, 4), (3, 3, 1, 8), "f4"),
    "three axes": ((2, 4, 5, 6, 2), (2, 2, 2, 2, 3), "f4"),
}


@pytest.mark.parametrize("kind", FALL_BACKS)
def test_what_the_compiled_kernels_do_not_know_is_left_to_numpy(rng, shares, kind):
    shape, window, dtype = FALL_BACKS[kind]
    x, w = rng.normal(size=shape).astype(dtype), rng.normal(size=window).astype(dtype)
    rank, groups = x.ndim - 2, shape[-1] // window[-2]
    how = {"strides": (1,) * rank, "padding": "SAME", "dilations": (1,) * rank}
    dy = rng.normal(size=(*shape[:-1], window[-1])).astype(dtype)
    for name, arrays, more in (
        ("conv", (x, w), {}),
        ("conv_backprop_input", (dy, w), {"sizes": shape[1:-1], "groups": groups}),
        ("conv_backprop_filter", (x, dy), {"window": window[:-2], "groups": groups}),
    ):
        np.testing.assert_array_equal(*both(name, *arrays, **how, **more))
    assert not shares


def test_little_work_is_left_to_numpy(rng, shares, monkeypatch):
    for module in (columns, convolution, pooling):
        monkeypatch.setattr(module, "ENOUGH", 10**9)
    x, w = rng.normal(size=(2, 9, 9, 8)).astype("f4"), rng.normal(size=(3, 3, 8, 8)).astype("f4")
    how = {"strides": (1, 1), "padding": "SAME", "dilations": (1, 1)}
    both("conv", x, w, **how)
    both("max_pool", x, window=(2, 2), **how)
    both("moments", x, axes=(0, 1, 2), shift=None, keepdims=False)
    assert not shares


# -- pooling ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("dilation", [1, 2])
@pytest.mark.parametrize("padding", ["SAME", "VALID", ((1, 0), (0, 1))])
@pytest.mark.parametrize(("window", "stride"), [(2, 2), (3, 1), (3, 2), (1, 3)])
def test_pooling_gives_the_same_bits(rng, shares, window, stride, padding, dilation):
    how = {"window": (window,) * 2, "strides": (stride,) * 2, "dilations": (dilation,) * 2}
    x = rng.integers(-2, 3, size=(3, 9, 8, 5)).astype("f4")  # many ties
    x[0, 4, 4, :2] = np.nan, np.inf
    got, y = both("max_pool", x, padding=padding, **how)
    np.testing.assert_array_equal(got, y)
    np.testing.assert_array_equal(*both("avg_pool", x, padding=padding, **how))
    dy = rng.normal(size=y.shape).astype("f4")
    dy[1, 0, 0, 0] = np.inf
    np.testing.assert_array_equal(*both("max_pool_backprop", x, y, dy, padding=padding, **how))
    found = both("avg_pool_backprop", dy, sizes=x.shape[1:-1], padding=padding, **how)
    np.testing.assert_array_equal(*found)
    assert len(shares) == 4


def test_pooling_of_sequences(rng):
    how = {"window": (3,), "strides": (2,), "padding": "SAME", "dilations": (1,)}
    x = rng.normal(size=(4, 11, 3)).astype("f4")
    got, y = both("max_pool", x, **how)
    np.testing.assert_array_equal(got, y)
    np.testing.assert_array_equal(*both("max_pool_backprop", x, y, y, **how))


# -- sums over rows --------------------------------------------------------------------------------


@pytest.mark.parametrize("shape", [(5, 3), (1000, 7), (9, 11, 13, 8), (3, 2, 40000)])
def test_sums_means_and_variances_over_the_first_axes(rng, shares, shape):
    x = (rng.normal(size=shape) + 5).astype("f4")
    axes = tuple(range(x.ndim - 1))
    for keepdims in (False, True):
        want = x.astype("f8").sum(axes, keepdims=keepdims)
        got, usual = both("reduce_sum", x, axis=axes, keepdims=keepdims)
        assert got.shape == usual.shape
        np.testing.assert_allclose(got, want, rtol=1e-6)
        for found, moment in zip(both("moments", x, axes=axes, shift=None, keepdims=keepdims)[0],
                                 (np.mean, np.var), strict=True):  # fmt: skip
            np.testing.assert_allclose(found, moment(x.astype("f8"), axes, keepdims=keepdims),
                                       rtol=1e-5)  # fmt: skip
    assert len(shares) == 4


@pytest.mark.parametrize("axes", [0, -3, (0, 1), (1, 0), 1, (0, 2), None, (0, 1, 2), ()])
def test_sums_over_any_axes(rng, axes):
    x = rng.normal(size=(6, 5, 4)).astype("f4")
    close("reduce_sum", x, axis=axes, keepdims=False)
    close("reduce_sum", x, axis=axes, keepdims=True)


@pytest.mark.parametrize(
    "like", [(4,), (1, 4), (5, 4), (1, 5, 4), (6, 5, 4), (6, 1, 4), (1, 1, 1), (), (6, 5, 1)]
)
def test_sums_to_any_shape(rng, like):
    close("sum_to_shape", rng.normal(size=(6, 5, 4)).astype("f4"), np.zeros(like, "f4"))


def test_the_variance_of_numbers_far_from_zero(rng):
    x = (rng.normal(size=(5000, 3)) + 1e4).astype("f4")
    (_, variance), _ = both("moments", x, axes=(0,), shift=None, keepdims=False)
    np.testing.assert_allclose(variance, x.astype("f8").var(0), rtol=1e-3)


# -- threads ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["conv", "conv_backprop_input", "conv_backprop_filter"])
def test_any_number_of_threads_gives_the_same_bits(rng, monkeypatch, name):
    x = rng.normal(size=(20, 12, 12, 8)).astype("f4")
    w = rng.normal(size=(3, 3, 8, 8)).astype("f4")
    how = {"strides": (1, 1), "padding": "SAME", "dilations": (1, 1)}
    call = {
        "conv": partial(both, name, x, w, **how),
        "conv_backprop_input": partial(both, name, x, w, sizes=(12, 12), groups=1, **how),
        "conv_backprop_filter": partial(both, name, x, x, window=(3, 3), groups=1, **how),
    }[name]
    monkeypatch.setattr(convolution, "PART", 10**5)
    found = []
    for count in (1, 2, 7):
        monkeypatch.setattr(threads.Limit, "threads", count)
        found.append(call()[0].tobytes())
    assert len(set(found)) == 1


def test_the_number_of_threads_is_that_of_the_configuration(monkeypatch):
    monkeypatch.setattr(threads.Limit, "threads", 0)
    before = tf.config.threading.get_intra_op_parallelism_threads()
    tf.config.threading.set_intra_op_parallelism_threads(1)
    try:
        workers = set()
        threads.share(lambda _: workers.add(threading.get_ident()), 50)
        assert workers == {threading.get_ident()}
    finally:
        tf.config.threading.set_intra_op_parallelism_threads(before)


@pytest.mark.parametrize("count", [1, 3])
def test_every_part_of_the_work_is_done_once(monkeypatch, count):
    monkeypatch.setattr(threads.Limit, "threads", count)
    done = []
    for parts in (0, 1, 2, 100):
        done.clear()
        threads.share(done.append, parts)
        assert sorted(done) == list(range(parts))


def test_an_error_in_a_part_is_told(monkeypatch):
    monkeypatch.setattr(threads.Limit, "threads", 3)

    def fail(part):
        if part == 17:
            raise RuntimeError("part 17")

    with pytest.raises(RuntimeError, match="part 17"):
        threads.share(fail, 50)


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork here")
def test_a_forked_process_has_threads_of_its_own():
    code = """
        import os, warnings
        from minitf.kernels import threads

        warnings.simplefilter("ignore")  # of forking a process that has threads: that is the test
        threads.Limit.threads = 2
        threads.share(lambda part: None, 8)
        child = os.fork()
        if not child:
            done = []
            threads.share(done.append, 8)
            os._exit(len(done))
        print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
    """
    command = [sys.executable, "-c", textwrap.dedent(code)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, cwd=ROOT)
    assert done.stdout.strip() == "8", done.stderr


# -- as part of the whole --------------------------------------------------------------------------


def test_without_numba_numpy_computes_everything(rng, shares, monkeypatch):
    for module in (columns, convolution, pooling):
        monkeypatch.setattr(module, "can_compile", lambda: False)
    x, w = rng.normal(size=(2, 9, 9, 4)).astype("f4"), rng.normal(size=(3, 3, 4, 5)).astype("f4")
    np.testing.assert_array_equal(
        *both("conv", x, w, strides=(1, 1), padding="SAME", dilations=(1, 1))
    )
    np.testing.assert_array_equal(*both("reduce_sum", x, axis=(0, 1, 2), keepdims=False))
    assert not shares


def test_a_graph_with_the_compiled_kernels_trains_as_without(rng, shares, monkeypatch):
    """Results go into the plan's pool of arrays, run after run."""
    x = rng.normal(size=(8, 16, 16, 8)).astype("f4")
    first = rng.normal(size=(3, 3, 8, 32)).astype("f4") / 9

    def train():
        w = tf.Variable(first)

        @tf.function
        def step(x):
            with tf.GradientTape() as tape:
                y = tf.nn.relu(tf.nn.conv2d(x, w, 1, "SAME"))
                y = tf.nn.max_pool2d(y, 2, 2, "VALID")
                mean, variance = tf.nn.moments(y, [0, 1, 2])
                loss = tf.reduce_mean(tf.square((y - mean) * tf.math.rsqrt(variance + 1)))
            w.assign_sub(0.1 * tape.gradient(loss, w))
            return loss

        losses = [float(step(x)) for _ in range(4)]
        return losses, w.numpy()

    losses, w = train()
    assert len(shares) == 4 * 7
    for module in (columns, convolution, pooling):
        monkeypatch.setattr(module, "can_compile", lambda: False)
    want, w_numpy = train()
    assert len(shares) == 4 * 7
    np.testing.assert_allclose(losses, want, rtol=1e-5)
    np.testing.assert_allclose(w, w_numpy, rtol=1e-4, atol=1e-6)
