"""Metrics: what real Keras' stored values (test_keras_reference) do not show."""

import inspect

import numpy as np
import pytest

import minitf as tf
from minitf import errors, keras

RNG = np.random.default_rng(0)
# Objects that need arguments, by class.
ARGUMENTS = {
    "IoU": {"num_classes": 2, "target_class_ids": [0]},
    "MeanIoU": {"num_classes": 2},
    "OneHotIoU": {"num_classes": 2, "target_class_ids": [1]},
    "OneHotMeanIoU": {"num_classes": 2},
    "PrecisionAtRecall": {"recall": 0.5},
    "RecallAtPrecision": {"precision": 0.5},
    "SensitivityAtSpecificity": {"specificity": 0.5},
    "SpecificityAtSensitivity": {"sensitivity": 0.5},
}
CLASSES = [
    thing
    for name in keras.metrics.__all__
    if inspect.isclass(thing := getattr(keras.metrics, name))
    and name not in ("Metric", "MeanMetricWrapper")
]
Y_TRUE = np.array([[0, 1], [1, 0], [1, 0], [0, 1]], "float32")
Y_PRED = RNG.random((4, 2)).astype("float32")


def make(cls):
    return cls(**ARGUMENTS.get(cls.__name__, {}))


def batch_for(cls):
    """Return arguments of update_state that this metric understands."""
    name = cls.__name__
    if name in ("Mean", "Sum", "MeanTensor"):
        return (Y_PRED,)
    if name == "Perplexity":
        return Y_TRUE.argmax(-1)[None], Y_PRED[None]
    if name.startswith("Sparse"):
        return Y_TRUE.argmax(-1), Y_PRED
    return (Y_TRUE, Y_TRUE) if name in ("IoU", "MeanIoU") else (Y_TRUE, Y_PRED)


# ---- what holds for all of them


@pytest.mark.parametrize("cls", CLASSES, ids=lambda cls: cls.__name__)
def test_starts_anew_after_a_reset(cls):
    metric, batch = make(cls), batch_for(cls)
    first = np.array(metric(*batch))
    metric.update_state(*(b[:, ::-1] if b.ndim == 2 else b for b in batch))
    metric.reset_state()
    assert all(not v.numpy().any() for v in metric.variables)
    np.testing.assert_array_equal(metric(*batch), first)


@pytest.mark.parametrize("cls", CLASSES, ids=lambda cls: cls.__name__)
def test_is_first_used_inside_a_graph_whose_batches_differ_in_size(cls):
    batch = batch_for(cls)
    if len(batch[0]) < 2 or cls.__name__ == "MeanTensor":
        pytest.skip("one example, or Tensors of one shape")
    metric, eager = make(cls), make(cls)
    specs = [tf.TensorSpec([None, *b.shape[1:]], tf.as_dtype(b.dtype)) for b in batch]
    step = tf.function(metric, input_signature=specs)
    for part in (slice(0, 1), slice(1, 4)):
        traced = step(*(tf.constant(b[part]) for b in batch))
        np.testing.assert_allclose(traced, eager(*(b[part] for b in batch)), rtol=1e-6)
    assert step.experimental_get_tracing_count() == 1


@pytest.mark.parametrize("cls", CLASSES, ids=lambda cls: cls.__name__)
def test_a_config_makes_the_same_metric(cls):
    metric = make(cls)
    again = keras.metrics.deserialize(keras.metrics.serialize(metric))
    assert type(again) is cls
    assert again.get_config() == metric.get_config()
    np.testing.assert_array_equal(again(*batch_for(cls)), metric(*batch_for(cls)))


@pytest.mark.parametrize("cls", CLASSES, ids=lambda cls: cls.__name__)
def test_is_found_by_its_name(cls):
    if cls.__name__ not in ARGUMENTS:
        assert type(keras.metrics.get(cls.__name__)) is cls


@pytest.mark.parametrize(
    ("name", "cls"),
    [
        ("acc", keras.metrics.Accuracy),
        ("mse", keras.metrics.MeanSquaredError),
        ("MAE", keras.metrics.MeanAbsoluteError),
        ("auc", keras.metrics.AUC),
        ("f1_score", keras.metrics.F1Score),
        ("sparse_categorical_accuracy", keras.metrics.SparseCategoricalAccuracy),
        ("cosine_similarity", keras.metrics.CosineSimilarity),
    ],
)
def test_short_and_snake_case_names(name, cls):
    assert type(keras.metrics.get(name)) is cls


