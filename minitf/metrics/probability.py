"""Metrics for probabilities and margins: how surprised a classifier is by the truth."""

from __future__ import annotations

from typing import Any

from minitf.graph.convert import as_tensor
from minitf.graph.tensor import Tensor
from minitf.metrics.reduction import Mean, MeanMetricWrapper
from minitf.ops.array import reshape
from minitf.ops.broadcasting import broadcast_like
from minitf.ops.exponential import exp
from minitf.ops.logic import equal, not_equal
from minitf.ops.math import cast
from minitf.ops.where import where
from minitf.scoring.margin import categorical_hinge, hinge, squared_hinge
from minitf.scoring.pairing import mask_of, masked_weights, spread_weights
from minitf.scoring.probability import (
    binary_crossentropy,
    categorical_crossentropy,
    kl_divergence,
    poisson,
    sparse_categorical_crossentropy,
)


class BinaryCrossentropy(MeanMetricWrapper):
    """The mean cross-entropy of questions that are answered with yes or no.

    Parameters
    ----------
    name, dtype
        As for `Metric`.
    from_logits : bool
        Whether predictions are logits; otherwise probabilities.
    label_smoothing : float
        Draws labels toward 1/2.

    Examples
    --------
    >>> from minitf import keras
    >>> round(float(keras.metrics.BinaryCrossentropy()([[1.0], [0.0]], [[0.5], [0.5]])), 4)
    0.6931
    """

    def __init__(self, name: str | None = "binary_crossentropy", dtype: Any = None,
                 from_logits: bool = False, label_smoothing: float = 0):  # fmt: skip
        super().__init__(binary_crossentropy, name, dtype, from_logits=from_logits,
                         label_smoothing=label_smoothing)  # fmt: skip


class CategoricalCrossentropy(MeanMetricWrapper):
    """The mean cross-entropy between one-hot labels and predicted probabilities.

    Parameters
    ----------
    name, dtype
        As for `Metric`.
    from_logits : bool
        Whether predictions are logits; otherwise probabilities.
    label_smoothing : float
        Gives this share of the right class's probability to all classes alike.
    axis : int
        The axis of the classes.

    Examples
    --------
    >>> from minitf import keras
    >>> round(float(keras.metrics.CategoricalCrossentropy()([[0.0, 1.0]], [[0.5, 0.5]])), 4)
    0.6931
    """

    def __init__(self, name: str | None = "categorical_crossentropy", dtype: Any = None,
                 from_logits: bool = False, label_smoothing: float = 0,
                 axis: int = -1):  # fmt: skip
        super().__init__(categorical_crossentropy, name, dtype, from_logits=from_logits,
                         label_smoothing=label_smoothing, axis=axis)  # fmt: skip


class SparseCategoricalCrossentropy(MeanMetricWrapper):
    """The mean cross-entropy between numbers of classes and predicted probabilities.

    Parameters
    ----------
    name, dtype
        As for `Metric`.
    from_logits : bool
        Whether predictions are logits; otherwise probabilities.
    ignore_class : int, optional
        Examples of this class cost nothing.
    axis : int
        The axis of the classes; the last.

    Examples
    --------
    >>> from minitf import keras
    >>> metric = keras.metrics.SparseCategoricalCrossentropy()
    >>> round(float(metric([1, 0], [[0.5, 0.5], [1.0, 0.0]])), 4)
    0.3466
    """

    def __init__(self, name: str | None = "sparse_categorical_crossentropy", dtype: Any = None,
                 from_logits: bool = False, ignore_class: int | None = None,
                 axis: int = -1):  # fmt: skip
        super().__init__(sparse_categorical_crossentropy, name, dtype, from_logits=from_logits,
                         ignore_class=ignore_class, axis=axis)  # fmt: skip


