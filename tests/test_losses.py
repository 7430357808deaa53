"""Losses: what real Keras' stored values (test_keras_reference) do not show."""

import inspect
import warnings

import numpy as np
import pytest

import minitf as tf
from minitf import errors, keras

RNG = np.random.default_rng(0)
LABELS = RNG.integers(0, 3, 8)
LOGITS = RNG.normal(size=(8, 3)).astype("float32")
ONE_HOT = np.eye(3, dtype="float32")[LABELS]


def softmax(x):
    e = np.exp(x - x.max(-1, keepdims=True))
    return e / e.sum(-1, keepdims=True)


def surprise(x=LOGITS):
    """The cross-entropy of each example, by its definition."""
    return -np.log(softmax(x)[np.arange(8), LABELS])


# ---- cross-entropies agree with each other


@pytest.mark.parametrize(
    ("loss", "y_true", "y_pred"),
    [
        (keras.losses.SparseCategoricalCrossentropy(), LABELS, softmax(LOGITS)),
        (keras.losses.SparseCategoricalCrossentropy(from_logits=True), LABELS, LOGITS),
        (keras.losses.SparseCategoricalCrossentropy(), LABELS[:, None], softmax(LOGITS)),
        (keras.losses.CategoricalCrossentropy(), ONE_HOT, softmax(LOGITS)),
        (keras.losses.CategoricalCrossentropy(from_logits=True), ONE_HOT, LOGITS),
        (keras.losses.KLDivergence(), ONE_HOT, softmax(LOGITS)),
    ],
)
def test_cross_entropy_is_the_mean_surprise(loss, y_true, y_pred):
    np.testing.assert_allclose(loss(y_true, y_pred), surprise().mean(), rtol=1e-5)


def test_two_classes_are_a_yes_or_no():
    binary = keras.losses.binary_crossentropy([[1.0], [0.0]], [[0.3], [0.4]])
    one_of_two = keras.losses.sparse_categorical_crossentropy([1, 0], [[0.7, 0.3], [0.6, 0.4]])
    np.testing.assert_allclose(binary, one_of_two, rtol=1e-5)


# ---- probabilities whose logits are still there


def slope_of(loss, activation, logit, label):
    """Return loss and slope where the prediction is an activation of a logit, in a graph."""

    @tf.function
    def run(x):
        with tf.GradientTape() as tape:
            tape.watch(x)
            value = loss(label, activation(x))
        return value, tape.gradient(value, x)

    value, slope = run(tf.constant(logit))
    return float(value), slope.numpy()


def test_in_a_graph_a_sigmoid_is_judged_by_its_logit():
    loss = keras.losses.BinaryCrossentropy()
    value, slope = slope_of(loss, tf.sigmoid, [[200.0]], [[0.0]])
    assert value == 200.0  # from the probability, 1.0, no more than log(1e7) = 16 is left
    np.testing.assert_allclose(slope, [[1.0]])


@pytest.mark.parametrize(
    ("loss", "label"),
    [
        (keras.losses.SparseCategoricalCrossentropy(), [1]),
        (keras.losses.CategoricalCrossentropy(), [[0.0, 1.0]]),
    ],
)
def test_in_a_graph_a_softmax_is_judged_by_its_logits(loss, label):
    value, slope = slope_of(loss, tf.nn.softmax, [[200.0, 0.0]], label)
    assert value == 200.0
    np.testing.assert_allclose(slope, [[1.0, -1.0]])


def test_a_softmax_over_another_axis_has_no_logits_for_this_one():
    loss = keras.losses.SparseCategoricalCrossentropy()
    value, _ = slope_of(loss, lambda x: tf.nn.softmax(x, axis=0), [[0.0, 2.0], [0.0, 0.0]], [0, 1])
    columns = softmax(np.array([[0.0, 2.0], [0.0, 0.0]]).T).T
    expected = -np.log(columns / columns.sum(-1, keepdims=True))[[0, 1], [0, 1]].mean()
    np.testing.assert_allclose(value, expected, rtol=1e-5)


def test_without_a_graph_probabilities_stay_away_from_0():
    loss = keras.losses.SparseCategoricalCrossentropy()([0], [[0.0, 1.0]])
    np.testing.assert_allclose(loss, -np.log(1e-7), rtol=1e-4)


