"""F-scores: precision and recall as one number."""

from __future__ import annotations

from typing import Any

from minitf.errors import InvalidArgumentError, ShapeError
from minitf.graph.convert import as_tensor
from minitf.graph.tensor import Tensor
from minitf.metrics.metric import Metric
from minitf.ops.array import expand_dims
from minitf.ops.logic import greater, greater_equal, logical_and
from minitf.ops.math import abs_, cast
from minitf.ops.reduction import reduce_max, reduce_mean, reduce_sum
from minitf.ops.state import Variable
from minitf.settings import epsilon

AVERAGES = (None, "micro", "macro", "weighted")


class FBetaScore(Metric):
    """A mean of precision and recall in which recall weighs beta times as much.

    Parameters
    ----------
    average : {None, "micro", "macro", "weighted"}
        None: one score for each class; "macro": their mean; "weighted": weighted by how often a
        class occurs; "micro": the score of all decisions together.
    beta : float
        How much recall weighs.
    threshold : float, optional
        Predictions above it are positive; by default the largest of each row.
    name, dtype
        As for `Metric`.

    Notes
    -----
    ``(1 + beta^2) precision recall / (beta^2 precision + recall)``. Truth and prediction have a
    shape (batch, classes).

    Examples
    --------
    >>> from minitf import keras
    >>> metric = keras.metrics.FBetaScore(average="micro", beta=2.0, threshold=0.5)
    >>> round(float(metric([[1, 1, 0]], [[0.9, 0.1, 0.8]])), 3)
    0.5
    """

    true_positives: Variable
    false_positives: Variable
    false_negatives: Variable
    intermediate_weights: Variable

    def __init__(self, average: str | None = None, beta: float = 1.0,
                 threshold: float | None = None, name: str | None = "fbeta_score",
                 dtype: Any = None):  # fmt: skip
        super().__init__(dtype, name)
        if average not in AVERAGES:
            raise InvalidArgumentError(f"{name}: average is one of {AVERAGES}, got {average!r}")
        if not isinstance(beta, float) or beta <= 0:
            raise InvalidArgumentError(f"{name}: beta is a float > 0, got {beta!r}")
        if threshold is not None and (not isinstance(threshold, float) or not 0 < threshold <= 1):
            raise InvalidArgumentError(f"{name}: threshold is a float in (0, 1], got {threshold!r}")
        self.average, self.beta, self.threshold = average, beta, threshold
        self.is_built = False

    def _build(self, y_true: Tensor, y_pred: Tensor) -> None:
        if len(y_pred.shape) != 2 or len(y_true.shape) != 2 or y_pred.shape[1] is None:
            raise ShapeError(f"{self.name}: truth and prediction have a shape (batch, classes), "
                             f"got {y_true.shape} and {y_pred.shape}")  # fmt: skip
        shape = () if self.average == "micro" else (y_pred.shape[1],)
        names = "true_positives", "false_positives", "false_negatives", "intermediate_weights"
        for name in names:
            setattr(self, name, self.add_variable(shape, "zeros", self.dtype, name=name))
        self.is_built = True

    def update_state(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> None:
        """Add a batch.

        Parameters
        ----------
        y_true, y_pred : Tensor
            0 and 1, and scores; shape (batch, classes).
        sample_weight : Tensor, optional
            How much each example counts, shape (batch,).
        """
        y_true, y_pred = (cast(as_tensor(y), self.dtype) for y in (y_true, y_pred))
        if not self.is_built:
            self._build(y_true, y_pred)
        said = cast(self._decide(y_pred), self.dtype)
        weights = None if sample_weight is None else (
            expand_dims(cast(as_tensor(sample_weight), self.dtype), 1))  # fmt: skip

        def add(variable: Any, counted: Any) -> None:
            weighted = counted if weights is None else counted * weights
            variable.assign_add(reduce_sum(weighted, None if self.average == "micro" else 0))

        add(self.true_positives, said * y_true)
        add(self.false_positives, said * (1.0 - y_true))
        add(self.false_negatives, (1.0 - said) * y_true)
        add(self.intermediate_weights, y_true)

    def _decide(self, y_pred: Any) -> Tensor:
        if self.threshold is not None:
            return greater(y_pred, self.threshold)
        largest = reduce_max(y_pred, -1, keepdims=True)
        return logical_and(greater_equal(y_pred, largest), greater(abs_(y_pred), 1e-9))

    def result(self) -> Tensor:
        """Return the score, or one for each class."""
        if not self.is_built:
            raise InvalidArgumentError(f"{self.name}: no batch was seen yet")
        found: Any = self.true_positives
        precision = found / (found + self.false_positives + epsilon())
        recall = found / (found + self.false_negatives + epsilon())
        square = self.beta**2
        score = (1 + square) * precision * recall / (square * precision + recall + epsilon())
        if self.average == "weighted":
            weights = self.intermediate_weights
            return reduce_sum(score * (weights / (reduce_sum(weights) + epsilon())))
        return score if self.average is None else reduce_mean(score)

    def get_config(self) -> dict[str, Any]:
        """Return the arguments that make an equal metric."""
        more = {"average": self.average, "beta": self.beta, "threshold": self.threshold}
        return {**super().get_config(), **more}


class F1Score(FBetaScore):
    """The harmonic mean of precision and recall; see `FBetaScore`.

    Parameters
    ----------
    average : {None, "micro", "macro", "weighted"}
        How the scores of the classes become one; None leaves them.
    threshold : float, optional
        Predictions above it are positive; by default the largest of each row.
    name, dtype
        As for `Metric`.

    Examples
    --------
    >>> from minitf import keras
    >>> metric = keras.metrics.F1Score(threshold=0.5)
    >>> print(metric([[1, 1], [1, 0]], [[0.9, 0.1], [0.2, 0.1]]).numpy().round(3))
    [0.667 0.   ]
    """

    def __init__(self, average: str | None = None, threshold: float | None = None,
                 name: str | None = "f1_score", dtype: Any = None):  # fmt: skip
        super().__init__(average, 1.0, threshold, name, dtype)

    def get_config(self) -> dict[str, Any]:
        """Return the arguments that make an equal metric."""
        return {k: v for k, v in super().get_config().items() if k != "beta"}
