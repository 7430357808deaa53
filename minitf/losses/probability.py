"""Losses for probabilities: how surprised a classifier is by the truth."""

from __future__ import annotations

from typing import Any

from minitf.errors import InvalidArgumentError
from minitf.losses.wrapper import LossFunctionWrapper
from minitf.scoring.probability import (
    binary_crossentropy,
    binary_focal_crossentropy,
    categorical_crossentropy,
    categorical_focal_crossentropy,
    categorical_generalized_cross_entropy,
    kl_divergence,
    poisson,
    sparse_categorical_crossentropy,
)

MEAN = "sum_over_batch_size"


class BinaryCrossentropy(LossFunctionWrapper):
    """Cross-entropy of questions that are answered with yes or no.

    Parameters
    ----------
    from_logits : bool
        Whether predictions are logits; otherwise probabilities.
    label_smoothing : float
        Draws labels toward 1/2.
    axis : int
        The axis to average over.
    reduction, name, dtype
        As for `Loss`.

    Examples
    --------
    >>> from minitf import keras
    >>> round(float(keras.losses.BinaryCrossentropy()([[1.0], [0.0]], [[0.5], [0.5]])), 4)
    0.6931
    >>> float(keras.losses.BinaryCrossentropy(from_logits=True)([[1.0]], [[-1000.0]]))
    1000.0
    """

    def __init__(self, from_logits: bool = False, label_smoothing: float = 0.0, axis: int = -1,
                 reduction: str | None = MEAN, name: str | None = "binary_crossentropy",
                 dtype: Any = None):  # fmt: skip
        super().__init__(binary_crossentropy, reduction, name, dtype, from_logits=from_logits,
                         label_smoothing=label_smoothing, axis=axis)  # fmt: skip


class BinaryFocalCrossentropy(LossFunctionWrapper):
    """`BinaryCrossentropy` in which easy examples count less; see `binary_focal_crossentropy`.

    Parameters
    ----------
    apply_class_balancing : bool
        Weigh yes by `alpha` and no by ``1 - alpha``.
    alpha, gamma : float
        The weight of yes, and how much less easy examples count.
    from_logits, label_smoothing, axis
        As for `BinaryCrossentropy`.
    reduction, name, dtype
        As for `Loss`.

    Examples
    --------
    >>> from minitf import keras
    >>> round(float(keras.losses.BinaryFocalCrossentropy()([[1.0]], [[0.5]])), 4)
    0.1733
    """

    def __init__(self, apply_class_balancing: bool = False, alpha: float = 0.25,
                 gamma: float = 2.0, from_logits: bool = False, label_smoothing: float = 0.0,
                 axis: int = -1, reduction: str | None = MEAN,
                 name: str | None = "binary_focal_crossentropy", dtype: Any = None):  # fmt: skip
        super().__init__(binary_focal_crossentropy, reduction, name, dtype,
                         apply_class_balancing=apply_class_balancing, alpha=alpha, gamma=gamma,
                         from_logits=from_logits, label_smoothing=label_smoothing,
                         axis=axis)  # fmt: skip


class CategoricalCrossentropy(LossFunctionWrapper):
    """Cross-entropy between one-hot labels and predicted probabilities.

    Parameters
    ----------
    from_logits : bool
        Whether predictions are logits; otherwise probabilities.
    label_smoothing : float
        Gives this share of the right class's probability to all classes alike.
    axis : int
        The axis of the classes.
    reduction, name, dtype
        As for `Loss`.

    Examples
    --------
    >>> from minitf import keras
    >>> loss = keras.losses.CategoricalCrossentropy()
    >>> round(float(loss([[0.0, 1.0]], [[0.5, 0.5]])), 4)
    0.6931
    """

    def __init__(self, from_logits: bool = False, label_smoothing: float = 0.0, axis: int = -1,
                 reduction: str | None = MEAN, name: str | None = "categorical_crossentropy",
                 dtype: Any = None):  # fmt: skip
        super().__init__(categorical_crossentropy, reduction, name, dtype,
                         from_logits=from_logits, label_smoothing=label_smoothing,
                         axis=axis)  # fmt: skip


