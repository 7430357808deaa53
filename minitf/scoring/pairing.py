"""Bringing truth, prediction, weights and masks together: dtypes, ranks, shapes."""

from __future__ import annotations

from typing import Any

from minitf.dtypes import bool_
from minitf.errors import ShapeError
from minitf.graph.convert import as_tensor
from minitf.graph.tensor import Tensor
from minitf.ops.array import expand_dims, squeeze
from minitf.ops.division import divide_no_nan
from minitf.ops.math import cast
from minitf.ops.reduction import reduce_sum
from minitf.ops.source import size
from minitf.settings import floatx

MEANS = ("sum_over_batch_size", "mean")


def floating(x: Any) -> Tensor:
    """Return numbers as a Tensor of a floating dtype."""
    tensor = as_tensor(x)
    return tensor if tensor.dtype.is_floating else cast(tensor, floatx())


def paired(y_true: Any, y_pred: Any) -> tuple[Tensor, Tensor]:
    """Return truth and prediction in the dtype of the prediction, with ranks that agree."""
    y_pred = floating(y_pred)
    y_true = cast(as_tensor(y_true, hint=y_pred.dtype), y_pred.dtype)
    return same_rank(y_true, y_pred)


def same_rank(a: Tensor, b: Tensor) -> tuple[Tensor, Tensor]:
    """Return two tensors with ranks that agree, where a last axis of size 1 is all that differs.

    (n,) and (n, 1) become (n, 1) both; for higher ranks the last axis is dropped.
    """
    if len(a.shape) == len(b.shape) + 1:
        second, first = same_rank(b, a)
        return first, second
    if len(b.shape) == len(a.shape) + 1 and b.shape[-1] == 1:
        return (expand_dims(a, -1), b) if len(a.shape) == 1 else (a, squeeze(b, [-1]))
    return a, b


def check_same_shape(y_true: Tensor, y_pred: Tensor, hint: str = "") -> None:
    """Raise where truth and prediction differ in shape."""
    if not y_true.shape.is_compatible_with(y_pred.shape):
        raise ShapeError(
            f"the truth has shape {y_true.shape}, the prediction {y_pred.shape}: one shape is "
            f"needed{hint}"
        )


def mask_of(x: Any) -> Any:
    """Return which steps of a tensor count, as layers have left it there; None if all do."""
    return getattr(x, "_keras_mask", None)


def spread_weights(weights: Tensor, values: Tensor) -> Tensor:
    """Return weights of examples with further axes of size 1, so that they broadcast to values."""
    while len(weights.shape) < len(values.shape):
        weights = expand_dims(weights, -1)
    return weights


def masked_weights(weights: Any, mask: Any, dtype: Any, reduction: str | None) -> Tensor | None:
    """Return weights that are 0 where a mask is False.

    Where the losses will be averaged over all steps, those that count weigh more by
    ``steps / steps that count``, so that the average is one over these alone.
    """
    weights = None if weights is None else cast(as_tensor(weights), dtype)
    if mask is None:
        return weights
    counting = cast(cast(as_tensor(mask), bool_), dtype)
    if reduction in MEANS:
        counting = counting * divide_no_nan(cast(size(counting), dtype), reduce_sum(counting))
    if weights is None:
        return counting
    counting, weights = same_rank(counting, weights)
    return counting * spread_weights(weights, counting)
