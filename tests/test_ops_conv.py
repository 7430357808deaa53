"""Convolution and pooling beyond the contract of all ops: where windows lie, ties, errors."""

import itertools
import math

import numpy as np
import pytest

import minitf as tf
from minitf.errors import Error, InvalidArgumentError
from minitf.graph.spec import TensorSpec
from minitf.graph.trace import trace
from minitf.ops.conv_transpose import conv1d_transpose, conv2d_transpose, conv_transpose
from minitf.ops.convolution import (
    atrous_conv2d,
    bias_add,
    conv1d,
    conv2d,
    conv3d,
    convolution,
    depthwise_conv2d,
    separable_conv2d,
)
from minitf.ops.pooling import avg_pool, avg_pool2d, max_pool, max_pool1d, max_pool2d, pool
from minitf.ops.rectifier import relu
from minitf.ops.source import shape as shape_of
from minitf.ops.windows import slide


@pytest.fixture
def rng():
    return np.random.default_rng(1)


def gradient(function, *arrays):
    """Return the gradients of the sum of a function's result, as arrays."""
    points = [tf.convert_to_tensor(a) for a in arrays]
    with tf.GradientTape() as tape:
        tape.watch(points)
        result = function(*points)
    return [g.numpy() for g in tape.gradient(result, points)]


# -- where windows lie -----------------------------------------------------------------------------


