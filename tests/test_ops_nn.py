"""Activations, losses and normalization beyond the contract: stability, corners, errors."""

import math

import numpy as np
import pytest

import minitf as tf
from minitf.errors import Error, InvalidArgumentError
from minitf.graph.spec import TensorSpec
from minitf.graph.trace import trace
from minitf.ops.activation import gelu, log_sigmoid, silu
from minitf.ops.cross_entropy import (
    compute_average_loss,
    log_poisson_loss,
    sigmoid_cross_entropy_with_logits,
    softmax_cross_entropy_with_logits,
    sparse_softmax_cross_entropy_with_logits,
    weighted_cross_entropy_with_logits,
)
from minitf.ops.norm import (
    batch_normalization,
    local_response_normalization,
    moments,
    weighted_moments,
)
from minitf.ops.rectifier import leaky_relu, relu, selu
from minitf.ops.softmax import log_softmax, softmax


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


# -- large numbers ---------------------------------------------------------------------------------

HUGE = np.array([[1e4, -1e4, 0.0], [-1e4, -1e4, -1e4], [1e4, 1e4, -1e4]], np.float32)


def test_softmax_of_huge_logits():
    expected = [[1, 0, 0], [1 / 3] * 3, [0.5, 0.5, 0]]
    np.testing.assert_allclose(softmax(HUGE), expected, rtol=1e-6)
    expected = [[0, -2e4, -1e4], [-math.log(3)] * 3, [-math.log(2), -math.log(2), -20000.6931]]
    np.testing.assert_allclose(log_softmax(HUGE), expected, rtol=1e-6)


def test_softmax_along_another_axis(rng):
    x = rng.normal(size=(3, 4, 2))
    np.testing.assert_allclose(softmax(x, axis=1), np.exp(x) / np.exp(x).sum(1, keepdims=True))
    np.testing.assert_allclose(np.exp(log_softmax(x, 0)), softmax(x, 0))


@pytest.mark.parametrize("label", [0, 1, 2])
def test_cross_entropies_of_huge_logits(label):
    labels = np.full(3, label)
    one_hot = np.eye(3, dtype=np.float32)[labels]
    losses = [
        lambda x: sparse_softmax_cross_entropy_with_logits(labels, x),
        lambda x: softmax_cross_entropy_with_logits(one_hot, x),
    ]
    for loss in losses:
        np.testing.assert_allclose(loss(HUGE), -log_softmax(HUGE).numpy()[:, label], rtol=1e-6)
        slopes = softmax(HUGE).numpy() - one_hot
        np.testing.assert_allclose(gradient(loss, HUGE)[0], slopes, atol=1e-6)


def test_yes_or_no_with_huge_logits():
    x = np.array([-1e4, -1e4, 1e4, 1e4], np.float32)
    z = np.array([0, 1, 0, 1], np.float32)
    assert sigmoid_cross_entropy_with_logits(z, x).numpy().tolist() == [0, 1e4, 1e4, 0]
    (slope,) = gradient(lambda x: sigmoid_cross_entropy_with_logits(z, x), x)
    assert slope.tolist() == [0, -1, 1, 0]
    assert weighted_cross_entropy_with_logits(z, x, 3.0).numpy().tolist() == [0, 3e4, 1e4, 0]
    assert log_sigmoid(x).numpy().tolist() == [-1e4, -1e4, 0, 0]
    assert gradient(log_sigmoid, x)[0].tolist() == [1, 1, 0, 0]


def test_small_losses_keep_their_digits():
    """At logit 20 the loss is exp(-20), which max(x, 0) - x + ... must not round to 0."""
    loss = sigmoid_cross_entropy_with_logits([1.0, 0.0], [20.0, -20.0])
    np.testing.assert_allclose(loss, math.exp(-20), rtol=1e-5)


def test_activations_of_huge_numbers_have_slopes():
    x = np.array([-1e4, 1e4], np.float32)
    for function, below in [(silu, 0), (gelu, 0), (relu, 0), (leaky_relu, 0.2)]:
        slopes = [below, 1]
        np.testing.assert_allclose(gradient(function, x)[0], slopes, rtol=1e-6)