class Perplexity(Mean):
    """The exponential of the mean cross-entropy: among how many tokens a model wavers, as it were.

    Parameters
    ----------
    from_logits : bool
        Whether predictions are logits; otherwise probabilities.
    mask_token_id : int, optional
        Tokens with this number do not count.
    dtype, name
        As for `Metric`.

    Notes
    -----
    ``exp(sum(w * -log(p)) / sum(w))`` over all tokens of all batches, with weights w.

    Examples
    --------
    >>> from minitf import keras
    >>> metric = keras.metrics.Perplexity(mask_token_id=0)
    >>> round(float(metric([[1, 0]], [[[0.5, 0.5], [0.0, 1.0]]])), 3)
    2.0
    """

    def __init__(self, from_logits: bool = False, mask_token_id: int | None = None,
                 dtype: Any = None, name: str | None = "perplexity"):  # fmt: skip
        super().__init__(name, dtype)
        self.from_logits, self.mask_token_id = from_logits, mask_token_id

    def update_state(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> None:  # type: ignore[override]
        """Add a batch.

        Parameters
        ----------
        y_true : Tensor
            Numbers of the tokens, shape (batch, steps).
        y_pred : Tensor
            Shape (batch, steps, tokens).
        sample_weight : Tensor, optional
            How much each sequence, or each step, counts.
        """
        weights = masked_weights(sample_weight, mask_of(y_pred), self.dtype, "sum")
        y_true = as_tensor(y_true)
        if self.mask_token_id is not None:
            counts = not_equal(y_true, self.mask_token_id)
            weights = masked_weights(weights, counts, self.dtype, "sum")
        each = cast(sparse_categorical_crossentropy(y_true, y_pred, self.from_logits), self.dtype)
        # Mean would count sequences; each token is to count by itself.
        if weights is not None:
            weights = reshape(broadcast_like(spread_weights(weights, each), each), [-1])
        super().update_state(reshape(each, [-1]), weights)

    def result(self) -> Tensor:
        """Return the perplexity; 0 where nothing was seen."""
        return where(equal(self.count, 0.0), 0.0, exp(super().result()))

    def get_config(self) -> dict[str, Any]:
        """Return the arguments that make an equal metric."""
        more = {"from_logits": self.from_logits, "mask_token_id": self.mask_token_id}
        return {**super().get_config(), **more}


class KLDivergence(MeanMetricWrapper):
    """The mean Kullback-Leibler divergence of the predicted distribution from the true one.

    Parameters
    ----------
    name, dtype
        As for `Metric`.

    Examples
    --------
    >>> from minitf import keras
    >>> round(float(keras.metrics.KLDivergence()([[1.0, 0.0]], [[0.5, 0.5]])), 4)
    0.6931
    """

    def __init__(self, name: str | None = "kl_divergence", dtype: Any = None):
        super().__init__(kl_divergence, name, dtype)


class Poisson(MeanMetricWrapper):
    """How surprising counts are where their expected number was predicted.

    Parameters
    ----------
    name, dtype
        As for `Metric`.

    Examples
    --------
    >>> from minitf import keras
    >>> round(float(keras.metrics.Poisson()([[2.0]], [[1.0]])), 4)
    1.0
    """

    def __init__(self, name: str | None = "poisson", dtype: Any = None):
        super().__init__(poisson, name, dtype)


class Hinge(MeanMetricWrapper):
    """The mean of max(1 - y_true y_pred, 0), for labels -1 and 1 (0 and 1 mean these).

    Parameters
    ----------
    name, dtype
        As for `Metric`.

    Examples
    --------
    >>> from minitf import keras
    >>> float(keras.metrics.Hinge()([[1.0, -1.0]], [[3.0, 0.5]]))
    0.75
    """

    def __init__(self, name: str | None = "hinge", dtype: Any = None):
        super().__init__(hinge, name, dtype)


class SquaredHinge(MeanMetricWrapper):
    """The mean of max(1 - y_true y_pred, 0)^2, for labels -1 and 1 (0 and 1 mean these).

    Parameters
    ----------
    name, dtype
        As for `Metric`.

    Examples
    --------
    >>> from minitf import keras
    >>> float(keras.metrics.SquaredHinge()([[1.0, -1.0]], [[3.0, 0.0]]))
    0.5
    """

    def __init__(self, name: str | None = "squared_hinge", dtype: Any = None):
        super().__init__(squared_hinge, name, dtype)


class CategoricalHinge(MeanMetricWrapper):
    """How far the right class falls short of beating the best wrong one by 1.

    Parameters
    ----------
    name, dtype
        As for `Metric`.

    Examples
    --------
    >>> from minitf import keras
    >>> float(keras.metrics.CategoricalHinge()([[0.0, 1.0]], [[2.0, 2.5]]))
    0.5
    """

    def __init__(self, name: str | None = "categorical_hinge", dtype: Any = None):
        super().__init__(categorical_hinge, name, dtype)
