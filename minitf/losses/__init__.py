"""Losses: what training makes small.

Each loss is there twice: as a function (`mean_squared_error`), which returns what each example
costs, and as a class (`MeanSquaredError`), whose objects weigh, mask and average that.
"""

from typing import Any

from minitf.losses.loss import Loss, Reduction
from minitf.losses.margin import CategoricalHinge, Circle, Dice, Hinge, SquaredHinge, Tversky
from minitf.losses.probability import (
    BinaryCrossentropy,
    BinaryFocalCrossentropy,
    CategoricalCrossentropy,
    CategoricalFocalCrossentropy,
    CategoricalGeneralizedCrossEntropy,
    KLDivergence,
    Poisson,
    SparseCategoricalCrossentropy,
)
from minitf.losses.regression import (
    CosineSimilarity,
    Huber,
    LogCosh,
    MeanAbsoluteError,
    MeanAbsolutePercentageError,
    MeanSquaredError,
    MeanSquaredLogarithmicError,
)
from minitf.losses.wrapper import LossFunctionWrapper
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

bce = BCE = binary_crossentropy
mse = MSE = mean_squared_error
mae = MAE = mean_absolute_error
mape = MAPE = mean_absolute_percentage_error
msle = MSLE = mean_squared_logarithmic_error
kld = KLD = kullback_leibler_divergence = kl_divergence
logcosh = log_cosh
huber_loss = huber

CLASSES = (
    BinaryCrossentropy, BinaryFocalCrossentropy, CategoricalCrossentropy,
    CategoricalFocalCrossentropy, CategoricalGeneralizedCrossEntropy, CategoricalHinge, Circle,
    CosineSimilarity, Dice, Hinge, Huber, KLDivergence, LogCosh, MeanAbsoluteError,
    MeanAbsolutePercentageError, MeanSquaredError, MeanSquaredLogarithmicError, Poisson,
    SparseCategoricalCrossentropy, SquaredHinge, Tversky,
)  # fmt: skip
KNOWN: dict[str, Any] = {**FUNCTIONS, **{cls.__name__: cls for cls in CLASSES}}


def get(identifier: Any) -> Any:
    """Return the loss that a program means by a name, a config, a class, or the loss itself.

    Parameters
    ----------
    identifier : str, dict, class, function, Loss or None
        ``"mse"`` and ``"mean_squared_error"`` name a function, ``"MeanSquaredError"`` a class.

    Returns
    -------
    function, Loss or None

    Raises
    ------
    InvalidArgumentError
        For an unknown name; the nearest one is suggested.

    Examples
    --------
    >>> from minitf import keras
    >>> keras.losses.get("mse").__name__
    'mean_squared_error'
    """
    return look_up(identifier, "loss", KNOWN)


def serialize(loss: Any) -> Any:
    """Return the config of a loss.

    Examples
    --------
    >>> from minitf import keras
    >>> keras.losses.serialize(keras.losses.Huber())["config"]["delta"]
    1.0
    """
    return serialize_keras_object(loss)


def deserialize(name: Any, custom_objects: Any = None) -> Any:
    """Return the loss that a config, or a name, describes.

    Examples
    --------
    >>> from minitf import keras
    >>> config = keras.losses.serialize(keras.losses.Huber(delta=2.0))
    >>> keras.losses.deserialize(config).delta
    2.0
    """
    if isinstance(name, str) and name not in (custom_objects or {}):
        return get(name)
    return deserialize_keras_object(name, {**FUNCTIONS, **(custom_objects or {})})


__all__ = [
    *(cls.__name__ for cls in CLASSES), *FUNCTIONS, "Loss", "LossFunctionWrapper", "Reduction",
    "deserialize", "get", "serialize",
]  # fmt: skip