def test_gelu_keeps_its_digits_far_below_zero():
    x = np.linspace(-12, -3, 10)
    expected = [v / 2 * math.erfc(-v / math.sqrt(2)) for v in x]
    np.testing.assert_allclose(gelu(x), expected, rtol=1e-12)
    np.testing.assert_allclose(gelu(x.astype(np.float32)), expected, rtol=1e-4)


# -- at the corners --------------------------------------------------------------------------------


def test_slopes_at_zero_are_tensorflows():
    zero = np.zeros(1)
    assert gradient(relu, zero)[0] == 0
    assert gradient(lambda x: leaky_relu(x, 0.3), zero)[0] == 0.3
    assert gradient(selu, zero)[0] == pytest.approx(1.0507009873554805)


def test_nan_stays_nan():
    nan = np.array([np.nan, 1.0], np.float32)
    for function in (relu, leaky_relu, selu, gelu, silu, log_sigmoid, softmax):
        assert math.isnan(function(nan).numpy()[0]), function


@pytest.mark.parametrize("z", [0.0, 0.3, 1.0])
def test_slopes_of_yes_or_no_at_logit_zero(z):
    """Where classifiers start: max(x, 0) and abs(x) have no slope here, but their sum does."""
    zero = np.zeros(1)
    (slope,) = gradient(lambda x: sigmoid_cross_entropy_with_logits([z], x), zero)
    assert slope == pytest.approx(0.5 - z)
    (slope,) = gradient(lambda x: weighted_cross_entropy_with_logits([z], x, 3.0), zero)
    assert slope == pytest.approx((1 - z) / 2 - 3 * z / 2)


def test_swish_learns_its_beta():
    x, beta = np.array([1.5, -0.5]), np.array(0.7)
    s = 1 / (1 + np.exp(-beta * x))
    np.testing.assert_allclose(silu(x, beta), x * s)
    (slope,) = gradient(lambda b: silu(x, b), beta)
    assert slope == pytest.approx(np.sum(x * x * s * (1 - s)))


# -- losses ----------------------------------------------------------------------------------------


def test_labels_need_not_sum_to_one(rng):
    """A row of zeros masks an example out: no loss, and no gradient either."""
    labels, logits = np.array([[0.0, 0.0, 0.0], [0.0, 2.0, 1.0]]), rng.normal(size=(2, 3))
    loss = softmax_cross_entropy_with_logits(labels, logits)
    np.testing.assert_allclose(loss, -(labels * log_softmax(logits).numpy()).sum(-1))
    (slope,) = gradient(lambda x: softmax_cross_entropy_with_logits(labels, x), logits)
    expected = softmax(logits).numpy() * labels.sum(-1, keepdims=True) - labels
    np.testing.assert_allclose(slope, expected)
    assert not slope[0].any()


def test_classes_may_lie_along_any_axis_and_labels_be_integers(rng):
    labels, logits = np.eye(4, dtype=int)[[0, 3, 1]], rng.normal(size=(3, 4))
    expected = softmax_cross_entropy_with_logits(labels, logits)
    np.testing.assert_allclose(softmax_cross_entropy_with_logits(labels.T, logits.T, 0), expected)


def test_average_loss_of_a_shared_batch():
    losses = [1.0, 2.0, 3.0]
    assert float(compute_average_loss(losses)) == 2
    assert float(compute_average_loss(losses, [1, 0, 2])) == pytest.approx(7 / 3)
    assert float(compute_average_loss(losses, global_batch_size=12)) == 0.5
    assert float(compute_average_loss(np.zeros(0))) == 0


def test_the_full_poisson_loss_starts_above_one():
    z, c = np.array([0.0, 1.0, 2.0]), np.zeros(3)
    stirling = 2 * math.log(2) - 2 + 0.5 * math.log(4 * math.pi)
    np.testing.assert_allclose(log_poisson_loss(z, c, True), [1, 1, 1 + stirling])
    assert np.isfinite(gradient(lambda z: log_poisson_loss(z, c, True), z)[0]).all()


