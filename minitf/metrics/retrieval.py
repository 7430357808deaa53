"""Precision, recall, and one of them where the other is given."""

from __future__ import annotations

from typing import Any

from minitf.errors import InvalidArgumentError
from minitf.graph.tensor import Tensor
from minitf.metrics.confusion import KINDS, NEVER, ConfusionMetric, as_thresholds, one_or_all
from minitf.ops.division import divide_no_nan
from minitf.ops.logic import greater_equal
from minitf.ops.reduction import reduce_max
from minitf.ops.where import where


def share(part: Any, rest: Any) -> Tensor:
    """Return part / (part + rest); 0 where both are 0."""
    return divide_no_nan(part, part + rest)


class _Share(ConfusionMetric):
    """What Precision and Recall have in common."""

    missing = ""

    def __init__(self, thresholds: Any = None, top_k: int | None = None,
                 class_id: int | None = None, name: str | None = None,
                 dtype: Any = None):  # fmt: skip
        found = as_thresholds(thresholds, 0.5 if top_k is None else NEVER)
        counted = ("true_positives", self.missing)
        super().__init__(counted, found, top_k, class_id, name, dtype)
        self.given = thresholds
        self.count_from_zero()

    def result(self) -> Tensor:
        """Return the share: one number, or one for each threshold."""
        return one_or_all(share(self.true_positives, getattr(self, self.missing)))

    def get_config(self) -> dict[str, Any]:
        """Return the arguments that make an equal metric."""
        more = {"thresholds": self.given, "top_k": self.top_k, "class_id": self.class_id}
        return {**super().get_config(), **more}


class Precision(_Share):
    """Of what was said to be positive, the share that is.

    Parameters
    ----------
    thresholds : float or list of float, optional
        Predictions above it are positive; 0.5 by default, or all of the `top_k`.
    top_k : int, optional
        Only the k largest predictions of a row can be positive.
    class_id : int, optional
        Only this class counts.
    name, dtype
        As for `Metric`.

    Examples
    --------
    >>> from minitf import keras
    >>> float(keras.metrics.Precision()([1, 1, 0, 1], [0.9, 0.1, 0.8, 0.7])).__round__(3)
    0.667
    """

    missing = "false_positives"


class Recall(_Share):
    """Of what is positive, the share that was said to be.

    Parameters
    ----------
    thresholds : float or list of float, optional
        Predictions above it are positive; 0.5 by default, or all of the `top_k`.
    top_k : int, optional
        Only the k largest predictions of a row can be positive.
    class_id : int, optional
        Only this class counts.
    name, dtype
        As for `Metric`.

    Examples
    --------
    >>> from minitf import keras
    >>> float(keras.metrics.Recall()([1, 1, 0, 0], [0.9, 0.1, 0.8, 0.7]))
    0.5
    """

    missing = "false_negatives"


class _BestAt(ConfusionMetric):
    """The largest value of one share among thresholds where another is large enough."""

    demanded = ""

    def __init__(self, value: float, num_thresholds: int, class_id: int | None,
                 name: str | None, dtype: Any):  # fmt: skip
        if not 0 <= value <= 1:
            raise InvalidArgumentError(f"{self.demanded} lies between 0 and 1, got {value}")
        if num_thresholds <= 0:
            raise InvalidArgumentError(f"num_thresholds > 0, got {num_thresholds}")
        steps = num_thresholds - 1
        spread = [i / steps for i in range(num_thresholds)] if steps else [0.5]
        super().__init__(KINDS, spread, None, class_id, name, dtype)
        self.value, self.num_thresholds = value, num_thresholds
        setattr(self, self.demanded, value)
        self.count_from_zero()

    def _shares(self) -> dict[str, Tensor]:
        recall = share(self.true_positives, self.false_negatives)
        return {
            "precision": share(self.true_positives, self.false_positives),
            "recall": recall,
            "sensitivity": recall,
            "specificity": share(self.true_negatives, self.false_positives),
        }

    def best(self, wanted: str) -> Tensor:
        """Return the largest value of a share where the demand is met; 0 where it never is."""
        shares = self._shares()
        met = greater_equal(shares[self.demanded], self.value)
        return reduce_max(where(met, shares[wanted], 0.0))

    def get_config(self) -> dict[str, Any]:
        """Return the arguments that make an equal metric."""
        more = {"class_id": self.class_id, "num_thresholds": self.num_thresholds,
                self.demanded: self.value}  # fmt: skip
        return {**super().get_config(), **more}


