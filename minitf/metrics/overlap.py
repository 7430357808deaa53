"""Intersection over union: how well predicted regions cover the true ones."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from minitf.dtypes import float32
from minitf.errors import InvalidArgumentError
from minitf.graph.convert import as_tensor
from minitf.graph.tensor import Tensor
from minitf.metrics.metric import Metric
from minitf.ops.array import reshape
from minitf.ops.broadcasting import broadcast_like
from minitf.ops.counting import confusion_matrix
from minitf.ops.diagonal import diag_part
from minitf.ops.gather import gather
from minitf.ops.logic import greater, greater_equal, less, logical_and, not_equal
from minitf.ops.math import cast
from minitf.ops.reduction import argmax, reduce_sum
from minitf.ops.where import where
from minitf.settings import epsilon


class IoU(Metric):
    """The mean over some classes of: pixels in both regions, divided by pixels in either.

    Parameters
    ----------
    num_classes : int
        How many classes there are.
    target_class_ids : sequence of int
        Which of them are averaged.
    name, dtype
        As for `Metric`.
    ignore_class : int, optional
        Pixels whose true class this is do not count.
    sparse_y_true, sparse_y_pred : bool
        Whether truth and prediction are numbers of classes, instead of rows of probabilities.
    axis : int
        The axis of the rows.

    Notes
    -----
    From the matrix of how often class i was taken for class j: ``IoU(i) = m[i, i] / (sum(m[i]) +
    sum(m[:, i]) - m[i, i])``. Classes that do not occur are left out.

    Examples
    --------
    >>> from minitf import keras
    >>> metric = keras.metrics.IoU(num_classes=2, target_class_ids=[0])
    >>> round(float(metric([0, 0, 1, 1], [0, 1, 0, 1])), 4)
    0.3333
    """

    def __init__(
        self,
        num_classes: int,
        target_class_ids: Sequence[int],
        name: str | None = None,
        dtype: Any = None,
        ignore_class: int | None = None,
        sparse_y_true: bool = True,
        sparse_y_pred: bool = True,
        axis: int = -1,
    ):
        super().__init__(dtype or "int64", name)
        if max(target_class_ids) >= num_classes:
            raise InvalidArgumentError(
                f"{self.name}: class {max(target_class_ids)} is outside of [0, {num_classes})"
            )
        self.num_classes, self.target_class_ids = num_classes, list(target_class_ids)
        self.ignore_class, self.axis = ignore_class, axis
        self.sparse_y_true, self.sparse_y_pred = sparse_y_true, sparse_y_pred
        shape = num_classes, num_classes
        self.total_cm = self.add_variable(shape, "zeros", self.dtype, name="total_confusion_matrix")

    def update_state(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> None:
        """Add a batch.

        Parameters
        ----------
        y_true, y_pred : Tensor
            Numbers of classes, or rows; numbers outside of [0, num_classes) do not count.
        sample_weight : Tensor, optional
            How much each pixel counts.
        """
        true = self._flat(y_true, self.sparse_y_true)
        said = self._flat(y_pred, self.sparse_y_pred)
        weights = cast(as_tensor(1 if sample_weight is None else sample_weight), self.dtype)
        weights = reshape(weights, [-1]) if len(weights.shape) > 1 else weights
        counts = logical_and(self._is_class(true), self._is_class(said))
        if self.ignore_class is not None:
            counts = logical_and(counts, not_equal(true, self.ignore_class))
        weights = where(counts, broadcast_like(weights, true), 0)
        true, said = where(counts, true, 0), where(counts, said, 0)
        self.total_cm.assign_add(
            confusion_matrix(true, said, self.num_classes, weights, self.dtype)
        )

    def _flat(self, y: Any, is_sparse: bool) -> Tensor:
        y = as_tensor(y) if is_sparse else argmax(as_tensor(y), self.axis)
        return reshape(cast(y, "int32"), [-1])

    def _is_class(self, numbers: Tensor) -> Tensor:
        return logical_and(greater_equal(numbers, 0), less(numbers, self.num_classes))

    def result(self) -> Tensor:
        """Return the mean of the classes' IoU."""
        matrix: Any = cast(self.total_cm, float32)
        both = diag_part(matrix)
        either = reduce_sum(matrix, 0) + reduce_sum(matrix, 1) - both
        both, either = (gather(x, self.target_class_ids) for x in (both, either))
        occurs = greater(either, 1e-9)
        each = where(occurs, both / (either + epsilon()), 0.0)
        return reduce_sum(each) / (reduce_sum(cast(occurs, float32)) + epsilon())

    def get_config(self) -> dict[str, Any]:
        """Return the arguments that make an equal metric."""
        names = ("num_classes", "target_class_ids", "ignore_class", "sparse_y_true",
                 "sparse_y_pred", "axis")  # fmt: skip
        return {**super().get_config(), **{name: getattr(self, name) for name in names}}

    def _config_without(self, *names: str) -> dict[str, Any]:
        return {k: v for k, v in IoU.get_config(self).items() if k not in names}