def test_losses_are_traced_without_a_batch_size(rng):
    logits, labels = rng.normal(size=(3, 4)), np.array([0, 3, 1])
    specs = [TensorSpec([None], "int64"), TensorSpec([None, None], "float64")]
    graph = trace(sparse_softmax_cross_entropy_with_logits, specs)
    assert graph.results[0].shape == (None,)
    expected = sparse_softmax_cross_entropy_with_logits(labels, logits)
    np.testing.assert_allclose(graph.run([labels, logits])[0], expected)
    with pytest.raises(Error, match=r"label 4 is outside of \[0, 4\)"):
        graph.run([labels + 1, logits])


# -- normalization ---------------------------------------------------------------------------------


def test_normalized_batches_have_mean_0_and_variance_1(rng):
    x = rng.normal(3, 2, size=(16, 5, 5, 4))
    y = batch_normalization(x, *moments(x, [0, 1, 2]), None, None, 0.0).numpy()
    np.testing.assert_allclose(y.mean((0, 1, 2)), 0, atol=1e-12)
    np.testing.assert_allclose(y.var((0, 1, 2)), 1)


def test_normalization_takes_no_gradient_from_shift_and_scale(rng):
    """What is normalized does not change with the mean and the scale of the input."""

    def normalized(x):
        y = batch_normalization(x, *moments(x, -1, keepdims=True), 1.0, 2.0, 0.0)
        return y**3

    x = rng.normal(size=(3, 7))
    (dx,) = gradient(normalized, x)
    np.testing.assert_allclose(dx.sum(-1), 0, atol=1e-12)
    np.testing.assert_allclose((dx * x).sum(-1), 0, atol=1e-12)


def test_weights_are_repetitions():
    x, often = np.array([1.0, 5.0, 2.0]), [3, 1, 2]
    mean, variance = weighted_moments(x, 0, often)
    repeated = np.repeat(x, often)
    assert (float(mean), float(variance)) == (repeated.mean(), pytest.approx(repeated.var()))


def test_local_response_looks_at_neighbours(rng):
    x = rng.normal(size=(1, 2, 2, 6))
    y = local_response_normalization(x, 1, bias=2.0, alpha=0.5, beta=0.75).numpy()
    around = (x[..., 1:4] ** 2).sum(-1)
    np.testing.assert_allclose(y[..., 2], x[..., 2] / (2 + 0.5 * around) ** 0.75)


# -- errors: the function, what was expected, what came, the user's line ---------------------------

WRONG = [
    (lambda: softmax([1.0, 2.0], axis=1), "axis 1 is out of range"),
    (lambda: softmax([1, 2]), "softmax: logits must be of floating type"),
    (lambda: sparse_softmax_cross_entropy_with_logits([0, 3], [[0.0] * 3] * 2),
     r"sparse_softmax_cross_entropy_with_logits: .*label 3 is outside of \[0, 3\)"),
    (lambda: sparse_softmax_cross_entropy_with_logits([0, -1], [[0.0] * 3] * 2), "label -1 is"),
    (lambda: sparse_softmax_cross_entropy_with_logits([[0, 1]], [[0.0] * 3] * 2),
     r"logits \(2, 3\) and labels \(1, 2\)"),
    (lambda: sparse_softmax_cross_entropy_with_logits([0.0], [[0.0] * 3]), "labels must be of int"),
    (lambda: softmax_cross_entropy_with_logits([0, 1], [[0.0] * 3] * 2),
     r"got \(2,\) and \(2, 3\); .*sparse form"),
    (lambda: sigmoid_cross_entropy_with_logits([1.0], [1.0, 2.0]), r"one shape, got \(1,\) and"),
    (lambda: weighted_cross_entropy_with_logits([1.0], [1.0, 2.0], 2.0), "one shape"),
    (lambda: compute_average_loss(1.0), "a loss for each example"),
    (lambda: local_response_normalization(np.ones(3)), r"\(batch, height, width, channels\)"),
    (lambda: moments([[1.0]], 2), "moments: axis 2 is out of range"),
]  # fmt: skip