class SensitivityAtSpecificity(_BestAt):
    """The best sensitivity (recall) at which the specificity is at least a given one.

    Parameters
    ----------
    specificity : float
        The share of the negatives that must be recognised.
    num_thresholds : int
        How many thresholds are tried.
    class_id : int, optional
        Only this class counts.
    name, dtype
        As for `Metric`.

    Examples
    --------
    >>> from minitf import keras
    >>> metric = keras.metrics.SensitivityAtSpecificity(0.5)
    >>> float(metric([0, 0, 0, 1, 1], [0.0, 0.3, 0.8, 0.3, 0.8]))
    0.5
    """

    demanded = "specificity"

    def __init__(self, specificity: float, num_thresholds: int = 200, class_id: int | None = None,
                 name: str | None = None, dtype: Any = None):  # fmt: skip
        super().__init__(specificity, num_thresholds, class_id, name, dtype)

    def result(self) -> Tensor:
        """Return the best sensitivity."""
        return self.best("sensitivity")


class SpecificityAtSensitivity(_BestAt):
    """The best specificity at which the sensitivity (recall) is at least a given one.

    Parameters
    ----------
    sensitivity : float
        The share of the positives that must be recognised.
    num_thresholds : int
        How many thresholds are tried.
    class_id : int, optional
        Only this class counts.
    name, dtype
        As for `Metric`.

    Examples
    --------
    >>> from minitf import keras
    >>> metric = keras.metrics.SpecificityAtSensitivity(0.5)
    >>> round(float(metric([0, 0, 0, 1, 1], [0.0, 0.3, 0.8, 0.3, 0.8])), 3)
    0.667
    """

    demanded = "sensitivity"

    def __init__(self, sensitivity: float, num_thresholds: int = 200, class_id: int | None = None,
                 name: str | None = None, dtype: Any = None):  # fmt: skip
        super().__init__(sensitivity, num_thresholds, class_id, name, dtype)

    def result(self) -> Tensor:
        """Return the best specificity."""
        return self.best("specificity")


class PrecisionAtRecall(_BestAt):
    """The best precision at which the recall is at least a given one.

    Parameters
    ----------
    recall : float
        The share of the positives that must be found.
    num_thresholds : int
        How many thresholds are tried.
    class_id : int, optional
        Only this class counts.
    name, dtype
        As for `Metric`.

    Examples
    --------
    >>> from minitf import keras
    >>> metric = keras.metrics.PrecisionAtRecall(0.5)
    >>> float(metric([0, 0, 0, 1, 1], [0.0, 0.3, 0.8, 0.3, 0.8]))
    0.5
    """

    demanded = "recall"

    def __init__(self, recall: float, num_thresholds: int = 200, class_id: int | None = None,
                 name: str | None = None, dtype: Any = None):  # fmt: skip
        super().__init__(recall, num_thresholds, class_id, name, dtype)

    def result(self) -> Tensor:
        """Return the best precision."""
        return self.best("precision")


class RecallAtPrecision(_BestAt):
    """The best recall at which the precision is at least a given one.

    Parameters
    ----------
    precision : float
        The share of what is said to be positive that must be.
    num_thresholds : int
        How many thresholds are tried.
    class_id : int, optional
        Only this class counts.
    name, dtype
        As for `Metric`.

    Examples
    --------
    >>> from minitf import keras
    >>> metric = keras.metrics.RecallAtPrecision(0.8)
    >>> float(metric([0, 0, 1, 1], [0.0, 0.5, 0.3, 0.9]))
    0.5
    """

    demanded = "precision"

    def __init__(self, precision: float, num_thresholds: int = 200, class_id: int | None = None,
                 name: str | None = None, dtype: Any = None):  # fmt: skip
        super().__init__(precision, num_thresholds, class_id, name, dtype)

    def result(self) -> Tensor:
        """Return the best recall."""
        return self.best("recall")