class BinaryIoU(IoU):
    """`IoU` of two classes that a threshold on a prediction tells apart.

    Parameters
    ----------
    target_class_ids : sequence of int
        Which of the classes 0 and 1 are averaged.
    threshold : float
        Predictions from here on are class 1.
    name, dtype
        As for `Metric`.

    Examples
    --------
    >>> from minitf import keras
    >>> metric = keras.metrics.BinaryIoU(target_class_ids=[1], threshold=0.5)
    >>> round(float(metric([0, 1, 0, 1], [0.1, 0.2, 0.6, 0.7])), 4)
    0.3333
    """

    def __init__(self, target_class_ids: Sequence[int] = (0, 1), threshold: float = 0.5,
                 name: str | None = None, dtype: Any = None):  # fmt: skip
        super().__init__(2, target_class_ids, name, dtype)
        self.threshold = threshold

    def update_state(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> None:
        """Add a batch of labels 0 and 1, and predictions between."""
        said = greater_equal(cast(as_tensor(y_pred), float32), self.threshold)
        super().update_state(y_true, cast(said, "int32"), sample_weight)

    def get_config(self) -> dict[str, Any]:
        """Return the arguments that make an equal metric."""
        config = self._config_without("num_classes", "ignore_class", "sparse_y_true",
                                      "sparse_y_pred", "axis")  # fmt: skip
        return {**config, "threshold": self.threshold}


class MeanIoU(IoU):
    """The mean of `IoU` over all classes.

    Parameters
    ----------
    num_classes : int
        How many classes there are.
    name, dtype
        As for `Metric`.
    ignore_class, sparse_y_true, sparse_y_pred, axis
        As for `IoU`.

    Examples
    --------
    >>> from minitf import keras
    >>> metric = keras.metrics.MeanIoU(num_classes=2)
    >>> round(float(metric([0, 0, 1, 1], [0, 1, 0, 1])), 4)
    0.3333
    """

    def __init__(self, num_classes: int, name: str | None = None, dtype: Any = None,
                 ignore_class: int | None = None, sparse_y_true: bool = True,
                 sparse_y_pred: bool = True, axis: int = -1):  # fmt: skip
        super().__init__(num_classes, range(num_classes), name, dtype, ignore_class,
                         sparse_y_true, sparse_y_pred, axis)  # fmt: skip

    def get_config(self) -> dict[str, Any]:
        """Return the arguments that make an equal metric."""
        return self._config_without("target_class_ids")


class OneHotIoU(IoU):
    """`IoU` where truth and prediction are rows of probabilities.

    Parameters
    ----------
    num_classes, target_class_ids, name, dtype, ignore_class, sparse_y_pred, axis
        As for `IoU`.

    Examples
    --------
    >>> from minitf import keras
    >>> metric = keras.metrics.OneHotIoU(num_classes=2, target_class_ids=[1])
    >>> round(float(metric([[0, 1], [1, 0]], [[0.2, 0.8], [0.4, 0.6]])), 4)
    0.5
    """

    def __init__(self, num_classes: int, target_class_ids: Sequence[int], name: str | None = None,
                 dtype: Any = None, ignore_class: int | None = None, sparse_y_pred: bool = False,
                 axis: int = -1):  # fmt: skip
        super().__init__(num_classes, target_class_ids, name, dtype, ignore_class, False,
                         sparse_y_pred, axis)  # fmt: skip

    def get_config(self) -> dict[str, Any]:
        """Return the arguments that make an equal metric."""
        return self._config_without("sparse_y_true")


class OneHotMeanIoU(MeanIoU):
    """`MeanIoU` where truth and prediction are rows of probabilities.

    Parameters
    ----------
    num_classes, name, dtype, ignore_class, sparse_y_pred, axis
        As for `IoU`.

    Examples
    --------
    >>> from minitf import keras
    >>> metric = keras.metrics.OneHotMeanIoU(num_classes=2)
    >>> round(float(metric([[0, 1], [1, 0]], [[0.2, 0.8], [0.4, 0.6]])), 4)
    0.25
    """

    def __init__(self, num_classes: int, name: str | None = None, dtype: Any = None,
                 ignore_class: int | None = None, sparse_y_pred: bool = False,
                 axis: int = -1):  # fmt: skip
        super().__init__(num_classes, name, dtype, ignore_class, False, sparse_y_pred, axis)

    def get_config(self) -> dict[str, Any]:
        """Return the arguments that make an equal metric."""
        return self._config_without("target_class_ids", "sparse_y_true")
