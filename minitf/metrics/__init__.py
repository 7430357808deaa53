"""Metrics: numbers about many batches, for people to watch."""

from typing import Any

from minitf.metrics.accuracy import (
    Accuracy,
    BinaryAccuracy,
    CategoricalAccuracy,
    SparseCategoricalAccuracy,
    SparseTopKCategoricalAccuracy,
    TopKCategoricalAccuracy,
    accuracy,
    binary_accuracy,
    categorical_accuracy,
    sparse_categorical_accuracy,
    sparse_top_k_categorical_accuracy,
    top_k_categorical_accuracy,
)
from minitf.metrics.area import AUC
from minitf.metrics.confusion import FalseNegatives, FalsePositives, TrueNegatives, TruePositives
from minitf.metrics.fscore import F1Score, FBetaScore
from minitf.metrics.metric import Metric
from minitf.metrics.overlap import BinaryIoU, IoU, MeanIoU, OneHotIoU, OneHotMeanIoU
from minitf.metrics.probability import (
    BinaryCrossentropy,
    CategoricalCrossentropy,
    CategoricalHinge,
    Hinge,
    KLDivergence,
    Perplexity,
    Poisson,
    SparseCategoricalCrossentropy,
    SquaredHinge,
)
from minitf.metrics.reduction import Mean, MeanMetricWrapper, MeanTensor, Sum
from minitf.metrics.regression import (
    ConcordanceCorrelation,
    CosineSimilarity,
    LogCoshError,
    MeanAbsoluteError,
    MeanAbsolutePercentageError,
    MeanSquaredError,
    MeanSquaredLogarithmicError,
    PearsonCorrelation,
    R2Score,
    RootMeanSquaredError,
    concordance_correlation,
    pearson_correlation,
)
from minitf.metrics.retrieval import (
    Precision,
    PrecisionAtRecall,
    Recall,
    RecallAtPrecision,
    SensitivityAtSpecificity,
    SpecificityAtSensitivity,
)
from minitf.naming import snake_case
from minitf.scoring import (
    FUNCTIONS,
    binary_crossentropy,
    binary_focal_crossentropy,
    categorical_crossentropy,
    categorical_focal_crossentropy,
    categorical_generalized_cross_entropy,
    categorical_hinge,
    circle,
    cosine_similarity,
    dice,
    hinge,
    huber,
    kl_divergence,
    log_cosh,
    mean_absolute_error,
    mean_absolute_percentage_error,
    mean_squared_error,
    mean_squared_logarithmic_error,
    poisson,
    sparse_categorical_crossentropy,
    squared_hinge,
    tversky,
)
from minitf.serialization import deserialize_keras_object, look_up, serialize_keras_object

mse = MSE = mean_squared_error
mae = MAE = mean_absolute_error
mape = MAPE = mean_absolute_percentage_error
msle = MSLE = mean_squared_logarithmic_error
bce = BCE = binary_crossentropy
kld = KLD = kullback_leibler_divergence = kl_divergence
logcosh = log_cosh
huber_loss = huber

CLASSES = (
    AUC, Accuracy, BinaryAccuracy, BinaryCrossentropy, BinaryIoU, CategoricalAccuracy,
    CategoricalCrossentropy, CategoricalHinge, ConcordanceCorrelation, CosineSimilarity, F1Score,
    FBetaScore, FalseNegatives, FalsePositives, Hinge, IoU, KLDivergence, LogCoshError, Mean,
    MeanAbsoluteError, MeanAbsolutePercentageError, MeanIoU, MeanSquaredError,
    MeanSquaredLogarithmicError, MeanTensor, OneHotIoU, OneHotMeanIoU, PearsonCorrelation,
    Perplexity, Poisson, Precision, PrecisionAtRecall, R2Score, Recall, RecallAtPrecision,
    RootMeanSquaredError, SensitivityAtSpecificity, SparseCategoricalAccuracy,
    SparseCategoricalCrossentropy, SparseTopKCategoricalAccuracy, SpecificityAtSensitivity,
    SquaredHinge, Sum, TopKCategoricalAccuracy, TrueNegatives, TruePositives,
)  # fmt: skip
ACCURACIES = {
    function.__name__: function
    for function in (
        accuracy, binary_accuracy, categorical_accuracy, concordance_correlation,
        pearson_correlation, sparse_categorical_accuracy, sparse_top_k_categorical_accuracy,
        top_k_categorical_accuracy,
    )
}  # fmt: skip
SHORT = {
    "acc": Accuracy, "bce": BinaryCrossentropy, "kld": KLDivergence, "mae": MeanAbsoluteError,
    "mape": MeanAbsolutePercentageError, "mse": MeanSquaredError,
    "msle": MeanSquaredLogarithmicError, "rmse": RootMeanSquaredError,
}  # fmt: skip
# A name stands for a metric with a state where there is one, else for the function.
KNOWN: dict[str, Any] = {
    **FUNCTIONS,
    **{snake_case(cls.__name__): cls for cls in CLASSES},
    **{cls.__name__: cls for cls in CLASSES},
    **{spelling: cls for name, cls in SHORT.items() for spelling in (name, name.upper())},
}


def get(identifier: Any) -> Any:
    """Return the metric that a program means by a name, a config, a class, or the metric itself.

    Parameters
    ----------
    identifier : str, dict, class, function, Metric or None
        Names are those of classes in either spelling (``"AUC"``, ``"mean_io_u"``), and short
        ones (``"acc"``, ``"mse"``).

    Returns
    -------
    Metric, function or None

    Raises
    ------
    InvalidArgumentError
        For an unknown name; the nearest one is suggested.

    Examples
    --------
    >>> from minitf import keras
    >>> keras.metrics.get("mse")
    <MeanSquaredError name=mean_squared_error>
    """
    return look_up(identifier, "metric", KNOWN)


def serialize(metric: Any) -> Any:
    """Return the config of a metric.

    Examples
    --------
    >>> from minitf import keras
    >>> keras.metrics.serialize(keras.metrics.AUC(name="area"))["config"]["name"]
    'area'
    """
    return serialize_keras_object(metric)


def deserialize(config: Any, custom_objects: Any = None) -> Any:
    """Return the metric that a config, or a name, describes.

    Examples
    --------
    >>> from minitf import keras
    >>> config = keras.metrics.serialize(keras.metrics.AUC(curve="PR"))
    >>> keras.metrics.deserialize(config).curve
    'PR'
    """
    if isinstance(config, str) and config not in (custom_objects or {}):
        return get(config)
    functions = {**FUNCTIONS, **ACCURACIES, **(custom_objects or {})}
    return deserialize_keras_object(config, functions)


__all__ = [
    *(cls.__name__ for cls in CLASSES), *FUNCTIONS, *(n for n in ACCURACIES if n != "accuracy"),
    "Metric", "MeanMetricWrapper", "deserialize", "get", "serialize",
]  # fmt: skip