@pytest.mark.parametrize("number", range(len(WRONG)))
def test_mistakes_are_told_with_the_line_that_made_them(number):
    mistake, message = WRONG[number]
    with pytest.raises(InvalidArgumentError, match=message) as caught:
        mistake()
    assert str(caught.value).count("[in test_ops_nn.py:") == 1


# -- losses over some of the classes ------------------------------------------------------------


def sampled_case():
    """Return a table, biases, true classes, inputs, and what a sampler has drawn for them."""
    rng = np.random.default_rng(0)
    table, biases, inputs = rng.normal(size=(9, 4)), rng.normal(size=9), rng.normal(size=(2, 4))
    drawn = (np.array([3, 7, 0]), np.array([[0.5], [0.25]]), np.array([0.5, 1.5, 0.75]))
    return table, biases, np.array([[3], [5]]), inputs, drawn


def sampled_logits(table, biases, labels, inputs, drawn):
    sampled, true_count, count = drawn
    logits = inputs @ table.T + biases
    true = np.take_along_axis(logits, labels, 1) - np.log(true_count)
    return np.concatenate([true, logits[:, sampled] - np.log(count)], 1)


def test_nce_tells_true_classes_from_drawn_ones():
    *data, drawn = sampled_case()
    found = tf.nn.nce_loss(*data, 3, 9, sampled_values=drawn)
    logits = sampled_logits(*data, drawn)
    truth = np.array([[1.0, 0.0, 0.0, 0.0]] * 2)
    expected = np.log1p(np.exp(-logits)) * truth + np.log1p(np.exp(logits)) * (1 - truth)
    np.testing.assert_allclose(found, expected.sum(1))


def test_a_sampled_softmax_leaves_out_true_classes_that_were_drawn():
    *data, drawn = sampled_case()
    logits = sampled_logits(*data, drawn)
    for remove in (False, True):
        logits[0, 1] = -np.inf if remove else logits[0, 1]
        found = tf.nn.sampled_softmax_loss(*data, 3, 9, 1, drawn, remove_accidental_hits=remove)
        expected = np.log(np.exp(logits).sum(1)) - logits[:, 0]
        np.testing.assert_allclose(found, expected)


def test_a_sampled_softmax_over_all_classes_is_the_softmax():
    table, biases, labels, inputs, _ = sampled_case()
    everything = (np.arange(9), np.ones((2, 1)), np.ones(9))
    found = tf.nn.sampled_softmax_loss(table, biases, labels, inputs, 9, 9, 1, everything)
    dense = sparse_softmax_cross_entropy_with_logits(labels[:, 0], inputs @ table.T + biases)
    np.testing.assert_allclose(found, dense, rtol=1e-5)


def test_tables_learn_by_sampled_losses_in_graphs_too():
    table, biases = tf.Variable(tf.zeros([9, 4])), tf.Variable(tf.zeros([9]))
    inputs, labels = tf.one_hot([0, 1, 2], 4), [[4], [5], [6]]

    @tf.function
    def step():
        with tf.GradientTape() as tape:
            loss = tf.reduce_mean(tf.nn.nce_loss(table, biases, labels, inputs, 3, 9))
        for variable, slope in zip([table, biases],
                                   tape.gradient(loss, [table, biases]), strict=True):  # fmt: skip
            variable.assign_sub(slope)
        return loss

    for _ in range(100):
        step()
    best = tf.argmax(tf.matmul(inputs, table, transpose_b=True) + biases, 1)
    assert best.numpy().tolist() == [4, 5, 6]
    with pytest.raises(Error, match=r"nce_loss: .*num_true=2"):
        tf.nn.nce_loss(table, biases, labels, inputs, 3, 9, num_true=2)