def test_logits_that_are_probabilities_are_suspicious():
    loss = keras.losses.BinaryCrossentropy(from_logits=True)
    with pytest.warns(UserWarning, match="comes out of a sigmoid"):
        slope_of(loss, tf.sigmoid, [[0.5]], [[1.0]])


def test_a_softmax_over_one_class_is_suspicious():
    with pytest.warns(SyntaxWarning, match="one class"):
        keras.losses.categorical_crossentropy([[1.0]], [[1.0]])


def test_nothing_is_suspicious_about_logits():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        slope_of(keras.losses.BinaryCrossentropy(from_logits=True), tf.identity, [[0.5]], [[1.0]])


# ---- weights, masks, reductions


def test_weights_of_examples_count_for_all_their_steps():
    y_true, y_pred = np.zeros((2, 2, 1), "float32"), np.ones((2, 2, 1), "float32")
    loss = keras.losses.MeanSquaredError(reduction="none")
    weighted = loss(y_true, y_pred, sample_weight=[1.0, 3.0])
    np.testing.assert_array_equal(weighted, [[1.0, 1.0], [3.0, 3.0]])


def test_masked_steps_are_not_averaged():
    y_pred = tf.constant([[[1.0], [5.0]], [[3.0], [9.0]]])
    y_pred._keras_mask = tf.constant([[True, False], [True, False]])
    loss = keras.losses.MeanAbsoluteError()(np.zeros((2, 2, 1)), y_pred)
    assert float(loss) == 2.0


def test_an_ignored_class_is_not_averaged():
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True, ignore_class=0)
    assert (LABELS == 0).any()
    np.testing.assert_allclose(loss(LABELS, LOGITS), surprise()[LABELS != 0].mean(), rtol=1e-5)


def test_a_batch_of_open_size_may_be_empty():
    loss = keras.losses.MeanSquaredError()
    spec = tf.TensorSpec([None, 2], tf.float32)
    run = tf.function(lambda y: loss(y, y + 1.0), input_signature=[spec])
    assert float(run(tf.zeros([3, 2]))) == 1.0
    assert float(run(tf.zeros([0, 2]))) == 0.0


def test_the_old_names_of_reductions():
    assert keras.losses.MeanSquaredError(reduction="auto").reduction == "sum_over_batch_size"
    each = keras.losses.MeanSquaredError(reduction=keras.losses.Reduction.NONE)
    assert each([[1.0], [2.0]], [[0.0], [0.0]]).numpy().tolist() == [1.0, 4.0]


# ---- own losses


class Pinball(keras.losses.Loss):
    """Asks for a quantile."""

    def __init__(self, quantile=0.5, **kwargs):
        super().__init__(**kwargs)
        self.quantile = quantile

    def call(self, y_true, y_pred):
        error = y_true - y_pred
        return tf.reduce_mean(tf.maximum(self.quantile * error, (self.quantile - 1) * error), -1)

    def get_config(self):
        return {**super().get_config(), "quantile": self.quantile}


def test_a_loss_of_a_program():
    loss = Pinball(0.9)
    assert loss.name.startswith("pinball")
    assert float(loss([[1], [0]], [[0.0], [1.0]])) == pytest.approx(0.5)
    again = keras.losses.deserialize(keras.losses.serialize(loss), {"Pinball": Pinball})
    assert again.quantile == 0.9
    assert again.name == loss.name


def test_a_loss_may_compare_dictionaries():
    class Both(keras.losses.Loss):
        def call(self, y_true, y_pred):
            return abs(y_true["a"] - y_pred["a"]) + abs(y_true["b"] - y_pred["b"])

    loss = Both()({"a": [1.0], "b": [2.0]}, {"a": [0.0], "b": [0.0]})
    assert float(loss) == 3.0


def test_a_loss_may_compare_lists_of_tensors_of_different_shapes():
    class Features(keras.losses.Loss):
        def call(self, y_true, y_pred):
            assert all(t.dtype == tf.float32 for t in (*y_true, *y_pred))
            return sum(tf.reduce_sum(abs(t - p)) for t, p in zip(y_true, y_pred, strict=True))

    wide, narrow = np.ones((2, 3)), tf.ones((4,))
    assert Features()([wide, narrow], [wide + 1, narrow]) == 6
    pair = tf.constant([1.0, 2.0]), tf.constant([3.0, 4.0])
    assert keras.losses.MeanSquaredError()(list(pair), [pair[0], pair[0]]) == 2
    assert keras.losses.MeanSquaredError()([1, 2], [1.0, 4.0]) == 2