def test_none_functions_and_objects_stay():
    metric = keras.metrics.AUC()
    assert keras.metrics.get(None) is None
    assert keras.metrics.get(metric) is metric
    assert keras.metrics.get(keras.metrics.binary_accuracy) is keras.metrics.binary_accuracy


# ---- by hand


def test_auc_counts_how_often_a_positive_stands_above_a_negative():
    y_true, y_pred = RNG.integers(0, 2, 200), RNG.random(200)
    above = y_pred[y_true == 1][:, None] > y_pred[y_true == 0]
    area = keras.metrics.AUC(num_thresholds=5000)(y_true, y_pred)
    assert float(area) == pytest.approx(above.mean(), abs=2e-3)


@pytest.mark.parametrize("thresholds", [[0.2, 0.3, 0.7], [0.25, 0.5, 0.75], [0.0, 0.5, 1.0]])
def test_counts_at_thresholds_even_or_not(thresholds):
    """The quick way for even thresholds counts as the plain one does, on the border too."""
    y_true = RNG.integers(0, 2, 60)
    y_pred = RNG.integers(0, 21, 60).astype("float32") / 20
    for name, said, true in (
        ("TruePositives", True, 1),
        ("FalsePositives", True, 0),
        ("TrueNegatives", False, 0),
        ("FalseNegatives", False, 1),
    ):
        found = getattr(keras.metrics, name)(thresholds)(y_true, y_pred)
        limits = np.float32(thresholds)[:, None]
        expected = (((y_pred > limits) == said) & (y_true == true)).sum(1)
        np.testing.assert_array_equal(found, expected, name)


def test_weights_may_have_the_shape_of_the_labels():
    each = keras.metrics.TruePositives()
    each.update_state([[1, 1]], [[0.9, 0.8]], sample_weight=[[2.0, 3.0]])
    each.update_state([1, 1], [0.9, 0.8], sample_weight=[[1.0], [1.0]])
    assert float(each.result()) == 7.0


def test_perplexity_counts_tokens_not_sequences():
    probabilities = np.array([[[0.5, 0.5], [0.25, 0.75]], [[0.9, 0.1], [0.5, 0.5]]], "float32")
    tokens = np.array([[1, 1], [1, 0]])
    metric = keras.metrics.Perplexity(mask_token_id=0)
    metric.update_state(tokens[:1], probabilities[:1])
    found = metric(tokens[1:], probabilities[1:])
    expected = np.exp(-np.log([0.5, 0.75, 0.1]).mean())
    np.testing.assert_allclose(found, expected, rtol=1e-5)
    uniform = keras.metrics.Perplexity(from_logits=True)(tokens, np.zeros((2, 2, 7), "float32"))
    np.testing.assert_allclose(uniform, 7.0, rtol=1e-5)


def test_perplexity_takes_weights_of_sequences_and_masks():
    y_pred = tf.constant([[[0.5, 0.5], [0.9, 0.1]], [[0.25, 0.75], [0.5, 0.5]]])
    tokens = np.array([[0, 0], [0, 0]])
    weighted = keras.metrics.Perplexity()(tokens, y_pred, sample_weight=[1.0, 0.0])
    np.testing.assert_allclose(weighted, np.exp(-np.log([0.5, 0.9]).mean()), rtol=1e-5)
    y_pred._keras_mask = tf.constant([[True, False], [True, False]])
    masked = keras.metrics.Perplexity()(tokens, y_pred)
    np.testing.assert_allclose(masked, np.exp(-np.log([0.5, 0.25]).mean()), rtol=1e-5)


def test_masked_steps_are_not_counted():
    y_pred = tf.constant([[[0.9, 0.1], [0.1, 0.9]]])
    y_pred._keras_mask = tf.constant([[True, False]])
    metric = keras.metrics.SparseCategoricalAccuracy()
    assert float(metric(np.array([[0, 0]]), y_pred)) == 1.0


def test_r2_is_adjusted_for_the_number_of_inputs():
    y_true, y_pred = np.array([[1.0], [2.0], [4.0], [8.0]]), np.array([[1.0], [3.0], [4.0], [7.0]])
    plain = float(keras.metrics.R2Score()(y_true, y_pred))
    expected = 1 - 2.0 / ((y_true - y_true.mean()) ** 2).sum()
    assert plain == pytest.approx(expected, rel=1e-5)
    adjusted = keras.metrics.R2Score(num_regressors=1)(y_true, y_pred)
    assert float(adjusted) == pytest.approx(1 - (1 - expected) * 3 / 2, rel=1e-5)
    too_many = keras.metrics.R2Score(num_regressors=3)(y_true, y_pred)
    assert float(too_many) == pytest.approx(expected, rel=1e-5)