def naive_conv(x, w, strides, dilations, pads):
    """Convolve by the definition: for each position, multiply a window with the filters."""
    rank = w.ndim - 2
    x = np.pad(x, [(0, 0), *pads, (0, 0)])
    reach = [(k - 1) * d + 1 for k, d in zip(w.shape, dilations, strict=False)]
    counts = [(n - r) // s + 1 for n, r, s in zip(x.shape[1:], reach, strides, strict=False)]
    y = np.zeros((len(x), *counts, w.shape[-1]))
    for at in itertools.product(*map(range, counts)):
        cut = tuple(slice(i * s, i * s + r, d)
                    for i, s, r, d in zip(at, strides, reach, dilations, strict=True))  # fmt: skip
        window = x[(slice(None), *cut)]
        y[(slice(None), *at)] = np.tensordot(window, w, axes=rank + 1)
    return y


def same_pads(sizes, window, strides, dilations):
    pads = []
    for n, k, s, d in zip(sizes, window, strides, dilations, strict=True):
        total = max((math.ceil(n / s) - 1) * s + (k - 1) * d + 1 - n, 0)
        pads.append((total // 2, total - total // 2))
    return pads


@pytest.mark.parametrize("number", range(30))
def test_convolution_is_what_its_definition_says(number):
    rng = np.random.default_rng(number)
    rank = 1 + number % 3
    window, strides, dilations = (tuple(map(int, rng.integers(1, 4, rank))) for _ in range(3))
    sizes = tuple(map(int, rng.integers(7, 10, rank)))
    x, w = rng.normal(size=(2, *sizes, 3)), rng.normal(size=(*window, 3, 2))
    for padding, pads in [("VALID", [(0, 0)] * rank),
                          ("SAME", same_pads(sizes, window, strides, dilations))]:  # fmt: skip
        y = convolution(x, w, strides, padding, dilations=dilations)
        np.testing.assert_allclose(y, naive_conv(x, w, strides, dilations, pads), atol=1e-12)


def test_one_channel_and_many_blocks(rng):
    """The kernel's fast paths: few channels, and more images than one block holds."""
    x, w = rng.normal(size=(11, 60, 60, 1)), rng.normal(size=(5, 5, 1, 3))
    y = conv2d(x, w, 1, "SAME")
    np.testing.assert_allclose(y, naive_conv(x, w, (1, 1), (1, 1), [(2, 2), (2, 2)]), atol=1e-12)


@pytest.mark.parametrize(
    ("size", "window", "stride", "count", "before", "after"),
    [(5, 3, 1, 5, 1, 1), (5, 2, 1, 5, 0, 1), (5, 3, 2, 3, 1, 1), (6, 3, 2, 3, 0, 1),
     (6, 5, 4, 2, 1, 2), (7, 2, 3, 3, 0, 1), (4, 1, 3, 2, 0, 0), (1, 5, 1, 1, 2, 2)],
)  # fmt: skip
def test_same_padding_puts_the_odd_zero_at_the_end(size, window, stride, count, before, after):
    (axis,) = slide((size,), (window,), (stride,), (1,), "SAME")
    assert (axis.positions, axis.before, axis.after) == (count, before, after)


def test_valid_padding_keeps_windows_inside():
    counts = [slide((n,), (3,), (2,), (2,), "VALID")[0].positions for n in (5, 6, 7, 8, 9)]
    assert counts == [1, 1, 2, 2, 3]


def test_explicit_padding_and_the_forms_of_strides(rng):
    x, w = rng.normal(size=(2, 5, 6, 2)), rng.normal(size=(3, 3, 2, 4))
    pads = [[0, 0], [2, 1], [0, 3], [0, 0]]
    expected = naive_conv(x, w, (2, 2), (1, 1), pads[1:3])
    for strides in (2, [2], [2, 2], [1, 2, 2, 1]):
        np.testing.assert_allclose(conv2d(x, w, strides, pads), expected, atol=1e-12)


def test_channels_first_is_channels_last_moved(rng):
    x, w = rng.normal(size=(2, 7, 6, 3)), rng.normal(size=(3, 2, 3, 4))
    first = np.moveaxis(x, -1, 1)
    y = conv2d(first, w, [1, 1, 2, 1], "SAME", "NCHW")
    np.testing.assert_allclose(np.moveaxis(y, 1, -1), conv2d(x, w, [2, 1], "SAME"))
    y = max_pool2d(first, [1, 1, 2, 3], 2, "VALID", "NCHW")
    np.testing.assert_allclose(np.moveaxis(y, 1, -1), max_pool2d(x, (2, 3), 2, "VALID"))
    back = conv2d_transpose(np.moveaxis(conv2d(x, w, 2, "SAME"), -1, 1), w, [2, 3, 7, 6], 2,
                            data_format="NCHW")  # fmt: skip
    assert back.shape == (2, 3, 7, 6)


def test_filters_of_one_by_one_are_a_matrix_product(rng):
    x, w = rng.normal(size=(2, 4, 5, 3)), rng.normal(size=(1, 1, 3, 6))
    np.testing.assert_allclose(conv2d(x, w, 1, "VALID"), x @ w[0, 0])


def test_depthwise_filters_see_their_own_channel_alone(rng):
    x, w = rng.normal(size=(2, 5, 5, 3)), rng.normal(size=(2, 3, 3, 2))
    y = depthwise_conv2d(x, w, [1, 2, 1, 1], "SAME", dilations=[1, 2])
    each = [conv2d(x[..., c : c + 1], w[:, :, c : c + 1], [2, 1], "SAME", dilations=[1, 2])
            for c in range(3)]  # fmt: skip
    np.testing.assert_allclose(y, np.concatenate(each, -1))


def test_separable_convolution_is_depthwise_then_pointwise(rng):
    x, w = rng.normal(size=(1, 5, 5, 2)), rng.normal(size=(3, 3, 2, 2))
    mix = rng.normal(size=(4, 3))
    y = separable_conv2d(x, w, mix[None, None], [1, 1, 1, 1], "SAME")
    np.testing.assert_allclose(y, depthwise_conv2d(x, w, 1, "SAME").numpy() @ mix)


def test_groups_of_channels_do_not_see_each_other(rng):
    x, w = rng.normal(size=(2, 6, 4)), rng.normal(size=(3, 2, 6))
    halves = [conv1d(x[..., 2 * g : 2 * g + 2], w[..., 3 * g : 3 * g + 3], 1, "SAME")
              for g in range(2)]  # fmt: skip
    np.testing.assert_allclose(conv1d(x, w, 1, "SAME"), np.concatenate(halves, -1))


def test_dilated_filters_are_filters_with_zeros_between(rng):
    x, w = rng.normal(size=(1, 9, 9, 2)), rng.normal(size=(2, 2, 2, 3))
    wide = np.zeros((3, 3, 2, 3))
    wide[::2, ::2] = w
    np.testing.assert_allclose(atrous_conv2d(x, w, 2, "VALID"), conv2d(x, wide, 1, "VALID"))


@pytest.mark.parametrize("padding", ["SAME", "VALID"])
def test_transposed_convolution_is_the_transpose(rng, padding):
    """<conv(x, w), y> = <x, conv_transpose(y, w)>."""
    x, w = rng.normal(size=(2, 7, 6, 3)), rng.normal(size=(3, 2, 3, 4))
    there = conv2d(x, w, [2, 3], padding).numpy()
    y = rng.normal(size=there.shape)
    back = conv2d_transpose(y, w, x.shape, [2, 3], padding).numpy()
    assert np.vdot(there, y) == pytest.approx(np.vdot(x, back))


# -- pooling ---------------------------------------------------------------------------------------


def test_averages_count_only_what_is_there():
    x = np.arange(9.0).reshape(1, 3, 3, 1)
    assert avg_pool2d(x, 2, 2, "SAME").numpy().ravel().tolist() == [2.0, 3.5, 6.5, 8.0]
    assert avg_pool(x, 3, 1, "SAME").numpy()[0, 0, 0, 0] == 2.0


def test_padding_is_never_the_largest():
    assert max_pool1d(np.full((1, 3, 1), -5.0), 3, 1, "SAME").numpy().ravel().tolist() == [-5.0] * 3


def test_the_gradient_of_a_maximum_goes_to_the_first_of_equals():
    (dx,) = gradient(lambda x: max_pool2d(x, 2, 2, "VALID"), np.zeros((1, 4, 4, 1)))
    assert dx[0, :, :, 0].tolist() == [[1, 0, 1, 0], [0] * 4, [1, 0, 1, 0], [0] * 4]


def test_overlapping_windows_add_their_gradients():
    x = np.array([0.0, 9.0, 1.0, 2.0]).reshape(1, 4, 1)
    (dx,) = gradient(lambda x: max_pool1d(x, 2, 1, "VALID"), x)
    assert dx.ravel().tolist() == [0, 2, 0, 1]


def test_second_derivatives_pass_through_pooling(rng):
    x = tf.constant(rng.normal(size=(1, 4, 4, 1)))
    with tf.GradientTape() as outer:
        outer.watch(x)
        with tf.GradientTape() as inner:
            inner.watch(x)
            y = max_pool2d(x, 2, 2, "VALID") ** 3
        (slope,) = inner.gradient(y, [x])
    (curve,) = outer.gradient(slope, [x])
    largest = slope.numpy() != 0
    assert largest.sum() == 4
    np.testing.assert_allclose(curve, np.where(largest, 6 * x.numpy(), 0))


def test_pooling_of_integers_and_with_holes():
    x = np.array([3, 1, 4, 1, 5]).reshape(1, 5, 1)
    assert max_pool(x, 2, 1, "VALID").numpy().ravel().tolist() == [3, 4, 4, 5]
    assert pool(x, [2], "MAX", dilations=[2]).numpy().ravel().tolist() == [4, 1, 5]


# -- graphs that do not know all sizes -------------------------------------------------------------


def run(graph, *arrays):
    """Run a graph on its arguments."""
    return graph.run([*arrays, *[t.array for t in graph.captured]])


@pytest.mark.parametrize("known", [(None, 8, 6, 3), (None, None, None, 3), (None, None, 6, 3)])
def test_networks_are_traced_without_a_batch_size(rng, known):
    w, x = rng.normal(size=(3, 3, 3, 2)), rng.normal(size=(4, 8, 6, 3))

    def network(x):
        y = relu(conv2d(x, tf.constant(w), 2, "SAME"))
        return avg_pool2d(max_pool2d(y, 2, 1, "SAME"), (2, 1), 2, "VALID")

    def slopes(x):
        with tf.GradientTape() as tape:
            tape.watch(x)
            y = network(x)
        return y, tape.gradient(y, x)

    graph = trace(slopes, [TensorSpec(known, "float64")])
    assert graph.results[0].shape[0] is None
    assert graph.results[1].shape == known
    for part in (x, x[:1]):
        for got, expected in zip(run(graph, part), slopes(tf.constant(part)), strict=True):
            np.testing.assert_allclose(got, expected, atol=1e-12)


def test_the_static_shapes_are_the_ones_that_come():
    x = TensorSpec([None, 9, 8, 3], "float32")
    w = np.zeros((3, 3, 3, 5), np.float32)
    graph = trace(lambda x: [conv2d(x, w, 2, p) for p in ("SAME", "VALID")], [x])
    assert [tuple(t.shape) for t in graph.results] == [(None, 5, 4, 5), (None, 4, 3, 5)]


def test_the_output_of_a_transposed_convolution_may_be_computed(rng):
    x, w = rng.normal(size=(2, 3, 3, 1)), rng.normal(size=(2, 2, 4, 1))

    def up(x):
        return conv2d_transpose(x, w, [shape_of(x)[0], 6, 6, 4], 2)

    graph = trace(up, [TensorSpec([None, 3, 3, 1], "float64")])
    assert graph.results[0].shape == (None, 6, 6, 4)
    np.testing.assert_allclose(run(graph, x)[0], up(tf.constant(x)))


# -- errors: the function, what was expected, what came, the user's line ---------------------------

IMAGE, FILTERS = np.ones((1, 5, 5, 3)), np.ones((3, 3, 3, 2))

WRONG = [
    (lambda: conv2d(IMAGE, np.ones((3, 3, 4, 2)), 1, "SAME"),
     r"conv2d: .*input has 3 channels, and 2 filters see 4"),
    (lambda: conv2d(IMAGE[0], FILTERS, 1, "SAME"), r"conv2d: .*3, 4 or 5 axes.*\(5, 5, 3\)"),
    (lambda: conv2d(IMAGE, FILTERS, 0, "SAME"), r"conv2d: .*strides are whole numbers from 1"),
    (lambda: conv2d(IMAGE, FILTERS, [1, 2, 3], "SAME"), "conv2d: strides holds 1, 2 or 4 numbers"),
    (lambda: conv2d(IMAGE, FILTERS, [2, 1, 1, 1], "SAME"), "of batch and channels must be 1"),
    (lambda: conv2d(IMAGE, FILTERS, 1, "FULL"), "conv2d: padding is 'SAME', 'VALID' or .*'FULL'"),
    (lambda: conv2d(IMAGE, FILTERS, 1, [[0, 0], [1, -1], [1, 1], [0, 0]]), "pair of numbers >= 0"),
    (lambda: conv2d(IMAGE, FILTERS, 1, "SAME", "NWHC"), "data_format is 'NHWC' or 'NCHW' here"),
    (lambda: conv2d(IMAGE, FILTERS, 1, "VALID", dilations=3),
     "conv2d: .*window over 7 elements does not fit into 5"),
    (lambda: conv2d(IMAGE.astype(int), FILTERS.astype(int), 1, "SAME"), "must be of floating type"),
    (lambda: conv3d(IMAGE, FILTERS, 1, "SAME"), "conv3d: "),
    (lambda: depthwise_conv2d(IMAGE, np.ones((3, 3, 4, 2)), [1, 1, 1, 1], "SAME"),
     "depthwise_conv2d: .*input has 3 channels"),
    (lambda: separable_conv2d(IMAGE, FILTERS, FILTERS, 1, "SAME"), r"has the window \(1, 1\)"),
    (lambda: conv2d_transpose(IMAGE, np.ones((2, 2, 4, 3)), [1, 20, 10, 4], 2),
     r"conv2d_transpose: .*\(20, 10\).*got \(1, 5, 5, 3\)"),
    (lambda: conv2d_transpose(IMAGE, np.ones((2, 2, 4, 3)), [2, 10, 10, 4], 2),
     "contradicts the input .* give batch 1 and 4 channels"),
    (lambda: conv1d_transpose(IMAGE[0], np.ones((2, 4, 3)), [10, 4], 2), "has 3 entries"),
    (lambda: conv_transpose(IMAGE[0, 0], np.ones((3, 3)), [1, 1], 2), "1 to 3 spatial axes"),
    (lambda: max_pool(IMAGE[0, 0], 2, 2, "SAME"), "max_pool: batch, 1 to 3 spatial axes"),
    (lambda: max_pool2d(IMAGE, 7, 1, "VALID"), "max_pool2d: .*window over 7 elements"),
    (lambda: pool(IMAGE, [2, 2], "MIN"), "pool: pooling_type is 'MAX' or 'AVG', got 'MIN'"),
    (lambda: avg_pool2d(IMAGE.astype(int), 2, 2, "SAME"), "avg_pool2d: .*must be of floating type"),
    (lambda: bias_add(IMAGE, [1.0, 2.0]), r"bias_add: one bias for each of 3 channels.*got \(2,\)"),
]  # fmt: skip


@pytest.mark.parametrize("number", range(len(WRONG)))
def test_mistakes_are_told_with_the_line_that_made_them(number):
    mistake, message = WRONG[number]
    with pytest.raises(InvalidArgumentError, match=message) as caught:
        mistake()
    assert str(caught.value).count("[in test_ops_conv.py:") == 1


def test_a_run_with_wrong_channels_is_told_as_well():
    specs = [TensorSpec([None] * 4, "float64")] * 2
    graph = trace(lambda x, w: conv2d(x, w, 1, "SAME"), specs)
    with pytest.raises(Error, match="input has 3 channels, and 2 filters see 2"):
        run(graph, IMAGE, np.ones((3, 3, 2, 2)))