def test_labels_arrive_as_floats_in_a_function_of_a_program():
    loss = keras.losses.LossFunctionWrapper(lambda y_true, y_pred: y_true - y_pred, name="mine")
    assert float(loss(np.array([2, 4]), [1.0, 1.0])) == 2.0


def test_a_wrapped_formula_is_found_again():
    loss = keras.losses.LossFunctionWrapper(keras.losses.huber, name="mine", delta=2.0)
    again = keras.losses.deserialize(keras.losses.serialize(loss))
    assert (again.fn, again.delta, again.name) == (keras.losses.huber, 2.0, "mine")


# ---- names


@pytest.mark.parametrize(
    ("name", "function"),
    [
        ("mse", keras.losses.mean_squared_error),
        ("MSE", keras.losses.mean_squared_error),
        ("mean_absolute_error", keras.losses.mean_absolute_error),
        ("bce", keras.losses.binary_crossentropy),
        ("kullback_leibler_divergence", keras.losses.kl_divergence),
        ("logcosh", keras.losses.log_cosh),
        ("huber_loss", keras.losses.huber),
    ],
)
def test_functions_by_name(name, function):
    assert keras.losses.get(name) is function


@pytest.mark.parametrize("name", [n for n in keras.losses.__all__ if n[:2] != n[:2].upper()])
def test_classes_by_name(name):
    thing = getattr(keras.losses, name)
    if inspect.isclass(thing) and name not in ("Loss", "LossFunctionWrapper", "Reduction"):
        assert type(keras.losses.get(name)) is thing
        assert type(keras.losses.get({"class_name": name, "config": {}})) is thing


def test_none_and_objects_stay():
    loss = keras.losses.Huber()
    assert keras.losses.get(None) is None
    assert keras.losses.get(loss) is loss
    assert type(keras.losses.get(keras.losses.Huber)) is keras.losses.Huber


# ---- what is refused


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (
            lambda: keras.losses.CategoricalCrossentropy()(LABELS, LOGITS),
            r"truth has shape \(8,\), the prediction \(8, 3\).*sparse_categorical_crossentropy",
        ),
        (
            lambda: keras.losses.SparseCategoricalCrossentropy()(ONE_HOT, LOGITS),
            r"truth has shape \(8, 3\).*one-hot labels go with categorical_crossentropy",
        ),
        (
            lambda: keras.losses.SparseCategoricalCrossentropy()([5], [[0.5, 0.5]]),
            r"label 5 is outside of \[0, 2\)",
        ),
        (
            lambda: keras.losses.BinaryCrossentropy()([0.0, 1.0], [[0.5, 0.5], [0.5, 0.5]]),
            r"binary_crossentropy: the truth has shape \(2,\), the prediction \(2, 2\)",
        ),
        (lambda: keras.losses.MeanSquaredError()([[1.0, 2.0]], [[1.0, 2.0, 3.0]]), "squared_diff"),
        (lambda: keras.losses.MeanSquaredError(reduction="average"), "unknown reduction 'average'"),
        (lambda: keras.losses.get("mean_square_error"), "did you mean 'mean_squared_error'"),
        (lambda: keras.losses.get(3), "cannot understand 3 as loss"),
        (
            lambda: keras.losses.sparse_categorical_crossentropy([0], [[0.5, 0.5]], axis=0),
            "last axis",
        ),
        (lambda: keras.losses.Loss()([1.0], [1.0]), "Loss does not say what an example costs"),
    ],
)
def test_is_refused(call, message):
    with pytest.raises((errors.Error, NotImplementedError), match=message):
        call()


def test_a_loss_without_a_return_is_named():
    def forgetful(y_true, y_pred):
        keras.ops.mean(y_true - y_pred)

    model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(1)])
    model.compile("sgd", forgetful)
    with pytest.raises(TypeError, match="the loss 'forgetful' returned None: does it lack a retu"):
        model.fit(np.ones((4, 2)), np.ones((4, 1)), verbose=0)