# ---- own metrics


class Longest(keras.metrics.Metric):
    """The longest number, as programs of tf.keras 2 write it."""

    def __init__(self, name="longest", **kwargs):
        super().__init__(name=name, **kwargs)
        self.longest = self.add_weight("longest", initializer="zeros")
        self.inner = keras.metrics.Mean()

    def update_state(self, y_true, y_pred, sample_weight=None):
        self.longest.assign(tf.maximum(self.longest, tf.reduce_max(tf.cast(y_pred, self.dtype))))
        self.inner.update_state(y_pred)

    def result(self):
        return self.longest

    def reset_states(self):
        self.longest.assign(0.0)
        super().reset_states()


def test_a_metric_of_a_program():
    metric = Longest()
    assert [v.name for v in metric.variables] == ["longest", "total", "count"]
    assert float(metric(None, [1.0, 3.0])) == 3.0
    metric.reset_state()
    assert [float(v) for v in metric.variables] == [0.0, 0.0, 0.0]
    assert float(tf.function(metric)(0.0, tf.constant([2.0]))) == 2.0


def test_a_reset_that_a_program_writes():
    class Kept(keras.metrics.Mean):
        def reset_state(self):
            self.total.assign(100.0)

    metric = Kept()
    metric.reset_states()
    assert float(metric.total) == 100.0


def test_a_metric_that_forgets_super():
    class Hasty(keras.metrics.Metric):
        def __init__(self):
            self.add_weight("count")

    with pytest.raises(errors.Error, match=r"call super\(\).__init__\(\)"):
        Hasty()


def test_unnamed_metrics_are_numbered():
    first, second = (keras.metrics.Precision().name for _ in range(2))
    assert first != second
    assert {first.rstrip("_0123456789"), second.rstrip("_0123456789")} == {"precision"}


def test_state_can_be_passed_in_and_out():
    metric = keras.metrics.Mean()
    state = metric.stateless_reset_state()
    state = metric.stateless_update_state(state, [1.0, 3.0])
    state = metric.stateless_update_state(state, [5.0])
    assert float(metric.stateless_result(state)) == 3.0
    assert float(metric.count) == 0.0
    with pytest.raises(errors.Error, match="2 values, got 1"):
        metric.stateless_result(state[:1])


def test_a_wrapped_formula_is_found_again():
    metric = keras.metrics.MeanMetricWrapper(keras.losses.huber, name="mine", delta=2.0)
    again = keras.metrics.deserialize(keras.metrics.serialize(metric))
    assert (again.fn, again.delta, again.name) == (keras.losses.huber, 2.0, "mine")


# ---- what is refused


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (
            lambda: keras.metrics.CategoricalAccuracy()([0, 1], Y_PRED[:2]),
            "numbers of classes go with sparse_categorical_accuracy",
        ),
        (
            lambda: keras.metrics.SparseCategoricalAccuracy()(Y_TRUE, Y_PRED),
            "one-hot labels go with categorical_accuracy",
        ),
        (lambda: keras.metrics.AUC()([0, 1], [[0.1, 0.2]]), "one shape is needed"),
        (lambda: keras.metrics.AUC(curve="ROK"), "curve is one of ROC, PR, PRGAIN, got 'ROK'"),
        (lambda: keras.metrics.AUC(multi_label=True)([0], [0.5]), r"shape \(batch, labels\)"),
        (lambda: keras.metrics.Precision(thresholds=2.0), "between 0 and 1"),
        (lambda: keras.metrics.F1Score().result(), "no batch was seen"),
        (lambda: keras.metrics.F1Score(average="all"), "average is one of"),
        (lambda: keras.metrics.MeanTensor(shape=[2])([1.0]), r"shape \(2,\), this one has \(1,\)"),
        (lambda: keras.metrics.get("acuracy"), "did you mean 'accuracy'"),
        (lambda: keras.metrics.Metric().result(), "Metric does not say what its state means"),
    ],
)
def test_is_refused(call, message):
    with pytest.raises((errors.Error, NotImplementedError), match=message):
        call()


def test_r2_score_computes_in_its_dtype():
    metric = keras.metrics.R2Score(dtype="float64")
    metric.update_state([[1.0], [2.0], [4.0]], [[1.5], [2.0], [3.0]])
    assert metric.result().dtype.name == "float64"
    np.testing.assert_allclose(float(metric.result()), 1 - 1.25 / (14 / 3), rtol=1e-12)
