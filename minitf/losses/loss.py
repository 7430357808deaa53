"""Loss: what all losses share, from the numbers of each example to the one that is minimized."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from minitf.dtypes import as_dtype
from minitf.errors import InvalidArgumentError, UsageError
from minitf.graph.convert import as_tensor
from minitf.graph.tensor import Tensor
from minitf.naming import auto_name, snake_case
from minitf.ops.division import divide_no_nan
from minitf.ops.logic import logical_and
from minitf.ops.math import cast
from minitf.ops.reduction import reduce_mean, reduce_sum
from minitf.ops.source import size
from minitf.scoring.pairing import (
    mask_of,
    masked_weights,
    same_rank,
    spread_weights,
)
from minitf.settings import floatx


class Reduction:
    """The names of the ways from many numbers to one, as constants.

    Examples
    --------
    >>> from minitf import keras
    >>> keras.losses.Reduction.SUM
    'sum'
    """

    AUTO = "auto"
    NONE = "none"
    SUM = "sum"
    MEAN = "mean"
    MEAN_WITH_SAMPLE_WEIGHT = "mean_with_sample_weight"
    SUM_OVER_BATCH_SIZE = "sum_over_batch_size"

    @classmethod
    def all(cls) -> list[Any]:
        """Return everything that a loss accepts."""
        return [None, *(v for k, v in vars(cls).items() if k.isupper())]


class Loss:
    """A number that is small where predictions are good, to be minimized.

    A subclass says in `call` what each example (or pixel, or step) costs; the base class weighs,
    masks and averages.

    Parameters
    ----------
    name : str, optional
        Name for logs; made of the class's by default.
    reduction : {"sum_over_batch_size", "mean", "mean_with_sample_weight", "sum", "none", None}
        What becomes of the numbers: their mean, their sum divided by the sum of the weights, their
        sum, or nothing.
    dtype : str, optional
        The type to compute in; `keras.backend.floatx()` by default.

    Raises
    ------
    InvalidArgumentError
        For an unknown reduction.

    Examples
    --------
    >>> from minitf import keras
    >>> class Cubed(keras.losses.Loss):
    ...     def call(self, y_true, y_pred):
    ...         return abs(y_true - y_pred) ** 3
    >>> float(Cubed()([0.0, 0.0], [1.0, 2.0]))
    4.5
    """

    def __init__(
        self,
        name: str | None = None,
        reduction: str | None = "sum_over_batch_size",
        dtype: Any = None,
    ):
        self.name = name or auto_name(snake_case(type(self).__name__))
        if reduction not in Reduction.all():
            raise InvalidArgumentError(
                f"{self.name}: unknown reduction {reduction!r}; known: {Reduction.all()}"
            )
        self.reduction = Reduction.SUM_OVER_BATCH_SIZE if reduction == "auto" else reduction
        self.dtype = as_dtype(getattr(dtype, "compute_dtype", dtype) or floatx()).name

    def __call__(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> Tensor:
        """Return the loss of a batch.

        Parameters
        ----------
        y_true, y_pred : Tensor, or list or dict of Tensors
            The truth and the prediction, shape (batch, ...).
        sample_weight : Tensor, optional
            How much each example counts, shape (batch,), or each step, shape (batch, steps).

        Returns
        -------
        Tensor
            Shape (), unless nothing is reduced.
        """
        mask = mask_of(y_pred)
        found = self.call(self._labels(y_true), self._tensors(y_pred))
        if found is None:
            raise UsageError(f"the loss {self.name!r} returned None: does it lack a return?")
        losses = as_tensor(found)
        mask = _both(mask, mask_of(losses))
        return reduce_losses(cast(losses, self.dtype), sample_weight, mask, self.reduction)

    def call(self, y_true: Any, y_pred: Any) -> Any:
        """Return what each example costs."""
        raise NotImplementedError(f"{type(self).__name__} does not say what an example costs")

    def get_config(self) -> dict[str, Any]:
        """Return the arguments that make an equal loss."""
        return {"name": self.name, "reduction": self.reduction}

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> Loss:
        """Return the loss that a config describes."""
        return cls(**config)

    def _labels(self, y_true: Any) -> Any:
        return self._tensors(y_true)

    def _tensors(self, value: Any) -> Any:
        if isinstance(value, Mapping):
            return {k: self._tensors(v) for k, v in value.items()}
        if isinstance(value, (list, tuple)) and any(hasattr(v, "shape") for v in value):
            return [self._tensors(v) for v in value]  # several outputs, whose shapes may differ
        return cast(as_tensor(value, hint=as_dtype(self.dtype)), self.dtype)

    def __repr__(self) -> str:
        return f"<{type(self).__name__} name={self.name}>"


def _both(mask: Any, other: Any) -> Any:
    if mask is None or other is None:
        return other if mask is None else mask
    return logical_and(mask, other)


def reduce_losses(losses: Tensor, weights: Any, mask: Any, reduction: str | None) -> Tensor:
    """Return losses weighted, masked, and reduced to one number."""
    weights = masked_weights(weights, mask, losses.dtype, reduction)
    if weights is not None:
        losses, weights = same_rank(losses, weights)
        losses = losses * spread_weights(weights, losses)
    if reduction in (None, "none") or not losses.shape:
        return losses
    if reduction == "sum":
        return reduce_sum(losses)
    if reduction == "mean_with_sample_weight" and weights is not None:
        return divide_no_nan(reduce_sum(losses), reduce_sum(weights))
    if losses.shape.num_elements():
        return reduce_mean(losses)
    # The size of the batch is open; an empty one costs nothing.
    return divide_no_nan(reduce_sum(losses), cast(size(losses), losses.dtype))