class CategoricalFocalCrossentropy(LossFunctionWrapper):
    """`CategoricalCrossentropy` in which easy examples count less.

    Parameters
    ----------
    alpha : float or list of float
        A factor, or one for each class.
    gamma : float
        How much less easy examples count.
    from_logits, label_smoothing, axis
        As for `CategoricalCrossentropy`.
    reduction, name, dtype
        As for `Loss`.

    Examples
    --------
    >>> from minitf import keras
    >>> loss = keras.losses.CategoricalFocalCrossentropy()
    >>> round(float(loss([[0.0, 1.0]], [[0.5, 0.5]])), 4)
    0.0433
    """

    def __init__(self, alpha: Any = 0.25, gamma: float = 2.0, from_logits: bool = False,
                 label_smoothing: float = 0.0, axis: int = -1, reduction: str | None = MEAN,
                 name: str | None = "categorical_focal_crossentropy",
                 dtype: Any = None):  # fmt: skip
        super().__init__(categorical_focal_crossentropy, reduction, name, dtype, alpha=alpha,
                         gamma=gamma, from_logits=from_logits, label_smoothing=label_smoothing,
                         axis=axis)  # fmt: skip


class SparseCategoricalCrossentropy(LossFunctionWrapper):
    """Cross-entropy between numbers of classes and predicted probabilities.

    Parameters
    ----------
    from_logits : bool
        Whether predictions are logits; otherwise probabilities.
    ignore_class : int, optional
        Examples of this class are left out of the average.
    reduction, name, dtype
        As for `Loss`.
    axis : int
        The axis of the classes; the last.

    Examples
    --------
    >>> from minitf import keras
    >>> loss = keras.losses.SparseCategoricalCrossentropy()
    >>> round(float(loss([1, 0], [[0.5, 0.5], [1.0, 0.0]])), 4)
    0.3466
    """

    def __init__(self, from_logits: bool = False, ignore_class: int | None = None,
                 reduction: str | None = MEAN, axis: int = -1,
                 name: str | None = "sparse_categorical_crossentropy",
                 dtype: Any = None):  # fmt: skip
        super().__init__(sparse_categorical_crossentropy, reduction, name, dtype,
                         from_logits=from_logits, ignore_class=ignore_class,
                         axis=axis)  # fmt: skip

    def get_config(self) -> dict[str, Any]:
        """Return the arguments that make an equal loss; there is but one axis."""
        return {k: v for k, v in super().get_config().items() if k != "axis"}


class CategoricalGeneralizedCrossEntropy(LossFunctionWrapper):
    """A loss between cross-entropy and mean absolute error, for wrong labels.

    Parameters
    ----------
    q : float
        In (0, 1); see `categorical_generalized_cross_entropy`.
    reduction, name, dtype
        As for `Loss`.

    Examples
    --------
    >>> from minitf import keras
    >>> float(keras.losses.CategoricalGeneralizedCrossEntropy(q=0.5)([0], [[0.25, 0.75]]))
    1.0
    """

    def __init__(self, q: float = 0.5, reduction: str | None = MEAN,
                 name: str | None = "categorical_generalized_cross_entropy",
                 dtype: Any = None):  # fmt: skip
        if not 0 < q < 1:
            raise InvalidArgumentError(f"{name}: q lies in (0, 1), got {q}")
        super().__init__(categorical_generalized_cross_entropy, reduction, name, dtype, q=q)


class KLDivergence(LossFunctionWrapper):
    """Kullback-Leibler divergence of the predicted distribution from the true one.

    Parameters
    ----------
    reduction, name, dtype
        As for `Loss`.

    Examples
    --------
    >>> from minitf import keras
    >>> round(float(keras.losses.KLDivergence()([[1.0, 0.0]], [[0.5, 0.5]])), 4)
    0.6931
    """

    def __init__(self, reduction: str | None = MEAN, name: str | None = "kl_divergence",
                 dtype: Any = None):  # fmt: skip
        super().__init__(kl_divergence, reduction, name, dtype)


class Poisson(LossFunctionWrapper):
    """How surprising counts are where their expected number was predicted.

    Parameters
    ----------
    reduction, name, dtype
        As for `Loss`.

    Examples
    --------
    >>> from minitf import keras
    >>> round(float(keras.losses.Poisson()([[2.0]], [[1.0]])), 4)
    1.0
    """

    def __init__(self, reduction: str | None = MEAN, name: str | None = "poisson",
                 dtype: Any = None):  # fmt: skip
        super().__init__(poisson, reduction, name, dtype)
