"""AUC: the area under a curve of two shares, one point for each threshold."""

from __future__ import annotations

from typing import Any

from minitf.errors import InvalidArgumentError, ShapeError
from minitf.graph.convert import as_tensor
from minitf.graph.tensor import Tensor
from minitf.metrics.confusion import KINDS, ConfusionMetric
from minitf.metrics.retrieval import share
from minitf.ops.division import divide_no_nan
from minitf.ops.exponential import log, sigmoid
from minitf.ops.logic import equal, greater, logical_and
from minitf.ops.math import cast
from minitf.ops.reduction import reduce_mean, reduce_sum
from minitf.ops.rounding import maximum, minimum
from minitf.ops.where import where
from minitf.settings import epsilon

CURVES = ("ROC", "PR", "PRGAIN")
METHODS = ("interpolation", "minoring", "majoring")


class AUC(ConfusionMetric):
    """The area under the ROC or the precision-recall curve, approximated from thresholds.

    Parameters
    ----------
    num_thresholds : int
        How many points of the curve are computed: more are more exact.
    curve : {"ROC", "PR", "PRGAIN"}
        True against false positive rate, precision against recall, or their gains.
    summation_method : {"interpolation", "minoring", "majoring"}
        The height between two points: between theirs, the lower, or the higher.
    name, dtype
        As for `Metric`.
    thresholds : list of float, optional
        In place of `num_thresholds` evenly spread ones; 0 and 1 are added.
    multi_label : bool
        Compute one area for each column of predictions, and average these.
    num_labels : int, optional
        Number of columns, where it shall be known beforehand.
    label_weights : list of float, optional
        How much each column counts.
    from_logits : bool
        Whether predictions are logits.

    References
    ----------
    T. Fawcett, "An introduction to ROC analysis", 2006; J. Davis and M. Goadrich, "The relationship
    between precision-recall and ROC curves", 2006, for the interpolation of the second curve;
    P. Flach and M. Kull, "Precision-recall-gain curves", 2015.

    Examples
    --------
    >>> from minitf import keras
    >>> float(keras.metrics.AUC(num_thresholds=3)([0, 0, 1, 1], [0.0, 0.5, 0.3, 0.9]))
    0.75
    """

    def __init__(
        self,
        num_thresholds: int = 200,
        curve: str = "ROC",
        summation_method: str = "interpolation",
        name: str | None = None,
        dtype: Any = None,
        thresholds: Any = None,
        multi_label: bool = False,
        num_labels: int | None = None,
        label_weights: Any = None,
        from_logits: bool = False,
    ):
        super().__init__(KINDS, _points(num_thresholds, thresholds), name=name, dtype=dtype)
        self.num_thresholds = len(self.thresholds)
        self.curve = _one_of(CURVES, str(curve).upper(), "curve")
        self.summation_method = _one_of(METHODS, str(summation_method).lower(), "summation_method")
        self.multi_label, self.num_labels, self.from_logits = multi_label, num_labels, from_logits
        self.given_thresholds, self.given_weights = thresholds, label_weights
        if label_weights is not None:
            self.label_weights = cast(as_tensor(label_weights), self.dtype)
        if num_labels and not multi_label:
            raise InvalidArgumentError(f"{self.name}: num_labels goes with multi_label=True")
        self.is_built = not multi_label or bool(num_labels)
        if self.is_built:
            self.count_from_zero(num_labels)

    def update_state(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> None:
        """Count a batch; see `ConfusionMetric.update_state`."""
        y_pred = as_tensor(y_pred)
        if not self.is_built:
            if len(y_pred.shape) != 2 or y_pred.shape[1] is None:
                raise ShapeError(f"{self.name}: multi_label=True needs predictions of shape "
                                 f"(batch, labels), got {y_pred.shape}")  # fmt: skip
            self.count_from_zero(y_pred.shape[1])
            self.is_built = True
        super().update_state(y_true, sigmoid(y_pred) if self.from_logits else y_pred, sample_weight)

    def result(self) -> Tensor:
        """Return the area."""
        if self.curve == "PR" and self.summation_method == "interpolation":
            slices = self._under_precision()
        else:
            x, y = self._curve()
            slices = (x[:-1] - x[1:]) * self._heights(y[:-1], y[1:])
        areas = reduce_sum(slices, 0)
        if not self.multi_label:
            return areas
        if self.label_weights is None:
            return reduce_mean(areas)
        return divide_no_nan(reduce_sum(areas * self.label_weights), reduce_sum(self.label_weights))

    def _curve(self) -> tuple[Any, Any]:
        """Return the points of the curve, by falling x."""
        recall = share(self.true_positives, self.false_negatives)
        if self.curve == "ROC":
            return share(self.false_positives, self.true_negatives), recall
        if self.curve == "PR":
            return recall, share(self.true_positives, self.false_positives)
        positives = self.true_positives + self.false_negatives
        ratio = divide_no_nan(positives, self.true_negatives + self.false_positives)
        found = self.true_positives.read_value()
        recall = 1.0 - ratio * divide_no_nan(self.false_negatives, found)
        precision = 1.0 - ratio * divide_no_nan(self.false_positives, found)
        nothing = equal(found, 0.0)
        return maximum(where(nothing, 0.0, recall), 0.0), where(nothing, 1.0, precision)

    def _heights(self, left: Any, right: Any) -> Any:
        if self.summation_method == "interpolation":
            return (left + right) / 2.0
        return (minimum if self.summation_method == "minoring" else maximum)(left, right)

    def _under_precision(self) -> Any:
        """Return the areas between recalls, where precision is no straight line.

        Between two points, true and all positives grow in proportion: TP = a + b P. The precision
        TP / P, integrated over the true positives, is ``b (dTP + a log(P1 / P0))``.
        """
        true = self.true_positives.read_value()
        said = true + self.false_positives
        grown, all_grown = true[:-1] - true[1:], said[:-1] - said[1:]
        slope = divide_no_nan(grown, maximum(all_grown, 0.0))
        start = true[1:] - slope * said[1:]
        both = logical_and(greater(said[:-1], 0.0), greater(said[1:], 0.0))
        ratio = where(both, divide_no_nan(said[:-1], maximum(said[1:], 0.0)), 1.0)
        positives = maximum(true[1:] + self.false_negatives[1:], 0.0)
        return divide_no_nan(slope * (grown + start * log(ratio)), positives)

    def get_config(self) -> dict[str, Any]:
        """Return the arguments that make an equal metric."""
        names = ("num_thresholds", "curve", "summation_method", "multi_label", "num_labels",
                 "from_logits")  # fmt: skip
        config = {**super().get_config(), **{name: getattr(self, name) for name in names}}
        config["label_weights"] = self.given_weights
        if self.given_thresholds is not None:
            config["thresholds"] = self.thresholds[1:-1]
        return config


def _points(num_thresholds: int, thresholds: Any) -> list[float]:
    """Return thresholds from just below 0 to just above 1."""
    if thresholds is not None:
        inner = sorted(float(t) for t in thresholds)
    elif num_thresholds > 1:
        inner = [(i + 1) / (num_thresholds - 1) for i in range(num_thresholds - 2)]
    else:
        raise InvalidArgumentError(f"AUC: num_thresholds > 1, got {num_thresholds}")
    return [-epsilon(), *inner, 1.0 + epsilon()]


def _one_of(known: tuple[str, ...], given: str, argument: str) -> str:
    if given not in known:
        raise InvalidArgumentError(f"AUC: {argument} is one of {', '.join(known)}, got {given!r}")
    return given
